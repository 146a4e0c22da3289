//! What a Prism server asks for when it is connected (Prism fact sheet, sections 3, 4, 6 and 7.3).

use super::connector::{CONNECTORS, Connector, Misfit};
use crate::description::{Admitted, Description, Field, Hosts, IdKind, IdShape, Offered, Unfit, id_after};
use tokendesk_model::Capabilities;

const LEADS_ELSEWHERE: &str =
    "It holds base_url, which would send the key to another address. That is taken in demo accounts only.";

/// A merchant's own Prism server.
pub const DESCRIPTION: Description = Description {
    about: "your own service",
    hosts: Hosts::OwnServer,
    fields: &[
        Field {
            options: &OPTIONS,
            ..Field::new(
                "connector",
                "Connector",
                "The processor that Prism speaks to for this account.",
                "stripe",
            )
        },
        Field {
            multiline: true,
            ..Field::new(
                "key",
                "Connector credentials",
                "A JSON object with the connector's own members, such as api_key. Nothing that changes an address is taken outside demo.",
                "{\"api_key\": \"…\"}",
            )
        }
        .secret(),
    ],
    credentials_tell_environment: false,
    admit,
    capabilities: |connector| {
        connector
            .and_then(Connector::named)
            .map_or_else(|| Capabilities::prism(false), capabilities)
    },
    scope_word: "",
    recognise,
};

const OPTIONS: [(&str, &str); CONNECTORS.len()] = {
    let mut options = [("", ""); CONNECTORS.len()];
    let mut at = 0;
    while at < options.len() {
        options[at] = (CONNECTORS[at].name, CONNECTORS[at].shown);
        at += 1;
    }
    options
};

/// What an account with this connector can do.
pub(super) fn capabilities(connector: Connector) -> Capabilities {
    Capabilities {
        verify: connector.authorizes_saved,
        ..Capabilities::prism(connector.revokes)
    }
}

// Prism has no ids of its own; Stripe's saved cards are told by their beginning (Prism fact sheet, section 6).
fn recognise(text: &str) -> Option<IdShape> {
    id_after(text, "pm_").map(|_| IdShape::of(IdKind::ConnectorToken))
}

fn admit(offered: &Offered<'_>) -> Result<Admitted, Unfit> {
    let origin = DESCRIPTION.hosts.origin(offered.environment, offered.host)?;
    let connector = Connector::named(offered.connector)
        .ok_or(Unfit::Field("connector", "It is one of the connectors listed."))?;
    connector
        .config(offered.environment, offered.key)
        .map_err(|misfit| match misfit {
            Misfit::Key(kind) => Unfit::Key("key", kind),
            Misfit::LeadsElsewhere => Unfit::Field("key", LEADS_ELSEWHERE),
        })?;
    Ok(Admitted {
        origin,
        scope: None,
        user: String::new(),
        connector: Some(connector.name.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ProviderErrorKind as Kind;
    use tokendesk_model::Environment;
    use tokendesk_model::capability::Deletion;

    fn admitted(environment: Environment, host: &str, connector: &str, key: &str) -> Result<Admitted, Unfit> {
        (DESCRIPTION.admit)(&Offered {
            environment,
            host,
            space: "",
            user: "",
            connector,
            key,
            publishable_key: "",
        })
    }

    const KEY: &str = r#"{"api_key":"sk_test_1"}"#;

    #[test]
    fn a_server_is_admitted_with_its_connector() {
        let fit = admitted(Environment::Test, "http://10.0.0.4:8000", "Stripe", KEY).unwrap();
        assert_eq!(fit.connector.as_deref(), Some("stripe"));
        assert_eq!(fit.origin.to_string(), "http://10.0.0.4:8000");
        assert_eq!(fit.scope, None);
    }

    #[test]
    fn what_does_not_fit_is_told_by_its_field() {
        let test = |connector, key| admitted(Environment::Test, "https://prism.example", connector, key);
        assert!(matches!(test("paypal", KEY), Err(Unfit::Field("connector", _))));
        assert_eq!(test("stripe", "x"), Err(Unfit::Key("key", Kind::BadCredentials)));
        assert_eq!(
            test("stripe", r#"{"api_key":"sk_live_1"}"#),
            Err(Unfit::Key("key", Kind::WrongEnvironment))
        );
        assert_eq!(
            test("stripe", r#"{"api_key":"k","base_url":"http://127.0.0.1:1/"}"#),
            Err(Unfit::Field("key", LEADS_ELSEWHERE))
        );
        assert!(matches!(
            admitted(
                Environment::Live,
                "http://10.0.0.4:8000",
                "stripe",
                r#"{"api_key":"sk_live_1"}"#
            ),
            Err(Unfit::Host(_))
        ));
    }

    #[test]
    fn connectors_differ_in_what_they_can_do() {
        let can = |name| (DESCRIPTION.capabilities)(Some(name));
        for name in ["stripe", "adyen", "stax"] {
            assert_eq!(
                (can(name).delete, can(name).verify),
                (Deletion::DeskOnly, true),
                "{name}"
            );
        }
        for name in ["cybersource", "noon"] {
            assert_eq!(
                (can(name).delete, can(name).verify),
                (Deletion::RevokesMandate, false),
                "{name}"
            );
        }
    }
}

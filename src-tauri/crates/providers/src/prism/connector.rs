//! What each connector behind Prism can do with a token that is already saved (Prism fact sheet, section 6), and the header
//! that names connector and credentials (sections 4 and 7.3).
//!
//! Must not know: accounts, addresses, calls.

use crate::error::ProviderErrorKind as Kind;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use tokendesk_model::Environment;

/// A processor behind Prism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Connector {
    /// As an account keeps it.
    pub(super) name: &'static str,
    /// As people and the header spell it.
    pub(super) shown: &'static str,
    /// A saved token can be authorized with it.
    pub(super) authorizes_saved: bool,
    /// It can end a mandate.
    pub(super) revokes: bool,
    /// A transaction can be read by its id.
    pub(super) reads_back: bool,
    /// Members its configuration must have; empty where the fact sheet lists none.
    pub(super) wanted: &'static [&'static str],
}

const fn connector(name: &'static str, shown: &'static str, wanted: &'static [&'static str]) -> Connector {
    Connector {
        name,
        shown,
        authorizes_saved: true,
        revokes: false,
        reads_back: true,
        wanted,
    }
}

/// Connectors that can be chosen: those that authorize a saved token, and those that end a mandate.
pub(super) const CONNECTORS: [Connector; 8] = [
    connector("stripe", "Stripe", &["api_key"]),
    Connector {
        // Reading wants the data of a redirect.
        reads_back: false,
        ..connector("adyen", "Adyen", &["api_key", "merchant_account"])
    },
    Connector {
        // It takes only a short-lived token of the browser there; a saved instrument is charged otherwise.
        authorizes_saved: false,
        revokes: true,
        ..connector(
            "cybersource",
            "Cybersource",
            &["api_key", "merchant_account", "api_secret"],
        )
    },
    Connector {
        authorizes_saved: false,
        revokes: true,
        ..connector(
            "noon",
            "Noon",
            &["api_key", "application_identifier", "business_identifier"],
        )
    },
    connector("datatrans", "Datatrans", &[]),
    connector("shift4", "Shift4", &[]),
    connector("stax", "Stax", &[]),
    connector("finix", "Finix", &[]),
];

impl Connector {
    /// The connector an account names, in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        CONNECTORS
            .into_iter()
            .find(|connector| connector.name.eq_ignore_ascii_case(name.trim()))
    }

    /// Checks credentials as entered: the connector's own members as one JSON object, or the whole header around it.
    ///
    /// # Errors
    /// [`Misfit`]; never with what was entered.
    pub(super) fn config(&self, environment: Environment, entered: &str) -> Result<SecretString, Misfit> {
        let members = self.members(entered)?;
        for (name, value) in &members {
            let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            let text = value.as_str().ok_or(Misfit::Key(Kind::BadCredentials))?;
            if !plain || text.is_empty() || !text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
                return Err(Misfit::Key(Kind::BadCredentials));
            }
            if name.to_ascii_lowercase().replace('_', "").ends_with("baseurl") {
                base_url(environment, text)?;
            }
            // It becomes the beginning of a host name.
            if name == "endpoint_prefix" && !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                return Err(Misfit::Key(Kind::BadCredentials));
            }
        }
        let complete = self.wanted.iter().all(|wanted| members.contains_key(*wanted));
        if members.is_empty() || !complete {
            return Err(Misfit::Key(Kind::BadCredentials));
        }
        if self.name == "stripe" {
            stripe_key(environment, members["api_key"].as_str().unwrap_or_default()).map_err(Misfit::Key)?;
        }
        Ok(json!({ "config": { self.shown: members } }).to_string().into())
    }

    fn members(&self, entered: &str) -> Result<Map<String, Value>, Misfit> {
        let malformed = Misfit::Key(Kind::BadCredentials);
        let Ok(Value::Object(mut outer)) = serde_json::from_str(entered) else {
            return Err(malformed);
        };
        let Some(config) = outer.remove("config") else {
            return Ok(outer);
        };
        let (Value::Object(mut config), true) = (config, outer.is_empty()) else {
            return Err(malformed);
        };
        match (config.remove(self.shown), config.is_empty()) {
            (Some(Value::Object(members)), true) => Ok(members),
            // Credentials of another connector.
            _ => Err(Misfit::Key(Kind::WrongKeyKind)),
        }
    }
}

/// Why credentials cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misfit {
    /// Malformed, incomplete, of another kind or of another environment.
    Key(Kind),
    /// They hold an address, and this is no demo account.
    LeadsElsewhere,
}

// There is no list of hosts at the server: the key goes wherever this says (section 4.1).
fn base_url(environment: Environment, text: &str) -> Result<(), Misfit> {
    if environment != Environment::Demo {
        return Err(Misfit::LeadsElsewhere);
    }
    let here = url::Url::parse(text)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .is_some_and(|host| host == "127.0.0.1" || host == "[::1]");
    // Without the slash the path is glued to the port.
    if here && text.ends_with('/') {
        Ok(())
    } else {
        Err(Misfit::Key(Kind::BadCredentials))
    }
}

// Test or live is decided by the key alone (section 4.1).
fn stripe_key(environment: Environment, key: &str) -> Result<(), Kind> {
    if key.starts_with("pk_") {
        return Err(Kind::WrongKeyKind);
    }
    let part = key.split('_').nth(1);
    match (part, environment) {
        (Some("live"), Environment::Test | Environment::Demo) | (Some("test"), Environment::Live) => {
            Err(Kind::WrongEnvironment)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn config(name: &str, environment: Environment, entered: &str) -> Result<String, Misfit> {
        Connector::named(name)
            .unwrap()
            .config(environment, entered)
            .map(|config| config.expose_secret().to_owned())
    }

    #[test]
    fn both_forms_give_the_same_header() {
        let header = r#"{"config":{"Stripe":{"api_key":"sk_test_1"}}}"#;
        for entered in [r#"{"api_key":"sk_test_1"}"#, header] {
            assert_eq!(
                config("stripe", Environment::Test, entered).as_deref(),
                Ok(header)
            );
        }
        assert_eq!(
            config("adyen", Environment::Test, header),
            Err(Misfit::Key(Kind::WrongKeyKind))
        );
    }

    #[test]
    fn an_address_is_taken_in_demo_alone_and_only_of_this_computer() {
        let with = |url: &str| format!(r#"{{"api_key":"sk_test_1","base_url":"{url}"}}"#);
        for environment in [Environment::Test, Environment::Live] {
            for name in ["base_url", "baseUrl", "dispute_base_url"] {
                let entered = format!(r#"{{"api_key":"k_1","{name}":"http://127.0.0.1:1/"}}"#);
                assert_eq!(
                    config("stripe", environment, &entered),
                    Err(Misfit::LeadsElsewhere)
                );
            }
        }
        assert!(config("stripe", Environment::Demo, &with("http://127.0.0.1:1/")).is_ok());
        for odd in [
            "http://127.0.0.1:1",
            "http://shop.example/",
            "http://127.0.0.1.example/",
            "nothing",
        ] {
            assert_eq!(
                config("stripe", Environment::Demo, &with(odd)),
                Err(Misfit::Key(Kind::BadCredentials)),
                "{odd}"
            );
        }
    }

    #[test]
    fn keys_of_another_kind_or_environment_are_told_apart() {
        let kind = |environment, key: &str| {
            config("stripe", environment, &format!(r#"{{"api_key":"{key}"}}"#)).err()
        };
        use Environment::{Live, Test};
        assert_eq!(kind(Test, "pk_test_1"), Some(Misfit::Key(Kind::WrongKeyKind)));
        assert_eq!(kind(Test, "sk_live_1"), Some(Misfit::Key(Kind::WrongEnvironment)));
        assert_eq!(kind(Live, "rk_test_1"), Some(Misfit::Key(Kind::WrongEnvironment)));
        assert_eq!(kind(Live, "sk_live_1"), None);
    }

    #[test]
    fn incomplete_or_odd_credentials_are_refused() {
        for entered in [
            "",
            "[]",
            "{}",
            "sk_test_1",
            r#"{"api_key":""}"#,
            r#"{"api_key":5}"#,
            r#"{"api_key":"ä"}"#,
            r#"{"api_key":"a\nb"}"#,
            r#"{"other":"x"}"#,
            r#"{"api_key":"x","a b":"y"}"#,
            r#"{"config":{"Stripe":{"api_key":"x"}},"x-config-override":"y"}"#,
        ] {
            assert_eq!(
                config("stripe", Environment::Test, entered),
                Err(Misfit::Key(Kind::BadCredentials)),
                "{entered}"
            );
        }
        let prefix = r#"{"api_key":"x","merchant_account":"Shop","endpoint_prefix":"evil.example/"}"#;
        assert!(config("adyen", Environment::Live, prefix).is_err());
        assert!(Connector::named("paypal").is_none());
        assert_eq!(Connector::named(" Stripe ").unwrap().name, "stripe");
    }
}

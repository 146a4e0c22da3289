//! What ProcessOut asks for when it is connected (ProcessOut fact sheet, sections 1 and 2).

use crate::description::{
    Admitted, Description, Field, Hosts, IdKind, IdShape, Offered, Unfit, id_after, is_header_safe,
};
use crate::error::ProviderErrorKind;
use tokendesk_model::{Capabilities, Environment};

/// One host; the project says whether it is the sandbox.
pub const HOST: &str = "api.processout.com";

/// ProcessOut.
pub const DESCRIPTION: Description = Description {
    about: "the Checkout.com Smart Router",
    hosts: Hosts::Fixed {
        test: HOST,
        live: HOST,
    },
    fields: &[
        Field::new(
            "space",
            "Project",
            "The project's id. One that begins with test- is the sandbox.",
            "test-proj_…",
        ),
        Field::new(
            "key",
            "Secret key",
            "The project's private key, from its API keys. It needs to read and change customers and their tokens, and to read \
             events.",
            "key_sandbox_…",
        )
        .secret(),
    ],
    credentials_tell_environment: true,
    admit,
    capabilities: |_| Capabilities::processout(),
    scope_word: "project",
    recognise,
};

const SANDBOX: &str = "test-";
const PROJECT: &str = "proj_";

// Prefixes and lengths of ids (ProcessOut fact sheet, section 2.4).
fn recognise(text: &str) -> Option<IdShape> {
    if let Some(rest) = id_after(text, "tok_") {
        return Some(IdShape {
            kind: IdKind::SavedCard,
            likely: rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_alphanumeric()),
        });
    }
    let kind = if id_after(text, "cust_").is_some() {
        IdKind::Customer
    } else {
        id_after(text, "card_").map(|_| IdKind::CardToken)?
    };
    Some(IdShape::of(kind))
}

fn admit(offered: &Offered<'_>) -> Result<Admitted, Unfit> {
    if !is_project(offered.space) {
        return Err(Unfit::Field(
            "space",
            "It begins with proj_, or with test-proj_ for the sandbox.",
        ));
    }
    fit(offered.space, offered.key, offered.environment).map_err(|kind| {
        // A project of the other environment is the project's fault, not the key's.
        let of_project = kind == ProviderErrorKind::WrongEnvironment
            && is_sandbox(offered.space) != (offered.environment != Environment::Live);
        Unfit::Key(if of_project { "space" } else { "key" }, kind)
    })?;
    Ok(Admitted {
        origin: DESCRIPTION.hosts.origin(offered.environment, offered.host)?,
        scope: Some(offered.space.to_owned()),
        user: String::new(),
        connector: None,
    })
}

fn is_project(project: &str) -> bool {
    let id = project.strip_prefix(SANDBOX).unwrap_or(project);
    let id = id.strip_prefix(PROJECT).unwrap_or_default();
    !id.is_empty() && project.len() <= 255 && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_sandbox(project: &str) -> bool {
    project.starts_with(SANDBOX)
}

/// Whether project and key are of the kind and the environment they are meant for. The demo plays the sandbox.
///
/// # Errors
/// `BadCredentials` for what cannot be sent; `WrongKeyKind` for a project's id as key, which is all a browser has;
/// `WrongEnvironment`. A key that says nothing of itself is let through: its form is not documented.
pub(super) fn fit(project: &str, key: &str, environment: Environment) -> Result<(), ProviderErrorKind> {
    if !is_project(project) || !is_header_safe(key) {
        return Err(ProviderErrorKind::BadCredentials);
    }
    if is_project(key) {
        return Err(ProviderErrorKind::WrongKeyKind);
    }
    let sandbox = environment != Environment::Live;
    let key_says = if key.starts_with("key_live_") {
        Some(false)
    } else if key.starts_with("key_sandbox_") || key.starts_with("key_test_") {
        Some(true)
    } else {
        None
    };
    if is_sandbox(project) != sandbox || key_says.is_some_and(|says| says != sandbox) {
        return Err(ProviderErrorKind::WrongEnvironment);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered<'a>(environment: Environment, host: &'a str, space: &'a str, key: &'a str) -> Offered<'a> {
        Offered {
            environment,
            host,
            space,
            user: "",
            connector: "",
            key,
            publishable_key: "",
        }
    }

    #[test]
    fn a_project_and_its_key_are_admitted_in_their_own_environment_only() {
        let admit =
            |environment, space, key| admit(&offered(environment, "", space, key)).map(|fit| fit.scope);
        let (test, live) = (Environment::Test, Environment::Live);
        assert_eq!(
            admit(test, "test-proj_a1", "key_sandbox_x").unwrap().as_deref(),
            Some("test-proj_a1")
        );
        assert_eq!(
            admit(test, "test-proj_a1", "key_test_x").unwrap().as_deref(),
            Some("test-proj_a1")
        );
        assert_eq!(
            admit(live, "proj_a1", "key_live_x").unwrap().as_deref(),
            Some("proj_a1")
        );
        assert_eq!(
            admit(live, "proj_a1", "of-no-known-form").unwrap().as_deref(),
            Some("proj_a1")
        );
        let wrong = ProviderErrorKind::WrongEnvironment;
        for (environment, space, key, field, kind) in [
            (live, "test-proj_a1", "key_live_x", "space", wrong),
            (test, "proj_a1", "key_sandbox_x", "space", wrong),
            (live, "proj_a1", "key_sandbox_x", "key", wrong),
            (test, "test-proj_a1", "key_live_x", "key", wrong),
            (
                test,
                "test-proj_a1",
                "test-proj_a1",
                "key",
                ProviderErrorKind::WrongKeyKind,
            ),
            (live, "proj_a1", "proj_a1", "key", ProviderErrorKind::WrongKeyKind),
            (live, "proj_a1", "", "key", ProviderErrorKind::BadCredentials),
            (
                live,
                "proj_a1",
                "key with blanks",
                "key",
                ProviderErrorKind::BadCredentials,
            ),
        ] {
            assert_eq!(
                admit(environment, space, key),
                Err(Unfit::Key(field, kind)),
                "{space} {key}"
            );
        }
        for space in [
            "",
            "proj_",
            "test-",
            "test-proj_",
            "proj_a/b",
            "proj_ä",
            "cust_a1",
        ] {
            assert!(
                matches!(admit(test, space, "key_sandbox_x"), Err(Unfit::Field("space", _))),
                "{space}"
            );
        }
    }

    #[test]
    fn the_key_travels_to_processout_alone_outside_the_demo() {
        let host = |environment, host, space, key| {
            admit(&offered(environment, host, space, key)).map(|fit| fit.origin.to_string())
        };
        let own = "https://api.processout.com";
        assert_eq!(host(Environment::Live, "", "proj_a1", "key_live_x").unwrap(), own);
        assert_eq!(
            host(Environment::Test, own, "test-proj_a1", "key_sandbox_x").unwrap(),
            own
        );
        assert!(matches!(
            host(Environment::Live, "evil.example", "proj_a1", "key_live_x"),
            Err(Unfit::Host(_))
        ));
        let local = "http://127.0.0.1:4020";
        assert_eq!(
            host(Environment::Demo, local, "test-proj_a1", "key_sandbox_x").unwrap(),
            local
        );
    }
}

//! What KOMOJU asks for when it is connected (KOMOJU fact sheet, section 1).

use crate::description::{
    Admitted, Description, Field, Hosts, IdKind, IdShape, Offered, Unfit, id_after, is_header_safe,
};
use crate::error::ProviderErrorKind;
use tokendesk_model::{Capabilities, Environment};

/// One host; the key says whether it is test or live.
pub const HOST: &str = "komoju.com";

/// How a publishable key begins.
pub(super) const PUBLISHABLE: &str = "pk_";
/// How a secret key begins.
pub(super) const SECRET: &str = "sk_";

/// KOMOJU.
pub const DESCRIPTION: Description = Description {
    about: "one saved card a customer",
    hosts: Hosts::Fixed {
        test: HOST,
        live: HOST,
    },
    fields: &[
        Field::new(
            "key",
            "Secret key",
            "From the merchant settings; the test pair begins with sk_test_, the live pair with sk_live_.",
            "sk_test_…",
        )
        .secret(),
        Field::new(
            "publishable_key",
            "Publishable key",
            "Only for the test bench of a test account.",
            "pk_test_…",
        )
        .secret()
        .optional(),
    ],
    credentials_tell_environment: true,
    admit,
    capabilities: |_| Capabilities::komoju(),
    scope_word: "",
    recognise,
};

// Customers have bare ids of 25 signs, tokens a beginning (KOMOJU fact sheet, sections 1 and 5).
fn recognise(text: &str) -> Option<IdShape> {
    if let Some(rest) = id_after(text, "tok_") {
        return Some(IdShape {
            kind: IdKind::SingleUse,
            likely: rest.len() != 32,
        });
    }
    let lower = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let is_customer = text.len() == 25 && text.bytes().all(lower);
    is_customer.then_some(IdShape::of(IdKind::CustomerAndCard))
}

fn admit(offered: &Offered<'_>) -> Result<Admitted, Unfit> {
    let fit = |name, key, other_kind| {
        fit_key(key, other_kind, offered.environment).map_err(|kind| Unfit::Key(name, kind))
    };
    fit("key", offered.key, PUBLISHABLE)?;
    if !offered.publishable_key.is_empty() {
        fit("publishable_key", offered.publishable_key, SECRET)?;
    }
    Ok(Admitted {
        origin: DESCRIPTION.hosts.origin(offered.environment, offered.host)?,
        scope: None,
        user: String::new(),
        connector: None,
    })
}

/// Whether a key can be what it is given as: not of the `other_kind`, and of this environment. How keys look is inferred
/// from samples: what is recognised is held against them, anything else may be a key.
///
/// # Errors
/// `BadCredentials` for what cannot travel in a header, `WrongKeyKind`, `WrongEnvironment`.
pub(super) fn fit_key(
    key: &str,
    other_kind: &str,
    environment: Environment,
) -> Result<(), ProviderErrorKind> {
    if !is_header_safe(key) || key.contains(':') {
        return Err(ProviderErrorKind::BadCredentials);
    }
    if key.starts_with(other_kind) {
        return Err(ProviderErrorKind::WrongKeyKind);
    }
    let kindless = key
        .strip_prefix(SECRET)
        .or_else(|| key.strip_prefix(PUBLISHABLE))
        .unwrap_or_default();
    let contradicts = match environment {
        Environment::Live => kindless.starts_with("test_"),
        Environment::Test | Environment::Demo => kindless.starts_with("live_"),
    };
    if contradicts {
        return Err(ProviderErrorKind::WrongEnvironment);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered<'a>(environment: Environment, key: &'a str, publishable_key: &'a str) -> Offered<'a> {
        Offered {
            environment,
            host: if environment == Environment::Demo {
                "http://127.0.0.1:4020"
            } else {
                ""
            },
            space: "",
            user: "",
            connector: "",
            key,
            publishable_key,
        }
    }

    #[test]
    fn keys_say_their_kind_and_environment() {
        use Environment::{Demo, Live, Test};
        use ProviderErrorKind as K;
        let refused = |environment, key, publishable| match admit(&offered(environment, key, publishable)) {
            Ok(_) => None,
            Err(Unfit::Key(name, kind)) => Some((name, kind)),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(refused(Test, "sk_test_1", "pk_test_1"), None);
        assert_eq!(refused(Live, "sk_live_1", ""), None);
        assert_eq!(refused(Demo, "sk_test_1", "pk_test_1"), None);
        // A key without a word for its environment may be either.
        assert_eq!(refused(Live, "sk_123456", ""), None);
        assert_eq!(refused(Test, "sk_123456", ""), None);
        assert_eq!(refused(Test, "pk_test_1", ""), Some(("key", K::WrongKeyKind)));
        assert_eq!(
            refused(Test, "sk_test_1", "sk_test_1"),
            Some(("publishable_key", K::WrongKeyKind))
        );
        assert_eq!(refused(Test, "sk_live_1", ""), Some(("key", K::WrongEnvironment)));
        assert_eq!(refused(Demo, "sk_live_1", ""), Some(("key", K::WrongEnvironment)));
        assert_eq!(refused(Live, "sk_test_1", ""), Some(("key", K::WrongEnvironment)));
        assert_eq!(
            refused(Live, "sk_live_1", "pk_test_1"),
            Some(("publishable_key", K::WrongEnvironment))
        );
        for bad in ["", "sk test", "sk_test_1:", "sk_tést", "sk_test_1\n"] {
            assert_eq!(refused(Test, bad, ""), Some(("key", K::BadCredentials)), "{bad}");
        }
    }

    #[test]
    fn the_host_is_the_providers_own_outside_the_demo() {
        let admitted = admit(&offered(Environment::Live, "sk_live_1", "")).unwrap();
        assert_eq!(admitted.origin.to_string(), "https://komoju.com");
        assert_eq!((admitted.scope, admitted.user.as_str()), (None, ""));
        let elsewhere = Offered {
            host: "komoju.example",
            ..offered(Environment::Test, "sk_test_1", "")
        };
        assert!(matches!(admit(&elsewhere), Err(Unfit::Host(_))));
    }
}

//! What Zafapay asks for when it is connected (Zafapay fact sheet, section 1).

use crate::description::{
    Admitted, Description, Field, Hosts, IdKind, IdShape, Offered, Unfit, id_after, is_header_safe,
};
use crate::error::ProviderErrorKind;
use tokendesk_model::{Capabilities, Environment};

/// Zafapay.
pub const DESCRIPTION: Description = Description {
    about: "customers by list of ids",
    hosts: Hosts::Fixed {
        test: "api.sandbox.zafapay.com",
        live: "api.zafapay.com",
    },
    fields: &[
        Field::new(
            "key",
            "Access token",
            "From the merchant settings; sandbox and production have different ones. It does not tell which it is.",
            "",
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
    credentials_tell_environment: false,
    admit,
    capabilities: |_| Capabilities::zafapay(),
    scope_word: "",
    recognise,
};

// Prefixes of keys that are no access tokens (Zafapay fact sheet, section 1). An access token's own prefix is documented
// nowhere, so nothing is concluded from it.
const TEST_BROWSER_KEY: &str = "pk_test_";
const LIVE_BROWSER_KEY: &str = "pk_live_";
const WEBHOOK_SECRET: &str = "whsec_";

// Prefixes of ids (Zafapay fact sheet, section 1). A customer's id is the shop's own and may look like anything.
fn recognise(text: &str) -> Option<IdShape> {
    if let Some(rest) = id_after(text, "tok_") {
        return Some(IdShape {
            kind: IdKind::SingleUse,
            likely: rest.len() != 32,
        });
    }
    let kind = if id_after(text, "pmi_").is_some() {
        IdKind::SavedCard
    } else {
        id_after(text, "cust_").map(|_| IdKind::Customer)?
    };
    Some(IdShape::of(kind))
}

fn admit(offered: &Offered<'_>) -> Result<Admitted, Unfit> {
    check_access_token(offered.key).map_err(|kind| Unfit::Key("key", kind))?;
    if !offered.publishable_key.is_empty() {
        check_publishable_key(offered.publishable_key, offered.environment)
            .map_err(|kind| Unfit::Key("publishable_key", kind))?;
    }
    Ok(Admitted {
        origin: DESCRIPTION.hosts.origin(offered.environment, offered.host)?,
        scope: None,
        user: String::new(),
        connector: None,
    })
}

/// Whether a key may be an access token.
///
/// # Errors
/// `BadCredentials` for what no header can carry, `WrongKeyKind` for a browser's key or a webhook's secret.
pub(super) fn check_access_token(key: &str) -> Result<(), ProviderErrorKind> {
    if !is_header_safe(key) {
        return Err(ProviderErrorKind::BadCredentials);
    }
    let is_another = [TEST_BROWSER_KEY, LIVE_BROWSER_KEY, "pk_", WEBHOOK_SECRET]
        .iter()
        .any(|prefix| key.starts_with(prefix));
    if is_another {
        return Err(ProviderErrorKind::WrongKeyKind);
    }
    Ok(())
}

/// Whether a key is a browser's key of this environment.
///
/// # Errors
/// `WrongKeyKind` for anything else than a browser's key, `WrongEnvironment` for one of the other side.
pub(super) fn check_publishable_key(key: &str, environment: Environment) -> Result<(), ProviderErrorKind> {
    let is_live = key.starts_with(LIVE_BROWSER_KEY);
    if !is_header_safe(key) || !(is_live || key.starts_with(TEST_BROWSER_KEY)) {
        return Err(ProviderErrorKind::WrongKeyKind);
    }
    if is_live != (environment == Environment::Live) {
        return Err(ProviderErrorKind::WrongEnvironment);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokendesk_model::account::HostError;

    fn offered<'a>(environment: Environment, host: &'a str, key: &'a str, browser: &'a str) -> Offered<'a> {
        Offered {
            environment,
            host,
            space: "",
            user: "",
            connector: "",
            key,
            publishable_key: browser,
        }
    }

    #[test]
    fn keys_are_told_apart_as_far_as_their_prefixes_are_documented() {
        use ProviderErrorKind as K;
        let unfit = |environment, key, browser| admit(&offered(environment, "", key, browser)).err();
        let (test, live) = (Environment::Test, Environment::Live);
        for key in ["pk_test_a", "pk_live_a", "pk_a", "whsec_a"] {
            assert_eq!(
                unfit(test, key, ""),
                Some(Unfit::Key("key", K::WrongKeyKind)),
                "{key}"
            );
        }
        for key in ["", "with blank", "ä"] {
            assert_eq!(
                unfit(test, key, ""),
                Some(Unfit::Key("key", K::BadCredentials)),
                "{key}"
            );
        }
        let browser = |kind| Some(Unfit::Key("publishable_key", kind));
        assert_eq!(unfit(test, "a", "zp_whatever"), browser(K::WrongKeyKind));
        assert_eq!(unfit(test, "a", "pk_other_a"), browser(K::WrongKeyKind));
        assert_eq!(unfit(test, "a", "pk_live_a"), browser(K::WrongEnvironment));
        assert_eq!(unfit(live, "a", "pk_test_a"), browser(K::WrongEnvironment));
        assert_eq!(unfit(live, "a", "pk_live_a"), None);
        assert_eq!(unfit(test, "a", "pk_test_a"), None);
        assert_eq!(unfit(test, "a", ""), None);
    }

    #[test]
    fn the_host_is_the_environment() {
        let origin = |environment, host| {
            admit(&offered(environment, host, "a", "")).map(|admitted| admitted.origin.to_string())
        };
        assert_eq!(
            origin(Environment::Test, "").unwrap(),
            "https://api.sandbox.zafapay.com"
        );
        assert_eq!(origin(Environment::Live, "").unwrap(), "https://api.zafapay.com");
        assert_eq!(
            origin(Environment::Demo, "http://127.0.0.1:4050").unwrap(),
            "http://127.0.0.1:4050"
        );
        for (environment, host) in [
            (Environment::Test, "api.zafapay.com"),
            (Environment::Live, "api.sandbox.zafapay.com"),
            (Environment::Live, "zafepay.example"),
        ] {
            assert_eq!(origin(environment, host), Err(Unfit::Host(HostError::NotItsHost)));
        }
    }
}

//! What KOMOJU asks for when it is connected (KOMOJU fact sheet, section 1).

use crate::description::{Admitted, Description, Field, Hosts, Offered, Unfit, is_header_safe};
use crate::error::ProviderErrorKind;
use tokendesk_model::{Capabilities, Environment};

/// One host; the key says whether it is test or live.
pub const HOST: &str = "komoju.com";

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
};

fn admit(offered: &Offered<'_>) -> Result<Admitted, Unfit> {
    fit("key", offered.key, "pk_", offered.environment)?;
    if !offered.publishable_key.is_empty() {
        fit(
            "publishable_key",
            offered.publishable_key,
            "sk_",
            offered.environment,
        )?;
    }
    Ok(Admitted {
        origin: DESCRIPTION.hosts.origin(offered.environment, offered.host)?,
        scope: None,
        user: String::new(),
        connector: None,
    })
}

// How keys look is inferred from samples: what is recognised is held against them, anything else may be a key.
fn fit(name: &'static str, key: &str, other_kind: &str, environment: Environment) -> Result<(), Unfit> {
    if !is_header_safe(key) || key.contains(':') {
        return Err(Unfit::Key(name, ProviderErrorKind::BadCredentials));
    }
    if key.starts_with(other_kind) {
        return Err(Unfit::Key(name, ProviderErrorKind::WrongKeyKind));
    }
    let live = environment == Environment::Live;
    let says_live = key.starts_with("sk_live_") || key.starts_with("pk_live_");
    let says_test = key.starts_with("sk_test_") || key.starts_with("pk_test_");
    if (says_live && !live) || (says_test && live) {
        return Err(Unfit::Key(name, ProviderErrorKind::WrongEnvironment));
    }
    Ok(())
}

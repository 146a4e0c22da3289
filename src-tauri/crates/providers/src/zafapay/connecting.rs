//! What Zafapay asks for when it is connected (Zafapay fact sheet, section 1).

use crate::description::{Admitted, Description, Field, Hosts, Offered, Unfit, is_header_safe};
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
};

fn admit(offered: &Offered<'_>) -> Result<Admitted, Unfit> {
    if !is_header_safe(offered.key) {
        return Err(Unfit::Key("key", ProviderErrorKind::BadCredentials));
    }
    // The access token's own prefix is documented nowhere; the publishable one's is.
    if offered.key.starts_with("pk_") {
        return Err(Unfit::Key("key", ProviderErrorKind::WrongKeyKind));
    }
    let publishable = offered.publishable_key;
    if !publishable.is_empty() {
        let says_live = publishable.starts_with("pk_live_");
        if !is_header_safe(publishable) || !publishable.starts_with("pk_") {
            return Err(Unfit::Key("publishable_key", ProviderErrorKind::WrongKeyKind));
        }
        let live = offered.environment == Environment::Live;
        if says_live != live && (says_live || publishable.starts_with("pk_test_")) {
            return Err(Unfit::Key("publishable_key", ProviderErrorKind::WrongEnvironment));
        }
    }
    Ok(Admitted {
        origin: DESCRIPTION.hosts.origin(offered.environment, offered.host)?,
        scope: None,
        user: String::new(),
        connector: None,
    })
}

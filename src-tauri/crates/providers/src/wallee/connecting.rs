//! What wallee asks for when it is connected (wallee fact sheet, section 1).

use super::LABEL_HOSTS;
use crate::description::{Admitted, Description, Field, Hosts, Offered, Unfit};
use crate::error::ProviderErrorKind;
use tokendesk_model::{Capabilities, Lesson};

/// wallee and its white labels.
pub const DESCRIPTION: Description = Description {
    about: "and its white labels",
    hosts: Hosts::Free(LABEL_HOSTS),
    fields: &[
        Field::new(
            "space",
            "Space",
            "The number of the space, in its address and its settings.",
            "41219",
        ),
        Field {
            replaceable: true,
            ..Field::new(
                "user",
                "Application user",
                "The number of the application user that may read and change tokens.",
                "88412",
            )
        },
        Field::new(
            "key",
            "Authentication key",
            "Shown once when the application user is made: usually 44 signs ending in =.",
            "",
        )
        .secret(),
    ],
    credentials_tell_environment: false,
    admit,
    capabilities: |_| Capabilities::wallee(Lesson::Untried),
    scope_word: "space",
};

fn admit(offered: &Offered<'_>) -> Result<Admitted, Unfit> {
    let origin = DESCRIPTION.hosts.origin(offered.environment, offered.host)?;
    let scope = number(offered.space, "space")?;
    let user = number(offered.user, "user")?;
    if !is_key(offered.key) {
        return Err(Unfit::Key("key", ProviderErrorKind::BadCredentials));
    }
    Ok(Admitted {
        origin,
        scope: Some(scope),
        user,
        connector: None,
    })
}

fn number(text: &str, name: &'static str) -> Result<String, Unfit> {
    // Ids of 13 digits pass; a full card number is longer than any of them (wallee fact sheet, section 7.4).
    let plausible = !text.is_empty() && text.len() <= 15 && text.bytes().all(|b| b.is_ascii_digit());
    match text.trim_start_matches('0') {
        number if plausible && !number.is_empty() => Ok(number.to_owned()),
        _ => Err(Unfit::Field(name, "It is a number, such as 41219.")),
    }
}

// Standard base64 with padding, 16 to 128 bytes: every sample seen is 32 (wallee fact sheet, section 1).
fn is_key(key: &str) -> bool {
    let body = key.trim_end_matches('=');
    key.len().is_multiple_of(4)
        && (24..=172).contains(&key.len())
        && key.len() - body.len() <= 2
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

//! What wallee asks for when it is connected (wallee fact sheet, section 1).

use super::LABEL_HOSTS;
use crate::description::{Admitted, Description, Field, Hosts, IdKind, IdShape, Offered, Unfit};
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
    recognise,
};

// Ids are numbers (wallee fact sheet, section 4); four digits are more likely the end of a card.
fn recognise(text: &str) -> Option<IdShape> {
    let is_id = (5..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    is_id.then_some(IdShape::of(IdKind::SavedCard))
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use tokendesk_model::Environment;
    use tokendesk_model::account::HostError;

    /// Bytes 00..1f.
    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn offered<'a>(space: &'a str, user: &'a str, key: &'a str) -> Offered<'a> {
        Offered {
            environment: Environment::Test,
            host: "app-wallee.com",
            space,
            user,
            connector: "",
            key,
            publishable_key: "",
        }
    }

    #[test]
    fn numbers_are_kept_without_leading_zeros() {
        let admitted = admit(&offered("0041219", "88412", KEY)).unwrap();
        assert_eq!(admitted.origin.to_string(), "https://app-wallee.com");
        assert_eq!(admitted.scope.as_deref(), Some("41219"));
        assert_eq!((admitted.user.as_str(), admitted.connector), ("88412", None));
    }

    #[test]
    fn space_and_user_are_numbers_shorter_than_a_card() {
        for bad in [
            "",
            "0",
            "000",
            "-1",
            "+1",
            "1.0",
            "4 1219",
            "41219x",
            "４１２１９",
            "0x10",
            "1472041806455000",
            "4111111111111111",
        ] {
            let unfit = |offered| match admit(&offered) {
                Err(Unfit::Field(name, why)) => Some((name, why)),
                _ => None,
            };
            let (name, why) = unfit(offered(bad, "88412", KEY)).expect(bad);
            assert_eq!(name, "space");
            assert_eq!(
                unfit(offered("41219", bad, KEY)).map(|unfit| unfit.0),
                Some("user")
            );
            assert!(bad.len() < 2 || !why.contains(bad), "{bad} is repeated");
        }
        assert!(admit(&offered("1472041806455", "1", KEY)).is_ok());
    }

    #[test]
    fn a_key_is_standard_base64_of_a_plausible_length() {
        let bytes_64 = "A".repeat(86) + "==";
        for good in [KEY, "AAECAwQFBgcICQoLDA0ODw==", &bytes_64] {
            assert!(admit(&offered("1", "2", good)).is_ok(), "{good}");
        }
        let too_long = "A".repeat(176);
        for bad in [
            "",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 ",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH===",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd-_8=",
            "AAECAwQFBgcICQoL=A0ODxAREhMUFRYXGBkaGxwdHh8=",
            "AAECAwQFBgcICQoLDA0O",
            "key_test_0123456789abcdef0123456789abcdef",
            "rita@example.org",
            &too_long,
        ] {
            assert_eq!(
                admit(&offered("1", "2", bad)),
                Err(Unfit::Key("key", ProviderErrorKind::BadCredentials)),
                "{bad}"
            );
        }
    }

    #[test]
    fn the_host_fits_the_environment_and_is_looked_at_first() {
        let with = |environment, host| {
            let offered = Offered {
                environment,
                host,
                ..offered("41219", "88412", KEY)
            };
            admit(&offered).map(|admitted| admitted.origin.to_string())
        };
        assert_eq!(
            with(Environment::Demo, "http://127.0.0.1:4020").unwrap(),
            "http://127.0.0.1:4020"
        );
        for (environment, host, error) in [
            (Environment::Test, "http://127.0.0.1:4020", HostError::NeedsHttps),
            (Environment::Demo, "app-wallee.com", HostError::DemoElsewhere),
            (Environment::Live, "", HostError::Malformed),
            (
                Environment::Live,
                "app-wallee.com/api",
                HostError::MoreThanAnOrigin,
            ),
            (Environment::Live, "http://app-wallee.com", HostError::PlainHttp),
        ] {
            assert_eq!(with(environment, host), Err(Unfit::Host(error)), "{host}");
        }
        for (_, host) in LABEL_HOSTS {
            assert!(with(Environment::Live, host).is_ok(), "{host}");
        }
    }
}

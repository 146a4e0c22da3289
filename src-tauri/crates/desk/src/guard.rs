//! Input checked at the border, before anything is changed.

use crate::contract::{ConnectAccount, Env, Problem, ProblemCode};
use tokendesk_model::card_number::contains_card_number;
use tokendesk_model::{Environment, Origin, ProviderKind};

/// Longest reason, in characters.
const REASON_CHARS: usize = 255;
/// Longest label, in characters.
const LABEL_CHARS: usize = 60;

impl From<Env> for Environment {
    fn from(env: Env) -> Self {
        match env {
            Env::Demo => Self::Demo,
            Env::Test => Self::Test,
            Env::Live => Self::Live,
        }
    }
}

impl From<Environment> for Env {
    fn from(environment: Environment) -> Self {
        match environment {
            Environment::Demo => Self::Demo,
            Environment::Test => Self::Test,
            Environment::Live => Self::Live,
        }
    }
}

/// What a connection request says, checked field by field; nothing was contacted yet.
pub(crate) struct CheckedConnection {
    pub provider: ProviderKind,
    pub label: String,
    pub environment: Environment,
    pub origin: Origin,
    pub space: String,
    pub user: String,
    pub key: String,
}

pub(crate) fn connection(request: &ConnectAccount) -> Result<CheckedConnection, Problem> {
    let provider: ProviderKind = request
        .provider
        .parse()
        .map_err(|()| field("provider", "Payment system", "Only wallee can be connected."))?;
    let label = request.label.trim();
    no_card_number(label, "label")?;
    if label.is_empty() || label.chars().count() > LABEL_CHARS || label.chars().any(char::is_control) {
        return Err(field("label", "The name", "It needs 1 to 60 characters."));
    }
    let environment = Environment::from(request.env);
    let origin = Origin::parse(&request.host)?;
    origin.allowed_for(environment)?;
    let space = decimal(&request.space, "space", "The space")?;
    let (user, key) = credentials(&request.user, &request.key)?;
    Ok(CheckedConnection {
        provider,
        label: label.to_owned(),
        environment,
        origin,
        space,
        user,
        key,
    })
}

/// An application user and its key, checked.
pub(crate) fn credentials(user: &str, key: &str) -> Result<(String, String), Problem> {
    let user = decimal(user, "user", "The application user")?;
    let key = key.trim().to_owned();
    no_card_number(&key, "key")?;
    if !is_key(&key) {
        return Err(Problem::new(ProblemCode::KeyMalformed).on_field("key"));
    }
    Ok((user, key))
}

fn field(name: &str, shown: &str, rule: &str) -> Problem {
    Problem::with(
        ProblemCode::FieldInvalid,
        [("field_name", shown.to_owned()), ("rule", rule.to_owned())],
    )
    .on_field(name)
}

fn decimal(text: &str, name: &str, shown: &str) -> Result<String, Problem> {
    let text = text.trim();
    // Ids of 13 digits pass; a full card number is longer than any of them (wallee fact sheet, section 7.4).
    let plausible = !text.is_empty() && text.len() <= 15 && text.bytes().all(|b| b.is_ascii_digit());
    match text.trim_start_matches('0') {
        "" => Err(field(name, shown, "It is a number, such as 41219.")),
        number if plausible => Ok(number.to_owned()),
        _ => Err(field(name, shown, "It is a number, such as 41219.")),
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

/// Refuses what looks like a full card number.
pub(crate) fn no_card_number(text: &str, name: &str) -> Result<(), Problem> {
    if contains_card_number(text) {
        return Err(Problem::new(ProblemCode::CardNumber).on_field(name));
    }
    Ok(())
}

/// A person's words for the log: trimmed, bounded, guarded.
pub(crate) fn reason(text: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    no_card_number(text, "reason")?;
    if text.chars().count() > REASON_CHARS {
        return Err(Problem::new(ProblemCode::ReasonTooLong).on_field("reason"));
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn request() -> ConnectAccount {
        ConnectAccount {
            provider: "wallee".into(),
            label: "Shop CH".into(),
            env: Env::Test,
            host: "app-wallee.com".into(),
            space: " 00405 ".into(),
            user: "12345".into(),
            key: format!(" {KEY}\n"),
        }
    }

    fn refused(change: impl FnOnce(&mut ConnectAccount)) -> (ProblemCode, Option<String>) {
        let mut request = request();
        change(&mut request);
        let problem = connection(&request).err().unwrap();
        (problem.code, problem.field)
    }

    #[test]
    fn a_good_request_passes_with_outer_space_removed() {
        let checked = connection(&request()).ok().unwrap();
        assert_eq!((checked.space.as_str(), checked.key.as_str()), ("405", KEY));
        assert_eq!(checked.origin.to_string(), "https://app-wallee.com");
    }

    #[test]
    fn each_bad_field_is_named() {
        let on = |name: &str| Some(name.to_owned());
        assert_eq!(
            refused(|r| r.host = "http://app-wallee.com".into()),
            (ProblemCode::HostNotHttps, on("host"))
        );
        assert_eq!(
            refused(|r| r.host = "a b".into()),
            (ProblemCode::HostMalformed, on("host"))
        );
        assert_eq!(
            refused(|r| r.env = Env::Demo),
            (ProblemCode::HostNotLoopback, on("host"))
        );
        assert_eq!(
            refused(|r| r.space = "12a".into()),
            (ProblemCode::FieldInvalid, on("space"))
        );
        assert_eq!(
            refused(|r| r.space = "0".into()),
            (ProblemCode::FieldInvalid, on("space"))
        );
        assert_eq!(
            refused(|r| r.user = String::new()),
            (ProblemCode::FieldInvalid, on("user"))
        );
        assert_eq!(
            refused(|r| r.key = "not base64!".into()),
            (ProblemCode::KeyMalformed, on("key"))
        );
        assert_eq!(
            refused(|r| r.label = " ".into()),
            (ProblemCode::FieldInvalid, on("label"))
        );
        assert_eq!(
            refused(|r| r.label = "4111 1111 1111 1111".into()),
            (ProblemCode::CardNumber, on("label"))
        );
        assert_eq!(
            refused(|r| r.key = "4111111111111111".into()),
            (ProblemCode::CardNumber, on("key"))
        );
        assert_eq!(
            refused(|r| r.provider = "else".into()),
            (ProblemCode::FieldInvalid, on("provider"))
        );
    }

    #[test]
    fn reasons_are_bounded_and_guarded() {
        assert_eq!(reason(Some("  ")).unwrap(), None);
        assert_eq!(reason(Some(" asked ")).unwrap().as_deref(), Some("asked"));
        assert_eq!(
            reason(Some(&"x".repeat(256))).unwrap_err().code,
            ProblemCode::ReasonTooLong
        );
        assert_eq!(
            reason(Some("card 4242424242424242")).unwrap_err().code,
            ProblemCode::CardNumber
        );
    }
}

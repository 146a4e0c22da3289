//! Input checked at the border, before anything is changed.

use crate::contract::{ConnectAccount, Env, Problem, ProblemCode};
use tokendesk_model::card_number::contains_card_number;
use tokendesk_model::{Environment, ProviderKind};
use tokendesk_providers::description::{Admitted, Offered, Unfit};
use tokendesk_providers::{ProviderErrorKind, registry};

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
    pub admitted: Admitted,
    pub key: String,
    pub publishable_key: Option<String>,
    pub read_only: bool,
}

pub(crate) fn connection(request: &ConnectAccount) -> Result<CheckedConnection, Problem> {
    let provider: ProviderKind = request.provider.parse().map_err(|()| {
        let known: Vec<&str> = ProviderKind::ALL.iter().map(ProviderKind::as_str).collect();
        field(
            "provider",
            "The payment system",
            &format!("It is one of {}.", known.join(", ")),
        )
    })?;
    let label = request.label.trim();
    no_card_number(label, "label")?;
    if label.is_empty() || label.chars().count() > LABEL_CHARS || label.chars().any(char::is_control) {
        return Err(field("label", "The name", "It needs 1 to 60 characters."));
    }
    let environment = Environment::from(request.env);
    let publishable_key = given(request.publishable_key.as_deref());
    let admitted = admit(
        provider,
        &Offered {
            environment,
            host: request.host.trim(),
            space: request.space.trim(),
            user: request.user.trim(),
            connector: request.connector.as_deref().unwrap_or_default().trim(),
            key: request.key.trim(),
            publishable_key: publishable_key.as_deref().unwrap_or_default(),
        },
    )?;
    Ok(CheckedConnection {
        provider,
        label: label.to_owned(),
        environment,
        admitted,
        key: request.key.trim().to_owned(),
        publishable_key,
        read_only: request.read_only,
    })
}

/// A text that says something, without outer white space.
pub(crate) fn given(text: Option<&str>) -> Option<String> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// Credentials checked by what their payment system asks for.
pub(crate) fn admit(provider: ProviderKind, offered: &Offered<'_>) -> Result<Admitted, Problem> {
    let wanted = registry::description(provider);
    let fields = [
        ("space", offered.space),
        ("user", offered.user),
        ("connector", offered.connector),
        ("key", offered.key),
        ("publishable_key", offered.publishable_key),
    ];
    for (name, text) in fields {
        // Ids of wallee pass the check of card numbers one time in ten; they are numbers that its own rule bounds.
        if wanted.fields.iter().any(|field| field.name == name) && text.len() > 15 {
            no_card_number(text, name)?;
        }
    }
    (wanted.admit)(offered).map_err(|unfit| {
        let label = |name: &str| {
            wanted
                .fields
                .iter()
                .find(|field| field.name == name)
                .map_or("It", |field| field.label)
        };
        match unfit {
            Unfit::Host(error) => Problem::from(error),
            Unfit::Field(name, rule) => field(name, label(name), rule),
            Unfit::Key(name, kind) => {
                let provider = ("provider", provider.display_name().to_owned());
                let what = ("field_name", label(name).to_owned());
                let problem = match kind {
                    ProviderErrorKind::WrongKeyKind => {
                        Problem::with(ProblemCode::WrongKeyKind, [provider, what])
                    }
                    ProviderErrorKind::WrongEnvironment => Problem::with(
                        ProblemCode::EnvironmentContradicted,
                        [provider, what, ("env", offered.environment.as_str().to_owned())],
                    ),
                    _ => Problem::with(ProblemCode::KeyMalformed, [provider, what]),
                };
                problem.on_field(name)
            }
        }
    })
}

pub(crate) fn field(name: &str, shown: &str, rule: &str) -> Problem {
    Problem::with(
        ProblemCode::FieldInvalid,
        [("field_name", shown.to_owned()), ("rule", rule.to_owned())],
    )
    .on_field(name)
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
            connector: None,
            key: format!(" {KEY}\n"),
            publishable_key: None,
            read_only: false,
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
        assert_eq!(checked.admitted.scope.as_deref(), Some("405"));
        assert_eq!(checked.key, KEY);
        assert_eq!(checked.admitted.origin.to_string(), "https://app-wallee.com");
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

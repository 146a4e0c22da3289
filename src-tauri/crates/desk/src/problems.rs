//! From typed errors inside to a [`Problem`] at the border: nothing lost, nothing secret.

use crate::contract::{Problem, ProblemCode};
use crate::words::words_of;
use std::collections::BTreeMap;
use tokendesk_model::account::HostError;
use tokendesk_model::query::QueryError;
use tokendesk_model::{Account, LaneError, ProviderKind, Stuck, Wish};
use tokendesk_providers::{ProviderError, ProviderErrorKind};
use tokendesk_store::secrets::SecretError;
use tokendesk_store::{OpenError, StoreError};
use tokendesk_sync::SyncError;

#[cfg(test)]
use crate::contract::ProblemCode as C;

/// Every code, for tests over the catalogue.
#[cfg(test)]
pub(crate) const ALL_CODES: &[ProblemCode] = &[
    C::HostMalformed,
    C::HostNotHttps,
    C::HostNotLoopback,
    C::FieldInvalid,
    C::KeyMalformed,
    C::AccountExists,
    C::AccountUnknown,
    C::AccountHasOpenChanges,
    C::WrongKeyKind,
    C::ReadOnlyAccount,
    C::NotOffered,
    C::ReasonRequired,
    C::CustomerUnknown,
    C::DirectoryUnreadable,
    C::BenchNotHere,
    C::FlowStepInvalid,
    C::AmountInvalid,
    C::VerificationNotAllowed,
    C::AnotherIsOpen,
    C::EnvironmentContradicted,
    C::EnvironmentAmbiguous,
    C::NothingConnected,
    C::Unreachable,
    C::TlsFailed,
    C::Timeout,
    C::CredentialsRejected,
    C::ClockSkew,
    C::Forbidden,
    C::NotFoundAtProvider,
    C::RefusedByProvider,
    C::RateLimited,
    C::ProviderFailed,
    C::AnswerUnreadable,
    C::TooManyVanished,
    C::AlreadyRunning,
    C::Stopped,
    C::CardNumber,
    C::QueryTooLong,
    C::FilterInvalid,
    C::CursorInvalid,
    C::CardUnknown,
    C::PersonUnknown,
    C::ChangeUnknown,
    C::ChangeTooLate,
    C::ChangeNotStuck,
    C::ChangeMayBeDone,
    C::ChangeNotInConflict,
    C::CannotKeepMine,
    C::PlanUnknown,
    C::PlanNotReady,
    C::PlanEmpty,
    C::PlanTooLarge,
    C::ReasonMissing,
    C::BackupUnusable,
    C::FileUnusable,
    C::LedgerOlder,
    C::OtherScope,
    C::CardNotSwitchable,
    C::NotPossibleHere,
    C::ConfirmationMissing,
    C::ReasonTooLong,
    C::DeskInUse,
    C::LedgerKeyWrong,
    C::NewerVersion,
    C::LedgerDamaged,
    C::DiskFull,
    C::KeychainLocked,
    C::KeychainAbsent,
    C::KeychainSlow,
    C::KeyMissing,
    C::SecretsElsewhere,
    C::PassphraseWrong,
    C::PassphraseFile,
    C::DataFolder,
    C::Internal,
];

impl Problem {
    /// A problem in the words of the catalogue.
    pub fn new(code: ProblemCode) -> Self {
        Self::with(code, [])
    }

    /// A problem with values for its texts.
    pub fn with<const N: usize>(code: ProblemCode, params: [(&str, String); N]) -> Self {
        let params: BTreeMap<String, String> = params.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        let words = words_of(code);
        let fill = |template: &str| {
            params.iter().fold(template.to_owned(), |text, (key, value)| {
                text.replace(&format!("{{{key}}}"), value)
            })
        };
        Self {
            code,
            title: fill(words.title),
            detail: fill(words.detail),
            hint: fill(words.hint),
            retryable: words.retryable,
            request_id: None,
            field: None,
            params,
        }
    }

    /// Names the input it concerns.
    #[must_use]
    pub fn on_field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }
}

/// Names for the texts about an account.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub account: String,
    pub provider: String,
}

impl Names {
    pub fn of(account: &Account) -> Self {
        Self {
            account: account.label.clone(),
            provider: account.provider.display_name().to_owned(),
        }
    }
    /// Where no single account is meant.
    pub fn nobody() -> Self {
        Self {
            account: "The account".to_owned(),
            provider: "The payment system".to_owned(),
        }
    }
    pub fn of_provider(provider: ProviderKind, label: &str) -> Self {
        Self {
            account: label.to_owned(),
            provider: provider.display_name().to_owned(),
        }
    }
}

/// What a provider's error says.
pub(crate) fn of_provider(error: &ProviderError, names: &Names) -> Problem {
    use ProviderErrorKind as K;
    let (account, provider) = (
        ("account", names.account.clone()),
        ("provider", names.provider.clone()),
    );
    let mut problem = match error.kind {
        K::Unreachable => Problem::with(ProblemCode::Unreachable, [account, provider]),
        K::Tls => Problem::with(ProblemCode::TlsFailed, [account, provider]),
        K::Timeout | K::AnswerLost => Problem::with(ProblemCode::Timeout, [account, provider]),
        K::Unauthorized => {
            Problem::with(ProblemCode::CredentialsRejected, [account, provider]).on_field("key")
        }
        K::ClockSkew { ahead_by_seconds } => {
            let minutes = (ahead_by_seconds.unsigned_abs() + 30) / 60;
            Problem::with(
                ProblemCode::ClockSkew,
                [provider, ("minutes", minutes.to_string())],
            )
        }
        K::Forbidden => Problem::with(ProblemCode::Forbidden, [account, provider]),
        K::NotFound => Problem::with(ProblemCode::NotFoundAtProvider, [account, provider]),
        K::VersionConflict | K::OffsetTooLarge | K::Refused | K::Unexpected => {
            let message = error.message.clone().unwrap_or_else(|| {
                error
                    .status
                    .map(|s| format!("status {s}"))
                    .unwrap_or_else(|| "no reason".into())
            });
            Problem::with(
                ProblemCode::RefusedByProvider,
                [account, provider, ("message", message)],
            )
        }
        K::RateLimited => Problem::with(ProblemCode::RateLimited, [account, provider]),
        K::ServerFailed => Problem::with(ProblemCode::ProviderFailed, [account, provider]),
        K::Unreadable => Problem::with(ProblemCode::AnswerUnreadable, [account, provider]),
        K::BadCredentials => key_problem(ProblemCode::KeyMalformed, provider),
        K::WrongKeyKind => key_problem(ProblemCode::WrongKeyKind, provider),
        K::WrongEnvironment => key_problem(ProblemCode::EnvironmentContradicted, provider),
        K::NotOffered => Problem::with(ProblemCode::NotOffered, [account, provider]),
        K::HostNotAllowed => Problem::new(ProblemCode::HostNotLoopback).on_field("host"),
    };
    problem.request_id = error.request_id.clone();
    problem
}

fn key_problem(code: ProblemCode, provider: (&str, String)) -> Problem {
    let what = ("field_name", "The key".to_owned());
    let env = ("env", "another environment".to_owned());
    Problem::with(code, [provider, what, env]).on_field("key")
}

/// What stands behind a stored pause.
pub(crate) fn of_pause(reason: &str, names: &Names) -> Problem {
    if reason == tokendesk_sync::PRODUCTION_SEEN {
        return live_space(names);
    }
    if reason == crate::accounts::PAUSED_BY_PERSON {
        let mut problem = Problem::with(
            ProblemCode::NotPossibleHere,
            [
                ("provider", names.provider.clone()),
                ("account", names.account.clone()),
            ],
        );
        problem.title = format!("{} is paused", names.account);
        problem.detail = "A person paused it. Nothing is read or sent; changes are kept.".to_owned();
        problem.hint = "Let it go on from the Accounts screen.".to_owned();
        return problem;
    }
    let kind = match reason.split_once(':') {
        Some(("clock_skew", seconds)) => ProviderErrorKind::ClockSkew {
            ahead_by_seconds: seconds.parse().unwrap_or_default(),
        },
        _ if reason == "wrong_key_kind" => ProviderErrorKind::WrongKeyKind,
        _ if reason == "wrong_environment" => ProviderErrorKind::WrongEnvironment,
        _ if reason == "key_malformed" => ProviderErrorKind::BadCredentials,
        _ if reason == "host_not_allowed" => ProviderErrorKind::HostNotAllowed,
        _ => ProviderErrorKind::Unauthorized,
    };
    of_provider(&ProviderError::new(kind), names)
}

// A production card turned up in an account that was connected as test or demo.
fn live_space(names: &Names) -> Problem {
    let mut problem = Problem::with(
        ProblemCode::EnvironmentContradicted,
        [
            ("env", names.account.clone()),
            ("provider", names.provider.clone()),
        ],
    );
    problem.title = format!("{} is a live account", names.account);
    problem.detail = format!(
        "{} shows production cards in it. It rests, so that live cards are not shown among others.",
        names.provider
    );
    problem.hint = "Remove the account and connect it as Live.".to_owned();
    problem
}

/// What a stuck change tells a person.
pub(crate) fn of_stuck(stuck: &Stuck, wish: Wish, names: &Names) -> Problem {
    let provider = ("provider", names.provider.clone());
    let account = ("account", names.account.clone());
    match stuck {
        Stuck::Ignored => {
            let mut problem = Problem::with(ProblemCode::NotPossibleHere, [provider, account]);
            problem.detail = format!("{} took the request and kept the old value.", names.provider);
            if !matches!(wish, Wish::Active(_)) {
                // What is said of active and inactive fits no other wish.
                problem.title = format!("{} left it as it was", names.provider);
                problem.hint = match wish {
                    Wish::Default => {
                        "A card that cannot be charged does not become the default. Look at its verification."
                    }
                    _ => "Try again, or give the change up.",
                }
                .to_owned();
            }
            problem
        }
        Stuck::NotPossibleHere => Problem::with(ProblemCode::NotPossibleHere, [provider, account]),
        Stuck::Refused { message, status } => {
            let message = if message.is_empty() {
                format!("status {status}")
            } else {
                message.clone()
            };
            Problem::with(
                ProblemCode::RefusedByProvider,
                [provider, account, ("message", message)],
            )
        }
        Stuck::Forbidden => Problem::with(ProblemCode::Forbidden, [provider, account]),
        Stuck::NotFound => Problem::with(ProblemCode::NotFoundAtProvider, [provider, account]),
        Stuck::KeptChanging => {
            let why = "Somebody else kept changing it while this was sent.".to_owned();
            Problem::with(ProblemCode::CardNotSwitchable, [("why", why)])
        }
        Stuck::AnswerLost => {
            let why = format!(
                "The answer of {} was lost, and nothing can be read back that would show whether it was done.",
                names.provider
            );
            Problem::with(ProblemCode::CardNotSwitchable, [("why", why)])
        }
        Stuck::Unreadable => Problem::new(ProblemCode::Internal),
    }
}

/// What a lane refused. What comes too late is said in more words where the change is at hand.
pub(crate) fn of_lane(error: LaneError, names: &Names) -> Problem {
    match error {
        LaneError::Unknown => Problem::new(ProblemCode::ChangeUnknown),
        LaneError::TooLate | LaneError::NotNext => Problem::new(ProblemCode::ChangeTooLate),
        LaneError::MayBeDone => Problem::new(ProblemCode::ChangeMayBeDone),
        LaneError::DeletionStands => {
            let why = "Its deletion is queued and not sent yet.".to_owned();
            Problem::with(ProblemCode::CardNotSwitchable, [("why", why)])
        }
        LaneError::NoConflict => Problem::new(ProblemCode::ChangeNotInConflict),
        LaneError::CannotKeep => {
            let provider = names.provider.clone();
            Problem::with(ProblemCode::CannotKeepMine, [("provider", provider)])
        }
        LaneError::NotStuck => Problem::new(ProblemCode::ChangeNotStuck),
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull => Self::new(ProblemCode::DiskFull),
            StoreError::BadCursor => Self::new(ProblemCode::CursorInvalid),
            StoreError::Lane(error) => of_lane(error, &Names::nobody()),
            StoreError::NoSuchChange => Self::new(ProblemCode::ChangeUnknown),
            StoreError::NoSuchAccount => Self::new(ProblemCode::AccountUnknown),
            other => {
                tracing::error!(error = %other, "store");
                Self::new(ProblemCode::Internal)
            }
        }
    }
}

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::WrongKey => Self::new(ProblemCode::LedgerKeyWrong),
            OpenError::NewerVersion => Self::new(ProblemCode::NewerVersion),
            OpenError::LedgerDamaged => Self::new(ProblemCode::LedgerDamaged),
            OpenError::DiskFull => Self::new(ProblemCode::DiskFull),
            other => {
                tracing::error!(error = %other, "open");
                Self::with(ProblemCode::DataFolder, [("why", other.to_string())])
            }
        }
    }
}

impl From<SecretError> for Problem {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Locked => Self::new(ProblemCode::KeychainLocked),
            SecretError::Absent => Self::new(ProblemCode::KeychainAbsent),
            SecretError::Slow => Self::new(ProblemCode::KeychainSlow),
            SecretError::KeyMissing => Self::new(ProblemCode::KeyMissing),
            SecretError::WrongPassphrase => Self::new(ProblemCode::PassphraseWrong),
            SecretError::NeedsKeychain => {
                Self::with(ProblemCode::SecretsElsewhere, [("mode", "the keychain".into())])
            }
            SecretError::NeedsPassphrase => Self::with(
                ProblemCode::SecretsElsewhere,
                [("mode", "a file sealed by a passphrase".into())],
            ),
            SecretError::ReadableByOthers => Self::with(
                ProblemCode::PassphraseFile,
                [("why", "Others can read it.".into())],
            ),
            SecretError::EmptyPassphrase => {
                Self::with(ProblemCode::PassphraseFile, [("why", "It is empty.".into())])
            }
            other => Self::with(ProblemCode::DataFolder, [("why", other.to_string())]),
        }
    }
}

/// Why an account's key could not be fetched, as a word that survives the way through the engine.
pub(crate) fn credential_word(error: &SecretError) -> String {
    match error {
        SecretError::Locked => "keychain_locked".to_owned(),
        SecretError::Absent => "keychain_absent".to_owned(),
        SecretError::Slow => "keychain_slow".to_owned(),
        other => other.to_string(),
    }
}

/// What [`credential_word`] tells a person.
pub(crate) fn of_credentials(word: &str) -> Problem {
    match word {
        "keychain_locked" => Problem::new(ProblemCode::KeychainLocked),
        "keychain_absent" => Problem::new(ProblemCode::KeychainAbsent),
        "keychain_slow" => Problem::new(ProblemCode::KeychainSlow),
        other => Problem::with(ProblemCode::DataFolder, [("why", other.to_owned())]),
    }
}

/// What went wrong while reading or sending for an account.
pub(crate) fn of_sync(error: SyncError, names: &Names) -> Problem {
    match error {
        SyncError::Provider(error) => of_provider(&error, names),
        SyncError::Store(error) => error.into(),
        SyncError::Credentials(why) => of_credentials(&why),
        SyncError::Stopped => Problem::new(ProblemCode::Stopped),
        SyncError::AlreadyRunning => Problem::new(ProblemCode::AlreadyRunning),
        SyncError::NoAccount(_) => Problem::new(ProblemCode::AccountUnknown),
        SyncError::ProductionSeen => live_space(names),
        SyncError::Resting => Problem::with(ProblemCode::Unreachable, [("account", names.account.clone())]),
        SyncError::TooManyVanished { missing, known } => Problem::with(
            ProblemCode::TooManyVanished,
            [("missing", missing.to_string()), ("known", known.to_string())],
        ),
    }
}

impl From<HostError> for Problem {
    fn from(error: HostError) -> Self {
        if error == HostError::NotItsHost {
            let rule = "Outside demo this provider is reached at its own host only.".to_owned();
            return Self::with(
                ProblemCode::FieldInvalid,
                [("field_name", "The host".to_owned()), ("rule", rule)],
            )
            .on_field("host");
        }
        Self::new(match error {
            HostError::Malformed | HostError::MoreThanAnOrigin => ProblemCode::HostMalformed,
            HostError::PlainHttp | HostError::NeedsHttps => ProblemCode::HostNotHttps,
            HostError::DemoElsewhere | HostError::NotItsHost => ProblemCode::HostNotLoopback,
        })
        .on_field("host")
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::TooLong => Self::new(ProblemCode::QueryTooLong),
            QueryError::CardNumber => Self::new(ProblemCode::CardNumber),
            QueryError::BadFilter { key, accepts } => Self::with(
                ProblemCode::FilterInvalid,
                [("filter", key.into()), ("accepts", accepts.into())],
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_ignored_is_said_of_the_wish_that_was() {
        let names = Names::of_provider(ProviderKind::ProcessOut, "Shop");
        let said = |wish| of_stuck(&Stuck::Ignored, wish, &names);
        assert!(said(Wish::Active(false)).hint.contains("portal"));
        assert_eq!(said(Wish::Default).title, "ProcessOut left it as it was");
        assert!(said(Wish::Default).hint.contains("cannot be charged"));
        assert!(!said(Wish::OneClick(true)).hint.contains("portal"));
    }

    #[test]
    fn a_locked_keychain_is_still_one_after_its_way_through_the_engine() {
        for (error, code) in [
            (SecretError::Locked, ProblemCode::KeychainLocked),
            (SecretError::Absent, ProblemCode::KeychainAbsent),
            (SecretError::Slow, ProblemCode::KeychainSlow),
            (SecretError::Damaged, ProblemCode::DataFolder),
        ] {
            let through = SyncError::Credentials(credential_word(&error));
            assert_eq!(of_sync(through, &Names::nobody()).code, code);
        }
    }
}

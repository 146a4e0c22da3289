//! What can go wrong when a payment system is asked, reduced to what somebody can decide on.

use std::fmt;
use std::time::Duration;

/// What to do about an error, the whole retry policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryKind {
    /// The provider was not reached, or the answer did not arrive: the account is offline; try again later.
    Network,
    /// The provider is there and asked to wait, or failed on its side. `retry_after` is its own wish, if it named one.
    Transient {
        /// The `Retry-After` header.
        retry_after: Option<Duration>,
    },
    /// The credentials or the clock are wrong: pause the account and ask a person; a repeat changes nothing.
    Credentials,
    /// Repeating the same request gives the same answer.
    Permanent,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderErrorKind {
    /// Name not resolved, connection refused or reset before an answer.
    Unreachable,
    /// Certificate or handshake.
    Tls,
    /// No answer in time. For a write, nobody knows whether it was done.
    Timeout,
    /// The connection broke after the request was sent. For a write, nobody knows whether it was done.
    AnswerLost,
    /// 401.
    Unauthorized,
    /// 401 while this computer's clock and the server's `Date` differ by more than a few minutes.
    ClockSkew {
        /// This computer's clock minus the provider's, in seconds.
        ahead_by_seconds: i64,
    },
    /// 403: the application user has no such permission here.
    Forbidden,
    /// 404.
    NotFound,
    /// 409: the object was changed meanwhile.
    VersionConflict,
    /// 416: search offset beyond the provider's limit.
    OffsetTooLarge,
    /// 400 or 422: understood and refused. Without a status: what was asked has no spelling this provider documents, so
    /// nothing was sent, or the provider answered something else than what was asked.
    Refused,
    /// 429.
    RateLimited,
    /// 5xx.
    ServerFailed,
    /// A redirect to another host, which is never followed, or any other unexpected status.
    Unexpected,
    /// The answer is not what the fact sheet describes: HTML, truncated, a missing member, a wrong type.
    Unreadable,
    /// The key is not base64, or the account's own ids cannot be sent.
    BadCredentials,
    /// The address the name led to is not allowed for this account.
    HostNotAllowed,
    /// A key of another kind: a publishable one where a secret one is needed, or the reverse.
    WrongKeyKind,
    /// A live key in a test account, or the reverse.
    WrongEnvironment,
    /// The system has nothing of the kind. Nothing was sent.
    NotOffered,
}

/// An error of a payment system. Holds no secret and no email: `message` is the provider's own text, cut and masked.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?}{}", status_text(*status))]
pub struct ProviderError {
    /// What went wrong.
    pub kind: ProviderErrorKind,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The provider's error id, for its support.
    pub request_id: Option<String>,
    /// The provider's own words: at most 300 characters, emails and long digit runs masked.
    pub message: Option<String>,
    /// `Retry-After`, where it was sent.
    pub retry_after: Option<Duration>,
}

fn status_text(status: Option<u16>) -> String {
    status.map(|s| format!(" (status {s})")).unwrap_or_default()
}

// The message came from outside: it is shown on request, never in a log line.
impl fmt::Debug for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderError")
            .field("kind", &self.kind)
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl ProviderError {
    /// An error without an answer behind it.
    pub fn new(kind: ProviderErrorKind) -> Self {
        Self {
            kind,
            status: None,
            request_id: None,
            message: None,
            retry_after: None,
        }
    }

    /// What to do about it.
    pub fn retry(&self) -> RetryKind {
        use ProviderErrorKind as K;
        match self.kind {
            K::Unreachable | K::Tls | K::Timeout | K::AnswerLost => RetryKind::Network,
            K::RateLimited | K::ServerFailed | K::Unreadable => RetryKind::Transient {
                retry_after: self.retry_after,
            },
            K::Unauthorized
            | K::ClockSkew { .. }
            | K::BadCredentials
            | K::HostNotAllowed
            | K::WrongKeyKind
            | K::WrongEnvironment => RetryKind::Credentials,
            K::Forbidden
            | K::NotFound
            | K::VersionConflict
            | K::OffsetTooLarge
            | K::Refused
            | K::Unexpected
            | K::NotOffered => RetryKind::Permanent,
        }
    }

    /// Whether a write that ended like this may have been done all the same.
    pub fn may_have_been_done(&self) -> bool {
        use ProviderErrorKind as K;
        matches!(
            self.kind,
            K::Timeout | K::AnswerLost | K::ServerFailed | K::Unreadable
        )
    }
}

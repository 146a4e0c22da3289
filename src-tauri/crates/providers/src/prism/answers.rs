//! What a call that brought no message came to, and what gRPC's codes mean here (Prism fact sheet, section 9.2).
//!
//! Must not know: connections, which call it was.

use super::messages::ErrorInfo;
use crate::error::{ProviderError, ProviderErrorKind as Kind};
use crate::masking;
use std::fmt;
use std::time::Duration;
use tonic::{Code, Status};

/// A call without a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nothing left this computer.
    NotSent(Kind),
    /// It may have been sent, and nothing came back.
    Lost(Kind),
    /// Answered with a status.
    Answered(Refusal),
}

/// A status as it came.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// gRPC's code.
    pub(super) code: Code,
    /// The processor's HTTP status, where the text names it: all that is left of its answer.
    pub(super) processor: Option<u16>,
    /// Its words, cut and masked.
    pub(super) said: Option<String>,
    retry_after: Option<Duration>,
}

// The words came from outside: shown on request, never in a log line.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("code", &self.code)
            .field("processor", &self.processor)
            .finish_non_exhaustive()
    }
}

impl Refusal {
    /// Reads a status.
    pub(super) fn of(status: &Status) -> Self {
        let wait = status
            .metadata()
            .get("retry-after")
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.trim().parse().ok());
        Self {
            code: status.code(),
            processor: processor_status(status.message()),
            said: masking::message(status.message()),
            retry_after: wait.map(Duration::from_secs),
        }
    }

    /// As gRPC spells its codes, with the processor's status where it is known.
    pub(super) fn word(&self) -> String {
        let code = spelled(self.code);
        match self.processor {
            Some(status) => format!("{code} ({status})"),
            None => code.to_owned(),
        }
    }

    /// Whether this answer proves that nothing was done: Prism or the processor refused the call as it stood. `UNKNOWN`
    /// is every status without a code of its own, so only the number in its text can say more (402 above all).
    pub(super) fn nothing_was_done(&self) -> bool {
        match self.code {
            Code::InvalidArgument
            | Code::Unauthenticated
            | Code::PermissionDenied
            | Code::NotFound
            | Code::ResourceExhausted
            | Code::FailedPrecondition
            | Code::Unimplemented => true,
            // 408 is a time that ran out and 409 may mean that it is being done.
            Code::Unknown => self
                .processor
                .is_some_and(|status| (400..500).contains(&status) && !matches!(status, 408 | 409)),
            _ => false,
        }
    }

    /// The kind of error it is.
    pub(super) fn kind(&self) -> Kind {
        match self.code {
            Code::InvalidArgument | Code::FailedPrecondition => Kind::Refused,
            Code::Unauthenticated => Kind::Unauthorized,
            Code::PermissionDenied => Kind::Forbidden,
            Code::NotFound => Kind::NotFound,
            Code::ResourceExhausted => Kind::RateLimited,
            Code::Unimplemented => Kind::NotOffered,
            Code::DeadlineExceeded => Kind::Timeout,
            Code::Internal | Code::Unavailable => Kind::ServerFailed,
            Code::Unknown if self.nothing_was_done() => Kind::Refused,
            Code::Unknown if self.processor.is_some_and(|status| status >= 500) => Kind::ServerFailed,
            // Nobody can say what was done.
            _ => Kind::Unreadable,
        }
    }
}

impl From<Failure> for ProviderError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent(kind) | Failure::Lost(kind) => Self::new(kind),
            Failure::Answered(refusal) => Self {
                status: refusal.processor,
                message: refusal.said.clone(),
                retry_after: refusal.retry_after,
                ..Self::new(refusal.kind())
            },
        }
    }
}

/// What the processor said inside an answer, cut and masked: the bank's words, else the processor's, else Prism's. Branching
/// happens on the status alone: an error may stand beside a success (section 9.1).
pub(super) fn said(error: Option<&ErrorInfo>) -> Option<String> {
    let error = error?;
    let connector = error.connector_details.as_ref();
    let issuer = error.issuer_details.as_ref();
    let unified = error.unified_details.as_ref();
    [
        issuer.and_then(|details| details.message.as_deref()),
        connector.and_then(|details| details.message.as_deref()),
        connector.and_then(|details| details.code.as_deref()),
        unified.and_then(|details| details.message.as_deref()),
    ]
    .into_iter()
    .flatten()
    .find_map(masking::message)
}

// "Connector returned an error response with status 402": the only trace of a decline.
fn processor_status(message: &str) -> Option<u16> {
    let (_, rest) = message.split_once("with status ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|status| (400..600).contains(status))
}

fn spelled(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prism::messages::{ConnectorErrorDetails, IssuerErrorDetails};

    fn refusal(code: Code, message: &str) -> Refusal {
        Refusal::of(&Status::new(code, message))
    }

    fn of_processor(code: Code, status: u16) -> Refusal {
        refusal(
            code,
            &format!("Connector returned an error response with status {status}"),
        )
    }

    #[test]
    fn a_decline_hides_behind_unknown() {
        let declined = of_processor(Code::Unknown, 402);
        assert_eq!(declined.processor, Some(402));
        assert!(declined.nothing_was_done());
        assert_eq!(declined.kind(), Kind::Refused);
        assert_eq!(declined.word(), "UNKNOWN (402)");
        // Without the number nobody can say.
        let bare = refusal(Code::Unknown, "something happened");
        assert!(!bare.nothing_was_done());
        assert_eq!(bare.kind(), Kind::Unreadable);
    }

    #[test]
    fn every_code_says_whether_anything_can_have_been_done() {
        for (code, status, nothing, kind) in [
            (Code::InvalidArgument, 400, true, Kind::Refused),
            (Code::Unauthenticated, 401, true, Kind::Unauthorized),
            (Code::PermissionDenied, 403, true, Kind::Forbidden),
            (Code::NotFound, 404, true, Kind::NotFound),
            (Code::ResourceExhausted, 429, true, Kind::RateLimited),
            (Code::Unimplemented, 501, true, Kind::NotOffered),
            (Code::Unknown, 422, true, Kind::Refused),
            (Code::Unknown, 408, false, Kind::Unreadable),
            (Code::Unknown, 409, false, Kind::Unreadable),
            (Code::Unknown, 502, false, Kind::ServerFailed),
            (Code::Internal, 500, false, Kind::ServerFailed),
            (Code::Unavailable, 503, false, Kind::ServerFailed),
            (Code::DeadlineExceeded, 504, false, Kind::Timeout),
            (Code::Aborted, 499, false, Kind::Unreadable),
        ] {
            let refusal = of_processor(code, status);
            assert_eq!(refusal.nothing_was_done(), nothing, "{code:?} {status}");
            assert_eq!(refusal.kind(), kind, "{code:?} {status}");
            let error = ProviderError::from(Failure::Answered(refusal));
            assert_eq!(error.status, Some(status));
            assert!(nothing || error.may_have_been_done(), "{code:?} {status}");
        }
    }

    #[test]
    fn words_are_masked_and_the_banks_come_first() {
        let error = ErrorInfo {
            unified_details: None,
            issuer_details: Some(IssuerErrorDetails {
                code: None,
                message: Some("insufficient funds, write to ada@example.org".into()),
            }),
            connector_details: Some(ConnectorErrorDetails {
                code: Some("card_declined".into()),
                message: Some("Your card was declined.".into()),
            }),
        };
        assert_eq!(
            said(Some(&error)).as_deref(),
            Some("insufficient funds, write to [email]")
        );
        assert_eq!(said(None), None);
        assert!(!format!("{:?}", refusal(Code::Unknown, "ada@example.org")).contains("ada"));
    }
}

//! gRPC's status codes, and what Prism makes of a processor's HTTP status (Prism fact sheet, sections 3.1 and 9.2).

/// A call that ended without a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) code: Code,
    pub(super) message: String,
}

/// The codes Prism uses, by gRPC's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

impl Status {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The processor answered an error status. Every status without a row of its own is `UNKNOWN`, declines first
    /// of all, and the number in the text is all that is left of the processor's answer.
    pub(super) fn of_processor(status: u16) -> Self {
        let code = match status {
            400 => Code::InvalidArgument,
            401 => Code::Unauthenticated,
            403 => Code::PermissionDenied,
            404 => Code::NotFound,
            429 => Code::ResourceExhausted,
            500 => Code::Internal,
            501 => Code::Unimplemented,
            503 => Code::Unavailable,
            504 => Code::DeadlineExceeded,
            _ => Code::Unknown,
        };
        Self::new(
            code,
            format!("Connector returned an error response with status {status}"),
        )
    }

    /// The HTTP status Prism's other mode answers for this code; statistics count by it.
    pub(super) fn http(&self) -> u16 {
        match self.code {
            Code::InvalidArgument => 400,
            Code::Unauthenticated => 401,
            Code::PermissionDenied => 403,
            Code::NotFound => 404,
            Code::FailedPrecondition => 412,
            Code::ResourceExhausted => 429,
            Code::Unimplemented => 501,
            Code::Unavailable => 503,
            Code::DeadlineExceeded => 504,
            Code::Unknown | Code::Internal => 500,
        }
    }
}

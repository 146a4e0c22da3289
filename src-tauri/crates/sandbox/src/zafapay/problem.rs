//! Errors as Zafapay writes them (Zafapay fact sheet, section 6). Texts are ours; shape and codes are theirs. No text
//! repeats an email, a key or a card number.

use serde_json::json;

use super::switches::{CodeCase, ErrorMembers, Switches};
use crate::wire::Reply;

/// A refusal on its way to the caller.
#[derive(Debug)]
pub(super) struct Problem {
    status: u16,
    code: &'static str,
    message: String,
    param: Option<&'static str>,
}

impl Problem {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            param: None,
        }
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(401, "unauthorized", "The access token is invalid or expired.")
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(404, "not_found", format!("The {what} was not found."))
    }

    /// 400 about one member of the body.
    pub(super) fn invalid(param: &'static str, message: &str) -> Self {
        Self {
            param: Some(param),
            ..Self::new(400, "validation_error", message)
        }
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    pub(super) fn reply(&self, switches: &Switches) -> Reply {
        let code = match switches.code_case {
            CodeCase::Lower => self.code.to_owned(),
            CodeCase::Upper => self.code.to_ascii_uppercase(),
        };
        let mut error = json!({ "code": code, "message": self.message });
        if switches.error_members == ErrorMembers::All {
            error["type"] = json!(self.kind());
            error["request_id"] = json!(format!("req_{:016x}", rand::random::<u64>()));
            if let Some(param) = self.param {
                error["param"] = json!(param);
                error["details"] = json!([{ "param": param, "message": self.message }]);
            }
        }
        Reply::json(self.status, json!({ "error": error }).to_string().into_bytes())
    }

    fn kind(&self) -> &'static str {
        match self.status {
            401 | 403 => "authentication_error",
            500.. => "api_error",
            _ => match self.code {
                "payment_failed"
                | "card_declined"
                | "insufficient_funds"
                | "capture_failed"
                | "refund_failed"
                | "tokenization_failed" => "payment_error",
                _ => "invalid_request_error",
            },
        }
    }
}

/// The error a status on demand carries.
pub(super) fn of_status(status: u16) -> Problem {
    let (code, message) = match status {
        400 | 422 => ("validation_error", "The request is not valid."),
        401 => return Problem::unauthorized(),
        403 => ("forbidden", "The account may not do this."),
        404 => ("not_found", "Nothing was found."),
        409 => ("idempotency_key_in_use", "The key is in use."),
        429 => ("too_many_requests", "Too many requests."),
        503 => ("service_unavailable", "The service is not available."),
        _ => ("internal_error", "Something went wrong."),
    };
    Problem::new(status, code, message)
}

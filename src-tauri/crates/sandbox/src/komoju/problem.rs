//! Errors in KOMOJU's own shape (fact sheet, section 9).

use serde_json::json;

use crate::wire::Reply;

/// An error answer.
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

    /// Any status, with the code its kind has.
    pub(super) fn of_status(status: u16, message: impl Into<String>) -> Self {
        let code = match status {
            400 => "bad_request",
            401 => "unauthorized",
            403 => "forbidden",
            404 => "not_found",
            409 => "conflict",
            422 => "unprocessable_entity",
            429 => "too_many_requests",
            502 => "bad_gateway",
            503 => "service_unavailable",
            _ => "internal_server_error",
        };
        Self::new(status, code, message)
    }

    pub(super) fn not_found() -> Self {
        Self::of_status(404, "The requested resource could not be found.")
    }

    /// A parameter that has to be there and is not.
    pub(super) fn missing(param: &'static str) -> Self {
        Self {
            param: Some(param),
            ..Self::new(
                422,
                "missing_parameter",
                format!("A required parameter ({param}) is missing."),
            )
        }
    }

    /// A parameter that cannot be what was sent.
    pub(super) fn invalid(param: &'static str) -> Self {
        Self {
            param: Some(param),
            ..Self::of_status(422, format!("The value of {param} is invalid."))
        }
    }

    pub(super) fn about(self, param: &'static str) -> Self {
        Self {
            param: Some(param),
            ..self
        }
    }

    pub(super) fn reply(&self) -> Reply {
        let body = json!({ "error": {
            "code": self.code, "message": self.message, "param": self.param, "details": null,
        }});
        Reply::json(self.status, body.to_string().into_bytes())
    }
}

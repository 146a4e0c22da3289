//! Errors as the payment system writes them (wallee fact sheet, sections 4.3 and 7.2). Texts and codes are ours;
//! the shape is theirs. No text ever repeats an email or a key.

use serde_json::json;

use crate::clock;
use crate::wire::Reply;

/// A refusal on its way to the caller.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    code: &'static str,
    message: String,
    errors: Vec<(String, String)>,
}

impl Problem {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            errors: Vec::new(),
        }
    }

    /// Names the field it is about.
    pub(crate) fn about(mut self, field: &str, text: &str) -> Self {
        self.errors.push((field.to_owned(), text.to_owned()));
        self
    }

    pub(crate) fn bad(parameter: &str, text: &str) -> Self {
        Self::new(
            400,
            "bad_parameter",
            format!("The parameter {parameter} is not valid."),
        )
        .about(parameter, text)
    }

    pub(crate) fn unprocessable(field: &str, text: &str) -> Self {
        Self::new(
            422,
            "invalid_value",
            format!("The value of {field} is not valid."),
        )
        .about(field, text)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(404, "not_found", format!("The {what} does not exist."))
    }

    pub(crate) fn forbidden(permission: &str) -> Self {
        Self::new(
            403,
            "permission_denied",
            format!("The user lacks the permission to {permission}."),
        )
    }

    /// The answer, dated by the server's clock.
    pub(crate) fn reply(self, server_now: i64) -> Reply {
        let errors: serde_json::Map<_, _> = self.errors.into_iter().map(|(k, v)| (k, json!(v))).collect();
        let body = json!({
            "date": clock::rfc3339(server_now),
            "code": self.code,
            "id": format!("{:08x}", rand::random::<u32>()),
            "message": self.message,
            "errors": errors,
        });
        Reply::json(self.status, body.to_string().into_bytes())
    }
}

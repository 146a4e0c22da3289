//! Refusals of ProcessOut (fact sheet, section 10): a status, an `error_type` and words.
//! Knows nothing of the world.

use serde_json::{Value, json};

use super::switches::Switches;
use crate::wire::Reply;

/// A refusal on its way out.
pub(super) struct Refusal {
    status: u16,
    kind: String,
    message: String,
    /// What the customer has to do, where a declined verification names it.
    action: Option<Value>,
}

/// What an operation answers.
pub(super) type Answered<T = Value> = Result<T, Refusal>;

impl Refusal {
    pub(super) fn new(status: u16, kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: kind.into(),
            message: message.into(),
            action: None,
        }
    }

    /// 400, `request.validation.invalid-FIELD`.
    pub(super) fn invalid(field: &str) -> Self {
        Self::new(
            400,
            format!("request.validation.invalid-{field}"),
            format!("The {} is invalid.", field.replace('-', " ")),
        )
    }

    /// 404, `resource.KIND.not-found`.
    pub(super) fn missing(kind: &str) -> Self {
        Self::new(
            404,
            format!("resource.{kind}.not-found"),
            format!("The {kind} could not be found."),
        )
    }

    pub(super) fn no_route() -> Self {
        Self::new(404, "request.route-not-found", "The route could not be found.")
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(
            401,
            "request.authentication.invalid",
            "Could not read your project ID. Please make sure to use Basic HTTP authentication using your project ID \
             as the username.",
        )
    }

    /// 410: the bank, or whoever stands for it, said no.
    pub(super) fn declined(kind: &str) -> Self {
        Self::new(410, kind, "The card could not be verified.")
    }

    pub(super) fn pagination() -> Self {
        Self::new(
            400,
            "request.pagination.invalid",
            "The pagination parameters are invalid.",
        )
    }

    pub(super) fn expand() -> Self {
        Self::new(400, "request.expand.invalid", "The expand parameter is invalid.")
    }

    pub(super) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(super) fn reply(self, switches: &Switches) -> Reply {
        let mut body = json!({ "success": false, "error_type": self.kind, "message": self.message });
        if let Some(action) = self.action {
            body["customer_action"] = action;
        }
        let status = if switches.refused_as_200 { 200 } else { self.status };
        let body = body.to_string().into_bytes();
        if self.status == 404 && switches.not_found_as_text {
            let mut reply = Reply::empty(status).with("content-type", "text/plain; charset=utf-8");
            reply.body = body;
            reply
        } else {
            Reply::json(status, body)
        }
    }
}

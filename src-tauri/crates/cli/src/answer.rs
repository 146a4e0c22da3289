//! What a command came to: one answer in two shapes, and what went wrong beside it.

use serde::Serialize;
use serde_json::Value;
use tokendesk_desk::contract::Problem;

/// An answer, for a person and for a script.
pub struct Answer {
    /// Words for a person; may be empty.
    pub text: String,
    /// The contract's own shape.
    pub json: Value,
    /// What went wrong although there is an answer; any makes the command fail.
    pub problems: Vec<Problem>,
    /// Some of what was asked for needs a person: the command fails although nothing went wrong with it.
    pub needs_a_person: bool,
}

impl Answer {
    /// `body` for scripts, `text` for people.
    pub fn new(body: &impl Serialize, text: String) -> Self {
        Self {
            text,
            // Types of the contract have text keys only, which is all that can fail here.
            json: serde_json::to_value(body).unwrap_or(Value::Null),
            problems: Vec::new(),
            needs_a_person: false,
        }
    }

    /// The same answer with something that went wrong.
    #[must_use]
    pub fn with(mut self, problems: impl IntoIterator<Item = Problem>) -> Self {
        self.problems.extend(problems);
        self
    }
}

//! What was refused at the border is written into the log too: who wished what of which card, and why it was not taken.
//!
//! Never the refused words themselves: a reason may have been refused because of what it holds.

use crate::contract::{Problem, ProblemCode};
use crate::desk::Desk;
use tokendesk_store::{CardRow, LogEntry};

impl Desk {
    /// Hands `answer` on, and writes a refusal of a wish into the log first.
    pub(crate) async fn or_refused<T>(
        &self,
        row: Option<&CardRow>,
        answer: Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.noted_refusal("change.refused", row, answer).await
    }

    /// As [`Self::or_refused`], for the order to run a plan.
    pub(crate) async fn or_refused_to_run<T>(&self, answer: Result<T, Problem>) -> Result<T, Problem> {
        self.noted_refusal("plan.refused", None, answer).await
    }

    async fn noted_refusal<T>(
        &self,
        action: &str,
        row: Option<&CardRow>,
        answer: Result<T, Problem>,
    ) -> Result<T, Problem> {
        if let Err(problem) = &answer
            && is_a_refusal(problem.code)
        {
            let entry = LogEntry {
                at: self.now(),
                actor: self.actor(),
                action: action.to_owned(),
                account: row.map(|row| row.account),
                token: row.map(|row| row.id),
                outcome: "refused".to_owned(),
                detail: Some(word(problem.code)),
                ..LogEntry::default()
            };
            // The refusal stands whether or not it could be noted.
            if let Err(error) = self.0.store.log(&entry).await {
                tracing::warn!(%error, "a refusal was not noted");
            }
        }
        answer
    }
}

fn is_a_refusal(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::CardNumber
            | ProblemCode::ReasonTooLong
            | ProblemCode::ReasonMissing
            | ProblemCode::ConfirmationMissing
            | ProblemCode::CardNotSwitchable
            | ProblemCode::NotPossibleHere
            | ProblemCode::NotOffered
            | ProblemCode::ReadOnlyAccount
            | ProblemCode::ReasonRequired
    )
}

/// The code as the contract writes it.
pub(crate) fn word(code: ProblemCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

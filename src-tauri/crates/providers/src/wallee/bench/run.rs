//! One step while it runs: what the run knows, what was exchanged, what is said at the end.
//!
//! Must not know: the steps.

use super::shown;
use crate::bench::{Exchange, FlowState, StepResult};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::Answer;
use crate::wallee::target::Target;
use crate::wallee::{Wallee, answers};
use reqwest::Method;
use serde_json::Value;
use std::time::Instant;

// What a run knows, by name.
pub(super) const EXTERNAL_ID: &str = "external_id";
pub(super) const TOKEN: &str = "token";
pub(super) const TRANSACTION: &str = "transaction";

/// What a step has to say beside its exchanges.
pub(super) struct Said {
    pub result: StepResult,
    pub outcome: String,
    pub meaning: String,
    pub next: String,
    pub facts: Vec<(String, String)>,
    pub link: Option<String>,
}

impl Said {
    pub fn new(result: StepResult, outcome: &str, meaning: &str, next: &str) -> Self {
        Self {
            result,
            outcome: outcome.to_owned(),
            meaning: meaning.to_owned(),
            next: next.to_owned(),
            facts: Vec::new(),
            link: None,
        }
    }

    pub fn documented(outcome: &str, meaning: &str, next: &str) -> Self {
        Self::new(StepResult::AsDocumented, outcome, meaning, next)
    }

    pub fn otherwise(outcome: &str, meaning: &str) -> Self {
        Self::new(StepResult::Otherwise, outcome, meaning, "Look at the answer.")
    }

    pub fn unreadable() -> Self {
        Self::new(
            StepResult::Failed,
            "unreadable",
            "The answer is not what the documents describe.",
            "Look at the answer.",
        )
    }

    pub fn fact(mut self, label: &str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.facts.push((label.to_owned(), value));
        }
        self
    }
}

/// One step while it runs.
pub(super) struct Run<'a> {
    pub wallee: &'a Wallee,
    pub state: FlowState,
    pub exchanges: Vec<Exchange>,
}

impl Run<'_> {
    pub fn known(&self, name: &str) -> Option<String> {
        self.state.known.get(name).cloned()
    }

    pub fn know(&mut self, name: &str, value: impl Into<String>) {
        self.state.known.insert(name.to_owned(), value.into());
    }

    pub fn forget(&mut self, name: &str) {
        self.state.known.remove(name);
    }

    /// A success, or the provider's refusal; what is neither ends the step.
    pub async fn ask(
        &mut self,
        method: Method,
        target: &Target,
        body: Option<Value>,
    ) -> Result<Result<Answer, ProviderError>, Said> {
        let began = Instant::now();
        let sent = self.wallee.exchange(method.clone(), target, body.clone()).await;
        self.exchanges.push(shown::exchange(
            method.as_str(),
            target.as_str(),
            body.as_ref(),
            sent.as_ref().ok(),
            began.elapsed(),
        ));
        match sent.and_then(answers::judge) {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) if is_refusal(&error) => Ok(Err(error)),
            Err(error) => Err(ended(&error)),
        }
    }
}

fn is_refusal(error: &ProviderError) -> bool {
    use ProviderErrorKind as K;
    error.status.is_some() && matches!(error.kind, K::Refused | K::NotFound | K::VersionConflict)
}

// Neither done nor refused: the step is to be run again, by a person.
fn ended(error: &ProviderError) -> Said {
    use ProviderErrorKind as K;
    let again = "Run the step again; nothing is made twice by it.";
    let (outcome, meaning, next) = match error.kind {
        K::Unauthorized | K::ClockSkew { .. } => (
            "not_signed_in",
            "The key was not accepted.",
            "Test the account's connection.",
        ),
        K::Forbidden => (
            "not_allowed",
            "The application user lacks this permission.",
            "Give it the permission in wallee.",
        ),
        K::RateLimited => ("too_many", "wallee asks to wait.", "Run the step again later."),
        K::ServerFailed => ("server_failed", "wallee failed on its side.", again),
        K::Unreachable => ("no_answer", "wallee was not reached.", again),
        K::Tls => ("no_answer", "No safe connection to wallee came about.", again),
        K::Timeout | K::AnswerLost => (
            "no_answer",
            "The answer was lost; what became of the request is not known.",
            again,
        ),
        _ => return Said::unreadable(),
    };
    Said::new(StepResult::Failed, outcome, meaning, next)
        .fact("In its words", error.message.clone())
        .fact("Error id", error.request_id.clone())
}

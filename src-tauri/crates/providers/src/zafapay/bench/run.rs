//! One step while it runs: what the run knows, what was exchanged, what is said at the end.
//!
//! Must not know: the steps.

use super::shown;
use crate::bench::{Exchange, FlowState, SingleUse, StepResult};
use crate::error::ProviderError;
use crate::http::Answer;
use crate::zafapay::link::{Key, Link};
use crate::zafapay::reading;
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Instant;

// What a run knows, by name.
pub(super) const TOKEN: &str = "token";
pub(super) const TOKEN_CARD: &str = "token_card";
pub(super) const TOKEN_SHOWN: &str = "token_shown";
pub(super) const TOKEN_CREATED: &str = "token_created";
pub(super) const TOKEN_EXPIRES: &str = "token_expires";
pub(super) const CUSTOMER: &str = "customer";
pub(super) const CURRENCY: &str = "currency";
pub(super) const PAYMENT: &str = "payment";
pub(super) const STATUS: &str = "status";
pub(super) const SAVED: &str = "saved_card";

/// What a step has to say beside its exchange.
pub(super) struct Said {
    pub(super) result: StepResult,
    pub(super) outcome: String,
    pub(super) meaning: String,
    pub(super) next: String,
    pub(super) facts: Vec<(String, String)>,
    pub(super) link: Option<String>,
    pub(super) tokens: Vec<SingleUse>,
}

impl Said {
    pub(super) fn new(result: StepResult, outcome: &str, (meaning, next): (&str, &str)) -> Self {
        Self {
            result,
            outcome: outcome.to_owned(),
            meaning: meaning.to_owned(),
            next: next.to_owned(),
            facts: Vec::new(),
            link: None,
            tokens: Vec::new(),
        }
    }

    pub(super) fn unreadable() -> Self {
        Self::new(
            StepResult::Failed,
            "unreadable",
            (
                "The answer is not what the documents describe.",
                "Look at the answer.",
            ),
        )
    }

    pub(super) fn fact(mut self, label: &str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.facts.push((label.to_owned(), value));
        }
        self
    }
}

/// One step while it runs.
pub(super) struct Run<'a> {
    pub(super) link: &'a Link,
    pub(super) state: FlowState,
    pub(super) exchanges: Vec<Exchange>,
}

impl Run<'_> {
    pub(super) fn known(&self, name: &str) -> Option<String> {
        self.state.known.get(name).cloned()
    }

    pub(super) fn know(&mut self, name: &str, value: impl Into<String>) {
        self.state.known.insert(name.to_owned(), value.into());
    }

    pub(super) fn forget(&mut self, names: &[&str]) {
        for name in names {
            self.state.known.remove(*name);
        }
    }

    pub(super) async fn ask(
        &mut self,
        key: Key,
        method: Method,
        target: Result<String, ProviderError>,
        body: Option<Value>,
    ) -> Result<Answer, Said> {
        let began = Instant::now();
        let (shown_target, answer) = match target {
            Ok(target) => {
                let answer = self
                    .link
                    .exchange(key, method.clone(), &target, body.as_ref())
                    .await;
                (target, answer)
            }
            Err(error) => (String::new(), Err(error)),
        };
        self.exchanges.push(shown::exchange(
            method.as_str(),
            &shown_target,
            body.as_ref(),
            &answer,
            began.elapsed(),
        ));
        answer.map_err(|error| {
            Said::new(
                StepResult::Failed,
                "no_answer",
                (
                    shown::nothing_came(&error),
                    "Run the step again when the connection works.",
                ),
            )
        })
    }

    pub(super) fn single_use(&self, used: bool, expired: bool) -> Vec<SingleUse> {
        let Some(remote_id) = self.known(TOKEN) else {
            return Vec::new();
        };
        let at = |name: &str| -> Option<DateTime<Utc>> { reading::time(&json!(self.known(name)?)) };
        vec![SingleUse {
            remote_id,
            kind: "card".to_owned(),
            shown: self.known(TOKEN_SHOWN),
            created_at: at(TOKEN_CREATED).unwrap_or_else(|| self.link.now()),
            expires_at: at(TOKEN_EXPIRES),
            used,
            expired,
        }]
    }
}

//! One step while it runs: what the run knows, what was sent, what is said about it.

use super::flow::{self, LeadsTo};
use super::shown;
use crate::bench::{BenchError, Exchange, FlowState, SingleUse, StepResult};
use crate::error::ProviderError;
use crate::http::Answer;
use crate::processout::link::{Link, Path, Signed};
use crate::processout::reading;
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Instant;
use uuid::Uuid;

// What a run knows, by name.
pub(super) const CUSTOMER: &str = "customer";
pub(super) const CURRENCY: &str = "currency";
pub(super) const CARD: &str = "card";
pub(super) const CARD_CHOICE: &str = "card_choice";
pub(super) const CARD_SHOWN: &str = "card_shown";
pub(super) const CARD_CREATED: &str = "card_created";
pub(super) const CARD_USED: &str = "card_used";
pub(super) const TOKEN: &str = "token";
/// The card's holder has something to do.
pub(super) const ACTION: &str = "action";

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
        let words = (
            "The answer is not what the documents describe.",
            "Look at the answer.",
        );
        Self::new(StepResult::Failed, "unreadable", words)
    }

    pub(super) fn fact(mut self, label: &str, value: impl Into<Option<String>>) -> Self {
        if let Some(value) = value.into() {
            self.facts.push((label.to_owned(), value));
        }
        self
    }
}

pub(super) fn documented(yes: bool) -> StepResult {
    if yes {
        StepResult::AsDocumented
    } else {
        StepResult::Otherwise
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

    pub(super) fn needed(&self, name: &str, step: &'static str) -> Result<String, BenchError> {
        self.known(name).ok_or(BenchError::TooEarly(step))
    }

    /// The card token, while nothing was made of it yet.
    pub(super) fn fresh_card(&self) -> Result<String, BenchError> {
        match self.known(CARD_USED) {
            Some(_) => Err(BenchError::TooEarly(flow::CARD_STEP)),
            None => self.needed(CARD, flow::CARD_STEP),
        }
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
        signed: Signed,
        method: Method,
        path: Result<Path, ProviderError>,
        body: Option<Value>,
    ) -> Result<Answer, Said> {
        let began = Instant::now();
        // A create that is lost on its way is never made twice by whatever stands between.
        let idempotency = (method == Method::POST).then(|| Uuid::new_v4().to_string());
        let (target, answer) = match path {
            Ok(path) => {
                let answer = self
                    .link
                    .exchange(
                        signed,
                        method.clone(),
                        &path,
                        idempotency.as_deref(),
                        body.as_ref(),
                    )
                    .await;
                (path.as_str().to_owned(), answer)
            }
            Err(error) => (String::new(), Err(error)),
        };
        self.exchanges.push(shown::exchange(
            method.as_str(),
            &target,
            body.as_ref(),
            &answer,
            began.elapsed(),
        ));
        answer.map_err(|error| {
            let next = "Run the step again when the connection works.";
            Said::new(
                StepResult::Failed,
                "no_answer",
                (shown::nothing_came(&error), next),
            )
        })
    }

    pub(super) async fn server(
        &mut self,
        method: Method,
        path: Result<Path, ProviderError>,
        body: Option<Value>,
    ) -> Result<Answer, Said> {
        self.ask(Signed::Server, method, path, body).await
    }

    pub(super) fn single_use(&self) -> Vec<SingleUse> {
        let Some(remote_id) = self.known(CARD) else {
            return Vec::new();
        };
        let created = self.known(CARD_CREATED).and_then(|text| parsed(&text));
        vec![SingleUse {
            remote_id,
            kind: "card".to_owned(),
            shown: self.known(CARD_SHOWN),
            created_at: created.unwrap_or_else(|| self.link.now()),
            // How long an unused one lives is not documented.
            expires_at: None,
            used: self.known(CARD_USED).is_some(),
            expired: false,
        }]
    }

    pub(super) fn leads_to(&self) -> Option<LeadsTo> {
        let choice = self.known(CARD_CHOICE)?;
        flow::test_card(&choice).map(|card| card.leads_to)
    }

    // What a verification that has just begun or ended is to show.
    pub(super) fn expected(&self, verified: bool) -> Option<&'static str> {
        match (verified, self.leads_to()?) {
            (false, _) => Some("not-requested"),
            (true, LeadsTo::Success) => Some("success"),
            (true, LeadsTo::HolderFirst) => Some("pending"),
            (true, LeadsTo::Declined) => None,
        }
    }
}

fn parsed(text: &str) -> Option<DateTime<Utc>> {
    reading::time(&json!(text))
}

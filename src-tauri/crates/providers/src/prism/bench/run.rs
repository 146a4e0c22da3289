//! One step being run: what it found out, what was sent and answered, and what that means for a person.
//!
//! Must not know: which step it is.

use super::MINOR;
use crate::bench::{BenchError, Exchange, FlowState, StepDone, StepResult};
use crate::prism::answers::Failure;
use crate::prism::calls::Amount;
use crate::prism::money::Currency;
use crate::prism::shown;
use serde_json::Value;
use std::time::Instant;

/// Under which name a run knows how the money stands: held, taken, waiting, asked, unclear, nothing.
pub(super) const MONEY: &str = "money";

/// One step being run.
pub(super) struct Run {
    pub(super) state: FlowState,
    exchanges: Vec<Exchange>,
    facts: Vec<(String, String)>,
}

impl Run {
    pub(super) fn new(state: FlowState) -> Self {
        Self {
            state,
            exchanges: Vec::new(),
            facts: Vec::new(),
        }
    }

    pub(super) fn know(&mut self, name: &str, value: &str) {
        self.state.known.insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn fact(&mut self, label: &str, value: &str) {
        self.facts.push((label.to_owned(), value.to_owned()));
    }

    pub(super) fn transaction(&self) -> Result<String, BenchError> {
        self.state
            .known
            .get("transaction")
            .cloned()
            .ok_or(BenchError::TooEarly("authorize"))
    }

    pub(super) fn reference(&self) -> String {
        self.state.known.get("reference").cloned().unwrap_or_default()
    }

    pub(super) fn amount(&self) -> Result<Amount, BenchError> {
        self.state
            .known
            .get("currency")
            .and_then(|code| Currency::named(code))
            .map(|currency| Amount {
                minor: MINOR,
                currency,
            })
            .ok_or(BenchError::TooEarly("authorize"))
    }

    pub(super) fn note(
        &mut self,
        path: &'static str,
        request: Value,
        answer: &Result<Value, Failure>,
        started: Instant,
    ) {
        let (service, method) = path.trim_start_matches('/').split_once('/').unwrap_or((path, ""));
        let (status, answer) = match answer {
            Ok(answer) => ("OK".to_owned(), shown::pretty(answer)),
            Err(Failure::Answered(refusal)) => (refusal.word(), refusal.said.clone().unwrap_or_default()),
            Err(_) => (String::new(), String::new()),
        };
        self.exchanges.push(Exchange {
            method: method.to_owned(),
            target: service.to_owned(),
            request: shown::pretty(&request),
            status,
            answer,
            took_ms: u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX),
        });
    }

    pub(super) fn done(self, documented: bool, outcome: &str, meaning: &str, next: &str) -> StepDone {
        let result = if documented {
            StepResult::AsDocumented
        } else {
            StepResult::Otherwise
        };
        self.end(result, outcome, meaning, next)
    }

    fn end(self, result: StepResult, outcome: &str, meaning: &str, next: &str) -> StepDone {
        StepDone {
            result,
            outcome: outcome.to_owned(),
            meaning: meaning.to_owned(),
            next: next.to_owned(),
            facts: self.facts,
            link: None,
            exchanges: self.exchanges,
            tokens: Vec::new(),
            state: self.state,
        }
    }

    // A call that brought no message.
    pub(super) fn refused(self, failure: &Failure) -> StepDone {
        let look = "Look for the reference at the processor.";
        match failure {
            Failure::NotSent(kind) => self.end(
                StepResult::Failed,
                &format!("{kind:?}"),
                "The server was not reached. Nothing was sent.",
                "Test the connection of this account.",
            ),
            Failure::Lost(kind) => self.end(
                StepResult::Failed,
                &format!("{kind:?}"),
                "The call was sent and not answered. What became of it is not known.",
                look,
            ),
            Failure::Answered(refusal) => {
                let word = refusal.word();
                match refusal.processor {
                    Some(402) => self.end(
                        StepResult::AsDocumented,
                        &word,
                        "The processor declined. Prism has no code for that, so it comes as UNKNOWN with the number 402.",
                        "",
                    ),
                    _ if refusal.nothing_was_done() => self.end(
                        StepResult::AsDocumented,
                        &word,
                        "The call was refused. It changed nothing.",
                        "",
                    ),
                    _ => self.end(
                        StepResult::Otherwise,
                        &word,
                        "The server failed. What became of the call is not known.",
                        look,
                    ),
                }
            }
        }
    }
}

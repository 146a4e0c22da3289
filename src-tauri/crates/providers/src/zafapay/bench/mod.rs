//! The guided flow of Zafapay's own documents: a single-use token, a payment with it, and the card that was saved.
//!
//! Test and demo accounts only. A run touches nothing but what it created: its token, its payments, and the saved card of a
//! customer it invented.

mod flow;
mod run;
mod shown;
mod steps;

use super::link::Link;
use crate::bench::{BenchError, Choice, Flow, FlowState, StepDone, TestBench};
use async_trait::async_trait;
use run::{CUSTOMER, PAYMENT, Run, SAVED, STATUS, TOKEN};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokendesk_model::Environment;

/// The flows of one test account.
pub(super) struct Bench(Arc<Link>);

impl Bench {
    /// None for a live account.
    pub fn new(link: Arc<Link>) -> Option<Self> {
        (link.environment() != Environment::Live).then_some(Self(link))
    }
}

#[async_trait]
impl TestBench for Bench {
    fn flows(&self) -> &'static [Flow] {
        flow::FLOWS
    }

    async fn run(
        &self,
        flow: &str,
        step: &str,
        choices: &BTreeMap<String, String>,
        state: FlowState,
    ) -> Result<StepDone, BenchError> {
        let known = flow::FLOWS
            .iter()
            .find(|known| known.id == flow)
            .and_then(|flow| flow.steps.iter().find(|known| known.id == step))
            .ok_or(BenchError::Unknown)?;
        if choices
            .keys()
            .any(|name| !known.choices.iter().any(|choice| choice.id == name))
        {
            return Err(BenchError::Unknown);
        }
        let mut chosen = BTreeMap::new();
        for choice in known.choices {
            chosen.insert(choice.id, chosen_value(choice, choices)?);
        }
        let mut run = Run {
            link: &self.0,
            state,
            exchanges: Vec::new(),
        };
        let value = |choice: &Choice| chosen.get(choice.id).copied().unwrap_or(choice.default);
        let said = match known.id {
            flow::CREATE_TOKEN => {
                if !self.0.has_publishable_key() {
                    return Err(BenchError::Missing("publishable key"));
                }
                steps::create_token(&mut run, value(&flow::CARD)).await
            }
            flow::PAY => {
                let token = needed(&run, TOKEN, flow::CREATE_TOKEN)?;
                let manual = value(&flow::CAPTURE) == "manual";
                let save = value(&flow::SAVE) == "yes";
                steps::pay(&mut run, &token, manual, save, value(&flow::CURRENCY)).await
            }
            flow::USE_AGAIN => {
                let token = needed(&run, TOKEN, flow::CREATE_TOKEN)?;
                needed(&run, STATUS, flow::PAY)?;
                steps::use_again(&mut run, &token).await
            }
            flow::READ_PAYMENT => {
                let payment = needed(&run, PAYMENT, flow::PAY)?;
                steps::read_payment(&mut run, &payment).await
            }
            flow::FINISH => {
                let payment = needed(&run, PAYMENT, flow::PAY)?;
                steps::finish(&mut run, &payment, value(&flow::ACTION)).await
            }
            flow::SAVED_CARD => {
                let customer = needed(&run, CUSTOMER, flow::PAY)?;
                steps::saved_card(&mut run, &customer).await
            }
            flow::PAY_SAVED => {
                let customer = needed(&run, CUSTOMER, flow::PAY)?;
                let saved = needed(&run, SAVED, flow::SAVED_CARD)?;
                steps::pay_saved(&mut run, &customer, &saved).await
            }
            _ => return Err(BenchError::Unknown),
        }
        .unwrap_or_else(|failed| failed);
        Ok(StepDone {
            result: said.result,
            outcome: said.outcome,
            meaning: said.meaning,
            next: said.next,
            facts: said.facts,
            link: said.link,
            exchanges: run.exchanges,
            tokens: said.tokens,
            state: run.state,
        })
    }
}

fn chosen_value(choice: &Choice, choices: &BTreeMap<String, String>) -> Result<&'static str, BenchError> {
    let wanted = choices.get(choice.id).map_or(choice.default, String::as_str);
    choice
        .options
        .iter()
        .map(|(value, _)| *value)
        .find(|value| *value == wanted)
        .ok_or(BenchError::BadChoice(choice.id))
}

fn needed(run: &Run<'_>, name: &str, step: &'static str) -> Result<String, BenchError> {
    run.known(name).ok_or(BenchError::TooEarly(step))
}

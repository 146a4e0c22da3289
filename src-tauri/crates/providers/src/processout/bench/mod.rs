//! The guided flows of ProcessOut's own documents: a customer, a single-use card token, and the customer token made from it,
//! without and with verification.
//!
//! Test and demo accounts only. A run touches nothing but what it created: its customer, its card token, its customer token.

mod flow;
mod run;
mod shown;
mod steps;

use super::link::Link;
use crate::bench::{BenchError, Choice, Flow, FlowState, StepDone, TestBench};
use async_trait::async_trait;
use run::{ACTION, CARD, CUSTOMER, Run, TOKEN};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokendesk_model::Environment;
use tokendesk_model::card_number::contains_card_number;

const MAX_EMAIL: usize = 255;

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
        match self.0.environment() {
            Environment::Demo => flow::DEMO_FLOWS,
            _ => flow::FLOWS,
        }
    }

    async fn run(
        &self,
        flow: &str,
        step: &str,
        choices: &BTreeMap<String, String>,
        state: FlowState,
    ) -> Result<StepDone, BenchError> {
        let known = self
            .flows()
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
        let value = |choice: &Choice| chosen.get(choice.id).copied().unwrap_or_default();
        let customer = |run: &Run<'_>| run.needed(CUSTOMER, flow::CUSTOMER_STEP);
        let card = |run: &Run<'_>| run.needed(CARD, flow::CARD_STEP);
        let token = |run: &Run<'_>| run.needed(TOKEN, flow::TOKEN_STEP);
        let said = match known.id {
            flow::CUSTOMER_STEP => {
                steps::create_customer(&mut run, value(&flow::CURRENCY), value(&flow::EMAIL)).await
            }
            "change_currency" => {
                let customer = customer(&run)?;
                steps::change_currency(&mut run, &customer).await
            }
            flow::CARD_STEP => steps::create_card(&mut run, value(&flow::CARD)).await,
            flow::TOKEN_STEP if flow == flow::WITHOUT => {
                let (customer, card) = (customer(&run)?, card(&run)?);
                steps::create_token(&mut run, &customer, Some(&card), false).await
            }
            flow::TOKEN_STEP => {
                let customer = customer(&run)?;
                let card = match value(&flow::WAY) {
                    "at_once" => Some(card(&run)?),
                    _ => None,
                };
                steps::create_token(&mut run, &customer, card.as_deref(), true).await
            }
            flow::ATTACH_STEP => {
                let (customer, token, card) = (customer(&run)?, token(&run)?, run.fresh_card()?);
                steps::attach(&mut run, &customer, &token, &card).await
            }
            flow::HOLDER_STEP => {
                let (customer, token) = (customer(&run)?, token(&run)?);
                run.needed(ACTION, flow::ATTACH_STEP)?;
                steps::holder(&mut run, &customer, &token, value(&flow::ANSWER)).await
            }
            "use_again" => {
                let (customer, card) = (customer(&run)?, card(&run)?);
                steps::use_again(&mut run, &customer, &card).await
            }
            flow::READ_STEP => {
                let (customer, token) = (customer(&run)?, token(&run)?);
                steps::read(&mut run, &customer, &token).await
            }
            flow::LIST_STEP => {
                let customer = customer(&run)?;
                steps::list(&mut run, &customer).await
            }
            "delete_token" => {
                let (customer, token) = (customer(&run)?, token(&run)?);
                steps::delete_token(&mut run, &customer, &token).await
            }
            "delete_customer" => {
                let customer = customer(&run)?;
                steps::delete_customer(&mut run, &customer).await
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

fn chosen_value<'a>(choice: &Choice, choices: &'a BTreeMap<String, String>) -> Result<&'a str, BenchError> {
    let wanted = choices.get(choice.id).map_or(choice.default, String::as_str);
    let fits = if choice.options.is_empty() {
        wanted.len() <= MAX_EMAIL && !wanted.chars().any(char::is_control) && !contains_card_number(wanted)
    } else {
        choice.options.iter().any(|(value, _)| *value == wanted)
    };
    fits.then_some(wanted).ok_or(BenchError::BadChoice(choice.id))
}

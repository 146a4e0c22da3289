//! The test bench: tokens that work once, in the three places where they are used, and what becomes of them unused (KOMOJU
//! fact sheet, section 5).
//!
//! Must not know: any customer, payment or token but those a run made itself.

mod flows;
mod recorder;
mod steps;
mod told;

use super::link::Link;
use crate::bench::{BenchError, Choice, Flow, FlowState, Step, StepDone, TestBench};
use async_trait::async_trait;
use flows::{FLOWS, TEST_CARDS, step};
use recorder::Recorder;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use steps::card_details;
use tokendesk_model::Environment;
use tokendesk_model::card_number::contains_card_number;
use told::{EMAIL_ONLY, instant, known};

const MAX_EMAIL_CHARS: usize = 255;

/// The bench of a test or demo account.
#[derive(Debug)]
pub(super) struct Bench {
    link: Arc<Link>,
}

impl Bench {
    /// The bench of this account; a live one has none.
    pub fn new(link: Arc<Link>) -> Option<Self> {
        match link.environment() {
            Environment::Live => None,
            Environment::Test | Environment::Demo => Some(Self { link }),
        }
    }
}

#[async_trait]
impl TestBench for Bench {
    fn flows(&self) -> &'static [Flow] {
        FLOWS
    }

    async fn run(
        &self,
        flow: &str,
        step: &str,
        choices: &BTreeMap<String, String>,
        state: FlowState,
    ) -> Result<StepDone, BenchError> {
        let flow = FLOWS
            .iter()
            .find(|known| known.id == flow)
            .ok_or(BenchError::Unknown)?;
        let step = flow
            .steps
            .iter()
            .find(|known| known.id == step)
            .ok_or(BenchError::Unknown)?;
        let chosen = |id: &str| chosen(step, choices, id);
        let amount = || {
            chosen("amount")?
                .parse()
                .map_err(|_| BenchError::BadChoice("amount"))
        };
        let first = flow
            .steps
            .iter()
            .find(|step| step.id.starts_with("create_") && step.id.ends_with("token"));
        let first = first.map_or(step::CREATE_TOKEN, |step| step.id);
        let needed = |name: &str, before: &'static str| {
            state.known.get(name).cloned().ok_or(BenchError::TooEarly(before))
        };
        let browser_key = || match self.link.has_publishable_key() {
            true => Ok(()),
            false => Err(BenchError::Missing("publishable key")),
        };
        let calls = |state: FlowState| Recorder::new(&self.link, step.id, state);
        Ok(match step.id {
            step::CREATE_TOKEN => {
                let value = chosen("card")?;
                let card = TEST_CARDS.iter().find(|card| card.value == value);
                let card = card.ok_or(BenchError::BadChoice("card"))?;
                browser_key()?;
                let details = card_details(card.number, self.link.now());
                self.create_token(calls(state), "credit_card", Some(card.shown), details)
                    .await
            }
            step::CREATE_EMAIL_TOKEN => {
                let email = email(&chosen("email")?)?;
                browser_key()?;
                let details = json!({ "email": email });
                self.create_token(calls(state), EMAIL_ONLY, None, details).await
            }
            step::PAY => {
                let (token, amount) = (needed(known::TOKEN, first)?, amount()?);
                self.pay(calls(state), &token, amount).await
            }
            step::CREATE_SESSION => {
                let amount = amount()?;
                self.create_session(calls(state), amount).await
            }
            step::PAY_SESSION => {
                let session = needed(known::SESSION, step::CREATE_SESSION)?;
                let token = needed(known::TOKEN, first)?;
                browser_key()?;
                self.pay_session(calls(state), &session, &token).await
            }
            step::CREATE_CUSTOMER => {
                let (token, email) = (needed(known::TOKEN, first)?, email(&chosen("email")?)?);
                self.create_customer(calls(state), &token, &email).await
            }
            step::USE_AGAIN => {
                let token = needed(known::TOKEN, first)?;
                needed(known::TOKEN_USED, user_of(flow))?;
                let amount = amount()?;
                self.use_again(calls(state), &token, amount).await
            }
            step::LOOK => {
                let made = needed(known::TOKEN_MADE, first)?;
                let made = instant(&made).ok_or(BenchError::TooEarly(first))?;
                self.look(calls(state), made)
            }
            step::USE_LATE => {
                let (token, amount) = (needed(known::TOKEN, first)?, amount()?);
                let made = needed(known::TOKEN_MADE, first)?;
                let made = instant(&made).ok_or(BenchError::TooEarly(first))?;
                self.use_late(calls(state), &token, made, amount).await
            }
            step::CANCEL_PAYMENT => {
                let payment = needed(known::PAYMENT, step::PAY)?;
                self.cancel_payment(calls(state), &payment).await
            }
            step::DELETE_CUSTOMER => {
                let customer = needed(known::CUSTOMER, step::CREATE_CUSTOMER)?;
                self.delete_customer(calls(state), &customer).await
            }
            _ => return Err(BenchError::Unknown),
        })
    }
}

// The step of a flow that uses the token first.
fn user_of(flow: &Flow) -> &'static str {
    let uses = [step::PAY, step::PAY_SESSION, step::CREATE_CUSTOMER];
    let used = flow.steps.iter().find(|step| uses.contains(&step.id));
    used.map_or(step::PAY, |step| step.id)
}

fn chosen(step: &Step, choices: &BTreeMap<String, String>, id: &str) -> Result<String, BenchError> {
    let choice: &Choice = step
        .choices
        .iter()
        .find(|choice| choice.id == id)
        .ok_or(BenchError::Unknown)?;
    let value = choices
        .get(id)
        .map(String::as_str)
        .unwrap_or(choice.default)
        .trim();
    let offered = choice.options.is_empty() || choice.options.iter().any(|(offered, _)| *offered == value);
    if !offered || contains_card_number(value) {
        return Err(BenchError::BadChoice(choice.id));
    }
    Ok(value.to_owned())
}

fn email(text: &str) -> Result<String, BenchError> {
    let (local, domain) = text.split_once('@').unwrap_or_default();
    let fits = !local.is_empty()
        && domain.contains('.')
        && text.chars().count() <= MAX_EMAIL_CHARS
        && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    fits.then(|| text.to_owned())
        .ok_or(BenchError::BadChoice("email"))
}

//! The test bench: a connector's token through both documented calls (Prism fact sheet, section 1a), with a hold that is voided
//! and, against the demo alone, with money that is taken and given back.
//!
//! Must not know: the ledger, screens, imported tokens; it uses published test tokens only.

mod flows;
mod run;

use super::answers::said;
use super::calls::{self, Amount, CaptureMethod, Payment};
use super::channel::Channel;
use super::connector::Connector;
use super::ids;
use super::money::Currency;
use super::shown;
use super::states::{self, Money};
use crate::bench::{BenchError, Flow, FlowState, StepDone, TestBench};
use async_trait::async_trait;
use flows::{DEMO_FLOWS, STRIPE_FLOWS, chosen, demo_token, stripe_token};
use run::{MONEY, Run};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokendesk_model::Environment;

// A test page of nobody's; the buyer is never sent there.
const RETURN_URL: &str = "https://example.com/return";
// Worth one euro, one dollar, one franc, a hundred yen.
const MINOR: i64 = 100;

/// The flows of one account.
pub(super) struct Bench {
    channel: Arc<Channel>,
    environment: Environment,
    flows: &'static [Flow],
}

impl Bench {
    /// `None` for a live account, for a connector that authorizes no saved token, and where no test token is published.
    pub(super) fn new(channel: Arc<Channel>, connector: Connector, environment: Environment) -> Option<Self> {
        let flows = match environment {
            Environment::Live => return None,
            _ if !connector.authorizes_saved => return None,
            Environment::Demo => DEMO_FLOWS,
            Environment::Test if connector.name == "stripe" => STRIPE_FLOWS,
            Environment::Test => return None,
        };
        Some(Self {
            channel,
            environment,
            flows,
        })
    }

    // Both lists are published, and no token in them belongs to a customer.
    fn token(&self, choice: &str) -> Option<String> {
        match self.environment {
            Environment::Demo => demo_token(choice),
            Environment::Test | Environment::Live => stripe_token(choice),
        }
    }

    async fn authorize(
        &self,
        flow: &str,
        choices: &BTreeMap<&'static str, String>,
        mut run: Run,
    ) -> Result<StepDone, BenchError> {
        if run.state.known.get(MONEY).is_some_and(|money| money == "held") {
            return Err(BenchError::TooEarly("void"));
        }
        let chosen = |name: &'static str| choices.get(name).map_or("", String::as_str);
        let currency = Currency::named(chosen("currency")).ok_or(BenchError::BadChoice("currency"))?;
        let token = self
            .token(chosen("token"))
            .ok_or(BenchError::BadChoice("token"))?;
        let method = if flow.ends_with("_charge") {
            CaptureMethod::Automatic
        } else {
            CaptureMethod::Manual
        };
        if method == CaptureMethod::Automatic && self.environment != Environment::Demo {
            return Err(BenchError::Unknown);
        }
        let reference = format!("tdb-{}", uuid::Uuid::now_v7().simple());
        let amount = Amount {
            minor: MINOR,
            currency,
        };
        let payment = Payment::new(&reference, &token, None, amount, RETURN_URL, method)
            .map_err(BenchError::BadChoice)?;
        run.state.known.clear();
        run.know("reference", &reference);
        run.know("currency", currency.code);
        let by_token = !flow.starts_with("authorize");
        let (path, request) = if by_token {
            (
                calls::TOKEN_AUTHORIZE,
                shown::token_authorize(&payment.token_authorize()),
            )
        } else {
            (calls::AUTHORIZE, shown::authorize(&payment.authorize()))
        };
        let started = Instant::now();
        let outcome = self.channel.pay(&payment, by_token, self.channel.timeout()).await;
        let answer = outcome.as_ref().map(shown::authorized).map_err(Clone::clone);
        run.note(path, request, &answer, started);
        let answer = match outcome {
            Ok(answer) => answer,
            Err(failure) => return Ok(run.refused(&failure)),
        };
        let id = answer
            .connector_transaction_id
            .as_deref()
            .filter(|id| ids::fits_a_path(id));
        if let Some(id) = id {
            run.know("transaction", id);
            run.fact("Transaction", id);
        }
        run.fact("Reference", &reference);
        run.fact("Amount", &format!("{} {}", currency.major(MINOR), currency.code));
        let wanted = match method {
            CaptureMethod::Manual => Money::Held,
            CaptureMethod::Automatic => Money::Taken,
        };
        let money = states::money(answer.status);
        let documented = money == wanted || matches!(money, Money::Declined | Money::NeedsBuyer);
        let (word, meaning, next) = match (money, method) {
            (Money::Held, _) => (
                "held",
                "The amount is held on the card and not taken.",
                if flow == "capture" {
                    "Capture it, or let the hold run out."
                } else {
                    "Void it."
                },
            ),
            (Money::Taken, CaptureMethod::Automatic) => {
                ("taken", "The amount was taken with this call.", "Refund it.")
            }
            (Money::Taken, CaptureMethod::Manual) => (
                "taken",
                "The amount was taken although only a hold was asked for.",
                "Refund it at the processor.",
            ),
            (Money::Declined, _) => (
                "nothing",
                "The processor said no inside an answer. Nothing is held.",
                "",
            ),
            (Money::NeedsBuyer, _) => (
                "waiting",
                "The buyer would have to confirm on a page of the bank. Nothing is held yet.",
                "Void it, so that it does not stay open.",
            ),
            _ => (
                "unclear",
                "This status says neither yes nor no. A hold may exist.",
                "Read the transaction, or look for the reference at the processor.",
            ),
        };
        run.know(MONEY, word);
        if let Some(said) = said(answer.error.as_ref()) {
            run.fact("Said", &said);
        }
        Ok(run.done(documented, &states::name(answer.status), meaning, next))
    }

    async fn read(&self, mut run: Run) -> Result<StepDone, BenchError> {
        let id = run.transaction()?;
        let request = calls::get(&id).ok_or(BenchError::TooEarly("authorize"))?;
        let sent = shown::transaction(&id);
        let started = Instant::now();
        let outcome = self.channel.get(request, self.channel.timeout()).await;
        let answer = outcome
            .as_ref()
            .map(|answer| shown::status(answer.status, answer.error.as_ref(), answer.status_code))
            .map_err(Clone::clone);
        run.note(calls::GET, sent, &answer, started);
        Ok(match outcome {
            Ok(answer) => {
                let meaning = match states::money(answer.status) {
                    Money::Held => "A hold stands.",
                    Money::Taken => "The amount was taken.",
                    Money::Voided => "The hold was given back.",
                    Money::Voiding => "The hold is being given back.",
                    Money::Declined => "Nothing is held.",
                    Money::NeedsBuyer => "The buyer would have to confirm. Nothing is held yet.",
                    Money::Unclear => "This status says neither yes nor no.",
                };
                run.done(
                    true,
                    &states::name(answer.status),
                    meaning,
                    "Go on with the next step.",
                )
            }
            Err(failure) => run.refused(&failure),
        })
    }

    async fn void(&self, mut run: Run) -> Result<StepDone, BenchError> {
        let id = run.transaction()?;
        let reference = run.reference();
        let request = calls::void(&id, &reference).ok_or(BenchError::TooEarly("authorize"))?;
        let sent = shown::transaction(&id);
        let started = Instant::now();
        let outcome = self.channel.void(request, self.channel.timeout()).await;
        let answer = outcome
            .as_ref()
            .map(|answer| shown::status(answer.status, answer.error.as_ref(), answer.status_code))
            .map_err(Clone::clone);
        run.note(calls::VOID, sent, &answer, started);
        let answer = match outcome {
            Ok(answer) => answer,
            Err(failure) => return Ok(run.refused(&failure)),
        };
        let name = states::name(answer.status);
        Ok(match states::money(answer.status) {
            Money::Voided => {
                run.know(MONEY, "nothing");
                run.done(true, &name, "The hold was given back.", "")
            }
            Money::Voiding | Money::Unclear => {
                run.know(MONEY, "asked");
                run.done(
                    true,
                    &name,
                    "The void was asked for and is not confirmed. Some processors confirm it by webhook alone.",
                    "Look for the reference at the processor.",
                )
            }
            _ => run.done(
                false,
                &name,
                "The void was not done. The hold may still exist.",
                "Look for the reference at the processor.",
            ),
        })
    }

    async fn capture(&self, mut run: Run) -> Result<StepDone, BenchError> {
        if self.environment != Environment::Demo {
            return Err(BenchError::Unknown);
        }
        let id = run.transaction()?;
        let (reference, amount) = (run.reference(), run.amount()?);
        let request = calls::capture(&id, &reference, amount).ok_or(BenchError::TooEarly("authorize"))?;
        let sent = shown::capture(&request);
        let started = Instant::now();
        let outcome = self.channel.capture(request).await;
        let answer = outcome
            .as_ref()
            .map(|answer| shown::status(answer.status, answer.error.as_ref(), answer.status_code))
            .map_err(Clone::clone);
        run.note(calls::CAPTURE, sent, &answer, started);
        let answer = match outcome {
            Ok(answer) => answer,
            Err(failure) => return Ok(run.refused(&failure)),
        };
        let name = states::name(answer.status);
        Ok(match states::money(answer.status) {
            Money::Taken => {
                run.know(MONEY, "taken");
                run.done(true, &name, "The amount was taken.", "Refund it.")
            }
            Money::Unclear => {
                run.know(MONEY, "taken");
                run.done(
                    true,
                    &name,
                    "The capture was accepted and is not confirmed.",
                    "Refund it.",
                )
            }
            _ => run.done(false, &name, "The amount was not taken.", "Void the hold."),
        })
    }

    async fn refund(&self, flow: &str, mut run: Run) -> Result<StepDone, BenchError> {
        if self.environment != Environment::Demo {
            return Err(BenchError::Unknown);
        }
        let id = run.transaction()?;
        if run.state.known.get(MONEY).is_none_or(|money| money != "taken") {
            return Err(BenchError::TooEarly(if flow == "capture" {
                "capture"
            } else {
                "authorize"
            }));
        }
        let (reference, amount) = (run.reference(), run.amount()?);
        let request = calls::refund(&id, &reference, amount).ok_or(BenchError::TooEarly("authorize"))?;
        let sent = shown::refund(&request);
        let started = Instant::now();
        let outcome = self.channel.refund(request).await;
        let answer = outcome.as_ref().map(shown::refunded).map_err(Clone::clone);
        run.note(calls::REFUND, sent, &answer, started);
        let answer = match outcome {
            Ok(answer) => answer,
            Err(failure) => return Ok(run.refused(&failure)),
        };
        let name = shown::refund_state(answer.status);
        Ok(match states::refund(answer.status) {
            states::Refund::Accepted => {
                run.know(MONEY, "nothing");
                run.fact("Refund", &answer.connector_refund_id);
                run.done(true, &name, "The amount is given back.", "")
            }
            states::Refund::Refused => run.done(
                false,
                &name,
                "The amount was not given back.",
                "Look for the reference at the processor.",
            ),
            states::Refund::Unclear => run.done(
                false,
                &name,
                "Nobody can say yet whether the amount is given back.",
                "Look for the reference at the processor.",
            ),
        })
    }
}

#[async_trait]
impl TestBench for Bench {
    fn flows(&self) -> &'static [Flow] {
        self.flows
    }

    async fn run(
        &self,
        flow: &str,
        step: &str,
        choices: &BTreeMap<String, String>,
        state: FlowState,
    ) -> Result<StepDone, BenchError> {
        let known = self
            .flows
            .iter()
            .find(|known| known.id == flow)
            .and_then(|known| known.steps.iter().find(|known| known.id == step))
            .ok_or(BenchError::Unknown)?;
        let chosen = chosen(known, choices)?;
        let run = Run::new(state);
        match known.id {
            "authorize" => self.authorize(flow, &chosen, run).await,
            "read" => self.read(run).await,
            "void" => self.void(run).await,
            "capture" => self.capture(run).await,
            "refund" => self.refund(flow, run).await,
            _ => Err(BenchError::Unknown),
        }
    }
}

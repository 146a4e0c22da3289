//! The test bench: a connector's token through both documented calls (Prism fact sheet, section 1a), with a hold that is voided
//! and, against the demo alone, with money that is taken and given back.
//!
//! Must not know: the ledger, screens, imported tokens; it uses published test tokens only.

use super::answers::{Failure, said};
use super::calls::{self, Amount, CaptureMethod, Payment};
use super::channel::Channel;
use super::connector::Connector;
use super::ids;
use super::money::Currency;
use super::shown;
use super::states::{self, Money};
use crate::bench::{BenchError, Choice, Exchange, Flow, FlowState, Step, StepDone, StepResult, TestBench};
use async_trait::async_trait;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokendesk_model::Environment;

// A test page of nobody's; the buyer is never sent there.
const RETURN_URL: &str = "https://example.com/return";
// Worth one euro, one dollar, one franc, a hundred yen.
const MINOR: i64 = 100;

const CURRENCY: Choice = Choice {
    id: "currency",
    label: "Amount",
    options: &[
        ("EUR", "1.00 EUR"),
        ("USD", "1.00 USD"),
        ("CHF", "1.00 CHF"),
        ("JPY", "100 JPY"),
    ],
    default: "EUR",
};

const DEMO_TOKEN: Choice = Choice {
    id: "token",
    label: "Connector token",
    options: &[
        ("ok", "Goes through"),
        ("declined", "Declined with status 402"),
        ("declined_in_answer", "Declined inside the answer"),
        ("needs_customer", "The buyer has to confirm"),
        ("charged", "Comes back charged"),
        ("gone", "Not known any more"),
        ("void_refused", "The void is refused"),
    ],
    default: "ok",
};

const STRIPE_TOKEN: Choice = Choice {
    id: "token",
    label: "Stripe's published test token",
    options: &[
        ("visa", "pm_card_visa: goes through"),
        ("mastercard", "pm_card_mastercard: goes through"),
        ("declined", "pm_card_visa_chargeDeclined: declined"),
        (
            "needs_customer",
            "pm_card_authenticationRequired: the buyer has to confirm",
        ),
    ],
    default: "visa",
};

const fn authorize(about: &'static str, choices: &'static [Choice]) -> Step {
    Step {
        id: "authorize",
        title: "Authorize the token",
        about,
        choices,
        optional: false,
    }
}

const READ: Step = Step {
    id: "read",
    title: "Read the transaction",
    about: "Asks Prism, and Prism the processor, how the transaction stands.",
    choices: &[],
    optional: true,
};
const VOID: Step = Step {
    id: "void",
    title: "Void the hold",
    about: "Gives the amount back without taking it.",
    choices: &[],
    optional: false,
};
const CAPTURE: Step = Step {
    id: "capture",
    title: "Capture the hold",
    about: "Takes the whole amount that is held.",
    choices: &[],
    optional: false,
};
const REFUND: Step = Step {
    id: "refund",
    title: "Refund the charge",
    about: "Gives the whole amount back.",
    choices: &[],
    optional: false,
};

const HOLD: &str = "Sends TokenAuthorize with MANUAL capture: the amount is held, not taken.";
const HOLD_BY_AUTHORIZE: &str =
    "Sends Authorize with the token as payment method and MANUAL capture: the amount is held, not taken.";
const CHARGE: &str = "Sends TokenAuthorize with AUTOMATIC capture: the amount is taken at once.";
const CHARGE_BY_AUTHORIZE: &str =
    "Sends Authorize with the token as payment method and AUTOMATIC capture: the amount is taken at once.";

const DEMO: &[Choice] = &[DEMO_TOKEN, CURRENCY];
const STRIPE: &[Choice] = &[STRIPE_TOKEN, CURRENCY];

const fn hold_by_token(steps: &'static [Step]) -> Flow {
    Flow {
        id: "token_authorize_hold",
        title: "TokenAuthorize, then void",
        about: "A token the browser just collected is authorized and the hold given back. Nothing is taken.",
        steps,
    }
}

const fn hold_by_authorize(steps: &'static [Step]) -> Flow {
    Flow {
        id: "authorize_hold",
        title: "Authorize with a token, then void",
        about: "A token held from an earlier call is authorized as payment method and the hold given back.",
        steps,
    }
}

const DEMO_FLOWS: &[Flow] = &[
    hold_by_token(&[authorize(HOLD, DEMO), READ, VOID]),
    hold_by_authorize(&[authorize(HOLD_BY_AUTHORIZE, DEMO), READ, VOID]),
    Flow {
        id: "token_authorize_charge",
        title: "TokenAuthorize with automatic capture, then refund",
        about: "The capture method of the guide: the amount is taken with the first call. In the demo only.",
        steps: &[authorize(CHARGE, DEMO), READ, REFUND],
    },
    Flow {
        id: "authorize_charge",
        title: "Authorize with a token and automatic capture, then refund",
        about: "The same with the token as payment method. In the demo only.",
        steps: &[authorize(CHARGE_BY_AUTHORIZE, DEMO), READ, REFUND],
    },
    Flow {
        id: "capture",
        title: "TokenAuthorize, capture, refund",
        about: "A hold is taken by a call of its own and given back. In the demo only.",
        steps: &[authorize(HOLD, DEMO), READ, CAPTURE, REFUND],
    },
];

// Against a real server money is only ever held.
const STRIPE_FLOWS: &[Flow] = &[
    hold_by_token(&[authorize(HOLD, STRIPE), READ, VOID]),
    hold_by_authorize(&[authorize(HOLD_BY_AUTHORIZE, STRIPE), READ, VOID]),
];

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

    // The token behind a choice; both lists are published, neither stands for a customer.
    fn token(&self, choice: &str) -> Option<String> {
        if self.environment == Environment::Demo {
            return Some(format!("sandbox_{choice}"));
        }
        let token = match choice {
            "visa" => "pm_card_visa",
            "mastercard" => "pm_card_mastercard",
            "declined" => "pm_card_visa_chargeDeclined",
            "needs_customer" => "pm_card_authenticationRequired",
            _ => return None,
        };
        Some(token.to_owned())
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

// Every value is from its list.
fn chosen(
    step: &Step,
    choices: &BTreeMap<String, String>,
) -> Result<BTreeMap<&'static str, String>, BenchError> {
    if choices
        .keys()
        .any(|name| step.choices.iter().all(|choice| choice.id != name))
    {
        return Err(BenchError::BadChoice("this step"));
    }
    step.choices
        .iter()
        .map(|choice| {
            let value = choices.get(choice.id).map_or(choice.default, String::as_str);
            if choice.options.iter().any(|(known, _)| *known == value) {
                Ok((choice.id, value.to_owned()))
            } else {
                Err(BenchError::BadChoice(choice.id))
            }
        })
        .collect()
}

// How the money of a run stands: held, taken, waiting, asked, unclear, nothing.
const MONEY: &str = "money";

/// One step being run.
struct Run {
    state: FlowState,
    exchanges: Vec<Exchange>,
    facts: Vec<(String, String)>,
}

impl Run {
    fn new(state: FlowState) -> Self {
        Self {
            state,
            exchanges: Vec::new(),
            facts: Vec::new(),
        }
    }

    fn know(&mut self, name: &str, value: &str) {
        self.state.known.insert(name.to_owned(), value.to_owned());
    }

    fn fact(&mut self, label: &str, value: &str) {
        self.facts.push((label.to_owned(), value.to_owned()));
    }

    fn transaction(&self) -> Result<String, BenchError> {
        self.state
            .known
            .get("transaction")
            .cloned()
            .ok_or(BenchError::TooEarly("authorize"))
    }

    fn reference(&self) -> String {
        self.state.known.get("reference").cloned().unwrap_or_default()
    }

    fn amount(&self) -> Result<Amount, BenchError> {
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

    fn note(
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

    fn done(self, documented: bool, outcome: &str, meaning: &str, next: &str) -> StepDone {
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
    fn refused(self, failure: &Failure) -> StepDone {
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

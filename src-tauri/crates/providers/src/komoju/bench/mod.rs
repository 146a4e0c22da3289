//! The test bench: tokens that work once, in the three places where they are used, and what becomes of them unused (KOMOJU
//! fact sheet, section 5).
//!
//! Must not know: any customer, payment or token but those a run made itself.

mod flows;
mod recorder;

use super::link::{Key, Link};
use super::reading;
use crate::bench::{BenchError, Choice, Flow, FlowState, SingleUse, Step, StepDone, StepResult, TestBench};
use crate::error::ProviderError;
use async_trait::async_trait;
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use flows::{FLOWS, TEST_CARDS, step};
use recorder::{Heard, Recorder};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokendesk_model::Environment;
use tokendesk_model::card_number::contains_card_number;

const CURRENCY: &str = "JPY";
const MAX_EMAIL_CHARS: usize = 255;

fn token_life() -> Duration {
    Duration::hours(24)
}

/// Names of what a run knows.
mod known {
    pub(super) const TOKEN: &str = "token";
    pub(super) const TOKEN_KIND: &str = "token_kind";
    pub(super) const TOKEN_SHOWN: &str = "token_shown";
    pub(super) const TOKEN_MADE: &str = "token_made_at";
    pub(super) const TOKEN_USED: &str = "token_used";
    pub(super) const SESSION: &str = "session";
    pub(super) const PAYMENT: &str = "payment";
    pub(super) const CUSTOMER: &str = "customer";
}

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

    async fn create_token(
        &self,
        mut calls: Recorder<'_>,
        kind: &str,
        shown: Option<&str>,
        details: Value,
    ) -> StepDone {
        let heard = calls
            .post(
                &["tokens"],
                Key::Publishable,
                &json!({ "payment_details": details }),
            )
            .await;
        let body = match heard {
            Heard::Success(body) => body,
            other => return unexpected(calls, other),
        };
        let Some(id) = reading::object_id(&body) else {
            return senseless(calls);
        };
        let made = reading::instant(&body["created_at"]).unwrap_or_else(|| self.link.now());
        let known = &mut calls.state.known;
        known.remove(known::TOKEN_USED);
        for (name, value) in [
            (known::TOKEN, id.as_str()),
            (known::TOKEN_KIND, kind),
            (known::TOKEN_SHOWN, shown.unwrap_or_default()),
            (known::TOKEN_MADE, &written(made)),
        ] {
            known.insert(name.to_owned(), value.to_owned());
        }
        let told = Told {
            outcome: "created".to_owned(),
            meaning: "The token stands for these details once, for 24 hours; it tells no card facts and cannot be read, \
                      listed or taken back."
                .to_owned(),
            next: "Use it within 24 hours.".to_owned(),
            facts: vec![
                fact("Token", &id),
                fact("Works until, unused", &written(made + token_life())),
            ],
            ..Told::documented()
        };
        told.done(calls)
    }

    async fn pay(&self, mut calls: Recorder<'_>, token: &str, amount: u64) -> StepDone {
        let body = match calls
            .post(&["payments"], Key::Secret, &payment(token, amount))
            .await
        {
            Heard::Success(body) => body,
            other => return unexpected(calls, other),
        };
        let Some(id) = reading::object_id(&body) else {
            return senseless(calls);
        };
        calls.state.known.insert(known::PAYMENT.to_owned(), id.clone());
        used(&mut calls.state, step::PAY);
        let status = word(&body["status"]);
        let link = reading::text(&body["payment_details"]["instructions_url"]).filter(|link| is_page(link));
        let by_email = calls.state.known.get(known::TOKEN_KIND).map(String::as_str) == Some(EMAIL_ONLY);
        let (as_documented, meaning, next) = if by_email {
            (
                status == "authorized" && link.is_some(),
                "The payment waits for the buyer, who pays it at a convenience store.",
                "Show the buyer the page with the instructions.",
            )
        } else {
            (
                status == "captured",
                "The card was charged; the token is used up.",
                "Use the token again to see it refused.",
            )
        };
        let mut facts = vec![fact("Payment", &id), fact("Status", &status)];
        if let Some(deadline) = reading::text(&body["payment_deadline"]) {
            facts.push(fact("To be paid before", &deadline));
        }
        let told = Told {
            result: documented_if(as_documented),
            outcome: status,
            meaning: meaning.to_owned(),
            next: next.to_owned(),
            facts,
            link,
        };
        told.done(calls)
    }

    async fn create_session(&self, mut calls: Recorder<'_>, amount: u64) -> StepDone {
        let body = json!({ "mode": "payment", "amount": amount, "currency": CURRENCY });
        let body = match calls.post(&["sessions"], Key::Secret, &body).await {
            Heard::Success(body) => body,
            other => return unexpected(calls, other),
        };
        let Some(id) = reading::object_id(&body) else {
            return senseless(calls);
        };
        calls.state.known.insert(known::SESSION.to_owned(), id.clone());
        let status = word(&body["status"]);
        let told = Told {
            result: documented_if(status == "pending"),
            outcome: status,
            meaning: "The session waits to be paid, for at most 24 hours.".to_owned(),
            next: "Create a token to pay it with.".to_owned(),
            facts: vec![fact("Session", &id)],
            link: reading::text(&body["session_url"]).filter(|link| is_page(link)),
        };
        told.done(calls)
    }

    async fn pay_session(&self, mut calls: Recorder<'_>, session: &str, token: &str) -> StepDone {
        let body = json!({ "payment_details": token });
        let heard = calls
            .post(&["sessions", session, "pay"], Key::Publishable, &body)
            .await;
        let body = match heard {
            Heard::Success(body) => body,
            other => return unexpected(calls, other),
        };
        used(&mut calls.state, step::PAY_SESSION);
        let status = word(&body["status"]);
        let mut facts = vec![fact("Session", session), fact("Status", &status)];
        if let Some(payment) = reading::object_id(&body["payment"]) {
            facts.push(fact("Payment", &payment));
            facts.push(fact("Payment status", &word(&body["payment"]["status"])));
            calls.state.known.insert(known::PAYMENT.to_owned(), payment);
        }
        let told = Told {
            result: documented_if(status == "completed"),
            outcome: status,
            meaning: "The session is paid; the token is used up.".to_owned(),
            next: "Use the token again to see it refused.".to_owned(),
            facts,
            link: reading::text(&body["redirect_url"]).filter(|link| is_page(link)),
        };
        told.done(calls)
    }

    async fn create_customer(&self, mut calls: Recorder<'_>, token: &str, email: &str) -> StepDone {
        let body = json!({ "payment_details": token, "email": email });
        let body = match calls.post(&["customers"], Key::Secret, &body).await {
            Heard::Success(body) => body,
            other => return unexpected(calls, other),
        };
        let Some(customer) = reading::token(&body) else {
            return senseless(calls);
        };
        used(&mut calls.state, step::CREATE_CUSTOMER);
        let id = customer.remote_id.clone();
        calls.state.known.insert(known::CUSTOMER.to_owned(), id.clone());
        let mut facts = vec![fact("Customer", &id)];
        let card = reading::details(&body, &customer).map(|details| details.card);
        let end = card.as_ref().and_then(|card| card.last4.clone());
        if let Some(end) = &end {
            facts.push(fact("Saved card", &format!("•••• {end}")));
        }
        let told = Told {
            outcome: if card.is_some() { "saved" } else { "created" }.to_owned(),
            meaning: if card.is_some() {
                "The card is saved with the new customer; it can be charged again without a token."
            } else {
                "The customer was created; the answer does not tell its saved card."
            }
            .to_owned(),
            next: "Use the token again to see it refused; the customer appears among the cards.".to_owned(),
            facts,
            ..Told::documented()
        };
        told.done(calls)
    }

    async fn use_again(&self, mut calls: Recorder<'_>, token: &str, amount: u64) -> StepDone {
        match calls
            .post(&["payments"], Key::Secret, &payment(token, amount))
            .await
        {
            Heard::Refused(error) => {
                let told = Told {
                    outcome: REFUSED.to_owned(),
                    meaning: "A token works once; it was used before.".to_owned(),
                    facts: refusal(&error),
                    ..Told::documented()
                };
                told.done(calls)
            }
            Heard::Success(body) => {
                let told = Told {
                    result: StepResult::Otherwise,
                    outcome: word(&body["status"]),
                    meaning: "The token worked a second time; its documents say that it works once."
                        .to_owned(),
                    ..Told::documented()
                };
                told.done(calls)
            }
            other => unexpected(calls, other),
        }
    }

    fn look(&self, calls: Recorder<'_>, made: DateTime<Utc>) -> StepDone {
        let left = made + token_life() - self.link.now();
        let told = if left > Duration::zero() {
            Told {
                outcome: "unused".to_owned(),
                meaning: format!(
                    "The token can still be used, for {} hours and {} minutes.",
                    left.num_hours(),
                    left.num_minutes() % 60
                ),
                next: "Wait until it has run out, or use it now.".to_owned(),
                facts: vec![fact("Works until, unused", &written(made + token_life()))],
                ..Told::documented()
            }
        } else {
            Told {
                outcome: "run_out".to_owned(),
                meaning: "24 hours without use are over.".to_owned(),
                next: "Use it to see it refused.".to_owned(),
                facts: vec![fact("Worked until", &written(made + token_life()))],
                ..Told::documented()
            }
        };
        told.done_at(calls, left <= Duration::zero())
    }

    async fn use_late(
        &self,
        mut calls: Recorder<'_>,
        token: &str,
        made: DateTime<Utc>,
        amount: u64,
    ) -> StepDone {
        let is_over = self.link.now() >= made + token_life();
        match calls
            .post(&["payments"], Key::Secret, &payment(token, amount))
            .await
        {
            Heard::Success(body) => {
                used(&mut calls.state, step::USE_LATE);
                let told = Told {
                    result: documented_if(!is_over),
                    outcome: word(&body["status"]),
                    meaning: if is_over {
                        "The token worked although 24 hours are over."
                    } else {
                        "24 hours were not over yet: this was the token's one use."
                    }
                    .to_owned(),
                    ..Told::documented()
                };
                told.done(calls)
            }
            Heard::Refused(error) => {
                // Its own words go before this computer's clock.
                let says_so = error
                    .message
                    .as_deref()
                    .is_some_and(|message| message.to_lowercase().contains("expire"));
                let told = Told {
                    result: documented_if(is_over || says_so),
                    outcome: REFUSED.to_owned(),
                    meaning: if is_over || says_so {
                        "The token was left unused for 24 hours and stopped working."
                    } else {
                        "The token was refused although it has time left: it may have been used elsewhere."
                    }
                    .to_owned(),
                    facts: refusal(&error),
                    ..Told::documented()
                };
                told.done_at(calls, is_over || says_so)
            }
            other => unexpected(calls, other),
        }
    }

    async fn cancel_payment(&self, mut calls: Recorder<'_>, payment: &str) -> StepDone {
        let heard = calls
            .post(&["payments", payment, "cancel"], Key::Secret, &json!({}))
            .await;
        let body = match heard {
            Heard::Success(body) => body,
            other => return unexpected(calls, other),
        };
        let status = word(&body["status"]);
        let told = Told {
            result: documented_if(status == "cancelled"),
            outcome: status,
            meaning: "Nobody can pay it any more.".to_owned(),
            ..Told::documented()
        };
        told.done(calls)
    }

    async fn delete_customer(&self, mut calls: Recorder<'_>, customer: &str) -> StepDone {
        match calls.delete(&["customers", customer]).await {
            Heard::Success(_) => {
                calls.state.known.remove(known::CUSTOMER);
                let told = Told {
                    outcome: "deleted".to_owned(),
                    meaning: "The customer is gone with its saved card.".to_owned(),
                    ..Told::documented()
                };
                told.done(calls)
            }
            other => unexpected(calls, other),
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

const EMAIL_ONLY: &str = "email only";
const REFUSED: &str = "refused";

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

// Month and year with two digits each, as a card's front shows them; always three years ahead.
fn card_details(number: &str, now: DateTime<Utc>) -> Value {
    let year = (now + Duration::days(3 * 365)).format("%y").to_string();
    json!({
        "type": "credit_card", "name": "Tokendesk Test", "number": number, "month": "12", "year": year,
        "verification_value": "123",
    })
}

fn payment(token: &str, amount: u64) -> Value {
    json!({
        "amount": amount, "currency": CURRENCY, "payment_details": token,
        "description": "Tokendesk test bench",
    })
}

fn used(state: &mut FlowState, by: &str) {
    state.known.insert(known::TOKEN_USED.to_owned(), by.to_owned());
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

fn fact(label: &str, value: &str) -> (String, String) {
    (label.to_owned(), value.to_owned())
}

fn refusal(error: &ProviderError) -> Vec<(String, String)> {
    error
        .message
        .iter()
        .map(|message| fact("In its own words", message))
        .collect()
}

// A status is a word; anything else is not passed on.
fn word(value: &Value) -> String {
    reading::text(value)
        .filter(|word| word.len() <= 40 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        .unwrap_or_else(|| "unknown".to_owned())
}

// What a browser may be sent to.
fn is_page(link: &str) -> bool {
    url::Url::parse(link).is_ok_and(|url| url.scheme() == "https" && url.has_host())
}

fn documented_if(as_documented: bool) -> StepResult {
    if as_documented {
        StepResult::AsDocumented
    } else {
        StepResult::Otherwise
    }
}

fn unexpected(calls: Recorder<'_>, heard: Heard) -> StepDone {
    let (result, outcome, meaning, next, error) = match heard {
        Heard::Refused(error) => (
            StepResult::Otherwise,
            REFUSED,
            "The call was understood and refused.",
            "Read the answer.",
            error,
        ),
        Heard::NotAllowed(error) => (
            StepResult::Failed,
            "not_allowed",
            "The key is not accepted for this call.",
            "Look at the account's keys.",
            error,
        ),
        Heard::Nothing(error) => (
            StepResult::Failed,
            "no_answer",
            "No answer that decides anything came; the call may have been done.",
            "Run the step again: the same call is then done once only, for 24 hours.",
            error,
        ),
        Heard::Success(_) => return senseless(calls),
    };
    let told = Told {
        result,
        outcome: outcome.to_owned(),
        meaning: meaning.to_owned(),
        next: next.to_owned(),
        facts: refusal(&error),
        link: None,
    };
    told.done(calls)
}

fn senseless(calls: Recorder<'_>) -> StepDone {
    let told = Told {
        result: StepResult::Failed,
        outcome: "unreadable".to_owned(),
        meaning: "The answer has no id.".to_owned(),
        next: "Read the answer.".to_owned(),
        ..Told::documented()
    };
    told.done(calls)
}

/// A step's own part of what is shown; calls, tokens and state are added from the recorder.
struct Told {
    result: StepResult,
    outcome: String,
    meaning: String,
    next: String,
    facts: Vec<(String, String)>,
    link: Option<String>,
}

impl Told {
    fn documented() -> Self {
        Self {
            result: StepResult::AsDocumented,
            outcome: String::new(),
            meaning: String::new(),
            next: String::new(),
            facts: Vec::new(),
            link: None,
        }
    }

    fn done(self, calls: Recorder<'_>) -> StepDone {
        self.done_at(calls, false)
    }

    fn done_at(self, calls: Recorder<'_>, expired: bool) -> StepDone {
        let tokens = token_of(&calls.state, expired).into_iter().collect();
        StepDone {
            result: self.result,
            outcome: self.outcome,
            meaning: self.meaning,
            next: self.next,
            facts: self.facts,
            link: self.link,
            exchanges: calls.exchanges,
            tokens,
            state: calls.state,
        }
    }
}

// The token of the run as it is known now.
fn token_of(state: &FlowState, expired: bool) -> Option<SingleUse> {
    let known = |name: &str| state.known.get(name).filter(|text| !text.is_empty()).cloned();
    let made = instant(&known(known::TOKEN_MADE)?)?;
    Some(SingleUse {
        remote_id: known(known::TOKEN)?,
        kind: known(known::TOKEN_KIND).unwrap_or_default(),
        shown: known(known::TOKEN_SHOWN),
        created_at: made,
        expires_at: Some(made + token_life()),
        used: known(known::TOKEN_USED).is_some(),
        expired,
    })
}

//! The guided flow of Zafapay's own documents: a single-use token, a payment with it, and the card that was saved.
//!
//! Test and demo accounts only. A run touches nothing but what it created: its token, its payments, and the saved card of a
//! customer it invented.

mod flow;
mod shown;

use super::answers;
use super::link::{self, Key, Link};
use super::reading;
use crate::bench::{
    BenchError, Choice, Exchange, Flow, FlowState, SingleUse, StepDone, StepResult, TestBench,
};
use crate::error::ProviderError;
use crate::http::Answer;
use crate::masking;
use async_trait::async_trait;
use chrono::{DateTime, Datelike, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokendesk_model::Environment;

// Where the buyer would come back to after 3-D Secure; recommended with a token.
const RETURN_URL: &str = "https://example.com/returned";
const AMOUNT: f64 = 10.0;

// What a run knows, by name.
const TOKEN: &str = "token";
const TOKEN_CARD: &str = "token_card";
const TOKEN_SHOWN: &str = "token_shown";
const TOKEN_CREATED: &str = "token_created";
const TOKEN_EXPIRES: &str = "token_expires";
const CUSTOMER: &str = "customer";
const CURRENCY: &str = "currency";
const PAYMENT: &str = "payment";
const STATUS: &str = "status";
const SAVED: &str = "saved_card";

/// The flows of one test account.
pub(super) struct Bench(Arc<Link>);

impl Bench {
    /// None for a live account.
    pub fn new(link: Arc<Link>) -> Option<Self> {
        (link.environment() != Environment::Live).then_some(Self(link))
    }
}

/// What a step has to say beside its exchange.
struct Said {
    result: StepResult,
    outcome: String,
    meaning: String,
    next: String,
    facts: Vec<(String, String)>,
    link: Option<String>,
    tokens: Vec<SingleUse>,
}

impl Said {
    fn new(result: StepResult, outcome: &str, (meaning, next): (&str, &str)) -> Self {
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

    fn unreadable() -> Self {
        Self::new(
            StepResult::Failed,
            "unreadable",
            (
                "The answer is not what the documents describe.",
                "Look at the answer.",
            ),
        )
    }

    fn fact(mut self, label: &str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.facts.push((label.to_owned(), value));
        }
        self
    }
}

/// One step while it runs.
struct Run<'a> {
    link: &'a Link,
    state: FlowState,
    exchanges: Vec<Exchange>,
}

impl Run<'_> {
    fn known(&self, name: &str) -> Option<String> {
        self.state.known.get(name).cloned()
    }

    fn know(&mut self, name: &str, value: impl Into<String>) {
        self.state.known.insert(name.to_owned(), value.into());
    }

    fn forget(&mut self, names: &[&str]) {
        for name in names {
            self.state.known.remove(*name);
        }
    }

    async fn ask(
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

    fn single_use(&self, used: bool, expired: bool) -> Vec<SingleUse> {
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
                create_token(&mut run, value(&flow::CARD)).await
            }
            flow::PAY => {
                let token = needed(&run, TOKEN, flow::CREATE_TOKEN)?;
                let manual = value(&flow::CAPTURE) == "manual";
                let save = value(&flow::SAVE) == "yes";
                pay(&mut run, &token, manual, save, value(&flow::CURRENCY)).await
            }
            flow::USE_AGAIN => {
                let token = needed(&run, TOKEN, flow::CREATE_TOKEN)?;
                needed(&run, STATUS, flow::PAY)?;
                use_again(&mut run, &token).await
            }
            flow::READ_PAYMENT => {
                let payment = needed(&run, PAYMENT, flow::PAY)?;
                read_payment(&mut run, &payment).await
            }
            flow::FINISH => {
                let payment = needed(&run, PAYMENT, flow::PAY)?;
                finish(&mut run, &payment, value(&flow::ACTION)).await
            }
            flow::SAVED_CARD => {
                let customer = needed(&run, CUSTOMER, flow::PAY)?;
                saved_card(&mut run, &customer).await
            }
            flow::PAY_SAVED => {
                let customer = needed(&run, CUSTOMER, flow::PAY)?;
                let saved = needed(&run, SAVED, flow::SAVED_CARD)?;
                pay_saved(&mut run, &customer, &saved).await
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

async fn create_token(run: &mut Run<'_>, card: &str) -> Result<Said, Said> {
    let test = flow::test_card(card).ok_or_else(Said::unreadable)?;
    let now = run.link.now();
    let body = json!({ "card": {
        "number": test.number, "exp_month": 12, "exp_year": now.year() + 3, "cvc": "123",
        "cardholder_name": "Test Buyer",
    } });
    let target = Ok("/v1/tokens".to_owned());
    let answer = run
        .ask(Key::Publishable, Method::POST, target, Some(body))
        .await?;
    let body = body_of(&answer);
    let (true, Some(id)) = (is_success(&answer), id_of(&body)) else {
        return Ok(refused(&answer, None));
    };
    let facts = reading::card(&body["card"]);
    let shown = format!(
        "{} •••• {}",
        facts.brand.as_ref().map_or("Card", |brand| brand.display_name()),
        facts.last4.as_deref().unwrap_or("????")
    );
    run.forget(&[PAYMENT, STATUS, SAVED, CUSTOMER, CURRENCY]);
    run.know(TOKEN, &id);
    run.know(TOKEN_CARD, card);
    run.know(TOKEN_SHOWN, &shown);
    run.know(
        TOKEN_CREATED,
        reading::time(&body["created_at"]).unwrap_or(now).to_rfc3339(),
    );
    let expires = reading::time(&body["expires_at"]);
    match expires {
        Some(at) => run.know(TOKEN_EXPIRES, at.to_rfc3339()),
        None => run.forget(&[TOKEN_EXPIRES]),
    }
    // 30 minutes from its own time of creation, give or take a moment.
    let created = reading::time(&body["created_at"]).unwrap_or(now);
    let documented = id.starts_with("tok_")
        && expires.is_some_and(|at| ((at - created).num_seconds() - 1_800).abs() <= 60);
    let mut said = Said::new(
        as_documented(documented),
        "created",
        (
            "The card is a token now. It works once, within 30 minutes; the shop's server never sees the number.",
            "Pay with the token.",
        ),
    )
    .fact("Token", Some(id))
    .fact("Card", Some(shown))
    .fact("First six", text_of(&body["card"]["bin"]))
    .fact("Expiry", facts.expiry.map(|expiry| expiry.to_string()))
    .fact("Works until", text_of(&body["expires_at"]));
    said.tokens = run.single_use(false, false);
    Ok(said)
}

async fn pay(run: &mut Run<'_>, token: &str, manual: bool, save: bool, currency: &str) -> Result<Said, Said> {
    let capture = if manual { "manual" } else { "automatic" };
    let mut body = json!({
        "amount": AMOUNT, "currency": currency, "capture_method": capture, "token": token,
        "external_id": format!("bench-{}-1", tail(token)), "return_url": RETURN_URL,
    });
    if save {
        let customer = format!("tokendesk-bench-{}", tail(token));
        body["customer_id"] = json!(customer);
        body["save_card"] = json!(true);
        run.know(CUSTOMER, customer);
    }
    run.know(CURRENCY, currency);
    let answer = create_payment(run, body).await?;
    let body = body_of(&answer);
    let promised = run
        .known(TOKEN_CARD)
        .and_then(|card| flow::test_card(&card))
        .map(|card| match (card.leads_to, manual) {
            ("completed", true) => "authorized",
            (status, _) => status,
        });
    let code = answers::code(&answer);
    if let Some(id) = id_of(&body) {
        run.know(PAYMENT, id);
    }
    let mut said = match (answer.status, body["status"].as_str()) {
        (200..300, Some(status)) => {
            let status_code = match status {
                "requires_action" => 202,
                _ => 201,
            };
            run.know(STATUS, status);
            let documented = promised == Some(status) && answer.status == status_code;
            Said::new(as_documented(documented), status, flow::meaning(status))
        }
        // The body is an error object or the payment itself; the documents show neither.
        (400, status) if status == Some("failed") || is_refused_card(code.as_deref()) => {
            run.know(STATUS, "failed");
            Said::new(
                as_documented(promised == Some("failed")),
                "failed",
                flow::meaning("failed"),
            )
        }
        _ => refused(&answer, None),
    };
    let why = code.clone().or_else(|| text_of(&body["error_code"]));
    said.link = page(run.link, &body);
    // A code about the token itself or about the request leaves the token as it was.
    let used =
        is_success(&answer) || said.outcome == "failed" || said.outcome == "payment_token_already_used";
    said.tokens = run.single_use(used, said.outcome == "payment_token_expired");
    Ok(said
        .fact("Payment", run.known(PAYMENT))
        .fact("Payment type", text_of(&body["payment_type"]))
        .fact("Error", why)
        .fact("In its words", message_of(&body))
        .fact("Customer", if save { run.known(CUSTOMER) } else { None }))
}

async fn use_again(run: &mut Run<'_>, token: &str) -> Result<Said, Said> {
    let currency = run.known(CURRENCY).unwrap_or_else(|| "usd".to_owned());
    let body = json!({
        "amount": AMOUNT, "currency": currency, "token": token,
        "external_id": format!("bench-{}-2", tail(token)), "return_url": RETURN_URL,
    });
    let answer = create_payment(run, body).await?;
    let mut said = if is_success(&answer) {
        Said::new(
            StepResult::Otherwise,
            "accepted",
            (
                "The token worked a second time, which the documents rule out.",
                "Look at the answer.",
            ),
        )
    } else {
        refused(&answer, Some("payment_token_already_used"))
    };
    let expired = said.outcome == "payment_token_expired";
    said.tokens = run.single_use(true, expired);
    Ok(said.fact("In its words", message_of(&body_of(&answer))))
}

async fn read_payment(run: &mut Run<'_>, payment: &str) -> Result<Said, Said> {
    let target = link::payment(payment, "");
    let answer = run.ask(Key::Access, Method::GET, target, None).await?;
    let body = body_of(&answer);
    let (true, Some(status)) = (is_success(&answer), text_of(&body["status"])) else {
        return Ok(refused(&answer, None));
    };
    run.know(STATUS, &status);
    let meaning = flow::meaning(&status);
    let known = meaning != flow::meaning("");
    Ok(Said::new(as_documented(known), &status, meaning)
        .fact("Transaction", text_of(&body["id"]))
        .fact("Amount", amount_of(&body["amount"]))
        .fact("Given back", amount_of(&body["amount_refunded"]))
        .fact(
            "Card",
            text_of(&body["card_last4"]).map(|last4| format!("•••• {last4}")),
        )
        .fact("Saved card", text_of(&body["payment_method_id"]))
        .fact("Error", text_of(&body["error_code"])))
}

async fn finish(run: &mut Run<'_>, payment: &str, action: &str) -> Result<Said, Said> {
    let target = link::payment(payment, &format!("/{action}"));
    // What a refund needs beside the payment is optional; without an amount it is the whole of it.
    let body = (action == "refund").then(|| json!({ "reason": "Test bench" }));
    let answer = run.ask(Key::Access, Method::POST, target, body).await?;
    let body = body_of(&answer);
    if !is_success(&answer) {
        return Ok(refused(&answer, None).fact("In its words", message_of(&body)));
    }
    let status = text_of(&body["status"]);
    let (promised, words) = match action {
        "capture" => (
            "completed",
            (
                "The authorized amount was taken.",
                "Read the payment, or refund it.",
            ),
        ),
        "void" => ("canceled", ("The authorization was let go.", "")),
        _ => (
            "succeeded",
            ("The amount was given back.", "Read the payment to see it."),
        ),
    };
    let outcome = status.unwrap_or_else(|| "done".to_owned());
    // The page about voiding is not public: any success counts there.
    let documented = outcome == promised || action == "void";
    Ok(Said::new(as_documented(documented), &outcome, words)
        .fact("Refund", text_of(&body["id"]).filter(|_| action == "refund"))
        .fact("Amount", amount_of(&body["amount"])))
}

async fn saved_card(run: &mut Run<'_>, customer: &str) -> Result<Said, Said> {
    let target = link::saved_cards(customer);
    let answer = run.ask(Key::Access, Method::GET, target, None).await?;
    let body = body_of(&answer);
    let items = body["payment_methods"].as_array();
    let is_unknown = answer.status == 404 && answers::code(&answer).is_some();
    if !is_success(&answer) && !is_unknown {
        return Ok(refused(&answer, None));
    }
    let first = items
        .into_iter()
        .flatten()
        .find_map(|item| Some((id_of(item)?, item)));
    let Some((id, item)) = first else {
        let is_due = matches!(run.known(STATUS).as_deref(), Some("completed" | "authorized"));
        let words = if is_due {
            ("No saved card is listed yet.", "List them again in a moment.")
        } else {
            (
                "No saved card is listed: a card is saved by a payment that worked.",
                "Pay with a card that works.",
            )
        };
        return Ok(Said::new(as_documented(!is_due), "none", words));
    };
    run.know(SAVED, &id);
    let facts = reading::card(&item["card"]);
    Ok(Said::new(
        StepResult::AsDocumented,
        "saved",
        (
            "The card is saved and can be charged again without the buyer.",
            "Pay with the saved card, or import the customer id to see it among the customers.",
        ),
    )
    .fact("Saved card", Some(id))
    .fact("Brand", facts.brand.map(|brand| brand.display_name().to_owned()))
    .fact("Last four", facts.last4)
    .fact("Expiry", facts.expiry.map(|expiry| expiry.to_string()))
    .fact(
        "Default",
        item["is_default"]
            .as_bool()
            .map(|is| if is { "yes" } else { "no" }.to_owned()),
    )
    .fact("Customer", Some(customer.to_owned())))
}

async fn pay_saved(run: &mut Run<'_>, customer: &str, saved: &str) -> Result<Said, Said> {
    let currency = run.known(CURRENCY).unwrap_or_else(|| "usd".to_owned());
    let body = json!({
        "amount": AMOUNT, "currency": currency, "payment_method_id": saved, "customer_id": customer,
        "external_id": format!("bench-{}-3", tail(saved)),
    });
    let answer = create_payment(run, body).await?;
    let body = body_of(&answer);
    let (true, Some(status)) = (is_success(&answer), text_of(&body["status"])) else {
        return Ok(refused(&answer, None).fact("In its words", message_of(&body)));
    };
    let documented = status == "completed" && body["payment_type"] == "recurring";
    Ok(
        Said::new(as_documented(documented), &status, flow::meaning(&status))
            .fact("Payment", id_of(&body))
            .fact("Payment type", text_of(&body["payment_type"])),
    )
}

async fn create_payment(run: &mut Run<'_>, body: Value) -> Result<Answer, Said> {
    let target = Ok("/v1/payments".to_owned());
    run.ask(Key::Access, Method::POST, target, Some(body)).await
}

// A refusal by code. `promised` is the one the documents announce for this step; without it every documented one is fine.
fn refused(answer: &Answer, promised: Option<&str>) -> Said {
    let Some(code) = answers::code(answer) else {
        return Said {
            outcome: format!("status {}", answer.status),
            ..Said::unreadable()
        };
    };
    let known = flow::refusal(&code);
    let documented = promised.map_or(known.is_some() && answer.status == 400, |promised| {
        promised == code
    });
    let words = known.unwrap_or((
        "Refused for a reason the documents do not name.",
        "Look at the answer.",
    ));
    Said::new(as_documented(documented), &code, words).fact("Error", Some(code.clone()))
}

// Codes about the card rather than about the request; the list of them was cut off in the documents.
fn is_refused_card(code: Option<&str>) -> bool {
    code.is_some_and(|code| flow::refusal(code).is_none())
}

fn as_documented(yes: bool) -> StepResult {
    if yes {
        StepResult::AsDocumented
    } else {
        StepResult::Otherwise
    }
}

fn is_success(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}

fn body_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn id_of(body: &Value) -> Option<String> {
    text_of(&body["id"])
}

// Short texts only: what is shown as a fact is no essay, and never a card number.
fn text_of(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    let fits = (1..=200).contains(&text.chars().count())
        && !tokendesk_model::card_number::contains_card_number(text);
    fits.then(|| text.to_owned())
}

// Numbers in older answers, texts in newer ones.
fn amount_of(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        value => text_of(value),
    }
}

fn message_of(body: &Value) -> Option<String> {
    masking::message(body["error"]["message"].as_str()?)
}

// Opened or copied by a person, so nothing but a web page; a plain one only where everything is played on this computer.
fn page(link: &Link, body: &Value) -> Option<String> {
    let text = text_of(&body["redirect_url"])?;
    let url = url::Url::parse(&text).ok()?;
    let is_page =
        url.scheme() == "https" || (url.scheme() == "http" && link.environment() == Environment::Demo);
    is_page.then_some(text)
}

// Enough of an id to tell runs apart, in signs every id may have.
fn tail(id: &str) -> String {
    let plain: Vec<char> = id.chars().filter(char::is_ascii_alphanumeric).collect();
    plain[plain.len().saturating_sub(12)..].iter().collect()
}

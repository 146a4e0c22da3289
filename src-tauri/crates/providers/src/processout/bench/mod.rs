//! The guided flows of ProcessOut's own documents: a customer, a single-use card token, and the customer token made from it,
//! without and with verification.
//!
//! Test and demo accounts only. A run touches nothing but what it created: its customer, its card token, its customer token.

mod flow;
mod shown;

use super::answers;
use super::cards::listed;
use super::link::{Link, Path, Signed};
use super::reading;
use crate::bench::{
    BenchError, Choice, Exchange, Flow, FlowState, SingleUse, StepDone, StepResult, TestBench,
};
use crate::error::ProviderError;
use crate::http::Answer;
use crate::masking;
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike, Utc};
use flow::LeadsTo;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokendesk_model::Environment;
use tokendesk_model::card_number::contains_card_number;
use uuid::Uuid;

// Where the holder's browser would come back to.
const RETURN_URL: &str = "https://example.com/returned";
const MAX_EMAIL: usize = 255;

// What a run knows, by name.
const CUSTOMER: &str = "customer";
const CURRENCY: &str = "currency";
const CARD: &str = "card";
const CARD_CHOICE: &str = "card_choice";
const CARD_SHOWN: &str = "card_shown";
const CARD_CREATED: &str = "card_created";
const CARD_USED: &str = "card_used";
const TOKEN: &str = "token";
const VERIFY: &str = "verify";

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
        let words = (
            "The answer is not what the documents describe.",
            "Look at the answer.",
        );
        Self::new(StepResult::Failed, "unreadable", words)
    }

    fn fact(mut self, label: &str, value: impl Into<Option<String>>) -> Self {
        if let Some(value) = value.into() {
            self.facts.push((label.to_owned(), value));
        }
        self
    }
}

fn documented(yes: bool) -> StepResult {
    if yes {
        StepResult::AsDocumented
    } else {
        StepResult::Otherwise
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

    fn needed(&self, name: &str, step: &'static str) -> Result<String, BenchError> {
        self.known(name).ok_or(BenchError::TooEarly(step))
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

    async fn server(
        &mut self,
        method: Method,
        path: Result<Path, ProviderError>,
        body: Option<Value>,
    ) -> Result<Answer, Said> {
        self.ask(Signed::Server, method, path, body).await
    }

    fn single_use(&self) -> Vec<SingleUse> {
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

    fn leads_to(&self) -> Option<LeadsTo> {
        let choice = self.known(CARD_CHOICE)?;
        flow::test_card(&choice).map(|card| card.leads_to)
    }

    // What a verification that has just begun or ended is to show.
    fn expected(&self, verified: bool) -> Option<&'static str> {
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
                create_customer(&mut run, value(&flow::CURRENCY), value(&flow::EMAIL)).await
            }
            "change_currency" => {
                let customer = customer(&run)?;
                change_currency(&mut run, &customer).await
            }
            flow::CARD_STEP => create_card(&mut run, value(&flow::CARD)).await,
            flow::TOKEN_STEP if flow == flow::WITHOUT => {
                let (customer, card) = (customer(&run)?, card(&run)?);
                create_token(&mut run, &customer, Some(&card), false).await
            }
            flow::TOKEN_STEP => {
                let customer = customer(&run)?;
                let card = match value(&flow::WAY) {
                    "at_once" => Some(card(&run)?),
                    _ => None,
                };
                create_token(&mut run, &customer, card.as_deref(), true).await
            }
            flow::ATTACH_STEP => {
                let (customer, token, card) = (customer(&run)?, token(&run)?, card(&run)?);
                attach(&mut run, &customer, &token, &card).await
            }
            flow::HOLDER_STEP => {
                let (customer, token) = (customer(&run)?, token(&run)?);
                holder(&mut run, &customer, &token, value(&flow::ANSWER)).await
            }
            "use_again" => {
                let (customer, card) = (customer(&run)?, card(&run)?);
                use_again(&mut run, &customer, &card).await
            }
            flow::READ_STEP => {
                let (customer, token) = (customer(&run)?, token(&run)?);
                read(&mut run, &customer, &token).await
            }
            flow::LIST_STEP => {
                let customer = customer(&run)?;
                list(&mut run, &customer).await
            }
            "delete_token" => {
                let (customer, token) = (customer(&run)?, token(&run)?);
                delete_token(&mut run, &customer, &token).await
            }
            "delete_customer" => {
                let customer = customer(&run)?;
                delete_customer(&mut run, &customer).await
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

fn body_of(answer: &Answer) -> Value {
    answers::judge(answer).unwrap_or(Value::Null)
}

/// A refusal in its documents' words; `wanted` is the one this step is about.
fn refused(answer: &Answer, wanted: &str) -> Said {
    let Some(kind) = answers::error_type(&answer.body).and_then(|kind| masking::message(&kind)) else {
        return Said::unreadable();
    };
    let words = flow::refusal(&kind).unwrap_or(("It was refused.", "Look at the answer."));
    let result = documented(!wanted.is_empty() && kind.starts_with(wanted));
    Said::new(result, &kind, words)
}

async fn create_customer(run: &mut Run<'_>, currency: &str, email: &str) -> Result<Said, Said> {
    let mut body = json!({ "first_name": "Test", "last_name": "Bench" });
    if !email.is_empty() {
        body["email"] = json!(email);
    }
    if currency != "none" {
        body["currency"] = json!(currency);
    }
    let path = Ok(Path::of(&["customers"]));
    let answer = run.server(Method::POST, path, Some(body)).await?;
    let body = body_of(&answer);
    let customer = &body["customer"];
    let Some(id) = reading::id(customer) else {
        return Ok(refused(&answer, ""));
    };
    run.state = FlowState::default();
    run.know(CUSTOMER, &id);
    let set = customer["currency"].as_str().map(str::to_owned);
    if let Some(set) = &set {
        run.know(CURRENCY, set);
    }
    let as_asked = set.as_deref() == (currency != "none").then_some(currency);
    let words = (
        "The customer is there. Its currency stays once it is set, by hand or by the first payment.",
        "Create a card token.",
    );
    Ok(
        Said::new(documented(as_asked && answer.status == 200), "created", words)
            .fact("Customer", id)
            .fact("Currency", set.unwrap_or_else(|| "not set".to_owned())),
    )
}

async fn change_currency(run: &mut Run<'_>, customer: &str) -> Result<Said, Said> {
    let before = run.known(CURRENCY);
    let other = if before.as_deref() == Some("GBP") {
        "CHF"
    } else {
        "GBP"
    };
    let path = || Path::named(&["customers", customer]);
    let body = json!({ "currency": other });
    let changed = run.server(Method::PUT, path(), Some(body)).await?;
    let read = run.server(Method::GET, path(), None).await?;
    let body = body_of(&read);
    if reading::id(&body["customer"]).is_none() {
        return Ok(refused(&read, ""));
    }
    let now = body["customer"]["currency"].as_str().map(str::to_owned);
    let refused = answers::judge(&changed).is_err();
    let (result, outcome, words) = match (&before, &now) {
        (Some(before), Some(now)) if before == now => (
            StepResult::AsDocumented,
            if refused { "refused" } else { "unchanged" },
            "The currency that was set stays.",
        ),
        (Some(_), _) => (
            StepResult::Otherwise,
            "changed",
            "The currency was changed, which the documents rule out.",
        ),
        (None, Some(_)) => (
            StepResult::AsDocumented,
            "set",
            "No currency was set before; now one is.",
        ),
        (None, None) => (
            StepResult::AsDocumented,
            if refused { "refused" } else { "not set" },
            "No currency is set; the first payment sets it.",
        ),
    };
    if let Some(now) = &now {
        run.know(CURRENCY, now);
    }
    Ok(Said::new(result, outcome, (words, "Create a card token."))
        .fact("Before", before.unwrap_or_else(|| "not set".to_owned()))
        .fact("Now", now.unwrap_or_else(|| "not set".to_owned())))
}

async fn create_card(run: &mut Run<'_>, choice: &str) -> Result<Said, Said> {
    let test = flow::test_card(choice).ok_or_else(Said::unreadable)?;
    let now = run.link.now();
    let body = json!({
        "number": test.number, "exp_month": "12", "exp_year": (now.year() + 3).to_string(), "cvc2": "123", "name": "Test Bench",
    });
    let path = Ok(Path::of(&["cards"]));
    let answer = run.ask(Signed::Browser, Method::POST, path, Some(body)).await?;
    let body = body_of(&answer);
    let card = &body["card"];
    let Some(id) = reading::id(card) else {
        return Ok(refused(&answer, ""));
    };
    let facts = reading::facts(card);
    let shown = format!(
        "{} •••• {}",
        facts.brand.as_ref().map_or("Card", |brand| brand.display_name()),
        facts.last4.as_deref().unwrap_or("????")
    );
    run.forget(&[CARD_USED]);
    run.know(CARD, &id);
    run.know(CARD_CHOICE, choice);
    run.know(CARD_SHOWN, &shown);
    let created = reading::time(&card["created_at"]).unwrap_or(now);
    run.know(CARD_CREATED, created.to_rfc3339());
    let words = (
        "The card is a token now. It works once, for a customer token or a payment; the shop's server never sees the number.",
        "Create a customer token.",
    );
    let expiry = facts
        .expiry
        .map(|expiry| format!("{:02}/{}", expiry.month(), expiry.year()));
    let mut said = Said::new(documented(id.starts_with("card_")), "created", words)
        .fact("Card token", id)
        .fact("Card", shown)
        .fact("Expiry", expiry);
    said.tokens = run.single_use();
    Ok(said)
}

async fn create_token(
    run: &mut Run<'_>,
    customer: &str,
    card: Option<&str>,
    verify: bool,
) -> Result<Said, Said> {
    let mut body = json!({ "description": "Made by a test bench" });
    if let Some(card) = card {
        body["source"] = json!(card);
    }
    if verify {
        body["verify"] = json!(true);
        body["invoice_return_url"] = json!(RETURN_URL);
    }
    run.forget(&[TOKEN, VERIFY]);
    let answer = run
        .server(Method::POST, Path::token(customer, None), Some(body))
        .await?;
    if verify {
        run.know(VERIFY, "yes");
    }
    let expected = if card.is_some() {
        run.expected(verify)
    } else {
        Some("pending")
    };
    Ok(outcome(run, &answer, card.is_some(), expected))
}

async fn attach(run: &mut Run<'_>, customer: &str, token: &str, card: &str) -> Result<Said, Said> {
    let body = json!({ "source": card });
    let path = Path::token(customer, Some(token));
    let answer = run.ask(Signed::Browser, Method::PUT, path, Some(body)).await?;
    let expected = run.expected(true);
    if answers::judge(&answer).is_ok_and(|body| body["token"].is_null()) {
        // Whether an update tells the token is not the same everywhere: then it is read.
        run.know(CARD_USED, "yes");
        let action = body_of(&answer);
        let mut said = read(run, customer, token).await?;
        said.result = documented(expected == Some(said.outcome.as_str()));
        said.tokens = run.single_use();
        return Ok(with_action(said, &action));
    }
    Ok(outcome(run, &answer, true, expected))
}

async fn holder(run: &mut Run<'_>, customer: &str, token: &str, answer: &str) -> Result<Said, Said> {
    // What a browser makes of the page it came back to (ProcessOut fact sheet, section 2.4).
    let request = json!({
        "gateway_configuration_id": "", "method": "GET", "url": format!("{RETURN_URL}?answer={answer}"), "headers": {}, "body": "",
    });
    let source = format!("gway_req_{}", STANDARD.encode(request.to_string()));
    let path = Path::token(customer, Some(token));
    let body = json!({ "source": source });
    let answered = run.ask(Signed::Browser, Method::PUT, path, Some(body)).await?;
    if answers::judge(&answered).is_err() {
        let wanted = if answer == "refused" { "card." } else { "" };
        return Ok(refused(&answered, wanted));
    }
    let mut said = read(run, customer, token).await?;
    let expected = match answer {
        "passed" => "success",
        "refused" => "failed",
        _ => "unknown",
    };
    said.result = documented(said.outcome == expected);
    Ok(said)
}

/// What an answer that tells a customer token shows. `expected`: the status its documents promise, none where a refusal is
/// what they promise.
fn outcome(run: &mut Run<'_>, answer: &Answer, with_card: bool, expected: Option<&str>) -> Said {
    let body = body_of(answer);
    let token = &body["token"];
    let Some(id) = reading::id(token) else {
        let said = refused(answer, if expected.is_none() { "card." } else { "" });
        // A bank that refused has seen the card all the same.
        if with_card && said.outcome.starts_with("card.") {
            run.know(CARD_USED, "yes");
        }
        return Said {
            tokens: run.single_use(),
            ..said
        };
    };
    run.know(TOKEN, &id);
    if with_card {
        run.know(CARD_USED, "yes");
    }
    let said = shown_token(token, expected);
    Said {
        tokens: if with_card { run.single_use() } else { Vec::new() },
        ..with_action(said, &body)
    }
}

// The provider's word and whether it can be charged, side by side; neither follows from the other.
fn shown_token(token: &Value, expected: Option<&str>) -> Said {
    let Some(status) = token["verification_status"].as_str().and_then(masking::message) else {
        return Said::unreadable();
    };
    let yes_no = |value: &Value| match value.as_bool() {
        Some(true) => "yes".to_owned(),
        Some(false) => "no".to_owned(),
        None => "not told".to_owned(),
    };
    // The guide says `pending` about a card that was saved without verification, the examples say `not-requested`.
    let by_the_guide = expected == Some("not-requested") && status == "pending";
    let as_told = expected == Some(status.as_str()) || by_the_guide;
    Said::new(documented(as_told), &status, flow::meaning(&status))
        .fact("Customer token", reading::id(token))
        .fact("Verification", status.clone())
        .fact("Can be charged", yes_no(&token["is_chargeable"]))
        .fact("Default", yes_no(&token["is_default"]))
        .fact("Card", token["summary"].as_str().and_then(masking::message))
        .fact("Type", token["type"].as_str().and_then(masking::message))
}

// What the card's holder has to do first.
fn with_action(mut said: Said, body: &Value) -> Said {
    let action = &body["customer_action"];
    let Some(kind) = action["type"].as_str() else {
        return said;
    };
    said = said.fact("Holder has to", masking::message(kind));
    if matches!(kind, "url" | "redirect") {
        said.link = action["value"]
            .as_str()
            .filter(|link| link.starts_with("https://"))
            .map(str::to_owned);
    }
    said.meaning = "The card's holder has something to do before the bank says more.".to_owned();
    said.next = "Open the page as the card's holder, then read the customer token.".to_owned();
    said
}

async fn use_again(run: &mut Run<'_>, customer: &str, card: &str) -> Result<Said, Said> {
    let body = json!({ "source": card });
    let path = Path::token(customer, None);
    let answer = run.server(Method::POST, path, Some(body)).await?;
    run.know(CARD_USED, "yes");
    let said = match reading::id(&body_of(&answer)["token"]) {
        None => refused(&answer, "request.source.card-already-used"),
        Some(_) => {
            let words = (
                "The card token was taken a second time, which the documents rule out.",
                "List the customer's tokens.",
            );
            Said::new(StepResult::Otherwise, "created", words)
        }
    };
    Ok(Said {
        tokens: run.single_use(),
        ..said
    })
}

async fn read(run: &mut Run<'_>, customer: &str, token: &str) -> Result<Said, Said> {
    let path = Path::token(customer, Some(token));
    let answer = run.server(Method::GET, path, None).await?;
    let body = body_of(&answer);
    if reading::id(&body["token"]).is_none() {
        return Ok(refused(&answer, ""));
    }
    let mut said = shown_token(&body["token"], None);
    const STATUSES: [&str; 5] = ["success", "pending", "failed", "not-requested", "unknown"];
    said.result = documented(STATUSES.contains(&said.outcome.as_str()));
    Ok(said)
}

async fn list(run: &mut Run<'_>, customer: &str) -> Result<Said, Said> {
    let path = Path::token(customer, None).map(|path| path.with("limit", "100"));
    let answer = run.server(Method::GET, path, None).await?;
    let body = body_of(&answer);
    let Ok(page) = listed(&body, "tokens", 100) else {
        return Ok(refused(&answer, ""));
    };
    // A declined verification does not say which token it left.
    if run.known(TOKEN).is_none()
        && let Some(newest) = page.rows.iter().find_map(reading::id)
    {
        run.know(TOKEN, newest);
    }
    let words = (
        "These are the tokens of this customer, newest first.",
        "Delete the customer token.",
    );
    let mut said = Said::new(
        StepResult::AsDocumented,
        &format!("{} found", page.rows.len()),
        words,
    );
    for row in page.rows {
        let told = |name: &str| row[name].as_str().and_then(masking::message).unwrap_or_default();
        let chargeable = if row["is_chargeable"] == true {
            "can"
        } else {
            "cannot"
        };
        let value = format!(
            "{} {}, {} be charged",
            told("summary"),
            told("verification_status"),
            chargeable
        );
        said = said.fact(&reading::id(row).unwrap_or_default(), value.trim().to_owned());
    }
    Ok(said)
}

async fn delete_token(run: &mut Run<'_>, customer: &str, token: &str) -> Result<Said, Said> {
    let path = || Path::token(customer, Some(token));
    let answer = run.server(Method::DELETE, path(), None).await?;
    if answers::judge(&answer).is_err() {
        return Ok(refused(&answer, ""));
    }
    let read = run.server(Method::GET, path(), None).await?;
    let gone = answers::error_type(&read.body).as_deref() == Some("resource.token.not-found");
    if gone {
        run.forget(&[TOKEN, VERIFY]);
    }
    let words = if gone {
        (
            "The customer token is gone, and its card with it.",
            "Delete the customer.",
        )
    } else {
        (
            "The deletion was taken, and the token can still be read.",
            "Read the customer token again later.",
        )
    };
    Ok(Said::new(
        documented(gone),
        if gone { "deleted" } else { "still there" },
        words,
    ))
}

async fn delete_customer(run: &mut Run<'_>, customer: &str) -> Result<Said, Said> {
    let path = Path::named(&["customers", customer]);
    let answer = run.server(Method::DELETE, path, None).await?;
    if answers::judge(&answer).is_err() {
        return Ok(refused(&answer, ""));
    }
    run.state = FlowState::default();
    let words = ("The customer is gone. The run is over.", "");
    Ok(Said::new(StepResult::AsDocumented, "deleted", words))
}

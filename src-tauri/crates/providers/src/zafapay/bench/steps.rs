//! What each step of the flow asks and what its answer means.
//!
//! Must not know: which step comes when.

use super::flow;
use super::run::{
    CURRENCY, CUSTOMER, PAYMENT, Run, SAVED, STATUS, Said, TOKEN, TOKEN_CARD, TOKEN_CREATED, TOKEN_EXPIRES,
    TOKEN_SHOWN,
};
use crate::bench::StepResult;
use crate::http::Answer;
use crate::masking;
use crate::zafapay::link::{self, Key, Link};
use crate::zafapay::{answers, reading};
use chrono::Datelike;
use reqwest::Method;
use serde_json::{Value, json};
use tokendesk_model::Environment;
use tokendesk_model::card_number::contains_card_number;

// Where the buyer would come back to after 3-D Secure; recommended with a token.
const RETURN_URL: &str = "https://example.com/returned";
const AMOUNT: f64 = 10.0;

pub(super) async fn create_token(run: &mut Run<'_>, card: &str) -> Result<Said, Said> {
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

pub(super) async fn pay(
    run: &mut Run<'_>,
    token: &str,
    manual: bool,
    save: bool,
    currency: &str,
) -> Result<Said, Said> {
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

pub(super) async fn use_again(run: &mut Run<'_>, token: &str) -> Result<Said, Said> {
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

pub(super) async fn read_payment(run: &mut Run<'_>, payment: &str) -> Result<Said, Said> {
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

pub(super) async fn finish(run: &mut Run<'_>, payment: &str, action: &str) -> Result<Said, Said> {
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

pub(super) async fn saved_card(run: &mut Run<'_>, customer: &str) -> Result<Said, Said> {
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

pub(super) async fn pay_saved(run: &mut Run<'_>, customer: &str, saved: &str) -> Result<Said, Said> {
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
    let fits = (1..=200).contains(&text.chars().count()) && !contains_card_number(text);
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

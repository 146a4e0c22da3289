//! What each step asks ProcessOut, and what its answer is compared with.

use super::flow;
use super::run::{
    ACTION, CARD, CARD_CHOICE, CARD_CREATED, CARD_SHOWN, CARD_USED, CURRENCY, CUSTOMER, Run, Said, TOKEN,
    documented,
};
use crate::bench::{FlowState, StepResult};
use crate::http::Answer;
use crate::masking;
use crate::processout::answers;
use crate::processout::cards::listed;
use crate::processout::link::{Path, Signed};
use crate::processout::reading;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Datelike;
use reqwest::Method;
use serde_json::{Value, json};

// Where the holder's browser would come back to.
const RETURN_URL: &str = "https://example.com/returned";

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

pub(super) async fn create_customer(run: &mut Run<'_>, currency: &str, email: &str) -> Result<Said, Said> {
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

pub(super) async fn change_currency(run: &mut Run<'_>, customer: &str) -> Result<Said, Said> {
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

pub(super) async fn create_card(run: &mut Run<'_>, choice: &str) -> Result<Said, Said> {
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

pub(super) async fn create_token(
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
    run.forget(&[TOKEN, ACTION]);
    let answer = run
        .server(Method::POST, Path::token(customer, None), Some(body))
        .await?;
    let expected = if card.is_some() {
        run.expected(verify)
    } else {
        Some("pending")
    };
    Ok(outcome(run, &answer, card.is_some(), expected))
}

pub(super) async fn attach(run: &mut Run<'_>, customer: &str, token: &str, card: &str) -> Result<Said, Said> {
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
        return Ok(with_action(run, said, &action));
    }
    Ok(outcome(run, &answer, true, expected))
}

pub(super) async fn holder(
    run: &mut Run<'_>,
    customer: &str,
    token: &str,
    answer: &str,
) -> Result<Said, Said> {
    // What a browser makes of the page it came back to (ProcessOut fact sheet, section 2.4).
    let request = json!({
        "gateway_configuration_id": "", "method": "GET", "url": format!("{RETURN_URL}?answer={answer}"), "headers": {}, "body": "",
    });
    let source = format!("gway_req_{}", STANDARD.encode(request.to_string()));
    let path = Path::token(customer, Some(token));
    let body = json!({ "source": source });
    let answered = run.ask(Signed::Browser, Method::PUT, path, Some(body)).await?;
    run.forget(&[ACTION]);
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
        ..with_action(run, said, &body)
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
fn with_action(run: &mut Run<'_>, mut said: Said, body: &Value) -> Said {
    let action = &body["customer_action"];
    let Some(kind) = action["type"].as_str() else {
        return said;
    };
    run.know(ACTION, "yes");
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

pub(super) async fn use_again(run: &mut Run<'_>, customer: &str, card: &str) -> Result<Said, Said> {
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

pub(super) async fn read(run: &mut Run<'_>, customer: &str, token: &str) -> Result<Said, Said> {
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

pub(super) async fn list(run: &mut Run<'_>, customer: &str) -> Result<Said, Said> {
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

pub(super) async fn delete_token(run: &mut Run<'_>, customer: &str, token: &str) -> Result<Said, Said> {
    let path = || Path::token(customer, Some(token));
    let answer = run.server(Method::DELETE, path(), None).await?;
    if answers::judge(&answer).is_err() {
        return Ok(refused(&answer, ""));
    }
    let read = run.server(Method::GET, path(), None).await?;
    let gone = answers::error_type(&read.body).as_deref() == Some("resource.token.not-found");
    if gone {
        run.forget(&[TOKEN]);
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

pub(super) async fn delete_customer(run: &mut Run<'_>, customer: &str) -> Result<Said, Said> {
    let path = Path::named(&["customers", customer]);
    let answer = run.server(Method::DELETE, path, None).await?;
    if answers::judge(&answer).is_err() {
        return Ok(refused(&answer, ""));
    }
    run.state = FlowState::default();
    let words = ("The customer is gone. The run is over.", "");
    Ok(Said::new(StepResult::AsDocumented, "deleted", words))
}

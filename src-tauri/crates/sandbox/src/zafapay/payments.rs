//! Payments, as far as they use tokens and saved cards (Zafapay fact sheet, sections 4.1 and 5).

use serde_json::{Value, json};

use super::State;
use super::problem::Problem;
use super::shape;
use super::switches::{BlockedCardCode, IdempotencyKey, RefusalCode, RefusedPayment, SameCard, SavesCard};
use super::tokens;
use super::world::{Card, Outcome, Payment, Refund, SAVE_DELAY};
use crate::wire::{Call, Reply};

/// What a body asks for, checked.
struct Wanted {
    cents: i64,
    currency: String,
    manual: bool,
    save_card: bool,
    token: Option<String>,
    payment_method_id: Option<String>,
    customer_id: Option<String>,
}

/// `POST /v1/payments`.
pub(super) fn create(state: &mut State, call: &Call, body: &Value) -> Result<Reply, Problem> {
    let key = call
        .header("idempotency-key")
        .filter(|_| state.switches.idempotency_key == IdempotencyKey::Honoured)
        .map(str::to_owned);
    if let Some((first, status, answer)) = key.as_ref().and_then(|key| state.world.creates.get(key)) {
        if *first != call.body {
            return Err(Problem::new(
                400,
                "idempotency_key_mismatch",
                "The key was used with another body.",
            ));
        }
        return Ok(Reply::json(*status, answer.clone()));
    }
    let origin = format!("http://{}", call.header("host").unwrap_or("127.0.0.1"));
    let reply = pay(state, body, &origin)?;
    if let Some(key) = key {
        let kept = (call.body.to_vec(), reply.status, reply.body.clone());
        state.world.creates.insert(key, kept);
    }
    Ok(reply)
}

fn pay(state: &mut State, body: &Value, origin: &str) -> Result<Reply, Problem> {
    let wanted = wanted(body)?;
    if wanted.save_card && !state.switches.recurring_supported {
        return Err(Problem::new(
            400,
            "recurring_not_supported",
            "The connector does not save cards.",
        ));
    }
    let now = state.world.now();
    let mut payment = Payment {
        request_id: state.world.new_id("req_"),
        id: state.world.new_id("tx_"),
        status: "pending",
        cents: wanted.cents,
        refunded_cents: 0,
        refunds: Vec::new(),
        currency: wanted.currency,
        manual: wanted.manual,
        payment_type: if wanted.save_card { "initial" } else { "single" },
        external_id: body["external_id"].as_str().map(str::to_owned),
        metadata: body["metadata"].as_object().map_or(Value::Null, |map| json!(map)),
        customer_id: wanted.customer_id,
        email: body["email"].as_str().map(str::to_owned),
        tel: body["tel"].as_str().map(str::to_owned),
        save_card: wanted.save_card,
        card: None,
        holder: body["name"].as_str().map(str::to_owned),
        payment_method_id: None,
        error_code: None,
        created: now,
        updated: now,
    };
    let outcome = if let Some(id) = &wanted.token {
        let token = tokens::usable(state, id)?;
        if !wanted.save_card {
            payment.payment_type = "token";
        }
        payment.card = Some(token.card);
        payment.holder = token.holder.or(payment.holder);
        let refused = matches!(token.outcome, Outcome::Declined | Outcome::NoFunds);
        if let Some(kept) = state.world.tokens.get_mut(id) {
            kept.used = !refused || state.switches.refusal_uses_token;
        }
        Some(token.outcome)
    } else if let Some(id) = wanted.payment_method_id {
        let card = saved_card(state, &id, payment.customer_id.as_deref())?;
        payment.payment_type = "recurring";
        payment.card = card;
        payment.payment_method_id = Some(id);
        Some(Outcome::Succeeds)
    } else {
        None
    };
    match outcome {
        // Hosted: the buyer comes to the page first.
        None => {}
        Some(Outcome::Succeeds) => settle(state, &mut payment),
        Some(Outcome::NeedsAction) => payment.status = "requires_action",
        Some(refused) => {
            payment.status = "failed";
            payment.error_code = Some(match (state.switches.refusal_code, refused) {
                (RefusalCode::General, _) => "payment_failed",
                (RefusalCode::Specific, Outcome::NoFunds) => "insufficient_funds",
                (RefusalCode::Specific, _) => "card_declined",
            });
        }
    }
    let answer = shape::created(state, &payment, origin).to_string().into_bytes();
    let (status, code) = (payment.status, payment.error_code);
    state.world.payments.push(payment);
    match (status, code, state.switches.refused_payment) {
        ("failed", Some(code), RefusedPayment::Error) => {
            Err(Problem::new(400, code, "The card was refused."))
        }
        ("failed", ..) => Ok(Reply::json(400, answer)),
        ("requires_action", ..) => Ok(Reply::json(202, answer)),
        _ => Ok(Reply::json(201, answer)),
    }
}

fn wanted(body: &Value) -> Result<Wanted, Problem> {
    let text = |name: &str| {
        body[name]
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let cents = cents(&body["amount"])
        .filter(|cents| *cents > 0)
        .ok_or_else(|| Problem::new(400, "invalid_amount", "A positive amount is required."))?;
    let currency = text("currency")
        .filter(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_alphabetic()))
        .ok_or_else(|| Problem::invalid("currency", "A currency of three letters is required."))?;
    let manual = match &body["capture_method"] {
        Value::Null => false,
        value => match value.as_str() {
            Some("manual") => true,
            Some("automatic") => false,
            _ => {
                return Err(Problem::invalid(
                    "capture_method",
                    "automatic or manual is expected.",
                ));
            }
        },
    };
    let wanted = Wanted {
        cents,
        currency: currency.to_ascii_lowercase(),
        manual,
        save_card: body["save_card"] == json!(true),
        token: text("token"),
        payment_method_id: text("payment_method_id"),
        customer_id: text("customer_id"),
    };
    if wanted.customer_id.is_none() && (wanted.save_card || wanted.payment_method_id.is_some()) {
        return Err(Problem::invalid("customer_id", "The customer is required."));
    }
    Ok(wanted)
}

// A number with up to two decimals, in major units.
fn cents(value: &Value) -> Option<i64> {
    let amount = value.as_f64().filter(|amount| amount.abs() < 1e12)?;
    let cents = (amount * 100.0).round();
    ((amount * 100.0 - cents).abs() < 1e-4).then_some(cents as i64)
}

fn saved_card(state: &State, id: &str, customer_id: Option<&str>) -> Result<Option<Card>, Problem> {
    let place = state
        .world
        .reachable(id)
        .ok_or_else(|| Problem::not_found("payment method"))?;
    let saved = &state.world.saved[place];
    if Some(saved.customer_id.as_str()) != customer_id {
        return Err(Problem::not_found("payment method"));
    }
    if saved.status != "active" {
        let code = match state.switches.blocked_card_code {
            BlockedCardCode::PaymentFailed => "payment_failed",
            BlockedCardCode::InvalidStatus => "invalid_status",
        };
        return Err(Problem::new(400, code, "The payment method cannot be used."));
    }
    Ok(saved.card.clone())
}

// The money is there: the payment is completed, or authorized, and the card saved when that was asked.
fn settle(state: &mut State, payment: &mut Payment) {
    payment.status = if payment.manual { "authorized" } else { "completed" };
    payment.updated = state.world.now();
    let (true, Some(customer_id), Some(card)) = (payment.save_card, &payment.customer_id, &payment.card)
    else {
        return;
    };
    if state.switches.same_card == SameCard::Reused {
        let same = state.world.find_customer(customer_id).and_then(|customer| {
            customer
                .saved
                .iter()
                .map(|place| &state.world.saved[*place])
                .find(|saved| !saved.gone && saved.card.as_ref() == Some(card))
                .map(|saved| saved.id.clone())
        });
        if same.is_some() {
            payment.payment_method_id = same;
            return;
        }
    }
    let delay = match state.switches.saves_card {
        SavesCard::AtOnce => 0,
        SavesCard::Later => SAVE_DELAY,
    };
    payment.payment_method_id = Some(state.world.save(customer_id, card.clone(), delay));
}

/// `GET /v1/payments/{id}`.
pub(super) fn read(state: &State, id: &str) -> Result<Reply, Problem> {
    let place = place(state, id)?;
    ok(shape::payment(state, &state.world.payments[place]))
}

/// `POST /v1/payments/{id}/capture`.
pub(super) fn capture(state: &mut State, id: &str) -> Result<Reply, Problem> {
    move_on(state, id, "completed")
}

/// `POST /v1/payments/{id}/void`.
pub(super) fn void(state: &mut State, id: &str) -> Result<Reply, Problem> {
    move_on(state, id, "canceled")
}

// Only an authorisation can be captured or voided.
fn move_on(state: &mut State, id: &str, status: &'static str) -> Result<Reply, Problem> {
    let place = place(state, id)?;
    let now = state.world.now();
    let payment = &mut state.world.payments[place];
    if payment.status != "authorized" {
        return Err(Problem::new(
            400,
            "invalid_status",
            "The payment is not authorized.",
        ));
    }
    payment.status = status;
    payment.updated = now;
    ok(shape::payment(state, &state.world.payments[place]))
}

/// `POST /v1/payments/{id}/refund`.
pub(super) fn refund(state: &mut State, id: &str, body: &Value) -> Result<Reply, Problem> {
    let place = place(state, id)?;
    let payment = &state.world.payments[place];
    if !matches!(payment.status, "completed" | "partially_refunded") {
        return Err(Problem::new(
            400,
            "invalid_status",
            "The payment is not completed.",
        ));
    }
    let left = payment.cents - payment.refunded_cents;
    let wanted = match &body["amount"] {
        Value::Null => left,
        value => cents(value)
            .filter(|cents| (1..=left).contains(cents))
            .ok_or_else(|| Problem::new(400, "invalid_amount", "More than is left."))?,
    };
    let refund = Refund {
        id: state.world.new_id("orf_"),
        cents: wanted,
        reason: body["reason"].as_str().map(str::to_owned),
        created: state.world.now(),
    };
    let payment = &mut state.world.payments[place];
    payment.refunded_cents += wanted;
    payment.updated = refund.created;
    payment.status = if payment.refunded_cents == payment.cents {
        "refunded"
    } else {
        "partially_refunded"
    };
    payment.refunds.push(refund.clone());
    ok(shape::refund(state, &state.world.payments[place], &refund))
}

/// What the buyer does on the page: looks at it, approves, declines.
pub(super) fn checkout(state: &mut State, id: &str, approved: Option<bool>) -> Result<Reply, Problem> {
    let place = place(state, id)?;
    let Some(approved) = approved else {
        let page = format!(
            "<!DOCTYPE html><html><head><title>Test checkout</title></head><body><h1>Test checkout</h1>\
             <p>No money moves here.</p>\
             <form method=\"post\" action=\"/checkout/{id}/approve\"><button>Approve</button></form>\
             <form method=\"post\" action=\"/checkout/{id}/decline\"><button>Decline</button></form></body></html>"
        );
        return Ok(Reply::html(200, &page));
    };
    finish(state, place, approved)?;
    Ok(Reply::html(
        200,
        "<!DOCTYPE html><html><body><h1>Done</h1><p>This page can be closed.</p></body></html>",
    ))
}

/// Ends what the buyer had to do.
pub(super) fn finish(state: &mut State, place: usize, approved: bool) -> Result<(), Problem> {
    let mut payment = state.world.payments[place].clone();
    if !matches!(payment.status, "requires_action" | "pending") {
        return Err(Problem::new(
            400,
            "invalid_status",
            "The payment waits for nobody.",
        ));
    }
    if approved {
        if payment.card.is_none() {
            let (exp_year, exp_month) = crate::clock::year_month(state.world.now());
            payment.card = Some(Card {
                brand: "visa".to_owned(),
                last4: "4242".to_owned(),
                exp_month,
                exp_year: exp_year + 2,
            });
        }
        settle(state, &mut payment);
    } else {
        payment.status = "failed";
        payment.error_code = Some("payment_failed");
        payment.updated = state.world.now();
    }
    state.world.payments[place] = payment;
    Ok(())
}

fn place(state: &State, id: &str) -> Result<usize, Problem> {
    state
        .world
        .find_payment(id)
        .ok_or_else(|| Problem::not_found("payment"))
}

fn ok(body: Value) -> Result<Reply, Problem> {
    Ok(Reply::json(200, body.to_string().into_bytes()))
}

//! Objects as Zafapay writes them (Zafapay fact sheet, sections 3.1, 4 and 5).

use serde_json::{Map, Value, json};

use super::State;
use super::switches::{Amounts, ExpiredCards, Switches, Timestamps};
use super::world::{Card, Payment, Refund, Saved};
use crate::clock;

/// A point in time, in the form the switch asks for.
pub(super) fn time(switches: &Switches, at: i64) -> Value {
    let text = clock::rfc3339(at);
    match switches.timestamps {
        Timestamps::Millis => json!(text),
        Timestamps::Seconds => json!(format!("{}Z", text.split('.').next().unwrap_or_default())),
    }
}

/// An amount; `created` is the answer of a create, where the documents show a number.
pub(super) fn amount(switches: &Switches, cents: i64, created: bool) -> Value {
    let as_number = match switches.amounts {
        Amounts::Documented => created,
        Amounts::Numbers => true,
        Amounts::Texts => false,
    };
    if as_number {
        json!(cents as f64 / 100.0)
    } else {
        json!(format!("{}.{:02}", cents / 100, cents % 100))
    }
}

fn card(card: &Card) -> Value {
    json!({
        "brand": card.brand, "last4": card.last4, "exp_month": card.exp_month, "exp_year": card.exp_year,
    })
}

/// The status word a saved card shows.
pub(super) fn status(state: &State, saved: &Saved) -> String {
    let has_run_out = saved
        .card
        .as_ref()
        .is_some_and(|card| card.has_run_out(state.world.now()));
    if saved.status == "active" && has_run_out && state.switches.expired_cards == ExpiredCards::Expired {
        "expired".to_owned()
    } else {
        saved.status.clone()
    }
}

/// An item of a customer's list.
pub(super) fn saved(state: &State, saved: &Saved) -> Value {
    let mut item = json!({
        "id": saved.id,
        "type": saved.kind,
        "connector_id": saved.connector_id,
        "is_default": saved.is_default,
        "status": status(state, saved),
        "blocked_reason": saved.blocked_reason,
        "created_at": time(&state.switches, saved.created),
    });
    if let Some(shown) = &saved.card {
        item["card"] = card(shown);
    }
    item
}

/// What creating a payment answers.
pub(super) fn created(state: &State, payment: &Payment, origin: &str) -> Value {
    let switches = &state.switches;
    let mut object = json!({
        "id": payment.request_id,
        "status": payment.status,
        "amount": amount(switches, payment.cents, true),
        "currency": payment.currency,
        "external_id": payment.external_id,
        "metadata": payment.metadata,
        "flow_id": "flow_default",
        "payment_type": payment.payment_type,
        "created_at": time(switches, payment.created),
    });
    let page = format!("{origin}/checkout/{}", payment.request_id);
    match payment.status {
        "requires_action" => object["redirect_url"] = json!(page),
        "pending" => object["payment_url"] = json!(page),
        _ => {}
    }
    if let Some(code) = payment.error_code {
        object["error_code"] = json!(code);
    }
    if switches.saved_card_in_answer
        && let Some(id) = &payment.payment_method_id
    {
        object["payment_method_id"] = json!(id);
    }
    object
}

/// What reading a payment answers. Most members are null more often than not.
pub(super) fn payment(state: &State, payment: &Payment) -> Value {
    let switches = &state.switches;
    let card = payment.card.as_ref();
    let refunds: Vec<Value> = payment.refunds.iter().map(|r| refund_row(switches, r)).collect();
    let mut object = Map::new();
    let mut member = |name: &str, value: Value| {
        object.insert(name.to_owned(), value);
    };
    member("id", json!(payment.id));
    member("request_id", json!(payment.request_id));
    member("status", json!(payment.status));
    member("amount", amount(switches, payment.cents, false));
    member("currency", json!(payment.currency));
    member(
        "capture_method",
        json!(if payment.manual { "manual" } else { "automatic" }),
    );
    member("external_id", json!(payment.external_id));
    member("payment_method", json!("card"));
    member("amount_refunded", amount(switches, payment.refunded_cents, false));
    member("original_amount", Value::Null);
    member("original_currency", Value::Null);
    member("applied_rate", Value::Null);
    member("card_brand", json!(card.map(|c| &c.brand)));
    member("card_last4", json!(card.map(|c| &c.last4)));
    member("cardholder_name", json!(payment.holder));
    member("card_exp_month", json!(card.map(|c| c.exp_month)));
    member("card_exp_year", json!(card.map(|c| c.exp_year)));
    member("card_country", json!(card.map(|_| "US")));
    member("card_funding", json!(card.map(|_| "credit")));
    member("payment_method_id", json!(payment.payment_method_id));
    member("is_recurring", json!(payment.payment_type == "recurring"));
    member("customer_id", json!(payment.customer_id));
    member("email", json!(payment.email));
    member("tel", json!(payment.tel));
    member("product_name", Value::Null);
    member("error_code", json!(payment.error_code));
    member("refunds", json!(refunds));
    member("metadata", payment.metadata.clone());
    member("created_at", time(switches, payment.created));
    member("updated_at", time(switches, payment.updated));
    Value::Object(object)
}

fn refund_row(switches: &Switches, refund: &Refund) -> Value {
    json!({
        "id": refund.id, "amount": amount(switches, refund.cents, false), "status": "succeeded",
        "reason": refund.reason, "created_at": time(switches, refund.created),
    })
}

/// What refunding answers.
pub(super) fn refund(state: &State, payment: &Payment, refund: &Refund) -> Value {
    json!({
        "id": refund.id,
        "transaction_id": payment.id,
        "amount": amount(&state.switches, refund.cents, false),
        "status": "succeeded",
        "psp_refund_id": format!("psp_{}", refund.id),
        "refund_fee": amount(&state.switches, 0, false),
    })
}

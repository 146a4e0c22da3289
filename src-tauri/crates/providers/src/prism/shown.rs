//! Messages as JSON to be read by a person, in the spelling of gRPC's own tools (Prism fact sheet, section 7.5). What the
//! processor said raw is never decoded, so it cannot be shown.
//!
//! Must not know: what is done with it.

use super::answers::said;
use super::messages::{
    Customer, ErrorInfo, Money, PaymentServiceAuthorizeRequest, PaymentServiceAuthorizeResponse,
    PaymentServiceCaptureRequest, PaymentServiceRefundRequest, PaymentServiceTokenAuthorizeRequest,
    RefundResponse, SecretString,
};
use super::money;
use super::states;
use serde_json::{Map, Value, json};

/// Formatted; members that are absent are left out.
pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(&present(value)).unwrap_or_default()
}

fn present(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), present(value)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

fn amount(money: Option<&Money>) -> Value {
    money.map_or(Value::Null, |money| {
        let currency = money::code(money.currency).map_or_else(|| json!(money.currency), |code| json!(code));
        json!({ "minor_amount": money.minor_amount, "currency": currency })
    })
}

// Only published test tokens come here; they are no secret.
fn test_token(token: Option<&SecretString>) -> Value {
    token.map_or(Value::Null, |token| json!({ "value": token.value }))
}

fn customer(customer: Option<&Customer>) -> Value {
    customer.map_or(
        Value::Null,
        |customer| json!({ "connector_customer_id": customer.connector_customer_id }),
    )
}

fn capture_method(method: Option<i32>) -> Value {
    match method {
        Some(1) => json!("AUTOMATIC"),
        Some(2) => json!("MANUAL"),
        _ => Value::Null,
    }
}

/// The request of `TokenAuthorize`.
pub(super) fn token_authorize(request: &PaymentServiceTokenAuthorizeRequest) -> Value {
    json!({
        "merchant_transaction_id": request.merchant_transaction_id,
        "amount": amount(request.amount.as_ref()),
        "connector_token": test_token(request.connector_token.as_ref()),
        "customer": customer(request.customer.as_ref()),
        "address": { "billing_address": {} },
        "capture_method": capture_method(request.capture_method),
        "return_url": request.return_url,
    })
}

/// The request of `Authorize`.
pub(super) fn authorize(request: &PaymentServiceAuthorizeRequest) -> Value {
    let token = request
        .payment_method
        .as_ref()
        .and_then(|method| method.token.as_ref())
        .and_then(|token| token.token.as_ref());
    json!({
        "merchant_transaction_id": request.merchant_transaction_id,
        "amount": amount(request.amount.as_ref()),
        "payment_method": { "token": { "token": test_token(token) } },
        "customer": customer(request.customer.as_ref()),
        "address": { "billing_address": {} },
        "auth_type": "NO_THREE_DS",
        "capture_method": capture_method(request.capture_method),
        "return_url": request.return_url,
    })
}

/// The answer to either.
pub(super) fn authorized(answer: &PaymentServiceAuthorizeResponse) -> Value {
    json!({
        "connector_transaction_id": answer.connector_transaction_id,
        "status": states::name(answer.status),
        "status_code": answer.status_code,
        "error": error(answer.error.as_ref()),
        "captured_amount": answer.captured_amount,
        "authorized_amount": answer.authorized_amount,
        "authorized_money": amount(answer.authorized_money.as_ref()),
    })
}

/// A request that names a transaction and nothing else.
pub(super) fn transaction(id: &str) -> Value {
    json!({ "connector_transaction_id": id })
}

/// The request of `Capture`.
pub(super) fn capture(request: &PaymentServiceCaptureRequest) -> Value {
    json!({
        "connector_transaction_id": request.connector_transaction_id,
        "amount_to_capture": amount(request.amount_to_capture.as_ref()),
    })
}

/// The request of `Refund`.
pub(super) fn refund(request: &PaymentServiceRefundRequest) -> Value {
    json!({
        "merchant_refund_id": request.merchant_refund_id,
        "connector_transaction_id": request.connector_transaction_id,
        "payment_amount": request.payment_amount,
        "refund_amount": amount(request.refund_amount.as_ref()),
    })
}

/// The answer to it.
pub(super) fn refunded(answer: &RefundResponse) -> Value {
    json!({
        "connector_refund_id": answer.connector_refund_id,
        "status": refund_state(answer.status),
        "status_code": answer.status_code,
        "refund_amount": amount(answer.refund_amount.as_ref()),
        "error": error(answer.error.as_ref()),
    })
}

/// An answer that is a status.
pub(super) fn status(status: i32, info: Option<&ErrorInfo>, status_code: u32) -> Value {
    json!({ "status": states::name(status), "status_code": status_code, "error": error(info) })
}

/// A refund's state by its name.
pub(super) fn refund_state(state: i32) -> String {
    let name = match state {
        0 => "UNSPECIFIED",
        1 => "REFUND_FAILURE",
        2 => "REFUND_MANUAL_REVIEW",
        3 => "REFUND_PENDING",
        4 => "REFUND_SUCCESS",
        5 => "REFUND_TRANSACTION_FAILURE",
        other => return format!("STATUS {other}"),
    };
    name.to_owned()
}

fn error(info: Option<&ErrorInfo>) -> Value {
    said(info).map_or(Value::Null, |words| json!({ "message": words }))
}

//! The messages of `proto/prism.proto` as structs, written out so that building this crate needs no compiler of protobuf.
//! Numbers are the fact sheet's, section 7; a test compares them with the `.proto` file.
//!
//! Must not know: what a value means, where it is sent.

use prost::Message;
use std::fmt;

/// A text that is never shown.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct SecretString {
    #[prost(string, tag = "1")]
    pub(super) value: String,
}

/// An amount in minor units.
#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Money {
    #[prost(int64, tag = "1")]
    pub(super) minor_amount: i64,
    #[prost(int32, tag = "2")]
    pub(super) currency: i32,
}

/// An address of which nothing is said; its presence is what is asked for.
#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Address {}

/// Must be there, may say nothing (section 5.1).
#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct PaymentAddress {
    #[prost(message, optional, tag = "2")]
    pub(super) billing_address: Option<Address>,
}

/// Only the processor's own id of the customer.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Customer {
    #[prost(string, optional, tag = "4")]
    pub(super) connector_customer_id: Option<String>,
}

/// A token as payment method.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TokenPaymentMethodType {
    #[prost(message, optional, tag = "1")]
    pub(super) token: Option<SecretString>,
}

/// One of many there; here a token.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PaymentMethod {
    #[prost(message, optional, tag = "8")]
    pub(super) token: Option<TokenPaymentMethodType>,
}

/// The processor's own words.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ConnectorErrorDetails {
    #[prost(string, optional, tag = "1")]
    pub(super) code: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) message: Option<String>,
}

/// The bank's own words.
#[derive(Clone, PartialEq, Message)]
pub(super) struct IssuerErrorDetails {
    #[prost(string, optional, tag = "1")]
    pub(super) code: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) message: Option<String>,
}

/// Prism's words; mostly a copy of the processor's.
#[derive(Clone, PartialEq, Message)]
pub(super) struct UnifiedErrorDetails {
    #[prost(string, optional, tag = "1")]
    pub(super) code: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) message: Option<String>,
}

/// Why it did not work; may stand beside a success.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ErrorInfo {
    #[prost(message, optional, tag = "1")]
    pub(super) unified_details: Option<UnifiedErrorDetails>,
    #[prost(message, optional, tag = "2")]
    pub(super) issuer_details: Option<IssuerErrorDetails>,
    #[prost(message, optional, tag = "3")]
    pub(super) connector_details: Option<ConnectorErrorDetails>,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PaymentServiceTokenAuthorizeRequest {
    #[prost(string, optional, tag = "1")]
    pub(super) merchant_transaction_id: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub(super) amount: Option<Money>,
    #[prost(message, optional, tag = "3")]
    pub(super) connector_token: Option<SecretString>,
    #[prost(message, optional, tag = "4")]
    pub(super) customer: Option<Customer>,
    #[prost(message, optional, tag = "5")]
    pub(super) address: Option<PaymentAddress>,
    #[prost(int32, optional, tag = "6")]
    pub(super) capture_method: Option<i32>,
    #[prost(string, optional, tag = "7")]
    pub(super) return_url: Option<String>,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PaymentServiceAuthorizeRequest {
    #[prost(string, optional, tag = "1")]
    pub(super) merchant_transaction_id: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub(super) amount: Option<Money>,
    #[prost(message, optional, tag = "5")]
    pub(super) payment_method: Option<PaymentMethod>,
    #[prost(int32, optional, tag = "6")]
    pub(super) capture_method: Option<i32>,
    #[prost(message, optional, tag = "7")]
    pub(super) customer: Option<Customer>,
    #[prost(message, optional, tag = "8")]
    pub(super) address: Option<PaymentAddress>,
    #[prost(int32, tag = "9")]
    pub(super) auth_type: i32,
    #[prost(string, optional, tag = "14")]
    pub(super) return_url: Option<String>,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PaymentServiceAuthorizeResponse {
    #[prost(string, optional, tag = "2")]
    pub(super) connector_transaction_id: Option<String>,
    #[prost(int32, tag = "3")]
    pub(super) status: i32,
    #[prost(message, optional, tag = "4")]
    pub(super) error: Option<ErrorInfo>,
    #[prost(uint32, tag = "5")]
    pub(super) status_code: u32,
    #[prost(int64, optional, tag = "13")]
    pub(super) captured_amount: Option<i64>,
    #[prost(int64, optional, tag = "15")]
    pub(super) authorized_amount: Option<i64>,
    #[prost(message, optional, tag = "20")]
    pub(super) authorized_money: Option<Money>,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PaymentServiceVoidRequest {
    #[prost(string, optional, tag = "1")]
    pub(super) merchant_void_id: Option<String>,
    #[prost(string, tag = "2")]
    pub(super) connector_transaction_id: String,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PaymentServiceVoidResponse {
    #[prost(string, tag = "1")]
    pub(super) connector_transaction_id: String,
    #[prost(int32, tag = "2")]
    pub(super) status: i32,
    #[prost(message, optional, tag = "3")]
    pub(super) error: Option<ErrorInfo>,
    #[prost(uint32, tag = "4")]
    pub(super) status_code: u32,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PaymentServiceGetRequest {
    #[prost(string, tag = "2")]
    pub(super) connector_transaction_id: String,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PaymentServiceGetResponse {
    #[prost(string, tag = "1")]
    pub(super) connector_transaction_id: String,
    #[prost(int32, tag = "2")]
    pub(super) status: i32,
    #[prost(message, optional, tag = "3")]
    pub(super) error: Option<ErrorInfo>,
    #[prost(uint32, tag = "4")]
    pub(super) status_code: u32,
    #[prost(message, optional, tag = "8")]
    pub(super) amount: Option<Money>,
    #[prost(int64, optional, tag = "9")]
    pub(super) captured_amount: Option<i64>,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PaymentServiceCaptureRequest {
    #[prost(string, optional, tag = "1")]
    pub(super) merchant_capture_id: Option<String>,
    #[prost(string, tag = "2")]
    pub(super) connector_transaction_id: String,
    #[prost(message, optional, tag = "3")]
    pub(super) amount_to_capture: Option<Money>,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PaymentServiceCaptureResponse {
    #[prost(string, tag = "1")]
    pub(super) connector_transaction_id: String,
    #[prost(int32, tag = "2")]
    pub(super) status: i32,
    #[prost(message, optional, tag = "3")]
    pub(super) error: Option<ErrorInfo>,
    #[prost(uint32, tag = "4")]
    pub(super) status_code: u32,
    #[prost(int64, optional, tag = "9")]
    pub(super) captured_amount: Option<i64>,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PaymentServiceRefundRequest {
    #[prost(string, optional, tag = "1")]
    pub(super) merchant_refund_id: Option<String>,
    #[prost(string, tag = "2")]
    pub(super) connector_transaction_id: String,
    #[prost(int64, tag = "3")]
    pub(super) payment_amount: i64,
    #[prost(message, optional, tag = "4")]
    pub(super) refund_amount: Option<Money>,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct RefundResponse {
    #[prost(string, tag = "2")]
    pub(super) connector_refund_id: String,
    #[prost(int32, tag = "3")]
    pub(super) status: i32,
    #[prost(message, optional, tag = "4")]
    pub(super) error: Option<ErrorInfo>,
    #[prost(uint32, tag = "5")]
    pub(super) status_code: u32,
    #[prost(message, optional, tag = "7")]
    pub(super) refund_amount: Option<Money>,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct RecurringPaymentServiceRevokeRequest {
    #[prost(string, optional, tag = "1")]
    pub(super) merchant_revoke_id: Option<String>,
    #[prost(string, tag = "2")]
    pub(super) mandate_id: String,
    #[prost(string, optional, tag = "3")]
    pub(super) connector_mandate_id: Option<String>,
}

/// As the fact sheet lists it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct RecurringPaymentServiceRevokeResponse {
    #[prost(int32, tag = "1")]
    pub(super) status: i32,
    #[prost(message, optional, tag = "2")]
    pub(super) error: Option<ErrorInfo>,
    #[prost(uint32, tag = "3")]
    pub(super) status_code: u32,
}

// A token or a credential: never in a log line, whoever prints the message around it.
impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretString(…)")
    }
}

/// A text as secrets are sent.
pub(super) fn secret(value: &str) -> SecretString {
    SecretString {
        value: value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const PROTO: &str = include_str!("../../proto/prism.proto");
    const STRUCTS: &str = include_str!("messages.rs");

    // Message, field, number, and whether its absence can be told.
    type Row = (String, String, String, bool);

    fn of_proto() -> BTreeSet<Row> {
        let mut rows = BTreeSet::new();
        let mut message = "";
        for line in PROTO.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("message ") {
                message = rest.split_whitespace().next().unwrap();
            } else if let Some((declared, rest)) = line.split_once(" = ")
                && !message.is_empty()
            {
                let field = declared.split_whitespace().next_back().unwrap();
                let number = rest.split(';').next().unwrap();
                let optional = declared.starts_with("optional ");
                rows.insert((message.into(), field.into(), number.into(), optional));
            }
        }
        rows
    }

    fn of_structs() -> BTreeSet<Row> {
        let mut rows = BTreeSet::new();
        let (mut message, mut number) = ("", "");
        let code = STRUCTS.split("mod tests").next().unwrap();
        for line in code.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("pub(super) struct ") {
                message = rest.split_whitespace().next().unwrap();
            } else if let Some((_, rest)) = line.split_once("tag = \"") {
                number = rest.split('"').next().unwrap();
            } else if let Some(rest) = line.strip_prefix("pub(super) ")
                && let Some((field, kind)) = rest.split_once(": ")
                && !rest.starts_with("fn ")
            {
                let optional = kind.starts_with("Option<");
                rows.insert((message.into(), field.into(), number.into(), optional));
            }
        }
        rows
    }

    #[test]
    fn the_structs_and_the_proto_file_say_the_same() {
        let rows = of_proto();
        assert!(rows.len() > 60, "{}", rows.len());
        assert_eq!(of_structs(), rows);
    }

    #[test]
    fn a_secret_is_not_printed() {
        let request = PaymentServiceTokenAuthorizeRequest {
            connector_token: Some(secret("pm_1abc")),
            ..Default::default()
        };
        assert!(!format!("{request:?}").contains("pm_1abc"));
        assert_eq!(request.encode_to_vec(), b"\x1a\x09\x0a\x07pm_1abc");
    }
}

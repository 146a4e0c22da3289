//! KOMOJU's objects as JSON (fact sheet, sections 3 to 8).

use chrono::{DateTime, FixedOffset};
use serde_json::{Map, Value, json};

use super::switches::{SourceTold, Switches, Times};
use super::world::{
    Card, Customer, Details, Event, Metadata, Payment, PaymentStatus, Session, Source, Subscription, Token,
    World,
};
use crate::clock;

/// Where an object is told; the saved payment method is not told everywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    List,
    Show,
    /// The answer to a change, and what the server itself holds.
    Changed,
}

/// How objects are told.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) switches: Switches,
    /// Whether the call named API version 2025-01-28.
    pub(super) new_version: bool,
}

impl Shape {
    fn tells_source(&self, place: Place) -> bool {
        match (place, self.switches.source) {
            (Place::Changed, _) | (_, SourceTold::Shown) => true,
            (Place::List, SourceTold::HiddenOnList) | (_, SourceTold::Hidden) => false,
            (Place::Show, SourceTold::HiddenOnList) => true,
            (_, SourceTold::ByVersion) => self.new_version,
        }
    }

    pub(super) fn time(&self, at: i64) -> Value {
        let at = at - at.rem_euclid(1_000);
        let text = clock::rfc3339(at);
        match self.switches.times {
            Times::Utc => text.replace(".000Z", "Z").into(),
            Times::Offset => FixedOffset::east_opt(9 * 3_600)
                .zip(DateTime::from_timestamp_millis(at))
                .map_or(text, |(tokyo, at)| {
                    at.with_timezone(&tokyo)
                        .to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
                })
                .into(),
        }
    }

    fn maybe_time(&self, at: Option<i64>) -> Value {
        at.map_or(Value::Null, |at| self.time(at))
    }

    fn metadata(&self, metadata: Option<&Metadata>) -> Value {
        match metadata {
            Some(metadata) if !(self.switches.nulls && metadata.is_empty()) => json!(metadata),
            _ => Value::Null,
        }
    }

    fn year(&self, year: i32) -> i32 {
        if self.switches.two_digit_years {
            year % 100
        } else {
            year
        }
    }

    fn card(&self, card: &Card) -> Map<String, Value> {
        let mut told = Map::new();
        told.insert("type".to_owned(), "credit_card".into());
        told.insert("brand".to_owned(), json!(card.brand));
        told.insert("last_four_digits".to_owned(), card.last_four.clone().into());
        told.insert("month".to_owned(), card.month.into());
        told.insert("year".to_owned(), self.year(card.year).into());
        told
    }

    fn source(&self, source: &Source) -> Value {
        match source {
            Source::Card(card) => self.card(card).into(),
            Source::PayPay if self.switches.nulls => json!({
                "type": "paypay", "brand": null, "last_four_digits": null, "month": null, "year": null,
            }),
            Source::PayPay => json!({ "type": "paypay" }),
        }
    }

    pub(super) fn customer(&self, customer: &Customer, place: Place) -> Value {
        let source = customer
            .source
            .as_ref()
            .filter(|_| self.tells_source(place) && !customer.gone);
        let locale = customer.locale.as_ref().filter(|_| !self.switches.nulls);
        json!({
            "id": customer.id,
            "resource": "customer",
            "email": customer.email,
            "source": source.map(|source| self.source(source)),
            "metadata": self.metadata(customer.metadata.as_ref()),
            "created_at": self.time(customer.created),
            "locale": locale,
        })
    }

    /// Never the number, the brand or the last digits (fact sheet, section 5).
    pub(super) fn token(&self, id: &str, token: &Token) -> Value {
        let mut details = match &token.details {
            Details::Card { name, email, .. } => {
                let (given, family) = name
                    .as_deref()
                    .and_then(|name| name.split_once(' '))
                    .unwrap_or_default();
                json!({ "type": "credit_card", "email": email, "given_name": given, "family_name": family })
            }
            Details::EmailOnly(email) => json!({ "type": "konbini", "email": email }),
            Details::PayPay => json!({ "type": "paypay" }),
        };
        if let Value::Object(details) = &mut details {
            details.retain(|_, value| !value.is_null() && *value != "");
        }
        json!({
            "id": id,
            "resource": "token",
            "created_at": self.time(token.created),
            "payment_details": details,
        })
    }

    fn payment_details(&self, payment: &Payment) -> Value {
        match &payment.details {
            Details::Card { card, email, .. } => {
                let mut told = self.card(card);
                told.insert("email".to_owned(), json!(email));
                told.into()
            }
            Details::EmailOnly(email) => json!({
                "type": "konbini", "email": email, "store": null, "confirmation_code": null, "receipt": null,
                "instructions_url": format!("https://komoju.example/instructions/{}", payment.id),
            }),
            Details::PayPay => json!({ "type": "paypay" }),
        }
    }

    pub(super) fn payment(&self, payment: &Payment) -> Value {
        json!({
            "id": payment.id,
            "resource": "payment",
            "status": payment.status.text(),
            "amount": payment.amount,
            "tax": 0,
            "customer": payment.customer,
            "payment_deadline": self.maybe_time(payment.deadline),
            "payment_details": self.payment_details(payment),
            "payment_method_fee": 0,
            "total": payment.amount,
            "currency": payment.currency,
            "description": payment.description,
            "captured_at": self.maybe_time(payment.captured),
            "external_order_num": payment.order,
            "metadata": self.metadata(payment.metadata.as_ref()),
            "created_at": self.time(payment.created),
            "amount_refunded": payment.refunded,
            "locale": "ja",
            "session": payment.session,
            "customer_family_name": null,
            "customer_given_name": null,
            "mcc": null,
            "statement_descriptor": null,
            "refunds": [],
            "refund_requests": [],
        })
    }

    pub(super) fn session(&self, world: &World, session: &Session, now: i64) -> Value {
        let mut told = json!({
            "id": session.id,
            "resource": "session",
            "mode": session.mode.text(),
            "amount": session.amount,
            "currency": session.currency,
            "session_url": format!("https://komoju.example/sessions/{}", session.id),
            "return_url": session.return_url,
            "default_locale": session.locale.as_deref().unwrap_or("ja"),
            "payment_methods": [{ "type": "credit_card" }, { "type": "konbini" }, { "type": "paypay" }],
            "created_at": self.time(session.created),
            "cancelled_at": self.maybe_time(session.cancelled),
            "completed_at": self.maybe_time(session.completed),
            "status": session_status(session),
            "expired": session.has_run_out(now),
            "merchant": null,
            "metadata": self.metadata(session.metadata.as_ref()),
        });
        if let Some(customer) = &session.customer {
            told["customer_id"] = customer.clone().into();
        }
        if let Some(email) = &session.email {
            told["email"] = email.clone().into();
        }
        let payment = session
            .payment
            .as_ref()
            .and_then(|id| world.payments.iter().find(|payment| payment.id == *id));
        if let Some(payment) = payment {
            told["payment"] = self.payment(payment);
        }
        told
    }

    pub(super) fn subscription(&self, world: &World, subscription: &Subscription, place: Place) -> Value {
        let customer = world.customer_or_gone(&subscription.customer);
        let card = customer
            .filter(|customer| !customer.gone)
            .and_then(|customer| customer.source.as_ref());
        let details = match card {
            Some(Source::Card(card)) => Some(self.card(card).into()),
            Some(source) => Some(self.source(source)),
            None => None,
        };
        json!({
            "id": subscription.id,
            "resource": "subscription",
            "status": if subscription.ended.is_some() { "cancelled" } else { "active" },
            "amount": subscription.amount,
            "currency": subscription.currency,
            "customer": customer.map(|customer| self.customer(customer, place)),
            "period": subscription.period,
            "day": 1,
            "payment_details": details.unwrap_or(Value::Null),
            "retry_count": 0,
            "retry_at": null,
            "next_capture_at": self.time(subscription.created + 30 * clock::DAY),
            "created_at": self.time(subscription.created),
            "ended_at": self.maybe_time(subscription.ended),
            "metadata": {},
            "payments": [],
        })
    }

    pub(super) fn event(&self, event: &Event, place: Place) -> Value {
        let mut data = event.data.clone();
        if data["resource"] == "customer" && !self.tells_source(place) {
            data["source"] = Value::Null;
        }
        if data["resource"] == "customer" && self.switches.event_data == super::switches::EventData::Nothing {
            data = Value::Null;
        }
        json!({
            "id": event.id,
            "type": event.kind,
            "resource": "event",
            "created_at": self.time(event.created),
            "data": data,
            "reason": null,
        })
    }
}

/// `pending`, `completed` or `cancelled` (fact sheet, section 4.4).
pub(super) fn session_status(session: &Session) -> &'static str {
    match (session.completed, session.cancelled) {
        (Some(_), _) => "completed",
        (None, Some(_)) => "cancelled",
        (None, None) => "pending",
    }
}

/// The word an event of a payment in this status has; none for a status without an event.
pub(super) fn payment_event(status: PaymentStatus) -> Option<&'static str> {
    match status {
        PaymentStatus::Pending => None,
        PaymentStatus::Authorized => Some("payment.authorized"),
        PaymentStatus::Captured => Some("payment.captured"),
        PaymentStatus::Expired => Some("payment.expired"),
        PaymentStatus::Cancelled => Some("payment.cancelled"),
        PaymentStatus::Refunded => Some("payment.refunded"),
    }
}

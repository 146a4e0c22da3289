//! Edits by somebody else, and what the server really holds, for tests and demos.
//!
//! An edit is one of
//! * `{"id": CUSTOMER, "email": TEXT|null, "source": SOURCE|null, "metadata": {KEY: TEXT|null}, "delete": true}`, where
//!   `metadata` changes single keys (null removes one; `"metadata": null` removes all) and `SOURCE` is `"paypay"` or
//!   `{"brand": TEXT|null, "last4": "1111", "month": 1, "year": 2030}`;
//! * `{"customer": {…}}`, the same members without `id`: a customer made by somebody else;
//! * `{"payment": {"customer": ID, "status": "authorized", "amount": 4800}}`;
//! * `{"subscription": {"customer": ID}}`;
//! * `{"one_click": EXTERNAL_ID}`: a buyer saved a card on the hosted page.
//!
//! The answer is the truth of what was edited.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::ask::note_customer;
use super::shape::{Place, Shape};
use super::switches::Switches;
use super::world::{Card, Customer, Metadata, PaymentStatus, Source, Subscription, World, kind};
use crate::truth::EditError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, untagged)]
enum Edit {
    New { customer: Change },
    Payment { payment: NewPayment },
    Subscription { subscription: NewSubscription },
    OneClick { one_click: String },
    Change(Box<Changed>),
}

#[derive(Deserialize)]
struct Changed {
    id: String,
    #[serde(default)]
    delete: bool,
    #[serde(flatten)]
    change: Change,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Change {
    #[serde(deserialize_with = "present")]
    email: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    source: Option<Option<SourceGiven>>,
    #[serde(deserialize_with = "present")]
    metadata: Option<Option<BTreeMap<String, Option<String>>>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SourceGiven {
    Named(String),
    Card {
        brand: Option<String>,
        last4: String,
        month: u32,
        year: i32,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPayment {
    customer: String,
    #[serde(default = "authorized")]
    status: String,
    #[serde(default = "some_amount")]
    amount: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSubscription {
    customer: String,
}

fn authorized() -> String {
    "authorized".to_owned()
}

fn some_amount() -> u64 {
    4_800
}

/// Tells an explicit null from an absent member.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(input: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(input).map(Some)
}

fn shape_error(words: &str) -> EditError {
    EditError::Shape(words.to_owned())
}

/// Does an edit by somebody else; events tell of it as of any other change.
///
/// # Errors
/// [`EditError`]; nothing changes then.
pub(super) fn edit(world: &mut World, shape: Shape, now: i64, edit: Value) -> Result<Value, EditError> {
    let edit: Edit = serde_json::from_value(edit).map_err(|_| shape_error("see the module's own words"))?;
    match edit {
        Edit::New { customer } => {
            let mut made = Customer {
                id: world.next_id(kind::CUSTOMER),
                created: now,
                email: None,
                source: None,
                metadata: Some(Metadata::new()),
                locale: Some("ja".to_owned()),
                gone: false,
            };
            apply(&mut made, customer)?;
            let id = made.id.clone();
            world.add_customer(made);
            note_customer(world, shape, now, "customer.created", &id);
            truth_or(world, &id)
        }
        Edit::Payment { payment: new } => {
            let source = world
                .customer(&new.customer)
                .ok_or(EditError::NoSuchObject)?
                .source
                .clone();
            let source = source.ok_or_else(|| shape_error("the customer has nothing to pay with"))?;
            let status = PaymentStatus::parse(&new.status).ok_or_else(|| shape_error("status"))?;
            let mut payment = world.payment(now, new.amount, "JPY", source.details(None), status);
            payment.customer = Some(new.customer);
            let id = payment.id.clone();
            world.payments.push(payment);
            truth_or(world, &id)
        }
        Edit::Subscription { subscription } => {
            world
                .customer(&subscription.customer)
                .ok_or(EditError::NoSuchObject)?;
            let id = world.next_id(kind::SUBSCRIPTION);
            world.subscriptions.push(Subscription {
                id: id.clone(),
                created: now,
                customer: subscription.customer,
                amount: 980,
                currency: "JPY".to_owned(),
                period: "monthly".to_owned(),
                ended: None,
            });
            truth_or(world, &id)
        }
        Edit::OneClick { one_click } => {
            world.one_click.insert(one_click.clone(), true);
            truth_or(world, &one_click)
        }
        Edit::Change(changed) => {
            let Changed { id, delete, change } = *changed;
            let customer = world.customer_mut(&id).ok_or(EditError::NoSuchObject)?;
            apply(customer, change)?;
            if delete {
                customer.gone = true;
                customer.source = None;
            }
            let what = if delete {
                "customer.deleted"
            } else {
                "customer.updated"
            };
            note_customer(world, shape, now, what, &id);
            truth_or(world, &id)
        }
    }
}

fn apply(customer: &mut Customer, change: Change) -> Result<(), EditError> {
    let source = match change.source {
        None => None,
        Some(None) => Some(None),
        Some(Some(SourceGiven::Named(word))) if word == "paypay" => Some(Some(Source::PayPay)),
        Some(Some(SourceGiven::Named(_))) => return Err(shape_error("source")),
        Some(Some(SourceGiven::Card { month, .. })) if !(1..=12).contains(&month) => {
            return Err(shape_error("month"));
        }
        Some(Some(SourceGiven::Card {
            brand,
            last4,
            month,
            year,
        })) => Some(Some(Source::Card(Card {
            brand,
            last_four: last4,
            month,
            year,
        }))),
    };
    if let Some(source) = source {
        customer.source = source;
    }
    if let Some(email) = change.email {
        customer.email = email;
    }
    match change.metadata {
        None => {}
        Some(None) => customer.metadata = None,
        Some(Some(changes)) => {
            let metadata = customer.metadata.get_or_insert_default();
            for (key, value) in changes {
                match value {
                    Some(value) => _ = metadata.insert(key, value),
                    None => _ = metadata.remove(&key),
                }
            }
        }
    }
    Ok(())
}

fn truth_or(world: &World, id: &str) -> Result<Value, EditError> {
    truth(world, id).ok_or(EditError::NoSuchObject)
}

/// What the server holds of a customer, token, payment, session, subscription or one-click record, whole.
pub(super) fn truth(world: &World, id: &str) -> Option<Value> {
    let shape = Shape {
        switches: Switches::default(),
        new_version: true,
    };
    if let Some(customer) = world.customer_or_gone(id) {
        let mut told = shape.customer(customer, Place::Changed);
        told["gone"] = customer.gone.into();
        return Some(told);
    }
    if let Some(token) = world.tokens.get(id) {
        let mut told = shape.token(id, token);
        told["used"] = token.used.into();
        return Some(told);
    }
    if let Some(payment) = world.payments.iter().find(|payment| payment.id == id) {
        return Some(shape.payment(payment));
    }
    if let Some(session) = world.sessions.get(id) {
        return Some(shape.session(world, session, session.created));
    }
    if let Some(subscription) = world.subscriptions.iter().find(|one| one.id == id) {
        return Some(shape.subscription(world, subscription, Place::Changed));
    }
    let exists = world.one_click.get(id)?;
    Some(json!({ "id": id, "one_click": true, "gone": !exists }))
}

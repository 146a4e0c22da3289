//! What KOMOJU holds: customers with at most one saved payment method each, tokens of one use, payments, sessions,
//! subscriptions, one-click records and past events. Knows nothing of HTTP, JSON or switches.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::clock::DAY;
use crate::world::pick;

/// How long a token lives without being used (fact sheet, section 5).
pub(super) const TOKEN_LIFE: i64 = DAY;
/// How long a buyer may take to pay at a shop's counter.
pub(super) const COUNTER_LIFE: i64 = 3 * DAY;

/// Metadata: text to text.
pub(super) type Metadata = BTreeMap<String, String>;

/// A card as the payment system tells it.
#[derive(Clone)]
pub(super) struct Card {
    pub(super) brand: Option<String>,
    pub(super) last_four: String,
    pub(super) month: u32,
    /// As kept: four digits, or two.
    pub(super) year: i32,
}

/// A payment method saved with a customer.
#[derive(Clone)]
pub(super) enum Source {
    Card(Card),
    PayPay,
}

#[derive(Clone)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) email: Option<String>,
    pub(super) source: Option<Source>,
    pub(super) metadata: Option<Metadata>,
    pub(super) locale: Option<String>,
    pub(super) gone: bool,
}

/// What a token or a payment is paid with.
#[derive(Clone)]
pub(super) enum Details {
    Card {
        card: Card,
        name: Option<String>,
        email: Option<String>,
    },
    /// Only an email: paid at a convenience store.
    EmailOnly(String),
    PayPay,
}

impl Details {
    /// Whether a customer can hold it (fact sheet, section 4.4).
    pub(super) fn can_be_saved(&self) -> bool {
        self.saved().is_some()
    }

    /// What a customer holds of it; none for what cannot be saved.
    pub(super) fn saved(&self) -> Option<Source> {
        match self {
            Self::Card { card, .. } => Some(Source::Card(card.clone())),
            Self::PayPay => Some(Source::PayPay),
            Self::EmailOnly(_) => None,
        }
    }
}

impl Source {
    /// What a payment with it is paid with.
    pub(super) fn details(&self, email: Option<String>) -> Details {
        match self {
            Self::Card(card) => Details::Card {
                card: card.clone(),
                name: None,
                email,
            },
            Self::PayPay => Details::PayPay,
        }
    }
}

#[derive(Clone)]
pub(super) struct Token {
    pub(super) created: i64,
    pub(super) details: Details,
    /// The one currency a payment with it may have.
    pub(super) currency: Option<String>,
    pub(super) used: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PaymentStatus {
    Pending,
    Authorized,
    Captured,
    Expired,
    Cancelled,
    Refunded,
}

impl PaymentStatus {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Authorized => "authorized",
            Self::Captured => "captured",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Authorized,
            Self::Captured,
            Self::Expired,
            Self::Cancelled,
            Self::Refunded,
        ]
        .into_iter()
        .find(|status| status.text() == text)
    }

    /// Whether money may still move.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Authorized)
    }
}

#[derive(Clone)]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) status: PaymentStatus,
    pub(super) amount: u64,
    pub(super) currency: String,
    pub(super) customer: Option<String>,
    pub(super) details: Details,
    pub(super) session: Option<String>,
    pub(super) description: Option<String>,
    pub(super) order: Option<String>,
    pub(super) metadata: Option<Metadata>,
    pub(super) captured: Option<i64>,
    pub(super) deadline: Option<i64>,
    pub(super) refunded: u64,
}

/// What completing a session makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Payment,
    Customer,
    CustomerPayment,
}

impl Mode {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Customer => "customer",
            Self::CustomerPayment => "customer_payment",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Payment, Self::Customer, Self::CustomerPayment]
            .into_iter()
            .find(|mode| mode.text() == text)
    }
}

#[derive(Clone)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) expires: i64,
    pub(super) mode: Mode,
    pub(super) amount: u64,
    pub(super) currency: String,
    pub(super) customer: Option<String>,
    pub(super) external_customer: Option<String>,
    pub(super) email: Option<String>,
    pub(super) return_url: Option<String>,
    pub(super) locale: Option<String>,
    pub(super) metadata: Option<Metadata>,
    pub(super) payment: Option<String>,
    pub(super) completed: Option<i64>,
    pub(super) cancelled: Option<i64>,
}

#[derive(Clone)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) customer: String,
    pub(super) amount: u64,
    pub(super) currency: String,
    pub(super) period: String,
    pub(super) ended: Option<i64>,
}

pub(super) struct Event {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) kind: &'static str,
    /// The object as it was, whole.
    pub(super) data: Value,
}

/// An answer kept for its idempotency key.
pub(super) struct Kept {
    pub(super) at: i64,
    /// Path and body of the first call.
    pub(super) asked: (String, Vec<u8>),
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Everything one merchant has.
pub(super) struct World {
    pub(super) seed: u64,
    /// Oldest first; a deleted one stays as `gone`.
    pub(super) customers: Vec<Customer>,
    places: HashMap<String, usize>,
    pub(super) tokens: HashMap<String, Token>,
    /// Oldest first.
    pub(super) payments: Vec<Payment>,
    pub(super) sessions: HashMap<String, Session>,
    /// Oldest first.
    pub(super) subscriptions: Vec<Subscription>,
    /// Hosted-page records by the merchant's own id; `true` while they exist.
    pub(super) one_click: BTreeMap<String, bool>,
    /// Oldest first.
    pub(super) events: Vec<Event>,
    pub(super) kept: HashMap<String, Kept>,
    made: u64,
}

/// 25 lower-case letters and digits, as KOMOJU's ids are.
pub(super) fn object_id(seed: u64, kind: u64, n: u64) -> String {
    let high = u128::from(pick(seed, 100 + kind, n));
    let low = u128::from(pick(seed, 200 + kind, n));
    let mut rest = high << 64 | low;
    let mut id = String::with_capacity(25);
    for _ in 0..25 {
        let digit = (rest % 36) as u8;
        rest /= 36;
        id.push(char::from(if digit < 10 {
            b'0' + digit
        } else {
            b'a' + digit - 10
        }));
    }
    id
}

/// Kinds of objects, for [`object_id`].
pub(super) mod kind {
    pub(crate) const CUSTOMER: u64 = 1;
    pub(crate) const TOKEN: u64 = 2;
    pub(crate) const PAYMENT: u64 = 3;
    pub(crate) const SESSION: u64 = 4;
    pub(crate) const SUBSCRIPTION: u64 = 5;
    pub(crate) const EVENT: u64 = 6;
}

impl World {
    /// A world without anything.
    pub(super) fn empty(seed: u64, customers: usize) -> Self {
        Self {
            seed,
            customers: Vec::with_capacity(customers),
            places: HashMap::with_capacity(customers),
            tokens: HashMap::new(),
            payments: Vec::new(),
            sessions: HashMap::new(),
            subscriptions: Vec::new(),
            one_click: BTreeMap::new(),
            events: Vec::new(),
            kept: HashMap::new(),
            made: 0,
        }
    }

    /// An id for something made now.
    pub(super) fn next_id(&mut self, kind: u64) -> String {
        self.made += 1;
        object_id(self.seed, kind, (1 << 40) + self.made)
    }

    /// Adds a customer, who must be the newest.
    pub(super) fn add_customer(&mut self, customer: Customer) {
        self.places.insert(customer.id.clone(), self.customers.len());
        self.customers.push(customer);
    }

    /// A customer that exists.
    pub(super) fn customer(&self, id: &str) -> Option<&Customer> {
        self.customer_or_gone(id).filter(|customer| !customer.gone)
    }

    /// A customer that exists or was deleted.
    pub(super) fn customer_or_gone(&self, id: &str) -> Option<&Customer> {
        self.customers.get(*self.places.get(id)?)
    }

    /// A customer that exists, to be changed.
    pub(super) fn customer_mut(&mut self, id: &str) -> Option<&mut Customer> {
        let place = *self.places.get(id)?;
        self.customers.get_mut(place).filter(|customer| !customer.gone)
    }

    /// A payment, not yet added.
    pub(super) fn payment(
        &mut self,
        now: i64,
        amount: u64,
        currency: &str,
        details: Details,
        status: PaymentStatus,
    ) -> Payment {
        Payment {
            id: self.next_id(kind::PAYMENT),
            created: now,
            status,
            amount,
            currency: currency.to_owned(),
            customer: None,
            session: None,
            description: None,
            order: None,
            metadata: None,
            captured: (status == PaymentStatus::Captured).then_some(now),
            deadline: matches!(details, Details::EmailOnly(_)).then_some(now + COUNTER_LIFE),
            refunded: 0,
            details,
        }
    }

    /// Lets what is due happen: counters nobody paid at, tokens nobody used.
    pub(super) fn advance(&mut self, now: i64) {
        for payment in &mut self.payments {
            if payment.status.is_open() && payment.deadline.is_some_and(|deadline| deadline <= now) {
                payment.status = PaymentStatus::Expired;
            }
        }
        self.kept.retain(|_, kept| now - kept.at < DAY);
    }
}

impl Token {
    /// Whether its day without use is over.
    pub(super) fn has_run_out(&self, now: i64) -> bool {
        !self.used && now - self.created >= TOKEN_LIFE
    }
}

impl Session {
    pub(super) fn has_run_out(&self, now: i64) -> bool {
        self.completed.is_none() && self.cancelled.is_none() && now >= self.expires
    }
}

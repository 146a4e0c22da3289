//! What the processors behind Prism hold: saved tokens with their customers, and every transaction made. Prism itself
//! keeps nothing. Knows no messages and no status codes.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::connector::Connector;
use crate::people;
use crate::world::pick;

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const UPPER: &[u8] = b"ABCDEFGHJKLMNPQRSTVWXZ23456789";
const HEX: &[u8] = b"0123456789ABCDEF";
const DIGITS: &[u8] = b"0123456789";

/// What happens to a payment with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// As it should.
    Fine,
    /// Declined with HTTP 402: Prism's `UNKNOWN`.
    Declined,
    /// Declined inside an answer of HTTP 200: status 21.
    DeclinedInAnswer,
    /// The customer must confirm: status 4, nothing is reserved.
    NeedsCustomer,
    /// Charged although only a hold was asked for.
    Charged,
    /// The processor tells another amount than the one asked for.
    OtherAmount,
    /// The hold is made and never answered.
    AuthorizeUnanswered,
    /// Held; the void is done and never answered.
    VoidUnanswered,
    /// Held; the void is never done and never answered.
    VoidLost,
    /// Held; the void is refused with HTTP 400.
    VoidRefused,
    /// Held; the void answers this status and is not done.
    VoidStatus(i64),
    /// Held; the authorize answers this status.
    Status(i64),
    /// The processor knows no such token.
    Gone,
    /// The processor fails with this HTTP status and reserves nothing.
    Failing(u16),
}

impl Fate {
    /// The fate a test token names: what follows `sandbox_`. Every connector takes test tokens; none is in the
    /// directory.
    pub(super) fn of_test_token(token: &str) -> Option<Self> {
        let (_, name) = token.split_once("sandbox_")?;
        Some(match name {
            "ok" => Self::Fine,
            "declined" => Self::Declined,
            "declined_in_answer" => Self::DeclinedInAnswer,
            "needs_customer" => Self::NeedsCustomer,
            "charged" => Self::Charged,
            "other_amount" => Self::OtherAmount,
            "authorize_unanswered" => Self::AuthorizeUnanswered,
            "void_unanswered" => Self::VoidUnanswered,
            "void_lost" => Self::VoidLost,
            "void_refused" => Self::VoidRefused,
            "gone" => Self::Gone,
            other => {
                let number = |prefix: &str| other.strip_prefix(prefix)?.parse().ok();
                match (number("void_status_"), number("status_"), number("http_")) {
                    (Some(status), _, _) => Self::VoidStatus(status),
                    (_, Some(status), _) => Self::Status(status),
                    (_, _, Some(status)) => Self::Failing(u16::try_from(status).ok()?),
                    _ => return None,
                }
            }
        })
    }

    /// The tokens Stripe publishes for its own test side.
    fn of_stripes_own(token: &str) -> Option<Self> {
        Some(match token {
            "pm_card_visa" | "pm_card_mastercard" | "pm_card_amex" => Self::Fine,
            "pm_card_visa_chargeDeclined" | "pm_card_visa_chargeDeclinedInsufficientFunds" => Self::Declined,
            "pm_card_authenticationRequired" => Self::NeedsCustomer,
            _ => return None,
        })
    }
}

/// A token somebody saved at a processor.
pub(super) struct Saved {
    pub(super) token: String,
    pub(super) connector: Connector,
    /// The processor's id of the customer it belongs to.
    pub(super) customer: String,
    email: Option<String>,
    pub(super) fate: Fate,
    /// Removed at the processor; says by whom.
    pub(super) revoked: Option<&'static str>,
}

/// A token as a payment finds it.
pub(super) struct Found {
    pub(super) fate: Fate,
    /// The customer it is attached to; none for a test token.
    pub(super) customer: Option<String>,
}

/// What became of the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Money {
    /// Nothing was reserved.
    Nothing,
    Held,
    /// Accepted to be voided; happens at this moment.
    Voiding(i64),
    Voided,
    Charged,
}

/// One payment at a processor.
pub(super) struct Transaction {
    pub(super) id: String,
    /// What the caller called it; `None` when it did not.
    reference: Option<String>,
    pub(super) connector: Connector,
    token: String,
    pub(super) amount: i64,
    pub(super) currency: i64,
    pub(super) money: Money,
    pub(super) refunded: i64,
    /// The status it was answered with.
    pub(super) status: i64,
    pub(super) fate: Fate,
}

/// A payment about to be made.
pub(super) struct Asked {
    pub(super) connector: Connector,
    pub(super) reference: Option<String>,
    pub(super) token: String,
    pub(super) amount: i64,
    pub(super) currency: i64,
    pub(super) fate: Fate,
}

pub(super) struct World {
    seed: u64,
    saved: Vec<Saved>,
    by_token: HashMap<String, usize>,
    transactions: Vec<Transaction>,
    by_id: HashMap<String, usize>,
    refunds: u64,
    /// Ids that would have led a request to another path of the processor.
    strayed: Vec<String>,
    passed_ms: i64,
}

impl World {
    /// Tokens of `customers` people at each processor; the people follow from `people_seed`.
    pub(super) fn generate(customers: u32, people_seed: u64, seed: u64) -> Self {
        let mut world = Self {
            seed,
            saved: Vec::new(),
            by_token: HashMap::new(),
            transactions: Vec::new(),
            by_id: HashMap::new(),
            refunds: 0,
            strayed: Vec::new(),
            passed_ms: 0,
        };
        for connector in Connector::ALL {
            for n in 0..customers {
                let person = people::person(people_seed, n);
                let index = u64::from(n);
                let customer = customer_id(connector, seed, index, &person.customer_id);
                let how_many = 1 + u64::from(pick(seed, 711, index).is_multiple_of(6));
                for nth in 0..how_many {
                    let place = index * 4 + nth;
                    let fate = match pick(seed, 712, place) % 60 {
                        0 => Fate::Declined,
                        1 => Fate::DeclinedInAnswer,
                        2 => Fate::NeedsCustomer,
                        3 => Fate::Gone,
                        _ => Fate::Fine,
                    };
                    world.save(Saved {
                        token: token(connector, seed, place),
                        connector,
                        customer: customer.clone(),
                        email: person.email.clone(),
                        fate,
                        revoked: None,
                    });
                }
            }
        }
        world
    }

    fn save(&mut self, saved: Saved) {
        self.by_token.insert(saved.token.clone(), self.saved.len());
        self.saved.push(saved);
    }

    /// The tokens of one processor, oldest first.
    pub(super) fn tokens(&self, connector: Connector) -> impl Iterator<Item = &Saved> {
        self.saved
            .iter()
            .filter(move |saved| saved.connector == connector)
    }

    /// A token somebody saved at this processor.
    pub(super) fn saved_mut(&mut self, connector: Connector, token: &str) -> Option<&mut Saved> {
        let place = *self.by_token.get(token)?;
        self.saved
            .get_mut(place)
            .filter(|saved| saved.connector == connector)
    }

    /// A token at any processor.
    pub(super) fn any_saved_mut(&mut self, token: &str) -> Option<&mut Saved> {
        let place = *self.by_token.get(token)?;
        self.saved.get_mut(place)
    }

    /// What a payment with this token finds.
    pub(super) fn find(&self, connector: Connector, token: &str) -> Found {
        if let Some(saved) = self
            .by_token
            .get(token)
            .map(|place| &self.saved[*place])
            .filter(|saved| saved.connector == connector)
        {
            let gone = saved.revoked.is_some();
            return Found {
                fate: if gone { Fate::Gone } else { saved.fate },
                customer: Some(saved.customer.clone()),
            };
        }
        let published = (connector == Connector::Stripe)
            .then(|| Fate::of_stripes_own(token))
            .flatten();
        let fate = match Fate::of_test_token(token).or(published) {
            Some(fate) => fate,
            // Prism forwards an empty token; what the processor makes of it is a switch.
            None if token.is_empty() => Fate::Fine,
            None => Fate::Gone,
        };
        Found { fate, customer: None }
    }

    /// Makes a payment and gives its place.
    pub(super) fn pay(&mut self, asked: Asked, money: Money, status: i64) -> &Transaction {
        let number = self.transactions.len() as u64;
        let id = transaction_id(asked.connector, self.seed, number);
        self.by_id.insert(id.clone(), self.transactions.len());
        self.transactions.push(Transaction {
            id,
            reference: asked.reference,
            connector: asked.connector,
            token: asked.token,
            amount: asked.amount,
            currency: asked.currency,
            money,
            refunded: 0,
            status,
            fate: asked.fate,
        });
        &self.transactions[self.transactions.len() - 1]
    }

    /// A transaction of this processor, with everything due done.
    pub(super) fn transaction(
        &mut self,
        connector: Connector,
        id: &str,
        now: i64,
    ) -> Option<&mut Transaction> {
        let place = *self.by_id.get(id)?;
        let now = now + self.passed_ms;
        let transaction = self
            .transactions
            .get_mut(place)
            .filter(|transaction| transaction.connector == connector)?;
        transaction.catch_up(now);
        Some(transaction)
    }

    /// The moment, `ms` from now, as this world counts.
    pub(super) fn in_ms(&self, now: i64, ms: u64) -> i64 {
        now + self.passed_ms + i64::try_from(ms).unwrap_or(i64::MAX / 8).min(i64::MAX / 8)
    }

    pub(super) fn pass_time(&mut self, ms: i64) {
        self.passed_ms += ms;
    }

    /// An id for the next refund.
    pub(super) fn refund_id(&mut self, connector: Connector) -> String {
        self.refunds += 1;
        let text = spelled(self.seed, 713, self.refunds, 22, BASE62);
        match connector {
            Connector::Stripe => format!("re_3{text}"),
            _ => text.to_ascii_uppercase(),
        }
    }

    /// Remembers an id that would have led elsewhere.
    pub(super) fn note_strayed(&mut self, id: &str) {
        self.strayed.push(id.chars().take(200).collect());
    }

    pub(super) fn strayed(&self) -> Value {
        json!({ "strayed": self.strayed })
    }

    /// What is held of a token.
    pub(super) fn token_truth(&self, token: &str) -> Option<Value> {
        let saved = &self.saved[*self.by_token.get(token)?];
        Some(json!({
            "token": saved.token, "connector": saved.connector.name(), "customer": saved.customer,
            "email": saved.email, "gone": saved.revoked.is_some(), "revoked_by": saved.revoked,
        }))
    }

    /// All transactions of one reference or one id, and how the money stands over them.
    pub(super) fn money_truth(&mut self, wanted: &str, now: i64) -> Option<Value> {
        let now = now + self.passed_ms;
        let (mut rows, mut counts) = (Vec::new(), [0u64; 4]);
        for transaction in &mut self.transactions {
            if transaction.id != wanted && transaction.reference.as_deref() != Some(wanted) {
                continue;
            }
            transaction.catch_up(now);
            let (word, count) = match transaction.money {
                Money::Nothing => ("nothing", 3),
                Money::Held | Money::Voiding(_) => ("held", 0),
                Money::Voided => ("voided", 1),
                Money::Charged => ("charged", 2),
            };
            counts[count] += 1;
            rows.push(json!({
                "id": transaction.id, "reference": transaction.reference, "token": transaction.token,
                "connector": transaction.connector.name(), "amount": transaction.amount,
                "currency": transaction.currency, "money": word, "refunded": transaction.refunded,
            }));
        }
        let [held, voided, charged, nothing] = counts;
        (!rows.is_empty()).then(|| {
            json!({
                "held": held, "voided": voided, "charged": charged, "nothing": nothing, "transactions": rows,
            })
        })
    }

    /// Rows a merchant would export for this desk: email, the processor's customer id, token.
    pub(super) fn directory(&self, connector: Connector) -> Value {
        let rows: Vec<Value> = self
            .tokens(connector)
            .map(|saved| json!({ "email": saved.email, "customer": saved.customer, "token": saved.token }))
            .collect();
        json!({ "connector": connector.name(), "rows": rows })
    }

    /// All transactions made so far.
    pub(super) fn transaction_count(&self) -> usize {
        self.transactions.len()
    }
}

impl Transaction {
    fn catch_up(&mut self, now: i64) {
        if let Money::Voiding(at) = self.money
            && now >= at
        {
            self.money = Money::Voided;
            self.status = 11;
        }
    }
}

/// Text of `length` signs that follows from seed, kind and index.
fn spelled(seed: u64, salt: u64, index: u64, length: usize, signs: &[u8]) -> String {
    (0..length)
        .map(|place| {
            let number = pick(seed, salt, index * 64 + place as u64);
            let at = usize::try_from(number % signs.len() as u64).unwrap_or(0);
            char::from(signs[at])
        })
        .collect()
}

fn token(connector: Connector, seed: u64, place: u64) -> String {
    let salt = 720 + connector as u64;
    match connector {
        Connector::Stripe => format!("pm_1{}", spelled(seed, salt, place, 23, BASE62)),
        Connector::Adyen => spelled(seed, salt, place, 16, UPPER),
        Connector::Cybersource => spelled(seed, salt, place, 32, HEX),
        Connector::Noon => {
            let hex = spelled(seed, salt, place, 32, HEX).to_ascii_lowercase();
            let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
            parts.join("-")
        }
    }
}

fn customer_id(connector: Connector, seed: u64, index: u64, shops: &str) -> String {
    let salt = 730 + connector as u64;
    match connector {
        Connector::Stripe => format!("cus_{}", spelled(seed, salt, index, 14, BASE62)),
        Connector::Cybersource => spelled(seed, salt, index, 32, HEX),
        // Both know a customer by what the shop calls it.
        Connector::Adyen | Connector::Noon => shops.to_owned(),
    }
}

fn transaction_id(connector: Connector, seed: u64, number: u64) -> String {
    let salt = 740 + connector as u64;
    match connector {
        Connector::Stripe => format!("pi_3{}", spelled(seed, salt, number, 23, BASE62)),
        Connector::Adyen => spelled(seed, salt, number, 16, UPPER),
        Connector::Cybersource => format!("7{}", spelled(seed, salt, number, 21, DIGITS)),
        Connector::Noon => format!("1{}", spelled(seed, salt, number, 11, DIGITS)),
    }
}

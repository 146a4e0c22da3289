//! What the server holds: saved cards under free-form customer ids, single-use tokens, payments. Knows nothing of HTTP.

use std::collections::HashMap;

use crate::clock;
use crate::people::Person;
use crate::world::pick;

/// How long a single-use token lives, milliseconds.
pub(super) const TOKEN_LIFE: i64 = 30 * 60 * 1_000;
/// How much later a card is saved when it is not saved at once, milliseconds.
pub(super) const SAVE_DELAY: i64 = 2_000;

/// A card as a list item tells it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) brand: String,
    pub(super) last4: String,
    pub(super) exp_month: u32,
    pub(super) exp_year: i32,
}

impl Card {
    /// Whether its last month has ended.
    pub(super) fn has_run_out(&self, now: i64) -> bool {
        clock::first_of(self.exp_year, self.exp_month)
            .is_some_and(|start| clock::month_offset(start, 1) <= now)
    }
}

/// A saved payment method.
#[derive(Clone)]
pub(super) struct Saved {
    pub(super) id: String,
    pub(super) customer_id: String,
    pub(super) kind: &'static str,
    pub(super) connector_id: String,
    /// None: the list item has no `card`.
    pub(super) card: Option<Card>,
    pub(super) is_default: bool,
    /// `active`, `blocked`, or a word no page shows.
    pub(super) status: String,
    pub(super) blocked_reason: Option<String>,
    pub(super) created: i64,
    pub(super) updated: i64,
    /// When it comes into the list.
    pub(super) shown_from: i64,
    /// Whether somebody took it away; no call of the API does.
    pub(super) gone: bool,
}

/// What the four published test numbers stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Succeeds,
    NeedsAction,
    Declined,
    NoFunds,
}

/// A single-use token. The number itself is not kept.
#[derive(Clone)]
pub(super) struct CardToken {
    pub(super) card: Card,
    pub(super) holder: Option<String>,
    pub(super) outcome: Outcome,
    pub(super) expires: i64,
    pub(super) used: bool,
}

/// A payment.
#[derive(Clone)]
pub(super) struct Payment {
    /// `req_…`.
    pub(super) request_id: String,
    /// `tx_…`.
    pub(super) id: String,
    pub(super) status: &'static str,
    /// In hundredths of the major unit.
    pub(super) cents: i64,
    pub(super) refunded_cents: i64,
    pub(super) refunds: Vec<Refund>,
    pub(super) currency: String,
    pub(super) manual: bool,
    pub(super) payment_type: &'static str,
    pub(super) external_id: Option<String>,
    pub(super) metadata: serde_json::Value,
    pub(super) customer_id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) tel: Option<String>,
    pub(super) save_card: bool,
    pub(super) card: Option<Card>,
    pub(super) holder: Option<String>,
    pub(super) payment_method_id: Option<String>,
    pub(super) error_code: Option<&'static str>,
    pub(super) created: i64,
    pub(super) updated: i64,
}

/// A refund.
#[derive(Clone)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) cents: i64,
    pub(super) reason: Option<String>,
    pub(super) created: i64,
}

/// A customer as the shop knows it: Zafapay itself has no such object, only the id with cards and payments.
#[derive(Clone)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) email: Option<String>,
    pub(super) name: Option<String>,
    /// Places in [`World::saved`].
    pub(super) saved: Vec<usize>,
}

/// Everything the server holds.
pub(super) struct World {
    seed: u64,
    counter: u64,
    passed: i64,
    pub(super) access_token: String,
    pub(super) publishable_key: String,
    pub(super) customers: Vec<Customer>,
    by_customer: HashMap<String, usize>,
    pub(super) saved: Vec<Saved>,
    by_saved: HashMap<String, usize>,
    pub(super) tokens: HashMap<String, CardToken>,
    pub(super) payments: Vec<Payment>,
    /// Body and answer of creates by idempotency key.
    pub(super) creates: HashMap<String, (Vec<u8>, u16, Vec<u8>)>,
}

/// Signs ids are made of.
const SIGNS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `prefix` and sixteen letters and digits that follow from a seed and two numbers.
fn id_of(prefix: &str, seed: u64, salt: u64, index: u64) -> String {
    let mut chance = u128::from(pick(seed, salt, index)) << 64 | u128::from(pick(seed, salt + 1, index));
    let mut id = String::from(prefix);
    for _ in 0..16 {
        id.push(char::from(SIGNS[(chance % 62) as usize]));
        chance /= 62;
    }
    id
}

/// Ids a shop may well use and a URL may not: kept at the same places in every world.
const AWKWARD_IDS: [&str; 8] = [
    "shop/7?x=1&y=2#z",
    "Zoë Müller",
    "渡邊 12",
    "100% wool",
    "a+b c",
    "{id}:[7];'\"\\",
    "имя@example.org",
    "~.-_",
];
/// Where [`AWKWARD_IDS`] begin.
const AWKWARD_FROM: u32 = 24;

/// What makes a customer's cards awkward.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Plain,
    NoCards,
    FiveCards,
    BlockedAtLength,
    BlockedInJapanese,
    ExpiredButActive,
    AllBlocked,
    UnknownType,
    UnknownStatus,
    NoCard,
    TwoDefaults,
}

impl Role {
    fn of(index: u32) -> Self {
        match index {
            6 => Self::FiveCards,
            14 => Self::NoCards,
            16 => Self::BlockedAtLength,
            17 => Self::BlockedInJapanese,
            18 => Self::ExpiredButActive,
            19 => Self::AllBlocked,
            20 => Self::UnknownType,
            21 => Self::UnknownStatus,
            22 => Self::NoCard,
            23 => Self::TwoDefaults,
            _ => Self::Plain,
        }
    }

    fn cards(self, chance: u64) -> u64 {
        match self {
            Self::NoCards => 0,
            Self::FiveCards => 5,
            Self::Plain => match chance % 100 {
                0..=3 => 0,
                4..=49 => 1,
                50..=77 => 2,
                78..=91 => 3,
                _ => 4,
            },
            _ => 2,
        }
    }
}

const REASONS: [&str; 5] = [
    "Lost card",
    "Customer asked",
    "Chargeback",
    "Suspected fraud",
    "Card returned by the bank",
];

impl World {
    /// Makes a world; `person` tells who customer `n` is and `month` is the first instant of the month it begins in.
    pub(super) fn generate(seed: u64, customers: u32, month: i64, person: impl Fn(u32) -> Person) -> Self {
        let mut world = Self {
            seed,
            counter: 0,
            passed: 0,
            access_token: id_of("zp_sandbox_", seed, 100, 1) + &id_of("", seed, 100, 2),
            publishable_key: id_of("pk_test_", seed, 102, 1),
            customers: Vec::new(),
            by_customer: HashMap::new(),
            saved: Vec::new(),
            by_saved: HashMap::new(),
            tokens: HashMap::new(),
            payments: Vec::new(),
            creates: HashMap::new(),
        };
        for n in 0..customers {
            let person = person(n);
            let id = n
                .checked_sub(AWKWARD_FROM)
                .and_then(|at| AWKWARD_IDS.get(at as usize))
                .map_or(person.customer_id, |id| (*id).to_owned());
            let place = world.customer(&id);
            world.customers[place].email = person.email;
            world.customers[place].name = Some(format!("{} {}", person.given, person.family));
            let role = Role::of(n);
            for nth in 0..role.cards(pick(seed, 110, u64::from(n))) {
                let saved = generated(seed, n, nth, role, month, id.clone());
                world.put(saved);
            }
        }
        world
    }

    /// This instant, with the time that was let pass.
    pub(super) fn now(&self) -> i64 {
        clock::now().saturating_add(self.passed)
    }

    pub(super) fn pass(&mut self, ms: i64) {
        self.passed = self.passed.saturating_add(ms);
    }

    /// An id nothing has yet.
    pub(super) fn new_id(&mut self, prefix: &str) -> String {
        self.counter += 1;
        id_of(prefix, self.seed, 104, self.counter)
    }

    /// The old access token stops working at once.
    pub(super) fn regenerate_access_token(&mut self) {
        self.access_token = self.new_id("zp_sandbox_") + &self.new_id("");
    }

    /// The place of a customer id, made when nobody used it before.
    pub(super) fn customer(&mut self, id: &str) -> usize {
        if let Some(place) = self.by_customer.get(id) {
            return *place;
        }
        self.customers.push(Customer {
            id: id.to_owned(),
            email: None,
            name: None,
            saved: Vec::new(),
        });
        self.by_customer.insert(id.to_owned(), self.customers.len() - 1);
        self.customers.len() - 1
    }

    pub(super) fn find_customer(&self, id: &str) -> Option<&Customer> {
        self.customers.get(*self.by_customer.get(id)?)
    }

    /// The place of a saved card, those somebody took away too.
    pub(super) fn find_saved(&self, id: &str) -> Option<usize> {
        self.by_saved.get(id).copied()
    }

    /// The saved card a call can reach.
    pub(super) fn reachable(&self, id: &str) -> Option<usize> {
        self.find_saved(id)
            .filter(|place| self.is_shown(&self.saved[*place]))
    }

    pub(super) fn is_shown(&self, saved: &Saved) -> bool {
        !saved.gone && saved.shown_from <= self.now()
    }

    /// A payment by either of its ids.
    pub(super) fn find_payment(&self, id: &str) -> Option<usize> {
        self.payments
            .iter()
            .position(|p| p.id == id || p.request_id == id)
    }

    /// Adds a saved card to its customer.
    pub(super) fn put(&mut self, saved: Saved) {
        let customer = self.customer(&saved.customer_id);
        self.customers[customer].saved.push(self.saved.len());
        self.by_saved.insert(saved.id.clone(), self.saved.len());
        self.saved.push(saved);
    }

    /// Saves a card for a customer; gives its id.
    pub(super) fn save(&mut self, customer_id: &str, card: Card, delay: i64) -> String {
        let now = self.now();
        let id = self.new_id("pmi_");
        let customer = self.customer(customer_id);
        let first = !self.customers[customer]
            .saved
            .iter()
            .any(|place| !self.saved[*place].gone);
        self.put(Saved {
            id: id.clone(),
            customer_id: customer_id.to_owned(),
            kind: "card",
            connector_id: id_of("conn_", self.seed, 106, 0),
            card: Some(card),
            is_default: first,
            status: "active".to_owned(),
            blocked_reason: None,
            created: now,
            updated: now,
            shown_from: now.saturating_add(delay),
            gone: false,
        });
        id
    }
}

fn generated(seed: u64, n: u32, nth: u64, role: Role, month: i64, customer_id: String) -> Saved {
    let index = u64::from(n) * 8 + nth;
    let chance = pick(seed, 111, index);
    let brand = match chance % 100 {
        0..=46 => "visa",
        47..=76 => "mastercard",
        77..=86 => "amex",
        87..=95 => "jcb",
        96..=98 => "discover",
        _ => "nordlicht",
    };
    let awkward = nth == 0;
    let within = |months: u64| ((chance >> 30) % months) as i32;
    let months = match (role, (chance >> 20) % 100) {
        (Role::ExpiredButActive, _) | (_, 0..=4) => -1 - within(14),
        (_, 5..=15) => within(3),
        _ => 3 + within(45),
    };
    let (exp_year, exp_month) = clock::year_month(clock::month_offset(month, months));
    let card = Card {
        brand: brand.to_owned(),
        last4: format!("{:04}", (chance >> 40) % 10_000),
        exp_month,
        exp_year,
    };
    let long = "Blocked after a call with the bank on the phone. ".repeat(5);
    let reason = match role {
        Role::BlockedAtLength if awkward => Some(long.trim().to_owned()),
        Role::BlockedInJapanese if awkward => Some("紛失のため停止（お客様より）".to_owned()),
        Role::AllBlocked => Some("Customer asked".to_owned()),
        Role::Plain if (chance >> 50).is_multiple_of(12) => {
            Some(REASONS[(chance >> 54) as usize % REASONS.len()].to_owned())
        }
        _ => None,
    };
    let day = (pick(seed, 112, index) % 1_200) as i64;
    let created = month - clock::DAY * (day + 1) + nth as i64 * 60_000;
    Saved {
        id: id_of("pmi_", seed, 113, index),
        customer_id,
        kind: if role == Role::UnknownType && awkward {
            "wallet"
        } else {
            "card"
        },
        connector_id: id_of("conn_", seed, 106, chance % 2),
        card: (role != Role::NoCard || !awkward).then_some(card),
        is_default: awkward || role == Role::TwoDefaults,
        status: match (&reason, role) {
            (Some(_), _) => "blocked",
            (None, Role::UnknownStatus) if awkward => "under_review",
            _ => "active",
        }
        .to_owned(),
        blocked_reason: reason,
        created,
        updated: created,
        shown_from: created,
        gone: false,
    }
}

//! Makes the customers, tokens and cards of the sandbox project from a seed. The first two dozen customers hold the
//! awkward cases of the fact sheet, one each; the rest by chance.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::body::Metadata;
use super::world::{Card, Customer, Event, Token, Verdict, World};
use crate::clock;
use crate::people::Person;
use crate::world::pick;

/// Nanoseconds of a millisecond.
pub(super) const MILLI: i64 = 1_000_000;

const SIGNS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Scheme, bank identification number, kind, country of the bank.
const SCHEMES: &[(&str, &str, &str, &str)] = &[
    ("visa", "424242", "credit", "US"),
    ("visa", "400000", "debit", "FR"),
    ("mastercard", "555555", "credit", "GB"),
    ("carte bancaire", "497355", "debit", "FR"),
    ("american express", "378282", "credit", "US"),
    ("jcb", "353011", "credit", "JP"),
    ("discover", "601111", "credit", "US"),
    ("nordlicht", "999999", "credit", "NO"),
];

/// `PREFIX` and 32 letters and digits that follow from the seed.
pub(super) fn id(prefix: &str, seed: u64, salt: u64, index: u64) -> String {
    let mut out = String::with_capacity(prefix.len() + 32);
    out.push_str(prefix);
    for part in 0..4 {
        let mut chance = pick(seed, salt * 16 + part, index);
        for _ in 0..8 {
            out.push(char::from(SIGNS[(chance % 62) as usize]));
            chance /= 62;
        }
    }
    out
}

/// An id nobody had before.
pub(super) fn fresh_id(prefix: &str) -> String {
    id(prefix, rand::random(), 9, rand::random())
}

/// What the parts of the world are numbered by.
const CUSTOMER: u64 = 200;
const TOKEN: u64 = 201;
const CARD: u64 = 202;
const EVENT: u64 = 203;
const CHANCE: u64 = 204;

/// How many cards customer `n` has.
fn card_count(seed: u64, n: u32, customers: u32) -> u32 {
    match n {
        0 | 1 => 2,
        2 => 0,
        7 if customers >= 100 => 120,
        8 => 11,
        // Who plays a part has cards to play it with.
        3..=23 => 1 + (pick(seed, CHANCE, u64::from(n)) % 2) as u32,
        _ => match pick(seed, CHANCE, u64::from(n)) % 20 {
            0..=1 => 0,
            2..=10 => 1,
            11..=15 => 2,
            16..=18 => 3,
            _ => 4,
        },
    }
}

/// Makes the world: `people(n)` is customer `n`, and `month_start` what all dates are relative to.
pub(super) fn generate(
    world: &mut World,
    seed: u64,
    customers: u32,
    month_start: i64,
    people: impl Fn(u32) -> Person,
) {
    let begin = clock::month_offset(month_start, -36);
    let step = (month_start - begin) / i64::from(customers.max(1));
    for n in 0..customers {
        let person = people(n);
        let fraction = match n % 7 {
            0 => 0,
            1 => 500_000_000,
            2 => 50_750_000,
            _ => (pick(seed, CHANCE + 1, u64::from(n)) % 1_000_000_000) as i64,
        };
        let second = (begin + step * i64::from(n)) / 1_000 * 1_000 * MILLI;
        let created = second + fraction;
        let place = world.add_customer(customer(seed, n, &person, created));
        for k in 0..card_count(seed, n, customers) {
            let index = (u64::from(n) << 16) + u64::from(k);
            let at = created + i64::from(k + 1) * 61_000 * MILLI;
            let card = world.add_card(card(seed, index, n, &person, month_start, at));
            let row = &world.cards[card];
            let token = Token {
                id: id("tok_", seed, TOKEN, index),
                customer: place,
                kind: "card".to_owned(),
                card: Some(card),
                gateway: None,
                subscription_only: false,
                chargeable: true,
                verification: verification(seed, n, index).to_owned(),
                verify_on_attach: false,
                challenged: None,
                summary: Some(format!("**** **** **** {}", row.last4)),
                description: (index.is_multiple_of(5)).then(|| "Card for the shop".to_owned()),
                metadata: marks(seed, n, index),
                return_url: None,
                cancel_url: None,
                manual_invoice_cancellation: None,
                invoice_id: None,
                created: at,
                gone: false,
            };
            let token = world.add_token(token);
            bend(world, seed, n, token);
            if world.tokens[token].chargeable && !world.tokens[token].subscription_only {
                world.customers[place].default_token = Some(token);
            }
        }
    }
    events(world, seed, month_start);
}

fn customer(seed: u64, n: u32, person: &Person, created: i64) -> Customer {
    let mut texts = BTreeMap::new();
    if let Some(email) = &person.email {
        texts.insert("email", email.clone());
    }
    // Some shops keep no names.
    if n % 11 != 3 {
        texts.insert("first_name", person.given.clone());
        texts.insert("last_name", person.family.clone());
    }
    if n.is_multiple_of(4) {
        texts.insert("country_code", person.country.to_owned());
        texts.insert("city", "Vieille-Tour".to_owned());
    }
    if n == 9 {
        texts.insert("phone_number", "+33685000000".to_owned());
    }
    Customer {
        id: id("cust_", seed, CUSTOMER, u64::from(n)),
        created,
        registered: (n.is_multiple_of(3)).then(|| created - 86_400_000 * MILLI),
        born: None,
        texts,
        phone: (n.is_multiple_of(6)).then(|| (Some("685000000".to_owned()), Some("0033".to_owned()))),
        currency: (n.is_multiple_of(5)).then(|| "EUR".to_owned()),
        is_business: n % 17 == 5,
        metadata: if n % 8 == 1 {
            Metadata::from([("shop".to_owned(), "north".to_owned())])
        } else {
            Metadata::new()
        },
        reference_id: (n.is_multiple_of(2) && person.customer_id.is_ascii())
            .then(|| person.customer_id.clone()),
        default_token: None,
        tokens: Vec::new(),
        gone: false,
    }
}

fn card(seed: u64, index: u64, n: u32, person: &Person, month_start: i64, at: i64) -> Card {
    let chance = pick(seed, CHANCE + 2, index);
    let scheme = if n == 20 {
        7
    } else {
        [0, 0, 0, 1, 1, 2, 2, 2, 3, 4, 5, 6][(chance % 12) as usize]
    };
    let (name, iin, kind, country) = SCHEMES[scheme];
    let months = (pick(seed, CHANCE + 3, index) % 60) as i32 - 6;
    let (exp_year, exp_month) = clock::year_month(clock::month_offset(month_start, months));
    Card {
        id: id("card_", seed, CARD, index),
        scheme: (n != 21).then(|| name.to_owned()),
        kind: Some(kind),
        iin: iin.to_owned(),
        last4: format!("{:04}", (chance >> 8) % 10_000),
        exp_month,
        exp_year,
        name: Some(format!("{} {}", person.given, person.family)),
        contact: BTreeMap::new(),
        country,
        metadata: Metadata::new(),
        verdict: Verdict::Passes,
        used: true,
        created: at,
        updated: at,
        gone: false,
    }
}

fn verification(seed: u64, n: u32, index: u64) -> &'static str {
    match (n, pick(seed, CHANCE + 4, index) % 20) {
        (9, _) => "unknown",
        (10, _) => "failed",
        (12, _) => "pending",
        (_, 0..=10) => "not-requested",
        (_, 11..=16) => "success",
        (_, 17) => "pending",
        (_, 18) => "failed",
        _ => "unknown",
    }
}

fn marks(seed: u64, n: u32, index: u64) -> Metadata {
    let mut metadata = Metadata::new();
    let mut mark = |key: &str, value: &str| _ = metadata.insert(key.to_owned(), value.to_owned());
    match (n, pick(seed, CHANCE + 5, index) % 20) {
        // A word that is neither.
        (13, _) => mark("tokendesk_active", "yes"),
        (19, _) => mark("tokendesk_active", "false"),
        (_, 0..=7) => {}
        (_, 8..=12) => mark("tokendesk_one_click", "true"),
        (_, 13..=14) => mark("tokendesk_one_click", "false"),
        (_, 15..=17) => {
            mark("tokendesk_active", "true");
            mark("tokendesk_one_click", "true");
        }
        _ => mark("tokendesk_active", "false"),
    }
    if index.is_multiple_of(3) {
        mark("shop_order", &format!("A-{}", index % 10_000));
    }
    metadata
}

/// Makes a token awkward where its customer plays such a part.
fn bend(world: &mut World, seed: u64, n: u32, place: usize) {
    let nth = pick(seed, CHANCE + 6, place as u64) % 200;
    let token = &mut world.tokens[place];
    let empty = |token: &mut Token| {
        token.card = None;
        token.chargeable = false;
        token.summary = None;
    };
    match n {
        3 => {
            empty(token);
            token.kind = "pending".to_owned();
            token.verification = "not-requested".to_owned();
        }
        4 => token.kind = "wallet_token".to_owned(),
        5 => gateway(token),
        6 => token.subscription_only = true,
        10 => token.chargeable = false,
        14 => {
            empty(token);
            token.kind = "bank_account".to_owned();
            token.chargeable = true;
            token.summary = Some("FR76 **** **** 0189".to_owned());
        }
        0..=23 => {}
        _ => match nth {
            0 => {
                empty(token);
                token.kind = "pending".to_owned();
            }
            1..=3 => gateway(token),
            4 => token.subscription_only = true,
            _ => {}
        },
    }
    if world.tokens[place].verification == "failed" {
        world.tokens[place].chargeable = false;
    }
}

fn gateway(token: &mut Token) {
    token.card = None;
    token.kind = "gateway_token".to_owned();
    token.gateway = Some("gway_conf_c23e011db34f4bac44e051840dfa3783".to_owned());
    token.summary = Some("a wallet".to_owned());
    token.verification = "not-requested".to_owned();
}

/// The feed as it stands: the newest customers' creations among payments, which are most of it.
fn events(world: &mut World, seed: u64, month_start: i64) {
    let first = world.customers.len().saturating_sub(30);
    for place in first..world.customers.len() {
        let at = world.customers[place].created;
        let index = place as u64 * 2;
        let created = json!({ "id": world.customers[place].id });
        world.add_event(event(seed, index, "customer.created", "customer", created, at));
        let payment = json!({ "id": id("tr_", seed, EVENT + 5, index), "amount": "22.99" });
        world.add_event(event(
            seed,
            index + 1,
            "transaction.captured",
            "transaction",
            payment,
            at.min(month_start * MILLI),
        ));
    }
}

fn event(seed: u64, index: u64, name: &'static str, key: &'static str, resource: Value, at: i64) -> Event {
    Event {
        id: id("ev_", seed, EVENT, index),
        name,
        key,
        resource,
        at,
    }
}

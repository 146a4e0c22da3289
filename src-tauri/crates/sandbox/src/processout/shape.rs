//! Objects as ProcessOut shows them (fact sheet, sections 4 to 6 and 9), members without a value as `null`.
//! Knows nothing of who asks.

use chrono::{DateTime, Datelike};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::errors::{Answered, Refusal};
use super::switches::{Expand, Switches};
use super::world::{Card, Customer, Event, Token, World};

/// Members of a customer that are plain texts, with the longest each may be and the word its refusal uses.
pub(super) const CUSTOMER_TEXTS: &[(&str, usize, &str)] = &[
    ("email", 255, "email"),
    ("first_name", 80, "name"),
    ("last_name", 80, "name"),
    ("company_name", 80, "name"),
    ("address1", 80, "address"),
    ("address2", 80, "address"),
    ("city", 80, "address"),
    ("state", 80, "address"),
    ("zip", 16, "zip"),
    ("country_code", 2, "country"),
    ("ip_address", 45, "ip-address"),
    ("phone_number", 17, "phone-number"),
    ("legal_document", 255, "legal-document"),
    ("sex", 6, "sex"),
];

/// What of an object is put in, from an `expand`.
#[derive(Clone, Copy, Default)]
pub(super) struct Wanted {
    pub(super) tokens: bool,
    pub(super) cards_of_tokens: bool,
    pub(super) card: bool,
    pub(super) customer: bool,
    pub(super) default_token: bool,
    pub(super) project: bool,
    pub(super) transactions: bool,
}

fn weigh(rule: Expand) -> Answered<bool> {
    match rule {
        Expand::Honoured => Ok(true),
        Expand::Ignored => Ok(false),
        Expand::Refused => Err(Refusal::expand()),
    }
}

impl Wanted {
    /// Reads the paths for customers.
    pub(super) fn of_customers(paths: &[String], switches: &Switches) -> Answered<Self> {
        let mut wanted = Self::default();
        for path in paths {
            match path.as_str() {
                "tokens" => wanted.tokens = weigh(switches.expand_tokens)?,
                "tokens.card" => {
                    let nested = weigh(switches.expand_nested)?;
                    wanted.tokens = wanted.tokens || (nested && weigh(switches.expand_tokens)?);
                    wanted.cards_of_tokens = nested;
                }
                "default_token" => wanted.default_token = true,
                "project" => wanted.project = true,
                "transactions" | "subscriptions" => wanted.transactions = true,
                _ => return Err(Refusal::expand()),
            }
        }
        Ok(wanted)
    }

    /// Reads the paths for tokens.
    pub(super) fn of_tokens(paths: &[String], switches: &Switches) -> Answered<Self> {
        let mut wanted = Self::default();
        for path in paths {
            match path.as_str() {
                "card" => wanted.card = weigh(switches.expand_card)?,
                "customer" => wanted.customer = weigh(switches.expand_owner)?,
                "gateway_configuration" | "invoice" => {}
                _ => return Err(Refusal::expand()),
            }
        }
        Ok(wanted)
    }
}

/// How many digits of a second an answer tells: nine about what was just made, six about everything else; zeros at the
/// end are left out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    Nine,
    Six,
}

/// A point in time, nanoseconds since 1970.
pub(super) fn time(at: i64, digits: Digits) -> String {
    let moment = DateTime::from_timestamp_nanos(at);
    let fraction = format!("{:09}", at.rem_euclid(1_000_000_000));
    let told = match digits {
        Digits::Nine => fraction.as_str(),
        Digits::Six => &fraction[..6],
    }
    .trim_end_matches('0');
    let point = if told.is_empty() { "" } else { "." };
    format!("{}{point}{told}Z", moment.format("%Y-%m-%dT%H:%M:%S"))
}

/// A customer.
pub(super) fn customer(
    world: &World,
    place: usize,
    digits: Digits,
    wanted: Wanted,
    switches: &Switches,
) -> Value {
    let row: &Customer = &world.customers[place];
    let mut out = Map::new();
    for (name, ..) in CUSTOMER_TEXTS {
        let told = row.texts.get(name);
        // The old form of a telephone number is told only where it was given.
        if *name != "phone_number" || told.is_some() {
            out.insert((*name).to_owned(), json!(told));
        }
    }
    let at = |at: i64| time(at, digits);
    let phone = row
        .phone
        .as_ref()
        .map(|(number, code)| json!({ "number": number, "dialing_code": code }));
    let default = row.default_token.map(|token| world.tokens[token].id.as_str());
    let tokens = wanted.tokens.then(|| {
        let limit = match switches.expanded_tokens {
            0 => usize::MAX,
            limit => usize::try_from(limit).unwrap_or(usize::MAX),
        };
        let inner = Wanted {
            card: wanted.cards_of_tokens,
            ..Wanted::default()
        };
        world
            .tokens_of(place)
            .take(limit)
            .map(|token| self::token(world, token, Digits::Six, inner, switches))
            .collect::<Vec<_>>()
    });
    let none = wanted.transactions.then(Vec::<Value>::new);
    let mut rest = json!({
        "id": row.id,
        "project_id": world.project,
        "default_token_id": default,
        "tokens": tokens,
        "subscriptions": none,
        "transactions": none,
        "balance": "0",
        "currency": row.currency,
        "phone": phone,
        "date_of_birth": row.born.map(|at| time(at, Digits::Six)),
        "is_business": row.is_business,
        "metadata": row.metadata,
        "reference_id": row.reference_id,
        "registered_at": time(row.registered.unwrap_or(row.created), Digits::Six),
        "sandbox": world.sandbox,
        "created_at": at(row.created),
    });
    if wanted.project {
        rest["project"] = json!({ "id": world.project, "sandbox": world.sandbox });
    }
    if wanted.default_token
        && let Some(token) = row.default_token
    {
        rest["default_token"] = self::token(world, token, Digits::Six, Wanted::default(), switches);
    }
    if let Value::Object(rest) = rest {
        out.extend(rest);
    }
    bared(Value::Object(out), switches)
}

/// Without which nothing could be found: all that is left where everything else is `null`.
const KEPT: &[&str] = &["id", "customer_id", "card_id", "tokens", "card", "customer"];

fn bared(mut object: Value, switches: &Switches) -> Value {
    fn bare(value: &mut Value) {
        match value {
            Value::Array(rows) => rows.iter_mut().for_each(bare),
            Value::Object(members) => {
                for (name, value) in members {
                    if KEPT.contains(&name.as_str()) {
                        bare(value);
                    } else {
                        *value = Value::Null;
                    }
                }
            }
            _ => {}
        }
    }
    if switches.null_everywhere {
        bare(&mut object);
    }
    object
}

/// A customer token; its card only where it is wanted and there is one.
pub(super) fn token(
    world: &World,
    place: usize,
    digits: Digits,
    wanted: Wanted,
    switches: &Switches,
) -> Value {
    let row: &Token = &world.tokens[place];
    let owner = &world.customers[row.customer];
    let mut out = json!({
        "id": row.id,
        "customer_id": owner.id,
        "invoice_id": row.invoice_id,
        "gateway_configuration_id": row.gateway,
        "gateway_configuration_sub_account": null,
        "card_id": row.card.map(|card| world.cards[card].id.as_str()),
        "is_subscription_only": row.subscription_only,
        "is_default": world.is_default(place),
        "return_url": row.return_url,
        "cancel_url": row.cancel_url,
        "is_chargeable": row.chargeable,
        "type": row.kind,
        "metadata": row.metadata,
        "description": row.description,
        "created_at": time(row.created, digits),
        "summary": row.summary,
        "verification_status": row.verification,
        "manual_invoice_cancellation": row.manual_invoice_cancellation,
        "can_get_balance": row.gateway.as_ref().map(|_| true),
    });
    if wanted.card
        && let Some(card) = row.card
    {
        out["card"] = self::card(world, card, Digits::Six);
    }
    if wanted.customer {
        out["customer"] = customer(world, row.customer, Digits::Six, Wanted::default(), switches);
    }
    bared(out, switches)
}

/// A card.
pub(super) fn card(world: &World, place: usize, digits: Digits) -> Value {
    let row: &Card = &world.cards[place];
    let unavailable = "unavailable";
    let now = DateTime::from_timestamp_nanos(row.updated);
    let left = (row.exp_year - now.year()) * 12 + row.exp_month as i32 - now.month() as i32;
    let mut out = json!({
        "id": row.id,
        "project_id": world.project,
        "scheme": row.scheme,
        "type": row.kind,
        "iin": row.iin,
        "last_4_digits": row.last4,
        "fingerprint": fingerprint(&world.project, row),
        "exp_month": row.exp_month,
        "exp_year": row.exp_year,
        "cvc_check": unavailable,
        "avs_check": unavailable,
        "checks": {
            "cvc_check": unavailable, "cvc_check_reason": null,
            "avs_check": unavailable,
            "avs_postal_check": unavailable, "avs_postal_check_reason": null,
            "avs_street_check": unavailable, "avs_street_check_reason": null,
            "avs_name_check": unavailable, "avs_name_check_reason": null,
        },
        "name": row.name,
        "country_code": row.country,
        "billing_country_code": row.contact.get("country_code"),
        "expires_soon": (0..=2).contains(&left),
        "metadata": row.metadata,
        "used": row.used.then_some(true),
        "sandbox": world.sandbox,
        "created_at": time(row.created, digits),
        "updated_at": time(row.updated, digits),
        "cvc_tokenized": true,
    });
    for name in ["address1", "address2", "city", "state", "zip"] {
        out[name] = json!(row.contact.get(name));
    }
    for name in CARD_NULLS {
        out[*name] = Value::Null;
    }
    out
}

/// Members of a card that have no value here.
const CARD_NULLS: &[&str] = &[
    "update_type",
    "update_reason_code",
    "co_scheme",
    "preferred_scheme",
    "bank_name",
    "brand",
    "category",
    "token_type",
    "ip_address",
    "user_agent",
    "header_accept",
    "header_referer",
    "app_color_depth",
    "app_java_enabled",
    "app_language",
    "app_screen_height",
    "app_screen_width",
    "app_timezone_offset",
    "tokenization_method",
    "payment_source_detail",
];

fn fingerprint(project: &str, card: &Card) -> String {
    let mut hash = Sha256::new();
    for part in [project, &card.iin, &card.last4] {
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An event.
pub(super) fn event(world: &World, row: &Event) -> Value {
    let mut data = Map::new();
    data.insert("name".to_owned(), json!(row.name));
    data.insert("sandbox".to_owned(), json!(world.sandbox));
    data.insert(row.key.to_owned(), row.resource.clone());
    json!({
        "id": row.id,
        "project_id": world.project,
        "webhooks": null,
        "name": row.name,
        "data": data,
        "sandbox": world.sandbox,
        "fired_at": time(row.at, Digits::Six),
    })
}

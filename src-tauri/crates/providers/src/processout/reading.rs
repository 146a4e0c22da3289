//! From ProcessOut's objects to snapshots (ProcessOut fact sheet, sections 4 to 6).
//!
//! * A token's switches are marks in its metadata; a mark that is neither `true` nor `false` counts as not set.
//! * Type `pending` is a token that waits for its source: creating. Whether one can be charged, and how its verification
//!   stands, are two facts of the provider's, shown as given; neither follows from the other.
//! * A card of the live project says so: it must never stand among those of a test account.

use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;
use tokendesk_model::capability::{ACTIVE_KEY, ONE_CLICK_KEY};
use tokendesk_model::card_number::contains_card_number;
use tokendesk_model::snapshot::{ActiveMark, Particulars};
use tokendesk_model::{
    Brand, CardFacts, CustomerSnapshot, Expiry, TokenSnapshot, TokenState, VersionSnapshot, VersionState,
};

/// What a token's object tells of its saved details.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Details {
    /// These.
    Told(Box<VersionSnapshot>),
    /// It has none.
    Nothing,
    /// It has a card, which is not shown here.
    NotShown,
}

/// An object's own id.
pub(super) fn id(object: &Value) -> Option<String> {
    object["id"]
        .as_str()
        .filter(|id| !id.trim().is_empty())
        .map(str::to_owned)
}

/// A customer record.
pub(super) fn customer(object: &Value) -> Option<CustomerSnapshot> {
    let name: Vec<String> = ["first_name", "last_name"]
        .into_iter()
        .filter_map(|part| text(&object[part]))
        .collect();
    let name = (!name.is_empty()).then(|| name.join(" "));
    Some(CustomerSnapshot {
        customer_id: id(object)?,
        email: text(&object["email"]),
        name: name.or_else(|| text(&object["company_name"])),
        created_on: time(&object["created_at"]),
    })
}

/// A token of this customer; none when it has no id, or says that it is somebody else's.
pub(super) fn token(object: &Value, customer_id: &str, email: Option<&str>) -> Option<TokenSnapshot> {
    let remote_id = id(object)?;
    match &object["customer_id"] {
        Value::Null => {}
        Value::String(owner) if owner == customer_id => {}
        _ => return None,
    }
    let metadata = metadata(&object["metadata"]).unwrap_or_default();
    let active = mark(&metadata, ACTIVE_KEY);
    let kind = word(&object["type"]);
    let state = match (kind.as_deref(), active) {
        (Some("pending"), _) => TokenState::Creating,
        (_, Some(false)) => TokenState::Inactive,
        _ => TokenState::Active,
    };
    let shown_kind = match kind.as_deref() {
        _ if object["is_subscription_only"] == true => Some("subscription only".to_owned()),
        Some("card" | "pending") => None,
        _ => kind,
    };
    Some(TokenSnapshot {
        one_click: mark(&metadata, ONE_CLICK_KEY),
        customer_id: Some(customer_id.to_owned()),
        email: email.map(str::to_owned),
        created_on: time(&object["created_at"]),
        particulars: Particulars {
            record: Some(customer_id.to_owned()),
            is_default: object["is_default"].as_bool(),
            verification: word(&object["verification_status"]),
            chargeable: object["is_chargeable"].as_bool(),
            kind: shown_kind,
            active_mark: if active.is_some() {
                ActiveMark::Set
            } else {
                ActiveMark::NotSet
            },
            metadata,
            ..Particulars::default()
        },
        ..TokenSnapshot::new(remote_id, state)
    })
}

/// The saved details of a token: its card, or what a payment method without one says of itself.
pub(super) fn details(object: &Value) -> Details {
    let Some(token_remote_id) = id(object) else {
        return Details::NotShown;
    };
    let card = &object["card"];
    let version = |remote_id: String| VersionSnapshot {
        remote_id,
        token_remote_id,
        version: 0,
        state: VersionState::Active,
        card: facts(card),
        name: text(&object["summary"]).filter(|text| !contains_card_number(text)),
        holder: text(&card["name"]).filter(|text| !contains_card_number(text)),
        production: card["sandbox"].as_bool().map(|sandbox| !sandbox),
        created_on: time(&card["created_at"]),
        activated_on: None,
        obsoleted_on: None,
        expires_on: None,
    };
    match (id(card), object["card_id"].as_str().filter(|id| !id.is_empty())) {
        (Some(card_id), _) => Details::Told(Box::new(version(card_id))),
        (None, Some(_)) => Details::NotShown,
        // No card: a wallet or a bank account has details all the same, an empty token has none.
        (None, None)
            if object["type"] == "pending" || object["type"] == "card" || object["type"].is_null() =>
        {
            Details::Nothing
        }
        (None, None) => {
            let own = object["id"].as_str().unwrap_or_default().to_owned();
            Details::Told(Box::new(version(own)))
        }
    }
}

/// Brand, last four and expiry; what is missing or makes no sense stays absent.
pub(super) fn facts(card: &Value) -> CardFacts {
    let whole = |name: &str| {
        card[name]
            .as_i64()
            .or_else(|| card[name].as_str()?.trim().parse().ok())
            .and_then(|number| i32::try_from(number).ok())
    };
    CardFacts {
        brand: word(&card["scheme"]).map(|name| Brand::from_name(&name)),
        last4: card["last_4_digits"]
            .as_str()
            .filter(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))
            .map(str::to_owned),
        expiry: whole("exp_year")
            .zip(whole("exp_month"))
            .and_then(|(year, month)| Expiry::new(year, u32::try_from(month).ok()?)),
    }
}

/// A point in time, with any number of digits behind its second.
pub(super) fn time(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?)
        .ok()
        .map(|time| time.to_utc())
}

fn mark(metadata: &BTreeMap<String, String>, key: &str) -> Option<bool> {
    match metadata.get(key).map(String::as_str) {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    }
}

/// An object's metadata; none where it is not told. Documented as texts; anything else is kept as it is written, so that
/// sending the map back loses no key.
pub(super) fn metadata(value: &Value) -> Option<BTreeMap<String, String>> {
    let map = value.as_object()?.iter().map(|(key, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (key.clone(), text)
    });
    Some(map.collect())
}

fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

// Short words of the provider's own, shown as they come.
fn word(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    let plain = !text.is_empty() && !text.chars().any(char::is_control) && !contains_card_number(text);
    plain.then(|| text.chars().take(60).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object() -> Value {
        json!({
            "id": "tok_a", "customer_id": "cust_a", "card_id": "card_a", "type": "card", "is_default": true,
            "is_chargeable": true, "is_subscription_only": false, "verification_status": "not-requested",
            "metadata": { "tokendesk_active": "false", "tokendesk_one_click": "true", "shop_order": "A-1" },
            "summary": "**** **** **** 4242", "created_at": "2026-01-02T03:04:05.645447048Z",
            "card": {
                "id": "card_a", "scheme": "visa", "last_4_digits": "4242", "exp_month": 7, "exp_year": 2026, "name": "Matéo",
                "sandbox": true, "created_at": "2026-01-02T03:04:05Z",
            },
        })
    }

    fn read(object: &Value) -> TokenSnapshot {
        token(object, "cust_a", Some("a@example.com")).unwrap()
    }

    fn told(object: &Value) -> VersionSnapshot {
        match details(object) {
            Details::Told(version) => *version,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_card_token_is_read_whole() {
        let token = read(&object());
        assert_eq!(
            (token.state.clone(), token.one_click),
            (TokenState::Inactive, Some(true))
        );
        assert_eq!(token.particulars.active_mark, ActiveMark::Set);
        assert_eq!(token.particulars.record.as_deref(), Some("cust_a"));
        assert_eq!(token.particulars.verification.as_deref(), Some("not-requested"));
        assert_eq!(
            (token.particulars.chargeable, token.particulars.is_default),
            (Some(true), Some(true))
        );
        assert_eq!(token.particulars.metadata.len(), 3);
        assert_eq!(token.particulars.kind, None);
        assert!(token.created_on.is_some());
        let version = told(&object());
        assert_eq!(
            (version.remote_id.as_str(), version.token_remote_id.as_str()),
            ("card_a", "tok_a")
        );
        assert_eq!(version.card.brand, Some(Brand::Visa));
        assert_eq!(version.card.expiry, Expiry::new(2026, 7));
        assert_eq!(
            (version.holder.as_deref(), version.production),
            (Some("Matéo"), Some(false))
        );
    }

    #[test]
    fn marks_are_true_and_false_and_nothing_else() {
        for value in [json!("yes"), json!("TRUE"), json!(true), json!(""), Value::Null] {
            let mut odd = object();
            odd["metadata"]["tokendesk_active"] = value.clone();
            odd["metadata"]["tokendesk_one_click"] = value.clone();
            let token = read(&odd);
            // `true` that is no text is written the same once it is one; nothing else is.
            if value == json!(true) {
                assert_eq!(token.one_click, Some(true));
                continue;
            }
            assert_eq!(
                (token.state.clone(), token.one_click),
                (TokenState::Active, None),
                "{value}"
            );
            assert_eq!(token.particulars.active_mark, ActiveMark::NotSet);
            assert_eq!(token.particulars.metadata.len(), 3);
        }
    }

    #[test]
    fn null_everywhere_is_survived() {
        let mut bare = object();
        let members: Vec<String> = bare.as_object().unwrap().keys().cloned().collect();
        for name in members.iter().filter(|name| *name != "id") {
            bare[name] = Value::Null;
        }
        let token = read(&bare);
        assert_eq!((token.state, token.one_click), (TokenState::Active, None));
        assert_eq!(token.particulars.chargeable, None);
        assert_eq!(details(&bare), Details::Nothing);
        let customer =
            customer(&json!({ "id": "cust_a", "email": null, "first_name": null, "created_at": null }))
                .unwrap();
        assert_eq!((customer.email, customer.name), (None, None));
        let mut card = object();
        card["card"] = json!({ "id": "card_a", "scheme": null, "last_4_digits": 4242, "exp_month": 13, "exp_year": null });
        assert!(told(&card).card.is_empty());
    }

    #[test]
    fn kinds_and_verification_are_shown_in_the_providers_own_words() {
        let with = |name: &str, value: Value| {
            let mut odd = object();
            odd[name] = value;
            read(&odd)
        };
        assert_eq!(with("type", json!("pending")).state, TokenState::Creating);
        assert_eq!(
            with("type", json!("gateway_token")).particulars.kind.as_deref(),
            Some("gateway_token")
        );
        assert_eq!(
            with("type", json!("wallet")).particulars.kind.as_deref(),
            Some("wallet")
        );
        assert_eq!(
            with("is_subscription_only", json!(true))
                .particulars
                .kind
                .as_deref(),
            Some("subscription only")
        );
        for status in ["success", "pending", "failed", "not-requested", "unknown", "odd"] {
            let token = with("verification_status", json!(status));
            assert_eq!(token.particulars.verification.as_deref(), Some(status));
            assert_eq!(token.particulars.chargeable, Some(true));
        }
    }

    #[test]
    fn a_card_that_is_not_shown_is_not_taken_for_none() {
        let mut hidden = object();
        hidden.as_object_mut().unwrap().remove("card");
        assert_eq!(details(&hidden), Details::NotShown);
        let wallet =
            json!({ "id": "tok_w", "type": "gateway_token", "card_id": null, "summary": "a wallet" });
        let version = told(&wallet);
        assert_eq!(
            (version.remote_id.as_str(), version.name.as_deref()),
            ("tok_w", Some("a wallet"))
        );
        let empty = json!({ "id": "tok_e", "type": "pending", "card_id": null });
        assert_eq!(details(&empty), Details::Nothing);
    }

    #[test]
    fn an_object_without_an_id_or_of_somebody_else_is_none() {
        for id in [Value::Null, json!(7), json!(""), json!(" ")] {
            let mut odd = object();
            odd["id"] = id.clone();
            assert_eq!(token(&odd, "cust_a", None), None);
            assert_eq!(customer(&json!({ "id": id })), None);
        }
        assert_eq!(token(&object(), "cust_b", None), None);
        let mut live = object();
        live["card"]["sandbox"] = json!(false);
        assert_eq!(told(&live).production, Some(true));
    }
}

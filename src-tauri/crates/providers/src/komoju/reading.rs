//! Reads customers, which are the saved cards, and pages of them (KOMOJU fact sheet, sections 3 and 4). Every member but the
//! id may be absent, null or of a type nobody expected; all three read as absent.
//!
//! A `source` that is null is "not completed, or hidden": the token stands without saved details, and whether it has any is
//! left open, never "it has none".

use super::card;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use tokendesk_model::capability::{ACTIVE_KEY, ONE_CLICK_KEY};
use tokendesk_model::{
    ActiveMark, CustomerSnapshot, Particulars, TokenSnapshot, TokenState, VersionSnapshot,
};

use crate::system::{CustomerCards, ListedCustomer};

const MAX_ID_CHARS: usize = 100;

/// What is saved where no details are told (KOMOJU fact sheet, sections 4.2 and 4.4).
const NOT_TOLD: &str = "not completed or hidden";

/// The id of any object: opaque, but a text.
pub(super) fn object_id(object: &Value) -> Option<String> {
    let id = object.get("id")?.as_str()?;
    let fits = !id.is_empty() && id.chars().count() <= MAX_ID_CHARS && !id.chars().any(char::is_control);
    fits.then(|| id.to_owned())
}

/// A customer with the card it is; `None` without an id.
pub(super) fn customer(object: &Value) -> Option<ListedCustomer> {
    let token = token(object)?;
    let details: Vec<VersionSnapshot> = details(object, &token).into_iter().collect();
    Some(ListedCustomer {
        customer: CustomerSnapshot {
            customer_id: token.remote_id.clone(),
            email: token.email.clone(),
            name: None,
            created_on: token.created_on,
        },
        cards: Some(CustomerCards {
            tokens: vec![token],
            details,
            without_details: Vec::new(),
            unreadable: 0,
        }),
    })
}

/// A customer as the token it is; `None` without an id.
pub(super) fn token(object: &Value) -> Option<TokenSnapshot> {
    let id = object_id(object)?;
    let metadata = object["metadata"].as_object().map(texts).unwrap_or_default();
    let mark = |key: &str| match metadata.get(key).map(String::as_str) {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    };
    let active = mark(ACTIVE_KEY);
    let state = if active == Some(false) {
        TokenState::Inactive
    } else {
        TokenState::Active
    };
    Some(TokenSnapshot {
        one_click: mark(ONE_CLICK_KEY),
        customer_id: Some(id.clone()),
        email: text(&object["email"]),
        language: text(&object["locale"]),
        created_on: instant(&object["created_at"]),
        particulars: Particulars {
            record: Some(id.clone()),
            // A shell that the buyer never completed, and a record whose details are kept back, look the same.
            kind: match &object["source"] {
                Value::Null => Some(NOT_TOLD.to_owned()),
                source => card::kind(source),
            },
            active_mark: if active.is_some() {
                ActiveMark::Set
            } else {
                ActiveMark::NotSet
            },
            metadata,
            ..Particulars::default()
        },
        ..TokenSnapshot::new(id, state)
    })
}

/// The saved details of a customer that was read as `token`; `None` where its source is null.
pub(super) fn details(object: &Value, token: &TokenSnapshot) -> Option<VersionSnapshot> {
    card::version(&object["source"], &token.remote_id, token.created_on)
}

// Metadata is text to text; what is plain and is not text is kept as its text, so that a whole map can be sent back.
fn texts(map: &Map<String, Value>) -> BTreeMap<String, String> {
    map.iter()
        .filter_map(|(key, value)| {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Bool(flag) => flag.to_string(),
                _ => return None,
            };
            Some((key.clone(), value))
        })
        .collect()
}

/// A text that is there.
pub(super) fn text(value: &Value) -> Option<String> {
    value
        .as_str()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// A point in time with `Z` or an offset; without a zone it is UTC.
pub(super) fn instant(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?;
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) => Some(at.to_utc()),
        Err(_) => NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
            .ok()
            .map(|at| at.and_utc()),
    }
}

/// A page of a list.
pub(super) struct Listed<'a> {
    /// The objects, unread.
    pub data: &'a [Value],
    /// How many there are in all; `None` where it does not say.
    pub total: Option<u64>,
    /// How many a page holds.
    pub per_page: Option<u64>,
    /// The number of the last page.
    pub last_page: Option<u64>,
}

/// Reads a page; `None` when it is not one. Whatever `resource` says is fine.
pub(super) fn listed(body: &Value) -> Option<Listed<'_>> {
    Some(Listed {
        data: body.get("data")?.as_array()?,
        total: body["total"].as_u64(),
        per_page: body["per_page"].as_u64().filter(|number| *number > 0),
        last_page: body["last_page"].as_u64(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tokendesk_model::{Brand, Expiry};

    fn whole() -> Value {
        json!({ "id": "c0ffee0000000000000000001", "resource": "customer", "email": "a@example.com",
            "source": { "type": "credit_card", "brand": "visa", "last_four_digits": "1111", "month": 1, "year": 2027 },
            "metadata": { "crm_id": "42" }, "created_at": "2025-06-09T07:41:51Z" })
    }

    #[test]
    fn a_customer_is_one_card_under_one_id() {
        let read = customer(&whole()).unwrap();
        let cards = read.cards.unwrap();
        let token = &cards.tokens[0];
        assert_eq!(token.remote_id, "c0ffee0000000000000000001");
        assert_eq!(
            token.particulars.record.as_deref(),
            Some(token.remote_id.as_str())
        );
        assert_eq!(token.customer_key(), read.customer.customer_key());
        assert_eq!((token.one_click, &token.state), (None, &TokenState::Active));
        assert_eq!(token.particulars.active_mark, ActiveMark::NotSet);
        assert_eq!(token.particulars.metadata["crm_id"], "42");
        let card = &cards.details[0].card;
        assert_eq!(
            (&card.brand, card.expiry),
            (&Some(Brand::Visa), Expiry::new(2027, 1))
        );
        assert_eq!(card.last4.as_deref(), Some("1111"));
    }

    #[test]
    fn only_true_and_false_are_marks() {
        let marked = |active: Value, one_click: Value| {
            let mut object = whole();
            object["metadata"] = json!({ "tokendesk_active": active, "tokendesk_one_click": one_click });
            let token = token(&object).unwrap();
            (token.state, token.particulars.active_mark, token.one_click)
        };
        let off = (TokenState::Inactive, ActiveMark::Set, Some(true));
        assert_eq!(marked(json!("false"), json!("true")), off);
        let on = (TokenState::Active, ActiveMark::Set, Some(false));
        assert_eq!(marked(json!("true"), json!("false")), on);
        for odd in [json!("yes"), json!("FALSE"), json!(null), json!({}), json!("")] {
            let none = (TokenState::Active, ActiveMark::NotSet, None);
            assert_eq!(marked(odd.clone(), odd), none);
        }
    }

    #[test]
    fn null_everywhere_leaves_only_the_id() {
        let nulls = json!({ "id": "x", "resource": null, "email": null, "source": null, "metadata": null,
                            "created_at": null, "locale": null });
        for object in [
            nulls,
            json!({ "id": "x" }),
            json!({ "id": "x", "email": 3, "source": "s", "metadata": [] }),
        ] {
            let read = customer(&object).unwrap();
            let cards = read.cards.unwrap();
            assert_eq!((read.customer.email, cards.tokens.len()), (None, 1));
            assert!(cards.details.is_empty() && cards.without_details.is_empty());
        }
        for object in [
            json!({}),
            json!({ "id": null }),
            json!({ "id": 7 }),
            json!({ "id": "" }),
            json!({ "id": "a\nb" }),
        ] {
            assert!(customer(&object).is_none(), "{object}");
        }
    }

    #[test]
    fn times_come_with_z_and_with_an_offset() {
        let utc = |text: &str| instant(&json!(text)).map(|at| at.to_rfc3339());
        assert_eq!(
            utc("2020-06-09T07:41:51Z").as_deref(),
            Some("2020-06-09T07:41:51+00:00")
        );
        assert_eq!(
            utc("2020-12-09T18:26:59.000+09:00").as_deref(),
            Some("2020-12-09T09:26:59+00:00")
        );
        assert_eq!(
            utc("2020-06-09T07:41:51").as_deref(),
            Some("2020-06-09T07:41:51+00:00")
        );
        assert_eq!(utc("yesterday"), None);
    }
}

//! From a customer's list of saved cards to snapshots (Zafapay fact sheet, section 3.1).

use super::answers;
use super::link::{self, Key, Link};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::system::CustomerCards;
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::Value;
use std::collections::HashSet;
use tokendesk_model::card_number::contains_card_number;
use tokendesk_model::snapshot::{ActiveMark, Particulars};
use tokendesk_model::{Brand, CardFacts, Expiry, TokenSnapshot, TokenState, VersionSnapshot, VersionState};

// Written by whoever blocked the card, in another tool perhaps; a page is not made of one.
const MAX_REASON_CHARS: usize = 1_000;
const HIDDEN: &str = "[number]";

/// Every saved card of a customer, in use and blocked. None at all when the customer is not known there.
pub(super) async fn cards(
    link: &Link,
    customer_id: &str,
    email: Option<&str>,
) -> Result<CustomerCards, ProviderError> {
    let target = link::saved_cards(customer_id)?;
    let answer = link.exchange(Key::Access, Method::GET, &target, None).await?;
    let answer = match answers::judge(answer) {
        Ok(answer) => answer,
        Err(error) if error.kind == ProviderErrorKind::NotFound => return Ok(CustomerCards::default()),
        Err(error) => return Err(error),
    };
    list(&answers::json(&answer)?, customer_id, email).ok_or_else(|| answers::unreadable(answer.status))
}

fn list(body: &Value, customer_id: &str, email: Option<&str>) -> Option<CustomerCards> {
    let mut cards = CustomerCards::default();
    // An answer about another customer is no answer.
    if !body["customer_id"].is_null() && body["customer_id"].as_str() != Some(customer_id) {
        return None;
    }
    let items = match body.get("payment_methods")? {
        Value::Null => return Some(cards),
        items => items.as_array()?,
    };
    let mut seen = HashSet::new();
    for item in items {
        match token(item, customer_id, email) {
            Some(token) if seen.insert(token.remote_id.clone()) => {
                cards.details.push(details(item, &token));
                cards.tokens.push(token);
            }
            _ => cards.unreadable += 1,
        }
    }
    Some(cards)
}

fn token(item: &Value, customer_id: &str, email: Option<&str>) -> Option<TokenSnapshot> {
    let id = item["id"].as_str().filter(|id| !id.trim().is_empty())?;
    let state = state(&item["status"]);
    // A card in use is not blocked for anything, whatever it was blocked for before.
    let block_reason = (state != TokenState::Active)
        .then(|| reason(&item["blocked_reason"]))
        .flatten();
    let kind = word(&item["type"]).filter(|kind| !kind.eq_ignore_ascii_case("card"));
    Some(TokenSnapshot {
        customer_id: Some(customer_id.to_owned()),
        email: email.map(str::to_owned),
        created_on: time(&item["created_at"]),
        particulars: Particulars {
            record: Some(customer_id.to_owned()),
            is_default: item["is_default"].as_bool(),
            block_reason,
            keeps_reasons: true,
            kind,
            active_mark: ActiveMark::None,
            ..Particulars::default()
        },
        ..TokenSnapshot::new(id, state)
    })
}

/// The state behind a status word; only two are documented.
pub(super) fn state(status: &Value) -> TokenState {
    let Some(raw) = word(status) else {
        return TokenState::Unknown("not told".to_owned());
    };
    if raw.eq_ignore_ascii_case("active") {
        TokenState::Active
    } else if raw.eq_ignore_ascii_case("blocked") {
        TokenState::Inactive
    } else {
        TokenState::Unknown(raw)
    }
}

// A saved card is one set of details for good: it has no versions and carries the card's own id.
fn details(item: &Value, token: &TokenSnapshot) -> VersionSnapshot {
    VersionSnapshot {
        remote_id: token.remote_id.clone(),
        token_remote_id: token.remote_id.clone(),
        version: 0,
        state: VersionState::Active,
        card: card(&item["card"]),
        name: None,
        holder: None,
        production: None,
        created_on: token.created_on,
        activated_on: None,
        obsoleted_on: None,
        expires_on: None,
    }
}

/// Card facts; what is missing or makes no sense stays absent.
pub(super) fn card(card: &Value) -> CardFacts {
    let whole = |name: &str| {
        card[name]
            .as_i64()
            .or_else(|| card[name].as_str()?.trim().parse().ok())
            .and_then(|number| i32::try_from(number).ok())
    };
    let expiry = whole("exp_year")
        .zip(whole("exp_month"))
        .and_then(|(year, month)| Expiry::new(year, u32::try_from(month).ok()?));
    CardFacts {
        brand: word(&card["brand"]).map(|name| Brand::from_name(&name)),
        last4: card["last4"]
            .as_str()
            .filter(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))
            .map(str::to_owned),
        expiry,
    }
}

/// A point in time; both documented forms.
pub(super) fn time(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?)
        .ok()
        .map(|time| time.to_utc())
}

// Short words of the provider's own, shown as they come.
fn word(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    let plain = !text.is_empty() && !text.chars().any(char::is_control) && !contains_card_number(text);
    plain.then(|| text.chars().take(60).collect())
}

fn reason(value: &Value) -> Option<String> {
    let text: String = value
        .as_str()?
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_REASON_CHARS)
        .collect();
    let text = text.trim();
    match text {
        "" => None,
        text if contains_card_number(text) => Some(HIDDEN.to_owned()),
        text => Some(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item() -> Value {
        json!({
            "id": "pmi_7Qw1", "type": "card", "connector_id": "conn_a1",
            "card": { "brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2027 },
            "is_default": true, "status": "active", "blocked_reason": null, "created_at": "2025-01-15T10:30:00Z",
        })
    }

    fn read(item: Value) -> CustomerCards {
        list(
            &json!({ "customer_id": "shop 7", "payment_methods": [item] }),
            "shop 7",
            Some("a@example.com"),
        )
        .unwrap()
    }

    #[test]
    fn the_documented_item_is_read_whole() {
        let cards = read(item());
        let (token, details) = (&cards.tokens[0], &cards.details[0]);
        assert_eq!(
            (token.remote_id.as_str(), &token.state),
            ("pmi_7Qw1", &TokenState::Active)
        );
        assert_eq!(token.customer_id.as_deref(), Some("shop 7"));
        assert_eq!(token.particulars.record.as_deref(), Some("shop 7"));
        assert_eq!(token.email.as_deref(), Some("a@example.com"));
        assert_eq!(token.particulars.is_default, Some(true));
        assert!(token.particulars.keeps_reasons);
        assert_eq!((token.one_click, &token.particulars.kind), (None, &None));
        assert_eq!(
            token.created_on.unwrap().to_rfc3339(),
            "2025-01-15T10:30:00+00:00"
        );
        assert_eq!(details.token_remote_id, "pmi_7Qw1");
        assert_eq!(details.card.brand, Some(Brand::Visa));
        assert_eq!(details.card.last4.as_deref(), Some("4242"));
        assert_eq!(details.card.expiry, Expiry::new(2027, 12));
        assert!(cards.without_details.is_empty() && cards.unreadable == 0);
    }

    #[test]
    fn nulls_and_strangers_are_survived_and_a_missing_id_is_counted() {
        let mut bare = json!({ "id": "pmi_1" });
        assert_eq!(
            read(bare.clone()).tokens[0].state,
            TokenState::Unknown("not told".to_owned())
        );
        for name in [
            "type",
            "card",
            "is_default",
            "status",
            "blocked_reason",
            "created_at",
            "connector_id",
        ] {
            bare[name] = Value::Null;
        }
        let cards = read(bare);
        assert!(cards.details[0].card.is_empty());
        assert_eq!(cards.tokens[0].particulars.is_default, None);

        let mut strange = item();
        strange["status"] = json!("under_review");
        strange["type"] = json!("wallet");
        strange["card"] = json!({ "brand": "nordlicht", "last4": "42", "exp_month": 13, "exp_year": "2027" });
        strange["more"] = json!([1]);
        let cards = read(strange);
        assert_eq!(
            cards.tokens[0].state,
            TokenState::Unknown("under_review".to_owned())
        );
        assert_eq!(cards.tokens[0].particulars.kind.as_deref(), Some("wallet"));
        assert_eq!(
            cards.details[0].card.brand,
            Some(Brand::Other("nordlicht".to_owned()))
        );
        assert_eq!(
            (cards.details[0].card.last4.clone(), cards.details[0].card.expiry),
            (None, None)
        );

        for id in [Value::Null, json!(7), json!(""), json!(" ")] {
            let mut without = item();
            without["id"] = id;
            let cards = read(without);
            assert_eq!((cards.tokens.len(), cards.unreadable), (0, 1));
        }
        let twice = json!({ "payment_methods": [item(), item()] });
        let cards = list(&twice, "shop 7", None).unwrap();
        assert_eq!((cards.tokens.len(), cards.unreadable), (1, 1));
    }

    #[test]
    fn what_is_not_this_customers_list_is_no_answer() {
        for body in [
            json!({ "customer_id": "else", "payment_methods": [] }),
            json!({ "customer_id": 7, "payment_methods": [] }),
            json!({ "customer_id": "shop 7" }),
            json!({ "payment_methods": {} }),
            json!([]),
            json!("x"),
        ] {
            assert_eq!(list(&body, "shop 7", None), None, "{body}");
        }
        for body in [
            json!({ "payment_methods": [] }),
            json!({ "customer_id": null, "payment_methods": null }),
        ] {
            assert_eq!(list(&body, "shop 7", None), Some(CustomerCards::default()));
        }
    }

    #[test]
    fn a_reason_is_shown_while_it_counts_and_never_with_a_card_number() {
        let reason = |status: &str, text: Value| {
            let mut blocked = item();
            blocked["status"] = json!(status);
            blocked["blocked_reason"] = text;
            read(blocked).tokens[0].particulars.block_reason.clone()
        };
        assert_eq!(
            reason("blocked", json!("Lost\ncard ")).as_deref(),
            Some("Lost card")
        );
        assert_eq!(reason("BLOCKED", json!("紛失")).as_deref(), Some("紛失"));
        assert_eq!(reason("frozen", json!("x")).as_deref(), Some("x"));
        assert_eq!(reason("active", json!("earlier")), None);
        assert_eq!(reason("blocked", json!("  ")), None);
        assert_eq!(
            reason("blocked", json!("card 4111 1111 1111 1111")).as_deref(),
            Some("[number]")
        );
        assert_eq!(
            reason("blocked", json!("ä".repeat(3_000))).map(|text| text.chars().count()),
            Some(1_000)
        );
    }
}

//! Card facts out of a customer's `source` (KOMOJU fact sheet, section 4.1). What is not there stays absent.
//!
//! A source has no id of its own. One is built from what it is, so that a card that was replaced is another version.

use super::reading::text;
use chrono::{DateTime, Utc};
use serde_json::Value;
use tokendesk_model::{Brand, CardFacts, Expiry, VersionSnapshot, VersionState};

const CREDIT_CARD: &str = "credit_card";
const MAX_WORD_CHARS: usize = 60;

/// What is saved, in the provider's word, where it is not a card.
pub(super) fn kind(source: &Value) -> Option<String> {
    text(&source["type"])
        .filter(|kind| kind != CREDIT_CARD)
        .map(|kind| kind.chars().take(MAX_WORD_CHARS).collect())
}

/// The saved details in use; `None` where there is no source object.
pub(super) fn version(
    source: &Value,
    customer: &str,
    created_on: Option<DateTime<Utc>>,
) -> Option<VersionSnapshot> {
    source.as_object()?;
    let card = facts(source);
    Some(VersionSnapshot {
        remote_id: name_of(customer, kind(source).as_deref(), &card),
        token_remote_id: customer.to_owned(),
        version: 0,
        state: VersionState::Active,
        name: kind(source).map(|kind| {
            if kind == "paypay" {
                "PayPay".to_owned()
            } else {
                kind
            }
        }),
        card,
        holder: None,
        production: None,
        created_on,
        activated_on: None,
        obsoleted_on: None,
        expires_on: None,
    })
}

fn facts(source: &Value) -> CardFacts {
    CardFacts {
        brand: text(&source["brand"]).and_then(|brand| brand_of(&brand)),
        last4: last4(&source["last_four_digits"]),
        expiry: expiry(source),
    }
}

fn brand_of(word: &str) -> Option<Brand> {
    // The older of the two words KOMOJU has for it.
    if word.eq_ignore_ascii_case("master") {
        return Some(Brand::Mastercard);
    }
    let shown: String = word
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_WORD_CHARS)
        .collect();
    // A brand is a word: whatever has more digits than a card's end is something else in its place.
    let digits = shown.chars().filter(|c| c.is_numeric()).count();
    (digits <= 4).then(|| Brand::from_name(&shown))
}

// A text; a number has lost its leading zeros and gets them back.
fn last4(value: &Value) -> Option<String> {
    let digits = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => format!("{:04}", number.as_u64()?),
        _ => return None,
    };
    (digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

fn expiry(source: &Value) -> Option<Expiry> {
    let whole = |value: &Value| match value {
        Value::String(text) => text.trim().parse::<i64>().ok(),
        other => other.as_i64(),
    };
    let month = u32::try_from(whole(&source["month"])?).ok()?;
    let year = i32::try_from(whole(&source["year"])?).ok()?;
    // Two digits are years of this century.
    let year = if (0..100).contains(&year) {
        year + 2_000
    } else {
        year
    };
    Expiry::new(year, month)
}

fn name_of(customer: &str, kind: Option<&str>, card: &CardFacts) -> String {
    let mut name = format!("{customer}:{}", kind.unwrap_or("card"));
    let brand = card.brand.as_ref().map(|brand| brand.as_str().to_owned());
    let expiry = card
        .expiry
        .map(|expiry| format!("{:04}{:02}", expiry.year(), expiry.month()));
    for part in [brand, card.last4.clone(), expiry].into_iter().flatten() {
        name.push('-');
        name.push_str(&part);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn card(brand: Value, last4: Value, month: Value, year: Value) -> VersionSnapshot {
        let source = json!({ "type": "credit_card", "brand": brand, "last_four_digits": last4, "month": month,
                             "year": year });
        version(&source, "c1", None).unwrap()
    }

    #[test]
    fn two_digit_years_and_both_words_for_a_brand_are_one_card() {
        let old = card(json!("master"), json!("0042"), json!(3), json!(27));
        let new = card(json!("mastercard"), json!(42), json!("03"), json!(2027));
        assert_eq!(old.card, new.card);
        assert_eq!(old.remote_id, new.remote_id);
        assert_eq!(old.card.brand, Some(Brand::Mastercard));
        assert_eq!(old.card.expiry, Expiry::new(2027, 3));
        let renewed = card(json!("master"), json!("0042"), json!(3), json!(30));
        assert_ne!(old.remote_id, renewed.remote_id);
        assert_eq!(
            card(json!("american_express"), json!("1"), json!(0), json!(27))
                .card
                .brand,
            Some(Brand::Amex)
        );
    }

    #[test]
    fn what_makes_no_sense_is_absent() {
        let odd = card(json!(null), json!("11111"), json!(13), json!(2027)).card;
        assert!(odd.is_empty());
        let odd = card(json!("銀聯カード"), json!("１１１１"), json!(null), json!("soon")).card;
        assert_eq!(
            (odd.brand, odd.last4, odd.expiry),
            (Some(Brand::Other("銀聯カード".into())), None, None)
        );
        let number = card(json!("4111111111111111"), json!("1111"), json!(1), json!(-5)).card;
        assert_eq!((number.brand, number.expiry), (None, None));
    }

    #[test]
    fn what_is_no_card_has_its_own_word() {
        let source =
            json!({ "type": "paypay", "brand": null, "last_four_digits": null, "month": null, "year": null });
        let version = version(&source, "c1", None).unwrap();
        assert_eq!(
            (kind(&source).as_deref(), version.name.as_deref()),
            (Some("paypay"), Some("PayPay"))
        );
        assert!(version.card.is_empty());
        assert!(super::version(&json!(null), "c1", None).is_none());
        assert_eq!(kind(&json!({ "type": "credit_card" })), None);
    }
}

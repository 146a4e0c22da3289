//! Card facts out of a token version: brand, last four, expiry. There are no members for them; they are gathered from
//! labels, name, brand and `expiresOn` (wallee fact sheet, section 4.2). What is not there stays absent.
//!
//! Never more than the last four digits leave this module as a fact.

use super::reading::{date_time, integer, text};
use chrono::{Datelike, Timelike};
use serde_json::Value;
use tokendesk_model::{Brand, CardFacts, Expiry};

// Label descriptors seen on charge attempts; that token versions carry the same is inferred (wallee fact sheet, 4.2).
const MASKED_NUMBER_LABEL: i64 = 1_456_765_125_779;
const EXPIRY_LABEL: i64 = 1_456_765_711_187;

// The last four: the first digits of a card name its issuer and are not kept.
const MAX_SHOWN_DIGITS: usize = 4;

const MAX_BRAND_CHARS: usize = 60;

/// The facts of one token version, as the API gives it.
pub(super) fn facts(version: &Value) -> CardFacts {
    let name = version["name"].as_str().unwrap_or_default();
    CardFacts {
        brand: brand_given(&version["paymentMethodBrand"]).or_else(|| brand_in(name)),
        last4: labels(version, MASKED_NUMBER_LABEL)
            .find_map(last4_of_label)
            .or_else(|| last4_in(name)),
        expiry: labels(version, EXPIRY_LABEL)
            .find_map(expiry_of_label)
            .or_else(|| expiry_by_end(version)),
    }
}

/// The display name, with every digit but the last four covered.
pub(super) fn safe_name(name: &str) -> String {
    let digits = name.chars().filter(|c| c.is_numeric()).count();
    if digits <= MAX_SHOWN_DIGITS {
        return name.to_owned();
    }
    let covered = digits - MAX_SHOWN_DIGITS;
    let mut seen = 0;
    name.chars()
        .map(|c| {
            if !c.is_numeric() {
                return c;
            }
            seen += 1;
            if seen <= covered { '•' } else { c }
        })
        .collect()
}

fn labels(version: &Value, descriptor: i64) -> impl Iterator<Item = &Value> {
    version["labels"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(move |label| {
            let given = &label["descriptor"];
            integer(&given["id"]).or_else(|| integer(given)) == Some(descriptor)
        })
}

// The text form is made for people and the content for machines; either may be missing.
fn label_texts(label: &Value) -> impl Iterator<Item = String> {
    [&label["content"], &label["contentAsString"]]
        .into_iter()
        .filter_map(|value| match value {
            Value::Number(number) => Some(number.to_string()),
            other => text(other),
        })
}

fn last4_of_label(label: &Value) -> Option<String> {
    label_texts(label).find_map(|text| {
        let reversed: String = text
            .trim_end()
            .chars()
            .rev()
            .take_while(char::is_ascii_digit)
            .take(4)
            .collect();
        (reversed.len() == 4).then(|| reversed.chars().rev().collect())
    })
}

// Four digits after a masking sign. Letters and dots mask only in company: "Box 2026" and "No. 2026" are names.
fn last4_in(name: &str) -> Option<String> {
    let chars: Vec<char> = name.chars().collect();
    let is_digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    (0..chars.len()).rev().find_map(|at| {
        let run = (at..at + 4).all(is_digit) && !is_digit(at + 4) && !(at > 0 && is_digit(at - 1));
        if !run {
            return None;
        }
        let before = chars[..at]
            .iter()
            .rposition(|c| !c.is_whitespace() && *c != '-')?;
        let sign = chars[before];
        let masked = match sign {
            '*' | '•' | '·' | '●' | '…' => true,
            'x' | 'X' | '.' | '#' => before > 0 && chars[before - 1] == sign,
            _ => false,
        };
        masked.then(|| chars[at..at + 4].iter().collect())
    })
}

fn brand_given(brand: &Value) -> Option<Brand> {
    let name = match &brand["name"] {
        Value::Object(by_language) => by_language
            .iter()
            .filter(|(language, _)| language.to_ascii_lowercase().starts_with("en"))
            .chain(by_language)
            .find_map(|(_, name)| text(name).filter(|name| !name.trim().is_empty()))?,
        other => text(other).filter(|name| !name.trim().is_empty())?,
    };
    Some(Brand::from_name(&safe_name(
        &name.chars().take(MAX_BRAND_CHARS).collect::<String>(),
    )))
}

fn brand_in(name: &str) -> Option<Brand> {
    let words: Vec<&str> = name
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .collect();
    (1..=3).rev().find_map(|length| {
        words.windows(length).find_map(|window| {
            let phrase = window.join(" ");
            // Two of the short forms are everyday words.
            if matches!(phrase.to_lowercase().as_str(), "mc" | "cup") {
                return None;
            }
            match Brand::from_name(&phrase) {
                Brand::Other(_) => None,
                known => Some(known),
            }
        })
    })
}

fn expiry_of_label(label: &Value) -> Option<Expiry> {
    let content = &label["content"];
    if let (Some(year), Some(month)) = (integer(&content["year"]), integer(&content["month"])) {
        return Expiry::new(i32::try_from(year).ok()?, u32::try_from(month).ok()?);
    }
    label_texts(label).find_map(|text| expiry_in(&text))
}

// 2027-12, 2027-12-31T…, 12/2027, 12.2027, 12/27, 202712.
fn expiry_in(text: &str) -> Option<Expiry> {
    let groups: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .collect();
    let expiry = |year: &str, month: &str| Expiry::new(year.parse().ok()?, month.parse().ok()?);
    match groups.as_slice() {
        [year, month, ..] if year.len() == 4 && month.len() <= 2 => expiry(year, month),
        [month, year] if month.len() <= 2 && year.len() == 4 => expiry(year, month),
        [joined] if joined.len() == 6 && joined.starts_with("20") => expiry(&joined[..4], &joined[4..]),
        [_, _] => Expiry::parse(text),
        _ => None,
    }
}

// `expiresOn` is when the version turns obsolete, not what is printed on the card. That the first moment of a month ends
// a card of the month before is inferred from the fact sheet's sample (section 8): 2028-01-01T00:00:00Z is a 12/2027.
fn expiry_by_end(version: &Value) -> Option<Expiry> {
    let end = date_time(version["expiresOn"].as_str()?)?;
    let expiry = Expiry::new(end.year(), end.month())?;
    let first_moment = end.day() == 1 && end.num_seconds_from_midnight() == 0;
    Some(if first_moment {
        Expiry(expiry.0 - 1)
    } else {
        expiry
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn label(descriptor: Value, content: Value) -> Value {
        json!({"labels":[{"descriptor":{"id":1},"content":"9999"},{"descriptor":descriptor,"content":content}]})
    }

    #[test]
    fn the_sample_version_gives_all_three_facts() {
        let facts = facts(&json!({
            "id":900045,"name":"Visa •••• 1111","expiresOn":"2028-01-01T00:00:00Z",
            "paymentMethodBrand":{"id":1_457_546_097_639_i64},
            "labels":[{"descriptor":{"id":1_456_765_125_779_i64},"content":"411111******1111",
                       "contentAsString":"411111******1111"}]
        }));
        assert_eq!(
            facts,
            CardFacts {
                brand: Some(Brand::Visa),
                last4: Some("1111".into()),
                expiry: Expiry::new(2027, 12)
            }
        );
    }

    #[test]
    fn nothing_given_is_nothing_known() {
        for version in [
            json!({"id":1}),
            json!({"id":1,"name":"My account","labels":"none","expiresOn":7}),
            json!({"labels":[null,7,{"descriptor":null}],"paymentMethodBrand":null,"name":null}),
        ] {
            assert!(facts(&version).is_empty(), "{version}");
        }
    }

    #[test]
    fn masked_numbers_in_labels_come_in_many_shapes() {
        for content in [
            json!("411111******1111"),
            json!("xxxx-1111"),
            json!("**** **** **** 1111 "),
            json!("1111"),
            json!(1111),
            json!("4111111111111111"),
        ] {
            let version = label(json!({"id":MASKED_NUMBER_LABEL}), content.clone());
            assert_eq!(facts(&version).last4.as_deref(), Some("1111"), "{content}");
        }
        assert_eq!(
            facts(&label(json!("1456765125779"), json!("**0057")))
                .last4
                .as_deref(),
            Some("0057")
        );
        for content in [json!("***111"), json!("none"), json!({"a":1}), json!(null)] {
            assert_eq!(
                facts(&label(json!({"id":MASKED_NUMBER_LABEL}), content)).last4,
                None
            );
        }
    }

    #[test]
    fn names_give_their_last_four_only_behind_a_mask() {
        for name in [
            "Visa •••• 1111",
            "Visa ****1111 (12/27)",
            "xxxx-1111",
            "Visa ...1111",
            "•••• 1111 exp 2027",
        ] {
            assert_eq!(last4_in(name).as_deref(), Some("1111"), "{name}");
        }
        for name in [
            "Invoice 2026",
            "Box 2026",
            "No. 2026",
            "4111111111111111",
            "•••• 11112",
            "1111",
            "é",
            "",
        ] {
            assert_eq!(last4_in(name), None, "{name}");
        }
    }

    #[test]
    fn expiry_labels_win_over_the_end_of_the_version() {
        for content in [
            json!("2027-03"),
            json!("03/2027"),
            json!("3.2027"),
            json!("03/27"),
            json!("202703"),
            json!(202_703),
            json!("2027-03-31T23:59:59Z"),
            json!({"year":2027,"month":3}),
            json!({"year":"2027","month":"03"}),
        ] {
            let mut version = label(json!({"id":EXPIRY_LABEL}), content.clone());
            version["expiresOn"] = json!("2031-01-01T00:00:00Z");
            assert_eq!(facts(&version).expiry, Expiry::new(2027, 3), "{content}");
        }
        let mut unclear = label(json!({"id":EXPIRY_LABEL}), json!("2027-13"));
        unclear["expiresOn"] = json!("2031-01-15T00:00:00Z");
        assert_eq!(facts(&unclear).expiry, Expiry::new(2031, 1));
    }

    #[test]
    fn the_first_moment_of_a_month_ends_the_month_before() {
        let end = |text: &str| facts(&json!({"expiresOn":text})).expiry;
        assert_eq!(end("2028-01-01T00:00:00Z"), Expiry::new(2027, 12));
        assert_eq!(end("2028-01-01T00:00:00.000+01:00"), Expiry::new(2027, 12));
        assert_eq!(end("2027-12-31T23:59:59Z"), Expiry::new(2027, 12));
        assert_eq!(end("2028-01-01T00:00:01Z"), Expiry::new(2028, 1));
        assert_eq!(end("2028-03-01T00:00:00Z"), Expiry::new(2028, 2));
    }

    #[test]
    fn brands_by_their_english_name_first() {
        let brand =
            |name: Value| facts(&json!({"paymentMethodBrand":{"name":name},"name":"Visa •••• 1111"})).brand;
        assert_eq!(
            brand(json!({"de-DE":"Karte","en-US":"Mastercard"})),
            Some(Brand::Mastercard)
        );
        assert_eq!(
            brand(json!({"de-DE":"Postkarte"})),
            Some(Brand::Other("Postkarte".into()))
        );
        assert_eq!(brand(json!("American Express")), Some(Brand::Amex));
        assert_eq!(brand(json!({"en-US":" "})), Some(Brand::Visa));
        assert_eq!(brand(json!(7)), Some(Brand::Visa));
    }

    #[test]
    fn a_known_brand_is_found_in_a_name() {
        assert_eq!(brand_in("American Express •••• 0005"), Some(Brand::Amex));
        assert_eq!(brand_in("My MasterCard ending 4444"), Some(Brand::Mastercard));
        assert_eq!(brand_in("Coffee cup"), None);
        assert_eq!(brand_in("PayPal rita@example.org"), None);
    }

    #[test]
    fn names_never_show_more_than_a_masked_number() {
        assert_eq!(safe_name("Visa •••• 1111"), "Visa •••• 1111");
        assert_eq!(safe_name("411111******1111"), "••••••******1111");
        assert_eq!(safe_name("Visa 4111111111111111"), "Visa ••••••••••••1111");
        assert_eq!(safe_name("4111 1111 1111 1112"), "•••• •••• •••• 1112");
        assert_eq!(
            safe_name("４１１１１１１１１１１１１１１１"),
            "••••••••••••１１１１"
        );
    }
}

//! Takes the body of a request apart: JSON, or a form with `a[b]=c` (fact sheet, section 1).

use serde_json::{Map, Value};

use super::problem::Problem;
use super::world::Metadata;
use crate::wire::{Call, decode};

/// Longest metadata key and value (fact sheet, section 11).
const METADATA_KEY: usize = 30;
const METADATA_VALUE: usize = 2_000;

/// The members of a body; none for an empty one.
pub(super) fn members(call: &Call) -> Result<Map<String, Value>, Problem> {
    if call.body.is_empty() {
        return Ok(Map::new());
    }
    let is_form = call
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if is_form {
        return Ok(form(&String::from_utf8_lossy(&call.body)));
    }
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Problem::of_status(400, "The request body could not be parsed.")),
    }
}

fn form(text: &str) -> Map<String, Value> {
    let mut members = Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), Value::String(decode(value)));
        match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            None => _ = members.insert(name, value),
            Some((outer, inner)) => {
                let within = members
                    .entry(outer.to_owned())
                    .or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(within) = within {
                    within.insert(inner.to_owned(), value);
                }
            }
        }
    }
    members
}

/// A member that is there and not null.
pub(super) fn given<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).filter(|value| !value.is_null())
}

/// A text member.
pub(super) fn text(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Problem> {
    match given(members, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Problem::invalid(name)),
    }
}

/// A whole number, as a number or as digits.
pub(super) fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(digits) => digits.trim().parse().ok(),
        _ => None,
    }
}

/// `metadata`; the outer none when it is absent.
pub(super) fn metadata(members: &Map<String, Value>) -> Result<Option<Metadata>, Problem> {
    let Some(value) = given(members, "metadata") else {
        return Ok(None);
    };
    let pairs = value.as_object().ok_or_else(|| Problem::invalid("metadata"))?;
    let mut metadata = Metadata::new();
    for (key, value) in pairs {
        let value = value.as_str().ok_or_else(|| Problem::invalid("metadata"))?;
        if key.chars().count() > METADATA_KEY || value.chars().count() > METADATA_VALUE {
            return Err(Problem::invalid("metadata"));
        }
        metadata.insert(key.clone(), value.to_owned());
    }
    Ok(Some(metadata))
}

/// `email`, at most 255 characters.
pub(super) fn email(members: &Map<String, Value>) -> Result<Option<String>, Problem> {
    let email = text(members, "email")?.filter(|email| !email.is_empty());
    match email {
        Some(email) if email.chars().count() > 255 || !email.contains('@') => Err(Problem::invalid("email")),
        email => Ok(email),
    }
}

/// `amount` and `currency`, both required.
pub(super) fn money(members: &Map<String, Value>) -> Result<(u64, String), Problem> {
    let amount = given(members, "amount").ok_or_else(|| Problem::missing("amount"))?;
    let amount = whole(amount).ok_or_else(|| Problem::invalid("amount"))?;
    let currency = text(members, "currency")?.ok_or_else(|| Problem::missing("currency"))?;
    Ok((amount, self::currency(&currency)?))
}

/// A currency of the list (fact sheet, section 7), upper case.
pub(super) fn currency(text: &str) -> Result<String, Problem> {
    const KNOWN: &str = "JPY USD EUR TWD KRW PLN GBP HKD SGD NZD AUD IDR MYR PHP THB CNY BRL CHF CAD VND";
    let upper = text.to_ascii_uppercase();
    if KNOWN.split(' ').any(|known| known == upper) {
        Ok(upper)
    } else {
        Err(Problem::invalid("currency"))
    }
}

//! Requests and answers as a person may read them: no key, no card number, no security code.

use crate::bench::Exchange;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::Answer;
use serde_json::Value;
use std::time::Duration;
use tokendesk_model::card_number::contains_card_number;

const LONGEST: usize = 20_000;

/// One request with what came back.
pub(super) fn exchange(
    method: &str,
    target: &str,
    request: Option<&Value>,
    answer: &Result<Answer, ProviderError>,
    took: Duration,
) -> Exchange {
    let (status, body) = match answer {
        Ok(answer) => (answer.status.to_string(), text(&answer.body)),
        Err(_) => (String::new(), String::new()),
    };
    Exchange {
        method: method.to_owned(),
        target: target.to_owned(),
        request: request.map(formatted).unwrap_or_default(),
        status,
        answer: body,
        took_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
    }
}

/// Why nothing came back, in one sentence.
pub(super) fn nothing_came(error: &ProviderError) -> &'static str {
    match error.kind {
        ProviderErrorKind::Unreachable => "ProcessOut was not reached.",
        ProviderErrorKind::Tls => "No safe connection to ProcessOut came about.",
        ProviderErrorKind::Timeout => {
            "ProcessOut did not answer in time; what became of the request is not known."
        }
        _ => "The answer was lost; what became of the request is not known.",
    }
}

fn text(body: &[u8]) -> String {
    if body.is_empty() {
        return String::new();
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(body) => formatted(&body),
        Err(_) => "(not JSON)".to_owned(),
    }
}

fn formatted(body: &Value) -> String {
    let mut body = body.clone();
    mask(&mut body);
    let text = serde_json::to_string_pretty(&body).unwrap_or_default();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn mask(value: &mut Value) {
    match value {
        Value::String(text) if contains_card_number(text) => *text = last_four(text),
        Value::Number(number) if contains_card_number(&number.to_string()) => {
            *value = Value::String(last_four(&number.to_string()));
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(members) => {
            for (name, value) in members {
                if matches!(name.as_str(), "cvc2" | "cvc" | "secret" | "password") {
                    *value = Value::String("•••".to_owned());
                } else {
                    mask(value);
                }
            }
        }
        _ => {}
    }
}

// The number itself is shown by its last four; one inside other words is not shown at all.
fn last_four(text: &str) -> String {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    match digits.get(digits.len().saturating_sub(4)..) {
        Some(end) if digits.bytes().all(|b| b.is_ascii_digit()) => format!("•••• {end}"),
        _ => "[number]".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn card_numbers_and_codes_are_masked_wherever_they_stand() {
        let body = json!({
            "card": { "number": "4242424242424242", "cvc2": "123", "exp_month": 12 },
            "echo": ["card 4242 4242 4242 4242 was", 4_242_424_242_424_242_u64],
            "bin": "424242",
        });
        let shown = formatted(&body);
        assert!(shown.contains("•••• 4242") && shown.contains("\"424242\""));
        for hidden in ["4242424242", "4242 4242", "123"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }

    #[test]
    fn what_is_not_json_is_not_shown() {
        assert_eq!(text(b"<html>4242424242424242</html>"), "(not JSON)");
        assert_eq!(text(b""), "");
    }
}

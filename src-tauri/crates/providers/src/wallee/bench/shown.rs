//! Requests and answers as a person may read them: no key, of a card number the last four digits.

use crate::bench::Exchange;
use crate::http::Answer;
use crate::wallee::card::safe_name;
use serde_json::Value;
use std::time::Duration;
use tokendesk_model::card_number::contains_card_number;

const LONGEST: usize = 20_000;

/// One request with what came back.
pub(super) fn exchange(
    method: &str,
    target: &str,
    request: Option<&Value>,
    answer: Option<&Answer>,
    took: Duration,
) -> Exchange {
    Exchange {
        method: method.to_owned(),
        target: target.to_owned(),
        request: request.map(formatted).unwrap_or_default(),
        status: answer.map(|answer| answer.status.to_string()).unwrap_or_default(),
        answer: answer.map(|answer| text(&answer.body)).unwrap_or_default(),
        took_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
    }
}

fn text(body: &[u8]) -> String {
    if body.is_empty() {
        return String::new();
    }
    if let Ok(body) = serde_json::from_slice::<Value>(body) {
        return formatted(&body);
    }
    // The address of a page is the one answer that is no JSON.
    let text = String::from_utf8_lossy(body);
    if text.starts_with("http") {
        cut(covered(text.trim()))
    } else {
        "(not JSON)".to_owned()
    }
}

fn formatted(body: &Value) -> String {
    let mut body = body.clone();
    cover(&mut body);
    cut(serde_json::to_string_pretty(&body).unwrap_or_default())
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

// Ids are numbers and stay readable; card numbers, masked or not, come as texts.
fn cover(value: &mut Value) {
    match value {
        Value::String(text) => *text = covered(text),
        Value::Array(items) => items.iter_mut().for_each(cover),
        Value::Object(members) => members.values_mut().for_each(cover),
        _ => {}
    }
}

fn covered(text: &str) -> String {
    if contains_card_number(text) || text.contains(['*', '•']) {
        safe_name(text)
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn of_a_card_number_the_last_four_are_shown() {
        let shown = formatted(&json!({
            "id": 1_456_765_125_779_u64,
            "labels": [{ "content": "411111******1111", "contentAsString": "4111 1111 1111 1111" }],
            "createdOn": "2026-02-03T09:15:42.118Z",
        }));
        for kept in ["1456765125779", "1111", "2026-02-03T09:15:42.118Z"] {
            assert!(shown.contains(kept), "{shown}");
        }
        assert!(!shown.contains("4111") && !shown.contains("1111 1111"), "{shown}");
    }

    #[test]
    fn a_page_of_something_in_between_is_not_shown() {
        assert_eq!(text(b"<html>4111111111111111</html>"), "(not JSON)");
        assert_eq!(
            text(b"https://app-wallee.com/pay/1\n"),
            "https://app-wallee.com/pay/1"
        );
        assert_eq!(text(b""), "");
    }
}

//! Makes the calls of one step and keeps them readable: card numbers and security codes covered, keys never in them.

use super::super::link::{self, Key, Link, Path};
use super::flows::TEST_CARDS;
use crate::bench::{Exchange, FlowState};
use crate::error::{ProviderError, ProviderErrorKind};
use reqwest::Method;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::time::Instant;
use uuid::Uuid;

const MAX_SHOWN_CHARS: usize = 20_000;

/// What a call came to.
pub(super) enum Heard {
    /// A success, with its JSON; null for an empty body.
    Success(Value),
    /// Understood and refused, or not there.
    Refused(ProviderError),
    /// No answer, or one that decides nothing; the call may have been done. Repeating it is harmless.
    Nothing(ProviderError),
    /// The key, or what it may do.
    NotAllowed(ProviderError),
}

/// The calls of one step.
pub(super) struct Recorder<'a> {
    link: &'a Link,
    step: &'static str,
    pub state: FlowState,
    pub exchanges: Vec<Exchange>,
}

impl<'a> Recorder<'a> {
    pub fn new(link: &'a Link, step: &'static str, state: FlowState) -> Self {
        Self {
            link,
            step,
            state,
            exchanges: Vec::new(),
        }
    }

    /// A POST with an idempotency key. A call that ended in nothing is repeated with the same key for the same body.
    pub async fn post(&mut self, path: &[&str], key: Key, body: &Value) -> Heard {
        let path = Path::of(path);
        let slot = format!("repeat:{}", self.step);
        let mark = digest(path.as_str(), body);
        let kept = self.state.known.remove(&slot);
        let repeated = kept
            .as_deref()
            .and_then(|kept| kept.split_once(' '))
            .filter(|(_, of)| *of == mark)
            .map(|(id, _)| id.to_owned());
        let id = repeated.unwrap_or_else(|| Uuid::new_v4().to_string());
        let heard = self.call(Method::POST, &path, key, Some(&id), Some(body)).await;
        if matches!(heard, Heard::Nothing(_)) {
            self.state.known.insert(slot, format!("{id} {mark}"));
        }
        heard
    }

    /// A DELETE, with the secret key.
    pub async fn delete(&mut self, path: &[&str]) -> Heard {
        self.call(Method::DELETE, &Path::of(path), Key::Secret, None, None)
            .await
    }

    async fn call(
        &mut self,
        method: Method,
        path: &Path,
        key: Key,
        idempotency: Option<&str>,
        body: Option<&Value>,
    ) -> Heard {
        let started = Instant::now();
        let sent = self
            .link
            .exchange(method.clone(), path, key, idempotency, body)
            .await;
        let (status, answer) = match &sent {
            Ok(answer) => (answer.status.to_string(), readable(&answer.body)),
            Err(_) => Default::default(),
        };
        self.exchanges.push(Exchange {
            method: method.to_string(),
            target: path.as_str().to_owned(),
            request: body.map(|body| pretty(body.clone())).unwrap_or_default(),
            status,
            answer,
            took_ms: u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX),
        });
        let answer = match sent.and_then(link::judge) {
            Ok(answer) => answer,
            Err(error) => return judged(error),
        };
        if answer.body.is_empty() {
            return Heard::Success(Value::Null);
        }
        match link::json(&answer) {
            Ok(body) => Heard::Success(body),
            Err(error) => Heard::Nothing(error),
        }
    }
}

fn judged(error: ProviderError) -> Heard {
    use ProviderErrorKind as K;
    match error.kind {
        K::Refused | K::NotFound => Heard::Refused(error),
        K::Unauthorized | K::Forbidden | K::BadCredentials | K::HostNotAllowed => Heard::NotAllowed(error),
        // 409: the first call with this key is still running.
        _ => Heard::Nothing(error),
    }
}

// Enough of a hash to know the same call again.
fn digest(path: &str, body: &Value) -> String {
    let mut hash = Sha256::new();
    hash.update(path);
    hash.update([0]);
    hash.update(body.to_string());
    hash.finalize()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn readable(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(json) => pretty(json),
        Err(_) => cut(&covered(&String::from_utf8_lossy(body))),
    }
}

fn pretty(mut body: Value) -> String {
    cover(&mut body);
    cut(&serde_json::to_string_pretty(&body).unwrap_or_default())
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_SHOWN_CHARS).collect()
}

fn cover(value: &mut Value) {
    match value {
        Value::String(text) => *text = covered(text),
        Value::Array(items) => items.iter_mut().for_each(cover),
        Value::Object(members) => {
            for (name, member) in members {
                if name == "verification_value" && !member.is_null() {
                    *member = "•••".into();
                } else {
                    cover(member);
                }
            }
        }
        _ => {}
    }
}

fn covered(text: &str) -> String {
    TEST_CARDS.iter().fold(text.to_owned(), |text, card| {
        let end = &card.number[card.number.len() - 4..];
        text.replace(card.number, &format!("•••• •••• •••• {end}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_shown_holds_no_card_number_and_no_code() {
        let shown = pretty(
            json!({ "payment_details": { "number": "4111111111111111", "verification_value": "123",
            "list": ["a 4111111111111111 b"] }, "verification_value": null }),
        );
        assert!(!shown.contains("4111") && !shown.contains("123"));
        assert_eq!(shown.matches("•••• •••• •••• 1111").count(), 2);
        assert_eq!(readable(b"<p>4111111111111111</p>"), "<p>•••• •••• •••• 1111</p>");
    }

    #[test]
    fn the_same_call_has_the_same_mark() {
        let mark = |path, amount| digest(path, &json!({ "amount": amount }));
        assert_eq!(mark("/payments", 1), mark("/payments", 1));
        assert_ne!(mark("/payments", 1), mark("/payments", 2));
        assert_ne!(mark("/payments", 1), mark("/customers", 1));
    }
}

//! What an answer's status means (wallee fact sheet, sections 4.3 and 7.2).

use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::Answer;
use crate::masking;
use serde_json::Value;

/// From how many seconds apart a 401 is put down to the clocks. "More than a few minutes" is all that is known of the
/// real limit (wallee fact sheet, section 2.2), and a correct clock is never two minutes off.
pub(super) const CLOCK_TOLERANCE_SECONDS: i64 = 120;

/// Lets a success through and makes everything else an error.
///
/// # Errors
/// By status; see [`ProviderErrorKind`]. A 404 that is not the provider's own (a page of something in between) is
/// `Unreadable`: it must never pass for "this card is gone".
pub(super) fn judge(answer: Answer) -> Result<Answer, ProviderError> {
    use ProviderErrorKind as K;
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    let body = serde_json::from_slice::<Value>(&answer.body)
        .ok()
        .filter(Value::is_object);
    let kind = match answer.status {
        400 | 422 => K::Refused,
        401 => match answer.ahead_by_seconds {
            Some(ahead) if ahead.abs() > CLOCK_TOLERANCE_SECONDS => K::ClockSkew {
                ahead_by_seconds: ahead,
            },
            _ => K::Unauthorized,
        },
        403 => K::Forbidden,
        404 if body.is_none() && !answer.body.is_empty() => K::Unreadable,
        404 => K::NotFound,
        409 => K::VersionConflict,
        416 => K::OffsetTooLarge,
        429 => K::RateLimited,
        500..=599 => K::ServerFailed,
        _ => K::Unexpected,
    };
    Err(ProviderError {
        kind,
        status: Some(answer.status),
        request_id: body.as_ref().and_then(request_id),
        message: body.as_ref().and_then(message),
        retry_after: answer.retry_after,
    })
}

/// The JSON of a success.
///
/// # Errors
/// `Unreadable` when it is none.
pub(super) fn json(answer: &Answer) -> Result<Value, ProviderError> {
    serde_json::from_slice(&answer.body).map_err(|_| unreadable(answer.status))
}

/// An answer that is not what the fact sheet describes.
pub(super) fn unreadable(status: u16) -> ProviderError {
    ProviderError {
        status: Some(status),
        ..ProviderError::new(ProviderErrorKind::Unreadable)
    }
}

fn request_id(body: &Value) -> Option<String> {
    match &body["id"] {
        Value::String(text) => masking::request_id(text),
        Value::Number(number) => masking::request_id(&number.to_string()),
        _ => None,
    }
}

fn message(body: &Value) -> Option<String> {
    let own = body["message"].as_str().filter(|text| !text.trim().is_empty());
    let text = match own {
        Some(text) => text.to_owned(),
        None => {
            let fields = body["errors"].as_object()?;
            let texts = fields
                .iter()
                .filter_map(|(field, text)| Some(format!("{field}: {}", text.as_str()?)));
            texts.collect::<Vec<_>>().join("; ")
        }
    };
    masking::message(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            retry_after: None,
            ahead_by_seconds: None,
            rate: None,
            body: body.as_bytes().to_vec(),
        }
    }

    fn error(answer: Answer) -> ProviderError {
        judge(answer).err().unwrap()
    }

    #[test]
    fn every_status_has_its_kind() {
        use ProviderErrorKind as K;
        for (status, kind) in [
            (301, K::Unexpected),
            (400, K::Refused),
            (401, K::Unauthorized),
            (403, K::Forbidden),
            (404, K::NotFound),
            (406, K::Unexpected),
            (409, K::VersionConflict),
            (415, K::Unexpected),
            (416, K::OffsetTooLarge),
            (422, K::Refused),
            (429, K::RateLimited),
            (500, K::ServerFailed),
            (503, K::ServerFailed),
        ] {
            let error = error(answer(status, "{}"));
            assert_eq!((error.kind, error.status), (kind, Some(status)));
        }
        assert!(judge(answer(204, "")).is_ok());
    }

    #[test]
    fn a_401_with_clocks_apart_is_about_the_clock() {
        let at = |ahead| {
            error(Answer {
                ahead_by_seconds: ahead,
                ..answer(401, "{}")
            })
            .kind
        };
        assert_eq!(
            at(Some(600)),
            ProviderErrorKind::ClockSkew {
                ahead_by_seconds: 600
            }
        );
        assert_eq!(
            at(Some(-121)),
            ProviderErrorKind::ClockSkew {
                ahead_by_seconds: -121
            }
        );
        assert_eq!(at(Some(120)), ProviderErrorKind::Unauthorized);
        assert_eq!(at(None), ProviderErrorKind::Unauthorized);
    }

    #[test]
    fn somebody_elses_404_is_not_a_missing_object() {
        assert_eq!(
            error(answer(404, "<html>no such site</html>")).kind,
            ProviderErrorKind::Unreadable
        );
        assert_eq!(error(answer(404, "\"x\"")).kind, ProviderErrorKind::Unreadable);
        assert_eq!(error(answer(404, "")).kind, ProviderErrorKind::NotFound);
    }

    #[test]
    fn the_providers_words_are_kept_without_the_customer() {
        let body = r#"{"date":"2026-02-03T10:00:00.000Z","code":"conflict","id":"7d0f0d62",
                       "message":"Changed for rita@example.org.","errors":{}}"#;
        let error = error(Answer {
            retry_after: Some(Duration::from_secs(3)),
            ..answer(429, body)
        });
        assert_eq!(error.request_id.as_deref(), Some("7d0f0d62"));
        assert_eq!(error.message.as_deref(), Some("Changed for [email]"));
        assert_eq!(error.retry_after, Some(Duration::from_secs(3)));
        assert!(!format!("{error:?} {error}").contains("Changed"));
    }

    #[test]
    fn field_texts_stand_in_for_a_missing_message() {
        let body = r#"{"id":12,"message":"","errors":{"state":"not writable","x":3}}"#;
        let error = error(answer(422, body));
        assert_eq!(error.message.as_deref(), Some("state: not writable"));
        assert_eq!(error.request_id.as_deref(), Some("12"));
    }
}

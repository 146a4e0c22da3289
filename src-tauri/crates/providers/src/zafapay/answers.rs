//! What an answer's status means (Zafapay fact sheet, section 6).

use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::Answer;
use crate::masking;
use serde_json::Value;

/// Lets a success through and makes everything else an error.
///
/// # Errors
/// By status; see [`ProviderErrorKind`]. A 404 that is not Zafapay's own (a page of something in between) is `Unreadable`:
/// it must never pass for "no saved cards".
pub(super) fn judge(answer: Answer) -> Result<Answer, ProviderError> {
    use ProviderErrorKind as K;
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    let body = error_object(&answer);
    let kind = match answer.status {
        400 | 422 => K::Refused,
        401 => K::Unauthorized,
        403 => K::Forbidden,
        404 if body.is_none() => K::Unreadable,
        404 => K::NotFound,
        409 => K::VersionConflict,
        429 => K::RateLimited,
        500..=599 => K::ServerFailed,
        _ => K::Unexpected,
    };
    Err(ProviderError {
        kind,
        status: Some(answer.status),
        request_id: body
            .as_ref()
            .and_then(|error| error["request_id"].as_str())
            .and_then(masking::request_id),
        message: body.as_ref().and_then(words),
        retry_after: answer.retry_after,
    })
}

/// The error's code in small letters: older pages print the same codes in capitals.
pub(super) fn code(answer: &Answer) -> Option<String> {
    let error = error_object(answer)?;
    error["code"].as_str().map(str::to_ascii_lowercase)
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

fn error_object(answer: &Answer) -> Option<Value> {
    let mut body = serde_json::from_slice::<Value>(&answer.body).ok()?;
    Some(body["error"].take()).filter(|error| error["code"].is_string() || error["message"].is_string())
}

fn words(error: &Value) -> Option<String> {
    let own = error["message"].as_str().filter(|text| !text.trim().is_empty());
    masking::message(own.or_else(|| error["code"].as_str())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const OWN: &str = r#"{"error":{"code":"not_found","message":"No customer rita@example.org."}}"#;

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
            (302, K::Unexpected),
            (400, K::Refused),
            (401, K::Unauthorized),
            (403, K::Forbidden),
            (404, K::NotFound),
            (409, K::VersionConflict),
            (422, K::Refused),
            (429, K::RateLimited),
            (500, K::ServerFailed),
            (503, K::ServerFailed),
        ] {
            let error = error(answer(status, OWN));
            assert_eq!((error.kind, error.status), (kind, Some(status)));
        }
        for status in [200, 201, 202, 204] {
            assert!(judge(answer(status, "")).is_ok());
        }
    }

    #[test]
    fn somebody_elses_404_does_not_say_that_there_are_no_cards() {
        for body in ["", "<html>no such site</html>", "{}", r#"{"message":"no route"}"#] {
            assert_eq!(
                error(answer(404, body)).kind,
                ProviderErrorKind::Unreadable,
                "{body}"
            );
        }
    }

    #[test]
    fn codes_read_alike_in_both_cases_and_words_come_masked() {
        let upper = answer(400, r#"{"error":{"code":"INVALID_STATUS"}}"#);
        assert_eq!(code(&upper).as_deref(), Some("invalid_status"));
        let error = error(Answer {
            retry_after: Some(Duration::from_secs(3)),
            ..answer(
                429,
                r#"{"error":{"code":"x","message":"Slow down, rita@example.org.","request_id":"req_1"}}"#,
            )
        });
        assert_eq!(error.message.as_deref(), Some("Slow down, [email]"));
        assert_eq!(error.request_id.as_deref(), Some("req_1"));
        assert_eq!(error.retry_after, Some(Duration::from_secs(3)));
    }
}

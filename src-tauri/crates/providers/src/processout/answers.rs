//! What an answer means: `success` in its body decides, then its `error_type`, then its status (ProcessOut fact sheet,
//! section 10).

use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::Answer;
use crate::masking;
use serde_json::Value;

/// Gives the body of a success and makes everything else an error.
///
/// # Errors
/// See [`ProviderErrorKind`]. Only ProcessOut's own "resource not found" is `NotFound`: another 404 (a page of something in
/// between, a route that is not there) must never pass for "this card is gone". A 2xx whose body does not say `success` is
/// `Unreadable`.
pub(super) fn judge(answer: &Answer) -> Result<Value, ProviderError> {
    use ProviderErrorKind as K;
    let body = serde_json::from_slice::<Value>(&answer.body)
        .ok()
        .filter(Value::is_object);
    let kind = match (&body, answer.status) {
        (Some(told), 200..500) if told["success"] == true => {
            return body.ok_or_else(|| unreadable(answer.status));
        }
        (Some(told), status) => match told["error_type"].as_str() {
            Some(word) => of_word(word).unwrap_or_else(|| of_status(status)),
            None => of_status(status),
        },
        (None, 404) => K::Unreadable,
        (None, status) => of_status(status),
    };
    Err(ProviderError {
        kind,
        status: Some(answer.status),
        request_id: None,
        message: body.as_ref().and_then(words),
        retry_after: answer.retry_after,
    })
}

fn of_word(word: &str) -> Option<ProviderErrorKind> {
    use ProviderErrorKind as K;
    let kind = match word {
        "resource.not-found" => K::NotFound,
        "request.route-not-found" => K::Unexpected,
        "request.rate.exceeded" | "request.too-much" => K::RateLimited,
        // Nobody knows yet how it ends.
        "request.still-processing" => K::ServerFailed,
        _ if word.starts_with("resource.") && word.ends_with(".not-found") => K::NotFound,
        _ if word.starts_with("request.authentication.") => K::Unauthorized,
        _ if word.starts_with("request.authorization.") => return None,
        _ if ["request.", "card.", "gateway.", "payment."]
            .iter()
            .any(|beginning| word.starts_with(beginning)) =>
        {
            K::Refused
        }
        _ => return None,
    };
    Some(kind)
}

fn of_status(status: u16) -> ProviderErrorKind {
    use ProviderErrorKind as K;
    match status {
        200..300 => K::Unreadable,
        400 | 410 | 422 => K::Refused,
        401 => K::Unauthorized,
        403 => K::Forbidden,
        // Not in the words ProcessOut has for it.
        404 => K::Unreadable,
        409 => K::VersionConflict,
        429 => K::RateLimited,
        // Its own libraries repeat these like a failure of the server.
        408 | 425 | 500..600 => K::ServerFailed,
        _ => K::Unexpected,
    }
}

/// The `error_type` of an answer.
pub(super) fn error_type(body: &[u8]) -> Option<String> {
    let body = serde_json::from_slice::<Value>(body).ok()?;
    body["error_type"].as_str().map(str::to_owned)
}

/// An answer that is not what the fact sheet describes.
pub(super) fn unreadable(status: u16) -> ProviderError {
    ProviderError {
        status: Some(status),
        ..ProviderError::new(ProviderErrorKind::Unreadable)
    }
}

// The words, then their code: support of the provider asks for it.
fn words(body: &Value) -> Option<String> {
    let text = body["message"].as_str().filter(|text| !text.trim().is_empty());
    match (text, body["error_type"].as_str()) {
        (Some(text), Some(word)) => masking::message(&format!("{text} ({word})")),
        (text, word) => masking::message(text.or(word)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            retry_after: Some(Duration::from_secs(7)),
            ahead_by_seconds: None,
            rate: None,
            body: body.as_bytes().to_vec(),
        }
    }

    fn kind(status: u16, body: &str) -> ProviderErrorKind {
        judge(&answer(status, body)).unwrap_err().kind
    }

    fn refused(word: &str) -> String {
        format!(r#"{{"success":false,"error_type":"{word}","message":"x"}}"#)
    }

    #[test]
    fn success_is_what_the_body_says() {
        assert!(judge(&answer(200, r#"{"success":true}"#)).is_ok());
        assert!(judge(&answer(404, r#"{"success":true,"token":{}}"#)).is_ok());
        use ProviderErrorKind as K;
        assert_eq!(kind(500, r#"{"success":true}"#), K::ServerFailed);
        for body in [
            "",
            "{}",
            "[]",
            "<html>",
            r#"{"success":null}"#,
            r#"{"success":"true"}"#,
        ] {
            assert_eq!(kind(200, body), K::Unreadable, "{body}");
        }
    }

    #[test]
    fn the_error_type_counts_more_than_the_status() {
        use ProviderErrorKind as K;
        for (status, word, expected) in [
            (400, "resource.customer.not-found", K::NotFound),
            (200, "resource.token.not-found", K::NotFound),
            (404, "resource.not-found", K::NotFound),
            (404, "request.route-not-found", K::Unexpected),
            (200, "request.authentication.invalid", K::Unauthorized),
            (401, "request.authentication.invalid-project-id", K::Unauthorized),
            (403, "request.authorization.missing", K::Forbidden),
            (200, "request.validation.invalid-metadata", K::Refused),
            (410, "card.declined", K::Refused),
            (429, "request.rate.exceeded", K::RateLimited),
            (200, "request.too-much", K::RateLimited),
            (409, "request.still-processing", K::ServerFailed),
            (503, "service.unavailable", K::ServerFailed),
            (418, "something.new", K::Unexpected),
        ] {
            assert_eq!(kind(status, &refused(word)), expected, "{word}");
        }
    }

    #[test]
    fn a_status_without_words_has_its_kind_and_somebody_elses_404_is_no_proof() {
        use ProviderErrorKind as K;
        for (status, expected) in [
            (302, K::Unexpected),
            (400, K::Refused),
            (401, K::Unauthorized),
            (403, K::Forbidden),
            (404, K::Unreadable),
            (408, K::ServerFailed),
            (409, K::VersionConflict),
            (410, K::Refused),
            (422, K::Refused),
            (425, K::ServerFailed),
            (429, K::RateLimited),
            (502, K::ServerFailed),
        ] {
            for body in ["", "<html>no such site</html>", r#"{"success":false}"#] {
                assert_eq!(kind(status, body), expected, "{status}");
            }
        }
    }

    #[test]
    fn words_come_masked_with_their_code() {
        let error = judge(&answer(
            400,
            r#"{"success":false,"error_type":"request.validation.invalid-email","message":"No rita@example.org here."}"#,
        ))
        .unwrap_err();
        assert_eq!(
            error.message.as_deref(),
            Some("No [email] here. (request.validation.invalid-email)")
        );
        assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
    }
}

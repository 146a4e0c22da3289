//! One account's connection: keys, pinned API version, paths, and what an answer's status means (KOMOJU fact sheet,
//! sections 1, 9 and 10).

use super::connecting::{self, HOST};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::{Answer, Clock, Http};
use crate::masking;
use crate::system::{Credentials, HttpOptions};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use tokendesk_model::{Environment, Origin};

const BASE: &str = "/api/v1";
const VERSION_HEADER: HeaderName = HeaderName::from_static("x-komoju-api-version");
// Pinned, so that nothing depends on what the merchant's dashboard says.
const VERSION: HeaderValue = HeaderValue::from_static("2025-01-28");
const IDEMPOTENCY_HEADER: HeaderName = HeaderName::from_static("x-komoju-idempotency");

/// Which of the two keys a call is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Secret,
    Publishable,
}

/// A connection; see the module.
pub(super) struct Link {
    http: Http,
    secret: HeaderValue,
    publishable: Option<HeaderValue>,
    environment: Environment,
    /// Our clock minus the provider's, seconds, as the last answer showed it.
    ahead: AtomicI64,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("origin", self.http.origin())
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

impl Link {
    /// Prepares a connection; nothing is contacted.
    ///
    /// # Errors
    /// `WrongKeyKind`, `WrongEnvironment` or `BadCredentials` by what the keys say; `HostNotAllowed` for any host but the
    /// provider's own outside the demo; `Tls`.
    pub fn new(credentials: Credentials, options: &HttpOptions, clock: Clock) -> Result<Self, ProviderError> {
        let environment = credentials.environment;
        let own_host = || Origin::parse(HOST).is_ok_and(|own| own == credentials.origin);
        if environment != Environment::Demo && !own_host() {
            return Err(ProviderError::new(ProviderErrorKind::HostNotAllowed));
        }
        let key = |key: &SecretString, other_kind: &str| {
            connecting::fit_key(key.expose_secret(), other_kind, environment).map_err(ProviderError::new)?;
            basic(key)
        };
        let secret = key(&credentials.key, connecting::PUBLISHABLE)?;
        let publishable = credentials
            .publishable_key
            .as_ref()
            .map(|publishable| key(publishable, connecting::SECRET))
            .transpose()?;
        Ok(Self {
            http: Http::new(credentials.origin, environment, options, clock)?,
            secret,
            publishable,
            environment,
            ahead: AtomicI64::new(0),
        })
    }

    /// Live, test or demo.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// Whether there is a key a browser would use.
    pub fn has_publishable_key(&self) -> bool {
        self.publishable.is_some()
    }

    /// The time as this computer tells it.
    pub fn now(&self) -> DateTime<Utc> {
        self.http.now()
    }

    /// The time as the provider tells it, as far as its answers showed.
    pub fn provider_now(&self) -> DateTime<Utc> {
        self.now() - Duration::seconds(self.ahead.load(Ordering::Relaxed))
    }

    /// Sends a call; any status is an answer.
    ///
    /// # Errors
    /// As of [`Http::send`]; `BadCredentials` without a publishable key where that is to be used.
    pub async fn exchange(
        &self,
        method: Method,
        path: &Path,
        key: Key,
        idempotency: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, ProviderError> {
        let authorization = match key {
            Key::Secret => Some(&self.secret),
            Key::Publishable => self.publishable.as_ref(),
        };
        let bad = || ProviderError::new(ProviderErrorKind::BadCredentials);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.ok_or_else(bad)?.clone());
        headers.insert(VERSION_HEADER, VERSION);
        if let Some(idempotency) = idempotency {
            let value = HeaderValue::from_str(idempotency)
                .map_err(|_| ProviderError::new(ProviderErrorKind::Refused))?;
            headers.insert(IDEMPOTENCY_HEADER, value);
        }
        let body = body.map(|body| body.to_string().into_bytes());
        let answer = self.http.send(method, path.as_str(), headers, body).await?;
        if let Some(ahead) = answer.ahead_by_seconds {
            self.ahead.store(ahead, Ordering::Relaxed);
        }
        Ok(answer)
    }

    /// Sends a call with the secret key and lets only a success through. None of these is a POST: those carry an
    /// idempotency key.
    ///
    /// # Errors
    /// As of [`Self::exchange`] and [`judge`].
    pub async fn ask(
        &self,
        method: Method,
        path: &Path,
        body: Option<&Value>,
    ) -> Result<Answer, ProviderError> {
        judge(self.exchange(method, path, Key::Secret, None, body).await?)
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// As of [`Self::ask`]; `Unreadable`.
    pub async fn read(&self, path: &Path) -> Result<Value, ProviderError> {
        json(&self.ask(Method::GET, path, None).await?)
    }
}

// The colon says that there is no password.
fn basic(key: &SecretString) -> Result<HeaderValue, ProviderError> {
    let encoded = STANDARD.encode(format!("{}:", key.expose_secret()));
    let mut value = HeaderValue::from_str(&format!("Basic {encoded}"))
        .map_err(|_| ProviderError::new(ProviderErrorKind::BadCredentials))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Path and query. Everything in them but RFC 3986's unreserved characters is percent-encoded, byte by byte.
pub(super) struct Path {
    text: String,
    has_query: bool,
}

impl Path {
    /// A path of these segments, each of which may hold anything.
    pub fn of(segments: &[&str]) -> Self {
        let mut text = BASE.to_owned();
        for segment in segments {
            text.push('/');
            encode(&mut text, segment);
        }
        Self {
            text,
            has_query: false,
        }
    }

    /// Adds a parameter.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.text.push_str(name);
        self.text.push('=');
        encode(&mut self.text, value);
        self
    }

    /// As sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// Lets a success through and makes everything else an error.
///
/// # Errors
/// By status; see [`ProviderErrorKind`]. A 404 that is not the provider's own is `Unreadable`: it must never pass for
/// "this card is gone".
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
        request_id: None,
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

// Message, then the parameter it is about: all four members may be missing.
fn message(body: &Value) -> Option<String> {
    let error = &body["error"];
    let text = error["message"]
        .as_str()
        .or_else(|| error["code"].as_str())
        .or_else(|| error.as_str())?;
    match error["param"].as_str() {
        Some(param) if !text.contains(param) => masking::message(&format!("{text} ({param})")),
        _ => masking::message(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn failure(status: u16, body: &str) -> ProviderError {
        let answer = Answer {
            status,
            retry_after: Some(Duration::from_secs(7)),
            ahead_by_seconds: None,
            rate: None,
            body: body.as_bytes().to_vec(),
        };
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
            (405, K::Unexpected),
            (409, K::VersionConflict),
            (422, K::Refused),
            (429, K::RateLimited),
            (500, K::ServerFailed),
            (502, K::ServerFailed),
            (503, K::ServerFailed),
        ] {
            let error = failure(status, "{}");
            assert_eq!((error.kind, error.status), (kind, Some(status)));
            assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
        }
    }

    #[test]
    fn somebody_elses_404_is_not_a_missing_customer() {
        for page in ["<html>no such site</html>", "", "[]"] {
            assert_eq!(failure(404, page).kind, ProviderErrorKind::Unreadable, "{page}");
        }
    }

    #[test]
    fn the_providers_words_are_kept_without_the_customer() {
        let told = |body: &str| failure(422, body).message;
        assert_eq!(
            told(
                r#"{"error":{"code":"x","message":"No rita@example.org here","param":"email","details":null}}"#
            ),
            Some("No [email] here (email)".to_owned())
        );
        assert_eq!(
            told(r#"{"error":{"code":"missing_parameter","message":null}}"#).as_deref(),
            Some("missing_parameter")
        );
        assert_eq!(told(r#"{"error":null}"#), None);
        assert_eq!(told("{}"), None);
    }

    #[test]
    fn an_id_stays_one_segment_whatever_it_holds() {
        let path = Path::of(&["external_customers", "a/b?c d#é%2F"]).with("q", "x&y=z");
        assert_eq!(
            path.as_str(),
            "/api/v1/external_customers/a%2Fb%3Fc%20d%23%C3%A9%252F?q=x%26y%3Dz"
        );
    }
}

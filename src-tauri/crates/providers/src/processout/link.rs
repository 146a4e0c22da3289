//! How one account speaks: its host, its key, its paths, and the pace its provider asks for (ProcessOut fact sheet,
//! sections 2 and 11).
//!
//! Must not know: what any call means.

use super::answers;
use super::connecting;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::{Answer, Clock, Http, RateLimit};
use crate::system::{Credentials, HttpOptions};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::Value;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokendesk_model::Environment;

// Pinned, so that nothing depends on the project's own setting.
const VERSION_HEADER: HeaderName = HeaderName::from_static("api-version");
const VERSION: HeaderValue = HeaderValue::from_static("1.4.0.0");
const IDEMPOTENCY_HEADER: HeaderName = HeaderName::from_static("idempotency-key");

// A call waits this long for its turn; whoever asked for it is told about a longer wait instead.
const LONGEST_TURN: Duration = Duration::from_secs(5);
// After a refusal shorter than this is no pause, whatever the limit.
const SHORTEST_REST: Duration = Duration::from_secs(1);
// Calls that may be on their way without having been counted yet.
const UNDER_WAY: u32 = 8;

/// Who signs a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    /// The shop's server: project and secret key.
    Server,
    /// A browser: the project alone. Only the test bench plays one.
    Browser,
}

/// An account's host and key.
pub(super) struct Link {
    http: Http,
    environment: Environment,
    server: HeaderValue,
    browser: HeaderValue,
    /// Whose turn it is, while the limit is nearly used up.
    turn: Mutex<Option<Turn>>,
}

/// Calls leave one by one.
#[derive(Debug, Clone, Copy)]
struct Turn {
    /// When the next call may leave.
    next: Instant,
    /// How long after it the one behind it may.
    pause: Duration,
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
    /// Checks project, key and host; nothing is contacted.
    ///
    /// # Errors
    /// `BadCredentials`, `WrongKeyKind`, `WrongEnvironment` by what project and key say; `HostNotAllowed`; `Tls`.
    pub fn new(credentials: Credentials, options: &HttpOptions, clock: Clock) -> Result<Self, ProviderError> {
        let environment = credentials.environment;
        let (project, key) = (credentials.scope.as_str(), credentials.key.expose_secret());
        connecting::fit(project, key, environment).map_err(ProviderError::new)?;
        // Outside demo the key travels to ProcessOut's own host only.
        let origin = connecting::DESCRIPTION
            .hosts
            .origin(environment, &credentials.origin.to_string())
            .map_err(|_| ProviderError::new(ProviderErrorKind::HostNotAllowed))?;
        Ok(Self {
            http: Http::new(origin, environment, options, clock)?,
            environment,
            server: basic(project, key)?,
            browser: basic(project, "")?,
            turn: Mutex::new(None),
        })
    }

    /// Live, test or demo.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// The time, as this client tells it.
    pub fn now(&self) -> DateTime<Utc> {
        self.http.now()
    }

    /// Sends a call in its turn; any status is an answer.
    ///
    /// # Errors
    /// As of [`Http::send`]; `RateLimited` when its turn would come too late.
    pub async fn exchange(
        &self,
        signed: Signed,
        method: Method,
        path: &Path,
        idempotency: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, ProviderError> {
        self.wait_for_turn().await?;
        let authorization = match signed {
            Signed::Server => &self.server,
            Signed::Browser => &self.browser,
        };
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.clone());
        headers.insert(VERSION_HEADER, VERSION);
        if let Some(idempotency) = idempotency {
            let value = HeaderValue::from_str(idempotency)
                .map_err(|_| ProviderError::new(ProviderErrorKind::Refused))?;
            headers.insert(IDEMPOTENCY_HEADER, value);
        }
        let body = body.map(|body| body.to_string().into_bytes());
        let mut answer = self.http.send(method, path.as_str(), headers, body).await?;
        if let Some(rate) = answer.rate {
            self.heed(rate, answer.status == 429);
            // It names no time to wait: the time in which one call is given back is the least.
            if answer.status == 429 && answer.retry_after.is_none() {
                answer.retry_after = Some(pause(rate).max(SHORTEST_REST));
            }
        }
        Ok(answer)
    }

    /// Sends a call of the server and gives the body of a success.
    ///
    /// # Errors
    /// As of [`Self::exchange`] and [`answers::judge`].
    pub async fn ask(
        &self,
        method: Method,
        path: &Path,
        body: Option<&Value>,
    ) -> Result<Value, ProviderError> {
        answers::judge(&self.exchange(Signed::Server, method, path, None, body).await?)
    }

    /// Reads.
    ///
    /// # Errors
    /// As of [`Self::ask`].
    pub async fn read(&self, path: &Path) -> Result<Value, ProviderError> {
        self.ask(Method::GET, path, None).await
    }

    // While calls are left, nobody waits. Once they are nearly used up each one waits until another was given back.
    fn heed(&self, rate: RateLimit, exceeded: bool) {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if rate.left > UNDER_WAY && !exceeded {
            *turn = None;
            return;
        }
        let pause = pause(rate);
        let next = Instant::now() + pause;
        *turn = Some(Turn {
            next: turn.map_or(next, |known| known.next.max(next)),
            pause,
        });
    }

    async fn wait_for_turn(&self) -> Result<(), ProviderError> {
        let wait = {
            let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(turn) = turn.as_mut() else {
                return Ok(());
            };
            let wait = turn.next.saturating_duration_since(Instant::now());
            if wait > LONGEST_TURN {
                return Err(ProviderError {
                    retry_after: Some(wait),
                    ..ProviderError::new(ProviderErrorKind::RateLimited)
                });
            }
            turn.next = turn.next.max(Instant::now()) + turn.pause;
            wait
        };
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

/// How long it takes until one call is given back.
fn pause(rate: RateLimit) -> Duration {
    Duration::from_secs(60) / rate.per_minute.max(1)
}

fn basic(user: &str, password: &str) -> Result<HeaderValue, ProviderError> {
    let encoded = STANDARD.encode(format!("{user}:{password}"));
    let mut value = HeaderValue::from_str(&format!("Basic {encoded}"))
        .map_err(|_| ProviderError::new(ProviderErrorKind::BadCredentials))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Path and query. Everything in segments and values but RFC 3986's unreserved characters is percent-encoded, byte by
/// byte.
#[derive(Debug, Clone)]
pub(super) struct Path(String);

impl Path {
    /// A path of these segments, each of which may hold anything.
    pub fn of(segments: &[&str]) -> Self {
        let mut text = String::new();
        for segment in segments {
            text.push('/');
            encode(&mut text, segment);
        }
        Self(text)
    }

    /// A customer's tokens, or one of them.
    ///
    /// # Errors
    /// `Refused` for an empty id, which would name something else.
    pub fn token(customer: &str, id: Option<&str>) -> Result<Self, ProviderError> {
        let mut segments = vec!["customers", customer, "tokens"];
        segments.extend(id);
        Self::named(&segments)
    }

    /// As [`Self::of`], where no segment may be empty.
    ///
    /// # Errors
    /// `Refused`.
    pub fn named(segments: &[&str]) -> Result<Self, ProviderError> {
        if segments.iter().any(|segment| segment.is_empty()) {
            return Err(ProviderError::new(ProviderErrorKind::Refused));
        }
        Ok(Self::of(segments))
    }

    /// Adds a parameter.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push(if self.0.contains('?') { '&' } else { '?' });
        self.0.push_str(name);
        self.0.push('=');
        encode(&mut self.0, value);
        self
    }

    /// Asks for an object to be put in.
    pub fn expanding(self, what: &str) -> Self {
        self.with("expand[]", what)
    }

    /// As sent.
    pub fn as_str(&self) -> &str {
        &self.0
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_any_kind_stay_one_segment() {
        for id in ["a/b?c d#é%2F", "a+b", "'\"\\{}[]|^`<>", "渡邊 12", "%2e%2e"] {
            let path = Path::token(id, Some(id))
                .unwrap()
                .with("start_after", id)
                .expanding("tokens.card");
            let url = url::Url::parse(&format!("https://api.processout.com{}", path.as_str())).unwrap();
            assert_eq!(&url[url::Position::BeforePath..], path.as_str(), "{id}");
            assert_eq!(url.path_segments().unwrap().count(), 4);
        }
        assert_eq!(
            Path::of(&["customers"])
                .with("limit", "2")
                .expanding("tokens")
                .as_str(),
            "/customers?limit=2&expand[]=tokens"
        );
        assert!(Path::token("", None).is_err() && Path::token("cust_1", Some("")).is_err());
    }

    #[test]
    fn a_pause_is_what_one_call_takes_to_come_back() {
        let rate = |per_minute| RateLimit { per_minute, left: 0 };
        assert_eq!(pause(rate(60)), Duration::from_secs(1));
        assert_eq!(pause(rate(3_000)), Duration::from_millis(20));
    }
}

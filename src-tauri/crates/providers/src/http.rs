//! One HTTP exchange with one account's host: reaches only the host the account may reach, follows nothing, and says in
//! [`ProviderErrorKind`] why nothing came back.
//!
//! Must not know: any provider's paths, signatures, statuses or JSON.

use crate::error::{ProviderError, ProviderErrorKind};
use crate::system::HttpOptions;
use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, Method, redirect};
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokendesk_model::{Environment, Origin};
use url::{Position, Url};

/// Tells the time; passed in so that tests can stand at any moment.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

const USER_AGENT: &str = concat!("Tokendesk/", env!("CARGO_PKG_VERSION"));

// A full page is well below a megabyte; more than this is not a provider talking.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

// Connections idle for longer are the ones a load balancer drops just as a write goes out.
const POOL_IDLE: Duration = Duration::from_secs(20);

const MAX_CONNECT: Duration = Duration::from_secs(10);

/// What came back: any status, the whole body.
pub(crate) struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`, in seconds or as a date, counted from the server's own clock.
    pub retry_after: Option<Duration>,
    /// Our clock minus the server's, in whole seconds; `None` without a readable `Date`.
    pub ahead_by_seconds: Option<i64>,
    /// How the provider's rate limit stands, where it tells so in every answer.
    pub rate: Option<RateLimit>,
    /// The body as it came.
    pub body: Vec<u8>,
}

/// A rate limit as `x-ratelimit` and `x-ratelimit-remaining` tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateLimit {
    /// Calls allowed a minute, never 0.
    pub per_minute: u32,
    /// Calls that may still be made at once.
    pub left: u32,
}

/// A client bound to one origin.
pub(crate) struct Http {
    client: Client,
    origin: Origin,
    environment: Environment,
    clock: Clock,
}

impl Http {
    /// Prepares a client for `origin`; nothing is contacted.
    ///
    /// # Errors
    /// `HostNotAllowed` when the origin does not fit the environment, `Tls` when TLS cannot be set up.
    pub fn new(
        origin: Origin,
        environment: Environment,
        options: &HttpOptions,
        clock: Clock,
    ) -> Result<Self, ProviderError> {
        origin
            .allowed_for(environment)
            .map_err(|_| ProviderError::new(ProviderErrorKind::HostNotAllowed))?;
        // reqwest repeats a request only where the connection had not taken it; a write is never sent twice by that.
        let mut builder = Client::builder()
            .user_agent(USER_AGENT)
            .timeout(options.timeout)
            .connect_timeout(options.timeout.min(MAX_CONNECT))
            .pool_idle_timeout(POOL_IDLE)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .https_only(environment != Environment::Demo);
        if let Some(pem) = &options.extra_root_pem {
            let root = Certificate::from_pem(pem.as_bytes()).map_err(|_| tls())?;
            builder = builder.tls_certs_merge([root]);
        }
        let client = builder.build().map_err(|_| tls())?;
        Ok(Self {
            client,
            origin,
            environment,
            clock,
        })
    }

    /// The time, as this client tells it.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// The host this client is bound to.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Sends `target` (path and query) exactly as given.
    ///
    /// # Errors
    /// `Refused` when `target` cannot be sent unchanged; `Unreachable`, `Tls`, `Timeout`, `AnswerLost` by what broke;
    /// `HostNotAllowed` when the socket led elsewhere; `Unreadable` for a body beyond any page's size. Every status is
    /// an answer, not an error.
    pub async fn send(
        &self,
        method: Method,
        target: &str,
        mut headers: HeaderMap,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, ProviderError> {
        let url = self.url(target)?;
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let mut request = self.client.request(method.clone(), url);
        if let Some(body) = body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            request = request.body(body);
        }
        let path = logged_path(target);
        let started = Instant::now();
        let outcome = self.exchange(request.headers(headers)).await;
        let took_ms = started.elapsed().as_millis();
        match &outcome {
            Ok(answer) => tracing::debug!(%method, path, status = answer.status, took_ms, "answered"),
            Err(error) => tracing::debug!(%method, path, kind = ?error.kind, took_ms, "no answer"),
        }
        outcome
    }

    // The signature covers the target byte by byte, so a URL that spells it otherwise must never leave.
    fn url(&self, target: &str) -> Result<Url, ProviderError> {
        Url::parse(&format!("{}{target}", self.origin))
            .ok()
            .filter(|url| &url[Position::BeforePath..] == target)
            .ok_or_else(|| ProviderError::new(ProviderErrorKind::Refused))
    }

    async fn exchange(&self, request: reqwest::RequestBuilder) -> Result<Answer, ProviderError> {
        let mut response = request.send().await.map_err(|error| broken(&error))?;
        if !may_answer(self.environment, response.remote_addr()) {
            return Err(ProviderError::new(ProviderErrorKind::HostNotAllowed));
        }
        let status = response.status().as_u16();
        let server_time = header(response.headers(), DATE.as_str()).and_then(http_date);
        let now = self.now();
        let retry_after = header(response.headers(), RETRY_AFTER.as_str())
            .and_then(|text| retry_after(text, server_time.unwrap_or(now)));
        let rate = rate_limit(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(ProviderError {
                    status: Some(status),
                    ..ProviderError::new(ProviderErrorKind::Unreadable)
                });
            }
            body.extend_from_slice(&chunk);
        }
        let ahead_by_seconds = server_time.map(|server| (now - server).num_seconds());
        Ok(Answer {
            status,
            retry_after,
            ahead_by_seconds,
            rate,
            body,
        })
    }
}

// The query may hold an email, and so may a segment that had to be encoded: a shop's own customer id.
fn logged_path(target: &str) -> String {
    let path = target.split('?').next().unwrap_or_default();
    let segments = path
        .split('/')
        .map(|part| if part.contains('%') { "…" } else { part });
    segments.collect::<Vec<_>>().join("/")
}

fn tls() -> ProviderError {
    ProviderError::new(ProviderErrorKind::Tls)
}

// Demo data is made up on this computer; an answer from anywhere else is not the demo.
fn may_answer(environment: Environment, peer: Option<SocketAddr>) -> bool {
    if environment != Environment::Demo {
        return true;
    }
    peer.is_some_and(|peer| match peer.ip() {
        IpAddr::V4(v4) => v4 == Ipv4Addr::LOCALHOST,
        IpAddr::V6(v6) => v6 == Ipv6Addr::LOCALHOST,
    })
}

// reqwest's own error texts hold the URL, and with it perhaps an email: only the kind is kept.
fn broken(error: &reqwest::Error) -> ProviderError {
    let kind = if comes_from_tls(error) {
        ProviderErrorKind::Tls
    } else if error.is_connect() {
        // A connection that did not come about in time has carried nothing: not the same as a lost answer.
        ProviderErrorKind::Unreachable
    } else if error.is_timeout() {
        ProviderErrorKind::Timeout
    } else if error.is_builder() {
        ProviderErrorKind::Refused
    } else {
        ProviderErrorKind::AnswerLost
    };
    ProviderError::new(kind)
}

fn comes_from_tls(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if error.is::<native_tls::Error>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn rate_limit(headers: &HeaderMap) -> Option<RateLimit> {
    let number = |name: &str| header(headers, name)?.trim().parse::<u32>().ok();
    Some(RateLimit {
        per_minute: number("x-ratelimit").filter(|limit| *limit > 0)?,
        left: number("x-ratelimit-remaining")?,
    })
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text.trim())
        .ok()
        .map(|date| date.to_utc())
}

fn retry_after(text: &str, server_time: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let wait = http_date(text)? - server_time;
    Some(wait.to_std().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(origin: &str, environment: Environment) -> Result<Http, ProviderError> {
        Http::new(
            Origin::parse(origin).unwrap(),
            environment,
            &HttpOptions::default(),
            Arc::new(Utc::now),
        )
    }

    #[test]
    fn the_host_must_fit_the_environment_before_anything_is_sent() {
        let kind = |origin, environment| http(origin, environment).err().map(|e| e.kind);
        let refused = Some(ProviderErrorKind::HostNotAllowed);
        assert_eq!(kind("app-wallee.com", Environment::Demo), refused);
        assert_eq!(kind("http://127.0.0.1:9", Environment::Test), refused);
        assert_eq!(kind("http://127.0.0.1:9", Environment::Live), refused);
        assert_eq!(kind("http://[::1]:9", Environment::Demo), None);
        assert_eq!(kind("app-wallee.com", Environment::Live), None);
    }

    #[test]
    fn only_this_computer_may_answer_for_the_demo() {
        let may = |environment, peer: &str| may_answer(environment, Some(peer.parse().unwrap()));
        assert!(may(Environment::Demo, "127.0.0.1:80"));
        assert!(may(Environment::Demo, "[::1]:80"));
        for far in [
            "127.0.0.2:80",
            "10.0.0.1:80",
            "[::ffff:127.0.0.1]:80",
            "[fe80::1]:80",
        ] {
            assert!(!may(Environment::Demo, far), "{far}");
        }
        assert!(!may_answer(Environment::Demo, None));
        assert!(may(Environment::Test, "192.0.2.1:443"));
    }

    #[test]
    fn a_target_that_a_url_would_respell_is_not_sent() {
        let http = http("https://app-wallee.com", Environment::Live).unwrap();
        let spelled = |target: &str| http.url(target).map(|url| url.to_string()).map_err(|e| e.kind);
        assert_eq!(
            spelled("/api/v2.0/a?query=x%3A%22y%22~-._").unwrap(),
            "https://app-wallee.com/api/v2.0/a?query=x%3A%22y%22~-._"
        );
        for respelled in [
            "/a?q=\"",
            "/a?q= ",
            "/a/../b",
            "/a/%2e%2e/b",
            "/a?q=ä",
            "/a?q='",
            "@evil.example/",
            "/a#b c",
            ":80",
        ] {
            assert_eq!(spelled(respelled), Err(ProviderErrorKind::Refused), "{respelled}");
        }
    }

    #[test]
    fn what_had_to_be_encoded_is_not_logged() {
        assert_eq!(
            logged_path("/v1/customers/rita%40example.org/payment-methods?q=rita%40example.org"),
            "/v1/customers/…/payment-methods"
        );
        assert_eq!(
            logged_path("/api/v2.0/payment/tokens/700123"),
            "/api/v2.0/payment/tokens/700123"
        );
    }

    #[test]
    fn a_rate_limit_is_told_by_two_numbers_or_not_at_all() {
        let told = |limit: &str, left: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-ratelimit", limit.parse().unwrap());
            headers.insert("x-ratelimit-remaining", left.parse().unwrap());
            rate_limit(&headers).map(|rate| (rate.per_minute, rate.left))
        };
        assert_eq!(told("3000", " 0"), Some((3000, 0)));
        for (limit, left) in [("0", "1"), ("x", "1"), ("3000", "-1"), ("", "")] {
            assert_eq!(told(limit, left), None, "{limit} {left}");
        }
        assert_eq!(rate_limit(&HeaderMap::new()), None);
    }

    #[test]
    fn waiting_times_come_as_seconds_or_as_a_date() {
        let server = http_date("Tue, 03 Feb 2026 10:00:00 GMT").unwrap();
        assert_eq!(retry_after(" 7 ", server), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after("Tue, 03 Feb 2026 10:01:30 GMT", server),
            Some(Duration::from_secs(90))
        );
        assert_eq!(
            retry_after("Tue, 03 Feb 2026 09:00:00 GMT", server),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("soon", server), None);
        assert_eq!(retry_after("-3", server), None);
    }
}

//! How one account speaks: its host, its two keys, its paths.
//!
//! Must not know: what any call means.

use super::connecting::{self, DESCRIPTION};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::{Answer, Clock, Http};
use crate::system::{Credentials, HttpOptions};
use chrono::{DateTime, Utc};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::Value;
use std::fmt;
use tokendesk_model::Environment;

/// Which key a call is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// The access token: everything but creating tokens.
    Access,
    /// The browser's key: creating tokens only.
    Publishable,
}

/// An account's host and keys.
pub(super) struct Link {
    http: Http,
    environment: Environment,
    access: HeaderValue,
    publishable: Option<HeaderValue>,
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
    /// Checks keys and host; nothing is contacted.
    pub fn new(credentials: Credentials, options: &HttpOptions, clock: Clock) -> Result<Self, ProviderError> {
        let environment = credentials.environment;
        let key = credentials.key.expose_secret();
        connecting::check_access_token(key).map_err(ProviderError::new)?;
        let access = bearer(key)?;
        let publishable = match &credentials.publishable_key {
            None => None,
            Some(key) => {
                let key = key.expose_secret();
                connecting::check_publishable_key(key, environment).map_err(ProviderError::new)?;
                Some(bearer(key)?)
            }
        };
        // Outside demo the keys travel to Zafapay's own host only.
        let origin = DESCRIPTION
            .hosts
            .origin(environment, &credentials.origin.to_string())
            .map_err(|_| ProviderError::new(ProviderErrorKind::HostNotAllowed))?;
        Ok(Self {
            http: Http::new(origin, environment, options, clock)?,
            environment,
            access,
            publishable,
        })
    }

    /// The environment its host stands for.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// Whether there is a key for creating tokens.
    pub fn has_publishable_key(&self) -> bool {
        self.publishable.is_some()
    }

    /// The time, as this client tells it.
    pub fn now(&self) -> DateTime<Utc> {
        self.http.now()
    }

    /// One request; any status is an answer.
    pub async fn exchange(
        &self,
        key: Key,
        method: Method,
        target: &str,
        body: Option<&Value>,
    ) -> Result<Answer, ProviderError> {
        let authorization = match key {
            Key::Access => Some(&self.access),
            Key::Publishable => self.publishable.as_ref(),
        }
        .ok_or_else(|| ProviderError::new(ProviderErrorKind::BadCredentials))?;
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.clone());
        let body = body.map(|body| body.to_string().into_bytes());
        self.http.send(method, target, headers, body).await
    }
}

fn bearer(key: &str) -> Result<HeaderValue, ProviderError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {key}"))
        .map_err(|_| ProviderError::new(ProviderErrorKind::BadCredentials))?;
    value.set_sensitive(true);
    Ok(value)
}

/// `/v1/customers/{id}/payment-methods`.
///
/// # Errors
/// `Refused` for an empty id. `.` and `..` are refused when sent: no URL carries them.
pub(super) fn saved_cards(customer_id: &str) -> Result<String, ProviderError> {
    Ok(format!("/v1/customers/{}/payment-methods", segment(customer_id)?))
}

/// `/v1/customers/payment-methods/{id}/{action}`.
///
/// # Errors
/// As [`saved_cards`].
pub(super) fn saved_card(id: &str, action: &str) -> Result<String, ProviderError> {
    Ok(format!("/v1/customers/payment-methods/{}/{action}", segment(id)?))
}

/// `/v1/payments/{id}{rest}`.
///
/// # Errors
/// As [`saved_cards`].
pub(super) fn payment(id: &str, rest: &str) -> Result<String, ProviderError> {
    Ok(format!("/v1/payments/{}{rest}", segment(id)?))
}

// Customer ids are whatever the shop uses: every byte but RFC 3986's unreserved ones is encoded.
fn segment(id: &str) -> Result<String, ProviderError> {
    if id.is_empty() {
        return Err(ProviderError::new(ProviderErrorKind::Refused));
    }
    let mut text = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_any_kind_stay_one_segment() {
        assert_eq!(
            saved_cards("shop/7?x=1 ä+%#").unwrap(),
            "/v1/customers/shop%2F7%3Fx%3D1%20%C3%A4%2B%25%23/payment-methods"
        );
        assert_eq!(
            saved_card("pmi_7Qw1", "block").unwrap(),
            "/v1/customers/payment-methods/pmi_7Qw1/block"
        );
        for id in ["shop/7?x=1#y ä", "a+b", "'\"\\{}[]|^`<>", "渡邊 12", "%2e%2e"] {
            let target = saved_cards(id).unwrap();
            let url = url::Url::parse(&format!("https://api.zafapay.com{target}")).unwrap();
            assert_eq!(&url[url::Position::BeforePath..], target, "{id}");
        }
        assert!(saved_cards("").is_err());
    }
}

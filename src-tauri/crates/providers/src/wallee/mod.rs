//! wallee and its white labels over REST API 2.0 (wallee fact sheet, sections 1 to 4, 6 and 7).
//!
//! Must not know: what is cached, queued or wished. One call here is one request there, unless it says otherwise.

mod answers;
mod bench;
mod card;
mod checking;
mod connecting;
mod creating;
mod reading;
mod searching;
mod signing;
mod target;

use crate::bench::TestBench;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::{Answer, Clock, Http};
use crate::system::{
    CheckReport, Credentials, CustomerLookup, HttpOptions, NewToken, Page, PaymentSystem, TokenRef,
};
use async_trait::async_trait;
use chrono::Utc;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use signing::Signer;
use std::fmt;
use std::sync::Arc;
use target::{Target, object_id};
use tokendesk_model::{Capabilities, Environment, Lesson, TokenSnapshot, VersionSnapshot};

pub use connecting::DESCRIPTION;

/// Labels that run this platform and their hosts, for a pick list (wallee fact sheet, section 1). An account lives on
/// exactly one of them; other hosts may be typed in.
pub const LABEL_HOSTS: &[(&str, &str)] = &[
    ("wallee", "app-wallee.com"),
    ("PostFinance Checkout", "checkout.postfinance.ch"),
    ("WeArePlanet", "paymentshub.weareplanet.com"),
    ("VR Payment", "gateway.vr-payment.de"),
    ("secupay", "shopportal.secupay.com"),
    ("emetec", "hub.emetec.net"),
];

const TOKENS: &str = "/payment/tokens";
const VERSIONS: &str = "/payment/token-versions";

// The brand comes as a bare id unless it is expanded; the token itself is not wanted twice.
const BRAND: &str = "paymentMethodBrand";

/// One account at wallee or one of its labels.
pub struct Wallee {
    http: Http,
    signer: Signer,
    scope: String,
    space: HeaderValue,
    environment: Environment,
}

impl fmt::Debug for Wallee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wallee")
            .field("origin", self.http.origin())
            .field("scope", &self.scope)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

impl Wallee {
    /// Prepares an account; nothing is contacted.
    ///
    /// # Errors
    /// `HostNotAllowed` when the origin does not fit the environment; `BadCredentials` when the key is not base64 or an
    /// id is not a number; `Tls` when the extra certificate cannot be read.
    pub fn new(credentials: Credentials, options: HttpOptions) -> Result<Self, ProviderError> {
        Self::with_clock(credentials, options, Arc::new(Utc::now))
    }

    /// As [`Self::new`], with the clock that signs requests and judges the provider's.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_clock(
        credentials: Credentials,
        options: HttpOptions,
        clock: Clock,
    ) -> Result<Self, ProviderError> {
        let scope = decimal_id(&credentials.scope)?;
        let space = HeaderValue::from_str(&scope)
            .map_err(|_| ProviderError::new(ProviderErrorKind::BadCredentials))?;
        let signer = Signer::new(&credentials.user, &credentials.key)?;
        let environment = credentials.environment;
        let http = Http::new(credentials.origin, environment, &options, clock)?;
        Ok(Self {
            http,
            signer,
            scope,
            space,
            environment,
        })
    }

    // Any status is an answer here.
    async fn exchange(
        &self,
        method: Method,
        target: &Target,
        body: Option<Value>,
    ) -> Result<Answer, ProviderError> {
        let authorization = self
            .signer
            .authorize(method.as_str(), target.as_str(), self.http.now())?;
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization);
        if target.is_in_space() {
            headers.insert("space", self.space.clone());
        }
        let body = body.map(|body| body.to_string().into_bytes());
        self.http.send(method, target.as_str(), headers, body).await
    }

    async fn ask(
        &self,
        method: Method,
        target: &Target,
        body: Option<Value>,
    ) -> Result<Answer, ProviderError> {
        answers::judge(self.exchange(method, target, body).await?)
    }

    async fn read(&self, target: &Target) -> Result<Value, ProviderError> {
        answers::json(&self.ask(Method::GET, target, None).await?)
    }

    async fn page_of_versions(
        &self,
        order: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<VersionSnapshot>, ProviderError> {
        let target = list_target(VERSIONS, order, after, limit)?.with("expand", BRAND);
        page(&self.read(&target).await?, after, |object| {
            reading::version(object, None)
        })
    }

    async fn patch(&self, remote_id: &str, body: Value) -> Result<TokenSnapshot, ProviderError> {
        let target = Target::of_object(TOKENS, remote_id, "")?;
        let answer = self.ask(Method::PATCH, &target, Some(body)).await?;
        asked_token(&answers::json(&answer)?, remote_id).ok_or_else(|| answers::unreadable(answer.status))
    }
}

#[async_trait]
impl PaymentSystem for Wallee {
    fn capabilities(&self, lesson: Lesson) -> Capabilities {
        Capabilities::wallee(lesson)
    }

    async fn check(&self) -> CheckReport {
        checking::run(self).await
    }

    async fn list_tokens(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<TokenSnapshot>, ProviderError> {
        let target = list_target(TOKENS, "ASC", after, limit)?;
        page(&self.read(&target).await?, after, reading::token)
    }

    async fn list_versions(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<VersionSnapshot>, ProviderError> {
        self.page_of_versions("ASC", after, limit).await
    }

    async fn read_token(&self, token: TokenRef<'_>) -> Result<Option<TokenSnapshot>, ProviderError> {
        let remote_id = token.remote_id;
        let target = Target::of_object(TOKENS, remote_id, "")?;
        match self.read(&target).await {
            Ok(body) => asked_token(&body, remote_id)
                .map(Some)
                .ok_or_else(|| answers::unreadable(200)),
            Err(error) if error.kind == ProviderErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    // What a token without an active version answers is not known (wallee fact sheet, section 11): a 404, an empty
    // answer and `null` all say "none".
    async fn active_version(&self, token: TokenRef<'_>) -> Result<Option<VersionSnapshot>, ProviderError> {
        let token_remote_id = token.remote_id;
        let target = Target::of_object(TOKENS, token_remote_id, "/active-version")?.with("expand", BRAND);
        let answer = match self.ask(Method::GET, &target, None).await {
            Ok(answer) if answer.body.is_empty() => return Ok(None),
            Ok(answer) => answer,
            Err(error) if error.kind == ProviderErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let body = answers::json(&answer)?;
        if body.is_null() {
            return Ok(None);
        }
        reading::version(&body, Some(token_remote_id))
            .filter(|version| version.token_remote_id == token_remote_id)
            .map(Some)
            .ok_or_else(|| answers::unreadable(answer.status))
    }

    async fn versions_of(&self, token: TokenRef<'_>) -> Result<Vec<VersionSnapshot>, ProviderError> {
        searching::versions_of(self, object_id(token.remote_id)?).await
    }

    async fn tokens_of(&self, customer: CustomerLookup<'_>) -> Result<Vec<TokenSnapshot>, ProviderError> {
        searching::tokens_of(self, customer).await
    }

    async fn set_one_click(
        &self,
        current: &TokenSnapshot,
        on: bool,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        let body = json!({"version": current.version, "enabledForOneClickPayment": on});
        self.patch(&current.remote_id, body).await.map(Some)
    }

    // No public update schema lists `state` (wallee fact sheet, section 6.1): attempted here, proven by whoever reads
    // the token back.
    async fn set_active(
        &self,
        current: &TokenSnapshot,
        active: bool,
        _reason: Option<&str>,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        let state = if active { "ACTIVE" } else { "INACTIVE" };
        let body = json!({"version": current.version, "state": state});
        self.patch(&current.remote_id, body).await.map(Some)
    }

    async fn delete_token(&self, current: &TokenSnapshot) -> Result<(), ProviderError> {
        let target = Target::of_object(TOKENS, &current.remote_id, "")?;
        self.ask(Method::DELETE, &target, None).await.map(drop)
    }

    async fn create_token(&self, new: &NewToken) -> Result<TokenSnapshot, ProviderError> {
        creating::create_token(self, new).await
    }

    async fn new_details_page(&self, token: TokenRef<'_>) -> Result<String, ProviderError> {
        creating::new_details_page(self, token.remote_id).await
    }

    fn bench(&self) -> Option<&dyn TestBench> {
        (self.environment != Environment::Live).then_some(self)
    }
}

// Space and user ids are numbers; anything else would end up in a header or a path.
fn decimal_id(text: &str) -> Result<String, ProviderError> {
    let text = text.trim();
    let fits = (1..=19).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.to_owned())
        .ok_or_else(|| ProviderError::new(ProviderErrorKind::BadCredentials))
}

fn list_target(path: &str, order: &str, after: Option<&str>, limit: u32) -> Result<Target, ProviderError> {
    let target = Target::in_space(path)
        .with("limit", &limit.clamp(1, 100).to_string())
        .with("order", order);
    Ok(match after {
        Some(after) => target.with("after", object_id(after)?),
        None => target,
    })
}

// An answer about another token than the one asked for is no answer.
fn asked_token(body: &Value, remote_id: &str) -> Option<TokenSnapshot> {
    reading::token(body).filter(|token| token.remote_id == remote_id)
}

// The cursor is the last object's id. Where the provider does not say whether there is more, the walk goes on until a page
// is empty; where it says there is more but gives no new place to go on from, the page is unreadable rather than the last.
fn page<T>(
    body: &Value,
    after: Option<&str>,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Page<T>, ProviderError> {
    let envelope = reading::envelope(body).ok_or_else(|| answers::unreadable(200))?;
    let items: Vec<T> = envelope.data.iter().filter_map(read).collect();
    let unreadable = envelope.data.len() - items.len();
    let next = match envelope.has_more {
        Some(false) => None,
        None if envelope.data.is_empty() => None,
        _ => {
            let last = envelope.data.iter().rev().find_map(reading::object_id);
            let new_place = last.filter(|id| Some(id.as_str()) != after);
            Some(new_place.ok_or_else(|| answers::unreadable(200))?)
        }
    };
    Ok(Page {
        items,
        next,
        unreadable,
    })
}

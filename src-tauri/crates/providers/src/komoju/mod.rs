//! KOMOJU (KOMOJU fact sheet). A customer there holds one saved card or none, so here the customer *is* the card: one id for
//! record and token.
//!
//! * Switches are marks in the customer's metadata, which the shop's own checkout has to honour. Whether an update merges or
//!   replaces metadata is not documented, so the whole map just read is sent back with one key changed.
//! * A customer whose `source` is null is not completed, or its card is hidden: the token stands without saved details, and
//!   nothing is said about whether it has any.
//! * Deleting a card deletes the customer record.
//!
//! Must not know: what is cached, queued or wished. One call here is one request there, unless it says otherwise.

mod bench;
mod card;
mod checking;
mod connecting;
mod deletion;
mod link;
mod listing;
mod news;
mod reading;

use crate::bench::TestBench;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::Clock;
use crate::system::{
    BeforeDeletion, CheckReport, Credentials, CustomerCards, DirectoryEntry, HttpOptions, ListedCustomer,
    News, Page, PaymentSystem, TokenRef,
};
use async_trait::async_trait;
use bench::Bench;
use chrono::Utc;
use link::{Link, Path};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use tokendesk_model::capability::{ACTIVE_KEY, ONE_CLICK_KEY};
use tokendesk_model::{Capabilities, Lesson, TokenSnapshot, VersionSnapshot};

pub use connecting::DESCRIPTION;

/// One account at KOMOJU.
#[derive(Debug)]
pub struct Komoju {
    link: Arc<Link>,
    bench: Option<Bench>,
}

impl Komoju {
    /// Prepares an account; nothing is contacted.
    ///
    /// # Errors
    /// `WrongKeyKind` for a publishable key where a secret one is needed and the reverse; `WrongEnvironment` for a live key
    /// in a test account and the reverse; `BadCredentials` for a key that cannot be sent; `HostNotAllowed`; `Tls`.
    pub fn new(credentials: Credentials, options: HttpOptions) -> Result<Self, ProviderError> {
        Self::with_clock(credentials, options, Arc::new(Utc::now))
    }

    /// As [`Self::new`], with the clock that freezes windows.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_clock(
        credentials: Credentials,
        options: HttpOptions,
        clock: Clock,
    ) -> Result<Self, ProviderError> {
        let link = Arc::new(Link::new(credentials, &options, clock)?);
        Ok(Self {
            bench: Bench::new(Arc::clone(&link)),
            link,
        })
    }

    // The customer as it is told now; `None` only for a 404 of the provider's own.
    async fn show(&self, id: &str) -> Result<Option<Value>, ProviderError> {
        match self.link.read(&Path::of(&["customers", id])).await {
            Ok(body) => Ok(Some(about(body, id)?)),
            Err(error) if error.kind == ProviderErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn mark(
        &self,
        current: &TokenSnapshot,
        key: &str,
        on: bool,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        let mut metadata = current.particulars.metadata.clone();
        metadata.insert(key.to_owned(), on.to_string());
        let path = Path::of(&["customers", &current.remote_id]);
        let body = json!({ "metadata": metadata });
        let answer = self.link.ask(Method::PATCH, &path, Some(&body)).await?;
        if answer.body.is_empty() {
            return Ok(None);
        }
        let told = about(link::json(&answer)?, &current.remote_id)?;
        let token = reading::token(&told).ok_or_else(|| link::unreadable(answer.status))?;
        let now = &token.particulars.metadata;
        let changed = current
            .particulars
            .metadata
            .iter()
            .filter(|(name, value)| *name != key && now.get(*name) != Some(*value))
            .count();
        if changed > 0 {
            // Somebody else wrote in the unguarded moment, or the provider does with maps what nobody documented.
            tracing::warn!(changed, "other metadata of a customer differs after an update");
        }
        Ok(Some(token))
    }
}

// An answer about another customer than the one asked for is no answer.
fn about(body: Value, id: &str) -> Result<Value, ProviderError> {
    match reading::object_id(&body) {
        Some(told) if told == id => Ok(body),
        _ => Err(link::unreadable(200)),
    }
}

#[async_trait]
impl PaymentSystem for Komoju {
    fn capabilities(&self, _lesson: Lesson) -> Capabilities {
        Capabilities::komoju()
    }

    async fn check(&self) -> CheckReport {
        checking::run(&self.link).await
    }

    async fn list_customers(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<ListedCustomer>, ProviderError> {
        listing::customers(&self.link, after, limit).await
    }

    async fn read_customer(&self, customer_id: &str) -> Result<Option<ListedCustomer>, ProviderError> {
        match self.show(customer_id).await? {
            None => Ok(None),
            Some(body) => reading::customer(&body)
                .map(Some)
                .ok_or_else(|| link::unreadable(200)),
        }
    }

    async fn cards_of(&self, entry: &DirectoryEntry) -> Result<CustomerCards, ProviderError> {
        let read = self.read_customer(&entry.customer.customer_id).await?;
        read.and_then(|read| read.cards)
            .ok_or_else(|| ProviderError::new(ProviderErrorKind::NotFound))
    }

    async fn news(&self, since: Option<&str>) -> Result<News, ProviderError> {
        news::since(&self.link, since).await
    }

    async fn read_token(&self, token: TokenRef<'_>) -> Result<Option<TokenSnapshot>, ProviderError> {
        match self.show(token.remote_id).await? {
            None => Ok(None),
            Some(body) => reading::token(&body)
                .map(Some)
                .ok_or_else(|| link::unreadable(200)),
        }
    }

    /// `Forbidden` where the customer's source is null: it may be hidden, so nothing can be concluded about it.
    async fn active_version(&self, token: TokenRef<'_>) -> Result<Option<VersionSnapshot>, ProviderError> {
        let Some(body) = self.show(token.remote_id).await? else {
            return Ok(None);
        };
        let token = reading::token(&body).ok_or_else(|| link::unreadable(200))?;
        match reading::details(&body, &token) {
            Some(details) => Ok(Some(details)),
            None => Err(ProviderError::new(ProviderErrorKind::Forbidden)),
        }
    }

    async fn set_one_click(
        &self,
        current: &TokenSnapshot,
        on: bool,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        self.mark(current, ONE_CLICK_KEY, on).await
    }

    async fn set_active(
        &self,
        current: &TokenSnapshot,
        active: bool,
        _reason: Option<&str>,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        self.mark(current, ACTIVE_KEY, active).await
    }

    async fn delete_token(&self, current: &TokenSnapshot) -> Result<(), ProviderError> {
        let path = Path::of(&["customers", &current.remote_id]);
        self.link.ask(Method::DELETE, &path, None).await.map(drop)
    }

    async fn before_deletion(&self, token: TokenRef<'_>) -> Result<BeforeDeletion, ProviderError> {
        deletion::before(&self.link, token.remote_id).await
    }

    async fn forget_one_click(&self, external_customer_id: &str) -> Result<(), ProviderError> {
        if external_customer_id.trim().is_empty() {
            return Err(ProviderError::new(ProviderErrorKind::Refused));
        }
        let path = Path::of(&["external_customers", external_customer_id]);
        self.link.ask(Method::DELETE, &path, None).await.map(drop)
    }

    fn bench(&self) -> Option<&dyn TestBench> {
        self.bench.as_ref().map(|bench| bench as &dyn TestBench)
    }
}

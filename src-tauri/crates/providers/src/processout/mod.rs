//! ProcessOut (ProcessOut fact sheet): customers, and the tokens of each.
//!
//! * Switches are marks in a token's metadata, which the shop's own checkout has to honour. Whether an update merges or
//!   replaces metadata is not documented, so the whole map just read is sent back with one key changed.
//! * A list of customers brings their cards along where the server honours that; where it does not, cards are read customer
//!   by customer, and where lists do not show them one by one. What the server does is learnt.
//! * Attaching, deleting or choosing a default can change other tokens of the customer: whoever writes reads them all again.
//!
//! Must not know: what is cached, queued or wished.

mod answers;
mod bench;
mod cards;
mod checking;
mod connecting;
mod lessons;
mod link;
mod listing;
mod news;
mod reading;

pub use connecting::DESCRIPTION;

use crate::bench::TestBench;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::Clock;
use crate::system::{
    CheckReport, Credentials, CustomerCards, DirectoryEntry, HttpOptions, ListedCustomer, News, Page,
    PaymentSystem, TokenRef,
};
use async_trait::async_trait;
use bench::Bench;
use chrono::Utc;
use lessons::Lessons;
use link::{Link, Path};
use reqwest::Method;
use serde_json::json;
use std::fmt;
use std::sync::Arc;
use tokendesk_model::capability::{ACTIVE_KEY, ONE_CLICK_KEY};
use tokendesk_model::{Capabilities, Lesson, TokenSnapshot, VersionSnapshot};

/// One account at ProcessOut: a project.
pub struct ProcessOut {
    link: Arc<Link>,
    lessons: Lessons,
    bench: Option<Bench>,
}

impl fmt::Debug for ProcessOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessOut")
            .field("link", &self.link)
            .field("lessons", &self.lessons)
            .finish_non_exhaustive()
    }
}

impl ProcessOut {
    /// Prepares an account; nothing is contacted.
    ///
    /// # Errors
    /// `BadCredentials` for a project or key that cannot be sent; `WrongKeyKind` for a project's id as key;
    /// `WrongEnvironment` for a sandbox project or key in a live account and the reverse; `HostNotAllowed` for any host but
    /// ProcessOut's own outside the demo; `Tls`.
    pub fn new(credentials: Credentials, options: HttpOptions) -> Result<Self, ProviderError> {
        Self::with_clock(credentials, options, Arc::new(Utc::now))
    }

    /// As [`Self::new`], with the clock that judges the provider's.
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
            lessons: Lessons::default(),
            link,
        })
    }

    async fn mark(
        &self,
        current: &TokenSnapshot,
        key: &str,
        on: bool,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        let customer = record(TokenRef::of(current))?;
        let path = Path::token(customer, Some(&current.remote_id))?;
        let mut metadata = current.particulars.metadata.clone();
        if metadata.is_empty() {
            // An empty map is told as one; one that is not told would be lost by sending ours.
            let body = self.link.read(&path).await?;
            let map = reading::metadata(&cards::about(&body, &current.remote_id)?["metadata"]);
            metadata = map.ok_or_else(|| answers::unreadable(200))?;
        }
        metadata.insert(key.to_owned(), on.to_string());
        let body = json!({ "metadata": metadata });
        let answer = self.link.ask(Method::PUT, &path, Some(&body)).await?;
        // Whether an update tells the token is not the same everywhere.
        if answer["token"].is_null() {
            return Ok(None);
        }
        let told = cards::about(&answer, &current.remote_id)?;
        let token = reading::token(told, customer, current.email.as_deref())
            .ok_or_else(|| answers::unreadable(200))?;
        let now = &token.particulars.metadata;
        let foreign = |name: &&String| name.as_str() != key;
        let changed = metadata
            .iter()
            .filter(|(name, value)| foreign(name) && now.get(*name) != Some(*value))
            .count();
        let added = now
            .keys()
            .filter(foreign)
            .filter(|name| !metadata.contains_key(*name))
            .count();
        if changed + added > 0 {
            // Somebody else wrote in the unguarded moment, or the provider does with maps what nobody documented.
            tracing::warn!(
                changed,
                added,
                "other metadata of a token differs after an update"
            );
        }
        Ok(Some(token))
    }
}

// Tokens are only reached through their customer.
fn record<'a>(token: TokenRef<'a>) -> Result<&'a str, ProviderError> {
    token
        .record
        .ok_or_else(|| ProviderError::new(ProviderErrorKind::Refused))
}

#[async_trait]
impl PaymentSystem for ProcessOut {
    fn capabilities(&self, _lesson: Lesson) -> Capabilities {
        Capabilities::processout()
    }

    async fn check(&self) -> CheckReport {
        checking::run(&self.link).await
    }

    async fn list_customers(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<ListedCustomer>, ProviderError> {
        listing::customers(&self.link, &self.lessons, after, limit).await
    }

    // Without its cards: a customer who is looked at is worth the list that is certainly whole.
    async fn read_customer(&self, customer_id: &str) -> Result<Option<ListedCustomer>, ProviderError> {
        let body = match self.link.read(&Path::named(&["customers", customer_id])?).await {
            Ok(body) => body,
            Err(error) if error.kind == ProviderErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let customer = reading::customer(&body["customer"])
            .filter(|customer| customer.customer_id == customer_id)
            .ok_or_else(|| answers::unreadable(200))?;
        Ok(Some(ListedCustomer {
            customer,
            cards: None,
        }))
    }

    async fn cards_of(&self, entry: &DirectoryEntry) -> Result<CustomerCards, ProviderError> {
        let customer = &entry.customer;
        let email = customer.email.as_deref();
        cards::of_customer(&self.link, &self.lessons, &customer.customer_id, email).await
    }

    async fn news(&self, since: Option<&str>) -> Result<News, ProviderError> {
        news::since(&self.link, since).await
    }

    async fn read_token(&self, token: TokenRef<'_>) -> Result<Option<TokenSnapshot>, ProviderError> {
        cards::one(&self.link, &self.lessons, record(token)?, token.remote_id).await
    }

    async fn active_version(&self, token: TokenRef<'_>) -> Result<Option<VersionSnapshot>, ProviderError> {
        cards::details_of(&self.link, record(token)?, token.remote_id).await
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

    async fn set_default(&self, current: &TokenSnapshot) -> Result<(), ProviderError> {
        let path = Path::token(record(TokenRef::of(current))?, Some(&current.remote_id))?;
        let body = json!({ "set_default": true });
        self.link.ask(Method::PUT, &path, Some(&body)).await.map(drop)
    }

    async fn delete_token(&self, current: &TokenSnapshot) -> Result<(), ProviderError> {
        let path = Path::token(record(TokenRef::of(current))?, Some(&current.remote_id))?;
        self.link.ask(Method::DELETE, &path, None).await.map(drop)
    }

    async fn delete_customer(&self, customer_id: &str) -> Result<(), ProviderError> {
        let path = Path::named(&["customers", customer_id])?;
        self.link.ask(Method::DELETE, &path, None).await.map(drop)
    }

    fn bench(&self) -> Option<&dyn TestBench> {
        self.bench.as_ref().map(|bench| bench as &dyn TestBench)
    }
}

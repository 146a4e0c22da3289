//! Zafapay, third generation of its API: saved cards of customers this desk was told of (Zafapay fact sheet, sections 0 to 6).
//!
//! There is no list of customers and no single read of a card: everything is read from the list of one customer's saved
//! cards. A 404 and an empty list both say "no saved cards known", and neither says that anything is gone.
//!
//! Must not know: where customer ids come from, what is cached, queued or wished.

mod answers;
mod bench;
mod checking;
mod connecting;
mod link;
mod reading;
mod writing;

pub use connecting::DESCRIPTION;

use crate::bench::TestBench;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::Clock;
use crate::system::{
    CheckReport, Credentials, CustomerCards, DirectoryEntry, HttpOptions, PaymentSystem, TokenRef,
};
use async_trait::async_trait;
use bench::Bench;
use chrono::Utc;
use link::Link;
use std::fmt;
use std::sync::Arc;
use tokendesk_model::{Capabilities, Lesson, TokenSnapshot, VersionSnapshot};

/// One account at Zafapay.
pub struct Zafapay {
    link: Arc<Link>,
    bench: Option<Bench>,
}

impl fmt::Debug for Zafapay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zafapay")
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

impl Zafapay {
    /// Prepares an account; nothing is contacted.
    ///
    /// # Errors
    /// `HostNotAllowed` when the origin is not Zafapay's own for the environment, or not this computer for the demo;
    /// `BadCredentials`, `WrongKeyKind` and `WrongEnvironment` for keys, as far as their prefixes are documented; `Tls` when
    /// the extra certificate cannot be read.
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
            link,
        })
    }

    // The list of the customer a token belongs to is the only place where it can be read.
    async fn listed(&self, token: TokenRef<'_>) -> Result<CustomerCards, ProviderError> {
        let record = token
            .record
            .ok_or_else(|| ProviderError::new(ProviderErrorKind::Refused))?;
        reading::cards(&self.link, record, None).await
    }
}

#[async_trait]
impl PaymentSystem for Zafapay {
    fn capabilities(&self, _lesson: Lesson) -> Capabilities {
        Capabilities::zafapay()
    }

    async fn check(&self) -> CheckReport {
        checking::run(&self.link).await
    }

    async fn cards_of(&self, entry: &DirectoryEntry) -> Result<CustomerCards, ProviderError> {
        let customer = &entry.customer;
        reading::cards(&self.link, &customer.customer_id, customer.email.as_deref()).await
    }

    async fn read_token(&self, token: TokenRef<'_>) -> Result<Option<TokenSnapshot>, ProviderError> {
        let cards = self.listed(token).await?;
        Ok(cards
            .tokens
            .into_iter()
            .find(|known| known.remote_id == token.remote_id))
    }

    async fn active_version(&self, token: TokenRef<'_>) -> Result<Option<VersionSnapshot>, ProviderError> {
        let cards = self.listed(token).await?;
        Ok(cards
            .details
            .into_iter()
            .find(|details| details.token_remote_id == token.remote_id))
    }

    // Block and unblock answer the new state only; what became of the default flag has to be read (section 3.3).
    async fn set_active(
        &self,
        current: &TokenSnapshot,
        active: bool,
        reason: Option<&str>,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        if active {
            writing::unblock(&self.link, current).await?;
        } else {
            writing::block(&self.link, current, reason.unwrap_or_default()).await?;
        }
        Ok(None)
    }

    fn bench(&self) -> Option<&dyn TestBench> {
        self.bench.as_ref().map(|bench| bench as &dyn TestBench)
    }
}

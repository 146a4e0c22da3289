//! The snapshot door: the only way a provider's facts enter the cache.

use crate::{CrawlStep, ReadTicket, Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::{AccountId, TokenId, TokenSnapshot};

/// What became of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Rows that were not known before.
    pub new: usize,
    /// Known rows whose facts differ now.
    pub changed: usize,
    /// Known rows read again without a difference.
    pub same: usize,
    /// Rows left alone, because something newer is stored.
    pub stale: usize,
    /// Versions only: provider ids of tokens this desk has not read yet. Their versions were not stored.
    pub unknown_tokens: Vec<String>,
    /// Versions only: a production version was among them.
    pub production_seen: bool,
}

impl Store {
    /// Stores tokens as read under `ticket`, and where the full pass stands after them, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`]; [`StoreError::CrawlEnded`] when `crawl` is not the unfinished pass. Nothing was stored
    /// then.
    pub async fn put_tokens(
        &self,
        account: AccountId,
        ticket: ReadTicket,
        tokens: &[TokenSnapshot],
        read_at: DateTime<Utc>,
        crawl: Option<&CrawlStep>,
    ) -> Result<Applied, StoreError> {
        let _ = (account, ticket, tokens, read_at, crawl);
        todo!()
    }

    /// A proven 404: the token is gone at the provider. The row stays and counts as deleted; where a deletion of ours led
    /// here, the ledger keeps a tombstone. Says whether a row was marked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark_gone(
        &self,
        token: TokenId,
        ticket: ReadTicket,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let _ = (token, ticket, at);
        todo!()
    }
}

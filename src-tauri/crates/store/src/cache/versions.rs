//! The snapshot door for token versions: card facts and the holder's name come from the active one.

use crate::{Applied, CrawlStep, ReadTicket, Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::{AccountId, TokenId, VersionSnapshot};

impl Store {
    /// Stores token versions as read under `ticket`, and where the full pass stands after them, in one transaction.
    ///
    /// # Errors
    /// As for `put_tokens`.
    pub async fn put_versions(
        &self,
        account: AccountId,
        ticket: ReadTicket,
        versions: &[VersionSnapshot],
        read_at: DateTime<Utc>,
        crawl: Option<&CrawlStep>,
    ) -> Result<Applied, StoreError> {
        let _ = (account, ticket, versions, read_at, crawl);
        todo!()
    }

    /// Stores that a read of the token's active version found none. Says whether it was news enough to be stored.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_no_active_version(
        &self,
        account: AccountId,
        ticket: ReadTicket,
        token: TokenId,
        read_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let _ = (account, ticket, token, read_at);
        todo!()
    }
}

//! The snapshot door for providers that keep customer records: a page of them with everything read of each, in one
//! transaction with the place of the full pass.

use super::head::{Progress, advance};
use super::{CacheDb, door, records, versions};
use crate::{Applied, CrawlStep, ReadTicket, Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::{AccountId, CustomerSnapshot, TokenSnapshot, VersionSnapshot};

/// Customer records and all that was read of them under one number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Batch<'a> {
    /// Records, with cards or without. One without an id is left out.
    pub customers: &'a [CustomerSnapshot],
    /// Their tokens.
    pub tokens: &'a [TokenSnapshot],
    /// The saved details in use, at most one for each token: whatever was in use before is not any more.
    pub details: &'a [VersionSnapshot],
    /// Provider ids of tokens that have no saved details in use. A token that is neither here nor in `details` keeps what was
    /// known of it.
    pub without_details: &'a [String],
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchApplied {
    /// Customer records.
    pub customers: Applied,
    /// Tokens. One that was removed from this desk and not imported since is left alone and counts as stale.
    pub tokens: Applied,
    /// Saved details.
    pub details: Applied,
}

impl CacheDb {
    async fn put_batch(
        &self,
        account: AccountId,
        ticket: ReadTicket,
        batch: &Batch<'_>,
        read_at: DateTime<Utc>,
        crawl: Option<&CrawlStep>,
    ) -> Result<BatchApplied, StoreError> {
        let account = self.account_ref(account)?;
        let customers = records::plain_and_once(batch.customers);
        let tokens = door::plain_and_once(batch.tokens);
        let details = versions::plain(batch.details);
        let words = tokens.iter().flat_map(door::words);
        self.learn_terms(words.chain(versions::words(&details))).await?;

        let mut tx = self.db.writer.begin().await?;
        let placed = records::place(&mut tx, account, ticket, &customers, read_at, crawl).await?;
        let page = self
            .put_tokens_in(&mut tx, account, ticket, &tokens, read_at, crawl)
            .await?;
        let forgotten = &page.forgotten;
        let details: Vec<&VersionSnapshot> = details
            .iter()
            .filter(|one| !forgotten.contains(&one.token_remote_id))
            .collect();
        let mut observed = page.observed;
        let shown = versions::Shown::InUse;
        let (read, seen) = self
            .put_versions_in(&mut tx, account, ticket, &details, read_at, shown)
            .await?;
        observed += seen;
        for remote_id in batch.without_details {
            observed += self
                .put_none_in_use(&mut tx, account, ticket, remote_id, read_at)
                .await?;
        }
        placed.settle(&mut tx, account).await?;
        let progress = Progress {
            tokens: tokens.len(),
            versions: details.len(),
            customers: Some(customers.len()),
        };
        advance(&mut tx, account, ticket, crawl, progress).await?;
        let behind = self.behind(&mut tx, account).await?;
        tx.commit().await?;
        self.note_observed(observed);
        self.index_if_behind(account, behind, crawl.is_some()).await?;
        Ok(BatchApplied {
            customers: placed.applied,
            tokens: page.applied,
            details: read,
        })
    }
}

impl Store {
    /// Stores customer records with their tokens and saved details as read under `ticket`, and where the full pass stands
    /// after them, in one transaction. Records without cards are people to be found too; a record whose email changed moves.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`]; [`StoreError::CrawlEnded`] when `crawl` is not the unfinished pass. Nothing was stored
    /// then.
    pub async fn put_batch(
        &self,
        account: AccountId,
        ticket: ReadTicket,
        batch: &Batch<'_>,
        read_at: DateTime<Utc>,
        crawl: Option<&CrawlStep>,
    ) -> Result<BatchApplied, StoreError> {
        let applied = self
            .inner
            .cache
            .read()
            .await
            .put_batch(account, ticket, batch, read_at, crawl)
            .await?;
        crate::crash::point(crate::crash::CrashPoint::SnapshotCommitted);
        self.tell_page(crawl.is_some()).await;
        Ok(applied)
    }
}

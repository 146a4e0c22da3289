//! Full passes over an account: numbered, in two stages, resumable at the page.

use crate::{ReadTicket, Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::{AccountId, TokenId};

/// What a full pass reads now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrawlStage {
    /// Every token.
    Tokens,
    /// Then every token version.
    Versions,
}

/// An unfinished full pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crawl {
    /// Rises by account.
    pub number: i64,
    /// What is being read.
    pub stage: CrawlStage,
    /// Where to go on; `None` is the beginning of the stage.
    pub cursor: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Reads with a higher number began after it did.
    pub started: ReadTicket,
    /// Tokens stored by it so far.
    pub tokens: u64,
    /// Token versions stored by it so far.
    pub versions: u64,
}

/// Where a full pass stands once a page is stored: written in the page's own transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrawlStep {
    /// [`Crawl::number`].
    pub number: i64,
    /// The stage of the next page.
    pub stage: CrawlStage,
    /// The cursor of the next page; `None` with a new stage.
    pub cursor: Option<String>,
}

/// A complete pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// Everything in the cache was read after this.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// Tokens it stored.
    pub cards: u64,
}

impl Store {
    /// The unfinished pass of an account.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn crawl(&self, account: AccountId) -> Result<Option<Crawl>, StoreError> {
        let _ = account;
        todo!()
    }

    /// Begins a pass; an unfinished one is discarded.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn begin_crawl(&self, account: AccountId, now: DateTime<Utc>) -> Result<Crawl, StoreError> {
        let _ = (account, now);
        todo!()
    }

    /// Ends the unfinished pass and records it as the last complete one. Tokens it read that turned out to have no
    /// version at all are from now on known to have none active.
    ///
    /// # Errors
    /// [`StoreError::CrawlEnded`] when there is none; [`StoreError::NoSuchAccount`].
    pub async fn finish_crawl(&self, account: AccountId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let _ = (account, now);
        todo!()
    }

    /// The last complete pass.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn last_pass(&self, account: AccountId) -> Result<Option<Pass>, StoreError> {
        let _ = account;
        todo!()
    }

    /// Tokens that pass `crawl_number` did not see, though they were there when it began: neither read nor created since,
    /// and not known to be deleted or gone.
    ///
    /// # Errors
    /// [`StoreError::CrawlEnded`] when that pass is not the unfinished one; [`StoreError::NoSuchAccount`].
    pub async fn missing_after_crawl(
        &self,
        account: AccountId,
        crawl_number: i64,
        limit: u32,
    ) -> Result<Vec<(TokenId, String)>, StoreError> {
        let _ = (account, crawl_number, limit);
        todo!()
    }

    /// The numerically highest provider id of a token ever seen at the account: where news begin.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn newest_remote_id(&self, account: AccountId) -> Result<Option<String>, StoreError> {
        let _ = account;
        todo!()
    }

    /// Up to `n` other tokens of the account that are known to exist, newest read first: to prove that a 404 is about the
    /// token and not about the account.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn known_sample(
        &self,
        account: AccountId,
        n: u32,
        except: TokenId,
    ) -> Result<Vec<(TokenId, String)>, StoreError> {
        let _ = (account, n, except);
        todo!()
    }
}

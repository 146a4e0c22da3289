//! Full passes over an account: numbered, in stages, resumable at the page.

use super::accounts::AccountRef;
use super::head::{Progress, advance, is_newer};
use super::rows::{Columns, time};
use super::{CacheDb, damaged};
use crate::sqlite::Tx;
use crate::{ReadTicket, Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::{AccountId, CardKnowledge};

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
    /// Customer records stored by it so far; `None`: it lists no records, but tokens and then their versions.
    pub customers: Option<u64>,
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

impl CacheDb {
    async fn crawl(&self, account: AccountId) -> Result<Option<Crawl>, StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.reader.begin().await?;
        unfinished(&mut tx, account).await
    }

    async fn begin_crawl(
        &self,
        account: AccountId,
        started: ReadTicket,
        now: DateTime<Utc>,
    ) -> Result<Crawl, StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.writer.begin().await?;
        let number: i64 = sqlx::query_scalar(
            "UPDATE account SET last_crawl = last_crawl + 1 WHERE n = ?1 RETURNING last_crawl",
        )
        .bind(account.n)
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query(
            "INSERT INTO crawl (account, number, stage, cursor, started_at, started) VALUES (?1, ?2, 0, NULL, ?3, ?4)
             ON CONFLICT (account) DO UPDATE SET number = excluded.number, stage = 0, cursor = NULL,
                started_at = excluded.started_at, started = excluded.started, tokens = 0, versions = 0, customers = NULL",
        )
        .bind(account.n)
        .bind(number)
        .bind(now.timestamp_millis())
        .bind(started.0)
        .execute(&mut *tx)
        .await?;
        // The pass's own number counts as stored: after a restart, later reads have to be later than it.
        advance(&mut tx, account, started, None, Progress::default()).await?;
        let crawl = unfinished(&mut tx, account).await?.ok_or_else(damaged)?;
        tx.commit().await?;
        Ok(crawl)
    }

    async fn finish_crawl(&self, account: AccountId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.writer.begin().await?;
        let crawl = unfinished(&mut tx, account)
            .await?
            .ok_or(StoreError::CrawlEnded)?;
        let none = CardKnowledge::NoActiveVersion.number();
        // Who lists records says of each card whether it has saved details: silence proves nothing there.
        let versions = if crawl.customers.is_some() {
            0
        } else {
            crawl.versions
        };
        sqlx::query(
            "UPDATE token SET knowledge = ?3, versions_read_at = ?4, versions_seq = ?5
             WHERE n IN (SELECT n FROM token WHERE account = ?1 AND knowledge = 0) AND crawl = ?2 AND created_on < ?4
               AND ?6 > 0",
        )
        .bind(account.n)
        .bind(crawl.number)
        .bind(none)
        .bind(crawl.started_at.timestamp_millis())
        .bind(crawl.started.0)
        .bind(i64::try_from(versions).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "INSERT INTO pass (account, started_at, finished_at, cards) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (account) DO UPDATE SET started_at = excluded.started_at, finished_at = excluded.finished_at,
                cards = excluded.cards",
        )
        .bind(account.n)
        .bind(crawl.started_at.timestamp_millis())
        .bind(now.timestamp_millis())
        .bind(i64::try_from(crawl.tokens).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await?;
        if crawl.customers.is_some() {
            super::records::drop_unlisted(&mut tx, account, &crawl).await?;
        }
        sqlx::query("DELETE FROM crawl WHERE account = ?1")
            .bind(account.n)
            .execute(&mut *tx)
            .await?;
        super::index::catch_up(&mut tx, account.env).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn last_pass(&self, account: AccountId) -> Result<Option<Pass>, StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.reader.begin().await?;
        let row = sqlx::query("SELECT started_at, finished_at, cards FROM pass WHERE account = ?1")
            .bind(account.n)
            .fetch_optional(&mut *tx)
            .await?;
        row.map(|row| {
            let mut columns = Columns::of(&row);
            Ok(Pass {
                started_at: time(columns.next()?)?,
                finished_at: time(columns.next()?)?,
                cards: u64::try_from(columns.next::<i64>()?).map_err(|_| damaged())?,
            })
        })
        .transpose()
    }

    async fn note_listed(&self, account: AccountId, remote_id: &str) -> Result<(), StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.writer.begin().await?;
        let newest: Option<String> = sqlx::query_scalar("SELECT newest FROM account WHERE n = ?1")
            .bind(account.n)
            .fetch_one(&mut *tx)
            .await?;
        if is_newer(remote_id, newest.as_deref()) {
            sqlx::query("UPDATE account SET newest = ?2 WHERE n = ?1")
                .bind(account.n)
                .bind(remote_id)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn newest_remote_id(&self, account: AccountId) -> Result<Option<String>, StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.reader.begin().await?;
        Ok(sqlx::query_scalar("SELECT newest FROM account WHERE n = ?1")
            .bind(account.n)
            .fetch_one(&mut *tx)
            .await?)
    }
}

pub(super) async fn unfinished(tx: &mut Tx, account: AccountRef) -> Result<Option<Crawl>, StoreError> {
    let row = sqlx::query(
        "SELECT number, stage, cursor, started_at, started, tokens, versions, customers FROM crawl WHERE account = ?1",
    )
    .bind(account.n)
    .fetch_optional(&mut **tx)
    .await?;
    row.map(|row| {
        let mut columns = Columns::of(&row);
        Ok(Crawl {
            number: columns.next()?,
            stage: match columns.next::<i64>()? {
                0 => CrawlStage::Tokens,
                1 => CrawlStage::Versions,
                _ => return Err(damaged()),
            },
            cursor: columns.next()?,
            started_at: time(columns.next()?)?,
            started: ReadTicket(columns.next()?),
            tokens: u64::try_from(columns.next::<i64>()?).map_err(|_| damaged())?,
            versions: u64::try_from(columns.next::<i64>()?).map_err(|_| damaged())?,
            customers: columns
                .next::<Option<i64>>()?
                .map(|n| u64::try_from(n).map_err(|_| damaged()))
                .transpose()?,
        })
    })
    .transpose()
}

impl Store {
    /// The unfinished pass of an account.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn crawl(&self, account: AccountId) -> Result<Option<Crawl>, StoreError> {
        self.inner.cache.read().await.crawl(account).await
    }

    /// Begins a pass; an unfinished one is discarded.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn begin_crawl(&self, account: AccountId, now: DateTime<Utc>) -> Result<Crawl, StoreError> {
        let started = self.begin_read();
        self.inner
            .cache
            .read()
            .await
            .begin_crawl(account, started, now)
            .await
    }

    /// Ends the unfinished pass and records it as the last complete one. Tokens it read that turned out to have no
    /// version at all are from now on known to have none active, unless the pass read no versions or listed customer records:
    /// those say of each token whether it has saved details. Records that such a pass did not list are forgotten, and their
    /// customers with them where they have no cards.
    ///
    /// # Errors
    /// [`StoreError::CrawlEnded`] when there is none; [`StoreError::NoSuchAccount`].
    pub async fn finish_crawl(&self, account: AccountId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.inner.cache.read().await.finish_crawl(account, now).await
    }

    /// The last complete pass.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn last_pass(&self, account: AccountId) -> Result<Option<Pass>, StoreError> {
        self.inner.cache.read().await.last_pass(account).await
    }

    /// Notes that every token up to `remote_id` has been listed. Passes note it by themselves; a token that was read alone
    /// says nothing of those before it.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn note_listed(&self, account: AccountId, remote_id: &str) -> Result<(), StoreError> {
        self.inner
            .cache
            .read()
            .await
            .note_listed(account, remote_id)
            .await
    }

    /// The numerically highest provider id up to which tokens of the account have been listed: where news begin.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn newest_remote_id(&self, account: AccountId) -> Result<Option<String>, StoreError> {
        self.inner.cache.read().await.newest_remote_id(account).await
    }
}

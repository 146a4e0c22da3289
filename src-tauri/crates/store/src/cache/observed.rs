//! What reads showed of cards that were known before: noted by the snapshot door in the page's own transaction, then moved
//! into the ledger's timeline. What a crash leaves behind is moved by whoever needs the timeline next.

use super::CacheDb;
use super::accounts::AccountRef;
use super::residents::json;
use super::rows::{Columns, Stored};
use crate::ledger::LedgerDb;
use crate::sqlite::Tx;
use crate::{Difference, Store, StoreError};
use chrono::{DateTime, Utc};
use std::sync::atomic::{AtomicI64, Ordering};
use tokendesk_model::{AccountId, TokenId, TokenSnapshot};
use tokio::sync::Mutex;

/// Moved in lots of so many.
const LOT: i64 = 1_000;
/// A full pass that meets many differences moves them together: each move is a durable write of the ledger.
const WORTH_A_WRITE: i64 = 500;

/// One difference, as it stands in the cache.
pub(crate) struct Observed {
    pub n: i64,
    pub id: [u8; 16],
    pub account: AccountId,
    pub token: TokenId,
    /// When it was read, in milliseconds.
    pub at: i64,
    pub kind: String,
    pub was: Option<String>,
    pub became: Option<String>,
}

/// How many differences the ledger does not have yet, and who moves them.
#[derive(Default)]
pub(crate) struct Untold {
    waiting: AtomicI64,
    moving: Mutex<()>,
}

impl Untold {
    pub fn new(waiting: i64) -> Self {
        Self {
            waiting: AtomicI64::new(waiting),
            moving: Mutex::default(),
        }
    }
}

/// The differences of a page.
#[derive(Default)]
pub(super) struct Observations(Vec<(TokenId, Difference)>);

impl Observations {
    pub fn add(&mut self, token: TokenId, difference: Difference) {
        self.0.push((token, difference));
    }

    /// Notes what `new` shows to be different from the stored reading.
    pub fn compare(&mut self, account: AccountId, old: &Stored, new: &TokenSnapshot) {
        let token = account.token(&new.remote_id);
        let before = &old.snapshot;
        if old.gone_at.is_some() {
            self.add(token, Difference::Back);
        }
        if before.state != new.state {
            self.add(
                token,
                Difference::State {
                    was: before.state.clone(),
                    became: new.state.clone(),
                },
            );
        }
        if before.one_click != new.one_click {
            self.add(
                token,
                Difference::OneClick {
                    was: before.one_click,
                    became: new.one_click,
                },
            );
        }
        if before.customer_id != new.customer_id || before.email != new.email {
            let (was, became) = (before.customer_key(), new.customer_key());
            if was != became {
                self.add(
                    token,
                    Difference::Customer {
                        was: account.customer(&was),
                        became: account.customer(&became),
                    },
                );
            }
            if before.email != new.email {
                self.add(token, Difference::Email);
            }
        }
        if before.planned_purge_on != new.planned_purge_on {
            self.add(
                token,
                Difference::Purge {
                    was: before.planned_purge_on,
                    became: new.planned_purge_on,
                },
            );
        }
    }

    /// Writes them in the transaction that also writes the rows, and says how many.
    pub async fn write(
        &self,
        tx: &mut Tx,
        account: AccountRef,
        read_at: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        if self.0.is_empty() {
            return Ok(0);
        }
        let rows: Vec<_> = self
            .0
            .iter()
            .map(|(token, difference)| {
                let (kind, was, became) = difference.stored();
                (crate::key::hex(&token.bytes()), kind, was, became)
            })
            .collect();
        sqlx::query(
            "INSERT INTO observed (account, token, at, kind, was, became)
             SELECT ?2, unhex(value->>0), ?3, value->>1, value->>2, value->>3 FROM json_each(?1) ORDER BY key",
        )
        .bind(json(&rows)?)
        .bind(account.id.bytes().to_vec())
        .bind(read_at.timestamp_millis())
        .execute(&mut **tx)
        .await?;
        Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
    }
}

impl CacheDb {
    /// Counts in what a transaction has committed.
    pub(super) fn note_observed(&self, n: i64) {
        self.untold.waiting.fetch_add(n, Ordering::SeqCst);
    }

    /// Moves everything into the ledger, if at least `enough` waits. An earlier move that is under way is waited for.
    pub(crate) async fn tell(&self, ledger: &LedgerDb, enough: i64) -> Result<(), StoreError> {
        let _moving = self.untold.moving.lock().await;
        if self.untold.waiting.load(Ordering::SeqCst) < enough.max(1) {
            return Ok(());
        }
        loop {
            let observed = self.observed().await?;
            let Some(last) = observed.last() else {
                return Ok(());
            };
            ledger.tell(&observed).await?;
            let mut tx = self.db.writer.begin().await?;
            sqlx::query("DELETE FROM observed WHERE n <= ?1")
                .bind(last.n)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            let moved = i64::try_from(observed.len()).unwrap_or(i64::MAX);
            self.untold.waiting.fetch_sub(moved, Ordering::SeqCst);
            if moved < LOT {
                return Ok(());
            }
        }
    }

    async fn observed(&self) -> Result<Vec<Observed>, StoreError> {
        let mut tx = self.db.reader.begin().await?;
        let rows = sqlx::query(
            "SELECT n, id, account, token, at, kind, was, became FROM observed ORDER BY n LIMIT ?1",
        )
        .bind(LOT)
        .fetch_all(&mut *tx)
        .await?;
        let sixteen = |bytes: Vec<u8>| <[u8; 16]>::try_from(bytes).map_err(|_| super::damaged());
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(Observed {
                    n: columns.next()?,
                    id: sixteen(columns.next()?)?,
                    account: AccountId::from_bytes(sixteen(columns.next()?)?),
                    token: TokenId::from_bytes(sixteen(columns.next()?)?),
                    at: columns.next()?,
                    kind: columns.next()?,
                    was: columns.next()?,
                    became: columns.next()?,
                })
            })
            .collect()
    }
}

impl Store {
    /// After a page: what it showed goes into the timeline. The cache keeps what the ledger cannot take now, so nothing is lost
    /// and the page is not reported as failed.
    pub(crate) async fn tell_page(&self, full_pass: bool) {
        let enough = if full_pass { WORTH_A_WRITE } else { 1 };
        let cache = self.inner.cache.read().await;
        if let Err(error) = cache.tell(&self.inner.ledger, enough).await {
            tracing::warn!(%error, "what a read showed is not in the timeline yet");
        }
    }

    /// Before the timeline is read: whatever waits goes into it. Beside the folder's holder that is the holder's to do.
    pub(crate) async fn tell_everything(&self) -> Result<(), StoreError> {
        let told = self.inner.cache.read().await.tell(&self.inner.ledger, 1).await;
        match told {
            Err(StoreError::ReadOnly) => Ok(()),
            other => other,
        }
    }
}

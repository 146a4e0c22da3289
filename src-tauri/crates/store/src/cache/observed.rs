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
        let (was, is) = (&before.particulars, &new.particulars);
        if was.is_default == Some(false) && is.is_default == Some(true) {
            self.add(token, Difference::BecameDefault);
        }
        // Given with the block and gone with it, a reason is no news beside the state.
        if was.block_reason.is_some() && is.block_reason.is_some() && was.block_reason != is.block_reason {
            self.add(token, Difference::BlockReason);
        }
        if before.customer_id != new.customer_id || before.email != new.email {
            // A record whose email was corrected is still the same customer.
            let same_record = was.record.is_some() && was.record == is.record;
            let (was, became) = (before.customer_key(), new.customer_key());
            if was != became && !same_record {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DbKey;
    use tokendesk_model::{Account, Environment, ProviderKind, TokenState};

    fn card(version: i64, one_click: bool) -> TokenSnapshot {
        TokenSnapshot {
            version,
            one_click: Some(one_click),
            ..TokenSnapshot::new("1", TokenState::Active)
        }
    }

    // A store whose last page is in the cache and not in the ledger, as a crash leaves it.
    async fn interrupted() -> (tempfile::TempDir, DbKey, Store, TokenId) {
        let dir = tempfile::tempdir().unwrap();
        let key = DbKey::random();
        let store = Store::open(dir.path(), &key).await.unwrap().store;
        let account = Account {
            id: AccountId::random(),
            provider: ProviderKind::Wallee,
            label: "Shop".into(),
            environment: Environment::Test,
            origin: None,
            scope: "1".into(),
            user: "1".into(),
            connector: None,
            read_only: false,
            created_at: DateTime::UNIX_EPOCH,
            paused: None,
        };
        store.insert_account(&account).await.unwrap();
        for (version, one_click) in [(1, true), (2, false)] {
            let cache = store.inner.cache.read().await;
            cache
                .put_tokens(
                    account.id,
                    store.begin_read(),
                    &[card(version, one_click)],
                    DateTime::UNIX_EPOCH,
                    None,
                )
                .await
                .unwrap();
        }
        (dir, key, store, account.id.token("1"))
    }

    #[tokio::test]
    async fn what_a_crash_left_behind_is_told_after_the_next_start() {
        let (dir, key, store, token) = interrupted().await;
        store.close().await;
        let store = Store::open(dir.path(), &key).await.unwrap().store;
        assert_eq!(store.timeline_count(&[token]).await.unwrap(), 1);
        let cache = store.inner.cache.read().await;
        assert!(cache.observed().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_the_ledger_has_already_is_not_told_twice() {
        let (_dir, _key, store, token) = interrupted().await;
        let observed = store.inner.cache.read().await.observed().await.unwrap();
        assert!(store.inner.ledger.tell(&observed).await.is_ok());
        assert_eq!(store.timeline_count(&[token]).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_new_cache_takes_nothing_along_untold() {
        let (_dir, _key, store, token) = interrupted().await;
        store.rebuild_cache().await.unwrap();
        assert_eq!(store.timeline_count(&[token]).await.unwrap(), 1);
    }
}

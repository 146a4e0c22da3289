//! The log: who did what to which record, when, why, and whether it worked. Rows are only ever added, each chained to the one
//! before it (see [`super::chain`]); a person's words stand beside their row, so that they can be erased.
//!
//! Must not know: which actions there are, how they are said in words, when the head is anchored.

pub(crate) mod older;
pub(crate) mod read;
mod row;
mod stored;
pub(crate) mod verify;
mod why;

use super::chain::{Columns, Hash, START, Salt, text_digest};
use super::{Fault, LedgerDb, damaged, time};
use crate::sqlite::Tx;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::{Row, SqliteConnection};
use tokendesk_model::{AccountId, ChangeId, Environment, TokenId};

/// A row to be added. Ids are ours; no email, no name, no key belongs in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogEntry {
    /// When. Kept to the millisecond.
    pub at: DateTime<Utc>,
    /// OS user and desk name.
    pub actor: String,
    /// What, as a stable word such as `change.done`.
    pub action: String,
    /// At which account. Its environment is kept with the row.
    pub account: Option<AccountId>,
    /// On which token.
    pub token: Option<TokenId>,
    /// By which change.
    pub change: Option<ChangeId>,
    /// How it went: `ok`, `asked`, `refused`, `failed` or `conflict`.
    pub outcome: String,
    /// More on the outcome, as a stable word such as `not_found`.
    pub detail: Option<String>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// A person's words. Kept beside the row, so that it can be erased without touching the row.
    pub reason: Option<String>,
}

/// A row as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Its place in the chain: from 1, without gaps.
    pub number: i64,
    /// What was added.
    pub entry: LogEntry,
    /// Of the account, as it was then; `None` for a row about no account.
    pub environment: Option<Environment>,
    /// There were words of a person, and they were erased.
    pub reason_erased: bool,
}

/// The newest row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogHead {
    /// Its number, which is how many rows there are; 0 for an empty log.
    pub number: i64,
    /// Its hash.
    pub hash: [u8; 32],
}

/// Adds a row inside a transaction that also does what the row tells of. The transaction must be one that writes from its
/// beginning: the row is chained to the newest one, which another process may have added.
pub(crate) async fn append(tx: &mut Tx, entry: &LogEntry) -> Result<(), Fault> {
    let place = sqlx::query(
        "SELECT h.n, h.hash, (SELECT max(n) FROM log),
                coalesce((SELECT environment FROM account WHERE id = ?1),
                         (SELECT environment FROM log WHERE account = ?1 AND environment IS NOT NULL
                          ORDER BY n DESC LIMIT 1))
         FROM (SELECT 1) LEFT JOIN log_head h ON h.one = 1",
    )
    .bind(entry.account.map(|id| id.bytes().to_vec()))
    .fetch_one(&mut **tx)
    .await?;
    // A head that was taken away or set back makes the new row follow what the head says, not what is there: the break stays
    // visible for good instead of being covered by the next honest row.
    let head: i64 = place.try_get::<Option<i64>, _>(0)?.unwrap_or_default();
    let before = match place.try_get::<Option<&[u8]>, _>(1)? {
        Some(hash) => Hash::try_from(hash).map_err(|_| damaged())?,
        None => START,
    };
    let last: i64 = place.try_get::<Option<i64>, _>(2)?.unwrap_or_default();
    let environment: Option<i64> = place.try_get(3)?;
    let number = head.max(last) + 1;

    let text = entry.reason.as_deref().map(|reason| {
        let salt: Salt = rand::random();
        (salt, text_digest(&salt, reason), reason)
    });
    let (account, token, change) = (
        entry.account.map(|id| id.bytes()),
        entry.token.map(|id| id.bytes()),
        entry.change.map(|id| id.bytes()),
    );
    let columns = Columns {
        at: entry.at.timestamp_millis(),
        actor: &entry.actor,
        action: &entry.action,
        account: account.as_ref().map(|id| id.as_slice()),
        environment,
        token: token.as_ref().map(|id| id.as_slice()),
        change: change.as_ref().map(|id| id.as_slice()),
        outcome: &entry.outcome,
        detail: entry.detail.as_deref(),
        request_id: entry.request_id.as_deref(),
        text_digest: text.as_ref().map(|(_, digest, _)| digest.as_slice()),
    };
    let hash = columns.hash(&before, number, &mut Vec::new());
    row::insert(
        tx,
        &[row::NewRow {
            number,
            columns,
            hash,
        }],
    )
    .await?;
    if let Some((salt, _, reason)) = text {
        sqlx::query("INSERT INTO log_text (log, salt, text) VALUES (?1, ?2, ?3)")
            .bind(number)
            .bind(salt.as_slice())
            .bind(reason)
            .execute(&mut **tx)
            .await?;
    }
    set_head(tx, number, &hash).await
}

async fn set_head(connection: &mut SqliteConnection, number: i64, hash: &Hash) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO log_head (one, n, hash) VALUES (1, ?1, ?2)
         ON CONFLICT (one) DO UPDATE SET n = excluded.n, hash = excluded.hash",
    )
    .bind(number)
    .bind(hash.as_slice())
    .execute(connection)
    .await?;
    Ok(())
}

impl LedgerDb {
    async fn log(&self, entry: &LogEntry) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn erase_log_texts(&self, rows: &[i64], entry: &LogEntry) -> Result<u64, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let erased = sqlx::query("DELETE FROM log_text WHERE log IN (SELECT value FROM json_each(?1))")
            .bind(serde_json::json!(rows).to_string())
            .execute(&mut *tx)
            .await?
            .rows_affected();
        append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(erased)
    }

    pub(crate) async fn log_head(&self) -> Result<(LogHead, Option<DateTime<Utc>>), Fault> {
        let mut tx = self.0.reader.begin().await?;
        let row = sqlx::query("SELECT n, hash, at FROM log ORDER BY n DESC LIMIT 1")
            .fetch_optional(&mut *tx)
            .await?;
        Ok(match row {
            None => (
                LogHead {
                    number: 0,
                    hash: START,
                },
                None,
            ),
            Some(row) => (
                LogHead {
                    number: row.try_get(0)?,
                    hash: row.try_get::<&[u8], _>(1)?.try_into().map_err(|_| damaged())?,
                },
                Some(time(row.try_get(2)?)?),
            ),
        })
    }

    /// The hash of one row.
    pub(crate) async fn log_hash(&self, number: i64) -> Result<Option<Vec<u8>>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        Ok(sqlx::query_scalar("SELECT hash FROM log WHERE n = ?1")
            .bind(number)
            .fetch_optional(&mut *tx)
            .await?)
    }
}

impl Store {
    /// Adds a row, chained to the newest one inside one immediate transaction: also another process may do so beside the
    /// folder's holder.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log(&self, entry: &LogEntry) -> Result<(), StoreError> {
        Ok(self.inner.ledger.log(entry).await?)
    }

    /// Erases the free texts of these rows and adds `entry`, which tells of it, in one transaction. The rows stay, and so does
    /// the chain. Says how many texts there were.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was erased.
    pub async fn erase_log_texts(&self, rows: &[i64], entry: &LogEntry) -> Result<u64, StoreError> {
        Ok(self.inner.ledger.erase_log_texts(rows, entry).await?)
    }

    /// The newest row, to be anchored outside the ledger.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_head(&self) -> Result<LogHead, StoreError> {
        Ok(self.inner.ledger.log_head().await?.0)
    }
}

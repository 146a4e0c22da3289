//! The log: who did what to which record, when, why, and whether it worked. Rows are only ever added.

use super::{Fault, LedgerDb, id, time};
use crate::sqlite::Tx;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::Row;
use tokendesk_model::{AccountId, ChangeId, TokenId};

/// A row to be added. Ids are ours; no email, no name, no key belongs in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// OS user and desk name.
    pub actor: String,
    /// What, as a stable word such as `change.done`.
    pub action: String,
    /// At which account.
    pub account: Option<AccountId>,
    /// On which token.
    pub token: Option<TokenId>,
    /// By which change.
    pub change: Option<ChangeId>,
    /// How it went, as a stable word such as `done`.
    pub outcome: String,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// A person's words. Kept beside the row, so that it can be erased without touching the row.
    pub reason: Option<String>,
}

/// A row as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Rising, without gaps.
    pub number: i64,
    /// What was added.
    pub entry: LogEntry,
}

/// Adds a row inside a transaction that also does what the row tells of.
pub(crate) async fn append(tx: &mut Tx, entry: &LogEntry) -> Result<(), Fault> {
    let number = sqlx::query(
        "INSERT INTO log (at, actor, action, account, token, change, outcome, request_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(entry.at.timestamp_millis())
    .bind(&entry.actor)
    .bind(&entry.action)
    .bind(entry.account.map(|id| id.bytes().to_vec()))
    .bind(entry.token.map(|id| id.bytes().to_vec()))
    .bind(entry.change.map(|id| id.bytes().to_vec()))
    .bind(&entry.outcome)
    .bind(&entry.request_id)
    .execute(&mut **tx)
    .await?
    .last_insert_rowid();
    if let Some(reason) = &entry.reason {
        sqlx::query("INSERT INTO log_text (log, text) VALUES (?1, ?2)")
            .bind(number)
            .bind(reason)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

impl LedgerDb {
    async fn log(&self, entry: &LogEntry) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn log_rows(&self, limit: u32) -> Result<Vec<LogRow>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(
            "SELECT l.n, l.at, l.actor, l.action, l.account, l.token, l.change, l.outcome, l.request_id, x.text
             FROM log l LEFT JOIN log_text x ON x.log = l.n ORDER BY l.n DESC LIMIT ?1",
        )
        .bind(i64::from(limit))
        .fetch_all(&mut *tx)
        .await?;
        rows.iter()
            .map(|row| {
                let bytes = |column: usize| -> Result<Option<[u8; 16]>, Fault> {
                    row.try_get::<Option<Vec<u8>>, _>(column)?
                        .map(|bytes| id(&bytes))
                        .transpose()
                };
                Ok(LogRow {
                    number: row.try_get(0)?,
                    entry: LogEntry {
                        at: time(row.try_get(1)?)?,
                        actor: row.try_get(2)?,
                        action: row.try_get(3)?,
                        account: bytes(4)?.map(AccountId::from_bytes),
                        token: bytes(5)?.map(TokenId::from_bytes),
                        change: bytes(6)?.map(ChangeId::from_bytes),
                        outcome: row.try_get(7)?,
                        request_id: row.try_get(8)?,
                        reason: row.try_get(9)?,
                    },
                })
            })
            .collect()
    }
}

impl Store {
    /// Adds a row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log(&self, entry: &LogEntry) -> Result<(), StoreError> {
        Ok(self.inner.ledger.log(entry).await?)
    }

    /// The newest rows, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_rows(&self, limit: u32) -> Result<Vec<LogRow>, StoreError> {
        Ok(self.inner.ledger.log_rows(limit).await?)
    }
}

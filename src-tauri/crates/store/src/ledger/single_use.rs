//! Single-use tokens that the test bench made: what they are, how long they live, whether they were used.

use super::{Fault, LedgerDb, id, time};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};
use tokendesk_model::AccountId;
use uuid::Uuid;

/// One single-use token. An account has it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleUseRow {
    /// Where it was made.
    pub account: AccountId,
    /// The provider's id.
    pub remote_id: String,
    /// The provider's word for what it is.
    pub kind: String,
    /// What can be shown of the card behind it.
    pub shown: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it runs out if it is not used.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
    /// When it was found to have run out.
    pub expired_at: Option<DateTime<Utc>>,
    /// The run of a flow that made it.
    pub run: Option<Uuid>,
}

/// A page of single-use tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SingleUsePage {
    /// Newest first.
    pub items: Vec<SingleUseRow>,
    /// For `after` of the next page; `None` at the end.
    pub next: Option<i64>,
}

fn read(row: &SqliteRow) -> Result<SingleUseRow, Fault> {
    let maybe_time = |column: usize| -> Result<Option<DateTime<Utc>>, Fault> {
        row.try_get::<Option<i64>, _>(column)?.map(time).transpose()
    };
    Ok(SingleUseRow {
        account: AccountId::from_bytes(id(row.try_get(1)?)?),
        remote_id: row.try_get(2)?,
        kind: row.try_get(3)?,
        shown: row.try_get(4)?,
        created_at: time(row.try_get(5)?)?,
        expires_at: maybe_time(6)?,
        used_at: maybe_time(7)?,
        expired_at: maybe_time(8)?,
        run: row
            .try_get::<Option<&[u8]>, _>(9)?
            .map(|bytes| id(bytes).map(Uuid::from_bytes))
            .transpose()?,
    })
}

/// Those of one account (`?1`) or of all below a place (`?2`).
pub(super) fn page_sql(one_account: bool) -> String {
    let account = if one_account {
        "s.account = ?1 AND"
    } else {
        "?1 IS NULL AND"
    };
    format!(
        "SELECT s.n, s.account, s.remote_id, s.kind, s.shown, s.created_at, s.expires_at, s.used_at, s.expired_at, s.run
         FROM single_use s WHERE {account} s.n < ?2 ORDER BY s.n DESC LIMIT ?3"
    )
}

impl LedgerDb {
    async fn put_single_use(&self, account: AccountId, row: &SingleUseRow) -> Result<(), Fault> {
        let millis = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_millis());
        let mut tx = self.0.writer.begin().await?;
        let done = sqlx::query(
            "INSERT INTO single_use (account, remote_id, kind, shown, created_at, expires_at, used_at, expired_at, run)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE EXISTS (SELECT 1 FROM account a WHERE a.id = ?1)
             ON CONFLICT (account, remote_id) DO UPDATE SET kind = excluded.kind, shown = excluded.shown,
                created_at = excluded.created_at, expires_at = excluded.expires_at,
                used_at = COALESCE(single_use.used_at, excluded.used_at),
                expired_at = COALESCE(single_use.expired_at, excluded.expired_at), run = excluded.run",
        )
        .bind(account.bytes().to_vec())
        .bind(&row.remote_id)
        .bind(&row.kind)
        .bind(&row.shown)
        .bind(row.created_at.timestamp_millis())
        .bind(millis(row.expires_at))
        .bind(millis(row.used_at))
        .bind(millis(row.expired_at))
        .bind(row.run.map(|run| run.as_bytes().to_vec()))
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NoSuchAccount.into());
        }
        tx.commit().await?;
        Ok(())
    }

    async fn single_use(
        &self,
        account: Option<AccountId>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<SingleUsePage, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(AssertSqlSafe(page_sql(account.is_some())))
            .bind(account.map(|id| id.bytes().to_vec()))
            .bind(after.unwrap_or(i64::MAX))
            .bind(i64::from(limit) + 1)
            .fetch_all(&mut *tx)
            .await?;
        let length = usize::try_from(limit).unwrap_or(usize::MAX);
        let items = rows
            .iter()
            .take(length)
            .map(read)
            .collect::<Result<Vec<_>, _>>()?;
        let next = match rows.get(length.wrapping_sub(1)).filter(|_| rows.len() > length) {
            Some(last) => Some(last.try_get(0)?),
            None => None,
        };
        Ok(SingleUsePage { items, next })
    }
}

impl Store {
    /// Keeps a single-use token, or what is known of it now.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn put_single_use(&self, account: AccountId, row: &SingleUseRow) -> Result<(), StoreError> {
        Ok(self.inner.ledger.put_single_use(account, row).await?)
    }

    /// Single-use tokens of one account or of all, newest first, from behind `after` on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn single_use(
        &self,
        account: Option<AccountId>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<SingleUsePage, StoreError> {
        Ok(self.inner.ledger.single_use(account, after, limit).await?)
    }
}

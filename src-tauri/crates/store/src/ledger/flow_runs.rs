//! Runs of the test bench's flows: where each stands, and what was asked and answered.
//!
//! Must not know: which flows there are, what their state means.

use super::{Fault, LedgerDb, id, time};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};
use tokendesk_model::AccountId;
use uuid::Uuid;

/// A run of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowRun {
    /// Its id.
    pub id: Uuid,
    /// Where it runs.
    pub account: AccountId,
    /// Which flow.
    pub flow: String,
    /// Where it stands, JSON.
    pub state: String,
    /// Its steps so far with what was asked and answered, JSON, without secrets.
    pub steps: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it last moved.
    pub updated_at: DateTime<Utc>,
    /// Who runs it.
    pub actor: String,
}

/// A page of runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlowRunsPage {
    /// Newest first.
    pub items: Vec<FlowRun>,
    /// For `after` of the next page; `None` at the end.
    pub next: Option<i64>,
}

const COLUMNS: &str = "f.n, f.id, f.account, f.flow, f.state, f.steps, f.started_at, f.updated_at, f.actor";

fn read(row: &SqliteRow) -> Result<FlowRun, Fault> {
    Ok(FlowRun {
        id: Uuid::from_bytes(id(row.try_get(1)?)?),
        account: AccountId::from_bytes(id(row.try_get(2)?)?),
        flow: row.try_get(3)?,
        state: row.try_get(4)?,
        steps: row.try_get(5)?,
        started_at: time(row.try_get(6)?)?,
        updated_at: time(row.try_get(7)?)?,
        actor: row.try_get(8)?,
    })
}

/// Those of one account (`?1`) or of all below a place (`?2`).
pub(super) fn page_sql(one_account: bool) -> String {
    let account = if one_account {
        "f.account = ?1 AND"
    } else {
        "?1 IS NULL AND"
    };
    format!("SELECT {COLUMNS} FROM flow_run f WHERE {account} f.n < ?2 ORDER BY f.n DESC LIMIT ?3")
}

impl LedgerDb {
    async fn put_flow_run(&self, run: &FlowRun) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        let done = sqlx::query(
            "INSERT INTO flow_run (id, account, flow, state, steps, started_at, updated_at, actor)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS (SELECT 1 FROM account a WHERE a.id = ?2)
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, steps = excluded.steps,
                updated_at = excluded.updated_at",
        )
        .bind(run.id.as_bytes().to_vec())
        .bind(run.account.bytes().to_vec())
        .bind(&run.flow)
        .bind(&run.state)
        .bind(&run.steps)
        .bind(run.started_at.timestamp_millis())
        .bind(run.updated_at.timestamp_millis())
        .bind(&run.actor)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NoSuchAccount.into());
        }
        tx.commit().await?;
        Ok(())
    }

    async fn flow_run(&self, run: Uuid) -> Result<Option<FlowRun>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM flow_run f WHERE f.id = ?1"));
        sqlx::query(sql)
            .bind(run.as_bytes().to_vec())
            .fetch_optional(&mut *tx)
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }

    async fn flow_runs(
        &self,
        account: Option<AccountId>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<FlowRunsPage, Fault> {
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
        Ok(FlowRunsPage { items, next })
    }
}

impl Store {
    /// Keeps a run as it stands. What it is a run of, where, since when and by whom never changes.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn put_flow_run(&self, run: &FlowRun) -> Result<(), StoreError> {
        Ok(self.inner.ledger.put_flow_run(run).await?)
    }

    /// One run.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn flow_run(&self, run: Uuid) -> Result<Option<FlowRun>, StoreError> {
        Ok(self.inner.ledger.flow_run(run).await?)
    }

    /// Runs at one account or at all, newest first, from behind `after` on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn flow_runs(
        &self,
        account: Option<AccountId>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<FlowRunsPage, StoreError> {
        Ok(self.inner.ledger.flow_runs(account, after, limit).await?)
    }
}

//! Plans over many cards: their rows as they were looked at, and how far each is.
//!
//! A row is planned, left out, or has its change; where it stands then is the change's own status, kept nowhere else.

use super::change_rows::to_millis;
use super::{Fault, LedgerDb, damaged, id, time};
use crate::sqlite::Tx;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite};
use std::collections::HashMap;
use tokendesk_model::plan::Skip;
use tokendesk_model::{AccountId, ChangeId, Environment, PlanId, TokenId, Wish};

/// Rows written by one statement.
const ROWS_AT_ONCE: usize = 1_000;

/// A plan to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlan {
    /// A plan never spans two.
    pub env: Environment,
    /// What is wished of every card of it.
    pub wish: Wish,
    /// The search it was made from.
    pub query: Option<String>,
    /// Who made it.
    pub actor: String,
    /// Milliseconds it took to look at its cards.
    pub took_ms: u32,
}

/// Whether a plan runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanStatus {
    /// Only looked at.
    Draft,
    /// Its rows are queued as their turn comes.
    Running,
    /// Stopped by a person.
    Stopped,
    /// Nothing of it is left to be queued.
    Finished,
}

impl PlanStatus {
    /// The word stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Finished => "finished",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Draft, Self::Running, Self::Stopped, Self::Finished]
            .into_iter()
            .find(|status| status.as_str() == word)
    }
}

/// What a plan does at one account, as it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanAccount {
    /// Where.
    pub account: AccountId,
    /// Cards it changes.
    pub cards: u32,
    /// Cards it leaves out.
    pub skipped: u32,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// Environment.
    pub env: Environment,
    /// What is wished of every card of it.
    pub wish: Wish,
    /// The search it was made from.
    pub query: Option<String>,
    /// Who made it.
    pub actor: String,
    /// A person's words, given with the order to run it.
    pub reason: Option<String>,
    /// Whether it runs.
    pub status: PlanStatus,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Milliseconds it took to make.
    pub took_ms: u32,
    /// Cards looked at.
    pub total: u32,
    /// By account, as it was made.
    pub accounts: Vec<PlanAccount>,
    /// Left out as it was made, and why.
    pub skips: Vec<(Skip, u32)>,
}

/// A plan's rows by how far they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanCounts {
    /// Not begun.
    pub planned: u32,
    /// Held, waiting or sending.
    pub queued: u32,
    /// Confirmed by the provider.
    pub done: u32,
    /// Stuck.
    pub stuck: u32,
    /// In conflict.
    pub conflict: u32,
    /// Left out, when the plan was made or when its turn came.
    pub skipped: u32,
    /// Taken back.
    pub withdrawn: u32,
}

/// Where a row of a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowStatus {
    /// Not begun.
    Planned,
    /// Held, waiting or sending.
    Queued,
    /// Confirmed by the provider.
    Done,
    /// Stuck.
    Stuck,
    /// In conflict.
    Conflict,
    /// Left out.
    Skipped,
    /// Taken back.
    Withdrawn,
}

impl RowStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Planned,
        Self::Queued,
        Self::Done,
        Self::Stuck,
        Self::Conflict,
        Self::Skipped,
        Self::Withdrawn,
    ];

    /// The word shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Queued => "queued",
            Self::Done => "done",
            Self::Stuck => "stuck",
            Self::Conflict => "conflict",
            Self::Skipped => "skipped",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    fn of_change(word: &str) -> Self {
        match word {
            "done" => Self::Done,
            "stuck" => Self::Stuck,
            "conflict" => Self::Conflict,
            "withdrawn" => Self::Withdrawn,
            _ => Self::Queued,
        }
    }
}

/// One row of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// Its place, from 1; also the cursor behind it.
    pub number: u32,
    /// The card.
    pub token: TokenId,
    /// Its account.
    pub account: AccountId,
    /// The provider's id of the card.
    pub remote_id: String,
    /// Where it stands.
    pub status: RowStatus,
    /// Why it was left out.
    pub skip: Option<Skip>,
    /// Its change, once queued.
    pub change: Option<ChangeId>,
}

const COLUMNS: &str = "SELECT n, id, environment, field, value, query, actor, reason, status, made_at, took_ms, total, \
     accounts, skips FROM plan";

/// A plan with its number in the file.
pub(super) struct Known {
    pub n: i64,
    pub plan: Plan,
}

fn read(row: &SqliteRow) -> Result<Known, Fault> {
    let value: Option<i64> = row.try_get(4)?;
    let small = |column: usize| -> Result<u32, Fault> {
        u32::try_from(row.try_get::<i64, _>(column)?).map_err(|_| damaged())
    };
    let accounts: Vec<(AccountId, u32, u32)> =
        serde_json::from_str(row.try_get(12)?).map_err(|_| damaged())?;
    Ok(Known {
        n: row.try_get(0)?,
        plan: Plan {
            id: PlanId::from_bytes(id(row.try_get(1)?)?),
            env: Environment::from_number(row.try_get(2)?).ok_or_else(damaged)?,
            wish: Wish::from_stored(row.try_get(3)?, value.map(|v| v != 0)).ok_or_else(damaged)?,
            query: row.try_get(5)?,
            actor: row.try_get(6)?,
            reason: row.try_get(7)?,
            status: PlanStatus::from_word(row.try_get(8)?).ok_or_else(damaged)?,
            made_at: time(row.try_get(9)?)?,
            took_ms: small(10)?,
            total: small(11)?,
            accounts: accounts
                .into_iter()
                .map(|(account, cards, skipped)| PlanAccount {
                    account,
                    cards,
                    skipped,
                })
                .collect(),
            skips: serde_json::from_str(row.try_get(13)?).map_err(|_| damaged())?,
        },
    })
}

/// A plan inside a transaction.
pub(super) async fn known(tx: &mut Tx, plan: PlanId) -> Result<Known, Fault> {
    let row = sqlx::query(AssertSqlSafe(format!("{COLUMNS} WHERE id = ?1")))
        .bind(plan.bytes().to_vec())
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(StoreError::NoSuchPlan)?;
    read(&row)
}

/// What a plan is over, by account and by what is left out.
#[derive(Default)]
struct Summary {
    places: HashMap<AccountId, usize>,
    accounts: Vec<(AccountId, u32, u32)>,
    skips: Vec<(Skip, u32)>,
}

impl Summary {
    fn of(rows: &[(TokenId, AccountId, String, Option<Skip>)]) -> Self {
        let mut summary = Self::default();
        for (_, account, _, skip) in rows {
            let next = summary.accounts.len();
            let place = *summary.places.entry(*account).or_insert(next);
            if place == next {
                summary.accounts.push((*account, 0, 0));
            }
            let of_account = &mut summary.accounts[place];
            match skip {
                None => of_account.1 += 1,
                Some(why) => {
                    of_account.2 += 1;
                    match summary.skips.iter_mut().find(|(known, _)| known == why) {
                        Some((_, cards)) => *cards += 1,
                        None => summary.skips.push((*why, 1)),
                    }
                }
            }
        }
        summary
    }
}

/// The statement of a page of rows: one part for each status, led by an index and cut at the page's length. `?1` is the
/// plan's number, `?2` its id, `?3` the place behind which the page begins, `?4` its length.
pub(super) fn rows_sql(statuses: &[RowStatus]) -> String {
    const ROW: &str = "r.number, r.token, r.account, r.remote_id, r.skip, r.change";
    let wanted = |status: RowStatus| statuses.is_empty() || statuses.contains(&status);
    if RowStatus::ALL.into_iter().all(wanted) {
        return format!(
            "SELECT {ROW}, c.status FROM plan_row r LEFT JOIN change c ON c.id = r.change
             WHERE r.plan = ?1 AND r.number > ?3 AND ?2 IS NOT NULL ORDER BY r.number LIMIT ?4"
        );
    }
    let mut parts = Vec::new();
    for (status, condition) in [
        (RowStatus::Planned, "r.skip IS NULL AND r.change IS NULL"),
        (RowStatus::Skipped, "r.skip IS NOT NULL"),
    ] {
        if wanted(status) {
            parts.push(format!(
                "SELECT r.number FROM plan_row r
                 WHERE r.plan = ?1 AND r.number > ?3 AND {condition} ORDER BY r.number LIMIT ?4"
            ));
        }
    }
    for word in [
        "held",
        "waiting",
        "sending",
        "done",
        "stuck",
        "conflict",
        "withdrawn",
    ] {
        if wanted(RowStatus::of_change(word)) {
            // A change that was taken off its row again does not count.
            parts.push(format!(
                "SELECT r.number FROM change c CROSS JOIN plan_row r
                 ON r.plan = ?1 AND r.number = c.plan_row AND r.change = c.id
                 WHERE c.plan = ?2 AND c.status = '{word}' AND c.plan_row > ?3 ORDER BY c.plan_row LIMIT ?4"
            ));
        }
    }
    let parts: Vec<String> = parts
        .into_iter()
        .map(|part| format!("SELECT number FROM ({part})"))
        .collect();
    format!(
        "SELECT {ROW}, c.status FROM ({}) p CROSS JOIN plan_row r ON r.plan = ?1 AND r.number = p.number
         LEFT JOIN change c ON c.id = r.change ORDER BY r.number LIMIT ?4",
        parts.join(" UNION ALL ")
    )
}

impl LedgerDb {
    async fn create_plan(
        &self,
        new: NewPlan,
        rows: &[(TokenId, AccountId, String, Option<Skip>)],
        now: DateTime<Utc>,
    ) -> Result<PlanId, Fault> {
        let plan = PlanId::new();
        let summary = Summary::of(rows);
        let mut tx = self.0.writer.begin().await?;
        let n = sqlx::query(
            "INSERT INTO plan (id, environment, field, value, query, actor, status, made_at, took_ms, total, accounts,
                               skips)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'draft', ?7, ?8, ?9, ?10, ?11)",
        )
        .bind(plan.bytes().to_vec())
        .bind(new.env.number())
        .bind(new.wish.field())
        .bind(new.wish.value())
        .bind(new.query)
        .bind(new.actor)
        .bind(now.timestamp_millis())
        .bind(i64::from(new.took_ms))
        .bind(i64::try_from(rows.len()).unwrap_or(i64::MAX))
        .bind(serde_json::json!(summary.accounts).to_string())
        .bind(serde_json::json!(summary.skips).to_string())
        .execute(&mut *tx)
        .await?
        .last_insert_rowid();
        let mut number = 0_i64;
        for some in rows.chunks(ROWS_AT_ONCE) {
            let mut insert: QueryBuilder<Sqlite> =
                QueryBuilder::new("INSERT INTO plan_row (plan, number, token, account, remote_id, skip) ");
            insert.push_values(some, |mut values, (token, account, remote_id, skip)| {
                number += 1;
                let place = summary.places.get(account).copied().unwrap_or_default();
                values
                    .push_bind(n)
                    .push_bind(number)
                    .push_bind(token.bytes().to_vec())
                    .push_bind(i64::try_from(place).unwrap_or_default())
                    .push_bind(remote_id.as_str())
                    .push_bind(skip.map(|skip| skip.as_str()));
            });
            // Kept only while there are more of the same.
            let statement = insert.build().persistent(some.len() == ROWS_AT_ONCE);
            statement.execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(plan)
    }

    async fn plan(&self, plan: PlanId) -> Result<Option<Plan>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        match known(&mut tx, plan).await {
            Ok(known) => Ok(Some(known.plan)),
            Err(fault) => match StoreError::from(fault) {
                StoreError::NoSuchPlan => Ok(None),
                other => Err(other.into()),
            },
        }
    }

    async fn plans(&self, only: Option<PlanStatus>, limit: u32) -> Result<Vec<Plan>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let sql = match only {
            Some(_) => format!("{COLUMNS} WHERE status = ?1 ORDER BY n DESC LIMIT ?2"),
            None => format!("{COLUMNS} WHERE ?1 IS NULL ORDER BY n DESC LIMIT ?2"),
        };
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(only.map(PlanStatus::as_str))
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await?;
        rows.iter().map(|row| Ok(read(row)?.plan)).collect()
    }

    async fn plan_counts(&self, plan: PlanId) -> Result<PlanCounts, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let known = known(&mut tx, plan).await?;
        let mut counts = PlanCounts::default();
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM plan_row WHERE plan = ?1 AND skip IS NULL AND change IS NULL),
                    (SELECT count(*) FROM plan_row WHERE plan = ?1 AND skip IS NOT NULL)",
        )
        .bind(known.n)
        .fetch_one(&mut *tx)
        .await?;
        let number = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        counts.planned = number(row.try_get(0)?);
        counts.skipped = number(row.try_get(1)?);
        // Only a withdrawn change can have been taken off its row, so the others are counted without their rows.
        let rows = sqlx::query(
            "SELECT status, count(*) FROM change WHERE plan = ?1 AND status <> 'withdrawn' GROUP BY status",
        )
        .bind(plan.bytes().to_vec())
        .fetch_all(&mut *tx)
        .await?;
        for row in &rows {
            let n = number(row.try_get(1)?);
            match RowStatus::of_change(row.try_get(0)?) {
                RowStatus::Done => counts.done += n,
                RowStatus::Stuck => counts.stuck += n,
                RowStatus::Conflict => counts.conflict += n,
                _ => counts.queued += n,
            }
        }
        let standing =
            counts.planned + counts.skipped + counts.queued + counts.done + counts.stuck + counts.conflict;
        counts.withdrawn = known.plan.total.saturating_sub(standing);
        Ok(counts)
    }

    async fn plan_rows(
        &self,
        plan: PlanId,
        statuses: &[RowStatus],
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<PlanRow>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let known = known(&mut tx, plan).await?;
        let rows = sqlx::query(AssertSqlSafe(rows_sql(statuses)))
            .bind(known.n)
            .bind(plan.bytes().to_vec())
            .bind(i64::from(after.unwrap_or_default()))
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await?;
        rows.iter()
            .map(|row| {
                let skip: Option<&str> = row.try_get(4)?;
                let change: Option<&[u8]> = row.try_get(5)?;
                let status: Option<&str> = row.try_get(6)?;
                let place = usize::try_from(row.try_get::<i64, _>(2)?).map_err(|_| damaged())?;
                let skip = skip
                    .map(|word| Skip::from_word(word).ok_or_else(damaged))
                    .transpose()?;
                Ok(PlanRow {
                    number: u32::try_from(row.try_get::<i64, _>(0)?).map_err(|_| damaged())?,
                    token: TokenId::from_bytes(id(row.try_get(1)?)?),
                    account: known.plan.accounts.get(place).ok_or_else(damaged)?.account,
                    remote_id: row.try_get(3)?,
                    status: match (skip, status) {
                        (Some(_), _) => RowStatus::Skipped,
                        (None, Some(word)) => RowStatus::of_change(word),
                        (None, None) => RowStatus::Planned,
                    },
                    skip,
                    change: change.map(id).transpose()?.map(ChangeId::from_bytes),
                })
            })
            .collect()
    }

    async fn set_plan(&self, plan: PlanId, status: PlanStatus, reason: Option<&str>) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        let done = sqlx::query("UPDATE plan SET status = ?2, reason = ifnull(?3, reason) WHERE id = ?1")
            .bind(plan.bytes().to_vec())
            .bind(status.as_str())
            .bind(reason)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NoSuchPlan.into());
        }
        tx.commit().await?;
        Ok(())
    }

    async fn drop_plan(&self, plan: PlanId) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        let known = known(&mut tx, plan).await?;
        if known.plan.status != PlanStatus::Draft {
            return Err(StoreError::PlanHasRun.into());
        }
        for sql in [
            "DELETE FROM plan_row WHERE plan = ?1",
            "DELETE FROM plan WHERE n = ?1",
        ] {
            sqlx::query(sql).bind(known.n).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

impl Store {
    /// Keeps a plan as a draft. Nothing is changed by it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_plan(
        &self,
        new: NewPlan,
        rows: &[(TokenId, AccountId, String, Option<Skip>)],
        now: DateTime<Utc>,
    ) -> Result<PlanId, StoreError> {
        Ok(self.inner.ledger.create_plan(new, rows, to_millis(now)).await?)
    }

    /// One plan, with what it does by account and what it leaves out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plan(&self, plan: PlanId) -> Result<Option<Plan>, StoreError> {
        Ok(self.inner.ledger.plan(plan).await?)
    }

    /// The newest plans, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plans(&self, limit: u32) -> Result<Vec<Plan>, StoreError> {
        Ok(self.inner.ledger.plans(None, limit).await?)
    }

    /// Plans that run, to go on with after a restart. Newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn running_plans(&self) -> Result<Vec<Plan>, StoreError> {
        Ok(self
            .inner
            .ledger
            .plans(Some(PlanStatus::Running), u32::MAX)
            .await?)
    }

    /// How far a plan is.
    ///
    /// # Errors
    /// [`StoreError::NoSuchPlan`].
    pub async fn plan_counts(&self, plan: PlanId) -> Result<PlanCounts, StoreError> {
        Ok(self.inner.ledger.plan_counts(plan).await?)
    }

    /// Rows behind the place `after`, in the plan's order; without `statuses` of any.
    ///
    /// # Errors
    /// [`StoreError::NoSuchPlan`].
    pub async fn plan_rows(
        &self,
        plan: PlanId,
        statuses: &[RowStatus],
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<PlanRow>, StoreError> {
        Ok(self.inner.ledger.plan_rows(plan, statuses, after, limit).await?)
    }

    /// The next rows whose turn has not come.
    ///
    /// # Errors
    /// [`StoreError::NoSuchPlan`].
    pub async fn next_planned(&self, plan: PlanId, limit: u32) -> Result<Vec<PlanRow>, StoreError> {
        self.plan_rows(plan, &[RowStatus::Planned], None, limit).await
    }

    /// Says whether a plan runs. A reason is kept if there is one.
    ///
    /// # Errors
    /// [`StoreError::NoSuchPlan`].
    pub async fn set_plan(
        &self,
        plan: PlanId,
        status: PlanStatus,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        Ok(self.inner.ledger.set_plan(plan, status, reason).await?)
    }

    /// Forgets a draft.
    ///
    /// # Errors
    /// [`StoreError::PlanHasRun`] for any other; [`StoreError::NoSuchPlan`].
    pub async fn drop_plan(&self, plan: PlanId) -> Result<(), StoreError> {
        Ok(self.inner.ledger.drop_plan(plan).await?)
    }
}

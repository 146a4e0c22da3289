//! A plan at work: its rows become changes, and changes that were not sent become rows again.

use super::change_rows::to_millis;
use super::lanes::{Cut, LaneRows, Told, cut_after, cut_before};
use super::log::append;
use super::outbox::{NewChange, enqueue_in};
use super::plans::{PlanStatus, known};
use super::{Fault, LedgerDb, id};
use crate::crash::CrashPoint;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::Row;
use tokendesk_model::plan::Skip;
use tokendesk_model::{Change, ChangeId, PlanId, TokenId};

/// How many changes are taken back in one transaction.
const UNQUEUED_AT_ONCE: i64 = 200;
const QUEUE: Cut = Some((
    CrashPoint::QueuePlannedNotCommitted,
    CrashPoint::QueuePlannedCommitted,
));

impl LedgerDb {
    async fn queue_planned(
        &self,
        plan: PlanId,
        rows: Vec<(u32, Result<NewChange, Skip>)>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Change>, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let known = known(&mut tx, plan).await?;
        if known.plan.status != PlanStatus::Running {
            return Ok(Vec::new());
        }
        let mut queued = Vec::new();
        for (number, row) in rows {
            let planned: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM plan_row
                 WHERE plan = ?1 AND number = ?2 AND skip IS NULL AND change IS NULL",
            )
            .bind(known.n)
            .bind(i64::from(number))
            .fetch_one(&mut *tx)
            .await?;
            if planned == 0 {
                continue;
            }
            let row = match row {
                Ok(new) => {
                    let new = NewChange {
                        plan: Some(plan),
                        ..new
                    };
                    match enqueue_in(&mut tx, new, now, Some(i64::from(number))).await? {
                        Ok(change) => Ok(change),
                        Err(StoreError::Lane(_)) => Err(Skip::DeletionWaiting),
                        Err(_) => Err(Skip::Unknown),
                    }
                }
                Err(skip) => Err(skip),
            };
            sqlx::query("UPDATE plan_row SET skip = ?3, change = ?4 WHERE plan = ?1 AND number = ?2")
                .bind(known.n)
                .bind(i64::from(number))
                .bind(row.as_ref().err().map(Skip::as_str))
                .bind(row.as_ref().ok().map(|change| change.id.bytes().to_vec()))
                .execute(&mut *tx)
                .await?;
            queued.extend(row.ok());
        }
        cut_before(QUEUE);
        tx.commit().await?;
        cut_after(QUEUE);
        Ok(queued)
    }

    // Takes some changes back and says which tokens they were of, and behind which number to go on.
    async fn unqueue_some(
        &self,
        plan: PlanId,
        after: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<(Vec<TokenId>, i64)>, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let known = known(&mut tx, plan).await?;
        let rows = sqlx::query(
            "SELECT c.n, c.id, c.plan_row FROM change c INDEXED BY change_plan
             WHERE c.plan = ?1 AND c.n > ?2 AND c.attempts = 0 AND c.status IN ('held', 'waiting')
             ORDER BY c.n LIMIT ?3",
        )
        .bind(plan.bytes().to_vec())
        .bind(after)
        .bind(UNQUEUED_AT_ONCE)
        .fetch_all(&mut *tx)
        .await?;
        let mut tokens = Vec::new();
        let mut last = None;
        for row in &rows {
            last = Some(row.try_get(0)?);
            let change = ChangeId::from_bytes(id(row.try_get(1)?)?);
            let number: Option<i64> = row.try_get(2)?;
            let mut lane = LaneRows::of(&mut tx, change).await?;
            // One that could not be read is left for a person.
            if lane.lane.undo(change, now).is_err() {
                continue;
            }
            lane.write(&mut tx, None, None).await?;
            if let Some(undone) = lane.lane.get(change) {
                tokens.push(undone.token);
                append(
                    &mut tx,
                    &Told::by(&known.plan.actor, "change.undone").entry(undone, now),
                )
                .await?;
            }
            sqlx::query("UPDATE plan_row SET change = NULL WHERE plan = ?1 AND number = ?2 AND change = ?3")
                .bind(known.n)
                .bind(number)
                .bind(change.bytes().to_vec())
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(last.map(|last| (tokens, last)))
    }
}

impl Store {
    /// Queues rows of a running plan, or leaves them out for what was found when their turn came; row and change in one
    /// transaction. A row that is not planned any more is passed over, so nothing is queued twice, and of a plan that does
    /// not run nothing is queued. Answers the changes that were.
    ///
    /// # Errors
    /// [`StoreError::NoSuchPlan`].
    pub async fn queue_planned(
        &self,
        plan: PlanId,
        rows: Vec<(u32, Result<NewChange, Skip>)>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Change>, StoreError> {
        let queued = self
            .inner
            .ledger
            .queue_planned(plan, rows, to_millis(now))
            .await?;
        let tokens: Vec<TokenId> = queued.iter().map(|change| change.token).collect();
        if !tokens.is_empty() {
            self.show_overlays(&tokens).await;
        }
        Ok(queued)
    }

    /// Takes back the changes of a plan that are held or wait and were never sent; their rows are planned again. Says how
    /// many.
    ///
    /// # Errors
    /// [`StoreError::NoSuchPlan`].
    pub async fn unqueue_plan(&self, plan: PlanId, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let now = to_millis(now);
        let (mut undone, mut after) = (0, 0);
        while let Some((tokens, last)) = self.inner.ledger.unqueue_some(plan, after, now).await? {
            self.show_overlays(&tokens).await;
            undone += tokens.len();
            after = last;
        }
        Ok(undone)
    }
}

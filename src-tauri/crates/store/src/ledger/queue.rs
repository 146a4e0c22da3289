//! The outbox at work: what can be sent, what is on its way, how it ended.

use super::change_rows::{self, COLUMNS, holds_lane};
use super::log::{LogEntry, append};
use super::{Fault, LedgerDb, time};
use crate::sqlite::Tx;
use crate::{Finished, Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row};
use tokendesk_model::change::Withdrawn;
use tokendesk_model::{Change, ChangeId, ChangeStatus, TokenId};

// The head of a lane that nothing holds: its oldest waiting change, with nothing of the lane on its way, nothing stuck
// before it that holds the lane, and an account that works.
const FREE_HEADS: &str = "FROM change c
     WHERE c.status = 'waiting'
       AND NOT EXISTS (SELECT 1 FROM change o WHERE o.token = c.token AND o.status = 'sending')
       AND NOT EXISTS (SELECT 1 FROM change o WHERE o.token = c.token AND o.n < c.n
                       AND (o.status = 'waiting' OR (o.status = 'stuck' AND o.holds_lane = 1)))
       AND EXISTS (SELECT 1 FROM account a WHERE a.id = c.account AND a.paused IS NULL)";

impl LedgerDb {
    async fn sendable(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Change>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let sql = format!(
            "SELECT {COLUMNS} {FREE_HEADS} AND (c.next_attempt_at IS NULL OR c.next_attempt_at <= ?1)
             ORDER BY c.n LIMIT ?2"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(now.timestamp_millis())
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await?;
        rows.iter().map(change_rows::read).collect()
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let sql = format!("SELECT min(ifnull(c.next_attempt_at, c.created_at)) {FREE_HEADS}");
        let due: Option<i64> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *tx).await?;
        due.map(time).transpose()
    }

    async fn mark_sending(&self, id: ChangeId, now: DateTime<Utc>) -> Result<Change, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let done = sqlx::query(
            "UPDATE change SET status = 'sending', attempts = attempts + 1, updated_at = ?2
             WHERE id = ?1 AND status = 'waiting'
               AND NOT EXISTS (SELECT 1 FROM change o WHERE o.token = change.token AND o.status = 'sending')",
        )
        .bind(id.bytes().to_vec())
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await?;
        let change = in_tx(&mut tx, id).await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotWaiting.into());
        }
        tx.commit().await?;
        Ok(change)
    }

    async fn finish(
        &self,
        id: ChangeId,
        result: &Finished,
        request_id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<TokenId, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let change = in_tx(&mut tx, id).await?;
        if !matches!(change.status, ChangeStatus::Waiting | ChangeStatus::Sending) {
            return Err(StoreError::TooLate.into());
        }
        let (status, stuck, holds, outcome) = match result {
            Finished::Done => ("done", None, false, "done".to_owned()),
            Finished::Stuck(stuck) => {
                let json = serde_json::json!(stuck);
                let kind = json
                    .get("kind")
                    .and_then(|kind| kind.as_str())
                    .unwrap_or("stuck")
                    .to_owned();
                ("stuck", Some(json.to_string()), holds_lane(stuck), kind)
            }
        };
        sqlx::query(
            "UPDATE change SET status = ?2, stuck = ?3, holds_lane = ?4, request_id = coalesce(?5, request_id),
                               next_attempt_at = NULL, updated_at = ?6
             WHERE id = ?1",
        )
        .bind(id.bytes().to_vec())
        .bind(status)
        .bind(stuck)
        .bind(holds)
        .bind(request_id)
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await?;
        let entry = LogEntry {
            at: now,
            actor: change.actor,
            action: match change.wish.value() {
                Some(on) => format!("{}.{}", change.wish.field(), if on { "on" } else { "off" }),
                None => change.wish.field().to_owned(),
            },
            account: Some(change.account),
            token: Some(change.token),
            change: Some(change.id),
            outcome,
            request_id: request_id.map(str::to_owned),
            reason: change.reason,
        };
        append(&mut tx, &entry).await?;
        tx.commit().await?;
        Ok(change.token)
    }

    // One step of one change: `allowed` says from where, `set` what to write. Idempotent where `already` says so.
    async fn step(
        &self,
        id: ChangeId,
        now: DateTime<Utc>,
        allowed: fn(&ChangeStatus) -> bool,
        already: fn(&ChangeStatus) -> bool,
        set: &'static str,
        until: Option<DateTime<Utc>>,
    ) -> Result<TokenId, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let change = in_tx(&mut tx, id).await?;
        if already(&change.status) {
            return Ok(change.token);
        }
        if !allowed(&change.status) {
            return Err(StoreError::TooLate.into());
        }
        sqlx::query(set)
            .bind(id.bytes().to_vec())
            .bind(now.timestamp_millis())
            .bind(until.map(|at| at.timestamp_millis()))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(change.token)
    }

    async fn recover(&self, now: DateTime<Utc>) -> Result<usize, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let done = sqlx::query(
            "UPDATE change SET status = 'waiting', next_attempt_at = NULL, updated_at = ?1 WHERE status = 'sending'",
        )
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
    }

    /// Keeps a tombstone where a deletion of ours led to the token being gone.
    pub(crate) async fn bury(&self, token: TokenId, at: DateTime<Utc>) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        sqlx::query(
            "INSERT INTO tombstone (token, account, remote_id, change, at)
             SELECT token, account, remote_id, id, ?2 FROM change
             WHERE token = ?1 AND field = 'delete' AND status IN ('sending', 'done') ORDER BY n DESC LIMIT 1
             ON CONFLICT (token) DO NOTHING",
        )
        .bind(token.bytes().to_vec())
        .bind(at.timestamp_millis())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether a deletion of ours was confirmed by the token being gone.
    pub(crate) async fn is_buried(&self, token: TokenId) -> Result<bool, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let row = sqlx::query("SELECT 1 FROM tombstone WHERE token = ?1")
            .bind(token.bytes().to_vec())
            .fetch_optional(&mut *tx)
            .await?;
        Ok(row.map(|row| row.try_get::<i64, _>(0)).transpose()?.is_some())
    }
}

async fn in_tx(tx: &mut Tx, id: ChangeId) -> Result<Change, Fault> {
    let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM change c WHERE c.id = ?1"));
    let row = sqlx::query(sql)
        .bind(id.bytes().to_vec())
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref()
        .map(change_rows::read)
        .transpose()?
        .ok_or_else(|| StoreError::NoSuchChange.into())
}

impl Store {
    /// What can be sent now: of each lane its oldest waiting change, if it is due, nothing of the lane is on its way, no
    /// earlier stuck change holds the lane, and the account is not paused. Oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sendable(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Change>, StoreError> {
        Ok(self.inner.ledger.sendable(now, limit).await?)
    }

    /// When the next change can be sent: in the past if one can now, `None` if none ever will without a person or the end
    /// of what is on its way.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self.inner.ledger.next_due().await?)
    }

    /// Marks a change as on its way and counts the attempt. Stored before the first byte is sent.
    ///
    /// # Errors
    /// [`StoreError::NotWaiting`] when it does not wait or its lane has another one on its way;
    /// [`StoreError::NoSuchChange`].
    pub async fn mark_sending(&self, id: ChangeId, now: DateTime<Utc>) -> Result<Change, StoreError> {
        Ok(self.inner.ledger.mark_sending(id, now).await?)
    }

    /// Ends sending, with a row in the log in the same transaction; then the overlay is dropped.
    ///
    /// # Errors
    /// [`StoreError::TooLate`] when the change is neither waiting nor on its way; [`StoreError::NoSuchChange`].
    pub async fn finish(
        &self,
        id: ChangeId,
        result: &Finished,
        request_id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let token = self.inner.ledger.finish(id, result, request_id, now).await?;
        self.show_overlays(&[token]).await;
        Ok(())
    }

    /// Puts a change back to waiting, not to be sent before `until`.
    ///
    /// # Errors
    /// [`StoreError::TooLate`] when it is not on its way; [`StoreError::NoSuchChange`].
    pub async fn postpone(
        &self,
        id: ChangeId,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let set = "UPDATE change SET status = 'waiting', next_attempt_at = ?3, updated_at = ?2 WHERE id = ?1";
        let sending = |status: &ChangeStatus| matches!(status, ChangeStatus::Sending);
        self.inner
            .ledger
            .step(id, now, sending, |_| false, set, Some(until))
            .await?;
        Ok(())
    }

    /// At start: what was on its way waits again, to be read before anything is repeated. Says how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recover(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        Ok(self.inner.ledger.recover(now).await?)
    }

    /// Lets a stuck change wait again.
    ///
    /// # Errors
    /// [`StoreError::TooLate`] when it is not stuck; [`StoreError::NoSuchChange`].
    pub async fn retry(&self, id: ChangeId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let set =
            "UPDATE change SET status = 'waiting', stuck = NULL, holds_lane = 0, next_attempt_at = NULL,
                   updated_at = ?2 WHERE id = ?1";
        let stuck = |status: &ChangeStatus| matches!(status, ChangeStatus::Stuck(_));
        let token = self
            .inner
            .ledger
            .step(id, now, stuck, |_| false, set, None)
            .await?;
        self.show_overlays(&[token]).await;
        Ok(())
    }

    /// Takes a waiting or stuck change back. Twice is as good as once.
    ///
    /// # Errors
    /// [`StoreError::TooLate`] when it is on its way or done; [`StoreError::NoSuchChange`].
    pub async fn discard(&self, id: ChangeId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let set =
            "UPDATE change SET status = 'withdrawn', withdrawn = 'discard', updated_at = ?2 WHERE id = ?1";
        let open = |status: &ChangeStatus| matches!(status, ChangeStatus::Waiting | ChangeStatus::Stuck(_));
        let gone = |status: &ChangeStatus| matches!(status, ChangeStatus::Withdrawn(Withdrawn::Discard));
        let token = self.inner.ledger.step(id, now, open, gone, set, None).await?;
        self.show_overlays(&[token]).await;
        Ok(())
    }
}

//! The outbox at work: what can be sent, what is on its way, how it ended.

use super::change_rows::{self, COLUMNS, Stored, to_millis};
use super::lanes::{LaneRows, Told};
use super::{Fault, LedgerDb, id};
use crate::crash::CrashPoint;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row};
use tokendesk_model::lane::{Decision, Ended};
use tokendesk_model::{AccountId, Change, ChangeId, Environment, Seen, Stuck, TokenId};

// The head of a lane that nothing holds, as `Lane::next` says: the oldest change under way, if it waits, nothing of the
// lane is on its way, nothing that needs a person stands before it and stops the lane; and an account that works
// and may be written through.
const FREE_HEADS: &str = "c.status = 'waiting'
       AND +c.account IN (SELECT id FROM account WHERE paused IS NULL AND read_only = 0 AND (?1 IS NULL OR environment = ?1))
       AND NOT EXISTS (SELECT 1 FROM change o WHERE o.token = c.token AND o.status = 'sending')
       AND NOT EXISTS (SELECT 1 FROM change o WHERE o.token = c.token AND o.status IN ('held', 'waiting') AND o.n < c.n)
       AND NOT EXISTS (SELECT 1 FROM change o WHERE o.token = c.token AND o.status IN ('conflict', 'stuck')
                       AND o.n < c.n AND o.stops_lane = 1)";

/// What can be sent at `?2` in environment `?1`, at most `?3`; of the accounts listed in `?4`, or of all.
pub(super) fn sendable_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM change c INDEXED BY change_status WHERE {FREE_HEADS}
           AND (c.next_attempt_at IS NULL OR c.next_attempt_at <= ?2)
           AND (?4 IS NULL OR +c.account IN (SELECT unhex(value) FROM json_each(?4)))
         ORDER BY c.n LIMIT ?3"
    )
}

/// What can be sent first: a head without a time, then the head whose time comes first.
pub(super) fn due_sql() -> [String; 2] {
    [
        format!(
            "SELECT {COLUMNS} FROM change c INDEXED BY change_status WHERE {FREE_HEADS} AND c.next_attempt_at IS NULL
             ORDER BY c.n LIMIT 1"
        ),
        format!(
            "SELECT {COLUMNS} FROM change c INDEXED BY change_later WHERE {FREE_HEADS} AND c.next_attempt_at IS NOT NULL
             ORDER BY c.next_attempt_at LIMIT 1"
        ),
    ]
}

impl LedgerDb {
    async fn heads(
        &self,
        now: DateTime<Utc>,
        limit: u32,
        env: Option<Environment>,
        accounts: Option<&[AccountId]>,
    ) -> Result<Vec<Stored>, Fault> {
        let hex = |account: &AccountId| crate::key::hex(&account.bytes());
        let accounts = accounts.map(|accounts| accounts.iter().map(hex).collect::<Vec<_>>());
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(AssertSqlSafe(sendable_sql()))
            .bind(env.map(|env| env.number()))
            .bind(now.timestamp_millis())
            .bind(i64::from(limit))
            .bind(accounts.map(|accounts| serde_json::json!(accounts).to_string()))
            .fetch_all(&mut *tx)
            .await?;
        rows.iter().map(change_rows::read).collect()
    }

    async fn first_due(&self) -> Result<Option<Stored>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        for sql in due_sql() {
            let row = sqlx::query(AssertSqlSafe(sql))
                .bind(None::<i64>)
                .fetch_optional(&mut *tx)
                .await?;
            if let Some(row) = row {
                return Ok(Some(change_rows::read(&row)?));
            }
        }
        Ok(None)
    }

    // Keeps as stuck what cannot be read: it would be met again and again.
    async fn set_aside(&self, changes: &[ChangeId]) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        for change in changes {
            LaneRows::of(&mut tx, *change)
                .await?
                .write(&mut tx, None, None)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn recover(&self, now: DateTime<Utc>) -> Result<usize, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let tokens = sqlx::query("SELECT token FROM change WHERE status = 'sending' ORDER BY n")
            .fetch_all(&mut *tx)
            .await?;
        for row in &tokens {
            let token = TokenId::from_bytes(id(row.try_get(0)?)?);
            let mut rows = LaneRows::of_token(&mut tx, token, None).await?;
            rows.lane.recover(now);
            rows.write(&mut tx, None, None).await?;
        }
        tx.commit().await?;
        Ok(tokens.len())
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

fn told_of<'a>(ended: &Ended, request_id: Option<&'a str>) -> Told<'a> {
    let (action, outcome, detail) = match ended {
        Ended::Done(_) => ("change.done", "ok", None),
        Ended::Conflict(conflict) => ("change.conflict", "conflict", Some(conflict.kind.as_str())),
        Ended::Stuck(why @ Stuck::Refused { .. }) => ("change.stuck", "refused", Some(stuck_word(why))),
        Ended::Stuck(why) => ("change.stuck", "failed", Some(stuck_word(why))),
    };
    Told {
        actor: None,
        action,
        outcome,
        detail,
        request_id,
    }
}

fn stuck_word(why: &Stuck) -> &'static str {
    match why {
        Stuck::Ignored => "ignored",
        Stuck::Refused { .. } => "refused",
        Stuck::Forbidden => "forbidden",
        Stuck::NotFound => "not_found",
        Stuck::NotPossibleHere => "not_possible_here",
        Stuck::KeptChanging => "kept_changing",
        Stuck::AnswerLost => "answer_lost",
        Stuck::Unreadable => "unreadable",
    }
}

impl Store {
    /// What can be sent now, in one environment or in all: of each lane the change that [`tokendesk_model::Lane::next`]
    /// names, if it is due and its account is neither paused nor read-only. Oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sendable(
        &self,
        now: DateTime<Utc>,
        limit: u32,
        env: Option<Environment>,
    ) -> Result<Vec<Change>, StoreError> {
        self.sendable_of(None, now, limit, env).await
    }

    /// As [`Self::sendable`], of these accounts only: what waits for others, however much it is, is not in the way.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sendable_of(
        &self,
        accounts: Option<&[AccountId]>,
        now: DateTime<Utc>,
        limit: u32,
        env: Option<Environment>,
    ) -> Result<Vec<Change>, StoreError> {
        loop {
            let heads = self.inner.ledger.heads(now, limit, env, accounts).await?;
            if !self.keep_unreadable(&heads).await? {
                return Ok(heads.into_iter().map(|head| head.change).collect());
            }
        }
    }

    /// When the next change can be sent: in the past if one can now, `None` if none ever will without a person or the end
    /// of what is on its way.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        loop {
            let head = self.inner.ledger.first_due().await?;
            if !self.keep_unreadable(head.as_slice()).await? {
                return Ok(head.map(|head| head.change.next_attempt_at.unwrap_or(head.change.created_at)));
            }
        }
    }

    // Whether some of them could not be read: they are stuck now, and no heads any more.
    async fn keep_unreadable(&self, heads: &[Stored]) -> Result<bool, StoreError> {
        let unreadable: Vec<&Change> = heads
            .iter()
            .filter(|head| head.set_aside)
            .map(|head| &head.change)
            .collect();
        if unreadable.is_empty() {
            return Ok(false);
        }
        let ids: Vec<ChangeId> = unreadable.iter().map(|change| change.id).collect();
        self.inner.ledger.set_aside(&ids).await?;
        let tokens: Vec<TokenId> = unreadable.iter().map(|change| change.token).collect();
        self.show_overlays(&tokens).await;
        Ok(true)
    }

    /// Marks a change as on its way and counts the attempt. Stored before the first byte is sent.
    ///
    /// # Errors
    /// [`StoreError::Lane`] when it is not next in its lane; [`StoreError::NoSuchChange`].
    pub async fn mark_sending(&self, id: ChangeId, now: DateTime<Utc>) -> Result<Change, StoreError> {
        let now = to_millis(now);
        let cut = Some((CrashPoint::SendingNotCommitted, CrashPoint::SendingCommitted));
        let ledger = &self.inner.ledger;
        let (change, ()) = ledger
            .step(id, now, None, cut, |lane| lane.start(id, now))
            .await?;
        Ok(change)
    }

    /// Ends an attempt, with a row in the log in the same transaction; then the overlay is dropped.
    ///
    /// # Errors
    /// [`StoreError::Lane`] when the change is neither waiting nor on its way; [`StoreError::NoSuchChange`].
    pub async fn finish(
        &self,
        id: ChangeId,
        ended: Ended,
        request_id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Change, StoreError> {
        let now = to_millis(now);
        let cut = Some((CrashPoint::FinishNotCommitted, CrashPoint::FinishCommitted));
        let told = Some(told_of(&ended, request_id));
        let ledger = &self.inner.ledger;
        let (change, ()) = ledger
            .step(id, now, told, cut, |lane| lane.finish(id, ended, now))
            .await?;
        self.show_overlays(&[change.token]).await;
        Ok(change)
    }

    /// Puts a change that was on its way back to waiting, not to be sent before `until`. `lost` is whether a write of it
    /// may have been done or may still be done.
    ///
    /// # Errors
    /// [`StoreError::Lane`] when it is not on its way; [`StoreError::NoSuchChange`].
    pub async fn postpone(
        &self,
        id: ChangeId,
        until: Option<DateTime<Utc>>,
        lost: bool,
        now: DateTime<Utc>,
    ) -> Result<Change, StoreError> {
        let now = to_millis(now);
        let until = until.map(to_millis);
        let cut = Some((CrashPoint::PostponeNotCommitted, CrashPoint::PostponeCommitted));
        let ledger = &self.inner.ledger;
        let (change, ()) = ledger
            .step(id, now, None, cut, |lane| lane.postpone(id, until, lost, now))
            .await?;
        self.show_overlays(&[change.token]).await;
        Ok(change)
    }

    /// What to do with a change that is on its way, given a read at most two seconds old, as
    /// [`tokendesk_model::Lane::decide`] says; what the read tells of a doubt is kept.
    ///
    /// # Errors
    /// [`StoreError::NoSuchChange`].
    pub async fn decide(
        &self,
        id: ChangeId,
        read: &Seen,
        flipped: bool,
        now: DateTime<Utc>,
    ) -> Result<Decision, StoreError> {
        let now = to_millis(now);
        let ledger = &self.inner.ledger;
        let (_, decision) = ledger
            .step(id, now, None, None, |lane| lane.decide(id, read, flipped, now))
            .await?;
        Ok(decision)
    }

    /// Keeps what a read shows while somebody else's lost write is in doubt. Answers when to read again, `None` when the
    /// doubt is settled (or is about the change's own write, which is settled by reading before a repeat).
    ///
    /// # Errors
    /// [`StoreError::NoSuchChange`].
    pub async fn read_in_doubt(
        &self,
        id: ChangeId,
        read: &Seen,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let now = to_millis(now);
        let ledger = &self.inner.ledger;
        let (_, again) = ledger
            .step(id, now, None, None, |lane| lane.read_in_doubt(id, read, now))
            .await?;
        Ok(again)
    }

    /// At start: what was on its way waits again, its write in doubt. Says how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recover(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let recovered = self.inner.ledger.recover(to_millis(now)).await?;
        if recovered > 0 {
            self.renew_overlays().await?;
        }
        Ok(recovered)
    }
}

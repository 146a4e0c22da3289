//! The outbox as people use it: what they want, take back and decide, durably queued before anything shows it.

use super::change_rows::to_millis;
use super::lanes::{Cut, LaneRows, Told, cut_after, cut_before, refusal};
use super::log::append;
use super::{Fault, LedgerDb, id_list};
use crate::crash::CrashPoint;
use crate::sqlite::Tx;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::lane::Keep;
use tokendesk_model::{
    AccountId, Change, ChangeId, ChangeLabel, ChangeStatus, LaneError, PlanId, Seen, TokenId, Wish,
};

/// How many held changes are released in one transaction.
const RELEASED_AT_ONCE: usize = 1_000;

/// A wish to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// The account it goes to.
    pub account: AccountId,
    /// The token it is about; also its lane.
    pub token: TokenId,
    /// The provider's id of the token.
    pub remote_id: String,
    /// What is wanted.
    pub wish: Wish,
    /// A person's words, already guarded against card numbers.
    pub reason: Option<String>,
    /// Who asks.
    pub actor: String,
    /// For a person, without the cache.
    pub label: ChangeLabel,
    /// What is known of the token now.
    pub base: Seen,
    /// How long it is held, in milliseconds of running time; 0 lets it wait at once.
    pub hold_ms: u32,
    /// The plan it is part of.
    pub plan: Option<PlanId>,
}

impl NewChange {
    fn queued(self, now: DateTime<Utc>) -> Change {
        Change {
            id: ChangeId::new(),
            account: self.account,
            token: self.token,
            remote_id: self.remote_id,
            wish: self.wish,
            status: if self.hold_ms == 0 {
                ChangeStatus::Waiting
            } else {
                ChangeStatus::Held
            },
            reason: self.reason,
            actor: self.actor,
            label: self.label,
            base: self.base,
            created_at: now,
            decided_at: now,
            hold_ms: self.hold_ms,
            replaced_by: None,
            stood: None,
            doubt: None,
            plan: self.plan,
            updated_at: now,
            attempts: 0,
            next_attempt_at: None,
            request_id: None,
        }
    }
}

/// Queues a wish inside a transaction. A refusal has written nothing but its row of the log.
pub(super) async fn enqueue_in(
    tx: &mut Tx,
    new: NewChange,
    now: DateTime<Utc>,
    plan_row: Option<i64>,
) -> Result<Result<Change, StoreError>, Fault> {
    let known: i64 = sqlx::query_scalar("SELECT count(*) FROM account WHERE id = ?1")
        .bind(new.account.bytes().to_vec())
        .fetch_one(&mut **tx)
        .await?;
    if known == 0 {
        return Ok(Err(StoreError::NoSuchAccount));
    }
    let change = new.queued(now);
    let id = change.id;
    let mut told = Told::by(&change.actor, "change.asked");
    told.outcome = "asked";
    let mut entry = told.entry(&change, now);
    let mut rows = LaneRows::of_token(tx, change.token, None).await?;
    if let Err(why) = rows.lane.wish(change) {
        entry.change = None;
        entry.outcome = "refused".to_owned();
        entry.detail = Some(refusal(why).to_owned());
        entry.reason = None;
        append(tx, &entry).await?;
        return Ok(Err(StoreError::Lane(why)));
    }
    rows.write(tx, None, plan_row).await?;
    append(tx, &entry).await?;
    let change = rows.lane.get(id).ok_or(StoreError::Lane(LaneError::Unknown))?;
    Ok(Ok(change.clone()))
}

const ENQUEUE: Cut = Some((CrashPoint::EnqueueNotCommitted, CrashPoint::EnqueueCommitted));

impl LedgerDb {
    async fn enqueue_many(
        &self,
        new: Vec<NewChange>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Change, StoreError>>, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let mut queued = Vec::with_capacity(new.len());
        for new in new {
            queued.push(enqueue_in(&mut tx, new, now, None).await?);
        }
        cut_before(ENQUEUE);
        tx.commit().await?;
        cut_after(ENQUEUE);
        Ok(queued)
    }

    // Releasing looks at nothing but the change itself, so it needs no lane.
    async fn release(&self, changes: &[ChangeId], now: DateTime<Utc>) -> Result<u64, Fault> {
        let mut released = 0;
        for some in changes.chunks(RELEASED_AT_ONCE) {
            let mut tx = self.0.writer.begin().await?;
            released += sqlx::query(
                "UPDATE change SET status = 'waiting', updated_at = ?2
                 WHERE id IN (SELECT unhex(value) FROM json_each(?1)) AND status = 'held'",
            )
            .bind(id_list(some.iter().map(ChangeId::bytes)))
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?
            .rows_affected();
            tx.commit().await?;
        }
        Ok(released)
    }
}

impl Store {
    /// Queues a wish, held or waiting: in the ledger first, then shown through the overlay, then answered. What it does to
    /// the other wishes of its token is said by [`tokendesk_model::Lane::wish`].
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`]; [`StoreError::Lane`] where a deletion stands. Then nothing was queued.
    pub async fn enqueue(&self, new: NewChange, now: DateTime<Utc>) -> Result<Change, StoreError> {
        let mut queued = self.enqueue_many(vec![new], now).await?;
        queued.pop().unwrap_or(Err(StoreError::NoSuchChange))
    }

    /// Queues several wishes in one transaction, each by itself: one that is refused leaves the others alone. The answers
    /// stand in the order of the wishes.
    ///
    /// # Errors
    /// [`StoreError`] when none of them could be written.
    pub async fn enqueue_many(
        &self,
        new: Vec<NewChange>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Change, StoreError>>, StoreError> {
        let queued = self.inner.ledger.enqueue_many(new, to_millis(now)).await?;
        let tokens: Vec<TokenId> = queued.iter().flatten().map(|change| change.token).collect();
        if !tokens.is_empty() {
            self.show_overlays(&tokens).await;
        }
        Ok(queued)
    }

    async fn decided(
        &self,
        id: ChangeId,
        told: Told<'_>,
        now: DateTime<Utc>,
        cut: Cut,
        work: impl FnOnce(&mut tokendesk_model::Lane, DateTime<Utc>) -> Result<(), LaneError> + Send,
    ) -> Result<Change, StoreError> {
        let now = to_millis(now);
        let ledger = &self.inner.ledger;
        let (change, ()) = ledger
            .step(id, now, Some(told), cut, |lane| work(lane, now))
            .await?;
        self.show_overlays(&[change.token]).await;
        Ok(change)
    }

    /// Takes back a wish that was never sent; what it replaced stands again. Twice is as good as once.
    ///
    /// # Errors
    /// [`StoreError::Lane`] as [`tokendesk_model::Lane::undo`] says; [`StoreError::NoSuchChange`].
    pub async fn undo(&self, id: ChangeId, actor: &str, now: DateTime<Utc>) -> Result<Change, StoreError> {
        let cut = Some((CrashPoint::UndoNotCommitted, CrashPoint::UndoCommitted));
        let told = Told::by(actor, "change.undone");
        self.decided(id, told, now, cut, |lane, now| lane.undo(id, now))
            .await
    }

    /// Gives up a change that waits or needs a person. Twice is as good as once.
    ///
    /// # Errors
    /// [`StoreError::Lane`] as [`tokendesk_model::Lane::discard`] says; [`StoreError::NoSuchChange`].
    pub async fn discard(&self, id: ChangeId, actor: &str, now: DateTime<Utc>) -> Result<Change, StoreError> {
        let told = Told::by(actor, "change.discarded");
        self.decided(id, told, now, None, |lane, now| lane.discard(id, now))
            .await
    }

    /// Decides a conflict.
    ///
    /// # Errors
    /// [`StoreError::Lane`] as [`tokendesk_model::Lane::resolve`] says; [`StoreError::NoSuchChange`].
    pub async fn resolve(
        &self,
        id: ChangeId,
        keep: Keep,
        actor: &str,
        now: DateTime<Utc>,
    ) -> Result<Change, StoreError> {
        let action = match keep {
            Keep::Mine => "change.resolved_mine",
            Keep::Theirs => "change.resolved_theirs",
        };
        let cut = Some((CrashPoint::ResolveNotCommitted, CrashPoint::ResolveCommitted));
        self.decided(id, Told::by(actor, action), now, cut, |lane, now| {
            lane.resolve(id, keep, now)
        })
        .await
    }

    /// Lets a stuck change wait again.
    ///
    /// # Errors
    /// [`StoreError::Lane`] when it is not stuck; [`StoreError::NoSuchChange`].
    pub async fn retry(&self, id: ChangeId, actor: &str, now: DateTime<Utc>) -> Result<Change, StoreError> {
        let told = Told::by(actor, "change.retried");
        self.decided(id, told, now, None, |lane, now| lane.retry(id, now))
            .await
    }

    /// Ends the hold of these changes and says of how many: what does not hold any more is left as it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn release(&self, changes: &[ChangeId], now: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(self.inner.ledger.release(changes, now).await?)
    }
}

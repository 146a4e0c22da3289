//! Sending one change: read, decide, send, read back, store what was proven.
//!
//! A change is never judged by the answer to its own request alone. The card is read before (so that nothing is sent twice, and
//! nobody's edit is overwritten) and after (so that "done" means the provider shows it). Until something is really sent the
//! change waits: while an account is away, nothing of it has been tried, and it can still be undone.

use crate::engine::Schedule;
use crate::error::SyncError;
use crate::link::Link;
use crate::{Changed, Clock, Listener, proof};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use tokendesk_model::conflict::conflict;
use tokendesk_model::lane::{Ended, Proof, found};
use tokendesk_model::{
    ActiveVersion, Change, ChangeId, ChangeStatus, ConflictKind, Lesson, Seen, Stuck, TokenSnapshot, Wish,
};
use tokendesk_providers::{ProviderError, ProviderErrorKind, RetryKind};
use tokendesk_store::crash::{CrashPoint, point};
use tokendesk_store::{Store, StoreError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How often a change is decided again within one attempt because somebody else keeps changing the card.
const REBASES: u32 = 4;
/// How often the card is read again within one attempt because the last read has grown old.
const READS: u32 = 8;
/// A read older than this decides nothing.
const FRESH: Duration = Duration::from_secs(2);
/// Reads after a deletion was taken, before it counts as ignored.
const DELETION_READS: u32 = 4;
/// Pause between those reads.
const DELETION_PAUSE: Duration = Duration::from_millis(700);
/// Wait after the first write of which nobody knows whether it was done; it doubles with each further one.
const UNKNOWN_WAIT: Duration = Duration::from_secs(10);
/// And the longest such wait.
const LONGEST_UNKNOWN_WAIT: Duration = Duration::from_secs(600);

/// How sending a change ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The provider shows what was wished.
    Done,
    /// Something happened since it was decided: a person decides. Nothing was sent.
    Conflict,
    /// A person is needed.
    Stuck,
    /// It waits for its account.
    Later(ProviderError),
    /// It waits until the lost write of another change is settled.
    InDoubt,
    /// The account rests until a person has looked at its credentials.
    AccountPaused(ProviderError),
    /// Taken back, replaced or overtaken meanwhile.
    Passed,
    /// Sending rests.
    Rests,
}

enum Verdict {
    Done(Proof),
    Conflict(ConflictKind, Seen),
    Stuck(Stuck),
    Later(ProviderError, Option<Duration>),
    ReadAgain(DateTime<Utc>),
    Paused(ProviderError),
    Passed,
    Rests,
}

/// The place of one lane among those of its account that are sent at once.
pub(crate) struct Slot {
    lanes: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Slot {
    pub async fn of(link: &Link) -> Self {
        let mut slot = Self {
            lanes: Arc::clone(&link.lanes),
            permit: None,
        };
        slot.take().await;
        slot
    }

    async fn take(&mut self) {
        // It is never closed.
        self.permit = Arc::clone(&self.lanes).acquire_owned().await.ok();
    }

    /// Lets another lane go meanwhile.
    async fn pause(&mut self, pause: Duration) {
        self.permit = None;
        tokio::time::sleep(pause).await;
        self.take().await;
    }
}

/// One attempt under way.
struct Attempt {
    change: Change,
    /// Stored as on its way.
    marked: bool,
    /// A write has left, and what became of it is not known.
    open_write: bool,
    request_id: Option<String>,
    slot: Slot,
}

/// The card as read at one moment.
struct Read {
    token: TokenSnapshot,
    seen: Seen,
    at: Instant,
    wall: DateTime<Utc>,
}

pub(crate) struct Sender {
    pub store: Store,
    pub link: Arc<Link>,
    pub clock: Arc<dyn Clock>,
    pub listener: Arc<dyn Listener>,
    pub schedule: Arc<Schedule>,
    /// Nothing may be sent now.
    pub resting: Arc<AtomicBool>,
    /// Calls made.
    pub calls: AtomicU32,
}

impl Sender {
    /// Sends a change that waits. It is stored as sending before the first byte of a write leaves.
    pub async fn send(&self, id: ChangeId) -> Result<Sent, SyncError> {
        let slot = Slot::of(&self.link).await;
        // Others may have found out meanwhile that the account does not answer.
        if self.link.is_left_alone() {
            return Err(SyncError::Resting);
        }
        let waiting = |change: &Change| change.status == ChangeStatus::Waiting;
        let Some(change) = self.store.change(id).await?.filter(waiting) else {
            return Ok(Sent::Passed);
        };
        let mut attempt = Attempt {
            change,
            marked: false,
            open_write: false,
            request_id: None,
            slot,
        };
        let verdict = match self.decide_and_send(&mut attempt).await {
            Ok(verdict) => verdict,
            Err(SyncError::Provider(error)) => {
                attempt.request_id = error.request_id.clone().or(attempt.request_id);
                self.judge(error, &attempt.change, false).await?
            }
            Err(other) => {
                if attempt.marked {
                    // Our own trouble (a full disk): the change goes back as it was, if that can still be written.
                    self.put_back(&attempt, Some(UNKNOWN_WAIT)).await.ok();
                }
                return Err(other);
            }
        };
        self.store_verdict(&attempt, verdict).await
    }

    async fn store_verdict(&self, attempt: &Attempt, verdict: Verdict) -> Result<Sent, SyncError> {
        let (ended, sent) = match verdict {
            Verdict::Done(proof) => (Ended::Done(proof), Sent::Done),
            Verdict::Conflict(kind, seen) => (found(kind, seen, self.clock.now()), Sent::Conflict),
            Verdict::Stuck(why) => (Ended::Stuck(why), Sent::Stuck),
            Verdict::Later(error, wait) => {
                // Without a wait of its own the link decides: as soon as the account answers again, its queue moves.
                self.put_back(attempt, wait).await?;
                return Ok(Sent::Later(error));
            }
            Verdict::ReadAgain(until) => {
                let wait = (until - self.clock.now()).to_std().unwrap_or_default();
                self.put_back(attempt, Some(wait)).await?;
                return Ok(Sent::InDoubt);
            }
            Verdict::Paused(error) => {
                self.put_back(attempt, None).await?;
                return Ok(Sent::AccountPaused(error));
            }
            Verdict::Passed => return Ok(Sent::Passed),
            Verdict::Rests => {
                self.put_back(attempt, None).await?;
                return Ok(Sent::Rests);
            }
        };
        let id = attempt.change.id;
        let request_id = attempt.request_id.as_deref();
        self.schedule.forget(id);
        let finished = self.store.finish(id, ended, request_id, self.clock.now()).await;
        match finished {
            Ok(_) => Ok(sent),
            // Taken back while it was only being looked at: nothing was sent.
            Err(StoreError::Lane(_)) if !attempt.marked => Ok(Sent::Passed),
            Err(error) => Err(error.into()),
        }
    }

    /// Back to waiting; what was never on its way waits already.
    async fn put_back(&self, attempt: &Attempt, wait: Option<Duration>) -> Result<(), StoreError> {
        let now = self.clock.now();
        if attempt.marked {
            let until = wait.map(|wait| now + wait);
            self.store
                .postpone(attempt.change.id, until, attempt.open_write, now)
                .await?;
        }
        if let Some(wait) = wait {
            self.schedule.wait(attempt.change.id, wait, now, Instant::now());
        }
        Ok(())
    }

    async fn decide_and_send(&self, attempt: &mut Attempt) -> Result<Verdict, SyncError> {
        let (mut rebases, mut reads) = (0, 0);
        loop {
            reads += 1;
            let Some(read) = self.read(&attempt.change).await? else {
                return self.not_there(&attempt.change).await;
            };
            if let Some(verdict) = self.decide(&attempt.change, &read).await? {
                return Ok(verdict);
            }
            if self.resting.load(Ordering::SeqCst) {
                return Ok(Verdict::Rests);
            }
            if !attempt.marked {
                match self.store.mark_sending(attempt.change.id, self.clock.now()).await {
                    Ok(change) => attempt.change = change,
                    Err(StoreError::Lane(_)) => return Ok(Verdict::Passed),
                    Err(error) => return Err(error.into()),
                }
                attempt.marked = true;
                self.listener.changed(Changed::Changes);
            }
            if self.is_old(&read) && reads < READS {
                continue;
            }
            point(CrashPoint::BeforeSend);
            attempt.open_write = true;
            let answer = self.ask(&attempt.change, &read.token).await;
            point(CrashPoint::SentNoAnswer);
            let error = match answer {
                Ok(answered) => {
                    point(CrashPoint::AnsweredNotStored);
                    return self.read_back(attempt, read.token.version, answered).await;
                }
                Err(error) => error,
            };
            attempt.open_write = error.may_have_been_done();
            attempt.request_id = error.request_id.clone().or(attempt.request_id.take());
            match error.kind {
                ProviderErrorKind::VersionConflict | ProviderErrorKind::NotFound => {
                    rebases += 1;
                    if rebases == REBASES {
                        return Ok(Verdict::Stuck(Stuck::KeptChanging));
                    }
                }
                ProviderErrorKind::RateLimited => {
                    if reads >= READS || self.link.short_rest().await.is_err() {
                        return Ok(Verdict::Later(error, None));
                    }
                }
                _ if attempt.open_write => {
                    return self.after_lost_answer(attempt, read.token.version, error).await;
                }
                _ => return self.judge(error, &attempt.change, true).await,
            }
        }
    }

    /// What is clear before anything is sent; `None` sends.
    async fn decide(&self, change: &Change, read: &Read) -> Result<Option<Verdict>, SyncError> {
        let now = self.clock.now();
        // Until the lost write of another change is settled, a card that is as wished may still turn.
        let doubted = change.doubt.as_ref().is_some_and(|doubt| doubt.of != change.id);
        if doubted && let Some(until) = self.store.read_in_doubt(change.id, &read.seen, now).await? {
            return Ok(Some(Verdict::ReadAgain(until)));
        }
        let same_customer = change.base.customer_key == read.seen.customer_key;
        if same_customer && is_met(change.wish, &read.token) {
            return Ok(Some(Verdict::Done(Proof::AlreadySo)));
        }
        let flipped = self.flipped(change).await?;
        if let Some(kind) = conflict(change, &read.seen, flipped, now) {
            return Ok(Some(Verdict::Conflict(kind, read.seen.clone())));
        }
        if matches!(change.wish, Wish::Active(_)) && !self.store.lesson(change.account).await?.may_be_sent() {
            return Ok(Some(Verdict::Stuck(Stuck::NotPossibleHere)));
        }
        Ok(None)
    }

    /// Whether somebody else was seen flipping the same switch since the decision, even if it was flipped back.
    async fn flipped(&self, change: &Change) -> Result<bool, SyncError> {
        if change.wish == Wish::Delete {
            return Ok(false);
        }
        Ok(self
            .store
            .flipped_since(
                change.token,
                change.wish.field(),
                change.decided_at,
                self.clock.now(),
            )
            .await?)
    }

    fn is_old(&self, read: &Read) -> bool {
        // By both clocks: one stands still while the computer sleeps, the other one can be set.
        let fresh = TimeDelta::from_std(FRESH).unwrap_or_default();
        read.at.elapsed() > FRESH || (self.clock.now() - read.wall).abs() > fresh
    }

    async fn ask(
        &self,
        change: &Change,
        current: &TokenSnapshot,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        let system = &self.link.system;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = match change.wish {
            Wish::OneClick(on) => system
                .set_one_click(&current.remote_id, current.version, on)
                .await
                .map(Some),
            Wish::Active(on) => system
                .set_active(&current.remote_id, current.version, on)
                .await
                .map(Some),
            Wish::Delete => system.delete_token(&current.remote_id).await.map(|()| None),
        };
        self.link.note(answer, self.clock.now()).0
    }

    async fn read_back(
        &self,
        attempt: &mut Attempt,
        before: i64,
        answered: Option<TokenSnapshot>,
    ) -> Result<Verdict, SyncError> {
        let change = attempt.change.clone();
        let reads = if change.wish == Wish::Delete {
            DELETION_READS
        } else {
            1
        };
        for read in 0..reads {
            if read > 0 {
                attempt.slot.pause(DELETION_PAUSE).await;
            }
            let Some(current) = self.read_token(&change.remote_id, true).await? else {
                return self.not_there(&change).await;
            };
            let after = answered.as_ref().map_or(current.version, |answer| answer.version);
            if is_met(change.wish, &current) {
                self.learn(&change, Lesson::Accepts).await?;
                return Ok(Verdict::Done(Proof::Written { before, after }));
            }
            // Accepted, and then changed again by somebody else: the wish was fulfilled, and theirs is newer.
            let accepted = answered
                .as_ref()
                .is_some_and(|answered| is_met(change.wish, answered) && current.version > answered.version);
            if accepted {
                return Ok(Verdict::Done(Proof::Written { before, after }));
            }
        }
        self.learn(&change, Lesson::Ignores).await?;
        Ok(Verdict::Stuck(Stuck::Ignored))
    }

    async fn after_lost_answer(
        &self,
        attempt: &Attempt,
        before: i64,
        error: ProviderError,
    ) -> Result<Verdict, SyncError> {
        let change = &attempt.change;
        // A read that fails as well says nothing; the next attempt begins with a read in any case.
        match self.read_token(&change.remote_id, true).await {
            Ok(Some(current)) if is_met(change.wish, &current) => {
                self.learn(change, Lesson::Accepts).await?;
                // More than one step on, somebody else has written as well.
                let after = current.version;
                Ok(Verdict::Done(if after == before + 1 {
                    Proof::Written { before, after }
                } else {
                    Proof::AlreadySo
                }))
            }
            Ok(Some(_)) => Ok(Verdict::Later(error, Some(unknown_wait(change.attempts)))),
            Ok(None) => self.not_there(change).await,
            Err(SyncError::Provider(_) | SyncError::Resting) => Ok(Verdict::Later(error, None)),
            Err(other) => Err(other),
        }
    }

    /// 404: done for a deletion, if the card was known and another known object answers; never otherwise.
    async fn not_there(&self, change: &Change) -> Result<Verdict, SyncError> {
        let known = self.store.card(change.token).await?.is_some();
        let proven = known
            && proof::another_answers(&self.store, &self.link, change.token, self.clock.as_ref()).await?;
        if !proven {
            return Ok(Verdict::Stuck(Stuck::NotFound));
        }
        let ticket = self.store.begin_read();
        self.store
            .mark_gone(change.token, ticket, self.clock.now())
            .await?;
        Ok(match change.wish {
            Wish::Delete => Verdict::Done(Proof::AlreadySo),
            Wish::OneClick(_) | Wish::Active(_) => Verdict::Stuck(Stuck::NotFound),
        })
    }

    /// `asked` is whether the error answers the wish itself, not a read around it: only then it teaches anything.
    async fn judge(&self, error: ProviderError, change: &Change, asked: bool) -> Result<Verdict, SyncError> {
        Ok(match error.retry() {
            RetryKind::Network | RetryKind::Transient { .. } => Verdict::Later(error, None),
            RetryKind::Credentials => Verdict::Paused(error),
            RetryKind::Permanent => match error.kind {
                ProviderErrorKind::Forbidden => Verdict::Stuck(Stuck::Forbidden),
                ProviderErrorKind::NotFound => Verdict::Stuck(Stuck::NotFound),
                // Led elsewhere: a gateway's page or a network that wants a login, not the provider's word.
                ProviderErrorKind::Unexpected
                    if error.status.is_some_and(|status| (300..400).contains(&status)) =>
                {
                    Verdict::Later(error, Some(unknown_wait(change.attempts)))
                }
                kind => {
                    if asked && kind == ProviderErrorKind::Refused && error.status.is_some() {
                        self.learn(change, Lesson::Refuses).await?;
                    }
                    Verdict::Stuck(Stuck::Refused {
                        status: error.status.unwrap_or_default(),
                        message: error.message.unwrap_or_default(),
                    })
                }
            },
        })
    }

    /// Only active/inactive is learnt: the other fields are the provider's own.
    async fn learn(&self, change: &Change, lesson: Lesson) -> Result<(), SyncError> {
        if matches!(change.wish, Wish::Active(_)) && self.store.lesson(change.account).await? != lesson {
            self.store
                .set_lesson(change.account, lesson, self.clock.now())
                .await?;
            self.listener.changed(Changed::Accounts);
        }
        Ok(())
    }

    /// The card, and its version in use where the decision may hang on it.
    async fn read(&self, change: &Change) -> Result<Option<Read>, SyncError> {
        let (at, wall) = (Instant::now(), self.clock.now());
        let Some(token) = self.read_token(&change.remote_id, false).await? else {
            return Ok(None);
        };
        let hangs_on_it = change.wish == Wish::Delete || change.wish.enables();
        let version = if hangs_on_it && !is_met(change.wish, &token) {
            self.read_version(change).await?
        } else {
            ActiveVersion::NotRead
        };
        Ok(Some(Read {
            seen: Seen::of(&token, version),
            token,
            at,
            wall,
        }))
    }

    async fn read_token(&self, remote_id: &str, back: bool) -> Result<Option<TokenSnapshot>, SyncError> {
        let ticket = self.store.begin_read();
        let system = &self.link.system;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let snapshot = self
            .link
            .read(self.clock.as_ref(), || system.read_token(remote_id))
            .await?;
        if back {
            point(CrashPoint::ReadBackNotStored);
        }
        if let Some(snapshot) = &snapshot {
            let rows = std::slice::from_ref(snapshot);
            self.store
                .put_tokens(self.link.account.id, ticket, rows, self.clock.now(), None)
                .await?;
            if back {
                point(CrashPoint::SnapshotCommitted);
            }
        }
        Ok(snapshot)
    }

    async fn read_version(&self, change: &Change) -> Result<ActiveVersion, SyncError> {
        let account = self.link.account.id;
        let ticket = self.store.begin_read();
        let system = &self.link.system;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let read = self
            .link
            .read(self.clock.as_ref(), || system.active_version(&change.remote_id))
            .await;
        match read {
            Ok(Some(version)) => {
                self.link.refuse_production(std::slice::from_ref(&version))?;
                let id = version.remote_id.clone();
                self.store
                    .put_versions(account, ticket, &[version], self.clock.now(), None)
                    .await?;
                Ok(ActiveVersion::Is(id))
            }
            Ok(None) => {
                self.store
                    .put_no_active_version(account, ticket, change.token, self.clock.now())
                    .await?;
                Ok(ActiveVersion::Nothing)
            }
            // A user may read cards without their details: nothing is concluded from them.
            Err(SyncError::Provider(error)) if error.kind == ProviderErrorKind::Forbidden => {
                Ok(ActiveVersion::NotRead)
            }
            Err(error) => Err(error),
        }
    }
}

fn is_met(wish: Wish, token: &TokenSnapshot) -> bool {
    wish.is_met_by(&token.state, token.one_click)
}

/// The wait after attempt number `attempts` ended without anybody knowing how.
fn unknown_wait(attempts: u32) -> Duration {
    UNKNOWN_WAIT
        .saturating_mul(2u32.saturating_pow(attempts.saturating_sub(1).min(10)))
        .min(LONGEST_UNKNOWN_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_nobody_hears_of_is_repeated_ever_more_rarely() {
        assert_eq!(unknown_wait(0), Duration::from_secs(10));
        assert_eq!(unknown_wait(1), Duration::from_secs(10));
        assert_eq!(unknown_wait(3), Duration::from_secs(40));
        assert_eq!(unknown_wait(u32::MAX), Duration::from_secs(600));
    }
}

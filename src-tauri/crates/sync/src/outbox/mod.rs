//! Sending one change: read, decide, send, read back, store what was proven.
//!
//! A change is never judged by the answer to its own request alone. The card is read before (so that nothing is sent twice, and
//! nobody's edit is overwritten) and after (so that "done" means the provider shows it). Until something is really sent the
//! change waits: while an account is away, nothing of it has been tried, and it can still be undone.

mod deciding;
mod noting;
mod reading;
mod writing;

use crate::engine::Schedule;
use crate::error::SyncError;
use crate::link::Link;
use crate::{Changed, Clock, Listener};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use tokendesk_model::capability::Deletion;
use tokendesk_model::lane::{Ended, Proof, found};
use tokendesk_model::{Change, ChangeId, ChangeStatus, ConflictKind, Seen, Stuck, TokenSnapshot, Wish};
use tokendesk_providers::{ProviderError, ProviderErrorKind};
use tokendesk_store::crash::{CrashPoint, point};
use tokendesk_store::{Store, StoreError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How often a change is decided again within one attempt because somebody else keeps changing the card.
const REBASES: u32 = 4;
/// How often the card is read again within one attempt because the last read has grown old.
const READS: u32 = 8;

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
        if let Some(why) = self.not_possible(&change).await? {
            return self.refuse(&change, why).await;
        }
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
                    self.put_back(&attempt, Some(writing::UNKNOWN_WAIT)).await.ok();
                }
                return Err(other);
            }
        };
        let sent = self.store_verdict(&attempt, verdict).await?;
        self.afterwards(&attempt, &sent).await?;
        Ok(sent)
    }

    /// Ends a change of which nothing may be sent.
    async fn refuse(&self, change: &Change, why: Stuck) -> Result<Sent, SyncError> {
        self.schedule.forget(change.id);
        let ended = Ended::Stuck(why);
        match self.store.finish(change.id, ended, None, self.clock.now()).await {
            Ok(_) => Ok(Sent::Stuck),
            // Taken back meanwhile.
            Err(StoreError::Lane(_)) => Ok(Sent::Passed),
            Err(error) => Err(error.into()),
        }
    }

    /// What one write moves beside its own card is read again; a card that is kept nowhere any more leaves this desk.
    async fn afterwards(&self, attempt: &Attempt, sent: &Sent) -> Result<(), SyncError> {
        let change = &attempt.change;
        if change.attempts == 0 {
            return Ok(());
        }
        let revoked = *sent == Sent::Done
            && change.wish == Wish::Delete
            && self.link.capabilities().delete == Deletion::RevokesMandate;
        if revoked {
            let account = self.link.account.id;
            self.store
                .forget_imported_token(account, &change.remote_id, Some(change.id), self.clock.now())
                .await?;
            self.listener.changed(Changed::Cards);
        }
        let moves_default = change.wish == Wish::Default
            || (change.wish == Wish::Delete && change.base.is_default == Some(true));
        if moves_default {
            self.reread_customer(change).await?;
        }
        Ok(())
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
                    return self.read_back(attempt, &read.token, answered).await;
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
                    return self.after_lost_answer(attempt, &read.token, error).await;
                }
                _ => return self.judge(error, &attempt.change, true).await,
            }
        }
    }
}

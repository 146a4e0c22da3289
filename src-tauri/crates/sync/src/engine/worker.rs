//! The outbox worker: which changes go now, over which lanes, and how long to rest in between.

use super::{Engine, locked};
use crate::Changed;
use crate::error::SyncError;
use crate::outbox::{Sender, Sent};
use futures::StreamExt;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokendesk_model::{AccountId, Change};
use tokendesk_providers::ProviderError;
use tokendesk_store::StoreError;

/// Lanes sent at once.
const LANES: usize = 4;
/// Changes taken out of the queue at once.
const BATCH: usize = 64;
/// How long the worker sleeps at most: a clock that jumped or a computer that slept is noticed after this.
const LONGEST_SLEEP: Duration = Duration::from_secs(20);
/// And at least: what cannot be sent now is not asked for again and again.
const SHORTEST_SLEEP: Duration = Duration::from_millis(250);

/// What one push did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PushSummary {
    /// Confirmed.
    pub done: u32,
    /// Need a person.
    pub stuck: u32,
    /// Went back into the queue, with the last reason.
    pub later: Option<ProviderError>,
    /// An account could not even be asked.
    pub unreachable: Option<String>,
    /// An account is left alone for a while; its changes wait.
    pub resting: bool,
}

/// What one push has learnt so far, for the lanes that have not begun.
#[derive(Default)]
struct Round {
    resting: Mutex<HashSet<AccountId>>,
    halted: AtomicBool,
}

impl Engine {
    /// The shortest time until an account that rests may be asked again.
    fn shortest_rest(&self) -> Option<Duration> {
        locked(&self.0.links)
            .values()
            .filter_map(|link| link.rest())
            .min()
    }

    /// Sends everything that is due, until nothing is.
    ///
    /// # Errors
    /// [`SyncError::Store`]; what was on its way has ended first.
    pub async fn push(&self) -> Result<PushSummary, SyncError> {
        let _one_at_a_time = self.0.pushing.lock().await;
        if self.0.holder {
            // Nothing is being sent now. What is still marked so was left by a push that was cut off or could not write how
            // it ended; it is re-read before anything is repeated.
            self.0.store.recover(self.0.clock.now()).await?;
        }
        let mut summary = PushSummary::default();
        let mut broken: Option<StoreError> = None;
        let round = Round::default();
        while broken.is_none() && !self.0.stop.is_cancelled() {
            let batch = self.batch(&round).await?;
            if batch.is_empty() {
                break;
            }
            let mut lanes = futures::stream::iter(batch.into_iter().map(|change| self.send(change, &round)))
                .buffer_unordered(LANES);
            // To the end, whatever happens: a lane that is dropped half way leaves its change marked as on its way.
            while let Some((account, sent)) = lanes.next().await {
                match sent {
                    Ok(Sent::Done) => summary.done += 1,
                    Ok(Sent::Stuck) => summary.stuck += 1,
                    Ok(Sent::Later(error) | Sent::AccountPaused(error)) => {
                        locked(&round.resting).insert(account);
                        summary.later = Some(error);
                    }
                    Err(SyncError::Credentials(why)) => {
                        locked(&round.resting).insert(account);
                        summary.unreachable = Some(why);
                    }
                    // Taken back or replaced between the look at the queue and its turn.
                    Err(SyncError::Store(StoreError::NotWaiting | StoreError::NoSuchChange)) => {}
                    Err(SyncError::Store(error)) if !matches!(error, StoreError::NoSuchAccount) => {
                        round.halted.store(true, Ordering::SeqCst);
                        broken = broken.or(Some(error));
                    }
                    // The account rests or went away; its changes wait.
                    Err(_) => {
                        locked(&round.resting).insert(account);
                        summary.resting = true;
                    }
                }
                self.0.listener.changed(Changed::Changes);
                self.0.listener.changed(Changed::Cards);
            }
        }
        match broken {
            Some(error) => Err(error.into()),
            None => Ok(summary),
        }
    }

    /// The next changes that can go. Those of accounts that rest stay due: the look goes past them, however many they are.
    async fn batch(&self, round: &Round) -> Result<Vec<Change>, StoreError> {
        let mut limit = BATCH;
        loop {
            let asked = u32::try_from(limit).unwrap_or(u32::MAX);
            let mut due = self.0.store.sendable(self.0.clock.now(), asked).await?;
            let all = due.len() < limit;
            let resting = locked(&round.resting).clone();
            due.retain(|change| !resting.contains(&change.account));
            due.truncate(BATCH);
            if all || !due.is_empty() {
                return Ok(due);
            }
            limit = limit.saturating_mul(4);
        }
    }

    async fn send(&self, change: Change, round: &Round) -> (AccountId, Result<Sent, SyncError>) {
        let account = change.account;
        let sent = async {
            if round.halted.load(Ordering::SeqCst) || self.0.stop.is_cancelled() {
                return Err(SyncError::Stopped);
            }
            if locked(&round.resting).contains(&account) {
                return Err(SyncError::Resting);
            }
            let link = match self.link_or_pause(account).await {
                Err(SyncError::Provider(error)) => return Ok(Sent::AccountPaused(error)),
                link => link?,
            };
            if link.rest().is_some() {
                return Err(SyncError::Resting);
            }
            self.0.listener.changed(Changed::Changes);
            let sender = Sender {
                store: self.0.store.clone(),
                link: Arc::clone(&link),
                clock: Arc::clone(&self.0.clock),
            };
            let sent = sender.send(&change).await?;
            if let Sent::AccountPaused(error) = &sent {
                self.pause_if_rejected(account, error).await?;
            }
            Ok(sent)
        }
        .await;
        (account, sent)
    }

    /// Sends what is queued as it comes, until the engine is stopped. One such task a process.
    pub async fn run_outbox(&self) {
        loop {
            // Where our own keys or files cannot be used, a quick repeat helps nobody and may ask a person again and again.
            let (rested, troubled) = match self.push().await {
                Ok(summary) => (
                    summary.later.is_some() || summary.unreachable.is_some() || summary.resting,
                    summary.unreachable.is_some(),
                ),
                Err(error) => {
                    tracing::warn!(%error, "sending rests");
                    (true, true)
                }
            };
            let due = self.0.store.next_due().await.ok().flatten();
            let due = due.map(|due| (due - self.0.clock.now()).to_std().unwrap_or_default());
            let sleep = if rested { self.shortest_rest().or(due) } else { due };
            let least = if troubled { LONGEST_SLEEP } else { SHORTEST_SLEEP };
            let sleep = sleep.unwrap_or(LONGEST_SLEEP).clamp(least, LONGEST_SLEEP);
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.wake.notified() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }
}

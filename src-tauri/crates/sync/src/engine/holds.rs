//! Holds: how long a change is kept back so that it can be undone. They run while the program runs: not by the wall clock,
//! which can be set, and not while the computer sleeps or the process is stopped, because nobody can undo anything then.

use super::worker::LONGEST_SLEEP;
use super::{Engine, locked};
use crate::Changed;
use crate::error::SyncError;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use tokendesk_model::{Change, ChangeId, ChangeStatus, Environment};
use tokendesk_store::StoreError;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Running time is counted in steps of at most this.
const STEP: Duration = Duration::from_millis(250);
/// A longer step than this was not running time.
const STOPPED: Duration = Duration::from_secs(3);

#[derive(Debug)]
struct Hold {
    left: Duration,
    window: Duration,
    /// The change as it stood: one that moved and is held again gets its whole time again.
    of: DateTime<Utc>,
}

#[derive(Debug)]
struct Countdown {
    /// Whether holds run at all here.
    runs: bool,
    holds: HashMap<ChangeId, Hold>,
    /// Up to when running time was counted.
    counted: Instant,
}

impl Countdown {
    fn passed(&self, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.counted);
        if passed > STOPPED { STEP } else { passed }
    }

    fn count(&mut self, now: Instant, stands_still: bool) {
        let passed = if stands_still {
            Duration::ZERO
        } else {
            self.passed(now)
        };
        for hold in self.holds.values_mut() {
            hold.left = hold.left.saturating_sub(passed);
        }
        self.counted = now;
    }

    fn begin(&mut self, change: &Change) {
        let window = Duration::from_millis(u64::from(change.hold_ms));
        let hold = Hold {
            left: window,
            window,
            of: change.updated_at,
        };
        self.holds.insert(change.id, hold);
    }

    fn over(&self) -> Vec<ChangeId> {
        let over = self.holds.iter().filter(|(_, hold)| hold.left.is_zero());
        over.map(|(id, _)| *id).collect()
    }
}

/// All holds of this process.
#[derive(Debug)]
pub(super) struct Holds {
    countdown: Mutex<Countdown>,
    begun: Notify,
}

impl Default for Holds {
    fn default() -> Self {
        Self {
            countdown: Mutex::new(Countdown {
                runs: false,
                holds: HashMap::new(),
                counted: Instant::now(),
            }),
            begun: Notify::new(),
        }
    }
}

/// Whose holds end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndHolds {
    /// Of these changes; those that are not held are left as they are.
    Changes(Vec<ChangeId>),
    /// Of all accounts in an environment, or of all.
    Of(Option<Environment>),
}

impl Engine {
    /// Starts the countdown of a change that was queued held, or is held again after an undo. Without a running outbox
    /// holds do not run out.
    pub fn hold(&self, change: &Change) {
        if change.status != ChangeStatus::Held {
            return;
        }
        let stands_still = self.sending_rests();
        let mut countdown = locked(&self.0.holds.countdown);
        if countdown.runs {
            countdown.count(Instant::now(), stands_still);
            countdown.begin(change);
            drop(countdown);
            self.0.holds.begun.notify_one();
        }
    }

    /// How long a change is still held; `None` when it does not run here.
    pub fn hold_left(&self, id: ChangeId) -> Option<Duration> {
        let stands_still = self.sending_rests();
        let countdown = locked(&self.0.holds.countdown);
        let left = countdown.holds.get(&id)?.left;
        Some(if stands_still {
            left
        } else {
            left.saturating_sub(countdown.passed(Instant::now()))
        })
    }

    /// Ends holds: what was held waits, and goes with the next push. Says how many there were.
    ///
    /// # Errors
    /// [`SyncError::Store`].
    pub async fn end_holds(&self, whose: &EndHolds) -> Result<usize, SyncError> {
        let held = self.0.store.held().await?;
        let ids: Vec<ChangeId> = match whose {
            EndHolds::Changes(ids) => {
                let held = held.iter().map(|change| change.id);
                held.filter(|id| ids.contains(id)).collect()
            }
            EndHolds::Of(None) => held.iter().map(|change| change.id).collect(),
            EndHolds::Of(Some(env)) => {
                let accounts = self.0.store.accounts().await?;
                let of_env = |change: &&Change| {
                    accounts
                        .iter()
                        .any(|account| account.id == change.account && account.environment == *env)
                };
                held.iter().filter(of_env).map(|change| change.id).collect()
            }
        };
        self.release(&ids).await?;
        Ok(ids.len())
    }

    async fn release(&self, ids: &[ChangeId]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.0.store.release(ids, self.0.clock.now()).await?;
        let mut countdown = locked(&self.0.holds.countdown);
        for id in ids {
            countdown.holds.remove(id);
        }
        drop(countdown);
        self.0.listener.changed(Changed::Changes);
        self.wake();
        Ok(())
    }

    /// Counts down until the engine is stopped. Whatever is held at the start has its whole time before it.
    pub(super) async fn run_holds(&self) {
        let _runs = Runs::begin(self);
        let mut looked: Option<Instant> = None;
        loop {
            let look = looked.is_none_or(|at| at.elapsed() >= LONGEST_SLEEP);
            match self.look_after_holds(look).await {
                Ok(()) if look => looked = Some(Instant::now()),
                Ok(()) => {}
                Err(error) => {
                    // Nothing is lost: what is held stays held until the files can be written again.
                    tracing::warn!(%error, "holds wait for the files");
                    looked = Some(Instant::now());
                    tokio::time::sleep(STEP).await;
                }
            }
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.holds.begun.notified() => looked = None,
                () = tokio::time::sleep(self.shortest_hold().unwrap_or(LONGEST_SLEEP)) => {}
            }
        }
    }

    fn shortest_hold(&self) -> Option<Duration> {
        let countdown = locked(&self.0.holds.countdown);
        let left = countdown.holds.values().map(|hold| hold.left).min()?;
        Some(left.clamp(Duration::from_millis(5), STEP))
    }

    /// Takes up what is held and not counted yet, and releases what was held long enough.
    async fn look_after_holds(&self, look: bool) -> Result<(), StoreError> {
        let (now, stands_still) = (Instant::now(), self.sending_rests());
        let over = {
            let mut countdown = locked(&self.0.holds.countdown);
            countdown.count(now, stands_still);
            countdown.over()
        };
        if over.is_empty() && !look {
            return Ok(());
        }
        let held = self.0.store.held().await?;
        let release: Vec<ChangeId> = {
            let mut countdown = locked(&self.0.holds.countdown);
            countdown
                .holds
                .retain(|id, _| held.iter().any(|change| change.id == *id));
            for change in &held {
                let window = Duration::from_millis(u64::from(change.hold_ms));
                let known = countdown
                    .holds
                    .get(&change.id)
                    .is_some_and(|hold| hold.of == change.updated_at && hold.window == window);
                if !known {
                    countdown.begin(change);
                }
            }
            countdown.over()
        };
        if stands_still {
            return Ok(());
        }
        self.release(&release).await
    }

    /// Something was queued, undone or decided: what is held may have moved.
    pub(super) fn holds_moved(&self) {
        self.0.holds.begun.notify_one();
    }
}

/// Holds run as long as this lives.
struct Runs(Engine);

impl Runs {
    fn begin(engine: &Engine) -> Self {
        let mut countdown = locked(&engine.0.holds.countdown);
        countdown.runs = true;
        countdown.counted = Instant::now();
        drop(countdown);
        Self(engine.clone())
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        let mut countdown = locked(&self.0.0.holds.countdown);
        countdown.runs = false;
        countdown.holds.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn countdown(left: Duration, at: Instant) -> (Countdown, ChangeId) {
        let id = ChangeId::new();
        let hold = Hold {
            left,
            window: left,
            of: DateTime::UNIX_EPOCH,
        };
        let countdown = Countdown {
            runs: true,
            holds: HashMap::from([(id, hold)]),
            counted: at,
        };
        (countdown, id)
    }

    #[test]
    fn running_time_is_counted_and_nothing_else() {
        let start = Instant::now();
        let (mut countdown, id) = countdown(Duration::from_secs(10), start);
        let mut now = start;
        for _ in 0..20 {
            now += STEP;
            countdown.count(now, false);
        }
        assert_eq!(countdown.holds[&id].left, Duration::from_secs(5));
        // Stopped, or asleep, for an hour.
        now += Duration::from_secs(3600);
        countdown.count(now, false);
        assert_eq!(countdown.holds[&id].left, Duration::from_secs(5) - STEP);
        // Sending rests.
        now += STEP;
        countdown.count(now, true);
        assert_eq!(countdown.holds[&id].left, Duration::from_secs(5) - STEP);
        assert_eq!(countdown.over(), []);
        for _ in 0..20 {
            now += STEP;
            countdown.count(now, false);
        }
        assert_eq!(countdown.over(), [id]);
    }
}

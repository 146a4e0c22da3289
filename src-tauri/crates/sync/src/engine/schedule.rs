//! When a change that was put off may be tried again: by the wall clock as it was stored, and by the clock that nobody can
//! set, whichever comes first. A wall clock that was set back puts nothing off for longer than was asked.

use super::locked;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use tokendesk_model::{Change, ChangeId};
use tokio::time::Instant;

/// No wait that anybody asks for is longer than this; one that is was stored under another clock.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

#[derive(Debug, Clone, Copy)]
struct Due {
    wall: DateTime<Utc>,
    running: Instant,
}

/// What is put off in this run.
#[derive(Debug, Default)]
pub(crate) struct Schedule(Mutex<HashMap<ChangeId, Due>>);

impl Schedule {
    /// Puts a change off.
    pub fn wait(&self, id: ChangeId, wait: Duration, now: DateTime<Utc>) {
        let wait = wait.min(LONGEST_WAIT);
        let due = Due {
            wall: now + wait,
            running: Instant::now() + wait,
        };
        locked(&self.0).insert(id, due);
    }

    /// Whether a waiting change may be tried now.
    pub fn is_due(&self, change: &Change, now: DateTime<Utc>) -> bool {
        let mut waits = locked(&self.0);
        if let Some(due) = waits.get(&change.id) {
            return now >= due.wall || Instant::now() >= due.running;
        }
        let Some(stored) = change.next_attempt_at.filter(|at| *at > now) else {
            return true;
        };
        let wait = (stored - now).to_std().unwrap_or_default();
        if wait > LONGEST_WAIT {
            return true;
        }
        let due = Due {
            wall: stored,
            running: Instant::now() + wait,
        };
        waits.insert(change.id, due);
        false
    }

    /// It ended, or a person decided anew.
    pub fn forget(&self, id: ChangeId) {
        locked(&self.0).remove(&id);
    }

    /// How long until the next change becomes due.
    pub fn next(&self) -> Option<Duration> {
        let now = Instant::now();
        let waits = locked(&self.0);
        let first = waits
            .values()
            .map(|due| due.running)
            .filter(|at| *at > now)
            .min()?;
        Some(first - now)
    }

    /// Drops what is no longer among the changes that wait.
    pub fn keep(&self, waiting: impl Fn(&ChangeId) -> bool) {
        locked(&self.0).retain(|id, _| waiting(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn change(next_attempt_at: Option<DateTime<Utc>>) -> Change {
        Change {
            id: ChangeId::new(),
            account: tokendesk_model::AccountId::random(),
            token: tokendesk_model::AccountId::random().token("1"),
            remote_id: "1".to_owned(),
            wish: tokendesk_model::Wish::Delete,
            status: tokendesk_model::ChangeStatus::Waiting,
            reason: None,
            actor: String::new(),
            label: tokendesk_model::ChangeLabel::default(),
            base: tokendesk_model::Seen {
                version: 1,
                state: "active".to_owned(),
                one_click: None,
                customer_key: String::new(),
                active_version: tokendesk_model::ActiveVersion::NotRead,
                is_default: None,
                block_reason: None,
            },
            created_at: DateTime::UNIX_EPOCH,
            decided_at: DateTime::UNIX_EPOCH,
            hold_ms: 0,
            replaced_by: None,
            stood: None,
            doubt: None,
            plan: None,
            updated_at: DateTime::UNIX_EPOCH,
            attempts: 0,
            next_attempt_at,
            request_id: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_set_back_puts_nothing_off_for_longer_than_was_asked() {
        let schedule = Schedule::default();
        let now = Utc::now();
        let change = change(Some(now + TimeDelta::seconds(40)));
        schedule.wait(change.id, Duration::from_secs(40), now);
        assert!(!schedule.is_due(&change, now));
        let long_ago = DateTime::UNIX_EPOCH;
        assert!(!schedule.is_due(&change, long_ago));
        assert_eq!(schedule.next(), Some(Duration::from_secs(40)));
        tokio::time::advance(Duration::from_secs(40)).await;
        assert!(schedule.is_due(&change, long_ago));
        assert_eq!(schedule.next(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_stored_before_the_clock_was_set_back_and_the_program_restarted_is_kept_or_dropped() {
        let schedule = Schedule::default();
        let now = Utc::now();
        let soon = change(Some(now + TimeDelta::seconds(40)));
        assert!(!schedule.is_due(&soon, now));
        // As if stored in another age.
        let never = change(Some(now + TimeDelta::days(20_000)));
        assert!(schedule.is_due(&never, now));
        // A clock that goes backward second by second does not keep it off.
        tokio::time::advance(Duration::from_secs(41)).await;
        assert!(schedule.is_due(&soon, now - TimeDelta::seconds(41)));
        schedule.keep(|_| false);
        assert!(schedule.is_due(&change(None), now));
    }
}

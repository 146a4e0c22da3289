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
    pub fn wait(&self, id: ChangeId, wait: Duration, now: DateTime<Utc>, running: Instant) {
        let wait = wait.min(LONGEST_WAIT);
        let due = Due {
            wall: now + wait,
            running: running + wait,
        };
        locked(&self.0).insert(id, due);
    }

    /// Whether a waiting change may be tried now.
    pub fn is_due(&self, change: &Change, now: DateTime<Utc>, running: Instant) -> bool {
        let mut waits = locked(&self.0);
        if let Some(due) = waits.get(&change.id) {
            return now >= due.wall || running >= due.running;
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
            running: running + wait,
        };
        waits.insert(change.id, due);
        false
    }

    /// It ended, or a person decided anew.
    pub fn forget(&self, id: ChangeId) {
        locked(&self.0).remove(&id);
    }

    /// How long until the next change becomes due.
    pub fn next(&self, running: Instant) -> Option<Duration> {
        let waits = locked(&self.0);
        let still = waits.values().map(|due| due.running).filter(|at| *at > running);
        Some(still.min()? - running)
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
                ..tokendesk_model::Seen::default()
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

    #[test]
    fn a_clock_set_back_puts_nothing_off_for_longer_than_was_asked() {
        let schedule = Schedule::default();
        let (now, start) = (Utc::now(), Instant::now());
        let change = change(Some(now + TimeDelta::seconds(40)));
        schedule.wait(change.id, Duration::from_secs(40), now, start);
        assert!(!schedule.is_due(&change, now, start));
        let long_ago = DateTime::UNIX_EPOCH;
        assert!(!schedule.is_due(&change, long_ago, start));
        assert_eq!(schedule.next(start), Some(Duration::from_secs(40)));
        let end = start + Duration::from_secs(40);
        assert!(schedule.is_due(&change, long_ago, end));
        assert_eq!(schedule.next(end), None);
    }

    #[test]
    fn a_wait_stored_under_another_clock_is_no_wait() {
        let schedule = Schedule::default();
        let (now, start) = (Utc::now(), Instant::now());
        let soon = change(Some(now + TimeDelta::seconds(40)));
        assert!(!schedule.is_due(&soon, now, start));
        let never = change(Some(now + TimeDelta::days(20_000)));
        assert!(schedule.is_due(&never, now, start));
        // A clock that goes backward second by second does not keep it off.
        let end = start + Duration::from_secs(41);
        assert!(schedule.is_due(&soon, now - TimeDelta::seconds(41), end));
        schedule.forget(soon.id);
        assert!(!schedule.is_due(&soon, now, end));
        schedule.keep(|_| false);
        assert_eq!(schedule.next(end), None);
        assert!(schedule.is_due(&change(None), now, end));
    }
}

//! One system's own port: applies the faults asked for and the rate limit, counts, then lets the system answer.
//! Knows a system only as a [`System`], and a protocol not at all: [`Door::pass`] takes a call and says what leaves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use crate::faults::{self, Fault, FaultBody, Faults, GATEWAY_PAGE};
use crate::limit::{self, Limit, Standing};
use crate::stats::{Outcome, Stats};
use crate::switch_table::{SwitchError, SwitchRow};
use crate::system::System;
use crate::wire::{Answer, Call, Reply, Sent};

/// A system with everything that stands between it and its callers.
pub(crate) struct Door {
    pub(crate) system: Arc<dyn System>,
    faults: Mutex<Faults>,
    stats: Mutex<Stats>,
    limit: Limit,
    switches: RwLock<limit::Switches>,
}

impl Answer for Door {
    async fn answer(self: Arc<Self>, call: Call) -> Sent {
        self.pass(call).await
    }
}

impl Door {
    pub(crate) fn new(system: Arc<dyn System>) -> Self {
        Self {
            system,
            faults: Mutex::default(),
            stats: Mutex::default(),
            limit: Limit::default(),
            switches: RwLock::default(),
        }
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn stats(&self) -> MutexGuard<'_, Stats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The system's switches, and the door's where the system has none of its own for the rate limit.
    pub(crate) fn switches(&self) -> Vec<SwitchRow> {
        let mut rows = self.system.switches();
        if self.system.allowance().is_none() {
            rows.extend(self.own_switches().rows());
        }
        rows
    }

    /// Sets a switch of the system or of the door.
    pub(crate) fn set_switch(&self, name: &str, value: &str) -> Result<(), SwitchError> {
        let theirs = self.system.set_switch(name, value);
        if self.system.allowance().is_some() || !matches!(theirs, Err(SwitchError::Unknown(_))) {
            return theirs;
        }
        self.switches
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .set(name, value)
    }

    fn own_switches(&self) -> limit::Switches {
        *self.switches.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, call: &Call, status: Option<u16>, handled: bool) {
        let operation = self.system.operation(&call.method, call.path());
        self.stats().note(call, operation, Outcome { status, handled });
    }

    /// Takes a call through faults, rate limit and system. The whole of a port's behaviour, whatever it speaks.
    pub(crate) async fn pass(self: Arc<Self>, call: Call) -> Sent {
        let fate = self.faults().decide(&call, self.system.prefix());
        pause(fate.before_ms).await;
        let allowance = self
            .system
            .allowance()
            .unwrap_or_else(|| self.own_switches().allowance());
        let standing = self.limit.take(allowance);
        if standing.is_some_and(|standing| standing.exceeded) {
            self.note(&call, Some(429), false);
            let mut reply = self.failure(429, FaultBody::Json, standing);
            reply.retry_after = (allowance.retry_after > 0).then(|| allowance.retry_after.to_string());
            return Sent::Whole(reply);
        }
        let refused = |status, body, retry_after: &Option<serde_json::Value>| {
            self.note(&call, Some(status), false);
            let mut reply = self.failure(status, body, standing);
            reply.retry_after = retry_after.as_ref().map(faults::retry_after_text);
            Sent::Whole(reply)
        };
        match &fate.fault {
            Some(Fault::Status {
                status,
                retry_after,
                body,
            }) => return refused(*status, *body, retry_after),
            Some(Fault::TooMany { retry_after }) => return refused(429, FaultBody::Json, retry_after),
            Some(Fault::Hang) => {
                self.note(&call, None, false);
                return std::future::pending().await;
            }
            Some(Fault::DropBeforeCommit) => {
                self.note(&call, None, false);
                return Sent::Dropped;
            }
            Some(Fault::CommitLater { ms }) => {
                self.note(&call, None, true);
                let (door, ms) = (Arc::clone(&self), *ms);
                tokio::spawn(async move {
                    pause(ms).await;
                    door.system.answer(&call);
                });
                return Sent::Dropped;
            }
            _ => {}
        }
        let mut reply = self.system.answer(&call);
        let dropped = matches!(fate.fault, Some(Fault::DropAfterCommit));
        self.note(&call, (!dropped).then_some(reply.status), true);
        reply.headers.extend(self.system.limit_headers(standing));
        pause(fate.after_ms).await;
        match fate.fault {
            Some(Fault::DropAfterCommit) => return Sent::Dropped,
            // Half of nothing is nothing: an answer without a body is just not sent.
            Some(Fault::Truncated) if reply.body.len() < 2 => return Sent::Dropped,
            Some(Fault::Truncated) => {
                let half = reply.body.len() / 2;
                return Sent::Cut(reply, half);
            }
            Some(Fault::NonJson) => {
                reply = Reply {
                    date: reply.date,
                    ..Reply::html(reply.status, GATEWAY_PAGE)
                }
            }
            Some(Fault::IdsAsStrings) => faults::ids_as_strings(&mut reply),
            Some(Fault::MissingMembers { members }) => faults::bend_rows(&mut reply, |_, row| {
                row.retain(|name, _| !members.contains(name));
            }),
            Some(Fault::UnknownEnum) => faults::bend_rows(&mut reply, |nth, row| {
                if nth == 0 {
                    faults::unknown_state(row);
                }
            }),
            _ => {}
        }
        Sent::Whole(reply)
    }

    fn failure(&self, status: u16, body: FaultBody, standing: Option<Standing>) -> Reply {
        let mut reply = match body {
            FaultBody::Json => self.system.failure(status),
            FaultBody::Html => Reply::html(status, GATEWAY_PAGE),
            FaultBody::Empty => Reply::empty(status),
        };
        reply.headers.extend(self.system.limit_headers(standing));
        reply
    }
}

async fn pause(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

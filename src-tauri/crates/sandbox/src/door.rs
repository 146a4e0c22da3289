//! The payment system's own port: applies the faults asked for, then lets the API answer.

use std::sync::Arc;
use std::time::Duration;

use crate::clock;
use crate::faults::{self, Fault, FaultBody, GATEWAY_PAGE};
use crate::playground::Playground;
use crate::stats::Outcome;
use crate::wallee::{self, Problem};
use crate::wire::{Answer, Call, Reply, Sent};

pub(crate) struct WalleeDoor(pub(crate) Arc<Playground>);

impl Answer for WalleeDoor {
    async fn answer(self: Arc<Self>, call: Call) -> Sent {
        let playground = &self.0;
        let fate = playground.faults().decide(&call);
        pause(fate.before_ms).await;
        let unhandled = |status| Outcome {
            status,
            handled: false,
        };
        if !playground.is_within_limit() {
            playground.stats().note(&call, unhandled(Some(429)));
            let mut reply = failure(429, FaultBody::Json);
            let wait = playground.switches().limit_retry_after;
            reply.retry_after = (wait > 0).then(|| wait.to_string());
            return Sent::Whole(reply);
        }
        match &fate.fault {
            Some(Fault::Status {
                status,
                retry_after,
                body,
            }) => {
                playground.stats().note(&call, unhandled(Some(*status)));
                let mut reply = failure(*status, *body);
                reply.retry_after = retry_after.as_ref().map(faults::retry_after_text);
                return Sent::Whole(reply);
            }
            Some(Fault::TooMany { retry_after }) => {
                playground.stats().note(&call, unhandled(Some(429)));
                let mut reply = failure(429, FaultBody::Json);
                reply.retry_after = retry_after.as_ref().map(faults::retry_after_text);
                return Sent::Whole(reply);
            }
            Some(Fault::Hang) => {
                playground.stats().note(&call, unhandled(None));
                return std::future::pending().await;
            }
            Some(Fault::DropBeforeCommit) => {
                playground.stats().note(&call, unhandled(None));
                return Sent::Dropped;
            }
            Some(Fault::CommitLater { ms }) => {
                playground.stats().note(
                    &call,
                    Outcome {
                        status: None,
                        handled: true,
                    },
                );
                let (playground, ms) = (Arc::clone(playground), *ms);
                tokio::spawn(async move {
                    pause(ms).await;
                    wallee::answer(&playground, &call);
                });
                return Sent::Dropped;
            }
            _ => {}
        }
        let mut reply = wallee::answer(playground, &call);
        if playground.switches().ids_as_strings {
            faults::ids_as_strings(&mut reply);
        }
        let dropped = matches!(fate.fault, Some(Fault::DropAfterCommit));
        let status = (!dropped).then_some(reply.status);
        playground.stats().note(
            &call,
            Outcome {
                status,
                handled: true,
            },
        );
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
                    row.insert("state".to_owned(), "SUSPENDED".into());
                }
            }),
            _ => {}
        }
        Sent::Whole(reply)
    }
}

async fn pause(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

fn failure(status: u16, body: FaultBody) -> Reply {
    match body {
        FaultBody::Json => {
            Problem::new(status, "fault_on_demand", "This call was made to fail.").reply(clock::now())
        }
        FaultBody::Html => Reply::html(status, GATEWAY_PAGE),
        FaultBody::Empty => Reply::empty(status),
    }
}

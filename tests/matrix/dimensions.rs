//! What is combined: wishes, faults and where they strike, and what is done around the crash.

use crate::fitting;
use serde_json::json;
use tokendesk_sandbox::{Fault, FaultBody};
use tokendesk_store::crash::CrashPoint;
use tokendesk_tests::played::System;

/// What goes wrong at the payment system, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    Nothing,
    ServerFails,
    ServerFailsWithPage,
    Forbidden,
    Refused,
    Unauthorized,
    TooMany,
    TooManyWithWait,
    SlowBefore,
    SlowAfter,
    DropsBefore,
    DropsAfter,
    CommitsLater,
    Truncated,
    NotJson,
    Hangs,
    IdsAsTexts,
    MembersMissing,
    UnknownState,
    ReadFails,
    ReadDrops,
    ReadBackDrops,
    SomebodyElseTouches,
}

impl Strike {
    pub const ALL: [Self; 23] = [
        Self::Nothing,
        Self::ServerFails,
        Self::ServerFailsWithPage,
        Self::Forbidden,
        Self::Refused,
        Self::Unauthorized,
        Self::TooMany,
        Self::TooManyWithWait,
        Self::SlowBefore,
        Self::SlowAfter,
        Self::DropsBefore,
        Self::DropsAfter,
        Self::CommitsLater,
        Self::Truncated,
        Self::NotJson,
        Self::Hangs,
        Self::IdsAsTexts,
        Self::MembersMissing,
        Self::UnknownState,
        Self::ReadFails,
        Self::ReadDrops,
        Self::ReadBackDrops,
        Self::SomebodyElseTouches,
    ];

    /// The fault, whether it strikes a write, and the how manieth such call it strikes.
    pub fn fault(self, system: System) -> Option<(Fault, bool, u32)> {
        let status = |status, body| Fault::Status {
            status,
            retry_after: None,
            body,
        };
        let on_write = |fault| Some((fault, true, 1));
        match self {
            Self::Nothing | Self::SomebodyElseTouches => None,
            Self::ServerFails => on_write(status(500, FaultBody::Json)),
            Self::ServerFailsWithPage => on_write(status(502, FaultBody::Html)),
            Self::Forbidden => on_write(status(403, FaultBody::Json)),
            Self::Refused => on_write(status(422, FaultBody::Json)),
            Self::Unauthorized => on_write(status(401, FaultBody::Json)),
            Self::TooMany => on_write(Fault::TooMany { retry_after: None }),
            Self::TooManyWithWait => on_write(Fault::TooMany {
                retry_after: Some(json!(1)),
            }),
            Self::SlowBefore => on_write(Fault::Latency {
                ms: 120,
                after_commit: false,
            }),
            Self::SlowAfter => on_write(Fault::Latency {
                ms: 120,
                after_commit: true,
            }),
            Self::DropsBefore => on_write(Fault::DropBeforeCommit),
            Self::DropsAfter => on_write(Fault::DropAfterCommit),
            Self::CommitsLater => on_write(Fault::CommitLater { ms: 150 }),
            Self::Truncated => on_write(Fault::Truncated),
            Self::NotJson => on_write(Fault::NonJson),
            Self::Hangs => on_write(Fault::Hang),
            Self::IdsAsTexts => on_write(Fault::IdsAsStrings),
            Self::MembersMissing => on_write(Fault::MissingMembers {
                members: fitting::members(system),
            }),
            Self::UnknownState => on_write(Fault::UnknownEnum),
            Self::ReadFails => Some((status(503, FaultBody::Empty), false, 1)),
            Self::ReadDrops => Some((Fault::DropBeforeCommit, false, 1)),
            Self::ReadBackDrops => Some((Fault::DropAfterCommit, false, 2)),
        }
    }

    /// Whether something may still happen at the payment system after the program is gone.
    pub fn commits_later(self) -> bool {
        matches!(self, Self::CommitsLater | Self::SlowBefore | Self::SlowAfter)
    }

    /// Whether both orders of the two files are tried with it after a crash.
    pub fn is_worth_both_orders(self) -> bool {
        matches!(
            self,
            Self::Nothing | Self::DropsAfter | Self::CommitsLater | Self::SomebodyElseTouches
        )
    }
}

/// What a person does around the crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Wishes and sends.
    Send,
    /// Wishes, undoes, sends what is left (nothing).
    Undo,
    /// Wishes, meets a conflict, keeps the own side.
    KeepMine,
    /// The same, and lets theirs stand.
    TakeTheirs,
    /// Makes a plan and runs it.
    Plan,
}

impl Script {
    pub const ALL: [Self; 5] = [
        Self::Send,
        Self::Undo,
        Self::KeepMine,
        Self::TakeTheirs,
        Self::Plan,
    ];

    pub fn may_reach(self, crash: Option<CrashPoint>) -> bool {
        // Everything but plain sending is about its own points; the rest is the same road.
        let Some(point) = crash else { return true };
        let name = point.as_str();
        match self {
            Self::Send => !["undo", "resolve", "plan"].iter().any(|own| name.contains(own)),
            Self::Undo => name.contains("undo"),
            Self::KeepMine | Self::TakeTheirs => name.contains("resolve"),
            Self::Plan => name.contains("plan"),
        }
    }

    pub fn meets(self, strike: Strike) -> bool {
        self == Self::Send || strike.is_worth_both_orders()
    }
}

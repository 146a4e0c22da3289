//! Reading and sending: what to read next, reading it, refreshing one customer, and sending what people wish.
//!
//! Must not know: SQL, HTTP, a user interface, where secrets are kept. It is given a store, a way to reach payment systems
//! ([`Connect`]), a clock and somebody to tell ([`Listener`]); nothing here reads the time or the network by itself.

mod asking;
pub mod backoff;
pub mod engine;
pub mod error;
pub mod link;
pub mod outbox;
mod pace;
pub mod plan;
pub mod progress;
mod proof;
pub mod pull;
mod records;
pub mod refresh;
pub mod scope;
mod tokens;

pub use engine::{EndHolds, Engine, Followed, PRODUCTION_SEEN, PullRequest, PushSummary};
pub use error::SyncError;
pub use link::{Calls, Connect, Link, Network};
pub use progress::{Progress, Stage};
pub use refresh::Refreshed;
pub use scope::{SameScope, prove_same_scope};

use chrono::{DateTime, Utc};

/// The time, passed in so that tests can set it.
pub trait Clock: Send + Sync + 'static {
    /// Now, by the wall clock.
    fn now(&self) -> DateTime<Utc>;
}

/// The computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Something that others may show has changed. State is stored before anybody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Changed {
    /// Rows of people and cards.
    Cards,
    /// The outbox.
    Changes,
    /// Accounts: progress, pauses, network.
    Accounts,
}

/// Told what changed; fetches again by itself.
pub trait Listener: Send + Sync + 'static {
    /// Called often during a pull: must be cheap.
    fn changed(&self, what: Changed);
}

//! The desk as a whole: first start, environments, what can be undone by a refetch.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Live, test and demo are never shown in one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Env {
    /// A payment system played on this computer.
    Demo,
    /// A provider's test side.
    Test,
    /// Real customers, real cards.
    Live,
}

/// No input.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// One environment of the desk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EnvStatus {
    /// Which.
    pub env: Env,
    /// Accounts connected in it.
    pub accounts: u32,
    /// People known.
    pub people: u32,
    /// Cards known, deleted ones included.
    pub cards: u32,
    /// The start of the oldest "last complete pass" among its accounts: everything shown is at least as fresh. `None`
    /// while any account has not been read once. RFC 3339.
    pub read_since: Option<String>,
    /// What the last requests showed.
    pub network: Network,
    /// Changes not yet confirmed.
    pub changes: ChangeCounts,
}

/// Whether the payment systems answer, as the last requests showed; not an operating system's opinion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Network {
    /// Nothing was asked yet.
    Unknown,
    /// The last request was answered.
    Online,
    /// The last request of at least one account was not answered. RFC 3339.
    Offline {
        /// Since when.
        since: String,
        /// Milliseconds until the next try, when this was answered.
        next_try_ms: Option<u32>,
        /// Labels of the accounts that do not answer.
        accounts: Vec<String>,
    },
}

/// Open changes by their word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChangeCounts {
    /// Queued, and can still be undone.
    pub held: u32,
    /// Queued.
    pub waiting: u32,
    /// On their way.
    pub sending: u32,
    /// Need a person: something happened at the provider since.
    pub conflict: u32,
    /// Need a person.
    pub stuck: u32,
}

/// The desk at a glance; asked for at start and whenever the tag `status` is invalidated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DeskStatus {
    /// No account yet: show the first start page.
    pub first_start: bool,
    /// Environments with at least one account.
    pub environments: Vec<EnvStatus>,
    /// The OS user's name as written into the log.
    pub who: String,
    /// This computer's name as written into the log.
    pub desk: String,
    /// `keychain` or `sealed_file`.
    pub secrets: String,
    /// The product's version.
    pub version: String,
    /// Set once after a damaged cache was moved away and is being filled again: the file it was kept as.
    pub cache_rebuilt: Option<String>,
    /// The ledger is older than the one last used here: nothing is sent until a person has said how to go on.
    pub older_ledger: Option<OlderLedger>,
}

/// A ledger that was put back from an earlier day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OlderLedger {
    /// Rows of the log that are known to have been there and are not.
    pub missing_rows: u32,
    /// The last row it has. RFC 3339.
    pub ends_at: Option<String>,
    /// When the newest missing row was kept. RFC 3339.
    pub known_until: Option<String>,
    /// Its changes that are not ended: each may have been sent since.
    pub open_changes: u32,
}

/// How to go on with an older ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AcceptOlderLedger {
    /// Give up its open changes instead of sending them (each is read again before it is sent).
    pub discard_changes: bool,
}

/// What a person may set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeskSettings {
    /// How long a change is held for undo, in seconds, 0 to 60. A live deletion is held for at least 10.
    pub hold_seconds: u32,
}

/// How the program is left while changes are not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Quit {
    /// Send what is held and waiting first; otherwise it is kept for the next start.
    pub send: bool,
    /// Not to leave after all.
    pub stay: bool,
}

/// What is asked before the program is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Quitting {
    /// Open changes by where they stand, over all environments.
    pub changes: ChangeCounts,
}

/// What a read provides and a write invalidates. The window refetches; it is never pushed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// [`DeskStatus`].
    Status,
    /// Accounts and their progress.
    Accounts,
    /// Lists of people and cards, one person, one card.
    Cards,
    /// The outbox.
    Changes,
    /// Plans and their rows.
    Plans,
    /// The log and timelines.
    Log,
    /// [`DeskSettings`], backups.
    Settings,
}

/// Sent to the window when something it may show has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Invalidated {
    /// What to fetch again.
    pub tags: Vec<Tag>,
}

/// Copies a text to the clipboard; it is cleared after 30 seconds if it is still ours.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CopyText {
    /// What to copy.
    pub text: String,
}

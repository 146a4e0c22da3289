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
    },
}

/// Open changes by their word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChangeCounts {
    /// Queued.
    pub waiting: u32,
    /// On their way.
    pub sending: u32,
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

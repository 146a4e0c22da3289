//! Accounts: connect, test, read, remove; what each can do.

use super::problem::Problem;
use super::status::Env;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How to connect an account.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct ConnectAccount {
    /// `wallee`.
    pub provider: String,
    /// The name on this desk.
    pub label: String,
    /// Chosen by the person; checked against what the provider shows.
    pub env: Env,
    /// Host name or origin; a bare name means https.
    pub host: String,
    /// wallee: space id.
    pub space: String,
    /// wallee: application user id.
    pub user: String,
    /// wallee: authentication key, base64. Goes to the secret store and nowhere else.
    pub key: String,
}

// The key is never printed.
impl std::fmt::Debug for ConnectAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectAccount")
            .field("provider", &self.provider)
            .field("env", &self.env)
            .finish_non_exhaustive()
    }
}

/// A host offered in the pick list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KnownHost {
    /// The label's name.
    pub name: String,
    /// Its host.
    pub host: String,
}

/// Names one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountRef {
    /// Its id.
    pub account_id: String,
}

/// Replaces the credentials of an account; host, scope and environment stay.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct ReplaceCredentials {
    /// The account.
    pub account_id: String,
    /// wallee: application user id.
    pub user: String,
    /// wallee: authentication key, base64. Goes to the secret store and nowhere else.
    pub key: String,
}

// The key is never printed.
impl std::fmt::Debug for ReplaceCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReplaceCredentials")
            .field("account_id", &self.account_id)
            .finish_non_exhaustive()
    }
}

/// How one step of a connection test went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CheckLine {
    /// `reach`, `sign_in`, `scope`, `read_tokens`, `read_versions`, `search`, `environment`, `clock`.
    pub step: String,
    /// `works`, `limited`, `fails`, `not_tried`.
    pub outcome: String,
    /// A fact worth showing (a space's name, how many were seen).
    pub fact: Option<String>,
    /// What went wrong.
    pub problem: Option<Problem>,
    /// Milliseconds.
    pub took_ms: u32,
}

/// A connection test. It only reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CheckResult {
    /// Whether the account can be used.
    pub works: bool,
    /// Whether something is limited.
    pub limited: bool,
    /// Seconds this computer's clock is ahead (negative: behind), where known.
    pub clock_ahead_s: Option<i32>,
    /// Line by line, in the order tried.
    pub lines: Vec<CheckLine>,
    /// RFC 3339.
    pub at: String,
    /// Milliseconds for all of it.
    pub took_ms: u32,
}

/// What a switch really does at an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CapabilityLine {
    /// `one_click`, `active`, `delete`, `default_card`, `verification`, `customers_and_cards`, `news`, `guard`.
    pub what: String,
    /// `native`, `asked_and_proven`, `not_possible`, `read_only`, `none`, `full_pass`, `version_guard`.
    pub carrier: String,
    /// For an attempted field: `untried`, `accepts`, `ignores`, `refuses`.
    pub lesson: Option<String>,
}

/// Reading in progress.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Progress {
    /// `tokens`, `versions`, `checking_missing`, `new_only`.
    pub stage: String,
    /// Rows read in this stage, earlier runs of the same pass included.
    pub done: u32,
    /// Rows expected, where known from the last complete pass.
    pub total: Option<u32>,
    /// Rows a second over the last seconds.
    pub per_second: u32,
}

/// A complete pass over an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PassView {
    /// RFC 3339. Everything known is at least as fresh as this.
    pub started_at: String,
    /// RFC 3339.
    pub finished_at: String,
    /// Cards the provider listed.
    pub cards: u32,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AccountView {
    /// Its id.
    pub id: String,
    /// `wallee`.
    pub provider: String,
    /// As the provider writes it.
    pub provider_name: String,
    /// Two letters for small tags.
    pub code: String,
    /// The name on this desk.
    pub label: String,
    /// Environment.
    pub env: Env,
    /// Origin, or `built-in` for the demo of this application.
    pub host: String,
    /// Whether it is the built-in demo.
    pub built_in_demo: bool,
    /// wallee: space id.
    pub space: String,
    /// wallee: application user id.
    pub user: String,
    /// RFC 3339.
    pub connected_at: String,
    /// Cards known, deleted ones included.
    pub cards: u32,
    /// Of these, by effective state.
    pub states: StateCounts,
    /// The last complete pass.
    pub last_pass: Option<PassView>,
    /// A pass was started and not finished: it goes on from there.
    pub unfinished_pass: bool,
    /// Reading now.
    pub progress: Option<Progress>,
    /// Why it rests: the provider refused the credentials, or a pass was stopped because too much vanished.
    pub paused: Option<Problem>,
    /// The last error of reading, if the last attempt failed.
    pub last_problem: Option<Problem>,
    /// The last test, in this run of the application.
    pub last_check: Option<CheckResult>,
    /// What each switch really does here.
    pub capabilities: Vec<CapabilityLine>,
    /// Open changes.
    pub open_changes: u32,
}

/// Cards by effective state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StateCounts {
    /// Usable.
    pub active: u32,
    /// Kept, not used.
    pub inactive: u32,
    /// Deletion in progress.
    pub deleting: u32,
    /// Being made.
    pub creating: u32,
    /// Deleted, or gone at the provider.
    pub deleted: u32,
    /// A state this version does not know.
    pub other: u32,
}

/// All accounts, every environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AccountList {
    /// Live first, then by label.
    pub items: Vec<AccountView>,
    /// There is no further page.
    pub next: Option<String>,
    /// Hosts for the pick list.
    pub known_hosts: Vec<KnownHost>,
    /// The local copy.
    pub copy: LocalCopy,
}

/// The local copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LocalCopy {
    /// Cards over all accounts.
    pub cards: u32,
    /// Bytes on disk, cache and ledger with their journals.
    pub bytes: u64,
    /// Data folder.
    pub folder: String,
}

/// Starts reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StartSync {
    /// One account, or all.
    pub account_id: Option<String>,
    /// Begin a new full pass even if one is unfinished or recent.
    pub full: bool,
}

//! Accounts: connect, test, read, remove; what each can do.

use super::problem::Problem;
use super::status::Env;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How to connect an account. Which of the fields a payment system wants is said by [`ProviderOption`].
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct ConnectAccount {
    /// `wallee`, `processout`, `komoju`, `zafapay`, `prism`.
    pub provider: String,
    /// The name on this desk.
    pub label: String,
    /// Chosen by the person; checked against what the credentials and the provider show.
    pub env: Env,
    /// Host name or origin; a bare name means https. Empty where the provider's own host is meant.
    pub host: String,
    /// wallee: space id. ProcessOut: project id. Elsewhere empty.
    pub space: String,
    /// wallee: application user id. Elsewhere empty.
    pub user: String,
    /// Prism: the connector's name.
    pub connector: Option<String>,
    /// The secret. Goes to the secret store and nowhere else.
    pub key: String,
    /// KOMOJU and Zafapay: the browser's key, for the test bench.
    pub publishable_key: Option<String>,
    /// Never write through this account.
    pub read_only: bool,
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
    /// wallee: application user id. Elsewhere empty.
    pub user: String,
    /// The secret. Goes to the secret store and nowhere else.
    pub key: String,
    /// The browser's key; absent keeps the one that is there.
    pub publishable_key: Option<String>,
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
    /// `reach`, `sign_in`, `scope`, `read_tokens`, `read_versions`, `search`, `environment`, `clock`, `read_customers`, `events`,
    /// `connector`, `publishable_key`.
    pub step: String,
    /// What was looked at, for people.
    pub says: String,
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
    /// `native`, `asked_and_proven`, `not_possible`, `metadata`, `desk_only`, `read_only`, `none`; for `delete` also
    /// `asynchronous`, `customer_record`, `block_instead`, `mandate`; for `customers_and_cards` `native`, `imported`; for
    /// `news` `full_pass`, `events`, `reread`, `import`; for `guard` `version_guard`, `reread`, `none`.
    pub carrier: String,
    /// For an attempted field: `untried`, `accepts`, `ignores`, `refuses`.
    pub lesson: Option<String>,
    /// The carrier in two or three words: `At ProcessOut`, `Note on the token`, `This desk only`.
    pub tag: String,
    /// What it really does, in one or two sentences.
    pub says: String,
}

/// A payment system that can be connected: what to ask for, and what it can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProviderOption {
    /// `wallee`, `processout`, …
    pub provider: String,
    /// As the provider writes it.
    pub name: String,
    /// Two letters.
    pub code: String,
    /// A few words: `and its white labels`, `customers by list of ids`.
    pub about: String,
    /// How its host is found.
    pub host: HostField,
    /// What is asked for beside name, environment and host, in order.
    pub fields: Vec<FormField>,
    /// Which environment it is: `chosen` by the person, or told by the `credentials`.
    pub environment_from: String,
    /// What it can and cannot do.
    pub capabilities: Vec<CapabilityLine>,
}

/// How a payment system's host is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HostField {
    /// Its own hosts, by environment; a demo account always needs a host on this computer.
    pub test: Option<String>,
    /// As `test`.
    pub live: Option<String>,
    /// A host may be entered for test and live.
    pub free: bool,
    /// Offered in the pick list.
    pub known: Vec<KnownHost>,
}

/// A field of the connection form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FormField {
    /// The member of [`ConnectAccount`] it fills: `space`, `user`, `connector`, `key`, `publishable_key`.
    pub name: String,
    /// For people.
    pub label: String,
    /// Where it is found, what it looks like.
    pub hint: String,
    /// An example of its shape; never a real one.
    pub example: String,
    /// Typed hidden, never shown again.
    pub secret: bool,
    /// Cannot be left out.
    pub required: bool,
    /// Several lines (a JSON object).
    pub multiline: bool,
    /// Only these values; empty: free.
    pub options: Vec<Chosen>,
    /// Replacing credentials asks for it too.
    pub replaceable: bool,
}

/// A value and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Chosen {
    /// The value.
    pub value: String,
    /// For people.
    pub label: String,
}

/// Every payment system that can be connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProviderOptions {
    /// In the order they are offered.
    pub items: Vec<ProviderOption>,
}

/// What goes and what stays when an account is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RemovalFacts {
    /// Cards of it on this computer; nothing is deleted at the provider.
    pub cards: u32,
    /// Changes not sent yet: lost, and only with an explicit word.
    pub open_changes: u32,
    /// Imported customers of its directory.
    pub directory: u32,
    /// Notes of this desk on its cards.
    pub notes: u32,
    /// Log rows about it: they stay.
    pub log_rows: u32,
}

/// Removes an account from this desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RemoveAccount {
    /// Which.
    pub account_id: String,
    /// Give up its open changes first.
    pub discard_changes: bool,
}

/// Pauses an account, or lets it go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PauseAccount {
    /// Which.
    pub account_id: String,
    /// Whether it rests: nothing is read, nothing is sent.
    pub paused: bool,
}

/// Makes an account read-only, or writable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SetReadOnly {
    /// Which.
    pub account_id: String,
    /// Nothing is written through it.
    pub read_only: bool,
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
    /// `wallee`, `processout`, `komoju`, `zafapay`, `prism`.
    pub provider: String,
    /// As the provider writes it.
    pub provider_name: String,
    /// For small tags: two letters; with a number from the second account of its payment system on.
    pub code: String,
    /// The name on this desk.
    pub label: String,
    /// Environment.
    pub env: Env,
    /// Origin, or `built-in` for the demo of this application.
    pub host: String,
    /// Whether it is the built-in demo.
    pub built_in_demo: bool,
    /// wallee: space id. ProcessOut: project id. Elsewhere empty.
    pub space: String,
    /// wallee: application user id. Elsewhere empty.
    pub user: String,
    /// Prism: the connector's name.
    pub connector: Option<String>,
    /// What it is, for people: `ProcessOut, project proj_4kT…`.
    pub about: String,
    /// Nothing is written through it.
    pub read_only: bool,
    /// A person paused it; `paused` holds other reasons.
    pub paused_by_person: bool,
    /// Customers of its directory; absent where it needs none.
    pub directory: Option<u32>,
    /// Whether connector tokens are imported with the customers.
    pub imports_tokens: bool,
    /// It has a test bench: test and demo accounts only.
    pub has_bench: bool,
    /// A customer's hosted one-click record can be forgotten by the shop's own id.
    pub can_forget_one_click: bool,
    /// A token can be created from here.
    pub can_create_token: bool,
    /// Whether verifying by money is allowed; absent where the system has nothing of the kind. In live it is off until a person
    /// allows it.
    pub verification_allowed: Option<bool>,
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

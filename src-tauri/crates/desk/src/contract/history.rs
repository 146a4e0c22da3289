//! What happened: the log, a customer's timeline, backups of the ledger.

use super::status::Env;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which rows of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogFilter {
    /// Rows about accounts of this environment, and rows about none.
    pub env: Option<Env>,
    /// One account.
    pub account_id: Option<String>,
    /// One card.
    pub card_id: Option<String>,
    /// Groups: `changes`, `reading`, `people`, `plans`, `accounts`, `desk`, `log`; empty means any.
    pub groups: Vec<String>,
    /// Outcomes: `ok`, `asked`, `refused`, `failed`, `conflict`; empty means any.
    pub outcomes: Vec<String>,
    /// Part of who, of a reason or of a request id.
    pub text: Option<String>,
    /// From this moment. RFC 3339.
    pub from: Option<String>,
    /// Before this moment. RFC 3339.
    pub until: Option<String>,
}

/// Lists the log, newest first. Reading it is itself written into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListLog {
    /// Which.
    pub filter: LogFilter,
    /// Cursor.
    pub after: Option<String>,
    /// At most 500.
    pub limit: u32,
}

/// One row of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogRow {
    /// Its place in the chain, from 1, without gaps.
    pub number: u32,
    /// RFC 3339.
    pub at: String,
    /// OS user and desk.
    pub actor: String,
    /// A stable word such as `change.done`.
    pub action: String,
    /// In words.
    pub words: String,
    /// As in [`LogFilter::groups`].
    pub group: String,
    /// As in [`LogFilter::outcomes`].
    pub outcome: String,
    /// More on the outcome, in words.
    pub detail: Option<String>,
    /// Account.
    pub account_id: Option<String>,
    /// Its name on this desk, while it is connected.
    pub account_label: Option<String>,
    /// Card.
    pub card_id: Option<String>,
    /// The card in words (`Visa 4242`), while it is known here.
    pub card: Option<String>,
    /// Opens its person, while known here.
    pub person: Option<String>,
    /// The person's email, while known here. Never part of the log itself.
    pub email: Option<String>,
    /// Change.
    pub change_id: Option<String>,
    /// A person's words.
    pub reason: Option<String>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
}

/// A page of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogPage {
    /// Newest first.
    pub items: Vec<LogRow>,
    /// Cursor.
    pub next: Option<String>,
    /// Rows in the whole log.
    pub rows: u32,
}

/// What checking the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogVerified {
    /// Every row is as it was written, in its place, and none is missing.
    pub intact: bool,
    /// Rows checked.
    pub rows: u32,
    /// The first row that is not as it was written.
    pub broken_row: Option<u32>,
    /// `edited`, `missing`, `inserted`, `out_of_order`, `cut`, `text_edited`, `anchor_differs`.
    pub broken_how: Option<String>,
    /// In words.
    pub words: String,
    /// The newest row anchored outside the ledger; absent when there is no anchor yet.
    pub anchored_row: Option<u32>,
    /// When it was anchored. RFC 3339.
    pub anchored_at: Option<String>,
    /// Reasons that were erased on purpose; the chain is whole without them.
    pub erased_texts: u32,
    /// Milliseconds it took.
    pub took_ms: u32,
}

/// Writes the log into a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportLog {
    /// Which rows.
    pub filter: LogFilter,
    /// `csv` or `jsonl`.
    pub format: String,
    /// Where; `None` lets the window ask.
    pub path: Option<String>,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exported {
    /// Where; absent when the person chose no file.
    pub path: Option<String>,
    /// Rows in it.
    pub rows: u32,
}

/// What happened to a person's cards, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListTimeline {
    /// Environment.
    pub env: Env,
    /// A person.
    pub person: String,
    /// One card of theirs.
    pub card_id: Option<String>,
    /// Cursor.
    pub after: Option<String>,
    /// At most 200.
    pub limit: u32,
}

/// One entry of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TimelineItem {
    /// RFC 3339.
    pub at: String,
    /// `desk`: somebody did it here; `provider`: a read showed that it had changed there.
    pub source: String,
    /// `one_click`, `active`, `state`, `delete`, `expiry`, `renewed`, `gone`, `back`, `created`, `opened`, `note`, …
    pub kind: String,
    /// In words.
    pub words: String,
    /// `held`, `waiting`, `sending`, `done`, `conflict`, `stuck`, `withdrawn` for a change of this desk.
    pub status: Option<String>,
    /// Who, for this desk.
    pub actor: Option<String>,
    /// A person's words.
    pub reason: Option<String>,
    /// The card.
    pub card_id: Option<String>,
    /// The card in words.
    pub card: Option<String>,
    /// Account.
    pub account_label: Option<String>,
}

/// A page of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TimelinePage {
    /// Newest first.
    pub items: Vec<TimelineItem>,
    /// Cursor.
    pub next: Option<String>,
    /// Entries in all.
    pub total: u32,
}

/// A copy of the ledger. It is encrypted with this desk's key: on another desk it opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupView {
    /// Where it lies.
    pub path: String,
    /// Its file name.
    pub name: String,
    /// RFC 3339.
    pub made_at: String,
    /// Bytes.
    pub bytes: u64,
    /// Why it was made: `asked`, `before_migration`, `before_restore`.
    pub why: String,
    /// Rows of the log in it, where it could be read.
    pub log_rows: Option<u32>,
    /// Changes in it that are not ended.
    pub open_changes: Option<u32>,
}

/// Backups, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupList {
    /// The backups in the data folder.
    pub items: Vec<BackupView>,
    /// Where they lie.
    pub folder: String,
}

/// Makes a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MakeBackup {
    /// Where; `None` puts it into the data folder.
    pub path: Option<String>,
}

/// Puts a backup in the ledger's place. What stood there is kept as a backup too, and the program starts anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RestoreBackup {
    /// The backup.
    pub path: String,
}

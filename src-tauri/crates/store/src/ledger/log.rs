//! The log: who did what to which record, when, why, and whether it worked. Rows are only ever added.

use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::{AccountId, ChangeId, TokenId};

/// A row to be added. Ids are ours; no email, no name, no key belongs in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// OS user and desk name.
    pub actor: String,
    /// What, as a stable word such as `change.done`.
    pub action: String,
    /// At which account.
    pub account: Option<AccountId>,
    /// On which token.
    pub token: Option<TokenId>,
    /// By which change.
    pub change: Option<ChangeId>,
    /// How it went, as a stable word such as `done`.
    pub outcome: String,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// A person's words. Kept beside the row, so that it can be erased without touching the row.
    pub reason: Option<String>,
}

/// A row as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Rising, without gaps.
    pub number: i64,
    /// What was added.
    pub entry: LogEntry,
}

impl Store {
    /// Adds a row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log(&self, entry: &LogEntry) -> Result<(), StoreError> {
        let _ = entry;
        todo!()
    }

    /// The newest rows, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_rows(&self, limit: u32) -> Result<Vec<LogRow>, StoreError> {
        let _ = limit;
        todo!()
    }
}

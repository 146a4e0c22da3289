//! Copies of the ledger, and putting one in its place.
//!
//! A copy is one encrypted file under the desk's own key: on another desk it opens nothing. Copies lie in `backups` in the data
//! folder, or where a person wants them.
//!
//! Must not know: when a copy is made, how a person is asked, what is done about changes that may have been sent since.

mod check;
mod list;
mod make;
mod restore;

pub use check::check_backup;
pub(crate) use list::adopt_older;
pub use list::{BackupFile, backup_folder, list_backups};
pub(crate) use make::keep_present;
pub use restore::{Restored, restore, stage_restore};
pub(crate) use restore::{finish_staged, forget_restored};

use crate::error::DataFile;
use crate::ledger::log::verify::Broken;
use crate::sqlite;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};

/// Why a copy was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupWhy {
    /// Somebody asked for it.
    Asked,
    /// A newer version was about to change the ledger.
    BeforeMigration,
    /// Another copy was about to take the ledger's place.
    BeforeRestore,
}

impl BackupWhy {
    /// A stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::BeforeMigration => "before_migration",
            Self::BeforeRestore => "before_restore",
        }
    }
}

/// A copy that was made and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Where.
    pub path: PathBuf,
    /// When.
    pub at: DateTime<Utc>,
    /// Bytes.
    pub bytes: u64,
}

/// What is in a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupContents {
    /// Rows of the log.
    pub log_rows: u64,
    /// Changes that are not ended.
    pub open_changes: u64,
}

impl Store {
    /// The copies in this ledger's folder; see [`list_backups`].
    ///
    /// # Errors
    /// [`BackupError`].
    pub async fn backups(&self) -> Result<Vec<BackupFile>, BackupError> {
        list_backups(&self.inner.dir, &self.inner.key).await
    }

    /// Lays a copy ready to take this ledger's place at the next opening; see [`stage_restore`].
    ///
    /// # Errors
    /// [`BackupError`]; nothing is laid ready then.
    pub async fn stage_backup(
        &self,
        backup: &Path,
        actor: &str,
        at: DateTime<Utc>,
    ) -> Result<BackupContents, BackupError> {
        stage_restore(&self.inner.dir, &self.inner.key, backup, actor, at).await
    }
}

/// Why a copy was not made, or not put in the ledger's place. Then nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is a file of that name already.
    #[error("there is a file of that name already")]
    AlreadyThere,
    /// The path is a folder.
    #[error("the path is a folder")]
    IsFolder,
    /// The path is one of the files the desk works with.
    #[error("the path is one of the files the desk works with")]
    LiveFile,
    /// There is no such file or folder.
    #[error("there is no such file or folder")]
    NotFound,
    /// The file is no copy of a ledger.
    #[error("the file is no backup of a ledger")]
    NotABackup,
    /// The file is encrypted with another key: it belongs to another desk (or its first page is damaged: the two cannot be told
    /// apart).
    #[error("the backup belongs to another desk")]
    OtherKey,
    /// A newer version of this program made the copy.
    #[error("the backup was made by a newer version of this program")]
    NewerVersion,
    /// Pages are missing or broken.
    #[error("the backup is damaged")]
    Damaged,
    /// The log in the copy is not as it was written.
    #[error("the log in the backup is not as it was written, from row {}", .0.row)]
    LogBroken(Broken),
    /// No space left. No half copy was left behind.
    #[error("the disk is full")]
    DiskFull,
    /// The store or a file could not be used.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull => Self::DiskFull,
            other => Self::Store(other),
        }
    }
}

impl From<sqlx::Error> for BackupError {
    fn from(error: sqlx::Error) -> Self {
        sqlite::everyday(&error, DataFile::Ledger).into()
    }
}

impl From<std::io::Error> for BackupError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull,
            std::io::ErrorKind::NotFound => Self::NotFound,
            kind => Self::Store(StoreError::Io(kind)),
        }
    }
}

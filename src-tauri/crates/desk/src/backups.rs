//! Backups of the ledger: making one, listing them, putting one in the ledger's place.
//!
//! A backup is encrypted with this desk's key and opens on this desk only. It is put in place when the desk opens next, so
//! that nothing holds the files meanwhile.

use crate::contract::{
    BackupList, BackupView, MakeBackup, Nothing, Problem, ProblemCode, RestoreBackup, Tag,
};
use crate::desk::{Desk, rfc3339};
use crate::log::Note;
use crate::views::small;
use std::path::{Path, PathBuf};
use tokendesk_store::{BackupError, BackupFile, BackupWhy};

impl Desk {
    /// The backups in the data folder, newest first.
    ///
    /// # Errors
    /// A [`Problem`] if the folder cannot be read.
    pub async fn list_backups(&self, _request: Nothing) -> Result<BackupList, Problem> {
        let backups = self.0.store.backups().await?;
        Ok(BackupList {
            items: backups.iter().map(view).collect(),
            folder: tokendesk_store::backup_folder(&self.0.folder)
                .display()
                .to_string(),
        })
    }

    /// Makes a backup of the ledger as it is now.
    ///
    /// # Errors
    /// [`ProblemCode::FileUnusable`], [`ProblemCode::DiskFull`]; then no half file is left behind.
    pub async fn make_backup(&self, request: MakeBackup) -> Result<BackupView, Problem> {
        self.may_write()?;
        let path = request.path.map(PathBuf::from);
        // First, so that the backup tells of itself.
        self.note(Note {
            action: "backup.made",
            ..Note::default()
        })
        .await?;
        let backup = self.0.store.back_up(path.as_deref()).await?;
        self.0.invalidator.tell(Tag::Settings);
        Ok(BackupView {
            path: backup.path.display().to_string(),
            name: name(&backup.path),
            made_at: rfc3339(backup.at),
            bytes: backup.bytes,
            why: BackupWhy::Asked.as_str().to_owned(),
            log_rows: None,
            open_changes: None,
        })
    }

    /// Puts a backup in the ledger's place: checked now, carried out when the desk opens next. A program with a window starts
    /// anew at once. The ledger that stands now is kept as a backup too.
    ///
    /// # Errors
    /// [`ProblemCode::BackupUnusable`]; then nothing changes.
    pub async fn restore_backup(&self, request: RestoreBackup) -> Result<Nothing, Problem> {
        self.may_write()?;
        self.0
            .store
            .stage_backup(Path::new(&request.path), &self.actor(), self.now())
            .await?;
        self.0.host.restart();
        Ok(Nothing {})
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn view(backup: &BackupFile) -> BackupView {
    BackupView {
        path: backup.path.display().to_string(),
        name: name(&backup.path),
        made_at: rfc3339(backup.made_at),
        bytes: backup.bytes,
        why: backup.why.as_str().to_owned(),
        log_rows: backup.contents.map(|contents| small(contents.log_rows)),
        open_changes: backup.contents.map(|contents| small(contents.open_changes)),
    }
}

impl From<BackupError> for Problem {
    fn from(error: BackupError) -> Self {
        let unusable = |why: &str| Self::with(ProblemCode::BackupUnusable, [("why", why.to_owned())]);
        match error {
            BackupError::DiskFull => Self::new(ProblemCode::DiskFull),
            other => unusable(&format!("{other}.")),
        }
    }
}

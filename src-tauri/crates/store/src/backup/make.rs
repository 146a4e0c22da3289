//! Making a copy.

use super::list::{free_path, millis};
use super::{Backup, BackupError, BackupWhy, check_backup};
use crate::{DbKey, LEDGER_FILE, Store, StoreError, folder, sqlite};
use sqlx::{Connection, SqliteConnection};
use std::path::{Path, PathBuf};

impl Store {
    /// Copies the ledger as it is at one moment, while it is written, and checks the copy. `None` puts it beside the others in
    /// the data folder. It is encrypted with the same key.
    ///
    /// # Errors
    /// [`BackupError::AlreadyThere`], [`BackupError::IsFolder`], [`BackupError::LiveFile`], [`BackupError::NotFound`] for a path
    /// that cannot be used; [`BackupError::DiskFull`]. Nothing is left behind then.
    pub async fn back_up(&self, to: Option<&Path>) -> Result<Backup, BackupError> {
        // A closed store answers as such.
        self.log_head().await?;
        let dir = &self.inner.dir;
        let (path, at) = match to {
            None => free_path(dir, BackupWhy::Asked)?,
            Some(path) => (usable(dir, path)?, millis(chrono::Utc::now())),
        };
        let scratch = folder::beside(&path, ".part");
        folder::new_private_file(&scratch).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => BackupError::AlreadyThere,
            _ => error.into(),
        })?;
        let bytes = self.copy_through(&scratch, &path).await?;
        Ok(Backup { path, at, bytes })
    }

    // `scratch` is there and empty; it is gone afterwards, whatever happens.
    async fn copy_through(&self, scratch: &Path, path: &Path) -> Result<u64, BackupError> {
        let scratch = Scratch(scratch);
        let live = self.inner.dir.join(LEDGER_FILE);
        let mut connection = sqlite::probe(&live, &self.inner.key)
            .await?
            .ok_or(BackupError::NotABackup)?;
        let copied = vacuum_into(&mut connection, scratch.0).await;
        let _ = connection.close().await;
        copied?;
        match check_backup(scratch.0, &self.inner.key).await {
            Ok(_) => {}
            // A log that is broken already is no reason to have no copy of the rest.
            Err(BackupError::LogBroken(broken)) if self.verify_log(None).await?.broken == Some(broken) => {}
            Err(error) => return Err(error),
        }
        std::fs::File::open(scratch.0)?.sync_all()?;
        let bytes = std::fs::metadata(scratch.0)?.len();
        std::fs::rename(scratch.0, path)?;
        Ok(bytes)
    }
}

/// A file that is removed when it was not given its name.
struct Scratch<'a>(&'a Path);

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        // After the renaming there is none.
        for suffix in ["", "-journal", "-wal", "-shm"] {
            let _ = std::fs::remove_file(folder::beside(self.0, suffix));
        }
    }
}

async fn vacuum_into(connection: &mut SqliteConnection, path: &Path) -> Result<(), BackupError> {
    let path = path
        .to_str()
        .ok_or(StoreError::Io(std::io::ErrorKind::InvalidFilename))?;
    sqlx::query("VACUUM INTO ?1")
        .bind(path)
        .execute(connection)
        .await?;
    Ok(())
}

fn usable(dir: &Path, path: &Path) -> Result<PathBuf, BackupError> {
    if path.is_dir() {
        return Err(BackupError::IsFolder);
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(BackupError::IsFolder);
    };
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let folder = std::fs::canonicalize(folder)?;
    let name_text = name.to_string_lossy();
    // Beside the databases SQLite makes files as it needs them.
    if folder == std::fs::canonicalize(dir)?
        && [LEDGER_FILE, crate::CACHE_FILE]
            .iter()
            .any(|live| name_text.starts_with(live))
    {
        return Err(BackupError::LiveFile);
    }
    let path = folder.join(name);
    if std::fs::symlink_metadata(&path).is_ok() {
        return Err(BackupError::AlreadyThere);
    }
    Ok(path)
}

/// Keeps the ledger of `dir`, which nobody has open, as it lies there: whole or damaged, with what its log holds beside it.
pub(crate) async fn keep_present(dir: &Path, key: &DbKey, why: BackupWhy) -> Result<PathBuf, BackupError> {
    let live = dir.join(LEDGER_FILE);
    // Where this works nothing is left in the log; where it does not the log is kept too.
    if let Ok(Some(mut connection)) = sqlite::probe(&live, key).await {
        let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut connection)
            .await;
        let _ = connection.close().await;
    }
    let (path, _) = free_path(dir, why)?;
    copy_whole(&live, &path)?;
    let log = folder::beside(&live, "-wal");
    if std::fs::metadata(&log).is_ok_and(|file| file.len() > 0) {
        copy_whole(&log, &folder::beside(&path, "-wal"))?;
    }
    Ok(path)
}

/// Copies a file so that a crash or a full disk leaves the whole copy or none.
pub(super) fn copy_whole(from: &Path, to: &Path) -> Result<(), BackupError> {
    let scratch_path = folder::beside(to, ".part");
    let scratch = Scratch(&scratch_path);
    let mut file = folder::private_file(scratch.0)?;
    file.set_len(0)?;
    std::io::copy(&mut std::fs::File::open(from)?, &mut file)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(scratch.0, to)?;
    Ok(())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_said_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let key = DbKey::random();
        let store = Store::open(dir.path(), &key).await.unwrap().store;
        // A file on which every write says that the disk is full.
        let scratch = dir.path().join("copy.db.part");
        std::os::unix::fs::symlink("/dev/full", &scratch).unwrap();
        let target = dir.path().join("copy.db");
        let copied = store.copy_through(&scratch, &target).await;
        assert!(matches!(copied, Err(BackupError::DiskFull)), "{copied:?}");
        assert!(std::fs::symlink_metadata(&scratch).is_err());
        assert!(std::fs::symlink_metadata(&target).is_err());
    }
}

//! Putting a copy in the ledger's place: staged first, then carried out in steps of which each can be the last before a crash.
//!
//! 1. the copy is checked and laid beside the ledger, 2. a note says so, 3. what stands there is kept as a copy, 4. its logs go,
//! 5. the staged file takes its name, 6. the note says that it is done, until the log tells of it.

use super::check::check_backup;
use super::make::{copy_whole, keep_present};
use super::{BackupContents, BackupError, BackupWhy};
use crate::{DbKey, LEDGER_FILE, folder};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const STAGED: &str = "ledger.restore";
const NOTE: &str = "ledger.restore.json";

/// A copy that has taken the ledger's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// The copy it came from.
    pub from: PathBuf,
    /// Where the ledger that stood there is kept; `None` where there was none.
    pub kept: Option<PathBuf>,
    /// Who asked for it.
    pub actor: String,
    /// When it was asked for.
    pub at: DateTime<Utc>,
}

/// Puts a copy in the place of the ledger of `dir`. What stood there is kept as a copy. The next opening brings it up to date and
/// adds a row to its log. The caller holds the folder, and nobody has the ledger open.
///
/// # Errors
/// [`BackupError`]; the ledger stands as before then.
pub async fn restore(
    dir: &Path,
    key: &DbKey,
    backup: &Path,
    actor: &str,
    at: DateTime<Utc>,
) -> Result<Restored, BackupError> {
    stage_restore(dir, key, backup, actor, at).await?;
    match finish_staged(dir, key).await? {
        Some(restored) => Ok(restored),
        None => Err(BackupError::NotFound),
    }
}

/// Checks a copy and lays it ready: the next opening of `dir` puts it in the ledger's place before anything else. For a desk
/// that has the ledger open.
///
/// # Errors
/// [`BackupError`]; nothing is laid ready then.
pub async fn stage_restore(
    dir: &Path,
    key: &DbKey,
    backup: &Path,
    actor: &str,
    at: DateTime<Utc>,
) -> Result<BackupContents, BackupError> {
    let backup = std::fs::canonicalize(backup)?;
    if backup == std::fs::canonicalize(dir)?.join(LEDGER_FILE) {
        return Err(BackupError::LiveFile);
    }
    check_backup(&backup, key).await?;
    let staged = dir.join(STAGED);
    copy_whole(&backup, &staged)?;
    // The copy that was laid ready is the one that counts.
    let contents = match check_backup(&staged, key).await {
        Ok(contents) => contents,
        Err(error) => {
            remove(&staged)?;
            return Err(error);
        }
    };
    let note = Restored {
        from: backup,
        kept: None,
        actor: actor.to_owned(),
        at,
    };
    write_note(dir, &note)?;
    Ok(contents)
}

/// Carries out what was staged, if anything was, and answers what the log has not told of yet.
///
/// # Errors
/// [`BackupError`] when the staged copy cannot be used any more: it is removed, and the ledger stands as before.
pub(crate) async fn finish_staged(dir: &Path, key: &DbKey) -> Result<Option<Restored>, BackupError> {
    let staged = dir.join(STAGED);
    let Some(mut note) = read_note(dir)? else {
        // Laid ready, and stopped before it was said: as if nobody had asked.
        remove(&staged)?;
        return Ok(None);
    };
    if !staged.try_exists()? {
        return Ok(Some(note));
    }
    if let Err(error) = check_backup(&staged, key).await {
        forget_restored(dir)?;
        remove(&staged)?;
        return Err(error);
    }
    let live = dir.join(LEDGER_FILE);
    if std::fs::metadata(&live).is_ok_and(|file| file.len() > 0) {
        note.kept = Some(keep_present(dir, key, BackupWhy::BeforeRestore).await?);
        write_note(dir, &note)?;
    }
    // Before the new file is there: it must never be read with the old one's log.
    for suffix in ["-wal", "-shm"] {
        remove(&folder::beside(&live, suffix))?;
    }
    std::fs::rename(&staged, &live)?;
    folder::sync_folder(dir);
    Ok(Some(note))
}

/// The log has told of it.
pub(crate) fn forget_restored(dir: &Path) -> Result<(), BackupError> {
    remove(&dir.join(NOTE))
}

fn write_note(dir: &Path, note: &Restored) -> Result<(), BackupError> {
    let text = serde_json::json!(note).to_string();
    Ok(folder::write_whole(&dir.join(NOTE), text.as_bytes())?)
}

// A note that cannot be read says nothing; the staged copy, if any, is as if nobody had asked.
fn read_note(dir: &Path) -> Result<Option<Restored>, BackupError> {
    match std::fs::read(dir.join(NOTE)) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn remove(path: &Path) -> Result<(), BackupError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

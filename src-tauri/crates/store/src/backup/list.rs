//! The copies in the data folder, and their names: `ledger-<moment>.db`, with why it was made where nobody asked for it.

use super::check::glance;
use super::{BackupContents, BackupError, BackupWhy};
use crate::{DbKey, LEDGER_FILE, folder};
use chrono::{DateTime, NaiveDateTime, Utc};
use std::path::{Path, PathBuf};

const FOLDER: &str = "backups";
const MOMENT: &str = "%Y%m%dT%H%M%S%3fZ";
/// Copies of earlier versions lay beside the ledger: `ledger.db.backup-<version>-<moment>`.
const OLDER: &str = ".backup-";

/// A copy in the data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupFile {
    /// Where.
    pub path: PathBuf,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Bytes.
    pub bytes: u64,
    /// Why it was made.
    pub why: BackupWhy,
    /// What is in it; `None` where it could not be read.
    pub contents: Option<BackupContents>,
}

/// Where the copies of a data folder lie.
pub fn backup_folder(dir: &Path) -> PathBuf {
    dir.join(FOLDER)
}

/// The copies in the data folder `dir`, newest first.
///
/// # Errors
/// [`BackupError::Store`] when the folder cannot be read.
pub async fn list_backups(dir: &Path, key: &DbKey) -> Result<Vec<BackupFile>, BackupError> {
    let entries = match std::fs::read_dir(backup_folder(dir)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let name = entry.file_name();
        let Some((made_at, why)) = name.to_str().and_then(read_name) else {
            continue;
        };
        if metadata.is_file() {
            let path = entry.path();
            found.push(BackupFile {
                contents: glance(&path, key).await.ok(),
                path,
                made_at,
                bytes: metadata.len(),
                why,
            });
        }
    }
    found.sort_by(|a, b| (b.made_at, &b.path).cmp(&(a.made_at, &a.path)));
    Ok(found)
}

/// A free name for a new copy in the data folder.
pub(super) fn free_path(dir: &Path, why: BackupWhy) -> std::io::Result<(PathBuf, DateTime<Utc>)> {
    let folder = backup_folder(dir);
    folder::prepare(&folder)?;
    // The name has no more than milliseconds.
    let mut at = millis(Utc::now());
    loop {
        let path = folder.join(name(at, why));
        if !path.try_exists()? {
            return Ok((path, at));
        }
        at += chrono::TimeDelta::milliseconds(1);
    }
}

/// A moment as a name tells it.
pub(super) fn millis(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

/// Moves copies that an earlier version left beside the ledger to the others. What cannot be moved stays, and is no reason not
/// to open.
pub(crate) fn adopt_older(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    let head = format!("{LEDGER_FILE}{OLDER}");
    for entry in entries.flatten() {
        let name = entry.file_name();
        let made_at = name
            .to_str()
            .and_then(|name| name.strip_prefix(&head)?.rsplit_once('-'))
            .and_then(|(_, moment)| read_moment(moment));
        let Some(made_at) = made_at else {
            continue;
        };
        let folder = backup_folder(dir);
        let path = folder.join(self::name(made_at, BackupWhy::BeforeMigration));
        let moved = folder::prepare(&folder).and_then(|()| match path.try_exists()? {
            true => Ok(()),
            false => std::fs::rename(entry.path(), &path),
        });
        if let Err(error) = moved {
            tracing::warn!(kind = ?error.kind(), "an older backup stays beside the ledger");
        }
    }
}

fn name(at: DateTime<Utc>, why: BackupWhy) -> String {
    let moment = at.format(MOMENT);
    match why {
        BackupWhy::Asked => format!("ledger-{moment}.db"),
        why => format!("ledger-{moment}-{}.db", why.as_str()),
    }
}

fn read_name(name: &str) -> Option<(DateTime<Utc>, BackupWhy)> {
    let name = name.strip_prefix("ledger-")?.strip_suffix(".db")?;
    let (moment, why) = match name.split_once('-') {
        None => (name, BackupWhy::Asked),
        Some((moment, "before_migration")) => (moment, BackupWhy::BeforeMigration),
        Some((moment, "before_restore")) => (moment, BackupWhy::BeforeRestore),
        Some(_) => return None,
    };
    Some((read_moment(moment)?, why))
}

fn read_moment(text: &str) -> Option<DateTime<Utc>> {
    Some(NaiveDateTime::parse_from_str(text, MOMENT).ok()?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        let at = DateTime::from_timestamp_millis(1_790_000_000_123).unwrap();
        for why in [
            BackupWhy::Asked,
            BackupWhy::BeforeMigration,
            BackupWhy::BeforeRestore,
        ] {
            assert_eq!(read_name(&name(at, why)), Some((at, why)));
        }
        for other in [
            "ledger.db",
            "ledger-.db",
            "ledger-20261121T101112123Z-other.db",
            "ledger-20261121T101112123Z.db-wal",
        ] {
            assert_eq!(read_name(other), None, "{other}");
        }
    }
}

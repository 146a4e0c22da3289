//! Looking into a copy without touching it.

use super::{BackupContents, BackupError};
use crate::ledger::MIGRATIONS;
use crate::ledger::log::verify::verify;
use crate::open::{is_plain, newest};
use crate::{DbKey, StoreError, sqlite};
use sqlx::{Connection, SqliteConnection};
use std::io::Read;
use std::path::Path;

/// SQLCipher's page: an encrypted file has no smaller unit.
const PAGE: u64 = 4096;
// SQLite's answer to a file that ends in the middle of a page.
const SHORT_READ: i32 = 10;

/// Checks a copy in full: the key, the version, every page, and the chain of its log. Nothing is written.
///
/// # Errors
/// [`BackupError`], the one that keeps it from being put in the ledger's place.
pub async fn check_backup(path: &Path, key: &DbKey) -> Result<BackupContents, BackupError> {
    let mut connection = inside(path, key).await?;
    let checked = whole(&mut connection).await;
    let _ = connection.close().await;
    checked
}

/// What is in a copy, at a glance: pages and chain are not checked.
pub(super) async fn glance(path: &Path, key: &DbKey) -> Result<BackupContents, BackupError> {
    let mut connection = inside(path, key).await?;
    let contents = contents(&mut connection).await;
    let _ = connection.close().await;
    contents
}

async fn inside(path: &Path, key: &DbKey) -> Result<SqliteConnection, BackupError> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(BackupError::IsFolder);
    }
    if is_plain(path) || metadata.len() < PAGE {
        return Err(BackupError::NotABackup);
    }
    let mut connection = match sqlite::inspect(path, key).await {
        Ok(connection) => connection,
        Err(error) if sqlite::code(&error) == Some(sqlite::NOT_A_DATABASE) => {
            return Err(if looks_encrypted(path)? {
                BackupError::OtherKey
            } else {
                BackupError::NotABackup
            });
        }
        Err(error) => return Err(unreadable(error)),
    };
    let version = sqlite::schema_version(&mut connection)
        .await
        .map_err(unreadable)?;
    let tables: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('account', 'change', 'log', 'setting')",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(unreadable)?;
    // The cache opens with the same key.
    if version.is_none() || tables != 4 {
        return Err(BackupError::NotABackup);
    }
    if version > newest(&MIGRATIONS) {
        return Err(BackupError::NewerVersion);
    }
    Ok(connection)
}

async fn whole(connection: &mut SqliteConnection) -> Result<BackupContents, BackupError> {
    // Each page carries a code of its own; rows are complaints.
    let broken_pages = sqlx::query("PRAGMA cipher_integrity_check")
        .fetch_all(&mut *connection)
        .await
        .map_err(unreadable)?;
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(&mut *connection)
        .await
        .map_err(unreadable)?;
    if !broken_pages.is_empty() || verdict != "ok" {
        return Err(BackupError::Damaged);
    }
    // A copy from before the log was a chain has nothing to check.
    let chained: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM sqlite_master WHERE name = 'log_head')
              > (SELECT count(*) FROM sqlite_master WHERE name = 'log_unchained')",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(unreadable)?;
    if chained == 1 {
        let verified = verify(connection, None)
            .await
            .map_err(|fault| match StoreError::from(fault) {
                StoreError::Damaged(_) => BackupError::Damaged,
                other => other.into(),
            })?;
        if let Some(broken) = verified.broken {
            return Err(BackupError::LogBroken(broken));
        }
    }
    contents(connection).await
}

async fn contents(connection: &mut SqliteConnection) -> Result<BackupContents, BackupError> {
    let mut count = async |sql: &'static str| -> Result<u64, BackupError> {
        let rows: i64 = sqlx::query_scalar(sql)
            .fetch_one(&mut *connection)
            .await
            .map_err(unreadable)?;
        Ok(rows.unsigned_abs())
    };
    Ok(BackupContents {
        log_rows: count("SELECT count(*) FROM log").await?,
        open_changes: count("SELECT count(*) FROM change WHERE status NOT IN ('done', 'withdrawn')").await?,
    })
}

// A file that is only read and does not work is damaged, unless it is not the file's fault.
fn unreadable(error: sqlx::Error) -> BackupError {
    match sqlite::code(&error) {
        Some(sqlite::CORRUPT | sqlite::NOT_A_DATABASE | SHORT_READ) => BackupError::Damaged,
        _ => error.into(),
    }
}

// Encrypted pages are as good as random; texts, pictures' heads and archives' directories are not.
fn looks_encrypted(path: &Path) -> Result<bool, BackupError> {
    let mut page = vec![0; usize::try_from(PAGE).unwrap_or(4096)];
    std::fs::File::open(path)?.read_exact(&mut page)?;
    let mut seen = [false; 256];
    for byte in page {
        seen[usize::from(byte)] = true;
    }
    Ok(seen.iter().filter(|seen| **seen).count() > 250)
}

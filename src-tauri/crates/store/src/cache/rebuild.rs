//! Starting the cache anew while the desk runs. The new file is made whole beside the old one, and only then takes its place: whatever
//! goes wrong, there is a cache to work with.

use super::CacheDb;
use crate::{CACHE_FILE, OpenError, Store, StoreError, folder};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::Ordering;

const NEXT_FILE: &str = "cache-next.db";

impl Store {
    /// Starts the cache anew: an empty file, the accounts, and nothing of the ledger lost; what reads showed and the
    /// timeline does not have yet is moved there first. Rows and their overlays come back as the providers are read again.
    ///
    /// # Errors
    /// [`StoreError`]; then the old cache is still there and still open, unless the folder itself can no longer be used.
    pub async fn rebuild_cache(&self) -> Result<(), StoreError> {
        let mut cache = self.inner.cache.write().await;
        match cache.tell(&self.inner.ledger, 1).await {
            // What cannot be read cannot be kept: a damaged cache is what this is for.
            Ok(()) | Err(StoreError::Damaged(crate::DataFile::Cache)) => {}
            Err(error) => return Err(error),
        }
        let dir = &self.inner.dir;
        let made = self.make_next(dir).await;
        if made.is_err() {
            let _ = remove(&dir.join(NEXT_FILE));
        }
        made?;
        cache.db.close().await;
        let replaced = replace(dir);
        // Whichever of the two stands there now.
        *cache = CacheDb::open_file(&dir.join(CACHE_FILE), &self.inner.key).await?;
        drop(cache);
        let shown = self.renew_overlays().await;
        if shown.is_err() {
            self.inner.overlays_behind.store(true, Ordering::SeqCst);
        }
        replaced.map_err(|error| full_or(error.kind()))?;
        shown
    }

    async fn make_next(&self, dir: &Path) -> Result<(), StoreError> {
        let path = dir.join(NEXT_FILE);
        remove(&path).map_err(|error| full_or(error.kind()))?;
        let next = CacheDb::open_file(&path, &self.inner.key).await?;
        let mut filled = Ok(());
        match self.inner.ledger.accounts().await {
            Ok(accounts) => {
                for account in accounts {
                    if filled.is_ok() {
                        filled = next.add_account(account.id, account.environment).await;
                    }
                }
            }
            Err(fault) => filled = Err(fault.into()),
        }
        if filled.is_ok() {
            filled = match self.inner.ledger.forgotten().await {
                Ok(forgotten) => next.agree_on_forgotten(&forgotten).await,
                Err(fault) => Err(fault.into()),
            };
        }
        if filled.is_ok() {
            filled = next
                .start_reads_after(self.inner.tickets.load(Ordering::SeqCst))
                .await;
        }
        next.db.close().await;
        filled
    }
}

impl CacheDb {
    // Numbers of reads go on where they were, also over the next start.
    async fn start_reads_after(&self, ticket: i64) -> Result<(), StoreError> {
        let mut tx = self.db.writer.begin().await?;
        sqlx::query("UPDATE meta SET value = ?1 WHERE key = 'seq'")
            .bind(ticket)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn open_file(path: &Path, key: &crate::DbKey) -> Result<Self, StoreError> {
        Self::try_open(path, key).await.map_err(|error| match error {
            super::open::Unusable::Stop(OpenError::DiskFull) => StoreError::DiskFull,
            super::open::Unusable::Stop(OpenError::Busy) => StoreError::Busy,
            super::open::Unusable::Stop(OpenError::Folder(kind)) => full_or(kind),
            super::open::Unusable::Stop(OpenError::Sqlite(code)) => StoreError::Sqlite(code),
            _ => StoreError::Damaged(crate::DataFile::Cache),
        })
    }
}

fn full_or(kind: ErrorKind) -> StoreError {
    match kind {
        ErrorKind::StorageFull => StoreError::DiskFull,
        kind => StoreError::Io(kind),
    }
}

// A database and what stands beside it.
fn remove(path: &Path) -> std::io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        gone(std::fs::remove_file(folder::beside(path, suffix)))?;
    }
    Ok(())
}

// The old log must not be read into the new file, so it goes first: closing has written it back.
fn replace(dir: &Path) -> std::io::Result<()> {
    let path = dir.join(CACHE_FILE);
    for suffix in ["-wal", "-shm"] {
        gone(std::fs::remove_file(folder::beside(&path, suffix)))?;
    }
    std::fs::rename(dir.join(NEXT_FILE), path)
}

fn gone(removed: std::io::Result<()>) -> std::io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

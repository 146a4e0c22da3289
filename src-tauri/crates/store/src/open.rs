//! Opening both files: a staged copy first, then checks, backup, migrations, overlays.

use crate::backup::{self, BackupError, BackupWhy, Restored};
use crate::cache::CacheDb;
use crate::ledger::{self, LedgerDb};
use crate::sqlite::{self, Database, Profile};
use crate::store::Inner;
use crate::{CACHE_FILE, DbKey, LEDGER_FILE, LogEntry, OpenError, Store, StoreError, folder};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Connection, SqliteConnection};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};
use tokio::sync::{Mutex, RwLock};

/// An open store, and what had to be done for it.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Where a cache went that was damaged, from a newer version or under another key; a new empty one stands in its
    /// place.
    pub cache_rebuilt: Option<PathBuf>,
    /// A copy of the ledger that was put in its place; its log has a row about it.
    pub restored: Option<Restored>,
    /// Why a copy that was laid ready did not take the ledger's place; it is not tried again.
    pub not_restored: Option<BackupError>,
}

impl Store {
    /// Opens the data folder `dir`, creating what is missing. An existing ledger is copied before it is migrated; a
    /// cache that cannot be used is moved aside and started anew; overlays are rebuilt from the ledger.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was written in the cases that say so.
    pub async fn open(dir: &Path, key: &DbKey) -> Result<Opened, OpenError> {
        folder::prepare(dir).map_err(|error| OpenError::Folder(error.kind()))?;
        let (restored, not_restored) = match backup::finish_staged(dir, key).await {
            Ok(restored) => (restored, None),
            Err(error) => (None, Some(error)),
        };
        if ledger_was_lost(dir) {
            return Err(OpenError::LedgerDamaged);
        }
        backup::adopt_older(dir);
        let ledger = open_ledger(dir, key).await?;
        let (cache, cache_rebuilt) = CacheDb::open(dir, key).await?;
        let ticket = cache.highest_ticket().await.map_err(late)?;
        let inner = Inner {
            dir: dir.to_owned(),
            key: key.clone(),
            ledger,
            cache: RwLock::new(cache),
            tickets: AtomicI64::new(ticket),
            overlays: Mutex::new(()),
            forgetting: Mutex::new(()),
            overlays_behind: AtomicBool::new(false),
        };
        let store = Self {
            inner: Arc::new(inner),
        };
        if let Some(restored) = &restored {
            store.tell_of(restored).await.map_err(late)?;
        }
        store.agree_on_accounts().await.map_err(late)?;
        store.renew_overlays().await.map_err(late)?;
        Ok(Opened {
            store,
            cache_rebuilt,
            restored,
            not_restored,
        })
    }

    // Told once: the note beside the ledger goes when the row is there, and a row that is there already is not written again.
    async fn tell_of(&self, restored: &Restored) -> Result<(), StoreError> {
        let entry = LogEntry {
            at: restored.at,
            actor: restored.actor.clone(),
            action: "backup.restored".to_owned(),
            outcome: "ok".to_owned(),
            ..LogEntry::default()
        };
        let told = self.log_rows(1).await?.first().is_some_and(|row| {
            row.entry.action == entry.action && row.entry.at.timestamp_millis() == entry.at.timestamp_millis()
        });
        if !told {
            self.log(&entry).await?;
        }
        backup::forget_restored(&self.inner.dir).map_err(|error| match error {
            BackupError::Store(error) => error,
            _ => StoreError::Io(std::io::ErrorKind::Other),
        })
    }

    // The two files are not one transaction: after a crash between them the ledger is right.
    async fn agree_on_accounts(&self) -> Result<(), StoreError> {
        let accounts = self.inner.ledger.accounts().await?;
        let cache = self.inner.cache.read().await;
        for account in &accounts {
            cache.add_account(account.id, account.environment).await?;
        }
        for known in cache.account_ids() {
            if !accounts.iter().any(|account| account.id == known) {
                cache.remove_account(known).await?;
            }
        }
        cache
            .agree_on_forgotten(&self.inner.ledger.forgotten().await?)
            .await
    }
}

// What goes wrong after the files were opened.
pub(crate) fn late(error: StoreError) -> OpenError {
    match error {
        StoreError::DiskFull => OpenError::DiskFull,
        StoreError::Busy => OpenError::Busy,
        StoreError::Io(kind) => OpenError::Folder(kind),
        StoreError::Sqlite(code) => OpenError::Sqlite(code),
        _ => OpenError::LedgerDamaged,
    }
}

fn not_kept(error: BackupError) -> OpenError {
    match error {
        BackupError::DiskFull => OpenError::DiskFull,
        BackupError::Store(error) => late(error),
        _ => OpenError::Folder(std::io::ErrorKind::Other),
    }
}

// The ledger is made before the cache: a cache without one means that accounts and waiting changes were here.
fn ledger_was_lost(dir: &Path) -> bool {
    let bytes = |name: &str| std::fs::metadata(dir.join(name)).map_or(0, |file| file.len());
    bytes(LEDGER_FILE) == 0 && bytes(CACHE_FILE) > 0
}

async fn open_ledger(dir: &Path, key: &DbKey) -> Result<LedgerDb, OpenError> {
    let path = dir.join(LEDGER_FILE);
    if is_plain(&path) {
        return Err(OpenError::NotEncrypted);
    }
    folder::private_file(&path).map_err(|error| OpenError::Folder(error.kind()))?;
    let existed = std::fs::metadata(&path).is_ok_and(|file| file.len() > 0);
    let mut connection = sqlite::probe(&path, key)
        .await
        .map_err(|error| sqlite::opening(&error))?
        .ok_or(OpenError::NotEncrypted)?;
    let failed = |error: sqlx::Error| sqlite::opening(&error);
    let version = sqlite::schema_version(&mut connection).await.map_err(failed)?;
    let newest = newest(&ledger::MIGRATIONS);
    if version > newest {
        connection.close().await.map_err(failed)?;
        return Err(OpenError::NewerVersion);
    }
    if version < newest {
        if existed {
            backup::keep_present(dir, key, BackupWhy::BeforeMigration)
                .await
                .map_err(not_kept)?;
        }
        migrate(&ledger::MIGRATIONS, &mut connection)
            .await
            .map_err(|error| match error {
                Migration::Foreign => OpenError::NewerVersion,
                Migration::Sql(error) => sqlite::opening(&error),
            })?;
    }
    ledger::log::older::chain(&mut connection)
        .await
        .map_err(|fault| late(fault.into()))?;
    connection.close().await.map_err(failed)?;
    Database::open(&path, key, Profile::LEDGER)
        .await
        .map(LedgerDb)
        .map_err(failed)
}

/// The moment as part of a file's name.
pub(crate) fn stamp() -> String {
    chrono::Utc::now().format("%Y%m%dT%H%M%S%3fZ").to_string()
}

/// Whether the file is an ordinary, unencrypted database.
pub(crate) fn is_plain(path: &Path) -> bool {
    let mut head = [0_u8; 16];
    std::fs::File::open(path)
        .and_then(|mut file| file.read_exact(&mut head))
        .is_ok()
        && &head == b"SQLite format 3\0"
}

/// The newest schema version this program knows.
pub(crate) fn newest(migrations: &Migrator) -> Option<i64> {
    migrations.iter().map(|migration| migration.version).max()
}

/// Why a schema could not be brought up to date.
pub(crate) enum Migration {
    /// The file has had migrations that this program does not know.
    Foreign,
    Sql(sqlx::Error),
}

/// Brings a schema up to date.
pub(crate) async fn migrate(
    migrations: &Migrator,
    connection: &mut SqliteConnection,
) -> Result<(), Migration> {
    // What `run` makes cannot be proven `Send` by the compiler, so nobody could spawn an opening; sqlx keeps this door
    // for that.
    migrations
        .run_direct(None, connection, false)
        .await
        .map_err(|error| match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Migration::Sql(error),
            _ => Migration::Foreign,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CACHE_FILE;

    async fn closed() -> (tempfile::TempDir, DbKey) {
        let dir = tempfile::tempdir().unwrap();
        let key = DbKey::random();
        Store::open(dir.path(), &key).await.unwrap().store.close().await;
        (dir, key)
    }

    async fn make_newer(path: &Path, key: &DbKey) {
        let mut connection = sqlite::probe(path, key).await.unwrap().unwrap();
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (99991231235959, 'later', true, x'00', 0)",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_newer_ledger_is_refused_and_not_touched() {
        let (dir, key) = closed().await;
        let path = dir.path().join(LEDGER_FILE);
        make_newer(&path, &key).await;
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(
            Store::open(dir.path(), &key).await,
            Err(OpenError::NewerVersion)
        ));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[tokio::test]
    async fn a_newer_cache_is_moved_aside() {
        let (dir, key) = closed().await;
        make_newer(&dir.path().join(CACHE_FILE), &key).await;
        let opened = Store::open(dir.path(), &key).await.unwrap();
        assert!(opened.cache_rebuilt.unwrap().exists());
        opened.store.close().await;
        assert!(
            Store::open(dir.path(), &key)
                .await
                .unwrap()
                .cache_rebuilt
                .is_none()
        );
    }
}

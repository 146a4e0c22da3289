//! Opening beside the holder of the data folder, to read.
//!
//! Nothing is made, migrated, moved or repaired: all of that is the holder's. The caller sees to it that nothing is written.

use crate::cache::CacheDb;
use crate::ledger::{self, LedgerDb};
use crate::open::{Opened, late, newest};
use crate::sqlite::{self, Database, Profile};
use crate::store::Inner;
use crate::{CACHE_FILE, DbKey, LEDGER_FILE, OpenError, Store};
use sqlx::Connection;
use sqlx::migrate::Migrator;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};
use tokio::sync::{Mutex, RwLock};

impl Store {
    /// Opens the files of `dir` while another process holds the folder, for reading.
    ///
    /// # Errors
    /// [`OpenError::Busy`] while the holder has not brought the files to this version; otherwise as for [`Store::open`].
    pub async fn open_shared(dir: &Path, key: &DbKey) -> Result<Opened, OpenError> {
        let ledger =
            at_this_version(&dir.join(LEDGER_FILE), key, &ledger::MIGRATIONS, Profile::LEDGER).await?;
        let cache = at_this_version(
            &dir.join(CACHE_FILE),
            key,
            &crate::cache::MIGRATIONS,
            Profile::CACHE,
        )
        .await?;
        let cache = CacheDb::over(cache)
            .await
            .map_err(|error| sqlite::opening(&error))?;
        let ticket = cache.highest_ticket().await.map_err(late)?;
        let inner = Inner {
            dir: dir.to_owned(),
            key: key.clone(),
            ledger: LedgerDb(ledger),
            cache: RwLock::new(cache),
            tickets: AtomicI64::new(ticket),
            overlays: Mutex::new(()),
            forgetting: Mutex::new(()),
            overlays_behind: AtomicBool::new(false),
        };
        Ok(Opened {
            store: Self {
                inner: Arc::new(inner),
            },
            cache_rebuilt: None,
            restored: None,
            not_restored: None,
        })
    }
}

/// Whether both files are there. Files of an older version are not told apart here: opening them to share answers
/// [`OpenError::Busy`] until a holder has brought them up to date.
pub fn is_ready_to_share(dir: &Path) -> bool {
    dir.join(LEDGER_FILE).exists() && dir.join(CACHE_FILE).exists()
}

async fn at_this_version(
    path: &Path,
    key: &DbKey,
    migrations: &Migrator,
    profile: Profile,
) -> Result<Database, OpenError> {
    if !path.exists() {
        return Err(OpenError::Busy);
    }
    let failed = |error: sqlx::Error| sqlite::opening(&error);
    let mut connection = sqlite::probe(path, key)
        .await
        .map_err(failed)?
        .ok_or(OpenError::NotEncrypted)?;
    let version = sqlite::schema_version(&mut connection).await.map_err(failed)?;
    let waits = ledger::log::older::waits(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    let known = newest(migrations);
    if version > known {
        return Err(OpenError::NewerVersion);
    }
    if version < known || waits {
        return Err(OpenError::Busy);
    }
    Database::open(path, key, profile).await.map_err(failed)
}

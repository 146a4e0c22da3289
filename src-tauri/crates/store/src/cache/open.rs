//! Opening the cache, or starting it anew.

use super::accounts::Accounts;
use super::observed::Untold;
use super::terms::Terms;
use super::{CacheDb, MIGRATIONS};
use crate::open::{Migration, is_plain, migrate, newest, stamp};
use crate::sqlite::{self, Database, Profile};
use crate::{CACHE_FILE, DbKey, OpenError, StoreError, folder};
use sqlx::Connection;
use std::path::{Path, PathBuf};
use std::sync::RwLock;

// SQLite's answer to a file that ends in the middle of a page.
const SHORT_READ: i32 = 10;

/// Why a file could not be opened.
pub(super) enum Unusable {
    /// Not ours, not whole, or from a newer version: a new one takes its place.
    Replace,
    /// Something a new file would not cure.
    Stop(OpenError),
}

impl From<sqlx::Error> for Unusable {
    fn from(error: sqlx::Error) -> Self {
        match sqlite::code(&error) {
            Some(sqlite::NOT_A_DATABASE | sqlite::CORRUPT | SHORT_READ) => Self::Replace,
            _ => Self::Stop(sqlite::opening(&error)),
        }
    }
}

impl CacheDb {
    /// Opens the cache of a folder. One that cannot be used is moved aside, and the new name is answered.
    pub async fn open(dir: &Path, key: &DbKey) -> Result<(Self, Option<PathBuf>), OpenError> {
        let path = dir.join(CACHE_FILE);
        match Self::try_open(&path, key).await {
            Ok(cache) => Ok((cache, None)),
            Err(Unusable::Stop(error)) => Err(error),
            Err(Unusable::Replace) => {
                let moved = move_aside(dir).map_err(|error| OpenError::Folder(error.kind()))?;
                match Self::try_open(&path, key).await {
                    Ok(cache) => Ok((cache, Some(moved))),
                    Err(Unusable::Stop(error)) => Err(error),
                    Err(Unusable::Replace) => Err(OpenError::Sqlite(sqlite::CORRUPT)),
                }
            }
        }
    }

    /// Opens one file, making it where there is none.
    pub(super) async fn try_open(path: &Path, key: &DbKey) -> Result<Self, Unusable> {
        if is_plain(path) {
            return Err(Unusable::Replace);
        }
        folder::private_file(path).map_err(|error| Unusable::Stop(OpenError::Folder(error.kind())))?;
        let mut connection = sqlite::probe(path, key)
            .await?
            .ok_or(Unusable::Stop(OpenError::NotEncrypted))?;
        let version = sqlite::schema_version(&mut connection).await?;
        if version > newest(&MIGRATIONS) {
            connection.close().await?;
            return Err(Unusable::Replace);
        }
        if version < newest(&MIGRATIONS) {
            migrate(&MIGRATIONS, &mut connection)
                .await
                .map_err(|error| match error {
                    Migration::Foreign => Unusable::Replace,
                    Migration::Sql(error) => Unusable::from(error),
                })?;
        }
        connection.close().await?;
        Ok(Self::over(Database::open(path, key, Profile::CACHE).await?).await?)
    }

    /// The cache over an open database of this version.
    pub async fn over(db: Database) -> Result<Self, sqlx::Error> {
        let mut tx = db.reader.begin().await?;
        let accounts = Accounts::load(&mut tx).await?;
        let terms = Terms::load(&mut tx).await?;
        let untold = sqlx::query_scalar("SELECT count(*) FROM observed")
            .fetch_one(&mut *tx)
            .await?;
        tx.rollback().await?;
        Ok(Self {
            db,
            accounts: RwLock::new(accounts),
            terms: RwLock::new(terms),
            untold: Untold::new(untold),
        })
    }

    /// The highest read number that was ever stored.
    pub async fn highest_ticket(&self) -> Result<i64, StoreError> {
        let mut tx = self.db.reader.begin().await?;
        Ok(sqlx::query_scalar("SELECT value FROM meta WHERE key = 'seq'")
            .fetch_one(&mut *tx)
            .await?)
    }
}

fn move_aside(dir: &Path) -> std::io::Result<PathBuf> {
    let path = dir.join(CACHE_FILE);
    let moved = folder::beside(&path, &format!(".damaged-{}", stamp()));
    std::fs::rename(&path, &moved)?;
    for suffix in ["-wal", "-shm"] {
        match std::fs::rename(folder::beside(&path, suffix), folder::beside(&moved, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(moved)
}

//! SQLCipher through sqlx: the key first, one writer, a few readers, nothing logged.
//!
//! sqlx keeps a pool's connect options, and so the key, in memory until the pool is closed; formatting those options
//! would print the key, so they never leave this file.

use crate::error::DataFile;
use crate::{DbKey, OpenError, StoreError};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, Transaction};
use std::path::Path;
use std::time::Duration;

/// The only connection that writes.
pub(crate) struct Writer {
    pool: SqlitePool,
    /// Pages beyond which the file may not grow.
    #[cfg(feature = "crash-points")]
    limit: std::sync::atomic::AtomicU32,
}

/// Connections that cannot write: SQLite itself refuses it on them.
pub(crate) struct Reader(SqlitePool);

/// An open transaction; rolled back when dropped.
pub(crate) type Tx = Transaction<'static, Sqlite>;

impl Writer {
    /// Begins writing. Taking the lock at once keeps a read from turning into a write that has to be given up.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        match self.pool.begin_with("BEGIN IMMEDIATE").await {
            // On a full disk SQLite itself has rolled the last transaction back, and sqlx counts it as open for good: only
            // a new connection can write again.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.pool.acquire().await?.close().await?;
                #[cfg(feature = "crash-points")]
                self.limit_pages(self.limit.load(std::sync::atomic::Ordering::SeqCst))
                    .await?;
                self.pool.begin_with("BEGIN IMMEDIATE").await
            }
            other => other,
        }
    }

    /// Lets the file grow to so many pages and no further. Answers the number that holds, never below what it has already.
    #[cfg(feature = "crash-points")]
    pub async fn limit_pages(&self, pages: u32) -> Result<u32, sqlx::Error> {
        self.limit.store(pages, std::sync::atomic::Ordering::SeqCst);
        let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        let holds: i64 = sqlx::query_scalar(sql)
            .persistent(false)
            .fetch_one(&self.pool)
            .await?;
        Ok(u32::try_from(holds).unwrap_or(u32::MAX))
    }
}

impl Reader {
    /// Begins reading: everything read until the end is of one moment.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        self.0.begin().await
    }
}

/// One file.
pub(crate) struct Database {
    pub writer: Writer,
    pub reader: Reader,
}

/// How the two files differ.
#[derive(Clone, Copy)]
pub(crate) struct Profile {
    pub synchronous: SqliteSynchronous,
    /// KiB of pages kept by the writer, and by each reader.
    pub writer_kib: u32,
    pub reader_kib: u32,
    /// Pages of the write-ahead log before it is written back.
    pub checkpoint_pages: u32,
}

impl Profile {
    /// Losing the last moment of the cache loses nothing.
    pub const CACHE: Self = Self {
        synchronous: SqliteSynchronous::Normal,
        writer_kib: 24_000,
        reader_kib: 12_000,
        checkpoint_pages: 8_000,
    };
    /// Losing the last moment of the ledger loses a person's wish.
    pub const LEDGER: Self = Self {
        synchronous: SqliteSynchronous::Full,
        writer_kib: 2_000,
        reader_kib: 1_000,
        checkpoint_pages: 1_000,
    };
}

fn options(path: &Path, key: &DbKey) -> SqliteConnectOptions {
    let quoted = zeroize::Zeroizing::new(format!("\"x'{}'\"", key.hex().as_str()));
    SqliteConnectOptions::new()
        .filename(path)
        .pragma("key", quoted.to_string())
        .pragma("cipher_log_level", "NONE")
        .pragma("temp_store", "MEMORY")
        .busy_timeout(Duration::from_secs(5))
        // The search alone has some sixty statements.
        .statement_cache_capacity(256)
        .disable_statement_logging()
}

/// Opens the file once, to see whether the key fits and the file is whole. Writes nothing.
///
/// The error is the raw SQLite code; `Ok(None)` means that nothing encrypts here.
pub(crate) async fn probe(path: &Path, key: &DbKey) -> Result<Option<SqliteConnection>, sqlx::Error> {
    let mut connection = options(path, key).create_if_missing(true).connect().await?;
    let cipher: Option<String> = sqlx::query_scalar("PRAGMA cipher_version")
        .fetch_optional(&mut connection)
        .await?;
    if cipher.is_none_or(|version| version.is_empty()) {
        connection.close().await?;
        return Ok(None);
    }
    let _objects: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master")
        .fetch_one(&mut connection)
        .await?;
    Ok(Some(connection))
}

/// Opens a file that nobody else uses, only to look into it: nothing is made beside it either.
pub(crate) async fn inspect(path: &Path, key: &DbKey) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = options(path, key)
        .read_only(true)
        .immutable(true)
        .connect()
        .await?;
    let _objects: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master")
        .fetch_one(&mut connection)
        .await?;
    Ok(connection)
}

/// The newest migration a file has had; `None` when it has had none.
pub(crate) async fn schema_version(connection: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    let known: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")
        .fetch_one(&mut *connection)
        .await?;
    if known == 0 {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(connection)
        .await
}

impl Database {
    /// Opens the pools over a file that was probed and migrated.
    pub async fn open(path: &Path, key: &DbKey, profile: Profile) -> Result<Self, sqlx::Error> {
        let writing = options(path, key)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(profile.synchronous)
            .pragma("secure_delete", "ON")
            .pragma("journal_size_limit", "33554432")
            .pragma("cache_size", format!("-{}", profile.writer_kib))
            .pragma("wal_autocheckpoint", profile.checkpoint_pages.to_string());
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(writing)
            .await?;
        let reading = options(path, key)
            .read_only(true)
            .pragma("cache_size", format!("-{}", profile.reader_kib));
        let reader = SqlitePoolOptions::new()
            .max_connections(4)
            .idle_timeout(Some(Duration::from_secs(120)))
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(reading)
            .await?;
        Ok(Self {
            writer: Writer {
                pool: writer,
                #[cfg(feature = "crash-points")]
                limit: std::sync::atomic::AtomicU32::new(u32::MAX),
            },
            reader: Reader(reader),
        })
    }

    /// Writes the log back into the file and closes it.
    pub async fn close(&self) {
        self.reader.0.close().await;
        // A log that stays is read at the next opening: nothing is lost without this.
        let _ = sqlx::query("PRAGMA optimize").execute(&self.writer.pool).await;
        let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.writer.pool)
            .await;
        self.writer.pool.close().await;
    }
}

/// SQLite's primary result code, if the database answered at all.
pub(crate) fn code(error: &sqlx::Error) -> Option<i32> {
    match error {
        sqlx::Error::Database(error) => error.code()?.parse::<i32>().ok().map(|code| code & 0xff),
        _ => None,
    }
}

/// Not a database under this key: wrong key, plain text, or a broken first page.
pub(crate) const NOT_A_DATABASE: i32 = 26;
/// Pages missing or broken.
pub(crate) const CORRUPT: i32 = 11;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READ_ONLY: i32 = 8;
const IO_ERROR: i32 = 10;
const FULL: i32 = 13;

/// An everyday error of `file`, without its text: that could hold values.
pub(crate) fn everyday(error: &sqlx::Error, file: DataFile) -> StoreError {
    match error {
        sqlx::Error::PoolClosed => StoreError::Closed,
        sqlx::Error::PoolTimedOut => StoreError::Busy,
        sqlx::Error::Io(error) => StoreError::Io(error.kind()),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound => {
            StoreError::Damaged(file)
        }
        other => match code(other) {
            Some(FULL) => StoreError::DiskFull,
            Some(CORRUPT | NOT_A_DATABASE) => StoreError::Damaged(file),
            Some(BUSY | LOCKED) => StoreError::Busy,
            Some(READ_ONLY) => StoreError::ReadOnly,
            Some(IO_ERROR) => StoreError::Io(std::io::ErrorKind::Other),
            Some(code) => StoreError::Sqlite(code),
            None => StoreError::Sqlite(-1),
        },
    }
}

/// An error while opening.
pub(crate) fn opening(error: &sqlx::Error) -> OpenError {
    match error {
        sqlx::Error::Io(error) => OpenError::Folder(error.kind()),
        sqlx::Error::PoolTimedOut => OpenError::Busy,
        other => match code(other) {
            Some(NOT_A_DATABASE) => OpenError::WrongKey,
            Some(CORRUPT) => OpenError::LedgerDamaged,
            Some(FULL) => OpenError::DiskFull,
            Some(BUSY | LOCKED) => OpenError::Busy,
            Some(code) => OpenError::Sqlite(code),
            None => OpenError::Sqlite(-1),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_has_a_name_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let db = Database::open_new(&path, &DbKey::random()).await;
        let mut tx = db.writer.begin().await.unwrap();
        sqlx::query("CREATE TABLE t (x BLOB)")
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        // SQLite answers with its disk-full code when a file may not grow any further.
        sqlx::query("PRAGMA max_page_count = 4")
            .execute(&db.writer.pool)
            .await
            .unwrap();
        let mut tx = db.writer.begin().await.unwrap();
        let error = sqlx::query("INSERT INTO t VALUES (zeroblob(1000000))")
            .execute(&mut *tx)
            .await
            .unwrap_err();
        assert!(matches!(everyday(&error, DataFile::Cache), StoreError::DiskFull));
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let dir = tempfile::tempdir().unwrap();
        let db = Database::open_new(&dir.path().join("x.db"), &DbKey::random()).await;
        let mut tx = db.reader.begin().await.unwrap();
        let error = sqlx::query("CREATE TABLE t (x)")
            .execute(&mut *tx)
            .await
            .unwrap_err();
        assert!(matches!(everyday(&error, DataFile::Ledger), StoreError::ReadOnly));
    }

    impl Database {
        async fn open_new(path: &Path, key: &DbKey) -> Self {
            probe(path, key).await.unwrap().unwrap().close().await.unwrap();
            Self::open(path, key, Profile::CACHE).await.unwrap()
        }
    }
}

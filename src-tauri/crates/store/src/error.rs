//! What can go wrong while opening, and what can go wrong every day. No variant carries SQL, a value, an email or a
//! key.

use tokendesk_model::{AccountId, LaneError};

/// Why the two files could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The key does not open the ledger (or its first page is damaged: the two cannot be told apart).
    #[error("the key does not open the ledger")]
    WrongKey,
    /// The file is a plain database, or this program was built without encryption. Nothing was written.
    #[error("the database is not encrypted")]
    NotEncrypted,
    /// The ledger was written by a newer version of this program; it was not touched.
    #[error("the ledger was written by a newer version of this program")]
    NewerVersion,
    /// The ledger is damaged. It is never replaced; a backup can be put in its place.
    #[error("the ledger is damaged")]
    LedgerDamaged,
    /// No space left.
    #[error("the disk is full")]
    DiskFull,
    /// The folder or a file in it could not be used.
    #[error("the data folder cannot be used: {0}")]
    Folder(std::io::ErrorKind),
    /// Another program holds a database.
    #[error("another program holds the database")]
    Busy,
    /// Anything else, by its SQLite code.
    #[error("the database could not be opened (code {0})")]
    Sqlite(i32),
}

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataFile {
    /// `cache.db`: can be rebuilt.
    Cache,
    /// `ledger.db`: cannot.
    Ledger,
}

/// What can go wrong with an open store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store was closed (locked desk, shutdown).
    #[error("the store is closed")]
    Closed,
    /// No space left; the step was not done.
    #[error("the disk is full")]
    DiskFull,
    /// A file cannot be read any more. The cache can be rebuilt.
    #[error("a database file is damaged")]
    Damaged(DataFile),
    /// Another program holds the database.
    #[error("another program holds the database")]
    Busy,
    /// This store was opened for reading only.
    #[error("the store is open for reading only")]
    ReadOnly,
    /// The same scope at the same origin is connected already, as this account.
    #[error("this account is connected already")]
    SameAccount(AccountId),
    /// No such account.
    #[error("no such account")]
    NoSuchAccount,
    /// No such change.
    #[error("no such change")]
    NoSuchChange,
    /// The account has this many open changes.
    #[error("{0} changes of this account are still open")]
    OpenChanges(u32),
    /// The change or its lane does not allow that step; nothing of it was changed.
    #[error("{0}")]
    Lane(LaneError),
    /// No such plan.
    #[error("no such plan")]
    NoSuchPlan,
    /// Only a draft can be forgotten.
    #[error("the plan is not a draft any more")]
    PlanHasRun,
    /// A hold of so many seconds is longer than a change can be held.
    #[error("{0} seconds are longer than a change can be held")]
    HoldTooLong(u32),
    /// A page cursor that this store did not give for this question.
    #[error("not a page cursor of this list")]
    BadCursor,
    /// The full pass this page belongs to was discarded or has ended.
    #[error("the full pass of this page has ended")]
    CrawlEnded,
    /// A file beside the databases.
    #[error("a file could not be used: {0}")]
    Io(std::io::ErrorKind),
    /// Anything else, by its SQLite code.
    #[error("the database answered with code {0}")]
    Sqlite(i32),
}

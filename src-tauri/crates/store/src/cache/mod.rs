//! `cache.db`: what the providers can tell again. Losing its last moment loses nothing, so it is written with
//! `synchronous=NORMAL`.

pub(crate) mod accounts;
pub(crate) mod batch;
pub(crate) mod candidates;
pub(crate) mod cards;
pub(crate) mod counters;
pub(crate) mod crawl;
pub(crate) mod cursor;
pub(crate) mod door;
pub(crate) mod find;
pub(crate) mod find_cards;
pub(crate) mod find_people;
pub(crate) mod forgotten;
pub(crate) mod gone;
pub(crate) mod head;
pub(crate) mod index;
pub(crate) mod known;
pub(crate) mod names;
pub(crate) mod observed;
pub(crate) mod open;
pub(crate) mod overlay;
pub(crate) mod particulars;
pub(crate) mod people;
pub(crate) mod people_cards;
pub(crate) mod people_count;
pub(crate) mod people_stages;
pub(crate) mod people_walks;
#[cfg(test)]
mod plans;
pub(crate) mod rebuild;
pub(crate) mod records;
pub(crate) mod residents;
pub(crate) mod rows;
pub(crate) mod terms;
pub(crate) mod text;
pub(crate) mod token_rows;
pub(crate) mod version_owners;
pub(crate) mod version_rows;
pub(crate) mod versions;

use crate::StoreError;
use crate::error::DataFile;
use crate::sqlite::{self, Database};
use accounts::Accounts;
use observed::Untold;
use std::sync::RwLock;
use terms::Terms;

/// The migrations this program knows.
pub(crate) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/cache");

/// The open cache.
pub(crate) struct CacheDb {
    pub db: Database,
    accounts: RwLock<Accounts>,
    terms: RwLock<Terms>,
    untold: Untold,
}

// Everything below this module speaks to the cache; the ledger has an error type of its own.
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        sqlite::everyday(&error, DataFile::Cache)
    }
}

/// The cache holds something that this program did not write.
pub(crate) fn damaged() -> StoreError {
    StoreError::Damaged(DataFile::Cache)
}

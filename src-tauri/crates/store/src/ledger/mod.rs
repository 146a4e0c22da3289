//! `ledger.db`: what nobody else knows. Small, and written with `synchronous=FULL`.

pub(crate) mod accounts;
pub(crate) mod chain;
pub(crate) mod change_list;
pub(crate) mod change_rows;
pub(crate) mod difference;
pub(crate) mod directory;
pub(crate) mod flow_runs;
pub(crate) mod imports;
#[cfg(test)]
mod kept;
pub(crate) mod lanes;
pub(crate) mod log;
pub(crate) mod marks;
#[cfg(test)]
mod older_outbox;
#[cfg(test)]
mod older_systems;
pub(crate) mod outbox;
pub(crate) mod plan_run;
pub(crate) mod plans;
pub(crate) mod queue;
pub(crate) mod settings;
pub(crate) mod single_use;
pub(crate) mod timeline;
#[cfg(test)]
mod unreadable;
pub(crate) mod verifications;
#[cfg(test)]
mod walks;

use crate::StoreError;
use crate::error::DataFile;
use crate::sqlite::{self, Database};
use chrono::{DateTime, Utc};

/// The migrations this program knows.
pub(crate) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/ledger");

/// The open ledger.
pub(crate) struct LedgerDb(pub Database);

/// An error of this file. A type of its own, so that a broken ledger is never reported as a broken cache.
pub(crate) struct Fault(StoreError);

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self(sqlite::everyday(&error, DataFile::Ledger))
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        fault.0
    }
}

/// The ledger holds something that this program did not write.
pub(crate) fn damaged() -> Fault {
    Fault(StoreError::Damaged(DataFile::Ledger))
}

/// Reads a stored time.
pub(crate) fn time(millis: i64) -> Result<DateTime<Utc>, Fault> {
    DateTime::from_timestamp_millis(millis).ok_or_else(damaged)
}

/// Reads sixteen stored bytes.
pub(crate) fn id(bytes: &[u8]) -> Result<[u8; 16], Fault> {
    bytes.try_into().map_err(|_| damaged())
}

/// Sixteen-byte ids as a JSON list of hexadecimal texts, for `unhex(value) FROM json_each(?)`.
pub(crate) fn id_list(ids: impl IntoIterator<Item = [u8; 16]>) -> String {
    let list: Vec<String> = ids.into_iter().map(|id| crate::key::hex(&id)).collect();
    serde_json::json!(list).to_string()
}

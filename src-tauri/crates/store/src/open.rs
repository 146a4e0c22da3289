//! Opening both files: checks, backup, migrations, overlays.

use crate::{DbKey, OpenError, Store};
use std::path::{Path, PathBuf};

/// An open store, and what had to be done for it.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Where a cache went that was damaged, from a newer version or under another key; a new empty one stands in its
    /// place.
    pub cache_rebuilt: Option<PathBuf>,
}

impl Store {
    /// Opens the data folder `dir`, creating what is missing. An existing ledger is copied before it is migrated; a
    /// cache that cannot be used is moved aside and started anew; overlays are rebuilt from the ledger.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was written in the cases that say so.
    pub async fn open(dir: &Path, key: &DbKey) -> Result<Opened, OpenError> {
        let _ = (dir, key);
        todo!()
    }
}

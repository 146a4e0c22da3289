//! The store as the rest of the desk holds it: cheap to clone, closed once.

use std::sync::Arc;

/// The number of one read of a provider: it rises, also over restarts. A fact read under a lower number never
/// replaces one read under a higher number. Taken before the first byte of the request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadTicket(pub(crate) i64);

/// Both files, open. Clones share them.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Closes both files: waits for what runs, writes the log of each file back into it. Every later call on any clone
    /// answers [`crate::StoreError::Closed`].
    pub async fn close(self) {
        todo!()
    }

    /// A number for a read that is about to start.
    pub fn begin_read(&self) -> ReadTicket {
        todo!()
    }

    /// Starts the cache anew: an empty file, the accounts, and nothing of the ledger lost. Rows and their overlays come
    /// back as the providers are read again.
    ///
    /// # Errors
    /// [`StoreError`]; the ledger is not touched.
    pub async fn rebuild_cache(&self) -> Result<(), crate::StoreError> {
        todo!()
    }
}

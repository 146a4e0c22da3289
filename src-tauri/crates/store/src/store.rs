//! The store as the rest of the desk holds it: cheap to clone, closed once.

use crate::cache::CacheDb;
use crate::crash::{self, CrashPoint};
use crate::ledger::LedgerDb;
use crate::{DbKey, StoreError};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use tokendesk_model::TokenId;
use tokio::sync::{Mutex, RwLock};

/// The number of one read of a provider: it rises, also over restarts. A fact read under a lower number never
/// replaces one read under a higher number. Taken before the first byte of the request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadTicket(pub(crate) i64);

/// Both files, open. Clones share them.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub dir: PathBuf,
    pub key: DbKey,
    pub ledger: LedgerDb,
    /// Taken for writing only while the file is replaced.
    pub cache: RwLock<CacheDb>,
    /// The last read number given out.
    pub tickets: AtomicI64,
    /// Held from reading the ledger to writing the cache, so that an older answer cannot land after a newer one.
    pub overlays: Mutex<()>,
    /// Held from changing what is forgotten in the ledger to changing it in the cache.
    pub forgetting: Mutex<()>,
    /// The cache missed an overlay; the next one repairs it.
    pub overlays_behind: AtomicBool,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Closes both files: waits for what runs, writes the log of each file back into it. Every later call on any clone
    /// answers [`StoreError::Closed`].
    pub async fn close(self) {
        self.inner.cache.read().await.db.close().await;
        self.inner.ledger.0.close().await;
    }

    /// A number for a read that is about to start.
    pub fn begin_read(&self) -> ReadTicket {
        ReadTicket(self.inner.tickets.fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// Shows what the ledger says of these tokens. The ledger has it already, so a cache that cannot take it now is
    /// repaired with the next overlay or at the next start, and the wish is not reported as lost.
    pub(crate) async fn show_overlays(&self, tokens: &[TokenId]) {
        // Taken down before the repair begins, so that a failure meanwhile puts it up again for the next one.
        let shown = if self.inner.overlays_behind.swap(false, Ordering::SeqCst) {
            self.renew_overlays().await
        } else {
            self.write_overlays(tokens).await
        };
        if shown.is_err() {
            self.inner.overlays_behind.store(true, Ordering::SeqCst);
        }
        if let Err(error) = shown {
            tracing::warn!(%error, "an open change is queued and not shown yet");
        }
    }

    /// Makes the cache's overlays equal to the ledger's: those that should be there, and those that are. Only what differs is
    /// written: an overlay and what it shows were stored in one transaction.
    pub(crate) async fn renew_overlays(&self) -> Result<(), StoreError> {
        let _order = self.inner.overlays.lock().await;
        let cache = self.inner.cache.read().await;
        let laid = cache.overlaid().await?;
        let mut tokens = self.inner.ledger.tokens_with_open_changes(None).await?;
        tokens.extend(laid.keys().copied());
        tokens.sort_unstable();
        tokens.dedup();
        let mut overlays = self.inner.ledger.overlays(&tokens).await?;
        overlays.retain(|(token, overlay)| laid.get(token).copied().unwrap_or_default() != *overlay);
        cache.lay(&overlays).await?;
        crash::point(CrashPoint::OverlayCommitted);
        Ok(())
    }

    async fn write_overlays(&self, tokens: &[TokenId]) -> Result<(), StoreError> {
        let _order = self.inner.overlays.lock().await;
        let overlays = self.inner.ledger.overlays(tokens).await?;
        self.inner.cache.read().await.lay(&overlays).await?;
        crash::point(CrashPoint::OverlayCommitted);
        Ok(())
    }
}

#[cfg(feature = "crash-points")]
impl Store {
    /// Lets a file grow to so many pages and no further, so that it meets a full disk; `u32::MAX` lets it grow again.
    /// Answers the number that holds, never below what the file has already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn limit_pages(&self, file: crate::DataFile, max_page_count: u32) -> Result<u32, StoreError> {
        let cache = self.inner.cache.read().await;
        let writer = match file {
            crate::DataFile::Cache => &cache.db.writer,
            crate::DataFile::Ledger => &self.inner.ledger.0.writer,
        };
        writer
            .limit_pages(max_page_count)
            .await
            .map_err(|error| crate::sqlite::everyday(&error, file))
    }
}

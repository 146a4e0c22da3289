//! The card as it is read around a write, and what of its customer a write may have moved.

use super::{Read, Sender};
use crate::Changed;
use crate::asking::{Asking, Patience};
use crate::error::SyncError;
use crate::records::Records;
use crate::tokens::put_token;
use std::sync::atomic::Ordering;
use tokendesk_model::capability::Deletion;
use tokendesk_model::{ActiveVersion, Change, Seen, TokenSnapshot, Wish};
use tokendesk_providers::{ProviderError, ProviderErrorKind, RetryKind, TokenRef};
use tokendesk_store::crash::{CrashPoint, point};
use tokio::time::Instant;

impl Sender {
    /// The card, and what else the decision may hang on: its version in use, and what a deletion would take along.
    pub(super) async fn read(&self, change: &Change) -> Result<Option<Read>, SyncError> {
        let (at, wall) = (Instant::now(), self.clock.now());
        let Some(token) = self.read_token(change, false).await? else {
            return Ok(None);
        };
        let mut seen = Seen::of(&token, ActiveVersion::NotRead);
        let hangs_on_it = change.wish == Wish::Delete || change.wish.enables();
        if hangs_on_it && !seen.meets(change.wish) {
            seen.active_version = self.read_version(change).await?;
            if change.wish == Wish::Delete {
                seen.open_business = self.open_business(change).await?;
            }
        }
        Ok(Some(Read {
            seen,
            token,
            at,
            wall,
        }))
    }

    pub(super) async fn read_token(
        &self,
        change: &Change,
        back: bool,
    ) -> Result<Option<TokenSnapshot>, SyncError> {
        let ticket = self.store.begin_read();
        let system = &self.link.system;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let snapshot = self
            .link
            .read(self.clock.as_ref(), || system.read_token(token_of(change)))
            .await?;
        if back {
            point(CrashPoint::ReadBackNotStored);
        }
        let Some(snapshot) = snapshot else {
            return Ok(None);
        };
        let stored = put_token(&self.store, &self.link, ticket, snapshot, self.clock.now()).await?;
        if back {
            point(CrashPoint::SnapshotCommitted);
        }
        Ok(Some(stored))
    }

    async fn read_version(&self, change: &Change) -> Result<ActiveVersion, SyncError> {
        // What was imported has no versions to be read.
        if self.link.reads_here() {
            return Ok(ActiveVersion::NotRead);
        }
        let account = self.link.account.id;
        let ticket = self.store.begin_read();
        let system = &self.link.system;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let read = self
            .link
            .read(self.clock.as_ref(), || system.active_version(token_of(change)))
            .await;
        match read {
            Ok(Some(version)) => {
                self.link.refuse_production(std::slice::from_ref(&version))?;
                let id = version.remote_id.clone();
                self.store
                    .put_versions(account, ticket, &[version], self.clock.now(), None)
                    .await?;
                Ok(ActiveVersion::Is(id))
            }
            Ok(None) => {
                self.store
                    .put_no_active_version(account, ticket, change.token, self.clock.now())
                    .await?;
                Ok(ActiveVersion::Nothing)
            }
            // A user may read cards without their details: nothing is concluded from them.
            Err(error) if error.is_forbidden() => Ok(ActiveVersion::NotRead),
            Err(error) => Err(error),
        }
    }

    /// Payments and subscriptions that go with the customer record; `None` where a deletion takes none along.
    ///
    /// What this account may never look up is left out: its person was told so. What cannot be looked up now puts the
    /// deletion off.
    async fn open_business(&self, change: &Change) -> Result<Option<Vec<String>>, SyncError> {
        if self.link.capabilities().delete != Deletion::CustomerRecord {
            return Ok(None);
        }
        let system = &self.link.system;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let before = self
            .link
            .read(self.clock.as_ref(), || system.before_deletion(token_of(change)))
            .await?;
        if let Some(kind) = before.not_known {
            let error = ProviderError::new(kind);
            if error.retry() != RetryKind::Permanent {
                // It came inside an answer: the link has not heard of it yet, and decides how long to wait.
                self.link.note(Err(error), self.clock.now()).0?;
            }
        }
        let mut open = before.open_payments;
        open.extend(before.subscriptions);
        Ok(Some(open))
    }

    /// Every card of the change's customer, because a write moved more than its own: which one is the default. What cannot be
    /// read now is shown by the next pass.
    pub(super) async fn reread_customer(&self, change: &Change) -> Result<(), SyncError> {
        let Some(record) = change.base.record.as_deref() else {
            return Ok(());
        };
        let records = Records {
            store: &self.store,
            asking: Asking {
                link: &self.link,
                clock: self.clock.as_ref(),
                listener: self.listener.as_ref(),
                patience: Patience::Short,
            },
        };
        match records.listed(record).await {
            Ok(_) => self.listener.changed(Changed::Cards),
            Err(SyncError::Store(error)) => return Err(error.into()),
            Err(SyncError::Provider(error)) if error.kind == ProviderErrorKind::NotOffered => {}
            Err(error) => tracing::debug!(%error, "the other cards of a customer are read later"),
        }
        Ok(())
    }
}

/// How the card of a change is addressed.
pub(super) fn token_of(change: &Change) -> TokenRef<'_> {
    TokenRef {
        remote_id: &change.remote_id,
        record: change.base.record.as_deref(),
    }
}

//! The outbox: what people want, durably queued before anything shows it.

use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::change::ChangeBase;
use tokendesk_model::{AccountId, Change, ChangeId, ChangeLabel, Environment, Stuck, TokenId, Wish};

/// A wish to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// The account it goes to.
    pub account: AccountId,
    /// The token it is about; also its lane.
    pub token: TokenId,
    /// The provider's id of the token.
    pub remote_id: String,
    /// What is wanted.
    pub wish: Wish,
    /// A person's words, already guarded against card numbers.
    pub reason: Option<String>,
    /// Who asks.
    pub actor: String,
    /// For a person, without the cache.
    pub label: ChangeLabel,
    /// What is known of the token now.
    pub base: ChangeBase,
}

/// Which changes to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangesFilter {
    /// Waiting, sending and stuck ones only.
    pub open_only: bool,
    /// Of these tokens only; empty means any.
    pub tokens: Vec<TokenId>,
    /// Of this account only.
    pub account: Option<AccountId>,
    /// Of accounts in this environment only.
    pub env: Option<Environment>,
    /// At most so many; 0 means 1,000.
    pub limit: u32,
    /// Newest first instead of oldest first.
    pub newest_first: bool,
}

/// How sending ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finished {
    /// The provider accepted, and the new value was read back.
    Done,
    /// Needs a person.
    Stuck(Stuck),
}

/// Open changes by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChangeCounts {
    /// Queued.
    pub waiting: u32,
    /// On their way.
    pub sending: u32,
    /// Need a person.
    pub stuck: u32,
}

impl Store {
    /// Queues a wish: in the ledger first, then shown through the overlay, then answered. Older waiting and stuck wishes
    /// of the token that it replaces are withdrawn as superseded; one on its way is left alone and goes first.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`]; then nothing was queued.
    pub async fn enqueue(&self, new: NewChange, now: DateTime<Utc>) -> Result<Change, StoreError> {
        let _ = (new, now);
        todo!()
    }

    /// One change.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change(&self, id: ChangeId) -> Result<Option<Change>, StoreError> {
        let _ = id;
        todo!()
    }

    /// Lists changes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn changes(&self, filter: &ChangesFilter) -> Result<Vec<Change>, StoreError> {
        let _ = filter;
        todo!()
    }

    /// What can be sent now: of each lane its oldest waiting change, if it is due, nothing of the lane is on its way, no
    /// earlier stuck change holds the lane, and the account is not paused. Oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sendable(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Change>, StoreError> {
        let _ = (now, limit);
        todo!()
    }

    /// When the next change can be sent: in the past if one can now, `None` if none ever will without a person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        todo!()
    }

    /// Marks a change as on its way and counts the attempt. Stored before the first byte is sent.
    ///
    /// # Errors
    /// [`StoreError::NotWaiting`] when it does not wait or its lane has another one on its way; [`StoreError::NoSuchChange`].
    pub async fn mark_sending(&self, id: ChangeId, now: DateTime<Utc>) -> Result<Change, StoreError> {
        let _ = (id, now);
        todo!()
    }

    /// Ends sending, with a row in the log in the same transaction; then the overlay is dropped.
    ///
    /// # Errors
    /// [`StoreError::TooLate`] when the change is neither waiting nor on its way; [`StoreError::NoSuchChange`].
    pub async fn finish(
        &self,
        id: ChangeId,
        result: &Finished,
        request_id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let _ = (id, result, request_id, now);
        todo!()
    }

    /// Puts a change back to waiting, not to be sent before `until`.
    ///
    /// # Errors
    /// [`StoreError::TooLate`] when it is not on its way; [`StoreError::NoSuchChange`].
    pub async fn postpone(
        &self,
        id: ChangeId,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let _ = (id, until, now);
        todo!()
    }

    /// At start: what was on its way waits again, to be read before anything is repeated. Says how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recover(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let _ = now;
        todo!()
    }

    /// Lets a stuck change wait again.
    ///
    /// # Errors
    /// [`StoreError::TooLate`] when it is not stuck; [`StoreError::NoSuchChange`].
    pub async fn retry(&self, id: ChangeId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let _ = (id, now);
        todo!()
    }

    /// Takes a waiting or stuck change back. Twice is as good as once.
    ///
    /// # Errors
    /// [`StoreError::TooLate`] when it is on its way or done; [`StoreError::NoSuchChange`].
    pub async fn discard(&self, id: ChangeId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let _ = (id, now);
        todo!()
    }

    /// How many changes are open, in one environment or in all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_counts(&self, env: Option<Environment>) -> Result<ChangeCounts, StoreError> {
        let _ = env;
        todo!()
    }
}

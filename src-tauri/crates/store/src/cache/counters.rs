//! Counters by effective state: kept by the doors, always equal to `COUNT(*)`.

use crate::{Store, StoreError};
use tokendesk_model::{AccountId, Environment, TokenState};

/// Cards by effective state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StateCounts {
    /// Usable.
    pub active: u32,
    /// Kept, not used.
    pub inactive: u32,
    /// Deletion in progress.
    pub deleting: u32,
    /// Being made.
    pub creating: u32,
    /// Deleted, or gone at the provider.
    pub deleted: u32,
    /// A state this version does not know.
    pub other: u32,
}

impl StateCounts {
    /// All of them.
    pub fn all(&self) -> u32 {
        self.active + self.inactive + self.deleting + self.creating + self.deleted + self.other
    }

    /// Adds `n` cards in the state with this stored number.
    pub(crate) fn add(&mut self, state: i64, n: u32) {
        match TokenState::from_number(state, None) {
            TokenState::Active => self.active += n,
            TokenState::Inactive => self.inactive += n,
            TokenState::Deleting => self.deleting += n,
            TokenState::Creating => self.creating += n,
            TokenState::Deleted => self.deleted += n,
            TokenState::Unknown(_) => self.other += n,
        }
    }
}

/// What an environment holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// People.
    pub people: u64,
    /// Cards, deleted ones included.
    pub cards: u64,
}

impl Store {
    /// Cards of an environment by effective state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn counts(&self, env: Environment) -> Result<StateCounts, StoreError> {
        let _ = env;
        todo!()
    }

    /// Cards of an account by effective state.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn account_counts(&self, account: AccountId) -> Result<StateCounts, StoreError> {
        let _ = account;
        todo!()
    }

    /// People and cards of an environment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn totals(&self, env: Environment) -> Result<Totals, StoreError> {
        let _ = env;
        todo!()
    }
}

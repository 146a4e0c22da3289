//! Accounts and what each has taught.

use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::{Account, AccountId, Lesson};

impl Store {
    /// Every account, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        todo!()
    }

    /// One account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let _ = id;
        todo!()
    }

    /// Adds an account. One scope at one origin of one provider is one account, whatever the environment.
    ///
    /// # Errors
    /// [`StoreError::SameAccount`] when it is connected already.
    pub async fn insert_account(&self, account: &Account) -> Result<(), StoreError> {
        let _ = account;
        todo!()
    }

    /// Pauses an account with the reason shown to people, or lets it go on with `None`.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn set_paused(&self, id: AccountId, reason: Option<&str>) -> Result<(), StoreError> {
        let _ = (id, reason);
        todo!()
    }

    /// Removes an account, its cached rows, and people who have no customer left. Its ended changes and its log rows stay.
    ///
    /// # Errors
    /// [`StoreError::OpenChanges`] when a change of it is open; [`StoreError::NoSuchAccount`].
    pub async fn remove_account(&self, id: AccountId) -> Result<(), StoreError> {
        let _ = id;
        todo!()
    }

    /// What the account has taught about the attempted field.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn lesson(&self, id: AccountId) -> Result<Lesson, StoreError> {
        let _ = id;
        todo!()
    }

    /// Keeps a lesson, and shows or hides the open state changes of that account accordingly.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn set_lesson(
        &self,
        id: AccountId,
        lesson: Lesson,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let _ = (id, lesson, at);
        todo!()
    }
}

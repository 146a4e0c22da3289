//! Settings, and who was opened lately.

use crate::{PersonRow, Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::{Environment, PersonKey};

impl Store {
    /// A setting.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let _ = key;
        todo!()
    }

    /// Keeps a setting; `None` removes it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_setting(&self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        let _ = (key, value);
        todo!()
    }

    /// Notes that a person was opened. The last fifty of each environment are kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_opened(
        &self,
        env: Environment,
        key: &PersonKey,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let _ = (env, key, now);
        todo!()
    }

    /// Who was opened lately and is in the cache, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recent_people(&self, env: Environment, limit: u32) -> Result<Vec<PersonRow>, StoreError> {
        let _ = (env, limit);
        todo!()
    }
}

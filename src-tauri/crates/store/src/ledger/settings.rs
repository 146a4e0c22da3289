//! Settings, and who was opened lately.

use super::{Fault, LedgerDb, damaged};
use crate::{PersonRow, Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::{Environment, PersonKey};

/// How many opened people are remembered in each environment.
const REMEMBERED: i64 = 50;

/// A person as kept in the ledger, which outlives the cache's own numbers.
fn person_text(key: &PersonKey) -> String {
    match key {
        PersonKey::Email(email) => format!("e{email}"),
        PersonKey::Customer(id) => format!("c{id}"),
    }
}

fn read_person(text: &str) -> Option<PersonKey> {
    match text.split_at_checked(1)? {
        ("e", email) => Some(PersonKey::Email(email.to_owned())),
        ("c", id) => id.parse().ok().map(PersonKey::Customer),
        _ => None,
    }
}

impl LedgerDb {
    async fn setting(&self, key: &str) -> Result<Option<String>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        Ok(sqlx::query_scalar("SELECT value FROM setting WHERE key = ?1")
            .bind(key)
            .fetch_optional(&mut *tx)
            .await?)
    }

    async fn set_setting(&self, key: &str, value: Option<&str>) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        match value {
            Some(value) => {
                sqlx::query(
                    "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                )
                .bind(key)
                .bind(value)
                .execute(&mut *tx)
                .await?
            }
            None => sqlx::query("DELETE FROM setting WHERE key = ?1").bind(key).execute(&mut *tx).await?,
        };
        tx.commit().await?;
        Ok(())
    }

    async fn note_opened(&self, env: Environment, key: &PersonKey, now: DateTime<Utc>) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        sqlx::query(
            "INSERT INTO opened (environment, person, at) VALUES (?1, ?2, ?3)
             ON CONFLICT (environment, person) DO UPDATE SET at = excluded.at",
        )
        .bind(env.number())
        .bind(person_text(key))
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "DELETE FROM opened WHERE environment = ?1 AND person NOT IN
             (SELECT person FROM opened WHERE environment = ?1 ORDER BY at DESC, person LIMIT ?2)",
        )
        .bind(env.number())
        .bind(REMEMBERED)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn opened(&self, env: Environment) -> Result<Vec<PersonKey>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let texts: Vec<String> =
            sqlx::query_scalar("SELECT person FROM opened WHERE environment = ?1 ORDER BY at DESC, person")
                .bind(env.number())
                .fetch_all(&mut *tx)
                .await?;
        texts
            .iter()
            .map(|text| read_person(text).ok_or_else(damaged))
            .collect()
    }
}

/// For how long a change is held unless a person says otherwise, in seconds.
pub const DEFAULT_HOLD_SECONDS: u32 = 10;
/// The longest a change can be held, in seconds.
pub const LONGEST_HOLD_SECONDS: u32 = 60;
const HOLD: &str = "hold_seconds";

impl Store {
    /// For how many seconds a new change is held.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hold_seconds(&self) -> Result<u32, StoreError> {
        let kept = self.inner.ledger.setting(HOLD).await?;
        Ok(kept
            .and_then(|text| text.parse().ok())
            .filter(|seconds| *seconds <= LONGEST_HOLD_SECONDS)
            .unwrap_or(DEFAULT_HOLD_SECONDS))
    }

    /// Says for how many seconds a new change is held; 0 lets it wait at once.
    ///
    /// # Errors
    /// [`StoreError::HoldTooLong`] above [`LONGEST_HOLD_SECONDS`].
    pub async fn set_hold_seconds(&self, seconds: u32) -> Result<(), StoreError> {
        if seconds > LONGEST_HOLD_SECONDS {
            return Err(StoreError::HoldTooLong(seconds));
        }
        Ok(self
            .inner
            .ledger
            .set_setting(HOLD, Some(&seconds.to_string()))
            .await?)
    }

    /// A setting.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self.inner.ledger.setting(key).await?)
    }

    /// Keeps a setting; `None` removes it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_setting(&self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        Ok(self.inner.ledger.set_setting(key, value).await?)
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
        Ok(self.inner.ledger.note_opened(env, key, now).await?)
    }

    /// Who was opened lately and is in the cache, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recent_people(&self, env: Environment, limit: u32) -> Result<Vec<PersonRow>, StoreError> {
        let keys = self.inner.ledger.opened(env).await?;
        self.inner
            .cache
            .read()
            .await
            .people_by_key(env, &keys, limit)
            .await
    }
}

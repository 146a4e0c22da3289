//! Counters by effective state: kept by the doors, always equal to `COUNT(*)`.

use super::{CacheDb, damaged};
use crate::sqlite::Tx;
use crate::{Store, StoreError};
use std::collections::BTreeMap;
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

impl StateCounts {
    /// Adds all of `other`.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.active += other.active;
        self.inactive += other.inactive;
        self.deleting += other.deleting;
        self.creating += other.creating;
        self.deleted += other.deleted;
        self.other += other.other;
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

/// By how much a door moved the counters of one account.
#[derive(Default)]
pub(crate) struct Moves(BTreeMap<i64, i64>);

impl Moves {
    /// A card that was in state `from` is in state `to`; `None` is "not here".
    pub fn step(&mut self, from: Option<i64>, to: Option<i64>) {
        if from == to {
            return;
        }
        if let Some(from) = from {
            *self.0.entry(from).or_default() -= 1;
        }
        if let Some(to) = to {
            *self.0.entry(to).or_default() += 1;
        }
    }

    /// Writes them.
    pub async fn write(&self, tx: &mut Tx, account: i64) -> Result<(), StoreError> {
        for (state, by) in self.0.iter().filter(|(_, by)| **by != 0) {
            sqlx::query(
                "INSERT INTO counter (account, state, n) VALUES (?1, ?2, ?3)
                 ON CONFLICT (account, state) DO UPDATE SET n = n + excluded.n",
            )
            .bind(account)
            .bind(state)
            .bind(by)
            .execute(&mut **tx)
            .await?;
        }
        Ok(())
    }
}

async fn counted(tx: &mut Tx, account: i64) -> Result<StateCounts, StoreError> {
    let rows: Vec<(i64, i64)> = sqlx::query_as("SELECT state, n FROM counter WHERE account = ?1")
        .bind(account)
        .fetch_all(&mut **tx)
        .await?;
    let mut counts = StateCounts::default();
    for (state, n) in rows {
        counts.add(state, u32::try_from(n).map_err(|_| damaged())?);
    }
    Ok(counts)
}

impl CacheDb {
    async fn counts(&self, env: Environment) -> Result<StateCounts, StoreError> {
        let mut tx = self.db.reader.begin().await?;
        let mut all = StateCounts::default();
        for account in self.accounts_of(env) {
            all.merge(&counted(&mut tx, account.n).await?);
        }
        Ok(all)
    }

    async fn totals(&self, env: Environment) -> Result<Totals, StoreError> {
        let cards = self.counts(env).await?.all();
        let mut tx = self.db.reader.begin().await?;
        let people: i64 = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'people_' || ?1")
            .bind(env.number())
            .fetch_one(&mut *tx)
            .await?;
        Ok(Totals {
            people: u64::try_from(people).map_err(|_| damaged())?,
            cards: u64::from(cards),
        })
    }
}

impl Store {
    /// Cards of an environment by effective state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn counts(&self, env: Environment) -> Result<StateCounts, StoreError> {
        self.inner.cache.read().await.counts(env).await
    }

    /// Cards of an account by effective state.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn account_counts(&self, account: AccountId) -> Result<StateCounts, StoreError> {
        let cache = self.inner.cache.read().await;
        let account = cache.account_ref(account)?;
        let mut tx = cache.db.reader.begin().await?;
        counted(&mut tx, account.n).await
    }

    /// People and cards of an environment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn totals(&self, env: Environment) -> Result<Totals, StoreError> {
        self.inner.cache.read().await.totals(env).await
    }
}

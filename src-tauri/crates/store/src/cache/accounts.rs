//! Accounts as the cache knows them: a small number each, and an environment.

use super::{CacheDb, damaged};
use crate::StoreError;
use crate::sqlite::Tx;
use sqlx::Row;
use std::collections::HashMap;
use std::sync::PoisonError;
use tokendesk_model::{AccountId, Environment};

/// An account's number in this file, and what never changes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AccountRef {
    pub id: AccountId,
    pub n: i64,
    pub env: Environment,
}

/// All of them, in memory: there are few, and every row names one.
#[derive(Default)]
pub(crate) struct Accounts(HashMap<i64, AccountRef>);

impl Accounts {
    pub async fn load(tx: &mut Tx) -> Result<Self, sqlx::Error> {
        let rows = sqlx::query("SELECT n, id, env FROM account")
            .fetch_all(&mut **tx)
            .await?;
        let mut all = HashMap::new();
        for row in &rows {
            let bytes: Vec<u8> = row.try_get(1)?;
            let bytes: [u8; 16] = bytes.try_into().map_err(|_| sqlx::Error::RowNotFound)?;
            let env = Environment::from_number(row.try_get(2)?).ok_or(sqlx::Error::RowNotFound)?;
            let n = row.try_get(0)?;
            all.insert(
                n,
                AccountRef {
                    id: AccountId::from_bytes(bytes),
                    n,
                    env,
                },
            );
        }
        Ok(Self(all))
    }
}

impl CacheDb {
    /// An account by our id.
    pub fn account_ref(&self, id: AccountId) -> Result<AccountRef, StoreError> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        accounts
            .0
            .values()
            .find(|account| account.id == id)
            .copied()
            .ok_or(StoreError::NoSuchAccount)
    }

    /// An account by its number in this file.
    pub fn account_numbered(&self, n: i64) -> Result<AccountRef, StoreError> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        accounts.0.get(&n).copied().ok_or_else(damaged)
    }

    /// The accounts of an environment, oldest first.
    pub fn accounts_of(&self, env: Environment) -> Vec<AccountRef> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = accounts
            .0
            .values()
            .filter(|account| account.env == env)
            .copied()
            .collect();
        all.sort_unstable_by_key(|account| account.n);
        all
    }

    /// Every account this file knows.
    pub fn account_ids(&self) -> Vec<AccountId> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        accounts.0.values().map(|account| account.id).collect()
    }

    /// Makes an account known; twice is as good as once.
    pub async fn add_account(&self, id: AccountId, env: Environment) -> Result<(), StoreError> {
        if self.account_ref(id).is_ok() {
            return Ok(());
        }
        let mut tx = self.db.writer.begin().await?;
        sqlx::query("INSERT INTO account (id, env) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING")
            .bind(id.bytes().to_vec())
            .bind(env.number())
            .execute(&mut *tx)
            .await?;
        self.remember_accounts(tx).await
    }

    /// Forgets an account, its rows, and people who have no customer record left.
    pub async fn remove_account(&self, id: AccountId) -> Result<(), StoreError> {
        let Ok(account) = self.account_ref(id) else {
            return Ok(());
        };
        let mut tx = self.db.writer.begin().await?;
        let people: Vec<i64> = sqlx::query_scalar("SELECT DISTINCT person FROM customer WHERE account = ?1")
            .bind(account.n)
            .fetch_all(&mut *tx)
            .await?;
        for sql in [
            "DELETE FROM token_version WHERE token IN (SELECT n FROM token WHERE account = ?1)",
            "DELETE FROM token_ref WHERE n IN (SELECT n FROM token WHERE account = ?1)",
            "DELETE FROM token_by_id WHERE n IN (SELECT n FROM token WHERE account = ?1)",
            "DELETE FROM particular WHERE token IN (SELECT n FROM token WHERE account = ?1)",
            "DELETE FROM token WHERE account = ?1",
            "DELETE FROM record WHERE account = ?1",
            "DELETE FROM forgotten WHERE account = ?1",
            "DELETE FROM customer_ref WHERE account = ?1",
            "DELETE FROM customer WHERE account = ?1",
            "DELETE FROM counter WHERE account = ?1",
            "DELETE FROM account WHERE n = ?1",
        ] {
            sqlx::query(sql).bind(account.n).execute(&mut *tx).await?;
        }
        sqlx::query("DELETE FROM observed WHERE account = ?1")
            .bind(id.bytes().to_vec())
            .execute(&mut *tx)
            .await?;
        for some in people.chunks(10_000) {
            super::residents::remove_people_without_customers(&mut tx, account.env, some).await?;
        }
        for some in people.chunks(1_000) {
            super::names::recompute_people(&mut tx, some).await?;
        }
        self.remember_accounts(tx).await
    }

    async fn remember_accounts(&self, mut tx: Tx) -> Result<(), StoreError> {
        let fresh = Accounts::load(&mut tx).await?;
        tx.commit().await?;
        *self.accounts.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

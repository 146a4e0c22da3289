//! The directory of a payment system that lists nothing: customers and, for some, tokens that a person imported.
//!
//! The ledger is the only one who knows them. The cache gets them as everything else does, with the next read; only what is
//! taken away leaves it at once, and a tombstone keeps a page that was read before from bringing it back.

use super::change_rows::to_millis;
use super::{Fault, LedgerDb, time};
use crate::sqlite::Tx;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::Row;
use std::collections::HashMap;
use tokendesk_model::directory::given_id;
use tokendesk_model::{AccountId, ChangeId, TokenId};

/// A customer of a directory.
#[derive(Clone, PartialEq, Eq)]
pub struct DirectoryRecord {
    /// As imported; [`given_id`] says whether it is the shop's own.
    pub customer_id: String,
    /// As imported.
    pub email: Option<String>,
    /// As imported.
    pub name: Option<String>,
    /// When it was first imported.
    pub imported_at: DateTime<Utc>,
    /// Tokens imported for it, each with the time of its first import, by provider's id.
    pub tokens: Vec<(String, DateTime<Utc>)>,
}

/// Rows for `json_each`.
pub(super) fn list<T: Serialize>(rows: &T) -> String {
    serde_json::json!(rows).to_string()
}

pub(super) async fn known_account(tx: &mut Tx, account: AccountId) -> Result<Vec<u8>, Fault> {
    let bytes = account.bytes().to_vec();
    let known: i64 = sqlx::query_scalar("SELECT count(*) FROM account WHERE id = ?1")
        .bind(&bytes)
        .fetch_one(&mut **tx)
        .await?;
    if known == 0 {
        return Err(StoreError::NoSuchAccount.into());
    }
    Ok(bytes)
}

// Keeps tokens from coming back.
async fn bury_imported(
    tx: &mut Tx,
    account: AccountId,
    remote_ids: &[String],
    by: Option<ChangeId>,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let rows: Vec<(String, &String)> = remote_ids
        .iter()
        .map(|id| (crate::key::hex(&account.token(id).bytes()), id))
        .collect();
    sqlx::query(
        "INSERT INTO tombstone (token, account, remote_id, change, at, imported)
         SELECT unhex(value->>0), ?2, value->>1, ?3, ?4, 1 FROM json_each(?1) WHERE true
         ON CONFLICT (token) DO UPDATE SET change = ifnull(excluded.change, change), at = excluded.at, imported = 1",
    )
    .bind(list(&rows))
    .bind(account.bytes().to_vec())
    .bind(by.map(|id| id.bytes().to_vec()))
    .bind(now.timestamp_millis())
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "DELETE FROM directory_token
         WHERE account = ?2 AND remote_id IN (SELECT value FROM json_each(?1))",
    )
    .bind(list(&remote_ids))
    .bind(account.bytes().to_vec())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A page of a directory (`?1`) behind a customer id (`?2`).
pub(super) const PAGE: &str = "SELECT d.customer_id, d.email, d.name, d.imported_at FROM directory d
     WHERE d.account = ?1 AND d.customer_id > ?2 ORDER BY d.customer_id LIMIT ?3";
/// The tokens of some customers (`?1`) of a directory (`?2`).
pub(super) const TOKENS: &str = "SELECT t.customer_id, t.remote_id, t.imported_at
     FROM json_each(?1) j CROSS JOIN directory_token t ON t.account = ?2 AND t.customer_id = j.value
     ORDER BY t.customer_id, t.remote_id";

/// Imported tokens that were removed from this desk.
pub(super) const FORGOTTEN: &str =
    "SELECT account, remote_id FROM tombstone INDEXED BY tombstone_imported WHERE imported = 1";
/// How many changes of some tokens (`?1`) are open.
pub(super) const OPEN_CHANGES: &str =
    "SELECT count(*) FROM json_each(?1) j CROSS JOIN change c ON c.token = unhex(j.value)
       AND c.status IN ('held', 'waiting', 'sending', 'conflict', 'stuck')";

impl LedgerDb {
    async fn directory(
        &self,
        account: AccountId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<DirectoryRecord>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(PAGE)
            .bind(account.bytes().to_vec())
            .bind(after.unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await?;
        with_tokens(&mut tx, account, &rows).await
    }

    async fn directory_record(
        &self,
        account: AccountId,
        customer_id: &str,
    ) -> Result<Option<DirectoryRecord>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(
            "SELECT customer_id, email, name, imported_at FROM directory WHERE account = ?1 AND customer_id = ?2",
        )
        .bind(account.bytes().to_vec())
        .bind(customer_id.trim())
        .fetch_all(&mut *tx)
        .await?;
        Ok(with_tokens(&mut tx, account, &rows).await?.pop())
    }

    async fn directory_size(&self, account: AccountId) -> Result<u64, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let n: i64 = sqlx::query_scalar("SELECT count(*) FROM directory WHERE account = ?1")
            .bind(account.bytes().to_vec())
            .fetch_one(&mut *tx)
            .await?;
        Ok(n.unsigned_abs())
    }

    // Says which tokens went.
    async fn remove_from_directory(
        &self,
        account: AccountId,
        customer_id: &str,
        cached: &[TokenId],
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<String>>, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let bytes = known_account(&mut tx, account).await?;
        let tokens: Vec<String> = sqlx::query_scalar(
            "SELECT remote_id FROM directory_token WHERE account = ?1 AND customer_id = ?2",
        )
        .bind(&bytes)
        .bind(customer_id)
        .fetch_all(&mut *tx)
        .await?;
        let mut ids: Vec<TokenId> = tokens.iter().map(|id| account.token(id)).collect();
        ids.extend(cached);
        ids.sort_unstable();
        ids.dedup();
        let open: i64 = sqlx::query_scalar(OPEN_CHANGES)
            .bind(super::id_list(ids.iter().map(TokenId::bytes)))
            .fetch_one(&mut *tx)
            .await?;
        if open > 0 {
            return Err(StoreError::OpenChanges(u32::try_from(open).unwrap_or(u32::MAX)).into());
        }
        bury_imported(&mut tx, account, &tokens, None, now).await?;
        let gone = sqlx::query("DELETE FROM directory WHERE account = ?1 AND customer_id = ?2")
            .bind(&bytes)
            .bind(customer_id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok((gone.rows_affected() > 0).then_some(tokens))
    }

    // Says whose token it was, if nothing is left of that customer.
    async fn forget_imported(
        &self,
        account: AccountId,
        remote_id: &str,
        by: Option<ChangeId>,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let bytes = known_account(&mut tx, account).await?;
        let customer: Option<String> = sqlx::query_scalar(
            "SELECT customer_id FROM directory_token WHERE account = ?1 AND remote_id = ?2",
        )
        .bind(&bytes)
        .bind(remote_id)
        .fetch_optional(&mut *tx)
        .await?;
        bury_imported(&mut tx, account, &[remote_id.to_owned()], by, now).await?;
        // A customer that was only made up for its tokens goes with the last of them.
        let mut gone = None;
        if let Some(customer) = customer.filter(|id| given_id(id).is_none()) {
            let done = sqlx::query(
                "DELETE FROM directory WHERE account = ?1 AND customer_id = ?2 AND NOT EXISTS
                   (SELECT 1 FROM directory_token t WHERE t.account = ?1 AND t.customer_id = ?2)",
            )
            .bind(&bytes)
            .bind(&customer)
            .execute(&mut *tx)
            .await?;
            gone = Some(customer).filter(|_| done.rows_affected() > 0);
        }
        tx.commit().await?;
        Ok(gone)
    }

    /// Imported tokens that were removed from this desk.
    pub(crate) async fn forgotten(&self) -> Result<Vec<(AccountId, String)>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(FORGOTTEN).fetch_all(&mut *tx).await?;
        rows.iter()
            .map(|row| {
                let account = AccountId::from_bytes(super::id(row.try_get(0)?)?);
                Ok((account, row.try_get(1)?))
            })
            .collect()
    }
}

async fn with_tokens(
    tx: &mut Tx,
    account: AccountId,
    rows: &[sqlx::sqlite::SqliteRow],
) -> Result<Vec<DirectoryRecord>, Fault> {
    let ids: Vec<String> = rows
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, sqlx::Error>>()?;
    let mut tokens: HashMap<String, Vec<(String, DateTime<Utc>)>> = HashMap::new();
    let found = sqlx::query(TOKENS)
        .bind(list(&ids))
        .bind(account.bytes().to_vec())
        .fetch_all(&mut **tx)
        .await?;
    for row in &found {
        let of = tokens.entry(row.try_get(0)?).or_default();
        of.push((row.try_get(1)?, time(row.try_get(2)?)?));
    }
    rows.iter()
        .zip(ids)
        .map(|(row, customer_id)| {
            Ok(DirectoryRecord {
                email: row.try_get(1)?,
                name: row.try_get(2)?,
                imported_at: time(row.try_get(3)?)?,
                tokens: tokens.remove(&customer_id).unwrap_or_default(),
                customer_id,
            })
        })
        .collect()
}

impl Store {
    /// A page of a directory, by customer id. `after` is the last customer id of the page before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn directory(
        &self,
        account: AccountId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<DirectoryRecord>, StoreError> {
        Ok(self.inner.ledger.directory(account, after, limit).await?)
    }

    /// One customer of a directory.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn directory_record(
        &self,
        account: AccountId,
        customer_id: &str,
    ) -> Result<Option<DirectoryRecord>, StoreError> {
        Ok(self.inner.ledger.directory_record(account, customer_id).await?)
    }

    /// How many customers a directory has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn directory_size(&self, account: AccountId) -> Result<u64, StoreError> {
        Ok(self.inner.ledger.directory_size(account).await?)
    }

    /// Takes a customer out of a directory, with its imported tokens, its cards and itself in the lists of this desk. Nothing
    /// changes at the provider. Says whether it was there.
    ///
    /// # Errors
    /// [`StoreError::OpenChanges`] while a change of one of its cards is open; [`StoreError::NoSuchAccount`].
    pub async fn remove_from_directory(
        &self,
        account: AccountId,
        customer_id: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let customer_id = customer_id.trim();
        let _order = self.inner.forgetting.lock().await;
        let cache = self.inner.cache.read().await;
        let cached = cache.tokens_of_record(account, customer_id).await?;
        let gone = self
            .inner
            .ledger
            .remove_from_directory(account, customer_id, &cached, to_millis(now))
            .await?;
        let Some(tokens) = gone else { return Ok(false) };
        cache.forget(account, &tokens).await?;
        cache.forget_record(account, customer_id).await?;
        Ok(true)
    }

    /// Takes an imported token out of this desk: removed by a person, or revoked by the change `by`. It leaves the directory
    /// and the cache, and its tombstone keeps it away until it is imported again.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn forget_imported_token(
        &self,
        account: AccountId,
        remote_id: &str,
        by: Option<ChangeId>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let _order = self.inner.forgetting.lock().await;
        let gone = self
            .inner
            .ledger
            .forget_imported(account, remote_id, by, to_millis(now))
            .await?;
        let cache = self.inner.cache.read().await;
        cache.forget(account, &[remote_id.to_owned()]).await?;
        if let Some(customer_id) = gone {
            cache.forget_record(account, &customer_id).await?;
        }
        Ok(())
    }
}

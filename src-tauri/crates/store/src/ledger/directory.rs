//! The directory of a payment system that lists nothing: customers and, for some, tokens that a person imported.
//!
//! The ledger is the only one who knows them. The cache gets them as everything else does, with the next read; only what is
//! taken away leaves it at once, and a tombstone keeps a page that was read before from bringing it back.

use super::change_rows::to_millis;
use super::log::append;
use super::{Fault, LedgerDb, time};
use crate::sqlite::Tx;
use crate::{LogEntry, Store, StoreError};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::Row;
use std::collections::{BTreeSet, HashMap, HashSet};
use tokendesk_model::directory::{DirectoryRow, given_id};
use tokendesk_model::{AccountId, ChangeId, TokenId};

/// Rows of a file looked at by one statement.
const ROWS_AT_ONCE: usize = 2_000;

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

/// What became of the rows of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Customers, or tokens, that were not known.
    pub new: usize,
    /// Known ones that differ now.
    pub changed: usize,
    /// Known ones of which the row says nothing new.
    pub same: usize,
}

/// Ids of the JSON lists a statement takes: an account, and texts.
fn list<T: Serialize>(rows: &T) -> String {
    serde_json::json!(rows).to_string()
}

/// A customer on its way in.
#[derive(Clone)]
struct Entry {
    email: Option<String>,
    name: Option<String>,
}

/// What a lot of rows meets and makes.
#[derive(Default)]
struct Lot {
    records: HashMap<String, Entry>,
    tokens: HashMap<String, String>,
    written_records: BTreeSet<String>,
    written_tokens: BTreeSet<String>,
    imported: Imported,
}

impl Lot {
    fn take(&mut self, row: &DirectoryRow) {
        let id = row.record_id();
        let given = |text: &Option<String>| text.as_deref().map(without_nul);
        let (email, name) = (given(&row.email), given(&row.name));
        let record_is_new = !self.records.contains_key(&id);
        let record = self.records.entry(id.clone()).or_insert(Entry {
            email: None,
            name: None,
        });
        let before = (record.email.clone(), record.name.clone());
        // A file that leaves a cell empty takes nothing back.
        record.email = email.or(before.0.clone());
        record.name = name.or(before.1.clone());
        let record_changed = record_is_new || (&record.email, &record.name) != (&before.0, &before.1);
        if record_changed {
            self.written_records.insert(id.clone());
        }
        let (is_new, changed) = match row.token.as_deref().map(without_nul) {
            None => (record_is_new, record_changed),
            Some(token) => {
                let before = self.tokens.insert(token.clone(), id.clone());
                let moved = before.as_ref() != Some(&id);
                if moved {
                    self.written_tokens.insert(token);
                }
                (before.is_none(), moved || record_changed)
            }
        };
        match (is_new, changed) {
            (true, _) => self.imported.new += 1,
            (false, true) => self.imported.changed += 1,
            (false, false) => self.imported.same += 1,
        }
    }

    async fn look_up(tx: &mut Tx, account: &[u8], rows: &[DirectoryRow]) -> Result<Self, Fault> {
        let mut lot = Self::default();
        let ids: HashSet<String> = rows.iter().map(DirectoryRow::record_id).collect();
        let known = sqlx::query(
            "SELECT d.customer_id, d.email, d.name
             FROM json_each(?1) j CROSS JOIN directory d ON d.account = ?2 AND d.customer_id = j.value",
        )
        .bind(list(&ids))
        .bind(account)
        .fetch_all(&mut **tx)
        .await?;
        for row in &known {
            let entry = Entry {
                email: row.try_get(1)?,
                name: row.try_get(2)?,
            };
            lot.records.insert(row.try_get(0)?, entry);
        }
        let tokens: HashSet<String> = rows
            .iter()
            .filter_map(|row| row.token.as_deref().map(without_nul))
            .collect();
        let known: Vec<(String, String)> = sqlx::query_as(
            "SELECT t.remote_id, t.customer_id
             FROM json_each(?1) j CROSS JOIN directory_token t ON t.account = ?2 AND t.remote_id = j.value",
        )
        .bind(list(&tokens))
        .bind(account)
        .fetch_all(&mut **tx)
        .await?;
        lot.tokens.extend(known);
        Ok(lot)
    }

    async fn write(&self, tx: &mut Tx, account: &[u8], now: i64, actor: &str) -> Result<(), Fault> {
        let records: Vec<_> = self
            .written_records
            .iter()
            .filter_map(|id| self.records.get(id).map(|entry| (id, &entry.email, &entry.name)))
            .collect();
        sqlx::query(
            "INSERT INTO directory (account, customer_id, email, name, imported_at, actor)
             SELECT ?2, value->>0, value->>1, value->>2, ?3, ?4 FROM json_each(?1) WHERE true
             ON CONFLICT (account, customer_id) DO UPDATE SET email = excluded.email, name = excluded.name,
                actor = excluded.actor",
        )
        .bind(list(&records))
        .bind(account)
        .bind(now)
        .bind(actor)
        .execute(&mut **tx)
        .await?;
        let tokens: Vec<_> = self
            .written_tokens
            .iter()
            .filter_map(|token| self.tokens.get(token).map(|id| (token, id)))
            .collect();
        sqlx::query(
            "INSERT INTO directory_token (account, remote_id, customer_id, imported_at)
             SELECT ?2, value->>0, value->>1, ?3 FROM json_each(?1) WHERE true
             ON CONFLICT (account, remote_id) DO UPDATE SET customer_id = excluded.customer_id",
        )
        .bind(list(&tokens))
        .bind(account)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

// SQLite ends a text there, and then one token could be found under another's id.
fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

async fn known_account(tx: &mut Tx, account: AccountId) -> Result<Vec<u8>, Fault> {
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
    async fn import_directory(
        &self,
        account: AccountId,
        rows: &[DirectoryRow],
        now: DateTime<Utc>,
        actor: &str,
        dry_run: bool,
    ) -> Result<Imported, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let bytes = known_account(&mut tx, account).await?;
        let mut imported = Imported::default();
        for some in rows.chunks(ROWS_AT_ONCE) {
            let mut lot = Lot::look_up(&mut tx, &bytes, some).await?;
            for row in some {
                lot.take(row);
            }
            lot.write(&mut tx, &bytes, now.timestamp_millis(), actor).await?;
            let lifted: Vec<String> = some
                .iter()
                .filter_map(|row| row.token.as_deref().map(without_nul))
                .collect();
            sqlx::query(
                "DELETE FROM tombstone WHERE imported = 1 AND account = ?2
                   AND remote_id IN (SELECT value FROM json_each(?1))",
            )
            .bind(list(&lifted))
            .bind(&bytes)
            .execute(&mut *tx)
            .await?;
            imported.new += lot.imported.new;
            imported.changed += lot.imported.changed;
            imported.same += lot.imported.same;
        }
        if dry_run {
            tx.rollback().await?;
            return Ok(imported);
        }
        let entry = LogEntry {
            at: now,
            actor: actor.to_owned(),
            action: "directory.imported".to_owned(),
            account: Some(account),
            outcome: "ok".to_owned(),
            detail: Some(format!(
                "{} new, {} changed, {} as before",
                imported.new, imported.changed, imported.same
            )),
            ..LogEntry::default()
        };
        append(&mut tx, &entry).await?;
        tx.commit().await?;
        Ok(imported)
    }

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
    /// Takes in the rows of a file, with a row of the log, in one transaction. A cell that is empty takes nothing back; a
    /// token goes to the customer of its latest row; one that was removed from this desk is here again.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`]. Nothing was taken in then, nor with `dry_run`.
    pub async fn import_directory(
        &self,
        account: AccountId,
        rows: &[DirectoryRow],
        now: DateTime<Utc>,
        actor: &str,
        dry_run: bool,
    ) -> Result<Imported, StoreError> {
        let _order = self.inner.forgetting.lock().await;
        let imported = self
            .inner
            .ledger
            .import_directory(account, rows, to_millis(now), actor, dry_run)
            .await?;
        if dry_run {
            return Ok(imported);
        }
        let tokens: Vec<String> = rows
            .iter()
            .filter_map(|row| row.token.as_deref().map(without_nul))
            .collect();
        self.inner.cache.read().await.remember(account, &tokens).await?;
        Ok(imported)
    }

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

//! Taking rows of a file into a directory: what is new, what differs, what was removed from this desk and is here again.

use super::change_rows::to_millis;
use super::directory::{known_account, list};
use super::log::append;
use super::{Fault, LedgerDb};
use crate::sqlite::Tx;
use crate::{LogEntry, Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::Row;
use std::collections::{BTreeSet, HashMap, HashSet};
use tokendesk_model::AccountId;
use tokendesk_model::directory::DirectoryRow;

/// Rows of a file looked at by one statement.
const ROWS_AT_ONCE: usize = 2_000;

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
}

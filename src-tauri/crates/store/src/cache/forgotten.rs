//! What leaves the cache without the provider having said so: imported tokens and customers that were taken out of this desk.
//!
//! The ledger decides what is forgotten; here is only a copy, so that a page and what it must not bring back meet in one
//! transaction.

use super::accounts::AccountRef;
use super::counters::Moves;
use super::records::{OF_ID, drop_records};
use super::residents::{json, remove_empty};
use super::text::search_key;
use super::{CacheDb, names};
use crate::StoreError;
use crate::sqlite::Tx;
use sqlx::AssertSqlSafe;
use std::collections::{HashMap, HashSet};
use tokendesk_model::{AccountId, TokenId};

/// The tokens of account `?1` whose customer has the id `?3`, folded `?2`.
pub(super) fn of_id_sql() -> String {
    format!(
        "SELECT t.n, t.remote_id FROM ({OF_ID}) s CROSS JOIN token t ON t.person = s.person AND t.customer = s.n"
    )
}

async fn of_id(
    tx: &mut Tx,
    account: AccountRef,
    customer_id: &str,
) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(sqlx::query_as(AssertSqlSafe(of_id_sql()))
        .bind(account.n)
        .bind(search_key(customer_id))
        .bind(customer_id)
        .fetch_all(&mut **tx)
        .await?)
}

impl CacheDb {
    /// The tokens of a customer record.
    pub async fn tokens_of_record(
        &self,
        account: AccountId,
        customer_id: &str,
    ) -> Result<Vec<TokenId>, StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.reader.begin().await?;
        let rows = of_id(&mut tx, account, customer_id).await?;
        Ok(rows.iter().map(|(_, id)| account.id.token(id)).collect())
    }

    /// Drops these tokens, and lets no page bring them back.
    pub async fn forget(&self, account: AccountId, remote_ids: &[String]) -> Result<(), StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.writer.begin().await?;
        let list = json(remote_ids)?;
        sqlx::query(
            "INSERT INTO forgotten (account, remote_id) SELECT ?2, value FROM json_each(?1) WHERE true
             ON CONFLICT DO NOTHING",
        )
        .bind(&list)
        .bind(account.n)
        .execute(&mut *tx)
        .await?;
        let tokens: Vec<i64> = sqlx::query_scalar(
            "SELECT t.n FROM json_each(?1) j CROSS JOIN token t ON t.account = ?2 AND t.remote_id = j.value",
        )
        .bind(&list)
        .bind(account.n)
        .fetch_all(&mut *tx)
        .await?;
        drop_tokens(&mut tx, account, &tokens).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Lets pages bring these tokens again.
    pub async fn remember(&self, account: AccountId, remote_ids: &[String]) -> Result<(), StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.writer.begin().await?;
        let any: i64 = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM forgotten WHERE account = ?1)")
            .bind(account.n)
            .fetch_one(&mut *tx)
            .await?;
        if any == 0 {
            return Ok(());
        }
        sqlx::query(
            "DELETE FROM forgotten WHERE account = ?2 AND remote_id IN (SELECT value FROM json_each(?1))",
        )
        .bind(json(remote_ids)?)
        .bind(account.n)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Drops a customer record with its tokens.
    pub async fn forget_record(&self, account: AccountId, customer_id: &str) -> Result<(), StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.writer.begin().await?;
        let tokens = of_id(&mut tx, account, customer_id).await?;
        let record: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT r.customer, c.person FROM record r CROSS JOIN customer c ON c.n = r.customer
             WHERE r.account = ?1 AND r.customer_id = ?2",
        )
        .bind(account.n)
        .bind(customer_id)
        .fetch_all(&mut *tx)
        .await?;
        let tokens: Vec<i64> = tokens.into_iter().map(|(n, _)| n).collect();
        drop_tokens(&mut tx, account, &tokens).await?;
        if !record.is_empty() {
            drop_records(&mut tx, account, &record).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Makes the copy equal to what the ledger says. Of accounts this file does not know nothing is kept.
    pub async fn agree_on_forgotten(&self, forgotten: &[(AccountId, String)]) -> Result<(), StoreError> {
        let mut wanted: HashMap<AccountId, HashSet<&str>> = HashMap::new();
        for (account, remote_id) in forgotten {
            wanted.entry(*account).or_default().insert(remote_id);
        }
        for id in self.account_ids() {
            let account = self.account_ref(id)?;
            let mut tx = self.db.reader.begin().await?;
            let kept: HashSet<String> =
                sqlx::query_scalar("SELECT remote_id FROM forgotten WHERE account = ?1")
                    .bind(account.n)
                    .fetch_all(&mut *tx)
                    .await?
                    .into_iter()
                    .collect();
            drop(tx);
            let wanted = wanted.remove(&id).unwrap_or_default();
            let lifted: Vec<String> = kept
                .iter()
                .filter(|id| !wanted.contains(id.as_str()))
                .cloned()
                .collect();
            let missing: Vec<String> = wanted
                .into_iter()
                .filter(|id| !kept.contains(*id))
                .map(str::to_owned)
                .collect();
            if !missing.is_empty() {
                self.forget(id, &missing).await?;
            }
            if !lifted.is_empty() {
                self.remember(id, &lifted).await?;
            }
        }
        Ok(())
    }
}

// Drops rows of tokens with everything that hangs on them; customers and people nobody is left of go too.
async fn drop_tokens(tx: &mut Tx, account: AccountRef, tokens: &[i64]) -> Result<(), StoreError> {
    if tokens.is_empty() {
        return Ok(());
    }
    let list = json(tokens)?;
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
        "SELECT t.customer, t.person, t.eff_state FROM json_each(?1) j CROSS JOIN token t ON t.n = j.value",
    )
    .bind(&list)
    .fetch_all(&mut **tx)
    .await?;
    let mut moves = Moves::default();
    for (_, _, state) in &rows {
        moves.step(Some(*state), None);
    }
    moves.write(tx, account.n).await?;
    sqlx::query(
        "DELETE FROM token_ref WHERE (env, text, n) IN
           (SELECT ?2, coalesce(t.ref_search, t.token_reference), t.n
            FROM json_each(?1) j CROSS JOIN token t ON t.n = j.value
            UNION ALL
            SELECT ?2, coalesce(t.ext_search, t.external_id), t.n
            FROM json_each(?1) j CROSS JOIN token t ON t.n = j.value
            UNION ALL
            SELECT ?2, t.remote_search, t.n FROM json_each(?1) j CROSS JOIN token t ON t.n = j.value)",
    )
    .bind(&list)
    .bind(account.env.number())
    .execute(&mut **tx)
    .await?;
    for sql in [
        "DELETE FROM token_by_id WHERE (id48, n) IN
           (SELECT t.id48, t.n FROM json_each(?1) j CROSS JOIN token t ON t.n = j.value)",
        "DELETE FROM token_version WHERE token IN (SELECT value FROM json_each(?1))",
        "DELETE FROM particular WHERE token IN (SELECT value FROM json_each(?1))",
        "DELETE FROM token WHERE n IN (SELECT value FROM json_each(?1))",
    ] {
        sqlx::query(sql).bind(&list).execute(&mut **tx).await?;
    }
    let left: Vec<(i64, i64)> = rows
        .iter()
        .map(|(customer, person, _)| (*customer, *person))
        .collect();
    remove_empty(tx, account.env, &left).await?;
    let people: HashSet<i64> = left.iter().map(|(_, person)| *person).collect();
    let people: Vec<i64> = people.into_iter().collect();
    names::recompute_people(tx, &people).await
}

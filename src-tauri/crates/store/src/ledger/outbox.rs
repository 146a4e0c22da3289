//! The outbox: what people want, durably queued before anything shows it.

use super::change_rows::{self, COLUMNS};
use super::{Fault, LedgerDb, id, id_list, time};
use crate::{Overlay, Store, StoreError, overlay_of};
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row};
use std::collections::HashMap;
use tokendesk_model::change::ChangeBase;
use tokendesk_model::{
    AccountId, Change, ChangeId, ChangeLabel, ChangeStatus, Environment, Lesson, Stuck, TokenId, Wish,
};

/// A wish to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// The account it goes to.
    pub account: AccountId,
    /// The token it is about; also its lane.
    pub token: TokenId,
    /// The provider's id of the token.
    pub remote_id: String,
    /// What is wanted.
    pub wish: Wish,
    /// A person's words, already guarded against card numbers.
    pub reason: Option<String>,
    /// Who asks.
    pub actor: String,
    /// For a person, without the cache.
    pub label: ChangeLabel,
    /// What is known of the token now.
    pub base: ChangeBase,
}

/// Which changes to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangesFilter {
    /// Waiting, sending and stuck ones only.
    pub open_only: bool,
    /// Of these tokens only; empty means any.
    pub tokens: Vec<TokenId>,
    /// Of this account only.
    pub account: Option<AccountId>,
    /// Of accounts in this environment only.
    pub env: Option<Environment>,
    /// At most so many; 0 means 1,000.
    pub limit: u32,
    /// Newest first instead of oldest first.
    pub newest_first: bool,
}

/// How sending ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finished {
    /// The provider accepted, and the new value was read back.
    Done,
    /// Needs a person.
    Stuck(Stuck),
}

/// Open changes by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChangeCounts {
    /// Queued.
    pub waiting: u32,
    /// On their way.
    pub sending: u32,
    /// Need a person.
    pub stuck: u32,
}

impl LedgerDb {
    async fn enqueue(&self, new: NewChange, now: DateTime<Utc>) -> Result<Change, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let known: i64 = sqlx::query_scalar("SELECT count(*) FROM account WHERE id = ?1")
            .bind(new.account.bytes().to_vec())
            .fetch_one(&mut *tx)
            .await?;
        if known == 0 {
            return Err(StoreError::NoSuchAccount.into());
        }
        let older = sqlx::query(
            "SELECT n, field, value, next_attempt_at FROM change
             WHERE token = ?1 AND status IN ('waiting', 'stuck') ORDER BY n",
        )
        .bind(new.token.bytes().to_vec())
        .fetch_all(&mut *tx)
        .await?;
        let mut not_before: Option<i64> = None;
        for row in &older {
            let value: Option<i64> = row.try_get(2)?;
            let wish = Wish::from_stored(row.try_get(1)?, value.map(|v| v != 0));
            if wish.is_some_and(|wish| new.wish.replaces(&wish)) {
                // What it replaces may have been sent and may still be done: until that is over, a read proves nothing.
                not_before = not_before.max(row.try_get(3)?);
                sqlx::query(
                    "UPDATE change SET status = 'withdrawn', withdrawn = 'superseded', updated_at = ?2 WHERE n = ?1",
                )
                .bind(row.try_get::<i64, _>(0)?)
                .bind(now.timestamp_millis())
                .execute(&mut *tx)
                .await?;
            }
        }
        let change = Change {
            id: ChangeId::new(),
            account: new.account,
            token: new.token,
            remote_id: new.remote_id,
            wish: new.wish,
            status: ChangeStatus::Waiting,
            reason: new.reason,
            actor: new.actor,
            label: new.label,
            base: new.base,
            created_at: millis(now),
            updated_at: millis(now),
            attempts: 0,
            next_attempt_at: not_before.map(time).transpose()?,
            request_id: None,
        };
        sqlx::query(
            "INSERT INTO change (id, account, token, remote_id, field, value, status, reason, actor, label, base,
                                 created_at, updated_at, next_attempt_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?8, ?9, ?10, ?11, ?11, ?12)",
        )
        .bind(change.id.bytes().to_vec())
        .bind(change.account.bytes().to_vec())
        .bind(change.token.bytes().to_vec())
        .bind(&change.remote_id)
        .bind(change.wish.field())
        .bind(change.wish.value())
        .bind(&change.reason)
        .bind(&change.actor)
        .bind(serde_json::json!(change.label).to_string())
        .bind(serde_json::json!(change.base).to_string())
        .bind(now.timestamp_millis())
        .bind(not_before)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(change)
    }

    pub(super) async fn change(&self, id: ChangeId) -> Result<Option<Change>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM change c WHERE c.id = ?1"));
        let row = sqlx::query(sql)
            .bind(id.bytes().to_vec())
            .fetch_optional(&mut *tx)
            .await?;
        row.as_ref().map(change_rows::read).transpose()
    }

    async fn changes(&self, filter: &ChangesFilter) -> Result<Vec<Change>, Fault> {
        // Every branch is led by an index: lane, account, the open ones, or the table's own order.
        let mut sql = String::from("SELECT ");
        sql.push_str(COLUMNS);
        sql.push_str(if filter.tokens.is_empty() {
            " FROM change c WHERE ?1 IS NOT NULL"
        } else {
            " FROM change c WHERE c.token IN (SELECT unhex(value) FROM json_each(?1))"
        });
        if filter.account.is_some() {
            sql.push_str(" AND c.account = ?2");
        }
        if filter.env.is_some() {
            sql.push_str(" AND c.account IN (SELECT id FROM account WHERE environment = ?3)");
        }
        if filter.open_only {
            sql.push_str(" AND c.status IN ('waiting', 'sending', 'stuck')");
        }
        sql.push_str(if filter.newest_first {
            " ORDER BY c.n DESC LIMIT ?4"
        } else {
            " ORDER BY c.n LIMIT ?4"
        });
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(id_list(filter.tokens.iter().map(TokenId::bytes)))
            .bind(filter.account.map(|id| id.bytes().to_vec()))
            .bind(filter.env.map(|env| env.number()))
            .bind(if filter.limit == 0 {
                1_000
            } else {
                i64::from(filter.limit)
            })
            .fetch_all(&mut *tx)
            .await?;
        rows.iter().map(change_rows::read).collect()
    }

    async fn change_counts(&self, env: Option<Environment>) -> Result<ChangeCounts, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(
            "SELECT c.status, count(*) FROM change c
             WHERE c.status IN ('waiting', 'sending', 'stuck')
               AND (?1 IS NULL OR c.account IN (SELECT id FROM account WHERE environment = ?1))
             GROUP BY c.status",
        )
        .bind(env.map(|env| env.number()))
        .fetch_all(&mut *tx)
        .await?;
        let mut counts = ChangeCounts::default();
        for row in &rows {
            let n = u32::try_from(row.try_get::<i64, _>(1)?).unwrap_or(u32::MAX);
            match row.try_get::<&str, _>(0)? {
                "waiting" => counts.waiting = n,
                "sending" => counts.sending = n,
                _ => counts.stuck = n,
            }
        }
        Ok(counts)
    }

    /// Tokens with an open change, of one account or of all.
    pub(crate) async fn tokens_with_open_changes(
        &self,
        account: Option<AccountId>,
    ) -> Result<Vec<TokenId>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(
            "SELECT DISTINCT token FROM change
             WHERE status IN ('waiting', 'sending', 'stuck') AND (?1 IS NULL OR account = ?1)",
        )
        .bind(account.map(|id| id.bytes().to_vec()))
        .fetch_all(&mut *tx)
        .await?;
        rows.iter()
            .map(|row| Ok(TokenId::from_bytes(id(row.try_get(0)?)?)))
            .collect()
    }

    /// What lies over each of these tokens now; nothing where nothing does.
    pub(crate) async fn overlays(&self, tokens: &[TokenId]) -> Result<Vec<(TokenId, Overlay)>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(
            "SELECT c.token, c.field, c.value, c.status, c.stuck, a.lesson
             FROM json_each(?1) j CROSS JOIN change c ON c.token = unhex(j.value) LEFT JOIN account a ON a.id = c.account
             WHERE c.status IN ('waiting', 'sending', 'stuck') ORDER BY c.n",
        )
        .bind(id_list(tokens.iter().map(TokenId::bytes)))
        .fetch_all(&mut *tx)
        .await?;
        let mut by_token: HashMap<TokenId, (Vec<(Wish, ChangeStatus)>, Lesson)> = HashMap::new();
        for row in &rows {
            let value: Option<i64> = row.try_get(2)?;
            let Some(wish) = Wish::from_stored(row.try_get(1)?, value.map(|v| v != 0)) else {
                continue;
            };
            let status = change_rows::status(row.try_get(3)?, row.try_get(4)?, None)?;
            let lesson = row
                .try_get::<Option<&str>, _>(5)?
                .map_or(Lesson::Untried, Lesson::from_word);
            let entry = by_token
                .entry(TokenId::from_bytes(id(row.try_get(0)?)?))
                .or_insert_with(|| (Vec::new(), lesson));
            entry.0.push((wish, status));
        }
        Ok(tokens
            .iter()
            .map(|token| {
                let overlay = by_token
                    .get(token)
                    .map_or_else(Overlay::default, |(changes, lesson)| {
                        overlay_of(changes.iter().map(|(wish, status)| (wish, status)), *lesson)
                    });
                (*token, overlay)
            })
            .collect())
    }
}

/// Times are kept to the millisecond; what is answered is what will be read back.
fn millis(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

impl Store {
    /// Queues a wish: in the ledger first, then shown through the overlay, then answered. Older waiting and stuck wishes
    /// of the token that it replaces are withdrawn as superseded; one on its way is left alone and goes first.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`]; then nothing was queued.
    pub async fn enqueue(&self, new: NewChange, now: DateTime<Utc>) -> Result<Change, StoreError> {
        let change = self.inner.ledger.enqueue(new, now).await?;
        self.show_overlays(&[change.token]).await;
        Ok(change)
    }

    /// One change.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change(&self, id: ChangeId) -> Result<Option<Change>, StoreError> {
        Ok(self.inner.ledger.change(id).await?)
    }

    /// Lists changes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn changes(&self, filter: &ChangesFilter) -> Result<Vec<Change>, StoreError> {
        Ok(self.inner.ledger.changes(filter).await?)
    }

    /// How many changes are open, in one environment or in all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_counts(&self, env: Option<Environment>) -> Result<ChangeCounts, StoreError> {
        Ok(self.inner.ledger.change_counts(env).await?)
    }
}

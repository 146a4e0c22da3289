//! Desk-only marks: notes of staff about a token that no provider carries.

use super::{Fault, LedgerDb, id, id_list, time};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::Row;
use tokendesk_model::{AccountId, TokenId};

/// One mark. A token has at most one per field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// About which token.
    pub token: TokenId,
    /// The token's account; its marks go with it.
    pub account: AccountId,
    /// What it is about, such as `active`.
    pub field: String,
    /// What staff say.
    pub value: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
}

impl LedgerDb {
    async fn set_mark(&self, mark: &Mark) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        sqlx::query(
            "INSERT INTO mark (token, field, account, value, at, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (token, field) DO UPDATE
             SET account = excluded.account, value = excluded.value, at = excluded.at, actor = excluded.actor",
        )
        .bind(mark.token.bytes().to_vec())
        .bind(&mark.field)
        .bind(mark.account.bytes().to_vec())
        .bind(&mark.value)
        .bind(mark.at.timestamp_millis())
        .bind(&mark.actor)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn clear_mark(&self, token: TokenId, field: &str) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        sqlx::query("DELETE FROM mark WHERE token = ?1 AND field = ?2")
            .bind(token.bytes().to_vec())
            .bind(field)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn marks(&self, tokens: &[TokenId]) -> Result<Vec<Mark>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(
            "SELECT m.token, m.field, m.account, m.value, m.at, m.actor
             FROM json_each(?1) j CROSS JOIN mark m ON m.token = unhex(j.value) ORDER BY j.key, m.field",
        )
        .bind(id_list(tokens.iter().map(TokenId::bytes)))
        .fetch_all(&mut *tx)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Mark {
                    token: TokenId::from_bytes(id(row.try_get(0)?)?),
                    field: row.try_get(1)?,
                    account: AccountId::from_bytes(id(row.try_get(2)?)?),
                    value: row.try_get(3)?,
                    at: time(row.try_get(4)?)?,
                    actor: row.try_get(5)?,
                })
            })
            .collect()
    }
}

impl Store {
    /// Sets a mark, replacing the token's earlier one for that field.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_mark(&self, mark: &Mark) -> Result<(), StoreError> {
        Ok(self.inner.ledger.set_mark(mark).await?)
    }

    /// Takes a mark away; none there is as good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clear_mark(&self, token: TokenId, field: &str) -> Result<(), StoreError> {
        Ok(self.inner.ledger.clear_mark(token, field).await?)
    }

    /// The marks of these tokens, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn marks(&self, tokens: &[TokenId]) -> Result<Vec<Mark>, StoreError> {
        Ok(self.inner.ledger.marks(tokens).await?)
    }
}

//! Tokens by our id, and those that are gone at the provider.

use super::CacheDb;
use super::counters::Moves;
use super::observed::Observations;
use super::residents::first_48;
use crate::sqlite::Tx;
use crate::{Difference, ReadTicket, StoreError};
use chrono::{DateTime, Utc};
use sqlx::Row;
use tokendesk_model::{TokenId, TokenState};

/// A token by its number.
pub(crate) struct Found {
    pub n: i64,
    pub account: i64,
    pub remote_id: String,
}

impl CacheDb {
    /// Finds a token by our id: in the index, or among the rows it has not taken yet.
    pub async fn find_token(&self, tx: &mut Tx, id: TokenId) -> Result<Option<Found>, StoreError> {
        let rows = sqlx::query(
            "SELECT t.n, t.account, t.remote_id FROM token_by_id i CROSS JOIN token t ON t.n = i.n WHERE i.id48 = ?1
             UNION ALL
             SELECT t.n, t.account, t.remote_id FROM token t
             WHERE t.n > (SELECT value FROM meta WHERE key = 'cards_indexed') AND t.id48 = ?1",
        )
        .bind(first_48(id.bytes()))
        .fetch_all(&mut **tx)
        .await?;
        for row in &rows {
            let found = Found {
                n: row.try_get(0)?,
                account: row.try_get(1)?,
                remote_id: row.try_get(2)?,
            };
            if self.account_numbered(found.account)?.id.token(&found.remote_id) == id {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Marks a token as gone. A row that was read later than `ticket` is left alone.
    pub async fn mark_gone(
        &self,
        id: TokenId,
        ticket: ReadTicket,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.writer.begin().await?;
        let Some(found) = self.find_token(&mut tx, id).await? else {
            return Ok(false);
        };
        let row = sqlx::query("SELECT seq, eff_state, gone_at FROM token WHERE n = ?1")
            .bind(found.n)
            .fetch_one(&mut *tx)
            .await?;
        if row.try_get::<i64, _>(0)? > ticket.0 {
            return Ok(false);
        }
        let deleted = TokenState::Deleted.number();
        sqlx::query(
            "UPDATE token SET gone_at = ifnull(gone_at, ?2), eff_state = ?3, eff_one_click = one_click, seq = ?4,
                              read_at = ?2 WHERE n = ?1",
        )
        .bind(found.n)
        .bind(at.timestamp_millis())
        .bind(deleted)
        .bind(ticket.0)
        .execute(&mut *tx)
        .await?;
        let mut moves = Moves::default();
        moves.step(Some(row.try_get(1)?), Some(deleted));
        moves.write(&mut tx, found.account).await?;
        let account = self.account_numbered(found.account)?;
        let mut observed = Observations::default();
        if row.try_get::<Option<i64>, _>(2)?.is_none() {
            observed.add(id, Difference::Gone);
        }
        let observed = observed.write(&mut tx, account, at).await?;
        super::head::advance(&mut tx, account, ticket, None, super::head::Progress::default()).await?;
        tx.commit().await?;
        self.note_observed(observed);
        Ok(true)
    }
}

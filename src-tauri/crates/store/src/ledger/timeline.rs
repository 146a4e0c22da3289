//! The timeline: what reads showed of cards, kept where a new cache does not lose it, and whose doing it was.

use super::difference::Difference;
use super::{Fault, LedgerDb, damaged, id, id_list, time};
use crate::cache::observed::Observed;
use crate::sqlite::Tx;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};
use tokendesk_model::{AccountId, ChangeId, TokenId};

/// An ended change explains what a read shows so long after it, in milliseconds: answers of a provider lag, and so does reading.
const AFTERMATH_MS: i64 = 15 * 60 * 1_000;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineRow {
    /// Its number: rises with the order in which entries were told, which is not the order of `at`.
    pub number: i64,
    /// Account.
    pub account: AccountId,
    /// Card.
    pub token: TokenId,
    /// When it was read.
    pub at: DateTime<Utc>,
    /// What was different.
    pub what: Difference,
    /// The change of this desk whose effect it is; `None` is somebody else's doing.
    pub change: Option<ChangeId>,
}

/// A place in a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimelinePlace {
    /// [`TimelineRow::at`].
    pub at: DateTime<Utc>,
    /// [`TimelineRow::number`].
    pub number: i64,
}

impl TimelineRow {
    /// Whether it merely shows what was done on this desk.
    pub fn is_ours(&self) -> bool {
        self.change.is_some()
    }

    /// Where it stands.
    pub fn place(&self) -> TimelinePlace {
        TimelinePlace {
            at: self.at,
            number: self.number,
        }
    }
}

const COLUMNS: &str = "t.n, t.account, t.token, t.at, t.kind, t.was, t.became, t.change";

fn read(row: &SqliteRow) -> Result<TimelineRow, Fault> {
    Ok(TimelineRow {
        number: row.try_get(0)?,
        account: AccountId::from_bytes(id(row.try_get(1)?)?),
        token: TokenId::from_bytes(id(row.try_get(2)?)?),
        at: time(row.try_get(3)?)?,
        what: Difference::from_stored(row.try_get(4)?, row.try_get(5)?, row.try_get(6)?)
            .ok_or_else(damaged)?,
        change: row
            .try_get::<Option<&[u8]>, _>(7)?
            .map(|bytes| id(bytes).map(ChangeId::from_bytes))
            .transpose()?,
    })
}

impl LedgerDb {
    /// Takes in what was observed. What it has already, and what is of accounts it does not have, is left out.
    pub(crate) async fn tell(&self, observed: &[Observed]) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        for one in observed {
            let change = whose(&mut tx, one).await?;
            sqlx::query(
                "INSERT INTO timeline (id, account, token, at, kind, was, became, change)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS (SELECT 1 FROM account a WHERE a.id = ?2)
                 ON CONFLICT (id) DO NOTHING",
            )
            .bind(one.id.to_vec())
            .bind(one.account.bytes().to_vec())
            .bind(one.token.bytes().to_vec())
            .bind(one.at)
            .bind(&one.kind)
            .bind(&one.was)
            .bind(&one.became)
            .bind(change)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn timeline(
        &self,
        tokens: &[TokenId],
        before: Option<TimelinePlace>,
        limit: u32,
    ) -> Result<Vec<TimelineRow>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let sql = AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM json_each(?1) j CROSS JOIN timeline t ON t.token = unhex(j.value)
             WHERE (t.at, t.n) < (?2, ?3) ORDER BY t.at DESC, t.n DESC LIMIT ?4"
        ));
        let rows = sqlx::query(sql)
            .bind(distinct(tokens))
            .bind(before.map_or(i64::MAX, |place| place.at.timestamp_millis()))
            .bind(before.map_or(i64::MAX, |place| place.number))
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await?;
        rows.iter().map(read).collect()
    }

    async fn timeline_count(&self, tokens: &[TokenId]) -> Result<u32, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let n: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM json_each(?1) j CROSS JOIN timeline t ON t.token = unhex(j.value)",
        )
        .bind(distinct(tokens))
        .fetch_one(&mut *tx)
        .await?;
        Ok(u32::try_from(n).unwrap_or(u32::MAX))
    }

    async fn observations_since(
        &self,
        token: TokenId,
        since: DateTime<Utc>,
    ) -> Result<Vec<TimelineRow>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let sql = AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM timeline t WHERE t.token = ?1 AND t.at >= ?2 ORDER BY t.at, t.n"
        ));
        let rows = sqlx::query(sql)
            .bind(token.bytes().to_vec())
            .bind(since.timestamp_millis())
            .fetch_all(&mut *tx)
            .await?;
        rows.iter().map(read).collect()
    }

    async fn flipped_since(
        &self,
        token: TokenId,
        field: &str,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let flips: i64 = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM timeline t
             WHERE t.token = ?1 AND t.at >= ?2 AND (t.at <= ?4 OR ?2 > ?4) AND t.change IS NULL
               AND ((?3 = 'one_click' AND t.kind = 'one_click')
                 OR (?3 = 'active' AND t.kind = 'state' AND t.was IN ('active', 'inactive')
                     AND t.became IN ('active', 'inactive'))))",
        )
        .bind(token.bytes().to_vec())
        .bind(since.timestamp_millis())
        .bind(field)
        .bind(now.timestamp_millis())
        .fetch_one(&mut *tx)
        .await?;
        Ok(flips != 0)
    }
}

fn distinct(tokens: &[TokenId]) -> String {
    let mut ids: Vec<[u8; 16]> = tokens.iter().map(TokenId::bytes).collect();
    ids.sort_unstable();
    ids.dedup();
    id_list(ids)
}

// The change of ours whose effect was read: one for this very field and value that was sent before, and is on its way, or
// has ended a moment ago and explains nothing yet, or may still be done because its answer was lost. A deletion goes on
// at the provider for as long as it takes.
async fn whose(tx: &mut Tx, observed: &Observed) -> Result<Option<Vec<u8>>, Fault> {
    let what = Difference::from_stored(
        &observed.kind,
        observed.was.as_deref(),
        observed.became.as_deref(),
    )
    .ok_or_else(damaged)?;
    let Some((field, value)) = what.effect_of() else {
        return Ok(None);
    };
    Ok(sqlx::query_scalar(
        "SELECT c.id FROM change c
         WHERE c.token = ?1 AND c.field = ?2 AND c.value IS ?3 AND c.attempts > 0 AND c.created_at <= ?4
           AND (c.status = 'sending'
             OR (?2 = 'delete' AND c.status = 'done')
             OR ((EXISTS (SELECT 1 FROM change d WHERE d.token = c.token AND d.status <> 'withdrawn'
                            AND lower(replace(d.doubt ->> '$.of', '-', '')) = lower(hex(c.id)))
                  OR ((c.status IN ('done', 'stuck') OR (c.status = 'withdrawn' AND c.withdrawn IS NOT 'theirs'))
                      AND ?4 <= c.updated_at + ?5))
               AND NOT EXISTS (SELECT 1 FROM timeline t
                               WHERE t.token = c.token AND t.change = c.id AND t.kind = ?6)))
         ORDER BY c.n DESC LIMIT 1",
    )
    .bind(observed.token.bytes().to_vec())
    .bind(field)
    .bind(value)
    .bind(observed.at)
    .bind(AFTERMATH_MS)
    .bind(&observed.kind)
    .fetch_optional(&mut **tx)
    .await?)
}

impl Store {
    /// What reads showed of these cards, newest first, from below `before` on. Whatever was still on its way here is told
    /// first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn timeline(
        &self,
        tokens: &[TokenId],
        before: Option<TimelinePlace>,
        limit: u32,
    ) -> Result<Vec<TimelineRow>, StoreError> {
        self.tell_everything().await?;
        Ok(self.inner.ledger.timeline(tokens, before, limit).await?)
    }

    /// How many entries the timeline of these cards has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn timeline_count(&self, tokens: &[TokenId]) -> Result<u32, StoreError> {
        self.tell_everything().await?;
        Ok(self.inner.ledger.timeline_count(tokens).await?)
    }

    /// Whether a read at or after `since` showed that somebody else flipped `field` (`one_click`, or `active`: the state
    /// between active and inactive) of this card. A read that is dated after `now`, while `since` is not, was made before
    /// the clock was set back, and so before `since`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn flipped_since(
        &self,
        token: TokenId,
        field: &str,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.tell_everything().await?;
        Ok(self.inner.ledger.flipped_since(token, field, since, now).await?)
    }

    /// What reads at or after `since` showed of this card, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn observations_since(
        &self,
        token: TokenId,
        since: DateTime<Utc>,
    ) -> Result<Vec<TimelineRow>, StoreError> {
        self.tell_everything().await?;
        Ok(self.inner.ledger.observations_since(token, since).await?)
    }
}

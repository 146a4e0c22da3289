//! The journal of small authorizations that look whether a card still works: begun before anything is sent, so that a hold
//! that may be left behind can always be found again.
//!
//! Must not know: amounts that are allowed, what an outcome means.

use super::{Fault, LedgerDb, id, time};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};
use tokendesk_model::{AccountId, TokenId};
use uuid::Uuid;

/// One verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyRow {
    /// Its id.
    pub id: Uuid,
    /// Where.
    pub account: AccountId,
    /// Of which card.
    pub token: TokenId,
    /// Our reference, under which the hold is found at the processor.
    pub reference: String,
    /// Decimal, in major units.
    pub amount: String,
    /// ISO 4217, upper case.
    pub currency: String,
    /// Which call was used.
    pub through: String,
    /// Who asked.
    pub actor: String,
    /// A person's words, guarded against card numbers.
    pub reason: Option<String>,
    /// When it was begun.
    pub started_at: DateTime<Utc>,
    /// When its outcome was known; `None` while it runs, and for good if the desk stopped meanwhile.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended, JSON.
    pub outcome: Option<String>,
    /// The processor's id of the transaction.
    pub transaction_id: Option<String>,
}

const COLUMNS: &str = "v.id, v.account, v.token, v.reference, v.amount, v.currency, v.through, v.actor, v.reason, \
     v.started_at, v.finished_at, v.outcome, v.transaction_id";

fn read(row: &SqliteRow) -> Result<VerifyRow, Fault> {
    Ok(VerifyRow {
        id: Uuid::from_bytes(id(row.try_get(0)?)?),
        account: AccountId::from_bytes(id(row.try_get(1)?)?),
        token: TokenId::from_bytes(id(row.try_get(2)?)?),
        reference: row.try_get(3)?,
        amount: row.try_get(4)?,
        currency: row.try_get(5)?,
        through: row.try_get(6)?,
        actor: row.try_get(7)?,
        reason: row.try_get(8)?,
        started_at: time(row.try_get(9)?)?,
        finished_at: row.try_get::<Option<i64>, _>(10)?.map(time).transpose()?,
        outcome: row.try_get(11)?,
        transaction_id: row.try_get(12)?,
    })
}

/// Those of a card (`?1`), and those that never ended.
pub(super) fn list_sql(of_a_card: bool) -> String {
    if of_a_card {
        format!("SELECT {COLUMNS} FROM verification v WHERE v.token = ?1 ORDER BY v.n DESC")
    } else {
        format!(
            "SELECT {COLUMNS} FROM verification v WHERE v.finished_at IS NULL AND ?1 IS NULL ORDER BY v.n"
        )
    }
}

impl LedgerDb {
    async fn begin_verification(&self, row: &VerifyRow) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        let done = sqlx::query(
            "INSERT INTO verification (id, account, token, reference, amount, currency, through, actor, reason,
                                       started_at, finished_at, outcome, transaction_id)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
             WHERE EXISTS (SELECT 1 FROM account a WHERE a.id = ?2)",
        )
        .bind(row.id.as_bytes().to_vec())
        .bind(row.account.bytes().to_vec())
        .bind(row.token.bytes().to_vec())
        .bind(&row.reference)
        .bind(&row.amount)
        .bind(&row.currency)
        .bind(&row.through)
        .bind(&row.actor)
        .bind(&row.reason)
        .bind(row.started_at.timestamp_millis())
        .bind(row.finished_at.map(|at| at.timestamp_millis()))
        .bind(&row.outcome)
        .bind(&row.transaction_id)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NoSuchAccount.into());
        }
        tx.commit().await?;
        Ok(())
    }

    async fn finish_verification(
        &self,
        id: Uuid,
        at: DateTime<Utc>,
        outcome: &str,
        transaction_id: Option<&str>,
    ) -> Result<bool, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let done = sqlx::query(
            "UPDATE verification SET finished_at = ?2, outcome = ?3, transaction_id = ifnull(?4, transaction_id)
             WHERE id = ?1",
        )
        .bind(id.as_bytes().to_vec())
        .bind(at.timestamp_millis())
        .bind(outcome)
        .bind(transaction_id)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    async fn verification(&self, id: Uuid) -> Result<Option<VerifyRow>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let sql = format!("SELECT {COLUMNS} FROM verification v WHERE v.id = ?1");
        sqlx::query(AssertSqlSafe(sql))
            .bind(id.as_bytes().to_vec())
            .fetch_optional(&mut *tx)
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }

    async fn verifications(&self, token: Option<TokenId>) -> Result<Vec<VerifyRow>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(AssertSqlSafe(list_sql(token.is_some())))
            .bind(token.map(|token| token.bytes().to_vec()))
            .fetch_all(&mut *tx)
            .await?;
        rows.iter().map(read).collect()
    }
}

impl Store {
    /// Notes that a verification begins. It is on the disk when this returns, so nothing is sent that could not be found.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`]; then nothing may be sent.
    pub async fn begin_verification(&self, row: &VerifyRow) -> Result<(), StoreError> {
        Ok(self.inner.ledger.begin_verification(row).await?)
    }

    /// Notes how a verification ended, or how it stands since: a hold that was given back later, a charge that was refunded.
    /// Says whether it was ever begun.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_verification(
        &self,
        id: Uuid,
        at: DateTime<Utc>,
        outcome: &str,
        transaction_id: Option<&str>,
    ) -> Result<bool, StoreError> {
        let ledger = &self.inner.ledger;
        Ok(ledger
            .finish_verification(id, at, outcome, transaction_id)
            .await?)
    }

    /// The verifications of a card, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verifications(&self, token: TokenId) -> Result<Vec<VerifyRow>, StoreError> {
        Ok(self.inner.ledger.verifications(Some(token)).await?)
    }

    /// One verification.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verification(&self, id: Uuid) -> Result<Option<VerifyRow>, StoreError> {
        Ok(self.inner.ledger.verification(id).await?)
    }

    /// Verifications that were begun and never ended, oldest first: those that run, and those a crash cut off.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_verifications(&self) -> Result<Vec<VerifyRow>, StoreError> {
        Ok(self.inner.ledger.verifications(None).await?)
    }
}

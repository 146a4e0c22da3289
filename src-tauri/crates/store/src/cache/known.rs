//! Tokens that are known, each as its provider is asked for it: which a pass did not see, which a customer has, which prove that
//! an account answers at all.

use super::CacheDb;
use super::accounts::AccountRef;
use super::crawl::unfinished;
use super::records::OF_ID;
use super::rows::{Columns, disown};
use super::text::search_key;
use crate::{Store, StoreError};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteRow;
use tokendesk_model::{AccountId, TokenId, TokenState};

/// A token as it is addressed at its provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownToken {
    /// Ours.
    pub id: TokenId,
    /// The provider's id.
    pub remote_id: String,
    /// [`tokendesk_model::Particulars::record`].
    pub record: Option<String>,
}

/// What [`known`] expects, from `token t`.
const KNOWN: &str = "t.remote_id, q.token IS NOT NULL, q.own_record, t.own_customer_id, c.customer_id";
/// The tables of [`KNOWN`] beside the token's.
const BESIDE: &str = "CROSS JOIN customer c ON c.n = t.customer LEFT JOIN particular q ON q.token = t.n";

fn known(account: AccountRef, row: &SqliteRow) -> Result<KnownToken, StoreError> {
    let mut columns = Columns::of(row);
    let remote_id: String = columns.next()?;
    let has_particulars = columns.next::<i64>()? != 0;
    let own_record: Option<&str> = columns.next()?;
    let own_customer_id: Option<&str> = columns.next()?;
    let customer_id = disown(own_customer_id, columns.next()?);
    Ok(KnownToken {
        id: account.id.token(&remote_id),
        remote_id,
        record: disown(own_record, customer_id.as_deref()).filter(|_| has_particulars),
    })
}

// What pass `?2` of account `?1`, begun with read `?3` at `?4`, did not see; `?5` is the state of what need not be seen.
pub(super) fn missing_sql() -> String {
    format!(
        "SELECT {KNOWN} FROM token t {BESIDE}
         WHERE t.account = ?1 AND t.crawl < ?2 AND t.seq <= ?3 AND t.created_on < ?4
           AND t.gone_at IS NULL AND t.state <> ?5
         ORDER BY t.crawl, t.n LIMIT ?6"
    )
}

// What is not known to be gone of the customer id `?3`, folded `?2`, of account `?1`; `?4` is the state of what is deleted.
pub(super) fn of_record_sql() -> String {
    format!(
        "SELECT {KNOWN} FROM ({OF_ID}) s CROSS JOIN token t ON t.person = s.person AND t.customer = s.n {BESIDE}
         WHERE t.gone_at IS NULL AND t.state <> ?4"
    )
}

// Young cards first: old ones are likelier to be gone too.
pub(super) fn sample_sql() -> String {
    let of_state = |state: &str| {
        format!(
            "SELECT n, read_at FROM (SELECT n, read_at FROM token WHERE account = ?1 AND eff_state = {state}
             ORDER BY created_on DESC, n DESC LIMIT 200)"
        )
    };
    format!(
        "SELECT {KNOWN} FROM ({} UNION ALL {} ORDER BY read_at DESC LIMIT ?4) s
         CROSS JOIN token t ON t.n = s.n {BESIDE} ORDER BY s.read_at DESC",
        of_state("?2"),
        of_state("?3")
    )
}

impl CacheDb {
    async fn missing_after_crawl(
        &self,
        account: AccountId,
        crawl_number: i64,
        limit: u32,
    ) -> Result<Vec<KnownToken>, StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.reader.begin().await?;
        let crawl = unfinished(&mut tx, account)
            .await?
            .filter(|crawl| crawl.number == crawl_number)
            .ok_or(StoreError::CrawlEnded)?;
        let rows = sqlx::query(AssertSqlSafe(missing_sql()))
            .bind(account.n)
            .bind(crawl.number)
            .bind(crawl.started.0)
            .bind(crawl.started_at.timestamp_millis())
            .bind(TokenState::Deleted.number())
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await?;
        rows.iter().map(|row| known(account, row)).collect()
    }

    async fn known_of_record(
        &self,
        account: AccountId,
        customer_id: &str,
    ) -> Result<Vec<KnownToken>, StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.reader.begin().await?;
        let rows = sqlx::query(AssertSqlSafe(of_record_sql()))
            .bind(account.n)
            .bind(search_key(customer_id))
            .bind(customer_id.trim())
            .bind(TokenState::Deleted.number())
            .fetch_all(&mut *tx)
            .await?;
        rows.iter().map(|row| known(account, row)).collect()
    }

    async fn known_sample(
        &self,
        account: AccountId,
        n: u32,
        except: TokenId,
    ) -> Result<Vec<KnownToken>, StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.reader.begin().await?;
        let rows = sqlx::query(AssertSqlSafe(sample_sql()))
            .bind(account.n)
            .bind(TokenState::Active.number())
            .bind(TokenState::Inactive.number())
            .bind(i64::from(n) + 1)
            .fetch_all(&mut *tx)
            .await?;
        let mut sample = rows
            .iter()
            .map(|row| known(account, row))
            .collect::<Result<Vec<_>, _>>()?;
        sample.retain(|one| one.id != except);
        sample.truncate(n as usize);
        Ok(sample)
    }
}

impl Store {
    /// Tokens that pass `crawl_number` did not see, though they were there when it began: neither read nor created since,
    /// and not known to be deleted or gone.
    ///
    /// # Errors
    /// [`StoreError::CrawlEnded`] when that pass is not the unfinished one; [`StoreError::NoSuchAccount`].
    pub async fn missing_after_crawl(
        &self,
        account: AccountId,
        crawl_number: i64,
        limit: u32,
    ) -> Result<Vec<KnownToken>, StoreError> {
        self.inner
            .cache
            .read()
            .await
            .missing_after_crawl(account, crawl_number, limit)
            .await
    }

    /// Tokens of one customer record that are not known to be deleted or gone.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn known_of_record(
        &self,
        account: AccountId,
        customer_id: &str,
    ) -> Result<Vec<KnownToken>, StoreError> {
        self.inner
            .cache
            .read()
            .await
            .known_of_record(account, customer_id)
            .await
    }

    /// Up to `n` other tokens of the account that are known to exist, of the youngest ones the newest read first: to
    /// prove that a 404 is about the token and not about the account.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn known_sample(
        &self,
        account: AccountId,
        n: u32,
        except: TokenId,
    ) -> Result<Vec<KnownToken>, StoreError> {
        self.inner
            .cache
            .read()
            .await
            .known_sample(account, n, except)
            .await
    }
}

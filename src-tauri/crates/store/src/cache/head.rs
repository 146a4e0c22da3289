//! What a door needs to know of the file before it writes a page: one statement.

use super::accounts::AccountRef;
use crate::sqlite::Tx;
use crate::{CrawlStage, CrawlStep, ReadTicket, StoreError};
use sqlx::Row;
use tokendesk_model::Environment;

/// People of an environment have numbers of their own range, so that a walk by number stays inside it. Live ones are
/// the smallest, because they are the many.
const RANGE: i64 = 1 << 32;

/// The range of numbers of an environment's people, both ends included.
pub(crate) fn people_range(env: Environment) -> (i64, i64) {
    let start = match env {
        Environment::Live => 0,
        Environment::Test => RANGE,
        Environment::Demo => 2 * RANGE,
    };
    (start + 1, start + RANGE - 1)
}

/// Counts of rows that the search index has not taken yet, and the next free numbers.
pub(crate) struct Head {
    pub next_token: i64,
    pub next_customer: i64,
    pub next_person: i64,
    pub cards_indexed: i64,
    pub people_indexed: i64,
    pub names_pending: i64,
    pub overlaid: bool,
    /// Imported tokens of this account were removed from this desk.
    pub forgets: bool,
    pub newest: Option<String>,
}

impl Head {
    /// Reads it for pages of `account`. Numbers of indexed rows are never given again, even when the rows are gone.
    pub async fn read(tx: &mut Tx, account: AccountRef) -> Result<Self, StoreError> {
        let (first, last) = people_range(account.env);
        let row = sqlx::query(
            "SELECT ifnull((SELECT max(n) FROM token), 0),
                    ifnull((SELECT max(n) FROM customer), 0),
                    ifnull((SELECT max(n) FROM person WHERE n BETWEEN ?2 AND ?3), ?2 - 1),
                    (SELECT value FROM meta WHERE key = 'cards_indexed'),
                    max((SELECT value FROM meta WHERE key = 'people_indexed_' || ?4), ?2 - 1),
                    (SELECT count(*) FROM name_pending),
                    EXISTS (SELECT 1 FROM overlay),
                    (SELECT newest FROM account WHERE n = ?1),
                    (SELECT value FROM meta WHERE key = 'customers_indexed'),
                    EXISTS (SELECT 1 FROM forgotten WHERE account = ?1)",
        )
        .bind(account.n)
        .bind(first)
        .bind(last)
        .bind(account.env.number())
        .fetch_one(&mut **tx)
        .await?;
        let cards_indexed: i64 = row.try_get(3)?;
        let people_indexed: i64 = row.try_get(4)?;
        Ok(Self {
            next_token: row.try_get::<i64, _>(0)?.max(cards_indexed) + 1,
            next_customer: row.try_get::<i64, _>(1)?.max(row.try_get(8)?) + 1,
            next_person: row.try_get::<i64, _>(2)?.max(people_indexed) + 1,
            cards_indexed,
            people_indexed,
            names_pending: row.try_get(5)?,
            overlaid: row.try_get::<i64, _>(6)? != 0,
            newest: row.try_get(7)?,
            forgets: row.try_get::<i64, _>(9)? != 0,
        })
    }

    /// How far the search index is behind after this page.
    pub fn behind(&self) -> i64 {
        (self.next_token - 1 - self.cards_indexed)
            .max(self.next_person - 1 - self.people_indexed)
            .max(self.names_pending)
    }
}

/// How far a page takes a full pass.
#[derive(Default)]
pub(crate) struct Progress {
    pub tokens: usize,
    pub versions: usize,
    /// `None`: it lists no customer records.
    pub customers: Option<usize>,
}

/// Records where the full pass stands after this page, and that reads up to this number are stored.
pub(crate) async fn advance(
    tx: &mut Tx,
    account: AccountRef,
    ticket: ReadTicket,
    crawl: Option<&CrawlStep>,
    progress: Progress,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE meta SET value = max(value, ?1) WHERE key = 'seq'")
        .bind(ticket.0)
        .execute(&mut **tx)
        .await?;
    let Some(step) = crawl else { return Ok(()) };
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let stage = match step.stage {
        CrawlStage::Tokens => 0,
        CrawlStage::Versions => 1,
    };
    let done = sqlx::query(
        "UPDATE crawl SET stage = ?3, cursor = ?4, tokens = tokens + ?5, versions = versions + ?6,
                          customers = iif(?7 IS NULL, customers, ifnull(customers, 0) + ?7)
         WHERE account = ?1 AND number = ?2",
    )
    .bind(account.n)
    .bind(step.number)
    .bind(stage)
    .bind(&step.cursor)
    .bind(number(progress.tokens))
    .bind(number(progress.versions))
    .bind(progress.customers.map(number))
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        Err(StoreError::CrawlEnded)
    } else {
        Ok(())
    }
}

/// Whether provider id `a` is numerically higher than `b`. Ids that are not numbers are no cursor.
pub(crate) fn is_newer(a: &str, b: Option<&str>) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let rank = |text: &str| {
        let text = text.trim_start_matches('0');
        (text.len(), text.to_owned())
    };
    digits(a) && b.is_none_or(|b| rank(a) > rank(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_is_numeric() {
        assert!(is_newer("100", Some("99")));
        assert!(!is_newer("99", Some("100")));
        assert!(!is_newer("099", Some("100")));
        assert!(!is_newer("tok_1", None));
        assert!(is_newer("1", None));
    }

    #[test]
    fn ranges_do_not_meet() {
        let mut ranges: Vec<_> = Environment::ALL.into_iter().map(people_range).collect();
        ranges.sort_unstable();
        assert!(ranges.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }
}

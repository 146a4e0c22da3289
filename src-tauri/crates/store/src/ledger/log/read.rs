//! Reading the log: pages for a screen, everything for a file.

use super::super::{Fault, LedgerDb, id_list};
use super::LogRow;
use super::row::{self, COLUMNS};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use sqlx::{QueryBuilder, Sqlite};
use tokendesk_model::fold::search_key;
use tokendesk_model::{AccountId, Environment, TokenId};

/// The longest page.
pub const LONGEST_LOG_PAGE: u32 = 500;

/// Which rows of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Rows about accounts of this environment, and rows about none.
    pub env: Option<Environment>,
    /// Rows about this account.
    pub account: Option<AccountId>,
    /// Rows about any of these tokens; `Some` of an empty list finds nothing.
    pub tokens: Option<Vec<TokenId>>,
    /// Rows whose action begins with one of these; empty means any.
    pub actions: Vec<String>,
    /// Rows with one of these outcomes; empty means any.
    pub outcomes: Vec<String>,
    /// Part of who, of a reason or of a request id; accents and case do not count.
    pub text: Option<String>,
    /// From this moment.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub until: Option<DateTime<Utc>>,
}

/// A page of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// Newest first.
    pub items: Vec<LogRow>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<i64>,
    /// Rows in the whole log.
    pub rows: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    NewestFirst,
    OldestFirst,
}

impl LogFilter {
    // Rows come in their own order over the table or over an index that has it, so that a page reads little and sorts nothing.
    // Only the rows of several tokens are brought into order, and they are few.
    fn query(&self, below: Option<i64>, order: Order) -> QueryBuilder<Sqlite> {
        let mut sql = QueryBuilder::new("SELECT ");
        sql.push(COLUMNS).push(" FROM log l");
        if self.tokens.is_some() {
            sql.push(" INDEXED BY log_token");
        } else if self.account.is_some() {
            sql.push(" INDEXED BY log_account");
        } else if self.only_trouble() {
            sql.push(" INDEXED BY log_trouble");
        }
        sql.push(" LEFT JOIN log_text x ON x.log = l.n WHERE 1");
        match self.tokens.as_deref() {
            Some([token]) => {
                sql.push(" AND l.token = ").push_bind(token.bytes().to_vec());
            }
            Some(tokens) => {
                sql.push(" AND l.token IN (SELECT unhex(value) FROM json_each(")
                    .push_bind(id_list(tokens.iter().map(TokenId::bytes)))
                    .push("))");
            }
            None => {}
        }
        if let Some(account) = self.account {
            sql.push(" AND l.account = ").push_bind(account.bytes().to_vec());
        }
        if let Some(env) = self.env {
            sql.push(" AND (l.environment IS NULL OR l.environment = ")
                .push_bind(env.number())
                .push(")");
        }
        if self.only_trouble() {
            sql.push(" AND l.outcome <> 'ok'");
        }
        if !self.outcomes.is_empty() {
            sql.push(" AND l.outcome IN (");
            let mut list = sql.separated(", ");
            for outcome in &self.outcomes {
                list.push_bind(outcome.clone());
            }
            sql.push(")");
        }
        if !self.actions.is_empty() {
            sql.push(" AND (0");
            for prefix in &self.actions {
                // Counted in letters, as SQL does.
                let letters = i64::try_from(prefix.chars().count()).unwrap_or(i64::MAX);
                sql.push(" OR substr(l.action, 1, ")
                    .push_bind(letters)
                    .push(") = ")
                    .push_bind(prefix.clone());
            }
            sql.push(")");
        }
        if let Some(text) = self.folded_text() {
            might_have_text(&mut sql, &text);
        }
        if let Some(from) = self.from {
            let from = from.timestamp_millis();
            sql.push(" AND l.at >= ")
                .push_bind(from)
                .push(" AND l.n >= (SELECT min(n) FROM log INDEXED BY log_at WHERE at >= ")
                .push_bind(from)
                .push(")");
        }
        if let Some(until) = self.until {
            let until = until.timestamp_millis();
            sql.push(" AND l.at < ")
                .push_bind(until)
                .push(" AND l.n <= (SELECT max(n) FROM log INDEXED BY log_at WHERE at < ")
                .push_bind(until)
                .push(")");
        }
        if let Some(below) = below {
            sql.push(" AND l.n < ").push_bind(below);
        }
        sql.push(match order {
            Order::NewestFirst => " ORDER BY l.n DESC",
            Order::OldestFirst => " ORDER BY l.n",
        });
        sql
    }

    fn only_trouble(&self) -> bool {
        !self.outcomes.is_empty() && !self.outcomes.iter().any(|outcome| outcome == "ok")
    }

    fn folded_text(&self) -> Option<String> {
        self.text
            .as_deref()
            .map(search_key)
            .filter(|text| !text.is_empty())
    }
}

/// Leaves out rows that certainly do not have the text; [`has_text`] decides. SQL folds plain letters only, so a column with any
/// others has to be looked at.
fn might_have_text(sql: &mut QueryBuilder<Sqlite>, text: &str) {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        match letter {
            '%' | '_' | '\\' => pattern.extend(['\\', letter]),
            // White space is folded too.
            letter if letter.is_whitespace() => pattern.push('%'),
            letter => pattern.push(letter),
        }
    }
    pattern.push('%');
    sql.push(" AND (0");
    for column in ["l.actor", "x.text", "l.request_id"] {
        sql.push(format!(
            " OR octet_length({column}) <> length({column}) OR {column} LIKE "
        ))
        .push_bind(pattern.clone())
        .push(" ESCAPE '\\'");
    }
    sql.push(")");
}

fn has_text(row: &LogRow, text: &str) -> bool {
    let entry = &row.entry;
    [
        Some(&entry.actor),
        entry.reason.as_ref(),
        entry.request_id.as_ref(),
    ]
    .into_iter()
    .flatten()
    .any(|words| search_key(words).contains(text))
}

impl LedgerDb {
    async fn log_page(&self, filter: &LogFilter, after: Option<i64>, limit: u32) -> Result<LogPage, Fault> {
        let limit = limit.clamp(1, LONGEST_LOG_PAGE) as usize;
        let text = filter.folded_text();
        let mut sql = filter.query(after, Order::NewestFirst);
        if text.is_none() {
            sql.push(" LIMIT ").push_bind(limit as i64 + 1);
        }
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query_scalar("SELECT n FROM log ORDER BY n DESC LIMIT 1")
            .fetch_optional(&mut *tx)
            .await?
            .unwrap_or_default();
        let mut items: Vec<LogRow> = Vec::new();
        {
            let mut found = sql.build().fetch(&mut *tx);
            while let Some(raw) = found.try_next().await? {
                let row = row::read(&raw)?;
                if text.as_ref().is_none_or(|text| has_text(&row, text)) {
                    items.push(row);
                }
                if items.len() > limit {
                    break;
                }
            }
        }
        let more = items.len() > limit;
        items.truncate(limit);
        Ok(LogPage {
            next: items.last().filter(|_| more).map(|row| row.number),
            items,
            rows,
        })
    }

    async fn each_log_row(
        &self,
        filter: &LogFilter,
        mut each: impl FnMut(LogRow) -> std::io::Result<()> + Send,
    ) -> Result<u64, Fault> {
        let text = filter.folded_text();
        let mut sql = filter.query(None, Order::OldestFirst);
        let mut tx = self.0.reader.begin().await?;
        let mut found = sql.build().fetch(&mut *tx);
        let mut given = 0;
        while let Some(raw) = found.try_next().await? {
            let row = row::read(&raw)?;
            if text.as_ref().is_none_or(|text| has_text(&row, text)) {
                each(row).map_err(|error| match error.kind() {
                    std::io::ErrorKind::StorageFull => StoreError::DiskFull,
                    kind => StoreError::Io(kind),
                })?;
                given += 1;
            }
        }
        Ok(given)
    }
}

impl Store {
    /// A page of the log, newest first: the rows numbered below `after`, or the newest ones.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_page(
        &self,
        filter: &LogFilter,
        after: Option<i64>,
        limit: u32,
    ) -> Result<LogPage, StoreError> {
        Ok(self.inner.ledger.log_page(filter, after, limit).await?)
    }

    /// Gives every row that fits to `each`, oldest first, one by one and all of one moment. Says how many there were.
    ///
    /// # Errors
    /// [`StoreError::Io`] or [`StoreError::DiskFull`] when `each` fails, which ends it; otherwise [`StoreError`].
    pub async fn each_log_row(
        &self,
        filter: &LogFilter,
        each: impl FnMut(LogRow) -> std::io::Result<()> + Send,
    ) -> Result<u64, StoreError> {
        Ok(self.inner.ledger.each_log_row(filter, each).await?)
    }

    /// The newest rows, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_rows(&self, limit: u32) -> Result<Vec<LogRow>, StoreError> {
        Ok(self.log_page(&LogFilter::default(), None, limit).await?.items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DbKey;
    use crate::sqlite::{Database, Profile, probe};
    use sqlx::Row;

    async fn ledger() -> (tempfile::TempDir, LedgerDb) {
        let dir = tempfile::tempdir().unwrap();
        let key = DbKey::random();
        Store::open(dir.path(), &key).await.unwrap().store.close().await;
        let path = dir.path().join(crate::LEDGER_FILE);
        drop(probe(&path, &key).await.unwrap());
        let db = Database::open(&path, &key, Profile::LEDGER).await.unwrap();
        (dir, LedgerDb(db))
    }

    async fn plan(ledger: &LedgerDb, filter: &LogFilter, below: Option<i64>) -> String {
        let query = filter.query(below, Order::NewestFirst);
        let sql = format!("EXPLAIN QUERY PLAN {} LIMIT 51", query.into_string());
        let mut tx = ledger.0.reader.begin().await.unwrap();
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        rows.iter()
            .map(|row| row.get::<String, _>(3))
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[tokio::test]
    async fn no_page_sorts_or_reads_the_whole_log() {
        let (_dir, ledger) = ledger().await;
        let account = Some(AccountId::random());
        let token = AccountId::random().token("1");
        let none = LogFilter::default();
        let cases = [
            (none.clone(), "SCAN l"),
            (
                LogFilter {
                    account,
                    ..none.clone()
                },
                "log_account (account=?",
            ),
            (
                LogFilter {
                    tokens: Some(vec![token]),
                    ..none.clone()
                },
                "log_token (token=?",
            ),
            (
                LogFilter {
                    account,
                    tokens: Some(vec![token]),
                    env: Some(Environment::Live),
                    actions: vec!["change.".into(), "plan.".into()],
                    outcomes: vec!["ok".into()],
                    from: Some(Utc::now()),
                    until: Some(Utc::now()),
                    text: None,
                },
                "log_token (token=?",
            ),
            (
                LogFilter {
                    outcomes: vec!["failed".into(), "refused".into()],
                    ..none.clone()
                },
                "log_trouble",
            ),
            (
                LogFilter {
                    env: Some(Environment::Test),
                    ..none.clone()
                },
                "SCAN l",
            ),
        ];
        for (filter, expected) in cases {
            for below in [None, Some(1_000)] {
                let plan = plan(&ledger, &filter, below).await;
                assert!(!plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
                let expected = match (expected, below) {
                    ("SCAN l", Some(_)) => "SEARCH l USING INTEGER PRIMARY KEY",
                    _ => expected,
                };
                assert!(plan.contains(expected), "{filter:?}: {plan}");
            }
        }
        let many = LogFilter {
            tokens: Some(vec![token, token]),
            ..none
        };
        let plan = plan(&ledger, &many, Some(7)).await;
        assert!(plan.contains("log_token (token=?"), "{plan}");
        assert!(!plan.contains("SCAN l"), "{plan}");
    }
}

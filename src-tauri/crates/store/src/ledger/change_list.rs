//! Changes as they are listed and counted, and what they lay over the snapshots.

use super::change_rows::{self, COLUMNS, Stored};
use super::{Fault, LedgerDb, id, id_list};
use crate::{Store, StoreError};
use sqlx::{AssertSqlSafe, Row};
use std::collections::HashMap;
use tokendesk_model::lane::overlay_of;
use tokendesk_model::{
    AccountId, Change, ChangeId, ChangeStatus, Environment, Lesson, Overlay, PlanId, TokenId, Wish,
};

const OPEN: [&str; 5] = ["held", "waiting", "sending", "conflict", "stuck"];
/// What a list holds unless it is told.
const LIMIT: u32 = 1_000;

/// Which changes to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangesFilter {
    /// Only those not ended.
    pub open_only: bool,
    /// Only of these words (see [`ChangeStatus::as_str`]); empty means any.
    pub statuses: Vec<String>,
    /// Of these tokens only; empty means any.
    pub tokens: Vec<TokenId>,
    /// Of this account only.
    pub account: Option<AccountId>,
    /// Of accounts in this environment only.
    pub env: Option<Environment>,
    /// Only those this person asked for.
    pub actor: Option<String>,
    /// Of this plan only.
    pub plan: Option<PlanId>,
    /// At most so many; 0 means 1,000.
    pub limit: u32,
    /// Newest first instead of oldest first.
    pub newest_first: bool,
    /// Goes on behind the page that answered this as [`ChangesPage::next`].
    pub before: Option<i64>,
}

/// A page of changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangesPage {
    /// In the order asked for.
    pub items: Vec<Change>,
    /// For [`ChangesFilter::before`]; `None` at the end.
    pub next: Option<i64>,
}

/// An open change, as little of it as a plan over many cards asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenWish {
    /// The card.
    pub token: TokenId,
    /// What is wished of it.
    pub wish: Wish,
    /// Held, waiting or on its way: it needs nobody's decision.
    pub under_way: bool,
    /// On its way.
    pub sending: bool,
}

/// Open changes by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChangeCounts {
    /// Kept back for a while.
    pub held: u32,
    /// Queued.
    pub waiting: u32,
    /// On their way.
    pub sending: u32,
    /// In conflict.
    pub conflict: u32,
    /// Stuck.
    pub stuck: u32,
}

/// The statement of a list. Its parts are each led by an index and cut at the page's length: tokens, plan, account and
/// status, or the table's own order.
pub(super) fn list_sql(filter: &ChangesFilter, accounts: Option<&[AccountId]>) -> Option<String> {
    let statuses: Vec<&str> = OPEN
        .into_iter()
        .chain(["done", "withdrawn"])
        .filter(|word| filter.statuses.is_empty() || filter.statuses.iter().any(|wanted| wanted == word))
        .filter(|word| !filter.open_only || OPEN.contains(word))
        .collect();
    let accounts = accounts.map(|ids| {
        ids.iter()
            .map(|id| format!("x'{}'", crate::key::hex(&id.bytes())))
    });
    let any_status = statuses.len() == OPEN.len() + 2;
    let order = if filter.newest_first { "DESC" } else { "ASC" };
    let behind = match filter.before {
        Some(_) if filter.newest_first => " AND c.n < ?4",
        Some(_) => " AND c.n > ?4",
        None => "",
    };
    let mut shared = String::from(behind);
    if filter.actor.is_some() {
        shared.push_str(" AND c.actor = ?3");
    }
    let quoted = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        words.join(", ")
    };
    // (FROM clause, condition) of each part.
    let mut parts: Vec<String> = Vec::new();
    if !filter.tokens.is_empty() || filter.plan.is_some() {
        let mut part = if filter.tokens.is_empty() {
            "change c INDEXED BY change_plan WHERE c.plan = ?2".to_owned()
        } else {
            let mut part = "change c WHERE c.token IN (SELECT unhex(value) FROM json_each(?1))".to_owned();
            if filter.plan.is_some() {
                part.push_str(" AND c.plan = ?2");
            }
            part
        };
        part.push_str(&format!(" AND c.status IN ({})", quoted(&statuses)));
        if let Some(accounts) = accounts {
            part.push_str(&format!(
                " AND c.account IN ({})",
                accounts.collect::<Vec<_>>().join(", ")
            ));
        }
        parts.push(part);
    } else {
        let accounts: Vec<Option<String>> = match accounts {
            Some(accounts) => accounts.map(Some).collect(),
            None => vec![None],
        };
        for account in accounts {
            let of_account = account.map_or(String::new(), |id| format!(" AND c.account = {id}"));
            if any_status {
                parts.push(format!("change c WHERE true{of_account}"));
            } else {
                for status in &statuses {
                    parts.push(format!("change c WHERE c.status = '{status}'{of_account}"));
                }
            }
        }
    }
    let parts: Vec<String> = parts
        .iter()
        .map(|part| format!("SELECT n FROM (SELECT c.n FROM {part}{shared} ORDER BY c.n {order} LIMIT ?5)"))
        .collect();
    (!parts.is_empty()).then(|| {
        format!(
            "SELECT {COLUMNS} FROM change c WHERE c.n IN ({}) ORDER BY c.n {order} LIMIT ?5",
            parts.join(" UNION ALL ")
        )
    })
}

/// Open changes by status, in environment `?1` or in all; counted as they move, by triggers of the file.
pub(super) fn counts_sql(env: Option<Environment>) -> &'static str {
    if env.is_some() {
        "SELECT k.status, sum(k.changes) FROM change_count k
         WHERE k.account IN (SELECT id FROM account WHERE environment = ?1)
           AND k.status IN ('held', 'waiting', 'sending', 'conflict', 'stuck')
         GROUP BY k.status"
    } else {
        "SELECT k.status, sum(k.changes) FROM change_count k
         WHERE k.status IN ('held', 'waiting', 'sending', 'conflict', 'stuck') AND ?1 IS NULL
         GROUP BY k.status"
    }
}

impl LedgerDb {
    async fn change(&self, id: ChangeId) -> Result<Option<Change>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM change c WHERE c.id = ?1"));
        let row = sqlx::query(sql)
            .bind(id.bytes().to_vec())
            .fetch_optional(&mut *tx)
            .await?;
        let row = row.as_ref().map(change_rows::read).transpose()?;
        Ok(row.map(|row| row.change))
    }

    async fn changes(&self, filter: &ChangesFilter) -> Result<ChangesPage, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let mut accounts: Option<Vec<AccountId>> = filter.account.map(|id| vec![id]);
        if let Some(env) = filter.env {
            let rows = sqlx::query("SELECT id FROM account WHERE environment = ?1 ORDER BY n")
                .bind(env.number())
                .fetch_all(&mut *tx)
                .await?;
            let there = rows
                .iter()
                .map(|row| Ok(AccountId::from_bytes(id(row.try_get(0)?)?)))
                .collect::<Result<Vec<_>, Fault>>()?;
            accounts = Some(match accounts {
                Some(wanted) => wanted.into_iter().filter(|id| there.contains(id)).collect(),
                None => there,
            });
        }
        let Some(sql) = list_sql(filter, accounts.as_deref()) else {
            return Ok(ChangesPage::default());
        };
        let limit = if filter.limit == 0 { LIMIT } else { filter.limit };
        let rows = sqlx::query(AssertSqlSafe(sql))
            .persistent(false)
            .bind(id_list(filter.tokens.iter().map(TokenId::bytes)))
            .bind(filter.plan.map(|id| id.bytes().to_vec()))
            .bind(filter.actor.as_deref())
            .bind(filter.before)
            .bind(i64::from(limit) + 1)
            .fetch_all(&mut *tx)
            .await?;
        let mut rows = rows
            .iter()
            .map(change_rows::read)
            .collect::<Result<Vec<Stored>, Fault>>()?;
        let length = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > length;
        rows.truncate(length);
        Ok(ChangesPage {
            next: rows.last().filter(|_| more).map(|row| row.n),
            items: rows.into_iter().map(|row| row.change).collect(),
        })
    }

    async fn changes_count(&self, tokens: &[TokenId]) -> Result<u32, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM json_each(?1) j CROSS JOIN change c ON c.token = unhex(j.value)",
        )
        .bind(id_list(tokens.iter().map(TokenId::bytes)))
        .fetch_one(&mut *tx)
        .await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    async fn change_counts(&self, env: Option<Environment>) -> Result<ChangeCounts, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(counts_sql(env))
            .bind(env.map(|env| env.number()))
            .fetch_all(&mut *tx)
            .await?;
        let mut counts = ChangeCounts::default();
        for row in &rows {
            let n = u32::try_from(row.try_get::<i64, _>(1)?).unwrap_or(u32::MAX);
            match row.try_get::<&str, _>(0)? {
                "held" => counts.held = n,
                "waiting" => counts.waiting = n,
                "sending" => counts.sending = n,
                "conflict" => counts.conflict = n,
                _ => counts.stuck = n,
            }
        }
        Ok(counts)
    }

    async fn open_wishes(&self, env: Environment) -> Result<Vec<OpenWish>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(
            "SELECT token, field, value, status FROM change
             WHERE account IN (SELECT id FROM account WHERE environment = ?1)
               AND status IN ('held', 'waiting', 'sending', 'conflict', 'stuck')",
        )
        .bind(env.number())
        .fetch_all(&mut *tx)
        .await?;
        rows.iter()
            .map(|row| {
                let value: Option<i64> = row.try_get(2)?;
                let status: &str = row.try_get(3)?;
                Ok(OpenWish {
                    token: TokenId::from_bytes(id(row.try_get(0)?)?),
                    wish: Wish::from_stored(row.try_get(1)?, value.map(|v| v != 0))
                        .ok_or_else(super::damaged)?,
                    under_way: matches!(status, "held" | "waiting" | "sending"),
                    sending: status == "sending",
                })
            })
            .collect()
    }

    /// Tokens with an open change, of one account or of all.
    pub(crate) async fn tokens_with_open_changes(
        &self,
        account: Option<AccountId>,
    ) -> Result<Vec<TokenId>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let rows = sqlx::query(
            "SELECT DISTINCT token FROM change
             WHERE status IN ('held', 'waiting', 'sending', 'conflict', 'stuck') AND (?1 IS NULL OR account = ?1)",
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
            "SELECT c.token, c.field, c.value, c.status, a.lesson
             FROM json_each(?1) j CROSS JOIN change c ON c.token = unhex(j.value) LEFT JOIN account a ON a.id = c.account
             WHERE c.status IN ('held', 'waiting', 'sending') ORDER BY c.n",
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
            let status = change_rows::status(row.try_get(3)?, None, None, None)?;
            let lesson = row
                .try_get::<Option<&str>, _>(4)?
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

impl Store {
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
        Ok(self.inner.ledger.changes(filter).await?.items)
    }

    /// Lists changes page by page.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn changes_page(&self, filter: &ChangesFilter) -> Result<ChangesPage, StoreError> {
        Ok(self.inner.ledger.changes(filter).await?)
    }

    /// Every open change of an environment, in no order and in few words.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_wishes(&self, env: Environment) -> Result<Vec<OpenWish>, StoreError> {
        Ok(self.inner.ledger.open_wishes(env).await?)
    }

    /// How many changes of these tokens there are, ended ones included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn changes_count(&self, tokens: &[TokenId]) -> Result<u32, StoreError> {
        Ok(self.inner.ledger.changes_count(tokens).await?)
    }

    /// Every held change, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn held(&self) -> Result<Vec<Change>, StoreError> {
        let filter = ChangesFilter {
            statuses: vec!["held".to_owned()],
            limit: u32::MAX,
            ..ChangesFilter::default()
        };
        let mut held = self.changes(&filter).await?;
        held.retain(|change| change.status == ChangeStatus::Held);
        Ok(held)
    }

    /// How many changes are open, in one environment or in all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_counts(&self, env: Option<Environment>) -> Result<ChangeCounts, StoreError> {
        Ok(self.inner.ledger.change_counts(env).await?)
    }
}

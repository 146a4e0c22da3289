//! Every card of a selection at once, for a plan over many: which they are, how they stand, how many there are, and which
//! customers would be left without. One streamed statement each, however many cards.

use super::CacheDb;
use super::accounts::AccountRef;
#[cfg(test)]
use super::find::Sql;
use super::find::{COUNT_CAP, Count, words};
use super::find_cards::Question;
use super::residents::{first_48, json};
use super::rows::Columns;
use crate::sqlite::Tx;
use crate::{Store, StoreError};
use futures::TryStreamExt;
use sqlx::sqlite::SqliteRow;
use std::collections::{HashMap, HashSet};
use tokendesk_model::{AccountId, Environment, SearchQuery, TokenId, TokenState};

/// A customer record among the rows of one answer. Says nothing outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CustomerRef {
    person: i64,
    n: i64,
}

/// One card of a selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateRow {
    /// Ours.
    pub token: TokenId,
    /// At which account.
    pub account: AccountId,
    /// The provider's id.
    pub remote_id: String,
    /// Cards with the same one belong to one customer record.
    pub customer: CustomerRef,
    /// What screens show.
    pub effective_state: TokenState,
    /// What screens show.
    pub effective_one_click: Option<bool>,
    /// The provider answered that it no longer has it.
    pub gone: bool,
}

/// Customers that a plan would leave without.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LastCards {
    /// Customer records all of whose active cards are among those asked about.
    pub active: u32,
    /// Customer records all of whose active cards with one-click are among those asked about.
    pub one_click: u32,
}

/// What [`Candidate::read`] expects of `token t`.
const CANDIDATE: &str = "t.n, t.created_on, t.account, t.remote_id, t.person, t.customer, t.eff_state, t.raw_state, \
     t.eff_one_click, t.gone_at IS NOT NULL";

struct Candidate {
    n: i64,
    created_on: i64,
    row: CandidateRow,
}

impl CacheDb {
    fn candidate(
        &self,
        accounts: &HashMap<i64, AccountRef>,
        row: &SqliteRow,
    ) -> Result<Candidate, StoreError> {
        let mut columns = Columns::of(row);
        let n = columns.next()?;
        let created_on = columns.next()?;
        let account = accounts
            .get(&columns.next()?)
            .map(|account| account.id)
            .ok_or_else(super::damaged)?;
        let remote_id: String = columns.next()?;
        let person = columns.next()?;
        let customer = CustomerRef {
            person,
            n: columns.next()?,
        };
        let state: i64 = columns.next()?;
        let raw: Option<i64> = columns.next()?;
        let raw = match raw {
            Some(_) => self.with_terms(|terms| terms.maybe_text(raw))?,
            None => None,
        };
        Ok(Candidate {
            n,
            created_on,
            row: CandidateRow {
                token: account.token(&remote_id),
                account,
                remote_id,
                customer,
                effective_state: TokenState::from_number(state, raw.as_deref()),
                effective_one_click: columns.next_bool()?,
                gone: columns.next::<i64>()? != 0,
            },
        })
    }

    fn numbered(accounts: &[AccountRef]) -> HashMap<i64, AccountRef> {
        accounts.iter().map(|account| (account.n, *account)).collect()
    }

    async fn plan_candidates(
        &self,
        env: Environment,
        query: &SearchQuery,
    ) -> Result<Vec<CandidateRow>, StoreError> {
        let accounts = self.accounts_of(env);
        let Some(words) = words(query).filter(|_| !accounts.is_empty()) else {
            return Ok(Vec::new());
        };
        let mut tx = self.db.reader.begin().await?;
        let question = Question::new(self, &mut tx, env, &accounts, &words, query).await?;
        let sql = if words.is_empty() {
            question.filtered(CANDIDATE)
        } else {
            let driver = match question.few(&mut tx).await? {
                Some(driver) => driver,
                None => longest(&question),
            };
            question.matching(driver, i64::MAX, CANDIDATE)
        };
        let known = Self::numbered(&accounts);
        let mut found = Vec::new();
        let mut rows = sql.query().fetch(&mut *tx);
        while let Some(row) = rows.try_next().await? {
            found.push(self.candidate(&known, &row)?);
        }
        found.sort_unstable_by_key(|one| std::cmp::Reverse((one.created_on, one.n)));
        Ok(found.into_iter().map(|one| one.row).collect())
    }

    // Those of these cards that are here, in no order.
    async fn candidates_of(
        &self,
        accounts: &[AccountRef],
        tokens: &[TokenId],
    ) -> Result<Vec<Candidate>, StoreError> {
        let asked: HashSet<TokenId> = tokens.iter().copied().collect();
        let short: HashSet<i64> = asked.iter().map(|token| first_48(token.bytes())).collect();
        // In the index's order, so that each of its pages is read once.
        let mut short: Vec<i64> = short.into_iter().collect();
        short.sort_unstable();
        let known = Self::numbered(accounts);
        let mut tx = self.db.reader.begin().await?;
        let sql = of_ids();
        let mut rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(json(&short)?)
            .fetch(&mut *tx);
        let mut found = Vec::new();
        while let Some(row) = rows.try_next().await? {
            // An account of another environment, or a card that only begins like one that was asked for.
            if !known.contains_key(&sqlx::Row::try_get(&row, 2)?) {
                continue;
            }
            let one = self.candidate(&known, &row)?;
            if asked.contains(&one.row.token) {
                found.push(one);
            }
        }
        Ok(found)
    }

    async fn plan_candidates_of(
        &self,
        env: Environment,
        tokens: &[TokenId],
    ) -> Result<Vec<CandidateRow>, StoreError> {
        let found = self.candidates_of(&self.accounts_of(env), tokens).await?;
        let mut by_id: HashMap<TokenId, CandidateRow> =
            found.into_iter().map(|one| (one.row.token, one.row)).collect();
        Ok(tokens.iter().filter_map(|token| by_id.remove(token)).collect())
    }

    async fn last_active_customers(&self, tokens: &[TokenId]) -> Result<LastCards, StoreError> {
        let accounts: Vec<AccountRef> = Environment::ALL
            .into_iter()
            .flat_map(|env| self.accounts_of(env))
            .collect();
        let found = self.candidates_of(&accounts, tokens).await?;
        let rows: Vec<CandidateRow> = found.into_iter().map(|one| one.row).collect();
        self.last_cards(&rows).await
    }

    async fn last_cards(&self, cards: &[CandidateRow]) -> Result<LastCards, StoreError> {
        let mut lost: HashMap<CustomerRef, (u32, u32)> = HashMap::new();
        for card in cards {
            if card.effective_state == TokenState::Active {
                let (active, one_click) = lost.entry(card.customer).or_default();
                *active += 1;
                *one_click += u32::from(card.effective_one_click == Some(true));
            }
        }
        let mut tx = self.db.reader.begin().await?;
        let active = format!("t.eff_state = {}", TokenState::Active.number());
        let has_active = held(&mut tx, lost.keys(), &active).await?;
        let loses_all = |customer: &CustomerRef, lost: u32, has: &HashMap<CustomerRef, u32>| {
            lost > 0 && has.get(customer) == Some(&lost)
        };
        let last_active = |customer: &CustomerRef| loses_all(customer, lost[customer].0, &has_active);
        // Where every active card is among them, so is every one with one-click: only the others need a look at their rows.
        let unsure: Vec<&CustomerRef> = lost
            .iter()
            .filter(|(customer, lost)| lost.1 > 0 && !last_active(customer))
            .map(|(customer, _)| customer)
            .collect();
        let switched = format!("{active} AND t.eff_one_click = 1");
        let has_one_click = held(&mut tx, unsure.into_iter(), &switched).await?;
        let last_one_click = lost.iter().filter(|(customer, lost)| {
            lost.1 > 0 && (last_active(customer) || loses_all(customer, lost.1, &has_one_click))
        });
        Ok(LastCards {
            active: small(lost.keys().filter(|customer| last_active(customer)).count()),
            one_click: small(last_one_click.count()),
        })
    }

    async fn count_cards(
        &self,
        env: Environment,
        account: Option<AccountId>,
        query: &SearchQuery,
        exact: bool,
    ) -> Result<Count, StoreError> {
        let mut accounts = self.accounts_of(env);
        if let Some(only) = account {
            accounts.retain(|account| account.id == only);
        }
        let Some(words) = words(query).filter(|_| !accounts.is_empty()) else {
            return Ok(Count::all(0));
        };
        let mut tx = self.db.reader.begin().await?;
        let question = Question::new(self, &mut tx, env, &accounts, &words, query).await?;
        if !question.asks_for_more_than_states() {
            return question.counted(&mut tx).await;
        }
        let cap = if exact { i64::MAX } else { COUNT_CAP + 1 };
        let few = question.few(&mut tx).await?;
        let mut sql = match few {
            Some(driver) => question.matching(driver, cap, "1"),
            None if words.is_empty() => question.filtered("1"),
            None => question.matching(longest(&question), cap, "1"),
        };
        sql.text = format!("SELECT count(*) FROM ({} LIMIT {cap})", sql.text);
        let row = sql.query().fetch_one(&mut *tx).await?;
        let n: i64 = Columns::of(&row).next()?;
        if exact {
            return Ok(Count::all(usize::try_from(n).unwrap_or(usize::MAX)));
        }
        // Of a word that many cards have, only so many candidates were looked at.
        let all_were_looked_at = few.is_some() || words.is_empty();
        let count = Count::capped(n);
        Ok(Count {
            exact: count.exact && all_were_looked_at,
            ..count
        })
    }
}

/// People whose cards are counted by one statement.
const PEOPLE_AT_ONCE: usize = 10_000;

// How many cards of each of these customers, and of others of the same people, meet `condition`.
async fn held(
    tx: &mut Tx,
    customers: impl Iterator<Item = &CustomerRef>,
    condition: &str,
) -> Result<HashMap<CustomerRef, u32>, StoreError> {
    let mut people: Vec<i64> = customers.map(|customer| customer.person).collect();
    people.sort_unstable();
    people.dedup();
    let sql = of_people(condition);
    let mut held: HashMap<CustomerRef, u32> = HashMap::new();
    for some in people.chunks(PEOPLE_AT_ONCE) {
        let cards: Option<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone()))
            .bind(json(some)?)
            .fetch_one(&mut **tx)
            .await?;
        for card in cards.as_deref().unwrap_or_default().split_terminator(';') {
            let customer = card.split_once(' ').and_then(|(person, n)| {
                Some(CustomerRef {
                    person: person.parse().ok()?,
                    n: n.parse().ok()?,
                })
            });
            *held.entry(customer.ok_or_else(super::damaged)?).or_default() += 1;
        }
    }
    Ok(held)
}

// The cards behind short ids: in the index, or among the rows it has not taken yet. Both are read in their own order, so that no
// page is read twice.
fn of_ids() -> String {
    format!(
        "SELECT {CANDIDATE} FROM token t
         WHERE t.n IN (SELECT i.n FROM json_each(?1) s CROSS JOIN token_by_id i ON i.id48 = s.value)
         UNION ALL
         SELECT {CANDIDATE} FROM token t
         WHERE t.n > (SELECT value FROM meta WHERE key = 'cards_indexed')
           AND t.id48 IN (SELECT s.value FROM json_each(?1) s)"
    )
}

// All in one text: a small row each would cost more to hand over than to find.
fn of_people(condition: &str) -> String {
    format!(
        "SELECT group_concat(t.person || ' ' || t.customer, ';')
         FROM json_each(?1) s CROSS JOIN token t ON t.person = s.value WHERE {condition}"
    )
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

// None of the words is rare: the longest is the likeliest to leave little to look at.
fn longest(question: &Question<'_>) -> usize {
    (0..question.words.len())
        .max_by_key(|i| question.words[*i].text.len())
        .unwrap_or_default()
}

#[cfg(test)]
impl CacheDb {
    /// Every statement over a selection, for the tests of query plans.
    pub async fn candidate_statements(&self, env: Environment, query: &SearchQuery) -> Vec<(String, Sql)> {
        let accounts = self.accounts_of(env);
        let words = words(query).unwrap();
        let mut tx = self.db.reader.begin().await.unwrap();
        let question = Question::new(self, &mut tx, env, &accounts, &words, query)
            .await
            .unwrap();
        let mut all = vec![("filtered".to_owned(), question.filtered(CANDIDATE))];
        for driver in 0..words.len() {
            all.push((
                "matching".to_owned(),
                question.matching(driver, i64::MAX, CANDIDATE),
            ));
        }
        for condition in ["t.eff_state = 1", "t.eff_state = 1 AND t.eff_one_click = 1"] {
            let mut sql = Sql::new(of_people(condition));
            sql.bound("[1]");
            all.push(("of people".to_owned(), sql));
        }
        let mut sql = Sql::new(of_ids());
        sql.bound("[1]");
        all.push(("of ids".to_owned(), sql));
        all
    }
}

impl Store {
    /// How many cards of an environment, or of one account of it, meet a search: up to 10,000, or all of them if `exact`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_cards(
        &self,
        env: Environment,
        account: Option<AccountId>,
        query: &SearchQuery,
        exact: bool,
    ) -> Result<Count, StoreError> {
        let cache = self.inner.cache.read().await;
        cache.count_cards(env, account, query, exact).await
    }

    /// Every card of an environment that meets a search, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plan_candidates(
        &self,
        env: Environment,
        query: &SearchQuery,
    ) -> Result<Vec<CandidateRow>, StoreError> {
        self.inner.cache.read().await.plan_candidates(env, query).await
    }

    /// Those of these cards that are in the environment, each once and in this order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plan_candidates_of(
        &self,
        env: Environment,
        tokens: &[TokenId],
    ) -> Result<Vec<CandidateRow>, StoreError> {
        self.inner
            .cache
            .read()
            .await
            .plan_candidates_of(env, tokens)
            .await
    }

    /// Customers that would have no active card left, and no active card with one-click, if all of these cards lost that.
    /// What is wished and not sent yet counts as it is shown.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_active_customers(&self, tokens: &[TokenId]) -> Result<LastCards, StoreError> {
        self.inner.cache.read().await.last_active_customers(tokens).await
    }

    /// The same of cards that were just looked at; where they stand is not read again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_cards(&self, cards: &[CandidateRow]) -> Result<LastCards, StoreError> {
        self.inner.cache.read().await.last_cards(cards).await
    }
}

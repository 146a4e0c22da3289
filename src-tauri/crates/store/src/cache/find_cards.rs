//! Listing cards, newest first. Without words, and for words that many cards have, the list index is walked and each
//! card looked at until the page is full; a word that few cards have gives its cards first, and those are sorted.

use super::CacheDb;
use super::accounts::AccountRef;
use super::cards::CARD;
use super::cursor::{Cursor, question};
use super::find::{COUNT_CAP, Count, Sql, Word, filters, numbers, words};
use super::head::people_range;
use super::rows::Columns;
use super::text::Look;
use crate::sqlite::Tx;
use crate::{CardsPage, StateCounts, StoreError};
use tokendesk_model::{AccountId, Environment, SearchQuery, TokenState};

/// A word with at most so many cards gives them all; above that, every two-hundredth card of a million is a hit, and the
/// walk is short.
const FEW: i64 = 5_000;

/// A search for cards, read.
pub(super) struct Question<'q> {
    pub cache: &'q CacheDb,
    pub env: Environment,
    pub accounts: &'q [AccountRef],
    pub words: &'q [Word],
    pub query: &'q SearchQuery,
    cards_indexed: i64,
    customers_indexed: i64,
}

impl CacheDb {
    /// See [`crate::Store::cards`].
    pub async fn find_cards(
        &self,
        env: Environment,
        account: Option<AccountId>,
        query: &SearchQuery,
        after: Option<&str>,
        limit: u32,
    ) -> Result<CardsPage, StoreError> {
        let limit = limit.clamp(1, 1_000) as usize;
        let mut accounts = self.accounts_of(env);
        if let Some(only) = account {
            accounts.retain(|account| account.id == only);
        }
        let scope = format!(
            "{env}{:?}",
            accounts.iter().map(|account| account.n).collect::<Vec<_>>()
        );
        let asked = question("cards", &scope, query);
        let cursor = Cursor::read(after, asked, 4)?;
        let empty = CardsPage {
            items: Vec::new(),
            next: None,
            total: Count::all(0),
        };
        let Some(words) = words(query).filter(|_| !accounts.is_empty()) else {
            return Ok(empty);
        };
        let mut tx = self.db.reader.begin().await?;
        let question = Question::new(self, &mut tx, env, &accounts, &words, query).await?;
        let few = question.few(&mut tx).await?;
        let mut sql = match few {
            Some(driver) => question.sorted(driver, cursor.as_ref()),
            None => question.walk(cursor.as_ref()),
        };
        let bound = sql.number(i64::try_from(limit + 1).unwrap_or(i64::MAX));
        sql.push(" LIMIT ").push(&bound);
        let rows = sql.query().fetch_all(&mut *tx).await?;
        let more = rows.len() > limit;
        let items = rows
            .iter()
            .take(limit)
            .map(|row| self.card_row(row))
            .collect::<Result<Vec<_>, _>>()?;
        let total = match &cursor {
            Some(cursor) => Count {
                n: u32::try_from(cursor.at[2]).map_err(|_| StoreError::BadCursor)?,
                exact: cursor.at[3] != 0,
            },
            None if !more => Count::all(items.len()),
            None => question.count(&mut tx, few, items.len()).await?,
        };
        let next = match rows.get(limit.wrapping_sub(1)).filter(|_| more) {
            Some(last) => {
                let (n, made) = super::cards::place(last)?;
                let at = vec![made, n, i64::from(total.n), i64::from(total.exact)];
                Some(Cursor { question: asked, at }.write())
            }
            None => None,
        };
        Ok(CardsPage { items, next, total })
    }
}

impl<'q> Question<'q> {
    pub async fn new(
        cache: &'q CacheDb,
        tx: &mut Tx,
        env: Environment,
        accounts: &'q [AccountRef],
        words: &'q [Word],
        query: &'q SearchQuery,
    ) -> Result<Self, StoreError> {
        let (cards_indexed, customers_indexed): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT value FROM meta WHERE key = 'cards_indexed'),
                    (SELECT value FROM meta WHERE key = 'customers_indexed')",
        )
        .fetch_one(&mut **tx)
        .await?;
        Ok(Self {
            cache,
            env,
            accounts,
            words,
            query,
            cards_indexed,
            customers_indexed,
        })
    }

    /// The word that has the fewest cards, if it has few.
    pub async fn few(&self, tx: &mut Tx) -> Result<Option<usize>, StoreError> {
        let mut best = FEW + 1;
        let mut driver = None;
        for (i, word) in self.words.iter().enumerate() {
            let mut sql = self.candidates(word, best);
            sql.text = format!("SELECT count(*) FROM ({} LIMIT {best})", sql.text);
            let row = sql.query().fetch_one(&mut **tx).await?;
            let n: i64 = Columns::of(&row).next()?;
            if n < best {
                best = n;
                driver = Some(i);
            }
        }
        Ok(driver)
    }

    /// Numbers of cards that may have the word, at most `cap` of each kind.
    pub fn candidates(&self, word: &Word, cap: i64) -> Sql {
        let mut sql = Sql::default();
        let (first, last) = people_range(self.env);
        let env = self.env.number();
        let mut parts: Vec<String> = Vec::new();
        let begins = word.begins(&mut sql, "p.email_search");
        let mut people = vec![format!(
            "SELECT p.n FROM person p WHERE p.env = {env} AND {begins}"
        )];
        match &word.look {
            Look::Anywhere(grams) => {
                let grams = sql.bound(grams);
                let has = word.in_text(&mut sql, "p.email_search");
                let named = word.in_text(&mut sql, "p.name_search");
                for fts in ["person_email", "person_name"] {
                    people.push(format!("SELECT f.rowid FROM {fts} f WHERE f.{fts} MATCH {grams} AND f.rowid BETWEEN {first} AND {last}"));
                }
                people.push(format!("SELECT p.n FROM person p WHERE p.n > max({}, (SELECT value FROM meta WHERE key = 'people_indexed_{env}')) AND p.n <= {last} AND {has}", first - 1));
                people.push(format!(
                    "SELECT p.n FROM name_pending np CROSS JOIN person p ON p.n = np.n WHERE {named}"
                ));
            }
            Look::Gram(gram) => {
                let email = sql.bound(&format!("e{gram}"));
                let name = sql.bound(&format!("n{gram}"));
                people.push(format!("SELECT g.person FROM cjk g WHERE g.gram IN ({email}, {name}) AND g.person BETWEEN {first} AND {last}"));
            }
            Look::Start => {
                let begins = word.begins(&mut sql, "p.name_search");
                people.push(format!(
                    "SELECT p.n FROM person p WHERE p.env = {env} AND {begins}"
                ));
            }
        }
        for people in people {
            parts.push(format!("SELECT n FROM (SELECT t.n AS n FROM ({people} LIMIT {cap}) s CROSS JOIN token t ON t.person = s.n LIMIT {cap})", people = people.replacen("SELECT p.n", "SELECT p.n AS n", 1).replacen("SELECT f.rowid", "SELECT f.rowid AS n", 1).replacen("SELECT g.person", "SELECT g.person AS n", 1)));
        }
        for account in self.accounts {
            let begins = word.begins(&mut sql, "r.text");
            parts.push(format!(
                "SELECT n FROM (SELECT t.n AS n FROM customer_ref r CROSS JOIN customer c ON c.n = r.n
                 CROSS JOIN token t ON t.person = c.person AND t.customer = c.n
                 WHERE r.account = {} AND {begins} LIMIT {cap})",
                account.n
            ));
            let begins = word.in_remote(&mut sql, "t");
            parts.push(format!(
                "SELECT n FROM (SELECT t.n AS n FROM token t WHERE t.account = {} AND {begins} LIMIT {cap})",
                account.n
            ));
        }
        let begins = word.begins(&mut sql, "r.text");
        parts.push(format!(
            "SELECT n FROM (SELECT r.n AS n FROM token_ref r WHERE r.env = {env} AND {begins} LIMIT {cap})"
        ));
        let begins = word.begins(&mut sql, "coalesce(c.id_search, c.customer_id)");
        parts.push(format!(
            "SELECT n FROM (SELECT t.n AS n FROM customer c CROSS JOIN token t ON t.person = c.person AND t.customer = c.n
             WHERE c.n > {} AND {begins} LIMIT {cap})",
            self.customers_indexed
        ));
        let begins = word.in_refs(&mut sql, "t");
        parts.push(format!(
            "SELECT n FROM (SELECT t.n AS n FROM token t WHERE t.n > {} AND {begins} LIMIT {cap})",
            self.cards_indexed
        ));
        if word.is_last4() {
            let digits = sql.bound(&word.text);
            parts.push(format!("SELECT n FROM (SELECT t.n AS n FROM token t WHERE t.last4 = {digits} AND t.person BETWEEN {first} AND {last} LIMIT {cap})"));
        }
        sql.push(&parts.join(" UNION "));
        sql
    }

    // Few cards: all of them, sorted.
    fn sorted(&self, driver: usize, cursor: Option<&Cursor>) -> Sql {
        let mut sql = self.candidates(&self.words[driver], FEW + 1);
        let from = before(&mut sql, cursor, "t");
        let checks = self.checks(&mut sql);
        let accounts = numbers(self.accounts.iter().map(|account| account.n));
        sql.text = format!(
            "SELECT {CARD} WHERE t.n IN ({}) AND t.account IN ({accounts}){from}{checks} ORDER BY t.created_on DESC, t.n DESC",
            sql.text
        );
        sql
    }

    // Many cards: one walk that merges the list index of every account and state.
    fn walk(&self, cursor: Option<&Cursor>) -> Sql {
        let mut sql = Sql::default();
        let from = before(&mut sql, cursor, "w");
        let filter = self.filter(&mut sql, "w");
        let walks: Vec<String> = self
            .accounts
            .iter()
            .flat_map(|account| self.states().into_iter().map(move |state| (account.n, state)))
            .map(|(account, state)| {
                format!(
                    "SELECT w.n AS n, w.created_on AS created_on FROM token w INDEXED BY token_list
                     WHERE w.account = {account} AND w.eff_state = {state}{from}{filter}"
                )
            })
            .collect();
        let checks = self.word_checks(&mut sql);
        // With a limit the inner order is kept, and the walks are merged row by row; the joins keep it, being lookups.
        // An order outside would be sorted, after reading everything.
        let joined = CARD.replacen(
            " FROM token t ",
            &format!(
                " FROM ({} ORDER BY created_on DESC, n DESC LIMIT -1) s CROSS JOIN token t ON t.n = s.n ",
                walks.join(" UNION ALL ")
            ),
            1,
        );
        sql.text = format!("SELECT {joined} WHERE true{checks}");
        sql
    }

    /// Stored numbers of the states asked for.
    pub fn states(&self) -> Vec<i64> {
        if self.query.states.is_empty() {
            let known = TokenState::KNOWN.iter().map(TokenState::number);
            return known
                .chain([TokenState::Unknown(String::new()).number()])
                .collect();
        }
        let mut states: Vec<i64> = self.query.states.iter().map(TokenState::number).collect();
        states.sort_unstable();
        states.dedup();
        states
    }

    /// The filters, on token `t`; empty without any.
    pub fn filter(&self, sql: &mut Sql, t: &str) -> String {
        self.cache.with_terms(|terms| filters(self.query, terms, sql, t))
    }

    fn word_checks(&self, sql: &mut Sql) -> String {
        self.words
            .iter()
            .map(|word| format!(" AND {}", word.in_card(sql)))
            .collect()
    }

    /// Every word and filter, on `t`, `c` and `p`; empty without any.
    pub fn checks(&self, sql: &mut Sql) -> String {
        let words = self.word_checks(sql);
        words + &self.filter(sql, "t")
    }

    async fn count(&self, tx: &mut Tx, few: Option<usize>, seen: usize) -> Result<Count, StoreError> {
        let cap = COUNT_CAP + 1;
        if let Some(driver) = few {
            let mut sql = self.sorted(driver, None);
            sql.text = format!("SELECT count(*) FROM ({})", sql.text);
            let row = sql.query().fetch_one(&mut **tx).await?;
            return Ok(Count::capped(Columns::of(&row).next()?));
        }
        if !self.words.is_empty() {
            // Many: how many exactly would take longer than anybody waits while typing.
            return Ok(Count {
                n: u32::try_from(seen + 1).unwrap_or(u32::MAX),
                exact: false,
            });
        }
        if !self.asks_for_more_than_states() {
            return self.counted(tx).await;
        }
        let mut sql = self.filtered("1");
        sql.text = format!("SELECT count(*) FROM ({} LIMIT {cap})", sql.text);
        let row = sql.query().fetch_one(&mut **tx).await?;
        Ok(Count::capped(Columns::of(&row).next()?))
    }

    /// Whether the counters alone cannot say how many there are.
    pub fn asks_for_more_than_states(&self) -> bool {
        !self.words.is_empty()
            || !self.query.brands.is_empty()
            || !self.query.expiry.is_empty()
            || self.query.one_click.is_some()
    }

    /// `columns` of every card that passes the filters, whatever the words, from the list index.
    pub fn filtered(&self, columns: &str) -> Sql {
        let mut sql = Sql::default();
        let filter = self.filter(&mut sql, "t");
        let accounts = numbers(self.accounts.iter().map(|account| account.n));
        let states = numbers(self.states());
        sql.push(&format!(
            "SELECT {columns} FROM token t INDEXED BY token_list
             WHERE t.account IN ({accounts}) AND t.eff_state IN ({states}){filter}"
        ));
        sql
    }

    /// `columns` of every card that meets the words and filters: those of `cap` candidates of each kind of the word that
    /// leads, in no order.
    pub fn matching(&self, driver: usize, cap: i64, columns: &str) -> Sql {
        let mut sql = self.candidates(&self.words[driver], cap);
        let checks = self.checks(&mut sql);
        let accounts = numbers(self.accounts.iter().map(|account| account.n));
        sql.text = format!(
            "SELECT {columns} FROM token t CROSS JOIN customer c ON c.n = t.customer CROSS JOIN person p ON p.n = t.person
             WHERE t.n IN ({}) AND t.account IN ({accounts}){checks}",
            sql.text
        );
        sql
    }

    // Only states were asked for: the counters know.
    pub async fn counted(&self, tx: &mut Tx) -> Result<Count, StoreError> {
        let accounts = numbers(self.accounts.iter().map(|account| account.n));
        let sql = Sql::new(format!(
            "SELECT state, n FROM counter WHERE account IN ({accounts}) AND state IN ({})",
            numbers(self.states())
        ));
        let mut counts = StateCounts::default();
        for row in sql.query().fetch_all(&mut **tx).await? {
            let mut columns = Columns::of(&row);
            let state = columns.next()?;
            counts.add(
                state,
                u32::try_from(columns.next::<i64>()?).map_err(|_| super::damaged())?,
            );
        }
        Ok(Count {
            n: counts.all(),
            exact: true,
        })
    }
}

// Below the cursor's place.
fn before(sql: &mut Sql, cursor: Option<&Cursor>, t: &str) -> String {
    let Some(cursor) = cursor else {
        return String::new();
    };
    let (made, n) = (sql.number(cursor.at[0]), sql.number(cursor.at[1]));
    format!(" AND ({t}.created_on, {t}.n) < ({made}, {n})")
}

#[cfg(test)]
impl CacheDb {
    /// Every statement that a question can lead to, for the tests of query plans.
    pub fn card_statements(&self, env: Environment, query: &SearchQuery) -> Vec<(String, Sql)> {
        let accounts = self.accounts_of(env);
        let words = words(query).unwrap();
        let question = Question {
            cache: self,
            env,
            accounts: &accounts,
            words: &words,
            query,
            cards_indexed: 0,
            customers_indexed: 0,
        };
        let cursor = Cursor {
            question: 0,
            at: vec![5, 5, 0, 0],
        };
        let mut all = Vec::new();
        for cursor in [None, Some(&cursor)] {
            all.push(("walk".to_owned(), question.walk(cursor)));
            for driver in 0..words.len() {
                all.push(("sorted".to_owned(), question.sorted(driver, cursor)));
            }
        }
        for sql in all.iter_mut().map(|(_, sql)| sql) {
            sql.push(" LIMIT 50");
        }
        all
    }
}

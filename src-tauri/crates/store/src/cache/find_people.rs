//! Finding people: an ordered row of stages, each a walk along one index. A person belongs to the first stage that
//! has them, so pages never repeat anybody, and no stage is sorted or counted to be walked.

use super::CacheDb;
use super::accounts::AccountRef;
use super::cursor::{Cursor, question};
use super::find::{COUNT_CAP, Count, Match, Sql, Word, filters, words};
use super::head::people_range;
use super::rows::Columns;
use super::text::Look;
use crate::sqlite::Tx;
use crate::{PeoplePage, StoreError};
use tokendesk_model::{Environment, SearchQuery};

/// One walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    EmailStart,
    /// People that the trigram index has not taken yet, then the index: one walk by number, youngest first.
    EmailTail,
    EmailContains,
    Name,
    CustomerId(AccountRef),
    CustomerIdTail,
    RemoteId(AccountRef),
    Reference,
    ReferenceTail,
    Last4,
    /// Nobody was asked for by word.
    Everybody,
    /// The same, where filters leave few.
    Few,
}

impl Stage {
    fn how(self) -> Match {
        match self {
            Self::EmailStart => Match::EmailStart,
            Self::EmailTail | Self::EmailContains => Match::EmailContains,
            Self::Name => Match::Name,
            _ => Match::Other,
        }
    }
}

/// Filters that leave no more cards than this are answered from the cards; others by walking people.
const FEW: i64 = 20_000;
/// A word with so many hits is as wide as any.
const WIDE: i64 = 1_000;

struct Question<'q> {
    cache: &'q CacheDb,
    env: Environment,
    first: i64,
    last: i64,
    people_indexed: i64,
    cards_indexed: i64,
    customers_indexed: i64,
    words: Vec<Word>,
    driver: usize,
    query: &'q SearchQuery,
}

impl CacheDb {
    /// See [`crate::Store::find_people`].
    pub async fn find_people(
        &self,
        env: Environment,
        query: &SearchQuery,
        after: Option<&str>,
        limit: u32,
    ) -> Result<PeoplePage, StoreError> {
        let limit = limit.clamp(1, 1_000) as usize;
        let accounts = self.accounts_of(env);
        let scope = format!(
            "{env}{:?}",
            accounts.iter().map(|account| account.n).collect::<Vec<_>>()
        );
        let asked = question("people", &scope, query);
        let cursor = Cursor::read(after, asked, 5)?;
        let empty = PeoplePage {
            items: Vec::new(),
            next: None,
            total: Count::all(0),
        };
        let Some(words) = words(query) else {
            return Ok(empty);
        };
        let mut tx = self.db.reader.begin().await?;
        let mut question = Question::new(self, &mut tx, env, words, query).await?;
        match &cursor {
            Some(cursor) => question.resume(cursor)?,
            None => question.choose_driver(&mut tx, &accounts).await?,
        }
        let stages = question.stages(&mut tx, &accounts).await?;

        let mut found: Vec<(i64, i64, usize)> = Vec::with_capacity(limit + 1);
        let (start, mut place) = match &cursor {
            Some(cursor) => (
                usize::try_from(cursor.at[1]).map_err(|_| StoreError::BadCursor)?,
                Some(cursor.at[2]),
            ),
            None => (0, None),
        };
        if start >= stages.len() {
            return Err(StoreError::BadCursor);
        }
        for (i, stage) in stages.iter().enumerate().skip(start) {
            let wanted = limit + 1 - found.len();
            let sql = question.walk(&mut tx, *stage, place.take(), wanted).await?;
            for row in sql.query().fetch_all(&mut *tx).await? {
                let mut columns = Columns::of(&row);
                found.push((columns.next()?, columns.next()?, i));
            }
            if found.len() > limit {
                break;
            }
        }
        let more = found.len() > limit;
        found.truncate(limit);
        let total = match &cursor {
            Some(cursor) => Count {
                n: u32::try_from(cursor.at[3]).map_err(|_| StoreError::BadCursor)?,
                exact: cursor.at[4] != 0,
            },
            None if !more => Count::all(found.len()),
            None => question.count(&mut tx, &stages).await?,
        };
        let next = found.last().filter(|_| more).map(|(_, place, stage)| {
            let at = vec![
                i64::try_from(question.driver).unwrap_or_default(),
                i64::try_from(*stage).unwrap_or_default(),
                *place,
                i64::from(total.n),
                i64::from(total.exact),
            ];
            Cursor { question: asked, at }.write()
        });
        let people: Vec<(i64, Match)> = found
            .iter()
            .map(|(n, _, stage)| (*n, stages[*stage].how()))
            .collect();
        let items = self.people_rows(&mut tx, &people).await?;
        Ok(PeoplePage { items, next, total })
    }
}

impl<'q> Question<'q> {
    async fn new(
        cache: &'q CacheDb,
        tx: &mut Tx,
        env: Environment,
        words: Vec<Word>,
        query: &'q SearchQuery,
    ) -> Result<Self, StoreError> {
        let (first, last) = people_range(env);
        let row = sqlx::query(
            "SELECT (SELECT value FROM meta WHERE key = 'people_indexed_' || ?1),
                    (SELECT value FROM meta WHERE key = 'cards_indexed'),
                    (SELECT value FROM meta WHERE key = 'customers_indexed')",
        )
        .bind(env.number())
        .fetch_one(&mut **tx)
        .await?;
        let mut columns = Columns::of(&row);
        Ok(Self {
            cache,
            env,
            first,
            last,
            people_indexed: columns.next::<i64>()?.max(first - 1),
            cards_indexed: columns.next()?,
            customers_indexed: columns.next()?,
            words,
            driver: 0,
            query,
        })
    }

    fn resume(&mut self, cursor: &Cursor) -> Result<(), StoreError> {
        self.driver = usize::try_from(cursor.at[0]).map_err(|_| StoreError::BadCursor)?;
        if self.driver > 0 && self.driver >= self.words.len() {
            return Err(StoreError::BadCursor);
        }
        Ok(())
    }

    // The word with the fewest hits leads; the others only have to hold.
    async fn choose_driver(&mut self, tx: &mut Tx, accounts: &[AccountRef]) -> Result<(), StoreError> {
        if self.words.len() < 2 {
            return Ok(());
        }
        let mut best = i64::MAX;
        for i in 0..self.words.len() {
            let mut hits = 0;
            for stage in self.word_stages(&self.words[i], accounts) {
                let mut sql = self.source(stage, &self.words[i]);
                sql.text = format!("SELECT count(*) FROM ({} LIMIT {WIDE})", sql.text);
                let row = sql.query().fetch_one(&mut **tx).await?;
                hits += Columns::of(&row).next::<i64>()?;
                if hits >= best {
                    break;
                }
            }
            if hits < best {
                best = hits;
                self.driver = i;
            }
        }
        Ok(())
    }

    fn word_stages(&self, word: &Word, accounts: &[AccountRef]) -> Vec<Stage> {
        let mut stages = vec![Stage::EmailStart];
        if !matches!(word.look, Look::Start) {
            if matches!(word.look, Look::Anywhere(_)) {
                stages.push(Stage::EmailTail);
            }
            stages.push(Stage::EmailContains);
        }
        stages.push(Stage::Name);
        stages.extend(accounts.iter().copied().map(Stage::CustomerId));
        stages.push(Stage::CustomerIdTail);
        stages.extend(accounts.iter().copied().map(Stage::RemoteId));
        stages.push(Stage::Reference);
        stages.push(Stage::ReferenceTail);
        if word.is_last4() {
            stages.push(Stage::Last4);
        }
        stages
    }

    async fn stages(&self, tx: &mut Tx, accounts: &[AccountRef]) -> Result<Vec<Stage>, StoreError> {
        if let Some(word) = self.words.get(self.driver) {
            return Ok(self.word_stages(word, accounts));
        }
        if !self.query.has_filters() {
            return Ok(vec![Stage::Everybody]);
        }
        let mut sql = self.filtered_cards();
        sql.text = format!("SELECT count(*) FROM ({} LIMIT {})", sql.text, FEW + 1);
        let row = sql.query().fetch_one(&mut **tx).await?;
        let few = Columns::of(&row).next::<i64>()? <= FEW;
        Ok(vec![if few { Stage::Few } else { Stage::Everybody }])
    }

    // The people of cards that pass the filters, straight from the cards' list index.
    fn filtered_cards(&self) -> Sql {
        let accounts = super::find::numbers(self.cache.accounts_of(self.env).iter().map(|account| account.n));
        let mut sql = Sql::new(format!(
            "SELECT t.person AS n FROM token t INDEXED BY token_list WHERE t.account IN ({accounts})"
        ));
        let filter = self
            .cache
            .with_terms(|terms| filters(self.query, terms, &mut sql, "t"));
        sql.push(&filter);
        sql
    }

    // Where a stage's hits come from: `SELECT n` of people, more than once where a person has several hits.
    fn source(&self, stage: Stage, word: &Word) -> Sql {
        let mut sql = Sql::default();
        let env = self.env.number();
        let (first, last) = (self.first, self.last);
        let text = match stage {
            Stage::EmailStart => {
                let begins = word.begins(&mut sql, "p.email_search");
                format!("SELECT p.n FROM person p WHERE p.env = {env} AND {begins}")
            }
            Stage::EmailTail => {
                let has = word.in_text(&mut sql, "p.email_search");
                format!(
                    "SELECT p.n FROM person p WHERE p.n BETWEEN {} AND {last} AND {has}",
                    self.people_indexed + 1
                )
            }
            Stage::EmailContains => match &word.look {
                Look::Anywhere(grams) => {
                    let grams = sql.bound(grams);
                    format!(
                        "SELECT f.rowid AS n FROM person_email f WHERE f.person_email MATCH {grams} AND f.rowid BETWEEN {first} AND {last}"
                    )
                }
                _ => {
                    let gram = sql.bound(&format!("e{}", word.text));
                    format!(
                        "SELECT g.person AS n FROM cjk g WHERE g.gram = {gram} AND g.person BETWEEN {first} AND {last}"
                    )
                }
            },
            Stage::Name => match &word.look {
                Look::Anywhere(grams) => {
                    let grams = sql.bound(grams);
                    format!(
                        "SELECT f.rowid AS n FROM person_name f WHERE f.person_name MATCH {grams} AND f.rowid BETWEEN {first} AND {last}"
                    )
                }
                Look::Gram(_) => {
                    let gram = sql.bound(&format!("n{}", word.text));
                    format!(
                        "SELECT g.person AS n FROM cjk g WHERE g.gram = {gram} AND g.person BETWEEN {first} AND {last}"
                    )
                }
                Look::Start => {
                    let begins = word.begins(&mut sql, "p.name_search");
                    format!("SELECT p.n FROM person p WHERE p.env = {env} AND {begins}")
                }
            },
            Stage::CustomerId(account) => {
                let begins = word.begins(&mut sql, "r.text");
                format!(
                    "SELECT c.person AS n FROM customer_ref r CROSS JOIN customer c ON c.n = r.n
                     WHERE r.account = {} AND {begins}",
                    account.n
                )
            }
            Stage::CustomerIdTail => {
                let begins = word.begins(&mut sql, "coalesce(c.id_search, c.customer_id)");
                format!(
                    "SELECT c.person AS n FROM customer c
                     WHERE c.n > {} AND c.person BETWEEN {first} AND {last} AND {begins}",
                    self.customers_indexed
                )
            }
            Stage::RemoteId(account) => {
                let begins = word.in_remote(&mut sql, "t");
                format!(
                    "SELECT t.person AS n FROM token t WHERE t.account = {} AND {begins}",
                    account.n
                )
            }
            Stage::Reference => {
                let begins = word.begins(&mut sql, "r.text");
                format!(
                    "SELECT t.person AS n FROM token_ref r CROSS JOIN token t ON t.n = r.n WHERE r.env = {env} AND {begins}"
                )
            }
            Stage::ReferenceTail => {
                let begins = word.in_refs(&mut sql, "t");
                format!(
                    "SELECT t.person AS n FROM token t WHERE t.n > {} AND t.person BETWEEN {first} AND {last} AND {begins}",
                    self.cards_indexed
                )
            }
            Stage::Last4 => {
                let digits = sql.bound(&word.text);
                format!(
                    "SELECT t.person AS n FROM token t WHERE t.last4 = {digits} AND t.person BETWEEN {first} AND {last}"
                )
            }
            Stage::Everybody | Stage::Few => {
                format!("SELECT p.n FROM person p WHERE p.n BETWEEN {first} AND {last}")
            }
        };
        sql.push(&text);
        sql
    }

    // What everybody found has to meet beside the driving word.
    fn also(&self, sql: &mut Sql) -> String {
        let mut all = String::new();
        for (i, word) in self.words.iter().enumerate() {
            if i != self.driver {
                all.push_str(" AND ");
                all.push_str(&word.in_anything(sql));
            }
        }
        if self.query.has_filters() {
            let filter = self
                .cache
                .with_terms(|terms| filters(self.query, terms, sql, "y"));
            all.push_str(&format!(
                " AND EXISTS (SELECT 1 FROM token y WHERE y.person = p.n{filter})"
            ));
        }
        all
    }

    // The text at a place of a walk that is ordered by text. A place that is no more is a bad cursor.
    async fn text_at(&self, tx: &mut Tx, sql: Sql) -> Result<String, StoreError> {
        let row = sql
            .query()
            .fetch_optional(&mut **tx)
            .await?
            .ok_or(StoreError::BadCursor)?;
        Columns::of(&row)
            .next::<Option<String>>()?
            .ok_or(StoreError::BadCursor)
    }

    // One walk from `place` on: `SELECT person, place`.
    async fn walk(
        &self,
        tx: &mut Tx,
        stage: Stage,
        place: Option<i64>,
        limit: usize,
    ) -> Result<Sql, StoreError> {
        let mut sql = Sql::default();
        let env = self.env.number();
        let (first, last) = (self.first, self.last);
        let Some(word) = self.words.get(self.driver) else {
            return Ok(self.walk_all(stage, place, limit));
        };
        // Walks by number go downwards, from below the place.
        let below = place.map_or(last, |n| n - 1).min(last);
        let text = match stage {
            Stage::EmailStart => {
                let begins = word.begins(&mut sql, "p.email_search");
                let from = self.from_text(tx, &mut sql, "email_search", place).await?;
                let also = self.also(&mut sql);
                format!(
                    "SELECT p.n, p.n FROM person p WHERE p.env = {env} AND {begins}{from}{also} ORDER BY p.email_search, p.n"
                )
            }
            Stage::EmailTail => {
                let at = sql.bound(&word.text);
                let also = self.also(&mut sql);
                format!(
                    "SELECT p.n, p.n FROM person p WHERE p.n BETWEEN {} AND {below} AND instr(p.email_search, {at}) > 1{also} ORDER BY p.n DESC",
                    self.people_indexed + 1
                )
            }
            Stage::EmailContains => {
                let (from, column) = self.grams(&mut sql, word, "person_email", 'e');
                let at = sql.bound(&word.text);
                let also = self.also(&mut sql);
                format!(
                    "SELECT p.n, p.n FROM {from} AND {column} BETWEEN {first} AND {below} AND instr(p.email_search, {at}) > 1{also} ORDER BY {column} DESC"
                )
            }
            Stage::Name if word.look == Look::Start => {
                let begins = word.begins(&mut sql, "p.name_search");
                let from = self.from_text(tx, &mut sql, "name_search", place).await?;
                let not = word.in_text(&mut sql, "p.email_search");
                let also = self.also(&mut sql);
                format!(
                    "SELECT p.n, p.n FROM person p WHERE p.env = {env} AND {begins}{from} AND NOT {not}{also} ORDER BY p.name_search, p.n"
                )
            }
            Stage::Name => {
                let (from, column) = self.grams(&mut sql, word, "person_name", 'n');
                let at = sql.bound(&word.text);
                let not = word.in_text(&mut sql, "p.email_search");
                let also = self.also(&mut sql);
                let walk = |from: &str, column: &str| {
                    format!("SELECT * FROM (SELECT p.n AS n, p.n AS place FROM {from} AND {column} BETWEEN {first} AND {below}
                             AND instr(p.name_search, {at}) > 0 AND NOT {not}{also} ORDER BY {column} DESC LIMIT {limit})")
                };
                let mut text = walk(&from, &column);
                if matches!(word.look, Look::Anywhere(_)) {
                    let pending = "name_pending f CROSS JOIN person p ON p.n = f.n WHERE true";
                    text = format!("{text} UNION ALL {} ORDER BY 1 DESC", walk(pending, "f.n"));
                }
                text
            }
            Stage::CustomerId(account) => {
                let begins = word.begins(&mut sql, "r.text");
                let from = match place {
                    Some(n) => {
                        let mut at =
                            Sql::new("SELECT coalesce(id_search, customer_id) FROM customer WHERE n = ");
                        let bound = at.number(n);
                        at.push(&bound);
                        let text = sql.bound(&self.text_at(tx, at).await?);
                        let n = sql.number(n);
                        format!(" AND (r.text, r.n) > ({text}, {n})")
                    }
                    None => String::new(),
                };
                let earlier = word.begins(&mut sql, "coalesce(x.id_search, x.customer_id)");
                let not = word.in_person(&mut sql);
                let also = self.also(&mut sql);
                format!(
                    "SELECT p.n, c.n FROM customer_ref r CROSS JOIN customer c ON c.n = r.n
                     CROSS JOIN person p ON p.n = c.person
                     WHERE r.account = {} AND {begins}{from} AND NOT {not}
                       AND NOT EXISTS (SELECT 1 FROM customer x WHERE x.person = c.person AND x.n <= {} AND {earlier}
                            AND (x.account, coalesce(x.id_search, x.customer_id), x.n) < (r.account, r.text, r.n)){also}
                     ORDER BY r.text, r.n",
                    account.n, self.customers_indexed
                )
            }
            Stage::CustomerIdTail => {
                let begins = word.begins(&mut sql, "coalesce(c.id_search, c.customer_id)");
                let from = place.map_or_else(String::new, |n| format!(" AND c.n < {n}"));
                let earlier = word.begins(&mut sql, "coalesce(x.id_search, x.customer_id)");
                let not = word.in_person(&mut sql);
                let also = self.also(&mut sql);
                format!(
                    "SELECT p.n, c.n FROM customer c CROSS JOIN person p ON p.n = c.person
                     WHERE c.n > {indexed}{from} AND c.person BETWEEN {first} AND {last} AND {begins} AND NOT {not}
                       AND NOT EXISTS (SELECT 1 FROM customer x WHERE x.person = c.person AND {earlier}
                            AND (x.n <= {indexed} OR x.n > c.n)){also}
                     ORDER BY c.n DESC",
                    indexed = self.customers_indexed
                )
            }
            Stage::RemoteId(account) => {
                let begins = word.in_remote(&mut sql, "t");
                let from = match place {
                    Some(n) => {
                        let mut at = Sql::new("SELECT remote_id FROM token WHERE n = ");
                        let n = at.number(n);
                        at.push(&n);
                        let text = sql.bound(&self.text_at(tx, at).await?);
                        format!(" AND t.remote_id > {text}")
                    }
                    None => String::new(),
                };
                let earlier = word.in_remote(&mut sql, "x");
                let not = self.before_tokens(&mut sql, word);
                let also = self.also(&mut sql);
                format!(
                    "SELECT p.n, t.n FROM token t CROSS JOIN person p ON p.n = t.person
                     WHERE t.account = {} AND {begins}{from} AND NOT {not}
                       AND NOT EXISTS (SELECT 1 FROM token x WHERE x.person = t.person AND {earlier}
                            AND (x.account, x.remote_id) < (t.account, t.remote_id)){also}
                     ORDER BY t.remote_id",
                    account.n
                )
            }
            Stage::Reference => {
                let begins = word.begins(&mut sql, "r.text");
                let from = match place {
                    Some(n) => {
                        let at = self.reference_at(word, n);
                        let text = sql.bound(&self.text_at(tx, at).await?);
                        let n = sql.number(n);
                        format!(" AND (r.text, r.n) > ({text}, {n})")
                    }
                    None => String::new(),
                };
                let not = self.before_references(&mut sql, word);
                let earlier = word.begins(&mut sql, "z.value");
                let also = self.also(&mut sql);
                format!("SELECT p.n, t.n FROM token_ref r CROSS JOIN token t ON t.n = r.n CROSS JOIN person p ON p.n = t.person
                     WHERE r.env = {env} AND {begins}{from} AND NOT {not}
                       AND NOT EXISTS (SELECT 1 FROM token x CROSS JOIN {REFS_OF_X} z
                            WHERE x.person = t.person AND x.n <= {} AND {earlier} AND (z.value, x.n) < (r.text, r.n)){also}
                     ORDER BY r.text, r.n", self.cards_indexed)
            }
            Stage::ReferenceTail => {
                let begins = word.in_refs(&mut sql, "t");
                let from = place.map_or_else(String::new, |n| format!(" AND t.n < {n}"));
                let not = self.before_references(&mut sql, word);
                let earlier = word.in_refs(&mut sql, "x");
                let also = self.also(&mut sql);
                format!("SELECT p.n, t.n FROM token t CROSS JOIN person p ON p.n = t.person
                     WHERE t.n > {indexed}{from} AND t.person BETWEEN {first} AND {last} AND {begins} AND NOT {not}
                       AND NOT EXISTS (SELECT 1 FROM token x WHERE x.person = t.person AND {earlier}
                            AND (x.n <= {indexed} OR x.n > t.n)){also}
                     ORDER BY t.n DESC", indexed = self.cards_indexed)
            }
            Stage::Last4 => {
                let digits = sql.bound(&word.text);
                let not = self.before_references(&mut sql, word);
                let refs = word.in_refs(&mut sql, "x");
                let also = self.also(&mut sql);
                format!(
                    "SELECT p.n, p.n FROM token t CROSS JOIN person p ON p.n = t.person
                     WHERE t.last4 = {digits} AND t.person BETWEEN {first} AND {below} AND NOT {not}
                       AND NOT EXISTS (SELECT 1 FROM token x WHERE x.person = t.person AND {refs}){also}
                     GROUP BY t.person ORDER BY t.person DESC"
                )
            }
            Stage::Everybody | Stage::Few => return Ok(self.walk_all(stage, place, limit)),
        };
        sql.push(&text);
        let limit = sql.number(i64::try_from(limit).unwrap_or(i64::MAX));
        sql.push(" LIMIT ").push(&limit);
        Ok(sql)
    }

    fn walk_all(&self, stage: Stage, place: Option<i64>, limit: usize) -> Sql {
        let below = place.map_or(self.last, |n| n - 1).min(self.last);
        let mut sql = if stage == Stage::Few {
            let mut sql = self.filtered_cards();
            sql.text = format!(
                "SELECT n, n FROM ({}) WHERE n <= {below} GROUP BY n ORDER BY n DESC",
                sql.text
            );
            sql
        } else {
            let mut sql = Sql::default();
            let also = self.also(&mut sql);
            sql.push(&format!(
                "SELECT p.n, p.n FROM person p WHERE p.n BETWEEN {} AND {below}{also} ORDER BY p.n DESC",
                self.first
            ));
            sql
        };
        let limit = sql.number(i64::try_from(limit).unwrap_or(i64::MAX));
        sql.push(" LIMIT ").push(&limit);
        sql
    }

    async fn from_text(
        &self,
        tx: &mut Tx,
        sql: &mut Sql,
        column: &str,
        place: Option<i64>,
    ) -> Result<String, StoreError> {
        let Some(n) = place else { return Ok(String::new()) };
        let mut at = Sql::new(format!("SELECT {column} FROM person WHERE n = "));
        let bound = at.number(n);
        at.push(&bound);
        let text = sql.bound(&self.text_at(tx, at).await?);
        let n = sql.number(n);
        Ok(format!(" AND (p.{column}, p.n) > ({text}, {n})"))
    }

    // The walk's table and the column it is ordered by, up to its WHERE.
    fn grams(&self, sql: &mut Sql, word: &Word, fts: &str, kind: char) -> (String, String) {
        match &word.look {
            Look::Anywhere(grams) => {
                let grams = sql.bound(grams);
                (
                    format!("{fts} f CROSS JOIN person p ON p.n = f.rowid WHERE f.{fts} MATCH {grams}"),
                    "f.rowid".to_owned(),
                )
            }
            _ => {
                let gram = sql.bound(&format!("{kind}{}", word.text));
                (
                    format!("cjk f CROSS JOIN person p ON p.n = f.person WHERE f.gram = {gram}"),
                    "f.person".to_owned(),
                )
            }
        }
    }

    // Found by email, name or customer id: not again by a token.
    fn before_tokens(&self, sql: &mut Sql, word: &Word) -> String {
        format!("({} OR {})", word.in_person(sql), word.in_customers(sql))
    }

    // Found by any of those or by a provider's id.
    fn before_references(&self, sql: &mut Sql, word: &Word) -> String {
        let before = self.before_tokens(sql, word);
        let remote = word.in_remote(sql, "x");
        format!("({before} OR EXISTS (SELECT 1 FROM token x WHERE x.person = p.n AND {remote}))")
    }

    // The least text of token `n` that begins with the word: where the walk over references met it.
    fn reference_at(&self, word: &Word, n: i64) -> Sql {
        let mut sql = Sql::default();
        let begins = word.begins(&mut sql, "z.value");
        let n = sql.number(n);
        sql.push(&format!(
            "SELECT min(z.value) FROM token x CROSS JOIN {REFS_OF_X} z WHERE x.n = {n} AND {begins}"
        ));
        sql
    }

    async fn count(&self, tx: &mut Tx, stages: &[Stage]) -> Result<Count, StoreError> {
        if self.words.is_empty() {
            return self.count_all(tx, stages).await;
        }
        let cap = COUNT_CAP + 1;
        let mut parts = Sql::default();
        let mut texts: Vec<String> = Vec::new();
        let word = &self.words[self.driver];
        for stage in stages {
            // Alone, an early stage may settle it; asking that of the trigram index costs nothing where it cannot.
            let mut sql = self.source(*stage, word);
            let inner = sql.text.clone();
            let has = match stage {
                Stage::EmailContains => Some(word.in_text(&mut sql, "p.email_search")),
                Stage::Name => Some(word.in_text(&mut sql, "p.name_search")),
                _ => None,
            };
            let also = self.also(&mut sql);
            let check = match has {
                Some(has) => format!("{has}{also}"),
                None => format!("true{also}"),
            };
            sql.text = format!(
                "SELECT s.n FROM ({inner}) s CROSS JOIN person p ON p.n = s.n WHERE {check} LIMIT {cap}"
            );
            let wide = match stage {
                Stage::EmailStart => true,
                Stage::EmailContains => {
                    let mut candidates = self.source(*stage, word);
                    candidates.text = format!("SELECT count(*) FROM ({} LIMIT {cap})", candidates.text);
                    let row = candidates.query().fetch_one(&mut **tx).await?;
                    Columns::of(&row).next::<i64>()? >= cap
                }
                _ => false,
            };
            if wide {
                let mut alone = sql.clone();
                alone.text = format!("SELECT count(*) FROM ({})", sql.text);
                let row = alone.query().fetch_one(&mut **tx).await?;
                let n: i64 = Columns::of(&row).next()?;
                if n >= cap {
                    return Ok(Count::capped(n));
                }
            }
            texts.push(format!("SELECT n FROM ({})", parts.absorb(sql)));
        }
        if matches!(word.look, Look::Anywhere(_)) {
            let mut sql = Sql::default();
            let has = word.in_text(&mut sql, "p.name_search");
            let also = self.also(&mut sql);
            sql.push(&format!(
                "SELECT p.n FROM name_pending np CROSS JOIN person p ON p.n = np.n
                 WHERE np.n BETWEEN {} AND {} AND {has}{also} LIMIT {cap}",
                self.first, self.last
            ));
            texts.push(format!("SELECT n FROM ({})", parts.absorb(sql)));
        }
        parts.text = format!(
            "SELECT count(*) FROM (SELECT n FROM ({}) LIMIT {cap})",
            texts.join(" UNION ")
        );
        let row = parts.query().fetch_one(&mut **tx).await?;
        Ok(Count::capped(Columns::of(&row).next()?))
    }

    async fn count_all(&self, tx: &mut Tx, stages: &[Stage]) -> Result<Count, StoreError> {
        if !self.query.has_filters() {
            let n: i64 = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'people_' || ?1")
                .bind(self.env.number())
                .fetch_one(&mut **tx)
                .await?;
            return Ok(Count {
                n: u32::try_from(n).unwrap_or(u32::MAX),
                exact: true,
            });
        }
        let cap = COUNT_CAP + 1;
        let mut sql = if stages == [Stage::Few] {
            let mut sql = self.filtered_cards();
            sql.text = format!("SELECT DISTINCT n FROM ({})", sql.text);
            sql
        } else {
            let mut sql = Sql::default();
            let also = self.also(&mut sql);
            sql.push(&format!(
                "SELECT p.n FROM person p WHERE p.n BETWEEN {} AND {}{also}",
                self.first, self.last
            ));
            sql
        };
        sql.text = format!("SELECT count(*) FROM ({} LIMIT {cap})", sql.text);
        let row = sql.query().fetch_one(&mut **tx).await?;
        Ok(Count::capped(Columns::of(&row).next()?))
    }
}

// The folded references of token `x`, one a row.
const REFS_OF_X: &str = "json_each(json_array(coalesce(x.ref_search, x.token_reference), \
     coalesce(x.ext_search, x.external_id), x.remote_search))";

#[cfg(test)]
impl CacheDb {
    /// Every statement that a question can lead to, for the tests of query plans.
    pub async fn people_statements(&self, env: Environment, query: &SearchQuery) -> Vec<(String, Sql)> {
        let accounts = self.accounts_of(env);
        let mut tx = self.db.reader.begin().await.unwrap();
        let words = words(query).unwrap();
        let mut question = Question::new(self, &mut tx, env, words, query).await.unwrap();
        let mut all = Vec::new();
        for driver in 0..question.words.len().max(1) {
            question.driver = driver;
            let mut stages = question.stages(&mut tx, &accounts).await.unwrap();
            if question.words.is_empty() {
                stages = vec![Stage::Everybody, Stage::Few];
            }
            for stage in stages {
                for place in [None, Some(1)] {
                    // A place that no hit of this stage stands at is refused; then there is no statement.
                    if let Ok(sql) = question.walk(&mut tx, stage, place, 50).await {
                        all.push((format!("{stage:?} from {place:?}"), sql));
                    }
                }
                if let Some(word) = question.words.get(driver) {
                    all.push((format!("{stage:?} counted"), question.source(stage, word)));
                }
            }
        }
        all
    }
}

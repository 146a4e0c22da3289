//! The stages of a search for people: which walks a question leads to, and where each finds its hits.

use super::CacheDb;
use super::accounts::AccountRef;
use super::cursor::Cursor;
use super::find::{Match, Sql, Word, filters};
use super::head::people_range;
use super::rows::Columns;
use super::text::Look;
use crate::StoreError;
use crate::sqlite::Tx;
use tokendesk_model::{Environment, SearchQuery};

/// One walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
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
    pub fn how(self) -> Match {
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

/// A search for people, read.
pub(super) struct Question<'q> {
    pub cache: &'q CacheDb,
    pub env: Environment,
    pub first: i64,
    pub last: i64,
    pub people_indexed: i64,
    pub cards_indexed: i64,
    pub customers_indexed: i64,
    pub words: Vec<Word>,
    pub driver: usize,
    pub query: &'q SearchQuery,
}

impl<'q> Question<'q> {
    pub async fn new(
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

    pub fn resume(&mut self, cursor: &Cursor) -> Result<(), StoreError> {
        self.driver = usize::try_from(cursor.at[0]).map_err(|_| StoreError::BadCursor)?;
        if self.driver > 0 && self.driver >= self.words.len() {
            return Err(StoreError::BadCursor);
        }
        Ok(())
    }

    // The word with the fewest hits leads; the others only have to hold.
    pub async fn choose_driver(&mut self, tx: &mut Tx, accounts: &[AccountRef]) -> Result<(), StoreError> {
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

    pub fn word_stages(&self, word: &Word, accounts: &[AccountRef]) -> Vec<Stage> {
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

    pub async fn stages(&self, tx: &mut Tx, accounts: &[AccountRef]) -> Result<Vec<Stage>, StoreError> {
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
    pub fn filtered_cards(&self) -> Sql {
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
    pub fn source(&self, stage: Stage, word: &Word) -> Sql {
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
    pub fn also(&self, sql: &mut Sql) -> String {
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
}

//! What the search box asks, as SQL. Every word is a text of its own and is bound, never pasted: quotes, `%`, `*` and
//! search operators mean themselves.
//!
//! A word is found in a person when the email or the name contains it (three letters or more, or one or two CJK
//! letters; shorter words have to be at the beginning), when a customer id, a token reference, an external id or a
//! provider's id begins with it, or when it is the last four digits of a card.

use super::terms::Terms;
use super::text::{Look, look, prefix_end};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Sqlite};
use tokendesk_model::SearchQuery;
use tokendesk_model::query::ExpiryBound;

/// How a person was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The email starts with it.
    EmailStart,
    /// The email contains it.
    EmailContains,
    /// The name.
    Name,
    /// An id, a reference or the last four of one of the cards; or nothing was asked for by word.
    Other,
}

/// How many, and whether that is final.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many; with `exact: false`, at least as many.
    pub n: u32,
    /// Whether it is the exact number.
    pub exact: bool,
}

/// Counting stops here: nobody reads further, and a keystroke has no time for more.
pub(crate) const COUNT_CAP: i64 = 10_000;

impl Count {
    /// From a count that was stopped at [`COUNT_CAP`] + 1.
    pub(crate) fn capped(n: i64) -> Self {
        Self {
            n: u32::try_from(n.min(COUNT_CAP)).unwrap_or(u32::MAX),
            exact: n <= COUNT_CAP,
        }
    }

    /// From a number of rows that are all there are.
    pub(crate) fn all(n: usize) -> Self {
        Self {
            n: u32::try_from(n).unwrap_or(u32::MAX),
            exact: true,
        }
    }
}

/// A value of a statement.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
}

/// A statement under construction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sql {
    pub text: String,
    values: Vec<Value>,
}

impl Sql {
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            values: Vec::new(),
        }
    }

    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Binds a number and gives its place in the text.
    pub fn number(&mut self, number: i64) -> String {
        self.values.push(Value::Number(number));
        format!("?{}", self.values.len())
    }

    /// Binds a text and gives its place in the text.
    pub fn bound(&mut self, text: &str) -> String {
        self.values.push(Value::Text(text.to_owned()));
        format!("?{}", self.values.len())
    }

    /// Takes over another statement's values, and gives its text with the places they have here.
    pub fn absorb(&mut self, other: Self) -> String {
        let by = self.values.len();
        let mut parts = other.text.split('?');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let place: usize = part[..digits].parse().unwrap_or_default();
            text.push_str(&format!("?{}{}", place + by, &part[digits..]));
        }
        self.values.extend(other.values);
        text
    }

    /// The statement, ready to run.
    pub fn query(&self) -> Query<'_, Sqlite, SqliteArguments> {
        let mut query = sqlx::query(AssertSqlSafe(self.text.clone()));
        for value in &self.values {
            query = match value {
                Value::Text(text) => query.bind(text.clone()),
                Value::Number(number) => query.bind(*number),
            };
        }
        query
    }
}

/// A word of the search.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub text: String,
    pub look: Look,
    pub end: Option<String>,
}

impl Word {
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            look: look(text),
            end: prefix_end(text),
        }
    }

    /// Whether it can be the last four digits of a card.
    pub fn is_last4(&self) -> bool {
        self.text.len() == 4 && self.text.bytes().all(|b| b.is_ascii_digit())
    }

    /// `column` begins with the word.
    pub fn begins(&self, sql: &mut Sql, column: &str) -> String {
        let from = sql.bound(&self.text);
        match &self.end {
            Some(end) => {
                let to = sql.bound(end);
                format!("({column} >= {from} AND {column} < {to})")
            }
            None => format!("{column} >= {from}"),
        }
    }

    /// `column`, an email or a name, has the word. Never NULL.
    pub fn in_text(&self, sql: &mut Sql, column: &str) -> String {
        match self.look {
            Look::Start => format!("ifnull({}, 0)", self.begins(sql, column)),
            Look::Anywhere(_) | Look::Gram(_) => {
                let word = sql.bound(&self.text);
                format!("ifnull(instr({column}, {word}) > 0, 0)")
            }
        }
    }

    /// The email of `p` or the name of `p` has the word.
    pub fn in_person(&self, sql: &mut Sql) -> String {
        format!(
            "({} OR {})",
            self.in_text(sql, "p.email_search"),
            self.in_text(sql, "p.name_search")
        )
    }

    /// A customer record of `p` has the word.
    pub fn in_customers(&self, sql: &mut Sql) -> String {
        let begins = self.begins(sql, "coalesce(x.id_search, x.customer_id)");
        format!("EXISTS (SELECT 1 FROM customer x WHERE x.person = p.n AND {begins})")
    }

    /// The provider's id of token `t`, where it needs no folding.
    pub fn in_remote(&self, sql: &mut Sql, t: &str) -> String {
        format!(
            "({t}.remote_search IS NULL AND {})",
            self.begins(sql, &format!("{t}.remote_id"))
        )
    }

    /// A reference of token `t`. Never NULL.
    pub fn in_refs(&self, sql: &mut Sql, t: &str) -> String {
        let one = self.begins(sql, &format!("coalesce({t}.ref_search, {t}.token_reference)"));
        let two = self.begins(sql, &format!("coalesce({t}.ext_search, {t}.external_id)"));
        let three = self.begins(sql, &format!("{t}.remote_search"));
        format!("(ifnull({one}, 0) OR ifnull({two}, 0) OR ifnull({three}, 0))")
    }

    /// Anything of token `t` itself. Never NULL.
    pub fn in_token(&self, sql: &mut Sql, t: &str) -> String {
        let mut any = format!("({} OR {}", self.in_remote(sql, t), self.in_refs(sql, t));
        if self.is_last4() {
            let word = sql.bound(&self.text);
            any.push_str(&format!(" OR ifnull({t}.last4 = {word}, 0)"));
        }
        any.push(')');
        any
    }

    /// Anything of `p` or of any of their cards.
    pub fn in_anything(&self, sql: &mut Sql) -> String {
        let person = self.in_person(sql);
        let customers = self.in_customers(sql);
        let token = self.in_token(sql, "x");
        format!(
            "({person} OR {customers} OR EXISTS (SELECT 1 FROM token x WHERE x.person = p.n AND {token}))"
        )
    }

    /// Anything of token `t`, its customer record `c` or its person `p`.
    pub fn in_card(&self, sql: &mut Sql) -> String {
        let person = self.in_person(sql);
        let customer = self.begins(sql, "coalesce(c.id_search, c.customer_id)");
        let token = self.in_token(sql, "t");
        format!("({person} OR ifnull({customer}, 0) OR {token})")
    }
}

/// Words of a question. Text with NUL is in no row, because rows are kept without.
pub(crate) fn words(query: &SearchQuery) -> Option<Vec<Word>> {
    let mut words = query.words.clone();
    words.dedup();
    (!words.iter().any(|word| word.contains('\0')))
        .then(|| words.iter().map(|word| Word::new(word)).collect())
}

/// The filters of a question on token `t`; empty when there are none.
pub(crate) fn filters(query: &SearchQuery, terms: &Terms, sql: &mut Sql, t: &str) -> String {
    let mut all = states_filter(query, t);
    if !query.brands.is_empty() {
        // No row has the number -1: a brand that no card has.
        let list = numbers(terms.brands(&query.brands).into_iter().chain([-1]));
        all.push_str(&format!(" AND {t}.brand IN ({list})"));
    }
    for bound in &query.expiry {
        let (sign, month) = match bound {
            ExpiryBound::Before(month) => ("<", month),
            ExpiryBound::After(month) => (">", month),
            ExpiryBound::In(month) => ("=", month),
        };
        let place = sql.number(i64::from(month.0));
        all.push_str(&format!(" AND {t}.exp {sign} {place}"));
    }
    if let Some(on) = query.one_click {
        all.push_str(&format!(" AND {t}.eff_one_click = {}", i64::from(on)));
    }
    all
}

fn states_filter(query: &SearchQuery, t: &str) -> String {
    if query.states.is_empty() {
        return String::new();
    }
    format!(
        " AND {t}.eff_state IN ({})",
        numbers(query.states.iter().map(|state| state.number()))
    )
}

/// Numbers of ours, for a list in SQL.
pub(crate) fn numbers(list: impl IntoIterator<Item = i64>) -> String {
    list.into_iter()
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

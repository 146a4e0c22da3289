//! The stages of a search for people that find them by a card: a provider's id, a reference, the last four.
//!
//! One person may have thousands of cards that a word finds. So the walk itself only reads whose card it is, and each person is looked
//! at once, however many of their cards are met: what they must not have been found by, and what else they have to meet.

use super::find::{Sql, Word};
use super::people_stages::{Question, Stage};
use super::residents::json;
use super::rows::Columns;
use crate::StoreError;
use crate::sqlite::Tx;
use std::collections::HashSet;

/// Cards read at once.
const LOT: usize = 1_024;

// The folded references of token `x`, one a row.
const REFS_OF_X: &str = "json_each(json_array(coalesce(x.ref_search, x.token_reference), \
     coalesce(x.ext_search, x.external_id), x.remote_search))";

/// Where a walk over cards stands: behind this text and this card, or below this number.
#[derive(Clone)]
pub(super) struct Place {
    text: String,
    n: i64,
}

/// Which earlier stages can have found anybody at all.
#[derive(Clone, Copy)]
pub(super) struct Earlier {
    pub remote: bool,
    pub references: bool,
}

impl Stage {
    /// Whether people are found by a card here.
    pub fn is_by_card(self) -> bool {
        matches!(
            self,
            Self::RemoteId(_) | Self::Reference | Self::ReferenceTail | Self::Last4
        )
    }
}

impl Question<'_> {
    /// Up to `wanted` people of a stage from `place` on, each with the place they were met at.
    pub async fn by_card(
        &self,
        tx: &mut Tx,
        stage: Stage,
        place: Option<i64>,
        wanted: usize,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        let Some(word) = self.words.get(self.driver) else {
            return Ok(Vec::new());
        };
        let start = match place {
            Some(n) => Some(self.place_of(tx, stage, word, n).await?),
            None => None,
        };
        let mut at = start.clone();
        let mut met: HashSet<i64> = HashSet::new();
        let mut found = Vec::new();
        let mut earlier = None;
        loop {
            let sql = self.card_walk(stage, word, at.as_ref(), LOT);
            let rows = sql.query().fetch_all(&mut **tx).await?;
            let mut fresh: Vec<(i64, i64)> = Vec::new();
            for row in &rows {
                let mut columns = Columns::of(row);
                let person: i64 = columns.next()?;
                let n = columns.next()?;
                let text: Option<String> = columns.next()?;
                if met.insert(person) {
                    fresh.push((person, n));
                }
                at = Some(Place {
                    text: text.unwrap_or_default(),
                    n,
                });
            }
            if !fresh.is_empty() {
                let earlier = match earlier {
                    Some(earlier) => earlier,
                    None => *earlier.insert(self.earlier(tx, stage, word).await?),
                };
                let people: Vec<i64> = fresh.iter().map(|(person, _)| *person).collect();
                let sql = self.card_check(stage, word, start.as_ref(), earlier, &people)?;
                let mut pass: HashSet<i64> = HashSet::new();
                for row in sql.query().fetch_all(&mut **tx).await? {
                    pass.insert(Columns::of(&row).next()?);
                }
                found.extend(fresh.into_iter().filter(|(person, _)| pass.contains(person)));
            }
            if found.len() >= wanted || rows.len() < LOT {
                found.truncate(wanted);
                return Ok(found);
            }
        }
    }

    // Where a page ended. A place that no card of this stage stands at is a bad cursor.
    async fn place_of(&self, tx: &mut Tx, stage: Stage, word: &Word, n: i64) -> Result<Place, StoreError> {
        let mut sql = match stage {
            Stage::RemoteId(_) => Sql::new("SELECT remote_id FROM token WHERE n = "),
            Stage::Reference => {
                let mut sql = Sql::default();
                let begins = word.begins(&mut sql, "z.value");
                sql.push(&format!(
                    "SELECT min(z.value) FROM token x CROSS JOIN {REFS_OF_X} z WHERE {begins} AND x.n = "
                ));
                sql
            }
            _ => {
                return Ok(Place {
                    text: String::new(),
                    n,
                });
            }
        };
        let bound = sql.number(n);
        sql.push(&bound);
        let text = self.text_at(tx, sql).await?;
        Ok(Place { text, n })
    }

    /// Whose cards a stage meets behind `at`: `SELECT person, place, text`.
    pub fn card_walk(&self, stage: Stage, word: &Word, at: Option<&Place>, limit: usize) -> Sql {
        let mut sql = Sql::default();
        let (first, last) = (self.first, self.last);
        let below = at.map_or(last, |at| at.n - 1);
        let text = match stage {
            Stage::RemoteId(account) => {
                let begins = word.in_remote(&mut sql, "t");
                let from = at.map_or_else(String::new, |at| {
                    format!(" AND t.remote_id > {}", sql.bound(&at.text))
                });
                format!(
                    "SELECT t.person, t.n, t.remote_id FROM token t WHERE t.account = {} AND {begins}{from}
                     ORDER BY t.remote_id",
                    account.n
                )
            }
            Stage::Reference => {
                let begins = word.begins(&mut sql, "r.text");
                let from = at.map_or_else(String::new, |at| {
                    let text = sql.bound(&at.text);
                    format!(" AND (r.text, r.n) > ({text}, {})", sql.number(at.n))
                });
                format!(
                    "SELECT t.person, r.n, r.text FROM token_ref r CROSS JOIN token t ON t.n = r.n
                     WHERE r.env = {} AND {begins}{from} ORDER BY r.text, r.n",
                    self.env.number()
                )
            }
            Stage::Last4 => {
                let digits = sql.bound(&word.text);
                format!(
                    "SELECT t.person, t.person, NULL FROM token t
                     WHERE t.last4 = {digits} AND t.person BETWEEN {first} AND {} ORDER BY t.person DESC",
                    below.min(last)
                )
            }
            _ => {
                let begins = word.in_refs(&mut sql, "t");
                let from = at.map_or_else(String::new, |at| format!(" AND t.n < {}", at.n));
                format!(
                    "SELECT t.person, t.n, NULL FROM token t
                     WHERE t.n > {}{from} AND t.person BETWEEN {first} AND {last} AND {begins} ORDER BY t.n DESC",
                    self.cards_indexed
                )
            }
        };
        sql.push(&text);
        let limit = sql.number(i64::try_from(limit).unwrap_or(i64::MAX));
        sql.push(" LIMIT ").push(&limit);
        sql
    }

    // A look at the other ranges costs little, and mostly spares looking through every card of a person.
    async fn earlier(&self, tx: &mut Tx, stage: Stage, word: &Word) -> Result<Earlier, StoreError> {
        let accounts = self.cache.accounts_of(self.env);
        let mut earlier = Earlier {
            remote: false,
            references: false,
        };
        let remote = accounts
            .into_iter()
            .map(Stage::RemoteId)
            .take_while(|one| *one != stage);
        for one in remote {
            earlier.remote = earlier.remote || self.any_card(tx, one, word).await?;
        }
        for one in [Stage::Reference, Stage::ReferenceTail] {
            if matches!(stage, Stage::Last4) || (stage == Stage::ReferenceTail && one == Stage::Reference) {
                earlier.references = earlier.references || self.any_card(tx, one, word).await?;
            }
        }
        Ok(earlier)
    }

    async fn any_card(&self, tx: &mut Tx, stage: Stage, word: &Word) -> Result<bool, StoreError> {
        let sql = self.card_walk(stage, word, None, 1);
        Ok(sql.query().fetch_optional(&mut **tx).await?.is_some())
    }

    /// Those of these people whom no earlier stage has, nor an earlier page of this one, and who meet the rest of the question.
    pub fn card_check(
        &self,
        stage: Stage,
        word: &Word,
        start: Option<&Place>,
        earlier: Earlier,
        people: &[i64],
    ) -> Result<Sql, StoreError> {
        let mut sql = Sql::default();
        let list = sql.bound(&json(people)?);
        let mut not: Vec<String> = vec![word.in_person(&mut sql), word.in_customers(&mut sql)];
        let mut of_a_card = |condition: String| {
            not.push(format!(
                "EXISTS (SELECT 1 FROM token x WHERE x.person = p.n AND {condition})"
            ));
        };
        match stage {
            Stage::RemoteId(account) => {
                let mut before: Vec<String> = Vec::new();
                if earlier.remote {
                    before.push(format!("x.account < {}", account.n));
                }
                if let Some(start) = start {
                    let text = sql.bound(&start.text);
                    before.push(format!("(x.account = {} AND x.remote_id <= {text})", account.n));
                }
                if !before.is_empty() {
                    let remote = word.in_remote(&mut sql, "x");
                    of_a_card(format!("{remote} AND ({})", before.join(" OR ")));
                }
            }
            _ => {
                if earlier.remote {
                    of_a_card(word.in_remote(&mut sql, "x"));
                }
                match (stage, start) {
                    (Stage::Reference, Some(start)) => {
                        let begins = word.begins(&mut sql, "z.value");
                        let text = sql.bound(&start.text);
                        let n = sql.number(start.n);
                        of_a_card(format!(
                            "x.n <= {} AND EXISTS (SELECT 1 FROM {REFS_OF_X} z
                               WHERE {begins} AND (z.value, x.n) <= ({text}, {n}))",
                            self.cards_indexed
                        ));
                    }
                    (Stage::ReferenceTail, start) if earlier.references || start.is_some() => {
                        let refs = word.in_refs(&mut sql, "x");
                        let from = start.map_or(i64::MAX, |start| start.n);
                        of_a_card(format!(
                            "(x.n <= {} OR x.n >= {from}) AND {refs}",
                            self.cards_indexed
                        ));
                    }
                    (Stage::Last4, _) if earlier.references => {
                        of_a_card(word.in_refs(&mut sql, "x"));
                    }
                    _ => {}
                }
            }
        }
        let also = self.also(&mut sql);
        let not: Vec<String> = not.iter().map(|one| format!("AND NOT {one}")).collect();
        sql.push(&format!(
            "SELECT p.n FROM json_each({list}) s CROSS JOIN person p ON p.n = s.value WHERE true {}{also}",
            not.join(" ")
        ));
        Ok(sql)
    }
}

#[cfg(test)]
impl Question<'_> {
    /// The checks of a stage, at the beginning and behind a page, for the tests of query plans.
    pub fn card_checks(&self, stage: Stage, word: &Word) -> Vec<Sql> {
        let all = Earlier {
            remote: true,
            references: true,
        };
        let place = Place {
            text: word.text.clone(),
            n: 1,
        };
        [None, Some(&place)]
            .into_iter()
            .flat_map(|start| {
                [
                    self.card_walk(stage, word, start, 50),
                    self.card_check(stage, word, start, all, &[1, 2]).unwrap(),
                ]
            })
            .collect()
    }
}

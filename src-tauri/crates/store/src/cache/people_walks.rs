//! The walks of a search for people: each along one index from where the last page ended, leaving out whoever an
//! earlier stage has, or an earlier place of the same stage.

use super::find::{Sql, Word};
use super::people_stages::{Question, Stage};
use super::rows::Columns;
use super::text::Look;
use crate::StoreError;
use crate::sqlite::Tx;

impl Question<'_> {
    /// The text at a place of a walk that is ordered by text. A place that is no more is a bad cursor.
    pub async fn text_at(&self, tx: &mut Tx, sql: Sql) -> Result<String, StoreError> {
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
    pub async fn walk(
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
                let from = self.after_text(tx, &mut sql, "email_search", place).await?;
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
                let from = self.after_text(tx, &mut sql, "name_search", place).await?;
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
            // Found by their cards; see `by_card`.
            Stage::RemoteId(_) | Stage::Reference | Stage::ReferenceTail | Stage::Last4 => {
                return Ok(self.card_walk(stage, word, None, limit));
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

    async fn after_text(
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
}

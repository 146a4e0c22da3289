//! Counting the people of a search, up to where counting stops.

use super::find::{COUNT_CAP, Count, Sql, Word};
use super::people_stages::{Question, Stage};
use super::rows::Columns;
use super::text::Look;
use crate::StoreError;
use crate::sqlite::Tx;

impl Question<'_> {
    pub async fn count(&self, tx: &mut Tx, stages: &[Stage]) -> Result<Count, StoreError> {
        if self.words.is_empty() {
            return self.count_all(tx, stages).await;
        }
        let cap = COUNT_CAP + 1;
        let mut parts = Sql::default();
        let mut sources: Vec<String> = Vec::new();
        let mut texts: Vec<String> = Vec::new();
        let word = &self.words[self.driver];
        for stage in stages {
            // Alone, an early stage may settle it; asking that of the trigram index costs nothing where it cannot.
            let mut source = self.source(*stage, word);
            source.text = format!("{} LIMIT {cap}", source.text);
            let wide = match stage {
                Stage::EmailStart => true,
                Stage::EmailContains => rows(tx, &source).await? >= cap,
                _ => false,
            };
            if wide {
                let mut alone = self.source(*stage, word);
                let check = self.counts_if(*stage, word, &mut alone);
                alone.text = format!(
                    "SELECT s.n FROM ({}) s CROSS JOIN person p ON p.n = s.n WHERE {check} LIMIT {cap}",
                    alone.text
                );
                let n = rows(tx, &alone).await?;
                if n >= cap {
                    return Ok(Count::capped(n));
                }
            }
            let name = format!("s{}", sources.len());
            let inner = parts.absorb(source);
            sources.push(format!("{name}(n) AS MATERIALIZED ({inner})"));
            let mut check = Sql::default();
            check.text = self.counts_if(*stage, word, &mut check);
            let check = parts.absorb(check);
            // Each person is looked at once, however many of their cards were met.
            texts.push(format!(
                "SELECT p.n FROM (SELECT DISTINCT n FROM {name}) s CROSS JOIN person p ON p.n = s.n WHERE {check}"
            ));
        }
        if matches!(word.look, Look::Anywhere(_)) {
            let mut sql = Sql::default();
            let has = word.in_text(&mut sql, "p.name_search");
            let also = self.also(&mut sql);
            sql.text = format!(
                "SELECT p.n FROM name_pending np CROSS JOIN person p ON p.n = np.n
                 WHERE np.n BETWEEN {} AND {} AND {has}{also}",
                self.first, self.last
            );
            texts.push(parts.absorb(sql));
        }
        let lots: Vec<String> = (0..sources.len())
            .map(|i| format!("(SELECT count(*) FROM s{i})"))
            .collect();
        parts.text = format!(
            "WITH {} SELECT (SELECT count(*) FROM (SELECT n FROM ({}) LIMIT {cap})), max(0, {})",
            sources.join(", "),
            texts.join(" UNION "),
            lots.join(", ")
        );
        let row = parts.query().fetch_one(&mut **tx).await?;
        let mut columns = Columns::of(&row);
        let count = Count::capped(columns.next()?);
        // A stage that was cut off may have had more people than were met.
        let cut_off = columns.next::<i64>()? >= cap;
        Ok(Count {
            exact: count.exact && !cut_off,
            ..count
        })
    }

    // What a hit of a stage has to meet to be counted.
    fn counts_if(&self, stage: Stage, word: &Word, sql: &mut Sql) -> String {
        let has = match stage {
            Stage::EmailContains => word.in_text(sql, "p.email_search"),
            Stage::Name => word.in_text(sql, "p.name_search"),
            _ => "true".to_owned(),
        };
        has + &self.also(sql)
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

// How many rows a statement gives.
async fn rows(tx: &mut Tx, sql: &Sql) -> Result<i64, StoreError> {
    let mut counting = sql.clone();
    counting.text = format!("SELECT count(*) FROM ({})", sql.text);
    let row = counting.query().fetch_one(&mut **tx).await?;
    Columns::of(&row).next()
}

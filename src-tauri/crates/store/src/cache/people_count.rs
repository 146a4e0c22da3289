//! Counting the people of a search, up to where counting stops.

use super::find::{COUNT_CAP, Count, Sql};
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

//! Finding people: an ordered row of stages, each a walk along one index. A person belongs to the first stage that
//! has them, so pages never repeat anybody, and no stage is sorted or counted to be walked.

use super::CacheDb;
use super::cursor::{Cursor, question};
use super::find::{Count, Match, words};
use super::people_stages::Question;
use super::rows::Columns;
use crate::{PeoplePage, StoreError};
use tokendesk_model::{Environment, SearchQuery};

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
            if stage.is_by_card() {
                let people = question.by_card(&mut tx, *stage, place.take(), wanted).await?;
                found.extend(people.into_iter().map(|(person, place)| (person, place, i)));
                if found.len() > limit {
                    break;
                }
                continue;
            }
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

#[cfg(test)]
use super::{find::Sql, people_stages::Stage};

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
                    if stage.is_by_card() {
                        let checks = question.card_checks(stage, word);
                        all.extend(checks.into_iter().map(|sql| (format!("{stage:?} checked"), sql)));
                    }
                }
            }
        }
        all
    }
}

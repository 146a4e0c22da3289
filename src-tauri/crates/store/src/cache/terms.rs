//! Words that repeat a million times, kept once: languages, time zones, brands, unknown states.

use super::{CacheDb, damaged};
use crate::StoreError;
use crate::sqlite::Tx;
use sqlx::Row;
use std::collections::HashMap;
use std::sync::PoisonError;
use tokendesk_model::Brand;
use tokendesk_model::fold::search_key;

/// All of them, in memory. A word is committed before a row names it, so no reader meets an unknown number.
#[derive(Default)]
pub(crate) struct Terms {
    numbers: HashMap<String, i64>,
    texts: HashMap<i64, String>,
}

impl Terms {
    pub async fn load(tx: &mut Tx) -> Result<Self, sqlx::Error> {
        let mut terms = Self::default();
        for row in sqlx::query("SELECT n, text FROM term")
            .fetch_all(&mut **tx)
            .await?
        {
            terms.insert(row.try_get(0)?, row.try_get(1)?);
        }
        Ok(terms)
    }

    fn insert(&mut self, n: i64, text: String) {
        self.texts.insert(n, text.clone());
        self.numbers.insert(text, n);
    }

    /// The number of a word that [`CacheDb::learn_terms`] was told of.
    pub fn number(&self, text: &str) -> Result<i64, StoreError> {
        self.numbers.get(text).copied().ok_or_else(damaged)
    }

    /// The word behind a stored number.
    pub fn text(&self, n: i64) -> Result<&str, StoreError> {
        self.texts.get(&n).map(String::as_str).ok_or_else(damaged)
    }

    /// The same for a value that may be absent.
    pub fn maybe_text(&self, n: Option<i64>) -> Result<Option<String>, StoreError> {
        n.map(|n| self.text(n).map(str::to_owned)).transpose()
    }

    /// The stored numbers of brands that a filter means. A brand without a mark of its own is compared folded.
    pub fn brands(&self, brands: &[Brand]) -> Vec<i64> {
        let wanted: Vec<String> = brands.iter().map(|brand| search_key(brand.as_str())).collect();
        self.texts
            .iter()
            .filter(|(_, text)| wanted.contains(&search_key(text)))
            .map(|(n, _)| *n)
            .collect()
    }
}

impl CacheDb {
    /// Makes sure that every one of these words has a number.
    pub async fn learn_terms<'a>(&self, words: impl Iterator<Item = &'a str>) -> Result<(), StoreError> {
        let mut missing: Vec<&str> = {
            let known = self.terms.read().unwrap_or_else(PoisonError::into_inner);
            words.filter(|word| !known.numbers.contains_key(*word)).collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        missing.sort_unstable();
        missing.dedup();
        let mut tx = self.db.writer.begin().await?;
        sqlx::query("INSERT INTO term (text) SELECT value FROM json_each(?1) WHERE true ON CONFLICT (text) DO NOTHING")
            .bind(serde_json::json!(missing).to_string())
            .execute(&mut *tx)
            .await?;
        let fresh = Terms::load(&mut tx).await?;
        tx.commit().await?;
        *self.terms.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Looks at the words.
    pub fn with_terms<T>(&self, look: impl FnOnce(&Terms) -> T) -> T {
        look(&self.terms.read().unwrap_or_else(PoisonError::into_inner))
    }
}

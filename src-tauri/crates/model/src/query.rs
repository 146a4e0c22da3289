//! Reading what a person types into the one search box: words, and filters in words
//! (`state:inactive brand:visa exp:<2027-03 one-click:off ada@`).

use crate::card::{Brand, Expiry};
use crate::card_number::contains_card_number;
use crate::fold::search_key;
use crate::state::TokenState;

/// Longest text taken, in characters. Longer text is a paste by mistake.
pub const MAX_QUERY_CHARS: usize = 256;

/// Why a search text was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Longer than [`MAX_QUERY_CHARS`].
    #[error("the search text is too long")]
    TooLong,
    /// It looks like a full card number.
    #[error("the search text looks like a card number")]
    CardNumber,
    /// A filter with a value it does not have, such as `state:green`.
    #[error("the filter {key} does not know this value")]
    BadFilter {
        /// The filter's name, one of [`FILTER_KEYS`].
        key: &'static str,
        /// What it accepts, for the hint.
        accepts: &'static str,
    },
}

/// The filters known in words.
pub const FILTER_KEYS: [&str; 4] = ["state", "brand", "exp", "one-click"];

/// A bound on the expiry month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiryBound {
    /// Before this month.
    Before(Expiry),
    /// After this month.
    After(Expiry),
    /// In this month.
    In(Expiry),
}

/// A search, read. All parts must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// Folded words ([`search_key`]), each of which must be found. Never empty strings.
    pub words: Vec<String>,
    /// Any of these states; empty means any.
    pub states: Vec<TokenState>,
    /// Any of these brands; empty means any.
    pub brands: Vec<Brand>,
    /// All of these bounds.
    pub expiry: Vec<ExpiryBound>,
    /// One-click on or off.
    pub one_click: Option<bool>,
}

impl SearchQuery {
    /// Reads `text`. Signs without a filter's name in front are ordinary letters: quotes, `%`, `*` and words such as
    /// `NEAR` mean themselves.
    ///
    /// # Errors
    /// [`QueryError`]; the text itself is in none of them.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.chars().count() > MAX_QUERY_CHARS {
            return Err(QueryError::TooLong);
        }
        if contains_card_number(text) {
            return Err(QueryError::CardNumber);
        }
        let mut query = Self::default();
        for part in text.split_whitespace() {
            match part.split_once(':') {
                Some((key, value)) if !value.is_empty() => match key.to_lowercase().as_str() {
                    "state" => query.states.extend(read_states(value)?),
                    "brand" => query
                        .brands
                        .extend(value.split(',').filter(|v| !v.is_empty()).map(Brand::from_name)),
                    "exp" => query.expiry.push(read_expiry(value)?),
                    "one-click" | "oneclick" => query.one_click = Some(read_switch(value)?),
                    _ => query.words.push(search_key(part)),
                },
                _ => query.words.push(search_key(part)),
            }
        }
        query.words.retain(|word| !word.is_empty());
        Ok(query)
    }

    /// Whether nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && !self.has_filters()
    }

    /// Whether anything but words was asked.
    pub fn has_filters(&self) -> bool {
        !self.states.is_empty()
            || !self.brands.is_empty()
            || !self.expiry.is_empty()
            || self.one_click.is_some()
    }
}

fn read_states(value: &str) -> Result<Vec<TokenState>, QueryError> {
    value
        .split(',')
        .filter(|v| !v.is_empty())
        .map(|word| {
            let word = word.to_lowercase();
            TokenState::KNOWN
                .into_iter()
                .find(|s| s.as_str() == word)
                .ok_or(QueryError::BadFilter {
                    key: "state",
                    accepts: "creating, active, inactive, deleting, deleted",
                })
        })
        .collect()
}

fn read_expiry(value: &str) -> Result<ExpiryBound, QueryError> {
    let (make, rest): (fn(Expiry) -> ExpiryBound, &str) = if let Some(rest) = value.strip_prefix('<') {
        (ExpiryBound::Before, rest)
    } else if let Some(rest) = value.strip_prefix('>') {
        (ExpiryBound::After, rest)
    } else {
        (ExpiryBound::In, value)
    };
    Expiry::parse(rest).map(make).ok_or(QueryError::BadFilter {
        key: "exp",
        accepts: "a month such as 2027-03, <2027-03 or >2027-03",
    })
}

fn read_switch(value: &str) -> Result<bool, QueryError> {
    match value.to_lowercase().as_str() {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(QueryError::BadFilter {
            key: "one-click",
            accepts: "on or off",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_and_filters_are_told_apart() {
        let query =
            SearchQuery::parse("state:inactive,deleting Brand:visa exp:<2027-03 one-click:off Ada@ König")
                .unwrap();
        assert_eq!(query.words, ["ada@", "konig"]);
        assert_eq!(query.states, [TokenState::Inactive, TokenState::Deleting]);
        assert_eq!(query.brands, [Brand::Visa]);
        assert_eq!(query.expiry, [ExpiryBound::Before(Expiry::new(2027, 3).unwrap())]);
        assert_eq!(query.one_click, Some(false));
    }

    #[test]
    fn signs_are_letters() {
        let query = SearchQuery::parse("\"a%_*[ NEAR(x) -b https://x state:").unwrap();
        assert_eq!(query.words, ["\"a%_*[", "near(x)", "-b", "https://x", "state:"]);
        assert!(!query.has_filters());
    }

    #[test]
    fn bad_text_is_refused_before_anything_is_searched() {
        assert_eq!(SearchQuery::parse(&"a".repeat(10_000)), Err(QueryError::TooLong));
        assert_eq!(
            SearchQuery::parse("4111 1111 1111 1111"),
            Err(QueryError::CardNumber)
        );
        assert!(SearchQuery::parse("1456765125779").is_ok());
        assert!(matches!(
            SearchQuery::parse("state:green"),
            Err(QueryError::BadFilter { key: "state", .. })
        ));
        assert!(matches!(
            SearchQuery::parse("exp:soon"),
            Err(QueryError::BadFilter { key: "exp", .. })
        ));
    }

    proptest! {
        #[test]
        fn any_text_gives_folded_words_or_a_clear_no(text in "\\PC{0,60}") {
            if let Ok(query) = SearchQuery::parse(&text) {
                for word in query.words {
                    prop_assert!(!word.is_empty());
                    prop_assert_eq!(search_key(&word), word);
                }
            }
        }
    }
}

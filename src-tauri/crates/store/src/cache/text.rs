//! Text on its way into the search index and into a search.

use std::borrow::Cow;
use tokendesk_model::fold::{self, is_cjk};

/// As the model's `search_key`, with a short way for plain ASCII, which most text is: folding twice a million emails
/// is what a first fill would otherwise spend its time on.
pub(crate) fn search_key(text: &str) -> String {
    if !text.is_ascii() {
        return fold::search_key(text);
    }
    let lower = text.to_ascii_lowercase();
    let mut words = lower.split_whitespace();
    let Some(first) = words.next() else {
        return String::new();
    };
    if first.len() == lower.len() {
        return lower;
    }
    let mut key = first.to_owned();
    for word in words {
        key.push(' ');
        key.push_str(word);
    }
    key
}

/// As the model's `email_key`, with the same short way.
pub(crate) fn email_key(email: &str) -> Option<String> {
    if !email.is_ascii() {
        return fold::email_key(email);
    }
    let key = email.trim().to_ascii_lowercase();
    (!key.is_empty()).then_some(key)
}

/// A text without NUL: SQLite ends text there, and no provider's fact needs one.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// The first text that is greater than every text beginning with `prefix`, in the order of bytes. `None` when there is
/// no such text.
pub(crate) fn prefix_end(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            _ => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            end.push(next);
            return Some(end);
        }
    }
    None
}

/// How a word is looked for in an email or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Look {
    /// Anywhere, through its trigrams: three letters or more.
    Anywhere(String),
    /// Anywhere, through one gram of the CJK table.
    Gram(String),
    /// At the beginning.
    Start,
}

/// Longest list of trigrams asked for: the text itself is compared anyway.
const MOST_TRIGRAMS: usize = 12;

/// Decides how to look for `word`.
pub(crate) fn look(word: &str) -> Look {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() >= 3 {
        let windows: Vec<String> = letters
            .windows(3)
            .take(MOST_TRIGRAMS)
            .map(|window| {
                let gram: String = window.iter().collect();
                format!("\"{}\"", gram.replace('"', "\"\""))
            })
            .collect();
        return Look::Anywhere(windows.join(" AND "));
    }
    if !letters.is_empty() && letters.iter().copied().all(is_cjk) {
        return Look::Gram(word.to_owned());
    }
    Look::Start
}

/// Single CJK letters and pairs of them in `text`, each once.
pub(crate) fn grams(text: &str) -> Vec<String> {
    if text.is_ascii() {
        return Vec::new();
    }
    let letters: Vec<char> = text.chars().collect();
    let mut grams: Vec<String> = Vec::new();
    for (i, letter) in letters.iter().enumerate().filter(|(_, letter)| is_cjk(**letter)) {
        grams.push(letter.to_string());
        if let Some(next) = letters.get(i + 1).filter(|next| is_cjk(**next)) {
            grams.push([*letter, *next].iter().collect());
        }
    }
    grams.sort_unstable();
    grams.dedup();
    grams
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_looked_for_by_their_length() {
        assert_eq!(look("ad"), Look::Start);
        assert_eq!(look("a\"b*"), Look::Anywhere("\"a\"\"b\" AND \"\"\"b*\"".into()));
        assert_eq!(look("田中"), Look::Gram("田中".into()));
        assert_eq!(look("a田"), Look::Start);
        assert_eq!(grams("田中 a子"), ["中", "子", "田", "田中"]);
    }

    proptest! {
        #[test]
        fn the_short_way_folds_alike(text in "[ -~\\t]{0,40}") {
            prop_assert_eq!(search_key(&text), fold::search_key(&text));
            prop_assert_eq!(email_key(&text), fold::email_key(&text));
        }

        #[test]
        fn prefixes_end_where_they_should(prefix in "\\PC{1,8}", rest in "\\PC{0,8}", other in "\\PC{0,12}") {
            let inside = format!("{prefix}{rest}");
            if let Some(end) = prefix_end(&prefix) {
                prop_assert!(inside < end && prefix <= inside);
                prop_assert_eq!(other >= prefix && other < end, other.starts_with(&prefix));
            }
        }
    }
}

//! Folding: two keys for an email, one for search text.
//!
//! `email_key` groups people: case fold + NFKC, accents kept, because Müller and Muller may be two people.
//! `search_key` finds them: accents folded too, because staff type what they hear.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Groups people: NFKC, case folded, outer white space removed. Empty means "no email".
pub fn email_key(email: &str) -> Option<String> {
    let folded = until_stable(email, |text| case_fold(text).trim().to_owned());
    (!folded.is_empty()).then_some(folded)
}

/// Finds people: like [`email_key`] with accents folded away and inner white space collapsed. Serves emails, names,
/// references and the text typed into the search box alike.
pub fn search_key(text: &str) -> String {
    until_stable(text, fold_once)
}

fn fold_once(text: &str) -> String {
    let folded: String = case_fold(text)
        .nfkd()
        .filter(|c| !is_combining_mark(*c) || is_voicing_mark(*c))
        .map(fold_letter)
        .collect::<String>()
        .nfc()
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether `c` is a Chinese, Japanese or Korean letter: there one or two letters are already a word.
pub fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

// Compatibility forms can fold into something that folds again (a spacing accent becomes a space and an accent); a key
// must be its own key. A few rounds are enough for any text.
fn until_stable(text: &str, fold: impl Fn(&str) -> String) -> String {
    let mut current = fold(text);
    for _ in 0..4 {
        let next = fold(&current);
        if next == current {
            break;
        }
        current = next;
    }
    current
}

// Lower, upper, lower: letters whose capitals differ (ß, final sigma, İ) meet in one form.
fn case_fold(text: &str) -> String {
    let once: String = text.nfkc().collect::<String>().to_lowercase();
    let folded = once.to_uppercase().to_lowercase().replace('ς', "σ");
    folded.nfkc().collect()
}

// Japanese voicing changes the letter (か / が), unlike an accent.
fn is_voicing_mark(c: char) -> bool {
    matches!(c, '\u{3099}' | '\u{309a}')
}

// Letters with a stroke do not decompose.
fn fold_letter(c: char) -> char {
    match c {
        'ø' => 'o',
        'ł' => 'l',
        'đ' => 'd',
        'ħ' => 'h',
        'ı' => 'i',
        'ŧ' => 't',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_person_however_the_email_is_written() {
        assert_eq!(
            email_key(" Ada@Lindqvist.Example.com ").unwrap(),
            "ada@lindqvist.example.com"
        );
        assert_eq!(email_key("ａｄａ@example.com"), email_key("ADA@EXAMPLE.COM"));
        assert_eq!(email_key("STRASSE@example.com"), email_key("straße@example.com"));
        assert_eq!(email_key("  "), None);
        assert_ne!(email_key("muller@example.com"), email_key("müller@example.com"));
    }

    #[test]
    fn search_ignores_accents_and_keeps_voicing() {
        assert_eq!(search_key("Erdős  Müller"), "erdos muller");
        assert_eq!(search_key("Søren Łukasz"), "soren lukasz");
        assert_ne!(search_key("か"), search_key("が"));
        assert_eq!(search_key("ﾊﾏﾀﾞ"), search_key("ハマダ"));
        assert_eq!(search_key("ΟΔΥΣΣΕΥΣ"), search_key("οδυσσευς"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = search_key(&text);
            prop_assert_eq!(search_key(&once), once.clone());
            if let Some(key) = email_key(&text) {
                prop_assert_eq!(email_key(&key), Some(key.clone()));
            }
        }

        #[test]
        fn case_never_matters(text in "[a-zA-Zà-öÀ-Ö@.]{0,30}") {
            prop_assert_eq!(search_key(&text), search_key(&text.to_uppercase()));
            prop_assert_eq!(email_key(&text), email_key(&text.to_uppercase()));
        }
    }
}

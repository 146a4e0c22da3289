//! What may be kept of a text that came from outside with an error: the provider's own words, without the emails and
//! long numbers it likes to quote back.
//!
//! Must not know: where the text came from or who will read it.

use tokendesk_model::card_number::contains_card_number;

/// Longest message kept, in characters.
pub(crate) const MAX_MESSAGE_CHARS: usize = 300;

const MIN_MASKED_DIGITS: usize = 12;
const EMAIL: &str = "[email]";
const NUMBER: &str = "[number]";

/// The provider's message fit to be shown: emails and runs of 12 or more digits replaced, control characters and
/// repeated blanks gone, at most [`MAX_MESSAGE_CHARS`]. `None` when nothing remains, or when it still holds what looks
/// like a card number.
pub(crate) fn message(text: &str) -> Option<String> {
    // Masked first and cut after: half an email would not look like one any more.
    let mut words = Vec::new();
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
    {
        words.push(without_numbers(&without_emails(word)));
    }
    let masked = words.join(" ");
    if masked.is_empty() || contains_card_number(&masked) {
        return None;
    }
    Some(masked.chars().take(MAX_MESSAGE_CHARS).collect())
}

/// An error id fit for logs: letters, digits, `-`, `_`, `.` and `:`, at most 64 of them, and no card number; else
/// nothing.
pub(crate) fn request_id(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    let fits = (1..=64).contains(&text.len()) && text.chars().all(plain) && !contains_card_number(text);
    fits.then(|| text.to_owned())
}

// The signs messages put around an email; all others are allowed in one.
const AROUND_EMAILS: [char; 11] = ['"', '<', '>', '(', ')', '[', ']', ',', ';', ':', '='];

fn without_emails(word: &str) -> String {
    let mut out = String::new();
    for piece in word.split_inclusive(AROUND_EMAILS) {
        let body = piece.trim_end_matches(AROUND_EMAILS);
        let has_at = body.contains(['@', '＠']) || body.to_ascii_lowercase().contains("%40");
        out.push_str(if has_at { EMAIL } else { body });
        out.push_str(&piece[body.len()..]);
    }
    out
}

fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_numeric() {
            run.push(c);
            continue;
        }
        if run.chars().count() >= MIN_MASKED_DIGITS {
            out.push_str(NUMBER);
        } else {
            out.push_str(&run);
        }
        run.clear();
        out.push(c);
    }
    out.pop();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_and_long_numbers_do_not_come_through() {
        let shown = |text: &str| message(text).unwrap();
        assert_eq!(
            shown("No customer \"rita@example.org\" here"),
            "No customer \"[email]\" here"
        );
        assert_eq!(
            shown("customerEmailAddress:rita+x@example.org,"),
            "customerEmailAddress:[email],"
        );
        assert_eq!(shown("query=a%3A%22rita%40example.org"), "query=[email]");
        assert_eq!(shown("<o'neil@example.org>"), "<[email]>");
        assert_eq!(shown("id 700123 of 1456765125779"), "id 700123 of [number]");
        assert_eq!(shown("４１１１１１１１１１１１１１１１!"), "[number]!");
        assert_eq!(message("card 4111 1111 1111 1111"), None);
        assert_eq!(message(" \u{0}\n "), None);
    }

    #[test]
    fn an_email_cut_in_half_was_masked_before() {
        let text = format!("{} ada.lindqvist@example.com", "x".repeat(290));
        let shown = message(&text).unwrap();
        assert_eq!(shown.chars().count(), 298);
        assert!(shown.ends_with("[email]"));
        assert_eq!(message(&"ä".repeat(500)).unwrap().chars().count(), 300);
    }

    #[test]
    fn error_ids_are_plain() {
        assert_eq!(request_id("7d0f0d62").as_deref(), Some("7d0f0d62"));
        for odd in ["", "a b", "rita@example.org", "4111111111111111", &"a".repeat(65)] {
            assert_eq!(request_id(odd), None, "{odd}");
        }
    }
}

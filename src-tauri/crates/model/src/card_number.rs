//! The card-number guard: finds what looks like a full card number in any text a person types, pastes or imports.
//!
//! A run counts when it has a card brand's prefix, exactly a length that brand uses, and a valid check digit. Separators
//! (spaces of any kind, hyphens, dots) and full-width digits are folded first. Provider ids pass the check digit one time
//! in ten, so prefix and length matter: a 13-digit id is not a card number of any brand still issued at 13 digits.

/// Signs between two groups of one number, at most: "4111 - 1111" is written by people.
const LONGEST_GAP: u8 = 3;
/// Digits of the longest card number.
const LONGEST: usize = 19;

/// Whether `text` holds something that looks like a full card number. A number may stand beside other groups of digits,
/// such as its expiry or a customer's number.
pub fn contains_card_number(text: &str) -> bool {
    let mut run = Run::default();
    for c in text.chars() {
        if let Some(digit) = digit_value(c) {
            run.push(digit);
        } else if is_separator(c) && !run.digits.is_empty() && run.gap < LONGEST_GAP {
            run.gap += 1;
        } else {
            if run.holds_card_number() {
                return true;
            }
            run = Run::default();
        }
    }
    run.holds_card_number()
}

/// Groups of digits with nothing but separators between them.
#[derive(Default)]
struct Run {
    digits: Vec<u8>,
    /// Where each group begins.
    groups: Vec<usize>,
    gap: u8,
}

impl Run {
    fn push(&mut self, digit: u8) {
        if self.digits.is_empty() || self.gap > 0 {
            self.groups.push(self.digits.len());
        }
        self.gap = 0;
        self.digits.push(digit);
    }

    fn holds_card_number(&self) -> bool {
        self.groups.iter().enumerate().any(|(at, begin)| {
            let ends = self.groups[at + 1..].iter().copied().chain([self.digits.len()]);
            ends.take_while(|end| end - begin <= LONGEST)
                .any(|end| is_card_number(&self.digits[*begin..end]))
        })
    }
}

fn digit_value(c: char) -> Option<u8> {
    match c {
        '0'..='9' => Some(c as u8 - b'0'),
        '\u{ff10}'..='\u{ff19}' => u8::try_from(c as u32 - 0xff10).ok(),
        // Arabic-Indic and Devanagari digits: what a phone keyboard may send.
        '\u{0660}'..='\u{0669}' => u8::try_from(c as u32 - 0x0660).ok(),
        '\u{06f0}'..='\u{06f9}' => u8::try_from(c as u32 - 0x06f0).ok(),
        '\u{0966}'..='\u{096f}' => u8::try_from(c as u32 - 0x0966).ok(),
        _ => None,
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '.' | '_' | '/' | '\u{2010}'
                ..='\u{2015}' | '\u{2212}' | '\u{ff0d}' | '\u{200b}' | '\u{00b7}'
        )
}

fn is_card_number(digits: &[u8]) -> bool {
    // Lengths by brand (first digits): what issuers use today. Visa's 13-digit cards are long gone.
    let number = |n: usize| {
        digits
            .iter()
            .take(n)
            .fold(0u32, |acc, d| acc * 10 + u32::from(*d))
    };
    let (two, three, four) = (number(2), number(3), number(4));
    let brand_and_length = match digits.len() {
        15 => two == 34 || two == 37,
        14 => two == 36 || two == 38 || two == 39 || (300..=305).contains(&three),
        16 | 19 if digits.first() == Some(&4) => true,
        16 => {
            (51..=55).contains(&two)
                || (2221..=2720).contains(&four)
                || four == 6011
                || two == 65
                || (644..=649).contains(&three)
                || (3528..=3589).contains(&four)
                || two == 62
                || matches!(two, 50 | 56..=58 | 60 | 63 | 67 | 81)
        }
        17..=19 => {
            two == 62
                || two == 65
                || matches!(two, 50 | 56..=58 | 60 | 63 | 67)
                || (3528..=3589).contains(&four)
        }
        _ => false,
    };
    brand_and_length && passes_luhn(digits)
}

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(*d);
            if i % 2 == 0 {
                d
            } else if d > 4 {
                d * 2 - 9
            } else {
                d * 2
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn test_numbers_are_recognised_however_they_are_written() {
        for text in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "please remove 4242.4242.4242.4242 thanks",
            "５５５５５５５５５５５５４４４４",
            "3782 822463 10005",
            "３５３０ １１１３ ３３３０ ００００",
            "4111\u{a0}1111\u{2009}1111\u{200b}1111",
            "4111 1111 1111 1111 12/27",
            "4111 1111 1111 1111 12/27 123",
            "4111111111111111 12/27",
            "88 4111 1111 1111 1111",
            "4111  1111  1111  1111",
            "4111 - 1111 - 1111 - 1111",
        ] {
            assert!(contains_card_number(text), "{text}");
        }
    }

    #[test]
    fn ids_dates_and_phone_numbers_pass() {
        for text in [
            "1456765125779",
            "1472041806455",
            "4222222222222",
            "700123",
            "ada+4242@example.com",
            "2026-02-03T09:15:42.118Z",
            "+41 44 123 45 67",
            "1456765125779 1472041806455",
            "4111111111111112",
            "b1c6c1d2-0001",
            "411111******1111",
            "",
        ] {
            assert!(!contains_card_number(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_thirteen_digit_id_is_never_refused(id in 1_000_000_000_000u64..=9_999_999_999_999) {
            prop_assert!(!contains_card_number(&id.to_string()));
        }

        #[test]
        fn a_card_number_is_found_inside_any_words(before in "[a-z ]{0,20}", after in "[a-z ]{0,20}") {
            let text = format!("{before}4111111111111111{after}");
            prop_assert!(contains_card_number(&text));
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,80}") {
            let _ = contains_card_number(&text);
        }
    }
}

//! What is known of the card behind a token: brand, last four, expiry. Never more than that.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A card brand. A brand this desk has no mark for keeps the provider's own name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Brand {
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// American Express.
    Amex,
    /// JCB.
    Jcb,
    /// Discover.
    Discover,
    /// UnionPay.
    UnionPay,
    /// Diners Club.
    Diners,
    /// Maestro.
    Maestro,
    /// As the provider names it.
    Other(String),
}

impl Brand {
    /// Brands with a mark of their own.
    pub const KNOWN: [Self; 8] = [
        Self::Visa,
        Self::Mastercard,
        Self::Amex,
        Self::Jcb,
        Self::Discover,
        Self::UnionPay,
        Self::Diners,
        Self::Maestro,
    ];

    /// The word used in filters and JSON; another brand is its own name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Visa => "visa",
            Self::Mastercard => "mastercard",
            Self::Amex => "amex",
            Self::Jcb => "jcb",
            Self::Discover => "discover",
            Self::UnionPay => "unionpay",
            Self::Diners => "diners",
            Self::Maestro => "maestro",
            Self::Other(name) => name,
        }
    }

    /// The brand's name for people.
    pub fn display_name(&self) -> &str {
        match self {
            Self::Visa => "Visa",
            Self::Mastercard => "Mastercard",
            Self::Amex => "Amex",
            Self::Jcb => "JCB",
            Self::Discover => "Discover",
            Self::UnionPay => "UnionPay",
            Self::Diners => "Diners",
            Self::Maestro => "Maestro",
            Self::Other(name) => name,
        }
    }

    /// Reads a brand in the words of a provider or of [`Self::as_str`].
    pub fn from_name(name: &str) -> Self {
        let key: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        match key.as_str() {
            "visa" | "visadebit" | "visaelectron" | "vpay" => Self::Visa,
            "mastercard" | "debitmastercard" | "mc" => Self::Mastercard,
            "amex" | "americanexpress" => Self::Amex,
            "jcb" => Self::Jcb,
            "discover" => Self::Discover,
            "unionpay" | "chinaunionpay" | "cup" => Self::UnionPay,
            "diners" | "dinersclub" | "dinersclubinternational" => Self::Diners,
            "maestro" => Self::Maestro,
            _ => Self::Other(name.trim().to_owned()),
        }
    }
}

/// Expiry by month, as `year * 12 + (month - 1)`: sorts and subtracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Expiry(pub i32);

impl Expiry {
    /// From a full year and a month of 1 to 12.
    pub fn new(year: i32, month: u32) -> Option<Self> {
        let month = i32::try_from(month).ok()?;
        ((1..=12).contains(&month) && (1970..=9999).contains(&year)).then(|| Self(year * 12 + month - 1))
    }
    /// The full year.
    pub fn year(&self) -> i32 {
        self.0.div_euclid(12)
    }
    /// The month, 1 to 12.
    pub fn month(&self) -> i32 {
        self.0.rem_euclid(12) + 1
    }
    /// Reads `2027-03`, `03/2027` and `03/27`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((year, month)) = text.split_once('-') {
            return Self::new(full_year(year)?, month.parse().ok()?);
        }
        let (month, year) = text.split_once('/')?;
        Self::new(full_year(year.trim())?, month.trim().parse().ok()?)
    }
}

fn full_year(text: &str) -> Option<i32> {
    let number: i32 = text.parse().ok()?;
    match text.len() {
        4 => Some(number),
        2 => Some(2000 + number),
        _ => None,
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}/{:04}", self.month(), self.year())
    }
}

/// How much is known of a token's card: three different texts for three different kinds of absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CardKnowledge {
    /// Token versions have not been read yet.
    NotRead,
    /// Read; the token has no active version, so it cannot be charged.
    NoActiveVersion,
    /// There is an active version, and it names neither brand nor digits.
    NoneGiven,
    /// At least one card fact is known.
    Known,
}

impl CardKnowledge {
    /// The number stored in the cache.
    pub fn number(&self) -> i64 {
        match self {
            Self::NotRead => 0,
            Self::NoActiveVersion => 1,
            Self::NoneGiven => 2,
            Self::Known => 3,
        }
    }
    /// The knowledge behind a stored number.
    pub fn from_number(number: i64) -> Self {
        match number {
            1 => Self::NoActiveVersion,
            2 => Self::NoneGiven,
            3 => Self::Known,
            _ => Self::NotRead,
        }
    }
}

/// Card facts of one token version. Absent stays absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardFacts {
    /// The brand, if the provider names one.
    pub brand: Option<Brand>,
    /// Exactly four ASCII digits.
    pub last4: Option<String>,
    /// Expiry month.
    pub expiry: Option<Expiry>,
}

impl CardFacts {
    /// Whether nothing at all is known.
    pub fn is_empty(&self) -> bool {
        self.brand.is_none() && self.last4.is_none() && self.expiry.is_none()
    }

    /// The last four digits of a masked number such as `411111******1111` or `Visa •••• 1111`: four digits at the end,
    /// after at least one masking sign.
    pub fn last4_of_masked(text: &str) -> Option<String> {
        let text = text.trim_end();
        let tail: String = text.chars().rev().take_while(char::is_ascii_digit).collect();
        if tail.len() != 4 {
            return None;
        }
        let before = text[..text.len() - 4].trim_end().chars().next_back()?;
        matches!(before, '*' | '•' | '·' | 'x' | 'X' | '#' | '.' | '…' | '●')
            .then(|| tail.chars().rev().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn masked_numbers_give_their_end_and_names_do_not() {
        assert_eq!(
            CardFacts::last4_of_masked("411111******1111").as_deref(),
            Some("1111")
        );
        assert_eq!(
            CardFacts::last4_of_masked("Visa •••• 1111").as_deref(),
            Some("1111")
        );
        assert_eq!(CardFacts::last4_of_masked("xxxx-0057"), None);
        assert_eq!(CardFacts::last4_of_masked("Invoice 2026"), None);
        assert_eq!(CardFacts::last4_of_masked("411111******11111"), None);
        assert_eq!(CardFacts::last4_of_masked("ä"), None);
    }

    #[test]
    fn two_digit_years_belong_to_this_century() {
        assert_eq!(Expiry::parse("03/27"), Expiry::new(2027, 3));
        assert_eq!(Expiry::parse("2027-03"), Expiry::new(2027, 3));
        assert_eq!(Expiry::parse("13/2027"), None);
        assert_eq!(Expiry::parse("00/2027"), None);
        assert_eq!(Expiry::parse("March"), None);
    }

    proptest! {
        #[test]
        fn expiry_reads_back(year in 1970i32..2100, month in 1u32..=12) {
            let expiry = Expiry::new(year, month).unwrap();
            prop_assert_eq!(Expiry::parse(&expiry.to_string()), Some(expiry));
        }

        #[test]
        fn brands_read_back(i in 0usize..8) {
            prop_assert_eq!(Brand::from_name(Brand::KNOWN[i].as_str()), Brand::KNOWN[i].clone());
            prop_assert_eq!(Brand::from_name(Brand::KNOWN[i].display_name()), Brand::KNOWN[i].clone());
        }

        #[test]
        fn any_masked_text_is_safe(text in "\\PC{0,30}") {
            if let Some(last4) = CardFacts::last4_of_masked(&text) {
                prop_assert_eq!(last4.len(), 4);
            }
        }
    }
}

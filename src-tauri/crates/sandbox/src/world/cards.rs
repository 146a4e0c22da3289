//! Brands and what a token version tells of its card. Only well-known test number ranges, always masked.

use super::chance::pick;

/// A card brand or other payment method.
pub(crate) struct Brand {
    pub(crate) id: u64,
    /// Shown name; none for a brand the payment system itself cannot name.
    pub(crate) name: Option<&'static str>,
    /// First six digits and full length; none for a method without a card number.
    pub(crate) number: Option<(&'static str, usize)>,
    /// The payment method it belongs to, id and name.
    pub(crate) method: (u64, &'static str),
}

const CARD: (u64, &str) = (1_457_546_097_597, "Credit / Debit Card");
const WALLET: (u64, &str) = (1_461_144_371_207, "TWINT");

const fn card(id: u64, name: &'static str, bin: &'static str, digits: usize) -> Brand {
    Brand {
        id,
        name: Some(name),
        number: Some((bin, digits)),
        method: CARD,
    }
}

/// All brands of the world; the last two are the awkward ones no list knows.
pub(crate) const BRANDS: &[Brand] = &[
    card(1_457_546_097_639, "Visa", "411111", 16),
    card(1_457_546_097_640, "Mastercard", "555555", 16),
    card(1_457_546_097_641, "American Express", "378282", 15),
    card(1_457_546_097_642, "JCB", "353011", 16),
    card(1_457_546_097_643, "Discover", "601111", 16),
    card(1_457_546_097_644, "UnionPay", "620000", 16),
    card(1_457_546_097_645, "Diners Club", "305693", 14),
    card(1_457_546_097_646, "Maestro", "675964", 16),
    Brand {
        id: 1_461_144_371_208,
        name: Some("TWINT"),
        number: None,
        method: WALLET,
    },
    card(1_700_000_000_001, "Nordlicht Card", "999999", 16),
    Brand {
        id: 1_700_000_000_002,
        name: None,
        number: Some(("999998", 16)),
        method: CARD,
    },
];

/// Place of the first awkward brand in [`BRANDS`].
pub(crate) const UNKNOWN_BRAND: u8 = 9;

/// The brand of the card with this number in the world's chance.
pub(crate) fn brand_by_chance(seed: u64, card: u64) -> u8 {
    match pick(seed, 20, card) % 100 {
        0..=41 => 0,
        42..=69 => 1,
        70..=76 => 2,
        77..=80 => 3,
        81..=83 => 4,
        84..=86 => 5,
        87..=88 => 6,
        89..=92 => 7,
        93..=97 => 8,
        98 => UNKNOWN_BRAND,
        _ => UNKNOWN_BRAND + 1,
    }
}

/// Place of a brand by its shown name, upper and lower case alike.
pub(crate) fn brand_by_name(name: &str) -> Option<u8> {
    BRANDS
        .iter()
        .position(|b| b.name.is_some_and(|n| n.eq_ignore_ascii_case(name)))
        .map(|i| i as u8)
}

/// Which of `name` and `labels` a version carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Both,
    BothShortYear,
    NameOnly,
    LabelsOnly,
    Nothing,
}

/// How much the card with this number tells.
pub(crate) fn told(seed: u64, card: u64) -> Told {
    match pick(seed, 21, card) % 20 {
        0..=7 => Told::Both,
        8..=9 => Told::BothShortYear,
        10..=13 => Told::NameOnly,
        14..=17 => Told::LabelsOnly,
        18 => Told::Both,
        _ => Told::Nothing,
    }
}

impl Brand {
    /// Last digits as text, 4 long.
    pub(crate) fn last_four(&self, chance: u64) -> String {
        format!("{:04}", chance % 10_000)
    }

    /// `411111******1111`; none for a method without a number.
    pub(crate) fn masked(&self, last_four: &str) -> Option<String> {
        let (bin, digits) = self.number?;
        Some(format!(
            "{bin}{}{last_four}",
            "*".repeat(digits.saturating_sub(10))
        ))
    }

    /// `Visa •••• 1111`, or just the method's name.
    pub(crate) fn shown(&self, last_four: &str) -> String {
        let name = self.name.unwrap_or("Card");
        if self.number.is_some() {
            format!("{name} •••• {last_four}")
        } else {
            name.to_owned()
        }
    }
}

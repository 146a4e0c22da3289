//! The invented people of the world: names in several scripts, emails on `example` domains only.
//! Knows nothing of tokens.

use super::chance::pick;
use super::names::{
    ACCENT_FAMILY, ACCENT_GIVEN, ARABIC_FAMILY, ARABIC_GIVEN, CYRILLIC_FAMILY, CYRILLIC_GIVEN,
    JAPANESE_FAMILY, JAPANESE_GIVEN, LATIN_FAMILY, LATIN_GIVEN, Names,
};

/// What makes a customer awkward. The first two dozen customers hold one of each; the rest by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Plain,
    NoEmail,
    NoCustomerId,
    Plus,
    MixedCase,
    LongEmail,
    /// Shares the email of the customer with this index.
    Twin(u32),
    FiftyCards,
    FiveThousandCards,
    EmptyShell,
    ObsoleteShell,
    Deleting,
    Deleted,
    ExpiredButActive,
    Inactive,
    UnknownBrand,
    NoReference,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    Latin,
    Accents,
    Japanese,
    Cyrillic,
    Arabic,
}

/// A customer of the shop as its tokens tell it.
pub(crate) struct Person {
    pub(crate) email: Option<Box<str>>,
    pub(crate) customer_id: Option<Box<str>>,
    pub(crate) script: Script,
    given: u8,
    family: u8,
}

impl Script {
    fn names(self) -> (Names, Names) {
        match self {
            Self::Latin => (LATIN_GIVEN, LATIN_FAMILY),
            Self::Accents => (ACCENT_GIVEN, ACCENT_FAMILY),
            Self::Japanese => (JAPANESE_GIVEN, JAPANESE_FAMILY),
            Self::Cyrillic => (CYRILLIC_GIVEN, CYRILLIC_FAMILY),
            Self::Arabic => (ARABIC_GIVEN, ARABIC_FAMILY),
        }
    }

    fn of(seed: u64, index: u32) -> Self {
        match index {
            9 => Self::Japanese,
            10 => Self::Cyrillic,
            12 => Self::Arabic,
            13 => Self::Accents,
            _ => match pick(seed, 1, u64::from(index)) % 100 {
                0..=3 => Self::Japanese,
                4..=6 => Self::Cyrillic,
                7..=9 => Self::Arabic,
                10..=21 => Self::Accents,
                _ => Self::Latin,
            },
        }
    }
}

/// The part customer `index` of `customers` plays.
pub(crate) fn role(seed: u64, index: u32, customers: u32) -> Role {
    match index {
        1 => Role::NoEmail,
        2 => Role::NoCustomerId,
        3 => Role::Plus,
        4 => Role::MixedCase,
        5 => Role::LongEmail,
        7 if customers >= 100 => Role::FiftyCards,
        8 => Role::Twin(6),
        11 if customers >= 5_000 => Role::FiveThousandCards,
        14 => Role::EmptyShell,
        15 => Role::ObsoleteShell,
        16 => Role::Deleting,
        17 => Role::Deleted,
        18 => Role::ExpiredButActive,
        19 => Role::Inactive,
        20 => Role::UnknownBrand,
        21 => Role::NoReference,
        0..=23 => Role::Plain,
        _ => match pick(seed, 2, u64::from(index)) % 1_000 {
            0..=9 => Role::NoEmail,
            10..=24 => Role::NoCustomerId,
            25..=44 => Role::Plus,
            45..=64 => Role::MixedCase,
            65..=66 => Role::LongEmail,
            67..=71 => Role::Twin(index - 1),
            _ => Role::Plain,
        },
    }
}

/// Customer `index` of the world.
pub(crate) fn person(seed: u64, index: u32, role: Role) -> Person {
    let (mut person, plain) = plain(seed, index);
    person.email = match role {
        Role::NoEmail => None,
        Role::Plus => {
            let (local, domain) = plain.split_once('@').unwrap_or((&plain, "example.com"));
            Some(format!("{local}+shop{}@{domain}", index % 7).into())
        }
        Role::MixedCase => Some(mixed_case(&plain).into()),
        Role::LongEmail => Some(long_email(&plain, index).into()),
        Role::Twin(other) => Some(self::plain(seed, other).1.into()),
        _ => Some(plain.into()),
    };
    person.customer_id = match (role, pick(seed, 3, u64::from(index)) % 100) {
        (Role::NoCustomerId, _) => None,
        (_, 0..=14) => Some((70_000 + u64::from(index)).to_string().into()),
        (_, 15..=19) => Some(format!("cust_{:x}", u64::from(index) * 7_919 + 0xa00).into()),
        _ => Some(format!("C-{:06}", index + 100).into()),
    };
    person
}

/// Name and email before the role bends them. No two customers of one script share both names until every
/// pair is used; then a number tells them apart.
fn plain(seed: u64, index: u32) -> (Person, String) {
    let script = Script::of(seed, index);
    let (givens, families) = script.names();
    let pairs = (givens.len() * families.len()) as u64;
    let place = (u64::from(index)
        .wrapping_mul(2_654_435_761)
        .wrapping_add(seed % 1_009))
        % pairs;
    let given = (place % givens.len() as u64) as usize;
    let family = (place / givens.len() as u64) as usize;
    let cycle = u64::from(index) / pairs;
    let number = if cycle == 0 {
        String::new()
    } else {
        (cycle + 1).to_string()
    };
    let (g, f) = (givens[given].1, families[family].1);
    let host = match pick(seed, 4, u64::from(index)) % 20 {
        0..=8 => "example.com",
        9..=13 => "example.org",
        14..=17 => "example.net",
        18 => "mail.example.com",
        _ => "shop.example.org",
    };
    let email = match pick(seed, 5, u64::from(index)) % 12 {
        0..=5 => format!("{g}.{f}{number}@{host}"),
        6 => format!("{f}.{g}{number}@{host}"),
        7 => format!("{g}_{f}{number}@{host}"),
        8 => format!("{g}-{f}{number}@{host}"),
        9 => format!("{g}{f}{number}@{host}"),
        _ => format!("{g}{number}@{}.{host}", f.replace('\'', "")),
    };
    let person = Person {
        email: None,
        customer_id: None,
        script,
        given: given as u8,
        family: family as u8,
    };
    (person, email)
}

fn mixed_case(email: &str) -> String {
    let mut start = true;
    email
        .chars()
        .map(|c| {
            let shown = if start { c.to_ascii_uppercase() } else { c };
            start = !c.is_ascii_alphanumeric();
            shown
        })
        .collect()
}

/// 64 characters before the sign and nearly the 150 the field allows in all.
fn long_email(plain: &str, index: u32) -> String {
    let local = plain.split('@').next().unwrap_or(plain);
    let mut long = format!("{local}.{index}.");
    while long.len() < 64 {
        long.push_str("accounts-payable.");
    }
    long.truncate(63);
    let mut domain = String::from("example.com");
    for label in [
        "purchasing",
        "head-office",
        "northern-region",
        "wholesale-department",
        "invoices",
    ] {
        domain = format!("{label}.{domain}");
    }
    format!("{long}x@{domain}")
}

impl Person {
    /// Given and family name as written by the person.
    pub(crate) fn names(&self) -> (&'static str, &'static str) {
        let (givens, families) = self.script.names();
        (givens[self.given as usize].0, families[self.family as usize].0)
    }

    /// Language and time zone the person's tokens carry.
    pub(crate) fn locale(&self) -> (&'static str, &'static str) {
        match (self.script, self.given % 3) {
            (Script::Latin, 0) => ("en-US", "America/New_York"),
            (Script::Latin, 1) => ("de-CH", "Europe/Zurich"),
            (Script::Latin, _) => ("it-IT", "Europe/Rome"),
            (Script::Accents, _) => ("fr-FR", "Europe/Paris"),
            (Script::Japanese, _) => ("ja-JP", "Asia/Tokyo"),
            (Script::Cyrillic, _) => ("ru-RU", "Europe/Belgrade"),
            (Script::Arabic, _) => ("ar-AE", "Asia/Dubai"),
        }
    }

    /// Two-letter country of the billing address.
    pub(crate) fn country(&self) -> &'static str {
        match self.locale().0 {
            "en-US" => "US",
            "de-CH" => "CH",
            "it-IT" => "IT",
            "fr-FR" => "FR",
            "ja-JP" => "JP",
            "ru-RU" => "RS",
            _ => "AE",
        }
    }
}

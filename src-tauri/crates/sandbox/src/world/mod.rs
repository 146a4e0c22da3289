//! The world the sandbox plays: customers, tokens, token versions, and the questions about them.
//! Rows are small and sorted by id; texts that follow from the seed are made when asked for.
//! Knows nothing of HTTP, JSON or switches.

pub(crate) mod cards;
pub(crate) mod cast;
mod chance;
mod generate;
mod life;
mod names;

use std::borrow::Cow;
use std::collections::HashMap;

pub(crate) use chance::pick;
pub(crate) use generate::generate;
pub(crate) use life::{CardWish, Edit, Kept, LifeTimes, NewToken, Patch};

/// Life of a token (wallee fact sheet, section 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// Being made.
    Create,
    /// Usable.
    Active,
    /// Not usable, nothing deleted.
    Inactive,
    /// Deletion asked for.
    Deleting,
    /// Waiting to be purged.
    Deleted,
}

impl TokenState {
    /// The text on the wire.
    pub fn text(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::Deleting => "DELETING",
            Self::Deleted => "DELETED",
        }
    }

    /// From the text on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Create,
            Self::Active,
            Self::Inactive,
            Self::Deleting,
            Self::Deleted,
        ]
        .into_iter()
        .find(|s| s.text() == text)
    }

    /// Whether deletion was asked for.
    pub(crate) fn is_leaving(self) -> bool {
        matches!(self, Self::Deleting | Self::Deleted)
    }
}

/// Life of a token version (wallee fact sheet, section 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VersionState {
    Uninitialized,
    Active,
    Obsolete,
}

impl VersionState {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Uninitialized => "UNINITIALIZED",
            Self::Active => "ACTIVE",
            Self::Obsolete => "OBSOLETE",
        }
    }
}

/// No place: a token without versions, a first version, a token that belongs to none of the world's customers.
pub(crate) const NONE: u32 = u32::MAX;

pub(crate) struct Token {
    pub(crate) id: u64,
    pub(crate) created: i64,
    pub(crate) purge: Option<i64>,
    pub(crate) version: u32,
    pub(crate) customer: u32,
    pub(crate) state: TokenState,
    pub(crate) one_click: bool,
    pub(crate) no_reference: bool,
    pub(crate) gone: bool,
    /// Place of its newest version, [`NONE`] when it has none.
    pub(crate) newest: u32,
    pub(crate) own: Option<Box<Own>>,
}

/// What a token says itself instead of following from its customer and the seed.
pub(crate) struct Own {
    /// None: the one that follows from the seed.
    pub(crate) external_id: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) customer_id: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) time_zone: Option<String>,
}

pub(crate) struct Version {
    pub(crate) id: u64,
    pub(crate) created: i64,
    pub(crate) expires: Option<i64>,
    pub(crate) obsoleted: Option<i64>,
    /// Place of its token in [`World::tokens`].
    pub(crate) token: u32,
    /// Place of its token's version before it, or [`NONE`].
    pub(crate) before: u32,
    pub(crate) version: u32,
    pub(crate) state: VersionState,
    pub(crate) brand: u8,
    pub(crate) own: Option<Box<OwnCard>>,
}

/// Card facts somebody gave instead of chance.
pub(crate) struct OwnCard {
    pub(crate) last_four: String,
    pub(crate) given: Option<String>,
    pub(crate) family: Option<String>,
}

/// Everything the payment system holds for one space.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) space: u64,
    pub(crate) people: Vec<cast::Person>,
    /// Sorted by id; a purged token stays as `gone`, so places never move.
    pub(crate) tokens: Vec<Token>,
    /// Sorted by id.
    pub(crate) versions: Vec<Version>,
    /// By `externalId`, those made since the start.
    created_here: HashMap<String, u32>,
    leaving: Vec<life::Leaving>,
    touched: Vec<u32>,
}

impl World {
    /// The place of a token that is still there.
    pub(crate) fn find(&self, id: u64) -> Option<usize> {
        let place = self.tokens.binary_search_by_key(&id, |t| t.id).ok()?;
        (!self.tokens[place].gone).then_some(place)
    }

    /// The place of a version whose token is still there.
    pub(crate) fn find_version(&self, id: u64) -> Option<usize> {
        let place = self.versions.binary_search_by_key(&id, |v| v.id).ok()?;
        (!self.token_of(&self.versions[place]).gone).then_some(place)
    }

    pub(crate) fn token_of(&self, version: &Version) -> &Token {
        &self.tokens[version.token as usize]
    }

    /// The ACTIVE version of the token at `place`.
    pub(crate) fn active_version(&self, place: usize) -> Option<&Version> {
        self.version_places(place)
            .map(|v| &self.versions[v])
            .find(|v| v.state == VersionState::Active)
    }

    /// Places of the versions of the token at `place`, newest first.
    pub(crate) fn version_places(&self, place: usize) -> impl Iterator<Item = usize> {
        let known = |at: u32| (at != NONE).then_some(at as usize);
        std::iter::successors(known(self.tokens[place].newest), move |at| {
            known(self.versions[*at].before)
        })
    }

    pub(crate) fn person(&self, token: &Token) -> Option<&cast::Person> {
        self.people.get(token.customer as usize)
    }

    pub(crate) fn email<'a>(&'a self, token: &'a Token) -> Option<&'a str> {
        match &token.own {
            Some(own) => own.email.as_deref(),
            None => self.person(token)?.email.as_deref(),
        }
    }

    pub(crate) fn customer_id<'a>(&'a self, token: &'a Token) -> Option<&'a str> {
        match &token.own {
            Some(own) => own.customer_id.as_deref(),
            None => self.person(token)?.customer_id.as_deref(),
        }
    }

    pub(crate) fn language<'a>(&'a self, token: &'a Token) -> Option<&'a str> {
        match &token.own {
            Some(own) => own.language.as_deref(),
            None => self.person(token).map(|p| p.locale().0),
        }
    }

    pub(crate) fn time_zone<'a>(&'a self, token: &'a Token) -> Option<&'a str> {
        match &token.own {
            Some(own) => own.time_zone.as_deref(),
            None => self.person(token).map(|p| p.locale().1),
        }
    }

    pub(crate) fn reference<'a>(&'a self, token: &'a Token) -> Option<Cow<'a, str>> {
        if let Some(own) = &token.own {
            return own.reference.as_deref().map(Cow::Borrowed);
        }
        if token.no_reference {
            return None;
        }
        match pick(self.seed, 30, token.id) % 20 {
            0..=2 => None,
            3..=6 => self.customer_id(token).map(Cow::Borrowed),
            7 => self.email(token).map(Cow::Borrowed).filter(|e| e.len() <= 100),
            _ => Some(format!("ORDER-{:07}", pick(self.seed, 31, token.id) % 10_000_000).into()),
        }
    }

    pub(crate) fn external_id<'a>(&self, token: &'a Token) -> Cow<'a, str> {
        match token.own.as_ref().and_then(|own| own.external_id.as_deref()) {
            Some(own) => Cow::Borrowed(own),
            None => {
                let (high, low) = self.external_number(token.id);
                let tail = low & 0xffff_ffff_ffff;
                let (a, b, c, d) = (high >> 32, high >> 16 & 0xffff, high & 0xffff, low >> 48);
                format!("{a:08x}-{b:04x}-{c:04x}-{d:04x}-{tail:012x}").into()
            }
        }
    }

    fn external_number(&self, id: u64) -> (u64, u64) {
        (pick(self.seed, 32, id), pick(self.seed, 33, id))
    }

    /// The place of the token made with this `externalId`.
    pub(crate) fn find_external(&self, external_id: &str) -> Option<usize> {
        if let Some(place) = self.created_here.get(external_id) {
            return (!self.tokens[*place as usize].gone).then_some(*place as usize);
        }
        let hex: String = external_id.chars().filter(|c| *c != '-').collect();
        if external_id.len() != 36 || hex.len() != 32 {
            return None;
        }
        let wanted = (
            u64::from_str_radix(hex.get(..16)?, 16).ok()?,
            u64::from_str_radix(hex.get(16..)?, 16).ok()?,
        );
        self.tokens.iter().position(|t| {
            !t.gone && self.external_number(t.id) == wanted && self.external_id(t) == external_id
        })
    }

    /// Whether the token is one of those that show a state no enum knows when asked to.
    pub(crate) fn has_odd_state(&self, token: &Token) -> bool {
        token.state == TokenState::Active && pick(self.seed, 34, token.id).is_multiple_of(150)
    }

    /// Last four digits of the version's card; none for a method without a number.
    pub(crate) fn last_four(&self, version: &Version) -> Option<String> {
        let brand = cards::BRANDS.get(version.brand as usize)?;
        brand.number?;
        Some(match &version.own {
            Some(own) => own.last_four.clone(),
            None => brand.last_four(pick(self.seed, 35, version.id)),
        })
    }

    /// Given and family name on the billing address.
    pub(crate) fn holder<'a>(&'a self, version: &'a Version) -> Option<(&'a str, &'a str)> {
        if let Some(own) = &version.own {
            return Some((own.given.as_deref()?, own.family.as_deref().unwrap_or_default()));
        }
        self.person(self.token_of(version)).map(cast::Person::names)
    }

    /// Places of tokens changed since the last call, for the journal.
    pub(crate) fn take_touched(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.touched)
    }
}

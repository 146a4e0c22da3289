//! The world seen and edited from outside the payment system: what tests compare with, and what "somebody
//! else" does. These shapes are ours; the payment system's own are in `wallee`.

use serde::{Deserialize, Serialize};

use crate::clock;
use crate::world::cards::{BRANDS, brand_by_name};
use crate::world::{CardWish, Edit, NewToken, Own, Patch, TokenState, Version, World};

/// What the server holds of a token. Has no `Debug`: it carries an email.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenTruth {
    /// Token id.
    pub id: u64,
    /// Optimistic lock.
    pub version: u32,
    /// State as on the wire.
    pub state: &'static str,
    /// Whether the token was purged; a client gets 404 for it.
    pub gone: bool,
    /// One-click.
    pub enabled_for_one_click_payment: bool,
    /// The merchant's customer id.
    pub customer_id: Option<String>,
    /// The customer's email.
    pub customer_email_address: Option<String>,
    /// The merchant's reference.
    pub token_reference: Option<String>,
    /// The nonce it was created with.
    pub external_id: String,
    /// RFC 3339.
    pub created_on: String,
    /// RFC 3339, when planned.
    pub planned_purge_date: Option<String>,
    /// Its token versions, oldest first.
    pub versions: Vec<VersionTruth>,
}

/// What the server holds of a token version.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionTruth {
    /// Version id.
    pub id: u64,
    /// State as on the wire.
    pub state: &'static str,
    /// Brand name, when the payment system knows one.
    pub brand: Option<&'static str>,
    /// Last four digits; none for a method without a card number.
    pub last_four: Option<String>,
    /// RFC 3339.
    pub expires_on: Option<String>,
    /// Given and family name on the billing address.
    pub holder: Option<String>,
}

impl TokenTruth {
    pub(crate) fn of(world: &World, place: usize) -> Self {
        let token = &world.tokens[place];
        let mut versions: Vec<_> = world
            .version_places(place)
            .map(|at| VersionTruth::of(world, &world.versions[at]))
            .collect();
        versions.reverse();
        Self {
            id: token.id,
            version: token.version,
            state: token.state.text(),
            gone: token.gone,
            enabled_for_one_click_payment: token.one_click,
            customer_id: world.customer_id(token).map(Into::into),
            customer_email_address: world.email(token).map(Into::into),
            token_reference: world.reference(token).map(Into::into),
            external_id: world.external_id(token).into(),
            created_on: clock::rfc3339(token.created),
            planned_purge_date: token.purge.map(clock::rfc3339),
            versions,
        }
    }
}

impl VersionTruth {
    fn of(world: &World, version: &Version) -> Self {
        Self {
            id: version.id,
            state: version.state.text(),
            brand: BRANDS[version.brand as usize].name,
            last_four: world.last_four(version),
            expires_on: version.expires.map(clock::rfc3339),
            holder: world
                .holder(version)
                .map(|(given, family)| format!("{given} {family}")),
        }
    }
}

/// Why an edit from outside was not done.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EditError {
    /// No token has that id.
    #[error("there is no token with that id")]
    NoSuchToken,
    /// `state` is none of the five.
    #[error("state takes CREATE, ACTIVE, INACTIVE, DELETING or DELETED")]
    State,
    /// `expires` is not `YYYY-MM`.
    #[error("expires takes YYYY-MM")]
    Expires,
    /// `brand` is none of the world's.
    #[error("no brand has that name")]
    Brand,
    /// Nothing has that id.
    #[error("there is nothing with that id")]
    NoSuchObject,
    /// The edit is not of the shape the system takes; in words, without what was given.
    #[error("the edit is not understood: {0}")]
    Shape(String),
}

/// A card as asked for from outside; what is left out is invented.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CardRequest {
    /// Brand name, such as `Visa`.
    pub brand: Option<String>,
    /// Last four digits.
    pub last4: Option<String>,
    /// Expiry month, `YYYY-MM`.
    pub expires: Option<String>,
    /// Given name on the billing address.
    pub given_name: Option<String>,
    /// Family name on the billing address.
    pub family_name: Option<String>,
}

impl CardRequest {
    pub(crate) fn understood(self) -> Result<CardWish, EditError> {
        if self
            .brand
            .as_deref()
            .is_some_and(|name| brand_by_name(name).is_none())
        {
            return Err(EditError::Brand);
        }
        let expires = self.expires.as_deref().map(last_second).transpose()?;
        Ok(CardWish {
            brand: self.brand,
            last_four: self.last4,
            expires,
            given: self.given_name,
            family: self.family_name,
        })
    }
}

fn last_second(month: &str) -> Result<i64, EditError> {
    let (year, month) = month.split_once('-').ok_or(EditError::Expires)?;
    let start = year
        .parse()
        .ok()
        .zip(month.parse().ok())
        .and_then(|(y, m)| clock::first_of(y, m));
    Ok(clock::month_offset(start.ok_or(EditError::Expires)?, 1) - 1_000)
}

fn state(text: &str) -> Result<TokenState, EditError> {
    TokenState::parse(text).ok_or(EditError::State)
}

/// `true`, or the card in detail.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum NewVersion {
    /// Whether to make a new version with an invented card.
    Invented(bool),
    /// A new version with this card.
    Card(CardRequest),
}

/// An edit by somebody else; what is left out stays. The token's version is raised once.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EditRequest {
    /// Which token.
    pub id: u64,
    /// One-click.
    pub one_click: Option<bool>,
    /// Any of the five states, also those no API call sets.
    pub state: Option<String>,
    /// Begins a deletion as the API call does.
    pub delete: bool,
    /// New email; `null` clears it.
    #[serde(deserialize_with = "present")]
    pub email: Option<Option<String>>,
    /// New customer id; `null` clears it.
    #[serde(deserialize_with = "present")]
    pub customer_id: Option<Option<String>>,
    /// New reference; `null` clears it.
    #[serde(deserialize_with = "present")]
    pub token_reference: Option<Option<String>>,
    /// New card data.
    pub new_version: Option<NewVersion>,
}

/// Tells an explicit null from an absent member.
fn present<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(input).map(Some)
}

impl EditRequest {
    pub(crate) fn understood(self) -> Result<Edit, EditError> {
        Ok(Edit {
            patch: Patch {
                one_click: self.one_click,
                state: self.state.as_deref().map(state).transpose()?,
                email: self.email,
                customer_id: self.customer_id,
                reference: self.token_reference,
                ..Patch::default()
            },
            delete: self.delete,
            new_version: match self.new_version {
                None | Some(NewVersion::Invented(false)) => None,
                Some(NewVersion::Invented(true)) => Some(CardWish::default()),
                Some(NewVersion::Card(card)) => Some(card.understood()?),
            },
        })
    }
}

/// A token made by somebody else, with one ACTIVE version unless `shell`.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NewTokenRequest {
    /// The merchant's customer id.
    pub customer_id: Option<String>,
    /// The customer's email.
    pub email: Option<String>,
    /// The merchant's reference.
    pub token_reference: Option<String>,
    /// The nonce; invented when left out.
    pub external_id: Option<String>,
    /// One-click, off when left out.
    pub one_click: bool,
    /// State, ACTIVE when left out.
    pub state: Option<String>,
    /// Whether to leave it without any version.
    pub shell: bool,
    /// Its card.
    pub card: CardRequest,
}

impl NewTokenRequest {
    pub(crate) fn understood(self) -> Result<NewToken, EditError> {
        let card = self.card.understood()?;
        Ok(NewToken {
            own: Own {
                external_id: Some(
                    self.external_id
                        .unwrap_or_else(|| format!("outside-{:032x}", rand::random::<u128>())),
                ),
                reference: self.token_reference,
                customer_id: self.customer_id,
                email: self.email,
                language: Some("en-US".to_owned()),
                time_zone: Some("Europe/Zurich".to_owned()),
            },
            one_click: self.one_click,
            state: self.state.as_deref().map_or(Ok(TokenState::Active), state)?,
            version: 1,
            card: (!self.shell).then_some(card),
        })
    }
}

//! What a read of a provider showed to be different from the read before it, and how that is stored.
//!
//! Values are words, ids of ours, dates and what the face of a card shows. Of an email only that it changed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokendesk_model::{Brand, CardFacts, CustomerId, Expiry, TokenState};

/// One difference that a person cares about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The state.
    State {
        /// Before.
        was: TokenState,
        /// As read.
        became: TokenState,
    },
    /// One-click; `None` is "not said".
    OneClick {
        /// Before.
        was: Option<bool>,
        /// As read.
        became: Option<bool>,
    },
    /// It belongs to another customer record.
    Customer {
        /// Before.
        was: CustomerId,
        /// As read.
        became: CustomerId,
    },
    /// The email is another one; neither is kept here.
    Email,
    /// When the provider plans to purge it.
    Purge {
        /// Before.
        was: Option<DateTime<Utc>>,
        /// As read.
        became: Option<DateTime<Utc>>,
    },
    /// Other saved details are in use.
    Renewed {
        /// Before.
        was: CardFacts,
        /// As read.
        became: CardFacts,
    },
    /// It had no saved details in use, and has some now.
    DetailsAdded {
        /// As read.
        became: CardFacts,
    },
    /// Its saved details are no longer in use, and none took their place.
    DetailsEnded {
        /// Before.
        was: CardFacts,
    },
    /// The same saved details run out in another month.
    Expiry {
        /// Before.
        was: Expiry,
        /// As read.
        became: Expiry,
    },
    /// It is its customer's default now, and was not.
    BecameDefault,
    /// The reason for which it is blocked is another one; neither is kept here.
    BlockReason,
    /// The provider no longer has it.
    Gone,
    /// The provider has it again.
    Back,
}

/// A difference in columns: its kind, the value before and the value as read.
pub(crate) type Stored = (&'static str, Option<String>, Option<String>);

impl Difference {
    /// The stable word for it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::State { .. } => "state",
            Self::OneClick { .. } => "one_click",
            Self::Customer { .. } => "customer",
            Self::Email => "email",
            Self::Purge { .. } => "purge",
            Self::Renewed { .. } => "renewed",
            Self::DetailsAdded { .. } => "details_added",
            Self::DetailsEnded { .. } => "details_ended",
            Self::Expiry { .. } => "expiry",
            Self::BecameDefault => "default",
            Self::BlockReason => "block_reason",
            Self::Gone => "gone",
            Self::Back => "back",
        }
    }

    /// The field and value of a change whose effect this can be.
    pub(crate) fn effect_of(&self) -> Option<(&'static str, Option<bool>)> {
        match self {
            Self::State { became, .. } => match became {
                TokenState::Active => Some(("active", Some(true))),
                TokenState::Inactive => Some(("active", Some(false))),
                TokenState::Deleting | TokenState::Deleted => Some(("delete", None)),
                TokenState::Creating | TokenState::Unknown(_) => None,
            },
            Self::OneClick { became, .. } => became.map(|on| ("one_click", Some(on))),
            Self::Purge { became: Some(_), .. } | Self::DetailsEnded { .. } | Self::Gone => {
                Some(("delete", None))
            }
            Self::BecameDefault => Some(("default", Some(true))),
            _ => None,
        }
    }

    /// For its columns.
    pub(crate) fn stored(&self) -> Stored {
        let (was, became) = match self {
            Self::State { was, became } => (Some(was.as_str().to_owned()), Some(became.as_str().to_owned())),
            Self::OneClick { was, became } => (was.map(|on| on.to_string()), became.map(|on| on.to_string())),
            Self::Customer { was, became } => (Some(was.to_string()), Some(became.to_string())),
            Self::Purge { was, became } => (was.map(date), became.map(date)),
            Self::Renewed { was, became } => (Some(face(was)), Some(face(became))),
            Self::DetailsAdded { became } => (None, Some(face(became))),
            Self::DetailsEnded { was } => (Some(face(was)), None),
            Self::Expiry { was, became } => (Some(was.0.to_string()), Some(became.0.to_string())),
            Self::Email | Self::BecameDefault | Self::BlockReason | Self::Gone | Self::Back => (None, None),
        };
        (self.kind(), was, became)
    }

    /// Reads columns back.
    pub(crate) fn from_stored(kind: &str, was: Option<&str>, became: Option<&str>) -> Option<Self> {
        Some(match kind {
            "state" => Self::State {
                was: TokenState::from_word(was?),
                became: TokenState::from_word(became?),
            },
            "one_click" => Self::OneClick {
                was: maybe(was, |text| text.parse().ok())?,
                became: maybe(became, |text| text.parse().ok())?,
            },
            "customer" => Self::Customer {
                was: was?.parse().ok()?,
                became: became?.parse().ok()?,
            },
            "email" => Self::Email,
            "purge" => Self::Purge {
                was: maybe(was, read_date)?,
                became: maybe(became, read_date)?,
            },
            "renewed" => Self::Renewed {
                was: read_face(was?)?,
                became: read_face(became?)?,
            },
            "details_added" => Self::DetailsAdded {
                became: read_face(became?)?,
            },
            "details_ended" => Self::DetailsEnded {
                was: read_face(was?)?,
            },
            "expiry" => Self::Expiry {
                was: Expiry(was?.parse().ok()?),
                became: Expiry(became?.parse().ok()?),
            },
            "default" => Self::BecameDefault,
            "block_reason" => Self::BlockReason,
            "gone" => Self::Gone,
            "back" => Self::Back,
            _ => return None,
        })
    }
}

// An absent value is one; a value that cannot be read is none.
fn maybe<T>(text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    text.map_or(Some(None), |text| read(text).map(Some))
}

fn date(at: DateTime<Utc>) -> String {
    at.timestamp_millis().to_string()
}

fn read_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(text.parse().ok()?)
}

/// What the face of a card shows.
#[derive(Serialize, Deserialize)]
struct Face {
    brand: Option<String>,
    last4: Option<String>,
    expiry: Option<Expiry>,
}

fn face(card: &CardFacts) -> String {
    let face = Face {
        brand: card.brand.as_ref().map(|brand| brand.as_str().to_owned()),
        last4: card.last4.clone(),
        expiry: card.expiry,
    };
    serde_json::json!(face).to_string()
}

fn read_face(text: &str) -> Option<CardFacts> {
    let face: Face = serde_json::from_str(text).ok()?;
    let brand = |text: String| {
        Brand::KNOWN
            .into_iter()
            .find(|brand| brand.as_str() == text)
            .unwrap_or(Brand::Other(text))
    };
    Some(CardFacts {
        brand: face.brand.map(brand),
        last4: face.last4,
        expiry: face.expiry,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_differences_read_back() {
        let card = CardFacts {
            brand: Some(Brand::Other("Card X".into())),
            last4: Some("4242".into()),
            expiry: Expiry::new(2027, 3),
        };
        let at = DateTime::from_timestamp_millis(1_790_000_000_123);
        let account = tokendesk_model::AccountId::random();
        for difference in [
            Difference::State {
                was: TokenState::Active,
                became: TokenState::Unknown("FROZEN".into()),
            },
            Difference::OneClick {
                was: None,
                became: Some(false),
            },
            Difference::Customer {
                was: account.customer("a"),
                became: account.customer("b"),
            },
            Difference::Email,
            Difference::Purge {
                was: at,
                became: None,
            },
            Difference::Renewed {
                was: card.clone(),
                became: CardFacts::default(),
            },
            Difference::DetailsAdded { became: card.clone() },
            Difference::DetailsEnded { was: card },
            Difference::Expiry {
                was: Expiry(24_000),
                became: Expiry(24_001),
            },
            Difference::BecameDefault,
            Difference::BlockReason,
            Difference::Gone,
            Difference::Back,
        ] {
            let (kind, was, became) = difference.stored();
            assert_eq!(
                Difference::from_stored(kind, was.as_deref(), became.as_deref()),
                Some(difference)
            );
        }
        assert_eq!(Difference::from_stored("one_click", Some("perhaps"), None), None);
        assert_eq!(Difference::from_stored("later", None, None), None);
    }
}

//! What a provider last said about a token and its versions. Only the puller and the outbox worker's re-reads make
//! these; nothing a person wishes ever enters one.

use crate::card::CardFacts;
use crate::fold::email_key;
use crate::state::TokenState;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// A token as read from its provider. Covers all thirteen properties (wallee fact sheet, sections 4.1 and 6.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSnapshot {
    /// The provider's id.
    pub remote_id: String,
    /// Optimistic lock: raised by the provider with every change. Absent is 0.
    pub version: i64,
    /// State.
    pub state: TokenState,
    /// Whether the buyer may pick it; `None` where the provider did not say.
    pub one_click: Option<bool>,
    /// The merchant's customer id.
    pub customer_id: Option<String>,
    /// As given, not folded.
    pub email: Option<String>,
    /// The merchant's reference.
    pub token_reference: Option<String>,
    /// The nonce it was created with.
    pub external_id: Option<String>,
    /// Language, such as `de-CH`.
    pub language: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// When the provider made it.
    pub created_on: Option<DateTime<Utc>>,
    /// When the provider plans to remove it for good.
    pub planned_purge_on: Option<DateTime<Utc>>,
    /// wallee: the owning space.
    pub linked_space_id: Option<i64>,
    /// What only some payment systems say.
    pub particulars: Particulars,
}

/// What only some payment systems say of a token. Everything absent is the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Particulars {
    /// The provider's id of the customer record that the token belongs to, where it keeps such records; the token is
    /// addressed with it.
    pub record: Option<String>,
    /// Whether it is its customer's default.
    pub is_default: Option<bool>,
    /// Why it is blocked, in the words given when it was.
    pub block_reason: Option<String>,
    /// Whether the provider keeps such reasons at all.
    pub keeps_reasons: bool,
    /// Verification, in the provider's own word.
    pub verification: Option<String>,
    /// Whether the provider says that it can be charged.
    pub chargeable: Option<bool>,
    /// The provider's own word for what is saved, where it is not simply a card.
    pub kind: Option<String>,
    /// Whether the mark that carries active and inactive is set.
    pub active_mark: ActiveMark,
    /// The object's free metadata, whole. Only in memory, from a read to the write that follows it: never stored.
    pub metadata: BTreeMap<String, String>,
}

/// Whether a mark carries active and inactive, and says anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ActiveMark {
    /// The state is the provider's own.
    #[default]
    None,
    /// A mark would carry it, and is not there: "not set", never On.
    NotSet,
    /// The mark is there.
    Set,
}

impl ActiveMark {
    /// The number stored in the cache.
    pub fn number(&self) -> i64 {
        match self {
            Self::None => 0,
            Self::NotSet => 1,
            Self::Set => 2,
        }
    }
    /// The mark behind a stored number.
    pub fn from_number(number: i64) -> Self {
        match number {
            1 => Self::NotSet,
            2 => Self::Set,
            _ => Self::None,
        }
    }
}

/// A customer record as read from its provider, or as imported here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerSnapshot {
    /// The provider's id of the record; Zafapay and Prism: the id the shop gave.
    pub customer_id: String,
    /// As given, not folded.
    pub email: Option<String>,
    /// Name as given.
    pub name: Option<String>,
    /// When the provider made it.
    pub created_on: Option<DateTime<Utc>>,
}

impl TokenSnapshot {
    /// A token of which nothing is known but its id and its state.
    pub fn new(remote_id: impl Into<String>, state: TokenState) -> Self {
        Self {
            remote_id: remote_id.into(),
            version: 0,
            state,
            one_click: None,
            customer_id: None,
            email: None,
            token_reference: None,
            external_id: None,
            language: None,
            time_zone: None,
            created_on: None,
            planned_purge_on: None,
            linked_space_id: None,
            particulars: Particulars::default(),
        }
    }

    /// Under which key the customer record of this token is known at its account: customer id and folded email
    /// together, so that two emails under one customer id stay two records, and one email under two customer ids too.
    /// A token with neither stands alone.
    pub fn customer_key(&self) -> String {
        let id = self
            .customer_id
            .as_deref()
            .map(str::trim)
            .filter(|id| !id.is_empty());
        let email = self.email.as_deref().and_then(email_key);
        match (id, email) {
            (None, None) => format!("t\u{0}{}", self.remote_id),
            (id, email) => format!(
                "c\u{0}{}\u{0}{}",
                id.unwrap_or_default(),
                email.unwrap_or_default()
            ),
        }
    }
}

impl CustomerSnapshot {
    /// Under which key this record is known at its account: the key of its tokens ([`TokenSnapshot::customer_key`]).
    pub fn customer_key(&self) -> String {
        format!(
            "c\u{0}{}\u{0}{}",
            self.customer_id.trim(),
            self.email.as_deref().and_then(email_key).unwrap_or_default()
        )
    }
}

/// State of a token version (wallee fact sheet, section 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionState {
    /// Being set up.
    Uninitialized,
    /// The saved details in use. A token without one cannot be charged.
    Active,
    /// Replaced or expired; final.
    Obsolete,
    /// Something this version does not know.
    Unknown,
}

impl VersionState {
    /// Our word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Uninitialized => "uninitialized",
            Self::Active => "active",
            Self::Obsolete => "obsolete",
            Self::Unknown => "unknown",
        }
    }
    /// The number stored in the cache.
    pub fn number(&self) -> i64 {
        match self {
            Self::Uninitialized => 0,
            Self::Active => 1,
            Self::Obsolete => 2,
            Self::Unknown => 9,
        }
    }
    /// The state behind a stored number.
    pub fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Uninitialized,
            1 => Self::Active,
            2 => Self::Obsolete,
            _ => Self::Unknown,
        }
    }
}

/// One version of a token's saved details (wallee fact sheet, section 4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSnapshot {
    /// The provider's id of the version.
    pub remote_id: String,
    /// The provider's id of the token it belongs to.
    pub token_remote_id: String,
    /// Optimistic lock of the version itself.
    pub version: i64,
    /// State.
    pub state: VersionState,
    /// Brand, last four, expiry.
    pub card: CardFacts,
    /// The provider's display name of the saved detail. Masked by the provider.
    pub name: Option<String>,
    /// The card holder's or payer's name, from the billing address.
    pub holder: Option<String>,
    /// `Some(true)` for a production version: its account is live.
    pub production: Option<bool>,
    /// When it was made.
    pub created_on: Option<DateTime<Utc>>,
    /// When it became active.
    pub activated_on: Option<DateTime<Utc>>,
    /// When it was replaced.
    pub obsoleted_on: Option<DateTime<Utc>>,
    /// When the provider will turn it obsolete.
    pub expires_on: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(customer_id: Option<&str>, email: Option<&str>) -> TokenSnapshot {
        TokenSnapshot {
            customer_id: customer_id.map(str::to_owned),
            email: email.map(str::to_owned),
            ..TokenSnapshot::new("700123", TokenState::Active)
        }
    }

    #[test]
    fn customer_records_are_kept_apart() {
        let key = |id, email| token(id, email).customer_key();
        assert_eq!(
            key(Some("88"), Some("Rita@Example.org")),
            key(Some(" 88 "), Some("rita@example.org"))
        );
        assert_ne!(
            key(Some("88"), Some("rita@example.org")),
            key(Some("89"), Some("rita@example.org"))
        );
        assert_ne!(key(Some("88"), Some("rita@example.org")), key(Some("88"), None));
        assert_ne!(key(None, None), key(Some("700123"), None));
        assert_eq!(key(Some(""), Some(" ")), key(None, None));
    }
}

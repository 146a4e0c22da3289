//! Cards: one, a person's, and all of an environment.

use super::find::Count;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::{
    AccountId, CardFacts, CardKnowledge, CustomerId, Environment, PersonKey, SearchQuery, TokenId,
    TokenSnapshot, TokenState, VersionSnapshot,
};

/// One saved card as screens show it.
#[derive(Clone, PartialEq, Eq)]
pub struct CardRow {
    /// Ours; stable over a rebuild.
    pub id: TokenId,
    /// Account.
    pub account: AccountId,
    /// Environment.
    pub env: Environment,
    /// The provider's id.
    pub remote_id: String,
    /// Its customer record.
    pub customer: CustomerId,
    /// Its person.
    pub person: PersonKey,
    /// The person's email.
    pub person_email: Option<String>,
    /// The person's name.
    pub person_name: Option<String>,
    /// What the provider last said.
    pub snapshot: TokenSnapshot,
    /// What screens show.
    pub effective_state: TokenState,
    /// What screens show.
    pub effective_one_click: Option<bool>,
    /// From the active version.
    pub card: CardFacts,
    /// How much is known of it.
    pub knowledge: CardKnowledge,
    /// The provider's id of the active version.
    pub active_version: Option<String>,
    /// When the provider turns the active version obsolete.
    pub version_expires_on: Option<DateTime<Utc>>,
    /// Whether the active version is a production one.
    pub production: Option<bool>,
    /// When the token was last read.
    pub read_at: DateTime<Utc>,
    /// When its versions were last read.
    pub versions_read_at: Option<DateTime<Utc>>,
    /// When the provider answered that it no longer has it.
    pub gone_at: Option<DateTime<Utc>>,
}

/// One version of a token.
#[derive(Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// What the provider last said.
    pub snapshot: VersionSnapshot,
    /// When it was read.
    pub read_at: DateTime<Utc>,
    /// Whether the card facts of the token are this version's.
    pub in_use: bool,
}

/// A page of cards.
#[derive(Clone, PartialEq, Eq)]
pub struct CardsPage {
    /// Cards.
    pub items: Vec<CardRow>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Cards in all.
    pub total: Count,
}

impl Store {
    /// One card.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn card(&self, id: TokenId) -> Result<Option<CardRow>, StoreError> {
        let _ = id;
        todo!()
    }

    /// The versions of a card, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn card_versions(&self, id: TokenId) -> Result<Vec<VersionRow>, StoreError> {
        let _ = id;
        todo!()
    }

    /// A person's cards by customer record, newest first. `limit` is 1 to 1,000.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`].
    pub async fn person_cards(
        &self,
        env: Environment,
        key: &PersonKey,
        after: Option<&str>,
        limit: u32,
    ) -> Result<CardsPage, StoreError> {
        let _ = (env, key, after, limit);
        todo!()
    }

    /// Cards of an environment or of one account of it, newest first. `limit` is 1 to 1,000.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] when `after` is not from the same question.
    pub async fn cards(
        &self,
        env: Environment,
        account: Option<AccountId>,
        query: &SearchQuery,
        after: Option<&str>,
        limit: u32,
    ) -> Result<CardsPage, StoreError> {
        let _ = (env, account, query, after, limit);
        todo!()
    }
}

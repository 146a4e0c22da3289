//! People: finding them and opening one.

use super::counters::StateCounts;
use super::find::{Count, Match};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::{AccountId, CustomerId, Environment, PersonKey, SearchQuery, TokenId};

/// One person in a list.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Who.
    pub key: PersonKey,
    /// As given by a provider.
    pub email: Option<String>,
    /// From the latest activated card with a holder's name.
    pub name: Option<String>,
    /// Cards by effective state.
    pub counts: StateCounts,
    /// Accounts that know this person, oldest first.
    pub accounts: Vec<AccountId>,
    /// How the person was found.
    pub how: Match,
}

/// A customer record of a person at one account.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerRow {
    /// Ours.
    pub id: CustomerId,
    /// At which account.
    pub account: AccountId,
    /// The merchant's customer id.
    pub customer_id: Option<String>,
    /// As given there.
    pub email: Option<String>,
    /// From the latest activated card with a holder's name there.
    pub name: Option<String>,
    /// When the oldest card was made at the provider.
    pub created_at: Option<DateTime<Utc>>,
    /// The oldest read among its cards.
    pub read_at: Option<DateTime<Utc>>,
    /// Its cards by effective state.
    pub counts: StateCounts,
}

/// One person with all customer records.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub key: PersonKey,
    /// Environment.
    pub env: Environment,
    /// As given by a provider.
    pub email: Option<String>,
    /// From the latest activated card with a holder's name.
    pub name: Option<String>,
    /// In the order of `person_cards`.
    pub customers: Vec<CustomerRow>,
    /// All cards by effective state.
    pub counts: StateCounts,
    /// The oldest read among the cards.
    pub read_at: Option<DateTime<Utc>>,
}

/// People found.
#[derive(Clone, PartialEq, Eq)]
pub struct PeoplePage {
    /// Email starts with it, then email contains it, then the rest.
    pub items: Vec<PersonRow>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// People in all.
    pub total: Count,
}

impl Store {
    /// Finds people of an environment, by any of their cards' words and filters too. `limit` is 1 to 1,000.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] when `after` is not from the same question.
    pub async fn find_people(
        &self,
        env: Environment,
        query: &SearchQuery,
        after: Option<&str>,
        limit: u32,
    ) -> Result<PeoplePage, StoreError> {
        let _ = (env, query, after, limit);
        todo!()
    }

    /// One person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn person(&self, env: Environment, key: &PersonKey) -> Result<Option<Person>, StoreError> {
        let _ = (env, key);
        todo!()
    }

    /// Whose card this is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn person_of_card(
        &self,
        token: TokenId,
    ) -> Result<Option<(Environment, PersonKey)>, StoreError> {
        let _ = token;
        todo!()
    }
}

//! People: finding them and opening one.

use super::counters::StateCounts;
use super::find::{Count, Match};
use super::residents::{first_48, json};
use super::rows::{Columns, NO_DATE, disown};
use super::text::search_key;
use super::{CacheDb, damaged};
use crate::sqlite::Tx;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use tokendesk_model::{
    AccountId, CustomerId, Environment, PersonKey, SearchQuery, TokenId, TokenSnapshot, TokenState,
};

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
    /// When the oldest card was made at the provider; the record itself, where it has no card.
    pub created_at: Option<DateTime<Utc>>,
    /// The oldest read among its cards; of the record itself, where it has none.
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

/// Who a person is: by folded email, or the single customer record.
pub(crate) fn person_key(
    search: Option<&str>,
    key: Option<&str>,
    customer: impl FnOnce() -> Result<CustomerId, StoreError>,
) -> Result<PersonKey, StoreError> {
    match key.or(search) {
        Some(email) => Ok(PersonKey::Email(email.to_owned())),
        None => Ok(PersonKey::Customer(customer()?)),
    }
}

/// The customer records of a person (`?1`); `?2` stands for no date.
pub(super) const CUSTOMERS: &str = "SELECT c.account, c.customer_id, c.email, c.name,
            ifnull(min(nullif(t.created_on, ?2)), r.created_on), ifnull(min(t.read_at), r.read_at),
            t.remote_id, t.own_customer_id, t.own_email,
            count(*) FILTER (WHERE t.eff_state = 0), count(*) FILTER (WHERE t.eff_state = 1),
            count(*) FILTER (WHERE t.eff_state = 2), count(*) FILTER (WHERE t.eff_state = 3),
            count(*) FILTER (WHERE t.eff_state = 4), count(*) FILTER (WHERE t.eff_state = 9)
     FROM customer c LEFT JOIN token t ON t.person = c.person AND t.customer = c.n
     LEFT JOIN record r ON r.customer = c.n
     WHERE c.person = ?1 GROUP BY c.n ORDER BY c.n";
/// Who knows these people (`?1`).
pub(super) const ACCOUNTS: &str = "SELECT c.person, c.account FROM json_each(?1) j CROSS JOIN customer c ON c.person = j.value GROUP BY 1, 2";

impl CacheDb {
    /// A person's number in this file.
    pub async fn find_person(
        &self,
        tx: &mut Tx,
        env: Environment,
        key: &PersonKey,
    ) -> Result<Option<i64>, StoreError> {
        match key {
            PersonKey::Email(email) => Ok(sqlx::query_scalar(
                "SELECT n FROM person WHERE env = ?1 AND email_search = ?2 AND coalesce(email_key, email_search) = ?3",
            )
            .bind(env.number())
            .bind(search_key(email))
            .bind(email)
            .fetch_optional(&mut **tx)
            .await?),
            PersonKey::Customer(id) => {
                let rows: Vec<i64> = sqlx::query_scalar("SELECT n FROM person WHERE customer48 = ?1 AND env = ?2")
                    .bind(first_48(id.bytes()))
                    .bind(env.number())
                    .fetch_all(&mut **tx)
                    .await?;
                for n in rows {
                    if self.only_customer(tx, n).await? == Some(*id) {
                        return Ok(Some(n));
                    }
                }
                Ok(None)
            }
        }
    }

    // The customer record of a person without an email.
    async fn only_customer(&self, tx: &mut Tx, person: i64) -> Result<Option<CustomerId>, StoreError> {
        Ok(self
            .customers(tx, person)
            .await?
            .first()
            .map(|customer| customer.id))
    }

    // The customer records of a person, in the order of their cards' list.
    async fn customers(&self, tx: &mut Tx, person: i64) -> Result<Vec<CustomerRow>, StoreError> {
        let rows = sqlx::query(CUSTOMERS)
            .bind(person)
            .bind(NO_DATE)
            .fetch_all(&mut **tx)
            .await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                let account = self.account_numbered(columns.next()?)?;
                let customer_id: Option<String> = columns.next()?;
                let email: Option<String> = columns.next()?;
                let name = columns.next()?;
                let created_at = columns.next_time()?;
                let read_at = columns.next_time()?;
                let remote_id: Option<&str> = columns.next()?;
                let own_customer_id: Option<&str> = columns.next()?;
                let own_email: Option<&str> = columns.next()?;
                let key = customer_key(
                    remote_id.unwrap_or_default(),
                    disown(own_customer_id, customer_id.as_deref()),
                    disown(own_email, email.as_deref()),
                );
                let mut counts = StateCounts::default();
                for state in [0, 1, 2, 3, 4, 9] {
                    counts.add(
                        state,
                        u32::try_from(columns.next::<i64>()?).map_err(|_| damaged())?,
                    );
                }
                Ok(CustomerRow {
                    id: account.id.customer(&key),
                    account: account.id,
                    customer_id,
                    email,
                    name,
                    created_at,
                    read_at,
                    counts,
                })
            })
            .collect()
    }

    async fn person(&self, env: Environment, key: &PersonKey) -> Result<Option<Person>, StoreError> {
        let mut tx = self.db.reader.begin().await?;
        let Some(n) = self.find_person(&mut tx, env, key).await? else {
            return Ok(None);
        };
        let customers = self.customers(&mut tx, n).await?;
        let row = sqlx::query("SELECT coalesce(email, email_search), name FROM person WHERE n = ?1")
            .bind(n)
            .fetch_one(&mut *tx)
            .await?;
        let mut columns = Columns::of(&row);
        let mut counts = StateCounts::default();
        for customer in &customers {
            counts.merge(&customer.counts);
        }
        Ok(Some(Person {
            key: key.clone(),
            env,
            email: columns.next()?,
            name: columns.next()?,
            read_at: customers.iter().filter_map(|customer| customer.read_at).min(),
            customers,
            counts,
        }))
    }

    async fn person_of_card(&self, token: TokenId) -> Result<Option<(Environment, PersonKey)>, StoreError> {
        let mut tx = self.db.reader.begin().await?;
        let Some(found) = self.find_token(&mut tx, token).await? else {
            return Ok(None);
        };
        let account = self.account_numbered(found.account)?;
        let row = sqlx::query(
            "SELECT p.n, p.email_search, p.email_key FROM token t CROSS JOIN person p ON p.n = t.person WHERE t.n = ?1",
        )
        .bind(found.n)
        .fetch_one(&mut *tx)
        .await?;
        let mut columns = Columns::of(&row);
        let n = columns.next()?;
        let (search, key): (Option<String>, Option<String>) = (columns.next()?, columns.next()?);
        let only = self.only_customer(&mut tx, n).await?;
        let key = person_key(search.as_deref(), key.as_deref(), || only.ok_or_else(damaged))?;
        Ok(Some((account.env, key)))
    }

    /// Rows of these people, in this order.
    pub async fn people_rows(
        &self,
        tx: &mut Tx,
        people: &[(i64, Match)],
    ) -> Result<Vec<PersonRow>, StoreError> {
        let numbers: Vec<i64> = people.iter().map(|(n, _)| *n).collect();
        let list = json(&numbers)?;
        let mut cards: HashMap<i64, (StateCounts, Vec<i64>)> = HashMap::new();
        let rows = sqlx::query(
            "SELECT t.person, t.account, t.eff_state, count(*)
             FROM json_each(?1) j CROSS JOIN token t ON t.person = j.value GROUP BY 1, 2, 3",
        )
        .bind(&list)
        .fetch_all(&mut **tx)
        .await?;
        for row in &rows {
            let mut columns = Columns::of(row);
            let (counts, accounts) = cards.entry(columns.next()?).or_default();
            let account = columns.next()?;
            if !accounts.contains(&account) {
                accounts.push(account);
            }
            let state = columns.next()?;
            counts.add(
                state,
                u32::try_from(columns.next::<i64>()?).map_err(|_| damaged())?,
            );
        }
        // Records without cards are known to their accounts too.
        let rows = sqlx::query(ACCOUNTS).bind(&list).fetch_all(&mut **tx).await?;
        for row in &rows {
            let mut columns = Columns::of(row);
            let (_, accounts) = cards.entry(columns.next()?).or_default();
            let account = columns.next()?;
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        }
        let mut facts: HashMap<i64, [Option<String>; 4]> = HashMap::new();
        let rows = sqlx::query(
            "SELECT p.n, p.email_search, p.email_key, p.email, p.name
             FROM json_each(?1) j CROSS JOIN person p ON p.n = j.value",
        )
        .bind(&list)
        .fetch_all(&mut **tx)
        .await?;
        for row in &rows {
            let mut columns = Columns::of(row);
            let n = columns.next()?;
            facts.insert(
                n,
                [columns.next()?, columns.next()?, columns.next()?, columns.next()?],
            );
        }
        let mut all = Vec::with_capacity(people.len());
        for (n, how) in people {
            let [search, key, email, name] = facts.remove(n).ok_or_else(damaged)?;
            let (counts, mut accounts) = cards.remove(n).unwrap_or_default();
            accounts.sort_unstable();
            let only = if search.is_none() {
                self.only_customer(tx, *n).await?
            } else {
                None
            };
            all.push(PersonRow {
                key: person_key(search.as_deref(), key.as_deref(), || only.ok_or_else(damaged))?,
                email: email.or(search),
                name,
                counts,
                accounts: accounts
                    .into_iter()
                    .map(|n| self.account_numbered(n).map(|account| account.id))
                    .collect::<Result<_, _>>()?,
                how: *how,
            });
        }
        Ok(all)
    }

    /// Rows of those of these people who are here.
    pub async fn people_by_key(
        &self,
        env: Environment,
        keys: &[PersonKey],
        limit: u32,
    ) -> Result<Vec<PersonRow>, StoreError> {
        let mut tx = self.db.reader.begin().await?;
        let mut people = Vec::new();
        for key in keys {
            if people.len() >= limit as usize {
                break;
            }
            people.extend(
                self.find_person(&mut tx, env, key)
                    .await?
                    .map(|n| (n, Match::Other)),
            );
        }
        self.people_rows(&mut tx, &people).await
    }
}

// As the model builds it, from the three facts it needs.
fn customer_key(remote_id: &str, customer_id: Option<String>, email: Option<String>) -> String {
    TokenSnapshot {
        customer_id,
        email,
        ..TokenSnapshot::new(remote_id, TokenState::Active)
    }
    .customer_key()
}

impl Store {
    /// Finds people of an environment by words of theirs or of any of their cards; filters have to hold for one card.
    /// `limit` is 1 to 1,000.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] when `after` is not from the same question, or its place is no more: ask anew.
    pub async fn find_people(
        &self,
        env: Environment,
        query: &SearchQuery,
        after: Option<&str>,
        limit: u32,
    ) -> Result<PeoplePage, StoreError> {
        self.inner
            .cache
            .read()
            .await
            .find_people(env, query, after, limit)
            .await
    }

    /// One person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn person(&self, env: Environment, key: &PersonKey) -> Result<Option<Person>, StoreError> {
        self.inner.cache.read().await.person(env, key).await
    }

    /// Whose card this is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn person_of_card(
        &self,
        token: TokenId,
    ) -> Result<Option<(Environment, PersonKey)>, StoreError> {
        self.inner.cache.read().await.person_of_card(token).await
    }
}

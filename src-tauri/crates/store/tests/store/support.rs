//! A store in a folder of its own, and invented facts to put into it.

use chrono::{DateTime, TimeDelta, Utc};
use std::path::Path;
use tempfile::TempDir;
use tokendesk_model::{
    Account, AccountId, ActiveVersion, Brand, CardFacts, ChangeLabel, Environment, Expiry, Origin,
    ProviderKind, SearchQuery, Seen, TokenSnapshot, TokenState, VersionSnapshot, VersionState, Wish,
};
use tokendesk_store::{DbKey, NewChange, Opened, PersonRow, Store};

/// A moment; `at(1)` is a second after `at(0)`.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// An open store with one account in the test environment.
pub struct Bench {
    pub dir: TempDir,
    pub key: DbKey,
    pub store: Store,
    pub account: AccountId,
}

impl Bench {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = DbKey::random();
        let store = open(dir.path(), &key).await.store;
        let account = account(Environment::Test, "405");
        store.insert_account(&account).await.unwrap();
        Self {
            dir,
            key,
            store,
            account: account.id,
        }
    }

    /// Closes and opens again.
    pub async fn restart(mut self) -> Self {
        self.store.clone().close().await;
        self.store = open(self.dir.path(), &self.key).await.store;
        self
    }

    pub async fn put(&self, tokens: &[TokenSnapshot]) -> tokendesk_store::Applied {
        let ticket = self.store.begin_read();
        self.store
            .put_tokens(self.account, ticket, tokens, at(10), None)
            .await
            .unwrap()
    }

    pub async fn find(&self, text: &str) -> Vec<PersonRow> {
        let query = SearchQuery::parse(text).unwrap();
        self.store
            .find_people(Environment::Test, &query, None, 100)
            .await
            .unwrap()
            .items
    }
}

pub async fn open(dir: &Path, key: &DbKey) -> Opened {
    Store::open(dir, key).await.unwrap()
}

pub fn account(environment: Environment, scope: &str) -> Account {
    let host = match environment {
        Environment::Demo => "http://127.0.0.1:4010",
        _ => "app-wallee.com",
    };
    Account {
        id: AccountId::random(),
        provider: ProviderKind::Wallee,
        label: format!("Shop {scope}"),
        environment,
        origin: Some(Origin::parse(host).unwrap()),
        scope: scope.to_owned(),
        user: "12345".to_owned(),
        connector: None,
        read_only: false,
        created_at: at(0),
        paused: None,
    }
}

/// A token of a customer without anything special.
pub fn token(remote_id: u64, customer_id: Option<&str>, email: Option<&str>) -> TokenSnapshot {
    TokenSnapshot {
        version: 1,
        one_click: Some(true),
        customer_id: customer_id.map(str::to_owned),
        email: email.map(str::to_owned),
        language: Some("de-CH".to_owned()),
        time_zone: Some("Europe/Zurich".to_owned()),
        created_on: Some(at(-100_000 + i64::try_from(remote_id).unwrap())),
        linked_space_id: Some(405),
        ..TokenSnapshot::new(remote_id.to_string(), TokenState::Active)
    }
}

/// An active version of a token.
pub fn version(remote_id: u64, token: u64, last4: &str, holder: &str) -> VersionSnapshot {
    VersionSnapshot {
        remote_id: remote_id.to_string(),
        token_remote_id: token.to_string(),
        version: 1,
        state: VersionState::Active,
        card: CardFacts {
            brand: Some(Brand::Visa),
            last4: Some(last4.to_owned()),
            expiry: Expiry::new(2028, 3),
        },
        name: Some(format!("Visa •••• {last4}")),
        holder: Some(holder.to_owned()),
        production: Some(false),
        created_on: Some(at(0)),
        activated_on: Some(at(1)),
        obsoleted_on: None,
        expires_on: None,
    }
}

pub fn wish(account: AccountId, token: &TokenSnapshot, wish: Wish) -> NewChange {
    NewChange {
        account,
        token: account.token(&token.remote_id),
        remote_id: token.remote_id.clone(),
        wish,
        reason: Some("asked on the phone".to_owned()),
        actor: "ada@desk-1".to_owned(),
        label: ChangeLabel {
            last4: Some("1111".to_owned()),
            ..ChangeLabel::default()
        },
        base: Seen::of(token, ActiveVersion::NotRead),
        hold_ms: 0,
        plan: None,
    }
}

/// Emails of rows, in their order.
pub fn emails(rows: &[PersonRow]) -> Vec<&str> {
    rows.iter()
        .map(|row| row.email.as_deref().unwrap_or("-"))
        .collect()
}

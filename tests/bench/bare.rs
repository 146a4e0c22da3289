//! The two halves of a full sync by themselves: fetching without writing, writing without fetching.

use super::Failure;
use super::outside::Outside;
use chrono::Utc;
use secrecy::SecretString;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokendesk_model::{
    Account, AccountId, Environment, Origin, ProviderKind, TokenSnapshot, VersionSnapshot,
};
use tokendesk_providers::wallee::Wallee;
use tokendesk_providers::{Credentials, HttpOptions, PaymentSystem};
use tokendesk_store::{CrawlStage, CrawlStep, DbKey, Store};

/// Everything a full sync fetches.
pub struct Fetched {
    tokens: Vec<Vec<TokenSnapshot>>,
    versions: Vec<Vec<VersionSnapshot>>,
    /// How long fetching took.
    pub took: Duration,
}

impl Fetched {
    /// Cards.
    pub fn tokens(&self) -> u64 {
        self.tokens.iter().map(|page| page.len() as u64).sum()
    }
    /// Token versions.
    pub fn versions(&self) -> u64 {
        self.versions.iter().map(|page| page.len() as u64).sum()
    }
    /// The email with the most cards, and how many those are.
    pub fn fullest(&self) -> Option<(String, usize)> {
        let mut cards: HashMap<&str, usize> = HashMap::new();
        for email in self
            .tokens
            .iter()
            .flatten()
            .filter_map(|token| token.email.as_deref())
        {
            *cards.entry(email).or_default() += 1;
        }
        cards
            .into_iter()
            .max_by_key(|(_, n)| *n)
            .map(|(email, n)| (email.to_owned(), n))
    }
    /// Both.
    pub fn rows(&self) -> u64 {
        self.tokens() + self.versions()
    }
}

/// Walks both lists, a page of 100 after the other, and stores nothing.
pub async fn fetch_only(outside: &Outside) -> Result<Fetched, Failure> {
    let system = Wallee::new(
        Credentials {
            origin: Origin::parse(&outside.host)?,
            environment: Environment::Demo,
            scope: outside.space.clone(),
            user: outside.user.clone(),
            connector: None,
            key: SecretString::from(outside.key.clone()),
            publishable_key: None,
        },
        HttpOptions::default(),
    )?;
    let began = Instant::now();
    let mut fetched = Fetched {
        tokens: Vec::new(),
        versions: Vec::new(),
        took: Duration::ZERO,
    };
    let mut after: Option<String> = None;
    loop {
        let page = system.list_tokens(after.as_deref(), 100).await?;
        fetched.tokens.push(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    loop {
        let page = system.list_versions(after.as_deref(), 100).await?;
        fetched.versions.push(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    fetched.took = began.elapsed();
    Ok(fetched)
}

/// Stores the same pages in a new encrypted store, one transaction a page, as a full sync does.
pub async fn write_only(fetched: &Fetched) -> Result<Duration, Failure> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path(), &DbKey::random()).await?.store;
    let account = Account {
        id: AccountId::random(),
        provider: ProviderKind::Wallee,
        label: "Bench".to_owned(),
        environment: Environment::Demo,
        origin: None,
        scope: "1".to_owned(),
        user: "1".to_owned(),
        connector: None,
        read_only: false,
        created_at: Utc::now(),
        paused: None,
    };
    store.insert_account(&account).await?;
    let began = Instant::now();
    let crawl = store.begin_crawl(account.id, Utc::now()).await?;
    for (i, page) in fetched.tokens.iter().enumerate() {
        let last = i + 1 == fetched.tokens.len();
        let step = CrawlStep {
            number: crawl.number,
            stage: if last {
                CrawlStage::Versions
            } else {
                CrawlStage::Tokens
            },
            cursor: page.last().filter(|_| !last).map(|token| token.remote_id.clone()),
        };
        store
            .put_tokens(account.id, store.begin_read(), page, Utc::now(), Some(&step))
            .await?;
    }
    for page in &fetched.versions {
        let cursor = page.last().map(|version| version.remote_id.clone());
        let step = CrawlStep {
            number: crawl.number,
            stage: CrawlStage::Versions,
            cursor,
        };
        store
            .put_versions(account.id, store.begin_read(), page, Utc::now(), Some(&step))
            .await?;
    }
    store.finish_crawl(account.id, Utc::now()).await?;
    let took = began.elapsed();
    store.close().await;
    Ok(took)
}

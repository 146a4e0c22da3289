//! A payment system that keeps customers and cards in memory, answers as scripted, and remembers every call.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::sync::{Arc, Mutex, MutexGuard};
use tokendesk_model::capability::{Capabilities, Carrier, Deletion, Lesson, Listing};
use tokendesk_model::snapshot::ActiveMark;
use tokendesk_model::{
    CardFacts, CustomerSnapshot, Particulars, TokenSnapshot, TokenState, VersionSnapshot, VersionState,
};
use tokendesk_providers::{
    BeforeDeletion, CheckItem, CheckOutcome, CheckReport, CheckStep, CustomerCards, DirectoryEntry,
    ListedCustomer, News, Page, PaymentSystem, ProviderError, ProviderErrorKind, TokenRef,
};

/// What happens to a call.
#[derive(Clone)]
pub enum Fault {
    /// It is refused; nothing is done.
    Refused(ProviderError),
    /// It is done, and its answer does not arrive.
    AnswerLost,
    /// It is never answered.
    Hangs,
}

pub fn error(kind: ProviderErrorKind) -> ProviderError {
    ProviderError {
        status: Some(match kind {
            ProviderErrorKind::Unauthorized => 401,
            ProviderErrorKind::Forbidden => 403,
            ProviderErrorKind::NotFound => 404,
            ProviderErrorKind::RateLimited => 429,
            _ => 400,
        }),
        ..ProviderError::new(kind)
    }
}

#[derive(Clone)]
struct Card {
    token: TokenSnapshot,
    details: VersionSnapshot,
}

#[derive(Clone)]
struct Record {
    customer: CustomerSnapshot,
    cards: Vec<Card>,
}

struct World {
    capabilities: Capabilities,
    /// The list of customers tells their cards too.
    lists_cards: bool,
    /// Oldest first.
    records: Vec<Record>,
    /// Customers in which something happened, oldest first, and how many of them the feed has forgotten.
    events: Vec<String>,
    forgotten: usize,
    before_deletion: BeforeDeletion,
    /// A key of others that a write takes away.
    loses: Option<String>,
    calls: Vec<String>,
    faults: Vec<(String, u32, Fault)>,
}

/// The system; a clone is the same one.
#[derive(Clone)]
pub struct Played(Arc<Mutex<World>>);

impl Played {
    pub fn new(capabilities: Capabilities) -> Self {
        Self(Arc::new(Mutex::new(World {
            capabilities,
            lists_cards: false,
            records: Vec::new(),
            events: Vec::new(),
            forgotten: 0,
            before_deletion: BeforeDeletion::default(),
            loses: None,
            calls: Vec::new(),
            faults: Vec::new(),
        })))
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// Adds customers `from..to`, each with one card.
    pub fn with_customers(self, from: usize, to: usize) -> Self {
        for n in from..to {
            self.add_customer(n, 1);
        }
        self
    }

    pub fn that_lists_cards(self) -> Self {
        self.world().lists_cards = true;
        self
    }

    pub fn add_customer(&self, n: usize, cards: usize) {
        let made = DateTime::from_timestamp(1_700_000_000 + i64::try_from(n).unwrap(), 0);
        let customer = CustomerSnapshot {
            customer_id: customer(n),
            email: Some(email(n)),
            name: Some(format!("Person {n}")),
            created_on: made,
        };
        let mut world = self.world();
        let keeps_reasons = world.capabilities.listing == Listing::Directory;
        let marks = matches!(world.capabilities.active, Carrier::Metadata(_));
        let cards = (0..cards).map(|card| {
            let id = token(n, card);
            let particulars = Particulars {
                record: Some(customer.customer_id.clone()),
                is_default: Some(card == 0),
                keeps_reasons,
                active_mark: if marks {
                    ActiveMark::NotSet
                } else {
                    ActiveMark::None
                },
                metadata: [("plan".to_owned(), "gold".to_owned())].into(),
                ..Particulars::default()
            };
            Card {
                token: TokenSnapshot {
                    customer_id: Some(customer.customer_id.clone()),
                    email: customer.email.clone(),
                    created_on: made,
                    particulars,
                    ..TokenSnapshot::new(id.clone(), TokenState::Active)
                },
                details: VersionSnapshot {
                    remote_id: format!("card_{n}_{card}"),
                    token_remote_id: id,
                    version: 0,
                    state: VersionState::Active,
                    card: CardFacts {
                        last4: Some(format!("{:04}", n % 10_000)),
                        ..CardFacts::default()
                    },
                    name: None,
                    holder: None,
                    production: Some(false),
                    created_on: made,
                    activated_on: made,
                    obsoleted_on: None,
                    expires_on: None,
                },
            }
        });
        let cards = cards.collect();
        world.records.push(Record { customer, cards });
    }

    /// The first so many customers are not there any more.
    pub fn remove_first(&self, customers: usize) {
        self.world().records.drain(..customers);
    }

    pub fn remove(&self, customer_id: &str) {
        self.world()
            .records
            .retain(|record| record.customer.customer_id != customer_id);
    }

    pub fn drop_card(&self, token: &str) {
        for record in &mut self.world().records {
            record.cards.retain(|card| card.token.remote_id != token);
        }
    }

    pub fn edit(&self, token: &str, edit: impl FnOnce(&mut TokenSnapshot)) {
        edit(&mut self.world().card(token).unwrap().token);
    }

    pub fn make_production(&self, token: &str) {
        self.world().card(token).unwrap().details.production = Some(true);
    }

    /// What is really kept of a token.
    pub fn truth(&self, token: &str) -> Option<TokenSnapshot> {
        self.world().card(token).map(|card| card.token.clone())
    }

    /// Something happened to this customer.
    pub fn happens(&self, customer_id: &str) {
        self.world().events.push(customer_id.to_owned());
    }

    /// The feed does not know any more what happened until now.
    pub fn forget_events(&self) {
        let mut world = self.world();
        world.forgotten = world.events.len();
    }

    pub fn takes_along(&self, payments: &[&str]) {
        self.world().before_deletion.open_payments = payments.iter().map(|id| (*id).to_owned()).collect();
    }

    /// Looking up what goes along ends like this.
    pub fn not_known(&self, why: Option<ProviderErrorKind>) {
        self.world().before_deletion.not_known = why;
    }

    pub fn loses(&self, key: &str) {
        self.world().loses = Some(key.to_owned());
    }

    /// The next `times` calls that begin with `call` go wrong.
    pub fn fault(&self, call: &str, times: u32, fault: Fault) {
        self.world().faults.push((call.to_owned(), times, fault));
    }

    pub fn clear_faults(&self) {
        self.world().faults.clear();
    }

    /// Calls so far that begin with this.
    pub fn calls(&self, of: &str) -> Vec<String> {
        let world = self.world();
        let calls = world.calls.iter().filter(|call| call.starts_with(of));
        calls.cloned().collect()
    }

    pub fn forget_calls(&self) {
        self.world().calls.clear();
    }

    /// Notes a call and lets it go wrong; `true`: its answer will not arrive.
    async fn enter(&self, call: String) -> Result<bool, ProviderError> {
        let fault = {
            let mut world = self.world();
            let matching = world
                .faults
                .iter_mut()
                .find(|(of, times, _)| *times > 0 && call.starts_with(of.as_str()));
            let fault = matching.map(|(_, times, fault)| {
                *times -= 1;
                fault.clone()
            });
            world.calls.push(call);
            fault
        };
        match fault {
            None => Ok(false),
            Some(Fault::AnswerLost) => Ok(true),
            Some(Fault::Refused(error)) => Err(error),
            Some(Fault::Hangs) => std::future::pending().await,
        }
    }

    async fn write(&self, call: String, write: impl FnOnce(&mut World)) -> Result<(), ProviderError> {
        let lost = self.enter(call).await?;
        write(&mut self.world());
        if lost {
            return Err(ProviderError::new(ProviderErrorKind::AnswerLost));
        }
        Ok(())
    }
}

impl World {
    fn card(&mut self, token: &str) -> Option<&mut Card> {
        let mut cards = self.records.iter_mut().flat_map(|record| &mut record.cards);
        cards.find(|card| card.token.remote_id == token)
    }

    fn record(&self, customer_id: &str) -> Option<&Record> {
        let mut records = self.records.iter();
        records.find(|record| record.customer.customer_id == customer_id)
    }

    fn mark(&mut self, current: &TokenSnapshot, key: Option<&str>, on: bool) {
        let loses = self.loses.clone();
        let Some(card) = self.card(&current.remote_id) else {
            return;
        };
        if let Some(key) = key {
            let mut metadata = current.particulars.metadata.clone();
            metadata.insert(key.to_owned(), on.to_string());
            metadata.retain(|key, _| Some(key) != loses.as_ref());
            card.token.particulars.metadata = metadata;
        }
    }
}

impl Record {
    fn cards(&self) -> CustomerCards {
        CustomerCards {
            tokens: self.cards.iter().map(|card| card.token.clone()).collect(),
            details: self.cards.iter().map(|card| card.details.clone()).collect(),
            without_details: Vec::new(),
            unreadable: 0,
        }
    }
}

pub fn customer(n: usize) -> String {
    format!("cust_{n:04}")
}

pub fn token(n: usize, card: usize) -> String {
    format!("tok_{n:04}_{card}")
}

pub fn email(n: usize) -> String {
    format!("person{n}@shop.example")
}

fn key_of(carrier: Carrier) -> Option<&'static str> {
    match carrier {
        Carrier::Metadata(key) => Some(key),
        _ => None,
    }
}

#[async_trait]
impl PaymentSystem for Played {
    fn capabilities(&self, _lesson: Lesson) -> Capabilities {
        self.world().capabilities
    }

    async fn check(&self) -> CheckReport {
        let outcome = match self.enter("check".to_owned()).await {
            Ok(_) => CheckOutcome::Works(None),
            Err(error) => CheckOutcome::Fails(error),
        };
        CheckReport {
            items: vec![CheckItem {
                step: CheckStep::Reach,
                outcome,
                took: std::time::Duration::ZERO,
            }],
            at: Utc::now(),
            production_seen: false,
        }
    }

    async fn list_customers(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<ListedCustomer>, ProviderError> {
        self.enter(format!("list_customers {}", after.unwrap_or("-")))
            .await?;
        let world = self.world();
        let newest_first = world.records.iter().rev();
        let left: Vec<&Record> = newest_first
            .filter(|record| after.is_none_or(|after| record.customer.customer_id.as_str() < after))
            .collect();
        let page: Vec<&Record> = left.iter().take(limit as usize).copied().collect();
        let next = (left.len() > page.len())
            .then(|| page.last().map(|last| last.customer.customer_id.clone()))
            .flatten();
        let listed = page.iter().map(|record| ListedCustomer {
            customer: record.customer.clone(),
            cards: world.lists_cards.then(|| record.cards()),
        });
        Ok(Page {
            items: listed.collect(),
            next,
            unreadable: 0,
        })
    }

    async fn read_customer(&self, customer_id: &str) -> Result<Option<ListedCustomer>, ProviderError> {
        self.enter(format!("read_customer {customer_id}")).await?;
        let world = self.world();
        Ok(world.record(customer_id).map(|record| ListedCustomer {
            customer: record.customer.clone(),
            cards: world.lists_cards.then(|| record.cards()),
        }))
    }

    async fn cards_of(&self, entry: &DirectoryEntry) -> Result<CustomerCards, ProviderError> {
        let id = &entry.customer.customer_id;
        self.enter(format!("cards_of {id}")).await?;
        let world = self.world();
        if world.capabilities.listing == Listing::Imported {
            let imported = entry.tokens.iter().map(|(token, at)| TokenSnapshot {
                customer_id: Some(id.clone()),
                email: entry.customer.email.clone(),
                created_on: Some(*at),
                particulars: Particulars {
                    record: Some(id.clone()),
                    ..Particulars::default()
                },
                ..TokenSnapshot::new(token.clone(), TokenState::Active)
            });
            return Ok(CustomerCards {
                tokens: imported.collect(),
                ..CustomerCards::default()
            });
        }
        let mut cards = world.record(id).map(Record::cards).unwrap_or_default();
        for token in &mut cards.tokens {
            token.email.clone_from(&entry.customer.email);
        }
        Ok(cards)
    }

    async fn news(&self, since: Option<&str>) -> Result<News, ProviderError> {
        self.enter(format!("news {}", since.unwrap_or("-"))).await?;
        let world = self.world();
        let from: usize = since.map_or(world.events.len(), |since| since.parse().unwrap());
        let mut customers = world.events[from.max(world.forgotten)..].to_vec();
        customers.sort();
        customers.dedup();
        Ok(News {
            cursor: world.events.len().to_string(),
            customers,
            complete: from >= world.forgotten,
        })
    }

    async fn read_token(&self, token: TokenRef<'_>) -> Result<Option<TokenSnapshot>, ProviderError> {
        let record = token.record.unwrap_or("-");
        self.enter(format!("read_token {} of {record}", token.remote_id))
            .await?;
        let mut world = self.world();
        let listing = world.capabilities.listing;
        let found = match (listing, world.card(token.remote_id)) {
            (Listing::Imported, _) => Some(TokenSnapshot {
                customer_id: token.record.map(str::to_owned),
                particulars: Particulars {
                    record: token.record.map(str::to_owned),
                    ..Particulars::default()
                },
                ..TokenSnapshot::new(token.remote_id, TokenState::Active)
            }),
            (_, card) => card.map(|card| card.token.clone()),
        };
        Ok(found.map(|found| TokenSnapshot {
            email: found.email.filter(|_| listing == Listing::ByCustomer),
            ..found
        }))
    }

    async fn active_version(&self, token: TokenRef<'_>) -> Result<Option<VersionSnapshot>, ProviderError> {
        self.enter(format!("active_version {}", token.remote_id)).await?;
        Ok(self
            .world()
            .card(token.remote_id)
            .map(|card| card.details.clone()))
    }

    async fn set_one_click(
        &self,
        current: &TokenSnapshot,
        on: bool,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        self.write(format!("set_one_click {} {on}", current.remote_id), |world| {
            let key = key_of(world.capabilities.one_click);
            world.mark(current, key, on);
            if let Some(card) = world.card(&current.remote_id) {
                card.token.one_click = Some(on);
            }
        })
        .await?;
        Ok(self.truth(&current.remote_id))
    }

    async fn set_active(
        &self,
        current: &TokenSnapshot,
        active: bool,
        reason: Option<&str>,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        let said = reason.unwrap_or("-");
        self.write(
            format!("set_active {} {active} for {said}", current.remote_id),
            |world| {
                let key = key_of(world.capabilities.active);
                world.mark(current, key, active);
                if let Some(card) = world.card(&current.remote_id) {
                    let (on, off) = (TokenState::Active, TokenState::Inactive);
                    card.token.state = if active { on } else { off };
                    card.token.particulars.block_reason = reason.map(str::to_owned);
                    if key.is_some() {
                        card.token.particulars.active_mark = ActiveMark::Set;
                    }
                }
            },
        )
        .await?;
        Ok(None)
    }

    async fn set_default(&self, current: &TokenSnapshot) -> Result<(), ProviderError> {
        let id = &current.remote_id;
        self.write(format!("set_default {id}"), |world| {
            let of = |record: &&mut Record| record.cards.iter().any(|card| card.token.remote_id == *id);
            if let Some(record) = world.records.iter_mut().find(of) {
                for card in &mut record.cards {
                    card.token.particulars.is_default = Some(card.token.remote_id == *id);
                }
            }
        })
        .await
    }

    async fn delete_token(&self, current: &TokenSnapshot) -> Result<(), ProviderError> {
        let id = &current.remote_id;
        self.write(format!("delete_token {id}"), |world| {
            for record in &mut world.records {
                record.cards.retain(|card| card.token.remote_id != *id);
            }
            if world.capabilities.delete == Deletion::CustomerRecord {
                world.records.retain(|record| !record.cards.is_empty());
            }
        })
        .await
    }

    async fn before_deletion(&self, token: TokenRef<'_>) -> Result<BeforeDeletion, ProviderError> {
        self.enter(format!("before_deletion {}", token.remote_id)).await?;
        Ok(self.world().before_deletion.clone())
    }
}

//! A payment system that keeps customers and cards in memory, answers as scripted, and remembers every call.

mod answers;

use chrono::DateTime;
use std::sync::{Arc, Mutex, MutexGuard};
use tokendesk_model::capability::{Capabilities, Carrier, Listing};
use tokendesk_model::snapshot::ActiveMark;
use tokendesk_model::{
    CardFacts, CustomerSnapshot, Particulars, TokenSnapshot, TokenState, VersionSnapshot, VersionState,
};
use tokendesk_providers::{BeforeDeletion, CustomerCards, ProviderError, ProviderErrorKind};

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

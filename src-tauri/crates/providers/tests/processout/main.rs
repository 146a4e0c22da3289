//! ProcessOut against the sandbox, which shares no code with it: reads, writes, events, errors, the connection test, the
//! bench.

// Helpers outside test functions unwrap for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod checking;
mod errors;
mod news;
mod reads;
mod secrecy;
mod writes;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokendesk_model::{CustomerSnapshot, Environment, Origin, TokenSnapshot};
use tokendesk_providers::processout::ProcessOut;
use tokendesk_providers::{
    Credentials, CustomerCards, DirectoryEntry, HttpOptions, ListedCustomer, PaymentSystem, ProviderError,
    TokenRef,
};
use tokendesk_sandbox::{Options, Running, Sandbox, SystemHandle};

/// A sandbox that plays ProcessOut alone, and the client connected to it.
pub(crate) struct Shop {
    // Ends with the shop.
    _running: Running,
    pub(crate) system: SystemHandle,
    pub(crate) client: ProcessOut,
}

impl Shop {
    pub(crate) fn of(customers: u32) -> Self {
        let running = Sandbox::start(Options {
            customers,
            seed: 7,
            control: false,
            systems: vec!["processout".to_owned()],
            ..Options::default()
        })
        .unwrap();
        let system = running.system("processout");
        let client = ProcessOut::new(credentials(&system), HttpOptions::default()).unwrap();
        Self {
            _running: running,
            system,
            client,
        }
    }

    pub(crate) fn with(switches: &[(&str, &str)]) -> Self {
        let shop = Self::of(30);
        for (name, value) in switches {
            shop.system.set_switch(name, value).unwrap();
        }
        shop
    }

    /// A client that has learnt nothing yet.
    pub(crate) fn fresh(&self) -> ProcessOut {
        ProcessOut::new(credentials(&self.system), HttpOptions::default()).unwrap()
    }

    pub(crate) fn edit(&self, edit: Value) -> Value {
        self.system.edit(edit).unwrap()
    }

    /// A customer made behind the client's back; the id.
    pub(crate) fn customer(&self, email: Option<&str>) -> String {
        id(&self
            .edit(json!({ "add_customer": { "email": email, "first_name": "Rita", "last_name": "Roth" } })))
    }

    /// A card saved behind the client's back; the token's id.
    pub(crate) fn card(&self, customer: &str, metadata: Value) -> String {
        let edit = json!({ "add_token": {
            "customer": customer, "scheme": "mastercard", "last4": "0042", "exp_month": 3, "exp_year": 2031,
            "metadata": metadata,
        } });
        id(&self.edit(edit))
    }

    pub(crate) fn truth(&self, id: &str) -> Value {
        self.system.truth(id).unwrap()
    }

    pub(crate) async fn token(&self, customer: &str, id: &str) -> Option<TokenSnapshot> {
        self.client.read_token(of(customer, id)).await.unwrap()
    }

    pub(crate) async fn cards(&self, customer: &str) -> Result<CustomerCards, ProviderError> {
        self.client.cards_of(&entry(customer, None)).await
    }

    /// Walks all customers as a pass does: cards that do not come along are asked for.
    pub(crate) async fn walk(&self, client: &ProcessOut, limit: u32) -> BTreeMap<String, Walked> {
        let mut found = BTreeMap::new();
        let mut after: Option<String> = None;
        loop {
            let page = client.list_customers(after.as_deref(), limit).await.unwrap();
            assert_eq!(page.unreadable, 0);
            for ListedCustomer { customer, cards } in page.items {
                let came_along = cards.is_some();
                let cards = match cards {
                    Some(cards) => cards,
                    None => {
                        let entry = DirectoryEntry {
                            customer: customer.clone(),
                            tokens: Vec::new(),
                        };
                        client.cards_of(&entry).await.unwrap()
                    }
                };
                let walked = Walked {
                    customer: customer.clone(),
                    cards,
                    came_along,
                };
                found.insert(customer.customer_id, walked);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return found,
            }
        }
    }

    /// Customer ids the server holds.
    pub(crate) fn customers(&self) -> Vec<String> {
        let ids = self.system.ids();
        ids.into_iter().filter(|id| id.starts_with("cust_")).collect()
    }
}

/// A customer met on a walk.
pub(crate) struct Walked {
    pub(crate) customer: CustomerSnapshot,
    pub(crate) cards: CustomerCards,
    pub(crate) came_along: bool,
}

pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

pub(crate) fn credentials(system: &SystemHandle) -> Credentials {
    let connection = system.connection();
    let text = |name: &str| connection[name].as_str().unwrap().to_owned();
    Credentials {
        origin: Origin::parse(&text("host")).unwrap(),
        environment: Environment::Demo,
        scope: text("project"),
        user: String::new(),
        connector: None,
        key: text("secret").into(),
        publishable_key: None,
    }
}

pub(crate) fn entry(customer: &str, email: Option<&str>) -> DirectoryEntry {
    DirectoryEntry {
        customer: CustomerSnapshot {
            customer_id: customer.to_owned(),
            email: email.map(str::to_owned),
            name: None,
            created_on: None,
        },
        tokens: Vec::new(),
    }
}

pub(crate) fn of<'a>(customer: &'a str, remote_id: &'a str) -> TokenRef<'a> {
    TokenRef {
        remote_id,
        record: Some(customer),
    }
}

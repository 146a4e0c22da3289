//! Zafapay against the sandbox, which shares no code with it: reads, writes, errors, the connection test, the bench.

// Helpers outside test functions unwrap for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod checking;
mod errors;
mod reads;
mod secrecy;
mod writes;

use serde_json::{Value, json};
use tokendesk_model::{CustomerSnapshot, Environment, Origin, TokenSnapshot, TokenState};
use tokendesk_providers::zafapay::Zafapay;
use tokendesk_providers::{
    Credentials, CustomerCards, DirectoryEntry, HttpOptions, PaymentSystem, ProviderError, TokenRef,
};
use tokendesk_sandbox::{Options, Running, Sandbox, SystemHandle};

/// A sandbox that plays Zafapay alone, and the client connected to it.
pub(crate) struct Shop {
    // Ends with the shop.
    _running: Running,
    pub(crate) system: SystemHandle,
    pub(crate) client: Zafapay,
}

impl Shop {
    pub(crate) fn new() -> Self {
        let running = Sandbox::start(Options {
            customers: 60,
            seed: 7,
            control: false,
            systems: vec!["zafapay".to_owned()],
            ..Options::default()
        })
        .unwrap();
        let system = running.system("zafapay");
        let client = Zafapay::new(credentials(&system), HttpOptions::default()).unwrap();
        Self {
            _running: running,
            system,
            client,
        }
    }

    pub(crate) fn with(switches: &[(&str, &str)]) -> Self {
        let shop = Self::new();
        for (name, value) in switches {
            shop.system.set_switch(name, value).unwrap();
        }
        shop
    }

    /// Saves a card for a customer behind the client's back; its id.
    pub(crate) fn add_card(&self, customer: &str) -> String {
        let edit = json!({ "add_card": {
            "customer_id": customer, "brand": "mastercard", "last4": "0042", "exp_month": 3, "exp_year": 2031,
        } });
        self.system.edit(edit).unwrap()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn cards(&self, customer: &str) -> Result<CustomerCards, ProviderError> {
        self.client.cards_of(&entry(customer, None)).await
    }

    pub(crate) async fn token(&self, customer: &str, id: &str) -> Option<TokenSnapshot> {
        self.client.read_token(of(customer, id)).await.unwrap()
    }

    pub(crate) fn truth(&self, id: &str) -> Value {
        self.system.truth(id).unwrap()
    }
}

pub(crate) fn credentials(system: &SystemHandle) -> Credentials {
    let connection = system.connection();
    let text = |name: &str| connection[name].as_str().unwrap().to_owned();
    Credentials {
        origin: Origin::parse(&text("host")).unwrap(),
        environment: Environment::Demo,
        scope: String::new(),
        user: String::new(),
        connector: None,
        key: text("access_token").into(),
        publishable_key: Some(text("publishable_key").into()),
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

pub(crate) fn is_blocked(token: &TokenSnapshot, reason: &str) -> bool {
    token.state == TokenState::Inactive && token.particulars.block_reason.as_deref() == Some(reason)
}

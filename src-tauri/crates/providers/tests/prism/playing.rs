//! A sandbox that plays Prism alone, and accounts at it.

use serde_json::Value;
use std::time::Duration;
use tokendesk_model::{Environment, Origin};
use tokendesk_providers::prism::Prism;
use tokendesk_providers::verify::{VerifyCall, VerifyRequest};
use tokendesk_providers::{Credentials, HttpOptions};
use tokendesk_sandbox::{Fault, FaultMatch, FaultRule, Options, Running, Sandbox, SystemHandle};

/// How money stands at the processor: held, voided, charged.
pub type Counts = (u64, u64, u64);

pub struct Playing {
    // Ends the server when dropped.
    _running: Running,
    pub server: SystemHandle,
}

impl Playing {
    pub fn start() -> Self {
        let running = Sandbox::start(Options {
            customers: 20,
            seed: 11,
            systems: vec!["prism".to_owned()],
            ..Options::default()
        })
        .unwrap();
        let server = running.system("prism");
        Self {
            _running: running,
            server,
        }
    }

    /// The credentials a connector accepts, as a person would enter them.
    pub fn key(&self, connector: &str) -> String {
        self.server.connection()["connector_configs"][connector].to_string()
    }

    pub fn credentials(&self, connector: &str) -> Credentials {
        Credentials {
            origin: Origin::parse(&self.server.origin).unwrap(),
            environment: Environment::Demo,
            scope: String::new(),
            user: String::new(),
            connector: Some(connector.to_owned()),
            key: self.key(connector).into(),
            publishable_key: None,
        }
    }

    pub fn account(&self, connector: &str) -> Prism {
        Prism::new(self.credentials(connector), HttpOptions::default()).unwrap()
    }

    /// An account whose calls give up soon.
    pub fn hasty(&self, connector: &str) -> Prism {
        let options = HttpOptions {
            timeout: Duration::from_millis(300),
            ..HttpOptions::default()
        };
        Prism::new(self.credentials(connector), options).unwrap()
    }

    /// The first row of a connector's directory, made to work: token and customer.
    pub fn imported(&self, connector: &str) -> (String, String) {
        let directory = self.server.truth(&format!("directory/{connector}")).unwrap();
        let row = &directory["rows"][0];
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        self.server
            .edit(serde_json::json!({ "token": text("token"), "outcome": "ok" }))
            .unwrap();
        (text("token"), text("customer"))
    }

    /// What the processor holds under a reference; nothing at all when it never heard of it.
    pub fn counts(&self, reference: &str) -> Counts {
        let Some(truth) = self.server.truth(reference) else {
            return (0, 0, 0);
        };
        let count = |name: &str| truth[name].as_u64().unwrap();
        (count("held"), count("voided"), count("charged"))
    }

    pub fn transactions(&self) -> u64 {
        self.server.truth("transactions").unwrap()["transactions"]
            .as_u64()
            .unwrap()
    }

    /// Ids that led a request elsewhere at the processor: there must never be one.
    pub fn strayed(&self) -> Value {
        self.server.truth("strayed").unwrap()["strayed"].clone()
    }

    pub fn break_call(&self, rpc: &str, fault: Fault) {
        self.server.add_fault(FaultRule {
            when: FaultMatch {
                path_prefix: Some(rpc.to_owned()),
                ..FaultMatch::default()
            },
            times: Some(1),
            fault,
        });
    }
}

pub const TOKEN_AUTHORIZE: &str = "/types.PaymentService/TokenAuthorize";
pub const VOID: &str = "/types.PaymentService/Void";
pub const REVOKE: &str = "/types.RecurringPaymentService/Revoke";

/// A request for a token without a customer, such as a test token.
pub fn request(token: &str, reference: &str) -> VerifyRequest {
    VerifyRequest {
        reference: reference.to_owned(),
        token: token.to_owned(),
        connector_customer: None,
        amount: "1.00".to_owned(),
        currency: "EUR".to_owned(),
        return_url: "https://shop.example/back".to_owned(),
        through: VerifyCall::TokenAuthorize,
        deadline: Duration::from_secs(10),
    }
}

//! A sandbox that plays KOMOJU, and clients of it.

use chrono::{Duration, Utc};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokendesk_model::{Environment, Origin, TokenSnapshot};
use tokendesk_providers::komoju::Komoju;
use tokendesk_providers::{
    Clock, Credentials, HttpOptions, ListedCustomer, PaymentSystem, ProviderError, TokenRef,
};
use tokendesk_sandbox::{Fault, FaultMatch, FaultRule, Options, Running, Sandbox, SystemHandle};

/// The sandbox, its handle, and a client.
pub struct Place {
    _running: Running,
    pub system: SystemHandle,
    pub komoju: Komoju,
}

impl Place {
    pub fn new(customers: u32) -> Self {
        let running = Sandbox::start(Options {
            customers,
            seed: 7,
            systems: vec!["komoju".to_owned()],
            ..Options::default()
        })
        .unwrap();
        let system = running.system("komoju");
        let komoju = Komoju::new(credentials(&system), options()).unwrap();
        Self {
            _running: running,
            system,
            komoju,
        }
    }

    pub fn set(&self, name: &str, value: &str) {
        self.system.set_switch(name, value).unwrap();
    }

    pub fn fault(&self, method: &str, path: &str, times: Option<u32>, fault: Fault) {
        self.system.add_fault(FaultRule {
            when: FaultMatch {
                method: Some(method.to_owned()),
                path_prefix: Some(path.to_owned()),
                nth: None,
            },
            times,
            fault,
        });
    }

    /// Ids of customers whose truth fits, in no order.
    pub fn all(&self, fits: impl Fn(&Value) -> bool) -> Vec<String> {
        let ids = self.system.ids();
        ids.into_iter().filter(|id| fits(&self.truth(id))).collect()
    }

    pub fn truth(&self, id: &str) -> Value {
        self.system.truth(id).unwrap()
    }

    pub fn with_card(&self) -> String {
        self.all(|c| c["source"]["type"] == "credit_card" && c["metadata"]["crm_id"].is_string())
            .swap_remove(0)
    }

    /// The token as it is read now.
    pub async fn token(&self, id: &str) -> TokenSnapshot {
        self.komoju.read_token(by_id(id)).await.unwrap().unwrap()
    }

    /// A whole walk, page by page, with what happens between two pages.
    pub async fn walk(
        &self,
        limit: u32,
        mut between: impl FnMut(usize),
    ) -> Result<Vec<ListedCustomer>, ProviderError> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        for page in 1.. {
            assert!(page < 500, "the walk has no end");
            let read = self.komoju.list_customers(after.as_deref(), limit).await?;
            assert_eq!(read.unreadable, 0);
            all.extend(read.items);
            after = read.next;
            if after.is_none() {
                break;
            }
            between(page);
        }
        Ok(all)
    }
}

pub fn by_id(id: &str) -> TokenRef<'_> {
    TokenRef {
        remote_id: id,
        record: Some(id),
    }
}

pub fn credentials(system: &SystemHandle) -> Credentials {
    let connection = system.connection();
    let text = |name: &str| connection[name].as_str().unwrap().to_owned();
    Credentials {
        origin: Origin::parse(&text("host")).unwrap(),
        environment: Environment::Demo,
        scope: String::new(),
        user: String::new(),
        connector: None,
        key: text("secret_key").into(),
        publishable_key: Some(text("publishable_key").into()),
    }
}

pub fn options() -> HttpOptions {
    HttpOptions {
        timeout: std::time::Duration::from_secs(5),
        ..HttpOptions::default()
    }
}

/// A clock that can be moved on.
pub fn movable_clock() -> (Clock, Arc<AtomicI64>) {
    let hours = Arc::new(AtomicI64::new(0));
    let moved = Arc::clone(&hours);
    let clock: Clock = Arc::new(move || Utc::now() + Duration::hours(moved.load(Ordering::Relaxed)));
    (clock, hours)
}

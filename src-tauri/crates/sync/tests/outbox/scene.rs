//! A sandbox, a store and an engine, with a clock of the test's own.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokendesk_model::{
    Account, AccountId, ActiveVersion, CardKnowledge, Change, ChangeId, ChangeLabel, ChangeStatus,
    ConflictKind, Environment, Origin, ProviderKind, Seen, Stuck, Wish,
};
use tokendesk_providers::wallee::Wallee;
use tokendesk_providers::{Credentials, HttpOptions, PaymentSystem};
use tokendesk_sandbox::{EditRequest, Fault, FaultMatch, FaultRule, Options, Running, Sandbox, TokenTruth};
use tokendesk_store::{CardRow, DbKey, NewChange, Store};
use tokendesk_sync::{Changed, Clock, Connect, Engine, Listener, PullRequest, SyncError};

/// A clock that is set by hand; it starts at the computer's time.
pub struct SetClock(Mutex<TimeDelta>);

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + *self.0.lock().unwrap()
    }
}

pub struct Nobody;

impl Listener for Nobody {
    fn changed(&self, _what: Changed) {}
}

/// The way to the sandbox.
struct Way(Credentials);

#[async_trait]
impl Connect for Way {
    async fn connect(&self, _account: &Account) -> Result<Arc<dyn PaymentSystem>, SyncError> {
        Ok(system(&self.0))
    }
}

pub fn system(credentials: &Credentials) -> Arc<dyn PaymentSystem> {
    let http = HttpOptions {
        timeout: Duration::from_millis(1_500),
        ..HttpOptions::default()
    };
    Arc::new(Wallee::new(credentials.clone(), http).unwrap())
}

pub fn credentials(shop: &Running) -> Credentials {
    Credentials {
        origin: Origin::parse(&shop.origin).unwrap(),
        environment: Environment::Demo,
        scope: shop.space.clone(),
        user: shop.user.clone(),
        connector: None,
        key: shop.key.clone().into(),
        publishable_key: None,
    }
}

pub fn options() -> Options {
    Options {
        customers: 40,
        seed: 5,
        ..Options::default()
    }
}

pub struct Scene {
    pub shop: Running,
    pub store: Store,
    pub engine: Engine,
    pub clock: Arc<SetClock>,
    pub account: AccountId,
    _folder: TempDir,
}

impl Scene {
    /// Everything read.
    pub async fn new() -> Self {
        Self::with(options()).await
    }

    pub async fn with(options: Options) -> Self {
        let shop = Sandbox::start(options).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &DbKey::random()).await.unwrap().store;
        let account = account(&shop);
        store.insert_account(&account).await.unwrap();
        let clock = Arc::new(SetClock(Mutex::new(TimeDelta::zero())));
        let engine = engine(&store, &shop, &clock).await;
        let scene = Self {
            shop,
            store,
            engine,
            clock,
            account: account.id,
            _folder: folder,
        };
        scene.pull().await;
        scene
    }

    /// The program ended and was started again.
    pub async fn restarted(mut self) -> Self {
        self.engine.stop().await;
        self.engine = engine(&self.store, &self.shop, &self.clock).await;
        self
    }

    pub async fn pull(&self) {
        self.engine.pull(self.full()).await.unwrap();
    }

    pub fn full(&self) -> PullRequest {
        PullRequest {
            account: self.account,
            full: true,
        }
    }

    /// Active cards with one-click on and details in use.
    pub fn cards(&self) -> impl Iterator<Item = TokenTruth> {
        let all = self.shop.tokens().into_iter();
        all.filter(|token| {
            let in_use = token.versions.iter().any(|version| version.state == "ACTIVE");
            token.state == "ACTIVE" && token.enabled_for_one_click_payment && in_use
        })
    }

    pub fn one(&self) -> TokenTruth {
        self.cards().next().unwrap()
    }

    pub async fn card(&self, token: &TokenTruth) -> CardRow {
        let id = self.account.token(&token.id.to_string());
        self.store.card(id).await.unwrap().unwrap()
    }

    pub async fn wish(&self, token: &TokenTruth, wish: Wish) -> ChangeId {
        self.wish_held(token, wish, 0).await.id
    }

    /// As a desk queues it: against what is known of the card.
    pub async fn wish_held(&self, token: &TokenTruth, wish: Wish, hold_ms: u32) -> Change {
        let row = self.card(token).await;
        let version = match (&row.active_version, row.knowledge) {
            (Some(id), _) => ActiveVersion::Is(id.clone()),
            (None, CardKnowledge::NotRead) => ActiveVersion::NotRead,
            (None, _) => ActiveVersion::Nothing,
        };
        let new = NewChange {
            account: self.account,
            token: row.id,
            remote_id: row.remote_id.clone(),
            wish,
            reason: None,
            actor: "a test".to_owned(),
            label: ChangeLabel::default(),
            base: Seen::of(&row.snapshot, version),
            hold_ms,
            plan: None,
        };
        let change = self.store.enqueue(new, self.clock.now()).await.unwrap();
        self.engine.hold(&change);
        self.engine.wake();
        change
    }

    pub async fn change(&self, id: ChangeId) -> Change {
        self.store.change(id).await.unwrap().unwrap()
    }

    pub async fn status(&self, id: ChangeId) -> ChangeStatus {
        self.change(id).await.status
    }

    /// Why a change is in conflict; `None` when it is not.
    pub async fn conflict(&self, id: ChangeId) -> Option<ConflictKind> {
        match self.status(id).await {
            ChangeStatus::Conflict(conflict) => Some(conflict.kind),
            _ => None,
        }
    }

    /// Why a change is stuck; `None` when it is not.
    pub async fn stuck(&self, id: ChangeId) -> Option<Stuck> {
        match self.status(id).await {
            ChangeStatus::Stuck(why) => Some(why),
            _ => None,
        }
    }

    pub fn fault(&self, method: &str, fault: Fault) {
        self.faults(method, "/payment/tokens/", Some(1), fault);
    }

    pub fn faults(&self, method: &str, path: &str, times: Option<u32>, fault: Fault) {
        self.shop.add_fault(FaultRule {
            when: FaultMatch {
                method: Some(method.to_owned()),
                path_prefix: Some(path.to_owned()),
                nth: None,
            },
            times,
            fault,
        });
    }

    /// Somebody else edits.
    pub fn edit(&self, edit: EditRequest) -> TokenTruth {
        self.shop.edit(edit).ok().unwrap()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn later(&self, seconds: i64) {
        *self.clock.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    pub fn set_clock(&self, at: DateTime<Utc>) {
        *self.clock.0.lock().unwrap() = at - Utc::now();
    }

    pub fn truth(&self, token: &TokenTruth) -> TokenTruth {
        self.shop.token(token.id).unwrap()
    }

    /// The verbs of all writes so far.
    pub fn writes(&self) -> Vec<String> {
        self.shop.writes().into_iter().map(|write| write.method).collect()
    }

    /// Runs the outbox as a window does.
    pub fn runs(&self) -> tokio::task::JoinHandle<()> {
        let engine = self.engine.clone();
        tokio::spawn(async move { engine.run_outbox().await })
    }

    pub async fn until_done(&self, id: ChangeId) {
        until("a change to be done", || async {
            self.status(id).await == ChangeStatus::Done
        })
        .await;
    }
}

pub fn account(shop: &Running) -> Account {
    Account {
        id: AccountId::random(),
        provider: ProviderKind::Wallee,
        label: "Shop".to_owned(),
        environment: Environment::Demo,
        origin: Some(Origin::parse(&shop.origin).unwrap()),
        scope: shop.space.clone(),
        user: shop.user.clone(),
        connector: None,
        read_only: false,
        created_at: Utc::now(),
        paused: None,
    }
}

pub async fn engine(store: &Store, shop: &Running, clock: &Arc<SetClock>) -> Engine {
    let way = Arc::new(Way(credentials(shop)));
    let clock = Arc::<SetClock>::clone(clock);
    Engine::new(store.clone(), way, clock, Arc::new(Nobody), true)
        .await
        .unwrap()
}

/// Looks until it is so; gives up after what no computer needs.
pub async fn until<F: Future<Output = bool>>(what: &str, look: impl Fn() -> F) {
    let looking = async {
        while !look().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let long = Duration::from_secs(60);
    assert!(
        tokio::time::timeout(long, looking).await.is_ok(),
        "waited for {what}"
    );
}

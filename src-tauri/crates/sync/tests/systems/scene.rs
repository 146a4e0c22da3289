//! A desk with real files and any number of played payment systems, with a clock of the test's own.

use crate::played::{Played, email};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokendesk_model::directory::DirectoryRow;
use tokendesk_model::{
    Account, AccountId, ActiveVersion, Change, ChangeId, ChangeLabel, ChangeStatus, ConflictKind,
    Environment, Origin, ProviderKind, Seen, Stuck, TokenId, Wish,
};
use tokendesk_providers::PaymentSystem;
use tokendesk_store::{CardRow, DbKey, LogEntry, LogFilter, NewChange, Store};
use tokendesk_sync::pull::Pulled;
use tokendesk_sync::{Changed, Clock, Connect, Engine, Listener, PullRequest, SyncError};

/// A clock that is set by hand; it starts at the computer's time.
#[derive(Default)]
pub struct SetClock(Mutex<TimeDelta>);

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + *self.0.lock().unwrap()
    }
}

struct Nobody;

impl Listener for Nobody {
    fn changed(&self, _what: Changed) {}
}

/// The way to the played systems.
#[derive(Default)]
struct Ways {
    systems: Mutex<HashMap<AccountId, Arc<dyn PaymentSystem>>>,
    /// Times that credentials were asked for that cannot be fetched.
    locked: AtomicU32,
}

#[async_trait]
impl Connect for Ways {
    async fn connect(&self, account: &Account) -> Result<Arc<dyn PaymentSystem>, SyncError> {
        match self.systems.lock().unwrap().get(&account.id) {
            Some(system) => Ok(Arc::clone(system)),
            None => {
                self.locked.fetch_add(1, Ordering::SeqCst);
                Err(SyncError::Credentials("locked".to_owned()))
            }
        }
    }
}

pub struct Scene {
    pub store: Store,
    pub engine: Engine,
    pub clock: Arc<SetClock>,
    ways: Arc<Ways>,
    _folder: TempDir,
}

impl Scene {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &DbKey::random()).await.unwrap().store;
        let (clock, ways) = (Arc::<SetClock>::default(), Arc::<Ways>::default());
        let engine = engine(&store, &ways, &clock).await;
        Self {
            store,
            engine,
            clock,
            ways,
            _folder: folder,
        }
    }

    /// With one account, not read yet.
    pub async fn with(provider: ProviderKind, system: &Played) -> (Self, AccountId) {
        let scene = Self::new().await;
        let account = scene.connect(provider, system).await;
        (scene, account)
    }

    /// With one account, read.
    pub async fn read(provider: ProviderKind, system: &Played) -> (Self, AccountId) {
        let (scene, account) = Self::with(provider, system).await;
        scene.full(account).await.unwrap();
        system.forget_calls();
        (scene, account)
    }

    pub async fn connect(&self, provider: ProviderKind, system: &Played) -> AccountId {
        self.connect_to(provider, Environment::Test, Arc::new(system.clone()))
            .await
    }

    pub async fn connect_to(
        &self,
        provider: ProviderKind,
        environment: Environment,
        system: Arc<dyn PaymentSystem>,
    ) -> AccountId {
        let id = AccountId::random();
        let account = Account {
            id,
            provider,
            label: "Shop".to_owned(),
            environment,
            origin: Some(Origin::parse("https://system.example").unwrap()),
            scope: id.to_string(),
            user: String::new(),
            connector: None,
            read_only: false,
            created_at: Utc::now(),
            paused: None,
        };
        self.store.insert_account(&account).await.unwrap();
        self.ways.systems.lock().unwrap().insert(id, system);
        id
    }

    /// The program ended and was started again.
    pub async fn restarted(mut self) -> Self {
        self.engine.stop().await;
        self.engine = engine(&self.store, &self.ways, &self.clock).await;
        self
    }

    /// From now on the credentials of this account cannot be fetched.
    pub fn lock_credentials(&self, account: AccountId) {
        self.ways.systems.lock().unwrap().remove(&account);
        self.engine.forget(account);
    }

    /// How often they were asked for in vain.
    pub fn asked_in_vain(&self) -> u32 {
        self.ways.locked.load(Ordering::SeqCst)
    }

    pub async fn import(&self, account: AccountId, rows: &[DirectoryRow]) {
        let now = self.clock.now();
        let import = self.store.import_directory(account, rows, now, "a test", false);
        import.await.unwrap();
    }

    pub async fn full(&self, account: AccountId) -> Result<Pulled, SyncError> {
        self.engine.pull(PullRequest { account, full: true }).await
    }

    pub async fn due(&self, account: AccountId) -> Result<Pulled, SyncError> {
        self.engine.pull(PullRequest { account, full: false }).await
    }

    pub async fn card(&self, account: AccountId, token: &str) -> Option<CardRow> {
        self.store.card(account.token(token)).await.unwrap()
    }

    pub async fn cards(&self, account: AccountId) -> u32 {
        self.store.account_counts(account).await.unwrap().all()
    }

    pub async fn wish(&self, account: AccountId, token: &str, wish: Wish) -> ChangeId {
        self.wish_as(account, token, wish, None, |_| {}).await.id
    }

    /// As a desk queues it: against what is known of the card.
    pub async fn wish_as(
        &self,
        account: AccountId,
        token: &str,
        wish: Wish,
        reason: Option<&str>,
        seen: impl FnOnce(&mut Seen),
    ) -> Change {
        let row = self.card(account, token).await.unwrap();
        let version = row.active_version.clone();
        let mut base = Seen::of(
            &row.snapshot,
            version.map_or(ActiveVersion::NotRead, ActiveVersion::Is),
        );
        seen(&mut base);
        let new = NewChange {
            account,
            token: row.id,
            remote_id: row.remote_id.clone(),
            wish,
            reason: reason.map(str::to_owned),
            actor: "a test".to_owned(),
            label: ChangeLabel::default(),
            base,
            hold_ms: 0,
            plan: None,
        };
        let change = self.store.enqueue(new, self.clock.now()).await.unwrap();
        self.engine.wake();
        change
    }

    pub async fn status(&self, id: ChangeId) -> ChangeStatus {
        self.store.change(id).await.unwrap().unwrap().status
    }

    pub async fn conflict(&self, id: ChangeId) -> Option<ConflictKind> {
        match self.status(id).await {
            ChangeStatus::Conflict(conflict) => Some(conflict.kind),
            _ => None,
        }
    }

    pub async fn stuck(&self, id: ChangeId) -> Option<Stuck> {
        match self.status(id).await {
            ChangeStatus::Stuck(why) => Some(why),
            _ => None,
        }
    }

    /// What was noted about changes of a card.
    pub async fn noted(&self, token: TokenId) -> Vec<LogEntry> {
        let filter = LogFilter {
            tokens: Some(vec![token]),
            actions: vec!["change.noted".to_owned()],
            ..LogFilter::default()
        };
        let page = self.store.log_page(&filter, None, 50).await.unwrap();
        page.items.into_iter().map(|row| row.entry).collect()
    }

    pub fn later(&self, hours: i64) {
        *self.clock.0.lock().unwrap() += TimeDelta::hours(hours);
    }

    /// Runs the outbox as a window does.
    pub fn runs(&self) -> tokio::task::JoinHandle<()> {
        let engine = self.engine.clone();
        tokio::spawn(async move { engine.run_outbox().await })
    }
}

async fn engine(store: &Store, ways: &Arc<Ways>, clock: &Arc<SetClock>) -> Engine {
    let (ways, clock) = (Arc::<Ways>::clone(ways), Arc::<SetClock>::clone(clock));
    Engine::new(store.clone(), ways, clock, Arc::new(Nobody), true)
        .await
        .unwrap()
}

/// A row of a file of customer ids.
pub fn customer_row(n: usize) -> DirectoryRow {
    DirectoryRow {
        line: n + 2,
        customer_id: Some(crate::played::customer(n)),
        email: Some(email(n)),
        name: None,
        token: None,
    }
}

/// A row of a file of connector tokens.
pub fn token_row(n: usize) -> DirectoryRow {
    DirectoryRow {
        token: Some(crate::played::token(n, 0)),
        ..customer_row(n)
    }
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

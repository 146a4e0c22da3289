//! Changes whose answer was lost for longer than a moment, with a clock of the test's own: in the end each is done exactly
//! once, whatever the payment system did in between. The sandbox raises a token's version with every write it does, so
//! the version tells how often that was.

// Helpers outside test functions unwrap for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokendesk_model::change::ChangeBase;
use tokendesk_model::{
    Account, AccountId, Change, ChangeId, ChangeLabel, ChangeStatus, Environment, Origin, ProviderKind, Wish,
};
use tokendesk_providers::wallee::Wallee;
use tokendesk_providers::{Credentials, HttpOptions, PaymentSystem};
use tokendesk_sandbox::{Fault, FaultBody, FaultMatch, FaultRule, Options, Running, Sandbox, TokenTruth};
use tokendesk_store::{DbKey, NewChange, Store};
use tokendesk_sync::{Changed, Clock, Connect, Engine, Listener, PullRequest, SyncError};

/// A clock that is set by hand; it starts at the computer's time.
struct SetClock(Mutex<TimeDelta>);

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + *self.0.lock().unwrap()
    }
}

struct Nobody;

impl Listener for Nobody {
    fn changed(&self, _what: Changed) {}
}

/// The way to the sandbox.
struct Way(Credentials);

#[async_trait]
impl Connect for Way {
    async fn connect(&self, _account: &Account) -> Result<Arc<dyn PaymentSystem>, SyncError> {
        let http = HttpOptions {
            timeout: Duration::from_millis(1_500),
            ..HttpOptions::default()
        };
        Ok(Arc::new(Wallee::new(self.0.clone(), http)?))
    }
}

struct Scene {
    shop: Running,
    store: Store,
    engine: Engine,
    clock: Arc<SetClock>,
    account: AccountId,
    _folder: TempDir,
}

impl Scene {
    /// Everything read.
    async fn new() -> Self {
        let shop = Sandbox::start(Options {
            customers: 40,
            seed: 5,
            ..Options::default()
        })
        .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &DbKey::random()).await.unwrap().store;
        let origin = Origin::parse(&shop.origin).unwrap();
        let account = Account {
            id: AccountId::random(),
            provider: ProviderKind::Wallee,
            label: "Shop".to_owned(),
            environment: Environment::Demo,
            origin: Some(origin.clone()),
            scope: shop.space.clone(),
            user: shop.user.clone(),
            created_at: Utc::now(),
            paused: None,
        };
        store.insert_account(&account).await.unwrap();
        let way = Way(Credentials {
            origin,
            environment: Environment::Demo,
            scope: shop.space.clone(),
            user: shop.user.clone(),
            key: shop.key.clone().into(),
        });
        let clock = Arc::new(SetClock(Mutex::new(TimeDelta::zero())));
        let engine = Engine::new(
            store.clone(),
            Arc::new(way),
            Arc::<SetClock>::clone(&clock),
            Arc::new(Nobody),
            true,
        )
        .await
        .unwrap();
        let request = PullRequest {
            account: account.id,
            full: true,
        };
        let pulled = engine.pull(request).await.unwrap();
        assert!(pulled.rows > 80);
        Self {
            shop,
            store,
            engine,
            clock,
            account: account.id,
            _folder: folder,
        }
    }

    /// Active cards with one-click on.
    fn cards(&self) -> impl Iterator<Item = TokenTruth> {
        let all = self.shop.tokens().into_iter();
        all.filter(|token| token.state == "ACTIVE" && token.enabled_for_one_click_payment)
    }

    async fn wish(&self, token: &TokenTruth, wish: Wish) -> ChangeId {
        let id = self.account.token(&token.id.to_string());
        let row = self.store.card(id).await.unwrap().unwrap();
        let new = NewChange {
            account: self.account,
            token: id,
            remote_id: row.remote_id.clone(),
            wish,
            reason: None,
            actor: "a test".to_owned(),
            label: ChangeLabel::default(),
            base: ChangeBase {
                version: row.snapshot.version,
                state: row.snapshot.state.as_str().to_owned(),
                one_click: row.snapshot.one_click,
                customer_key: row.snapshot.customer_key(),
            },
        };
        self.store.enqueue(new, self.clock.now()).await.unwrap().id
    }

    async fn change(&self, id: ChangeId) -> Change {
        self.store.change(id).await.unwrap().unwrap()
    }

    fn fault(&self, method: &str, fault: Fault) {
        self.shop.add_fault(FaultRule {
            when: FaultMatch {
                method: Some(method.to_owned()),
                path_prefix: Some("/payment/tokens/".to_owned()),
                nth: None,
            },
            times: Some(1),
            fault,
        });
    }

    fn later(&self, seconds: i64) {
        *self.clock.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    fn truth(&self, token: &TokenTruth) -> TokenTruth {
        self.shop.token(token.id).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_was_not_done_waits_and_is_done_once() {
    let scene = Scene::new().await;
    let failed = |status| Fault::Status {
        status,
        retry_after: None,
        body: FaultBody::Html,
    };
    let faults = [failed(500), failed(502), Fault::DropBeforeCommit, Fault::Hang];
    for (token, fault) in scene.cards().zip(faults) {
        let change = scene.wish(&token, Wish::OneClick(false)).await;
        scene.fault("PATCH", fault.clone());
        let pushed = scene.engine.push().await.unwrap();
        assert!(pushed.later.is_some() && pushed.done == 0, "{fault:?}");
        let waiting = scene.change(change).await;
        assert_eq!(
            (&waiting.status, waiting.attempts),
            (&ChangeStatus::Waiting, 1),
            "{fault:?}"
        );
        // Until it is clear what became of the first one, no second one is sent.
        assert_eq!(scene.engine.push().await.unwrap().done, 0);
        assert_eq!(scene.truth(&token).version, token.version, "{fault:?}");
        scene.later(11);
        assert_eq!(scene.engine.push().await.unwrap().done, 1, "{fault:?}");
        assert_eq!(scene.change(change).await.status, ChangeStatus::Done);
        let held = scene.truth(&token);
        assert_eq!(
            (held.version, held.enabled_for_one_click_payment),
            (token.version + 1, false),
            "{fault:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_was_not_done_waits_and_is_done_once() {
    let scene = Scene::new().await;
    let token = scene.cards().next().unwrap();
    let change = scene.wish(&token, Wish::Delete).await;
    scene.fault("DELETE", Fault::DropBeforeCommit);
    assert!(scene.engine.push().await.unwrap().later.is_some());
    assert_eq!(scene.truth(&token).state, "ACTIVE");
    scene.later(11);
    assert_eq!(scene.engine.push().await.unwrap().done, 1);
    assert_eq!(scene.change(change).await.status, ChangeStatus::Done);
    assert_ne!(scene.truth(&token).state, "ACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_done_after_its_answer_was_given_up_is_not_repeated() {
    let scene = Scene::new().await;
    let mut cards = scene.cards();
    let (switched, deleted) = (cards.next().unwrap(), cards.next().unwrap());
    let changes = [
        scene.wish(&switched, Wish::OneClick(false)).await,
        scene.wish(&deleted, Wish::Delete).await,
    ];
    for method in ["PATCH", "DELETE"] {
        scene.fault(method, Fault::CommitLater { ms: 500 });
    }
    let pushed = scene.engine.push().await.unwrap();
    assert_eq!((pushed.done, pushed.stuck), (0, 0));
    for _ in 0..500 {
        if scene.truth(&switched).version > switched.version && scene.truth(&deleted).state != "ACTIVE" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let deletion = scene.truth(&deleted).version;
    scene.later(11);
    assert_eq!(scene.engine.push().await.unwrap().done, 2);
    for change in changes {
        assert_eq!(scene.change(change).await.status, ChangeStatus::Done);
    }
    assert_eq!(scene.truth(&switched).version, switched.version + 1);
    // A deletion goes on by itself; a second request would have been a second write.
    assert!(scene.truth(&deleted).version <= deletion + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_done_after_it_was_repeated_changes_nothing_more() {
    let scene = Scene::new().await;
    let token = scene.cards().next().unwrap();
    scene.wish(&token, Wish::OneClick(false)).await;
    scene.fault("PATCH", Fault::CommitLater { ms: 1_500 });
    assert!(scene.engine.push().await.unwrap().later.is_some());
    scene.later(11);
    assert_eq!(scene.engine.push().await.unwrap().done, 1);
    assert_eq!(scene.truth(&token).version, token.version + 1);
    // The first one comes to its end now, made for a version that is no more.
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    let held = scene.truth(&token);
    assert_eq!(
        (held.version, held.enabled_for_one_click_payment),
        (token.version + 1, false)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_the_middle_of_a_pass_ends_it_and_keeps_what_was_read() {
    let scene = Scene::new().await;
    scene.shop.add_fault(FaultRule {
        when: FaultMatch {
            path_prefix: Some("/payment/token-versions?".to_owned()),
            ..FaultMatch::default()
        },
        times: None,
        fault: Fault::Hang,
    });
    let engine = scene.engine.clone();
    let request = PullRequest {
        account: scene.account,
        full: true,
    };
    let pull = tokio::spawn(async move { engine.pull(request).await });
    loop {
        let crawl = scene.store.crawl(scene.account).await.unwrap();
        if crawl.is_some_and(|crawl| crawl.stage == tokendesk_store::CrawlStage::Versions) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(matches!(
        scene.engine.pull(request).await,
        Err(SyncError::AlreadyRunning)
    ));
    scene.engine.stop_pull(scene.account);
    assert!(matches!(pull.await.unwrap(), Err(SyncError::Stopped)));
    assert!(scene.engine.progress(scene.account).is_none());
    let kept = scene.store.crawl(scene.account).await.unwrap().unwrap();
    assert_eq!(kept.tokens as usize, scene.shop.token_ids().len());
    scene.shop.clear_faults();
    scene
        .engine
        .pull(PullRequest {
            full: false,
            ..request
        })
        .await
        .unwrap();
    assert!(scene.store.crawl(scene.account).await.unwrap().is_none());
    assert_eq!(
        scene.store.last_pass(scene.account).await.unwrap().unwrap().cards,
        kept.tokens
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_taken_back_while_others_are_sent_disturbs_none_of_them() {
    let scene = Scene::new().await;
    let cards: Vec<TokenTruth> = scene.cards().take(8).collect();
    let mut changes = Vec::new();
    for token in &cards {
        changes.push(scene.wish(token, Wish::OneClick(false)).await);
    }
    scene.shop.add_fault(FaultRule {
        when: FaultMatch {
            method: Some("PATCH".to_owned()),
            ..FaultMatch::default()
        },
        times: None,
        fault: Fault::Latency {
            ms: 500,
            after_commit: false,
        },
    });
    let engine = scene.engine.clone();
    let push = tokio::spawn(async move { engine.push().await });
    while scene.change(changes[0]).await.status != ChangeStatus::Sending {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // In the batch already, and not its turn yet.
    let taken_back = changes.pop().unwrap();
    scene.store.discard(taken_back, scene.clock.now()).await.unwrap();
    assert_eq!(push.await.unwrap().unwrap().done, 7);
    for change in changes {
        assert_eq!(scene.change(change).await.status, ChangeStatus::Done);
    }
    assert!(scene.truth(&cards[7]).enabled_for_one_click_payment);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_left_on_its_way_moves_again_without_a_restart() {
    let scene = Scene::new().await;
    let token = scene.cards().next().unwrap();
    let change = scene.wish(&token, Wish::OneClick(false)).await;
    // As a push leaves it that could not write how it ended.
    scene.store.mark_sending(change, scene.clock.now()).await.unwrap();
    assert_eq!(scene.engine.push().await.unwrap().done, 1);
    assert_eq!(scene.change(change).await.status, ChangeStatus::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_can_be_read_where_their_details_may_not() {
    let scene = Scene::new().await;
    scene.shop.add_fault(FaultRule {
        when: FaultMatch {
            path_prefix: Some("/payment/token-versions".to_owned()),
            ..FaultMatch::default()
        },
        times: None,
        fault: Fault::Status {
            status: 403,
            retry_after: None,
            body: FaultBody::Json,
        },
    });
    let before = scene.store.last_pass(scene.account).await.unwrap().unwrap();
    let request = PullRequest {
        account: scene.account,
        full: true,
    };
    scene.engine.pull(request).await.unwrap();
    let after = scene.store.last_pass(scene.account).await.unwrap().unwrap();
    assert!(after.started_at > before.started_at);
    assert!(scene.store.crawl(scene.account).await.unwrap().is_none());
}

//! The payment systems' own clients behind the engine, over real sockets, against what the sandbox plays.

use crate::scene::Scene;
use serde_json::{Value, json};
use std::time::Duration;
use tokendesk_model::directory::DirectoryRow;
use tokendesk_model::{
    AccountId, ChangeStatus, ConflictKind, Environment, Origin, ProviderKind, TokenState, Wish,
};
use tokendesk_providers::{Credentials, HttpOptions, registry};
use tokendesk_sandbox::{Options, Running, Sandbox, SystemHandle};

struct Desk {
    _running: Running,
    system: SystemHandle,
    scene: Scene,
    account: AccountId,
}

async fn desk(provider: ProviderKind, key: &str, scope: &str, connector: Option<&str>) -> Desk {
    let running = Sandbox::start(Options {
        customers: 150,
        seed: 7,
        systems: vec![provider.as_str().to_owned()],
        ..Options::default()
    })
    .unwrap();
    let system = running.system(provider.as_str());
    let connection = system.connection();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let credentials = Credentials {
        origin: Origin::parse(&system.origin).unwrap(),
        environment: Environment::Demo,
        scope: connection[scope].as_str().unwrap_or_default().to_owned(),
        user: String::new(),
        connector: connector.map(str::to_owned),
        key: match connector {
            Some(connector) => text(&connection["connector_configs"][connector]).into(),
            None => text(&connection[key]).into(),
        },
        publishable_key: None,
    };
    let http = HttpOptions {
        timeout: Duration::from_secs(5),
        ..HttpOptions::default()
    };
    let client = registry::connect(provider, credentials, http).unwrap();
    let scene = Scene::new().await;
    let account = scene.connect_to(provider, Environment::Demo, client).await;
    Desk {
        _running: running,
        system,
        scene,
        account,
    }
}

impl Desk {
    /// Ids of what it really holds that fits.
    fn all(&self, fits: impl Fn(&Value) -> bool) -> Vec<String> {
        let ids = self.system.ids().into_iter();
        ids.filter(|id| self.system.truth(id).is_some_and(|truth| fits(&truth)))
            .collect()
    }

    fn truth(&self, id: &str) -> Value {
        self.system.truth(id).unwrap()
    }

    async fn done(&self, token: &str, wish: Wish, reason: Option<&str>) {
        let change = self
            .scene
            .wish_as(self.account, token, wish, reason, |_| {})
            .await;
        let summary = self.scene.engine.push(None).await.unwrap();
        let status = self.scene.status(change.id).await;
        assert_eq!(status, ChangeStatus::Done, "{wish:?} {summary:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn komoju_is_read_followed_and_written_to() {
    let desk = desk(ProviderKind::Komoju, "secret_key", "", None).await;
    let (scene, account) = (&desk.scene, desk.account);
    let customers = desk.all(|_| true);
    let pulled = scene.full(account).await.unwrap();
    assert_eq!((pulled.rows, pulled.unreadable), (customers.len() as u64, 0));

    // Somebody else saves a customer; the feed names it.
    let made = desk
        .system
        .edit(json!({ "customer": { "email": "late@shop.example" } }))
        .unwrap();
    let made = made["id"].as_str().unwrap();
    scene.due(account).await.unwrap();
    let card = scene.card(account, made).await.unwrap();
    assert_eq!(card.person_email.as_deref(), Some("late@shop.example"));

    let saved = desk.all(|c| c["source"]["type"] == "credit_card" && c["metadata"]["crm_id"].is_string());
    let [one, other] = [saved[0].as_str(), saved[1].as_str()];
    desk.done(one, Wish::Active(false), None).await;
    assert_eq!(desk.truth(one)["metadata"]["tokendesk_active"], "false");
    assert!(desk.truth(one)["metadata"]["crm_id"].is_string());
    assert!(scene.noted(account.token(one)).await.is_empty());
    desk.done(one, Wish::OneClick(true), None).await;

    desk.system
        .edit(json!({ "payment": { "customer": other, "amount": 500, "status": "authorized" } }))
        .unwrap();
    let change = scene.wish(account, other, Wish::Delete).await;
    scene.engine.push(None).await.unwrap();
    assert_eq!(scene.conflict(change).await, Some(ConflictKind::OpenBusiness));
    let now = tokendesk_sync::Clock::now(scene.clock.as_ref());
    let keep = tokendesk_model::lane::Keep::Mine;
    scene.store.resolve(change, keep, "a test", now).await.unwrap();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert!(scene.card(account, other).await.unwrap().gone_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn zafapay_is_read_by_its_directory_and_blocks_with_a_reason() {
    let desk = desk(ProviderKind::Zafapay, "access_token", "", None).await;
    let (scene, account) = (&desk.scene, desk.account);
    let customers = desk.system.ids();
    let rows: Vec<DirectoryRow> = customers
        .iter()
        .enumerate()
        .map(|(n, customer)| DirectoryRow {
            line: n + 2,
            customer_id: Some(customer.clone()),
            email: Some(format!("person{n}@shop.example")),
            name: None,
            token: None,
        })
        .collect();
    scene.import(account, &rows).await;
    let pulled = scene.due(account).await.unwrap();
    assert!(pulled.rows > 0 && pulled.unreadable == 0, "{pulled:?}");
    assert_eq!(u64::from(scene.cards(account).await), pulled.rows);

    let page = scene
        .store
        .cards(
            Environment::Demo,
            Some(account),
            &tokendesk_model::SearchQuery {
                states: vec![TokenState::Active],
                ..tokendesk_model::SearchQuery::default()
            },
            None,
            5,
        )
        .await
        .unwrap();
    let card = &page.items[0];
    desk.done(&card.remote_id, Wish::Active(false), Some("lost by its owner"))
        .await;
    let blocked = scene.card(account, &card.remote_id).await.unwrap();
    assert_eq!(blocked.effective_state, TokenState::Inactive);
    assert_eq!(
        blocked.snapshot.particulars.block_reason.as_deref(),
        Some("lost by its owner")
    );
    assert_eq!(blocked.person_email, card.person_email);
    desk.done(&card.remote_id, Wish::Active(true), None).await;
}

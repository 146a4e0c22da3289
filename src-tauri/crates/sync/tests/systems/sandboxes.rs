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

#[tokio::test(flavor = "multi_thread")]
async fn processout_is_read_followed_and_written_to() {
    let desk = desk(ProviderKind::ProcessOut, "secret", "project", None).await;
    let (scene, account) = (&desk.scene, desk.account);
    let pulled = scene.full(account).await.unwrap();
    assert!(pulled.rows > 0 && pulled.unreadable == 0, "{pulled:?}");

    // Somebody else makes a customer with three cards, one of them for another shop system.
    let made = desk
        .system
        .edit(json!({ "add_customer": { "email": "late@shop.example" } }))
        .unwrap();
    let customer = made["id"].as_str().unwrap();
    let mut tokens = Vec::new();
    for last4 in ["0001", "0002", "0003"] {
        let token = json!({ "customer": customer, "last4": last4, "metadata": { "crm_id": "7" } });
        let token = desk.system.edit(json!({ "add_token": token })).unwrap();
        tokens.push(token["id"].as_str().unwrap().to_owned());
    }
    let news = scene.due(account).await.unwrap();
    assert_eq!(news.rows, 3);
    let card = scene.card(account, &tokens[0]).await.unwrap();
    assert_eq!(card.person_email.as_deref(), Some("late@shop.example"));
    assert_eq!(card.card.last4.as_deref(), Some("0001"));

    for merging in ["replaces", "merges"] {
        desk.system.set_switch("metadata_update", merging).unwrap();
        for on in [false, true] {
            desk.done(&tokens[0], Wish::Active(on), None).await;
            desk.done(&tokens[0], Wish::OneClick(on), None).await;
            let kept = &desk.truth(&tokens[0])["metadata"];
            assert_eq!(kept["crm_id"], "7");
            assert_eq!(kept["tokendesk_active"], on.to_string());
            assert_eq!(kept["tokendesk_one_click"], on.to_string());
        }
    }
    assert!(scene.noted(account.token(&tokens[0])).await.is_empty());

    let is_default = async |token: &str| {
        let card = scene.card(account, token).await.unwrap();
        card.snapshot.particulars.is_default
    };
    for token in [&tokens[0], &tokens[1]] {
        desk.done(token, Wish::Default, None).await;
    }
    assert_eq!(desk.truth(&tokens[1])["is_default"], true);
    let shown = [is_default(&tokens[0]).await, is_default(&tokens[1]).await];
    assert_eq!(shown, [Some(false), Some(true)]);

    desk.system.set_switch("default_deleted", "newest").unwrap();
    desk.done(&tokens[1], Wish::Delete, None).await;
    assert_eq!(desk.truth(&tokens[1])["gone"], true);
    assert!(scene.card(account, &tokens[1]).await.unwrap().gone_at.is_some());
    let left = [&tokens[0], &tokens[2]];
    for token in left {
        let really = desk.truth(token)["is_default"].as_bool();
        assert_eq!(is_default(token).await, really, "the default moved");
    }

    // Events end: only complete passes are left.
    desk.system.set_switch("events", "off").unwrap();
    desk.system
        .edit(json!({ "delete_customer": { "id": customer, "quiet": true } }))
        .unwrap();
    assert_eq!(scene.due(account).await.unwrap().gone, 0);
    scene.later(24);
    assert_eq!(scene.due(account).await.unwrap().gone, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn prism_shows_what_was_imported_and_ends_a_mandate_once() {
    let desk = desk(ProviderKind::Prism, "", "", Some("cybersource")).await;
    let (scene, account) = (&desk.scene, desk.account);
    let directory = desk.truth("directory/Cybersource");
    let rows = directory["rows"].as_array().unwrap();
    let rows: Vec<DirectoryRow> = rows
        .iter()
        .enumerate()
        .map(|(n, row)| DirectoryRow {
            line: n + 2,
            customer_id: row["customer"].as_str().map(str::to_owned),
            email: Some(format!("person{n}@shop.example")),
            name: None,
            token: row["token"].as_str().map(str::to_owned),
        })
        .collect();
    scene.import(account, &rows).await;
    assert_eq!(scene.due(account).await.unwrap().rows, rows.len() as u64);
    assert_eq!(desk.system.requests(), 0, "nobody was asked");
    let token = rows[0].token.clone().unwrap();
    let edit = json!({ "token": token, "outcome": "ok" });
    desk.system.edit(edit).unwrap();
    desk.done(&token, Wish::Delete, None).await;
    assert_eq!(desk.truth(&token)["gone"], true);
    assert!(scene.card(account, &token).await.is_none());
    scene.full(account).await.unwrap();
    assert!(scene.card(account, &token).await.is_none());
}

//! Where combinations are run: a payment system on one port, made anew for each, and a desk's folder as it was when that
//! payment system had just been read.

use crate::office;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokendesk_desk::contract::{ConnectAccount, Env};
use tokendesk_desk::{Desk, DeskOptions, HttpOptions};
use tokendesk_model::AccountId;
use tokendesk_sandbox::{EditRequest, Options, Running, Sandbox};

/// A clock that can be moved ahead.
#[derive(Default)]
pub struct Moved(AtomicI64);

impl Moved {
    pub fn ahead(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl tokendesk_desk::Clock for Moved {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::Utc::now() + chrono::TimeDelta::seconds(self.0.load(Ordering::SeqCst))
    }
}

/// One place to run combinations, one after another.
pub struct Ground {
    port: u16,
    template: TempDir,
    pub account: AccountId,
    /// Remote ids: one-click on, one-click off, active, inactive, to be deleted; then three more with one-click on.
    pub cards: Vec<u64>,
}

impl Ground {
    pub async fn prepare() -> Self {
        let shop = start(0);
        let port = shop.origin.rsplit(':').next().unwrap().parse().unwrap();
        let cards = prepared(&shop);
        let template = tempfile::tempdir().unwrap();
        let desk = open(template.path(), Arc::default()).await;
        let connection = ConnectAccount {
            provider: "wallee".to_owned(),
            label: "Shop".to_owned(),
            env: Env::Demo,
            host: shop.origin.clone(),
            space: shop.space.clone(),
            user: shop.user.clone(),
            key: shop.key.clone(),
        };
        let view = desk.connect_account(connection).await.unwrap();
        let account: AccountId = view.id.parse().unwrap();
        desk.read_account(account, false).await.unwrap();
        desk.close().await;
        drop(desk);
        shop.stop();
        Self {
            port,
            template,
            account,
            cards,
        }
    }

    /// The payment system as it was when it was read.
    pub fn shop(&self) -> Running {
        let shop = start(self.port);
        assert_eq!(prepared(&shop), self.cards, "the same world every time");
        shop
    }

    /// A copy of the folder as it was after reading.
    pub fn folder(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        copy(self.template.path(), folder.path());
        folder
    }

    /// Puts the cache back to what it was after reading: its last commits are gone, as after a power cut.
    pub fn cache_falls_back(&self, folder: &Path) {
        for suffix in ["", "-wal", "-shm"] {
            let name = format!("cache.db{suffix}");
            let _ = std::fs::remove_file(folder.join(&name));
            if self.template.path().join(&name).exists() {
                std::fs::copy(self.template.path().join(&name), folder.join(&name)).unwrap();
            }
        }
    }

    pub fn card_id(&self, remote_id: u64) -> String {
        self.account.token(&remote_id.to_string()).to_string()
    }
}

fn start(port: u16) -> Running {
    let options = Options {
        customers: 12,
        seed: 11,
        port,
        ..Options::default()
    };
    // The port of the last one may take a moment to be free.
    for _ in 0..200 {
        if let Ok(running) = Sandbox::start(options.clone()) {
            running.set_switch("state_patch", "accepts").unwrap();
            return running;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("port {port} is not free");
}

/// Eight everyday cards in the states the wishes need; the same at every start.
fn prepared(shop: &Running) -> Vec<u64> {
    let mut seen = std::collections::HashSet::new();
    let cards: Vec<u64> = shop
        .tokens()
        .into_iter()
        .filter(|token| {
            token.state == "ACTIVE"
                && token.enabled_for_one_click_payment
                && token.customer_id.is_some()
                && token.versions.iter().any(|version| version.state == "ACTIVE")
                && seen.insert(token.customer_email_address.clone())
        })
        .map(|token| token.id)
        .take(8)
        .collect();
    assert_eq!(cards.len(), 8, "the world has enough everyday cards");
    shop.edit(EditRequest {
        id: cards[1],
        one_click: Some(false),
        ..EditRequest::default()
    })
    .unwrap();
    shop.edit(EditRequest {
        id: cards[3],
        state: Some("INACTIVE".to_owned()),
        ..EditRequest::default()
    })
    .unwrap();
    cards
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// How a desk is opened here.
pub fn options(folder: &Path, clock: Arc<Moved>) -> DeskOptions {
    DeskOptions {
        clock,
        http: HttpOptions {
            timeout: Duration::from_millis(700),
            ..HttpOptions::default()
        },
        ..office::options(folder)
    }
}

pub async fn open(folder: &Path, clock: Arc<Moved>) -> Desk {
    for _ in 0..300 {
        match office::open(options(folder, Arc::clone(&clock))).await {
            Ok(desk) => return desk,
            // The process before this one is still being cleared away.
            Err(problem) if problem.code == tokendesk_desk::contract::ProblemCode::DeskInUse => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(problem) => panic!("{problem:?}"),
        }
    }
    panic!("the folder never became free");
}

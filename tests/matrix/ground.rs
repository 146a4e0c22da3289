//! Where combinations are run: a payment system on one port, made anew for each, and a desk's folder as it was when that
//! payment system had just been read.

use crate::office;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokendesk_desk::contract::ImportDirectory;
use tokendesk_desk::{Desk, DeskOptions, HttpOptions};
use tokendesk_model::AccountId;
use tokendesk_sandbox::{Options, Running, Sandbox, SystemHandle, Write};
use tokendesk_tests::played::{Card, Played, System};

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
    pub system: System,
    port: u16,
    template: TempDir,
    pub account: AccountId,
    /// One-click on, one-click off, active, inactive, to be deleted; three more with one-click on; where there are
    /// defaults, one that is not its customer's.
    pub cards: Vec<Card>,
}

impl Ground {
    pub async fn prepare(system: System) -> Self {
        let shop = start(system, 0);
        let origin = &shop.system(system.name()).origin;
        let port = origin.rsplit(':').next().unwrap().parse().unwrap();
        let cards = system.played().prepared(&shop);
        let template = tempfile::tempdir().unwrap();
        // Nothing strikes here: it has all the time it needs.
        let desk = office::open(office::options(template.path())).await.unwrap();
        let connection = system.played().connection(&shop);
        let view = desk.connect_account(connection).await.unwrap();
        let account: AccountId = view.id.parse().unwrap();
        if let Some(text) = system.played().directory(&cards) {
            let imported = desk
                .import_directory(ImportDirectory {
                    account_id: view.id,
                    text,
                    columns: None,
                    tokens_confirmed: true,
                    dry_run: false,
                })
                .await
                .unwrap();
            assert_eq!(imported.new as usize, cards.len(), "{imported:?}");
        }
        desk.read_account(account, false).await.unwrap();
        desk.close().await;
        drop(desk);
        shop.stop();
        Self {
            system,
            port,
            template,
            account,
            cards,
        }
    }

    /// The payment system as it was when it was read.
    pub fn shop(&self) -> Running {
        let shop = start(self.system, self.port);
        let cards = self.played().prepared(&shop);
        assert_eq!(cards, self.cards, "the same world every time");
        shop
    }

    pub fn played(&self) -> &'static dyn Played {
        self.system.played()
    }

    /// The payment system's own side.
    pub fn handle(&self, shop: &Running) -> SystemHandle {
        shop.system(self.system.name())
    }

    /// How many writes of these cards the payment system took.
    pub fn taken(&self, shop: &Running, cards: &[Card]) -> usize {
        let calls: Vec<(&str, String)> = cards
            .iter()
            .flat_map(|card| self.played().calls(card, true))
            .collect();
        let taken = |write: &Write| {
            let done = write.status.is_none_or(|status| status < 300);
            let about = calls
                .iter()
                .any(|(verb, path)| write.method == *verb && write.path.contains(path.as_str()));
            write.handled && done && about
        };
        self.handle(shop)
            .writes()
            .iter()
            .filter(|write| taken(write))
            .count()
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

    pub fn card_id(&self, card: &Card) -> String {
        self.account.token(&card.id).to_string()
    }
}

fn start(system: System, port: u16) -> Running {
    let options = Options {
        customers: system.played().customers(),
        seed: 11,
        port,
        systems: vec![system.name().to_owned()],
        ..Options::default()
    };
    // The port of the last one may take a moment to be free.
    for _ in 0..200 {
        if let Ok(running) = Sandbox::start(options.clone()) {
            return running;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("port {port} is not free");
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

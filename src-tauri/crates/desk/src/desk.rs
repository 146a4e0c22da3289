//! The desk: its files, its accounts, its engine. Opened once a process.

use crate::background::{Background, Invalidator};
use crate::contract::{
    CheckResult, DeskStatus, Env, EnvStatus, Network, Nothing, OlderLedger, PlanWarning, Problem, ProblemCode,
};
use crate::host::Host;
use crate::log::Note;
use crate::reach::Reach;
use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::SecretString;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokendesk_model::{AccountId, Environment, PlanId, TokenId};
use tokendesk_providers::HttpOptions;
use tokendesk_store::Store;
use tokendesk_store::secrets::{SecretError, SecretMode, Vault};
use tokendesk_store::{Holder, HolderError, OpenError};
use tokendesk_sync::{Clock, Engine};

/// Where the keys of a data folder are kept. One way per folder.
#[derive(Clone)]
pub enum Secrets {
    /// The operating system's keychain.
    Keychain,
    /// One file in the data folder, sealed by a passphrase.
    Passphrase(SecretString),
}

impl Secrets {
    /// Takes the passphrase from a file that only its owner can read.
    ///
    /// # Errors
    /// `passphrase_file` when others can read it, or it is empty or cannot be read.
    pub fn from_passphrase_file(path: &Path) -> Result<Self, Problem> {
        match tokendesk_store::secrets::read_passphrase_file(path) {
            Ok(passphrase) => Ok(Self::Passphrase(passphrase)),
            Err(SecretError::Io(kind)) => Err(Problem::with(
                ProblemCode::PassphraseFile,
                [("why", format!("It cannot be read: {kind}."))],
            )),
            Err(error) => Err(error.into()),
        }
    }
}

/// How to open a desk.
#[derive(Clone)]
pub struct DeskOptions {
    /// Data folder; made if missing.
    pub folder: PathBuf,
    /// Where its keys are.
    pub secrets: Secrets,
    /// Read and send in the background: the window does, the terminal acts when told.
    pub background: bool,
    /// May open a folder that another process holds, to read from it.
    pub share: bool,
    /// How to speak HTTP; production uses the default.
    pub http: HttpOptions,
    /// The time by which changes are dated and become due.
    pub clock: Arc<dyn Clock>,
}

pub(crate) struct Inner {
    pub store: Store,
    pub vault: Arc<Vault>,
    pub engine: Engine,
    pub reach: Arc<Reach>,
    pub host: Arc<dyn Host>,
    pub clock: Arc<dyn Clock>,
    pub folder: PathBuf,
    pub invalidator: Arc<Invalidator>,
    holder: Result<Holder, String>,
    secrets_word: &'static str,
    cache_rebuilt: Option<String>,
    pub memory: Mutex<Memory>,
    background: Mutex<Option<Background>>,
    /// A plan was started, or may have more to queue.
    pub plans_move: tokio::sync::Notify,
}

/// What is remembered of accounts while the process runs.
#[derive(Default)]
pub(crate) struct Memory {
    pub checks: HashMap<AccountId, CheckResult>,
    pub problems: HashMap<AccountId, Problem>,
    /// What follows from the plans made lately, so that looking at one again does not search again.
    pub warnings: HashMap<PlanId, Vec<PlanWarning>>,
    /// What was looked at lately, so that looking again at once is not written into the log again.
    pub looks: HashMap<String, Instant>,
    /// Open payments and subscriptions that a person was told of before deleting a card.
    pub told_of: HashMap<TokenId, Vec<String>>,
    /// Pages given out since the start: nothing else is opened in a browser.
    pub pages: HashSet<String>,
    /// The newest row of the log that is known to be anchored.
    pub anchored: Option<i64>,
    /// An older ledger that waits for a person's word.
    pub older_ledger: Option<OlderLedger>,
}

/// The desk. Cheap to clone; one a process.
#[derive(Clone)]
pub struct Desk(pub(crate) Arc<Inner>);

impl Desk {
    /// Opens the data folder, making what is missing on a true first run.
    ///
    /// # Errors
    /// A [`Problem`] in plain words; nothing is created over something that could not be read.
    pub async fn open(options: DeskOptions, host: Arc<dyn Host>) -> Result<Self, Problem> {
        make_folder(&options.folder)?;
        let name = format!("{} on {}", host.who(), host.desk_name());
        let mut holder = match Holder::acquire(&options.folder, &name) {
            Ok(holder) => Ok(holder),
            Err(HolderError::Held(by)) => Err(by.0),
            Err(HolderError::Io(kind)) => return Err(folder_problem(kind)),
        };
        if let (Err(by), false) = (&holder, options.share) {
            return Err(in_use(by));
        }
        if options.share && tokendesk_store::is_ready_to_share(&options.folder) {
            // A reader does not keep others from starting.
            holder = holder.and(Err(name));
        }
        let (mode, secrets_word) = match options.secrets {
            Secrets::Keychain => (SecretMode::Keychain, "keychain"),
            Secrets::Passphrase(passphrase) => (SecretMode::Passphrase(passphrase), "sealed_file"),
        };
        let vault = Arc::new(Vault::open(&options.folder, mode).await?);
        let key = vault.db_key().await?;
        let opened = match &holder {
            Ok(_) => Store::open(&options.folder, &key).await?,
            Err(_) => match Store::open_shared(&options.folder, &key).await {
                // An older version's files: somebody has to bring them up to date first.
                Err(OpenError::Busy) => match Holder::acquire(&options.folder, "an update of its files") {
                    Ok(_until_done) => Store::open(&options.folder, &key).await?,
                    Err(_) => return Err(OpenError::Busy.into()),
                },
                opened => opened?,
            },
        };
        let not_restored = opened.not_restored;
        let clock = options.clock;
        let reach = Arc::new(Reach {
            vault: Arc::clone(&vault),
            host: Arc::clone(&host),
            folder: options.folder.clone(),
            http: options.http,
        });
        let invalidator = Arc::new(Invalidator::new(Arc::clone(&host)));
        let listener: Arc<dyn tokendesk_sync::Listener> = invalidator.clone();
        let engine = Engine::new(
            opened.store.clone(),
            reach.clone(),
            Arc::clone(&clock),
            listener,
            holder.is_ok(),
        )
        .await
        .map_err(|error| crate::problems::of_sync(error, &crate::problems::Names::nobody()))?;
        let desk = Self(Arc::new(Inner {
            store: opened.store,
            vault,
            engine,
            reach,
            host,
            clock,
            folder: options.folder,
            invalidator,
            holder,
            secrets_word,
            cache_rebuilt: opened
                .cache_rebuilt
                .and_then(|path| path.file_name().map(|name| name.to_string_lossy().into_owned())),
            memory: Mutex::default(),
            background: Mutex::default(),
            plans_move: tokio::sync::Notify::new(),
        }));
        if let Some(error) = not_restored {
            // What stood there still stands.
            tracing::warn!(%error, "the backup was not put in place");
            desk.note(Note {
                action: "backup.restored",
                outcome: "failed",
                ..Note::default()
            })
            .await?;
        }
        if desk.0.holder.is_ok() {
            desk.recognise_ledger().await?;
        }
        if options.background && desk.0.holder.is_ok() {
            let background = Background::start(&desk);
            *desk.0.background.lock().unwrap_or_else(PoisonError::into_inner) = Some(background);
        }
        Ok(desk)
    }

    /// Ends what runs, finishing the request on its way, and closes the files.
    pub async fn close(&self) {
        let background = self
            .0
            .background
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.0.engine.stop().await;
        if let Some(background) = background {
            background.end().await;
        }
        // What is not anchored now is anchored at the next start; nothing else depends on it.
        if let Err(problem) = self.anchor_log().await {
            tracing::warn!(code = ?problem.code, "the log was not anchored");
        }
        self.0.store.clone().close().await;
    }

    /// The desk at a glance.
    ///
    /// # Errors
    /// A [`Problem`] if the files cannot be read.
    pub async fn desk_status(&self, _request: Nothing) -> Result<DeskStatus, Problem> {
        let accounts = self.0.store.accounts().await?;
        let mut environments = Vec::new();
        for environment in Environment::ALL.into_iter().rev() {
            let here: Vec<_> = accounts
                .iter()
                .filter(|account| account.environment == environment)
                .collect();
            if here.is_empty() {
                continue;
            }
            let totals = self.0.store.totals(environment).await?;
            let mut oldest: Option<DateTime<Utc>> = None;
            let mut unread = false;
            let mut network = Network::Unknown;
            for account in &here {
                match self.0.store.last_pass(account.id).await? {
                    Some(pass) => oldest = Some(oldest.map_or(pass.started_at, |at| at.min(pass.started_at))),
                    None => unread = true,
                }
                let shown = self.0.engine.network(account.id);
                network = worse(network, shown, &account.label, self.0.engine.next_try(account.id));
            }
            let changes = self.0.store.change_counts(Some(environment)).await?;
            environments.push(EnvStatus {
                env: Env::from(environment),
                accounts: crate::views::small(here.len() as u64),
                people: crate::views::small(totals.people),
                cards: crate::views::small(totals.cards),
                read_since: oldest.filter(|_| !unread).map(rfc3339),
                network,
                changes: crate::views::change_counts(&changes),
            });
        }
        Ok(DeskStatus {
            first_start: accounts.is_empty(),
            environments,
            who: self.0.host.who(),
            desk: self.0.host.desk_name(),
            secrets: self.0.secrets_word.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            cache_rebuilt: self.0.cache_rebuilt.clone(),
            older_ledger: self.older_ledger(),
        })
    }

    /// Whether reading and sending go on by themselves.
    pub(crate) fn works_along(&self) -> bool {
        self.0
            .background
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    /// Refuses to write while another process holds the folder.
    pub(crate) fn may_write(&self) -> Result<(), Problem> {
        match &self.0.holder {
            Ok(_) => Ok(()),
            Err(by) => Err(in_use(by)),
        }
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        // Plain maps, whole after every statement.
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// Who acts, as written into the outbox and the log.
    pub(crate) fn actor(&self) -> String {
        format!("{}, desk {}", self.0.host.who(), self.0.host.desk_name())
    }
}

fn make_folder(folder: &Path) -> Result<(), Problem> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder
        .create(folder)
        .map_err(|error| folder_problem(error.kind()))
}

fn folder_problem(kind: std::io::ErrorKind) -> Problem {
    Problem::with(ProblemCode::DataFolder, [("why", format!("{kind}."))])
}

fn in_use(by: &str) -> Problem {
    Problem::with(ProblemCode::DeskInUse, [("holder", by.to_owned())])
}

fn worse(
    shown: Network,
    network: tokendesk_sync::Network,
    label: &str,
    next_try: Option<Duration>,
) -> Network {
    let next_try = next_try.map(|left| u32::try_from(left.as_millis()).unwrap_or(u32::MAX));
    match (shown, network) {
        (
            Network::Offline {
                since,
                next_try_ms,
                mut accounts,
            },
            tokendesk_sync::Network::Offline { since: other },
        ) => {
            accounts.push(label.to_owned());
            Network::Offline {
                since: since.min(rfc3339(other)),
                next_try_ms: [next_try_ms, next_try].into_iter().flatten().min(),
                accounts,
            }
        }
        (shown @ Network::Offline { .. }, _) => shown,
        (_, tokendesk_sync::Network::Offline { since }) => Network::Offline {
            since: rfc3339(since),
            next_try_ms: next_try,
            accounts: vec![label.to_owned()],
        },
        (_, tokendesk_sync::Network::Online) | (Network::Online, _) => Network::Online,
        (Network::Unknown, tokendesk_sync::Network::Unknown) => Network::Unknown,
    }
}

/// Times cross the border as RFC 3339 in UTC, to the millisecond: texts sort as times.
pub(crate) fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

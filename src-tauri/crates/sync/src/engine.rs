//! Everything that runs beside the screens: pulls by account, the outbox worker, and what they show of themselves.
//!
//! One account never waits for another: each has its own link, its own pull and its own lanes.

mod following;
mod holds;
mod schedule;
mod worker;

pub use following::Followed;
pub use holds::EndHolds;
pub(crate) use schedule::Schedule;
pub use worker::PushSummary;

use crate::error::SyncError;
use crate::link::{Calls, Connect, Link, Network};
use crate::plan::Asked;
use crate::progress::Progress;
use crate::pull::{Pull, Pulled};
use crate::refresh::{Customer, Refresh, Refreshed};
use crate::{Changed, Clock, Listener};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokendesk_model::AccountId;
use tokendesk_providers::{ProviderError, ProviderErrorKind};
use tokendesk_store::Store;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Why an account rests in which a production card was found, as stored.
pub const PRODUCTION_SEEN: &str = "production_seen";

/// Asks for a pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullRequest {
    /// Which account.
    pub account: AccountId,
    /// Begin a new complete pass, whatever is due.
    pub full: bool,
}

struct Running {
    stop: CancellationToken,
    progress: Option<Progress>,
}

struct Inner {
    store: Store,
    connect: Arc<dyn Connect>,
    clock: Arc<dyn Clock>,
    listener: Arc<dyn Listener>,
    holder: bool,
    links: Mutex<HashMap<AccountId, Arc<Link>>>,
    // Accounts whose credentials could not be fetched, and when: asking again may ask a person again.
    unusable: Mutex<HashMap<AccountId, Instant>>,
    running: Mutex<HashMap<AccountId, Running>>,
    // One push at a time: two would send the same change twice.
    pushing: tokio::sync::Mutex<()>,
    holds: holds::Holds,
    schedule: Arc<Schedule>,
    resting: Arc<AtomicBool>,
    wake: Notify,
    stop: CancellationToken,
}

/// Reading and sending for all accounts. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The maps behind these locks are whole after every statement.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// An engine at rest. For the holder of the data folder, changes that were on their way when the last process ended go
    /// back into the queue; they are re-read before anything is repeated.
    ///
    /// # Errors
    /// [`SyncError::Store`].
    pub async fn new(
        store: Store,
        connect: Arc<dyn Connect>,
        clock: Arc<dyn Clock>,
        listener: Arc<dyn Listener>,
        holder: bool,
    ) -> Result<Self, SyncError> {
        if holder {
            store.recover(clock.now()).await?;
        }
        Ok(Self(Arc::new(Inner {
            store,
            connect,
            clock,
            listener,
            holder,
            links: Mutex::default(),
            unusable: Mutex::default(),
            running: Mutex::default(),
            pushing: tokio::sync::Mutex::default(),
            holds: holds::Holds::default(),
            schedule: Arc::default(),
            resting: Arc::default(),
            wake: Notify::new(),
            stop: CancellationToken::new(),
        })))
    }

    /// The link of an account, made on first use.
    ///
    /// # Errors
    /// [`SyncError::NoAccount`], [`SyncError::Credentials`].
    pub async fn link(&self, account: AccountId) -> Result<Arc<Link>, SyncError> {
        if let Some(link) = locked(&self.0.links).get(&account) {
            return Ok(Arc::clone(link));
        }
        let known = self
            .0
            .store
            .account(account)
            .await?
            .ok_or(SyncError::NoAccount(account))?;
        let system = self.0.connect.connect(&known).await?;
        let link = Arc::new(Link::new(known, system));
        Ok(Arc::clone(locked(&self.0.links).entry(account).or_insert(link)))
    }

    /// Stops what runs for an account and forgets its link: after a removal, or with new credentials.
    pub fn forget(&self, account: AccountId) {
        self.stop_pull(account);
        locked(&self.0.links).remove(&account);
        locked(&self.0.unusable).remove(&account);
    }

    /// Whether an account is left alone for a while.
    pub fn rests(&self, account: AccountId) -> bool {
        locked(&self.0.links)
            .get(&account)
            .is_some_and(|link| link.rest().is_some())
    }

    /// Waits until the running pull of an account, if any, has ended.
    pub async fn wait_for_pull(&self, account: AccountId) {
        while locked(&self.0.running).contains_key(&account) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// How long until an account that does not answer, or asked to wait, is tried again by itself.
    pub fn next_try(&self, account: AccountId) -> Option<Duration> {
        locked(&self.0.links).get(&account)?.rest()
    }

    /// Calls made to an account since its link was made.
    pub fn calls(&self, account: AccountId) -> Calls {
        locked(&self.0.links)
            .get(&account)
            .map(|link| link.calls())
            .unwrap_or_default()
    }

    /// What the last request to an account showed.
    pub fn network(&self, account: AccountId) -> Network {
        locked(&self.0.links)
            .get(&account)
            .map(|link| link.network())
            .unwrap_or_default()
    }

    /// How far the running pull of an account is. `Some(None)`: just begun.
    pub fn progress(&self, account: AccountId) -> Option<Option<Progress>> {
        locked(&self.0.running)
            .get(&account)
            .map(|running| running.progress)
    }

    /// Stops the running pull of an account; what was stored stays, and the next pull goes on from there.
    pub fn stop_pull(&self, account: AccountId) {
        if let Some(running) = locked(&self.0.running).get(&account) {
            running.stop.cancel();
        }
    }

    /// Reads an account until nothing is due.
    ///
    /// # Errors
    /// [`SyncError`]; rejected credentials pause the account.
    pub async fn pull(&self, request: PullRequest) -> Result<Pulled, SyncError> {
        let stop = self.0.stop.child_token();
        {
            let mut running = locked(&self.0.running);
            if running.contains_key(&request.account) {
                return Err(SyncError::AlreadyRunning);
            }
            running.insert(
                request.account,
                Running {
                    stop: stop.clone(),
                    progress: None,
                },
            );
        }
        let _ended = Ended {
            engine: self.clone(),
            account: request.account,
        };
        self.0.listener.changed(Changed::Accounts);
        let link = self.link_or_pause(request.account).await?;
        let reporter = self.clone();
        let pull = Pull {
            store: self.0.store.clone(),
            link: Arc::clone(&link),
            clock: Arc::clone(&self.0.clock),
            listener: Arc::clone(&self.0.listener),
            stop,
            report: Arc::new(move |progress| {
                if let Some(running) = locked(&reporter.0.running).get_mut(&request.account) {
                    running.progress = Some(progress);
                }
            }),
        };
        let result = pull
            .run(if request.full { Asked::Full } else { Asked::Due })
            .await;
        self.pause_after(request.account, &result).await?;
        if result.is_ok() {
            // The account answers: what waited for it may go.
            self.0.wake.notify_one();
        }
        result
    }

    /// Re-reads one customer, ahead of everything else.
    ///
    /// # Errors
    /// [`SyncError`].
    pub async fn refresh(&self, account: AccountId, customer: &Customer) -> Result<Refreshed, SyncError> {
        let link = self.link_or_pause(account).await?;
        let refresh = Refresh {
            store: self.0.store.clone(),
            link: Arc::clone(&link),
            clock: Arc::clone(&self.0.clock),
            listener: Arc::clone(&self.0.listener),
        };
        let result = refresh.run(customer).await;
        self.pause_after(account, &result).await?;
        result
    }

    /// Wakes the worker: something was queued, undone or decided, or a person wants it tried now.
    pub fn wake(&self) {
        self.0.wake.notify_one();
        self.holds_moved();
    }

    /// Lets every account be asked again at once, except those that asked to wait.
    pub fn wake_links(&self) {
        for link in locked(&self.0.links).values() {
            link.wake();
        }
    }

    /// Stops pulls and the worker; what is on its way ends first.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        let _last = self.0.pushing.lock().await;
        while !locked(&self.0.running).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The link; an account whose credentials cannot even be used rests like one whose credentials were rejected.
    async fn link_or_pause(&self, account: AccountId) -> Result<Arc<Link>, SyncError> {
        let link = self.link(account).await;
        if let Err(SyncError::Provider(error)) = &link {
            self.pause_if_rejected(account, error).await?;
        }
        link
    }

    async fn pause_after<T>(
        &self,
        account: AccountId,
        result: &Result<T, SyncError>,
    ) -> Result<(), SyncError> {
        match result {
            Err(SyncError::Provider(error)) => self.pause_if_rejected(account, error).await,
            Err(SyncError::ProductionSeen) => self.pause(account, PRODUCTION_SEEN).await,
            _ => Ok(()),
        }
    }

    async fn pause_if_rejected(&self, account: AccountId, error: &ProviderError) -> Result<(), SyncError> {
        let reason = match error.kind {
            ProviderErrorKind::Unauthorized => "credentials_rejected".to_owned(),
            ProviderErrorKind::ClockSkew { ahead_by_seconds } => format!("clock_skew:{ahead_by_seconds}"),
            ProviderErrorKind::BadCredentials => "key_malformed".to_owned(),
            ProviderErrorKind::HostNotAllowed => "host_not_allowed".to_owned(),
            ProviderErrorKind::WrongKeyKind => "wrong_key_kind".to_owned(),
            ProviderErrorKind::WrongEnvironment => "wrong_environment".to_owned(),
            _ => return Ok(()),
        };
        self.pause(account, &reason).await
    }

    async fn pause(&self, account: AccountId, reason: &str) -> Result<(), SyncError> {
        self.0.store.set_paused(account, Some(reason)).await?;
        self.0.listener.changed(Changed::Accounts);
        Ok(())
    }
}

/// Takes the account off the list of running pulls, however the pull ended.
struct Ended {
    engine: Engine,
    account: AccountId,
}

impl Drop for Ended {
    fn drop(&mut self) {
        locked(&self.engine.0.running).remove(&self.account);
        self.engine.0.listener.changed(Changed::Accounts);
    }
}

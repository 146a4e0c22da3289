//! The link to one account's payment system: what the last request showed, and how long to leave it alone.

use crate::error::SyncError;
use crate::pace::Pace;
use crate::{Clock, backoff};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokendesk_model::capability::{Capabilities, Lesson, Listing};
use tokendesk_model::{Account, Environment, VersionSnapshot};
use tokendesk_providers::{PaymentSystem, ProviderError, ProviderErrorKind, RetryKind};
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// A provider that was not reached is tried this often at least: nobody is burdened by it, and a person waits for the network.
const UNANSWERED_AT_MOST: Duration = Duration::from_secs(20);
/// A rest the provider asked for that is waited out on the spot, instead of coming back later.
pub(crate) const SHORT_REST: Duration = Duration::from_secs(5);
/// How often one call is repeated that the provider asked to make later.
const SHORT_RESTS: u32 = 4;
/// Lanes of one account that are sent at once.
pub(crate) const LANES: usize = 8;

/// Makes a payment system for an account: fetches its credentials and knows where it lives.
#[async_trait]
pub trait Connect: Send + Sync + 'static {
    /// Sends nothing.
    ///
    /// # Errors
    /// [`SyncError::Credentials`] or [`SyncError::Provider`].
    async fn connect(&self, account: &Account) -> Result<Arc<dyn PaymentSystem>, SyncError>;
}

/// Whether the account answers, as the last request showed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Network {
    /// Nothing was asked yet.
    #[default]
    Unknown,
    /// The last request was answered, even if with a refusal.
    Online,
    /// The last request was not answered.
    Offline {
        /// Since when.
        since: DateTime<Utc>,
    },
}

/// Calls made to one account since its link was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    /// Answered, whatever the answer was; those told to come back later are not among them.
    pub answered: u64,
    /// Told to come back later (429).
    pub limited: u64,
    /// Not answered.
    pub unanswered: u64,
}

#[derive(Debug, Default)]
struct Health {
    network: Network,
    failures: u32,
    rest_until: Option<Instant>,
    /// The provider asked for this rest: neither a better answer nor an impatient person ends it.
    limited_until: Option<Instant>,
    calls: Calls,
    pace: Pace,
}

/// One account's payment system with what its answers showed.
pub struct Link {
    /// The account as it was when the link was made.
    pub account: Account,
    /// The payment system.
    pub system: Arc<dyn PaymentSystem>,
    health: Mutex<Health>,
    /// One permit for each lane that is sent at once.
    pub(crate) lanes: Arc<Semaphore>,
}

impl Link {
    /// A link nothing was asked of yet.
    pub fn new(account: Account, system: Arc<dyn PaymentSystem>) -> Self {
        Self {
            account,
            system,
            health: Mutex::default(),
            lanes: Arc::new(Semaphore::new(LANES)),
        }
    }

    /// What the account can do; a field that is only attempted counts as taken here.
    pub(crate) fn capabilities(&self) -> Capabilities {
        self.system.capabilities(Lesson::Accepts)
    }

    /// Whether reads are answered from what was imported here: no call is made, and none shows whether the account answers.
    pub(crate) fn reads_here(&self) -> bool {
        self.capabilities().listing == Listing::Imported
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        // A panic elsewhere cannot leave these three plain values half written.
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of an answer, and hands it on. Returns whether the network state turned, in the second place.
    pub fn note<T>(
        &self,
        answer: Result<T, ProviderError>,
        now: DateTime<Utc>,
    ) -> (Result<T, ProviderError>, bool) {
        let mut health = self.health();
        let before = health.network;
        health.count(&answer);
        match &answer {
            Ok(_) => {
                health.network = Network::Online;
                health.failures = 0;
                health.rest_until = None;
            }
            Err(error) => match error.retry() {
                RetryKind::Network => {
                    if !matches!(before, Network::Offline { .. }) {
                        health.network = Network::Offline { since: now };
                    }
                    let wait =
                        backoff::wait(health.failures, None, backoff::jitter()).min(UNANSWERED_AT_MOST);
                    health.rest_until = Some(Instant::now() + wait);
                    health.failures = health.failures.saturating_add(1);
                }
                RetryKind::Transient { retry_after } => {
                    health.network = Network::Online;
                    let wait = backoff::wait(health.failures, retry_after, backoff::jitter());
                    let until = Instant::now() + wait;
                    if error.kind == ProviderErrorKind::RateLimited {
                        health.limited_until = health.limited_until.max(Some(until));
                    } else {
                        health.rest_until = Some(until);
                    }
                    health.failures = health.failures.saturating_add(1);
                }
                RetryKind::Credentials | RetryKind::Permanent => {
                    if error.status.is_some() {
                        health.network = Network::Online;
                    }
                    health.failures = 0;
                    health.rest_until = None;
                }
            },
        }
        let turned = std::mem::discriminant(&before) != std::mem::discriminant(&health.network);
        drop(health);
        (answer, turned)
    }

    /// Live cards never enter a list of test cards: the account rests until it is connected as what it is.
    ///
    /// # Errors
    /// [`SyncError::ProductionSeen`]; nothing of what was read may be stored.
    pub fn refuse_production(&self, versions: &[VersionSnapshot]) -> Result<(), SyncError> {
        let live = self.account.environment == Environment::Live;
        if !live && versions.iter().any(|version| version.production == Some(true)) {
            return Err(SyncError::ProductionSeen);
        }
        Ok(())
    }

    /// What the last request showed.
    pub fn network(&self) -> Network {
        self.health().network
    }

    /// How long the account should still be left alone.
    pub fn rest(&self) -> Option<Duration> {
        let health = self.health();
        left(health.rest_until.max(health.limited_until))
    }

    /// How long the provider asked to wait, whatever a person wants.
    pub fn limited(&self) -> Option<Duration> {
        left(self.health().limited_until)
    }

    /// Whether nothing new should be begun: it does not answer, or asked for more than a short rest.
    pub(crate) fn is_left_alone(&self) -> bool {
        let health = self.health();
        left(health.rest_until).is_some() || left(health.limited_until).is_some_and(|rest| rest > SHORT_REST)
    }

    /// A person wants it tried now. A rest the provider asked for stands.
    pub fn wake(&self) {
        let mut health = self.health();
        health.rest_until = None;
        health.failures = 0;
    }

    /// Calls made so far.
    pub fn calls(&self) -> Calls {
        self.health().calls
    }

    /// Waits for the turn of so many calls, at the pace this account has been found to allow.
    pub(crate) async fn turn(&self, calls: u32) {
        let wait = self.health().pace.reserve(calls, Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// Gives back calls of a turn that were not needed.
    pub(crate) fn unused(&self, calls: u32) {
        self.health().pace.give_back(calls);
    }

    /// Waits out a short rest.
    ///
    /// # Errors
    /// [`SyncError::Resting`] where the rest is a longer one.
    pub(crate) async fn short_rest(&self) -> Result<(), SyncError> {
        while let Some(rest) = self.limited() {
            if rest > SHORT_REST {
                return Err(SyncError::Resting);
            }
            tokio::time::sleep(rest).await;
        }
        Ok(())
    }

    /// Makes one reading call and takes note of its answer; where the provider asks for a short rest, after that rest.
    ///
    /// # Errors
    /// [`SyncError::Resting`] where the provider asked for a longer rest before; [`SyncError::Provider`].
    pub(crate) async fn read<T, F>(&self, clock: &dyn Clock, ask: impl Fn() -> F) -> Result<T, SyncError>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        if self.reads_here() {
            return Ok(ask().await?);
        }
        let mut rests = 0;
        loop {
            self.short_rest().await?;
            let (answer, _) = self.note(ask().await, clock.now());
            match answer {
                Err(error) if error.kind == ProviderErrorKind::RateLimited && rests < SHORT_RESTS => {
                    rests += 1;
                    if self.limited().is_some_and(|rest| rest > SHORT_REST) {
                        return Err(error.into());
                    }
                }
                answer => return Ok(answer?),
            }
        }
    }
}

impl Health {
    fn count<T>(&mut self, answer: &Result<T, ProviderError>) {
        let now = Instant::now();
        match answer {
            Err(error) if error.kind == ProviderErrorKind::RateLimited => {
                self.calls.limited += 1;
                self.pace.refused(now);
            }
            Err(error) if error.status.is_none() && error.retry() == RetryKind::Network => {
                self.calls.unanswered += 1;
            }
            _ => {
                self.calls.answered += 1;
                self.pace.answered();
            }
        }
    }
}

fn left(until: Option<Instant>) -> Option<Duration> {
    let until = until?;
    let now = Instant::now();
    (until > now).then(|| until - now)
}

//! The link to one account's payment system: what the last request showed, and how long to leave it alone.

use crate::backoff;
use crate::error::SyncError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokendesk_model::{Account, Environment, VersionSnapshot};
use tokendesk_providers::{PaymentSystem, ProviderError, RetryKind};
use tokio::time::Instant;

/// A provider that was not reached is tried this often at least: nobody is burdened by it, and a person waits for the network.
const UNANSWERED_AT_MOST: Duration = Duration::from_secs(20);

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

#[derive(Debug, Default)]
struct Health {
    network: Network,
    failures: u32,
    rest_until: Option<Instant>,
}

/// One account's payment system with what its answers showed.
pub struct Link {
    /// The account as it was when the link was made.
    pub account: Account,
    /// The payment system.
    pub system: Arc<dyn PaymentSystem>,
    health: Mutex<Health>,
}

impl Link {
    /// A link nothing was asked of yet.
    pub fn new(account: Account, system: Arc<dyn PaymentSystem>) -> Self {
        Self {
            account,
            system,
            health: Mutex::default(),
        }
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
                    health.rest_until = Some(Instant::now() + wait);
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
        let until = self.health().rest_until?;
        let now = Instant::now();
        (until > now).then(|| until - now)
    }

    /// A person wants it tried now.
    pub fn wake(&self) {
        let mut health = self.health();
        health.rest_until = None;
        health.failures = 0;
    }
}

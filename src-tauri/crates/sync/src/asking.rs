//! How somebody asks a payment system: a pull has patience, a person who waits has little.

use crate::error::SyncError;
use crate::link::Link;
use crate::{Changed, Clock, Listener, backoff};
use std::future::Future;
use std::mem::discriminant;
use std::time::Duration;
use tokendesk_providers::{ProviderError, RetryKind};
use tokio_util::sync::CancellationToken;

/// How often one call is made before a pull gives up for now.
const TRIES: u32 = 5;

/// How long somebody waits for an answer.
#[derive(Clone, Copy)]
pub(crate) enum Patience<'a> {
    /// As long as it takes, unless it is stopped.
    UntilStopped(&'a CancellationToken),
    /// For short rests only.
    Short,
}

/// Makes reading calls, and takes note of their answers.
pub(crate) struct Asking<'a> {
    pub link: &'a Link,
    pub clock: &'a dyn Clock,
    pub listener: &'a dyn Listener,
    pub patience: Patience<'a>,
}

impl Asking<'_> {
    /// Asks, and where it may help asks again.
    pub async fn ask<T, F>(&self, ask: impl Fn() -> F) -> Result<T, SyncError>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        let stop = match self.patience {
            _ if self.link.reads_here() => return Ok(ask().await?),
            Patience::UntilStopped(stop) => stop,
            Patience::Short => return self.briefly(ask).await,
        };
        let mut tries = 0;
        loop {
            // Others of this account may have been told to wait.
            if let Some(rest) = self.link.limited() {
                sleep(stop, rest).await?;
            }
            let answer = tokio::select! {
                biased;
                () = stop.cancelled() => return Err(SyncError::Stopped),
                answer = ask() => answer,
            };
            let (answer, turned) = self.link.note(answer, self.clock.now());
            if turned {
                self.listener.changed(Changed::Accounts);
            }
            let error = match answer {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            tries += 1;
            let wait = match error.retry() {
                RetryKind::Transient { retry_after } if tries < TRIES => {
                    backoff::wait(tries - 1, retry_after, backoff::jitter())
                }
                // Once more at once: a kept connection may simply have been closed meanwhile.
                RetryKind::Network if tries < 2 => Duration::from_millis(200),
                _ => return Err(error.into()),
            };
            sleep(stop, wait).await?;
        }
    }

    async fn briefly<T, F>(&self, ask: impl Fn() -> F) -> Result<T, SyncError>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        let before = self.link.network();
        let answer = self.link.read(self.clock, ask).await;
        if discriminant(&before) != discriminant(&self.link.network()) {
            self.listener.changed(Changed::Accounts);
        }
        answer
    }
}

async fn sleep(stop: &CancellationToken, wait: Duration) -> Result<(), SyncError> {
    tokio::select! {
        () = stop.cancelled() => Err(SyncError::Stopped),
        () = tokio::time::sleep(wait) => Ok(()),
    }
}

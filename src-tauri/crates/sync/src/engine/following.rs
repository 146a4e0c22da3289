//! Deletions followed to their end: a card in `deleting`, whoever asked for it, is read again now and then, until it is
//! deleted or proven to be gone.

use super::Engine;
use super::worker::LONGEST_SLEEP;
use crate::Changed;
use crate::error::SyncError;
use crate::link::Link;
use crate::proof::another_answers;
use crate::tokens::put_token;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;
use tokendesk_model::{Account, AccountId, SearchQuery, TokenState};
use tokendesk_providers::TokenRef;
use tokendesk_store::CardRow;
use tokio::time::Instant;

/// Between two looks at what is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// A deletion that was asked for, or is planned to end, this recently or soon is read more often.
const NEAR: TimeDelta = TimeDelta::hours(1);
/// That often.
const OFTEN: TimeDelta = TimeDelta::minutes(3);
/// And every other one this often. A minute less than an hour: the look itself comes by the minute.
const AT_LEAST: TimeDelta = TimeDelta::minutes(58);
/// Cards of one account read in one look.
const AT_ONCE: usize = 100;
/// And for so long: what is left is read in the next look, so that an account that answers slowly keeps no other one waiting.
const LOOK_FOR: Duration = Duration::from_secs(60);
/// Cards asked for in one page.
const PAGE: u32 = 1_000;

/// What a look at deletions found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Followed {
    /// Cards read again.
    pub read: u32,
    /// Of these, deleted now or gone.
    pub ended: u32,
}

/// Whether a card that is being deleted should be read again. A clock that was set back counts as due.
fn is_due(card: &CardRow, now: DateTime<Utc>) -> bool {
    let since = now - card.read_at;
    let near = card
        .snapshot
        .planned_purge_on
        .is_none_or(|purge| (purge - now).abs() <= NEAR || purge <= now);
    since < TimeDelta::zero() || since >= if near { OFTEN } else { AT_LEAST }
}

impl Engine {
    /// Reads again what is being deleted and due. Accounts that rest or are paused are left alone.
    ///
    /// # Errors
    /// [`SyncError::Store`]; what a provider answers ends the look at its account, not the others.
    pub async fn follow_deletions(&self) -> Result<Followed, SyncError> {
        let accounts = self.0.store.accounts().await?;
        let looks = accounts.iter().map(|account| self.follow_account(account));
        let mut followed = Followed::default();
        for look in futures::future::join_all(looks).await {
            let look = look?;
            followed.read += look.read;
            followed.ended += look.ended;
        }
        if followed.ended > 0 {
            self.0.listener.changed(Changed::Cards);
        }
        Ok(followed)
    }

    async fn follow_account(&self, account: &Account) -> Result<Followed, SyncError> {
        let mut followed = Followed::default();
        if account.paused.is_some() || self.0.stop.is_cancelled() {
            return Ok(followed);
        }
        let due = self.deletions_due(account.id).await?;
        if due.is_empty() {
            return Ok(followed);
        }
        let Ok(link) = self.link_or_pause(account.id).await else {
            return Ok(followed);
        };
        let began = Instant::now();
        for card in due {
            if link.rest().is_some() || self.0.stop.is_cancelled() || began.elapsed() > LOOK_FOR {
                break;
            }
            match self.follow(&link, &card).await {
                Ok(ended) => {
                    followed.read += 1;
                    followed.ended += u32::from(ended);
                }
                Err(SyncError::Store(error)) => return Err(error.into()),
                Err(error) => {
                    self.pause_after(account.id, &Err::<(), _>(error)).await?;
                    break;
                }
            }
        }
        Ok(followed)
    }

    /// The cards of an account that are being deleted and due, those read longest ago first.
    async fn deletions_due(&self, account: AccountId) -> Result<Vec<CardRow>, SyncError> {
        let Some(known) = self.0.store.account(account).await? else {
            return Ok(Vec::new());
        };
        let query = SearchQuery {
            states: vec![TokenState::Deleting],
            ..SearchQuery::default()
        };
        let now = self.0.clock.now();
        let mut due: Vec<CardRow> = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .0
                .store
                .cards(known.environment, Some(account), &query, after.as_deref(), PAGE)
                .await?;
            due.extend(page.items.into_iter().filter(|card| is_due(card, now)));
            due.sort_by_key(|card| card.read_at);
            due.truncate(AT_ONCE);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(due),
            }
        }
    }

    /// Reads one card; says whether its deletion has ended.
    async fn follow(&self, link: &Link, card: &CardRow) -> Result<bool, SyncError> {
        let (store, clock) = (&self.0.store, self.0.clock.as_ref());
        let token = TokenRef {
            remote_id: &card.remote_id,
            record: card.snapshot.particulars.record.as_deref(),
        };
        let ticket = store.begin_read();
        let read = link.read(clock, || link.system.read_token(token)).await?;
        match read {
            Some(snapshot) => {
                let ended = snapshot.state != TokenState::Deleting;
                put_token(store, link, ticket, snapshot, clock.now()).await?;
                Ok(ended)
            }
            None if another_answers(store, link, token, clock).await? => {
                store.mark_gone(card.id, ticket, clock.now()).await?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    pub(super) async fn run_following(&self) {
        // Not in the first moments: a start has enough to read.
        let mut wait = LONGEST_SLEEP;
        loop {
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            wait = LOOK_EVERY;
            if let Err(error) = self.follow_deletions().await {
                tracing::warn!(%error, "deletions are followed later");
            }
        }
    }
}

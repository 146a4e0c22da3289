//! What is clear before anything is sent.

use super::{Read, Sender, Verdict};
use crate::error::SyncError;
use chrono::TimeDelta;
use std::time::Duration;
use tokendesk_model::capability::{Capabilities, Carrier, Deletion, ReasonUse};
use tokendesk_model::conflict::conflict;
use tokendesk_model::lane::Proof;
use tokendesk_model::{Change, Stuck, Wish};

/// A read older than this decides nothing.
const FRESH: Duration = Duration::from_secs(2);

impl Sender {
    /// Why nothing of this change may be sent, whatever the card shows.
    pub(super) async fn not_possible(&self, change: &Change) -> Result<Option<Stuck>, SyncError> {
        // As it is now: the link knows the account as it was when it was made.
        let account = self.store.account(change.account).await?;
        let capabilities = self.link.capabilities();
        if account.is_some_and(|account| account.read_only) || !is_sent(&capabilities, change.wish) {
            return Ok(Some(Stuck::NotPossibleHere));
        }
        // Nothing can be read that would show whether it was done: a second time only a person may ask for it.
        let lost = change.doubt.as_ref().is_some_and(|doubt| doubt.of == change.id);
        let unproven = change.wish == Wish::Delete && capabilities.delete == Deletion::RevokesMandate;
        Ok((lost && unproven).then_some(Stuck::AnswerLost))
    }

    /// What is clear before anything is sent; `None` sends.
    pub(super) async fn decide(&self, change: &Change, read: &Read) -> Result<Option<Verdict>, SyncError> {
        let now = self.clock.now();
        // Until the lost write of another change is settled, a card that is as wished may still turn.
        let doubted = change.doubt.as_ref().is_some_and(|doubt| doubt.of != change.id);
        if doubted && let Some(until) = self.store.read_in_doubt(change.id, &read.seen, now).await? {
            return Ok(Some(Verdict::ReadAgain(until)));
        }
        if change.base.same_customer(&read.seen) && read.seen.meets(change.wish) {
            self.note_earlier_reason(change, &read.seen).await?;
            return Ok(Some(Verdict::Done(Proof::AlreadySo)));
        }
        let flipped = self.flipped(change).await?;
        if let Some(kind) = conflict(change, &read.seen, flipped, now) {
            return Ok(Some(Verdict::Conflict(kind, read.seen.clone())));
        }
        if self.is_attempted(change.wish) && !self.store.lesson(change.account).await?.may_be_sent() {
            return Ok(Some(Verdict::Stuck(Stuck::NotPossibleHere)));
        }
        Ok(None)
    }

    /// Whether somebody else was seen flipping the same switch since the decision, even if it was flipped back.
    async fn flipped(&self, change: &Change) -> Result<bool, SyncError> {
        if change.wish == Wish::Delete {
            return Ok(false);
        }
        Ok(self
            .store
            .flipped_since(
                change.token,
                change.wish.field(),
                change.decided_at,
                self.clock.now(),
            )
            .await?)
    }

    pub(super) fn is_old(&self, read: &Read) -> bool {
        // By both clocks: one stands still while the computer sleeps, the other one can be set.
        let fresh = TimeDelta::from_std(FRESH).unwrap_or_default();
        read.at.elapsed() > FRESH || (self.clock.now() - read.wall).abs() > fresh
    }

    /// Whether this is only attempted at its account, so that its answers teach something.
    pub(super) fn is_attempted(&self, wish: Wish) -> bool {
        matches!(
            carrier(&self.link.capabilities(), wish),
            Some(Carrier::Attempted(_))
        )
    }

    /// The words that go along: only where the provider keeps them, and only to switch off.
    pub(super) fn reason<'a>(&self, change: &'a Change) -> Option<&'a str> {
        let kept = self.link.capabilities().reason == ReasonUse::SentToProvider;
        let off = change.wish == Wish::Active(false);
        change.reason.as_deref().filter(|_| kept && off)
    }
}

/// What carries a wish; a deletion has no carrier.
pub(super) fn carrier(capabilities: &Capabilities, wish: Wish) -> Option<Carrier> {
    match wish {
        Wish::OneClick(_) => Some(capabilities.one_click),
        Wish::Active(_) => Some(capabilities.active),
        Wish::Default => Some(capabilities.default_card),
        Wish::Delete => None,
    }
}

fn is_sent(capabilities: &Capabilities, wish: Wish) -> bool {
    match carrier(capabilities, wish) {
        Some(carrier) => carrier.is_sent(),
        None => !matches!(capabilities.delete, Deletion::BlockInstead | Deletion::DeskOnly),
    }
}

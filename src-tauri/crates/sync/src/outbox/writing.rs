//! The write itself, what its answer is worth, and what is read back.

use super::reading::token_of;
use super::{Attempt, Sender, Verdict};
use crate::Changed;
use crate::error::SyncError;
use crate::proof::another_answers;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokendesk_model::capability::Deletion;
use tokendesk_model::lane::Proof;
use tokendesk_model::{ActiveVersion, Change, Lesson, Seen, Stuck, TokenSnapshot, Wish};
use tokendesk_providers::{ProviderError, ProviderErrorKind, RetryKind};

/// Reads after a deletion was taken, before it counts as ignored.
const DELETION_READS: u32 = 4;
/// Pause between those reads.
const DELETION_PAUSE: Duration = Duration::from_millis(700);
/// Wait after the first write of which nobody knows whether it was done; it doubles with each further one.
pub(super) const UNKNOWN_WAIT: Duration = Duration::from_secs(10);
/// And the longest such wait.
const LONGEST_UNKNOWN_WAIT: Duration = Duration::from_secs(600);

impl Sender {
    pub(super) async fn ask(
        &self,
        change: &Change,
        current: &TokenSnapshot,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        let system = &self.link.system;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = match change.wish {
            Wish::OneClick(on) => system.set_one_click(current, on).await,
            Wish::Active(on) => system.set_active(current, on, self.reason(change)).await,
            Wish::Default => system.set_default(current).await.map(|()| None),
            Wish::Delete => system.delete_token(current).await.map(|()| None),
        };
        self.link.note(answer, self.clock.now()).0
    }

    pub(super) async fn read_back(
        &self,
        attempt: &mut Attempt,
        before: &TokenSnapshot,
        answered: Option<TokenSnapshot>,
    ) -> Result<Verdict, SyncError> {
        let change = attempt.change.clone();
        if self.answer_is_the_only_proof(&change) {
            let version = before.version;
            return Ok(Verdict::Done(Proof::Written {
                before: version,
                after: version,
            }));
        }
        let reads = if change.wish == Wish::Delete {
            DELETION_READS
        } else {
            1
        };
        for read in 0..reads {
            if read > 0 {
                attempt.slot.pause(DELETION_PAUSE).await;
            }
            let Some(current) = self.read_token(&change, true).await? else {
                return self.not_there(&change).await;
            };
            self.note_foreign_metadata(&change, before, &current).await?;
            let written = Proof::Written {
                before: before.version,
                after: answered.as_ref().map_or(current.version, |answer| answer.version),
            };
            if is_met(change.wish, &current) {
                self.learn(&change, Lesson::Accepts).await?;
                return Ok(Verdict::Done(written));
            }
            // Accepted, and then changed again by somebody else: the wish was fulfilled, and theirs is newer.
            let accepted = answered
                .as_ref()
                .is_some_and(|answered| is_met(change.wish, answered) && current.version > answered.version);
            if accepted {
                return Ok(Verdict::Done(written));
            }
        }
        self.learn(&change, Lesson::Ignores).await?;
        Ok(Verdict::Stuck(Stuck::Ignored))
    }

    pub(super) async fn after_lost_answer(
        &self,
        attempt: &Attempt,
        before: &TokenSnapshot,
        error: ProviderError,
    ) -> Result<Verdict, SyncError> {
        let change = &attempt.change;
        if self.answer_is_the_only_proof(change) {
            return Ok(Verdict::Stuck(Stuck::AnswerLost));
        }
        // A read that fails as well says nothing; the next attempt begins with a read in any case.
        match self.read_token(change, true).await {
            Ok(Some(current)) if is_met(change.wish, &current) => {
                self.note_foreign_metadata(change, before, &current).await?;
                self.learn(change, Lesson::Accepts).await?;
                // More than one step on, somebody else has written as well.
                let (before, after) = (before.version, current.version);
                Ok(Verdict::Done(if after == before + 1 {
                    Proof::Written { before, after }
                } else {
                    Proof::AlreadySo
                }))
            }
            Ok(Some(_)) => Ok(Verdict::Later(error, Some(unknown_wait(change.attempts)))),
            Ok(None) => self.not_there(change).await,
            Err(SyncError::Provider(_) | SyncError::Resting) => Ok(Verdict::Later(error, None)),
            Err(other) => Err(other),
        }
    }

    /// Whether nothing can be read back that would show that it was done.
    fn answer_is_the_only_proof(&self, change: &Change) -> bool {
        change.wish == Wish::Delete && self.link.capabilities().delete == Deletion::RevokesMandate
    }

    /// 404: done for a deletion, if the card was known and another known object answers; never otherwise.
    pub(super) async fn not_there(&self, change: &Change) -> Result<Verdict, SyncError> {
        let known = self.store.card(change.token).await?.is_some();
        let proven =
            known && another_answers(&self.store, &self.link, token_of(change), self.clock.as_ref()).await?;
        if !proven {
            return Ok(Verdict::Stuck(Stuck::NotFound));
        }
        let ticket = self.store.begin_read();
        self.store
            .mark_gone(change.token, ticket, self.clock.now())
            .await?;
        Ok(match change.wish {
            Wish::Delete => Verdict::Done(Proof::AlreadySo),
            Wish::OneClick(_) | Wish::Active(_) | Wish::Default => Verdict::Stuck(Stuck::NotFound),
        })
    }

    /// `asked` is whether the error answers the wish itself, not a read around it: only then it teaches anything.
    pub(super) async fn judge(
        &self,
        error: ProviderError,
        change: &Change,
        asked: bool,
    ) -> Result<Verdict, SyncError> {
        Ok(match error.retry() {
            RetryKind::Network | RetryKind::Transient { .. } => Verdict::Later(error, None),
            RetryKind::Credentials => Verdict::Paused(error),
            RetryKind::Permanent => match error.kind {
                ProviderErrorKind::Forbidden => Verdict::Stuck(Stuck::Forbidden),
                ProviderErrorKind::NotFound => Verdict::Stuck(Stuck::NotFound),
                ProviderErrorKind::NotOffered => Verdict::Stuck(Stuck::NotPossibleHere),
                // Led elsewhere: a gateway's page or a network that wants a login, not the provider's word.
                ProviderErrorKind::Unexpected
                    if error.status.is_some_and(|status| (300..400).contains(&status)) =>
                {
                    Verdict::Later(error, Some(unknown_wait(change.attempts)))
                }
                kind => {
                    if asked && kind == ProviderErrorKind::Refused && error.status.is_some() {
                        self.learn(change, Lesson::Refuses).await?;
                    }
                    Verdict::Stuck(Stuck::Refused {
                        status: error.status.unwrap_or_default(),
                        message: error.message.unwrap_or_default(),
                    })
                }
            },
        })
    }

    /// Only what is merely attempted is learnt: the other fields are the provider's own, or a mark that it keeps.
    async fn learn(&self, change: &Change, lesson: Lesson) -> Result<(), SyncError> {
        if self.is_attempted(change.wish) && self.store.lesson(change.account).await? != lesson {
            self.store
                .set_lesson(change.account, lesson, self.clock.now())
                .await?;
            self.listener.changed(Changed::Accounts);
        }
        Ok(())
    }
}

fn is_met(wish: Wish, token: &TokenSnapshot) -> bool {
    Seen::of(token, ActiveVersion::NotRead).meets(wish)
}

/// The wait after attempt number `attempts` ended without anybody knowing how.
fn unknown_wait(attempts: u32) -> Duration {
    UNKNOWN_WAIT
        .saturating_mul(2u32.saturating_pow(attempts.saturating_sub(1).min(10)))
        .min(LONGEST_UNKNOWN_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_nobody_hears_of_is_repeated_ever_more_rarely() {
        assert_eq!(unknown_wait(0), Duration::from_secs(10));
        assert_eq!(unknown_wait(1), Duration::from_secs(10));
        assert_eq!(unknown_wait(3), Duration::from_secs(40));
        assert_eq!(unknown_wait(u32::MAX), Duration::from_secs(600));
    }
}

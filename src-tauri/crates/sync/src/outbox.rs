//! Sending one change: re-read, decide, send, read back, store what was proven.
//!
//! A change is never judged by the answer to its own request alone. The token is read before (so that nothing is sent twice, and
//! nobody's edit is overwritten) and after (so that "done" means the provider shows it).

use crate::error::SyncError;
use crate::link::Link;
use crate::{Clock, proof};
use std::sync::Arc;
use std::time::Duration;
use tokendesk_model::{Change, Lesson, Stuck, TokenSnapshot, TokenState, Wish};
use tokendesk_providers::{ProviderError, ProviderErrorKind, RetryKind};
use tokendesk_store::{Finished, Store};

/// How often a change is rebased on somebody else's edit within one attempt.
const REBASES: u32 = 4;
/// Reads after a deletion was taken, before it counts as ignored.
const DELETION_READS: u32 = 4;
/// Pause between those reads.
const DELETION_PAUSE: Duration = Duration::from_millis(700);
/// Wait after the first write of which nobody knows whether it was done; it doubles with each further one.
const UNKNOWN_WAIT: Duration = Duration::from_secs(10);
/// And the longest such wait.
const LONGEST_UNKNOWN_WAIT: Duration = Duration::from_secs(600);

/// How sending a change ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The provider shows what was wished.
    Done,
    /// A person is needed.
    Stuck,
    /// Back in the queue.
    Later(ProviderError),
    /// The account rests until a person has looked at its credentials.
    AccountPaused(ProviderError),
}

enum Verdict {
    Done,
    Stuck(Stuck),
    Later(ProviderError, Option<Duration>),
    Paused(ProviderError),
}

pub(crate) struct Sender {
    pub store: Store,
    pub link: Arc<Link>,
    pub clock: Arc<dyn Clock>,
}

impl Sender {
    /// Sends `change`, which is waiting. It is stored as sending before the first byte leaves.
    pub async fn send(&self, change: &Change) -> Result<Sent, SyncError> {
        let change = self.store.mark_sending(change.id, self.clock.now()).await?;
        let mut request_id = None;
        let verdict = match self.attempt(&change, &mut request_id).await {
            Ok(verdict) => verdict,
            Err(SyncError::Provider(error)) => {
                request_id = error.request_id.clone().or(request_id);
                self.judge(error, &change, false).await?
            }
            Err(other) => {
                // Our own trouble (a full disk): the change goes back as it was, if that can still be written.
                self.store
                    .postpone(change.id, self.clock.now() + UNKNOWN_WAIT, self.clock.now())
                    .await
                    .ok();
                return Err(other);
            }
        };
        let now = self.clock.now();
        let request_id = request_id.as_deref();
        Ok(match verdict {
            Verdict::Done => {
                self.store
                    .finish(change.id, &Finished::Done, request_id, now)
                    .await?;
                Sent::Done
            }
            Verdict::Stuck(why) => {
                self.store
                    .finish(change.id, &Finished::Stuck(why), request_id, now)
                    .await?;
                Sent::Stuck
            }
            Verdict::Later(error, wait) => {
                // Without a wait of its own the link decides: as soon as the account answers again, its queue moves.
                self.store
                    .postpone(change.id, now + wait.unwrap_or_default(), now)
                    .await?;
                Sent::Later(error)
            }
            Verdict::Paused(error) => {
                self.store.postpone(change.id, now, now).await?;
                Sent::AccountPaused(error)
            }
        })
    }

    async fn attempt(&self, change: &Change, request_id: &mut Option<String>) -> Result<Verdict, SyncError> {
        for _ in 0..REBASES {
            let Some(current) = self.read(&change.remote_id).await? else {
                return self.not_there(change).await;
            };
            if change.wish.is_met_by(&current.state, current.one_click) {
                return Ok(Verdict::Done);
            }
            if let Some(why) = self.obstacle(change, &current).await? {
                return Ok(Verdict::Stuck(why));
            }
            let answer = self.ask(change, &current).await;
            match answer {
                Ok(answered) => return self.read_back(change, answered).await,
                Err(error) => {
                    *request_id = error.request_id.clone().or(request_id.take());
                    match error.kind {
                        ProviderErrorKind::VersionConflict => continue,
                        ProviderErrorKind::NotFound => continue,
                        _ if error.may_have_been_done() => {
                            return self.after_lost_answer(change, error).await;
                        }
                        _ => return self.judge(error, change, true).await,
                    }
                }
            }
        }
        Ok(Verdict::Stuck(Stuck::KeptChanging))
    }

    /// What stands against sending, given what the provider shows now.
    async fn obstacle(&self, change: &Change, current: &TokenSnapshot) -> Result<Option<Stuck>, SyncError> {
        if current.customer_key() != change.base.customer_key {
            return Ok(Some(Stuck::OtherCustomer));
        }
        if change.wish != Wish::Delete && matches!(current.state, TokenState::Deleting | TokenState::Deleted)
        {
            return Ok(Some(Stuck::BeingDeleted));
        }
        if matches!(change.wish, Wish::Active(_)) && !self.store.lesson(change.account).await?.may_be_sent() {
            return Ok(Some(Stuck::NotPossibleHere));
        }
        Ok(None)
    }

    async fn ask(
        &self,
        change: &Change,
        current: &TokenSnapshot,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        let system = &self.link.system;
        let answer = match change.wish {
            Wish::OneClick(on) => system
                .set_one_click(&current.remote_id, current.version, on)
                .await
                .map(Some),
            Wish::Active(on) => system
                .set_active(&current.remote_id, current.version, on)
                .await
                .map(Some),
            Wish::Delete => system.delete_token(&current.remote_id).await.map(|()| None),
        };
        self.link.note(answer, self.clock.now()).0
    }

    async fn read_back(
        &self,
        change: &Change,
        answered: Option<TokenSnapshot>,
    ) -> Result<Verdict, SyncError> {
        let reads = if change.wish == Wish::Delete {
            DELETION_READS
        } else {
            1
        };
        for read in 0..reads {
            if read > 0 {
                tokio::time::sleep(DELETION_PAUSE).await;
            }
            let Some(current) = self.read(&change.remote_id).await? else {
                return self.not_there(change).await;
            };
            if change.wish.is_met_by(&current.state, current.one_click) {
                self.learn(change, Lesson::Accepts).await?;
                return Ok(Verdict::Done);
            }
            // Accepted, and then changed again by somebody else: the wish was fulfilled, and theirs is newer.
            let accepted = answered.as_ref().is_some_and(|answered| {
                change.wish.is_met_by(&answered.state, answered.one_click)
                    && current.version > answered.version
            });
            if accepted {
                return Ok(Verdict::Done);
            }
        }
        self.learn(change, Lesson::Ignores).await?;
        Ok(Verdict::Stuck(Stuck::Ignored))
    }

    async fn after_lost_answer(&self, change: &Change, error: ProviderError) -> Result<Verdict, SyncError> {
        // A read that fails as well says nothing; the next attempt begins with a read in any case.
        match self.read(&change.remote_id).await {
            Ok(Some(current)) if change.wish.is_met_by(&current.state, current.one_click) => {
                self.learn(change, Lesson::Accepts).await?;
                Ok(Verdict::Done)
            }
            Ok(Some(_)) => Ok(Verdict::Later(error, Some(unknown_wait(change.attempts)))),
            Ok(None) => self.not_there(change).await,
            Err(SyncError::Provider(_)) => Ok(Verdict::Later(error, None)),
            Err(other) => Err(other),
        }
    }

    /// 404: done for a deletion, if the card was known and another known object answers; never otherwise.
    async fn not_there(&self, change: &Change) -> Result<Verdict, SyncError> {
        let known = self.store.card(change.token).await?.is_some();
        let proven = known
            && proof::another_answers(&self.store, &self.link, change.token, self.clock.as_ref()).await?;
        if !proven {
            return Ok(Verdict::Stuck(Stuck::NotFound));
        }
        let ticket = self.store.begin_read();
        self.store
            .mark_gone(change.token, ticket, self.clock.now())
            .await?;
        Ok(match change.wish {
            Wish::Delete => Verdict::Done,
            Wish::OneClick(_) | Wish::Active(_) => Verdict::Stuck(Stuck::NotFound),
        })
    }

    /// `asked` is whether the error answers the wish itself, not a read around it: only then it teaches anything.
    async fn judge(&self, error: ProviderError, change: &Change, asked: bool) -> Result<Verdict, SyncError> {
        Ok(match error.retry() {
            RetryKind::Network | RetryKind::Transient { .. } => Verdict::Later(error, None),
            RetryKind::Credentials => Verdict::Paused(error),
            RetryKind::Permanent => match error.kind {
                ProviderErrorKind::Forbidden => Verdict::Stuck(Stuck::Forbidden),
                ProviderErrorKind::NotFound => Verdict::Stuck(Stuck::NotFound),
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

    /// Only active/inactive is learnt: the other fields are the provider's own.
    async fn learn(&self, change: &Change, lesson: Lesson) -> Result<(), SyncError> {
        if matches!(change.wish, Wish::Active(_)) && self.store.lesson(change.account).await? != lesson {
            self.store
                .set_lesson(change.account, lesson, self.clock.now())
                .await?;
        }
        Ok(())
    }

    async fn read(&self, remote_id: &str) -> Result<Option<TokenSnapshot>, SyncError> {
        let ticket = self.store.begin_read();
        let (answer, _) = self
            .link
            .note(self.link.system.read_token(remote_id).await, self.clock.now());
        let snapshot = answer?;
        if let Some(snapshot) = &snapshot {
            let rows = std::slice::from_ref(snapshot);
            self.store
                .put_tokens(self.link.account.id, ticket, rows, self.clock.now(), None)
                .await?;
        }
        Ok(snapshot)
    }
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

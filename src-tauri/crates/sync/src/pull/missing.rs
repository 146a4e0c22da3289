//! Cards that a complete pass did not list, and the question whether so many have really vanished.

use super::{Pull, Pulled};
use crate::error::SyncError;
use crate::plan;
use crate::progress::{Meter, Stage};
use crate::proof::{addressed, another_answers};
use crate::tokens::put_token;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokendesk_store::Crawl;
use tokio::time::Instant;

/// Rows of a pass that may be looked at one by one.
const MISSING_AT_MOST: u32 = 100_000;

impl Pull {
    /// The vanishing rule: a row that a complete pass did not list is read by id, and only a 404 makes it gone, while another
    /// token still answers: an account in which nothing is found any more was moved or lost its rights.
    pub(super) async fn check_missing(
        &self,
        crawl: &Crawl,
        confirmed: bool,
        pulled: &mut Pulled,
    ) -> Result<(), SyncError> {
        let account = self.link.account.id;
        let missing = self
            .store
            .missing_after_crawl(account, crawl.number, MISSING_AT_MOST)
            .await?;
        let known = u64::from(self.store.account_counts(account).await?.all());
        if plan::too_many_vanished(missing.len(), known) && !confirmed {
            let question = Question {
                missing: missing.len(),
                known,
                at: self.clock.now(),
            };
            self.store
                .set_setting(&self.asked_key(), Some(&question.text()))
                .await?;
            return Err(question.into());
        }
        let total = missing.len() as u64;
        let mut meter = Meter::starting_at(0, Instant::now());
        let mut witness: Option<bool> = None;
        for token in missing {
            let ticket = self.store.begin_read();
            let system = Arc::clone(&self.link.system);
            match self.patiently(|| system.read_token(addressed(&token))).await {
                Ok(Some(snapshot)) => {
                    put_token(&self.store, &self.link, ticket, snapshot, self.clock.now()).await?;
                    witness = Some(true);
                }
                Ok(None) => {
                    let proven = match witness {
                        Some(proven) => proven,
                        None => {
                            another_answers(&self.store, &self.link, addressed(&token), self.clock.as_ref())
                                .await?
                        }
                    };
                    witness = Some(proven);
                    if proven {
                        self.store.mark_gone(token.id, ticket, self.clock.now()).await?;
                        pulled.gone += 1;
                    }
                }
                Err(error) if error.is_of_one_object() => pulled.unreadable += 1,
                Err(error) => return Err(error),
            }
            meter.add(1, Instant::now());
            self.tell(Stage::CheckingMissing, &meter, Some(total));
        }
        Ok(())
    }

    /// The setting that says: this account's last pass stopped because too much had vanished, and a person was asked.
    fn asked_key(&self) -> String {
        format!("too many vanished {}", self.link.account.id)
    }

    pub(super) async fn question(&self) -> Result<Option<Question>, SyncError> {
        let text = self.store.setting(&self.asked_key()).await?;
        Ok(text.and_then(|text| Question::read(&text)))
    }

    pub(super) async fn drop_question(&self) -> Result<(), SyncError> {
        Ok(self.store.set_setting(&self.asked_key(), None).await?)
    }
}

/// What a person was asked: whether so many cards have really vanished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Question {
    missing: usize,
    known: u64,
    pub at: DateTime<Utc>,
}

impl Question {
    fn text(&self) -> String {
        format!("{} {} {}", self.missing, self.known, self.at.timestamp_millis())
    }

    /// One asked by an earlier version says only that it was asked.
    fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ').map(str::parse::<i64>);
        let mut next = || words.next()?.ok();
        let (missing, known, at) = (next()?, next().unwrap_or(0), next().unwrap_or(0));
        Some(Self {
            missing: usize::try_from(missing).ok()?,
            known: u64::try_from(known).ok()?,
            at: DateTime::from_timestamp_millis(at)?,
        })
    }
}

impl From<Question> for SyncError {
    fn from(question: Question) -> Self {
        Self::TooManyVanished {
            missing: question.missing,
            known: question.known,
        }
    }
}

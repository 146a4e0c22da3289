//! Reading an account: complete passes that resume, news in between, rows that are no longer listed.
//!
//! While one page is written the next is being fetched. A page and its cursor are stored in one transaction, so a stop at any
//! point repeats at most one page.

mod by_customer;
mod by_token;
mod missing;
mod news;

use crate::asking::{Asking, Patience};
use crate::error::SyncError;
use crate::link::Link;
use crate::plan::{self, Asked, Known, Operation};
use crate::progress::{Meter, Progress, Stage};
use crate::{Changed, Clock, Listener};
use std::future::Future;
use std::sync::Arc;
use tokendesk_model::capability::{Listing, NewsCarrier};
use tokendesk_providers::ProviderError;
use tokendesk_store::{Crawl, CrawlStage, ReadTicket, Store};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One run of reading an account.
pub(crate) struct Pull {
    pub store: Store,
    pub link: Arc<Link>,
    pub clock: Arc<dyn Clock>,
    pub listener: Arc<dyn Listener>,
    pub stop: CancellationToken,
    pub report: Arc<dyn Fn(Progress) + Send + Sync>,
}

/// What a pull did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Rows received from the provider.
    pub rows: u64,
    /// Objects that could not be read at all.
    pub unreadable: u64,
    /// Rows that the provider no longer has, proven one by one.
    pub gone: u64,
}

impl Pull {
    /// Does what is due, or what was asked for.
    pub async fn run(&self, asked: Asked) -> Result<Pulled, SyncError> {
        let account = self.link.account.id;
        // A person who was told that too much vanished, and then asks for everything again, has answered.
        let question = self.question().await?;
        let confirmed = asked == Asked::Full && question.is_some();
        let crawl = self.store.crawl(account).await?;
        let known = self.known(crawl.is_some()).await?;
        let mut pulled = Pulled::default();
        // Asked and not answered: the same pass would only ask again. News still come; the next complete pass looks anew.
        if let (Some(question), Asked::Due, true) = (question, asked, known.unfinished) {
            if plan::rests_after_asking(question.at, self.clock.now()) {
                self.between(&known, &mut pulled).await?;
                return Err(question.into());
            }
            self.begin(false, &mut pulled).await?;
            return Ok(pulled);
        }
        match plan::next(&known, asked, self.clock.now()) {
            Operation::Full => self.begin(confirmed, &mut pulled).await?,
            Operation::Resume => {
                let crawl = crawl.ok_or(SyncError::NoAccount(account))?;
                // A pass that cannot be finished must not keep news away.
                if crawl.stage == CrawlStage::Versions {
                    self.between(&known, &mut pulled).await?;
                }
                self.pass(crawl, confirmed, &mut pulled).await?;
            }
            Operation::NewSince(_) | Operation::Events(_) | Operation::Nothing => {
                self.between(&known, &mut pulled).await?;
                // The feed may have shown that it does not reach back.
                let known = self.known(false).await?;
                if plan::next(&known, asked, self.clock.now()) == Operation::Full {
                    self.begin(confirmed, &mut pulled).await?;
                }
            }
        }
        Ok(pulled)
    }

    async fn known(&self, unfinished: bool) -> Result<Known, SyncError> {
        let account = self.link.account.id;
        Ok(Known {
            news: self.link.capabilities().news,
            unfinished,
            last_pass: self.store.last_pass(account).await?.map(|pass| pass.started_at),
            newest: self.store.newest_remote_id(account).await?,
            feed: self.feed().await?,
        })
    }

    async fn between(&self, known: &Known, pulled: &mut Pulled) -> Result<(), SyncError> {
        match plan::between(known) {
            Operation::NewSince(newest) => self.new_since(newest, pulled).await,
            Operation::Events(feed) => self.follow(&feed, pulled).await,
            Operation::Resume | Operation::Full | Operation::Nothing => Ok(()),
        }
    }

    /// Begins a complete pass. What happens from now on is in the feed behind the place noted here, whenever the pass reads.
    async fn begin(&self, confirmed: bool, pulled: &mut Pulled) -> Result<(), SyncError> {
        if self.link.capabilities().news == NewsCarrier::EventsOrPass {
            self.note_feed().await?;
        }
        let crawl = self
            .store
            .begin_crawl(self.link.account.id, self.clock.now())
            .await?;
        self.pass(crawl, confirmed, pulled).await
    }

    async fn pass(&self, crawl: Crawl, confirmed: bool, pulled: &mut Pulled) -> Result<(), SyncError> {
        let account = self.link.account.id;
        let expected = self.store.last_pass(account).await?.map(|pass| pass.cards);
        let capabilities = self.link.capabilities();
        let cursor = crawl.cursor.clone();
        let listing = crawl.stage == CrawlStage::Tokens;
        match capabilities.listing {
            Listing::ByToken => {
                if listing {
                    self.walk_tokens(&crawl, cursor.clone(), expected, pulled).await?;
                }
                self.walk_versions(&crawl, cursor.filter(|_| !listing), pulled)
                    .await?;
            }
            // Behind the last page nothing is left to be listed.
            _ if !listing => {}
            Listing::ByCustomer => {
                self.walk_customers(&crawl, expected, Self::listed_page, pulled)
                    .await?;
            }
            Listing::Directory | Listing::Imported => {
                self.walk_customers(&crawl, expected, Self::directory_page, pulled)
                    .await?;
            }
        }
        // Where absence proves nothing a card that was not listed is one that was not reported; when it was read last says so.
        if capabilities.absence_is_proof {
            self.check_missing(&crawl, confirmed, pulled).await?;
        }
        self.store.finish_crawl(account, self.clock.now()).await?;
        self.drop_question().await?;
        self.listener.changed(Changed::Cards);
        self.listener.changed(Changed::Accounts);
        Ok(())
    }

    fn fetch_ahead<T: Send + 'static, F>(
        &self,
        cursor: Option<String>,
        fetch: fn(Self, Option<String>) -> F,
    ) -> Fetching<T>
    where
        F: Future<Output = Result<(T, ReadTicket), SyncError>> + Send + 'static,
    {
        Fetching(tokio::spawn(fetch(self.share(), cursor)))
    }

    fn share(&self) -> Self {
        Self {
            store: self.store.clone(),
            link: Arc::clone(&self.link),
            clock: Arc::clone(&self.clock),
            listener: Arc::clone(&self.listener),
            stop: self.stop.clone(),
            report: Arc::clone(&self.report),
        }
    }

    /// How this pull asks. A repeat keeps its ticket: an older one only loses against newer reads.
    fn asking(&self) -> Asking<'_> {
        Asking {
            link: &self.link,
            clock: self.clock.as_ref(),
            listener: self.listener.as_ref(),
            patience: Patience::UntilStopped(&self.stop),
        }
    }

    async fn patiently<T, F>(&self, ask: impl Fn() -> F) -> Result<T, SyncError>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        self.asking().ask(ask).await
    }

    fn count(
        &self,
        rows: usize,
        unreadable: usize,
        pulled: &mut Pulled,
        meter: &mut Meter,
        (stage, total): (Stage, Option<u64>),
    ) {
        pulled.rows += rows as u64;
        pulled.unreadable += unreadable as u64;
        meter.add(rows as u64, Instant::now());
        self.tell(stage, meter, total);
        self.listener.changed(Changed::Cards);
    }

    fn tell(&self, stage: Stage, meter: &Meter, total: Option<u64>) {
        // A total that was passed is no total any more.
        let total = total.filter(|total| *total >= meter.done());
        (self.report)(Progress {
            stage,
            done: meter.done(),
            total,
            per_second: meter.per_second(),
        });
        self.listener.changed(Changed::Accounts);
    }
}

/// A page on its way. Dropping it ends the request.
struct Fetching<T>(JoinHandle<Result<(T, ReadTicket), SyncError>>);

impl<T> Drop for Fetching<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn arrived<T>(mut fetching: Fetching<T>) -> Result<(T, ReadTicket), SyncError> {
    match (&mut fetching.0).await {
        Ok(answer) => answer,
        Err(_) => Err(SyncError::Stopped),
    }
}

//! Reading an account: complete passes that resume, new ids in between, rows that are no longer listed.
//!
//! While one page is written the next is being fetched. A page and its cursor are stored in one transaction, so a stop at any
//! point repeats at most one page.

use crate::backoff;
use crate::error::SyncError;
use crate::link::Link;
use crate::plan::{self, Asked, Known, Operation};
use crate::progress::{Meter, Progress, Stage};
use crate::{Changed, Clock, Listener, proof};
use chrono::{DateTime, Utc};
use std::future::Future;
use std::sync::Arc;
use tokendesk_model::{TokenSnapshot, VersionSnapshot};
use tokendesk_providers::{Page, ProviderError, ProviderErrorKind, RetryKind};
use tokendesk_store::{Crawl, CrawlStage, CrawlStep, ReadTicket, Store};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The largest page the provider gives (wallee fact sheet, section 4.4).
const PAGE: u32 = 100;
/// How often one page is asked for before the pull gives up for now.
const TRIES: u32 = 5;
/// Rows of a pass that may be looked at one by one.
const MISSING_AT_MOST: u32 = 100_000;

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
        let question = self
            .store
            .setting(&self.asked_key())
            .await?
            .and_then(|text| Question::read(&text));
        let confirmed = asked == Asked::Full && question.is_some();
        let crawl = self.store.crawl(account).await?;
        let known = Known {
            unfinished: crawl.is_some(),
            last_pass: self.store.last_pass(account).await?.map(|pass| pass.started_at),
            newest: self.store.newest_remote_id(account).await?,
        };
        let mut pulled = Pulled::default();
        // Asked and not answered: the same pass would only ask again. New cards still come; the next complete pass looks anew.
        if let (Some(question), Asked::Due, true) = (question, asked, known.unfinished) {
            if plan::rests_after_asking(question.at, self.clock.now()) {
                if let Some(newest) = known.newest {
                    self.new_since(newest, &mut pulled).await?;
                }
                return Err(question.into());
            }
            let crawl = self.store.begin_crawl(account, self.clock.now()).await?;
            self.pass(crawl, false, &mut pulled).await?;
            return Ok(pulled);
        }
        match plan::next(&known, asked, self.clock.now()) {
            Operation::NewSince(newest) => self.new_since(newest, &mut pulled).await?,
            Operation::Resume => match crawl {
                Some(crawl) => {
                    // A pass that cannot be finished must not keep new cards away.
                    if let (CrawlStage::Versions, Some(newest)) = (crawl.stage, known.newest.clone()) {
                        self.new_since(newest, &mut pulled).await?;
                    }
                    self.pass(crawl, confirmed, &mut pulled).await?;
                }
                None => return Err(SyncError::NoAccount(account)),
            },
            Operation::Full => {
                let crawl = self.store.begin_crawl(account, self.clock.now()).await?;
                self.pass(crawl, confirmed, &mut pulled).await?;
            }
        }
        Ok(pulled)
    }

    async fn new_since(&self, newest: String, pulled: &mut Pulled) -> Result<(), SyncError> {
        let mut meter = Meter::starting_at(0, Instant::now());
        let mut fresh: Vec<String> = Vec::new();
        let mut after = Some(newest);
        while let Some(cursor) = after {
            let (page, ticket) = self.tokens(Some(cursor)).await?;
            fresh.extend(page.items.iter().map(|token| token.remote_id.clone()));
            self.store
                .put_tokens(self.link.account.id, ticket, &page.items, self.clock.now(), None)
                .await?;
            self.count(&page, pulled, &mut meter, Stage::NewOnly, None);
            after = page.next;
        }
        for remote_id in &fresh {
            match self.active_version(remote_id).await {
                Err(error) if is_forbidden(&error) => break,
                read => read?,
            }
        }
        // Only now: a stop before this lists them again, so that their details are read too.
        if let Some(last) = fresh.last() {
            self.store.note_listed(self.link.account.id, last).await?;
        }
        Ok(())
    }

    async fn pass(&self, crawl: Crawl, confirmed: bool, pulled: &mut Pulled) -> Result<(), SyncError> {
        let account = self.link.account.id;
        let expected = self.store.last_pass(account).await?.map(|pass| pass.cards);
        let mut cursor = crawl.cursor.clone();
        if crawl.stage == CrawlStage::Tokens {
            self.walk_tokens(&crawl, cursor.take(), expected, pulled).await?;
        }
        self.walk_versions(&crawl, cursor, pulled).await?;
        self.check_missing(&crawl, confirmed, pulled).await?;
        self.store.finish_crawl(account, self.clock.now()).await?;
        self.store.set_setting(&self.asked_key(), None).await?;
        self.listener.changed(Changed::Cards);
        self.listener.changed(Changed::Accounts);
        Ok(())
    }

    async fn walk_tokens(
        &self,
        crawl: &Crawl,
        cursor: Option<String>,
        expected: Option<u64>,
        pulled: &mut Pulled,
    ) -> Result<(), SyncError> {
        let mut meter = Meter::starting_at(crawl.tokens, Instant::now());
        let mut next = Some(self.fetch_ahead(cursor, Self::tokens_of));
        while let Some(fetching) = next.take() {
            let (page, ticket) = arrived(fetching).await?;
            next = page
                .next
                .clone()
                .map(|cursor| self.fetch_ahead(Some(cursor), Self::tokens_of));
            let step = CrawlStep {
                number: crawl.number,
                stage: if page.next.is_some() {
                    CrawlStage::Tokens
                } else {
                    CrawlStage::Versions
                },
                cursor: page.next.clone(),
            };
            self.store
                .put_tokens(
                    self.link.account.id,
                    ticket,
                    &page.items,
                    self.clock.now(),
                    Some(&step),
                )
                .await?;
            self.count(&page, pulled, &mut meter, Stage::Tokens, expected);
        }
        Ok(())
    }

    async fn walk_versions(
        &self,
        crawl: &Crawl,
        cursor: Option<String>,
        pulled: &mut Pulled,
    ) -> Result<(), SyncError> {
        let mut meter = Meter::starting_at(crawl.versions, Instant::now());
        let mut reached = cursor.clone();
        let mut next = Some(self.fetch_ahead(cursor, Self::versions_of));
        while let Some(fetching) = next.take() {
            let (page, ticket) = match arrived(fetching).await {
                // A user may read cards without their details. A pass that never ends would hide new cards as well.
                Err(error) if reached.is_none() && is_forbidden(&error) => return Ok(()),
                arrived => arrived?,
            };
            self.link.refuse_production(&page.items)?;
            next = page
                .next
                .clone()
                .map(|cursor| self.fetch_ahead(Some(cursor), Self::versions_of));
            // The last page's own id stays the cursor: a restart from there reads only what is newer.
            reached = page
                .items
                .last()
                .map(|version| version.remote_id.clone())
                .or(reached);
            let step = CrawlStep {
                number: crawl.number,
                stage: CrawlStage::Versions,
                cursor: page.next.clone().or_else(|| reached.clone()),
            };
            self.store
                .put_versions(
                    self.link.account.id,
                    ticket,
                    &page.items,
                    self.clock.now(),
                    Some(&step),
                )
                .await?;
            // Versions outnumber cards by nobody knows how many.
            self.count(&page, pulled, &mut meter, Stage::Versions, None);
        }
        Ok(())
    }

    /// The setting that says: this account's last pass stopped because too much had vanished, and a person was asked.
    fn asked_key(&self) -> String {
        format!("too many vanished {}", self.link.account.id)
    }

    /// The vanishing rule: a row that a complete pass did not list is read by id, and only a 404 makes it gone, while another
    /// token still answers: an account in which nothing is found any more was moved or lost its rights.
    async fn check_missing(
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
        for (token, remote_id) in missing {
            let ticket = self.store.begin_read();
            let system = Arc::clone(&self.link.system);
            let read = self.patiently(|| system.read_token(&remote_id)).await?;
            match read {
                Some(snapshot) => {
                    self.store
                        .put_tokens(account, ticket, &[snapshot], self.clock.now(), None)
                        .await?;
                    witness = Some(true);
                }
                None => {
                    let proven = match witness {
                        Some(proven) => proven,
                        None => {
                            proof::another_answers(&self.store, &self.link, token, self.clock.as_ref())
                                .await?
                        }
                    };
                    witness = Some(proven);
                    if proven {
                        self.store.mark_gone(token, ticket, self.clock.now()).await?;
                        pulled.gone += 1;
                    }
                }
            }
            meter.add(1, Instant::now());
            self.tell(Stage::CheckingMissing, &meter, Some(total));
        }
        Ok(())
    }

    async fn active_version(&self, remote_id: &str) -> Result<(), SyncError> {
        let account = self.link.account.id;
        let ticket = self.store.begin_read();
        let system = Arc::clone(&self.link.system);
        match self.patiently(|| system.active_version(remote_id)).await? {
            Some(version) => {
                self.link.refuse_production(std::slice::from_ref(&version))?;
                self.store
                    .put_versions(account, ticket, &[version], self.clock.now(), None)
                    .await?;
            }
            None => {
                self.store
                    .put_no_active_version(account, ticket, account.token(remote_id), self.clock.now())
                    .await?;
            }
        }
        Ok(())
    }

    fn fetch_ahead<T: Send + 'static, F>(
        &self,
        cursor: Option<String>,
        fetch: fn(Self, Option<String>) -> F,
    ) -> Fetching<T>
    where
        F: Future<Output = Result<(Page<T>, ReadTicket), SyncError>> + Send + 'static,
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

    async fn tokens_of(self, after: Option<String>) -> Result<(Page<TokenSnapshot>, ReadTicket), SyncError> {
        self.tokens(after).await
    }

    async fn versions_of(
        self,
        after: Option<String>,
    ) -> Result<(Page<VersionSnapshot>, ReadTicket), SyncError> {
        let ticket = self.store.begin_read();
        let page = self
            .patiently(|| self.link.system.list_versions(after.as_deref(), PAGE))
            .await?;
        Ok((page, ticket))
    }

    async fn tokens(&self, after: Option<String>) -> Result<(Page<TokenSnapshot>, ReadTicket), SyncError> {
        let ticket = self.store.begin_read();
        let page = self
            .patiently(|| self.link.system.list_tokens(after.as_deref(), PAGE))
            .await?;
        Ok((page, ticket))
    }

    /// Asks; waits and asks again where that may help. A repeat keeps its ticket: an older one only loses against newer reads.
    async fn patiently<T, F>(&self, ask: impl Fn() -> F) -> Result<T, SyncError>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        let mut tries = 0;
        loop {
            // Others of this account may have been told to wait.
            if let Some(rest) = self.link.limited() {
                tokio::select! {
                    () = self.stop.cancelled() => return Err(SyncError::Stopped),
                    () = tokio::time::sleep(rest) => {}
                }
            }
            let answer = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(SyncError::Stopped),
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
                RetryKind::Network if tries < 2 => std::time::Duration::from_millis(200),
                _ => return Err(error.into()),
            };
            tokio::select! {
                () = self.stop.cancelled() => return Err(SyncError::Stopped),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    fn count<T>(
        &self,
        page: &Page<T>,
        pulled: &mut Pulled,
        meter: &mut Meter,
        stage: Stage,
        total: Option<u64>,
    ) {
        pulled.rows += page.items.len() as u64;
        pulled.unreadable += page.unreadable as u64;
        meter.add(page.items.len() as u64, Instant::now());
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

/// What a person was asked: whether so many cards have really vanished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Question {
    missing: usize,
    known: u64,
    at: DateTime<Utc>,
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

fn is_forbidden(error: &SyncError) -> bool {
    matches!(error, SyncError::Provider(error) if error.kind == ProviderErrorKind::Forbidden)
}

/// A page on its way. Dropping it ends the request.
struct Fetching<T>(JoinHandle<Result<(Page<T>, ReadTicket), SyncError>>);

impl<T> Drop for Fetching<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn arrived<T>(mut fetching: Fetching<T>) -> Result<(Page<T>, ReadTicket), SyncError> {
    match (&mut fetching.0).await {
        Ok(answer) => answer,
        Err(_) => Err(SyncError::Stopped),
    }
}

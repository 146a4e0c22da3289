//! Accounts that list all their tokens and all their versions, each in the order of their ids.

use super::{Pull, Pulled, arrived};
use crate::error::SyncError;
use crate::progress::{Meter, Stage};
use crate::proof::addressed;
use std::sync::Arc;
use tokendesk_model::{TokenSnapshot, VersionSnapshot};
use tokendesk_providers::Page;
use tokendesk_store::{Crawl, CrawlStage, CrawlStep, KnownToken, ReadTicket};
use tokio::time::Instant;

/// The largest page the provider gives (wallee fact sheet, section 4.4).
const PAGE: u32 = 100;

impl Pull {
    pub(super) async fn new_since(&self, newest: String, pulled: &mut Pulled) -> Result<(), SyncError> {
        let mut meter = Meter::starting_at(0, Instant::now());
        let mut fresh: Vec<String> = Vec::new();
        let mut after = Some(newest);
        while let Some(cursor) = after {
            let (page, ticket) = self.tokens(Some(cursor)).await?;
            fresh.extend(page.items.iter().map(|token| token.remote_id.clone()));
            self.store
                .put_tokens(self.link.account.id, ticket, &page.items, self.clock.now(), None)
                .await?;
            self.count_page(&page, pulled, &mut meter, (Stage::NewOnly, None));
            after = page.next;
        }
        for remote_id in &fresh {
            match self.active_version(remote_id).await {
                Err(error) if error.is_forbidden() => break,
                read => read?,
            }
        }
        // Only now: a stop before this lists them again, so that their details are read too.
        if let Some(last) = fresh.last() {
            self.store.note_listed(self.link.account.id, last).await?;
        }
        Ok(())
    }

    pub(super) async fn walk_tokens(
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
            self.count_page(&page, pulled, &mut meter, (Stage::Tokens, expected));
        }
        Ok(())
    }

    pub(super) async fn walk_versions(
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
                Err(error) if reached.is_none() && error.is_forbidden() => return Ok(()),
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
            self.count_page(&page, pulled, &mut meter, (Stage::Versions, None));
        }
        Ok(())
    }

    async fn active_version(&self, remote_id: &str) -> Result<(), SyncError> {
        let account = self.link.account.id;
        let known = KnownToken {
            id: account.token(remote_id),
            remote_id: remote_id.to_owned(),
            record: None,
        };
        let ticket = self.store.begin_read();
        let system = Arc::clone(&self.link.system);
        match self
            .patiently(|| system.active_version(addressed(&known)))
            .await?
        {
            Some(version) => {
                self.link.refuse_production(std::slice::from_ref(&version))?;
                self.store
                    .put_versions(account, ticket, &[version], self.clock.now(), None)
                    .await?;
            }
            None => {
                self.store
                    .put_no_active_version(account, ticket, known.id, self.clock.now())
                    .await?;
            }
        }
        Ok(())
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

    fn count_page<T>(
        &self,
        page: &Page<T>,
        pulled: &mut Pulled,
        meter: &mut Meter,
        told: (Stage, Option<u64>),
    ) {
        self.count(page.items.len(), page.unreadable, pulled, meter, told);
    }
}

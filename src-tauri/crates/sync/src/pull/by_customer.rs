//! Accounts whose cards are found by customer: a list of customers, newest first, or the directory of this desk, and the
//! cards of each.
//!
//! A page is a page of customers with all their cards. It is stored whole, with the place of the next one; until then nothing
//! of it is.

use super::{Pull, Pulled, arrived};
use crate::error::SyncError;
use crate::progress::{Meter, Stage};
use crate::tokens::entry_of;
use futures::StreamExt;
use std::future::Future;
use tokendesk_model::CustomerSnapshot;
use tokendesk_providers::{CustomerCards, DirectoryEntry};
use tokendesk_store::{Batch, Crawl, CrawlStage, CrawlStep, ReadTicket};
use tokio::time::Instant;

/// Customers of one page: the most that ProcessOut lists at once (ProcessOut fact sheet, section 8).
const PAGE: u32 = 100;
/// Customers whose cards are asked for at once.
const AT_ONCE: usize = 4;

/// A page of customers with all their cards.
#[derive(Default)]
pub(super) struct CustomersPage {
    customers: Vec<CustomerSnapshot>,
    cards: CustomerCards,
    next: Option<String>,
}

impl CustomersPage {
    fn take(&mut self, cards: CustomerCards) {
        self.cards.tokens.extend(cards.tokens);
        self.cards.details.extend(cards.details);
        self.cards.without_details.extend(cards.without_details);
        self.cards.unreadable += cards.unreadable;
    }
}

impl Pull {
    pub(super) async fn walk_customers<F>(
        &self,
        crawl: &Crawl,
        expected: Option<u64>,
        fetch: fn(Self, Option<String>) -> F,
        pulled: &mut Pulled,
    ) -> Result<(), SyncError>
    where
        F: Future<Output = Result<(CustomersPage, ReadTicket), SyncError>> + Send + 'static,
    {
        let mut meter = Meter::starting_at(crawl.tokens, Instant::now());
        let mut next = Some(self.fetch_ahead(crawl.cursor.clone(), fetch));
        while let Some(fetching) = next.take() {
            let (page, ticket) = arrived(fetching).await?;
            self.link.refuse_production(&page.cards.details)?;
            next = page
                .next
                .clone()
                .map(|cursor| self.fetch_ahead(Some(cursor), fetch));
            let step = CrawlStep {
                number: crawl.number,
                // There is no second list here: behind the last page only what is missing is left.
                stage: if page.next.is_some() {
                    CrawlStage::Tokens
                } else {
                    CrawlStage::Versions
                },
                cursor: page.next.clone(),
            };
            let batch = Batch {
                customers: &page.customers,
                tokens: &page.cards.tokens,
                details: &page.cards.details,
                without_details: &page.cards.without_details,
            };
            self.store
                .put_batch(
                    self.link.account.id,
                    ticket,
                    &batch,
                    self.clock.now(),
                    Some(&step),
                )
                .await?;
            let told = (Stage::Tokens, expected);
            self.count(
                page.cards.tokens.len(),
                page.cards.unreadable,
                pulled,
                &mut meter,
                told,
            );
        }
        Ok(())
    }

    /// A page of the provider's own list.
    pub(super) async fn listed_page(
        self,
        after: Option<String>,
    ) -> Result<(CustomersPage, ReadTicket), SyncError> {
        // Of the list, although cards are read after it: what was written meanwhile is newer than what this page says.
        let ticket = self.store.begin_read();
        let listed = self
            .patiently(|| self.link.system.list_customers(after.as_deref(), PAGE))
            .await?;
        let mut page = CustomersPage {
            next: listed.next,
            ..CustomersPage::default()
        };
        page.cards.unreadable = listed.unreadable;
        let mut to_ask = Vec::new();
        for one in listed.items {
            match one.cards {
                Some(cards) => page.take(cards),
                None => to_ask.push(DirectoryEntry {
                    customer: one.customer.clone(),
                    tokens: Vec::new(),
                }),
            }
            page.customers.push(one.customer);
        }
        self.gather(to_ask, &mut page).await?;
        Ok((page, ticket))
    }

    /// A page of this desk's directory.
    pub(super) async fn directory_page(
        self,
        after: Option<String>,
    ) -> Result<(CustomersPage, ReadTicket), SyncError> {
        let ticket = self.store.begin_read();
        let account = self.link.account.id;
        let records = self.store.directory(account, after.as_deref(), PAGE).await?;
        let full = records.len() >= PAGE as usize;
        let mut page = CustomersPage {
            next: records
                .last()
                .filter(|_| full)
                .map(|last| last.customer_id.clone()),
            ..CustomersPage::default()
        };
        let entries: Vec<DirectoryEntry> = records.into_iter().map(entry_of).collect();
        page.customers = entries.iter().map(|entry| entry.customer.clone()).collect();
        self.gather(entries, &mut page).await?;
        Ok((page, ticket))
    }

    /// Asks for the cards of these, several at once. A customer that cannot be read is counted; where none can, that is no
    /// word about a customer.
    async fn gather(&self, entries: Vec<DirectoryEntry>, page: &mut CustomersPage) -> Result<(), SyncError> {
        let asked = entries.len();
        let mut odd = 0;
        let mut reads = futures::stream::iter(
            entries
                .into_iter()
                .map(|entry| async move { self.cards_of(entry).await }),
        )
        .buffer_unordered(AT_ONCE);
        while let Some(read) = reads.next().await {
            match read {
                Ok(cards) => page.take(cards),
                Err(error) if error.is_of_one_object() => {
                    odd += 1;
                    page.cards.unreadable += 1;
                    if odd > 1 && odd == asked {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn cards_of(&self, entry: DirectoryEntry) -> Result<CustomerCards, SyncError> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(SyncError::Stopped),
            () = self.link.turn(1) => {}
        }
        match self.patiently(|| self.link.system.cards_of(&entry)).await {
            // Deleted since it was listed, or not known there: no cards are known of it.
            Err(error) if error.is_not_found() => Ok(CustomerCards::default()),
            read => read,
        }
    }
}

//! How the played system answers.

use super::{Played, Record};
use async_trait::async_trait;
use chrono::Utc;
use tokendesk_model::capability::{Capabilities, Carrier, Deletion, Lesson, Listing};
use tokendesk_model::snapshot::ActiveMark;
use tokendesk_model::{Particulars, TokenSnapshot, TokenState, VersionSnapshot};
use tokendesk_providers::{
    BeforeDeletion, CheckItem, CheckOutcome, CheckReport, CheckStep, CustomerCards, DirectoryEntry,
    ListedCustomer, News, Page, PaymentSystem, ProviderError, TokenRef,
};

fn key_of(carrier: Carrier) -> Option<&'static str> {
    match carrier {
        Carrier::Metadata(key) => Some(key),
        _ => None,
    }
}

#[async_trait]
impl PaymentSystem for Played {
    fn capabilities(&self, _lesson: Lesson) -> Capabilities {
        self.world().capabilities
    }

    async fn check(&self) -> CheckReport {
        let outcome = match self.enter("check".to_owned()).await {
            Ok(_) => CheckOutcome::Works(None),
            Err(error) => CheckOutcome::Fails(error),
        };
        CheckReport {
            items: vec![CheckItem {
                step: CheckStep::Reach,
                outcome,
                took: std::time::Duration::ZERO,
            }],
            at: Utc::now(),
            production_seen: false,
        }
    }

    async fn list_customers(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<ListedCustomer>, ProviderError> {
        self.enter(format!("list_customers {}", after.unwrap_or("-")))
            .await?;
        let world = self.world();
        let newest_first = world.records.iter().rev();
        let left: Vec<&Record> = newest_first
            .filter(|record| after.is_none_or(|after| record.customer.customer_id.as_str() < after))
            .collect();
        let page: Vec<&Record> = left.iter().take(limit as usize).copied().collect();
        let next = (left.len() > page.len())
            .then(|| page.last().map(|last| last.customer.customer_id.clone()))
            .flatten();
        let listed = page.iter().map(|record| ListedCustomer {
            customer: record.customer.clone(),
            cards: world.lists_cards.then(|| record.cards()),
        });
        Ok(Page {
            items: listed.collect(),
            next,
            unreadable: 0,
        })
    }

    async fn read_customer(&self, customer_id: &str) -> Result<Option<ListedCustomer>, ProviderError> {
        self.enter(format!("read_customer {customer_id}")).await?;
        let world = self.world();
        Ok(world.record(customer_id).map(|record| ListedCustomer {
            customer: record.customer.clone(),
            cards: world.lists_cards.then(|| record.cards()),
        }))
    }

    async fn cards_of(&self, entry: &DirectoryEntry) -> Result<CustomerCards, ProviderError> {
        let id = &entry.customer.customer_id;
        self.enter(format!("cards_of {id}")).await?;
        let world = self.world();
        if world.capabilities.listing == Listing::Imported {
            let imported = entry.tokens.iter().map(|(token, at)| TokenSnapshot {
                customer_id: Some(id.clone()),
                email: entry.customer.email.clone(),
                created_on: Some(*at),
                particulars: Particulars {
                    record: Some(id.clone()),
                    ..Particulars::default()
                },
                ..TokenSnapshot::new(token.clone(), TokenState::Active)
            });
            return Ok(CustomerCards {
                tokens: imported.collect(),
                ..CustomerCards::default()
            });
        }
        let mut cards = world.record(id).map(Record::cards).unwrap_or_default();
        for token in &mut cards.tokens {
            token.email.clone_from(&entry.customer.email);
        }
        Ok(cards)
    }

    async fn news(&self, since: Option<&str>) -> Result<News, ProviderError> {
        self.enter(format!("news {}", since.unwrap_or("-"))).await?;
        let world = self.world();
        let from: usize = since.map_or(world.events.len(), |since| since.parse().unwrap());
        let mut customers = world.events[from.max(world.forgotten)..].to_vec();
        customers.sort();
        customers.dedup();
        Ok(News {
            cursor: world.events.len().to_string(),
            customers,
            complete: from >= world.forgotten,
        })
    }

    async fn read_token(&self, token: TokenRef<'_>) -> Result<Option<TokenSnapshot>, ProviderError> {
        let record = token.record.unwrap_or("-");
        self.enter(format!("read_token {} of {record}", token.remote_id))
            .await?;
        let mut world = self.world();
        let listing = world.capabilities.listing;
        let found = match (listing, world.card(token.remote_id)) {
            (Listing::Imported, _) => Some(TokenSnapshot {
                customer_id: token.record.map(str::to_owned),
                particulars: Particulars {
                    record: token.record.map(str::to_owned),
                    ..Particulars::default()
                },
                ..TokenSnapshot::new(token.remote_id, TokenState::Active)
            }),
            (_, card) => card.map(|card| card.token.clone()),
        };
        Ok(found.map(|found| TokenSnapshot {
            email: found.email.filter(|_| listing == Listing::ByCustomer),
            ..found
        }))
    }

    async fn active_version(&self, token: TokenRef<'_>) -> Result<Option<VersionSnapshot>, ProviderError> {
        self.enter(format!("active_version {}", token.remote_id)).await?;
        Ok(self
            .world()
            .card(token.remote_id)
            .map(|card| card.details.clone()))
    }

    async fn set_one_click(
        &self,
        current: &TokenSnapshot,
        on: bool,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        self.write(format!("set_one_click {} {on}", current.remote_id), |world| {
            let key = key_of(world.capabilities.one_click);
            world.mark(current, key, on);
            if let Some(card) = world.card(&current.remote_id) {
                card.token.one_click = Some(on);
            }
        })
        .await?;
        Ok(self.truth(&current.remote_id))
    }

    async fn set_active(
        &self,
        current: &TokenSnapshot,
        active: bool,
        reason: Option<&str>,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        let said = reason.unwrap_or("-");
        self.write(
            format!("set_active {} {active} for {said}", current.remote_id),
            |world| {
                let key = key_of(world.capabilities.active);
                world.mark(current, key, active);
                if let Some(card) = world.card(&current.remote_id) {
                    let (on, off) = (TokenState::Active, TokenState::Inactive);
                    card.token.state = if active { on } else { off };
                    card.token.particulars.block_reason = reason.map(str::to_owned);
                    if key.is_some() {
                        card.token.particulars.active_mark = ActiveMark::Set;
                    }
                }
            },
        )
        .await?;
        Ok(None)
    }

    async fn set_default(&self, current: &TokenSnapshot) -> Result<(), ProviderError> {
        let id = &current.remote_id;
        self.write(format!("set_default {id}"), |world| {
            let of = |record: &&mut Record| record.cards.iter().any(|card| card.token.remote_id == *id);
            if let Some(record) = world.records.iter_mut().find(of) {
                for card in &mut record.cards {
                    card.token.particulars.is_default = Some(card.token.remote_id == *id);
                }
            }
        })
        .await
    }

    async fn delete_token(&self, current: &TokenSnapshot) -> Result<(), ProviderError> {
        let id = &current.remote_id;
        self.write(format!("delete_token {id}"), |world| {
            for record in &mut world.records {
                record.cards.retain(|card| card.token.remote_id != *id);
            }
            if world.capabilities.delete == Deletion::CustomerRecord {
                world.records.retain(|record| !record.cards.is_empty());
            }
        })
        .await
    }

    async fn before_deletion(&self, token: TokenRef<'_>) -> Result<BeforeDeletion, ProviderError> {
        self.enter(format!("before_deletion {}", token.remote_id)).await?;
        Ok(self.world().before_deletion.clone())
    }
}

//! Re-reading one customer at once, because a person is looking at it.

use crate::asking::{Asking, Patience};
use crate::error::SyncError;
use crate::link::Link;
use crate::proof::{addressed, another_answers};
use crate::records::Records;
use crate::tokens::put_token;
use crate::{Changed, Clock, Listener};
use futures::StreamExt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokendesk_model::capability::Listing;
use tokendesk_model::{TokenId, TokenSnapshot};
use tokendesk_providers::{CustomerLookup, ProviderError, ProviderErrorKind, RetryKind};
use tokendesk_store::{KnownToken, Store};

/// Cards of one customer that are re-read one by one; beyond that, what search lists has to do.
const ONE_BY_ONE: usize = 60;
/// Requests at once.
const AT_ONCE: usize = 4;

/// One customer record to re-read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customer {
    /// The merchant's customer id; where the provider keeps customer records, the record's own.
    pub customer_id: Option<String>,
    /// Email as the provider stores it.
    pub email: Option<String>,
    /// Cards known of it, the ones still usable first.
    pub known: Vec<(TokenId, String)>,
}

/// What a refresh could and could not see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Search was refused, or this customer cannot be searched for: cards made meanwhile may be missing.
    pub may_miss_new_cards: bool,
    /// Not every known card was re-read: there are too many.
    pub partial: bool,
}

pub(crate) struct Refresh {
    pub store: Store,
    pub link: Arc<Link>,
    pub clock: Arc<dyn Clock>,
    pub listener: Arc<dyn Listener>,
}

impl Refresh {
    pub async fn run(&self, customer: &Customer) -> Result<Refreshed, SyncError> {
        match self.link.capabilities().listing {
            Listing::ByToken => self.by_token(customer).await,
            Listing::ByCustomer | Listing::Directory => self.by_record(customer).await,
            // There is nobody to ask: what was imported is what is known.
            Listing::Imported => Ok(Refreshed::default()),
        }
    }

    async fn by_record(&self, customer: &Customer) -> Result<Refreshed, SyncError> {
        let Some(customer_id) = customer.customer_id.as_deref() else {
            return Ok(Refreshed {
                may_miss_new_cards: true,
                partial: !customer.known.is_empty(),
            });
        };
        let records = Records {
            store: &self.store,
            asking: Asking {
                link: &self.link,
                clock: self.clock.as_ref(),
                listener: self.listener.as_ref(),
                patience: Patience::Short,
            },
        };
        let read = if self.link.capabilities().listing == Listing::Directory {
            records.imported(customer_id).await?
        } else {
            Some(records.listed(customer_id).await?)
        };
        self.listener.changed(Changed::Cards);
        Ok(Refreshed {
            // Taken out of the directory meanwhile: nobody asks for it any more.
            may_miss_new_cards: read.is_none(),
            partial: read.is_some_and(|read| read.unreadable > 0),
        })
    }

    async fn by_token(&self, customer: &Customer) -> Result<Refreshed, SyncError> {
        // Even for a person: who was told to wait and asks on is told to wait for longer.
        self.link.short_rest().await?;
        let mut result = Refreshed::default();
        let account = self.link.account.id;
        let mut found: BTreeMap<String, TokenSnapshot> = BTreeMap::new();

        let ticket = self.store.begin_read();
        let lookups = [
            customer.customer_id.as_deref().map(CustomerLookup::CustomerId),
            customer.email.as_deref().map(CustomerLookup::Email),
        ];
        if lookups.iter().all(Option::is_none) {
            result.may_miss_new_cards = true;
        }
        for lookup in lookups.into_iter().flatten() {
            self.link.short_rest().await?;
            match self.note(self.link.system.tokens_of(lookup).await) {
                Ok(tokens) => found.extend(tokens.into_iter().map(|token| (token.remote_id.clone(), token))),
                Err(error) if is_refusal(&error) => result.may_miss_new_cards = true,
                Err(error) => return Err(error.into()),
            }
        }
        let tokens: Vec<TokenSnapshot> = found.values().cloned().collect();
        for page in tokens.chunks(500) {
            self.store
                .put_tokens(account, ticket, page, self.clock.now(), None)
                .await?;
        }
        self.newest().await?;
        self.listener.changed(Changed::Cards);

        let mut ids: Vec<String> = customer.known.iter().map(|(_, remote)| remote.clone()).collect();
        let known: BTreeSet<&String> = customer.known.iter().map(|(_, remote)| remote).collect();
        ids.extend(found.keys().filter(|remote| !known.contains(remote)).cloned());
        if ids.len() > ONE_BY_ONE {
            result.partial = customer
                .known
                .iter()
                .any(|(_, remote)| !found.contains_key(remote));
            ids.truncate(ONE_BY_ONE);
        }
        let mut reads = futures::stream::iter(
            ids.into_iter()
                .map(|remote| async move { self.one(&remote).await }),
        )
        .buffer_unordered(AT_ONCE);
        while let Some(read) = reads.next().await {
            read?;
        }
        self.listener.changed(Changed::Cards);
        Ok(result)
    }

    /// One card and its version in use.
    async fn one(&self, remote_id: &str) -> Result<(), SyncError> {
        let account = self.link.account.id;
        let known = KnownToken {
            id: account.token(remote_id),
            remote_id: remote_id.to_owned(),
            record: None,
        };
        let token = addressed(&known);
        self.link.short_rest().await?;
        let ticket = self.store.begin_read();
        match self.note(self.link.system.read_token(token).await)? {
            Some(snapshot) => {
                put_token(&self.store, &self.link, ticket, snapshot, self.clock.now()).await?;
            }
            None => {
                if another_answers(&self.store, &self.link, token, self.clock.as_ref()).await? {
                    self.store.mark_gone(known.id, ticket, self.clock.now()).await?;
                }
                return Ok(());
            }
        }
        self.link.short_rest().await?;
        let ticket = self.store.begin_read();
        match self.note(self.link.system.active_version(token).await) {
            Ok(Some(version)) => {
                self.link.refuse_production(std::slice::from_ref(&version))?;
                self.store
                    .put_versions(account, ticket, &[version], self.clock.now(), None)
                    .await?;
            }
            Ok(None) => {
                self.store
                    .put_no_active_version(account, ticket, known.id, self.clock.now())
                    .await?;
            }
            // Without this permission the card facts stay as they are; the account's test names the missing permission.
            Err(error) if error.kind == ProviderErrorKind::Forbidden => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// What came after the newest known id: one page, so that a new card shows even where search lags.
    async fn newest(&self) -> Result<(), SyncError> {
        let account = self.link.account.id;
        let Some(newest) = self.store.newest_remote_id(account).await? else {
            return Ok(());
        };
        let ticket = self.store.begin_read();
        let page = self.note(self.link.system.list_tokens(Some(&newest), 100).await)?;
        self.store
            .put_tokens(account, ticket, &page.items, self.clock.now(), None)
            .await?;
        Ok(())
    }

    fn note<T>(&self, answer: Result<T, ProviderError>) -> Result<T, ProviderError> {
        let (answer, turned) = self.link.note(answer, self.clock.now());
        if turned {
            self.listener.changed(Changed::Accounts);
        }
        answer
    }
}

fn is_refusal(error: &ProviderError) -> bool {
    error.retry() == RetryKind::Permanent
}

//! One customer record read whole: the record, its cards, and what of them is no longer listed.

use crate::asking::Asking;
use crate::error::SyncError;
use crate::proof::{addressed, another_answers};
use crate::tokens::{entry_of, put_token};
use std::collections::HashSet;
use tokendesk_model::CustomerSnapshot;
use tokendesk_providers::{CustomerCards, DirectoryEntry};
use tokendesk_store::{Batch, KnownToken, ReadTicket, Store};

/// What one customer record showed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RecordRead {
    /// Cards read.
    pub cards: u64,
    /// Objects that could not be read.
    pub unreadable: u64,
    /// Cards that the provider no longer has, proven one by one.
    pub gone: u64,
}

/// Reads customer records of one account.
pub(crate) struct Records<'a> {
    pub store: &'a Store,
    pub asking: Asking<'a>,
}

impl Records<'_> {
    /// A record its provider lists. Known cards that are not among its cards any more are read one by one; so are those of a
    /// record that is not there any more.
    pub async fn listed(&self, customer_id: &str) -> Result<RecordRead, SyncError> {
        let ticket = self.store.begin_read();
        let system = &self.asking.link.system;
        let found = self.asking.ask(|| system.read_customer(customer_id)).await?;
        let Some(listed) = found else {
            let known = self.known_of(customer_id).await?;
            return self.unlisted(known, &CustomerCards::default(), None).await;
        };
        let (customer, cards) = match listed.cards {
            Some(cards) => (listed.customer, cards),
            None => {
                let entry = DirectoryEntry {
                    customer: listed.customer,
                    tokens: Vec::new(),
                };
                let cards = self.cards_of(&entry).await?;
                (entry.customer, cards)
            }
        };
        // Before it is stored: a record whose email is another one leaves its older cards behind.
        let known = self.known_of(customer_id).await?;
        self.put(ticket, customer, &cards).await?;
        // The record answered: it is the witness that its account is still the same one.
        let witness = cards.tokens.iter().all(|token| token.remote_id != customer_id);
        self.unlisted(known, &cards, witness.then_some(true)).await
    }

    /// A record of this desk's directory; `None` where it is not in there.
    pub async fn imported(&self, customer_id: &str) -> Result<Option<RecordRead>, SyncError> {
        let account = self.asking.link.account.id;
        let Some(record) = self.store.directory_record(account, customer_id).await? else {
            return Ok(None);
        };
        let entry = entry_of(record);
        let ticket = self.store.begin_read();
        let cards = self.cards_of(&entry).await?;
        self.put(ticket, entry.customer, &cards).await?;
        Ok(Some(RecordRead {
            cards: cards.tokens.len() as u64,
            unreadable: cards.unreadable as u64,
            gone: 0,
        }))
    }

    /// The cards of a record; one that is not found has none that are known.
    async fn cards_of(&self, entry: &DirectoryEntry) -> Result<CustomerCards, SyncError> {
        let system = &self.asking.link.system;
        match self.asking.ask(|| system.cards_of(entry)).await {
            Err(error) if error.is_not_found() => Ok(CustomerCards::default()),
            read => read,
        }
    }

    async fn put(
        &self,
        ticket: ReadTicket,
        customer: CustomerSnapshot,
        cards: &CustomerCards,
    ) -> Result<(), SyncError> {
        self.asking.link.refuse_production(&cards.details)?;
        let batch = Batch {
            customers: &[customer],
            tokens: &cards.tokens,
            details: &cards.details,
            without_details: &cards.without_details,
        };
        let account = self.asking.link.account.id;
        self.store
            .put_batch(account, ticket, &batch, self.asking.clock.now(), None)
            .await?;
        Ok(())
    }

    async fn known_of(&self, customer_id: &str) -> Result<Vec<KnownToken>, SyncError> {
        let account = self.asking.link.account.id;
        Ok(self.store.known_of_record(account, customer_id).await?)
    }

    async fn unlisted(
        &self,
        known: Vec<KnownToken>,
        cards: &CustomerCards,
        mut witness: Option<bool>,
    ) -> Result<RecordRead, SyncError> {
        let mut done = RecordRead {
            cards: cards.tokens.len() as u64,
            unreadable: cards.unreadable as u64,
            gone: 0,
        };
        let listed: HashSet<&str> = cards
            .tokens
            .iter()
            .map(|token| token.remote_id.as_str())
            .collect();
        for known in known {
            if listed.contains(known.remote_id.as_str()) {
                continue;
            }
            let ticket = self.store.begin_read();
            let system = &self.asking.link.system;
            match self.asking.ask(|| system.read_token(addressed(&known))).await {
                Ok(Some(token)) => {
                    put_token(
                        self.store,
                        self.asking.link,
                        ticket,
                        token,
                        self.asking.clock.now(),
                    )
                    .await?;
                    witness = Some(true);
                    done.cards += 1;
                }
                Ok(None) => {
                    let proven = match witness {
                        Some(proven) => proven,
                        None => {
                            another_answers(
                                self.store,
                                self.asking.link,
                                addressed(&known),
                                self.asking.clock,
                            )
                            .await?
                        }
                    };
                    witness = Some(proven);
                    if proven {
                        self.store
                            .mark_gone(known.id, ticket, self.asking.clock.now())
                            .await?;
                        done.gone += 1;
                    }
                }
                Err(error) if error.is_of_one_object() => done.unreadable += 1,
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}

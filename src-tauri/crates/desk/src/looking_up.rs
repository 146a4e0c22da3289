//! Looking a pasted id up at its provider, now, because a person asked for it; what it shows is kept.
//!
//! Must not know: what ids look like; each payment system says so of its own.

use crate::acting::{Acting, id_text};
use crate::contract::{LookUp, LookedUp, Problem, ProblemCode};
use crate::desk::Desk;
use crate::guard;
use crate::problems;
use crate::recognising::can_be_looked_up;
use crate::views::person_text;
use chrono::{DateTime, Utc};
use tokendesk_model::{CustomerSnapshot, Listing, ProviderKind, TokenId};
use tokendesk_providers::{CustomerCards, DirectoryEntry, ProviderError, TokenRef, registry};
use tokendesk_store::{Batch, CardRow};
use tokendesk_sync::refresh::Customer;

/// What a look-up came to at the provider.
enum Seen {
    /// What it shows is stored.
    Here,
    /// It does not know the id.
    Nothing,
    /// It names nothing for it, which proves nothing.
    Silent,
}

impl Desk {
    /// Looks an id up at its provider now, and keeps what it shows.
    ///
    /// # Errors
    /// [`ProblemCode::NotOffered`] where the account cannot be asked for it, or what the provider answers.
    pub async fn look_up(&self, request: LookUp) -> Result<LookedUp, Problem> {
        self.may_write()?;
        let Some(text) = id_text(Some(&request.text), "text", "The id")? else {
            return Err(guard::field("text", "The id", "It is needed."));
        };
        let account = self.account_of(&request.account_id).await?;
        let at = self
            .acting(account.id, false, |known| known.listing != Listing::Imported)
            .await?;
        let known = self.0.store.card(account.id.token(&text)).await?;
        let fits = fits_here(&text, account.provider, at.known.listing, known.is_some());
        if !fits {
            let params = [("provider", at.names.provider), ("account", at.names.account)];
            return Err(Problem::with(ProblemCode::NotOffered, params));
        }
        let began = self.now();
        let record = known
            .as_ref()
            .and_then(|row| row.snapshot.particulars.record.clone())
            .unwrap_or_else(|| text.clone());
        let seen = match at.known.listing {
            Listing::ByToken => self.look_at_token(&at, &text, known.is_some()).await,
            Listing::ByCustomer => self.look_at_customer(&at, &record).await,
            Listing::Directory | Listing::Imported => self.look_in_directory(&at, &record).await,
        };
        let card = account.id.token(&text);
        let shown = self.acted_on(&at, card, seen).await?;
        self.tell_accounts();
        self.looked_up(&at, &text, &record, began, shown).await
    }

    /// One row of the log for a look-up, whatever it took.
    async fn acted_on(
        &self,
        at: &Acting,
        card: TokenId,
        seen: Result<Seen, Problem>,
    ) -> Result<Seen, Problem> {
        let row = self.0.store.card(card).await?;
        let (outcome, detail) = match &seen {
            Ok(_) => ("ok", None),
            Err(problem) => ("failed", Some(crate::refusals::word(problem.code))),
        };
        self.note(crate::log::Note {
            action: "card.looked_up",
            outcome,
            account: Some(at.account.id),
            token: row.map(|row| row.id),
            detail: detail.as_deref(),
            reason: None,
        })
        .await?;
        seen
    }

    async fn look_at_token(&self, at: &Acting, token: &str, known: bool) -> Result<Seen, Problem> {
        if !known {
            let asked = TokenRef {
                remote_id: token,
                record: None,
            };
            let read = at.link.system.read_token(asked).await;
            if self.answered(at, read)?.is_none() {
                return Ok(Seen::Nothing);
            }
        }
        let customer = Customer {
            known: vec![(at.account.id.token(token), token.to_owned())],
            ..Customer::default()
        };
        self.read_now(at, &customer).await?;
        Ok(Seen::Here)
    }

    async fn look_at_customer(&self, at: &Acting, record: &str) -> Result<Seen, Problem> {
        let read = at.link.system.read_customer(record).await;
        let found = self.answered(at, read)?.is_some();
        // Also where it is not found: what is known of it here is then looked at card by card.
        let customer = Customer {
            customer_id: Some(record.to_owned()),
            ..Customer::default()
        };
        self.read_now(at, &customer).await?;
        Ok(if found { Seen::Here } else { Seen::Nothing })
    }

    async fn look_in_directory(&self, at: &Acting, record: &str) -> Result<Seen, Problem> {
        let account = at.account.id;
        let kept = self.0.store.directory_record(account, record).await?;
        let entry = DirectoryEntry {
            customer: CustomerSnapshot {
                customer_id: record.to_owned(),
                email: kept.as_ref().and_then(|kept| kept.email.clone()),
                name: kept.as_ref().and_then(|kept| kept.name.clone()),
                created_on: None,
            },
            tokens: Vec::new(),
        };
        let ticket = self.0.store.begin_read();
        let read = at.link.system.cards_of(&entry).await;
        let cards: CustomerCards = self.answered(at, read)?;
        if cards.tokens.is_empty() {
            return Ok(Seen::Silent);
        }
        let batch = Batch {
            customers: std::slice::from_ref(&entry.customer),
            tokens: &cards.tokens,
            details: &cards.details,
            without_details: &cards.without_details,
        };
        self.0
            .store
            .put_batch(account, ticket, &batch, self.now(), None)
            .await?;
        Ok(Seen::Here)
    }

    async fn read_now(&self, at: &Acting, customer: &Customer) -> Result<(), Problem> {
        let read = self.0.engine.refresh(at.account.id, customer).await;
        read.map(drop)
            .map_err(|error| problems::of_sync(error, &at.names))
    }

    fn answered<T>(&self, at: &Acting, answer: Result<T, ProviderError>) -> Result<T, Problem> {
        let (answer, turned) = at.link.note(answer, self.now());
        if turned {
            self.tell_accounts();
        }
        answer.map_err(|error| problems::of_provider(&error, &at.names))
    }

    /// What is here now of what was looked up: the card of that id before any other of its customer.
    async fn looked_up(
        &self,
        at: &Acting,
        text: &str,
        record: &str,
        began: DateTime<Utc>,
        seen: Seen,
    ) -> Result<LookedUp, Problem> {
        let provider = &at.names.provider;
        let account = at.account.id;
        let own = self.0.store.card(account.token(text)).await?;
        if let Some(row) = own {
            let is_there =
                row.gone_at.is_none() && row.read_at.timestamp_millis() >= began.timestamp_millis();
            let says = if is_there {
                format!("{provider} knows it. What it shows was read now.")
            } else if at.known.absence_is_proof {
                format!("{provider} no longer finds it.")
            } else {
                format!("{provider} no longer names it, which does not prove that it is gone.")
            };
            return Ok(found(&row, is_there, says));
        }
        match seen {
            Seen::Here => {
                let known = self.0.store.known_of_record(account, record).await?;
                if let Some(first) = known.first()
                    && let Some(row) = self.0.store.card(first.id).await?
                {
                    return Ok(found(
                        &row,
                        true,
                        format!("{provider} knows it. What it shows was read now."),
                    ));
                }
                Ok(LookedUp {
                    found: true,
                    card_id: None,
                    person: self
                        .person_of_customer(at.account.environment, account, record)
                        .await?,
                    says: format!("{provider} knows this customer and lists no saved cards."),
                })
            }
            Seen::Nothing => Ok(nothing(format!("{provider} does not know this id."))),
            Seen::Silent => Ok(nothing(format!(
                "{provider} names no saved cards for this id. That may also mean that it does not know the id."
            ))),
        }
    }
}

fn found(row: &CardRow, found: bool, says: String) -> LookedUp {
    LookedUp {
        found,
        card_id: Some(row.id.to_string()),
        person: Some(person_text(&row.person)),
        says,
    }
}

fn nothing(says: String) -> LookedUp {
    LookedUp {
        found: false,
        card_id: None,
        person: None,
        says,
    }
}

/// Whether the account can be asked for a text of this shape; one of no known shape may be a shop's own customer id.
fn fits_here(text: &str, provider: ProviderKind, listing: Listing, known: bool) -> bool {
    let shape = (registry::description(provider).recognise)(text);
    shape.is_none_or(|shape| can_be_looked_up(shape.kind, listing, known))
}

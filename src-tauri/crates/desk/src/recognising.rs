//! "Paste anything": what a pasted id looks like, whether it is known here, and looking it up at its provider.
//!
//! Ids of the payment systems are told by their beginnings; nothing is sent until a person asks for it.

use crate::acting::id_text;
use crate::contract::{Chosen, LookUp, LookedUp, Problem, ProblemCode, Recognise, Recognised, RecognisedAs};
use crate::desk::Desk;
use crate::guard;
use crate::log::Note;
use crate::problems;
use crate::provider_options::capabilities_of;
use crate::views::person_text;
use tokendesk_model::{Account, Environment, Lesson, Listing, ProviderKind, SearchQuery};
use tokendesk_providers::{DirectoryEntry, ListedCustomer, TokenRef};
use tokendesk_store::{Batch, CardRow};

/// What an id can be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    SavedCard,
    Customer,
    CustomerAndCard,
    SingleUse,
    CardToken,
    ConnectorToken,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::SavedCard => "Saved card",
            Self::Customer => "Customer",
            Self::CustomerAndCard => "Customer with a saved card",
            Self::SingleUse => "Single-use token",
            Self::CardToken => "Card token",
            Self::ConnectorToken => "Connector token",
        }
    }
}

/// What a text can be, by the fact sheets' id shapes (ProcessOut 2.4, KOMOJU 1 and 5, Zafapay 1, wallee 4, Prism 6).
fn shapes(text: &str) -> Vec<(ProviderKind, Kind)> {
    use ProviderKind as P;
    let rest = |prefix: &str| {
        text.strip_prefix(prefix).filter(|rest| {
            !rest.is_empty()
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        })
    };
    if let Some(rest) = rest("tok_") {
        // ProcessOut's saved cards have 32 signs; single-use tokens of the others have fewer or more.
        let saved = rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_alphanumeric());
        let mut found = vec![(P::ProcessOut, Kind::SavedCard)];
        let single = [(P::Komoju, Kind::SingleUse), (P::Zafapay, Kind::SingleUse)];
        if saved {
            found.extend(single);
            return found;
        }
        return single.into_iter().chain(found).collect();
    }
    if rest("pmi_").is_some() {
        return vec![(P::Zafapay, Kind::SavedCard)];
    }
    if rest("pm_").is_some() {
        return vec![(P::Prism, Kind::ConnectorToken)];
    }
    if rest("cust_").is_some() {
        return vec![(P::ProcessOut, Kind::Customer), (P::Zafapay, Kind::Customer)];
    }
    if rest("card_").is_some() {
        return vec![(P::ProcessOut, Kind::CardToken)];
    }
    if (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && text.len() > 4 {
        return vec![(P::Wallee, Kind::SavedCard)];
    }
    let lower = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if text.len() == 25 && text.bytes().all(lower) {
        return vec![(P::Komoju, Kind::CustomerAndCard)];
    }
    Vec::new()
}

impl Desk {
    /// What a pasted text is, as far as its shape and this desk tell. Nothing is sent.
    ///
    /// # Errors
    /// [`ProblemCode::CardNumber`] for what looks like a full card number.
    pub async fn recognise(&self, request: Recognise) -> Result<Recognised, Problem> {
        let text = request.text.trim();
        let shapes = shapes(text);
        if shapes.is_empty() {
            guard::no_card_number(text, "text")?;
            return Ok(Recognised { items: Vec::new() });
        }
        let env = Environment::from(request.env);
        let accounts = self.0.store.accounts().await?;
        let mut items = Vec::with_capacity(shapes.len());
        for (provider, kind) in shapes {
            let here: Vec<&Account> = accounts
                .iter()
                .filter(|account| account.provider == provider && account.environment == env)
                .collect();
            items.push(self.recognised_as(text, kind, provider, env, &here).await?);
        }
        // What is known here says more than what a shape suggests.
        items.sort_by_key(|item| item.card_id.is_none() && item.person.is_none());
        Ok(Recognised { items })
    }

    async fn recognised_as(
        &self,
        text: &str,
        kind: Kind,
        provider: ProviderKind,
        env: Environment,
        accounts: &[&Account],
    ) -> Result<RecognisedAs, Problem> {
        let mut card: Option<CardRow> = None;
        let mut person = None;
        for account in accounts {
            if kind != Kind::Customer && card.is_none() {
                card = self.0.store.card(account.id.token(text)).await?;
            }
            if kind == Kind::Customer && person.is_none() {
                let query = SearchQuery::parse(text)?;
                let found = self
                    .0
                    .store
                    .cards(env, Some(account.id), &query, None, 50)
                    .await?;
                let of = found
                    .items
                    .into_iter()
                    .find(|row| row.snapshot.customer_id.as_deref() == Some(text));
                person = of.map(|row| person_text(&row.person));
            }
        }
        let mut single = None;
        if kind == Kind::SingleUse {
            for account in accounts {
                let rows = self.0.store.single_use(Some(account.id), None, 500).await?.items;
                single = single.or_else(|| rows.into_iter().find(|row| row.remote_id == text));
            }
        }
        let can_look = |account: &&&Account| {
            let listing = capabilities_of(account, Lesson::Untried).listing;
            match kind {
                Kind::Customer => matches!(listing, Listing::ByCustomer | Listing::Directory),
                Kind::CustomerAndCard => listing == Listing::ByCustomer,
                // Elsewhere a card is addressed through its customer.
                Kind::SavedCard => listing == Listing::ByToken || card.is_some(),
                Kind::SingleUse | Kind::CardToken | Kind::ConnectorToken => false,
            }
        };
        let look_up: Vec<Chosen> = accounts
            .iter()
            .filter(can_look)
            .map(|account| Chosen {
                value: account.id.to_string(),
                label: account.label.clone(),
            })
            .collect();
        let name = provider.display_name();
        let known = card.is_some() || person.is_some() || single.is_some();
        let person = card.as_ref().map(|row| person_text(&row.person)).or(person);
        let state = match (&single, known) {
            (Some(row), _) if row.used_at.is_some() => "It was made on the test bench here and is used.",
            (Some(_), _) => "It was made on the test bench here.",
            (None, true) => "It is known here.",
            (None, false) if accounts.is_empty() => "No such account is connected in this environment.",
            (None, false) => "It is not known here.",
        };
        let live = match kind {
            _ if !look_up.is_empty() => "It can be looked up now.",
            Kind::SingleUse | Kind::CardToken => "Such tokens cannot be looked up.",
            Kind::ConnectorToken => "Prism keeps nothing, so it cannot be looked up.",
            Kind::SavedCard if !known && !accounts.is_empty() => {
                "It can be looked up through its customer only: search for the customer's id."
            }
            _ => "",
        };
        Ok(RecognisedAs {
            provider_name: name.to_owned(),
            code: provider.code().to_owned(),
            kind: kind.words().to_owned(),
            says: format!("{} at {name}. {state} {live}", kind.words())
                .trim_end()
                .to_owned(),
            card_id: card.as_ref().map(|row| row.id.to_string()),
            person,
            look_up,
        })
    }

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
        let system = &at.link.system;
        let ticket = self.0.store.begin_read();
        let known = self.0.store.card(account.id.token(&text)).await?;
        let record = known
            .as_ref()
            .and_then(|row| row.snapshot.particulars.record.clone());
        let listed: Result<Option<ListedCustomer>, _> = match at.known.listing {
            Listing::ByToken => match system
                .read_token(TokenRef {
                    remote_id: &text,
                    record: None,
                })
                .await
            {
                Ok(Some(token)) => {
                    let (answer, _) = at.link.note(Ok(token), self.now());
                    let token = answer.map_err(|error| problems::of_provider(&error, &at.names))?;
                    let tokens = std::slice::from_ref(&token);
                    self.0
                        .store
                        .put_tokens(account.id, ticket, tokens, self.now(), None)
                        .await?;
                    return self.looked_up_card(&account, &text, &at.names.provider).await;
                }
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            },
            Listing::ByCustomer => system.read_customer(record.as_deref().unwrap_or(&text)).await,
            Listing::Directory | Listing::Imported => {
                let id = record.clone().unwrap_or_else(|| text.clone());
                let kept = self.0.store.directory_record(account.id, &id).await?;
                let customer = tokendesk_model::CustomerSnapshot {
                    customer_id: id,
                    email: kept.as_ref().and_then(|kept| kept.email.clone()),
                    name: kept.as_ref().and_then(|kept| kept.name.clone()),
                    created_on: None,
                };
                Ok(Some(ListedCustomer {
                    customer,
                    cards: None,
                }))
            }
        };
        let listed = self.acted(&at, "card.looked_up", None, None, listed).await?;
        let provider = &at.names.provider;
        let Some(listed) = listed else {
            return Ok(LookedUp {
                found: false,
                card_id: None,
                person: None,
                says: format!("{provider} does not know this id."),
            });
        };
        let cards = match listed.cards {
            Some(cards) => cards,
            None => {
                let entry = DirectoryEntry {
                    customer: listed.customer.clone(),
                    tokens: Vec::new(),
                };
                let answer = system.cards_of(&entry).await;
                self.acted(&at, "card.looked_up", None, None, answer).await?
            }
        };
        let proves = at.known.absence_is_proof;
        if cards.tokens.is_empty() && !proves {
            return Ok(LookedUp {
                found: false,
                card_id: None,
                person: None,
                says: format!(
                    "{provider} names no saved cards for this id. That may also mean that it does not know the id."
                ),
            });
        }
        let batch = Batch {
            customers: std::slice::from_ref(&listed.customer),
            tokens: &cards.tokens,
            details: &cards.details,
            without_details: &cards.without_details,
        };
        self.0
            .store
            .put_batch(account.id, ticket, &batch, self.now(), None)
            .await?;
        self.tell_accounts();
        match cards.tokens.first() {
            Some(token) => self.looked_up_card(&account, &token.remote_id, provider).await,
            None => Ok(LookedUp {
                found: true,
                card_id: None,
                person: listed
                    .customer
                    .email
                    .as_deref()
                    .and_then(tokendesk_model::fold::email_key)
                    .map(|email| format!("e:{email}")),
                says: format!("{provider} knows this customer and lists no saved cards."),
            }),
        }
    }

    async fn looked_up_card(
        &self,
        account: &Account,
        remote_id: &str,
        provider: &str,
    ) -> Result<LookedUp, Problem> {
        self.note(Note {
            action: "card.looked_up",
            account: Some(account.id),
            token: Some(account.id.token(remote_id)),
            ..Note::default()
        })
        .await?;
        self.tell_accounts();
        let row = self.0.store.card(account.id.token(remote_id)).await?;
        let row = row.ok_or_else(|| Problem::new(ProblemCode::CardUnknown))?;
        Ok(LookedUp {
            found: true,
            card_id: Some(row.id.to_string()),
            person: Some(person_text(&row.person)),
            says: format!("{provider} knows it. What it shows was read now."),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_by_their_shape() {
        let first = |text: &str| {
            shapes(text)
                .first()
                .map(|(provider, kind)| (*provider, kind.words()))
        };
        let saved = format!("tok_{}", "a".repeat(32));
        assert_eq!(first(&saved), Some((ProviderKind::ProcessOut, "Saved card")));
        let short = format!("tok_{}", "a".repeat(25));
        assert_eq!(first(&short), Some((ProviderKind::Komoju, "Single-use token")));
        assert_eq!(first("pmi_7Qw1"), Some((ProviderKind::Zafapay, "Saved card")));
        assert_eq!(first("pm_1"), Some((ProviderKind::Prism, "Connector token")));
        assert_eq!(first("cust_1"), Some((ProviderKind::ProcessOut, "Customer")));
        assert_eq!(first("card_1"), Some((ProviderKind::ProcessOut, "Card token")));
        assert_eq!(first("700123"), Some((ProviderKind::Wallee, "Saved card")));
        for nothing in ["", "tok_", "ada@example.com", "1234", "pmi_ä", "4242 4242"] {
            assert_eq!(first(nothing), None, "{nothing}");
        }
    }
}

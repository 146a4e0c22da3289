//! "Paste anything": what a pasted id looks like, and whether it is known here.
//!
//! What ids look like is said by each payment system; nothing is sent from here.

use crate::contract::{Chosen, Problem, Recognise, Recognised, RecognisedAs};
use crate::desk::Desk;
use crate::guard;
use crate::provider_options::capabilities_of;
use crate::views::person_text;
use tokendesk_model::{
    Account, AccountId, Environment, Lesson, Listing, PersonKey, ProviderKind, SearchQuery,
};
use tokendesk_providers::description::IdKind;
use tokendesk_providers::registry;
use tokendesk_store::{CardRow, SingleUseRow};

/// People that one id may lead to.
const SAME_ID: u32 = 20;
/// Single-use tokens looked through at once.
const PAGE: u32 = 500;

/// Whether an account that lists its cards in this way can be asked for such an id.
pub(crate) fn can_be_looked_up(kind: IdKind, listing: Listing, card_known: bool) -> bool {
    match kind {
        IdKind::Customer => matches!(listing, Listing::ByCustomer | Listing::Directory),
        IdKind::CustomerAndCard => listing == Listing::ByCustomer,
        // Elsewhere a card is addressed through its customer.
        IdKind::SavedCard => listing == Listing::ByToken || card_known,
        IdKind::SingleUse | IdKind::CardToken | IdKind::ConnectorToken => false,
    }
}

fn words(kind: IdKind) -> &'static str {
    match kind {
        IdKind::SavedCard => "Saved card",
        IdKind::Customer => "Customer",
        IdKind::CustomerAndCard => "Customer with a saved card",
        IdKind::SingleUse => "Single-use token",
        IdKind::CardToken => "Card token",
        IdKind::ConnectorToken => "Connector token",
    }
}

impl Desk {
    /// What a pasted text is, as far as its shape and this desk tell. Nothing is sent.
    ///
    /// # Errors
    /// [`ProblemCode::CardNumber`] for what looks like a full card number.
    pub async fn recognise(&self, request: Recognise) -> Result<Recognised, Problem> {
        let text = request.text.trim();
        // Ids with a beginning of their own may hold digits that only look like a number; bare digits may be one.
        let shapes = registry::recognise(text);
        if shapes.is_empty() || text.bytes().all(|b| b.is_ascii_digit()) {
            guard::no_card_number(text, "text")?;
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
        kind: IdKind,
        provider: ProviderKind,
        env: Environment,
        accounts: &[&Account],
    ) -> Result<RecognisedAs, Problem> {
        let mut card: Option<CardRow> = None;
        let mut person = None;
        let mut single = None;
        let mut in_directory = false;
        for account in accounts {
            if kind == IdKind::Customer {
                if person.is_none() {
                    person = self.person_of_customer(env, account.id, text).await?;
                }
                in_directory |= listing(account) == Listing::Directory
                    && self.0.store.directory_record(account.id, text).await?.is_some();
            } else if card.is_none() {
                card = self.0.store.card(account.id.token(text)).await?;
            }
            if kind == IdKind::SingleUse && single.is_none() {
                single = self.single_use_token(account.id, text).await?;
            }
        }
        let look_up: Vec<Chosen> = accounts
            .iter()
            .filter(|account| can_be_looked_up(kind, listing(account), card.is_some()))
            .map(|account| Chosen {
                value: account.id.to_string(),
                label: account.label.clone(),
            })
            .collect();
        let name = provider.display_name();
        let known = card.is_some() || person.is_some() || single.is_some() || in_directory;
        let person = card.as_ref().map(|row| person_text(&row.person)).or(person);
        let state = match (&single, known) {
            (Some(row), _) if row.used_at.is_some() => "It was made on the test bench here and is used.",
            (Some(_), _) => "It was made on the test bench here.",
            (None, true) if in_directory && person.is_none() => "It is in the directory here.",
            (None, true) => "It is known here.",
            (None, false) if accounts.is_empty() => "No such account is connected in this environment.",
            (None, false) => "It is not known here.",
        };
        let live = match kind {
            _ if !look_up.is_empty() => "It can be looked up now.",
            IdKind::SingleUse | IdKind::CardToken => "Such tokens cannot be looked up.",
            IdKind::ConnectorToken => "Nothing is kept of it there, so it cannot be looked up.",
            IdKind::SavedCard if !known && !accounts.is_empty() => {
                "It can be looked up through its customer only: search for the customer's id."
            }
            _ => "",
        };
        Ok(RecognisedAs {
            provider_name: name.to_owned(),
            code: provider.code().to_owned(),
            kind: words(kind).to_owned(),
            says: format!("{} at {name}. {state} {live}", words(kind))
                .trim_end()
                .to_owned(),
            card_id: card.as_ref().map(|row| row.id.to_string()),
            person,
            look_up,
        })
    }

    /// The person a customer id of one account belongs to.
    pub(crate) async fn person_of_customer(
        &self,
        env: Environment,
        account: AccountId,
        customer_id: &str,
    ) -> Result<Option<String>, Problem> {
        let query = SearchQuery::parse(customer_id)?;
        let found = self.0.store.find_people(env, &query, None, SAME_ID).await?;
        let keys: Vec<PersonKey> = found.items.into_iter().map(|row| row.key).collect();
        for key in keys {
            let Some(person) = self.0.store.person(env, &key).await? else {
                continue;
            };
            let is_theirs = person
                .customers
                .iter()
                .any(|row| row.account == account && row.customer_id.as_deref() == Some(customer_id));
            if is_theirs {
                return Ok(Some(person_text(&key)));
            }
        }
        Ok(None)
    }

    async fn single_use_token(
        &self,
        account: AccountId,
        remote_id: &str,
    ) -> Result<Option<SingleUseRow>, Problem> {
        let mut after = None;
        loop {
            let page = self.0.store.single_use(Some(account), after, PAGE).await?;
            let next = page.next;
            if let Some(row) = page.items.into_iter().find(|row| row.remote_id == remote_id) {
                return Ok(Some(row));
            }
            match next {
                Some(next) => after = Some(next),
                None => return Ok(None),
            }
        }
    }
}

fn listing(account: &Account) -> Listing {
    capabilities_of(account, Lesson::Untried).listing
}

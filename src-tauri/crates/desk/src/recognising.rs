//! "Paste anything": what a pasted id looks like, and whether it is known here.
//!
//! Ids of the payment systems are told by their beginnings; nothing is sent from here.

use crate::contract::{Chosen, Problem, Recognise, Recognised, RecognisedAs};
use crate::desk::Desk;
use crate::guard;
use crate::provider_options::capabilities_of;
use crate::views::person_text;
use tokendesk_model::{
    Account, AccountId, Environment, Lesson, Listing, PersonKey, ProviderKind, SearchQuery,
};
use tokendesk_store::{CardRow, SingleUseRow};

/// People that one id may lead to.
const SAME_ID: u32 = 20;
/// Single-use tokens looked through at once.
const PAGE: u32 = 500;

/// What an id can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    SavedCard,
    Customer,
    CustomerAndCard,
    SingleUse,
    CardToken,
    ConnectorToken,
}

impl Kind {
    /// Whether an account that lists its cards in this way can be asked for such an id.
    pub fn can_be_looked_up(self, listing: Listing, card_known: bool) -> bool {
        match self {
            Self::Customer => matches!(listing, Listing::ByCustomer | Listing::Directory),
            Self::CustomerAndCard => listing == Listing::ByCustomer,
            // Elsewhere a card is addressed through its customer.
            Self::SavedCard => listing == Listing::ByToken || card_known,
            Self::SingleUse | Self::CardToken | Self::ConnectorToken => false,
        }
    }

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
pub(crate) fn shapes(text: &str) -> Vec<(ProviderKind, Kind)> {
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
        // Ids with a beginning of their own may hold digits that only look like a number; bare digits may be one.
        let shapes = shapes(text);
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
        kind: Kind,
        provider: ProviderKind,
        env: Environment,
        accounts: &[&Account],
    ) -> Result<RecognisedAs, Problem> {
        let mut card: Option<CardRow> = None;
        let mut person = None;
        let mut single = None;
        let mut in_directory = false;
        for account in accounts {
            if kind == Kind::Customer {
                if person.is_none() {
                    person = self.person_of_customer(env, account.id, text).await?;
                }
                in_directory |= listing(account) == Listing::Directory
                    && self.0.store.directory_record(account.id, text).await?.is_some();
            } else if card.is_none() {
                card = self.0.store.card(account.id.token(text)).await?;
            }
            if kind == Kind::SingleUse && single.is_none() {
                single = self.single_use_token(account.id, text).await?;
            }
        }
        let look_up: Vec<Chosen> = accounts
            .iter()
            .filter(|account| kind.can_be_looked_up(listing(account), card.is_some()))
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

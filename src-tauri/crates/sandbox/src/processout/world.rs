//! The customers, tokens, cards and events of one project. Rows stand in order of creation; what is deleted keeps its
//! place as gone. Knows nothing of HTTP, bodies or switches.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::body::Metadata;
use super::paging::Listed;

/// A customer.
pub(super) struct Customer {
    pub(super) id: String,
    /// Nanoseconds since 1970.
    pub(super) created: i64,
    pub(super) registered: Option<i64>,
    pub(super) born: Option<i64>,
    /// Plain texts by their name on the wire.
    pub(super) texts: BTreeMap<&'static str, String>,
    /// Number and dialing code.
    pub(super) phone: Option<(Option<String>, Option<String>)>,
    pub(super) currency: Option<String>,
    pub(super) is_business: bool,
    pub(super) metadata: Metadata,
    pub(super) reference_id: Option<String>,
    /// Place of the default token.
    pub(super) default_token: Option<usize>,
    /// Places of the tokens, oldest first, gone ones included.
    pub(super) tokens: Vec<usize>,
    pub(super) gone: bool,
}

/// A customer token.
pub(super) struct Token {
    pub(super) id: String,
    /// Place of its customer.
    pub(super) customer: usize,
    /// `card`, `gateway_token`, `bank_account`, `pending`, or a word nobody knows.
    pub(super) kind: String,
    /// Place of its card.
    pub(super) card: Option<usize>,
    pub(super) gateway: Option<String>,
    pub(super) subscription_only: bool,
    pub(super) chargeable: bool,
    pub(super) verification: String,
    /// It was made to be verified as soon as a card is attached.
    pub(super) verify_on_attach: bool,
    /// Place of the card whose holder has something to do first.
    pub(super) challenged: Option<usize>,
    pub(super) summary: Option<String>,
    pub(super) description: Option<String>,
    pub(super) metadata: Metadata,
    pub(super) return_url: Option<String>,
    pub(super) cancel_url: Option<String>,
    pub(super) manual_invoice_cancellation: Option<bool>,
    pub(super) invoice_id: Option<String>,
    pub(super) created: i64,
    pub(super) gone: bool,
}

/// What a verification of a card comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The bank agrees.
    Passes,
    /// Its holder has to do something first.
    AsksHolder,
    /// The bank refuses, with this code.
    Declined(&'static str),
}

/// A card. Its number is never kept.
pub(super) struct Card {
    pub(super) id: String,
    pub(super) scheme: Option<String>,
    pub(super) kind: Option<&'static str>,
    pub(super) iin: String,
    pub(super) last4: String,
    pub(super) exp_month: u32,
    pub(super) exp_year: i32,
    pub(super) name: Option<String>,
    pub(super) contact: BTreeMap<&'static str, String>,
    pub(super) country: &'static str,
    pub(super) metadata: Metadata,
    pub(super) verdict: Verdict,
    pub(super) used: bool,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) gone: bool,
}

/// Something that happened.
pub(super) struct Event {
    pub(super) id: String,
    pub(super) name: &'static str,
    /// `customer`, `token` or `transaction`.
    pub(super) key: &'static str,
    /// The object as it was then.
    pub(super) resource: Value,
    pub(super) at: i64,
}

/// One project's own store.
pub(super) struct World {
    /// `proj_…`, without the prefix of the sandbox.
    pub(super) project: String,
    pub(super) sandbox: bool,
    pub(super) customers: Vec<Customer>,
    pub(super) tokens: Vec<Token>,
    pub(super) cards: Vec<Card>,
    pub(super) events: Vec<Event>,
    places: HashMap<String, usize>,
}

impl World {
    pub(super) fn new(project: String, sandbox: bool) -> Self {
        Self {
            project,
            sandbox,
            customers: Vec::new(),
            tokens: Vec::new(),
            cards: Vec::new(),
            events: Vec::new(),
            places: HashMap::new(),
        }
    }

    pub(super) fn add_customer(&mut self, customer: Customer) -> usize {
        let place = self.customers.len();
        self.places.insert(customer.id.clone(), place);
        self.customers.push(customer);
        place
    }

    pub(super) fn add_token(&mut self, token: Token) -> usize {
        let place = self.tokens.len();
        self.places.insert(token.id.clone(), place);
        self.customers[token.customer].tokens.push(place);
        self.tokens.push(token);
        place
    }

    pub(super) fn add_card(&mut self, card: Card) -> usize {
        let place = self.cards.len();
        self.places.insert(card.id.clone(), place);
        self.cards.push(card);
        place
    }

    pub(super) fn add_event(&mut self, event: Event) {
        self.places.insert(event.id.clone(), self.events.len());
        self.events.push(event);
    }

    /// Takes back the events told since there were so many.
    pub(super) fn untell(&mut self, told: usize) {
        for event in self.events.drain(told..) {
            self.places.remove(&event.id);
        }
    }

    /// Forgets all events but the newest so many.
    pub(super) fn forget_events(&mut self, keep: usize) {
        let first = self.events.len().saturating_sub(keep);
        for event in self.events.drain(..first) {
            self.places.remove(&event.id);
        }
        for (place, event) in self.events.iter().enumerate() {
            self.places.insert(event.id.clone(), place);
        }
    }

    /// The place of an object by its id, gone ones included; none for an id of another kind.
    pub(super) fn place(&self, prefix: &str, id: &str) -> Option<usize> {
        id.starts_with(prefix)
            .then(|| self.places.get(id).copied())
            .flatten()
    }

    /// Whether this token is its customer's default one.
    pub(super) fn is_default(&self, place: usize) -> bool {
        self.customers[self.tokens[place].customer].default_token == Some(place)
    }

    /// Tokens of a customer that are still there, newest first.
    pub(super) fn tokens_of(&self, customer: usize) -> impl Iterator<Item = usize> {
        self.customers[customer]
            .tokens
            .iter()
            .rev()
            .copied()
            .filter(|place| !self.tokens[*place].gone)
    }
}

/// All customers.
pub(super) struct Customers<'a>(pub(super) &'a World);

impl Listed for Customers<'_> {
    fn len(&self) -> usize {
        self.0.customers.len()
    }
    fn is_there(&self, place: usize) -> bool {
        !self.0.customers[place].gone
    }
    fn place_of(&self, id: &str) -> Option<usize> {
        self.0.place("cust_", id)
    }
}

/// All cards.
pub(super) struct Cards<'a>(pub(super) &'a World);

impl Listed for Cards<'_> {
    fn len(&self) -> usize {
        self.0.cards.len()
    }
    fn is_there(&self, place: usize) -> bool {
        !self.0.cards[place].gone
    }
    fn place_of(&self, id: &str) -> Option<usize> {
        self.0.place("card_", id)
    }
}

/// The tokens of one customer; places are those in the customer's own row of tokens.
pub(super) struct TokensOf<'a>(pub(super) &'a World, pub(super) usize);

impl TokensOf<'_> {
    fn all(&self) -> &[usize] {
        &self.0.customers[self.1].tokens
    }
}

impl Listed for TokensOf<'_> {
    fn len(&self) -> usize {
        self.all().len()
    }
    fn is_there(&self, place: usize) -> bool {
        !self.0.tokens[self.all()[place]].gone
    }
    fn place_of(&self, id: &str) -> Option<usize> {
        let place = self.0.place("tok_", id)?;
        self.all().iter().position(|own| *own == place)
    }
}

/// Events, all or those of transactions only.
pub(super) struct Events<'a> {
    pub(super) world: &'a World,
    pub(super) transactions_only: bool,
}

impl Listed for Events<'_> {
    fn len(&self) -> usize {
        self.world.events.len()
    }
    fn is_there(&self, place: usize) -> bool {
        !self.transactions_only || self.world.events[place].key == "transaction"
    }
    fn place_of(&self, id: &str) -> Option<usize> {
        self.world.place("ev_", id)
    }
}

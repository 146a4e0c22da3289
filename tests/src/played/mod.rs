//! The five payment systems as tests know them: how each is connected, which cards stand ready, what it is called with, and
//! what it really holds afterwards.

mod komoju;
mod prism;
mod processout;
mod wallee;
mod wanted;
mod zafapay;

pub use wanted::{SPARE, Wanted};

use std::fmt;
use tokendesk_desk::contract::{ConnectAccount, Env};
use tokendesk_sandbox::{Running, SystemHandle};

/// A payment system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// wallee.
    Wallee,
    /// ProcessOut.
    ProcessOut,
    /// KOMOJU.
    Komoju,
    /// Zafapay.
    Zafapay,
    /// Prism.
    Prism,
}

impl System {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Wallee,
        Self::ProcessOut,
        Self::Komoju,
        Self::Zafapay,
        Self::Prism,
    ];

    /// What tests know of it.
    pub fn played(self) -> &'static dyn Played {
        match self {
            Self::Wallee => &wallee::Wallee,
            Self::ProcessOut => &processout::ProcessOut,
            Self::Komoju => &komoju::Komoju,
            Self::Zafapay => &zafapay::Zafapay,
            Self::Prism => &prism::Prism,
        }
    }

    /// Its name in the sandbox and in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wallee => "wallee",
            Self::ProcessOut => "processout",
            Self::Komoju => "komoju",
            Self::Zafapay => "zafapay",
            Self::Prism => "prism",
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A card as its payment system addresses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The provider's id.
    pub id: String,
    /// The customer record it stands under; empty where there is none.
    pub customer: String,
}

/// How a card stands at its payment system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Held {
    /// Active by whatever carries it; not blocked.
    pub active: bool,
    /// One-click by whatever carries it.
    pub one_click: bool,
    /// Its customer's default.
    pub is_default: bool,
    /// Deleted, or about to be.
    pub gone: bool,
    /// What somebody else wrote beside any wish is there.
    pub touched: bool,
    /// Where each accepted write raises it.
    pub version: Option<u32>,
}

/// What tests have to know of a payment system.
pub trait Played: Sync {
    /// What a person types to connect it.
    fn connection(&self, shop: &Running) -> ConnectAccount;

    /// The file a person imports after connecting, where nothing can be listed.
    fn directory(&self, _cards: &[Card]) -> Option<String> {
        None
    }

    /// How many customers its world needs for [`Played::prepared`].
    fn customers(&self) -> u32 {
        12
    }

    /// Everyday cards in the states the wishes need (see [`Wanted::card`]); the same at every start.
    fn prepared(&self, shop: &Running) -> Vec<Card>;

    /// The kinds of change it has.
    fn wishes(&self) -> &'static [Wanted];

    /// Verbs and beginnings of paths of the calls that write this card, or read it.
    fn calls(&self, card: &Card, writes: bool) -> Vec<(&'static str, String)>;

    /// How the card stands.
    fn held(&self, shop: &Running, card: &Card) -> Held;

    /// Somebody else changes something that no wish is about.
    fn touch(&self, shop: &Running, card: &Card);

    /// Somebody else makes it as wished, or undoes that.
    fn flip(&self, shop: &Running, card: &Card, wish: Wanted, as_wished: bool);
}

/// What somebody else writes.
pub const TOUCHED: &str = "touched by somebody else";

fn handle(shop: &Running, system: System) -> SystemHandle {
    shop.system(system.name())
}

/// A text of what to connect with.
fn told(shop: &Running, system: System, member: &str) -> String {
    match &handle(shop, system).connection()[member] {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A connection without anything that only some systems ask for.
fn connection(provider: &str, host: String, key: String) -> ConnectAccount {
    ConnectAccount {
        provider: provider.to_owned(),
        label: "Shop".to_owned(),
        env: Env::Demo,
        host,
        space: String::new(),
        user: String::new(),
        connector: None,
        key,
        publishable_key: None,
        read_only: false,
    }
}

//! Kinds of change, as a person asks for them and as a payment system shows them.

use super::Held;
use serde_json::json;

/// A kind of change, with the card it is made on (its place among [`super::Played::prepared`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// One-click off.
    OneClickOff,
    /// One-click on.
    OneClickOn,
    /// Inactive, or blocked.
    Deactivate,
    /// Active, or unblocked.
    Activate,
    /// Deleted, or its mandate revoked.
    Delete,
    /// Its customer's default.
    MakeDefault,
}

/// Cards that plans and kills are about, by place.
pub const SPARE: std::ops::Range<usize> = 5..8;

impl Wanted {
    /// Which of the prepared cards.
    pub fn card(self) -> usize {
        match self {
            Self::OneClickOff => 0,
            Self::OneClickOn => 1,
            Self::Deactivate => 2,
            Self::Activate => 3,
            Self::Delete => 4,
            Self::MakeDefault => 8,
        }
    }

    /// The order to [`another-process`](../../scenarios/another_process.rs).
    pub fn order(self, card: &str) -> serde_json::Value {
        match self {
            Self::OneClickOff => json!({ "do": "one_click", "card": card, "on": false }),
            Self::OneClickOn => json!({ "do": "one_click", "card": card, "on": true }),
            Self::Deactivate => json!({ "do": "active", "card": card, "active": false }),
            Self::Activate => json!({ "do": "active", "card": card, "active": true }),
            Self::Delete => json!({ "do": "delete", "card": card }),
            Self::MakeDefault => json!({ "do": "default", "card": card }),
        }
    }

    /// The same for many cards in a plan.
    pub fn action(self) -> &'static str {
        match self {
            Self::OneClickOff => "one_click_off",
            Self::OneClickOn => "one_click_on",
            Self::Deactivate => "deactivate",
            Self::Activate => "activate",
            Self::Delete => "delete",
            Self::MakeDefault => "default",
        }
    }

    /// Whether a card that stands so is as wanted.
    pub fn is_met(self, held: &Held) -> bool {
        match self {
            Self::OneClickOff => !held.one_click,
            Self::OneClickOn => held.one_click,
            Self::Deactivate => !held.active && !held.gone,
            Self::Activate => held.active && !held.gone,
            Self::Delete => held.gone,
            Self::MakeDefault => held.is_default,
        }
    }
}

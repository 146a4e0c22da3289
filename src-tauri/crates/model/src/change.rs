//! Changes: what a person wants, queued in the outbox. A change is a wish ("one-click off"), never "toggle".

use crate::conflict::Conflict;
use crate::ids::{AccountId, ChangeId, PlanId, TokenId};
use crate::seen::Seen;
use crate::state::TokenState;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a person wants of one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "wish", content = "value", rename_all = "snake_case")]
pub enum Wish {
    /// One-click on or off.
    OneClick(bool),
    /// Active or inactive.
    Active(bool),
    /// Delete at the provider.
    Delete,
    /// Make it its customer's default.
    Default,
}

impl Wish {
    /// The field's name as stored: `one_click`, `active`, `delete`, `default`.
    pub fn field(&self) -> &'static str {
        match self {
            Self::OneClick(_) => "one_click",
            Self::Active(_) => "active",
            Self::Delete => "delete",
            Self::Default => "default",
        }
    }

    /// The wanted value as stored; a deletion has none.
    pub fn value(&self) -> Option<bool> {
        match self {
            Self::OneClick(on) | Self::Active(on) => Some(*on),
            Self::Default => Some(true),
            Self::Delete => None,
        }
    }

    /// Reads a stored field and value back.
    pub fn from_stored(field: &str, value: Option<bool>) -> Option<Self> {
        match (field, value) {
            ("one_click", Some(on)) => Some(Self::OneClick(on)),
            ("active", Some(on)) => Some(Self::Active(on)),
            ("delete", None) => Some(Self::Delete),
            ("default", Some(true)) => Some(Self::Default),
            _ => None,
        }
    }

    /// Whether this newer wish replaces an older one that has not been sent: the last wish per field wins, and a
    /// deletion absorbs everything before it.
    pub fn replaces(&self, older: &Self) -> bool {
        matches!(self, Self::Delete) || self.field() == older.field()
    }

    /// Whether it lets something happen that could not happen before.
    pub fn enables(&self) -> bool {
        matches!(self, Self::OneClick(true) | Self::Active(true))
    }

    /// Whether a token read as (`state`, `one_click`) is already as wished. Which card is the default is not among the two:
    /// see [`Seen::meets`].
    pub fn is_met_by(&self, state: &TokenState, one_click: Option<bool>) -> bool {
        match self {
            Self::OneClick(on) => one_click == Some(*on),
            Self::Active(true) => *state == TokenState::Active,
            Self::Active(false) => *state == TokenState::Inactive,
            Self::Delete => matches!(state, TokenState::Deleting | TokenState::Deleted),
            Self::Default => false,
        }
    }
}

/// Why a change needs a person. Stored, so that it survives a restart with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Stuck {
    /// The provider took the request and kept the old value.
    Ignored,
    /// The provider refused it, in its own words.
    Refused {
        /// HTTP status.
        status: u16,
        /// The provider's text, stripped of anything secret.
        message: String,
    },
    /// The application user may not do this.
    Forbidden,
    /// The token is not there, and that is not proof of deletion (see [`crate::change`]).
    NotFound,
    /// An earlier lesson says that this account does not do this.
    NotPossibleHere,
    /// Somebody else kept changing it while it was sent.
    KeptChanging,
    /// The answer was lost and nothing can be read back: whether it was done is known by nobody here. Never repeated
    /// without a person.
    AnswerLost,
    /// The stored change could not be read; kept, never dropped.
    Unreadable,
}

/// Where a change stands. The only words for it in every screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeStatus {
    /// Queued, and kept back for a while in which it can be undone.
    Held,
    /// Queued; sent when its lane and the network allow.
    Waiting,
    /// On its way; frozen. Stored before the first byte is sent.
    Sending,
    /// The provider accepted, and the new value was read back.
    Done,
    /// Something happened at the provider that the person who decided did not know of. Nothing was sent.
    Conflict(Conflict),
    /// Needs a person.
    Stuck(Stuck),
    /// Taken back before it took effect.
    Withdrawn(Withdrawn),
}

/// Who took a change back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawn {
    /// A person undid it before it was sent.
    Undo,
    /// A person gave it up after it was tried.
    Discard,
    /// In a conflict a person let the provider's side stand.
    Theirs,
    /// A newer wish replaced it.
    Superseded,
}

impl Withdrawn {
    /// The word stored and shown.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Discard => "discard",
            Self::Theirs => "theirs",
            Self::Superseded => "superseded",
        }
    }
    /// Reads a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Undo, Self::Discard, Self::Theirs, Self::Superseded]
            .into_iter()
            .find(|why| why.as_str() == word)
    }
}

impl ChangeStatus {
    /// The word stored and shown.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Done => "done",
            Self::Conflict(_) => "conflict",
            Self::Stuck(_) => "stuck",
            Self::Withdrawn(_) => "withdrawn",
        }
    }
    /// Whether it still asks for work or for a person.
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Done | Self::Withdrawn(_))
    }
    /// Whether it will be sent, or is being sent, without a person: what screens show as wished.
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::Held | Self::Waiting | Self::Sending)
    }
    /// Whether a person has to decide.
    pub fn needs_a_person(&self) -> bool {
        matches!(self, Self::Conflict(_) | Self::Stuck(_))
    }
}

/// A write whose answer was lost: it may have been done, or may still be done later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// When the answer was lost.
    pub since: DateTime<Utc>,
    /// The change whose write it was.
    pub of: ChangeId,
    /// What was written.
    pub wish: Wish,
    /// The first of two reads that have to agree before a wish that contradicts the lost write may be sent.
    pub first_read: Option<(DateTime<Utc>, Seen)>,
}

/// What a change says of its card without the cache: enough for a person to recognise it after a rebuild.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeLabel {
    /// Brand for people.
    pub brand: Option<String>,
    /// Last four.
    pub last4: Option<String>,
    /// The customer's email as given.
    pub email: Option<String>,
    /// The customer's name.
    pub name: Option<String>,
}

/// Where a superseded change stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stood", content = "why", rename_all = "snake_case")]
pub enum Stood {
    /// Held.
    Held,
    /// Waiting.
    Waiting,
    /// In conflict.
    Conflict(Conflict),
    /// Stuck.
    Stuck(Stuck),
}

/// One row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Ours; sorts by time.
    pub id: ChangeId,
    /// The account it goes to.
    pub account: AccountId,
    /// The token it is about; also its lane.
    pub token: TokenId,
    /// The provider's id of the token.
    pub remote_id: String,
    /// What is wanted.
    pub wish: Wish,
    /// Where it stands.
    pub status: ChangeStatus,
    /// A person's words, guarded against card numbers.
    pub reason: Option<String>,
    /// Who asked: OS user and desk name.
    pub actor: String,
    /// For a person, without the cache.
    pub label: ChangeLabel,
    /// What was known when it was decided, our own writes since then added.
    pub base: Seen,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When it was decided: when it was queued, or when a person kept it in a conflict.
    pub decided_at: DateTime<Utc>,
    /// How long it is held before it may be sent, in milliseconds of running time.
    pub hold_ms: u32,
    /// The change that replaced it, if it was superseded.
    pub replaced_by: Option<ChangeId>,
    /// Where it stood when it was superseded, to stand there again if that change is undone.
    pub stood: Option<Stood>,
    /// A lost write that has to be cleared up before this is sent.
    pub doubt: Option<Doubt>,
    /// The plan it is part of.
    pub plan: Option<PlanId>,
    /// When it last moved.
    pub updated_at: DateTime<Utc>,
    /// How often it was sent.
    pub attempts: u32,
    /// Not before this, after a provider asked to wait or could not be reached.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The provider's id of the last request, for its support.
    pub request_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_wish() -> impl Strategy<Value = Wish> {
        prop_oneof![
            any::<bool>().prop_map(Wish::OneClick),
            any::<bool>().prop_map(Wish::Active),
            Just(Wish::Delete),
            Just(Wish::Default)
        ]
    }

    #[test]
    fn a_switch_never_replaces_a_deletion_or_the_other_switch() {
        assert!(!Wish::OneClick(true).replaces(&Wish::Delete));
        assert!(!Wish::OneClick(true).replaces(&Wish::Active(true)));
        assert!(Wish::Delete.replaces(&Wish::Active(true)));
    }

    proptest! {
        #[test]
        fn stored_wishes_read_back(wish in any_wish()) {
            prop_assert_eq!(Wish::from_stored(wish.field(), wish.value()), Some(wish));
        }

        #[test]
        fn of_any_row_of_wishes_the_last_of_each_field_stands(wishes in prop::collection::vec(any_wish(), 1..12)) {
            let mut standing: Vec<Wish> = Vec::new();
            for wish in &wishes {
                standing.retain(|older| !wish.replaces(older));
                standing.push(*wish);
            }
            for field in ["one_click", "active", "delete", "default"] {
                let of_field: Vec<_> = standing.iter().filter(|w| w.field() == field).collect();
                prop_assert!(of_field.len() <= 1);
                if let Some(found) = of_field.first() {
                    let last = wishes.iter().rfind(|w| w.field() == field);
                    prop_assert_eq!(Some(**found), last.copied());
                }
            }
            prop_assert_eq!(standing.last(), wishes.last());
        }
    }
}

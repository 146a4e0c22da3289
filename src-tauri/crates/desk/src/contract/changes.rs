//! Changes: wishes of people, on their way.

use super::problem::Problem;
use super::status::Env;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Switches one-click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SetOneClick {
    /// Our card id.
    pub card_id: String,
    /// The wanted value; never "toggle".
    pub on: bool,
}

/// Asks for active or inactive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SetActive {
    /// Our card id.
    pub card_id: String,
    /// The wanted value.
    pub active: bool,
    /// Kept in the log, at most 255 characters.
    pub reason: Option<String>,
}

/// Deletes a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeleteCard {
    /// Our card id.
    pub card_id: String,
    /// What the person typed; checked for live accounts.
    pub confirmation: Option<String>,
    /// Kept in the log, at most 255 characters.
    pub reason: Option<String>,
}

/// Marks a card on this desk only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MarkCard {
    /// Our card id.
    pub card_id: String,
    /// The mark; `None` removes it.
    pub active: Option<bool>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ChangeView {
    /// Its id.
    pub id: String,
    /// Its card.
    pub card_id: String,
    /// `wallee`.
    pub provider: String,
    /// The provider's name.
    pub provider_name: String,
    /// Account.
    pub account_id: String,
    /// The account's name on this desk.
    pub account_label: String,
    /// The provider's id of the card.
    pub remote_id: String,
    /// Environment.
    pub env: Env,
    /// `one_click`, `active`, `delete`.
    pub wish: String,
    /// The wanted value; a deletion has none.
    pub value: Option<bool>,
    /// `waiting`, `sending`, `done`, `stuck`, `withdrawn`.
    pub status: String,
    /// Why it is stuck or was withdrawn: `ignored`, `refused`, `forbidden`, `not_found`, `being_deleted`, `other_customer`,
    /// `not_possible_here`, `kept_changing`, `unreadable`; `discard`, `superseded`.
    pub why: Option<String>,
    /// What to tell a person about a stuck change.
    pub problem: Option<Problem>,
    /// Whether it waits because the account is offline or paused.
    pub held_up_by: Option<String>,
    /// Brand for people.
    pub brand_name: Option<String>,
    /// Last four.
    pub last4: Option<String>,
    /// Email.
    pub email: Option<String>,
    /// A person's words.
    pub reason: Option<String>,
    /// Who asked.
    pub actor: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// RFC 3339; when it is tried again.
    pub next_attempt_at: Option<String>,
    /// How often it was sent.
    pub attempts: u32,
    /// The provider's id of the last request.
    pub request_id: Option<String>,
}

/// Lists changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListChanges {
    /// Environment; `None` for all.
    pub env: Option<Env>,
    /// Only those not ended.
    pub open_only: bool,
    /// At most 500.
    pub limit: u32,
}

/// Changes, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ChangeList {
    /// The changes.
    pub items: Vec<ChangeView>,
    /// There is no further page.
    pub next: Option<String>,
}

/// Names one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChangeRef {
    /// Its id.
    pub change_id: String,
}

/// What a push did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PushResult {
    /// Confirmed by the provider.
    pub done: u32,
    /// Now need a person.
    pub stuck: u32,
    /// Still waiting: offline, asked to wait, or paused.
    pub waiting: u32,
    /// Why some still wait, where known.
    pub problem: Option<Problem>,
}

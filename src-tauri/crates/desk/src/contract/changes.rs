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
    /// `active` or `one_click`.
    pub field: String,
    /// The mark; `None` removes it.
    pub value: Option<bool>,
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
    /// `one_click`, `active`, `delete`, `default`.
    pub wish: String,
    /// The wanted value; a deletion has none.
    pub value: Option<bool>,
    /// `held`, `waiting`, `sending`, `done`, `conflict`, `stuck`, `withdrawn`.
    pub status: String,
    /// Why it is stuck: `ignored`, `refused`, `forbidden`, `not_found`, `not_possible_here`, `kept_changing`,
    /// `answer_lost`, `unreadable`;
    /// why it was withdrawn: `undo`, `discard`, `theirs`, `superseded`; in conflict: [`ConflictView::kind`].
    pub why: Option<String>,
    /// What to tell a person about a stuck change.
    pub problem: Option<Problem>,
    /// While it is held: how long still. The countdown runs on the program's own time, not on the wall clock.
    pub hold: Option<HoldView>,
    /// In conflict: the three sides.
    pub conflict: Option<ConflictView>,
    /// Why a waiting change is not sent now: `offline`, `paused`, `read_only` (the account), `asked_to_wait`, `lane` (an earlier one of this
    /// card first), `in_doubt` (a lost answer is being cleared up; see `next_attempt_at`).
    pub held_up_by: Option<String>,
    /// It was sent, its answer was lost: it may have been done. Read again before anything is repeated.
    pub may_be_done: bool,
    /// Undo takes it back as if it had never been asked, and what it replaced stands again.
    pub can_undo: bool,
    /// It can be given up.
    pub can_discard: bool,
    /// It can be tried again.
    pub can_retry: bool,
    /// The plan it is part of.
    pub plan_id: Option<String>,
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
    /// RFC 3339; when it was decided: queued, or kept in a conflict.
    pub decided_at: String,
    /// RFC 3339; when it is tried again.
    pub next_attempt_at: Option<String>,
    /// How often it was sent.
    pub attempts: u32,
    /// The provider's id of the last request.
    pub request_id: Option<String>,
}

/// A change that is still held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HoldView {
    /// Milliseconds left when this was answered; 0 when only a person or the window ends it (changes made by `tdesk`).
    pub left_ms: u32,
    /// Milliseconds in all.
    pub whole_ms: u32,
    /// When it will be sent by the wall clock, if nothing interrupts. RFC 3339.
    pub sends_at: Option<String>,
}

/// A card as it was seen at one moment of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SideView {
    /// RFC 3339.
    pub at: String,
    /// `active`, `inactive`, … or the provider's own word.
    pub state: String,
    /// One-click as read.
    pub one_click: Option<bool>,
    /// What there is to say of it, in one sentence.
    pub words: String,
}

/// One step between a decision and its conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConflictStep {
    /// RFC 3339.
    pub at: String,
    /// `decided`, `observed`, `found`.
    pub kind: String,
    /// In words.
    pub words: String,
}

/// What a person has to decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConflictView {
    /// `renewed`, `another_version`, `became_default`, `reactivated`, `being_deleted`, `other_customer`, `reason_changed`,
    /// `flipped`, `old_enabling`, `open_business`, `old_deletion`.
    pub kind: String,
    /// What happened, in one sentence.
    pub title: String,
    /// The card when the person decided.
    pub decided: SideView,
    /// The wish in words.
    pub mine: String,
    /// The card as the provider shows it now; absent for a conflict kept by an earlier version.
    pub now: Option<SideView>,
    /// In time order.
    pub steps: Vec<ConflictStep>,
    /// Whether the wish can be kept; not on a card that is being deleted.
    pub can_keep_mine: bool,
    /// What "keep mine" does, as a button says it.
    pub keep_mine: String,
    /// What "take theirs" does.
    pub take_theirs: String,
}

/// Decides a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ResolveChange {
    /// The change.
    pub change_id: String,
    /// `mine` or `theirs`.
    pub keep: String,
}

/// Lists changes, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListChanges {
    /// Environment; `None` for all.
    pub env: Option<Env>,
    /// Only those not ended.
    pub open_only: bool,
    /// Only of these words (`held`, `waiting`, …); empty means any.
    pub statuses: Vec<String>,
    /// Only those this person asked for on this desk.
    pub mine_only: bool,
    /// Cursor of the next page.
    pub after: Option<String>,
    /// At most 500.
    pub limit: u32,
}

/// Changes, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ChangeList {
    /// The changes.
    pub items: Vec<ChangeView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// Sends what is held or waits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PushChanges {
    /// Environment; `None` for all.
    pub env: Option<Env>,
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
    /// Now need a person: stuck.
    pub stuck: u32,
    /// Now need a person: in conflict.
    pub conflicts: u32,
    /// Still waiting: offline, asked to wait, or paused.
    pub waiting: u32,
    /// Why some still wait, where known.
    pub problem: Option<Problem>,
}

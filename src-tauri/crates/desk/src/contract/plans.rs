//! Plans: one wish over many cards, looked at before it runs.

use super::cards::{AccountTag, CardView};
use super::changes::ChangeView;
use super::problem::Problem;
use super::status::Env;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Makes a plan. Nothing is changed by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MakePlan {
    /// Environment; a plan never spans two.
    pub env: Env,
    /// `one_click_on`, `one_click_off`, `activate`, `deactivate`, `delete`.
    pub action: String,
    /// These cards; empty when `query` says which.
    pub cards: Vec<String>,
    /// Every card that this search finds, words and filters as in the search box.
    pub query: Option<String>,
}

/// What the plan does at one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanAccount {
    /// Where.
    pub account: AccountTag,
    /// How many cards.
    pub cards: u32,
    /// What happens there, in one sentence.
    pub effect: String,
    /// The account has not taught yet whether it does this: one card goes first.
    pub learns_first: bool,
}

/// Cards left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanSkip {
    /// `already_so`, `deletion_waiting`, `deleting`, `deleted`, `creating`, `unknown_state`, `not_possible_here`,
    /// `account_paused`, `unknown`.
    pub why: String,
    /// In words.
    pub words: String,
    /// How many.
    pub cards: u32,
}

/// What else follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanWarning {
    /// `last_active`, `last_one_click`, `default_card`, `other_changes_replaced`.
    pub kind: String,
    /// In words, with the number.
    pub words: String,
    /// How many customers or cards.
    pub n: u32,
}

/// What has to be typed before it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanConfirmation {
    /// `nothing`, `last4`, `id_end`, `count`, `count_and_reason`.
    pub kind: String,
    /// The text that has to be typed; absent for `nothing`.
    pub expected: Option<String>,
}

/// A plan's rows by how far they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanCounts {
    /// Not begun.
    pub planned: u32,
    /// Queued: held, waiting or sending.
    pub queued: u32,
    /// Confirmed by the provider.
    pub done: u32,
    /// Need a person: stuck.
    pub stuck: u32,
    /// Need a person: in conflict.
    pub conflict: u32,
    /// Left out, when the plan was made or when its turn came.
    pub skipped: u32,
    /// Taken back.
    pub withdrawn: u32,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanView {
    /// Its id.
    pub id: String,
    /// Environment.
    pub env: Env,
    /// As in [`MakePlan::action`].
    pub action: String,
    /// The search it was made from.
    pub query: Option<String>,
    /// RFC 3339.
    pub made_at: String,
    /// Who made it.
    pub actor: String,
    /// `draft`, `running`, `stopped`, `finished`.
    pub status: String,
    /// Cards looked at.
    pub total: u32,
    /// How far it is.
    pub counts: PlanCounts,
    /// By account.
    pub accounts: Vec<PlanAccount>,
    /// Left out when it was made.
    pub skips: Vec<PlanSkip>,
    /// Impact.
    pub warnings: Vec<PlanWarning>,
    /// What has to be typed.
    pub confirmation: PlanConfirmation,
    /// A person's words.
    pub reason: Option<String>,
    /// Milliseconds it took to make.
    pub took_ms: u32,
}

/// Plans, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanList {
    /// At most 100.
    pub items: Vec<PlanView>,
}

/// Names one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanRef {
    /// Its id.
    pub plan_id: String,
}

/// Runs a draft, or goes on with a stopped one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunPlan {
    /// The plan.
    pub plan_id: String,
    /// What the person typed.
    pub confirmation: Option<String>,
    /// Kept in the log, at most 255 characters.
    pub reason: Option<String>,
}

/// Rows of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanRows {
    /// The plan.
    pub plan_id: String,
    /// Only rows that stand so: `planned`, `queued`, `done`, `stuck`, `conflict`, `skipped`, `withdrawn`; empty means any.
    pub statuses: Vec<String>,
    /// Cursor.
    pub after: Option<String>,
    /// At most 500.
    pub limit: u32,
}

/// One row of a plan, with its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlanRow {
    /// Its place, from 1.
    pub number: u32,
    /// Our card id.
    pub card_id: String,
    /// The provider's id of the card.
    pub remote_id: String,
    /// The card as it is now; absent if it is not in the local copy any more.
    pub card: Option<CardView>,
    /// As in [`PlanRows::statuses`].
    pub status: String,
    /// Why it was skipped, in words.
    pub skipped: Option<PlanSkip>,
    /// Its change, once queued.
    pub change: Option<ChangeView>,
    /// What went wrong.
    pub problem: Option<Problem>,
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlanRowPage {
    /// In the plan's order.
    pub items: Vec<PlanRow>,
    /// Cursor.
    pub next: Option<String>,
}

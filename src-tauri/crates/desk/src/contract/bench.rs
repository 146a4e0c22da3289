//! The test bench: guided flows of the payment systems' own documents. Test and demo accounts only.

use super::accounts::Chosen;
use super::cards::AccountTag;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// The flows of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FlowList {
    /// In the order they are offered.
    pub items: Vec<FlowView>,
}

/// A guided flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FlowView {
    /// Its name in commands.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// What happens and what to look at.
    pub about: String,
    /// In order.
    pub steps: Vec<FlowStep>,
}

/// One step of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FlowStep {
    /// Its name in commands.
    pub id: String,
    /// A verb and its object.
    pub title: String,
    /// What this does at the provider.
    pub about: String,
    /// What has to be chosen.
    pub choices: Vec<FlowChoice>,
    /// It can be left out.
    pub optional: bool,
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FlowChoice {
    /// Its name in commands.
    pub id: String,
    /// For people.
    pub label: String,
    /// Values; empty: a free text.
    pub options: Vec<Chosen>,
    /// Taken when nothing is chosen.
    pub default: String,
}

/// Begins a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StartFlow {
    /// The account.
    pub account_id: String,
    /// The flow.
    pub flow: String,
}

/// Runs a step of a flow that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunFlowStep {
    /// The run.
    pub run_id: String,
    /// The step.
    pub step: String,
    /// What was chosen.
    #[ts(type = "Record<string, string>")]
    pub choices: BTreeMap<String, String>,
}

/// Names one run of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FlowRunRef {
    /// The run.
    pub run_id: String,
}

/// A request and its answer, secrets and card numbers masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExchangeView {
    /// Method, or the name of the remote call.
    pub method: String,
    /// Path and query, or the service.
    pub target: String,
    /// The body as sent.
    pub request: String,
    /// Status in the system's own word; empty when nothing came back.
    pub status: String,
    /// The body as it came.
    pub answer: String,
    /// Milliseconds.
    pub took_ms: u32,
}

/// A step that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FlowStepDone {
    /// Which.
    pub step: String,
    /// RFC 3339.
    pub at: String,
    /// What was chosen, for people.
    pub chosen: Vec<Chosen>,
    /// `as_documented`, `otherwise`, `failed`.
    pub result: String,
    /// The outcome in the system's own word.
    pub outcome: String,
    /// What that means.
    pub meaning: String,
    /// What to do next; empty when the flow is over.
    pub next: String,
    /// Label and value.
    pub facts: Vec<Chosen>,
    /// A page the buyer is to be sent to.
    pub link: Option<String>,
    /// In the order made.
    pub exchanges: Vec<ExchangeView>,
}

/// A run of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FlowRunView {
    /// Its id.
    pub id: String,
    /// The account.
    pub account_id: String,
    /// The flow.
    pub flow: FlowView,
    /// RFC 3339.
    pub started_at: String,
    /// Steps run so far, oldest first; a step may be run again.
    pub done: Vec<FlowStepDone>,
    /// The step that comes next; absent when the flow is over.
    pub next_step: Option<String>,
}

/// Runs of one account, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FlowRuns {
    /// Newest first.
    pub items: Vec<FlowRunView>,
    /// There is no further page: the last 50 are kept in view.
    pub next: Option<String>,
}

/// A single-use token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SingleUseView {
    /// The account.
    pub account: AccountTag,
    /// The provider's id.
    pub remote_id: String,
    /// What it stands for.
    pub kind: String,
    /// Brand and last four, where told.
    pub shown: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// When it stops working unused. RFC 3339.
    pub expires_at: Option<String>,
    /// Seconds left until then; absent when it is over or unknown.
    pub seconds_left: Option<u32>,
    /// `usable`, `used`, `expired`.
    pub status: String,
    /// RFC 3339.
    pub used_at: Option<String>,
}

/// Single-use tokens, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SingleUseList {
    /// Newest first.
    pub items: Vec<SingleUseView>,
}

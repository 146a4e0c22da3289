//! The test bench: the flows of a payment system's own documents as guided steps whose requests and answers can be read.
//!
//! Test and demo accounts only; whoever makes a bench for a live account gets none. A flow touches only what it created: the
//! ids it may use are those in its own [`FlowState`]. Card numbers come from the lists here, the test numbers their
//! documents publish; they are chosen, never typed, and never leave this module unmasked.
//!
//! Must not know: screens, the ledger, other accounts.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A guided flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// Its name in commands, such as `token_without_verification`.
    pub id: &'static str,
    /// What it shows, in a few words.
    pub title: &'static str,
    /// What happens and what to look at, in one or two sentences.
    pub about: &'static str,
    /// In the order they are walked.
    pub steps: &'static [Step],
}

/// One step of a flow: one thing a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Its name in commands.
    pub id: &'static str,
    /// A verb and its object.
    pub title: &'static str,
    /// What this does at the provider, in one sentence.
    pub about: &'static str,
    /// What has to be chosen before it is run.
    pub choices: &'static [Choice],
    /// It can be left out.
    pub optional: bool,
}

/// Something to choose. Every value is from a list, or a short text where `options` is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Its name in commands.
    pub id: &'static str,
    /// For people.
    pub label: &'static str,
    /// Value, and what it stands for. Empty: a free text (an email, a name), guarded against card numbers.
    pub options: &'static [(&'static str, &'static str)],
    /// Taken when nothing is chosen; empty where a free text may stay empty.
    pub default: &'static str,
}

/// What a run of a flow knows so far: names such as `customer`, and the provider's ids. Stored between steps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowState {
    /// Ids this run created, and words it needs later. Never a secret, never a card number.
    pub known: BTreeMap<String, String>,
}

/// One request and its answer, ready to be read: secrets masked, card numbers masked to their last four.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Method, or the name of the remote call.
    pub method: String,
    /// Path and query, or the service.
    pub target: String,
    /// The body as sent, formatted; empty when there was none.
    pub request: String,
    /// Status as the system says it (`201`, `OK`, `UNKNOWN`); empty when nothing came back.
    pub status: String,
    /// The body as it came, formatted.
    pub answer: String,
    /// Milliseconds.
    pub took_ms: u32,
}

/// Whether a step went as its documents say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepResult {
    /// As documented, a documented refusal included.
    AsDocumented,
    /// Answered, and not as documented.
    Otherwise,
    /// Not answered, or the answer made no sense.
    Failed,
}

/// A single-use token that a step made or used, to be kept in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SingleUse {
    /// The provider's id.
    pub remote_id: String,
    /// What it stands for (`credit_card`, `email only`, `card`), for people.
    pub kind: String,
    /// Brand and last four, where told.
    pub shown: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it stops working unused.
    pub expires_at: Option<DateTime<Utc>>,
    /// Used by this step, or found used.
    pub used: bool,
    /// Found expired.
    pub expired: bool,
}

/// What a step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepDone {
    /// How it went.
    pub result: StepResult,
    /// The outcome in the system's own word (`requires_action`, `not-requested`), asserted in tests.
    pub outcome: String,
    /// What that means, in one sentence.
    pub meaning: String,
    /// What to do next, in one sentence; empty when the flow is over.
    pub next: String,
    /// Facts worth showing: label and value.
    pub facts: Vec<(String, String)>,
    /// A page the buyer is to be sent to.
    pub link: Option<String>,
    /// In the order made.
    pub exchanges: Vec<Exchange>,
    /// Single-use tokens made or used.
    pub tokens: Vec<SingleUse>,
    /// What the run knows now.
    pub state: FlowState,
}

/// Why a step was not run. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BenchError {
    /// No such flow or step here.
    #[error("there is no such step")]
    Unknown,
    /// A choice has a value that is not offered.
    #[error("{0} has no such choice")]
    BadChoice(&'static str),
    /// An earlier step has to come first.
    #[error("the step {0} comes first")]
    TooEarly(&'static str),
    /// The account lacks something the flow needs, such as a publishable key.
    #[error("the account has no {0}")]
    Missing(&'static str),
}

/// The flows of one account's payment system.
#[async_trait]
pub trait TestBench: Send + Sync {
    /// The flows offered for this account.
    fn flows(&self) -> &'static [Flow];

    /// Runs one step. What goes wrong at the provider is part of the outcome, not an error.
    ///
    /// # Errors
    /// [`BenchError`]; nothing was sent.
    async fn run(
        &self,
        flow: &str,
        step: &str,
        choices: &BTreeMap<String, String>,
        state: FlowState,
    ) -> Result<StepDone, BenchError>;
}

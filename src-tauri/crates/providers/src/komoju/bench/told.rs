//! What a step shows, and what a run remembers.

use super::recorder::{Heard, Recorder};
use crate::bench::{FlowState, SingleUse, StepDone, StepResult};
use crate::error::ProviderError;
use chrono::{DateTime, Duration, SecondsFormat, Utc};

/// Names of what a run knows.
pub(super) mod known {
    pub(in super::super) const TOKEN: &str = "token";
    pub(in super::super) const TOKEN_KIND: &str = "token_kind";
    pub(in super::super) const TOKEN_SHOWN: &str = "token_shown";
    pub(in super::super) const TOKEN_MADE: &str = "token_made_at";
    pub(in super::super) const TOKEN_USED: &str = "token_used";
    pub(in super::super) const SESSION: &str = "session";
    pub(in super::super) const PAYMENT: &str = "payment";
    pub(in super::super) const CUSTOMER: &str = "customer";
}

pub(super) const EMAIL_ONLY: &str = "email only";
pub(super) const REFUSED: &str = "refused";

/// How long a token lives unused.
pub(super) fn token_life() -> Duration {
    Duration::hours(24)
}

pub(super) fn used(state: &mut FlowState, by: &str) {
    state.known.insert(known::TOKEN_USED.to_owned(), by.to_owned());
}

pub(super) fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

pub(super) fn fact(label: &str, value: &str) -> (String, String) {
    (label.to_owned(), value.to_owned())
}

pub(super) fn refusal(error: &ProviderError) -> Vec<(String, String)> {
    error
        .message
        .iter()
        .map(|message| fact("In its own words", message))
        .collect()
}

pub(super) fn documented_if(as_documented: bool) -> StepResult {
    if as_documented {
        StepResult::AsDocumented
    } else {
        StepResult::Otherwise
    }
}

pub(super) fn unexpected(calls: Recorder<'_>, heard: Heard) -> StepDone {
    let (result, outcome, meaning, next, error) = match heard {
        Heard::Refused(error) => (
            StepResult::Otherwise,
            REFUSED,
            "The call was understood and refused.",
            "Read the answer.",
            error,
        ),
        Heard::NotAllowed(error) => (
            StepResult::Failed,
            "not_allowed",
            "The key is not accepted for this call.",
            "Look at the account's keys.",
            error,
        ),
        Heard::Nothing(error) => (
            StepResult::Failed,
            "no_answer",
            "No answer that decides anything came; the call may have been done.",
            "Run the step again: the same call is then done once only, for 24 hours.",
            error,
        ),
        Heard::Success(_) => return senseless(calls),
    };
    let told = Told {
        result,
        outcome: outcome.to_owned(),
        meaning: meaning.to_owned(),
        next: next.to_owned(),
        facts: refusal(&error),
        link: None,
    };
    told.done(calls)
}

pub(super) fn senseless(calls: Recorder<'_>) -> StepDone {
    let told = Told {
        result: StepResult::Failed,
        outcome: "unreadable".to_owned(),
        meaning: "The answer has no id.".to_owned(),
        next: "Read the answer.".to_owned(),
        ..Told::documented()
    };
    told.done(calls)
}

/// A step's own part of what is shown; calls, tokens and state are added from the recorder.
pub(super) struct Told {
    pub result: StepResult,
    pub outcome: String,
    pub meaning: String,
    pub next: String,
    pub facts: Vec<(String, String)>,
    pub link: Option<String>,
}

impl Told {
    pub fn documented() -> Self {
        Self {
            result: StepResult::AsDocumented,
            outcome: String::new(),
            meaning: String::new(),
            next: String::new(),
            facts: Vec::new(),
            link: None,
        }
    }

    pub fn done(self, calls: Recorder<'_>) -> StepDone {
        self.done_at(calls, false)
    }

    pub fn done_at(self, calls: Recorder<'_>, expired: bool) -> StepDone {
        let tokens = token_of(&calls.state, expired).into_iter().collect();
        StepDone {
            result: self.result,
            outcome: self.outcome,
            meaning: self.meaning,
            next: self.next,
            facts: self.facts,
            link: self.link,
            exchanges: calls.exchanges,
            tokens,
            state: calls.state,
        }
    }
}

// The token of the run as it is known now.
pub(super) fn token_of(state: &FlowState, expired: bool) -> Option<SingleUse> {
    let known = |name: &str| state.known.get(name).filter(|text| !text.is_empty()).cloned();
    let made = instant(&known(known::TOKEN_MADE)?)?;
    Some(SingleUse {
        remote_id: known(known::TOKEN)?,
        kind: known(known::TOKEN_KIND).unwrap_or_default(),
        shown: known(known::TOKEN_SHOWN),
        created_at: made,
        expires_at: Some(made + token_life()),
        used: known(known::TOKEN_USED).is_some(),
        expired,
    })
}

//! Counts what was asked, so tests can tell what a client really sent.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::Value;

use crate::clock;
use crate::wire::Call;

/// Paths counted one by one before the rest share one row.
const PATHS: usize = 20_000;
/// Writes remembered.
const WRITES: usize = 500;

#[derive(Default, Serialize)]
pub(crate) struct Stats {
    requests: u64,
    by_kind: BTreeMap<&'static str, u64>,
    by_path: BTreeMap<String, u64>,
    by_status: BTreeMap<String, u64>,
    writes: VecDeque<Write>,
}

/// A call that asked for a change. Texts a person typed are told by field name only.
#[derive(Clone, Debug, Serialize)]
pub struct Write {
    /// When it came, RFC 3339.
    pub at: String,
    /// Operation as the system calls it, such as `tokens.update`.
    pub operation: &'static str,
    /// Verb.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// None: no answer was sent.
    pub status: Option<u16>,
    /// Whether the work was done, or at least tried.
    pub handled: bool,
    /// Names of the body's members.
    pub fields: Vec<String>,
    /// `state` of the body, or `status` where a system calls it so.
    pub state: Option<String>,
    /// `enabledForOneClickPayment` of the body.
    pub one_click: Option<bool>,
    /// `version` of the body.
    pub version: Option<u64>,
}

/// What became of a call.
#[derive(Clone, Copy)]
pub(crate) struct Outcome {
    /// None: no answer was sent.
    pub(crate) status: Option<u16>,
    pub(crate) handled: bool,
}

impl Stats {
    /// All calls so far.
    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }

    /// The last writes, oldest first.
    pub(crate) fn writes(&self) -> Vec<Write> {
        self.writes.iter().cloned().collect()
    }

    /// Counts a call; `operation` is its name and whether it asks for a change, none when there is no such call.
    pub(crate) fn note(&mut self, call: &Call, operation: Option<(&'static str, bool)>, outcome: Outcome) {
        self.requests += 1;
        let (kind, changes) = operation.unwrap_or(("other", call.method != "GET"));
        *self.by_kind.entry(kind).or_default() += 1;
        let known = self.by_path.contains_key(call.path()) || self.by_path.len() < PATHS;
        let path = if known { call.path() } else { "(more)" };
        *self.by_path.entry(path.to_owned()).or_default() += 1;
        let status = outcome
            .status
            .map_or_else(|| "none".to_owned(), |s| s.to_string());
        *self.by_status.entry(status).or_default() += 1;
        if !changes {
            return;
        }
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        if self.writes.len() == WRITES {
            self.writes.pop_front();
        }
        self.writes.push_back(Write {
            at: clock::rfc3339(clock::now()),
            operation: kind,
            method: call.method.clone(),
            path: call.path().to_owned(),
            status: outcome.status,
            handled: outcome.handled,
            fields: body
                .as_object()
                .map(|o| o.keys().cloned().collect())
                .unwrap_or_default(),
            state: text("state").or_else(|| text("status")),
            one_click: body.get("enabledForOneClickPayment").and_then(Value::as_bool),
            version: body.get("version").and_then(Value::as_u64),
        });
    }
}

//! Faults on demand: rules say which calls go wrong and how. Knows calls only by verb and path.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::wire::{Call, Reply};

/// One rule. Rules stand in the order they were added; the first one that fits decides, and delays add up.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Which calls.
    #[serde(default, rename = "match")]
    pub when: FaultMatch,
    /// How often; 1 when left out, without end when `null`.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// What goes wrong.
    pub fault: Fault,
}

#[allow(clippy::unnecessary_wraps, reason = "serde wants the member's own type")]
fn once() -> Option<u32> {
    Some(1)
}

/// Which calls a rule is about; what is left out fits all.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FaultMatch {
    /// Verb, any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Beginning of path and query, with or without the prefix of the system, such as `/api/v2.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_prefix: Option<String>,
    /// Starts with the n-th fitting call, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u32>,
}

/// Body of a plain error status.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultBody {
    /// The payment system's own error shape.
    #[default]
    Json,
    /// A gateway's page.
    Html,
    /// Nothing.
    Empty,
}

/// What goes wrong.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// This status; nothing is done.
    Status {
        /// HTTP status.
        status: u16,
        /// Value of `Retry-After`, seconds or a date.
        #[serde(default)]
        retry_after: Option<Value>,
        /// What the body is.
        #[serde(default)]
        body: FaultBody,
    },
    /// 429; nothing is done.
    TooMany {
        /// Value of `Retry-After`, seconds or a date.
        #[serde(default)]
        retry_after: Option<Value>,
    },
    /// Waits, then goes on as usual.
    Latency {
        /// How long, milliseconds.
        ms: u64,
        /// Waits with the finished answer instead of before the work.
        #[serde(default)]
        after_commit: bool,
    },
    /// Closes the connection; nothing is done.
    DropBeforeCommit,
    /// Does the work, then closes the connection without an answer.
    DropAfterCommit,
    /// Closes the connection at once and does the work later.
    CommitLater {
        /// How much later, milliseconds.
        ms: u64,
    },
    /// Does the work, sends half of the body and closes.
    Truncated,
    /// Does the work and answers its status with a page instead of JSON.
    NonJson,
    /// Never answers; nothing is done.
    Hang,
    /// Does the work; ids and versions in the answer are texts.
    IdsAsStrings,
    /// Does the work; these members are missing in each row of the answer.
    MissingMembers {
        /// Names; `state`, `version` and `createdOn` when left out.
        #[serde(default = "usual_members")]
        members: Vec<String>,
    },
    /// Does the work; the first row of the answer shows a state no enum knows, in `state` or what stands for it.
    UnknownEnum,
}

fn usual_members() -> Vec<String> {
    ["state", "version", "createdOn"].map(str::to_owned).to_vec()
}

/// The rules in force.
#[derive(Default)]
pub(crate) struct Faults {
    rules: Vec<Armed>,
    fired: u64,
}

struct Armed {
    rule: FaultRule,
    seen: u32,
    left: Option<u32>,
}

/// What the rules say about one call.
#[derive(Default)]
pub(crate) struct Fate {
    pub(crate) before_ms: u64,
    pub(crate) after_ms: u64,
    pub(crate) fault: Option<Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, rules: Vec<FaultRule>) {
        self.rules.extend(rules.into_iter().map(|rule| Armed {
            left: rule.times,
            seen: 0,
            rule,
        }));
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn fired(&self) -> u64 {
        self.fired
    }

    /// The rules with how often each may still fire.
    pub(crate) fn shown(&self) -> Value {
        self.rules
            .iter()
            .map(|armed| json!({ "rule": armed.rule, "left": armed.left, "seen": armed.seen }))
            .collect()
    }

    /// Decides about a call and counts it; `prefix` is what a rule's path may leave out.
    pub(crate) fn decide(&mut self, call: &Call, prefix: &str) -> Fate {
        let mut fate = Fate::default();
        for armed in &mut self.rules {
            if !armed.rule.when.fits(call, prefix) {
                continue;
            }
            armed.seen = armed.seen.saturating_add(1);
            let due = armed.seen >= armed.rule.when.nth.unwrap_or(1) && armed.left != Some(0);
            let delays = matches!(armed.rule.fault, Fault::Latency { .. });
            if !due || (!delays && fate.fault.is_some()) {
                continue;
            }
            armed.left = armed.left.map(|left| left - 1);
            self.fired += 1;
            match &armed.rule.fault {
                Fault::Latency {
                    ms,
                    after_commit: false,
                } => fate.before_ms += ms,
                Fault::Latency {
                    ms,
                    after_commit: true,
                } => fate.after_ms += ms,
                other => fate.fault = Some(other.clone()),
            }
        }
        fate
    }
}

impl FaultMatch {
    fn fits(&self, call: &Call, prefix: &str) -> bool {
        let verb = self
            .method
            .as_ref()
            .is_none_or(|m| m.eq_ignore_ascii_case(&call.method));
        let path = self.path_prefix.as_ref().is_none_or(|path| {
            call.target.starts_with(path.as_str())
                || call
                    .target
                    .strip_prefix(prefix)
                    .is_some_and(|rest| rest.starts_with(path.as_str()))
        });
        verb && path
    }
}

/// Text of a `Retry-After` given as number or text.
pub(crate) fn retry_after_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A page a gateway would send.
pub(crate) const GATEWAY_PAGE: &str = "<!DOCTYPE html><html><head><title>Bad gateway</title></head><body><h1>The server is resting.</h1></body></html>";

/// Changes each row of a JSON answer: the members of a list (`data`, or the answer itself), what stands beside a
/// `success`, or the object itself.
pub(crate) fn bend_rows(reply: &mut Reply, mut bend: impl FnMut(usize, &mut serde_json::Map<String, Value>)) {
    let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else {
        return;
    };
    for (nth, row) in rows(&mut body).into_iter().enumerate() {
        bend(nth, row);
    }
    reply.body = body.to_string().into_bytes();
}

fn rows(body: &mut Value) -> Vec<&mut serde_json::Map<String, Value>> {
    fn objects(of: &mut Value) -> Vec<&mut serde_json::Map<String, Value>> {
        match of {
            Value::Array(all) => all.iter_mut().filter_map(Value::as_object_mut).collect(),
            Value::Object(row) => vec![row],
            _ => Vec::new(),
        }
    }
    let Value::Object(object) = body else {
        return objects(body);
    };
    for list in ["data", "payment_methods"] {
        if object.get(list).is_some_and(Value::is_array) {
            return object.get_mut(list).map(objects).unwrap_or_default();
        }
    }
    if object.contains_key("success") {
        return object.values_mut().flat_map(objects).collect();
    }
    vec![object]
}

/// Turns `id` and `version` members into texts, nested ones too.
pub(crate) fn ids_as_strings(reply: &mut Reply) {
    fn walk(object: &mut serde_json::Map<String, Value>) {
        for (name, value) in object.iter_mut() {
            match value {
                Value::Number(number) if matches!(name.as_str(), "id" | "version" | "linkedSpaceId") => {
                    *value = Value::String(number.to_string());
                }
                Value::Object(inner) => walk(inner),
                _ => {}
            }
        }
    }
    bend_rows(reply, |_, row| walk(row));
}

/// Members that show a state.
const STATES: [&str; 3] = ["state", "status", "verification_status"];

/// Shows a state no enum knows.
pub(crate) fn unknown_state(row: &mut serde_json::Map<String, Value>) {
    let mut shown = false;
    for name in STATES {
        if let Some(state) = row.get_mut(name) {
            (*state, shown) = ("SUSPENDED".into(), true);
        }
    }
    if !shown {
        row.insert(STATES[0].to_owned(), "SUSPENDED".into());
    }
}

//! The control endpoint: switches, faults, edits by somebody else, and the server's truth, for tests and demos.
//! On a port of its own, behind a path nobody can guess, and only for callers that name this very host, so a
//! web page in a browser cannot reach it.

mod each;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::door::Door;
use crate::faults::FaultRule;
use crate::handle::SystemHandle;
use crate::playground::Playground;
use crate::truth::{EditError, EditRequest, NewTokenRequest};
use crate::wire::{Answer, Call, Reply, Sent};

pub(crate) struct ControlDoor {
    pub(crate) playground: Arc<Playground>,
    pub(crate) wallee: Arc<Door>,
    pub(crate) systems: BTreeMap<&'static str, SystemHandle>,
    /// `127.0.0.1:PORT`, the only `Host` answered.
    pub(crate) host: String,
    /// The unguessable first part of the path, without slashes.
    pub(crate) secret: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnlyId {
    id: u64,
}

type Done = Result<Value, (u16, String)>;

impl Answer for ControlDoor {
    async fn answer(self: Arc<Self>, call: Call) -> Sent {
        if call.header("host") != Some(self.host.as_str()) {
            return Sent::Whole(plain(403, "wrong host"));
        }
        let rest = call
            .path()
            .strip_prefix('/')
            .and_then(|path| path.strip_prefix(self.secret.as_str()));
        let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
            return Sent::Whole(plain(404, "no such path"));
        };
        Sent::Whole(match self.route(&call, rest.trim_matches('/')) {
            Ok(body) => Reply::json(200, body.to_string().into_bytes()),
            Err((status, message)) => plain(status, &message),
        })
    }
}

fn plain(status: u16, message: &str) -> Reply {
    Reply::json(status, json!({ "error": message }).to_string().into_bytes())
}

fn body<T: DeserializeOwned>(call: &Call) -> Result<T, (u16, String)> {
    // Where it went wrong is enough; the body may hold an email.
    serde_json::from_slice(&call.body).map_err(|error| {
        (
            400,
            format!("the body is not understood at column {}", error.column()),
        )
    })
}

/// Switches asked for, values as texts.
fn texts(call: &Call) -> Result<Vec<(String, String)>, (u16, String)> {
    let wishes: BTreeMap<String, Value> = body(call)?;
    Ok(wishes
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(text) => (name, text),
            other => (name, other.to_string()),
        })
        .collect())
}

fn edited(error: EditError) -> (u16, String) {
    (
        if matches!(error, EditError::NoSuchToken | EditError::NoSuchObject) {
            404
        } else {
            400
        },
        error.to_string(),
    )
}

impl ControlDoor {
    fn route(&self, call: &Call, path: &str) -> Done {
        let playground = &self.playground;
        match (call.method.as_str(), path) {
            ("GET", "switches") => Ok(json!(playground.switches().rows())),
            ("POST", "switches") => self.set_switches(call),
            ("GET", "faults") => Ok(self.wallee.faults().shown()),
            ("POST", "faults") => {
                let rules: Vec<FaultRule> = body(call)?;
                let mut faults = self.wallee.faults();
                faults.add(rules);
                Ok(faults.shown())
            }
            ("DELETE", "faults") => {
                self.wallee.faults().clear();
                Ok(json!([]))
            }
            ("POST", "edit") => {
                let request: EditRequest = body(call)?;
                playground.edit(request).map(|truth| json!(truth)).map_err(edited)
            }
            ("POST", "add_token") => {
                let request: NewTokenRequest = body(call)?;
                playground
                    .add_token(request)
                    .map(|truth| json!(truth))
                    .map_err(edited)
            }
            ("POST", "purge") => {
                let OnlyId { id } = body(call)?;
                playground
                    .purge(id)
                    .map(|()| json!({ "id": id, "gone": true }))
                    .map_err(edited)
            }
            ("GET", "ids") => Ok(playground
                .look(|world| {
                    world
                        .tokens
                        .iter()
                        .filter(|t| !t.gone)
                        .map(|t| t.id)
                        .collect::<Vec<_>>()
                })
                .into()),
            ("GET", "systems") => Ok(self
                .systems
                .iter()
                .map(|(name, system)| ((*name).to_owned(), system.connection()))
                .collect()),
            ("GET", "tokens") => Ok(self.tokens(call)),
            ("GET", "stats") => Ok(self.stats()),
            ("POST", "stats/reset") => {
                *self.wallee.stats() = crate::stats::Stats::default();
                Ok(json!({}))
            }
            (_, path) if path.starts_with("systems/") => self.of_system(call, path),
            ("GET", path) => {
                let id = path.strip_prefix("token/").and_then(|id| id.parse().ok());
                let truth = id.and_then(|id| playground.token(id));
                truth
                    .map(|truth| json!(truth))
                    .ok_or((404, "nothing is there".to_owned()))
            }
            _ => Err((404, "nothing is there".to_owned())),
        }
    }

    fn of_system(&self, call: &Call, path: &str) -> Done {
        let mut parts = path.splitn(3, '/').skip(1);
        let system = parts
            .next()
            .and_then(|name| self.systems.get(name))
            .ok_or((404, "that system is not played".to_owned()))?;
        each::route(system, call, parts.next().unwrap_or_default())
    }

    fn set_switches(&self, call: &Call) -> Done {
        let texts = texts(call)?;
        self.playground
            .set_switches(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))
            .map_err(|error| (400, error.to_string()))?;
        Ok(json!(self.playground.switches().rows()))
    }

    /// Tokens by `email`, `customerId` and `state`, all exact; at most 1000 rows.
    fn tokens(&self, call: &Call) -> Value {
        let query = call.query();
        let asked = |name: &str| {
            query
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, value)| value.as_str())
        };
        let (email, customer, state) = (asked("email"), asked("customerId"), asked("state"));
        let mut rows = self.playground.tokens(|world, place| {
            let token = &world.tokens[place];
            email.is_none_or(|wanted| world.email(token) == Some(wanted))
                && customer.is_none_or(|wanted| world.customer_id(token) == Some(wanted))
                && state.is_none_or(|wanted| token.state.text() == wanted)
        });
        rows.truncate(1_000);
        json!(rows)
    }

    fn stats(&self) -> Value {
        let world = self.playground.look(|world| {
            let mut states: BTreeMap<&str, u64> = BTreeMap::new();
            for token in world.tokens.iter().filter(|t| !t.gone) {
                *states.entry(token.state.text()).or_default() += 1;
            }
            let versions = world.versions.iter().filter(|v| !world.token_of(v).gone).count();
            json!({
                "customers": world.people.len(),
                "tokens": states.values().sum::<u64>(),
                "versions": versions,
                "states": states,
            })
        });
        let fired = self.wallee.faults().fired();
        let mut stats = json!(*self.wallee.stats());
        stats["world"] = world;
        stats["faults_fired"] = fired.into();
        stats
    }
}

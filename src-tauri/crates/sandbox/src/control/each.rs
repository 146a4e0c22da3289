//! What the control endpoint tells and changes of any system, below `/systems/NAME/`: `switches`, `faults`, `edit`,
//! `truth/ID`, `ids`, `pass_time`, `stats`, `connection`, `listening`.

use serde::Deserialize;
use serde_json::json;

use super::{Done, body, edited, texts};
use crate::faults::FaultRule;
use crate::handle::SystemHandle;
use crate::wire::{Call, decode};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Passing {
    ms: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listening {
    listening: bool,
}

/// Answers a call about one system; `path` is what follows its name.
pub(super) fn route(system: &SystemHandle, call: &Call, path: &str) -> Done {
    match (call.method.as_str(), path) {
        ("GET", "switches") => Ok(json!(system.switches())),
        ("POST", "switches") => {
            for (name, value) in texts(call)? {
                system
                    .set_switch(&name, &value)
                    .map_err(|error| (400, error.to_string()))?;
            }
            Ok(json!(system.switches()))
        }
        ("GET", "faults") => Ok(system.faults()),
        ("POST", "faults") => {
            let rules: Vec<FaultRule> = body(call)?;
            system.add_faults(rules);
            Ok(system.faults())
        }
        ("DELETE", "faults") => {
            system.clear_faults();
            Ok(json!([]))
        }
        ("POST", "edit") => system.edit(body(call)?).map_err(edited),
        ("POST", "pass_time") => {
            let Passing { ms } = body(call)?;
            system.pass_time(ms);
            Ok(json!({}))
        }
        ("GET", "ids") => Ok(json!(system.ids())),
        ("GET", "stats") => {
            let mut stats = system.statistics();
            stats["faults_fired"] = system.faults_fired().into();
            Ok(stats)
        }
        ("GET", "connection") => Ok(system.connection()),
        ("GET", "listening") => Ok(json!({ "listening": system.is_listening() })),
        ("POST", "listening") => {
            let Listening { listening } = body(call)?;
            // It waits for what this very runtime has to do.
            let done = tokio::task::block_in_place(|| {
                if listening {
                    system.start_listening()
                } else {
                    system.stop_listening()
                }
            });
            done.map_err(|error| (500, error.to_string()))?;
            Ok(json!({ "listening": system.is_listening() }))
        }
        ("GET", path) => path
            .strip_prefix("truth/")
            .and_then(|id| system.truth(&decode(id)))
            .ok_or((404, "nothing is there".to_owned())),
        _ => Err((404, "nothing is there".to_owned())),
    }
}

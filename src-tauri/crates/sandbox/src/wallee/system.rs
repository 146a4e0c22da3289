//! wallee as one of the systems that are played.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Operation, PREFIX, Problem, transactions};
use crate::clock;
use crate::faults;
use crate::limit::Allowance;
use crate::playground::Playground;
use crate::switch_table::{SwitchError, SwitchRow};
use crate::system::System;
use crate::truth::{CardRequest, EditError, EditRequest, NewTokenRequest};
use crate::wire::{Call, Reply};

/// The playground behind wallee's port; others look at the same one.
pub(crate) struct Wallee(pub(crate) Arc<Playground>);

impl System for Wallee {
    fn name(&self) -> &'static str {
        "wallee"
    }

    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn answer(&self, call: &Call) -> Reply {
        if let Some(page) = transactions::page(&self.0, call) {
            return page;
        }
        let mut reply = super::answer(&self.0, call);
        if self.0.switches().ids_as_strings {
            faults::ids_as_strings(&mut reply);
        }
        reply
    }

    fn failure(&self, status: u16) -> Reply {
        Problem::new(status, "fault_on_demand", "This call was made to fail.").reply(clock::now())
    }

    fn operation(&self, method: &str, path: &str) -> Option<(&'static str, bool)> {
        Operation::of(method, path).map(|operation| (operation.name(), method != "GET"))
    }

    fn connection(&self, origin: &str) -> Value {
        let identity = &self.0.identity;
        json!({
            "host": origin, "space": self.0.space.to_string(), "user": identity.user,
            "key": STANDARD.encode(identity.key),
        })
    }

    fn switches(&self) -> Vec<SwitchRow> {
        self.0.switches().rows()
    }

    fn set_switch(&self, name: &str, value: &str) -> Result<(), SwitchError> {
        self.0.set_switches([(name, value)])
    }

    /// An [`EditRequest`]; or `{"add": …}` with a [`NewTokenRequest`]; or `{"purge": ID}`; or `{"entered": TRANSACTION}`, with
    /// or without a [`CardRequest`] as `card`: what the buyer entered on the page of a transaction.
    fn edit(&self, edit: Value) -> Result<Value, EditError> {
        let shape = |error: serde_json::Error| EditError::Shape(format!("column {}", error.column()));
        if let Some(new) = edit.get("add") {
            let new = NewTokenRequest::deserialize(new).map_err(shape)?;
            return self.0.add_token(new).map(|truth| json!(truth));
        }
        if let Some(id) = edit.get("purge") {
            let id = id.as_u64().ok_or(EditError::NoSuchToken)?;
            return self.0.purge(id).map(|()| json!({ "id": id, "gone": true }));
        }
        if let Some(id) = edit.get("entered") {
            let id = id.as_u64().ok_or(EditError::NoSuchObject)?;
            let card = edit.get("card").map(CardRequest::deserialize).transpose();
            let card = card.map_err(shape)?.unwrap_or_default().understood()?;
            let token = transactions::enter(&self.0, id, card)?;
            return Ok(json!(self.0.token(token)));
        }
        let edit = EditRequest::deserialize(edit).map_err(shape)?;
        self.0.edit(edit).map(|truth| json!(truth))
    }

    fn truth(&self, id: &str) -> Option<Value> {
        self.0.token(id.parse().ok()?).map(|truth| json!(truth))
    }

    fn ids(&self) -> Vec<String> {
        self.0.look(|world| {
            world
                .tokens
                .iter()
                .filter(|token| !token.gone)
                .map(|token| token.id.to_string())
                .collect()
        })
    }

    fn pass_time(&self, ms: i64) {
        self.0.pass_time(ms);
    }

    fn allowance(&self) -> Option<Allowance> {
        let switches = self.0.switches();
        Some(Allowance {
            calls_per_second: switches.calls_per_second,
            retry_after: switches.limit_retry_after,
        })
    }
}

//! A merchant's own Prism server and the processors behind it, over gRPC (Prism fact sheet): a call in, an answer out.
//! Prism keeps nothing; what is kept here is what the processors know, so that a test can see whether money is held.
//! Knows nothing of sockets and faults; `grpc` alone knows HTTP/2.
//!
//! Test tokens carry their outcome in their name, after `sandbox_`: see [`world::Fate`].

mod connector;
pub(crate) mod grpc;
mod mandates;
mod payments;
mod proto;
mod status;
mod switches;
#[cfg(test)]
mod tests;
mod world;

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock;
use crate::switch_table::{SwitchError, SwitchRow};
use crate::system::{System, SystemOptions};
use crate::truth::EditError;
use crate::wire::{Call, Reply};

use connector::{Caller, Connector};
use payments::{Answer, Outcome};
use proto::{Message, Writer};
use status::{Code, Status};
use switches::Switches;
use world::{Fate, World};

/// The system as the frame wants it.
pub(crate) fn system(options: &SystemOptions) -> Arc<dyn System> {
    Arc::new(Prism::new(options))
}

struct Prism {
    seed: u64,
    world: Mutex<World>,
    switches: RwLock<Switches>,
}

/// An edit by somebody else at a processor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    /// A saved token.
    token: String,
    /// True: it is removed there; false: it is back.
    #[serde(default)]
    revoked: Option<bool>,
    /// What payments with it come to from now on; a name of a test token, without `sandbox_`.
    #[serde(default)]
    outcome: Option<String>,
}

impl Prism {
    fn new(options: &SystemOptions) -> Self {
        Self {
            seed: options.seed,
            world: Mutex::new(World::generate(
                options.customers,
                options.seed_of("prism"),
                options.seed,
            )),
            switches: RwLock::default(),
        }
    }

    fn switches(&self) -> Switches {
        *self.switches.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        act(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn call(&self, call: &Call) -> Outcome {
        let switches = self.switches();
        let Some(message) = Message::read(&call.body) else {
            return Err(Status::new(Code::Internal, "failed to decode Protobuf message"));
        };
        let unknown = || Status::new(Code::Unimplemented, "");
        if call.path() == "/grpc.health.v1.Health/Check" {
            let serving = Writer::default().number(1, 1).finish();
            return switches
                .health
                .then_some(Answer::Message(serving))
                .ok_or_else(unknown);
        }
        if self.operation(&call.method, call.path()).is_none() {
            return Err(unknown());
        }
        let caller = Caller::of(call.header("x-connector-config"), self.seed, &switches)?;
        match call.path() {
            "/types.PaymentService/TokenAuthorize" => payments::token_authorize(self, &caller, &message),
            "/types.PaymentService/Authorize" => payments::authorize(self, &caller, &message),
            "/types.PaymentService/Void" => payments::void(self, &caller, &message),
            "/types.PaymentService/Capture" => payments::capture(self, &caller, &message),
            "/types.PaymentService/Refund" => payments::refund(self, &caller, &message),
            "/types.PaymentService/Get" => payments::get(self, &caller, &message),
            "/types.RecurringPaymentService/Revoke" => mandates::revoke(self, &caller, &message),
            _ => Err(unknown()),
        }
    }
}

fn refusal(status: &Status) -> Reply {
    Reply::json(status.http(), Vec::new())
        .with(grpc::STATUS, (status.code as u8).to_string())
        .with(grpc::MESSAGE, status.message.clone())
}

impl System for Prism {
    fn name(&self) -> &'static str {
        "prism"
    }

    fn prefix(&self) -> &'static str {
        ""
    }

    /// The body is the message without gRPC's frame; an error stands in the headers of [`grpc`].
    fn answer(&self, call: &Call) -> Reply {
        match self.call(call) {
            Ok(Answer::Message(body)) => Reply::json(200, body),
            Ok(Answer::Silence) => Reply::json(504, Vec::new()).with(grpc::SILENCE, "1"),
            Err(status) => refusal(&status),
        }
    }

    fn failure(&self, status: u16) -> Reply {
        refusal(&Status::of_processor(status))
    }

    fn operation(&self, method: &str, path: &str) -> Option<(&'static str, bool)> {
        if method != "POST" {
            return None;
        }
        Some(match path {
            "/types.PaymentService/TokenAuthorize" => ("payments.token_authorize", true),
            "/types.PaymentService/Authorize" => ("payments.authorize", true),
            "/types.PaymentService/Void" => ("payments.void", true),
            "/types.PaymentService/Capture" => ("payments.capture", true),
            "/types.PaymentService/Refund" => ("payments.refund", true),
            "/types.PaymentService/Get" => ("payments.get", false),
            "/types.RecurringPaymentService/Revoke" => ("mandates.revoke", true),
            "/grpc.health.v1.Health/Check" => ("health.check", false),
            _ => return None,
        })
    }

    fn connection(&self, origin: &str) -> Value {
        let configs: serde_json::Map<String, Value> = Connector::ALL
            .into_iter()
            .map(|connector| (connector.name().to_lowercase(), connector.credentials(self.seed)))
            .collect();
        json!({
            "endpoint": origin, "connector": "stripe",
            "connector_config": configs["stripe"], "connector_configs": configs,
        })
    }

    fn switches(&self) -> Vec<SwitchRow> {
        Prism::switches(self).rows()
    }

    fn set_switch(&self, name: &str, value: &str) -> Result<(), SwitchError> {
        self.switches
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .set(name, value)
    }

    /// `{"token": …, "revoked": true | false, "outcome": "declined"}`.
    fn edit(&self, edit: Value) -> Result<Value, EditError> {
        let shape = |words: &str| EditError::Shape(words.to_owned());
        let edit: Edit = serde_json::from_value(edit)
            .map_err(|_| shape("token, and one of revoked and outcome are expected"))?;
        let fate = match &edit.outcome {
            None => None,
            Some(name) => Some(
                Fate::of_test_token(&format!("sandbox_{name}"))
                    .ok_or_else(|| shape("there is no such outcome"))?,
            ),
        };
        self.change(|world| {
            let saved = world.any_saved_mut(&edit.token).ok_or(EditError::NoSuchObject)?;
            if let Some(revoked) = edit.revoked {
                saved.revoked = revoked.then_some("somebody else");
            }
            if let Some(fate) = fate {
                saved.fate = fate;
            }
            world.token_truth(&edit.token).ok_or(EditError::NoSuchObject)
        })
    }

    /// By a saved token; by a transaction's id or reference (`held`, `voided`, `charged` count its transactions);
    /// `directory` or `directory/CONNECTOR` for the rows a merchant would import; `strayed` for ids that led a request
    /// elsewhere; `transactions` for how many there are.
    fn truth(&self, id: &str) -> Option<Value> {
        self.change(|world| match id {
            "strayed" => Some(world.strayed()),
            "transactions" => Some(json!({ "transactions": world.transaction_count() })),
            "directory" => Some(world.directory(Connector::Stripe)),
            other => match other.strip_prefix("directory/") {
                Some(name) => Connector::named(name).map(|connector| world.directory(connector)),
                None => world
                    .token_truth(other)
                    .or_else(|| world.money_truth(other, clock::now())),
            },
        })
    }

    /// The tokens of the connector named in [`System::connection`].
    fn ids(&self) -> Vec<String> {
        self.change(|world| {
            world
                .tokens(Connector::Stripe)
                .filter(|saved| saved.revoked.is_none())
                .map(|saved| saved.token.clone())
                .collect()
        })
    }

    fn pass_time(&self, ms: i64) {
        self.change(|world| world.pass_time(ms));
    }
}

//! Zafapay's REST API v1 as in the Zafapay fact sheet, sections 1 to 6: a call in, an answer out. There are no customers
//! to list: saved cards stand under ids the shop chose. Knows nothing of sockets and faults.

mod edits;
mod methods;
mod payments;
mod problem;
mod shape;
mod switches;
#[cfg(test)]
mod tests;
mod tokens;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use problem::Problem;
use switches::{AccessTokenCreatesTokens, Merchant, Switches, WrongKey};
use world::World;

use crate::clock;
use crate::people::person;
use crate::switch_table::{SwitchError, SwitchRow};
use crate::system::{System, SystemOptions};
use crate::truth::EditError;
use crate::wire::{Call, Reply};

/// Where the API is mounted.
const PREFIX: &str = "/v1";

/// Zafapay as one of the systems that are played.
pub(crate) fn system(options: &SystemOptions) -> Arc<dyn System> {
    Arc::new(Zafapay::new(options))
}

pub(crate) struct Zafapay {
    state: Mutex<State>,
}

struct State {
    world: World,
    switches: Switches,
}

/// What a call is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Operation {
    CreateToken,
    CreatePayment,
    ReadPayment(String),
    CapturePayment(String),
    VoidPayment(String),
    RefundPayment(String),
    ListMethods(String),
    BlockMethod(String),
    UnblockMethod(String),
}

impl Operation {
    /// What a verb and a path ask for; none when there is no such call. Ids are decoded.
    fn of(method: &str, path: &str) -> Option<Self> {
        let path = path.strip_prefix(PREFIX)?.strip_prefix('/')?;
        let parts: Vec<&str> = path.split('/').collect();
        let id = |text: &str| decoded(text).filter(|id| !id.is_empty());
        Some(match (method, parts.as_slice()) {
            ("POST", ["tokens"]) => Self::CreateToken,
            ("POST", ["payments"]) => Self::CreatePayment,
            ("GET", ["payments", p]) => Self::ReadPayment(id(p)?),
            ("POST", ["payments", p, "capture"]) => Self::CapturePayment(id(p)?),
            ("POST", ["payments", p, "void"]) => Self::VoidPayment(id(p)?),
            ("POST", ["payments", p, "refund"]) => Self::RefundPayment(id(p)?),
            ("GET", ["customers", c, "payment-methods"]) => Self::ListMethods(id(c)?),
            ("POST", ["customers", "payment-methods", m, "block"]) => Self::BlockMethod(id(m)?),
            ("POST", ["customers", "payment-methods", m, "unblock"]) => Self::UnblockMethod(id(m)?),
            _ => return None,
        })
    }

    fn name(&self) -> &'static str {
        match self {
            Self::CreateToken => "tokens.create",
            Self::CreatePayment => "payments.create",
            Self::ReadPayment(_) => "payments.read",
            Self::CapturePayment(_) => "payments.capture",
            Self::VoidPayment(_) => "payments.void",
            Self::RefundPayment(_) => "payments.refund",
            Self::ListMethods(_) => "methods.list",
            Self::BlockMethod(_) => "methods.block",
            Self::UnblockMethod(_) => "methods.unblock",
        }
    }
}

/// A path segment decoded; a plus sign is a plus sign there. None for what is not text.
fn decoded(segment: &str) -> Option<String> {
    let mut out = Vec::with_capacity(segment.len());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let hex = [bytes.next()?, bytes.next()?];
        let hex = std::str::from_utf8(&hex).ok()?;
        out.push(u8::from_str_radix(hex, 16).ok()?);
    }
    String::from_utf8(out).ok()
}

impl Zafapay {
    fn new(options: &SystemOptions) -> Self {
        let seed = options.seed_of("zafapay");
        Self {
            state: Mutex::new(State {
                world: World::generate(seed, options.customers, options.month_start_ms, |n| {
                    person(seed, n)
                }),
                switches: Switches::default(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn answer(&mut self, call: &Call) -> Result<Reply, Problem> {
        if let Some((id, act)) = checkout(call) {
            return payments::checkout(self, &id, act);
        }
        let operation = Operation::of(&call.method, call.path());
        self.check_key(call, operation.as_ref())?;
        let operation = operation.ok_or_else(|| Problem::not_found("resource"))?;
        match &operation {
            Operation::CreateToken => tokens::create(self, &body(call)?),
            Operation::CreatePayment => payments::create(self, call, &body(call)?),
            Operation::ReadPayment(id) => payments::read(self, id),
            Operation::CapturePayment(id) => payments::capture(self, id),
            Operation::VoidPayment(id) => payments::void(self, id),
            Operation::RefundPayment(id) => payments::refund(self, id, &optional_body(call)?),
            Operation::ListMethods(customer) => methods::list(self, customer),
            Operation::BlockMethod(id) => methods::block(self, id, &optional_body(call)?),
            Operation::UnblockMethod(id) => methods::unblock(self, id),
        }
    }

    // The publishable key creates tokens and does nothing else (sections 1 and 4.1).
    fn check_key(&self, call: &Call, operation: Option<&Operation>) -> Result<(), Problem> {
        let key = call
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default();
        let is_access = key == self.world.access_token;
        let is_publishable = key == self.world.publishable_key;
        if !is_access && !is_publishable {
            return Err(Problem::unauthorized());
        }
        match self.switches.merchant {
            Merchant::Active => {}
            Merchant::NotActive => {
                return Err(Problem::new(
                    403,
                    "merchant_not_active",
                    "The merchant is not active.",
                ));
            }
            Merchant::Forbidden => return Err(Problem::new(403, "forbidden", "The account is deactivated.")),
        }
        let fits = if operation == Some(&Operation::CreateToken) {
            is_publishable || self.switches.access_token_creates_tokens == AccessTokenCreatesTokens::Works
        } else {
            is_access
        };
        match (fits, self.switches.wrong_key) {
            (true, _) => Ok(()),
            (false, WrongKey::Unauthorized) => Err(Problem::unauthorized()),
            (false, WrongKey::Forbidden) => Err(Problem::new(
                403,
                "forbidden",
                "This key does not reach the resource.",
            )),
        }
    }
}

/// The page a buyer is sent to, and what its two buttons post.
fn checkout(call: &Call) -> Option<(String, Option<bool>)> {
    let rest = call.path().strip_prefix("/checkout/")?;
    match (call.method.as_str(), rest.split_once('/')) {
        ("GET", None) => Some((rest.to_owned(), None)),
        ("POST", Some((id, "approve"))) => Some((id.to_owned(), Some(true))),
        ("POST", Some((id, "decline"))) => Some((id.to_owned(), Some(false))),
        _ => None,
    }
}

fn body(call: &Call) -> Result<Value, Problem> {
    serde_json::from_slice(&call.body)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| Problem::new(400, "validation_error", "The body is not a JSON object."))
}

fn optional_body(call: &Call) -> Result<Value, Problem> {
    if call.body.is_empty() {
        Ok(json!({}))
    } else {
        body(call)
    }
}

impl System for Zafapay {
    fn name(&self) -> &'static str {
        "zafapay"
    }

    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn answer(&self, call: &Call) -> Reply {
        let mut state = self.lock();
        let mut reply = state
            .answer(call)
            .unwrap_or_else(|problem| problem.reply(&state.switches));
        reply.date = Some(clock::http_date(state.world.now()));
        reply
    }

    fn failure(&self, status: u16) -> Reply {
        problem::of_status(status).reply(&self.lock().switches)
    }

    fn operation(&self, method: &str, path: &str) -> Option<(&'static str, bool)> {
        Operation::of(method, path).map(|operation| (operation.name(), method != "GET"))
    }

    fn connection(&self, origin: &str) -> Value {
        let state = self.lock();
        json!({
            "host": origin,
            "access_token": state.world.access_token,
            "publishable_key": state.world.publishable_key,
        })
    }

    fn switches(&self) -> Vec<SwitchRow> {
        self.lock().switches.rows()
    }

    fn set_switch(&self, name: &str, value: &str) -> Result<(), SwitchError> {
        self.lock().switches.set(name, value)
    }

    /// An [`edits::Edit`].
    fn edit(&self, edit: Value) -> Result<Value, EditError> {
        edits::edit(&mut self.lock(), edit)
    }

    /// By `pmi_…`, `tok_…`, `req_…`, `tx_…` or customer id. `directory.csv` is the shop's own list of its customers: it
    /// is what a person imports, because Zafapay lists none.
    fn truth(&self, id: &str) -> Option<Value> {
        edits::truth(&self.lock(), id)
    }

    fn ids(&self) -> Vec<String> {
        let state = self.lock();
        let customers = state.world.customers.iter().map(|customer| customer.id.clone());
        let saved = state
            .world
            .saved
            .iter()
            .filter(|saved| state.world.is_shown(saved))
            .map(|saved| saved.id.clone());
        customers.chain(saved).collect()
    }

    fn pass_time(&self, ms: i64) {
        self.lock().world.pass(ms);
    }
}

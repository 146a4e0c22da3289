//! ProcessOut's API as in the ProcessOut fact sheet: a call in, an answer out. A merchant has two projects with one id, the
//! sandbox one (`test-`) and the live one, each with a key and a store of its own; the live one begins empty.
//! Knows nothing of sockets and faults.

mod body;
mod cards;
mod customers;
mod errors;
mod events;
mod generate;
mod operation;
mod outside;
mod paging;
mod shape;
mod switches;
#[cfg(test)]
mod tests;
mod tokens;
mod world;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use body::{Body, expand_of};
use errors::{Answered, Refusal};
use generate::{MILLI, fresh_id, id};
use operation::Operation;
use shape::{Digits, Wanted};
use switches::{MissingPermission, Switches};
use world::{Event, World};

use crate::clock;
use crate::limit::Standing;
use crate::people::person;
use crate::switch_table::{SwitchError, SwitchRow};
use crate::system::{System, SystemOptions};
use crate::truth::EditError;
use crate::wire::{Call, Reply};

/// ProcessOut as one of the systems that are played.
pub(crate) fn system(options: &SystemOptions) -> Arc<dyn System> {
    Arc::new(ProcessOut::new(options))
}

/// Answers kept for a repeated idempotency key.
const KEPT_ANSWERS: usize = 2_000;

/// Calls a minute told in the headers while nothing limits them.
const UNLIMITED: u64 = 60_000;

pub(crate) struct ProcessOut {
    options: SystemOptions,
    /// What signs in to the sandbox project.
    project: String,
    secret: String,
    state: Mutex<State>,
}

struct State {
    switches: Switches,
    stores: Vec<Store>,
    passed_ms: i64,
    kept: HashMap<String, Kept>,
    /// The sandbox project is made when somebody first looks at it.
    made: bool,
}

/// A project, with the keys that sign in to it.
struct Store {
    project: String,
    keys: Vec<String>,
    world: World,
}

/// The first answer to an idempotency key.
struct Kept {
    body: [u8; 32],
    answer: Value,
}

/// One project's world, with the rules in force and the time.
struct Here<'a> {
    world: &'a mut World,
    switches: &'a Switches,
    /// Nanoseconds since 1970.
    now: i64,
}

impl Here<'_> {
    fn tell_customer(&mut self, name: &'static str, place: usize) {
        let resource = shape::customer(self.world, place, Digits::Six, Wanted::default(), self.switches);
        self.tell(name, "customer", resource);
    }

    fn tell_token(&mut self, name: &'static str, place: usize) {
        let resource = shape::token(self.world, place, Digits::Six, Wanted::default(), self.switches);
        self.tell(name, "token", resource);
    }

    fn tell(&mut self, name: &'static str, key: &'static str, resource: Value) {
        self.world.add_event(Event {
            id: fresh_id("ev_"),
            name,
            key,
            resource,
            at: self.now,
        });
    }
}

impl ProcessOut {
    fn new(options: &SystemOptions) -> Self {
        let seed = options.seed;
        let bare = id("proj_", seed, 210, 0);
        let project = format!("test-{bare}");
        let secret = id("key_sandbox_", seed, 210, 1);
        let store = |project: &str, key: String, sandbox| Store {
            project: project.to_owned(),
            keys: vec![key],
            world: World::new(bare.clone(), sandbox),
        };
        Self {
            options: *options,
            state: Mutex::new(State {
                switches: Switches::default(),
                stores: vec![
                    store(&project, secret.clone(), true),
                    store(&bare, id("key_live_", seed, 210, 2), false),
                ],
                passed_ms: 0,
                kept: HashMap::new(),
                made: false,
            }),
            project,
            secret,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state with its people in it.
    fn inhabited(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        if !state.made {
            let (options, seed) = (self.options, self.options.seed_of("processout"));
            generate::generate(
                &mut state.stores[0].world,
                seed,
                options.customers,
                options.month_start_ms,
                |n| person(seed, n),
            );
            state.made = true;
        }
        state
    }
}

impl State {
    fn now_ms(&self) -> i64 {
        clock::now().saturating_add(self.passed_ms)
    }

    fn here(&mut self, store: usize) -> Here<'_> {
        // Digits below a millisecond, as the real one tells them.
        let now = self.now_ms() * MILLI + i64::from(rand::random::<u32>() % 1_000_000);
        Here {
            world: &mut self.stores[store].world,
            switches: &self.switches,
            now,
        }
    }

    fn answer(&mut self, call: &Call) -> Answered {
        let operation = Operation::of(&call.method, call.path());
        if operation == Some(Operation::Versions) {
            let versions = ["1.0.0.0", "1.1.0.0", "1.2.0.0", "1.3.0.0", "1.3.0.1", "1.4.0.0"];
            return Ok(json!({
                "success": true, "current_version": "1.4.0.0", "latest_version": "1.4.0.0", "versions": versions,
            }));
        }
        let store = self.signed_in(call, operation.as_ref())?;
        let operation = operation.ok_or_else(Refusal::no_route)?;
        if !operation.permission().given(&self.switches) {
            let status = match self.switches.missing_permission {
                MissingPermission::Forbidden => 403,
                MissingPermission::Unauthorized => 401,
            };
            return Err(Refusal::new(
                status,
                "request.authorization.missing-permission",
                "The API key does not have the permission to do this.",
            ));
        }
        let Some(key) = self.idempotency(call, store) else {
            return self.act(call, store, &operation);
        };
        let digest: [u8; 32] = Sha256::digest(&call.body).into();
        if let Some(kept) = self.kept.get(&key) {
            return if kept.body == digest {
                Ok(kept.answer.clone())
            } else {
                Err(Refusal::new(
                    400,
                    "request.idempotency-key.invalid",
                    "The idempotency key was used with another request.",
                ))
            };
        }
        let answer = self.act(call, store, &operation)?;
        if self.kept.len() < KEPT_ANSWERS {
            let kept = Kept {
                body: digest,
                answer: answer.clone(),
            };
            self.kept.insert(key, kept);
        }
        Ok(answer)
    }

    fn idempotency(&self, call: &Call, store: usize) -> Option<String> {
        let key = call.header("idempotency-key").filter(|key| !key.is_empty())?;
        let counts = self.switches.idempotency && call.method != "GET";
        counts.then(|| format!("{store} {} {} {key}", call.method, call.path()))
    }

    /// The project that the credentials of a call sign in to.
    fn signed_in(&self, call: &Call, operation: Option<&Operation>) -> Answered<usize> {
        let (project, secret) = call
            .header("authorization")
            .and_then(|value| value.strip_prefix("Basic "))
            .and_then(|encoded| STANDARD.decode(encoded).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|pair| {
                pair.split_once(':')
                    .map(|(user, password)| (user.to_owned(), password.to_owned()))
            })
            .ok_or_else(Refusal::unauthorized)?;
        let store = self
            .stores
            .iter()
            .position(|store| store.project == project)
            .ok_or_else(|| {
                Refusal::new(
                    401,
                    "request.authentication.invalid-project-id",
                    "The project ID is invalid.",
                )
            })?;
        let is_public = secret.is_empty() && operation.is_some_and(Operation::is_public);
        if is_public || self.stores[store].keys.contains(&secret) {
            Ok(store)
        } else {
            Err(Refusal::unauthorized())
        }
    }

    fn act(&mut self, call: &Call, store: usize, operation: &Operation) -> Answered {
        let query = call.query();
        let expand = expand_of(&query);
        let body = match operation {
            Operation::CreateCustomer
            | Operation::UpdateCustomer(_)
            | Operation::CreateToken(_)
            | Operation::UpdateToken(..)
            | Operation::CreateCard => Body::of(call, &self.switches)?,
            _ => Body::empty(),
        };
        let mut here = self.here(store);
        let here = &mut here;
        match operation {
            Operation::Versions => Err(Refusal::no_route()),
            Operation::ListCustomers => customers::list(here, &query, &expand),
            Operation::CreateCustomer => customers::create(here, &body),
            Operation::ReadCustomer(id) => customers::read(here, id, &expand),
            Operation::UpdateCustomer(id) => customers::update(here, id, &body),
            Operation::DeleteCustomer(id) => customers::delete(here, id),
            Operation::ListTokens(id) => tokens::list(here, id, &query, &expand),
            Operation::CreateToken(id) => tokens::create(here, id, &body),
            Operation::ReadToken(customer, id) => tokens::read(here, customer, id, &expand),
            Operation::UpdateToken(customer, id) => tokens::update(here, customer, id, &body),
            Operation::DeleteToken(customer, id) => tokens::delete(here, customer, id),
            Operation::CreateCard => cards::create(here, &body),
            Operation::ListCards => cards::list(here, &query),
            Operation::ReadCard(id) => cards::read(here, id),
            Operation::ListEvents => events::list(here, &query),
            Operation::ReadEvent(id) => events::read(here, id),
        }
    }
}

impl System for ProcessOut {
    fn name(&self) -> &'static str {
        "processout"
    }

    fn prefix(&self) -> &'static str {
        ""
    }

    fn answer(&self, call: &Call) -> Reply {
        let mut state = self.inhabited();
        let mut reply = match state.answer(call) {
            Ok(body) => Reply::json(200, body.to_string().into_bytes()),
            Err(refusal) => refusal.reply(&state.switches),
        };
        let offset = state.switches.clock_offset_seconds.saturating_mul(1_000);
        reply.date = Some(clock::http_date(state.now_ms().saturating_add(offset)));
        reply
    }

    fn failure(&self, status: u16) -> Reply {
        let (kind, words) = match status {
            401 => return Refusal::unauthorized().reply(&self.lock().switches),
            403 => (
                "request.authorization.missing-permission",
                "The API key may not do this.",
            ),
            404 => ("resource.not-found", "The resource could not be found."),
            429 => ("request.rate.exceeded", "Too many requests."),
            400..=499 => ("request.bad-format", "The request is invalid."),
            _ => ("service.unavailable", "Something went wrong on our side."),
        };
        Refusal::new(status, kind, words).reply(&self.lock().switches)
    }

    fn operation(&self, method: &str, path: &str) -> Option<(&'static str, bool)> {
        Operation::of(method, path).map(|operation| (operation.name(), method != "GET"))
    }

    fn connection(&self, origin: &str) -> Value {
        json!({ "host": origin, "project": self.project, "secret": self.secret })
    }

    fn switches(&self) -> Vec<SwitchRow> {
        self.lock().switches.rows()
    }

    fn set_switch(&self, name: &str, value: &str) -> Result<(), SwitchError> {
        self.lock().switches.set(name, value)
    }

    /// An [`outside::Edit`].
    fn edit(&self, edit: Value) -> Result<Value, EditError> {
        outside::edit(&mut self.inhabited(), edit)
    }

    /// By `cust_…`, `tok_…` or `card_…`, in the sandbox project.
    fn truth(&self, id: &str) -> Option<Value> {
        outside::truth(&self.inhabited(), id)
    }

    fn ids(&self) -> Vec<String> {
        let state = self.inhabited();
        let world = &state.stores[0].world;
        let customers = world.customers.iter().filter(|row| !row.gone).map(|row| &row.id);
        let tokens = world.tokens.iter().filter(|row| !row.gone).map(|row| &row.id);
        customers.chain(tokens).cloned().collect()
    }

    fn pass_time(&self, ms: i64) {
        let mut state = self.lock();
        state.passed_ms = state.passed_ms.saturating_add(ms);
    }

    fn limit_headers(&self, standing: Option<Standing>) -> Vec<(&'static str, String)> {
        if !self.lock().switches.limit_headers {
            return Vec::new();
        }
        let (limit, left) = standing.map_or((UNLIMITED, UNLIMITED - 1), |standing| {
            (standing.per_second * 60, standing.left)
        });
        vec![
            ("x-ratelimit", limit.to_string()),
            ("x-ratelimit-remaining", left.to_string()),
        ]
    }
}

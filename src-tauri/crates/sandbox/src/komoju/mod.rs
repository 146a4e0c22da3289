//! KOMOJU as one of the systems that are played (KOMOJU fact sheet): customers that are one saved payment method each,
//! tokens of one use, payments and sessions as far as the token flows need them, past events, one-click records.
//!
//! Must not know: sockets, faults, the rate limit; and no other system.

mod ask;
mod body;
mod customers;
mod details;
mod edits;
mod generate;
mod paying;
mod problem;
mod sessions;
mod shape;
mod switches;
#[cfg(test)]
mod tests;
mod world;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde_json::{Map, Value, json};

use self::ask::{Ask, Done, Keys};
use self::generate::Buyer;
use self::problem::Problem;
use self::shape::Shape;
use self::switches::{Order, Switches};
use self::world::World;
use crate::clock;
use crate::people::{self, People};
use crate::switch_table::{SwitchError, SwitchRow};
use crate::system::{System, SystemOptions};
use crate::truth::EditError;
use crate::wire::{Call, Reply, decode};

const NAME: &str = "komoju";
const PREFIX: &str = "/api/v1";

struct Komoju {
    keys: Keys,
    world: Mutex<World>,
    switches: RwLock<Switches>,
    /// How far its clock was moved on, milliseconds.
    passed: AtomicI64,
}

/// Makes the system.
pub(crate) fn system(options: &SystemOptions) -> Arc<dyn System> {
    Arc::new(Komoju::new(options))
}

impl Komoju {
    fn new(options: &SystemOptions) -> Self {
        let seed = options.seed_of(NAME);
        let whole = options.people == People::Shared;
        let buyer = |n| {
            let person = people::person(seed, n);
            Buyer {
                email: person.email,
                customer_id: person.customer_id,
                locale: if person.country == "JP" { "ja" } else { "en" },
            }
        };
        // Ids and keys are its own even where the people are everybody's.
        let own = options.seed ^ 0x4b4f_4d4f_4a55;
        let key = |kind: &str, salt| format!("{kind}_test_{}", world::object_id(own, salt, 0));
        Self {
            keys: Keys {
                secret: key("sk", 8),
                publishable: key("pk", 9),
            },
            world: Mutex::new(World::new(
                options.customers,
                own,
                options.month_start_ms,
                whole,
                buyer,
            )),
            switches: RwLock::default(),
            passed: AtomicI64::new(0),
        }
    }

    fn now(&self) -> i64 {
        clock::now() + self.passed.load(Ordering::Relaxed)
    }

    fn told(&self) -> Switches {
        *self.switches.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.now());
        world
    }

    fn respond(&self, call: &Call) -> Done {
        let switches = self.told();
        let path = call
            .path()
            .strip_prefix(PREFIX)
            .and_then(|path| path.strip_prefix('/'))
            .ok_or_else(Problem::not_found)?;
        let key = ask::signed_in(call, &self.keys, switches)?;
        ask::allowed(key, call, path, switches)?;
        let new_version = ask::is_new_version(call, switches)?;
        let body = match call.method.as_str() {
            "POST" | "PATCH" => body::members(call)?,
            _ => Map::new(),
        };
        let mut world = self.world();
        let mut ask = Ask {
            call,
            world: &mut world,
            shape: Shape {
                switches,
                new_version,
            },
            now: self.now(),
            body,
        };
        if let Some(before) = ask.repeated()? {
            return Ok(before);
        }
        let reply = route(&mut ask, path).unwrap_or_else(|problem| problem.reply());
        ask.keep(&reply);
        Ok(reply)
    }
}

fn route(ask: &mut Ask<'_>, path: &str) -> Done {
    // An id is one segment, whatever it holds once it is decoded.
    let parts: Vec<String> = path.split('/').map(decode).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match (ask.call.method.as_str(), parts.as_slice()) {
        ("GET", ["customers"]) => ask.list_customers(),
        ("POST", ["customers"]) => ask.create_customer(),
        ("GET", ["customers", id]) => ask.show_customer(id),
        ("PATCH", ["customers", id]) => ask.update_customer(id),
        ("DELETE", ["customers", id]) => ask.delete_customer(id),
        ("DELETE", ["external_customers", id]) => ask.delete_one_click(id),
        ("POST", ["tokens"]) => ask.create_token(),
        ("GET", ["events"]) => ask.list_events(),
        ("GET", ["events", id]) => ask.show_event(id),
        ("GET", ["payments"]) => ask.list_payments(),
        ("POST", ["payments"]) => ask.create_payment(),
        ("GET", ["payments", id]) => ask.show_payment(id),
        ("POST", ["payments", id, verb]) => ask.move_payment(id, verb),
        ("POST", ["sessions"]) => ask.create_session(),
        ("GET", ["sessions", id]) => ask.show_session(id),
        ("POST", ["sessions", id, "pay"]) => ask.pay_session(id),
        ("POST", ["sessions", id, "cancel"]) => ask.cancel_session(id),
        ("GET", ["subscriptions"]) => ask.list_subscriptions(),
        ("POST", ["subscriptions"]) => ask.create_subscription(),
        ("GET", ["subscriptions", id]) => ask.show_subscription(id),
        ("DELETE", ["subscriptions", id]) => ask.delete_subscription(id),
        _ => Err(Problem::not_found()),
    }
}

impl Ask<'_> {
    fn list_events(&self) -> Done {
        let window = self.window()?;
        let hours = i64::try_from(self.switches().event_hours).unwrap_or(0);
        let oldest = (hours > 0).then(|| self.now - hours * 3_600_000);
        let rows: Vec<_> = self
            .world
            .events
            .iter()
            .filter(|event| window.holds(event.created) && oldest.is_none_or(|oldest| event.created > oldest))
            .collect();
        self.listing("event", &window, Order::Newest, &rows, |event| {
            self.shape.event(event, shape::Place::List)
        })
    }

    fn show_event(&self, id: &str) -> Done {
        let event = self.world.events.iter().find(|event| event.id == id);
        let event = event.ok_or_else(Problem::not_found)?;
        Ok(ask::answer(&self.shape.event(event, shape::Place::Show)))
    }
}

impl System for Komoju {
    fn name(&self) -> &'static str {
        NAME
    }

    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn answer(&self, call: &Call) -> Reply {
        self.respond(call).unwrap_or_else(|problem| problem.reply())
    }

    fn failure(&self, status: u16) -> Reply {
        Problem::of_status(status, "This call was made to fail.").reply()
    }

    fn operation(&self, method: &str, path: &str) -> Option<(&'static str, bool)> {
        let path = path.strip_prefix(PREFIX)?.strip_prefix('/')?;
        let parts: Vec<&str> = path.split('/').collect();
        Some(match (method, parts.as_slice()) {
            ("GET", ["customers"]) => ("customers.list", false),
            ("POST", ["customers"]) => ("customers.create", true),
            ("GET", ["customers", _]) => ("customers.read", false),
            ("PATCH", ["customers", _]) => ("customers.update", true),
            ("DELETE", ["customers", _]) => ("customers.delete", true),
            ("DELETE", ["external_customers", _]) => ("one_click.delete", true),
            ("POST", ["tokens"]) => ("tokens.create", true),
            ("GET", ["events", ..]) => ("events.read", false),
            ("GET", ["payments", ..]) => ("payments.read", false),
            ("POST", ["payments", ..]) => ("payments.change", true),
            ("GET", ["sessions", _]) => ("sessions.read", false),
            ("POST", ["sessions", ..]) => ("sessions.change", true),
            ("GET", ["subscriptions", ..]) => ("subscriptions.read", false),
            ("POST" | "DELETE", ["subscriptions", ..]) => ("subscriptions.change", true),
            _ => return None,
        })
    }

    fn connection(&self, origin: &str) -> Value {
        json!({
            "host": origin,
            "secret_key": self.keys.secret,
            "publishable_key": self.keys.publishable,
        })
    }

    fn switches(&self) -> Vec<SwitchRow> {
        self.told().rows()
    }

    fn set_switch(&self, name: &str, value: &str) -> Result<(), SwitchError> {
        self.switches
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .set(name, value)
    }

    fn edit(&self, edit: Value) -> Result<Value, EditError> {
        let shape = Shape {
            switches: self.told(),
            new_version: true,
        };
        let now = self.now();
        edits::edit(&mut self.world(), shape, now, edit)
    }

    fn truth(&self, id: &str) -> Option<Value> {
        edits::truth(&self.world(), id)
    }

    fn ids(&self) -> Vec<String> {
        let world = self.world();
        let there = world.customers.iter().filter(|customer| !customer.gone);
        there.map(|customer| customer.id.clone()).collect()
    }

    fn pass_time(&self, ms: i64) {
        self.passed.fetch_add(ms, Ordering::Relaxed);
    }
}

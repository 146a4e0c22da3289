//! What a payment system that is played must be able to do, so that one frame can put any of them on a port of its own.
//! Knows no system: those are listed in `systems`.

use serde_json::Value;

use crate::limit::{Allowance, Standing};
use crate::people::People;
use crate::switch_table::{SwitchError, SwitchRow};
use crate::truth::EditError;
use crate::wire::{Call, Reply};

/// What a system's world is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemOptions {
    /// How many customers.
    pub(crate) customers: u32,
    /// The same number of customers and seed give the same world; see [`SystemOptions::seed_of`].
    pub(crate) seed: u64,
    /// First instant of the month dates are relative to, milliseconds since 1970.
    pub(crate) month_start_ms: i64,
    /// Whether its people are those of the other systems too.
    pub(crate) people: People,
}

impl SystemOptions {
    /// The seed a system's people follow from: the same for all when they are shared, else one of its own.
    pub(crate) fn seed_of(&self, system: &str) -> u64 {
        match self.people {
            People::Shared => self.seed,
            People::Own => system.bytes().fold(self.seed, |seed, byte| {
                crate::world::pick(seed, 90, u64::from(byte))
            }),
        }
    }
}

/// One payment system that is played. Sockets, faults, rate limit and statistics are the door's; this only answers.
pub(crate) trait System: Send + Sync + 'static {
    /// `wallee`, `processout`, `komoju`, `zafapay`, `prism`.
    fn name(&self) -> &'static str;

    /// Prefix a fault rule's path may leave out (`/api/v2.0`, `/api/v1`, nothing).
    fn prefix(&self) -> &'static str;

    /// The answer to a call; the whole effect happens in here.
    fn answer(&self, call: &Call) -> Reply;

    /// An error of this system's own shape, for faults on demand and the rate limit.
    fn failure(&self, status: u16) -> Reply;

    /// Operation name for statistics (`tokens.read`), and whether it asks for a change.
    fn operation(&self, method: &str, path: &str) -> Option<(&'static str, bool)>;

    /// What to connect with: the object printed in the JSON line and kept in `Running`.
    fn connection(&self, origin: &str) -> Value;

    /// Its switches, without those of the door.
    fn switches(&self) -> Vec<SwitchRow>;

    /// Sets a switch.
    ///
    /// # Errors
    /// [`SwitchError`]; nothing changes then.
    fn set_switch(&self, name: &str, value: &str) -> Result<(), SwitchError>;

    /// An edit by somebody else; the shape is the module's own.
    ///
    /// # Errors
    /// [`EditError`]; nothing changes then.
    fn edit(&self, edit: Value) -> Result<Value, EditError>;

    /// What the server really holds of an object, none when never known. `gone: true` when deleted.
    fn truth(&self, id: &str) -> Option<Value>;

    /// Ids of all customers and saved tokens it holds, for tests.
    fn ids(&self) -> Vec<String>;

    /// Lets time pass for it, milliseconds, for lifetimes of tokens.
    fn pass_time(&self, ms: i64);

    /// How many calls it lets through, when its own table of switches says so instead of the door's.
    fn allowance(&self) -> Option<Allowance> {
        None
    }

    /// Headers every answer carries about the rate limit; no standing: nothing is limited.
    fn limit_headers(&self, _standing: Option<Standing>) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

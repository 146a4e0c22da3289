//! What tests and programs hold of one system that is played. Knows what every system has in common, nothing else.

use std::io;
use std::sync::Arc;

use serde_json::Value;

use crate::faults::FaultRule;
use crate::port::Port;
use crate::stats::Write;
use crate::switch_table::{SwitchError, SwitchRow};
use crate::truth::EditError;

/// One system that is played. Has no `Debug`: it knows a key.
#[derive(Clone)]
pub struct SystemHandle {
    /// Where it is: scheme, host and port.
    pub origin: String,
    port: Arc<Port>,
}

impl SystemHandle {
    pub(crate) fn new(origin: String, port: Arc<Port>) -> Self {
        Self { origin, port }
    }

    /// What to connect with, as printed by the program.
    pub fn connection(&self) -> Value {
        self.port.door.system.connection(&self.origin)
    }

    /// Its switches now, with those of its rate limit.
    pub fn switches(&self) -> Vec<SwitchRow> {
        self.port.door.switches()
    }

    /// Sets a switch while serving; `calls_per_second` and `limit_retry_after` are switches of every system.
    ///
    /// # Errors
    /// [`SwitchError`]; nothing changes then.
    pub fn set_switch(&self, name: &str, value: &str) -> Result<(), SwitchError> {
        self.port.door.set_switch(name, value)
    }

    /// Adds a fault rule after those in force.
    pub fn add_fault(&self, rule: FaultRule) {
        self.port.door.faults().add(vec![rule]);
    }

    pub(crate) fn add_faults(&self, rules: Vec<FaultRule>) {
        self.port.door.faults().add(rules);
    }

    /// The rules in force, with how often each may still fire.
    pub fn faults(&self) -> Value {
        self.port.door.faults().shown()
    }

    /// How often a rule has fired so far.
    pub fn faults_fired(&self) -> u64 {
        self.port.door.faults().fired()
    }

    /// Drops all fault rules.
    pub fn clear_faults(&self) {
        self.port.door.faults().clear();
    }

    /// The last calls that asked for a change, oldest first, refused ones too.
    pub fn writes(&self) -> Vec<Write> {
        self.port.door.stats().writes()
    }

    /// How many calls came so far.
    pub fn requests(&self) -> u64 {
        self.port.door.stats().requests()
    }

    /// What was asked so far, counted by kind, path and status.
    pub fn statistics(&self) -> Value {
        serde_json::json!(*self.port.door.stats())
    }

    /// An edit by somebody else; the shape is the system's own.
    ///
    /// # Errors
    /// [`EditError`]; nothing changes then.
    pub fn edit(&self, edit: Value) -> Result<Value, EditError> {
        self.port.door.system.edit(edit)
    }

    /// What the server really holds of an object, none when never known; `gone: true` when deleted.
    pub fn truth(&self, id: &str) -> Option<Value> {
        self.port.door.system.truth(id)
    }

    /// Ids of all customers and saved tokens it holds.
    pub fn ids(&self) -> Vec<String> {
        self.port.door.system.ids()
    }

    /// Lets time pass for it, milliseconds.
    pub fn pass_time(&self, ms: i64) {
        self.port.door.system.pass_time(ms);
    }

    /// Whether its port listens.
    pub fn is_listening(&self) -> bool {
        self.port.is_open()
    }

    /// Takes it down: its port refuses and every connection is closed. What it holds stays.
    ///
    /// # Errors
    /// When the number of the port could not be kept.
    pub fn stop_listening(&self) -> io::Result<()> {
        self.port.shut()
    }

    /// Brings it up again, on the same port.
    ///
    /// # Errors
    /// When the port could not be opened.
    pub fn start_listening(&self) -> io::Result<()> {
        self.port.open_again()
    }

    pub(crate) fn leave(&self) {
        self.port.leave();
    }
}

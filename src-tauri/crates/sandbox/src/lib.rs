//! Plays payment systems over real sockets, for the built-in demo, tests and benchmarks: each on a port of its own.
//!
//! A world of invented customers and tokens follows from a number and a seed; each API answers as in its fact sheet;
//! behaviour no document states is a named switch of its system; faults, a rate limit and edits by somebody else come
//! through a control endpoint or [`Running`].
//!
//! **Invariant:** this crate knows no other crate of the workspace. It must not share parsing, signing or
//! vocabulary with the clients it tests, or both could be wrong together. It listens on 127.0.0.1 only.

mod clock;
mod control;
pub mod demo;
mod door;
mod faults;
mod handle;
mod journal;
mod komoju;
mod limit;
mod options;
mod people;
mod playground;
mod port;
mod prism;
mod processout;
mod running;
mod stats;
mod switch_table;
pub mod switches;
mod system;
mod systems;
mod tls;
mod truth;
mod wallee;
mod wire;
mod world;
mod zafapay;

pub use faults::{Fault, FaultBody, FaultMatch, FaultRule};
pub use handle::SystemHandle;
pub use options::{Options, StartError};
pub use people::People;
pub use running::{Running, Sandbox};
pub use stats::Write;
pub use switch_table::{SwitchError, SwitchRow};
pub use switches::Switches;
pub use truth::{CardRequest, EditError, EditRequest, NewTokenRequest, NewVersion, TokenTruth, VersionTruth};

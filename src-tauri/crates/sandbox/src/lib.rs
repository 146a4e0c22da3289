//! Plays the payment system wallee over real sockets, for the built-in demo, tests and benchmarks.
//!
//! A world of invented customers and tokens follows from a number and a seed; the API answers as in the wallee
//! fact sheet, sections 2 to 7 and 10; behaviour no document states is a named [`Switches`] member; faults and
//! edits by somebody else come through a control endpoint or [`Running`].
//!
//! **Invariant:** this crate knows no other crate of the workspace. It must not share parsing, signing or
//! vocabulary with the clients it tests, or both could be wrong together. It listens on 127.0.0.1 only.

mod clock;
mod control;
pub mod demo;
mod door;
mod faults;
mod journal;
mod limit;
mod people;
mod playground;
mod running;
mod stats;
mod switch_table;
pub mod switches;
mod system;
mod tls;
mod truth;
mod wallee;
mod wire;
mod world;

pub use faults::{Fault, FaultBody, FaultMatch, FaultRule};
pub use people::People;
pub use running::{Options, Running, Sandbox, StartError};
pub use stats::Write;
pub use switch_table::{SwitchError, SwitchRow};
pub use switches::Switches;
pub use truth::{CardRequest, EditError, EditRequest, NewTokenRequest, NewVersion, TokenTruth, VersionTruth};

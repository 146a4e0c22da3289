//! The real program, run as a person or a script runs it, against a payment system played over real sockets.

// What stands beside the tests unwraps for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod acting;
mod cards;
mod changes;
mod connecting;
mod directory;
mod five;
mod flows;
mod ground;
mod plans;
mod reading;
mod safety;
mod shapes;
mod systems;
mod usage;

//! Whole-system scenarios: a desk with real files, a payment system behind real sockets, and only doors that a window or
//! a terminal has too.
//!
//! Must not know: private parts of any crate, how long anything takes.

// Helpers outside test functions unwrap for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod awkward;
mod child;
mod connecting;
mod deleting;
mod faults;
mod files;
mod interrupted;
mod main_job;
mod office;
mod offline;
mod rebuilt;
mod secrecy;
mod shop;
mod somebody_else;
mod states;
mod two_processes;
mod vanishing;

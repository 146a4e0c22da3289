//! Whole-system scenarios: a desk with real files, a payment system behind real sockets, and only doors that a window or
//! a terminal has too.
//!
//! Must not know: private parts of any crate, how long anything takes.

// Helpers outside test functions unwrap for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod account;
mod acting;
mod asking;
mod awkward;
mod capabilities_accounts;
mod capabilities_deleting;
mod capabilities_ground;
mod capabilities_reading;
mod capabilities_switching;
mod capabilities_table;
mod capabilities_verifying;
mod child;
mod connecting;
mod deleting;
mod directories;
mod draining;
mod faults;
mod files;
mod five_systems;
mod flows;
mod history;
mod interrupted;
mod main_job;
mod new_keys;
mod office;
mod offline;
mod older;
mod plans;
mod rebuilt;
mod secrecy;
mod shop;
mod side_by_side;
mod somebody_else;
mod states;
mod two_processes;
mod undoing;
mod vanishing;
mod wrong_clock;

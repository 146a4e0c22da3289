//! The outbox and what runs beside it, over real sockets and real files.

// Functions beside the tests unwrap for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod conflicts;
mod deletions;
mod draining;
mod holds;
mod lost_answers;
mod reading;
mod scene;
mod scope;

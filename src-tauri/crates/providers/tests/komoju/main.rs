//! KOMOJU against the sandbox, which shares no code with it: customers as cards, marks, events, deletions, faults, both sides
//! of what its documents leave open, and the test bench.

// Functions outside tests unwrap for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod checking;
mod faults;
mod place;
mod reads;
mod writes;

//! The sandbox through its public doors: real sockets, its own signing, no code of its clients.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is the message"
)]

mod client;
mod control;
mod demo;
mod details;
mod faults;
mod lifecycle;
mod paging;
mod program;
mod search;
mod side_by_side;
mod signing;
mod systems;
mod tls;
mod versions;
mod world;
mod writes;

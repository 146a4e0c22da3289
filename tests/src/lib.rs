//! What scenarios, the fault matrix and other whole-system programs share. Knows the desk's contract and the sandbox.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "for tests: what fails says so and ends them"
)]

pub mod clock;
pub mod played;
pub mod truth;

//! Prism against the sandbox, which reads and writes protobuf by code of its own: verifying, revoking, the connection test, the
//! test bench, and everything that can go wrong on the way.

// Helpers outside test functions unwrap for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod checking;
mod playing;
mod reading;
mod revoking;
mod secrecy;
mod verifying;

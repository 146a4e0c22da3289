//! wallee over real sockets: a scripted server answers byte by byte what each test needs.

// Helpers outside test functions unwrap for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod checking;
mod creating;
mod errors;
mod reads;
mod scripted;
mod searches;
mod secrecy;
mod writes;

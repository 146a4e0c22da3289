//! Payment systems of every kind behind the engine: real files, and small systems whose answers are scripted.

// Functions beside the tests unwrap for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod apart;
mod deletions;
mod news;
mod passes;
mod played;
mod refreshes;
mod sandboxes;
mod scene;
mod scope;
mod switches;

//! The store through its public doors, with real files.

// A panic in a test is its message, in what the tests share too.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod backups;
mod candidates;
mod changes;
mod directory;
mod door;
mod files;
mod flows;
mod lanes_kept;
mod log_chain;
mod log_pages;
mod passes;
mod people;
mod plans;
mod rebuild;
mod records;
mod search;
mod support;
mod timeline;

//! The store through its public doors, with real files.

mod changes;
mod door;
mod files;
mod passes;
mod people;
mod search;
mod support;

//! The contract with the window and the terminal: one request and one response type a command, and [`Problem`].
//!
//! Types only. They are generated into `ui/src/contract/index.ts`, committed, and a test fails when that file is not what
//! these types say. Field names are stable: scripts read them through `tdesk --json`.

pub mod accounts;
pub mod actions;
pub mod bench;
pub mod cards;
pub mod changes;
pub mod directory;
pub mod history;
pub mod plans;
pub mod problem;
pub mod status;
pub mod typescript;

pub use accounts::*;
pub use actions::*;
pub use bench::*;
pub use cards::*;
pub use changes::*;
pub use directory::*;
pub use history::*;
pub use plans::*;
pub use problem::{Problem, ProblemCode};
pub use status::*;

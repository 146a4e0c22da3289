//! The use cases: everything a person can do, one method a command, the same for the window and the terminal.
//!
//! Must not know: Tauri, SQL, HTTP, how a screen looks. It runs without a desktop, against a [`Host`].

mod accounts;
mod acting;
mod background;
mod backups;
mod bench;
mod cards;
mod change_views;
mod changes;
mod connecting;
pub mod contract;
mod credentials;
mod desk;
mod directory;
mod guard;
mod host;
mod log;
mod log_export;
mod log_words;
mod looking_up;
mod older;
mod one_click;
mod people;
mod plan_runs;
mod plans;
mod problems;
mod provider_options;
mod reach;
mod reading;
mod recognising;
mod refusals;
mod settings;
mod timeline;
mod verifying;
mod views;
pub mod words;

pub use desk::{Desk, DeskOptions, Secrets};
pub use host::{DemoServer, Host};
pub use tokendesk_providers::HttpOptions;
pub use tokendesk_sync::{Clock, SystemClock};

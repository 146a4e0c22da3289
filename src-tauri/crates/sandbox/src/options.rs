//! What a sandbox is to play, and why it may not start.

use std::io;
use std::path::PathBuf;

use crate::people::People;
use crate::switch_table::SwitchError;
use crate::switches::Switches;
use crate::systems::{self, WALLEE};

/// What to play.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many customers; about 2.4 tokens each.
    pub customers: u32,
    /// The same number of customers and seed give the same world; dates move with the month.
    pub seed: u64,
    /// What the application user and its key follow from; none: the seed. The space and its world are the same.
    pub user_seed: Option<u64>,
    /// Port of the first of the systems, 0 for any; the others take any.
    pub port: u16,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// Whether there is a control endpoint.
    pub control: bool,
    /// Switches at start.
    pub switches: Switches,
    /// Where edits are remembered over restarts; none: they are not.
    pub journal: Option<PathBuf>,
    /// Year and month dates are relative to; none: the current one.
    pub month: Option<(i32, u32)>,
    /// Which systems are played, by name; each on a port of its own.
    pub systems: Vec<String>,
    /// Whose people the systems play.
    pub people: People,
    /// Switches of the systems at start: system, name, value.
    pub system_switches: Vec<(String, String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            customers: 100,
            seed: 1,
            user_seed: None,
            port: 0,
            tls: false,
            control: true,
            switches: Switches::default(),
            journal: None,
            month: None,
            systems: vec![WALLEE.to_owned()],
            people: People::default(),
            system_switches: Vec::new(),
        }
    }
}

impl Options {
    /// Names of all systems there are.
    pub fn all_systems() -> Vec<String> {
        systems::names().map(str::to_owned).collect()
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No socket on loopback.
    #[error("no port on 127.0.0.1 could be opened: {0}")]
    Bind(#[source] io::Error),
    /// The journal could not be read or written.
    #[error("the journal could not be opened: {0}")]
    Journal(#[source] io::Error),
    /// No certificate.
    #[error("no certificate could be made: {0}")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No system has that name, or it is not played.
    #[error("there is no system {0}")]
    NoSuchSystem(String),
    /// A switch of a system cannot be set so.
    #[error(transparent)]
    Switch(#[from] SwitchError),
    /// A world could not be made.
    #[error("a world could not be made")]
    World,
    /// No thread or runtime.
    #[error("the server could not be started: {0}")]
    Runtime(#[source] io::Error),
}

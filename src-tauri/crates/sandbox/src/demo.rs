//! The built-in demo: a sandbox inside the application, without a control endpoint, that accepts what no
//! schema promises and remembers edits over restarts.

use std::path::Path;

use crate::options::{Options, StartError};
use crate::running::{Running, Sandbox};
use crate::switches::{StatePatch, Switches};

const CUSTOMERS: u32 = 2_000;
const SEED: u64 = 7;
const EDITS: &str = "demo-edits.jsonl";

/// Starts the demo of a data folder: whichever program opens the folder shows the same people, with the same edits.
///
/// # Errors
/// As for [`start`]; the folder must exist.
pub fn of_folder(folder: &Path) -> Result<Running, StartError> {
    start(CUSTOMERS, SEED, &folder.join(EDITS))
}

/// Starts the demo on a loopback port the system picks. `journal_path` is created when absent; it holds token
/// ids, states, one-click, versions and planned purges only.
///
/// # Errors
/// [`StartError`] when no port can be had or the journal cannot be written.
pub fn start(customers: u32, seed: u64, journal_path: &Path) -> Result<Running, StartError> {
    Sandbox::start(Options {
        customers,
        seed,
        control: false,
        switches: Switches {
            state_patch: StatePatch::Accepts,
            deleting_ms: 4_000,
            // A month, so that a person sees a deleted card and its date the way a shop would.
            purge_ms: 30 * 86_400_000,
            ..Switches::default()
        },
        journal: Some(journal_path.to_owned()),
        ..Options::default()
    })
}

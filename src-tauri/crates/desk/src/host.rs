//! What the desk needs of the program around it: a window, a terminal or a test.

use crate::contract::{Problem, Tag};
use async_trait::async_trait;
use std::path::{Path, PathBuf};

/// The payment system of the built-in demo, running on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoServer {
    /// Origin with scheme and port; new at every start.
    pub origin: String,
    /// Space id.
    pub space: String,
    /// Application user id.
    pub user: String,
    /// Key of the demo: from its seed, guards nothing.
    pub key: String,
}

/// The program around the desk.
#[async_trait]
pub trait Host: Send + Sync + 'static {
    /// Something that may be on a screen has changed.
    fn invalidated(&self, tags: &[Tag]);

    /// Starts the built-in demo, or gives the running one. Its edits are kept in `folder`.
    ///
    /// # Errors
    /// A [`Problem`] if it cannot be started.
    async fn demo(&self, folder: &Path) -> Result<DemoServer, Problem>;

    /// Where a file goes that a person asked for without saying where: the folder for downloads. `None` where there is none.
    fn export_folder(&self) -> Option<PathBuf>;

    /// Ends the program and starts it again; a program without a window just goes on.
    fn restart(&self);

    /// The OS user, as written into the log.
    fn who(&self) -> String;

    /// This computer's name, as written into the log.
    fn desk_name(&self) -> String;
}

//! One data folder has one holder. An advisory lock of the operating system, never a pid file: it goes with the
//! process, however that ends.
use std::path::Path;

/// Who holds the data folder: the text the holder gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBy(pub String);

/// Why the folder was not taken.
#[derive(Debug, thiserror::Error)]
pub enum HolderError {
    /// Somebody else has it.
    #[error("the data folder is in use by {}", .0.0)]
    Held(HeldBy),
    /// The lock file could not be used.
    #[error("the data folder cannot be used: {0}")]
    Io(std::io::ErrorKind),
}

/// Holds the data folder until dropped.
#[derive(Debug)]
pub struct Holder {
    _file: std::fs::File,
}

impl Holder {
    /// Takes `dir` for this process. `who` names it for everybody else, such as `Tokendesk window (pid 4711)`.
    ///
    /// # Errors
    /// [`HolderError::Held`] with the other holder's name.
    pub fn acquire(dir: &Path, who: &str) -> Result<Self, HolderError> {
        let _ = (dir, who);
        todo!()
    }
}

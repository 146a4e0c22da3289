//! One data folder has one holder. An advisory lock of the operating system, never a pid file: it goes with the
//! process, however that ends.

use crate::folder;
use std::fs::{File, TryLockError};
use std::io::{Seek, Write};
use std::path::Path;

const LOCK_FILE: &str = "desk.lock";
// Beside the lock: on some systems a locked file cannot be read by others.
const NAME_FILE: &str = "desk.holder";

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
    _lock: File,
}

impl Holder {
    /// Takes `dir` for this process. `who` names it for everybody else, such as `Tokendesk window (pid 4711)`.
    ///
    /// # Errors
    /// [`HolderError::Held`] with the other holder's name.
    pub fn acquire(dir: &Path, who: &str) -> Result<Self, HolderError> {
        let io = |error: std::io::Error| HolderError::Io(error.kind());
        folder::prepare(dir).map_err(io)?;
        let lock = folder::private_file(&dir.join(LOCK_FILE)).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let name = std::fs::read_to_string(dir.join(NAME_FILE)).unwrap_or_default();
                let name = if name.trim().is_empty() {
                    "another program".to_owned()
                } else {
                    name
                };
                return Err(HolderError::Held(HeldBy(name.trim().to_owned())));
            }
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let mut name = folder::private_file(&dir.join(NAME_FILE)).map_err(io)?;
        name.set_len(0).and_then(|()| name.rewind()).map_err(io)?;
        name.write_all(who.as_bytes()).map_err(io)?;
        Ok(Self { _lock: lock })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_and_its_name_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let first = Holder::acquire(dir.path(), "the window").unwrap();
        match Holder::acquire(dir.path(), "the terminal") {
            Err(HolderError::Held(HeldBy(name))) => assert_eq!(name, "the window"),
            other => panic!("{other:?}"),
        }
        drop(first);
        let _second = Holder::acquire(dir.path(), "tdesk").unwrap();
        match Holder::acquire(dir.path(), "x") {
            Err(HolderError::Held(HeldBy(name))) => assert_eq!(name, "tdesk"),
            other => panic!("{other:?}"),
        }
    }
}

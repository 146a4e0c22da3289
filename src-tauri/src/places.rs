//! Where this computer keeps what is ours, and how that is overridden.

use std::path::PathBuf;
use tauri::{AppHandle, Manager};

/// The folders and files given to the desk.
pub struct Places {
    /// The data folder: databases, the demo's edits, the window's size, the web view's own files.
    pub data: PathBuf,
    /// With it, secrets are kept in a sealed file under this passphrase instead of the keychain.
    pub passphrase_file: Option<PathBuf>,
}

/// The data folder, if `TOKENDESK_DATA_DIR` names one.
pub fn data_folder_from_environment() -> Option<PathBuf> {
    from_environment("TOKENDESK_DATA_DIR")
}

fn from_environment(name: &str) -> Option<PathBuf> {
    std::env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

impl Places {
    /// Finds them.
    ///
    /// # Errors
    /// When the system names no folder for application data, or a relative override cannot be made absolute.
    pub fn find(app: &AppHandle, overridden: Option<PathBuf>) -> Result<Self, Box<dyn std::error::Error>> {
        let data = match overridden {
            Some(folder) => std::path::absolute(folder)?,
            None => app.path().app_data_dir()?,
        };
        Ok(Self {
            data,
            passphrase_file: from_environment("TOKENDESK_PASSPHRASE_FILE"),
        })
    }
}

//! Where this computer keeps what is ours, and how that is overridden.

use crate::args::Place;
use crate::words;
use std::path::PathBuf;
use tokendesk_desk::contract::{Problem, ProblemCode};

/// The folder of the window: both doors open the same desk.
const FOLDER: &str = "org.tokendesk.desk";

/// The data folder: the option, else `TOKENDESK_DATA_DIR`, else the system's place for application data.
///
/// # Errors
/// A [`Problem`] when the system names no such place.
pub fn data_folder(place: &Place) -> Result<PathBuf, Problem> {
    let none = |why: &str| Problem::with(ProblemCode::DataFolder, [("why", why.to_owned())]);
    match place
        .data_dir
        .clone()
        .or_else(|| from_environment("TOKENDESK_DATA_DIR"))
    {
        Some(folder) => std::path::absolute(folder).map_err(|_| none(words::FOLDER_UNUSABLE)),
        None => dirs::data_dir()
            .map(|data| data.join(FOLDER))
            .ok_or_else(|| none(words::NO_FOLDER)),
    }
}

/// The passphrase file: the option, else `TOKENDESK_PASSPHRASE_FILE`.
pub fn passphrase_file(place: &Place) -> Option<PathBuf> {
    place
        .passphrase_file
        .clone()
        .or_else(|| from_environment("TOKENDESK_PASSPHRASE_FILE"))
}

fn from_environment(name: &str) -> Option<PathBuf> {
    std::env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

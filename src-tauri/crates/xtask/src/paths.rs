//! Where things lie in this repository.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The repository's root.
pub fn root() -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    for _ in 0..3 {
        path.pop();
    }
    path
}

/// The folder for everything built or measured; `CARGO_TARGET_DIR` is respected.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A program of this workspace, as built by [`crate::test::BUILD`].
pub fn program(name: &str) -> PathBuf {
    target()
        .join("debug")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The newest change among files and folders, folders read through. Missing ones do not count.
pub fn newest(paths: &[PathBuf]) -> Option<SystemTime> {
    paths.iter().filter_map(|path| newest_in(path)).max()
}

fn newest_in(path: &Path) -> Option<SystemTime> {
    let about = path.metadata().ok()?;
    let own = about.modified().ok();
    if !about.is_dir() {
        return own;
    }
    let inside = path
        .read_dir()
        .ok()?
        .flatten()
        .filter_map(|entry| newest_in(&entry.path()))
        .max();
    own.max(inside)
}

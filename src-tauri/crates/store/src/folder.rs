//! The data folder and its files belong to their owner alone.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Makes the folder, or takes it away from everybody else.
pub(crate) fn prepare(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir)?;
    only_owner(dir, 0o700)
}

/// Makes an empty file that only its owner can read, or makes an existing one so. SQLite gives the files beside a
/// database the same rights.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let file = private().create(true).truncate(false).open(path)?;
    only_owner(path, 0o600)?;
    Ok(file)
}

/// Makes a new empty file that only its owner can read; an error where there is one of that name.
pub(crate) fn new_private_file(path: &Path) -> io::Result<()> {
    private().create_new(true).open(path)?;
    only_owner(path, 0o600)
}

/// Replaces a file as a whole: a crash leaves the old or the new one, never half of one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    let mut file = private().create(true).truncate(true).open(&fresh)?;
    only_owner(&fresh, 0o600)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&fresh, path)?;
    if let Some(dir) = path.parent() {
        sync_folder(dir);
    }
    Ok(())
}

/// The path with a suffix after its whole name: `cache.db` and `-wal`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn only_owner(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = std::fs::metadata(path)?.permissions();
    if permissions.mode() & 0o777 != mode {
        permissions.set_mode(mode);
        std::fs::set_permissions(path, permissions)?;
    }
    Ok(())
}

// Elsewhere a new file inherits the rights of its folder, which lies in the user's own profile.
#[cfg(not(unix))]
fn only_owner(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

// Without this the new name could be lost with the power although the bytes were kept. Not every system lets a folder
// be opened; then the rename is as durable as it gets.
pub(crate) fn sync_folder(dir: &Path) {
    if let Ok(folder) = File::open(dir) {
        let _ = folder.sync_all();
    }
}

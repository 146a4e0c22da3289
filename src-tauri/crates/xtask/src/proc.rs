//! Starting other programs, and saying in words why one did not do its work.

use crate::Outcome;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

/// Runs it with this terminal as its own.
pub fn loud(command: &mut Command) -> Outcome {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{}` ended with {status}", shown(command))),
        Err(error) => Err(format!("`{}` cannot be started: {error}", shown(command))),
    }
}

/// Runs it with everything it says going to `log`; on failure the log is in the words.
pub fn logged(command: &mut Command, log: &Path) -> Outcome {
    let open = || -> std::io::Result<(File, File)> {
        if let Some(folder) = log.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let out = File::options().create(true).append(true).open(log)?;
        let err = out.try_clone()?;
        Ok((out, err))
    };
    let (out, err) = open().map_err(|error| format!("{}: {error}", log.display()))?;
    match command.stdin(Stdio::null()).stdout(out).stderr(err).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            let said = std::fs::read(log).unwrap_or_default();
            Err(format!(
                "{}\n`{}` ended with {status}",
                String::from_utf8_lossy(&said).trim_end(),
                shown(command)
            ))
        }
        Err(error) => Err(format!("`{}` cannot be started: {error}", shown(command))),
    }
}

/// What it printed, trimmed; `None` when it failed or does not exist.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program of this name can be started.
pub fn exists(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

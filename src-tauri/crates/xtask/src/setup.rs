//! What a fresh machine lacks: system packages, the window's npm packages, the driver of the window test.

use crate::{Outcome, paths, proc};
use std::process::{Command, Stdio};

/// To compile the window and its engine: a C compiler for SQLCipher, the system's TLS, the web view.
const TO_BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
];

/// To show a window where there is no display: a screen, a session bus, a keyring, a camera, hands, and fonts that
/// cover Latin, Cyrillic and Arabic (DejaVu) and Japanese (Droid fallback) without the size of the full Noto sets.
const TO_SHOW: &[&str] = &[
    "xvfb",
    "dbus",
    "dbus-bin",
    "gnome-keyring",
    "imagemagick",
    "xdotool",
    "fonts-dejavu-core",
    "fonts-droid-fallback",
];

/// To drive the window from a test.
const TO_TEST: &[&str] = &["webkit2gtk-driver"];

/// The Tauri CLI that draws the icon set; kept beside the crate's version in src-tauri/Cargo.toml.
pub const TAURI_CLI: &str = "@tauri-apps/cli@2.12.5";

/// What is about to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A window on the display that is there.
    Run,
    /// A window on a display of our own.
    RunUnseen,
    /// The whole test.
    Test,
}

/// System packages. Asks for rights only when something is missing.
pub fn system_packages(purpose: Purpose) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let mut wanted = TO_BUILD.to_vec();
    if purpose != Purpose::Run {
        wanted.extend(TO_SHOW);
    }
    if purpose == Purpose::Test {
        wanted.extend(TO_TEST);
        // Debian's own Python comes without venv; others (pyenv, conda) bring it.
        if proc::answer(Command::new("python3").args(["-c", "import ensurepip"])).is_none() {
            wanted.push("python3-venv");
        }
    }
    if !proc::exists("dpkg-query") || !proc::exists("apt-get") {
        println!(
            "Not a Debian or Ubuntu: the system packages named here are taken to be installed by other names:"
        );
        println!("  {}", wanted.join(" "));
        return Ok(());
    }
    let missing: Vec<&str> = wanted.into_iter().filter(|name| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Installing system packages: {}", missing.join(" "));
    let root = proc::answer(Command::new("id").arg("-u")).as_deref() == Some("0");
    let by_hand = format!(
        "apt-get update && {0}apt-get install -y --no-install-recommends {1}",
        if root { "" } else { "sudo " },
        missing.join(" ")
    );
    let by_hand = if root { by_hand } else { format!("sudo {by_hand}") };
    if !root && !proc::exists("sudo") {
        return Err(format!(
            "System packages are missing, and there is no sudo to install them. As root, run:\n\n  {by_hand}\n"
        ));
    }
    let apt = |arguments: &[&str]| {
        let mut command = if root {
            Command::new("apt-get")
        } else {
            Command::new("sudo")
        };
        if !root {
            command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        }
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(arguments)
            .stdin(Stdio::inherit());
        proc::loud(&mut command)
    };
    // A mirror that is out of date in one index must not stop what the others can give.
    let _ = apt(&["update"]);
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(&missing);
    apt(&install).map_err(|why| format!("{why}\n\nSystem packages are missing. Install them by hand, then run this again:\n\n  {by_hand}\n"))
}

fn is_installed(package: &str) -> bool {
    proc::answer(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}\n", package]))
        .is_some_and(|states| states.lines().any(|state| state == "installed"))
}

/// The npm packages, when the lock file is newer than what is installed.
pub fn npm_packages() -> Outcome {
    let ui = paths::root().join("ui");
    let installed = paths::newest(&[ui.join("node_modules/.package-lock.json")]);
    let wanted = paths::newest(&[ui.join("package-lock.json")]);
    if installed.is_some() && installed >= wanted {
        return Ok(());
    }
    if !proc::exists("npm") {
        return Err(
            "npm is missing: install Node 20 or newer (https://nodejs.org), then run this again.".into(),
        );
    }
    println!("Installing the window's npm packages");
    proc::loud(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(ui),
    )
}

/// The pages of the window, when a source of theirs is newer than what was built.
pub fn pages() -> Outcome {
    let ui = paths::root().join("ui");
    let built = paths::newest(&[ui.join("dist/index.html")]);
    let entries = ui
        .read_dir()
        .map_err(|error| format!("{}: {error}", ui.display()))?;
    let sources: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.file_name() != "dist" && entry.file_name() != "node_modules")
        .map(|entry| entry.path())
        .collect();
    if built.is_some() && built >= paths::newest(&sources) {
        return Ok(());
    }
    println!("Building the window's pages");
    let log = paths::target().join("test-logs/pages.log");
    let _ = std::fs::remove_file(&log);
    proc::logged(
        Command::new("npm")
            .args(["run", "--silent", "build"])
            .current_dir(ui),
        &log,
    )
}

/// The WebDriver server for Tauri windows. 2.x, as the window is; a 3.0 alpha is published.
pub fn tauri_driver() -> Outcome {
    let tools = paths::target().join("tools");
    if tools.join("bin/tauri-driver").is_file() {
        return Ok(());
    }
    println!("Installing tauri-driver into {}", tools.display());
    let mut command = Command::new("cargo");
    command
        .args(["install", "tauri-driver", "--version", "^2", "--locked", "--root"])
        .arg(tools);
    proc::loud(command.current_dir(paths::root()))
}

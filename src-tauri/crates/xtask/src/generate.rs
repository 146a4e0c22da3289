//! `cargo xtask gen`: what is committed and generated.

use crate::{Outcome, paths, proc, setup};
use std::process::Command;

/// The icons that the window and its packages use. Everything else that the Tauri CLI draws is for phones and stores.
const ICONS: &[&str] = &[
    "32x32.png",
    "128x128.png",
    "128x128@2x.png",
    "icon.icns",
    "icon.ico",
    "icon.png",
];

/// Writes the contract and the icons.
pub fn generate() -> Outcome {
    println!("ui/src/contract/index.ts");
    proc::loud(
        Command::new("cargo")
            .args([
                "test",
                "--quiet",
                "-p",
                "tokendesk-desk",
                "the_committed_contract",
            ])
            .env("TOKENDESK_WRITE_CONTRACT", "1")
            .current_dir(paths::root()),
    )?;
    icons()
}

fn icons() -> Outcome {
    let from = paths::root().join("icons");
    let drawn = paths::target().join("icons");
    let mut command = Command::new("npx");
    command
        .args(["--yes", setup::TAURI_CLI, "icon"])
        .arg(from.join("tokendesk.svg"))
        .arg("-o")
        .arg(&drawn);
    proc::logged(
        command.current_dir(paths::root()),
        &paths::target().join("test-logs/icons.log"),
    )?;
    for name in ICONS {
        println!("icons/{name}");
        std::fs::copy(drawn.join(name), from.join(name)).map_err(|error| format!("icons/{name}: {error}"))?;
    }
    Ok(())
}

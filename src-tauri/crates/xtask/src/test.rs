//! `cargo xtask test`: every guard of this repository, one after another, cheapest first.

use crate::session::Session;
use crate::setup::{self, Purpose};
use crate::{Outcome, paths, proc};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Builds every program of the workspace. One feature set in this file and in [`crate::run`], so that Tauri is compiled
/// once: with `custom-protocol` the window shows the pages built into it.
pub const BUILD: &[&str] = &[
    "build",
    "--quiet",
    "--workspace",
    "--bins",
    "--features",
    "tokendesk/custom-protocol",
];

/// The vendors' own libraries that are run against the sandbox, unmodified; ProcessOut's does not name the one it needs.
const VENDOR_SDKS: [&str; 3] = ["wallee>=6,<7", "processout==10.0.1", "requests>=2,<3"];

/// The checks, each with one of them.
const SDK_CHECKS: [&str; 2] = ["wallee_sdk.py", "processout_sdk.py"];

struct Stage {
    name: &'static str,
    what: &'static str,
    run: fn(&Path) -> Outcome,
}

const STAGES: &[Stage] = &[
    Stage {
        name: "fmt",
        what: "Rust is formatted",
        run: fmt,
    },
    Stage {
        name: "ui",
        what: "TypeScript, lint, component tests, pages",
        run: ui,
    },
    Stage {
        name: "clippy",
        what: "Rust lints, warnings are errors",
        run: clippy,
    },
    Stage {
        name: "rust",
        what: "Rust tests, the contract's drift among them",
        run: rust,
    },
    Stage {
        name: "build",
        what: "every program",
        run: build,
    },
    Stage {
        name: "sdk",
        what: "the vendors' Python SDKs against the sandbox",
        run: sdk,
    },
    Stage {
        name: "matrix",
        what: "each fault, each kind of change, each crash point",
        run: matrix,
    },
    Stage {
        name: "window",
        what: "the real window, keyring and sandbox",
        run: window,
    },
];

/// Runs all stages, or those named.
pub fn test(only: &[&str]) -> Outcome {
    if let Some(unknown) = only
        .iter()
        .find(|name| STAGES.iter().all(|stage| stage.name != **name))
    {
        let known: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
        return Err(format!(
            "there is no stage {unknown}; there are: {}",
            known.join(" ")
        ));
    }
    setup::system_packages(Purpose::Test)?;
    setup::npm_packages()?;
    // The shell does not compile without the pages it shows.
    setup::pages()?;

    let begun = Instant::now();
    let mut lines = Vec::new();
    let mut failed = None;
    for stage in STAGES
        .iter()
        .filter(|stage| only.is_empty() || only.contains(&stage.name))
    {
        let log = paths::target()
            .join("test-logs")
            .join(format!("{}.log", stage.name));
        let _ = std::fs::remove_file(&log);
        println!("{:7} {} ...", stage.name, stage.what);
        let started = Instant::now();
        let outcome = (stage.run)(&log);
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        let line = format!(
            "{:7} {word:6} {:>8}  {}",
            stage.name,
            shown(started.elapsed()),
            counted(&log)
        );
        println!("{}", line.trim_end());
        lines.push(line);
        if let Err(why) = outcome {
            failed = Some(format!(
                "\n{why}\n\nThe stage `{0}` failed; again: cargo xtask test {0}",
                stage.name
            ));
            break;
        }
    }
    println!("\nSummary, {} in all", shown(begun.elapsed()));
    for line in &lines {
        println!("  {}", line.trim_end());
    }
    failed.map_or(Ok(()), Err)
}

fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// How many tests or checks a log tells of: what Cargo, Vitest and the SDK's check have in common is "N passed".
fn counted(log: &Path) -> String {
    let said = std::fs::read_to_string(log).unwrap_or_default();
    let passed: u32 = said
        .lines()
        .filter(|line| !line.contains("Test Files"))
        .filter_map(|line| {
            line.split_once(" passed")?
                .0
                .rsplit(' ')
                .next()?
                .parse::<u32>()
                .ok()
        })
        .sum();
    if passed == 0 {
        String::new()
    } else {
        format!("{passed} passed")
    }
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(paths::root());
    command
}

fn npm(script: &str, log: &Path) -> Outcome {
    proc::logged(
        Command::new("npm")
            .args(["run", "--silent", script])
            .current_dir(paths::root().join("ui")),
        log,
    )
}

fn fmt(log: &Path) -> Outcome {
    proc::logged(&mut cargo(&["fmt", "--all", "--", "--check", "-l"]), log)
}

fn ui(log: &Path) -> Outcome {
    npm("check", log)?;
    npm("lint", log)?;
    npm("test", log)
}

fn clippy(log: &Path) -> Outcome {
    let arguments = [
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--features",
        "tokendesk/custom-protocol",
        "--",
        "-D",
        "warnings",
    ];
    proc::logged(&mut cargo(&arguments), log)
}

fn rust(log: &Path) -> Outcome {
    proc::logged(
        &mut cargo(&["test", "--workspace", "--features", "tokendesk/custom-protocol"]),
        log,
    )
}

fn build(log: &Path) -> Outcome {
    proc::logged(&mut cargo(BUILD), log)
}

fn sdk(log: &Path) -> Outcome {
    let venv = paths::target().join("sdk-venv");
    let python = if cfg!(windows) {
        venv.join("Scripts/python.exe")
    } else {
        venv.join("bin/python")
    };
    let there = Command::new(&python)
        .args(["-c", "import wallee, processout, requests"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !there {
        proc::logged(
            Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv),
            log,
        )?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        proc::logged(Command::new(&python).args(pip).args(VENDOR_SDKS), log)?;
    }
    let mut sandbox = Command::new(paths::program("tokendesk-sandbox"))
        .args(["--customers", "300", "--seed", "7"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the sandbox cannot be started: {error}"))?;
    let mut where_it_is = String::new();
    if let Some(output) = sandbox.stdout.take() {
        BufReader::new(output)
            .read_line(&mut where_it_is)
            .map_err(|error| format!("the sandbox: {error}"))?;
    }
    let scripts = paths::root().join("src-tauri/crates/sandbox/tests/sdk");
    let checked = SDK_CHECKS.iter().try_for_each(|script| {
        let mut check = Command::new(&python);
        proc::logged(check.arg(scripts.join(script)).arg(where_it_is.trim()), log)
    });
    // It serves until its input closes.
    drop(sandbox.stdin.take());
    sandbox.wait().map_err(|error| format!("the sandbox: {error}"))?;
    checked
}

fn matrix(log: &Path) -> Outcome {
    // Some combinations of every payment system; all of them with `cargo xtask matrix`.
    let told = proc::logged(Command::new(paths::program("fault-matrix")).arg("quick"), log);
    // Its size and how it ended belong into the summary of a run, not only into a log.
    let said = std::fs::read_to_string(log).unwrap_or_default();
    for line in said.lines().filter(|line| line.contains("combinations")) {
        println!("        {line}");
    }
    told
}

/// `cargo xtask matrix [WORDS]`: builds and runs the fault matrix by itself, to the terminal.
pub fn matrix_alone(words: &[&str]) -> Outcome {
    setup::system_packages(Purpose::Test)?;
    let build = ["build", "--quiet", "-p", "tokendesk-tests", "--bins"];
    proc::loud(&mut cargo(&build))?;
    proc::loud(Command::new(paths::program("fault-matrix")).args(words))
}

fn window(log: &Path) -> Outcome {
    setup::tauri_driver()?;
    proc::logged(&mut cargo(BUILD), log)?;
    let session = Session::start()?;
    let mut command = Command::new(paths::program("window-test"));
    session.enter(&mut command);
    command
        .env("TAURI_DRIVER", paths::target().join("tools/bin/tauri-driver"))
        .env("TOKENDESK_PICTURES", paths::target().join("window-test"));
    proc::logged(&mut command, log)
}

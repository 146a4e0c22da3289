//! `cargo xtask bench`: builds in release and measures. The numbers go to the README by hand, with their date.

use crate::session::{Session, dying_with_us};
use crate::setup::{self, Purpose};
use crate::{Outcome, paths, proc};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What the window logs when a list of people was answered; see src-tauri/src/commands.rs.
const PEOPLE: &str = "people listed";

/// How often the window is started; the table quotes the median.
const STARTS: usize = 5;

/// Measures with about `cards` cards.
pub fn bench(cards: &str) -> Outcome {
    if cards.parse::<u64>().is_err() {
        return Err(format!(
            "`cargo xtask bench` takes a number of cards, not {cards}"
        ));
    }
    setup::system_packages(Purpose::RunUnseen)?;
    setup::npm_packages()?;
    setup::pages()?;
    println!("Building in release (the first time takes some minutes)");
    let build = [
        "build",
        "--quiet",
        "--release",
        "--workspace",
        "--bins",
        "--features",
        "tokendesk/custom-protocol",
    ];
    proc::loud(Command::new("cargo").args(build).current_dir(paths::root()))?;
    let folder = paths::target().join("bench-data");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let program = |name: &str| paths::target().join("release").join(name);
    proc::loud(Command::new(program("bench")).arg(cards).arg(&folder))?;

    let session = Session::start()?;
    let mut starts = Vec::new();
    let mut memory = 0;
    for _ in 0..STARTS {
        let (took, kib) = start(&session, &program("tokendesk"), &folder)?;
        starts.push(took);
        memory = memory.max(kib);
    }
    starts.sort();
    let milliseconds = |i: usize| starts.get(i).map_or(0, Duration::as_millis);
    println!(
        "| Start to usable search | p50 {} ms, slowest of {STARTS} {} ms | ≤ 1000 ms |",
        milliseconds(STARTS / 2),
        milliseconds(STARTS - 1)
    );
    println!(
        "| Memory of all processes of the window with these cards | {} MB | ≤ 250 MB at 1 M |",
        memory / 1024
    );
    Ok(())
}

/// From the start of the process until the first list of people was answered, and the memory of all its processes then.
fn start(session: &Session, program: &Path, folder: &Path) -> Outcome<(Duration, u64)> {
    let mut app = dying_with_us(&program.to_string_lossy());
    session.enter(&mut app);
    app.env("TOKENDESK_DATA_DIR", folder)
        .env("TOKENDESK_PASSPHRASE_FILE", folder.join("passphrase"))
        .env("TOKENDESK_LOG", "tokendesk=info")
        .stderr(Stdio::piped());
    let began = Instant::now();
    let mut app = app
        .spawn()
        .map_err(|error| format!("the window cannot be started: {error}"))?;
    let log = app.stderr.take().ok_or("the window has no standard error")?;
    let listed = BufReader::new(log)
        .lines()
        .map_while(Result::ok)
        .any(|line| line.contains(PEOPLE));
    let took = began.elapsed();
    std::thread::sleep(Duration::from_secs(2));
    let kib = memory_of_family(app.id());
    let _ = app.kill();
    let _ = app.wait();
    if listed {
        Ok((took, kib))
    } else {
        Err("the window ended before it listed people".to_owned())
    }
}

/// Memory not shared with others, of a process and everything it started, in KiB.
fn memory_of_family(root: u32) -> u64 {
    let mut family = vec![root];
    let parents: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let id: u32 = entry.file_name().to_str()?.parse().ok()?;
            let status = std::fs::read_to_string(entry.path().join("status")).ok()?;
            let line = status.lines().find(|line| line.starts_with("PPid:"))?;
            Some((id, line.split_whitespace().nth(1)?.parse().ok()?))
        })
        .collect();
    while let Some((id, _)) = parents
        .iter()
        .find(|(id, parent)| family.contains(parent) && !family.contains(id))
    {
        family.push(*id);
    }
    family
        .iter()
        .filter_map(|id| {
            let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
            let line = rollup.lines().find(|line| line.starts_with("Pss:"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .sum()
}

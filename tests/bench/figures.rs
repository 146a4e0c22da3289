//! Rows of the table, and what is asked of the operating system.

use std::fmt;
use std::path::Path;
use std::time::Duration;

/// One line of the table.
pub struct Row {
    what: String,
    measured: String,
    target: String,
}

impl Row {
    /// A measured value and what it should reach.
    pub fn new(what: &str, measured: String, target: &str) -> Self {
        Self {
            what: what.to_owned(),
            measured,
            target: target.to_owned(),
        }
    }

    /// Median and 95th percentile of many.
    pub fn percentiles(what: &str, times: &[Duration], target: &str) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort();
        let at = |share: f64| {
            let index = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
            sorted.get(index).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
        };
        Self::new(
            what,
            format!(
                "p50 {:.1} ms, p95 {:.1} ms ({} times)",
                at(0.5),
                at(0.95),
                sorted.len()
            ),
            target,
        )
    }

    /// Median and slowest of a few.
    pub fn slowest(what: &str, times: &[Duration], target: &str) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort();
        let at = |index: usize| sorted.get(index).map_or(0, Duration::as_millis);
        let measured = format!(
            "p50 {} ms, slowest of {} {} ms",
            at(sorted.len() / 2),
            sorted.len(),
            at(sorted.len().saturating_sub(1))
        );
        Self::new(what, measured, target)
    }
}

/// The table, written row by row as it is measured.
pub struct Table;

impl Table {
    /// Writes its head.
    pub fn begin() -> Self {
        println!("| What | Measured | Target |\n| --- | --- | --- |");
        Self
    }

    /// Writes a row.
    pub fn push(&mut self, row: Row) {
        println!("{row}");
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} | {} | {} |", self.what, self.measured, self.target)
    }
}

/// What is asked of the operating system.
pub struct Figures;

impl Figures {
    /// Bytes of a database with its journals.
    pub fn bytes_of(folder: &Path, file: &str) -> std::io::Result<u64> {
        let mut bytes = 0;
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(file) {
                bytes += entry.metadata()?.len();
            }
        }
        Ok(bytes)
    }

    /// The most memory this process ever held.
    pub fn peak_memory() -> String {
        std::fs::read_to_string("/proc/self/status")
            .ok()
            .and_then(|status| {
                let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
                let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
                Some(format!("{} MB", kib / 1024))
            })
            .unwrap_or_else(|| "not known here".to_owned())
    }

    /// Cores and memory.
    pub fn machine() -> String {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let memory = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
            let kib: u64 = text.lines().next()?.split_whitespace().nth(1)?.parse().ok()?;
            Some(format!(", {} GB of memory", kib / 1024 / 1024))
        });
        format!("{cores} cores{}", memory.unwrap_or_default())
    }
}

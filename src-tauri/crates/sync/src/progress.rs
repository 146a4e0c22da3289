//! Progress of a pull: how much, of how much, how fast, doing what.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// What a pull is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Listing tokens.
    Tokens,
    /// Listing token versions: card facts.
    Versions,
    /// Reading rows by id that a complete pass did not list.
    CheckingMissing,
    /// Listing tokens made since the newest known one.
    NewOnly,
}

/// How far a pull is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub stage: Stage,
    /// Rows of this stage, those of an interrupted earlier run included.
    pub done: u64,
    /// Rows expected, where the last complete pass tells.
    pub total: Option<u64>,
    /// Rows a second over the last seconds.
    pub per_second: u32,
}

/// Counts rows and measures their rate over a sliding window.
#[derive(Debug)]
pub struct Meter {
    done: u64,
    recent: VecDeque<(Instant, u64)>,
}

const WINDOW: Duration = Duration::from_secs(5);

impl Meter {
    /// Starts at `done` rows.
    pub fn starting_at(done: u64, now: Instant) -> Self {
        Self {
            done,
            recent: VecDeque::from([(now, done)]),
        }
    }

    /// `rows` more.
    pub fn add(&mut self, rows: u64, now: Instant) {
        self.done += rows;
        self.recent.push_back((now, self.done));
        while self.recent.len() > 2 && self.recent.front().is_some_and(|(at, _)| now - *at > WINDOW) {
            self.recent.pop_front();
        }
    }

    /// Rows so far.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Rows a second.
    pub fn per_second(&self) -> u32 {
        let (Some((from, before)), Some((to, after))) = (self.recent.front(), self.recent.back()) else {
            return 0;
        };
        let seconds = (*to - *from).as_secs_f64();
        if seconds < 0.05 {
            return 0;
        }
        // Far below u32::MAX: rows over at most a few seconds.
        ((after - before) as f64 / seconds) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let start = Instant::now();
        let mut meter = Meter::starting_at(1000, start);
        assert_eq!(meter.per_second(), 0);
        for second in 1..=20u64 {
            meter.add(
                if second <= 10 { 1000 } else { 100 },
                start + Duration::from_secs(second),
            );
        }
        assert_eq!(meter.done(), 12_000);
        assert_eq!(meter.per_second(), 100);
    }
}

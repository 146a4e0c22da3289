//! How many calls a second a system's port lets through. Knows nothing of HTTP.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::switch_table::switches;

switches! {
    /// How many calls a second are allowed, with as many at once; more are answered 429. 0 allows any number.
    calls_per_second: u64 = 0;
    /// What `Retry-After` a 429 of that limit names, in seconds; 0 names none.
    limit_retry_after: u64 = 1;
}

/// What a port lets through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// 0 lets any number through.
    pub(crate) calls_per_second: u64,
    /// Seconds; 0 names none.
    pub(crate) retry_after: u64,
}

impl Switches {
    pub(crate) fn allowance(self) -> Allowance {
        Allowance {
            calls_per_second: self.calls_per_second,
            retry_after: self.limit_retry_after,
        }
    }
}

/// How a limit stands after a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// Calls allowed a second, never 0.
    pub(crate) per_second: u64,
    /// Calls that may still be made at once.
    pub(crate) left: u64,
    /// Whether this call was one too many.
    pub(crate) exceeded: bool,
}

pub(crate) struct Limit(Mutex<Bucket>);

/// How many calls may still be made at once.
struct Bucket {
    left: f64,
    at: Instant,
}

impl Default for Limit {
    fn default() -> Self {
        Self(Mutex::new(Bucket {
            left: f64::INFINITY,
            at: Instant::now(),
        }))
    }
}

impl Limit {
    /// Takes one call of those allowed, if one is left; none when any number is allowed.
    pub(crate) fn take(&self, allowance: Allowance) -> Option<Standing> {
        let per_second = allowance.calls_per_second;
        if per_second == 0 {
            return None;
        }
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let refilled = bucket.left + (now - bucket.at).as_secs_f64() * per_second as f64;
        *bucket = Bucket {
            left: refilled.min(per_second as f64),
            at: now,
        };
        let exceeded = bucket.left < 1.0;
        if !exceeded {
            bucket.left -= 1.0;
        }
        Some(Standing {
            per_second,
            left: bucket.left as u64,
            exceeded,
        })
    }
}

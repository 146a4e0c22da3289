//! Time that passes when a test says so.

use std::sync::atomic::{AtomicI64, Ordering};
use tokendesk_desk::Clock;

/// A clock that can be moved ahead.
#[derive(Default)]
pub struct Moved(AtomicI64);

impl Moved {
    /// So many seconds pass at once.
    pub fn ahead(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Moved {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::Utc::now() + chrono::TimeDelta::seconds(self.0.load(Ordering::SeqCst))
    }
}

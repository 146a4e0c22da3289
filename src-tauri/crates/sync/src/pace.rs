//! How fast an account may be asked: as fast as it answers, until it says "too many"; from then on a little slower than what
//! it was found to allow, and now and then a little faster again.
//!
//! Must not know: what is asked. Time is passed in.

use std::time::Duration;
use tokio::time::Instant;

/// A refusal within this long after another one is about the same excess.
const SAME_EXCESS: Duration = Duration::from_millis(500);
/// Between two excesses further apart than this there may have been nothing to ask.
const BUSY: Duration = Duration::from_secs(10);
/// Kept below what was found: it is measured, not told.
const MARGIN: f64 = 0.99;
/// An excess although the pace was kept.
const SLOWER: f64 = 0.95;
/// After this long without a refusal the pace is raised.
const CALM: Duration = Duration::from_secs(20);
/// By so much.
const FASTER: f64 = 1.03;
/// Never slower than this many calls a second.
const SLOWEST: f64 = 0.2;

/// The pace of one account.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Calls a second; `None` until the provider refused one.
    per_second: Option<f64>,
    /// When the calls reserved so far will have been made.
    reserved_until: Option<Instant>,
    /// Answers since the last excess.
    answered: u32,
    refused_at: Option<Instant>,
    excess_at: Option<Instant>,
    raised_at: Option<Instant>,
}

impl Pace {
    /// How long to wait before `calls` calls may be made.
    pub fn reserve(&mut self, calls: u32, now: Instant) -> Duration {
        let Some(mut per_second) = self.per_second else {
            return Duration::ZERO;
        };
        let calm_since = self.refused_at.max(self.raised_at);
        if calm_since.is_none_or(|since| now.saturating_duration_since(since) > CALM) {
            per_second *= FASTER;
            self.per_second = Some(per_second);
            self.raised_at = Some(now);
        }
        let from = self.reserved_until.map_or(now, |until| until.max(now));
        self.reserved_until = Some(from + Duration::from_secs_f64(f64::from(calls) / per_second));
        from - now
    }

    /// Reserved calls that were not made.
    pub fn give_back(&mut self, calls: u32) {
        if let (Some(until), Some(per_second)) = (self.reserved_until, self.per_second) {
            self.reserved_until = until.checked_sub(Duration::from_secs_f64(f64::from(calls) / per_second));
        }
    }

    /// A call was answered.
    pub fn answered(&mut self) {
        self.answered = self.answered.saturating_add(1);
    }

    /// A call was refused: too many.
    pub fn refused(&mut self, now: Instant) {
        let same = self
            .refused_at
            .is_some_and(|before| now.saturating_duration_since(before) < SAME_EXCESS);
        self.refused_at = Some(now);
        if same {
            return;
        }
        let answered = std::mem::take(&mut self.answered);
        // Nothing was left to be had at the last excess, and nothing is now: what was answered in between is what is
        // allowed. The first excess tells nothing, because what had been saved up before is not known.
        let busy = self.excess_at.replace(now).map(|before| now - before);
        self.per_second = match busy {
            Some(busy) if busy < BUSY => {
                Some((f64::from(answered) / busy.as_secs_f64() * MARGIN).max(SLOWEST))
            }
            _ => self.per_second.map(|kept| kept * SLOWER),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A provider that allows so many calls a second and no more than that at once, and asks to wait whole seconds.
    struct Bucket {
        per_second: f64,
        tokens: f64,
        at: Instant,
    }

    impl Bucket {
        fn takes(&mut self, now: Instant) -> bool {
            let passed = now.saturating_duration_since(self.at).as_secs_f64();
            self.tokens = (self.tokens + passed * self.per_second).min(self.per_second);
            self.at = now;
            let takes = self.tokens >= 1.0;
            if takes {
                self.tokens -= 1.0;
            }
            takes
        }
    }

    /// Plays two minutes of changes of three calls each, without waiting; gives the share of the allowed calls that were
    /// answered, and the share of calls that were refused.
    fn played(per_second: f64) -> (f64, f64) {
        let start = Instant::now();
        let mut bucket = Bucket {
            per_second,
            tokens: per_second,
            at: start,
        };
        let mut pace = Pace::default();
        let (mut now, end) = (start, start + Duration::from_secs(120));
        let (mut answered, mut refused) = (0u32, 0u32);
        while now < end {
            now += pace.reserve(3, now);
            let mut made = 0;
            while made < 3 {
                now += Duration::from_millis(2);
                if bucket.takes(now) {
                    pace.answered();
                    answered += 1;
                    made += 1;
                } else {
                    pace.refused(now);
                    refused += 1;
                    now += Duration::from_secs(1);
                }
            }
        }
        let all = f64::from(answered + refused);
        (
            f64::from(answered) / (per_second * 120.0),
            f64::from(refused) / all,
        )
    }

    #[test]
    fn what_is_allowed_is_used_and_hardly_ever_exceeded() {
        for per_second in [5.0, 20.0, 60.0, 200.0] {
            let (used, refused) = played(per_second);
            assert!(used >= 0.95, "{per_second} a second: {used:.3} used");
            assert!(refused <= 0.05, "{per_second} a second: {refused:.3} refused");
        }
    }

    #[test]
    fn an_account_that_never_refused_is_asked_without_a_wait() {
        let mut pace = Pace::default();
        let now = Instant::now();
        for _ in 0..1_000 {
            assert_eq!(pace.reserve(4, now), Duration::ZERO);
            pace.answered();
        }
    }
}

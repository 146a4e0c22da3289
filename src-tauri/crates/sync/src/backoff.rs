//! How long to wait after a failure: doubling, with a random part, and the provider's own wish first.

use rand::RngExt;
use std::time::Duration;

/// First wait.
const FIRST: Duration = Duration::from_secs(2);
/// Longest wait of our own.
const LONGEST: Duration = Duration::from_secs(300);
/// Longest wish of a provider that is followed as it is.
const LONGEST_WISH: Duration = Duration::from_secs(3600);

/// The wait before attempt number `failures + 1`, given what the provider asked for. `jitter` is 0 to 1.
pub fn wait(failures: u32, retry_after: Option<Duration>, jitter: f64) -> Duration {
    if let Some(wish) = retry_after {
        return wish.min(LONGEST_WISH);
    }
    let doubled = FIRST.saturating_mul(2u32.saturating_pow(failures.min(10)));
    doubled.min(LONGEST).mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

/// A random part for [`wait`].
pub fn jitter() -> f64 {
    rand::rng().random::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_bound_and_obey_the_provider() {
        assert_eq!(wait(0, None, 1.0), Duration::from_secs(2));
        assert_eq!(wait(1, None, 1.0), Duration::from_secs(4));
        assert_eq!(wait(3, None, 0.0), Duration::from_secs(8));
        assert_eq!(wait(4_000, None, 1.0), Duration::from_secs(300));
        assert_eq!(wait(5, Some(Duration::from_secs(7)), 0.3), Duration::from_secs(7));
        assert_eq!(
            wait(0, Some(Duration::from_secs(1_000_000)), 0.3),
            Duration::from_secs(3600)
        );
    }
}

//! Named places where a process can be made to die, for tests of what is left behind.
//!
//! Without the feature `crash-points` every call is empty and nothing of this is in the program.

macro_rules! points {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        const COUNT: usize = [$($word,)*].len();

        /// A place to die at. Its name is stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum CrashPoint {
            $($(#[$doc])* $name,)*
        }

        impl CrashPoint {
            /// Every place, in the order a change meets them.
            pub const ALL: [Self; COUNT] = [$(Self::$name,)*];

            /// The name to arm it by.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

points! {
    /// A wish is about to be committed to the ledger.
    EnqueueNotCommitted = "enqueue-not-committed",
    /// A wish is in the ledger; the cache does not show it yet.
    EnqueueCommitted = "enqueue-committed",
    /// The rows of a plan are about to be committed as changes.
    QueuePlannedNotCommitted = "queue-planned-not-committed",
    /// The rows of a plan are changes; the cache does not show them yet.
    QueuePlannedCommitted = "queue-planned-committed",
    /// The cache shows what the ledger says.
    OverlayCommitted = "overlay-committed",
    /// An undo is about to be committed.
    UndoNotCommitted = "undo-not-committed",
    /// An undo is in the ledger; the cache does not show it yet.
    UndoCommitted = "undo-committed",
    /// A change is about to be marked as on its way.
    SendingNotCommitted = "sending-not-committed",
    /// A change is marked as on its way.
    SendingCommitted = "sending-committed",
    /// The request is about to leave.
    BeforeSend = "before-send",
    /// The request has left, its answer has not come.
    SentNoAnswer = "sent-no-answer",
    /// The answer has come, nothing of it is stored.
    AnsweredNotStored = "answered-not-stored",
    /// The token was read back, nothing of it is stored.
    ReadBackNotStored = "read-back-not-stored",
    /// A snapshot is in the cache; the ledger does not know yet.
    SnapshotCommitted = "snapshot-committed",
    /// An end is about to be committed.
    FinishNotCommitted = "finish-not-committed",
    /// An end is in the ledger; its overlay still lies.
    FinishCommitted = "finish-committed",
    /// A change is about to be put back to waiting.
    PostponeNotCommitted = "postpone-not-committed",
    /// A change waits again.
    PostponeCommitted = "postpone-committed",
    /// A person's answer to a conflict is about to be committed.
    ResolveNotCommitted = "resolve-not-committed",
    /// A person's answer to a conflict is in the ledger; the cache does not show it yet.
    ResolveCommitted = "resolve-committed",
}

/// Ends the process at once, if `point` is the armed one: no destructor runs, nothing is flushed. It is armed by the
/// environment variable `TOKENDESK_CRASH_AT`, a name and, behind a colon, which passing is meant (1 if absent).
#[cfg(feature = "crash-points")]
pub fn point(point: CrashPoint) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static ARMED: OnceLock<Option<(CrashPoint, u32)>> = OnceLock::new();
    static PASSED: AtomicU32 = AtomicU32::new(0);
    let armed = ARMED.get_or_init(|| read(&std::env::var("TOKENDESK_CRASH_AT").ok()?));
    if let Some((at, nth)) = armed
        && *at == point
        && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *nth
    {
        std::process::abort();
    }
}

/// Empty: this program was built without crash points.
#[cfg(not(feature = "crash-points"))]
#[inline(always)]
pub fn point(_: CrashPoint) {}

#[cfg(any(test, feature = "crash-points"))]
fn read(text: &str) -> Option<(CrashPoint, u32)> {
    let (name, nth) = match text.split_once(':') {
        Some((name, nth)) => (name, nth.parse().ok().filter(|nth| *nth > 0)?),
        None => (text, 1),
    };
    let at = CrashPoint::ALL.into_iter().find(|point| point.as_str() == name)?;
    Some((at, nth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_is_armed_by_its_name_alone() {
        for point in CrashPoint::ALL {
            assert_eq!(read(point.as_str()), Some((point, 1)));
            assert_eq!(read(&format!("{}:3", point.as_str())), Some((point, 3)));
        }
        for text in ["", "nowhere", "before-send:0", "before-send:x"] {
            assert_eq!(read(text), None);
        }
    }
}

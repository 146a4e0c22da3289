//! What to read next: from cursors and clocks to one operation, without touching a network.

use chrono::{DateTime, TimeDelta, Utc};

/// A complete pass is due this long after the last one began: nothing else tells about edits and deletions at wallee.
pub const FULL_PASS_EVERY: TimeDelta = TimeDelta::hours(24);

/// What is known of an account before reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// A pass that was begun and not finished.
    pub unfinished: bool,
    /// When the last complete pass began.
    pub last_pass: Option<DateTime<Utc>>,
    /// The provider's newest token id here.
    pub newest: Option<String>,
}

/// What somebody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Whatever is due.
    Due,
    /// A new complete pass, from the beginning.
    Full,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Go on with the unfinished pass.
    Resume,
    /// Begin a complete pass.
    Full,
    /// List what came after this id.
    NewSince(String),
}

/// Decides. A clock that was set back counts as due: a pass too many is cheaper than one that never comes.
pub fn next(known: &Known, asked: Asked, now: DateTime<Utc>) -> Operation {
    if asked == Asked::Full {
        return Operation::Full;
    }
    if known.unfinished {
        return Operation::Resume;
    }
    match (&known.last_pass, &known.newest) {
        (Some(began), Some(newest)) if now - *began < FULL_PASS_EVERY && now >= *began => {
            Operation::NewSince(newest.clone())
        }
        _ => Operation::Full,
    }
}

/// The brake of the vanishing rule: more than 20 rows and more than 5 % at once is not believed without a person.
pub fn too_many_vanished(missing: usize, known: u64) -> bool {
    missing > 20 && missing as u64 * 20 > known
}

/// Whether a pass that stopped to ask about vanished cards rests: until a person answers, or the next complete pass is due.
pub fn rests_after_asking(asked: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now >= asked && now - asked < FULL_PASS_EVERY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    #[test]
    fn an_unfinished_pass_goes_on_unless_a_new_one_is_asked_for() {
        let known = Known {
            unfinished: true,
            last_pass: Some(at(0)),
            newest: Some("7".into()),
        };
        assert_eq!(next(&known, Asked::Due, at(1)), Operation::Resume);
        assert_eq!(next(&known, Asked::Full, at(1)), Operation::Full);
    }

    #[test]
    fn between_passes_only_new_ids_are_read() {
        let known = Known {
            unfinished: false,
            last_pass: Some(at(0)),
            newest: Some("7".into()),
        };
        assert_eq!(next(&known, Asked::Due, at(23)), Operation::NewSince("7".into()));
        assert_eq!(next(&known, Asked::Due, at(24)), Operation::Full);
        assert_eq!(next(&known, Asked::Due, at(-1)), Operation::Full);
    }

    #[test]
    fn an_account_never_read_or_found_empty_is_read_whole() {
        assert_eq!(
            next(
                &Known {
                    unfinished: false,
                    last_pass: None,
                    newest: None
                },
                Asked::Due,
                at(0)
            ),
            Operation::Full
        );
        let empty = Known {
            unfinished: false,
            last_pass: Some(at(0)),
            newest: None,
        };
        assert_eq!(next(&empty, Asked::Due, at(1)), Operation::Full);
    }

    #[test]
    fn a_question_rests_for_a_day_and_a_clock_set_back_asks_again() {
        assert!(rests_after_asking(at(5), at(5)) && rests_after_asking(at(5), at(28)));
        assert!(!rests_after_asking(at(5), at(29)) && !rests_after_asking(at(5), at(4)));
    }

    #[test]
    fn the_brake_needs_both_many_and_a_large_share() {
        assert!(!too_many_vanished(20, 30));
        assert!(!too_many_vanished(21, 420));
        assert!(too_many_vanished(22, 420));
        assert!(!too_many_vanished(5_000, 1_000_000));
    }
}

//! What to read next: from cursors and clocks to one operation, without touching a network.

use chrono::{DateTime, TimeDelta, Utc};
use tokendesk_model::capability::NewsCarrier;

/// A complete pass is due this long after the last one began: only it tells of everything that no feed and no new id tells of.
pub const FULL_PASS_EVERY: TimeDelta = TimeDelta::hours(24);
/// Where nothing at all tells of edits, every known customer is read again this often: a working day sees two passes, and one
/// over 100,000 customers (at some 20 calls a second an hour and a half) still ends long before the next one. A customer
/// on screen is read at once in any case.
pub const REREAD_EVERY: TimeDelta = TimeDelta::hours(6);
/// A feed that does not reach back brings a complete pass forward, but not more often than this: it may never reach back.
pub const PASS_AFTER_GAP_EVERY: TimeDelta = TimeDelta::hours(1);

/// Where an account's feed of events has been read up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The provider's place in it.
    pub cursor: String,
    /// Something was missed since the last complete pass began: the feed did not reach back.
    pub gap: bool,
}

/// What is known of an account before reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// How its news come.
    pub news: NewsCarrier,
    /// A pass that was begun and not finished.
    pub unfinished: bool,
    /// When the last complete pass began.
    pub last_pass: Option<DateTime<Utc>>,
    /// The provider's newest token id here.
    pub newest: Option<String>,
    /// Its feed, unless it has none or refuses it.
    pub feed: Option<Feed>,
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
    /// Read again what the feed names.
    Events(Feed),
    /// Nothing is due.
    Nothing,
}

/// Decides. A clock that was set back counts as due: a pass too many is cheaper than one that never comes.
pub fn next(known: &Known, asked: Asked, now: DateTime<Utc>) -> Operation {
    if asked == Asked::Full {
        return Operation::Full;
    }
    if known.unfinished {
        return Operation::Resume;
    }
    let Some(began) = known.last_pass else {
        return Operation::Full;
    };
    let is_due = |every: TimeDelta| now - began >= every || now < began;
    match known.news {
        NewsCarrier::CursorAndPass if is_due(FULL_PASS_EVERY) => Operation::Full,
        // An account found empty has no id to begin at.
        NewsCarrier::CursorAndPass if known.newest.is_none() => Operation::Full,
        NewsCarrier::EventsOrPass if is_due(FULL_PASS_EVERY) => Operation::Full,
        NewsCarrier::EventsOrPass if known.feed.as_ref().is_some_and(|feed| feed.gap) => {
            if is_due(PASS_AFTER_GAP_EVERY) {
                Operation::Full
            } else {
                between(known)
            }
        }
        NewsCarrier::RereadCustomers if is_due(REREAD_EVERY) => Operation::Full,
        _ => between(known),
    }
}

/// What can be read between two passes, or beside one that cannot be finished.
pub fn between(known: &Known) -> Operation {
    match known.news {
        NewsCarrier::CursorAndPass => known.newest.clone().map(Operation::NewSince),
        NewsCarrier::EventsOrPass => known.feed.clone().map(Operation::Events),
        NewsCarrier::RereadCustomers | NewsCarrier::Import => None,
    }
    .unwrap_or(Operation::Nothing)
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

    /// Read whole at hour 0.
    fn known(news: NewsCarrier) -> Known {
        Known {
            news,
            unfinished: false,
            last_pass: Some(at(0)),
            newest: Some("7".into()),
            feed: None,
        }
    }

    fn feed(gap: bool) -> Feed {
        Feed {
            cursor: "ev_9".into(),
            gap,
        }
    }

    const ALL: [NewsCarrier; 4] = [
        NewsCarrier::CursorAndPass,
        NewsCarrier::EventsOrPass,
        NewsCarrier::RereadCustomers,
        NewsCarrier::Import,
    ];

    #[test]
    fn an_unfinished_pass_goes_on_unless_a_new_one_is_asked_for() {
        for news in ALL {
            let known = Known {
                unfinished: true,
                ..known(news)
            };
            assert_eq!(next(&known, Asked::Due, at(1)), Operation::Resume);
            assert_eq!(next(&known, Asked::Full, at(1)), Operation::Full);
        }
    }

    #[test]
    fn between_passes_only_new_ids_are_read() {
        let known = known(NewsCarrier::CursorAndPass);
        assert_eq!(next(&known, Asked::Due, at(23)), Operation::NewSince("7".into()));
        assert_eq!(next(&known, Asked::Due, at(24)), Operation::Full);
        assert_eq!(next(&known, Asked::Due, at(-1)), Operation::Full);
    }

    #[test]
    fn an_account_never_read_or_found_empty_is_read_whole() {
        for news in ALL {
            let never = Known {
                last_pass: None,
                newest: None,
                ..known(news)
            };
            assert_eq!(next(&never, Asked::Due, at(0)), Operation::Full);
        }
        let empty = Known {
            newest: None,
            ..known(NewsCarrier::CursorAndPass)
        };
        assert_eq!(next(&empty, Asked::Due, at(1)), Operation::Full);
    }

    #[test]
    fn between_passes_events_are_followed_where_there_are_any() {
        let fed = Known {
            feed: Some(feed(false)),
            ..known(NewsCarrier::EventsOrPass)
        };
        assert_eq!(next(&fed, Asked::Due, at(23)), Operation::Events(feed(false)));
        assert_eq!(next(&fed, Asked::Due, at(24)), Operation::Full);
        let refused = known(NewsCarrier::EventsOrPass);
        assert_eq!(next(&refused, Asked::Due, at(23)), Operation::Nothing);
        assert_eq!(next(&refused, Asked::Due, at(24)), Operation::Full);
    }

    #[test]
    fn a_gap_in_the_feed_brings_the_pass_forward_and_not_every_time() {
        let gap = Known {
            feed: Some(feed(true)),
            ..known(NewsCarrier::EventsOrPass)
        };
        assert_eq!(next(&gap, Asked::Due, at(1)), Operation::Full);
        let soon = at(0) + TimeDelta::minutes(59);
        assert_eq!(next(&gap, Asked::Due, soon), Operation::Events(feed(true)));
    }

    #[test]
    fn customers_are_reread_by_the_hours_and_imports_only_when_asked_for() {
        let reread = known(NewsCarrier::RereadCustomers);
        assert_eq!(next(&reread, Asked::Due, at(5)), Operation::Nothing);
        assert_eq!(next(&reread, Asked::Due, at(6)), Operation::Full);
        let import = known(NewsCarrier::Import);
        assert_eq!(next(&import, Asked::Due, at(10_000)), Operation::Nothing);
        assert_eq!(next(&import, Asked::Full, at(1)), Operation::Full);
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

//! A lane's whole life under arbitrary interleavings: wishes, undos, pulls, edits by somebody else, lost answers, crashes
//! and restarts, against a payment system played in a few lines.
//!
//! Longer: `PROPTEST_CASES=1000000 cargo test --release -p tokendesk-model --test lane_life`.

#![expect(clippy::unwrap_used)]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use tokendesk_model::change::ChangeStatus;
use tokendesk_model::lane::{Decision, Ended, Keep, Lane, LaneError, Proof, found};
use tokendesk_model::{
    AccountId, ActiveVersion, Change, ChangeId, ChangeLabel, Lesson, Seen, Stuck, TokenState, Wish, Withdrawn,
};

/// What happens to a write.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// Taken and answered.
    Fine,
    /// Taken; the answer is lost.
    AnswerLost,
    /// Never arrived; nobody knows.
    RequestLost,
    /// The answer is lost, and it is taken after so many seconds, if the version is still the one it was sent for.
    Late(i64),
    /// Refused.
    Refused,
    /// Taken, and the old value kept.
    Ignored,
    /// The program dies after the request left; it was taken.
    DiesTaken,
    /// The program dies after the request left; it is taken later.
    DiesLate(i64),
    /// The program dies after the answer was read and before it was stored.
    DiesAnswered,
    /// The program dies before anything is sent.
    DiesBefore,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Wish(Wish, bool),
    Undo(usize),
    Discard(usize),
    Resolve(usize, bool),
    Retry(usize),
    Release(usize),
    Pull,
    /// Somebody else switches.
    TheySwitch(Wish),
    /// Somebody else renews the card.
    TheyRenew,
    /// Somebody else changes something that no wish is about.
    TheyTouch,
    Send(Fate),
    /// The program ends and starts again.
    Restart,
    Pass(i64),
}

fn any_wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        4 => any::<bool>().prop_map(Wish::OneClick),
        4 => any::<bool>().prop_map(Wish::Active),
        1 => Just(Wish::Delete)
    ]
}

fn any_switch() -> impl Strategy<Value = Wish> {
    prop_oneof![
        any::<bool>().prop_map(Wish::OneClick),
        any::<bool>().prop_map(Wish::Active)
    ]
}

fn any_fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Fine),
        1 => Just(Fate::AnswerLost),
        1 => Just(Fate::RequestLost),
        1 => (1i64..59).prop_map(Fate::Late),
        1 => Just(Fate::Refused),
        1 => Just(Fate::Ignored),
        1 => Just(Fate::DiesTaken),
        1 => (1i64..59).prop_map(Fate::DiesLate),
        1 => Just(Fate::DiesAnswered),
        1 => Just(Fate::DiesBefore),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (any_wish(), any::<bool>()).prop_map(|(wish, held)| Step::Wish(wish, held)),
        3 => (0usize..8).prop_map(Step::Undo),
        1 => (0usize..8).prop_map(Step::Discard),
        2 => (0usize..8, any::<bool>()).prop_map(|(at, mine)| Step::Resolve(at, mine)),
        1 => (0usize..8).prop_map(Step::Retry),
        2 => (0usize..8).prop_map(Step::Release),
        2 => Just(Step::Pull),
        2 => any_switch().prop_map(Step::TheySwitch),
        1 => Just(Step::TheyRenew),
        1 => Just(Step::TheyTouch),
        6 => any_fate().prop_map(Step::Send),
        1 => Just(Step::Restart),
        2 => prop_oneof![1i64..20, 55i64..70, Just(1000i64), Just(300_000i64)].prop_map(Step::Pass),
    ]
}

/// A write that is taken later.
struct LateWrite {
    at: DateTime<Utc>,
    version: i64,
    wish: Wish,
}

/// What the desk must know of a wish without looking into the lane.
struct Asked {
    id: ChangeId,
    wish: Wish,
    undone: bool,
}

struct World {
    account: AccountId,
    now: DateTime<Utc>,
    // The payment system.
    version: i64,
    state: TokenState,
    one_click: bool,
    is_default: bool,
    saved: u32,
    late: Vec<LateWrite>,
    // The desk.
    lane: Lane,
    seen: Seen,
    flips: Vec<(DateTime<Utc>, &'static str)>,
    asked: Vec<Asked>,
    // Values the desk was told are done, until somebody else changes them.
    promised: Vec<(&'static str, Wish)>,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            account: AccountId::random(),
            now: DateTime::from_timestamp(1_780_000_000, 0).unwrap(),
            version: 1,
            state: TokenState::Active,
            one_click: true,
            is_default: false,
            saved: 1,
            late: Vec::new(),
            lane: Lane::default(),
            seen: Seen {
                version: 1,
                state: "active".into(),
                one_click: Some(true),
                customer_key: "c".into(),
                active_version: ActiveVersion::Is("1".into()),
                is_default: Some(false),
                ..Seen::default()
            },
            flips: Vec::new(),
            asked: Vec::new(),
            promised: Vec::new(),
        };
        world.read();
        world
    }

    fn shows(&self) -> Seen {
        Seen {
            version: self.version,
            state: self.state.as_str().to_owned(),
            one_click: Some(self.one_click),
            customer_key: "c".to_owned(),
            active_version: ActiveVersion::Is(self.saved.to_string()),
            is_default: Some(self.is_default),
            ..Seen::default()
        }
    }

    fn meets(&self, wish: Wish) -> bool {
        self.shows().meets(wish)
    }

    fn is_final(&self) -> bool {
        self.state == TokenState::Deleting
    }

    /// The payment system takes a write, if it may.
    fn take(&mut self, wish: Wish) {
        if self.is_final() {
            return;
        }
        match wish {
            Wish::OneClick(on) => self.one_click = on,
            Wish::Active(on) => {
                self.state = if on {
                    TokenState::Active
                } else {
                    TokenState::Inactive
                }
            }
            Wish::Delete => self.state = TokenState::Deleting,
            Wish::Default => self.is_default = true,
        }
        self.version += 1;
    }

    /// A read by the desk; what differs from the last one and is not ours was flipped by somebody else.
    fn read(&mut self) -> Seen {
        let now = self.shows();
        let shown = now.clone();
        let ours = |field: &str, lane: &Lane| {
            lane.rows().iter().any(|row| {
                row.wish.field() == field
                    && row.attempts > 0
                    && matches!(
                        row.status,
                        ChangeStatus::Sending | ChangeStatus::Waiting | ChangeStatus::Done
                    )
                    && shown.meets(row.wish)
            })
        };
        if now.one_click != self.seen.one_click && !ours("one_click", &self.lane) {
            self.flips.push((self.now, "one_click"));
        }
        if now.state != self.seen.state && !ours("active", &self.lane) {
            self.flips.push((self.now, "active"));
        }
        self.seen = now.clone();
        now
    }

    fn pass(&mut self, seconds: i64) {
        let until = self.now + TimeDelta::seconds(seconds);
        self.late.sort_by_key(|write| write.at);
        while self.late.first().is_some_and(|write| write.at <= until) {
            let write = self.late.remove(0);
            self.now = self.now.max(write.at);
            // The guard of the payment system: a stale write is refused.
            if write.version == self.version || write.wish == Wish::Delete {
                self.take(write.wish);
            }
        }
        self.now = until;
    }

    fn pick(&self, at: usize) -> Option<ChangeId> {
        (!self.asked.is_empty()).then(|| self.asked[at % self.asked.len()].id)
    }

    fn wish(&mut self, wish: Wish, held: bool) {
        let id = ChangeId::new();
        let change = Change {
            id,
            account: self.account,
            token: self.account.token("1"),
            remote_id: "1".into(),
            wish,
            status: if held {
                ChangeStatus::Held
            } else {
                ChangeStatus::Waiting
            },
            reason: None,
            actor: "somebody".into(),
            label: ChangeLabel::default(),
            base: self.seen.clone(),
            created_at: self.now,
            decided_at: self.now,
            hold_ms: if held { 10_000 } else { 0 },
            replaced_by: None,
            stood: None,
            doubt: None,
            plan: None,
            updated_at: self.now,
            attempts: 0,
            next_attempt_at: None,
            request_id: None,
        };
        match self.lane.wish(change) {
            Ok(()) => self.asked.push(Asked {
                id,
                wish,
                undone: false,
            }),
            Err(LaneError::DeletionStands) => {
                assert_ne!(wish, Wish::Delete);
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    fn undo(&mut self, id: ChangeId) {
        let before = self.lane.get(id).map(|row| (row.status.clone(), row.attempts));
        match (self.lane.undo(id, self.now), before) {
            (Ok(()), Some((ChangeStatus::Held | ChangeStatus::Waiting, 0))) => {
                self.asked
                    .iter_mut()
                    .filter(|asked| asked.id == id)
                    .for_each(|asked| asked.undone = true);
            }
            (Ok(()), Some((ChangeStatus::Withdrawn(Withdrawn::Undo), _))) => {}
            (Err(LaneError::MayBeDone), Some((ChangeStatus::Waiting, tried))) => assert!(tried > 0),
            (Err(LaneError::TooLate), Some(_)) => {}
            other => panic!("{other:?}"),
        }
    }

    /// One attempt of the outbox worker, as far as its fate lets it.
    fn send(&mut self, fate: Fate) {
        let Some(next) = self.lane.next() else { return };
        if next.next_attempt_at.is_some_and(|due| due > self.now) {
            return;
        }
        let (id, wish) = (next.id, next.wish);
        self.lane.start(id, self.now).unwrap();
        if matches!(fate, Fate::DiesBefore) {
            return self.restart();
        }
        let read = self.read();
        let change = self.lane.get(id).unwrap().clone();
        let flipped = self
            .flips
            .iter()
            .any(|(at, field)| *field == wish.field() && *at >= change.decided_at);
        match self.lane.decide(id, &read, flipped, self.now).unwrap() {
            Decision::Send => {}
            Decision::AlreadySo => return self.done(id, wish, Proof::AlreadySo),
            Decision::ReadAgain(until) => {
                return self.lane.postpone(id, Some(until), false, self.now).unwrap();
            }
            Decision::Conflict(kind) => {
                return self
                    .lane
                    .finish(id, found(kind, read, self.now), self.now)
                    .unwrap();
            }
        }
        // A lost write of ours that turned out to be done is no foreign change: the base has it now.
        let change = self.lane.get(id).unwrap().clone();
        // Nothing is ever written over a value that the person did not see.
        match wish {
            Wish::OneClick(_) => assert_eq!(change.base.one_click, Some(self.one_click), "overwritten"),
            Wish::Active(_) => assert_eq!(change.base.state, self.state.as_str(), "overwritten"),
            Wish::Default => {}
            Wish::Delete => {
                assert_eq!(
                    change.base.active_version,
                    ActiveVersion::Is(self.saved.to_string()),
                    "deleted a renewed card"
                );
            }
        }
        // From here on the older promise is no longer what the desk says; a write that is taken after a later promise is.
        self.promised.retain(|(field, _)| *field != wish.field());
        let before = self.version;
        let late = |seconds: i64, now: DateTime<Utc>| LateWrite {
            at: now + TimeDelta::seconds(seconds),
            version: before,
            wish,
        };
        match fate {
            Fate::Fine => {
                self.take(wish);
                let after = self.version;
                self.read();
                self.done(id, wish, Proof::Written { before, after });
            }
            Fate::AnswerLost => {
                self.take(wish);
                self.lane
                    .postpone(id, Some(self.now + TimeDelta::seconds(10)), true, self.now)
                    .unwrap();
            }
            Fate::RequestLost => {
                self.lane
                    .postpone(id, Some(self.now + TimeDelta::seconds(10)), true, self.now)
                    .unwrap();
            }
            Fate::Late(seconds) => {
                self.late.push(late(seconds, self.now));
                self.lane
                    .postpone(id, Some(self.now + TimeDelta::seconds(10)), true, self.now)
                    .unwrap();
            }
            Fate::Refused => {
                let stuck = Stuck::Refused {
                    status: 422,
                    message: String::new(),
                };
                self.lane.finish(id, Ended::Stuck(stuck), self.now).unwrap();
            }
            Fate::Ignored => self
                .lane
                .finish(id, Ended::Stuck(Stuck::Ignored), self.now)
                .unwrap(),
            Fate::DiesTaken | Fate::DiesAnswered => {
                self.take(wish);
                if matches!(fate, Fate::DiesAnswered) {
                    self.read();
                }
                self.restart();
            }
            Fate::DiesLate(seconds) => {
                self.late.push(late(seconds, self.now));
                self.restart();
            }
            Fate::DiesBefore => unreachable!(),
        }
    }

    fn done(&mut self, id: ChangeId, wish: Wish, proof: Proof) {
        self.lane.finish(id, Ended::Done(proof), self.now).unwrap();
        self.promised.retain(|(field, _)| *field != wish.field());
        self.promised.push((wish.field(), wish));
    }

    fn restart(&mut self) {
        self.lane.recover(self.now);
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Wish(wish, held) => self.wish(wish, held),
            Step::Undo(at) => {
                if let Some(id) = self.pick(at) {
                    self.undo(id);
                }
            }
            Step::Discard(at) => {
                if let Some(id) = self.pick(at) {
                    let _ = self.lane.discard(id, self.now);
                }
            }
            Step::Resolve(at, mine) => {
                if let Some(id) = self.pick(at) {
                    let keep = if mine { Keep::Mine } else { Keep::Theirs };
                    if self.lane.resolve(id, keep, self.now).is_ok() {
                        assert!(self.lane.resolve(id, keep, self.now).is_err(), "decided twice");
                    }
                }
            }
            Step::Retry(at) => {
                if let Some(id) = self.pick(at) {
                    let _ = self.lane.retry(id, self.now);
                }
            }
            Step::Release(at) => {
                if let Some(id) = self.pick(at) {
                    self.lane.release(id, self.now).unwrap();
                }
            }
            Step::Pull => {
                self.read();
            }
            Step::TheySwitch(wish) => {
                if !self.meets(wish) && !self.is_final() {
                    self.promised.retain(|(field, _)| *field != wish.field());
                    self.take(wish);
                }
            }
            Step::TheyRenew => {
                self.saved += 1;
                self.version += 1;
            }
            Step::TheyTouch => self.version += 1,
            Step::Send(fate) => self.send(fate),
            Step::Restart => self.restart(),
            Step::Pass(seconds) => self.pass(seconds),
        }
        self.check();
    }

    /// The effective view: of each field the last wish that was not undone, while it is under way.
    fn check(&self) {
        let overlay = self.lane.overlay(Lesson::Accepts);
        for (field, shown) in [("one_click", overlay.one_click), ("active", overlay.active)] {
            let last = self
                .asked
                .iter()
                .rfind(|asked| !asked.undone && asked.wish.field() == field);
            let expected = last.and_then(|asked| {
                let row = self.lane.get(asked.id).unwrap();
                row.status.is_under_way().then(|| asked.wish.value()).flatten()
            });
            assert_eq!(shown, expected, "{field}");
            // Wished, not undone, not under way: then it is said why, and by whom.
            if let Some(asked) = last
                && expected.is_none()
            {
                let row = self.lane.get(asked.id).unwrap();
                match &row.status {
                    ChangeStatus::Withdrawn(Withdrawn::Superseded) => {
                        let by = row.replaced_by.and_then(|by| self.lane.get(by)).unwrap();
                        assert_eq!(
                            by.wish,
                            Wish::Delete,
                            "only a deletion absorbs the last wish of a field"
                        );
                    }
                    ChangeStatus::Withdrawn(Withdrawn::Undo) => panic!("undone without being undone"),
                    _ => {}
                }
            }
        }
        let sending = self
            .lane
            .rows()
            .iter()
            .filter(|row| row.status == ChangeStatus::Sending);
        assert!(sending.count() <= 1);
        for field in ["one_click", "active", "delete"] {
            let under_way = self.lane.rows().iter().filter(|row| {
                row.wish.field() == field && matches!(row.status, ChangeStatus::Held | ChangeStatus::Waiting)
            });
            assert!(under_way.count() <= 1, "two wishes of {field} stand");
        }
        assert_eq!(
            self.lane.rows().len(),
            self.asked.len(),
            "nothing is ever dropped"
        );
    }

    /// The network is well, nobody interferes: whatever can be sent is sent.
    fn drain(&mut self) {
        for _ in 0..200 {
            let held: Vec<ChangeId> = self
                .lane
                .rows()
                .iter()
                .filter(|row| row.status == ChangeStatus::Held)
                .map(|row| row.id)
                .collect();
            for id in held {
                self.lane.release(id, self.now).unwrap();
            }
            self.pass(61);
            self.send(Fate::Fine);
            self.check();
            if self.lane.next().is_none() && self.late.is_empty() {
                break;
            }
        }
        let left: Vec<_> = self
            .lane
            .rows()
            .iter()
            .filter(|row| row.status.is_under_way())
            .collect();
        let needs_a_person = self.lane.rows().iter().any(|row| row.status.needs_a_person());
        assert!(
            left.is_empty() || needs_a_person,
            "left without a reason: {left:?}"
        );
        // What was reported as done is so, unless somebody else changed it after that or the card is being deleted.
        for (field, wish) in &self.promised {
            let holds = self.meets(*wish);
            assert!(holds || self.is_final(), "{field} was promised: {wish:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_last_standing_wish_of_each_field_is_shown_and_comes_true_or_says_why(
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.drain();
    }
}

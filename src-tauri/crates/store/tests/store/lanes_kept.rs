//! The stored lane is the pure lane: after arbitrary steps, with the program ending in between, the file holds what
//! [`Lane`] says, and what can be sent is what it names.

use crate::support::{Bench, at, token, wish};
use proptest::prelude::*;
use tokendesk_model::lane::{Ended, Keep, Proof};
use tokendesk_model::{
    ActiveVersion, Change, ChangeId, ChangeStatus, Conflict, ConflictKind, Lane, LaneError, Lesson, Seen,
    Stuck, Wish,
};
use tokendesk_store::{ChangesFilter, NewChange, StoreError};

#[derive(Debug, Clone, Copy)]
enum Step {
    Wish(usize, Wish, bool),
    Undo(usize),
    Discard(usize),
    Resolve(usize, bool),
    Retry(usize),
    Release(usize),
    Start(usize),
    Finish(usize, usize),
    Postpone(usize, bool, i64),
    Read(usize, i64),
    Recover,
    Reopen,
    Pass(i64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let wish = prop_oneof![
        4 => any::<bool>().prop_map(Wish::OneClick),
        4 => any::<bool>().prop_map(Wish::Active),
        1 => Just(Wish::Delete)
    ];
    let at = || 0..10_usize;
    prop_oneof![
        8 => (0..2_usize, wish, any::<bool>()).prop_map(|(card, wish, held)| Step::Wish(card, wish, held)),
        3 => at().prop_map(Step::Undo),
        1 => at().prop_map(Step::Discard),
        2 => (at(), any::<bool>()).prop_map(|(at, mine)| Step::Resolve(at, mine)),
        2 => at().prop_map(Step::Retry),
        3 => at().prop_map(Step::Release),
        6 => at().prop_map(Step::Start),
        5 => (at(), 0..6_usize).prop_map(|(at, how)| Step::Finish(at, how)),
        3 => (at(), any::<bool>(), -5..90_i64).prop_map(|(at, lost, wait)| Step::Postpone(at, lost, wait)),
        3 => (at(), 0..2_i64).prop_map(|(at, version)| Step::Read(at, version)),
        1 => Just(Step::Recover),
        1 => Just(Step::Reopen),
        3 => prop_oneof![0..5_i64, 61..70_i64, Just(4_000)].prop_map(Step::Pass),
    ]
}

fn ended(how: usize, seen: &Seen, seconds: i64) -> Ended {
    match how {
        0 => Ended::Done(Proof::AlreadySo),
        1 => Ended::Done(Proof::Written {
            before: seen.version,
            after: seen.version + 1,
        }),
        2 => Ended::Stuck(Stuck::Ignored),
        3 => Ended::Stuck(Stuck::KeptChanging),
        _ => Ended::Conflict(Conflict {
            kind: if how == 4 {
                ConflictKind::Flipped
            } else {
                ConflictKind::BeingDeleted
            },
            now: (how == 4).then(|| seen.clone()),
            found_at: at(seconds),
        }),
    }
}

struct Both {
    bench: Bench,
    lanes: [Lane; 2],
    asked: Vec<(usize, ChangeId)>,
    now: i64,
}

fn agreed<T: std::fmt::Debug>(stored: Result<T, StoreError>, pure: Result<(), LaneError>) {
    match (stored, pure) {
        (Ok(_), Ok(())) => {}
        (Err(StoreError::Lane(stored)), Err(pure)) => assert_eq!(stored, pure),
        other => panic!("{other:?}"),
    }
}

impl Both {
    async fn step(mut self, step: Step) -> Self {
        let now = at(self.now);
        let pick = |nth: usize| (!self.asked.is_empty()).then(|| self.asked[nth % self.asked.len()]);
        let store = self.bench.store.clone();
        let seen = |version: i64| Seen {
            version,
            ..Seen::of(&token(1, Some("C-1"), None), ActiveVersion::NotRead)
        };
        match step {
            Step::Wish(card, what, held) => {
                let new = NewChange {
                    hold_ms: if held { 10_000 } else { 0 },
                    ..wish(
                        self.bench.account,
                        &token(card as u64 + 1, Some("C-1"), Some("ada@example.org")),
                        what,
                    )
                };
                match store.enqueue(new, now).await {
                    Ok(change) => {
                        let fresh = Change {
                            doubt: None,
                            next_attempt_at: None,
                            ..change.clone()
                        };
                        self.lanes[card].wish(fresh).unwrap();
                        self.asked.push((card, change.id));
                    }
                    Err(StoreError::Lane(LaneError::DeletionStands)) => {
                        let stands = |row: &Change| row.wish == Wish::Delete && row.status.is_under_way();
                        assert!(self.lanes[card].rows().iter().any(stands));
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            Step::Recover => {
                store.recover(now).await.unwrap();
                self.lanes.iter_mut().for_each(|lane| lane.recover(now));
            }
            Step::Reopen => self.bench = self.bench.restart().await,
            Step::Pass(seconds) => self.now += seconds,
            Step::Undo(nth) => {
                if let Some((card, id)) = pick(nth) {
                    agreed(store.undo(id, "bo", now).await, self.lanes[card].undo(id, now));
                }
            }
            Step::Discard(nth) => {
                if let Some((card, id)) = pick(nth) {
                    agreed(
                        store.discard(id, "bo", now).await,
                        self.lanes[card].discard(id, now),
                    );
                }
            }
            Step::Resolve(nth, mine) => {
                if let Some((card, id)) = pick(nth) {
                    let keep = if mine { Keep::Mine } else { Keep::Theirs };
                    agreed(
                        store.resolve(id, keep, "bo", now).await,
                        self.lanes[card].resolve(id, keep, now),
                    );
                }
            }
            Step::Retry(nth) => {
                if let Some((card, id)) = pick(nth) {
                    agreed(store.retry(id, "bo", now).await, self.lanes[card].retry(id, now));
                }
            }
            Step::Release(nth) => {
                if let Some((card, id)) = pick(nth) {
                    store.release(&[id], now).await.unwrap();
                    self.lanes[card].release(id, now).unwrap();
                }
            }
            Step::Start(nth) => {
                // What is next is tried more often than what is not.
                let next = self.lanes[nth % 2].next().map(|row| (nth % 2, row.id));
                if let Some((card, id)) = next.filter(|_| nth < 8).or(pick(nth)) {
                    agreed(store.mark_sending(id, now).await, self.lanes[card].start(id, now));
                }
            }
            Step::Finish(nth, how) => {
                if let Some((card, id)) = self.on_its_way(nth).or(pick(nth)) {
                    let end = ended(how, &seen(self.now % 3), self.now);
                    agreed(
                        store.finish(id, end.clone(), None, now).await,
                        self.lanes[card].finish(id, end, now),
                    );
                }
            }
            Step::Postpone(nth, lost, wait) => {
                if let Some((card, id)) = self.on_its_way(nth).or(pick(nth)) {
                    let until = (wait > 0).then(|| at(self.now + wait));
                    agreed(
                        store.postpone(id, until, lost, now).await,
                        self.lanes[card].postpone(id, until, lost, now),
                    );
                }
            }
            Step::Read(nth, version) => {
                if let Some((card, id)) = self.on_its_way(nth).or(pick(nth)) {
                    let read = seen(version);
                    if nth % 2 == 0 {
                        assert_eq!(
                            store.decide(id, &read, false, now).await.unwrap(),
                            self.lanes[card].decide(id, &read, false, now).unwrap()
                        );
                    } else {
                        assert_eq!(
                            store.read_in_doubt(id, &read, now).await.unwrap(),
                            self.lanes[card].read_in_doubt(id, &read, now).unwrap()
                        );
                    }
                }
            }
        }
        self.check().await;
        self
    }

    fn on_its_way(&self, nth: usize) -> Option<(usize, ChangeId)> {
        let card = nth % 2;
        let rows = self.lanes[card].rows();
        let sending = rows.iter().find(|row| row.status == ChangeStatus::Sending);
        sending.filter(|_| nth < 8).map(|row| (card, row.id))
    }

    async fn check(&self) {
        let store = &self.bench.store;
        let now = at(self.now);
        let mut heads: Vec<&Change> = Vec::new();
        for (card, lane) in self.lanes.iter().enumerate() {
            let id = self.bench.account.token(&(card + 1).to_string());
            let filter = ChangesFilter {
                tokens: vec![id],
                ..ChangesFilter::default()
            };
            assert_eq!(store.changes(&filter).await.unwrap(), lane.rows());
            let shown = store.card(id).await.unwrap().unwrap();
            let laid = lane.overlay(Lesson::Accepts);
            assert_eq!(shown.effective_one_click, laid.one_click.or(Some(true)));
            assert_eq!(
                shown.effective_state.as_str() == "active",
                laid.active.unwrap_or(true)
            );
            heads.extend(lane.next());
        }
        let mut due: Vec<ChangeId> = Vec::new();
        for (_, id) in &self.asked {
            let head = heads.iter().find(|head| head.id == *id);
            if head.is_some_and(|head| head.next_attempt_at.is_none_or(|at| at <= now)) {
                due.push(*id);
            }
        }
        let sendable = store.sendable(now, 10, None).await.unwrap();
        assert_eq!(sendable.iter().map(|row| row.id).collect::<Vec<_>>(), due);
        let later = heads.iter().filter_map(|head| head.next_attempt_at).min();
        match store.next_due().await.unwrap() {
            Some(time) if time <= now => assert!(!due.is_empty()),
            time => assert_eq!((time, due.len()), (later, 0)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(24),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_file_holds_what_the_lane_says(steps in prop::collection::vec(any_step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let bench = Bench::new().await;
            let cards = [1, 2].map(|n| token(n, Some("C-1"), Some("ada@example.org")));
            bench.put(&cards).await;
            bench.store.set_lesson(bench.account, Lesson::Accepts, at(0)).await.unwrap();
            let mut both = Both { bench, lanes: [Lane::default(), Lane::default()], asked: Vec::new(), now: 10 };
            for step in steps {
                both = both.step(step).await;
            }
        });
    }
}

//! The outbox: what people do with it, how it is worked off, how it is listed, and what a rebuilt cache costs.

use crate::support::{Bench, account, at, token, wish};
use tokendesk_model::lane::{Ended, Keep, Proof};
use tokendesk_model::{
    AccountId, ActiveVersion, Change, ChangeId, ChangeStatus, Conflict, ConflictKind, Environment, LaneError,
    Lesson, Seen, Stuck, TokenSnapshot, Wish, Withdrawn,
};
use tokendesk_store::{
    ChangeCounts, ChangesFilter, DEFAULT_HOLD_SECONDS, LogEntry, Mark, NewChange, StoreError,
};

const DONE: Ended = Ended::Done(Proof::AlreadySo);
const ON: Wish = Wish::OneClick(true);
const OFF: Wish = Wish::OneClick(false);

async fn bench() -> (Bench, Vec<TokenSnapshot>) {
    let bench = Bench::new().await;
    let cards: Vec<_> = (1..=3)
        .map(|n| token(n, Some("C-1"), Some("ada@example.org")))
        .collect();
    bench.put(&cards).await;
    (bench, cards)
}

fn held(bench: &Bench, card: &TokenSnapshot, what: Wish) -> NewChange {
    NewChange {
        hold_ms: 10_000,
        ..wish(bench.account, card, what)
    }
}

impl Bench {
    async fn wished(&self, card: &TokenSnapshot, what: Wish, seconds: i64) -> Change {
        let new = wish(self.account, card, what);
        self.store.enqueue(new, at(seconds)).await.unwrap()
    }

    async fn status(&self, id: ChangeId) -> ChangeStatus {
        self.store.change(id).await.unwrap().unwrap().status
    }

    async fn shown(&self, remote_id: &str) -> Option<bool> {
        let card = self.store.card(self.account.token(remote_id)).await.unwrap();
        card.unwrap().effective_one_click
    }

    /// What the log says of changes, oldest first.
    async fn told(&self) -> Vec<String> {
        let mut rows = self.store.log_rows(100).await.unwrap();
        rows.reverse();
        rows.into_iter()
            .map(|row| row.entry)
            .map(|entry| {
                format!(
                    "{} {} {}",
                    entry.action,
                    entry.outcome,
                    entry.detail.unwrap_or_default()
                )
            })
            .collect()
    }
}

async fn statuses(bench: &Bench) -> Vec<&'static str> {
    let all = bench.store.changes(&ChangesFilter::default()).await.unwrap();
    all.iter().map(|change| change.status.as_str()).collect()
}

async fn sendable(bench: &Bench, seconds: i64) -> Vec<Wish> {
    let heads = bench.store.sendable(at(seconds), 10, None).await.unwrap();
    heads.into_iter().map(|change| change.wish).collect()
}

#[tokio::test]
async fn what_waits_for_one_account_is_not_in_the_way_of_another() {
    let (bench, cards) = bench().await;
    let other = account(Environment::Demo, "4711");
    bench.store.insert_account(&other).await.unwrap();
    for card in &cards {
        bench.wished(card, OFF, 1).await;
    }
    let card = token(9, Some("C-9"), None);
    let last = bench
        .store
        .enqueue(wish(other.id, &card, ON), at(2))
        .await
        .unwrap();
    let of = |accounts: Vec<AccountId>| {
        let store = &bench.store;
        async move {
            let heads = store.sendable_of(Some(&accounts), at(3), 2, None).await.unwrap();
            heads.into_iter().map(|change| change.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(of(vec![other.id]).await, [last.id]);
    assert_eq!(of(vec![bench.account]).await.len(), 2);
    assert_eq!(of(Vec::new()).await, []);
}

fn refused<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> LaneError {
    match answer {
        Err(StoreError::Lane(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_last_wish_of_a_field_stands_and_what_is_on_its_way_is_frozen() {
    let (bench, cards) = bench().await;
    let store = &bench.store;
    let first = bench.wished(&cards[0], OFF, 1).await;
    assert_eq!(store.change(first.id).await.unwrap().unwrap(), first);
    let head = bench.wished(&cards[0], Wish::Active(false), 2).await;
    bench.wished(&cards[0], ON, 3).await;
    assert_eq!(statuses(&bench).await, ["withdrawn", "waiting", "waiting"]);
    assert_eq!(
        bench.status(first.id).await,
        ChangeStatus::Withdrawn(Withdrawn::Superseded)
    );
    assert_eq!(sendable(&bench, 4).await, [Wish::Active(false)]);
    let sending = store.mark_sending(head.id, at(4)).await.unwrap();
    assert_eq!((sending.attempts, sending.status), (1, ChangeStatus::Sending));
    bench.wished(&cards[0], Wish::Delete, 5).await;
    assert_eq!(
        statuses(&bench).await,
        ["withdrawn", "sending", "withdrawn", "waiting"]
    );
    assert_eq!(
        refused(store.discard(head.id, "bo", at(6)).await),
        LaneError::TooLate
    );
    assert_eq!(
        refused(store.mark_sending(head.id, at(6)).await),
        LaneError::NotNext
    );
    let switch = store.enqueue(wish(bench.account, &cards[0], OFF), at(6)).await;
    assert_eq!(refused(switch), LaneError::DeletionStands);
    assert!(sendable(&bench, 6).await.is_empty());
    assert_eq!(store.next_due().await.unwrap(), None);
    let done = store.finish(head.id, DONE, Some("req-7"), at(7)).await.unwrap();
    assert_eq!(
        (done.status, done.request_id.as_deref()),
        (ChangeStatus::Done, Some("req-7"))
    );
    assert_eq!(sendable(&bench, 8).await, [Wish::Delete]);
    assert_eq!(
        refused(store.finish(head.id, DONE, None, at(8)).await),
        LaneError::TooLate
    );

    let log = store.log_rows(1).await.unwrap().remove(0).entry;
    assert_eq!((log.action.as_str(), log.outcome.as_str()), ("change.done", "ok"));
    assert_eq!((log.actor.as_str(), log.change), ("ada@desk-1", Some(head.id)));
    assert_eq!(log.request_id.as_deref(), Some("req-7"));
    assert_eq!(log.reason.as_deref(), Some("asked on the phone"));
    assert_eq!(
        bench.told().await,
        [
            "change.asked asked one_click_off",
            "change.asked asked deactivate",
            "change.asked asked one_click_on",
            "change.asked asked delete",
            "change.discarded refused too_late",
            "change.asked refused deletion_stands",
            "change.done ok deactivate",
        ]
    );
}

#[tokio::test]
async fn an_undo_lets_what_it_replaced_stand_again_also_after_a_restart() {
    let (bench, cards) = bench().await;
    let first = bench
        .store
        .enqueue(held(&bench, &cards[0], OFF), at(1))
        .await
        .unwrap();
    let second = bench
        .store
        .enqueue(held(&bench, &cards[0], ON), at(2))
        .await
        .unwrap();
    let third = bench
        .store
        .enqueue(held(&bench, &cards[0], Wish::Delete), at(3))
        .await
        .unwrap();
    let bench = bench.restart().await;
    let store = &bench.store;
    assert_eq!(store.held().await.unwrap().len(), 1);
    let undone = store.undo(third.id, "bo@desk-1", at(4)).await.unwrap();
    assert_eq!(undone.status, ChangeStatus::Withdrawn(Withdrawn::Undo));
    assert_eq!(bench.status(second.id).await, ChangeStatus::Held);
    assert_eq!(bench.shown("1").await, Some(true));
    // Twice is as good as once, and told once.
    store.undo(third.id, "bo@desk-1", at(5)).await.unwrap();
    store.undo(second.id, "bo@desk-1", at(6)).await.unwrap();
    assert_eq!(bench.status(first.id).await, ChangeStatus::Held);
    assert_eq!(bench.shown("1").await, Some(false));
    assert_eq!(store.held().await.unwrap()[0].id, first.id);
    let told = bench.told().await;
    assert_eq!(
        told[3..],
        ["change.undone ok delete", "change.undone ok one_click_on"]
    );
    assert_eq!(store.log_rows(1).await.unwrap()[0].entry.actor, "bo@desk-1");
}

#[tokio::test]
async fn what_was_sent_cannot_be_undone_and_what_was_tried_only_given_up() {
    let (bench, cards) = bench().await;
    let store = &bench.store;
    let change = bench.wished(&cards[0], OFF, 1).await;
    store.mark_sending(change.id, at(2)).await.unwrap();
    assert_eq!(
        refused(store.undo(change.id, "bo", at(3)).await),
        LaneError::TooLate
    );
    store
        .postpone(change.id, Some(at(60)), true, at(4))
        .await
        .unwrap();
    assert_eq!(
        refused(store.undo(change.id, "bo", at(5)).await),
        LaneError::MayBeDone
    );
    store.discard(change.id, "bo", at(6)).await.unwrap();
    store.discard(change.id, "bo", at(7)).await.unwrap();
    assert_eq!(
        refused(store.undo(change.id, "bo", at(8)).await),
        LaneError::TooLate
    );
    assert_eq!(bench.shown("1").await, Some(true));
    let nobody = store.undo(ChangeId::new(), "bo", at(9)).await;
    assert!(matches!(nobody, Err(StoreError::NoSuchChange)));
}

#[tokio::test]
async fn a_held_change_is_sent_only_after_its_hold() {
    let (bench, cards) = bench().await;
    let store = &bench.store;
    let new = vec![
        held(&bench, &cards[0], OFF),
        NewChange {
            account: account(Environment::Live, "9").id,
            ..held(&bench, &cards[1], OFF)
        },
        held(&bench, &cards[2], OFF),
    ];
    let queued = store.enqueue_many(new, at(1)).await.unwrap();
    assert!(matches!(queued[1], Err(StoreError::NoSuchAccount)));
    let ids = [queued[0].as_ref().unwrap().id, queued[2].as_ref().unwrap().id];
    assert!(sendable(&bench, 2).await.is_empty());
    assert_eq!(store.next_due().await.unwrap(), None);
    assert_eq!(
        refused(store.mark_sending(ids[0], at(2)).await),
        LaneError::NotNext
    );
    // Shown, although it is not sent.
    assert_eq!(bench.shown("3").await, Some(false));
    assert_eq!(store.release(&ids[..1], at(3)).await.unwrap(), 1);
    assert_eq!(store.release(&ids, at(4)).await.unwrap(), 1);
    assert_eq!(store.release(&ids, at(5)).await.unwrap(), 0);
    assert_eq!(sendable(&bench, 6).await.len(), 2);
    let released = store.change(ids[0]).await.unwrap().unwrap();
    assert_eq!((released.hold_ms, released.updated_at), (10_000, at(3)));
}

#[tokio::test]
async fn a_conflict_is_decided_once() {
    for (keep, after) in [
        (Keep::Mine, ChangeStatus::Waiting),
        (Keep::Theirs, ChangeStatus::Withdrawn(Withdrawn::Theirs)),
    ] {
        let (bench, cards) = bench().await;
        let store = &bench.store;
        let change = bench.wished(&cards[0], OFF, 1).await;
        store.mark_sending(change.id, at(2)).await.unwrap();
        let now = Seen {
            version: 9,
            ..Seen::of(&cards[0], ActiveVersion::Is("7".into()))
        };
        let conflict = Conflict {
            kind: ConflictKind::Flipped,
            now: Some(now.clone()),
            found_at: at(3),
        };
        store
            .finish(change.id, Ended::Conflict(conflict.clone()), None, at(3))
            .await
            .unwrap();
        assert_eq!(bench.shown("1").await, Some(true));
        assert_eq!(store.change_counts(None).await.unwrap().conflict, 1);
        let bench = bench.restart().await;
        let store = &bench.store;
        assert_eq!(bench.status(change.id).await, ChangeStatus::Conflict(conflict));
        let decided = store.resolve(change.id, keep, "bo", at(4)).await.unwrap();
        assert_eq!(decided.status, after);
        if keep == Keep::Mine {
            assert_eq!(
                (decided.base, decided.decided_at, decided.created_at),
                (now, at(4), at(1))
            );
            assert_eq!(bench.shown("1").await, Some(false));
        }
        assert_eq!(
            refused(store.resolve(change.id, keep, "bo", at(5)).await),
            LaneError::NoConflict
        );
        let told = bench.told().await;
        assert_eq!(told[1], "change.conflict conflict flipped");
        assert_eq!(
            told[2],
            match keep {
                Keep::Mine => "change.resolved_mine ok one_click_off",
                Keep::Theirs => "change.resolved_theirs ok one_click_off",
            }
        );
        assert!(told[3].ends_with("refused no_conflict"));
    }
}

#[tokio::test]
async fn a_stuck_change_holds_its_lane_unless_another_wish_can_still_work() {
    let refusal = Stuck::Refused {
        status: 422,
        message: "no".into(),
    };
    for (stuck, free) in [
        (Stuck::Ignored, true),
        (refusal, true),
        (Stuck::NotPossibleHere, true),
        (Stuck::Forbidden, false),
        (Stuck::NotFound, false),
        (Stuck::KeptChanging, false),
    ] {
        let (bench, cards) = bench().await;
        let first = bench.wished(&cards[0], Wish::Active(false), 1).await;
        bench.wished(&cards[0], OFF, 2).await;
        bench.wished(&cards[1], ON, 3).await;
        assert_eq!(sendable(&bench, 4).await, [Wish::Active(false), ON]);
        bench
            .store
            .finish(first.id, Ended::Stuck(stuck.clone()), None, at(5))
            .await
            .unwrap();
        assert_eq!(bench.status(first.id).await, ChangeStatus::Stuck(stuck.clone()));
        let expected: &[Wish] = if free { &[OFF, ON] } else { &[ON] };
        assert_eq!(sendable(&bench, 6).await, expected, "{stuck:?}");
        let outcome = &bench.told().await[3];
        assert_eq!(
            outcome.starts_with("change.stuck refused"),
            matches!(stuck, Stuck::Refused { .. })
        );
        bench.store.discard(first.id, "bo", at(7)).await.unwrap();
        assert_eq!(sendable(&bench, 9).await.len(), 2);
    }
}

#[tokio::test]
async fn a_wish_waits_until_the_lost_write_of_the_one_it_replaces_is_settled() {
    let (bench, cards) = bench().await;
    let store = &bench.store;
    let first = bench.wished(&cards[0], OFF, 1).await;
    store.mark_sending(first.id, at(2)).await.unwrap();
    store.postpone(first.id, Some(at(60)), true, at(3)).await.unwrap();
    let second = bench.wished(&cards[0], ON, 4).await;
    assert_eq!(second.next_attempt_at, Some(at(60)));
    let doubt = second.doubt.clone().unwrap();
    assert_eq!((doubt.of, doubt.wish, doubt.since), (first.id, OFF, at(3)));
    assert_eq!(store.change(second.id).await.unwrap().unwrap(), second);
    assert!(sendable(&bench, 59).await.is_empty());
    assert_eq!(sendable(&bench, 60).await, [ON]);
    store.mark_sending(second.id, at(60)).await.unwrap();
    let read = Seen::of(&cards[0], ActiveVersion::NotRead);
    let again = store.read_in_doubt(second.id, &read, at(60)).await.unwrap();
    assert_eq!(again, Some(at(120)));
    store.postpone(second.id, again, false, at(60)).await.unwrap();
    // Between the two reads the program starts anew.
    let bench = bench.restart().await;
    let store = &bench.store;
    store.mark_sending(second.id, at(121)).await.unwrap();
    assert_eq!(
        store.read_in_doubt(second.id, &read, at(121)).await.unwrap(),
        None
    );
    assert_eq!(store.change(second.id).await.unwrap().unwrap().doubt, None);
}

#[tokio::test]
async fn a_doubt_is_handed_on_by_a_change_that_has_ended() {
    let (bench, cards) = bench().await;
    let store = &bench.store;
    let first = bench.wished(&cards[0], OFF, 1).await;
    store.mark_sending(first.id, at(2)).await.unwrap();
    store.postpone(first.id, None, true, at(3)).await.unwrap();
    store.discard(first.id, "bo", at(4)).await.unwrap();
    let bench = bench.restart().await;
    let second = bench.wished(&cards[0], ON, 5).await;
    assert_eq!(second.doubt.map(|doubt| doubt.of), Some(first.id));
}

#[tokio::test]
async fn waiting_has_a_time_and_a_pause_has_none() {
    let (bench, cards) = bench().await;
    let store = &bench.store;
    let change = bench.wished(&cards[0], Wish::Delete, 1).await;
    assert!(store.next_due().await.unwrap().unwrap() <= at(1));
    store.mark_sending(change.id, at(2)).await.unwrap();
    store
        .postpone(change.id, Some(at(60)), false, at(3))
        .await
        .unwrap();
    assert!(sendable(&bench, 59).await.is_empty());
    assert_eq!(store.next_due().await.unwrap(), Some(at(60)));
    assert_eq!(sendable(&bench, 60).await, [Wish::Delete]);
    let elsewhere = store.sendable(at(60), 10, Some(Environment::Live)).await.unwrap();
    assert!(elsewhere.is_empty());
    store.set_paused(bench.account, Some("refused")).await.unwrap();
    assert!(sendable(&bench, 61).await.is_empty());
    assert_eq!(store.next_due().await.unwrap(), None);
    store.set_paused(bench.account, None).await.unwrap();
    store.mark_sending(change.id, at(62)).await.unwrap();
    // The program ends here.
    let bench = bench.restart().await;
    assert!(sendable(&bench, 63).await.is_empty());
    assert_eq!(bench.store.recover(at(64)).await.unwrap(), 1);
    assert_eq!(bench.store.recover(at(64)).await.unwrap(), 0);
    let back = bench.store.sendable(at(64), 1, None).await.unwrap().remove(0);
    assert_eq!((back.id, back.attempts), (change.id, 2));
    assert_eq!(back.doubt.map(|doubt| doubt.of), Some(change.id));
    assert_eq!(
        refused(bench.store.retry(change.id, "bo", at(65)).await),
        LaneError::NotStuck
    );
    let late = bench.store.postpone(change.id, None, false, at(65)).await;
    assert_eq!(refused(late), LaneError::TooLate);
}

#[tokio::test]
async fn a_wish_made_while_its_predecessor_was_on_its_way_replaces_it_when_it_comes_back() {
    let (bench, cards) = bench().await;
    let first = bench.wished(&cards[0], OFF, 1).await;
    bench.store.mark_sending(first.id, at(2)).await.unwrap();
    let second = bench.wished(&cards[0], ON, 3).await;
    assert_eq!(statuses(&bench).await, ["sending", "waiting"]);
    let bench = bench.restart().await;
    assert_eq!(bench.store.recover(at(4)).await.unwrap(), 1);
    let old = bench.store.change(first.id).await.unwrap().unwrap();
    assert_eq!(old.status, ChangeStatus::Withdrawn(Withdrawn::Superseded));
    assert_eq!(old.replaced_by, Some(second.id));
    let new = bench.store.change(second.id).await.unwrap().unwrap();
    assert_eq!(new.doubt.map(|doubt| doubt.of), Some(first.id));
    assert_eq!(bench.shown("1").await, Some(true));
}

#[tokio::test]
async fn an_account_with_a_held_change_or_a_conflict_is_not_removed() {
    let (bench, cards) = bench().await;
    let change = bench
        .store
        .enqueue(held(&bench, &cards[0], OFF), at(1))
        .await
        .unwrap();
    let removed = bench
        .store
        .remove_account(bench.account, false, "ada", at(99))
        .await;
    assert!(matches!(removed, Err(StoreError::OpenChanges(1))));
    bench.store.undo(change.id, "bo", at(2)).await.unwrap();
    bench
        .store
        .remove_account(bench.account, false, "ada", at(99))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_hold_is_ten_seconds_until_somebody_says_otherwise() {
    let (bench, _) = bench().await;
    let store = &bench.store;
    assert_eq!(store.hold_seconds().await.unwrap(), DEFAULT_HOLD_SECONDS);
    for seconds in [0, 60] {
        store.set_hold_seconds(seconds).await.unwrap();
        assert_eq!(store.hold_seconds().await.unwrap(), seconds);
    }
    assert!(matches!(
        store.set_hold_seconds(61).await,
        Err(StoreError::HoldTooLong(61))
    ));
    assert_eq!(store.hold_seconds().await.unwrap(), 60);
    store.set_setting("hold_seconds", Some("soon")).await.unwrap();
    assert_eq!(store.hold_seconds().await.unwrap(), DEFAULT_HOLD_SECONDS);
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended() {
    let (bench, cards) = bench().await;
    let mut ids = Vec::new();
    for i in 0..9_i64 {
        let actor = if i % 2 == 0 { "ada" } else { "bo" };
        let new = NewChange {
            actor: actor.into(),
            ..wish(
                bench.account,
                &cards[usize::try_from(i % 3).unwrap()],
                Wish::OneClick(i % 2 == 0),
            )
        };
        ids.push(bench.store.enqueue(new, at(i)).await.unwrap().id);
    }
    // Three stand, six were replaced.
    for (filter, expected) in [
        (ChangesFilter::default(), ids.clone()),
        (
            ChangesFilter {
                statuses: vec!["withdrawn".into()],
                ..ChangesFilter::default()
            },
            ids[..6].to_vec(),
        ),
        (
            ChangesFilter {
                statuses: vec!["waiting".into(), "withdrawn".into(), "stuck".into()],
                env: Some(Environment::Test),
                actor: Some("bo".into()),
                ..ChangesFilter::default()
            },
            ids.iter().copied().skip(1).step_by(2).collect(),
        ),
        (
            ChangesFilter {
                env: Some(Environment::Live),
                ..ChangesFilter::default()
            },
            vec![],
        ),
        (
            ChangesFilter {
                statuses: vec!["nonsense".into()],
                ..ChangesFilter::default()
            },
            vec![],
        ),
    ] {
        for newest_first in [false, true] {
            let mut filter = ChangesFilter {
                newest_first,
                limit: 2,
                ..filter.clone()
            };
            let mut found = Vec::new();
            loop {
                let page = bench.store.changes_page(&filter).await.unwrap();
                assert!(page.items.len() <= 2);
                found.extend(page.items.iter().map(|change| change.id));
                filter.before = page.next;
                if page.next.is_none() {
                    break;
                }
            }
            if newest_first {
                found.reverse();
            }
            assert_eq!(found, expected, "{filter:?}");
        }
    }
}

#[tokio::test]
async fn counts_are_what_counting_finds() {
    let (bench, cards) = bench().await;
    let store = &bench.store;
    let same = || async {
        let mut counted = ChangeCounts::default();
        for change in store.changes(&ChangesFilter::default()).await.unwrap() {
            match change.status {
                ChangeStatus::Held => counted.held += 1,
                ChangeStatus::Waiting => counted.waiting += 1,
                ChangeStatus::Sending => counted.sending += 1,
                ChangeStatus::Conflict(_) => counted.conflict += 1,
                ChangeStatus::Stuck(_) => counted.stuck += 1,
                ChangeStatus::Done | ChangeStatus::Withdrawn(_) => {}
            }
        }
        for env in [None, Some(Environment::Test)] {
            assert_eq!(store.change_counts(env).await.unwrap(), counted);
        }
        counted
    };
    let first = store.enqueue(held(&bench, &cards[0], OFF), at(1)).await.unwrap();
    let second = store.enqueue(held(&bench, &cards[1], OFF), at(1)).await.unwrap();
    assert_eq!(same().await.held, 2);
    store.release(&[first.id, second.id], at(2)).await.unwrap();
    assert_eq!(same().await.waiting, 2);
    let third = store.enqueue(held(&bench, &cards[0], ON), at(3)).await.unwrap();
    assert_eq!((same().await.held, same().await.waiting), (1, 1));
    store.undo(third.id, "bo", at(4)).await.unwrap();
    assert_eq!(same().await.waiting, 2);
    store.mark_sending(first.id, at(5)).await.unwrap();
    assert_eq!(same().await.sending, 1);
    store.finish(first.id, DONE, None, at(6)).await.unwrap();
    store
        .finish(second.id, Ended::Stuck(Stuck::NotFound), None, at(6))
        .await
        .unwrap();
    assert_eq!((same().await.sending, same().await.stuck), (0, 1));
    store.discard(second.id, "bo", at(7)).await.unwrap();
    assert_eq!(same().await, ChangeCounts::default());
}

#[tokio::test]
async fn lists_and_counts_are_filtered() {
    let (bench, cards) = bench().await;
    let demo = account(Environment::Demo, "1");
    bench.store.insert_account(&demo).await.unwrap();
    let mut ids = Vec::new();
    for card in &cards {
        ids.push(
            bench
                .store
                .enqueue(wish(bench.account, card, Wish::Delete), at(1))
                .await
                .unwrap()
                .id,
        );
    }
    let there = bench
        .store
        .enqueue(wish(demo.id, &cards[0], Wish::Delete), at(2))
        .await
        .unwrap();
    bench.store.mark_sending(ids[0], at(3)).await.unwrap();
    bench
        .store
        .finish(ids[1], Ended::Stuck(Stuck::NotFound), None, at(3))
        .await
        .unwrap();
    bench
        .store
        .finish(ids[2], Ended::Done(Proof::AlreadySo), None, at(3))
        .await
        .unwrap();
    let counts = bench.store.change_counts(Some(Environment::Test)).await.unwrap();
    assert_eq!(
        counts,
        ChangeCounts {
            sending: 1,
            stuck: 1,
            ..ChangeCounts::default()
        }
    );
    assert_eq!(bench.store.change_counts(None).await.unwrap().waiting, 1);
    let list = |filter: ChangesFilter| {
        let store = bench.store.clone();
        async move {
            store
                .changes(&filter)
                .await
                .unwrap()
                .into_iter()
                .map(|c| c.id)
                .collect::<Vec<_>>()
        }
    };
    let base = ChangesFilter::default;
    assert_eq!(
        list(ChangesFilter {
            open_only: true,
            newest_first: true,
            ..base()
        })
        .await,
        [there.id, ids[1], ids[0]]
    );
    assert_eq!(
        list(ChangesFilter {
            account: Some(demo.id),
            ..base()
        })
        .await,
        [there.id]
    );
    assert_eq!(
        list(ChangesFilter {
            env: Some(Environment::Test),
            limit: 2,
            ..base()
        })
        .await,
        ids[..2]
    );
    let tokens = vec![bench.account.token("3"), demo.id.token("1")];
    assert_eq!(list(ChangesFilter { tokens, ..base() }).await, [ids[2], there.id]);
    let nobody = NewChange {
        account: account(Environment::Live, "9").id,
        ..wish(demo.id, &cards[0], Wish::Delete)
    };
    assert!(matches!(
        bench.store.enqueue(nobody, at(4)).await,
        Err(StoreError::NoSuchAccount)
    ));
}

#[tokio::test]
async fn rebuilding_the_cache_loses_nothing_that_nobody_else_knows() {
    let (bench, cards) = bench().await;
    let store = &bench.store;
    let token = bench.account.token("1");
    store
        .set_lesson(bench.account, Lesson::Accepts, at(1))
        .await
        .unwrap();
    let off = store
        .enqueue(wish(bench.account, &cards[0], Wish::OneClick(false)), at(2))
        .await
        .unwrap();
    store
        .enqueue(wish(bench.account, &cards[1], Wish::Active(false)), at(2))
        .await
        .unwrap();
    let mark = Mark {
        token,
        account: bench.account,
        field: "active".into(),
        value: "inactive".into(),
        at: at(3),
        actor: "ada@desk-1".into(),
    };
    store.set_mark(&mark).await.unwrap();
    store.set_setting("theme", Some("dark")).await.unwrap();
    let key = tokendesk_model::PersonKey::Email("ada@example.org".into());
    store.note_opened(Environment::Test, &key, at(4)).await.unwrap();
    let entry = LogEntry {
        at: at(5),
        actor: "ada@desk-1".into(),
        action: "person.open".into(),
        account: None,
        token: Some(token),
        change: Some(off.id),
        outcome: "ok".into(),
        detail: None,
        request_id: None,
        reason: None,
    };
    store.log(&entry).await.unwrap();
    let delete = store
        .enqueue(wish(bench.account, &cards[2], Wish::Delete), at(6))
        .await
        .unwrap();
    store.mark_sending(delete.id, at(7)).await.unwrap();
    let ticket = store.begin_read();
    store
        .mark_gone(bench.account.token("3"), ticket, at(8))
        .await
        .unwrap();
    let changes = store.changes(&ChangesFilter::default()).await.unwrap();

    store.rebuild_cache().await.unwrap();
    assert_eq!(store.totals(Environment::Test).await.unwrap().cards, 0);
    assert!(store.card(token).await.unwrap().is_none());
    assert!(
        store
            .recent_people(Environment::Test, 5)
            .await
            .unwrap()
            .is_empty()
    );
    bench.put(&cards).await;
    assert_eq!(store.changes(&ChangesFilter::default()).await.unwrap(), changes);
    assert_eq!(store.accounts().await.unwrap().len(), 1);
    assert_eq!(store.lesson(bench.account).await.unwrap(), Lesson::Accepts);
    assert_eq!(store.marks(&[token]).await.unwrap(), [mark]);
    assert_eq!(store.setting("theme").await.unwrap().as_deref(), Some("dark"));
    assert_eq!(store.recent_people(Environment::Test, 5).await.unwrap().len(), 1);
    assert_eq!(store.log_rows(2).await.unwrap()[1].entry, entry);
    assert!(store.has_tombstone(bench.account.token("3")).await.unwrap());
    let first = store.card(token).await.unwrap().unwrap();
    assert_eq!(first.effective_one_click, Some(false));
    let second = store.card(bench.account.token("2")).await.unwrap().unwrap();
    assert_eq!(second.effective_state, tokendesk_model::TokenState::Inactive);
}

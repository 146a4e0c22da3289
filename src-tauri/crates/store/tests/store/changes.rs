//! The outbox: coalescing, lanes, ends, and what a rebuilt cache costs.

use crate::support::{Bench, account, at, token, wish};
use tokendesk_model::change::{Stuck, Withdrawn};
use tokendesk_model::{ChangeStatus, Environment, Lesson, Wish};
use tokendesk_store::{ChangeCounts, ChangesFilter, Finished, LogEntry, Mark, NewChange, StoreError};

async fn bench() -> (Bench, Vec<tokendesk_model::TokenSnapshot>) {
    let bench = Bench::new().await;
    let cards: Vec<_> = (1..=3)
        .map(|n| token(n, Some("C-1"), Some("ada@example.org")))
        .collect();
    bench.put(&cards).await;
    (bench, cards)
}

async fn statuses(bench: &Bench) -> Vec<&'static str> {
    let all = bench.store.changes(&ChangesFilter::default()).await.unwrap();
    all.iter().map(|change| change.status.as_str()).collect()
}

async fn sendable(bench: &Bench, seconds: i64) -> Vec<Wish> {
    bench
        .store
        .sendable(at(seconds), 10)
        .await
        .unwrap()
        .into_iter()
        .map(|change| change.wish)
        .collect()
}

#[tokio::test]
async fn the_last_wish_of_a_field_stands_and_what_is_on_its_way_is_frozen() {
    let (bench, cards) = bench().await;
    let queue = |what: Wish, s: i64| bench.store.enqueue(wish(bench.account, &cards[0], what), at(s));
    let first = queue(Wish::OneClick(false), 1).await.unwrap();
    assert_eq!(bench.store.change(first.id).await.unwrap().unwrap(), first);
    queue(Wish::Active(false), 2).await.unwrap();
    queue(Wish::OneClick(true), 3).await.unwrap();
    assert_eq!(statuses(&bench).await, ["withdrawn", "waiting", "waiting"]);
    let old = bench.store.change(first.id).await.unwrap().unwrap();
    assert_eq!(old.status, ChangeStatus::Withdrawn(Withdrawn::Superseded));

    let head = bench.store.sendable(at(4), 10).await.unwrap().remove(0);
    assert_eq!(head.wish, Wish::Active(false));
    let sending = bench.store.mark_sending(head.id, at(4)).await.unwrap();
    assert_eq!((sending.attempts, sending.status), (1, ChangeStatus::Sending));
    queue(Wish::Delete, 5).await.unwrap();
    assert_eq!(
        statuses(&bench).await,
        ["withdrawn", "sending", "withdrawn", "waiting"]
    );
    assert!(matches!(
        bench.store.discard(head.id, at(6)).await,
        Err(StoreError::TooLate)
    ));
    assert!(matches!(
        bench.store.mark_sending(head.id, at(6)).await,
        Err(StoreError::NotWaiting)
    ));
    assert!(sendable(&bench, 6).await.is_empty());
    assert_eq!(bench.store.next_due().await.unwrap(), None);
    bench
        .store
        .finish(head.id, &Finished::Done, Some("req-7"), at(7))
        .await
        .unwrap();
    assert_eq!(sendable(&bench, 8).await, [Wish::Delete]);
    assert!(matches!(
        bench.store.finish(head.id, &Finished::Done, None, at(8)).await,
        Err(StoreError::TooLate)
    ));
    let log = bench.store.log_rows(10).await.unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!(
        (log[0].entry.action.as_str(), log[0].entry.outcome.as_str()),
        ("active.off", "done")
    );
    assert_eq!(log[0].entry.request_id.as_deref(), Some("req-7"));
    assert_eq!(log[0].entry.reason.as_deref(), Some("asked on the phone"));
}

#[tokio::test]
async fn a_stuck_change_holds_its_lane_unless_another_wish_can_still_work() {
    for (stuck, free) in [
        (Stuck::Ignored, true),
        (
            Stuck::Refused {
                status: 422,
                message: "no".into(),
            },
            true,
        ),
        (Stuck::NotPossibleHere, true),
        (Stuck::Forbidden, false),
        (Stuck::NotFound, false),
        (Stuck::OtherCustomer, false),
        (Stuck::KeptChanging, false),
    ] {
        let (bench, cards) = bench().await;
        let first = bench
            .store
            .enqueue(wish(bench.account, &cards[0], Wish::Active(false)), at(1))
            .await
            .unwrap();
        bench
            .store
            .enqueue(wish(bench.account, &cards[0], Wish::OneClick(false)), at(2))
            .await
            .unwrap();
        bench
            .store
            .enqueue(wish(bench.account, &cards[1], Wish::OneClick(true)), at(3))
            .await
            .unwrap();
        assert_eq!(
            sendable(&bench, 4).await,
            [Wish::Active(false), Wish::OneClick(true)]
        );
        bench
            .store
            .finish(first.id, &Finished::Stuck(stuck.clone()), None, at(5))
            .await
            .unwrap();
        let kept = bench.store.change(first.id).await.unwrap().unwrap();
        assert_eq!(kept.status, ChangeStatus::Stuck(stuck.clone()));
        let mut expected = vec![Wish::OneClick(true)];
        if free {
            expected.insert(0, Wish::OneClick(false));
        }
        assert_eq!(sendable(&bench, 6).await, expected, "{stuck:?}");
        bench.store.discard(first.id, at(7)).await.unwrap();
        bench.store.discard(first.id, at(8)).await.unwrap();
        assert_eq!(sendable(&bench, 9).await.len(), 2);
    }
}

#[tokio::test]
async fn a_wish_waits_out_the_unknown_end_of_the_one_it_replaces() {
    let (bench, cards) = bench().await;
    let queue = |what: Wish, s: i64| bench.store.enqueue(wish(bench.account, &cards[0], what), at(s));
    let first = queue(Wish::OneClick(false), 1).await.unwrap();
    bench.store.mark_sending(first.id, at(2)).await.unwrap();
    bench.store.postpone(first.id, at(60), at(3)).await.unwrap();
    let second = queue(Wish::OneClick(true), 4).await.unwrap();
    assert_eq!(second.next_attempt_at, Some(at(60)));
    assert_eq!(bench.store.change(second.id).await.unwrap().unwrap(), second);
    assert!(sendable(&bench, 59).await.is_empty());
    assert_eq!(sendable(&bench, 60).await, [Wish::OneClick(true)]);
}

#[tokio::test]
async fn waiting_has_a_time_and_a_pause_has_none() {
    let (bench, cards) = bench().await;
    let change = bench
        .store
        .enqueue(wish(bench.account, &cards[0], Wish::Delete), at(1))
        .await
        .unwrap();
    assert!(bench.store.next_due().await.unwrap().unwrap() <= at(1));
    bench.store.mark_sending(change.id, at(2)).await.unwrap();
    bench.store.postpone(change.id, at(60), at(3)).await.unwrap();
    assert!(sendable(&bench, 59).await.is_empty());
    assert_eq!(bench.store.next_due().await.unwrap(), Some(at(60)));
    assert_eq!(sendable(&bench, 60).await, [Wish::Delete]);
    bench
        .store
        .set_paused(bench.account, Some("refused"))
        .await
        .unwrap();
    assert!(sendable(&bench, 61).await.is_empty());
    assert_eq!(bench.store.next_due().await.unwrap(), None);
    bench.store.set_paused(bench.account, None).await.unwrap();
    bench.store.mark_sending(change.id, at(62)).await.unwrap();
    // The program ends here.
    let bench = bench.restart().await;
    assert!(sendable(&bench, 63).await.is_empty());
    assert_eq!(bench.store.recover(at(64)).await.unwrap(), 1);
    let back = bench.store.sendable(at(64), 1).await.unwrap().remove(0);
    assert_eq!((back.id, back.attempts), (change.id, 2));
    assert!(matches!(
        bench.store.retry(change.id, at(65)).await,
        Err(StoreError::TooLate)
    ));
    assert!(matches!(
        bench.store.postpone(change.id, at(66), at(65)).await,
        Err(StoreError::TooLate)
    ));
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
        .finish(ids[1], &Finished::Stuck(Stuck::NotFound), None, at(3))
        .await
        .unwrap();
    bench
        .store
        .finish(ids[2], &Finished::Done, None, at(3))
        .await
        .unwrap();
    let counts = bench.store.change_counts(Some(Environment::Test)).await.unwrap();
    assert_eq!(
        counts,
        ChangeCounts {
            waiting: 0,
            sending: 1,
            stuck: 1
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
        outcome: "done".into(),
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
    assert_eq!(store.log_rows(1).await.unwrap()[0].entry, entry);
    assert!(store.has_tombstone(bench.account.token("3")).await.unwrap());
    let first = store.card(token).await.unwrap().unwrap();
    assert_eq!(first.effective_one_click, Some(false));
    let second = store.card(bench.account.token("2")).await.unwrap().unwrap();
    assert_eq!(second.effective_state, tokendesk_model::TokenState::Inactive);
}

//! Plans: kept with their rows, run without doubling a row, stopped without losing one.

use crate::support::{Bench, at, token, wish};
use tokendesk_model::lane::{Ended, Proof};
use tokendesk_model::plan::Skip;
use tokendesk_model::{
    AccountId, ChangeStatus, Environment, PlanId, Stuck, TokenId, TokenSnapshot, Wish, Withdrawn,
};
use tokendesk_store::{
    ChangesFilter, NewChange, NewPlan, PlanAccount, PlanCounts, PlanStatus, RowStatus, StoreError,
};

const OFF: Wish = Wish::OneClick(false);

fn card(n: u64) -> TokenSnapshot {
    token(n, Some("C-1"), Some("ada@example.org"))
}

fn new_plan() -> NewPlan {
    NewPlan {
        env: Environment::Test,
        wish: OFF,
        query: Some("one-click:on".into()),
        actor: "ada@desk-1".into(),
        took_ms: 7,
    }
}

fn rows(account: AccountId, cards: u64) -> Vec<(TokenId, AccountId, String, Option<Skip>)> {
    (1..=cards)
        .map(|n| {
            let skip = (n % 5 == 0).then_some(Skip::AlreadySo);
            (account.token(&n.to_string()), account, n.to_string(), skip)
        })
        .collect()
}

async fn planned(cards: u64) -> (Bench, PlanId) {
    let bench = Bench::new().await;
    let plan = bench
        .store
        .create_plan(new_plan(), &rows(bench.account, cards), at(1))
        .await
        .unwrap();
    (bench, plan)
}

fn held(bench: &Bench, n: u32) -> NewChange {
    NewChange {
        hold_ms: 10_000,
        ..wish(bench.account, &card(u64::from(n)), OFF)
    }
}

async fn run(bench: &Bench, plan: PlanId, limit: u32, seconds: i64) -> Vec<tokendesk_model::Change> {
    let rows = bench.store.next_planned(plan, limit).await.unwrap();
    let rows = rows
        .into_iter()
        .map(|row| (row.number, Ok(held(bench, row.number))))
        .collect();
    bench.store.queue_planned(plan, rows, at(seconds)).await.unwrap()
}

#[tokio::test]
async fn a_plan_is_kept_as_it_was_made() {
    let (bench, plan) = planned(12).await;
    let bench = bench.restart().await;
    let kept = bench.store.plan(plan).await.unwrap().unwrap();
    assert_eq!(
        (kept.status, kept.total, kept.took_ms),
        (PlanStatus::Draft, 12, 7)
    );
    assert_eq!(
        (kept.env, kept.wish, kept.made_at),
        (Environment::Test, OFF, at(1))
    );
    assert_eq!(kept.skips, [(Skip::AlreadySo, 2)]);
    let here = PlanAccount {
        account: bench.account,
        cards: 10,
        skipped: 2,
    };
    assert_eq!(kept.accounts, [here]);
    let counts = bench.store.plan_counts(plan).await.unwrap();
    assert_eq!((counts.planned, counts.skipped, counts.queued), (10, 2, 0));
    let all = bench.store.plan_rows(plan, &[], None, 100).await.unwrap();
    assert_eq!(all.len(), 12);
    assert_eq!(
        (all[4].status, all[4].skip),
        (RowStatus::Skipped, Some(Skip::AlreadySo))
    );
    assert_eq!(all[11].token, bench.account.token("12"));
    let behind = bench.store.plan_rows(plan, &[], Some(10), 100).await.unwrap();
    assert_eq!(behind, all[10..]);
    assert!(bench.store.plan(PlanId::new()).await.unwrap().is_none());
    let none = bench.store.plan_counts(PlanId::new()).await;
    assert!(matches!(none, Err(StoreError::NoSuchPlan)));

    // A draft can be forgotten, a plan that ran cannot.
    let other = bench
        .store
        .create_plan(new_plan(), &rows(bench.account, 3), at(2))
        .await
        .unwrap();
    assert_eq!(bench.store.plans(10).await.unwrap().len(), 2);
    bench.store.drop_plan(other).await.unwrap();
    bench
        .store
        .set_plan(plan, PlanStatus::Running, None)
        .await
        .unwrap();
    let dropped = bench.store.drop_plan(plan).await;
    assert!(matches!(dropped, Err(StoreError::PlanHasRun)));
    let left: Vec<PlanId> = bench
        .store
        .plans(10)
        .await
        .unwrap()
        .iter()
        .map(|plan| plan.id)
        .collect();
    assert_eq!(left, [plan]);
}

#[tokio::test]
async fn a_row_is_queued_once_and_says_how_it_ended() {
    let (bench, plan) = planned(12).await;
    let store = &bench.store;
    // Nothing of a draft is queued.
    assert!(run(&bench, plan, 3, 2).await.is_empty());
    store
        .set_plan(plan, PlanStatus::Running, Some("cleaning up"))
        .await
        .unwrap();
    let running = store.running_plans().await.unwrap();
    assert_eq!(
        (running.len(), running[0].reason.as_deref()),
        (1, Some("cleaning up"))
    );

    let first = run(&bench, plan, 3, 3).await;
    assert_eq!(first.len(), 3);
    assert!(
        first
            .iter()
            .all(|change| change.plan == Some(plan) && change.status == ChangeStatus::Held)
    );
    // The same rows again, as after an answer that was lost.
    let again = (1..=3).map(|n| (n, Ok(held(&bench, n)))).collect();
    assert!(store.queue_planned(plan, again, at(4)).await.unwrap().is_empty());
    // Looked at again when its turn comes: left out, or refused by its lane.
    store
        .enqueue(wish(bench.account, &card(6), Wish::Delete), at(5))
        .await
        .unwrap();
    let late = vec![
        (4, Err(Skip::NotPossibleHere)),
        (5, Ok(held(&bench, 5))),
        (6, Ok(held(&bench, 6))),
        (7, Ok(held(&bench, 7))),
    ];
    assert_eq!(store.queue_planned(plan, late, at(6)).await.unwrap().len(), 1);
    let bench = bench.restart().await;
    let store = &bench.store;
    let skips: Vec<_> = store
        .plan_rows(plan, &[RowStatus::Skipped], None, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.number, row.skip))
        .collect();
    assert_eq!(
        skips,
        [
            (4, Some(Skip::NotPossibleHere)),
            (5, Some(Skip::AlreadySo)),
            (6, Some(Skip::DeletionWaiting)),
            (10, Some(Skip::AlreadySo)),
        ]
    );

    let ids: Vec<_> = first.iter().map(|change| change.id).collect();
    store.release(&ids, at(7)).await.unwrap();
    store
        .finish(ids[0], Ended::Done(Proof::AlreadySo), None, at(8))
        .await
        .unwrap();
    store
        .finish(ids[1], Ended::Stuck(Stuck::Ignored), None, at(8))
        .await
        .unwrap();
    store.discard(ids[2], "bo", at(8)).await.unwrap();
    let counts = store.plan_counts(plan).await.unwrap();
    assert_eq!(
        counts,
        PlanCounts {
            planned: 4,
            queued: 1,
            done: 1,
            stuck: 1,
            conflict: 0,
            skipped: 4,
            withdrawn: 1
        }
    );
    for (status, expected) in [
        (RowStatus::Planned, vec![8, 9, 11, 12]),
        (RowStatus::Queued, vec![7]),
        (RowStatus::Done, vec![1]),
        (RowStatus::Stuck, vec![2]),
        (RowStatus::Conflict, vec![]),
        (RowStatus::Withdrawn, vec![3]),
    ] {
        let rows = store.plan_rows(plan, &[status], None, 100).await.unwrap();
        assert!(rows.iter().all(|row| row.status == status));
        let numbers: Vec<u32> = rows.into_iter().map(|row| row.number).collect();
        assert_eq!(numbers, expected, "{status:?}");
    }
    let of_plan = ChangesFilter {
        plan: Some(plan),
        ..ChangesFilter::default()
    };
    assert_eq!(store.changes(&of_plan).await.unwrap().len(), 4);
    let mixed = [RowStatus::Done, RowStatus::Planned, RowStatus::Skipped];
    let rows = store.plan_rows(plan, &mixed, Some(1), 3).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [4, 5, 6]);
}

#[tokio::test]
async fn stopping_takes_back_what_was_not_sent_and_plans_it_again() {
    let (bench, plan) = planned(6).await;
    bench.put(&(1..=6).map(card).collect::<Vec<_>>()).await;
    let store = &bench.store;
    // Somebody wished the contrary of one card before.
    let before = store
        .enqueue(
            NewChange {
                hold_ms: 60_000,
                ..wish(bench.account, &card(3), Wish::OneClick(true))
            },
            at(1),
        )
        .await
        .unwrap();
    store.set_plan(plan, PlanStatus::Running, None).await.unwrap();
    let queued = run(&bench, plan, 10, 2).await;
    let ids: Vec<_> = queued.iter().map(|change| change.id).collect();
    assert_eq!(ids.len(), 5);
    store.release(&ids[..2], at(3)).await.unwrap();
    store.mark_sending(ids[0], at(4)).await.unwrap();
    store.mark_sending(ids[1], at(4)).await.unwrap();
    store.postpone(ids[1], None, true, at(5)).await.unwrap();
    store.set_plan(plan, PlanStatus::Stopped, None).await.unwrap();
    assert_eq!(store.unqueue_plan(plan, at(6)).await.unwrap(), 3);
    assert_eq!(store.unqueue_plan(plan, at(6)).await.unwrap(), 0);
    let counts = store.plan_counts(plan).await.unwrap();
    assert_eq!((counts.planned, counts.queued, counts.withdrawn), (3, 2, 0));
    let undone = store.change(ids[2]).await.unwrap().unwrap();
    assert_eq!(undone.status, ChangeStatus::Withdrawn(Withdrawn::Undo));
    let stands = store.change(before.id).await.unwrap().unwrap();
    assert_eq!(stands.status, ChangeStatus::Held);
    assert!(store.running_plans().await.unwrap().is_empty());

    // It goes on after a restart; the rows that were taken back get changes of their own.
    let bench = bench.restart().await;
    bench
        .store
        .set_plan(plan, PlanStatus::Running, None)
        .await
        .unwrap();
    assert_eq!(run(&bench, plan, 10, 9).await.len(), 3);
    let counts = bench.store.plan_counts(plan).await.unwrap();
    assert_eq!((counts.planned, counts.queued, counts.withdrawn), (0, 5, 0));
    assert!(
        bench
            .store
            .plan_rows(plan, &[RowStatus::Withdrawn], None, 9)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_plan_spans_accounts_and_more_rows_than_one_statement_takes() {
    let bench = Bench::new().await;
    let other = crate::support::account(Environment::Test, "406");
    bench.store.insert_account(&other).await.unwrap();
    let mut all = rows(bench.account, 2_300);
    all.extend(rows(other.id, 200));
    let plan = bench.store.create_plan(new_plan(), &all, at(1)).await.unwrap();
    let kept = bench.store.plan(plan).await.unwrap().unwrap();
    assert_eq!(kept.total, 2_500);
    let by_account: Vec<_> = kept
        .accounts
        .iter()
        .map(|of| (of.account, of.cards, of.skipped))
        .collect();
    assert_eq!(by_account, [(bench.account, 1_840, 460), (other.id, 160, 40)]);
    let last = bench.store.plan_rows(plan, &[], Some(2_499), 9).await.unwrap();
    assert_eq!(
        (last.len(), last[0].account, last[0].remote_id.as_str()),
        (1, other.id, "200")
    );
}

//! Meeting a full disk at each commit of the outbox.

use crate::{at, furnish, open, wish};
use tokendesk_model::lane::{Ended, Keep, Proof};
use tokendesk_model::{ChangeId, Conflict, ConflictKind, Environment, PlanId, Wish};
use tokendesk_store::{ChangesFilter, DataFile, DbKey, NewPlan, PlanStatus, Store, StoreError};

const OFF: Wish = Wish::OneClick(false);

#[derive(Debug, Clone, Copy)]
enum Step {
    Enqueue,
    Undo,
    Send,
    Postpone,
    Finish,
    Resolve,
    Queue,
}

struct Ground {
    account: tokendesk_model::AccountId,
    change: ChangeId,
    on_their_way: Vec<ChangeId>,
    plan: PlanId,
}

async fn ground(store: &Store, step: Step) -> Ground {
    let account = furnish(store).await;
    let hold = if matches!(step, Step::Undo) { 10_000 } else { 0 };
    let change = store
        .enqueue(wish(account, 1, OFF, hold), at(2))
        .await
        .unwrap()
        .id;
    if matches!(step, Step::Postpone | Step::Finish) {
        store.mark_sending(change, at(3)).await.unwrap();
    }
    if matches!(step, Step::Resolve) {
        let what = Ended::Conflict(Conflict {
            kind: ConflictKind::Flipped,
            now: None,
            found_at: at(3),
        });
        store.finish(change, what, None, at(3)).await.unwrap();
    }
    // A change that is put back grows by its doubt alone: many have to, before there is no page left to grow into.
    let mut on_their_way = vec![change];
    for n in 10..if matches!(step, Step::Postpone) { 70 } else { 10 } {
        let more = store.enqueue(wish(account, n, OFF, 0), at(4)).await.unwrap().id;
        store.mark_sending(more, at(4)).await.unwrap();
        on_their_way.push(more);
    }
    let plan = NewPlan {
        env: Environment::Test,
        wish: OFF,
        query: None,
        actor: "ada@desk-1".into(),
        took_ms: 1,
    };
    let rows = [(account.token("3"), account, "3".to_owned(), None)];
    let plan = store.create_plan(plan, &rows, at(1)).await.unwrap();
    store.set_plan(plan, PlanStatus::Running, None).await.unwrap();
    Ground {
        account,
        change,
        on_their_way,
        plan,
    }
}

// Takes the step with words so long that it needs pages that are not there. Sending writes no word: a change that is
// marked as on its way is no longer than before.
async fn take(store: &Store, on: &Ground, step: Step) -> Result<(), StoreError> {
    let long = "x".repeat(10_000);
    let request = Some(long.as_str());
    let new = |n: u32| tokendesk_store::NewChange {
        reason: Some(long.clone()),
        ..wish(on.account, n, OFF, 0)
    };
    match step {
        Step::Enqueue => store.enqueue(new(2), at(5)).await.map(drop),
        Step::Undo => store.undo(on.change, &long, at(5)).await.map(drop),
        Step::Send => store.mark_sending(on.change, at(5)).await.map(drop),
        Step::Postpone => store
            .postpone(on.change, Some(at(9)), true, at(5))
            .await
            .map(drop),
        Step::Finish => {
            let done = Ended::Done(Proof::AlreadySo);
            store.finish(on.change, done, request, at(5)).await.map(drop)
        }
        Step::Resolve => store.resolve(on.change, Keep::Mine, &long, at(5)).await.map(drop),
        Step::Queue => store
            .queue_planned(on.plan, vec![(1, Ok(new(3)))], at(5))
            .await
            .map(drop),
    }
}

async fn state(store: &Store, on: &Ground) -> String {
    let changes = store.changes(&ChangesFilter::default()).await.unwrap();
    let rows = store.plan_rows(on.plan, &[], None, 10).await.unwrap();
    let log = store.log_rows(10_000).await.unwrap().len();
    format!("{changes:?} {rows:?} {log}")
}

/// Fills the ledger until `step` itself meets the end of the disk, looks that nothing of it was done, makes room, and
/// takes it again.
pub async fn at_every_commit() {
    for step in [
        Step::Enqueue,
        Step::Undo,
        Step::Send,
        Step::Postpone,
        Step::Finish,
        Step::Resolve,
        Step::Queue,
    ] {
        let dir = tempfile::tempdir().unwrap();
        let key = DbKey::random();
        let store = open(dir.path(), &key).await;
        let mut on = ground(&store, step).await;
        store.limit_pages(DataFile::Ledger, 1).await.unwrap();
        // Settings of falling length take what is left of the pages.
        let mut fill = 0;
        for length in [3_000, 300, 30] {
            while store
                .set_setting(&format!("fill-{fill}"), Some(&"x".repeat(length)))
                .await
                .is_ok()
            {
                fill += 1;
            }
        }
        let mut before = state(&store, &on).await;
        let mut answer = take(&store, &on, step).await;
        for change in std::mem::take(&mut on.on_their_way).into_iter().skip(1) {
            if answer.is_ok() {
                on.change = change;
                before = state(&store, &on).await;
                answer = take(&store, &on, step).await;
            }
        }
        if matches!(step, Step::Send) {
            answer.unwrap();
            store.limit_pages(DataFile::Ledger, u32::MAX).await.unwrap();
        } else {
            assert!(
                matches!(answer, Err(StoreError::DiskFull)),
                "{step:?}: {answer:?}"
            );
            assert_eq!(
                state(&store, &on).await,
                before,
                "{step:?}: something of it was done"
            );
            store.limit_pages(DataFile::Ledger, u32::MAX).await.unwrap();
            take(&store, &on, step).await.unwrap();
        }
        let after = state(&store, &on).await;
        assert_ne!(after, before, "{step:?} was taken");
        store.close().await;
        let store = open(dir.path(), &key).await;
        assert_eq!(state(&store, &on).await, after, "{step:?} is kept");
        store.close().await;
    }
    println!("a full disk at each commit: nothing of the step was done, and it was done once there was room");
}

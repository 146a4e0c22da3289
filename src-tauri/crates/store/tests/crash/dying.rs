//! Dying at each point of the store.

use crate::{at, card, furnish, open, wish};
use std::path::Path;
use std::process::Command;
use tokendesk_model::lane::{Ended, Keep, Proof};
use tokendesk_model::{Change, ChangeStatus, Conflict, ConflictKind, Wish};
use tokendesk_store::crash::CrashPoint;
use tokendesk_store::{ChangesFilter, DbKey, NewPlan, PlanStatus, Store};

const KEY: [u8; 32] = [7; 32];
const OFF: Wish = Wish::OneClick(false);

/// A morning at the desk, from beginning to end unless a crash point is armed.
pub async fn live(folder: &Path) {
    let store = open(folder, &DbKey::from_bytes(KEY)).await;
    let account = store.accounts().await.unwrap()[0].id;
    let held = store.enqueue(wish(account, 1, OFF, 10_000), at(2)).await.unwrap();
    store.undo(held.id, "bo", at(3)).await.unwrap();
    let sent = store.enqueue(wish(account, 1, OFF, 0), at(4)).await.unwrap();
    store.mark_sending(sent.id, at(5)).await.unwrap();
    store.postpone(sent.id, None, true, at(6)).await.unwrap();
    store.mark_sending(sent.id, at(7)).await.unwrap();
    let ticket = store.begin_read();
    let mut now = card(1);
    (now.one_click, now.version) = (Some(false), 2);
    store
        .put_tokens(account, ticket, &[now], at(8), None)
        .await
        .unwrap();
    let done = Ended::Done(Proof::Written { before: 1, after: 2 });
    store.finish(sent.id, done, Some("r-1"), at(9)).await.unwrap();
    let conflict = store.enqueue(wish(account, 2, OFF, 0), at(10)).await.unwrap();
    let what = Ended::Conflict(Conflict {
        kind: ConflictKind::Flipped,
        now: None,
        found_at: at(11),
    });
    store.finish(conflict.id, what, None, at(11)).await.unwrap();
    store
        .resolve(conflict.id, Keep::Theirs, "bo", at(12))
        .await
        .unwrap();
    let plan = store.plans(1).await.unwrap()[0].id;
    let rows = store.next_planned(plan, 10).await.unwrap();
    let rows = rows
        .iter()
        .map(|row| (row.number, Ok(wish(account, 3, OFF, 0))))
        .collect();
    store.queue_planned(plan, rows, at(13)).await.unwrap();
    // A process that ends while SQLite's threads still run may be killed for it.
    store.close().await;
}

async fn prepared(folder: &Path) {
    let store = open(folder, &DbKey::from_bytes(KEY)).await;
    let account = furnish(&store).await;
    let plan = NewPlan {
        env: tokendesk_model::Environment::Test,
        wish: OFF,
        query: None,
        actor: "ada@desk-1".into(),
        took_ms: 1,
    };
    let rows = [(account.token("3"), account, "3".to_owned(), None)];
    let plan = store.create_plan(plan, &rows, at(1)).await.unwrap();
    store.set_plan(plan, PlanStatus::Running, None).await.unwrap();
    store.close().await;
}

/// What must hold whatever the moment was.
async fn check(store: &Store, what: &str) -> Vec<Change> {
    let changes = store.changes(&ChangesFilter::default()).await.unwrap();
    let log = store.log_rows(100).await.unwrap();
    for change in &changes {
        let told = |action: &str| {
            log.iter()
                .filter(|row| row.entry.change == Some(change.id) && row.entry.action == action)
                .count()
        };
        assert_eq!(told("change.asked"), 1, "{what}");
        let is_done = usize::from(change.status == ChangeStatus::Done);
        assert_eq!(told("change.done"), is_done, "{what}");
        let shown = store.card(change.token).await.unwrap().unwrap();
        let wished = changes
            .iter()
            .any(|other| other.token == change.token && other.status.is_under_way());
        let expected = if wished {
            Some(false)
        } else {
            shown.snapshot.one_click
        };
        assert_eq!(
            shown.effective_one_click, expected,
            "{what}: the cache shows what the ledger says"
        );
    }
    let plan = store.plans(1).await.unwrap().remove(0);
    let counts = store.plan_counts(plan.id).await.unwrap();
    let of_plan = changes
        .iter()
        .filter(|change| change.plan == Some(plan.id))
        .count();
    assert_eq!(
        (counts.planned as usize, counts.queued as usize),
        (1 - of_plan, of_plan),
        "{what}: a row is planned or has its one change"
    );
    changes
}

/// Every point that the store passes itself.
pub async fn at_every_point() {
    let desk = std::env::current_exe().unwrap();
    let outside = [
        CrashPoint::BeforeSend,
        CrashPoint::SentNoAnswer,
        CrashPoint::AnsweredNotStored,
        CrashPoint::ReadBackNotStored,
    ];
    let mut died = 0;
    for point in CrashPoint::ALL {
        for nth in 1..=2 {
            let what = format!("{}:{nth}", point.as_str());
            let dir = tempfile::tempdir().unwrap();
            prepared(dir.path()).await;
            let output = Command::new(&desk)
                .arg("die")
                .arg(dir.path())
                .env("TOKENDESK_CRASH_AT", &what)
                .output()
                .unwrap();
            let crashed = !output.status.success();
            if outside.contains(&point) {
                assert!(!crashed, "{what} is passed by the store");
            } else {
                assert!(crashed || nth == 2, "{what} was not reached");
                let words = String::from_utf8_lossy(&output.stderr);
                assert!(!words.contains("panicked"), "{what}: {words}");
            }
            died += u32::from(crashed);
            let store = open(dir.path(), &DbKey::from_bytes(KEY)).await;
            let before = check(&store, &what).await;
            let on_its_way = before
                .iter()
                .filter(|row| row.status == ChangeStatus::Sending)
                .count();
            assert_eq!(store.recover(at(20)).await.unwrap(), on_its_way, "{what}");
            let after = check(&store, &what).await;
            for (before, after) in before.iter().zip(&after) {
                if before.status == ChangeStatus::Sending {
                    assert_eq!(after.status, ChangeStatus::Waiting, "{what}");
                    assert!(after.doubt.is_some(), "{what}: it may have been sent");
                }
            }
            store.close().await;
        }
    }
    println!(
        "{died} crashes, {} points: each left all of a step or nothing of it",
        CrashPoint::ALL.len()
    );
}

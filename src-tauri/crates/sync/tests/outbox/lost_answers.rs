//! Changes whose answer was lost for longer than a moment, with a clock of the test's own: in the end each is done exactly
//! once, whatever the payment system did in between. The sandbox raises a token's version with every write it does, so
//! the version tells how often that was.

use crate::scene::Scene;
use std::time::Duration;
use tokendesk_model::lane::Keep;
use tokendesk_model::{ChangeStatus, ConflictKind, Wish};
use tokendesk_sandbox::{Fault, FaultBody, FaultMatch, FaultRule, TokenTruth};

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_was_not_done_waits_and_is_done_once() {
    let scene = Scene::new().await;
    let failed = |status| Fault::Status {
        status,
        retry_after: None,
        body: FaultBody::Html,
    };
    let faults = [failed(500), failed(502), Fault::DropBeforeCommit, Fault::Hang];
    for (token, fault) in scene.cards().zip(faults) {
        let change = scene.wish(&token, Wish::OneClick(false)).await;
        scene.fault("PATCH", fault.clone());
        let pushed = scene.engine.push(None).await.unwrap();
        assert!(pushed.later.is_some() && pushed.done == 0, "{fault:?}");
        let waiting = scene.change(change).await;
        assert_eq!(
            (&waiting.status, waiting.attempts),
            (&ChangeStatus::Waiting, 1),
            "{fault:?}"
        );
        // Until it is clear what became of the first one, no second one is sent.
        assert_eq!(scene.engine.push(None).await.unwrap().done, 0);
        assert_eq!(scene.truth(&token).version, token.version, "{fault:?}");
        scene.later(11);
        assert_eq!(scene.engine.push(None).await.unwrap().done, 1, "{fault:?}");
        assert_eq!(scene.change(change).await.status, ChangeStatus::Done);
        let held = scene.truth(&token);
        assert_eq!(
            (held.version, held.enabled_for_one_click_payment),
            (token.version + 1, false),
            "{fault:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_was_not_done_waits_and_is_done_once() {
    let scene = Scene::new().await;
    let token = scene.cards().next().unwrap();
    let change = scene.wish(&token, Wish::Delete).await;
    scene.fault("DELETE", Fault::DropBeforeCommit);
    assert!(scene.engine.push(None).await.unwrap().later.is_some());
    assert_eq!(scene.truth(&token).state, "ACTIVE");
    scene.later(11);
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.change(change).await.status, ChangeStatus::Done);
    assert_ne!(scene.truth(&token).state, "ACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_done_after_its_answer_was_given_up_is_not_repeated() {
    let scene = Scene::new().await;
    let mut cards = scene.cards();
    let (switched, deleted) = (cards.next().unwrap(), cards.next().unwrap());
    let changes = [
        scene.wish(&switched, Wish::OneClick(false)).await,
        scene.wish(&deleted, Wish::Delete).await,
    ];
    for method in ["PATCH", "DELETE"] {
        scene.fault(method, Fault::CommitLater { ms: 500 });
    }
    let pushed = scene.engine.push(None).await.unwrap();
    assert_eq!((pushed.done, pushed.stuck), (0, 0));
    for _ in 0..500 {
        if scene.truth(&switched).version > switched.version && scene.truth(&deleted).state != "ACTIVE" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let deletion = scene.truth(&deleted).version;
    scene.later(11);
    assert_eq!(scene.engine.push(None).await.unwrap().done, 2);
    for change in changes {
        assert_eq!(scene.change(change).await.status, ChangeStatus::Done);
    }
    assert_eq!(scene.truth(&switched).version, switched.version + 1);
    // A deletion goes on by itself; a second request would have been a second write.
    assert!(scene.truth(&deleted).version <= deletion + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_done_after_it_was_repeated_changes_nothing_more() {
    let scene = Scene::new().await;
    let token = scene.cards().next().unwrap();
    scene.wish(&token, Wish::OneClick(false)).await;
    scene.fault("PATCH", Fault::CommitLater { ms: 1_500 });
    assert!(scene.engine.push(None).await.unwrap().later.is_some());
    scene.later(11);
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.truth(&token).version, token.version + 1);
    // The first one comes to its end now, made for a version that is no more.
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    let held = scene.truth(&token);
    assert_eq!(
        (held.version, held.enabled_for_one_click_payment),
        (token.version + 1, false)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_taken_back_while_others_are_sent_disturbs_none_of_them() {
    let scene = Scene::new().await;
    let cards: Vec<TokenTruth> = scene.cards().take(24).collect();
    let mut changes = Vec::new();
    for token in &cards {
        changes.push(scene.wish(token, Wish::OneClick(false)).await);
    }
    scene.shop.add_fault(FaultRule {
        when: FaultMatch {
            method: Some("PATCH".to_owned()),
            ..FaultMatch::default()
        },
        times: None,
        fault: Fault::Latency {
            ms: 500,
            after_commit: false,
        },
    });
    let engine = scene.engine.clone();
    let push = tokio::spawn(async move { engine.push(None).await });
    while scene.change(changes[0]).await.status != ChangeStatus::Sending {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // In the batch already, and not its turn yet.
    let taken_back = changes.pop().unwrap();
    scene
        .store
        .discard(taken_back, "a test", scene.now())
        .await
        .unwrap();
    assert_eq!(push.await.unwrap().unwrap().done, 23);
    for change in changes {
        assert_eq!(scene.change(change).await.status, ChangeStatus::Done);
    }
    assert!(scene.truth(&cards[23]).enabled_for_one_click_payment);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_left_on_its_way_moves_again_without_a_restart() {
    let scene = Scene::new().await;
    let token = scene.cards().next().unwrap();
    let change = scene.wish(&token, Wish::OneClick(false)).await;
    // As a push leaves it that could not write how it ended.
    scene.store.mark_sending(change, scene.now()).await.unwrap();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.change(change).await.status, ChangeStatus::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_against_a_lost_write_waits_until_two_reads_a_minute_apart_agree() {
    let scene = Scene::new().await;
    let token = scene.one();
    scene.wish(&token, Wish::OneClick(false)).await;
    scene.fault("PATCH", Fault::CommitLater { ms: 1_500 });
    assert!(scene.engine.push(None).await.unwrap().later.is_some());
    // The other way round: as the card shows it, and as it will not stay.
    let on = scene.wish(&token, Wish::OneClick(true)).await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 0);
    scene.later(30);
    let pushed = scene.engine.push(None).await.unwrap();
    assert_eq!((pushed.done, pushed.in_doubt), (0, 1), "one read proves nothing");
    crate::scene::until("the lost write to be done", || async {
        !scene.truth(&token).enabled_for_one_click_payment
    })
    .await;
    scene.later(61);
    let pushed = scene.engine.push(None).await.unwrap();
    assert_eq!(
        (pushed.done, pushed.in_doubt),
        (0, 1),
        "two reads that differ prove nothing"
    );
    assert_eq!(scene.shop.writes().len(), 1);
    scene.later(61);
    scene.engine.push(None).await.unwrap();
    // It is settled: the lost write was done, and the card is not what it was when the second wish was decided.
    assert_eq!(scene.conflict(on).await, Some(ConflictKind::Flipped));
    assert_eq!(scene.shop.writes().len(), 1);
    scene
        .store
        .resolve(on, Keep::Mine, "a test", scene.now())
        .await
        .unwrap();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    let held = scene.truth(&token);
    assert_eq!(
        (held.version, held.enabled_for_one_click_payment),
        (token.version + 2, true)
    );
}

//! Holds: kept back for a while of running time, whatever the wall clock says, and ended by a person.

use crate::scene::{Scene, until};
use chrono::DateTime;
use std::time::Duration;
use tokendesk_model::{ChangeStatus, Environment, Wish};
use tokendesk_sandbox::TokenTruth;
use tokendesk_sync::EndHolds;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_goes_by_itself_when_its_time_is_over_and_not_before() {
    let scene = Scene::new().await;
    let tokens: Vec<TokenTruth> = scene.cards().take(2).collect();
    let _runs = scene.runs();
    until("holds to run", || async {
        let change = scene.wish_held(&tokens[0], Wish::OneClick(false), 500).await;
        scene.engine.hold_left(change.id).is_some()
    })
    .await;
    let long = scene.wish_held(&tokens[1], Wish::OneClick(false), 600_000).await;
    until("the short one to be sent", || async {
        !scene.truth(&tokens[0]).enabled_for_one_click_payment
    })
    .await;
    assert_eq!(scene.status(long.id).await, ChangeStatus::Held);
    assert_eq!(scene.truth(&tokens[1]).version, tokens[1].version);
    let left = scene.engine.hold_left(long.id).unwrap();
    assert!(
        left < Duration::from_secs(600) && left > Duration::from_secs(500),
        "{left:?}"
    );
    scene.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_clock_neither_shortens_nor_lengthens_a_hold() {
    let scene = Scene::new().await;
    let tokens: Vec<TokenTruth> = scene.cards().take(2).collect();
    let long = scene.wish_held(&tokens[0], Wish::OneClick(false), 600_000).await;
    let short = scene.wish_held(&tokens[1], Wish::OneClick(false), 400).await;
    let _runs = scene.runs();
    until("holds to run", || async {
        scene.engine.hold_left(long.id).is_some()
    })
    .await;
    scene.later(3600 * 24 * 400);
    scene.set_clock(DateTime::UNIX_EPOCH);
    scene.until_done(short.id).await;
    assert_eq!(scene.status(long.id).await, ChangeStatus::Held);
    scene.later(3600 * 24 * 365 * 60);
    assert!(scene.engine.hold_left(long.id).unwrap() > Duration::from_secs(500));
    scene.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_a_hold_has_its_whole_time_again() {
    let scene = Scene::new().await;
    let token = scene.one();
    let runs = scene.runs();
    let change = scene.wish_held(&token, Wish::OneClick(false), 60_000).await;
    until("holds to run", || async {
        scene.engine.hold_left(change.id).is_some()
    })
    .await;
    until("some of it to pass", || async {
        scene.engine.hold_left(change.id).unwrap() < Duration::from_millis(59_500)
    })
    .await;
    scene.engine.stop().await;
    runs.await.unwrap();
    assert_eq!(scene.engine.hold_left(change.id), None);
    let scene = scene.restarted().await;
    let _runs = scene.runs();
    until("holds to run again", || async {
        scene
            .engine
            .hold_left(change.id)
            .is_some_and(|left| left > Duration::from_millis(59_500))
    })
    .await;
    assert_eq!(scene.status(change.id).await, ChangeStatus::Held);
    scene.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_running_outbox_a_hold_does_not_run_out_and_a_push_ends_it() {
    let scene = Scene::new().await;
    let token = scene.one();
    let change = scene.wish_held(&token, Wish::OneClick(false), 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(scene.engine.hold_left(change.id), None);
    assert_eq!(scene.status(change.id).await, ChangeStatus::Held);
    let elsewhere = scene.engine.push(Some(Environment::Live)).await.unwrap();
    assert_eq!(elsewhere.done, 0);
    assert_eq!(scene.status(change.id).await, ChangeStatus::Held);
    assert_eq!(scene.engine.push(Some(Environment::Demo)).await.unwrap().done, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_ends_the_holds_they_name() {
    let scene = Scene::new().await;
    let tokens: Vec<TokenTruth> = scene.cards().take(2).collect();
    let mut changes = Vec::new();
    for token in &tokens {
        changes.push(scene.wish_held(token, Wish::OneClick(false), 600_000).await.id);
    }
    let _runs = scene.runs();
    let ended = scene.engine.end_holds(&EndHolds::Changes(vec![changes[0]])).await;
    assert_eq!(ended.unwrap(), 1);
    scene.until_done(changes[0]).await;
    assert_eq!(scene.status(changes[1]).await, ChangeStatus::Held);
    let again = scene.engine.end_holds(&EndHolds::Changes(vec![changes[0]])).await;
    assert_eq!(again.unwrap(), 0);
    assert_eq!(scene.engine.end_holds(&EndHolds::Of(None)).await.unwrap(), 1);
    scene.until_done(changes[1]).await;
    scene.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_again_after_an_undo_is_held_for_its_whole_time() {
    let scene = Scene::new().await;
    let token = scene.one();
    let _runs = scene.runs();
    let first = scene.wish_held(&token, Wish::OneClick(false), 60_000).await;
    until("some of it to pass", || async {
        let left = scene.engine.hold_left(first.id);
        left.is_some_and(|left| left < Duration::from_millis(59_700))
    })
    .await;
    let second = scene.wish_held(&token, Wish::OneClick(true), 60_000).await;
    scene.store.undo(second.id, "a test", scene.now()).await.unwrap();
    scene.engine.wake();
    until("the first to be held anew", || async {
        let left = scene.engine.hold_left(first.id);
        left.is_some_and(|left| left > Duration::from_millis(59_700))
    })
    .await;
    assert_eq!(scene.status(first.id).await, ChangeStatus::Held);
    scene.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_sending_rests_nothing_goes_and_holds_stand_still() {
    let scene = Scene::new().await;
    let tokens: Vec<TokenTruth> = scene.cards().take(2).collect();
    scene.engine.rest_sending(true);
    let _runs = scene.runs();
    let held = scene.wish_held(&tokens[0], Wish::OneClick(false), 50).await;
    let waits = scene.wish(&tokens[1], Wish::OneClick(false)).await;
    until("holds to run", || async {
        scene.engine.hold_left(held.id).is_some()
    })
    .await;
    let requests = scene.shop.requests();
    assert!(scene.engine.push(None).await.unwrap().paused);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(scene.status(held.id).await, ChangeStatus::Held);
    assert_eq!(scene.status(waits).await, ChangeStatus::Waiting);
    assert_eq!(scene.shop.requests(), requests);
    scene.engine.rest_sending(false);
    scene.until_done(held.id).await;
    scene.until_done(waits).await;
    scene.engine.stop().await;
}

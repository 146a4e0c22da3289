//! The queue on its way: in order, at the pace the account allows, finding out first what it takes.

use crate::scene::{Scene, options, until};
use chrono::DateTime;
use tokendesk_model::{ChangeStatus, Lesson, Stuck, Wish};
use tokendesk_sandbox::{EditRequest, Fault, FaultBody, Options, Sandbox, TokenTruth};
use tokendesk_sync::Network;

#[tokio::test(flavor = "multi_thread")]
async fn one_wish_finds_out_for_all_that_an_account_does_not_take_it() {
    let scene = Scene::new().await;
    let tokens: Vec<TokenTruth> = scene.cards().take(8).collect();
    let mut changes = Vec::new();
    for token in &tokens {
        changes.push(scene.wish(token, Wish::Active(false)).await);
    }
    let switch = scene.wish(&tokens[7], Wish::OneClick(false)).await;
    let pushed = scene.engine.push(None).await.unwrap();
    assert_eq!((pushed.done, pushed.stuck), (1, 8));
    assert_eq!(scene.store.lesson(scene.account).await.unwrap(), Lesson::Ignores);
    let mut ignored = 0;
    for change in changes {
        match scene.stuck(change).await.unwrap() {
            Stuck::Ignored => ignored += 1,
            why => assert_eq!(why, Stuck::NotPossibleHere),
        }
    }
    assert_eq!(ignored, 1);
    assert_eq!(scene.status(switch).await, ChangeStatus::Done);
    let asked: Vec<_> = scene
        .shop
        .writes()
        .into_iter()
        .filter(|write| write.state.is_some())
        .collect();
    assert_eq!(asked.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wish_finds_out_for_all_that_an_account_takes_it() {
    let scene = Scene::new().await;
    scene.shop.set_switch("state_patch", "accepts").unwrap();
    for token in scene.cards().take(8) {
        scene.wish(&token, Wish::Active(false)).await;
    }
    assert_eq!(scene.engine.push(None).await.unwrap().done, 8);
    assert_eq!(scene.store.lesson(scene.account).await.unwrap(), Lesson::Accepts);
    assert_eq!(scene.writes().len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_is_so_already_teaches_nothing_and_lets_the_next_one_find_out() {
    let scene = Scene::new().await;
    scene.shop.set_switch("state_patch", "accepts").unwrap();
    let tokens: Vec<TokenTruth> = scene.cards().take(3).collect();
    for token in &tokens {
        scene.wish(token, Wish::Active(false)).await;
    }
    scene.edit(EditRequest {
        id: tokens[0].id,
        state: Some("INACTIVE".to_owned()),
        ..EditRequest::default()
    });
    assert_eq!(scene.engine.push(None).await.unwrap().done, 3);
    assert_eq!(scene.writes().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_costs_three_calls_and_a_deletion_four() {
    let scene = Scene::new().await;
    let tokens: Vec<TokenTruth> = scene.cards().take(2).collect();
    for (token, wish, calls) in [
        (&tokens[0], Wish::OneClick(false), 3),
        (&tokens[1], Wish::Delete, 4),
    ] {
        scene.wish(token, wish).await;
        let before = scene.engine.calls(scene.account).answered;
        assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
        assert_eq!(
            scene.engine.calls(scene.account).answered - before,
            calls,
            "{wish:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_limits_its_calls_is_drained_without_a_repeat() {
    let scene = Scene::new().await;
    scene.shop.set_switch("calls_per_second", "40").unwrap();
    let tokens: Vec<TokenTruth> = scene.cards().take(30).collect();
    for token in &tokens {
        scene.wish(token, Wish::OneClick(false)).await;
    }
    let pushed = scene.engine.push(None).await.unwrap();
    assert_eq!(
        (pushed.done, pushed.stuck),
        (u32::try_from(tokens.len()).unwrap(), 0)
    );
    for token in &tokens {
        assert_eq!(scene.truth(token).version, token.version + 1);
    }
    let calls = scene.engine.calls(scene.account);
    assert!(
        calls.limited > 0 && calls.limited < calls.answered / 2,
        "{calls:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_rest_asked_for_is_kept_by_sending_and_by_an_impatient_person() {
    let scene = Scene::new().await;
    let token = scene.one();
    let change = scene.wish(&token, Wish::OneClick(false)).await;
    scene.faults(
        "GET",
        "/payment/tokens/",
        Some(1),
        Fault::TooMany {
            retry_after: Some(600.into()),
        },
    );
    assert!(scene.engine.push(None).await.unwrap().later.is_some());
    let waiting = scene.change(change).await;
    assert_eq!((waiting.status, waiting.attempts), (ChangeStatus::Waiting, 0));
    assert!(scene.engine.next_try(scene.account).unwrap().as_secs() > 500);
    scene.engine.wake_links();
    let requests = scene.shop.requests();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 0);
    assert_eq!(scene.shop.requests(), requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_only_looked_at_can_still_be_undone() {
    let scene = Scene::new().await;
    let token = scene.one();
    let change = scene.wish(&token, Wish::OneClick(false)).await;
    scene.faults(
        "GET",
        "/payment/tokens/",
        None,
        Fault::Status {
            status: 503,
            retry_after: None,
            body: FaultBody::Html,
        },
    );
    assert!(scene.engine.push(None).await.unwrap().later.is_some());
    scene.store.undo(change, "a test", scene.now()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_network_returns_everything_goes_in_order_without_a_click() {
    let mut scene = Scene::new().await;
    let tokens: Vec<TokenTruth> = scene.cards().take(12).collect();
    let port: u16 = scene.shop.origin.rsplit(':').next().unwrap().parse().unwrap();
    let again = Options { port, ..options() };
    // Gone before anything is wished, and back as it was.
    let other = Sandbox::start(Options {
        customers: 1,
        ..Options::default()
    })
    .unwrap();
    std::mem::replace(&mut scene.shop, other).stop();
    let mut changes = Vec::new();
    for token in &tokens {
        changes.push(scene.wish(token, Wish::OneClick(false)).await);
    }
    let _runs = scene.runs();
    until("the account to be found away", || async {
        matches!(scene.engine.network(scene.account), Network::Offline { .. })
    })
    .await;
    for change in &changes {
        let waiting = scene.change(*change).await;
        assert_eq!((waiting.status, waiting.attempts), (ChangeStatus::Waiting, 0));
    }
    scene.shop = Sandbox::start(again).unwrap();
    for change in &changes {
        scene.until_done(*change).await;
    }
    let paths: Vec<String> = scene.shop.writes().into_iter().map(|write| write.path).collect();
    assert_eq!(paths.len(), tokens.len());
    // Several lanes go at once: the first ones are among the first to be sent.
    let first = format!("/api/v2.0/payment/tokens/{}", tokens[0].id);
    assert_eq!(paths[0], first);
    scene.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_key_pauses_the_account_and_keeps_its_changes() {
    let scene = Scene::new().await;
    let token = scene.one();
    let change = scene.wish(&token, Wish::OneClick(false)).await;
    let rejected = Fault::Status {
        status: 401,
        retry_after: None,
        body: FaultBody::Json,
    };
    scene.faults("GET", "/payment/tokens/", None, rejected);
    scene.engine.push(None).await.unwrap();
    let account = scene.store.account(scene.account).await.unwrap().unwrap();
    assert_eq!(account.paused.as_deref(), Some("credentials_rejected"));
    assert_eq!(scene.status(change).await, ChangeStatus::Waiting);
    let requests = scene.shop.requests();
    scene.engine.push(None).await.unwrap();
    assert_eq!(scene.shop.requests(), requests, "it does not try again by itself");
    scene.shop.clear_faults();
    scene.store.set_paused(scene.account, None).await.unwrap();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_keeps_no_change_from_being_sent() {
    let scene = Scene::new().await;
    let token = scene.one();
    let change = scene.wish(&token, Wish::OneClick(false)).await;
    scene.fault("PATCH", Fault::DropBeforeCommit);
    scene.engine.push(None).await.unwrap();
    assert!(scene.change(change).await.next_attempt_at.is_some());
    scene.set_clock(DateTime::UNIX_EPOCH);
    let scene = scene.restarted().await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.truth(&token).version, token.version + 1);
}

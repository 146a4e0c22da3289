//! Reading: stopped, refused, told to wait, and asked once whether so much has really vanished.

use crate::scene::Scene;
use std::time::Duration;
use tokendesk_sandbox::{Fault, FaultBody, FaultMatch, FaultRule};
use tokendesk_sync::refresh::Customer;
use tokendesk_sync::{PullRequest, SyncError};

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_the_middle_of_a_pass_ends_it_and_keeps_what_was_read() {
    let scene = Scene::new().await;
    scene.shop.add_fault(FaultRule {
        when: FaultMatch {
            path_prefix: Some("/payment/token-versions?".to_owned()),
            ..FaultMatch::default()
        },
        times: None,
        fault: Fault::Hang,
    });
    let engine = scene.engine.clone();
    let request = PullRequest {
        account: scene.account,
        full: true,
    };
    let pull = tokio::spawn(async move { engine.pull(request).await });
    loop {
        let crawl = scene.store.crawl(scene.account).await.unwrap();
        if crawl.is_some_and(|crawl| crawl.stage == tokendesk_store::CrawlStage::Versions) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(matches!(
        scene.engine.pull(request).await,
        Err(SyncError::AlreadyRunning)
    ));
    scene.engine.stop_pull(scene.account);
    assert!(matches!(pull.await.unwrap(), Err(SyncError::Stopped)));
    assert!(scene.engine.progress(scene.account).is_none());
    let kept = scene.store.crawl(scene.account).await.unwrap().unwrap();
    assert_eq!(kept.tokens as usize, scene.shop.token_ids().len());
    scene.shop.clear_faults();
    scene
        .engine
        .pull(PullRequest {
            full: false,
            ..request
        })
        .await
        .unwrap();
    assert!(scene.store.crawl(scene.account).await.unwrap().is_none());
    assert_eq!(
        scene.store.last_pass(scene.account).await.unwrap().unwrap().cards,
        kept.tokens
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_can_be_read_where_their_details_may_not() {
    let scene = Scene::new().await;
    scene.shop.add_fault(FaultRule {
        when: FaultMatch {
            path_prefix: Some("/payment/token-versions".to_owned()),
            ..FaultMatch::default()
        },
        times: None,
        fault: Fault::Status {
            status: 403,
            retry_after: None,
            body: FaultBody::Json,
        },
    });
    let before = scene.store.last_pass(scene.account).await.unwrap().unwrap();
    let request = PullRequest {
        account: scene.account,
        full: true,
    };
    scene.engine.pull(request).await.unwrap();
    let after = scene.store.last_pass(scene.account).await.unwrap().unwrap();
    assert!(after.started_at > before.started_at);
    assert!(scene.store.crawl(scene.account).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_vanished_is_asked_once_and_then_rests_until_a_person_answers() {
    let scene = Scene::new().await;
    let active = scene
        .shop
        .tokens()
        .into_iter()
        .filter(|token| token.state == "ACTIVE");
    for token in active.take(30) {
        scene.shop.purge(token.id).unwrap();
    }
    let due = PullRequest {
        full: false,
        ..scene.full()
    };
    let asked = |answer: Result<_, SyncError>| match answer {
        Err(SyncError::TooManyVanished { missing, known }) => (missing, known),
        _ => unreachable!("it is asked"),
    };
    let first = asked(scene.engine.pull(scene.full()).await);
    assert_eq!(first.0, 30);
    let before = scene.shop.requests();
    assert_eq!(asked(scene.engine.pull(due).await), first);
    assert_eq!(scene.shop.requests() - before, 1, "only a look for new cards");
    // A day later it is looked at again, and is asked anew.
    scene.later(25 * 3600);
    assert_eq!(asked(scene.engine.pull(due).await), first);
    assert!(scene.shop.requests() - before > 1);
    let before = scene.shop.requests();
    assert_eq!(asked(scene.engine.pull(due).await), first);
    assert_eq!(scene.shop.requests() - before, 1);
    // A person who asks for everything has answered.
    assert_eq!(scene.engine.pull(scene.full()).await.unwrap().gone, 30);
    scene.engine.pull(due).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_keeps_the_rest_that_was_asked_for() {
    let scene = Scene::new().await;
    let token = scene.one();
    let id = scene.account.token(&token.id.to_string());
    let customer = Customer {
        customer_id: None,
        email: token.customer_email_address.clone(),
        known: vec![(id, token.id.to_string())],
    };
    let told = Fault::TooMany {
        retry_after: Some(600.into()),
    };
    scene.faults("GET", "/payment/tokens", Some(1), told);
    let first = scene.engine.refresh(scene.account, &customer).await;
    assert!(matches!(first, Err(SyncError::Provider(_))));
    let requests = scene.shop.requests();
    let second = scene.engine.refresh(scene.account, &customer).await;
    assert!(matches!(second, Err(SyncError::Resting)));
    assert_eq!(scene.shop.requests(), requests);
}

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

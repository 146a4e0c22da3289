//! Replacing credentials: only for the same objects.

use crate::scene::{Scene, account, credentials, options, system};
use tokendesk_providers::ProviderErrorKind;
use tokendesk_sandbox::{Fault, FaultBody, Options, Sandbox};
use tokendesk_sync::{SameScope, SyncError, prove_same_scope};

fn status(status: u16) -> Fault {
    Fault::Status {
        status,
        retry_after: None,
        body: FaultBody::Json,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_objects_are_found_again_and_others_are_not_taken_for_them() {
    let scene = Scene::new().await;
    let known = scene.store.account(scene.account).await.unwrap().unwrap();
    let new = system(&credentials(&scene.shop));
    let before = scene.shop.requests();
    let proof = prove_same_scope(new.as_ref(), &known, &scene.store)
        .await
        .unwrap();
    assert!(proof == SameScope::Proven && proof.is_accepted());
    assert!(scene.shop.requests() - before <= 3);

    let elsewhere = Sandbox::start(Options {
        seed: 99,
        ..options()
    })
    .unwrap();
    let new = system(&credentials(&elsewhere));
    let proof = prove_same_scope(new.as_ref(), &known, &scene.store)
        .await
        .unwrap();
    assert!(!proof.is_accepted(), "{proof:?}");
    assert!(elsewhere.requests() <= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_may_not_be_read_prove_nothing() {
    let scene = Scene::new().await;
    let known = scene.store.account(scene.account).await.unwrap().unwrap();
    let new = system(&credentials(&scene.shop));
    for code in [403, 404] {
        scene.faults("GET", "/payment/tokens/", None, status(code));
        let proof = prove_same_scope(new.as_ref(), &known, &scene.store)
            .await
            .unwrap();
        assert_eq!(proof, SameScope::NotFound { looked_for: 3 });
        scene.shop.clear_faults();
    }
    scene.faults("GET", "/payment/tokens/", None, status(401));
    let answer = prove_same_scope(new.as_ref(), &known, &scene.store).await;
    assert!(
        matches!(answer, Err(SyncError::Provider(error)) if error.kind == ProviderErrorKind::Unauthorized)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_known_the_connection_test_decides() {
    let scene = Scene::new().await;
    let empty = account(&scene.shop);
    let other = tokendesk_model::Account {
        scope: "4711".to_owned(),
        ..empty
    };
    scene.store.insert_account(&other).await.unwrap();
    let new = system(&credentials(&scene.shop));
    let proof = prove_same_scope(new.as_ref(), &other, &scene.store)
        .await
        .unwrap();
    assert_eq!(proof, SameScope::NothingKnown);
    scene.faults("GET", "/payment/tokens", None, status(403));
    let answer = prove_same_scope(new.as_ref(), &other, &scene.store).await;
    assert!(matches!(answer, Err(SyncError::Provider(_))));
}

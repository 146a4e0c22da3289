//! Deletions, ours and those of others, from the wish to the empty place.

use crate::scene::{Scene, until};
use tokendesk_model::{ChangeStatus, Stuck, TokenState, Wish};
use tokendesk_sandbox::{EditRequest, Fault, TokenTruth};
use tokendesk_sync::Followed;

/// Both of them being deleted, one by us and one by somebody else, and nothing due.
async fn two_being_deleted(scene: &Scene) -> Vec<TokenTruth> {
    // Those the world begins with are followed too: read once, they are not due.
    scene.shop.set_switch("deleting_ms", "3600000").unwrap();
    let tokens: Vec<TokenTruth> = scene.cards().take(2).collect();
    scene.wish(&tokens[0], Wish::Delete).await;
    scene.edit(EditRequest {
        id: tokens[1].id,
        delete: true,
        ..EditRequest::default()
    });
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    scene.pull().await;
    assert_eq!(
        scene.engine.follow_deletions().await.unwrap(),
        Followed::default()
    );
    for token in &tokens {
        assert_eq!(scene.card(token).await.snapshot.state, TokenState::Deleting);
    }
    tokens
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_deleted_is_read_again_until_it_is_deleted() {
    let scene = Scene::new().await;
    let tokens = two_being_deleted(&scene).await;
    scene.later(4 * 60);
    let followed = scene.engine.follow_deletions().await.unwrap();
    assert!(followed.read >= 2, "{followed:?}");
    assert_eq!(scene.card(&tokens[0]).await.snapshot.state, TokenState::Deleting);
    scene.shop.set_switch("deleting_ms", "0").unwrap();
    scene.shop.set_switch("purge_ms", "3600000").unwrap();
    scene.later(60 * 60);
    let followed = scene.engine.follow_deletions().await.unwrap();
    assert!(followed.ended >= 2, "{followed:?}");
    for token in &tokens {
        assert_eq!(scene.card(token).await.snapshot.state, TokenState::Deleted);
    }
    scene.later(60 * 60);
    assert_eq!(
        scene.engine.follow_deletions().await.unwrap().ended,
        0,
        "it has ended"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_is_proven_and_a_deletion_of_ours_leaves_its_stone() {
    let scene = Scene::new().await;
    let tokens = two_being_deleted(&scene).await;
    for token in &tokens {
        scene.shop.purge(token.id).unwrap();
    }
    scene.later(60 * 60);
    assert_eq!(scene.engine.follow_deletions().await.unwrap().ended, 2);
    for (token, ours) in tokens.iter().zip([true, false]) {
        let card = scene.card(token).await;
        assert!(card.gone_at.is_some());
        assert_eq!(scene.store.has_tombstone(card.id).await.unwrap(), ours);
    }
    scene.pull().await;
    assert_eq!(scene.card(&tokens[0]).await.effective_state, TokenState::Deleted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_for_everything_ends_no_deletion() {
    let scene = Scene::new().await;
    let tokens = two_being_deleted(&scene).await;
    scene.faults(
        "GET",
        "/payment/tokens/",
        None,
        Fault::Status {
            status: 404,
            retry_after: None,
            body: tokendesk_sandbox::FaultBody::Json,
        },
    );
    scene.later(60 * 60);
    assert_eq!(scene.engine.follow_deletions().await.unwrap().ended, 0);
    assert!(scene.card(&tokens[0]).await.gone_at.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_fetched_before_a_deletion_and_stored_after_it_does_not_bring_the_card_back() {
    let scene = Scene::new().await;
    scene.shop.set_switch("deleting_ms", "3600000").unwrap();
    let token = scene.one();
    scene.wish(&token, Wish::Delete).await;
    scene.faults(
        "GET",
        "/payment/tokens?",
        Some(1),
        Fault::Latency {
            ms: 900,
            after_commit: true,
        },
    );
    let (engine, request) = (scene.engine.clone(), scene.full());
    let before = scene.shop.requests();
    let pull = tokio::spawn(async move { engine.pull(request).await });
    until("the page to be made", || async { scene.shop.requests() > before }).await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.card(&token).await.snapshot.state, TokenState::Deleting);
    pull.await.unwrap().unwrap();
    assert_eq!(scene.card(&token).await.effective_state, TokenState::Deleting);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_is_refused_shows_the_card_again() {
    let scene = Scene::new().await;
    scene.shop.set_switch("may_delete", "off").unwrap();
    let token = scene.one();
    let change = scene.wish(&token, Wish::Delete).await;
    assert_eq!(scene.engine.push(None).await.unwrap().stuck, 1);
    assert_eq!(scene.stuck(change).await, Some(Stuck::Forbidden));
    let card = scene.card(&token).await;
    assert_eq!((card.effective_state, card.gone_at), (TokenState::Active, None));
    scene.shop.set_switch("may_delete", "on").unwrap();
    scene.store.retry(change, "a test", scene.now()).await.unwrap();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.status(change).await, ChangeStatus::Done);
}

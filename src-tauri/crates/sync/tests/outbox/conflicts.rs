//! What happened at the payment system since a person decided: conflicts before anything is sent, and both answers.

use crate::scene::Scene;
use tokendesk_model::lane::Keep;
use tokendesk_model::{ChangeStatus, ConflictKind, LaneError, Wish, Withdrawn};
use tokendesk_sandbox::{EditRequest, Fault, NewTokenRequest, NewVersion, TokenTruth};
use tokendesk_store::StoreError;

fn of(token: &TokenTruth) -> EditRequest {
    EditRequest {
        id: token.id,
        ..EditRequest::default()
    }
}

fn renewed(token: &TokenTruth) -> EditRequest {
    EditRequest {
        new_version: Some(NewVersion::Invented(true)),
        ..of(token)
    }
}

fn reference(token: &TokenTruth) -> EditRequest {
    EditRequest {
        token_reference: Some(Some("theirs".to_owned())),
        ..of(token)
    }
}

fn moved(token: &TokenTruth) -> EditRequest {
    EditRequest {
        email: Some(Some("somebody.else@example.com".to_owned())),
        ..of(token)
    }
}

/// Decides `wish`, lets somebody else do `theirs`, sends, and says how it ended; nothing may have been sent.
async fn meets(scene: &Scene, token: &TokenTruth, wish: Wish, theirs: EditRequest) -> Option<ConflictKind> {
    let change = scene.wish(token, wish).await;
    scene.edit(theirs);
    let before = scene.truth(token).version;
    let pushed = scene.engine.push(None).await.unwrap();
    assert_eq!((pushed.done, pushed.stuck, pushed.conflict), (0, 0, 1));
    assert_eq!(scene.truth(token).version, before);
    assert_eq!(scene.writes(), Vec::<String>::new());
    scene.conflict(change).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_to_be_deleted_that_was_renewed_is_asked_about() {
    let scene = Scene::new().await;
    let token = scene.one();
    let met = meets(&scene, &token, Wish::Delete, renewed(&token)).await;
    assert_eq!(met, Some(ConflictKind::Renewed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_to_be_deleted_that_got_its_first_details_is_asked_about() {
    let scene = Scene::new().await;
    let shell = NewTokenRequest {
        email: Some("new@example.com".to_owned()),
        shell: true,
        ..NewTokenRequest::default()
    };
    let token = scene.shop.add_token(shell).ok().unwrap();
    scene.pull().await;
    let met = meets(&scene, &token, Wish::Delete, renewed(&token)).await;
    assert_eq!(met, Some(ConflictKind::AnotherVersion));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_to_be_deleted_that_was_made_active_is_asked_about() {
    let scene = Scene::new().await;
    let all = scene.shop.tokens().into_iter();
    let token = all.into_iter().find(|token| token.state == "INACTIVE").unwrap();
    let theirs = EditRequest {
        state: Some("ACTIVE".to_owned()),
        ..of(&token)
    };
    let met = meets(&scene, &token, Wish::Delete, theirs).await;
    assert_eq!(met, Some(ConflictKind::Reactivated));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_to_be_switched_that_is_being_deleted_cannot_be_kept() {
    let scene = Scene::new().await;
    let token = scene.one();
    let change = scene.wish(&token, Wish::OneClick(false)).await;
    scene.edit(EditRequest {
        delete: true,
        ..of(&token)
    });
    assert_eq!(scene.engine.push(None).await.unwrap().conflict, 1);
    assert_eq!(scene.conflict(change).await, Some(ConflictKind::BeingDeleted));
    let keep = scene
        .store
        .resolve(change, Keep::Mine, "a test", scene.now())
        .await;
    assert!(matches!(keep, Err(StoreError::Lane(LaneError::CannotKeep))));
    assert_eq!(scene.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_went_to_another_customer_is_asked_about_whatever_is_wished() {
    for wish in [Wish::OneClick(false), Wish::Active(false), Wish::Delete] {
        let scene = Scene::new().await;
        let token = scene.one();
        let met = meets(&scene, &token, wish, moved(&token)).await;
        assert_eq!(met, Some(ConflictKind::OtherCustomer), "{wish:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_flipped_to_and_fro_by_somebody_else_is_asked_about() {
    let scene = Scene::new().await;
    let token = scene.one();
    let change = scene.wish(&token, Wish::OneClick(false)).await;
    for on in [false, true] {
        scene.edit(EditRequest {
            one_click: Some(on),
            ..of(&token)
        });
        scene.pull().await;
    }
    assert_eq!(scene.engine.push(None).await.unwrap().conflict, 1);
    assert_eq!(scene.conflict(change).await, Some(ConflictKind::Flipped));
    assert_eq!(scene.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_flip_is_nobody_elses() {
    let scene = Scene::new().await;
    let token = scene.one();
    let off = scene.wish(&token, Wish::OneClick(false)).await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    let on = scene.wish(&token, Wish::OneClick(true)).await;
    scene.pull().await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    for change in [off, on] {
        assert_eq!(scene.status(change).await, ChangeStatus::Done);
    }
    assert_eq!(scene.truth(&token).version, token.version + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_decided_while_another_one_was_on_its_way_goes_after_it() {
    let scene = Scene::new().await;
    let token = scene.one();
    let off = scene.wish(&token, Wish::OneClick(false)).await;
    scene.fault(
        "PATCH",
        Fault::Latency {
            ms: 400,
            after_commit: false,
        },
    );
    let engine = scene.engine.clone();
    let push = tokio::spawn(async move { engine.push(None).await });
    crate::scene::until("the first to be on its way", || async {
        scene.status(off).await == ChangeStatus::Sending
    })
    .await;
    let on = scene.wish(&token, Wish::OneClick(true)).await;
    assert_eq!(push.await.unwrap().unwrap().done, 2);
    assert_eq!(scene.status(on).await, ChangeStatus::Done);
    let held = scene.truth(&token);
    assert_eq!(
        (held.version, held.enabled_for_one_click_payment),
        (token.version + 2, true)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enabling_wish_that_lay_for_a_while_meets_any_foreign_change() {
    let scene = Scene::new().await;
    let token = scene.one();
    scene.edit(EditRequest {
        one_click: Some(false),
        ..of(&token)
    });
    scene.pull().await;
    let change = scene.wish(&token, Wish::OneClick(true)).await;
    scene.edit(reference(&token));
    scene.later(16 * 60);
    assert_eq!(scene.engine.push(None).await.unwrap().conflict, 1);
    assert_eq!(scene.conflict(change).await, Some(ConflictKind::OldEnabling));
    assert_eq!(scene.writes(), Vec::<String>::new());

    // Decided again, it is not old any more.
    scene
        .store
        .resolve(change, Keep::Mine, "a test", scene.now())
        .await
        .unwrap();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    let held = scene.truth(&token);
    assert!(held.enabled_for_one_click_payment);
    assert_eq!(held.token_reference.as_deref(), Some("theirs"));
}

#[tokio::test(flavor = "multi_thread")]
async fn renewed_details_are_a_foreign_change_too() {
    let scene = Scene::new().await;
    let token = scene.one();
    scene.edit(EditRequest {
        one_click: Some(false),
        ..of(&token)
    });
    scene.pull().await;
    let change = scene.wish(&token, Wish::OneClick(true)).await;
    scene.edit(renewed(&token));
    scene.later(16 * 60);
    scene.engine.push(None).await.unwrap();
    assert_eq!(scene.conflict(change).await, Some(ConflictKind::OldEnabling));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_lay_for_days_is_asked_for_again() {
    let scene = Scene::new().await;
    let token = scene.one();
    let change = scene.wish(&token, Wish::Delete).await;
    scene.later(73 * 3600);
    assert_eq!(scene.engine.push(None).await.unwrap().conflict, 1);
    assert_eq!(scene.conflict(change).await, Some(ConflictKind::OldDeletion));
    assert_eq!(scene.truth(&token).state, "ACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_no_wish_is_about_is_no_conflict() {
    let scene = Scene::new().await;
    let tokens: Vec<TokenTruth> = scene.cards().take(2).collect();
    scene.wish(&tokens[0], Wish::OneClick(false)).await;
    scene.wish(&tokens[1], Wish::Delete).await;
    for token in &tokens {
        scene.edit(reference(token));
    }
    assert_eq!(scene.engine.push(None).await.unwrap().done, 2);
    assert_eq!(scene.truth(&tokens[0]).token_reference.as_deref(), Some("theirs"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keep_mine_sends_against_what_was_shown_and_theirs_ends_it() {
    let scene = Scene::new().await;
    let tokens: Vec<TokenTruth> = scene.cards().take(2).collect();
    let (mine, theirs) = (
        scene.wish(&tokens[0], Wish::Delete).await,
        scene.wish(&tokens[1], Wish::Delete).await,
    );
    for token in &tokens {
        scene.edit(renewed(token));
    }
    assert_eq!(scene.engine.push(None).await.unwrap().conflict, 2);
    scene
        .store
        .resolve(mine, Keep::Mine, "a test", scene.now())
        .await
        .unwrap();
    scene
        .store
        .resolve(theirs, Keep::Theirs, "a test", scene.now())
        .await
        .unwrap();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(
        scene.status(theirs).await,
        ChangeStatus::Withdrawn(Withdrawn::Theirs)
    );
    assert_eq!(scene.truth(&tokens[1]).state, "ACTIVE");
    assert_ne!(scene.truth(&tokens[0]).state, "ACTIVE");
    let twice = scene.store.resolve(mine, Keep::Mine, "a test", scene.now()).await;
    assert!(matches!(twice, Err(StoreError::Lane(LaneError::NoConflict))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_and_changed_once_more_is_asked_about_once_more() {
    let scene = Scene::new().await;
    let token = scene.one();
    let change = scene.wish(&token, Wish::Delete).await;
    scene.edit(renewed(&token));
    scene.engine.push(None).await.unwrap();
    scene
        .store
        .resolve(change, Keep::Mine, "a test", scene.now())
        .await
        .unwrap();
    scene.edit(renewed(&token));
    assert_eq!(scene.engine.push(None).await.unwrap().conflict, 1);
    assert_eq!(scene.conflict(change).await, Some(ConflictKind::Renewed));
    assert_eq!(scene.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_a_write_is_on_its_way_is_decided_anew() {
    let scene = Scene::new().await;
    let token = scene.one();
    let change = scene.wish(&token, Wish::OneClick(false)).await;
    scene.fault(
        "PATCH",
        Fault::Latency {
            ms: 600,
            after_commit: false,
        },
    );
    let engine = scene.engine.clone();
    let push = tokio::spawn(async move { engine.push(None).await });
    crate::scene::until("it to be on its way", || async {
        scene.status(change).await == ChangeStatus::Sending
    })
    .await;
    scene.edit(moved(&token));
    let pushed = push.await.unwrap().unwrap();
    assert_eq!((pushed.done, pushed.conflict), (0, 1));
    assert_eq!(scene.conflict(change).await, Some(ConflictKind::OtherCustomer));
    assert!(scene.truth(&token).enabled_for_one_click_payment);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_stops_its_lane_and_no_other() {
    let scene = Scene::new().await;
    let tokens: Vec<TokenTruth> = scene.cards().take(2).collect();
    let stopped = scene.wish(&tokens[0], Wish::OneClick(false)).await;
    scene.edit(moved(&tokens[0]));
    scene.engine.push(None).await.unwrap();
    let behind = scene.wish(&tokens[0], Wish::Active(false)).await;
    let other = scene.wish(&tokens[1], Wish::OneClick(false)).await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.status(other).await, ChangeStatus::Done);
    assert_eq!(scene.status(behind).await, ChangeStatus::Waiting);
    assert_eq!(scene.conflict(stopped).await, Some(ConflictKind::OtherCustomer));
}

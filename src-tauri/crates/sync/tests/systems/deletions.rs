//! Deletions that are done at once, that take a customer along, and that nothing but their answer proves.

use crate::played::{Fault, Played, customer, error, token};
use crate::scene::{Scene, token_row};
use tokendesk_model::{AccountId, Capabilities, ChangeStatus, ConflictKind, ProviderKind, Stuck, Wish};
use tokendesk_providers::ProviderErrorKind;

async fn by_customer() -> (Played, Scene, AccountId) {
    let system = Played::new(Capabilities::processout()).with_customers(0, 5);
    let (scene, account) = Scene::read(ProviderKind::ProcessOut, &system).await;
    (system, scene, account)
}

async fn by_record() -> (Played, Scene, AccountId) {
    let system = Played::new(Capabilities::komoju())
        .that_lists_cards()
        .with_customers(0, 5);
    let (scene, account) = Scene::read(ProviderKind::Komoju, &system).await;
    (system, scene, account)
}

async fn imported() -> (Played, Scene, AccountId) {
    let system = Played::new(Capabilities::prism(true));
    let (scene, account) = Scene::with(ProviderKind::Prism, &system).await;
    let rows: Vec<_> = (0..3).map(token_row).collect();
    scene.import(account, &rows).await;
    scene.full(account).await.unwrap();
    system.forget_calls();
    (system, scene, account)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_any_more_is_deleted_while_another_card_answers() {
    let (system, scene, account) = by_customer().await;
    let change = scene.wish(account, &token(1, 0), Wish::Delete).await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.status(change).await, ChangeStatus::Done);
    let card = scene.card(account, &token(1, 0)).await.unwrap();
    assert!(card.gone_at.is_some());
    assert!(scene.store.has_tombstone(card.id).await.unwrap());
    assert_eq!(system.calls("delete_token").len(), 1);
    scene.full(account).await.unwrap();
    assert!(scene.card(account, &token(1, 0)).await.unwrap().gone_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_only_card_its_customer_is_the_witness() {
    let system = Played::new(Capabilities::processout()).with_customers(0, 1);
    let (scene, account) = Scene::read(ProviderKind::ProcessOut, &system).await;
    let change = scene.wish(account, &token(0, 0), Wish::Delete).await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.status(change).await, ChangeStatus::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_for_everything_proves_no_deletion() {
    let (system, scene, account) = by_customer().await;
    let change = scene.wish(account, &token(1, 0), Wish::Delete).await;
    system.remove_first(5);
    assert_eq!(scene.engine.push(None).await.unwrap().stuck, 1);
    assert_eq!(scene.stuck(change).await, Some(Stuck::NotFound));
    assert!(scene.card(account, &token(1, 0)).await.unwrap().gone_at.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn open_payments_its_person_was_told_of_go_along_and_others_are_a_conflict() {
    let (system, scene, account) = by_record().await;
    system.takes_along(&["pay_1"]);
    let told = |seen: &mut tokendesk_model::Seen| seen.open_business = Some(vec!["pay_1".to_owned()]);
    let change = scene
        .wish_as(account, &token(1, 0), Wish::Delete, None, told)
        .await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.status(change.id).await, ChangeStatus::Done);

    let change = scene
        .wish_as(account, &token(2, 0), Wish::Delete, None, told)
        .await;
    system.takes_along(&["pay_1", "pay_2"]);
    assert_eq!(scene.engine.push(None).await.unwrap().conflict, 1);
    assert_eq!(scene.conflict(change.id).await, Some(ConflictKind::OpenBusiness));
    assert_eq!(system.calls("delete_token").len(), 1, "nothing was sent");
    let keep = tokendesk_model::lane::Keep::Mine;
    let now = tokendesk_sync::Clock::now(scene.clock.as_ref());
    scene.store.resolve(change.id, keep, "a test", now).await.unwrap();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1, "now it was seen");
    assert_eq!(scene.status(change.id).await, ChangeStatus::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_that_cannot_be_looked_up_now_put_the_deletion_off() {
    let (system, scene, account) = by_record().await;
    let change = scene.wish(account, &token(1, 0), Wish::Delete).await;
    system.not_known(Some(ProviderErrorKind::ServerFailed));
    let summary = scene.engine.push(None).await.unwrap();
    assert!(summary.later.is_some() && summary.done == 0);
    assert_eq!(scene.status(change).await, ChangeStatus::Waiting);
    assert_eq!(system.calls("delete_token"), Vec::<String>::new());
    // Never to be looked up here: its person was told so.
    system.not_known(Some(ProviderErrorKind::Forbidden));
    scene.engine.wake_links();
    scene.engine.push(None).await.unwrap();
    assert_eq!(scene.status(change).await, ChangeStatus::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_mandate_is_done_with_its_answer_and_leaves_this_desk() {
    let (system, scene, account) = imported().await;
    let change = scene.wish(account, &token(1, 0), Wish::Delete).await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.status(change).await, ChangeStatus::Done);
    assert_eq!(system.calls("delete_token").len(), 1);
    assert!(scene.card(account, &token(1, 0)).await.is_none());
    let record = scene.store.directory_record(account, &customer(1)).await.unwrap();
    assert!(record.is_none_or(|record| record.tokens.is_empty()));
    scene.full(account).await.unwrap();
    assert!(
        scene.card(account, &token(1, 0)).await.is_none(),
        "nothing but an import brings it back"
    );
    scene.import(account, &[token_row(1)]).await;
    scene.full(account).await.unwrap();
    assert!(scene.card(account, &token(1, 0)).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_whose_answer_was_lost_is_repeated_only_by_a_person() {
    let (system, scene, account) = imported().await;
    system.fault("delete_token", 1, Fault::AnswerLost);
    let change = scene.wish(account, &token(1, 0), Wish::Delete).await;
    assert_eq!(scene.engine.push(None).await.unwrap().stuck, 1);
    assert_eq!(scene.stuck(change).await, Some(Stuck::AnswerLost));
    let scene = scene.restarted().await;
    scene.engine.push(None).await.unwrap();
    assert_eq!(system.calls("delete_token").len(), 1);
    assert!(scene.card(account, &token(1, 0)).await.is_some());
    let now = tokendesk_sync::Clock::now(scene.clock.as_ref());
    scene.store.retry(change, "a test", now).await.unwrap();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_that_was_cut_off_is_not_repeated_either() {
    let (system, scene, account) = imported().await;
    let change = scene.wish(account, &token(1, 0), Wish::Delete).await;
    let now = tokendesk_sync::Clock::now(scene.clock.as_ref());
    // As a process that died after it had marked the change leaves it.
    scene.store.mark_sending(change, now).await.unwrap();
    let scene = scene.restarted().await;
    assert_eq!(scene.engine.push(None).await.unwrap().stuck, 1);
    assert_eq!(scene.stuck(change).await, Some(Stuck::AnswerLost));
    assert_eq!(system.calls(""), Vec::<String>::new());
    scene.store.retry(change, "a test", now).await.unwrap();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1, "a person looked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_that_was_refused_says_so() {
    let (system, scene, account) = imported().await;
    system.fault(
        "delete_token",
        1,
        Fault::Refused(error(ProviderErrorKind::Refused)),
    );
    let change = scene.wish(account, &token(1, 0), Wish::Delete).await;
    scene.engine.push(None).await.unwrap();
    assert!(matches!(
        scene.stuck(change).await,
        Some(Stuck::Refused { status: 400, .. })
    ));
    assert!(scene.card(account, &token(1, 0)).await.is_some());
}

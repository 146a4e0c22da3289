//! What happens between two complete passes.

use crate::played::{Fault, Played, customer, error, token};
use crate::scene::{Scene, until};
use tokendesk_model::{Capabilities, ProviderKind, TokenState};
use tokendesk_providers::ProviderErrorKind;

async fn read() -> (Played, Scene, tokendesk_model::AccountId) {
    let system = Played::new(Capabilities::processout()).with_customers(0, 30);
    let (scene, account) = Scene::read(ProviderKind::ProcessOut, &system).await;
    (system, scene, account)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_customers_that_events_name_are_read_again() {
    let (system, scene, account) = read().await;
    system.edit(&token(4, 0), |token| token.state = TokenState::Inactive);
    system.edit(&token(5, 0), |token| token.state = TokenState::Inactive);
    system.happens(&customer(4));
    system.add_customer(30, 2);
    system.happens(&customer(30));
    let pulled = scene.due(account).await.unwrap();
    assert_eq!(pulled.rows, 3);
    let four = scene.card(account, &token(4, 0)).await.unwrap();
    assert_eq!(four.snapshot.state, TokenState::Inactive);
    let five = scene.card(account, &token(5, 0)).await.unwrap();
    assert_eq!(five.snapshot.state, TokenState::Active, "no event named it");
    assert!(scene.card(account, &token(30, 1)).await.is_some());
    assert_eq!(system.calls("list_customers"), Vec::<String>::new());

    system.forget_calls();
    assert_eq!(scene.due(account).await.unwrap().rows, 0);
    assert_eq!(
        system.calls("read_customer"),
        Vec::<String>::new(),
        "each event once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_customer_has_its_cards_read_one_by_one() {
    let (system, scene, account) = read().await;
    system.remove(&customer(4));
    system.happens(&customer(4));
    assert_eq!(scene.due(account).await.unwrap().gone, 1);
    assert!(scene.card(account, &token(4, 0)).await.unwrap().gone_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_taken_from_its_customer_is_gone_after_it_was_asked_for() {
    let (system, scene, account) = read().await;
    system.add_customer(30, 2);
    system.happens(&customer(30));
    scene.due(account).await.unwrap();
    system.edit(&token(30, 1), |token| token.state = TokenState::Inactive);
    system.drop_card(&token(30, 0));
    system.happens(&customer(30));
    system.forget_calls();
    assert_eq!(scene.due(account).await.unwrap().gone, 1);
    assert_eq!(system.calls("read_token").len(), 1, "its customer is the witness");
    assert!(
        scene
            .card(account, &token(30, 0))
            .await
            .unwrap()
            .gone_at
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_in_which_nothing_is_found_any_more_loses_no_card() {
    let (system, scene, account) = read().await;
    for n in 0..30 {
        system.happens(&customer(n));
    }
    system.remove_first(30);
    assert_eq!(scene.due(account).await.unwrap().gone, 0);
    assert!(scene.card(account, &token(4, 0)).await.unwrap().gone_at.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_does_not_reach_back_brings_a_complete_pass() {
    let (system, scene, account) = read().await;
    system.edit(&token(5, 0), |token| token.state = TokenState::Inactive);
    system.happens(&customer(5));
    system.forget_events();
    scene.due(account).await.unwrap();
    assert_eq!(
        system.calls("list_customers"),
        Vec::<String>::new(),
        "one began a moment ago"
    );
    scene.later(1);
    system.forget_calls();
    scene.due(account).await.unwrap();
    assert_eq!(system.calls("list_customers").len(), 1);
    let card = scene.card(account, &token(5, 0)).await.unwrap();
    assert_eq!(card.snapshot.state, TokenState::Inactive);
    // Closed by the pass.
    scene.later(2);
    system.forget_calls();
    scene.due(account).await.unwrap();
    assert_eq!(system.calls("list_customers"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_found_long_after_the_last_pass_is_closed_at_once() {
    let (system, scene, account) = read().await;
    scene.later(3);
    system.happens(&customer(5));
    system.forget_events();
    scene.due(account).await.unwrap();
    assert_eq!(system.calls("list_customers").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_feed_leaves_complete_passes_and_is_tried_again_with_the_next_one() {
    let system = Played::new(Capabilities::processout()).with_customers(0, 5);
    let (scene, account) = Scene::with(ProviderKind::ProcessOut, &system).await;
    system.fault(
        "news",
        u32::MAX,
        Fault::Refused(error(ProviderErrorKind::Forbidden)),
    );
    scene.due(account).await.unwrap();
    assert_eq!(scene.cards(account).await, 5);
    system.forget_calls();
    scene.later(23);
    scene.due(account).await.unwrap();
    assert_eq!(system.calls(""), Vec::<String>::new());
    system.clear_faults();
    scene.later(1);
    scene.due(account).await.unwrap();
    assert_eq!(system.calls("list_customers").len(), 1);
    system.happens(&customer(2));
    assert_eq!(scene.due(account).await.unwrap().rows, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_a_pass_runs_is_read_after_it() {
    let system = Played::new(Capabilities::processout()).with_customers(0, 150);
    let (scene, account) = Scene::with(ProviderKind::ProcessOut, &system).await;
    system.fault(&format!("cards_of {}", customer(10)), u32::MAX, Fault::Hangs);
    let pulling = {
        let engine = scene.engine.clone();
        let request = tokendesk_sync::PullRequest { account, full: true };
        tokio::spawn(async move { engine.pull(request).await })
    };
    until("the first page to be stored", || async {
        scene.cards(account).await == 100
    })
    .await;
    system.edit(&token(149, 0), |token| token.state = TokenState::Inactive);
    system.happens(&customer(149));
    scene.engine.stop_pull(account);
    assert!(pulling.await.unwrap().is_err());
    system.clear_faults();
    scene.due(account).await.unwrap();
    scene.due(account).await.unwrap();
    let card = scene.card(account, &token(149, 0)).await.unwrap();
    assert_eq!(card.snapshot.state, TokenState::Inactive);
}

//! A customer on screen, read at once.

use crate::played::{Played, customer, email, token};
use crate::scene::{Scene, customer_row, token_row};
use tokendesk_model::{AccountId, Capabilities, ProviderKind, TokenState};
use tokendesk_sync::Refreshed;
use tokendesk_sync::refresh::Customer;

fn on_screen(account: AccountId, n: usize) -> Customer {
    Customer {
        customer_id: Some(customer(n)),
        email: Some(email(n)),
        known: vec![(account.token(&token(n, 0)), token(n, 0))],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_record_is_read_with_all_its_cards() {
    let system = Played::new(Capabilities::processout()).with_customers(0, 10);
    system.add_customer(10, 3);
    let (scene, account) = Scene::read(ProviderKind::ProcessOut, &system).await;
    system.edit(&token(10, 1), |token| token.state = TokenState::Inactive);
    system.drop_card(&token(10, 0));
    let refreshed = scene
        .engine
        .refresh(account, &on_screen(account, 10))
        .await
        .unwrap();
    assert_eq!(refreshed, Refreshed::default());
    let state = scene.card(account, &token(10, 1)).await.unwrap().snapshot.state;
    assert_eq!(state, TokenState::Inactive);
    assert!(
        scene
            .card(account, &token(10, 0))
            .await
            .unwrap()
            .gone_at
            .is_some()
    );
    assert_eq!(
        system.calls("").len(),
        3,
        "the record, its cards, the missing one"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_of_the_directory_is_read_with_its_email_and_loses_nothing() {
    let system = Played::new(Capabilities::zafapay()).with_customers(0, 5);
    let (scene, account) = Scene::with(ProviderKind::Zafapay, &system).await;
    let rows: Vec<_> = (0..5).map(customer_row).collect();
    scene.import(account, &rows).await;
    scene.full(account).await.unwrap();
    system.forget_calls();
    system.edit(&token(3, 0), |token| token.state = TokenState::Inactive);
    scene
        .engine
        .refresh(account, &on_screen(account, 3))
        .await
        .unwrap();
    let card = scene.card(account, &token(3, 0)).await.unwrap();
    assert_eq!(card.snapshot.state, TokenState::Inactive);
    assert_eq!(card.person_email, Some(email(3)));
    assert_eq!(system.calls(""), [format!("cards_of {}", customer(3))]);
    system.remove(&customer(3));
    scene
        .engine
        .refresh(account, &on_screen(account, 3))
        .await
        .unwrap();
    assert!(scene.card(account, &token(3, 0)).await.unwrap().gone_at.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_was_imported_nobody_is_asked() {
    let system = Played::new(Capabilities::prism(false));
    let (scene, account) = Scene::with(ProviderKind::Prism, &system).await;
    scene.import(account, &[token_row(1)]).await;
    scene.full(account).await.unwrap();
    system.forget_calls();
    let refreshed = scene
        .engine
        .refresh(account, &on_screen(account, 1))
        .await
        .unwrap();
    assert_eq!(refreshed, Refreshed::default());
    assert_eq!(system.calls(""), Vec::<String>::new());
}

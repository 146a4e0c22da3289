//! Replaced keys: what can be proven of each kind of system.

use crate::played::{Fault, Played, error, token};
use crate::scene::{Scene, customer_row, token_row};
use tokendesk_model::{AccountId, Capabilities, ProviderKind};
use tokendesk_providers::ProviderErrorKind;
use tokendesk_sync::{SameScope, SyncError, prove_same_scope};

async fn proven(scene: &Scene, account: AccountId, new: &Played) -> Result<SameScope, SyncError> {
    let known = scene.store.account(account).await.unwrap().unwrap();
    prove_same_scope(new, &known, &scene.store).await
}

#[tokio::test(flavor = "multi_thread")]
async fn known_cards_are_found_at_their_customers_or_the_key_is_another_merchants() {
    let system = Played::new(Capabilities::processout()).with_customers(0, 10);
    let (scene, account) = Scene::read(ProviderKind::ProcessOut, &system).await;
    assert_eq!(proven(&scene, account, &system).await.unwrap(), SameScope::Proven);
    assert!(system.calls("").len() <= 3);
    let elsewhere = Played::new(Capabilities::processout()).with_customers(100, 110);
    let proof = proven(&scene, account, &elsewhere).await.unwrap();
    assert_eq!(proof, SameScope::NotFound { looked_for: 3 });
    assert!(!proof.is_accepted());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_of_the_directory_has_to_be_listed_for_its_customer() {
    let system = Played::new(Capabilities::zafapay()).with_customers(0, 5);
    let (scene, account) = Scene::with(ProviderKind::Zafapay, &system).await;
    let rows: Vec<_> = (0..5).map(customer_row).collect();
    scene.import(account, &rows).await;
    scene.full(account).await.unwrap();
    assert_eq!(proven(&scene, account, &system).await.unwrap(), SameScope::Proven);
    let elsewhere = Played::new(Capabilities::zafapay());
    assert!(!proven(&scene, account, &elsewhere).await.unwrap().is_accepted());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_imported_tokens_nothing_can_be_proven_and_the_connection_has_to_work() {
    let system = Played::new(Capabilities::prism(true));
    let (scene, account) = Scene::with(ProviderKind::Prism, &system).await;
    scene.import(account, &[token_row(0)]).await;
    scene.full(account).await.unwrap();
    assert!(scene.card(account, &token(0, 0)).await.is_some());
    let proof = proven(&scene, account, &system).await.unwrap();
    assert_eq!(proof, SameScope::CannotBeProven);
    assert!(proof.is_accepted());
    system.fault("check", 1, Fault::Refused(error(ProviderErrorKind::Unauthorized)));
    assert!(matches!(
        proven(&scene, account, &system).await,
        Err(SyncError::Provider(error)) if error.kind == ProviderErrorKind::Unauthorized
    ));
}

//! Complete passes by customer and by directory.

use crate::played::{Fault, Played, customer, email, error, token};
use crate::scene::{Scene, customer_row, token_row, until};
use std::time::Duration;
use tokendesk_model::{Capabilities, CardKnowledge, Environment, ProviderKind, SearchQuery};
use tokendesk_providers::{ProviderError, ProviderErrorKind};
use tokendesk_sync::{Network, PRODUCTION_SEEN, SyncError};

fn by_customer() -> Played {
    Played::new(Capabilities::processout())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_customer_is_found_newest_first_with_cards_or_without() {
    let system = by_customer().with_customers(0, 120);
    system.add_customer(120, 0);
    system.add_customer(121, 3);
    let (scene, account) = Scene::with(ProviderKind::ProcessOut, &system).await;
    let pulled = scene.full(account).await.unwrap();
    assert_eq!((pulled.rows, pulled.unreadable, pulled.gone), (123, 0, 0));
    assert_eq!(scene.cards(account).await, 123);
    assert_eq!(system.calls("list_customers").len(), 2);
    assert_eq!(system.calls("cards_of").len(), 122);
    assert!(system.calls("cards_of")[..4].contains(&format!("cards_of {}", customer(121))));

    let card = scene.card(account, &token(7, 0)).await.unwrap();
    assert_eq!(card.person_email, Some(email(7)));
    assert_eq!(card.card.last4.as_deref(), Some("0007"));
    assert_eq!(card.snapshot.particulars.record, Some(customer(7)));
    let nobody = SearchQuery::parse(&email(120)).unwrap();
    let found = scene
        .store
        .find_people(Environment::Test, &nobody, None, 10)
        .await
        .unwrap();
    assert_eq!(found.items.len(), 1, "a customer without cards is found");
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_that_the_list_tells_are_not_asked_for() {
    let system = Played::new(Capabilities::komoju())
        .that_lists_cards()
        .with_customers(0, 150);
    let (scene, account) = Scene::with(ProviderKind::Komoju, &system).await;
    scene.full(account).await.unwrap();
    assert_eq!(scene.cards(account).await, 150);
    assert_eq!(system.calls("cards_of"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_repeats_at_most_one_page_and_what_was_read_is_there_at_once() {
    let system = by_customer().with_customers(0, 350);
    let (scene, account) = Scene::with(ProviderKind::ProcessOut, &system).await;
    // The third page is never complete: one of its customers does not answer.
    system.fault(&format!("cards_of {}", customer(120)), u32::MAX, Fault::Hangs);
    let pulling = {
        let engine = scene.engine.clone();
        let request = tokendesk_sync::PullRequest { account, full: true };
        tokio::spawn(async move { engine.pull(request).await })
    };
    until("two pages to be stored", || async {
        scene.cards(account).await == 200
    })
    .await;
    assert!(scene.card(account, &token(349, 0)).await.is_some());
    scene.engine.stop_pull(account);
    assert!(matches!(pulling.await.unwrap(), Err(SyncError::Stopped)));

    system.clear_faults();
    let scene = scene.restarted().await;
    let first_run = system.calls("cards_of");
    system.forget_calls();
    scene.due(account).await.unwrap();
    assert_eq!(scene.cards(account).await, 350);
    let second_run = system.calls("cards_of");
    assert_eq!(
        second_run.len(),
        150,
        "the pages that were stored are not read again"
    );
    assert!(first_run.len() <= 300 && first_run.contains(&format!("cards_of {}", customer(349))));
    assert!(!second_run.contains(&format!("cards_of {}", customer(150))));
    assert!(scene.store.crawl(account).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_card_in_a_test_account_stops_everything_and_nothing_of_its_page_is_stored() {
    let system = by_customer().with_customers(0, 20);
    system.make_production(&token(3, 0));
    let (scene, account) = Scene::with(ProviderKind::ProcessOut, &system).await;
    assert!(matches!(
        scene.full(account).await,
        Err(SyncError::ProductionSeen)
    ));
    assert_eq!(scene.cards(account).await, 0);
    let known = scene.store.account(account).await.unwrap().unwrap();
    assert_eq!(known.paused.as_deref(), Some(PRODUCTION_SEEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_customer_that_cannot_be_read_is_counted_and_all_of_them_are_an_error() {
    let system = by_customer().with_customers(0, 30);
    let (scene, account) = Scene::with(ProviderKind::ProcessOut, &system).await;
    let refused = Fault::Refused(error(ProviderErrorKind::Refused));
    system.fault(&format!("cards_of {}", customer(4)), u32::MAX, refused.clone());
    let pulled = scene.full(account).await.unwrap();
    assert_eq!((pulled.rows, pulled.unreadable), (29, 1));
    system.fault("cards_of", u32::MAX, refused);
    assert!(matches!(scene.full(account).await, Err(SyncError::Provider(_))));
    assert_eq!(scene.cards(account).await, 29, "nothing is concluded from that");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_deleted_while_the_page_was_read_has_no_cards() {
    let system = by_customer().with_customers(0, 5);
    let (scene, account) = Scene::with(ProviderKind::ProcessOut, &system).await;
    let gone = Fault::Refused(error(ProviderErrorKind::NotFound));
    system.fault(&format!("cards_of {}", customer(2)), 1, gone);
    let pulled = scene.full(account).await.unwrap();
    assert_eq!((pulled.rows, pulled.unreadable), (4, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_was_asked_for_too_soon_is_asked_for_again() {
    let system = by_customer().with_customers(0, 40);
    let (scene, account) = Scene::with(ProviderKind::ProcessOut, &system).await;
    let wait = ProviderError {
        retry_after: Some(Duration::from_millis(20)),
        ..error(ProviderErrorKind::RateLimited)
    };
    system.fault("cards_of", 3, Fault::Refused(wait));
    scene.full(account).await.unwrap();
    assert_eq!(scene.cards(account).await, 40);
    assert_eq!(scene.engine.calls(account).limited, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_listed_is_read_one_by_one_before_it_is_gone() {
    let system = by_customer().with_customers(0, 30);
    let (scene, account) = Scene::read(ProviderKind::ProcessOut, &system).await;
    system.remove(&customer(3));
    let pulled = scene.full(account).await.unwrap();
    assert_eq!(pulled.gone, 1);
    assert!(scene.card(account, &token(3, 0)).await.unwrap().gone_at.is_some());
    assert_eq!(
        system.calls("read_token").first().unwrap(),
        &format!("read_token {} of {}", token(3, 0), customer(3)),
        "addressed with its record"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_at_once_are_not_believed_without_a_person() {
    let system = by_customer().with_customers(0, 60);
    let (scene, account) = Scene::read(ProviderKind::ProcessOut, &system).await;
    system.remove_first(25);
    assert!(matches!(
        scene.full(account).await,
        Err(SyncError::TooManyVanished {
            missing: 25,
            known: 60
        })
    ));
    assert!(scene.card(account, &token(0, 0)).await.unwrap().gone_at.is_none());
    assert_eq!(
        scene.full(account).await.unwrap().gone,
        25,
        "asked for again: answered"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_absence_proves_nothing_no_card_is_gone_and_nobody_is_asked() {
    let system = Played::new(Capabilities::zafapay()).with_customers(0, 60);
    let (scene, account) = Scene::with(ProviderKind::Zafapay, &system).await;
    let rows: Vec<_> = (0..60).map(customer_row).collect();
    scene.import(account, &rows).await;
    scene.full(account).await.unwrap();
    let before = scene.card(account, &token(0, 0)).await.unwrap();
    system.remove_first(30);
    system.forget_calls();
    scene.later(1);
    assert_eq!(scene.full(account).await.unwrap().gone, 0);
    assert_eq!(system.calls("read_token"), Vec::<String>::new());
    let after = scene.card(account, &token(0, 0)).await.unwrap();
    assert_eq!((after.gone_at, after.read_at), (None, before.read_at));
    let reported = scene.card(account, &token(50, 0)).await.unwrap();
    assert!(reported.read_at > before.read_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_walked_in_pages_and_gives_its_emails() {
    let system = Played::new(Capabilities::zafapay()).with_customers(0, 130);
    let (scene, account) = Scene::with(ProviderKind::Zafapay, &system).await;
    let rows: Vec<_> = (0..120).map(customer_row).collect();
    scene.import(account, &rows).await;
    let pulled = scene.due(account).await.unwrap();
    assert_eq!(pulled.rows, 120, "nobody else is asked for");
    let card = scene.card(account, &token(119, 0)).await.unwrap();
    assert_eq!(card.person_email, Some(email(119)));
    // Nothing tells of edits here: the directory is read again after some hours, and not before.
    system.forget_calls();
    scene.later(5);
    scene.due(account).await.unwrap();
    assert_eq!(system.calls(""), Vec::<String>::new());
    scene.later(1);
    scene.due(account).await.unwrap();
    assert_eq!(system.calls("cards_of").len(), 120);
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_tokens_are_shown_and_nobody_is_called() {
    let system = Played::new(Capabilities::prism(true));
    let (scene, account) = Scene::with(ProviderKind::Prism, &system).await;
    let rows: Vec<_> = (0..5).map(token_row).collect();
    scene.import(account, &rows).await;
    assert_eq!(scene.due(account).await.unwrap().rows, 5);
    let card = scene.card(account, &token(2, 0)).await.unwrap();
    assert_eq!(card.person_email, Some(email(2)));
    assert_eq!(card.knowledge, CardKnowledge::NotRead);
    assert_eq!(scene.engine.network(account), Network::Unknown);
    assert_eq!(scene.engine.calls(account), tokendesk_sync::Calls::default());
    system.forget_calls();
    scene.later(1_000);
    scene.due(account).await.unwrap();
    assert_eq!(
        system.calls(""),
        Vec::<String>::new(),
        "only an import brings anything"
    );
}

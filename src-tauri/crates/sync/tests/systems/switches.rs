//! One-click, active and default, by what carries them.

use crate::played::{Fault, Played, customer, email, error, token};
use crate::scene::{Scene, customer_row, token_row};
use tokendesk_model::capability::{ACTIVE_KEY, ONE_CLICK_KEY};
use tokendesk_model::{AccountId, Capabilities, ChangeStatus, Lesson, ProviderKind, Stuck, TokenState, Wish};
use tokendesk_providers::ProviderErrorKind;

async fn by_customer() -> (Played, Scene, AccountId) {
    let system = Played::new(Capabilities::processout()).with_customers(0, 5);
    system.add_customer(5, 3);
    let (scene, account) = Scene::read(ProviderKind::ProcessOut, &system).await;
    (system, scene, account)
}

async fn by_directory() -> (Played, Scene, AccountId) {
    let system = Played::new(Capabilities::zafapay()).with_customers(0, 5);
    let (scene, account) = Scene::with(ProviderKind::Zafapay, &system).await;
    let rows: Vec<_> = (0..5).map(customer_row).collect();
    scene.import(account, &rows).await;
    scene.full(account).await.unwrap();
    system.forget_calls();
    (system, scene, account)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_written_with_the_whole_metadata_and_teaches_nothing() {
    let (system, scene, account) = by_customer().await;
    for wish in [Wish::OneClick(false), Wish::Active(false)] {
        let change = scene.wish(account, &token(1, 0), wish).await;
        assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
        assert_eq!(scene.status(change).await, ChangeStatus::Done);
    }
    let kept = system.truth(&token(1, 0)).unwrap().particulars.metadata;
    let value = |key: &str| kept.get(key).map(String::as_str);
    assert_eq!(
        [value("plan"), value(ONE_CLICK_KEY), value(ACTIVE_KEY)],
        [Some("gold"), Some("false"), Some("false")]
    );
    let card = scene.card(account, &token(1, 0)).await.unwrap();
    assert_eq!(card.effective_state, TokenState::Inactive);
    assert!(scene.noted(card.id).await.is_empty());

    let refused = Fault::Refused(error(ProviderErrorKind::Refused));
    system.fault("set_active", 1, refused);
    let change = scene.wish(account, &token(2, 0), Wish::Active(false)).await;
    scene.engine.push(None).await.unwrap();
    assert!(matches!(
        scene.stuck(change).await,
        Some(Stuck::Refused { status: 400, .. })
    ));
    assert_eq!(scene.store.lesson(account).await.unwrap(), Lesson::Accepts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_others_that_a_write_loses_is_noted_by_its_name() {
    let (system, scene, account) = by_customer().await;
    system.loses("plan");
    let change = scene.wish(account, &token(1, 0), Wish::OneClick(true)).await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.status(change).await, ChangeStatus::Done);
    let noted = scene.noted(account.token(&token(1, 0))).await;
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].detail.as_deref(), Some("metadata_differs"));
    assert_eq!(noted[0].change, Some(change));
    assert_eq!(noted[0].reason.as_deref(), Some("lost: plan"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_that_is_not_set_is_not_met_by_a_card_that_works() {
    let (system, scene, account) = by_customer().await;
    let change = scene.wish(account, &token(1, 0), Wish::Active(true)).await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.status(change).await, ChangeStatus::Done);
    let kept = system.truth(&token(1, 0)).unwrap().particulars.metadata;
    assert_eq!(kept.get(ACTIVE_KEY).map(String::as_str), Some("true"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_default_is_set_and_the_older_one_is_read_again() {
    let (system, scene, account) = by_customer().await;
    let is_default = |n: usize| {
        let scene = &scene;
        async move {
            let card = scene.card(account, &token(5, n)).await.unwrap();
            card.snapshot.particulars.is_default
        }
    };
    assert_eq!(is_default(0).await, Some(true));
    let change = scene.wish(account, &token(5, 2), Wish::Default).await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.status(change).await, ChangeStatus::Done);
    assert_eq!(
        [is_default(0).await, is_default(2).await],
        [Some(false), Some(true)]
    );

    // Two of one customer go one after the other: the last one stands, and neither counts as ignored.
    let first = scene.wish(account, &token(5, 0), Wish::Default).await;
    let second = scene.wish(account, &token(5, 1), Wish::Default).await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 2);
    for change in [first, second] {
        assert_eq!(scene.status(change).await, ChangeStatus::Done);
    }
    let shown = [is_default(0).await, is_default(1).await, is_default(2).await];
    assert_eq!(shown, [Some(false), Some(true), Some(false)]);
    assert!(
        system
            .truth(&token(5, 1))
            .unwrap()
            .particulars
            .is_default
            .unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_goes_along_with_a_block_and_a_card_keeps_its_person() {
    let (system, scene, account) = by_directory().await;
    let off = Wish::Active(false);
    let change = scene
        .wish_as(account, &token(1, 0), off, Some("stolen"), |_| {})
        .await;
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.status(change.id).await, ChangeStatus::Done);
    assert_eq!(
        system.calls("set_active"),
        [format!("set_active {} false for stolen", token(1, 0))]
    );
    let card = scene.card(account, &token(1, 0)).await.unwrap();
    assert_eq!(card.snapshot.particulars.block_reason.as_deref(), Some("stolen"));
    assert_eq!(card.person_email, Some(email(1)));
    assert!(scene.noted(card.id).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_blocked_before_is_done_and_the_earlier_reason_is_noted() {
    let (system, scene, account) = by_directory().await;
    let off = Wish::Active(false);
    let change = scene
        .wish_as(account, &token(1, 0), off, Some("stolen"), |_| {})
        .await;
    system.edit(&token(1, 0), |token| {
        token.state = TokenState::Inactive;
        token.particulars.block_reason = Some("chargeback".to_owned());
    });
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
    assert_eq!(scene.status(change.id).await, ChangeStatus::Done);
    assert_eq!(system.calls("set_active"), Vec::<String>::new());
    let noted = scene.noted(change.token).await;
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].detail.as_deref(), Some("blocked_earlier"));
    assert_eq!(noted[0].reason.as_deref(), Some("chargeback"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_system_has_nothing_of_ends_before_anybody_is_asked() {
    let (system, scene, account) = by_directory().await;
    let mut stuck = Vec::new();
    for wish in [Wish::OneClick(false), Wish::Default, Wish::Delete] {
        stuck.push(scene.wish(account, &token(1, 0), wish).await);
        scene.engine.push(None).await.unwrap();
    }
    for change in stuck {
        assert!(matches!(
            scene.status(change).await,
            ChangeStatus::Stuck(Stuck::NotPossibleHere) | ChangeStatus::Withdrawn(_)
        ));
    }
    assert_eq!(system.calls(""), Vec::<String>::new());
    let imported = Played::new(Capabilities::prism(false));
    let account = scene.connect(ProviderKind::Prism, &imported).await;
    scene.import(account, &[token_row(0)]).await;
    scene.full(account).await.unwrap();
    imported.forget_calls();
    let change = scene.wish(account, &token(0, 0), Wish::Active(false)).await;
    scene.engine.push(None).await.unwrap();
    assert_eq!(scene.stuck(change).await, Some(Stuck::NotPossibleHere));
    assert_eq!(imported.calls(""), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_through_an_account_that_only_reads() {
    let (system, scene, account) = by_customer().await;
    let change = scene.wish(account, &token(1, 0), Wish::OneClick(false)).await;
    scene.store.set_read_only(account, true).await.unwrap();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 0);
    assert_eq!(system.calls(""), Vec::<String>::new());
    assert_eq!(scene.status(change).await, ChangeStatus::Waiting);
    scene.store.set_read_only(account, false).await.unwrap();
    assert_eq!(scene.engine.push(None).await.unwrap().done, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_is_only_not_reported_is_not_gone() {
    let (system, scene, account) = by_directory().await;
    system.remove(&customer(1));
    let off = Wish::Active(false);
    let change = scene
        .wish_as(account, &token(1, 0), off, Some("stolen"), |_| {})
        .await;
    scene.engine.push(None).await.unwrap();
    assert_eq!(scene.stuck(change.id).await, Some(Stuck::NotFound));
    assert!(scene.card(account, &token(1, 0)).await.unwrap().gone_at.is_none());
}

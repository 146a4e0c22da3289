//! Somebody else works at the same time: their edits are never overwritten, and what was read before our write never comes
//! back as news after it.

use crate::shop::{Office, Shop, until};
use tokendesk_desk::contract::{ChangeRef, DeleteCard};
use tokendesk_sandbox::{EditRequest, Fault, FaultBody};

fn reference(id: u64, text: &str) -> EditRequest {
    EditRequest {
        id,
        token_reference: Some(Some(text.to_owned())),
        ..EditRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_since_our_last_read_stays_and_ours_is_put_on_top() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let [token, other]: [_; 2] = shop.everyday(2).try_into().ok().unwrap();
    office.one_click(token.id, false).await;
    office.one_click(other.id, false).await;
    shop.running.edit(reference(token.id, "theirs")).unwrap();
    // Somebody had the same idea: nothing is left to send.
    shop.running
        .edit(EditRequest {
            id: other.id,
            one_click: Some(false),
            ..EditRequest::default()
        })
        .unwrap();
    shop.forget_stats().await;

    assert_eq!(office.push().await.done, 2);
    let held = shop.token(token.id);
    assert_eq!(held.token_reference.as_deref(), Some("theirs"));
    assert!(!held.enabled_for_one_click_payment);
    assert_eq!(held.version, token.version + 2);
    assert_eq!(
        office.detail(token.id).await.token_reference.as_deref(),
        Some("theirs")
    );
    let stats = shop.stats().await;
    assert!(stats.writes_to(other.id).is_empty());
    assert_eq!(shop.token(other.id).version, other.version + 1);
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_between_our_re_read_and_our_write_meets_409_and_stays() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    office.one_click(token.id, false).await;
    shop.forget_stats().await;
    // The write is on its way, made for the version that was just read, while somebody else edits.
    shop.fault(
        "PATCH",
        "/payment/tokens/",
        Some(1),
        Fault::Latency {
            ms: 1_500,
            after_commit: false,
        },
    );
    let (pushed, ()) = tokio::join!(office.push(), async {
        shop.faults_fired(1).await;
        shop.running.edit(reference(token.id, "theirs")).unwrap();
    });
    assert_eq!(pushed.done, 1);
    let statuses: Vec<_> = shop
        .stats()
        .await
        .writes_to(token.id)
        .iter()
        .map(|write| write.status)
        .collect();
    assert_eq!(statuses, [Some(409), Some(200)]);
    let held = shop.token(token.id);
    assert_eq!(held.token_reference.as_deref(), Some("theirs"));
    assert!(!held.enabled_for_one_click_payment);
    assert_eq!(held.version, token.version + 2);
    assert!(office.card(token.id).await.pending.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_moved_to_somebody_else_meanwhile_is_left_alone() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    let change = office.one_click(token.id, false).await;
    shop.fault(
        "PATCH",
        "/payment/tokens/",
        Some(1),
        Fault::Latency {
            ms: 1_500,
            after_commit: false,
        },
    );
    let moved = EditRequest {
        id: token.id,
        email: Some(Some("somebody.else@example.com".to_owned())),
        ..EditRequest::default()
    };
    let (pushed, ()) = tokio::join!(office.push(), async {
        shop.faults_fired(1).await;
        shop.running.edit(moved).unwrap();
    });
    assert_eq!((pushed.done, pushed.stuck, pushed.conflicts), (0, 0, 1));
    let met = office.change(&change.id).await;
    assert_eq!(
        (met.status.as_str(), met.why.as_deref()),
        ("conflict", Some("other_customer"))
    );
    let sides = met.conflict.unwrap();
    assert_eq!(
        (sides.kind.as_str(), sides.can_keep_mine),
        ("other_customer", true)
    );
    let held = shop.token(token.id);
    assert!(
        held.enabled_for_one_click_payment,
        "ours was not applied to somebody else's card"
    );
    assert_eq!(
        held.customer_email_address.as_deref(),
        Some("somebody.else@example.com")
    );
    let card = office.card(token.id).await;
    assert_eq!(card.email.as_deref(), Some("somebody.else@example.com"));
    assert_eq!(
        card.one_click,
        Some(true),
        "a wish in conflict is not shown as if it were so"
    );
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_keeps_changing_is_given_up_for_a_person_and_can_be_sent_again() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    let change = office.one_click(token.id, false).await;
    let conflict = Fault::Status {
        status: 409,
        retry_after: None,
        body: FaultBody::Json,
    };
    shop.fault("PATCH", "/payment/tokens/", None, conflict);
    assert_eq!(office.push().await.stuck, 1);
    assert_eq!(
        office.change(&change.id).await.why.as_deref(),
        Some("kept_changing")
    );
    shop.running.clear_faults();
    office
        .desk
        .retry_change(ChangeRef {
            change_id: change.id.clone(),
        })
        .await
        .unwrap();
    assert_eq!(office.push().await.done, 1);
    assert_eq!(shop.token(token.id).version, token.version + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_fetched_before_our_write_and_stored_after_it_flips_nothing_back() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    // Both on the page that will be held up.
    let mut cards = shop.everyday(30);
    cards.sort_by_key(|token| token.id);
    let (flipped, deleted) = (cards[0].id, cards[1].id);
    let before = shop.token(flipped).version;
    shop.forget_stats().await;
    // The page is made, with the old values, and reaches the desk seconds later.
    shop.fault(
        "GET",
        "/payment/tokens?",
        Some(1),
        Fault::Latency {
            ms: 4_000,
            after_commit: true,
        },
    );
    let pass = tokio::spawn({
        let (desk, account) = (office.desk.clone(), office.account);
        async move { desk.read_account(account, true).await }
    });
    until("the page", || async {
        (shop.stats().await.of_kind("tokens.list") >= 1).then_some(())
    })
    .await;
    office.one_click(flipped, false).await;
    let request = DeleteCard {
        card_id: office.id(deleted),
        confirmation: None,
        reason: None,
    };
    office.desk.delete_card(request).await.unwrap();
    assert_eq!(office.push().await.done, 2);
    assert!(!pass.is_finished(), "the page is still on its way");
    let rows = pass.await.unwrap().unwrap();
    assert!(rows as usize >= shop.running.token_ids().len());

    let card = office.card(flipped).await;
    assert_eq!(
        (card.one_click, card.provider_one_click),
        (Some(false), Some(false))
    );
    assert_eq!(card.version, i64::from(before) + 1);
    assert_ne!(office.card(deleted).await.state, "active");
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_waits_stays_on_its_row_while_everything_is_read_again() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    office.one_click(token.id, false).await;
    shop.running.edit(reference(token.id, "theirs")).unwrap();
    office.read_all().await.unwrap();
    let card = office.card(token.id).await;
    assert_eq!(
        (card.one_click, card.provider_one_click),
        (Some(false), Some(true))
    );
    assert_eq!(card.version, i64::from(token.version) + 1);
    assert_eq!(card.pending.len(), 1);
    office.assert_counters().await;
}

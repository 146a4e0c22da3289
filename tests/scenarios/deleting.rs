//! Deletion takes its time at the payment system, and a 404 is believed only with a witness.

use crate::shop::{Office, Shop, until};
use tokendesk_desk::contract::{
    ChangeRef, ChangeView, DeleteCard, Env, PersonRef, ProblemCode, ResolveChange, SetOneClick,
};
use tokendesk_sandbox::{Fault, FaultBody};

async fn delete(office: &Office, id: u64) -> ChangeView {
    let request = DeleteCard {
        card_id: office.id(id),
        confirmation: None,
        reason: Some("asked on the phone".to_owned()),
    };
    office.desk.delete_card(request).await.unwrap()
}

fn nothing_there(shop: &Shop) {
    let not_found = Fault::Status {
        status: 404,
        retry_after: None,
        body: FaultBody::Json,
    };
    shop.fault("GET", "/payment/tokens/", None, not_found);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_followed_from_the_wish_to_the_empty_place() {
    let shop = Shop::start(60);
    shop.running.set_switch("deleting_ms", "3600000").unwrap();
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    let change = delete(&office, token.id).await;
    let card = office.card(token.id).await;
    assert_eq!(
        (card.state.as_str(), card.pending[0].wish.as_str()),
        ("active", "delete"),
        "still shown, marked"
    );
    assert_eq!(
        card.switches.one_click_blocked.as_deref(),
        Some("deletion_waiting")
    );
    office.assert_counters().await;

    assert_eq!(office.push().await.done, 1);
    assert_eq!(
        office.change(&change.id).await.reason.as_deref(),
        Some("asked on the phone")
    );
    let card = office.card(token.id).await;
    assert_eq!(card.state, "deleting");
    assert!(card.planned_purge_on.is_some());
    assert_eq!(card.switches.delete_blocked.as_deref(), Some("deleting"));
    let switch = SetOneClick {
        card_id: office.id(token.id),
        on: false,
    };
    assert_eq!(
        office.desk.set_one_click(switch).await.unwrap_err().code,
        ProblemCode::CardNotSwitchable
    );
    office.assert_counters().await;

    // The steps of a deletion last as long as these switches say at the moment they are looked at.
    shop.running.set_switch("deleting_ms", "0").unwrap();
    shop.running.set_switch("purge_ms", "3600000").unwrap();
    assert_eq!(shop.token(token.id).state, "DELETED");
    office.read_all().await.unwrap();
    let card = office.card(token.id).await;
    assert_eq!((card.state.as_str(), card.gone_at.is_some()), ("deleted", false));

    shop.running.purge(token.id).unwrap();
    office.read_all().await.unwrap();
    assert_eq!(office.card(token.id).await.state, "deleted");
    let person = PersonRef {
        env: Env::Demo,
        person: card.person,
    };
    office.desk.refresh_person(person).await.unwrap();
    let card = office.card(token.id).await;
    assert_eq!((card.state.as_str(), card.gone_at.is_some()), ("deleted", true));
    assert_eq!(card.switches.delete_blocked.as_deref(), Some("gone"));
    office.assert_same_as(&shop).await;
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_vanished_by_itself_counts_as_deleted_while_another_one_answers() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let [deleted, switched]: [_; 2] = shop.everyday(2).try_into().ok().unwrap();
    let done = delete(&office, deleted.id).await;
    let change = office.one_click(switched.id, false).await;
    shop.running.purge(deleted.id).unwrap();
    shop.running.purge(switched.id).unwrap();
    let pushed = office.push().await;
    assert_eq!((pushed.done, pushed.stuck), (1, 1));
    assert_eq!(office.change(&done.id).await.status, "done");
    assert!(office.card(deleted.id).await.gone_at.is_some());
    assert_eq!(
        office.change(&change.id).await.why.as_deref(),
        Some("not_found"),
        "a switch was not done by vanishing"
    );
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_for_everything_proves_nothing() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    let change = delete(&office, token.id).await;
    nothing_there(&shop);
    assert_eq!(office.push().await.stuck, 1);
    let stuck = office.change(&change.id).await;
    assert_eq!(
        (stuck.why.as_deref(), stuck.problem.unwrap().code),
        (Some("not_found"), ProblemCode::NotFoundAtProvider)
    );
    let card = office.card(token.id).await;
    assert_eq!(
        (card.state.as_str(), card.gone_at.is_none()),
        ("active", true),
        "still shown as it was"
    );
    assert!(shop.stats().await.writes.is_empty());
    office.assert_counters().await;

    shop.running.clear_faults();
    office
        .desk
        .retry_change(ChangeRef { change_id: change.id })
        .await
        .unwrap();
    assert_eq!(office.push().await.done, 1);
    assert_eq!(office.card(token.id).await.state, "deleting");
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_absorbs_what_was_wished_before_and_can_be_taken_back() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    let switch = office.one_click(token.id, false).await;
    let deletion = delete(&office, token.id).await;
    assert_eq!(office.change(&switch.id).await.status, "withdrawn");
    assert_eq!(office.card(token.id).await.one_click, Some(true));
    office
        .desk
        .discard_change(ChangeRef {
            change_id: deletion.id.clone(),
        })
        .await
        .unwrap();
    let card = office.card(token.id).await;
    assert_eq!((card.state.as_str(), card.pending.len()), ("active", 0));
    let ended = office.change(&deletion.id).await;
    assert_eq!(
        (ended.status.as_str(), ended.why.as_deref()),
        ("withdrawn", Some("discard"))
    );
    assert_eq!(office.push().await.done, 0);
    assert_eq!(shop.token(token.id).state, "ACTIVE");
    assert!(shop.stats().await.writes.is_empty());
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_by_somebody_else_stops_our_switch() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    let change = office.one_click(token.id, false).await;
    let edit = tokendesk_sandbox::EditRequest {
        id: token.id,
        delete: true,
        ..Default::default()
    };
    shop.running.edit(edit).unwrap();
    let pushed = office.push().await;
    assert_eq!((pushed.stuck, pushed.conflicts), (0, 1));
    let met = office.change(&change.id).await;
    assert_eq!(
        (met.status.as_str(), met.why.as_deref()),
        ("conflict", Some("being_deleted"))
    );
    assert!(!met.conflict.unwrap().can_keep_mine);
    assert!(
        shop.stats().await.writes_to(token.id).is_empty(),
        "nothing was sent"
    );
    let decide = |keep: &str| ResolveChange {
        change_id: change.id.clone(),
        keep: keep.to_owned(),
    };
    let mine = office.desk.resolve_change(decide("mine")).await;
    assert_eq!(mine.unwrap_err().code, ProblemCode::CannotKeepMine);
    let theirs = office.desk.resolve_change(decide("theirs")).await.unwrap();
    assert_eq!(
        (theirs.status.as_str(), theirs.why.as_deref()),
        ("withdrawn", Some("theirs"))
    );
    until("the end of the deletion", || async {
        (shop.token(token.id).state == "DELETED").then_some(())
    })
    .await;
    office.read_all().await.unwrap();
    assert_eq!(office.card(token.id).await.state, "deleted");
    office.assert_counters().await;
}

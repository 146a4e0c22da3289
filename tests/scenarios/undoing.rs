//! Taking back and deciding: what was not sent is as if it had never been asked; what was sent is not taken back by anybody;
//! and what cannot be right is refused before anything is changed.

use crate::shop::{Office, Shop, until};
use tokendesk_desk::contract::{
    CardRef, ChangeRef, ConnectAccount, DeskSettings, Env, ListChanges, LogFilter, ProblemCode, SetOneClick,
};
use tokendesk_model::AccountId;
use tokendesk_sandbox::{EditRequest, Fault, FaultBody, Options};

fn withdrawn(why: &str) -> (String, Option<String>) {
    ("withdrawn".to_owned(), Some(why.to_owned()))
}

fn status(status: u16) -> Fault {
    Fault::Status {
        status,
        retry_after: None,
        body: FaultBody::Json,
    }
}

fn flip(id: u64, on: bool) -> EditRequest {
    EditRequest {
        id,
        one_click: Some(on),
        ..EditRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_undone_was_never_asked_and_what_it_replaced_stands_again() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    let off = office.one_click(token.id, false).await;
    let deletion = office.delete(token.id, Some("asked on the phone")).await.unwrap();
    assert_eq!(office.stands(&off.id).await, withdrawn("superseded"));
    assert_eq!(office.card(token.id).await.one_click, Some(true));

    let undone = office.undo(&deletion.id).await.unwrap();
    assert_eq!((undone.status, undone.why), withdrawn("undo"));
    let again = office.change(&off.id).await;
    assert_eq!((again.status.as_str(), again.can_undo), ("held", true));
    let card = office.card(token.id).await;
    assert_eq!(
        (card.one_click, card.switches.one_click_blocked),
        (Some(false), None)
    );
    office.assert_counters().await;
    // Twice is once.
    office.undo(&deletion.id).await.unwrap();
    assert_eq!(office.stands(&off.id).await.0, "held");

    let on = office.one_click(token.id, true).await;
    assert_eq!(office.stands(&off.id).await, withdrawn("superseded"));
    office.undo(&on.id).await.unwrap();
    office.undo(&off.id).await.unwrap();
    let card = office.card(token.id).await;
    assert_eq!((card.one_click, card.pending.len()), (Some(true), 0));
    assert_eq!(office.push().await.done, 0);
    assert!(
        shop.stats().await.writes.is_empty(),
        "the payment system never heard of it"
    );
    assert_eq!(shop.token(token.id).version, token.version);
    office.assert_counters().await;
    office.assert_log_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_runs_out_by_itself_and_can_be_undone_until_then() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    office.hold(60).await;
    let office = office.in_background().await;
    let [kept, sent, now]: [_; 3] = shop.everyday(3).try_into().ok().unwrap();
    let held = office.one_click(kept.id, false).await;
    assert_eq!(held.status, "held");
    let hold = held.hold.unwrap();
    assert!(hold.left_ms > 0 && hold.left_ms <= 60_000 && hold.whole_ms == 60_000);
    let at_once = office.one_click(now.id, false).await;
    office.hold(1).await;
    let short = office.one_click(sent.id, false).await;
    assert_eq!(short.hold.unwrap().whole_ms, 1_000);

    until("the end of a hold", || async {
        (office.stands(&short.id).await.0 == "done").then_some(())
    })
    .await;
    assert_eq!(office.stands(&held.id).await.0, "held", "it keeps its own time");
    assert_eq!(office.demo().await.changes.held, 2);
    let change_id = at_once.id.clone();
    office
        .desk
        .send_change_now(ChangeRef { change_id })
        .await
        .unwrap();
    until("what was sent at once", || async {
        (office.stands(&at_once.id).await.0 == "done").then_some(())
    })
    .await;
    office.undo(&held.id).await.unwrap();
    assert!(shop.token(kept.id).enabled_for_one_click_payment);
    let stats = shop.stats().await;
    assert!(stats.writes_to(kept.id).is_empty());
    for token in [&sent, &now] {
        assert_eq!(stats.writes_to(token.id).len(), 1);
        assert_eq!(
            office.undo(&short.id).await.unwrap_err().code,
            ProblemCode::ChangeTooLate
        );
        assert!(!shop.token(token.id).enabled_for_one_click_payment);
    }
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_sending_there_is_no_undo_only_another_wish() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let [done, refused, limited]: [_; 3] = shop.everyday(3).try_into().ok().unwrap();
    let done_change = office.one_click(done.id, false).await;
    assert_eq!(office.push().await.done, 1);
    let problem = office.undo(&done_change.id).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::ChangeTooLate);
    assert!(
        !problem.title.is_empty() && !problem.hint.is_empty(),
        "{problem:?}"
    );
    assert_eq!(
        office.discard(&done_change.id).await.unwrap_err().code,
        ProblemCode::ChangeTooLate
    );
    assert_eq!(
        office.retry(&done_change.id).await.unwrap_err().code,
        ProblemCode::ChangeNotStuck
    );
    assert_eq!(
        office.resolve(&done_change.id, "mine").await.unwrap_err().code,
        ProblemCode::ChangeNotInConflict
    );
    assert!(!shop.token(done.id).enabled_for_one_click_payment);

    let path = format!("/payment/tokens/{}", refused.id);
    shop.fault("PATCH", &path, None, status(422));
    let stuck = office.one_click(refused.id, false).await;
    assert_eq!(office.push().await.stuck, 1);
    let view = office.change(&stuck.id).await;
    assert_eq!(
        (view.can_undo, view.can_discard, view.can_retry),
        (false, true, true)
    );
    assert_eq!(
        office.undo(&stuck.id).await.unwrap_err().code,
        ProblemCode::ChangeTooLate
    );
    office.discard(&stuck.id).await.unwrap();
    assert_eq!(office.stands(&stuck.id).await, withdrawn("discard"));

    // Tried once, and it waits: nobody can say that it was never asked.
    let path = format!("/payment/tokens/{}", limited.id);
    shop.fault("PATCH", &path, None, status(503));
    let tried = office.one_click(limited.id, false).await;
    assert_eq!(office.push().await.waiting, 1);
    let view = office.change(&tried.id).await;
    assert!(
        view.attempts > 0 && !view.can_undo && view.can_discard,
        "{view:?}"
    );
    assert_eq!(
        office.undo(&tried.id).await.unwrap_err().code,
        ProblemCode::ChangeMayBeDone
    );
    office.discard(&tried.id).await.unwrap();
    shop.running.clear_faults();
    assert_eq!(office.push().await.done, 0);
    assert!(shop.token(limited.id).enabled_for_one_click_payment);
    let back = office.one_click(done.id, true).await;
    assert_eq!(office.push().await.done, 1);
    assert_eq!(office.stands(&back.id).await.0, "done");
    assert_eq!(shop.token(done.id).version, done.version + 2);
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_decided_once_by_a_person_who_sees_both_sides() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let [mine, theirs, left]: [_; 3] = shop.everyday(3).try_into().ok().unwrap();
    let mut changes = Vec::new();
    for token in [&mine, &theirs, &left] {
        changes.push(office.one_click(token.id, false).await.id);
        // Somebody switched it off and on again, and a read saw it.
        shop.running.edit(flip(token.id, false)).unwrap();
    }
    office.read_all().await.unwrap();
    for token in [&mine, &theirs, &left] {
        shop.running.edit(flip(token.id, true)).unwrap();
    }
    shop.forget_stats().await;
    let pushed = office.push().await;
    assert_eq!((pushed.done, pushed.conflicts), (0, 3));
    assert!(shop.stats().await.writes.is_empty(), "a person decides first");
    assert_eq!(office.demo().await.changes.conflict, 3);
    for change in &changes {
        let view = office.change(change).await;
        let sides = view.conflict.unwrap();
        assert_eq!(
            (sides.kind.as_str(), view.why.as_deref()),
            ("flipped", Some("flipped"))
        );
        assert_eq!(sides.decided.one_click, Some(true));
        assert_eq!(sides.now.unwrap().one_click, Some(true));
        let kinds: Vec<&str> = sides.steps.iter().map(|step| step.kind.as_str()).collect();
        assert_eq!((kinds.first(), kinds.last()), (Some(&"decided"), Some(&"found")));
        assert!(kinds.contains(&"observed"), "{kinds:?}");
        assert!(view.can_discard && !view.can_undo && sides.can_keep_mine);
    }
    assert_eq!(office.push().await.conflicts, 0, "asking again decides nothing");
    office.assert_counters().await;

    assert_eq!(
        office.resolve(&changes[0], "both").await.unwrap_err().code,
        ProblemCode::FilterInvalid
    );
    office.resolve(&changes[0], "mine").await.unwrap();
    office.resolve(&changes[1], "theirs").await.unwrap();
    for (change, keep) in [(0, "mine"), (0, "theirs"), (1, "theirs"), (1, "mine")] {
        let twice = office.resolve(&changes[change], keep).await.unwrap_err();
        assert_eq!(twice.code, ProblemCode::ChangeNotInConflict, "{change} {keep}");
    }
    assert_eq!(office.stands(&changes[1]).await, withdrawn("theirs"));
    let office = office.reopened().await;
    assert_eq!(office.push().await.done, 1);
    assert_eq!(office.stands(&changes[0]).await.0, "done");
    assert_eq!(
        office.stands(&changes[2]).await.0,
        "conflict",
        "nobody decided that one"
    );
    let stats = shop.stats().await;
    assert_eq!(stats.writes_to(mine.id).len(), 1);
    assert!(stats.writes_to(theirs.id).is_empty() && stats.writes_to(left.id).is_empty());
    assert!(!shop.token(mine.id).enabled_for_one_click_payment);
    assert!(shop.token(theirs.id).enabled_for_one_click_payment);
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_right_is_refused_before_anything_is_changed() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    let long = "x".repeat(10_000);
    let number = "her card 4111 1111 1111 1111";
    for (reason, code) in [
        (long.as_str(), ProblemCode::ReasonTooLong),
        (number, ProblemCode::CardNumber),
        ("4111-1111-1111-1111", ProblemCode::CardNumber),
    ] {
        for problem in [
            office.active(token.id, false, Some(reason)).await.unwrap_err(),
            office.delete(token.id, Some(reason)).await.unwrap_err(),
        ] {
            assert_eq!((problem.code, problem.field.as_deref()), (code, Some("reason")));
            let told = format!("{problem:?}");
            assert!(!told.contains("1111") && !told.contains("xxxx"), "{told}");
        }
    }
    let refused = office.log(LogFilter {
        outcomes: vec!["refused".to_owned()],
        ..LogFilter::default()
    });
    let refused = refused.await;
    assert_eq!(refused.len(), 6);
    for row in &refused {
        assert_eq!(row.card_id, Some(office.id(token.id)));
        assert!(
            row.reason.is_none() && !format!("{row:?}").contains("1111"),
            "{row:?}"
        );
    }

    // An id of an account that is not connected, and ids that are none.
    let stranger = AccountId::random().token(&token.id.to_string()).to_string();
    for card_id in [
        stranger.as_str(),
        "",
        "nothing",
        "'; DROP TABLE change; --",
        &long,
    ] {
        let card_id = card_id.to_owned();
        let request = SetOneClick {
            card_id: card_id.clone(),
            on: false,
        };
        assert_eq!(
            office.desk.set_one_click(request).await.unwrap_err().code,
            ProblemCode::CardUnknown
        );
        assert_eq!(
            office.desk.show_card(CardRef { card_id }).await.unwrap_err().code,
            ProblemCode::CardUnknown
        );
    }
    for change in ["", "nothing", &office.id(token.id)] {
        assert_eq!(
            office.undo(change).await.unwrap_err().code,
            ProblemCode::ChangeUnknown
        );
        assert_eq!(
            office.resolve(change, "mine").await.unwrap_err().code,
            ProblemCode::ChangeUnknown
        );
        assert_eq!(
            office.retry(change).await.unwrap_err().code,
            ProblemCode::ChangeUnknown
        );
    }
    let settings = DeskSettings { hold_seconds: 61 };
    assert_eq!(
        office.desk.set_desk_settings(settings).await.unwrap_err().code,
        ProblemCode::FieldInvalid
    );
    let request = ListChanges {
        env: None,
        open_only: false,
        statuses: vec!["held".to_owned(), "lost".to_owned()],
        mine_only: false,
        after: None,
        limit: 9,
    };
    assert_eq!(
        office.desk.list_changes(request.clone()).await.unwrap_err().code,
        ProblemCode::FilterInvalid
    );
    let request = ListChanges {
        statuses: Vec::new(),
        after: Some("yesterday".to_owned()),
        ..request
    };
    assert_eq!(
        office.desk.list_changes(request).await.unwrap_err().code,
        ProblemCode::CursorInvalid
    );

    assert_eq!(office.card(token.id).await.pending.len(), 0);
    assert_eq!(office.push().await.done, 0);
    assert!(shop.stats().await.writes.is_empty());
    office.assert_counters().await;
    office.assert_log_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_with_the_same_ids_are_never_mixed_up() {
    let shop = Shop::start(40);
    // The same world once more: each id exists in both.
    let twin = Shop::with(Options {
        customers: 40,
        ..Shop::options()
    });
    let office = Office::connected(&shop).await;
    let connection = ConnectAccount {
        label: "Twin".to_owned(),
        ..twin.connection()
    };
    let view = office.desk.connect_account(connection).await.unwrap();
    let second: AccountId = view.id.parse().unwrap();
    office.desk.read_account(second, false).await.unwrap();
    let token = shop.everyday(1).remove(0);
    let there = second.token(&token.id.to_string()).to_string();
    let request = SetOneClick {
        card_id: there.clone(),
        on: false,
    };
    let change = office.desk.set_one_click(request).await.unwrap();
    assert_eq!((change.account_id, change.env), (second.to_string(), Env::Demo));
    assert_eq!(office.card(token.id).await.one_click, Some(true));
    assert_eq!(office.push().await.done, 1);
    assert!(shop.token(token.id).enabled_for_one_click_payment);
    assert!(!twin.token(token.id).enabled_for_one_click_payment);
    assert!(shop.stats().await.writes.is_empty());
}

//! What goes wrong on the way: reading waits and goes on, and a change is done exactly once or waits. (Answers that are lost
//! for longer are played with a clock of their own, in the tests of `sync`.)

use crate::shop::{Office, Shop};
use serde_json::json;
use std::time::Duration;
use tokendesk_desk::contract::{ChangeRef, DeleteCard, ProblemCode};
use tokendesk_sandbox::{Fault, FaultBody};

fn status(status: u16, body: FaultBody) -> Fault {
    Fault::Status {
        status,
        retry_after: None,
        body,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_survives_what_passes() {
    let shop = Shop::start(100);
    let office = Office::connected_with(&shop, |options| options.http.timeout = Duration::from_secs(2)).await;
    let rows = office.rows().await;
    for fault in [
        Fault::TooMany {
            retry_after: Some(json!(1)),
        },
        Fault::TooMany {
            retry_after: Some(json!("Thu, 01 Jan 2026 00:00:00 GMT")),
        },
        Fault::TooMany { retry_after: None },
        Fault::Status {
            status: 503,
            retry_after: Some(json!(0)),
            body: FaultBody::Empty,
        },
        status(502, FaultBody::Html),
        Fault::Truncated,
        Fault::NonJson,
        Fault::Hang,
        Fault::DropBeforeCommit,
        Fault::DropAfterCommit,
        Fault::IdsAsStrings,
    ] {
        let struck = shop.stats().await.faults_fired;
        for list in ["/payment/tokens?", "/payment/token-versions?"] {
            shop.fault_from(2, "GET", list, Some(1), fault.clone());
        }
        office.read_all().await.unwrap();
        assert_eq!(shop.stats().await.faults_fired, struck + 2, "{fault:?}");
        assert!(office.account().await.last_problem.is_none());
        shop.running.clear_faults();
    }
    assert_eq!(office.rows().await, rows);
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_was_lost_is_read_back_and_not_repeated() {
    let shop = Shop::start(100);
    let office = Office::connected_with(&shop, |options| options.http.timeout = Duration::from_secs(2)).await;
    let late = Fault::Latency {
        ms: 3_000,
        after_commit: true,
    };
    let faults = [Fault::DropAfterCommit, Fault::Truncated, Fault::NonJson, late];
    for (token, fault) in shop.everyday(4).into_iter().zip(faults) {
        shop.forget_stats().await;
        let change = office.one_click(token.id, false).await;
        shop.fault("PATCH", "/payment/tokens/", Some(1), fault.clone());
        assert_eq!(office.push().await.done, 1, "{fault:?}");
        assert_eq!(office.change(&change.id).await.attempts, 1);
        let held = shop.token(token.id);
        assert_eq!(
            (held.enabled_for_one_click_payment, held.version),
            (false, token.version + 1),
            "{fault:?}"
        );
        assert_eq!(shop.stats().await.writes_to(token.id).len(), 1, "{fault:?}");
        assert_eq!(office.card(token.id).await.provider_one_click, Some(false));
    }
    let token = shop.everyday(1).remove(0);
    shop.forget_stats().await;
    shop.fault("DELETE", "/payment/tokens/", Some(1), Fault::DropAfterCommit);
    let request = DeleteCard {
        card_id: office.id(token.id),
        confirmation: None,
        reason: None,
    };
    office.desk.delete_card(request).await.unwrap();
    assert_eq!(office.push().await.done, 1);
    assert_eq!(shop.stats().await.writes_to(token.id).len(), 1);
    assert_ne!(office.card(token.id).await.state, "active");
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_asks_to_wait_is_left_alone_and_nothing_is_lost() {
    let shop = Shop::start(100);
    let office = Office::connected(&shop).await;
    let cards = shop.everyday(4);
    let asks_to_wait = |retry_after| {
        shop.fault(
            "PATCH",
            "/payment/tokens/",
            Some(1),
            Fault::TooMany { retry_after },
        );
    };
    // A short rest is waited out on the spot.
    for (token, retry_after) in cards.iter().zip([Some(json!(1)), None]) {
        office.one_click(token.id, false).await;
        asks_to_wait(retry_after);
        assert_eq!(office.push().await.done, 1);
    }
    // A long one stands, whoever asks.
    let change = office.one_click(cards[2].id, false).await;
    asks_to_wait(Some(json!(3600)));
    let pushed = office.push().await;
    assert_eq!((pushed.done, pushed.waiting), (0, 1));
    assert_eq!(pushed.problem.unwrap().code, ProblemCode::RateLimited);
    let waiting = office.change(&change.id).await;
    assert_eq!(
        (waiting.status.as_str(), waiting.held_up_by.as_deref()),
        ("waiting", Some("asked_to_wait"))
    );
    assert_eq!(office.card(cards[2].id).await.one_click, Some(false));
    office.one_click(cards[3].id, false).await;
    let asked = shop.stats().await.requests;
    assert_eq!(office.push().await.waiting, 2);
    assert_eq!(shop.stats().await.requests, asked);
    office.assert_counters().await;

    let office = office.reopened().await;
    assert_eq!(office.push().await.done, 2);
    for token in cards {
        assert_eq!(shop.token(token.id).version, token.version + 1);
    }
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_fails_before_the_write_sends_nothing() {
    let shop = Shop::start(100);
    let office = Office::connected_with(&shop, |options| options.http.timeout = Duration::from_secs(1)).await;
    let token = shop.everyday(1).remove(0);
    office.one_click(token.id, false).await;
    shop.forget_stats().await;
    for (fault, code) in [
        (status(500, FaultBody::Json), ProblemCode::ProviderFailed),
        (status(502, FaultBody::Html), ProblemCode::ProviderFailed),
        (Fault::Truncated, ProblemCode::Timeout),
        (Fault::NonJson, ProblemCode::AnswerUnreadable),
        (Fault::Hang, ProblemCode::Timeout),
        (Fault::DropBeforeCommit, ProblemCode::Timeout),
    ] {
        shop.fault("GET", "/payment/tokens/", None, fault.clone());
        let pushed = office.push().await;
        shop.running.clear_faults();
        assert_eq!(
            (pushed.done, pushed.stuck, pushed.waiting),
            (0, 0, 1),
            "{fault:?}"
        );
        assert_eq!(pushed.problem.unwrap().code, code, "{fault:?}");
    }
    assert!(shop.stats().await.writes.is_empty());
    assert_eq!(office.push().await.done, 1);
    assert_eq!(shop.token(token.id).version, token.version + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_is_named_and_the_change_is_kept_for_later() {
    let shop = Shop::start(100);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    let change = office.one_click(token.id, false).await;
    shop.running.set_switch("may_update", "off").unwrap();
    assert_eq!(office.push().await.stuck, 1);
    let stuck = office.change(&change.id).await;
    assert_eq!(
        (stuck.why.as_deref(), stuck.problem.unwrap().code),
        (Some("forbidden"), ProblemCode::Forbidden)
    );
    let card = office.card(token.id).await;
    assert_eq!((card.one_click, card.pending.len()), (Some(true), 1));
    assert!(office.account().await.paused.is_none(), "the account is fine");
    shop.running.set_switch("may_update", "on").unwrap();
    office
        .desk
        .retry_change(ChangeRef { change_id: change.id })
        .await
        .unwrap();
    assert_eq!(office.push().await.done, 1);
    office.assert_counters().await;
}

//! A row that a complete pass did not list is asked for by id; only that answer makes it gone, and never a great many at
//! once.

use crate::shop::{Office, Shop};
use tokendesk_desk::contract::ProblemCode;
use tokendesk_sandbox::{Fault, FaultBody, NewTokenRequest, Options};

fn status(status: u16, body: FaultBody) -> Fault {
    Fault::Status {
        status,
        retry_after: None,
        body,
    }
}

async fn gone(office: &Office) -> usize {
    office
        .cards()
        .await
        .iter()
        .filter(|card| card.gone_at.is_some())
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_pass_does_not_list_is_asked_for_one_by_one() {
    let shop = Shop::start(100);
    let office = Office::connected(&shop).await;
    let purged: Vec<u64> = shop.everyday(4).iter().map(|token| token.id).collect();
    for id in &purged {
        shop.running.purge(*id).unwrap();
    }
    // These are still there, and no longer listed.
    shop.running.set_switch("list_includes_deleted", "off").unwrap();
    let leaving = |state: &str| {
        shop.running
            .tokens()
            .iter()
            .filter(|token| token.state == state)
            .count()
    };
    let (deleting, deleted) = (leaving("DELETING"), leaving("DELETED"));
    assert!(
        deleting > 0 && deleted > 0 && deleting <= 15,
        "{deleting} {deleted}"
    );
    shop.forget_stats().await;
    office.read_all().await.unwrap();
    let stats = shop.stats().await;
    assert_eq!(stats.of_kind("tokens.read") as usize, purged.len() + deleting);
    for id in &purged {
        assert_eq!(stats.by_path[&format!("/api/v2.0/payment/tokens/{id}")], 1);
        assert!(office.card(*id).await.gone_at.is_some());
    }
    assert_eq!(gone(&office).await, purged.len(), "hidden ones are not gone");
    office.assert_counters().await;
    // Known as gone, they are not asked for again.
    shop.forget_stats().await;
    office.read_all().await.unwrap();
    assert_eq!(shop.stats().await.of_kind("tokens.read") as usize, deleting);
    assert_eq!(gone(&office).await, purged.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_fails_never_means_that_none_are_left() {
    let shop = Shop::start(100);
    let office = Office::connected(&shop).await;
    let rows = office.rows().await;
    for (fault, code) in [
        (status(404, FaultBody::Json), ProblemCode::NotFoundAtProvider),
        (status(403, FaultBody::Json), ProblemCode::Forbidden),
        (status(422, FaultBody::Json), ProblemCode::RefusedByProvider),
        (Fault::DropBeforeCommit, ProblemCode::Timeout),
    ] {
        // The second page, after one that was good.
        shop.fault_from(2, "GET", "/payment/tokens?", None, fault.clone());
        let problem = office.read_all().await.unwrap_err();
        assert_eq!(problem.code, code, "{fault:?}");
        assert_eq!(gone(&office).await, 0, "{fault:?}");
        assert_eq!(
            office.account().await.last_problem.map(|problem| problem.code),
            Some(code)
        );
        shop.running.clear_faults();
    }
    // Answers that make no sense are asked for again; the pass ends well.
    for fault in [
        Fault::Truncated,
        status(404, FaultBody::Html),
        status(200, FaultBody::Empty),
        status(200, FaultBody::Html),
    ] {
        shop.fault_from(2, "GET", "/payment/tokens?", Some(1), fault);
        office.read_all().await.unwrap();
        assert_eq!(gone(&office).await, 0);
    }
    assert_eq!(office.rows().await, rows);
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_at_once_stop_the_pass_and_mark_nothing() {
    let shop = Shop::start(100);
    let office = Office::connected(&shop).await;
    let known = office.cards().await.len();
    let many = shop
        .running
        .tokens()
        .into_iter()
        .filter(|token| token.state != "DELETED")
        .take(40);
    for id in many.map(|token| token.id) {
        shop.running.purge(id).unwrap();
    }
    let problem = office.read_all().await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::TooManyVanished);
    assert_eq!(
        (
            problem.params["missing"].as_str(),
            problem.params["known"].parse()
        ),
        ("40", Ok(known))
    );
    assert_eq!(gone(&office).await, 0);
    assert!(office.account().await.unfinished_pass);
    assert_eq!(
        office
            .desk
            .read_account(office.account, false)
            .await
            .unwrap_err()
            .code,
        ProblemCode::TooManyVanished
    );
    assert_eq!(gone(&office).await, 0, "asking again is not an answer");
    office.assert_counters().await;

    // A person who asks for everything again has answered: each card is looked up, and each answers for itself.
    office.desk.read_account(office.account, true).await.unwrap();
    assert_eq!(gone(&office).await, 40);
    assert!(!office.account().await.unfinished_pass);
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_seems_empty_all_of_a_sudden_is_not_believed() {
    // Few enough that the brake alone would not stop it.
    let shop = Shop::start(7);
    let office = Office::connected(&shop).await;
    let rows = office.rows().await;
    assert!((1..=20).contains(&rows.len()), "{}", rows.len());
    let port = shop.port();
    let Shop { running, .. } = shop;
    running.stop();
    // The same space and the same key, and nothing in it: lists answer 200 and hold nothing, every id is unknown.
    let empty = Shop::with(Options {
        customers: 0,
        port,
        ..Shop::options()
    });
    assert!(empty.running.token_ids().is_empty());
    office.read_all().await.unwrap();
    assert_eq!(gone(&office).await, 0);
    assert_eq!(office.rows().await, rows);

    // One card of it that answers is the witness that the others are gone.
    let email = Some("new@example.com".to_owned());
    empty
        .running
        .add_token(NewTokenRequest {
            email,
            ..NewTokenRequest::default()
        })
        .ok()
        .unwrap();
    office.read_all().await.unwrap();
    assert_eq!(gone(&office).await, rows.len());
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_made_while_a_pass_runs_are_not_missing_from_it() {
    let shop = Shop::start(100);
    let office = Office::connected(&shop).await;
    shop.forget_stats().await;
    shop.fault(
        "GET",
        "/payment/token-versions?",
        Some(1),
        Fault::Latency {
            ms: 1_500,
            after_commit: false,
        },
    );
    let pass = tokio::spawn({
        let (desk, account) = (office.desk.clone(), office.account);
        async move { desk.read_account(account, true).await }
    });
    shop.faults_fired(1).await;
    // All tokens are listed; now one more is made, and seen by a look at its customer.
    let token = shop.everyday(1).remove(0);
    let made = shop
        .running
        .add_token(NewTokenRequest {
            customer_id: token.customer_id.clone(),
            email: token.customer_email_address.clone(),
            ..NewTokenRequest::default()
        })
        .ok()
        .unwrap();
    let person = office.card(token.id).await.person;
    let request = tokendesk_desk::contract::PersonRef {
        env: tokendesk_desk::contract::Env::Demo,
        person,
    };
    let view = office.desk.refresh_person(request).await.unwrap();
    assert!(
        view.cards
            .iter()
            .any(|card| card.remote_id == made.id.to_string())
    );
    pass.await.unwrap().unwrap();
    assert_eq!(
        shop.stats()
            .await
            .by_path
            .get(&format!("/api/v2.0/payment/tokens/{}", made.id)),
        Some(&1),
        "by the look alone"
    );
    assert!(office.card(made.id).await.gone_at.is_none());
    office.assert_same_as(&shop).await;
    office.assert_counters().await;
}

//! The payment system is away: everything goes on from the copy, and what was wished is sent when it is back.

use crate::shop::{Office, Shop};
use tokendesk_desk::contract::{Env, FindPeople, Network, Nothing, PersonRef, ProblemCode};
use tokendesk_sandbox::Options;

#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_and_drains_when_it_is_back() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let [first, second]: [_; 2] = shop.everyday(2).try_into().ok().unwrap();
    let port = shop.port();
    let rows = office.rows().await;
    let Shop { running, .. } = shop;
    running.stop();

    let problem = office.read_all().await.unwrap_err();
    assert_eq!(
        (problem.code, problem.retryable),
        (ProblemCode::Unreachable, true)
    );
    assert_eq!(office.rows().await, rows);
    let email = first.customer_email_address.clone().unwrap();
    let request = FindPeople {
        env: Env::Demo,
        text: email.clone(),
        after: None,
        limit: 10,
    };
    let found = office.desk.find_people(request).await.unwrap();
    let person = found
        .items
        .iter()
        .find(|row| row.email.as_ref() == Some(&email))
        .unwrap()
        .person
        .clone();
    let request = PersonRef {
        env: Env::Demo,
        person,
    };
    office.desk.open_person(request.clone()).await.unwrap();
    assert_eq!(
        office.desk.refresh_person(request).await.unwrap_err().code,
        ProblemCode::Unreachable
    );

    let change = office.one_click(first.id, false).await;
    office.one_click(second.id, false).await;
    assert_eq!(office.card(first.id).await.one_click, Some(false));
    let pushed = office.push().await;
    assert_eq!((pushed.done, pushed.stuck, pushed.waiting), (0, 0, 2));
    assert_eq!(pushed.problem.unwrap().code, ProblemCode::Unreachable);
    assert_eq!(
        office.change(&change.id).await.held_up_by.as_deref(),
        Some("offline")
    );
    let status = office.desk.desk_status(Nothing {}).await.unwrap();
    assert!(matches!(status.environments[0].network, Network::Offline { .. }));
    assert_eq!(status.environments[0].changes.waiting, 2);
    office.assert_counters().await;

    // Over a restart too.
    let office = office.reopened().await;
    assert_eq!(office.card(first.id).await.one_click, Some(false));
    let shop = Shop::with(Options {
        customers: 60,
        port,
        ..Shop::options()
    });
    let pushed = office.push().await;
    assert_eq!((pushed.done, pushed.waiting), (2, 0));
    for token in [&first, &second] {
        let held = shop.token(token.id);
        assert_eq!(
            (held.enabled_for_one_click_payment, held.version),
            (false, token.version + 1)
        );
    }
    let status = office.desk.desk_status(Nothing {}).await.unwrap();
    assert_eq!(status.environments[0].network, Network::Online);
    office.read_all().await.unwrap();
    office.assert_same_as(&shop).await;
    office.assert_counters().await;
}

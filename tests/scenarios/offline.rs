//! The payment system is away: everything goes on from the copy, and what was wished is sent when it is back.

use crate::shop::{Office, Shop};
use tokendesk_desk::contract::{
    ConnectAccount, Env, FindPeople, Network, Nothing, PersonRef, ProblemCode, SetOneClick,
};
use tokendesk_model::AccountId;
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

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_away_holds_up_no_other_one() {
    let shop = Shop::start(40);
    let office = Office::connected(&shop).await;
    let other = Shop::with(Options {
        customers: 40,
        seed: 12,
        ..Shop::options()
    });
    let connection = ConnectAccount {
        label: "Other shop".to_owned(),
        ..other.connection()
    };
    let view = office.desk.connect_account(connection).await.unwrap();
    let second: AccountId = view.id.parse().unwrap();
    office.desk.read_account(second, false).await.unwrap();

    let (here, there) = (shop.everyday(1).remove(0), other.everyday(1).remove(0));
    let waiting = office.one_click(here.id, false).await;
    let card_id = second.token(&there.id.to_string()).to_string();
    office
        .desk
        .set_one_click(SetOneClick { card_id, on: false })
        .await
        .unwrap();
    let Shop { running, .. } = shop;
    running.stop();
    let pushed = office.push().await;
    assert_eq!((pushed.done, pushed.waiting), (1, 1));
    assert!(!other.token(there.id).enabled_for_one_click_payment);
    assert_eq!(
        office.change(&waiting.id).await.held_up_by.as_deref(),
        Some("offline")
    );
    assert!(office.read_all().await.is_err());
    office.desk.read_account(second, true).await.unwrap();
}

//! The payment system goes away at any time and comes back: what waits is said, and it drains in its order without a click.

use crate::shop::{Office, Shop, until};
use std::path::Path;
use std::time::Duration;
use tokendesk_desk::contract::{Env, FindPeople, LogFilter, Network, PersonRef, ProblemCode};
use tokendesk_sandbox::{Fault, Options};

/// A shop that remembers what was changed in it when it is started again.
fn remembering(journal: &Path, port: u16) -> Shop {
    let mut options = Options {
        customers: 60,
        port,
        journal: Some(journal.to_owned()),
        ..Shop::options()
    };
    options.switches.set("state_patch", "accepts").unwrap();
    Shop::with(options)
}

async fn offline_since(office: &Office) -> Option<String> {
    match office.demo().await.network {
        Network::Offline { since, accounts, .. } => {
            assert_eq!(accounts, ["Shop"]);
            Some(since)
        }
        Network::Online | Network::Unknown => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_while_it_was_away_drains_by_itself_in_its_order() {
    let kept = tempfile::tempdir().unwrap();
    let journal = kept.path().join("journal");
    let shop = remembering(&journal, 0);
    let office = Office::connected(&shop).await;
    office.hold(0).await;
    let office = office.in_background().await;
    let [both, other, last, back]: [_; 4] = shop.everyday(4).try_into().ok().unwrap();
    let port = shop.port();
    let Shop { running, .. } = shop;
    running.stop();

    let first = office.one_click(both.id, false).await;
    let since = until("the word that it is away", || offline_since(&office)).await;
    // Everything goes on from the copy.
    let email = last.customer_email_address.clone().unwrap();
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
        .unwrap();
    let request = PersonRef {
        env: Env::Demo,
        person: person.person.clone(),
    };
    office.desk.open_person(request.clone()).await.unwrap();
    let problem = office.desk.refresh_person(request).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::Unreachable);
    let second = office.active(both.id, false, Some("a quarrel")).await.unwrap();
    let third = office.one_click(other.id, false).await;
    let fourth = office.delete(last.id, None).await.unwrap();
    let undone = office.one_click(back.id, false).await;
    until("everything to wait", || async {
        (office.demo().await.changes.waiting == 5).then_some(())
    })
    .await;
    // Nothing of it was tried, so it can be taken back as if it had never been asked.
    office.undo(&undone.id).await.unwrap();
    for change in [&first, &second, &third, &fourth] {
        let view = office.change(&change.id).await;
        assert_eq!(
            (
                view.status.as_str(),
                view.held_up_by.as_deref(),
                view.attempts,
                view.can_undo
            ),
            ("waiting", Some("offline"), 0, true)
        );
    }
    let status = office.demo().await;
    assert_eq!((status.changes.waiting, status.changes.sending), (4, 0));
    assert_eq!(
        offline_since(&office).await,
        Some(since),
        "since the first that was not answered"
    );
    office.assert_counters().await;

    let shop = remembering(&journal, port);
    until("everything to be sent", || async {
        (office.demo().await.changes.waiting + office.demo().await.changes.sending == 0).then_some(())
    })
    .await;
    assert_eq!(office.demo().await.network, Network::Online);
    for change in [&first, &second, &third, &fourth] {
        assert_eq!(office.stands(&change.id).await.0, "done");
    }
    let held = shop.token(both.id);
    assert_eq!(
        (held.state, held.enabled_for_one_click_payment, held.version),
        ("INACTIVE", false, both.version + 2)
    );
    assert!(!shop.token(other.id).enabled_for_one_click_payment);
    assert_ne!(shop.token(last.id).state, "ACTIVE");
    assert_eq!(shop.token(back.id).version, back.version);
    let stats = shop.stats().await;
    let oldest = format!("/api/v2.0/payment/tokens/{}", both.id);
    assert_eq!(stats.writes[0].path, oldest, "the oldest goes first");
    assert_eq!(stats.writes.len(), 4, "each once");
    let done: Vec<_> = office
        .log(LogFilter {
            card_id: Some(office.id(both.id)),
            ..LogFilter::default()
        })
        .await
        .into_iter()
        .filter(|row| row.action == "change.done")
        .map(|row| row.change_id.unwrap())
        .collect();
    assert_eq!(
        done,
        [first.id, second.id],
        "of one card in the order they were asked"
    );
    office.assert_counters().await;
    office.assert_log_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn going_away_in_the_middle_of_sending_loses_nothing_and_doubles_nothing() {
    let kept = tempfile::tempdir().unwrap();
    let journal = kept.path().join("journal");
    let mut shop = remembering(&journal, 0);
    let port = shop.port();
    let office = Office::connected_with(&shop, |options| options.http.timeout = Duration::from_secs(2)).await;
    let cards = shop.everyday(24);
    let mut changes = Vec::new();
    for token in &cards {
        changes.push(office.one_click(token.id, false).await.id);
    }
    office.hold(0).await;
    let office = office
        .reopened_with(|options| options.http.timeout = Duration::from_secs(2))
        .await;
    let mut done = 0;
    for stop_after in [3, 5, 0, 4] {
        // Every read takes its time, so that it goes away while some are being read and some were written.
        let slow = Fault::Latency {
            ms: 60,
            after_commit: true,
        };
        shop.fault("GET", "/payment/tokens/", None, slow);
        let pushing = tokio::spawn({
            let desk = office.desk.clone();
            async move { desk.push_changes(Default::default()).await.unwrap() }
        });
        until("some writes", || async {
            (shop.running.writes().len() >= stop_after).then_some(())
        })
        .await;
        let Shop { running, .. } = shop;
        running.stop();
        done += pushing.await.unwrap().done;
        office.assert_counters().await;
        shop = remembering(&journal, port);
    }
    assert!(done < 24, "it went away before the end");
    // A write whose answer was lost waits a little before it is asked for again.
    until("the rest", || async {
        let pushed = office.push().await;
        (pushed.waiting == 0).then_some(())
    })
    .await;
    for (token, change) in cards.iter().zip(&changes) {
        assert_eq!(office.stands(change).await.0, "done");
        let held = shop.token(token.id);
        assert_eq!(
            (held.enabled_for_one_click_payment, held.version),
            (false, token.version + 1),
            "written exactly once"
        );
    }
    office.assert_counters().await;
    office.assert_log_intact().await;
}

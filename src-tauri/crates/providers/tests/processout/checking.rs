//! The connection test says what works and which permission is missing, and changes nothing.

use crate::{Shop, credentials};
use serde_json::json;
use tokendesk_providers::processout::ProcessOut;
use tokendesk_providers::{
    CheckOutcome as Outcome, CheckReport, CheckStep as Step, HttpOptions, PaymentSystem,
    ProviderErrorKind as Kind,
};

fn outcome(report: &CheckReport, step: Step) -> &Outcome {
    &report
        .items
        .iter()
        .find(|item| item.step == step)
        .unwrap()
        .outcome
}

fn works(report: &CheckReport, step: Step) -> bool {
    matches!(outcome(report, step), Outcome::Works(_))
}

fn failure(report: &CheckReport, step: Step) -> Option<Kind> {
    match outcome(report, step) {
        Outcome::Fails(error) | Outcome::Limited(error) => Some(error.kind),
        _ => None,
    }
}

const ALL: [Step; 8] = [
    Step::Reach,
    Step::SignIn,
    Step::ReadCustomers,
    Step::ReadTokens,
    Step::ReadVersions,
    Step::Events,
    Step::Environment,
    Step::Clock,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_good_account_works_in_every_step_and_nothing_is_written() {
    for customers in [0, 30] {
        let shop = Shop::of(customers);
        let report = shop.client.check().await;
        assert_eq!(report.items.iter().map(|item| item.step).collect::<Vec<_>>(), ALL);
        for step in ALL {
            assert!(works(&report, step), "{step:?} {:?}", outcome(&report, step));
        }
        assert_eq!((report.failure(), report.production_seen), (None, false));
        assert!(shop.system.writes().is_empty());
    }
    let shop = Shop::of(30);
    let words = async || match outcome(&shop.fresh().check().await, Step::ReadVersions) {
        Outcome::Works(Some(words)) => words.clone(),
        other => panic!("{other:?}"),
    };
    let together = words().await;
    for value in ["ignored", "refused"] {
        shop.system.set_switch("expand_card", value).unwrap();
        assert_ne!(words().await, together);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_permission_that_is_missing_is_named() {
    for status in ["403", "401"] {
        for (switch, step) in [
            ("may_read_customers", Step::ReadCustomers),
            ("may_read_tokens", Step::ReadTokens),
            ("may_read_events", Step::Events),
        ] {
            let shop = Shop::with(&[(switch, "off"), ("missing_permission", status)]);
            let report = shop.client.check().await;
            if status == "403" {
                assert_eq!(failure(&report, step), Some(Kind::Forbidden), "{switch}");
                assert!(works(&report, Step::SignIn));
            } else if step != Step::ReadCustomers {
                assert_eq!(failure(&report, step), Some(Kind::Unauthorized), "{switch}");
            } else {
                // With this status a key without permission looks like no key.
                assert_eq!(failure(&report, Step::SignIn), Some(Kind::Unauthorized));
            }
            // The account works without events, and without nothing else.
            assert_eq!(report.failure().is_none(), step == Step::Events);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_taken_is_told_from_a_host_that_is_not_reached() {
    let shop = Shop::of(3);
    let secret = shop.system.connection()["secret"].clone();
    shop.edit(json!({ "disable_key": { "secret": secret } }));
    let report = shop.client.check().await;
    assert!(works(&report, Step::Reach));
    assert_eq!(failure(&report, Step::SignIn), Some(Kind::Unauthorized));
    assert_eq!(outcome(&report, Step::ReadCustomers), &Outcome::NotTried);
    // A second key of the project works; one of another merchant does not.
    let with_key = |key: &str| {
        let mut credentials = credentials(&shop.system);
        credentials.key = key.into();
        ProcessOut::new(credentials, HttpOptions::default()).unwrap()
    };
    let second = shop.edit(json!({ "add_key": {} }));
    assert_eq!(
        with_key(second["secret"].as_str().unwrap())
            .check()
            .await
            .failure(),
        None
    );
    let other = shop.edit(json!({ "add_merchant": {} }));
    let report = with_key(other["secret"].as_str().unwrap()).check().await;
    assert_eq!(failure(&report, Step::SignIn), Some(Kind::Unauthorized));

    shop.system.stop_listening().unwrap();
    let report = shop.client.check().await;
    assert_eq!(failure(&report, Step::Reach), Some(Kind::Unreachable));
    assert_eq!(outcome(&report, Step::SignIn), &Outcome::NotTried);
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_apart_are_shown() {
    let shop = Shop::with(&[("clock_offset_seconds", "-900")]);
    let report = shop.client.check().await;
    assert!(matches!(
        outcome(&report, Step::Clock),
        Outcome::ClockAhead(880..=920)
    ));
    assert_eq!(report.failure(), None);
}

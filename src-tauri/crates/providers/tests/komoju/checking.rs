//! The connection test says exactly what works.

use crate::place::{Place, credentials, options};
use tokendesk_providers::komoju::Komoju;
use tokendesk_providers::{
    CheckOutcome, CheckReport, CheckStep, Credentials, PaymentSystem, ProviderErrorKind as Kind,
};
use tokendesk_sandbox::{Fault, FaultBody};

fn word(outcome: &CheckOutcome) -> String {
    match outcome {
        CheckOutcome::Works(None) => "works".to_owned(),
        CheckOutcome::Works(Some(fact)) => format!("works {fact}"),
        CheckOutcome::Limited(error) => format!("limited {:?}", error.kind),
        CheckOutcome::Fails(error) => format!("fails {:?}", error.kind),
        CheckOutcome::NotTried => "not tried".to_owned(),
        other => format!("{other:?}"),
    }
}

fn line(report: &CheckReport, step: CheckStep) -> String {
    let item = report.items.iter().find(|item| item.step == step);
    item.map_or_else(|| "absent".to_owned(), |item| word(&item.outcome))
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_and_nothing_is_written() {
    let place = Place::new(57);
    let report = place.komoju.check().await;
    assert_eq!(report.failure(), None);
    for (step, told) in [
        (CheckStep::Reach, "works"),
        (CheckStep::SignIn, "works"),
        (CheckStep::ReadCustomers, "works 57"),
        (CheckStep::ReadVersions, "works"),
        (CheckStep::Events, "works"),
        (CheckStep::PublishableKey, "works"),
        (CheckStep::Clock, "works"),
    ] {
        assert_eq!(line(&report, step), told, "{step:?}");
    }
    assert!(place.system.writes().is_empty());
    let without = Credentials {
        publishable_key: None,
        ..credentials(&place.system)
    };
    let report = Komoju::new(without, options()).unwrap().check().await;
    assert_eq!(line(&report, CheckStep::PublishableKey), "absent");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_is_named() {
    let place = Place::new(30);
    place.set("source", "hidden");
    assert_eq!(
        line(&place.komoju.check().await, CheckStep::ReadVersions),
        "limited NotOffered"
    );
    for status in [403, 404] {
        place.fault(
            "GET",
            "/events",
            Some(1),
            Fault::Status {
                status,
                retry_after: None,
                body: FaultBody::Json,
            },
        );
        let report = place.komoju.check().await;
        assert!(line(&report, CheckStep::Events).starts_with("limited"));
        assert_eq!(report.failure(), None);
    }
    let stranger = Credentials {
        publishable_key: Some("pk_test_stranger".to_owned().into()),
        ..credentials(&place.system)
    };
    let report = Komoju::new(stranger, options()).unwrap().check().await;
    assert_eq!(line(&report, CheckStep::PublishableKey), "limited Unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_is_named_and_what_follows_is_not_tried() {
    let place = Place::new(10);
    place.set("may_read", "off");
    let report = place.komoju.check().await;
    assert_eq!(report.failure().unwrap().kind, Kind::Forbidden);
    assert_eq!(line(&report, CheckStep::SignIn), "works");
    assert_eq!(line(&report, CheckStep::ReadCustomers), "fails Forbidden");
    assert_eq!(line(&report, CheckStep::Events), "not tried");
    place.set("keys_known", "off");
    let report = place.komoju.check().await;
    assert_eq!(line(&report, CheckStep::SignIn), "fails Unauthorized");
    place.set("keys_known", "on");
    place.set("may_read", "on");
    place.fault("GET", "/customers", Some(1), Fault::NonJson);
    assert_eq!(
        line(&place.komoju.check().await, CheckStep::SignIn),
        "fails Unreadable"
    );
    place.system.stop_listening().unwrap();
    let report = place.komoju.check().await;
    assert!(line(&report, CheckStep::Reach).starts_with("fails"));
    assert_eq!(line(&report, CheckStep::Clock), "not tried");
}

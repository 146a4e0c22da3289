//! The connection test says what works, and changes nothing.

use crate::{Shop, credentials};
use serde_json::json;
use tokendesk_providers::zafapay::Zafapay;
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

fn failure(report: &CheckReport, step: Step) -> Option<Kind> {
    match outcome(report, step) {
        Outcome::Fails(error) => Some(error.kind),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_and_an_empty_list_both_mean_that_the_key_works() {
    for (switch, value) in [
        ("unknown_customer", "404"),
        ("unknown_customer", "200"),
        ("code_case", "upper"),
    ] {
        let shop = Shop::with(&[(switch, value)]);
        let before = shop.system.ids();
        let report = shop.client.check().await;
        assert_eq!(report.failure(), None);
        for step in [
            Step::Reach,
            Step::SignIn,
            Step::ReadTokens,
            Step::Environment,
            Step::Clock,
        ] {
            assert_eq!(outcome(&report, step), &Outcome::Works(None), "{step:?}");
        }
        // The browser's key reads nothing, so it is not tried.
        assert_eq!(outcome(&report, Step::PublishableKey), &Outcome::NotTried);
        assert_eq!((shop.system.requests(), shop.system.writes().len()), (1, 0));
        assert_eq!(shop.system.ids(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_taken_and_a_merchant_that_is_off_are_told_apart() {
    let shop = Shop::new();
    shop.system
        .edit(json!({ "regenerate_access_token": {} }))
        .unwrap();
    let report = shop.client.check().await;
    assert_eq!(outcome(&report, Step::Reach), &Outcome::Works(None));
    assert_eq!(failure(&report, Step::SignIn), Some(Kind::Unauthorized));
    assert_eq!(outcome(&report, Step::ReadTokens), &Outcome::NotTried);

    let shop = Shop::with(&[("merchant", "merchant_not_active")]);
    let report = shop.client.check().await;
    assert_eq!(outcome(&report, Step::SignIn), &Outcome::Works(None));
    assert_eq!(failure(&report, Step::ReadTokens), Some(Kind::Forbidden));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_down_is_not_reached_and_clocks_apart_are_shown() {
    let shop = Shop::new();
    let clock = std::sync::Arc::new(|| chrono::Utc::now() + chrono::TimeDelta::minutes(10));
    let ahead = Zafapay::with_clock(credentials(&shop.system), HttpOptions::default(), clock).unwrap();
    let report = ahead.check().await;
    assert!(matches!(
        outcome(&report, Step::Clock),
        Outcome::ClockAhead(590..=610)
    ));
    assert_eq!(report.failure(), None);

    shop.system.stop_listening().unwrap();
    let report = shop.client.check().await;
    assert_eq!(failure(&report, Step::Reach), Some(Kind::Unreachable));
    assert_eq!(outcome(&report, Step::SignIn), &Outcome::NotTried);
}

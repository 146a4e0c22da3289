//! The connection test says what works, and admits what it cannot know without moving money.

use crate::playing::Playing;
use tokendesk_model::{Environment, Origin};
use tokendesk_providers::prism::Prism;
use tokendesk_providers::{
    CheckOutcome, CheckReport, CheckStep, Credentials, HttpOptions, PaymentSystem, ProviderErrorKind as Kind,
};
use tokendesk_sandbox::{Fault, Options, Sandbox};

fn outcome(report: &CheckReport, step: CheckStep) -> &CheckOutcome {
    &report
        .items
        .iter()
        .find(|item| item.step == step)
        .unwrap()
        .outcome
}

fn kind(outcome: &CheckOutcome) -> Option<Kind> {
    match outcome {
        CheckOutcome::Fails(error) | CheckOutcome::Limited(error) => Some(error.kind),
        _ => None,
    }
}

fn works(outcome: &CheckOutcome) -> bool {
    matches!(outcome, CheckOutcome::Works(_))
}

async fn check(playing: &Playing, connector: &str, key: &str) -> CheckReport {
    let credentials = Credentials {
        key: key.to_owned().into(),
        ..playing.credentials(connector)
    };
    Prism::new(credentials, HttpOptions::default())
        .unwrap()
        .check()
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_key_is_seen_to_work_without_money() {
    let playing = Playing::start();
    for connector in ["stripe", "cybersource", "noon"] {
        let report = check(&playing, connector, &playing.key(connector)).await;
        assert!(report.failure().is_none(), "{connector}");
        for step in [CheckStep::Reach, CheckStep::Connector, CheckStep::SignIn] {
            assert!(works(outcome(&report, step)), "{connector} {step:?}");
        }
    }
    assert_eq!(playing.transactions(), 0);
    assert!(playing.server.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn adyens_key_cannot_be_tried_and_that_is_said() {
    let playing = Playing::start();
    let report = check(&playing, "adyen", &playing.key("adyen")).await;
    assert!(report.failure().is_none());
    assert!(works(outcome(&report, CheckStep::Connector)));
    let sign_in = outcome(&report, CheckStep::SignIn);
    assert!(matches!(sign_in, CheckOutcome::Limited(_)));
    assert_eq!(kind(sign_in), Some(Kind::NotOffered));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_refused_by_the_processor() {
    let playing = Playing::start();
    let report = check(&playing, "stripe", r#"{"api_key":"sk_test_other"}"#).await;
    assert!(works(outcome(&report, CheckStep::Connector)));
    assert_eq!(
        kind(outcome(&report, CheckStep::SignIn)),
        Some(Kind::Unauthorized)
    );
    assert!(report.failure().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_the_server_does_not_know_is_told() {
    let playing = Playing::start();
    // The sandbox plays four connectors; this one is not among them.
    let report = check(&playing, "stax", r#"{"api_key":"key_1"}"#).await;
    assert!(works(outcome(&report, CheckStep::Reach)));
    assert_eq!(kind(outcome(&report, CheckStep::Connector)), Some(Kind::Refused));
    assert_eq!(outcome(&report, CheckStep::SignIn), &CheckOutcome::NotTried);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_health_service_is_reached_all_the_same() {
    let playing = Playing::start();
    playing.server.set_switch("health", "off").unwrap();
    let report = check(&playing, "stripe", &playing.key("stripe")).await;
    assert!(report.failure().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_or_speaks_something_else_is_told() {
    let playing = Playing::start();
    let key = playing.key("stripe");
    playing.server.stop_listening().unwrap();
    let report = check(&playing, "stripe", &key).await;
    assert_eq!(kind(outcome(&report, CheckStep::Reach)), Some(Kind::Unreachable));
    assert_eq!(outcome(&report, CheckStep::Connector), &CheckOutcome::NotTried);
    playing.server.start_listening().unwrap();

    playing.break_call("/grpc.health.v1.Health/Check", Fault::NonJson);
    let report = check(&playing, "stripe", &key).await;
    assert!(report.failure().is_some());

    // HTTP/1.1 on the port: no Prism.
    let web = Sandbox::start(Options::default()).unwrap();
    let credentials = Credentials {
        origin: Origin::parse(&web.origin).unwrap(),
        ..playing.credentials("stripe")
    };
    let report = Prism::new(credentials, HttpOptions::default())
        .unwrap()
        .check()
        .await;
    assert!(matches!(
        outcome(&report, CheckStep::Reach),
        CheckOutcome::Fails(_)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_the_servers_certificate_must_be_trusted() {
    let running = Sandbox::start(Options {
        systems: vec!["prism".to_owned()],
        tls: true,
        ..Options::default()
    })
    .unwrap();
    let server = running.system("prism");
    let key = server.connection()["connector_configs"]["noon"].to_string();
    let credentials = |environment| Credentials {
        origin: Origin::parse(&server.origin).unwrap(),
        environment,
        scope: String::new(),
        user: String::new(),
        connector: Some("noon".to_owned()),
        key: key.clone().into(),
        publishable_key: None,
    };
    let trusting = HttpOptions {
        extra_root_pem: running.ca_pem.clone(),
        ..HttpOptions::default()
    };
    for environment in [Environment::Test, Environment::Live] {
        let account = Prism::new(credentials(environment), trusting.clone()).unwrap();
        let report = account.check().await;
        assert!(report.failure().is_none(), "{report:?}");
        assert!(account.bench().is_none());
    }
    let report = Prism::new(credentials(Environment::Live), HttpOptions::default())
        .unwrap()
        .check()
        .await;
    assert_eq!(kind(outcome(&report, CheckStep::Reach)), Some(Kind::Tls));
    // A name is never the demo, wherever it leads.
    let refused = Prism::new(credentials(Environment::Demo), trusting);
    assert_eq!(refused.err().map(|error| error.kind), Some(Kind::HostNotAllowed));
}

#[test]
fn an_account_is_refused_before_anything_is_contacted() {
    let credentials = |environment, origin: &str, connector: Option<&str>, key: &str| Credentials {
        origin: Origin::parse(origin).unwrap(),
        environment,
        scope: String::new(),
        user: String::new(),
        connector: connector.map(str::to_owned),
        key: key.to_owned().into(),
        publishable_key: None,
    };
    let kind = |credentials| {
        Prism::new(credentials, HttpOptions::default())
            .err()
            .map(|error| error.kind)
    };
    use Environment::{Demo, Live, Test};
    let (far, here, near) = (
        "https://prism.shop.example",
        "http://127.0.0.1:8000",
        "http://192.168.0.4:8000",
    );
    let test_key = r#"{"api_key":"sk_test_1"}"#;
    let live_key = r#"{"api_key":"sk_live_1"}"#;
    let led = r#"{"api_key":"sk_test_1","base_url":"http://127.0.0.1:9/"}"#;
    for (credentials, expected) in [
        (credentials(Test, far, Some("stripe"), test_key), None),
        (credentials(Live, here, Some("stripe"), live_key), None),
        (credentials(Test, near, Some("stripe"), test_key), None),
        (
            credentials(Live, near, Some("stripe"), live_key),
            Some(Kind::HostNotAllowed),
        ),
        (
            credentials(Demo, far, Some("stripe"), test_key),
            Some(Kind::HostNotAllowed),
        ),
        (credentials(Test, far, None, test_key), Some(Kind::BadCredentials)),
        (
            credentials(Test, far, Some("paypal"), test_key),
            Some(Kind::BadCredentials),
        ),
        (
            credentials(Test, far, Some("stripe"), live_key),
            Some(Kind::WrongEnvironment),
        ),
        (
            credentials(Test, far, Some("stripe"), r#"{"api_key":"pk_test_1"}"#),
            Some(Kind::WrongKeyKind),
        ),
        (credentials(Demo, here, Some("stripe"), led), None),
        (
            credentials(Test, far, Some("stripe"), led),
            Some(Kind::BadCredentials),
        ),
        (
            credentials(Test, here, Some("stripe"), led),
            Some(Kind::BadCredentials),
        ),
    ] {
        let shown = format!("{:?}", credentials.origin);
        assert_eq!(kind(credentials), expected, "{shown}");
    }
}

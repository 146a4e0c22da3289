//! What breaks on the way, what ProcessOut says no with, its rate limit, and credentials that are refused before anything is
//! sent.

use crate::{Shop, credentials};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokendesk_model::{Environment, Origin, ProviderKind};
use tokendesk_providers::processout::ProcessOut;
use tokendesk_providers::{
    Credentials, HttpOptions, PaymentSystem, ProviderErrorKind as Kind, RetryKind, registry,
};
use tokendesk_sandbox::{Fault, FaultBody, FaultMatch, FaultRule};

fn fault(shop: &Shop, method: &str, fault: Fault) {
    shop.system.add_fault(FaultRule {
        when: FaultMatch {
            method: Some(method.to_owned()),
            ..FaultMatch::default()
        },
        times: Some(1),
        fault,
    });
}

fn status(status: u16, body: FaultBody) -> Fault {
    Fault::Status {
        status,
        retry_after: None,
        body,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_become_kinds() {
    let shop = Shop::of(3);
    let customer = shop.customer(None);
    for (code, kind) in [
        (400, Kind::Refused),
        (401, Kind::Unauthorized),
        (403, Kind::Forbidden),
        (404, Kind::NotFound),
        (422, Kind::Refused),
        (429, Kind::RateLimited),
        (500, Kind::ServerFailed),
        (503, Kind::ServerFailed),
    ] {
        fault(&shop, "GET", status(code, FaultBody::Json));
        let error = shop.cards(&customer).await.unwrap_err();
        assert_eq!((error.kind, error.status), (kind, Some(code)));
        assert!(error.message.is_some());
    }
    for body in [FaultBody::Html, FaultBody::Empty] {
        fault(&shop, "GET", status(404, body));
        assert_eq!(shop.cards(&customer).await.unwrap_err().kind, Kind::Unreadable);
        fault(&shop, "GET", status(502, body));
        assert_eq!(shop.cards(&customer).await.unwrap_err().kind, Kind::ServerFailed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_200_that_says_no_is_an_error() {
    let shop = Shop::with(&[("refused_as_200", "on")]);
    let customer = shop.customer(None);
    let token = shop.card(&customer, json!({}));
    let current = shop.token(&customer, &token).await.unwrap();
    shop.edit(json!({ "delete_token": { "id": token } }));
    for error in [
        shop.client.set_one_click(&current, true).await.unwrap_err(),
        shop.client.set_default(&current).await.unwrap_err(),
        shop.client.delete_token(&current).await.unwrap_err(),
    ] {
        assert_eq!((error.kind, error.status), (Kind::NotFound, Some(200)));
    }
    let secret = shop.system.connection()["secret"].clone();
    shop.edit(json!({ "disable_key": { "secret": secret } }));
    assert_eq!(shop.cards(&customer).await.unwrap_err().kind, Kind::Unauthorized);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_is_told_from_one_that_was_not_given() {
    for (broken, done) in [
        (Fault::DropBeforeCommit, false),
        (Fault::DropAfterCommit, true),
        (Fault::Truncated, true),
        (Fault::NonJson, true),
    ] {
        let shop = Shop::of(3);
        let customer = shop.customer(None);
        let token = shop.card(&customer, json!({}));
        let current = shop.token(&customer, &token).await.unwrap();
        fault(&shop, "PUT", broken);
        let error = shop.client.set_one_click(&current, true).await.unwrap_err();
        assert!(error.may_have_been_done(), "{:?}", error.kind);
        let held = shop.truth(&token)["metadata"]["tokendesk_one_click"] == "true";
        assert_eq!(held, done);
    }
    let shop = Shop::of(3);
    shop.system.stop_listening().unwrap();
    assert_eq!(
        shop.client.list_customers(None, 10).await.unwrap_err().kind,
        Kind::Unreachable
    );
    shop.system.start_listening().unwrap();
    assert_eq!(shop.client.list_customers(None, 10).await.unwrap().items.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_heeded_before_it_is_exceeded() {
    let shop = Shop::with(&[("calls_per_second", "20")]);
    let customer = shop.customer(None);
    // Several at once, as a pass makes them, and more than the limit has left at the beginning.
    let some = async || {
        for _ in 0..8 {
            shop.cards(&customer).await.unwrap();
        }
    };
    tokio::join!(some(), some(), some(), some());
    // Without the headers nobody knows, until one is refused.
    shop.system.set_switch("limit_headers", "off").unwrap();
    shop.system.set_switch("limit_retry_after", "0").unwrap();
    let hasty = shop.fresh();
    let mut refused = None;
    for _ in 0..200 {
        if let Err(error) = hasty.read_customer(&customer).await {
            refused = Some(error);
            break;
        }
    }
    assert_eq!(refused.unwrap().kind, Kind::RateLimited);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_names_a_time_to_wait_even_where_the_provider_does_not() {
    let shop = Shop::of(3);
    let wish = async |retry_after: Option<Value>| {
        let client = shop.fresh();
        fault(&shop, "GET", Fault::TooMany { retry_after });
        client.list_customers(None, 10).await.unwrap_err().retry()
    };
    let after = |seconds| RetryKind::Transient {
        retry_after: Some(Duration::from_secs(seconds)),
    };
    assert_eq!(wish(Some(json!(7))).await, after(7));
    assert_eq!(wish(None).await, after(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_answer_is_given_up() {
    let shop = Shop::of(3);
    let options = HttpOptions {
        timeout: Duration::from_millis(200),
        ..HttpOptions::default()
    };
    let client = ProcessOut::new(credentials(&shop.system), options).unwrap();
    fault(&shop, "GET", Fault::Hang);
    let began = Instant::now();
    assert_eq!(
        client.list_customers(None, 10).await.unwrap_err().kind,
        Kind::Timeout
    );
    assert!(began.elapsed() >= Duration::from_millis(200));
}

#[test]
fn credentials_are_refused_before_anything_is_sent() {
    let of = |environment, host: &str, project: &str, key: &str| {
        let credentials = Credentials {
            origin: Origin::parse(host).unwrap(),
            environment,
            scope: project.to_owned(),
            user: String::new(),
            connector: None,
            key: key.into(),
            publishable_key: None,
        };
        registry::connect(ProviderKind::ProcessOut, credentials, HttpOptions::default())
            .err()
            .map(|error| error.kind)
    };
    let (demo, test, live) = (Environment::Demo, Environment::Test, Environment::Live);
    let own = "https://api.processout.com";
    let local = "http://127.0.0.1:9";
    assert_eq!(of(live, own, "proj_a1", "key_live_x"), None);
    assert_eq!(of(test, own, "test-proj_a1", "key_sandbox_x"), None);
    assert_eq!(of(demo, local, "test-proj_a1", "key_sandbox_x"), None);
    for (environment, host, project, key, kind) in [
        (test, own, "test-proj_a1", "key_live_x", Kind::WrongEnvironment),
        (live, own, "proj_a1", "key_sandbox_x", Kind::WrongEnvironment),
        (live, own, "test-proj_a1", "key_live_x", Kind::WrongEnvironment),
        (test, own, "proj_a1", "key_sandbox_x", Kind::WrongEnvironment),
        (demo, local, "proj_a1", "key_sandbox_x", Kind::WrongEnvironment),
        (test, own, "test-proj_a1", "test-proj_a1", Kind::WrongKeyKind),
        (test, own, "test-proj_a1", "", Kind::BadCredentials),
        (test, own, "test-proj_a1", "with blank", Kind::BadCredentials),
        (test, own, "project", "key_sandbox_x", Kind::BadCredentials),
        (
            live,
            "https://evil.example",
            "proj_a1",
            "key_live_x",
            Kind::HostNotAllowed,
        ),
        (test, local, "test-proj_a1", "key_sandbox_x", Kind::HostNotAllowed),
        (demo, own, "test-proj_a1", "key_sandbox_x", Kind::HostNotAllowed),
    ] {
        assert_eq!(
            of(environment, host, project, key),
            Some(kind),
            "{environment:?} {project} {key}"
        );
    }
}

//! What breaks on the way, what Zafapay says no with, and credentials that are refused before anything is sent.

use crate::{Shop, credentials};
use serde_json::Value;
use std::time::Duration;
use tokendesk_model::{Environment, Origin};
use tokendesk_providers::zafapay::Zafapay;
use tokendesk_providers::{
    Credentials, HttpOptions, PaymentSystem, ProviderError, ProviderErrorKind as Kind, RetryKind,
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
    let shop = Shop::new();
    shop.add_card("c");
    for (code, kind) in [
        (400, Kind::Refused),
        (401, Kind::Unauthorized),
        (403, Kind::Forbidden),
        (409, Kind::VersionConflict),
        (422, Kind::Refused),
        (429, Kind::RateLimited),
        (500, Kind::ServerFailed),
        (503, Kind::ServerFailed),
        (302, Kind::Unexpected),
    ] {
        fault(&shop, "GET", status(code, FaultBody::Json));
        let error = shop.cards("c").await.unwrap_err();
        assert_eq!((error.kind, error.status), (kind, Some(code)));
    }
    // Only Zafapay's own 404 says that no saved cards are known.
    fault(&shop, "GET", status(404, FaultBody::Json));
    assert!(shop.cards("c").await.unwrap().tokens.is_empty());
    for body in [FaultBody::Html, FaultBody::Empty] {
        fault(&shop, "GET", status(404, body));
        assert_eq!(shop.cards("c").await.unwrap_err().kind, Kind::Unreadable);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_names_its_waiting_time() {
    let shop = Shop::new();
    fault(
        &shop,
        "GET",
        Fault::TooMany {
            retry_after: Some(Value::from(7)),
        },
    );
    assert_eq!(
        shop.cards("c").await.unwrap_err().retry(),
        RetryKind::Transient {
            retry_after: Some(Duration::from_secs(7))
        }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_answer_is_never_an_empty_list() {
    for broken in [
        Fault::Truncated,
        Fault::NonJson,
        Fault::DropBeforeCommit,
        Fault::DropAfterCommit,
    ] {
        let shop = Shop::new();
        shop.add_card("c");
        fault(&shop, "GET", broken);
        let error = shop.cards("c").await.unwrap_err();
        assert!(
            matches!(error.kind, Kind::AnswerLost | Kind::Unreadable),
            "{:?}",
            error.kind
        );
    }
    let shop = Shop::new();
    shop.system.stop_listening().unwrap();
    assert_eq!(shop.cards("c").await.unwrap_err().kind, Kind::Unreachable);
    shop.system.start_listening().unwrap();
    shop.add_card("c");
    assert_eq!(shop.cards("c").await.unwrap().tokens.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_ids_are_counted() {
    let shop = Shop::new();
    shop.add_card("c");
    shop.add_card("c");
    fault(
        &shop,
        "GET",
        Fault::MissingMembers {
            members: vec!["id".to_owned()],
        },
    );
    let cards = shop.cards("c").await.unwrap();
    assert_eq!((cards.tokens.len(), cards.unreadable), (0, 2));
    // Nothing else is needed of a row.
    let members = [
        "type",
        "connector_id",
        "card",
        "is_default",
        "status",
        "blocked_reason",
        "created_at",
    ];
    fault(
        &shop,
        "GET",
        Fault::MissingMembers {
            members: members.map(str::to_owned).to_vec(),
        },
    );
    let cards = shop.cards("c").await.unwrap();
    assert_eq!((cards.tokens.len(), cards.unreadable), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_lost_write_nobody_knows_whether_it_was_done() {
    for (broken, done) in [
        (Fault::DropAfterCommit, true),
        (Fault::DropBeforeCommit, false),
        (Fault::Truncated, true),
        (status(500, FaultBody::Json), false),
    ] {
        let shop = Shop::new();
        let id = shop.add_card("c");
        let token = shop.token("c", &id).await.unwrap();
        let lost = matches!(broken, Fault::Truncated);
        fault(&shop, "POST", broken);
        let error = shop
            .client
            .set_active(&token, false, Some("why"))
            .await
            .unwrap_err();
        assert!(error.may_have_been_done(), "{:?}", error.kind);
        assert_eq!(shop.truth(&id)["status"] == "blocked", done, "{lost}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_is_a_timeout() {
    let shop = Shop::new();
    let id = shop.add_card("c");
    let options = HttpOptions {
        timeout: Duration::from_millis(300),
        ..HttpOptions::default()
    };
    let client = Zafapay::new(credentials(&shop.system), options).unwrap();
    let token = shop.token("c", &id).await.unwrap();
    fault(&shop, "POST", Fault::Hang);
    let error = client.set_active(&token, false, Some("why")).await.unwrap_err();
    assert_eq!(error.kind, Kind::Timeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_that_was_switched_off_is_forbidden() {
    for value in ["merchant_not_active", "forbidden"] {
        let shop = Shop::with(&[("merchant", value)]);
        assert_eq!(shop.cards("c").await.unwrap_err().kind, Kind::Forbidden);
    }
}

fn refused(change: impl FnOnce(&mut Credentials)) -> Option<Kind> {
    let mut credentials = Credentials {
        origin: Origin::parse("api.sandbox.zafapay.com").unwrap(),
        environment: Environment::Test,
        scope: String::new(),
        user: String::new(),
        connector: None,
        key: "an-access-token".into(),
        publishable_key: None,
    };
    change(&mut credentials);
    let made: Result<Zafapay, ProviderError> = Zafapay::new(credentials, HttpOptions::default());
    made.err().map(|error| error.kind)
}

#[test]
fn keys_and_hosts_that_do_not_fit_are_refused_before_anything_is_sent() {
    assert_eq!(refused(|_| ()), None);
    assert_eq!(refused(|c| c.key = "pk_test_x".into()), Some(Kind::WrongKeyKind));
    assert_eq!(refused(|c| c.key = "pk_live_x".into()), Some(Kind::WrongKeyKind));
    assert_eq!(refused(|c| c.key = "".into()), Some(Kind::BadCredentials));
    assert_eq!(
        refused(|c| c.key = "two words".into()),
        Some(Kind::BadCredentials)
    );
    let publishable = |key: &str| {
        let key = key.to_owned();
        refused(|c| c.publishable_key = Some(key.into()))
    };
    assert_eq!(publishable("pk_test_x"), None);
    assert_eq!(publishable("pk_live_x"), Some(Kind::WrongEnvironment));
    assert_eq!(publishable("an-access-token"), Some(Kind::WrongKeyKind));
    let live = |c: &mut Credentials| {
        c.environment = Environment::Live;
        c.origin = Origin::parse("api.zafapay.com").unwrap();
    };
    assert_eq!(refused(live), None);
    assert_eq!(
        refused(|c| {
            live(c);
            c.publishable_key = Some("pk_test_x".into());
        }),
        Some(Kind::WrongEnvironment)
    );
    for (environment, host) in [
        (Environment::Live, "api.sandbox.zafapay.com"),
        (Environment::Test, "api.zafapay.com"),
        (Environment::Test, "zafepay.example"),
        (Environment::Demo, "api.sandbox.zafapay.com"),
        (Environment::Live, "http://127.0.0.1:4050"),
    ] {
        let kind = refused(|c| {
            c.environment = environment;
            c.origin = Origin::parse(host).unwrap();
        });
        assert_eq!(kind, Some(Kind::HostNotAllowed), "{host}");
    }
}

//! What goes wrong on the way, and keys that are not what they were given as.

use crate::place::{Place, by_id, credentials, options};
use serde_json::json;
use std::time::Duration;
use tokendesk_model::{Environment, Origin};
use tokendesk_providers::komoju::Komoju;
use tokendesk_providers::{Credentials, HttpOptions, PaymentSystem, ProviderErrorKind as Kind, RetryKind};
use tokendesk_sandbox::{Fault, FaultBody};

fn status(status: u16, body: FaultBody) -> Fault {
    Fault::Status {
        status,
        retry_after: None,
        body,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_has_its_kind() {
    let place = Place::new(20);
    let id = place.with_card();
    let cases = [
        (status(400, FaultBody::Json), Kind::Refused),
        (status(401, FaultBody::Json), Kind::Unauthorized),
        (status(403, FaultBody::Json), Kind::Forbidden),
        (status(404, FaultBody::Html), Kind::Unreadable),
        (status(404, FaultBody::Empty), Kind::Unreadable),
        (status(409, FaultBody::Json), Kind::VersionConflict),
        (status(422, FaultBody::Json), Kind::Refused),
        (status(500, FaultBody::Json), Kind::ServerFailed),
        (status(502, FaultBody::Html), Kind::ServerFailed),
        (status(503, FaultBody::Empty), Kind::ServerFailed),
        (Fault::TooMany { retry_after: None }, Kind::RateLimited),
        (Fault::NonJson, Kind::Unreadable),
        (Fault::DropBeforeCommit, Kind::AnswerLost),
        (Fault::DropAfterCommit, Kind::AnswerLost),
        (Fault::Truncated, Kind::AnswerLost),
        (
            Fault::MissingMembers {
                members: vec!["id".to_owned()],
            },
            Kind::Unreadable,
        ),
    ];
    for (fault, kind) in cases {
        place.fault("GET", "/customers/", Some(1), fault.clone());
        let error = place.komoju.read_customer(&id).await.unwrap_err();
        assert_eq!(error.kind, kind, "{fault:?}");
        place.system.clear_faults();
    }
    // The same on the list: none of it is an empty shop.
    for fault in [
        status(404, FaultBody::Json),
        status(500, FaultBody::Empty),
        Fault::Truncated,
        Fault::NonJson,
    ] {
        place.fault("GET", "/customers?", Some(1), fault.clone());
        assert!(place.komoju.list_customers(None, 10).await.is_err(), "{fault:?}");
        place.system.clear_faults();
    }
    place.fault(
        "GET",
        "/customers?",
        Some(1),
        Fault::MissingMembers {
            members: vec!["id".to_owned()],
        },
    );
    let page = place.komoju.list_customers(None, 10).await.unwrap();
    assert_eq!((page.items.len(), page.unreadable), (0, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_names_its_wait_or_not() {
    let place = Place::new(5);
    for (given, wait) in [(Some(json!(7)), Some(Duration::from_secs(7))), (None, None)] {
        place.fault(
            "GET",
            "/customers",
            Some(1),
            Fault::TooMany { retry_after: given },
        );
        let error = place.komoju.list_customers(None, 10).await.unwrap_err();
        assert_eq!(error.retry(), RetryKind::Transient { retry_after: wait });
    }
    place.set("calls_per_second", "1");
    let mut limited = false;
    for _ in 0..100 {
        let read = place.komoju.list_customers(None, 10).await;
        limited |= read.is_err_and(|error| error.kind == Kind::RateLimited);
        if limited {
            break;
        }
    }
    assert!(limited);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_is_lost_may_have_been_done() {
    let place = Place::new(20);
    let id = place.with_card();
    for fault in [Fault::DropAfterCommit, Fault::Truncated, Fault::NonJson] {
        place
            .system
            .edit(json!({ "id": id, "metadata": { "tokendesk_active": null } }))
            .unwrap();
        let current = place.token(&id).await;
        place.fault("PATCH", "/customers", Some(1), fault.clone());
        let error = place.komoju.set_active(&current, false, None).await.unwrap_err();
        assert!(error.may_have_been_done(), "{fault:?}");
        assert_eq!(place.truth(&id)["metadata"]["tokendesk_active"], "false");
    }
    let current = place.token(&id).await;
    place.fault("DELETE", "/customers", Some(1), Fault::DropAfterCommit);
    assert!(
        place
            .komoju
            .delete_token(&current)
            .await
            .unwrap_err()
            .may_have_been_done()
    );
    assert_eq!(place.komoju.read_token(by_id(&id)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_and_no_answer_are_the_network() {
    let place = Place::new(5);
    let hasty = HttpOptions {
        timeout: Duration::from_millis(300),
        ..HttpOptions::default()
    };
    let komoju = Komoju::new(credentials(&place.system), hasty).unwrap();
    place.fault("GET", "/customers", Some(1), Fault::Hang);
    let error = komoju.list_customers(None, 10).await.unwrap_err();
    assert_eq!((error.kind, error.retry()), (Kind::Timeout, RetryKind::Network));
    place.system.stop_listening().unwrap();
    let error = place.komoju.list_customers(None, 10).await.unwrap_err();
    assert_eq!(error.retry(), RetryKind::Network);
    place.system.start_listening().unwrap();
    place.komoju.list_customers(None, 10).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_was_taken_away_is_not_a_wrong_key() {
    let place = Place::new(10);
    let current = place.token(&place.with_card()).await;
    place.set("may_write", "off");
    let error = place.komoju.set_active(&current, false, None).await.unwrap_err();
    assert_eq!(
        (error.kind, error.retry()),
        (Kind::Forbidden, RetryKind::Permanent)
    );
    place.set("may_read", "off");
    assert_eq!(
        place.komoju.list_customers(None, 10).await.unwrap_err().kind,
        Kind::Forbidden
    );
    place.set("keys_known", "off");
    let error = place.komoju.list_customers(None, 10).await.unwrap_err();
    assert_eq!(
        (error.kind, error.retry()),
        (Kind::Unauthorized, RetryKind::Credentials)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_another_kind_or_environment_are_refused_before_anything_is_sent() {
    let place = Place::new(5);
    let base = || credentials(&place.system);
    let kind = |credentials: Credentials| {
        Komoju::new(credentials, options())
            .map_err(|error| error.kind)
            .err()
    };
    let key = |key: &str| Credentials {
        key: key.to_owned().into(),
        ..base()
    };
    assert_eq!(kind(base()), None);
    assert_eq!(kind(key("pk_test_1")), Some(Kind::WrongKeyKind));
    assert_eq!(kind(key("sk_live_1")), Some(Kind::WrongEnvironment));
    assert_eq!(kind(key("")), Some(Kind::BadCredentials));
    assert_eq!(kind(key("sk_test_1:x")), Some(Kind::BadCredentials));
    let publishable = |key: &str| Credentials {
        publishable_key: Some(key.to_owned().into()),
        ..base()
    };
    assert_eq!(kind(publishable("sk_test_1")), Some(Kind::WrongKeyKind));
    assert_eq!(kind(publishable("pk_live_1")), Some(Kind::WrongEnvironment));
    let elsewhere = |environment, origin: &str, key: &str| Credentials {
        environment,
        origin: Origin::parse(origin).unwrap(),
        key: key.to_owned().into(),
        publishable_key: None,
        ..base()
    };
    let own = "https://komoju.com";
    assert_eq!(kind(elsewhere(Environment::Live, own, "sk_live_1")), None);
    assert_eq!(kind(elsewhere(Environment::Test, own, "sk_test_1")), None);
    assert_eq!(
        kind(elsewhere(Environment::Live, own, "sk_test_1")),
        Some(Kind::WrongEnvironment)
    );
    assert_eq!(
        kind(elsewhere(Environment::Test, own, "sk_live_1")),
        Some(Kind::WrongEnvironment)
    );
    for origin in ["https://komoju.example", "http://127.0.0.1:9"] {
        assert_eq!(
            kind(elsewhere(Environment::Test, origin, "sk_test_1")),
            Some(Kind::HostNotAllowed)
        );
    }
    assert_eq!(place.system.requests(), 0);
    // One that looks like a secret key and is not: the server says so.
    let stranger = Komoju::new(key("sk_test_stranger"), options()).unwrap();
    assert_eq!(
        stranger.list_customers(None, 10).await.unwrap_err().kind,
        Kind::Unauthorized
    );
}

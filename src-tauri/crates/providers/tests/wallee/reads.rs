//! Listing and reading.

use crate::scripted::{Reply, Scripted, answer, json};
use chrono::DateTime;
use serde_json::json as value;
use std::sync::Arc;
use tokendesk_model::{Brand, Expiry, TokenSnapshot, TokenState, VersionState};
use tokendesk_providers::wallee::Wallee;
use tokendesk_providers::{HttpOptions, PaymentSystem, ProviderErrorKind, TokenRef};

/// A token as wallee addresses it.
fn of(remote_id: &str) -> TokenRef<'_> {
    TokenRef {
        remote_id,
        record: None,
    }
}

#[tokio::test]
async fn a_request_carries_a_signature_over_exactly_what_is_sent() {
    let server = Scripted::start([json(200, value!({"data":[],"hasMore":false,"limit":100}))]).await;
    let clock = Arc::new(|| DateTime::from_timestamp(1_700_000_000, 999_000_000).unwrap());
    let wallee = Wallee::with_clock(server.credentials(), HttpOptions::default(), clock).unwrap();
    wallee.list_tokens(None, 100).await.unwrap();

    let request = server.requests().remove(0);
    assert_eq!(request.method, "GET");
    assert_eq!(request.target, "/api/v2.0/payment/tokens?limit=100&order=ASC");
    assert_eq!(
        request.claims(),
        value!({"sub":"12345","iat":1_700_000_000,"requestPath":request.target,"requestMethod":"GET"})
    );
    assert_eq!(request.header("space"), Some("4711"));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(
        request.header("user-agent"),
        Some(concat!("Tokendesk/", env!("CARGO_PKG_VERSION")))
    );
    assert_eq!(request.header("content-type"), None);
}

#[tokio::test]
async fn a_walk_goes_on_after_the_last_id_until_nothing_is_left() {
    let server = Scripted::start([
        json(
            200,
            value!({"data":[{"id":1,"state":"ACTIVE"},{"id":2,"state":"NEW"}],"hasMore":true,"limit":2}),
        ),
        json(200, value!({"data":[{"id":"3"}],"hasMore":false,"limit":2})),
    ])
    .await;
    let wallee = server.wallee();
    let first = wallee.list_tokens(None, 2).await.unwrap();
    assert_eq!(first.next.as_deref(), Some("2"));
    assert_eq!(first.items[1].state, TokenState::Unknown("NEW".into()));
    let second = wallee.list_tokens(first.next.as_deref(), 2).await.unwrap();
    assert_eq!((second.items[0].remote_id.as_str(), second.next), ("3", None));
    assert_eq!(server.requests()[1].query("after").as_deref(), Some("2"));
}

#[tokio::test]
async fn limits_stay_within_what_the_provider_takes() {
    let empty = || json(200, value!({"data":[],"hasMore":false}));
    let server = Scripted::start([empty(), empty()]).await;
    let wallee = server.wallee();
    wallee.list_tokens(None, 0).await.unwrap();
    wallee.list_versions(None, 5000).await.unwrap();
    let limits: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.query("limit").unwrap())
        .collect();
    assert_eq!(limits, ["1", "100"]);
}

#[tokio::test]
async fn objects_without_an_id_are_counted_and_the_walk_still_finds_its_place() {
    let data = value!([{"id":1},{"state":"ACTIVE"},7,{"id":4},{"id":null}]);
    let server = Scripted::start([json(200, value!({"data":data,"hasMore":true}))]).await;
    let page = server.wallee().list_tokens(None, 100).await.unwrap();
    let ids: Vec<_> = page.items.iter().map(|token| token.remote_id.as_str()).collect();
    assert_eq!(
        (ids, page.unreadable, page.next.as_deref()),
        (vec!["1", "4"], 3, Some("4"))
    );
}

#[tokio::test]
async fn a_page_that_leads_nowhere_is_never_the_last_page() {
    let server = Scripted::start([
        json(200, value!({"data":[],"hasMore":true})),
        json(200, value!({"data":[{"id":7}],"hasMore":true})),
        json(200, value!({"items":[]})),
        json(200, value!([])),
        json(200, ""),
        answer(
            200,
            &[("Content-Type", "text/html")],
            "<html>Please sign in</html>",
        ),
        json(200, r#"{"data":[{"id":1},{"id":"#),
    ])
    .await;
    let wallee = server.wallee();
    for after in [None, Some("7"), None, None, None, None, None] {
        let error = wallee.list_tokens(after, 100).await.unwrap_err();
        assert_eq!(
            (error.kind, error.status),
            (ProviderErrorKind::Unreadable, Some(200))
        );
    }
}

#[tokio::test]
async fn where_more_is_not_said_an_empty_page_ends_the_walk() {
    let server = Scripted::start([
        json(200, value!({"data":[{"id":7}],"hasMore":null})),
        json(200, value!({"data":[]})),
    ])
    .await;
    let wallee = server.wallee();
    assert_eq!(
        wallee.list_tokens(None, 100).await.unwrap().next.as_deref(),
        Some("7")
    );
    assert_eq!(wallee.list_tokens(Some("7"), 100).await.unwrap().next, None);
}

#[tokio::test]
async fn versions_are_listed_with_their_brand() {
    let server = Scripted::start([json(
        200,
        value!({"hasMore":false,"data":[
            {"id":900045,"version":2,"state":"ACTIVE","token":{"id":700123},"name":"•••• 1111","environment":"PRODUCTION",
             "expiresOn":"2028-01-01T00:00:00Z","paymentMethodBrand":{"id":5,"name":{"en-US":"Visa"}}},
            {"id":900046,"state":"ACTIVE"}
        ]}),
    )])
    .await;
    let page = server.wallee().list_versions(None, 100).await.unwrap();
    assert_eq!((page.items.len(), page.unreadable), (1, 1));
    let version = &page.items[0];
    assert_eq!(
        (version.token_remote_id.as_str(), version.state),
        ("700123", VersionState::Active)
    );
    assert_eq!(version.production, Some(true));
    assert_eq!(version.card.brand, Some(Brand::Visa));
    assert_eq!(version.card.last4.as_deref(), Some("1111"));
    assert_eq!(version.card.expiry, Expiry::new(2027, 12));
    assert_eq!(
        server.requests()[0].query("expand").as_deref(),
        Some("paymentMethodBrand")
    );
}

#[tokio::test]
async fn one_token_is_there_or_gone_or_unclear() {
    let server = Scripted::start([
        json(200, value!({"id":700123,"version":4})),
        json(404, value!({"id":"e1","message":"no such token"})),
        answer(404, &[("Content-Type", "text/html")], "<html>no such site</html>"),
        json(200, value!({"id":700124,"version":4})),
    ])
    .await;
    let wallee = server.wallee();
    assert_eq!(wallee.read_token(of("700123")).await.unwrap().unwrap().version, 4);
    assert_eq!(wallee.read_token(of("700123")).await.unwrap(), None);
    assert_eq!(
        wallee.read_token(of("700123")).await.unwrap_err().kind,
        ProviderErrorKind::Unreadable
    );
    assert_eq!(
        wallee.read_token(of("700123")).await.unwrap_err().kind,
        ProviderErrorKind::Unreadable
    );
    assert_eq!(server.requests()[0].target, "/api/v2.0/payment/tokens/700123");
}

#[tokio::test]
async fn an_id_that_is_not_one_never_leaves() {
    let server = Scripted::start([]).await;
    let wallee = server.wallee();
    for id in ["", "../spaces/1", "1?x=y", "1 OR 2"] {
        assert_eq!(
            wallee.read_token(of(id)).await.unwrap_err().kind,
            ProviderErrorKind::Refused
        );
        assert_eq!(
            wallee.versions_of(of(id)).await.unwrap_err().kind,
            ProviderErrorKind::Refused
        );
        assert_eq!(
            wallee
                .delete_token(&TokenSnapshot::new(id, TokenState::Active))
                .await
                .unwrap_err()
                .kind,
            ProviderErrorKind::Refused
        );
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn no_active_version_has_many_faces() {
    let active = value!({"id":9,"state":"ACTIVE","token":{"id":7}});
    let other = value!({"id":9,"state":"ACTIVE","token":{"id":8}});
    let server = Scripted::start([
        json(200, active),
        json(404, value!({"id":"e1"})),
        answer(204, &[], ""),
        json(200, ""),
        json(200, "null"),
        json(200, other),
        Reply::HangUp,
    ])
    .await;
    let wallee = server.wallee();
    assert_eq!(
        wallee.active_version(of("7")).await.unwrap().unwrap().remote_id,
        "9"
    );
    for _ in 0..4 {
        assert_eq!(wallee.active_version(of("7")).await.unwrap(), None);
    }
    assert_eq!(
        wallee.active_version(of("7")).await.unwrap_err().kind,
        ProviderErrorKind::Unreadable
    );
    assert_eq!(
        wallee.active_version(of("7")).await.unwrap_err().kind,
        ProviderErrorKind::AnswerLost
    );
    assert!(
        server.requests()[0]
            .target
            .starts_with("/api/v2.0/payment/tokens/7/active-version?expand=")
    );
}

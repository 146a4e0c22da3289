//! What takes a search.

use crate::scripted::{Reply, Scripted, json};
use serde_json::{Value, json as value};
use tokendesk_model::TokenSnapshot;
use tokendesk_providers::{CustomerLookup, PaymentSystem, ProviderErrorKind, TokenRef};

fn found(data: Value, more: bool) -> Reply {
    json(200, value!({"data":data,"hasMore":more,"limit":100,"offset":0}))
}

fn ids(tokens: &[TokenSnapshot]) -> Vec<&str> {
    tokens.iter().map(|token| token.remote_id.as_str()).collect()
}

/// A token as wallee addresses it.
fn of(remote_id: &str) -> TokenRef<'_> {
    TokenRef {
        remote_id,
        record: None,
    }
}

#[tokio::test]
async fn tokens_of_a_customer_are_walked_by_offset_and_compared_again() {
    let server = Scripted::start([
        found(
            value!([{"id":1,"customerId":"88"},{"id":2,"customerId":"888"},{"id":3,"customerId":"88"}]),
            true,
        ),
        found(
            value!([{"id":3,"customerId":"88"},{"id":4,"customerId":" 88"},{"id":5}]),
            false,
        ),
    ])
    .await;
    let tokens = server
        .wallee()
        .tokens_of(CustomerLookup::CustomerId("88"))
        .await
        .unwrap();
    assert_eq!(ids(&tokens), ["1", "3", "4"]);
    let requests = server.requests();
    assert_eq!(requests[0].query("query").as_deref(), Some("customerId:\"88\""));
    assert_eq!(requests[0].query("limit").as_deref(), Some("100"));
    assert_eq!(requests[1].query("offset").as_deref(), Some("3"));
    for request in requests {
        assert_eq!(request.claims()["requestPath"], request.target.as_str());
    }
}

#[tokio::test]
async fn emails_are_compared_folded_and_sent_as_they_are() {
    let server = Scripted::start([found(
        value!([{"id":1,"customerEmailAddress":"RITA+x@example.org"},{"id":2,"customerEmailAddress":"other@example.org"}]),
        false,
    )])
    .await;
    let tokens = server
        .wallee()
        .tokens_of(CustomerLookup::Email("Rita+x@example.org"))
        .await
        .unwrap();
    assert_eq!(ids(&tokens), ["1"]);
    assert_eq!(
        server.requests()[0].target,
        "/api/v2.0/payment/tokens/search?query=customerEmailAddress%3A%22Rita%2Bx%40example.org%22&limit=100&offset=0\
         &order=id%3AASC"
    );
}

#[tokio::test]
async fn quotes_are_spelled_or_refused_but_never_guessed() {
    let server = Scripted::start([found(value!([]), false)]).await;
    let wallee = server.wallee();
    wallee
        .tokens_of(CustomerLookup::CustomerId("a \"b\" \u{1f642}"))
        .await
        .unwrap();
    assert_eq!(
        server.requests()[0].query("query").as_deref(),
        Some("customerId:'a \"b\" \u{1f642}'")
    );
    for unspeakable in ["a\"b'c", "a\\", ""] {
        let error = wallee
            .tokens_of(CustomerLookup::CustomerId(unspeakable))
            .await
            .unwrap_err();
        assert_eq!((error.kind, error.status), (ProviderErrorKind::Refused, None));
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_search_that_ignores_the_question_or_cannot_be_read_is_not_every_token() {
    let server = Scripted::start([
        found(
            value!([{"id":1,"customerId":"1"},{"id":2,"customerId":"2"}]),
            true,
        ),
        found(value!([{"id":1,"customerId":"88"},{"customerId":"88"}]), false),
        found(value!([]), true),
        json(403, value!({"id":"e"})),
    ])
    .await;
    let wallee = server.wallee();
    for kind in [
        ProviderErrorKind::Refused,
        ProviderErrorKind::Unreadable,
        ProviderErrorKind::Unreadable,
        ProviderErrorKind::Forbidden,
    ] {
        assert_eq!(
            wallee
                .tokens_of(CustomerLookup::CustomerId("88"))
                .await
                .unwrap_err()
                .kind,
            kind
        );
    }
}

#[tokio::test]
async fn versions_of_one_token_come_from_a_search() {
    let server = Scripted::start([
        found(value!([{"id":10,"token":{"id":7},"state":"OBSOLETE"}]), true),
        found(value!([{"id":11,"token":{"id":7},"state":"ACTIVE"}]), false),
    ])
    .await;
    let versions = server.wallee().versions_of(of("7")).await.unwrap();
    assert_eq!(
        versions.iter().map(|v| v.remote_id.as_str()).collect::<Vec<_>>(),
        ["10", "11"]
    );
    let requests = server.requests();
    assert_eq!(requests[0].query("query").as_deref(), Some("token.id:7"));
    assert!(
        requests[0]
            .target
            .starts_with("/api/v2.0/payment/token-versions/search?")
    );
    assert_eq!(requests[1].query("offset").as_deref(), Some("1"));
}

#[tokio::test]
async fn where_versions_cannot_be_searched_the_active_one_is_given() {
    let active = || json(200, value!({"id":11,"token":{"id":7},"state":"ACTIVE"}));
    let server = Scripted::start([
        json(400, value!({})),
        active(),
        json(422, value!({})),
        json(404, value!({})),
        found(
            value!([{"id":1,"token":{"id":1}},{"id":10,"token":{"id":7}}]),
            true,
        ),
        active(),
        json(500, value!({})),
    ])
    .await;
    let wallee = server.wallee();
    assert_eq!(wallee.versions_of(of("7")).await.unwrap()[0].remote_id, "11");
    assert!(wallee.versions_of(of("7")).await.unwrap().is_empty());
    assert_eq!(wallee.versions_of(of("7")).await.unwrap().len(), 1);
    assert_eq!(
        wallee.versions_of(of("7")).await.unwrap_err().kind,
        ProviderErrorKind::ServerFailed
    );
}

//! The three writes.

use crate::scripted::{Reply, Scripted, answer, json};
use serde_json::{Value, json as value};
use tokendesk_model::{TokenSnapshot, TokenState};
use tokendesk_providers::{PaymentSystem, ProviderErrorKind};

/// The token 7 as read at a version.
fn at(version: i64) -> TokenSnapshot {
    TokenSnapshot {
        version,
        ..TokenSnapshot::new("7", TokenState::Active)
    }
}

#[tokio::test]
async fn one_click_is_sent_with_the_version_it_was_read_at() {
    let server = Scripted::start([json(
        200,
        value!({"id":7,"version":5,"state":"ACTIVE","enabledForOneClickPayment":false}),
    )])
    .await;
    let token = server
        .wallee()
        .set_one_click(&at(4), false)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((token.version, token.one_click), (5, Some(false)));
    let request = server.requests().remove(0);
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("PATCH", "/api/v2.0/payment/tokens/7")
    );
    assert_eq!(request.claims()["requestMethod"], "PATCH");
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("space"), Some("4711"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body, value!({"version":4,"enabledForOneClickPayment":false}));
}

#[tokio::test]
async fn a_state_is_asked_for_and_the_answer_taken_as_it_is() {
    let kept = || json(200, value!({"id":7,"version":4,"state":"ACTIVE"}));
    let server = Scripted::start([kept(), kept()]).await;
    let wallee = server.wallee();
    assert_eq!(
        wallee
            .set_active(&at(4), false, None)
            .await
            .unwrap()
            .unwrap()
            .state,
        TokenState::Active
    );
    wallee.set_active(&at(4), true, None).await.unwrap();
    let bodies: Vec<Value> = server
        .requests()
        .iter()
        .map(|r| serde_json::from_str(&r.body).unwrap())
        .collect();
    assert_eq!(
        bodies,
        [
            value!({"version":4,"state":"INACTIVE"}),
            value!({"version":4,"state":"ACTIVE"})
        ]
    );
}

#[tokio::test]
async fn a_deletion_is_asked_for_without_a_body() {
    let server = Scripted::start([
        answer(204, &[], ""),
        json(404, value!({"id":"e"})),
        json(422, value!({})),
    ])
    .await;
    let wallee = server.wallee();
    wallee.delete_token(&at(4)).await.unwrap();
    assert_eq!(
        wallee.delete_token(&at(4)).await.unwrap_err().kind,
        ProviderErrorKind::NotFound
    );
    assert_eq!(
        wallee.delete_token(&at(4)).await.unwrap_err().kind,
        ProviderErrorKind::Refused
    );
    let request = server.requests().remove(0);
    assert_eq!((request.method.as_str(), request.body.as_str()), ("DELETE", ""));
    assert_eq!(request.claims()["requestMethod"], "DELETE");
}

#[tokio::test]
async fn a_write_is_never_repeated_and_an_unclear_one_says_so() {
    let server = Scripted::start([
        Reply::HangUp,
        json(500, value!({})),
        json(200, "<html>"),
        json(200, value!({"id":8})),
        json(409, value!({})),
        json(429, value!({})),
    ])
    .await;
    let wallee = server.wallee();
    let mut outcomes = Vec::new();
    for _ in 0..6 {
        let error = wallee.set_one_click(&at(4), true).await.unwrap_err();
        outcomes.push((error.kind, error.may_have_been_done()));
    }
    assert_eq!(
        outcomes,
        [
            (ProviderErrorKind::AnswerLost, true),
            (ProviderErrorKind::ServerFailed, true),
            (ProviderErrorKind::Unreadable, true),
            (ProviderErrorKind::Unreadable, true),
            (ProviderErrorKind::VersionConflict, false),
            (ProviderErrorKind::RateLimited, false),
        ]
    );
    assert_eq!(server.requests().len(), 6);
}

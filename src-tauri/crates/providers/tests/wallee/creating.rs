//! A token made from here, and the page for new card details.

use crate::scripted::{Reply, Scripted, answer, json};
use serde_json::{Value, json as value};
use tokendesk_providers::{NewToken, PaymentSystem, ProviderErrorKind as Kind, TokenRef};

fn new(external_id: &str) -> NewToken {
    NewToken {
        external_id: external_id.into(),
        customer_id: Some("89".into()),
        email: Some("rita@example.org".into()),
        reference: None,
    }
}

const TOKEN: TokenRef<'static> = TokenRef {
    remote_id: "7",
    record: None,
};

const PAGE: &str = "http://127.0.0.1:4020/s/4711/payment/transaction/pay/9?securityToken=x";

#[tokio::test]
async fn a_creation_carries_its_external_id_and_takes_the_token_it_names() {
    let server = Scripted::start([
        json(
            201,
            value!({"id":7,"version":1,"state":"ACTIVE","externalId":"a"}),
        ),
        json(
            200,
            value!({"id":7,"version":1,"state":"ACTIVE","externalId":"a"}),
        ),
    ])
    .await;
    let wallee = server.wallee();
    for _ in 0..2 {
        assert_eq!(wallee.create_token(&new("a")).await.unwrap().remote_id, "7");
    }
    let request = server.requests().remove(0);
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("POST", "/api/v2.0/payment/tokens")
    );
    assert_eq!(request.claims()["requestMethod"], "POST");
    assert_eq!(request.header("space"), Some("4711"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(
        body,
        value!({"externalId":"a","customerId":"89","customerEmailAddress":"rita@example.org"})
    );
}

#[tokio::test]
async fn a_creation_that_did_not_work_says_whether_it_may_have_been_done() {
    let server = Scripted::start([
        Reply::HangUp,
        json(201, value!({"version":1})),
        json(201, value!({"id":8,"externalId":"another"})),
        json(
            422,
            value!({"errors":{"customerEmailAddress":"no rita@example.org"}}),
        ),
        json(409, value!({})),
        json(403, value!({})),
    ])
    .await;
    let wallee = server.wallee();
    let mut outcomes = Vec::new();
    for _ in 0..6 {
        let error = wallee.create_token(&new("a")).await.unwrap_err();
        assert!(!error.message.clone().unwrap_or_default().contains("rita"));
        outcomes.push((error.kind, error.may_have_been_done()));
    }
    assert_eq!(
        outcomes,
        [
            (Kind::AnswerLost, true),
            (Kind::Unreadable, true),
            (Kind::Unreadable, true),
            (Kind::Refused, false),
            (Kind::VersionConflict, false),
            (Kind::Forbidden, false),
        ]
    );
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test]
async fn what_has_no_documented_spelling_is_not_sent() {
    let server = Scripted::start([]).await;
    let wallee = server.wallee();
    let reference = NewToken {
        reference: Some("Größe 9".into()),
        ..new("a")
    };
    for token in [reference, new(" "), new("4111 1111 1111 1111")] {
        let error = wallee.create_token(&token).await.unwrap_err();
        assert_eq!((error.kind, error.status), (Kind::Refused, None));
    }
    for id in ["", "7/../8", "7?x", "ä"] {
        let token = TokenRef {
            remote_id: id,
            record: None,
        };
        let error = wallee.new_details_page(token).await.unwrap_err();
        assert_eq!((error.kind, error.status), (Kind::Refused, None));
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn the_page_is_the_address_of_a_transaction_made_for_the_token() {
    let text = [("Content-Type", "text/plain")];
    let transaction = || json(200, value!({"id":9,"state":"PENDING","token":{"id":7}}));
    let server = Scripted::start([
        transaction(),
        answer(200, &text, PAGE),
        transaction(),
        json(200, format!("\"{PAGE}\"")),
    ])
    .await;
    let wallee = server.wallee();
    for _ in 0..2 {
        assert_eq!(wallee.new_details_page(TOKEN).await.unwrap(), PAGE);
    }
    let requests = server.requests();
    assert_eq!(
        (requests[0].method.as_str(), requests[0].target.as_str()),
        (
            "POST",
            "/api/v2.0/payment/tokens/7/create-transaction-for-token-update"
        )
    );
    assert_eq!(requests[0].body, "");
    assert_eq!(
        (requests[1].method.as_str(), requests[1].target.as_str()),
        ("GET", "/api/v2.0/payment/transactions/9/payment-page-url")
    );
    assert_eq!(requests[1].claims()["requestMethod"], "GET");
}

#[tokio::test]
async fn what_is_no_page_of_a_transaction_for_this_token_is_not_given_out() {
    for (first, second) in [
        (value!({"id":9,"token":{"id":8}}), None),
        (value!({"token":{"id":7}}), None),
        (value!({"id":9}), Some("javascript:alert(1)")),
        (value!({"id":9}), Some("http://app-wallee.com/pay")),
        (value!({"id":9}), Some("<html>https://app-wallee.com</html>")),
        (value!({"id":9}), Some("{}")),
    ] {
        let replies = [Some(json(200, first)), second.map(|text| answer(200, &[], text))];
        let asked = replies.iter().flatten().count();
        let server = Scripted::start(replies.into_iter().flatten()).await;
        let error = server.wallee().new_details_page(TOKEN).await.unwrap_err();
        assert_eq!(error.kind, Kind::Unreadable);
        assert_eq!(server.requests().len(), asked);
    }
    let server = Scripted::start([json(422, value!({"message":"No."}))]).await;
    let error = server.wallee().new_details_page(TOKEN).await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_deref()),
        (Kind::Refused, Some("No."))
    );
}

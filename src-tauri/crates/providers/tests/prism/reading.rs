//! What can be read of Prism is what was imported.

use crate::playing::Playing;
use chrono::Utc;
use tokendesk_model::capability::{Carrier, Listing, NewsCarrier};
use tokendesk_model::{CustomerSnapshot, Lesson, TokenSnapshot, TokenState};
use tokendesk_providers::{
    CustomerLookup, DirectoryEntry, PaymentSystem, ProviderErrorKind as Kind, TokenRef,
};

#[tokio::test(flavor = "multi_thread")]
async fn imported_tokens_are_active_as_imported_and_nobody_is_asked() {
    let playing = Playing::start();
    let account = playing.account("stripe");
    let entry = DirectoryEntry {
        customer: CustomerSnapshot {
            customer_id: "cus_1".to_owned(),
            email: Some("ada@example.org".to_owned()),
            name: None,
            created_on: None,
        },
        tokens: vec![("pm_1".to_owned(), Utc::now()), ("pm_2".to_owned(), Utc::now())],
    };
    let cards = account.cards_of(&entry).await.unwrap();
    assert_eq!(cards.tokens.len(), 2);
    assert!(cards.without_details.is_empty());
    assert_eq!(cards.unreadable, 0);
    for (token, details) in cards.tokens.iter().zip(&cards.details) {
        assert_eq!(token.state, TokenState::Active);
        assert_eq!(token.email.as_deref(), Some("ada@example.org"));
        assert_eq!(token.one_click, None);
        assert_eq!(token.particulars.record.as_deref(), Some("cus_1"));
        assert_eq!(token.customer_key(), entry.customer.customer_key());
        assert_eq!(details.token_remote_id, token.remote_id);
        assert!(details.card.is_empty());
    }
    let reference = TokenRef {
        remote_id: "pm_1",
        record: Some("cus_1"),
    };
    let token = account.read_token(reference).await.unwrap().unwrap();
    assert_eq!(token.state, TokenState::Active);
    assert_eq!(token.email, None);
    let details = account.active_version(reference).await.unwrap().unwrap();
    assert!(details.card.is_empty());
    assert_eq!(playing.server.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_prism_has_nothing_of_is_said_beforehand_and_never_sent() {
    let playing = Playing::start();
    let account = playing.account("stripe");
    let can = account.capabilities(Lesson::Untried);
    assert_eq!(can.listing, Listing::Imported);
    assert_eq!(
        (can.one_click, can.active),
        (Carrier::DeskOnly, Carrier::DeskOnly)
    );
    assert_eq!(can.news, NewsCarrier::Import);
    assert!(!can.absence_is_proof && can.verify);
    assert!(!playing.account("noon").capabilities(Lesson::Untried).verify);
    let token = TokenSnapshot::new("pm_1", TokenState::Active);
    let kinds = [
        account.list_tokens(None, 10).await.map(drop).unwrap_err().kind,
        account.list_customers(None, 10).await.map(drop).unwrap_err().kind,
        account.read_customer("cus_1").await.map(drop).unwrap_err().kind,
        account.news(None).await.map(drop).unwrap_err().kind,
        account
            .tokens_of(CustomerLookup::CustomerId("cus_1"))
            .await
            .map(drop)
            .unwrap_err()
            .kind,
        account
            .set_one_click(&token, true)
            .await
            .map(drop)
            .unwrap_err()
            .kind,
        account
            .set_active(&token, false, None)
            .await
            .map(drop)
            .unwrap_err()
            .kind,
        account.set_default(&token).await.unwrap_err().kind,
        account.delete_customer("cus_1").await.unwrap_err().kind,
    ];
    assert!(kinds.iter().all(|kind| *kind == Kind::NotOffered), "{kinds:?}");
    assert_eq!(playing.server.requests(), 0);
}

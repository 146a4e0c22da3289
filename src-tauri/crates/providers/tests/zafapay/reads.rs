//! Saved cards as the server holds them, under ids of any kind; and what a missing one does not prove.

use crate::{Shop, entry, of};
use serde_json::json;
use tokendesk_model::capability::{Deletion, Listing, ReasonUse};
use tokendesk_model::directory::{Outcome, Purpose, ReadOptions, read};
use tokendesk_model::{Brand, Capabilities, Carrier, Expiry, Lesson, TokenState};
use tokendesk_providers::{
    CustomerCards, CustomerLookup, NewToken, PaymentSystem, ProviderErrorKind as Kind, TokenRef,
};

#[tokio::test(flavor = "multi_thread")]
async fn every_customer_of_the_shops_own_list_is_read_as_the_server_holds_it() {
    let shop = Shop::new();
    let file = shop.truth("directory.csv");
    let file = file.as_str().unwrap();
    let Outcome::Read(directory) = read(file.as_bytes(), &ReadOptions::new(Purpose::Customers)).unwrap()
    else {
        panic!("asked about tokens");
    };
    assert_eq!((directory.rows.len(), directory.refused.len()), (60, 0));
    let (mut cards, mut awkward) = (0, 0);
    for row in &directory.rows {
        let id = row.customer_id.as_deref().unwrap();
        awkward += usize::from(id.contains(['/', '?', ' ', '#', '%', '+']) || !id.is_ascii());
        let read = shop
            .client
            .cards_of(&entry(id, row.email.as_deref()))
            .await
            .unwrap();
        assert_eq!((read.unreadable, read.without_details.len()), (0, 0));
        let ids: Vec<&str> = read.tokens.iter().map(|token| token.remote_id.as_str()).collect();
        assert_eq!(json!(ids), shop.truth(id)["payment_methods"]);
        for (token, details) in read.tokens.iter().zip(&read.details) {
            cards += 1;
            let truth = shop.truth(&token.remote_id);
            let state = match truth["status"].as_str().unwrap() {
                "active" => TokenState::Active,
                "blocked" => TokenState::Inactive,
                other => TokenState::Unknown(other.to_owned()),
            };
            assert_eq!(token.state, state);
            assert_eq!(json!(token.particulars.block_reason), truth["blocked_reason"]);
            assert_eq!(json!(token.particulars.is_default), truth["is_default"]);
            assert_eq!(token.email, row.email);
            assert_eq!(
                token.customer_key(),
                entry(id, row.email.as_deref()).customer.customer_key()
            );
            assert_eq!(details.token_remote_id, token.remote_id);
            assert_eq!(json!(details.card.last4), truth["last4"]);
            assert_eq!(json!(details.card.expiry.map(|e| e.year())), truth["exp_year"]);
            assert_eq!(json!(details.card.expiry.map(|e| e.month())), truth["exp_month"]);
            assert_eq!(details.card.brand, truth["brand"].as_str().map(Brand::from_name));
        }
    }
    assert!(cards > 60 && awkward >= 6, "{cards} {awkward}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_card_is_read_from_its_customers_list() {
    let shop = Shop::new();
    let id = shop.add_card("shop/7?x=1 é");
    let token = shop.token("shop/7?x=1 é", &id).await.unwrap();
    assert_eq!(token.remote_id, id);
    assert_eq!(token.email, None);
    let details = shop
        .client
        .active_version(TokenRef::of(&token))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(details.card.brand, Some(Brand::Mastercard));
    assert_eq!(details.card.last4.as_deref(), Some("0042"));
    assert_eq!(details.card.expiry, Expiry::new(2031, 3));
    let versions = shop.client.versions_of(TokenRef::of(&token)).await.unwrap();
    assert_eq!(versions, [details]);
    // A card of somebody else is not this customer's.
    assert_eq!(shop.token("nobody", &id).await, None);
    let without_customer = TokenRef {
        remote_id: &id,
        record: None,
    };
    let error = shop.client.read_token(without_customer).await.unwrap_err();
    assert_eq!((error.kind, error.status), (Kind::Refused, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_customer_has_no_saved_cards_known_whichever_way_that_is_said() {
    for value in ["404", "200"] {
        for case in ["lower", "upper"] {
            let shop = Shop::with(&[
                ("unknown_customer", value),
                ("code_case", case),
                ("error_members", if case == "upper" { "bare" } else { "all" }),
            ]);
            assert_eq!(shop.cards("nobody").await.unwrap(), CustomerCards::default());
            assert_eq!(shop.token("nobody", "pmi_x").await, None);
        }
    }
    assert!(!Capabilities::zafapay().absence_is_proof);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_somebody_took_away_is_only_not_reported() {
    let shop = Shop::new();
    let (first, second) = (shop.add_card("c"), shop.add_card("c"));
    shop.system
        .edit(json!({ "remove_card": { "id": first } }))
        .unwrap();
    assert_eq!(shop.token("c", &first).await, None);
    assert!(shop.token("c", &second).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_words_and_missing_parts_are_shown_as_they_come() {
    let shop = Shop::with(&[
        ("timestamps", "millis"),
        ("expired_cards", "expired"),
        ("list_order", "newest"),
    ]);
    let id = shop.add_card("c");
    shop.system
        .edit(json!({ "set_status": { "id": id, "status": "under_review" } }))
        .unwrap();
    let token = shop.token("c", &id).await.unwrap();
    assert_eq!(token.state, TokenState::Unknown("under_review".to_owned()));
    assert!(!token.state.is_switchable() && token.created_on.is_some());

    let expired = json!({ "add_card": { "customer_id": "c", "exp_month": 1, "exp_year": 2020 } });
    let expired = shop.system.edit(expired).unwrap();
    let token = shop.token("c", expired["id"].as_str().unwrap()).await.unwrap();
    assert_eq!(token.state, TokenState::Unknown("expired".to_owned()));
    // Newest first is still every card once.
    assert_eq!(shop.cards("c").await.unwrap().tokens.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_no_url_carries_is_refused_before_anything_is_sent() {
    let shop = Shop::new();
    for id in ["", ".", ".."] {
        let error = shop.cards(id).await.unwrap_err();
        assert_eq!((error.kind, error.status), (Kind::Refused, None), "{id:?}");
    }
    assert_eq!(shop.system.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_cannot_do_is_said_and_not_tried() {
    let shop = Shop::new();
    let id = shop.add_card("c");
    let token = shop.token("c", &id).await.unwrap();
    let before = shop.system.requests();
    let client = &shop.client;
    let new = NewToken {
        external_id: "x".to_owned(),
        customer_id: None,
        email: None,
        reference: None,
    };
    let kinds = [
        client.list_tokens(None, 10).await.map(drop),
        client.list_versions(None, 10).await.map(drop),
        client.list_customers(None, 10).await.map(drop),
        client.read_customer("c").await.map(drop),
        client.tokens_of(CustomerLookup::CustomerId("c")).await.map(drop),
        client.news(None).await.map(drop),
        client.set_one_click(&token, true).await.map(drop),
        client.set_default(&token).await,
        client.delete_token(&token).await,
        client.delete_customer("c").await,
        client.forget_one_click("c").await,
        client.create_token(&new).await.map(drop),
        client.new_details_page(of("c", &id)).await.map(drop),
    ];
    for result in kinds {
        assert_eq!(result.unwrap_err().kind, Kind::NotOffered);
    }
    assert_eq!(shop.system.requests(), before);
    assert!(client.verifier().is_none());

    let can = client.capabilities(Lesson::Untried);
    assert_eq!(
        (can.listing, can.delete),
        (Listing::Directory, Deletion::BlockInstead)
    );
    assert_eq!((can.active, can.one_click), (Carrier::Native, Carrier::DeskOnly));
    assert_eq!(
        (can.default_card, can.reason),
        (Carrier::ReadOnly, ReasonUse::SentToProvider)
    );
}

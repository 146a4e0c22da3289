//! What is written, seen in the truth of the server.

use crate::{Shop, of};
use serde_json::{Value, json};
use tokendesk_model::snapshot::ActiveMark;
use tokendesk_model::{Capabilities, Lesson, TokenState};
use tokendesk_providers::{NewToken, PaymentSystem, ProviderErrorKind as Kind};

const FOREIGN: &str = r#"{"shop_order":"A-1","note":"東"}"#;

fn foreign() -> Value {
    serde_json::from_str(FOREIGN).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_keep_every_other_key_whether_the_server_merges_or_replaces() {
    for rule in ["replaces", "merges"] {
        for answers in ["on", "off"] {
            let shop = Shop::with(&[("metadata_update", rule), ("update_answers_token", answers)]);
            let customer = shop.customer(Some("rita@example.org"));
            let id = shop.card(&customer, foreign());
            for (one_click, on) in [(true, true), (false, false), (true, false), (false, true)] {
                let current = shop.token(&customer, &id).await.unwrap();
                let told = if one_click {
                    shop.client.set_one_click(&current, on).await.unwrap()
                } else {
                    shop.client
                        .set_active(&current, on, Some("not sent"))
                        .await
                        .unwrap()
                };
                let key = if one_click {
                    "tokendesk_one_click"
                } else {
                    "tokendesk_active"
                };
                let held = shop.truth(&id)["metadata"].clone();
                assert_eq!(held[key], on.to_string());
                for (name, value) in foreign().as_object().unwrap() {
                    assert_eq!(&held[name], value, "{rule}");
                }
                // The answer tells it where the server does, with the email of the one who was read.
                assert_eq!(told.is_some(), answers == "on");
                if let Some(told) = told {
                    assert_eq!(told.customer_key(), current.customer_key());
                    assert_eq!(json!(told.particulars.metadata), held);
                }
            }
            let read = shop.token(&customer, &id).await.unwrap();
            assert_eq!((read.one_click, read.state), (Some(false), TokenState::Active));
            assert_eq!(read.particulars.active_mark, ActiveMark::Set);
            for write in shop.system.writes() {
                assert_eq!(
                    (write.operation, write.fields.as_slice()),
                    ("tokens.update", &["metadata".to_owned()][..])
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_that_was_not_told_is_never_overwritten() {
    let shop = Shop::of(3);
    let customer = shop.customer(None);
    let (id, bare) = (shop.card(&customer, foreign()), shop.card(&customer, json!({})));
    shop.system.set_switch("null_everywhere", "on").unwrap();
    let untold = shop.token(&customer, &id).await.unwrap();
    let error = shop.client.set_active(&untold, false, None).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unreadable);
    assert_eq!(
        (shop.system.writes().len(), untold.particulars.metadata.len()),
        (0, 0)
    );
    // Told again, it is taken from there; an empty map is a map.
    shop.system.set_switch("null_everywhere", "off").unwrap();
    shop.client.set_active(&untold, false, None).await.unwrap();
    assert_eq!(shop.truth(&id)["metadata"]["shop_order"], "A-1");
    let current = shop.token(&customer, &bare).await.unwrap();
    shop.client.set_active(&current, false, None).await.unwrap();
    assert_eq!(
        shop.truth(&bare)["metadata"],
        json!({ "tokendesk_active": "false" })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_card_moves_and_the_one_before_shows_it() {
    let shop = Shop::of(3);
    let customer = shop.customer(None);
    let (one, two) = (shop.card(&customer, json!({})), shop.card(&customer, json!({})));
    let current = shop.token(&customer, &one).await.unwrap();
    assert_eq!(current.particulars.is_default, Some(false));
    shop.client.set_default(&current).await.unwrap();
    assert_eq!(shop.truth(&customer)["default_token_id"], json!(one));
    let is_default = async |id: &str| shop.token(&customer, id).await.unwrap().particulars.is_default;
    assert_eq!(
        (is_default(&one).await, is_default(&two).await),
        (Some(true), Some(false))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_and_a_whole_customer_are_deleted() {
    let shop = Shop::of(3);
    let customer = shop.customer(None);
    let (one, two) = (shop.card(&customer, json!({})), shop.card(&customer, json!({})));
    let current = shop.token(&customer, &one).await.unwrap();
    shop.client.delete_token(&current).await.unwrap();
    assert_eq!(
        (&shop.truth(&one)["gone"], &shop.truth(&two)["gone"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(shop.token(&customer, &one).await, None);
    assert_eq!(
        shop.client.delete_token(&current).await.unwrap_err().kind,
        Kind::NotFound
    );
    shop.system.set_switch("delete_again", "200").unwrap();
    shop.client.delete_token(&current).await.unwrap();

    shop.client.delete_customer(&customer).await.unwrap();
    assert_eq!(
        (&shop.truth(&customer)["gone"], &shop.truth(&two)["gone"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(shop.token(&customer, &two).await, None);
    assert_eq!(
        shop.client.before_deletion(of(&customer, &two)).await.unwrap(),
        Default::default()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_about_something_that_is_gone_says_so_with_either_status() {
    for status in ["400", "404"] {
        let shop = Shop::with(&[("update_missing_customer", status)]);
        let customer = shop.customer(None);
        let id = shop.card(&customer, foreign());
        let current = shop.token(&customer, &id).await.unwrap();
        shop.edit(json!({ "delete_customer": { "id": customer } }));
        let error = shop.client.set_one_click(&current, true).await.unwrap_err();
        assert_eq!(
            (error.kind, error.status),
            (Kind::NotFound, Some(status.parse().unwrap()))
        );
        assert_eq!(
            shop.client.set_default(&current).await.unwrap_err().kind,
            Kind::NotFound
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_has_nothing_of_is_not_offered() {
    let shop = Shop::of(3);
    let capabilities = shop.client.capabilities(Lesson::Untried);
    assert_eq!(capabilities, Capabilities::processout());
    let new = NewToken {
        external_id: "x".to_owned(),
        customer_id: None,
        email: None,
        reference: None,
    };
    let client = &shop.client;
    let before = shop.system.requests();
    for kind in [
        client.list_tokens(None, 10).await.err(),
        client.create_token(&new).await.err(),
        client.new_details_page(of("cust_a", "tok_a")).await.err(),
        client.forget_one_click("x").await.err(),
    ] {
        assert_eq!(kind.map(|error| error.kind), Some(Kind::NotOffered));
    }
    assert!(client.verifier().is_none());
    assert_eq!(shop.system.requests(), before);
}

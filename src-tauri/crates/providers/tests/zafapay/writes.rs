//! Block and unblock: every undocumented side of them, edits by somebody else, and what is not sent.

use crate::{Shop, credentials, is_blocked};
use serde_json::json;
use tokendesk_model::TokenState;
use tokendesk_providers::zafapay::Zafapay;
use tokendesk_providers::{HttpOptions, PaymentSystem, ProviderErrorKind as Kind};

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_sent_with_its_reason_and_an_unblock_without() {
    for status in ["200", "201", "204"] {
        let shop = Shop::with(&[("block_status", status)]);
        let id = shop.add_card("shop/7 ä");
        let token = shop.token("shop/7 ä", &id).await.unwrap();
        let reason = "Lost, says the customer (紛失)";
        let answer = shop.client.set_active(&token, false, Some(reason)).await.unwrap();
        assert_eq!(answer, None);
        assert_eq!(shop.truth(&id)["status"], "blocked");
        let token = shop.token("shop/7 ä", &id).await.unwrap();
        assert!(is_blocked(&token, reason));

        shop.client.set_active(&token, true, None).await.unwrap();
        assert_eq!(shop.truth(&id)["status"], "active");
        let token = shop.token("shop/7 ä", &id).await.unwrap();
        assert_eq!(
            (token.state, token.particulars.block_reason),
            (TokenState::Active, None)
        );

        let writes = shop.system.writes();
        let paths: Vec<&str> = writes.iter().map(|write| write.path.as_str()).collect();
        let of = |action| format!("/v1/customers/payment-methods/{id}/{action}");
        assert_eq!(paths, [of("block"), of("unblock")]);
        assert_eq!(
            (writes[0].fields.as_slice(), writes[1].fields.len()),
            (&["reason".to_owned()][..], 0)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_cannot_be_sent_sends_nothing() {
    let shop = Shop::new();
    let id = shop.add_card("c");
    let token = shop.token("c", &id).await.unwrap();
    let long = "x".repeat(256);
    for reason in [
        None,
        Some(""),
        Some("  "),
        Some(long.as_str()),
        Some("card 4111 1111 1111 1111"),
        Some("two\nlines"),
    ] {
        let error = shop.client.set_active(&token, false, reason).await.unwrap_err();
        assert_eq!((error.kind, error.status), (Kind::Refused, None));
    }
    assert!(shop.system.writes().is_empty());
    let longest = "ä".repeat(255);
    shop.client
        .set_active(&token, false, Some(&longest))
        .await
        .unwrap();
    assert!(is_blocked(&shop.token("c", &id).await.unwrap(), &longest));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_is_blocked_already_is_as_wished_whatever_the_answer() {
    for (value, kept) in [("keeps", "theirs"), ("replaces", "mine"), ("refuses", "theirs")] {
        let shop = Shop::with(&[("block_again", value), ("code_case", "upper")]);
        let id = shop.add_card("c");
        let token = shop.token("c", &id).await.unwrap();
        // Somebody else is faster than the write.
        let edit = json!({ "block": { "id": id, "reason": "theirs" } });
        shop.system.edit(edit).unwrap();
        shop.client.set_active(&token, false, Some("mine")).await.unwrap();
        assert!(is_blocked(&shop.token("c", &id).await.unwrap(), kept), "{value}");
    }
    for value in ["200", "400"] {
        let shop = Shop::with(&[("unblock_again", value)]);
        let id = shop.add_card("c");
        let token = shop.token("c", &id).await.unwrap();
        shop.client.set_active(&token, true, None).await.unwrap();
        assert_eq!(shop.truth(&id)["status"], "active");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_in_a_strange_state_is_not_taken_for_blocked() {
    let shop = Shop::with(&[("unblock_again", "400")]);
    let id = shop.add_card("c");
    let token = shop.token("c", &id).await.unwrap();
    let edit = json!({ "set_status": { "id": id, "status": "frozen" } });
    shop.system.edit(edit).unwrap();
    let error = shop.client.set_active(&token, true, None).await.unwrap_err();
    assert_eq!((error.kind, error.status), (Kind::Refused, Some(400)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_flag_is_read_again_after_a_block() {
    for (value, expected) in [
        ("stays", [Some(true), Some(false)]),
        ("moves", [Some(false), Some(true)]),
        ("cleared", [Some(false), Some(false)]),
    ] {
        let shop = Shop::with(&[("default_after_block", value)]);
        let id = shop.add_card("c");
        shop.add_card("c");
        let token = shop.token("c", &id).await.unwrap();
        shop.client.set_active(&token, false, Some("why")).await.unwrap();
        let flags: Vec<Option<bool>> = shop
            .cards("c")
            .await
            .unwrap()
            .tokens
            .iter()
            .map(|t| t.particulars.is_default)
            .collect();
        assert_eq!(flags, expected, "{value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_reason_is_no_reason_once_the_card_is_in_use() {
    let shop = Shop::with(&[("reason_after_unblock", "kept")]);
    let id = shop.add_card("c");
    let token = shop.token("c", &id).await.unwrap();
    shop.client.set_active(&token, false, Some("why")).await.unwrap();
    shop.client.set_active(&token, true, None).await.unwrap();
    assert_eq!(shop.truth(&id)["blocked_reason"], "why");
    assert_eq!(shop.token("c", &id).await.unwrap().particulars.block_reason, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_of_a_card_that_is_not_there_is_not_found() {
    let shop = Shop::new();
    let id = shop.add_card("c");
    let token = shop.token("c", &id).await.unwrap();
    shop.system.edit(json!({ "remove_card": { "id": id } })).unwrap();
    let error = shop
        .client
        .set_active(&token, false, Some("why"))
        .await
        .unwrap_err();
    assert_eq!((error.kind, error.status), (Kind::NotFound, Some(404)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regenerated_access_token_ends_reading_and_writing_until_it_is_replaced() {
    let shop = Shop::new();
    let id = shop.add_card("c");
    let token = shop.token("c", &id).await.unwrap();
    shop.system
        .edit(json!({ "regenerate_access_token": {} }))
        .unwrap();
    let error = shop
        .client
        .set_active(&token, false, Some("why"))
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Unauthorized);
    assert_eq!(shop.cards("c").await.unwrap_err().kind, Kind::Unauthorized);
    let replaced = Zafapay::new(credentials(&shop.system), HttpOptions::default()).unwrap();
    replaced.set_active(&token, false, Some("why")).await.unwrap();
    assert_eq!(shop.truth(&id)["status"], "blocked");
}

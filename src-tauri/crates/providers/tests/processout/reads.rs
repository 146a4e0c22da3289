//! Customers, their cards, and one card: whatever the server brings along, the same is read.

use crate::{Shop, Walked, entry, of};
use serde_json::{Value, json};
use tokendesk_model::snapshot::ActiveMark;
use tokendesk_model::{Brand, Expiry, TokenState};
use tokendesk_providers::{PaymentSystem, ProviderErrorKind as Kind, TokenRef};
use tokendesk_sandbox::{Fault, FaultMatch, FaultRule};

fn same_as_the_server(shop: &Shop, walked: &Walked) {
    let truth = shop.truth(&walked.customer.customer_id);
    assert_eq!(walked.customer.email.as_deref(), truth["email"].as_str());
    let mut read: Vec<&str> = walked.cards.tokens.iter().map(|t| t.remote_id.as_str()).collect();
    let mut held: Vec<&str> = truth["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    read.sort_unstable();
    held.sort_unstable();
    assert_eq!(read, held);
    for token in &walked.cards.tokens {
        let truth = shop.truth(&token.remote_id);
        let told = &token.particulars;
        assert_eq!(token.customer_key(), walked.customer.customer_key());
        assert_eq!(
            told.verification.as_deref(),
            truth["verification_status"].as_str()
        );
        assert_eq!(told.chargeable, truth["is_chargeable"].as_bool());
        assert_eq!(told.is_default, truth["is_default"].as_bool());
        assert_eq!(json!(told.metadata), truth["metadata"]);
        let details = walked
            .cards
            .details
            .iter()
            .find(|d| d.token_remote_id == token.remote_id);
        let without = walked.cards.without_details.contains(&token.remote_id);
        assert!(details.is_some() != without, "{truth}");
        if let Some(last4) = truth["card"]["last_4_digits"].as_str() {
            let details = details.unwrap();
            assert_eq!(details.card.last4.as_deref(), Some(last4));
            assert_eq!(json!(details.remote_id), truth["card_id"]);
            assert_eq!(details.production, Some(false));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_customer_is_met_with_all_cards_whatever_the_server_expands() {
    let shop = Shop::of(130);
    for (switch, value) in [
        ("expand_tokens", "honoured"),
        ("expand_nested", "ignored"),
        ("expand_nested", "refused"),
        ("expand_tokens", "ignored"),
        ("expand_tokens", "refused"),
        ("expanded_tokens", "3"),
        ("expand_card", "ignored"),
        ("expand_card", "refused"),
    ] {
        for name in ["expand_tokens", "expand_nested", "expand_card"] {
            shop.system.set_switch(name, "honoured").unwrap();
        }
        shop.system.set_switch("expanded_tokens", "0").unwrap();
        shop.system.set_switch(switch, value).unwrap();
        let client = shop.fresh();
        let walked = shop.walk(&client, 50).await;
        let mut met: Vec<&String> = walked.keys().collect();
        met.sort_unstable();
        let mut held = shop.customers();
        held.sort_unstable();
        assert_eq!(met, held.iter().collect::<Vec<_>>(), "{switch}={value}");
        for one in walked.values() {
            same_as_the_server(&shop, one);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_brings_along_saves_requests_and_is_learnt() {
    let shop = Shop::of(130);
    let walk = async |switch: &str, value: &str| {
        shop.system.set_switch(switch, value).unwrap();
        let (client, before) = (shop.fresh(), shop.system.requests());
        let first = shop.walk(&client, 100).await;
        let learning = shop.system.requests() - before;
        let again = shop.system.requests();
        shop.walk(&client, 100).await;
        shop.system.set_switch(switch, "honoured").unwrap();
        let came_along = first.values().filter(|one| one.came_along).count();
        (learning, shop.system.requests() - again, came_along)
    };
    let (learning, after, came_along) = walk("expand_tokens", "honoured").await;
    assert!(came_along > 120 && learning < 15, "{came_along} {learning}");
    assert!(after <= learning);
    // Customer by customer: two pages of customers, one list of tokens each, one more for each hundred tokens.
    let (_, after, came_along) = walk("expand_tokens", "ignored").await;
    assert_eq!((came_along, after), (0, 2 + 130 + 1));
    // Refused once, then not asked for again.
    let (learning, after, _) = walk("expand_tokens", "refused").await;
    assert_eq!((learning, after), (2 + 130 + 1 + 1, 2 + 130 + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn newest_customers_come_first_and_a_walk_survives_deleted_ones() {
    let shop = Shop::of(40);
    let first = shop.client.list_customers(None, 10).await.unwrap();
    let mut held = shop.customers();
    held.reverse();
    let met: Vec<&str> = first
        .items
        .iter()
        .map(|one| one.customer.customer_id.as_str())
        .collect();
    assert_eq!(met, held[..10].iter().collect::<Vec<_>>());
    // The last one of the page goes: the one before is the cursor then. One who comes meanwhile does not move the walk.
    shop.edit(json!({ "delete_customer": { "id": met[9] } }));
    shop.customer(None);
    let second = shop
        .client
        .list_customers(first.next.as_deref(), 10)
        .await
        .unwrap();
    let met: Vec<&str> = second
        .items
        .iter()
        .map(|one| one.customer.customer_id.as_str())
        .collect();
    assert_eq!(met, held[10..20].iter().collect::<Vec<_>>());
    // All of them go: the walk begins anew rather than missing anybody.
    for gone in &held[5..20] {
        let _ = shop.system.edit(json!({ "delete_customer": { "id": gone } }));
    }
    for switch in [("unknown_cursor", "400"), ("unknown_cursor", "404")] {
        shop.system.set_switch(switch.0, switch.1).unwrap();
        let anew = shop
            .client
            .list_customers(second.next.as_deref(), 10)
            .await
            .unwrap();
        assert_eq!(anew.items[1].customer.customer_id, held[0]);
    }
    shop.system.set_switch("deleted_cursor", "on").unwrap();
    let third = shop
        .client
        .list_customers(second.next.as_deref(), 10)
        .await
        .unwrap();
    assert_eq!(third.items[0].customer.customer_id, held[20]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_read_by_its_ids_with_its_customers_email() {
    let shop = Shop::of(5);
    let customer = shop.customer(Some("Rita@example.org"));
    let token = shop.card(&customer, json!({ "tokendesk_one_click": "true" }));
    for owner in ["honoured", "ignored", "refused"] {
        shop.system.set_switch("expand_owner", owner).unwrap();
        let client = shop.fresh();
        for _ in 0..2 {
            let read = client.read_token(of(&customer, &token)).await.unwrap().unwrap();
            assert_eq!(read.email.as_deref(), Some("Rita@example.org"), "{owner}");
            assert_eq!((read.one_click, &read.state), (Some(true), &TokenState::Active));
            assert_eq!(read.particulars.active_mark, ActiveMark::NotSet);
            assert_eq!(
                read.customer_key(),
                client
                    .read_customer(&customer)
                    .await
                    .unwrap()
                    .unwrap()
                    .customer
                    .customer_key()
            );
        }
    }
    let details = shop
        .client
        .active_version(of(&customer, &token))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(details.card.brand, Some(Brand::Mastercard));
    assert_eq!(details.card.expiry, Expiry::new(2031, 3));
    assert_eq!(
        shop.client.versions_of(of(&customer, &token)).await.unwrap(),
        vec![details]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_processouts_own_404_says_that_something_is_gone() {
    let shop = Shop::of(5);
    let customer = shop.customer(None);
    let token = shop.card(&customer, json!({}));
    assert_eq!(shop.token(&customer, "tok_never").await, None);
    assert_eq!(shop.token("cust_never", &token).await, None);
    assert_eq!(
        shop.client
            .active_version(of(&customer, "tok_never"))
            .await
            .unwrap(),
        None
    );
    assert!(shop.client.read_customer("cust_never").await.unwrap().is_none());
    assert_eq!(shop.cards("cust_never").await.unwrap_err().kind, Kind::NotFound);
    shop.system.set_switch("refused_as_200", "on").unwrap();
    assert_eq!(shop.token(&customer, "tok_never").await, None);
    let nowhere = TokenRef {
        remote_id: &token,
        record: None,
    };
    assert_eq!(
        shop.client.read_token(nowhere).await.unwrap_err().kind,
        Kind::Refused
    );
    // The tokens of a customer who is gone may have been left.
    shop.system.set_switch("refused_as_200", "off").unwrap();
    shop.system
        .set_switch("customer_deletion", "leaves-tokens")
        .unwrap();
    shop.edit(json!({ "delete_customer": { "id": customer } }));
    assert!(shop.token(&customer, &token).await.is_some());
    assert!(shop.client.read_customer(&customer).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_any_kind_stay_one_segment() {
    let shop = Shop::of(3);
    for odd in ["cust_/../tokens", "a?b=c", "ä ö", "渡邊", "%2e%2e", "a+b#c"] {
        assert!(shop.client.read_customer(odd).await.unwrap().is_none(), "{odd}");
        assert_eq!(shop.token(odd, odd).await, None, "{odd}");
        assert_eq!(
            shop.client.delete_customer(odd).await.unwrap_err().kind,
            Kind::NotFound,
            "{odd}"
        );
    }
    for odd in ["", ".", ".."] {
        assert_eq!(
            shop.client.read_customer(odd).await.err().map(|e| e.kind),
            Some(Kind::Refused),
            "{odd}"
        );
    }
    assert_eq!(shop.customers().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_states_and_verification_are_told_as_given() {
    let shop = Shop::of(3);
    let customer = shop.customer(None);
    let token = shop.card(&customer, json!({ "tokendesk_active": "false", "shop": "north" }));
    assert_eq!(
        shop.token(&customer, &token).await.unwrap().state,
        TokenState::Inactive
    );
    for (set, state, kind) in [
        (
            json!({ "metadata": { "tokendesk_active": "perhaps" } }),
            TokenState::Active,
            None,
        ),
        (json!({ "type": "pending" }), TokenState::Creating, None),
        (
            json!({ "type": "odd_token" }),
            TokenState::Active,
            Some("odd_token"),
        ),
        (
            json!({ "type": "card", "is_subscription_only": true }),
            TokenState::Active,
            Some("subscription only"),
        ),
        (
            json!({ "verification_status": "odd", "is_chargeable": true }),
            TokenState::Active,
            Some("subscription only"),
        ),
    ] {
        let mut edit = set.clone();
        edit["id"] = json!(token);
        shop.edit(json!({ "set_token": edit }));
        let read = shop.token(&customer, &token).await.unwrap();
        assert_eq!(
            (&read.state, read.particulars.kind.as_deref()),
            (&state, kind),
            "{set}"
        );
    }
    let read = shop.token(&customer, &token).await.unwrap();
    assert_eq!(
        (
            read.particulars.verification.as_deref(),
            read.particulars.chargeable
        ),
        (Some("odd"), Some(true))
    );
    // A renewed card is another card.
    let before = shop
        .client
        .active_version(of(&customer, &token))
        .await
        .unwrap()
        .unwrap();
    shop.edit(json!({ "set_token": { "id": token, "renewed": { "exp_month": 9, "exp_year": 2035 } } }));
    let after = shop
        .client
        .active_version(of(&customer, &token))
        .await
        .unwrap()
        .unwrap();
    assert_ne!(before.remote_id, after.remote_id);
    assert_eq!(after.card.expiry, Expiry::new(2035, 9));
}

fn missing(members: &[&str], path: &str) -> FaultRule {
    FaultRule {
        when: FaultMatch {
            path_prefix: Some(path.to_owned()),
            ..FaultMatch::default()
        },
        times: Some(1),
        fault: Fault::MissingMembers {
            members: members.iter().map(|&name| name.to_owned()).collect(),
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_id_is_counted_or_makes_the_answer_unreadable() {
    let shop = Shop::of(5);
    let customer = shop.customer(None);
    let token = shop.card(&customer, json!({}));
    let own = format!("/customers/{customer}");
    let without_id = |path: &str| shop.system.add_fault(missing(&["id"], path));
    without_id(&own);
    let cards = shop.cards(&customer).await.unwrap();
    assert_eq!((cards.tokens.len(), cards.unreadable), (0, 1));
    without_id("/customers?");
    // Nobody in it can be the place where the next page begins.
    let read = shop.client.list_customers(None, 5).await;
    assert_eq!(read.unwrap_err().kind, Kind::Unreadable);
    without_id("/customers?");
    let page = shop.client.list_customers(None, 100).await.unwrap();
    assert_eq!((page.items.len(), page.unreadable, page.next), (0, 6, None));
    without_id(&own);
    let read = shop.client.read_customer(&customer).await;
    assert_eq!(read.err().map(|e| e.kind), Some(Kind::Unreadable));
    without_id(&own);
    let read = shop.client.read_token(of(&customer, &token)).await;
    assert_eq!(read.unwrap_err().kind, Kind::Unreadable);
    shop.system.add_fault(missing(
        &[
            "verification_status",
            "is_chargeable",
            "metadata",
            "card",
            "created_at",
        ],
        &own,
    ));
    let bare = shop.cards(&customer).await.unwrap();
    assert_eq!(
        (bare.tokens.len(), bare.details.len(), bare.unreadable),
        (1, 1, 0)
    );
    assert_eq!(bare.tokens[0].particulars.chargeable, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn null_everywhere_is_read_as_nothing_told() {
    let shop = Shop::with(&[("null_everywhere", "on")]);
    for expand in ["honoured", "ignored"] {
        shop.system.set_switch("expand_tokens", expand).unwrap();
        let walked = shop.walk(&shop.fresh(), 100).await;
        assert_eq!(walked.len(), shop.customers().len());
        for one in walked.values() {
            assert_eq!((&one.customer.email, &one.customer.name), (&None, &None));
            let held = shop.truth(&one.customer.customer_id)["tokens"]
                .as_array()
                .unwrap()
                .len();
            assert_eq!((one.cards.tokens.len(), one.cards.unreadable), (held, 0));
            for token in &one.cards.tokens {
                assert_eq!((&token.state, token.one_click), (&TokenState::Active, None));
                assert_eq!(
                    (token.particulars.chargeable, token.particulars.is_default),
                    (None, None)
                );
            }
            assert!(one.cards.details.iter().all(|details| details.card.is_empty()));
        }
    }
    let (customer, token) = {
        let customer = shop.customer(Some("rita@example.org"));
        let token = shop.card(&customer, json!({ "shop": "north" }));
        (customer, token)
    };
    let read = shop.token(&customer, &token).await.unwrap();
    assert_eq!(
        (read.email, read.customer_id.as_deref()),
        (None, Some(customer.as_str()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_customer_with_more_than_a_page_of_cards_is_read_whole() {
    let shop = Shop::of(3);
    let customer = shop.customer(Some("many@example.com"));
    for _ in 0..205 {
        shop.card(&customer, json!({}));
    }
    for expand in ["honoured", "ignored"] {
        shop.system.set_switch("expand_card", expand).unwrap();
        let cards = shop
            .client
            .cards_of(&entry(&customer, Some("many@example.com")))
            .await
            .unwrap();
        assert_eq!(
            (cards.tokens.len(), cards.details.len(), cards.unreadable),
            (205, 205, 0)
        );
        assert!(
            cards
                .tokens
                .iter()
                .all(|token| token.email.as_deref() == Some("many@example.com"))
        );
    }
    assert_eq!(
        shop.truth(&customer)["tokens"].as_array().map(Vec::len),
        Some(205)
    );
    assert!(matches!(shop.truth(&customer)["gone"], Value::Bool(false)));
}

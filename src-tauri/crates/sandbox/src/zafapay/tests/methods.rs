//! Saved cards: listing, blocking, unblocking.

use super::*;

#[test]
fn a_list_item_has_the_documented_members_and_no_others() {
    let shop = Shop::new(40);
    shop.add("shop-user-77");
    let item = &shop.list("shop-user-77")[0];
    let mut members: Vec<&String> = item.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(
        members,
        [
            "blocked_reason",
            "card",
            "connector_id",
            "created_at",
            "id",
            "is_default",
            "status",
            "type",
        ]
    );
    assert!(item["id"].as_str().unwrap().starts_with("pmi_"));
    assert_eq!(item["blocked_reason"], Value::Null);
    assert_eq!(
        item["card"],
        json!({ "brand": "visa", "last4": "4242", "exp_month": 1, "exp_year": 2031 })
    );
    assert!(item["created_at"].as_str().unwrap().ends_with('Z'));
    assert!(!item["created_at"].as_str().unwrap().contains('.'));

    shop.system.set_switch("timestamps", "millis").unwrap();
    assert!(
        shop.list("shop-user-77")[0]["created_at"]
            .as_str()
            .unwrap()
            .contains('.')
    );
}

#[test]
fn every_awkward_customer_id_is_found_under_its_encoded_path() {
    let shop = Shop::new(40);
    let mut seen = 0;
    for id in shop.system.ids().into_iter().filter(|id| !id.starts_with("pmi_")) {
        let (status, body) = shop.get(&format!("/v1/customers/{}/payment-methods", encoded(&id)));
        assert_eq!((status, body["customer_id"].as_str()), (200, Some(id.as_str())));
        seen += usize::from(id.contains(['/', '?', ' ', '+', '#', '%']) || !id.is_ascii());
    }
    assert!(seen >= 6, "{seen}");
    // A slash that is not encoded is another path; a plus sign is a plus sign.
    assert_eq!(shop.get("/v1/customers/shop/7?x=1/payment-methods").0, 404);
    assert_eq!(shop.get("/v1/customers/a+b%20c/payment-methods").0, 200);
    assert_eq!(shop.get("/v1/customers/a%20b%20c/payment-methods").0, 404);
}

#[test]
fn an_unknown_customer_is_404_or_an_empty_list() {
    let shop = Shop::new(10);
    let (status, body) = shop.get("/v1/customers/nobody/payment-methods");
    assert_eq!((status, code(&body)), (404, "not_found"));
    shop.system.set_switch("unknown_customer", "200").unwrap();
    assert_eq!(shop.list("nobody"), Vec::<Value>::new());
}

#[test]
fn a_block_needs_a_reason_and_keeps_it_until_the_unblock() {
    let shop = Shop::new(10);
    let id = shop.card();
    for body in [
        Value::Null,
        json!({}),
        json!({ "reason": "  " }),
        json!({ "reason": 3 }),
    ] {
        let (status, body) = shop.post(&format!("/v1/customers/payment-methods/{id}/block"), body);
        assert_eq!((status, code(&body)), (400, "validation_error"));
        assert_eq!(body["error"]["param"], "reason");
    }
    let (status, body) = shop.block(&id, "Verloren (お客様)");
    assert_eq!((status, &body["status"]), (200, &json!("blocked")));
    assert_eq!(body["blocked_reason"], "Verloren (お客様)");
    assert!(body["updated_at"].is_string());
    let item = &shop.list("somebody")[0];
    assert_eq!(
        (&item["status"], &item["blocked_reason"]),
        (&json!("blocked"), &json!("Verloren (お客様)"))
    );

    let (status, body) = shop.unblock(&id);
    assert_eq!((status, &body["status"]), (200, &json!("active")));
    assert!(body.get("blocked_reason").is_none());
    assert_eq!(shop.list("somebody")[0]["blocked_reason"], Value::Null);
    assert_eq!(shop.block("pmi_nothing", "x").0, 404);
    assert_eq!(shop.unblock("pmi_nothing").0, 404);
}

#[test]
fn blocking_and_unblocking_twice_is_silent_or_refused() {
    for (value, status, reason) in [
        ("keeps", 200, "first"),
        ("replaces", 200, "second"),
        ("refuses", 400, "first"),
    ] {
        let shop = Shop::with(&[("block_again", value)]);
        let id = shop.card();
        assert_eq!(shop.block(&id, "first").0, 200);
        let (answered, body) = shop.block(&id, "second");
        assert_eq!(answered, status, "{value}");
        if status == 400 {
            assert_eq!(code(&body), "invalid_status");
        }
        assert_eq!(
            shop.system.truth(&id).unwrap()["blocked_reason"],
            reason,
            "{value}"
        );
    }
    for (value, status) in [("200", 200), ("400", 400)] {
        let shop = Shop::with(&[("unblock_again", value)]);
        assert_eq!(shop.unblock(&shop.card()).0, status);
    }
}

#[test]
fn the_default_flag_stays_moves_or_goes_with_a_block() {
    for (value, expected) in [
        ("stays", [true, false]),
        ("moves", [false, true]),
        ("cleared", [false, false]),
    ] {
        let shop = Shop::with(&[("default_after_block", value)]);
        let (first, second) = (shop.card(), shop.card());
        shop.block(&first, "x");
        let flags = [&first, &second].map(|id| shop.system.truth(id).unwrap()["is_default"] == json!(true));
        assert_eq!(flags, expected, "{value}");
    }
}

#[test]
fn a_reason_goes_or_stays_with_the_unblock_and_the_status_may_be_any_2xx() {
    for (value, expected) in [("cleared", Value::Null), ("kept", json!("why"))] {
        let shop = Shop::with(&[("reason_after_unblock", value)]);
        let id = shop.card();
        shop.block(&id, "why");
        shop.unblock(&id);
        assert_eq!(shop.list("somebody")[0]["blocked_reason"], expected);
    }
    for (value, status) in [("201", 201), ("204", 204)] {
        let shop = Shop::with(&[("block_status", value)]);
        let id = shop.card();
        assert_eq!(shop.block(&id, "why").0, status);
        assert_eq!(shop.system.truth(&id).unwrap()["status"], "blocked");
    }
}

//! Tokens and payments.

use super::*;

#[test]
fn a_token_tells_of_its_card_and_lives_thirty_minutes() {
    let shop = Shop::new(10);
    let card = json!({ "card": { "number": "4242 4242 4242 4242", "exp_month": "12", "exp_year": 2031, "cvc": "123" } });
    let (_, body) = shop.call_with(&shop.publishable, "POST", "/v1/tokens", &card);
    assert!(body["id"].as_str().unwrap().starts_with("tok_"));
    assert_eq!(
        body["card"],
        json!({ "bin": "424242", "last4": "4242", "brand": "visa", "exp_month": 12, "exp_year": 2031 })
    );
    let at = |name: &str| chrono::DateTime::parse_from_rfc3339(body[name].as_str().unwrap()).unwrap();
    assert_eq!((at("expires_at") - at("created_at")).num_minutes(), 30);

    let token = body["id"].as_str().unwrap();
    shop.system.pass_time(30 * 60 * 1_000);
    let (status, body) = shop.pay(token, json!({}));
    assert_eq!((status, code(&body)), (400, "payment_token_expired"));
    assert_eq!(shop.system.truth(token).unwrap()["expired"], json!(true));
    // The number is nowhere in what is held.
    assert!(!shop.system.truth(token).unwrap().to_string().contains("42424242"));
}

#[test]
fn a_token_is_for_the_published_numbers_only_and_whole() {
    let shop = Shop::new(10);
    let good = json!({ "number": "4242424242424242", "exp_month": 12, "exp_year": 2031, "cvc": "123" });
    for (name, value, expected) in [
        ("number", json!("4111111111111111"), "tokenization_failed"),
        ("number", Value::Null, "validation_error"),
        ("exp_month", json!(13), "validation_error"),
        ("exp_year", json!(31), "validation_error"),
        ("exp_year", json!(2020), "validation_error"),
        ("cvc", json!(""), "validation_error"),
    ] {
        let mut card = good.clone();
        card[name] = value;
        let body = json!({ "card": card });
        let (status, body) = shop.call_with(&shop.publishable, "POST", "/v1/tokens", &body);
        assert_eq!((status, code(&body)), (400, expected), "{name}");
    }
}

#[test]
fn the_four_test_numbers_have_their_documented_outcomes() {
    let shop = Shop::new(10);
    let (status, body) = shop.pay(&shop.token("4242424242424242"), json!({}));
    assert_eq!(
        (status, &body["status"], &body["payment_type"]),
        (201, &json!("completed"), &json!("token"))
    );
    assert!(body["id"].as_str().unwrap().starts_with("req_"));
    assert_eq!(body["amount"], json!(17.62));

    let (status, body) = shop.pay(
        &shop.token("4242424242424242"),
        json!({ "capture_method": "manual" }),
    );
    assert_eq!((status, &body["status"]), (201, &json!("authorized")));

    let (status, body) = shop.pay(&shop.token("4000002500003155"), json!({}));
    assert_eq!((status, &body["status"]), (202, &json!("requires_action")));
    assert!(
        body["redirect_url"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:4010/checkout/req_")
    );

    for number in ["4000000000000002", "4000000000009995"] {
        let (status, body) = shop.pay(&shop.token(number), json!({}));
        assert_eq!((status, code(&body)), (400, "payment_failed"));
        assert_eq!(body["error"]["type"], "payment_error");
    }
}

#[test]
fn a_refusal_may_be_told_precisely_and_as_a_payment() {
    let shop = Shop::with(&[("refusal_code", "specific"), ("refused_payment", "payment")]);
    for (number, expected) in [
        ("4000000000000002", "card_declined"),
        ("4000000000009995", "insufficient_funds"),
    ] {
        let (status, body) = shop.pay(&shop.token(number), json!({}));
        assert_eq!(status, 400);
        assert_eq!(
            (&body["status"], &body["error_code"]),
            (&json!("failed"), &json!(expected))
        );
    }
}

#[test]
fn a_token_is_used_once_and_a_refusal_uses_it_or_not() {
    let shop = Shop::new(10);
    let token = shop.token("4242424242424242");
    assert_eq!(shop.pay(&token, json!({})).0, 201);
    let (status, body) = shop.pay(&token, json!({}));
    assert_eq!((status, code(&body)), (400, "payment_token_already_used"));
    for (value, expected) in [("on", "payment_token_already_used"), ("off", "payment_failed")] {
        let shop = Shop::with(&[("refusal_uses_token", value)]);
        let token = shop.token("4000000000000002");
        shop.pay(&token, json!({}));
        assert_eq!(code(&shop.pay(&token, json!({})).1), expected);
    }
}

#[test]
fn save_card_saves_it_at_once_or_later() {
    for (value, at_once) in [("at_once", 1), ("later", 0)] {
        let shop = Shop::with(&[("saves_card", value)]);
        let (_, body) = shop.pay(
            &shop.token("4242424242424242"),
            json!({ "customer_id": "new/one", "save_card": true }),
        );
        assert_eq!(body["payment_type"], "initial");
        assert!(body.get("payment_method_id").is_none());
        let path = "/v1/customers/new%2Fone/payment-methods";
        let count = |shop: &Shop| shop.get(path).1["payment_methods"].as_array().map_or(0, Vec::len);
        assert_eq!(count(&shop), at_once, "{value}");
        shop.system.pass_time(2_000);
        let items = shop.list("new%2Fone");
        assert_eq!(items.len(), 1);
        assert_eq!(items[0]["is_default"], json!(true));
        let (_, payment) = shop.get(&format!("/v1/payments/{}", body["id"].as_str().unwrap()));
        assert_eq!(payment["payment_method_id"], items[0]["id"]);
    }
}

#[test]
fn a_saved_card_may_be_named_in_the_first_answer_and_saved_twice_or_once() {
    for (value, expected) in [("new", 2), ("reused", 1)] {
        let shop = Shop::with(&[("same_card", value), ("saved_card_in_answer", "on")]);
        for _ in 0..2 {
            let (_, body) = shop.pay(
                &shop.token("4242424242424242"),
                json!({ "customer_id": "twice", "save_card": true }),
            );
            assert!(body["payment_method_id"].as_str().unwrap().starts_with("pmi_"));
        }
        assert_eq!(shop.list("twice").len(), expected);
    }
}

#[test]
fn saving_needs_a_customer_and_a_connector_that_can() {
    let shop = Shop::new(10);
    let (status, body) = shop.pay(&shop.token("4242424242424242"), json!({ "save_card": true }));
    assert_eq!((status, &body["error"]["param"]), (400, &json!("customer_id")));
    let shop = Shop::with(&[("recurring_supported", "off")]);
    let (status, body) = shop.pay(
        &shop.token("4242424242424242"),
        json!({ "save_card": true, "customer_id": "a" }),
    );
    assert_eq!((status, code(&body)), (400, "recurring_not_supported"));
}

#[test]
fn a_blocked_card_pays_nothing() {
    for (value, expected) in [
        ("payment_failed", "payment_failed"),
        ("invalid_status", "invalid_status"),
    ] {
        let shop = Shop::with(&[("blocked_card_code", value)]);
        let id = shop.card();
        let body =
            json!({ "amount": 1, "currency": "usd", "payment_method_id": id, "customer_id": "somebody" });
        let (status, answer) = shop.post("/v1/payments", body.clone());
        assert_eq!((status, &answer["payment_type"]), (201, &json!("recurring")));
        shop.block(&id, "x");
        let (status, answer) = shop.post("/v1/payments", body.clone());
        assert_eq!((status, code(&answer)), (400, expected));
        let mut of_another = body;
        of_another["customer_id"] = json!("else");
        assert_eq!(shop.post("/v1/payments", of_another).0, 404);
    }
}

#[test]
fn an_authorisation_is_captured_or_voided_and_a_payment_refunded() {
    let shop = Shop::new(10);
    let authorized = || {
        let (_, body) = shop.pay(
            &shop.token("4242424242424242"),
            json!({ "capture_method": "manual" }),
        );
        body["id"].as_str().unwrap().to_owned()
    };
    let first = authorized();
    let (status, body) = shop.post(&format!("/v1/payments/{first}/capture"), Value::Null);
    assert_eq!((status, &body["status"]), (200, &json!("completed")));
    assert_eq!(
        code(&shop.post(&format!("/v1/payments/{first}/void"), Value::Null).1),
        "invalid_status"
    );
    let transaction = body["id"].as_str().unwrap();
    assert!(transaction.starts_with("tx_"));

    let refund = |amount: Value| shop.post(&format!("/v1/payments/{transaction}/refund"), amount);
    let (_, part) = refund(json!({ "amount": 7.62, "reason": "returned" }));
    assert_eq!(
        (&part["status"], &part["amount"]),
        (&json!("succeeded"), &json!("7.62"))
    );
    assert_eq!(code(&refund(json!({ "amount": 10.01 })).1), "invalid_amount");
    assert_eq!(refund(Value::Null).1["amount"], "10.00");
    let (_, read) = shop.get(&format!("/v1/payments/{transaction}"));
    assert_eq!(
        (&read["status"], &read["amount_refunded"]),
        (&json!("refunded"), &json!("17.62"))
    );
    assert_eq!(read["refunds"].as_array().unwrap().len(), 2);

    let second = authorized();
    let (_, body) = shop.post(&format!("/v1/payments/{second}/void"), json!({}));
    assert_eq!(body["status"], "canceled");
    assert_eq!(shop.get("/v1/payments/tx_nothing").0, 404);
}

#[test]
fn amounts_are_numbers_or_texts() {
    for (value, created, read) in [
        ("documented", json!(17.62), json!("17.62")),
        ("numbers", json!(17.62), json!(17.62)),
        ("texts", json!("17.62"), json!("17.62")),
    ] {
        let shop = Shop::with(&[("amounts", value)]);
        let (_, body) = shop.pay(&shop.token("4242424242424242"), json!({}));
        assert_eq!(body["amount"], created);
        let (_, body) = shop.get(&format!("/v1/payments/{}", body["id"].as_str().unwrap()));
        assert_eq!(body["amount"], read);
    }
}

#[test]
fn bad_payments_are_refused_before_anything_is_made() {
    let shop = Shop::new(10);
    for (name, value, expected) in [
        ("amount", json!(0), "invalid_amount"),
        ("amount", json!(-1), "invalid_amount"),
        ("amount", json!(1.234), "invalid_amount"),
        ("amount", json!("1"), "invalid_amount"),
        ("currency", json!("dollars"), "validation_error"),
        ("capture_method", json!("later"), "validation_error"),
        ("token", json!("tok_unknown"), "validation_error"),
    ] {
        let (status, body) = shop.pay("tok_any", json!({ name: value }));
        assert_eq!((status, code(&body)), (400, expected), "{name}");
    }
    assert!(shop.system.lock().world.payments.is_empty());
}

#[test]
fn the_buyer_ends_what_waits_for_the_buyer() {
    let shop = Shop::new(10);
    let (_, body) = shop.pay(
        &shop.token("4000002500003155"),
        json!({ "customer_id": "buyer", "save_card": true }),
    );
    let id = body["id"].as_str().unwrap();
    assert_eq!(shop.get(&format!("/checkout/{id}")).0, 200);
    assert_eq!(shop.system.truth(id).unwrap()["status"], "requires_action");
    assert_eq!(
        shop.call_with("", "POST", &format!("/checkout/{id}/approve"), &Value::Null)
            .0,
        200
    );
    assert_eq!(shop.system.truth(id).unwrap()["status"], "completed");
    assert_eq!(shop.list("buyer").len(), 1);

    let (status, body) = shop.post("/v1/payments", json!({ "amount": 5, "currency": "usd" }));
    assert_eq!((status, &body["status"]), (201, &json!("pending")));
    assert!(body["payment_url"].is_string());
    let id = body["id"].as_str().unwrap();
    let edit = json!({ "finish_action": { "id": id, "approved": false } });
    assert_eq!(shop.system.edit(edit.clone()).unwrap()["status"], "failed");
    assert!(matches!(shop.system.edit(edit), Err(EditError::Shape(_))));
}

#[test]
fn an_idempotency_key_is_ignored_or_honoured() {
    let pay = |shop: &Shop, amount: i64| {
        let body = json!({ "amount": amount, "currency": "usd" });
        shop.raw(
            &shop.access,
            "POST",
            "/v1/payments",
            &[("idempotency-key", "k")],
            &body,
        )
    };
    let shop = Shop::new(10);
    assert_ne!(pay(&shop, 5).1["id"], pay(&shop, 5).1["id"]);
    let shop = Shop::with(&[("idempotency_key", "honoured")]);
    assert_eq!(pay(&shop, 5).1["id"], pay(&shop, 5).1["id"]);
    let (status, body) = pay(&shop, 6);
    assert_eq!((status, code(&body)), (400, "idempotency_key_mismatch"));
}

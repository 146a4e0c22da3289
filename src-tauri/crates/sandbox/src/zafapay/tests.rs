//! What Zafapay answers, both sides of each switch.

use hyper::HeaderMap;
use serde_json::{Value, json};

use super::*;
use crate::people::People;
use crate::wire::Kind;

const MONTH: i64 = 1_790_812_800_000;

struct Shop {
    system: Zafapay,
    access: String,
    publishable: String,
}

impl Shop {
    fn new(customers: u32) -> Self {
        let system = Zafapay::new(&SystemOptions {
            customers,
            seed: 7,
            month_start_ms: MONTH,
            people: People::Own,
        });
        let connection = system.connection("http://127.0.0.1:1");
        let key = |name: &str| connection[name].as_str().unwrap().to_owned();
        Self {
            access: key("access_token"),
            publishable: key("publishable_key"),
            system,
        }
    }

    fn with(switches: &[(&str, &str)]) -> Self {
        let shop = Self::new(40);
        for (name, value) in switches {
            shop.system.set_switch(name, value).unwrap();
        }
        shop
    }

    fn call_with(&self, key: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.raw(key, method, path, &[], body)
    }

    fn raw(
        &self,
        key: &str,
        method: &str,
        path: &str,
        more: &[(&'static str, &str)],
        body: &Value,
    ) -> (u16, Value) {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", format!("Bearer {key}").parse().unwrap());
        headers.insert("host", "127.0.0.1:4010".parse().unwrap());
        for (name, value) in more {
            headers.insert(*name, value.parse().unwrap());
        }
        let reply = self.system.answer(&Call {
            method: method.to_owned(),
            target: path.to_owned(),
            headers,
            body: if body.is_null() {
                Vec::new().into()
            } else {
                body.to_string().into_bytes().into()
            },
        });
        let body = match reply.kind {
            Kind::Json => serde_json::from_slice(&reply.body).unwrap(),
            _ => Value::Null,
        };
        (reply.status, body)
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.call_with(&self.access, "GET", path, &Value::Null)
    }

    fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call_with(&self.access, "POST", path, &body)
    }

    fn list(&self, encoded: &str) -> Vec<Value> {
        let (status, body) = self.get(&format!("/v1/customers/{encoded}/payment-methods"));
        assert_eq!(status, 200, "{body}");
        body["payment_methods"].as_array().unwrap().clone()
    }

    fn token(&self, number: &str) -> String {
        let card = json!({ "card": {
            "number": number, "exp_month": 12, "exp_year": 2031, "cvc": "123", "cardholder_name": "Ada Lindqvist",
        } });
        let (status, body) = self.call_with(&self.publishable, "POST", "/v1/tokens", &card);
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    fn pay(&self, token: &str, more: Value) -> (u16, Value) {
        let mut body = json!({ "amount": 17.62, "currency": "usd", "token": token });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post("/v1/payments", body)
    }

    /// A fresh customer with one card in use; the card's id.
    fn card(&self) -> String {
        self.add("somebody")
    }

    fn add(&self, customer: &str) -> String {
        let edit = json!({ "add_card": { "customer_id": customer, "exp_year": 2031, "exp_month": 1 } });
        self.system.edit(edit).unwrap()["id"].as_str().unwrap().to_owned()
    }

    fn block(&self, id: &str, reason: &str) -> (u16, Value) {
        self.post(
            &format!("/v1/customers/payment-methods/{id}/block"),
            json!({ "reason": reason }),
        )
    }

    fn unblock(&self, id: &str) -> (u16, Value) {
        self.post(
            &format!("/v1/customers/payment-methods/{id}/unblock"),
            Value::Null,
        )
    }
}

fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap()
}

fn encoded(id: &str) -> String {
    id.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

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

#[test]
fn each_key_reaches_what_it_is_for() {
    let shop = Shop::new(10);
    let list = "/v1/customers/x/payment-methods";
    for key in ["", "nonsense"] {
        let (status, body) = shop.call_with(key, "GET", list, &Value::Null);
        assert_eq!((status, code(&body)), (401, "unauthorized"));
    }
    assert_eq!(
        shop.call_with(&shop.publishable, "GET", list, &Value::Null).0,
        401
    );
    assert_eq!(shop.post("/v1/tokens", json!({})).0, 401);
    shop.system.set_switch("wrong_key", "403").unwrap();
    assert_eq!(
        shop.call_with(&shop.publishable, "GET", list, &Value::Null).0,
        403
    );
    shop.system
        .set_switch("access_token_creates_tokens", "works")
        .unwrap();
    assert_eq!(shop.post("/v1/tokens", json!({})).0, 400);
}

#[test]
fn a_regenerated_access_token_ends_the_old_one() {
    let shop = Shop::new(10);
    let list = "/v1/customers/x/payment-methods";
    assert_eq!(shop.get(list).0, 404);
    let new = shop
        .system
        .edit(json!({ "regenerate_access_token": {} }))
        .unwrap();
    let new = new["access_token"].as_str().unwrap();
    assert_eq!(shop.get(list).0, 401);
    assert_eq!(shop.call_with(new, "GET", list, &Value::Null).0, 404);
    assert_eq!(shop.system.connection("x")["access_token"], new);
}

#[test]
fn a_merchant_that_is_not_active_is_told_so_in_two_ways() {
    for value in ["merchant_not_active", "forbidden"] {
        let shop = Shop::with(&[("merchant", value)]);
        let (status, body) = shop.get("/v1/customers/x/payment-methods");
        assert_eq!((status, code(&body)), (403, value));
    }
}

#[test]
fn errors_may_be_upper_case_and_bare() {
    let shop = Shop::with(&[("code_case", "upper"), ("error_members", "bare")]);
    let (_, body) = shop.get("/v1/customers/nobody/payment-methods");
    assert_eq!(body["error"]["code"], "NOT_FOUND");
    assert_eq!(body["error"].as_object().unwrap().len(), 2);
    let shop = Shop::new(10);
    let (_, body) = shop.get("/v1/customers/nobody/payment-methods");
    assert_eq!(body["error"]["type"], "invalid_request_error");
    assert!(body["error"]["request_id"].as_str().unwrap().starts_with("req_"));
}

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

#[test]
fn the_world_holds_what_clients_must_survive_and_is_the_same_every_time() {
    let (shop, again) = (Shop::new(40), Shop::new(40));
    assert_eq!(shop.system.ids(), again.system.ids());
    let directory = shop.system.truth("directory.csv").unwrap();
    assert_eq!(directory.as_str().unwrap().lines().count(), 41);
    let cards = |n: usize| {
        let id = shop.system.lock().world.customers[n].id.clone();
        shop.list(&encoded(&id))
    };
    assert_eq!(cards(6).len(), 5);
    assert_eq!(cards(14).len(), 0);
    assert!(cards(16)[0]["blocked_reason"].as_str().unwrap().chars().count() > 200);
    assert!(!cards(17)[0]["blocked_reason"].as_str().unwrap().is_ascii());
    assert_eq!(cards(18)[0]["status"], "active");
    assert!(cards(19).iter().all(|card| card["status"] == "blocked"));
    assert_eq!(cards(20)[0]["type"], "wallet");
    assert_eq!(cards(21)[0]["status"], "under_review");
    assert!(cards(22)[0].get("card").is_none());
    assert!(cards(23).iter().all(|card| card["is_default"] == json!(true)));

    shop.system.set_switch("expired_cards", "expired").unwrap();
    assert_eq!(cards(18)[0]["status"], "expired");
    let oldest_first: Vec<Value> = cards(6).iter().map(|card| card["id"].clone()).collect();
    shop.system.set_switch("list_order", "newest").unwrap();
    let mut newest_first: Vec<Value> = cards(6).iter().map(|card| card["id"].clone()).collect();
    newest_first.reverse();
    assert_eq!(oldest_first, newest_first);
}

#[test]
fn somebody_else_blocks_unblocks_adds_and_takes_away() {
    let shop = Shop::new(10);
    let (first, second) = (shop.card(), shop.card());
    let edit = |edit: Value| shop.system.edit(edit);
    let truth = edit(json!({ "block": { "id": first, "reason": "elsewhere" } })).unwrap();
    assert_eq!(
        (&truth["status"], &truth["blocked_reason"]),
        (&json!("blocked"), &json!("elsewhere"))
    );
    assert_eq!(
        edit(json!({ "unblock": { "id": first } })).unwrap()["status"],
        "active"
    );
    edit(json!({ "set_default": { "id": second } })).unwrap();
    assert_eq!(shop.system.truth(&first).unwrap()["is_default"], json!(false));
    edit(json!({ "set_status": { "id": second, "status": "frozen" } })).unwrap();
    assert_eq!(shop.list("somebody")[1]["status"], "frozen");
    assert_eq!(
        edit(json!({ "remove_card": { "id": first } })).unwrap()["gone"],
        json!(true)
    );
    assert_eq!(shop.list("somebody").len(), 1);
    assert_eq!(shop.block(&first, "x").0, 404);
    assert_eq!(
        edit(json!({ "unblock": { "id": first } })),
        Err(EditError::NoSuchObject)
    );
    assert!(matches!(edit(json!({ "explode": {} })), Err(EditError::Shape(_))));
    assert_eq!(shop.system.truth("pmi_never"), None);
}

#[test]
fn calls_have_names_for_statistics() {
    let shop = Shop::new(1);
    let named = |method: &str, path: &str| shop.system.operation(method, path);
    assert_eq!(
        named("GET", "/v1/customers/a%2Fb/payment-methods"),
        Some(("methods.list", false))
    );
    assert_eq!(
        named("POST", "/v1/customers/payment-methods/pmi_1/block"),
        Some(("methods.block", true))
    );
    assert_eq!(named("POST", "/v1/tokens"), Some(("tokens.create", true)));
    assert_eq!(named("GET", "/v1/customers"), None);
    assert_eq!(shop.get("/v1/customers").0, 404);
    assert_eq!(shop.system.failure(429).status, 429);
}

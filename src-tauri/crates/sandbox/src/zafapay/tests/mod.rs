//! What Zafapay answers, both sides of each switch.

mod methods;
mod payments;

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
    pub(super) fn new(customers: u32) -> Self {
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

    pub(super) fn with(switches: &[(&str, &str)]) -> Self {
        let shop = Self::new(40);
        for (name, value) in switches {
            shop.system.set_switch(name, value).unwrap();
        }
        shop
    }

    pub(super) fn call_with(&self, key: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.raw(key, method, path, &[], body)
    }

    pub(super) fn raw(
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

    pub(super) fn get(&self, path: &str) -> (u16, Value) {
        self.call_with(&self.access, "GET", path, &Value::Null)
    }

    pub(super) fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call_with(&self.access, "POST", path, &body)
    }

    pub(super) fn list(&self, encoded: &str) -> Vec<Value> {
        let (status, body) = self.get(&format!("/v1/customers/{encoded}/payment-methods"));
        assert_eq!(status, 200, "{body}");
        body["payment_methods"].as_array().unwrap().clone()
    }

    pub(super) fn token(&self, number: &str) -> String {
        let card = json!({ "card": {
            "number": number, "exp_month": 12, "exp_year": 2031, "cvc": "123", "cardholder_name": "Ada Lindqvist",
        } });
        let (status, body) = self.call_with(&self.publishable, "POST", "/v1/tokens", &card);
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    pub(super) fn pay(&self, token: &str, more: Value) -> (u16, Value) {
        let mut body = json!({ "amount": 17.62, "currency": "usd", "token": token });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post("/v1/payments", body)
    }

    /// A fresh customer with one card in use; the card's id.
    pub(super) fn card(&self) -> String {
        self.add("somebody")
    }

    pub(super) fn add(&self, customer: &str) -> String {
        let edit = json!({ "add_card": { "customer_id": customer, "exp_year": 2031, "exp_month": 1 } });
        self.system.edit(edit).unwrap()["id"].as_str().unwrap().to_owned()
    }

    pub(super) fn block(&self, id: &str, reason: &str) -> (u16, Value) {
        self.post(
            &format!("/v1/customers/payment-methods/{id}/block"),
            json!({ "reason": reason }),
        )
    }

    pub(super) fn unblock(&self, id: &str) -> (u16, Value) {
        self.post(
            &format!("/v1/customers/payment-methods/{id}/unblock"),
            Value::Null,
        )
    }
}

pub(super) fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap()
}

pub(super) fn encoded(id: &str) -> String {
    id.bytes().map(|byte| format!("%{byte:02X}")).collect()
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

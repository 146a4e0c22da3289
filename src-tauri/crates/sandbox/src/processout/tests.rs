//! What ProcessOut answers, both sides of each switch.

use hyper::HeaderMap;
use serde_json::{Value, json};

use super::*;
use crate::people::People;

const MONTH: i64 = 1_790_812_800_000;

struct Shop {
    system: ProcessOut,
    project: String,
    secret: String,
}

impl Shop {
    fn new(customers: u32) -> Self {
        let system = ProcessOut::new(&SystemOptions {
            customers,
            seed: 7,
            month_start_ms: MONTH,
            people: People::Own,
        });
        Self {
            project: system.project.clone(),
            secret: system.secret.clone(),
            system,
        }
    }

    fn with(switches: &[(&str, &str)]) -> Self {
        let shop = Self::new(30);
        for (name, value) in switches {
            shop.set(name, value);
        }
        shop
    }

    fn set(&self, name: &str, value: &str) {
        self.system.set_switch(name, value).unwrap();
    }

    fn send(
        &self,
        user: &str,
        password: &str,
        method: &str,
        path: &str,
        more: &[(&'static str, &str)],
        body: &str,
    ) -> Reply {
        let mut headers = HeaderMap::new();
        let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        headers.insert("authorization", basic.parse().unwrap());
        for (name, value) in more {
            headers.insert(*name, value.parse().unwrap());
        }
        self.system.answer(&Call {
            method: method.to_owned(),
            target: path.to_owned(),
            headers,
            body: body.as_bytes().to_vec().into(),
        })
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let reply = self.send(&self.project, &self.secret, method, path, &[], &body);
        (reply.status, serde_json::from_slice(&reply.body).unwrap())
    }

    fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn refusal(&self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let (status, body) = self.call(method, path, body);
        assert_eq!(body["success"], false, "{path}: {body}");
        (status, body["error_type"].as_str().unwrap().to_owned())
    }

    fn refused(&self, path: &str) -> (u16, String) {
        self.refusal("GET", path, &Value::Null)
    }

    fn customer(&self) -> String {
        let (status, body) = self.call("POST", "/customers", &json!({}));
        assert_eq!(status, 200);
        body["customer"]["id"].as_str().unwrap().to_owned()
    }

    fn card(&self, number: &str) -> String {
        let card = json!({ "number": number, "exp_month": "11", "exp_year": "2031", "cvc2": "123" });
        let (status, body) = self.call("POST", "/cards", &card);
        assert_eq!(status, 200, "{body}");
        body["card"]["id"].as_str().unwrap().to_owned()
    }

    fn token(&self, customer: &str, body: &Value) -> (u16, Value) {
        self.call("POST", &format!("/customers/{customer}/tokens"), body)
    }

    fn saved(&self, customer: &str) -> Value {
        let card = self.card("4242424242424242");
        let (status, body) = self.token(customer, &json!({ "source": card }));
        assert_eq!(status, 200, "{body}");
        body["token"].clone()
    }

    /// The customer with most tokens.
    fn busiest(&self) -> String {
        let state = self.system.inhabited();
        let world = &state.stores[0].world;
        let busiest = (0..world.customers.len()).max_by_key(|place| world.customers[*place].tokens.len());
        world.customers[busiest.unwrap()].id.clone()
    }
}

fn path(token: &Value) -> String {
    format!(
        "/customers/{}/tokens/{}",
        token["customer_id"].as_str().unwrap(),
        token["id"].as_str().unwrap()
    )
}

fn ids(body: &Value, name: &str) -> Vec<String> {
    let rows = body[name].as_array().unwrap();
    rows.iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

fn with(status: u16, kind: &str) -> (u16, String) {
    (status, kind.to_owned())
}

#[test]
fn only_a_project_and_its_key_sign_in() {
    let shop = Shop::new(3);
    let status = |user: &str, password: &str| {
        let reply = shop.send(user, password, "GET", "/customers", &[], "");
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        (reply.status, body["error_type"].as_str().unwrap_or("").to_owned())
    };
    let invalid = with(401, "request.authentication.invalid");
    assert_eq!(status(&shop.project, &shop.secret).0, 200);
    assert_eq!(status(&shop.project, "key_sandbox_other"), invalid);
    assert_eq!(status(&shop.project, ""), invalid);
    assert_eq!(
        status("test-proj_x", &shop.secret),
        with(401, "request.authentication.invalid-project-id")
    );
    let live = shop.project.strip_prefix("test-").unwrap();
    assert_eq!(status(live, &shop.secret), invalid);
    // The live project has a key and a store of its own.
    let live_key = shop.system.lock().stores[1].keys[0].clone();
    let reply = shop.send(live, &live_key, "GET", "/customers", &[], "");
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((reply.status, &body["customers"]), (200, &json!([])));
    // Without a secret a browser may only make a card and attach it.
    let card = json!({ "number": "4242424242424242", "exp_month": 1, "exp_year": 2030 }).to_string();
    assert_eq!(
        shop.send(&shop.project, "", "POST", "/cards", &[], &card).status,
        200
    );
    let missing = shop.system.answer(&Call {
        method: "GET".to_owned(),
        target: "/customers".to_owned(),
        headers: HeaderMap::new(),
        body: Vec::new().into(),
    });
    assert_eq!(missing.status, 401);
}

#[test]
fn keys_come_and_go_and_another_merchant_sees_nothing() {
    let shop = Shop::new(3);
    let second = shop.system.edit(json!({ "add_key": {} })).unwrap();
    let second = second["secret"].as_str().unwrap();
    assert_eq!(
        shop.send(&shop.project, second, "GET", "/customers", &[], "")
            .status,
        200
    );
    shop.system
        .edit(json!({ "disable_key": { "secret": shop.secret } }))
        .unwrap();
    assert_eq!(shop.refused("/customers").0, 401);
    let other = shop.system.edit(json!({ "add_merchant": {} })).unwrap();
    let (project, secret) = (
        other["project"].as_str().unwrap(),
        other["secret"].as_str().unwrap(),
    );
    let reply = shop.send(project, secret, "GET", "/customers", &[], "");
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(body["customers"], json!([]));
    assert_eq!(
        shop.send(&shop.project, secret, "GET", "/customers", &[], "")
            .status,
        401
    );
}

#[test]
fn a_key_without_a_permission_is_told_so() {
    for (switch, method, path) in [
        ("may_read_customers", "GET", "/customers"),
        ("may_write_customers", "POST", "/customers"),
        ("may_read_tokens", "GET", "/customers/cust_x/tokens"),
        ("may_write_tokens", "DELETE", "/customers/cust_x/tokens/tok_x"),
        ("may_use_cards", "GET", "/cards/card_x"),
        ("may_read_events", "GET", "/events"),
    ] {
        let shop = Shop::with(&[(switch, "off")]);
        assert_eq!(shop.refusal(method, path, &Value::Null).0, 403, "{switch}");
        shop.set("missing_permission", "401");
        assert_eq!(shop.refusal(method, path, &Value::Null).0, 401, "{switch}");
        shop.set(switch, "on");
        assert_ne!(shop.call(method, path, &json!({})).0, 401, "{switch}");
    }
}

#[test]
fn lists_are_walked_by_cursor_in_both_directions() {
    let shop = Shop::new(25);
    let first = shop.get("/customers");
    assert_eq!(first["count"], 10);
    assert_eq!((&first["limit"], &first["order"]), (&json!(10), &json!("desc")));
    assert_eq!(
        (&first["has_more"], &first["total_count"]),
        (&json!(true), &json!(25))
    );
    let mut walked = Vec::new();
    let mut target = "/customers?limit=7&end_before=&filter=".to_owned();
    loop {
        let page = shop.get(&target);
        walked.extend(ids(&page, "customers"));
        if page["has_more"] == false {
            break;
        }
        target = format!("/customers?limit=7&start_after={}", walked.last().unwrap());
    }
    let mut rising = ids(&shop.get("/customers?order=asc&limit=100"), "customers");
    rising.reverse();
    assert_eq!(walked, rising);
    let before = shop.get(&format!("/customers?limit=3&end_before={}", walked[10]));
    assert_eq!(ids(&before, "customers"), walked[7..10]);
    assert_eq!(before["has_more"], true);
    assert_eq!(shop.get("/customers?limit=0")["limit"], 10);
    let pagination = with(400, "request.pagination.invalid");
    for bad in [
        "limit=x",
        "limit=-1",
        "order=up",
        "start_after=a&end_before=b",
        "start_after=cust_x",
    ] {
        assert_eq!(shop.refused(&format!("/customers?{bad}")), pagination, "{bad}");
    }
    assert_eq!(
        shop.refused("/customers?filter=recent"),
        with(400, "request.filter.invalid")
    );
}

#[test]
fn what_paging_leaves_open_is_a_switch() {
    let shop = Shop::new(25);
    assert_eq!(
        shop.refused("/customers?limit=101"),
        with(400, "request.pagination.invalid")
    );
    shop.set("large_limit", "clamped");
    assert_eq!(shop.get("/customers?limit=101")["limit"], 100);
    shop.set("unknown_cursor", "404");
    assert_eq!(shop.refused("/customers?start_after=cust_x").0, 404);
    let walked = ids(&shop.get("/customers?limit=100"), "customers");
    shop.call("DELETE", &format!("/customers/{}", walked[4]), &Value::Null);
    let after = format!("/customers?limit=2&start_after={}", walked[4]);
    assert_eq!(shop.refused(&after).0, 404);
    shop.set("deleted_cursor", "on");
    assert_eq!(ids(&shop.get(&after), "customers"), walked[5..7]);
}

#[test]
fn the_world_holds_the_awkward_cases_and_follows_from_the_seed() {
    let shop = Shop::new(120);
    let ids_of = |shop: &Shop| shop.system.ids();
    assert_eq!(ids_of(&shop), ids_of(&Shop::new(120)));
    let all: Vec<Value> = {
        let mut all = Vec::new();
        let mut target = "/customers?limit=100&expand[]=tokens".to_owned();
        loop {
            let page = shop.get(&target);
            all.extend(page["customers"].as_array().unwrap().clone());
            if page["has_more"] == false {
                break all;
            }
            target = format!(
                "/customers?limit=100&expand[]=tokens&start_after={}",
                all.last().unwrap()["id"].as_str().unwrap()
            );
        }
    };
    let tokens: Vec<&Value> = all
        .iter()
        .flat_map(|row| row["tokens"].as_array().unwrap())
        .collect();
    let has = |name: &str, value: &str| tokens.iter().any(|token| token[name] == value);
    for kind in ["card", "pending", "gateway_token", "bank_account", "wallet_token"] {
        assert!(has("type", kind), "{kind}");
    }
    for status in ["success", "pending", "failed", "not-requested", "unknown"] {
        assert!(has("verification_status", status), "{status}");
    }
    assert!(tokens.iter().any(|token| token["is_subscription_only"] == true));
    assert!(all.iter().any(|row| row["email"].is_null()));
    assert!(all.iter().any(|row| row["first_name"].is_null()));
    assert!(
        all.iter()
            .any(|row| !row["first_name"].as_str().unwrap_or("").is_ascii())
    );
    assert!(
        all.iter()
            .any(|row| row["tokens"].as_array().unwrap().len() > 100)
    );
    let digits = |row: &Value| row["created_at"].as_str().unwrap().len() - "2026-01-02T03:04:05Z".len();
    let mut seen: Vec<usize> = all.iter().map(digits).collect();
    seen.sort_unstable();
    seen.dedup();
    assert!(
        seen.contains(&0) && seen.contains(&2) && seen.contains(&7),
        "{seen:?}"
    );
    // Exactly one default, or none.
    for row in &all {
        let defaults: Vec<&Value> = row["tokens"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|token| token["is_default"] == true)
            .map(|token| &token["id"])
            .collect();
        assert_eq!(
            defaults.first().copied().unwrap_or(&Value::Null),
            &row["default_token_id"]
        );
        assert!(defaults.len() < 2);
    }
}

#[test]
fn a_customer_is_made_read_changed_and_deleted() {
    let shop = Shop::new(3);
    let wish = json!({
        "email": "rita@example.org", "first_name": "Ri_ta €🙂", "last_name": "東", "phone": { "number": "68500", "dialing_code": "+33" },
        "currency": "EUR", "reference_id": "C-1", "metadata": { "shop": "north" }, "country_code": null, "unknown": 1,
    });
    let (_, made) = shop.call("POST", "/customers", &wish);
    let made = &made["customer"];
    assert_eq!(
        (&made["first_name"], &made["last_name"]),
        (&json!("Ri ta "), &json!("東"))
    );
    assert_eq!(
        made["phone"],
        json!({ "number": "68500", "dialing_code": "0033" })
    );
    assert_eq!(
        (&made["tokens"], &made["balance"], &made["sandbox"]),
        (&Value::Null, &json!("0"), &json!(true))
    );
    let place = format!("/customers/{}", made["id"].as_str().unwrap());
    let read = shop.get(&place);
    assert_ne!(read["customer"]["created_at"], made["created_at"]);
    let (_, changed) = shop.call(
        "PUT",
        &place,
        &json!({ "email": null, "city": "Bern", "currency": "USD" }),
    );
    let changed = &changed["customer"];
    assert_eq!(changed["email"], "rita@example.org");
    assert_eq!(
        (&changed["city"], &changed["currency"]),
        (&json!("Bern"), &json!("EUR"))
    );
    assert_eq!(
        shop.call("DELETE", &place, &Value::Null),
        (200, json!({ "success": true }))
    );
    let missing = with(404, "resource.customer.not-found");
    assert_eq!(shop.refused(&place), missing);
    assert_eq!(shop.refusal("DELETE", &place, &Value::Null), missing);
    shop.set("delete_again", "200");
    assert_eq!(shop.call("DELETE", &place, &Value::Null).0, 200);
    assert_eq!(
        shop.refusal("DELETE", "/customers/cust_never", &Value::Null),
        missing
    );
}

#[test]
fn bad_fields_of_a_customer_are_named() {
    let shop = Shop::new(1);
    for (body, field) in [
        (json!({ "email": "rita" }), "email"),
        (json!({ "first_name": "x".repeat(81) }), "name"),
        (json!({ "city": "x".repeat(81) }), "address"),
        (json!({ "zip": "x".repeat(17) }), "zip"),
        (json!({ "country_code": "FRA" }), "country"),
        (json!({ "currency": "euro" }), "currency"),
        (json!({ "ip_address": "1.2.3" }), "ip-address"),
        (json!({ "sex": "yes" }), "sex"),
        (json!({ "date_of_birth": "soon" }), "date"),
        (json!({ "metadata": "x" }), "metadata"),
        (json!({ "metadata": { "a": 1 } }), "metadata"),
        (json!({ "reference_id": "a b" }), "reference-id"),
        (json!({ "phone": { "number": "1".repeat(15) } }), "phone-number"),
    ] {
        let expected = with(400, &format!("request.validation.invalid-{field}"));
        assert_eq!(shop.refusal("POST", "/customers", &body), expected);
    }
    assert_eq!(
        shop.refusal("POST", "/customers", &json!([])),
        with(400, "request.bad-format")
    );
    assert_eq!(shop.system.ids().len(), Shop::new(1).system.ids().len());
}

#[test]
fn a_form_is_taken_like_json() {
    let shop = Shop::new(1);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "email=rita%40example.org&metadata[shop]=north&is_business=true&expand[]=project";
    let reply = shop.send(&shop.project, &shop.secret, "POST", "/customers", &form, body);
    let made: Value = serde_json::from_slice(&reply.body).unwrap();
    let made = &made["customer"];
    assert_eq!(
        (&made["email"], &made["is_business"]),
        (&json!("rita@example.org"), &json!(true))
    );
    assert_eq!(made["metadata"], json!({ "shop": "north" }));
    assert!(made["project"].is_object());
}

#[test]
fn metadata_and_null_are_taken_as_the_switches_say() {
    for (rule, merged) in [
        ("replaces", json!({ "b": "2" })),
        ("merges", json!({ "a": "1", "b": "2" })),
    ] {
        let shop = Shop::with(&[("metadata_update", rule)]);
        let (_, made) = shop.call("POST", "/customers", &json!({ "metadata": { "a": "1" } }));
        let customer = made["customer"]["id"].as_str().unwrap();
        let (_, changed) = shop.call(
            "PUT",
            &format!("/customers/{customer}"),
            &json!({ "metadata": { "b": "2" } }),
        );
        assert_eq!(changed["customer"]["metadata"], merged);
        let token = shop.saved(customer);
        shop.call("PUT", &path(&token), &json!({ "metadata": { "a": "1" } }));
        let (_, changed) = shop.call("PUT", &path(&token), &json!({ "metadata": { "b": "2" } }));
        assert_eq!(changed["token"]["metadata"], merged);
    }
    let shop = Shop::with(&[("null_in_body", "clears")]);
    let (_, made) = shop.call(
        "POST",
        "/customers",
        &json!({ "email": "rita@example.org", "metadata": { "a": "1" } }),
    );
    let place = format!("/customers/{}", made["customer"]["id"].as_str().unwrap());
    let (_, changed) = shop.call("PUT", &place, &json!({ "email": null, "metadata": null }));
    assert_eq!(
        (&changed["customer"]["email"], &changed["customer"]["metadata"]),
        (&Value::Null, &json!({}))
    );
}

#[test]
fn a_currency_once_set_stays() {
    for (rule, status, kept) in [
        ("ignored", 200, "EUR"),
        ("refused", 400, "EUR"),
        ("accepted", 400, "EUR"),
    ] {
        let shop = Shop::with(&[("currency_update", rule)]);
        let (_, made) = shop.call("POST", "/customers", &json!({ "currency": "EUR" }));
        let place = format!("/customers/{}", made["customer"]["id"].as_str().unwrap());
        assert_eq!(
            shop.call("PUT", &place, &json!({ "currency": "USD" })).0,
            status,
            "{rule}"
        );
        assert_eq!(shop.get(&place)["customer"]["currency"], kept);
    }
    let shop = Shop::with(&[("currency_update", "accepted")]);
    let place = format!("/customers/{}", shop.customer());
    shop.call("PUT", &place, &json!({ "currency": "USD" }));
    assert_eq!(shop.get(&place)["customer"]["currency"], "USD");
}

#[test]
fn only_published_numbers_make_a_card_and_a_card_serves_once() {
    let shop = Shop::new(1);
    let card = |number: &str| json!({ "number": number, "exp_month": 1, "exp_year": 2031 });
    assert_eq!(
        shop.refusal("POST", "/cards", &card("4111111111111111")),
        with(400, "card.invalid-number")
    );
    assert_eq!(
        shop.refusal("POST", "/cards", &json!({})),
        with(400, "card.invalid-number")
    );
    let month = json!({ "number": "4242424242424242", "exp_month": 13, "exp_year": 2031 });
    assert_eq!(
        shop.refusal("POST", "/cards", &month),
        with(400, "card.invalid-month")
    );
    let id = shop.card("4242424242424242");
    let read = shop.get(&format!("/cards/{id}"));
    assert_eq!(
        (&read["card"]["last_4_digits"], &read["card"]["exp_year"]),
        (&json!("4242"), &json!(2031))
    );
    let customer = shop.customer();
    assert_eq!(shop.token(&customer, &json!({ "source": id })).0, 200);
    let tokens = format!("/customers/{customer}/tokens");
    assert_eq!(
        shop.refusal("POST", &tokens, &json!({ "source": id })),
        with(400, "request.source.card-already-used")
    );
    assert_eq!(
        shop.refusal("POST", &tokens, &json!({ "source": "card_x" })),
        with(404, "resource.card.not-found")
    );
    assert_eq!(
        shop.refusal("POST", &tokens, &json!({ "source": "x" })),
        with(400, "request.source.invalid")
    );
}

#[test]
fn a_token_without_a_source_is_empty_and_one_with_a_card_shows_it_only_alone() {
    let shop = Shop::new(1);
    let customer = shop.customer();
    let (_, empty) = shop.token(&customer, &json!({ "source": null, "description": "x" }));
    let empty = &empty["token"];
    assert_eq!(
        (&empty["type"], &empty["is_chargeable"]),
        (&json!("pending"), &json!(false))
    );
    assert_eq!(
        (&empty["summary"], &empty["verification_status"]),
        (&Value::Null, &json!("not-requested"))
    );
    assert!(empty.get("card").is_none());
    let saved = shop.saved(&customer);
    assert_eq!(
        (&saved["is_default"], &saved["summary"]),
        (&json!(true), &json!("**** **** **** 4242"))
    );
    assert_eq!(saved["card"]["last_4_digits"], "4242");
    assert_eq!(shop.get(&path(&saved))["token"]["card"]["id"], saved["card_id"]);
    let tokens = format!("/customers/{customer}/tokens");
    assert!(shop.get(&tokens)["tokens"][0].get("card").is_none());
    let long = json!({ "description": "x".repeat(256) });
    assert_eq!(
        shop.refusal("POST", &tokens, &long),
        with(400, "request.validation.invalid-description")
    );
    assert_eq!(
        shop.refusal("POST", "/customers/cust_x/tokens", &json!({})),
        with(404, "resource.customer.not-found")
    );
}

#[test]
fn expand_is_spelt_in_four_ways_and_honoured_as_the_switches_say() {
    let shop = Shop::new(9);
    let busiest = shop.busiest();
    let tokens = format!("/customers/{busiest}/tokens");
    for spelled in [
        "expand[]=card&expand[]=customer",
        "expand=card&expand=customer",
        "expand=card%2Ccustomer",
    ] {
        let row = shop.get(&format!("{tokens}?{spelled}"))["tokens"][0].clone();
        assert!(
            row["card"].is_object() && row["customer"].is_object(),
            "{spelled}"
        );
    }
    let deep = "/customers?expand[]=tokens&expand[]=tokens.card";
    assert!(shop.get(deep)["customers"][0]["tokens"][0]["card"].is_object());
    shop.set("expanded_tokens", "2");
    let all = shop.get(&format!("/customers/{busiest}?expand[]=tokens"));
    assert_eq!(all["customer"]["tokens"].as_array().unwrap().len(), 2);
    shop.set("expand_card", "ignored");
    shop.set("expand_nested", "ignored");
    assert!(
        shop.get(&format!("{tokens}?expand[]=card"))["tokens"][0]
            .get("card")
            .is_none()
    );
    assert!(shop.get(deep)["customers"][0]["tokens"][0].get("card").is_none());
    shop.set("expand_tokens", "ignored");
    assert!(shop.get(deep)["customers"][0]["tokens"].is_null());
    let refused = with(400, "request.expand.invalid");
    shop.set("expand_owner", "ignored");
    assert!(
        shop.get(&format!("{tokens}?expand[]=customer"))["tokens"][0]
            .get("customer")
            .is_none()
    );
    for switch in ["expand_card", "expand_nested", "expand_tokens", "expand_owner"] {
        shop.set(switch, "refused");
    }
    assert_eq!(shop.refused(&format!("{tokens}?expand[]=card")), refused);
    assert_eq!(shop.refused(&format!("{tokens}?expand[]=customer")), refused);
    assert_eq!(shop.refused(deep), refused);
    assert_eq!(shop.refused("/customers?expand[]=nonsense"), refused);
}

fn came_back(answer: &str) -> String {
    let request = json!({ "method": "GET", "url": format!("https://shop.example.com/back?answer={answer}"), "headers": {}, "body": "" });
    format!("gway_req_{}", STANDARD.encode(request.to_string()))
}

#[test]
fn a_verification_reaches_each_of_the_five_statuses() {
    let shop = Shop::new(1);
    let customer = shop.customer();
    let verified =
        |number: &str| shop.token(&customer, &json!({ "source": shop.card(number), "verify": true }));
    let told = |token: &Value| {
        (
            token["verification_status"].as_str().unwrap().to_owned(),
            token["is_chargeable"] == true,
        )
    };
    for number in [
        "4242424242424242",
        "4000000000001216",
        "4000000000006009",
        "4000000000004301",
        "5555555555554444",
    ] {
        assert_eq!(told(&verified(number).1["token"]), ("success".to_owned(), true));
    }
    for (number, kind) in [
        ("4000000000000002", "card.declined"),
        ("4000000000002214", "card.expired"),
    ] {
        let (status, body) = verified(number);
        assert_eq!((status, body["error_type"].as_str().unwrap()), (410, kind));
        let newest = &shop.get(&format!("/customers/{customer}/tokens"))["tokens"][0];
        assert_eq!(told(newest), ("failed".to_owned(), false));
    }
    assert_eq!(told(&shop.saved(&customer)), ("not-requested".to_owned(), true));
    for (answer, status, end) in [
        ("passed", 200, ("success".to_owned(), true)),
        ("refused", 410, ("failed".to_owned(), false)),
        ("lost", 200, ("unknown".to_owned(), false)),
    ] {
        let (_, body) = verified("4000000000000101");
        let token = &body["token"];
        assert_eq!(told(token), ("pending".to_owned(), false));
        assert_eq!(body["customer_action"]["type"], "redirect");
        assert_eq!(
            shop.call("PUT", &path(token), &json!({ "source": came_back(answer) }))
                .0,
            status
        );
        assert_eq!(told(&shop.get(&path(token))["token"]), end);
    }
}

#[test]
fn a_token_made_to_be_verified_is_verified_when_its_card_comes() {
    let shop = Shop::new(1);
    let customer = shop.customer();
    let (_, body) = shop.token(&customer, &json!({ "verify": true }));
    let token = &body["token"];
    assert_eq!(
        (&token["verification_status"], &token["type"]),
        (&json!("pending"), &json!("pending"))
    );
    // The browser attaches it, with no secret.
    let card = json!({ "source": shop.card("4242424242424242") }).to_string();
    let reply = shop.send(&shop.project, "", "PUT", &path(token), &[], &card);
    assert_eq!(reply.status, 200);
    assert_eq!(shop.get(&path(token))["token"]["verification_status"], "success");
    let (_, other) = shop.token(&customer, &json!({ "return_url": "https://shop.example.com" }));
    let (_, attached) = shop.call(
        "PUT",
        &path(&other["token"]),
        &json!({ "source": came_back("passed") }),
    );
    assert_eq!(attached["token"]["type"], "gateway_token");
}

#[test]
fn what_verification_leaves_open_is_a_switch() {
    for (rule, status, chargeable) in [
        ("not-requested", "not-requested", true),
        ("pending", "pending", false),
        ("pending-chargeable", "pending", true),
    ] {
        let shop = Shop::with(&[("unverified", rule)]);
        let token = shop.saved(&shop.customer());
        assert_eq!(
            (&token["verification_status"], &token["is_chargeable"]),
            (&json!(status), &json!(chargeable))
        );
    }
    let both = |shop: &Shop| {
        let card = shop.card("4242424242424242");
        shop.token(&shop.customer(), &json!({ "source": card, "verify": true }))
    };
    assert_eq!(both(&Shop::with(&[("verify_with_source", "refused")])).0, 400);
    let ignored = both(&Shop::with(&[("verify_with_source", "ignored")])).1;
    assert_eq!(ignored["token"]["verification_status"], "not-requested");
    let shop = Shop::with(&[("declined_token_stays", "off")]);
    let customer = shop.customer();
    let card = shop.card("4000000000000002");
    assert_eq!(
        shop.token(&customer, &json!({ "source": card, "verify": true }))
            .0,
        410
    );
    assert_eq!(
        shop.get(&format!("/customers/{customer}/tokens"))["tokens"],
        json!([])
    );
}

#[test]
fn the_default_token_moves_as_the_switches_say() {
    let shop = Shop::new(1);
    let customer = shop.customer();
    let default = || shop.get(&format!("/customers/{customer}"))["customer"]["default_token_id"].clone();
    let (one, two) = (shop.saved(&customer), shop.saved(&customer));
    assert_eq!(default(), two["id"]);
    shop.call("PUT", &path(&one), &json!({ "set_default": true }));
    assert_eq!(default(), one["id"]);
    shop.call(
        "PUT",
        &format!("/customers/{customer}"),
        &json!({ "default_token_id": two["id"] }),
    );
    assert_eq!(default(), two["id"]);
    assert_eq!(
        shop.refusal(
            "PUT",
            &format!("/customers/{customer}"),
            &json!({ "default_token_id": "tok_x" })
        )
        .0,
        404
    );
    shop.call("DELETE", &path(&two), &Value::Null);
    assert_eq!(default(), Value::Null);
    shop.set("default_deleted", "newest");
    shop.call("PUT", &path(&one), &json!({ "set_default": true }));
    let three = shop.saved(&customer);
    shop.call("DELETE", &path(&three), &Value::Null);
    assert_eq!(default(), one["id"]);
    shop.set("attach_moves_default", "off");
    shop.saved(&customer);
    assert_eq!(default(), one["id"]);
    // An empty token cannot stand for its customer.
    let (_, empty) = shop.token(&customer, &json!({ "set_default": true }));
    assert_eq!(empty["token"]["is_default"], false);
}

#[test]
fn deletion_of_a_customer_takes_the_tokens_along_or_not() {
    for (rule, status) in [("cascades", 404), ("leaves-tokens", 200)] {
        let shop = Shop::with(&[("customer_deletion", rule)]);
        let customer = shop.customer();
        let token = shop.saved(&customer);
        shop.call("DELETE", &format!("/customers/{customer}"), &Value::Null);
        assert_eq!(shop.call("GET", &path(&token), &Value::Null).0, status);
        assert_eq!(shop.refused(&format!("/customers/{customer}/tokens")).0, 404);
    }
}

#[test]
fn a_missing_customer_is_told_in_an_update_as_the_switch_says() {
    let shop = Shop::new(1);
    let update = "/customers/cust_x/tokens/tok_x";
    assert_eq!(
        shop.refusal("PUT", update, &json!({})),
        with(400, "resource.customer.not-found")
    );
    shop.set("update_missing_customer", "404");
    assert_eq!(
        shop.refusal("PUT", update, &json!({})),
        with(404, "resource.customer.not-found")
    );
    let customer = shop.customer();
    let missing = format!("/customers/{customer}/tokens/tok_x");
    assert_eq!(
        shop.refusal("PUT", &missing, &json!({})),
        with(404, "resource.token.not-found")
    );
    let token = shop.saved(&customer);
    shop.set("update_answers_token", "off");
    assert_eq!(
        shop.call("PUT", &path(&token), &json!({})),
        (200, json!({ "success": true }))
    );
}

#[test]
fn events_tell_what_happened_and_are_walked_upwards() {
    let shop = Shop::new(5);
    let newest = ids(&shop.get("/events?limit=1"), "events")[0].clone();
    let customer = shop.customer();
    let token = shop.saved(&customer);
    shop.call("PUT", &path(&token), &json!({ "metadata": { "a": "1" } }));
    shop.call("DELETE", &path(&token), &Value::Null);
    shop.call("DELETE", &format!("/customers/{customer}"), &Value::Null);
    let tail = shop.get(&format!("/events?order=asc&start_after={newest}&limit=100"));
    let names: Vec<&str> = tail["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "customer.created",
            "customer.token.created",
            "customer.token.updated",
            "customer.token.deleted",
            "customer.deleted"
        ]
    );
    let last = &tail["events"][4];
    assert_eq!(last["data"]["customer"]["id"], json!(customer));
    assert_eq!(tail["events"][1]["data"]["token"]["customer_id"], json!(customer));
    assert_eq!(
        shop.get(&format!("/events/{}", last["id"].as_str().unwrap()))["event"]["name"],
        "customer.deleted"
    );
    assert_eq!(
        shop.refused("/events/ev_x"),
        with(404, "resource.event.not-found")
    );

    shop.set("events_heed_order", "off");
    assert_eq!(shop.get("/events?order=asc")["order"], "desc");
    shop.set("events_heed_cursor", "off");
    assert_eq!(
        ids(
            &shop.get(&format!("/events?start_after={newest}&limit=1")),
            "events"
        )[0],
        last["id"].as_str().unwrap()
    );
    shop.set("events", "transactions-only");
    let seen = shop.get("/events?limit=100");
    assert!(
        seen["events"]
            .as_array()
            .unwrap()
            .iter()
            .all(|e| e["name"] == "transaction.captured")
    );
    shop.set("events", "empty");
    assert_eq!(shop.get("/events")["events"], json!([]));
    shop.set("events", "off");
    assert_eq!(shop.refused("/events"), with(404, "request.route-not-found"));
}

#[test]
fn an_idempotency_key_repeats_its_first_answer() {
    let shop = Shop::new(1);
    let key = [("idempotency-key", "k-1")];
    let send = |body: &str| {
        let reply = shop.send(&shop.project, &shop.secret, "POST", "/customers", &key, body);
        (
            reply.status,
            serde_json::from_slice::<Value>(&reply.body).unwrap(),
        )
    };
    let (_, first) = send("{}");
    assert_eq!(send("{}").1, first);
    let (status, other) = send(r#"{"email":"rita@example.org"}"#);
    assert_eq!(
        (status, &other["error_type"]),
        (400, &json!("request.idempotency-key.invalid"))
    );
    shop.set("idempotency", "off");
    assert_ne!(send("{}").1["customer"]["id"], first["customer"]["id"]);
}

#[test]
fn a_refusal_comes_as_text_or_even_as_200_where_a_switch_says() {
    let shop = Shop::new(1);
    let kind = |shop: &Shop| {
        let reply = shop.send(&shop.project, &shop.secret, "GET", "/customers/cust_x", &[], "");
        (
            reply.status,
            reply
                .headers
                .iter()
                .any(|(name, value)| *name == "content-type" && value.starts_with("text/plain")),
        )
    };
    assert_eq!(kind(&shop), (404, true));
    shop.set("not_found_as_text", "off");
    assert_eq!(kind(&shop), (404, false));
    shop.set("refused_as_200", "on");
    assert_eq!(
        shop.refused("/customers/cust_x"),
        with(200, "resource.customer.not-found")
    );
    assert_eq!(shop.refused("/nothing").1, "request.route-not-found");
}

#[test]
fn null_everywhere_leaves_the_ids() {
    let shop = Shop::with(&[("null_everywhere", "on")]);
    let page = shop.get("/customers?limit=100&expand[]=tokens&expand[]=tokens.card");
    for customer in page["customers"].as_array().unwrap() {
        assert!(
            customer["id"].is_string() && customer["email"].is_null() && customer["created_at"].is_null()
        );
        for token in customer["tokens"].as_array().unwrap() {
            assert!(token["id"].is_string() && token["type"].is_null() && token["is_default"].is_null());
            assert!(token["card"].is_null() || token["card"]["exp_year"].is_null());
        }
    }
    assert_eq!(page["count"], 30);
}

#[test]
fn every_answer_tells_the_limit_and_the_server_s_clock() {
    let shop = Shop::new(1);
    let unlimited = shop.system.limit_headers(None);
    assert_eq!(unlimited[0], ("x-ratelimit", "60000".to_owned()));
    let standing = Standing {
        per_second: 5,
        left: 2,
        exceeded: false,
    };
    let limited = shop.system.limit_headers(Some(standing));
    assert_eq!(
        limited,
        [
            ("x-ratelimit", "300".to_owned()),
            ("x-ratelimit-remaining", "2".to_owned())
        ]
    );
    shop.set("limit_headers", "off");
    assert!(shop.system.limit_headers(None).is_empty());
    let date = |shop: &Shop| shop.send("", "", "GET", "/", &[], "").date.unwrap();
    let before = date(&shop);
    shop.set("clock_offset_seconds", "-864000");
    assert_ne!(date(&shop), before);
    shop.set("clock_offset_seconds", "0");
    shop.system.pass_time(86_400_000);
    let customer = shop.customer();
    let made = shop.system.truth(&customer).unwrap()["created_at"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(made > clock::rfc3339(clock::now() + 86_000_000));
}

#[test]
fn somebody_else_edits_and_the_truth_is_told() {
    let shop = Shop::new(5);
    let edit = |edit: Value| shop.system.edit(edit).unwrap();
    let customer = edit(json!({ "add_customer": { "email": "rita@example.org" } }))["id"].clone();
    let token = edit(json!({ "add_token": { "customer": customer, "last4": "0005", "exp_year": 2029 } }));
    assert_eq!(
        (&token["card"]["last_4_digits"], &token["is_default"]),
        (&json!("0005"), &json!(true))
    );
    let newest = ids(&shop.get("/events?limit=1"), "events");
    let set = json!({ "set_token": {
        "id": token["id"], "metadata": { "a": "1" }, "verification_status": "odd", "is_chargeable": false, "type": "odd",
        "is_default": false, "renewed": { "exp_month": 2, "exp_year": 2035 }, "quiet": true,
    } });
    let changed = edit(set);
    assert_eq!(changed["card"]["exp_year"], 2035);
    assert_ne!(changed["card_id"], token["card_id"]);
    assert_eq!(
        (&changed["type"], &changed["is_default"]),
        (&json!("odd"), &json!(false))
    );
    edit(json!({ "delete_token": { "id": token["id"], "quiet": true } }));
    assert_eq!(ids(&shop.get("/events?limit=1"), "events"), newest);
    assert_eq!(
        shop.system.truth(token["id"].as_str().unwrap()).unwrap()["gone"],
        true
    );
    edit(json!({ "set_customer": { "id": customer, "set": { "email": null, "last_name": "Lee" } } }));
    assert_eq!(
        shop.system.truth(customer.as_str().unwrap()).unwrap()["email"],
        Value::Null
    );
    edit(json!({ "delete_customer": { "id": customer } }));
    assert!(!shop.system.ids().contains(&customer.as_str().unwrap().to_owned()));
    edit(json!({ "payments": { "count": 3 } }));
    edit(json!({ "forget_events": { "keep": 2 } }));
    assert_eq!(ids(&shop.get("/events?limit=100"), "events").len(), 2);
    assert_eq!(
        shop.system.edit(json!({ "delete_token": { "id": "tok_x" } })),
        Err(EditError::NoSuchObject)
    );
    assert!(matches!(
        shop.system.edit(json!({ "nonsense": {} })),
        Err(EditError::Shape(_))
    ));
    assert_eq!(shop.system.truth("tok_x"), None);
}

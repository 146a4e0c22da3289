//! Calls answered directly, without a socket: what the fact sheet says, and both sides of every switch.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::Komoju;
use super::world::TOKEN_LIFE;
use crate::clock;
use crate::people::People;
use crate::system::{System, SystemOptions};
use crate::truth::EditError;
use crate::wire::Call;

const TEST_CARD: &str = "4111111111111111";

fn komoju(customers: u32) -> Komoju {
    Komoju::new(&SystemOptions {
        customers,
        seed: 7,
        month_start_ms: clock::month_start(clock::now()),
        people: People::Own,
    })
}

/// A call to be made, with the secret key and the newest version unless told otherwise.
struct Asking<'a> {
    komoju: &'a Komoju,
    headers: HeaderMap,
}

fn basic(key: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(key))).unwrap()
}

impl<'a> Asking<'a> {
    fn new(komoju: &'a Komoju) -> Self {
        let asking = Self {
            komoju,
            headers: HeaderMap::new(),
        };
        asking
            .with_key(&format!("{}:", komoju.keys.secret))
            .with("x-komoju-api-version", "2025-01-28")
    }

    fn publishable(komoju: &'a Komoju) -> Self {
        Self::new(komoju).with_key(&format!("{}:", komoju.keys.publishable))
    }

    fn with_key(mut self, key: &str) -> Self {
        self.headers.insert("authorization", basic(key));
        self
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    fn raw(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let reply = self.komoju.answer(&Call {
            method: method.to_owned(),
            target: format!("/api/v1/{path}"),
            headers: self.headers.clone(),
            body: body.to_owned().into(),
        });
        let told = if reply.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&reply.body).unwrap()
        };
        (reply.status, told)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.raw(method, path, &body)
    }

    fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let (status, told) = self.ask("POST", path, body);
        assert_eq!(status, 200, "{path}: {told}");
        told
    }

    fn status(&self, method: &str, path: &str, body: &Value) -> u16 {
        self.ask(method, path, body).0
    }
}

fn set(komoju: &Komoju, name: &str, value: &str) {
    komoju.set_switch(name, value).unwrap();
}

fn with_card(komoju: &Komoju) -> String {
    komoju
        .ids()
        .into_iter()
        .find(|id| komoju.truth(id).unwrap()["source"]["type"] == "credit_card")
        .unwrap()
}

fn card() -> Value {
    json!({ "type": "credit_card", "number": TEST_CARD, "name": "Hanako Test", "month": "12", "year": "49",
            "verification_value": "123" })
}

fn token(komoju: &Komoju, details: Value) -> String {
    let told = Asking::publishable(komoju).post("tokens", &json!({ "payment_details": details }));
    told["id"].as_str().unwrap().to_owned()
}

fn error(told: &(u16, Value)) -> (u16, &str, Option<&str>) {
    let error = &told.1["error"];
    (told.0, error["code"].as_str().unwrap(), error["param"].as_str())
}

#[test]
fn keys_decide_who_may_do_what() {
    let komoju = komoju(30);
    let list = |asking: &Asking<'_>| asking.status("GET", "customers", &Value::Null);
    let secret = komoju.keys.secret.clone();
    assert_eq!(list(&Asking::new(&komoju)), 200);
    assert_eq!(list(&Asking::new(&komoju).with_key(&secret)), 200);
    set(&komoju, "key_without_colon", "off");
    assert_eq!(list(&Asking::new(&komoju).with_key(&secret)), 401);
    assert_eq!(list(&Asking::new(&komoju).with_key("sk_test_other:")), 401);
    assert_eq!(
        list(&Asking::new(&komoju).with_key(&format!("{secret}:password"))),
        401
    );
    assert_eq!(list(&Asking::new(&komoju).without("authorization")), 401);
    assert_eq!(list(&Asking::publishable(&komoju)), 403);
    set(&komoju, "publishable_refused", "401");
    assert_eq!(list(&Asking::publishable(&komoju)), 401);
    set(&komoju, "may_read", "off");
    assert_eq!(list(&Asking::new(&komoju)), 403);
    let change = || Asking::new(&komoju).status("POST", "customers", &json!({}));
    assert_eq!(change(), 200);
    set(&komoju, "may_write", "off");
    assert_eq!(change(), 403);
    set(&komoju, "keys_known", "off");
    assert_eq!(change(), 401);
}

#[test]
fn an_unknown_version_is_refused_or_ignored() {
    let komoju = komoju(10);
    let asking = Asking::new(&komoju).with("x-komoju-api-version", "2031-01-01");
    assert_eq!(asking.status("GET", "customers", &Value::Null), 400);
    set(&komoju, "unknown_version", "ignored");
    assert_eq!(asking.status("GET", "customers", &Value::Null), 200);
}

#[test]
fn pages_hold_every_customer_once_in_the_order_asked_for() {
    let komoju = komoju(57);
    let asking = Asking::new(&komoju);
    let first = asking.get("customers");
    assert_eq!((&first["per_page"], &first["last_page"]), (&json!(10), &json!(6)));
    assert_eq!(first["resource"], "customer_list");
    assert!(first.get("start_time").is_some());
    set(&komoju, "list_resource", "list");
    set(&komoju, "list_window_echo", "off");
    set(&komoju, "max_per_page", "20");
    set(&komoju, "default_per_page", "7");
    assert_eq!(asking.get("customers")["per_page"], 7);
    let page = |n: u32| asking.get(&format!("customers?page={n}&per_page=1000"));
    let told = page(1);
    assert_eq!(told["resource"], "list");
    assert_eq!((&told["per_page"], &told["total"]), (&json!(20), &json!(57)));
    assert!(told.get("start_time").is_none());
    let walk = || -> Vec<(String, String)> {
        (1..=3)
            .flat_map(|n| page(n)["data"].as_array().unwrap().clone())
            .map(|customer| {
                let text = |name: &str| customer[name].as_str().unwrap().to_owned();
                (text("created_at"), text("id"))
            })
            .collect()
    };
    let newest = walk();
    assert_eq!(newest.len(), 57);
    assert!(newest.is_sorted_by(|a, b| a.0 >= b.0));
    set(&komoju, "customer_order", "oldest");
    let mut oldest = walk();
    oldest.reverse();
    assert_eq!(oldest, newest);
    assert_eq!(page(9)["data"], json!([]));
    set(&komoju, "page_behind", "404");
    assert_eq!(asking.status("GET", "customers?page=90", &Value::Null), 404);
    for wrong in [
        "page=0",
        "per_page=x",
        "start_time=yesterday",
        "expiration=1326",
        "expiration=9",
    ] {
        assert_eq!(
            asking.status("GET", &format!("customers?{wrong}"), &Value::Null),
            422,
            "{wrong}"
        );
    }
}

#[test]
fn a_window_holds_only_what_was_created_within() {
    let komoju = komoju(200);
    let asking = Asking::new(&komoju);
    let cut = "2000-01-01T00:00:00Z";
    assert_eq!(asking.get(&format!("customers?end_time={cut}"))["total"], 0);
    assert_eq!(asking.get(&format!("customers?start_time={cut}"))["total"], 200);
    let now = clock::rfc3339(clock::now());
    std::thread::sleep(std::time::Duration::from_millis(3));
    let new = asking.post("customers", &json!({ "email": "late@example.org" }));
    assert_eq!(asking.get(&format!("customers?end_time={now}"))["total"], 200);
    let later = asking.get(&format!("customers?start_time={now}"));
    assert_eq!(later["data"][0]["id"], new["id"]);
    assert_eq!(later["total"], 1);
}

#[test]
fn the_expiry_filter_finds_cards_by_month() {
    let komoju = komoju(300);
    let asking = Asking::new(&komoju);
    let id = with_card(&komoju);
    let source = komoju.truth(&id).unwrap()["source"].clone();
    let mmyy = format!(
        "{:02}{:02}",
        source["month"].as_u64().unwrap(),
        source["year"].as_u64().unwrap() % 100
    );
    let told = asking.get(&format!("customers?expiration={mmyy}&per_page=100"));
    let rows = told["data"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["id"] == json!(id)));
    assert!(rows.iter().all(|row| row["source"]["month"] == source["month"]));
}

#[test]
fn the_source_is_told_where_the_switch_says() {
    let komoju = komoju(30);
    let id = with_card(&komoju);
    let told = |asking: &Asking<'_>| {
        let page = asking.get("customers?per_page=100");
        let row = page["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["id"] == json!(id));
        let listed = row.unwrap()["source"].is_object();
        let patched = asking.ask("PATCH", &format!("customers/{id}"), &json!({})).1["source"].is_object();
        (
            listed,
            asking.get(&format!("customers/{id}"))["source"].is_object(),
            patched,
        )
    };
    let new = Asking::new(&komoju);
    assert_eq!(told(&new), (true, true, true));
    set(&komoju, "source", "hidden_on_list");
    assert_eq!(told(&new), (false, true, true));
    set(&komoju, "source", "hidden");
    assert_eq!(told(&new), (false, false, true));
    set(&komoju, "source", "by_version");
    assert_eq!(told(&new), (true, true, true));
    assert_eq!(
        told(&Asking::new(&komoju).without("x-komoju-api-version")),
        (false, false, true)
    );
}

#[test]
fn the_world_holds_every_awkward_customer() {
    let komoju = komoju(400);
    let all: Vec<Value> = komoju.ids().iter().map(|id| komoju.truth(id).unwrap()).collect();
    assert_eq!(all.len(), 400);
    let any = |test: &dyn Fn(&Value) -> bool| assert!(all.iter().any(test));
    any(&|c| c["source"].is_null() && c["email"].is_null());
    any(&|c| c["source"].is_null() && c["email"].is_string());
    any(&|c| c["source"]["type"] == "paypay");
    any(&|c| c["source"]["year"].as_u64().is_some_and(|year| year < 100));
    any(&|c| c["source"]["brand"] == "nordlicht");
    any(&|c| c["source"]["type"] == "credit_card" && c["source"]["brand"].is_null());
    any(&|c| c["metadata"].is_null());
    any(&|c| c["metadata"]["tokendesk_active"] == "false");
    any(&|c| c["metadata"]["tokendesk_active"] == "yes");
    any(&|c| c["metadata"]["メモ"].is_string());
    assert!(all.iter().all(|c| c["id"].as_str().unwrap().len() == 25));
    set(&komoju, "two_digit_years", "on");
    set(&komoju, "nulls", "on");
    let page = Asking::new(&komoju).get("customers?per_page=100");
    let rows = page["data"].as_array().unwrap();
    assert!(
        rows.iter()
            .all(|c| c["source"]["year"].as_u64().is_none_or(|year| year < 100))
    );
    assert!(rows.iter().all(|c| c["locale"].is_null()));
    assert!(rows.iter().any(|c| c["metadata"].is_null()));
}

#[test]
fn the_same_seed_gives_the_same_customers_and_shared_people_are_everybodys() {
    assert_eq!(komoju(50).ids(), komoju(50).ids());
    let shared = Komoju::new(&SystemOptions {
        customers: 50,
        seed: 7,
        month_start_ms: clock::month_start(clock::now()),
        people: People::Shared,
    });
    assert_eq!(shared.ids().len(), 50);
    let mut emails: Vec<Value> = shared
        .ids()
        .iter()
        .map(|id| shared.truth(id).unwrap()["email"].clone())
        .collect();
    let mut people: Vec<Value> = (0..50)
        .map(|n| json!(crate::people::person(7, n).email))
        .collect();
    emails.sort_by_key(Value::to_string);
    people.sort_by_key(Value::to_string);
    assert_eq!(emails, people);
}

#[test]
fn times_are_written_both_ways() {
    let komoju = komoju(3);
    let asking = Asking::new(&komoju);
    let path = format!("customers/{}", komoju.ids()[0]);
    let utc = asking.get(&path)["created_at"].as_str().unwrap().to_owned();
    assert!(utc.ends_with('Z') && !utc.contains('.'));
    set(&komoju, "times", "offset");
    let tokyo = asking.get(&path)["created_at"].as_str().unwrap().to_owned();
    assert!(tokyo.ends_with(".000+09:00"));
    let same = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    assert_eq!(same(&utc), same(&tokyo));
}

#[test]
fn metadata_is_merged_or_replaced() {
    let komoju = komoju(5);
    let asking = Asking::new(&komoju);
    let new = asking.post("customers", &json!({ "metadata": { "a": "1", "b": "2" } }));
    let path = format!("customers/{}", new["id"].as_str().unwrap());
    let patch = |body: Value| asking.ask("PATCH", &path, &body);
    assert_eq!(
        patch(json!({ "metadata": { "b": "3" } })).1["metadata"],
        json!({ "a": "1", "b": "3" })
    );
    set(&komoju, "metadata_patch", "replace");
    assert_eq!(
        patch(json!({ "metadata": { "c": "4" } })).1["metadata"],
        json!({ "c": "4" })
    );
    assert_eq!(
        patch(json!({ "email": "new@example.org" })).1["metadata"],
        json!({ "c": "4" })
    );
    for wrong in [
        json!("x"),
        json!({ "k": 1 }),
        json!({ "k": null }),
        json!({ "k".repeat(31): "v" }),
        json!({ "k": "v".repeat(2_001) }),
    ] {
        let told = patch(json!({ "metadata": wrong }));
        assert_eq!(error(&told), (422, "unprocessable_entity", Some("metadata")));
    }
}

#[test]
fn a_deleted_customer_is_gone_with_what_the_switch_says() {
    let komoju = komoju(40);
    let asking = Asking::new(&komoju);
    let new = |source: bool| {
        let details = if source { card() } else { Value::Null };
        let told = asking.post("customers", &json!({ "payment_details": details }));
        told["id"].as_str().unwrap().to_owned()
    };
    let with_open = || {
        let id = new(true);
        let made = |edit: Value| komoju.edit(edit).unwrap()["id"].as_str().unwrap().to_owned();
        let payment = made(json!({ "payment": { "customer": id } }));
        let subscription = made(json!({ "subscription": { "customer": id } }));
        (id, payment, subscription)
    };
    let status = |id: &str| komoju.truth(id).unwrap()["status"].as_str().unwrap().to_owned();
    let delete = |id: &str| asking.ask("DELETE", &format!("customers/{id}"), &Value::Null);

    let (id, payment, subscription) = with_open();
    let told = delete(&id);
    assert_eq!(
        (told.0, &told.1["id"], &told.1["source"]),
        (200, &json!(id), &Value::Null)
    );
    assert_eq!(
        (status(&payment).as_str(), status(&subscription).as_str()),
        ("cancelled", "cancelled")
    );
    assert_eq!(
        asking.status("GET", &format!("customers/{id}"), &Value::Null),
        404
    );
    assert_eq!(delete(&id).0, 404);
    set(&komoju, "customer_delete_again", "200");
    assert_eq!(delete(&id).0, 200);
    assert_eq!(komoju.truth(&id).unwrap()["gone"], true);

    set(&komoju, "customer_delete_effect", "keeps");
    set(&komoju, "customer_delete", "204");
    let (id, payment, subscription) = with_open();
    assert_eq!(delete(&id), (204, Value::Null));
    assert_eq!(
        (status(&payment).as_str(), status(&subscription).as_str()),
        ("authorized", "active")
    );

    set(&komoju, "customer_delete_effect", "refused");
    let (id, ..) = with_open();
    assert_eq!(delete(&id).0, 422);
    assert_eq!(komoju.truth(&id).unwrap()["gone"], false);
    assert_eq!(delete(&new(false)).0, 204);
}

#[test]
fn one_click_records_can_only_be_deleted() {
    let komoju = komoju(5);
    let asking = Asking::new(&komoju);
    let delete = || asking.ask("DELETE", "external_customers/shop%2F1%3F%20%C3%A9", &Value::Null);
    assert_eq!(delete().0, 404);
    let save = || komoju.edit(json!({ "one_click": "shop/1? é" })).unwrap();
    save();
    assert_eq!(delete(), (200, json!({ "id": "shop/1? é" })));
    assert_eq!(komoju.truth("shop/1? é").unwrap()["gone"], true);
    assert_eq!(delete().0, 404);
    set(&komoju, "one_click_missing", "200");
    assert_eq!(delete().0, 200);
    save();
    set(&komoju, "one_click_delete", "204");
    assert_eq!(delete(), (204, Value::Null));
    assert_eq!(asking.status("GET", "external_customers", &Value::Null), 404);
}

#[test]
fn a_token_is_taken_once() {
    let komoju = komoju(5);
    let asking = Asking::new(&komoju);
    let made = Asking::publishable(&komoju).post("tokens", &json!({ "payment_details": card() }));
    assert_eq!(made["resource"], "token");
    assert!(made["id"].as_str().unwrap().starts_with("tok_"));
    assert!(!made.to_string().contains("1111"));
    let id = made["id"].as_str().unwrap();
    let pay = || {
        asking.ask(
            "POST",
            "payments",
            &json!({ "amount": 500, "currency": "JPY", "payment_details": id }),
        )
    };
    let paid = pay();
    assert_eq!(
        (paid.0, &paid.1["status"], &paid.1["customer"]),
        (200, &json!("captured"), &Value::Null)
    );
    assert_eq!(paid.1["payment_details"]["last_four_digits"], "1111");
    assert_eq!(
        error(&pay()),
        (422, "unprocessable_entity", Some("payment_details"))
    );
    let save = asking.ask("POST", "customers", &json!({ "payment_details": id }));
    assert_eq!(
        error(&save),
        (422, "unprocessable_entity", Some("payment_details"))
    );
    set(&komoju, "spent_token", "400");
    assert_eq!(error(&pay()), (400, "bad_request", Some("payment_details")));
    assert_eq!(komoju.truth(id).unwrap()["used"], true);
    for path in ["tokens", &format!("tokens/{id}")] {
        assert_eq!(asking.status("GET", path, &Value::Null), 404);
    }
}

#[test]
fn an_unused_token_runs_out_after_a_day() {
    let komoju = komoju(5);
    let asking = Asking::new(&komoju);
    let (early, late) = (token(&komoju, card()), token(&komoju, card()));
    let save = |id: &str| {
        asking.ask(
            "POST",
            "customers",
            &json!({ "payment_details": id, "email": "a@example.org" }),
        )
    };
    komoju.pass_time(TOKEN_LIFE - 60_000);
    let saved = save(&early);
    assert_eq!(
        (saved.0, &saved.1["source"]["brand"], &saved.1["source"]["year"]),
        (200, &json!("visa"), &json!(2049))
    );
    komoju.pass_time(60_000);
    assert_eq!(
        error(&save(&late)),
        (422, "unprocessable_entity", Some("payment_details"))
    );
}

#[test]
fn a_refused_use_does_not_spend_the_token() {
    let komoju = komoju(5);
    let asking = Asking::new(&komoju);
    let made = asking.post("tokens", &json!({ "payment_details": card(), "currency": "JPY" }));
    let pay = |currency: &str| {
        let body = json!({ "amount": 500, "currency": currency, "payment_details": made["id"] });
        asking.ask("POST", "payments", &body)
    };
    assert_eq!(
        error(&pay("USD")),
        (422, "unprocessable_entity", Some("currency"))
    );
    assert_eq!(pay("JPY").0, 200);
    let counter = token(&komoju, json!({ "email": "counter@example.org" }));
    let save = asking.ask("POST", "customers", &json!({ "payment_details": counter }));
    assert_eq!(
        error(&save),
        (422, "unprocessable_entity", Some("payment_details"))
    );
    assert_eq!(komoju.truth(&counter).unwrap()["used"], false);
}

#[test]
fn an_email_alone_is_paid_at_a_counter() {
    let komoju = komoju(5);
    let asking = Asking::new(&komoju);
    let id = token(&komoju, json!({ "email": "counter@example.org" }));
    let paid = asking.post(
        "payments",
        &json!({ "amount": 500, "currency": "JPY", "payment_details": id }),
    );
    assert_eq!(paid["status"], "authorized");
    let link = paid["payment_details"]["instructions_url"].as_str().unwrap();
    assert!(link.starts_with("https://"));
    assert!(paid["payment_deadline"].is_string());
    komoju.pass_time(4 * clock::DAY);
    assert_eq!(
        asking.get(&format!("payments/{}", paid["id"].as_str().unwrap()))["status"],
        "expired"
    );
}

#[test]
fn a_session_is_paid_once_with_the_browsers_key() {
    let komoju = komoju(5);
    let asking = Asking::new(&komoju);
    let session = asking.post(
        "sessions",
        &json!({ "amount": 900, "currency": "JPY", "external_customer_id": "shop-9" }),
    );
    assert_eq!(
        (&session["mode"], &session["status"]),
        (&json!("payment"), &json!("pending"))
    );
    let path = format!("sessions/{}/pay", session["id"].as_str().unwrap());
    let pay = || {
        let body = json!({ "payment_details": token(&komoju, card()) });
        Asking::publishable(&komoju).ask("POST", &path, &body)
    };
    let paid = pay();
    assert_eq!((paid.0, &paid.1["status"]), (200, &json!("completed")));
    assert_eq!(
        (&paid.1["payment"]["status"], &paid.1["payment"]["session"]),
        (&json!("captured"), &session["id"])
    );
    assert_eq!(pay().0, 422);
    assert_eq!(komoju.truth("shop-9").unwrap()["gone"], false);
    let shown = asking.get(&format!("sessions/{}", session["id"].as_str().unwrap()));
    assert_eq!(
        (&shown["status"], &shown["payment"]["id"]),
        (&json!("completed"), &paid.1["payment"]["id"])
    );
    assert_eq!(
        Asking::publishable(&komoju).status("POST", "sessions", &json!({})),
        403
    );
}

#[test]
fn a_customer_session_leaves_a_shell_until_it_is_paid() {
    let komoju = komoju(5);
    let asking = Asking::new(&komoju);
    let session = asking.post("sessions", &json!({ "mode": "customer", "amount": 0, "currency": "JPY", "email": "b@example.org", "expires_in_seconds": 600 }));
    let customer = session["customer_id"].as_str().unwrap();
    assert_eq!(komoju.truth(customer).unwrap()["source"], Value::Null);
    let path = format!("sessions/{}/pay", session["id"].as_str().unwrap());
    let pay = |details: Value| {
        Asking::publishable(&komoju).ask(
            "POST",
            &path,
            &json!({ "payment_details": token(&komoju, details) }),
        )
    };
    assert_eq!(pay(json!({ "email": "b@example.org" })).0, 422);
    assert_eq!(pay(card()).1["customer"]["id"], json!(customer));
    assert_eq!(
        komoju.truth(customer).unwrap()["source"]["last_four_digits"],
        "1111"
    );
    let other = asking.post(
        "sessions",
        &json!({ "amount": 10, "currency": "JPY", "expires_in_seconds": 600 }),
    );
    komoju.pass_time(600_000);
    let path = format!("sessions/{}", other["id"].as_str().unwrap());
    assert_eq!(asking.get(&path)["expired"], true);
    assert_eq!(
        asking.status("POST", &format!("{path}/cancel"), &Value::Null),
        422
    );
}

#[test]
fn cards_and_amounts_that_cannot_be_are_refused_by_name() {
    let komoju = komoju(5);
    let asking = Asking::publishable(&komoju);
    let refused = |name: &str, value: Value| {
        let mut details = card();
        details[name] = value;
        let told = asking.ask("POST", "tokens", &json!({ "payment_details": details }));
        (told.0, told.1["error"]["param"].as_str().map(str::to_owned))
    };
    let about = |name: &str| (422, Some(name.to_owned()));
    assert_eq!(refused("number", json!("4111111111111112")), about("number"));
    assert_eq!(refused("number", json!("4111 1111 1111 1111")), about("number"));
    assert_eq!(refused("month", json!("13")), about("month"));
    assert_eq!(refused("year", json!("20")), about("year"));
    assert_eq!(
        refused("verification_value", json!("12")),
        about("verification_value")
    );
    assert_eq!(refused("email", json!("no email")), about("email"));
    let none = asking.ask("POST", "tokens", &json!({}));
    assert_eq!(error(&none), (422, "missing_parameter", Some("payment_details")));
    assert_eq!(asking.raw("POST", "tokens", "{").0, 400);
    let secret = Asking::new(&komoju);
    let pay = |body: Value| secret.ask("POST", "payments", &body);
    assert_eq!(
        error(&pay(json!({ "currency": "JPY" }))),
        (422, "missing_parameter", Some("amount"))
    );
    assert_eq!(
        error(&pay(json!({ "amount": -5, "currency": "JPY" }))),
        (422, "unprocessable_entity", Some("amount"))
    );
    assert_eq!(
        error(&pay(json!({ "amount": 5, "currency": "XXX" }))),
        (422, "unprocessable_entity", Some("currency"))
    );
    let both =
        json!({ "amount": 5, "currency": "JPY", "customer": with_card(&komoju), "payment_details": card() });
    assert_eq!(error(&pay(both)), (422, "unprocessable_entity", Some("customer")));
}

#[test]
fn forms_are_read_like_json() {
    let komoju = komoju(5);
    let asking = Asking::publishable(&komoju).with("content-type", "application/x-www-form-urlencoded");
    let body = format!(
        "payment_details[number]={TEST_CARD}&payment_details%5Bmonth%5D=12&payment_details[year]=49&payment_details[name]=A+B"
    );
    let (status, told) = asking.raw("POST", "tokens", &body);
    assert_eq!(
        (status, &told["payment_details"]["given_name"]),
        (200, &json!("A"))
    );
}

#[test]
fn a_repeated_post_gets_the_first_answer_for_a_day() {
    let komoju = komoju(5);
    let asking = Asking::new(&komoju).with("x-komoju-idempotency", "key-1");
    let body = json!({ "email": "once@example.org" });
    let first = asking.post("customers", &body);
    assert_eq!(asking.post("customers", &body), first);
    assert_eq!(komoju.ids().len(), 6);
    let other = json!({ "email": "twice@example.org" });
    assert_eq!(asking.status("POST", "customers", &other), 422);
    set(&komoju, "idempotency_other_body", "first");
    assert_eq!(asking.post("customers", &other), first);
    set(&komoju, "in_flight_ms", "60000");
    assert_eq!(asking.status("POST", "customers", &body), 409);
    komoju.pass_time(60_000);
    assert_eq!(asking.post("customers", &body), first);
    komoju.pass_time(clock::DAY);
    assert_ne!(asking.post("customers", &body)["id"], first["id"]);
    let path = format!("customers/{}", first["id"].as_str().unwrap());
    for email in ["p@example.org", "q@example.org"] {
        // PATCH is not covered: each one is done.
        assert_eq!(
            asking.ask("PATCH", &path, &json!({ "email": email })).1["email"],
            email
        );
    }
    let long = Asking::new(&komoju).with("x-komoju-idempotency", &"k".repeat(101));
    assert_eq!(long.status("POST", "customers", &body), 400);
}

#[test]
fn every_change_of_a_customer_is_an_event_unless_suppressed() {
    let komoju = komoju(5);
    let asking = Asking::new(&komoju);
    assert_eq!(asking.get("events")["total"], 0);
    let new = asking.post("customers", &json!({ "payment_details": card() }));
    let path = format!("customers/{}", new["id"].as_str().unwrap());
    assert_eq!(
        asking.status("PATCH", &path, &json!({ "metadata": { "a": "b" } })),
        200
    );
    assert_eq!(asking.status("DELETE", &path, &Value::Null), 200);
    let events = asking.get("events");
    let types: Vec<&str> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        types,
        ["customer.deleted", "customer.updated", "customer.created"]
    );
    assert!(
        events["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|e| e["data"]["id"] == new["id"])
    );
    assert_eq!(events["data"][0]["data"]["source"], Value::Null);
    assert!(events["data"][1]["data"]["source"].is_object());
    let id = events["data"][0]["id"].as_str().unwrap();
    assert_eq!(asking.get(&format!("events/{id}"))["type"], "customer.deleted");
    set(&komoju, "source", "hidden");
    set(&komoju, "event_data", "null");
    assert_eq!(asking.get("events")["data"][1]["data"], Value::Null);
    set(&komoju, "event_data", "object");
    assert_eq!(asking.get("events")["data"][1]["data"]["source"], Value::Null);
    set(&komoju, "customer_events", "off");
    asking.post("customers", &json!({}));
    assert_eq!(asking.get("events")["total"], 3);
    set(&komoju, "event_hours", "1");
    komoju.pass_time(3_600_000);
    assert_eq!(asking.get("events")["total"], 0);
}

#[test]
fn open_payments_and_subscriptions_are_found_in_their_lists() {
    let komoju = komoju(200);
    let asking = Asking::new(&komoju);
    let open = asking.get("payments?status=pending,authorized&per_page=100");
    let rows = open["data"].as_array().unwrap();
    assert!(!rows.is_empty());
    assert!(
        rows.iter()
            .all(|p| p["status"] == "authorized" && p["customer"].is_string())
    );
    assert_eq!(asking.get("payments?status=captured")["total"], 0);
    assert_eq!(asking.status("GET", "payments?status=lost", &Value::Null), 422);
    set(&komoju, "payment_order", "oldest");
    let oldest = asking.get("payments?per_page=100");
    assert_eq!(oldest["data"].as_array().unwrap().last(), rows.first());
    let subscriptions = asking.get("subscriptions?per_page=100");
    let first = &subscriptions["data"][0];
    assert_eq!(
        (&first["status"], &first["resource"]),
        (&json!("active"), &json!("subscription"))
    );
    let id = first["id"].as_str().unwrap();
    assert_eq!(
        asking
            .ask("DELETE", &format!("subscriptions/{id}"), &Value::Null)
            .1["status"],
        "cancelled"
    );
    assert!(asking.get(&format!("subscriptions/{id}"))["ended_at"].is_string());
    let customer = with_card(&komoju);
    let charged = asking.post(
        "payments",
        &json!({ "amount": 1, "currency": "JPY", "customer": customer, "capture": false }),
    );
    let path = format!("payments/{}", charged["id"].as_str().unwrap());
    assert_eq!(charged["status"], "authorized");
    assert_eq!(
        asking.post(&format!("{path}/capture"), &Value::Null)["status"],
        "captured"
    );
    assert_eq!(
        asking.post(&format!("{path}/refund"), &Value::Null)["amount_refunded"],
        1
    );
    assert_eq!(
        asking.status("POST", &format!("{path}/cancel"), &Value::Null),
        422
    );
    let new = json!({ "customer": customer, "amount": 5, "currency": "JPY", "period": "yearly" });
    assert_eq!(
        asking.post("subscriptions", &new)["customer"]["id"],
        json!(customer)
    );
}

#[test]
fn somebody_elses_edits_are_events_too() {
    let komoju = komoju(10);
    let id = with_card(&komoju);
    let told = komoju
        .edit(json!({ "id": id, "email": null, "source": { "brand": "jcb", "last4": "0505", "month": 5, "year": 31 },
                      "metadata": { "tokendesk_active": "false" } }))
        .unwrap();
    assert_eq!(
        (&told["email"], &told["source"]["year"]),
        (&Value::Null, &json!(31))
    );
    assert_eq!(told["metadata"]["tokendesk_active"], "false");
    let told = komoju
        .edit(json!({ "id": id, "source": null, "metadata": { "tokendesk_active": null } }))
        .unwrap();
    assert_eq!(
        (&told["source"], &told["metadata"]["tokendesk_active"]),
        (&Value::Null, &Value::Null)
    );
    let new = komoju
        .edit(json!({ "customer": { "email": "ö@example.org", "source": "paypay" } }))
        .unwrap();
    assert_eq!(new["source"]["type"], "paypay");
    assert_eq!(
        komoju.edit(json!({ "id": id, "delete": true })).unwrap()["gone"],
        true
    );
    assert_eq!(Asking::new(&komoju).get("events")["total"], 4);
    assert!(matches!(
        komoju.edit(json!({ "id": id, "email": null })),
        Err(EditError::NoSuchObject)
    ));
    assert!(matches!(
        komoju.edit(json!({ "email": "a@example.org" })),
        Err(EditError::Shape(_))
    ));
    assert!(matches!(
        komoju.edit(json!({ "customer": { "source": "cash" } })),
        Err(EditError::Shape(_))
    ));
}

#[test]
fn errors_have_the_systems_own_shape() {
    let komoju = komoju(5);
    for (status, code) in [
        (401, "unauthorized"),
        (429, "too_many_requests"),
        (502, "bad_gateway"),
        (500, "internal_server_error"),
    ] {
        let reply = komoju.failure(status);
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(
            (reply.status, body["error"]["code"].as_str()),
            (status, Some(code))
        );
    }
    let asking = Asking::new(&komoju);
    for path in [
        "nothing",
        "customers/a%2Fb",
        "customers/a/b",
        "payments/x",
        "events/x",
        "sessions/x",
    ] {
        assert_eq!(asking.status("GET", path, &Value::Null), 404, "{path}");
    }
    assert_eq!(
        komoju.operation("DELETE", "/api/v1/customers/x"),
        Some(("customers.delete", true))
    );
    assert_eq!(
        komoju.operation("GET", "/api/v1/customers"),
        Some(("customers.list", false))
    );
    assert_eq!(komoju.operation("GET", "/api/v1/nothing"), None);
}

#[test]
fn what_the_official_node_client_sends_is_taken() {
    let komoju = komoju(30);
    let asking = Asking::new(&komoju)
        .with("accept", "application/json, text/plain, */*")
        .with("content-type", "application/json")
        .with("user-agent", "komoju-node-sdk/1.0.0-beta.1 api/2025-01-28");
    // Months and years as numbers, points in time encoded as a browser encodes a query, calls without a body.
    let details = json!({ "type": "credit_card", "number": TEST_CARD, "month": 12, "year": 2049,
                          "verification_value": "123" });
    let body = json!({ "amount": 1000, "currency": "JPY", "payment_details": details });
    assert_eq!(asking.post("payments", &body)["status"], "captured");
    let query = "customers?page=1&per_page=5&start_time=2000-01-01T00%3A00%3A00.000Z\
                 &end_time=2100-01-01T00%3A00%3A00.000%2B09%3A00";
    let page = asking.get(query);
    assert_eq!((&page["total"], &page["last_page"]), (&json!(30), &json!(6)));
    assert_eq!(page["end_time"], "2100-01-01T00:00:00.000+09:00");
    let session = json!({ "amount": 5000, "currency": "JPY", "return_url": "https://shop.example/thanks",
                          "default_locale": "ja" });
    let session = asking.post("sessions", &session);
    let path = format!("sessions/{}/cancel", session["id"].as_str().unwrap());
    assert_eq!(asking.post(&path, &Value::Null)["status"], "cancelled");
    let customer = asking.post(
        "customers",
        &json!({ "email": "n@example.org", "payment_details": details }),
    );
    let path = format!("customers/{}", customer["id"].as_str().unwrap());
    let changed = asking.ask("PATCH", &path, &json!({ "metadata": { "a": "b" } }));
    assert_eq!((changed.0, &changed.1["metadata"]["a"]), (200, &json!("b")));
    assert_eq!(asking.status("DELETE", &path, &Value::Null), 200);
}

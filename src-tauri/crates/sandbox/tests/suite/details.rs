//! Asking the buyer for new card details: wallee fact sheet, sections 3.1 and 3.3.

use serde_json::{Value, json};
use tokendesk_sandbox::Running;

use crate::client::{Answer, Client, exchange, sandbox, some_token};

fn ask(client: &Client, token: u64) -> Answer {
    let path = format!("/payment/tokens/{token}/create-transaction-for-token-update");
    Answer::parse(&client.bytes("POST", &path, None))
}

fn page_url(client: &Client, transaction: &Value) -> Answer {
    client.get(&format!("/payment/transactions/{transaction}/payment-page-url"))
}

/// A buyer's browser: no key, no space.
fn browse(running: &Running, method: &str, url: &str) -> Answer {
    let path = url.strip_prefix(&running.origin).expect("a page of this sandbox");
    let address = running.origin.split_once("://").unwrap().1;
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    Answer::parse(&exchange(address, request.as_bytes()))
}

#[test]
fn a_card_entered_on_the_page_is_the_new_active_version() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let active = || client.get(&format!("/payment/tokens/{id}/active-version")).json()["id"].clone();
    let old = active();
    let transaction = ask(&client, id);
    assert_eq!(transaction.status, 200);
    let transaction = transaction.json();
    assert_eq!(
        (&transaction["token"]["id"], &transaction["state"]),
        (&id.into(), &"PENDING".into())
    );
    let answer = page_url(&client, &transaction["id"]);
    assert_eq!(answer.header("content-type"), Some("text/plain;charset=utf-8"));
    let url = String::from_utf8(answer.body).unwrap();
    assert_eq!(browse(&running, "GET", &url).status, 200);
    assert_eq!(active(), old, "looking at the page changes nothing");
    assert_eq!(browse(&running, "POST", &url).status, 200);
    assert_ne!(active(), old);
    let token = running.system("wallee").truth(&id.to_string()).unwrap();
    let states: Vec<&str> = token["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["state"].as_str().unwrap())
        .collect();
    assert_eq!(states.iter().filter(|state| **state == "ACTIVE").count(), 1);
    assert_eq!(states.last(), Some(&"ACTIVE"));
    assert_eq!(browse(&running, "POST", &url).status, 409, "a page works once");
    let guessed = format!("{}0", &url[..url.len() - 1]);
    let other = format!("{}1", &url[..url.len() - 1]);
    let wrong = if guessed == url { other } else { guessed };
    assert_eq!(browse(&running, "GET", &wrong).status, 404);
}

#[test]
fn the_buyers_card_can_be_chosen_from_outside() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", None);
    let transaction = ask(&client, id).json()["id"].clone();
    let wallee = running.system("wallee");
    let card = json!({ "brand": "Visa", "last4": "1111", "expires": "2031-05" });
    let token = wallee
        .edit(json!({ "entered": transaction, "card": card }))
        .unwrap();
    assert_eq!(token["id"], id);
    assert_eq!(token["versions"][0]["lastFour"], "1111");
    assert!(wallee.edit(json!({ "entered": transaction })).is_err());
    assert!(wallee.edit(json!({ "entered": 1 })).is_err());
    let second = ask(&client, id).json()["id"].clone();
    assert_ne!(second, transaction);
    assert!(
        wallee
            .edit(json!({ "entered": second, "card": { "brand": "nonsense" } }))
            .is_err()
    );
}

#[test]
fn which_tokens_get_a_page_and_how_a_refusal_is_said_are_switches() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let inactive = some_token(&running, "INACTIVE", Some("ACTIVE"));
    let shell = some_token(&running, "ACTIVE", None);
    let leaving = some_token(&running, "DELETING", Some("ACTIVE"));
    let statuses = || [inactive, shell, leaving].map(|id| ask(&client, id).status);
    assert_eq!(statuses(), [200, 200, 422]);
    running.set_switch("details_page_for", "active").unwrap();
    assert_eq!(statuses(), [422, 200, 422]);
    running.set_switch("details_page_for", "saved").unwrap();
    running.set_switch("details_page_refused", "409").unwrap();
    assert_eq!(statuses(), [200, 409, 409]);
    assert_eq!(ask(&client, 9).status, 404);
    assert_eq!(page_url(&client, &json!(9)).status, 404);
}

#[test]
fn the_address_comes_as_text_or_as_json_and_needs_a_permission() {
    let running = sandbox(20, &["page_url_body=json"]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let transaction = ask(&client, id).json()["id"].clone();
    let url = page_url(&client, &transaction).json();
    assert!(url.as_str().unwrap().starts_with(&running.origin));
    running.set_switch("may_transact", "off").unwrap();
    assert_eq!(page_url(&client, &transaction).status, 403);
    assert_eq!(ask(&client, id).status, 403);
}

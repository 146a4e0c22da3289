//! Create and update: wallee fact sheet, sections 4.1, 7.1 and 7.3.

use serde_json::{Value, json};

use crate::client::{Client, sandbox, some_token};

#[test]
fn an_update_needs_the_version_last_read() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let before = client.read(id).json();
    let version = before["version"].as_u64().unwrap();
    let wish = |version: u64| json!({ "version": version, "enabledForOneClickPayment": false });
    assert_eq!(client.patch(id, wish(version + 1)).status, 409);
    assert_eq!(client.patch(id, wish(version - 1)).status, 409);
    let done = client.patch(id, wish(version));
    assert_eq!(
        (done.status, &done.json()["version"]),
        (200, &(version + 1).into())
    );
    assert_eq!(
        client.patch(id, wish(version)).status,
        409,
        "the same answer does not fit twice"
    );
    let after = client.read(id).json();
    assert_eq!(
        (&after["enabledForOneClickPayment"], &after["state"]),
        (&false.into(), &before["state"])
    );
    for same in [
        "customerEmailAddress",
        "customerId",
        "tokenReference",
        "externalId",
        "createdOn",
        "language",
    ] {
        assert_eq!(after[same], before[same], "{same}");
    }
}

#[test]
fn every_writable_field_is_written_and_nothing_else() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let before = client.read(id).json();
    let wish = json!({
        "version": before["version"], "tokenReference": "REF-1", "customerId": "K-1",
        "customerEmailAddress": "new.one@example.net", "enabledForOneClickPayment": true, "language": "ja-JP",
        "timeZone": "Asia/Tokyo", "externalId": "mine", "id": 5, "createdOn": "2001-01-01T00:00:00Z", "novelty": 1,
    });
    assert_eq!(client.patch(id, wish.clone()).status, 200);
    let after = client.read(id).json();
    for name in [
        "tokenReference",
        "customerId",
        "customerEmailAddress",
        "enabledForOneClickPayment",
        "language",
        "timeZone",
    ] {
        assert_eq!(after[name], wish[name], "{name}");
    }
    for name in ["externalId", "id", "createdOn", "state"] {
        assert_eq!(after[name], before[name], "{name}");
    }
    assert_eq!(
        client.search("customerEmailAddress:new.one@example.net").ids(),
        [id]
    );
}

#[test]
fn bad_bodies_are_refused_and_change_nothing() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let before = client.read(id).json();
    let version = &before["version"];
    for (status, field, value) in [
        (422, "tokenReference", json!("ä")),
        (422, "tokenReference", json!("x".repeat(101))),
        (
            422,
            "customerEmailAddress",
            json!(format!("{}@example.com", "x".repeat(140))),
        ),
        (422, "enabledForOneClickPayment", json!("true")),
        (422, "customerId", json!(88)),
        (422, "version", json!("4")),
    ] {
        let mut body = json!({ "version": version });
        body[field] = value;
        let answer = client.patch(id, body);
        assert_eq!(answer.status, status, "{field}");
        assert!(answer.json()["errors"][field].is_string(), "{field}");
    }
    assert_eq!(client.patch(id, json!([1])).status, 400);
    assert_eq!(client.patch(9, json!({ "version": 1 })).status, 404);
    assert_eq!(client.read(id).json(), before);
}

fn patched(client: &Client, id: u64, name: &str, value: Value) -> (u16, Value) {
    let mut body = json!({ "version": client.read(id).json()["version"] });
    body[name] = value;
    let status = client.patch(id, body).status;
    (status, client.read(id).json())
}

#[test]
fn state_in_an_update_is_ignored_accepted_or_refused() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let ask = |state: &str| {
        let (status, after) = patched(&client, id, "state", state.into());
        (status, after["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(ask("INACTIVE"), (200, "ACTIVE".into()));
    running.set_switch("state_patch", "refuses").unwrap();
    assert_eq!(ask("INACTIVE"), (422, "ACTIVE".into()));
    running.set_switch("state_patch", "accepts").unwrap();
    assert_eq!(ask("INACTIVE"), (200, "INACTIVE".into()));
    assert_eq!(ask("DELETED"), (422, "INACTIVE".into()));
    assert_eq!(ask("ACTIVE"), (200, "ACTIVE".into()));
}

#[test]
fn a_missing_version_null_and_no_change_are_switches() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let bare = || client.patch(id, json!({ "language": "de-CH" })).status;
    assert_eq!(bare(), 400);
    running.set_switch("missing_version", "422").unwrap();
    assert_eq!(bare(), 422);

    let clear = || {
        let (status, after) = patched(&client, id, "customerEmailAddress", Value::Null);
        (status, after["customerEmailAddress"].is_null())
    };
    running
        .edit(tokendesk_sandbox::EditRequest {
            id,
            email: Some(Some("a@example.com".into())),
            ..Default::default()
        })
        .unwrap();
    assert_eq!(clear(), (200, false));
    running.set_switch("patch_null", "422").unwrap();
    assert_eq!(clear(), (422, false));
    running.set_switch("patch_null", "clears").unwrap();
    assert_eq!(clear(), (200, true));

    let version = || client.read(id).json()["version"].as_u64().unwrap();
    let first = version();
    assert_eq!(
        client.patch(id, json!({ "version": first })).json()["version"],
        first + 1
    );
    running.set_switch("noop_patch", "keeps").unwrap();
    assert_eq!(
        client.patch(id, json!({ "version": first + 1 })).json()["version"],
        first + 1
    );
    assert_eq!(
        patched(&client, id, "language", "pt-BR".into()).1["version"],
        first + 2
    );
}

#[test]
fn a_create_is_made_once_for_one_external_id() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let wish = json!({ "externalId": "nonce-1", "customerId": "89", "tokenReference": "CUST-89" });
    let last = *running.token_ids().last().unwrap();
    let first = client.post("/payment/tokens", wish.clone());
    assert_eq!(first.status, 201);
    let first = first.json();
    assert_eq!(
        (&first["state"], &first["version"]),
        (&"ACTIVE".into(), &1.into())
    );
    assert!(first["id"].as_u64().unwrap() > last);
    let again = client.post(
        "/payment/tokens",
        json!({ "externalId": "nonce-1", "customerId": "other" }),
    );
    assert_eq!((again.status, again.json()), (201, first.clone()));
    running.set_switch("repeat_create", "200").unwrap();
    assert_eq!(client.post("/payment/tokens", wish).status, 200);
    // A token the world began with is found by its nonce too.
    let old = client.read(last).json();
    let found = client.post("/payment/tokens", json!({ "externalId": old["externalId"] }));
    assert_eq!(found.json(), old);
}

#[test]
fn what_a_create_needs_and_starts_with_are_switches() {
    let running = sandbox(20, &["version_after_create=3"]);
    let client = Client::of(&running);
    let make = |body: Value| client.post("/payment/tokens", body);
    assert_eq!(make(json!({ "customerId": "1" })).status, 422);
    running.set_switch("missing_external_id", "400").unwrap();
    assert_eq!(make(json!({ "customerId": "1" })).status, 400);
    assert_eq!(make(json!({ "externalId": "a" })).json()["version"], 3);
    running.set_switch("version_after_create", "0").unwrap();
    assert_eq!(make(json!({ "externalId": "b" })).json()["version"], 0);
    assert_eq!(
        make(json!({ "externalId": "c", "state": "INACTIVE" })).json()["state"],
        "INACTIVE"
    );
    assert_eq!(make(json!({ "externalId": "d", "state": "DELETED" })).status, 422);
}

//! The control endpoint: who may use it, and what it tells and changes.

use serde_json::{Value, json};

use crate::client::{Answer, Client, control, exchange, sandbox, some_token};

#[test]
fn only_the_unguessable_path_on_this_very_host_answers() {
    let running = sandbox(5, &[]);
    let address = running.control.clone().unwrap();
    let (host, secret) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    assert!(secret.len() == 32 && host.starts_with("127.0.0.1:"));
    let ask = |path: &str, name: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
        Answer::parse(&exchange(host, request.as_bytes())).status
    };
    let port = host.split_once(':').unwrap().1;
    assert_eq!(ask(&format!("/{secret}/switches"), host), 200);
    assert_eq!(
        ask(
            &format!("/{secret}/switches"),
            &format!("attacker.example:{port}")
        ),
        403
    );
    assert_eq!(
        ask(&format!("/{secret}/switches"), &format!("localhost:{port}")),
        403
    );
    for path in [
        "/switches",
        "/",
        "/00000000000000000000000000000000/switches",
        &format!("/{secret}x/switches"),
    ] {
        assert_eq!(ask(path, host), 404, "{path}");
    }
    let other = sandbox(5, &[]);
    assert_ne!(other.control.as_ref().unwrap().rsplit('/').next(), Some(secret));
    // The payment system's own port has no such door.
    let own = running.origin.strip_prefix("http://").unwrap();
    let request = format!("GET /{secret}/switches HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    assert_eq!(Answer::parse(&exchange(own, request.as_bytes())).status, 401);
}

#[test]
fn switches_are_told_and_set_all_or_none() {
    let running = sandbox(5, &["state_patch=refuses"]);
    let rows = control(&running, "GET", "switches", None).json();
    let row = |rows: &Value, name: &str| {
        rows.as_array()
            .unwrap()
            .iter()
            .find(|r| r["name"] == name)
            .cloned()
            .expect("a row")
    };
    let first = row(&rows, "state_patch");
    assert_eq!(
        (&first["value"], &first["default"]),
        (&"refuses".into(), &"ignores".into())
    );
    assert_eq!(first["allowed"], "ignores | accepts | refuses");
    assert!(
        rows.as_array()
            .unwrap()
            .iter()
            .all(|r| r["about"].as_str().unwrap().len() > 10)
    );
    let set = |body: Value| control(&running, "POST", "switches", Some(body));
    let rows = set(json!({ "state_patch": "accepts", "deleting_ms": 5, "may_read": false })).json();
    assert_eq!(row(&rows, "deleting_ms")["value"], "5");
    assert_eq!(row(&rows, "may_read")["value"], "off");
    for bad in [
        json!({ "may_read": "on", "nonsense": 1 }),
        json!({ "may_read": "on", "deleting_ms": -1 }),
    ] {
        assert_eq!(set(bad).status, 400);
    }
    assert!(!running.switches().may_read);
}

#[test]
fn somebody_else_edits_and_the_version_rises() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let version = running.token(id).unwrap().version;
    let edit = |body: Value| control(&running, "POST", "edit", Some(body));
    let after = edit(
        json!({ "id": id, "oneClick": false, "state": "INACTIVE", "email": "x@example.com", "customerId": null }),
    );
    assert_eq!(after.json()["version"], version + 1);
    let read = client.read(id).json();
    assert_eq!(
        (&read["state"], &read["enabledForOneClickPayment"]),
        (&"INACTIVE".into(), &false.into())
    );
    assert_eq!(
        (&read["customerEmailAddress"], &read["customerId"]),
        (&"x@example.com".into(), &Value::Null)
    );
    assert_eq!(
        edit(json!({ "id": id, "state": "DELETED" })).json()["state"],
        "DELETED"
    );
    assert!(client.read(id).json()["plannedPurgeDate"].is_string());
    assert_eq!(
        edit(json!({ "id": id, "state": "ACTIVE" })).json()["plannedPurgeDate"],
        Value::Null
    );
    assert_eq!(
        edit(json!({ "id": id, "delete": true })).json()["state"],
        "DELETING"
    );
    let truth = control(&running, "GET", &format!("token/{id}"), None).json();
    assert_eq!(
        (&truth["version"], &truth["gone"]),
        (&(version + 4).into(), &false.into())
    );
    assert_eq!(edit(json!({ "id": 9 })).status, 404);
    for bad in [
        json!({ "id": id, "state": "ODD" }),
        json!({ "id": id, "oneclick": true }),
        json!({ "id": id, "newVersion": { "expires": "soon" } }),
    ] {
        assert_eq!(edit(bad).status, 400);
    }
}

#[test]
fn tokens_are_added_found_and_purged() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let wish = json!({
        "customerId": "K-9", "email": "ada+new@example.org", "oneClick": true,
        "card": { "brand": "Mastercard", "last4": "4444", "expires": "2030-12", "givenName": "Ada", "familyName": "Byron" },
    });
    let made = control(&running, "POST", "add_token", Some(wish)).json();
    let id = made["id"].as_u64().unwrap();
    assert_eq!(
        (&made["versions"][0]["lastFour"], &made["versions"][0]["holder"]),
        (&"4444".into(), &"Ada Byron".into())
    );
    assert_eq!(
        client
            .search("customerEmailAddress:\"ada+new@example.org\"")
            .ids(),
        [id]
    );
    let found = control(&running, "GET", "tokens?email=ada%2Bnew%40example.org", None).json();
    assert_eq!(found[0]["id"], id);
    assert_eq!(running.tokens_by_email("ada+new@example.org").len(), 1);
    let version = client
        .get(&format!(
            "/payment/tokens/{id}/active-version?expand=paymentMethodBrand"
        ))
        .json();
    assert_eq!(version["name"], "Mastercard •••• 4444");
    assert_eq!(version["billingAddress"]["familyName"], "Byron");
    let shell = control(&running, "POST", "add_token", Some(json!({ "shell": true }))).json();
    assert_eq!(shell["versions"], json!([]));
    assert_eq!(
        control(&running, "POST", "purge", Some(json!({ "id": id }))).status,
        200
    );
    assert_eq!(client.read(id).status, 404);
    assert_eq!(
        control(&running, "GET", &format!("token/{id}"), None).json()["gone"],
        true
    );
    assert_eq!(
        control(&running, "POST", "purge", Some(json!({ "id": id }))).status,
        404
    );
    assert_eq!(control(&running, "GET", "token/9", None).status, 404);
    assert!(
        !control(&running, "GET", "ids", None)
            .json()
            .as_array()
            .unwrap()
            .contains(&id.into())
    );
}

#[test]
fn what_was_asked_is_counted() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    client.get("/payment/tokens?limit=3");
    client.read(id);
    client.read(id);
    client.patch(
        id,
        json!({ "version": 999, "state": "INACTIVE", "customerEmailAddress": "secret@example.com" }),
    );
    let stats = control(&running, "GET", "stats", None);
    assert!(!String::from_utf8_lossy(&stats.body).contains("secret@"));
    let stats = stats.json();
    assert_eq!(stats["requests"], 4);
    assert_eq!(
        (&stats["by_kind"]["tokens.list"], &stats["by_kind"]["tokens.read"]),
        (&1.into(), &2.into())
    );
    assert_eq!(stats["by_path"][format!("/api/v2.0/payment/tokens/{id}")], 3);
    assert_eq!(stats["by_status"], json!({ "200": 3, "409": 1 }));
    let write = &stats["writes"][0];
    assert_eq!(
        (&write["status"], &write["state"], &write["version"]),
        (&409.into(), &"INACTIVE".into(), &999.into())
    );
    assert_eq!(stats["world"]["customers"], 20);
    assert_eq!(stats["world"]["tokens"], running.token_ids().len());
    assert_eq!(control(&running, "POST", "stats/reset", None).status, 200);
    assert_eq!(control(&running, "GET", "stats", None).json()["requests"], 0);
}

//! From deletion asked for to gone: wallee fact sheet, section 6.1.

use serde_json::json;

use crate::client::{Client, sandbox, some_token};

#[test]
fn a_deleted_token_is_deleting_then_deleted_then_gone() {
    let running = sandbox(20, &["deleting_ms=3600000", "purge_ms=3600000"]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let version = client.read(id).json()["version"].as_u64().unwrap();
    let answer = client.delete(id);
    assert_eq!(
        (answer.status, answer.body.len(), answer.header("content-type")),
        (204, 0, None)
    );
    let leaving = client.read(id).json();
    assert_eq!(
        (&leaving["state"], &leaving["version"]),
        (&"DELETING".into(), &(version + 1).into())
    );
    assert!(leaving["plannedPurgeDate"].is_string());
    assert_eq!(
        client.get(&format!("/payment/tokens/{id}/active-version")).status,
        200
    );

    running.set_switch("deleting_ms", "0").unwrap();
    let deleted = client.read(id).json();
    assert_eq!(
        (&deleted["state"], &deleted["version"]),
        (&"DELETED".into(), &(version + 2).into())
    );
    assert_eq!(
        client.get(&format!("/payment/tokens/{id}/active-version")).status,
        404
    );

    running.set_switch("purge_ms", "0").unwrap();
    let versions = running.token(id).unwrap().versions;
    assert_eq!(client.read(id).status, 404);
    assert_eq!(client.delete(id).status, 404);
    assert_eq!(client.patch(id, json!({ "version": version + 2 })).status, 404);
    assert!(client.search(&format!("id:{id}")).ids().is_empty());
    assert_eq!(
        client
            .get(&format!("/payment/token-versions/{}", versions[0].id))
            .status,
        404
    );
    assert!(running.token(id).unwrap().gone && !running.token_ids().contains(&id));
}

#[test]
fn deletion_goes_on_by_itself() {
    let running = sandbox(20, &["deleting_ms=30", "purge_ms=30"]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    assert_eq!(client.delete(id).status, 204);
    while client.read(id).status == 200 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(client.read(id).status, 404);
}

#[test]
fn what_a_leaving_token_answers_is_a_switch() {
    let running = sandbox(20, &["deleting_ms=3600000"]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    assert_eq!(client.delete(id).status, 204);
    let version = client.read(id).json()["version"].clone();
    assert_eq!(client.delete(id).status, 204);
    assert_eq!(
        client.read(id).json()["version"],
        version,
        "a second delete changes nothing"
    );
    running.set_switch("delete_on_deleting", "422").unwrap();
    assert_eq!(client.delete(id).status, 422);
    let patch = || {
        client
            .patch(id, json!({ "version": version, "language": "de-CH" }))
            .status
    };
    assert_eq!(patch(), 422);
    running.set_switch("patch_on_deleting", "409").unwrap();
    assert_eq!(patch(), 409);
    assert_eq!(client.read(id).json()["version"], version);
}

#[test]
fn tokens_deleted_before_the_start_stay_as_they_are() {
    let running = sandbox(20, &["deleting_ms=0", "purge_ms=0"]);
    let client = Client::of(&running);
    for state in ["DELETING", "DELETED"] {
        let token = running
            .tokens()
            .into_iter()
            .find(|t| t.state == state)
            .expect(state);
        let read = client.read(token.id).json();
        assert_eq!(read["state"], state);
        assert!(read["plannedPurgeDate"].is_string());
    }
}

#[test]
fn a_token_just_added_is_listed_after_the_last_cursor() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let last = *running.token_ids().last().unwrap();
    let request = tokendesk_sandbox::NewTokenRequest {
        customer_id: Some("9".into()),
        ..Default::default()
    };
    let added = running.add_token(request).unwrap();
    assert_eq!(
        client.get(&format!("/payment/tokens?after={last}")).ids(),
        [added.id]
    );
    assert_eq!(
        client
            .get(&format!("/payment/tokens/{}/active-version", added.id))
            .json()["state"],
        "ACTIVE"
    );
}

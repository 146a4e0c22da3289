//! The built-in demo: no control endpoint, and edits that outlive it.

use std::fs;

use serde_json::json;
use tokendesk_sandbox::demo;

use crate::client::{Client, some_token};

#[test]
fn edits_outlive_a_restart_and_nothing_personal_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.jsonl");
    let running = demo::start(60, 9, &path).unwrap();
    assert!(running.control.is_none());
    let client = Client::of(&running);
    let off = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let truth = running.token(off).unwrap();
    let body = json!({
        "version": truth.version, "state": "INACTIVE", "enabledForOneClickPayment": false,
        "customerEmailAddress": "moved@example.org",
    });
    assert_eq!(client.patch(off, body).json()["state"], "INACTIVE");
    let deleted = some_token(&running, "ACTIVE", Some("ACTIVE"));
    assert_eq!(client.delete(deleted).status, 204);
    let purge = running.token(deleted).unwrap().planned_purge_date;
    let gone = some_token(&running, "INACTIVE", Some("ACTIVE"));
    running.purge(gone).unwrap();
    let made = client
        .post("/payment/tokens", json!({ "externalId": "made-here" }))
        .json()["id"]
        .as_u64()
        .unwrap();
    let key = running.key.clone();
    running.stop();

    let kept = fs::read_to_string(&path).unwrap();
    assert!(!kept.contains('@') && !kept.contains(&key) && !kept.contains("made-here"));
    // Torn in the middle of a line, as after a power cut.
    fs::write(&path, format!("{kept}{{\"id\":{off},\"sta")).unwrap();

    for _ in 0..2 {
        let running = demo::start(60, 9, &path).unwrap();
        let after = running.token(off).unwrap();
        assert_eq!((after.state, after.version), ("INACTIVE", truth.version + 1));
        assert!(!after.enabled_for_one_click_payment);
        let leaving = running.token(deleted).unwrap();
        assert!(leaving.state.starts_with("DELET"));
        assert_eq!(leaving.planned_purge_date, purge);
        assert!(!running.token_ids().contains(&gone));
        assert!(
            running.token(made).is_none(),
            "tokens made in the demo are not kept"
        );
        let client = Client::of(&running);
        assert_eq!(client.read(gone).status, 404);
        assert_eq!(client.read(off).json()["version"], truth.version + 1);
    }
}

#[test]
fn a_journal_of_another_world_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.jsonl");
    let running = demo::start(30, 9, &path).unwrap();
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    Client::of(&running).delete(id);
    running.stop();
    let other = demo::start(31, 9, &path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1);
    other.stop();
    fs::write(&path, b"\xff\xfe not a journal").unwrap();
    demo::start(30, 9, &path).unwrap();
    assert!(demo::start(30, 9, &folder.path().join("missing").join("demo.jsonl")).is_err());
}

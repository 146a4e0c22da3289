//! Systems side by side: each with a port, switches, faults, a rate limit and statistics of its own.

use std::io::ErrorKind;
use std::net::TcpStream;

use serde_json::json;

use crate::client::{Client, control, sandbox, some_token};

/// Whether somebody answers on the port of this origin.
fn answers(origin: &str) -> bool {
    match TcpStream::connect(origin.split_once("://").unwrap().1) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
            false
        }
    }
}

#[test]
fn a_system_that_is_down_refuses_and_comes_back_on_the_same_port_with_what_it_held() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let wallee = running.system("wallee");
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let version = client.read(id).json()["version"].as_u64().unwrap();
    let mut open = TcpStream::connect(client.address.as_str()).unwrap();
    for _ in 0..3 {
        wallee.stop_listening().unwrap();
        wallee.stop_listening().unwrap();
        assert!(!wallee.is_listening() && !answers(&wallee.origin));
        // Who was connected is cut off too.
        assert!(matches!(
            std::io::Read::read(&mut open, &mut [0; 8]),
            Ok(0) | Err(_)
        ));
        wallee.start_listening().unwrap();
        wallee.start_listening().unwrap();
        assert!(wallee.is_listening() && answers(&wallee.origin));
    }
    assert_eq!(client.read(id).json()["version"], version);
    let listening = |on: bool| {
        control(
            &running,
            "POST",
            "systems/wallee/listening",
            Some(json!({ "listening": on })),
        )
        .json()
    };
    assert_eq!(listening(false), json!({ "listening": false }));
    assert!(!answers(&wallee.origin));
    assert_eq!(listening(true), json!({ "listening": true }));
    assert_eq!(client.read(id).status, 200);
    let (origin, held) = (wallee.origin.clone(), wallee.clone());
    wallee.stop_listening().unwrap();
    running.stop();
    assert!(!answers(&origin));
    held.start_listening().unwrap();
    assert!(!answers(&origin), "what has ended stays ended");
}

#[test]
fn wallee_is_one_of_the_systems() {
    let running = sandbox(20, &["state_patch=accepts"]);
    let wallee = running.system("wallee");
    assert_eq!(
        wallee.connection(),
        json!({ "host": running.origin, "space": running.space, "user": running.user, "key": running.key })
    );
    let ids: Vec<String> = running.token_ids().iter().map(u64::to_string).collect();
    assert_eq!(wallee.ids(), ids);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    assert_eq!(wallee.truth(&id.to_string()).unwrap()["state"], "ACTIVE");
    assert!(wallee.truth("9").is_none() && wallee.truth("no number").is_none());
    let path = |rest: &str| format!("systems/wallee/{rest}");
    let edited = control(
        &running,
        "POST",
        &path("edit"),
        Some(json!({ "id": id, "state": "INACTIVE" })),
    );
    assert_eq!(edited.json()["state"], "INACTIVE");
    assert_eq!(
        control(&running, "GET", &path(&format!("truth/{id}")), None).json()["state"],
        "INACTIVE"
    );
    assert!(wallee.edit(json!({ "id": id, "nonsense": 1 })).is_err());
    assert_eq!(
        control(&running, "POST", &path("edit"), Some(json!({ "id": 9 }))).status,
        404
    );
    let added = wallee
        .edit(json!({ "add": { "email": "new@example.org" } }))
        .unwrap();
    assert_eq!(running.tokens_by_email("new@example.org").len(), 1);
    assert_eq!(
        wallee.edit(json!({ "purge": added["id"] })).unwrap()["gone"],
        true
    );
    assert!(running.tokens_by_email("new@example.org").is_empty());
    let set = control(
        &running,
        "POST",
        &path("switches"),
        Some(json!({ "may_read": false })),
    );
    assert_eq!(set.status, 200);
    assert!(!running.switches().may_read);
    assert_eq!(
        control(&running, "GET", "systems/nobody/switches", None).status,
        404
    );
    let all = control(&running, "GET", "systems", None).json();
    assert_eq!(all["wallee"]["space"], running.space);
}

#[test]
fn time_passes_at_once_when_told_to() {
    let running = sandbox(20, &["deleting_ms=3600000", "purge_ms=3600000"]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    assert_eq!(client.delete(id).status, 204);
    let wallee = running.system("wallee");
    wallee.pass_time(3_600_000);
    assert_eq!(client.read(id).json()["state"], "DELETED");
    let passed = control(
        &running,
        "POST",
        "systems/wallee/pass_time",
        Some(json!({ "ms": 3_600_000 })),
    );
    assert_eq!(passed.status, 200);
    assert_eq!(client.read(id).status, 404);
}

//! Each fault, seen from the client's side of the socket and in the server's truth.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tokendesk_sandbox::Running;

use crate::client::{API, Answer, Client, control, sandbox, some_token};

fn arm(running: &Running, rules: Value) {
    assert_eq!(control(running, "POST", "faults", Some(rules)).status, 200);
}

/// A world, its client, an ACTIVE token, and a PATCH body that turns one-click round.
fn scene() -> (Running, Client, u64, Value) {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let truth = running.token(id).unwrap();
    let wish = json!({
        "version": truth.version, "enabledForOneClickPayment": !truth.enabled_for_one_click_payment,
    });
    (running, client, id, wish)
}

#[test]
fn statuses_with_every_body() {
    let (running, client, id, wish) = scene();
    let version = running.token(id).unwrap().version;
    for (fault, kind) in [
        (
            json!({ "kind": "status", "status": 503 }),
            Some("application/json;charset=utf-8"),
        ),
        (
            json!({ "kind": "status", "status": 502, "body": "html" }),
            Some("text/html;charset=utf-8"),
        ),
        (json!({ "kind": "status", "status": 500, "body": "empty" }), None),
    ] {
        arm(&running, json!([{ "fault": fault }]));
        let answer = client.patch(id, wish.clone());
        assert_eq!(u64::from(answer.status), fault["status"]);
        assert_eq!(answer.header("content-type"), kind);
        assert_eq!(answer.header("retry-after"), None);
        assert_eq!(running.token(id).unwrap().version, version, "nothing was done");
    }
    assert_eq!(client.patch(id, wish).status, 200, "each rule fires once");
}

#[test]
fn too_many_requests_with_and_without_retry_after() {
    let (running, client, ..) = scene();
    arm(
        &running,
        json!([
            { "fault": { "kind": "too_many" } },
            { "fault": { "kind": "too_many", "retry_after": 7 } },
            { "fault": { "kind": "status", "status": 503, "retry_after": "Fri, 31 Dec 2027 23:59:59 GMT" } },
        ]),
    );
    let first = client.get("/payment/tokens");
    assert_eq!((first.status, first.header("retry-after")), (429, None));
    let second = client.get("/payment/tokens");
    assert_eq!((second.status, second.header("retry-after")), (429, Some("7")));
    let third = client.get("/payment/tokens");
    assert_eq!(
        (third.status, third.header("retry-after")),
        (503, Some("Fri, 31 Dec 2027 23:59:59 GMT"))
    );
    assert_eq!(client.get("/payment/tokens").status, 200);
}

#[test]
fn a_connection_dropped_before_or_after_the_work() {
    let (running, client, id, wish) = scene();
    let version = running.token(id).unwrap().version;
    let path = format!("/payment/tokens/{id}");
    arm(
        &running,
        json!([{ "match": { "method": "PATCH" }, "fault": { "kind": "drop_before_commit" } }]),
    );
    assert!(client.bytes("PATCH", &path, Some(&wish)).is_empty());
    assert_eq!(running.token(id).unwrap().version, version);
    arm(
        &running,
        json!([{ "match": { "method": "PATCH" }, "fault": { "kind": "drop_after_commit" } }]),
    );
    assert!(client.bytes("PATCH", &path, Some(&wish)).is_empty());
    assert_eq!(running.token(id).unwrap().version, version + 1);
}

#[test]
fn an_answer_lost_while_the_work_is_done_later() {
    let (running, client, id, wish) = scene();
    let version = running.token(id).unwrap().version;
    arm(
        &running,
        json!([{ "match": { "method": "PATCH" }, "fault": { "kind": "commit_later", "ms": 1500 } }]),
    );
    assert!(
        client
            .bytes("PATCH", &format!("/payment/tokens/{id}"), Some(&wish))
            .is_empty()
    );
    assert_eq!(client.read(id).json()["version"], version, "not yet");
    while running.token(id).unwrap().version == version {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(client.read(id).json()["version"], version + 1);
}

#[test]
fn a_body_cut_in_half() {
    let (running, client, id, wish) = scene();
    arm(&running, json!([{ "fault": { "kind": "truncated" } }]));
    let cut = Answer::parse(&client.bytes("PATCH", &format!("/payment/tokens/{id}"), Some(&wish)));
    let declared: usize = cut.header("content-length").unwrap().parse().unwrap();
    assert_eq!(cut.status, 200);
    assert!(!cut.body.is_empty() && cut.body.len() < declared);
    assert!(serde_json::from_slice::<Value>(&cut.body).is_err());
    assert_eq!(
        running.token(id).unwrap().version,
        wish["version"].as_u64().unwrap() as u32 + 1
    );
}

#[test]
fn a_page_instead_of_json() {
    let (running, client, ..) = scene();
    arm(&running, json!([{ "fault": { "kind": "non_json" } }]));
    let answer = client.get("/payment/tokens");
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("text/html;charset=utf-8"))
    );
    assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
}

#[test]
fn an_answer_that_never_comes() {
    let (running, client, id, wish) = scene();
    let version = running.token(id).unwrap().version;
    arm(&running, json!([{ "fault": { "kind": "hang" } }]));
    let mut stream = TcpStream::connect(&client.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
    let target = format!("{API}/payment/tokens/{id}");
    stream
        .write_all(&client.request("PATCH", &target, Some(&wish)))
        .unwrap();
    let error = stream.read(&mut [0; 16]).expect_err("no byte and no end");
    assert!(
        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{error}"
    );
    assert_eq!(running.token(id).unwrap().version, version);
    running.stop();
}

#[test]
fn a_slow_page_shows_the_world_before_a_write_that_overtook_it() {
    let (running, client, id, wish) = scene();
    arm(
        &running,
        json!([{
            "match": { "path_prefix": "/payment/tokens?" },
            "fault": { "kind": "latency", "ms": 1500, "after_commit": true },
        }]),
    );
    let after = format!("/payment/tokens?limit=1&after={}", id - 1);
    let slow = {
        let client = Client::of(&running);
        std::thread::spawn(move || client.get(&after).json())
    };
    let waiting = || control(&running, "GET", "stats", None).json()["by_kind"]["tokens.list"] == 1;
    while !waiting() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(client.patch(id, wish.clone()).status, 200);
    let page = slow.join().unwrap();
    assert_eq!(
        page["data"][0]["version"], wish["version"],
        "the page is older than the write"
    );
    // Waiting before the work shows the world after the write instead.
    arm(&running, json!([{ "fault": { "kind": "latency", "ms": 20 } }]));
    assert_ne!(client.read(id).json()["version"], wish["version"]);
}

#[test]
fn pages_with_wrong_types_missing_members_and_unknown_states() {
    let (running, client, id, _) = scene();
    arm(
        &running,
        json!([
            { "fault": { "kind": "ids_as_strings" } },
            { "fault": { "kind": "missing_members" } },
            { "fault": { "kind": "missing_members", "members": ["id"] } },
            { "fault": { "kind": "unknown_enum" } },
        ]),
    );
    let rows = || {
        client.get("/payment/tokens").json()["data"]
            .as_array()
            .unwrap()
            .clone()
    };
    assert!(
        rows()
            .iter()
            .all(|row| row["id"].is_string() && row["version"].is_string())
    );
    assert!(
        rows()
            .iter()
            .all(|row| row["id"].is_u64() && row.get("state").is_none() && row.get("version").is_none())
    );
    assert!(
        rows()
            .iter()
            .all(|row| row.get("id").is_none() && row["state"].is_string())
    );
    assert_eq!(rows()[0]["state"], "SUSPENDED");
    arm(&running, json!([{ "fault": { "kind": "ids_as_strings" } }]));
    assert_eq!(client.read(id).json()["id"], id.to_string());
}

#[test]
fn rules_pick_calls_by_verb_path_number_and_count() {
    let (running, client, id, _) = scene();
    arm(
        &running,
        json!([
            { "match": { "method": "get", "path_prefix": "/payment/tokens?", "nth": 3 }, "times": 2,
              "fault": { "kind": "status", "status": 500 } },
            { "match": { "path_prefix": format!("{API}/payment/token-versions") }, "times": null,
              "fault": { "kind": "status", "status": 501 } },
        ]),
    );
    let lists: Vec<u16> = (0..6)
        .map(|_| client.get("/payment/tokens?limit=1").status)
        .collect();
    assert_eq!(lists, [200, 200, 500, 500, 200, 200]);
    assert_eq!(client.read(id).status, 200);
    assert!((0..5).all(|_| client.get("/payment/token-versions").status == 501));
    assert_eq!(control(&running, "GET", "stats", None).json()["faults_fired"], 7);
    assert_eq!(control(&running, "DELETE", "faults", None).status, 200);
    assert_eq!(client.get("/payment/token-versions").status, 200);
    for bad in [
        json!([{ "fault": { "kind": "earthquake" } }]),
        json!([{ "fault": { "kind": "hang" }, "time": 1 }]),
    ] {
        assert_eq!(control(&running, "POST", "faults", Some(bad)).status, 400);
    }
}

#[test]
fn more_calls_than_allowed_are_told_to_wait() {
    let running = sandbox(20, &["calls_per_second=2"]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let answers: Vec<Answer> = (0..6).map(|_| client.read(id)).collect();
    assert_eq!(answers[0].status, 200);
    let refused = answers
        .iter()
        .find(|answer| answer.status == 429)
        .expect("a refusal");
    assert_eq!(refused.header("retry-after"), Some("1"));
    running.set_switch("limit_retry_after", "0").unwrap();
    let again: Vec<Answer> = (0..6).map(|_| client.read(id)).collect();
    let refused = again.iter().find(|answer| answer.status == 429);
    assert_eq!(refused.expect("a refusal").header("retry-after"), None);
    running.set_switch("calls_per_second", "0").unwrap();
    assert!((0..6).all(|_| client.read(id).status == 200));
    assert_eq!(running.requests(), 18);
}

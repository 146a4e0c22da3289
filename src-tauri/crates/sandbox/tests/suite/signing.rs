//! Who gets in: wallee fact sheet, sections 2.2 and 2.3.

use chrono::DateTime;
use serde_json::{Value, json};

use crate::client::{API, Client, now, sandbox, sign};

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT","ver":1}"#;

fn ask(client: &Client, target: &str, header: &str, claims: &Value) -> u16 {
    let token = sign(&client.key, header, &claims.to_string());
    client
        .bare(
            target,
            &[
                format!("Authorization: Bearer {token}"),
                format!("Space: {}", client.space),
            ],
        )
        .status
}

fn claims(client: &Client, target: &str) -> Value {
    json!({ "sub": client.user, "iat": now(), "requestPath": target, "requestMethod": "GET" })
}

#[test]
fn the_signer_of_these_tests_makes_the_fact_sheets_vector() {
    let key: Vec<u8> = (0..32).collect();
    let claims = concat!(
        r#"{"sub":"12345","iat":1700000000,"requestPath":"/api/v2.0/payment/tokens?limit=100&order=ASC","#,
        r#""requestMethod":"GET"}"#
    );
    let expected = concat!(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsInZlciI6MX0.eyJzdWIiOiIxMjM0NSIsImlhdCI6MTcwMDAwMDAwMCwicmVxdWVzd",
        "FBhdGgiOiIvYXBpL3YyLjAvcGF5bWVudC90b2tlbnM_bGltaXQ9MTAwJm9yZGVyPUFTQyIsInJlcXVlc3RNZXRob2QiOiJHRVQifQ.",
        "JsgHjhLdvNOnJ_XPH9AzFdTs3-1nQalxU3akOuUqHk4"
    );
    assert_eq!(sign(&key, HEADER, claims), expected);
}

#[test]
fn every_sdks_way_of_signing_gets_in() {
    let running = sandbox(5, &[]);
    let client = Client::of(&running);
    let target = format!("{API}/payment/tokens?limit=3");
    assert_eq!(ask(&client, &target, HEADER, &claims(&client, &target)), 200);
    let java = r#"{"alg":"HS256","type":"JWT","ver":1}"#;
    assert_eq!(ask(&client, &target, java, &claims(&client, &target)), 200);
    let mut python = claims(&client, &target);
    python["sub"] = client.user.parse::<u64>().unwrap().into();
    assert_eq!(ask(&client, &target, HEADER, &python), 200);
}

#[test]
fn the_signed_path_is_the_raw_target_byte_for_byte() {
    let running = sandbox(5, &[]);
    let client = Client::of(&running);
    let search = format!("{API}/payment/tokens/search");
    // Each spelling of one query is right for itself and wrong for the others.
    let spellings = [
        format!("{search}?query=state%3AACTIVE%20id%3A%3E1"),
        format!("{search}?query=state:ACTIVE%20id:%3E1"),
        format!("{search}?query=state%3aACTIVE+id%3A%3E1"),
    ];
    for sent in &spellings {
        for signed in &spellings {
            let expected = if sent == signed { 200 } else { 401 };
            assert_eq!(
                ask(&client, sent, HEADER, &claims(&client, signed)),
                expected,
                "{sent} as {signed}"
            );
        }
    }
    let whole = format!("http://{}{}", client.address, spellings[0]);
    assert_eq!(ask(&client, &spellings[0], HEADER, &claims(&client, &whole)), 401);
}

#[test]
fn what_does_not_prove_the_key_stays_out() {
    let running = sandbox(5, &[]);
    let client = Client::of(&running);
    let target = format!("{API}/payment/tokens");
    let good = claims(&client, &target);
    let with = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        ask(&client, &target, HEADER, &changed)
    };
    assert_eq!(with("requestMethod", "POST".into()), 401);
    assert_eq!(with("sub", "1".into()), 401);
    assert_eq!(with("iat", Value::Null), 401);
    assert_eq!(ask(&client, &target, r#"{"alg":"none"}"#, &good), 401);
    assert_eq!(ask(&client, &target, r#"{"alg":"HS512"}"#, &good), 401);
    let other = Client {
        key: vec![1; 32],
        ..Client::of(&running)
    };
    assert_eq!(ask(&other, &target, HEADER, &good), 401);
    let space = format!("Space: {}", client.space);
    let no_key = client.bare(&target, std::slice::from_ref(&space));
    assert_eq!(no_key.status, 401);
    assert!(no_key.json()["message"].is_string() && no_key.json()["date"].is_string());
    // The old generation's headers mean nothing here.
    let mac = ["x-mac-version: 1", "x-mac-userid: 12345", "x-mac-value: aa"].map(str::to_owned);
    assert_eq!(client.bare(&target, &mac).status, 401);
    for nonsense in [
        "Bearer",
        "Bearer a.b",
        "Bearer a.b.c",
        "Basic YTpi",
        "Bearer ....",
    ] {
        assert_eq!(
            client
                .bare(&target, &[format!("Authorization: {nonsense}")])
                .status,
            401,
            "{nonsense}"
        );
    }
}

#[test]
fn the_clock_may_be_five_minutes_off_and_no_more() {
    let running = sandbox(5, &[]);
    let client = Client::of(&running);
    let target = format!("{API}/payment/tokens");
    let at = |iat: i64| {
        let mut claims = claims(&client, &target);
        claims["iat"] = iat.into();
        ask(&client, &target, HEADER, &claims)
    };
    assert_eq!((at(now() - 280), at(now() + 280)), (200, 200));
    assert_eq!((at(now() - 320), at(now() + 320)), (401, 401));
    running.set_switch("iat_window_seconds", "1000").unwrap();
    assert_eq!(at(now() - 320), 200);

    running.set_switch("clock_offset_seconds", "-4000").unwrap();
    let refused = client.get("/payment/tokens");
    assert_eq!(refused.status, 401);
    // The server's own clock is what the answer is dated by, so a client can tell the two apart.
    let told = DateTime::parse_from_rfc2822(refused.header("date").unwrap())
        .unwrap()
        .timestamp();
    assert!((now() - 4_100..now() - 3_900).contains(&told), "{told}");
    let body = refused.json();
    assert_eq!(
        DateTime::parse_from_rfc3339(body["date"].as_str().unwrap())
            .unwrap()
            .timestamp(),
        told
    );
    let with_their_clock = at(now() - 4_000);
    assert_eq!(with_their_clock, 200);
}

#[test]
fn milliseconds_are_a_switch() {
    let running = sandbox(5, &[]);
    let client = Client::of(&running);
    let target = format!("{API}/payment/tokens");
    let mut millis = claims(&client, &target);
    millis["iat"] = (now() * 1_000).into();
    assert_eq!(ask(&client, &target, HEADER, &millis), 401);
    running.set_switch("iat_millis", "on").unwrap();
    assert_eq!(ask(&client, &target, HEADER, &millis), 200);
    assert_eq!(ask(&client, &target, HEADER, &claims(&client, &target)), 200);
}

#[test]
fn the_space_header_is_checked() {
    let running = sandbox(5, &[]);
    let client = Client::of(&running);
    let target = format!("{API}/payment/tokens");
    let space = |lines: &[&str]| {
        let mut headers = vec![format!("Authorization: Bearer {}", client.token("GET", &target))];
        headers.extend(lines.iter().map(|l| (*l).to_owned()));
        client.bare(&target, &headers).status
    };
    let right = format!("sPaCe: {}", client.space);
    assert_eq!(space(&[&right]), 200);
    assert_eq!(space(&[]), 400);
    assert_eq!(space(&["Space: shop"]), 400);
    assert_eq!(space(&["Space: 1"]), 403);
    running.set_switch("bad_space", "404").unwrap();
    running.set_switch("missing_space", "422").unwrap();
    assert_eq!((space(&["Space: 1"]), space(&[])), (404, 422));
}

#[test]
fn a_space_is_read_without_the_header() {
    let running = sandbox(5, &[]);
    let client = Client::of(&running);
    let read = |id: &str| {
        let target = format!("{API}/spaces/{id}");
        client.bare(
            &target,
            &[format!("Authorization: Bearer {}", client.token("GET", &target))],
        )
    };
    assert_eq!(read(&client.space).json()["id"].to_string(), client.space);
    assert_eq!(read("1").status, 403);
}

#[test]
fn permissions_are_switches() {
    let running = sandbox(
        5,
        &[
            "may_read=off",
            "may_update=off",
            "may_delete=off",
            "may_create=off",
        ],
    );
    let client = Client::of(&running);
    let id = running.token_ids()[0];
    let body = json!({ "version": 1, "externalId": "x" });
    let all = || {
        [
            client.get("/payment/tokens").status,
            client.get("/payment/token-versions").status,
            client.read(id).status,
            client.search("").status,
            client.patch(id, body.clone()).status,
            client.post("/payment/tokens", body.clone()).status,
            client.delete(id).status,
        ]
    };
    assert_eq!(all(), [403; 7]);
    for name in ["may_read", "may_update", "may_delete", "may_create"] {
        running.set_switch(name, "on").unwrap();
    }
    assert!(!all().contains(&403));
    running.set_switch("search_forbidden", "on").unwrap();
    assert_eq!(
        (client.search("").status, client.get("/payment/tokens").status),
        (403, 200)
    );
}

#[test]
fn media_types_and_paths_are_checked() {
    let running = sandbox(5, &[]);
    let client = Client::of(&running);
    let target = format!("{API}/payment/tokens");
    let signed = |target: &str| {
        vec![
            format!("Authorization: Bearer {}", client.token("GET", target)),
            format!("Space: {}", client.space),
        ]
    };
    let accept = |kind: &str| {
        let mut headers = signed(&target);
        headers.push(format!("Accept: {kind}"));
        client.bare(&target, &headers).status
    };
    assert_eq!(
        [
            accept("text/xml"),
            accept("application/json"),
            accept("text/html, */*;q=0.1")
        ],
        [406, 200, 200]
    );
    for path in [
        "/payment/nothing",
        "/payment/tokens/x",
        "",
        "/payment/tokens/1/undelete",
    ] {
        let target = format!("{API}{path}");
        assert_eq!(client.bare(&target, &signed(&target)).status, 404, "{path}");
    }
    let text =
        String::from_utf8(client.request("POST", &target, Some(&json!({ "externalId": "x" })))).unwrap();
    let plain = text.replace("application/json", "text/plain");
    assert!(crate::client::exchange(&client.address, plain.as_bytes()).starts_with(b"HTTP/1.1 415"));
}

//! The program as scripts use it: one line out, serving until its input closes.

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

fn start(arguments: &[&str]) -> (Child, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tokendesk-sandbox"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

#[test]
fn one_line_tells_all_and_a_closed_input_ends_it() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let port = free.to_string();
    let (mut child, line) = start(&["--customers", "5", "--seed", "3", "--port", &port]);
    let wallee = &line["wallee"];
    assert_eq!(wallee["host"], format!("http://127.0.0.1:{port}"));
    let digits = |v: &Value| v.as_str().unwrap().bytes().all(|b| b.is_ascii_digit());
    assert!(digits(&wallee["space"]) && digits(&wallee["user"]));
    assert_eq!(wallee["key"].as_str().unwrap().len(), 44);
    assert!(line["control"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(line.get("ca_pem").is_none());
    assert!(TcpStream::connect(("127.0.0.1", free)).is_ok());
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(TcpStream::connect(("127.0.0.1", free)).is_err());
}

#[test]
fn each_system_says_in_the_line_what_to_connect_with() {
    let (mut child, line) = start(&["--customers", "5", "--people", "shared"]);
    for (system, members) in [
        ("wallee", &["host", "space", "user", "key"][..]),
        ("processout", &["host", "project", "secret"]),
        ("komoju", &["host", "secret_key", "publishable_key"]),
        ("zafapay", &["host", "access_token", "publishable_key"]),
        ("prism", &["endpoint", "connector", "connector_config"]),
    ] {
        for member in members {
            assert!(!line[system][member].is_null(), "{system}: {member}");
        }
        let place = line[system]["host"]
            .as_str()
            .or(line[system]["endpoint"].as_str())
            .unwrap();
        assert!(
            TcpStream::connect(place.strip_prefix("http://").unwrap()).is_ok(),
            "{system}"
        );
    }
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn only_the_systems_asked_for_are_played_and_the_first_has_the_port() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let port = free.to_string();
    let arguments = [
        "--customers",
        "5",
        "--systems",
        "komoju,zafapay",
        "--port",
        &port,
        "--switch",
        "komoju.nulls=on",
    ];
    let (mut child, line) = start(&arguments);
    let mut played: Vec<&String> = line.as_object().unwrap().keys().collect();
    played.sort();
    assert_eq!(played, ["control", "komoju", "zafapay"]);
    assert_eq!(line["komoju"]["host"], format!("http://127.0.0.1:{free}"));
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn tls_and_switches_are_flags() {
    let (mut child, line) = start(&[
        "--customers",
        "5",
        "--tls",
        "--switch",
        "state_patch=accepts",
        "--switch",
        "purge_ms=1",
    ]);
    assert!(
        line["wallee"]["host"]
            .as_str()
            .unwrap()
            .starts_with("https://localhost:")
    );
    assert!(line["ca_pem"].as_str().unwrap().contains("BEGIN CERTIFICATE"));
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn wrong_arguments_end_with_two_and_a_taken_port_with_one() {
    let run = |arguments: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tokendesk-sandbox"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let code = child.wait().unwrap().code();
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        (code, told)
    };
    assert_eq!(run(&["--switch", "nonsense=1"]).0, Some(2));
    let (code, told) = run(&["--switch", "state_patch=maybe"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("ignores | accepts | refuses"));
    assert_eq!(run(&["--switch", "state_patch"]).0, Some(2));
    assert_eq!(run(&["--systems", "nobody"]).0, Some(2));
    assert_eq!(run(&["--people", "others"]).0, Some(2));
    assert_eq!(run(&["--switch", "komoju.nonsense=1"]).0, Some(2));
    assert_eq!(
        run(&["--systems", "wallee", "--switch", "komoju.nulls=on"]).0,
        Some(2)
    );
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    assert_eq!(run(&["--port", &port]).0, Some(1));
}

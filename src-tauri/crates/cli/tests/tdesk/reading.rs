//! Reading accounts: side by side, stopped by hand, beside somebody else, from a copy thrown away.

use crate::ground::{Desk, Said, everyday_card, sandbox, text};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;
use tokendesk_sandbox::{Fault, FaultMatch, FaultRule, Running};

pub fn hang(running: &Running) {
    running.add_fault(FaultRule {
        when: FaultMatch::default(),
        times: None,
        fault: Fault::Hang,
    });
}

/// Waits until the payment system has got a request.
pub fn wait_for_a_request(running: &Running) {
    let control = running.control.as_ref().unwrap();
    let (host, path) = control.strip_prefix("http://").unwrap().split_once('/').unwrap();
    loop {
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "GET /{path}/faults HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let rules: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        if rules[0]["seen"].as_u64().unwrap() > 0 {
            return;
        }
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn one_account_that_fails_stops_no_other() {
    let (here, away) = (sandbox(31), sandbox(32));
    let desk = Desk::new();
    desk.connect("Here", &here).json();
    desk.connect("Away", &away).json();
    away.stop();
    let said = desk.run(&["--json", "sync"]);
    assert_eq!(said.code(), "unreachable");
    let rows = said.out_json();
    let row = |label: &str| {
        let items = rows["items"].as_array().unwrap();
        items.iter().find(|row| row["label"] == label).cloned().unwrap()
    };
    assert_eq!(row("Here")["cards"], here.token_ids().len());
    assert_eq!(row("Here")["problem"], Value::Null);
    assert_eq!(row("Away")["problem"]["code"], "unreachable");
    desk.run(&["--json", "sync", "--account", "Here"]).json();
}

#[test]
fn an_interrupt_stops_reading_and_the_next_read_goes_on() {
    let running = sandbox(33);
    let desk = Desk::connected(&running);
    hang(&running);
    let reading = desk.start(&["--json", "sync"]);
    wait_for_a_request(&running);

    // Meanwhile the folder is held: reading works, writing names the holder.
    desk.run(&["--json", "cards"]).json();
    desk.run(&["--json", "account", "list"]).json();
    let refused = desk.run(&["changes", "push"]);
    assert_eq!(refused.code(), "desk_in_use");
    assert!(text(&refused.problem()["params"]["holder"]).contains("ada"));

    let killed = Command::new("kill")
        .args(["-INT", &reading.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let said = Said::of(reading.wait_with_output().unwrap());
    assert_eq!(said.code(), "stopped");
    running.clear_faults();
    let rows = desk.run(&["--json", "sync"]).json();
    assert_eq!(rows["items"][0]["cards"], running.token_ids().len());
}

#[test]
fn a_copy_thrown_away_is_read_again_and_changes_stay() {
    let running = sandbox(34);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let card = desk.card(&token);
    let before = desk.run(&["--json", "cards", "--limit", "1000"]).json();
    let change = text(&desk.run(&["--json", "card", "one-click", &card, "off"]).json()["id"]);
    let rows = desk.run(&["--json", "cache", "rebuild", "--yes"]).json();
    assert_eq!(rows["items"][0]["cards"], running.token_ids().len());
    let after = desk.run(&["--json", "cards", "--limit", "1000"]).json();
    let ids = |page: &Value| -> Vec<Value> {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|card| card["id"].clone())
            .collect()
    };
    assert_eq!(ids(&before), ids(&after));
    let open = desk.run(&["--json", "changes", "list"]).json();
    assert_eq!(open["items"][0]["id"], change);
    assert_eq!(
        desk.run(&["--json", "card", "show", &card]).json()["card"]["one_click"],
        false
    );
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 1);
    assert!(!running.token(token.id).unwrap().enabled_for_one_click_payment);
}

#[test]
fn a_key_that_is_refused_later_rests_its_account_and_a_test_wakes_it() {
    let running = sandbox(35);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let card = desk.card(&token);
    desk.run(&["card", "one-click", &card, "off"]).words();
    running.set_switch("clock_offset_seconds", "-900").unwrap();
    assert_eq!(desk.run(&["sync"]).code(), "clock_skew");
    // It rests: nothing is asked, the change waits, and both are said.
    running.set_switch("clock_offset_seconds", "0").unwrap();
    assert_eq!(desk.run(&["sync"]).code(), "clock_skew");
    let pushed = desk.run(&["--json", "changes", "push"]);
    assert_eq!(pushed.code(), "clock_skew");
    assert_eq!(pushed.out_json()["waiting"], 1);
    assert!(desk.run(&["account", "list"]).words().contains("clock"));

    desk.run(&["--json", "account", "check", "Shop CH"]).json();
    desk.run(&["--json", "sync"]).json();
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 1);
}

#[test]
fn environments_are_never_mixed() {
    let demo = sandbox(36);
    let test = crate::ground::started(tokendesk_sandbox::Options {
        customers: 10,
        seed: 37,
        tls: true,
        ..Default::default()
    });
    let mut desk = Desk::new();
    desk.trust(test.ca_pem.as_ref().unwrap());
    assert_eq!(desk.run(&["find", "ada"]).code(), "nothing_connected");
    assert_eq!(desk.run(&["sync"]).code(), "nothing_connected");
    desk.connect("Shop", &demo).json();
    desk.connect_as("Shop", &test, "test", &test.origin, &test.key)
        .json();
    desk.run(&["--json", "sync"]).json();

    let asked = desk.run(&["cards"]);
    assert_eq!(asked.code(), "environment_ambiguous");
    assert_eq!(asked.problem()["params"]["envs"], "test and demo");
    assert_eq!(desk.run(&["--env", "live", "cards"]).code(), "nothing_connected");
    for (env, running) in [("demo", &demo), ("test", &test)] {
        let page = desk
            .run(&["--json", "--env", env, "cards", "--limit", "1000"])
            .json();
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), running.token_ids().len());
        assert!(items.iter().all(|card| card["env"] == env));
    }
    // Both are named Shop: the name alone is not enough, with its environment it is.
    assert_eq!(desk.run(&["account", "check", "Shop"]).code(), "account_unknown");
    desk.run(&["--json", "--env", "test", "account", "check", "Shop"])
        .json();

    let cards = desk
        .run(&["--json", "--env", "test", "cards", "state:active"])
        .json();
    let card = text(&cards["items"][0]["id"]);
    assert_eq!(
        desk.run(&["--env", "demo", "card", "show", &card]).code(),
        "card_unknown"
    );
    let change = desk
        .run(&["--json", "--env", "test", "card", "one-click", &card, "off"])
        .json();
    assert_eq!(change["env"], "test");
    assert_eq!(desk.run(&["changes", "push"]).code(), "environment_ambiguous");
    let of_demo = desk.run(&["--json", "--env", "demo", "changes", "push"]).json();
    assert_eq!(of_demo["done"], 0, "who says demo sends nothing of test");
    assert_eq!(
        desk.run(&["--env", "demo", "changes", "discard", &text(&change["id"])])
            .code(),
        "change_unknown"
    );
    assert_eq!(
        desk.run(&["--json", "--env", "test", "changes", "push"]).json()["done"],
        1
    );
}

#[test]
fn the_built_in_demo_needs_no_key_and_keeps_its_edits() {
    let desk = Desk::new();
    let account = desk.run(&["--json", "demo", "start"]).json();
    assert_eq!(
        (&account["env"], &account["built_in_demo"]),
        (&"demo".into(), &true.into())
    );
    assert_eq!(desk.run(&["--json", "demo", "start"]).json()["id"], account["id"]);
    desk.run(&["--json", "sync"]).json();
    let active = desk
        .run(&["--json", "cards", "state:active one-click:on", "--limit", "1"])
        .json();
    let card = text(&active["items"][0]["id"]);
    desk.run(&["card", "deactivate", &card]).words();
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 1);
    // Another process, another sandbox: it answers what was edited.
    desk.run(&["--json", "sync", "--full"]).json();
    let shown = desk.run(&["--json", "card", "show", &card]).json();
    assert_eq!(shown["card"]["provider_state"], "inactive");
}

//! Plans over many cards: looked at first, run with what they ask for, row by row, stopped and gone on with.

use crate::ground::{Desk, everyday_card, sandbox, started, text};
use serde_json::{Value, json};
use tokendesk_sandbox::{Options, Running};

fn fault(running: &Running, rule: Value) {
    running.add_fault(serde_json::from_value(rule).unwrap());
}

fn one_click_on(running: &Running) -> usize {
    let tokens = running.tokens();
    tokens
        .iter()
        .filter(|token| token.state == "ACTIVE" && token.enabled_for_one_click_payment)
        .count()
}

fn plan(desk: &Desk, args: &[&str]) -> Value {
    let mut line = vec!["--json", "plan"];
    line.extend(args);
    desk.run(&line).json()
}

#[test]
fn a_plan_changes_nothing_and_running_it_changes_each_card() {
    let running = sandbox(81);
    let desk = Desk::read(&running);
    let on = one_click_on(&running);
    assert!(on > 5);
    let made = plan(&desk, &["one-click", "off", "state:active"]);
    assert_eq!(made["counts"]["planned"], on);
    assert_eq!(made["confirmation"]["kind"], "nothing", "a demo asks for nothing");
    assert_eq!(
        made["skips"][0]["why"], "already_so",
        "cards without one-click are left out: {made}"
    );
    assert_eq!(one_click_on(&running), on, "nothing was changed");
    assert_eq!(
        desk.run(&["--json", "changes", "list"]).json()["items"],
        json!([])
    );

    let id = text(&made["id"]);
    let ran = desk.run(&["--json", "run", &id]).json();
    assert_eq!(ran["plan"]["status"], "finished");
    assert_eq!(ran["plan"]["counts"]["done"], on);
    assert_eq!(
        ran["items"].as_array().unwrap().len(),
        made["total"].as_u64().unwrap() as usize
    );
    assert_eq!(one_click_on(&running), 0);
    assert_eq!(desk.run(&["run", &id]).code(), "plan_not_ready");
    let again = plan(&desk, &["one-click", "off", "state:active"]);
    assert_eq!(desk.run(&["run", &text(&again["id"])]).code(), "plan_empty");
    let listed = desk.run(&["--json", "plan", "list"]).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
}

#[test]
fn a_row_that_fails_is_told_by_itself_and_fails_the_command() {
    let running = sandbox(82);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let made = plan(&desk, &["one-click", "off", "state:active one-click:on"]);
    let planned = made["counts"]["planned"].as_u64().unwrap();
    fault(
        &running,
        json!({
            "match": {"method": "PATCH", "path_prefix": format!("/payment/tokens/{}", token.id)},
            "times": null, "fault": {"kind": "status", "status": 422}
        }),
    );
    let ran = desk.run(&["--json", "run", &text(&made["id"])]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let answer = ran.out_json();
    assert_eq!(answer["plan"]["counts"]["done"], planned - 1);
    assert_eq!(answer["plan"]["counts"]["stuck"], 1);
    let remote = token.id.to_string();
    let items = answer["items"].as_array().unwrap();
    let failed: Vec<&Value> = items.iter().filter(|row| row["status"] == "stuck").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["remote_id"], remote.as_str());
    assert_eq!(failed[0]["problem"]["code"], "refused_by_provider");
    let words = desk.run(&["plan", "show", &text(&made["id"])]);
    assert!(words.words().contains("1 stuck"), "{}", words.out);
}

#[test]
fn each_row_is_looked_at_again_when_its_turn_comes() {
    let running = sandbox(83);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let card = desk.card(&token);
    let made = plan(&desk, &["one-click", "off", "state:active one-click:on"]);
    desk.run(&["card", "delete", &card, "--yes"]).words();
    let ran = desk.run(&["--json", "run", &text(&made["id"])]).json();
    let items = ran["items"].as_array().unwrap();
    let row = items.iter().find(|row| row["id"] == card.as_str()).unwrap();
    assert_eq!(
        (&row["status"], &row["why"]),
        (&"skipped".into(), &"deletion_waiting".into())
    );
    let now = running.token(token.id).unwrap();
    assert!(now.enabled_for_one_click_payment);
    assert_eq!(now.state, "ACTIVE", "what else is held stays held");
    assert_eq!(
        desk.run(&["--json", "changes", "list"]).json()["items"][0]["status"],
        "held"
    );
}

#[test]
fn a_live_plan_asks_for_the_number_and_a_reason() {
    let running = started(Options {
        customers: 10,
        seed: 84,
        tls: true,
        ..Options::default()
    });
    running.set_switch("environment", "PRODUCTION").unwrap();
    let mut desk = Desk::new();
    desk.trust(running.ca_pem.as_ref().unwrap());
    desk.connect_as("Shop", &running, "live", &running.origin, &running.key)
        .json();
    desk.run(&["--json", "sync"]).json();
    let made = plan(&desk, &["one-click", "off", "state:active one-click:on"]);
    let id = text(&made["id"]);
    let planned = made["counts"]["planned"].as_u64().unwrap();
    assert!(planned > 1);
    assert_eq!(made["confirmation"]["kind"], "count_and_reason");
    assert_eq!(made["confirmation"]["expected"], planned.to_string());
    let count = planned.to_string();
    assert_eq!(desk.run(&["run", &id]).code(), "confirmation_missing");
    assert_eq!(
        desk.run(&["run", &id, "--confirm", "1"]).code(),
        "confirmation_missing"
    );
    assert_eq!(
        desk.run(&["run", &id, "--confirm", &count]).code(),
        "reason_missing"
    );
    let number = desk.run(&["run", &id, "--confirm", &count, "--reason", "4242424242424242"]);
    assert_eq!(number.code(), "card_number");
    let long = "x".repeat(10_000);
    assert_eq!(
        desk.run(&["run", &id, "--confirm", &count, "--reason", &long])
            .code(),
        "reason_too_long"
    );
    assert_eq!(
        desk.run(&["--json", "changes", "list"]).json()["items"],
        json!([]),
        "nothing was queued"
    );
    let ran = desk
        .run(&[
            "--json",
            "run",
            &id,
            "--confirm",
            &count,
            "--reason",
            "asked by the shop",
        ])
        .json();
    assert_eq!(ran["plan"]["counts"]["done"], planned);
    assert_eq!(ran["plan"]["reason"], "asked by the shop");
}

#[test]
fn without_a_network_a_plan_is_queued_and_goes_on_later() {
    let running = sandbox(85);
    let desk = Desk::read(&running);
    let made = plan(&desk, &["one-click", "off", "state:active one-click:on"]);
    let id = text(&made["id"]);
    let planned = made["counts"]["planned"].clone();
    fault(
        &running,
        json!({"match": {}, "times": null, "fault": {"kind": "drop_before_commit"}}),
    );
    let ran = desk.run(&["--json", "run", &id]);
    assert_eq!(ran.code(), "unreachable");
    assert_eq!(ran.out_json()["plan"]["status"], "running");
    assert_eq!(ran.out_json()["plan"]["counts"]["queued"], planned);
    running.clear_faults();
    let ran = desk.run(&["--json", "run", &id]).json();
    assert_eq!(ran["plan"]["counts"]["done"], planned);
}

#[test]
fn a_stopped_plan_takes_back_what_was_not_sent_and_goes_on_with_the_rest() {
    let running = sandbox(86);
    let desk = Desk::read(&running);
    let made = plan(&desk, &["one-click", "off", "state:active one-click:on"]);
    let id = text(&made["id"]);
    let planned = made["counts"]["planned"].clone();
    assert_eq!(desk.run(&["plan", "stop", &id]).code(), "plan_not_ready");
    fault(
        &running,
        json!({"match": {}, "times": null, "fault": {"kind": "drop_before_commit"}}),
    );
    desk.run(&["--json", "run", &id]);
    running.clear_faults();
    let stopped = desk.run(&["--json", "plan", "stop", &id]).json();
    assert_eq!(stopped["status"], "stopped");
    let counts = &stopped["counts"];
    // Those that were tried are on their way and stay there.
    let left = counts["planned"].as_u64().unwrap();
    assert_eq!(
        left + counts["queued"].as_u64().unwrap(),
        planned.as_u64().unwrap()
    );
    assert!(left > 0);
    let ran = desk.run(&["--json", "run", &id]).json();
    assert_eq!(ran["plan"]["counts"]["done"], planned);
}

#[cfg(unix)]
#[test]
fn an_interrupt_stops_a_run_cleanly_and_says_how_to_go_on() {
    let running = sandbox(87);
    let desk = Desk::read(&running);
    let made = plan(&desk, &["one-click", "off", "state:active one-click:on"]);
    let id = text(&made["id"]);
    let planned = made["counts"]["planned"].as_u64().unwrap();
    fault(
        &running,
        json!({"match": {"method": "PATCH"}, "times": null, "fault": {"kind": "latency", "ms": 700}}),
    );
    let child = desk.start(&["--json", "run", &id]);
    while one_click_on(&running) as u64 == planned {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let said = crate::ground::Said::of(child.wait_with_output().unwrap());
    assert_eq!(said.code(), "stopped");
    assert!(text(&said.problem()["hint"]).contains(&id), "{}", said.err);
    running.clear_faults();
    let left = one_click_on(&running) as u64;
    assert!(left > 0 && left < planned, "{left} of {planned}");
    let ran = desk.run(&["--json", "run", &id]).json();
    assert_eq!(ran["plan"]["counts"]["done"], planned);
    assert_eq!(one_click_on(&running), 0);
}

#[test]
fn an_untaught_account_is_asked_with_one_card_first() {
    let running = sandbox(88);
    let desk = Desk::read(&running);
    let made = plan(&desk, &["deactivate", "state:active"]);
    assert_eq!(made["accounts"][0]["learns_first"], true);
    let ran = desk.run(&["--json", "run", &text(&made["id"])]);
    assert_eq!(ran.code, Some(1));
    let counts = &ran.out_json()["plan"]["counts"];
    assert_eq!(
        counts["stuck"], 1,
        "the sandbox ignores states: one card found out"
    );
    assert_eq!(counts["skipped"], made["counts"]["planned"].as_u64().unwrap() - 1);
}

#[test]
fn what_is_not_a_plan_is_said_so() {
    let running = sandbox(89);
    let desk = Desk::read(&running);
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (args, code) in [
        (["plan", "show", nobody].as_slice(), "plan_unknown"),
        (&["plan", "stop", "12"], "plan_unknown"),
        (&["run", nobody], "plan_unknown"),
        (&["plan", "delete", "nobody-is-called-this"], "plan_empty"),
        (&["plan", "delete", "state:green"], "filter_invalid"),
        (&["plan", "delete", "4111111111111111"], "card_number"),
    ] {
        assert_eq!(desk.run(args).code(), code, "{args:?}");
    }
}

//! Connecting an account: what is refused, before or after asking the payment system, and that nothing stays behind.

use crate::ground::{Desk, sandbox, started, text};
use tokendesk_sandbox::{Fault, FaultMatch, FaultRule, Options, Running};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn accounts(desk: &Desk) -> usize {
    let list = desk.run(&["--json", "account", "list"]).json();
    list["items"].as_array().unwrap().len()
}

#[test]
fn an_account_is_connected_tested_and_removed() {
    let running = sandbox(1);
    let desk = Desk::new();
    let account = desk.connect("Shop CH", &running).json();
    assert_eq!(account["env"], "demo");
    assert_eq!(account["space"], running.space);
    let id = text(&account["id"]);

    let check = desk.run(&["--json", "account", "check", "Shop CH"]).json();
    assert_eq!(check["works"], true);
    let words = desk.run(&["account", "check", &id]);
    assert!(words.words().contains("Shop CH works."), "{}", words.out);

    desk.run(&["account", "remove", "Shop CH"]).words();
    assert_eq!(accounts(&desk), 0);
    assert_eq!(desk.run(&["account", "check", &id]).code(), "account_unknown");
}

#[test]
fn what_cannot_be_right_is_refused_before_anybody_is_asked() {
    let desk = Desk::new();
    let refused = |host: &str, space: &str, user: &str, env: &str, key: &str| {
        let said = desk.add("Shop", env, host, space, user, key);
        (said.code(), said.problem()["field"].clone())
    };
    let good = "app-wallee.invalid";
    for (host, space, user, env, key, code, field) in [
        (
            "http://app-wallee.com",
            "405",
            "512",
            "test",
            KEY,
            "host_not_https",
            "host",
        ),
        (
            "http://app-wallee.com",
            "405",
            "512",
            "live",
            KEY,
            "host_not_https",
            "host",
        ),
        (
            "app-wallee.com/space",
            "405",
            "512",
            "test",
            KEY,
            "host_malformed",
            "host",
        ),
        (
            "https://app-wallee.com",
            "405",
            "512",
            "demo",
            KEY,
            "host_not_loopback",
            "host",
        ),
        (good, "four", "512", "test", KEY, "field_invalid", "space"),
        (good, "405", "", "test", KEY, "field_invalid", "user"),
        (good, "405", "512", "test", "not base64!", "key_malformed", "key"),
        (good, "405", "512", "test", "", "key_malformed", "key"),
        (
            good,
            "405",
            "512",
            "test",
            "4111111111111111",
            "card_number",
            "key",
        ),
    ] {
        assert_eq!(
            refused(host, space, user, env, key),
            (code.to_owned(), field.into()),
            "{host} {space} {user}"
        );
    }
    assert_eq!(accounts(&desk), 0);
}

#[test]
fn a_host_that_nobody_has_cannot_be_reached() {
    let desk = Desk::new();
    // A bare name means https; names under `invalid` exist nowhere.
    let said = desk.add("Shop", "test", "tokendesk.invalid", "405", "512", KEY);
    assert_eq!(said.code(), "unreachable");
    assert_eq!(said.problem()["retryable"], true);
    assert_eq!(accounts(&desk), 0);
}

#[test]
fn the_payment_systems_refusals_are_told_apart() {
    let running = sandbox(2);
    let desk = Desk::new();
    let connect = |key: &str| {
        desk.connect_as("Shop", &running, "demo", &running.origin, key)
            .code()
    };

    assert_eq!(connect(KEY), "credentials_rejected");
    let space = desk.add("Shop", "demo", &running.origin, "7", &running.user, &running.key);
    assert_eq!(space.code(), "forbidden");

    running.set_switch("clock_offset_seconds", "600").unwrap();
    let said = desk.connect("Shop", &running);
    assert_eq!(said.code(), "clock_skew");
    assert_eq!(said.problem()["params"]["minutes"], "10");
    running.set_switch("clock_offset_seconds", "0").unwrap();

    running.set_switch("may_read", "off").unwrap();
    assert_eq!(connect(&running.key), "forbidden");
    running.set_switch("may_read", "on").unwrap();

    running.add_fault(FaultRule {
        when: FaultMatch::default(),
        times: None,
        fault: Fault::NonJson,
    });
    assert_eq!(connect(&running.key), "answer_unreadable");
    running.clear_faults();

    assert_eq!(accounts(&desk), 0);
    desk.connect("Shop", &running).json();
    let again = desk.connect("The same shop", &running);
    assert_eq!(again.code(), "account_exists");
    assert_eq!(again.problem()["params"]["label"], "Shop");
    assert_eq!(accounts(&desk), 1);
}

#[test]
fn answers_in_odd_shapes_are_read() {
    let running = sandbox(3);
    for switch in ["ids_as_strings", "unknown_enum"] {
        running.set_switch(switch, "on").unwrap();
    }
    let desk = Desk::read(&running);
    let token = running.tokens().pop().unwrap();
    let card = desk.card(&token);
    let shown = desk.run(&["--json", "card", "show", &card]).json();
    assert_eq!(shown["card"]["remote_id"], token.id.to_string());
}

#[test]
fn nothing_a_person_typed_is_repeated() {
    let running = sandbox(4);
    let desk = Desk::new();
    let said = desk.connect("Shop", &running);
    assert!(!said.shows(&running.key));
    let label = desk.add(
        "4111 1111 1111 1111",
        "demo",
        &running.origin,
        "1",
        "1",
        &running.key,
    );
    assert_eq!(label.code(), "card_number");
    assert!(!label.shows("4111"));
    let wrong = desk.connect_as("Shop", &running, "demo", &running.origin, "4111111111111111");
    assert!(!wrong.shows("4111"));
}

fn production(environment: &str) -> Running {
    let running = started(Options {
        customers: 20,
        seed: 5,
        tls: true,
        ..Options::default()
    });
    running.set_switch("environment", environment).unwrap();
    running
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    let running = production("TEST");
    let desk = Desk::new();
    let said = desk.connect_as("Shop", &running, "test", &running.origin, &running.key);
    assert_eq!(said.code(), "tls_failed");
}

#[test]
fn a_live_space_is_not_named_test_and_its_cards_are_deleted_with_confirmation_only() {
    let running = production("PRODUCTION");
    let mut desk = Desk::new();
    desk.trust(running.ca_pem.as_ref().unwrap());
    let said = desk.connect_as("Shop", &running, "test", &running.origin, &running.key);
    assert_eq!(said.code(), "environment_contradicted");

    let account = desk
        .connect_as("Shop", &running, "live", &running.origin, &running.key)
        .json();
    assert_eq!(account["env"], "live");
    desk.run(&["--json", "sync"]).json();
    let token = crate::ground::everyday_card(&running);
    let card = desk.card(&token);
    let refused = desk.run(&["card", "delete", &card, "--yes"]);
    assert_eq!(refused.code(), "confirmation_missing");
    let wrong = desk.run(&["card", "delete", &card, "--yes", "--confirm", "0"]);
    assert_eq!(wrong.code(), "confirmation_missing");
    let wanted = text(&desk.run(&["--json", "card", "show", &card]).json()["deletion"]["confirmation"]);
    let change = desk
        .run(&["--json", "card", "delete", &card, "--yes", "--confirm", &wanted])
        .json();
    assert_eq!(change["wish"], "delete");
    assert_eq!(running.token(token.id).unwrap().state, "ACTIVE");
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 1);
    assert_eq!(running.token(token.id).unwrap().state, "DELETING");
}

//! The five payment systems: connecting each, its test in words, what it can do, resting and removing.

use crate::five::{ALL, credentials, line, prisms_tokens, shop, zafapays_customers};
use crate::ground::{Desk, Said, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokendesk_sandbox::{Options, People};

/// What the test of each connection looks at.
fn looked_at(name: &str) -> &'static [&'static str] {
    match name {
        "wallee" => &[
            "Reached",
            "Key accepted",
            "What the key opens",
            "May read cards",
            "Clocks agree",
        ],
        "processout" => &[
            "Reached",
            "Key accepted",
            "May read customers",
            "May read cards",
            "May read events",
        ],
        "komoju" => &[
            "Reached",
            "Key accepted",
            "May read customers",
            "May read events",
            "Publishable key",
        ],
        "zafapay" => &["Reached", "Key accepted", "May read cards"],
        _ => &["Reached", "Connector and its credentials"],
    }
}

#[test]
fn each_system_is_connected_and_its_test_is_told_in_words() {
    let shop = shop(71);
    let desk = Desk::new();
    for name in ALL {
        let secret = credentials(&shop.system(name), name).1;
        let said = desk.connect_system(&shop, name);
        assert!(!said.shows(&secret), "{name}");
        let account = said.json();
        assert_eq!(
            (&account["provider"], &account["env"]),
            (&name.into(), &"demo".into())
        );
        assert_eq!(account["has_bench"], true, "{name}");

        let check = desk.run(&["account", "check", name]);
        let words = check.words();
        for step in looked_at(name) {
            let told = words.lines().find(|line| line.starts_with(step));
            assert!(
                told.is_some_and(|line| line.contains("works")),
                "{name}: {step} in\n{words}"
            );
        }
        assert!(words.ends_with(&format!("{name} works.\n")), "{words}");
        assert!(!check.shows(&secret), "{name}");
    }
    // Each its own line; where customers are imported it says that nothing is there yet.
    let list = desk.run(&["account", "list"]);
    for (name, says) in [
        ("processout", "ProcessOut, project test-proj_"),
        ("komoju", "not read yet"),
        ("zafapay", "nothing imported yet"),
        ("prism", "nothing imported yet"),
        ("prism", "Prism, Stripe"),
    ] {
        let row = list.words().lines().find(|line| line.starts_with(name)).unwrap();
        assert!(row.contains(says), "{row}");
    }
}

#[test]
fn what_an_account_can_do_is_told_with_what_carries_it() {
    let shop = shop(72);
    let desk = Desk::of_five(&shop);
    for (name, one_click, active, delete, default) in [
        ("wallee", "native", "asked_and_proven", "asynchronous", "none"),
        ("processout", "metadata", "metadata", "native", "native"),
        ("komoju", "metadata", "metadata", "customer_record", "none"),
        ("zafapay", "desk_only", "native", "block_instead", "read_only"),
        ("prism", "desk_only", "desk_only", "desk_only", "none"),
    ] {
        let account = desk.run(&["--json", "account", "can", name]).json();
        let lines = &account["capabilities"];
        for (what, carrier) in [
            ("one_click", one_click),
            ("active", active),
            ("delete", delete),
            ("default_card", default),
        ] {
            assert_eq!(line(lines, "what", what)["carrier"], carrier, "{name}: {what}");
        }
        let said = desk.run(&["account", "can", name]);
        for line in lines.as_array().unwrap() {
            for told in ["tag", "says"] {
                assert!(
                    said.words().contains(&text(&line[told])),
                    "{line} in\n{}",
                    said.out
                );
            }
        }
        for what in [
            "One-click: ",
            "Active and inactive: ",
            "Deleting: ",
            "Edits by others: ",
        ] {
            assert!(said.words().contains(what), "{what} in\n{}", said.out);
        }
    }
}

#[test]
fn what_can_be_connected_is_listed_with_what_each_asks_for() {
    let desk = Desk::new();
    let listed = desk.run(&["--json", "account", "systems"]).json();
    let names: Vec<&str> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|system| system["provider"].as_str().unwrap())
        .collect();
    assert_eq!(names, ALL);
    let said = desk.run(&["account", "systems"]);
    let add = desk.run(&["account", "add", "--help"]);
    for line in said
        .words()
        .lines()
        .filter(|line| line.trim_start().starts_with("--"))
    {
        let option = line.split_whitespace().next().unwrap();
        assert!(
            add.words().contains(option),
            "{option} is an option of account add"
        );
    }
    for told in [
        "komoju.com",
        "api.sandbox.zafapay.com for test",
        "--project",
        "One of stripe, adyen, ",
    ] {
        assert!(said.words().contains(told), "{told} in\n{}", said.out);
    }
}

/// One attempt to connect: arguments after `--label`, and what is typed.
fn attempt(desk: &Desk, provider: &str, env: &str, more: &[&str], secret: &str) -> Said {
    let mut args = vec![
        "--json", "account", "add", provider, "--label", "Shop", "--env", env,
    ];
    args.extend(more);
    desk.run_with(&args, secret)
}

#[test]
fn what_cannot_be_right_is_refused_by_its_field_and_never_repeated() {
    let desk = Desk::new();
    let project = ["--project", "test-proj_a1"];
    let elsewhere = ["--host", "pay.example.com", "--project", "test-proj_a1"];
    let server = ["--host", "https://prism.example.com", "--connector", "stripe"];
    let stripe = r#"{"api_key":"sk_test_a1b2c3"}"#;
    let led_away = r#"{"api_key":"sk_test_a1b2c3","base_url":"https://elsewhere.example.com/"}"#;
    for (provider, env, more, secret, code, field) in [
        (
            "paypal",
            "test",
            &[][..],
            "a-secret-1",
            "field_invalid",
            "provider",
        ),
        ("processout", "test", &[], "a-secret-2", "field_invalid", "space"),
        (
            "processout",
            "live",
            &project,
            "key_live_3",
            "environment_contradicted",
            "space",
        ),
        (
            "processout",
            "test",
            &project,
            "key_live_4",
            "environment_contradicted",
            "key",
        ),
        (
            "processout",
            "test",
            &project,
            "test-proj_a5",
            "wrong_key_kind",
            "key",
        ),
        (
            "processout",
            "test",
            &elsewhere,
            "key_test_6",
            "field_invalid",
            "host",
        ),
        ("komoju", "test", &[], "pk_test_a7", "wrong_key_kind", "key"),
        (
            "komoju",
            "test",
            &[],
            "sk_live_a8",
            "environment_contradicted",
            "key",
        ),
        (
            "komoju",
            "live",
            &[],
            "sk_test_a9",
            "environment_contradicted",
            "key",
        ),
        (
            "komoju",
            "test",
            &["--publishable-key", "sk_test_a10"],
            "sk_test_a11",
            "wrong_key_kind",
            "publishable_key",
        ),
        ("zafapay", "test", &[], "pk_test_a12", "wrong_key_kind", "key"),
        (
            "zafapay",
            "live",
            &["--publishable-key", "pk_test_a13"],
            "token-14",
            "environment_contradicted",
            "publishable_key",
        ),
        (
            "zafapay",
            "test",
            &["--host", "api.zafapay.com"],
            "token-15",
            "field_invalid",
            "host",
        ),
        (
            "prism",
            "test",
            &["--host", "https://prism.example.com", "--connector", "paypal"],
            stripe,
            "field_invalid",
            "connector",
        ),
        ("prism", "test", &server, "not-json-16", "key_malformed", "key"),
        (
            "prism",
            "test",
            &server,
            r#"{"api_key":"sk_live_a17"}"#,
            "environment_contradicted",
            "key",
        ),
        ("prism", "test", &server, led_away, "field_invalid", "key"),
        (
            "prism",
            "test",
            &["--host", "http://203.0.113.9:8000", "--connector", "stripe"],
            stripe,
            "host_not_https",
            "host",
        ),
        (
            "prism",
            "live",
            &["--host", "http://10.0.0.4:8000", "--connector", "stripe"],
            stripe,
            "host_not_https",
            "host",
        ),
    ] {
        let said = attempt(&desk, provider, env, more, secret);
        assert_eq!(
            (said.code().as_str(), &said.problem()["field"]),
            (code, &Value::from(field)),
            "{provider} {more:?}: {}",
            said.err
        );
        assert!(!said.shows(secret), "{provider}: {}", said.err);
    }
    let accounts = desk.run(&["--json", "account", "list"]).json();
    assert_eq!(accounts["items"], Value::Array(Vec::new()));
}

#[test]
fn a_key_that_is_not_accepted_leaves_nothing_behind_and_is_replaced_later() {
    let shop = shop(73);
    let desk = Desk::new();
    for (name, wrong) in [
        ("processout", "key_sandbox_invented"),
        ("komoju", "sk_test_invented"),
        ("zafapay", "invented"),
    ] {
        let (args, right) = credentials(&shop.system(name), name);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let said = attempt(&desk, name, "demo", &args, wrong);
        assert_eq!(said.code(), "credentials_rejected", "{name}");
        assert_eq!(
            desk.run(&["--json", "account", "list"]).json()["items"],
            Value::Array(Vec::new())
        );

        attempt(&desk, name, "demo", &args, &right).json();
        let again = attempt(&desk, name, "demo", &args, &right);
        assert_eq!(again.code(), "account_exists", "{name}");
        let refused = desk.run_with(&["account", "replace", "Shop"], wrong);
        assert_eq!(refused.code(), "credentials_rejected", "{name}");
        let replaced = desk.run_with(&["account", "replace", "Shop"], &right);
        assert!(replaced.words().contains("Shop"), "{}", replaced.out);
        assert!(!replaced.shows(&right));
        desk.run(&["account", "remove", "Shop"]).words();
    }
}

#[test]
fn one_search_finds_a_person_over_all_five() {
    let shop = crate::ground::started(Options {
        customers: 12,
        seed: 74,
        systems: Options::all_systems(),
        people: People::Shared,
        ..Options::default()
    });
    let desk = Desk::of_five(&shop);
    desk.import("zafapay", zafapays_customers(&shop).as_bytes(), &[])
        .json();
    desk.import("prism", prisms_tokens(&shop).as_bytes(), &[]).json();
    let summary = desk.run(&["--json", "sync"]).json();
    for row in summary["items"].as_array().unwrap() {
        assert_eq!(row["problem"], Value::Null, "{row}");
    }

    let cards = desk.run(&["--json", "cards", "--limit", "1000"]).json();
    let mut of_people: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for card in cards["items"].as_array().unwrap() {
        if let Some(email) = card["email"].as_str() {
            let systems = of_people.entry(email.to_lowercase()).or_default();
            systems.insert(text(&card["provider"]));
        }
    }
    let everywhere = of_people
        .into_iter()
        .find(|(_, systems)| systems.len() == ALL.len());
    let (email, _) = everywhere.expect("somebody has cards everywhere");
    let said = desk.run(&["find", &email]);
    assert!(said.words().contains(&email), "{}", said.out);
    for name in ALL {
        assert!(
            said.words().contains(&format!("Searched {name}: ")),
            "{}",
            said.out
        );
        let cards = desk.run(&["--json", "cards", "--account", name, &email]).json();
        let card = &cards["items"][0];
        let written = text(&card["email"]).to_lowercase();
        assert_eq!(
            (&card["provider"], written.as_str()),
            (&name.into(), email.as_str())
        );
        let shown = desk.run(&["card", "show", &text(&card["id"])]);
        let space = shown.words().lines().any(|line| line.starts_with("Linked space"));
        assert_eq!(
            space,
            name == "wallee",
            "only what a system tells is listed\n{}",
            shown.out
        );
    }
}

#[test]
fn an_account_that_a_person_paused_is_left_alone_and_a_test_does_not_end_that() {
    let shop = shop(75);
    let desk = Desk::of_five(&shop);
    let komoju = shop.system("komoju");
    let paused = desk.run(&["account", "pause", "komoju"]);
    assert!(paused.words().contains("komoju rests"), "{}", paused.out);
    desk.run(&["account", "check", "komoju"]).words();
    let list = desk.run(&["--json", "account", "list"]).json();
    assert_eq!(line(&list["items"], "label", "komoju")["paused_by_person"], true);

    let before = komoju.requests();
    let all = desk.run(&["--json", "sync"]).json();
    let row = line(&all["items"], "label", "komoju");
    assert_eq!((&row["rows"], &row["problem"]), (&Value::Null, &Value::Null));
    let words = desk.run(&["sync"]);
    assert!(
        words.words().contains("komoju: paused, not read."),
        "{}",
        words.out
    );
    let named = desk.run(&["--json", "sync", "--account", "komoju"]);
    assert_eq!(named.problem()["title"], "komoju is paused");
    assert_eq!(komoju.requests(), before, "nothing was asked");

    assert!(
        desk.run(&["account", "resume", "komoju"])
            .words()
            .contains("goes on")
    );
    let row = desk.run(&["--json", "sync", "--account", "komoju"]).json()["items"][0].clone();
    assert_eq!(row["cards"], 12);
}

#[test]
fn a_read_only_account_takes_no_wish_and_one_with_changes_goes_only_when_told() {
    let shop = shop(76);
    let desk = Desk::of_five(&shop);
    desk.run(&["--json", "sync", "--account", "komoju"]).json();
    let page = desk.run(&["--json", "cards", "--account", "komoju"]).json();
    let card = text(&page["items"][0]["id"]);

    let said = desk.run(&["account", "read-only", "komoju", "on"]);
    assert!(said.words().contains("komoju is read-only"), "{}", said.out);
    assert_eq!(
        desk.run(&["card", "one-click", &card, "off"]).code(),
        "read_only_account"
    );
    assert_eq!(desk.run(&["flow", "list", "komoju"]).code(), "read_only_account");
    assert!(desk.run(&["account", "list"]).words().contains("read-only"));
    desk.run(&["account", "read-only", "komoju", "off"]).words();

    desk.run(&["card", "one-click", &card, "off"]).words();
    assert_eq!(
        desk.run(&["account", "remove", "komoju"]).code(),
        "account_has_open_changes"
    );
    let removed = desk.run(&["account", "remove", "komoju", "--discard-changes"]);
    let words = removed.words();
    assert!(words.contains("12 cards, 1 change given up"), "{words}");
    assert!(words.contains("What the log says of it stays"), "{words}");
    assert_eq!(shop.system("komoju").writes().len(), 0, "nothing was sent");
    let list = desk.run(&["--json", "account", "list"]).json();
    assert_eq!(list["items"].as_array().unwrap().len(), ALL.len() - 1);
    assert!(
        desk.run(&["log", "list"])
            .words()
            .contains("Connected an account")
    );
}

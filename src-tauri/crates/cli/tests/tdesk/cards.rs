//! The main job: find somebody, see their cards, change them, and see it at the payment system.

use crate::ground::{Desk, everyday_card, sandbox, text};
use tokendesk_sandbox::{EditRequest, NewTokenRequest};

#[test]
fn one_click_off_reaches_the_payment_system() {
    let running = sandbox(11);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let email = token.customer_email_address.clone().unwrap();

    let middle = &email[2..email.len() - 2];
    let found = desk.run(&["--json", "find", middle]).json();
    let people = found["items"].as_array().unwrap();
    assert!(
        people
            .iter()
            .any(|person| person["email"].as_str() == Some(email.as_str()))
    );
    assert!(desk.run(&["find", middle]).words().contains(&email));

    let card = desk.card(&token);
    let change = desk.run(&["--json", "card", "one-click", &card, "off"]).json();
    assert_eq!(
        (&change["status"], &change["value"]),
        (&"held".into(), &false.into())
    );
    assert!(
        running.token(token.id).unwrap().enabled_for_one_click_payment,
        "queued, not sent"
    );
    let shown = desk.run(&["--json", "card", "show", &card]).json();
    assert_eq!(shown["card"]["one_click"], false);
    assert_eq!(shown["card"]["provider_one_click"], true);

    let pushed = desk.run(&["--json", "changes", "push"]).json();
    assert_eq!(
        (&pushed["done"], &pushed["waiting"]),
        (&1.into(), &0.into()),
        "a push ends the hold"
    );
    let now = running.token(token.id).unwrap();
    assert!(!now.enabled_for_one_click_payment);
    assert!(now.version > token.version);
    let shown = desk.run(&["--json", "card", "show", &card]).json();
    assert_eq!(shown["card"]["provider_one_click"], false);
    assert_eq!(shown["card"]["version"], now.version);
    assert_eq!(shown["card"]["pending"], serde_json::json!([]));
}

#[test]
fn what_somebody_else_changed_meanwhile_stays() {
    let running = sandbox(12);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let card = desk.card(&token);
    desk.run(&["card", "one-click", &card, "off"]).words();
    running
        .edit(EditRequest {
            id: token.id,
            token_reference: Some(Some("renamed elsewhere".to_owned())),
            ..EditRequest::default()
        })
        .ok()
        .unwrap();
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 1);
    let now = running.token(token.id).unwrap();
    assert_eq!(now.token_reference.as_deref(), Some("renamed elsewhere"));
    assert!(!now.enabled_for_one_click_payment);
}

#[test]
fn a_state_that_is_ignored_is_said_so_and_can_be_tried_again() {
    let running = sandbox(13);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let card = desk.card(&token);

    desk.run(&["card", "deactivate", &card, "--reason", "asked by phone"])
        .words();
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["stuck"], 1);
    let stuck = desk.run(&["--json", "changes", "list"]).json()["items"][0].clone();
    assert_eq!(
        (&stuck["status"], &stuck["why"]),
        (&"stuck".into(), &"ignored".into())
    );
    assert_eq!(stuck["reason"], "asked by phone");
    assert_eq!(stuck["problem"]["code"], "not_possible_here");
    let words = desk.run(&["changes", "list"]);
    assert!(words.words().contains("deactivate"), "{}", words.out);
    assert_eq!(
        desk.run(&["card", "deactivate", &card]).code(),
        "not_possible_here"
    );

    desk.run(&["account", "forget-lesson", "Shop CH"]).words();
    running.set_switch("state_patch", "accepts").unwrap();
    desk.run(&["changes", "retry", &text(&stuck["id"])]).words();
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 1);
    assert_eq!(running.token(token.id).unwrap().state, "INACTIVE");
    desk.run(&["card", "activate", &card]).words();
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 1);
    assert_eq!(running.token(token.id).unwrap().state, "ACTIVE");
    assert_eq!(
        desk.run(&["--json", "changes", "list"]).json()["items"],
        serde_json::json!([])
    );
    let all = desk.run(&["--json", "changes", "list", "--all"]).json();
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
}

#[test]
fn a_deleting_card_is_not_switched() {
    let running = sandbox(14);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let card = desk.card(&token);
    desk.run(&["card", "delete", &card, "--yes"]).words();
    assert_eq!(
        desk.run(&["card", "one-click", &card, "off"]).code(),
        "card_not_switchable"
    );
    assert_eq!(
        running.token(token.id).unwrap().state,
        "ACTIVE",
        "queued, not sent"
    );
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 1);
    assert_eq!(running.token(token.id).unwrap().state, "DELETING");
    for args in [
        ["card", "one-click", &card, "on"].as_slice(),
        &["card", "activate", &card],
        &["card", "delete", &card, "--yes"],
    ] {
        assert_eq!(desk.run(args).code(), "card_not_switchable", "{args:?}");
    }
}

#[test]
fn a_change_is_taken_back_before_it_is_sent_and_not_after() {
    let running = sandbox(15);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let card = desk.card(&token);
    let change = text(&desk.run(&["--json", "card", "one-click", &card, "off"]).json()["id"]);
    assert_eq!(
        desk.run(&["account", "remove", "Shop CH"]).code(),
        "account_has_open_changes"
    );
    let back = desk.run(&["--json", "changes", "discard", &change]).json();
    assert_eq!(back["status"], "withdrawn");
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 0);
    assert!(running.token(token.id).unwrap().enabled_for_one_click_payment);
    assert_eq!(
        desk.run(&["changes", "retry", &change]).code(),
        "change_not_stuck"
    );

    let again = desk.run(&["--json", "card", "one-click", &card, "off"]).json();
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 1);
    assert_eq!(
        desk.run(&["changes", "discard", &text(&again["id"])]).code(),
        "change_too_late"
    );
}

#[test]
fn what_is_not_here_is_said_so() {
    let running = sandbox(16);
    let desk = Desk::read(&running);
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (args, code) in [
        (["card", "show", nobody].as_slice(), "card_unknown"),
        (&["card", "show", "12"], "card_unknown"),
        (&["card", "one-click", nobody, "off"], "card_unknown"),
        (&["card", "delete", nobody, "--yes"], "card_unknown"),
        (&["changes", "discard", nobody], "change_unknown"),
        (&["account", "check", "Shop DE"], "account_unknown"),
        (&["sync", "--account", "Shop DE"], "account_unknown"),
        (&["cards", "--after", "nonsense"], "cursor_invalid"),
        (&["find", "ada", "--after", "nonsense"], "cursor_invalid"),
        (&["find", "state:green"], "filter_invalid"),
    ] {
        assert_eq!(desk.run(args).code(), code, "{args:?}");
    }
    let token = everyday_card(&running);
    let card = desk.card(&token);
    let long = "x".repeat(256);
    assert_eq!(
        desk.run(&["card", "deactivate", &card, "--reason", &long]).code(),
        "reason_too_long"
    );
    let number = desk.run(&["card", "deactivate", &card, "--reason", "4242 4242 4242 4242"]);
    assert_eq!(number.code(), "card_number");
    assert!(!number.shows("4242"));
}

#[test]
fn signs_in_a_search_mean_themselves() {
    let running = sandbox(17);
    let desk = Desk::read(&running);
    for typed in [
        "\"",
        "%",
        "_",
        "*",
        "[",
        "a OR b",
        "NEAR(a b)",
        "-x:y",
        "a",
        "佐藤",
        "🙂",
        "' --",
    ] {
        let found = desk.run(&["--json", "find", "--", typed]).json();
        assert!(found["items"].is_array(), "{typed}");
    }
    let card_number = desk.run(&["find", "4111", "1111", "1111", "1111"]);
    assert_eq!(card_number.code(), "card_number");
    assert!(!card_number.shows("1111"));
    assert_eq!(desk.run(&["find", &"a".repeat(10_000)]).code(), "query_too_long");
    desk.run(&["--json", "find", "1456765125779"]).json();
}

#[test]
fn pages_join_without_gap_or_repeat() {
    let running = sandbox(18);
    let desk = Desk::read(&running);
    let whole = desk.run(&["--json", "cards", "--limit", "1000"]).json();
    let ids = |page: &serde_json::Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|card| text(&card["id"])).collect()
    };
    let mut joined = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut args = vec!["--json", "cards", "--limit", "40"];
        if let Some(after) = &after {
            args.extend(["--after", after]);
        }
        let page = desk.run(&args).json();
        joined.extend(ids(&page));
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(joined, ids(&whole));
    assert_eq!(joined.len(), running.token_ids().len());
}

#[test]
fn a_strangers_name_cannot_steer_the_terminal() {
    let running = sandbox(19);
    running
        .add_token(NewTokenRequest {
            customer_id: Some("c\u{1b}]0;title\u{7}".to_owned()),
            email: Some("steering\u{1b}[2J@example.com".to_owned()),
            ..NewTokenRequest::default()
        })
        .ok()
        .unwrap();
    let desk = Desk::read(&running);
    for args in [["find", "steering"].as_slice(), &["cards", "steering"]] {
        let said = desk.run(args);
        assert!(said.words().contains("steering"), "{args:?}");
        assert!(!said.out.contains(['\u{1b}', '\u{7}']), "{args:?}");
    }
}

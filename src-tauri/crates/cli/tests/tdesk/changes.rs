//! Changes on their way: held until they are sent, taken back, decided when they collide.

use crate::ground::{Desk, everyday_card, sandbox, text};
use serde_json::Value;
use tokendesk_sandbox::EditRequest;

fn flip(running: &tokendesk_sandbox::Running, edit: EditRequest) {
    running.edit(edit).ok().unwrap();
}

#[test]
fn a_change_is_held_until_it_is_pushed_and_can_be_undone_until_then() {
    let running = sandbox(71);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let card = desk.card(&token);
    let change = desk.run(&["--json", "card", "one-click", &card, "off"]).json();
    assert_eq!(change["status"], "held");
    assert_eq!(
        change["hold"]["left_ms"], 0,
        "nothing counts down without a window"
    );
    assert_eq!(change["can_undo"], true);
    let listed = desk.run(&["changes", "list"]);
    assert!(listed.words().contains("held"), "{}", listed.out);

    let id = text(&change["id"]);
    let undone = desk.run(&["--json", "changes", "undo", &id]).json();
    assert_eq!(
        (&undone["status"], &undone["why"]),
        (&"withdrawn".into(), &"undo".into())
    );
    assert_eq!(
        desk.run(&["--json", "changes", "undo", &id]).json()["why"],
        "undo",
        "twice is as good as once"
    );
    let shown = desk.run(&["--json", "card", "show", &card]).json();
    assert_eq!(shown["card"]["one_click"], true);
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 0);
    assert!(running.token(token.id).unwrap().enabled_for_one_click_payment);
}

#[test]
fn what_an_undone_change_replaced_stands_again() {
    let running = sandbox(72);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let card = desk.card(&token);
    let switched = desk.run(&["--json", "card", "one-click", &card, "off"]).json();
    let deleted = desk.run(&["--json", "card", "delete", &card, "--yes"]).json();
    let first = text(&switched["id"]);
    let too_late = desk.run(&["changes", "undo", &first]).problem();
    assert_eq!(too_late["code"], "change_too_late");
    assert_eq!(
        too_late["hint"],
        "Undo the newer one: this one then stands again."
    );
    desk.run(&["changes", "undo", &text(&deleted["id"])]).words();
    let open = desk.run(&["--json", "changes", "list"]).json();
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&open["items"][0]["id"], &open["items"][0]["status"]),
        (&switched["id"], &"held".into())
    );
}

#[test]
fn undo_after_sending_says_what_can_be_done_now() {
    let running = sandbox(73);
    let desk = Desk::read(&running);
    let card = desk.card(&everyday_card(&running));
    let change = desk.run(&["--json", "card", "one-click", &card, "off"]).json();
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 1);
    let id = text(&change["id"]);
    let problem = desk.run(&["changes", "undo", &id]).problem();
    assert_eq!(problem["code"], "change_too_late");
    assert_eq!(problem["hint"], "Switch it back with a change of its own.");
    assert_eq!(
        desk.run(&["changes", "resolve", &id, "--keep", "mine"]).code(),
        "change_not_in_conflict"
    );
}

fn in_conflict(desk: &Desk, running: &tokendesk_sandbox::Running) -> (u64, Value) {
    let token = everyday_card(running);
    let card = desk.card(&token);
    // Decided against what this desk knows, which is not what the provider has by now.
    flip(
        running,
        EditRequest {
            id: token.id,
            state: Some("INACTIVE".to_owned()),
            ..EditRequest::default()
        },
    );
    desk.run(&["--json", "sync", "--full"]).json();
    desk.run(&["card", "delete", &card, "--yes"]).words();
    flip(
        running,
        EditRequest {
            id: token.id,
            state: Some("ACTIVE".to_owned()),
            ..EditRequest::default()
        },
    );
    let pushed = desk.run(&["--json", "changes", "push"]).json();
    assert_eq!((&pushed["done"], &pushed["conflicts"]), (&0.into(), &1.into()));
    let change = desk.run(&["--json", "changes", "list"]).json()["items"][0].clone();
    (token.id, change)
}

#[test]
fn a_conflict_is_shown_with_both_sides_and_mine_can_be_kept() {
    let running = sandbox(74);
    let desk = Desk::read(&running);
    let (token, change) = in_conflict(&desk, &running);
    assert_eq!(
        (&change["status"], &change["why"]),
        (&"conflict".into(), &"reactivated".into())
    );
    let conflict = &change["conflict"];
    assert_eq!(conflict["decided"]["state"], "inactive");
    assert_eq!(conflict["now"]["state"], "active");
    assert_eq!(conflict["can_keep_mine"], true);
    let steps: Vec<String> = conflict["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| text(&step["kind"]))
        .collect();
    assert_eq!(steps.first().map(String::as_str), Some("decided"));
    assert_eq!(steps.last().map(String::as_str), Some("found"));
    let times: Vec<String> = conflict["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| text(&step["at"]))
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    let words = desk.run(&["changes", "list"]);
    assert!(words.words().contains("Keep mine: delete it"), "{}", words.out);
    assert!(words.words().contains("--keep theirs"), "{}", words.out);
    assert_eq!(running.token(token).unwrap().state, "ACTIVE", "nothing was sent");

    let id = text(&change["id"]);
    let kept = desk
        .run(&["--json", "changes", "resolve", &id, "--keep", "mine"])
        .json();
    assert_eq!(kept["status"], "waiting");
    assert_eq!(
        desk.run(&["changes", "resolve", &id, "--keep", "mine"]).code(),
        "change_not_in_conflict",
        "decided already"
    );
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 1);
    assert_eq!(running.token(token).unwrap().state, "DELETING");
}

#[test]
fn theirs_can_be_taken() {
    let running = sandbox(75);
    let desk = Desk::read(&running);
    let (token, change) = in_conflict(&desk, &running);
    let id = text(&change["id"]);
    let resolved = desk
        .run(&["--json", "changes", "resolve", &id, "--keep", "theirs"])
        .json();
    assert_eq!(
        (&resolved["status"], &resolved["why"]),
        (&"withdrawn".into(), &"theirs".into())
    );
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["done"], 0);
    assert_eq!(running.token(token).unwrap().state, "ACTIVE");
}

#[test]
fn a_wish_on_a_card_that_is_being_deleted_cannot_be_kept() {
    let running = sandbox(76);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let card = desk.card(&token);
    let change = desk.run(&["--json", "card", "one-click", &card, "off"]).json();
    flip(
        &running,
        EditRequest {
            id: token.id,
            delete: true,
            ..EditRequest::default()
        },
    );
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["conflicts"], 1);
    let id = text(&change["id"]);
    let mine = desk.run(&["changes", "resolve", &id, "--keep", "mine"]).problem();
    assert_eq!(mine["code"], "cannot_keep_mine");
    assert_eq!(mine["hint"], "Take theirs: the card stays as wallee shows it.");
    let given_up = desk.run(&["changes", "discard", &id]);
    assert!(given_up.words().starts_with("Given up"), "{}", given_up.out);
}

#[test]
fn one_that_was_tried_is_not_undone_but_given_up_and_said_so() {
    let running = sandbox(77);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let card = desk.card(&token);
    let change = desk.run(&["--json", "card", "one-click", &card, "off"]).json();
    running.add_fault(
        serde_json::from_value(serde_json::json!({
            "match": {"method": "PATCH"}, "times": null, "fault": {"kind": "drop_before_commit"}
        }))
        .unwrap(),
    );
    let pushed = desk.run(&["--json", "changes", "push"]);
    assert_eq!(pushed.out_json()["done"], 0);
    let id = text(&change["id"]);
    let waiting = desk.run(&["--json", "changes", "list"]).json()["items"][0].clone();
    assert_eq!(
        (&waiting["may_be_done"], &waiting["can_undo"]),
        (&true.into(), &false.into()),
        "{waiting}"
    );
    assert_eq!(desk.run(&["changes", "undo", &id]).code(), "change_may_be_done");
    let given_up = desk.run(&["changes", "discard", &id]);
    assert!(
        given_up.words().contains("may have been done"),
        "{}",
        given_up.out
    );
}

//! Field names that scripts rely on. A name that changes here breaks somebody's script.

use crate::ground::{Desk, everyday_card, sandbox};
use serde_json::Value;

#[track_caller]
fn keys(value: &Value, expected: &str) {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let mut wanted: Vec<&str> = expected.split_whitespace().collect();
    wanted.sort_unstable();
    assert_eq!(names, wanted);
}

const ACCOUNT: &str = "id provider provider_name code label env host built_in_demo space user connected_at cards states \
    last_pass unfinished_pass progress paused last_problem last_check capabilities open_changes connector about read_only \
    paused_by_person directory imports_tokens has_bench can_forget_one_click can_create_token verification_allowed";
const STATES: &str = "active inactive deleting creating deleted other";
const CARD: &str = "id provider account_id account remote_id env person email name customer_id brand brand_name last4 \
    expiry expires_in_days card_knowledge state state_unknown provider_state one_click provider_one_click version \
    created_on planned_purge_on read_at gone_at is_default block_reason verification chargeable kind active_not_set carriers \
    switches pending desk_note";
const CHANGE: &str = "id card_id provider provider_name account_id account_label remote_id env wish value status why \
    problem hold conflict held_up_by may_be_done can_undo can_discard can_retry plan_id brand_name last4 email reason actor \
    created_at updated_at decided_at next_attempt_at attempts request_id";
const PLAN: &str = "id env action query made_at actor status total counts accounts skips warnings confirmation reason took_ms";
const TAG: &str = "id code label provider_name";

#[test]
fn names_are_stable() {
    let running = sandbox(41);
    let desk = Desk::new();
    keys(&desk.connect("Shop CH", &running).json(), ACCOUNT);

    let summary = desk.run(&["--json", "sync"]).json();
    keys(&summary, "items next");
    let row = "id provider account_id env label rows cards read_since took_ms problem";
    keys(&summary["items"][0], row);

    let accounts = desk.run(&["--json", "account", "list"]).json();
    keys(&accounts, "items next known_hosts copy");
    keys(&accounts["items"][0], ACCOUNT);
    keys(&accounts["items"][0]["states"], STATES);
    keys(&accounts["items"][0]["last_pass"], "started_at finished_at cards");
    keys(
        &accounts["items"][0]["capabilities"][0],
        "what carrier lesson tag says",
    );
    keys(&accounts["copy"], "cards bytes folder");

    let check = desk.run(&["--json", "account", "check", "Shop CH"]).json();
    keys(&check, "works limited clock_ahead_s lines at took_ms");
    keys(&check["lines"][0], "step says outcome fact problem took_ms");

    let token = everyday_card(&running);
    let email = token.customer_email_address.clone().unwrap();
    let found = desk.run(&["--json", "find", &email]).json();
    keys(&found, "items next total words searched took_ms");
    keys(&found["items"][0], "person email name counts accounts found_by");
    keys(&found["items"][0]["counts"], STATES);
    keys(&found["items"][0]["accounts"][0], TAG);
    keys(&found["total"], "n exact");
    keys(&found["searched"][0], "account cards read_since reading");

    let cards = desk.run(&["--json", "cards"]).json();
    keys(&cards, "items next total");
    keys(&cards["items"][0], CARD);
    keys(&cards["items"][0]["account"], TAG);
    keys(
        &cards["items"][0]["switches"],
        "one_click_blocked active_blocked delete_blocked default_blocked",
    );
    keys(
        &cards["items"][0]["carriers"],
        "one_click active delete default_card reason_is_sent verify ask_new_details delete_customer",
    );

    let card = desk.card(&token);
    let change = desk.run(&["--json", "card", "one-click", &card, "off"]).json();
    keys(&change, CHANGE);
    keys(&change["hold"], "left_ms whole_ms sends_at");
    let shown = desk.run(&["--json", "card", "show", &card]).json();
    keys(
        &shown,
        "card token_reference external_id language time_zone linked_space_id versions versions_read_at desk_note deletion",
    );
    keys(&shown["card"], CARD);
    keys(&shown["card"]["pending"][0], CHANGE);
    keys(
        &shown["versions"][0],
        "remote_id state brand_name last4 expiry created_on activated_on obsoleted_on expires_on production",
    );
    keys(
        &shown["deletion"],
        "other_cards last_one_click last_active must_confirm confirmation confirmation_kind",
    );

    let changes = desk.run(&["--json", "changes", "list"]).json();
    keys(&changes, "items next");
    keys(&changes["items"][0], CHANGE);
    keys(
        &desk.run(&["--json", "changes", "push"]).json(),
        "done stuck conflicts waiting problem",
    );

    let plan = desk.run(&["--json", "plan", "one-click", "off", &email]).json();
    keys(&plan, PLAN);
    keys(
        &plan["counts"],
        "planned queued done stuck conflict skipped withdrawn",
    );
    keys(&plan["confirmation"], "kind expected");
    keys(&plan["skips"][0], "why words cards");
    let run = desk.run(&["--json", "run", plan["id"].as_str().unwrap()]);
    if plan["counts"]["planned"] == 0 {
        assert_eq!(run.code(), "plan_empty");
    } else {
        let run = run.json();
        keys(&run, "plan items next");
        keys(&run["plan"], PLAN);
        keys(
            &run["items"][0],
            "number id provider account_id remote_id env status why change_id problem",
        );
    }

    let problem = desk.run(&["--json", "card", "show", "x"]).problem();
    keys(
        &problem,
        "code title detail hint retryable request_id field params",
    );
}

#[test]
fn a_card_is_shown_with_all_its_thirteen_properties() {
    let running = sandbox(42);
    let desk = Desk::read(&running);
    let token = everyday_card(&running);
    let card = desk.card(&token);
    desk.run(&["card", "one-click", &card, "off"]).words();
    let said = desk.run(&["card", "show", &card]);
    let words = said.words();
    for name in [
        "Token id",
        "State",
        "Version",
        "Created",
        "Planned purge",
        "Email",
        "Customer id",
        "Token reference",
        "External id",
        "One-click",
        "Language",
        "Time zone",
        "Linked space",
    ] {
        assert!(
            words.lines().any(|line| line.starts_with(name)),
            "{name} in\n{words}"
        );
    }
    let id = token.id.to_string();
    for value in [
        id.as_str(),
        token.customer_id.as_deref().unwrap(),
        &token.external_id,
        &running.space,
    ] {
        assert!(words.contains(value), "{value} in\n{words}");
    }
    assert!(words.contains("off (asked; wallee says on)"), "{words}");
    assert!(words.contains("one-click off held"), "{words}");
    // The everyday card has at least the version that pays, and times say their zone.
    assert!(words.contains(&token.versions[0].id.to_string()), "{words}");
    assert!(words.contains("+01:00") || words.contains("+02:00"), "{words}");
}

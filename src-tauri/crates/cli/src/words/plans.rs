//! What is said of plans.

use super::{card_of, env, number, or_dash};
use tokendesk_desk::contract::{PlanConfirmation, PlanCounts, PlanRow, PlanView};

pub const NO_PLANS: &str = "No plans.";
pub const LEFT_OUT: &str = "Left out";
pub const NOTE: &str = "Note";

pub fn plan_action(action: &str) -> &str {
    match action {
        "one_click_on" => "one-click on",
        "one_click_off" => "one-click off",
        other => other,
    }
}

/// The first line of a plan.
pub fn plan_title(plan: &PlanView) -> String {
    format!(
        "{}: {} ({}), {}",
        plan_action(&plan.action),
        plan_cards(plan.total),
        env(plan.env),
        plan.status
    )
}

pub fn plan_cards(n: u32) -> String {
    let word = if n == 1 { "card" } else { "cards" };
    format!("{} {word}", number(n.into()))
}

/// How the plan is run, with what it asks for.
pub fn how_to_run(plan: &PlanView) -> String {
    let PlanConfirmation { kind, expected } = &plan.confirmation;
    let mut line = format!("tdesk run {}", plan.id);
    if let Some(expected) = expected {
        line.push_str(&format!(" --confirm {expected}"));
    }
    if kind == "count_and_reason" {
        line.push_str(" --reason TEXT");
    }
    line
}

pub fn plan_counts(counts: &PlanCounts) -> String {
    let parts: Vec<String> = [
        (counts.done, "done"),
        (counts.stuck, "stuck"),
        (counts.conflict, "in conflict"),
        (counts.queued, "on their way"),
        (counts.planned, "not begun"),
        (counts.skipped, "left out"),
        (counts.withdrawn, "taken back"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, word)| format!("{} {word}", number(n.into())))
    .collect();
    or_dash(Some(&parts.join(", ")))
}

/// A row's card.
pub fn plan_row_card(row: &PlanRow) -> String {
    match (&row.card, &row.change) {
        (Some(card), _) => card_of(card.brand_name.as_deref(), card.last4.as_deref()),
        (None, Some(change)) => card_of(change.brand_name.as_deref(), change.last4.as_deref()),
        (None, None) => or_dash(None),
    }
}

/// Where a row stands, with why.
pub fn plan_row_standing(row: &PlanRow) -> String {
    match (&row.skipped, &row.change) {
        (Some(skip), _) => format!("{}: {}", row.status, skip.words),
        (None, Some(change)) => super::standing(change),
        (None, None) => row.status.clone(),
    }
}

pub fn stopped(plan: &PlanView) -> String {
    format!(
        "Stopped: {}. `{}` goes on with what is left.",
        plan_counts(&plan.counts),
        how_to_run(plan)
    )
}

pub const RUN_WAITS: &str =
    "What is queued is kept and goes on with a running window, or with the same command.";
pub const INTERRUPTED_PLAN: &str = "The plan was stopped";

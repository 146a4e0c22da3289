//! What is said of changes.

use super::{card_of, envs, number};
use tokendesk_desk::contract::{ChangeView, Env};

pub fn wish(change: &ChangeView) -> &str {
    match (change.wish.as_str(), change.value) {
        ("one_click", Some(true)) => "one-click on",
        ("one_click", Some(false)) => "one-click off",
        ("active", Some(true)) => "activate",
        ("active", Some(false)) => "deactivate",
        ("delete", _) => "delete",
        (other, _) => other,
    }
}

/// Where a change stands.
pub fn standing(change: &ChangeView) -> String {
    let held_up = match change.held_up_by.as_deref() {
        Some("paused") => Some("the account rests"),
        Some("offline") => Some("the account cannot be reached"),
        _ => None,
    };
    match (&change.problem, held_up) {
        (Some(problem), _) => format!("{}: {}", change.status, problem.title),
        (None, Some(why)) => format!("{}: {why}", change.status),
        (None, None) => match change.why.as_deref() {
            Some("discard") => "withdrawn: taken back".to_owned(),
            Some("superseded") => "withdrawn: replaced by a newer one".to_owned(),
            _ => change.status.clone(),
        },
    }
}

/// In a list of cards.
pub fn change_short(change: &ChangeView) -> String {
    format!("{} {}", wish(change), change.status)
}

/// On a card.
pub fn change_long(change: &ChangeView, since: &str) -> String {
    let reason = change
        .reason
        .as_ref()
        .map(|reason| format!(" “{reason}”"))
        .unwrap_or_default();
    format!(
        "{} {}, since {since}, {}.{reason} Id {}",
        wish(change),
        standing(change),
        change.actor,
        change.id
    )
}

fn whose(change: &ChangeView) -> String {
    let card = card_of(change.brand_name.as_deref(), change.last4.as_deref());
    match &change.email {
        Some(email) => format!("{card} of {email}"),
        None => card,
    }
}

pub fn queued(change: &ChangeView) -> String {
    format!(
        "Queued: {}, {}. `tdesk changes push` sends it. Id {}",
        wish(change),
        whose(change),
        change.id
    )
}

pub fn discarded(change: &ChangeView) -> String {
    format!("Taken back: {}, {}.", wish(change), whose(change))
}

pub fn no_changes(all: bool) -> &'static str {
    if all { "No changes." } else { "No open changes." }
}

pub fn pushed(done: u32, stuck: u32, waiting: u32) -> String {
    let mut text = format!("{} done.", number(done.into()));
    if stuck > 0 {
        text.push_str(&format!(
            " {} stuck: `tdesk changes list` says why.",
            number(stuck.into())
        ));
    }
    if waiting > 0 {
        text.push_str(&format!(" {} still waiting.", number(waiting.into())));
    }
    text
}

pub fn others_wait(others: &[Env]) -> String {
    format!("Changes of {} wait too. Nothing was sent.", envs(others))
}

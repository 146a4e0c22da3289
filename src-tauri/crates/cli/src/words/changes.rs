//! What is said of changes.

use super::{card_of, number};
use tokendesk_desk::contract::{ChangeView, ConflictView, PushResult};

pub fn wish(change: &ChangeView) -> &str {
    match (change.wish.as_str(), change.value) {
        ("one_click", Some(true)) => "one-click on",
        ("one_click", Some(false)) => "one-click off",
        ("active", Some(true)) => "activate",
        ("active", Some(false)) => "deactivate",
        ("delete", _) => "delete",
        ("default", _) => "make it the default",
        (other, _) => other,
    }
}

/// Where a change stands.
pub fn standing(change: &ChangeView) -> String {
    let status = &change.status;
    let why = if let Some(problem) = &change.problem {
        Some(problem.title.clone())
    } else if let Some(conflict) = &change.conflict {
        Some(conflict.title.clone())
    } else if let Some(hold) = &change.hold {
        Some(held(hold.left_ms))
    } else if change.may_be_done {
        Some("may have been done".to_owned())
    } else {
        held_up(change).or(withdrawn(change)).map(str::to_owned)
    };
    match why {
        Some(why) => format!("{status}: {why}"),
        None => status.clone(),
    }
}

fn held(left_ms: u32) -> String {
    match left_ms {
        0 => "until it is pushed".to_owned(),
        left => format!("{} s left", left.div_ceil(1_000)),
    }
}

fn held_up(change: &ChangeView) -> Option<&'static str> {
    Some(match change.held_up_by.as_deref()? {
        "paused" => "the account rests",
        "read_only" => "the account is read-only",
        "offline" => "the account cannot be reached",
        "asked_to_wait" => "the account asks to wait",
        "lane" => "an earlier change of this card goes first",
        "in_doubt" => "a lost answer is being cleared up",
        _ => return None,
    })
}

fn withdrawn(change: &ChangeView) -> Option<&'static str> {
    if change.status != "withdrawn" {
        return None;
    }
    Some(match change.why.as_deref()? {
        "undo" => "taken back",
        "discard" => "given up",
        "theirs" => "theirs was taken",
        "superseded" => "replaced by a newer one",
        _ => return None,
    })
}

/// What a person has to decide, with both answers.
pub fn conflict(change: &ChangeView, conflict: &ConflictView, time: &dyn Fn(&str) -> String) -> String {
    let mut text = format!("{}, {}: {}\n", wish(change), whose(change), conflict.title);
    for step in &conflict.steps {
        text.push_str(&format!("  {}  {}\n", time(&step.at), step.words));
    }
    text.push_str(&format!("  then  {}\n", conflict.decided.words));
    if let Some(now) = &conflict.now {
        text.push_str(&format!("  now   {}\n", now.words));
    }
    if conflict.can_keep_mine {
        text.push_str(&format!(
            "  {}: `tdesk changes resolve {} --keep mine`\n",
            conflict.keep_mine, change.id
        ));
    }
    text.push_str(&format!(
        "  {}: `tdesk changes resolve {} --keep theirs`\n",
        conflict.take_theirs, change.id
    ));
    text
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
    let how = if change.status == "held" { "Held" } else { "Queued" };
    format!(
        "{how}: {}, {}. `tdesk changes push` sends it. Id {}",
        wish(change),
        whose(change),
        change.id
    )
}

pub fn undone(change: &ChangeView) -> String {
    format!("Taken back: {}, {}.", wish(change), whose(change))
}

/// A change that was tried may have been done: that is not "taken back".
pub fn discarded(change: &ChangeView) -> String {
    let of = format!("{}, {}", wish(change), whose(change));
    if change.may_be_done {
        format!("Given up: {of}. It was sent before and may have been done; the next read shows it.")
    } else {
        format!("Given up: {of}. Nothing more is sent of it.")
    }
}

pub fn resolved(change: &ChangeView) -> String {
    let of = format!("{}, {}", wish(change), whose(change));
    if change.status == "withdrawn" {
        format!("Theirs stands: {of} is not sent.")
    } else {
        format!("Yours stands: {of}. `tdesk changes push` sends it.")
    }
}

pub fn no_changes(all: bool) -> &'static str {
    if all { "No changes." } else { "No open changes." }
}

pub fn pushed(result: &PushResult) -> String {
    let n = |n: u32| number(n.into());
    let mut text = format!("{} done.", n(result.done));
    if result.stuck > 0 {
        text.push_str(&format!(
            " {} stuck: `tdesk changes list` says why.",
            n(result.stuck)
        ));
    }
    if result.conflicts > 0 {
        text.push_str(&format!(
            " {} in conflict: `tdesk changes list` shows both sides.",
            n(result.conflicts)
        ));
    }
    if result.waiting > 0 {
        text.push_str(&format!(" {} still waiting.", n(result.waiting)));
    }
    text
}

//! What is said of changes: a conflict's sides and answers, and why something comes too late.

use crate::contract::{Problem, ProblemCode};
use tokendesk_model::{
    ActiveVersion, Change, ChangeStatus, Conflict, ConflictKind, Seen, TokenState, Wish, Withdrawn,
};
use tokendesk_store::{Difference, TimelineRow};

/// A wish as a person would say it.
pub(crate) fn wish(wish: Wish) -> &'static str {
    match wish {
        Wish::OneClick(true) => "One-click on",
        Wish::OneClick(false) => "One-click off",
        Wish::Active(true) => "Make active",
        Wish::Active(false) => "Make inactive",
        Wish::Delete => "Delete",
        Wish::Default => "Make it the default",
    }
}

fn state(word: &str) -> String {
    match word {
        "active" => "Active".to_owned(),
        "inactive" => "Inactive".to_owned(),
        "creating" => "Being made".to_owned(),
        "deleting" => "Being deleted".to_owned(),
        "deleted" => "Deleted".to_owned(),
        other => other.to_owned(),
    }
}

fn on_off(on: Option<bool>) -> &'static str {
    match on {
        Some(true) => "on",
        Some(false) => "off",
        None => "not said",
    }
}

/// A card as it was read before the decision.
pub(crate) fn side_then(seen: &Seen, provider: &str) -> String {
    match seen.active_version {
        ActiveVersion::Nothing => format!("as read at {provider}, no saved details in use"),
        ActiveVersion::Is(_) | ActiveVersion::NotRead => format!("as read at {provider}"),
    }
}

/// What is different about a card now.
pub(crate) fn side_now(kind: ConflictKind, provider: &str) -> String {
    let said = match kind {
        ConflictKind::Renewed => "with newer saved details",
        ConflictKind::AnotherVersion => "with saved details in use",
        ConflictKind::BecameDefault => "the customer’s default",
        ConflictKind::Reactivated => "made active by somebody else",
        ConflictKind::BeingDeleted => return format!("{provider} removes it"),
        ConflictKind::OtherCustomer => "another customer’s card",
        ConflictKind::ReasonChanged => "blocked for another reason",
        ConflictKind::Flipped => "flipped by somebody else",
        ConflictKind::OldEnabling => "changed by somebody else",
        ConflictKind::OpenBusiness => "with more open payments or subscriptions",
        ConflictKind::OldDeletion => return format!("as read at {provider}"),
    };
    said.to_owned()
}

/// What happened, in one sentence.
pub(crate) fn conflict_title(change: &Change, conflict: &Conflict, provider: &str) -> String {
    let deletion = "since this deletion was decided";
    match conflict.kind {
        ConflictKind::Renewed => format!("Its saved details were replaced by newer ones {deletion}"),
        ConflictKind::AnotherVersion => {
            "It has saved details in use now, and had none when this deletion was decided".to_owned()
        }
        ConflictKind::BecameDefault => format!("It became its customer’s default card {deletion}"),
        ConflictKind::Reactivated => format!("Somebody made it active {deletion}"),
        ConflictKind::BeingDeleted => match &conflict.now {
            Some(now) if now.state == TokenState::Deleted.as_str() => format!("{provider} has deleted it"),
            _ => format!("{provider} is deleting it"),
        },
        ConflictKind::OtherCustomer => "It belongs to another customer than when this was decided".to_owned(),
        ConflictKind::ReasonChanged => {
            "It is blocked for another reason than when this was decided".to_owned()
        }
        ConflictKind::Flipped => flipped(change, conflict),
        ConflictKind::OldEnabling => {
            "This was decided a while ago, and somebody changed the card since".to_owned()
        }
        ConflictKind::OpenBusiness => {
            "It has open payments or subscriptions that were not shown when this deletion was decided"
                .to_owned()
        }
        ConflictKind::OldDeletion => "This deletion was decided more than three days ago".to_owned(),
    }
}

fn flipped(change: &Change, conflict: &Conflict) -> String {
    let since = "since this was decided";
    let Some(now) = &conflict.now else {
        return format!("Somebody changed the same switch {since}");
    };
    match change.wish {
        Wish::OneClick(_) if now.one_click != change.base.one_click => {
            format!("Somebody switched one-click {} {since}", on_off(now.one_click))
        }
        Wish::Active(_) if now.state != change.base.state => {
            format!("Somebody made it {} {since}", state(&now.state).to_lowercase())
        }
        _ => format!("Somebody switched it there and back {since}"),
    }
}

/// What "keep mine" does.
pub(crate) fn keep_mine(change: &Change, conflict: &Conflict) -> &'static str {
    if !conflict.kind.mine_can_be_kept() {
        return "Nothing can be switched on a card that is being deleted";
    }
    match change.wish {
        Wish::OneClick(true) => "Keep mine: switch one-click on",
        Wish::OneClick(false) => "Keep mine: switch one-click off",
        Wish::Active(true) => "Keep mine: make it active",
        Wish::Active(false) => "Keep mine: make it inactive",
        Wish::Delete => "Keep mine: delete it",
        Wish::Default => "Keep mine: make it the default",
    }
}

/// What "take theirs" does.
pub(crate) fn take_theirs(change: &Change, conflict: &Conflict) -> &'static str {
    match (change.wish, &conflict.now) {
        (Wish::Delete, _) => "Take theirs: keep the card",
        (Wish::OneClick(_), Some(now)) if conflict.kind == ConflictKind::Flipped => match now.one_click {
            Some(true) => "Take theirs: leave one-click on",
            Some(false) => "Take theirs: leave one-click off",
            None => "Take theirs: leave it as it is",
        },
        _ => "Take theirs: leave it as it is",
    }
}

/// The decision, as the first step of a conflict.
pub(crate) fn decided(change: &Change) -> String {
    let wish = wish(change.wish);
    match &change.reason {
        Some(reason) => format!("{} decided: {wish}, “{reason}”", change.actor),
        None => format!("{} decided: {wish}", change.actor),
    }
}

/// What a read showed, as a step between a decision and its conflict.
pub(crate) fn observed(row: &TimelineRow, provider: &str) -> String {
    let what = match &row.what {
        Difference::State { became, .. } => format!("became {}", state(became.as_str()).to_lowercase()),
        Difference::OneClick { became, .. } => format!("one-click became {}", on_off(*became)),
        Difference::Customer { .. } => "went to another customer".to_owned(),
        Difference::Email => "got another email".to_owned(),
        Difference::Purge { became: Some(_), .. } => "got a date on which it is purged".to_owned(),
        Difference::Purge { became: None, .. } => "lost the date on which it was to be purged".to_owned(),
        Difference::Renewed { .. } => "got newer saved details".to_owned(),
        Difference::DetailsAdded { .. } => "got saved details".to_owned(),
        Difference::DetailsEnded { .. } => "lost its saved details".to_owned(),
        Difference::Expiry { .. } => "got another expiry".to_owned(),
        Difference::BecameDefault => "became the default card".to_owned(),
        Difference::BlockReason => "got another reason for the block".to_owned(),
        Difference::Gone => format!("was no longer at {provider}"),
        Difference::Back => format!("was at {provider} again"),
    };
    if row.is_ours() {
        format!("Read at {provider}: the card {what}, as this desk had asked")
    } else {
        format!("Read at {provider}: the card {what}")
    }
}

/// The last step of a conflict.
pub(crate) fn found(provider: &str) -> String {
    format!("Found when the card was read at {provider} before sending. Nothing was sent")
}

/// Why a change cannot be taken back any more, and what can be done now.
pub(crate) fn too_late(change: &Change, provider: &str) -> Problem {
    let deletion = change.wish == Wish::Delete;
    let (why, now) = match &change.status {
        ChangeStatus::Sending if deletion => (
            format!("The deletion is on its way to {provider}."),
            format!("Wait for the answer. If {provider} takes it, the card cannot be brought back."),
        ),
        ChangeStatus::Sending => (
            format!("It is on its way to {provider}."),
            "Wait for the answer, then switch it back.".to_owned(),
        ),
        ChangeStatus::Done if deletion => (
            format!("{provider} has taken the deletion."),
            "The card cannot be brought back from here.".to_owned(),
        ),
        ChangeStatus::Done => (
            format!("{provider} has confirmed it."),
            "Switch it back with a change of its own.".to_owned(),
        ),
        ChangeStatus::Stuck(_) => (
            "It was sent and is stuck.".to_owned(),
            "Give it up, or try it again.".to_owned(),
        ),
        ChangeStatus::Conflict(_) => (
            "It is in conflict and was not sent.".to_owned(),
            "Decide it: keep yours, or take theirs.".to_owned(),
        ),
        ChangeStatus::Withdrawn(Withdrawn::Superseded) => (
            "A newer change has replaced it.".to_owned(),
            "Undo the newer one: this one then stands again.".to_owned(),
        ),
        ChangeStatus::Withdrawn(_) => (
            "It was taken back before.".to_owned(),
            "Nothing more is sent of it.".to_owned(),
        ),
        ChangeStatus::Held | ChangeStatus::Waiting => (
            "It moved while this was asked.".to_owned(),
            "Ask again.".to_owned(),
        ),
    };
    let mut problem = Problem::with(
        ProblemCode::ChangeTooLate,
        [("why", why.clone()), ("now", now.clone())],
    );
    problem.detail = why;
    problem.hint = now;
    problem
}

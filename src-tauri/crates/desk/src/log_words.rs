//! What a row of the log says in words, and to which group it belongs.
//!
//! Actions are stable words kept for years; their sentences may change. An action of a newer version is shown as it is.

/// A group of actions: its word in the contract, and what its actions begin with.
pub(crate) const GROUPS: [(&str, &[&str]); 7] = [
    ("changes", &["change.", "one_click.", "active.", "delete"]),
    ("reading", &["read.", "cache.", "lesson."]),
    ("people", &["person.", "list.", "customer.", "card."]),
    ("plans", &["plan."]),
    ("accounts", &["account.", "bench.", "directory."]),
    ("desk", &["desk.", "backup.", "ledger.", "settings.", "mark."]),
    ("log", &["log."]),
];

/// The group of an action.
pub(crate) fn group(action: &str) -> &'static str {
    GROUPS
        .iter()
        .find(|(_, starts)| starts.iter().any(|start| action.starts_with(start)))
        .map_or("desk", |(group, _)| group)
}

/// An action in words.
pub(crate) fn words(action: &str) -> String {
    let said = match action {
        "change.asked" | "change.queued" => "Asked for a change",
        // As written by the first version.
        "one_click.on" => "One-click on",
        "one_click.off" => "One-click off",
        "active.on" => "Make active",
        "active.off" => "Make inactive",
        "delete" => "Delete",
        "change.undone" => "Took a change back before it was sent",
        "change.discarded" => "Gave a change up",
        "change.superseded" => "A newer wish replaced a change",
        "change.resolved_mine" => "Kept the own side of a conflict",
        "change.resolved_theirs" => "Let the payment system’s side of a conflict stand",
        "change.retried" => "Tried a stuck change again",
        "change.sent_now" => "Sent a held change at once",
        "change.done" => "The payment system confirmed a change",
        "change.stuck" => "A change is stuck",
        "change.conflict" => "A change met a conflict",
        "change.noted" => "Something was noticed about a change",
        "change.refused" => "This desk refused a wish",
        "plan.made" => "Made a plan",
        "plan.run" => "Ran a plan",
        "plan.resumed" => "Went on with a plan",
        "plan.stopped" => "Stopped a plan",
        "plan.finished" => "A plan has ended",
        "plan.dropped" => "Dropped a plan",
        "plan.refused" => "This desk refused to run a plan",
        "account.connected" => "Connected an account",
        "account.removed" => "Removed an account",
        "account.paused" => "An account rests",
        "account.resumed" => "An account goes on",
        "account.read_only" => "Made an account read-only",
        "account.writable" => "Made an account writable",
        "account.verification_allowed" => "Allowed verifying by money at an account",
        "account.verification_forbidden" => "Forbade verifying by money at an account",
        "directory.imported" => "Imported customers into an account’s directory",
        "directory.removed" | "account.directory_changed" => "Changed an account’s directory",
        "account.one_click_forgotten" => "Forgot a hosted one-click record",
        "card.created" => "Created a token",
        "card.details_asked" => "Made a page on which the buyer enters new card details",
        "card.verified" => "Verified a card by money",
        "card.refunded" => "Refunded a verification",
        "card.removed_here" => "Removed a card from this desk",
        "card.looked_up" => "Looked an id up at its payment system",
        "customer.deleted" => "Deleted a customer record",
        "bench.step" => "Ran a step of the test bench",
        "account.credentials_replaced" => "Replaced the credentials of an account",
        "lesson.forgotten" => "Asked an account to be tried again",
        "cache.rebuilt" => "Threw the local copy away to read it again",
        "person.opened" => "Opened a customer",
        "list.long" => "Listed more than 100 rows in a terminal",
        "mark.set" => "Set a note of this desk",
        "mark.cleared" => "Removed a note of this desk",
        "desk.opened" => "Opened the desk",
        "desk.closed" => "Closed the desk",
        "settings.changed" => "Changed a setting",
        "backup.made" => "Made a backup of the ledger",
        "desk.restored" | "backup.restored" => "Put a backup in the ledger’s place",
        "ledger.older" => "Found an older ledger than the one last used",
        "ledger.older_accepted" => "Went on with an older ledger",
        "log.chained" => "Chained the rows written before the log was a chain",
        "log.read" => "Read the log",
        "log.verified" => "Checked the log",
        "log.exported" => "Exported the log",
        "log.text_erased" => "Erased a reason",
        other => return other.to_owned(),
    };
    said.to_owned()
}

/// The detail of an outcome in words; unknown ones are shown as they are.
pub(crate) fn detail(word: &str) -> String {
    let said = match word {
        "one_click_on" => "one-click on",
        "one_click_off" => "one-click off",
        "activate" => "make active",
        "deactivate" => "make inactive",
        "delete" => "delete",
        "ignored" => "the payment system kept the old value",
        "refused" => "the payment system refused it",
        "forbidden" => "the application user may not do this",
        "not_found" => "the payment system does not know the card",
        "not_possible_here" => "the account does not do this",
        "kept_changing" => "somebody else kept changing the card",
        "answer_lost" => "the answer was lost, and nothing can be read back",
        "blocked_earlier" => "it was blocked before, for this reason",
        "metadata_differs" => "other metadata of the card is not as it was read before this desk wrote",
        "unreadable" => "the stored change could not be read",
        "renewed" => "the card was renewed since the decision",
        "another_version" => "the card has other saved details since the decision",
        "became_default" => "the card became the default since the decision",
        "reactivated" => "somebody made the card active since the decision",
        "being_deleted" => "the card is being deleted",
        "other_customer" => "the card belongs to another customer now",
        "reason_changed" => "the reason of the block changed since the decision",
        "flipped" => "somebody else flipped the same switch since the decision",
        "old_enabling" => "the card changed since the decision, which is older than 15 minutes",
        "open_business" => "open payments or subscriptions came up since the decision",
        "old_deletion" => "the decision is older than 72 hours",
        "not_proven" => "that they open the same as before cannot be proven here",
        "card_number" => "it looked like a full card number",
        "confirmation_missing" => "the confirmation did not match",
        "reason_missing" => "a reason was missing",
        "reason_too_long" => "the reason was too long",
        "card_not_switchable" => "the card cannot be switched now",
        "intact" => "every row is as it was written",
        "broken" => "a row is not as it was written",
        "rows_were_missing" => "rows were missing before that",
        "changes_kept" => "its open changes were kept",
        "changes_discarded" => "its open changes were given up",
        other => return other.replace('_', " "),
    };
    said.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_is_found_by_what_its_actions_begin_with() {
        for (name, starts) in GROUPS {
            for start in starts {
                assert_eq!(group(&format!("{start}x")), name, "{start}");
            }
        }
        assert_eq!(words("something.newer"), "something.newer");
    }
}

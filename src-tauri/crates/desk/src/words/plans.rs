//! What is said of plans: the effect at each account, what is left out, what else follows.

use tokendesk_model::plan::Skip;
use tokendesk_model::{Capabilities, Carrier, Deletion, Lesson, ReasonUse, Wish};

/// The word of a wish in the contract.
pub(crate) fn action(wish: Wish) -> &'static str {
    match wish {
        Wish::OneClick(true) => "one_click_on",
        Wish::OneClick(false) => "one_click_off",
        Wish::Active(true) => "activate",
        Wish::Active(false) => "deactivate",
        Wish::Delete => "delete",
        Wish::Default => "default",
    }
}

/// Reads a word of the contract.
pub(crate) fn wish_of(action: &str) -> Option<Wish> {
    [
        Wish::OneClick(true),
        Wish::OneClick(false),
        Wish::Active(true),
        Wish::Active(false),
        Wish::Delete,
    ]
    .into_iter()
    .find(|wish| self::action(*wish) == action)
}

/// `24,312 cards`.
pub(crate) fn cards(n: u64) -> String {
    counted(n, "card", "cards")
}

fn counted(n: u64, one: &str, many: &str) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {}", if n == 1 { one } else { many })
}

/// What happens at one account.
pub(crate) fn effect(wish: Wish, n: u64, provider: &str, known: &Capabilities) -> String {
    let cards = cards(n);
    let carrier = match wish {
        Wish::OneClick(_) => known.one_click,
        _ => known.active,
    };
    let what = match wish {
        Wish::OneClick(true) => "one-click on",
        Wish::OneClick(false) => "one-click off",
        Wish::Active(true) => "active",
        Wish::Active(false) => "inactive",
        Wish::Default => return format!("{provider} makes {cards} the default."),
        Wish::Delete => {
            let what = match known.delete {
                Deletion::CustomerRecord => "deletes the customer records of",
                Deletion::RevokesMandate => "ends the mandates of",
                _ => "deletes",
            };
            return format!("{provider} {what} {cards}. Once that is sent it cannot be taken back.");
        }
    };
    match (wish, carrier) {
        (_, Carrier::Metadata(_)) => {
            format!("{cards} are noted as {what} at {provider}; your checkout must read the note.")
        }
        (_, Carrier::DeskOnly | Carrier::ReadOnly | Carrier::None) => {
            format!("{provider} does not do this for {cards}.")
        }
        (Wish::Active(_), Carrier::Attempted(lesson)) if lesson != Lesson::Accepts => format!(
            "{provider} is asked to make {cards} {what}. Whether it does is not known yet, so one card goes first."
        ),
        (Wish::Active(false), Carrier::Native) if known.reason == ReasonUse::SentToProvider => {
            format!("{provider} blocks {cards}, with the reason given here.")
        }
        (Wish::Active(_), _) => format!("{provider} makes {cards} {what}."),
        _ => format!("{provider} switches {what} for {cards}."),
    }
}

/// Why cards are left out.
pub(crate) fn skip(skip: Skip, wish: Wish) -> &'static str {
    match (skip, wish) {
        (Skip::AlreadySo, Wish::OneClick(true)) => "One-click is on already",
        (Skip::AlreadySo, Wish::OneClick(false)) => "One-click is off already",
        (Skip::AlreadySo, Wish::Active(true)) => "Active already",
        (Skip::AlreadySo, Wish::Active(false)) => "Inactive already",
        (Skip::AlreadySo, Wish::Delete) => "Deleted already",
        (Skip::AlreadySo, Wish::Default) => "The default already",
        (Skip::DeletionWaiting, _) => "A deletion is queued and not sent yet",
        (Skip::Deleting, _) => "Being deleted",
        (Skip::Deleted, _) => "Deleted, or no longer at the payment system",
        (Skip::Creating, _) => "Still being made",
        (Skip::UnknownState, _) => "In a state that this version does not know",
        (Skip::NotPossibleHere, _) => "The account has shown that it does not do this",
        (Skip::AccountPaused, _) => "The account rests until somebody has looked at it",
        (Skip::Unknown, _) => "Not on this desk any more",
    }
}

/// Customers that lose their last active card.
pub(crate) fn last_active(n: u64) -> String {
    let (customers, lose) = losing(n);
    format!("{customers} {lose} the last active card")
}

/// Customers that lose the last card they can pick with one click.
pub(crate) fn last_one_click(n: u64) -> String {
    let (customers, lose) = losing(n);
    format!("{customers} {lose} the last card to pay with by one click")
}

fn losing(n: u64) -> (String, &'static str) {
    (
        counted(n, "customer", "customers"),
        if n == 1 { "loses" } else { "lose" },
    )
}

/// Changes that are not sent yet and that the plan replaces.
pub(crate) fn others_replaced(n: u64) -> String {
    let changes = counted(n, "change", "changes");
    let are = if n == 1 { "is" } else { "are" };
    format!("{changes} not sent yet {are} replaced")
}

/// Why a plan is not ready for what was asked, and what can be done.
pub(crate) fn not_ready(status: &str) -> (&'static str, &'static str) {
    match status {
        "draft" => ("not running", "Run it, or drop it."),
        "running" => ("running", "Wait for its end, or stop it first."),
        "stopped" => ("stopped", "Run it again to go on."),
        _ => ("finished", "Make a new plan for what is left."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_read_back() {
        for word in [
            "one_click_on",
            "one_click_off",
            "activate",
            "deactivate",
            "delete",
        ] {
            assert_eq!(wish_of(word).map(action), Some(word));
        }
        assert_eq!(wish_of("toggle"), None);
    }

    #[test]
    fn numbers_and_verbs_agree() {
        assert_eq!(last_active(1), "1 customer loses the last active card");
        assert_eq!(last_active(12_040), "12,040 customers lose the last active card");
        assert_eq!(others_replaced(2), "2 changes not sent yet are replaced");
        assert_eq!(
            effect(Wish::Delete, 1, "wallee", &Capabilities::wallee(Lesson::Untried)),
            "wallee deletes 1 card. Once that is sent it cannot be taken back."
        );
    }
}

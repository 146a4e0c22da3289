//! What each switch of an account really does, in words: the carrier as a tag, and what follows from it as a sentence.

use crate::contract::CapabilityLine;
use tokendesk_model::{Capabilities, Carrier, Deletion, EditGuard, Lesson, Listing, NewsCarrier, ReasonUse};

/// The word of a carrier in the contract.
pub(crate) fn carrier(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::Native => "native",
        Carrier::Attempted(lesson) if lesson.may_be_sent() => "asked_and_proven",
        Carrier::Attempted(_) => "not_possible",
        Carrier::Metadata(_) => "metadata",
        Carrier::DeskOnly => "desk_only",
        Carrier::ReadOnly => "read_only",
        Carrier::None => "none",
    }
}

/// The word of a deletion in the contract.
pub(crate) fn deletion(deletion: Deletion) -> &'static str {
    match deletion {
        Deletion::Asynchronous => "asynchronous",
        Deletion::Immediate => "native",
        Deletion::CustomerRecord => "customer_record",
        Deletion::BlockInstead => "block_instead",
        Deletion::RevokesMandate => "mandate",
        Deletion::DeskOnly => "desk_only",
    }
}

/// What deleting a card does, in one or two sentences.
pub(crate) fn deletion_says(deletion: Deletion, provider: &str) -> String {
    match deletion {
        Deletion::Asynchronous => format!(
            "{provider} takes it at once and removes the card later; until then it says deleting. There is no way back."
        ),
        Deletion::Immediate => {
            "Gone at once and for good. There is no planned date and no way back.".to_owned()
        }
        Deletion::CustomerRecord => format!(
            "At {provider} a customer has one card: deleting it deletes the customer record. Its open payments and subscriptions are listed first."
        ),
        Deletion::BlockInstead => format!("{provider} offers no deletion. The card can be blocked instead."),
        Deletion::RevokesMandate => {
            "Ends the mandate at the connector. Its answer is the only proof: nothing can be read back."
                .to_owned()
        }
        Deletion::DeskOnly => format!(
            "{provider} cannot delete it with this connector. The card can be removed from this desk; it stays usable at the processor."
        ),
    }
}

/// One line above the cards of a customer record: what carries its switches.
pub(crate) fn carried(known: &Capabilities, provider: &str) -> String {
    let active = in_words(known.active, provider);
    let one_click = in_words(known.one_click, provider);
    if active == one_click {
        return format!("One-click and active: {one_click}.");
    }
    format!("One-click: {one_click}. Active: {active}.")
}

fn in_words(carrier: Carrier, provider: &str) -> String {
    match carrier {
        Carrier::Native => format!("at {provider}"),
        Carrier::Attempted(lesson) if lesson.may_be_sent() => format!("asked of {provider} and read back"),
        Carrier::Attempted(_) => format!("{provider} does not take it"),
        Carrier::Metadata(_) => format!("a note on the card at {provider}, which your checkout must read"),
        Carrier::DeskOnly => "a note on this desk only".to_owned(),
        Carrier::ReadOnly => format!("read from {provider}"),
        Carrier::None => format!("{provider} has nothing of the kind"),
    }
}

/// Every line of an account's table.
pub(crate) fn lines(known: &Capabilities, provider: &str) -> Vec<CapabilityLine> {
    let line = |what: &str, word: &str, lesson: Option<Lesson>, tag: String, says: String| CapabilityLine {
        what: what.to_owned(),
        carrier: word.to_owned(),
        lesson: lesson.map(|lesson| lesson.as_str().to_owned()),
        tag,
        says,
    };
    let switch = |what: &str, held: Carrier| {
        let lesson = match held {
            Carrier::Attempted(lesson) => Some(lesson),
            _ => None,
        };
        line(
            what,
            carrier(held),
            lesson,
            tag(held, provider),
            switch_says(what, held, known, provider),
        )
    };
    let (delete_tag, news_tag, guard_tag) = (
        match known.delete {
            Deletion::Asynchronous | Deletion::Immediate | Deletion::CustomerRecord => {
                format!("At {provider}")
            }
            Deletion::BlockInstead => "Not offered".to_owned(),
            Deletion::RevokesMandate => "At the connector".to_owned(),
            Deletion::DeskOnly => "This desk only".to_owned(),
        },
        match known.news {
            NewsCarrier::CursorAndPass => "Complete pass".to_owned(),
            NewsCarrier::EventsOrPass => format!("At {provider}"),
            NewsCarrier::RereadCustomers => "Read again".to_owned(),
            NewsCarrier::Import => "Import".to_owned(),
        },
        match known.guard {
            EditGuard::Version => "Version".to_owned(),
            EditGuard::Reread => "Read before write".to_owned(),
            EditGuard::Nothing => "Nothing written".to_owned(),
        },
    );
    let (listing, listing_tag, listing_says) = listing(known.listing, provider);
    let (news, news_says) = news(known.news, provider);
    let (guard, guard_says) = guard(known.guard, provider);
    vec![
        switch("one_click", known.one_click),
        switch("active", known.active),
        line(
            "delete",
            deletion(known.delete),
            None,
            delete_tag,
            deletion_says(known.delete, provider),
        ),
        switch("default_card", known.default_card),
        switch(
            "verification",
            if known.verify {
                Carrier::Native
            } else {
                known.verification
            },
        ),
        line("customers_and_cards", listing, None, listing_tag, listing_says),
        line("news", news, None, news_tag, news_says),
        line("guard", guard, None, guard_tag, guard_says),
    ]
}

fn tag(held: Carrier, provider: &str) -> String {
    match held {
        Carrier::Native => format!("At {provider}"),
        Carrier::Attempted(lesson) if lesson.may_be_sent() => "Asked and proven".to_owned(),
        Carrier::Attempted(_) => "Not possible here".to_owned(),
        Carrier::Metadata(_) => "Note on the token".to_owned(),
        Carrier::DeskOnly => "This desk only".to_owned(),
        Carrier::ReadOnly => "Read only".to_owned(),
        Carrier::None => "None".to_owned(),
    }
}

fn switch_says(what: &str, held: Carrier, known: &Capabilities, provider: &str) -> String {
    match (what, held) {
        (_, Carrier::Metadata(key)) => {
            format!(
                "Writes {key} into the card's metadata. Your checkout must read it; {provider} itself does not."
            )
        }
        ("default_card", Carrier::Native) => {
            format!("{provider} pays with it when only the customer is named. It can be set from here.")
        }
        ("default_card", Carrier::ReadOnly) => {
            format!("Shown as {provider} says it. There is no way to set it from here.")
        }
        ("default_card", _) => format!("{provider} knows no default card."),
        ("verification", _) if known.verify => format!(
            "{provider} can be asked for a small authorization that is voided at once. It puts a hold on the card for a moment, and is asked for each time."
        ),
        ("verification", Carrier::ReadOnly) => {
            format!("Shows what {provider} last found. A new check cannot be started from here.")
        }
        ("verification", _) => format!("{provider} tells nothing of the kind."),
        ("active", Carrier::Native) if known.reason == ReasonUse::SentToProvider => {
            format!("Blocks and unblocks the card at {provider}. The reason is sent along and kept there.")
        }
        ("active", Carrier::Native) => format!("{provider} keeps it; an inactive card is not charged."),
        ("one_click", Carrier::Native) => {
            format!("{provider} keeps it and offers the card to the buyer accordingly.")
        }
        (_, Carrier::Attempted(Lesson::Untried)) => format!(
            "No public document says that {provider} takes it. It is asked for and read back; until then a card says asked, never inactive."
        ),
        (_, Carrier::Attempted(Lesson::Accepts)) => {
            format!("{provider} took it before: the new value was read back.")
        }
        (_, Carrier::Attempted(_)) => format!(
            "{provider} did not take it when it was tried. A note of this desk, one-click off and deleting are there instead."
        ),
        (_, Carrier::DeskOnly) => {
            format!("A note for staff, kept on this desk. {provider} and your checkout know nothing of it.")
        }
        (_, Carrier::ReadOnly) => format!("Shown as {provider} says it."),
        (_, _) => format!("{provider} has nothing of the kind."),
    }
}

fn listing(listing: Listing, provider: &str) -> (&'static str, String, String) {
    let at = format!("At {provider}");
    match listing {
        Listing::ByToken => (
            "native",
            at,
            format!("{provider} lists every card with its customer, and card details apart from them."),
        ),
        Listing::ByCustomer => (
            "native",
            at,
            "All customers, newest first, and the cards of each.".to_owned(),
        ),
        Listing::Directory => (
            "imported",
            "Imported".to_owned(),
            format!(
                "{provider} lists no customers: their ids are imported here. The cards of each are read from {provider}."
            ),
        ),
        Listing::Imported => (
            "imported",
            "Imported".to_owned(),
            format!(
                "{provider} keeps nothing: customers and their tokens are imported here and shown as imported."
            ),
        ),
    }
}

fn news(news: NewsCarrier, provider: &str) -> (&'static str, String) {
    match news {
        NewsCarrier::CursorAndPass => (
            "full_pass",
            "New cards by their ids; everything else by reading all of it again once a day.".to_owned(),
        ),
        NewsCarrier::EventsOrPass => (
            "events",
            format!("From {provider}'s list of events; if that has a gap, everything is read again."),
        ),
        NewsCarrier::RereadCustomers => (
            "reread",
            "Every known customer is read again from time to time, and at once when one is opened."
                .to_owned(),
        ),
        NewsCarrier::Import => ("import", "Only what is imported.".to_owned()),
    }
}

fn guard(guard: EditGuard, provider: &str) -> (&'static str, String) {
    match guard {
        EditGuard::Version => (
            "version_guard",
            format!("{provider} refuses a change to a card that somebody else changed meanwhile; deletions are read again first."),
        ),
        EditGuard::Reread => (
            "reread",
            "Each card is read again directly before and after a change is sent. What somebody writes in between can be lost."
                .to_owned(),
        ),
        EditGuard::Nothing => ("none", "There is nothing to overwrite.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_system_says_something() {
        let all = [
            Capabilities::wallee(Lesson::Untried),
            Capabilities::wallee(Lesson::Accepts),
            Capabilities::wallee(Lesson::Ignores),
            Capabilities::processout(),
            Capabilities::komoju(),
            Capabilities::zafapay(),
            Capabilities::prism(false),
            Capabilities::prism(true),
        ];
        for known in all {
            let lines = lines(&known, "Somebody");
            assert_eq!(lines.len(), 8);
            for line in lines {
                assert!(line.says.ends_with('.') && !line.tag.is_empty(), "{line:?}");
            }
            assert!(carried(&known, "Somebody").ends_with('.'));
        }
    }
}

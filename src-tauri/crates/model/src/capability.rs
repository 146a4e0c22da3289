//! What an account can do for a token, as data. Screens ask here and never branch on a provider's name.

use std::fmt;

/// What carries a value at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A field of the provider's own.
    Native,
    /// A field that no public schema lists as writable: attempted, then proven by reading back.
    Attempted(Lesson),
    /// A key of the object's free metadata; the shop's own checkout has to honour it.
    Metadata(&'static str),
    /// A mark for staff in this desk's ledger; the provider knows nothing of it.
    DeskOnly,
    /// Only read here.
    ReadOnly,
    /// The provider has nothing of the kind.
    None,
}

impl Carrier {
    /// Whether a wish for it is queued and sent.
    pub fn is_sent(&self) -> bool {
        matches!(self, Self::Native | Self::Attempted(_) | Self::Metadata(_))
    }
}

/// The metadata key that carries active and inactive. Values are the texts `true` and `false` only.
pub const ACTIVE_KEY: &str = "tokendesk_active";
/// The metadata key that carries one-click. Values are the texts `true` and `false` only.
pub const ONE_CLICK_KEY: &str = "tokendesk_one_click";

/// What deleting a card does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// Taken at once, done later: `deleting`, then `deleted` and a planned purge.
    Asynchronous,
    /// Done when it is answered.
    Immediate,
    /// Deletes the customer record, whose one card this is, with its open payments and subscriptions.
    CustomerRecord,
    /// Not offered by the provider; blocking the card is.
    BlockInstead,
    /// Revokes the mandate at the connector. Its answer is the only proof: nothing can be read back.
    RevokesMandate,
    /// Not offered by the provider; the card can be removed from this desk.
    DeskOnly,
}

/// Where the cards of an account come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// A list of all tokens, and one of all their versions (wallee).
    ByToken,
    /// A list of customers, and cards by customer (ProcessOut, KOMOJU).
    ByCustomer,
    /// Customer ids imported here, and cards by customer (Zafapay).
    Directory,
    /// The cards themselves are imported here; the provider can be asked nothing (Prism).
    Imported,
}

/// What a person's words for switching a card off are used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonUse {
    /// Kept in this desk's log; optional.
    LogOnly,
    /// Sent to the provider and shown there; required, at most 255 characters.
    SentToProvider,
}

/// What an account has taught about a field that is only attempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lesson {
    /// Not tried yet.
    Untried,
    /// The new value was read back.
    Accepts,
    /// The request was taken and the old value kept.
    Ignores,
    /// The request was refused.
    Refuses,
}

impl Lesson {
    /// The word stored and used in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Untried => "untried",
            Self::Accepts => "accepts",
            Self::Ignores => "ignores",
            Self::Refuses => "refuses",
        }
    }
    /// Reads a stored word; anything else counts as untried.
    pub fn from_word(word: &str) -> Self {
        match word {
            "accepts" => Self::Accepts,
            "ignores" => Self::Ignores,
            "refuses" => Self::Refuses,
            _ => Self::Untried,
        }
    }
    /// Whether sending it again makes sense without a re-test.
    pub fn may_be_sent(&self) -> bool {
        matches!(self, Self::Untried | Self::Accepts)
    }
}

impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How news of a provider reaches this desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewsCarrier {
    /// New ids by cursor; everything else by a full pass.
    CursorAndPass,
    /// Events, where the provider gives them; else a full pass.
    EventsOrPass,
    /// Every known customer is read again.
    RereadCustomers,
    /// Nothing comes by itself: only what a person imports.
    Import,
}

/// What stands against overwriting somebody else's edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditGuard {
    /// The provider refuses a stale version, except on a deletion, which is re-read before it is sent.
    Version,
    /// The card is read directly before and directly after; what somebody writes in between can be lost.
    Reread,
    /// Nothing is written.
    Nothing,
}

/// What one account can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Where cards come from.
    pub listing: Listing,
    /// One-click on and off.
    pub one_click: Carrier,
    /// Active and inactive.
    pub active: Carrier,
    /// What the reason for active and inactive is used for.
    pub reason: ReasonUse,
    /// Deletion.
    pub delete: Deletion,
    /// Which card is the default: `Native` can be set, `ReadOnly` is shown.
    pub default_card: Carrier,
    /// Verification state.
    pub verification: Carrier,
    /// A small authorization that is voided at once, to see whether a card still works.
    pub verify: bool,
    /// A whole customer record can be deleted.
    pub delete_customer: bool,
    /// A one-click record kept by the hosted page can be forgotten, by the shop's own id.
    pub forget_one_click: bool,
    /// The buyer can be asked for new card details on a page of the provider.
    pub ask_new_details: bool,
    /// A token can be created from here.
    pub create_token: bool,
    /// Where changes since the last read come from.
    pub news: NewsCarrier,
    /// What happens when two people change one token.
    pub guard: EditGuard,
    /// Whether a card that is not found any more is gone. `false`: it is only not reported.
    pub absence_is_proof: bool,
}

impl Capabilities {
    /// wallee: one-click and deletion are native; `state` is in no public update schema (wallee fact sheet, section 6.1),
    /// so each account learns.
    pub fn wallee(lesson: Lesson) -> Self {
        Self {
            listing: Listing::ByToken,
            one_click: Carrier::Native,
            active: Carrier::Attempted(lesson),
            reason: ReasonUse::LogOnly,
            delete: Deletion::Asynchronous,
            default_card: Carrier::None,
            verification: Carrier::ReadOnly,
            verify: false,
            delete_customer: false,
            forget_one_click: false,
            ask_new_details: true,
            create_token: true,
            news: NewsCarrier::CursorAndPass,
            guard: EditGuard::Version,
            absence_is_proof: true,
        }
    }

    /// ProcessOut: tokens have no switches of their own; metadata carries them (ProcessOut fact sheet, section 5).
    pub fn processout() -> Self {
        Self {
            listing: Listing::ByCustomer,
            one_click: Carrier::Metadata(ONE_CLICK_KEY),
            active: Carrier::Metadata(ACTIVE_KEY),
            reason: ReasonUse::LogOnly,
            delete: Deletion::Immediate,
            default_card: Carrier::Native,
            verification: Carrier::ReadOnly,
            verify: false,
            delete_customer: true,
            forget_one_click: false,
            ask_new_details: false,
            create_token: false,
            news: NewsCarrier::EventsOrPass,
            guard: EditGuard::Reread,
            absence_is_proof: true,
        }
    }

    /// KOMOJU: a customer is one card, metadata carries the switches (KOMOJU fact sheet, sections 4 and 6).
    pub fn komoju() -> Self {
        Self {
            delete: Deletion::CustomerRecord,
            default_card: Carrier::None,
            verification: Carrier::None,
            delete_customer: false,
            forget_one_click: true,
            ..Self::processout()
        }
    }

    /// Zafapay: blocking is native, nothing can be deleted or listed (Zafapay fact sheet, section 0).
    pub fn zafapay() -> Self {
        Self {
            listing: Listing::Directory,
            one_click: Carrier::DeskOnly,
            active: Carrier::Native,
            reason: ReasonUse::SentToProvider,
            delete: Deletion::BlockInstead,
            default_card: Carrier::ReadOnly,
            verification: Carrier::None,
            delete_customer: false,
            news: NewsCarrier::RereadCustomers,
            absence_is_proof: false,
            ..Self::processout()
        }
    }

    /// Prism: keeps nothing; `revokes` is whether the account's connector can end a mandate (Prism fact sheet, section 6).
    pub fn prism(revokes: bool) -> Self {
        Self {
            listing: Listing::Imported,
            one_click: Carrier::DeskOnly,
            active: Carrier::DeskOnly,
            reason: ReasonUse::LogOnly,
            delete: if revokes {
                Deletion::RevokesMandate
            } else {
                Deletion::DeskOnly
            },
            default_card: Carrier::None,
            verification: Carrier::None,
            verify: true,
            delete_customer: false,
            news: NewsCarrier::Import,
            guard: EditGuard::Nothing,
            absence_is_proof: false,
            ..Self::processout()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lessons_read_back_and_only_hopeful_ones_are_sent() {
        for lesson in [Lesson::Untried, Lesson::Accepts, Lesson::Ignores, Lesson::Refuses] {
            assert_eq!(Lesson::from_word(lesson.as_str()), lesson);
        }
        assert_eq!(Lesson::from_word("?"), Lesson::Untried);
        assert!(!Lesson::Ignores.may_be_sent() && !Lesson::Refuses.may_be_sent());
    }
}

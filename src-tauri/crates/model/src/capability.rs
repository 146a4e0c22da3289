//! What an account can do for a token, as data. Screens ask here and never branch on a provider's name.

use std::fmt;

/// What carries a value at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A field of the provider's own.
    Native,
    /// A field that no public schema lists as writable: attempted, then proven by reading back.
    Attempted(Lesson),
    /// Only read here.
    ReadOnly,
    /// The provider has nothing of the kind.
    None,
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
}

/// What stands against overwriting somebody else's edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditGuard {
    /// The provider refuses a stale version, except on a deletion, which is re-read before it is sent.
    Version,
}

/// What one account can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// One-click on and off.
    pub one_click: Carrier,
    /// Active and inactive.
    pub active: Carrier,
    /// Deletion; asynchronous at wallee.
    pub delete: Carrier,
    /// Reading which card is the default.
    pub default_card: Carrier,
    /// Verification state.
    pub verification: Carrier,
    /// Where changes since the last read come from.
    pub news: NewsCarrier,
    /// What happens when two people change one token.
    pub guard: EditGuard,
}

impl Capabilities {
    /// wallee: one-click and deletion are native; `state` is in no public update schema (wallee fact sheet, section 6.1),
    /// so each account learns.
    pub fn wallee(lesson: Lesson) -> Self {
        Self {
            one_click: Carrier::Native,
            active: Carrier::Attempted(lesson),
            delete: Carrier::Native,
            default_card: Carrier::None,
            verification: Carrier::ReadOnly,
            news: NewsCarrier::CursorAndPass,
            guard: EditGuard::Version,
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

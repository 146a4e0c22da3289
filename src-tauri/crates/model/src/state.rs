//! A token's state, and the steps allowed between states (wallee fact sheet, section 6.1).

use std::fmt;

/// State of saved payment details, as the provider last said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TokenState {
    /// Being made at the provider.
    Creating,
    /// Usable in payments.
    Active,
    /// Kept, not used.
    Inactive,
    /// Deletion asked for and in progress.
    Deleting,
    /// Marked for purge; kept by the provider until linked data can go.
    Deleted,
    /// Something this version does not know: shown as it came, never switchable.
    Unknown(String),
}

impl TokenState {
    /// The states with a name of their own.
    pub const KNOWN: [Self; 5] = [
        Self::Creating,
        Self::Active,
        Self::Inactive,
        Self::Deleting,
        Self::Deleted,
    ];

    /// Our word for it; an unknown state is its raw text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Creating => "creating",
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
            Self::Unknown(raw) => raw,
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn from_word(word: &str) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|s| s.as_str() == word)
            .unwrap_or_else(|| Self::Unknown(word.to_owned()))
    }

    /// The number stored in the cache; unknown is 9 and its text stands beside it.
    pub fn number(&self) -> i64 {
        match self {
            Self::Creating => 0,
            Self::Active => 1,
            Self::Inactive => 2,
            Self::Deleting => 3,
            Self::Deleted => 4,
            Self::Unknown(_) => 9,
        }
    }

    /// The state behind a stored number and its raw text.
    pub fn from_number(number: i64, raw: Option<&str>) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|s| s.number() == number)
            .unwrap_or_else(|| Self::Unknown(raw.unwrap_or_default().to_owned()))
    }

    /// Whether a provider may report `next` after `self`. Staying is always allowed; anything may be reported as
    /// deleted, because events in between can be missed; nothing is known about unknown states.
    pub fn may_become(&self, next: &Self) -> bool {
        use TokenState as S;
        match (self, next) {
            (a, b) if a == b => true,
            (S::Unknown(_), _) | (_, S::Unknown(_) | S::Deleted) => true,
            (S::Creating, S::Active | S::Inactive) => true,
            (S::Active, S::Inactive | S::Deleting) => true,
            (S::Inactive, S::Active | S::Deleting) => true,
            (S::Creating | S::Active | S::Inactive | S::Deleting | S::Deleted, _) => false,
        }
    }

    /// Whether a person may switch one-click or active/inactive on it.
    pub fn is_switchable(&self) -> bool {
        matches!(self, Self::Active | Self::Inactive)
    }

    /// Whether a person may ask for its deletion.
    pub fn is_deletable(&self) -> bool {
        matches!(self, Self::Active | Self::Inactive | Self::Creating)
    }
}

impl fmt::Display for TokenState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_state() -> impl Strategy<Value = TokenState> {
        prop_oneof![
            (0usize..5).prop_map(|i| TokenState::KNOWN[i].clone()),
            "[A-Z]{3,9}".prop_map(TokenState::Unknown),
        ]
    }

    proptest! {
        #[test]
        fn stored_and_spoken_forms_read_back(state in any_state()) {
            prop_assert_eq!(TokenState::from_number(state.number(), Some(state.as_str())), state.clone());
            prop_assert_eq!(TokenState::from_word(state.as_str()), state);
        }

        #[test]
        fn deleted_is_final_and_deletion_never_turns_back(state in any_state()) {
            prop_assert!(state.may_become(&TokenState::Deleted));
            if matches!(state, TokenState::Creating | TokenState::Active | TokenState::Inactive) {
                prop_assert!(!TokenState::Deleted.may_become(&state));
                prop_assert!(!TokenState::Deleting.may_become(&state));
            }
        }

        #[test]
        fn what_is_being_deleted_or_unknown_cannot_be_switched(state in any_state()) {
            if !matches!(state, TokenState::Active | TokenState::Inactive) {
                prop_assert!(!state.is_switchable());
            }
        }
    }
}

//! Plans over many cards: what is wished, which rows are left out and why, and how much a person has to confirm.

use crate::account::Environment;
use crate::change::Wish;
use crate::state::TokenState;
use serde::{Deserialize, Serialize};

/// Why a card of the selection is not part of what a plan does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// It is so already, or the same wish is queued.
    AlreadySo,
    /// Its deletion was asked for by a change that is not sent yet.
    DeletionWaiting,
    /// The provider is deleting it.
    Deleting,
    /// Deleted, or no longer at the provider.
    Deleted,
    /// The provider is still making it.
    Creating,
    /// A state this version does not know.
    UnknownState,
    /// The account has taught that it does not do this.
    NotPossibleHere,
    /// The account rests.
    AccountPaused,
    /// It is not here any more.
    Unknown,
}

impl Skip {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::AlreadySo,
        Self::DeletionWaiting,
        Self::Deleting,
        Self::Deleted,
        Self::Creating,
        Self::UnknownState,
        Self::NotPossibleHere,
        Self::AccountPaused,
        Self::Unknown,
    ];

    /// The word stored and shown.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::AlreadySo => "already_so",
            Self::DeletionWaiting => "deletion_waiting",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
            Self::Creating => "creating",
            Self::UnknownState => "unknown_state",
            Self::NotPossibleHere => "not_possible_here",
            Self::AccountPaused => "account_paused",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|skip| skip.as_str() == word)
    }
}

/// What is known of one card when a plan is made, and again when its turn comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Effective state: snapshot and what is under way.
    pub state: TokenState,
    /// Effective one-click.
    pub one_click: Option<bool>,
    /// No longer at the provider.
    pub gone: bool,
    /// A deletion of it is under way.
    pub deletion_waits: bool,
    /// The account takes this wish, as far as it has taught.
    pub possible: bool,
    /// The account rests.
    pub paused: bool,
}

/// Whether a card is left out, and why.
pub fn skip(wish: Wish, card: &Candidate) -> Option<Skip> {
    if card.gone || card.state == TokenState::Deleted {
        return Some(Skip::Deleted);
    }
    if card.state == TokenState::Deleting {
        return Some(Skip::Deleting);
    }
    if card.deletion_waits {
        return Some(Skip::DeletionWaiting);
    }
    if matches!(card.state, TokenState::Unknown(_)) {
        return Some(Skip::UnknownState);
    }
    if card.state == TokenState::Creating && wish != Wish::Delete {
        return Some(Skip::Creating);
    }
    if wish.is_met_by(&card.state, card.one_click) {
        return Some(Skip::AlreadySo);
    }
    if !card.possible {
        return Some(Skip::NotPossibleHere);
    }
    card.paused.then_some(Skip::AccountPaused)
}

/// What a person has to type before a plan runs; it grows with what can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Nothing.
    Nothing,
    /// The last four digits of the one card, or the end of its id where none are known.
    Card,
    /// The number of cards.
    Count,
    /// The number of cards, and a reason.
    CountAndReason,
}

/// What a plan of `cards` cards asks for.
pub fn confirmation(env: Environment, wish: Wish, cards: usize) -> Confirmation {
    match (env, cards) {
        (_, 0) => Confirmation::Nothing,
        (Environment::Live, 1) => Confirmation::Card,
        (Environment::Live, _) => Confirmation::CountAndReason,
        (_, 1) => Confirmation::Nothing,
        _ if wish == Wish::Delete => Confirmation::Count,
        _ => Confirmation::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confirmation_grows_with_risk() {
        use Confirmation::{Card, Count, CountAndReason, Nothing};
        let off = Wish::OneClick(false);
        assert_eq!(confirmation(Environment::Demo, Wish::Delete, 1), Nothing);
        assert_eq!(confirmation(Environment::Test, off, 500), Nothing);
        assert_eq!(confirmation(Environment::Test, Wish::Delete, 500), Count);
        assert_eq!(confirmation(Environment::Live, off, 1), Card);
        assert_eq!(confirmation(Environment::Live, off, 2), CountAndReason);
    }

    #[test]
    fn words_read_back_and_each_reason_has_its_card() {
        for reason in Skip::ALL {
            assert_eq!(Skip::from_word(reason.as_str()), Some(reason));
        }
        let fine = Candidate {
            state: TokenState::Active,
            one_click: Some(true),
            gone: false,
            deletion_waits: false,
            possible: true,
            paused: false,
        };
        assert_eq!(skip(Wish::OneClick(false), &fine), None);
        assert_eq!(skip(Wish::OneClick(true), &fine), Some(Skip::AlreadySo));
        let creating = Candidate {
            state: TokenState::Creating,
            ..fine.clone()
        };
        assert_eq!(skip(Wish::OneClick(false), &creating), Some(Skip::Creating));
        assert_eq!(skip(Wish::Delete, &creating), None);
        let gone = Candidate { gone: true, ..fine };
        assert_eq!(skip(Wish::Delete, &gone), Some(Skip::Deleted));
    }
}

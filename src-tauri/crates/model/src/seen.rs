//! What somebody saw of a token at one moment: when a person decided, or when it was read before sending.

use crate::change::Wish;
use crate::snapshot::{ActiveMark, TokenSnapshot};
use crate::state::TokenState;
use serde::{Deserialize, Serialize};

/// Which saved details a token uses, as far as was known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActiveVersion {
    /// Not read: nothing can be concluded from it.
    #[default]
    NotRead,
    /// Read, and there is none.
    Nothing,
    /// The provider's id of the version in use.
    Is(String),
}

/// A token as seen at one moment. Stored with a change, so every field that came later has a default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The token's version; 0 where the provider has none.
    pub version: i64,
    /// [`crate::TokenState::as_str`].
    pub state: String,
    /// One-click as read.
    pub one_click: Option<bool>,
    /// [`TokenSnapshot::customer_key`], to notice a token that moved to somebody else.
    pub customer_key: String,
    /// The saved details in use.
    #[serde(default)]
    pub active_version: ActiveVersion,
    /// Whether it is its customer's default, where the provider says.
    #[serde(default)]
    pub is_default: Option<bool>,
    /// Why it is blocked, where the provider says.
    #[serde(default)]
    pub block_reason: Option<String>,
    /// [`crate::Particulars::record`]: the customer record it belongs to, with which it is addressed.
    #[serde(default)]
    pub record: Option<String>,
    /// Whether the provider keeps such reasons at all.
    #[serde(default)]
    pub keeps_reasons: bool,
    /// The mark that carries active and inactive is not there: the state is what the provider's own fields say.
    #[serde(default)]
    pub active_not_set: bool,
    /// Payments that are not finished and running subscriptions, by the provider's ids, that a deletion would take along;
    /// `None`: not looked up.
    #[serde(default)]
    pub open_business: Option<Vec<String>>,
}

impl Seen {
    /// What a read of the token and of its version in use shows.
    pub fn of(token: &TokenSnapshot, active_version: ActiveVersion) -> Self {
        Self {
            version: token.version,
            state: token.state.as_str().to_owned(),
            one_click: token.one_click,
            customer_key: token.customer_key(),
            active_version,
            is_default: token.particulars.is_default,
            block_reason: token.particulars.block_reason.clone(),
            record: token.particulars.record.clone(),
            keeps_reasons: token.particulars.keeps_reasons,
            active_not_set: token.particulars.active_mark == ActiveMark::NotSet,
            open_business: None,
        }
    }

    /// Whether it is as wished.
    pub fn meets(&self, wish: Wish) -> bool {
        match wish {
            Wish::Default => self.is_default == Some(true),
            Wish::Active(_) if self.active_not_set => false,
            _ => wish.is_met_by(&TokenState::from_word(&self.state), self.one_click),
        }
    }

    /// Whether both are tokens of one customer. Where the provider keeps customer records their id decides: an email that
    /// was corrected makes nobody else of them.
    pub fn same_customer(&self, other: &Self) -> bool {
        match (&self.record, &other.record) {
            (Some(one), Some(another)) => one == another,
            _ => self.customer_key == other.customer_key,
        }
    }
}

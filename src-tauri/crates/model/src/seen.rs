//! What somebody saw of a token at one moment: when a person decided, or when it was read before sending.

use crate::snapshot::TokenSnapshot;
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
            is_default: None,
            block_reason: None,
        }
    }
}

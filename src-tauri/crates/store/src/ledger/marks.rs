//! Desk-only marks: notes of staff about a token that no provider carries.

use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use tokendesk_model::{AccountId, TokenId};

/// One mark. A token has at most one per field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// About which token.
    pub token: TokenId,
    /// The token's account; its marks go with it.
    pub account: AccountId,
    /// What it is about, such as `active`.
    pub field: String,
    /// What staff say.
    pub value: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
}

impl Store {
    /// Sets a mark, replacing the token's earlier one for that field.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_mark(&self, mark: &Mark) -> Result<(), StoreError> {
        let _ = mark;
        todo!()
    }

    /// Takes a mark away.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clear_mark(&self, token: TokenId, field: &str) -> Result<(), StoreError> {
        let _ = (token, field);
        todo!()
    }

    /// The marks of these tokens.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn marks(&self, tokens: &[TokenId]) -> Result<Vec<Mark>, StoreError> {
        let _ = tokens;
        todo!()
    }
}

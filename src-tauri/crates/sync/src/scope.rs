//! Proof that new credentials lead to the same objects as the old ones: before a key is replaced, known objects are read
//! with the new one.

use crate::error::SyncError;
use tokendesk_model::{Account, TokenSnapshot};
use tokendesk_providers::{PaymentSystem, ProviderErrorKind};
use tokendesk_store::Store;

/// Known objects that are read.
const WITNESSES: u32 = 3;

/// What reading known objects with new credentials showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameScope {
    /// A known object was found, and it is the same one.
    Proven,
    /// Nothing is known of this account yet, and the new credentials work.
    NothingKnown,
    /// None of the known objects was found: the credentials lead somewhere else, or may read nothing.
    NotFound {
        /// How many were looked for.
        looked_for: u32,
    },
    /// An object of that id was found, and it is another one.
    AnotherObject,
}

impl SameScope {
    /// Whether the credentials may be replaced.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Proven | Self::NothingKnown)
    }
}

/// Reads up to three known objects of `account` through `system`, which was made with the new credentials. Nothing is stored.
///
/// # Errors
/// [`SyncError::Provider`] where the question cannot be answered: not reached, not signed in, told to wait; also when
/// nothing is known and the connection test fails. [`SyncError::Store`].
pub async fn prove_same_scope(
    system: &dyn PaymentSystem,
    account: &Account,
    store: &Store,
) -> Result<SameScope, SyncError> {
    // A token of no id stands for "none of them".
    let known = store
        .known_sample(account.id, WITNESSES, account.id.token(""))
        .await?;
    if known.is_empty() {
        let report = system.check().await;
        return match report.failure() {
            Some(error) => Err(error.clone().into()),
            None => Ok(SameScope::NothingKnown),
        };
    }
    let mut looked_for = 0;
    for (token, remote_id) in known {
        looked_for += 1;
        match system.read_token(&remote_id).await {
            Ok(Some(read)) => {
                let Some(row) = store.card(token).await? else {
                    continue;
                };
                return Ok(if is_same(&row.snapshot, &read) {
                    SameScope::Proven
                } else {
                    SameScope::AnotherObject
                });
            }
            Ok(None) => {}
            Err(error) if error.kind == ProviderErrorKind::Forbidden => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(SameScope::NotFound { looked_for })
}

/// By what never changes of an object.
fn is_same(known: &TokenSnapshot, read: &TokenSnapshot) -> bool {
    let differ = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
    !differ(&known.external_id, &read.external_id)
        && known.created_on == read.created_on
        && (known.linked_space_id == read.linked_space_id
            || known.linked_space_id.is_none()
            || read.linked_space_id.is_none())
}

//! Proof that new credentials lead to the same objects as the old ones: before a key is replaced, known objects are read
//! with the new one.

use crate::error::SyncError;
use crate::proof::addressed;
use tokendesk_model::capability::{Lesson, Listing};
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
    /// The provider keeps nothing that could be read again; the new credentials work. Whether they lead to the same place
    /// is known only by the person who replaces them.
    CannotBeProven,
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
        matches!(self, Self::Proven | Self::NothingKnown | Self::CannotBeProven)
    }
}

/// Reads up to three known objects of `account` through `system`, which was made with the new credentials: tokens, addressed
/// with their customer record where they have one, so that a card that is found is also found at the customer it is known of.
/// Nothing is stored.
///
/// # Errors
/// [`SyncError::Provider`] where the question cannot be answered: not reached, not signed in, told to wait; also when
/// nothing is known, or nothing can be proven, and the connection test fails. [`SyncError::Store`].
pub async fn prove_same_scope(
    system: &dyn PaymentSystem,
    account: &Account,
    store: &Store,
) -> Result<SameScope, SyncError> {
    if system.capabilities(Lesson::Accepts).listing == Listing::Imported {
        return works(system).await.map(|()| SameScope::CannotBeProven);
    }
    // A token of no id stands for "none of them".
    let known = store
        .known_sample(account.id, WITNESSES, account.id.token(""))
        .await?;
    if known.is_empty() {
        return works(system).await.map(|()| SameScope::NothingKnown);
    }
    let mut looked_for = 0;
    for token in known {
        looked_for += 1;
        match system.read_token(addressed(&token)).await {
            Ok(Some(read)) => {
                let Some(row) = store.card(token.id).await? else {
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

/// The connection test.
async fn works(system: &dyn PaymentSystem) -> Result<(), SyncError> {
    match system.check().await.failure() {
        Some(error) => Err(error.clone().into()),
        None => Ok(()),
    }
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

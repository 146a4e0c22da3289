//! One token on its way into the snapshot door: what this desk knows of its customer, and its payment system does not, is
//! added first.

use crate::error::SyncError;
use crate::link::Link;
use chrono::{DateTime, Utc};
use tokendesk_model::TokenSnapshot;
use tokendesk_model::capability::Listing;
use tokendesk_providers::DirectoryEntry;
use tokendesk_store::{DirectoryRecord, ReadTicket, Store, StoreError};

/// Stores a token that was read alone, and gives it back as stored.
pub(crate) async fn put_token(
    store: &Store,
    link: &Link,
    ticket: ReadTicket,
    token: TokenSnapshot,
    now: DateTime<Utc>,
) -> Result<TokenSnapshot, SyncError> {
    let token = with_email(store, link, token).await?;
    let one = std::slice::from_ref(&token);
    store.put_tokens(link.account.id, ticket, one, now, None).await?;
    Ok(token)
}

/// Where only the directory of this desk has emails, a token read alone comes without: it would move to another customer.
async fn with_email(
    store: &Store,
    link: &Link,
    mut token: TokenSnapshot,
) -> Result<TokenSnapshot, StoreError> {
    let by_directory = matches!(
        link.capabilities().listing,
        Listing::Directory | Listing::Imported
    );
    if let (true, None, Some(record)) = (by_directory, &token.email, &token.particulars.record) {
        let entry = store.directory_record(link.account.id, record).await?;
        token.email = entry.and_then(|entry| entry.email);
    }
    Ok(token)
}

/// A customer of the directory, as its cards are asked for.
pub(crate) fn entry_of(record: DirectoryRecord) -> DirectoryEntry {
    DirectoryEntry {
        customer: tokendesk_model::CustomerSnapshot {
            customer_id: record.customer_id,
            email: record.email,
            name: record.name,
            created_on: None,
        },
        tokens: record.tokens,
    }
}

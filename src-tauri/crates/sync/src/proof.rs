//! When a 404 may be believed: only while another known object of the same account answers.

use crate::Clock;
use crate::error::SyncError;
use crate::link::Link;
use crate::tokens::put_token;
use tokendesk_providers::TokenRef;
use tokendesk_store::{KnownToken, Store};

/// Known objects asked before a 404 is doubted.
const WITNESSES: u32 = 3;

/// Whether another known object of this account is still found: another token, or the customer record `except` was saved
/// under. An account whose every object is missing was moved or lost its rights: nothing may be concluded from that. Where
/// nothing else is known there is no witness, and no proof; nor is there where absence proves nothing at all.
pub(crate) async fn another_answers(
    store: &Store,
    link: &Link,
    except: TokenRef<'_>,
    clock: &dyn Clock,
) -> Result<bool, SyncError> {
    if !link.capabilities().absence_is_proof {
        return Ok(false);
    }
    let account = link.account.id;
    let token = account.token(except.remote_id);
    for known in store.known_sample(account, WITNESSES, token).await? {
        let ticket = store.begin_read();
        let read = link
            .read(clock, || link.system.read_token(addressed(&known)))
            .await?;
        if let Some(snapshot) = read {
            debug_assert_eq!(account.token(&snapshot.remote_id), known.id);
            put_token(store, link, ticket, snapshot, clock.now()).await?;
            return Ok(true);
        }
    }
    match except.record.filter(|record| *record != except.remote_id) {
        Some(record) => {
            let read = link.read(clock, || link.system.read_customer(record)).await?;
            Ok(read.is_some())
        }
        None => Ok(false),
    }
}

/// How a known token is addressed at its provider.
pub(crate) fn addressed(known: &KnownToken) -> TokenRef<'_> {
    TokenRef {
        remote_id: &known.remote_id,
        record: known.record.as_deref(),
    }
}

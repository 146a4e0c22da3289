//! When a 404 may be believed: only while another known object of the same account answers.

use crate::Clock;
use crate::error::SyncError;
use crate::link::Link;
use tokendesk_model::TokenId;
use tokendesk_store::Store;

/// Known objects asked before a 404 is doubted.
const WITNESSES: u32 = 3;

/// Whether another known token of this account is still found. An account whose every object is missing was moved or lost its
/// rights: nothing may be concluded from that. Where no other token is known there is no witness, and no proof.
pub(crate) async fn another_answers(
    store: &Store,
    link: &Link,
    except: TokenId,
    clock: &dyn Clock,
) -> Result<bool, SyncError> {
    for (token, remote_id) in store.known_sample(link.account.id, WITNESSES, except).await? {
        let ticket = store.begin_read();
        let read = link.read(clock, || link.system.read_token(&remote_id)).await?;
        if let Some(snapshot) = read {
            debug_assert_eq!(link.account.id.token(&snapshot.remote_id), token);
            store
                .put_tokens(link.account.id, ticket, &[snapshot], clock.now(), None)
                .await?;
            return Ok(true);
        }
    }
    Ok(false)
}

//! Blocking and unblocking one saved card (Zafapay fact sheet, sections 3.2 and 3.3).

use super::answers;
use super::link::{self, Key, Link};
use super::reading;
use crate::error::{ProviderError, ProviderErrorKind};
use reqwest::Method;
use serde_json::{Value, json};
use tokendesk_model::card_number::contains_card_number;
use tokendesk_model::{TokenSnapshot, TokenState};

/// Longest reason sent, in characters. The provider's own limit is not documented.
pub(super) const MAX_REASON_CHARS: usize = 255;

/// Blocks a card for a reason, which Zafapay keeps and shows.
///
/// # Errors
/// `Refused` without a status, and nothing is sent, when the reason is empty, too long or holds a card number. One more
/// request is made when the card is said to be in no state to be blocked: a card that is blocked is what was asked for.
pub(super) async fn block(link: &Link, current: &TokenSnapshot, reason: &str) -> Result<(), ProviderError> {
    let reason = reason.trim();
    let fits = (1..=MAX_REASON_CHARS).contains(&reason.chars().count())
        && !reason.chars().any(char::is_control)
        && !contains_card_number(reason);
    if !fits {
        return Err(ProviderError::new(ProviderErrorKind::Refused));
    }
    let body = json!({ "reason": reason });
    send(link, current, "block", Some(&body), TokenState::Inactive).await
}

/// Unblocks a card.
///
/// # Errors
/// As [`block`], but for the reason.
pub(super) async fn unblock(link: &Link, current: &TokenSnapshot) -> Result<(), ProviderError> {
    send(link, current, "unblock", None, TokenState::Active).await
}

async fn send(
    link: &Link,
    current: &TokenSnapshot,
    action: &str,
    body: Option<&Value>,
    wanted: TokenState,
) -> Result<(), ProviderError> {
    let target = link::saved_card(&current.remote_id, action)?;
    let answer = link.exchange(Key::Access, Method::POST, &target, body).await?;
    let code = answers::code(&answer);
    let answer = match answers::judge(answer) {
        Ok(answer) => answer,
        Err(error) if says_wrong_state(&error, code.as_deref()) => {
            return if stands_as(link, current, &wanted).await? {
                Ok(())
            } else {
                Err(error)
            };
        }
        Err(error) => return Err(error),
    };
    // The documented answer names the card; an empty one is a success as well. Another card is no answer.
    let about = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    match about["id"].as_str() {
        Some(id) if id != current.remote_id => Err(answers::unreadable(answer.status)),
        _ => Ok(()),
    }
}

// What a block of a blocked card answers is not documented: done, or one of these.
fn says_wrong_state(error: &ProviderError, code: Option<&str>) -> bool {
    error.kind == ProviderErrorKind::Refused && matches!(code, Some("invalid_status" | "invalid_state"))
}

async fn stands_as(link: &Link, current: &TokenSnapshot, wanted: &TokenState) -> Result<bool, ProviderError> {
    let Some(customer_id) = current.particulars.record.as_deref() else {
        return Ok(false);
    };
    let cards = reading::cards(link, customer_id, None).await?;
    Ok(cards
        .tokens
        .iter()
        .any(|token| token.remote_id == current.remote_id && token.state == *wanted))
}

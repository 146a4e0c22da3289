//! The cards of one customer, and one card by its ids (ProcessOut fact sheet, sections 5 and 8).

use super::answers::unreadable;
use super::lessons::Lessons;
use super::link::{Link, Path};
use super::reading::{self, Details};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::system::CustomerCards;
use serde_json::Value;
use std::collections::HashSet;
use tokendesk_model::{TokenSnapshot, VersionSnapshot};

/// Most objects a list gives at once.
pub(super) const MAX_LIMIT: u32 = 100;

/// A page of a list, with what it says about the next.
pub(super) struct Listed<'a> {
    pub rows: &'a [Value],
    pub has_more: bool,
}

/// Takes a list apart.
///
/// # Errors
/// `Unreadable` without its array; `null` is an empty one.
pub(super) fn listed<'a>(body: &'a Value, name: &str, limit: u32) -> Result<Listed<'a>, ProviderError> {
    let rows: &[Value] = match body.get(name) {
        Some(Value::Array(rows)) => rows,
        Some(Value::Null) => &[],
        _ => return Err(unreadable(200)),
    };
    // The only number to rely on; where it is missing a full page may have a next one.
    let has_more = body["has_more"]
        .as_bool()
        .unwrap_or_else(|| u32::try_from(rows.len()).is_ok_and(|count| count >= limit));
    Ok(Listed { rows, has_more })
}

/// Whether an answer refuses an `expand`.
pub(super) fn refuses_expand(error: &ProviderError) -> bool {
    error.kind == ProviderErrorKind::Refused
        && error
            .message
            .as_deref()
            .is_some_and(|words| words.contains("request.expand.invalid"))
}

/// Every card of a customer, complete. One request for a hundred tokens, and one for each card its list does not show.
pub(super) async fn of_customer(
    link: &Link,
    lessons: &Lessons,
    customer_id: &str,
    email: Option<&str>,
) -> Result<CustomerCards, ProviderError> {
    let mut cards = CustomerCards::default();
    let mut not_shown = Vec::new();
    let mut seen = HashSet::new();
    let mut after: Option<String> = None;
    loop {
        let body = page(link, lessons, customer_id, after.as_deref()).await?;
        let listed = listed(&body, "tokens", MAX_LIMIT)?;
        for row in listed.rows {
            match take(row, customer_id, email, &mut cards) {
                Some(Details::NotShown) => not_shown.extend(reading::id(row)),
                Some(Details::Told(_) | Details::Nothing) => {}
                None => cards.unreadable += 1,
            }
        }
        if !listed.has_more {
            break;
        }
        let next = listed.rows.iter().rev().find_map(reading::id);
        // A list that does not move on would be walked for ever.
        after = Some(
            next.filter(|id| seen.insert(id.clone()))
                .ok_or_else(|| unreadable(200))?,
        );
    }
    if !not_shown.is_empty() {
        lessons.no_cards();
    }
    for id in not_shown {
        match link.read(&Path::token(customer_id, Some(&id))?).await {
            Ok(body) => match reading::details(about(&body, &id)?) {
                Details::Told(version) => cards.details.push(*version),
                Details::Nothing => cards.without_details.push(id),
                // It has a card that nobody shows: not read.
                Details::NotShown => {}
            },
            // Deleted since it was listed.
            Err(error) if error.kind == ProviderErrorKind::NotFound => {
                cards.tokens.retain(|token| token.remote_id != id);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(cards)
}

async fn page(
    link: &Link,
    lessons: &Lessons,
    customer_id: &str,
    after: Option<&str>,
) -> Result<Value, ProviderError> {
    let mut path = Path::token(customer_id, None)?.with("limit", &MAX_LIMIT.to_string());
    if let Some(after) = after {
        path = path.with("start_after", after);
    }
    if lessons.asks_for_cards() {
        match link.read(&path.clone().expanding("card")).await {
            Err(error) if refuses_expand(&error) => lessons.no_cards(),
            answer => return answer,
        }
    }
    link.read(&path).await
}

/// Puts one listed token where it belongs; what its details are. None: it could not be read.
pub(super) fn take(
    row: &Value,
    customer_id: &str,
    email: Option<&str>,
    cards: &mut CustomerCards,
) -> Option<Details> {
    let token = reading::token(row, customer_id, email)?;
    let details = reading::details(row);
    match &details {
        Details::Told(version) => cards.details.push((**version).clone()),
        Details::Nothing => cards.without_details.push(token.remote_id.clone()),
        Details::NotShown => {}
    }
    cards.tokens.push(token);
    Some(details)
}

/// The token an answer is about.
///
/// # Errors
/// `Unreadable` when it is another one than was asked for.
pub(super) fn about<'a>(body: &'a Value, id: &str) -> Result<&'a Value, ProviderError> {
    let token = &body["token"];
    match reading::id(token) {
        Some(told) if told == id => Ok(token),
        _ => Err(unreadable(200)),
    }
}

/// One token with its customer's email; `None` when ProcessOut does not know it. One request where the server puts the
/// customer in, else two.
pub(super) async fn one(
    link: &Link,
    lessons: &Lessons,
    customer_id: &str,
    id: &str,
) -> Result<Option<TokenSnapshot>, ProviderError> {
    let path = Path::token(customer_id, Some(id))?;
    let expanded = if lessons.asks_for_owner() {
        match link.read(&path.clone().expanding("customer")).await {
            Err(error) if refuses_expand(&error) => {
                lessons.no_owner();
                None
            }
            answer => Some(answer),
        }
    } else {
        None
    };
    let answer = match expanded {
        Some(answer) => answer,
        None => link.read(&path).await,
    };
    let body = match answer {
        Ok(body) => body,
        Err(error) if error.kind == ProviderErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let object = about(&body, id)?;
    let owner = reading::customer(&object["customer"]).filter(|owner| owner.customer_id == customer_id);
    let email = match owner {
        Some(owner) => owner.email,
        None => {
            lessons.no_owner();
            email_of(link, customer_id).await?
        }
    };
    let token = reading::token(object, customer_id, email.as_deref()).ok_or_else(|| unreadable(200))?;
    Ok(Some(token))
}

// A customer who was deleted may have left the token behind: it has no email then.
async fn email_of(link: &Link, customer_id: &str) -> Result<Option<String>, ProviderError> {
    match link.read(&Path::named(&["customers", customer_id])?).await {
        Ok(body) => {
            let customer = reading::customer(&body["customer"]).ok_or_else(|| unreadable(200))?;
            Ok(customer.email)
        }
        Err(error) if error.kind == ProviderErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The saved details of one token; none when it has none or is not known.
pub(super) async fn details_of(
    link: &Link,
    customer_id: &str,
    id: &str,
) -> Result<Option<VersionSnapshot>, ProviderError> {
    let body = match link.read(&Path::token(customer_id, Some(id))?).await {
        Ok(body) => body,
        Err(error) if error.kind == ProviderErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match reading::details(about(&body, id)?) {
        Details::Told(version) => Ok(Some(*version)),
        Details::Nothing => Ok(None),
        // A single token always shows its card (section 5.1); without it nothing can be said.
        Details::NotShown => Err(unreadable(200)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: Value) -> Option<(usize, bool)> {
        listed(&body, "tokens", 2)
            .ok()
            .map(|page| (page.rows.len(), page.has_more))
    }

    #[test]
    fn a_list_that_is_not_there_is_not_an_empty_one() {
        assert_eq!(read(json!({ "tokens": [], "has_more": false })), Some((0, false)));
        assert_eq!(
            read(json!({ "tokens": null, "has_more": null })),
            Some((0, false))
        );
        assert_eq!(read(json!({ "has_more": false })), None);
        assert_eq!(read(json!({ "tokens": {} })), None);
    }

    #[test]
    fn what_the_list_says_of_a_next_page_counts_more_than_how_full_it_is() {
        assert_eq!(read(json!({ "tokens": [1], "has_more": true })), Some((1, true)));
        assert_eq!(
            read(json!({ "tokens": [1, 2], "has_more": false, "total_count": 9 })),
            Some((2, false))
        );
        assert_eq!(read(json!({ "tokens": [1, 2] })), Some((2, true)));
        assert_eq!(read(json!({ "tokens": [1] })), Some((1, false)));
    }
}

//! The walk over all customers, newest first (ProcessOut fact sheet, sections 7 and 8).
//!
//! A cursor is the id of a customer, who may be deleted before the next page is asked for. So a few ids stand in ours, the
//! last one first; when none of them works any more the walk begins anew, which repeats pages and misses nobody.

use super::answers::unreadable;
use super::cards::{self, MAX_LIMIT, listed, refuses_expand};
use super::lessons::Lessons;
use super::link::{Link, Path};
use super::reading::{self, Details};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::system::{CustomerCards, ListedCustomer, Page};
use serde_json::Value;
use tokendesk_model::CustomerSnapshot;

/// Ids kept in a cursor. No id holds the sign between them.
const KEPT: usize = 4;
const BETWEEN: char = ' ';

/// One page of customers after `after`, with their cards where the server brings them along. One request, a second one where
/// a longer list of tokens than any before is compared with the customer's own, more where a cursor's customer is gone.
pub(super) async fn customers(
    link: &Link,
    lessons: &Lessons,
    after: Option<&str>,
    limit: u32,
) -> Result<Page<ListedCustomer>, ProviderError> {
    let limit = limit.clamp(1, MAX_LIMIT);
    let mut answer = None;
    for id in after
        .unwrap_or_default()
        .split(BETWEEN)
        .filter(|id| !id.is_empty())
    {
        match page(link, lessons, Some(id), limit).await {
            Err(error) if is_cursor_lost(&error) => {}
            Err(error) => return Err(error),
            Ok(body) => {
                // A list that does not move on would be walked for ever.
                if listed(&body, "customers", limit)?
                    .rows
                    .iter()
                    .any(|row| row["id"] == id)
                {
                    return Err(unreadable(200));
                }
                answer = Some(body);
                break;
            }
        }
    }
    let body = match answer {
        Some(body) => body,
        None => page(link, lessons, None, limit).await?,
    };
    let listed = listed(&body, "customers", limit)?;
    let ids: Vec<String> = listed
        .rows
        .iter()
        .rev()
        .filter_map(reading::id)
        .take(KEPT)
        .collect();
    if listed.has_more && ids.is_empty() {
        return Err(unreadable(200));
    }
    compare_longest(link, lessons, listed.rows).await?;
    let items: Vec<ListedCustomer> = listed.rows.iter().filter_map(|row| one(row, lessons)).collect();
    Ok(Page {
        unreadable: listed.rows.len() - items.len(),
        next: listed.has_more.then(|| ids.join(&BETWEEN.to_string())),
        items,
    })
}

/// Whether an answer says that the object named as cursor is not known (any more).
pub(super) fn is_cursor_lost(error: &ProviderError) -> bool {
    let invalid = error
        .message
        .as_deref()
        .is_some_and(|words| words.contains("request.pagination.invalid"));
    error.kind == ProviderErrorKind::NotFound || (error.kind == ProviderErrorKind::Refused && invalid)
}

async fn page(
    link: &Link,
    lessons: &Lessons,
    after: Option<&str>,
    limit: u32,
) -> Result<Value, ProviderError> {
    let mut path = Path::of(&["customers"]).with("limit", &limit.to_string());
    if let Some(after) = after {
        path = path.with("start_after", after);
    }
    if lessons.asks_for_tokens() {
        let expanded = path.clone().expanding("tokens").expanding("tokens.card");
        match link.read(&expanded).await {
            Err(error) if refuses_expand(&error) => lessons.no_tokens(),
            answer => return answer,
        }
    }
    link.read(&path).await
}

// Believed are only lists shorter than one that was found whole: the longest of a page is worth a request.
async fn compare_longest(link: &Link, lessons: &Lessons, rows: &[Value]) -> Result<(), ProviderError> {
    if !lessons.asks_for_tokens() {
        return Ok(());
    }
    let with_tokens = rows
        .iter()
        .filter_map(|row| Some((reading::id(row)?, row["tokens"].as_array()?)));
    let Some((id, tokens)) = with_tokens.max_by_key(|(_, tokens)| tokens.len()) else {
        if !rows.is_empty() {
            lessons.no_tokens();
        }
        return Ok(());
    };
    if tokens.is_empty() || lessons.is_whole(tokens.len()) {
        return Ok(());
    }
    // Cards that are missing here are missing everywhere in such lists.
    if tokens
        .iter()
        .any(|token| reading::details(token) == Details::NotShown)
    {
        lessons.no_tokens();
        return Ok(());
    }
    let own = match cards::of_customer(link, lessons, &id, None).await {
        Ok(own) => own,
        // Deleted meanwhile: another page will tell.
        Err(error) if error.kind == ProviderErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if own.tokens.len() + own.unreadable > tokens.len() {
        lessons.no_tokens();
    } else {
        lessons.found_whole(tokens.len());
    }
    Ok(())
}

fn one(row: &Value, lessons: &Lessons) -> Option<ListedCustomer> {
    let customer = reading::customer(row)?;
    let cards = if lessons.asks_for_tokens() {
        row["tokens"]
            .as_array()
            .filter(|tokens| lessons.is_whole(tokens.len()))
            .and_then(|tokens| brought_along(tokens, &customer))
    } else {
        None
    };
    Some(ListedCustomer { customer, cards })
}

// All or nothing: a card that is not shown has to be read by itself, and then the rest comes with it.
fn brought_along(tokens: &[Value], customer: &CustomerSnapshot) -> Option<CustomerCards> {
    let mut cards = CustomerCards::default();
    for row in tokens {
        match cards::take(row, &customer.customer_id, customer.email.as_deref(), &mut cards) {
            Some(Details::NotShown) => return None,
            Some(Details::Told(_) | Details::Nothing) => {}
            None => cards.unreadable += 1,
        }
    }
    Some(cards)
}

//! What happened since: events upwards from the last one seen (ProcessOut fact sheet, section 9).
//!
//! Neither retention nor order of events is documented, nor whether customers are still told of at all. So a feed that does
//! not reach back, or does not tell of a customer who is there, says so, and whoever asked makes a complete pass. To notice
//! the latter the newest customer's time stands in the cursor.

use super::answers::unreadable;
use super::cards::{Listed, MAX_LIMIT, listed};
use super::link::{Link, Path};
use super::listing::is_cursor_lost;
use super::reading;
use crate::error::ProviderError;
use crate::system::News;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;
use std::collections::HashSet;

/// The place of a feed without events. No id looks like it.
const EMPTY: &str = "-";

/// Farther back a complete pass is the shorter way: most events are payments.
const MAX_PAGES: usize = 30;

/// Where a feed was left.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    event: String,
    /// When the newest customer was made.
    newest_customer: Option<DateTime<Utc>>,
}

impl Place {
    fn read(text: &str) -> Self {
        let (event, time) = text.split_once(' ').unwrap_or((text, ""));
        Self {
            event: event.to_owned(),
            newest_customer: DateTime::parse_from_rfc3339(time).ok().map(|time| time.to_utc()),
        }
    }

    fn write(&self) -> String {
        match self.newest_customer {
            Some(time) => format!(
                "{} {}",
                self.event,
                time.to_rfc3339_opts(SecondsFormat::Nanos, true)
            ),
            None => self.event.clone(),
        }
    }
}

/// Reads the feed. Several requests.
///
/// # Errors
/// As of [`Link::read`]; `Unreadable` for events without ids.
pub(super) async fn since(link: &Link, since: Option<&str>) -> Result<News, ProviderError> {
    let Some(since) = since else {
        let event = newest_event(link).await?;
        let place = Place {
            event: event.unwrap_or_else(|| EMPTY.to_owned()),
            newest_customer: newest_customers(link, 1).await?.first().and_then(|(_, at)| *at),
        };
        return Ok(News {
            cursor: place.write(),
            customers: Vec::new(),
            complete: true,
        });
    };
    let place = Place::read(since);
    let mut seen = Seen::default();
    let mut complete = walk(link, &place.event, &mut seen).await?;
    let event = match seen.last.clone() {
        Some(last) if complete => last,
        _ if complete => place.event.clone(),
        _ => newest_event(link).await?.unwrap_or_else(|| EMPTY.to_owned()),
    };
    let newest = newest_customers(link, MAX_LIMIT).await?;
    for (id, created) in &newest {
        // Every one is new where none was there.
        let is_new = match (created, place.newest_customer) {
            (Some(created), Some(then)) => *created > then,
            (_, None) => true,
            (None, Some(_)) => false,
        };
        if is_new && !seen.known.contains(id) {
            complete = false;
            seen.name(id.clone());
        }
    }
    let cursor = Place {
        event,
        newest_customer: newest
            .iter()
            .filter_map(|(_, created)| *created)
            .max()
            .max(place.newest_customer),
    };
    Ok(News {
        cursor: cursor.write(),
        complete: complete && !seen.nameless,
        customers: seen.customers,
    })
}

async fn newest_event(link: &Link) -> Result<Option<String>, ProviderError> {
    let body = link.read(&Path::of(&["events"]).with("limit", "1")).await?;
    let rows = listed(&body, "events", 1)?.rows;
    rows.first().map(event_id).transpose()
}

async fn newest_customers(
    link: &Link,
    limit: u32,
) -> Result<Vec<(String, Option<DateTime<Utc>>)>, ProviderError> {
    let path = Path::of(&["customers"]).with("limit", &limit.to_string());
    let body = link.read(&path).await?;
    let rows = listed(&body, "customers", limit)?.rows;
    Ok(rows
        .iter()
        .filter_map(|row| Some((reading::id(row)?, reading::time(&row["created_at"]))))
        .collect())
}

fn event_id(event: &Value) -> Result<String, ProviderError> {
    reading::id(event).ok_or_else(|| unreadable(200))
}

// Whether every event since then was seen.
async fn walk(link: &Link, since: &str, seen: &mut Seen) -> Result<bool, ProviderError> {
    let mut at = since.to_owned();
    for _ in 0..MAX_PAGES {
        let mut path = Path::of(&["events"])
            .with("limit", &MAX_LIMIT.to_string())
            .with("order", "asc");
        if at != EMPTY {
            path = path.with("start_after", &at);
        }
        let body = match link.read(&path).await {
            Ok(body) => body,
            Err(error) if is_cursor_lost(&error) => return Ok(false),
            Err(error) => return Err(error),
        };
        let page = listed(&body, "events", MAX_LIMIT)?;
        let goes_on = !page.rows.iter().any(|row| row["id"] == at.as_str());
        if body["order"] == "desc" || !goes_on || falls(page.rows) {
            return downwards(link, since, seen).await;
        }
        for event in page.rows {
            seen.take(event_id(event)?, event);
        }
        match (&seen.last, page.has_more) {
            (Some(last), true) if *last != at => at.clone_from(last),
            (_, true) => return Ok(false),
            (_, false) => return Ok(true),
        }
    }
    Ok(false)
}

// Whether a page runs from newer to older.
fn falls(rows: &[Value]) -> bool {
    let fired = |row: Option<&Value>| reading::time(&row?["fired_at"]);
    match (fired(rows.first()), fired(rows.last())) {
        (Some(first), Some(last)) => first > last,
        _ => false,
    }
}

// A server that always lists the newest first is walked the other way, down to the one that is known.
async fn downwards(link: &Link, since: &str, seen: &mut Seen) -> Result<bool, ProviderError> {
    *seen = Seen::default();
    let mut newest = None;
    let mut at: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let mut path = Path::of(&["events"]).with("limit", &MAX_LIMIT.to_string());
        if let Some(at) = &at {
            path = path.with("start_after", at);
        }
        let body = link.read(&path).await?;
        let Listed { rows, has_more } = listed(&body, "events", MAX_LIMIT)?;
        let first = rows.first().map(event_id).transpose()?;
        // The same page again: cursors are not heeded either.
        if first.is_none() || first == newest {
            seen.last = newest;
            return Ok(since == EMPTY && first.is_none());
        }
        for event in rows {
            let id = event_id(event)?;
            if id == since {
                seen.last = newest;
                return Ok(true);
            }
            newest.get_or_insert_with(|| id.clone());
            seen.take(id, event);
        }
        if !has_more {
            seen.last = newest;
            return Ok(since == EMPTY);
        }
        at = rows.last().map(event_id).transpose()?;
    }
    Ok(false)
}

#[derive(Default)]
struct Seen {
    last: Option<String>,
    customers: Vec<String>,
    known: HashSet<String>,
    /// Something happened to a customer that is not named.
    nameless: bool,
}

impl Seen {
    fn take(&mut self, id: String, event: &Value) {
        self.last = Some(id);
        let name = event["name"].as_str().unwrap_or_default();
        let data = &event["data"];
        if !name.starts_with("customer.") && !name.starts_with("token.") {
            return;
        }
        let named = reading::id(&data["customer"])
            .or_else(|| data["token"]["customer_id"].as_str().map(str::to_owned))
            .or_else(|| reading::id(&data["token"]["customer"]))
            .filter(|id| !id.is_empty());
        match named {
            Some(customer) => self.name(customer),
            None => self.nameless = true,
        }
    }

    fn name(&mut self, customer: String) {
        if self.known.insert(customer.clone()) {
            self.customers.push(customer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_place_reads_back_as_it_was_written() {
        let at = DateTime::parse_from_rfc3339("2026-02-03T10:00:00.645447Z")
            .unwrap()
            .to_utc();
        for place in [
            Place {
                event: "ev_1".to_owned(),
                newest_customer: Some(at),
            },
            Place {
                event: EMPTY.to_owned(),
                newest_customer: None,
            },
        ] {
            assert_eq!(Place::read(&place.write()), place);
        }
    }

    #[test]
    fn each_customer_is_named_once_however_the_event_names_it() {
        let mut seen = Seen::default();
        for (id, event) in [
            (
                "e1",
                json!({ "name": "customer.created", "data": { "customer": { "id": "c1" } } }),
            ),
            (
                "e2",
                json!({ "name": "customer.token.updated", "data": { "token": { "customer_id": "c2" } } }),
            ),
            (
                "e3",
                json!({ "name": "customer.token.deleted", "data": { "token": { "customer": { "id": "c1" } } } }),
            ),
            (
                "e4",
                json!({ "name": "transaction.captured", "data": { "transaction": {} } }),
            ),
        ] {
            seen.take(id.to_owned(), &event);
        }
        assert_eq!(seen.customers, ["c1", "c2"]);
        assert_eq!((seen.last.as_deref(), seen.nameless), (Some("e4"), false));
        seen.take(
            "e5".to_owned(),
            &json!({ "name": "customer.deleted", "data": null }),
        );
        assert!(seen.nameless);
    }
}

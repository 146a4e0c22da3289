//! What happened since: past events, newest first, back to the last one seen (KOMOJU fact sheet, section 8).
//!
//! Whether events are kept for a merchant without a webhook, and for how long, is not documented. So a feed that does not
//! reach back says so, and whoever asked makes a complete pass.

use super::link::{Link, Path, unreadable};
use super::listing::MAX_PER_PAGE;
use super::reading;
use crate::error::ProviderError;
use crate::system::News;
use serde_json::Value;
use std::collections::BTreeSet;

/// The place of a feed without events. No id looks like it.
const EMPTY: &str = "-";

/// Farther back a complete pass is the shorter way.
const MAX_PAGES: u32 = 20;

/// Reads the feed.
///
/// # Errors
/// As of [`Link::read`]; `Unreadable` for events without ids.
pub(super) async fn since(link: &Link, since: Option<&str>) -> Result<News, ProviderError> {
    let mut seen = Seen::default();
    for page in 1..=MAX_PAGES {
        let per_page = if since.is_some() { MAX_PER_PAGE } else { 1 };
        let path = Path::of(&["events"])
            .with("page", &page.to_string())
            .with("per_page", &per_page.to_string());
        let body = link.read(&path).await?;
        let listed = reading::listed(&body).ok_or_else(|| unreadable(200))?;
        let Some(since) = since else {
            let newest = listed.data.first().map(event_id).transpose()?;
            return Ok(News {
                cursor: newest.unwrap_or_else(|| EMPTY.to_owned()),
                customers: Vec::new(),
                complete: true,
            });
        };
        for event in listed.data {
            let id = event_id(event)?;
            if id == since {
                return Ok(seen.news(since, true));
            }
            seen.take(id, event);
        }
        let is_last = match listed.last_page {
            Some(last) => u64::from(page) >= last,
            None => listed.data.is_empty(),
        };
        if is_last {
            // From a feed that was empty then, all of it is new.
            return Ok(seen.news(since, since == EMPTY));
        }
    }
    Ok(seen.news(since.unwrap_or(EMPTY), false))
}

fn event_id(event: &Value) -> Result<String, ProviderError> {
    reading::object_id(event).ok_or_else(|| unreadable(200))
}

#[derive(Default)]
struct Seen {
    newest: Option<String>,
    customers: Vec<String>,
    known: BTreeSet<String>,
    /// Something happened to a customer that is not named.
    nameless: bool,
}

impl Seen {
    fn take(&mut self, id: String, event: &Value) {
        self.newest.get_or_insert(id);
        let about_customer = event["type"]
            .as_str()
            .is_some_and(|kind| kind.starts_with("customer."))
            || event["data"]["resource"] == "customer";
        if !about_customer {
            return;
        }
        match reading::object_id(&event["data"]) {
            Some(customer) => {
                if self.known.insert(customer.clone()) {
                    self.customers.push(customer);
                }
            }
            None => self.nameless = true,
        }
    }

    fn news(self, since: &str, reached: bool) -> News {
        News {
            cursor: self.newest.unwrap_or_else(|| since.to_owned()),
            customers: self.customers,
            complete: reached && !self.nameless,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn customers_are_named_once_and_other_objects_not_at_all() {
        let mut seen = Seen::default();
        for (id, event) in [
            (
                "e4",
                json!({ "type": "customer.deleted", "data": { "id": "c1", "resource": "customer" } }),
            ),
            (
                "e3",
                json!({ "type": "payment.captured", "data": { "id": "p1", "resource": "payment", "customer": "c3" } }),
            ),
            (
                "e2",
                json!({ "type": "customer.updated", "data": { "id": "c1" } }),
            ),
            ("e1", json!({ "type": "ping", "data": null })),
            (
                "e0",
                json!({ "type": null, "data": { "id": "c2", "resource": "customer" } }),
            ),
        ] {
            seen.take(id.to_owned(), &event);
        }
        let news = seen.news("x", true);
        assert_eq!(news.cursor, "e4");
        assert_eq!(news.customers, ["c1", "c2"]);
        assert!(news.complete);
    }

    #[test]
    fn a_customer_that_is_not_named_makes_the_feed_incomplete() {
        let mut seen = Seen::default();
        seen.take(
            "e1".to_owned(),
            &json!({ "type": "customer.updated", "data": null }),
        );
        let news = seen.news("e0", true);
        assert_eq!((news.cursor.as_str(), news.complete), ("e1", false));
        assert_eq!(Seen::default().news("e0", true).cursor, "e0");
    }
}

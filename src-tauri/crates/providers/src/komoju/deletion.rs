//! What deleting a customer would take along: what that does to its subscriptions and open payments is not documented, so
//! they are named first (KOMOJU fact sheet, sections 4.3 and 7).

use super::link::{Link, Path, unreadable};
use super::listing::MAX_PER_PAGE;
use super::reading;
use crate::error::{ProviderError, ProviderErrorKind, RetryKind};
use crate::system::BeforeDeletion;
use serde_json::Value;

// Neither list can be asked for one customer. A shop with more open business than this is told that it was not looked
// through to the end.
const MAX_PAGES: u32 = 50;

/// Reads the open business of a customer.
///
/// # Errors
/// What may pass by itself, as of [`Link::read`]; what will not is told as `not_known`.
pub(super) async fn before(link: &Link, customer: &str) -> Result<BeforeDeletion, ProviderError> {
    let payments = || Path::of(&["payments"]).with("status", "pending,authorized");
    let (open_payments, one) = known(walk(link, payments, customer, is_open).await)?;
    let subscriptions = || Path::of(&["subscriptions"]);
    let (subscriptions, other) = known(walk(link, subscriptions, customer, is_running).await)?;
    Ok(BeforeDeletion {
        open_payments,
        subscriptions,
        not_known: one.or(other),
    })
}

type Known = (Vec<String>, Option<ProviderErrorKind>);

fn known(walked: Result<Known, ProviderError>) -> Result<Known, ProviderError> {
    match walked {
        Err(error) if error.retry() == RetryKind::Permanent => Ok((Vec::new(), Some(error.kind))),
        walked => walked,
    }
}

async fn walk(
    link: &Link,
    path: impl Fn() -> Path,
    customer: &str,
    fits: fn(&Value) -> bool,
) -> Result<Known, ProviderError> {
    let mut found: Vec<String> = Vec::new();
    for page in 1..=MAX_PAGES {
        let path = path()
            .with("page", &page.to_string())
            .with("per_page", &MAX_PER_PAGE.to_string());
        let body = link.read(&path).await?;
        let listed = reading::listed(&body).ok_or_else(|| unreadable(200))?;
        for object in listed.data {
            if belongs_to(object, customer) && fits(object) {
                let id = reading::object_id(object).ok_or_else(|| unreadable(200))?;
                // What is created meanwhile moves the others to the next page.
                if !found.contains(&id) {
                    found.push(id);
                }
            }
        }
        let is_last = match listed.last_page {
            Some(last) => u64::from(page) >= last,
            None => listed.data.is_empty(),
        };
        if is_last {
            return Ok((found, None));
        }
    }
    Ok((found, Some(ProviderErrorKind::OffsetTooLarge)))
}

// Payments hold the id, subscriptions the customer.
fn belongs_to(object: &Value, customer: &str) -> bool {
    let given = &object["customer"];
    given.as_str().or_else(|| given["id"].as_str()) == Some(customer)
}

fn is_open(payment: &Value) -> bool {
    matches!(payment["status"].as_str(), Some("pending" | "authorized"))
}

// Which statuses there are is not documented: whatever has not ended runs.
fn is_running(subscription: &Value) -> bool {
    subscription["ended_at"].is_null()
        && !matches!(subscription["status"].as_str(), Some("cancelled" | "deleted"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn open_business_belongs_to_one_customer() {
        assert!(belongs_to(&json!({ "customer": "c1" }), "c1"));
        assert!(belongs_to(&json!({ "customer": { "id": "c1" } }), "c1"));
        for other in [
            json!({ "customer": null }),
            json!({ "customer": "c2" }),
            json!({}),
        ] {
            assert!(!belongs_to(&other, "c1"));
        }
        assert!(is_open(&json!({ "status": "pending" })) && !is_open(&json!({ "status": "captured" })));
        assert!(is_running(&json!({ "status": "suspended" })));
        assert!(!is_running(
            &json!({ "status": "active", "ended_at": "2026-01-01T00:00:00Z" })
        ));
        assert!(!is_running(&json!({ "status": "cancelled", "ended_at": null })));
    }
}

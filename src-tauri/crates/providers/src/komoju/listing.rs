//! The walk over all customers, page by page in a frozen window (KOMOJU fact sheet, section 3).
//!
//! Pages have numbers, and a customer that is deleted meanwhile moves everything behind it up by one. So the number of all
//! customers travels in the cursor: where it fell, the walk steps back far enough to miss nobody. What is read twice that
//! way does no harm. A page that is shorter than its own numbers say is never taken for the end.

use super::link::{Link, Path, unreadable};
use super::reading::{self, Listed};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::system::{ListedCustomer, Page};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

/// Most objects asked for at once; how many come is the provider's own choice.
pub(super) const MAX_PER_PAGE: u32 = 100;

/// Where a walk is. Written as text for whoever keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// Only what was created before this.
    end: DateTime<Utc>,
    page: u64,
    per_page: u64,
    /// All customers in the window, as the page before told.
    total: Option<u64>,
    /// The page asked for last was said not to exist.
    stepped_back: bool,
}

impl Place {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('|');
        let mut number = |least: u64| -> Option<u64> { parts.next()?.parse().ok().filter(|n| *n >= least) };
        let place = Self {
            page: number(1)?,
            per_page: number(1)?,
            stepped_back: number(0)? == 1,
            total: match parts.next()? {
                "" => None,
                digits => Some(digits.parse().ok()?),
            },
            end: DateTime::parse_from_rfc3339(parts.next()?).ok()?.to_utc(),
        };
        parts.next().is_none().then_some(place)
    }

    fn write(&self) -> String {
        let total = self.total.map(|total| total.to_string()).unwrap_or_default();
        format!(
            "{}|{}|{}|{total}|{}",
            self.page,
            self.per_page,
            u8::from(self.stepped_back),
            written(self.end)
        )
    }
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// One page of customers after `after`.
///
/// # Errors
/// `Refused` for a cursor this module did not write; `Unreadable` for a page that contradicts its own numbers; else as
/// of [`Link::read`].
pub(super) async fn customers(
    link: &Link,
    after: Option<&str>,
    limit: u32,
) -> Result<Page<ListedCustomer>, ProviderError> {
    let place = match after {
        Some(text) => Place::read(text).ok_or_else(|| ProviderError::new(ProviderErrorKind::Refused))?,
        None => Place {
            end: link.provider_now(),
            page: 1,
            per_page: u64::from(limit.clamp(1, MAX_PER_PAGE)),
            total: None,
            stepped_back: false,
        },
    };
    let path = Path::of(&["customers"])
        .with("page", &place.page.to_string())
        .with("per_page", &place.per_page.to_string())
        .with("end_time", &written(place.end));
    match link.read(&path).await {
        Ok(body) => taken(&body, &place),
        // The pages before have shrunk under the walk; a list that is not there at all is something else.
        Err(error) if error.kind == ProviderErrorKind::NotFound && place.page > 1 && !place.stepped_back => {
            let back = Place {
                page: place.page - 1,
                stepped_back: true,
                ..place
            };
            Ok(Page {
                items: Vec::new(),
                next: Some(back.write()),
                unreadable: 0,
            })
        }
        Err(error) => Err(error),
    }
}

fn taken(body: &Value, place: &Place) -> Result<Page<ListedCustomer>, ProviderError> {
    let listed = reading::listed(body).ok_or_else(|| unreadable(200))?;
    let next = next(&listed, place)?;
    let items: Vec<ListedCustomer> = listed.data.iter().filter_map(reading::customer).collect();
    Ok(Page {
        unreadable: listed.data.len() - items.len(),
        next: next.map(|place| place.write()),
        items,
    })
}

fn next(listed: &Listed<'_>, place: &Place) -> Result<Option<Place>, ProviderError> {
    let count = listed.data.len() as u64;
    let per_page = listed.per_page.unwrap_or(place.per_page);
    if let Some(total) = listed.total {
        let before = (place.page - 1).saturating_mul(per_page);
        if count != total.saturating_sub(before).min(per_page) {
            return Err(unreadable(200));
        }
    }
    let on = |page: u64, stepped_back: bool| Place {
        page,
        per_page,
        total: listed.total.or(place.total),
        stepped_back,
        end: place.end,
    };
    let gone = match (place.total, listed.total) {
        (Some(then), Some(now)) => then.saturating_sub(now),
        _ => 0,
    };
    if gone > 0 && place.page > 1 {
        let back = gone.div_ceil(per_page);
        return Ok(Some(on(place.page.saturating_sub(back).max(1), false)));
    }
    let is_last = match listed.last_page {
        Some(last) => place.page >= last,
        None => count == 0,
    };
    Ok((!is_last).then(|| on(place.page + 1, place.stepped_back)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn place(page: u64, total: Option<u64>) -> Place {
        Place {
            end: DateTime::parse_from_rfc3339("2026-02-03T10:00:00.500Z")
                .unwrap()
                .to_utc(),
            page,
            per_page: 100,
            total,
            stepped_back: false,
        }
    }

    fn page(count: usize, per_page: u64, page: u64, total: u64) -> Value {
        let rows: Vec<Value> = (0..count).map(|n| json!({ "id": format!("c{n}") })).collect();
        json!({ "data": rows, "total": total, "page": page, "per_page": per_page, "last_page": total.div_ceil(per_page).max(1) })
    }

    fn next_page(body: &Value, place: &Place) -> Option<u64> {
        let next = taken(body, place).unwrap().next?;
        Some(Place::read(&next).unwrap().page)
    }

    #[test]
    fn a_cursor_reads_back_as_it_was_written() {
        for place in [
            place(1, None),
            Place {
                stepped_back: true,
                ..place(3, Some(412))
            },
        ] {
            assert_eq!(Place::read(&place.write()), Some(place));
        }
        for odd in [
            "",
            "1",
            "0|10|0||2026-02-03T10:00:00Z",
            "1|10|0|x|2026-02-03T10:00:00Z",
            "1|10|0||soon",
            "1|10|0||2026-02-03T10:00:00Z|x",
        ] {
            assert_eq!(Place::read(odd), None, "{odd}");
        }
    }

    #[test]
    fn the_walk_goes_by_the_pages_the_provider_makes() {
        assert_eq!(next_page(&page(20, 20, 1, 45), &place(1, None)), Some(2));
        let second = Place {
            per_page: 20,
            ..place(2, Some(45))
        };
        assert_eq!(next_page(&page(20, 20, 2, 45), &second), Some(3));
        let third = Place {
            per_page: 20,
            ..place(3, Some(45))
        };
        assert_eq!(next_page(&page(5, 20, 3, 45), &third), None);
        assert_eq!(next_page(&page(0, 20, 1, 0), &place(1, None)), None);
    }

    #[test]
    fn a_list_that_tells_no_numbers_is_walked_until_it_is_empty() {
        let bare = |count: usize| json!({ "data": vec![json!({ "id": "c" }); count] });
        assert_eq!(next_page(&bare(3), &place(1, None)), Some(2));
        assert_eq!(next_page(&bare(0), &place(2, None)), None);
    }

    #[test]
    fn a_page_that_contradicts_itself_is_not_the_end() {
        for body in [
            page(99, 100, 1, 250),
            page(0, 100, 1, 250),
            page(3, 100, 1, 2),
            json!({ "data": null }),
            json!([]),
        ] {
            let kind = taken(&body, &place(1, None)).map_err(|error| error.kind);
            assert_eq!(kind.err(), Some(ProviderErrorKind::Unreadable), "{body}");
        }
    }

    #[test]
    fn deleted_customers_move_the_walk_back() {
        assert_eq!(
            next_page(&page(100, 100, 3, 999), &place(3, Some(1_000))),
            Some(2)
        );
        assert_eq!(
            next_page(&page(100, 100, 5, 799), &place(5, Some(1_000))),
            Some(2)
        );
        assert_eq!(next_page(&page(0, 100, 3, 150), &place(3, Some(250))), Some(2));
        // None of those before was deleted when the first page was read.
        assert_eq!(next_page(&page(100, 100, 1, 300), &place(1, Some(400))), Some(2));
    }

    #[test]
    fn a_row_that_cannot_be_read_is_counted() {
        let mut body = page(2, 100, 1, 2);
        body["data"][0]["id"] = json!(null);
        let page = taken(&body, &place(1, None)).unwrap();
        assert_eq!((page.items.len(), page.unreadable), (1, 1));
    }
}

//! Cursor paging (ProcessOut fact sheet, section 7). Knows lists only as places in order of creation.

use serde_json::{Map, Value, json};

use super::errors::{Answered, Refusal};
use super::switches::{LargeLimit, Switches, UnknownCursor};

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 100;

/// What part of a list is asked for.
pub(super) struct Page {
    limit: usize,
    cursor: Option<Cursor>,
    ascending: bool,
}

enum Cursor {
    After(String),
    Before(String),
}

/// The part of a list that was found.
pub(super) struct Part {
    /// Places, in the order of the list.
    pub(super) places: Vec<usize>,
    has_more: bool,
    limit: usize,
    ascending: bool,
    total: usize,
}

/// A list to choose from.
pub(super) trait Listed {
    /// How many places there are, gone ones included.
    fn len(&self) -> usize;
    /// Whether the object at this place is still there.
    fn is_there(&self, place: usize) -> bool;
    /// The place of an object, gone ones included.
    fn place_of(&self, id: &str) -> Option<usize>;
}

impl Page {
    /// Reads the query; an empty value is the same as none.
    pub(super) fn of(query: &[(String, String)], switches: &Switches) -> Answered<Self> {
        let given = |name: &str| {
            query
                .iter()
                .find(|(key, value)| key == name && !value.is_empty())
                .map(|(_, value)| value.as_str())
        };
        let limit = match given("limit") {
            None => DEFAULT_LIMIT,
            Some(text) => match text.parse::<usize>() {
                Ok(0) => DEFAULT_LIMIT,
                Ok(limit) if limit <= MAX_LIMIT => limit,
                Ok(_) if switches.large_limit == LargeLimit::Clamped => MAX_LIMIT,
                _ => return Err(Refusal::pagination()),
            },
        };
        let cursor = match (given("start_after"), given("end_before")) {
            (None, None) => None,
            (Some(id), None) => Some(Cursor::After(id.to_owned())),
            (None, Some(id)) => Some(Cursor::Before(id.to_owned())),
            (Some(_), Some(_)) => return Err(Refusal::pagination()),
        };
        let ascending = match given("order") {
            None | Some("desc") => false,
            Some("asc") => true,
            Some(_) => return Err(Refusal::pagination()),
        };
        if given("filter").is_some() {
            return Err(Refusal::new(
                400,
                "request.filter.invalid",
                "The filter is invalid.",
            ));
        }
        Ok(Self {
            limit,
            cursor,
            ascending,
        })
    }

    /// The same without its order, for a list that does not heed it.
    pub(super) fn newest_first(self) -> Self {
        Self {
            ascending: false,
            ..self
        }
    }

    /// The same from the beginning, for a list that does not heed cursors.
    pub(super) fn without_cursor(self) -> Self {
        Self { cursor: None, ..self }
    }

    /// The places asked for.
    pub(super) fn choose(&self, list: &impl Listed, switches: &Switches) -> Answered<Part> {
        let place = |id: &str| {
            list.place_of(id)
                .filter(|place| switches.deleted_cursor || list.is_there(*place))
                .ok_or_else(|| match switches.unknown_cursor {
                    UnknownCursor::BadRequest => Refusal::pagination(),
                    UnknownCursor::NotFound => {
                        Refusal::new(404, "resource.not-found", "The resource could not be found.")
                    }
                })
        };
        // A walk goes up or down from a place; a page before a cursor is walked away from it and turned round.
        let (from, up, turned) = match &self.cursor {
            None => (None, self.ascending, false),
            Some(Cursor::After(id)) => (Some(place(id)?), self.ascending, false),
            Some(Cursor::Before(id)) => (Some(place(id)?), !self.ascending, true),
        };
        let mut walk: Box<dyn Iterator<Item = usize>> = match (up, from) {
            (true, None) => Box::new(0..list.len()),
            (true, Some(from)) => Box::new(from + 1..list.len()),
            (false, None) => Box::new((0..list.len()).rev()),
            (false, Some(from)) => Box::new((0..from).rev()),
        };
        let mut places = Vec::with_capacity(self.limit.min(list.len()));
        let mut has_more = false;
        for place in walk.by_ref().filter(|place| list.is_there(*place)) {
            if places.len() == self.limit {
                has_more = true;
                break;
            }
            places.push(place);
        }
        if turned {
            places.reverse();
        }
        Ok(Part {
            places,
            has_more,
            limit: self.limit,
            ascending: self.ascending,
            total: (0..list.len()).filter(|place| list.is_there(*place)).count(),
        })
    }
}

impl Part {
    /// The answer: the array under its name, and what the list says of itself.
    pub(super) fn envelope(&self, name: &str, rows: Vec<Value>) -> Value {
        let mut members = Map::new();
        members.insert("success".to_owned(), json!(true));
        members.insert("count".to_owned(), json!(rows.len()));
        members.insert("limit".to_owned(), json!(self.limit));
        members.insert(
            "order".to_owned(),
            json!(if self.ascending { "asc" } else { "desc" }),
        );
        members.insert("has_more".to_owned(), json!(self.has_more));
        members.insert("total_count".to_owned(), json!(self.total));
        members.insert(name.to_owned(), Value::Array(rows));
        Value::Object(members)
    }
}

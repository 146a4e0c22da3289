//! Lists in pages: which rows a request asks for (wallee fact sheet, section 4.4).

use super::problem::Problem;
use crate::switches::DefaultOrder;

/// Highest `offset` a search takes; beyond it the answer is 416.
const OFFSET_CAP: u64 = 10_000;

/// Parameters of a list.
pub(crate) struct ListPage {
    pub(crate) limit: usize,
    after: Option<u64>,
    before: Option<u64>,
    descending: bool,
}

/// Parameters of a search, its two languages still as text.
pub(crate) struct SearchPage {
    pub(crate) limit: usize,
    pub(crate) offset: usize,
    pub(crate) query: String,
    pub(crate) order: String,
}

fn limit(query: &[(String, String)]) -> Result<usize, Problem> {
    match single(query, "limit") {
        None => Ok(10),
        Some(text) => text
            .parse()
            .ok()
            .filter(|n| (1..=100).contains(n))
            .ok_or_else(|| Problem::bad("limit", "A number from 1 to 100 is expected.")),
    }
}

fn id(query: &[(String, String)], name: &str) -> Result<Option<u64>, Problem> {
    single(query, name)
        .map(|text| {
            text.parse::<u64>()
                .ok()
                .filter(|n| (1..=i64::MAX as u64).contains(n))
                .ok_or_else(|| Problem::bad(name, "A number from 1 is expected."))
        })
        .transpose()
}

fn single<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query
        .iter()
        .find(|(n, _)| n == name)
        .map(|(_, value)| value.as_str())
}

impl ListPage {
    pub(crate) fn from_query(query: &[(String, String)], default: DefaultOrder) -> Result<Self, Problem> {
        let descending = match single(query, "order") {
            None => default == DefaultOrder::Descending,
            Some("ASC") => false,
            Some("DESC") => true,
            Some(_) => return Err(Problem::bad("order", "ASC or DESC is expected.")),
        };
        Ok(Self {
            limit: limit(query)?,
            after: id(query, "after")?,
            before: id(query, "before")?,
            descending,
        })
    }

    /// The places to show, in order, and whether there are more. `rows` is sorted by id.
    pub(crate) fn choose<R>(
        &self,
        rows: &[R],
        id_of: impl Fn(&R) -> u64,
        shown: impl Fn(&R) -> bool,
    ) -> (Vec<usize>, bool) {
        // Ids strictly between the two bounds; in a descending list "after" means older.
        let (low, high) = if self.descending {
            (self.before, self.after)
        } else {
            (self.after, self.before)
        };
        let start = low.map_or(0, |bound| rows.partition_point(|r| id_of(r) <= bound));
        let end = high
            .map_or(rows.len(), |bound| rows.partition_point(|r| id_of(r) < bound))
            .max(start);
        // "Before" alone asks for the rows next to the bound, so it is walked from there and turned round.
        let backwards = self.before.is_some() && self.after.is_none();
        let wanted = self.limit + 1;
        let span = (start..end).filter(|place| shown(&rows[*place]));
        let mut places: Vec<usize> = if self.descending != backwards {
            span.rev().take(wanted).collect()
        } else {
            span.take(wanted).collect()
        };
        let more = places.len() > self.limit;
        places.truncate(self.limit);
        if backwards {
            places.reverse();
        }
        (places, more)
    }
}

impl SearchPage {
    pub(crate) fn from_query(query: &[(String, String)]) -> Result<Self, Problem> {
        let offset = match single(query, "offset") {
            None => 0,
            Some(text) => text
                .parse::<u64>()
                .map_err(|_| Problem::bad("offset", "A number from 0 is expected."))?,
        };
        if offset > OFFSET_CAP {
            return Err(Problem::new(
                416,
                "offset_too_large",
                "The offset exceeds the limit of 10000.",
            ));
        }
        Ok(Self {
            limit: limit(query)?,
            offset: offset as usize,
            query: single(query, "query").unwrap_or_default().to_owned(),
            order: single(query, "order").unwrap_or_default().to_owned(),
        })
    }
}

/// Which nested objects are to be filled: `expand=a&expand=b.c`; a dotted path fills both levels.
pub(crate) struct Expand(Vec<String>);

impl Expand {
    pub(crate) fn from_query(query: &[(String, String)]) -> Self {
        Self(
            query
                .iter()
                .filter(|(name, _)| name == "expand")
                .flat_map(|(_, value)| value.split(','))
                .map(|path| path.trim().to_owned())
                .collect(),
        )
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.0.iter().any(|asked| {
            asked
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

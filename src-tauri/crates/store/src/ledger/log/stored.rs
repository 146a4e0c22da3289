//! Rows of the log as they are read to be checked: many at once in one value, which is several times faster than row by row, and
//! nothing in them is taken to be what this program wrote.

use super::super::Fault;
use super::super::chain::{Columns, Hash, text_digest};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use sqlx::{Row, SqliteConnection};

// Numbers end with `;`, everything else stands behind its length; `-` is an absent value. The order is that of `StoredRow::read`.
const LOTS: &str = "WITH RECURSIVE lot (after) AS (
         SELECT 0
         UNION ALL
         SELECT (SELECT n FROM log WHERE n > lot.after ORDER BY n LIMIT 1 OFFSET 999) FROM lot WHERE lot.after IS NOT NULL)
     SELECT (SELECT CAST(group_concat(packed, '') AS BLOB) FROM (
         SELECT l.n || ';' || ifnull(l.at, '-') || ';'
             || ifnull(octet_length(l.actor) || ':' || l.actor, '-')
             || ifnull(octet_length(l.action) || ':' || l.action, '-')
             || ifnull(octet_length(l.account) || ':' || l.account, '-')
             || ifnull(l.environment, '-') || ';'
             || ifnull(octet_length(l.token) || ':' || l.token, '-')
             || ifnull(octet_length(l.change) || ':' || l.change, '-')
             || ifnull(octet_length(l.outcome) || ':' || l.outcome, '-')
             || ifnull(octet_length(l.detail) || ':' || l.detail, '-')
             || ifnull(octet_length(l.request_id) || ':' || l.request_id, '-')
             || ifnull(octet_length(l.text_digest) || ':' || l.text_digest, '-')
             || ifnull(octet_length(l.hash) || ':' || l.hash, '-')
             || ifnull(octet_length(x.salt) || ':' || x.salt, '-')
             || ifnull(octet_length(x.text) || ':' || x.text, '-') AS packed
         FROM log l LEFT JOIN log_text x ON x.log = l.n
         WHERE l.n > lot.after ORDER BY l.n LIMIT 1000))
     FROM lot WHERE lot.after IS NOT NULL";

/// All rows with a number above 0 in the order of their numbers, a thousand or so at once; see [`StoredRow::read`].
pub(super) fn lots(connection: &mut SqliteConnection) -> BoxStream<'_, Result<Vec<u8>, Fault>> {
    sqlx::query(LOTS)
        .fetch(connection)
        .map_err(Fault::from)
        .and_then(|row| async move { Ok(row.try_get::<Option<Vec<u8>>, _>(0)?.unwrap_or_default()) })
        .boxed()
}

/// A row to be checked.
pub(super) struct StoredRow<'a> {
    pub number: i64,
    /// What stands in it; `None` for a row that this program cannot have written.
    pub facts: Option<Facts<'a>>,
}

/// What stands in a row, and beside it.
pub(super) struct Facts<'a> {
    pub columns: Columns<'a>,
    pub hash: Hash,
    /// Salt and text, while they are there.
    pub text: Option<(&'a [u8], &'a str)>,
}

impl<'a> StoredRow<'a> {
    /// Takes the next row off a lot; `None` at its end.
    pub fn read(lot: &mut &'a [u8]) -> Option<Self> {
        if lot.is_empty() {
            return None;
        }
        let number = number(lot)??;
        let at = self::number(lot)?;
        let (actor, action, account) = (bytes(lot)?, bytes(lot)?, bytes(lot)?);
        let environment = self::number(lot)?;
        let (token, change, outcome) = (bytes(lot)?, bytes(lot)?, bytes(lot)?);
        let (detail, request_id, text_digest) = (bytes(lot)?, bytes(lot)?, bytes(lot)?);
        let (hash, salt, text) = (bytes(lot)?, bytes(lot)?, bytes(lot)?);
        let facts = || {
            Some(Facts {
                columns: Columns {
                    at: at?,
                    actor: words(actor)??,
                    action: words(action)??,
                    account,
                    environment,
                    token,
                    change,
                    outcome: words(outcome)??,
                    detail: words(detail)?,
                    request_id: words(request_id)?,
                    text_digest,
                },
                hash: hash?.try_into().ok()?,
                text: salt.zip(words(text)?),
            })
        };
        Some(Self {
            number,
            facts: facts(),
        })
    }

    /// Whether this row was written at place `number` after a row with the hash `before`.
    pub fn follows(&self, before: &Hash, number: i64, buffer: &mut Vec<u8>) -> bool {
        self.facts
            .as_ref()
            .is_some_and(|facts| facts.columns.hash(before, number, buffer) == facts.hash)
    }
}

impl Facts<'_> {
    /// Whether the free text beside the row is not the one it was written with. An erased text is no other text.
    pub fn has_another_text(&self) -> bool {
        self.text
            .is_some_and(|(salt, text)| self.columns.text_digest != Some(text_digest(salt, text).as_slice()))
    }

    /// Whether the free text was erased.
    pub fn has_lost_its_text(&self) -> bool {
        self.columns.text_digest.is_some() && self.text.is_none()
    }
}

// The outer absence is a lot that cannot be read, the inner one an absent value.

fn number(lot: &mut &[u8]) -> Option<Option<i64>> {
    let end = lot.iter().position(|byte| *byte == b';')?;
    let (digits, rest) = lot.split_at(end);
    *lot = rest.get(1..)?;
    if digits == b"-" {
        return Some(None);
    }
    std::str::from_utf8(digits).ok()?.parse().ok().map(Some)
}

fn bytes<'a>(lot: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    if let Some(rest) = lot.strip_prefix(b"-") {
        *lot = rest;
        return Some(None);
    }
    let end = lot.iter().position(|byte| *byte == b':')?;
    let length: usize = std::str::from_utf8(&lot[..end]).ok()?.parse().ok()?;
    let (value, rest) = lot.get(end + 1..)?.split_at_checked(length)?;
    *lot = rest;
    Some(Some(value))
}

fn words(bytes: Option<&[u8]>) -> Option<Option<&str>> {
    bytes.map(std::str::from_utf8).transpose().ok()
}

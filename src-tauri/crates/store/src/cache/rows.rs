//! A token's row as a snapshot, and the walk over columns that reading shares.

use super::damaged;
use super::terms::Terms;
use crate::StoreError;
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type};
use std::collections::BTreeMap;
use tokendesk_model::{ActiveMark, Particulars, TokenSnapshot, TokenState};

/// Kept where the provider did not say when a token was made: such tokens are listed last.
pub(crate) const NO_DATE: i64 = -1_000_000_000_000_000;

/// What [`Stored::read`] expects of `token t JOIN customer c LEFT JOIN particular q`.
pub(crate) const STORED: &str = "t.n, t.account, t.remote_id, t.customer, t.person, t.version, t.state, t.raw_state, \
     t.one_click, t.own_customer_id, c.customer_id, t.own_email, c.email, t.token_reference, t.external_id, \
     t.language, t.time_zone, t.created_on, t.purge_on, t.space, t.seq, t.read_at, t.eff_state, t.eff_one_click, \
     t.gone_at, t.crawl, \
     q.own_record, q.is_default, q.keeps_reasons, q.block_reason, q.verification, q.kind, q.chargeable, q.active_mark";

/// Takes columns one after the other.
pub(crate) struct Columns<'r> {
    row: &'r SqliteRow,
    at: usize,
}

impl<'r> Columns<'r> {
    pub fn of(row: &'r SqliteRow) -> Self {
        Self { row, at: 0 }
    }

    pub fn next<T: Decode<'r, Sqlite> + Type<Sqlite>>(&mut self) -> Result<T, StoreError> {
        let value = self.row.try_get(self.at)?;
        self.at += 1;
        Ok(value)
    }

    /// Passes over columns.
    pub fn skip(&mut self, columns: usize) {
        self.at += columns;
    }

    pub fn next_bool(&mut self) -> Result<Option<bool>, StoreError> {
        Ok(self.next::<Option<i64>>()?.map(|n| n != 0))
    }

    pub fn next_time(&mut self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.next::<Option<i64>>()?.map(time).transpose()
    }
}

/// Reads a stored time.
pub(crate) fn time(millis: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_millis(millis).ok_or_else(damaged)
}

/// A token as stored.
pub(crate) struct Stored {
    pub n: i64,
    pub account: i64,
    pub customer: i64,
    pub person: i64,
    /// As the customer record has them.
    pub shared_customer_id: Option<String>,
    pub shared_email: Option<String>,
    pub snapshot: TokenSnapshot,
    pub seq: i64,
    pub read_at: i64,
    pub eff_state: i64,
    pub eff_one_click: Option<bool>,
    pub gone_at: Option<i64>,
    pub crawl: i64,
}

impl Stored {
    pub fn read(columns: &mut Columns<'_>, terms: &Terms) -> Result<Self, StoreError> {
        let n = columns.next()?;
        let account = columns.next()?;
        let remote_id = columns.next()?;
        let customer = columns.next()?;
        let person = columns.next()?;
        let version = columns.next()?;
        let state: i64 = columns.next()?;
        let raw_state = terms.maybe_text(columns.next()?)?;
        let one_click = columns.next_bool()?;
        let own_customer_id: Option<&str> = columns.next()?;
        let shared_customer_id: Option<String> = columns.next()?;
        let own_email: Option<&str> = columns.next()?;
        let shared_email: Option<String> = columns.next()?;
        let mut snapshot = TokenSnapshot {
            remote_id,
            version,
            state: TokenState::from_number(state, raw_state.as_deref()),
            one_click,
            customer_id: disown(own_customer_id, shared_customer_id.as_deref()),
            email: disown(own_email, shared_email.as_deref()),
            token_reference: columns.next()?,
            external_id: columns.next()?,
            language: terms.maybe_text(columns.next()?)?,
            time_zone: terms.maybe_text(columns.next()?)?,
            created_on: match columns.next::<i64>()? {
                NO_DATE => None,
                millis => Some(time(millis)?),
            },
            planned_purge_on: columns.next_time()?,
            linked_space_id: columns.next()?,
            particulars: Particulars::default(),
        };
        let seq = columns.next()?;
        let read_at = columns.next()?;
        let eff_state = columns.next()?;
        let eff_one_click = columns.next_bool()?;
        let gone_at = columns.next()?;
        let crawl = columns.next()?;
        snapshot.particulars = particulars(columns, terms, snapshot.customer_id.as_deref())?;
        Ok(Self {
            n,
            account,
            customer,
            person,
            shared_customer_id,
            shared_email,
            snapshot,
            seq,
            read_at,
            eff_state,
            eff_one_click,
            gone_at,
            crawl,
        })
    }
}

// The side table's row of a token, if there is one.
fn particulars(
    columns: &mut Columns<'_>,
    terms: &Terms,
    customer_id: Option<&str>,
) -> Result<Particulars, StoreError> {
    let own_record: Option<&str> = columns.next()?;
    let is_default = columns.next_bool()?;
    let Some(keeps_reasons) = columns.next_bool()? else {
        columns.skip(5);
        return Ok(Particulars::default());
    };
    Ok(Particulars {
        record: disown(own_record, customer_id),
        is_default,
        keeps_reasons,
        block_reason: columns.next()?,
        verification: terms.maybe_text(columns.next()?)?,
        kind: terms.maybe_text(columns.next()?)?,
        chargeable: columns.next_bool()?,
        active_mark: ActiveMark::from_number(columns.next()?),
        metadata: BTreeMap::new(),
    })
}

/// A value of a token relative to its customer record, which has it for most tokens: `None` is "the same".
pub(crate) fn own(value: Option<&str>, shared: Option<&str>) -> Option<String> {
    match value {
        same if same == shared => None,
        None => Some("n".to_owned()),
        Some(text) => Some(format!("v{text}")),
    }
}

/// Reads [`own`] back.
pub(crate) fn disown(own: Option<&str>, shared: Option<&str>) -> Option<String> {
    match own {
        None => shared.map(str::to_owned),
        Some(text) => text.strip_prefix('v').map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn own_values_read_back(value: Option<String>, shared: Option<String>) {
            let kept = own(value.as_deref(), shared.as_deref());
            prop_assert_eq!(disown(kept.as_deref(), shared.as_deref()), value);
        }
    }
}

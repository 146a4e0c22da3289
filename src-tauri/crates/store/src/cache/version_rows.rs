//! Rows of token versions on their way into the file.

use super::residents::json;
use super::token_rows::LOTS;
use crate::sqlite::Tx;
use crate::{ReadTicket, StoreError};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AssertSqlSafe;
use tokendesk_model::{VersionSnapshot, VersionState};

/// A row to be written, in the order of columns of [`INSERT`].
pub(super) struct VersionRow<'a>(
    pub i64,
    pub &'a str,
    pub i64,
    pub i64,
    pub Option<i64>,
    pub Option<&'a str>,
    pub Option<i64>,
    pub Option<&'a str>,
    pub Option<&'a str>,
    pub Option<bool>,
    pub Option<i64>,
    pub Option<i64>,
    pub Option<i64>,
    pub Option<i64>,
);

/// What a token shows of its active version: number, knowledge, brand, last four, expiry, id of the version.
#[derive(Serialize)]
pub(super) struct CardRow<'a>(
    pub i64,
    pub i64,
    pub Option<i64>,
    pub Option<&'a str>,
    pub Option<i64>,
    pub Option<&'a str>,
);

/// The row of a version of token number `token`.
pub(super) fn version_row(token: i64, version: &VersionSnapshot, brand: Option<i64>) -> VersionRow<'_> {
    let millis = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_millis());
    VersionRow(
        token,
        &version.remote_id,
        version.version,
        version.state.number(),
        brand,
        version.card.last4.as_deref(),
        version.card.expiry.map(|expiry| i64::from(expiry.0)),
        version.name.as_deref(),
        version.holder.as_deref(),
        version.production,
        millis(version.created_on),
        millis(version.activated_on),
        millis(version.obsoleted_on),
        millis(version.expires_on),
    )
}

/// Writes versions, new ones and known ones alike.
pub(super) async fn write_versions(tx: &mut Tx, rows: &[VersionRow<'_>]) -> Result<(), StoreError> {
    let mut rest = rows;
    for lot in LOTS {
        while let Some((some, others)) = rest.split_at_checked(lot) {
            rest = others;
            let places = vec!["(?,?,?,?,?,?,?,?,?,?,?,?,?,?)"; lot].join(",");
            let mut query = sqlx::query(AssertSqlSafe(format!("{INSERT}{places}{UPSERT}")));
            for row in some {
                query = query
                    .bind(row.0)
                    .bind(row.1)
                    .bind(row.2)
                    .bind(row.3)
                    .bind(row.4)
                    .bind(row.5)
                    .bind(row.6);
                query = query
                    .bind(row.7)
                    .bind(row.8)
                    .bind(row.9)
                    .bind(row.10)
                    .bind(row.11)
                    .bind(row.12)
                    .bind(row.13);
            }
            query.execute(&mut **tx).await?;
        }
    }
    Ok(())
}

/// Turns versions that are in use no more obsolete: tokens' numbers with the provider's ids.
pub(super) async fn end_versions(tx: &mut Tx, ended: &[(i64, String)]) -> Result<(), StoreError> {
    if ended.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE token_version SET state = ?2
         WHERE (token, remote_id) IN (SELECT value->>0, value->>1 FROM json_each(?1))",
    )
    .bind(json(ended)?)
    .bind(VersionState::Obsolete.number())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

const INSERT: &str =
    "INSERT INTO token_version (token, remote_id, version, state, brand, last4, exp, name, holder,
        production, created_on, activated_on, obsoleted_on, expires_on)
     VALUES ";
const UPSERT: &str =
    " ON CONFLICT (token, remote_id) DO UPDATE SET version = excluded.version, state = excluded.state,
        brand = excluded.brand, last4 = excluded.last4, exp = excluded.exp, name = excluded.name,
        holder = excluded.holder, production = excluded.production, created_on = excluded.created_on,
        activated_on = excluded.activated_on, obsoleted_on = excluded.obsoleted_on,
        expires_on = excluded.expires_on";

/// Writes what tokens show of their active versions.
///
/// Card facts stand in indexes of another order than the cards', and SQLite takes a row out of an index and puts it back for every
/// column that is set, even to what it was: so only facts that differ are set.
pub(super) async fn write_cards(
    tx: &mut Tx,
    cards: &[CardRow<'_>],
    ticket: ReadTicket,
    read_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let list = json(cards)?;
    for sql in [
        "UPDATE token SET knowledge = j.knowledge, brand = j.brand, last4 = j.last4, exp = j.exp, active = j.active,
                          versions_seq = ?2, versions_read_at = ?3
         FROM (SELECT value->>0 AS n, value->>1 AS knowledge, value->>2 AS brand, value->>3 AS last4,
                      value->>4 AS exp, value->>5 AS active FROM json_each(?1)) j
         WHERE token.n = j.n AND (token.knowledge, token.brand, token.last4, token.exp, token.active)
                                 IS NOT (j.knowledge, j.brand, j.last4, j.exp, j.active)",
        "UPDATE token SET versions_seq = ?2, versions_read_at = ?3
         WHERE n IN (SELECT value->>0 FROM json_each(?1)) AND (versions_seq, versions_read_at) IS NOT (?2, ?3)",
    ] {
        sqlx::query(sql)
            .bind(&list)
            .bind(ticket.0)
            .bind(read_at.timestamp_millis())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

//! Rows of tokens on their way into the file, some dozens a statement.

use super::accounts::AccountRef;
use crate::sqlite::Tx;
use crate::{ReadTicket, StoreError};
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

/// A row to be written.
pub(super) struct Row {
    pub n: i64,
    pub remote_id: String,
    pub customer: i64,
    pub person: i64,
    pub version: i64,
    pub state: i64,
    pub raw_state: Option<i64>,
    pub one_click: Option<bool>,
    pub own_customer_id: Option<String>,
    pub own_email: Option<String>,
    pub token_reference: Option<String>,
    pub ref_search: Option<String>,
    pub external_id: Option<String>,
    pub ext_search: Option<String>,
    pub language: Option<i64>,
    pub time_zone: Option<i64>,
    pub created_on: i64,
    pub purge_on: Option<i64>,
    pub space: Option<i64>,
    pub eff_state: i64,
    pub eff_one_click: Option<bool>,
    pub crawl: i64,
    pub id48: i64,
    pub remote_search: Option<String>,
}

const INSERT: &str = "INSERT INTO token (n, remote_id, customer, person, version, state, raw_state, one_click,
        own_customer_id, own_email, token_reference, ref_search, external_id, ext_search, language, time_zone,
        created_on, purge_on, space, eff_state, eff_one_click, crawl, id48, remote_search, account, seq, read_at)
     VALUES ";
const UPSERT: &str = " ON CONFLICT (n) DO UPDATE SET customer = excluded.customer, person = excluded.person,
        version = excluded.version,
        state = excluded.state, raw_state = excluded.raw_state, one_click = excluded.one_click,
        own_customer_id = excluded.own_customer_id, own_email = excluded.own_email,
        token_reference = excluded.token_reference, ref_search = excluded.ref_search,
        external_id = excluded.external_id, ext_search = excluded.ext_search, language = excluded.language,
        time_zone = excluded.time_zone, created_on = excluded.created_on, purge_on = excluded.purge_on,
        space = excluded.space, eff_state = excluded.eff_state, eff_one_click = excluded.eff_one_click,
        crawl = excluded.crawl, seq = excluded.seq, read_at = excluded.read_at, gone_at = NULL";
/// Values of a row, with what a page has in common at the end.
const PLACES: &str = "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
/// Rows written by one statement: few lengths, so that each is prepared once. Bound values beat JSON here, because SQLite
/// would take the text of a row apart once for each of its columns.
pub(super) const LOTS: [usize; 4] = [64, 16, 4, 1];

/// Writes rows, new ones and known ones alike.
pub(super) async fn write_rows(
    tx: &mut Tx,
    rows: &[Row],
    account: AccountRef,
    ticket: ReadTicket,
    read_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut rest = rows;
    for lot in LOTS {
        while let Some((some, others)) = rest.split_at_checked(lot) {
            rest = others;
            let sql = format!("{INSERT}{}{UPSERT}", vec![PLACES; lot].join(","));
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for row in some {
                query = query
                    .bind(row.n)
                    .bind(&row.remote_id)
                    .bind(row.customer)
                    .bind(row.person)
                    .bind(row.version)
                    .bind(row.state)
                    .bind(row.raw_state)
                    .bind(row.one_click)
                    .bind(&row.own_customer_id)
                    .bind(&row.own_email)
                    .bind(&row.token_reference)
                    .bind(&row.ref_search)
                    .bind(&row.external_id)
                    .bind(&row.ext_search)
                    .bind(row.language)
                    .bind(row.time_zone)
                    .bind(row.created_on)
                    .bind(row.purge_on)
                    .bind(row.space)
                    .bind(row.eff_state)
                    .bind(row.eff_one_click)
                    .bind(row.crawl)
                    .bind(row.id48)
                    .bind(&row.remote_search)
                    .bind(account.n)
                    .bind(ticket.0)
                    .bind(read_at.timestamp_millis());
            }
            query.execute(&mut **tx).await?;
        }
    }
    Ok(())
}

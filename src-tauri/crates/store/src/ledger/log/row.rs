//! Rows of the log as they are written, and as they are read for people.

use super::super::chain::{Columns, Hash};
use super::super::{Fault, damaged, id, time};
use super::{LogEntry, LogRow};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use tokendesk_model::{AccountId, ChangeId, Environment, TokenId};

/// What [`read`] expects; the log is called `l` and its texts `x`.
pub(super) const COLUMNS: &str = "l.n, l.at, l.actor, l.action, l.account, l.environment, l.token, l.change, l.outcome, \
     l.detail, l.request_id, l.text_digest, x.text";

/// A row with its place and its hash.
pub(super) struct NewRow<'a> {
    pub number: i64,
    pub columns: Columns<'a>,
    pub hash: Hash,
}

/// Writes rows; a few hundred at once at most.
pub(super) async fn insert(connection: &mut SqliteConnection, rows: &[NewRow<'_>]) -> Result<(), Fault> {
    let mut sql = QueryBuilder::<Sqlite>::new(
        "INSERT INTO log (n, at, actor, action, account, environment, token, change, outcome, detail, request_id, \
         text_digest, hash) ",
    );
    sql.push_values(rows, |mut values, row| {
        let columns = &row.columns;
        values
            .push_bind(row.number)
            .push_bind(columns.at)
            .push_bind(columns.actor.to_owned())
            .push_bind(columns.action.to_owned())
            .push_bind(columns.account.map(<[u8]>::to_vec))
            .push_bind(columns.environment)
            .push_bind(columns.token.map(<[u8]>::to_vec))
            .push_bind(columns.change.map(<[u8]>::to_vec))
            .push_bind(columns.outcome.to_owned())
            .push_bind(columns.detail.map(str::to_owned))
            .push_bind(columns.request_id.map(str::to_owned))
            .push_bind(columns.text_digest.map(<[u8]>::to_vec))
            .push_bind(row.hash.to_vec());
    });
    sql.build().execute(connection).await?;
    Ok(())
}

/// Reads a row for people.
pub(super) fn read(row: &SqliteRow) -> Result<LogRow, Fault> {
    let bytes = |column: usize| -> Result<Option<[u8; 16]>, Fault> {
        row.try_get::<Option<&[u8]>, _>(column)?.map(id).transpose()
    };
    let reason: Option<String> = row.try_get(12)?;
    let environment: Option<i64> = row.try_get(5)?;
    Ok(LogRow {
        number: row.try_get(0)?,
        environment: environment
            .map(|number| Environment::from_number(number).ok_or_else(damaged))
            .transpose()?,
        reason_erased: reason.is_none() && row.try_get::<Option<&[u8]>, _>(11)?.is_some(),
        entry: LogEntry {
            at: time(row.try_get(1)?)?,
            actor: row.try_get(2)?,
            action: row.try_get(3)?,
            account: bytes(4)?.map(AccountId::from_bytes),
            token: bytes(6)?.map(TokenId::from_bytes),
            change: bytes(7)?.map(ChangeId::from_bytes),
            outcome: row.try_get(8)?,
            detail: row.try_get(9)?,
            request_id: row.try_get(10)?,
            reason,
        },
    })
}

//! Rows of the log as stored, in and out.

use super::super::chain::{Columns, Hash};
use super::super::{Fault, damaged, id, time};
use super::{LogEntry, LogRow};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use tokendesk_model::{AccountId, ChangeId, Environment, TokenId};

/// What [`read`] and [`StoredRow::of`] expect; the log is called `l` and its texts `x`.
pub(super) const COLUMNS: &str = "l.n, l.at, l.actor, l.action, l.account, l.environment, l.token, l.change, l.outcome, \
     l.detail, l.request_id, l.text_digest, x.text, l.hash, x.salt";

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

/// A row for checking: nothing is taken to be what this program wrote.
pub(super) struct StoredRow<'a> {
    pub number: i64,
    pub columns: Columns<'a>,
    pub hash: Hash,
    /// Salt and text, while they are there.
    pub text: Option<(&'a [u8], &'a str)>,
}

impl<'a> StoredRow<'a> {
    /// `None` for a row that this program cannot have written.
    pub fn of(row: &'a SqliteRow) -> Option<Self> {
        fn get<'r, T: sqlx::Decode<'r, Sqlite>>(row: &'r SqliteRow, column: usize) -> Option<T> {
            row.try_get_unchecked(column).ok()
        }
        let text: Option<&str> = get(row, 12)?;
        let salt: Option<&[u8]> = get(row, 14)?;
        Some(Self {
            number: get(row, 0)?,
            columns: Columns {
                at: get(row, 1)?,
                actor: get(row, 2)?,
                action: get(row, 3)?,
                account: get(row, 4)?,
                environment: get(row, 5)?,
                token: get(row, 6)?,
                change: get(row, 7)?,
                outcome: get(row, 8)?,
                detail: get(row, 9)?,
                request_id: get(row, 10)?,
                text_digest: get(row, 11)?,
            },
            hash: get::<&[u8]>(row, 13)?.try_into().ok()?,
            text: salt.zip(text),
        })
    }

    /// Whether the free text beside the row is not the one it was written with. An erased text is no other text.
    pub fn has_another_text(&self) -> bool {
        self.text.is_some_and(|(salt, text)| {
            self.columns.text_digest != Some(super::super::chain::text_digest(salt, text).as_slice())
        })
    }

    /// Whether the free text was erased.
    pub fn has_lost_its_text(&self) -> bool {
        self.columns.text_digest.is_some() && self.text.is_none()
    }
}

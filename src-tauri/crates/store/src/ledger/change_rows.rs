//! Rows of the outbox as changes, and back.

use super::{Fault, damaged, id, time};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use tokendesk_model::change::Withdrawn;
use tokendesk_model::{AccountId, Change, ChangeId, ChangeStatus, Stuck, TokenId, Wish};

/// What [`read`] expects; the table is called `c`.
pub(super) const COLUMNS: &str = "c.id, c.account, c.token, c.remote_id, c.field, c.value, c.status, c.stuck, \
     c.withdrawn, c.reason, c.actor, c.label, c.base, c.created_at, c.updated_at, c.attempts, c.next_attempt_at, \
     c.request_id";

pub(super) fn read(row: &SqliteRow) -> Result<Change, Fault> {
    let value: Option<i64> = row.try_get(5)?;
    Ok(Change {
        id: ChangeId::from_bytes(id(row.try_get(0)?)?),
        account: AccountId::from_bytes(id(row.try_get(1)?)?),
        token: TokenId::from_bytes(id(row.try_get(2)?)?),
        remote_id: row.try_get(3)?,
        wish: Wish::from_stored(row.try_get(4)?, value.map(|v| v != 0)).ok_or_else(damaged)?,
        status: status(row.try_get(6)?, row.try_get(7)?, row.try_get(8)?)?,
        reason: row.try_get(9)?,
        actor: row.try_get(10)?,
        label: serde_json::from_str(row.try_get(11)?).map_err(|_| damaged())?,
        base: serde_json::from_str(row.try_get(12)?).map_err(|_| damaged())?,
        created_at: time(row.try_get(13)?)?,
        updated_at: time(row.try_get(14)?)?,
        attempts: u32::try_from(row.try_get::<i64, _>(15)?).map_err(|_| damaged())?,
        next_attempt_at: row.try_get::<Option<i64>, _>(16)?.map(time).transpose()?,
        request_id: row.try_get(17)?,
    })
}

/// A stored status. A reason this version cannot read leaves the change stuck and visible, never dropped.
pub(super) fn status(
    word: &str,
    stuck: Option<&str>,
    withdrawn: Option<&str>,
) -> Result<ChangeStatus, Fault> {
    Ok(match word {
        "waiting" => ChangeStatus::Waiting,
        "sending" => ChangeStatus::Sending,
        "done" => ChangeStatus::Done,
        "stuck" => ChangeStatus::Stuck(
            stuck
                .and_then(|json| serde_json::from_str(json).ok())
                .unwrap_or(Stuck::Unreadable),
        ),
        "withdrawn" if withdrawn == Some("superseded") => ChangeStatus::Withdrawn(Withdrawn::Superseded),
        "withdrawn" => ChangeStatus::Withdrawn(Withdrawn::Discard),
        _ => return Err(damaged()),
    })
}

/// Whether a stuck change keeps later wishes of its lane from being sent. Where the provider does not do what was asked,
/// another wish may still work; everywhere else somebody has to look first.
pub(super) fn holds_lane(stuck: &Stuck) -> bool {
    !matches!(
        stuck,
        Stuck::Ignored | Stuck::Refused { .. } | Stuck::NotPossibleHere
    )
}

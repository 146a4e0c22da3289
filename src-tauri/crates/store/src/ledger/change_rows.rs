//! Rows of the outbox as changes, and back.
//!
//! A part of a row that cannot be read makes the change stuck, visible and unsendable; its text stays in the file as it
//! is, and the other rows are not touched by it.

use super::{Fault, damaged, id, time};
use crate::sqlite::Tx;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use tokendesk_model::change::{Doubt, Stood};
use tokendesk_model::lane::stops_lane;
use tokendesk_model::{
    AccountId, ActiveVersion, Change, ChangeId, ChangeStatus, PlanId, Seen, Stuck, TokenId, Wish, Withdrawn,
};

/// What [`read`] expects; the table is called `c`.
pub(super) const COLUMNS: &str = "c.n, c.id, c.account, c.token, c.remote_id, c.field, c.value, c.status, c.stuck, \
     c.conflict, c.withdrawn, c.replaced_by, c.stood, c.doubt, c.plan, c.reason, c.actor, c.label, c.base, \
     c.created_at, c.decided_at, c.hold_ms, c.updated_at, c.attempts, c.next_attempt_at, c.request_id";

/// A row as it was read.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// Its place among all changes.
    pub n: i64,
    /// The change.
    pub change: Change,
    /// The text of its base could not be read.
    base_unread: bool,
    /// The text of its doubt could not be read; a doubt stands in its place.
    doubt_unread: bool,
    /// Stuck only because it could not be read: the file still has another status.
    pub set_aside: bool,
}

pub(super) fn read(row: &SqliteRow) -> Result<Stored, Fault> {
    let optional_id = |column: usize| -> Result<Option<[u8; 16]>, Fault> {
        row.try_get::<Option<&[u8]>, _>(column)?.map(id).transpose()
    };
    let change_id = ChangeId::from_bytes(id(row.try_get(1)?)?);
    let value: Option<i64> = row.try_get(6)?;
    let wish = Wish::from_stored(row.try_get(5)?, value.map(|v| v != 0)).ok_or_else(damaged)?;
    let word: &str = row.try_get(7)?;
    let updated_at = time(row.try_get(22)?)?;
    let label = serde_json::from_str(row.try_get(17)?).ok();
    let base = serde_json::from_str(row.try_get(18)?).ok();
    let base_unread = base.is_none();
    let (mut doubt, doubt_unread) = match json::<Doubt>(row.try_get(13)?) {
        Ok(doubt) => (doubt, false),
        Err(Unread) => (Some(of_its_own(change_id, wish, updated_at)), true),
    };
    let stood = json::<Stood>(row.try_get(12)?).unwrap_or(Some(Stood::Stuck(Stuck::Unreadable)));
    let mut status = status(word, row.try_get(8)?, row.try_get(9)?, row.try_get(10)?)?;
    if status.is_open() && (base_unread || doubt_unread || label.is_none()) {
        if status == ChangeStatus::Sending && doubt.is_none() {
            doubt = Some(of_its_own(change_id, wish, updated_at));
        }
        status = ChangeStatus::Stuck(Stuck::Unreadable);
    }
    let set_aside = status.as_str() != word;
    let change = Change {
        id: change_id,
        account: AccountId::from_bytes(id(row.try_get(2)?)?),
        token: TokenId::from_bytes(id(row.try_get(3)?)?),
        remote_id: row.try_get(4)?,
        wish,
        status,
        reason: row.try_get(15)?,
        actor: row.try_get(16)?,
        label: label.unwrap_or_default(),
        base: base.unwrap_or_else(nothing_seen),
        created_at: time(row.try_get(19)?)?,
        decided_at: time(row.try_get(20)?)?,
        hold_ms: u32::try_from(row.try_get::<i64, _>(21)?).map_err(|_| damaged())?,
        replaced_by: optional_id(11)?.map(ChangeId::from_bytes),
        stood,
        doubt,
        plan: optional_id(14)?.map(PlanId::from_bytes),
        updated_at,
        attempts: u32::try_from(row.try_get::<i64, _>(23)?).map_err(|_| damaged())?,
        next_attempt_at: row.try_get::<Option<i64>, _>(24)?.map(time).transpose()?,
        request_id: row.try_get(25)?,
    };
    Ok(Stored {
        n: row.try_get(0)?,
        change,
        base_unread,
        doubt_unread,
        set_aside,
    })
}

struct Unread;

fn json<T: DeserializeOwned>(text: Option<&str>) -> Result<Option<T>, Unread> {
    text.map(|text| serde_json::from_str(text).map_err(|_| Unread))
        .transpose()
}

fn of_its_own(of: ChangeId, wish: Wish, since: DateTime<Utc>) -> Doubt {
    Doubt {
        since,
        of,
        wish,
        first_read: None,
    }
}

fn nothing_seen() -> Seen {
    Seen {
        version: 0,
        state: String::new(),
        one_click: None,
        customer_key: String::new(),
        active_version: ActiveVersion::NotRead,
        ..Seen::default()
    }
}

/// A stored status. A reason this version cannot read leaves the change stuck and visible, never dropped.
pub(super) fn status(
    word: &str,
    stuck: Option<&str>,
    conflict: Option<&str>,
    withdrawn: Option<&str>,
) -> Result<ChangeStatus, Fault> {
    let unreadable = ChangeStatus::Stuck(Stuck::Unreadable);
    Ok(match word {
        "held" => ChangeStatus::Held,
        "waiting" => ChangeStatus::Waiting,
        "sending" => ChangeStatus::Sending,
        "done" => ChangeStatus::Done,
        "conflict" => conflict
            .and_then(|json| serde_json::from_str(json).ok())
            .map_or(unreadable, ChangeStatus::Conflict),
        "stuck" => stuck
            .and_then(|json| serde_json::from_str(json).ok())
            .map_or(unreadable, ChangeStatus::Stuck),
        "withdrawn" => ChangeStatus::Withdrawn(
            withdrawn
                .and_then(Withdrawn::from_word)
                .unwrap_or(Withdrawn::Discard),
        ),
        _ => return Err(damaged()),
    })
}

/// Where a change stands, as its columns.
struct Standing {
    stuck: Option<String>,
    conflict: Option<String>,
    withdrawn: Option<&'static str>,
}

fn text(value: &impl Serialize) -> String {
    serde_json::json!(value).to_string()
}

fn standing(status: &ChangeStatus) -> Standing {
    let (mut stuck, mut conflict, mut withdrawn) = (None, None, None);
    match status {
        ChangeStatus::Stuck(why) => stuck = Some(text(why)),
        ChangeStatus::Conflict(what) => conflict = Some(text(what)),
        ChangeStatus::Withdrawn(why) => withdrawn = Some(why.as_str()),
        ChangeStatus::Held | ChangeStatus::Waiting | ChangeStatus::Sending | ChangeStatus::Done => {}
    }
    Standing {
        stuck,
        conflict,
        withdrawn,
    }
}

/// Adds a change; `plan_row` is its place in its plan.
pub(super) async fn insert(tx: &mut Tx, change: &Change, plan_row: Option<i64>) -> Result<(), Fault> {
    let standing = standing(&change.status);
    sqlx::query(
        "INSERT INTO change (id, account, token, remote_id, field, value, status, stuck, conflict, stops_lane,
                             withdrawn, replaced_by, stood, doubt, plan, plan_row, reason, actor, label, base,
                             created_at, decided_at, hold_ms, updated_at, attempts, next_attempt_at, request_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
                 ?23, ?24, ?25, ?26, ?27)",
    )
    .bind(change.id.bytes().to_vec())
    .bind(change.account.bytes().to_vec())
    .bind(change.token.bytes().to_vec())
    .bind(&change.remote_id)
    .bind(change.wish.field())
    .bind(change.wish.value())
    .bind(change.status.as_str())
    .bind(standing.stuck)
    .bind(standing.conflict)
    .bind(stops_lane(change))
    .bind(standing.withdrawn)
    .bind(change.replaced_by.map(|id| id.bytes().to_vec()))
    .bind(change.stood.as_ref().map(text))
    .bind(change.doubt.as_ref().map(text))
    .bind(change.plan.map(|id| id.bytes().to_vec()))
    .bind(plan_row)
    .bind(&change.reason)
    .bind(&change.actor)
    .bind(text(&change.label))
    .bind(text(&change.base))
    .bind(change.created_at.timestamp_millis())
    .bind(change.decided_at.timestamp_millis())
    .bind(i64::from(change.hold_ms))
    .bind(change.updated_at.timestamp_millis())
    .bind(i64::from(change.attempts))
    .bind(change.next_attempt_at.map(|at| at.timestamp_millis()))
    .bind(&change.request_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes what a step may have moved. Texts that could not be read stay as they are.
pub(super) async fn update(tx: &mut Tx, was: &Stored, change: &Change) -> Result<(), Fault> {
    let standing = standing(&change.status);
    sqlx::query(
        "UPDATE change SET status = ?2, stuck = ?3, conflict = ?4, stops_lane = ?5, withdrawn = ?6, replaced_by = ?7,
                           stood = ?8, doubt = iif(?9, doubt, ?10), base = ifnull(?11, base), decided_at = ?12,
                           updated_at = ?13, attempts = ?14, next_attempt_at = ?15, request_id = ?16
         WHERE n = ?1",
    )
    .bind(was.n)
    .bind(change.status.as_str())
    .bind(standing.stuck)
    .bind(standing.conflict)
    .bind(stops_lane(change))
    .bind(standing.withdrawn)
    .bind(change.replaced_by.map(|id| id.bytes().to_vec()))
    .bind(change.stood.as_ref().map(text))
    .bind(was.doubt_unread)
    .bind(change.doubt.as_ref().map(text))
    .bind((!was.base_unread).then(|| text(&change.base)))
    .bind(change.decided_at.timestamp_millis())
    .bind(change.updated_at.timestamp_millis())
    .bind(i64::from(change.attempts))
    .bind(change.next_attempt_at.map(|at| at.timestamp_millis()))
    .bind(&change.request_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Times are kept to the millisecond; what is answered is what will be read back.
pub(super) fn to_millis(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

//! A lane of the outbox between the file and [`Lane`]: read whole, stepped, and what moved written back, in one
//! transaction with the log.
//!
//! Must not know: what a step does.

use super::change_rows::{self, COLUMNS, Stored};
use super::log::{LogEntry, append};
use super::{Fault, LedgerDb, id};
use crate::StoreError;
use crate::crash::{self, CrashPoint};
use crate::sqlite::Tx;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row};
use tokendesk_model::{Change, ChangeId, Lane, LaneError, TokenId, Wish};

/// The rows of a lane (`?1` its token): the open ones, those that an open one replaced, and those with a doubt;
/// with them one row whatever it is (`?2`).
pub(super) fn lane_sql() -> String {
    format!(
        "WITH RECURSIVE live (n, id) AS (
             SELECT n, id FROM change
             WHERE token = ?1 AND status IN ('held', 'waiting', 'sending', 'conflict', 'stuck')
             UNION SELECT o.n, o.id FROM live CROSS JOIN change o ON o.replaced_by = live.id
         ), lane (n) AS (
             SELECT n FROM live
             UNION SELECT n FROM change WHERE token = ?1 AND doubt IS NOT NULL
             UNION SELECT n FROM change WHERE id = ?2
         )
         SELECT {COLUMNS} FROM lane CROSS JOIN change c ON c.n = lane.n ORDER BY c.n"
    )
}

/// A lane as the file has it, and as it is to be.
pub(super) struct LaneRows {
    was: Vec<Stored>,
    /// What steps are taken on.
    pub lane: Lane,
}

impl LaneRows {
    /// The lane of a token.
    pub async fn of_token(tx: &mut Tx, token: TokenId, with: Option<ChangeId>) -> Result<Self, Fault> {
        let rows = sqlx::query(AssertSqlSafe(lane_sql()))
            .bind(token.bytes().to_vec())
            .bind(with.map(|id| id.bytes().to_vec()))
            .fetch_all(&mut **tx)
            .await?;
        let was = rows
            .iter()
            .map(change_rows::read)
            .collect::<Result<Vec<_>, _>>()?;
        let lane = Lane::of(was.iter().map(|row| row.change.clone()).collect());
        Ok(Self { was, lane })
    }

    /// The lane of a change, with the change itself even if it has ended.
    pub async fn of(tx: &mut Tx, change: ChangeId) -> Result<Self, Fault> {
        let token = sqlx::query("SELECT token FROM change WHERE id = ?1")
            .bind(change.bytes().to_vec())
            .fetch_optional(&mut **tx)
            .await?
            .ok_or(StoreError::NoSuchChange)?;
        let token = TokenId::from_bytes(id(token.try_get(0)?)?);
        Self::of_token(tx, token, Some(change)).await
    }

    /// Writes the rows that moved, and what a request was called at the provider. Says whether any moved.
    pub async fn write(
        &self,
        tx: &mut Tx,
        request: Option<(ChangeId, &str)>,
        plan_row: Option<i64>,
    ) -> Result<bool, Fault> {
        let mut moved = false;
        for row in self.lane.rows() {
            let mut row = row.clone();
            if let Some((id, request_id)) = request
                && row.id == id
            {
                row.request_id = Some(request_id.to_owned());
            }
            match self.was.iter().find(|was| was.change.id == row.id) {
                Some(was) if was.change == row && !was.set_aside => continue,
                Some(was) => change_rows::update(tx, was, &row).await?,
                None => change_rows::insert(tx, &row, plan_row).await?,
            }
            moved = true;
        }
        Ok(moved)
    }
}

/// What the log is told of a step.
pub(super) struct Told<'a> {
    /// Who takes it; `None` is who asked for the change.
    pub actor: Option<&'a str>,
    pub action: &'static str,
    pub outcome: &'static str,
    /// `None` is the wish.
    pub detail: Option<&'static str>,
    pub request_id: Option<&'a str>,
}

impl<'a> Told<'a> {
    /// A step that a person takes.
    pub fn by(actor: &'a str, action: &'static str) -> Self {
        Self {
            actor: Some(actor),
            action,
            outcome: "ok",
            detail: None,
            request_id: None,
        }
    }

    pub fn entry(&self, change: &Change, at: DateTime<Utc>) -> LogEntry {
        LogEntry {
            at,
            actor: self.actor.unwrap_or(&change.actor).to_owned(),
            action: self.action.to_owned(),
            account: Some(change.account),
            token: Some(change.token),
            change: Some(change.id),
            outcome: self.outcome.to_owned(),
            detail: Some(self.detail.unwrap_or_else(|| wish_word(change.wish)).to_owned()),
            request_id: self.request_id.map(str::to_owned),
            reason: change.reason.clone(),
        }
    }
}

/// A wish as one word.
pub(super) fn wish_word(wish: Wish) -> &'static str {
    match wish {
        Wish::OneClick(true) => "one_click_on",
        Wish::OneClick(false) => "one_click_off",
        Wish::Active(true) => "activate",
        Wish::Active(false) => "deactivate",
        Wish::Delete => "delete",
        Wish::Default => "make_default",
    }
}

/// Why a step was refused, as one word.
pub(super) fn refusal(why: LaneError) -> &'static str {
    match why {
        LaneError::Unknown => "unknown",
        LaneError::TooLate => "too_late",
        LaneError::MayBeDone => "may_be_done",
        LaneError::DeletionStands => "deletion_stands",
        LaneError::NotNext => "not_next",
        LaneError::NoConflict => "no_conflict",
        LaneError::CannotKeep => "cannot_keep",
        LaneError::NotStuck => "not_stuck",
    }
}

/// Where a step can be cut, for tests: before and after its commit.
pub(super) type Cut = Option<(CrashPoint, CrashPoint)>;

pub(super) fn cut_before(cut: Cut) {
    if let Some((before, _)) = cut {
        crash::point(before);
    }
}

pub(super) fn cut_after(cut: Cut) {
    if let Some((_, after)) = cut {
        crash::point(after);
    }
}

impl LedgerDb {
    /// One step of one change. A refused step of a person is told to the log too.
    pub(super) async fn step<T: Send>(
        &self,
        change: ChangeId,
        now: DateTime<Utc>,
        told: Option<Told<'_>>,
        cut: Cut,
        work: impl FnOnce(&mut Lane) -> Result<T, LaneError> + Send,
    ) -> Result<(Change, T), Fault> {
        let mut tx = self.0.writer.begin().await?;
        let mut rows = LaneRows::of(&mut tx, change).await?;
        let answer = match work(&mut rows.lane) {
            Ok(answer) => answer,
            Err(why) => {
                if let (Some(told), Some(row)) =
                    (told.filter(|told| told.actor.is_some()), rows.lane.get(change))
                {
                    let mut entry = told.entry(row, now);
                    entry.outcome = "refused".to_owned();
                    entry.detail = Some(refusal(why).to_owned());
                    entry.reason = None;
                    append(&mut tx, &entry).await?;
                    tx.commit().await?;
                }
                return Err(StoreError::Lane(why).into());
            }
        };
        let request = told.as_ref().and_then(|told| told.request_id);
        let moved = rows.write(&mut tx, request.map(|id| (change, id)), None).await?;
        let mut row = rows.lane.get(change).ok_or(StoreError::NoSuchChange)?.clone();
        if let Some(id) = request {
            row.request_id = Some(id.to_owned());
        }
        if let Some(told) = told
            && moved
        {
            append(&mut tx, &told.entry(&row, now)).await?;
        }
        cut_before(cut);
        tx.commit().await?;
        cut_after(cut);
        Ok((row, answer))
    }
}

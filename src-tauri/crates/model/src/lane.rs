//! A lane of the outbox: the changes of one token in the order they were decided, and every step they can take.
//!
//! The outbox is this module with a file around it: what is stored is what these functions say, so the properties tested
//! here over arbitrary interleavings are properties of the product.

use crate::capability::Lesson;
use crate::change::{Change, ChangeStatus, Doubt, Stood, Stuck, Wish, Withdrawn};
use crate::conflict::{Conflict, ConflictKind};
use crate::ids::ChangeId;
use crate::seen::Seen;
use chrono::{DateTime, TimeDelta, Utc};

/// Two reads this far apart have to agree before a lost write is taken as settled.
pub const READS_APART: TimeDelta = TimeDelta::seconds(60);

/// A write whose answer was lost longer ago than this is not done any more.
pub const A_REQUEST_LIVES: TimeDelta = TimeDelta::hours(1);

/// Why a step is not possible. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LaneError {
    /// No change of that id in this lane.
    #[error("there is no such change")]
    Unknown,
    /// It was sent already, or has ended.
    #[error("the change has gone too far for that")]
    TooLate,
    /// It was tried, and whether it was done is not known: it can be given up, not undone.
    #[error("the change may have been done already")]
    MayBeDone,
    /// A deletion stands; nothing else can be wished.
    #[error("a deletion stands")]
    DeletionStands,
    /// It does not wait, or another change of the lane is on its way or before it.
    #[error("the change is not next in its lane")]
    NotNext,
    /// The change is not in conflict.
    #[error("the change is not in conflict")]
    NoConflict,
    /// The wish cannot be kept: the card is being deleted.
    #[error("the wish cannot be kept")]
    CannotKeep,
    /// The change is not stuck.
    #[error("the change is not stuck")]
    NotStuck,
}

/// What open changes lay over a snapshot. `None` shows what the provider said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overlay {
    /// Active or inactive.
    pub active: Option<bool>,
    /// One-click.
    pub one_click: Option<bool>,
}

/// Which side a person lets stand in a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The wish: decided again, against what the provider shows now.
    Mine,
    /// The provider's side.
    Theirs,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The provider shows what was wished.
    Done(Proof),
    /// Something happened since the decision. Nothing was sent.
    Conflict(Conflict),
    /// A person is needed.
    Stuck(Stuck),
}

/// How it is known that a wish was fulfilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It was so before anything was sent in this attempt.
    AlreadySo,
    /// Our write was taken: the token's version before and after it.
    Written {
        /// Read before the write.
        before: i64,
        /// As answered to the write.
        after: i64,
    },
}

/// What to do with a change that is on its way, after the card was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it.
    Send,
    /// It is as wished: nothing is sent.
    AlreadySo,
    /// The lost write of another change is not settled: read again, not before this.
    ReadAgain(DateTime<Utc>),
    /// A person has to decide.
    Conflict(ConflictKind),
}

/// The changes of one token, oldest first: open ones, those an open one replaced, and ended ones with a [`Doubt`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lane {
    rows: Vec<Change>,
}

impl Lane {
    /// A lane of rows in the order they were decided.
    pub fn of(rows: Vec<Change>) -> Self {
        Self { rows }
    }

    /// The rows, oldest first.
    pub fn rows(&self) -> &[Change] {
        &self.rows
    }

    /// One row.
    pub fn get(&self, id: ChangeId) -> Option<&Change> {
        self.rows.iter().find(|row| row.id == id)
    }

    fn row(&mut self, id: ChangeId) -> Result<&mut Change, LaneError> {
        self.rows
            .iter_mut()
            .find(|row| row.id == id)
            .ok_or(LaneError::Unknown)
    }

    /// Queues a wish, held or waiting. Of each field the last wish stands, and a deletion absorbs the rest; what is on its
    /// way is frozen and goes first. A replaced wish comes back if this one is undone.
    ///
    /// # Errors
    /// [`LaneError::DeletionStands`] for a switch while a deletion is under way.
    pub fn wish(&mut self, mut new: Change) -> Result<(), LaneError> {
        let deletion_stands = self
            .rows
            .iter()
            .any(|row| row.wish == Wish::Delete && row.status.is_under_way());
        if deletion_stands && new.wish != Wish::Delete {
            return Err(LaneError::DeletionStands);
        }
        // A lost write of a change that has ended since may still be done.
        if new.doubt.is_none() {
            let now = new.created_at;
            let lost = self.rows.iter().rev().find_map(|row| {
                let ended =
                    !row.status.is_open() && row.status != ChangeStatus::Withdrawn(Withdrawn::Superseded);
                let fresh = |doubt: &&Doubt| now - doubt.since < A_REQUEST_LIVES;
                row.doubt
                    .as_ref()
                    .filter(|doubt| ended && new.wish.replaces(&doubt.wish) && fresh(doubt))
            });
            new.doubt = lost.map(inherited);
        }
        for row in &mut self.rows {
            if new.wish.replaces(&row.wish) {
                supersede(row, &mut new);
            }
        }
        self.rows.push(new);
        Ok(())
    }

    /// Takes back a wish that was never sent; what it replaced stands again, a held one for its whole time.
    ///
    /// # Errors
    /// [`LaneError::TooLate`] once it was sent or has ended, [`LaneError::MayBeDone`] if it was tried and waits again.
    pub fn undo(&mut self, id: ChangeId, now: DateTime<Utc>) -> Result<(), LaneError> {
        let row = self.row(id)?;
        match row.status {
            ChangeStatus::Held => {}
            ChangeStatus::Waiting if row.attempts == 0 => {}
            ChangeStatus::Waiting => return Err(LaneError::MayBeDone),
            ChangeStatus::Withdrawn(Withdrawn::Undo) => return Ok(()),
            _ => return Err(LaneError::TooLate),
        }
        row.status = ChangeStatus::Withdrawn(Withdrawn::Undo);
        row.updated_at = now;
        for row in &mut self.rows {
            if row.replaced_by != Some(id) {
                continue;
            }
            if let Some(stood) = row.stood.take() {
                row.status = match stood {
                    Stood::Held => ChangeStatus::Held,
                    Stood::Waiting => ChangeStatus::Waiting,
                    Stood::Conflict(conflict) => ChangeStatus::Conflict(conflict),
                    Stood::Stuck(stuck) => ChangeStatus::Stuck(stuck),
                };
                row.replaced_by = None;
                row.updated_at = now;
            }
        }
        Ok(())
    }

    /// Gives up a change that waits or needs a person. A tried one may have been done: the caller says so.
    ///
    /// # Errors
    /// [`LaneError::TooLate`] while it is on its way or after it ended.
    pub fn discard(&mut self, id: ChangeId, now: DateTime<Utc>) -> Result<(), LaneError> {
        let row = self.row(id)?;
        match row.status {
            ChangeStatus::Held
            | ChangeStatus::Waiting
            | ChangeStatus::Stuck(_)
            | ChangeStatus::Conflict(_) => {
                row.status = ChangeStatus::Withdrawn(Withdrawn::Discard);
                row.updated_at = now;
                Ok(())
            }
            ChangeStatus::Withdrawn(Withdrawn::Discard) => Ok(()),
            _ => Err(LaneError::TooLate),
        }
    }

    /// Ends the hold. One that does not hold any more is left as it is.
    ///
    /// # Errors
    /// [`LaneError::Unknown`].
    pub fn release(&mut self, id: ChangeId, now: DateTime<Utc>) -> Result<(), LaneError> {
        let row = self.row(id)?;
        if row.status == ChangeStatus::Held {
            row.status = ChangeStatus::Waiting;
            row.updated_at = now;
        }
        Ok(())
    }

    /// The change that may be sent next: the oldest of the lane that is under way, if it waits and nothing that needs a
    /// person stands before it and stops the lane.
    pub fn next(&self) -> Option<&Change> {
        let stopped = self.rows.iter().position(stops_lane);
        let (at, first) = self
            .rows
            .iter()
            .enumerate()
            .find(|(_, row)| row.status.is_under_way())?;
        let free = stopped.is_none_or(|stopped| stopped > at);
        let alone = !self.rows.iter().any(|row| row.status == ChangeStatus::Sending);
        (free && alone && first.status == ChangeStatus::Waiting).then_some(first)
    }

    /// Marks the next change as on its way and counts the attempt.
    ///
    /// # Errors
    /// [`LaneError::NotNext`].
    pub fn start(&mut self, id: ChangeId, now: DateTime<Utc>) -> Result<(), LaneError> {
        if self.next().map(|row| row.id) != Some(id) {
            return Err(LaneError::NotNext);
        }
        let row = self.row(id)?;
        row.status = ChangeStatus::Sending;
        row.attempts = row.attempts.saturating_add(1);
        row.updated_at = now;
        Ok(())
    }

    /// Ends an attempt. What was written by us is no foreign change to the wishes behind it.
    ///
    /// # Errors
    /// [`LaneError::TooLate`] unless it is on its way or waits.
    pub fn finish(&mut self, id: ChangeId, ended: Ended, now: DateTime<Utc>) -> Result<(), LaneError> {
        let row = self.row(id)?;
        if !matches!(row.status, ChangeStatus::Sending | ChangeStatus::Waiting) {
            return Err(LaneError::TooLate);
        }
        row.updated_at = now;
        row.next_attempt_at = None;
        let (wish, reason) = (row.wish, row.reason.clone());
        match ended {
            Ended::Conflict(conflict) => row.status = ChangeStatus::Conflict(conflict),
            Ended::Stuck(stuck) => row.status = ChangeStatus::Stuck(stuck),
            Ended::Done(proof) => {
                row.status = ChangeStatus::Done;
                // Seen as wished before a repeat was sent: the lost write was this one, and it is over.
                if proof == Proof::AlreadySo {
                    row.doubt = None;
                }
                // Also those that an undo may bring back.
                let standing = |row: &&mut Change| row.status.is_open() || row.stood.is_some();
                for later in self.rows.iter_mut().filter(standing) {
                    rebase(&mut later.base, wish, reason.as_deref(), proof);
                }
            }
        }
        Ok(())
    }

    /// Puts a change that was on its way back. `lost` is whether a write of it may have been done or may still be done; a
    /// wish that stands behind it then has to wait until that is settled, and replaces it here.
    ///
    /// # Errors
    /// [`LaneError::TooLate`] when it is not on its way.
    pub fn postpone(
        &mut self,
        id: ChangeId,
        until: Option<DateTime<Utc>>,
        lost: bool,
        now: DateTime<Utc>,
    ) -> Result<(), LaneError> {
        let row = self.row(id)?;
        if row.status != ChangeStatus::Sending {
            return Err(LaneError::TooLate);
        }
        row.status = ChangeStatus::Waiting;
        row.next_attempt_at = until;
        row.updated_at = now;
        // With a doubt about another change nothing of this one has been sent yet.
        if lost && row.doubt.as_ref().is_none_or(|doubt| doubt.of == id) {
            row.doubt = Some(Doubt {
                since: now,
                of: id,
                wish: row.wish,
                first_read: None,
            });
        }
        let wish = row.wish;
        let at = self
            .rows
            .iter()
            .position(|row| row.id == id)
            .ok_or(LaneError::Unknown)?;
        let (before, behind) = self.rows.split_at_mut(at + 1);
        let newer = behind
            .iter_mut()
            .find(|row| row.status.is_open() && row.wish.replaces(&wish));
        if let (Some(row), Some(newer)) = (before.last_mut(), newer) {
            supersede(row, newer);
        }
        Ok(())
    }

    /// After a crash or a cut: what was on its way waits again, and its write counts as lost.
    pub fn recover(&mut self, now: DateTime<Utc>) {
        let sending: Vec<ChangeId> = self
            .rows
            .iter()
            .filter(|row| row.status == ChangeStatus::Sending)
            .map(|row| row.id)
            .collect();
        for id in sending {
            // It is on its way, so this cannot fail.
            let _ = self.postpone(id, None, true, now);
        }
    }

    /// Keeps the first of the two reads that have to agree, or what is left of the doubt after a further read: `None`
    /// when it is settled. Only for a doubt about somebody else's write; its own is settled by reading before a repeat.
    ///
    /// # Errors
    /// [`LaneError::Unknown`].
    pub fn read_in_doubt(
        &mut self,
        id: ChangeId,
        read: &Seen,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, LaneError> {
        let row = self.row(id)?;
        let Some(doubt) = &mut row.doubt else {
            return Ok(None);
        };
        if doubt.of == id {
            return Ok(None);
        }
        match &doubt.first_read {
            // A clock that was set back says nothing of how long ago the first read was.
            Some((at, first)) if first == read && *at <= now => {
                if now - *at >= READS_APART {
                    let (settled, wish) = (doubt.of, doubt.wish);
                    // The lost write was done: what it wrote is our own, not somebody else's.
                    if wish != Wish::Delete && read.meets(wish) {
                        rebase(&mut row.base, wish, None, Proof::AlreadySo);
                        row.base.block_reason.clone_from(&read.block_reason);
                    }
                    for row in &mut self.rows {
                        if row.doubt.as_ref().is_some_and(|doubt| doubt.of == settled) {
                            row.doubt = None;
                        }
                    }
                    return Ok(None);
                }
                Ok(Some(*at + READS_APART))
            }
            _ => {
                doubt.first_read = Some((now, read.clone()));
                Ok(Some(now + READS_APART))
            }
        }
    }

    /// What to do with a change that is on its way, given a read at most two seconds old. `flipped` is whether a pull
    /// observed since the decision that somebody else flipped the same switch.
    ///
    /// A lost write of another change comes first: until it is settled, a card that is as wished may still turn.
    ///
    /// # Errors
    /// [`LaneError::Unknown`].
    pub fn decide(
        &mut self,
        id: ChangeId,
        read: &Seen,
        flipped: bool,
        now: DateTime<Utc>,
    ) -> Result<Decision, LaneError> {
        if let Some(until) = self.read_in_doubt(id, read, now)? {
            return Ok(Decision::ReadAgain(until));
        }
        let row = self.row(id)?;
        if read.meets(row.wish) && row.base.same_customer(read) {
            return Ok(Decision::AlreadySo);
        }
        Ok(crate::conflict::conflict(row, read, flipped, now).map_or(Decision::Send, Decision::Conflict))
    }

    /// A person tries a stuck change again.
    ///
    /// # Errors
    /// [`LaneError::NotStuck`].
    pub fn retry(&mut self, id: ChangeId, now: DateTime<Utc>) -> Result<(), LaneError> {
        let row = self.row(id)?;
        let ChangeStatus::Stuck(why) = &row.status else {
            return Err(LaneError::NotStuck);
        };
        // Nothing can be read that would settle it: the person who tries again has.
        if *why == Stuck::AnswerLost && row.doubt.as_ref().is_some_and(|doubt| doubt.of == id) {
            row.doubt = None;
        }
        row.status = ChangeStatus::Waiting;
        row.next_attempt_at = None;
        row.updated_at = now;
        Ok(())
    }

    /// A person decides a conflict. A kept wish counts as decided now, against what was shown with the conflict.
    ///
    /// # Errors
    /// [`LaneError::NoConflict`], also the second time; [`LaneError::CannotKeep`].
    pub fn resolve(&mut self, id: ChangeId, keep: Keep, now: DateTime<Utc>) -> Result<(), LaneError> {
        let row = self.row(id)?;
        let ChangeStatus::Conflict(conflict) = &row.status else {
            return Err(LaneError::NoConflict);
        };
        match keep {
            Keep::Theirs => row.status = ChangeStatus::Withdrawn(Withdrawn::Theirs),
            Keep::Mine => {
                if !conflict.kind.mine_can_be_kept() {
                    return Err(LaneError::CannotKeep);
                }
                if let Some(seen) = &conflict.now {
                    row.base = seen.clone();
                }
                row.decided_at = now;
                row.status = ChangeStatus::Waiting;
                row.next_attempt_at = None;
            }
        }
        row.updated_at = now;
        Ok(())
    }

    /// What screens show over the snapshot: wishes under way. What needs a person shows what the provider says. Active
    /// and inactive show only where the account is known to accept them: until then the state is asked for, not changed.
    /// A deletion never changes what is shown.
    pub fn overlay(&self, lesson: Lesson) -> Overlay {
        overlay_of(self.rows.iter().map(|row| (&row.wish, &row.status)), lesson)
    }
}

/// [`Lane::overlay`] for callers that hold only wishes and where they stand, oldest first.
pub fn overlay_of<'a>(
    changes: impl IntoIterator<Item = (&'a Wish, &'a ChangeStatus)>,
    lesson: Lesson,
) -> Overlay {
    let mut overlay = Overlay::default();
    for (wish, status) in changes {
        if !status.is_under_way() {
            continue;
        }
        match wish {
            Wish::OneClick(on) => overlay.one_click = Some(*on),
            Wish::Active(on) if lesson == Lesson::Accepts => overlay.active = Some(*on),
            Wish::Active(_) | Wish::Delete | Wish::Default => {}
        }
    }
    overlay
}

/// Whether a change that needs a person keeps later wishes of its lane from being sent. Where the provider does not do
/// what was asked, another wish may still work; everywhere else somebody has to look first.
pub fn stops_lane(change: &Change) -> bool {
    match &change.status {
        ChangeStatus::Conflict(_) => true,
        ChangeStatus::Stuck(stuck) => !matches!(
            stuck,
            Stuck::Ignored | Stuck::Refused { .. } | Stuck::NotPossibleHere
        ),
        _ => false,
    }
}

fn supersede(row: &mut Change, newer: &mut Change) {
    let stood = match &row.status {
        ChangeStatus::Held => Stood::Held,
        ChangeStatus::Waiting => Stood::Waiting,
        ChangeStatus::Conflict(conflict) => Stood::Conflict(conflict.clone()),
        ChangeStatus::Stuck(stuck) => Stood::Stuck(stuck.clone()),
        ChangeStatus::Sending | ChangeStatus::Done | ChangeStatus::Withdrawn(_) => return,
    };
    row.stood = Some(stood);
    row.replaced_by = Some(newer.id);
    row.status = ChangeStatus::Withdrawn(Withdrawn::Superseded);
    row.updated_at = row.updated_at.max(newer.updated_at);
    // What it replaces may have been sent and may still be done: until that is over, one read proves nothing.
    if let Some(doubt) = &row.doubt {
        newer.doubt = Some(inherited(doubt));
    }
    newer.next_attempt_at = newer.next_attempt_at.max(row.next_attempt_at);
}

fn inherited(doubt: &Doubt) -> Doubt {
    Doubt {
        first_read: None,
        ..doubt.clone()
    }
}

fn rebase(base: &mut Seen, wish: Wish, reason: Option<&str>, proof: Proof) {
    if let Proof::Written { before, after } = proof
        && base.version == before
    {
        base.version = after;
    }
    match wish {
        Wish::OneClick(on) => base.one_click = Some(on),
        Wish::Active(on) => {
            let state = if on {
                crate::TokenState::Active
            } else {
                crate::TokenState::Inactive
            };
            base.state = state.as_str().to_owned();
            base.active_not_set = false;
            // A card that was blocked before keeps the reason given then.
            if base.keeps_reasons && matches!(proof, Proof::Written { .. }) {
                base.block_reason = reason.filter(|_| !on).map(str::to_owned);
            }
        }
        Wish::Default => base.is_default = Some(true),
        Wish::Delete => {}
    }
}

/// A conflict found while sending.
pub fn found(kind: ConflictKind, now: Seen, at: DateTime<Utc>) -> Ended {
    Ended::Conflict(Conflict {
        kind,
        now: Some(now),
        found_at: at,
    })
}

//! From changes to what is shown of them: how long one is still held, what holds one up, and the sides of a conflict.

use crate::contract::{ChangeView, ConflictStep, ConflictView, DeskNote, Env, HoldView, Problem, SideView};
use crate::desk::{Desk, rfc3339};
use crate::problems;
use crate::views::Accounts;
use crate::words;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::time::Duration;
use tokendesk_model::{
    Change, ChangeId, ChangeStatus, Conflict, Lane, Seen, Stuck, TokenId, Wish, Withdrawn,
};
use tokendesk_store::{ChangesFilter, TimelineRow};
use tokendesk_sync::Network;

/// What this desk has of a card beside what its provider said.
#[derive(Default)]
pub(crate) struct DeskSide {
    /// Open changes, oldest first.
    pub changes: Vec<Change>,
    /// The same as they are shown.
    pub views: Vec<ChangeView>,
    /// A mark for staff.
    pub note: Option<DeskNote>,
}

/// What this desk has of several cards.
#[derive(Default)]
pub(crate) struct DeskSides {
    by_card: HashMap<TokenId, DeskSide>,
    nothing: DeskSide,
}

impl DeskSides {
    pub fn of(&self, card: TokenId) -> &DeskSide {
        self.by_card.get(&card).unwrap_or(&self.nothing)
    }
}

impl Desk {
    /// What this desk has of these cards: open changes and marks.
    pub(crate) async fn desk_sides(
        &self,
        cards: impl IntoIterator<Item = TokenId>,
        accounts: &Accounts,
    ) -> Result<DeskSides, Problem> {
        let cards: Vec<TokenId> = cards.into_iter().collect();
        let mut sides = DeskSides::default();
        if cards.is_empty() {
            return Ok(sides);
        }
        for mark in self.0.store.marks(&cards).await? {
            let note = &mut sides.by_card.entry(mark.token).or_default().note;
            let at = rfc3339(mark.at);
            let note = note.get_or_insert_with(|| DeskNote {
                active: None,
                one_click: None,
                by: String::new(),
                at: String::new(),
            });
            let value = Some(mark.value == "true");
            match mark.field.as_str() {
                crate::cards::ACTIVE_MARK => note.active = value,
                crate::cards::ONE_CLICK_MARK => note.one_click = value,
                _ => {}
            }
            // Of two marks the later one names who and when.
            if at >= note.at {
                note.at = at;
                note.by = mark.actor;
            }
        }
        for (card, changes) in self.lanes_of(cards).await? {
            let mut views = Vec::with_capacity(changes.len());
            for change in &changes {
                views.push(self.change_in_lane(change, &changes, accounts).await?);
            }
            let side = sides.by_card.entry(card).or_default();
            side.changes = changes;
            side.views = views;
        }
        Ok(sides)
    }

    /// Open changes by card.
    pub(crate) async fn lanes_of(
        &self,
        tokens: Vec<TokenId>,
    ) -> Result<HashMap<TokenId, Vec<Change>>, Problem> {
        let mut lanes: HashMap<TokenId, Vec<Change>> = HashMap::new();
        if tokens.is_empty() {
            return Ok(lanes);
        }
        // Of one card there are three open changes at most, and one on its way.
        let limit = u32::try_from(tokens.len().saturating_mul(8)).unwrap_or(u32::MAX);
        let filter = ChangesFilter {
            open_only: true,
            tokens,
            limit,
            ..ChangesFilter::default()
        };
        for change in self.0.store.changes(&filter).await? {
            lanes.entry(change.token).or_default().push(change);
        }
        Ok(lanes)
    }

    /// Changes as they are shown, in the same order.
    pub(crate) async fn change_views(
        &self,
        changes: &[Change],
        accounts: &Accounts,
    ) -> Result<Vec<ChangeView>, Problem> {
        let mut waiting: Vec<TokenId> = changes
            .iter()
            .filter(|change| change.status == ChangeStatus::Waiting)
            .map(|change| change.token)
            .collect();
        waiting.sort_unstable();
        waiting.dedup();
        let lanes = self.lanes_of(waiting).await?;
        let mut views = Vec::with_capacity(changes.len());
        for change in changes {
            let lane = lanes.get(&change.token).map(Vec::as_slice).unwrap_or_default();
            views.push(self.change_in_lane(change, lane, accounts).await?);
        }
        Ok(views)
    }

    /// One change as it is shown.
    pub(crate) async fn change_view(
        &self,
        change: &Change,
        accounts: &Accounts,
    ) -> Result<ChangeView, Problem> {
        let mut views = self.change_views(std::slice::from_ref(change), accounts).await?;
        views
            .pop()
            .ok_or_else(|| Problem::new(crate::contract::ProblemCode::Internal))
    }

    async fn change_in_lane(
        &self,
        change: &Change,
        lane: &[Change],
        accounts: &Accounts,
    ) -> Result<ChangeView, Problem> {
        let now = self.now();
        let mut view = plain(change, accounts);
        view.held_up_by = self.held_up_by(change, lane, accounts, now).map(str::to_owned);
        if change.status == ChangeStatus::Held {
            view.hold = Some(hold(change.hold_ms, self.0.engine.hold_left(change.id), now));
        }
        if let ChangeStatus::Conflict(conflict) = &change.status {
            let observed = self
                .0
                .store
                .observations_since(change.token, change.decided_at)
                .await?;
            view.conflict = Some(conflict_view(change, conflict, &observed, accounts));
        }
        Ok(view)
    }

    fn held_up_by(
        &self,
        change: &Change,
        lane: &[Change],
        accounts: &Accounts,
        now: DateTime<Utc>,
    ) -> Option<&'static str> {
        if change.status != ChangeStatus::Waiting {
            return None;
        }
        let paused = accounts
            .0
            .get(&change.account)
            .is_some_and(|(account, _)| account.paused.is_some());
        if paused {
            return Some("paused");
        }
        if accounts.read_only(change.account) {
            return Some("read_only");
        }
        if matches!(self.0.engine.network(change.account), Network::Offline { .. }) {
            return Some("offline");
        }
        let next: Option<ChangeId> = Lane::of(lane.to_vec()).next().map(|first| first.id);
        if !lane.is_empty() && next != Some(change.id) {
            return Some("lane");
        }
        let later = change.next_attempt_at.is_some_and(|at| at > now);
        if later && change.doubt.is_some() {
            return Some("in_doubt");
        }
        let rests = self.0.engine.next_try(change.account).is_some();
        (later || rests).then_some("asked_to_wait")
    }
}

fn hold(whole_ms: u32, left: Option<Duration>, now: DateTime<Utc>) -> HoldView {
    let left_ms = left.map_or(0, |left| u32::try_from(left.as_millis()).unwrap_or(u32::MAX));
    HoldView {
        left_ms,
        whole_ms,
        sends_at: left.map(|left| rfc3339(now + left)),
    }
}

fn why(status: &ChangeStatus) -> Option<&'static str> {
    Some(match status {
        ChangeStatus::Stuck(stuck) => match stuck {
            Stuck::Ignored => "ignored",
            Stuck::Refused { .. } => "refused",
            Stuck::Forbidden => "forbidden",
            Stuck::NotFound => "not_found",
            Stuck::NotPossibleHere => "not_possible_here",
            Stuck::KeptChanging => "kept_changing",
            Stuck::AnswerLost => "answer_lost",
            Stuck::Unreadable => "unreadable",
        },
        ChangeStatus::Withdrawn(why) => why.as_str(),
        ChangeStatus::Conflict(conflict) => conflict.kind.as_str(),
        ChangeStatus::Held | ChangeStatus::Waiting | ChangeStatus::Sending | ChangeStatus::Done => {
            return None;
        }
    })
}

/// Sent, and nobody knows whether it was done.
fn may_be_done(change: &Change) -> bool {
    let own = change.doubt.as_ref().is_some_and(|doubt| doubt.of == change.id);
    own && !matches!(
        change.status,
        ChangeStatus::Sending | ChangeStatus::Done | ChangeStatus::Withdrawn(Withdrawn::Theirs)
    )
}

// Everything that is known of a change without its lane and the network.
fn plain(change: &Change, accounts: &Accounts) -> ChangeView {
    let account = accounts.0.get(&change.account).map(|(account, _)| account);
    let problem = match &change.status {
        ChangeStatus::Stuck(stuck) => {
            let mut problem = problems::of_stuck(stuck, change.wish, &accounts.names(change.account));
            problem.request_id = change.request_id.clone();
            Some(problem)
        }
        _ => None,
    };
    let status = &change.status;
    ChangeView {
        id: change.id.to_string(),
        card_id: change.token.to_string(),
        provider: account
            .map(|a| a.provider.as_str().to_owned())
            .unwrap_or_default(),
        provider_name: account
            .map(|a| a.provider.display_name().to_owned())
            .unwrap_or_default(),
        account_id: change.account.to_string(),
        account_label: account.map(|a| a.label.clone()).unwrap_or_default(),
        remote_id: change.remote_id.clone(),
        env: account.map_or(Env::Demo, |a| Env::from(a.environment)),
        wish: change.wish.field().to_owned(),
        value: change.wish.value(),
        status: status.as_str().to_owned(),
        why: why(status).map(str::to_owned),
        problem,
        hold: None,
        conflict: None,
        held_up_by: None,
        may_be_done: may_be_done(change),
        can_undo: match status {
            ChangeStatus::Held => true,
            ChangeStatus::Waiting => change.attempts == 0,
            _ => false,
        },
        can_discard: status.is_open() && *status != ChangeStatus::Sending,
        can_retry: matches!(status, ChangeStatus::Stuck(_)),
        plan_id: change.plan.map(|plan| plan.to_string()),
        brand_name: change.label.brand.clone(),
        last4: change.label.last4.clone(),
        email: change.label.email.clone(),
        reason: change.reason.clone(),
        actor: change.actor.clone(),
        created_at: rfc3339(change.created_at),
        updated_at: rfc3339(change.updated_at),
        decided_at: rfc3339(change.decided_at),
        next_attempt_at: change.next_attempt_at.map(rfc3339),
        attempts: change.attempts,
        request_id: change.request_id.clone(),
    }
}

fn side(seen: &Seen, at: DateTime<Utc>, words: String) -> SideView {
    SideView {
        at: rfc3339(at),
        state: seen.state.clone(),
        one_click: seen.one_click,
        words,
    }
}

fn conflict_view(
    change: &Change,
    conflict: &Conflict,
    observed: &[TimelineRow],
    accounts: &Accounts,
) -> ConflictView {
    let provider = accounts.names(change.account).provider;
    let mut steps = vec![(
        change.decided_at,
        ConflictStep {
            at: rfc3339(change.decided_at),
            kind: "decided".to_owned(),
            words: words::decided(change),
        },
    )];
    steps.extend(
        observed
            .iter()
            .filter(|seen| seen.at <= conflict.found_at)
            .map(|seen| {
                (
                    seen.at,
                    ConflictStep {
                        at: rfc3339(seen.at),
                        kind: "observed".to_owned(),
                        words: words::observed(seen, &provider),
                    },
                )
            }),
    );
    steps.push((
        conflict.found_at,
        ConflictStep {
            at: rfc3339(conflict.found_at),
            kind: "found".to_owned(),
            words: words::found(&provider),
        },
    ));
    // A clock that was set back between the two must not turn the story round: the order of equals stays.
    steps.sort_by_key(|(at, _)| *at);
    ConflictView {
        kind: conflict.kind.as_str().to_owned(),
        title: words::conflict_title(change, conflict, &provider),
        decided: side(
            &change.base,
            change.decided_at,
            words::side_then(&change.base, &provider),
        ),
        mine: words::wish(change.wish).to_owned(),
        now: conflict
            .now
            .as_ref()
            .map(|now| side(now, conflict.found_at, words::side_now(conflict.kind, &provider))),
        steps: steps.into_iter().map(|(_, step)| step).collect(),
        can_keep_mine: conflict.kind.mine_can_be_kept(),
        keep_mine: words::keep_mine(change, conflict).to_owned(),
        take_theirs: words::take_theirs(change, conflict).to_owned(),
    }
}

/// Whether a deletion of the card is under way.
pub(crate) fn deletion_under_way(changes: &[Change]) -> bool {
    changes
        .iter()
        .any(|change| change.wish == Wish::Delete && change.status.is_under_way())
}

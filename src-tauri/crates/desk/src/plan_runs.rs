//! Plans at work: each row is looked at again when its turn comes, queued with the others, and followed to its end.
//!
//! A plan that runs is a row in the ledger, so it goes on by itself after a restart. Nothing is queued of one that was
//! stopped: the store looks at that in the same transaction.

use crate::change_views::deletion_under_way;
use crate::changes::{confirmed, reason_needed};
use crate::contract::{PlanRef, PlanView, Problem, ProblemCode, RunPlan, Tag};
use crate::desk::Desk;
use crate::guard;
use crate::plans::{learns_first, not_ready, possible};
use crate::problems::{self, Names};
use crate::views::Accounts;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokendesk_model::plan::{self, Candidate, Skip};
use tokendesk_model::{AccountId, Change, ChangeId, Wish};
use tokendesk_store::{CardRow, ChangesFilter, NewChange, Plan, PlanRow, PlanStatus, RowStatus};
use tokendesk_sync::EndHolds;
use tokio_util::sync::CancellationToken;

/// Rows queued in one transaction.
const BATCH: usize = 200;
/// Rows of one plan on their way at once: enough that nothing waits for more, few enough that each is looked at late.
const ON_THEIR_WAY: u32 = 4_000;
/// How far past rows that have to wait for their account a look goes.
const LOOK_AHEAD: u32 = 10_000;
/// Between two looks at a plan that runs.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Between two looks while none runs; starting one does not wait for it.
const LOOK_SELDOM: Duration = Duration::from_secs(60);

/// What one step of a plan came to.
enum Step {
    /// Some rows were queued, or left out.
    Moved,
    /// Rows are on their way, or wait for others.
    Waits,
    /// Nothing is left.
    Finished,
}

impl Desk {
    /// Runs a draft, or goes on with a stopped plan. What has to be typed is checked here, not in a window.
    ///
    /// # Errors
    /// [`ProblemCode::PlanUnknown`], [`ProblemCode::PlanNotReady`], [`ProblemCode::PlanEmpty`],
    /// [`ProblemCode::ConfirmationMissing`], [`ProblemCode::ReasonMissing`], and as for any reason.
    pub async fn run_plan(&self, request: RunPlan) -> Result<PlanView, Problem> {
        self.may_write()?;
        let plan = self.plan_of(&request.plan_id).await?;
        match plan.status {
            PlanStatus::Draft | PlanStatus::Stopped => {}
            // Whoever works without a window carries it on from where it was cut off.
            PlanStatus::Running if !self.works_along() => {
                return self.plan_view(&plan, &self.accounts_known().await?).await;
            }
            status => return Err(not_ready(status)),
        }
        let reason = self
            .or_refused_to_run(guard::reason(request.reason.as_deref()))
            .await?;
        let words = reason.as_deref().or(plan.reason.as_deref());
        let needed = self.reason_for_all(&plan, words).await;
        self.or_refused_to_run(needed).await?;
        let planned = self.0.store.plan_counts(plan.id).await?.planned;
        if planned == 0 && plan.status == PlanStatus::Draft {
            let why = "Every card of it is left out.".to_owned();
            return Err(Problem::with(ProblemCode::PlanEmpty, [("why", why)]));
        }
        let asked = self.confirmation_of(&plan, planned).await?;
        if let Some(expected) = &asked.expected {
            let confirmed = confirmed(request.confirmation.as_deref(), expected, &asked.kind);
            self.or_refused_to_run(confirmed).await?;
        }
        if asked.kind == "count_and_reason" && reason.is_none() && plan.reason.is_none() {
            let missing = Problem::with(ProblemCode::ReasonMissing, [("count", planned.to_string())]);
            return self.or_refused_to_run(Err(missing.on_field("reason"))).await;
        }
        self.0
            .store
            .set_plan(plan.id, PlanStatus::Running, reason.as_deref())
            .await?;
        let action = match plan.status {
            PlanStatus::Draft => "plan.run",
            _ => "plan.resumed",
        };
        self.note_plan(plan.id, action, reason).await?;
        self.0.invalidator.tell(Tag::Plans);
        self.0.plans_move.notify_one();
        let plan = self.plan_of(&request.plan_id).await?;
        self.plan_view(&plan, &self.accounts_known().await?).await
    }

    /// Where one of its providers keeps the reason of a block, there is none of a plan without one either.
    async fn reason_for_all(&self, plan: &Plan, reason: Option<&str>) -> Result<(), Problem> {
        let Wish::Active(active) = plan.wish else {
            return Ok(());
        };
        let accounts = self.accounts_known().await?;
        for at in plan.accounts.iter().filter(|at| at.cards > 0) {
            reason_needed(&accounts, at.account, active, reason)?;
        }
        Ok(())
    }

    /// Stops a plan that runs, and takes back what was not sent: those rows are planned again.
    ///
    /// # Errors
    /// [`ProblemCode::PlanUnknown`]; [`ProblemCode::PlanNotReady`] unless it runs.
    pub async fn stop_plan(&self, request: PlanRef) -> Result<PlanView, Problem> {
        self.may_write()?;
        let plan = self.plan_of(&request.plan_id).await?;
        if plan.status != PlanStatus::Running {
            return Err(not_ready(plan.status));
        }
        self.0.store.set_plan(plan.id, PlanStatus::Stopped, None).await?;
        self.0.store.unqueue_plan(plan.id, self.now()).await?;
        self.note_plan(plan.id, "plan.stopped", None).await?;
        self.tell_changes();
        let plan = self.plan_of(&request.plan_id).await?;
        self.plan_view(&plan, &self.accounts_known().await?).await
    }

    /// Carries a plan that runs to its end here and now: for whoever works without a window. Ends early when what is left
    /// waits for a person or for a payment system that does not answer; the plan then still runs.
    ///
    /// # Errors
    /// Why what is left cannot be sent now; everything queued is kept.
    pub async fn work_plan(&self, request: PlanRef) -> Result<(), Problem> {
        self.may_write()?;
        self.0.engine.wake_links();
        loop {
            let plan = self.plan_of(&request.plan_id).await?;
            if plan.status != PlanStatus::Running {
                return Ok(());
            }
            match self.step(&plan).await? {
                Step::Finished => return Ok(()),
                Step::Moved => continue,
                Step::Waits => {}
            }
            self.send_plan(&plan).await?;
            if matches!(self.step(&plan).await?, Step::Waits) && !self.goes_on_soon(&plan).await? {
                return Ok(());
            }
        }
    }

    async fn send_plan(&self, plan: &Plan) -> Result<(), Problem> {
        let held = self.of_plan(plan, &["held"], u32::MAX).await?;
        let held: Vec<ChangeId> = held.into_iter().map(|change| change.id).collect();
        let of_sync = |error| problems::of_sync(error, &Names::nobody());
        let engine = &self.0.engine;
        engine
            .end_holds(&EndHolds::Changes(held))
            .await
            .map_err(of_sync)?;
        let summary = engine.send_due(Some(plan.env)).await.map_err(of_sync)?;
        self.tell_changes();
        if summary.paused {
            return Err(Problem::new(ProblemCode::LedgerOlder));
        }
        match &summary.unreachable {
            Some(why) => Err(problems::of_credentials(why)),
            None => Ok(()),
        }
    }

    // Whether waiting helps: something of the plan will be tried again by itself before long.
    async fn goes_on_soon(&self, plan: &Plan) -> Result<bool, Problem> {
        let accounts = self.accounts_known().await?;
        let waiting = self.of_plan(plan, &["waiting", "sending"], 500).await?;
        let mut stands: Option<Problem> = None;
        for view in self.change_views(&waiting, &accounts).await? {
            match view.held_up_by.as_deref() {
                Some("offline") => {
                    let account = ("account", view.account_label.clone());
                    stands = stands.or(Some(Problem::with(ProblemCode::Unreachable, [account])));
                }
                Some("paused") => {
                    let id = view.account_id.parse().ok();
                    let paused = id.and_then(|id: AccountId| accounts.0.get(&id));
                    let problem = paused.and_then(|(account, _)| {
                        let reason = account.paused.as_deref()?;
                        Some(problems::of_pause(reason, &Names::of(account)))
                    });
                    stands = stands.or(problem);
                }
                Some("lane") => {}
                _ => {
                    tokio::time::sleep(LOOK_EVERY).await;
                    return Ok(true);
                }
            }
        }
        match stands {
            Some(problem) => Err(problem),
            None => Ok(false),
        }
    }

    async fn of_plan(&self, plan: &Plan, statuses: &[&str], limit: u32) -> Result<Vec<Change>, Problem> {
        let filter = ChangesFilter {
            statuses: statuses.iter().map(|word| (*word).to_owned()).collect(),
            plan: Some(plan.id),
            limit,
            ..ChangesFilter::default()
        };
        Ok(self.0.store.changes(&filter).await?)
    }

    /// Queues the next rows whose turn has come.
    async fn step(&self, plan: &Plan) -> Result<Step, Problem> {
        let counts = self.0.store.plan_counts(plan.id).await?;
        if counts.planned == 0 {
            if counts.queued > 0 {
                return Ok(Step::Waits);
            }
            self.0.store.set_plan(plan.id, PlanStatus::Finished, None).await?;
            self.note_plan(plan.id, "plan.finished", None).await?;
            self.0.invalidator.tell(Tag::Plans);
            return Ok(Step::Finished);
        }
        if counts.queued >= ON_THEIR_WAY {
            return Ok(Step::Waits);
        }
        let accounts = self.accounts_known().await?;
        let turn = self.whose_turn(plan, &accounts).await?;
        if turn.is_empty() {
            return Ok(Step::Waits);
        }
        let lanes = self.lanes_of(turn.iter().map(|row| row.token).collect()).await?;
        let mut rows: Vec<(u32, Result<NewChange, Skip>)> = Vec::with_capacity(turn.len());
        for row in turn {
            let card = self.0.store.card(row.token).await?;
            let lane = lanes.get(&row.token).map(Vec::as_slice).unwrap_or_default();
            let answer = match card {
                None => Err(Skip::Unknown),
                Some(card) => match left_out(plan, &card, lane, &accounts) {
                    Some(skip) => Err(skip),
                    None => {
                        let new = self.new_change(&card, plan.wish, plan.reason.clone(), Some(plan.id));
                        Ok(NewChange {
                            actor: plan.actor.clone(),
                            ..new.await?
                        })
                    }
                },
            };
            rows.push((row.number, answer));
        }
        let queued = self.0.store.queue_planned(plan.id, rows, self.now()).await?;
        for change in &queued {
            self.0.engine.hold(change);
        }
        self.tell_changes();
        self.0.engine.wake();
        Ok(Step::Moved)
    }

    /// The next rows. Of an account that has not taught yet whether it does this, one card goes first and the others wait
    /// for its end; they keep nobody else from going.
    async fn whose_turn(&self, plan: &Plan, accounts: &Accounts) -> Result<Vec<PlanRow>, Problem> {
        let mut learning: HashSet<AccountId> = HashSet::new();
        let mut asked: HashMap<AccountId, bool> = HashMap::new();
        let mut turn = Vec::new();
        let mut after: Option<u32> = None;
        let mut looked_at: u32 = 0;
        while turn.len() < BATCH && looked_at < LOOK_AHEAD {
            let page = self
                .0
                .store
                .plan_rows(plan.id, &[RowStatus::Planned], after, BATCH as u32)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.number);
            looked_at += BATCH as u32;
            for row in page {
                if !learns_first(plan.wish, accounts.lesson(row.account)) {
                    turn.push(row);
                    continue;
                }
                if let std::collections::hash_map::Entry::Vacant(unknown) = asked.entry(row.account) {
                    unknown.insert(self.is_being_asked(plan, row.account).await?);
                }
                let is_asked = asked.get(&row.account).copied().unwrap_or_default();
                if !is_asked && learning.insert(row.account) {
                    turn.push(row);
                }
            }
        }
        turn.truncate(BATCH);
        Ok(turn)
    }

    async fn is_being_asked(&self, plan: &Plan, account: AccountId) -> Result<bool, Problem> {
        let filter = ChangesFilter {
            statuses: ["held", "waiting", "sending"].map(str::to_owned).to_vec(),
            plan: Some(plan.id),
            account: Some(account),
            limit: 1,
            ..ChangesFilter::default()
        };
        Ok(!self.0.store.changes(&filter).await?.is_empty())
    }

    /// One look at every plan that runs; whether any does.
    async fn step_all(&self) -> Result<bool, Problem> {
        if self.older_ledger().is_some() {
            // It may have run to its end since.
            return Ok(false);
        }
        let mut running = false;
        for plan in self.0.store.running_plans().await? {
            match self.step(&plan).await? {
                Step::Finished => {}
                Step::Waits => running = true,
                Step::Moved => {
                    running = true;
                    // There may be more: the next look comes at once.
                    self.0.plans_move.notify_one();
                }
            }
        }
        Ok(running)
    }
}

/// Whether a card is left out now that its turn has come.
fn left_out(plan: &Plan, card: &CardRow, lane: &[Change], accounts: &Accounts) -> Option<Skip> {
    plan::skip(
        plan.wish,
        &Candidate {
            state: card.effective_state.clone(),
            one_click: card.effective_one_click,
            gone: card.gone_at.is_some(),
            deletion_waits: deletion_under_way(lane),
            possible: possible(plan.wish, card.account, accounts),
            paused: accounts.paused(card.account),
        },
    )
}

/// Moves plans on while a window is open.
pub(crate) async fn look_after_plans(desk: Desk, stop: CancellationToken) {
    loop {
        let running = match desk.step_all().await {
            Ok(running) => running,
            Err(problem) => {
                tracing::warn!(code = ?problem.code, "plans rest");
                false
            }
        };
        let look = if running { LOOK_EVERY } else { LOOK_SELDOM };
        tokio::select! {
            () = stop.cancelled() => return,
            () = desk.0.plans_move.notified() => {}
            () = tokio::time::sleep(look) => {}
        }
    }
}

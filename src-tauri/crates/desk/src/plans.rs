//! Plans: one wish over many cards, looked at before it runs. Making one changes nothing.

use crate::cards::confirmation;
use crate::contract::{
    CardView, ChangeView, Env, MakePlan, Nothing, PlanAccount, PlanConfirmation, PlanCounts, PlanList,
    PlanRef, PlanRow, PlanRowPage, PlanRows, PlanSkip, PlanView, PlanWarning, Problem, ProblemCode, Tag,
};
use crate::desk::{Desk, rfc3339};
use crate::views::{self, Accounts, small};
use crate::words;
use std::collections::{HashMap, HashSet};
use std::time::Instant;
use tokendesk_model::plan::{self, Candidate, Confirmation, Skip};
use tokendesk_model::{
    AccountId, Carrier, ChangeId, Deletion, Environment, Lesson, PlanId, SearchQuery, TokenId, Wish,
};
use tokendesk_store::{
    CandidateRow, LastCards, LogEntry, NewPlan, OpenWish, Plan, PlanStatus, RowStatus, StoreError,
};

/// A plan has at most so many cards.
const MOST_CARDS: usize = 1_000_000;
/// Plans listed.
const LONGEST_LIST: u32 = 100;
/// Rows listed at once.
const LONGEST_PAGE: u32 = 500;

impl Desk {
    /// Makes a plan over cards that were chosen or found. Nothing is changed by it.
    ///
    /// # Errors
    /// [`ProblemCode::PlanEmpty`], [`ProblemCode::PlanTooLarge`], [`ProblemCode::CardUnknown`] for a chosen card that is
    /// not here in this environment; as for `find_people` for the search.
    pub async fn make_plan(&self, request: MakePlan) -> Result<PlanView, Problem> {
        self.may_write()?;
        let began = Instant::now();
        let env = Environment::from(request.env);
        let wish = words::wish_of(&request.action).ok_or_else(|| bad_action(&request.action))?;
        let candidates = self.selected(env, picked(&request)?).await?;
        if candidates.is_empty() {
            return Err(Problem::with(
                ProblemCode::PlanEmpty,
                [("why", "No card was found.".to_owned())],
            ));
        }
        let accounts = self.accounts_known().await?;
        let open = self.0.store.open_wishes(env).await?;
        let deleted: HashSet<TokenId> = open
            .iter()
            .filter(|change| change.wish == Wish::Delete && change.under_way)
            .map(|change| change.token)
            .collect();
        let mut changed: Vec<CandidateRow> = Vec::new();
        let mut rows = Vec::with_capacity(candidates.len());
        for card in candidates {
            let skip = plan::skip(
                wish,
                &Candidate {
                    state: card.effective_state.clone(),
                    one_click: card.effective_one_click,
                    gone: card.gone,
                    deletion_waits: deleted.contains(&card.token),
                    possible: possible(wish, card.account, &accounts),
                    paused: accounts.paused(card.account),
                },
            );
            rows.push((card.token, card.account, card.remote_id.clone(), skip));
            if skip.is_none() {
                changed.push(card);
            }
        }
        let last = match wish.enables() {
            true => LastCards::default(),
            false => self.0.store.last_cards(&changed).await?,
        };
        let changed = changed.iter().map(|card| card.token).collect();
        let warnings = warnings(wish, last, &changed, &open);
        let new = NewPlan {
            env,
            wish,
            query: request.query,
            actor: self.actor(),
            took_ms: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
        };
        let id = self.0.store.create_plan(new, &rows, self.now()).await?;
        self.memory().warnings.insert(id, warnings);
        self.note_plan(id, "plan.made", None).await?;
        self.0.invalidator.tell(Tag::Plans);
        let plan = self.plan_of(&id.to_string()).await?;
        self.plan_view(&plan, &accounts).await
    }

    async fn selected(&self, env: Environment, pick: Pick) -> Result<Vec<CandidateRow>, Problem> {
        let store = &self.0.store;
        match pick {
            Pick::Found(query) => {
                if store.totals(env).await?.cards > MOST_CARDS as u64 {
                    // Counted before any of them is fetched.
                    let found = store.count_cards(env, None, &query, true).await?;
                    if found.n as usize > MOST_CARDS {
                        return Err(too_large());
                    }
                }
                let candidates = store.plan_candidates(env, &query).await?;
                match candidates.len() {
                    found if found > MOST_CARDS => Err(too_large()),
                    _ => Ok(candidates),
                }
            }
            Pick::Chosen(ids) => {
                let candidates = store.plan_candidates_of(env, &ids).await?;
                if candidates.len() < ids.len() {
                    return Err(Problem::new(ProblemCode::CardUnknown));
                }
                Ok(candidates)
            }
        }
    }

    /// One plan, and how far it is.
    ///
    /// # Errors
    /// [`ProblemCode::PlanUnknown`].
    pub async fn show_plan(&self, request: PlanRef) -> Result<PlanView, Problem> {
        let plan = self.plan_of(&request.plan_id).await?;
        let accounts = self.accounts_known().await?;
        let known = self.memory().warnings.contains_key(&plan.id);
        if plan.status == PlanStatus::Draft && !known {
            let warnings = self.warnings_again(&plan).await?;
            self.memory().warnings.insert(plan.id, warnings);
        }
        self.plan_view(&plan, &accounts).await
    }

    // After a restart: what the draft's cards mean now.
    async fn warnings_again(&self, plan: &Plan) -> Result<Vec<PlanWarning>, Problem> {
        let rows = self
            .0
            .store
            .plan_rows(plan.id, &[RowStatus::Planned], None, u32::MAX)
            .await?;
        let changed: Vec<TokenId> = rows.into_iter().map(|row| row.token).collect();
        let last = match plan.wish.enables() {
            true => LastCards::default(),
            false => self.0.store.last_active_customers(&changed).await?,
        };
        let open = self.0.store.open_wishes(plan.env).await?;
        Ok(warnings(plan.wish, last, &changed.into_iter().collect(), &open))
    }

    /// The newest plans, newest first.
    ///
    /// # Errors
    /// A [`Problem`] if the files cannot be read.
    pub async fn list_plans(&self, _request: Nothing) -> Result<PlanList, Problem> {
        let accounts = self.accounts_known().await?;
        let mut items = Vec::new();
        for plan in self.0.store.plans(LONGEST_LIST).await? {
            items.push(self.plan_view(&plan, &accounts).await?);
        }
        Ok(PlanList { items })
    }

    /// Rows of a plan with what became of each.
    ///
    /// # Errors
    /// [`ProblemCode::PlanUnknown`], [`ProblemCode::CursorInvalid`], [`ProblemCode::FilterInvalid`].
    pub async fn plan_rows(&self, request: PlanRows) -> Result<PlanRowPage, Problem> {
        let plan = self.plan_of(&request.plan_id).await?;
        let mut statuses = Vec::new();
        for word in &request.statuses {
            statuses.push(RowStatus::from_word(word).ok_or_else(bad_row_status)?);
        }
        let after = match &request.after {
            Some(cursor) => Some(
                cursor
                    .parse()
                    .map_err(|_| Problem::new(ProblemCode::CursorInvalid))?,
            ),
            None => None,
        };
        let limit = request.limit.clamp(1, LONGEST_PAGE);
        let rows = self.0.store.plan_rows(plan.id, &statuses, after, limit).await?;
        let more = rows.len() == limit as usize;
        let next = rows.last().filter(|_| more).map(|row| row.number.to_string());
        let accounts = self.accounts_known().await?;
        let mut changes: HashMap<ChangeId, ChangeView> = HashMap::new();
        let mut known = Vec::new();
        for id in rows.iter().filter_map(|row| row.change) {
            known.extend(self.0.store.change(id).await?);
        }
        for (change, view) in known.iter().zip(self.change_views(&known, &accounts).await?) {
            changes.insert(change.id, view);
        }
        let mut cards: HashMap<TokenId, CardView> = HashMap::new();
        let sides = self
            .desk_sides(rows.iter().map(|row| row.token), &accounts)
            .await?;
        for row in &rows {
            if let Some(card) = self.0.store.card(row.token).await? {
                cards.insert(row.token, views::card(&card, sides.of(row.token), &accounts));
            }
        }
        let items = rows
            .into_iter()
            .map(|row| {
                let change = row.change.and_then(|id| changes.remove(&id));
                PlanRow {
                    number: row.number,
                    card_id: row.token.to_string(),
                    remote_id: row.remote_id,
                    card: cards.remove(&row.token),
                    status: row.status.as_str().to_owned(),
                    skipped: row.skip.map(|skip| skip_view(skip, plan.wish, 1)),
                    problem: change.as_ref().and_then(|change| change.problem.clone()),
                    change,
                }
            })
            .collect();
        Ok(PlanRowPage { items, next })
    }

    /// Forgets a draft.
    ///
    /// # Errors
    /// [`ProblemCode::PlanUnknown`]; [`ProblemCode::PlanNotReady`] for one that runs or has run.
    pub async fn drop_plan(&self, request: PlanRef) -> Result<Nothing, Problem> {
        self.may_write()?;
        let plan = self.plan_of(&request.plan_id).await?;
        match self.0.store.drop_plan(plan.id).await {
            Err(StoreError::PlanHasRun) => return Err(not_ready(plan.status)),
            dropped => dropped?,
        }
        self.memory().warnings.remove(&plan.id);
        self.note_plan(plan.id, "plan.dropped", None).await?;
        self.0.invalidator.tell(Tag::Plans);
        Ok(Nothing {})
    }

    pub(crate) async fn plan_of(&self, id: &str) -> Result<Plan, Problem> {
        let unknown = || Problem::new(ProblemCode::PlanUnknown);
        let id: PlanId = id.parse().map_err(|_| unknown())?;
        self.0.store.plan(id).await?.ok_or_else(unknown)
    }

    pub(crate) async fn note_plan(
        &self,
        plan: PlanId,
        action: &str,
        reason: Option<String>,
    ) -> Result<(), Problem> {
        let entry = LogEntry {
            at: self.now(),
            actor: self.actor(),
            action: action.to_owned(),
            outcome: "ok".to_owned(),
            detail: Some(plan.to_string()),
            reason,
            ..LogEntry::default()
        };
        self.0.store.log(&entry).await?;
        self.0.invalidator.tell(Tag::Log);
        Ok(())
    }

    pub(crate) async fn plan_view(&self, plan: &Plan, accounts: &Accounts) -> Result<PlanView, Problem> {
        let counts = self.0.store.plan_counts(plan.id).await?;
        let warnings = self.memory().warnings.get(&plan.id).cloned().unwrap_or_default();
        Ok(PlanView {
            id: plan.id.to_string(),
            env: Env::from(plan.env),
            action: words::action(plan.wish).to_owned(),
            query: plan.query.clone(),
            made_at: rfc3339(plan.made_at),
            actor: plan.actor.clone(),
            status: plan.status.as_str().to_owned(),
            total: plan.total,
            counts: PlanCounts {
                planned: counts.planned,
                queued: counts.queued,
                done: counts.done,
                stuck: counts.stuck,
                conflict: counts.conflict,
                skipped: counts.skipped,
                withdrawn: counts.withdrawn,
            },
            accounts: plan
                .accounts
                .iter()
                .filter(|at| at.cards > 0)
                .map(|at| {
                    let lesson = accounts.lesson(at.account);
                    let provider = accounts.names(at.account).provider;
                    PlanAccount {
                        account: accounts.tag(at.account),
                        cards: at.cards,
                        effect: words::effect(
                            plan.wish,
                            at.cards.into(),
                            &provider,
                            &accounts.capabilities(at.account),
                        ),
                        learns_first: learns_first(plan.wish, lesson),
                    }
                })
                .collect(),
            skips: plan
                .skips
                .iter()
                .map(|(skip, cards)| skip_view(*skip, plan.wish, *cards))
                .collect(),
            warnings,
            confirmation: self.confirmation_of(plan, counts.planned).await?,
            reason: plan.reason.clone(),
            took_ms: plan.took_ms,
        })
    }

    /// What has to be typed before the rows that are left run.
    pub(crate) async fn confirmation_of(
        &self,
        plan: &Plan,
        planned: u32,
    ) -> Result<PlanConfirmation, Problem> {
        let nothing = PlanConfirmation {
            kind: "nothing".to_owned(),
            expected: None,
        };
        if !matches!(plan.status, PlanStatus::Draft | PlanStatus::Stopped) {
            return Ok(nothing);
        }
        let kind = match plan::confirmation(plan.env, plan.wish, planned as usize) {
            Confirmation::Nothing => return Ok(nothing),
            Confirmation::Count => "count",
            Confirmation::CountAndReason => "count_and_reason",
            Confirmation::Card => {
                let first = self.0.store.next_planned(plan.id, 1).await?.pop();
                let card = match &first {
                    Some(first) => self.0.store.card(first.token).await?,
                    None => None,
                };
                // A card that is not here any more is left out when its turn comes.
                let Some(card) = card else { return Ok(nothing) };
                let (expected, kind) = confirmation(&card);
                return Ok(PlanConfirmation {
                    kind: kind.to_owned(),
                    expected: Some(expected),
                });
            }
        };
        Ok(PlanConfirmation {
            kind: kind.to_owned(),
            expected: Some(planned.to_string()),
        })
    }
}

/// Whether the account takes this wish, as far as it can and has taught.
pub(crate) fn possible(wish: Wish, account: AccountId, accounts: &Accounts) -> bool {
    let known = accounts.capabilities(account);
    let carrier = match wish {
        Wish::OneClick(_) => known.one_click,
        Wish::Active(_) => known.active,
        Wish::Default => known.default_card,
        Wish::Delete => {
            return !accounts.read_only(account)
                && !matches!(known.delete, Deletion::BlockInstead | Deletion::DeskOnly);
        }
    };
    let taught = match carrier {
        Carrier::Attempted(lesson) => lesson.may_be_sent(),
        _ => true,
    };
    taught && carrier.is_sent() && !accounts.read_only(account)
}

/// Whether one card of the account goes first, to learn what it does.
pub(crate) fn learns_first(wish: Wish, lesson: Lesson) -> bool {
    matches!(wish, Wish::Active(_)) && lesson == Lesson::Untried
}

/// Why a plan is not ready for what was asked.
pub(crate) fn not_ready(status: PlanStatus) -> Problem {
    let (status, now) = words::not_ready(status.as_str());
    Problem::with(
        ProblemCode::PlanNotReady,
        [("status", status.to_owned()), ("now", now.to_owned())],
    )
}

fn skip_view(skip: Skip, wish: Wish, cards: u32) -> PlanSkip {
    PlanSkip {
        why: skip.as_str().to_owned(),
        words: words::skip(skip, wish).to_owned(),
        cards,
    }
}

fn too_large() -> Problem {
    Problem::with(ProblemCode::PlanTooLarge, [("most", "1,000,000".to_owned())])
}

fn bad_action(_action: &str) -> Problem {
    let accepts = "one_click_on, one_click_off, activate, deactivate, delete".to_owned();
    Problem::with(
        ProblemCode::FilterInvalid,
        [("filter", "action".to_owned()), ("accepts", accepts)],
    )
    .on_field("action")
}

fn bad_row_status() -> Problem {
    let accepts: Vec<&str> = RowStatus::ALL.into_iter().map(RowStatus::as_str).collect();
    Problem::with(
        ProblemCode::FilterInvalid,
        [("filter", "status".to_owned()), ("accepts", accepts.join(", "))],
    )
}

/// Which cards are meant.
enum Pick {
    /// All that a search finds.
    Found(SearchQuery),
    /// These, each once.
    Chosen(Vec<TokenId>),
}

/// What else follows from a wish over these cards.
fn warnings(wish: Wish, last: LastCards, changed: &HashSet<TokenId>, open: &[OpenWish]) -> Vec<PlanWarning> {
    let mut warnings = Vec::new();
    let mut warn = |kind: &str, n: u32, words: fn(u64) -> String| {
        if n > 0 {
            warnings.push(PlanWarning {
                kind: kind.to_owned(),
                words: words(n.into()),
                n,
            });
        }
    };
    if !matches!(wish, Wish::OneClick(_)) {
        warn("last_active", last.active, words::last_active);
    }
    warn("last_one_click", last.one_click, words::last_one_click);
    let replaced = open
        .iter()
        .filter(|other| changed.contains(&other.token) && !other.sending && wish.replaces(&other.wish));
    let n = small(replaced.count() as u64);
    warn("other_changes_replaced", n, words::others_replaced);
    warnings
}

fn picked(request: &MakePlan) -> Result<Pick, Problem> {
    match (&request.query, request.cards.as_slice()) {
        (Some(query), []) => Ok(Pick::Found(SearchQuery::parse(query)?)),
        (None, []) => Err(Problem::with(
            ProblemCode::PlanEmpty,
            [("why", "No card was chosen.".to_owned())],
        )),
        (None, cards) if cards.len() > MOST_CARDS => Err(too_large()),
        (None, cards) => {
            let mut ids = Vec::with_capacity(cards.len());
            let mut seen = HashSet::with_capacity(cards.len());
            for card in cards {
                let id: TokenId = card.parse().map_err(|_| Problem::new(ProblemCode::CardUnknown))?;
                if seen.insert(id) {
                    ids.push(id);
                }
            }
            Ok(Pick::Chosen(ids))
        }
        (Some(_), _) => Err(Problem::with(
            ProblemCode::FieldInvalid,
            [
                ("field_name", "The selection".to_owned()),
                ("rule", "It is either cards or a search, not both.".to_owned()),
            ],
        )
        .on_field("cards")),
    }
}

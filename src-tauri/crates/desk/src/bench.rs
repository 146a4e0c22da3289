//! The test bench: runs of guided flows, kept in the ledger between steps. Refused for live accounts here, whatever a screen offers.

use crate::contract::{
    AccountRef, AccountTag, Chosen, ExchangeView, FlowChoice, FlowList, FlowRunRef, FlowRunView, FlowRuns,
    FlowStep, FlowStepDone, FlowView, Problem, ProblemCode, RunFlowStep, SingleUseList, SingleUseView,
    StartFlow,
};
use crate::desk::{Desk, rfc3339};
use crate::guard;
use crate::log::Note;
use crate::problems::{self, Names};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokendesk_model::{Account, Environment};
use tokendesk_providers::PaymentSystem;
use tokendesk_providers::bench::{
    BenchError, Exchange, Flow, FlowState, SingleUse, Step, StepDone, StepResult, TestBench,
};
use tokendesk_store::{FlowRun, SingleUseRow};
use uuid::Uuid;

/// Runs and tokens shown.
const SHOWN: u32 = 50;
/// Longest free text of a choice, in characters.
const FREE_TEXT: usize = 200;

/// A step that was run, as the ledger keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    step: String,
    at: DateTime<Utc>,
    chosen: BTreeMap<String, String>,
    result: StepResult,
    outcome: String,
    meaning: String,
    next: String,
    facts: Vec<(String, String)>,
    link: Option<String>,
    exchanges: Vec<Exchange>,
}

/// An account with the system that has its bench.
struct Bench {
    account: Account,
    system: Arc<dyn PaymentSystem>,
}

impl Bench {
    fn flows(&self) -> Result<&dyn TestBench, Problem> {
        self.system.bench().ok_or_else(|| {
            not_here(
                &self.account,
                "This payment system, or this kind of account, has no guided flows.",
                "",
            )
        })
    }
}

impl Desk {
    async fn bench(&self, account_id: &str) -> Result<Bench, Problem> {
        let account = self.account_of(account_id).await?;
        if account.environment == Environment::Live {
            return Err(not_here(
                &account,
                "It is a live account.",
                "Connect a test account for this.",
            ));
        }
        if account.read_only {
            return Err(Problem::with(
                ProblemCode::ReadOnlyAccount,
                [("account", account.label.clone())],
            ));
        }
        let names = Names::of(&account);
        let link = self
            .0
            .engine
            .link(account.id)
            .await
            .map_err(|error| problems::of_sync(error, &names))?;
        Ok(Bench {
            system: Arc::clone(&link.system),
            account,
        })
    }

    /// The flows of a test or demo account.
    ///
    /// # Errors
    /// [`ProblemCode::BenchNotHere`] for a live account.
    pub async fn list_flows(&self, request: AccountRef) -> Result<FlowList, Problem> {
        let bench = self.bench(&request.account_id).await?;
        Ok(FlowList {
            items: bench.flows()?.flows().iter().map(flow_view).collect(),
        })
    }

    /// Begins a flow. Nothing is sent yet.
    ///
    /// # Errors
    /// As for `list_flows`; [`ProblemCode::FlowStepInvalid`].
    pub async fn start_flow(&self, request: StartFlow) -> Result<FlowRunView, Problem> {
        self.may_write()?;
        let bench = self.bench(&request.account_id).await?;
        let flow = flow_of(bench.flows()?, &request.flow)?;
        let run = FlowRun {
            id: Uuid::now_v7(),
            account: bench.account.id,
            flow: flow.id.to_owned(),
            state: text(&FlowState::default())?,
            steps: "[]".to_owned(),
            started_at: self.now(),
            updated_at: self.now(),
            actor: self.actor(),
        };
        self.0.store.put_flow_run(&run).await?;
        run_view(&run, flow)
    }

    /// Runs one step of a flow that was begun; it may be run again.
    ///
    /// # Errors
    /// As for `list_flows`; [`ProblemCode::FlowStepInvalid`], [`ProblemCode::CardNumber`].
    pub async fn run_flow_step(&self, request: RunFlowStep) -> Result<FlowRunView, Problem> {
        self.may_write()?;
        let mut run = self.flow_run(&request.run_id).await?;
        let bench = self.bench(&run.account.to_string()).await?;
        if let Some(reason) = &bench.account.paused {
            return Err(problems::of_pause(reason, &Names::of(&bench.account)));
        }
        let flows = bench.flows()?;
        let flow = flow_of(flows, &run.flow)?;
        let step = step_of(flow, &request.step)?;
        let chosen = checked_choices(step, &request.choices)?;
        let state: FlowState = parsed(&run.state)?;
        let done = flows
            .run(flow.id, step.id, &chosen, state)
            .await
            .map_err(|error| bench_problem(&error, &bench.account))?;
        let mut steps: Vec<Kept> = parsed(&run.steps)?;
        if let Some(link) = &done.link {
            self.memory().pages.insert(link.clone());
        }
        for token in &done.tokens {
            self.keep_token(&run, token).await?;
        }
        run.state = text(&done.state)?;
        self.note(Note {
            action: "bench.step",
            account: Some(run.account),
            detail: Some(&format!("{} {}: {}", flow.id, step.id, done.outcome)),
            ..Note::default()
        })
        .await?;
        steps.push(kept(step, self.now(), chosen, done));
        run.steps = text(&steps)?;
        run.updated_at = self.now();
        self.0.store.put_flow_run(&run).await?;
        self.tell_accounts();
        run_view(&run, flow)
    }

    async fn keep_token(&self, run: &FlowRun, token: &SingleUse) -> Result<(), Problem> {
        let now = self.now();
        let row = SingleUseRow {
            account: run.account,
            remote_id: token.remote_id.clone(),
            kind: token.kind.clone(),
            shown: token.shown.clone(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            used_at: token.used.then_some(now),
            expired_at: token.expired.then_some(now),
            run: Some(run.id),
        };
        Ok(self.0.store.put_single_use(run.account, &row).await?)
    }

    /// One run.
    ///
    /// # Errors
    /// [`ProblemCode::FlowStepInvalid`] for a run that is not here.
    pub async fn show_flow_run(&self, request: FlowRunRef) -> Result<FlowRunView, Problem> {
        let run = self.flow_run(&request.run_id).await?;
        let bench = self.bench(&run.account.to_string()).await?;
        run_view(&run, flow_of(bench.flows()?, &run.flow)?)
    }

    /// Runs of an account, newest first.
    ///
    /// # Errors
    /// As for `list_flows`.
    pub async fn flow_runs(&self, request: AccountRef) -> Result<FlowRuns, Problem> {
        let bench = self.bench(&request.account_id).await?;
        let flows = bench.flows()?;
        let mut items = Vec::new();
        for run in self
            .0
            .store
            .flow_runs(Some(bench.account.id), None, SHOWN)
            .await?
            .items
        {
            // A flow that a newer version no longer offers is not shown.
            if let Ok(flow) = flow_of(flows, &run.flow) {
                items.push(run_view(&run, flow)?);
            }
        }
        Ok(FlowRuns { items, next: None })
    }

    /// Single-use tokens of an account, newest first.
    ///
    /// # Errors
    /// A [`Problem`] if the account is not here.
    pub async fn single_use_tokens(&self, request: AccountRef) -> Result<SingleUseList, Problem> {
        let account = self.account_of(&request.account_id).await?;
        let now = self.now();
        let tag = self.accounts_known().await?.tag_of(&account);
        let rows = self
            .0
            .store
            .single_use(Some(account.id), None, SHOWN)
            .await?
            .items;
        Ok(SingleUseList {
            items: rows.iter().map(|row| token_view(row, &tag, now)).collect(),
        })
    }

    async fn flow_run(&self, id: &str) -> Result<FlowRun, Problem> {
        let unknown = || step_invalid("There is no such run here.");
        let id = Uuid::try_parse(id.trim()).map_err(|_| unknown())?;
        self.0.store.flow_run(id).await?.ok_or_else(unknown)
    }
}

fn not_here(account: &Account, why: &str, now: &str) -> Problem {
    Problem::with(
        ProblemCode::BenchNotHere,
        [
            ("account", account.label.clone()),
            ("why", why.to_owned()),
            ("now", now.to_owned()),
        ],
    )
}

fn step_invalid(why: &str) -> Problem {
    Problem::with(ProblemCode::FlowStepInvalid, [("why", why.to_owned())])
}

fn bench_problem(error: &BenchError, account: &Account) -> Problem {
    match error {
        BenchError::Missing(what) => not_here(
            account,
            &format!("It has no {what}, which this flow needs."),
            "Replace its credentials and give it along.",
        ),
        BenchError::TooEarly(step) => step_invalid(&format!("The step {step} comes first.")),
        BenchError::BadChoice(choice) => step_invalid(&format!("{choice} has no such choice.")),
        BenchError::Unknown => step_invalid("There is no such step."),
    }
}

fn flow_of(bench: &dyn TestBench, id: &str) -> Result<&'static Flow, Problem> {
    bench
        .flows()
        .iter()
        .find(|flow| flow.id == id)
        .ok_or_else(|| step_invalid("There is no such flow."))
}

fn step_of(flow: &'static Flow, id: &str) -> Result<&'static Step, Problem> {
    flow.steps
        .iter()
        .find(|step| step.id == id)
        .ok_or_else(|| step_invalid("There is no such step."))
}

/// Every choice of the step with what was chosen for it, or its default; a card number is never typed.
fn checked_choices(
    step: &Step,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Problem> {
    for (name, value) in given {
        guard::no_card_number(value, name)?;
        if !step.choices.iter().any(|choice| choice.id == name) {
            return Err(step_invalid(&format!("It has no choice called {name}.")));
        }
    }
    let mut chosen = BTreeMap::new();
    for choice in step.choices {
        let value = given.get(choice.id).map_or(choice.default, |value| value.trim());
        let fits = if choice.options.is_empty() {
            value.chars().count() <= FREE_TEXT && !value.chars().any(char::is_control)
        } else {
            choice.options.iter().any(|(option, _)| *option == value)
        };
        if !fits {
            return Err(step_invalid(&format!("{} has no such choice.", choice.label)).on_field(choice.id));
        }
        chosen.insert(choice.id.to_owned(), value.to_owned());
    }
    Ok(chosen)
}

fn kept(step: &Step, at: DateTime<Utc>, chosen: BTreeMap<String, String>, done: StepDone) -> Kept {
    Kept {
        step: step.id.to_owned(),
        at,
        chosen,
        result: done.result,
        outcome: done.outcome,
        meaning: done.meaning,
        next: done.next,
        facts: done.facts,
        link: done.link,
        exchanges: done.exchanges,
    }
}

fn text<T: Serialize>(value: &T) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|_| Problem::new(ProblemCode::Internal))
}

fn parsed<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|_| step_invalid("This run was kept by a newer version."))
}

fn flow_view(flow: &Flow) -> FlowView {
    FlowView {
        id: flow.id.to_owned(),
        title: flow.title.to_owned(),
        about: flow.about.to_owned(),
        steps: flow.steps.iter().map(step_view).collect(),
    }
}

fn step_view(step: &Step) -> FlowStep {
    FlowStep {
        id: step.id.to_owned(),
        title: step.title.to_owned(),
        about: step.about.to_owned(),
        optional: step.optional,
        choices: step
            .choices
            .iter()
            .map(|choice| FlowChoice {
                id: choice.id.to_owned(),
                label: choice.label.to_owned(),
                default: choice.default.to_owned(),
                options: choice
                    .options
                    .iter()
                    .map(|(value, label)| pair(value, label))
                    .collect(),
            })
            .collect(),
    }
}

fn pair(value: &str, label: &str) -> Chosen {
    Chosen {
        value: value.to_owned(),
        label: label.to_owned(),
    }
}

fn run_view(run: &FlowRun, flow: &'static Flow) -> Result<FlowRunView, Problem> {
    let steps: Vec<Kept> = parsed(&run.steps)?;
    let next_step = next_step(flow, &steps);
    Ok(FlowRunView {
        id: run.id.to_string(),
        account_id: run.account.to_string(),
        flow: flow_view(flow),
        started_at: rfc3339(run.started_at),
        done: steps.into_iter().map(|kept| done_view(flow, kept)).collect(),
        next_step,
    })
}

/// The first step after the last one that was run; one that failed comes again.
fn next_step(flow: &Flow, steps: &[Kept]) -> Option<String> {
    let place = match steps.last() {
        None => 0,
        Some(last) => {
            let at = flow.steps.iter().position(|step| step.id == last.step)?;
            if last.result == StepResult::Failed {
                at
            } else {
                at + 1
            }
        }
    };
    flow.steps.get(place).map(|step| step.id.to_owned())
}

fn done_view(flow: &Flow, kept: Kept) -> FlowStepDone {
    let choices = flow
        .steps
        .iter()
        .find(|step| step.id == kept.step)
        .map(|step| step.choices)
        .unwrap_or_default();
    let chosen = choices
        .iter()
        .filter_map(|choice| {
            let value = kept.chosen.get(choice.id).filter(|value| !value.is_empty())?;
            let shown = choice.options.iter().find(|(option, _)| option == value);
            Some(pair(shown.map_or(value, |(_, label)| label), choice.label))
        })
        .collect();
    FlowStepDone {
        step: kept.step,
        at: rfc3339(kept.at),
        chosen,
        result: match kept.result {
            StepResult::AsDocumented => "as_documented",
            StepResult::Otherwise => "otherwise",
            StepResult::Failed => "failed",
        }
        .to_owned(),
        outcome: kept.outcome,
        meaning: kept.meaning,
        next: kept.next,
        facts: kept
            .facts
            .into_iter()
            .map(|(label, value)| Chosen { value, label })
            .collect(),
        link: kept.link,
        exchanges: kept
            .exchanges
            .into_iter()
            .map(|exchange| ExchangeView {
                method: exchange.method,
                target: exchange.target,
                request: exchange.request,
                status: exchange.status,
                answer: exchange.answer,
                took_ms: exchange.took_ms,
            })
            .collect(),
    }
}

fn token_view(row: &SingleUseRow, account: &AccountTag, now: DateTime<Utc>) -> SingleUseView {
    let over = row.expired_at.is_some() || row.expires_at.is_some_and(|until| until <= now);
    let status = if row.used_at.is_some() {
        "used"
    } else if over {
        "expired"
    } else {
        "usable"
    };
    let left = row.expires_at.filter(|_| status == "usable");
    SingleUseView {
        account: account.clone(),
        remote_id: row.remote_id.clone(),
        kind: row.kind.clone(),
        shown: row.shown.clone(),
        created_at: rfc3339(row.created_at),
        expires_at: row.expires_at.map(rfc3339),
        seconds_left: left.and_then(|until| u32::try_from((until - now).num_seconds()).ok()),
        status: status.to_owned(),
        used_at: row.used_at.map(rfc3339),
    }
}

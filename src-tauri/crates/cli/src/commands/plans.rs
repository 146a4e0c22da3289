//! Plans over many cards: made, shown, run to the end, stopped.

use crate::answer::Answer;
use crate::args::{OnOff, Plan};
use crate::interrupts::{INTERRUPTED, Interrupts};
use crate::layout::{Table, plain, plain_lines};
use crate::progress::Counting;
use crate::room::Room;
use crate::{times, words};
use serde::Serialize;
use std::time::Duration;
use tokendesk_desk::contract::{
    Env, MakePlan, Nothing, PlanRef, PlanRow, PlanRows, PlanView, Problem, ProblemCode, RunPlan,
};

/// The desk's longest page of rows.
const LONGEST: u32 = 500;
/// Rows printed for a person; of more only those that did not end as planned.
const SHOWN: usize = 1_000;
/// Between two looks at how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(500);

pub async fn make(room: &Room, plan: Plan) -> Result<Answer, Problem> {
    let env = room.one_env().await?;
    let (action, query) = match plan {
        Plan::OneClick { to: OnOff::On, query } => ("one_click_on", query),
        Plan::OneClick {
            to: OnOff::Off,
            query,
        } => ("one_click_off", query),
        Plan::Activate { query } => ("activate", query),
        Plan::Deactivate { query } => ("deactivate", query),
        Plan::Delete { query } => ("delete", query),
        Plan::List | Plan::Show { .. } | Plan::Stop { .. } => {
            return Err(Problem::new(ProblemCode::Internal));
        }
    };
    let request = MakePlan {
        env,
        action: action.to_owned(),
        cards: Vec::new(),
        query: Some(query.join(" ")),
    };
    let plan = room.desk.make_plan(request).await?;
    let text = plan_text(&plan);
    Ok(Answer::new(&plan, text))
}

pub async fn list(room: &Room) -> Result<Answer, Problem> {
    let mut list = room.desk.list_plans(Nothing {}).await?;
    list.items
        .retain(|plan| room.env.is_none_or(|env| env == plan.env));
    if list.items.is_empty() {
        return Ok(Answer::new(&list, words::NO_PLANS.to_owned()));
    }
    let mut table = Table::new(&words::PLANS_HEAD);
    for plan in &list.items {
        table.row([
            times::local(&plan.made_at),
            words::plan_action(&plan.action).to_owned(),
            words::or_dash(plan.query.as_deref()),
            words::number(plan.total.into()),
            format!("{}: {}", plan.status, words::plan_counts(&plan.counts)),
            plan.id.clone(),
        ]);
    }
    Ok(Answer::new(&list, table.to_text()))
}

pub async fn show(room: &Room, plan_id: String) -> Result<Answer, Problem> {
    let plan = plan_here(room, plan_id).await?;
    let text = plan_text(&plan);
    Ok(Answer::new(&plan, text))
}

pub async fn stop(room: &Room, plan_id: String) -> Result<Answer, Problem> {
    let plan = plan_here(room, plan_id).await?;
    let plan = room.desk.stop_plan(PlanRef { plan_id: plan.id }).await?;
    Ok(Answer::new(&plan, plain(&words::stopped(&plan))))
}

// With `--env`, a plan of another environment is not here.
async fn plan_here(room: &Room, plan_id: String) -> Result<PlanView, Problem> {
    let plan = room.desk.show_plan(PlanRef { plan_id }).await?;
    match room.env {
        Some(env) if env != plan.env => Err(Problem::new(ProblemCode::PlanUnknown)),
        _ => Ok(plan),
    }
}

fn plan_text(plan: &PlanView) -> String {
    let mut table = Table::of_pairs();
    for account in &plan.accounts {
        table.row([account.account.label.clone(), account.effect.clone()]);
    }
    for skip in &plan.skips {
        table.row([
            words::LEFT_OUT.to_owned(),
            format!("{}: {}", words::plan_cards(skip.cards), skip.words),
        ]);
    }
    for warning in &plan.warnings {
        table.row([words::NOTE.to_owned(), warning.words.clone()]);
    }
    let mut text = format!("{}\n{}", plain(&words::plan_title(plan)), table.to_text());
    match plan.status.as_str() {
        "draft" | "stopped" => text.push_str(&format!("\n{}\n", words::how_to_run(plan))),
        _ => text.push_str(&format!("\n{}\n", words::plan_counts(&plan.counts))),
    }
    text
}

/// One row's result, for a script.
#[derive(Serialize)]
struct RunRow {
    number: u32,
    id: String,
    provider: String,
    account_id: String,
    remote_id: String,
    env: Env,
    status: String,
    /// Why it was left out, is stuck or in conflict, as in the contract.
    why: Option<String>,
    change_id: Option<String>,
    problem: Option<Problem>,
}

#[derive(Serialize)]
struct RunResult {
    plan: PlanView,
    items: Vec<RunRow>,
    next: Option<String>,
}

/// Runs a plan and waits for its end.
///
/// # Errors
/// A [`Problem`] before anything was queued; later ones are beside the answer.
pub async fn run(
    room: &Room,
    plan_id: String,
    confirmation: Option<String>,
    reason: Option<String>,
) -> Result<Answer, Problem> {
    let plan = plan_here(room, plan_id).await?;
    let mut interrupts = Interrupts::listen();
    let request = RunPlan {
        plan_id: plan.id.clone(),
        confirmation,
        reason,
    };
    let plan = room.desk.run_plan(request).await?;
    let named = || PlanRef {
        plan_id: plan.id.clone(),
    };
    let bar = Counting::new(room.json, plan.total);
    let working = room.desk.work_plan(named());
    tokio::pin!(working);
    let mut look = tokio::time::interval(LOOK_EVERY);
    let mut problem = None;
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = &mut working => {
                problem = problem.or(ended.err());
                break;
            }
            _ = look.tick() => {
                if let Ok(now) = room.desk.show_plan(named()).await {
                    let counts = &now.counts;
                    bar.show(plan.total.saturating_sub(counts.planned + counts.queued), words::plan_counts(counts));
                }
            }
            () = interrupts.next() => {
                if stopping {
                    std::process::exit(INTERRUPTED);
                }
                stopping = true;
                // What is on its way ends first; the work below notices by itself that nothing is left to do.
                let stopped = room.desk.stop_plan(named()).await?;
                problem = Some(Problem {
                    title: words::INTERRUPTED_PLAN.to_owned(),
                    detail: words::plan_counts(&stopped.counts),
                    hint: words::how_to_run(&stopped),
                    ..Problem::new(ProblemCode::Stopped)
                });
            }
        }
    }
    bar.clear();
    let plan = room.desk.show_plan(named()).await?;
    let rows = rows_of(room, &plan).await?;
    let text = run_text(&plan, &rows);
    let needs_a_person = plan.counts.stuck + plan.counts.conflict > 0;
    let env = plan.env;
    let result = RunResult {
        plan,
        items: rows.into_iter().map(|row| run_row(row, env)).collect(),
        next: None,
    };
    let mut answer = Answer::new(&result, text).with(problem);
    answer.needs_a_person = needs_a_person;
    Ok(answer)
}

async fn rows_of(room: &Room, plan: &PlanView) -> Result<Vec<PlanRow>, Problem> {
    let mut rows = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = room
            .desk
            .plan_rows(PlanRows {
                plan_id: plan.id.clone(),
                statuses: Vec::new(),
                after: after.take(),
                limit: LONGEST,
            })
            .await?;
        rows.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(rows),
        }
    }
}

fn run_row(row: PlanRow, env: Env) -> RunRow {
    let why = match (&row.skipped, &row.change) {
        (Some(skip), _) => Some(skip.why.clone()),
        (None, Some(change)) => change.why.clone(),
        (None, None) => None,
    };
    let of_card = row
        .card
        .as_ref()
        .map(|card| (card.provider.clone(), card.account_id.clone()));
    let of_change = row
        .change
        .as_ref()
        .map(|change| (change.provider.clone(), change.account_id.clone()));
    let (provider, account_id) = of_card.or(of_change).unwrap_or_default();
    RunRow {
        number: row.number,
        id: row.card_id,
        provider,
        account_id,
        remote_id: row.remote_id,
        env,
        status: row.status,
        why,
        change_id: row.change.map(|change| change.id),
        problem: row.problem,
    }
}

fn run_text(plan: &PlanView, rows: &[PlanRow]) -> String {
    let mut table = Table::new(&words::PLAN_ROWS_HEAD);
    let few = rows.len() <= SHOWN;
    for row in rows.iter().filter(|row| few || row.status != "done") {
        let email = row.card.as_ref().and_then(|card| card.email.as_deref());
        table.row([
            row.number.to_string(),
            words::plan_row_card(row),
            words::or_dash(email),
            words::plan_row_standing(row),
            row.remote_id.clone(),
        ]);
    }
    let mut text = table.to_text();
    text.push('\n');
    text.push_str(&words::plan_counts(&plan.counts));
    if plan.status == "running" {
        text.push('\n');
        text.push_str(words::RUN_WAITS);
    }
    plain_lines(&text)
}

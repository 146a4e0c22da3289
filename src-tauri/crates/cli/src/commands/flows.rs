//! The test bench from a terminal: list flows, run them whole or step by step.

use crate::answer::Answer;
use crate::args::systems::FlowCommand;
use crate::layout::{Table, plain, plain_lines};
use crate::room::Room;
use crate::{times, words};
use std::collections::BTreeMap;
use tokendesk_desk::contract::{
    AccountRef, FlowList, FlowRunView, FlowStepDone, FlowView, Problem, ProblemCode, RunFlowStep, StartFlow,
};

pub async fn run(room: &Room, command: FlowCommand) -> Result<Answer, Problem> {
    match command {
        FlowCommand::List { account } => {
            let flows = room.desk.list_flows(named(room, &account).await?).await?;
            Ok(Answer::new(&flows, list_text(&flows)))
        }
        FlowCommand::Run {
            account,
            flow,
            choose,
            skip,
        } => whole(room, &account, flow, &choose, &skip).await,
        FlowCommand::Step { run, step, choose } => {
            let choices = chosen(&choose, None)?;
            let view = room
                .desk
                .run_flow_step(RunFlowStep {
                    run_id: run,
                    step,
                    choices,
                })
                .await?;
            Ok(told(&view))
        }
        FlowCommand::Runs { account } => {
            let runs = room.desk.flow_runs(named(room, &account).await?).await?;
            let mut table = Table::new(&words::RUNS_HEAD);
            for run in &runs.items {
                table.row([
                    times::local(&run.started_at),
                    run.flow.id.clone(),
                    words::or_dash(run.done.last().map(|done| done.outcome.as_str())),
                    run.id.clone(),
                ]);
            }
            Ok(Answer::new(&runs, table.to_text()))
        }
        FlowCommand::Tokens { account } => {
            let tokens = room.desk.single_use_tokens(named(room, &account).await?).await?;
            let mut table = Table::new(&words::TOKENS_HEAD);
            for token in &tokens.items {
                table.row([
                    token.remote_id.clone(),
                    token.kind.clone(),
                    words::or_dash(token.shown.as_deref()),
                    token.status.clone(),
                    times::local_or_dash(token.expires_at.as_deref()),
                ]);
            }
            Ok(Answer::new(&tokens, table.to_text()))
        }
    }
}

async fn named(room: &Room, account: &str) -> Result<AccountRef, Problem> {
    Ok(AccountRef {
        account_id: room.account(account).await?.id,
    })
}

async fn whole(
    room: &Room,
    account: &str,
    flow: String,
    choose: &[String],
    skip: &[String],
) -> Result<Answer, Problem> {
    let account_id = room.account(account).await?.id;
    let mut view = room.desk.start_flow(StartFlow { account_id, flow }).await?;
    for step in view.flow.steps.clone() {
        if step.optional && skip.contains(&step.id) {
            continue;
        }
        let mut choices = chosen(choose, Some(&step.id))?;
        choices.retain(|name, _| step.choices.iter().any(|choice| choice.id == *name));
        view = room
            .desk
            .run_flow_step(RunFlowStep {
                run_id: view.id.clone(),
                step: step.id,
                choices,
            })
            .await?;
        // The next step would only fail for want of this one.
        if view.done.last().is_some_and(|done| done.result == "failed") {
            break;
        }
    }
    Ok(told(&view))
}

/// What was chosen: for every step, or with a step's name before the point for that step only.
fn chosen(pairs: &[String], step: Option<&str>) -> Result<BTreeMap<String, String>, Problem> {
    let mut choices = BTreeMap::new();
    for pair in pairs {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Problem::with(
                ProblemCode::FlowStepInvalid,
                [("why", words::CHOOSE_RULE.to_owned())],
            ));
        };
        match (name.split_once('.'), step) {
            (Some((of, name)), Some(step)) if of == step => {
                choices.insert(name.to_owned(), value.to_owned());
            }
            (Some(_), Some(_)) => {}
            (Some((_, name)), None) => {
                choices.insert(name.to_owned(), value.to_owned());
            }
            (None, _) => {
                choices.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
    }
    Ok(choices)
}

fn list_text(flows: &FlowList) -> String {
    flows.items.iter().map(flow_text).collect::<Vec<_>>().join("\n")
}

fn flow_text(flow: &FlowView) -> String {
    let mut text = format!("{}: {}\n  {}\n", flow.id, plain(&flow.title), plain(&flow.about));
    for step in &flow.steps {
        text.push_str(&format!("  {}: {}\n", step.id, plain(&step.title)));
        for choice in &step.choices {
            let values: Vec<&str> = choice.options.iter().map(|option| option.value.as_str()).collect();
            let values = if values.is_empty() {
                words::FREE_TEXT.to_owned()
            } else {
                values.join(" | ")
            };
            text.push_str(&format!("    {}.{} = {values}\n", step.id, choice.id));
        }
    }
    text
}

fn told(view: &FlowRunView) -> Answer {
    let mut text = view.done.iter().map(done_text).collect::<Vec<_>>().join("\n");
    text.push_str(&words::flow_run(&view.id));
    let mut answer = Answer::new(view, text);
    answer.needs_a_person = view.done.last().is_some_and(|done| done.result == "failed");
    answer
}

fn done_text(done: &FlowStepDone) -> String {
    let mut text = format!("{}: {}\n  {}\n", done.step, plain(&done.outcome), plain(&done.meaning));
    for exchange in &done.exchanges {
        text.push_str(&format!(
            "  {} {} → {} ({} ms)\n",
            plain(&exchange.method),
            plain(&exchange.target),
            plain(&exchange.status),
            exchange.took_ms
        ));
        for body in [&exchange.request, &exchange.answer] {
            for line in plain_lines(body).lines() {
                text.push_str(&format!("    {line}\n"));
            }
        }
    }
    for fact in &done.facts {
        text.push_str(&format!("  {}: {}\n", plain(&fact.label), plain(&fact.value)));
    }
    if let Some(link) = &done.link {
        text.push_str(&format!("  {}\n", plain(link)));
    }
    if !done.next.is_empty() {
        text.push_str(&format!("  {}\n", plain(&done.next)));
    }
    text
}

//! The test bench from a terminal: list flows, run them whole or step by step, look at runs and at the tokens they made.

use crate::answer::Answer;
use crate::args::systems::FlowCommand;
use crate::layout::{Table, plain, plain_lines};
use crate::room::Room;
use crate::{times, words};
use std::collections::BTreeMap;
use tokendesk_desk::contract::{
    AccountRef, FlowList, FlowRunRef, FlowRunView, FlowRuns, FlowStep, FlowStepDone, FlowView, Problem,
    ProblemCode, RunFlowStep, SingleUseList, SingleUseView, StartFlow,
};

pub async fn run(room: &Room, command: FlowCommand) -> Result<Answer, Problem> {
    let desk = &room.desk;
    match command {
        FlowCommand::List { account } => {
            let flows = desk.list_flows(named(room, &account).await?).await?;
            Ok(Answer::new(&flows, list_text(&flows)))
        }
        FlowCommand::Begin { account, flow } => {
            let account_id = named(room, &account).await?.account_id;
            let view = desk.start_flow(StartFlow { account_id, flow }).await?;
            Ok(told(&view, 0, Bodies::Shown))
        }
        FlowCommand::Run {
            account,
            flow,
            choose,
            skip,
        } => whole(room, &account, flow, &choose, &skip).await,
        FlowCommand::Step { run, step, choose } => one(room, run, step, &choose).await,
        FlowCommand::Show { run } => {
            let view = desk.show_flow_run(FlowRunRef { run_id: run }).await?;
            // Looking at an old run fails for nothing that happened in it.
            Ok(Answer::new(&view, run_text(&view, 0, Bodies::Shown)))
        }
        FlowCommand::Runs { account } => {
            let runs = desk.flow_runs(named(room, &account).await?).await?;
            Ok(Answer::new(&runs, runs_text(&runs)))
        }
        FlowCommand::Tokens { account } => {
            let tokens = desk.single_use_tokens(named(room, &account).await?).await?;
            Ok(Answer::new(&tokens, tokens_text(&tokens)))
        }
    }
}

async fn named(room: &Room, account: &str) -> Result<AccountRef, Problem> {
    Ok(AccountRef {
        account_id: room.account(account).await?.id,
    })
}

/// Every step that can be run, in order. A step that an earlier outcome rules out is left out and named: a declined card has
/// nothing to capture.
async fn whole(
    room: &Room,
    account: &str,
    flow: String,
    choose: &[String],
    skip: &[String],
) -> Result<Answer, Problem> {
    let of_account = named(room, account).await?;
    let flows = room.desk.list_flows(of_account.clone()).await?;
    let steps = match flows.items.iter().find(|offered| offered.id == flow) {
        Some(offered) => offered.steps.clone(),
        None => return Err(invalid(words::no_such_flow(&flow, &flows))),
    };
    // Before anything is sent: a name that no step has would be a wish silently left out.
    let choices = chosen(choose, &steps)?;
    can_be_left_out(skip, &steps)?;
    let account_id = of_account.account_id;
    let mut view = room.desk.start_flow(StartFlow { account_id, flow }).await?;
    let mut left_out = Vec::new();
    let mut problem = None;
    for step in steps.iter().filter(|step| !skip.contains(&step.id)) {
        let request = RunFlowStep {
            run_id: view.id.clone(),
            step: step.id.clone(),
            choices: choices.get(&step.id).cloned().unwrap_or_default(),
        };
        match room.desk.run_flow_step(request).await {
            Ok(after) => view = after,
            Err(early) if !view.done.is_empty() && comes_too_early(&early) => {
                left_out.push(words::left_out(&plain(&step.title)));
                continue;
            }
            Err(other) => {
                problem = Some(other);
                break;
            }
        }
        // The next step would only fail for want of this one.
        if view.done.last().is_some_and(|done| done.result == "failed") {
            break;
        }
    }
    let mut answer = told(&view, 0, Bodies::LeftOut).with(problem);
    for line in left_out {
        answer.text.push_str(&line);
    }
    answer.text.push_str(&words::read_more(&view.id));
    Ok(answer)
}

async fn one(
    room: &Room,
    run_id: String,
    step: Option<String>,
    choose: &[String],
) -> Result<Answer, Problem> {
    let begun = room
        .desk
        .show_flow_run(FlowRunRef {
            run_id: run_id.clone(),
        })
        .await?;
    let step = match step.or(begun.next_step) {
        Some(step) => step,
        None => return Err(invalid(words::FLOW_OVER.to_owned())),
    };
    let known: Vec<FlowStep> = begun
        .flow
        .steps
        .into_iter()
        .filter(|known| known.id == step)
        .collect();
    let choices = chosen(choose, &known)?.remove(&step).unwrap_or_default();
    let request = RunFlowStep {
        run_id,
        step,
        choices,
    };
    let view = room.desk.run_flow_step(request).await?;
    Ok(told(&view, begun.done.len(), Bodies::Shown))
}

fn invalid(why: String) -> Problem {
    Problem::with(ProblemCode::FlowStepInvalid, [("why", why)])
}

// A choice that does not fit names its field; a step whose turn has not come names none.
fn comes_too_early(problem: &Problem) -> bool {
    problem.code == ProblemCode::FlowStepInvalid && problem.field.is_none()
}

/// What was chosen, step by step: `choice=value` for every step that asks for it, `step.choice=value` for one.
fn chosen(
    pairs: &[String],
    steps: &[FlowStep],
) -> Result<BTreeMap<String, BTreeMap<String, String>>, Problem> {
    let mut choices: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for pair in pairs {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(invalid(words::CHOOSE_RULE.to_owned()));
        };
        let (of, name) = match name.split_once('.') {
            Some((step, name)) => (Some(step), name),
            None => (None, name),
        };
        let mut fits = false;
        for step in steps.iter().filter(|step| of.is_none_or(|of| of == step.id)) {
            let Some(choice) = step.choices.iter().find(|choice| choice.id == name) else {
                continue;
            };
            let offered =
                choice.options.is_empty() || choice.options.iter().any(|option| option.value == value);
            if !offered {
                return Err(invalid(words::not_offered(name, &choice.options)).on_field(name));
            }
            fits = true;
            let of_step = choices.entry(step.id.clone()).or_default();
            // What is said for one step counts there, wherever it stands on the line.
            if of.is_some() || !of_step.contains_key(name) {
                of_step.insert(name.to_owned(), value.to_owned());
            }
        }
        if !fits {
            return Err(invalid(words::no_such_choice(steps)));
        }
    }
    Ok(choices)
}

fn can_be_left_out(skip: &[String], steps: &[FlowStep]) -> Result<(), Problem> {
    let optional = |name: &String| steps.iter().any(|step| step.optional && step.id == *name);
    if skip.iter().all(optional) {
        Ok(())
    } else {
        Err(invalid(words::not_optional(steps)))
    }
}

fn list_text(flows: &FlowList) -> String {
    flows.items.iter().map(flow_text).collect::<Vec<_>>().join("\n")
}

fn flow_text(flow: &FlowView) -> String {
    let mut text = format!("{}: {}\n  {}\n", flow.id, plain(&flow.title), plain(&flow.about));
    for (at, step) in flow.steps.iter().enumerate() {
        text.push_str(&format!(
            "  {}. {}: {}{}\n",
            at + 1,
            step.id,
            plain(&step.title),
            words::optional(step)
        ));
        for choice in &step.choices {
            let asked_once = flow
                .steps
                .iter()
                .flat_map(|step| &step.choices)
                .filter(|other| other.id == choice.id)
                .count()
                == 1;
            let name = if asked_once {
                choice.id.clone()
            } else {
                format!("{}.{}", step.id, choice.id)
            };
            for line in words::choice(&name, choice) {
                text.push_str(&format!("     {}\n", plain(&line)));
            }
        }
    }
    text
}

/// Whether requests and answers are printed whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bodies {
    Shown,
    LeftOut,
}

/// A run from its step number `from` on. What did not go as documented needs a person.
fn told(view: &FlowRunView, from: usize, bodies: Bodies) -> Answer {
    let mut answer = Answer::new(view, run_text(view, from, bodies));
    answer.needs_a_person = view
        .done
        .iter()
        .skip(from)
        .any(|done| done.result != "as_documented");
    answer
}

fn run_text(view: &FlowRunView, from: usize, bodies: Bodies) -> String {
    let mut text = String::new();
    for done in view.done.iter().skip(from) {
        let title = view
            .flow
            .steps
            .iter()
            .find(|step| step.id == done.step)
            .map_or(done.step.as_str(), |step| step.title.as_str());
        text.push_str(&done_text(title, done, bodies));
        text.push('\n');
    }
    if bodies == Bodies::Shown {
        text.push_str(&words::next_step(view));
    }
    text
}

fn done_text(title: &str, done: &FlowStepDone, bodies: Bodies) -> String {
    let mut text = format!("{}\n", plain(&words::step_outcome(title, done)));
    let mut line = |said: &str| {
        if !said.is_empty() {
            text.push_str(&format!("  {}\n", plain(said)));
        }
    };
    line(&done.meaning);
    line(&words::chosen(done));
    for fact in &done.facts {
        line(&format!("{}: {}", fact.label, fact.value));
    }
    if let Some(link) = &done.link {
        line(&words::buyer_page(link));
    }
    for exchange in &done.exchanges {
        line(&words::exchange(exchange));
        if bodies == Bodies::Shown {
            for body in [&exchange.request, &exchange.answer] {
                for of_body in plain_lines(body).lines() {
                    line(&format!("  {of_body}"));
                }
            }
        }
    }
    text
}

fn runs_text(runs: &FlowRuns) -> String {
    if runs.items.is_empty() {
        return words::NO_RUNS.to_owned();
    }
    let mut table = Table::new(&words::RUNS_HEAD);
    for run in &runs.items {
        table.row([
            times::local(&run.started_at),
            run.flow.id.clone(),
            words::or_dash(run.done.last().map(|done| done.step.as_str())),
            words::or_dash(run.done.last().map(|done| done.outcome.as_str())),
            run.id.clone(),
        ]);
    }
    table.to_text()
}

fn tokens_text(tokens: &SingleUseList) -> String {
    if tokens.items.is_empty() {
        return words::NO_TOKENS.to_owned();
    }
    let mut table = Table::new(&words::TOKENS_HEAD);
    for token in &tokens.items {
        let SingleUseView {
            remote_id,
            kind,
            shown,
            created_at,
            expires_at,
            ..
        } = token;
        table.row([
            remote_id.clone(),
            kind.clone(),
            words::or_dash(shown.as_deref()),
            times::local(created_at),
            times::local_or_dash(expires_at.as_deref()),
            words::token_status(token),
        ]);
    }
    table.to_text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokendesk_desk::contract::{Chosen, FlowChoice};

    fn step(id: &str, optional: bool, choices: &[(&str, &[&str])]) -> FlowStep {
        let choice = |(id, values): &(&str, &[&str])| FlowChoice {
            id: (*id).to_owned(),
            label: (*id).to_owned(),
            options: values
                .iter()
                .map(|value| Chosen {
                    value: (*value).to_owned(),
                    label: String::new(),
                })
                .collect(),
            default: String::new(),
        };
        FlowStep {
            id: id.to_owned(),
            title: id.to_owned(),
            about: String::new(),
            choices: choices.iter().map(choice).collect(),
            optional,
        }
    }

    fn steps() -> Vec<FlowStep> {
        vec![
            step("pay", false, &[("amount", &["100", "1000"]), ("email", &[])]),
            step("again", true, &[("amount", &["100", "1000"])]),
        ]
    }

    fn of(pairs: &[&str]) -> Result<BTreeMap<String, BTreeMap<String, String>>, Problem> {
        let pairs: Vec<String> = pairs.iter().map(|pair| (*pair).to_owned()).collect();
        chosen(&pairs, &steps())
    }

    #[test]
    fn what_is_said_for_one_step_counts_there_and_the_rest_everywhere() {
        for pairs in [
            ["amount=100", "again.amount=1000"],
            ["again.amount=1000", "amount=100"],
        ] {
            let choices = of(&pairs).ok().unwrap();
            assert_eq!(choices["pay"]["amount"], "100");
            assert_eq!(choices["again"]["amount"], "1000");
        }
        let text = of(&["email=a=b.c"]).ok().unwrap();
        assert_eq!(text["pay"]["email"], "a=b.c");
    }

    #[test]
    fn nothing_is_silently_left_out() {
        for wrong in [
            "amount",
            "amount=5",
            "amuont=100",
            "again.email=x",
            "nothing.amount=100",
        ] {
            let problem = of(&[wrong]).err().unwrap();
            assert_eq!(problem.code, ProblemCode::FlowStepInvalid, "{wrong}");
        }
        assert!(can_be_left_out(&["again".to_owned()], &steps()).is_ok());
        for wrong in ["pay", "agian"] {
            assert!(can_be_left_out(&[wrong.to_owned()], &steps()).is_err(), "{wrong}");
        }
    }
}

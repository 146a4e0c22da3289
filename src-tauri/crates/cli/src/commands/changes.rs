//! Changes: what waits, sending it, trying again, taking back.

use crate::answer::Answer;
use crate::layout::{Table, plain};
use crate::room::Room;
use crate::{times, words};
use tokendesk_desk::contract::{
    ChangeList, ChangeRef, Env, ListChanges, Nothing, Problem, ProblemCode, PushResult,
};

/// The desk's longest list.
const LONGEST: u32 = 500;

pub async fn list(room: &Room, all: bool) -> Result<Answer, Problem> {
    let env = room.one_env().await?;
    let request = ListChanges {
        env: Some(env),
        open_only: !all,
        limit: LONGEST,
    };
    let list = room.desk.list_changes(request).await?;
    let text = list_text(&list, all);
    Ok(Answer::new(&list, text))
}

fn list_text(list: &ChangeList, all: bool) -> String {
    if list.items.is_empty() {
        return words::no_changes(all).to_owned();
    }
    let mut table = Table::new(&words::CHANGES_HEAD);
    for change in &list.items {
        table.row([
            times::local(&change.created_at),
            words::wish(change).to_owned(),
            words::card_of(change.brand_name.as_deref(), change.last4.as_deref()),
            words::or_dash(change.email.as_deref()),
            change.account_label.clone(),
            words::standing(change),
            change.id.clone(),
        ]);
    }
    table.to_text()
}

pub async fn push(room: &Room) -> Result<Answer, Problem> {
    refuse_to_send_more_than_said(room).await?;
    let result = room.desk.push_changes(Nothing {}).await?;
    let mut problems: Vec<Problem> = result.problem.clone().into_iter().collect();
    if result.waiting > 0 && problems.is_empty() {
        problems = why_they_wait(room).await?;
    }
    let text = pushed(&result);
    Ok(Answer::new(&result, text).with(problems))
}

fn pushed(result: &PushResult) -> String {
    let nothing = (result.done, result.stuck, result.waiting) == (0, 0, 0);
    if nothing {
        words::NOTHING_TO_SEND.to_owned()
    } else {
        words::pushed(result.done, result.stuck, result.waiting)
    }
}

// Sending takes everything that waits; who says `--env test` must not send what is live.
async fn refuse_to_send_more_than_said(room: &Room) -> Result<(), Problem> {
    let Some(said) = room.env else { return Ok(()) };
    let status = room.desk.desk_status(Nothing {}).await?;
    let others: Vec<Env> = status
        .environments
        .iter()
        .filter(|env| env.env != said && env.changes.waiting > 0)
        .map(|env| env.env)
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    Err(Problem {
        title: words::SENDING_IS_WHOLE.to_owned(),
        detail: words::others_wait(&others),
        hint: words::SEND_OR_DISCARD.to_owned(),
        ..Problem::with(
            ProblemCode::EnvironmentAmbiguous,
            [("envs", words::envs(&others))],
        )
    })
}

async fn why_they_wait(room: &Room) -> Result<Vec<Problem>, Problem> {
    let accounts = room.desk.list_accounts(Nothing {}).await?.items;
    Ok(accounts
        .into_iter()
        .filter(|account| account.open_changes > 0)
        .filter_map(|account| account.paused)
        .collect())
}

pub async fn retry(room: &Room, change_id: String) -> Result<Answer, Problem> {
    change_is_here(room, &change_id).await?;
    let change = room.desk.retry_change(ChangeRef { change_id }).await?;
    let text = plain(&words::queued(&change));
    Ok(Answer::new(&change, text))
}

pub async fn discard(room: &Room, change_id: String) -> Result<Answer, Problem> {
    change_is_here(room, &change_id).await?;
    let change = room.desk.discard_change(ChangeRef { change_id }).await?;
    let text = plain(&words::discarded(&change));
    Ok(Answer::new(&change, text))
}

// With `--env`, an open change of another environment is not here. Ended ones are refused by the desk anyway.
async fn change_is_here(room: &Room, change_id: &str) -> Result<(), Problem> {
    let Some(env) = room.env else { return Ok(()) };
    let request = ListChanges {
        env: None,
        open_only: true,
        limit: LONGEST,
    };
    let list = room.desk.list_changes(request).await?;
    let elsewhere =
        |change: &&tokendesk_desk::contract::ChangeView| change.id == change_id && change.env != env;
    match list.items.iter().find(elsewhere) {
        Some(_) => Err(Problem::new(ProblemCode::ChangeUnknown)),
        None => Ok(()),
    }
}

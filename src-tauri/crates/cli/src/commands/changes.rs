//! Changes: what is held or waits, sending it, deciding conflicts, trying again, taking back.

use crate::answer::Answer;
use crate::args::Side;
use crate::layout::{Table, plain, plain_lines};
use crate::room::Room;
use crate::{times, words};
use tokendesk_desk::contract::{
    ChangeList, ChangeRef, Env, ListChanges, Nothing, Problem, ProblemCode, PushChanges, PushResult,
    ResolveChange,
};

/// The desk's longest list.
const LONGEST: u32 = 500;

pub async fn list(room: &Room, all: bool) -> Result<Answer, Problem> {
    let env = room.one_env().await?;
    let request = ListChanges {
        env: Some(env),
        open_only: !all,
        statuses: Vec::new(),
        mine_only: false,
        after: None,
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
    let mut text = table.to_text();
    for change in &list.items {
        if let Some(conflict) = &change.conflict {
            text.push('\n');
            text.push_str(&plain_lines(&words::conflict(change, conflict, &times::local)));
            text.push('\n');
        }
    }
    text
}

pub async fn push(room: &Room) -> Result<Answer, Problem> {
    let env = room.one_env().await?;
    let result = room.desk.push_changes(PushChanges { env: Some(env) }).await?;
    let mut problems: Vec<Problem> = result.problem.clone().into_iter().collect();
    if result.waiting > 0 && problems.is_empty() {
        problems = why_they_wait(room, env).await?;
    }
    let text = pushed(&result);
    Ok(Answer::new(&result, text).with(problems))
}

fn pushed(result: &PushResult) -> String {
    let moved = result.done + result.stuck + result.conflicts + result.waiting;
    if moved == 0 {
        words::NOTHING_TO_SEND.to_owned()
    } else {
        words::pushed(result)
    }
}

async fn why_they_wait(room: &Room, env: Env) -> Result<Vec<Problem>, Problem> {
    let accounts = room.desk.list_accounts(Nothing {}).await?.items;
    Ok(accounts
        .into_iter()
        .filter(|account| account.env == env && account.open_changes > 0)
        .filter_map(|account| account.paused)
        .collect())
}

pub async fn undo(room: &Room, change_id: String) -> Result<Answer, Problem> {
    change_is_here(room, &change_id).await?;
    let change = room.desk.undo_change(ChangeRef { change_id }).await?;
    let text = plain(&words::undone(&change));
    Ok(Answer::new(&change, text))
}

pub async fn resolve(room: &Room, change_id: String, keep: Side) -> Result<Answer, Problem> {
    change_is_here(room, &change_id).await?;
    let keep = match keep {
        Side::Mine => "mine",
        Side::Theirs => "theirs",
    };
    let request = ResolveChange {
        change_id,
        keep: keep.to_owned(),
    };
    let change = room.desk.resolve_change(request).await?;
    let text = plain(&words::resolved(&change));
    Ok(Answer::new(&change, text))
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
    let mut after: Option<String> = None;
    loop {
        let request = ListChanges {
            env: None,
            open_only: true,
            statuses: Vec::new(),
            mine_only: false,
            after: after.take(),
            limit: LONGEST,
        };
        let list = room.desk.list_changes(request).await?;
        if let Some(change) = list.items.iter().find(|change| change.id == change_id) {
            return if change.env == env {
                Ok(())
            } else {
                Err(Problem::new(ProblemCode::ChangeUnknown))
            };
        }
        match list.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

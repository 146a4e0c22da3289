//! Reading accounts to the end, side by side: one that fails stops no other.

use crate::answer::Answer;
use crate::interrupts::{INTERRUPTED, Interrupts};
use crate::layout::plain;
use crate::progress::Bars;
use crate::room::Room;
use crate::{times, words};
use serde::Serialize;
use std::time::{Duration, Instant};
use tokendesk_desk::Desk;
use tokendesk_desk::contract::{AccountRef, AccountView, Env, Nothing, Problem, ProblemCode};
use tokio::task::JoinSet;

/// Between two looks at how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What reading one account came to.
#[derive(Serialize)]
struct SyncRow {
    id: String,
    provider: String,
    account_id: String,
    env: Env,
    label: String,
    /// Rows received now; absent when it failed, and for an account that a person paused.
    rows: Option<u64>,
    /// Cards known now.
    cards: u32,
    /// Start of the last complete pass. RFC 3339.
    read_since: Option<String>,
    took_ms: u64,
    problem: Option<Problem>,
}

#[derive(Serialize)]
struct SyncSummary {
    items: Vec<SyncRow>,
    next: Option<String>,
}

/// Reads one account or all.
///
/// # Errors
/// A [`Problem`] before anything was read; later ones are beside the answer.
pub async fn sync(room: &Room, account: Option<&str>, full: bool) -> Result<Answer, Problem> {
    let accounts = match account {
        Some(named) => vec![room.account(named).await?],
        None => room.accounts().await?,
    };
    if accounts.is_empty() {
        // Says which of the two: nothing at all, or nothing in the environment named.
        room.one_env().await?;
    }
    let named = account.is_some();
    read(room, accounts, full, named).await
}

/// Throws the copy away and reads everything again.
///
/// # Errors
/// As for [`sync`].
pub async fn rebuild(room: &Room) -> Result<Answer, Problem> {
    let accounts = room.desk.list_accounts(Nothing {}).await?.items;
    room.desk.rebuild_cache(Nothing {}).await?;
    let mut answer = read(room, accounts, true, false).await?;
    answer.text = format!("{}\n{}", words::REBUILT, answer.text);
    Ok(answer)
}

async fn read(room: &Room, accounts: Vec<AccountView>, full: bool, named: bool) -> Result<Answer, Problem> {
    let mut interrupts = Interrupts::listen();
    let mut ends: Vec<Option<End>> = accounts.iter().map(|account| resting(account, named)).collect();
    let mut reading = JoinSet::new();
    for (at, account) in accounts.iter().enumerate().filter(|(at, _)| ends[*at].is_none()) {
        let (desk, id) = (room.desk.clone(), account.id.clone());
        reading.spawn(async move {
            let began = Instant::now();
            let result = read_one(&desk, &id, full).await.map(Some);
            (
                at,
                End {
                    result,
                    took: began.elapsed(),
                },
            )
        });
    }
    let mut bars = Bars::new(room.json, &accounts);
    let mut look = tokio::time::interval(LOOK_EVERY);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = reading.join_next() => match ended {
                None => break,
                Some(Ok((at, end))) => {
                    bars.end(&accounts[at].id);
                    ends[at] = Some(end);
                }
                // The task panicked; its account is reported below as not read.
                Some(Err(_)) => {}
            },
            _ = look.tick() => {
                if let Ok(list) = room.desk.list_accounts(Nothing {}).await {
                    bars.show(&list.items);
                }
                if stopping {
                    // Again: a pull that had not begun when it was told to stop would go on.
                    stop(&room.desk, &accounts).await;
                }
            }
            () = interrupts.next() => {
                if stopping {
                    std::process::exit(INTERRUPTED);
                }
                stopping = true;
                stop(&room.desk, &accounts).await;
            }
        }
    }
    bars.clear();
    summary(room, accounts, ends).await
}

async fn read_one(desk: &Desk, id: &str, full: bool) -> Result<u64, Problem> {
    let id = id
        .parse()
        .map_err(|_| Problem::new(ProblemCode::AccountUnknown))?;
    desk.read_account(id, full).await
}

struct End {
    /// Rows received; `None` for an account that a person paused.
    result: Result<Option<u64>, Problem>,
    took: Duration,
}

// A resting account is not asked: its provider has refused the key, and asking again may lock the user out. That a person
// paused one is a problem only for whoever named it.
fn resting(account: &AccountView, named: bool) -> Option<End> {
    let result = match account.paused.clone() {
        Some(problem) => Err(problem),
        None if account.paused_by_person && !named => Ok(None),
        None => return None,
    };
    Some(End {
        result,
        took: Duration::ZERO,
    })
}

async fn stop(desk: &Desk, accounts: &[AccountView]) {
    for account in accounts {
        let request = AccountRef {
            account_id: account.id.clone(),
        };
        // An account that is not being read needs no stop.
        let _ = desk.stop_sync(request).await;
    }
}

async fn summary(room: &Room, before: Vec<AccountView>, ends: Vec<Option<End>>) -> Result<Answer, Problem> {
    let now = room.desk.list_accounts(Nothing {}).await?.items;
    let mut items = Vec::new();
    let mut lines = Vec::new();
    for (account, end) in before.into_iter().zip(ends) {
        let account = now
            .iter()
            .find(|known| known.id == account.id)
            .cloned()
            .unwrap_or(account);
        let end = end.unwrap_or(End {
            result: Err(Problem::new(ProblemCode::Internal)),
            took: Duration::ZERO,
        });
        let read_since = account.last_pass.map(|pass| pass.started_at);
        lines.push(plain(&match &end.result {
            Ok(None) => words::left_alone(&account.label),
            Ok(Some(rows)) => words::read(
                &account.label,
                *rows,
                end.took,
                account.cards,
                &times::local_or_dash(read_since.as_deref()),
            ),
            Err(problem) => words::not_read(&account.label, &problem.title),
        }));
        let (rows, problem) = match end.result {
            Ok(rows) => (rows, None),
            Err(problem) => (None, Some(problem)),
        };
        items.push(SyncRow {
            account_id: account.id.clone(),
            id: account.id,
            provider: account.provider,
            env: account.env,
            label: account.label,
            rows,
            cards: account.cards,
            read_since,
            took_ms: u64::try_from(end.took.as_millis()).unwrap_or(u64::MAX),
            problem,
        });
    }
    let problems: Vec<Problem> = items.iter().filter_map(|row| row.problem.clone()).collect();
    let summary = SyncSummary { items, next: None };
    Ok(Answer::new(&summary, lines.join("\n")).with(problems))
}

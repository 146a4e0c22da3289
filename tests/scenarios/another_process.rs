//! A desk in a process of its own, told what to do line by line: for scenarios in which a process is killed, holds the
//! folder against another one, or must not say a word too much in its log.
//!
//! `another-process FOLDER [LOG]`; with `LOG` everything any part of the program says, down to TRACE, is written there.

mod office;

use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokendesk_desk::Desk;
use tokendesk_desk::contract::{
    CardRef, ChangeRef, ConnectAccount, DeleteCard, Env, FindPeople, MakePlan, Nothing, PersonRef, Problem,
    PushChanges, ResolveChange, RunPlan, SetActive, SetOneClick, StartSync,
};
use tokendesk_model::AccountId;

/// One line in.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Order {
    Connect {
        connection: ConnectAccount,
    },
    /// How far reading is.
    Progress,
    /// Begins to read, and answers at once.
    Start,
    Read {
        full: bool,
    },
    Find {
        text: String,
    },
    OneClick {
        card: String,
        on: bool,
    },
    Active {
        card: String,
        active: bool,
    },
    Delete {
        card: String,
    },
    Default {
        card: String,
    },
    Show {
        card: String,
    },
    Refresh {
        person: String,
    },
    Undo {
        change: String,
    },
    Resolve {
        change: String,
        keep: String,
    },
    /// Answers the plan's id, and what has to be typed to run it.
    Plan {
        action: String,
        cards: Vec<String>,
    },
    /// Runs a plan until everything of it is queued, and sends.
    Run {
        plan: String,
        confirmation: Option<String>,
    },
    Push,
}

/// One line out.
#[derive(Default, Serialize)]
struct Said {
    problem: Option<Problem>,
    /// What is told in words or numbers.
    words: Vec<String>,
    done: u32,
    reading: bool,
}

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().ok_or("a folder is needed")?;
    if let Some(log) = arguments.next() {
        listen_to_everything(&log)?;
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let mut desk = None;
    let mut options = office::options(&folder);
    if let Some(limit) = std::env::var("TOKENDESK_HTTP_TIMEOUT_MS")
        .ok()
        .and_then(|ms| ms.parse().ok())
    {
        options.http.timeout = std::time::Duration::from_millis(limit);
    }
    let opened = match runtime.block_on(office::open(options)) {
        Ok(opened) => {
            desk = Some(opened);
            Said::default()
        }
        Err(problem) => Said {
            problem: Some(problem),
            ..Said::default()
        },
    };
    say(&opened)?;
    let Some(desk) = desk else { return Ok(()) };
    for line in std::io::stdin().lock().lines() {
        let order: Order = serde_json::from_str(&line?)?;
        let said = match runtime.block_on(obey(&desk, order)) {
            Ok(said) => said,
            Err(problem) => Said {
                problem: Some(problem),
                ..Said::default()
            },
        };
        say(&said)?;
    }
    runtime.block_on(desk.close());
    Ok(())
}

fn say(said: &Said) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, said)?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

async fn the_account(desk: &Desk) -> Result<(AccountId, bool, u32), Problem> {
    let list = desk.list_accounts(Nothing {}).await?;
    let account = list.items.into_iter().next();
    let account =
        account.ok_or_else(|| Problem::new(tokendesk_desk::contract::ProblemCode::NothingConnected))?;
    let id = account
        .id
        .parse()
        .map_err(|_| Problem::new(tokendesk_desk::contract::ProblemCode::AccountUnknown))?;
    let done = account
        .progress
        .as_ref()
        .map_or(0, |progress| match progress.stage.as_str() {
            "tokens" => progress.done,
            // Far above any number of tokens here.
            _ => 1_000_000 + progress.done,
        });
    Ok((
        id,
        account.progress.is_some() || account.last_pass.is_none(),
        done,
    ))
}

async fn obey(desk: &Desk, order: Order) -> Result<Said, Problem> {
    let mut said = Said::default();
    match order {
        Order::Connect { connection } => {
            said.words.push(desk.connect_account(connection).await?.id);
        }
        Order::Progress => {
            let (_, reading, done) = the_account(desk).await?;
            (said.reading, said.done) = (reading, done);
        }
        Order::Start => {
            let (account, _, _) = the_account(desk).await?;
            let request = StartSync {
                account_id: Some(account.to_string()),
                full: false,
            };
            desk.start_sync(request).await?;
        }
        Order::Read { full } => {
            let (account, _, _) = the_account(desk).await?;
            let rows = desk.read_account(account, full).await?;
            said.words.push(rows.to_string());
        }
        Order::Find { text } => {
            let request = FindPeople {
                env: Env::Demo,
                text,
                after: None,
                limit: 20,
            };
            let found = desk.find_people(request).await?;
            said.words.extend(found.items.into_iter().map(|row| row.person));
        }
        Order::OneClick { card, on } => {
            let change = desk.set_one_click(SetOneClick { card_id: card, on }).await?;
            said.words.extend([change.id, change.status]);
        }
        Order::Active { card, active } => {
            let reason = Some("asked for on the phone".to_owned());
            let request = SetActive {
                card_id: card,
                active,
                reason,
            };
            let change = desk.set_active(request).await?;
            said.words.extend([change.id, change.status]);
        }
        Order::Delete { card } => {
            let request = DeleteCard {
                card_id: card,
                confirmation: None,
                reason: None,
            };
            let change = desk.delete_card(request).await?;
            said.words.extend([change.id, change.status]);
        }
        Order::Default { card } => {
            let change = desk.set_default(CardRef { card_id: card }).await?;
            said.words.extend([change.id, change.status]);
        }
        Order::Show { card } => {
            let card = desk.show_card(CardRef { card_id: card }).await?.card;
            said.words.extend([
                card.state,
                format!("{:?}", card.one_click),
                card.pending.len().to_string(),
            ]);
        }
        Order::Refresh { person } => {
            desk.refresh_person(PersonRef {
                env: Env::Demo,
                person,
            })
            .await?;
        }
        Order::Undo { change } => {
            said.words
                .push(desk.undo_change(ChangeRef { change_id: change }).await?.status);
        }
        Order::Resolve { change, keep } => {
            let request = ResolveChange {
                change_id: change,
                keep,
            };
            said.words.push(desk.resolve_change(request).await?.status);
        }
        Order::Plan { action, cards } => {
            let request = MakePlan {
                env: Env::Demo,
                action,
                cards,
                query: None,
            };
            let plan = desk.make_plan(request).await?;
            said.words.push(plan.id);
            said.words.extend(plan.confirmation.expected);
        }
        Order::Run { plan, confirmation } => {
            let request = RunPlan {
                plan_id: plan.clone(),
                confirmation,
                reason: Some("a scenario".to_owned()),
            };
            desk.run_plan(request).await?;
            desk.work_plan(tokendesk_desk::contract::PlanRef { plan_id: plan })
                .await?;
            said.done = desk.push_changes(PushChanges { env: None }).await?.done;
        }
        Order::Push => {
            let pushed = desk.push_changes(PushChanges { env: None }).await?;
            said.done = pushed.done;
            said.words
                .extend([pushed.stuck.to_string(), pushed.waiting.to_string()]);
        }
    }
    Ok(said)
}

/// Every event and span of every crate, and what older crates say through `log`.
fn listen_to_everything(path: &Path) -> Result<(), Failure> {
    let file = Arc::new(Mutex::new(std::fs::File::create(path)?));
    let writer = Arc::clone(&file);
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || Shared(Arc::clone(&writer)))
        .init();
    log::set_boxed_logger(Box::new(Older(file)))?;
    log::set_max_level(log::LevelFilter::Trace);
    Ok(())
}

struct Shared(Arc<Mutex<std::fs::File>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Older(Arc<Mutex<std::fs::File>>);

impl log::Log for Older {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}: {}\n", record.level(), record.target(), record.args());
        // A log that cannot be written shows itself: what must be in it is missing.
        let _ = Shared(Arc::clone(&self.0)).write_all(line.as_bytes());
    }
    fn flush(&self) {}
}

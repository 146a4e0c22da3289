//! A desk with a long outbox and a long log: a copy of the measured folder, filled through the store's own doors.

use super::Failure;
use super::desk::{self, PASSPHRASE};
use chrono::Utc;
use std::path::Path;
use std::time::{Duration, Instant};
use tokendesk_desk::Desk;
use tokendesk_desk::contract::{Env, ListChanges, MakePlan, Nothing, PlanRef};
use tokendesk_model::lane::{Ended, Proof};
use tokendesk_model::{ActiveVersion, ChangeId, ChangeLabel, Environment, SearchQuery, Seen, Wish};
use tokendesk_store::secrets::{SecretMode, Vault};
use tokendesk_store::{CandidateRow, NewChange, Store};
use tokio::time::sleep;

/// Changes that are left open where there are cards enough.
const OPEN: usize = 80_000;
/// Of a hundred open ones: how many more have ended as done, and as replaced by a later wish. Together a hundred thousand.
const DONE: f64 = 0.025;
const REPLACED: f64 = 0.225;
/// Rows of the log, at least.
const LOG_ROWS: usize = 300_000;
/// Queued in one transaction.
const LOT: usize = 1_000;

/// What a folder was filled with.
pub struct Filled {
    /// Changes in all.
    pub changes: usize,
    /// Of them not ended.
    pub open: usize,
}

/// Copies a folder that nobody has open.
pub fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn wish(card: &CandidateRow, wish: Wish, number: usize) -> NewChange {
    NewChange {
        account: card.account,
        token: card.token,
        remote_id: card.remote_id.clone(),
        wish,
        reason: number
            .is_multiple_of(5)
            .then(|| "The customer asked for it on the telephone".to_owned()),
        actor: "Bench, desk bench".to_owned(),
        label: ChangeLabel {
            brand: Some("Visa".to_owned()),
            last4: Some(format!("{:04}", number % 10_000)),
            email: Some(format!("customer.{number}@shop.example")),
            name: Some("Ada Lindqvist".to_owned()),
        },
        base: Seen {
            version: 1,
            state: card.effective_state.as_str().to_owned(),
            one_click: card.effective_one_click,
            customer_key: format!("customer-{number}"),
            active_version: ActiveVersion::NotRead,
            ..Seen::default()
        },
        hold_ms: 0,
        plan: None,
    }
}

async fn queue(
    store: &Store,
    cards: &[CandidateRow],
    wish_of: impl Fn(&CandidateRow) -> Wish,
) -> Result<Vec<ChangeId>, Failure> {
    let mut queued = Vec::with_capacity(cards.len());
    for (lot, some) in cards.chunks(LOT).enumerate() {
        let wishes = some
            .iter()
            .enumerate()
            .map(|(i, card)| wish(card, wish_of(card), lot * LOT + i))
            .collect();
        for change in store.enqueue_many(wishes, Utc::now()).await? {
            queued.push(change?.id);
        }
    }
    Ok(queued)
}

/// Fills the ledger of a folder that nobody has open: waiting changes on most of the cards, some that have ended, and a
/// log that tells of all of them and of more that were refused.
pub async fn fill(folder: &Path) -> Result<Filled, Failure> {
    let vault = Vault::open(folder, SecretMode::Passphrase(PASSPHRASE.to_owned().into())).await?;
    let store = Store::open(folder, &vault.db_key().await?).await?.store;
    let cards = store
        .plan_candidates(Environment::Demo, &SearchQuery::parse("")?)
        .await?;
    let open = OPEN.min(cards.len() * 8 / 10);
    let (done, replaced) = ((open as f64 * DONE) as usize, (open as f64 * REPLACED) as usize);

    let flipped = |card: &CandidateRow| Wish::OneClick(card.effective_one_click != Some(true));
    let first = queue(&store, &cards[..open + done], flipped).await?;
    for change in &first[..done] {
        let ended = Ended::Done(Proof::AlreadySo);
        store.finish(*change, ended, Some("8c1f"), Utc::now()).await?;
    }
    queue(&store, &cards[done..done + replaced], |_| Wish::OneClick(true)).await?;

    // A deletion that stands refuses every other wish for its card, and each refusal is a row of the log.
    if let Some(deleted) = cards.last() {
        queue(&store, std::slice::from_ref(deleted), |_| Wish::Delete).await?;
        while store.log_head().await?.number < LOG_ROWS as i64 {
            let refused = (0..LOT).map(|i| wish(deleted, Wish::OneClick(true), i)).collect();
            store.enqueue_many(refused, Utc::now()).await?;
        }
    }
    store.close().await;
    Ok(Filled {
        changes: open + done + replaced + 1,
        open: open + 1,
    })
}

/// The desk at a glance: what the window asks whenever something changed.
pub async fn status(desk: &Desk) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    for _ in 0..60 {
        let began = Instant::now();
        desk.desk_status(Nothing {}).await?;
        times.push(began.elapsed());
    }
    Ok(times)
}

/// Pages of open changes, newest first.
pub async fn changes(desk: &Desk) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    let mut after = None;
    for _ in 0..60 {
        let request = ListChanges {
            env: Some(Env::Demo),
            open_only: true,
            statuses: Vec::new(),
            mine_only: false,
            after: after.take(),
            limit: 100,
        };
        let began = Instant::now();
        let page = desk.list_changes(request).await?;
        times.push(began.elapsed());
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(times)
}

/// Plans over every card, made and dropped again; and how many cards each was over.
pub async fn plans(desk: &Desk) -> Result<(u32, Vec<Duration>), Failure> {
    let mut times = Vec::new();
    let mut total = 0;
    for action in [
        "one_click_off",
        "one_click_on",
        "delete",
        "one_click_off",
        "delete",
    ] {
        let request = MakePlan {
            env: Env::Demo,
            action: action.to_owned(),
            cards: Vec::new(),
            query: Some(String::new()),
        };
        let began = Instant::now();
        let plan = desk.make_plan(request).await?;
        times.push(began.elapsed());
        total = plan.total;
        desk.drop_plan(PlanRef { plan_id: plan.id }).await?;
        sleep(Duration::from_millis(200)).await;
    }
    Ok((total, times))
}

/// Checks the whole log some times; how many rows a second were checked each time, slowest first.
pub async fn verify(desk: &Desk) -> Result<(u32, Vec<f64>), Failure> {
    let mut rates = Vec::new();
    let mut rows = 0;
    for _ in 0..5 {
        let began = Instant::now();
        let found = desk.verify_log(Nothing {}).await?;
        let took = began.elapsed();
        if !found.intact {
            return Err(found.words.into());
        }
        rows = found.rows;
        rates.push(f64::from(rows) / took.as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    Ok((rows, rates))
}

/// Opens the copy, as the next start would.
pub async fn open(folder: &Path) -> Result<(Desk, Duration), Failure> {
    let began = Instant::now();
    let desk = desk::open(folder).await?;
    Ok((desk, began.elapsed()))
}

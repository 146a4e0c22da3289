//! An outbox on its way to an account that limits its calls: how much of what is allowed is used.

use super::Failure;
use super::desk;
use super::outside::Outside;
use std::time::{Duration, Instant};
use tokendesk_desk::contract::{Env, ListCards, PushChanges, SetOneClick};

/// Calls a second that the sandbox allows, and at once after a rest.
const ALLOWED: u32 = 50;
/// Changes that are sent.
const CHANGES: usize = 900;
const CARDS: u64 = 3_000;

/// What draining came to.
pub struct Drained {
    /// Changes that were done.
    pub changes: u32,
    /// Calls that were answered, and those told to come later.
    pub answered: u64,
    pub refused: u64,
    pub took: Duration,
}

impl Drained {
    /// Of the calls that were allowed meanwhile, the share that was made; what had been saved up counts as allowed.
    pub fn share(&self) -> f64 {
        self.answered as f64 / (f64::from(ALLOWED) * (self.took.as_secs_f64() + 1.0))
    }
    pub fn allowed() -> u32 {
        ALLOWED
    }
}

/// Queues switches, lets the sandbox limit its calls, and sends.
pub async fn drain() -> Result<Drained, Failure> {
    let outside = Outside::start_with_about(CARDS)?;
    let folder = tempfile::tempdir()?;
    let desk = desk::open(folder.path()).await?;
    let account = desk::connect(&desk, &outside).await?;
    desk.read_account(account, false).await?;
    let mut after = None;
    let mut queued = 0;
    while queued < CHANGES {
        let page = desk
            .list_cards(ListCards {
                env: Env::Demo,
                text: "state:active".to_owned(),
                account_id: None,
                after: after.take(),
                limit: 500,
            })
            .await?;
        for card in page.items.iter().take(CHANGES - queued) {
            let on = card.one_click != Some(true);
            desk.set_one_click(SetOneClick {
                card_id: card.id.clone(),
                on,
            })
            .await?;
            queued += 1;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    outside
        .control("switches", &serde_json::json!({ "calls_per_second": ALLOWED }))
        .await?;
    outside.control("stats/reset", &serde_json::json!({})).await?;
    let began = Instant::now();
    let pushed = desk.push_changes(PushChanges { env: Some(Env::Demo) }).await?;
    let took = began.elapsed();
    let stats = outside.stats().await?;
    desk.close().await;
    if pushed.done as usize != queued {
        return Err(format!("of {queued} changes {} were done", pushed.done).into());
    }
    let calls = |wanted: fn(&str) -> bool| {
        let statuses = stats["by_status"].as_object();
        statuses.map_or(0, |statuses| {
            statuses
                .iter()
                .filter(|(status, _)| wanted(status))
                .filter_map(|(_, n)| n.as_u64())
                .sum()
        })
    };
    Ok(Drained {
        changes: pushed.done,
        answered: calls(|status| status != "429"),
        refused: calls(|status| status == "429"),
        took,
    })
}

//! After the storm: the network is well, nobody interferes, and the outbox runs until nothing is left to be sent.

use crate::ground::Moved;
use std::collections::HashMap;
use std::time::Duration;
use tokendesk_desk::Desk;
use tokendesk_desk::contract::{ChangeRef, ChangeView, ListChanges, PushChanges, ResolveChange};

/// Rounds before something counts as left for ever.
const ROUNDS: usize = 12;

pub async fn changes(desk: &Desk) -> Vec<ChangeView> {
    let request = ListChanges {
        env: None,
        open_only: false,
        statuses: Vec::new(),
        mine_only: false,
        after: None,
        limit: 500,
    };
    desk.list_changes(request).await.unwrap().items
}

fn is_open(change: &ChangeView) -> bool {
    !matches!(change.status.as_str(), "done" | "withdrawn")
}

/// How often a person has something tried again before believing that it cannot be sent.
const RETRIES: u32 = 2;

/// Pushes until nothing is open. What is stuck is tried again, as a person would, and in the end given up; what is in
/// conflict is kept. Gives how often a person was asked.
pub async fn settle(desk: &Desk, clock: &Moved) -> u32 {
    let mut asked = 0;
    let mut tried: HashMap<String, u32> = HashMap::new();
    for _ in 0..ROUNDS {
        desk.push_changes(PushChanges { env: None }).await.unwrap();
        let open: Vec<ChangeView> = changes(desk).await.into_iter().filter(is_open).collect();
        if open.is_empty() {
            return asked;
        }
        for change in &open {
            let change_id = change.id.clone();
            if change.status == "stuck" {
                asked += 1;
                let tried = tried.entry(change_id.clone()).or_default();
                *tried += 1;
                if *tried <= RETRIES {
                    desk.retry_change(ChangeRef { change_id }).await.unwrap();
                } else {
                    desk.discard_change(ChangeRef { change_id }).await.unwrap();
                }
            } else if change.status == "conflict" {
                asked += 1;
                let keep = "mine".to_owned();
                desk.resolve_change(ResolveChange { change_id, keep })
                    .await
                    .unwrap();
            }
        }
        // What was asked to wait is due, and two reads lie a minute apart.
        clock.ahead(61);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    asked
}

//! Kills at random moments: a desk that queues and sends as fast as it can is ended with `kill -9` again and again.

use crate::ground::{self, Ground, Moved};
use crate::other::Other;
use crate::settling::{changes, settle};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

#[derive(Default)]
pub struct Killed {
    pub kills: u32,
    pub lost: u32,
    pub doubled: u32,
    pub wrong: Vec<String>,
}

pub async fn run(ground: &mut Ground, kills: u32) -> Killed {
    let mut killed = Killed::default();
    let shop = ground.shop();
    let folder = ground.folder();
    let cards: Vec<u64> = ground.cards[5..8].to_vec();
    let before: Vec<u32> = cards.iter().map(|id| shop.token(*id).unwrap().version).collect();
    // What was last shown as queued of each card, and what was asked after that without an answer.
    let mut shown: HashMap<u64, bool> = HashMap::new();
    let mut unanswered: HashMap<u64, Vec<bool>> = HashMap::new();
    let mut queued = 0_u32;
    let mut moment = 7_u64;
    for round in 0..kills {
        let Some(mut other) = Other::open(folder.path(), None).await else {
            killed.wrong.push("it did not open".to_owned());
            break;
        };
        // A plain generator: the moments differ and are the same in every run.
        moment = moment
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mut asked = Vec::new();
        for (at, id) in cards.iter().enumerate() {
            let on = (u64::from(round) + at as u64) % 2 == 1;
            if other
                .begin(&json!({ "do": "one_click", "card": ground.card_id(*id), "on": on }))
                .await
                .is_none()
            {
                break;
            }
            asked.push((*id, on));
        }
        let _ = other.begin(&json!({ "do": "push" })).await;
        tokio::time::sleep(Duration::from_micros(500 + (moment >> 33) % 60_000)).await;
        let said = other.answers_within(Duration::from_millis(1)).await;
        for (at, (id, on)) in asked.into_iter().enumerate() {
            match said.get(at) {
                Some(said) if said.problem.is_none() => {
                    queued += 1;
                    shown.insert(id, on);
                    unanswered.remove(&id);
                }
                Some(_) => {}
                None => unanswered.entry(id).or_default().push(on),
            }
        }
        other.kill().await;
        killed.kills += 1;
    }
    let clock: Arc<Moved> = Arc::default();
    let desk = ground::open(folder.path(), Arc::clone(&clock)).await;
    settle(&desk, &clock).await;
    let listed = changes(&desk).await;
    desk.close().await;
    for (id, before) in cards.iter().zip(before) {
        let after = shop.token(*id).unwrap();
        let on = after.enabled_for_one_click_payment;
        let may = shown.get(id).is_none_or(|shown| *shown == on)
            || unanswered.get(id).is_some_and(|asked| asked.contains(&on));
        if !may {
            killed.lost += 1;
            killed.wrong.push(format!(
                "one card is {on}, and the last that was shown as queued is {:?}",
                shown.get(id)
            ));
        }
        let done = listed
            .iter()
            .filter(|change| change.remote_id == id.to_string() && change.status == "done")
            .count();
        let writes = (after.version - before) as usize;
        if writes > done {
            killed.doubled += 1;
            killed
                .wrong
                .push(format!("{writes} writes were taken for {done} changes done"));
        }
    }
    if queued == 0 || (listed.len() as u32) < queued {
        killed.lost += 1;
        killed.wrong.push(format!(
            "{queued} were shown as queued, {} are there",
            listed.len()
        ));
    }
    shop.stop();
    killed
}

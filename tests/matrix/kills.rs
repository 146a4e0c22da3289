//! Kills at random moments: a desk that queues and sends as fast as it can is ended with `kill -9` again and again.

use crate::ground::{self, Ground, Moved};
use crate::other::Other;
use crate::settling::{changes, settle};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokendesk_tests::played::{Card, Held, SPARE, Wanted};

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
    let cards: Vec<Card> = ground.cards[SPARE].to_vec();
    // On and off, whichever switch it has; the cards begin as "on".
    let [on, off] = if ground.played().wishes().contains(&Wanted::OneClickOff) {
        [Wanted::OneClickOn, Wanted::OneClickOff]
    } else {
        [Wanted::Activate, Wanted::Deactivate]
    };
    let before: Vec<Held> = cards
        .iter()
        .map(|card| ground.played().held(&shop, card))
        .collect();
    // What was last shown as queued of each card, and what was asked after that without an answer.
    let mut shown: HashMap<String, bool> = HashMap::new();
    let mut unanswered: HashMap<String, Vec<bool>> = HashMap::new();
    let mut queued = 0_u32;
    let mut moment = 7_u64;
    for round in 0..kills {
        let Some(mut other) = Other::open(folder.path(), None).await else {
            killed.wrong.push(format!("{}: it did not open", ground.system));
            break;
        };
        // A plain generator: the moments differ and are the same in every run.
        moment = moment
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mut asked = Vec::new();
        for (at, card) in cards.iter().enumerate() {
            let wanted = (u64::from(round) + at as u64) % 2 == 1;
            let wish = if wanted { on } else { off };
            if other.begin(&wish.order(&ground.card_id(card))).await.is_none() {
                break;
            }
            asked.push((card.id.clone(), wanted));
        }
        let _ = other.begin(&json!({ "do": "push" })).await;
        tokio::time::sleep(Duration::from_micros(500 + (moment >> 33) % 60_000)).await;
        let said = other.answers_within(Duration::from_millis(1)).await;
        for (at, (id, on)) in asked.into_iter().enumerate() {
            match said.get(at) {
                Some(said) if said.problem.is_none() => {
                    queued += 1;
                    unanswered.remove(&id);
                    shown.insert(id, on);
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
    for (card, before) in cards.iter().zip(&before) {
        let after = ground.played().held(&shop, card);
        let is_on = on.is_met(&after);
        let may = shown.get(&card.id).is_none_or(|shown| *shown == is_on)
            || unanswered
                .get(&card.id)
                .is_some_and(|asked| asked.contains(&is_on));
        if !may {
            killed.lost += 1;
            killed.wrong.push(format!(
                "{}: one card is {is_on}, and the last that was shown as queued is {:?}",
                ground.system,
                shown.get(&card.id)
            ));
        }
        let done = listed
            .iter()
            .filter(|change| change.remote_id == card.id && change.status == "done")
            .count();
        let writes = match (before.version, after.version) {
            (Some(then), Some(now)) => (now - then) as usize,
            _ => ground.taken(&shop, std::slice::from_ref(card)),
        };
        if writes > done {
            killed.doubled += 1;
            killed.wrong.push(format!(
                "{}: {writes} writes were taken for {done} changes done",
                ground.system
            ));
        }
    }
    if queued == 0 || (listed.len() as u32) < queued {
        killed.lost += 1;
        killed.wrong.push(format!(
            "{}: {queued} were shown as queued, {} are there",
            ground.system,
            listed.len()
        ));
    }
    shop.stop();
    killed
}

//! The fault matrix: each fault of the sandbox × each kind of change × each crash point or none, and two hundred kills at
//! random moments. Each combination runs the whole desk over real sockets and real files; a crash is a process that ends.
//!
//! What must hold in every one: nothing that was shown as queued is lost, nothing is done twice, nothing that somebody
//! else did is overwritten silently. The last lines say how many were run and how they ended; started by
//! `cargo xtask matrix`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test program: what fails says so and ends it"
)]

mod combination;
mod dimensions;
mod ground;
mod kills;
#[path = "../scenarios/office.rs"]
mod office;
mod other;
mod settling;

use combination::{Combination, Ended};
use dimensions::{Script, Strike, WISHES};
use futures::StreamExt;
use ground::Ground;
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use tokendesk_store::crash::CrashPoint;
use tokio::sync::Mutex;

/// Grounds used side by side: much of a combination is waiting.
const SIDE_BY_SIDE: usize = 6;
const KILLS: u32 = 200;

#[derive(Default)]
struct Sums {
    run: u32,
    crashed: BTreeMap<&'static str, u32>,
    reached: BTreeSet<&'static str>,
    wrong: Vec<String>,
    lost: u32,
    doubled: u32,
    overwritten: u32,
    astray: u32,
}

impl Sums {
    fn add(&mut self, combination: &Combination, ended: &Ended) {
        self.run += 1;
        if let Some(point) = combination.crash
            && ended.crashed
        {
            *self.crashed.entry(point.as_str()).or_default() += 1;
            self.reached.insert(point.as_str());
        }
        self.lost += u32::from(ended.lost);
        self.doubled += u32::from(ended.doubled);
        self.overwritten += u32::from(ended.overwritten);
        self.astray += u32::from(ended.astray);
        if !ended.is_well() {
            self.wrong.push(format!("{combination}: {}", ended.words));
        }
    }
}

fn combinations(quick: bool) -> Vec<Combination> {
    let crashes: Vec<Option<CrashPoint>> = std::iter::once(None)
        .chain(CrashPoint::ALL.into_iter().map(Some))
        .collect();
    let mut all = Vec::new();
    for script in Script::ALL {
        for &crash in &crashes {
            if !script.may_reach(crash) {
                continue;
            }
            for &wish in script.wishes() {
                for strike in Strike::ALL {
                    if !script.meets(strike) {
                        continue;
                    }
                    for cache_falls_back in [false, true] {
                        // After a crash the cache may have lost its last commits, the ledger never has.
                        if cache_falls_back && (crash.is_none() || !strike.is_worth_both_orders()) {
                            continue;
                        }
                        all.push(Combination {
                            script,
                            wish,
                            strike,
                            crash,
                            cache_falls_back,
                        });
                    }
                }
            }
        }
    }
    if quick {
        all = all.into_iter().step_by(7).collect();
    }
    all
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|word| word == "quick");
    let only = arguments.iter().find(|word| *word != "quick");
    let begun = Instant::now();
    let mut all = combinations(quick);
    if let Some(part) = only {
        all.retain(|combination| combination.to_string().contains(part.as_str()));
    }
    println!(
        "{} combinations: {} faults and none, {} kinds of change, {} crash points and none, {} ways to go on",
        all.len(),
        Strike::ALL.len() - 1,
        WISHES.len(),
        CrashPoint::ALL.len(),
        Script::ALL.len(),
    );
    let mut grounds = Vec::new();
    for _ in 0..SIDE_BY_SIDE {
        grounds.push(Arc::new(Mutex::new(Ground::prepare().await)));
    }
    let sums = Mutex::new(Sums::default());
    futures::stream::iter(all.iter().enumerate())
        .for_each_concurrent(SIDE_BY_SIDE, |(at, combination)| {
            let grounds = &grounds;
            let sums = &sums;
            async move {
                let mut ground = loop {
                    // One of as many grounds as run at once is always free.
                    if let Some(free) = grounds.iter().find_map(|ground| ground.try_lock().ok()) {
                        break free;
                    }
                    tokio::task::yield_now().await;
                };
                let ended = combination.run(&mut ground).await;
                let mut sums = sums.lock().await;
                sums.add(combination, &ended);
                if at % 200 == 199 {
                    println!("  {} run, {} not as they must", sums.run, sums.wrong.len());
                }
            }
        })
        .await;
    let mut sums = sums.into_inner();
    for (point, times) in &sums.crashed {
        println!("  crashed {times:4} times at {point}");
    }
    let unreached: Vec<&str> = CrashPoint::ALL
        .into_iter()
        .map(|point| point.as_str())
        .filter(|point| !sums.reached.contains(point))
        .collect();
    if !unreached.is_empty() && !quick && only.is_none() {
        sums.wrong
            .push(format!("never reached: {}", unreached.join(", ")));
    }
    let mut killed = kills::Killed::default();
    if only.is_none() {
        let mut ground = grounds[0].lock().await;
        killed = kills::run(&mut ground, if quick { KILLS / 4 } else { KILLS }).await;
        sums.wrong.extend(killed.wrong.clone());
    }
    for line in &sums.wrong {
        println!("  WRONG {line}");
    }
    println!(
        "{} combinations and {} kills in {:.0} s: {} lost, {} doubled, {} silently overwritten, {} otherwise not as they must",
        sums.run,
        killed.kills,
        begun.elapsed().as_secs_f64(),
        sums.lost + killed.lost,
        sums.doubled + killed.doubled,
        sums.overwritten,
        sums.astray,
    );
    let well = u32::try_from(sums.wrong.len()).unwrap_or(u32::MAX);
    println!(
        "{} passed, {well} failed",
        sums.run + killed.kills - well.min(sums.run)
    );
    if sums.wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

//! The fault matrix: each payment system × each fault that means something there × each kind of change it has × each
//! crash point or none, and hundreds of kills at random moments. Each combination runs the whole desk over real sockets
//! and real files; a crash is a process that ends.
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
mod fitting;
mod ground;
mod kills;
#[path = "../scenarios/office.rs"]
mod office;
mod other;
mod settling;

use combination::{Combination, Ended};
use dimensions::{Script, Strike};
use futures::StreamExt;
use ground::Ground;
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use tokendesk_store::crash::CrashPoint;
use tokendesk_tests::played::System;
use tokio::sync::Mutex;

/// Grounds used side by side: much of a combination is waiting.
const SIDE_BY_SIDE: usize = 6;
/// Kills for wallee; the others get half as many each.
const KILLS: u32 = 200;

#[derive(Default)]
struct Sums {
    run: u32,
    crashed: BTreeMap<&'static str, u32>,
    reached: BTreeSet<&'static str>,
    wrong: Vec<String>,
    /// What is wrong with no single combination.
    others: Vec<String>,
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
            let words = format!("{combination}: {}", ended.words);
            // At once: a run that is cut off has told what it knew.
            println!("  WRONG {words}");
            self.wrong.push(words);
        }
    }
}

/// Of how many combinations a quick run takes one.
fn stride(system: System) -> usize {
    // wallee has nearly every kind of change and every fault; the roads of the others are mostly the same.
    if system == System::Wallee { 11 } else { 19 }
}

fn combinations(system: System, quick: bool) -> Vec<Combination> {
    let crashes: Vec<Option<CrashPoint>> = std::iter::once(None)
        .chain(CrashPoint::ALL.into_iter().map(Some))
        .collect();
    let mut all = Vec::new();
    for script in Script::ALL {
        for &crash in &crashes {
            if !script.may_reach(crash) {
                continue;
            }
            for &wish in fitting::wishes(system, script) {
                for strike in Strike::ALL {
                    if !script.meets(strike) || !fitting::meets(system, strike) {
                        continue;
                    }
                    for cache_falls_back in [false, true] {
                        // After a crash the cache may have lost its last commits, the ledger never has.
                        if cache_falls_back && (crash.is_none() || !strike.is_worth_both_orders()) {
                            continue;
                        }
                        all.push(Combination {
                            system,
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
        all = all.into_iter().step_by(stride(system)).collect();
    }
    all
}

/// Runs the combinations of one system, several side by side. Gives the grounds they were run on.
async fn run(system: System, all: &[Combination], sums: &mut Sums) -> Vec<Arc<Mutex<Ground>>> {
    let preparing = (0..SIDE_BY_SIDE).map(|_| Ground::prepare(system));
    let grounds: Vec<_> = futures::future::join_all(preparing)
        .await
        .into_iter()
        .map(|ground| Arc::new(Mutex::new(ground)))
        .collect();
    let shared = Mutex::new(std::mem::take(sums));
    futures::stream::iter(all.iter().enumerate())
        .for_each_concurrent(SIDE_BY_SIDE, |(at, combination)| {
            let grounds = &grounds;
            let sums = &shared;
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
    *sums = shared.into_inner();
    grounds
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|word| word == "quick");
    let only = arguments.iter().find(|word| *word != "quick");
    let begun = Instant::now();
    let mut sums = Sums::default();
    let mut killed = kills::Killed::default();
    for system in System::ALL {
        let mut all = combinations(system, quick);
        if let Some(part) = only {
            all.retain(|combination| combination.to_string().contains(part.as_str()));
        }
        if all.is_empty() {
            continue;
        }
        println!(
            "{system}: {} combinations of {} faults and none, {} kinds of change, {} crash points and none, {} ways to go on",
            all.len(),
            Strike::ALL
                .into_iter()
                .filter(|strike| *strike != Strike::Nothing && fitting::meets(system, *strike))
                .count(),
            system.played().wishes().len(),
            CrashPoint::ALL.len(),
            Script::ALL
                .into_iter()
                .filter(|script| !fitting::wishes(system, *script).is_empty())
                .count(),
        );
        let grounds = run(system, &all, &mut sums).await;
        if only.is_none() && system != System::Prism {
            let kills = if system == System::Wallee {
                KILLS
            } else {
                KILLS / 2
            };
            let mut ground = grounds[0].lock().await;
            let of_system = kills::run(&mut ground, if quick { kills / 8 } else { kills }).await;
            killed.kills += of_system.kills;
            killed.lost += of_system.lost;
            killed.doubled += of_system.doubled;
            sums.others.extend(of_system.wrong);
        }
    }
    for (point, times) in &sums.crashed {
        println!("  crashed {times:4} times at {point}");
    }
    let unreached: Vec<&str> = CrashPoint::ALL
        .into_iter()
        .map(|point| point.as_str())
        .filter(|point| !sums.reached.contains(point))
        .collect();
    if !unreached.is_empty() && !quick && only.is_none() {
        sums.others
            .push(format!("never reached: {}", unreached.join(", ")));
    }
    for line in &sums.others {
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
    let well = u32::try_from(sums.wrong.len() + sums.others.len()).unwrap_or(u32::MAX);
    println!(
        "{} passed, {well} failed",
        sums.run + killed.kills - well.min(sums.run)
    );
    if sums.wrong.is_empty() && sums.others.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

//! `cargo xtask bench`: the numbers of the README, measured in one run so that ratios can be trusted.
//!
//! A sandbox in a process of its own serves the cards; everything else is this process, with encrypted files on the real disk.
//! Measures only; whether a number is good is for people to say.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table on the terminal is its purpose"
)]

mod bare;
mod busy;
mod desk;
mod draining;
mod figures;
mod outside;

use figures::{Figures, Row, Table};
use std::path::{Path, PathBuf};
use std::time::Instant;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let cards: u64 = std::env::args().nth(1).as_deref().unwrap_or("100000").parse()?;
    let outside = outside::Outside::start_with_about(cards)?;
    eprintln!(
        "the sandbox is ready after {} ms",
        outside.ready_after.as_millis()
    );

    let fetched = bare::fetch_only(&outside).await?;
    eprintln!(
        "fetched {} cards and {} versions",
        fetched.tokens(),
        fetched.versions()
    );
    let written = bare::write_only(&fetched).await?;

    let folder = match std::env::args().nth(2) {
        Some(folder) => PathBuf::from(folder),
        None => return Err("the second argument is the data folder to fill".into()),
    };
    let desk = desk::open(&folder).await?;
    let account = desk::connect(&desk, &outside).await?;
    let began = Instant::now();
    let rows = desk
        .read_account(account, false)
        .await
        .map_err(|problem| problem.title)?;
    let full = began.elapsed();

    println!(
        "{} cards, {} versions, {}\n",
        fetched.tokens(),
        fetched.versions(),
        Figures::machine()
    );
    let mut table = Table::begin();
    let rate = |rows: u64, seconds: f64| format!("{:.0} rows/s", rows as f64 / seconds);
    let (fetch_s, write_s, full_s) = (
        fetched.took.as_secs_f64(),
        written.as_secs_f64(),
        full.as_secs_f64(),
    );
    table.push(Row::new("Fetch only", rate(fetched.rows(), fetch_s), "–"));
    table.push(Row::new("Write only", rate(fetched.rows(), write_s), "–"));
    table.push(Row::new("Full sync", rate(rows, full_s), "–"));
    table.push(Row::new(
        "Full sync / slower of the two",
        format!("{:.2}", full_s / fetch_s.max(write_s)),
        "≤ 1.25",
    ));

    let people = desk::some_people(&desk).await?;
    table.push(Row::percentiles(
        "Find people, each keystroke",
        &desk::find(&desk, &people).await?,
        "p95 ≤ 10 ms at 1 M",
    ));
    if let Some((email, cards)) = fetched.fullest() {
        let last4 = desk::last4_of(&desk, &email).await?;
        table.push(Row::percentiles(
            &format!("Find a customer with {cards} cards, each keystroke"),
            &desk::find_one(&desk, &email, &last4).await?,
            "p95 ≤ 10 ms",
        ));
    }
    table.push(Row::percentiles(
        "Page of 100 cards",
        &desk::pages(&desk).await?,
        "–",
    ));
    table.push(Row::percentiles(
        "Open a customer",
        &desk::open_people(&desk, &people).await?,
        "p95 ≤ 50 ms",
    ));
    table.push(Row::percentiles(
        "Flip, shown and durably queued",
        &desk::flips(&desk).await?,
        "p95 ≤ 50 ms",
    ));

    let (cards, times) = busy::plans(&desk).await?;
    table.push(Row::slowest(
        &format!("A plan over {cards} cards, made and stored"),
        &times,
        "≤ 1 s at 100,000",
    ));

    desk.close().await;
    drop(desk);
    let bytes = Figures::bytes_of(&folder, "cache.db")?;
    table.push(Row::new(
        "Cache on disk",
        format!("{} bytes a card", bytes / fetched.tokens().max(1)),
        "≤ 450",
    ));
    let began = Instant::now();
    let again = desk::open(&folder).await?;
    desk::first_search(&again).await?;
    table.push(Row::new(
        "Open the files to first search result, key derivation of the sealed file included",
        format!("{} ms", began.elapsed().as_millis()),
        "–",
    ));
    again.close().await;
    table.push(Row::new(
        "Peak memory of desk and both walks",
        Figures::peak_memory(),
        "–",
    ));

    busy_desk(&folder, &mut table).await?;
    let drained = draining::drain().await?;
    table.push(Row::new(
        &format!(
            "Draining {} changes at an account that allows {} calls/s",
            drained.changes,
            draining::Drained::allowed()
        ),
        format!(
            "{:.1} % of the allowed calls ({} answered, {} refused, {:.1} s)",
            drained.share() * 100.0,
            drained.answered,
            drained.refused,
            drained.took.as_secs_f64()
        ),
        "≥ 95 %",
    ));
    Ok(())
}

/// The same desk with a long outbox and a long log, in a copy of its folder: the window is started with the first one later.
async fn busy_desk(folder: &Path, table: &mut Table) -> Result<(), Failure> {
    let copy = tempfile::tempdir_in(folder.parent().unwrap_or(folder))?;
    busy::copy(folder, copy.path())?;
    let began = Instant::now();
    let filled = busy::fill(copy.path()).await?;
    eprintln!(
        "filled the ledger with {} changes within {} s",
        filled.changes,
        began.elapsed().as_secs()
    );
    let (desk, opened) = busy::open(copy.path()).await?;
    let (changes, open) = (filled.changes, filled.open);
    table.push(Row::new(
        &format!("Open the files, {open} changes open"),
        format!("{} ms", opened.as_millis()),
        "–",
    ));
    table.push(Row::percentiles(
        &format!("Flip, shown and durably queued, {changes} changes in the ledger"),
        &desk::flips(&desk).await?,
        "p95 ≤ 50 ms",
    ));
    table.push(Row::percentiles(
        &format!("The desk at a glance, {open} changes open"),
        &busy::status(&desk).await?,
        "p95 ≤ 50 ms",
    ));
    table.push(Row::percentiles(
        &format!("Page of 100 changes, {open} open"),
        &busy::changes(&desk).await?,
        "p95 ≤ 50 ms",
    ));
    let (cards, times) = busy::plans(&desk).await?;
    table.push(Row::slowest(
        &format!("A plan over {cards} cards, {open} changes open"),
        &times,
        "–",
    ));
    let (rows, rates) = busy::verify(&desk).await?;
    let rate = |i: usize| rates.get(i).copied().unwrap_or_default();
    table.push(Row::new(
        &format!("Check of a log of {rows} rows"),
        format!(
            "{:.0} rows/s, slowest of {} {:.0}",
            rate(rates.len() / 2),
            rates.len(),
            rate(0)
        ),
        "≥ 200,000 rows/s",
    ));
    desk.close().await;
    Ok(())
}

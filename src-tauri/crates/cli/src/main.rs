//! `tdesk`: everything the window can do, from a terminal. Thin: it reads arguments, asks the desk, prints the answer.
//!
//! Must not know: how anything is found, stored or sent. What a person reads is in [`words`]; field names of `--json` are
//! those of the contract.

#![allow(
    clippy::result_large_err,
    reason = "a problem is made once a run, and then it is printed"
)]

mod answer;
mod args;
mod commands;
mod host;
mod interrupts;
mod key;
mod layout;
mod log;
mod places;
mod progress;
mod room;
mod times;
mod voice;
mod words;

use crate::answer::Answer;
use crate::args::Cli;
use crate::room::Room;
use crate::voice::Voice;
use clap::Parser;
use std::process::ExitCode;
use tokendesk_desk::contract::{Problem, ProblemCode};

fn main() -> ExitCode {
    let cli = Cli::parse();
    log::start();
    let voice = Voice::new(cli.json);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let answer = match runtime {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(_) => Err(Problem::new(ProblemCode::Internal)),
    };
    voice.say(answer)
}

async fn run(cli: Cli) -> Result<Answer, Problem> {
    let mut command = cli.command;
    // A key is asked for before the desk is opened: nobody else is kept out of it while somebody types.
    commands::prepare(&mut command)?;
    let room = Room::open(
        &cli.place,
        cli.env.map(Into::into),
        cli.json,
        command.only_reads(),
    )
    .await?;
    let answer = commands::run(command, &room).await;
    room.desk.close().await;
    answer
}

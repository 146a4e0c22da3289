//! `cargo xtask`: the developer's commands, set-up included, so that a fresh Debian or Ubuntu with Rust, Node and Python
//! needs nothing else.
//!
//! Knows how to start the other programs of this repository, and nothing of what they do: no crate of ours is a
//! dependency, so that it compiles in seconds.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a terminal is its only face"
)]

mod bench;
mod generate;
mod paths;
mod proc;
mod run;
mod session;
mod setup;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask run [--once] [--keep]   opens the window on the built-in demo with 2,000 customers
                                    --once  without a display: saves target/tokendesk.png and ends
                                    --keep  goes on with the demo of the last run
cargo xtask test [STAGE ...]        everything that guards this repository, or only the stages named:
                                    fmt ui clippy rust build sdk matrix window
cargo xtask matrix [quick] [WORDS]  each fault × each kind of change × each crash point, and 200 kills: counts what was
                                    lost, doubled or overwritten; quick: a part; WORDS: only what contains them
cargo xtask bench [CARDS]           builds in release and measures, with 100,000 cards if not told otherwise
cargo xtask gen                     writes what is generated: the contract with the window, the icons
";

/// What ends a command before its end, in words for the terminal.
pub type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["run", options @ ..] => run::Options::parse(options).and_then(run::run),
        ["test", stages @ ..] => test::test(stages),
        ["bench"] => bench::bench("100000"),
        ["bench", cards] => bench::bench(cards),
        ["matrix", words @ ..] => test::matrix_alone(words),
        ["gen"] => generate::generate(),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("{words}");
            ExitCode::FAILURE
        }
    }
}

//! `tokendesk-sandbox`: prints one JSON line that says where it is and how to sign in, then serves until its
//! standard input closes.

use std::io::{Read, Write};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use serde_json::json;
use tokendesk_sandbox::{Options, People, Sandbox, StartError, SwitchError, Switches};

/// Plays payment systems on 127.0.0.1 with invented customers, each on a port of its own.
#[derive(Parser)]
#[command(name = "tokendesk-sandbox", version)]
struct Arguments {
    /// How many customers each system has.
    #[arg(long, default_value_t = 100)]
    customers: u32,
    /// The same seed gives the same world.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Port of the first of the systems, 0 for any; the others take any.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Speak TLS; the authority to trust is printed.
    #[arg(long)]
    tls: bool,
    /// Which systems are played, such as `wallee,komoju`; all when left out.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    systems: Vec<String>,
    /// Whose people the systems play.
    #[arg(long, value_enum, default_value_t = Whose::Own)]
    people: Whose,
    /// Set a switch at start, name=value for wallee, system.name=value for any; may be repeated.
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    switches: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Usage(message)) => complain(&message, 2),
        Err(Stop::Failed(message)) => complain(&message, 1),
    }
}

/// System, name and value of `system.name=value`; none for a switch without a system.
fn of_a_system(pair: &str) -> Option<(String, String, String)> {
    let (name, value) = pair.split_once('=')?;
    let (system, name) = name.split_once('.')?;
    Some((
        system.trim().to_owned(),
        name.trim().to_owned(),
        value.trim().to_owned(),
    ))
}

/// Whose people the systems play.
#[derive(Clone, Copy, ValueEnum)]
enum Whose {
    /// Each system has customers of its own.
    Own,
    /// The same customer is in all of them.
    Shared,
}

impl From<Whose> for People {
    fn from(whose: Whose) -> Self {
        match whose {
            Whose::Own => Self::Own,
            Whose::Shared => Self::Shared,
        }
    }
}

enum Stop {
    Usage(String),
    Failed(String),
}

fn complain(message: &str, code: u8) -> ExitCode {
    // With standard error closed the exit code is all that is left to say.
    let _ = writeln!(std::io::stderr(), "tokendesk-sandbox: {message}");
    ExitCode::from(code)
}

fn run(arguments: Arguments) -> Result<(), Stop> {
    let mut switches = Switches::default();
    let mut system_switches = Vec::new();
    for pair in &arguments.switches {
        match of_a_system(pair) {
            Some(switch) => system_switches.push(switch),
            None => switches
                .set_pair(pair)
                .map_err(|error: SwitchError| Stop::Usage(error.to_string()))?,
        }
    }
    let running = Sandbox::start(Options {
        customers: arguments.customers,
        seed: arguments.seed,
        port: arguments.port,
        tls: arguments.tls,
        switches,
        system_switches,
        people: arguments.people.into(),
        systems: if arguments.systems.is_empty() {
            Options::all_systems()
        } else {
            arguments.systems
        },
        ..Options::default()
    })
    .map_err(|error| match error {
        StartError::NoSuchSystem(_) | StartError::Switch(_) => Stop::Usage(error.to_string()),
        error => Stop::Failed(error.to_string()),
    })?;

    let mut line = json!({ "control": running.control });
    for (name, system) in running.systems() {
        line[*name] = system.connection();
    }
    if let Some(ca_pem) = &running.ca_pem {
        line["ca_pem"] = ca_pem.as_str().into();
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|error| Stop::Failed(error.to_string()))?;
    drop(out);

    let mut ignored = [0_u8; 4_096];
    let mut input = std::io::stdin().lock();
    loop {
        match input.read(&mut ignored) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    running.stop();
    Ok(())
}

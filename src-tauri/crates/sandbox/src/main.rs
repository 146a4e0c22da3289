//! `tokendesk-sandbox`: prints one JSON line that says where it is and how to sign in, then serves until its
//! standard input closes.

use std::io::{Read, Write};
use std::process::ExitCode;

use clap::Parser;
use serde_json::json;
use tokendesk_sandbox::{Options, Sandbox, SwitchError, Switches};

/// Plays wallee on 127.0.0.1 with invented customers.
#[derive(Parser)]
#[command(name = "tokendesk-sandbox", version)]
struct Arguments {
    /// How many customers.
    #[arg(long, default_value_t = 100)]
    customers: u32,
    /// The same seed gives the same world.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Port of the payment system, 0 for any.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Speak TLS; the authority to trust is printed.
    #[arg(long)]
    tls: bool,
    /// Set a switch at start, name=value; may be repeated.
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
    for pair in &arguments.switches {
        switches
            .set_pair(pair)
            .map_err(|error: SwitchError| Stop::Usage(error.to_string()))?;
    }
    let running = Sandbox::start(Options {
        customers: arguments.customers,
        seed: arguments.seed,
        port: arguments.port,
        tls: arguments.tls,
        switches,
        ..Options::default()
    })
    .map_err(|error| Stop::Failed(error.to_string()))?;

    let mut line = json!({
        "wallee": { "host": running.origin, "space": running.space, "user": running.user, "key": running.key },
        "control": running.control,
    });
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

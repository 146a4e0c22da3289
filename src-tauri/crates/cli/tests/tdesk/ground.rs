//! What every test stands on: a data folder of its own, the program, and a payment system.

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;
use tokendesk_sandbox::{Options, Running, Sandbox, TokenTruth};

/// The passphrase of every data folder here.
const PASSPHRASE: &str = "an invented passphrase";

/// A payment system with a few customers.
pub fn sandbox(seed: u64) -> Running {
    started(Options {
        customers: 40,
        seed,
        ..Options::default()
    })
}

/// The same with other options.
pub fn started(options: Options) -> Running {
    Sandbox::start(options).expect("the sandbox starts")
}

/// A data folder and how the program is called on it.
pub struct Desk {
    dir: TempDir,
    ca: Option<PathBuf>,
}

/// What the program said.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Desk {
    /// Empty, with a passphrase file.
    pub fn new() -> Self {
        let desk = Self {
            dir: tempfile::tempdir().unwrap(),
            ca: None,
        };
        desk.write_passphrase(PASSPHRASE, 0o600);
        desk
    }

    /// Empty, and connected to `running` as a demo account.
    pub fn connected(running: &Running) -> Self {
        let desk = Self::new();
        desk.connect("Shop CH", running).json();
        desk
    }

    /// As [`Self::connected`], with everything read.
    pub fn read(running: &Running) -> Self {
        let desk = Self::connected(running);
        desk.run(&["--json", "sync"]).json();
        desk
    }

    /// Trusts this authority besides nobody.
    pub fn trust(&mut self, pem: &str) {
        let path = self.dir.path().join("ca.pem");
        std::fs::write(&path, pem).unwrap();
        self.ca = Some(path);
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn passphrase_file(&self) -> PathBuf {
        self.dir.path().join("passphrase")
    }

    pub fn write_passphrase(&self, text: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(self.passphrase_file(), format!("{text}\n")).unwrap();
        std::fs::set_permissions(self.passphrase_file(), PermissionsExt::from_mode(mode)).unwrap();
    }

    /// The program with these arguments after where it keeps its data. Nothing of the test's own environment reaches it:
    /// a proxy or a log directive would change what it does.
    pub fn program(&self, args: &[&str]) -> Command {
        let mut command = bare(self.dir.path());
        command
            .arg("--data-dir")
            .arg(self.data())
            .arg("--passphrase-file")
            .arg(self.passphrase_file())
            .args(args);
        if let Some(ca) = &self.ca {
            command.env("SSL_CERT_FILE", ca);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Said {
        self.run_with(args, "")
    }

    /// With something on standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Said {
        finish(self.program(args), input)
    }

    pub fn start(&self, args: &[&str]) -> Child {
        self.program(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Connects a sandbox as a demo account.
    pub fn connect(&self, label: &str, running: &Running) -> Said {
        self.connect_as(label, running, "demo", &running.origin, &running.key)
    }

    pub fn connect_as(&self, label: &str, running: &Running, env: &str, host: &str, key: &str) -> Said {
        self.add(label, env, host, &running.space, &running.user, key)
    }

    pub fn add(&self, label: &str, env: &str, host: &str, space: &str, user: &str, key: &str) -> Said {
        let args = [
            "--json", "account", "add", "wallee", "--label", label, "--host", host, "--space", space,
            "--user", user, "--env", env,
        ];
        self.run_with(&args, key)
    }

    /// Our id of a token.
    pub fn card(&self, token: &TokenTruth) -> String {
        let id = token.id.to_string();
        let mut after: Option<String> = None;
        loop {
            let mut args = vec!["--json", "cards", "--limit", "1000"];
            if let Some(after) = &after {
                args.extend(["--after", after]);
            }
            let page = self.run(&args).json();
            let found = page["items"]
                .as_array()
                .unwrap()
                .iter()
                .find(|card| card["remote_id"] == id.as_str());
            if let Some(card) = found {
                return text(&card["id"]);
            }
            after = Some(
                page["next"]
                    .as_str()
                    .expect("the card is on some page")
                    .to_owned(),
            );
        }
    }
}

/// The program alone.
pub fn bare(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tdesk"));
    command
        .env_clear()
        .env("HOME", home)
        .env("USER", "ada")
        .env("TZ", "Europe/Zurich");
    command
}

pub fn finish(mut command: Command, input: &str) -> Said {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program need not read it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Said::of(child.wait_with_output().unwrap())
}

impl Said {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The answer of a command that must have worked.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}\n{}", self.out, self.err);
        assert_eq!(self.err, "");
        self.out_json()
    }

    /// The answer, worked or not.
    #[track_caller]
    pub fn out_json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    /// The words of a command that must have worked.
    #[track_caller]
    pub fn words(&self) -> &str {
        assert_eq!(self.code, Some(0), "{}\n{}", self.out, self.err);
        &self.out
    }

    /// The one problem of a command that must have failed.
    #[track_caller]
    pub fn problem(&self) -> Value {
        assert_eq!(self.code, Some(1), "{}\n{}", self.out, self.err);
        let lines: Vec<&str> = self.err.lines().collect();
        assert_eq!(lines.len(), 1, "{}", self.err);
        serde_json::from_str(lines[0]).unwrap_or_else(|error| panic!("{error}: {}", self.err))
    }

    /// Its code.
    #[track_caller]
    pub fn code(&self) -> String {
        text(&self.problem()["code"])
    }

    /// Whether `needle` was printed anywhere.
    pub fn shows(&self, needle: &str) -> bool {
        self.out.contains(needle) || self.err.contains(needle)
    }
}

#[track_caller]
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is a text"))
        .to_owned()
}

/// A card as most shops have them: active, one-click on, of somebody with an email and a customer id.
pub fn everyday_card(running: &Running) -> TokenTruth {
    running
        .tokens()
        .into_iter()
        .find(|token| {
            token.state == "ACTIVE"
                && token.enabled_for_one_click_payment
                && token.customer_id.is_some()
                && token
                    .customer_email_address
                    .as_ref()
                    .is_some_and(|email| email.is_ascii())
        })
        .expect("the world has an everyday card")
}

//! A desk in another process, from this side.

use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tokendesk_desk::contract::{ConnectAccount, Problem};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// What it answered.
#[derive(Debug, Default, Deserialize)]
pub struct Said {
    pub problem: Option<Problem>,
    pub words: Vec<String>,
    pub done: u32,
    pub reading: bool,
}

/// The other process.
pub struct Other {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Other {
    /// Opens the desk of `folder` there, which must work.
    pub async fn open(folder: &Path) -> Self {
        let (other, said) =
            Self::start(Command::new(env!("CARGO_BIN_EXE_another-process")).arg(folder)).await;
        assert!(said.problem.is_none(), "{said:?}");
        other
    }

    /// The same, with everything it says down to TRACE written to `log`.
    pub async fn open_with_log(folder: &Path, log: &Path) -> Self {
        let program = env!("CARGO_BIN_EXE_another-process");
        let (other, said) = Self::start(Command::new(program).arg(folder).arg(log)).await;
        assert!(said.problem.is_none(), "{said:?}");
        other
    }

    /// Starts it and gives what it said of opening the desk.
    pub async fn start(command: &mut Command) -> (Self, Said) {
        let mut process = command
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let orders = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut other = Self {
            process,
            orders,
            answers,
        };
        let said = other.answer().await;
        (other, said)
    }

    async fn answer(&mut self) -> Said {
        let mut line = String::new();
        self.answers.read_line(&mut line).await.unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Sends one order without waiting for its answer.
    pub async fn begin(&mut self, order: &Value) {
        self.orders
            .write_all(format!("{order}\n").as_bytes())
            .await
            .unwrap();
    }

    /// Sends one order and gives its answer.
    pub async fn ask(&mut self, order: Value) -> Said {
        self.begin(&order).await;
        self.answer().await
    }

    /// The same for an order that must work.
    pub async fn tell(&mut self, order: Value) -> Said {
        let said = self.ask(order.clone()).await;
        assert!(said.problem.is_none(), "{} {said:?}", order["do"]);
        said
    }

    /// Connects an account and begins to read it. Gives its id.
    pub async fn connect(&mut self, connection: ConnectAccount) -> String {
        let mut said = self
            .tell(json!({ "do": "connect", "connection": connection }))
            .await;
        self.tell(json!({ "do": "start" })).await;
        said.words.remove(0)
    }

    /// Waits until reading has come to a point.
    pub async fn read_until(&mut self, there: impl Fn(&Said) -> bool) {
        for _ in 0..20_000 {
            let said = self.tell(json!({ "do": "progress" })).await;
            if there(&said) {
                return;
            }
            assert!(said.reading, "reading ended before");
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        panic!("reading never came to the point");
    }

    /// Lets it end by itself.
    pub async fn close(mut self) {
        drop(self.orders);
        assert!(self.process.wait().await.unwrap().success());
    }

    /// Ends it between two instructions: `kill -9`.
    pub async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }
}

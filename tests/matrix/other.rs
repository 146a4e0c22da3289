//! The desk in another process, which may end at a crash point.

use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokendesk_desk::contract::Problem;
use tokendesk_store::crash::CrashPoint;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// What it answered.
#[derive(Debug, Default, Deserialize)]
pub struct Said {
    pub problem: Option<Problem>,
    pub words: Vec<String>,
}

/// The other process.
pub struct Other {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Other {
    /// Opens the desk of `folder` there. `None` if it ended before it was open.
    pub async fn open(folder: &Path, crash: Option<CrashPoint>) -> Option<Self> {
        let mut command = Command::new(program());
        command
            .arg(folder)
            .env("RUST_BACKTRACE", "0")
            .env("TOKENDESK_HTTP_TIMEOUT_MS", "700")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        if let Some(point) = crash {
            command.env("TOKENDESK_CRASH_AT", point.as_str());
        }
        let mut process = command.spawn().unwrap();
        let orders = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut other = Self {
            process,
            orders,
            answers,
        };
        let said = other.answer().await?;
        assert!(said.problem.is_none(), "{said:?}");
        Some(other)
    }

    async fn answer(&mut self) -> Option<Said> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line).await.unwrap_or_default();
        if read == 0 || !line.ends_with('\n') {
            return None;
        }
        Some(serde_json::from_str(&line).unwrap())
    }

    /// Sends an order. `None` if the process ended instead of answering.
    pub async fn ask(&mut self, order: &Value) -> Option<Said> {
        self.begin(order).await?;
        self.answer().await
    }

    /// Sends an order and does not wait.
    pub async fn begin(&mut self, order: &Value) -> Option<()> {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.ok()
    }

    /// Answers that have come by now, each waited for no longer than `patience`.
    pub async fn answers_within(&mut self, patience: std::time::Duration) -> Vec<Said> {
        let mut said = Vec::new();
        while let Ok(Some(answer)) = tokio::time::timeout(patience, self.answer()).await {
            said.push(answer);
        }
        said
    }

    pub async fn close(mut self) {
        drop(self.orders);
        let _ = self.process.wait().await;
    }

    /// `kill -9`.
    pub async fn kill(mut self) {
        let _ = self.process.kill().await;
    }
}

/// Beside this program.
fn program() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.set_file_name(format!("another-process{}", std::env::consts::EXE_SUFFIX));
    path
}

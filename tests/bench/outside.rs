//! The sandbox as a process of its own.

use super::Failure;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// Cards a customer of the sandbox has on average; the table says how many there really were.
const CARDS_PER_CUSTOMER: f64 = 2.3;

/// A running sandbox; ends with this value.
pub struct Outside {
    child: Child,
    _open: ChildStdin,
    /// Origin.
    pub host: String,
    /// Space id.
    pub space: String,
    /// Application user.
    pub user: String,
    /// Key, base64.
    pub key: String,
    control: String,
    http: reqwest::Client,
    /// How long it took until it served.
    pub ready_after: Duration,
}

impl Outside {
    /// Starts one with about this many cards.
    pub fn start_with_about(cards: u64) -> Result<Self, Failure> {
        let program = std::env::current_exe()?.with_file_name("tokendesk-sandbox");
        let customers = (cards as f64 / CARDS_PER_CUSTOMER).ceil() as u64;
        let began = Instant::now();
        let mut child = Command::new(program)
            .args(["--customers", &customers.to_string(), "--seed", "1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let open = child.stdin.take().ok_or("no standard input")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no standard output")?).read_line(&mut line)?;
        let ready_after = began.elapsed();
        let ready: serde_json::Value = serde_json::from_str(&line)?;
        let text = |name: &str| ready["wallee"][name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            child,
            _open: open,
            host: text("host"),
            space: text("space"),
            user: text("user"),
            key: text("key"),
            control: ready["control"].as_str().unwrap_or_default().to_owned(),
            http: reqwest::Client::builder().no_proxy().build()?,
            ready_after,
        })
    }

    /// Tells the sandbox something through its control endpoint.
    pub async fn control(&self, path: &str, body: &serde_json::Value) -> Result<(), Failure> {
        let url = format!("{}/{path}", self.control);
        self.http.post(url).json(body).send().await?.error_for_status()?;
        Ok(())
    }

    /// What it was asked so far.
    pub async fn stats(&self) -> Result<serde_json::Value, Failure> {
        let url = format!("{}/stats", self.control);
        Ok(self
            .http
            .get(url)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?)
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        // It ends by itself when its standard input closes; this only hurries it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

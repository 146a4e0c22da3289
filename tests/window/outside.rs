//! The payment system of the test: another process, looked into through its control endpoint.

use crate::{Outcome, Places};
use serde::Deserialize;
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The same at every run, as a shop's payment system is.
const PORT: u16 = 18_643;

/// How to reach it, as a person would type it.
#[derive(Deserialize)]
pub struct Wallee {
    pub host: String,
    pub space: String,
    pub user: String,
    pub key: String,
}

#[derive(Deserialize)]
struct Greeting {
    wallee: Wallee,
    control: String,
}

/// A token as the payment system holds it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    pub id: u64,
    pub version: u32,
    pub state: String,
    pub enabled_for_one_click_payment: bool,
    pub customer_email_address: Option<String>,
    versions: Vec<Version>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    state: String,
    last_four: Option<String>,
}

impl Token {
    /// Whether it is an everyday card: active, one-click on, with a number to recognise it by.
    pub fn is_everyday(&self) -> bool {
        self.state == "ACTIVE"
            && self.enabled_for_one_click_payment
            && self
                .versions
                .iter()
                .any(|version| version.state == "ACTIVE" && version.last_four.is_some())
    }
}

/// The running sandbox. It ends when its standard input closes, which is when this is dropped.
pub struct Outside {
    pub wallee: Wallee,
    control: String,
    http: reqwest::Client,
    _process: Child,
}

impl Outside {
    /// Starts it with 300 customers.
    pub async fn start(places: &Places) -> Outcome<Self> {
        let mut process = Command::new(places.program("tokendesk-sandbox"))
            .args(["--customers", "300", "--seed", "7", "--port", &PORT.to_string()])
            // Long enough that a card is still being deleted when the window is opened again.
            .args([
                "--switch",
                "state_patch=accepts",
                "--switch",
                "deleting_ms=3600000",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("the sandbox cannot be started: {error}"))?;
        let output = process.stdout.take().ok_or("the sandbox has no output")?;
        let mut line = String::new();
        BufReader::new(output)
            .read_line(&mut line)
            .await
            .map_err(|error| format!("the sandbox: {error}"))?;
        let greeting: Greeting = serde_json::from_str(&line)
            .map_err(|error| format!("the sandbox did not say where it is: {error}"))?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .build();
        let http = http.map_err(|error| error.to_string())?;
        Ok(Self {
            wallee: greeting.wallee,
            control: greeting.control,
            http,
            _process: process,
        })
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        let asked = self.http.get(format!("{}/{path}", self.control)).send().await;
        let answer = asked.and_then(reqwest::Response::error_for_status);
        let failed = |error: reqwest::Error| format!("the sandbox's control endpoint, {path}: {error}");
        answer.map_err(failed)?.json().await.map_err(failed)
    }

    /// What it holds of a token.
    pub async fn token(&self, id: u64) -> Outcome<Token> {
        self.get(&format!("token/{id}")).await
    }

    /// Waits until a token is as wished.
    pub async fn until(&self, id: u64, wish: &str, is: impl Fn(&Token) -> bool) -> Outcome<Token> {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let token = self.token(id).await?;
            if is(&token) {
                return Ok(token);
            }
            if Instant::now() > until {
                return Err(format!(
                    "at the payment system, {wish}: not within a minute; it holds state {}, one-click {}, version {}",
                    token.state, token.enabled_for_one_click_payment, token.version
                ));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Sets what a state in a PATCH does: `accepts`, `ignores`, `refuses`.
    pub async fn state_patch(&self, does: &str) -> Outcome {
        let asked = self
            .http
            .post(format!("{}/switches", self.control))
            .json(&json!({ "state_patch": does }))
            .send()
            .await;
        asked
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| format!("the switch state_patch: {error}"))?;
        Ok(())
    }

    /// Somebody with at least `cards` everyday cards and no more than ten in all: their email and those cards.
    pub async fn somebody_with(&self, cards: usize) -> Outcome<(String, Vec<Token>)> {
        let ids: Value = self.get("ids").await?;
        let mut seen = std::collections::BTreeSet::new();
        for id in ids.as_array().into_iter().flatten().filter_map(Value::as_u64) {
            let Some(email) = self.token(id).await?.customer_email_address else {
                continue;
            };
            // The middle of it is typed; long and plain enough to be told apart.
            let plain = email.is_ascii() && email.find('@').is_some_and(|at| at >= 6);
            if !plain || !seen.insert(email.clone()) {
                continue;
            }
            let theirs: Vec<Token> = self
                .get(&format!("tokens?email={}", email.replace('+', "%2B")))
                .await?;
            let everyday: Vec<Token> = theirs
                .iter()
                .filter(|token| token.is_everyday())
                .cloned()
                .collect();
            if theirs.len() <= 10 && everyday.len() >= cards {
                return Ok((email, everyday));
            }
        }
        Err(format!("the sandbox has nobody with {cards} everyday cards"))
    }
}

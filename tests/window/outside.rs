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

#[derive(Deserialize)]
struct Stats {
    writes: Vec<Write>,
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
    /// The last four digits of its active card.
    pub fn last_four(&self) -> Option<&str> {
        let active = self.versions.iter().find(|version| version.state == "ACTIVE");
        active.and_then(|version| version.last_four.as_deref())
    }

    /// Whether it is an everyday card: active, one-click on, with a number to recognise it by.
    pub fn is_everyday(&self) -> bool {
        self.state == "ACTIVE" && self.enabled_for_one_click_payment && self.last_four().is_some()
    }
}

/// The running sandbox. It ends when its standard input closes, which is when this is dropped.
pub struct Outside {
    pub wallee: Wallee,
    /// What each payment system is reached with, by its name.
    pub systems: std::collections::BTreeMap<String, Value>,
    control: String,
    http: reqwest::Client,
    process: Child,
}

/// A call that asked for a change, as the payment system noted it.
#[derive(Deserialize)]
pub struct Write {
    pub method: String,
    pub path: String,
}

impl Write {
    /// Whether it was about this token.
    pub fn is_about(&self, id: u64) -> bool {
        self.path.ends_with(&format!("/payment/tokens/{id}"))
    }
}

impl Outside {
    /// Starts it with 300 customers.
    pub async fn start(places: &Places) -> Outcome<Self> {
        let mut process = Command::new(places.program("tokendesk-sandbox"))
            .args(["--customers", "300", "--seed", "7", "--port", &PORT.to_string()])
            .args(["--people", "shared"])
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
        let unclear = |error: serde_json::Error| format!("the sandbox did not say where it is: {error}");
        let systems: std::collections::BTreeMap<String, Value> =
            serde_json::from_str(&line).map_err(unclear)?;
        let greeting: Greeting = serde_json::from_str(&line).map_err(unclear)?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .build();
        let http = http.map_err(|error| error.to_string())?;
        Ok(Self {
            wallee: greeting.wallee,
            systems,
            control: greeting.control,
            http,
            process,
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

    /// A list of customers as the shop keeps it, for a payment system that lists none: comma separated, with a first row of names.
    pub async fn directory(&self, system: &str) -> Outcome<String> {
        if system == "prism" {
            let told: Value = self.get("systems/prism/truth/directory/Stripe").await?;
            let rows = told["rows"].as_array().ok_or("Prism's directory has no rows")?;
            let cell = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().replace(',', " ");
            let lines = rows.iter().map(|row| {
                format!(
                    "{},{},{}",
                    cell(row, "customer"),
                    cell(row, "email"),
                    cell(row, "token")
                )
            });
            let head = "customer_id,email,token".to_owned();
            return Ok(std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n"));
        }
        self.get(&format!("systems/{system}/truth/directory.csv")).await
    }

    async fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        let address = format!("{}/{path}", self.control);
        let failed = |error: reqwest::Error| format!("the sandbox's control endpoint, {path}: {error}");
        let asked = self.http.post(address).json(body).send().await;
        let answer = asked.and_then(reqwest::Response::error_for_status);
        answer.map_err(failed)?.json().await.map_err(failed)
    }

    /// Sets what a state in a PATCH does: `accepts`, `ignores`, `refuses`.
    pub async fn state_patch(&self, does: &str) -> Outcome {
        self.post("switches", &json!({ "state_patch": does }))
            .await
            .map(drop)
    }

    /// Somebody else changes a token.
    pub async fn edit(&self, edit: Value) -> Outcome {
        self.post("edit", &edit).await.map(drop)
    }

    /// Somebody else saves a new card; its id.
    pub async fn add(&self, card: Value) -> Outcome<u64> {
        let made = self.post("add_token", &card).await?;
        made["id"]
            .as_u64()
            .ok_or_else(|| "the new token has no id".into())
    }

    /// From now on every change of these tokens is answered 422.
    pub async fn refuse(&self, tokens: &[u64]) -> Outcome {
        let rules: Value = tokens
            .iter()
            .map(|id| {
                json!({
                    "match": { "method": "PATCH", "path_prefix": format!("/payment/tokens/{id}") },
                    "times": null,
                    "fault": { "kind": "status", "status": 422 },
                })
            })
            .collect();
        self.post("faults", &rules).await.map(drop)
    }

    /// The last changes that were asked for, searches left out.
    pub async fn writes(&self) -> Outcome<Vec<Write>> {
        let stats: Stats = self.get("stats").await?;
        let writes = stats.writes.into_iter();
        Ok(writes
            .filter(|write| matches!(write.method.as_str(), "PATCH" | "DELETE"))
            .collect())
    }

    /// Ends it, as an outage does: nobody listens at its port any more.
    pub async fn stop(mut self) -> Outcome {
        drop(self.process.stdin.take());
        let ended = tokio::time::timeout(Duration::from_secs(30), self.process.wait()).await;
        match ended {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(format!("the sandbox: {error}")),
            Err(_) => Err("the sandbox did not end".into()),
        }
    }

    /// Somebody with at least `cards` everyday cards and no more than ten in all, who is not `besides`: their email and those cards.
    pub async fn somebody_with(&self, cards: usize, besides: Option<&str>) -> Outcome<(String, Vec<Token>)> {
        let ids: Value = self.get("ids").await?;
        let mut seen = std::collections::BTreeSet::new();
        for id in ids.as_array().into_iter().flatten().filter_map(Value::as_u64) {
            let Some(email) = self.token(id).await?.customer_email_address else {
                continue;
            };
            // The middle of it is typed; long and plain enough to be told apart.
            let plain = email.is_ascii() && email.find('@').is_some_and(|at| at >= 6);
            if !plain || besides == Some(email.as_str()) || !seen.insert(email.clone()) {
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

//! The connection test: documented reads only, each of which needs another permission of the key. It writes nothing.

use super::answers;
use super::cards::listed;
use super::link::{Link, Path, Signed};
use super::reading::{self, Details};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::system::{CheckItem, CheckOutcome, CheckReport, CheckStep};
use reqwest::Method;
use serde_json::Value;
use std::time::{Duration, Instant};
use tokendesk_model::Environment;

// Nothing here is signed with a time; what expires soon is shown wrong by a clock that is.
const CLOCK_TOLERANCE_SECONDS: i64 = 120;

// No project has a customer of this id: that nobody is found says that looking is allowed.
const NOBODY: &str = "cust_TokendeskConnectionTest00000000000";

/// A test while it runs.
struct Report {
    items: Vec<CheckItem>,
    began: Instant,
}

impl Report {
    fn note(&mut self, step: CheckStep, outcome: CheckOutcome) {
        let now = Instant::now();
        self.items.push(CheckItem {
            step,
            outcome,
            took: now - self.began,
        });
        self.began = now;
    }
}

/// Runs the test.
pub(super) async fn run(link: &Link) -> CheckReport {
    let mut report = Report {
        items: Vec::new(),
        began: Instant::now(),
    };
    let mut production_seen = false;
    let path = Path::of(&["customers"]).with("limit", "10");
    match link
        .exchange(Signed::Server, Method::GET, &path, None, None)
        .await
    {
        Err(error) => report.note(CheckStep::Reach, CheckOutcome::Fails(error)),
        Ok(answer) => {
            report.note(CheckStep::Reach, CheckOutcome::Works(None));
            let ahead = answer.ahead_by_seconds;
            match answers::judge(&answer) {
                Err(error) if error.kind == ProviderErrorKind::Unauthorized => {
                    report.note(CheckStep::SignIn, CheckOutcome::Fails(error));
                }
                // A gateway's page or a limit says nothing of the key.
                Err(error) if error.kind != ProviderErrorKind::Forbidden => {
                    report.note(CheckStep::SignIn, CheckOutcome::Fails(error));
                }
                Err(error) => {
                    report.note(CheckStep::SignIn, CheckOutcome::Works(None));
                    report.note(CheckStep::ReadCustomers, CheckOutcome::Fails(error));
                    tokens_and_events(link, &[], &mut report).await;
                }
                Ok(body) => {
                    report.note(CheckStep::SignIn, CheckOutcome::Works(None));
                    let customers: Vec<Value> = match listed(&body, "customers", 10) {
                        Ok(page) => {
                            report.note(CheckStep::ReadCustomers, CheckOutcome::Works(None));
                            page.rows.to_vec()
                        }
                        Err(error) => {
                            report.note(CheckStep::ReadCustomers, CheckOutcome::Fails(error));
                            Vec::new()
                        }
                    };
                    production_seen = customers.iter().any(|row| row["sandbox"] == false);
                    tokens_and_events(link, &customers, &mut report).await;
                    let outcome = if production_seen && link.environment() != Environment::Live {
                        CheckOutcome::IsLive
                    } else {
                        CheckOutcome::Works(None)
                    };
                    report.note(CheckStep::Environment, outcome);
                }
            }
            if let Some(ahead) = ahead {
                let outcome = if ahead.abs() > CLOCK_TOLERANCE_SECONDS {
                    CheckOutcome::ClockAhead(ahead)
                } else {
                    CheckOutcome::Works(None)
                };
                report.note(CheckStep::Clock, outcome);
            }
        }
    }
    finished(link, report.items, production_seen)
}

async fn tokens_and_events(link: &Link, customers: &[Value], report: &mut Report) {
    let newest = customers.iter().find_map(reading::id);
    let tokens = match newest.as_deref() {
        Some(customer) => tokens_of(link, customer).await,
        None => tokens_of(link, NOBODY).await,
    };
    match tokens {
        Ok(mut tokens) => {
            report.note(CheckStep::ReadTokens, CheckOutcome::Works(None));
            // The newest customer may have none; a few more are worth asking.
            for customer in customers.iter().skip(1).filter_map(reading::id).take(4) {
                if tokens.iter().any(has_card) {
                    break;
                }
                tokens.extend(tokens_of(link, &customer).await.unwrap_or_default());
            }
            report.note(
                CheckStep::ReadVersions,
                CheckOutcome::Works(how_cards_come(&tokens)),
            );
        }
        Err(error) => report.note(CheckStep::ReadTokens, CheckOutcome::Fails(error)),
    }
    match events(link).await {
        Ok(words) => report.note(CheckStep::Events, CheckOutcome::Works(words)),
        Err(error) => report.note(CheckStep::Events, CheckOutcome::Limited(error)),
    }
}

// That there is no such customer says that the key may look.
async fn tokens_of(link: &Link, customer: &str) -> Result<Vec<Value>, ProviderError> {
    let path = Path::token(customer, None)?.with("limit", "10");
    let answer = match link.read(&path.clone().expanding("card")).await {
        Err(error) if error.kind == ProviderErrorKind::Refused => link.read(&path).await,
        answer => answer,
    };
    match answer {
        Ok(body) => Ok(listed(&body, "tokens", 10)?.rows.to_vec()),
        Err(error) if error.kind == ProviderErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn has_card(token: &Value) -> bool {
    token["card_id"].is_string()
}

fn how_cards_come(tokens: &[Value]) -> Option<String> {
    let token = tokens.iter().find(|token| has_card(token))?;
    let words = if reading::details(token) == Details::NotShown {
        "each card is read by itself"
    } else {
        "cards come with the list of tokens"
    };
    Some(words.to_owned())
}

async fn events(link: &Link) -> Result<Option<String>, ProviderError> {
    let body = link.read(&Path::of(&["events"]).with("limit", "1")).await?;
    let none = listed(&body, "events", 1)?.rows.is_empty();
    Ok(none.then(|| "there are none yet".to_owned()))
}

fn finished(link: &Link, done: Vec<CheckItem>, production_seen: bool) -> CheckReport {
    let steps = [
        CheckStep::Reach,
        CheckStep::SignIn,
        CheckStep::ReadCustomers,
        CheckStep::ReadTokens,
        CheckStep::ReadVersions,
        CheckStep::Events,
        CheckStep::Environment,
        CheckStep::Clock,
    ];
    let item = |step| {
        done.iter()
            .find(|item| item.step == step)
            .cloned()
            .unwrap_or(CheckItem {
                step,
                outcome: CheckOutcome::NotTried,
                took: Duration::ZERO,
            })
    };
    CheckReport {
        items: steps.into_iter().map(item).collect(),
        at: link.now(),
        production_seen,
    }
}

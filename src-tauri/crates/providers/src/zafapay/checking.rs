//! The connection test: one documented read that touches nobody's cards. It writes nothing.

use super::answers;
use super::link::{self, Key, Link};
use crate::error::ProviderErrorKind;
use crate::system::{CheckItem, CheckOutcome, CheckReport, CheckStep};
use reqwest::Method;
use serde_json::Value;
use std::time::{Duration, Instant};

// No shop has a customer of this name: 404 and an empty list both say that the key was taken.
const NOBODY: &str = "tokendesk-connection-test";

// Nothing here is signed with a time; tokens that expire are shown wrong by a clock that is.
const CLOCK_TOLERANCE_SECONDS: i64 = 120;

/// Runs the test.
pub(super) async fn run(link: &Link) -> CheckReport {
    let mut lines = vec![];
    let began = Instant::now();
    let answer = match link::saved_cards(NOBODY) {
        Ok(target) => link.exchange(Key::Access, Method::GET, &target, None).await,
        Err(error) => Err(error),
    };
    let took = began.elapsed();
    match answer {
        Err(error) => lines.push((CheckStep::Reach, CheckOutcome::Fails(error))),
        Ok(answer) => {
            lines.push((CheckStep::Reach, CheckOutcome::Works(None)));
            let ahead = answer.ahead_by_seconds;
            let status = answer.status;
            let judged = answers::judge(answer).and_then(|answer| {
                let body = answers::json(&answer)?;
                match body.get("payment_methods") {
                    Some(Value::Array(_) | Value::Null) => Ok(()),
                    _ => Err(answers::unreadable(status)),
                }
            });
            match judged {
                Ok(()) => lines.extend(let_in()),
                Err(error) if error.kind == ProviderErrorKind::NotFound => lines.extend(let_in()),
                // A deactivated merchant's key is known, and reads nothing.
                Err(error) if error.kind == ProviderErrorKind::Forbidden => {
                    lines.push((CheckStep::SignIn, CheckOutcome::Works(None)));
                    lines.push((CheckStep::ReadTokens, CheckOutcome::Fails(error)));
                }
                Err(error) => lines.push((CheckStep::SignIn, CheckOutcome::Fails(error))),
            }
            if let Some(ahead) = ahead {
                let outcome = if ahead.abs() > CLOCK_TOLERANCE_SECONDS {
                    CheckOutcome::ClockAhead(ahead)
                } else {
                    CheckOutcome::Works(None)
                };
                lines.push((CheckStep::Clock, outcome));
            }
        }
    }
    report(link, lines, took)
}

fn let_in() -> [(CheckStep, CheckOutcome); 3] {
    [
        (CheckStep::SignIn, CheckOutcome::Works(None)),
        (CheckStep::ReadTokens, CheckOutcome::Works(None)),
        (CheckStep::Environment, CheckOutcome::Works(None)),
    ]
}

fn report(link: &Link, lines: Vec<(CheckStep, CheckOutcome)>, took: Duration) -> CheckReport {
    let mut steps = vec![
        CheckStep::Reach,
        CheckStep::SignIn,
        CheckStep::ReadTokens,
        CheckStep::Environment,
    ];
    // The browser's key reads nothing, so a test that only reads cannot try it.
    if link.has_publishable_key() {
        steps.push(CheckStep::PublishableKey);
    }
    steps.push(CheckStep::Clock);
    let item = |step| {
        let known = lines.iter().find(|(of, _)| *of == step);
        CheckItem {
            step,
            outcome: known.map_or(CheckOutcome::NotTried, |(_, outcome)| outcome.clone()),
            took: if step == CheckStep::Reach {
                took
            } else {
                Duration::ZERO
            },
        }
    };
    CheckReport {
        items: steps.into_iter().map(item).collect(),
        at: link.now(),
        production_seen: false,
    }
}

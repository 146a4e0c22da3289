//! The connection test: every reading call once, in an order that tells the cause of a failure. It writes nothing.

use super::link::{self, Key, Link, Path};
use super::reading;
use crate::error::{ProviderError, ProviderErrorKind, RetryKind};
use crate::http::Answer;
use crate::system::{CheckItem, CheckOutcome, CheckReport, CheckStep};
use reqwest::Method;
use serde_json::Value;
use std::time::{Duration, Instant};

const STEPS: [CheckStep; 7] = [
    CheckStep::Reach,
    CheckStep::SignIn,
    CheckStep::ReadCustomers,
    CheckStep::ReadVersions,
    CheckStep::Events,
    CheckStep::PublishableKey,
    CheckStep::Clock,
];

// Nothing is signed with the time; the frozen windows of long reads only want it about right.
const CLOCK_TOLERANCE_SECONDS: i64 = 120;

/// Runs the test.
pub(super) async fn run(link: &Link) -> CheckReport {
    let mut lines = Lines {
        items: Vec::new(),
        since: Instant::now(),
    };
    if let Some(ahead) = walk(link, &mut lines).await {
        lines.add(
            CheckStep::Clock,
            if ahead.abs() > CLOCK_TOLERANCE_SECONDS {
                CheckOutcome::ClockAhead(ahead)
            } else {
                CheckOutcome::Works(None)
            },
        );
    }
    let has_publishable_key = link.has_publishable_key();
    let not_tried = STEPS.into_iter().filter(|step| {
        // A key that is not there is nothing to try.
        (*step != CheckStep::PublishableKey || has_publishable_key)
            && !lines.items.iter().any(|item| item.step == *step)
    });
    let not_tried: Vec<CheckItem> = not_tried
        .map(|step| CheckItem {
            step,
            outcome: CheckOutcome::NotTried,
            took: Duration::ZERO,
        })
        .collect();
    lines.items.extend(not_tried);
    CheckReport {
        items: lines.items,
        at: link.now(),
        production_seen: false,
    }
}

// Gives the difference of the clocks, where an answer told the provider's time.
async fn walk(link: &Link, lines: &mut Lines) -> Option<i64> {
    let path = Path::of(&["customers"]).with("per_page", "10");
    let answer = match link.exchange(Method::GET, &path, Key::Secret, None, None).await {
        Err(error) => {
            lines.add(CheckStep::Reach, CheckOutcome::Fails(error));
            return None;
        }
        Ok(answer) => answer,
    };
    lines.add(CheckStep::Reach, CheckOutcome::Works(None));
    let ahead = answer.ahead_by_seconds;
    if customers(answer, lines) {
        events(link, lines).await;
        if link.has_publishable_key() {
            publishable_key(link, lines).await;
        }
    }
    ahead
}

fn customers(answer: Answer, lines: &mut Lines) -> bool {
    let body = link::judge(answer).and_then(|answer| link::json(&answer));
    let body = match body {
        Ok(body) => body,
        // Known, and not allowed.
        Err(error) if error.kind == ProviderErrorKind::Forbidden => {
            lines.add(CheckStep::SignIn, CheckOutcome::Works(None));
            lines.add(CheckStep::ReadCustomers, CheckOutcome::Fails(error));
            return false;
        }
        Err(error) => {
            lines.add(CheckStep::SignIn, CheckOutcome::Fails(error));
            return false;
        }
    };
    lines.add(CheckStep::SignIn, CheckOutcome::Works(None));
    let Some(listed) = reading::listed(&body) else {
        lines.add(
            CheckStep::ReadCustomers,
            CheckOutcome::Fails(link::unreadable(200)),
        );
        return false;
    };
    let total = listed.total.map(|total| total.to_string());
    lines.add(CheckStep::ReadCustomers, CheckOutcome::Works(total));
    lines.add(CheckStep::ReadVersions, card_facts(listed.data));
    true
}

// Whether lists tell saved cards is not documented; among customers without any it stays open.
fn card_facts(customers: &[Value]) -> CheckOutcome {
    if customers.is_empty() || customers.iter().any(|customer| customer["source"].is_object()) {
        CheckOutcome::Works(None)
    } else {
        CheckOutcome::Limited(ProviderError::new(ProviderErrorKind::NotOffered))
    }
}

async fn events(link: &Link, lines: &mut Lines) {
    let path = Path::of(&["events"]).with("per_page", "1");
    let read = link
        .read(&path)
        .await
        .and_then(|body| match reading::listed(&body) {
            Some(_) => Ok(()),
            None => Err(link::unreadable(200)),
        });
    let outcome = match read {
        Ok(()) => CheckOutcome::Works(None),
        Err(error) if error.retry() == RetryKind::Permanent => CheckOutcome::Limited(error),
        Err(error) => CheckOutcome::Fails(error),
    };
    lines.add(CheckStep::Events, outcome);
}

// A browser's key may only create, and a test creates nothing: being forbidden to read shows that the key is known.
async fn publishable_key(link: &Link, lines: &mut Lines) {
    let path = Path::of(&["customers"]).with("per_page", "1");
    let sent = link
        .exchange(Method::GET, &path, Key::Publishable, None, None)
        .await;
    let outcome = match sent.and_then(link::judge) {
        Err(error) if error.kind == ProviderErrorKind::Forbidden => CheckOutcome::Works(None),
        // It reads customers: a secret key.
        Ok(_) => CheckOutcome::Limited(ProviderError::new(ProviderErrorKind::WrongKeyKind)),
        Err(error) => CheckOutcome::Limited(error),
    };
    lines.add(CheckStep::PublishableKey, outcome);
}

struct Lines {
    items: Vec<CheckItem>,
    since: Instant,
}

impl Lines {
    fn add(&mut self, step: CheckStep, outcome: CheckOutcome) {
        let now = Instant::now();
        self.items.push(CheckItem {
            step,
            outcome,
            took: now - self.since,
        });
        self.since = now;
    }
}

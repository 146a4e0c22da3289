//! The connection test: every reading call once, in an order that tells the cause of a failure. It writes nothing.

use super::Wallee;
use super::answers::{self, CLOCK_TOLERANCE_SECONDS};
use super::reading::{self, text};
use super::target::{Target, equals};
use crate::error::{ProviderError, ProviderErrorKind, RetryKind};
use crate::system::{CheckItem, CheckOutcome, CheckReport, CheckStep, Page, PaymentSystem};
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::Value;
use std::time::{Duration, Instant};
use tokendesk_model::{Environment, VersionSnapshot};

const STEPS: [CheckStep; 8] = [
    CheckStep::Reach,
    CheckStep::SignIn,
    CheckStep::Scope,
    CheckStep::ReadTokens,
    CheckStep::ReadVersions,
    CheckStep::Search,
    CheckStep::Environment,
    CheckStep::Clock,
];

const PAGE: u32 = 100;

// Searching for somebody who cannot exist shows whether searching is allowed and reads nobody's data.
const NOBODY: &str = "nobody@tokendesk.example";

/// Runs the test.
pub(super) async fn run(wallee: &Wallee) -> CheckReport {
    let mut lines = Lines::start();
    let answered = walk(wallee, &mut lines).await;
    if let Some(ahead) = answered {
        let outcome = if ahead.abs() > CLOCK_TOLERANCE_SECONDS {
            CheckOutcome::ClockAhead(ahead)
        } else {
            CheckOutcome::Works(None)
        };
        lines.add(CheckStep::Clock, outcome);
    }
    lines.finish(wallee.http.now())
}

// Gives the difference of the clocks, where an answer told the provider's time.
async fn walk(wallee: &Wallee, lines: &mut Lines) -> Option<i64> {
    let target = Target::outside_space(&format!("/spaces/{}", wallee.scope));
    let answer = match wallee.exchange(Method::GET, &target, None).await {
        Err(error) => {
            lines.add(CheckStep::Reach, CheckOutcome::Fails(error));
            return None;
        }
        Ok(answer) => answer,
    };
    lines.add(CheckStep::Reach, CheckOutcome::Works(None));
    let ahead = answer.ahead_by_seconds;
    let space = answers::judge(answer).and_then(|answer| answers::json(&answer));
    if sign_in(wallee, lines, space).await {
        read_versions(wallee, lines).await;
        lines.add(CheckStep::Search, limited_or_works(search(wallee).await));
        environment(wallee, lines).await;
    }
    ahead
}

// Whether the rest is worth trying. A user may lack the right to see the space itself and still read its tokens, so the
// tokens decide.
async fn sign_in(wallee: &Wallee, lines: &mut Lines, space: Result<Value, ProviderError>) -> bool {
    let space_error = match space {
        Ok(space) => {
            lines.add(CheckStep::SignIn, CheckOutcome::Works(None));
            lines.add(CheckStep::Scope, CheckOutcome::Works(text(&space["name"])));
            None
        }
        Err(error) if error.retry() == RetryKind::Credentials => {
            lines.add(CheckStep::SignIn, CheckOutcome::Fails(error));
            return false;
        }
        Err(error) => Some(error),
    };
    let tokens = wallee.list_tokens(None, PAGE).await;
    if let Some(space_error) = space_error {
        let (signed_in, scope) = match &tokens {
            Ok(_) => (CheckOutcome::Works(None), CheckOutcome::Limited(space_error)),
            Err(error) if is_from_behind_the_door(error) => {
                (CheckOutcome::Works(None), CheckOutcome::Fails(space_error))
            }
            Err(error) => (CheckOutcome::Fails(error.clone()), CheckOutcome::NotTried),
        };
        lines.add(CheckStep::SignIn, signed_in);
        lines.add(CheckStep::Scope, scope);
        if tokens.is_err() {
            return false;
        }
    }
    match tokens {
        Ok(page) => {
            lines.add(CheckStep::ReadTokens, CheckOutcome::Works(Some(at_least(&page))));
            true
        }
        Err(error) => {
            let go_on = error.retry() == RetryKind::Permanent;
            lines.add(CheckStep::ReadTokens, CheckOutcome::Fails(error));
            go_on
        }
    }
}

// Answers only a user who was let in gets.
fn is_from_behind_the_door(error: &ProviderError) -> bool {
    match error.kind {
        ProviderErrorKind::Forbidden | ProviderErrorKind::Refused => true,
        ProviderErrorKind::NotFound => error.request_id.is_some(),
        _ => false,
    }
}

// No answer holds a total (wallee fact sheet, section 3.4): a full page is "at least", written in no language.
fn at_least<T>(page: &Page<T>) -> String {
    let more = if page.next.is_some() { "+" } else { "" };
    format!("{}{more}", page.items.len() + page.unreadable)
}

async fn read_versions(wallee: &Wallee, lines: &mut Lines) {
    let outcome = match wallee.list_versions(None, PAGE).await {
        Ok(page) => {
            lines.note(&page.items);
            CheckOutcome::Works(Some(at_least(&page)))
        }
        Err(error) => limited_or_works(Err(error)),
    };
    lines.add(CheckStep::ReadVersions, outcome);
}

async fn search(wallee: &Wallee) -> Result<(), ProviderError> {
    for field in ["customerId", "customerEmailAddress"] {
        let body = wallee
            .search_page("/payment/tokens/search", &equals(field, NOBODY)?, 0, &[])
            .await?;
        reading::envelope(&body).ok_or_else(|| answers::unreadable(200))?;
    }
    Ok(())
}

// The oldest versions were seen above; a space that went live later shows it in its newest.
async fn environment(wallee: &Wallee, lines: &mut Lines) {
    let newest = wallee.page_of_versions("DESC", None, PAGE).await;
    if let Ok(page) = &newest {
        lines.note(&page.items);
    }
    let outcome = match newest {
        _ if lines.production_seen && wallee.environment != Environment::Live => CheckOutcome::IsLive,
        Ok(_) => CheckOutcome::Works(None),
        Err(error) => limited_or_works(Err(error)),
    };
    lines.add(CheckStep::Environment, outcome);
}

// What the provider refuses for good is a limit to live with; what broke on the way is a failure to look into.
fn limited_or_works(result: Result<(), ProviderError>) -> CheckOutcome {
    match result {
        Ok(()) => CheckOutcome::Works(None),
        Err(error) if error.retry() == RetryKind::Permanent => CheckOutcome::Limited(error),
        Err(error) => CheckOutcome::Fails(error),
    }
}

struct Lines {
    items: Vec<CheckItem>,
    since: Instant,
    production_seen: bool,
}

impl Lines {
    fn start() -> Self {
        Self {
            items: Vec::new(),
            since: Instant::now(),
            production_seen: false,
        }
    }

    fn add(&mut self, step: CheckStep, outcome: CheckOutcome) {
        let now = Instant::now();
        self.items.push(CheckItem {
            step,
            outcome,
            took: now - self.since,
        });
        self.since = now;
    }

    fn note(&mut self, versions: &[VersionSnapshot]) {
        self.production_seen |= versions.iter().any(|version| version.production == Some(true));
    }

    fn finish(mut self, at: DateTime<Utc>) -> CheckReport {
        let items = STEPS
            .into_iter()
            .map(
                |step| match self.items.iter().position(|item| item.step == step) {
                    Some(at) => self.items.swap_remove(at),
                    None => CheckItem {
                        step,
                        outcome: CheckOutcome::NotTried,
                        took: Duration::ZERO,
                    },
                },
            )
            .collect();
        CheckReport {
            items,
            at,
            production_seen: self.production_seen,
        }
    }
}

//! The connection test.

use crate::scripted::{Reply, Scripted, answer, json};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json as value};
use std::sync::Arc;
use tokendesk_providers::wallee::Wallee;
use tokendesk_providers::{
    CheckOutcome, CheckReport, CheckStep, HttpOptions, PaymentSystem, ProviderErrorKind as Kind,
};

const DATE: (&str, &str) = ("Date", "Tue, 03 Feb 2026 10:00:00 GMT");

fn page(data: Value, more: bool) -> Reply {
    json(200, value!({"data":data,"hasMore":more}))
}

fn empty() -> Reply {
    page(value!([]), false)
}

fn space() -> Reply {
    answer(
        200,
        &[DATE],
        &value!({"id":4711,"name":"Lindqvist Shop"}).to_string(),
    )
}

// How each step went, in one word each.
fn words(report: &CheckReport) -> Vec<(CheckStep, String)> {
    let word = |outcome: &CheckOutcome| match outcome {
        CheckOutcome::Works(fact) => fact.clone().unwrap_or_else(|| "works".into()),
        CheckOutcome::Limited(error) => format!("limited {:?}", error.kind),
        CheckOutcome::Fails(error) => format!("fails {:?}", error.kind),
        CheckOutcome::IsLive => "live".into(),
        CheckOutcome::ClockAhead(seconds) => format!("ahead {seconds}"),
        CheckOutcome::NotTried => "-".into(),
    };
    report
        .items
        .iter()
        .map(|item| (item.step, word(&item.outcome)))
        .collect()
}

async fn check(replies: impl IntoIterator<Item = Reply>, ahead: i64) -> (CheckReport, Vec<String>) {
    let server = Scripted::start(replies).await;
    let now: DateTime<Utc> = "2026-02-03T10:00:00Z".parse().unwrap();
    let clock = Arc::new(move || now + TimeDelta::seconds(ahead));
    let wallee = Wallee::with_clock(server.credentials(), HttpOptions::default(), clock).unwrap();
    let report = wallee.check().await;
    assert!(server.requests().iter().all(|request| request.method == "GET"));
    (
        report,
        server
            .requests()
            .into_iter()
            .map(|request| request.target)
            .collect(),
    )
}

#[tokio::test]
async fn an_account_that_works_tells_what_it_saw() {
    let (report, targets) = check(
        [
            space(),
            page(value!([{"id":1},{"id":2}]), true),
            page(value!([{"id":1,"token":{"id":1},"environment":"TEST"}]), false),
            empty(),
            empty(),
            empty(),
        ],
        0,
    )
    .await;
    let expected = [
        (CheckStep::Reach, "works"),
        (CheckStep::SignIn, "works"),
        (CheckStep::Scope, "Lindqvist Shop"),
        (CheckStep::ReadTokens, "2+"),
        (CheckStep::ReadVersions, "1"),
        (CheckStep::Search, "works"),
        (CheckStep::Environment, "works"),
        (CheckStep::Clock, "works"),
    ];
    assert_eq!(
        words(&report),
        expected.map(|(step, word)| (step, word.to_owned()))
    );
    assert!(report.failure().is_none() && !report.production_seen);
    assert_eq!(
        report.at,
        "2026-02-03T10:00:00Z".parse::<DateTime<Utc>>().unwrap()
    );
    assert_eq!(targets[0], "/api/v2.0/spaces/4711");
}

#[tokio::test]
async fn a_production_card_makes_it_live_whatever_was_chosen() {
    let live = || {
        page(
            value!([{"id":1,"token":{"id":1},"environment":"PRODUCTION"}]),
            false,
        )
    };
    for (oldest, newest) in [(live(), empty()), (empty(), live())] {
        let (report, targets) = check([space(), empty(), oldest, empty(), empty(), newest], 0).await;
        assert!(report.production_seen);
        assert_eq!(words(&report)[6].1, "live");
        assert!(targets[5].contains("order=DESC"));
    }
}

#[tokio::test]
async fn a_rejected_key_stops_the_test_and_a_wrong_clock_is_named() {
    let rejected = || answer(401, &[DATE], "{}");
    let (report, targets) = check([rejected()], 0).await;
    assert_eq!(report.failure().unwrap().kind, Kind::Unauthorized);
    assert_eq!(words(&report)[1].1, "fails Unauthorized");
    assert_eq!(words(&report)[2].1, "-");
    assert_eq!(targets.len(), 1);

    let (report, _) = check([rejected()], 600).await;
    assert_eq!(
        report.failure().unwrap().kind,
        Kind::ClockSkew {
            ahead_by_seconds: 600
        }
    );
    assert_eq!(words(&report)[7].1, "ahead 600");
}

#[tokio::test]
async fn a_space_that_may_not_be_seen_is_judged_by_its_tokens() {
    let no = |status| json(status, value!({"id":"e"}));
    let (report, _) = check([no(403), empty(), empty(), empty(), empty(), empty()], 0).await;
    assert_eq!(words(&report)[1].1, "works");
    assert_eq!(words(&report)[2].1, "limited Forbidden");
    assert!(report.failure().is_none());

    let (report, _) = check([no(403), no(403)], 0).await;
    assert_eq!(words(&report)[1].1, "works");
    assert_eq!(words(&report)[2].1, "fails Forbidden");
    assert_eq!(words(&report)[3].1, "-");

    let (report, _) = check([no(404), no(401)], 0).await;
    assert_eq!(words(&report)[1].1, "fails Unauthorized");

    let html = || answer(404, &[("Content-Type", "text/html")], "<html>nothing here</html>");
    let (report, _) = check([html(), html()], 0).await;
    assert_eq!(words(&report)[0].1, "works");
    assert_eq!(words(&report)[1].1, "fails Unreadable");
}

#[tokio::test]
async fn missing_permissions_are_told_one_by_one() {
    let no = || json(403, value!({"id":"e"}));
    let (report, _) = check([space(), empty(), no(), no(), no()], 0).await;
    let seen: Vec<String> = words(&report).into_iter().map(|(_, word)| word).collect();
    assert_eq!(
        seen,
        [
            "works",
            "works",
            "Lindqvist Shop",
            "0",
            "limited Forbidden",
            "limited Forbidden",
            "limited Forbidden",
            "works"
        ]
    );
    assert!(report.failure().is_none());

    let (report, _) = check([space(), no(), empty(), empty(), empty(), empty()], 0).await;
    assert_eq!(report.failure().unwrap().kind, Kind::Forbidden);
    assert_eq!(words(&report)[4].1, "0");
}

#[tokio::test]
async fn nobody_there_leaves_everything_untried() {
    let (report, _) = check([Reply::HangUp], 0).await;
    let seen = words(&report);
    assert_eq!(seen[0].1, "fails AnswerLost");
    assert!(seen[1..].iter().all(|(_, word)| word == "-"));
    assert_eq!(seen.len(), 8);
}

//! What happened can be read, checked and taken out of the desk: the log is one chain whoever wrote it, and a timeline tells
//! whose doing each change was.

use crate::shop::{Office, Shop};
use std::collections::BTreeSet;
use tokendesk_desk::contract::{Env, ExportLog, LogFilter, PersonRef, ProblemCode};
use tokendesk_sandbox::{EditRequest, Fault, FaultBody, NewVersion};

fn of(card: String) -> LogFilter {
    LogFilter {
        card_id: Some(card),
        ..LogFilter::default()
    }
}

fn pairs(deeds: &[(String, String)]) -> Vec<(&str, &str)> {
    deeds
        .iter()
        .map(|(action, outcome)| (action.as_str(), outcome.as_str()))
        .collect()
}

/// A morning with every outcome in it: the cards that were undone, done, in conflict, refused, and never switched.
async fn a_morning(shop: &Shop, office: &Office) -> [u64; 5] {
    let cards: [u64; 5] = shop
        .everyday(5)
        .into_iter()
        .map(|token| token.id)
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    let [undone, done, met, stuck, refused] = cards;
    let change = office.one_click(undone, false).await;
    office.undo(&change.id).await.unwrap();
    office.one_click(done, false).await;
    office.one_click(met, false).await;
    shop.running
        .edit(EditRequest {
            id: met,
            email: Some(Some("somebody.else@example.com".to_owned())),
            ..EditRequest::default()
        })
        .unwrap();
    let refuses = Fault::Status {
        status: 422,
        retry_after: None,
        body: FaultBody::Json,
    };
    shop.fault("PATCH", &format!("/payment/tokens/{stuck}"), None, refuses);
    office.one_click(stuck, false).await;
    let problem = office
        .active(refused, false, Some("the number is 4242424242424242"))
        .await
        .unwrap_err();
    assert_eq!(problem.code, ProblemCode::CardNumber);
    let pushed = office.push().await;
    assert_eq!((pushed.done, pushed.conflicts, pushed.stuck), (1, 1, 1));
    cards
}

#[tokio::test(flavor = "multi_thread")]
async fn each_deed_is_in_the_log_with_its_outcome() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let [undone, done, met, stuck, refused] = a_morning(&shop, &office).await;
    let asked = ("change.asked", "asked");
    for (card, wanted) in [
        (undone, vec![asked, ("change.undone", "ok")]),
        (done, vec![asked, ("change.done", "ok")]),
        (met, vec![asked, ("change.conflict", "conflict")]),
        (stuck, vec![asked, ("change.stuck", "refused")]),
        (refused, vec![("change.refused", "refused")]),
    ] {
        assert_eq!(pairs(&office.deeds(of(office.id(card))).await), wanted);
    }
    let sent = office.log(of(office.id(stuck))).await.pop().unwrap();
    assert!(sent.request_id.is_some(), "as the payment system numbered it");
    assert!(sent.actor.starts_with("Scenario, desk "), "{}", sent.actor);
    assert_eq!(
        (sent.account_label.as_deref(), sent.group.as_str()),
        (Some("Shop"), "changes")
    );
    let card = office.card(stuck).await;
    assert_eq!((sent.email, sent.person), (card.email, Some(card.person)));

    // Filters say what they let through, and together they let through what both do.
    let conflicts = LogFilter {
        outcomes: vec!["conflict".to_owned()],
        ..LogFilter::default()
    };
    assert_eq!(office.log(conflicts).await.len(), 1);
    let both = LogFilter {
        outcomes: vec!["conflict".to_owned()],
        ..of(office.id(stuck))
    };
    assert!(office.log(both).await.is_empty());
    for wrong in [
        LogFilter {
            groups: vec!["gossip".to_owned()],
            ..LogFilter::default()
        },
        LogFilter {
            outcomes: vec!["fine".to_owned()],
            ..LogFilter::default()
        },
        LogFilter {
            from: Some("yesterday".to_owned()),
            ..LogFilter::default()
        },
    ] {
        let request = tokendesk_desk::contract::ListLog {
            filter: wrong,
            after: None,
            limit: 9,
        };
        let problem = office.desk.list_log(request).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::FilterInvalid);
    }
    let number = LogFilter {
        text: Some("4242 4242 4242 4242".to_owned()),
        ..LogFilter::default()
    };
    let request = tokendesk_desk::contract::ListLog {
        filter: number,
        after: None,
        limit: 9,
    };
    assert_eq!(
        office.desk.list_log(request).await.unwrap_err().code,
        ProblemCode::CardNumber
    );

    office.assert_log_intact().await;
    let of_log = LogFilter {
        groups: vec!["log".to_owned()],
        ..LogFilter::default()
    };
    let looked = office.deeds(of_log).await;
    assert!(
        pairs(&looked).contains(&("log.read", "ok")),
        "reading it is written into it"
    );
    assert!(
        pairs(&looked).contains(&("log.verified", "ok")),
        "checking it too"
    );
    let before = office.log(LogFilter::default()).await;
    let office = office.reopened().await;
    let after = office.log(LogFilter::default()).await;
    assert_eq!(after[..before.len()], before[..], "the same over a restart");
    let verified = office.verified().await;
    assert!(verified.intact && verified.anchored_row.is_some(), "{verified:?}");
    office.assert_log_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_leaves_the_desk_as_rows_that_no_spreadsheet_runs() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    a_morning(&shop, &office).await;
    let token = shop.everyday(6).pop().unwrap();
    let formula = "=HYPERLINK(\"https://example.com\",\"1,2\")";
    office.delete(token.id, Some(formula)).await.unwrap();
    let exported = tempfile::tempdir().unwrap();
    let to = |name: &str, format: &str| ExportLog {
        filter: LogFilter::default(),
        format: format.to_owned(),
        path: Some(exported.path().join(name).display().to_string()),
    };
    let rows = office.log(LogFilter::default()).await;
    let csv = office.desk.export_log(to("log.csv", "csv")).await.unwrap();
    assert_eq!(csv.rows as usize, rows.len());
    let text = std::fs::read_to_string(csv.path.unwrap()).unwrap();
    let harmless = format!("\"'{}\"", formula.replace('"', "\"\""));
    assert!(text.contains(&harmless), "{text}");
    assert!(!text.contains(",="), "no cell begins a formula");
    assert_eq!(text.lines().count(), rows.len() + 1, "and its head");
    assert!(!text.contains("@example"), "the log holds no email");

    // The export is a row itself, in whatever is exported after it.
    let lines = office.desk.export_log(to("log.jsonl", "jsonl")).await.unwrap();
    assert_eq!(lines.rows as usize, rows.len() + 1);
    let text = std::fs::read_to_string(lines.path.unwrap()).unwrap();
    let told: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let numbers: Vec<u64> = told.iter().map(|row| row["number"].as_u64().unwrap()).collect();
    assert_eq!(
        numbers,
        (1..=u64::from(lines.rows)).collect::<Vec<_>>(),
        "oldest first"
    );
    assert!(
        told.iter().any(|row| row["reason"] == formula),
        "as it was written"
    );
    assert_eq!(told.last().unwrap()["action"], "log.exported");
    let of_card = ExportLog {
        filter: of(office.id(token.id)),
        ..to("card.csv", "csv")
    };
    assert_eq!(office.desk.export_log(of_card).await.unwrap().rows, 1);

    let wrong = [
        (to("log.csv", "csv"), ProblemCode::FileUnusable),
        (to("nowhere/log.csv", "csv"), ProblemCode::FileUnusable),
        (to("log.xlsx", "xlsx"), ProblemCode::FilterInvalid),
    ];
    for (request, code) in wrong {
        assert_eq!(office.desk.export_log(request).await.unwrap_err().code, code);
    }
    let left: BTreeSet<String> = std::fs::read_dir(exported.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let wanted = ["card.csv", "log.csv", "log.jsonl"].map(str::to_owned);
    assert_eq!(left, wanted.into(), "no half file");
    let exports = LogFilter {
        groups: vec!["log".to_owned()],
        ..LogFilter::default()
    };
    let exports = office.deeds(exports).await;
    let exports = exports
        .iter()
        .filter(|(action, _)| action == "log.exported")
        .count();
    assert_eq!(exports, 3, "only what left the desk");
    office.assert_log_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_says_whose_doing_it_was_and_tells_each_thing_once() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    assert!(
        office.timeline(token.id, 5).await.is_empty(),
        "a first read is no news"
    );
    let edit = |one_click: bool| EditRequest {
        id: token.id,
        one_click: Some(one_click),
        ..EditRequest::default()
    };
    // Ours, theirs, ours, theirs twice over.
    for round in 0..2 {
        office.one_click(token.id, false).await;
        assert_eq!(office.push().await.done, 1);
        office.read_all().await.unwrap();
        shop.running.edit(edit(true)).unwrap();
        office.read_all().await.unwrap();
        office.one_click(token.id, false).await;
        assert_eq!(office.push().await.done, 1);
        shop.running.edit(edit(true)).unwrap();
        office.read_all().await.unwrap();
        if round == 0 {
            let renewed = EditRequest {
                id: token.id,
                new_version: Some(NewVersion::Invented(true)),
                ..EditRequest::default()
            };
            shop.running.edit(renewed).unwrap();
            let request = PersonRef {
                env: Env::Demo,
                person: office.card(token.id).await.person,
            };
            office.desk.refresh_person(request).await.unwrap();
            office.read_all().await.unwrap();
        }
    }
    office.active(token.id, false, Some("a quarrel")).await.unwrap();
    assert_eq!(office.push().await.stuck, 1, "ignored here");

    let told = office.timeline(token.id, 200).await;
    let of = |source: &str, kind: &str| {
        told.iter()
            .filter(|item| item.source == source && item.kind == kind)
            .count()
    };
    assert_eq!(of("provider", "one_click"), 4, "{told:#?}");
    assert_eq!(of("provider", "renewed"), 1, "{told:#?}");
    let asked: Vec<_> = told.iter().filter(|item| item.status.is_some()).collect();
    assert_eq!(asked.len(), 5);
    for item in &asked {
        assert_eq!(item.source, "desk");
        assert!(
            item.actor
                .as_deref()
                .is_some_and(|actor| actor.starts_with("Scenario"))
        );
        assert_eq!(
            (&item.card_id, item.account_label.as_deref()),
            (&Some(office.id(token.id)), Some("Shop"))
        );
    }
    let words: Vec<_> = asked.iter().map(|item| item.status.as_deref().unwrap()).collect();
    assert_eq!(words, ["stuck", "done", "done", "done", "done"], "newest first");
    assert_eq!(asked[0].reason.as_deref(), Some("a quarrel"));
    assert!(
        told.iter()
            .filter(|item| item.source == "provider")
            .all(|item| item.actor.is_none()),
        "nobody knows who it was there"
    );
    let times: Vec<&str> = told.iter().map(|item| item.at.as_str()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    for limit in [1, 2, 3, 5] {
        assert_eq!(
            office.timeline(token.id, limit).await,
            told,
            "in pages of {limit}"
        );
    }
    office.desk.rebuild_cache(Default::default()).await.unwrap();
    office.read_all().await.unwrap();
    assert_eq!(
        office.timeline(token.id, 4).await,
        told,
        "and without the copy it was read from"
    );
}

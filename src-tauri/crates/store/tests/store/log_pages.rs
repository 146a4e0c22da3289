//! Reading the log: filters, pages, and all of it for a file.

use crate::log_chain::{entry, fill};
use crate::support::{Bench, account, at};
use tokendesk_model::Environment;
use tokendesk_store::{LogEntry, LogFilter, Store, StoreError};

async fn numbers(store: &Store, filter: LogFilter) -> Vec<i64> {
    let page = store.log_page(&filter, None, 500).await.unwrap();
    let mut streamed = Vec::new();
    let given = store
        .each_log_row(&filter, |row| {
            streamed.push(row.number);
            Ok(())
        })
        .await
        .unwrap();
    let numbers: Vec<i64> = page.items.iter().map(|row| row.number).collect();
    streamed.reverse();
    assert_eq!(streamed, numbers, "the file has what the screen has");
    assert_eq!(given as usize, numbers.len());
    // The same, one row a page.
    let (mut after, mut walked) = (None, Vec::new());
    loop {
        let page = store.log_page(&filter, after, 1).await.unwrap();
        walked.extend(page.items.iter().map(|row| row.number));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(walked, numbers, "pages neither miss nor repeat a row");
    numbers
}

#[tokio::test]
async fn each_filter_finds_its_rows() {
    let bench = Bench::new().await;
    let store = &bench.store;
    let live = account(Environment::Live, "406");
    store.insert_account(&live).await.unwrap();
    let (card, other) = (bench.account.token("1"), bench.account.token("2"));
    let blank = || LogEntry {
        reason: None,
        ..entry(0)
    };
    for row in [
        LogEntry {
            action: "desk.unlocked".into(),
            ..blank()
        },
        LogEntry {
            at: at(10),
            account: Some(bench.account),
            token: Some(card),
            action: "change.done".into(),
            ..blank()
        },
        LogEntry {
            at: at(20),
            account: Some(bench.account),
            token: Some(other),
            action: "change.stuck".into(),
            outcome: "refused".into(),
            detail: Some("forbidden".into()),
            request_id: Some("Req-7".into()),
            ..blank()
        },
        LogEntry {
            at: at(30),
            account: Some(live.id),
            action: "account.paused".into(),
            outcome: "failed".into(),
            reason: Some("Kündigung,  am Telefon 100% \0 sicher".into()),
            ..blank()
        },
        LogEntry {
            at: at(40),
            actor: "Zoë@desk-2".into(),
            action: "changes_export".into(),
            outcome: "asked".into(),
            ..blank()
        },
        // A clock that was set back.
        LogEntry {
            at: at(15),
            account: Some(bench.account),
            token: Some(card),
            action: "person.open".into(),
            ..blank()
        },
    ] {
        store.log(&row).await.unwrap();
    }
    let none = LogFilter::default;
    let words = |text: &str| LogFilter {
        text: Some(text.into()),
        ..none()
    };
    let cases = [
        (none(), vec![6, 5, 4, 3, 2, 1]),
        (
            LogFilter {
                env: Some(Environment::Test),
                ..none()
            },
            vec![6, 5, 3, 2, 1],
        ),
        (
            LogFilter {
                env: Some(Environment::Live),
                ..none()
            },
            vec![5, 4, 1],
        ),
        (
            LogFilter {
                env: Some(Environment::Demo),
                ..none()
            },
            vec![5, 1],
        ),
        (
            LogFilter {
                account: Some(bench.account),
                ..none()
            },
            vec![6, 3, 2],
        ),
        (
            LogFilter {
                tokens: Some(vec![card]),
                ..none()
            },
            vec![6, 2],
        ),
        (
            LogFilter {
                tokens: Some(vec![other, card, other]),
                ..none()
            },
            vec![6, 3, 2],
        ),
        (
            LogFilter {
                tokens: Some(vec![]),
                ..none()
            },
            vec![],
        ),
        (
            LogFilter {
                account: Some(live.id),
                tokens: Some(vec![card]),
                ..none()
            },
            vec![],
        ),
        (
            LogFilter {
                actions: vec!["change.".into()],
                ..none()
            },
            vec![3, 2],
        ),
        (
            LogFilter {
                actions: vec!["person.".into(), "desk.".into()],
                ..none()
            },
            vec![6, 1],
        ),
        (
            LogFilter {
                outcomes: vec!["refused".into(), "failed".into()],
                ..none()
            },
            vec![4, 3],
        ),
        (
            LogFilter {
                outcomes: vec!["ok".into(), "asked".into()],
                ..none()
            },
            vec![6, 5, 2, 1],
        ),
        (
            LogFilter {
                from: Some(at(15)),
                ..none()
            },
            vec![6, 5, 4, 3],
        ),
        (
            LogFilter {
                until: Some(at(15)),
                ..none()
            },
            vec![2, 1],
        ),
        (
            LogFilter {
                from: Some(at(10)),
                until: Some(at(20)),
                ..none()
            },
            vec![6, 2],
        ),
        (
            LogFilter {
                from: Some(at(50)),
                ..none()
            },
            vec![],
        ),
        (words("req-7"), vec![3]),
        (words("kundigung, am"), vec![4]),
        (words("100% "), vec![4]),
        (words("100_"), vec![]),
        (words("KÜNDIG"), vec![4]),
        (words("SICHER"), vec![4]),
        (words("zoe@"), vec![5]),
        (words("desk-1"), vec![6, 4, 3, 2, 1]),
        (words("  "), vec![6, 5, 4, 3, 2, 1]),
        (words("forbidden"), vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(numbers(store, filter.clone()).await, expected, "{filter:?}");
    }
    assert_eq!(store.verify_log(None).await.unwrap().broken, None);
}

#[tokio::test]
async fn a_page_has_five_hundred_rows_at_most_and_says_how_many_there_are() {
    let bench = Bench::new().await;
    fill(&bench.store, 1..=503).await;
    let page = bench
        .store
        .log_page(&LogFilter::default(), None, 9_999)
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.next, page.rows), (500, Some(4), 503));
    let rest = bench
        .store
        .log_page(&LogFilter::default(), page.next, 9_999)
        .await
        .unwrap();
    assert_eq!((rest.items.len(), rest.next, rest.rows), (3, None, 503));
    assert_eq!(rest.items[0].entry, entry(3));
    // Rows that come meanwhile move nothing.
    fill(&bench.store, 504..=510).await;
    let again = bench
        .store
        .log_page(&LogFilter::default(), page.next, 500)
        .await
        .unwrap();
    assert_eq!(again.items, rest.items);
}

#[tokio::test]
async fn a_file_that_cannot_take_a_row_ends_the_reading() {
    let bench = Bench::new().await;
    fill(&bench.store, 1..=5).await;
    let mut seen = 0;
    let ended = bench
        .store
        .each_log_row(&LogFilter::default(), |_| {
            seen += 1;
            Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
        })
        .await;
    assert!(matches!(ended, Err(StoreError::DiskFull)));
    assert_eq!(seen, 1);
}

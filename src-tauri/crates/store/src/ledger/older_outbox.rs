//! Tests: the outbox of a ledger of the first version opens and reads right.

use super::MIGRATIONS;
use crate::{ChangeCounts, ChangesFilter, DbKey, LEDGER_FILE, NewChange, Store, sqlite};
use chrono::{DateTime, Utc};
use sqlx::migrate::Migrator;
use sqlx::{Connection, SqliteConnection};
use std::borrow::Cow;
use tokendesk_model::{
    AccountId, ActiveVersion, ChangeId, ChangeLabel, ChangeStatus, Conflict, ConflictKind, Seen, Stuck, Wish,
    Withdrawn,
};

const BASE: &str = r#"{"version":3,"state":"active","one_click":true,"customer_key":"C-1"}"#;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_790_000_000_007 + seconds * 1_000).unwrap()
}

struct Row {
    n: i64,
    token: u8,
    wish: (&'static str, Option<bool>),
    status: &'static str,
    stuck: Option<&'static str>,
    holds: bool,
    withdrawn: Option<&'static str>,
    attempts: i64,
}

fn row(n: i64, wish: (&'static str, Option<bool>), status: &'static str) -> Row {
    Row {
        n,
        token: u8::try_from(n).unwrap(),
        wish,
        status,
        stuck: None,
        holds: false,
        withdrawn: None,
        attempts: 0,
    }
}

fn change_id(n: i64) -> ChangeId {
    ChangeId::from_bytes([u8::try_from(n).unwrap(); 16])
}

async fn write(connection: &mut SqliteConnection, account: AccountId, row: &Row) {
    sqlx::query(
        "INSERT INTO change (n, id, account, token, remote_id, field, value, status, stuck, holds_lane, withdrawn, reason,
                             actor, label, base, created_at, updated_at, attempts, request_id)
         VALUES (?1, ?2, ?3, ?4, '7', ?5, ?6, ?7, ?8, ?9, ?10, 'asked', 'ada', '{\"last4\":\"1111\"}', ?11, ?12, ?13, ?14,
                 'r-1')",
    )
    .bind(row.n)
    .bind(change_id(row.n).bytes().to_vec())
    .bind(account.bytes().to_vec())
    .bind(vec![row.token; 16])
    .bind(row.wish.0)
    .bind(row.wish.1)
    .bind(row.status)
    .bind(row.stuck)
    .bind(row.holds)
    .bind(row.withdrawn)
    .bind(BASE)
    .bind(at(0).timestamp_millis())
    .bind(at(5).timestamp_millis())
    .bind(row.attempts)
    .execute(connection)
    .await
    .unwrap();
}

async fn first_version(path: &std::path::Path, key: &DbKey, rows: &[Row]) -> AccountId {
    let account = AccountId::random();
    let mut connection = sqlite::probe(path, key).await.unwrap().unwrap();
    let first = Migrator {
        migrations: Cow::Owned(MIGRATIONS.iter().take(1).cloned().collect()),
        ..Migrator::DEFAULT
    };
    first.run_direct(None, &mut connection, false).await.unwrap();
    sqlx::query(
        "INSERT INTO account (id, provider, label, environment, origin, scope, user, created_at)
         VALUES (?1, 'wallee', 'Shop', 1, 'built-in', '405', '1', 0)",
    )
    .bind(account.bytes().to_vec())
    .execute(&mut connection)
    .await
    .unwrap();
    for row in rows {
        write(&mut connection, account, row).await;
    }
    connection.close().await.unwrap();
    account
}

#[tokio::test]
async fn changes_of_the_first_version_stand_where_they_stood() {
    let dir = tempfile::tempdir().unwrap();
    let key = DbKey::random();
    let off = ("one_click", Some(false));
    let rows = [
        row(1, off, "waiting"),
        Row {
            attempts: 2,
            ..row(4, ("delete", None), "waiting")
        },
        Row {
            attempts: 1,
            ..row(5, ("active", Some(true)), "sending")
        },
        row(6, off, "done"),
        Row {
            stuck: Some(r#"{"kind":"ignored"}"#),
            ..row(7, off, "stuck")
        },
        Row {
            stuck: Some(r#"{"kind":"being_deleted"}"#),
            holds: true,
            ..row(8, off, "stuck")
        },
        Row {
            stuck: Some(r#"{"kind":"other_customer"}"#),
            holds: true,
            ..row(9, ("delete", None), "stuck")
        },
        Row {
            stuck: Some(r#"{"kind":"refused","status":422,"message":"no"}"#),
            ..row(10, off, "stuck")
        },
        Row {
            stuck: Some("of a later version"),
            holds: true,
            ..row(11, off, "stuck")
        },
        Row {
            withdrawn: Some("discard"),
            ..row(12, off, "withdrawn")
        },
        Row {
            withdrawn: Some("superseded"),
            ..row(20, off, "withdrawn")
        },
    ];
    let account = first_version(&dir.path().join(LEDGER_FILE), &key, &rows).await;

    let store = Store::open(dir.path(), &key).await.unwrap().store;
    let found = store.changes(&ChangesFilter::default()).await.unwrap();
    let ids: Vec<ChangeId> = found.iter().map(|change| change.id).collect();
    assert_eq!(ids, rows.iter().map(|row| change_id(row.n)).collect::<Vec<_>>());
    let conflict = |kind| {
        ChangeStatus::Conflict(Conflict {
            kind,
            now: None,
            found_at: at(5),
        })
    };
    let statuses: Vec<ChangeStatus> = found.iter().map(|change| change.status.clone()).collect();
    assert_eq!(
        statuses,
        [
            ChangeStatus::Waiting,
            ChangeStatus::Waiting,
            ChangeStatus::Sending,
            ChangeStatus::Done,
            ChangeStatus::Stuck(Stuck::Ignored),
            conflict(ConflictKind::BeingDeleted),
            conflict(ConflictKind::OtherCustomer),
            ChangeStatus::Stuck(Stuck::Refused {
                status: 422,
                message: "no".into()
            }),
            ChangeStatus::Stuck(Stuck::Unreadable),
            ChangeStatus::Withdrawn(Withdrawn::Discard),
            ChangeStatus::Withdrawn(Withdrawn::Superseded),
        ]
    );
    for change in &found {
        assert_eq!((change.created_at, change.decided_at), (at(0), at(0)));
        assert_eq!((change.updated_at, change.hold_ms), (at(5), 0));
        assert_eq!(
            (change.base.version, change.base.active_version.clone()),
            (3, ActiveVersion::NotRead)
        );
        assert_eq!(change.label.last4.as_deref(), Some("1111"));
        assert_eq!(
            (change.reason.as_deref(), change.request_id.as_deref()),
            (Some("asked"), Some("r-1"))
        );
    }
    // What was tried may have been done: a wish that replaces it has to wait.
    let doubts: Vec<_> = found.iter().filter_map(|change| change.doubt.clone()).collect();
    assert_eq!(doubts.len(), 1);
    assert_eq!(
        (doubts[0].of, doubts[0].wish, doubts[0].since),
        (change_id(4), Wish::Delete, at(5))
    );

    let counts = ChangeCounts {
        waiting: 2,
        sending: 1,
        conflict: 2,
        stuck: 3,
        ..ChangeCounts::default()
    };
    assert_eq!(store.change_counts(None).await.unwrap(), counts);

    // It works as any other: what was on its way waits, the rest is decided, and numbers go on where they were.
    assert_eq!(store.recover(at(9)).await.unwrap(), 1);
    assert_eq!(store.sendable(at(9), 10, None).await.unwrap().len(), 3);
    let token = account.token("7");
    let new = NewChange {
        account,
        token,
        remote_id: "7".into(),
        wish: Wish::OneClick(true),
        reason: None,
        actor: "ada".into(),
        label: ChangeLabel::default(),
        base: Seen {
            version: 1,
            state: "active".into(),
            one_click: None,
            customer_key: "C-1".into(),
            active_version: ActiveVersion::NotRead,
            ..Seen::default()
        },
        hold_ms: 0,
        plan: None,
    };
    let queued = store.enqueue(new, at(10)).await.unwrap();
    let last = ChangesFilter {
        limit: 1,
        newest_first: true,
        ..ChangesFilter::default()
    };
    let page = store.changes_page(&last).await.unwrap();
    assert_eq!((page.items[0].id, page.next), (queued.id, Some(21)));
    let counts = ChangeCounts {
        waiting: 4,
        sending: 0,
        ..counts
    };
    assert_eq!(store.change_counts(None).await.unwrap(), counts);
    store.close().await;
}

//! Tests: files from before there was more than one payment system open, and nothing of them is lost.

use super::MIGRATIONS;
use crate::{
    CACHE_FILE, ChangeCounts, ChangesFilter, CrawlStage, DbKey, LEDGER_FILE, NewChange, NewPlan, PlanStatus,
    Store, sqlite,
};
use chrono::{DateTime, Utc};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use std::borrow::Cow;
use std::path::Path;
use tokendesk_model::{
    AccountId, ChangeId, ChangeLabel, Environment, Lesson, PlanId, Seen, TokenState, Wish,
};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

/// A file as the first migrations made it.
async fn older(path: &Path, key: &DbKey, migrations: &Migrator, so_many: usize) -> SqliteConnection {
    let mut connection = sqlite::probe(path, key).await.unwrap().unwrap();
    let first = Migrator {
        migrations: Cow::Owned(migrations.iter().take(so_many).cloned().collect()),
        ..Migrator::DEFAULT
    };
    first.run_direct(None, &mut connection, false).await.unwrap();
    connection
}

async fn run(connection: &mut SqliteConnection, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

/// Every row of a table in the columns that it has now, as text.
async fn rows(connection: &mut SqliteConnection, table: &str, columns: &[String]) -> Vec<String> {
    let quoted: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
    let sql = format!(
        "SELECT concat_ws('|', {}) FROM {table} ORDER BY 1",
        quoted.join(", ")
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_all(connection)
        .await
        .unwrap()
}

async fn columns(connection: &mut SqliteConnection, table: &str) -> Vec<String> {
    sqlx::query(AssertSqlSafe(format!("PRAGMA table_info({table})")))
        .fetch_all(connection)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(1))
        .collect()
}

/// Indexes and triggers, by table.
async fn beside(connection: &mut SqliteConnection) -> Vec<(String, String, String)> {
    sqlx::query_as(
        "SELECT type, name, tbl_name FROM sqlite_master
         WHERE type IN ('index', 'trigger') AND tbl_name IN ('change', 'plan', 'plan_row') ORDER BY 1, 2",
    )
    .fetch_all(connection)
    .await
    .unwrap()
}

const REMADE: [&str; 5] = ["change", "plan", "plan_row", "tombstone", "change_count"];

/// A ledger with something in every table that is made anew; how its rows read, and its indexes and triggers.
async fn filled(
    path: &Path,
    key: &DbKey,
    account: AccountId,
) -> (Vec<Vec<String>>, Vec<(String, String, String)>) {
    let mut file = older(path, key, &MIGRATIONS, 5).await;
    let id = crate::key::hex(&account.bytes());
    run(
        &mut file,
        format!(
            "INSERT INTO account (id, provider, label, environment, origin, scope, user, created_at, lesson)
             VALUES (x'{id}', 'wallee', 'Shop', 1, 'built-in', '405', '1', 0, 'ignores')"
        ),
    )
    .await;
    let token = crate::key::hex(&account.token("7").bytes());
    let plan = "22".repeat(16);
    for (n, field, value, status, more) in [
        (3, "one_click", "0", "done", "NULL"),
        (
            7,
            "active",
            "1",
            "conflict",
            "'{\"kind\":\"flipped\",\"now\":null,\"found_at\":\"2026-11-21T00:00:00Z\"}'",
        ),
        (9, "delete", "NULL", "waiting", "NULL"),
        (12, "one_click", "1", "withdrawn", "NULL"),
    ] {
        run(
            &mut file,
            format!(
                "INSERT INTO change (n, id, account, token, remote_id, field, value, status, conflict, stops_lane, withdrawn,
                                     replaced_by, stood, doubt, plan, plan_row, reason, actor, label, base, created_at,
                                     decided_at, hold_ms, updated_at, attempts, next_attempt_at, request_id)
                 VALUES ({n}, x'{id}', x'{account}', x'{token}', '7', '{field}', {value}, '{status}', {more},
                         {n} = 7, iif('{status}' = 'withdrawn', 'discard', NULL), NULL, NULL, NULL, x'{plan}', {n},
                         'asked', 'ada', '{{\"last4\":\"1111\"}}', '{{\"version\":3,\"state\":\"active\",\"one_click\":true,\"customer_key\":\"C\"}}',
                         1, 2, 3, 4, 5, 6, 'r-{n}')",
                id = format!("{n:02x}").repeat(16),
                account = crate::key::hex(&account.bytes()),
            ),
        )
        .await;
    }
    // Numbers of rows that are gone are not given again.
    run(&mut file, "DELETE FROM change WHERE n = 12".into()).await;
    for (n, id) in [(2, plan.as_str()), (5, &"55".repeat(16))] {
        run(
            &mut file,
            format!(
                "INSERT INTO plan (n, id, environment, field, value, query, actor, reason, status, made_at, took_ms, total,
                                   accounts, skips)
                 VALUES ({n}, x'{id}', 1, 'delete', NULL, 'a', 'ada', 'b', 'stopped', 7, 8, 9,
                         '[[\"{account}\",2,1]]', '[]')",
            ),
        )
        .await;
    }
    run(&mut file, "DELETE FROM plan WHERE n = 5".into()).await;
    for (number, skip, change) in [
        (1, "NULL", format!("x'{}'", "09".repeat(16))),
        (2, "'already_so'", "NULL".into()),
        (3, "NULL", "NULL".into()),
    ] {
        run(
            &mut file,
            format!(
                "INSERT INTO plan_row (plan, number, token, account, remote_id, skip, change)
                 VALUES (2, {number}, x'{token}', 0, '7', {skip}, {change})"
            ),
        )
        .await;
    }
    run(
        &mut file,
        format!(
            "INSERT INTO tombstone (token, account, remote_id, change, at)
             VALUES (x'{token}', x'{}', '7', x'{}', 5)",
            crate::key::hex(&account.bytes()),
            "09".repeat(16)
        ),
    )
    .await;
    let mut all = Vec::new();
    for table in REMADE {
        let columns = columns(&mut file, table).await;
        all.push(rows(&mut file, table, &columns).await);
    }
    let beside = beside(&mut file).await;
    file.close().await.unwrap();
    (all, beside)
}

#[tokio::test]
async fn what_is_made_anew_keeps_every_row_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let key = DbKey::random();
    let account = AccountId::random();
    let path = dir.path().join(LEDGER_FILE);
    let (before, indexes) = filled(&path, &key, account).await;
    let mut file = sqlite::probe(&path, &key).await.unwrap().unwrap();
    let mut older_columns = Vec::new();
    for table in REMADE {
        older_columns.push(columns(&mut file, table).await);
    }
    file.close().await.unwrap();

    let store = Store::open(dir.path(), &key).await.unwrap().store;
    let mut tx = store.inner.ledger.0.writer.begin().await.unwrap();
    for ((table, columns), before) in REMADE.into_iter().zip(&older_columns).zip(&before) {
        assert!(!before.is_empty(), "{table}");
        assert_eq!(&rows(&mut tx, table, columns).await, before, "{table}");
    }
    assert_eq!(beside(&mut tx).await, indexes);
    tx.rollback().await.unwrap();

    let found = store.account(account).await.unwrap().unwrap();
    assert_eq!((found.connector, found.read_only), (None, false));
    assert_eq!(store.lesson(account).await.unwrap(), Lesson::Ignores);
    assert!(store.has_tombstone(account.token("7")).await.unwrap());
    let changes = store.changes(&ChangesFilter::default()).await.unwrap();
    assert_eq!(changes.len(), 3);
    let counts = ChangeCounts {
        waiting: 1,
        conflict: 1,
        ..ChangeCounts::default()
    };
    assert_eq!(store.change_counts(None).await.unwrap(), counts);
    let plan = PlanId::from_bytes([0x22; 16]);
    assert_eq!(
        store.plan(plan).await.unwrap().unwrap().status,
        PlanStatus::Stopped
    );
    assert_eq!(store.plan_rows(plan, &[], None, 9).await.unwrap().len(), 3);

    // What could not be wished before can be now; numbers go on, and what is counted is counted on.
    let new = NewChange {
        account,
        token: account.token("8"),
        remote_id: "8".into(),
        wish: Wish::Default,
        reason: None,
        actor: "ada".into(),
        label: ChangeLabel::default(),
        base: Seen::default(),
        hold_ms: 0,
        plan: None,
    };
    let queued = store.enqueue(new, at(1)).await.unwrap();
    let last = ChangesFilter {
        limit: 1,
        newest_first: true,
        ..ChangesFilter::default()
    };
    let page = store.changes_page(&last).await.unwrap();
    assert_eq!((page.items[0].id, page.items[0].wish), (queued.id, Wish::Default));
    assert_eq!(page.next, Some(13));
    assert_eq!(store.change_counts(None).await.unwrap().waiting, 2);
    store.discard(queued.id, "ada", at(2)).await.unwrap();
    assert_eq!(store.change_counts(None).await.unwrap(), counts);
    let new = NewPlan {
        env: Environment::Test,
        wish: Wish::Default,
        query: None,
        actor: "ada".into(),
        took_ms: 1,
    };
    let row = (account.token("8"), account, "8".to_owned(), None);
    let made = store.create_plan(new, &[row], at(3)).await.unwrap();
    assert_eq!(store.plan(made).await.unwrap().unwrap().wish, Wish::Default);
    let mut tx = store.inner.ledger.0.reader.begin().await.unwrap();
    let n: i64 = sqlx::query_scalar("SELECT max(n) FROM plan")
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    assert_eq!(n, 6);
    // A plan's rows still belong to a plan.
    let broken = sqlx::query("PRAGMA foreign_key_check")
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    assert!(broken.is_empty());
    drop(tx);
    assert_eq!(
        store
            .change(ChangeId::from_bytes([9; 16]))
            .await
            .unwrap()
            .unwrap()
            .wish,
        Wish::Delete
    );
    store.close().await;
}

#[tokio::test]
async fn an_older_cache_is_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let key = DbKey::random();
    let account = AccountId::random();
    filled(&dir.path().join(LEDGER_FILE), &key, account).await;
    let migrations = &crate::cache::MIGRATIONS;
    let mut file = older(&dir.path().join(CACHE_FILE), &key, migrations, 2).await;
    let token = account.token("7");
    let id48 = token.bytes()[..6]
        .iter()
        .fold(0_i64, |n, byte| (n << 8) | i64::from(*byte));
    for sql in [
        format!(
            "INSERT INTO account (n, id, env, last_crawl) VALUES (1, x'{}', 1, 4)",
            crate::key::hex(&account.bytes())
        ),
        "INSERT INTO crawl (account, number, stage, cursor, started_at, started, tokens, versions)
         VALUES (1, 4, 1, '55', 5, 1, 1, 0)"
            .to_owned(),
        "INSERT INTO person (n, env, email_search) VALUES (4294967297, 1, 'ada@example.org')".to_owned(),
        "UPDATE meta SET value = 1 WHERE key = 'people_1'".to_owned(),
        "INSERT INTO customer (n, account, person, customer_id, email, alone)
         VALUES (1, 1, 4294967297, 'C-1', 'ada@example.org', 0)"
            .to_owned(),
        format!(
            "INSERT INTO token (n, account, remote_id, customer, person, version, state, one_click, created_on, seq,
                                read_at, eff_state, eff_one_click, id48)
             VALUES (1, 1, '7', 1, 4294967297, 3, {0}, 1, 6, 1, 7, {0}, 1, {id48})",
            TokenState::Active.number()
        ),
        format!("INSERT INTO counter (account, state, n) VALUES (1, {}, 1)", TokenState::Active.number()),
    ] {
        run(&mut file, sql).await;
    }
    file.close().await.unwrap();
    let opened = Store::open(dir.path(), &key).await.unwrap();
    assert_eq!(opened.cache_rebuilt, None);
    let store = opened.store;
    let card = store.card(token).await.unwrap().unwrap();
    assert_eq!(card.snapshot.customer_id.as_deref(), Some("C-1"));
    assert_eq!(card.snapshot.particulars, Default::default());
    let crawl = store.crawl(account).await.unwrap().unwrap();
    assert_eq!((crawl.stage, crawl.customers), (CrawlStage::Versions, None));
    let again = store
        .put_tokens(
            account,
            store.begin_read(),
            std::slice::from_ref(&card.snapshot),
            at(1),
            None,
        )
        .await
        .unwrap();
    assert_eq!(again.same, 1);
    store.close().await;
}

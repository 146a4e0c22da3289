//! Tests: with something in every table of the ledger, a new cache in the old one's place changes nothing in it.

use crate::{DbKey, FlowRun, LogEntry, Mark, NewChange, NewPlan, SingleUseRow, Store, VerifyRow};
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row};
use std::collections::BTreeMap;
use tokendesk_model::directory::DirectoryRow;
use tokendesk_model::{
    Account, AccountId, ActiveVersion, ChangeLabel, Environment, PersonKey, ProviderKind, Seen,
    TokenSnapshot, TokenState, Wish,
};
use uuid::Uuid;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

/// Every row of every table, as text.
async fn everything(store: &Store) -> BTreeMap<String, Vec<String>> {
    let mut tx = store.inner.ledger.0.reader.begin().await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('_sqlx_migrations', 'sqlite_sequence')",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    let mut all = BTreeMap::new();
    for table in tables {
        let columns: Vec<String> = sqlx::query(AssertSqlSafe(format!("PRAGMA table_info({table})")))
            .fetch_all(&mut *tx)
            .await
            .unwrap()
            .iter()
            .map(|row| format!("quote({})", row.get::<String, _>(1)))
            .collect();
        let sql = format!(
            "SELECT concat_ws('|', {}) FROM {table} ORDER BY 1",
            columns.join(", ")
        );
        let rows = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        all.insert(table, rows);
    }
    all
}

fn card(n: u32, one_click: bool) -> TokenSnapshot {
    TokenSnapshot {
        one_click: Some(one_click),
        customer_id: Some("C-1".into()),
        email: Some("ada@example.org".into()),
        ..TokenSnapshot::new(n.to_string(), TokenState::Active)
    }
}

async fn fill(store: &Store, account: AccountId) {
    for one_click in [true, false] {
        let cards = [card(1, one_click), card(2, one_click)];
        store
            .put_tokens(account, store.begin_read(), &cards, at(1), None)
            .await
            .unwrap();
    }
    let token = account.token("1");
    let new = NewChange {
        account,
        token,
        remote_id: "1".into(),
        wish: Wish::Default,
        reason: Some("asked".into()),
        actor: "ada".into(),
        label: ChangeLabel::default(),
        base: Seen::of(&card(1, false), ActiveVersion::NotRead),
        hold_ms: 0,
        plan: None,
    };
    store.enqueue(new, at(2)).await.unwrap();
    let plan = NewPlan {
        env: Environment::Test,
        wish: Wish::Delete,
        query: None,
        actor: "ada".into(),
        took_ms: 1,
    };
    store
        .create_plan(plan, &[(token, account, "1".into(), None)], at(3))
        .await
        .unwrap();
    let mark = Mark {
        token,
        account,
        field: "active".into(),
        value: "inactive".into(),
        at: at(4),
        actor: "ada".into(),
    };
    store.set_mark(&mark).await.unwrap();
    store.set_setting("theme", Some("dark")).await.unwrap();
    let person = PersonKey::Email("ada@example.org".into());
    store
        .note_opened(Environment::Test, &person, at(5))
        .await
        .unwrap();
    let rows = ["pm_1", "pm_2"].map(|token| DirectoryRow {
        line: 2,
        customer_id: Some("cus_1".into()),
        email: None,
        name: None,
        token: Some(token.into()),
    });
    store
        .import_directory(account, &rows, at(6), "ada", false)
        .await
        .unwrap();
    store
        .forget_imported_token(account, "pm_2", None, at(7))
        .await
        .unwrap();
    let single = SingleUseRow {
        account,
        remote_id: "tok_1".into(),
        kind: "card".into(),
        shown: None,
        created_at: at(8),
        expires_at: None,
        used_at: None,
        expired_at: None,
        run: None,
    };
    store.put_single_use(account, &single).await.unwrap();
    let run = FlowRun {
        id: Uuid::from_bytes([1; 16]),
        account,
        flow: "save_card".into(),
        state: "{}".into(),
        steps: "[]".into(),
        started_at: at(9),
        updated_at: at(9),
        actor: "ada".into(),
    };
    store.put_flow_run(&run).await.unwrap();
    let verification = VerifyRow {
        id: Uuid::from_bytes([2; 16]),
        account,
        token,
        reference: "verify-1".into(),
        amount: "1.00".into(),
        currency: "EUR".into(),
        through: "token_authorize".into(),
        actor: "ada".into(),
        reason: None,
        started_at: at(10),
        finished_at: None,
        outcome: None,
        transaction_id: None,
    };
    store.begin_verification(&verification).await.unwrap();
    let entry = LogEntry {
        at: at(11),
        actor: "ada".into(),
        action: "person.open".into(),
        reason: Some("asked".into()),
        outcome: "ok".into(),
        ..LogEntry::default()
    };
    store.log(&entry).await.unwrap();
}

#[tokio::test]
async fn a_new_cache_changes_nothing_in_any_table_of_the_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &DbKey::random()).await.unwrap().store;
    let account = Account {
        id: AccountId::random(),
        provider: ProviderKind::Prism,
        label: "Shop".into(),
        environment: Environment::Test,
        origin: None,
        scope: "1".into(),
        user: String::new(),
        connector: Some("stripe".into()),
        read_only: true,
        created_at: at(0),
        paused: None,
    };
    store.insert_account(&account).await.unwrap();
    fill(&store, account.id).await;
    let before = everything(&store).await;
    for (table, rows) in &before {
        assert!(!rows.is_empty(), "nothing in {table}");
    }
    store.rebuild_cache().await.unwrap();
    assert_eq!(everything(&store).await, before);
    store.close().await;
}

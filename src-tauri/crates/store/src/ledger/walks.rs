//! Tests: what the outbox asks at every step walks an index, however many changes have ended.

use super::change_list::{ChangesFilter, counts_sql, list_sql};
use super::directory;
use super::lanes::lane_sql;
use super::plans::{RowStatus, rows_sql};
use super::queue::{due_sql, sendable_sql};
use super::{flow_runs, single_use, verifications};
use crate::{DbKey, Store};
use sqlx::{AssertSqlSafe, Row};
use tokendesk_model::{AccountId, Environment, PlanId};

async fn walk(store: &Store, sql: &str) -> Vec<String> {
    let mut tx = store.inner.ledger.0.writer.begin().await.unwrap();
    sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
        .fetch_all(&mut *tx)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get::<String, _>(3))
        .collect()
}

// A walk over the whole table; the accounts are few, and what a statement brings along is as long as its answer.
fn is_whole(step: &str) -> bool {
    ["SCAN c", "SCAN o", "SCAN r", "SCAN change", "SCAN plan_row"].contains(&step)
        || step.starts_with("SCAN change ")
        || step.starts_with("SCAN c USING")
        || step.starts_with("SCAN r USING")
        || step.starts_with("SCAN o USING")
}

async fn assert_walks(store: &Store, what: &str, sql: &str) -> Vec<String> {
    let steps = walk(store, sql).await;
    assert!(
        !steps.iter().any(|step| is_whole(step)),
        "{what}: {steps:#?}\n{sql}"
    );
    steps
}

#[tokio::test]
async fn what_grows_beside_the_outbox_is_listed_along_indexes() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &DbKey::random()).await.unwrap().store;
    let mut all = vec![
        directory::PAGE.to_owned(),
        directory::TOKENS.to_owned(),
        directory::FORGOTTEN.to_owned(),
        directory::OPEN_CHANGES.to_owned(),
    ];
    for one in [true, false] {
        all.extend([
            single_use::page_sql(one),
            flow_runs::page_sql(one),
            verifications::list_sql(one),
        ]);
    }
    for sql in all {
        let steps = walk(&store, &sql).await;
        let whole = |step: &&String| {
            step.starts_with("SCAN ")
                && !step.starts_with("SCAN j VIRTUAL")
                && !step.contains("USING INDEX tombstone_imported")
                && !step.contains("USING INDEX verification_open")
                && !step.contains("USING COVERING INDEX tombstone_imported")
        };
        // All runs and all single-use tokens, newest first, are a walk along the table that ends with the page.
        let pages = sql.contains("IS NULL AND") && sql.contains("LIMIT");
        assert!(pages || steps.iter().find(whole).is_none(), "{steps:#?}\n{sql}");
        if sql.contains("LIMIT") {
            assert!(
                !steps.iter().any(|step| step.contains("ORDER BY")),
                "{steps:#?}\n{sql}"
            );
        }
    }
    store.close().await;
}

#[tokio::test]
async fn every_step_of_the_outbox_walks_indexes() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &DbKey::random()).await.unwrap().store;
    assert_walks(&store, "lane", &lane_sql()).await;
    let steps = assert_walks(&store, "sendable", &sendable_sql()).await;
    // In its order already: nothing is sorted, so the first ones found are the answer.
    assert!(!steps.iter().any(|step| step.contains("ORDER BY")), "{steps:#?}");
    for sql in due_sql() {
        let steps = assert_walks(&store, "due", &sql).await;
        assert!(!steps.iter().any(|step| step.contains("ORDER BY")), "{steps:#?}");
    }
    for env in [None, Some(Environment::Live)] {
        assert_walks(&store, "counts", counts_sql(env)).await;
    }
    let page = ChangesFilter {
        newest_first: true,
        before: Some(5),
        ..ChangesFilter::default()
    };
    let accounts = [AccountId::random(), AccountId::random()];
    for (what, filter, accounts) in [
        (
            "open",
            ChangesFilter {
                open_only: true,
                ..page.clone()
            },
            None,
        ),
        (
            "open of an environment",
            ChangesFilter {
                open_only: true,
                ..page.clone()
            },
            Some(&accounts[..]),
        ),
        ("all of an environment", page.clone(), Some(&accounts[..])),
        ("all", page.clone(), None),
        (
            "of a plan",
            ChangesFilter {
                plan: Some(PlanId::new()),
                ..page.clone()
            },
            None,
        ),
    ] {
        let sql = list_sql(&filter, accounts).unwrap();
        let steps = assert_walks(&store, what, &sql).await;
        // Each part comes in its order, so it ends at the length of a page.
        assert!(
            !steps.iter().any(|step| step.contains("ORDER BY")),
            "{what}: {steps:#?}"
        );
    }
    for statuses in [
        &[][..],
        &[RowStatus::Planned],
        &[RowStatus::Stuck, RowStatus::Skipped],
    ] {
        assert_walks(&store, "rows of a plan", &rows_sql(statuses)).await;
    }
    store.close().await;
}

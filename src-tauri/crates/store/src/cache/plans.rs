//! Query plans: what is asked at a keystroke walks an index. SQLite's plan text names a walk over a whole table `SCAN`.

use super::find::{Sql, words};
use super::rows::Columns;
use crate::{DbKey, Store};
use chrono::{DateTime, Utc};
use tokendesk_model::{
    Account, AccountId, Environment, ProviderKind, SearchQuery, TokenSnapshot, TokenState,
};

/// Everything a person may type, by the way it is answered.
const TEXTS: [&str; 12] = [
    "a",
    "ad",
    "ada",
    "ada.lindqvist@example.org",
    "1234",
    "田",
    "田中",
    "田中花",
    "ada 1234",
    "a*[%_\"",
    "ada state:inactive",
    "exp:<2027-03",
];

async fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &DbKey::random()).await.unwrap().store;
    for scope in ["1", "2"] {
        let account = Account {
            id: AccountId::random(),
            provider: ProviderKind::Wallee,
            label: "Shop".into(),
            environment: Environment::Live,
            origin: None,
            scope: scope.into(),
            user: "1".into(),
            connector: None,
            read_only: false,
            created_at: DateTime::<Utc>::UNIX_EPOCH,
            paused: None,
        };
        store.insert_account(&account).await.unwrap();
        let card = |n: u32| TokenSnapshot {
            version: 1,
            customer_id: Some(format!("C-{n}")),
            email: Some(format!("p{n}@example.org")),
            ..TokenSnapshot::new(n.to_string(), TokenState::Active)
        };
        let cards: Vec<_> = (1..700).map(card).collect();
        store
            .put_tokens(
                account.id,
                store.begin_read(),
                &cards,
                DateTime::<Utc>::UNIX_EPOCH,
                None,
            )
            .await
            .unwrap();
    }
    (dir, store)
}

async fn plan(store: &Store, mut sql: Sql) -> Vec<String> {
    sql.text = format!("EXPLAIN QUERY PLAN {}", sql.text);
    let cache = store.inner.cache.read().await;
    let mut tx = cache.db.reader.begin().await.unwrap();
    let rows = sql.query().fetch_all(&mut *tx).await.unwrap();
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            let _: (i64, i64, i64) = (
                columns.next().unwrap(),
                columns.next().unwrap(),
                columns.next().unwrap(),
            );
            columns.next::<String>().unwrap()
        })
        .collect()
}

// Walks over what a statement brings along, over an answer of the search index, over a part of the statement itself
// and over the few names that wait for the index.
fn is_allowed(step: &str) -> bool {
    !step.starts_with("SCAN ")
        || step.contains("VIRTUAL TABLE INDEX")
        || [
            "SCAN s",
            "SCAN np",
            "SCAN n",
            "SCAN (subquery",
            "SCAN CONSTANT ROW",
        ]
        .iter()
        .any(|part| step.starts_with(part))
        || step == "SCAN f"
}

async fn assert_walks(store: &Store, what: &str, sql: Sql) {
    let text = sql.text.clone();
    let steps = plan(store, sql).await;
    assert!(
        steps.iter().all(|step| is_allowed(step)),
        "{what}: {steps:#?}\n{text}"
    );
    if std::env::var_os("PLANS").is_some() {
        println!("{what}\n  {}", steps.join("\n  "));
    }
}

#[tokio::test]
async fn finding_people_walks_indexes() {
    let (_dir, store) = store().await;
    for text in TEXTS {
        let query = SearchQuery::parse(text).unwrap();
        let cache = store.inner.cache.read().await;
        for (what, sql) in cache.people_statements(Environment::Live, &query).await {
            assert_walks(&store, &format!("{text}: {what}"), sql).await;
        }
    }
}

#[tokio::test]
async fn listing_cards_walks_indexes() {
    let (_dir, store) = store().await;
    for text in TEXTS
        .into_iter()
        .chain(["", "state:inactive,deleting", "brand:visa one-click:off"])
    {
        let query = SearchQuery::parse(text).unwrap();
        assert!(words(&query).is_some());
        let cache = store.inner.cache.read().await;
        for (what, sql) in cache.card_statements(Environment::Live, &query) {
            assert_walks(&store, &format!("{text}: {what}"), sql.clone()).await;
            if what.starts_with("walk") {
                let steps = plan(&store, sql).await;
                assert!(
                    !steps.iter().any(|step| step.contains("MATERIALIZE")),
                    "{text}: {steps:#?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn selections_walk_indexes() {
    let (_dir, store) = store().await;
    for text in TEXTS.into_iter().chain(["", "brand:visa one-click:off"]) {
        let query = SearchQuery::parse(text).unwrap();
        let cache = store.inner.cache.read().await;
        for (what, sql) in cache.candidate_statements(Environment::Live, &query).await {
            assert_walks(&store, &format!("{text}: {what}"), sql).await;
        }
    }
}

#[tokio::test]
async fn records_and_what_is_missing_walk_indexes() {
    let (_dir, store) = store().await;
    for sql in [
        super::records::UNLISTED.to_owned(),
        super::forgotten::of_id_sql(),
        super::known::of_record_sql(),
        super::people::CUSTOMERS.to_owned(),
        super::people::ACCOUNTS.to_owned(),
        super::names::RECOMPUTE.to_owned(),
        super::known::missing_sql(),
        super::known::sample_sql(),
    ] {
        let mut sql = Sql::new(sql);
        for _ in 0..sql.text.matches('?').count() {
            sql.bound("[1]");
        }
        assert_walks(&store, "records", sql).await;
    }
}

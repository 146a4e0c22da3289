//! Tests: a change that cannot be read is stuck where everybody sees it, and nothing else is.

use crate::{ChangesFilter, DbKey, NewChange, Store};
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row};
use tokendesk_model::{
    Account, AccountId, ActiveVersion, Change, ChangeId, ChangeLabel, ChangeStatus, Environment,
    ProviderKind, Seen, Stuck, Wish, Withdrawn,
};

const UNREADABLE: ChangeStatus = ChangeStatus::Stuck(Stuck::Unreadable);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

struct Bench {
    _dir: tempfile::TempDir,
    store: Store,
    account: AccountId,
}

impl Bench {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), &DbKey::random()).await.unwrap().store;
        let account = Account {
            id: AccountId::random(),
            provider: ProviderKind::Wallee,
            label: "Shop".into(),
            environment: Environment::Test,
            origin: None,
            scope: "405".into(),
            user: "1".into(),
            connector: None,
            read_only: false,
            created_at: at(0),
            paused: None,
        };
        store.insert_account(&account).await.unwrap();
        Self {
            _dir: dir,
            store,
            account: account.id,
        }
    }

    async fn wished(&self, card: &str, wish: Wish, hold_ms: u32) -> Change {
        let new = NewChange {
            account: self.account,
            token: self.account.token(card),
            remote_id: card.into(),
            wish,
            reason: None,
            actor: "ada".into(),
            label: ChangeLabel::default(),
            base: Seen {
                version: 1,
                state: "active".into(),
                one_click: Some(true),
                customer_key: "C-1".into(),
                active_version: ActiveVersion::NotRead,
                ..Seen::default()
            },
            hold_ms,
            plan: None,
        };
        self.store.enqueue(new, at(1)).await.unwrap()
    }

    async fn spoil(&self, change: ChangeId, set: &str) {
        let mut tx = self.store.inner.ledger.0.writer.begin().await.unwrap();
        sqlx::query(AssertSqlSafe(format!("UPDATE change SET {set} WHERE id = ?1")))
            .bind(change.bytes().to_vec())
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn column(&self, change: ChangeId, column: &str) -> Option<String> {
        let mut tx = self.store.inner.ledger.0.reader.begin().await.unwrap();
        sqlx::query(AssertSqlSafe(format!(
            "SELECT {column} FROM change WHERE id = ?1"
        )))
        .bind(change.bytes().to_vec())
        .fetch_one(&mut *tx)
        .await
        .unwrap()
        .get(0)
    }

    async fn status(&self, change: ChangeId) -> ChangeStatus {
        self.store.change(change).await.unwrap().unwrap().status
    }

    async fn sendable(&self) -> Vec<ChangeId> {
        let heads = self.store.sendable(at(2), 10, None).await.unwrap();
        heads.into_iter().map(|head| head.id).collect()
    }
}

#[tokio::test]
async fn one_unreadable_change_stops_nothing_but_its_lane() {
    for set in ["base = '{'", "label = '7'", "doubt = '?'"] {
        let bench = Bench::new().await;
        let bad = bench.wished("1", Wish::OneClick(false), 0).await.id;
        let behind = bench.wished("1", Wish::Active(false), 0).await.id;
        let other = bench.wished("2", Wish::Delete, 0).await.id;
        bench.spoil(bad, set).await;
        assert_eq!(bench.status(bad).await, UNREADABLE, "{set}");
        assert_eq!(bench.sendable().await, [other]);
        assert_eq!(
            bench
                .store
                .changes(&ChangesFilter::default())
                .await
                .unwrap()
                .len(),
            3
        );
        // Met once, it is kept as stuck: it counts as such, and is not met again.
        assert_eq!(bench.column(bad, "status").await.as_deref(), Some("stuck"));
        assert_eq!(bench.store.change_counts(None).await.unwrap().stuck, 1);
        bench.store.mark_sending(other, at(3)).await.unwrap();
        assert_eq!(bench.store.next_due().await.unwrap(), None);
        assert!(bench.store.mark_sending(bad, at(3)).await.is_err());
        assert!(bench.store.mark_sending(behind, at(3)).await.is_err());
        // Trying again does not make it readable; its text stays as it is.
        bench.store.retry(bad, "bo", at(4)).await.unwrap();
        assert!(bench.sendable().await.is_empty());
        assert_eq!(bench.status(bad).await, UNREADABLE);
        let (column, text) = set.split_once(" = ").unwrap();
        assert_eq!(
            bench.column(bad, column).await.as_deref(),
            Some(text.trim_matches('\''))
        );
        // Given up, it lets its lane go on.
        bench.store.discard(bad, "bo", at(5)).await.unwrap();
        assert_eq!(
            bench.status(bad).await,
            ChangeStatus::Withdrawn(Withdrawn::Discard)
        );
        assert_eq!(bench.sendable().await, [behind]);
    }
}

#[tokio::test]
async fn an_unreadable_change_that_was_on_its_way_leaves_a_doubt() {
    let bench = Bench::new().await;
    let bad = bench.wished("1", Wish::OneClick(false), 0).await.id;
    bench.store.mark_sending(bad, at(2)).await.unwrap();
    bench.spoil(bad, "base = ''").await;
    assert_eq!(bench.store.recover(at(3)).await.unwrap(), 1);
    assert_eq!(bench.store.recover(at(3)).await.unwrap(), 0);
    assert_eq!(bench.status(bad).await, UNREADABLE);
    assert_eq!(bench.column(bad, "base").await.as_deref(), Some(""));
    let next = bench.wished("1", Wish::OneClick(true), 0).await;
    assert_eq!(next.doubt.map(|doubt| doubt.of), Some(bad));
}

#[tokio::test]
async fn a_conflict_that_cannot_be_read_is_stuck_and_a_held_change_is_not_released_into_sending() {
    let bench = Bench::new().await;
    let conflict = bench.wished("1", Wish::OneClick(false), 0).await.id;
    bench
        .spoil(conflict, "status = 'conflict', conflict = '{}', stops_lane = 1")
        .await;
    let held = bench.wished("2", Wish::OneClick(false), 10_000).await.id;
    bench.spoil(held, "base = '[]'").await;
    assert_eq!(bench.status(conflict).await, UNREADABLE);
    assert!(bench.store.held().await.unwrap().is_empty());
    bench.store.release(&[held], at(2)).await.unwrap();
    assert!(bench.sendable().await.is_empty());
    assert_eq!(bench.status(held).await, UNREADABLE);
    bench.store.discard(conflict, "bo", at(3)).await.unwrap();
    assert_eq!(
        bench.status(conflict).await,
        ChangeStatus::Withdrawn(Withdrawn::Discard)
    );
}

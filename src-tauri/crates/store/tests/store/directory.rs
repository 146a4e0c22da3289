//! Directories of payment systems that list nothing: what is imported, what is taken out, and what keeps away.

use crate::support::{Bench, account, at, emails, token, wish};
use tokendesk_model::directory::{DirectoryRow, given_id};
use tokendesk_model::{
    AccountId, CustomerSnapshot, Environment, Particulars, TokenSnapshot, TokenState, Wish,
};
use tokendesk_store::{Batch, DirectoryRecord, Imported, StoreError};

fn row(id: Option<&str>, email: Option<&str>, token: Option<&str>) -> DirectoryRow {
    DirectoryRow {
        line: 2,
        customer_id: id.map(str::to_owned),
        email: email.map(str::to_owned),
        name: None,
        token: token.map(str::to_owned),
    }
}

fn counts(new: usize, changed: usize, same: usize) -> Imported {
    Imported { new, changed, same }
}

impl Bench {
    async fn import(&self, rows: &[DirectoryRow], seconds: i64) -> Imported {
        self.store
            .import_directory(self.account, rows, at(seconds), "ada@desk-1", false)
            .await
            .unwrap()
    }

    /// Reads the whole directory as a pass does, and stores it.
    async fn pull(&self) {
        let all = self.store.directory(self.account, None, 1_000).await.unwrap();
        let ticket = self.store.begin_read();
        self.put_directory(&all, ticket).await;
    }

    async fn put_directory(&self, all: &[DirectoryRecord], ticket: tokendesk_store::ReadTicket) {
        let customers: Vec<_> = all
            .iter()
            .map(|one| CustomerSnapshot {
                customer_id: one.customer_id.clone(),
                email: one.email.clone(),
                name: one.name.clone(),
                created_on: None,
            })
            .collect();
        let tokens: Vec<_> = all
            .iter()
            .flat_map(|one| one.tokens.iter().map(move |(id, at)| imported(one, id, *at)))
            .collect();
        let batch = Batch {
            customers: &customers,
            tokens: &tokens,
            ..Batch::default()
        };
        self.store
            .put_batch(self.account, ticket, &batch, at(20), None)
            .await
            .unwrap();
    }

    async fn ids(&self) -> Vec<String> {
        let all = self.store.directory(self.account, None, 1_000).await.unwrap();
        all.into_iter().map(|one| one.customer_id).collect()
    }

    async fn has_card(&self, remote_id: &str) -> bool {
        let card = self.store.card(self.account.token(remote_id)).await.unwrap();
        let listed = self.find(remote_id).await.len();
        assert_eq!(card.is_some(), listed == 1);
        let counted = self.store.account_counts(self.account).await.unwrap().all();
        assert!(card.is_none() || counted > 0);
        card.is_some()
    }
}

fn imported(of: &DirectoryRecord, id: &str, imported_at: chrono::DateTime<chrono::Utc>) -> TokenSnapshot {
    TokenSnapshot {
        customer_id: Some(of.customer_id.clone()),
        email: of.email.clone(),
        created_on: Some(imported_at),
        particulars: Particulars {
            record: Some(of.customer_id.clone()),
            ..Particulars::default()
        },
        ..TokenSnapshot::new(id, TokenState::Active)
    }
}

#[tokio::test]
async fn customers_are_imported_once_and_an_empty_cell_takes_nothing_back() {
    let bench = Bench::new().await;
    let rows = [
        row(Some("C-2"), Some("bea@example.org"), None),
        row(Some("C-1"), Some("ada@example.org"), None),
        row(Some("ü/ 3?"), None, None),
    ];
    // Tried first, without taking anything in.
    let tried = bench
        .store
        .import_directory(bench.account, &rows, at(1), "ada", true)
        .await
        .unwrap();
    assert_eq!((tried, bench.ids().await.len()), (counts(3, 0, 0), 0));
    assert_eq!(bench.import(&rows, 1).await, counts(3, 0, 0));
    assert_eq!(bench.import(&rows, 2).await, counts(0, 0, 3));
    let again = [
        row(Some("C-1"), Some("ada@new.example"), None),
        row(Some("C-2"), None, None),
        row(Some("ü/ 3?"), Some("cleo@example.org"), None),
    ];
    assert_eq!(bench.import(&again, 3).await, counts(0, 2, 1));
    assert_eq!(bench.ids().await, ["C-1", "C-2", "ü/ 3?"]);
    let store = &bench.store;
    let page = store.directory(bench.account, Some("C-1"), 1).await.unwrap();
    assert_eq!(
        (page.len(), page[0].customer_id.as_str(), page[0].email.as_deref()),
        (1, "C-2", Some("bea@example.org"))
    );
    let one = store
        .directory_record(bench.account, " C-1 ")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (one.email.as_deref(), one.imported_at),
        (Some("ada@new.example"), at(1))
    );
    assert!(
        store
            .directory_record(bench.account, "C-9")
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(store.directory_size(bench.account).await.unwrap(), 3);
    // Of each account its own.
    let other = account(Environment::Test, "406");
    store.insert_account(&other).await.unwrap();
    assert_eq!(store.directory_size(other.id).await.unwrap(), 0);
    let nobody = store
        .import_directory(AccountId::random(), &rows, at(4), "ada", false)
        .await;
    assert!(matches!(nobody, Err(StoreError::NoSuchAccount)));
    let told = store.log_rows(9).await.unwrap();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|row| row.entry.action == "directory.imported"));
}

#[tokio::test]
async fn tokens_belong_to_the_customer_of_their_latest_row() {
    let bench = Bench::new().await;
    let rows = [
        row(Some("cus_1"), Some("ada@example.org"), Some("pm_1")),
        row(Some("cus_1"), None, Some("pm_2")),
        // Without an id the email stands for the customer, and without both the token for itself.
        row(None, Some("Bea@Example.org"), Some("pm_3")),
        row(None, Some("bea@example.org"), Some("pm_4")),
        row(None, None, Some("pm_5")),
    ];
    assert_eq!(bench.import(&rows, 1).await, counts(5, 0, 0));
    let all = bench.store.directory(bench.account, None, 9).await.unwrap();
    let tokens =
        |one: &DirectoryRecord| -> Vec<String> { one.tokens.iter().map(|(id, _)| id.clone()).collect() };
    let (given, made_up): (Vec<_>, Vec<_>) = all.iter().partition(|one| given_id(&one.customer_id).is_some());
    assert_eq!(
        (given.len(), tokens(given[0])),
        (1, vec!["pm_1".into(), "pm_2".into()])
    );
    let mut of_made_up: Vec<_> = made_up.iter().map(|one| tokens(one)).collect();
    of_made_up.sort();
    assert_eq!(
        of_made_up,
        [vec!["pm_3".to_owned(), "pm_4".into()], vec!["pm_5".into()]]
    );
    bench.pull().await;
    let bea = bench.find("bea@").await.remove(0);
    assert_eq!(bea.counts.active, 2);

    let moved = [row(Some("cus_2"), Some("bea@example.org"), Some("pm_2"))];
    assert_eq!(bench.import(&moved, 9).await, counts(0, 1, 0));
    let one = bench
        .store
        .directory_record(bench.account, "cus_2")
        .await
        .unwrap()
        .unwrap();
    // It was imported when it was imported first.
    assert_eq!(one.tokens, [("pm_2".to_owned(), at(1))]);
    let one = bench
        .store
        .directory_record(bench.account, "cus_1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(tokens(&one), ["pm_1"]);
    bench.pull().await;
    assert_eq!(bench.find("bea@").await[0].counts.active, 3);
}

#[tokio::test]
async fn a_token_that_was_removed_stays_away_until_it_is_imported_again() {
    let bench = Bench::new().await;
    let rows = [
        row(Some("cus_1"), Some("ada@example.org"), Some("pm_1")),
        row(Some("cus_1"), Some("ada@example.org"), Some("pm_2")),
        row(None, Some("bea@example.org"), Some("PM/3")),
    ];
    bench.import(&rows, 1).await;
    bench.pull().await;
    assert_eq!(bench.store.account_counts(bench.account).await.unwrap().active, 3);
    // A page is read, then the tokens are removed, and only then the page is stored.
    let page = bench.store.directory(bench.account, None, 9).await.unwrap();
    let ticket = bench.store.begin_read();
    for gone in ["pm_1", "PM/3"] {
        bench
            .store
            .forget_imported_token(bench.account, gone, None, at(5))
            .await
            .unwrap();
    }
    assert!(!bench.has_card("pm_1").await && bench.has_card("pm_2").await);
    // Nothing is left of the customer that was made up for it.
    assert!(bench.find("bea@").await.is_empty());
    assert_eq!(bench.ids().await, ["cus_1"]);
    assert!(
        bench
            .store
            .has_tombstone(bench.account.token("pm_1"))
            .await
            .unwrap()
    );
    bench.put_directory(&page, ticket).await;
    assert!(!bench.has_card("pm_1").await && !bench.has_card("PM/3").await);
    bench.put(&[imported(&page[1], "pm_1", at(1))]).await;
    assert!(!bench.has_card("pm_1").await);
    let mut bench = bench.restart().await;
    bench.put_directory(&page, bench.store.begin_read()).await;
    assert!(!bench.has_card("pm_1").await);
    bench.store.rebuild_cache().await.unwrap();
    bench.put_directory(&page, bench.store.begin_read()).await;
    assert!(!bench.has_card("pm_1").await && bench.has_card("pm_2").await);
    // Also where the cache itself was lost.
    bench.store.clone().close().await;
    for file in ["cache.db", "cache.db-wal", "cache.db-shm"] {
        let _ = std::fs::remove_file(bench.dir.path().join(file));
    }
    bench.store = crate::support::open(bench.dir.path(), &bench.key).await.store;
    bench.put_directory(&page, bench.store.begin_read()).await;
    assert!(!bench.has_card("pm_1").await);

    assert_eq!(bench.import(&rows[..2], 9).await, counts(1, 0, 1));
    assert!(
        !bench
            .store
            .has_tombstone(bench.account.token("pm_1"))
            .await
            .unwrap()
    );
    bench.pull().await;
    assert!(bench.has_card("pm_1").await && !bench.has_card("PM/3").await);
    let one = bench
        .store
        .directory_record(bench.account, "cus_1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        one.tokens,
        [("pm_1".to_owned(), at(9)), ("pm_2".to_owned(), at(1))]
    );
    let bench = bench.restart().await;
    bench.pull().await;
    assert!(bench.has_card("pm_1").await);
}

#[tokio::test]
async fn a_revoked_token_is_buried_by_its_change() {
    let bench = Bench::new().await;
    bench
        .import(&[row(Some("cus_1"), Some("ada@example.org"), Some("pm_1"))], 1)
        .await;
    bench.pull().await;
    let card = token(1, Some("cus_1"), Some("ada@example.org"));
    let revoke = tokendesk_store::NewChange {
        token: bench.account.token("pm_1"),
        remote_id: "pm_1".into(),
        ..wish(bench.account, &card, Wish::Delete)
    };
    let change = bench.store.enqueue(revoke, at(2)).await.unwrap();
    bench.store.mark_sending(change.id, at(3)).await.unwrap();
    bench
        .store
        .forget_imported_token(bench.account, "pm_1", Some(change.id), at(4))
        .await
        .unwrap();
    assert!(!bench.has_card("pm_1").await);
    // The customer stays, without cards.
    assert_eq!(emails(&bench.find("ada@").await), ["ada@example.org"]);
    assert_eq!(bench.ids().await, ["cus_1"]);
    // Forgetting it twice is as good as once, and one that was never here is none afterwards.
    for id in ["pm_1", "pm_9"] {
        bench
            .store
            .forget_imported_token(bench.account, id, None, at(5))
            .await
            .unwrap();
    }
    let nowhere = bench
        .store
        .forget_imported_token(AccountId::random(), "pm_1", None, at(5))
        .await;
    assert!(matches!(nowhere, Err(StoreError::NoSuchAccount)));
}

#[tokio::test]
async fn a_customer_leaves_the_directory_with_everything_of_theirs() {
    let bench = Bench::new().await;
    let rows = [
        row(Some("cus_1"), Some("ada@example.org"), Some("pm_1")),
        row(Some("cus_2"), Some("bea@example.org"), Some("pm_2")),
    ];
    bench.import(&rows, 1).await;
    bench.pull().await;
    let card = token(1, Some("cus_1"), Some("ada@example.org"));
    let open = tokendesk_store::NewChange {
        token: bench.account.token("pm_1"),
        remote_id: "pm_1".into(),
        ..wish(bench.account, &card, Wish::Delete)
    };
    let open = bench.store.enqueue(open, at(2)).await.unwrap();
    let remove = |id: &'static str| {
        let (store, account) = (bench.store.clone(), bench.account);
        async move { store.remove_from_directory(account, id, at(3)).await }
    };
    assert!(matches!(remove("cus_1").await, Err(StoreError::OpenChanges(1))));
    assert!(bench.has_card("pm_1").await);
    bench.store.discard(open.id, "ada", at(3)).await.unwrap();
    assert!(remove("cus_1").await.unwrap());
    assert!(!remove("cus_1").await.unwrap());
    assert!(!bench.has_card("pm_1").await && bench.has_card("pm_2").await);
    assert!(bench.find("ada").await.is_empty());
    assert_eq!(bench.ids().await, ["cus_2"]);
    assert_eq!(bench.store.totals(Environment::Test).await.unwrap().people, 1);

    // The account takes its directory along, and what was removed from it.
    bench.import(&rows, 4).await;
    bench
        .store
        .forget_imported_token(bench.account, "pm_2", None, at(5))
        .await
        .unwrap();
    bench
        .store
        .remove_account(bench.account, false, "ada", at(6))
        .await
        .unwrap();
    assert_eq!(bench.store.directory_size(bench.account).await.unwrap(), 0);
    assert!(
        !bench
            .store
            .has_tombstone(bench.account.token("pm_2"))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_long_file_is_one_import() {
    let bench = Bench::new().await;
    let rows: Vec<_> = (0..5_000)
        .map(|n| {
            row(
                Some(&format!("cus_{}", n / 2)),
                Some(&format!("p{}@example.org", n / 2)),
                Some(&format!("pm_{n:04}")),
            )
        })
        .collect();
    assert_eq!(bench.import(&rows, 1).await, counts(5_000, 0, 0));
    assert_eq!(bench.import(&rows, 2).await, counts(0, 0, 5_000));
    assert_eq!(bench.store.directory_size(bench.account).await.unwrap(), 2_500);
    let (mut after, mut tokens, mut pages) = (None::<String>, 0, 0);
    loop {
        let page = bench
            .store
            .directory(bench.account, after.as_deref(), 400)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.customer_id.clone());
        tokens += page.iter().map(|one| one.tokens.len()).sum::<usize>();
        pages += 1;
    }
    assert_eq!((tokens, pages), (5_000, 7));
    bench.store.close().await;
}

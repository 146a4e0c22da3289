//! A new cache in the old one's place, and what is left when that fails.

use crate::support::{Bench, account, at, token, wish};
use tokendesk_model::{Environment, Wish};
use tokendesk_store::{StoreError, Totals};

async fn filled() -> Bench {
    let bench = Bench::new().await;
    let cards = [
        token(1, Some("C-1"), Some("ada@example.org")),
        token(2, Some("C-2"), Some("bea@example.org")),
    ];
    bench.put(&cards).await;
    let new = wish(bench.account, &cards[0], Wish::OneClick(false));
    bench.store.enqueue(new, at(20)).await.unwrap();
    bench
}

async fn totals(bench: &Bench) -> Totals {
    bench.store.totals(Environment::Test).await.unwrap()
}

#[tokio::test]
async fn a_new_cache_is_empty_and_takes_rows_and_overlays_again() {
    let bench = filled().await;
    bench.store.rebuild_cache().await.unwrap();
    assert_eq!(totals(&bench).await, Totals::default());
    let card = token(1, Some("C-1"), Some("ada@example.org"));
    bench.put(std::slice::from_ref(&card)).await;
    let row = bench.store.card(bench.account.token("1")).await.unwrap().unwrap();
    assert_eq!(row.effective_one_click, Some(false), "the wish is still shown");
    let bench = bench.restart().await;
    assert_eq!(totals(&bench).await.cards, 1);
}

#[tokio::test]
async fn numbers_of_reads_rise_over_a_new_cache_and_a_start() {
    let bench = filled().await;
    let before = bench.store.begin_read();
    bench.store.rebuild_cache().await.unwrap();
    let bench = bench.restart().await;
    assert!(bench.store.begin_read() > before);
}

#[tokio::test]
async fn a_new_cache_that_cannot_be_made_leaves_the_old_one_in_use() {
    let bench = filled().await;
    // Where the new file is made there is something that can be neither opened nor removed as a file.
    let in_the_way = bench.dir.path().join("cache-next.db");
    std::fs::create_dir(&in_the_way).unwrap();
    std::fs::write(in_the_way.join("x"), "x").unwrap();
    assert!(matches!(
        bench.store.rebuild_cache().await,
        Err(StoreError::Io(_) | StoreError::Sqlite(_))
    ));
    assert_eq!(totals(&bench).await.cards, 2);
    bench.put(&[token(3, None, None)]).await;
    assert_eq!(totals(&bench).await.cards, 3);
    let other = account(Environment::Test, "406");
    bench.store.insert_account(&other).await.unwrap();

    std::fs::remove_dir_all(&in_the_way).unwrap();
    bench.store.rebuild_cache().await.unwrap();
    assert_eq!(totals(&bench).await.cards, 0);
    assert!(!in_the_way.exists());
    // Both accounts are known to the new cache.
    for account in [bench.account, other.id] {
        bench.store.begin_crawl(account, at(30)).await.unwrap();
    }
}

//! Full passes: resumed at the page, complete only when they are, and what they did not see.

use crate::support::{Bench, at, token, version};
use tokendesk_model::CardKnowledge;
use tokendesk_store::{CrawlStage, CrawlStep, StoreError};

fn step(number: i64, stage: CrawlStage, cursor: Option<&str>) -> CrawlStep {
    CrawlStep {
        number,
        stage,
        cursor: cursor.map(str::to_owned),
    }
}

fn page(range: std::ops::Range<u64>) -> Vec<tokendesk_model::TokenSnapshot> {
    range
        .map(|n| token(n, Some(&format!("C-{n}")), Some(&format!("p{n}@example.org"))))
        .collect()
}

#[tokio::test]
async fn a_pass_goes_on_where_its_last_page_was_stored() {
    let bench = Bench::new().await;
    let crawl = bench.store.begin_crawl(bench.account, at(0)).await.unwrap();
    assert_eq!(
        (crawl.number, crawl.stage, crawl.cursor.as_deref()),
        (1, CrawlStage::Tokens, None)
    );
    let ticket = bench.store.begin_read();
    let next = step(1, CrawlStage::Tokens, Some("3"));
    bench
        .store
        .put_tokens(bench.account, ticket, &page(1..4), at(1), Some(&next))
        .await
        .unwrap();
    // A page of a pass that is not the unfinished one stores nothing.
    let ticket = bench.store.begin_read();
    let foreign = step(9, CrawlStage::Tokens, Some("9"));
    let refused = bench
        .store
        .put_tokens(bench.account, ticket, &page(4..7), at(1), Some(&foreign))
        .await;
    assert!(matches!(refused, Err(StoreError::CrawlEnded)));
    let bench = bench.restart().await;
    let crawl = bench.store.crawl(bench.account).await.unwrap().unwrap();
    assert_eq!((crawl.cursor.as_deref(), crawl.tokens), (Some("3"), 3));
    assert_eq!(bench.store.account_counts(bench.account).await.unwrap().all(), 3);
    assert!(bench.store.last_pass(bench.account).await.unwrap().is_none());

    let ticket = bench.store.begin_read();
    let next = step(1, CrawlStage::Versions, None);
    bench
        .store
        .put_tokens(bench.account, ticket, &page(4..6), at(2), Some(&next))
        .await
        .unwrap();
    let ticket = bench.store.begin_read();
    let last = step(1, CrawlStage::Versions, Some("11"));
    let versions = [version(11, 1, "1111", "Ada Lindqvist")];
    bench
        .store
        .put_versions(bench.account, ticket, &versions, at(3), Some(&last))
        .await
        .unwrap();
    bench.store.finish_crawl(bench.account, at(9)).await.unwrap();
    let pass = bench.store.last_pass(bench.account).await.unwrap().unwrap();
    assert_eq!((pass.started_at, pass.finished_at, pass.cards), (at(0), at(9), 5));
    assert!(bench.store.crawl(bench.account).await.unwrap().is_none());
    assert!(matches!(
        bench.store.finish_crawl(bench.account, at(9)).await,
        Err(StoreError::CrawlEnded)
    ));
    // A complete pass proves that a token has no version.
    let known = |n: &str| bench.store.card(bench.account.token(n));
    assert_eq!(known("1").await.unwrap().unwrap().knowledge, CardKnowledge::Known);
    assert_eq!(
        known("5").await.unwrap().unwrap().knowledge,
        CardKnowledge::NoActiveVersion
    );
}

#[tokio::test]
async fn only_what_was_there_and_not_seen_is_missing() {
    let bench = Bench::new().await;
    bench.put(&page(1..7)).await;
    let ticket = bench.store.begin_read();
    bench
        .store
        .mark_gone(bench.account.token("6"), ticket, at(1))
        .await
        .unwrap();
    let early = bench.store.begin_read();
    let crawl = bench.store.begin_crawl(bench.account, at(1)).await.unwrap();
    assert!(early < crawl.started);
    let ticket = bench.store.begin_read();
    let next = step(crawl.number, CrawlStage::Versions, None);
    bench
        .store
        .put_tokens(bench.account, ticket, &page(1..3), at(2), Some(&next))
        .await
        .unwrap();
    // 3 is read meanwhile, 50 appears meanwhile.
    bench.put(&page(3..4)).await;
    bench.put(&page(50..51)).await;
    let missing = bench
        .store
        .missing_after_crawl(bench.account, crawl.number, 10)
        .await
        .unwrap();
    let ids: Vec<&str> = missing.iter().map(|one| one.remote_id.as_str()).collect();
    assert_eq!(ids, ["4", "5"]);
    assert_eq!(missing[0].id, bench.account.token("4"));
    let limited = bench
        .store
        .missing_after_crawl(bench.account, crawl.number, 1)
        .await
        .unwrap();
    assert_eq!(limited.len(), 1);
    let other = bench
        .store
        .missing_after_crawl(bench.account, crawl.number + 1, 1)
        .await;
    assert!(matches!(other, Err(StoreError::CrawlEnded)));
    let again = bench.store.begin_crawl(bench.account, at(3)).await.unwrap();
    assert_eq!((again.number, again.tokens), (crawl.number + 1, 0));
}

#[tokio::test]
async fn news_begin_after_the_numerically_highest_id() {
    let bench = Bench::new().await;
    assert_eq!(bench.store.newest_remote_id(bench.account).await.unwrap(), None);
    let newest = || async { bench.store.newest_remote_id(bench.account).await.unwrap() };
    // A token read alone says nothing of those before it: they would never be listed.
    bench.put(&page(1005..1006)).await;
    assert_eq!(newest().await, None);
    let crawl = bench.store.begin_crawl(bench.account, at(0)).await.unwrap();
    let next = step(crawl.number, CrawlStage::Tokens, Some("1000"));
    let ticket = bench.store.begin_read();
    bench
        .store
        .put_tokens(bench.account, ticket, &page(999..1001), at(1), Some(&next))
        .await
        .unwrap();
    assert_eq!(newest().await.as_deref(), Some("1000"));
    for (listed, expected) in [("1003", "1003"), ("5", "1003")] {
        bench.store.note_listed(bench.account, listed).await.unwrap();
        assert_eq!(newest().await.as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn other_known_tokens_prove_that_the_account_answers() {
    let bench = Bench::new().await;
    bench.put(&page(1..5)).await;
    let ticket = bench.store.begin_read();
    bench
        .store
        .mark_gone(bench.account.token("4"), ticket, at(1))
        .await
        .unwrap();
    let ticket = bench.store.begin_read();
    bench
        .store
        .put_tokens(bench.account, ticket, &page(2..3), at(50), None)
        .await
        .unwrap();
    let except = bench.account.token("1");
    let sample = bench.store.known_sample(bench.account, 5, except).await.unwrap();
    let ids: Vec<&str> = sample.iter().map(|one| one.remote_id.as_str()).collect();
    assert_eq!(ids, ["2", "3"]);
    assert_eq!(
        bench
            .store
            .known_sample(bench.account, 1, except)
            .await
            .unwrap()
            .len(),
        1
    );
}

//! The feed of events, and every way in which it may not be one.

use crate::Shop;
use serde_json::json;
use tokendesk_providers::{News, PaymentSystem, ProviderErrorKind as Kind};

impl Shop {
    async fn stands(&self) -> String {
        let news = self.client.news(None).await.unwrap();
        assert!(news.complete && news.customers.is_empty());
        news.cursor
    }

    async fn since(&self, cursor: &str) -> News {
        let mut news = self.client.news(Some(cursor)).await.unwrap();
        news.customers.sort_unstable();
        news
    }
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_unstable();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_in_whom_something_happened_are_named_once() {
    for order in ["on", "off"] {
        let shop = Shop::with(&[("events_heed_order", order)]);
        let cursor = shop.stands().await;
        assert_eq!(
            shop.since(&cursor).await,
            News {
                cursor: cursor.clone(),
                customers: vec![],
                complete: true
            }
        );
        let (one, two) = (shop.customer(None), shop.customer(None));
        let card = shop.card(&one, json!({}));
        shop.edit(json!({ "payments": { "count": 250 } }));
        shop.edit(json!({ "set_token": { "id": card, "metadata": { "a": "1" } } }));
        shop.edit(json!({ "delete_customer": { "id": two } }));
        let news = shop.since(&cursor).await;
        assert_eq!(
            (news.customers, news.complete),
            (sorted(vec![one.clone(), two]), true),
            "{order}"
        );
        shop.edit(json!({ "delete_token": { "id": card } }));
        let next = shop.since(&news.cursor).await;
        assert_eq!((next.customers, next.complete), (vec![one], true));
        assert_eq!(shop.since(&next.cursor).await.cursor, next.cursor);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_does_not_reach_back_says_so() {
    for lost in ["400", "404"] {
        let shop = Shop::with(&[("unknown_cursor", lost)]);
        let cursor = shop.stands().await;
        shop.edit(json!({ "payments": { "count": 5 } }));
        shop.edit(json!({ "forget_events": { "keep": 2 } }));
        let news = shop.since(&cursor).await;
        assert!(!news.complete);
        assert!(shop.since(&news.cursor).await.complete);
    }
    // Too far back: a pass is shorter.
    let shop = Shop::of(5);
    let cursor = shop.stands().await;
    shop.edit(json!({ "payments": { "count": 3_500 } }));
    let before = shop.system.requests();
    let news = shop.since(&cursor).await;
    assert!(!news.complete && shop.system.requests() - before < 40);
    assert!(shop.since(&news.cursor).await.complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_heeds_no_cursor_is_read_as_far_as_one_page_shows() {
    let shop = Shop::with(&[("events_heed_cursor", "off"), ("events_heed_order", "off")]);
    let cursor = shop.stands().await;
    let customer = shop.customer(None);
    let news = shop.since(&cursor).await;
    assert_eq!((news.customers, news.complete), (vec![customer], true));
    shop.edit(json!({ "payments": { "count": 150 } }));
    assert!(!shop.since(&news.cursor).await.complete);
    shop.system.set_switch("events_heed_order", "on").unwrap();
    assert!(!shop.since(&news.cursor).await.complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_tells_of_no_customers_is_noticed_by_the_first_new_one() {
    for rule in ["transactions-only", "empty"] {
        let shop = Shop::with(&[("events", rule)]);
        let cursor = shop.stands().await;
        assert!(shop.since(&cursor).await.complete);
        let customer = shop.customer(None);
        let news = shop.since(&cursor).await;
        assert_eq!((news.customers, news.complete), (vec![customer], false), "{rule}");
        assert!(shop.since(&news.cursor).await.complete);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_feed_there_is_an_error_and_no_empty_news() {
    let shop = Shop::with(&[("may_read_events", "off")]);
    assert_eq!(shop.client.news(None).await.unwrap_err().kind, Kind::Forbidden);
    let shop = Shop::with(&[("events", "off")]);
    assert_eq!(shop.client.news(None).await.unwrap_err().kind, Kind::Unexpected);
    assert_eq!(
        shop.client.news(Some("ev_x")).await.unwrap_err().kind,
        Kind::Unexpected
    );
}

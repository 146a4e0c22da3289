//! Listing, reading one customer, card facts, news.

use crate::place::{Place, by_id};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokendesk_model::{ActiveMark, Brand, Expiry, TokenState};
use tokendesk_providers::{
    CustomerLookup, DirectoryEntry, ListedCustomer, PaymentSystem, ProviderErrorKind as Kind,
};

fn ids(customers: &[ListedCustomer]) -> Vec<String> {
    customers
        .iter()
        .map(|listed| listed.customer.customer_id.clone())
        .collect()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

// The facts as somebody who reads the fact sheet would write them down.
fn expected(source: &Value) -> (Option<Brand>, Option<String>, Option<Expiry>) {
    let brand = match source["brand"].as_str() {
        Some("visa") => Some(Brand::Visa),
        Some("master" | "mastercard") => Some(Brand::Mastercard),
        Some("american_express") => Some(Brand::Amex),
        Some("jcb") => Some(Brand::Jcb),
        Some(other) => Some(Brand::Other(other.to_owned())),
        None => None,
    };
    let expiry = source["year"]
        .as_i64()
        .zip(source["month"].as_u64())
        .and_then(|(year, month)| {
            let year = if year < 100 { year + 2000 } else { year };
            Expiry::new(i32::try_from(year).unwrap(), u32::try_from(month).unwrap())
        });
    (
        brand,
        source["last_four_digits"].as_str().map(str::to_owned),
        expiry,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_reads_every_customer_once_as_the_server_holds_it() {
    let place = Place::new(450);
    for switches in [
        &[][..],
        &[
            ("list_resource", "list"),
            ("list_window_echo", "off"),
            ("max_per_page", "33"),
        ],
        &[
            ("customer_order", "oldest"),
            ("times", "offset"),
            ("two_digit_years", "on"),
        ],
        &[("nulls", "on"), ("page_behind", "404")],
    ] {
        for (name, value) in switches {
            place.set(name, value);
        }
        let read = place.walk(100, |_| {}).await.unwrap();
        assert_eq!(sorted(ids(&read)), sorted(place.system.ids()), "{switches:?}");
        for listed in &read {
            let truth = place.truth(&listed.customer.customer_id);
            let cards = listed.cards.as_ref().unwrap();
            let token = &cards.tokens[0];
            assert_eq!(listed.customer.email.as_deref(), truth["email"].as_str());
            assert_eq!(token.email, listed.customer.email);
            assert_eq!(token.customer_key(), listed.customer.customer_key());
            assert_eq!(token.particulars.record.as_ref(), Some(&token.remote_id));
            let created = truth["created_at"].as_str().unwrap();
            assert_eq!(token.created_on, Some(created.parse().unwrap()));
            assert!(cards.without_details.is_empty());
            match (&truth["source"], cards.details.first()) {
                (Value::Null, None) => {}
                (source, Some(details)) => {
                    let card = details.card.clone();
                    assert_eq!((card.brand, card.last4, card.expiry), expected(source));
                    assert_eq!(details.token_remote_id, token.remote_id);
                }
                (source, None) => panic!("no card for {source}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_say_true_false_or_nothing() {
    let place = Place::new(450);
    let read = place.walk(100, |_| {}).await.unwrap();
    let mut counts: BTreeMap<(bool, bool), usize> = BTreeMap::new();
    for listed in read {
        let token = &listed.cards.unwrap().tokens[0];
        let metadata = &place.truth(&token.remote_id)["metadata"];
        let active = metadata["tokendesk_active"].as_str();
        let off = active == Some("false");
        let set = matches!(active, Some("true" | "false"));
        assert_eq!(
            token.state,
            if off {
                TokenState::Inactive
            } else {
                TokenState::Active
            }
        );
        assert_eq!(token.particulars.active_mark == ActiveMark::Set, set);
        let one_click = metadata["tokendesk_one_click"]
            .as_str()
            .map(|word| word == "true");
        assert_eq!(token.one_click, one_click);
        *counts.entry((off, set)).or_default() += 1;
    }
    assert!(counts[&(true, true)] > 0 && counts[&(false, false)] > 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_frozen_while_customers_come_and_go() {
    for switches in [
        [("customer_order", "newest"), ("page_behind", "empty")],
        [("customer_order", "oldest"), ("page_behind", "404")],
    ] {
        let place = Place::new(230);
        for (name, value) in switches {
            place.set(name, value);
        }
        let before: BTreeSet<String> = place.system.ids().into_iter().collect();
        let first = place.komoju.list_customers(None, 10).await.unwrap();
        let mut deleted = BTreeSet::new();
        // Those on the first page go, one after each page: everything behind them moves up.
        let mut going = ids(&first.items).into_iter();
        let read = place
            .walk(10, |page| {
                if page % 2 == 0 {
                    place
                        .system
                        .edit(json!({ "customer": { "email": "late@example.org" } }))
                        .unwrap();
                }
                if let Some(id) = going.next() {
                    place.system.edit(json!({ "id": id, "delete": true })).unwrap();
                    deleted.insert(id);
                }
            })
            .await
            .unwrap();
        let seen: BTreeSet<String> = ids(&read).into_iter().collect();
        assert_eq!(deleted.len(), 10);
        let missed: Vec<_> = before
            .difference(&seen)
            .filter(|id| !deleted.contains(*id))
            .collect();
        assert!(missed.is_empty(), "{missed:?} were missed");
        assert!(
            seen.is_subset(&before),
            "a customer from after the start was listed"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_that_loses_its_last_page_steps_back_once() {
    for behind in ["404", "empty"] {
        let place = Place::new(21);
        place.set("page_behind", behind);
        let newest = place.komoju.list_customers(None, 10).await.unwrap();
        let second = place
            .komoju
            .list_customers(newest.next.as_deref(), 10)
            .await
            .unwrap();
        let gone = ids(&newest.items)[0].clone();
        place.system.edit(json!({ "id": gone, "delete": true })).unwrap();
        let mut after = second.next;
        let mut seen = [ids(&newest.items), ids(&second.items)].concat();
        while let Some(cursor) = after {
            let page = place.komoju.list_customers(Some(&cursor), 10).await.unwrap();
            seen.extend(ids(&page.items));
            after = page.next;
        }
        let left: BTreeSet<String> = place.system.ids().into_iter().collect();
        let seen: BTreeSet<String> = seen.into_iter().filter(|id| *id != gone).collect();
        assert_eq!(seen, left);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_of_nobody_are_refused_before_anything_is_sent() {
    let place = Place::new(5);
    for cursor in ["", "2", "c0ffee", "1|10|0||soon"] {
        let error = place.komoju.list_customers(Some(cursor), 10).await.unwrap_err();
        assert_eq!(error.kind, Kind::Refused);
    }
    assert_eq!(place.system.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_source_is_not_taken_for_no_card() {
    let place = Place::new(60);
    let id = place.with_card();
    let listed = |read: &[ListedCustomer]| {
        let found = read
            .iter()
            .find(|listed| listed.customer.customer_id == id)
            .unwrap();
        let cards = found.cards.clone().unwrap();
        assert!(cards.without_details.is_empty());
        !cards.details.is_empty()
    };
    assert!(listed(&place.walk(50, |_| {}).await.unwrap()));
    assert!(place.komoju.active_version(by_id(&id)).await.unwrap().is_some());
    place.set("source", "hidden_on_list");
    assert!(!listed(&place.walk(50, |_| {}).await.unwrap()));
    let shown = place.komoju.read_customer(&id).await.unwrap().unwrap();
    assert_eq!(shown.cards.unwrap().details.len(), 1);
    place.set("source", "hidden");
    let shown = place.komoju.read_customer(&id).await.unwrap().unwrap();
    assert!(shown.cards.unwrap().details.is_empty());
    // Nothing can be concluded, which is not the same as "there is none".
    let error = place.komoju.active_version(by_id(&id)).await.unwrap_err();
    assert_eq!(error.kind, Kind::Forbidden);
    // The version is pinned: whatever the key's own version tells.
    place.set("source", "by_version");
    assert!(listed(&place.walk(50, |_| {}).await.unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_card_is_named() {
    let place = Place::new(60);
    let paypay = place.all(|c| c["source"]["type"] == "paypay").swap_remove(0);
    for nulls in ["off", "on"] {
        place.set("nulls", nulls);
        let token = place.token(&paypay).await;
        assert_eq!(token.particulars.kind.as_deref(), Some("paypay"));
        let details = place
            .komoju
            .active_version(by_id(&paypay))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(details.name.as_deref(), Some("PayPay"));
        assert!(details.card.is_empty());
    }
    let shell = place
        .all(|c| c["source"].is_null() && c["email"].is_null())
        .swap_remove(0);
    let read = place.komoju.read_customer(&shell).await.unwrap().unwrap();
    assert_eq!((read.customer.email, read.cards.unwrap().tokens.len()), (None, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_card_is_another_version() {
    let place = Place::new(30);
    let id = place.with_card();
    let version = async || place.komoju.active_version(by_id(&id)).await.unwrap().unwrap();
    let before = version().await;
    assert_eq!(version().await.remote_id, before.remote_id);
    place.set("two_digit_years", "on");
    assert_eq!(version().await.remote_id, before.remote_id);
    place
        .system
        .edit(json!({ "id": id, "source": { "brand": "jcb", "last4": "0505", "month": 5, "year": 2031 } }))
        .unwrap();
    let after = version().await;
    assert_ne!(after.remote_id, before.remote_id);
    assert_eq!(after.card.last4.as_deref(), Some("0505"));
    assert_eq!(place.komoju.versions_of(by_id(&id)).await.unwrap(), [after]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_404_is_nobody() {
    let place = Place::new(20);
    for nobody in ["c0ffee0000000000000000001", "a/b", "a?b c", "é", "%2e"] {
        assert_eq!(
            place.komoju.read_customer(nobody).await.unwrap(),
            None,
            "{nobody}"
        );
        assert_eq!(
            place.komoju.read_token(by_id(nobody)).await.unwrap(),
            None,
            "{nobody}"
        );
    }
    // What a URL would spell otherwise never leaves.
    let error = place.komoju.read_customer("..").await.unwrap_err();
    assert_eq!(error.kind, Kind::Refused);
    let id = place.with_card();
    let listed = place.komoju.read_customer(&id).await.unwrap().unwrap();
    let entry = DirectoryEntry {
        customer: listed.customer.clone(),
        tokens: Vec::new(),
    };
    assert_eq!(
        place.komoju.cards_of(&entry).await.unwrap(),
        listed.cards.unwrap()
    );
    place.system.edit(json!({ "id": id, "delete": true })).unwrap();
    assert_eq!(
        place.komoju.cards_of(&entry).await.unwrap_err().kind,
        Kind::NotFound
    );
    assert_eq!(place.komoju.read_token(by_id(&id)).await.unwrap(), None);
    for not_offered in [
        place.komoju.list_tokens(None, 10).await.err(),
        place
            .komoju
            .tokens_of(CustomerLookup::Email("a@example.org"))
            .await
            .err(),
        place.komoju.delete_customer(&id).await.err(),
    ] {
        assert_eq!(not_offered.unwrap().kind, Kind::NotOffered);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn news_name_every_changed_customer_once() {
    let place = Place::new(30);
    let start = place.komoju.news(None).await.unwrap();
    assert_eq!((start.customers.len(), start.complete), (0, true));
    let all = place.system.ids();
    let (edited, deleted) = (all[3].clone(), all[4].clone());
    for _ in 0..3 {
        place
            .system
            .edit(json!({ "id": edited, "metadata": { "a": "b" } }))
            .unwrap();
    }
    place
        .system
        .edit(json!({ "id": deleted, "delete": true }))
        .unwrap();
    let made = place.system.edit(json!({ "customer": {} })).unwrap();
    // The feed was empty when it was first looked at: all of it is new.
    let news = place.komoju.news(Some(&start.cursor)).await.unwrap();
    assert!(news.complete);
    let wanted = BTreeSet::from([edited.clone(), deleted, made["id"].as_str().unwrap().to_owned()]);
    assert_eq!(news.customers.len(), 3);
    assert_eq!(news.customers.into_iter().collect::<BTreeSet<_>>(), wanted);
    let quiet = place.komoju.news(Some(&news.cursor)).await.unwrap();
    assert_eq!(
        (quiet.cursor.as_str(), quiet.customers.len(), quiet.complete),
        (news.cursor.as_str(), 0, true)
    );
    // More than one page of it.
    for n in 0..250 {
        place
            .system
            .edit(json!({ "id": all[n % 20 + 5], "metadata": { "n": n.to_string() } }))
            .unwrap();
    }
    let busy = place.komoju.news(Some(&news.cursor)).await.unwrap();
    assert_eq!((busy.customers.len(), busy.complete), (20, true));
    assert_eq!(place.komoju.news(None).await.unwrap().cursor, busy.cursor);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_cannot_tell_everything_says_so() {
    let place = Place::new(10);
    let id = place.system.ids()[0].clone();
    let touch = || {
        place
            .system
            .edit(json!({ "id": id, "email": "n@example.org" }))
            .unwrap()
    };
    touch();
    let start = place.komoju.news(None).await.unwrap();
    // What was seen last is no longer kept.
    place.set("event_hours", "1");
    place.system.pass_time(2 * 3_600_000);
    touch();
    let news = place.komoju.news(Some(&start.cursor)).await.unwrap();
    assert_eq!((news.customers.len(), news.complete), (1, false));
    assert_ne!(news.cursor, start.cursor);
    // Customers are not named.
    place.set("event_data", "null");
    touch();
    let nameless = place.komoju.news(Some(&news.cursor)).await.unwrap();
    assert_eq!((nameless.customers.len(), nameless.complete), (0, false));
    // Suppressed events look like silence: the complete pass is what finds those edits.
    place.set("customer_events", "off");
    touch();
    let silence = place.komoju.news(Some(&nameless.cursor)).await.unwrap();
    assert_eq!((silence.customers.len(), silence.complete), (0, true));
}

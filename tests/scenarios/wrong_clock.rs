//! A computer whose clock is wrong, or is put right in the middle of the day: nothing is lost, nothing is sent twice, and the log
//! stays whole.

use crate::shop::{Office, Shop, until};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::sync::{Arc, Mutex};
use tokendesk_desk::contract::{LogFilter, ProblemCode};
use tokendesk_desk::{Clock, DeskOptions};
use tokendesk_sandbox::{EditRequest, Fault};

/// A clock that goes, and can be set.
#[derive(Clone, Default)]
struct Settable(Arc<Mutex<TimeDelta>>);

impl Settable {
    fn set(&self, at: DateTime<Utc>) {
        *self.0.lock().unwrap() = at - Utc::now();
    }
    fn put_right(&self) {
        *self.0.lock().unwrap() = TimeDelta::zero();
    }
    fn of(&self, options: &mut DeskOptions) {
        options.clock = Arc::new(self.clone());
    }
}

impl Clock for Settable {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + *self.0.lock().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_to_1970_neither_loses_nor_repeats_anything() {
    let shop = Shop::start(60);
    let clock = Settable::default();
    let office = Office::connected_with(&shop, |options| clock.of(options)).await;
    let [before, during, lost, limited, after]: [_; 5] = shop.everyday(5).try_into().ok().unwrap();
    shop.forget_stats().await;
    let mut changes = vec![office.one_click(before.id, false).await.id];
    clock.set(DateTime::UNIX_EPOCH);
    changes.push(office.one_click(during.id, false).await.id);
    // An answer is lost, and another one puts us off: both are remembered by a clock that is wrong.
    shop.fault(
        "PATCH",
        &format!("/payment/tokens/{}", lost.id),
        Some(1),
        Fault::DropAfterCommit,
    );
    changes.push(office.one_click(lost.id, false).await.id);
    let wait = Fault::TooMany {
        retry_after: Some(json!(1)),
    };
    shop.fault("PATCH", &format!("/payment/tokens/{}", limited.id), Some(1), wait);
    changes.push(office.one_click(limited.id, false).await.id);
    until("everything to be sent", || async {
        let pushed = office.push().await;
        (pushed.waiting == 0).then_some(())
    })
    .await;
    office.read_all().await.unwrap();
    clock.put_right();
    changes.push(office.one_click(after.id, false).await.id);
    assert_eq!(office.push().await.done, 1);
    assert_eq!(office.push().await.done, 0);
    office.read_all().await.unwrap();

    for (token, change) in [&before, &during, &lost, &limited, &after]
        .into_iter()
        .zip(&changes)
    {
        assert_eq!(office.stands(change).await.0, "done");
        assert_eq!(shop.token(token.id).version, token.version + 1, "written once");
        assert_eq!(office.card(token.id).await.provider_one_click, Some(false));
    }
    let taken: Vec<_> = shop
        .stats()
        .await
        .writes
        .into_iter()
        .filter(|write| write.status != Some(429))
        .collect();
    assert_eq!(taken.len(), 5);
    let years: Vec<String> = office
        .log(LogFilter::default())
        .await
        .into_iter()
        .map(|row| row.at[..4].to_owned())
        .collect();
    assert!(
        years.iter().any(|year| year == "1970"),
        "the log says what the clock said"
    );
    office.assert_log_intact().await;
    let office = office.reopened().await;
    assert_eq!(
        office.status().await.older_ledger,
        None,
        "an early hour is no older ledger"
    );
    office.assert_log_intact().await;
    office.assert_same_as(&shop).await;
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_run_out_whatever_the_clock_says() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    office.hold(2).await;
    let clock = Settable::default();
    let office = office
        .reopened_with(|options| {
            clock.of(options);
            options.background = true;
        })
        .await;
    let [back, ahead]: [_; 2] = shop.everyday(2).try_into().ok().unwrap();
    for (token, at) in [
        (&back, DateTime::UNIX_EPOCH),
        (&ahead, Utc::now() + TimeDelta::days(1)),
    ] {
        clock.put_right();
        let change = office.one_click(token.id, false).await;
        clock.set(at);
        let left = office.change(&change.id).await.hold.unwrap().left_ms;
        assert!(left <= 2_000, "{left}");
        assert!(shop.stats().await.writes_to(token.id).is_empty());
        until("the end of the hold", || async {
            (office.stands(&change.id).await.0 == "done").then_some(())
        })
        .await;
        assert_eq!(shop.token(token.id).version, token.version + 1);
    }
    office.assert_log_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_long_ago_is_asked_again_before_it_is_sent() {
    let shop = Shop::start(60);
    let clock = Settable::default();
    let office = Office::connected_with(&shop, |options| clock.of(options)).await;
    let [deleted, enabled, untouched, disabled]: [_; 4] = shop.everyday(4).try_into().ok().unwrap();
    for token in [&enabled, &untouched] {
        office.one_click(token.id, false).await;
    }
    assert_eq!(office.push().await.done, 2);
    let deletion = office.delete(deleted.id, None).await.unwrap();
    let touched = office.one_click(enabled.id, true).await;
    let quiet = office.one_click(untouched.id, true).await;
    let off = office.one_click(disabled.id, false).await;
    for token in [&enabled, &disabled] {
        let edit = EditRequest {
            id: token.id,
            token_reference: Some(Some("theirs".to_owned())),
            ..EditRequest::default()
        };
        shop.running.edit(edit).unwrap();
    }
    shop.forget_stats().await;
    // Days later, as after a holiday.
    clock.set(Utc::now() + TimeDelta::hours(73));
    let pushed = office.push().await;
    assert_eq!((pushed.done, pushed.conflicts), (2, 2));
    assert_eq!(
        office.stands(&deletion.id).await.1.as_deref(),
        Some("old_deletion")
    );
    assert_eq!(
        office.stands(&touched.id).await.1.as_deref(),
        Some("old_enabling")
    );
    assert_eq!(
        office.stands(&quiet.id).await.0,
        "done",
        "nobody touched that card"
    );
    assert_eq!(
        office.stands(&off.id).await.0,
        "done",
        "switching off harms nobody"
    );
    let stats = shop.stats().await;
    assert!(stats.writes_to(deleted.id).is_empty() && stats.writes_to(enabled.id).is_empty());
    office.resolve(&deletion.id, "mine").await.unwrap();
    office.resolve(&touched.id, "theirs").await.unwrap();
    assert_eq!(office.push().await.done, 1);
    assert_ne!(shop.token(deleted.id).state, "ACTIVE");
    assert!(!shop.token(enabled.id).enabled_for_one_click_payment);
    assert_eq!(
        office.resolve(&deletion.id, "mine").await.unwrap_err().code,
        ProblemCode::ChangeNotInConflict
    );
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_tells_each_thing_once_even_if_the_clock_went_back() {
    let shop = Shop::start(60);
    let clock = Settable::default();
    let office = Office::connected_with(&shop, |options| clock.of(options)).await;
    let token = shop.everyday(1).remove(0);
    for (n, at) in [None, Some(DateTime::UNIX_EPOCH), Some(DateTime::UNIX_EPOCH), None]
        .into_iter()
        .enumerate()
    {
        match at {
            Some(at) => clock.set(at),
            None => clock.put_right(),
        }
        office.one_click(token.id, n % 2 == 1).await;
        assert_eq!(office.push().await.done, 1);
        let theirs = EditRequest {
            id: token.id,
            one_click: Some(n % 2 == 0),
            ..EditRequest::default()
        };
        shop.running.edit(theirs).unwrap();
        office.read_all().await.unwrap();
        office.one_click(token.id, n % 2 == 1).await;
        assert_eq!(office.push().await.done, 1);
    }
    let told = office.timeline(token.id, 200).await;
    assert_eq!(told.iter().filter(|item| item.status.is_some()).count(), 8);
    for limit in [1, 2, 3, 7] {
        let mut paged = office.timeline(token.id, limit).await;
        let mut whole = told.clone();
        for items in [&mut paged, &mut whole] {
            items.sort_by_key(|item| format!("{item:?}"));
        }
        assert_eq!(paged, whole, "in pages of {limit}");
    }
}

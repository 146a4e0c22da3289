//! Marks by the full-map rule, deletion with what hangs on it, one-click records.

use crate::place::{Place, by_id};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokendesk_model::{ActiveMark, Capabilities, Lesson, TokenState};
use tokendesk_providers::{PaymentSystem, ProviderErrorKind as Kind};

#[tokio::test(flavor = "multi_thread")]
async fn marks_are_written_beside_everything_that_was_there() {
    for merging in ["merge", "replace"] {
        let place = Place::new(30);
        place.set("metadata_patch", merging);
        let id = place.with_card();
        place
            .system
            .edit(json!({ "id": id, "metadata": { "メモ": "窓口", "vip": "yes" } }))
            .unwrap();
        let before = place.truth(&id)["metadata"].clone();

        let current = place.token(&id).await;
        let told = place
            .komoju
            .set_active(&current, false, None)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (&told.state, told.particulars.active_mark),
            (&TokenState::Inactive, ActiveMark::Set)
        );
        let told = place.komoju.set_one_click(&told, true).await.unwrap().unwrap();
        assert_eq!((&told.state, told.one_click), (&TokenState::Inactive, Some(true)));

        let mut wanted = before;
        wanted["tokendesk_active"] = "false".into();
        wanted["tokendesk_one_click"] = "true".into();
        assert_eq!(place.truth(&id)["metadata"], wanted, "{merging}");
        assert_eq!(place.token(&id).await, told);

        let told = place.komoju.set_active(&told, true, None).await.unwrap().unwrap();
        assert_eq!(told.state, TokenState::Active);
        assert_eq!(place.truth(&id)["metadata"]["tokendesk_active"], "true");
        let told = place.komoju.set_one_click(&told, false).await.unwrap().unwrap();
        assert_eq!(told.one_click, Some(false));
        let writes = place.system.writes();
        assert_eq!(writes.len(), 4);
        assert!(
            writes
                .iter()
                .all(|write| write.method == "PATCH" && write.fields == ["metadata"])
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_without_metadata_gets_the_mark_alone() {
    let place = Place::new(60);
    let id = place.all(|c| c["metadata"].is_null()).swap_remove(0);
    let current = place.token(&id).await;
    assert_eq!(current.particulars.active_mark, ActiveMark::NotSet);
    place.komoju.set_active(&current, true, None).await.unwrap();
    assert_eq!(
        place.truth(&id)["metadata"],
        json!({ "tokendesk_active": "true" })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_deleted_with_its_customer_record() {
    for answer in ["200", "204"] {
        let place = Place::new(30);
        place.set("customer_delete", answer);
        let id = place.with_card();
        let current = place.token(&id).await;
        place.komoju.delete_token(&current).await.unwrap();
        assert_eq!(place.truth(&id)["gone"], true);
        assert_eq!(place.komoju.read_token(by_id(&id)).await.unwrap(), None);
        assert_eq!(
            place.komoju.delete_token(&current).await.unwrap_err().kind,
            Kind::NotFound
        );
        place.set("customer_delete_again", "200");
        place.komoju.delete_token(&current).await.unwrap();
    }
    assert_eq!(
        Place::new(1).komoju.capabilities(Lesson::Untried),
        Capabilities::komoju()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn open_business_is_named_before_a_deletion() {
    let place = Place::new(400);
    let id = place.with_card();
    let made = |edit: Value| {
        place.system.edit(edit).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let was = place.komoju.before_deletion(by_id(&id)).await.unwrap();
    let mut payments = BTreeSet::from_iter(was.open_payments);
    let mut subscriptions = BTreeSet::from_iter(was.subscriptions);
    for status in ["pending", "authorized", "authorized"] {
        payments.insert(made(json!({ "payment": { "customer": id, "status": status } })));
    }
    made(json!({ "payment": { "customer": id, "status": "captured" } }));
    subscriptions.insert(made(json!({ "subscription": { "customer": id } })));
    // Others' business fills more than a page.
    let other = place
        .all(|c| c["source"]["type"] == "credit_card" && c["id"] != json!(id))
        .swap_remove(0);
    for _ in 0..130 {
        made(json!({ "payment": { "customer": other } }));
    }
    for order in ["newest", "oldest"] {
        place.set("payment_order", order);
        let facts = place.komoju.before_deletion(by_id(&id)).await.unwrap();
        assert_eq!(BTreeSet::from_iter(facts.open_payments), payments);
        assert_eq!(BTreeSet::from_iter(facts.subscriptions), subscriptions);
        assert_eq!(facts.not_known, None);
    }
    let status = |ids: &BTreeSet<String>| -> BTreeSet<String> {
        ids.iter()
            .map(|id| place.truth(id)["status"].as_str().unwrap().to_owned())
            .collect()
    };
    let current = place.token(&id).await;
    place.set("customer_delete_effect", "refused");
    assert_eq!(
        place.komoju.delete_token(&current).await.unwrap_err().kind,
        Kind::Refused
    );
    assert_eq!(place.truth(&id)["gone"], false);
    place.set("customer_delete_effect", "ends");
    place.komoju.delete_token(&current).await.unwrap();
    assert_eq!(status(&payments), BTreeSet::from(["cancelled".to_owned()]));
    assert_eq!(status(&subscriptions), BTreeSet::from(["cancelled".to_owned()]));
    let after = place.komoju.before_deletion(by_id(&id)).await.unwrap();
    assert!(after.open_payments.is_empty() && after.subscriptions.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn business_that_cannot_be_looked_up_is_not_told_as_none() {
    use tokendesk_sandbox::{Fault, FaultBody};
    let place = Place::new(60);
    let id = place.with_card();
    let subscription = place
        .system
        .edit(json!({ "subscription": { "customer": id } }))
        .unwrap();
    let refuse = |status| Fault::Status {
        status,
        retry_after: None,
        body: FaultBody::Json,
    };
    place.fault("GET", "/payments", None, refuse(403));
    let facts = place.komoju.before_deletion(by_id(&id)).await.unwrap();
    assert_eq!(facts.not_known, Some(Kind::Forbidden));
    assert!(
        facts
            .subscriptions
            .contains(&subscription["id"].as_str().unwrap().to_owned())
    );
    place.system.clear_faults();
    place.fault("GET", "/subscriptions", None, refuse(503));
    let error = place.komoju.before_deletion(by_id(&id)).await.unwrap_err();
    assert_eq!(error.kind, Kind::ServerFailed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_click_record_is_forgotten_by_the_shops_own_id() {
    let place = Place::new(10);
    for answer in ["200", "204"] {
        place.set("one_click_delete", answer);
        for id in ["C-000123", "shop/1? é#%", "rita@example.org", "客 42"] {
            place.system.edit(json!({ "one_click": id })).unwrap();
            place.komoju.forget_one_click(id).await.unwrap();
            assert_eq!(place.truth(id)["gone"], true);
            let again = place.komoju.forget_one_click(id).await.unwrap_err();
            assert_eq!(again.kind, Kind::NotFound);
        }
    }
    place.set("one_click_missing", "200");
    place.komoju.forget_one_click("never-there").await.unwrap();
    let before = place.system.requests();
    for nothing in ["", "  ", ".", ".."] {
        assert_eq!(
            place.komoju.forget_one_click(nothing).await.unwrap_err().kind,
            Kind::Refused
        );
    }
    assert_eq!(place.system.requests(), before);
}

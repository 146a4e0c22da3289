//! Deleting a card, or the whole customer record, and what is there where nothing can be deleted. Which scenario is about what:
//! [`crate::capabilities_table`].

use crate::capabilities_ground::Ground;
use serde_json::json;
use tokendesk_desk::contract::{DeleteCustomer, ProblemCode, ResolveChange};
use tokendesk_tests::played::{System, Wanted};

fn record(ground: &Ground, customer_id: &str, confirmation: &str) -> DeleteCustomer {
    DeleteCustomer {
        account_id: ground.account.to_string(),
        customer_id: customer_id.to_owned(),
        confirmation: confirmation.to_owned(),
        reason: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wallee_deletes_later_and_says_until_when() {
    let ground = Ground::of(System::Wallee).await;
    assert_eq!(ground.line("delete").await.carrier, "asynchronous");
    let before = ground.desk.before_deletion(ground.card(4)).await.unwrap();
    assert!(before.says.contains("deleting") && before.open_payments.is_empty());
    ground.made(Wanted::Delete, 4).await;
    let token = ground.truth(&ground.cards[4].id);
    assert!(["DELETING", "DELETED"].contains(&token["state"].as_str().unwrap()));
    ground.handle().pass_time(3_600_000);
    ground.read(true).await;
    assert_eq!(ground.truth(&ground.cards[4].id)["state"], "DELETED");
    let view = ground.view(4).await;
    assert_eq!(view.state, "deleted");
    assert!(view.planned_purge_on.is_some());
    assert_eq!(
        ground.ask(Wanted::OneClickOff, 4).await.unwrap_err().code,
        ProblemCode::CardNotSwitchable
    );
    assert_eq!(ground.writes().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn processout_deletes_a_card_at_once_and_its_customer_stays() {
    for rule in ["none", "newest"] {
        let ground = Ground::of(System::ProcessOut).await;
        ground.handle().set_switch("default_deleted", rule).unwrap();
        assert_eq!(ground.line("delete").await.carrier, "native");
        ground.made(Wanted::Delete, 4).await;
        let card = &ground.cards[4];
        assert_eq!(ground.truth(&card.id)["gone"], true);
        assert_eq!(ground.truth(&card.customer)["gone"], false);
        let view = ground.view(4).await;
        assert!(view.gone_at.is_some());
        assert_eq!(view.state, "deleted");

        // The default one: which card is it then is read, not guessed.
        let customer = ground.cards[8].customer.clone();
        let default = ground.truth(&customer)["default_token_id"]
            .as_str()
            .unwrap()
            .to_owned();
        let request = tokendesk_desk::contract::DeleteCard {
            card_id: ground.id_of(&default),
            confirmation: None,
            reason: None,
        };
        let asked = ground.desk.delete_card(request).await.unwrap();
        assert_eq!(ground.sent(&asked).await.status, "done");
        let now = ground.truth(&customer)["default_token_id"]
            .as_str()
            .map(str::to_owned);
        assert_eq!(now.is_some(), rule == "newest", "{rule}");
        for other in ground.person(8).await.cards {
            if other.gone_at.is_none() {
                assert_eq!(
                    other.is_default,
                    Some(now.as_ref() == Some(&other.remote_id)),
                    "{rule}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processout_deletes_a_whole_customer_record_when_its_end_is_typed() {
    for rule in ["cascades", "leaves-tokens"] {
        let ground = Ground::of(System::ProcessOut).await;
        ground.handle().set_switch("customer_deletion", rule).unwrap();
        let card = ground.cards[8].clone();
        let person = ground.person(8).await;
        let customer = person
            .customers
            .iter()
            .find(|one| one.customer_id.as_deref() == Some(card.customer.as_str()))
            .unwrap();
        assert_eq!(customer.deletable_record.as_deref(), Some(card.customer.as_str()));
        let end = &card.customer[card.customer.len() - 4..];
        for wrong in ["", "0000", "delete"] {
            let refused = ground
                .desk
                .delete_customer(record(&ground, &card.customer, wrong))
                .await;
            assert_eq!(refused.unwrap_err().code, ProblemCode::ConfirmationMissing);
        }
        assert!(ground.writes().is_empty());
        let done = ground
            .desk
            .delete_customer(record(&ground, &card.customer, end))
            .await
            .unwrap();
        assert!(done.says.contains("no longer finds it"), "{}", done.says);
        assert_eq!(ground.truth(&card.customer)["gone"], true);
        assert_eq!(ground.writes().len(), 1);
        let left = ground.truth(&card.id)["gone"] == false;
        assert_eq!(left, rule == "leaves-tokens");
        // Cards that are still found under their own id are not called gone.
        assert_eq!(ground.view(8).await.gone_at.is_none(), left, "{rule}");
        let row = &ground.logged("customer.deleted").await[0];
        assert_eq!(row.outcome, "ok");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_customer_record_is_deleted_at_processout_only() {
    for system in System::ALL {
        let ground = Ground::of(system).await;
        let card = &ground.cards[0];
        let can = ground.view(0).await.carriers.delete_customer;
        assert_eq!(can, system == System::ProcessOut, "{system}");
        if can {
            continue;
        }
        let id = if card.customer.is_empty() {
            "88"
        } else {
            &card.customer
        };
        let end: String = id.chars().skip(id.chars().count().saturating_sub(4)).collect();
        let requests = ground.handle().requests();
        let problem = ground
            .desk
            .delete_customer(record(&ground, id, &end))
            .await
            .unwrap_err();
        assert_eq!(problem.code, ProblemCode::NotOffered, "{system}");
        assert_eq!(ground.handle().requests(), requests, "{system}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn komoju_deletes_the_customer_record_and_its_open_business_is_told_first() {
    let ground = Ground::of(System::Komoju).await;
    assert_eq!(ground.line("delete").await.carrier, "customer_record");
    // Without any business there is nothing to tell but what deleting means.
    let before = ground.desk.before_deletion(ground.card(5)).await.unwrap();
    assert!(
        before.says.contains("deletes the customer record"),
        "{}",
        before.says
    );
    assert!(before.problem.is_none() && before.open_payments.is_empty() && before.subscriptions.is_empty());
    ground.made(Wanted::Delete, 5).await;
    assert_eq!(ground.truth(&ground.cards[5].id)["gone"], true);
    assert!(ground.view(5).await.gone_at.is_some());

    // What was told before does not have to be asked for again.
    let business = |nth: usize| {
        let customer = &ground.cards[nth].id;
        let payment = ground
            .handle()
            .edit(json!({ "payment": { "customer": customer } }))
            .unwrap();
        let running = ground
            .handle()
            .edit(json!({ "subscription": { "customer": customer } }))
            .unwrap();
        let id = |object: &serde_json::Value| object["id"].as_str().unwrap().to_owned();
        (id(&payment), id(&running))
    };
    let (payment, running) = business(6);
    let before = ground.desk.before_deletion(ground.card(6)).await.unwrap();
    assert_eq!(
        (&before.open_payments, &before.subscriptions),
        (&vec![payment.clone()], &vec![running.clone()])
    );
    ground.made(Wanted::Delete, 6).await;
    assert_eq!(ground.truth(&payment)["status"], "cancelled");
    assert_eq!(ground.writes().len(), 2);

    // What came up since, or was never looked at, is for a person.
    let asked = ground.ask(Wanted::Delete, 7).await.unwrap();
    let (payment, _) = business(7);
    let found = ground.sent(&asked).await;
    assert_eq!(found.status, "conflict");
    assert_eq!(found.conflict.unwrap().kind, "open_business");
    assert_eq!(ground.truth(&payment)["status"], "authorized");
    assert_eq!(ground.writes().len(), 2);
    let mine = ResolveChange {
        change_id: asked.id.clone(),
        keep: "mine".to_owned(),
    };
    ground.desk.resolve_change(mine).await.unwrap();
    assert_eq!(ground.sent(&asked).await.status, "done");
    assert_eq!(ground.truth(&ground.cards[7].id)["gone"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_komoju_refuses_to_delete_stays_and_says_so() {
    let ground = Ground::of(System::Komoju).await;
    ground
        .handle()
        .set_switch("customer_delete_effect", "refused")
        .unwrap();
    let customer = ground.cards[6].id.clone();
    ground
        .handle()
        .edit(json!({ "subscription": { "customer": customer } }))
        .unwrap();
    ground.desk.before_deletion(ground.card(6)).await.unwrap();
    let asked = ground.ask(Wanted::Delete, 6).await.unwrap();
    let stuck = ground.sent(&asked).await;
    assert_eq!(
        (stuck.status.as_str(), stuck.why.as_deref()),
        ("stuck", Some("refused"))
    );
    assert_eq!(ground.truth(&customer)["gone"], false);
    assert_eq!(ground.view(6).await.state, "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn zafapay_offers_no_deletion_and_blocking_is_there_instead() {
    let ground = Ground::of(System::Zafapay).await;
    let line = ground.line("delete").await;
    assert_eq!(
        (line.carrier.as_str(), line.tag.as_str()),
        ("block_instead", "Not offered")
    );
    let before = ground.desk.before_deletion(ground.card(4)).await.unwrap();
    assert_eq!(
        before.says,
        "Zafapay offers no deletion. The card can be blocked instead."
    );
    let view = ground.view(4).await;
    assert_eq!(view.carriers.delete, "block_instead");
    assert_eq!(view.switches.delete_blocked.as_deref(), Some("not_offered"));
    assert_eq!(view.switches.active_blocked, None);
    let problem = ground.not_offered(Wanted::Delete, 4).await;
    assert!(problem.title.contains("Zafapay"), "{}", problem.title);
    let removed = ground.desk.remove_from_desk(ground.card(4)).await.unwrap_err();
    assert_eq!(removed.code, ProblemCode::NotOffered);
    assert!(ground.writes().is_empty());
    ground.made(Wanted::Deactivate, 4).await;
    assert_eq!(ground.truth(&ground.cards[4].id)["status"], "blocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn prism_revokes_a_mandate_where_the_connector_has_it() {
    let ground = Ground::of(System::Prism).await;
    assert_eq!(ground.line("delete").await.carrier, "mandate");
    let before = ground.desk.before_deletion(ground.card(4)).await.unwrap();
    assert!(before.says.contains("only proof"), "{}", before.says);
    let made = ground.made(Wanted::Delete, 4).await;
    let token = ground.cards[4].id.clone();
    assert_eq!(ground.truth(&token)["gone"], true);
    let writes = ground.writes();
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0].operation, "mandates.revoke");
    // Nobody keeps it any more: it leaves this desk, its change stays, and an import alone would bring it back.
    assert!(ground.all().await.iter().all(|card| card.remote_id != token));
    assert_eq!(ground.change(&made.id).await.status, "done");
    ground.read(true).await;
    assert_eq!(ground.all().await.len(), 7);

    // A lost answer is for a person, never repeated by itself.
    ground.handle().add_fault(tokendesk_sandbox::FaultRule {
        when: tokendesk_sandbox::FaultMatch::default(),
        times: Some(1),
        fault: tokendesk_sandbox::Fault::DropAfterCommit,
    });
    let asked = ground.ask(Wanted::Delete, 5).await.unwrap();
    let stuck = ground.sent(&asked).await;
    assert_eq!(
        (stuck.status.as_str(), stuck.why.as_deref()),
        ("stuck", Some("answer_lost"))
    );
    ground.sent(&asked).await;
    assert_eq!(ground.writes().len(), 2);
    assert_eq!(
        ground.all().await.len(),
        7,
        "it is shown as long as nobody said that it is gone"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn prism_without_revoking_takes_a_card_off_this_desk_only() {
    let ground = Ground::of_prism("stripe", &[], |_| {}).await;
    let line = ground.line("delete").await;
    assert_eq!(
        (line.carrier.as_str(), line.tag.as_str()),
        ("desk_only", "This desk only")
    );
    assert_eq!(
        ground.view(0).await.switches.delete_blocked.as_deref(),
        Some("desk_only")
    );
    let requests = ground.handle().requests();
    ground.not_offered(Wanted::Delete, 0).await;
    ground.desk.remove_from_desk(ground.card(0)).await.unwrap();
    assert_eq!(ground.all().await.len(), 7);
    assert_eq!(ground.logged("card.removed_here").await.len(), 1);
    assert_eq!(
        ground.handle().requests(),
        requests,
        "it stays usable at the processor"
    );
    assert_eq!(ground.truth(&ground.cards[0].id)["gone"], false);
}

/// Makes the saved details of a card newer ones, as when its bank sent another card.
fn renew(ground: &Ground, nth: usize) {
    let id = &ground.cards[nth].id;
    let edit = match ground.system {
        System::Wallee => json!({ "id": id.parse::<u64>().unwrap(), "newVersion": true }),
        System::ProcessOut => {
            json!({ "set_token": { "id": id, "renewed": { "exp_month": 12, "exp_year": 2035 } } })
        }
        System::Komoju => {
            let source = json!({ "brand": "visa", "last4": "1117", "month": 12, "year": 2035 });
            json!({ "id": id, "source": source })
        }
        System::Zafapay | System::Prism => panic!("nothing is renewed there"),
    };
    ground.handle().edit(edit).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_renewed_or_became_the_default_is_not_deleted_without_a_person() {
    for system in [System::Wallee, System::ProcessOut, System::Komoju] {
        let ground = Ground::of(system).await;
        let asked = ground.ask(Wanted::Delete, 4).await.unwrap();
        renew(&ground, 4);
        let found = ground.sent(&asked).await;
        assert_eq!(found.status, "conflict", "{system}");
        assert_eq!(found.conflict.unwrap().kind, "renewed", "{system}");
        assert!(ground.writes().is_empty() && !ground.held(4).gone, "{system}");
        let mine = ResolveChange {
            change_id: asked.id.clone(),
            keep: "mine".to_owned(),
        };
        ground.desk.resolve_change(mine).await.unwrap();
        assert_eq!(ground.sent(&asked).await.status, "done", "{system}");
        assert!(ground.held(4).gone, "{system}");
    }
    let ground = Ground::of(System::ProcessOut).await;
    let asked = ground.ask(Wanted::Delete, 8).await.unwrap();
    let edit = json!({ "set_token": { "id": ground.cards[8].id, "is_default": true } });
    ground.handle().edit(edit).unwrap();
    let found = ground.sent(&asked).await;
    assert_eq!(found.conflict.unwrap().kind, "became_default");
    assert!(ground.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_deleted_already_is_deleted() {
    for system in [System::Wallee, System::ProcessOut, System::Komoju] {
        let ground = Ground::of(system).await;
        let asked = ground.ask(Wanted::Delete, 4).await.unwrap();
        let switched = ground.ask(Wanted::OneClickOff, 0).await.unwrap();
        for nth in [0, 4] {
            let id = &ground.cards[nth].id;
            let edit = match system {
                System::Wallee => json!({ "purge": id.parse::<u64>().unwrap() }),
                System::ProcessOut => json!({ "delete_token": { "id": id } }),
                _ => json!({ "id": id, "delete": true }),
            };
            ground.handle().edit(edit).unwrap();
        }
        assert_eq!(ground.sent(&asked).await.status, "done", "{system}");
        let stuck = ground.change(&switched.id).await;
        assert_eq!(
            (stuck.status.as_str(), stuck.why.as_deref()),
            ("stuck", Some("not_found")),
            "{system}"
        );
        assert!(ground.writes().is_empty(), "{system}");
        for nth in [0, 4] {
            assert!(ground.view(nth).await.gone_at.is_some(), "{system}");
        }
    }
}

//! Where customers and their cards come from, and how changes since the last reading arrive. Which scenario is about what:
//! [`crate::capabilities_table`].

use crate::capabilities_ground::Ground;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokendesk_desk::contract::{
    AddToDirectory, CardRef, DirectoryRef, Env, FindPeople, Imported, PeopleFound, ProblemCode,
};
use tokendesk_tests::played::System;
use tokendesk_tests::truth;

const NEW: &str = "somebody.new@example.net";

async fn find(ground: &Ground, text: &str) -> PeopleFound {
    let request = FindPeople {
        env: Env::Demo,
        text: text.to_owned(),
        after: None,
        limit: 50,
    };
    ground.desk.find_people(request).await.unwrap()
}

async fn add(ground: &Ground, customer_id: &str, token: Option<&str>) -> Imported {
    let entry = AddToDirectory {
        account_id: ground.account.to_string(),
        customer_id: customer_id.to_owned(),
        email: Some(NEW.to_owned()),
        name: Some("Ada New".to_owned()),
        token: token.map(str::to_owned),
        tokens_confirmed: false,
    };
    ground.desk.add_to_directory(entry).await.unwrap()
}

/// Every card with its details' end, as the payment system holds them and as the desk shows them, is the same.
async fn shows_every_card(ground: &Ground) -> usize {
    let held: BTreeSet<(String, Option<String>)> = truth::records(&ground.running, ground.system)
        .into_iter()
        .flat_map(|record| {
            record
                .cards
                .into_iter()
                .map(move |card| (card.id, record.email.clone()))
        })
        .collect();
    let shown: BTreeSet<(String, Option<String>)> = ground
        .all()
        .await
        .into_iter()
        .map(|card| (card.remote_id, card.email))
        .collect();
    assert_eq!(shown, held, "{}", ground.system);
    held.len()
}

// Customers come from.

#[tokio::test(flavor = "multi_thread")]
async fn customers_of_wallee_are_what_its_tokens_say() {
    let ground = Ground::of(System::Wallee).await;
    assert_eq!(ground.line("customers_and_cards").await.carrier, "native");
    assert!(shows_every_card(&ground).await > 20);
    let id: u64 = ground.cards[0].id.parse().unwrap();
    let view = ground.view(0).await;
    assert_eq!(find(&ground, view.email.as_deref().unwrap()).await.total.n, 1);

    // The same token under another customer is another record; nobody is asked for customers, because there are none.
    ground
        .handle()
        .edit(json!({ "id": id, "email": NEW, "customerId": "new-1" }))
        .unwrap();
    ground.read(true).await;
    let person = ground.person(0).await;
    assert_eq!(person.email.as_deref(), Some(NEW));
    assert_eq!(person.customers.len(), 1);
    assert_eq!(person.customers[0].customer_id.as_deref(), Some("new-1"));
    assert_eq!(person.cards.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_of_processout_and_komoju_are_their_own_lists() {
    for (system, edit) in [
        (System::ProcessOut, json!({ "add_customer": { "email": NEW } })),
        (System::Komoju, json!({ "customer": { "email": NEW } })),
    ] {
        let ground = Ground::of(system).await;
        assert_eq!(ground.line("customers_and_cards").await.carrier, "native");
        assert!(shows_every_card(&ground).await > 20, "{system}");
        assert!(ground.calls("customers.list") > 0, "{system}");
        assert_eq!(ground.account().await.directory, None, "{system}");
        assert_eq!(find(&ground, NEW).await.total.n, 0);
        let made = ground.handle().edit(edit).unwrap();
        ground.read(true).await;
        let found = find(&ground, NEW).await;
        assert_eq!(found.total.n, 1, "{system}");
        let request = tokendesk_desk::contract::PersonRef {
            env: Env::Demo,
            person: found.items[0].person.clone(),
        };
        let person = ground.desk.open_person(request).await.unwrap();
        assert_eq!(person.customers[0].customer_id.as_deref(), made["id"].as_str());
        // There is nothing to import.
        let request = DirectoryRef {
            account_id: ground.account.to_string(),
            customer_id: "1".to_owned(),
        };
        let problem = ground.desk.remove_from_directory(request).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::NotOffered, "{system}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_of_zafapay_are_the_ids_imported_here() {
    let ground = Ground::of(System::Zafapay).await;
    assert_eq!(ground.line("customers_and_cards").await.carrier, "imported");
    let prepared: BTreeSet<&str> = ground.cards.iter().map(|card| card.customer.as_str()).collect();
    let shown = ground.all().await;
    assert!(
        shown
            .iter()
            .all(|card| prepared.contains(card.customer_id.as_deref().unwrap()))
    );
    assert_eq!(ground.account().await.directory, Some(8));

    let made = ground
        .handle()
        .edit(json!({ "add_card": { "customer_id": "shop/9?x=ü", "last4": "1881" } }))
        .unwrap();
    ground.read(true).await;
    assert_eq!(
        ground.all().await.len(),
        shown.len(),
        "an id that nobody imported is not known"
    );
    assert_eq!(add(&ground, "shop/9?x=ü", None).await.new, 1);
    ground.read(true).await;
    let person = find(&ground, NEW).await;
    assert_eq!(person.total.n, 1);
    let view = ground.view_of(made["id"].as_str().unwrap()).await;
    assert_eq!(
        (view.last4.as_deref(), view.customer_id.as_deref()),
        (Some("1881"), Some("shop/9?x=ü"))
    );
    assert_eq!(ground.account().await.directory, Some(9));
    assert!(ground.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_of_prism_are_imported_with_their_tokens() {
    let ground = Ground::of(System::Prism).await;
    assert_eq!(ground.line("customers_and_cards").await.carrier, "imported");
    let account = ground.account().await;
    assert_eq!(
        (account.directory, account.imports_tokens, account.cards),
        (Some(8), true, 8)
    );
    let requests = ground.handle().requests();
    let token = "0F7E9C1B2A3D4E5F60718293A4B5C6D7";
    assert_eq!(add(&ground, "cus 9", Some(token)).await.new, 1);
    ground.read(true).await;
    assert_eq!(find(&ground, NEW).await.total.n, 1);
    let view = ground.view_of(token).await;
    assert_eq!(
        (view.state.as_str(), view.email.as_deref()),
        ("active", Some(NEW))
    );
    assert_eq!(ground.handle().requests(), requests, "nothing can be asked there");
}

// Tokens come from.

#[tokio::test(flavor = "multi_thread")]
async fn cards_of_wallee_come_with_their_versions() {
    let ground = Ground::of(System::Wallee).await;
    let (mut told, mut without) = (0, 0);
    for token in ground.running.tokens() {
        let view = ground.view_of(&token.id.to_string()).await;
        match token.versions.iter().rfind(|version| version.state == "ACTIVE") {
            Some(version) => {
                assert!(["known", "none_given"].contains(&view.card_knowledge.as_str()));
                told += usize::from(view.last4.is_some());
                assert!(view.last4.is_none() || view.last4 == version.last_four);
            }
            None => {
                assert_eq!(view.card_knowledge, "no_active_version");
                without += 1;
            }
        }
    }
    assert!(told > 20 && without > 0, "{told}, {without}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_of_processout_are_shown_whether_or_not_its_lists_show_them() {
    for (nested, card) in [
        ("honoured", "honoured"),
        ("ignored", "ignored"),
        ("refused", "refused"),
    ] {
        let ground = Ground::with(
            System::ProcessOut,
            |running, _| {
                let handle = running.system("processout");
                handle.set_switch("expand_nested", nested).unwrap();
                handle.set_switch("expand_card", card).unwrap();
                handle.set_switch("expand_tokens", nested).unwrap();
            },
            |_| {},
        )
        .await;
        assert!(shows_every_card(&ground).await > 20);
        let mut told = 0;
        for view in ground.all().await {
            let token = ground.truth(&view.remote_id);
            let (word, last4) = match &token["card"] {
                Value::Null if ["card", "pending"].contains(&token["type"].as_str().unwrap()) => {
                    ("no_active_version", None)
                }
                Value::Null => ("none_given", None),
                card => ("known", card["last_4_digits"].as_str()),
            };
            assert_eq!(
                (view.card_knowledge.as_str(), view.last4.as_deref()),
                (word, last4),
                "{card}"
            );
            told += usize::from(last4.is_some());
        }
        assert!(told > 20);
        // One by one only where the lists do not show them.
        assert_eq!(
            ground.calls("tokens.read") >= told as u64,
            card != "honoured",
            "{card}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_of_komoju_is_its_customers_one_source() {
    let ground = Ground::of(System::Komoju).await;
    let (mut cards, mut shells, mut others) = (0, 0, 0);
    for view in ground.all().await {
        assert_eq!(
            view.customer_id.as_deref(),
            Some(view.remote_id.as_str()),
            "one customer, one card"
        );
        let source = ground.truth(&view.remote_id)["source"].clone();
        match source["type"].as_str() {
            None => {
                assert_eq!((view.card_knowledge.as_str(), view.last4), ("not_read", None));
                shells += 1;
            }
            Some("credit_card") => {
                assert_eq!(view.last4.as_deref(), source["last_four_digits"].as_str());
                cards += 1;
            }
            Some(kind) => {
                assert_eq!(view.kind.as_deref(), Some(kind));
                others += 1;
            }
        }
    }
    assert!(
        cards > 10 && shells > 0 && others > 0,
        "{cards}, {shells}, {others}"
    );

    // Hidden, nothing is said of it: neither that there is a card, nor that there is none.
    let hidden = |running: &tokendesk_sandbox::Running, _: &[_]| {
        running.system("komoju").set_switch("source", "hidden").unwrap();
    };
    let ground = Ground::with(System::Komoju, hidden, |_| {}).await;
    assert!(
        ground
            .all()
            .await
            .iter()
            .all(|view| view.card_knowledge == "not_read")
    );
    // What was told once and is hidden now stays.
    let ground = Ground::of(System::Komoju).await;
    assert_eq!(ground.view(0).await.last4.as_deref(), Some("1110"));
    ground.handle().set_switch("source", "hidden").unwrap();
    ground.read(true).await;
    assert_eq!(ground.view(0).await.last4.as_deref(), Some("1110"));
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_of_zafapay_are_read_for_each_customer() {
    let ground = Ground::of(System::Zafapay).await;
    assert!(ground.calls("methods.list") >= 8);
    let person = ground.person(0).await;
    let held = ground.truth(&ground.cards[0].customer);
    let held: BTreeSet<&str> = held["payment_methods"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let shown: BTreeSet<&str> = person.cards.iter().map(|card| card.remote_id.as_str()).collect();
    assert_eq!((shown.len(), shown), (2, held));
    assert_eq!(ground.view(0).await.last4.as_deref(), Some("4240"));

    // A card that its list does not name any more is not reported: that is no proof that it is gone.
    let id = ground.cards[0].id.clone();
    ground
        .handle()
        .edit(json!({ "remove_card": { "id": id } }))
        .unwrap();
    ground.read(true).await;
    let view = ground.view(0).await;
    assert_eq!((view.gone_at, view.state.as_str()), (None, "active"));
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_of_prism_are_the_tokens_as_they_were_imported() {
    let ground = Ground::of(System::Prism).await;
    let token = ground.cards[0].id.clone();
    ground
        .handle()
        .edit(json!({ "token": token, "revoked": true }))
        .unwrap();
    let requests = ground.handle().requests();
    ground.read(true).await;
    ground.refresh(0).await;
    let view = ground.view(0).await;
    assert_eq!(
        (view.state.as_str(), view.card_knowledge.as_str()),
        ("active", "none_given")
    );
    assert_eq!(ground.handle().requests(), requests, "nothing can be asked there");
}

// Changes since.

#[tokio::test(flavor = "multi_thread")]
async fn between_passes_wallee_shows_new_ids_and_a_pass_shows_the_rest() {
    let ground = Ground::of(System::Wallee).await;
    assert_eq!(ground.line("news").await.carrier, "full_pass");
    let id: u64 = ground.cards[0].id.parse().unwrap();
    ground
        .handle()
        .edit(json!({ "id": id, "oneClick": false }))
        .unwrap();
    let made = ground
        .handle()
        .edit(json!({ "add": { "email": NEW, "customerId": "new-1" } }))
        .unwrap();
    ground.read(false).await;
    assert_eq!(
        ground.view_of(&made["id"].to_string()).await.email.as_deref(),
        Some(NEW)
    );
    assert_eq!(
        ground.view(0).await.provider_one_click,
        Some(true),
        "not looked at yet"
    );
    ground.clock.ahead(24 * 3_600);
    ground.read(false).await;
    assert_eq!(
        ground.view(0).await.provider_one_click,
        Some(false),
        "the daily pass"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn between_passes_processout_and_komoju_tell_by_events() {
    for system in [System::ProcessOut, System::Komoju] {
        let ground = Ground::of(system).await;
        assert_eq!(ground.line("news").await.carrier, "events");
        let pass = ground.account().await.last_pass;
        system.played().flip(
            &ground.running,
            &ground.cards[0],
            tokendesk_tests::played::Wanted::OneClickOff,
            true,
        );
        let made = match system {
            System::ProcessOut => {
                let customer = &ground.cards[1].customer;
                let edit = json!({ "add_token": { "customer": customer, "last4": "1881" } });
                ground.handle().edit(edit).unwrap()
            }
            _ => {
                let source = json!({ "brand": "visa", "last4": "1881", "month": 2, "year": 2031 });
                let edit = json!({ "customer": { "email": NEW, "source": source } });
                ground.handle().edit(edit).unwrap()
            }
        };
        let gone = ground.cards[4].id.clone();
        let edit = match system {
            System::ProcessOut => json!({ "delete_token": { "id": gone } }),
            _ => json!({ "id": gone, "delete": true }),
        };
        ground.handle().edit(edit).unwrap();
        ground.read(false).await;
        assert_eq!(ground.view(0).await.provider_one_click, Some(false), "{system}");
        let view = ground.view_of(made["id"].as_str().unwrap()).await;
        assert_eq!(view.last4.as_deref(), Some("1881"), "{system}");
        assert!(ground.view(4).await.gone_at.is_some(), "{system}");
        assert_eq!(
            ground.account().await.last_pass,
            pass,
            "{system}: no pass was made"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_events_processout_and_komoju_are_read_whole_again() {
    for (system, switch, value) in [
        (System::ProcessOut, "events", "off"),
        (System::ProcessOut, "may_read_events", "off"),
        (System::Komoju, "customer_events", "off"),
    ] {
        let without = |running: &tokendesk_sandbox::Running, _: &[_]| {
            running.system(system.name()).set_switch(switch, value).unwrap();
        };
        let ground = Ground::with(system, without, |_| {}).await;
        let wish = tokendesk_tests::played::Wanted::OneClickOff;
        system
            .played()
            .flip(&ground.running, &ground.cards[0], wish, true);
        ground.read(false).await;
        assert_eq!(
            ground.view(0).await.provider_one_click,
            Some(true),
            "{system}: nobody told"
        );
        ground.clock.ahead(24 * 3_600);
        ground.read(false).await;
        assert_eq!(
            ground.view(0).await.provider_one_click,
            Some(false),
            "{system}: the daily pass"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_of_zafapay_is_read_again_from_time_to_time_and_when_opened() {
    let ground = Ground::of(System::Zafapay).await;
    assert_eq!(ground.line("news").await.carrier, "reread");
    let block = |nth: usize| {
        let edit = json!({ "block": { "id": ground.cards[nth].id, "reason": "elsewhere" } });
        ground.handle().edit(edit).unwrap();
    };
    block(0);
    ground.read(false).await;
    assert_eq!(ground.view(0).await.state, "active", "read a moment ago");
    let person = ground.refresh(0).await;
    assert!(!person.may_miss_new_cards);
    assert_eq!(ground.view(0).await.state, "inactive");
    block(1);
    ground.clock.ahead(6 * 3_600);
    ground.read(false).await;
    assert_eq!(ground.view(1).await.state, "inactive");
}

#[tokio::test(flavor = "multi_thread")]
async fn prism_tells_nothing_and_only_an_import_changes_what_is_shown() {
    let ground = Ground::of(System::Prism).await;
    assert_eq!(ground.line("news").await.carrier, "import");
    let requests = ground.handle().requests();
    ground.clock.ahead(100 * 24 * 3_600);
    ground.read(false).await;
    ground.read(true).await;
    assert_eq!(ground.handle().requests(), requests);
    assert_eq!(ground.all().await.len(), 8);
    // Taken off this desk, and brought back by an import only.
    let card = CardRef {
        card_id: ground.id(0),
    };
    ground.desk.remove_from_desk(card).await.unwrap();
    ground.read(true).await;
    assert_eq!(ground.all().await.len(), 7);
    let text = ground.system.played().directory(&ground.cards).unwrap();
    ground.import(&text).await;
    ground.read(true).await;
    assert_eq!(ground.all().await.len(), 8);
    assert_eq!(ground.handle().requests(), requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_that_nobody_told_of_are_missed_by_a_pass_and_asked_for_one_by_one() {
    for system in [System::ProcessOut, System::Komoju] {
        let ground = Ground::of(system).await;
        let delete = |id: &str| match system {
            System::ProcessOut => json!({ "delete_token": { "id": id, "quiet": true } }),
            _ => json!({ "id": id, "delete": true }),
        };
        if system == System::Komoju {
            ground.handle().set_switch("customer_events", "off").unwrap();
        }
        ground.handle().edit(delete(&ground.cards[0].id)).unwrap();
        ground.read(false).await;
        assert_eq!(ground.view(0).await.gone_at, None, "{system}");
        ground.read(true).await;
        assert!(ground.view(0).await.gone_at.is_some(), "{system}");
        assert_eq!(ground.view(0).await.state, "deleted", "{system}");
        assert_eq!(ground.view(1).await.gone_at, None, "{system}");

        // Too many at once are not believed without a person.
        let left: Vec<String> = ground
            .all()
            .await
            .into_iter()
            .filter(|card| card.gone_at.is_none() && card.remote_id != ground.cards[1].id)
            .map(|card| card.remote_id)
            .take(21)
            .collect();
        for id in &left {
            ground.handle().edit(delete(id)).unwrap();
        }
        let problem = ground.desk.read_account(ground.account, true).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::TooManyVanished, "{system}");
        assert_eq!(ground.view_of(&left[0]).await.gone_at, None, "{system}");
        ground.read(true).await;
        for id in &left {
            assert!(ground.view_of(id).await.gone_at.is_some(), "{system}");
        }
        assert_eq!(ground.view(1).await.gone_at, None, "{system}");
    }
}

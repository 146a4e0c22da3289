//! What is done at a provider at once: creating, asking the buyer, deleting a customer, forgetting, verifying by money; and
//! pasted ids, recognised and looked up.

use crate::account::{Account, text};
use serde_json::{Value, json};
use tokendesk_desk::contract::{
    CardRef, CreateToken, DeleteCustomer, Env, ForgetOneClick, ImportDirectory, LookUp, LookedUp, OpenPage,
    Problem, ProblemCode, Recognise, RecognisedAs, VerificationRef, VerificationView, VerifyCard,
};
use tokendesk_sandbox::Fault;
use tokendesk_tests::played::System;

fn token(account: &Account, external_id: Option<&str>) -> CreateToken {
    CreateToken {
        account_id: account.id.clone(),
        customer_id: Some("shop-17".to_owned()),
        email: Some("ada@example.com".to_owned()),
        reference: Some("ORDER-17".to_owned()),
        external_id: external_id.map(str::to_owned),
    }
}

async fn look_up(account: &Account, id: &str) -> Result<LookedUp, Problem> {
    account
        .desk
        .look_up(LookUp {
            account_id: account.id.clone(),
            text: id.to_owned(),
        })
        .await
}

async fn recognise(account: &Account, pasted: &str) -> Vec<RecognisedAs> {
    let request = Recognise {
        env: Env::Demo,
        text: pasted.to_owned(),
    };
    account.desk.recognise(request).await.unwrap().items
}

#[tokio::test(flavor = "multi_thread")]
async fn one_external_id_is_one_token() {
    let account = Account::at(System::Wallee).await;
    let before = account.system.ids().len();
    let first = account
        .desk
        .create_token(token(&account, Some("order-17")))
        .await
        .unwrap();
    assert_eq!(first.card.state, "active");
    assert_eq!(first.card.email.as_deref(), Some("ada@example.com"));
    assert_eq!(first.card.customer_id.as_deref(), Some("shop-17"));
    let again = account
        .desk
        .create_token(token(&account, Some("order-17")))
        .await
        .unwrap();
    assert_eq!(first.card.id, again.card.id);
    assert_eq!(account.system.ids().len(), before + 1);
    assert_eq!(
        account.logged("card.created").await,
        vec![("ok".to_owned(), None); 2]
    );

    // Without one each is its own.
    let other = account.desk.create_token(token(&account, None)).await.unwrap();
    assert_ne!(other.card.id, first.card.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_whose_answer_is_lost_says_with_which_id_to_repeat_it() {
    let account = Account::at(System::Wallee).await;
    let before = account.system.ids().len();
    account.fault("/payment/tokens", Fault::DropAfterCommit);
    let problem = account
        .desk
        .create_token(token(&account, None))
        .await
        .unwrap_err();
    let external_id = problem
        .detail
        .split("external id ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .unwrap()
        .to_owned();
    let made = account
        .desk
        .create_token(token(&account, Some(&external_id)))
        .await
        .unwrap();
    assert_eq!(made.card.state, "active");
    assert_eq!(account.system.ids().len(), before + 1);
    let log = account.logged("card.created").await;
    assert_eq!(
        log.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(),
        ["ok", "failed"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_created_is_refused_before_anything_is_sent() {
    let account = Account::at(System::Wallee).await;
    let asked = account.system.requests();
    let with = |change: fn(&mut CreateToken)| {
        let mut request = token(&account, None);
        change(&mut request);
        let desk = &account.desk;
        async move {
            let problem = desk.create_token(request).await.unwrap_err();
            (problem.code, problem.field.unwrap_or_default())
        }
    };
    let on = |code, field: &str| (code, field.to_owned());
    assert_eq!(
        with(|r| r.customer_id = Some("4111 1111 1111 1111".to_owned())).await,
        on(ProblemCode::CardNumber, "customer_id")
    );
    assert_eq!(
        with(|r| r.email = Some("ada".to_owned())).await,
        on(ProblemCode::FieldInvalid, "email")
    );
    assert_eq!(
        with(|r| r.external_id = Some("a\nb".to_owned())).await,
        on(ProblemCode::FieldInvalid, "external_id")
    );
    assert_eq!(
        with(|r| r.reference = Some("x".repeat(256))).await,
        on(ProblemCode::FieldInvalid, "reference")
    );
    assert_eq!(account.system.requests(), asked);

    for system in [System::ProcessOut, System::Komoju, System::Zafapay, System::Prism] {
        let account = Account::at(system).await;
        let problem = account
            .desk
            .create_token(token(&account, None))
            .await
            .unwrap_err();
        assert_eq!(problem.code, ProblemCode::NotOffered, "{system}");
    }
    let account = Account::with(System::Wallee, |connection| connection.read_only = true).await;
    let problem = account
        .desk
        .create_token(token(&account, None))
        .await
        .unwrap_err();
    assert_eq!(problem.code, ProblemCode::ReadOnlyAccount);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_for_new_details_is_given_out_and_what_the_buyer_enters_is_shown() {
    let account = Account::at(System::Wallee).await;
    account.read().await;
    let card = account
        .desk
        .create_token(token(&account, None))
        .await
        .unwrap()
        .card;
    let card_id = CardRef {
        card_id: card.id.clone(),
    };
    let page = account.desk.ask_new_details(card_id.clone()).await.unwrap();
    assert!(page.says.contains("nothing is charged"));
    let open = |url: &str| {
        let request = OpenPage { url: url.to_owned() };
        account.desk.open_page(request)
    };
    assert!(open(&page.url).await.is_ok());
    assert!(open(&format!("{}&x=1", page.url)).await.is_err());
    let transaction: u64 = page
        .url
        .split_once("/pay/")
        .and_then(|(_, rest)| rest.split_once('?'))
        .and_then(|(id, _)| id.parse().ok())
        .unwrap();
    let entered = json!({ "brand": "Visa", "last4": "1111", "expires": "2031-05" });
    account
        .system
        .edit(json!({ "entered": transaction, "card": entered }))
        .unwrap();
    let looked = look_up(&account, &card.remote_id).await.unwrap();
    assert!(looked.found);
    let shown = account.desk.show_card(card_id.clone()).await.unwrap().card;
    assert_eq!(shown.last4.as_deref(), Some("1111"));

    // A token that gets none: refused by the provider, in its words.
    account.system.set_switch("details_page_for", "active").unwrap();
    account
        .system
        .edit(json!({ "id": card.remote_id.parse::<u64>().unwrap(), "state": "INACTIVE" }))
        .unwrap();
    let problem = account.desk.ask_new_details(card_id).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::RefusedByProvider);
    let log = account.logged("card.details_asked").await;
    assert_eq!(
        log.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(),
        ["failed", "ok"]
    );

    for system in [System::ProcessOut, System::Komoju] {
        let account = Account::at(system).await;
        let cards = system.played().prepared(&account.running);
        account.read().await;
        let card = CardRef {
            card_id: account.card(&cards[0].id),
        };
        let problem = account.desk.ask_new_details(card).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::NotOffered, "{system}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_record_is_deleted_with_its_cards_once_its_end_is_typed() {
    let account = Account::at(System::ProcessOut).await;
    let prepared = System::ProcessOut.played().prepared(&account.running);
    account.read().await;
    let (customer, card) = (&prepared[0].customer, &prepared[0].id);
    let request = |confirmation: &str| DeleteCustomer {
        account_id: account.id.clone(),
        customer_id: customer.clone(),
        confirmation: confirmation.to_owned(),
        reason: Some("asked for by email".to_owned()),
    };
    let card_id = CardRef {
        card_id: account.card(card),
    };
    let before = account.desk.show_card(card_id.clone()).await.unwrap().card;
    assert!(before.gone_at.is_none());
    let writes = account.system.writes().len();
    for wrong in ["", "0000", customer] {
        let problem = account.desk.delete_customer(request(wrong)).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::ConfirmationMissing);
    }
    assert_eq!(account.system.writes().len(), writes);
    let end = &customer[customer.len() - 4..];
    let done = account.desk.delete_customer(request(end)).await.unwrap();
    assert!(done.says.contains("no longer finds it"), "{}", done.says);
    assert_eq!(account.system.truth(customer).unwrap()["gone"], true);
    let after = account.desk.show_card(card_id).await.unwrap().card;
    assert!(after.gone_at.is_some());
    // What cannot be deleted twice is told as the provider tells it.
    let again = account.desk.delete_customer(request(end)).await.unwrap_err();
    assert_eq!(again.code, ProblemCode::NotFoundAtProvider);
    let other = Account::at(System::Komoju).await;
    let elsewhere = DeleteCustomer {
        account_id: other.id.clone(),
        ..request(end)
    };
    let problem = other.desk.delete_customer(elsewhere).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::NotOffered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hosted_one_click_record_is_forgotten_by_the_shops_own_id() {
    let account = Account::at(System::Komoju).await;
    let id = "shop/17? ä";
    account.system.edit(json!({ "one_click": id })).unwrap();
    let forget = |id: &str| {
        account.desk.forget_one_click(ForgetOneClick {
            account_id: account.id.clone(),
            external_customer_id: id.to_owned(),
        })
    };
    let done = forget(id).await.unwrap();
    assert!(done.says.contains("forgotten"), "{}", done.says);
    assert_eq!(account.system.truth(id).unwrap()["gone"], true);
    for (bad, code) in [
        (" ", ProblemCode::FieldInvalid),
        ("4111111111111111", ProblemCode::CardNumber),
    ] {
        assert_eq!(forget(bad).await.unwrap_err().code, code);
    }
    assert_eq!(
        account.logged("account.one_click_forgotten").await,
        [("ok".to_owned(), None)]
    );
}

/// A Prism account with these connector tokens imported.
async fn with_tokens(tokens: &[&str]) -> Account {
    let account = Account::at(System::Prism).await;
    let rows: String = tokens
        .iter()
        .enumerate()
        .map(|(nth, token)| format!("cus_{nth},buyer{nth}@example.com,{token}\n"))
        .collect();
    account
        .desk
        .import_directory(ImportDirectory {
            account_id: account.id.clone(),
            text: format!("customer,email,token\n{rows}"),
            columns: None,
            tokens_confirmed: true,
            dry_run: false,
        })
        .await
        .unwrap();
    account.read().await;
    account
}

fn verification(account: &Account, token: &str) -> VerifyCard {
    VerifyCard {
        card_id: account.card(token),
        amount: "1.00".to_owned(),
        currency: "EUR".to_owned(),
        through: "token_authorize".to_owned(),
        confirmation: "VERIFY".to_owned(),
        reason: None,
    }
}

async fn earlier(account: &Account, token: &str) -> Vec<VerificationView> {
    let card = CardRef {
        card_id: account.card(token),
    };
    account.desk.verify_offer(card).await.unwrap().earlier
}

fn money(account: &Account, reference: &str) -> (u64, u64, u64) {
    let truth = account.system.truth(reference).unwrap_or(Value::Null);
    let count = |name: &str| truth[name].as_u64().unwrap_or_default();
    (count("held"), count("voided"), count("charged"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_verification_is_told_as_it_ended_and_kept() {
    let outcomes = [
        ("sandbox_ok", "voided", (0, 1, 0)),
        ("sandbox_declined", "declined", (0, 0, 0)),
        ("sandbox_gone", "not_reserved", (0, 0, 0)),
        ("sandbox_needs_customer", "needs_buyer", (0, 0, 0)),
        ("sandbox_status_0", "released_unclear", (0, 1, 0)),
        ("sandbox_void_status_0", "void_unconfirmed", (1, 0, 0)),
        ("sandbox_http_500", "hold_may_exist", (0, 0, 0)),
        ("sandbox_charged", "charged", (0, 0, 1)),
    ];
    let tokens = outcomes.map(|(token, ..)| token);
    let account = with_tokens(&tokens).await;
    for (token, outcome, counts) in outcomes {
        let shown = account
            .desk
            .verify_card(verification(&account, token))
            .await
            .unwrap();
        assert_eq!(shown.outcome, outcome, "{token}");
        assert_eq!(shown.amount, "1.00 EUR");
        assert!(!shown.says.is_empty() && shown.finished_at.is_some());
        assert_eq!(shown.refundable, outcome == "charged");
        assert_eq!(money(&account, &shown.reference), counts, "{token}");
        let unsure = matches!(outcome, "void_unconfirmed" | "hold_may_exist");
        assert_eq!(shown.says.contains(&shown.reference), unsure, "{token}");
        assert_eq!(earlier(&account, token).await, [shown]);
    }
    let log = account.logged("card.verified").await;
    let words: Vec<&str> = log.iter().rev().map(|row| row.1.as_deref().unwrap()).collect();
    assert_eq!(words, outcomes.map(|(_, outcome, _)| outcome.replace('_', " ")));

    // What was charged is paid back once.
    let charged = earlier(&account, "sandbox_charged").await.remove(0);
    let request = VerificationRef {
        verification_id: charged.id.clone(),
    };
    let refunded = account.desk.refund_verification(request.clone()).await.unwrap();
    assert_eq!(
        (refunded.outcome.as_str(), refunded.refundable),
        ("refunded", false)
    );
    let truth = account.system.truth(&charged.reference).unwrap();
    assert_eq!(truth["transactions"][0]["refunded"], 100);
    let again = account.desk.refund_verification(request).await.unwrap_err();
    assert_eq!(again.code, ProblemCode::NotOffered);
    let voided = earlier(&account, "sandbox_ok").await.remove(0);
    let request = VerificationRef {
        verification_id: voided.id,
    };
    let problem = account.desk.refund_verification(request).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::NotOffered);
    assert_eq!(account.logged("card.refunded").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_leaves_a_journal_row_that_outlives_a_restart() {
    let account = with_tokens(&["sandbox_ok"]).await;
    account.fault("/types.PaymentService/TokenAuthorize", Fault::DropAfterCommit);
    let shown = account
        .desk
        .verify_card(verification(&account, "sandbox_ok"))
        .await
        .unwrap();
    assert_eq!(shown.outcome, "hold_may_exist");
    assert!(shown.says.contains(&shown.reference));
    assert_eq!(money(&account, &shown.reference), (1, 0, 0));
    let account = account.reopened().await;
    assert_eq!(earlier(&account, "sandbox_ok").await, [shown]);
    let asked: Vec<String> = account
        .system
        .writes()
        .into_iter()
        .filter(|write| write.path.ends_with("/TokenAuthorize"))
        .map(|write| write.path)
        .collect();
    assert_eq!(asked.len(), 1, "never asked again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_needs_its_word_its_amount_and_a_card_that_can() {
    let account = with_tokens(&["sandbox_ok"]).await;
    let asked = account.system.requests();
    let with = |change: fn(&mut VerifyCard)| {
        let mut request = verification(&account, "sandbox_ok");
        change(&mut request);
        let desk = &account.desk;
        async move {
            let problem = desk.verify_card(request).await.unwrap_err();
            (problem.code, problem.field.unwrap_or_default())
        }
    };
    let on = |code, field: &str| (code, field.to_owned());
    for wrong in [
        (|r: &mut VerifyCard| r.confirmation.clear()) as fn(&mut VerifyCard),
        |r| r.confirmation = "verify".to_owned(),
    ] {
        assert_eq!(
            with(wrong).await,
            on(ProblemCode::ConfirmationMissing, "confirmation")
        );
    }
    for wrong in [
        (|r: &mut VerifyCard| r.amount = "-1.00".to_owned()) as fn(&mut VerifyCard),
        |r| r.amount = "0".to_owned(),
        |r| r.amount = "1000.00".to_owned(),
        |r| r.amount = "1,00".to_owned(),
    ] {
        assert_eq!(with(wrong).await, on(ProblemCode::AmountInvalid, "amount"));
    }
    assert_eq!(
        with(|r| r.currency = "XTS".to_owned()).await,
        on(ProblemCode::AmountInvalid, "currency")
    );
    assert_eq!(
        with(|r| r.through = "capture".to_owned()).await,
        on(ProblemCode::FieldInvalid, "through")
    );
    assert_eq!(account.system.requests(), asked);
    assert_eq!(earlier(&account, "sandbox_ok").await, []);

    let other = Account::at(System::Wallee).await;
    other.read().await;
    let id = other.system.ids().remove(0);
    let offer = other
        .desk
        .verify_offer(CardRef {
            card_id: other.card(&id),
        })
        .await
        .unwrap();
    assert_eq!(offer.blocked.unwrap().code, ProblemCode::NotOffered);
    let problem = other
        .desk
        .verify_card(verification(&other, &id))
        .await
        .unwrap_err();
    assert_eq!(problem.code, ProblemCode::NotOffered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallee_id_is_recognised_and_looked_up() {
    let account = Account::at(System::Wallee).await;
    let id = account
        .running
        .tokens()
        .into_iter()
        .find(|token| token.state == "ACTIVE" && token.customer_email_address.is_some())
        .unwrap()
        .id
        .to_string();
    let found = recognise(&account, &format!(" {id}\n")).await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].provider_name.as_str(), found[0].kind.as_str()),
        ("wallee", "Saved card")
    );
    assert!(found[0].card_id.is_none() && found[0].says.contains("not known here"));
    assert_eq!(found[0].look_up[0].value, account.id);
    let asked = account.system.requests();

    let looked = look_up(&account, &id).await.unwrap();
    assert!(looked.found && looked.says.contains("wallee knows it"));
    assert!(account.system.requests() > asked);
    assert_eq!(looked.card_id.as_deref(), Some(account.card(&id).as_str()));
    let known = recognise(&account, &id).await;
    assert_eq!(known[0].card_id, looked.card_id);
    assert_eq!(known[0].person, looked.person);
    assert!(known[0].says.contains("It is known here."));

    let unknown = look_up(&account, "999999999999").await.unwrap();
    assert!(!unknown.found && unknown.card_id.is_none());
    assert!(unknown.says.contains("does not know"));

    // Gone at the provider since it was read here.
    account.read().await;
    account
        .system
        .edit(json!({ "purge": id.parse::<u64>().unwrap() }))
        .unwrap();
    let gone = look_up(&account, &id).await.unwrap();
    assert!(!gone.found, "{}", gone.says);
    assert!(gone.says.contains("no longer finds"), "{}", gone.says);
    let card = CardRef {
        card_id: account.card(&id),
    };
    let shown = account.desk.show_card(card).await.unwrap().card;
    assert!(shown.gone_at.is_some());
    let rows = account.logged("card.looked_up").await;
    assert_eq!(rows.len(), 3, "one row each: {rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_number_is_no_id_whatever_its_length() {
    let account = Account::at(System::Wallee).await;
    for number in [
        "4111111111111111",
        "4111 1111 1111 1111",
        "378282246310005",
        "5555-5555-5555-4444",
    ] {
        let request = Recognise {
            env: Env::Demo,
            text: number.to_owned(),
        };
        let problem = account.desk.recognise(request).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::CardNumber, "{number}");
        let problem = look_up(&account, number).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::CardNumber, "{number}");
    }
    for nothing in ["", "ada@example.com", "tok_", "1234"] {
        assert!(recognise(&account, nothing).await.is_empty(), "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processouts_ids_are_recognised_and_a_card_is_looked_up_through_its_customer() {
    let account = Account::at(System::ProcessOut).await;
    let prepared = System::ProcessOut.played().prepared(&account.running);
    let made = account
        .system
        .edit(json!({ "add_customer": { "email": "empty@example.com" } }))
        .unwrap();
    let empty = text(&made["id"]);
    let two = |card: &str| {
        let found = prepared.iter().find(|other| other.id == card).unwrap();
        account.system.truth(&found.customer).unwrap()["tokens"]
            .as_array()
            .unwrap()
            .len()
    };
    // A card that is not its customer's first, so that the right one has to be shown.
    let card = prepared
        .iter()
        .rev()
        .find(|card| two(&card.id) > 1)
        .unwrap_or(&prepared[0]);

    let found = recognise(&account, &card.customer).await;
    assert_eq!(found[0].kind, "Customer");
    let ours = found
        .iter()
        .find(|item| item.provider_name == "ProcessOut")
        .unwrap();
    assert!(ours.person.is_none() && ours.look_up.len() == 1);
    let saved = recognise(&account, &card.id).await;
    let ours = saved
        .iter()
        .find(|item| item.provider_name == "ProcessOut")
        .unwrap();
    assert_eq!(ours.kind, "Saved card");
    assert!(ours.look_up.is_empty() && ours.says.contains("through its customer"));
    let problem = look_up(&account, &card.id).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::NotOffered);

    let looked = look_up(&account, &card.customer).await.unwrap();
    assert!(looked.found && looked.card_id.is_some());
    let known = recognise(&account, &card.customer).await;
    assert_eq!(known[0].person, looked.person);
    // Now that it is known it can be looked up by its own id, and it is the one shown.
    let looked = look_up(&account, &card.id).await.unwrap();
    assert_eq!(looked.card_id.as_deref(), Some(account.card(&card.id).as_str()));
    assert_eq!(recognise(&account, &card.id).await[0].card_id, looked.card_id);

    let looked = look_up(&account, &empty).await.unwrap();
    assert!(looked.found && looked.card_id.is_none(), "{}", looked.says);
    assert_eq!(looked.person.as_deref(), Some("e:empty@example.com"));
    assert_eq!(recognise(&account, &empty).await[0].person, looked.person);

    account
        .system
        .edit(json!({ "delete_token": { "id": card.id } }))
        .unwrap();
    let gone = look_up(&account, &card.id).await.unwrap();
    assert!(!gone.found, "{}", gone.says);
    let unknown = look_up(&account, "cust_nobodyatall").await.unwrap();
    assert!(!unknown.found && unknown.says.contains("does not know"));
    for single in ["card_abc123", "tok_abc123"] {
        let items = recognise(&account, single).await;
        assert!(items.iter().all(|item| item.look_up.is_empty()), "{single}");
        let problem = look_up(&account, single).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::NotOffered, "{single}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn komojus_ids_are_recognised_and_single_use_tokens_are_known_from_the_bench() {
    let account = Account::at(System::Komoju).await;
    let prepared = System::Komoju.played().prepared(&account.running);
    let id = &prepared[0].id;
    let found = recognise(&account, id).await;
    assert_eq!(
        (found[0].provider_name.as_str(), found[0].kind.as_str()),
        ("KOMOJU", "Customer with a saved card")
    );
    let looked = look_up(&account, id).await.unwrap();
    assert_eq!(looked.card_id.as_deref(), Some(account.card(id).as_str()));
    assert_eq!(recognise(&account, id).await[0].card_id, looked.card_id);

    let run = account.start("token_in_payment").await;
    account
        .desk
        .run_flow_step(crate::account::step(&run, "create_token", &[]))
        .await
        .unwrap();
    let request = tokendesk_desk::contract::AccountRef {
        account_id: account.id.clone(),
    };
    let token = account.desk.single_use_tokens(request).await.unwrap().items[0]
        .remote_id
        .clone();
    let says = |items: Vec<RecognisedAs>| {
        let ours = items.into_iter().find(|item| item.provider_name == "KOMOJU");
        ours.unwrap().says
    };
    let made = says(recognise(&account, &token).await);
    assert!(made.contains("made on the test bench here."), "{made}");
    account
        .desk
        .run_flow_step(crate::account::step(&run, "pay", &[]))
        .await
        .unwrap();
    let used = says(recognise(&account, &token).await);
    assert!(used.contains("is used"), "{used}");
    let problem = look_up(&account, &token).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::NotOffered);
}

#[tokio::test(flavor = "multi_thread")]
async fn zafapays_ids_are_recognised_and_silence_proves_nothing() {
    let account = Account::at(System::Zafapay).await;
    let saved = |customer: &str| {
        let add = json!({ "add_card": { "customer_id": customer, "last4": "4242" } });
        text(&account.system.edit(add).unwrap()["id"])
    };
    let (card, second) = (saved("shop-17"), saved("shop-17"));
    assert!(card.starts_with("pmi_"));
    let found = recognise(&account, &card).await;
    assert_eq!(
        (
            found.len(),
            found[0].provider_name.as_str(),
            found[0].kind.as_str()
        ),
        (1, "Zafapay", "Saved card")
    );
    assert_eq!(
        look_up(&account, &card).await.unwrap_err().code,
        ProblemCode::NotOffered
    );
    // By the shop's own customer id, which has no shape.
    let looked = look_up(&account, "shop-17").await.unwrap();
    assert!(looked.found, "{}", looked.says);
    assert!(recognise(&account, &card).await[0].card_id.is_some());
    let looked = look_up(&account, &second).await.unwrap();
    assert_eq!(looked.card_id.as_deref(), Some(account.card(&second).as_str()));
    account
        .system
        .edit(json!({ "remove_card": { "id": second } }))
        .unwrap();
    let silent = look_up(&account, &second).await.unwrap();
    assert!(
        !silent.found && silent.says.contains("does not prove"),
        "{}",
        silent.says
    );
    let nobody = look_up(&account, "shop-99").await.unwrap();
    assert!(!nobody.found && nobody.says.contains("That may also mean"));

    let imported = "customer_id,email\ncust_shop18,ada@example.com\n";
    account
        .desk
        .import_directory(ImportDirectory {
            account_id: account.id.clone(),
            text: imported.to_owned(),
            columns: None,
            tokens_confirmed: false,
            dry_run: false,
        })
        .await
        .unwrap();
    let items = recognise(&account, "cust_shop18").await;
    let ours = items.iter().find(|item| item.provider_name == "Zafapay").unwrap();
    assert!(ours.says.contains("in the directory here"), "{}", ours.says);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_token_is_known_or_not_and_never_looked_up() {
    let account = with_tokens(&["pm_1Imported"]).await;
    let asked = account.system.requests();
    let known = recognise(&account, "pm_1Imported").await;
    assert_eq!(
        (known[0].provider_name.as_str(), known[0].kind.as_str()),
        ("Prism", "Connector token")
    );
    assert!(known[0].card_id.is_some() && known[0].look_up.is_empty());
    let unknown = recognise(&account, "pm_1Other").await;
    assert!(unknown[0].card_id.is_none() && unknown[0].says.contains("Nothing is kept"));
    let problem = look_up(&account, "pm_1Imported").await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::NotOffered);
    assert_eq!(account.system.requests(), asked);
}

//! Connecting an account, and an account whose credentials stop working.

use crate::office;
use crate::shop::{Office, Shop};
use tokendesk_desk::Desk;
use tokendesk_desk::contract::{
    AccountRef, CheckResult, ConnectAccount, Env, FindPeople, Nothing, ProblemCode, PushChanges,
    RemoveAccount, SetOneClick, StartSync,
};
use tokendesk_model::AccountId;
use tokendesk_sandbox::{Fault, FaultBody, Options};
use tokendesk_tests::played::System;

async fn an_empty_desk(ca_pem: Option<String>) -> (Desk, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut options = office::options(folder.path());
    options.http.extra_root_pem = ca_pem;
    (office::open(options).await.unwrap(), folder)
}

/// The refusal of a connection, after which nothing is stored.
async fn refused(desk: &Desk, connection: ConnectAccount) -> (ProblemCode, Option<String>) {
    let problem = desk.connect_account(connection).await.unwrap_err();
    let list = desk.list_accounts(Nothing {}).await.unwrap();
    assert!(list.items.is_empty());
    assert!(desk.desk_status(Nothing {}).await.unwrap().first_start);
    (problem.code, problem.field)
}

fn on(field: &str) -> Option<String> {
    Some(field.to_owned())
}

fn outcome<'a>(check: &'a CheckResult, step: &str) -> &'a str {
    &check.lines.iter().find(|line| line.step == step).unwrap().outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_refused_and_nothing_is_stored() {
    let shop = Shop::start(10);
    let (desk, folder) = an_empty_desk(None).await;
    let good = shop.connection();

    let wrong_key = ConnectAccount {
        key: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
        ..good.clone()
    };
    assert_eq!(
        refused(&desk, wrong_key).await,
        (ProblemCode::CredentialsRejected, on("key"))
    );
    let no_key = ConnectAccount {
        key: "not base64!".to_owned(),
        ..good.clone()
    };
    assert_eq!(
        refused(&desk, no_key).await,
        (ProblemCode::KeyMalformed, on("key"))
    );
    let other_user = ConnectAccount {
        user: "7".to_owned(),
        ..good.clone()
    };
    assert_eq!(
        refused(&desk, other_user).await.0,
        ProblemCode::CredentialsRejected
    );
    let other_space = ConnectAccount {
        space: "7".to_owned(),
        ..good.clone()
    };
    assert_eq!(
        refused(&desk, other_space.clone()).await.0,
        ProblemCode::Forbidden
    );
    shop.running.set_switch("bad_space", "404").unwrap();
    assert_eq!(
        refused(&desk, other_space).await.0,
        ProblemCode::NotFoundAtProvider
    );

    let plain = |host: &str| ConnectAccount {
        env: Env::Test,
        host: host.to_owned(),
        ..good.clone()
    };
    assert_eq!(
        refused(&desk, plain("http://shop.example.com")).await,
        (ProblemCode::HostNotHttps, on("host"))
    );
    assert_eq!(
        refused(&desk, plain(&shop.running.origin)).await,
        (ProblemCode::HostNotHttps, on("host"))
    );
    assert_eq!(
        refused(&desk, plain("nobody.invalid")).await.0,
        ProblemCode::Unreachable
    );
    assert_eq!(
        refused(&desk, plain("not a host")).await,
        (ProblemCode::HostMalformed, on("host"))
    );
    let demo_elsewhere = ConnectAccount {
        host: "shop.example.com".to_owned(),
        ..good.clone()
    };
    assert_eq!(
        refused(&desk, demo_elsewhere).await,
        (ProblemCode::HostNotLoopback, on("host"))
    );

    for (offset, minutes) in [("600", "10"), ("-900", "15")] {
        shop.running.set_switch("clock_offset_seconds", offset).unwrap();
        let problem = desk.connect_account(good.clone()).await.unwrap_err();
        assert_eq!(
            (problem.code, problem.params["minutes"].as_str()),
            (ProblemCode::ClockSkew, minutes)
        );
    }
    shop.running.set_switch("clock_offset_seconds", "0").unwrap();
    shop.running.set_switch("may_read", "off").unwrap();
    assert_eq!(refused(&desk, good.clone()).await.0, ProblemCode::Forbidden);
    shop.running.set_switch("may_read", "on").unwrap();
    shop.fault(
        "GET",
        "/",
        None,
        Fault::Status {
            status: 200,
            retry_after: None,
            body: FaultBody::Html,
        },
    );
    assert_eq!(
        refused(&desk, good.clone()).await.0,
        ProblemCode::AnswerUnreadable
    );
    shop.running.clear_faults();

    // None of it left a key behind, and the good one still works.
    drop(folder);
    let (desk, _folder) = an_empty_desk(None).await;
    assert!(desk.test_connection(good.clone()).await.unwrap().works);
    assert!(
        desk.list_accounts(Nothing {}).await.unwrap().items.is_empty(),
        "a test stores nothing"
    );
    desk.connect_account(good).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_account_is_connected_once_and_can_be_removed() {
    let shop = Shop::start(30);
    let office = Office::connected(&shop).await;
    let again = ConnectAccount {
        label: "Another name".to_owned(),
        ..shop.connection()
    };
    let problem = office.desk.connect_account(again).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::AccountExists);
    assert_eq!(
        office.desk.list_accounts(Nothing {}).await.unwrap().items.len(),
        1
    );

    let token = shop.everyday(1).remove(0);
    office.one_click(token.id, false).await;
    let this = RemoveAccount {
        account_id: office.account.to_string(),
        discard_changes: false,
    };
    let problem = office.desk.remove_account(this.clone()).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::AccountHasOpenChanges);
    assert_eq!(office.push().await.done, 1);
    office.desk.remove_account(this).await.unwrap();
    assert!(
        office
            .desk
            .list_accounts(Nothing {})
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert!(office.cards().await.is_empty());
    let request = FindPeople {
        env: Env::Demo,
        text: token.customer_email_address.unwrap(),
        after: None,
        limit: 9,
    };
    assert!(office.desk.find_people(request).await.unwrap().items.is_empty());
    let view = office.desk.connect_account(shop.connection()).await.unwrap();
    let office = Office {
        account: view.id.parse().unwrap(),
        ..office
    };
    office.desk.read_account(office.account, false).await.unwrap();
    office.assert_same_as(&shop).await;
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_rejected_later_makes_the_account_rest_and_keeps_its_changes() {
    let shop = Shop::start(30);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    let change = office.one_click(token.id, false).await;
    let port = shop.port();
    let Shop { running, .. } = shop;
    running.stop();
    // Another key, another user: what the old one signs is refused.
    let other = Shop::with(Options {
        customers: 30,
        seed: 12,
        port,
        ..Shop::options()
    });

    let pushed = office.push().await;
    assert_eq!((pushed.done, pushed.stuck, pushed.waiting), (0, 0, 1));
    assert_eq!(pushed.problem.unwrap().code, ProblemCode::CredentialsRejected);
    assert_eq!(
        office.account().await.paused.unwrap().code,
        ProblemCode::CredentialsRejected
    );
    let waiting = office.change(&change.id).await;
    assert_eq!(
        (waiting.status.as_str(), waiting.held_up_by.as_deref()),
        ("waiting", Some("paused"))
    );
    assert_eq!(office.card(token.id).await.one_click, Some(false));
    let start = StartSync {
        account_id: Some(office.account.to_string()),
        full: true,
    };
    assert_eq!(
        office.desk.start_sync(start).await.unwrap_err().code,
        ProblemCode::CredentialsRejected
    );
    let asked = other.stats().await.requests;
    assert_eq!(office.push().await.waiting, 1);
    assert_eq!(
        other.stats().await.requests,
        asked,
        "a resting account is not asked"
    );

    // A check that fails ends nothing; over a restart neither.
    let office = office.reopened().await;
    let this = AccountRef {
        account_id: office.account.to_string(),
    };
    let check = office.desk.check_account(this.clone()).await.unwrap();
    assert_eq!((check.works, outcome(&check, "sign_in")), (false, "fails"));
    assert!(office.account().await.paused.is_some());
    let Shop { running, .. } = other;
    running.stop();
    let shop = Shop::with(Options {
        customers: 30,
        port,
        ..Shop::options()
    });
    assert!(office.desk.check_account(this).await.unwrap().works);
    assert!(office.account().await.paused.is_none());
    assert_eq!(office.push().await.done, 1);
    assert_eq!(shop.token(token.id).version, token.version + 1);
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_wrong_later_is_named_with_its_minutes() {
    let shop = Shop::start(30);
    let office = Office::connected(&shop).await;
    shop.running.set_switch("clock_offset_seconds", "-600").unwrap();
    let problem = office.read_all().await.unwrap_err();
    assert_eq!(
        (problem.code, problem.params["minutes"].as_str()),
        (ProblemCode::ClockSkew, "10")
    );
    assert_eq!(office.account().await.paused.unwrap().params["minutes"], "10");
    shop.running.set_switch("clock_offset_seconds", "0").unwrap();
    let this = AccountRef {
        account_id: office.account.to_string(),
    };
    assert!(office.desk.check_account(this).await.unwrap().works);
    office.read_all().await.unwrap();
    office.assert_same_as(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_search_the_account_works_with_a_limit() {
    let shop = Shop::start(30);
    shop.running.set_switch("search_forbidden", "on").unwrap();
    let office = Office::connected(&shop).await;
    let check = office.account().await.last_check.unwrap();
    assert_eq!(
        (check.works, check.limited, outcome(&check, "search")),
        (true, true, "limited")
    );
    let person = office.card(shop.everyday(1)[0].id).await.person;
    let request = tokendesk_desk::contract::PersonRef {
        env: Env::Demo,
        person,
    };
    assert!(
        office
            .desk
            .refresh_person(request)
            .await
            .unwrap()
            .may_miss_new_cards
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_an_unknown_authority_is_refused_and_a_live_space_cannot_be_called_test() {
    let shop = Shop::with(Options {
        customers: 30,
        tls: true,
        ..Shop::options()
    });
    let as_test = ConnectAccount {
        env: Env::Test,
        ..shop.connection()
    };
    let (desk, _folder) = an_empty_desk(None).await;
    assert_eq!(refused(&desk, as_test.clone()).await.0, ProblemCode::TlsFailed);

    let (desk, _folder) = an_empty_desk(shop.running.ca_pem.clone()).await;
    shop.running.set_switch("environment", "PRODUCTION").unwrap();
    assert_eq!(
        refused(&desk, as_test.clone()).await,
        (ProblemCode::EnvironmentContradicted, on("env"))
    );
    let check = desk.test_connection(as_test.clone()).await.unwrap();
    assert_eq!((check.works, outcome(&check, "environment")), (false, "fails"));

    let as_live = ConnectAccount {
        env: Env::Live,
        ..as_test
    };
    let view = desk.connect_account(as_live).await.unwrap();
    assert_eq!(view.env, Env::Live);
    let account: AccountId = view.id.parse().unwrap();
    desk.read_account(account, false).await.unwrap();
    let token = shop.everyday(1).remove(0);
    let card_id = account.token(&token.id.to_string()).to_string();

    // Live cards are deleted with a typed confirmation only.
    let delete = |confirmation: Option<&str>| tokendesk_desk::contract::DeleteCard {
        card_id: card_id.clone(),
        confirmation: confirmation.map(str::to_owned),
        reason: None,
    };
    for wrong in [None, Some(""), Some("0000")] {
        let problem = desk.delete_card(delete(wrong)).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::ConfirmationMissing);
    }
    desk.set_one_click(SetOneClick {
        card_id: card_id.clone(),
        on: false,
    })
    .await
    .unwrap();
    assert_eq!(desk.push_changes(PushChanges::default()).await.unwrap().done, 1);
    assert!(!shop.token(token.id).enabled_for_one_click_payment);
    let card = tokendesk_desk::contract::CardRef {
        card_id: card_id.clone(),
    };
    let facts = desk.show_card(card).await.unwrap().deletion;
    assert!(facts.must_confirm);
    desk.delete_card(delete(Some(&facts.confirmation))).await.unwrap();
    assert_eq!(desk.push_changes(PushChanges::default()).await.unwrap().done, 1);
    assert_ne!(shop.token(token.id).state, "ACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_form_names_what_connecting_needs_and_nothing_less_is_taken() {
    let running = tokendesk_sandbox::Sandbox::start(Options {
        customers: 5,
        systems: Options::all_systems(),
        ..Options::default()
    })
    .unwrap();
    let (desk, _folder) = an_empty_desk(None).await;
    let options = desk.provider_options(Nothing {}).await.unwrap().items;
    let offered: Vec<&str> = options.iter().map(|option| option.provider.as_str()).collect();
    assert_eq!(offered, System::ALL.map(System::name));
    for (system, option) in System::ALL.into_iter().zip(&options) {
        assert!(!option.capabilities.is_empty() && option.code.len() == 2);
        let asked = running.system(system.name()).requests();
        for field in &option.fields {
            let mut connection = crate::account::connection(system, &running);
            let slot = match field.name.as_str() {
                "space" => &mut connection.space,
                "user" => &mut connection.user,
                "connector" => connection.connector.get_or_insert_default(),
                "key" => &mut connection.key,
                "publishable_key" => connection.publishable_key.get_or_insert_default(),
                other => panic!("{system} asks for {other}"),
            };
            assert!(!slot.is_empty(), "{system} {}", field.name);
            assert_eq!(
                field.secret,
                field.name.ends_with("key"),
                "{system} {}",
                field.name
            );
            slot.clear();
            if field.required {
                let refusal = refused(&desk, connection).await;
                assert_eq!(refusal.1.as_deref(), Some(field.name.as_str()), "{system}");
            }
        }
        assert_eq!(
            running.system(system.name()).requests(),
            asked,
            "{system} was not asked"
        );
    }
}

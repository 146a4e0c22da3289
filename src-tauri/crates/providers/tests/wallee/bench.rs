//! Both flows against the sandbox: every outcome, and nothing touched that the run did not make.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokendesk_model::card_number::contains_card_number;
use tokendesk_model::{Environment, Origin};
use tokendesk_providers::bench::StepResult::{AsDocumented, Failed, Otherwise};
use tokendesk_providers::bench::{BenchError, FlowState, StepDone, StepResult, TestBench};
use tokendesk_providers::wallee::Wallee;
use tokendesk_providers::{Credentials, HttpOptions, NewToken, PaymentSystem, TokenRef};
use tokendesk_sandbox::{Fault, FaultMatch, FaultRule, Options, Running, Sandbox};

struct Shop {
    running: Running,
    client: Wallee,
}

impl Shop {
    fn with(switches: &[(&str, &str)]) -> Self {
        let running = Sandbox::start(Options {
            customers: 40,
            seed: 7,
            control: false,
            ..Options::default()
        })
        .unwrap();
        for (name, value) in switches {
            running.set_switch(name, value).unwrap();
        }
        let credentials = Credentials {
            origin: Origin::parse(&running.origin).unwrap(),
            environment: Environment::Demo,
            scope: running.space.clone(),
            user: running.user.clone(),
            connector: None,
            key: running.key.clone().into(),
            publishable_key: None,
        };
        let client = Wallee::new(credentials, HttpOptions::default()).unwrap();
        Self { running, client }
    }

    fn fault(&self, path: &str, fault: Fault) {
        self.running.add_fault(FaultRule {
            when: FaultMatch {
                path_prefix: Some(path.to_owned()),
                ..FaultMatch::default()
            },
            times: Some(1),
            fault,
        });
    }

    fn truth(&self, id: &str) -> Value {
        self.running.system("wallee").truth(id).unwrap()
    }
}

struct Walk<'s> {
    shop: &'s Shop,
    flow: &'static str,
    state: FlowState,
}

impl<'s> Walk<'s> {
    fn begin(shop: &'s Shop, flow: &'static str) -> Self {
        Self {
            shop,
            flow,
            state: FlowState::default(),
        }
    }

    async fn step(&mut self, step: &str) -> StepDone {
        let bench = self.shop.client.bench().unwrap();
        let done = bench
            .run(self.flow, step, &BTreeMap::new(), self.state.clone())
            .await
            .unwrap();
        self.state = done.state.clone();
        assert!(!done.meaning.is_empty() && !done.exchanges.is_empty());
        for exchange in &done.exchanges {
            for text in [&exchange.request, &exchange.answer] {
                assert!(!text.contains("Bearer") && !text.contains(&self.shop.running.key));
            }
        }
        done
    }
}

fn went(done: &StepDone) -> (StepResult, &str) {
    (done.result, &done.outcome)
}

fn fact<'a>(done: &'a StepDone, label: &str) -> &'a str {
    let found = done.facts.iter().find(|(name, _)| name == label);
    &found.unwrap_or_else(|| panic!("{label} in {:?}", done.facts)).1
}

fn statuses(done: &StepDone) -> Vec<&str> {
    done.exchanges.iter().map(|made| made.status.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lives_from_its_creation_to_its_purge() {
    let shop = Shop::with(&[("deleting_ms", "3600000"), ("purge_ms", "3600000")]);
    let before = shop.running.system("wallee").ids();
    let untouched = |shop: &Shop| -> Vec<String> {
        let truth = |id: &String| shop.truth(id).to_string();
        before.iter().map(truth).collect()
    };
    let all = untouched(&shop);
    let mut walk = Walk::begin(&shop, "token_life");
    let done = walk.step("create").await;
    assert_eq!(went(&done), (AsDocumented, "created"));
    assert_eq!(statuses(&done), ["201"]);
    let id = fact(&done, "Token").to_owned();
    assert_eq!(shop.truth(&id)["externalId"], fact(&done, "External id"));

    let done = walk.step("create_again").await;
    assert_eq!(went(&done), (AsDocumented, "same_token"));
    assert_eq!(fact(&done, "Token"), id);

    // As the sandbox starts, a state in an update is ignored.
    let done = walk.step("deactivate").await;
    assert_eq!(went(&done), (AsDocumented, "ignored"));
    assert_eq!(statuses(&done), ["200", "200", "200"]);
    assert!(done.exchanges[1].request.contains("\"state\": \"INACTIVE\""));
    assert_eq!(fact(&done, "State"), "active");
    assert_eq!(went(&walk.step("activate").await), (AsDocumented, "unchanged"));

    let done = walk.step("delete").await;
    assert_eq!(went(&done), (AsDocumented, "deleting"));
    assert_eq!(statuses(&done), ["204", "200"]);
    let planned: chrono::DateTime<chrono::Utc> = fact(&done, "Planned purge").parse().unwrap();
    let told = shop.truth(&id)["plannedPurgeDate"].as_str().unwrap().to_owned();
    assert_eq!(planned, told.parse::<chrono::DateTime<chrono::Utc>>().unwrap());
    assert_eq!(went(&walk.step("read").await), (AsDocumented, "deleting"));
    shop.running.system("wallee").pass_time(3_600_000);
    let done = walk.step("read").await;
    assert_eq!(went(&done), (AsDocumented, "deleted"));
    assert!(!fact(&done, "Planned purge").is_empty());
    shop.running.system("wallee").pass_time(3_600_000);
    assert_eq!(went(&walk.step("read").await), (AsDocumented, "gone"));
    assert_eq!(went(&walk.step("delete").await), (AsDocumented, "gone"));
    assert_eq!(untouched(&shop), all, "nobody else's token was touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_told_as_accepted_ignored_or_refused() {
    for (state_patch, off, on, after) in [
        (
            "accepts",
            (Otherwise, "accepted"),
            (Otherwise, "accepted"),
            "ACTIVE",
        ),
        (
            "ignores",
            (AsDocumented, "ignored"),
            (AsDocumented, "unchanged"),
            "ACTIVE",
        ),
        (
            "refuses",
            (AsDocumented, "refused"),
            (AsDocumented, "refused"),
            "ACTIVE",
        ),
    ] {
        let shop = Shop::with(&[("state_patch", state_patch)]);
        let mut walk = Walk::begin(&shop, "token_life");
        let id = fact(&walk.step("create").await, "Token").to_owned();
        assert_eq!(went(&walk.step("deactivate").await), off, "{state_patch}");
        if state_patch == "accepts" {
            assert_eq!(shop.truth(&id)["state"], "INACTIVE");
        }
        let done = walk.step("activate").await;
        assert_eq!(went(&done), on, "{state_patch}");
        assert_eq!(shop.truth(&id)["state"], after);
        assert!(!done.next.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_the_documents_leave_open_are_told_as_they_are() {
    let shop = Shop::with(&[
        ("repeat_create", "200"),
        ("delete_on_deleting", "422"),
        ("deleting_ms", "3600000"),
    ]);
    let mut walk = Walk::begin(&shop, "token_life");
    walk.step("create").await;
    assert_eq!(
        went(&walk.step("create_again").await),
        (AsDocumented, "same_token")
    );
    walk.step("delete").await;
    let done = walk.step("delete").await;
    assert_eq!(went(&done), (AsDocumented, "deleting"));
    assert_eq!(statuses(&done), ["422", "200"]);
    for (status, outcome) in [("422", "refused"), ("409", "conflict")] {
        shop.running.set_switch("patch_on_deleting", status).unwrap();
        assert_eq!(walk.step("deactivate").await.outcome, outcome);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_whose_answer_is_lost_is_repeated_without_a_second_token() {
    let shop = Shop::with(&[]);
    let before = shop.running.system("wallee").ids().len();
    shop.fault("/payment/tokens", Fault::DropAfterCommit);
    let mut walk = Walk::begin(&shop, "token_life");
    let done = walk.step("create").await;
    assert_eq!(went(&done), (Failed, "no_answer"));
    assert_eq!(statuses(&done), [""]);
    let early = shop
        .client
        .bench()
        .unwrap()
        .run("token_life", "delete", &BTreeMap::new(), walk.state.clone())
        .await;
    assert_eq!(early, Err(BenchError::TooEarly("create")));
    assert_eq!(went(&walk.step("create").await), (AsDocumented, "created"));
    assert_eq!(shop.running.system("wallee").ids().len(), before + 1);
    // Once it is there, creating is another token.
    walk.step("create").await;
    assert_eq!(shop.running.system("wallee").ids().len(), before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_is_named() {
    let shop = Shop::with(&[]);
    let mut walk = Walk::begin(&shop, "new_details");
    walk.step("create").await;
    for (fault, outcome) in [
        (
            Fault::TooMany {
                retry_after: Some(json!(1)),
            },
            "too_many",
        ),
        (Fault::NonJson, "unreadable"),
    ] {
        shop.fault("/payment/tokens/", fault);
        assert_eq!(went(&walk.step("details").await), (Failed, outcome));
    }
    shop.running.set_switch("may_transact", "off").unwrap();
    assert_eq!(went(&walk.step("page").await), (Failed, "not_allowed"));
    shop.running.set_switch("may_create", "off").unwrap();
    assert_eq!(went(&walk.step("create").await), (Failed, "not_allowed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn new_details_are_entered_on_a_page_and_shown() {
    for body in ["text", "json"] {
        let shop = Shop::with(&[("page_url_body", body)]);
        let mut walk = Walk::begin(&shop, "new_details");
        let id = fact(&walk.step("create").await, "Token").to_owned();
        let done = walk.step("page").await;
        assert_eq!(went(&done), (AsDocumented, "page"));
        let link = done.link.clone().unwrap();
        assert!(link.starts_with(&shop.running.origin), "{link}");
        assert!(done.exchanges[1].answer.contains(&link));
        assert_eq!(went(&walk.step("details").await), (AsDocumented, "none"));
        shop.running
            .set_switch("active_version_missing", "empty")
            .unwrap();
        assert_eq!(went(&walk.step("details").await), (AsDocumented, "none"));
        let transaction: u64 = fact(&done, "Transaction").parse().unwrap();
        let card = json!({ "brand": "Visa", "last4": "1111", "expires": "2031-05" });
        let wallee = shop.running.system("wallee");
        wallee
            .edit(json!({ "entered": transaction, "card": card }))
            .unwrap();
        let done = walk.step("details").await;
        assert_eq!(went(&done), (AsDocumented, "saved"));
        assert_eq!(
            [
                fact(&done, "Card"),
                fact(&done, "Last four"),
                fact(&done, "Expiry")
            ],
            ["Visa •••• 1111", "1111", "05/2031"]
        );
        let answer = &done.exchanges[0].answer;
        assert!(
            !answer.contains("4111") && !contains_card_number(answer),
            "{answer}"
        );
        // A second page for the same token is another transaction.
        assert_ne!(walk.step("page").await.link.unwrap(), link);
        assert_eq!(went(&walk.step("delete").await), (AsDocumented, "deleting"));
        assert_eq!(shop.truth(&id)["state"], "DELETING");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_not_answered_is_asked_for_again_without_another_transaction() {
    let shop = Shop::with(&[]);
    let mut walk = Walk::begin(&shop, "new_details");
    walk.step("create").await;
    shop.fault("/payment/transactions/", Fault::DropAfterCommit);
    assert_eq!(went(&walk.step("page").await), (Failed, "no_answer"));
    let done = walk.step("page").await;
    assert_eq!(went(&done), (AsDocumented, "page"));
    assert_eq!(done.exchanges.len(), 1);
    shop.running.set_switch("details_page_for", "saved").unwrap();
    for (status, outcome) in [("422", "refused"), ("409", "conflict")] {
        shop.running.set_switch("details_page_refused", status).unwrap();
        assert_eq!(went(&walk.step("page").await), (Otherwise, outcome));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_behind_the_screens_do_the_same_as_the_flows() {
    let shop = Shop::with(&[]);
    let new = |customer: &str| NewToken {
        external_id: "order-17".into(),
        customer_id: Some(customer.into()),
        email: Some("rita@example.org".into()),
        reference: Some("ORDER-17".into()),
    };
    let first = shop.client.create_token(&new("C-1")).await.unwrap();
    let again = shop.client.create_token(&new("C-2")).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(shop.truth(&first.remote_id)["customerId"], "C-1");
    let token = TokenRef {
        remote_id: &first.remote_id,
        record: None,
    };
    assert_eq!(shop.client.active_version(token).await.unwrap(), None);
    let page = shop.client.new_details_page(token).await.unwrap();
    let transaction: u64 = page
        .split_once("/pay/")
        .and_then(|(_, rest)| rest.split_once('?'))
        .and_then(|(id, _)| id.parse().ok())
        .unwrap();
    shop.running
        .system("wallee")
        .edit(json!({ "entered": transaction }))
        .unwrap();
    assert!(shop.client.active_version(token).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_account_has_no_bench_even_when_asked_directly() {
    let credentials = Credentials {
        origin: Origin::parse("https://app-wallee.com").unwrap(),
        environment: Environment::Live,
        ..crate::scripted::credentials(Origin::parse("http://127.0.0.1:9").unwrap(), Environment::Demo)
    };
    let live = Wallee::new(credentials, HttpOptions::default()).unwrap();
    assert!(live.bench().is_none());
    assert!(TestBench::flows(&live).is_empty());
    let asked = live
        .run("token_life", "create", &BTreeMap::new(), FlowState::default())
        .await;
    assert_eq!(asked, Err(BenchError::Unknown));
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_take_no_choices_and_unknown_ones_are_not_run() {
    let shop = Shop::with(&[]);
    let bench = shop.client.bench().unwrap();
    let choices = BTreeMap::from([("state".to_owned(), "ACTIVE".to_owned())]);
    for (flow, step, choices) in [
        ("token_life", "create", choices),
        ("token_life", "page", BTreeMap::new()),
        ("new_details", "activate", BTreeMap::new()),
        ("nothing", "create", BTreeMap::new()),
    ] {
        let asked = bench.run(flow, step, &choices, FlowState::default()).await;
        assert_eq!(asked, Err(BenchError::Unknown), "{flow} {step}");
    }
    assert_eq!(shop.running.requests(), 0);
}

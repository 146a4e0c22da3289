//! The token flow of its documents: every test card, every outcome, and nothing touched that the run did not make.

use crate::{Shop, credentials};
use serde_json::json;
use std::collections::BTreeMap;
use tokendesk_model::card_number::contains_card_number;
use tokendesk_model::{Environment, Origin};
use tokendesk_providers::bench::StepResult::{AsDocumented, Failed, Otherwise};
use tokendesk_providers::bench::{BenchError, FlowState, StepDone, StepResult};
use tokendesk_providers::zafapay::Zafapay;
use tokendesk_providers::{Credentials, HttpOptions, PaymentSystem};
use tokendesk_sandbox::{Fault, FaultMatch, FaultRule};

const FLOW: &str = "token_payment";

struct Walk<'s> {
    shop: &'s Shop,
    state: FlowState,
}

impl Walk<'_> {
    fn begin(shop: &Shop) -> Walk<'_> {
        Walk {
            shop,
            state: FlowState::default(),
        }
    }

    async fn try_step(&mut self, step: &str, choices: &[(&str, &str)]) -> Result<StepDone, BenchError> {
        let choices: BTreeMap<String, String> = choices
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let bench = self.shop.client.bench().unwrap();
        let done = bench.run(FLOW, step, &choices, self.state.clone()).await?;
        self.state = done.state.clone();
        for exchange in &done.exchanges {
            for text in [&exchange.request, &exchange.answer] {
                assert!(!text.lines().any(contains_card_number), "{text}");
                assert!(!text.contains("\"123\""), "{text}");
            }
        }
        assert!(!self.state.known.values().any(|value| contains_card_number(value)));
        Ok(done)
    }

    async fn step(&mut self, step: &str, choices: &[(&str, &str)]) -> StepDone {
        self.try_step(step, choices).await.unwrap()
    }
}

fn fact<'a>(done: &'a StepDone, label: &str) -> &'a str {
    let found = done.facts.iter().find(|(name, _)| name == label);
    &found.unwrap_or_else(|| panic!("{label} in {:?}", done.facts)).1
}

fn went(done: &StepDone) -> (StepResult, &str) {
    assert!(!done.meaning.is_empty());
    (done.result, &done.outcome)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_pays_once_and_leaves_a_saved_card() {
    let shop = Shop::new();
    let mut walk = Walk::begin(&shop);
    let before = shop.system.ids().len();
    let done = walk.step("create_token", &[]).await;
    assert_eq!(went(&done), (AsDocumented, "created"));
    assert_eq!(fact(&done, "Card"), "Visa •••• 4242");
    assert_eq!(fact(&done, "First six"), "424242");
    let token = &done.tokens[0];
    assert!(token.remote_id.starts_with("tok_") && !token.used && !token.expired);
    let life = token.expires_at.unwrap() - token.created_at;
    assert_eq!(life.num_minutes(), 30);
    let exchange = &done.exchanges[0];
    assert_eq!(
        (exchange.method.as_str(), exchange.target.as_str()),
        ("POST", "/v1/tokens")
    );
    assert_eq!(exchange.status, "201");
    assert!(exchange.request.contains("•••• 4242") && exchange.request.contains("\"cvc\": \"•••\""));

    let done = walk.step("pay", &[]).await;
    assert_eq!(went(&done), (AsDocumented, "completed"));
    assert_eq!(done.exchanges[0].status, "201");
    assert_eq!(fact(&done, "Payment type"), "initial");
    assert!(done.tokens[0].used);

    let done = walk.step("use_again", &[]).await;
    assert_eq!(went(&done), (AsDocumented, "payment_token_already_used"));

    let done = walk.step("saved_card", &[]).await;
    assert_eq!(went(&done), (AsDocumented, "saved"));
    let saved = fact(&done, "Saved card").to_owned();
    assert_eq!(shop.truth(&saved)["status"], "active");
    assert_eq!(fact(&done, "Last four"), "4242");

    let done = walk.step("pay_saved", &[]).await;
    assert_eq!(went(&done), (AsDocumented, "completed"));
    assert_eq!(fact(&done, "Payment type"), "recurring");

    let done = walk.step("finish", &[("action", "refund")]).await;
    assert_eq!(went(&done), (AsDocumented, "succeeded"));
    assert_eq!(
        went(&walk.step("read_payment", &[]).await),
        (AsDocumented, "refunded")
    );
    // One customer and one card more: nobody else's were touched.
    assert_eq!(shop.system.ids().len(), before + 2);
    let customer = shop.truth(&saved)["customer_id"].as_str().unwrap().to_owned();
    assert!(customer.starts_with("tokendesk-bench-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_test_card_leads_where_the_documents_say() {
    let shop = Shop::new();
    for (card, capture, outcome, status) in [
        ("visa_ok", "automatic", "completed", "201"),
        ("visa_ok", "manual", "authorized", "201"),
        ("visa_3ds", "automatic", "requires_action", "202"),
        ("visa_declined", "automatic", "failed", "400"),
        ("visa_no_funds", "automatic", "failed", "400"),
    ] {
        for (refused_payment, refusal_code) in [
            ("error", "payment_failed"),
            ("payment", "specific"),
            ("error", "specific"),
        ] {
            shop.system
                .set_switch("refused_payment", refused_payment)
                .unwrap();
            shop.system.set_switch("refusal_code", refusal_code).unwrap();
            let mut walk = Walk::begin(&shop);
            walk.step("create_token", &[("card", card)]).await;
            let done = walk
                .step("pay", &[("capture", capture), ("save_card", "no")])
                .await;
            assert_eq!(went(&done), (AsDocumented, outcome), "{card}");
            assert_eq!(done.exchanges[0].status, status);
            assert!(!done.next.is_empty());
            match outcome {
                "requires_action" => assert!(done.link.unwrap().contains("/checkout/req_")),
                "failed" => assert!(!fact(&done, "Error").is_empty()),
                _ => assert_eq!(done.link, None),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorisation_is_captured_or_voided() {
    let shop = Shop::new();
    for (action, outcome) in [("capture", "completed"), ("void", "canceled")] {
        let mut walk = Walk::begin(&shop);
        walk.step("create_token", &[]).await;
        walk.step("pay", &[("capture", "manual")]).await;
        let done = walk.step("finish", &[("action", action)]).await;
        assert_eq!(went(&done), (AsDocumented, outcome));
        assert_eq!(
            went(&walk.step("read_payment", &[]).await),
            (AsDocumented, outcome)
        );
        // A second time is a documented refusal.
        let done = walk.step("finish", &[("action", action)]).await;
        assert_eq!(went(&done), (AsDocumented, "invalid_status"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_who_was_asked_completes_the_payment_and_only_then_is_the_card_saved() {
    let shop = Shop::new();
    let mut walk = Walk::begin(&shop);
    walk.step("create_token", &[("card", "visa_3ds")]).await;
    let done = walk.step("pay", &[]).await;
    assert_eq!(went(&walk.step("saved_card", &[]).await), (AsDocumented, "none"));
    let payment = fact(&done, "Payment").to_owned();
    let edit = json!({ "finish_action": { "id": payment, "approved": true } });
    shop.system.edit(edit).unwrap();
    let done = walk.step("read_payment", &[]).await;
    assert_eq!(went(&done), (AsDocumented, "completed"));
    assert!(fact(&done, "Saved card").starts_with("pmi_"));
    assert_eq!(went(&walk.step("saved_card", &[]).await), (AsDocumented, "saved"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_is_saved_later_is_not_listed_yet() {
    for unknown in ["404", "200"] {
        let shop = Shop::with(&[
            ("saves_card", "later"),
            ("unknown_customer", unknown),
            ("amounts", "texts"),
        ]);
        let mut walk = Walk::begin(&shop);
        walk.step("create_token", &[]).await;
        walk.step("pay", &[]).await;
        assert_eq!(went(&walk.step("saved_card", &[]).await), (Otherwise, "none"));
        shop.system.pass_time(2_000);
        assert_eq!(went(&walk.step("saved_card", &[]).await), (AsDocumented, "saved"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_expires_after_thirty_minutes() {
    let shop = Shop::new();
    let mut walk = Walk::begin(&shop);
    walk.step("create_token", &[]).await;
    shop.system.pass_time(30 * 60 * 1_000);
    let done = walk.step("pay", &[("save_card", "no")]).await;
    assert_eq!(went(&done), (AsDocumented, "payment_token_expired"));
    assert_eq!((done.tokens[0].used, done.tokens[0].expired), (false, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_documents_rule_out_is_shown_as_such() {
    let shop = Shop::with(&[("recurring_supported", "off"), ("code_case", "upper")]);
    let mut walk = Walk::begin(&shop);
    walk.step("create_token", &[]).await;
    let done = walk.step("pay", &[]).await;
    assert_eq!(went(&done), (AsDocumented, "recurring_not_supported"));
    assert!(!done.tokens[0].used);

    // A refusal that leaves the token usable breaks "once"? It does not: it was never paid with.
    let shop = Shop::with(&[("refusal_uses_token", "off")]);
    let mut walk = Walk::begin(&shop);
    walk.step("create_token", &[("card", "visa_declined")]).await;
    walk.step("pay", &[("save_card", "no")]).await;
    assert_eq!(
        went(&walk.step("use_again", &[]).await),
        (Otherwise, "payment_failed")
    );

    shop.system
        .edit(json!({ "regenerate_access_token": {} }))
        .unwrap();
    assert_eq!(went(&walk.step("pay", &[]).await), (Otherwise, "unauthorized"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_or_no_json_fails_the_step() {
    let shop = Shop::new();
    let mut walk = Walk::begin(&shop);
    for (fault, outcome) in [
        (Fault::DropAfterCommit, "no_answer"),
        (Fault::NonJson, "status 201"),
    ] {
        shop.system.add_fault(FaultRule {
            when: FaultMatch::default(),
            times: Some(1),
            fault,
        });
        let done = walk.step("create_token", &[]).await;
        assert_eq!(went(&done), (Failed, outcome));
        assert_eq!(done.exchanges.len(), 1);
        assert!(done.tokens.is_empty() && done.state.known.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_out_of_order_and_choices_not_offered_send_nothing() {
    let shop = Shop::new();
    let mut walk = Walk::begin(&shop);
    for (step, error) in [
        ("pay", BenchError::TooEarly("create_token")),
        ("use_again", BenchError::TooEarly("create_token")),
        ("read_payment", BenchError::TooEarly("pay")),
        ("finish", BenchError::TooEarly("pay")),
        ("saved_card", BenchError::TooEarly("pay")),
        ("pay_saved", BenchError::TooEarly("pay")),
        ("explode", BenchError::Unknown),
    ] {
        assert_eq!(walk.try_step(step, &[]).await.unwrap_err(), error, "{step}");
    }
    for (choices, error) in [
        ([("card", "4242424242424242")], BenchError::BadChoice("card")),
        ([("number", "visa_ok")], BenchError::Unknown),
    ] {
        assert_eq!(walk.try_step("create_token", &choices).await.unwrap_err(), error);
    }
    let bench = shop.client.bench().unwrap();
    let none = BTreeMap::new();
    let unknown = bench.run("another", "pay", &none, FlowState::default()).await;
    assert_eq!(unknown.unwrap_err(), BenchError::Unknown);
    assert_eq!(shop.system.requests(), 0);
    assert_eq!(bench.flows().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_publishable_key_there_is_no_token_and_live_has_no_bench() {
    let shop = Shop::new();
    let without = Credentials {
        publishable_key: None,
        ..credentials(&shop.system)
    };
    let client = Zafapay::new(without, HttpOptions::default()).unwrap();
    let bench = client.bench().unwrap();
    let none = BTreeMap::new();
    let refused = bench.run(FLOW, "create_token", &none, FlowState::default()).await;
    assert_eq!(refused.unwrap_err(), BenchError::Missing("publishable key"));
    assert_eq!(shop.system.requests(), 0);

    let live = Credentials {
        origin: Origin::parse("api.zafapay.com").unwrap(),
        environment: Environment::Live,
        publishable_key: Some("pk_live_x".into()),
        ..credentials(&shop.system)
    };
    assert!(
        Zafapay::new(live, HttpOptions::default())
            .unwrap()
            .bench()
            .is_none()
    );
}

//! The documented flows, step by step against the sandbox, each outcome asserted.

use crate::{Shop, credentials};
use serde_json::json;
use std::collections::BTreeMap;
use tokendesk_model::card_number::contains_card_number;
use tokendesk_model::{Environment, Origin};
use tokendesk_providers::bench::{BenchError, FlowState, StepDone, StepResult};
use tokendesk_providers::processout::ProcessOut;
use tokendesk_providers::{Credentials, HttpOptions, PaymentSystem};

const WITHOUT: &str = "token_without_verification";
const WITH: &str = "token_with_verification";

/// A run of one flow.
struct Walk<'a> {
    shop: &'a Shop,
    flow: &'static str,
    state: FlowState,
}

impl<'a> Walk<'a> {
    fn new(shop: &'a Shop, flow: &'static str) -> Self {
        Self {
            shop,
            flow,
            state: FlowState::default(),
        }
    }

    async fn try_step(&mut self, step: &str, choices: &[(&str, &str)]) -> Result<StepDone, BenchError> {
        let choices: BTreeMap<String, String> = choices
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let bench = self.shop.client.bench().unwrap();
        let done = bench.run(self.flow, step, &choices, self.state.clone()).await?;
        self.state = done.state.clone();
        let secret = self.shop.system.connection()["secret"]
            .as_str()
            .unwrap()
            .to_owned();
        for exchange in &done.exchanges {
            for text in [&exchange.target, &exchange.request, &exchange.answer] {
                assert!(!contains_card_number(text) && !text.contains(&secret), "{text}");
                assert!(!text.contains("\"123\""), "{text}");
            }
        }
        for text in done.state.known.values() {
            assert!(!contains_card_number(text) && !text.contains(&secret));
        }
        Ok(done)
    }

    /// A step that goes as documented, with this outcome.
    async fn step(&mut self, step: &str, choices: &[(&str, &str)], outcome: &str) -> StepDone {
        let done = self.try_step(step, choices).await.unwrap();
        assert_eq!(
            (done.outcome.as_str(), done.result),
            (outcome, StepResult::AsDocumented),
            "{step}: {}",
            done.meaning
        );
        assert!(!done.meaning.is_empty() && !done.exchanges.is_empty());
        done
    }

    fn fact(done: &StepDone, label: &str) -> String {
        let fact = done.facts.iter().find(|(name, _)| name == label);
        fact.map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_saved_without_verification_listed_and_deleted() {
    let shop = Shop::of(5);
    let before = shop.system.ids();
    let mut walk = Walk::new(&shop, WITHOUT);
    let customer = walk
        .step("create_customer", &[("currency", "EUR")], "created")
        .await;
    assert_eq!(Walk::fact(&customer, "Currency"), "EUR");
    let kept = walk.step("change_currency", &[], "unchanged").await;
    assert_eq!(Walk::fact(&kept, "Now"), "EUR");
    let card = walk
        .step("create_card", &[("card", "mastercard_ok")], "created")
        .await;
    assert_eq!(
        (card.tokens[0].shown.as_deref(), card.tokens[0].used),
        (Some("Mastercard •••• 4444"), false)
    );
    let token = walk.step("create_token", &[], "not-requested").await;
    assert_eq!(Walk::fact(&token, "Can be charged"), "yes");
    assert!(token.tokens[0].used);
    walk.step("use_again", &[], "request.source.card-already-used")
        .await;
    walk.step("read_token", &[], "not-requested").await;
    walk.step("list_tokens", &[], "1 found").await;
    walk.step("delete_token", &[], "deleted").await;
    walk.step("list_tokens", &[], "0 found").await;
    walk.step("delete_customer", &[], "deleted").await;
    assert_eq!(walk.state, FlowState::default());
    assert_eq!(shop.system.ids(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guides_contradiction_is_shown_as_the_provider_tells_it() {
    for (rule, status, chargeable) in [
        ("not-requested", "not-requested", "yes"),
        ("pending", "pending", "no"),
        ("pending-chargeable", "pending", "yes"),
    ] {
        let shop = Shop::with(&[("unverified", rule)]);
        let mut walk = Walk::new(&shop, WITHOUT);
        walk.step("create_customer", &[("email", "")], "created").await;
        walk.step("create_card", &[], "created").await;
        let token = walk.step("create_token", &[], status).await;
        assert_eq!(Walk::fact(&token, "Can be charged"), chargeable);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_currency_that_can_be_changed_is_not_as_documented() {
    for (rule, outcome) in [
        ("ignored", "not set"),
        ("refused", "refused"),
        ("accepted", "set"),
    ] {
        let shop = Shop::with(&[("currency_update", rule)]);
        let mut walk = Walk::new(&shop, WITHOUT);
        walk.step("create_customer", &[], "created").await;
        walk.step("change_currency", &[], outcome).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_leads_where_each_test_card_says() {
    let shop = Shop::of(5);
    for way in ["later", "at_once"] {
        for (card, outcome) in [
            ("visa_ok", "success"),
            ("visa_payment_fails", "success"),
            ("visa_no_money", "success"),
            ("visa_expires_later", "success"),
            ("mastercard_ok", "success"),
            ("visa_denied", "card.declined"),
            ("visa_expired", "card.expired"),
            ("visa_3ds", "pending"),
        ] {
            let mut walk = Walk::new(&shop, WITH);
            walk.step("create_customer", &[], "created").await;
            walk.step("create_card", &[("card", card)], "created").await;
            let done = if way == "later" {
                let empty = walk.step("create_token", &[], "pending").await;
                assert_eq!(
                    (Walk::fact(&empty, "Type").as_str(), empty.tokens.len()),
                    ("pending", 0)
                );
                walk.step("attach_card", &[], outcome).await
            } else {
                walk.step("create_token", &[("way", way)], outcome).await
            };
            assert!(done.tokens[0].used);
            assert_eq!(done.link.is_some(), card == "visa_3ds");
            if outcome.starts_with("card.") {
                // Which token is left is not told: the list knows.
                walk.step("list_tokens", &[], "1 found").await;
                walk.step("read_token", &[], "failed").await;
            }
            walk.step("delete_customer", &[], "deleted").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_holder_does_ends_the_verification() {
    for answers in ["on", "off"] {
        let shop = Shop::with(&[("update_answers_token", answers)]);
        for (answer, outcome, status) in [
            ("passed", "success", "success"),
            ("refused", "card.failed-authentication", "failed"),
            ("lost", "unknown", "unknown"),
        ] {
            let mut walk = Walk::new(&shop, WITH);
            walk.step("create_customer", &[], "created").await;
            walk.step("create_card", &[("card", "visa_3ds")], "created").await;
            walk.step("create_token", &[], "pending").await;
            let asked = walk.step("attach_card", &[], "pending").await;
            assert_eq!(Walk::fact(&asked, "Holder has to"), "redirect");
            assert!(asked.link.is_some());
            walk.step("card_holder", &[("answer", answer)], outcome).await;
            walk.step("read_token", &[], status).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_nothing_is_left_for_sends_nothing() {
    let shop = Shop::of(5);
    let mut walk = Walk::new(&shop, WITH);
    walk.step("create_customer", &[], "created").await;
    walk.step("create_card", &[], "created").await;
    walk.step("create_token", &[("way", "at_once")], "success").await;
    let before = shop.system.requests();
    for (step, first) in [("attach_card", "create_card"), ("card_holder", "attach_card")] {
        let early = walk.try_step(step, &[]).await;
        assert_eq!(early, Err(BenchError::TooEarly(first)), "{step}");
    }
    assert_eq!(shop.system.requests(), before);

    walk.step("create_card", &[("card", "visa_3ds")], "created").await;
    walk.step("create_token", &[], "pending").await;
    walk.step("attach_card", &[], "pending").await;
    walk.step("card_holder", &[], "success").await;
    let again = walk.try_step("card_holder", &[]).await;
    assert_eq!(again, Err(BenchError::TooEarly("attach_card")));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_offered_is_run_and_only_on_what_the_run_created() {
    let shop = Shop::of(5);
    let mut walk = Walk::new(&shop, WITHOUT);
    let before = shop.system.requests();
    for (step, error) in [
        ("create_token", BenchError::TooEarly("create_customer")),
        ("list_tokens", BenchError::TooEarly("create_customer")),
        ("delete_customer", BenchError::TooEarly("create_customer")),
        ("attach_card", BenchError::Unknown),
        ("nonsense", BenchError::Unknown),
    ] {
        assert_eq!(walk.try_step(step, &[]).await, Err(error), "{step}");
    }
    for (step, choice, error) in [
        (
            "create_card",
            ("card", "4242424242424242"),
            BenchError::BadChoice("card"),
        ),
        ("create_card", ("number", "visa_ok"), BenchError::Unknown),
        (
            "create_customer",
            ("currency", "GBP"),
            BenchError::BadChoice("currency"),
        ),
        (
            "create_customer",
            ("email", "4242 4242 4242 4242"),
            BenchError::BadChoice("email"),
        ),
    ] {
        assert_eq!(walk.try_step(step, &[choice]).await, Err(error), "{step}");
    }
    assert_eq!(shop.system.requests(), before);
    walk.step("create_customer", &[], "created").await;
    assert_eq!(
        walk.try_step("create_token", &[]).await,
        Err(BenchError::TooEarly("create_card"))
    );
    assert_eq!(
        walk.try_step("read_token", &[]).await,
        Err(BenchError::TooEarly("create_token"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_at_the_provider_is_an_outcome() {
    let shop = Shop::of(5);
    let mut walk = Walk::new(&shop, WITHOUT);
    let bad = walk
        .try_step("create_customer", &[("email", "no-email")])
        .await
        .unwrap();
    assert_eq!(
        (bad.outcome.as_str(), bad.result),
        ("request.validation.invalid-email", StepResult::Otherwise)
    );
    walk.step("create_customer", &[], "created").await;
    let customer = walk.state.known["customer"].clone();
    shop.edit(json!({ "delete_customer": { "id": customer } }));
    let gone = walk.try_step("list_tokens", &[]).await.unwrap();
    assert_eq!(gone.outcome, "resource.customer.not-found");
    shop.system.stop_listening().unwrap();
    let down = walk.try_step("list_tokens", &[]).await.unwrap();
    assert_eq!(
        (down.outcome.as_str(), down.result),
        ("no_answer", StepResult::Failed)
    );
}

#[test]
fn a_live_account_has_no_bench_and_a_test_account_plays_no_holder() {
    let bench = |environment, project: &str, key: &str| {
        let credentials = Credentials {
            origin: Origin::parse("https://api.processout.com").unwrap(),
            environment,
            scope: project.to_owned(),
            user: String::new(),
            connector: None,
            key: key.into(),
            publishable_key: None,
        };
        ProcessOut::new(credentials, HttpOptions::default()).unwrap()
    };
    assert!(
        bench(Environment::Live, "proj_a1", "key_live_x")
            .bench()
            .is_none()
    );
    let test = bench(Environment::Test, "test-proj_a1", "key_sandbox_x");
    let flows = test.bench().unwrap().flows();
    assert_eq!(flows.len(), 2);
    assert!(
        !flows
            .iter()
            .any(|flow| flow.steps.iter().any(|step| step.id == "card_holder"))
    );
    let shop = Shop::of(0);
    let _ = credentials(&shop.system);
    let flows = shop.client.bench().unwrap().flows();
    assert!(
        flows
            .iter()
            .any(|flow| flow.steps.iter().any(|step| step.id == "card_holder"))
    );
}

//! The test bench: both documented calls, holds that are voided, and money only in the demo.

use crate::playing::Playing;
use std::collections::BTreeMap;
use tokendesk_model::Environment;
use tokendesk_providers::bench::{BenchError, FlowState, StepDone, StepResult, TestBench};
use tokendesk_providers::prism::Prism;
use tokendesk_providers::{Credentials, HttpOptions, PaymentSystem};
use tokendesk_sandbox::Fault;

fn bench(account: &Prism) -> &dyn TestBench {
    account.bench().unwrap()
}

fn choose(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn step(account: &Prism, flow: &str, step: &str, token: Option<&str>, state: FlowState) -> StepDone {
    let choices = token.map_or_else(BTreeMap::new, |token| choose(&[("token", token)]));
    bench(account).run(flow, step, &choices, state).await.unwrap()
}

fn reference(done: &StepDone) -> String {
    done.state.known["reference"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_made_read_and_voided_by_both_calls() {
    let playing = Playing::start();
    for connector in ["stripe", "adyen"] {
        let account = playing.account(connector);
        for (flow, call) in [
            ("token_authorize_hold", "TokenAuthorize"),
            ("authorize_hold", "Authorize"),
        ] {
            let held = step(&account, flow, "authorize", None, FlowState::default()).await;
            assert_eq!(held.result, StepResult::AsDocumented);
            assert_eq!(held.outcome, "AUTHORIZED");
            let reference = reference(&held);
            assert_eq!(playing.counts(&reference), (1, 0, 0));
            let exchange = &held.exchanges[0];
            assert_eq!(exchange.method, call);
            assert_eq!(exchange.target, "types.PaymentService");
            assert_eq!(exchange.status, "OK");
            for words in ["\"MANUAL\"", "sandbox_ok", "return_url", "\"EUR\""] {
                assert!(exchange.request.contains(words), "{words}: {}", exchange.request);
            }
            let read = step(&account, flow, "read", None, held.state.clone()).await;
            assert_eq!(
                read.outcome,
                if connector == "stripe" {
                    "AUTHORIZED"
                } else {
                    "INTERNAL"
                }
            );
            let voided = step(&account, flow, "void", None, held.state).await;
            assert_eq!(voided.result, StepResult::AsDocumented);
            let expected = if connector == "stripe" {
                "VOIDED"
            } else {
                "PENDING"
            };
            assert_eq!(voided.outcome, expected);
            playing.server.pass_time(60_000);
            assert_eq!(playing.counts(&reference), (0, 1, 0));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_taken_and_given_back_in_the_demo() {
    let playing = Playing::start();
    let account = playing.account("stripe");
    for flow in ["token_authorize_charge", "authorize_charge"] {
        let charged = step(&account, flow, "authorize", None, FlowState::default()).await;
        assert_eq!(charged.result, StepResult::AsDocumented);
        assert_eq!(charged.outcome, "CHARGED");
        assert!(charged.exchanges[0].request.contains("\"AUTOMATIC\""));
        let reference = reference(&charged);
        assert_eq!(playing.counts(&reference), (0, 0, 1));
        let refunded = step(&account, flow, "refund", None, charged.state).await;
        assert_eq!(refunded.outcome, "REFUND_SUCCESS");
        let truth = playing.server.truth(&reference).unwrap();
        assert_eq!(truth["transactions"][0]["refunded"], 100);
        // Twice is not offered.
        let again = bench(&account)
            .run(flow, "refund", &BTreeMap::new(), refunded.state)
            .await;
        assert_eq!(again, Err(BenchError::TooEarly("authorize")));
    }
    let held = step(&account, "capture", "authorize", None, FlowState::default()).await;
    let early = bench(&account)
        .run("capture", "refund", &BTreeMap::new(), held.state.clone())
        .await;
    assert_eq!(early, Err(BenchError::TooEarly("capture")));
    let captured = step(&account, "capture", "capture", None, held.state).await;
    assert_eq!(captured.outcome, "CHARGED");
    assert_eq!(playing.counts(&reference(&captured)), (0, 0, 1));
    let refunded = step(&account, "capture", "refund", None, captured.state).await;
    assert_eq!(refunded.outcome, "REFUND_SUCCESS");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_test_token_comes_to_its_outcome() {
    let playing = Playing::start();
    let account = playing.account("stripe");
    for (token, outcome, result) in [
        ("declined", "UNKNOWN (402)", StepResult::AsDocumented),
        ("declined_in_answer", "FAILURE", StepResult::AsDocumented),
        (
            "needs_customer",
            "AUTHENTICATION_PENDING",
            StepResult::AsDocumented,
        ),
        ("charged", "CHARGED", StepResult::Otherwise),
        ("gone", "INVALID_ARGUMENT (400)", StepResult::AsDocumented),
    ] {
        let done = step(
            &account,
            "token_authorize_hold",
            "authorize",
            Some(token),
            FlowState::default(),
        )
        .await;
        assert_eq!(done.outcome, outcome, "{token}");
        assert_eq!(done.result, result, "{token}");
        assert!(!done.meaning.is_empty());
    }
    let held = step(
        &account,
        "token_authorize_hold",
        "authorize",
        Some("void_refused"),
        FlowState::default(),
    )
    .await;
    let done = step(&account, "token_authorize_hold", "void", None, held.state).await;
    assert_eq!(done.outcome, "INVALID_ARGUMENT (400)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_runs_in_its_order_with_what_is_offered() {
    let playing = Playing::start();
    let account = playing.account("stripe");
    let run =
        |flow: &'static str, step: &'static str, choices: BTreeMap<String, String>, state: FlowState| {
            let account = &account;
            async move { bench(account).run(flow, step, &choices, state).await }
        };
    let none = BTreeMap::new;
    assert_eq!(
        run("nothing", "authorize", none(), FlowState::default()).await,
        Err(BenchError::Unknown)
    );
    assert_eq!(
        run("authorize_hold", "refund", none(), FlowState::default()).await,
        Err(BenchError::Unknown)
    );
    assert_eq!(
        run("authorize_hold", "void", none(), FlowState::default()).await,
        Err(BenchError::TooEarly("authorize"))
    );
    for (name, value, refused) in [
        ("token", "pm_1live", "token"),
        ("currency", "XTS", "currency"),
        ("amount", "500", "this step"),
    ] {
        assert_eq!(
            run(
                "authorize_hold",
                "authorize",
                choose(&[(name, value)]),
                FlowState::default()
            )
            .await,
            Err(BenchError::BadChoice(refused))
        );
    }
    assert_eq!(playing.server.requests(), 0);
    let held = step(
        &account,
        "authorize_hold",
        "authorize",
        None,
        FlowState::default(),
    )
    .await;
    assert_eq!(
        run("authorize_hold", "authorize", none(), held.state).await,
        Err(BenchError::TooEarly("void"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_names_something_else_sends_no_odd_id() {
    let playing = Playing::start();
    let account = playing.account("stripe");
    let mut state = FlowState::default();
    state
        .known
        .insert("transaction".to_owned(), "pi_1/../../customers".to_owned());
    for name in ["void", "read"] {
        let refused = bench(&account)
            .run("authorize_hold", name, &BTreeMap::new(), state.clone())
            .await;
        assert_eq!(refused, Err(BenchError::TooEarly("authorize")));
    }
    assert_eq!(playing.server.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_is_part_of_the_outcome() {
    let playing = Playing::start();
    let account = playing.account("stripe");
    playing.break_call("/types.PaymentService/Authorize", Fault::DropAfterCommit);
    let done = step(
        &account,
        "authorize_hold",
        "authorize",
        None,
        FlowState::default(),
    )
    .await;
    assert_eq!(done.result, StepResult::Failed);
    assert!(done.meaning.contains("not known"), "{}", done.meaning);
    assert_eq!(playing.counts(&reference(&done)), (1, 0, 0));

    playing.server.stop_listening().unwrap();
    let done = step(
        &account,
        "authorize_hold",
        "authorize",
        None,
        FlowState::default(),
    )
    .await;
    assert_eq!(done.result, StepResult::Failed);
    assert!(done.meaning.contains("Nothing was sent"), "{}", done.meaning);
}

#[test]
fn money_moves_in_the_demo_only_and_a_live_account_has_no_bench() {
    let account = |environment, connector: &str, key: &str| {
        let credentials = Credentials {
            origin: tokendesk_model::Origin::parse("http://127.0.0.1:9").unwrap(),
            environment,
            scope: String::new(),
            user: String::new(),
            connector: Some(connector.to_owned()),
            key: key.to_owned().into(),
            publishable_key: None,
        };
        Prism::new(credentials, HttpOptions::default()).unwrap()
    };
    let flows = |account: &Prism| {
        account
            .bench()
            .map(|bench| bench.flows().iter().map(|flow| flow.id).collect::<Vec<_>>())
    };
    let stripe = r#"{"api_key":"key_1"}"#;
    let adyen = r#"{"api_key":"k","merchant_account":"Shop"}"#;
    assert_eq!(flows(&account(Environment::Live, "stripe", stripe)), None);
    assert_eq!(flows(&account(Environment::Test, "adyen", adyen)), None);
    assert_eq!(
        flows(&account(Environment::Test, "stripe", stripe)),
        Some(vec!["token_authorize_hold", "authorize_hold"])
    );
    assert_eq!(
        flows(&account(Environment::Demo, "adyen", adyen)).map(|flows| flows.len()),
        Some(5)
    );
    let test = account(Environment::Test, "stripe", stripe);
    for flow in bench(&test).flows() {
        assert!(
            flow.steps
                .iter()
                .all(|step| step.id != "capture" && step.id != "refund")
        );
    }
}

//! The test bench through the desk: every flow of every payment system, what is kept of a run, and who gets none.

use crate::account::{Account, step};
use std::collections::{BTreeMap, BTreeSet};
use tokendesk_desk::contract::{
    AccountRef, ConnectAccount, Env, FlowRunRef, OpenPage, Problem, ProblemCode, RunFlowStep, SingleUseView,
    StartFlow,
};
use tokendesk_model::card_number::contains_card_number;
use tokendesk_sandbox::{Fault, Options};
use tokendesk_tests::played::System;

/// A step with what is chosen, and the outcome it documents.
type Walked = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);
/// A flow and its steps.
type Way = (&'static str, &'static [Walked]);

const WALLEE: &[Way] = &[
    (
        "token_life",
        &[
            ("create", &[], "created"),
            ("create_again", &[], "same_token"),
            ("deactivate", &[], "ignored"),
            ("activate", &[], "unchanged"),
            ("delete", &[], "deleting"),
            ("read", &[], "deleting"),
        ],
    ),
    (
        "new_details",
        &[
            ("create", &[], "created"),
            ("page", &[], "page"),
            ("details", &[], "none"),
            ("delete", &[], "deleting"),
        ],
    ),
];

const PROCESSOUT: &[Way] = &[
    (
        "token_without_verification",
        &[
            ("create_customer", &[("currency", "EUR")], "created"),
            ("change_currency", &[], "unchanged"),
            ("create_card", &[("card", "mastercard_ok")], "created"),
            ("create_token", &[], "not-requested"),
            ("use_again", &[], "request.source.card-already-used"),
            ("read_token", &[], "not-requested"),
            ("list_tokens", &[], "1 found"),
            ("delete_token", &[], "deleted"),
            ("delete_customer", &[], "deleted"),
        ],
    ),
    (
        "token_with_verification",
        &[
            ("create_customer", &[], "created"),
            ("create_card", &[("card", "visa_3ds")], "created"),
            ("create_token", &[], "pending"),
            ("attach_card", &[], "pending"),
            ("card_holder", &[("answer", "passed")], "success"),
            ("read_token", &[], "success"),
            ("list_tokens", &[], "1 found"),
            ("delete_token", &[], "deleted"),
            ("delete_customer", &[], "deleted"),
        ],
    ),
];

const KOMOJU: &[Way] = &[
    (
        "token_in_payment",
        &[
            ("create_token", &[], "created"),
            ("pay", &[], "captured"),
            ("use_again", &[], "refused"),
        ],
    ),
    (
        "token_in_session",
        &[
            ("create_session", &[], "pending"),
            ("create_token", &[], "created"),
            ("pay_session", &[], "completed"),
            ("use_again", &[], "refused"),
        ],
    ),
    (
        "token_in_customer",
        &[
            ("create_token", &[], "created"),
            ("create_customer", &[("email", "tess@example.com")], "saved"),
            ("use_again", &[], "refused"),
            ("delete_customer", &[], "deleted"),
        ],
    ),
    (
        "token_by_email",
        &[
            ("create_email_token", &[], "created"),
            ("pay", &[], "authorized"),
            ("cancel_payment", &[], "cancelled"),
        ],
    ),
    (
        "token_expiry",
        &[
            ("create_token", &[], "created"),
            ("look", &[], "unused"),
            ("use_late", &[], "captured"),
        ],
    ),
];

const ZAFAPAY: &[Way] = &[(
    "token_payment",
    &[
        ("create_token", &[], "created"),
        ("pay", &[("save_card", "yes")], "completed"),
        ("use_again", &[], "payment_token_already_used"),
        ("read_payment", &[], "completed"),
        ("finish", &[("action", "refund")], "succeeded"),
        ("saved_card", &[], "saved"),
        ("pay_saved", &[], "completed"),
    ],
)];

const PRISM: &[Way] = &[
    (
        "token_authorize_hold",
        &[
            ("authorize", &[], "AUTHORIZED"),
            ("read", &[], "AUTHORIZED"),
            ("void", &[], "VOIDED"),
        ],
    ),
    (
        "authorize_hold",
        &[
            ("authorize", &[("currency", "JPY")], "AUTHORIZED"),
            ("read", &[], "AUTHORIZED"),
            ("void", &[], "VOIDED"),
        ],
    ),
    (
        "token_authorize_charge",
        &[
            ("authorize", &[], "CHARGED"),
            ("read", &[], "CHARGED"),
            ("refund", &[], "REFUND_SUCCESS"),
        ],
    ),
    (
        "authorize_charge",
        &[
            ("authorize", &[], "CHARGED"),
            ("read", &[], "CHARGED"),
            ("refund", &[], "REFUND_SUCCESS"),
        ],
    ),
    (
        "capture",
        &[
            ("authorize", &[], "AUTHORIZED"),
            ("read", &[], "AUTHORIZED"),
            ("capture", &[], "CHARGED"),
            ("refund", &[], "REFUND_SUCCESS"),
        ],
    ),
];

fn of(account: &Account) -> AccountRef {
    AccountRef {
        account_id: account.id.clone(),
    }
}

async fn single_use(account: &Account) -> Vec<SingleUseView> {
    account.desk.single_use_tokens(of(account)).await.unwrap().items
}

/// Walks every flow the account offers, each to its end, and every step of it.
async fn walk_all(system: System, ways: &[Way]) {
    let account = Account::at(system).await;
    let secret = crate::account::connection(system, &account.running).key;
    let offered = account.desk.list_flows(of(&account)).await.unwrap().items;
    let names: BTreeSet<&str> = offered.iter().map(|flow| flow.id.as_str()).collect();
    let walked: BTreeSet<&str> = ways.iter().map(|(flow, _)| *flow).collect();
    assert_eq!(names, walked, "{system}: every flow is walked");
    for (name, steps) in ways {
        let flow = offered.iter().find(|flow| flow.id == *name).unwrap();
        let all: Vec<&str> = flow.steps.iter().map(|step| step.id.as_str()).collect();
        let ours: Vec<&str> = steps.iter().map(|(step, ..)| *step).collect();
        assert_eq!(all, ours, "{system} {name}: every step is run");
        let mut run = account.start(name).await;
        assert!(run.done.is_empty());
        for (nth, (step_id, choices, outcome)) in steps.iter().enumerate() {
            let at = format!("{system} {name} {step_id}");
            assert_eq!(run.next_step.as_deref(), Some(*step_id), "{at}");
            run = account
                .desk
                .run_flow_step(step(&run, step_id, choices))
                .await
                .unwrap();
            let done = &run.done[nth];
            assert_eq!(
                (done.outcome.as_str(), done.result.as_str()),
                (*outcome, "as_documented"),
                "{at}: {}",
                done.meaning
            );
            assert!(!done.meaning.is_empty(), "{at}");
            let shown = serde_json::to_value(done).unwrap();
            for exchange in shown["exchanges"].as_array().unwrap() {
                let text = exchange.to_string();
                assert!(!text.contains(&secret) && !text.contains("Bearer "), "{at}");
                for member in ["request", "answer"] {
                    let text = exchange[member].as_str().unwrap();
                    assert!(!text.lines().any(contains_card_number), "{at}: {text}");
                }
            }
            if let Some(url) = &done.link {
                let opened = account.desk.open_page(OpenPage { url: url.clone() }).await;
                assert!(opened.is_ok(), "{at}: {url}");
            }
        }
        assert_eq!(run.next_step, None, "{system} {name} is over");
    }
    let kept = account.desk.flow_runs(of(&account)).await.unwrap().items;
    let newest: Vec<&str> = kept.iter().map(|run| run.flow.id.as_str()).collect();
    let expected: Vec<&str> = ways.iter().rev().map(|(flow, _)| *flow).collect();
    assert_eq!(newest, expected);
    let steps: usize = ways.iter().map(|(_, steps)| steps.len()).sum();
    assert_eq!(account.logged("bench.step").await.len(), steps);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_of_wallee_goes_as_documented() {
    walk_all(System::Wallee, WALLEE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_of_processout_goes_as_documented() {
    walk_all(System::ProcessOut, PROCESSOUT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_of_komoju_goes_as_documented() {
    walk_all(System::Komoju, KOMOJU).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_of_zafapay_goes_as_documented() {
    walk_all(System::Zafapay, ZAFAPAY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_of_prism_goes_as_documented() {
    walk_all(System::Prism, PRISM).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_test_card_of_zafapay_leads_where_it_says() {
    let account = Account::at(System::Zafapay).await;
    for (card, capture, outcome) in [
        ("visa_ok", "manual", "authorized"),
        ("visa_3ds", "automatic", "requires_action"),
        ("visa_declined", "automatic", "failed"),
        ("visa_no_funds", "automatic", "failed"),
    ] {
        let run = account.start("token_payment").await;
        account
            .desk
            .run_flow_step(step(&run, "create_token", &[("card", card)]))
            .await
            .unwrap();
        let run = account
            .desk
            .run_flow_step(step(&run, "pay", &[("capture", capture)]))
            .await
            .unwrap();
        let done = run.done.last().unwrap();
        assert_eq!(
            (done.outcome.as_str(), done.result.as_str()),
            (outcome, "as_documented")
        );
        assert_eq!(done.link.is_some(), outcome == "requires_action");
        assert!(!done.next.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_after_a_restart_and_a_step_that_failed_comes_again() {
    let account = Account::at(System::Wallee).await;
    let before = account.system.ids().len();
    let run = account.start("token_life").await;
    account.fault("/payment/tokens", Fault::DropAfterCommit);
    let run = account
        .desk
        .run_flow_step(step(&run, "create", &[]))
        .await
        .unwrap();
    assert_eq!(
        (run.done[0].outcome.as_str(), run.done[0].result.as_str()),
        ("no_answer", "failed")
    );
    assert_eq!(run.next_step.as_deref(), Some("create"));
    let account = account.reopened().await;
    let shown = account
        .desk
        .show_flow_run(FlowRunRef {
            run_id: run.id.clone(),
        })
        .await
        .unwrap();
    assert_eq!(shown, run);
    let run = account
        .desk
        .run_flow_step(step(&run, "create", &[]))
        .await
        .unwrap();
    assert_eq!(run.done.len(), 2);
    assert_eq!(run.done[1].outcome, "created");
    assert_eq!(run.next_step.as_deref(), Some("create_again"));
    assert_eq!(account.system.ids().len(), before + 1, "created once");
}

#[tokio::test(flavor = "multi_thread")]
async fn single_use_tokens_are_listed_with_what_became_of_them() {
    let account = Account::at(System::Komoju).await;
    let run = account.start("token_expiry").await;
    account
        .desk
        .run_flow_step(step(&run, "create_token", &[]))
        .await
        .unwrap();
    let listed = single_use(&account).await;
    let token = &listed[0];
    assert_eq!(
        (token.status.as_str(), token.shown.as_deref()),
        ("usable", Some("Visa •••• 1111"))
    );
    assert!(
        token
            .seconds_left
            .is_some_and(|left| left > 86_000 && left <= 86_400)
    );
    assert!(token.remote_id.starts_with("tok_"));

    // Nobody asks the provider: its own 24 hours are over.
    account.clock.ahead(25 * 3_600);
    let listed = single_use(&account).await;
    assert_eq!(
        (listed[0].status.as_str(), listed[0].seconds_left),
        ("expired", None)
    );
    account.system.pass_time(25 * 3_600_000);
    let late = account
        .desk
        .run_flow_step(step(&run, "use_late", &[]))
        .await
        .unwrap();
    assert_eq!(late.done.last().unwrap().outcome, "refused");
    assert_eq!(single_use(&account).await[0].status, "expired");

    let run = account.start("token_in_payment").await;
    for name in ["create_token", "pay"] {
        account.desk.run_flow_step(step(&run, name, &[])).await.unwrap();
    }
    let paid = single_use(&account).await;
    let used = paid[0].used_at.clone().unwrap();
    assert_eq!((paid.len(), paid[0].status.as_str()), (2, "used"));
    account.clock.ahead(3_600);
    account
        .desk
        .run_flow_step(step(&run, "use_again", &[]))
        .await
        .unwrap();
    let listed = single_use(&account).await;
    assert_eq!(listed[0].status, "used");
    assert_eq!(
        listed[0].used_at.as_deref(),
        Some(used.as_str()),
        "used once, at that time"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_offered_is_refused_before_anything_is_sent() {
    let account = Account::at(System::Komoju).await;
    let run = account.start("token_in_customer").await;
    let asked = account.system.requests();
    let refused = |request: RunFlowStep| {
        let desk = &account.desk;
        async move {
            let problem = desk.run_flow_step(request).await.unwrap_err();
            (problem.code, problem.field)
        }
    };
    let invalid = (ProblemCode::FlowStepInvalid, None);
    assert_eq!(refused(step(&run, "fly", &[])).await, invalid);
    assert_eq!(refused(step(&run, "pay", &[])).await, invalid, "another flow's");
    assert_eq!(
        refused(step(&run, "create_customer", &[])).await,
        invalid,
        "too early"
    );
    assert_eq!(
        refused(step(&run, "create_token", &[("number", "1")])).await,
        invalid
    );
    assert_eq!(
        refused(step(&run, "create_token", &[("card", "4111111111111111")])).await,
        (ProblemCode::CardNumber, Some("card".to_owned()))
    );
    assert_eq!(
        refused(step(&run, "create_token", &[("card", "visa")])).await,
        (ProblemCode::FlowStepInvalid, Some("card".to_owned()))
    );
    assert_eq!(
        refused(step(&run, "create_customer", &[("email", "4111 1111 1111 1111")])).await,
        (ProblemCode::CardNumber, Some("email".to_owned()))
    );
    let nowhere = RunFlowStep {
        run_id: "no run".to_owned(),
        step: "create_token".to_owned(),
        choices: BTreeMap::new(),
    };
    assert_eq!(refused(nowhere).await, invalid);
    let no_flow = account
        .desk
        .start_flow(StartFlow {
            account_id: account.id.clone(),
            flow: "token_life".to_owned(),
        })
        .await;
    assert_eq!(no_flow.unwrap_err().code, ProblemCode::FlowStepInvalid);
    let page = OpenPage {
        url: "https://komoju.example/instructions/other".to_owned(),
    };
    assert_eq!(
        account.desk.open_page(page).await.unwrap_err().code,
        ProblemCode::FieldInvalid
    );
    assert_eq!(account.system.requests(), asked);
    assert_eq!(account.logged("bench.step").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_needs_the_browsers_key_says_so() {
    for (system, flow) in [
        (System::Komoju, "token_in_payment"),
        (System::Zafapay, "token_payment"),
    ] {
        let account = Account::with(system, |connection| connection.publishable_key = None).await;
        let run = account.start(flow).await;
        let problem = account
            .desk
            .run_flow_step(step(&run, "create_token", &[]))
            .await
            .unwrap_err();
        assert_eq!(problem.code, ProblemCode::BenchNotHere, "{system}");
        assert!(problem.detail.contains("publishable key"), "{}", problem.detail);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_account_has_no_bench() {
    let account = Account::with(System::Wallee, |connection| connection.read_only = true).await;
    let asked = account.system.requests();
    let problem = account.desk.list_flows(of(&account)).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::ReadOnlyAccount);
    let start = StartFlow {
        account_id: account.id.clone(),
        flow: "token_life".to_owned(),
    };
    let problem = account.desk.start_flow(start).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::ReadOnlyAccount);
    assert_eq!(account.system.requests(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_account_has_no_bench() {
    let running = tokendesk_sandbox::Sandbox::start(Options {
        customers: 10,
        tls: true,
        ..Options::default()
    })
    .unwrap();
    running.set_switch("environment", "PRODUCTION").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut options = crate::office::options(folder.path());
    options.http.extra_root_pem = running.ca_pem.clone();
    let desk = crate::office::open(options).await.unwrap();
    let live = ConnectAccount {
        env: Env::Live,
        ..System::Wallee.played().connection(&running)
    };
    let account_id = desk.connect_account(live).await.unwrap().id;
    let writes = running.writes().len();
    let refused = |answer: Result<(), Problem>| {
        let problem = answer.unwrap_err();
        assert_eq!(problem.code, ProblemCode::BenchNotHere);
        assert!(problem.detail.contains("live"), "{}", problem.detail);
    };
    let of = AccountRef {
        account_id: account_id.clone(),
    };
    refused(desk.list_flows(of.clone()).await.map(drop));
    refused(desk.flow_runs(of).await.map(drop));
    for flow in ["token_life", "new_details"] {
        let start = StartFlow {
            account_id: account_id.clone(),
            flow: flow.to_owned(),
        };
        refused(desk.start_flow(start).await.map(drop));
    }
    assert_eq!(running.writes().len(), writes);
}

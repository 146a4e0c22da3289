//! The flows of the test bench, each walked to its documented end.

use crate::place::{Place, credentials, movable_clock, options};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use tokendesk_model::{Environment, Origin};
use tokendesk_providers::bench::{BenchError, FlowState, StepDone, StepResult};
use tokendesk_providers::komoju::Komoju;
use tokendesk_providers::{Credentials, PaymentSystem};
use tokendesk_sandbox::{Fault, FaultBody};

const DAY_MS: i64 = 24 * 3_600_000;

struct Run<'a> {
    komoju: &'a Komoju,
    flow: &'static str,
    state: FlowState,
}

impl<'a> Run<'a> {
    fn new(komoju: &'a Komoju, flow: &'static str) -> Self {
        Self {
            komoju,
            flow,
            state: FlowState::default(),
        }
    }

    async fn try_step(&mut self, step: &str, choices: &[(&str, &str)]) -> Result<StepDone, BenchError> {
        let choices: BTreeMap<String, String> = choices
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let bench = self.komoju.bench().unwrap();
        let done = bench.run(self.flow, step, &choices, self.state.clone()).await?;
        self.state = done.state.clone();
        Ok(done)
    }

    /// A step with its defaults; the outcome is as documented and this word.
    async fn step(&mut self, step: &str, outcome: &str) -> StepDone {
        let done = self.try_step(step, &[]).await.unwrap();
        assert_eq!(
            (done.outcome.as_str(), done.result),
            (outcome, StepResult::AsDocumented),
            "{step}: {done:?}"
        );
        done
    }
}

fn is_used(done: &StepDone) -> bool {
    done.tokens[0].used
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_pays_once() {
    let place = Place::new(5);
    let mut run = Run::new(&place.komoju, "token_in_payment");
    let made = run.step("create_token", "created").await;
    let token = made.tokens[0].clone();
    assert!(token.remote_id.starts_with("tok_") && !token.used && !token.expired);
    assert_eq!(token.shown.as_deref(), Some("Visa •••• 1111"));
    assert_eq!(
        token.expires_at.unwrap() - token.created_at,
        chrono::Duration::hours(24)
    );
    let call = &made.exchanges[0];
    assert_eq!(
        (call.method.as_str(), call.target.as_str(), call.status.as_str()),
        ("POST", "/api/v1/tokens", "200")
    );
    assert!(call.request.contains("•••• •••• •••• 1111") && !call.request.contains("\"123\""));
    let paid = run.step("pay", "captured").await;
    assert!(is_used(&paid));
    let payment = place.truth(&run.state.known["payment"]);
    assert_eq!(
        (&payment["status"], &payment["amount"]),
        (&"captured".into(), &1000.into())
    );
    let refused = run.step("use_again", "refused").await;
    assert_eq!(refused.exchanges[0].status, "422");
    // A second refusal is as good as the first, also with the other status a server may have for it.
    place.set("spent_token", "400");
    let again = run.try_step("use_again", &[("amount", "100")]).await.unwrap();
    assert_eq!(
        (again.outcome.as_str(), again.result),
        ("refused", StepResult::AsDocumented)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_pays_a_session_once() {
    let place = Place::new(5);
    let mut run = Run::new(&place.komoju, "token_in_session");
    let session = run.step("create_session", "pending").await;
    assert!(session.link.unwrap().starts_with("https://"));
    run.step("create_token", "created").await;
    let paid = run.step("pay_session", "completed").await;
    assert!(is_used(&paid));
    assert_eq!(place.truth(&run.state.known["session"])["status"], "completed");
    run.step("use_again", "refused").await;
    // The session itself is over.
    let again = run.try_step("pay_session", &[]).await.unwrap();
    assert_eq!(
        (again.outcome.as_str(), again.result),
        ("refused", StepResult::Otherwise)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_saved_with_a_customer_once() {
    let place = Place::new(5);
    let before = place.system.ids();
    let mut run = Run::new(&place.komoju, "token_in_customer");
    run.step("create_token", "created").await;
    let saved = run.step("create_customer", "saved").await;
    assert!(
        saved
            .facts
            .contains(&("Saved card".to_owned(), "•••• 1111".to_owned()))
    );
    let customer = run.state.known["customer"].clone();
    assert_eq!(place.truth(&customer)["source"]["last_four_digits"], "1111");
    run.step("use_again", "refused").await;
    run.step("delete_customer", "deleted").await;
    assert_eq!(place.truth(&customer)["gone"], true);
    assert_eq!(
        run.try_step("delete_customer", &[]).await,
        Err(BenchError::TooEarly("create_customer"))
    );
    // Nothing else was touched.
    assert_eq!(place.system.ids(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_an_email_waits_for_the_buyer() {
    let place = Place::new(5);
    let mut run = Run::new(&place.komoju, "token_by_email");
    let made = run.step("create_email_token", "created").await;
    assert_eq!(
        (made.tokens[0].kind.as_str(), &made.tokens[0].shown),
        ("email only", &None)
    );
    let waiting = run.step("pay", "authorized").await;
    assert!(waiting.link.unwrap().starts_with("https://"));
    assert!(
        waiting
            .facts
            .iter()
            .any(|(label, _)| label == "To be paid before")
    );
    run.step("cancel_payment", "cancelled").await;
    assert_eq!(place.truth(&run.state.known["payment"])["status"], "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_left_unused_runs_out() {
    let place = Place::new(5);
    let (clock, hours) = movable_clock();
    let komoju = Komoju::with_clock(credentials(&place.system), options(), clock).unwrap();
    let mut run = Run::new(&komoju, "token_expiry");
    run.step("create_token", "created").await;
    let calls = place.system.requests();
    assert!(run.step("look", "unused").await.meaning.contains("23 hours"));
    hours.store(24, Ordering::Relaxed);
    assert!(run.step("look", "run_out").await.tokens[0].expired);
    assert_eq!(place.system.requests(), calls);
    place.system.pass_time(DAY_MS);
    let late = run.step("use_late", "refused").await;
    assert!(late.tokens[0].expired && !late.tokens[0].used);
    // A clock of ours that is behind does not argue with the provider's words.
    hours.store(0, Ordering::Relaxed);
    run.step("use_late", "refused").await;

    let mut early = Run::new(&komoju, "token_expiry");
    early.step("create_token", "created").await;
    assert!(is_used(&early.step("use_late", "captured").await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_whose_answer_is_lost_is_repeated_without_doing_it_twice() {
    let place = Place::new(5);
    let mut run = Run::new(&place.komoju, "token_in_payment");
    run.step("create_token", "created").await;
    place.fault("POST", "/payments", Some(1), Fault::DropAfterCommit);
    let lost = run.try_step("pay", &[]).await.unwrap();
    assert_eq!(
        (lost.outcome.as_str(), lost.result),
        ("no_answer", StepResult::Failed)
    );
    assert_eq!(lost.exchanges[0].status, "");
    // While the first one counts as running the repeat has to wait; then it gets the first answer.
    place.set("in_flight_ms", "3600000");
    let waiting = run.try_step("pay", &[]).await.unwrap();
    assert_eq!(
        (waiting.outcome.as_str(), waiting.exchanges[0].status.as_str()),
        ("no_answer", "409")
    );
    place.set("in_flight_ms", "0");
    run.step("pay", "captured").await;
    run.step("use_again", "refused").await;
    let payments = place
        .system
        .writes()
        .into_iter()
        .filter(|write| write.path.ends_with("/payments"));
    assert_eq!(payments.filter(|write| write.handled).count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_outcomes() {
    let place = Place::new(5);
    let mut run = Run::new(&place.komoju, "token_in_payment");
    place.fault(
        "POST",
        "/tokens",
        Some(1),
        Fault::Status {
            status: 503,
            retry_after: None,
            body: FaultBody::Html,
        },
    );
    let failed = run.try_step("create_token", &[]).await.unwrap();
    assert_eq!(
        (failed.outcome.as_str(), failed.result),
        ("no_answer", StepResult::Failed)
    );
    assert!(failed.exchanges[0].answer.contains("<html>"));
    place.fault(
        "POST",
        "/tokens",
        Some(1),
        Fault::MissingMembers {
            members: vec!["id".to_owned()],
        },
    );
    assert_eq!(
        run.try_step("create_token", &[]).await.unwrap().outcome,
        "unreadable"
    );
    place.set("keys_known", "off");
    assert_eq!(
        run.try_step("create_token", &[]).await.unwrap().outcome,
        "not_allowed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_run_is_refused_before_anything_is_sent() {
    let place = Place::new(5);
    let mut run = Run::new(&place.komoju, "token_in_payment");
    assert_eq!(
        run.try_step("pay", &[]).await,
        Err(BenchError::TooEarly("create_token"))
    );
    assert_eq!(run.try_step("fly", &[]).await, Err(BenchError::Unknown));
    assert_eq!(
        run.try_step("create_email_token", &[]).await,
        Err(BenchError::Unknown)
    );
    assert_eq!(
        run.try_step("create_token", &[("card", "4111111111111111")])
            .await,
        Err(BenchError::BadChoice("card"))
    );
    run.state.known.insert("token".to_owned(), "tok_x".to_owned());
    assert_eq!(
        run.try_step("use_again", &[]).await,
        Err(BenchError::TooEarly("pay"))
    );
    assert_eq!(
        run.try_step("pay", &[("amount", "1000000")]).await,
        Err(BenchError::BadChoice("amount"))
    );
    let mut email = Run::new(&place.komoju, "token_by_email");
    for odd in [
        "",
        "nobody",
        "a b@example.org",
        "4111111111111111@example.org",
        "@example.org",
    ] {
        assert_eq!(
            email.try_step("create_email_token", &[("email", odd)]).await,
            Err(BenchError::BadChoice("email")),
            "{odd}"
        );
    }
    assert_eq!(
        email.try_step("pay", &[]).await,
        Err(BenchError::TooEarly("create_email_token"))
    );
    let without = Credentials {
        publishable_key: None,
        ..credentials(&place.system)
    };
    let without = Komoju::new(without, options()).unwrap();
    let mut run = Run::new(&without, "token_in_payment");
    assert_eq!(
        run.try_step("create_token", &[]).await,
        Err(BenchError::Missing("publishable key"))
    );
    assert_eq!(place.system.requests(), 0);
}

#[test]
fn a_live_account_has_no_bench() {
    let place = Place::new(1);
    let at = |environment, key: &str| {
        let credentials = Credentials {
            environment,
            origin: Origin::parse("https://komoju.com").unwrap(),
            key: key.to_owned().into(),
            publishable_key: None,
            ..credentials(&place.system)
        };
        Komoju::new(credentials, options()).unwrap().bench().is_some()
    };
    assert!(at(Environment::Test, "sk_test_1"));
    assert!(!at(Environment::Live, "sk_live_1"));
}

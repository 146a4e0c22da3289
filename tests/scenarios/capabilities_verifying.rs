//! Verification: as each payment system tells it, and by a small hold at Prism. Which scenario is about what:
//! [`crate::capabilities_table`].

use crate::capabilities_ground::Ground;
use serde_json::{Value, json};
use tokendesk_desk::contract::{
    AllowVerification, Env, Problem, ProblemCode, VerificationRef, VerificationView, VerifyCard, VerifyOffer,
};
use tokendesk_tests::played::System;

fn request(ground: &Ground, nth: usize) -> VerifyCard {
    VerifyCard {
        card_id: ground.id(nth),
        amount: "1.00".to_owned(),
        currency: "EUR".to_owned(),
        through: "token_authorize".to_owned(),
        confirmation: "VERIFY".to_owned(),
        reason: None,
    }
}

async fn verify(ground: &Ground, nth: usize) -> Result<VerificationView, Problem> {
    ground.desk.verify_card(request(ground, nth)).await
}

async fn offer(ground: &Ground, nth: usize) -> VerifyOffer {
    ground.desk.verify_offer(ground.card(nth)).await.unwrap()
}

/// What the processor holds under a verification's own reference: held, voided, charged.
fn money(ground: &Ground, done: &VerificationView) -> (u64, u64, u64) {
    let truth = ground
        .handle()
        .truth(&done.reference)
        .unwrap_or_else(|| json!({}));
    let count = |what: &str| truth[what].as_u64().unwrap_or_default();
    (count("held"), count("voided"), count("charged"))
}

#[tokio::test(flavor = "multi_thread")]
async fn at_wallee_a_version_in_use_is_what_says_that_a_card_works() {
    let ground = Ground::of(System::Wallee).await;
    assert_eq!(ground.line("verification").await.carrier, "read_only");
    assert_eq!(ground.view(0).await.card_knowledge, "known");
    let shell = ground
        .handle()
        .edit(json!({ "add": { "customerId": "new-1", "shell": true } }))
        .unwrap();
    ground.read(true).await;
    let view = ground.view_of(&shell["id"].to_string()).await;
    assert_eq!(view.card_knowledge, "no_active_version");
    assert_eq!(
        verify(&ground, 0).await.unwrap_err().code,
        ProblemCode::NotOffered
    );
    assert!(ground.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn processout_tells_two_facts_and_both_are_shown_as_given() {
    let ground = Ground::of(System::ProcessOut).await;
    assert_eq!(ground.line("verification").await.carrier, "read_only");
    let statuses = [
        "success",
        "pending",
        "failed",
        "not-requested",
        "unknown",
        "a-new-word",
    ];
    for (nth, status) in statuses.into_iter().enumerate() {
        // Neither follows from the other.
        for chargeable in [true, false] {
            let id = &ground.cards[nth].id;
            let set = json!({ "id": id, "verification_status": status, "is_chargeable": chargeable });
            ground.handle().edit(json!({ "set_token": set })).unwrap();
            ground.read(false).await;
            let view = ground.view(nth).await;
            assert_eq!(view.verification.as_deref(), Some(status));
            assert_eq!(view.chargeable, Some(chargeable));
            assert_ne!(view.state, "creating");
        }
    }
    assert_eq!(
        verify(&ground, 0).await.unwrap_err().code,
        ProblemCode::NotOffered
    );
    assert!(ground.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn komoju_and_zafapay_tell_nothing_of_the_kind() {
    for system in [System::Komoju, System::Zafapay] {
        let ground = Ground::of(system).await;
        let line = ground.line("verification").await;
        assert_eq!(
            (line.carrier.as_str(), line.tag.as_str()),
            ("none", "None"),
            "{system}"
        );
        assert!(line.says.ends_with("tells nothing of the kind."), "{}", line.says);
        assert_eq!(ground.account().await.verification_allowed, None);
        let view = ground.view(0).await;
        assert_eq!(
            (view.verification, view.chargeable, view.carriers.verify),
            (None, None, false)
        );
        let blocked = offer(&ground, 0).await.blocked.unwrap();
        assert_eq!(blocked.code, ProblemCode::NotOffered, "{system}");
        let requests = ground.handle().requests();
        assert_eq!(
            verify(&ground, 0).await.unwrap_err().code,
            ProblemCode::NotOffered
        );
        assert_eq!(ground.handle().requests(), requests, "{system}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prism_verifies_by_a_hold_that_is_voided() {
    for connector in ["stripe", "adyen"] {
        for through in ["token_authorize", "authorize"] {
            let ground = Ground::of_prism(connector, &["sandbox_ok"], |_| {}).await;
            if connector == "adyen" {
                ground.handle().set_switch("adyen_void", "final").unwrap();
            }
            assert_eq!(ground.line("verification").await.carrier, "native");
            let offered = offer(&ground, 8).await;
            assert!(offered.blocked.is_none() && offered.earlier.is_empty());
            assert!(offered.currencies.iter().any(|cap| cap.currency == "EUR"));
            let asked = VerifyCard {
                through: through.to_owned(),
                ..request(&ground, 8)
            };
            let done = ground.desk.verify_card(asked).await.unwrap();
            assert_eq!(done.outcome, "voided", "{connector} {through}: {}", done.says);
            assert_eq!(money(&ground, &done), (0, 1, 0), "{connector} {through}");
            let truth = ground.truth(&done.reference);
            assert_eq!(truth["transactions"][0]["amount"], 100);
            assert!(!done.refundable && done.finished_at.is_some());
            assert_eq!(offer(&ground, 8).await.earlier, [done]);
            assert_eq!(ground.logged("card.verified").await.len(), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_end_of_a_verification_is_told_as_it_is_at_the_processor() {
    let ends = [
        ("sandbox_declined", "declined", (0, 0, 0)),
        ("sandbox_declined_in_answer", "declined", (0, 0, 0)),
        ("sandbox_needs_customer", "needs_buyer", (0, 0, 0)),
        ("sandbox_charged", "charged", (0, 0, 1)),
        ("sandbox_void_refused", "hold_may_exist", (1, 0, 0)),
        ("sandbox_gone", "not_reserved", (0, 0, 0)),
    ];
    let tokens: Vec<&str> = ends.iter().map(|(token, ..)| *token).collect();
    let ground = Ground::of_prism("stripe", &tokens, |_| {}).await;
    for (at, (token, outcome, held)) in ends.into_iter().enumerate() {
        let done = verify(&ground, 8 + at).await.unwrap();
        assert_eq!(done.outcome, outcome, "{token}: {}", done.says);
        assert_eq!(money(&ground, &done), held, "{token}");
        let at_the_processor = held.0 > 0;
        assert_eq!(
            done.says.contains(&done.reference),
            at_the_processor,
            "{token}: {}",
            done.says
        );
        let earlier = offer(&ground, 8 + at).await.earlier;
        assert_eq!(earlier, [done], "{token}");
    }

    // What was charged is paid back, once.
    let charged = &offer(&ground, 11).await.earlier[0];
    assert!(charged.refundable);
    let refund = VerificationRef {
        verification_id: charged.id.clone(),
    };
    let refunded = ground.desk.refund_verification(refund.clone()).await.unwrap();
    assert_eq!(
        (refunded.outcome.as_str(), refunded.refundable),
        ("refunded", false)
    );
    let truth = ground.truth(&charged.reference);
    assert_eq!(truth["transactions"][0]["refunded"], 100);
    let again = ground.desk.refund_verification(refund).await.unwrap_err();
    assert_eq!(again.code, ProblemCode::NotOffered);
}

/// Makes a good request one that must not be sent.
type Spoil<'a> = &'a dyn Fn(&mut VerifyCard);

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_that_is_not_asked_for_properly_sends_nothing() {
    let ground = Ground::of_prism("stripe", &["sandbox_ok"], |_| {}).await;
    let asked = |change: Spoil<'_>| {
        let mut asked = request(&ground, 8);
        change(&mut asked);
        asked
    };
    let bad: [(Spoil<'_>, ProblemCode); 10] = [
        (
            &|r| r.confirmation = String::new(),
            ProblemCode::ConfirmationMissing,
        ),
        (
            &|r| r.confirmation = "verify".to_owned(),
            ProblemCode::ConfirmationMissing,
        ),
        (&|r| r.amount = "-1".to_owned(), ProblemCode::AmountInvalid),
        (&|r| r.amount = "0".to_owned(), ProblemCode::AmountInvalid),
        (&|r| r.amount = "1,00".to_owned(), ProblemCode::AmountInvalid),
        (&|r| r.amount = "1000".to_owned(), ProblemCode::AmountInvalid),
        (&|r| r.currency = "XXX".to_owned(), ProblemCode::AmountInvalid),
        (&|r| r.through = "charge".to_owned(), ProblemCode::FieldInvalid),
        (
            &|r| r.reason = Some("4242424242424242".to_owned()),
            ProblemCode::CardNumber,
        ),
        (&|r| r.card_id = "nobody".to_owned(), ProblemCode::CardUnknown),
    ];
    for (change, code) in bad {
        let problem = ground.desk.verify_card(asked(change)).await.unwrap_err();
        assert_eq!(problem.code, code, "{problem:?}");
    }
    assert!(ground.writes().is_empty());
    assert_eq!(ground.truth("transactions")["transactions"], Value::from(0));
    assert!(offer(&ground, 8).await.earlier.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn in_live_verifying_is_off_until_a_person_allows_it() {
    // Its credentials do not say which environment they are of.
    let ground = Ground::of_prism("adyen", &["sandbox_ok"], |connection| connection.env = Env::Live).await;
    ground.handle().set_switch("adyen_void", "final").unwrap();
    assert_eq!(ground.account().await.verification_allowed, Some(false));
    let blocked = offer(&ground, 8).await.blocked.unwrap();
    assert_eq!(blocked.code, ProblemCode::VerificationNotAllowed);
    assert_eq!(
        verify(&ground, 8).await.unwrap_err().code,
        ProblemCode::VerificationNotAllowed
    );
    assert!(ground.writes().is_empty());
    let allow = |allowed: bool| AllowVerification {
        account_id: ground.account.to_string(),
        allowed,
    };
    let view = ground.desk.allow_verification(allow(true)).await.unwrap();
    assert_eq!(view.verification_allowed, Some(true));
    assert_eq!(verify(&ground, 8).await.unwrap().outcome, "voided");
    ground.desk.allow_verification(allow(false)).await.unwrap();
    assert_eq!(
        verify(&ground, 8).await.unwrap_err().code,
        ProblemCode::VerificationNotAllowed
    );
    assert_eq!(ground.truth("transactions")["transactions"], Value::from(1));
    assert_eq!(ground.logged("account.verification_allowed").await.len(), 1);
    assert_eq!(ground.logged("account.verification_forbidden").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_cannot_authorize_a_saved_token_offers_no_verification() {
    for connector in ["cybersource", "noon"] {
        let ground = Ground::of_prism(connector, &[], |_| {}).await;
        assert_eq!(ground.line("verification").await.carrier, "none", "{connector}");
        assert_eq!(ground.account().await.verification_allowed, None);
        assert_eq!(
            verify(&ground, 0).await.unwrap_err().code,
            ProblemCode::NotOffered
        );
        assert!(ground.writes().is_empty(), "{connector}");
    }
}

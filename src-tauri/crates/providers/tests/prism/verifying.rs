//! A verification never leaves a hold without saying so, and never asks twice.

use crate::playing::{Playing, TOKEN_AUTHORIZE, VOID, request};
use std::time::Duration;
use tokendesk_providers::prism::caps;
use tokendesk_providers::verify::{Verified, Verifier, VerifyCall, VerifyDone, VerifyRefused, VerifyRequest};
use tokendesk_providers::{PaymentSystem, ProviderErrorKind as Kind};
use tokendesk_sandbox::{Fault, FaultBody};

fn verifier(account: &dyn PaymentSystem) -> &dyn Verifier {
    account.verifier().unwrap()
}

async fn verify(playing: &Playing, connector: &str, token: &str) -> VerifyDone {
    let account = playing.account(connector);
    verifier(&account).verify(&request(token, token)).await.unwrap()
}

// Soon given up: for calls that are never answered.
async fn verify_hastily(playing: &Playing, connector: &str, token: &str) -> VerifyDone {
    let account = playing.account(connector);
    let request = VerifyRequest {
        deadline: Duration::from_millis(300),
        ..request(token, token)
    };
    verifier(&account).verify(&request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_card_is_held_and_given_back_by_both_calls() {
    let playing = Playing::start();
    let (token, customer) = playing.imported("Stripe");
    let account = playing.account("stripe");
    for (reference, through) in [
        ("td-one", VerifyCall::TokenAuthorize),
        ("td-two", VerifyCall::Authorize),
    ] {
        let asked = VerifyRequest {
            connector_customer: Some(customer.clone()),
            through,
            ..request(&token, reference)
        };
        let done = verifier(&account).verify(&asked).await.unwrap();
        assert_eq!(done.verified, Verified::Voided);
        assert_eq!(playing.counts(reference), (0, 1, 0));
        let id = done.transaction_id.unwrap();
        let truth = playing.server.truth(&id).unwrap();
        assert_eq!(truth["transactions"][0]["reference"], reference);
        assert_eq!(truth["transactions"][0]["amount"], 100);
        assert_eq!(done.status.as_deref(), Some("AUTHORIZED, then VOIDED"));
    }
    assert_eq!(playing.transactions(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_outcome_is_told_as_it_is() {
    let playing = Playing::start();
    for (token, expected, counts) in [
        (
            "sandbox_declined_in_answer",
            Verified::Declined {
                said: Some("Your card was declined.".to_owned()),
            },
            (0, 0, 0),
        ),
        ("sandbox_needs_customer", Verified::NeedsBuyer, (0, 0, 0)),
        ("sandbox_charged", Verified::Charged, (0, 0, 1)),
        ("sandbox_void_refused", Verified::HoldMayExist, (1, 0, 0)),
        ("sandbox_void_status_15", Verified::HoldMayExist, (1, 0, 0)),
        ("sandbox_void_status_12", Verified::VoidUnconfirmed, (1, 0, 0)),
        ("sandbox_void_status_20", Verified::VoidUnconfirmed, (1, 0, 0)),
        ("sandbox_void_status_0", Verified::VoidUnconfirmed, (1, 0, 0)),
        ("sandbox_other_amount", Verified::Voided, (0, 1, 0)),
        ("sandbox_status_25", Verified::Voided, (0, 1, 0)),
        ("sandbox_status_20", Verified::ReleasedUnclear, (0, 1, 0)),
    ] {
        let done = verify(&playing, "stripe", token).await;
        assert_eq!(done.verified, expected, "{token}");
        assert_eq!(playing.counts(token), counts, "{token}");
        assert!(done.transaction_id.is_some(), "{token}");
    }
    assert_eq!(playing.transactions(), 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_is_found_behind_unknown() {
    let playing = Playing::start();
    for details in ["off", "on"] {
        playing.server.set_switch("error_details", details).unwrap();
        let done = verify(&playing, "stripe", "sandbox_declined").await;
        assert!(matches!(done.verified, Verified::Declined { .. }), "{done:?}");
        assert_eq!(done.status.as_deref(), Some("UNKNOWN (402)"));
        assert_eq!(done.transaction_id, None);
    }
    assert_eq!(playing.counts("sandbox_declined"), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_before_money_is_told_apart_from_a_failure() {
    let playing = Playing::start();
    for (status, reserved) in [
        (400, false),
        (401, false),
        (404, false),
        (422, false),
        (429, false),
    ]
    .into_iter()
    .chain([
        (409, true),
        (408, true),
        (500, true),
        (502, true),
        (503, true),
        (504, true),
    ]) {
        let done = verify(&playing, "stripe", &format!("sandbox_http_{status}")).await;
        if reserved {
            assert_eq!(done.verified, Verified::HoldMayExist, "{status}");
        } else {
            assert!(matches!(done.verified, Verified::NotReserved { .. }), "{status}");
        }
    }
    let done = verify(&playing, "stripe", "sandbox_gone").await;
    assert!(matches!(done.verified, Verified::NotReserved { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_unresolved_status_is_cleared_by_its_void_or_told() {
    let playing = Playing::start();
    for status in [0, 1, 5, 9, 10, 19, 20, 99] {
        let token = format!("sandbox_status_{status}");
        let done = verify(&playing, "stripe", &token).await;
        assert_ne!(
            done.verified,
            Verified::Voided,
            "{status}: nothing is known of the card"
        );
        assert_eq!(playing.counts(&token), (0, 1, 0), "{status}");
    }
    // Adyen confirms a void by webhook alone.
    let done = verify(&playing, "adyen", "sandbox_status_0").await;
    assert_eq!(done.verified, Verified::VoidUnconfirmed);
}

#[tokio::test(flavor = "multi_thread")]
async fn adyens_void_is_asked_for_and_never_confirmed() {
    let playing = Playing::start();
    let (token, shopper) = playing.imported("Adyen");
    let account = playing.account("adyen");
    let asked = VerifyRequest {
        connector_customer: Some(shopper),
        ..request(&token, "td-adyen")
    };
    let done = verifier(&account).verify(&asked).await.unwrap();
    assert_eq!(done.verified, Verified::VoidUnconfirmed);
    playing.server.pass_time(60_000);
    assert_eq!(playing.counts("td-adyen"), (0, 1, 0));

    playing.server.set_switch("adyen_void", "final").unwrap();
    let asked = VerifyRequest {
        reference: "td-final".to_owned(),
        ..asked
    };
    let done = verifier(&account).verify(&asked).await.unwrap();
    assert_eq!(done.verified, Verified::Voided);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_void_that_never_answers_is_looked_up_where_that_can_be() {
    let playing = Playing::start();
    // Done all the same: Stripe's transaction can be read.
    let done = verify_hastily(&playing, "stripe", "sandbox_void_unanswered").await;
    assert_eq!(done.verified, Verified::Voided);
    // Not done: the hold stands, and that is told.
    let done = verify_hastily(&playing, "stripe", "sandbox_void_lost").await;
    assert_eq!(done.verified, Verified::VoidUnconfirmed);
    assert_eq!(playing.counts("sandbox_void_lost"), (1, 0, 0));
    assert!(done.transaction_id.is_some());
    // Adyen's cannot be read.
    let done = verify_hastily(&playing, "adyen", "sandbox_void_unanswered").await;
    assert_eq!(done.verified, Verified::VoidUnconfirmed);
    let voids = playing
        .server
        .writes()
        .iter()
        .filter(|write| write.path == VOID)
        .count();
    assert_eq!(voids, 3, "one void each");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_an_authorize_is_never_asked_again() {
    let playing = Playing::start();
    let done = verify_hastily(&playing, "stripe", "sandbox_authorize_unanswered").await;
    assert_eq!(done.verified, Verified::HoldMayExist);
    assert_eq!(done.transaction_id, None);
    assert_eq!(playing.counts("sandbox_authorize_unanswered"), (1, 0, 0));

    for (nth, fault) in [
        Fault::DropAfterCommit,
        Fault::DropBeforeCommit,
        Fault::Truncated,
        Fault::NonJson,
        Fault::Status {
            status: 502,
            retry_after: None,
            body: FaultBody::Html,
        },
        Fault::Status {
            status: 503,
            retry_after: None,
            body: FaultBody::Empty,
        },
    ]
    .into_iter()
    .enumerate()
    {
        playing.break_call(TOKEN_AUTHORIZE, fault.clone());
        let reference = format!("td-fault-{nth}");
        let account = playing.account("stripe");
        let done = verifier(&account)
            .verify(&request("sandbox_ok", &reference))
            .await
            .unwrap();
        assert_eq!(done.verified, Verified::HoldMayExist, "{fault:?}");
        let (held, voided, charged) = playing.counts(&reference);
        assert!(held + voided + charged <= 1, "{fault:?}");
        assert_eq!(voided + charged, 0, "{fault:?}");
    }
    let asked = playing
        .server
        .writes()
        .iter()
        .filter(|write| write.path == TOKEN_AUTHORIZE)
        .count();
    assert_eq!(asked, 7, "each asked once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_whose_void_breaks_is_looked_up_or_told() {
    let playing = Playing::start();
    let account = playing.account("stripe");
    for (reference, fault, expected, counts) in [
        ("td-a", Fault::DropAfterCommit, Verified::Voided, (0, 1, 0)),
        (
            "td-b",
            Fault::DropBeforeCommit,
            Verified::VoidUnconfirmed,
            (1, 0, 0),
        ),
        ("td-c", Fault::Truncated, Verified::Voided, (0, 1, 0)),
        (
            "td-d",
            Fault::TooMany { retry_after: None },
            Verified::HoldMayExist,
            (1, 0, 0),
        ),
    ] {
        playing.break_call(VOID, fault);
        let done = verifier(&account)
            .verify(&request("sandbox_ok", reference))
            .await
            .unwrap();
        assert_eq!(done.verified, expected, "{reference}");
        assert_eq!(playing.counts(reference), counts, "{reference}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_refused_before_anything_is() {
    let playing = Playing::start();
    let account = playing.account("stripe");
    let good = request("sandbox_ok", "td-good");
    let cap = || VerifyRefused::Amount {
        at_most: "2.00".to_owned(),
    };
    for (changed, refused) in [
        (
            VerifyRequest {
                amount: "-1.00".into(),
                ..good.clone()
            },
            cap(),
        ),
        (
            VerifyRequest {
                amount: "0".into(),
                ..good.clone()
            },
            cap(),
        ),
        (
            VerifyRequest {
                amount: "0.00".into(),
                ..good.clone()
            },
            cap(),
        ),
        (
            VerifyRequest {
                amount: "2.01".into(),
                ..good.clone()
            },
            cap(),
        ),
        (
            VerifyRequest {
                amount: "1,00".into(),
                ..good.clone()
            },
            cap(),
        ),
        (
            VerifyRequest {
                amount: String::new(),
                ..good.clone()
            },
            cap(),
        ),
        (
            VerifyRequest {
                currency: "eur".into(),
                ..good.clone()
            },
            VerifyRefused::Currency,
        ),
        (
            VerifyRequest {
                currency: "XTS".into(),
                ..good.clone()
            },
            VerifyRefused::Currency,
        ),
        (
            VerifyRequest {
                token: String::new(),
                ..good.clone()
            },
            VerifyRefused::Id("token"),
        ),
        (
            VerifyRequest {
                token: "pm_1/../../x".into(),
                ..good.clone()
            },
            VerifyRefused::Id("token"),
        ),
        (
            VerifyRequest {
                token: "pm 1".into(),
                ..good.clone()
            },
            VerifyRefused::Id("token"),
        ),
        (
            VerifyRequest {
                connector_customer: Some("cus?x".into()),
                ..good.clone()
            },
            VerifyRefused::Id("customer"),
        ),
        (
            VerifyRequest {
                reference: String::new(),
                ..good.clone()
            },
            VerifyRefused::Id("reference"),
        ),
        (
            VerifyRequest {
                return_url: String::new(),
                ..good.clone()
            },
            VerifyRefused::Id("return address"),
        ),
        (
            VerifyRequest {
                return_url: "http://shop.example/".into(),
                ..good.clone()
            },
            VerifyRefused::Id("return address"),
        ),
    ] {
        let verifier = verifier(&account);
        assert_eq!(verifier.verify(&changed).await, Err(refused), "{changed:?}");
    }
    assert_eq!(playing.server.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_currency_offered_can_be_used_up_to_its_cap() {
    let playing = Playing::start();
    let account = playing.account("stripe");
    for (code, cap) in caps() {
        let asked = VerifyRequest {
            amount: cap,
            currency: code.to_owned(),
            ..request("sandbox_ok", &format!("td-{code}"))
        };
        let done = verifier(&account).verify(&asked).await.unwrap();
        assert_eq!(done.verified, Verified::Voided, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_got_nothing() {
    let playing = Playing::start();
    let account = playing.account("stripe");
    playing.server.stop_listening().unwrap();
    assert_eq!(
        verifier(&account).verify(&request("sandbox_ok", "td-down")).await,
        Err(VerifyRefused::Provider(Kind::Unreachable))
    );
    playing.server.start_listening().unwrap();
    assert_eq!(playing.transactions(), 0);
    let done = verifier(&account)
        .verify(&request("sandbox_ok", "td-up"))
        .await
        .unwrap();
    assert_eq!(done.verified, Verified::Voided);
}

#[tokio::test(flavor = "multi_thread")]
async fn connectors_that_take_no_saved_token_offer_no_verification() {
    let playing = Playing::start();
    for connector in ["cybersource", "noon"] {
        assert!(playing.account(connector).verifier().is_none(), "{connector}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_back_charged_is_refunded_once() {
    let playing = Playing::start();
    let done = verify(&playing, "stripe", "sandbox_charged").await;
    let id = done.transaction_id.unwrap();
    let account = playing.account("stripe");
    let verifier = verifier(&account);
    let refunded = || playing.server.truth(&id).unwrap()["transactions"][0]["refunded"].clone();
    for (transaction, amount, currency) in [
        ("pi_1/../../customers", "1.00", "EUR"),
        ("", "1.00", "EUR"),
        (id.as_str(), "-1.00", "EUR"),
        (id.as_str(), "1.00", "XTS"),
    ] {
        let error = verifier
            .refund("td-refund", transaction, amount, currency)
            .await
            .unwrap_err();
        assert_eq!(error.kind, Kind::Refused);
    }
    assert_eq!(refunded(), 0);
    verifier.refund("td-refund", &id, "1.00", "EUR").await.unwrap();
    assert_eq!(refunded(), 100);
    let error = verifier
        .refund("td-refund", &id, "1.00", "EUR")
        .await
        .unwrap_err();
    assert_eq!((error.kind, error.status), (Kind::Refused, Some(400)));
    assert_eq!(refunded(), 100);
    assert_eq!(playing.strayed(), serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_whose_answer_is_lost_is_in_doubt() {
    let playing = Playing::start();
    let done = verify(&playing, "stripe", "sandbox_charged").await;
    let id = done.transaction_id.unwrap();
    playing.break_call("/types.PaymentService/Refund", Fault::DropAfterCommit);
    let account = playing.account("stripe");
    let error = verifier(&account)
        .refund("td-refund", &id, "1.00", "EUR")
        .await
        .unwrap_err();
    assert!(error.may_have_been_done(), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_are_compared_wherever_the_server_tells_them() {
    let playing = Playing::start();
    for field in ["money", "number", "none"] {
        playing.server.set_switch("authorized_amount", field).unwrap();
        let other = verify(&playing, "stripe", "sandbox_other_amount").await;
        let noticed = other.status.unwrap().contains("for another amount");
        assert_eq!(noticed, field != "none", "{field}");
        let same = verify(&playing, "stripe", "sandbox_ok").await;
        assert_eq!(same.status.as_deref(), Some("AUTHORIZED, then VOIDED"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_processors_side_of_each_open_point_is_told() {
    let playing = Playing::start();
    let (stripe, customer) = playing.imported("Stripe");
    let account = playing.account("stripe");
    // Ids under the merchant's name are the processor's or ours: neither is relied on.
    for echoed in ["processor", "caller"] {
        playing.server.set_switch("echoed_ids", echoed).unwrap();
        let asked = VerifyRequest {
            connector_customer: Some(customer.clone()),
            ..request(&stripe, &format!("td-{echoed}"))
        };
        let done = verifier(&account).verify(&asked).await.unwrap();
        assert_eq!(done.verified, Verified::Voided);
    }
    // A saved card without its customer.
    let alone = request(&stripe, "td-alone");
    let done = verifier(&account).verify(&alone).await.unwrap();
    assert!(matches!(done.verified, Verified::NotReserved { .. }));
    playing
        .server
        .set_switch("stripe_without_customer", "takes")
        .unwrap();
    let done = verifier(&account).verify(&alone).await.unwrap();
    assert_eq!(done.verified, Verified::Voided);

    let (adyen, _) = playing.imported("Adyen");
    let account = playing.account("adyen");
    let alone = request(&adyen, "td-adyen-alone");
    let done = verifier(&account).verify(&alone).await.unwrap();
    assert!(matches!(done.verified, Verified::NotReserved { .. }));
    assert_eq!(done.status.as_deref(), Some("UNKNOWN (422)"));
    playing
        .server
        .set_switch("adyen_without_shopper", "takes")
        .unwrap();
    let done = verifier(&account).verify(&alone).await.unwrap();
    assert_eq!(done.verified, Verified::VoidUnconfirmed);
}

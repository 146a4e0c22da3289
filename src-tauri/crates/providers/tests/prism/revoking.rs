//! A mandate is ended once, and its answer is the only proof.

use crate::playing::{Playing, REVOKE};
use tokendesk_model::capability::Deletion;
use tokendesk_model::{Lesson, TokenSnapshot, TokenState};
use tokendesk_providers::{PaymentSystem, ProviderErrorKind as Kind};
use tokendesk_sandbox::Fault;

fn token(remote_id: &str) -> TokenSnapshot {
    TokenSnapshot::new(remote_id, TokenState::Active)
}

fn is_gone(playing: &Playing, token: &str) -> bool {
    playing.server.truth(token).unwrap()["gone"].as_bool().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_connectors_end_a_mandate_and_the_others_say_so_beforehand() {
    let playing = Playing::start();
    for (connector, shown) in [("cybersource", "Cybersource"), ("noon", "Noon")] {
        let account = playing.account(connector);
        let (id, _) = playing.imported(shown);
        assert_eq!(
            account.capabilities(Lesson::Untried).delete,
            Deletion::RevokesMandate
        );
        account.delete_token(&token(&id)).await.unwrap();
        assert!(is_gone(&playing, &id), "{connector}");
    }
    let before = playing.server.requests();
    for (connector, shown) in [("stripe", "Stripe"), ("adyen", "Adyen")] {
        let account = playing.account(connector);
        let (id, _) = playing.imported(shown);
        assert_eq!(account.capabilities(Lesson::Untried).delete, Deletion::DeskOnly);
        let error = account.delete_token(&token(&id)).await.unwrap_err();
        assert_eq!(error.kind, Kind::NotOffered);
        assert!(!is_gone(&playing, &id));
    }
    assert_eq!(playing.server.requests(), before, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mandate_that_is_not_there_proves_nothing() {
    let playing = Playing::start();
    let (id, _) = playing.imported("Cybersource");
    playing
        .server
        .edit(serde_json::json!({ "token": id, "revoked": true }))
        .unwrap();
    let account = playing.account("cybersource");
    let error = account.delete_token(&token(&id)).await.unwrap_err();
    assert_eq!((error.kind, error.status), (Kind::Refused, Some(404)));
    assert!(!error.may_have_been_done());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_stays_in_doubt() {
    let playing = Playing::start();
    let account = playing.account("cybersource");
    for (fault, done) in [
        (Fault::DropAfterCommit, true),
        (Fault::Truncated, true),
        (Fault::NonJson, true),
        (Fault::DropBeforeCommit, false),
    ] {
        let (id, _) = playing.imported("Cybersource");
        playing
            .server
            .edit(serde_json::json!({ "token": id, "revoked": false }))
            .unwrap();
        playing.break_call(REVOKE, fault.clone());
        let error = account.delete_token(&token(&id)).await.unwrap_err();
        assert!(error.may_have_been_done(), "{fault:?} {error:?}");
        assert_eq!(is_gone(&playing, &id), done, "{fault:?}");
    }
    let (id, _) = playing.imported("Cybersource");
    playing
        .server
        .edit(serde_json::json!({ "token": id, "revoked": false }))
        .unwrap();
    playing.break_call(REVOKE, Fault::Hang);
    let error = playing
        .hasty("cybersource")
        .delete_token(&token(&id))
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Timeout);
    assert!(error.may_have_been_done());
}

#[tokio::test(flavor = "multi_thread")]
async fn noons_answer_may_be_unreadable_although_it_is_done() {
    let playing = Playing::start();
    let (id, _) = playing.imported("Noon");
    playing.server.set_switch("noon_revoke_readable", "off").unwrap();
    let error = playing
        .account("noon")
        .delete_token(&token(&id))
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::ServerFailed);
    assert!(error.may_have_been_done());
    assert!(is_gone(&playing, &id));
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_would_reach_another_object_are_never_sent() {
    let playing = Playing::start();
    let account = playing.account("cybersource");
    for id in [
        "",
        "../../../customers",
        "A1/../B2",
        "A1?x=1",
        "A1#",
        "A 1",
        "Ａ1",
        "A1%2F..",
        "..",
    ] {
        let error = account.delete_token(&token(id)).await.unwrap_err();
        assert_eq!(error.kind, Kind::Refused, "{id}");
        assert_eq!(error.status, None, "{id}");
    }
    assert_eq!(playing.server.requests(), 0);
    assert_eq!(playing.strayed(), serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_the_server_are_of_their_own_kind() {
    let playing = Playing::start();
    let account = playing.account("cybersource");
    let (id, _) = playing.imported("Cybersource");
    let plain = |status| Fault::Status {
        status,
        retry_after: None,
        body: Default::default(),
    };
    for (fault, kind) in [
        (plain(400), Kind::Refused),
        (plain(401), Kind::Unauthorized),
        (plain(403), Kind::Forbidden),
        (plain(404), Kind::Refused),
        (plain(402), Kind::Refused),
        (plain(422), Kind::Refused),
        (plain(500), Kind::ServerFailed),
        (plain(501), Kind::NotOffered),
        (plain(503), Kind::ServerFailed),
        (plain(504), Kind::Timeout),
    ] {
        playing.break_call(REVOKE, fault.clone());
        let error = account.delete_token(&token(&id)).await.unwrap_err();
        assert_eq!(error.kind, kind, "{fault:?}");
    }
    playing.break_call(
        REVOKE,
        Fault::TooMany {
            retry_after: Some(7.into()),
        },
    );
    let error = account.delete_token(&token(&id)).await.unwrap_err();
    assert_eq!(error.kind, Kind::RateLimited);
    assert_eq!(error.retry_after, Some(std::time::Duration::from_secs(7)));
    assert!(!is_gone(&playing, &id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_is_told_with_its_wait() {
    let playing = Playing::start();
    let account = playing.account("cybersource");
    let (id, _) = playing.imported("Cybersource");
    playing.server.set_switch("calls_per_second", "1").unwrap();
    account.delete_token(&token(&id)).await.unwrap();
    let error = account.delete_token(&token(&id)).await.unwrap_err();
    assert_eq!(error.kind, Kind::RateLimited);
    assert_eq!(error.retry_after, Some(std::time::Duration::from_secs(1)));
}

//! wallee against the sandbox, which shares no code with it: signatures, paging, search, writes and TLS.

// Helpers outside test functions unwrap for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use tokendesk_model::{Brand, Environment, Expiry, Lesson, Origin, TokenState, VersionState};
use tokendesk_providers::wallee::Wallee;
use tokendesk_providers::{
    CheckOutcome, CheckStep, Credentials, CustomerLookup, HttpOptions, PaymentSystem,
    ProviderErrorKind as Kind, TokenRef,
};
use tokendesk_sandbox::{EditRequest, Options, Running, Sandbox};

fn sandbox(customers: u32) -> Running {
    Sandbox::start(Options {
        customers,
        seed: 7,
        ..Options::default()
    })
    .unwrap()
}

fn credentials(sandbox: &Running, environment: Environment) -> Credentials {
    Credentials {
        origin: Origin::parse(&sandbox.origin).unwrap(),
        environment,
        scope: sandbox.space.clone(),
        user: sandbox.user.clone(),
        connector: None,
        key: sandbox.key.clone().into(),
        publishable_key: None,
    }
}

fn wallee(sandbox: &Running) -> Wallee {
    Wallee::new(credentials(sandbox, Environment::Demo), HttpOptions::default()).unwrap()
}

fn active(sandbox: &Running) -> u64 {
    sandbox
        .tokens()
        .into_iter()
        .find(|token| token.state == "ACTIVE")
        .unwrap()
        .id
}

/// A token as wallee addresses it.
fn of(remote_id: &str) -> TokenRef<'_> {
    TokenRef {
        remote_id,
        record: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_reads_every_token_once_as_the_server_holds_it() {
    for switch in [None, Some("ids_as_strings")] {
        let sandbox = sandbox(300);
        if let Some(name) = switch {
            sandbox.set_switch(name, "on").unwrap();
        }
        let wallee = wallee(&sandbox);
        let mut after = None;
        let mut read = Vec::new();
        loop {
            let page = wallee.list_tokens(after.as_deref(), 100).await.unwrap();
            assert_eq!(page.unreadable, 0);
            read.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let truth = sandbox.tokens();
        assert!(truth.len() > 200);
        assert_eq!(
            read.iter().map(|t| t.remote_id.clone()).collect::<Vec<_>>(),
            truth.iter().map(|t| t.id.to_string()).collect::<Vec<_>>()
        );
        for (read, truth) in read.iter().zip(&truth) {
            assert_eq!(read.version, i64::from(truth.version));
            assert_eq!(read.one_click, Some(truth.enabled_for_one_click_payment));
            assert_eq!(read.email, truth.customer_email_address);
            assert_eq!(read.customer_id, truth.customer_id);
            assert_eq!(read.token_reference, truth.token_reference);
            assert_eq!(read.external_id.as_deref(), Some(truth.external_id.as_str()));
            assert_eq!(
                read.planned_purge_on.is_some(),
                truth.planned_purge_date.is_some()
            );
            assert!(!matches!(read.state, TokenState::Unknown(_)));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn card_facts_are_those_of_the_server_or_absent() {
    let sandbox = sandbox(300);
    let wallee = wallee(&sandbox);
    let truth: HashMap<String, _> = sandbox
        .tokens()
        .into_iter()
        .flat_map(|t| t.versions)
        .map(|v| (v.id.to_string(), v))
        .collect();
    let mut after = None;
    let (mut read, mut with_last4) = (0, 0);
    loop {
        let page = wallee.list_versions(after.as_deref(), 100).await.unwrap();
        assert_eq!(page.unreadable, 0);
        for version in &page.items {
            let truth = &truth[&version.remote_id];
            read += 1;
            if let Some(last4) = &version.card.last4 {
                with_last4 += 1;
                assert_eq!(Some(last4), truth.last_four.as_ref());
            }
            if let Some(name) = truth.brand {
                assert_eq!(version.card.brand, Some(Brand::from_name(name)));
            }
            let month = truth
                .expires_on
                .as_deref()
                .and_then(|end| Expiry::parse(&end[..7]));
            assert_eq!(version.card.expiry, month);
            assert_eq!(version.holder, truth.holder);
            assert_eq!(version.production, Some(false));
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, truth.len());
    assert!(with_last4 > read / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_customer_is_found_by_email_and_by_id() {
    let sandbox = sandbox(40);
    let wallee = wallee(&sandbox);
    let mut by_email: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut by_id: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for token in sandbox.tokens() {
        if let Some(email) = token
            .customer_email_address
            .filter(|email| !email.trim().is_empty())
        {
            by_email.entry(email).or_default().insert(token.id.to_string());
        }
        if let Some(id) = token.customer_id.filter(|id| !id.trim().is_empty()) {
            by_id.entry(id).or_default().insert(token.id.to_string());
        }
    }
    assert!(by_email.len() > 20 && by_id.len() > 20);
    for (email, ids) in by_email {
        let found = wallee.tokens_of(CustomerLookup::Email(&email)).await.unwrap();
        assert_eq!(
            found.into_iter().map(|t| t.remote_id).collect::<BTreeSet<_>>(),
            ids,
            "{email}"
        );
    }
    for (customer, ids) in by_id {
        let found = wallee
            .tokens_of(CustomerLookup::CustomerId(&customer))
            .await
            .unwrap();
        assert_eq!(
            found.into_iter().map(|t| t.remote_id).collect::<BTreeSet<_>>(),
            ids,
            "{customer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_of_a_token_are_all_of_them_and_the_active_one_is_the_active_one() {
    let sandbox = sandbox(60);
    let wallee = wallee(&sandbox);
    for answer in ["404", "empty"] {
        sandbox.set_switch("active_version_missing", answer).unwrap();
        for token in sandbox.tokens().into_iter().take(60) {
            let id = token.id.to_string();
            let versions = wallee.versions_of(of(&id)).await.unwrap();
            let truth: BTreeSet<String> = token.versions.iter().map(|v| v.id.to_string()).collect();
            assert_eq!(
                versions.into_iter().map(|v| v.remote_id).collect::<BTreeSet<_>>(),
                truth
            );
            let in_use = wallee.active_version(of(&id)).await.unwrap();
            let active = token
                .versions
                .iter()
                .find(|v| v.state == "ACTIVE")
                .map(|v| v.id.to_string());
            assert_eq!(in_use.as_ref().map(|v| v.remote_id.clone()), active);
            assert!(in_use.is_none_or(|v| v.state == VersionState::Active && v.token_remote_id == id));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_is_written_once_and_a_stale_version_is_a_conflict() {
    let sandbox = sandbox(20);
    let wallee = wallee(&sandbox);
    let id = active(&sandbox);
    let remote = id.to_string();
    let before = wallee.read_token(of(&remote)).await.unwrap().unwrap();
    let on = before.one_click == Some(false);
    let after = wallee.set_one_click(&before, on).await.unwrap().unwrap();
    assert_eq!((after.one_click, after.version), (Some(on), before.version + 1));
    assert_eq!(sandbox.token(id).unwrap().enabled_for_one_click_payment, on);

    sandbox
        .edit(EditRequest {
            id,
            one_click: Some(on),
            ..EditRequest::default()
        })
        .unwrap();
    let stale = wallee.set_one_click(&after, !on).await.unwrap_err();
    assert_eq!(stale.kind, Kind::VersionConflict);
    assert!(stale.request_id.is_some());
    assert_eq!(sandbox.token(id).unwrap().enabled_for_one_click_payment, on);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_accepted_ignored_or_refused_and_the_answer_shows_which() {
    let sandbox = sandbox(20);
    let wallee = wallee(&sandbox);
    let remote = active(&sandbox).to_string();
    let now = || async { wallee.read_token(of(&remote)).await.unwrap().unwrap() };
    sandbox.set_switch("state_patch", "ignores").unwrap();
    let answer = wallee
        .set_active(&now().await, false, None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer.state, TokenState::Active);
    sandbox.set_switch("state_patch", "refuses").unwrap();
    let refused = wallee.set_active(&now().await, false, None).await.unwrap_err();
    assert_eq!((refused.kind, refused.status), (Kind::Refused, Some(422)));
    sandbox.set_switch("state_patch", "accepts").unwrap();
    let answer = wallee
        .set_active(&now().await, false, None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer.state, TokenState::Inactive);
    assert_eq!(
        wallee
            .set_active(&answer, true, None)
            .await
            .unwrap()
            .unwrap()
            .state,
        TokenState::Active
    );
    assert!(wallee.capabilities(Lesson::Accepts) != wallee.capabilities(Lesson::Refuses));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_token_is_deleting_until_it_is_gone() {
    let sandbox = sandbox(20);
    sandbox.set_switch("deleting_ms", "3600000").unwrap();
    let wallee = wallee(&sandbox);
    let id = active(&sandbox);
    let remote = id.to_string();
    let active = wallee.read_token(of(&remote)).await.unwrap().unwrap();
    wallee.delete_token(&active).await.unwrap();
    let deleting = wallee.read_token(of(&remote)).await.unwrap().unwrap();
    assert_eq!(deleting.state, TokenState::Deleting);
    sandbox.purge(id).unwrap();
    assert_eq!(wallee.read_token(of(&remote)).await.unwrap(), None);
    assert_eq!(
        wallee.delete_token(&active).await.unwrap_err().kind,
        Kind::NotFound
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_accounts_are_told_apart() {
    let sandbox = sandbox(5);
    let error = |change: fn(&mut Credentials)| {
        let mut credentials = credentials(&sandbox, Environment::Demo);
        change(&mut credentials);
        async move {
            let wallee = Wallee::new(credentials, HttpOptions::default()).unwrap();
            (
                wallee.list_tokens(None, 10).await.unwrap_err().kind,
                wallee.check().await.failure().unwrap().kind,
            )
        }
    };
    const OTHER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    assert_eq!(
        error(|c| c.key = OTHER_KEY.into()).await,
        (Kind::Unauthorized, Kind::Unauthorized)
    );
    assert_eq!(
        error(|c| c.user = "1".into()).await,
        (Kind::Unauthorized, Kind::Unauthorized)
    );
    assert_eq!(
        error(|c| c.scope = "1".into()).await,
        (Kind::Forbidden, Kind::Forbidden)
    );
    sandbox.set_switch("bad_space", "404").unwrap();
    assert_eq!(
        error(|c| c.scope = "1".into()).await,
        (Kind::NotFound, Kind::NotFound)
    );

    sandbox.set_switch("clock_offset_seconds", "-600").unwrap();
    match wallee(&sandbox).list_tokens(None, 10).await.unwrap_err().kind {
        Kind::ClockSkew { ahead_by_seconds } => assert!((590..=610).contains(&ahead_by_seconds)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_test_sees_what_the_account_may_do() {
    let sandbox = sandbox(100);
    let outcome = |step| {
        let wallee = wallee(&sandbox);
        async move {
            wallee
                .check()
                .await
                .items
                .into_iter()
                .find(|item| item.step == step)
                .unwrap()
                .outcome
        }
    };
    let report = wallee(&sandbox).check().await;
    assert!(
        report
            .items
            .iter()
            .all(|item| matches!(item.outcome, CheckOutcome::Works(_))),
        "{report:?}"
    );
    assert_eq!(
        outcome(CheckStep::Scope).await,
        CheckOutcome::Works(Some("Sandbox shop".into()))
    );
    assert_eq!(
        outcome(CheckStep::ReadTokens).await,
        CheckOutcome::Works(Some("100+".into()))
    );
    sandbox.set_switch("environment", "PRODUCTION").unwrap();
    assert_eq!(outcome(CheckStep::Environment).await, CheckOutcome::IsLive);
    sandbox.set_switch("search_forbidden", "on").unwrap();
    assert!(
        matches!(outcome(CheckStep::Search).await, CheckOutcome::Limited(error) if error.kind == Kind::Forbidden)
    );
    sandbox.set_switch("may_read", "off").unwrap();
    assert!(
        matches!(outcome(CheckStep::ReadTokens).await, CheckOutcome::Fails(error) if error.kind == Kind::Forbidden)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_trusted_only_with_its_authority() {
    let sandbox = Sandbox::start(Options {
        customers: 5,
        tls: true,
        ..Options::default()
    })
    .unwrap();
    let read = |extra_root_pem| {
        let credentials = credentials(&sandbox, Environment::Test);
        let options = HttpOptions {
            extra_root_pem,
            ..HttpOptions::default()
        };
        async move { Wallee::new(credentials, options)?.list_tokens(None, 10).await }
    };
    assert_eq!(read(None).await.unwrap_err().kind, Kind::Tls);
    assert_eq!(
        read(Some("no certificate".into())).await.unwrap_err().kind,
        Kind::Tls
    );
    assert!(!read(sandbox.ca_pem.clone()).await.unwrap().items.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_to_a_tls_port_is_not_an_answer() {
    let sandbox = Sandbox::start(Options {
        customers: 5,
        tls: true,
        ..Options::default()
    })
    .unwrap();
    let port = sandbox.origin.rsplit(':').next().unwrap().parse().unwrap();
    let mut credentials = credentials(&sandbox, Environment::Demo);
    credentials.origin =
        Origin::parse(&format!("http://{}", SocketAddr::from(([127, 0, 0, 1], port)))).unwrap();
    let error = Wallee::new(credentials, HttpOptions::default())
        .unwrap()
        .list_tokens(None, 10)
        .await
        .unwrap_err();
    assert!(
        matches!(error.kind, Kind::AnswerLost | Kind::Unreachable),
        "{error:?}"
    );
}

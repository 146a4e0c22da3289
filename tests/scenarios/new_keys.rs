//! New credentials for a connected account: taken where they lead to the same cards, refused where they lead elsewhere.

use crate::shop::{Office, Shop, until};
use tokendesk_desk::contract::{AccountView, LogFilter, Problem, ProblemCode, ReplaceCredentials};
use tokendesk_sandbox::Options;

async fn replace(office: &Office, user: &str, key: &str) -> Result<AccountView, Problem> {
    let request = ReplaceCredentials {
        account_id: office.account.to_string(),
        user: user.to_owned(),
        key: key.to_owned(),
        publishable_key: None,
    };
    office.desk.replace_credentials(request).await
}

/// Ends a shop, and starts another one in its place.
fn followed_by(shop: Shop, options: Options) -> Shop {
    let port = shop.port();
    let Shop { running, .. } = shop;
    running.stop();
    Shop::with(Options { port, ..options })
}

fn options() -> Options {
    Options {
        customers: 40,
        ..Shop::options()
    }
}

async fn told(office: &Office) -> Vec<(String, Option<String>)> {
    let filter = LogFilter {
        account_id: Some(office.account.to_string()),
        groups: vec!["accounts".to_owned()],
        ..LogFilter::default()
    };
    let rows = office.log(filter).await.into_iter();
    rows.filter(|row| row.action == "account.credentials_replaced")
        .map(|row| (row.outcome, row.detail))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_key_was_refused_goes_on_with_a_new_one_and_its_changes() {
    let shop = Shop::with(options());
    let office = Office::connected(&shop).await;
    let rows = office.rows().await;
    office.hold(0).await;
    let [token, second]: [_; 2] = shop.everyday(2).try_into().ok().unwrap();
    let old_key = shop.running.key.clone();
    // The same space; somebody has given the application a new user and key there.
    let shop = followed_by(
        shop,
        Options {
            user_seed: Some(77),
            ..options()
        },
    );
    let office = office.in_background().await;
    let change = office.one_click(token.id, false).await;
    until("the refusal", || async { office.account().await.paused }).await;
    assert_eq!(
        office.account().await.paused.unwrap().code,
        ProblemCode::CredentialsRejected
    );
    let waiting = office.change(&change.id).await;
    assert_eq!(
        (
            waiting.status.as_str(),
            waiting.held_up_by.as_deref(),
            waiting.attempts
        ),
        ("waiting", Some("paused"), 0)
    );
    let later = office.one_click(second.id, false).await;

    let user = shop.running.user.clone();
    for (user, key, code, field) in [
        (user.as_str(), "no key", ProblemCode::KeyMalformed, Some("key")),
        (
            "nobody",
            shop.running.key.as_str(),
            ProblemCode::FieldInvalid,
            Some("user"),
        ),
        (
            user.as_str(),
            old_key.as_str(),
            ProblemCode::CredentialsRejected,
            None,
        ),
    ] {
        let problem = replace(&office, user, key).await.unwrap_err();
        assert_eq!(problem.code, code);
        assert!(
            field.is_none() || problem.field.as_deref() == field,
            "{problem:?}"
        );
        let account = office.account().await;
        assert!(
            account.paused.is_some() && account.user != user,
            "nothing is replaced"
        );
    }
    assert!(shop.stats().await.writes.is_empty());

    let view = replace(&office, &user, &shop.running.key).await.unwrap();
    assert_eq!((&view.user, view.paused), (&user, None));
    for change in [&change, &later] {
        until("what waited", || async {
            (office.stands(&change.id).await.0 == "done").then_some(())
        })
        .await;
    }
    for token in [&token, &second] {
        let held = shop.token(token.id);
        assert_eq!(
            (held.enabled_for_one_click_payment, held.version),
            (false, token.version + 1)
        );
    }
    assert_eq!(told(&office).await.last(), Some(&("ok".to_owned(), None)));
    assert!(
        told(&office)
            .await
            .iter()
            .any(|(outcome, _)| outcome == "refused")
    );
    for row in office.log(LogFilter::default()).await {
        let text = format!("{row:?}");
        assert!(!text.contains(&old_key) && !text.contains(&shop.running.key));
    }

    // The key is kept over a restart, and the cards are the ones they were.
    let office = office.reopened().await;
    for token in [&token, &second] {
        office.one_click(token.id, true).await;
    }
    assert_eq!(office.push().await.done, 2);
    office.read_all().await.unwrap();
    assert_eq!(office.rows().await.len(), rows.len());
    office.assert_same_as(&shop).await;
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_of_another_space_are_refused_and_the_old_ones_kept() {
    let shop = Shop::with(options());
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    let change = office.one_click(token.id, false).await;
    let before = office.account().await;
    let mut shop = shop;
    for bad_space in ["403", "404"] {
        // Good credentials, for something else.
        let mut another = Options {
            seed: 12,
            ..options()
        };
        another.switches.set("bad_space", bad_space).unwrap();
        shop = followed_by(shop, another);
        let (user, key) = (shop.running.user.clone(), shop.running.key.clone());
        let problem = replace(&office, &user, &key).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::OtherScope, "{bad_space}");
        assert!(!problem.hint.is_empty() && !format!("{problem:?}").contains(&key));
        assert!(shop.stats().await.writes.is_empty());
    }
    let account = office.account().await;
    assert_eq!((account.user, account.space), (before.user, before.space));
    // The same space by its number, and other cards in it.
    shop = followed_by(
        shop,
        Options {
            customers: 0,
            ..options()
        },
    );
    let (user, key) = (shop.running.user.clone(), shop.running.key.clone());
    let problem = replace(&office, &user, &key).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::OtherScope);
    assert_eq!(
        told(&office)
            .await
            .iter()
            .map(|(outcome, _)| outcome.as_str())
            .collect::<Vec<_>>(),
        ["refused"; 3]
    );

    let shop = followed_by(shop, options());
    let office = office.reopened().await;
    office.read_all().await.unwrap();
    assert_eq!(office.push().await.done, 1);
    assert_eq!(office.stands(&change.id).await.0, "done");
    assert_eq!(shop.token(token.id).version, token.version + 1);
    // Away, it cannot be proven: nothing is replaced then either.
    let (user, key) = (shop.running.user.clone(), shop.running.key.clone());
    let Shop { running, .. } = shop;
    running.stop();
    let problem = replace(&office, &user, &key).await.unwrap_err();
    assert_eq!(
        (problem.code, problem.retryable),
        (ProblemCode::Unreachable, true)
    );
    office.assert_counters().await;
    office.assert_log_intact().await;
}

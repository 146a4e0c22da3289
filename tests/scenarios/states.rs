//! Active and inactive: asked for, proven by reading back, and told truthfully whichever way the payment system turns.

use crate::shop::{Office, Shop};
use tokendesk_desk::contract::{
    AccountRef, ChangeRef, ChangeView, MarkCard, Problem, ProblemCode, SetActive,
};

async fn ask(office: &Office, id: u64, active: bool) -> Result<ChangeView, Problem> {
    office
        .desk
        .set_active(SetActive {
            card_id: office.id(id),
            active,
            reason: None,
        })
        .await
}

/// The account's capability and lesson for active and inactive.
async fn lesson(office: &Office) -> (String, String) {
    let account = office.account().await;
    let line = account
        .capabilities
        .into_iter()
        .find(|line| line.what == "active")
        .unwrap();
    (line.carrier, line.lesson.unwrap())
}

fn pair(a: &str, b: &str) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_it_is_so_only_once_it_was_proven() {
    let shop = Shop::start(60);
    shop.running.set_switch("state_patch", "accepts").unwrap();
    let office = Office::connected(&shop).await;
    let [first, second]: [_; 2] = shop.everyday(2).try_into().ok().unwrap();
    assert_eq!(lesson(&office).await, pair("asked_and_proven", "untried"));

    let change = ask(&office, first.id, false).await.unwrap();
    let card = office.card(first.id).await;
    assert_eq!(card.state, "active", "asked, not so");
    assert_eq!(
        (card.pending[0].wish.as_str(), card.pending[0].value),
        ("active", Some(false))
    );
    office.assert_counters().await;
    assert_eq!(office.push().await.done, 1);
    assert_eq!(office.change(&change.id).await.status, "done");
    assert_eq!(office.card(first.id).await.state, "inactive");
    assert_eq!(shop.token(first.id).state, "INACTIVE");
    assert_eq!(lesson(&office).await, pair("asked_and_proven", "accepts"));

    // Proven once, the next wish may be shown as it will be.
    ask(&office, second.id, false).await.unwrap();
    let card = office.card(second.id).await;
    assert_eq!(
        (card.state.as_str(), card.provider_state.as_str()),
        ("inactive", "active")
    );
    office.assert_counters().await;
    ask(&office, second.id, true).await.unwrap();
    assert_eq!(
        office.card(second.id).await.state,
        "active",
        "the last wish counts"
    );
    assert_eq!(office.push().await.done, 1);
    assert_eq!(
        shop.token(second.id).version,
        second.version,
        "it was active all the time: nothing was sent"
    );
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ignored_the_change_is_stuck_and_the_account_remembers() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let [first, second]: [_; 2] = shop.everyday(2).try_into().ok().unwrap();
    let change = ask(&office, first.id, false).await.unwrap();
    assert_eq!(office.card(first.id).await.state, "active");
    assert_eq!(office.push().await.stuck, 1);
    let stuck = office.change(&change.id).await;
    assert_eq!(
        (stuck.status.as_str(), stuck.why.as_deref()),
        ("stuck", Some("ignored"))
    );
    assert_eq!(stuck.problem.unwrap().code, ProblemCode::NotPossibleHere);
    let card = office.card(first.id).await;
    assert_eq!(card.state, "active");
    assert_eq!(card.switches.active_blocked.as_deref(), Some("ignored_here"));
    assert_eq!(card.switches.one_click_blocked, None);
    assert_eq!(lesson(&office).await, pair("not_possible", "ignores"));
    assert_eq!(
        ask(&office, second.id, false).await.unwrap_err().code,
        ProblemCode::NotPossibleHere
    );

    // What is offered instead works: one-click, and a note of this desk.
    office.one_click(first.id, false).await;
    assert_eq!(office.push().await.done, 1, "an ignored wish holds nothing up");
    assert!(!shop.token(first.id).enabled_for_one_click_payment);
    let noted = office
        .desk
        .mark_card(MarkCard {
            card_id: office.id(first.id),
            field: "active".to_owned(),
            value: Some(false),
        })
        .await
        .unwrap();
    assert!(!noted.desk_note.unwrap().active.unwrap());
    assert_eq!(noted.card.state, "active", "a note changes no state");
    let cleared = office
        .desk
        .mark_card(MarkCard {
            card_id: office.id(first.id),
            field: "active".to_owned(),
            value: None,
        })
        .await
        .unwrap();
    assert!(cleared.desk_note.is_none());

    // The payment system has learnt it; asking again by name is a new test.
    shop.running.set_switch("state_patch", "accepts").unwrap();
    office
        .desk
        .retry_change(ChangeRef {
            change_id: change.id.clone(),
        })
        .await
        .unwrap();
    assert_eq!(
        office.card(first.id).await.state,
        "active",
        "untried again: asked, not so"
    );
    assert_eq!(office.push().await.done, 1);
    assert_eq!(office.card(first.id).await.state, "inactive");
    assert_eq!(lesson(&office).await, pair("asked_and_proven", "accepts"));
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_it_says_so_in_the_providers_words_until_the_lesson_is_forgotten() {
    let shop = Shop::start(60);
    shop.running.set_switch("state_patch", "refuses").unwrap();
    let office = Office::connected(&shop).await;
    let [first, second]: [_; 2] = shop.everyday(2).try_into().ok().unwrap();
    let change = ask(&office, first.id, false).await.unwrap();
    assert_eq!(office.push().await.stuck, 1);
    let stuck = office.change(&change.id).await;
    assert_eq!(stuck.why.as_deref(), Some("refused"));
    let problem = stuck.problem.unwrap();
    assert_eq!(problem.code, ProblemCode::RefusedByProvider);
    assert!(problem.request_id.is_some());
    assert_eq!(office.card(first.id).await.state, "active");
    assert_eq!(
        office.card(second.id).await.switches.active_blocked.as_deref(),
        Some("refused_here")
    );
    assert_eq!(lesson(&office).await, pair("not_possible", "refuses"));

    shop.running.set_switch("state_patch", "accepts").unwrap();
    office
        .desk
        .forget_lesson(AccountRef {
            account_id: office.account.to_string(),
        })
        .await
        .unwrap();
    assert_eq!(lesson(&office).await, pair("asked_and_proven", "untried"));
    ask(&office, second.id, false).await.unwrap();
    assert_eq!(office.push().await.done, 1);
    assert_eq!(shop.token(second.id).state, "INACTIVE");
    let office = office.reopened().await;
    assert_eq!(lesson(&office).await, pair("asked_and_proven", "accepts"));
    assert_eq!(
        office.change(&change.id).await.why.as_deref(),
        Some("refused"),
        "kept over a restart"
    );
    office.assert_counters().await;
}

//! One wish over many cards: looked at before it runs, each card looked at again when its turn comes, each with its own end;
//! stopped, gone on with, and taken up after a restart.

use crate::shop::{Office, Shop, until};
use std::collections::{BTreeMap, BTreeSet};
use tokendesk_desk::contract::{
    Env, LogFilter, MakePlan, MarkCard, Nothing, PlanRef, PlanRow, PlanView, ProblemCode,
};
use tokendesk_sandbox::{EditRequest, Fault, FaultBody};

fn skips(plan: &PlanView) -> BTreeMap<&str, u32> {
    plan.skips
        .iter()
        .map(|skip| (skip.why.as_str(), skip.cards))
        .collect()
}

fn warned(plan: &PlanView, kind: &str) -> Option<u32> {
    plan.warnings
        .iter()
        .find(|warning| warning.kind == kind)
        .map(|warning| warning.n)
}

fn by_card(rows: Vec<PlanRow>) -> BTreeMap<u64, PlanRow> {
    rows.into_iter()
        .map(|row| (row.remote_id.parse().unwrap(), row))
        .collect()
}

fn slow(ms: u64) -> Fault {
    Fault::Latency {
        ms,
        after_commit: false,
    }
}

fn ids(shop: &Shop, how_many: usize) -> Vec<u64> {
    shop.everyday(how_many).iter().map(|token| token.id).collect()
}

/// Each of these cards was switched off by exactly one write.
async fn assert_written_once(shop: &Shop, cards: &[u64]) {
    let stats = shop.stats().await;
    for id in cards {
        assert!(!shop.token(*id).enabled_for_one_click_payment);
        assert_eq!(stats.writes_to(*id).len(), 1, "card {id}");
    }
    assert_eq!(stats.writes.len(), cards.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_is_looked_at_before_anything_happens() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let [on, off, queued, leaving, noted]: [u64; 5] = ids(&shop, 5).try_into().unwrap();
    office.one_click(off, false).await;
    assert_eq!(office.push().await.done, 1);
    let replaced = office.one_click(queued, false).await;
    office.delete(leaving, None).await.unwrap();
    let mark = MarkCard {
        card_id: office.id(noted),
        field: "active".to_owned(),
        value: Some(false),
    };
    office.desk.mark_card(mark).await.unwrap();
    let deleted = shop
        .running
        .tokens()
        .into_iter()
        .find(|token| token.state == "DELETED")
        .unwrap()
        .id;
    shop.forget_stats().await;

    let cards = [on, off, queued, leaving, noted, deleted, on];
    let plan = office.plan_of("one_click_off", &cards).await.unwrap();
    assert_eq!(
        (plan.total, plan.counts.planned, plan.counts.skipped),
        (6, 2, 4),
        "each card once"
    );
    let wanted = [("already_so", 2), ("deleted", 1), ("deletion_waiting", 1)];
    assert_eq!(skips(&plan), wanted.into());
    assert!(plan.skips.iter().all(|skip| !skip.words.is_empty()));
    assert_eq!(
        (plan.status.as_str(), plan.confirmation.kind.as_str()),
        ("draft", "nothing")
    );
    assert_eq!((plan.accounts.len(), plan.accounts[0].cards), (1, 2));
    assert!(!plan.accounts[0].learns_first, "one-click needs no lesson");
    // What else follows: customers who can pay with no card at one click any more, counted by hand.
    let bare = |changed: &[u64], fits: fn(&tokendesk_sandbox::TokenTruth) -> bool| {
        let customers: BTreeSet<_> = changed
            .iter()
            .map(|id| shop.token(*id))
            .map(|t| (t.customer_id, t.customer_email_address))
            .collect();
        let tokens = shop.running.tokens();
        let left_without = |customer: &&(Option<String>, Option<String>)| {
            !tokens.iter().any(|token| {
                (&token.customer_id, &token.customer_email_address) == (&customer.0, &customer.1)
                    && fits(token)
                    && !changed.contains(&token.id)
            })
        };
        customers.iter().filter(left_without).count() as u32
    };
    let without = bare(&[on, noted], |token| {
        token.state == "ACTIVE" && token.enabled_for_one_click_payment
    });
    assert_eq!(warned(&plan, "last_one_click").unwrap_or_default(), without);

    let deletion = office.plan_of("delete", &[on, queued]).await.unwrap();
    assert_eq!(warned(&deletion, "other_changes_replaced"), Some(1));
    let without = bare(&[on, queued], |token| token.state == "ACTIVE");
    assert_eq!(warned(&deletion, "last_active").unwrap_or_default(), without);
    assert_eq!(
        (
            deletion.confirmation.kind.as_str(),
            deletion.confirmation.expected.as_deref()
        ),
        ("count", Some("2"))
    );
    assert_eq!(
        office.stands(&replaced.id).await.0,
        "held",
        "looking changes nothing"
    );
    assert!(shop.stats().await.writes.is_empty());
    let one = office.plan_of("delete", &[noted]).await.unwrap();
    assert_eq!(one.confirmation.kind, "nothing", "one card of a demo");

    for typed in [None, Some(""), Some("3"), Some("two")] {
        let problem = office.run(&deletion.id, typed).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::ConfirmationMissing);
    }
    assert_eq!(office.plan(&deletion.id).await.status, "draft");
    let refused = LogFilter {
        outcomes: vec!["refused".to_owned()],
        ..LogFilter::default()
    };
    assert_eq!(office.log(refused).await.len(), 4);
    office.run(&deletion.id, Some(" 2 ")).await.unwrap();
    let ran = office.work(&deletion.id).await.unwrap();
    assert_eq!((ran.status.as_str(), ran.counts.done), ("finished", 2));
    assert_eq!(office.stands(&replaced.id).await.1.as_deref(), Some("superseded"));
    for id in [on, queued] {
        assert_ne!(shop.token(id).state, "ACTIVE");
    }
    // A draft that nobody wants leaves nothing behind.
    let this = PlanRef {
        plan_id: plan.id.clone(),
    };
    office.desk.drop_plan(this.clone()).await.unwrap();
    assert_eq!(
        office.desk.show_plan(this).await.unwrap_err().code,
        ProblemCode::PlanUnknown
    );
    let that = PlanRef { plan_id: deletion.id };
    assert_eq!(
        office.desk.drop_plan(that).await.unwrap_err().code,
        ProblemCode::PlanNotReady
    );
    assert_eq!(office.desk.list_plans(Nothing {}).await.unwrap().items.len(), 2);
    office.assert_counters().await;
    office.assert_log_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_a_search_finds_is_changed_and_each_card_has_its_own_end() {
    let shop = Shop::start(150);
    let office = Office::connected(&shop).await;
    let on = shop.switched_on();
    assert!(on.len() > 60, "more than a page");
    let plan = office
        .plan_found("one_click_off", "state:active one-click:on")
        .await
        .unwrap();
    assert_eq!(
        (plan.total as usize, plan.counts.planned as usize),
        (on.len(), on.len())
    );
    let refuses = Fault::Status {
        status: 422,
        retry_after: None,
        body: FaultBody::Json,
    };
    shop.fault("PATCH", &format!("/payment/tokens/{}", on[1]), None, refuses);
    let moved = EditRequest {
        id: on[2],
        email: Some(Some("somebody.else@example.com".to_owned())),
        ..EditRequest::default()
    };
    shop.running.edit(moved).unwrap();
    let theirs = EditRequest {
        id: on[3],
        one_click: Some(false),
        ..EditRequest::default()
    };
    shop.running.edit(theirs).unwrap();
    let before = shop.token(on[0]).version;
    shop.forget_stats().await;

    office.run(&plan.id, None).await.unwrap();
    assert!(
        shop.stats().await.writes.is_empty(),
        "without a window it goes when it is worked on"
    );
    let ran = office.work(&plan.id).await.unwrap();
    assert_eq!(ran.status, "finished", "what needs a person is not waited for");
    assert_eq!(
        (
            ran.counts.done as usize,
            ran.counts.stuck,
            ran.counts.conflict,
            ran.counts.planned
        ),
        (on.len() - 2, 1, 1, 0)
    );
    let rows = by_card(office.rows_of(&plan.id).await);
    assert_eq!(
        rows.keys().copied().collect::<BTreeSet<_>>(),
        on.iter().copied().collect()
    );
    assert_eq!(
        rows[&on[1]].problem.as_ref().unwrap().code,
        ProblemCode::RefusedByProvider
    );
    assert_eq!(rows[&on[2]].status, "conflict");
    let change = rows[&on[2]].change.as_ref().unwrap();
    assert_eq!(
        (change.why.as_deref(), change.plan_id.as_deref()),
        (Some("other_customer"), Some(plan.id.as_str()))
    );
    let stats = shop.stats().await;
    for id in &on {
        let writes = stats.writes_to(*id).len();
        let expected = usize::from(*id != on[2] && *id != on[3]);
        assert_eq!(writes, expected, "{}", rows[id].status);
        let off = !shop.token(*id).enabled_for_one_click_payment;
        assert_eq!(off, *id != on[1] && *id != on[2]);
    }
    assert_eq!(shop.token(on[0]).version, before + 1);
    // Each row is a change like any other: retried, decided, and the plan knows.
    shop.running.clear_faults();
    office
        .retry(&rows[&on[1]].change.as_ref().unwrap().id)
        .await
        .unwrap();
    office.resolve(&change.id, "theirs").await.unwrap();
    assert_eq!(office.push().await.done, 1);
    let counts = office.plan(&plan.id).await.counts;
    assert_eq!(
        (counts.done as usize, counts.withdrawn, counts.stuck),
        (on.len() - 1, 1, 0)
    );

    let again = office.run(&plan.id, None).await.unwrap_err();
    assert_eq!(again.code, ProblemCode::PlanNotReady);
    let rest = office
        .plan_found("one_click_off", "state:active one-click:on")
        .await
        .unwrap();
    assert_eq!(rest.total, 1);
    office.assert_same_as(&shop).await;
    office.assert_counters().await;
    office.assert_log_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_has_grown_old_is_checked_card_by_card_when_it_runs() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let cards = ids(&shop, 6);
    let [flipped, leaving, gone, deleted, ..]: [u64; 6] = cards.clone().try_into().unwrap();
    let plan = office.plan_of("one_click_off", &cards).await.unwrap();
    assert_eq!(plan.counts.planned, 6);
    // Between looking and running the day goes on, here and there.
    office.one_click(flipped, false).await;
    assert_eq!(office.push().await.done, 1);
    office.delete(leaving, None).await.unwrap();
    let edit = EditRequest {
        id: deleted,
        state: Some("DELETED".to_owned()),
        ..EditRequest::default()
    };
    shop.running.edit(edit).unwrap();
    shop.running.purge(gone).unwrap();
    office.read_all().await.unwrap();
    shop.forget_stats().await;

    let office = office.reopened().await;
    assert_eq!(office.plan(&plan.id).await.status, "draft");
    office.run(&plan.id, None).await.unwrap();
    let ran = office.work(&plan.id).await.unwrap();
    assert_eq!((ran.counts.done, ran.counts.skipped), (2, 4));
    let rows = by_card(office.rows_of(&plan.id).await);
    for (card, why) in [
        (flipped, "already_so"),
        (leaving, "deletion_waiting"),
        (gone, "deleted"),
        (deleted, "deleted"),
    ] {
        let row = &rows[&card];
        let skipped = row.skipped.as_ref().unwrap();
        assert_eq!((row.status.as_str(), skipped.why.as_str()), ("skipped", why));
        assert!(row.change.is_none() && !skipped.words.is_empty());
    }
    assert_written_once(&shop, &cards[4..]).await;
    assert_eq!(
        shop.token(leaving).state,
        "ACTIVE",
        "what else is held stays held"
    );
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_plan_takes_back_what_is_held_and_goes_on_with_the_rest() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    office.hold(60).await;
    let office = office.in_background().await;
    let cards = ids(&shop, 20);
    let plan = office.plan_of("one_click_off", &cards).await.unwrap();
    assert_eq!(
        office.stop(&plan.id).await.unwrap_err().code,
        ProblemCode::PlanNotReady
    );
    office.run(&plan.id, None).await.unwrap();
    until("everything to be held", || async {
        (office.demo().await.changes.held == 20).then_some(())
    })
    .await;
    until("the cards to show it", || async {
        let last = office.card(cards[19]).await.one_click;
        (last == Some(false)).then_some(())
    })
    .await;
    let stopped = office.stop(&plan.id).await.unwrap();
    assert_eq!((stopped.status.as_str(), stopped.counts.planned), ("stopped", 20));
    assert_eq!(office.demo().await.changes.held, 0);
    assert_eq!(
        office.card(cards[0]).await.one_click,
        Some(true),
        "as if it had never been asked"
    );
    assert!(shop.stats().await.writes.is_empty());
    office.assert_counters().await;

    // Gone on with, and stopped again while some are on their way.
    office.hold(0).await;
    shop.fault("PATCH", "/payment/tokens/", None, slow(150));
    office.run(&plan.id, None).await.unwrap();
    until("some to be done", || async {
        (office.plan(&plan.id).await.counts.done >= 3).then_some(())
    })
    .await;
    office.stop(&plan.id).await.unwrap();
    let at_rest = until("what was on its way", || async {
        Some(office.plan(&plan.id).await).filter(|plan| plan.counts.queued == 0)
    })
    .await;
    assert_eq!(at_rest.status, "stopped");
    assert_eq!(
        at_rest.counts.done + at_rest.counts.planned,
        20,
        "{:?}",
        at_rest.counts
    );
    assert_eq!(shop.stats().await.writes.len(), at_rest.counts.done as usize);
    let office = office.reopened().await;
    assert_eq!(
        office.plan(&plan.id).await.counts,
        at_rest.counts,
        "a stop stays a stop"
    );
    assert_eq!(office.push().await.done, 0);
    office.assert_counters().await;

    shop.running.clear_faults();
    let office = office.in_background().await;
    office.run(&plan.id, None).await.unwrap();
    let ended = office.finished(&plan.id).await;
    assert_eq!(
        (ended.counts.done, ended.counts.withdrawn),
        (20, 0),
        "{:?}",
        ended.counts
    );
    assert_written_once(&shop, &cards).await;
    office.assert_counters().await;
    office.assert_log_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_cut_off_by_a_restart_goes_on_by_itself() {
    let shop = Shop::start(100);
    let office = Office::connected(&shop).await;
    office.hold(0).await;
    let office = office.in_background().await;
    let cards = ids(&shop, 40);
    shop.fault("PATCH", "/payment/tokens/", None, slow(100));
    let plan = office.plan_of("one_click_off", &cards).await.unwrap();
    office.run(&plan.id, None).await.unwrap();
    until("some to be done", || async {
        (office.plan(&plan.id).await.counts.done >= 5).then_some(())
    })
    .await;
    let office = office.in_background().await;
    let counts = office.plan(&plan.id).await.counts;
    assert!(counts.done < 40, "it was cut off");
    shop.running.clear_faults();
    let ended = office.finished(&plan.id).await;
    assert_eq!(ended.counts.done, 40, "{:?}", ended.counts);
    assert_written_once(&shop, &cards).await;
    office.assert_counters().await;
    office.assert_log_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_knows_yet_what_the_account_does_one_card_goes_first() {
    let shop = Shop::start(60);
    shop.running.set_switch("state_patch", "accepts").unwrap();
    let office = Office::connected(&shop).await;
    office.hold(0).await;
    let office = office.in_background().await;
    let cards = ids(&shop, 12);
    let plan = office.plan_of("deactivate", &cards).await.unwrap();
    assert!(plan.accounts[0].learns_first);
    // The answer to the first one is on its way for a while.
    let late = Fault::Latency {
        ms: 1_500,
        after_commit: true,
    };
    shop.fault("PATCH", "/payment/tokens/", Some(1), late);
    office.run(&plan.id, None).await.unwrap();
    until("the first one", || async {
        (shop.stats().await.writes.len() == 1).then_some(())
    })
    .await;
    let counts = office.plan(&plan.id).await.counts;
    assert_eq!((counts.queued, counts.planned), (1, 11), "the others wait for it");
    assert_eq!(
        shop.running
            .tokens()
            .iter()
            .filter(|t| cards.contains(&t.id) && t.state == "INACTIVE")
            .count(),
        1
    );
    let ended = office.finished(&plan.id).await;
    assert_eq!(ended.counts.done, 12);
    assert!(cards.iter().all(|id| shop.token(*id).state == "INACTIVE"));
    let next = office.plan_of("activate", &cards).await.unwrap();
    assert!(!next.accounts[0].learns_first, "it has taught");
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_does_not_do_it_is_asked_once_and_no_more() {
    for (does, why) in [("ignores", "ignored"), ("refuses", "refused")] {
        let shop = Shop::start(60);
        shop.running.set_switch("state_patch", does).unwrap();
        let office = Office::connected(&shop).await;
        let cards = ids(&shop, 12);
        let plan = office.plan_of("deactivate", &cards).await.unwrap();
        office.run(&plan.id, None).await.unwrap();
        let ran = office.work(&plan.id).await.unwrap();
        assert_eq!(
            (
                ran.status.as_str(),
                ran.counts.stuck,
                ran.counts.skipped,
                ran.counts.done
            ),
            ("finished", 1, 11, 0)
        );
        assert_eq!(shop.stats().await.writes.len(), 1, "{does}");
        let rows = office.rows_of(&plan.id).await;
        let stuck = rows.iter().find(|row| row.status == "stuck").unwrap();
        assert_eq!(stuck.change.as_ref().unwrap().why.as_deref(), Some(why));
        for row in rows.iter().filter(|row| row.status == "skipped") {
            assert_eq!(row.skipped.as_ref().unwrap().why, "not_possible_here");
        }
        let next = office.plan_of("deactivate", &cards).await.unwrap();
        assert_eq!(
            (next.counts.planned, skips(&next)),
            (0, [("not_possible_here", 12)].into())
        );
        assert_eq!(
            office.run(&next.id, None).await.unwrap_err().code,
            ProblemCode::PlanEmpty
        );
        office.assert_counters().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_that_cannot_be_one_is_refused() {
    let shop = Shop::start(30);
    let office = Office::connected(&shop).await;
    let card = shop.everyday(1)[0].id;
    let both = MakePlan {
        env: Env::Demo,
        action: "delete".to_owned(),
        cards: vec![office.id(card)],
        query: Some("state:active".to_owned()),
    };
    let unknown = MakePlan {
        cards: vec!["nothing".to_owned()],
        query: None,
        ..both.clone()
    };
    let elsewhere = MakePlan {
        env: Env::Live,
        query: None,
        ..both.clone()
    };
    let nobody = MakePlan {
        cards: Vec::new(),
        query: Some("nobody.at.all@example.com".to_owned()),
        ..both.clone()
    };
    let empty = MakePlan {
        cards: Vec::new(),
        query: None,
        ..both.clone()
    };
    let action = MakePlan {
        action: "refund".to_owned(),
        query: None,
        ..both.clone()
    };
    let green = MakePlan {
        cards: Vec::new(),
        query: Some("state:green".to_owned()),
        ..both.clone()
    };
    for (request, code) in [
        (both, ProblemCode::FieldInvalid),
        (unknown, ProblemCode::CardUnknown),
        (elsewhere, ProblemCode::CardUnknown),
        (nobody, ProblemCode::PlanEmpty),
        (empty, ProblemCode::PlanEmpty),
        (action, ProblemCode::FilterInvalid),
        (green, ProblemCode::FilterInvalid),
    ] {
        assert_eq!(office.desk.make_plan(request).await.unwrap_err().code, code);
    }
    let this = PlanRef {
        plan_id: "nothing".to_owned(),
    };
    assert_eq!(
        office.desk.show_plan(this.clone()).await.unwrap_err().code,
        ProblemCode::PlanUnknown
    );
    assert_eq!(
        office.desk.stop_plan(this).await.unwrap_err().code,
        ProblemCode::PlanUnknown
    );
    assert!(office.desk.list_plans(Nothing {}).await.unwrap().items.is_empty());
    assert_eq!(office.card(card).await.pending.len(), 0);
}

//! One-click, active and inactive, the default card, and what guards them against somebody else: the effect of each at its
//! payment system, or the honest refusal. Which scenario is about what: [`crate::capabilities_table`].

use crate::capabilities_ground::{Ground, REASON};
use crate::shop::until;
use serde_json::{Value, json};
use tokendesk_desk::contract::{
    ChangeRef, Env, FindPeople, ForgetOneClick, MakePlan, PlanRef, Problem, ProblemCode, ResolveChange,
    RunPlan,
};
use tokendesk_sandbox::{Fault, FaultMatch, FaultRule};
use tokendesk_tests::played::{System, Wanted};

/// Where our switch is written as a key of the metadata: both ways in which an update may treat the keys it does not name.
const UPDATES: [(System, &str, [&str; 2]); 2] = [
    (System::ProcessOut, "metadata_update", ["replaces", "merges"]),
    (System::Komoju, "metadata_patch", ["merge", "replace"]),
];

const ONE_CLICK: &str = "tokendesk_one_click";
const ACTIVE: &str = "tokendesk_active";

/// Makes the metadata of a card what it is given to be.
fn set_metadata(ground: &Ground, nth: usize, metadata: Value) {
    let id = &ground.cards[nth].id;
    let handle = ground.handle();
    if ground.system == System::ProcessOut {
        let edit = json!({ "set_token": { "id": id, "metadata": metadata } });
        handle.edit(edit).unwrap();
    } else {
        handle.edit(json!({ "id": id, "metadata": null })).unwrap();
        handle.edit(json!({ "id": id, "metadata": metadata })).unwrap();
    }
}

fn metadata(ground: &Ground, nth: usize) -> Value {
    ground.truth(&ground.cards[nth].id)["metadata"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_at_wallee_is_a_field_of_the_token() {
    let ground = Ground::of(System::Wallee).await;
    assert_eq!(ground.line("one_click").await.carrier, "native");
    let before = ground.held(0).version.unwrap();
    ground.made(Wanted::OneClickOff, 0).await;
    let token = ground.truth(&ground.cards[0].id);
    assert_eq!(token["enabledForOneClickPayment"], false);
    assert_eq!(ground.view(0).await.provider_one_click, Some(false));
    ground.made(Wanted::OneClickOn, 0).await;
    assert_eq!(
        ground.truth(&ground.cards[0].id)["enabledForOneClickPayment"],
        true
    );
    assert_eq!(ground.held(0).version, Some(before + 2));
    let writes = ground.writes();
    assert_eq!(writes.len(), 2);
    assert!(
        writes
            .iter()
            .all(|write| write.fields.contains(&"version".to_owned()))
    );
}

async fn a_switch_is_a_key_of_the_metadata(what: &str, key: &str, off: Wanted, on: Wanted) {
    for (system, switch, ways) in UPDATES {
        for way in ways {
            let ground = Ground::of(system).await;
            ground.handle().set_switch(switch, way).unwrap();
            let line = ground.line(what).await;
            assert_eq!(
                (line.carrier.as_str(), line.tag.as_str()),
                ("metadata", "Note on the token")
            );
            assert!(line.says.contains(key), "{}", line.says);
            let kept = json!({ "crm": "7", "empty": "", "shop": "north", key: "true" });
            set_metadata(&ground, 5, kept.clone());
            ground.read(true).await;

            // The text false, and everything of others as it was.
            ground.made(off, 5).await;
            let mut expected = kept.clone();
            expected[key] = json!("false");
            assert_eq!(metadata(&ground, 5), expected, "{system} {way}");
            ground.made(on, 5).await;
            assert_eq!(metadata(&ground, 5), kept, "{system} {way}");
            assert_eq!(ground.writes().len(), 2);
            let noted = ground.logged("change.noted").await;
            assert!(noted.is_empty(), "{noted:?}");

            // A key that is not there is not set, and becomes the text true when it is asked for.
            set_metadata(&ground, 5, json!({ "crm": "7" }));
            ground.read(true).await;
            let view = ground.view(5).await;
            if what == "active" {
                assert!(view.active_not_set);
                assert_eq!(view.state, "active");
            } else {
                assert_eq!((view.provider_one_click, view.one_click), (None, None));
            }
            ground.made(on, 5).await;
            assert_eq!(
                metadata(&ground, 5),
                json!({ "crm": "7", key: "true" }),
                "{system} {way}"
            );
            assert!(!ground.view(5).await.active_not_set || what != "active");

            // Words that are neither are not set as well, and stay until somebody switches.
            set_metadata(&ground, 5, json!({ key: "yes" }));
            ground.read(true).await;
            assert_eq!(metadata(&ground, 5), json!({ key: "yes" }));
            ground.made(off, 5).await;
            assert_eq!(metadata(&ground, 5), json!({ key: "false" }), "{system} {way}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_at_processout_and_komoju_is_a_key_of_the_metadata() {
    a_switch_is_a_key_of_the_metadata("one_click", ONE_CLICK, Wanted::OneClickOff, Wanted::OneClickOn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn active_at_processout_and_komoju_is_a_key_of_the_metadata() {
    a_switch_is_a_key_of_the_metadata("active", ACTIVE, Wanted::Deactivate, Wanted::Activate).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reason_and_no_name_is_written_into_metadata() {
    for system in [System::ProcessOut, System::Komoju] {
        let ground = Ground::of(system).await;
        ground.made(Wanted::Deactivate, 2).await;
        let held = ground.truth(&ground.cards[2].id).to_string();
        assert!(!held.contains(REASON), "{system}");
        assert!(!held.contains("Scenario"), "{system}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_a_one_click_record_of_komoju_deletes_the_hosted_pages_one() {
    let ground = Ground::of(System::Komoju).await;
    let shops = "shop/7?x=1 ü";
    ground.handle().edit(json!({ "one_click": shops })).unwrap();
    assert!(ground.account().await.can_forget_one_click);
    let forget = |id: &str| ForgetOneClick {
        account_id: ground.account.to_string(),
        external_customer_id: id.to_owned(),
    };
    let cards = ground.all().await.len();
    let done = ground.desk.forget_one_click(forget(shops)).await.unwrap();
    assert!(done.says.contains("KOMOJU"), "{}", done.says);
    assert_eq!(ground.truth(shops)["gone"], true);
    assert_eq!(ground.writes().len(), 1);
    let nobody = ground.desk.forget_one_click(forget("nobody")).await.unwrap_err();
    assert_eq!(nobody.code, ProblemCode::NotFoundAtProvider);
    assert_eq!(
        ground.all().await.len(),
        cards,
        "saved cards are not touched by it"
    );
    for system in [System::Wallee, System::ProcessOut, System::Zafapay, System::Prism] {
        let ground = Ground::of(system).await;
        assert!(!ground.account().await.can_forget_one_click);
        let forget = ForgetOneClick {
            account_id: ground.account.to_string(),
            external_customer_id: shops.to_owned(),
        };
        let problem = ground.desk.forget_one_click(forget).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::NotOffered, "{system}");
        assert!(ground.writes().is_empty());
    }
}

async fn a_switch_is_a_note_of_this_desk(system: System, what: &str, wish: Wanted) {
    let ground = Ground::of(system).await;
    let line = ground.line(what).await;
    assert_eq!(
        (line.carrier.as_str(), line.tag.as_str()),
        ("desk_only", "This desk only")
    );
    let view = ground.view(0).await;
    let blocked = match what {
        "active" => view.switches.active_blocked,
        _ => view.switches.one_click_blocked,
    };
    assert_eq!(blocked.as_deref(), Some("desk_only"));
    ground.not_offered(wish, 0).await;
    ground.noted_here_only(what, 0).await;
    assert!(ground.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_at_zafapay_is_a_note_of_this_desk() {
    a_switch_is_a_note_of_this_desk(System::Zafapay, "one_click", Wanted::OneClickOff).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_at_prism_is_a_note_of_this_desk() {
    a_switch_is_a_note_of_this_desk(System::Prism, "one_click", Wanted::OneClickOff).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn active_at_prism_is_a_note_of_this_desk() {
    a_switch_is_a_note_of_this_desk(System::Prism, "active", Wanted::Deactivate).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn active_at_wallee_is_asked_and_proven() {
    let ground = Ground::of(System::Wallee).await;
    assert_eq!(ground.line("active").await.lesson.as_deref(), Some("untried"));
    ground.made(Wanted::Deactivate, 2).await;
    assert_eq!(ground.truth(&ground.cards[2].id)["state"], "INACTIVE");
    assert_eq!(ground.view(2).await.state, "inactive");
    assert_eq!(ground.line("active").await.lesson.as_deref(), Some("accepts"));
    ground.made(Wanted::Activate, 3).await;
    assert_eq!(ground.truth(&ground.cards[3].id)["state"], "ACTIVE");

    for (way, lesson, blocked) in [
        ("ignores", "ignores", "ignored_here"),
        ("refuses", "refuses", "refused_here"),
    ] {
        let ground = Ground::of(System::Wallee).await;
        ground.running.set_switch("state_patch", way).unwrap();
        let asked = ground.ask(Wanted::Deactivate, 2).await.unwrap();
        let stuck = ground.sent(&asked).await;
        assert_eq!(stuck.status, "stuck", "{way}");
        assert_eq!(
            ground.view(2).await.state,
            "active",
            "never shown as what it is not"
        );
        assert_eq!(ground.truth(&ground.cards[2].id)["state"], "ACTIVE");
        let line = ground.line("active").await;
        assert_eq!(
            (line.carrier.as_str(), line.lesson.as_deref()),
            ("not_possible", Some(lesson))
        );
        // What it has taught is not tried again; one-click, deleting and a note are there instead.
        let writes = ground.writes().len();
        let problem = ground.ask(Wanted::Deactivate, 0).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::NotPossibleHere, "{way}");
        let switches = ground.view(0).await.switches;
        assert_eq!(switches.active_blocked.as_deref(), Some(blocked));
        assert_eq!(
            (switches.one_click_blocked, switches.delete_blocked),
            (None, None)
        );
        assert_eq!(ground.writes().len(), writes);
        ground.noted_here_only("active", 0).await;
    }
}

fn refused(result: Result<impl std::fmt::Debug, Problem>) -> (ProblemCode, Option<String>) {
    let problem = result.unwrap_err();
    (problem.code, problem.field)
}

#[tokio::test(flavor = "multi_thread")]
async fn active_at_zafapay_is_blocking_with_a_reason_that_goes_along() {
    let ground = Ground::of(System::Zafapay).await;
    assert_eq!(ground.line("active").await.carrier, "native");
    assert!(ground.view(2).await.carriers.reason_is_sent);
    // Without a reason, and with one that must not leave, nothing is asked.
    let on_reason = |code| (code, Some("reason".to_owned()));
    for missing in [None, Some(""), Some("  ")] {
        let refused = refused(ground.active(2, false, missing).await);
        assert_eq!(refused, on_reason(ProblemCode::ReasonRequired));
    }
    let number = refused(ground.active(2, false, Some("card 4242 4242 4242 4242")).await);
    assert_eq!(number, on_reason(ProblemCode::CardNumber));
    let lines = refused(ground.active(2, false, Some("two\nlines")).await);
    assert_eq!(lines, on_reason(ProblemCode::FieldInvalid));
    let long = refused(ground.active(2, false, Some(&"x".repeat(256))).await);
    assert_eq!(long, on_reason(ProblemCode::ReasonTooLong));
    assert!(ground.changes().await.is_empty() && ground.writes().is_empty());

    // It is blocked, and the reason stands there.
    let longest = format!("紛失 {}", "x".repeat(252));
    let asked = ground.active(2, false, Some(&longest)).await.unwrap();
    assert_eq!(ground.sent(&asked).await.status, "done");
    let saved = ground.truth(&ground.cards[2].id);
    assert_eq!(
        (&saved["status"], &saved["blocked_reason"]),
        (&json!("blocked"), &json!(longest))
    );
    let view = ground.view(2).await;
    assert_eq!(
        (view.state.as_str(), view.block_reason.as_deref()),
        ("inactive", Some(longest.as_str()))
    );

    // Unblocking shows the reason first, and needs none.
    assert_eq!(ground.view(3).await.block_reason.as_deref(), Some("lost"));
    ground.made(Wanted::Activate, 3).await;
    assert_eq!(ground.view(3).await.block_reason, None);
    assert_eq!(ground.writes().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_of_zafapay_that_is_blocked_already_keeps_its_reason_and_ours_is_in_the_log() {
    let ground = Ground::of(System::Zafapay).await;
    let asked = ground.ask(Wanted::Deactivate, 2).await.unwrap();
    let edit = json!({ "block": { "id": ground.cards[2].id, "reason": "chargeback" } });
    ground.handle().edit(edit).unwrap();
    assert_eq!(ground.sent(&asked).await.status, "done");
    assert!(ground.writes().is_empty(), "it was so already");
    assert_eq!(ground.truth(&ground.cards[2].id)["blocked_reason"], "chargeback");
    assert_eq!(ground.view(2).await.block_reason.as_deref(), Some("chargeback"));
    let noted = ground.logged("change.noted").await;
    assert_eq!(noted.len(), 1);
    assert!(noted[0].reason.as_deref().unwrap().contains("chargeback"));
    let queued = ground.changes().await;
    assert_eq!(queued[0].reason.as_deref(), Some(REASON));

    // To be unblocked, and meanwhile blocked for something else: a person decides.
    let asked = ground.ask(Wanted::Activate, 3).await.unwrap();
    let edit = json!({ "block": { "id": ground.cards[3].id, "reason": "fraud" } });
    ground.handle().set_switch("block_again", "replaces").unwrap();
    ground.handle().edit(edit).unwrap();
    let found = ground.sent(&asked).await;
    assert_eq!(found.status, "conflict");
    assert_eq!(found.conflict.unwrap().kind, "reason_changed");
    assert!(ground.writes().is_empty());
    let mine = ResolveChange {
        change_id: asked.id.clone(),
        keep: "mine".to_owned(),
    };
    ground.desk.resolve_change(mine).await.unwrap();
    assert_eq!(ground.sent(&asked).await.status, "done");
    assert_eq!(ground.truth(&ground.cards[3].id)["status"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_at_processout_is_read_and_can_be_moved() {
    let ground = Ground::of(System::ProcessOut).await;
    assert_eq!(ground.line("default_card").await.carrier, "native");
    let customer = ground.cards[8].customer.clone();
    let old = ground.truth(&customer)["default_token_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(old, ground.cards[8].id);
    assert_eq!(ground.view_of(&old).await.is_default, Some(true));
    assert_eq!(ground.view(8).await.is_default, Some(false));

    ground.made(Wanted::MakeDefault, 8).await;
    assert_eq!(ground.truth(&customer)["default_token_id"], *ground.cards[8].id);
    assert_eq!(ground.truth(&old)["is_default"], false);
    assert_eq!(ground.view(8).await.is_default, Some(true));
    assert_eq!(
        ground.view_of(&old).await.is_default,
        Some(false),
        "the other one is read again too"
    );
    assert_eq!(ground.writes().len(), 1);

    // Once more there is nothing to ask for.
    assert_eq!(
        ground.view(8).await.switches.default_blocked.as_deref(),
        Some("already_default")
    );
    let problem = ground.ask(Wanted::MakeDefault, 8).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::CardNotSwitchable);

    // Two wishes for one customer would race.
    let back = tokendesk_desk::contract::CardRef {
        card_id: ground.id_of(&old),
    };
    let open = ground.desk.set_default(back).await.unwrap();
    let undone = ChangeRef {
        change_id: open.id.clone(),
    };
    ground.desk.undo_change(undone).await.unwrap();
    assert_eq!(ground.sent(&open).await.status, "withdrawn");
    assert_eq!(ground.writes().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_at_zafapay_is_read_and_cannot_be_set() {
    let ground = Ground::of(System::Zafapay).await;
    let line = ground.line("default_card").await;
    assert_eq!(
        (line.carrier.as_str(), line.tag.as_str()),
        ("read_only", "Read only")
    );
    assert_eq!(ground.view(0).await.is_default, Some(true));
    ground.system.played().touch(&ground.running, &ground.cards[0]);
    ground.read(true).await;
    assert_eq!(ground.view(0).await.is_default, Some(false));
    ground.not_offered(Wanted::MakeDefault, 0).await;
    assert_eq!(ground.truth(&ground.cards[0].id)["is_default"], false);
    assert!(ground.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_is_nothing_that_wallee_komoju_and_prism_know() {
    for system in [System::Wallee, System::Komoju, System::Prism] {
        let ground = Ground::of(system).await;
        let line = ground.line("default_card").await;
        assert_eq!(
            (line.carrier.as_str(), line.tag.as_str()),
            ("none", "None"),
            "{system}"
        );
        assert!(line.says.ends_with("knows no default card."), "{}", line.says);
        let view = ground.view(0).await;
        assert_eq!(view.is_default, None, "{system}");
        assert_eq!(view.switches.default_blocked.as_deref(), Some("not_offered"));
        ground.not_offered(Wanted::MakeDefault, 0).await;
        assert!(ground.writes().is_empty());
    }
}

/// The systems whose cards can be switched, each with the guard it has.
const GUARDED: [(System, &str); 4] = [
    (System::Wallee, "version_guard"),
    (System::ProcessOut, "reread"),
    (System::Komoju, "reread"),
    (System::Zafapay, "reread"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_changed_beside_a_wish_is_kept() {
    for (system, guard) in GUARDED {
        let ground = Ground::of(system).await;
        assert_eq!(ground.line("guard").await.carrier, guard, "{system}");
        let wish = system.played().wishes()[0];
        let nth = wish.card();
        let asked = ground.ask(wish, nth).await.unwrap();
        system.played().touch(&ground.running, &ground.cards[nth]);
        let before = ground.held(nth);
        assert!(before.touched && !wish.is_met(&before), "{system}");
        let requests = ground.handle().requests();
        assert_eq!(ground.sent(&asked).await.status, "done", "{system}");
        let held = ground.held(nth);
        assert!(wish.is_met(&held) && held.touched, "{system}");
        assert_eq!(ground.writes().len(), 1, "{system}");
        assert!(
            ground.handle().requests() >= requests + 3,
            "{system}: read before and after"
        );
        assert_eq!(
            held.version,
            before.version.map(|version| version + 1),
            "{system}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_did_already_is_not_sent_again() {
    for (system, _) in GUARDED {
        let ground = Ground::of(system).await;
        let wish = system.played().wishes()[0];
        let asked = ground.ask(wish, wish.card()).await.unwrap();
        let card = &ground.cards[wish.card()];
        system.played().flip(&ground.running, card, wish, true);
        assert_eq!(ground.sent(&asked).await.status, "done", "{system}");
        assert!(ground.writes().is_empty(), "{system}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_that_somebody_else_flipped_and_flipped_back_is_for_a_person() {
    for (system, _) in GUARDED {
        let ground = Ground::of(system).await;
        let wish = system.played().wishes()[0];
        let asked = ground.ask(wish, wish.card()).await.unwrap();
        let card = &ground.cards[wish.card()];
        for as_wished in [true, false] {
            system.played().flip(&ground.running, card, wish, as_wished);
            ground.read(true).await;
        }
        let found = ground.sent(&asked).await;
        assert_eq!(found.status, "conflict", "{system}");
        assert_eq!(found.conflict.unwrap().kind, "flipped", "{system}");
        assert!(ground.writes().is_empty(), "{system}");
        let theirs = ResolveChange {
            change_id: asked.id.clone(),
            keep: "theirs".to_owned(),
        };
        ground.desk.resolve_change(theirs).await.unwrap();
        assert_eq!(ground.sent(&asked).await.status, "withdrawn", "{system}");
        assert!(
            ground.writes().is_empty() && !wish.is_met(&ground.held(wish.card())),
            "{system}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_prism_there_is_nothing_to_overwrite_and_nothing_is_read_around_the_one_call() {
    let ground = Ground::of(System::Prism).await;
    let line = ground.line("guard").await;
    assert_eq!(
        (line.carrier.as_str(), line.tag.as_str()),
        ("none", "Nothing written")
    );
    let requests = ground.handle().requests();
    ground.made(Wanted::Delete, 4).await;
    assert_eq!(ground.handle().requests(), requests + 1);
    assert_eq!(ground.writes().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_cards_of_zafapay_are_not_blocked_without_a_reason_either() {
    let ground = Ground::of(System::Zafapay).await;
    let plan = ground
        .desk
        .make_plan(MakePlan {
            env: Env::Demo,
            action: "deactivate".to_owned(),
            cards: (5..8).map(|nth| ground.id(nth)).collect(),
            query: None,
        })
        .await
        .unwrap();
    let run = |reason: Option<&str>| RunPlan {
        plan_id: plan.id.clone(),
        confirmation: plan.confirmation.expected.clone(),
        reason: reason.map(str::to_owned),
    };
    assert_eq!(
        refused(ground.desk.run_plan(run(None)).await).0,
        ProblemCode::ReasonRequired
    );
    assert_eq!(
        refused(ground.desk.run_plan(run(Some("two\nlines"))).await).0,
        ProblemCode::FieldInvalid
    );
    assert!(ground.changes().await.is_empty() && ground.writes().is_empty());
    ground.desk.run_plan(run(Some(REASON))).await.unwrap();
    let this = PlanRef {
        plan_id: plan.id.clone(),
    };
    ground.desk.work_plan(this).await.unwrap();
    for nth in 5..8 {
        assert_eq!(ground.truth(&ground.cards[nth].id)["blocked_reason"], REASON);
    }
    assert_eq!(ground.writes().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_that_was_corrected_meanwhile_makes_nobody_else_of_a_customer() {
    for system in [System::ProcessOut, System::Komoju] {
        let ground = Ground::of(system).await;
        let asked = ground.ask(Wanted::OneClickOff, 0).await.unwrap();
        let old = ground.view(0).await.email.unwrap();
        let new = "corrected@example.org";
        let customer = &ground.cards[0].customer;
        let edit = match system {
            System::ProcessOut => json!({ "set_customer": { "id": customer, "set": { "email": new } } }),
            _ => json!({ "id": customer, "email": new }),
        };
        ground.handle().edit(edit).unwrap();
        assert_eq!(ground.sent(&asked).await.status, "done", "{system}");
        assert!(Wanted::OneClickOff.is_met(&ground.held(0)), "{system}");
        ground.read(false).await;
        assert_eq!(ground.view(0).await.email.as_deref(), Some(new), "{system}");
        let people = FindPeople {
            env: Env::Demo,
            text: old,
            after: None,
            limit: 10,
        };
        assert_eq!(
            ground.desk.find_people(people).await.unwrap().total.n,
            0,
            "{system}"
        );
        let person = ground.person(0).await;
        assert_eq!(person.customers.len(), 1, "{system}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_keep_in_the_metadata_is_compared_after_a_write() {
    for (system, path) in [(System::ProcessOut, "/customers"), (System::Komoju, "/customers")] {
        let ground = Ground::of(system).await;
        set_metadata(
            &ground,
            0,
            json!({ "crm": "7", "shop": "north", ONE_CLICK: "true" }),
        );
        ground.read(true).await;
        let asked = ground.ask(Wanted::OneClickOff, 0).await.unwrap();
        // The write is done; before its answer arrives somebody else writes too.
        let write = if system == System::ProcessOut {
            "PUT"
        } else {
            "PATCH"
        };
        ground.handle().add_fault(FaultRule {
            when: FaultMatch {
                method: Some(write.to_owned()),
                path_prefix: Some(path.to_owned()),
                nth: None,
            },
            times: Some(1),
            fault: Fault::Latency {
                ms: 600,
                after_commit: true,
            },
        });
        let somebody = async {
            until("the write", || async {
                Wanted::OneClickOff.is_met(&ground.held(0)).then_some(())
            })
            .await;
            set_metadata(&ground, 0, json!({ "crm": "8", ONE_CLICK: "false" }));
        };
        let (sent, ()) = tokio::join!(ground.sent(&asked), somebody);
        assert_eq!(sent.status, "done", "{system}");
        assert_eq!(
            metadata(&ground, 0),
            json!({ "crm": "8", ONE_CLICK: "false" }),
            "{system}"
        );
        let noted = ground.logged("change.noted").await;
        let words: Vec<_> = noted.iter().filter_map(|row| row.reason.as_deref()).collect();
        assert_eq!(
            words,
            ["lost: shop; changed: crm"],
            "{system}: names, never a value"
        );
        assert_eq!(noted[0].change_id.as_deref(), Some(asked.id.as_str()));
    }
}

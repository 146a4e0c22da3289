//! Accounts of all five payment systems: read-only, paused, removed, with new credentials, and with their copy built anew.

use crate::capabilities_ground::{Ground, start};
use serde_json::json;
use tokendesk_desk::contract::{
    AccountRef, ChangeRef, ConnectAccount, CreateToken, DeleteCustomer, Env, ForgetOneClick, ListDirectory,
    MakePlan, MarkCard, Nothing, PauseAccount, Problem, ProblemCode, PushChanges, RemoveAccount,
    ReplaceCredentials, RunFlowStep, SetReadOnly, StartFlow, StartSync, VerifyCard,
};
use tokendesk_tests::played::{System, Wanted};

const ALL_WISHES: [Wanted; 6] = [
    Wanted::OneClickOff,
    Wanted::OneClickOn,
    Wanted::Deactivate,
    Wanted::Activate,
    Wanted::Delete,
    Wanted::MakeDefault,
];

fn this(ground: &Ground) -> AccountRef {
    AccountRef {
        account_id: ground.account.to_string(),
    }
}

async fn set_read_only(ground: &Ground, read_only: bool) {
    let request = SetReadOnly {
        account_id: ground.account.to_string(),
        read_only,
    };
    let view = ground.desk.set_read_only(request).await.unwrap();
    assert_eq!(view.read_only, read_only);
}

async fn pause(ground: &Ground, paused: bool) {
    let request = PauseAccount {
        account_id: ground.account.to_string(),
        paused,
    };
    let view = ground.desk.pause_account(request).await.unwrap();
    assert_eq!((view.paused_by_person, view.paused), (paused, None));
}

fn code<T: std::fmt::Debug>(result: Result<T, Problem>) -> ProblemCode {
    result.unwrap_err().code
}

fn verify(ground: &Ground, nth: usize) -> VerifyCard {
    VerifyCard {
        card_id: ground.id(nth),
        amount: "1.00".to_owned(),
        currency: "EUR".to_owned(),
        through: "token_authorize".to_owned(),
        confirmation: "VERIFY".to_owned(),
        reason: None,
    }
}

/// Everything that would be done at once at the payment system, and how each was refused.
async fn everything_done_at_once(ground: &Ground) -> Vec<(&'static str, ProblemCode)> {
    let account_id = ground.account.to_string();
    let desk = &ground.desk;
    let customer = match ground.cards[0].customer.as_str() {
        "" => "none",
        customer => customer,
    };
    let flow = StartFlow {
        account_id: account_id.clone(),
        flow: String::new(),
    };
    vec![
        ("new details", code(desk.ask_new_details(ground.card(0)).await)),
        (
            "a token",
            code(
                desk.create_token(CreateToken {
                    account_id: account_id.clone(),
                    customer_id: Some("new-1".to_owned()),
                    email: None,
                    reference: None,
                    external_id: None,
                })
                .await,
            ),
        ),
        (
            "a record deleted",
            code(
                desk.delete_customer(DeleteCustomer {
                    account_id: account_id.clone(),
                    customer_id: customer.to_owned(),
                    confirmation: customer[customer.len().saturating_sub(4)..].to_owned(),
                    reason: None,
                })
                .await,
            ),
        ),
        (
            "a record forgotten",
            code(
                desk.forget_one_click(ForgetOneClick {
                    account_id,
                    external_customer_id: "new-1".to_owned(),
                })
                .await,
            ),
        ),
        ("a hold", code(desk.verify_card(verify(ground, 0)).await)),
        ("a flow", code(desk.start_flow(flow).await)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn through_a_read_only_account_nothing_is_written() {
    let mut kinds: Vec<(System, Option<&str>)> = System::ALL.map(|system| (system, None)).into();
    kinds.push((System::Prism, Some("stripe")));
    for (system, connector) in kinds {
        let read_only = |connection: &mut ConnectAccount| connection.read_only = true;
        let ground = match connector {
            Some(connector) => Ground::of_prism(connector, &[], read_only).await,
            None => Ground::with(system, |_, _| {}, read_only).await,
        };
        let account = ground.account().await;
        assert!(account.read_only && !account.can_create_token && !account.can_forget_one_click);
        assert!(account.cards >= 8, "it is read like any other");
        for wish in ALL_WISHES {
            let nth = wish.card().min(ground.cards.len() - 1);
            let problem = ground.ask(wish, nth).await.unwrap_err();
            let refused = [ProblemCode::ReadOnlyAccount, ProblemCode::NotOffered].contains(&problem.code);
            assert!(refused, "{system} {wish:?}: {problem:?}");
            let is_its_own = connector.is_none() && system.played().wishes().contains(&wish);
            let says_why = problem.code == ProblemCode::ReadOnlyAccount;
            assert!(says_why || !is_its_own, "{system} {wish:?}: {problem:?}");
        }
        for (what, code) in everything_done_at_once(&ground).await {
            let refused = [ProblemCode::ReadOnlyAccount, ProblemCode::NotOffered].contains(&code);
            assert!(refused, "{system} {what}: {code:?}");
        }
        for action in [
            "one_click_off",
            "one_click_on",
            "deactivate",
            "activate",
            "delete",
        ] {
            let plan = MakePlan {
                env: Env::Demo,
                action: action.to_owned(),
                cards: Vec::new(),
                query: Some(String::new()),
            };
            let plan = ground.desk.make_plan(plan).await.unwrap();
            assert_eq!(plan.counts.planned, 0, "{system} {action}: {:?}", plan.skips);
        }
        let view = ground.view(0).await.switches;
        for blocked in [
            view.one_click_blocked,
            view.active_blocked,
            view.delete_blocked,
            view.default_blocked,
        ] {
            let blocked = blocked.unwrap();
            assert!(
                ["read_only", "not_offered", "desk_only"].contains(&blocked.as_str()),
                "{blocked}"
            );
        }
        ground.desk.push_changes(PushChanges::default()).await.unwrap();
        ground.read(true).await;
        assert!(ground.changes().await.is_empty());
        assert!(ground.writes().is_empty(), "{system} {connector:?}");

        // A note of this desk is no write.
        ground.noted_here_only("active", 0).await;
        // Writable again, it writes.
        if connector.is_none() {
            set_read_only(&ground, false).await;
            let wish = system.played().wishes()[0];
            ground.made(wish, wish.card()).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_an_account_that_became_read_only_wait_until_it_is_writable() {
    for system in System::ALL {
        let ground = Ground::of(system).await;
        let wish = system.played().wishes()[0];
        let asked = ground.ask(wish, wish.card()).await.unwrap();
        set_read_only(&ground, true).await;
        for _ in 0..2 {
            let waiting = ground.sent(&asked).await;
            assert!(waiting.status == "waiting", "{system}: {}", waiting.status);
            assert_eq!(waiting.held_up_by.as_deref(), Some("read_only"), "{system}");
            assert_eq!(waiting.attempts, 0, "{system}");
        }
        assert!(ground.writes().is_empty(), "{system}");
        set_read_only(&ground, false).await;
        assert_eq!(ground.sent(&asked).await.status, "done", "{system}");
        assert!(wish.is_met(&ground.held(wish.card())), "{system}");
        assert_eq!(ground.logged("account.read_only").await.len(), 1);
        assert_eq!(ground.logged("account.writable").await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_account_is_asked_nothing_until_a_person_lets_it_go_on() {
    for system in System::ALL {
        let ground = Ground::of(system).await;
        let wish = system.played().wishes()[0];
        pause(&ground, true).await;
        let requests = ground.handle().requests();
        let asked = ground.ask(wish, wish.card()).await.unwrap();
        let waiting = ground.sent(&asked).await;
        assert_eq!(waiting.status, "waiting", "{system}");
        assert_eq!(waiting.held_up_by.as_deref(), Some("paused"), "{system}");
        let everyone = StartSync {
            account_id: None,
            full: true,
        };
        ground.desk.start_sync(everyone).await.unwrap();
        let this_one = StartSync {
            account_id: Some(ground.account.to_string()),
            full: true,
        };
        let not_now = ProblemCode::NotPossibleHere;
        assert_eq!(code(ground.desk.start_sync(this_one).await), not_now, "{system}");
        assert_eq!(
            code(ground.desk.read_account(ground.account, true).await),
            not_now,
            "{system}"
        );
        let person = tokendesk_desk::contract::PersonRef {
            env: Env::Demo,
            person: ground.view(0).await.person,
        };
        assert_eq!(
            code(ground.desk.refresh_person(person).await),
            not_now,
            "{system}"
        );
        // What is known is still shown.
        assert!(!ground.person(0).await.cards.is_empty());
        assert_eq!(ground.handle().requests(), requests, "{system}");

        // A test of the connection, or a restart, is nobody's word to go on.
        assert!(
            ground.desk.check_account(this(&ground)).await.unwrap().works,
            "{system}"
        );
        assert!(ground.account().await.paused_by_person, "{system}");
        let ground = ground.reopened().await;
        assert!(ground.account().await.paused_by_person, "{system}");
        let requests = ground.handle().requests();
        assert_eq!(ground.sent(&asked).await.status, "waiting", "{system}");
        assert_eq!(ground.handle().requests(), requests, "{system}");

        pause(&ground, false).await;
        assert_eq!(ground.sent(&asked).await.status, "done", "{system}");
        assert!(wish.is_met(&ground.held(wish.card())), "{system}");
        ground.read(true).await;
        assert_eq!(ground.logged("account.paused").await.len(), 1);
        assert_eq!(ground.logged("account.resumed").await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_step_of_a_flow_is_run_at_a_paused_account() {
    let (ground, run) = with_a_flow(System::Komoju).await;
    pause(&ground, true).await;
    let requests = ground.handle().requests();
    let step = RunFlowStep {
        run_id: run,
        step: "create_token".to_owned(),
        choices: Default::default(),
    };
    assert_eq!(
        code(ground.desk.run_flow_step(step).await),
        ProblemCode::NotPossibleHere
    );
    assert_eq!(ground.handle().requests(), requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_open_changes_goes_only_when_they_are_given_up() {
    for system in System::ALL {
        let ground = Ground::of(system).await;
        let mut open = Vec::new();
        for wish in system.played().wishes().iter().take(2) {
            open.push(ground.ask(*wish, wish.card()).await.unwrap());
        }
        let note = MarkCard {
            card_id: ground.id(6),
            field: "active".to_owned(),
            value: Some(false),
        };
        ground.desk.mark_card(note).await.unwrap();
        let facts = ground.desk.removal_facts(this(&ground)).await.unwrap();
        let account = ground.account().await;
        assert_eq!(facts.cards, account.cards, "{system}");
        assert_eq!(
            (facts.open_changes as usize, facts.notes),
            (open.len(), 1),
            "{system}"
        );
        assert_eq!(facts.directory, account.directory.unwrap_or_default(), "{system}");
        assert!(facts.log_rows > 0);

        let remove = |discard_changes| RemoveAccount {
            account_id: ground.account.to_string(),
            discard_changes,
        };
        let refused = code(ground.desk.remove_account(remove(false)).await);
        assert_eq!(refused, ProblemCode::AccountHasOpenChanges, "{system}");
        assert_eq!(
            ground
                .changes()
                .await
                .iter()
                .filter(|change| change.status == "held")
                .count(),
            open.len()
        );
        assert_eq!(ground.all().await.len(), account.cards as usize, "{system}");
        // It still has its key.
        ground.read(true).await;

        let requests = ground.handle().requests();
        ground.desk.remove_account(remove(true)).await.unwrap();
        assert_eq!(
            ground.handle().requests(),
            requests,
            "{system}: nothing changes there"
        );
        assert!(ground.writes().is_empty());
        assert!(
            ground
                .desk
                .list_accounts(Nothing {})
                .await
                .unwrap()
                .items
                .is_empty()
        );
        assert!(ground.all().await.is_empty(), "{system}");
        for change in &open {
            let ended = ground.change(&change.id).await;
            assert_eq!(
                (ended.status.as_str(), ended.why.as_deref()),
                ("withdrawn", Some("discard"))
            );
        }
        let discarded = ground.logged("change.discarded").await;
        let noted: Vec<_> = discarded
            .iter()
            .filter_map(|row| row.change_id.as_deref())
            .collect();
        assert_eq!(noted.len(), open.len(), "{system}");
        assert!(
            open.iter().all(|change| noted.contains(&change.id.as_str())),
            "{system}"
        );
        assert_eq!(ground.logged("account.removed").await.len(), 1);
        assert!(
            ground.desk.verify_log(Nothing {}).await.unwrap().intact,
            "{system}"
        );

        // Connected again it begins anew, and what was given up stays given up.
        let again = ground
            .desk
            .connect_account(system.played().connection(&ground.running))
            .await
            .unwrap();
        assert_ne!(again.id, ground.account.to_string());
        assert_eq!(
            (
                again.cards,
                again.open_changes,
                again.directory.unwrap_or_default()
            ),
            (0, 0, 0)
        );
        ground.desk.push_changes(PushChanges::default()).await.unwrap();
        assert!(ground.writes().is_empty(), "{system}");
    }
}

async fn replace(ground: &Ground, key: String, user: &str) -> Result<(), Problem> {
    let request = ReplaceCredentials {
        account_id: ground.account.to_string(),
        user: user.to_owned(),
        key,
        publishable_key: None,
    };
    ground.desk.replace_credentials(request).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_of_another_merchant_are_refused_and_the_old_ones_kept() {
    for system in [
        System::Wallee,
        System::ProcessOut,
        System::Komoju,
        System::Zafapay,
    ] {
        let mut ground = Ground::of(system).await;
        let port: u16 = ground
            .handle()
            .origin
            .rsplit(':')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let shown = ground.all().await.len();
        let (key, user, other) = if system == System::ProcessOut {
            let other = ground.handle().edit(json!({ "add_merchant": {} })).unwrap();
            (other["secret"].as_str().unwrap().to_owned(), String::new(), None)
        } else {
            // Another merchant at the same place.
            ground.running.stop();
            ground.running = crate::shop::until("the port", || async { start_at(system, 12, port) }).await;
            let other = system.played().connection(&ground.running);
            (other.key, other.user, Some(12))
        };
        let refused = replace(&ground, key, &user).await.unwrap_err();
        let expected = match system {
            System::ProcessOut | System::Wallee => {
                [ProblemCode::CredentialsRejected, ProblemCode::OtherScope]
            }
            _ => [ProblemCode::OtherScope; 2],
        };
        assert!(expected.contains(&refused.code), "{system}: {refused:?}");
        assert_eq!(ground.all().await.len(), shown, "{system}");
        let rows = ground.logged("account.credentials_replaced").await;
        assert_eq!(
            rows.iter().map(|row| row.outcome.as_str()).collect::<Vec<_>>(),
            ["refused"]
        );
        assert!(ground.writes().is_empty(), "{system}");
        if other.is_some() {
            ground.running.stop();
            ground.running = crate::shop::until("the port", || async { start_at(system, 11, port) }).await;
            assert_eq!(system.played().prepared(&ground.running), ground.cards);
        }
        // The old ones still open it.
        assert!(
            ground.desk.check_account(this(&ground)).await.unwrap().works,
            "{system}"
        );
        let wish = system.played().wishes()[0];
        ground.made(wish, wish.card()).await;
    }
}

fn start_at(system: System, seed: u64, port: u16) -> Option<tokendesk_sandbox::Running> {
    std::panic::catch_unwind(|| start(system, seed, port)).ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_of_the_same_merchant_is_taken_and_a_pause_stays() {
    for system in [System::ProcessOut, System::Zafapay] {
        let ground = Ground::of(system).await;
        let old = system.played().connection(&ground.running).key;
        let (edit, member) = match system {
            System::ProcessOut => (json!({ "add_key": {} }), "secret"),
            _ => (json!({ "regenerate_access_token": {} }), "access_token"),
        };
        let made = ground.handle().edit(edit).unwrap();
        if system == System::ProcessOut {
            ground
                .handle()
                .edit(json!({ "disable_key": { "secret": old } }))
                .unwrap();
        }
        let wish = system.played().wishes()[0];
        let asked = ground.ask(wish, wish.card()).await.unwrap();
        ground.desk.push_changes(PushChanges::default()).await.unwrap();
        assert_eq!(
            ground.account().await.paused.unwrap().code,
            ProblemCode::CredentialsRejected
        );
        replace(&ground, made[member].as_str().unwrap().to_owned(), "")
            .await
            .unwrap();
        assert_eq!(ground.account().await.paused, None, "{system}");
        assert_eq!(ground.sent(&asked).await.status, "done", "{system}");

        pause(&ground, true).await;
        replace(&ground, made[member].as_str().unwrap().to_owned(), "")
            .await
            .unwrap();
        assert!(
            ground.account().await.paused_by_person,
            "{system}: only a person ends it"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_prism_nothing_can_prove_whose_credentials_they_are_and_that_is_said() {
    let ground = Ground::of(System::Prism).await;
    let own = ground.system.played().connection(&ground.running);
    let malformed = replace(&ground, "no JSON".to_owned(), "").await.unwrap_err();
    assert_eq!(malformed.field.as_deref(), Some("key"));
    replace(&ground, own.key, "").await.unwrap();
    let rows = ground.logged("account.credentials_replaced").await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.outcome.as_str(), row.detail.is_some()))
        .collect();
    assert_eq!(told, [("ok", true)]);
    assert!(ground.writes().is_empty());
}

/// Connected with the browser's key, and a flow begun.
async fn with_a_flow(system: System) -> (Ground, String) {
    let mut publishable = None;
    let see = |running: &tokendesk_sandbox::Running, _: &[_]| {
        publishable = running.system(system.name()).connection()["publishable_key"]
            .as_str()
            .map(str::to_owned);
    };
    let ground = Ground::with(system, see, |_| {}).await;
    let request = ReplaceCredentials {
        account_id: ground.account.to_string(),
        user: String::new(),
        key: system.played().connection(&ground.running).key,
        publishable_key: publishable,
    };
    ground.desk.replace_credentials(request).await.unwrap();
    let flow = match system {
        System::Komoju => "token_in_payment",
        _ => "token_payment",
    };
    let request = StartFlow {
        account_id: ground.account.to_string(),
        flow: flow.to_owned(),
    };
    let run = ground.desk.start_flow(request).await.unwrap();
    (ground, run.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_built_anew_has_lost_nothing_of_a_directory_its_tokens_and_runs() {
    for system in [System::Komoju, System::Zafapay] {
        let (ground, run_id) = with_a_flow(system).await;
        for step in ["create_token", "pay"] {
            let step = RunFlowStep {
                run_id: run_id.clone(),
                step: step.to_owned(),
                choices: Default::default(),
            };
            ground.desk.run_flow_step(step).await.unwrap();
        }
        let note = MarkCard {
            card_id: ground.id(6),
            field: "one_click".to_owned(),
            value: Some(false),
        };
        ground.desk.mark_card(note).await.unwrap();
        let wish = system.played().wishes()[0];
        let open = ground.ask(wish, wish.card()).await.unwrap();
        let before = remembered(&ground).await;
        assert!(!before.1.is_empty() && !before.2.is_empty());

        ground.desk.rebuild_cache(Nothing {}).await.unwrap();
        assert!(ground.all().await.is_empty(), "{system}");
        assert_eq!(
            remembered(&ground).await,
            before,
            "{system}: also before it is read again"
        );
        ground.read(false).await;
        assert_eq!(remembered(&ground).await, before, "{system}");
        let note = ground.view(6).await.desk_note.unwrap();
        assert_eq!((note.active, note.one_click), (None, Some(false)), "{system}");
        assert_eq!(ground.view(wish.card()).await.pending[0].id, open.id);
        assert_eq!(ground.sent(&open).await.status, "done", "{system}");
    }
}

/// The directory, single-use tokens and runs of flows, as they are shown.
async fn remembered(ground: &Ground) -> (Vec<String>, Vec<String>, Vec<String>) {
    let directory = ListDirectory {
        account_id: ground.account.to_string(),
        after: None,
        limit: 500,
    };
    let directory = match ground.desk.list_directory(directory).await {
        Ok(page) => page.items,
        Err(problem) => {
            assert_eq!(problem.code, ProblemCode::NotOffered);
            Vec::new()
        }
    };
    let tokens = ground.desk.single_use_tokens(this(ground)).await.unwrap().items;
    let runs = ground.desk.flow_runs(this(ground)).await.unwrap().items;
    (
        directory.iter().map(|one| format!("{one:?}")).collect(),
        tokens
            .iter()
            .map(|one| format!("{} {} {:?} {:?}", one.remote_id, one.kind, one.shown, one.used_at))
            .collect(),
        runs.iter().map(|run| format!("{run:?}")).collect(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_built_anew_has_lost_no_verification_no_import_and_no_card_that_was_taken_away() {
    let ground = Ground::of_prism("stripe", &["sandbox_ok"], |_| {}).await;
    let done = ground.desk.verify_card(verify(&ground, 8)).await.unwrap();
    ground.desk.remove_from_desk(ground.card(0)).await.unwrap();
    ground
        .desk
        .mark_card(MarkCard {
            card_id: ground.id(1),
            field: "active".to_owned(),
            value: Some(false),
        })
        .await
        .unwrap();
    let shown: Vec<String> = ground
        .all()
        .await
        .into_iter()
        .map(|card| card.remote_id)
        .collect();
    assert_eq!(shown.len(), ground.cards.len() - 1);
    ground.desk.rebuild_cache(Nothing {}).await.unwrap();
    ground.read(true).await;
    let mut again: Vec<String> = ground
        .all()
        .await
        .into_iter()
        .map(|card| card.remote_id)
        .collect();
    let mut before = shown;
    before.sort();
    again.sort();
    assert_eq!(again, before);
    let offer = ground.desk.verify_offer(ground.card(8)).await.unwrap();
    assert_eq!(offer.earlier, [done]);
    assert_eq!(ground.view(1).await.desk_note.unwrap().active, Some(false));
    assert_eq!(ground.account().await.directory, Some(9));

    // One whose mandate was revoked is not brought back by it either.
    let ground = Ground::of(System::Prism).await;
    let revoked = ground.made(Wanted::Delete, 4).await;
    ground.desk.rebuild_cache(Nothing {}).await.unwrap();
    ground.read(true).await;
    assert_eq!(ground.all().await.len(), 7);
    assert_eq!(ground.change(&revoked.id).await.status, "done");
    let again = ChangeRef {
        change_id: revoked.id,
    };
    assert_eq!(
        code(ground.desk.retry_change(again).await),
        ProblemCode::ChangeNotStuck
    );
}

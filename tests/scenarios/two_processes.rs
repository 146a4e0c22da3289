//! One data folder has one holder; another process may look.

use crate::child::Other;
use crate::office;
use crate::shop::{Office, Shop};
use serde_json::json;
use tokendesk_desk::contract::{
    AcceptOlderLedger, ConnectAccount, DeleteCard, DeskSettings, Env, ExportLog, FindPeople, LogFilter,
    MakeBackup, MakePlan, MarkCard, Nothing, PersonRef, PlanRef, Problem, ProblemCode, PushChanges,
    RemoveAccount, ReplaceCredentials, RestoreBackup, RunPlan, SetActive, SetOneClick, StartSync,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_told_who_holds_the_folder_and_may_read() {
    let shop = Shop::start(60);
    let token = shop.everyday(1).remove(0);
    let folder = tempfile::tempdir().unwrap();
    let mut holder = Other::open(folder.path()).await;
    let account = holder.connect(shop.connection()).await;
    holder.read_until(|said| !said.reading).await;

    let problem = office::open(office::options(folder.path())).await.err().unwrap();
    assert_eq!(problem.code, ProblemCode::DeskInUse);
    assert!(problem.params["holder"].contains("process "), "{problem:?}");
    assert!(
        !problem.params["holder"].contains(&std::process::id().to_string()),
        "the other one, not this one"
    );

    let mut sharing = office::options(folder.path());
    sharing.share = true;
    let desk = office::open(sharing).await.unwrap();
    let office = Office {
        desk,
        account: account.parse().unwrap(),
        folder,
    };
    assert_eq!(office.cards().await.len(), shop.running.token_ids().len());
    let request = FindPeople {
        env: Env::Demo,
        text: token.customer_email_address.clone().unwrap(),
        after: None,
        limit: 10,
    };
    let person = office.desk.find_people(request).await.unwrap().items[0]
        .person
        .clone();
    let person = PersonRef {
        env: Env::Demo,
        person,
    };
    office.desk.open_person(person.clone()).await.unwrap();
    office.assert_counters().await;

    // Everything that writes names the holder, and does nothing.
    let card_id = office.id(token.id);
    let desk = &office.desk;
    let this = tokendesk_desk::contract::AccountRef {
        account_id: account.clone(),
    };
    let answers = [
        desk.set_one_click(SetOneClick {
            card_id: card_id.clone(),
            on: false,
        })
        .await
        .err(),
        desk.set_active(SetActive {
            card_id: card_id.clone(),
            active: false,
            reason: None,
        })
        .await
        .err(),
        desk.delete_card(DeleteCard {
            card_id: card_id.clone(),
            confirmation: None,
            reason: None,
        })
        .await
        .err(),
        desk.mark_card(MarkCard {
            card_id: card_id.clone(),
            field: "active".to_owned(),
            value: Some(false),
        })
        .await
        .err(),
        desk.push_changes(PushChanges::default()).await.err(),
        desk.refresh_person(person).await.err(),
        desk.start_sync(StartSync {
            account_id: None,
            full: true,
        })
        .await
        .err(),
        desk.read_account(office.account, true).await.err(),
        desk.rebuild_cache(Nothing {}).await.err(),
        desk.forget_lesson(this.clone()).await.err(),
        desk.remove_account(RemoveAccount {
            account_id: this.account_id,
            discard_changes: true,
        })
        .await
        .err(),
        desk.connect_account(ConnectAccount {
            label: "Second".to_owned(),
            ..shop.connection()
        })
        .await
        .err(),
    ];
    for (n, answer) in answers.into_iter().enumerate() {
        assert_eq!(
            answer.map(|problem| problem.code),
            Some(ProblemCode::DeskInUse),
            "answer {n}"
        );
    }
    assert_eq!(office.card(token.id).await.pending.len(), 0);

    // The reader sees what the holder does, and is in nobody's way.
    holder
        .tell(json!({ "do": "one_click", "card": card_id, "on": false }))
        .await;
    assert_eq!(office.card(token.id).await.one_click, Some(false));
    assert_eq!(holder.tell(json!({ "do": "push" })).await.done, 1);
    let card = office.card(token.id).await;
    assert_eq!((card.provider_one_click, card.pending.len()), (Some(false), 0));
    holder.close().await;
    let office = office.reopened().await;
    office.one_click(token.id, true).await;
    assert_eq!(office.push().await.done, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_adds_to_the_log_of_the_holder_and_decides_nothing() {
    let shop = Shop::start(60);
    let [switched, waiting, met]: [_; 3] = shop.everyday(3).try_into().ok().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut holder = Other::open(folder.path()).await;
    let account: tokendesk_model::AccountId = holder.connect(shop.connection()).await.parse().unwrap();
    holder.read_until(|said| !said.reading).await;
    let id = |remote: u64| account.token(&remote.to_string()).to_string();
    // One in conflict, one held, and a plan.
    let wish = |id: String| json!({ "do": "one_click", "card": id, "on": false });
    let conflict = holder.tell(wish(id(met.id))).await.words.remove(0);
    let moved = tokendesk_sandbox::EditRequest {
        id: met.id,
        email: Some(Some("somebody.else@example.com".to_owned())),
        ..Default::default()
    };
    shop.running.edit(moved).unwrap();
    holder.tell(json!({ "do": "push" })).await;
    let held = holder.tell(wish(id(waiting.id))).await.words.remove(0);
    let order = json!({ "do": "plan", "action": "one_click_off", "cards": [id(switched.id)] });
    let plan = holder.tell(order).await.words.remove(0);

    let mut sharing = office::options(folder.path());
    sharing.share = true;
    let desk = office::open(sharing).await.unwrap();
    let office = Office {
        desk,
        account,
        folder,
    };
    assert_eq!(office.stands(&conflict).await.0, "conflict");
    assert_eq!(office.stands(&held).await.0, "held");
    assert_eq!(office.plan(&plan).await.counts.planned, 1);
    let before = office.log(LogFilter::default()).await.len();
    let person = office.card(switched.id).await.person;
    let request = PersonRef {
        env: Env::Demo,
        person: person.clone(),
    };
    office.desk.open_person(request).await.unwrap();
    // While the reader writes its rows, the holder writes its own.
    let path = office.path().join("log.csv").display().to_string();
    let export = ExportLog {
        filter: LogFilter::default(),
        format: "csv".to_owned(),
        path: Some(path),
    };
    let (exported, verified, _) = tokio::join!(
        office.desk.export_log(export),
        office.desk.verify_log(Nothing {}),
        holder.tell(wish(id(switched.id))),
    );
    assert!(exported.unwrap().rows as usize > before);
    assert!(verified.unwrap().intact);
    let rows = office.log(LogFilter::default()).await;
    let (mine, others): (Vec<_>, Vec<_>) = rows
        .iter()
        .partition(|row| row.actor.ends_with(&format!("process {}", std::process::id())));
    let opened = mine.iter().find(|row| row.action == "person.opened").unwrap();
    assert_eq!(opened.person, Some(person));
    assert!(mine.iter().any(|row| row.action == "log.exported"));
    assert!(
        others
            .iter()
            .any(|row| row.card_id == Some(id(switched.id)) && row.action == "change.asked")
    );
    office.assert_log_intact().await;

    let desk = &office.desk;
    let credentials = ReplaceCredentials {
        account_id: account.to_string(),
        user: shop.running.user.clone(),
        key: shop.running.key.clone(),
        publishable_key: None,
    };
    let make = MakePlan {
        env: Env::Demo,
        action: "delete".to_owned(),
        cards: vec![id(switched.id)],
        query: None,
    };
    let run = RunPlan {
        plan_id: plan.clone(),
        confirmation: None,
        reason: None,
    };
    let this = PlanRef {
        plan_id: plan.clone(),
    };
    let restore = RestoreBackup {
        path: office.path().join("ledger.db").display().to_string(),
    };
    let answers: [Option<Problem>; 15] = [
        office.undo(&held).await.err(),
        office.discard(&held).await.err(),
        office.retry(&conflict).await.err(),
        office.resolve(&conflict, "mine").await.err(),
        office.resolve(&conflict, "theirs").await.err(),
        desk.send_change_now(tokendesk_desk::contract::ChangeRef {
            change_id: held.clone(),
        })
        .await
        .err(),
        desk.make_plan(make).await.err(),
        desk.run_plan(run).await.err(),
        desk.stop_plan(this.clone()).await.err(),
        desk.drop_plan(this).await.err(),
        desk.make_backup(MakeBackup { path: None }).await.err(),
        desk.restore_backup(restore).await.err(),
        desk.accept_older_ledger(AcceptOlderLedger {
            discard_changes: true,
        })
        .await
        .err(),
        desk.set_desk_settings(DeskSettings { hold_seconds: 0 })
            .await
            .err(),
        desk.replace_credentials(credentials).await.err(),
    ];
    for (n, answer) in answers.into_iter().enumerate() {
        let problem = answer.unwrap();
        assert_eq!(problem.code, ProblemCode::DeskInUse, "answer {n}");
        let by = &problem.params["holder"];
        assert!(
            by.contains("process ") && !by.contains(&std::process::id().to_string()),
            "{by}"
        );
    }
    assert_eq!(office.stands(&conflict).await.0, "conflict");
    assert_eq!(office.stands(&held).await.0, "held");
    assert_eq!(office.plan(&plan).await.status, "draft");
    assert!(desk.list_backups(Nothing {}).await.unwrap().items.is_empty());

    // The holder decides, and the rows of both are one chain that the next one can trust.
    holder
        .tell(json!({ "do": "resolve", "change": conflict, "keep": "theirs" }))
        .await;
    holder.tell(json!({ "do": "undo", "change": held })).await;
    holder.close().await;
    let office = office.reopened().await;
    assert_eq!(office.status().await.older_ledger, None);
    assert_eq!(office.stands(&conflict).await.0, "withdrawn");
    assert_eq!(office.stands(&held).await.0, "withdrawn");
    assert_eq!(office.push().await.done, 1);
    assert!(shop.token(waiting.id).enabled_for_one_click_payment);
    assert!(!shop.token(switched.id).enabled_for_one_click_payment);
    office.assert_log_intact().await;
    office.assert_counters().await;
}

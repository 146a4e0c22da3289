//! Backups, putting one back, and a ledger of yesterday: what it does not know of may have been sent since, so nothing is sent
//! before a person has said how to go on.

use crate::office;
use crate::shop::{Office, Shop, until};
use std::path::{Path, PathBuf};
use tokendesk_desk::contract::{
    AcceptOlderLedger, LogFilter, MakeBackup, Nothing, ProblemCode, PushChanges, RestoreBackup,
};
use tokendesk_sandbox::{Fault, TokenTruth};

async fn backup(office: &Office, path: Option<&Path>) -> String {
    let path = path.map(|path| path.display().to_string());
    office.desk.make_backup(MakeBackup { path }).await.unwrap().path
}

async fn restore(office: &Office, path: &str) -> Result<Nothing, ProblemCode> {
    let path = path.to_owned();
    office
        .desk
        .restore_backup(RestoreBackup { path })
        .await
        .map_err(|problem| problem.code)
}

async fn accept(office: &Office, discard_changes: bool) {
    let request = AcceptOlderLedger { discard_changes };
    office.desk.accept_older_ledger(request).await.unwrap();
}

/// Nothing is sent, whoever asks; wishes are taken and kept.
async fn assert_rests(office: &Office, shop: &Shop, token: &TokenTruth) {
    shop.forget_stats().await;
    let kept = office.one_click(token.id, false).await;
    for _ in 0..2 {
        let pushed = office.push().await;
        assert_eq!(pushed.done, 0);
        assert_eq!(pushed.problem.unwrap().code, ProblemCode::LedgerOlder);
    }
    assert!(shop.stats().await.writes.is_empty());
    assert!(office.stands(&kept.id).await.0 == "held" || office.stands(&kept.id).await.0 == "waiting");
    office.undo(&kept.id).await.unwrap();
    // Reading goes on.
    office.read_all().await.unwrap();
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_put_back_sends_nothing_twice() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let [sent, later, free]: [_; 3] = shop.everyday(3).try_into().ok().unwrap();
    let first = office.one_click(sent.id, false).await;
    let path = backup(&office, None).await;
    let listed = office.desk.list_backups(Nothing {}).await.unwrap();
    assert_eq!(listed.items.len(), 1);
    assert_eq!(
        (&listed.items[0].path, listed.items[0].why.as_str()),
        (&path, "asked")
    );
    assert_eq!(listed.items[0].open_changes, Some(1));
    assert!(listed.items[0].log_rows.is_some_and(|rows| rows > 0));

    let second = office.one_click(later.id, false).await;
    assert_eq!(office.push().await.done, 2);
    restore(&office, &path).await.unwrap();
    assert_eq!(
        office.status().await.older_ledger,
        None,
        "it is put in place at the next start"
    );
    assert_eq!(office.stands(&second.id).await.0, "done");

    let office = office.reopened().await;
    let older = office.status().await.older_ledger.unwrap();
    assert_eq!(older.open_changes, 1);
    assert!(older.missing_rows > 0 && older.known_until.is_some(), "{older:?}");
    assert_eq!(office.stands(&first.id).await.0, "held");
    let unknown = office.undo(&second.id).await.unwrap_err();
    assert_eq!(unknown.code, ProblemCode::ChangeUnknown);
    let listed = office.desk.list_backups(Nothing {}).await.unwrap();
    let why: Vec<&str> = listed.items.iter().map(|item| item.why.as_str()).collect();
    assert_eq!(why, ["before_restore", "asked"], "what stood there is kept");
    assert_eq!(listed.items[0].open_changes, Some(0));
    assert!(!office.verified().await.intact, "rows are missing");
    assert_rests(&office, &shop, &free).await;
    let office = office.reopened().await;
    let still = office.status().await.older_ledger.unwrap();
    assert_eq!(
        (still.open_changes, still.known_until),
        (1, older.known_until),
        "over a restart too"
    );
    assert_rests(&office, &shop, &free).await;

    accept(&office, false).await;
    assert_eq!(office.status().await.older_ledger, None);
    shop.forget_stats().await;
    assert_eq!(office.push().await.done, 1);
    assert!(shop.stats().await.writes.is_empty(), "it was so already");
    assert_eq!(shop.token(sent.id).version, sent.version + 1);
    assert_eq!(office.stands(&first.id).await.0, "done");
    // What the ledger forgot is so all the same, and can be switched again.
    office.read_all().await.unwrap();
    assert_eq!(office.card(later.id).await.one_click, Some(false));
    office.one_click(later.id, true).await;
    assert_eq!(office.push().await.done, 1);
    assert_eq!(shop.token(later.id).version, later.version + 2);
    let desk = LogFilter {
        groups: vec!["desk".to_owned()],
        ..LogFilter::default()
    };
    let deeds = office.log(desk).await;
    let told = |action: &str| deeds.iter().filter(|row| row.action == action).count();
    assert_eq!(
        (
            told("backup.made"),
            told("backup.restored"),
            told("ledger.older_accepted")
        ),
        (1, 1, 1)
    );
    assert!(told("ledger.older") >= 1);
    office.assert_log_intact().await;
    let office = office.reopened().await;
    assert_eq!(office.status().await.older_ledger, None);
    office.assert_log_intact().await;
    office.assert_same_as(&shop).await;
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_changes_of_an_older_ledger_can_be_given_up() {
    let shop = Shop::start(60);
    let kept = tempfile::tempdir().unwrap();
    let office = Office::connected(&shop).await;
    let [held, sending, free]: [_; 3] = shop.everyday(3).try_into().ok().unwrap();
    let change = office.one_click(held.id, false).await;
    let on_its_way = office.one_click(sending.id, false).await;
    // The backup is made while one is on its way, and lies outside the folder.
    let slow = Fault::Latency {
        ms: 1_500,
        after_commit: true,
    };
    shop.fault("PATCH", &format!("/payment/tokens/{}", sending.id), Some(1), slow);
    let path = kept.path().join("kept.db");
    let (pushed, path) = tokio::join!(office.push(), async {
        until("one to be on its way", || async {
            (office.stands(&on_its_way.id).await.0 == "sending").then_some(())
        })
        .await;
        backup(&office, Some(&path)).await
    });
    assert_eq!(pushed.done, 2);
    // Somebody has put both back since: sent again they would be switched again.
    for token in [&held, &sending] {
        office.one_click(token.id, true).await;
    }
    assert_eq!(office.push().await.done, 2);
    restore(&office, &path).await.unwrap();
    let office = office.reopened().await;
    let older = office.status().await.older_ledger.unwrap();
    assert!(older.open_changes >= 1);
    assert_rests(&office, &shop, &free).await;

    shop.forget_stats().await;
    accept(&office, true).await;
    accept(&office, true).await;
    assert_eq!(office.push().await.done, 0);
    assert!(shop.stats().await.writes.is_empty());
    for change in [&change, &on_its_way] {
        let stands = office.stands(&change.id).await;
        assert!(["done", "withdrawn"].contains(&stands.0.as_str()), "{stands:?}");
    }
    for token in [&held, &sending] {
        let card = office.card(token.id).await;
        assert_eq!((card.one_click, card.pending.len()), (Some(true), 0));
        assert_eq!(shop.token(token.id).version, token.version + 2);
    }
    office.one_click(free.id, false).await;
    assert_eq!(office.push().await.done, 1, "and work goes on");
    office.assert_log_intact().await;
    office.assert_counters().await;
}

fn ledger_files(folder: &Path) -> Vec<PathBuf> {
    ["ledger.db", "ledger.db-wal", "ledger.db-shm"]
        .map(|name| folder.join(name))
        .into_iter()
        .filter(|path| path.exists())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_files_copied_back_by_hand_are_recognised() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let [token, free]: [_; 2] = shop.everyday(2).try_into().ok().unwrap();
    let change = office.one_click(token.id, false).await;
    let yesterday = tempfile::tempdir().unwrap();
    office.desk.close().await;
    for file in ledger_files(office.path()) {
        std::fs::copy(&file, yesterday.path().join(file.file_name().unwrap())).unwrap();
    }
    let office = office.reopened().await;
    assert_eq!(office.status().await.older_ledger, None);
    assert_eq!(office.push().await.done, 1);
    office.one_click(token.id, true).await;
    assert_eq!(office.push().await.done, 1);
    office.desk.close().await;
    for file in ledger_files(office.path()) {
        std::fs::remove_file(file).unwrap();
    }
    for file in ledger_files(yesterday.path()) {
        std::fs::copy(&file, office.path().join(file.file_name().unwrap())).unwrap();
    }

    // A window opens it, and sends by itself what it may: nothing of this.
    shop.forget_stats().await;
    let office = office.in_background().await;
    let older = office.status().await.older_ledger.unwrap();
    assert_eq!(older.open_changes, 1);
    assert!(older.missing_rows >= 3, "{older:?}");
    assert!(older.ends_at.unwrap() <= older.known_until.unwrap());
    office.hold(0).await;
    let new = office.one_click(free.id, false).await;
    office.read_all().await.ok();
    assert_eq!(
        office.push().await.problem.unwrap().code,
        ProblemCode::LedgerOlder
    );
    assert!(shop.stats().await.writes.is_empty());
    assert_eq!(
        office.card(token.id).await.provider_one_click,
        Some(true),
        "as it really is"
    );
    accept(&office, false).await;
    // The first wish is an old one, but nobody said otherwise; the new one goes by itself.
    until("what was kept", || async {
        (office.stands(&new.id).await.0 == "done").then_some(())
    })
    .await;
    until("the older one", || async {
        office.push().await;
        (office.stands(&change.id).await.0 != "held" && office.demo().await.changes.sending == 0)
            .then_some(())
    })
    .await;
    let stats = shop.stats().await;
    assert!(stats.writes_to(token.id).len() <= 1 && stats.writes_to(free.id).len() == 1);
    office.assert_log_intact().await;
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_ran_in_the_older_ledger_does_not_go_on_once_its_changes_were_given_up() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    shop.running.set_switch("state_patch", "accepts").unwrap();
    let ids: Vec<u64> = shop.everyday(8).iter().map(|token| token.id).collect();
    let plan = office.plan_of("deactivate", &ids).await.unwrap();
    office.run(&plan.id, None).await.unwrap();
    let path = backup(&office, None).await;
    assert_eq!(office.work(&plan.id).await.unwrap().counts.done, 8);
    for id in &ids {
        office.active(*id, true, None).await.unwrap();
    }
    assert_eq!(office.push().await.done, 8);
    restore(&office, &path).await.unwrap();
    office.hold(0).await;
    let office = office.in_background().await;
    assert!(office.status().await.older_ledger.is_some());
    shop.forget_stats().await;
    accept(&office, true).await;
    let free = shop.everyday(9).pop().unwrap();
    office.hold(0).await;
    let change = office.one_click(free.id, false).await;
    until("a new wish to be sent", || async {
        (office.stands(&change.id).await.0 == "done").then_some(())
    })
    .await;
    let counts = office.plan(&plan.id).await.counts;
    assert_eq!((counts.queued, counts.done), (0, 0), "{counts:?}");
    assert_eq!(office.plan(&plan.id).await.status, "stopped");
    assert_eq!(
        shop.stats().await.writes.len(),
        1,
        "only what was asked for since"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_backup_of_this_desk_is_refused_and_changes_nothing() {
    let shop = Shop::start(30);
    let (office, stranger) = (Office::connected(&shop).await, Office::connected(&shop).await);
    let token = shop.everyday(1).remove(0);
    let change = office.one_click(token.id, false).await;
    let foreign = backup(&stranger, None).await;
    let other = tempfile::tempdir().unwrap();
    let text = other.path().join("text.db");
    std::fs::write(&text, "no backup").unwrap();
    let mine = backup(&office, Some(&other.path().join("mine.db"))).await;
    let torn = other.path().join("torn.db");
    let bytes = std::fs::read(&mine).unwrap();
    std::fs::write(&torn, &bytes[..bytes.len() / 2]).unwrap();
    let live = office.path().join("ledger.db");
    for path in [
        Path::new(&foreign),
        &text,
        &torn,
        &live,
        &other.path().join("missing.db"),
        other.path(),
    ] {
        assert_eq!(
            restore(&office, &path.display().to_string()).await.err(),
            Some(ProblemCode::BackupUnusable),
            "{}",
            path.display()
        );
    }
    let taken = MakeBackup {
        path: Some(mine.clone()),
    };
    assert!(
        office.desk.make_backup(taken).await.is_err(),
        "nothing is written over"
    );
    assert_eq!(std::fs::read(&mine).unwrap(), bytes);
    let office = office.reopened().await;
    assert_eq!(office.status().await.older_ledger, None);
    assert_eq!(office.stands(&change.id).await.0, "held");
    let pushed = office.desk.push_changes(PushChanges::default()).await.unwrap();
    assert_eq!(pushed.done, 1);
    office.assert_log_intact().await;
    // A desk that was never opened before takes none either.
    let empty = tempfile::tempdir().unwrap();
    let desk = office::open(office::options(empty.path())).await.unwrap();
    assert!(desk.restore_backup(RestoreBackup { path: mine }).await.is_err());
}

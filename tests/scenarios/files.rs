//! Files that cannot be opened are told apart, and never written over.

use crate::office::{self, PASSPHRASE};
use crate::shop::{Office, Shop, until};
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;
use tokendesk_desk::Secrets;
use tokendesk_desk::contract::{Nothing, ProblemCode};

/// Every file with its bytes, without those that come and go with each process.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(&path).unwrap(),
            )
        })
        .filter(|(name, _)| !name.starts_with("desk.") && !name.ends_with("-shm"))
        .collect()
}

async fn closed(shop: &Shop) -> TempDir {
    let office = Office::connected(shop).await;
    office.one_click(shop.everyday(1)[0].id, false).await;
    office.desk.close().await;
    office.folder
}

async fn refused(folder: &Path) -> ProblemCode {
    office::open(office::options(folder)).await.err().unwrap().code
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_of_another_folder_is_not_opened_and_not_touched() {
    let shop = Shop::start(20);
    let (ours, theirs) = (closed(&shop).await, closed(&shop).await);
    let (ledger, kept) = (ours.path().join("ledger.db"), ours.path().join("kept"));
    std::fs::rename(&ledger, &kept).unwrap();
    std::fs::copy(theirs.path().join("ledger.db"), &ledger).unwrap();
    let before = contents(ours.path());
    assert_eq!(refused(ours.path()).await, ProblemCode::LedgerKeyWrong);
    assert_eq!(refused(ours.path()).await, ProblemCode::LedgerKeyWrong);
    let after = contents(ours.path());
    assert_eq!(after["ledger.db"], before["ledger.db"]);
    assert_eq!(after["cache.db"], before["cache.db"]);

    std::fs::rename(&kept, &ledger).unwrap();
    let desk = office::open(office::options(ours.path())).await.unwrap();
    assert_eq!(
        desk.desk_status(Nothing {}).await.unwrap().environments[0]
            .changes
            .held,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_another_folder_is_put_aside_and_made_anew() {
    let shop = Shop::start(20);
    let (ours, theirs) = (closed(&shop).await, closed(&shop).await);
    std::fs::copy(theirs.path().join("cache.db"), ours.path().join("cache.db")).unwrap();
    let desk = office::open(office::options(ours.path())).await.unwrap();
    let status = desk.desk_status(Nothing {}).await.unwrap();
    assert!(ours.path().join(status.cache_rebuilt.unwrap()).exists());
    let account: tokendesk_model::AccountId = desk.list_accounts(Nothing {}).await.unwrap().items[0]
        .id
        .parse()
        .unwrap();
    let office = Office {
        desk,
        account,
        folder: ours,
    };
    office.desk.read_account(account, false).await.unwrap();
    office.assert_same_as(&shop).await;
    assert_eq!(office.card(shop.everyday(1)[0].id).await.one_click, Some(false));
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_passphrase_nothing_opens_and_nothing_changes() {
    let shop = Shop::start(20);
    let folder = closed(&shop).await;
    let before = contents(folder.path());
    let mut wrong = office::options(folder.path());
    wrong.secrets = Secrets::Passphrase(format!("{PASSPHRASE} ").into());
    assert_eq!(
        office::open(wrong).await.err().unwrap().code,
        ProblemCode::PassphraseWrong
    );
    let mut elsewhere = office::options(folder.path());
    elsewhere.secrets = Secrets::Keychain;
    assert_eq!(
        office::open(elsewhere).await.err().unwrap().code,
        ProblemCode::SecretsElsewhere
    );
    assert!(contents(folder.path()) == before);

    // The sealed file is lost: a new key would make the databases unreadable for good, so none is made.
    for name in before.keys().filter(|name| !name.contains(".db")) {
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    assert_eq!(refused(folder.path()).await, ProblemCode::KeyMissing);
    let after = contents(folder.path());
    assert!(after["ledger.db"] == before["ledger.db"] && after["cache.db"] == before["cache.db"]);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_grow_loses_no_wish_and_shows_none_that_is_not_kept() {
    use crate::child::Other;
    use serde_json::json;
    use tokio::process::Command;

    let shop = Shop::start(100);
    let folder = closed(&shop).await;
    let desk = until("the folder", || async {
        office::open(office::options(folder.path())).await.ok()
    })
    .await;
    let account: tokendesk_model::AccountId = desk.list_accounts(Nothing {}).await.unwrap().items[0]
        .id
        .parse()
        .unwrap();
    desk.close().await;
    drop(desk);
    // No file may grow beyond what the largest one has now: every write that needs room fails half way, as on a full disk.
    let largest = contents(folder.path()).values().map(Vec::len).max().unwrap();
    let mut limited = Command::new("sh");
    limited
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"")
        .arg("sh")
        .arg((largest / 512 + 1).to_string())
        .arg(env!("CARGO_BIN_EXE_another-process"))
        .arg(folder.path());
    let (mut other, said) = Other::start(&mut limited).await;
    assert!(said.problem.is_none(), "{said:?}");
    let id = |remote: u64| account.token(&remote.to_string()).to_string();
    let cards = shop.everyday(30);
    let mut kept = Vec::new();
    let mut failed = None;
    'until_full: for round in 0..200 {
        for token in &cards {
            let on = round % 2 == 1;
            let said = other
                .ask(json!({ "do": "one_click", "card": id(token.id), "on": on }))
                .await;
            match said.problem {
                None => {
                    kept.retain(|(remote, _)| *remote != token.id);
                    kept.push((token.id, on));
                }
                Some(problem) => {
                    failed = Some((token.id, problem));
                    break 'until_full;
                }
            }
        }
    }
    let (unlucky, problem) = failed.unwrap();
    assert!(
        matches!(
            problem.code,
            ProblemCode::DiskFull | ProblemCode::Internal | ProblemCode::DataFolder
        ),
        "{problem:?}"
    );
    other.kill().await;

    let desk = office::open(office::options(folder.path())).await.unwrap();
    let office = Office {
        desk,
        account,
        folder,
    };
    for (remote, on) in &kept {
        assert_eq!(
            office.card(*remote).await.one_click,
            Some(*on),
            "what was answered is kept"
        );
    }
    let expected = kept
        .iter()
        .find(|(remote, _)| *remote == unlucky)
        .map_or(Some(true), |(_, on)| Some(*on));
    assert_eq!(
        office.card(unlucky).await.one_click,
        expected,
        "what was refused is not there"
    );
    office.assert_counters().await;
    office.push().await;
    for (remote, on) in &kept {
        assert_eq!(shop.token(*remote).enabled_for_one_click_payment, *on);
    }
}

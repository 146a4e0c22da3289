//! Opening, keys, damage, and what lies in the folder.

use crate::support::{Bench, account, at, open, token, version, wish};
use std::path::Path;
use tokendesk_model::{Environment, Wish};
use tokendesk_store::{CACHE_FILE, DbKey, LEDGER_FILE, OpenError, Store, StoreError};

fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

fn damaged(dir: &Path) -> Vec<std::path::PathBuf> {
    files(dir)
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("cache.db.damaged"))
        .collect()
}

async fn filled() -> Bench {
    let bench = Bench::new().await;
    let card = token(700_123, Some("C-88"), Some("ada.lindqvist@example.org"));
    bench.put(std::slice::from_ref(&card)).await;
    bench
        .store
        .enqueue(wish(bench.account, &card, Wish::OneClick(false)), at(20))
        .await
        .unwrap();
    bench
}

#[tokio::test]
async fn no_file_holds_plain_text() {
    let bench = filled().await;
    let ticket = bench.store.begin_read();
    let versions = [version(1, 700_123, "1111", "Ada Lindqvist")];
    bench
        .store
        .put_versions(bench.account, ticket, &versions, at(11), None)
        .await
        .unwrap();
    // While open, with the write-ahead logs full, and after.
    for _ in 0..2 {
        for path in files(bench.dir.path()) {
            let bytes = std::fs::read(&path).unwrap();
            let key: &[u8] = bench.key.expose();
            for secret in [
                b"lindqvist".as_slice(),
                b"Lindqvist",
                b"C-88",
                b"phone",
                b"CREATE TABLE",
                key,
            ] {
                let found = bytes.windows(secret.len()).any(|window| window == secret);
                assert!(
                    !found,
                    "{} holds {:?}",
                    path.display(),
                    String::from_utf8_lossy(secret)
                );
            }
        }
        bench.store.clone().close().await;
    }
    assert!(files(bench.dir.path()).len() >= 2);
}

#[cfg(unix)]
#[tokio::test]
async fn folder_and_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = filled().await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(bench.dir.path()), 0o700);
    for path in files(bench.dir.path()) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_wrong_key_opens_nothing_and_harms_nothing() {
    let bench = filled().await;
    bench.store.clone().close().await;
    let before = std::fs::read(bench.dir.path().join(LEDGER_FILE)).unwrap();
    let wrong = Store::open(bench.dir.path(), &DbKey::random()).await;
    assert!(matches!(wrong, Err(OpenError::WrongKey)));
    assert_eq!(std::fs::read(bench.dir.path().join(LEDGER_FILE)).unwrap(), before);
    assert!(damaged(bench.dir.path()).is_empty());
    let again = open(bench.dir.path(), &bench.key).await;
    assert_eq!(again.cache_rebuilt, None);
    assert_eq!(again.store.accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_plain_ledger_is_refused_and_a_plain_cache_replaced() {
    let bench = filled().await;
    bench.store.clone().close().await;
    let plain = [b"SQLite format 3\0".as_slice(), &[0; 4080]].concat();
    std::fs::write(bench.dir.path().join(CACHE_FILE), &plain).unwrap();
    let opened = open(bench.dir.path(), &bench.key).await;
    let moved = opened.cache_rebuilt.unwrap();
    assert_eq!(std::fs::read(moved).unwrap(), plain);
    opened.store.close().await;
    std::fs::write(bench.dir.path().join(LEDGER_FILE), &plain).unwrap();
    assert!(matches!(
        Store::open(bench.dir.path(), &bench.key).await,
        Err(OpenError::NotEncrypted)
    ));
    assert_eq!(std::fs::read(bench.dir.path().join(LEDGER_FILE)).unwrap(), plain);
}

#[tokio::test]
async fn a_lost_ledger_is_not_taken_for_a_first_run() {
    let bench = filled().await;
    bench.store.clone().close().await;
    let cache = std::fs::read(bench.dir.path().join(CACHE_FILE)).unwrap();
    let ledger = bench.dir.path().join(LEDGER_FILE);
    let kept = std::fs::read(&ledger).unwrap();
    for lost in ["gone", "empty"] {
        match lost {
            "gone" => std::fs::remove_file(&ledger).unwrap(),
            _ => std::fs::write(&ledger, b"").unwrap(),
        }
        let opened = Store::open(bench.dir.path(), &bench.key).await;
        assert!(matches!(opened, Err(OpenError::LedgerDamaged)), "{lost}");
        assert_eq!(
            std::fs::read(bench.dir.path().join(CACHE_FILE)).unwrap(),
            cache,
            "{lost}"
        );
    }
    std::fs::write(&ledger, kept).unwrap();
    assert_eq!(
        open(bench.dir.path(), &bench.key)
            .await
            .store
            .accounts()
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_truncated_cache_is_moved_aside_and_nothing_of_the_ledger_is_lost() {
    for keep in [4096 * 3, 4096 + 100, 100] {
        let bench = filled().await;
        bench.store.clone().close().await;
        let path = bench.dir.path().join(CACHE_FILE);
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(keep).unwrap();
        let opened = open(bench.dir.path(), &bench.key).await;
        let moved = opened.cache_rebuilt.expect("the damage is noticed");
        assert_eq!(std::fs::metadata(moved).unwrap().len(), keep);
        assert_eq!(opened.store.change_counts(None).await.unwrap().waiting, 1);
        assert_eq!(opened.store.totals(Environment::Test).await.unwrap().cards, 0);
    }
}

#[tokio::test]
async fn a_cache_under_another_key_is_moved_aside() {
    let bench = filled().await;
    let other = filled().await;
    bench.store.clone().close().await;
    other.store.clone().close().await;
    std::fs::copy(
        other.dir.path().join(CACHE_FILE),
        bench.dir.path().join(CACHE_FILE),
    )
    .unwrap();
    let opened = open(bench.dir.path(), &bench.key).await;
    assert!(opened.cache_rebuilt.is_some());
    assert_eq!(damaged(bench.dir.path()).len(), 1);
}

#[tokio::test]
async fn rubbish_in_the_ledgers_place_is_no_ledger() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(LEDGER_FILE), vec![7; 9000]).unwrap();
    assert!(matches!(
        Store::open(dir.path(), &DbKey::random()).await,
        Err(OpenError::WrongKey)
    ));
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let bench = filled().await;
    let clone = bench.store.clone();
    bench.store.clone().close().await;
    assert!(matches!(clone.accounts().await, Err(StoreError::Closed)));
    assert!(matches!(
        clone.counts(Environment::Test).await,
        Err(StoreError::Closed)
    ));
    let card = token(1, None, None);
    let ticket = clone.begin_read();
    let put = clone
        .put_tokens(bench.account, ticket, &[card], at(0), None)
        .await;
    assert!(matches!(put, Err(StoreError::Closed)));
}

#[tokio::test]
async fn one_scope_is_one_account() {
    let bench = Bench::new().await;
    let mut twin = account(Environment::Test, " 405 ");
    twin.label = "again".to_owned();
    let refused = bench.store.insert_account(&twin).await;
    assert!(matches!(refused, Err(StoreError::SameAccount(id)) if id == bench.account));
    twin.environment = Environment::Live;
    assert!(matches!(
        bench.store.insert_account(&twin).await,
        Err(StoreError::SameAccount(_))
    ));
    let mut demo = account(Environment::Demo, "405");
    demo.origin = None;
    bench.store.insert_account(&demo).await.unwrap();
    let read = bench.store.account(demo.id).await.unwrap().unwrap();
    assert_eq!(read, demo);
    bench
        .store
        .set_paused(demo.id, Some("the key was refused"))
        .await
        .unwrap();
    assert_eq!(
        bench
            .store
            .account(demo.id)
            .await
            .unwrap()
            .unwrap()
            .paused
            .as_deref(),
        Some("the key was refused")
    );
    bench
        .store
        .remove_account(demo.id, false, "ada", at(99))
        .await
        .unwrap();
    assert!(matches!(
        bench.store.remove_account(demo.id, false, "ada", at(99)).await,
        Err(StoreError::NoSuchAccount)
    ));
}

#[tokio::test]
async fn errors_and_debug_say_nothing_personal() {
    let bench = filled().await;
    assert_eq!(format!("{:?}", bench.store), "Store");
    let refused = bench
        .store
        .remove_account(bench.account, false, "ada", at(99))
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "1 changes of this account are still open");
}

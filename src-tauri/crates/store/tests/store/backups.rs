//! Copies of the ledger: made while it is written, listed, checked, and put in its place.

use crate::log_chain::{fill, past_the_program};
use crate::support::{Bench, at, open, token, wish};
use sqlx::Connection;
use std::path::{Path, PathBuf};
use tokendesk_model::Wish;
use tokendesk_store::{
    BackupContents, BackupError, BackupWhy, BrokenHow, CACHE_FILE, DbKey, LEDGER_FILE, OpenError, Store,
    StoreError, backup_folder, check_backup, list_backups, restore, stage_restore,
};

async fn bench() -> Bench {
    let bench = Bench::new().await;
    let card = token(1, Some("C-1"), Some("ada@example.org"));
    bench.put(std::slice::from_ref(&card)).await;
    fill(&bench.store, 1..=5).await;
    bench
        .store
        .enqueue(wish(bench.account, &card, Wish::OneClick(false)), at(6))
        .await
        .unwrap();
    bench
}

async fn rows(store: &Store) -> i64 {
    store.log_head().await.unwrap().number
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_copy_made_while_the_ledger_is_written_is_of_one_moment() {
    let bench = bench().await;
    let writer = {
        let store = bench.store.clone();
        tokio::spawn(async move { fill(&store, 10..=110).await })
    };
    let mut copies = Vec::new();
    for _ in 0..4 {
        copies.push(bench.store.back_up(None).await.unwrap());
    }
    writer.await.unwrap();
    let before = rows(&bench.store).await;
    let listed = list_backups(bench.dir.path(), &bench.key).await.unwrap();
    assert_eq!(listed.len(), 4);
    for (copy, listed) in copies.iter().rev().zip(&listed) {
        assert_eq!(
            (&copy.path, copy.at, copy.bytes),
            (&listed.path, listed.made_at, listed.bytes)
        );
        assert_eq!(listed.why, BackupWhy::Asked);
        let contents = check_backup(&copy.path, &bench.key).await.unwrap();
        assert_eq!(listed.contents, Some(contents));
        assert_eq!(contents.open_changes, 1);
        assert!((1..=before.unsigned_abs()).contains(&contents.log_rows));
    }
    let folder = backup_folder(bench.dir.path());
    assert_eq!(names(&folder).len(), 4, "only the copies lie there");
    #[cfg(unix)]
    {
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&copies[0].path), 0o600);
    }
    let bytes = std::fs::read(&copies[0].path).unwrap();
    for secret in [b"CREATE TABLE".as_slice(), b"phone", b"ada@desk"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
}

#[tokio::test]
async fn a_copy_goes_where_it_is_wanted_and_over_nothing() {
    let bench = bench().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("monday.db");
    let copy = bench.store.back_up(Some(&path)).await.unwrap();
    assert_eq!(copy.path, std::fs::canonicalize(&path).unwrap());
    assert_eq!(names(elsewhere.path()), ["monday.db"]);
    let kept = std::fs::read(&path).unwrap();
    let before = names(bench.dir.path());
    let dir = bench.dir.path();
    for (path, refused) in [
        (path.clone(), "AlreadyThere"),
        (elsewhere.path().to_owned(), "IsFolder"),
        (elsewhere.path().join("none").join("copy.db"), "NotFound"),
        (dir.join(LEDGER_FILE), "LiveFile"),
        (dir.join("ledger.db-journal"), "LiveFile"),
        (dir.join("cache.db.new"), "LiveFile"),
        (dir.join("backups").join("..").join(LEDGER_FILE), "NotFound"),
    ] {
        let answer = bench.store.back_up(Some(&path)).await.unwrap_err();
        assert_eq!(format!("{answer:?}"), refused, "{}", path.display());
    }
    assert_eq!(std::fs::read(&path).unwrap(), kept);
    assert_eq!(names(dir), before);
    assert_eq!(names(elsewhere.path()), ["monday.db"]);
    bench.store.clone().close().await;
    let closed = bench.store.back_up(None).await;
    assert!(
        matches!(closed, Err(BackupError::Store(StoreError::Closed))),
        "{closed:?}"
    );
}

#[tokio::test]
async fn a_copy_takes_the_ledgers_place_and_the_chain_goes_on() {
    let bench = bench().await;
    let copy = bench.store.back_up(None).await.unwrap();
    let then = rows(&bench.store).await;
    fill(&bench.store, 20..=29).await;
    bench.store.set_setting("theme", Some("dark")).await.unwrap();
    let late = rows(&bench.store).await;
    bench.store.clone().close().await;
    let dir = bench.dir.path();
    let done = restore(dir, &bench.key, &copy.path, "eve@desk-1", at(40))
        .await
        .unwrap();
    let kept = done.kept.clone().unwrap();
    assert_eq!(
        check_backup(&kept, &bench.key).await.unwrap().log_rows,
        late.unsigned_abs()
    );
    let opened = open(dir, &bench.key).await;
    assert_eq!(opened.restored.as_ref(), Some(&done));
    assert!(opened.not_restored.is_none());
    let newest = opened.store.log_rows(1).await.unwrap().remove(0);
    assert_eq!(newest.number, then + 1);
    assert_eq!(
        (
            newest.entry.action.as_str(),
            newest.entry.actor.as_str(),
            newest.entry.at
        ),
        ("backup.restored", "eve@desk-1", at(40))
    );
    assert_eq!(opened.store.setting("theme").await.unwrap(), None);
    assert_eq!(opened.store.verify_log(None).await.unwrap().broken, None);
    opened.store.close().await;
    let again = open(dir, &bench.key).await;
    assert_eq!(again.restored, None);
    assert_eq!(rows(&again.store).await, then + 1, "it is told once");
    let whys: Vec<_> = list_backups(dir, &bench.key)
        .await
        .unwrap()
        .iter()
        .map(|copy| (copy.why, copy.path == kept))
        .collect();
    assert_eq!(
        whys,
        [(BackupWhy::BeforeRestore, true), (BackupWhy::Asked, false)]
    );
}

#[tokio::test]
async fn a_copy_laid_ready_while_the_desk_is_open_takes_its_place_at_the_next_opening() {
    let bench = bench().await;
    let copy = bench.store.back_up(None).await.unwrap();
    let then = rows(&bench.store).await;
    let contents = stage_restore(bench.dir.path(), &bench.key, &copy.path, "eve@desk-1", at(40))
        .await
        .unwrap();
    assert_eq!(contents.log_rows, then.unsigned_abs());
    // Until then everything goes on, and nothing of it is lost: it is in the copy of what stood there.
    fill(&bench.store, 20..=24).await;
    std::fs::remove_file(&copy.path).unwrap();
    let bench = bench.restart().await;
    assert_eq!(rows(&bench.store).await, then + 1);
    let listed = list_backups(bench.dir.path(), &bench.key).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        listed[0].contents,
        Some(BackupContents {
            log_rows: (then + 5).unsigned_abs(),
            open_changes: 1
        })
    );
}

#[tokio::test]
async fn a_copy_laid_ready_and_spoilt_leaves_the_ledger_as_it_is() {
    let bench = bench().await;
    let copy = bench.store.back_up(None).await.unwrap();
    let (dir, key) = (bench.dir.path(), &bench.key);
    stage_restore(dir, key, &copy.path, "eve@desk-1", at(40))
        .await
        .unwrap();
    fill(&bench.store, 20..=24).await;
    let late = rows(&bench.store).await;
    bench.store.clone().close().await;
    spoil(&dir.join("ledger.restore"));
    let opened = open(dir, key).await;
    assert!(
        matches!(opened.not_restored, Some(BackupError::Damaged)),
        "{:?}",
        opened.not_restored
    );
    assert_eq!(rows(&opened.store).await, late);
    opened.store.close().await;
    assert!(
        open(dir, key).await.not_restored.is_none(),
        "it is not tried again"
    );
}

// A page in the middle is not what was written.
fn spoil(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn what_is_no_whole_copy_of_this_desk_is_refused_and_nothing_is_changed() {
    let bench = bench().await;
    let other = Bench::new().await;
    let (dir, key) = (bench.dir.path(), &bench.key);
    let room = tempfile::tempdir().unwrap();
    let good = bench.store.back_up(None).await.unwrap().path;
    let copy = |name: &str| {
        let path = room.path().join(name);
        std::fs::copy(&good, &path).unwrap();
        path
    };
    let written = |name: &str, bytes: &[u8]| {
        let path = room.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let foreign = other.store.back_up(None).await.unwrap().path;
    let spoilt = copy("spoilt");
    spoil(&spoilt);
    let cut = copy("cut");
    let length = std::fs::metadata(&cut).unwrap().len();
    let file = std::fs::OpenOptions::new().write(true).open(&cut).unwrap();
    file.set_len(length / 2 + 100).unwrap();
    let newer = copy("newer");
    edit(
        &newer,
        key,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (99991231235959, 'later', true, x'00', 0)",
    )
    .await;
    let edited = copy("edited");
    edit(
        &edited,
        key,
        "DROP TRIGGER log_keeps_words; UPDATE log SET actor = 'eve' WHERE n = 3",
    )
    .await;
    bench.store.clone().close().await;
    let live = std::fs::read(dir.join(LEDGER_FILE)).unwrap();
    let before = names(dir);
    let cases: Vec<(PathBuf, &str)> = vec![
        (room.path().join("none"), "NotFound"),
        (room.path().to_owned(), "IsFolder"),
        (written("empty", b""), "NotABackup"),
        (
            written("text", "Monday's copy. ".repeat(2_000).as_bytes()),
            "NotABackup",
        ),
        (
            written("plain", &[b"SQLite format 3\0".as_slice(), &[0; 8176]].concat()),
            "NotABackup",
        ),
        (dir.join(CACHE_FILE), "NotABackup"),
        (foreign, "OtherKey"),
        (newer, "NewerVersion"),
        (spoilt, "Damaged"),
        (cut, "Damaged"),
        (dir.join(LEDGER_FILE), "LiveFile"),
    ];
    for (path, expected) in cases {
        let refused = restore(dir, key, &path, "eve@desk-1", at(40)).await.unwrap_err();
        assert_eq!(format!("{refused:?}"), expected, "{}", path.display());
    }
    match restore(dir, key, &edited, "eve@desk-1", at(40)).await {
        Err(BackupError::LogBroken(broken)) => assert_eq!((broken.row, broken.how), (3, BrokenHow::Edited)),
        other => panic!("{other:?}"),
    }
    assert_eq!(std::fs::read(dir.join(LEDGER_FILE)).unwrap(), live);
    assert_eq!(names(dir), before);
}

async fn edit(path: &Path, key: &DbKey, sql: &'static str) {
    let mut file = past_the_program(path, key).await;
    sqlx::raw_sql(sql).execute(&mut file).await.unwrap();
    file.close().await.unwrap();
}

#[tokio::test]
async fn a_lost_or_damaged_ledger_is_healed_by_a_copy() {
    for harm in ["gone", "rubbish"] {
        let bench = bench().await;
        let copy = bench.store.back_up(None).await.unwrap();
        bench.store.clone().close().await;
        let (dir, key) = (bench.dir.path(), &bench.key);
        let live = dir.join(LEDGER_FILE);
        match harm {
            "gone" => std::fs::remove_file(&live).unwrap(),
            _ => std::fs::write(&live, vec![7; 9000]).unwrap(),
        }
        let opened = Store::open(dir, key).await;
        assert!(matches!(
            opened,
            Err(OpenError::LedgerDamaged | OpenError::WrongKey)
        ));
        let done = restore(dir, key, &copy.path, "eve@desk-1", at(40)).await.unwrap();
        match done.kept {
            None => assert_eq!(harm, "gone"),
            Some(kept) => assert_eq!(std::fs::read(kept).unwrap(), vec![7; 9000]),
        }
        let opened = open(dir, key).await;
        assert_eq!(opened.store.accounts().await.unwrap().len(), 1);
        let counts = opened.store.change_counts(None).await.unwrap();
        assert_eq!(counts.held + counts.waiting, 1);
    }
}

#[tokio::test]
async fn a_broken_log_is_no_reason_to_have_no_copy() {
    let bench = bench().await;
    bench.store.clone().close().await;
    edit(
        &bench.dir.path().join(LEDGER_FILE),
        &bench.key,
        "DROP TRIGGER log_keeps_words; UPDATE log SET actor = 'eve' WHERE n = 3",
    )
    .await;
    let bench = bench.restart().await;
    let copy = bench.store.back_up(None).await.unwrap();
    assert!(matches!(
        check_backup(&copy.path, &bench.key).await,
        Err(BackupError::LogBroken(_))
    ));
}

#[tokio::test]
async fn copies_of_earlier_versions_are_taken_to_the_others() {
    let bench = bench().await;
    let copy = bench.store.back_up(None).await.unwrap();
    let dir = bench.dir.path().to_owned();
    let old = dir.join("ledger.db.backup-20261120000001-20261120T101112123Z");
    std::fs::rename(&copy.path, &old).unwrap();
    let bench = bench.restart().await;
    assert!(!old.exists());
    let listed = list_backups(&dir, &bench.key).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].why, BackupWhy::BeforeMigration);
    assert_eq!(listed[0].made_at.to_rfc3339(), "2026-11-20T10:11:12.123+00:00");
    assert!(listed[0].contents.is_some());
    std::fs::write(backup_folder(&dir).join("ledger-20261120T101112124Z.db"), b"x").unwrap();
    let listed = list_backups(&dir, &bench.key).await.unwrap();
    assert_eq!((listed.len(), listed[0].contents), (2, None));
}

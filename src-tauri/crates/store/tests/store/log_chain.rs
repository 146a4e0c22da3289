//! The log as a chain: what somebody with the file and its key can do to it, and how it is found out.

use crate::support::{Bench, account, at, open};
use secrecy::SecretString;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use std::path::Path;
use tokendesk_model::Environment;
use tokendesk_store::secrets::{MemorySecrets, SecretMode, SecretStore, Vault};
use tokendesk_store::{
    Anchor, Broken, BrokenHow, DbKey, LEDGER_FILE, LedgerAge, LogEntry, Store, Verified, read_anchor,
    write_anchor,
};

/// Opens an encrypted file past the program.
pub async fn past_the_program(path: &Path, key: &DbKey) -> SqliteConnection {
    let hex: String = key.expose().iter().map(|byte| format!("{byte:02x}")).collect();
    SqliteConnectOptions::new()
        .filename(path)
        .pragma("key", format!("\"x'{hex}'\""))
        .foreign_keys(false)
        .connect()
        .await
        .unwrap()
}

/// An entry that says little.
pub fn entry(n: i64) -> LogEntry {
    LogEntry {
        at: at(n),
        actor: "ada@desk-1".into(),
        action: "person.open".into(),
        outcome: "ok".into(),
        reason: (n % 2 == 0).then(|| format!("asked on the phone, {n}")),
        ..LogEntry::default()
    }
}

pub async fn fill(store: &Store, rows: std::ops::RangeInclusive<i64>) {
    for n in rows {
        store.log(&entry(n)).await.unwrap();
    }
}

async fn head(store: &Store) -> Anchor {
    Anchor::of(&store.log_head().await.unwrap(), at(100))
}

/// Ten rows, edited by `sql` past the program; what checking then says, without and with an anchor of row 10.
async fn after(sql: &str) -> (Verified, Verified) {
    let bench = Bench::new().await;
    fill(&bench.store, 1..=10).await;
    let anchor = head(&bench.store).await;
    let honest = bench.store.verify_log(Some(&anchor)).await.unwrap();
    assert_eq!(
        (honest.rows, honest.broken, honest.anchored_row),
        (10, None, Some(10))
    );
    bench.store.clone().close().await;
    let mut file = past_the_program(&bench.dir.path().join(LEDGER_FILE), &bench.key).await;
    let sql = format!(
        "DROP TRIGGER log_keeps_rows; DROP TRIGGER log_keeps_words; DROP TRIGGER log_keeps_places;
         DROP TRIGGER log_text_keeps_words; {sql}"
    );
    sqlx::raw_sql(AssertSqlSafe(sql.clone()))
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    let opened = open(bench.dir.path(), &bench.key).await;
    let alone = opened.store.verify_log(None).await.unwrap();
    let anchored = opened.store.verify_log(Some(&anchor)).await.unwrap();
    // An honest row on top makes nothing whole again.
    if alone.broken.is_some() {
        opened.store.log(&entry(50)).await.unwrap();
        let later = opened.store.verify_log(None).await.unwrap();
        assert!(later.broken.is_some(), "a later row covers {sql}");
    }
    (alone, anchored)
}

fn broken(row: i64, how: BrokenHow) -> Option<Broken> {
    Some(Broken { row, how })
}

const SWAP: &str =
    "UPDATE log SET n = -1 WHERE n = 4; UPDATE log SET n = 4 WHERE n = 7; UPDATE log SET n = 7 WHERE n = -1;
     UPDATE log_text SET log = -1 WHERE log = 4; UPDATE log_text SET log = 4 WHERE log = 7;
     UPDATE log_text SET log = 7 WHERE log = -1;";
const NEIGHBOURS: &str =
    "UPDATE log SET n = -1 WHERE n = 4; UPDATE log SET n = 4 WHERE n = 5; UPDATE log SET n = 5 WHERE n = -1;
     UPDATE log_text SET log = 5 WHERE log = 4;";
const ROOM_AT_5: &str = "UPDATE log SET n = -n WHERE n >= 5; UPDATE log SET n = 1 - n WHERE n < 0;
     UPDATE log_text SET log = -log WHERE log >= 5; UPDATE log_text SET log = 1 - log WHERE log < 0;";
const CLOSE_UP_5: &str = "DELETE FROM log WHERE n = 5; DELETE FROM log_text WHERE log = 5;
     UPDATE log SET n = -n WHERE n > 5; UPDATE log SET n = -n - 1 WHERE n < 0;
     UPDATE log_text SET log = -log WHERE log > 5; UPDATE log_text SET log = -log - 1 WHERE log < 0;";
const COPY_TO_5: &str =
    "INSERT INTO log SELECT 5, at, 'eve', action, account, environment, token, change, outcome, detail,
     request_id, NULL, hash FROM log WHERE n = 1;";
const REPAIR_HEAD: &str =
    "UPDATE log_head SET (n, hash) = (SELECT n, hash FROM log ORDER BY n DESC LIMIT 1);";

#[tokio::test]
async fn every_edit_past_the_program_is_found_and_its_row_named() {
    let cases = [
        ("UPDATE log SET actor = 'eve' WHERE n = 4;".to_owned(), 4, BrokenHow::Edited),
        ("UPDATE log SET at = at + 1 WHERE n = 1;".to_owned(), 1, BrokenHow::Edited),
        ("UPDATE log SET environment = 2 WHERE n = 10;".to_owned(), 10, BrokenHow::Edited),
        ("UPDATE log SET outcome = 'failed', detail = '' WHERE n = 9;".to_owned(), 9, BrokenHow::Edited),
        ("UPDATE log SET hash = zeroblob(32) WHERE n = 6;".to_owned(), 6, BrokenHow::Edited),
        ("UPDATE log SET hash = x'00' WHERE n = 6;".to_owned(), 6, BrokenHow::Edited),
        ("UPDATE log SET text_digest = NULL WHERE n = 6; DELETE FROM log_text WHERE log = 6;".to_owned(), 6, BrokenHow::Edited),
        ("DELETE FROM log WHERE n = 5;".to_owned(), 5, BrokenHow::Missing),
        ("DELETE FROM log WHERE n <= 3;".to_owned(), 1, BrokenHow::Missing),
        (CLOSE_UP_5.to_owned(), 5, BrokenHow::Missing),
        (format!("{CLOSE_UP_5} {REPAIR_HEAD}"), 5, BrokenHow::Missing),
        (format!("{ROOM_AT_5} {COPY_TO_5}"), 5, BrokenHow::Inserted),
        (format!("{ROOM_AT_5} {COPY_TO_5} {REPAIR_HEAD}"), 5, BrokenHow::Inserted),
        ("INSERT INTO log SELECT 11, at, actor, action, account, environment, token, change, outcome, detail, request_id,
          text_digest, hash FROM log WHERE n = 9;".to_owned(), 11, BrokenHow::Inserted),
        ("INSERT INTO log SELECT 0, at, actor, action, account, environment, token, change, outcome, detail, request_id,
          text_digest, hash FROM log WHERE n = 9;".to_owned(), 0, BrokenHow::Inserted),
        (SWAP.to_owned(), 4, BrokenHow::OutOfOrder),
        (NEIGHBOURS.to_owned(), 4, BrokenHow::OutOfOrder),
        ("UPDATE log SET n = 11 WHERE n = 3;".to_owned(), 3, BrokenHow::OutOfOrder),
        ("DELETE FROM log WHERE n >= 9;".to_owned(), 9, BrokenHow::Cut),
        ("DELETE FROM log; DELETE FROM log_text;".to_owned(), 1, BrokenHow::Cut),
        ("DELETE FROM log WHERE n >= 9; DELETE FROM log_head;".to_owned(), 9, BrokenHow::Cut),
        ("UPDATE log_text SET text = 'nobody asked' WHERE log = 8;".to_owned(), 8, BrokenHow::TextEdited),
        ("UPDATE log_text SET salt = zeroblob(16) WHERE log = 2;".to_owned(), 2, BrokenHow::TextEdited),
        ("INSERT INTO log_text (log, salt, text) VALUES (7, zeroblob(16), 'because');".to_owned(), 7, BrokenHow::TextEdited),
        ("INSERT INTO log_text (log, salt, text) VALUES (77, zeroblob(16), 'because');".to_owned(), 77, BrokenHow::TextEdited),
    ];
    for (sql, row, how) in cases {
        let (alone, anchored) = after(&sql).await;
        assert_eq!(alone.broken, broken(row, how), "{sql}");
        assert_eq!(anchored.broken, broken(row, how), "{sql}");
    }
}

#[tokio::test]
async fn a_cut_end_with_a_repaired_head_is_found_by_the_anchor_alone() {
    let (alone, anchored) = after(&format!(
        "DELETE FROM log_text WHERE log >= 9; DELETE FROM log WHERE n >= 9; {REPAIR_HEAD}"
    ))
    .await;
    assert_eq!((alone.broken, alone.rows), (None, 8));
    assert_eq!(anchored.broken, broken(9, BrokenHow::Cut));
    assert_eq!(anchored.anchored_row, Some(10));
}

#[tokio::test]
async fn a_log_rewritten_as_a_whole_is_found_by_the_anchor_alone() {
    let bench = Bench::new().await;
    fill(&bench.store, 1..=10).await;
    let anchor = head(&bench.store).await;
    let other = Bench::new().await;
    fill(&other.store, 2..=14).await;
    assert_eq!(other.store.verify_log(None).await.unwrap().broken, None);
    let verified = other.store.verify_log(Some(&anchor)).await.unwrap();
    assert_eq!(verified.broken, broken(10, BrokenHow::AnchorDiffers));
    assert_eq!(
        other.store.compare_with(&anchor).await.unwrap(),
        LedgerAge::Differs { row: 10 }
    );
}

#[tokio::test]
async fn erased_texts_are_counted_and_break_nothing() {
    let bench = Bench::new().await;
    fill(&bench.store, 1..=10).await;
    let erasing = LogEntry {
        action: "log.text_erased".into(),
        ..entry(11)
    };
    assert_eq!(
        bench.store.erase_log_texts(&[2, 3, 4], &erasing).await.unwrap(),
        2
    );
    let verified = bench.store.verify_log(None).await.unwrap();
    assert_eq!(
        (verified.rows, verified.broken, verified.erased_texts),
        (11, None, 2)
    );
    let rows = bench.store.log_rows(20).await.unwrap();
    assert_eq!(rows[0].entry.action, "log.text_erased");
    let told: Vec<(i64, bool, bool)> = rows
        .iter()
        .map(|row| (row.number, row.entry.reason.is_some(), row.reason_erased))
        .filter(|row| (2..=6).contains(&row.0))
        .collect();
    assert_eq!(
        told,
        [
            (6, true, false),
            (5, false, false),
            (4, false, true),
            (3, false, false),
            (2, false, true)
        ]
    );
}

#[tokio::test]
async fn the_file_itself_lets_nobody_edit_a_row() {
    let bench = Bench::new().await;
    fill(&bench.store, 1..=2).await;
    bench.store.clone().close().await;
    let mut file = past_the_program(&bench.dir.path().join(LEDGER_FILE), &bench.key).await;
    for sql in [
        "UPDATE log SET actor = 'eve'",
        "DELETE FROM log",
        "INSERT OR REPLACE INTO log SELECT n, at, 'eve', action, account, environment, token, change, outcome, detail,
         request_id, text_digest, hash FROM log WHERE n = 1",
        "UPDATE log_text SET text = 'nobody asked'",
    ] {
        assert!(sqlx::query(sql).execute(&mut file).await.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn two_processes_write_one_chain() {
    let bench = Bench::new().await;
    let beside = Store::open_shared(bench.dir.path(), &bench.key)
        .await
        .unwrap()
        .store;
    let writers = (0..4).map(|n| {
        let store = if n % 2 == 0 {
            bench.store.clone()
        } else {
            beside.clone()
        };
        tokio::spawn(async move { fill(&store, 1..=25).await })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let verified = beside.verify_log(None).await.unwrap();
    assert_eq!((verified.rows, verified.broken), (100, None));
    assert_eq!(
        bench.store.log_head().await.unwrap(),
        beside.log_head().await.unwrap()
    );
}

#[tokio::test]
async fn a_row_keeps_the_environment_of_its_account() {
    let bench = Bench::new().await;
    let live = account(Environment::Live, "406");
    bench.store.insert_account(&live).await.unwrap();
    let about = |account| LogEntry {
        account: Some(account),
        detail: Some("not_found".into()),
        ..entry(1)
    };
    bench.store.log(&about(bench.account)).await.unwrap();
    bench.store.log(&about(live.id)).await.unwrap();
    bench
        .store
        .remove_account(live.id, false, "ada", at(99))
        .await
        .unwrap();
    bench.store.log(&about(live.id)).await.unwrap();
    bench.store.log(&entry(2)).await.unwrap();
    let rows = bench.store.log_rows(10).await.unwrap();
    let environments: Vec<_> = rows.iter().map(|row| row.environment).collect();
    assert_eq!(
        environments,
        [
            None,
            Some(Environment::Live),
            Some(Environment::Live),
            Some(Environment::Test)
        ]
    );
    assert_eq!(rows[1].entry, about(live.id));
}

#[tokio::test]
async fn an_older_ledger_is_told_from_a_newer_one_and_from_another() {
    let bench = Bench::new().await;
    let empty = head(&bench.store).await;
    fill(&bench.store, 1..=6).await;
    let early = head(&bench.store).await;
    bench.store.clone().close().await;
    let path = bench.dir.path().join(LEDGER_FILE);
    let yesterday = std::fs::read(&path).unwrap();
    let bench = bench.restart().await;
    fill(&bench.store, 7..=10).await;
    let late = head(&bench.store).await;
    for anchor in [&empty, &early, &late] {
        assert_eq!(bench.store.compare_with(anchor).await.unwrap(), LedgerAge::Same);
    }
    bench.store.clone().close().await;
    std::fs::write(&path, yesterday).unwrap();
    let bench = bench.restart().await;
    assert_eq!(bench.store.compare_with(&early).await.unwrap(), LedgerAge::Same);
    assert_eq!(
        bench.store.compare_with(&late).await.unwrap(),
        LedgerAge::Older {
            missing_rows: 4,
            ends_at: Some(at(6)),
            known_until: at(100)
        }
    );
    // Used again for a while, it has as many rows as before, and other ones.
    fill(&bench.store, 20..=25).await;
    assert_eq!(bench.store.verify_log(None).await.unwrap().broken, None);
    assert_eq!(
        bench.store.compare_with(&late).await.unwrap(),
        LedgerAge::Differs { row: 10 }
    );
}

#[tokio::test]
async fn an_anchor_lies_among_the_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let secrets = MemorySecrets::default();
    let vault = Vault::with_store(dir.path(), Box::new(secrets.clone()))
        .await
        .unwrap();
    assert_eq!(read_anchor(&vault).await.unwrap(), None);
    let anchor = Anchor {
        number: 812,
        hash: [9; 32],
        at: at(3),
    };
    write_anchor(&vault, &anchor).await.unwrap();
    assert_eq!(read_anchor(&vault).await.unwrap(), Some(anchor.clone()));
    vault.set("log anchor", &SecretString::from("12")).await.unwrap();
    assert!(
        read_anchor(&vault).await.is_err(),
        "a damaged anchor is no absence"
    );

    let dir = tempfile::tempdir().unwrap();
    let mode = || SecretMode::Passphrase(SecretString::from("an invented passphrase"));
    let vault = Vault::open(dir.path(), mode()).await.unwrap();
    vault
        .set("account 1", &SecretString::from("a key"))
        .await
        .unwrap();
    write_anchor(&vault, &anchor).await.unwrap();
    drop(vault);
    let vault = Vault::open(dir.path(), mode()).await.unwrap();
    assert_eq!(read_anchor(&vault).await.unwrap(), Some(anchor));
    assert!(vault.get("account 1").await.unwrap().is_some());
    assert!(
        secrets.get("log anchor").await.unwrap().is_none(),
        "entries carry the folder's id"
    );
}

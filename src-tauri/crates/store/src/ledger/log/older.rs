//! Rows written before the log was a chain: chained once, in one transaction, when the folder's holder opens the ledger.

use super::super::Fault;
use super::super::chain::{Columns, START, Salt, text_digest};
use super::row::{NewRow, insert};
use super::set_head;
use sqlx::{Connection, Row, SqliteConnection};

/// Rows written at once.
const LOT: u32 = 400;

/// Whether rows still wait to be chained.
pub(crate) async fn waits(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE name = 'log_unchained'")
        .fetch_one(connection)
        .await?;
    Ok(tables > 0)
}

/// Chains the rows that wait, in their order, and ends with a row that tells of it. Nothing waits: nothing happens.
pub(crate) async fn chain(connection: &mut SqliteConnection) -> Result<(), Fault> {
    if !waits(connection).await? {
        return Ok(());
    }
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    let (mut number, mut hash, mut last) = (0, START, i64::MIN);
    let mut gaps = false;
    let mut buffer = Vec::new();
    loop {
        let lot = sqlx::query(
            "SELECT l.n, l.at, l.actor, l.action, l.account, l.token, l.change, l.outcome, l.request_id, x.text,
                    (SELECT environment FROM account a WHERE a.id = l.account)
             FROM log_unchained l LEFT JOIN log_text_unchained x ON x.log = l.n
             WHERE l.n > ?1 ORDER BY l.n LIMIT ?2",
        )
        .bind(last)
        .bind(LOT)
        .fetch_all(&mut *tx)
        .await?;
        if lot.is_empty() {
            break;
        }
        let mut texts = Vec::new();
        let digests = lot
            .iter()
            .map(|row| {
                let text: Option<&str> = row.try_get(9)?;
                Ok(text.map(|text| {
                    let salt: Salt = rand::random();
                    let digest = text_digest(&salt, text);
                    (salt, digest, text)
                }))
            })
            .collect::<Result<Vec<_>, sqlx::Error>>()?;
        let mut rows = Vec::with_capacity(lot.len());
        for (row, text) in lot.iter().zip(&digests) {
            let was: i64 = row.try_get(0)?;
            gaps |= last != i64::MIN && was != last + 1;
            last = was;
            number += 1;
            let (outcome, detail) = outcome(row.try_get(7)?);
            let columns = Columns {
                at: row.try_get(1)?,
                actor: row.try_get(2)?,
                action: row.try_get(3)?,
                account: row.try_get(4)?,
                environment: row.try_get(10)?,
                token: row.try_get(5)?,
                change: row.try_get(6)?,
                outcome,
                detail,
                request_id: row.try_get(8)?,
                text_digest: text.as_ref().map(|(_, digest, _)| digest.as_slice()),
            };
            hash = columns.hash(&hash, number, &mut buffer);
            rows.push(NewRow {
                number,
                columns,
                hash,
            });
            if let Some((salt, _, text)) = text {
                texts.push((number, salt, *text));
            }
        }
        insert(&mut tx, &rows).await?;
        if !texts.is_empty() {
            let mut sql = sqlx::QueryBuilder::new("INSERT INTO log_text (log, salt, text) ");
            sql.push_values(&texts, |mut values, (number, salt, text)| {
                values
                    .push_bind(*number)
                    .push_bind(salt.to_vec())
                    .push_bind((*text).to_owned());
            });
            sql.build().execute(&mut *tx).await?;
        }
    }
    if number > 0 {
        number += 1;
        let columns = Columns {
            at: chrono::Utc::now().timestamp_millis(),
            actor: "tokendesk",
            action: "log.chained",
            account: None,
            environment: None,
            token: None,
            change: None,
            outcome: "ok",
            // What went missing before cannot be proven; that something did is said.
            detail: gaps.then_some("rows_were_missing"),
            request_id: None,
            text_digest: None,
        };
        hash = columns.hash(&hash, number, &mut buffer);
        insert(
            &mut tx,
            &[NewRow {
                number,
                columns,
                hash,
            }],
        )
        .await?;
        set_head(&mut tx, number, &hash).await?;
    }
    sqlx::query("DROP TABLE log_text_unchained")
        .execute(&mut *tx)
        .await?;
    sqlx::query("DROP TABLE log_unchained").execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

/// An outcome in the words of today; the word of then becomes the detail.
fn outcome(word: &str) -> (&str, Option<&str>) {
    match word {
        "ok" | "asked" | "refused" | "failed" | "conflict" => (word, None),
        "done" => ("ok", None),
        "ignored" | "forbidden" | "not_possible_here" => ("refused", Some(word)),
        _ => ("failed", Some(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::MIGRATIONS;
    use super::*;
    use crate::open::migrate;
    use crate::{
        BackupWhy, DbKey, LEDGER_FILE, OpenError, Store, check_backup, folder, list_backups, sqlite,
    };
    use sqlx::migrate::Migrator;
    use std::borrow::Cow;

    // A ledger as the first version wrote it, with `rows` rows, one of which is missing if `gap` says so.
    async fn landed(rows: i64, gap: bool) -> (tempfile::TempDir, DbKey) {
        let dir = tempfile::tempdir().unwrap();
        let key = DbKey::random();
        let first = Migrator {
            migrations: Cow::Owned(vec![MIGRATIONS.iter().next().unwrap().clone()]),
            ..Migrator::DEFAULT
        };
        let path = dir.path().join(LEDGER_FILE);
        folder::private_file(&path).unwrap();
        let mut ledger = sqlite::probe(&path, &key).await.unwrap().unwrap();
        assert!(migrate(&first, &mut ledger).await.is_ok());
        sqlx::query(
            "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < ?1)
             INSERT INTO log (n, at, actor, action, outcome, request_id)
             SELECT n, 1790000000000 + n, 'ada@desk-1', 'one_click.off',
                    CASE n % 3 WHEN 0 THEN 'done' WHEN 1 THEN 'ignored' ELSE 'kept_changing' END, 'req-' || n
             FROM r WHERE n <= ?1 AND n <> iif(?2, 7, 0)",
        )
        .bind(rows)
        .bind(gap)
        .execute(&mut ledger)
        .await
        .unwrap();
        sqlx::query("INSERT INTO log_text SELECT n, 'asked on the phone' FROM log WHERE n % 2 = 0")
            .execute(&mut ledger)
            .await
            .unwrap();
        ledger.close().await.unwrap();
        (dir, key)
    }

    #[tokio::test]
    async fn rows_of_the_first_version_are_chained_as_they_were() {
        for (rows, gap) in [(0, false), (1_003, false), (20, true)] {
            let (dir, key) = landed(rows, gap).await;
            let store = Store::open(dir.path(), &key).await.unwrap().store;
            let kept = rows - i64::from(gap);
            let all = kept + i64::from(rows > 0);
            let verified = store.verify_log(None).await.unwrap();
            assert_eq!((verified.rows, verified.broken), (all, None));
            assert_eq!(
                (verified.erased_texts, store.log_head().await.unwrap().number),
                (0, all)
            );
            if rows > 0 {
                let page = store.log_rows(500).await.unwrap();
                assert_eq!(page[0].entry.action, "log.chained");
                assert_eq!(
                    page[0].entry.detail.as_deref(),
                    gap.then_some("rows_were_missing")
                );
                let newest = &page[1].entry;
                assert_eq!(newest.request_id, Some(format!("req-{rows}")));
                assert_eq!(newest.at.timestamp_millis(), 1_790_000_000_000 + rows);
                let told: Vec<_> = page
                    .iter()
                    .filter(|row| row.entry.action == "one_click.off")
                    .take(6)
                    .map(|row| {
                        (
                            row.entry.outcome.as_str(),
                            row.entry.detail.as_deref(),
                            row.entry.reason.is_some(),
                        )
                    })
                    .collect();
                for (outcome, detail, reason) in [
                    ("ok", None, true),
                    ("refused", Some("ignored"), true),
                    ("failed", Some("kept_changing"), false),
                ] {
                    assert!(told.contains(&(outcome, detail, reason)), "{told:?}");
                }
            }
            // What was there before is kept, can be read, and could be put back.
            let copies = list_backups(dir.path(), &key).await.unwrap();
            assert_eq!(copies.len(), 1);
            assert_eq!(copies[0].why, BackupWhy::BeforeMigration);
            let contents = check_backup(&copies[0].path, &key).await.unwrap();
            assert_eq!(contents.log_rows, kept.unsigned_abs());
            store.close().await;
            let again = Store::open(dir.path(), &key).await.unwrap().store;
            assert_eq!(again.log_head().await.unwrap().number, all, "chained once");
        }
    }

    #[tokio::test]
    async fn a_stop_between_migration_and_chaining_loses_nothing() {
        let (dir, key) = landed(30, false).await;
        let path = dir.path().join(LEDGER_FILE);
        // As after a crash: the schema is new, the rows still wait.
        let mut ledger = sqlite::probe(&path, &key).await.unwrap().unwrap();
        assert!(migrate(&MIGRATIONS, &mut ledger).await.is_ok());
        ledger.close().await.unwrap();
        std::fs::write(dir.path().join(crate::CACHE_FILE), b"").unwrap();
        let beside = Store::open_shared(dir.path(), &key).await;
        assert!(matches!(beside, Err(OpenError::Busy)), "only the holder chains");
        let store = Store::open(dir.path(), &key).await.unwrap().store;
        let verified = store.verify_log(None).await.unwrap();
        assert_eq!((verified.rows, verified.broken), (31, None));
    }
}

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

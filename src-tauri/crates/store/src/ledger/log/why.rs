//! What happened to a log whose rows do not follow from each other. Slow and thorough: only a broken log comes here.

use super::super::Fault;
use super::super::chain::Hash;
use super::row::{COLUMNS, StoredRow};
use super::verify::{Broken, BrokenHow, Place};
use futures::TryStreamExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

/// The head record: number and hash.
pub(super) async fn head(connection: &mut SqliteConnection) -> Result<Option<(i64, Hash)>, Fault> {
    let row = sqlx::query("SELECT n, hash FROM log_head WHERE one = 1")
        .fetch_optional(connection)
        .await?;
    Ok(row.and_then(|row| {
        let hash = row.try_get_unchecked::<&[u8], _>(1).ok()?;
        Some((row.try_get_unchecked(0).ok()?, Hash::try_from(hash).ok()?))
    }))
}

/// Says what is wrong where the walk stopped: `place` is the last good row, `found` the number of the next one there is.
pub(super) async fn stopped(
    connection: &mut SqliteConnection,
    place: Place,
    found: i64,
) -> Result<Broken, Fault> {
    let expected = place.number + 1;
    let broken = |row, how| Ok(Broken { row, how });
    if found < expected {
        return broken(found, BrokenHow::Inserted);
    }
    let seen = look_around(connection, place).await?;
    let head = head(connection).await?.map_or(0, |(number, _)| number);
    // The row that followed the one before the last good row: that one was put in between, with a fitting hash.
    if seen.skips_last {
        return broken(place.number, BrokenHow::Inserted);
    }
    if let Some(elsewhere) = seen.rightful {
        // Rows put in between push all later ones on; a swap leaves the end where it was.
        let pushed = elsewhere > expected && (seen.last > head || seen.end_moved(elsewhere - expected));
        return broken(
            expected,
            if pushed {
                BrokenHow::Inserted
            } else {
                BrokenHow::OutOfOrder
            },
        );
    }
    if found > expected || seen.moved_up(expected, head) {
        return broken(expected, BrokenHow::Missing);
    }
    if expected > head {
        return broken(expected, BrokenHow::Inserted);
    }
    broken(expected, BrokenHow::Edited)
}

#[derive(Default)]
struct Around {
    /// Where the row stands that belongs after the last good one.
    rightful: Option<i64>,
    /// The row after the last good one belongs in the last good one's place.
    skips_last: bool,
    /// The highest number.
    last: i64,
    /// The row found in the wrong place, and the one after it.
    wrong: Option<SqliteRow>,
    after: Option<SqliteRow>,
    /// The newest row and the hash of the one before it.
    newest: Option<(SqliteRow, Hash)>,
}

impl Around {
    /// Whether the newest row was written `by` places further up.
    fn end_moved(&self, by: i64) -> bool {
        self.newest.as_ref().is_some_and(|(row, before)| {
            StoredRow::of(row)
                .is_some_and(|row| row.columns.hash(before, row.number - by, &mut Vec::new()) == row.hash)
        })
    }

    /// Whether the rows from here on were written further down: some were removed and the rest renumbered.
    fn moved_up(&self, expected: i64, head: i64) -> bool {
        let Some(wrong) = self.wrong.as_ref().and_then(StoredRow::of) else {
            return false;
        };
        let Some(after) = self.after.as_ref().and_then(StoredRow::of) else {
            return false;
        };
        let mut buffer = Vec::new();
        let by = |by: i64| after.columns.hash(&wrong.hash, expected + 1 + by, &mut buffer) == after.hash;
        // As many as the head record misses; or, where that was repaired too, as many as somebody has the patience for.
        std::iter::once(head - self.last)
            .chain(1..=1_000)
            .filter(|by| *by > 0)
            .any(by)
    }
}

async fn look_around(connection: &mut SqliteConnection, place: Place) -> Result<Around, Fault> {
    let expected = place.number + 1;
    let mut seen = Around::default();
    let mut buffer = Vec::new();
    let mut before = place.hash;
    let sql = format!("SELECT {COLUMNS} FROM log l LEFT JOIN log_text x ON x.log = l.n ORDER BY l.n");
    let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(connection);
    while let Some(raw) = rows.try_next().await? {
        let Some(row) = StoredRow::of(&raw) else {
            continue;
        };
        seen.last = seen.last.max(row.number);
        if row.number != expected && row.columns.hash(&place.hash, expected, &mut buffer) == row.hash {
            seen.rightful = Some(row.number);
        }
        if row.number == expected && row.columns.hash(&place.before, place.number, &mut buffer) == row.hash {
            seen.skips_last = true;
        }
        let (number, hash) = (row.number, row.hash);
        if number == expected {
            seen.wrong = Some(raw);
        } else if number == expected + 1 {
            seen.newest = None;
            seen.after = Some(raw);
        } else if number > expected + 1 {
            seen.newest = Some((raw, before));
        }
        before = hash;
    }
    Ok(seen)
}

//! What happened to a log whose rows do not follow from each other. Slow and thorough: only a broken log comes here.

use super::super::Fault;
use super::super::chain::Hash;
use super::stored::{StoredRow, lots};
use super::verify::{Broken, BrokenHow, Place};
use futures::TryStreamExt;
use sqlx::{Row, SqliteConnection};

/// So many removed and renumbered rows are recognised as such without the help of the head record.
const PATIENCE: i64 = 1_000;

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
    let head = head(connection).await?.map_or(0, |(number, _)| number);
    let last: i64 = sqlx::query_scalar("SELECT max(n) FROM log")
        .fetch_one(&mut *connection)
        .await?;
    let seen = look_around(connection, place, head - last, last).await?;
    let (row, how) = if seen.follows_the_one_before {
        (place.number, BrokenHow::Inserted)
    } else if seen.rightful.is_some() {
        // Rows put in between push all later ones on; a swap leaves the end where it was.
        let pushed = found == expected && (last > head || seen.end_moved);
        let how = if pushed {
            BrokenHow::Inserted
        } else {
            BrokenHow::OutOfOrder
        };
        (expected, how)
    } else if found > expected || seen.closed_up {
        (expected, BrokenHow::Missing)
    } else if expected > head {
        (expected, BrokenHow::Inserted)
    } else {
        (expected, BrokenHow::Edited)
    };
    Ok(Broken { row, how })
}

#[derive(Default)]
struct Around {
    /// Where the row stands that belongs after the last good one.
    rightful: Option<i64>,
    /// The row after the last good one belongs in the last good one's place: that one was put in between, with a fitting hash.
    follows_the_one_before: bool,
    /// Rows were removed here, and the later ones renumbered.
    closed_up: bool,
    /// The newest row was written as far up as the rightful one.
    end_moved: bool,
}

async fn look_around(
    connection: &mut SqliteConnection,
    place: Place,
    lost: i64,
    last: i64,
) -> Result<Around, Fault> {
    let expected = place.number + 1;
    let mut seen = Around::default();
    let mut buffer = Vec::new();
    // The hash in the row before, whatever that row is.
    let mut before = place.hash;
    let mut lots = lots(connection);
    while let Some(lot) = lots.try_next().await? {
        let mut rest = lot.as_slice();
        while let Some(row) = StoredRow::read(&mut rest) {
            let number = row.number;
            if number == expected {
                seen.follows_the_one_before = row.follows(&place.before, place.number, &mut buffer);
            } else if row.follows(&place.hash, expected, &mut buffer) {
                seen.rightful = Some(number);
            }
            if number == expected + 1 {
                seen.closed_up = std::iter::once(lost)
                    .chain(1..=PATIENCE)
                    .any(|by| by > 0 && row.follows(&before, number.saturating_add(by), &mut buffer));
            }
            if let Some(rightful) = seen
                .rightful
                .filter(|rightful| number == last && *rightful != last)
            {
                seen.end_moved = row.follows(&before, number - (rightful - expected), &mut buffer);
            }
            before = row.facts.map_or(before, |facts| facts.hash);
        }
    }
    Ok(seen)
}

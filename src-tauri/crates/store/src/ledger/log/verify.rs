//! Checking the log: every row against the one before it, its text against its digest, the end against the head record and
//! against a row that was anchored outside the ledger.

use super::super::chain::{Hash, START};
use super::super::{Fault, damaged};
use super::stored::{StoredRow, lots};
use super::why;
use crate::anchor::Anchor;
use crate::{Store, StoreError};
use futures::TryStreamExt;
use sqlx::SqliteConnection;

/// What is wrong with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokenHow {
    /// The row is not what was written there.
    Edited,
    /// The row, and maybe more after it, was removed.
    Missing,
    /// The row was never written by this program.
    Inserted,
    /// The row stands in another one's place.
    OutOfOrder,
    /// The log once had this row and ends before it.
    Cut,
    /// The free text beside the row is not the one it was written with.
    TextEdited,
    /// The row is not the one that was anchored outside the ledger.
    AnchorDiffers,
}

impl BrokenHow {
    /// A stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Missing => "missing",
            Self::Inserted => "inserted",
            Self::OutOfOrder => "out_of_order",
            Self::Cut => "cut",
            Self::TextEdited => "text_edited",
            Self::AnchorDiffers => "anchor_differs",
        }
    }
}

/// The first row that is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// Its number.
    pub row: i64,
    /// What is wrong with it.
    pub how: BrokenHow,
}

/// What checking the log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Rows that were checked: all of them, or those before the broken one.
    pub rows: i64,
    /// The first row that is not as it was written; `None` for a whole log.
    pub broken: Option<Broken>,
    /// The row that an anchor was compared with.
    pub anchored_row: Option<i64>,
    /// Free texts that were erased; the chain is whole without them.
    pub erased_texts: u64,
}

/// Where a walk over the rows is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The last row that was as written.
    pub number: i64,
    pub hash: Hash,
    /// The hash of the row before it.
    pub before: Hash,
}

/// Checks the log of an open ledger. Inside a transaction all of it is of one moment.
pub(crate) async fn verify(
    connection: &mut SqliteConnection,
    anchor: Option<&Anchor>,
) -> Result<Verified, Fault> {
    let mut found = Verified {
        rows: 0,
        broken: None,
        anchored_row: anchor.map(|anchor| anchor.number),
        erased_texts: 0,
    };
    let mut texts = 0_i64;
    let mut place = Place {
        number: 0,
        hash: START,
        before: START,
    };
    let mut buffer = Vec::with_capacity(512);
    let lowest: Option<i64> = sqlx::query_scalar("SELECT min(n) FROM log")
        .fetch_one(&mut *connection)
        .await?;
    if let Some(row) = lowest.filter(|row| *row < 1) {
        found.broken = Some(Broken {
            row,
            how: BrokenHow::Inserted,
        });
        return Ok(found);
    }
    // The number of the row at which the walk ended before its time.
    let mut stopped = None;
    {
        let mut lots = lots(&mut *connection);
        'walk: while let Some(lot) = lots.try_next().await? {
            let mut rest = lot.as_slice();
            while let Some(row) = StoredRow::read(&mut rest) {
                let expected = place.number + 1;
                let (Some(facts), true) = (
                    &row.facts,
                    row.number == expected && row.follows(&place.hash, expected, &mut buffer),
                ) else {
                    stopped = Some(row.number);
                    break 'walk;
                };
                let how = if facts.has_another_text() {
                    Some(BrokenHow::TextEdited)
                } else if anchor.is_some_and(|anchor| anchor.number == expected && anchor.hash != facts.hash)
                {
                    Some(BrokenHow::AnchorDiffers)
                } else {
                    None
                };
                if let Some(how) = how {
                    found.broken = Some(Broken { row: expected, how });
                    break 'walk;
                }
                texts += i64::from(facts.text.is_some());
                found.erased_texts += u64::from(facts.has_lost_its_text());
                found.rows += 1;
                place = Place {
                    number: expected,
                    hash: facts.hash,
                    before: place.hash,
                };
            }
            if !rest.is_empty() {
                return Err(damaged());
            }
        }
    }
    if found.broken.is_none() {
        found.broken = match stopped {
            Some(at) => Some(why::stopped(connection, place, at).await?),
            None => end(connection, place, anchor, texts).await?,
        };
    }
    Ok(found)
}

// Every row follows from the one before it: whether there were more, and whether there are texts of no row.
async fn end(
    connection: &mut SqliteConnection,
    place: Place,
    anchor: Option<&Anchor>,
    texts: i64,
) -> Result<Option<Broken>, Fault> {
    let broken = |row, how| Ok(Some(Broken { row, how }));
    match why::head(connection).await? {
        Some((number, _)) if number > place.number => return broken(place.number + 1, BrokenHow::Cut),
        Some((number, _)) if number < place.number => return broken(number + 1, BrokenHow::Inserted),
        Some((_, hash)) if hash != place.hash => return broken(place.number, BrokenHow::Edited),
        Some(_) => {}
        // The record is written with every row: without it nobody can say where the log ended.
        None => return broken(place.number + 1, BrokenHow::Cut),
    }
    if anchor.is_some_and(|anchor| anchor.number > place.number) {
        return broken(place.number + 1, BrokenHow::Cut);
    }
    let beside: i64 = sqlx::query_scalar("SELECT count(*) FROM log_text")
        .fetch_one(&mut *connection)
        .await?;
    if beside != texts {
        let stray: Option<i64> =
            sqlx::query_scalar("SELECT min(log) FROM log_text WHERE log NOT IN (SELECT n FROM log)")
                .fetch_one(connection)
                .await?;
        return broken(stray.unwrap_or(place.number), BrokenHow::TextEdited);
    }
    Ok(None)
}

impl Store {
    /// Checks every row of the log, in the order it was written. `anchor` is a row kept outside the ledger: with it also a log
    /// is found out that was rewritten or cut as a whole.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be read; a broken log is not an error.
    pub async fn verify_log(&self, anchor: Option<&Anchor>) -> Result<Verified, StoreError> {
        let mut tx = self.inner.ledger.0.reader.begin().await.map_err(Fault::from)?;
        Ok(verify(&mut tx, anchor).await?)
    }
}

//! The log's anchor: the number and hash of one row, kept outside the ledger among the secrets, so that a log which was cut,
//! rewritten or put back from an earlier day is found out.
//!
//! Must not know: when an anchor is written, what a person does about an older ledger.

use crate::secrets::{SecretError, Vault};
use crate::{LogHead, Store, StoreError};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// The anchor's name among the secrets.
const NAME: &str = "log anchor";

/// A row of the log as it was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Its number.
    pub number: i64,
    /// Its hash.
    pub hash: [u8; 32],
    /// When it was anchored; kept to the millisecond.
    pub at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    number: i64,
    hash: String,
    at: i64,
}

impl Anchor {
    /// An anchor of the newest row.
    pub fn of(head: &LogHead, at: DateTime<Utc>) -> Self {
        Self {
            number: head.number,
            hash: head.hash,
            at,
        }
    }

    fn to_text(&self) -> String {
        serde_json::json!(Kept {
            number: self.number,
            hash: crate::key::hex(&self.hash),
            at: self.at.timestamp_millis(),
        })
        .to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        Some(Self {
            number: kept.number,
            hash: crate::key::unhex(&kept.hash)?.try_into().ok()?,
            at: DateTime::from_timestamp_millis(kept.at)?,
        })
    }
}

/// The anchor kept last; `None` only when there certainly is none.
///
/// # Errors
/// [`SecretError::Damaged`] when what is kept is no anchor; otherwise [`SecretError`].
pub async fn read_anchor(vault: &Vault) -> Result<Option<Anchor>, SecretError> {
    match vault.get(NAME).await? {
        Some(text) => Anchor::from_text(text.expose_secret())
            .map(Some)
            .ok_or(SecretError::Damaged),
        None => Ok(None),
    }
}

/// Keeps an anchor in place of the one before. For the folder's holder only: an older anchor over a newer one would hide rows.
///
/// # Errors
/// [`SecretError`].
pub async fn write_anchor(vault: &Vault, anchor: &Anchor) -> Result<(), SecretError> {
    vault.set(NAME, &SecretString::from(anchor.to_text())).await
}

/// How the ledger stands to an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerAge {
    /// The anchored row is there, as it was; what came after it may be more.
    Same,
    /// The ledger ends before the anchored row: it was put back from an earlier day, or cut.
    Older {
        /// Rows that are known to have been there and are not; there may have been more.
        missing_rows: u64,
        /// When its last row was written; `None` for an empty log.
        ends_at: Option<DateTime<Utc>>,
        /// When the missing row was anchored.
        known_until: DateTime<Utc>,
    },
    /// Another row stands in the anchored one's place.
    Differs {
        /// Its number.
        row: i64,
    },
}

impl Store {
    /// Compares the log with an anchor, by its end and the anchored row alone; [`Store::verify_log`] reads everything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn compare_with(&self, anchor: &Anchor) -> Result<LedgerAge, StoreError> {
        let ledger = &self.inner.ledger;
        let (head, ends_at) = ledger.log_head().await?;
        if head.number < anchor.number {
            return Ok(LedgerAge::Older {
                missing_rows: anchor.number.abs_diff(head.number),
                ends_at,
                known_until: anchor.at,
            });
        }
        let same = anchor.number == 0
            || ledger
                .log_hash(anchor.number)
                .await?
                .is_some_and(|hash| hash == anchor.hash);
        Ok(if same {
            LedgerAge::Same
        } else {
            LedgerAge::Differs { row: anchor.number }
        })
    }
}

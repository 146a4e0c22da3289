//! What only some payment systems say of a token, in a side table: a token of a system that says nothing of the kind has no
//! row there, and the rows of tokens stay small.

use super::residents::json;
use super::rows::own;
use super::terms::Terms;
use crate::StoreError;
use crate::sqlite::Tx;
use serde::Serialize;
use tokendesk_model::{Particulars, TokenSnapshot};

/// Number of the token, then the columns in their order.
#[derive(Serialize)]
struct Row(
    i64,
    Option<String>,
    Option<bool>,
    bool,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<bool>,
    i64,
);

/// The particulars of a page that differ from what is stored.
#[derive(Default)]
pub(super) struct Changed {
    rows: Vec<Row>,
    /// Tokens that had some, of which nothing of the kind is said any more.
    none_left: Vec<i64>,
}

impl Changed {
    /// Notes the particulars of token number `n`, where they differ from the stored ones or the customer id does, which
    /// theirs may lean on.
    pub fn note(
        &mut self,
        n: i64,
        old: Option<&TokenSnapshot>,
        new: &TokenSnapshot,
        terms: &Terms,
    ) -> Result<(), StoreError> {
        let nothing = Particulars::default();
        let stored = old.map_or(&nothing, |old| &old.particulars);
        let leans = old.is_some_and(|old| old.customer_id != new.customer_id);
        let new_ones = &new.particulars;
        if stored == new_ones && !(leans && *new_ones != nothing) {
            return Ok(());
        }
        if *new_ones == nothing {
            self.none_left.push(n);
            return Ok(());
        }
        let number = |text: &Option<String>| text.as_deref().map(|text| terms.number(text)).transpose();
        self.rows.push(Row(
            n,
            own(new_ones.record.as_deref(), new.customer_id.as_deref()),
            new_ones.is_default,
            new_ones.keeps_reasons,
            new_ones.block_reason.clone(),
            number(&new_ones.verification)?,
            number(&new_ones.kind)?,
            new_ones.chargeable,
            new_ones.active_mark.number(),
        ));
        Ok(())
    }

    /// Writes them.
    pub async fn write(&self, tx: &mut Tx) -> Result<(), StoreError> {
        if !self.rows.is_empty() {
            sqlx::query(
                "INSERT OR REPLACE INTO particular (token, own_record, is_default, keeps_reasons, block_reason,
                                                    verification, kind, chargeable, active_mark)
                 SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8
                 FROM json_each(?1)",
            )
            .bind(json(&self.rows)?)
            .execute(&mut **tx)
            .await?;
        }
        if !self.none_left.is_empty() {
            sqlx::query("DELETE FROM particular WHERE token IN (SELECT value FROM json_each(?1))")
                .bind(json(&self.none_left)?)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }
}

/// The words among them that repeat.
pub(super) fn words(token: &TokenSnapshot) -> impl Iterator<Item = &str> {
    [
        token.particulars.verification.as_deref(),
        token.particulars.kind.as_deref(),
    ]
    .into_iter()
    .flatten()
}

//! The overlay door: what a person wants and the provider has not said yet. What lies over a token is said by the model.

use super::accounts::AccountRef;
use super::counters::Moves;
use super::door::Overlays;
use super::residents::json;
use super::rows::Columns;
use super::{CacheDb, damaged};
use crate::StoreError;
use crate::key::hex;
use crate::sqlite::Tx;
use std::collections::HashMap;
use tokendesk_model::{Overlay, TokenId, TokenSnapshot, TokenState};

/// What screens show: the snapshot, with the overlay where the token can be switched at all; a token that is gone is
/// deleted.
pub fn effective(
    state: &TokenState,
    one_click: Option<bool>,
    gone: bool,
    overlay: Overlay,
) -> (TokenState, Option<bool>) {
    if gone {
        return (TokenState::Deleted, one_click);
    }
    if !state.is_switchable() {
        return (state.clone(), one_click);
    }
    let state = match overlay.active {
        Some(true) => TokenState::Active,
        Some(false) => TokenState::Inactive,
        None => state.clone(),
    };
    (state, overlay.one_click.or(one_click))
}

/// What lies over the tokens of a page.
pub(crate) async fn laid(
    tx: &mut Tx,
    account: AccountRef,
    tokens: &[TokenSnapshot],
) -> Result<Overlays, StoreError> {
    let ids: Vec<String> = tokens
        .iter()
        .map(|token| hex(&account.id.token(&token.remote_id).bytes()))
        .collect();
    let rows = sqlx::query(
        "SELECT j.key, o.active, o.one_click FROM json_each(?1) j CROSS JOIN overlay o ON o.token = unhex(j.value)",
    )
    .bind(json(&ids)?)
    .fetch_all(&mut **tx)
    .await?;
    let mut overlays = Overlays::new();
    for row in &rows {
        let mut columns = Columns::of(row);
        let i = usize::try_from(columns.next::<i64>()?).map_err(|_| damaged())?;
        let overlay = Overlay {
            active: columns.next_bool()?,
            one_click: columns.next_bool()?,
        };
        if let Some(token) = tokens.get(i) {
            overlays.insert(token.remote_id.clone(), overlay);
        }
    }
    Ok(overlays)
}

impl CacheDb {
    /// What lies over which token.
    pub async fn overlaid(&self) -> Result<HashMap<TokenId, Overlay>, StoreError> {
        let mut tx = self.db.reader.begin().await?;
        let rows = sqlx::query("SELECT token, active, one_click FROM overlay")
            .fetch_all(&mut *tx)
            .await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                let bytes: Vec<u8> = columns.next()?;
                let overlay = Overlay {
                    active: columns.next_bool()?,
                    one_click: columns.next_bool()?,
                };
                let token = bytes.try_into().map_err(|_| damaged())?;
                Ok((TokenId::from_bytes(token), overlay))
            })
            .collect()
    }

    /// Lays these over their tokens: kept for tokens that are not read yet, shown on those that are.
    pub async fn lay(&self, overlays: &[(TokenId, Overlay)]) -> Result<(), StoreError> {
        if overlays.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.writer.begin().await?;
        for (token, overlay) in overlays {
            let sql = if *overlay == Overlay::default() {
                "DELETE FROM overlay WHERE token = ?1 AND ?2 IS NULL AND ?3 IS NULL"
            } else {
                "INSERT INTO overlay (token, active, one_click) VALUES (?1, ?2, ?3)
                 ON CONFLICT (token) DO UPDATE SET active = excluded.active, one_click = excluded.one_click"
            };
            sqlx::query(sql)
                .bind(token.bytes().to_vec())
                .bind(overlay.active)
                .bind(overlay.one_click)
                .execute(&mut *tx)
                .await?;
            self.show(&mut tx, *token, *overlay).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn show(&self, tx: &mut Tx, token: TokenId, overlay: Overlay) -> Result<(), StoreError> {
        let Some(found) = self.find_token(tx, token).await? else {
            return Ok(());
        };
        let row =
            sqlx::query("SELECT state, raw_state, one_click, gone_at, eff_state FROM token WHERE n = ?1")
                .bind(found.n)
                .fetch_one(&mut **tx)
                .await?;
        let mut columns = Columns::of(&row);
        let number: i64 = columns.next()?;
        let raw: Option<i64> = columns.next()?;
        let raw = self.with_terms(|terms| terms.maybe_text(raw))?;
        let state = TokenState::from_number(number, raw.as_deref());
        let one_click = columns.next_bool()?;
        let gone = columns.next::<Option<i64>>()?.is_some();
        let before: i64 = columns.next()?;
        let (state, one_click) = effective(&state, one_click, gone, overlay);
        sqlx::query("UPDATE token SET eff_state = ?2, eff_one_click = ?3 WHERE n = ?1")
            .bind(found.n)
            .bind(state.number())
            .bind(one_click)
            .execute(&mut **tx)
            .await?;
        let mut moves = Moves::default();
        moves.step(Some(before), Some(state.number()));
        moves.write(tx, found.account).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_lies_over_what_cannot_be_switched() {
        let wish = Overlay {
            active: Some(false),
            one_click: Some(false),
        };
        assert_eq!(
            effective(&TokenState::Active, Some(true), false, wish),
            (TokenState::Inactive, Some(false))
        );
        assert_eq!(
            effective(&TokenState::Deleting, Some(true), false, wish),
            (TokenState::Deleting, Some(true))
        );
        assert_eq!(
            effective(&TokenState::Active, Some(true), true, wish),
            (TokenState::Deleted, Some(true))
        );
        let odd = TokenState::Unknown("FROZEN".into());
        assert_eq!(effective(&odd, None, false, wish), (odd, None));
    }
}

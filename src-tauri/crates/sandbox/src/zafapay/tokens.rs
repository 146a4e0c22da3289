//! Single-use tokens (Zafapay fact sheet, section 4). Only the four published test numbers are taken, and none is kept.

use serde_json::{Value, json};

use super::State;
use super::problem::Problem;
use super::shape;
use super::world::{Card, CardToken, Outcome, TOKEN_LIFE};
use crate::wire::Reply;

/// `POST /v1/tokens`.
pub(super) fn create(state: &mut State, body: &Value) -> Result<Reply, Problem> {
    let card = &body["card"];
    if !card.is_object() {
        return Err(Problem::invalid("card", "The card is required."));
    }
    let number: String = text(card, "number")
        .ok_or_else(|| Problem::invalid("card.number", "The number is required."))?
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let exp_month = whole(card, "exp_month")
        .and_then(|month| u32::try_from(month).ok())
        .filter(|month| (1..=12).contains(month))
        .ok_or_else(|| Problem::invalid("card.exp_month", "A month from 1 to 12 is expected."))?;
    let exp_year = whole(card, "exp_year")
        .and_then(|year| i32::try_from(year).ok())
        .filter(|year| (2000..=2100).contains(year))
        .ok_or_else(|| Problem::invalid("card.exp_year", "A year of four digits is expected."))?;
    if !text(card, "cvc").is_some_and(|cvc| matches!(cvc.len(), 3 | 4)) {
        return Err(Problem::invalid("card.cvc", "A security code is required."));
    }
    let outcome = match number.as_str() {
        "4242424242424242" => Outcome::Succeeds,
        "4000002500003155" => Outcome::NeedsAction,
        "4000000000000002" => Outcome::Declined,
        "4000000000009995" => Outcome::NoFunds,
        _ => {
            return Err(Problem::new(
                400,
                "tokenization_failed",
                "The card could not be tokenized.",
            ));
        }
    };
    let now = state.world.now();
    let shown = Card {
        brand: "visa".to_owned(),
        last4: number[12..].to_owned(),
        exp_month,
        exp_year,
    };
    if shown.has_run_out(now) {
        return Err(Problem::invalid("card.exp_year", "The card has expired."));
    }
    let id = state.world.new_id("tok_");
    let expires = now.saturating_add(TOKEN_LIFE);
    let answer = json!({
        "id": id,
        "card": {
            "bin": &number[..6], "last4": shown.last4, "brand": shown.brand,
            "exp_month": exp_month, "exp_year": exp_year,
        },
        "connector_id": "conn_default",
        "created_at": shape::time(&state.switches, now),
        "expires_at": shape::time(&state.switches, expires),
    });
    let token = CardToken {
        card: shown,
        holder: text(card, "cardholder_name").map(str::to_owned),
        outcome,
        expires,
        used: false,
    };
    state.world.tokens.insert(id, token);
    Ok(Reply::json(201, answer.to_string().into_bytes()))
}

/// The token a payment names, if it can still be used.
pub(super) fn usable(state: &State, id: &str) -> Result<CardToken, Problem> {
    let token = state
        .world
        .tokens
        .get(id)
        .ok_or_else(|| Problem::invalid("token", "There is no such token."))?;
    if token.used {
        return Err(Problem::new(
            400,
            "payment_token_already_used",
            "The token was used.",
        ));
    }
    if token.expires <= state.world.now() {
        return Err(Problem::new(
            400,
            "payment_token_expired",
            "The token has expired.",
        ));
    }
    Ok(token.clone())
}

fn text<'v>(card: &'v Value, name: &str) -> Option<&'v str> {
    card[name].as_str().filter(|text| !text.is_empty())
}

// Browser code sends what a person typed: a number or its text.
fn whole(card: &Value, name: &str) -> Option<i64> {
    card[name]
        .as_i64()
        .or_else(|| card[name].as_str().and_then(|text| text.parse().ok()))
}

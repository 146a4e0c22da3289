//! The three calls about saved cards (Zafapay fact sheet, section 3).

use serde_json::{Value, json};

use super::State;
use super::problem::Problem;
use super::shape;
use super::switches::{
    BlockAgain, BlockStatus, DefaultAfterBlock, ListOrder, ReasonAfterUnblock, UnblockAgain, UnknownCustomer,
};
use crate::wire::Reply;

/// `GET /v1/customers/{customer_id}/payment-methods`.
pub(super) fn list(state: &State, customer_id: &str) -> Result<Reply, Problem> {
    let customer = state.world.find_customer(customer_id);
    if customer.is_none() && state.switches.unknown_customer == UnknownCustomer::NotFound {
        return Err(Problem::not_found("customer"));
    }
    let mut items: Vec<Value> = customer
        .into_iter()
        .flat_map(|customer| &customer.saved)
        .map(|place| &state.world.saved[*place])
        .filter(|saved| state.world.is_shown(saved))
        .map(|saved| shape::saved(state, saved))
        .collect();
    if state.switches.list_order == ListOrder::Newest {
        items.reverse();
    }
    let body = json!({ "customer_id": customer_id, "payment_methods": items });
    Ok(Reply::json(200, body.to_string().into_bytes()))
}

/// `POST /v1/customers/payment-methods/{id}/block`.
pub(super) fn block(state: &mut State, id: &str, body: &Value) -> Result<Reply, Problem> {
    let reason = body["reason"]
        .as_str()
        .map(str::trim)
        .filter(|reason| !reason.is_empty())
        .ok_or_else(|| Problem::invalid("reason", "A reason is required."))?;
    let place = state
        .world
        .reachable(id)
        .ok_or_else(|| Problem::not_found("payment method"))?;
    let again = state.world.saved[place].status == "blocked";
    match (again, state.switches.block_again) {
        (true, BlockAgain::Refuses) => {
            return Err(Problem::new(
                400,
                "invalid_status",
                "The payment method is blocked.",
            ));
        }
        (true, BlockAgain::Keeps) => {}
        _ => set_blocked(state, place, reason),
    }
    done(state, place, true)
}

/// `POST /v1/customers/payment-methods/{id}/unblock`.
pub(super) fn unblock(state: &mut State, id: &str) -> Result<Reply, Problem> {
    let place = state
        .world
        .reachable(id)
        .ok_or_else(|| Problem::not_found("payment method"))?;
    let is_blocked = state.world.saved[place].status == "blocked";
    if is_blocked {
        set_unblocked(state, place);
    } else if state.switches.unblock_again == UnblockAgain::Refuses {
        return Err(Problem::new(
            400,
            "invalid_status",
            "The payment method is not blocked.",
        ));
    }
    done(state, place, false)
}

/// Blocks a card, whoever asks.
pub(super) fn set_blocked(state: &mut State, place: usize, reason: &str) {
    let now = state.world.now();
    let saved = &mut state.world.saved[place];
    saved.status = "blocked".to_owned();
    saved.blocked_reason = Some(reason.to_owned());
    saved.updated = now;
    if !saved.is_default || state.switches.default_after_block == DefaultAfterBlock::Stays {
        return;
    }
    saved.is_default = false;
    let customer_id = saved.customer_id.clone();
    if state.switches.default_after_block == DefaultAfterBlock::Moves {
        let world = &state.world;
        let next = world.find_customer(&customer_id).and_then(|customer| {
            let in_use = |place: &&usize| {
                world.is_shown(&world.saved[**place]) && world.saved[**place].status == "active"
            };
            customer.saved.iter().find(in_use).copied()
        });
        if let Some(next) = next {
            state.world.saved[next].is_default = true;
        }
    }
}

/// Unblocks a card, whoever asks.
pub(super) fn set_unblocked(state: &mut State, place: usize) {
    let now = state.world.now();
    let saved = &mut state.world.saved[place];
    saved.status = "active".to_owned();
    saved.updated = now;
    if state.switches.reason_after_unblock == ReasonAfterUnblock::Cleared {
        saved.blocked_reason = None;
    }
}

fn done(state: &State, place: usize, blocked: bool) -> Result<Reply, Problem> {
    let saved = &state.world.saved[place];
    let mut body = json!({
        "id": saved.id,
        "status": shape::status(state, saved),
        "updated_at": shape::time(&state.switches, saved.updated),
    });
    if blocked {
        body["blocked_reason"] = json!(saved.blocked_reason);
    }
    let body = body.to_string().into_bytes();
    Ok(match state.switches.block_status {
        BlockStatus::Ok => Reply::json(200, body),
        BlockStatus::Created => Reply::json(201, body),
        BlockStatus::NoContent => Reply::empty(204),
    })
}

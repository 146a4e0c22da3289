//! What somebody else does, and what the server really holds. These shapes are ours.

use serde::Deserialize;
use serde_json::{Value, json};

use super::State;
use super::methods;
use super::payments;
use super::world::Card;
use crate::clock;
use crate::truth::EditError;

/// An edit by somebody else, as `{"block": {…}}`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Edit {
    /// Blocks a card with a reason.
    Block { id: String, reason: String },
    /// Unblocks a card.
    Unblock { id: String },
    /// Gives a card any status word.
    SetStatus { id: String, status: String },
    /// Makes a card its customer's only default.
    SetDefault { id: String },
    /// Saves a card for a customer, known or not.
    AddCard {
        customer_id: String,
        #[serde(default)]
        brand: Option<String>,
        #[serde(default)]
        last4: Option<String>,
        #[serde(default)]
        exp_month: Option<u32>,
        #[serde(default)]
        exp_year: Option<i32>,
    },
    /// Takes a card away for good; what the API itself cannot do.
    RemoveCard { id: String },
    /// Ends what the buyer of a payment had to do.
    FinishAction { id: String, approved: bool },
    /// Gives the merchant a new access token; the answer holds it.
    RegenerateAccessToken {},
}

pub(super) fn edit(state: &mut State, edit: Value) -> Result<Value, EditError> {
    let edit: Edit = serde_json::from_value(edit)
        .map_err(|error| EditError::Shape(format!("column {}", error.column())))?;
    let find = |state: &State, id: &str| {
        state
            .world
            .find_saved(id)
            .filter(|place| !state.world.saved[*place].gone)
            .ok_or(EditError::NoSuchObject)
    };
    let id = match edit {
        Edit::Block { id, reason } => {
            let place = find(state, &id)?;
            methods::set_blocked(state, place, &reason);
            id
        }
        Edit::Unblock { id } => {
            let place = find(state, &id)?;
            methods::set_unblocked(state, place);
            id
        }
        Edit::SetStatus { id, status } => {
            let place = find(state, &id)?;
            state.world.saved[place].status = status;
            id
        }
        Edit::SetDefault { id } => {
            let place = find(state, &id)?;
            let customer_id = state.world.saved[place].customer_id.clone();
            for saved in &mut state.world.saved {
                if saved.customer_id == customer_id {
                    saved.is_default = saved.id == id;
                }
            }
            id
        }
        Edit::AddCard {
            customer_id,
            brand,
            last4,
            exp_month,
            exp_year,
        } => {
            let (year, month) = clock::year_month(state.world.now());
            let card = Card {
                brand: brand.unwrap_or_else(|| "visa".to_owned()),
                last4: last4.unwrap_or_else(|| "4242".to_owned()),
                exp_month: exp_month.unwrap_or(month),
                exp_year: exp_year.unwrap_or(year + 3),
            };
            state.world.save(&customer_id, card, 0)
        }
        Edit::RemoveCard { id } => {
            let place = find(state, &id)?;
            state.world.saved[place].gone = true;
            id
        }
        Edit::FinishAction { id, approved } => {
            let place = state.world.find_payment(&id).ok_or(EditError::NoSuchObject)?;
            payments::finish(state, place, approved)
                .map_err(|problem| EditError::Shape(format!("the API would answer {}", problem.status())))?;
            id
        }
        Edit::RegenerateAccessToken {} => {
            state.world.regenerate_access_token();
            return Ok(json!({ "access_token": state.world.access_token }));
        }
    };
    truth(state, &id).ok_or(EditError::NoSuchObject)
}

pub(super) fn truth(state: &State, id: &str) -> Option<Value> {
    let world = &state.world;
    if id == "directory.csv" {
        return Some(json!(directory(state)));
    }
    if let Some(place) = world.find_saved(id) {
        let saved = &world.saved[place];
        return Some(json!({
            "id": saved.id, "customer_id": saved.customer_id, "status": saved.status,
            "blocked_reason": saved.blocked_reason, "is_default": saved.is_default,
            "brand": saved.card.as_ref().map(|card| &card.brand),
            "last4": saved.card.as_ref().map(|card| &card.last4),
            "exp_month": saved.card.as_ref().map(|card| card.exp_month),
            "exp_year": saved.card.as_ref().map(|card| card.exp_year),
            "gone": saved.gone,
        }));
    }
    if let Some(token) = world.tokens.get(id) {
        return Some(json!({
            "id": id, "used": token.used, "expired": token.expires <= world.now(),
            "gone": token.used || token.expires <= world.now(),
        }));
    }
    if let Some(place) = world.find_payment(id) {
        let payment = &world.payments[place];
        return Some(json!({
            "id": payment.id, "request_id": payment.request_id, "status": payment.status,
            "payment_method_id": payment.payment_method_id, "customer_id": payment.customer_id,
            "cents": payment.cents, "refunded_cents": payment.refunded_cents, "gone": false,
        }));
    }
    let customer = world.find_customer(id)?;
    let saved: Vec<&String> = customer
        .saved
        .iter()
        .map(|place| &world.saved[*place])
        .filter(|saved| world.is_shown(saved))
        .map(|saved| &saved.id)
        .collect();
    Some(json!({
        "customer_id": customer.id, "email": customer.email, "name": customer.name,
        "payment_methods": saved, "gone": false,
    }))
}

// The shop's own list: its ids, emails and names.
fn directory(state: &State) -> String {
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut file = String::from("customer_id,email,name\r\n");
    for customer in &state.world.customers {
        let [email, name] = [&customer.email, &customer.name].map(|text| text.as_deref().unwrap_or_default());
        file.push_str(&format!(
            "{},{},{}\r\n",
            cell(&customer.id),
            cell(email),
            cell(name)
        ));
    }
    file
}

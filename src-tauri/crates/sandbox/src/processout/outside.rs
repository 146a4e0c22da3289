//! What somebody else does, and what the server really holds. These shapes are ours.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::body::Metadata;
use super::generate::fresh_id;
use super::shape::{self, CUSTOMER_TEXTS, Digits, Wanted};
use super::world::{Card, Customer, Token, Verdict, World};
use super::{State, Store, customers, tokens};
use crate::truth::EditError;

/// An edit by somebody else, as `{"set_token": {…}}`. Customers and tokens are told in the feed of events, as the API
/// itself would, unless `quiet`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Edit {
    /// Makes a customer; the answer holds it.
    AddCustomer {
        #[serde(default)]
        email: Option<String>,
        #[serde(default)]
        first_name: Option<String>,
        #[serde(default)]
        last_name: Option<String>,
    },
    /// Changes a customer's texts by their names on the wire; `null` empties one.
    SetCustomer {
        id: String,
        set: BTreeMap<String, Option<String>>,
        #[serde(default)]
        quiet: bool,
    },
    /// Deletes a customer.
    DeleteCustomer {
        id: String,
        #[serde(default)]
        quiet: bool,
    },
    /// Makes a card token; the answer holds it.
    AddToken {
        customer: String,
        #[serde(default)]
        scheme: Option<String>,
        #[serde(default)]
        last4: Option<String>,
        #[serde(default)]
        exp_month: Option<u32>,
        #[serde(default)]
        exp_year: Option<i32>,
        #[serde(default)]
        metadata: Metadata,
    },
    /// Changes a token; what is left out stays.
    SetToken {
        id: String,
        #[serde(default)]
        metadata: Option<Metadata>,
        #[serde(default)]
        verification_status: Option<String>,
        #[serde(default)]
        is_chargeable: Option<bool>,
        #[serde(default, rename = "type")]
        kind: Option<String>,
        #[serde(default)]
        is_default: Option<bool>,
        #[serde(default)]
        is_subscription_only: Option<bool>,
        /// A new card, as when the bank renewed it.
        #[serde(default)]
        renewed: Option<Renewed>,
        #[serde(default)]
        quiet: bool,
    },
    /// Deletes a token.
    DeleteToken {
        id: String,
        #[serde(default)]
        quiet: bool,
    },
    /// Payments happen: so many events that are about no customer.
    Payments { count: u32 },
    /// Events older than the newest so many are forgotten.
    ForgetEvents { keep: usize },
    /// A second key for the sandbox project; the answer holds it.
    AddKey {},
    /// A key stops working.
    DisableKey { secret: String },
    /// Another merchant with a sandbox project of its own; the answer holds what to sign in with.
    AddMerchant {},
}

/// What a renewed card shows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Renewed {
    exp_month: u32,
    exp_year: i32,
    #[serde(default)]
    last4: Option<String>,
}

fn customer_place(world: &World, id: &str) -> Result<usize, EditError> {
    customers::find(world, id).map_err(|_| EditError::NoSuchObject)
}

fn token_place(world: &World, id: &str) -> Result<usize, EditError> {
    world
        .place("tok_", id)
        .filter(|place| !world.tokens[*place].gone)
        .ok_or(EditError::NoSuchObject)
}

pub(super) fn edit(state: &mut State, edit: Value) -> Result<Value, EditError> {
    // Where it went wrong is enough; the edit may hold an email.
    let edit: Edit = serde_json::from_value(edit)
        .map_err(|error| EditError::Shape(format!("{:?} at column {}", error.classify(), error.column())))?;
    let done = match edit {
        Edit::AddKey {} => {
            let secret = fresh_id("key_sandbox_");
            state.stores[0].keys.push(secret.clone());
            return Ok(json!({ "secret": secret }));
        }
        Edit::DisableKey { secret } => {
            for store in &mut state.stores {
                store.keys.retain(|key| *key != secret);
            }
            return Ok(json!({}));
        }
        Edit::AddMerchant {} => return Ok(add_merchant(state)),
        Edit::Payments { count } => {
            let mut here = state.here(0);
            for _ in 0..count {
                let payment = json!({ "id": fresh_id("tr_"), "amount": "22.99" });
                here.tell("transaction.captured", "transaction", payment);
            }
            return Ok(json!({}));
        }
        Edit::ForgetEvents { keep } => {
            state.stores[0].world.forget_events(keep);
            return Ok(json!({}));
        }
        Edit::AddCustomer { .. } | Edit::SetCustomer { .. } | Edit::DeleteCustomer { .. } => {
            edit_customer(state, edit)?
        }
        Edit::AddToken { .. } | Edit::SetToken { .. } | Edit::DeleteToken { .. } => edit_token(state, edit)?,
    };
    truth(state, &done).ok_or(EditError::NoSuchObject)
}

fn edit_customer(state: &mut State, edit: Edit) -> Result<String, EditError> {
    let mut here = state.here(0);
    match edit {
        Edit::AddCustomer {
            email,
            first_name,
            last_name,
        } => {
            let texts = [
                ("email", email),
                ("first_name", first_name),
                ("last_name", last_name),
            ];
            let id = fresh_id("cust_");
            let place = here.world.add_customer(Customer {
                id: id.clone(),
                created: here.now,
                registered: None,
                born: None,
                texts: texts
                    .into_iter()
                    .filter_map(|(name, text)| Some((name, text?)))
                    .collect(),
                phone: None,
                currency: None,
                is_business: false,
                metadata: Metadata::new(),
                reference_id: None,
                default_token: None,
                tokens: Vec::new(),
                gone: false,
            });
            here.tell_customer("customer.created", place);
            Ok(id)
        }
        Edit::SetCustomer { id, set, quiet } => {
            let place = customer_place(here.world, &id)?;
            for (name, text) in set {
                let known = CUSTOMER_TEXTS.iter().find(|(known, ..)| *known == name);
                let (name, ..) = known.ok_or_else(|| EditError::Shape("no text has that name".to_owned()))?;
                match text {
                    Some(text) => _ = here.world.customers[place].texts.insert(name, text),
                    None => _ = here.world.customers[place].texts.remove(name),
                }
            }
            if !quiet {
                here.tell_customer("customer.updated", place);
            }
            Ok(id)
        }
        Edit::DeleteCustomer { id, quiet } => {
            let place = customer_place(here.world, &id)?;
            let told = here.world.events.len();
            customers::remove(&mut here, place);
            if quiet {
                here.world.untell(told);
            }
            Ok(id)
        }
        _ => Err(EditError::NoSuchObject),
    }
}

fn edit_token(state: &mut State, edit: Edit) -> Result<String, EditError> {
    let mut here = state.here(0);
    match edit {
        Edit::AddToken {
            customer,
            scheme,
            last4,
            exp_month,
            exp_year,
            metadata,
        } => {
            let owner = customer_place(here.world, &customer)?;
            let last4 = last4.unwrap_or_else(|| "4242".to_owned());
            let card = here.world.add_card(Card {
                id: fresh_id("card_"),
                scheme: Some(scheme.unwrap_or_else(|| "visa".to_owned())),
                kind: Some("credit"),
                iin: "424242".to_owned(),
                last4: last4.clone(),
                exp_month: exp_month.unwrap_or(5),
                exp_year: exp_year.unwrap_or(2031),
                name: None,
                contact: BTreeMap::new(),
                country: "US",
                metadata: Metadata::new(),
                verdict: Verdict::Passes,
                used: true,
                created: here.now,
                updated: here.now,
                gone: false,
            });
            let id = fresh_id("tok_");
            let place = here.world.add_token(Token {
                id: id.clone(),
                customer: owner,
                kind: "card".to_owned(),
                card: Some(card),
                gateway: None,
                subscription_only: false,
                chargeable: true,
                verification: "not-requested".to_owned(),
                verify_on_attach: false,
                challenged: None,
                summary: Some(format!("**** **** **** {last4}")),
                description: None,
                metadata,
                return_url: None,
                cancel_url: None,
                manual_invoice_cancellation: None,
                invoice_id: None,
                created: here.now,
                gone: false,
            });
            if here.switches.attach_moves_default {
                here.world.customers[owner].default_token = Some(place);
            }
            here.tell_token("customer.token.created", place);
            Ok(id)
        }
        Edit::SetToken {
            id,
            metadata,
            verification_status,
            is_chargeable,
            kind,
            is_default,
            is_subscription_only,
            renewed,
            quiet,
        } => {
            let place = token_place(here.world, &id)?;
            let token = &mut here.world.tokens[place];
            let owner = token.customer;
            if let Some(metadata) = metadata {
                token.metadata = metadata;
            }
            if let Some(status) = verification_status {
                token.verification = status;
            }
            if let Some(kind) = kind {
                token.kind = kind;
            }
            token.chargeable = is_chargeable.unwrap_or(token.chargeable);
            token.subscription_only = is_subscription_only.unwrap_or(token.subscription_only);
            match is_default {
                Some(true) => here.world.customers[owner].default_token = Some(place),
                Some(false) if here.world.is_default(place) => {
                    here.world.customers[owner].default_token = None;
                }
                _ => {}
            }
            if let Some(renewed) = renewed {
                renew(here.world, place, renewed, here.now);
            }
            if !quiet {
                here.tell_token("customer.token.updated", place);
            }
            Ok(id)
        }
        Edit::DeleteToken { id, quiet } => {
            let place = token_place(here.world, &id)?;
            let told = here.world.events.len();
            tokens::remove(&mut here, place);
            if quiet {
                here.world.untell(told);
            }
            Ok(id)
        }
        _ => Err(EditError::NoSuchObject),
    }
}

// A card never changes: a renewed one is another card.
fn renew(world: &mut World, token: usize, renewed: Renewed, now: i64) {
    let Some(old) = world.tokens[token].card else {
        return;
    };
    let old = &world.cards[old];
    let card = Card {
        id: fresh_id("card_"),
        scheme: old.scheme.clone(),
        iin: old.iin.clone(),
        last4: renewed.last4.unwrap_or_else(|| old.last4.clone()),
        exp_month: renewed.exp_month,
        exp_year: renewed.exp_year,
        name: old.name.clone(),
        contact: old.contact.clone(),
        metadata: old.metadata.clone(),
        created: now,
        updated: now,
        ..*old
    };
    let summary = format!("**** **** **** {}", card.last4);
    let card = world.add_card(card);
    world.tokens[token].card = Some(card);
    world.tokens[token].summary = Some(summary);
}

fn add_merchant(state: &mut State) -> Value {
    let bare = fresh_id("proj_");
    let (project, secret) = (format!("test-{bare}"), fresh_id("key_sandbox_"));
    let store = Store {
        project: project.clone(),
        keys: vec![secret.clone()],
        world: World::new(bare, true),
    };
    state.stores.push(store);
    json!({ "project": project, "secret": secret })
}

/// What the sandbox project holds of an object: as it is shown, with `gone`; a customer with the ids of their tokens, a
/// token with its card.
pub(super) fn truth(state: &State, id: &str) -> Option<Value> {
    let world = &state.stores[0].world;
    let switches = &state.switches;
    let mut out;
    if let Some(place) = world.place("cust_", id) {
        out = shape::customer(world, place, Digits::Six, Wanted::default(), switches);
        let tokens: Vec<&str> = world
            .tokens_of(place)
            .map(|token| world.tokens[token].id.as_str())
            .collect();
        out["tokens"] = json!(tokens);
        out["gone"] = json!(world.customers[place].gone);
    } else if let Some(place) = world.place("tok_", id) {
        let wanted = Wanted {
            card: true,
            ..Wanted::default()
        };
        out = shape::token(world, place, Digits::Six, wanted, switches);
        out["gone"] = json!(world.tokens[place].gone);
    } else {
        let place = world.place("card_", id)?;
        out = shape::card(world, place, Digits::Six);
        out["gone"] = json!(world.cards[place].gone);
    }
    Some(out)
}

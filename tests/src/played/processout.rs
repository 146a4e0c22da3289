//! ProcessOut: tokens below customers, metadata carries the switches, the default is native, deleting is immediate.

use super::{Card, Held, Played, System, TOUCHED, Wanted, connection, handle, told};
use serde_json::{Value, json};
use tokendesk_desk::contract::ConnectAccount;
use tokendesk_sandbox::{Running, SystemHandle};

pub struct ProcessOut;

/// Our keys of a token's metadata.
const ONE_CLICK: &str = "tokendesk_one_click";
const ACTIVE: &str = "tokendesk_active";

const ALL: [Wanted; 6] = [
    Wanted::OneClickOff,
    Wanted::OneClickOn,
    Wanted::Deactivate,
    Wanted::Activate,
    Wanted::Delete,
    Wanted::MakeDefault,
];

/// Changes keys of a token's metadata.
fn note(shop: &SystemHandle, id: &str, changes: Value) {
    let mut metadata = shop.truth(id).unwrap()["metadata"].clone();
    for (key, value) in changes.as_object().unwrap() {
        metadata[key] = value.clone();
    }
    shop.edit(json!({ "set_token": { "id": id, "metadata": metadata } }))
        .unwrap();
}

/// Everyday saved cards of a customer, oldest first.
fn saved(shop: &SystemHandle, customer: &Value) -> Vec<String> {
    let tokens = customer["tokens"].as_array().unwrap();
    let everyday = |id: &&Value| {
        let token = shop.truth(id.as_str().unwrap()).unwrap();
        token["type"] == "card"
            && token["card"].is_object()
            && token["is_chargeable"] == true
            && token["is_subscription_only"] == false
            && token["gone"] == false
    };
    tokens
        .iter()
        .filter(everyday)
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

impl Played for ProcessOut {
    fn connection(&self, shop: &Running) -> ConnectAccount {
        ConnectAccount {
            space: told(shop, System::ProcessOut, "project"),
            ..connection(
                System::ProcessOut.name(),
                told(shop, System::ProcessOut, "host"),
                told(shop, System::ProcessOut, "secret"),
            )
        }
    }

    fn customers(&self) -> u32 {
        26
    }

    fn prepared(&self, shop: &Running) -> Vec<Card> {
        let shop = handle(shop, System::ProcessOut);
        let customers = shop.ids().into_iter().filter(|id| id.starts_with("cust_"));
        let mut cards = Vec::new();
        let mut second = None;
        for id in customers {
            let customer = shop.truth(&id).unwrap();
            let mut tokens = saved(&shop, &customer);
            if customer["email"].is_null() || tokens.is_empty() {
                continue;
            }
            if tokens.len() > 1 && second.is_none() {
                let other = tokens.swap_remove(1);
                let first = tokens.swap_remove(0);
                shop.edit(json!({ "set_token": { "id": first, "is_default": true } }))
                    .unwrap();
                second = Some(Card {
                    id: other,
                    customer: id,
                });
            } else if cards.len() < 8 {
                cards.push(Card {
                    id: tokens.swap_remove(0),
                    customer: id,
                });
            }
        }
        assert_eq!(cards.len(), 8, "the world has enough everyday cards");
        for (nth, card) in cards.iter().enumerate() {
            note(
                &shop,
                &card.id,
                json!({
                    ONE_CLICK: (nth != Wanted::OneClickOn.card()).to_string(),
                    ACTIVE: (nth != Wanted::Activate.card()).to_string(),
                    "crm": nth.to_string(),
                }),
            );
        }
        cards.push(second.expect("a customer with two cards"));
        cards
    }

    fn wishes(&self) -> &'static [Wanted] {
        &ALL
    }

    fn calls(&self, card: &Card, writes: bool) -> Vec<(&'static str, String)> {
        let customer = format!("/customers/{}", card.customer);
        let token = format!("{customer}/tokens/{}", card.id);
        if writes {
            // The default is a member of the customer.
            vec![("PUT", customer), ("DELETE", token)]
        } else {
            vec![("GET", customer)]
        }
    }

    fn held(&self, shop: &Running, card: &Card) -> Held {
        let token = handle(shop, System::ProcessOut).truth(&card.id).unwrap();
        let metadata = &token["metadata"];
        Held {
            active: metadata[ACTIVE] == "true",
            one_click: metadata[ONE_CLICK] == "true",
            is_default: token["is_default"] == true,
            gone: token["gone"] == true,
            touched: metadata["note"] == TOUCHED,
            version: None,
        }
    }

    fn touch(&self, shop: &Running, card: &Card) {
        note(
            &handle(shop, System::ProcessOut),
            &card.id,
            json!({ "note": TOUCHED }),
        );
    }

    fn flip(&self, shop: &Running, card: &Card, wish: Wanted, as_wished: bool) {
        let on = (wish == Wanted::OneClickOn) == as_wished;
        note(
            &handle(shop, System::ProcessOut),
            &card.id,
            json!({ ONE_CLICK: on.to_string() }),
        );
    }
}

//! KOMOJU: a customer record is one card, metadata carries the switches, deleting takes the record.

use super::{Card, Held, Played, System, TOUCHED, Wanted, connection, handle, told};
use serde_json::json;
use tokendesk_desk::contract::ConnectAccount;
use tokendesk_sandbox::Running;

pub struct Komoju;

/// Our keys of the record's metadata.
const ONE_CLICK: &str = "tokendesk_one_click";
const ACTIVE: &str = "tokendesk_active";

const ALL: [Wanted; 5] = [
    Wanted::OneClickOff,
    Wanted::OneClickOn,
    Wanted::Deactivate,
    Wanted::Activate,
    Wanted::Delete,
];

impl Played for Komoju {
    fn connection(&self, shop: &Running) -> ConnectAccount {
        connection(
            System::Komoju.name(),
            told(shop, System::Komoju, "host"),
            told(shop, System::Komoju, "secret_key"),
        )
    }

    fn prepared(&self, shop: &Running) -> Vec<Card> {
        let komoju = handle(shop, System::Komoju);
        (0..8)
            .map(|nth| {
                let made = komoju
                    .edit(json!({ "customer": {
                        "email": format!("buyer{nth}@example.com"),
                        "source": { "brand": "visa", "last4": format!("111{nth}"), "month": 1, "year": 2030 },
                        "metadata": {
                            ONE_CLICK: (nth != Wanted::OneClickOn.card()).to_string(),
                            ACTIVE: (nth != Wanted::Activate.card()).to_string(),
                            "crm": nth.to_string(),
                        },
                    }}))
                    .unwrap();
                let id = made["id"].as_str().unwrap().to_owned();
                Card {
                    customer: id.clone(),
                    id,
                }
            })
            .collect()
    }

    fn wishes(&self) -> &'static [Wanted] {
        &ALL
    }

    fn calls(&self, card: &Card, writes: bool) -> Vec<(&'static str, String)> {
        let path = format!("/customers/{}", card.id);
        let verbs = if writes {
            &["PATCH", "DELETE"][..]
        } else {
            &["GET"]
        };
        verbs.iter().map(|verb| (*verb, path.clone())).collect()
    }

    fn held(&self, shop: &Running, card: &Card) -> Held {
        let record = handle(shop, System::Komoju).truth(&card.id).unwrap();
        let metadata = &record["metadata"];
        Held {
            active: metadata[ACTIVE] == "true",
            one_click: metadata[ONE_CLICK] == "true",
            is_default: false,
            gone: record["gone"] == true,
            touched: metadata["note"] == TOUCHED,
            version: None,
        }
    }

    fn touch(&self, shop: &Running, card: &Card) {
        handle(shop, System::Komoju)
            .edit(json!({ "id": card.id, "metadata": { "note": TOUCHED } }))
            .unwrap();
    }

    fn flip(&self, shop: &Running, card: &Card, wish: Wanted, as_wished: bool) {
        let on = (wish == Wanted::OneClickOn) == as_wished;
        handle(shop, System::Komoju)
            .edit(json!({ "id": card.id, "metadata": { ONE_CLICK: on.to_string() } }))
            .unwrap();
    }
}

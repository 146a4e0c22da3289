//! Zafapay: blocking and unblocking are native, nothing can be listed or deleted.

use super::{Card, Held, Played, System, Wanted, connection, handle, told};
use serde_json::json;
use tokendesk_desk::contract::ConnectAccount;
use tokendesk_sandbox::Running;

pub struct Zafapay;

const BOTH: [Wanted; 2] = [Wanted::Deactivate, Wanted::Activate];

impl Played for Zafapay {
    fn connection(&self, shop: &Running) -> ConnectAccount {
        connection(
            System::Zafapay.name(),
            told(shop, System::Zafapay, "host"),
            told(shop, System::Zafapay, "access_token"),
        )
    }

    fn directory(&self, cards: &[Card]) -> Option<String> {
        let rows = cards
            .iter()
            .enumerate()
            .map(|(nth, card)| format!("{},buyer{nth}@example.com,Buyer {nth}\n", card.customer));
        Some(format!("customer_id,email,name\n{}", rows.collect::<String>()))
    }

    fn prepared(&self, shop: &Running) -> Vec<Card> {
        let zafapay = handle(shop, System::Zafapay);
        (0..8)
            .map(|nth| {
                let customer = format!("buyer-{nth}");
                let made = zafapay
                    .edit(json!({ "add_card": { "customer_id": customer, "last4": format!("424{nth}") } }))
                    .unwrap();
                let id = made["id"].as_str().unwrap().to_owned();
                // A second one, so that somebody else can change which is the default.
                zafapay
                    .edit(json!({ "add_card": { "customer_id": customer, "last4": "0005" } }))
                    .unwrap();
                if nth == Wanted::Activate.card() {
                    zafapay
                        .edit(json!({ "block": { "id": id, "reason": "lost" } }))
                        .unwrap();
                }
                Card { id, customer }
            })
            .collect()
    }

    fn wishes(&self) -> &'static [Wanted] {
        &BOTH
    }

    fn calls(&self, card: &Card, writes: bool) -> Vec<(&'static str, String)> {
        if writes {
            vec![("POST", format!("/customers/payment-methods/{}", card.id))]
        } else {
            vec![("GET", format!("/customers/{}/payment-methods", card.customer))]
        }
    }

    fn held(&self, shop: &Running, card: &Card) -> Held {
        let saved = handle(shop, System::Zafapay).truth(&card.id).unwrap();
        Held {
            active: saved["status"] == "active",
            one_click: false,
            is_default: saved["is_default"] == true,
            gone: saved["gone"] == true,
            touched: saved["is_default"] == false,
            version: None,
        }
    }

    fn touch(&self, shop: &Running, card: &Card) {
        let zafapay = handle(shop, System::Zafapay);
        let customer = zafapay.truth(&card.customer).unwrap();
        let other = customer["payment_methods"]
            .as_array()
            .unwrap()
            .iter()
            .find(|id| **id != card.id)
            .unwrap();
        zafapay.edit(json!({ "set_default": { "id": other } })).unwrap();
    }

    fn flip(&self, shop: &Running, card: &Card, wish: Wanted, as_wished: bool) {
        let edit = if (wish == Wanted::Deactivate) == as_wished {
            json!({ "block": { "id": card.id, "reason": "asked for elsewhere" } })
        } else {
            json!({ "unblock": { "id": card.id } })
        };
        handle(shop, System::Zafapay).edit(edit).unwrap();
    }
}

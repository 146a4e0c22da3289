//! Prism with a connector that can end mandates: revoking is all that is sent, and its answer the only proof.

use super::{Card, Held, Played, System, Wanted, connection, handle, told};
use serde_json::Value;
use tokendesk_desk::contract::ConnectAccount;
use tokendesk_sandbox::Running;

pub struct Prism;

const CONNECTOR: &str = "cybersource";
/// The same as the connector's own side spells it.
const SPELLED: &str = "Cybersource";

impl Played for Prism {
    fn connection(&self, shop: &Running) -> ConnectAccount {
        let all = handle(shop, System::Prism).connection();
        let config = &all["connector_configs"][CONNECTOR];
        ConnectAccount {
            connector: Some(CONNECTOR.to_owned()),
            ..connection(
                System::Prism.name(),
                told(shop, System::Prism, "endpoint"),
                config.to_string(),
            )
        }
    }

    fn directory(&self, cards: &[Card]) -> Option<String> {
        let rows = cards
            .iter()
            .enumerate()
            .map(|(nth, card)| format!("{},buyer{nth}@example.com,{}\n", card.customer, card.id));
        Some(format!("customer_id,email,token\n{}", rows.collect::<String>()))
    }

    fn prepared(&self, shop: &Running) -> Vec<Card> {
        let directory = handle(shop, System::Prism)
            .truth(&format!("directory/{SPELLED}"))
            .unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut seen = std::collections::HashSet::new();
        let cards: Vec<Card> = directory["rows"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| seen.insert(row["customer"].clone()))
            .map(|row| Card {
                id: text(&row["token"]),
                customer: text(&row["customer"]),
            })
            .take(8)
            .collect();
        assert_eq!(cards.len(), 8, "the world has enough everyday cards");
        cards
    }

    fn wishes(&self) -> &'static [Wanted] {
        &[Wanted::Delete]
    }

    fn calls(&self, _card: &Card, writes: bool) -> Vec<(&'static str, String)> {
        if writes {
            vec![("POST", "/types.RecurringPaymentService/Revoke".to_owned())]
        } else {
            Vec::new()
        }
    }

    fn held(&self, shop: &Running, card: &Card) -> Held {
        let saved = handle(shop, System::Prism).truth(&card.id).unwrap();
        Held {
            active: saved["gone"] == false,
            gone: saved["gone"] == true,
            ..Held::default()
        }
    }

    fn touch(&self, _shop: &Running, _card: &Card) {}

    fn flip(&self, _shop: &Running, _card: &Card, _wish: Wanted, _as_wished: bool) {}
}

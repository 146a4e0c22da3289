//! wallee: native switches, an asynchronous deletion, a version that guards.

use super::{Card, Held, Played, System, TOUCHED, Wanted, connection};
use tokendesk_desk::contract::ConnectAccount;
use tokendesk_sandbox::{EditRequest, Running};

pub struct Wallee;

const ALL: [Wanted; 5] = [
    Wanted::OneClickOff,
    Wanted::OneClickOn,
    Wanted::Deactivate,
    Wanted::Activate,
    Wanted::Delete,
];

fn id(card: &Card) -> u64 {
    card.id.parse().unwrap()
}

impl Played for Wallee {
    fn connection(&self, shop: &Running) -> ConnectAccount {
        ConnectAccount {
            space: shop.space.clone(),
            user: shop.user.clone(),
            ..connection(System::Wallee.name(), shop.origin.clone(), shop.key.clone())
        }
    }

    fn prepared(&self, shop: &Running) -> Vec<Card> {
        shop.set_switch("state_patch", "accepts").unwrap();
        let mut seen = std::collections::HashSet::new();
        let cards: Vec<u64> = shop
            .tokens()
            .into_iter()
            .filter(|token| {
                token.state == "ACTIVE"
                    && token.enabled_for_one_click_payment
                    && token.customer_id.is_some()
                    && token.versions.iter().any(|version| version.state == "ACTIVE")
                    && seen.insert(token.customer_email_address.clone())
            })
            .map(|token| token.id)
            .take(8)
            .collect();
        assert_eq!(cards.len(), 8, "the world has enough everyday cards");
        shop.edit(EditRequest {
            id: cards[1],
            one_click: Some(false),
            ..EditRequest::default()
        })
        .unwrap();
        shop.edit(EditRequest {
            id: cards[3],
            state: Some("INACTIVE".to_owned()),
            ..EditRequest::default()
        })
        .unwrap();
        cards
            .into_iter()
            .map(|id| Card {
                id: id.to_string(),
                customer: String::new(),
            })
            .collect()
    }

    fn wishes(&self) -> &'static [Wanted] {
        &ALL
    }

    fn calls(&self, card: &Card, writes: bool) -> Vec<(&'static str, String)> {
        let path = format!("/payment/tokens/{}", card.id);
        let verbs = if writes {
            &["PATCH", "DELETE"][..]
        } else {
            &["GET"]
        };
        verbs.iter().map(|verb| (*verb, path.clone())).collect()
    }

    fn held(&self, shop: &Running, card: &Card) -> Held {
        let token = shop.token(id(card)).unwrap();
        Held {
            active: token.state == "ACTIVE",
            one_click: token.enabled_for_one_click_payment,
            is_default: false,
            gone: matches!(token.state, "DELETING" | "DELETED"),
            touched: token.token_reference.as_deref() == Some(TOUCHED),
            version: Some(token.version),
        }
    }

    fn touch(&self, shop: &Running, card: &Card) {
        shop.edit(EditRequest {
            id: id(card),
            token_reference: Some(Some(TOUCHED.to_owned())),
            ..EditRequest::default()
        })
        .unwrap();
    }

    fn flip(&self, shop: &Running, card: &Card, wish: Wanted, as_wished: bool) {
        let on = (wish == Wanted::OneClickOn) == as_wished;
        shop.edit(EditRequest {
            id: id(card),
            one_click: Some(on),
            ..EditRequest::default()
        })
        .unwrap();
    }
}

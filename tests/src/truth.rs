//! What the five payment systems hold of customers and their cards, read from their own side: what a desk that has read all of it
//! has to show. Knows the shapes that the sandbox tells of its worlds, and no desk.

use crate::played::System;
use serde_json::Value;
use std::collections::HashMap;
use tokendesk_model::fold::email_key;
use tokendesk_sandbox::{Running, SystemHandle};

/// The connector that [`crate::played`] connects, as its own side spells it.
const CONNECTOR: &str = "Cybersource";

/// A customer record with its cards.
pub struct Record {
    /// Where it is kept.
    pub system: System,
    /// Its id; none where a card names no customer.
    pub customer: Option<String>,
    /// As given there.
    pub email: Option<String>,
    /// Its cards, deleted ones that are still shown included.
    pub cards: Vec<HeldCard>,
}

/// A card, and the state a desk has to show for it.
pub struct HeldCard {
    /// The provider's id.
    pub id: String,
    /// `active`, `inactive`, `creating`, `deleting`, `deleted`, `other`.
    pub state: &'static str,
}

impl Record {
    /// Under which key its person is found.
    pub fn person(&self) -> Option<String> {
        self.email.as_deref().and_then(email_key)
    }
}

/// Everything one system holds.
pub fn records(shop: &Running, system: System) -> Vec<Record> {
    let held = shop.system(system.name());
    match system {
        System::Wallee => wallee(shop),
        System::ProcessOut => processout(&held),
        System::Komoju => komoju(&held),
        System::Zafapay => zafapay(&held),
        System::Prism => prism(&held),
    }
}

/// The file a shop would give to whoever imports its customers: Zafapay's is the shop's own, Prism's has the tokens too.
pub fn directory(shop: &Running, system: System) -> Option<String> {
    let held = shop.system(system.name());
    match system {
        System::Wallee | System::ProcessOut | System::Komoju => None,
        System::Zafapay => Some(text(&held.truth("directory.csv").unwrap()).unwrap()),
        System::Prism => {
            let rows = prism_rows(&held).into_iter().map(|row| {
                let cell = |name: &str| text(&row[name]).unwrap_or_default();
                format!("{},{},{}\n", cell("customer"), cell("email"), cell("token"))
            });
            Some(format!("customer_id,email,token\n{}", rows.collect::<String>()))
        }
    }
}

fn wallee(shop: &Running) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    let mut places: HashMap<(Option<String>, Option<String>), usize> = HashMap::new();
    for token in shop.tokens() {
        let card = HeldCard {
            id: token.id.to_string(),
            state: match token.state {
                "CREATE" => "creating",
                "ACTIVE" => "active",
                "INACTIVE" => "inactive",
                "DELETING" => "deleting",
                "DELETED" => "deleted",
                _ => "other",
            },
        };
        let (customer, email) = (token.customer_id, token.customer_email_address);
        let key = (customer.clone(), email.as_deref().and_then(email_key));
        // Without both it belongs to nobody, and stands alone.
        let place = (key != (None, None)).then(|| *places.entry(key).or_insert(records.len()));
        match place.and_then(|place| records.get_mut(place)) {
            Some(record) => record.cards.push(card),
            None => records.push(Record {
                system: System::Wallee,
                customer,
                email,
                cards: vec![card],
            }),
        }
    }
    records
}

fn processout(held: &SystemHandle) -> Vec<Record> {
    let ids = held.ids();
    let customers = ids.iter().filter(|id| id.starts_with("cust_"));
    customers
        .map(|id| {
            let customer = held.truth(id).unwrap();
            let cards = members(&customer["tokens"]).filter_map(|id| {
                let token = held.truth(&id).unwrap();
                let state = match (&token["type"], &token["metadata"]["tokendesk_active"]) {
                    (kind, _) if kind == "pending" => "creating",
                    (_, mark) if mark == "false" => "inactive",
                    _ => "active",
                };
                (token["gone"] == false).then_some(HeldCard { id, state })
            });
            Record {
                system: System::ProcessOut,
                customer: Some(id.clone()),
                email: text(&customer["email"]),
                cards: cards.collect(),
            }
        })
        .collect()
}

// A customer is one card, also before its details were entered.
fn komoju(held: &SystemHandle) -> Vec<Record> {
    let record = |id: String| {
        let customer = held.truth(&id).unwrap();
        let off = customer["metadata"]["tokendesk_active"] == "false";
        Record {
            system: System::Komoju,
            customer: Some(id.clone()),
            email: text(&customer["email"]),
            cards: vec![HeldCard {
                id,
                state: if off { "inactive" } else { "active" },
            }],
        }
    };
    held.ids().into_iter().map(record).collect()
}

fn zafapay(held: &SystemHandle) -> Vec<Record> {
    let known = held.ids().into_iter().map(|id| held.truth(&id).unwrap());
    known
        .filter(|object| object["payment_methods"].is_array())
        .map(|customer| Record {
            system: System::Zafapay,
            customer: text(&customer["customer_id"]),
            email: text(&customer["email"]),
            cards: members(&customer["payment_methods"])
                .map(|id| HeldCard {
                    state: match held.truth(&id).unwrap()["status"].as_str() {
                        Some("active") => "active",
                        Some("blocked") => "inactive",
                        _ => "other",
                    },
                    id,
                })
                .collect(),
        })
        .collect()
}

fn prism(held: &SystemHandle) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for row in prism_rows(held) {
        let customer = text(&row["customer"]);
        let card = HeldCard {
            id: text(&row["token"]).unwrap(),
            state: "active",
        };
        // Rows of one customer follow each other.
        match records.last_mut().filter(|last| last.customer == customer) {
            Some(record) => record.cards.push(card),
            None => records.push(Record {
                system: System::Prism,
                customer,
                email: text(&row["email"]),
                cards: vec![card],
            }),
        }
    }
    records
}

fn prism_rows(held: &SystemHandle) -> Vec<Value> {
    let directory = held.truth(&format!("directory/{CONNECTOR}")).unwrap();
    directory["rows"].as_array().unwrap().clone()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn members(list: &Value) -> impl Iterator<Item = String> + '_ {
    list.as_array().into_iter().flatten().filter_map(text)
}

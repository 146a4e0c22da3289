//! Token versions and what they tell of a card: wallee fact sheet, section 4.2.

use serde_json::Value;

use crate::client::{Client, sandbox, some_token};

fn all(client: &Client, expand: &str) -> Vec<Value> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let page = client
            .get(&format!("/payment/token-versions?limit=100{expand}{after}"))
            .json();
        let data = page["data"].as_array().unwrap();
        rows.extend(data.iter().cloned());
        if page["hasMore"] == false {
            return rows;
        }
        after = format!("&after={}", data.last().unwrap()["id"]);
    }
}

#[test]
fn nested_objects_are_collapsed_unless_asked_for() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let nested = [
        "token",
        "paymentMethodBrand",
        "paymentMethod",
        "paymentConnectorConfiguration",
        "type",
    ];
    let read = |expand: &str| {
        client
            .get(&format!("/payment/tokens/{id}/active-version{expand}"))
            .json()
    };
    let bare = read("");
    for name in nested {
        assert_eq!(
            bare[name].as_object().unwrap().keys().collect::<Vec<_>>(),
            ["id"],
            "{name}"
        );
    }
    for name in nested {
        let filled = read(&format!("?expand={name}"));
        for other in nested {
            assert_eq!(
                filled[other].as_object().unwrap().len() > 1,
                other == name,
                "{other} for {name}"
            );
            assert_eq!(filled[other]["id"], bare[other]["id"]);
        }
    }
    let both = read("?expand=token&expand=paymentConnectorConfiguration.processorConfiguration");
    assert_eq!(both["token"], client.read(id).json());
    assert!(both["paymentConnectorConfiguration"]["processorConfiguration"]["name"].is_string());
    assert_eq!(both["environment"], "TEST");
}

#[test]
fn cards_tell_much_or_little_but_never_contradict_themselves() {
    let running = sandbox(300, &[]);
    let rows = all(&Client::of(&running), "&expand=paymentMethodBrand");
    let mut shapes = std::collections::BTreeSet::new();
    for row in &rows {
        let label = |id: u64| {
            let labels = row["labels"].as_array().unwrap();
            labels
                .iter()
                .find(|l| l["descriptor"]["id"] == id)
                .map(|l| l["content"].as_str().unwrap().to_owned())
        };
        let masked = label(1_456_765_125_779);
        let name = row["name"].as_str();
        shapes.insert((name.is_some(), masked.is_some()));
        let number = name.and_then(|n| n.split_once("•••• "));
        if let (Some(masked), Some((_, last))) = (&masked, number) {
            assert!(masked.ends_with(last));
        }
        if let Some(month) = label(1_456_765_711_187) {
            assert_eq!(row["expiresOn"].as_str().unwrap()[..7], month);
        }
        assert!(masked.is_none_or(|m| m.contains("****")));
    }
    assert_eq!(shapes.len(), 4, "name, labels, both, neither");
    let brands: std::collections::BTreeSet<String> = rows
        .iter()
        .map(|r| r["paymentMethodBrand"]["name"]["en-US"].to_string())
        .collect();
    for name in [
        "\"Visa\"",
        "\"Mastercard\"",
        "\"American Express\"",
        "\"TWINT\"",
        "\"Nordlicht Card\"",
        "null",
    ] {
        assert!(brands.contains(name), "{name}");
    }
    let twint = rows.iter().find(|r| r["name"] == "TWINT").unwrap();
    assert!(twint["labels"].as_array().unwrap().is_empty() && twint["expiresOn"].is_null());
}

#[test]
fn new_card_data_makes_the_old_version_obsolete() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let id = some_token(&running, "ACTIVE", Some("ACTIVE"));
    let active = || client.get(&format!("/payment/tokens/{id}/active-version")).json();
    let old = active()["id"].as_u64().unwrap();
    let holder = active()["billingAddress"].clone();
    let request = serde_json::json!({ "id": id, "newVersion": { "brand": "jcb", "last4": "0000", "expires": "2033-02" } });
    let version = running.token(id).unwrap().version;
    let after = running.edit(serde_json::from_value(request).unwrap()).unwrap();
    assert_eq!(after.version, version + 1);
    let new = active();
    assert!(new["id"].as_u64().unwrap() > old);
    assert_eq!(new["name"], "JCB •••• 0000");
    assert_eq!(new["expiresOn"], "2033-02-28T23:59:59.000Z");
    assert_eq!(new["billingAddress"]["givenName"], holder["givenName"]);
    let old = client.get(&format!("/payment/token-versions/{old}")).json();
    assert_eq!(old["state"], "OBSOLETE");
    assert!(old["obsoletedOn"].is_string());
}

#[test]
fn a_shell_answers_404_or_nothing() {
    let running = sandbox(30, &[]);
    let client = Client::of(&running);
    for id in [some_token(&running, "ACTIVE", None), obsolete_shell(&running)] {
        let path = format!("/payment/tokens/{id}/active-version");
        running.set_switch("active_version_missing", "404").unwrap();
        assert_eq!(client.get(&path).status, 404);
        running.set_switch("active_version_missing", "empty").unwrap();
        let empty = client.get(&path);
        assert_eq!(
            (empty.status, empty.body.len(), empty.header("content-type")),
            (200, 0, None)
        );
    }
    assert_eq!(client.get("/payment/tokens/9/active-version").status, 404);
}

fn obsolete_shell(running: &tokendesk_sandbox::Running) -> u64 {
    let shell = |t: &tokendesk_sandbox::TokenTruth| {
        t.state == "ACTIVE" && !t.versions.is_empty() && t.versions.iter().all(|v| v.state == "OBSOLETE")
    };
    running
        .tokens()
        .into_iter()
        .find(shell)
        .expect("a token with only obsolete versions")
        .id
}

#[test]
fn the_environment_is_a_switch() {
    let running = sandbox(20, &["environment=PRODUCTION"]);
    let client = Client::of(&running);
    assert!(
        all(&client, "")
            .iter()
            .all(|row| row["environment"] == "PRODUCTION")
    );
    running.set_switch("environment", "TEST").unwrap();
    assert!(all(&client, "").iter().all(|row| row["environment"] == "TEST"));
}

#[test]
fn unknown_states_and_ids_as_texts_are_switches() {
    let running = sandbox(300, &[]);
    let client = Client::of(&running);
    let known = ["CREATE", "ACTIVE", "INACTIVE", "DELETING", "DELETED"];
    let odd = || -> Vec<u64> {
        let ids = running.token_ids();
        let page = |after: u64| {
            client
                .get(&format!("/payment/tokens?limit=100&after={after}"))
                .json()
        };
        ids.chunks(100)
            .flat_map(|chunk| page(chunk[0] - 1)["data"].as_array().unwrap().clone())
            .filter(|row| !known.contains(&row["state"].as_str().unwrap()))
            .map(|row| row["id"].as_u64().unwrap())
            .collect()
    };
    assert!(odd().is_empty());
    running.set_switch("unknown_enum", "on").unwrap();
    assert!(!odd().is_empty());
    running.set_switch("ids_as_strings", "on").unwrap();
    let row = client.get("/payment/tokens").json()["data"][0].clone();
    assert!(row["id"].is_string() && row["version"].is_string());
}

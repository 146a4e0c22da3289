//! The world: the same from the same seed, and with every awkward case in it.

use std::collections::{BTreeMap, BTreeSet};

use tokendesk_sandbox::{Options, Running, Sandbox, TokenTruth};

use crate::client::Client;

fn start(customers: u32, seed: u64, month: (i32, u32)) -> Running {
    Sandbox::start(Options {
        customers,
        seed,
        month: Some(month),
        ..Options::default()
    })
    .unwrap()
}

fn told(running: &Running) -> Vec<u8> {
    let client = Client::of(running);
    let mut all = client.get("/payment/tokens?limit=100").body;
    all.extend(client.get("/payment/token-versions?limit=100&expand=token").body);
    all
}

#[test]
fn one_seed_is_one_world() {
    let (a, b) = (start(150, 3, (2026, 11)), start(150, 3, (2026, 11)));
    assert_eq!(told(&a), told(&b));
    assert_eq!((&a.space, &a.user, &a.key), (&b.space, &b.user, &b.key));
    let other = start(150, 4, (2026, 11));
    assert_ne!(told(&a), told(&other));
    assert_ne!(a.key, other.key);
    // Another month moves dates and nothing else.
    let later = start(150, 3, (2027, 2));
    let facts = |running: &Running| -> Vec<_> {
        running
            .tokens()
            .into_iter()
            .map(|t| {
                (
                    t.id,
                    t.version,
                    t.state,
                    t.customer_email_address,
                    t.versions.len(),
                )
            })
            .collect()
    };
    assert_eq!(facts(&a), facts(&later));
    assert_ne!(told(&a), told(&later));
}

fn by_customer(tokens: &[TokenTruth]) -> BTreeMap<&str, Vec<&TokenTruth>> {
    let mut map: BTreeMap<&str, Vec<&TokenTruth>> = BTreeMap::new();
    for token in tokens {
        if let Some(id) = &token.customer_id {
            map.entry(id).or_default().push(token);
        }
    }
    map
}

#[test]
fn ten_thousand_customers_hold_every_awkward_case() {
    let running = start(10_000, 1, (2026, 11));
    let tokens = running.tokens();
    let customers = by_customer(&tokens);
    let counts: Vec<usize> = customers.values().map(Vec::len).collect();
    assert_eq!(counts.iter().filter(|n| **n == 5_000).count(), 1);
    assert_eq!(counts.iter().filter(|n| **n == 50).count(), 1);
    let usual = tokens.len() - 5_050;
    assert!((22_000..25_000).contains(&usual), "{usual}");

    let emails: BTreeSet<&str> = tokens
        .iter()
        .filter_map(|t| t.customer_email_address.as_deref())
        .collect();
    for email in &emails {
        let host = email.rsplit_once('@').unwrap().1.to_lowercase();
        let mut labels = host.rsplit('.');
        assert!(
            matches!(labels.next(), Some("com" | "org" | "net")) && labels.next() == Some("example"),
            "{host}"
        );
        assert!(email.len() <= 150 && email.is_ascii() && email.split('@').next().unwrap().len() <= 64);
    }
    let some_email = |test: &dyn Fn(&str) -> bool| emails.iter().any(|e| test(e));
    assert!(some_email(&|e| e.contains('+')) && some_email(&|e| e.len() > 120));
    assert!(some_email(&|e| e.chars().any(char::is_uppercase)));
    assert!(some_email(&|e| e.contains('_')) && some_email(&|e| e.contains('\'')));

    let some = |test: &dyn Fn(&TokenTruth) -> bool| tokens.iter().any(test);
    for state in ["CREATE", "ACTIVE", "INACTIVE", "DELETING", "DELETED"] {
        assert!(some(&|t| t.state == state), "{state}");
    }
    assert!(some(&|t| t.customer_email_address.is_none()) && some(&|t| t.customer_id.is_none()));
    assert!(some(&|t| t.token_reference.is_none()) && some(&|t| t.versions.is_empty()));
    assert!(some(&|t| t.state == "ACTIVE"
        && t.versions.iter().all(|v| v.state == "OBSOLETE")
        && !t.versions.is_empty()));
    assert!(
        tokens
            .iter()
            .all(|t| t.state.starts_with("DELET") == t.planned_purge_date.is_some())
    );

    let shared = emails.iter().any(|email| {
        let owners: BTreeSet<_> = tokens
            .iter()
            .filter(|t| t.customer_email_address.as_deref() == Some(email))
            .map(|t| &t.customer_id)
            .collect();
        owners.len() > 1
    });
    assert!(shared, "two customers with one email");

    let holders: BTreeSet<&str> = tokens
        .iter()
        .flat_map(|t| &t.versions)
        .filter_map(|v| v.holder.as_deref())
        .collect();
    for range in ['ぁ'..='龯', 'А'..='я', 'ا'..='ي', 'À'..='ž'] {
        assert!(
            holders.iter().any(|h| h.chars().any(|c| range.contains(&c))),
            "{range:?}"
        );
    }
    assert!(tokens.iter().all(|t| t.created_on.as_str() < "2026-11-01"));
    assert!(tokens.is_sorted_by(|a, b| a.id < b.id && a.created_on <= b.created_on));
}

#[test]
fn cards_run_out_around_the_worlds_month() {
    let running = start(2_000, 5, (2026, 11));
    let in_use: Vec<String> = running
        .tokens()
        .into_iter()
        .filter(|t| t.state == "ACTIVE")
        .flat_map(|t| t.versions)
        .filter(|v| v.state == "ACTIVE")
        .filter_map(|v| v.expires_on)
        .collect();
    let share = |from: &str, until: &str| {
        100 * in_use
            .iter()
            .filter(|e| e.as_str() >= from && e.as_str() < until)
            .count()
            / in_use.len()
    };
    assert!((2..10).contains(&share("", "2026-11")), "expired but active");
    assert!((3..14).contains(&share("2026-11", "2027-01")), "within 60 days");
    assert!(share("2027-11", "2031") > 60, "one to four years");
}

#[test]
fn a_few_ids_have_thirteen_digits_and_pass_the_check_sum() {
    let running = start(50, 2, (2026, 11));
    let ids = running.token_ids();
    let long: Vec<u64> = ids.iter().copied().filter(|id| *id > 1_000_000_000_000).collect();
    assert_eq!(long.len(), 3);
    for id in &long {
        let sum: u32 = id
            .to_string()
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, digit)| {
                let digit = u32::from(digit - b'0') * (1 + place as u32 % 2);
                digit / 10 + digit % 10
            })
            .sum();
        assert_eq!(sum % 10, 0, "{id}");
        assert_eq!(Client::of(&running).read(*id).status, 200);
    }
    assert!(long.iter().any(|id| id.to_string().starts_with('4')));
    assert!(ids.iter().filter(|id| **id < 10_000_000).count() == ids.len() - 3);
}

#[test]
fn names_live_only_on_billing_addresses() {
    let running = start(30, 2, (2026, 11));
    let client = Client::of(&running);
    let version = client.get("/payment/token-versions?limit=1").json()["data"][0].clone();
    let family = version["billingAddress"]["familyName"].as_str().unwrap();
    assert!(!family.is_empty());
    let names: Vec<String> = client
        .read(version["token"]["id"].as_u64().unwrap())
        .json()
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let documented = [
        "id",
        "version",
        "state",
        "externalId",
        "tokenReference",
        "customerId",
        "customerEmailAddress",
        "language",
        "timeZone",
        "enabledForOneClickPayment",
        "createdOn",
        "linkedSpaceId",
        "plannedPurgeDate",
    ];
    assert!(
        names.iter().all(|n| documented.contains(&n.as_str())),
        "{names:?}"
    );
}

#[test]
fn small_worlds_work_too() {
    for customers in [0, 1, 2, 9] {
        let running = start(customers, 1, (2026, 11));
        let ids = running.token_ids();
        assert_eq!(Client::of(&running).get("/payment/tokens?limit=100").ids(), ids);
        assert!(ids.len() >= customers as usize);
    }
}

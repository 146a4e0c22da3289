//! Lists and their cursors: wallee fact sheet, section 4.4.

use crate::client::{Client, sandbox};

fn walk(client: &Client, list: &str, order: &str) -> (Vec<u64>, usize) {
    let (mut all, mut calls, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let page = client.get(&format!("{list}?limit=100&order={order}{cursor}"));
        let ids = page.ids();
        calls += 1;
        all.extend_from_slice(&ids);
        if page.json()["hasMore"] == false {
            return (all, calls);
        }
        cursor = format!("&after={}", ids.last().unwrap());
    }
}

#[test]
fn walking_the_list_meets_every_token_once_in_both_directions() {
    let running = sandbox(300, &[]);
    let client = Client::of(&running);
    let mut known = running.token_ids();
    assert!(known.len() > 500);
    let (up, calls) = walk(&client, "/payment/tokens", "ASC");
    assert_eq!(up, known);
    assert_eq!(calls, known.len().div_ceil(100));
    known.reverse();
    assert_eq!(walk(&client, "/payment/tokens", "DESC").0, known);
}

#[test]
fn walking_the_versions_meets_every_version_once() {
    let running = sandbox(300, &[]);
    let (seen, _) = walk(&Client::of(&running), "/payment/token-versions", "ASC");
    let mut known: Vec<u64> = running
        .tokens()
        .iter()
        .flat_map(|t| t.versions.iter().map(|v| v.id))
        .collect();
    known.sort_unstable();
    assert_eq!(seen, known);
}

#[test]
fn before_and_after_show_the_rows_next_to_the_bound() {
    let running = sandbox(30, &[]);
    let client = Client::of(&running);
    let ids = running.token_ids();
    let list = |query: String| client.get(&format!("/payment/tokens?limit=2&{query}")).ids();
    assert_eq!(list(format!("after={}", ids[3])), ids[4..6]);
    assert_eq!(list(format!("before={}", ids[6])), ids[4..6]);
    assert_eq!(list(format!("after={}&before={}", ids[3], ids[5])), ids[4..5]);
    assert_eq!(list(format!("order=DESC&after={}", ids[6])), [ids[5], ids[4]]);
    assert_eq!(list(format!("order=DESC&before={}", ids[3])), [ids[5], ids[4]]);
    let last = client.get(&format!("/payment/tokens?after={}", ids.last().unwrap()));
    assert_eq!((last.ids().len(), &last.json()["hasMore"]), (0, &false.into()));
    // A bound that no longer exists still marks a place.
    running.purge(ids[4]).unwrap();
    assert_eq!(list(format!("after={}", ids[4])), ids[5..7]);
}

#[test]
fn the_envelope_and_the_default_page() {
    let running = sandbox(30, &[]);
    let client = Client::of(&running);
    let page = client.get("/payment/tokens");
    assert_eq!(
        page.header("content-type"),
        Some("application/json;charset=utf-8")
    );
    let page = page.json();
    assert_eq!(
        (
            page["data"].as_array().unwrap().len(),
            &page["limit"],
            &page["hasMore"]
        ),
        (10, &10.into(), &true.into())
    );
    let search = client.get("/payment/tokens/search?offset=3").json();
    assert_eq!((&search["offset"], &search["limit"]), (&3.into(), &10.into()));
    assert_eq!(search["data"][0]["id"], running.token_ids()[3]);
}

#[test]
fn bad_paging_is_refused() {
    let running = sandbox(30, &[]);
    let client = Client::of(&running);
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "after=0",
        "before=-1",
        "after=x",
        "order=asc",
    ] {
        let answer = client.get(&format!("/payment/tokens?{query}"));
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["errors"].as_object().unwrap().len() == 1, "{query}");
    }
    let offset = |n: u32| client.get(&format!("/payment/tokens/search?offset={n}")).status;
    assert_eq!((offset(10_000), offset(10_001)), (200, 416));
}

#[test]
fn the_default_order_is_a_switch() {
    let running = sandbox(30, &[]);
    let client = Client::of(&running);
    let ids = running.token_ids();
    assert_eq!(client.get("/payment/tokens").ids()[0], ids[0]);
    running.set_switch("default_order", "DESC").unwrap();
    assert_eq!(client.get("/payment/tokens").ids()[0], ids[ids.len() - 1]);
}

#[test]
fn whether_deleted_tokens_are_listed_is_a_switch() {
    let running = sandbox(300, &[]);
    let client = Client::of(&running);
    let leaving: Vec<u64> = running
        .tokens()
        .into_iter()
        .filter(|t| t.state.starts_with("DELET"))
        .map(|t| t.id)
        .collect();
    assert!(leaving.len() > 2);
    let listed = |client: &Client| walk(client, "/payment/tokens", "ASC").0;
    assert!(leaving.iter().all(|id| listed(&client).contains(id)));
    assert!(!client.search("state:DELETED").ids().is_empty());
    running.set_switch("list_includes_deleted", "off").unwrap();
    let without = listed(&client);
    assert!(leaving.iter().all(|id| !without.contains(id)));
    assert_eq!(without.len() + leaving.len(), running.token_ids().len());
    assert!(client.search("state:DELETED").ids().is_empty());
    assert_eq!(client.read(leaving[0]).status, 200);
}

//! The search language: wallee fact sheet, section 4.5.

use tokendesk_sandbox::TokenTruth;

use crate::client::{API, Client, encode, sandbox};

/// Ids a query finds, compared with a filter over the server's truth.
fn agrees(client: &Client, truth: &[TokenTruth], query: &str, wanted: impl Fn(&TokenTruth) -> bool) -> usize {
    let expected: Vec<u64> = truth
        .iter()
        .filter(|t| wanted(t))
        .map(|t| t.id)
        .take(100)
        .collect();
    assert_eq!(client.search(query).ids(), expected, "{query}");
    expected.len()
}

#[test]
fn every_documented_form_finds_what_a_plain_filter_finds() {
    let running = sandbox(120, &[]);
    let client = Client::of(&running);
    let all = running.tokens();
    let some = all
        .iter()
        .find(|t| t.customer_id.is_some() && t.customer_email_address.is_some())
        .unwrap();
    let (email, customer) = (
        some.customer_email_address.as_deref(),
        some.customer_id.as_deref(),
    );
    let (e, c, id) = (email.unwrap(), customer.unwrap(), some.id);
    let check = |query: &str, wanted: &dyn Fn(&TokenTruth) -> bool| {
        assert!(
            agrees(&client, &all, query, wanted) > 0,
            "{query} finds something"
        );
    };
    check("", &|_| true);
    check(&format!("id:{id}"), &|t| t.id == id);
    check(&format!("customerEmailAddress:{e}"), &|t| {
        t.customer_email_address.as_deref() == email
    });
    check(&format!("customerEmailAddress:\"{e}\""), &|t| {
        t.customer_email_address.as_deref() == email
    });
    check(&format!("customerEmailAddress:'{e}'"), &|t| {
        t.customer_email_address.as_deref() == email
    });
    check("customerEmailAddress:~example.org", &|t| {
        t.customer_email_address
            .as_deref()
            .is_some_and(|e| e.contains("example.org"))
    });
    check(&format!("customerId:{c} AND state:ACTIVE"), &|t| {
        t.customer_id.as_deref() == customer && t.state == "ACTIVE"
    });
    check(&format!("customerId:{c} -id:1"), &|t| {
        t.customer_id.as_deref() == customer
    });
    check("-state:ACTIVE", &|t| t.state != "ACTIVE");
    check("-(state:ACTIVE OR state:INACTIVE)", &|t| {
        !matches!(t.state, "ACTIVE" | "INACTIVE")
    });
    check("state:INACTIVE OR state:DELETED", &|t| {
        matches!(t.state, "INACTIVE" | "DELETED")
    });
    check("customerEmailAddress:*", &|t| t.customer_email_address.is_none());
    check("-customerId:*", &|t| t.customer_id.is_some());
    check(&format!("id:>{id}"), &|t| t.id > id);
    check(&format!("id:<={id} id:>=1000000"), &|t| t.id <= id);
    check(&format!("id:<{} version:>2", id + 40), &|t| {
        t.id < id + 40 && t.version > 2
    });
    check("enabledForOneClickPayment:false", &|t| {
        !t.enabled_for_one_click_payment
    });
    check("tokenReference:~ORDER", &|t| {
        t.token_reference.as_deref().is_some_and(|r| r.contains("ORDER"))
    });
    check(&format!("externalId:{}", some.external_id), &|t| t.id == id);
    let day = &some.created_on[..10];
    check(&format!("createdOn:{day}"), &|t| t.created_on.starts_with(day));
    check(&format!("createdOn:>='{day}'"), &|t| t.created_on[..10] >= *day);
    check(
        &format!("createdOn:<{day} OR createdOn:\"{}\"", some.created_on),
        &|t| t.created_on[..10] < *day || t.id == id,
    );
    assert_eq!(agrees(&client, &all, "id:1", |_| false), 0);
}

#[test]
fn results_are_sorted_as_asked() {
    let running = sandbox(60, &[]);
    let client = Client::of(&running);
    let sorted = |order: &str| {
        client.get(&format!(
            "/payment/tokens/search?limit=100&order={}",
            encode(order)
        ))
    };
    let mut ids = running.token_ids();
    ids.truncate(100);
    assert_eq!(sorted("id:ASC").ids(), ids);
    assert_eq!(
        sorted("createdOn:DESC").ids()[0],
        *running.token_ids().last().unwrap()
    );
    let by_state = sorted("state:ASC,id:DESC").json();
    let rows: Vec<(String, u64)> = by_state["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["state"].to_string(), row["id"].as_u64().unwrap()))
        .collect();
    assert!(rows.is_sorted_by(|a, b| (&a.0, std::cmp::Reverse(a.1)) <= (&b.0, std::cmp::Reverse(b.1))));
    assert_eq!(
        (sorted("id:UP").status, sorted("nonsense:ASC").status),
        (400, 400)
    );
}

#[test]
fn offsets_and_has_more_cover_the_whole_result() {
    let running = sandbox(60, &[]);
    let client = Client::of(&running);
    let (mut all, mut offset) = (Vec::new(), 0);
    loop {
        let page = client.get(&format!("/payment/tokens/search?limit=7&offset={offset}"));
        all.extend(page.ids());
        offset = all.len();
        if page.json()["hasMore"] == false {
            break;
        }
    }
    assert_eq!(all, running.token_ids());
}

#[test]
fn upper_and_lower_case_are_a_switch() {
    let running = sandbox(60, &[]);
    let client = Client::of(&running);
    let mixed = running
        .tokens()
        .into_iter()
        .find(|t| {
            t.customer_email_address
                .as_ref()
                .is_some_and(|e| e.to_lowercase() != *e)
        })
        .expect("a mixed-case email");
    let lower = mixed.customer_email_address.unwrap().to_lowercase();
    let query = format!("customerEmailAddress:\"{lower}\"");
    assert!(client.search(&query).ids().is_empty());
    running.set_switch("search_case", "insensitive").unwrap();
    assert!(client.search(&query).ids().contains(&mixed.id));
}

#[test]
fn backslashes_in_quotes_are_a_switch() {
    let running = sandbox(5, &[]);
    let client = Client::of(&running);
    let request = serde_json::json!({ "externalId": "x", "tokenReference": "say \"yes\"" });
    let id = client.post("/payment/tokens", request).json()["id"]
        .as_u64()
        .unwrap();
    let query = r#"tokenReference:"say \"yes\"""#;
    assert_eq!(client.search(query).ids(), [id]);
    running.set_switch("search_escape", "none").unwrap();
    assert_eq!(client.search(query).status, 400);
}

#[test]
fn what_is_not_understood_is_refused() {
    let running = sandbox(5, &[]);
    let client = Client::of(&running);
    for query in [
        "ada",
        "id:abc",
        "state:>A",
        "enabledForOneClickPayment:maybe",
        "createdOn:soon",
        "(id:1",
    ] {
        assert_eq!(client.search(query).status, 400, "{query}");
    }
    assert_eq!(client.search("nonsense:1").status, 400);
    running.set_switch("unknown_search_field", "422").unwrap();
    assert_eq!(client.search("nonsense:1").status, 422);
}

#[test]
fn every_sdks_encoding_of_one_query_means_the_same() {
    let running = sandbox(20, &[]);
    let client = Client::of(&running);
    let spellings = [
        "state%3AACTIVE%20id%3A%3E1",
        "state:ACTIVE%20id:%3E1",
        "state%3AACTIVE+id%3A%3E1",
        "%73tate:ACTIVE%20id:%3e1",
    ];
    let found: Vec<Vec<u64>> = spellings
        .iter()
        .map(|s| client.get(&format!("/payment/tokens/search?query={s}")).ids())
        .collect();
    assert!(
        !found[0].is_empty() && found.iter().all(|ids| *ids == found[0]),
        "{API}"
    );
}

#[test]
fn versions_are_found_by_their_token() {
    let running = sandbox(60, &[]);
    let client = Client::of(&running);
    let token = running
        .tokens()
        .into_iter()
        .find(|t| t.versions.len() > 1)
        .unwrap();
    let search = |query: &str| client.get(&format!("/payment/token-versions/search?query={}", encode(query)));
    let all: Vec<u64> = token.versions.iter().map(|v| v.id).collect();
    assert_eq!(search(&format!("token.id:{}", token.id)).ids(), all);
    let active: Vec<u64> = token
        .versions
        .iter()
        .filter(|v| v.state == "ACTIVE")
        .map(|v| v.id)
        .collect();
    assert_eq!(
        search(&format!("token.id:{} AND state:ACTIVE", token.id)).ids(),
        active
    );
    let email = token.customer_email_address.unwrap_or_default();
    assert!(
        search(&format!("token.customerEmailAddress:\"{email}\""))
            .ids()
            .contains(&all[0])
    );
    assert!(
        !search("expiresOn:<2100-01-01 environment:TEST paymentMethodBrand:1457546097639")
            .ids()
            .is_empty()
    );
    assert_eq!(search("token.nonsense:1").status, 400);
}

//! What the desk is for: find a customer by email, see the cards, switch one, and see that it is so. And the people who are
//! more than one row: two customers of one email, and a customer with five thousand cards.

use crate::shop::{Office, Shop};
use std::collections::{BTreeMap, BTreeSet};
use tokendesk_desk::contract::{
    ChangeRef, Env, FindPeople, FoundBy, PersonCards, PersonRef, PersonView, ProblemCode,
};

async fn find(office: &Office, text: &str) -> Vec<(Option<String>, String, FoundBy)> {
    let request = FindPeople {
        env: Env::Demo,
        text: text.to_owned(),
        after: None,
        limit: 200,
    };
    let found = office.desk.find_people(request).await.unwrap();
    assert_eq!(found.searched.len(), 1);
    assert!(found.searched[0].read_since.is_some());
    found
        .items
        .into_iter()
        .map(|row| (row.email, row.person, row.found_by))
        .collect()
}

async fn open(office: &Office, person: &str) -> PersonView {
    let request = PersonRef {
        env: Env::Demo,
        person: person.to_owned(),
    };
    office.desk.open_person(request).await.unwrap()
}

async fn person_of(office: &Office, email: &str) -> String {
    let found = find(office, email).await;
    let wanted = email.to_lowercase();
    let row = found.iter().find(|row| {
        row.0
            .as_deref()
            .is_some_and(|email| email.to_lowercase() == wanted)
    });
    row.unwrap().1.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_ten_thousand_customers_a_card_is_found_switched_and_confirmed() {
    let shop = Shop::start(10_000);
    let office = Office::connected(&shop).await;
    office.assert_same_as(&shop).await;

    let token = shop.everyday(40).pop().unwrap();
    let email = token.customer_email_address.clone().unwrap();
    let middle = &email[2..email.len() - 5];
    let found = find(&office, middle).await;
    let row = found
        .iter()
        .find(|row| row.0.as_deref() == Some(email.as_str()))
        .unwrap();
    assert_eq!(row.2, FoundBy::EmailContains);

    let person = open(&office, &row.1).await;
    let card = person
        .cards
        .iter()
        .find(|card| card.remote_id == token.id.to_string())
        .unwrap();
    assert_eq!(
        (card.one_click, card.provider_one_click),
        (Some(true), Some(true))
    );
    assert_eq!(card.switches.one_click_blocked, None);

    let change = office.one_click(token.id, false).await;
    assert_eq!(change.status, "held");
    assert_eq!(change.hold.as_ref().unwrap().whole_ms, 10_000);
    assert!(change.can_undo);
    let shown = office.card(token.id).await;
    assert_eq!(
        (shown.one_click, shown.provider_one_click),
        (Some(false), Some(true))
    );
    assert_eq!(shown.pending.len(), 1);
    assert!(
        shop.token(token.id).enabled_for_one_click_payment,
        "nothing was sent yet"
    );

    let pushed = office.push().await;
    assert_eq!((pushed.done, pushed.stuck, pushed.waiting), (1, 0, 0));
    let held = shop.token(token.id);
    assert!(!held.enabled_for_one_click_payment);
    assert_eq!(held.version, token.version + 1);
    let shown = office.card(token.id).await;
    assert_eq!(
        (shown.one_click, shown.provider_one_click),
        (Some(false), Some(false))
    );
    assert_eq!(shown.version, i64::from(held.version));
    assert!(shown.pending.is_empty());
    assert_eq!(office.change(&change.id).await.status, "done");
    let this = ChangeRef { change_id: change.id };
    let discarded = office.desk.discard_change(this.clone()).await;
    assert_eq!(discarded.unwrap_err().code, ProblemCode::ChangeTooLate);
    let undone = office.desk.undo_change(this).await;
    assert_eq!(undone.unwrap_err().code, ProblemCode::ChangeTooLate);

    two_customers_of_one_email_are_one_person(&shop, &office).await;
    five_thousand_cards_are_one_person_too(&shop, &office).await;
    office.assert_counters().await;
}

async fn two_customers_of_one_email_are_one_person(shop: &Shop, office: &Office) {
    let mut customers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for token in shop.running.tokens() {
        if let (Some(email), Some(customer)) = (token.customer_email_address, token.customer_id) {
            customers.entry(email).or_default().insert(customer);
        }
    }
    let (email, ids) = customers.into_iter().find(|(_, ids)| ids.len() == 2).unwrap();
    let view = open(office, &person_of(office, &email).await).await;
    let shown: BTreeSet<String> = view
        .customers
        .iter()
        .filter_map(|c| c.customer_id.clone())
        .collect();
    assert_eq!(shown, ids, "both records, one person");
    assert_eq!(view.customers.len(), 2);
    let cards: BTreeSet<String> = view.cards.iter().map(|card| card.remote_id.clone()).collect();
    let held: BTreeSet<String> = shop
        .running
        .tokens_by_email(&email)
        .iter()
        .map(|token| token.id.to_string())
        .collect();
    assert_eq!(cards, held);
}

async fn five_thousand_cards_are_one_person_too(shop: &Shop, office: &Office) {
    let mut by_email: BTreeMap<String, usize> = BTreeMap::new();
    for token in shop.running.tokens() {
        *by_email
            .entry(token.customer_email_address.unwrap_or_default())
            .or_default() += 1;
    }
    let (email, _) = by_email
        .into_iter()
        .find(|(email, n)| *n >= 5_000 && !email.is_empty())
        .unwrap();
    let held: BTreeSet<String> = shop
        .running
        .tokens_by_email(&email)
        .iter()
        .map(|token| token.id.to_string())
        .collect();
    let person = person_of(office, &email).await;

    let view = open(office, &person).await;
    let all = view.counts.active
        + view.counts.inactive
        + view.counts.creating
        + view.counts.deleting
        + view.counts.deleted
        + view.counts.other;
    assert_eq!(all as usize, held.len());
    let mut shown: Vec<String> = view.cards.iter().map(|card| card.remote_id.clone()).collect();
    let mut after = view.next;
    assert!(after.is_some());
    while after.is_some() {
        let request = PersonCards {
            env: Env::Demo,
            person: person.clone(),
            after,
            limit: 200,
        };
        let page = office.desk.person_cards(request).await.unwrap();
        shown.extend(page.items.into_iter().map(|card| card.remote_id));
        after = page.next;
    }
    assert_eq!(shown.len(), held.len(), "each exactly once");
    assert_eq!(shown.into_iter().collect::<BTreeSet<_>>(), held);

    shop.forget_stats().await;
    let request = PersonRef {
        env: Env::Demo,
        person,
    };
    office.desk.refresh_person(request).await.unwrap();
    let stats = shop.stats().await;
    assert!(stats.of_kind("tokens.search") > 0);
    assert!(stats.requests < 400, "{} requests for one look", stats.requests);
}

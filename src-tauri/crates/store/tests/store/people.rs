//! Opening a person, paging cards, people opened lately.

use crate::support::{Bench, account, at, emails, token, version};
use tokendesk_model::{Environment, PersonKey, SearchQuery};
use tokendesk_store::StoreError;

#[tokio::test]
async fn a_person_is_their_email_over_all_accounts_and_no_email_never_groups() {
    let bench = Bench::new().await;
    let second = account(Environment::Test, "406");
    let live = account(Environment::Live, "407");
    bench.store.insert_account(&second).await.unwrap();
    bench.store.insert_account(&live).await.unwrap();
    bench
        .put(&[
            token(1, Some("C-1"), Some("Ada@Example.org")),
            token(2, Some("C-2"), Some("ada@example.org")),
            token(3, Some("C-3"), None),
            token(4, None, None),
            token(5, None, None),
        ])
        .await;
    for id in [second.id, live.id] {
        let ticket = bench.store.begin_read();
        let cards = [token(9, Some("K-1"), Some("ADA@example.org"))];
        bench
            .store
            .put_tokens(id, ticket, &cards, at(12), None)
            .await
            .unwrap();
    }
    let key = PersonKey::Email("ada@example.org".into());
    let person = bench
        .store
        .person(Environment::Test, &key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(person.customers.len(), 3);
    assert_eq!(
        (person.counts.active, person.email.as_deref()),
        (3, Some("Ada@Example.org"))
    );
    assert_eq!(person.customers[2].account, second.id);
    assert_eq!(person.customers[2].customer_id.as_deref(), Some("K-1"));
    assert_eq!(
        (person.read_at, person.customers[2].read_at),
        (Some(at(10)), Some(at(12)))
    );
    assert_eq!(
        bench
            .store
            .person(Environment::Live, &key)
            .await
            .unwrap()
            .unwrap()
            .customers
            .len(),
        1
    );
    assert!(
        bench
            .store
            .person(Environment::Demo, &key)
            .await
            .unwrap()
            .is_none()
    );

    let (env, alone) = bench
        .store
        .person_of_card(bench.account.token("4"))
        .await
        .unwrap()
        .unwrap();
    let other = bench
        .store
        .person_of_card(bench.account.token("5"))
        .await
        .unwrap()
        .unwrap()
        .1;
    assert_ne!(alone, other);
    let person = bench.store.person(env, &alone).await.unwrap().unwrap();
    assert_eq!((person.email, person.counts.all()), (None, 1));
    assert_eq!(alone, PersonKey::Customer(person.customers[0].id));
    assert_eq!(
        bench
            .store
            .person_cards(env, &alone, None, 10)
            .await
            .unwrap()
            .items[0]
            .remote_id,
        "4"
    );
    assert_eq!(bench.store.totals(Environment::Test).await.unwrap().people, 4);
    assert_eq!(bench.find("C-3").await[0].email, None);
}

#[tokio::test]
async fn accents_keep_people_apart_and_find_them_together() {
    let bench = Bench::new().await;
    bench
        .put(&[
            token(1, None, Some("müller@example.org")),
            token(2, None, Some("muller@example.org")),
        ])
        .await;
    assert_eq!(bench.find("muller").await.len(), 2);
    for email in ["müller@example.org", "muller@example.org"] {
        let person = bench
            .store
            .person(Environment::Test, &PersonKey::Email(email.into()))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(person.email.as_deref(), Some(email));
    }
}

#[tokio::test]
async fn pages_of_cards_are_whole_and_in_order() {
    let bench = Bench::new().await;
    let mut cards: Vec<_> = (1..=23)
        .map(|n| {
            token(
                n,
                Some(if n % 2 == 0 { "C-2" } else { "C-1" }),
                Some("ada@example.org"),
            )
        })
        .collect();
    // Several of one moment, and some without one.
    for card in &mut cards[5..12] {
        card.created_on = Some(at(-77));
    }
    cards[3].created_on = None;
    cards[4].created_on = None;
    bench.put(&cards).await;
    let key = PersonKey::Email("ada@example.org".into());
    let env = Environment::Test;
    let whole = bench.store.person_cards(env, &key, None, 100).await.unwrap();
    assert_eq!(
        (whole.items.len(), whole.next.clone(), whole.total.n),
        (23, None, 23)
    );
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = bench
            .store
            .person_cards(env, &key, after.as_deref(), 4)
            .await
            .unwrap();
        paged.extend(page.items.iter().map(|card| card.remote_id.clone()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(
        paged,
        whole
            .items
            .iter()
            .map(|card| card.remote_id.clone())
            .collect::<Vec<_>>()
    );
    let customers: Vec<_> = whole.items.iter().map(|card| card.customer).collect();
    assert!(
        customers[..12].iter().all(|id| *id == customers[0])
            && customers[12..].iter().all(|id| *id == customers[22])
    );

    let everything = SearchQuery::default();
    let whole = bench
        .store
        .cards(env, None, &everything, None, 100)
        .await
        .unwrap();
    let dates: Vec<_> = whole.items.iter().map(|card| card.snapshot.created_on).collect();
    assert!(dates.windows(2).all(|pair| pair[0] >= pair[1]));
    for text in ["", "ada", "state:active one-click:on", "C-"] {
        let query = SearchQuery::parse(text).unwrap();
        let mut paged = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = bench
                .store
                .cards(env, Some(bench.account), &query, after.as_deref(), 5)
                .await
                .unwrap();
            assert_eq!((page.total.n, page.total.exact), (23, true), "{text}");
            paged.extend(page.items.iter().map(|card| card.remote_id.clone()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(
            paged,
            whole
                .items
                .iter()
                .map(|card| card.remote_id.clone())
                .collect::<Vec<_>>(),
            "{text}"
        );
    }
    let page = bench.store.cards(env, None, &everything, None, 5).await.unwrap();
    let other = SearchQuery::parse("ada").unwrap();
    for (query, after) in [
        (&other, page.next.as_deref()),
        (&everything, Some("x")),
        (&everything, Some("")),
    ] {
        assert!(matches!(
            bench.store.cards(env, None, query, after, 5).await,
            Err(StoreError::BadCursor)
        ));
        assert!(matches!(
            bench.store.find_people(env, query, after, 5).await,
            Err(StoreError::BadCursor)
        ));
    }
}

#[tokio::test]
async fn cards_are_filtered_by_what_is_shown() {
    let bench = Bench::new().await;
    bench
        .put(&[
            token(1, None, Some("a@example.org")),
            token(2, None, Some("b@example.org")),
        ])
        .await;
    let ticket = bench.store.begin_read();
    let versions = [
        version(11, 1, "1111", "Ada Lindqvist"),
        version(12, 2, "4444", "Bea Lindqvist"),
    ];
    bench
        .store
        .put_versions(bench.account, ticket, &versions, at(30), None)
        .await
        .unwrap();
    let list = |text: &'static str| {
        let store = bench.store.clone();
        async move {
            let query = SearchQuery::parse(text).unwrap();
            let page = store
                .cards(Environment::Test, None, &query, None, 10)
                .await
                .unwrap();
            page.items
                .into_iter()
                .map(|card| card.remote_id)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(list("brand:visa exp:<2028-04").await, ["2", "1"]);
    assert_eq!(list("brand:jcb").await, Vec::<String>::new());
    assert_eq!(list("exp:>2028-03").await, Vec::<String>::new());
    assert_eq!(list("4444").await, ["2"]);
    assert_eq!(list("lindqvist exp:2028-03 ada").await, ["1"]);
    assert_eq!(list("state:deleted").await, Vec::<String>::new());
}

#[tokio::test]
async fn people_opened_lately_come_latest_first() {
    let bench = Bench::new().await;
    bench
        .put(&[
            token(1, None, Some("a@example.org")),
            token(2, None, Some("b@example.org")),
            token(3, None, None),
        ])
        .await;
    let (_, alone) = bench
        .store
        .person_of_card(bench.account.token("3"))
        .await
        .unwrap()
        .unwrap();
    let email = |text: &str| PersonKey::Email(text.to_owned());
    let env = Environment::Test;
    for (i, key) in [
        email("a@example.org"),
        email("gone@example.org"),
        alone,
        email("b@example.org"),
    ]
    .iter()
    .enumerate()
    {
        bench
            .store
            .note_opened(env, key, at(i64::try_from(i).unwrap()))
            .await
            .unwrap();
    }
    let rows = bench.store.recent_people(env, 10).await.unwrap();
    assert_eq!(emails(&rows), ["b@example.org", "-", "a@example.org"]);
    assert_eq!(bench.store.recent_people(env, 1).await.unwrap().len(), 1);
    assert!(
        bench
            .store
            .recent_people(Environment::Live, 1)
            .await
            .unwrap()
            .is_empty()
    );
}

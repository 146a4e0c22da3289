//! Every card of a selection: which, in which order, how many, and whom it leaves without.

use crate::support::{Bench, account, at, token, version, wish};
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};
use tokendesk_model::{
    AccountId, CustomerId, Environment, Lesson, SearchQuery, TokenId, TokenSnapshot, TokenState, Wish,
};
use tokendesk_store::{CardRow, Count, LastCards};

async fn listed(bench: &Bench, query: &SearchQuery) -> Vec<CardRow> {
    let page = bench
        .store
        .cards(Environment::Test, None, query, None, 1000)
        .await
        .unwrap();
    assert!(page.next.is_none());
    page.items
}

// The customers of whom all cards that pass `counts` are among `chosen`.
fn left_without(all: &[CardRow], chosen: &HashSet<TokenId>, counts: fn(&CardRow) -> bool) -> u32 {
    let mut cards: HashMap<CustomerId, (u32, u32)> = HashMap::new();
    for card in all.iter().filter(|card| counts(card)) {
        let (has, loses) = cards.entry(card.customer).or_default();
        *has += 1;
        *loses += u32::from(chosen.contains(&card.id));
    }
    u32::try_from(cards.values().filter(|(has, loses)| has == loses).count()).unwrap()
}

const HOMES: [(Option<&str>, Option<&str>); 5] = [
    (Some("C-1"), Some("ada@example.org")),
    (Some("C-2"), Some("ada@example.org")),
    (Some("C-2"), None),
    (Some("C-3"), Some("adam@example.org")),
    (None, None),
];
const QUERIES: [&str; 9] = [
    "",
    "state:active",
    "state:inactive,deleted one-click:on",
    "one-click:off",
    "ada",
    "c-2 state:active",
    "ada example",
    "1111",
    "brand:visa exp:<2030-01",
];

#[derive(Debug, Clone)]
struct Card {
    home: usize,
    state: usize,
    one_click: Option<bool>,
    wished_off: bool,
    has_version: bool,
    chosen: bool,
}

fn any_card() -> impl Strategy<Value = Card> {
    (
        0usize..5,
        0usize..8,
        any::<Option<bool>>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(home, state, one_click, wished_off, has_version, chosen)| Card {
            home,
            state,
            one_click,
            wished_off,
            has_version,
            chosen,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_selection_is_what_the_list_shows(cards in prop::collection::vec(any_card(), 1..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let bench = Bench::new().await;
            bench.store.set_lesson(bench.account, Lesson::Accepts, at(1)).await.unwrap();
            let mut chosen: HashSet<TokenId> = HashSet::new();
            for (i, card) in cards.iter().enumerate() {
                let n = 100 + i as u64;
                let (customer_id, email) = HOMES[card.home];
                let state = TokenState::KNOWN.get(card.state).cloned().unwrap_or(TokenState::Active);
                let snapshot = TokenSnapshot { state, one_click: card.one_click, ..token(n, customer_id, email) };
                bench.put(std::slice::from_ref(&snapshot)).await;
                if card.has_version {
                    let ticket = bench.store.begin_read();
                    bench.store
                        .put_versions(bench.account, ticket, &[version(9000 + n, n, "1111", "Ada")], at(2), None)
                        .await
                        .unwrap();
                }
                if card.wished_off {
                    bench.store.enqueue(wish(bench.account, &snapshot, Wish::Active(false)), at(3)).await.unwrap();
                }
                if card.chosen {
                    chosen.insert(bench.account.token(&snapshot.remote_id));
                }
            }
            let all = listed(&bench, &SearchQuery::default()).await;
            for text in QUERIES {
                let query = SearchQuery::parse(text).unwrap();
                let expected = listed(&bench, &query).await;
                let found = bench.store.plan_candidates(Environment::Test, &query).await.unwrap();
                assert_eq!(
                    found.iter().map(|row| row.token).collect::<Vec<_>>(),
                    expected.iter().map(|card| card.id).collect::<Vec<_>>(),
                    "{text:?}"
                );
                for (row, card) in found.iter().zip(&expected) {
                    assert_eq!(
                        (row.account, &row.remote_id, &row.effective_state, row.effective_one_click, row.gone),
                        (card.account, &card.remote_id, &card.effective_state, card.effective_one_click, false)
                    );
                }
                for exact in [false, true] {
                    let count = bench.store.count_cards(Environment::Test, None, &query, exact).await.unwrap();
                    assert_eq!(count, Count { n: u32::try_from(expected.len()).unwrap(), exact: true }, "{text:?}");
                }
            }
            let list: Vec<TokenId> = chosen.iter().copied().collect();
            let last = bench.store.last_active_customers(&list).await.unwrap();
            assert_eq!(last, LastCards {
                active: left_without(&all, &chosen, |card| card.effective_state == TokenState::Active),
                one_click: left_without(&all, &chosen, |card| {
                    card.effective_state == TokenState::Active && card.effective_one_click == Some(true)
                }),
            });
        });
    }
}

#[tokio::test]
async fn ids_keep_their_order_and_only_those_of_the_environment_are_there() {
    let bench = Bench::new().await;
    let live = account(Environment::Live, "406");
    bench.store.insert_account(&live).await.unwrap();
    bench
        .put(&[token(1, Some("C-1"), None), token(2, Some("C-1"), None)])
        .await;
    let ticket = bench.store.begin_read();
    bench
        .store
        .put_tokens(live.id, ticket, &[token(3, None, None)], at(1), None)
        .await
        .unwrap();
    let ticket = bench.store.begin_read();
    let gone = bench.account.token("2");
    bench.store.mark_gone(gone, ticket, at(2)).await.unwrap();
    let asked = [
        live.id.token("3"),
        gone,
        AccountId::random().token("1"),
        bench.account.token("1"),
        gone,
    ];
    let rows = bench
        .store
        .plan_candidates_of(Environment::Test, &asked)
        .await
        .unwrap();
    let remote: Vec<&str> = rows.iter().map(|row| row.remote_id.as_str()).collect();
    assert_eq!(remote, ["2", "1"]);
    assert!(rows[0].gone && !rows[1].gone);
    assert_eq!(rows[0].customer, rows[1].customer);
    let none = bench
        .store
        .plan_candidates_of(Environment::Demo, &asked)
        .await
        .unwrap();
    assert!(none.is_empty());
}

#[tokio::test]
async fn counting_while_typing_stops_at_ten_thousand_and_says_so() {
    let bench = Bench::new().await;
    let cards: Vec<TokenSnapshot> = (1..10_051)
        .map(|n| token(n, Some(&format!("C-{}", n % 7_000)), Some("shared@example.org")))
        .collect();
    for page in cards.chunks(1_000) {
        bench.put(page).await;
    }
    for text in ["shared", "one-click:on"] {
        let query = SearchQuery::parse(text).unwrap();
        let capped = bench
            .store
            .count_cards(Environment::Test, None, &query, false)
            .await
            .unwrap();
        assert_eq!((capped.n, capped.exact), (10_000, false), "{text}");
        let exact = bench
            .store
            .count_cards(Environment::Test, None, &query, true)
            .await
            .unwrap();
        assert_eq!((exact.n, exact.exact), (10_050, true), "{text}");
    }
}

//! The timeline: what reads showed, told once, and whose doing it was.

use crate::support::{Bench, at, token, version, wish};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use std::collections::HashMap;
use tokendesk_model::lane::{Ended, Proof};
use tokendesk_model::{
    CardFacts, Environment, Expiry, SearchQuery, TokenSnapshot, TokenState, VersionSnapshot, VersionState,
    Wish,
};
use tokendesk_store::{CrawlStage, CrawlStep, Difference, StateCounts, TimelineRow};

async fn put(bench: &Bench, token: &TokenSnapshot, read_at: DateTime<Utc>) {
    let ticket = bench.store.begin_read();
    bench
        .store
        .put_tokens(bench.account, ticket, std::slice::from_ref(token), read_at, None)
        .await
        .unwrap();
}

async fn put_version(bench: &Bench, version: &VersionSnapshot, read_at: DateTime<Utc>) {
    let ticket = bench.store.begin_read();
    bench
        .store
        .put_versions(
            bench.account,
            ticket,
            std::slice::from_ref(version),
            read_at,
            None,
        )
        .await
        .unwrap();
}

async fn told(bench: &Bench, remote_id: &str) -> Vec<TimelineRow> {
    let token = bench.account.token(remote_id);
    bench
        .store
        .observations_since(token, at(-1_000_000))
        .await
        .unwrap()
}

async fn kinds(bench: &Bench, remote_id: &str) -> Vec<&'static str> {
    let rows = told(bench, remote_id).await;
    rows.iter().map(|row| row.what.kind()).collect()
}

#[tokio::test]
async fn each_difference_is_told_and_a_first_sighting_is_none() {
    let bench = Bench::new().await;
    let first = token(1, Some("C-1"), Some("ada@example.org"));
    put(&bench, &first, at(10)).await;
    put(&bench, &first, at(11)).await;
    put_version(&bench, &version(10, 1, "1111", "Ada"), at(12)).await;
    assert_eq!(kinds(&bench, "1").await, Vec::<&str>::new());

    let second = TokenSnapshot {
        version: 2,
        state: TokenState::Inactive,
        one_click: Some(false),
        email: Some("bea@example.org".into()),
        planned_purge_on: Some(at(500)),
        token_reference: Some("nobody cares".into()),
        ..first.clone()
    };
    put(&bench, &second, at(20)).await;
    let rows = told(&bench, "1").await;
    let what: Vec<Difference> = rows.iter().map(|row| row.what.clone()).collect();
    assert_eq!(
        what,
        [
            Difference::State {
                was: TokenState::Active,
                became: TokenState::Inactive
            },
            Difference::OneClick {
                was: Some(true),
                became: Some(false)
            },
            Difference::Customer {
                was: bench.account.customer(&first.customer_key()),
                became: bench.account.customer(&second.customer_key()),
            },
            Difference::Email,
            Difference::Purge {
                was: None,
                became: Some(at(500))
            },
        ]
    );
    assert!(rows.iter().all(|row| row.at == at(20) && !row.is_ours()));
    assert!(!format!("{rows:?}").contains("example.org"));

    let card = bench.account.token("1");
    for seconds in [30, 31] {
        let ticket = bench.store.begin_read();
        bench.store.mark_gone(card, ticket, at(seconds)).await.unwrap();
    }
    put(&bench, &second, at(32)).await;
    assert_eq!(kinds(&bench, "1").await[5..], ["gone", "back"]);
}

#[tokio::test]
async fn saved_details_are_renewed_added_and_ended() {
    let bench = Bench::new().await;
    put(&bench, &token(1, None, None), at(10)).await;
    let old = version(10, 1, "1111", "Ada");
    put_version(&bench, &old, at(11)).await;
    let longer = VersionSnapshot {
        version: 2,
        card: CardFacts {
            expiry: Expiry::new(2030, 1),
            ..old.card.clone()
        },
        ..old.clone()
    };
    put_version(&bench, &longer, at(12)).await;
    let new = VersionSnapshot {
        activated_on: Some(at(13)),
        ..version(11, 1, "2222", "Ada")
    };
    put_version(&bench, &new, at(14)).await;
    let ended = VersionSnapshot {
        version: 2,
        state: VersionState::Obsolete,
        ..new.clone()
    };
    let before = VersionSnapshot {
        version: 3,
        state: VersionState::Obsolete,
        ..longer.clone()
    };
    let ticket = bench.store.begin_read();
    bench
        .store
        .put_versions(bench.account, ticket, &[before, ended], at(15), None)
        .await
        .unwrap();
    let again = VersionSnapshot {
        version: 3,
        ..new.clone()
    };
    put_version(&bench, &again, at(16)).await;
    let ticket = bench.store.begin_read();
    let card = bench.account.token("1");
    for _ in 0..2 {
        bench
            .store
            .put_no_active_version(bench.account, ticket, card, at(17))
            .await
            .unwrap();
    }
    let what: Vec<Difference> = told(&bench, "1").await.into_iter().map(|row| row.what).collect();
    assert_eq!(
        what,
        [
            Difference::Expiry {
                was: Expiry::new(2028, 3).unwrap(),
                became: Expiry::new(2030, 1).unwrap()
            },
            Difference::Renewed {
                was: longer.card.clone(),
                became: new.card.clone()
            },
            Difference::DetailsEnded {
                was: new.card.clone()
            },
            Difference::DetailsAdded {
                became: new.card.clone()
            },
            Difference::DetailsEnded {
                was: new.card.clone()
            },
        ]
    );
}

#[tokio::test]
async fn a_first_fill_tells_nothing_in_whatever_order_versions_come() {
    let bench = Bench::new().await;
    let crawl = bench.store.begin_crawl(bench.account, at(10)).await.unwrap();
    let step = |stage| CrawlStep {
        number: crawl.number,
        stage,
        cursor: Some("1".into()),
    };
    let ticket = bench.store.begin_read();
    bench
        .store
        .put_tokens(
            bench.account,
            ticket,
            &[token(1, None, None)],
            at(11),
            Some(&step(CrawlStage::Tokens)),
        )
        .await
        .unwrap();
    let obsolete = VersionSnapshot {
        state: VersionState::Obsolete,
        ..version(9, 1, "0000", "Ada")
    };
    let younger = VersionSnapshot {
        activated_on: Some(at(2)),
        ..version(11, 1, "2222", "Ada")
    };
    for page in [obsolete, version(10, 1, "1111", "Ada"), younger] {
        let ticket = bench.store.begin_read();
        bench
            .store
            .put_versions(
                bench.account,
                ticket,
                &[page],
                at(12),
                Some(&step(CrawlStage::Versions)),
            )
            .await
            .unwrap();
    }
    bench.store.finish_crawl(bench.account, at(13)).await.unwrap();
    assert_eq!(kinds(&bench, "1").await, Vec::<&str>::new());
}

#[tokio::test]
async fn our_own_change_is_ours_and_a_later_flip_is_not() {
    let bench = Bench::new().await;
    let card = token(1, Some("C-1"), Some("ada@example.org"));
    let id = bench.account.token("1");
    put(&bench, &card, at(10)).await;
    let new = wish(bench.account, &card, Wish::OneClick(false));
    let change = bench.store.enqueue(new, at(20)).await.unwrap();
    bench.store.mark_sending(change.id, at(21)).await.unwrap();
    let off = TokenSnapshot {
        version: 2,
        one_click: Some(false),
        ..card.clone()
    };
    put(&bench, &off, at(22)).await;
    bench
        .store
        .finish(
            change.id,
            Ended::Done(Proof::Written { before: 1, after: 2 }),
            None,
            at(23),
        )
        .await
        .unwrap();
    let shown = told(&bench, "1").await;
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].change, Some(change.id));
    assert!(
        !bench
            .store
            .flipped_since(id, "one_click", at(0), at(99))
            .await
            .unwrap()
    );

    // Somebody else on, and off again: the second is the same value as ours, and still not ours.
    let on = TokenSnapshot {
        version: 3,
        ..card.clone()
    };
    put(&bench, &on, at(30)).await;
    let off = TokenSnapshot { version: 4, ..off };
    put(&bench, &off, at(31)).await;
    let ours: Vec<bool> = told(&bench, "1").await.iter().map(TimelineRow::is_ours).collect();
    assert_eq!(ours, [true, false, false]);
    assert!(
        bench
            .store
            .flipped_since(id, "one_click", at(31), at(99))
            .await
            .unwrap()
    );
    assert!(
        !bench
            .store
            .flipped_since(id, "one_click", at(32), at(99))
            .await
            .unwrap()
    );
    assert!(
        !bench
            .store
            .flipped_since(id, "active", at(0), at(99))
            .await
            .unwrap()
    );
    // The clock was set back: before the decision, or after it.
    assert!(
        !bench
            .store
            .flipped_since(id, "one_click", at(24), at(25))
            .await
            .unwrap()
    );
    assert!(
        bench
            .store
            .flipped_since(id, "one_click", at(29), at(25))
            .await
            .unwrap()
    );

    let inactive = TokenSnapshot {
        version: 5,
        state: TokenState::Inactive,
        ..off.clone()
    };
    put(&bench, &inactive, at(40)).await;
    assert!(
        bench
            .store
            .flipped_since(id, "active", at(40), at(99))
            .await
            .unwrap()
    );
    let deleting = TokenSnapshot {
        version: 6,
        state: TokenState::Deleting,
        ..inactive
    };
    put(&bench, &deleting, at(41)).await;
    assert!(
        !bench
            .store
            .flipped_since(id, "active", at(41), at(99))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn what_a_deletion_of_ours_leads_to_is_ours_however_late() {
    let bench = Bench::new().await;
    let card = token(1, None, None);
    put(&bench, &card, at(10)).await;
    let change = bench
        .store
        .enqueue(wish(bench.account, &card, Wish::Delete), at(20))
        .await
        .unwrap();
    bench.store.mark_sending(change.id, at(21)).await.unwrap();
    let deleting = TokenSnapshot {
        version: 2,
        state: TokenState::Deleting,
        ..card.clone()
    };
    put(&bench, &deleting, at(22)).await;
    bench
        .store
        .finish(
            change.id,
            Ended::Done(Proof::Written { before: 1, after: 2 }),
            None,
            at(23),
        )
        .await
        .unwrap();
    let deleted = TokenSnapshot {
        version: 3,
        state: TokenState::Deleted,
        planned_purge_on: Some(at(900_000)),
        ..card.clone()
    };
    put(&bench, &deleted, at(200_000)).await;
    let ticket = bench.store.begin_read();
    bench
        .store
        .mark_gone(bench.account.token("1"), ticket, at(900_001))
        .await
        .unwrap();
    let rows = told(&bench, "1").await;
    let kinds: Vec<&str> = rows.iter().map(|row| row.what.kind()).collect();
    assert_eq!(kinds, ["state", "state", "purge", "gone"]);
    assert!(rows.iter().all(|row| row.change == Some(change.id)));
}

#[tokio::test]
async fn a_wish_that_was_never_sent_explains_nothing() {
    let bench = Bench::new().await;
    let card = token(1, None, None);
    put(&bench, &card, at(10)).await;
    let new = wish(bench.account, &card, Wish::OneClick(false));
    bench.store.enqueue(new, at(20)).await.unwrap();
    let off = TokenSnapshot {
        version: 2,
        one_click: Some(false),
        ..card
    };
    put(&bench, &off, at(22)).await;
    assert!(!told(&bench, "1").await[0].is_ours());
}

#[tokio::test]
async fn pages_are_newest_first_and_outlive_a_new_cache() {
    let bench = Bench::new().await;
    let cards = [token(1, None, None), token(2, None, None), token(3, None, None)];
    bench.put(&cards).await;
    for n in 1..6 {
        for (i, card) in cards.iter().enumerate() {
            let flipped = TokenSnapshot {
                version: 1 + n,
                one_click: Some(n % 2 == 0),
                ..card.clone()
            };
            put(&bench, &flipped, at(20 + n * 10 + i64::try_from(i).unwrap())).await;
        }
    }
    bench.store.rebuild_cache().await.unwrap();
    let bench = bench.restart().await;
    let two = [
        bench.account.token("1"),
        bench.account.token("3"),
        bench.account.token("1"),
    ];
    assert_eq!(bench.store.timeline_count(&two).await.unwrap(), 10);
    let mut all: Vec<TimelineRow> = Vec::new();
    loop {
        let before = all.last().map(TimelineRow::place);
        let page = bench.store.timeline(&two, before, 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    assert_eq!(all.len(), 10);
    assert!(all.windows(2).all(|pair| pair[0].at > pair[1].at));
    assert!(all.iter().all(|row| row.token != bench.account.token("2")));

    bench
        .store
        .remove_account(bench.account, false, "ada", at(99))
        .await
        .unwrap();
    assert_eq!(bench.store.timeline_count(&two).await.unwrap(), 0);
}

#[derive(Debug, Clone)]
enum Step {
    Read {
        token: u64,
        version: i64,
        state: usize,
        one_click: Option<bool>,
        home: usize,
        purge: bool,
        late: bool,
    },
    Gone {
        token: u64,
        late: bool,
    },
    Restart,
    Rebuild,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (1u64..4, 1i64..4, 0usize..6, any::<Option<bool>>(), 0usize..5, any::<bool>(), any::<bool>()).prop_map(
            |(token, version, state, one_click, home, purge, late)| Step::Read {
                token, version, state, one_click, home, purge, late,
            }
        ),
        2 => (1u64..4, any::<bool>()).prop_map(|(token, late)| Step::Gone { token, late }),
        1 => Just(Step::Restart),
        1 => Just(Step::Rebuild),
    ]
}

const HOMES: [(Option<&str>, Option<&str>); 5] = [
    (Some("C-1"), Some("ada@example.org")),
    (Some("C-1"), Some("ADA@example.org")),
    (Some("C-2"), Some("ada@example.org")),
    (Some("C-2"), None),
    (None, None),
];

/// A card as a plain reader of the same reads remembers it: the number of the read, the facts, whether it is gone.
struct Remembered {
    read: usize,
    facts: TokenSnapshot,
    gone: bool,
}

fn plain_differences(old: &Remembered, new: &TokenSnapshot) -> Vec<&'static str> {
    let was = &old.facts;
    let pairs = [
        (old.gone, "back"),
        (was.state != new.state, "state"),
        (was.one_click != new.one_click, "one_click"),
        (was.customer_key() != new.customer_key(), "customer"),
        (was.email != new.email, "email"),
        (was.planned_purge_on != new.planned_purge_on, "purge"),
    ];
    pairs
        .iter()
        .filter(|(differs, _)| *differs)
        .map(|(_, kind)| *kind)
        .collect()
}

async fn counters_are_the_rows(bench: &Bench) {
    let all = bench
        .store
        .cards(Environment::Test, None, &SearchQuery::default(), None, 1000)
        .await
        .unwrap();
    let mut counts = StateCounts::default();
    for card in &all.items {
        match card.effective_state {
            TokenState::Active => counts.active += 1,
            TokenState::Inactive => counts.inactive += 1,
            TokenState::Deleting => counts.deleting += 1,
            TokenState::Creating => counts.creating += 1,
            TokenState::Deleted => counts.deleted += 1,
            TokenState::Unknown(_) => counts.other += 1,
        }
    }
    assert_eq!(bench.store.counts(Environment::Test).await.unwrap(), counts);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_timeline_is_the_differences_of_the_reads(steps in prop::collection::vec(any_step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut bench = Bench::new().await;
            let mut rows: HashMap<u64, Remembered> = HashMap::new();
            let mut expected: HashMap<u64, Vec<&'static str>> = HashMap::new();
            // Reads are numbered as they begin; a late one began before the read that was stored last.
            let mut begun = vec![bench.store.begin_read()];
            for (i, step) in steps.into_iter().enumerate() {
                begun.push(bench.store.begin_read());
                let now = at(100 + i64::try_from(i).unwrap());
                let number = |late: bool| begun.len() - 1 - usize::from(late);
                match step {
                    Step::Read { token: n, version, state, one_click, home, purge, late } => {
                        let (customer_id, email) = HOMES[home];
                        let state = TokenState::KNOWN.get(state).cloned().unwrap_or(TokenState::Unknown("ODD".into()));
                        let facts = TokenSnapshot {
                            version,
                            state,
                            one_click,
                            planned_purge_on: purge.then(|| at(5)),
                            ..token(n, customer_id, email)
                        };
                        let read = number(late);
                        bench.store.put_tokens(bench.account, begun[read], std::slice::from_ref(&facts), now, None).await.unwrap();
                        let new = Remembered { read, facts, gone: false };
                        match rows.get_mut(&n) {
                            None => { rows.insert(n, new); }
                            Some(old) if old.read > read || old.facts.version > version => {}
                            Some(old) => {
                                expected.entry(n).or_default().extend(plain_differences(old, &new.facts));
                                *old = new;
                            }
                        }
                    }
                    Step::Gone { token: n, late } => {
                        let read = number(late);
                        bench.store.mark_gone(bench.account.token(&n.to_string()), begun[read], now).await.unwrap();
                        if let Some(old) = rows.get_mut(&n).filter(|old| old.read <= read) {
                            if !old.gone {
                                expected.entry(n).or_default().push("gone");
                            }
                            old.gone = true;
                            old.read = read;
                        }
                    }
                    Step::Restart => {
                        bench = bench.restart().await;
                        // What had begun before is never answered.
                        begun.push(bench.store.begin_read());
                    }
                    Step::Rebuild => {
                        bench.store.rebuild_cache().await.unwrap();
                        rows.clear();
                    }
                }
                counters_are_the_rows(&bench).await;
                for n in 1..4u64 {
                    let shown = kinds(&bench, &n.to_string()).await;
                    assert_eq!(shown, expected.get(&n).cloned().unwrap_or_default());
                }
            }
        });
    }
}

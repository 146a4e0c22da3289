//! The snapshot door and the overlay door: what is stored, what is shown, what is counted.

use crate::support::{Bench, account, at, token, version, wish};
use proptest::prelude::*;
use std::collections::HashMap;
use tokendesk_model::change::Stuck;
use tokendesk_model::lane::{Ended, LaneError, Proof};
use tokendesk_model::{
    CardKnowledge, Environment, Lesson, Particulars, PersonKey, SearchQuery, TokenSnapshot, TokenState,
    VersionState, Wish,
};
use tokendesk_store::{Applied, StateCounts, Store, StoreError};

#[tokio::test]
async fn all_thirteen_properties_come_back_as_they_were() {
    let bench = Bench::new().await;
    let full = TokenSnapshot {
        remote_id: "700123".into(),
        version: 7,
        state: TokenState::Unknown("FROZEN".into()),
        one_click: None,
        customer_id: Some(" C-88 ".into()),
        email: Some(" Ada@Example.ORG ".into()),
        token_reference: Some("Ref Ä".into()),
        external_id: Some(String::new()),
        language: None,
        time_zone: Some("Asia/Tokyo".into()),
        created_on: None,
        planned_purge_on: Some(at(5)),
        linked_space_id: None,
        particulars: Particulars::default(),
    };
    let twin = TokenSnapshot {
        remote_id: "700124".into(),
        email: Some("ada@example.org".into()),
        customer_id: Some("C-88".into()),
        ..full.clone()
    };
    bench.put(&[full.clone(), twin.clone()]).await;
    for expected in [full, twin] {
        let card = bench
            .store
            .card(bench.account.token(&expected.remote_id))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(card.customer, bench.account.customer(&expected.customer_key()));
        assert_eq!(card.person, PersonKey::Email("ada@example.org".into()));
        assert_eq!(card.effective_state, expected.state);
        assert!(card.snapshot == expected);
    }
    let person = bench.find("ada@").await.remove(0);
    assert_eq!(
        person.counts,
        StateCounts {
            other: 2,
            ..StateCounts::default()
        }
    );
}

#[tokio::test]
async fn an_older_reading_never_overwrites_a_newer_one() {
    let bench = Bench::new().await;
    let card = token(1, Some("C-1"), Some("ada@example.org"));
    bench.put(std::slice::from_ref(&card)).await;
    // A page is asked for, then our own write is sent and read back, and only then the page arrives.
    let page = bench.store.begin_read();
    let read_back = bench.store.begin_read();
    let off = TokenSnapshot {
        version: 2,
        one_click: Some(false),
        ..card.clone()
    };
    let same_version = TokenSnapshot {
        one_click: Some(false),
        ..card.clone()
    };
    bench
        .store
        .put_tokens(bench.account, read_back, &[off], at(30), None)
        .await
        .unwrap();
    let late = bench
        .store
        .put_tokens(bench.account, page, std::slice::from_ref(&card), at(31), None)
        .await
        .unwrap();
    assert_eq!(
        late,
        Applied {
            stale: 1,
            ..Applied::default()
        }
    );
    let shown = bench.store.card(bench.account.token("1")).await.unwrap().unwrap();
    assert_eq!(
        (shown.snapshot.one_click, shown.effective_one_click),
        (Some(false), Some(false))
    );
    assert_eq!(shown.read_at, at(30));
    // A newer reading with an older version is stale too.
    let ticket = bench.store.begin_read();
    let late = bench
        .store
        .put_tokens(bench.account, ticket, &[card], at(32), None)
        .await
        .unwrap();
    assert_eq!(late.stale, 1);
    // Where versions say nothing, the later reading counts.
    let bench = Bench::new().await;
    let (first, second) = (bench.store.begin_read(), bench.store.begin_read());
    bench
        .store
        .put_tokens(
            bench.account,
            second,
            std::slice::from_ref(&same_version),
            at(1),
            None,
        )
        .await
        .unwrap();
    let on = TokenSnapshot {
        one_click: Some(true),
        ..same_version
    };
    assert_eq!(
        bench
            .store
            .put_tokens(bench.account, first, &[on], at(2), None)
            .await
            .unwrap()
            .stale,
        1
    );
}

#[tokio::test]
async fn numbers_of_reads_rise_over_restarts() {
    let bench = Bench::new().await;
    let card = token(1, None, None);
    bench.put(std::slice::from_ref(&card)).await;
    let last = bench.store.begin_read();
    bench
        .store
        .put_tokens(bench.account, last, &[card], at(1), None)
        .await
        .unwrap();
    let bench = bench.restart().await;
    assert!(bench.store.begin_read() > last);
}

#[tokio::test]
async fn wishes_are_shown_until_they_end_and_survive_a_restart() {
    let bench = Bench::new().await;
    let card = token(1, Some("C-1"), Some("ada@example.org"));
    let id = bench.account.token("1");
    bench.put(std::slice::from_ref(&card)).await;
    let change = bench
        .store
        .enqueue(wish(bench.account, &card, Wish::OneClick(false)), at(20))
        .await
        .unwrap();
    let bench = bench.restart().await;
    let shown = |store: Store| async move {
        let card = store.card(id).await.unwrap().unwrap();
        (card.snapshot.one_click, card.effective_one_click)
    };
    assert_eq!(shown(bench.store.clone()).await, (Some(true), Some(false)));
    // A pull does not clobber it.
    bench.put(std::slice::from_ref(&card)).await;
    let renamed = TokenSnapshot {
        version: 2,
        language: Some("en-GB".into()),
        ..card.clone()
    };
    bench.put(&[renamed]).await;
    assert_eq!(shown(bench.store.clone()).await, (Some(true), Some(false)));
    bench.store.mark_sending(change.id, at(21)).await.unwrap();
    assert_eq!(shown(bench.store.clone()).await, (Some(true), Some(false)));
    bench
        .store
        .finish(change.id, Ended::Stuck(Stuck::Forbidden), None, at(22))
        .await
        .unwrap();
    assert_eq!(shown(bench.store.clone()).await, (Some(true), Some(true)));
    bench.store.retry(change.id, "ada", at(23)).await.unwrap();
    assert_eq!(shown(bench.store.clone()).await, (Some(true), Some(false)));
    bench.store.discard(change.id, "ada", at(24)).await.unwrap();
    assert_eq!(shown(bench.store.clone()).await, (Some(true), Some(true)));
}

#[tokio::test]
async fn inactive_is_shown_only_where_the_account_is_known_to_do_it() {
    let bench = Bench::new().await;
    let card = token(1, Some("C-1"), Some("ada@example.org"));
    bench.put(std::slice::from_ref(&card)).await;
    bench
        .store
        .enqueue(wish(bench.account, &card, Wish::Active(false)), at(20))
        .await
        .unwrap();
    let counts = || async { bench.store.account_counts(bench.account).await.unwrap() };
    assert_eq!((counts().await.active, counts().await.inactive), (1, 0));
    bench
        .store
        .set_lesson(bench.account, Lesson::Accepts, at(21))
        .await
        .unwrap();
    assert_eq!(bench.store.lesson(bench.account).await.unwrap(), Lesson::Accepts);
    assert_eq!((counts().await.active, counts().await.inactive), (0, 1));
    assert_eq!(bench.find("state:inactive").await.len(), 1);
    bench
        .store
        .set_lesson(bench.account, Lesson::Ignores, at(22))
        .await
        .unwrap();
    assert_eq!((counts().await.active, counts().await.inactive), (1, 0));
}

#[tokio::test]
async fn card_facts_come_from_the_active_version() {
    let bench = Bench::new().await;
    let id = bench.account.token("1");
    bench.put(&[token(1, Some("C-1"), Some("ada@example.org"))]).await;
    let card = || async { bench.store.card(id).await.unwrap().unwrap() };
    assert_eq!(card().await.knowledge, CardKnowledge::NotRead);

    let mut old = version(10, 1, "0005", "Ada Old");
    old.state = VersionState::Obsolete;
    let ticket = bench.store.begin_read();
    let applied = bench
        .store
        .put_versions(bench.account, ticket, &[old.clone()], at(30), None)
        .await
        .unwrap();
    assert_eq!((applied.new, applied.unknown_tokens.len()), (1, 0));
    assert_eq!(card().await.knowledge, CardKnowledge::NotRead);

    let mut fresh = version(11, 1, "1111", "Ada Lindqvist");
    fresh.production = Some(true);
    fresh.expires_on = Some(at(99));
    let stranger = version(12, 2, "4444", "Nobody");
    let ticket = bench.store.begin_read();
    let applied = bench
        .store
        .put_versions(bench.account, ticket, &[fresh, stranger], at(31), None)
        .await
        .unwrap();
    assert_eq!(applied.unknown_tokens, ["2"]);
    assert!(applied.production_seen);
    let shown = card().await;
    assert_eq!(shown.knowledge, CardKnowledge::Known);
    assert_eq!(shown.card.last4.as_deref(), Some("1111"));
    assert_eq!(shown.active_version.as_deref(), Some("11"));
    assert_eq!(
        (shown.production, shown.version_expires_on),
        (Some(true), Some(at(99)))
    );
    assert_eq!(
        (shown.person_name.as_deref(), shown.versions_read_at),
        (Some("Ada Lindqvist"), Some(at(31)))
    );
    let versions = bench.store.card_versions(id).await.unwrap();
    assert_eq!(
        versions.iter().map(|row| row.in_use).collect::<Vec<_>>(),
        [true, false]
    );
    assert!(versions[1].snapshot == old);
    assert_eq!(bench.find("lindq").await.len(), 1);
    assert_eq!(bench.find("1111").await.len(), 1);

    let ticket = bench.store.begin_read();
    assert!(
        bench
            .store
            .put_no_active_version(bench.account, ticket, id, at(32))
            .await
            .unwrap()
    );
    let shown = card().await;
    assert_eq!(
        (shown.knowledge, shown.card.is_empty()),
        (CardKnowledge::NoActiveVersion, true)
    );
    assert_eq!(bench.find("1111").await.len(), 0);
}

#[tokio::test]
async fn late_versions_do_not_come_back() {
    let bench = Bench::new().await;
    let id = bench.account.token("1");
    bench.put(&[token(1, Some("C-1"), Some("ada@example.org"))]).await;
    let (page, later) = (bench.store.begin_read(), bench.store.begin_read());
    assert!(
        bench
            .store
            .put_no_active_version(bench.account, later, id, at(31))
            .await
            .unwrap()
    );
    let late = [version(11, 1, "1111", "Ada Lindqvist")];
    assert_eq!(
        bench
            .store
            .put_versions(bench.account, page, &late, at(32), None)
            .await
            .unwrap()
            .stale,
        1
    );
    assert_eq!(
        bench.store.card(id).await.unwrap().unwrap().knowledge,
        CardKnowledge::NoActiveVersion
    );
    assert!(
        !bench
            .store
            .put_no_active_version(bench.account, page, id, at(33))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn gone_is_deleted_and_keeps_its_row_and_its_tombstone() {
    let bench = Bench::new().await;
    let card = token(1, Some("C-1"), Some("ada@example.org"));
    let other = token(2, Some("C-1"), Some("ada@example.org"));
    bench.put(&[card.clone(), other.clone()]).await;
    let id = bench.account.token("1");
    let change = bench
        .store
        .enqueue(wish(bench.account, &card, Wish::Delete), at(20))
        .await
        .unwrap();
    assert_eq!(bench.store.account_counts(bench.account).await.unwrap().active, 2);
    bench.store.mark_sending(change.id, at(21)).await.unwrap();
    let late = bench.store.begin_read();
    let ticket = bench.store.begin_read();
    assert!(bench.store.mark_gone(id, ticket, at(22)).await.unwrap());
    bench
        .store
        .finish(change.id, Ended::Done(Proof::AlreadySo), Some("req-1"), at(23))
        .await
        .unwrap();
    assert!(bench.store.has_tombstone(id).await.unwrap());
    let shown = bench.store.card(id).await.unwrap().unwrap();
    assert_eq!(
        (shown.effective_state, shown.gone_at),
        (TokenState::Deleted, Some(at(22)))
    );
    assert_eq!(shown.snapshot.state, TokenState::Active);
    // An older page does not bring it back, and another card's end is no deletion of ours.
    assert_eq!(
        bench
            .store
            .put_tokens(bench.account, late, &[card], at(24), None)
            .await
            .unwrap()
            .stale,
        1
    );
    let ticket = bench.store.begin_read();
    bench
        .store
        .mark_gone(bench.account.token("2"), ticket, at(25))
        .await
        .unwrap();
    assert!(!bench.store.has_tombstone(bench.account.token("2")).await.unwrap());
    let counts = bench.store.account_counts(bench.account).await.unwrap();
    assert_eq!(
        counts,
        StateCounts {
            deleted: 2,
            ..StateCounts::default()
        }
    );
}

#[tokio::test]
async fn two_customers_of_a_person_may_leave_at_once() {
    let bench = Bench::new().await;
    let of = |email: &str, versions: i64| {
        [(1, "C-1"), (2, "C-2")].map(|(n, id)| TokenSnapshot {
            version: versions,
            ..token(n, Some(id), Some(email))
        })
    };
    bench.put(&of("ada@example.org", 1)).await;
    let ticket = bench.store.begin_read();
    let holder = [version(11, 1, "1111", "Ada Lindqvist")];
    bench
        .store
        .put_versions(bench.account, ticket, &holder, at(11), None)
        .await
        .unwrap();
    // In the search index, so that they have to leave it.
    let crawl = bench.store.begin_crawl(bench.account, at(12)).await.unwrap();
    bench.store.finish_crawl(bench.account, at(13)).await.unwrap();
    assert_eq!(crawl.number, 1);
    bench.put(&of("bea@example.org", 2)).await;
    assert!(bench.find("ada@").await.is_empty());
    assert_eq!(bench.find("example").await.len(), 1);
    assert_eq!(bench.find("lindqvist").await.len(), 1);
    assert_eq!(bench.store.totals(Environment::Test).await.unwrap().people, 1);
}

#[tokio::test]
async fn a_token_that_moves_leaves_no_empty_person_behind() {
    let bench = Bench::new().await;
    bench.put(&[token(1, Some("C-1"), Some("ada@example.org"))]).await;
    let ticket = bench.store.begin_read();
    let versions = [version(11, 1, "1111", "Ada Lindqvist")];
    bench
        .store
        .put_versions(bench.account, ticket, &versions, at(30), None)
        .await
        .unwrap();
    let moved = TokenSnapshot {
        version: 2,
        ..token(1, Some("C-2"), Some("bea@example.net"))
    };
    bench.put(&[moved]).await;
    assert!(bench.find("ada@").await.is_empty());
    assert!(bench.find("example.org").await.is_empty());
    let bea = bench.find("lindqvist").await;
    assert_eq!(bea[0].email.as_deref(), Some("bea@example.net"));
    assert_eq!(bench.store.totals(Environment::Test).await.unwrap().people, 1);
}

#[tokio::test]
async fn removing_an_account_takes_its_rows_and_only_those() {
    let bench = Bench::new().await;
    let second = account(Environment::Test, "406");
    bench.store.insert_account(&second).await.unwrap();
    let shared = token(1, Some("C-1"), Some("ada@example.org"));
    let only = token(2, Some("C-2"), Some("bea@example.org"));
    bench.put(&[shared.clone(), only.clone()]).await;
    let ticket = bench.store.begin_read();
    bench
        .store
        .put_tokens(second.id, ticket, &[shared], at(10), None)
        .await
        .unwrap();
    assert_eq!(bench.find("ada").await[0].accounts, [bench.account, second.id]);
    let open = bench
        .store
        .enqueue(wish(bench.account, &only, Wish::Delete), at(20))
        .await
        .unwrap();
    let refused = bench
        .store
        .remove_account(bench.account, false, "ada", at(99))
        .await
        .unwrap_err();
    assert!(matches!(refused, tokendesk_store::StoreError::OpenChanges(1)));
    bench.store.discard(open.id, "ada", at(21)).await.unwrap();
    bench
        .store
        .remove_account(bench.account, false, "ada", at(99))
        .await
        .unwrap();
    assert_eq!(bench.find("ada").await[0].accounts, [second.id]);
    assert!(bench.find("bea").await.is_empty());
    assert!(bench.find("example.org").await.len() == 1);
    assert_eq!(bench.store.totals(Environment::Test).await.unwrap().cards, 1);
    assert!(bench.store.change(open.id).await.unwrap().is_some());
}

#[derive(Debug, Clone)]
enum Step {
    Put {
        token: u64,
        version: i64,
        state: usize,
        one_click: bool,
        home: usize,
        late: bool,
    },
    Gone(u64),
    Wish {
        token: u64,
        wish: Wish,
    },
    End {
        nth: usize,
        how: usize,
    },
    Lesson(bool),
    Restart,
}

fn any_step() -> impl Strategy<Value = Step> {
    let wish = prop_oneof![
        any::<bool>().prop_map(Wish::OneClick),
        any::<bool>().prop_map(Wish::Active),
        Just(Wish::Delete)
    ];
    prop_oneof![
        8 => (1u64..6, 1i64..4, 0usize..6, any::<bool>(), 0usize..6, any::<bool>()).prop_map(
            |(token, version, state, one_click, home, late)| Step::Put { token, version, state, one_click, home, late }
        ),
        1 => (1u64..6).prop_map(Step::Gone),
        4 => (1u64..6, wish).prop_map(|(token, wish)| Step::Wish { token, wish }),
        3 => (0usize..8, 0usize..4).prop_map(|(nth, how)| Step::End { nth, how }),
        1 => any::<bool>().prop_map(Step::Lesson),
        1 => Just(Step::Restart),
    ]
}

const HOMES: [(Option<&str>, Option<&str>); 6] = [
    (Some("C-1"), Some("ada@example.org")),
    (Some("C-2"), Some("ADA@example.org")),
    (Some("C-2"), None),
    (None, Some("bea@example.org")),
    (None, None),
    (Some("C-1"), Some("adä@example.org")),
];

async fn check(bench: &Bench) {
    let mut counts = StateCounts::default();
    let mut people: HashMap<PersonKey, u32> = HashMap::new();
    let everything = bench
        .store
        .cards(Environment::Test, None, &SearchQuery::default(), None, 1000)
        .await
        .unwrap();
    for card in &everything.items {
        match card.effective_state {
            TokenState::Active => counts.active += 1,
            TokenState::Inactive => counts.inactive += 1,
            TokenState::Deleting => counts.deleting += 1,
            TokenState::Creating => counts.creating += 1,
            TokenState::Deleted => counts.deleted += 1,
            TokenState::Unknown(_) => counts.other += 1,
        }
        *people.entry(card.person.clone()).or_default() += 1;
    }
    assert_eq!(bench.store.counts(Environment::Test).await.unwrap(), counts);
    assert_eq!(bench.store.account_counts(bench.account).await.unwrap(), counts);
    let totals = bench.store.totals(Environment::Test).await.unwrap();
    assert_eq!(
        (totals.cards, totals.people),
        (everything.items.len() as u64, people.len() as u64)
    );
    let listed = bench
        .store
        .find_people(Environment::Test, &SearchQuery::default(), None, 1000)
        .await
        .unwrap()
        .items;
    let listed: HashMap<PersonKey, u32> = listed
        .into_iter()
        .map(|row| (row.key, row.counts.all()))
        .collect();
    assert_eq!(listed, people);
    for (email, expected) in [("ada@example", 2), ("bea@example", 1)] {
        let known = people.keys().filter(|key| match key {
            PersonKey::Email(key) if expected == 2 => key.starts_with("ad"),
            PersonKey::Email(key) => key.starts_with("be"),
            PersonKey::Customer(_) => false,
        });
        assert_eq!(bench.find(email).await.len(), known.count());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn counters_and_people_are_what_the_rows_say(steps in prop::collection::vec(any_step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut bench = Bench::new().await;
            let mut changes = Vec::new();
            let mut late = bench.store.begin_read();
            for step in steps {
                match step {
                    Step::Put { token: n, version, state, one_click, home, late: is_late } => {
                        let (customer_id, email) = HOMES[home];
                        let state = TokenState::KNOWN.get(state).cloned().unwrap_or(TokenState::Unknown("ODD".into()));
                        let card =
                            TokenSnapshot { version, state, one_click: Some(one_click), ..token(n, customer_id, email) };
                        let now = bench.store.begin_read();
                        let ticket = if is_late { late } else { now };
                        late = now;
                        bench.store.put_tokens(bench.account, ticket, &[card], at(10), None).await.unwrap();
                    }
                    Step::Gone(n) => {
                        let ticket = bench.store.begin_read();
                        bench.store.mark_gone(bench.account.token(&n.to_string()), ticket, at(11)).await.unwrap();
                    }
                    Step::Wish { token: n, wish: what } => {
                        let new = wish(bench.account, &token(n, None, None), what);
                        match bench.store.enqueue(new, at(12)).await {
                            Ok(change) => changes.push(change.id),
                            // Nothing is wished of a card whose deletion stands.
                            Err(StoreError::Lane(LaneError::DeletionStands)) => {}
                            Err(other) => panic!("{other}"),
                        }
                    }
                    Step::End { nth, how } => {
                        let Some(id) = changes.get(nth).copied() else { continue };
                        // Whatever is too late answers so; the counters have to hold either way.
                        let _ = match how {
                            0 => bench.store.mark_sending(id, at(13)).await,
                            1 => bench.store.finish(id, Ended::Done(Proof::AlreadySo), None, at(13)).await,
                            2 => bench.store.finish(id, Ended::Stuck(Stuck::Ignored), None, at(13)).await,
                            _ => bench.store.discard(id, "ada", at(13)).await,
                        };
                    }
                    Step::Lesson(accepts) => {
                        let lesson = if accepts { Lesson::Accepts } else { Lesson::Ignores };
                        bench.store.set_lesson(bench.account, lesson, at(14)).await.unwrap();
                    }
                    Step::Restart => bench = bench.restart().await,
                }
                check(&bench).await;
            }
        });
    }
}

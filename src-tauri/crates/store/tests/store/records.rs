//! Customer records that a provider keeps by themselves, with cards or without, and what only some payment systems say of a
//! token.

use crate::support::{Bench, account, at, emails, token, version};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use tokendesk_model::directory::DirectoryRow;
use tokendesk_model::{
    AccountId, ActiveMark, CardKnowledge, CustomerSnapshot, Environment, Particulars, PersonKey, SearchQuery,
    TokenSnapshot, TokenState, VersionSnapshot, VersionState,
};
use tokendesk_store::{
    Applied, Batch, BatchApplied, CrawlStage, CrawlStep, Difference, KnownToken, PersonRow, StateCounts,
    Store, StoreError,
};

fn record(id: &str, email: Option<&str>, name: Option<&str>) -> CustomerSnapshot {
    CustomerSnapshot {
        customer_id: id.to_owned(),
        email: email.map(str::to_owned),
        name: name.map(str::to_owned),
        created_on: Some(at(-500)),
    }
}

/// A token of a provider that keeps records.
fn kept(n: u64, id: &str, email: Option<&str>) -> TokenSnapshot {
    TokenSnapshot {
        version: 0,
        particulars: Particulars {
            record: Some(id.to_owned()),
            ..Particulars::default()
        },
        ..token(n, Some(id), email)
    }
}

/// Details as such a provider tells them: no dates, no version.
fn details(id: &str, of: u64, last4: &str) -> VersionSnapshot {
    VersionSnapshot {
        remote_id: id.to_owned(),
        version: 0,
        holder: None,
        created_on: None,
        activated_on: None,
        ..version(1, of, last4, "")
    }
}

fn step(number: i64) -> CrawlStep {
    CrawlStep {
        number,
        stage: CrawlStage::Tokens,
        cursor: Some("next".to_owned()),
    }
}

fn new(n: usize) -> Applied {
    Applied {
        new: n,
        ..Applied::default()
    }
}

impl Bench {
    async fn batch(&self, batch: Batch<'_>) -> BatchApplied {
        let ticket = self.store.begin_read();
        self.store
            .put_batch(self.account, ticket, &batch, at(20), None)
            .await
            .unwrap()
    }

    async fn recorded(&self, customers: &[CustomerSnapshot]) -> BatchApplied {
        self.batch(Batch {
            customers,
            ..Batch::default()
        })
        .await
    }

    async fn listed(&self, number: i64, customers: &[CustomerSnapshot], tokens: &[TokenSnapshot]) {
        let ticket = self.store.begin_read();
        let batch = Batch {
            customers,
            tokens,
            ..Batch::default()
        };
        self.store
            .put_batch(self.account, ticket, &batch, at(30), Some(&step(number)))
            .await
            .unwrap();
    }

    async fn knowledge(&self, n: u64) -> (CardKnowledge, Option<String>) {
        let card = self.store.card(self.account.token(&n.to_string())).await.unwrap();
        let card = card.unwrap();
        (card.knowledge, card.card.last4)
    }
}

#[tokio::test]
async fn what_only_some_systems_say_comes_back_and_metadata_does_not() {
    let bench = Bench::new().await;
    let full = Particulars {
        record: Some("cust_1".into()),
        is_default: Some(false),
        block_reason: Some("lost".into()),
        keeps_reasons: true,
        verification: Some("verified".into()),
        chargeable: Some(false),
        kind: Some("card".into()),
        active_mark: ActiveMark::NotSet,
        metadata: BTreeMap::new(),
    };
    let with = |n, particulars| TokenSnapshot {
        particulars,
        ..token(n, Some("cust_1"), Some("ada@example.org"))
    };
    let cards = [
        with(1, full.clone()),
        with(2, Particulars::default()),
        // Addressed with another record than the customer id it names.
        with(
            3,
            Particulars {
                record: Some("cust_9".into()),
                active_mark: ActiveMark::Set,
                ..Particulars::default()
            },
        ),
    ];
    bench.put(&cards).await;
    let read = |n: u64| {
        let (store, id) = (bench.store.clone(), bench.account.token(&n.to_string()));
        async move { store.card(id).await.unwrap().unwrap().snapshot.particulars }
    };
    for (n, card) in (1..).zip(&cards) {
        assert_eq!(read(n).await, card.particulars);
    }
    let person = PersonKey::Email("ada@example.org".into());
    let page = bench
        .store
        .person_cards(Environment::Test, &person, None, 10)
        .await
        .unwrap();
    assert!(page.items.iter().any(|card| card.snapshot.particulars == full));

    // Metadata alone is no difference, and is not kept.
    let mut noted = cards[0].clone();
    noted.particulars.metadata.insert("shop".into(), "7".into());
    assert_eq!(bench.put(&[noted]).await.same, 1);
    assert_eq!(read(1).await, full);
    // What is said no more goes, and the customer id may change under the record.
    let fewer = [
        with(1, Particulars::default()),
        TokenSnapshot {
            customer_id: None,
            ..cards[2].clone()
        },
    ];
    assert_eq!(bench.put(&fewer).await.changed, 2);
    assert_eq!(read(1).await, Particulars::default());
    assert_eq!(read(3).await.record.as_deref(), Some("cust_9"));
    let bench = bench.restart().await;
    let sample = bench
        .store
        .known_sample(bench.account, 9, bench.account.token("1"))
        .await
        .unwrap();
    let known = |n: u64, record: Option<&str>| KnownToken {
        id: bench.account.token(&n.to_string()),
        remote_id: n.to_string(),
        record: record.map(str::to_owned),
    };
    assert_eq!(sample.len(), 2);
    assert!(sample.contains(&known(2, None)) && sample.contains(&known(3, Some("cust_9"))));
}

#[tokio::test]
async fn a_customer_without_cards_is_found_and_gone_after_the_pass_that_no_longer_lists_it() {
    let bench = Bench::new().await;
    let customers = [
        record("cust_1", Some("Ada.Lindqvist@Example.org"), Some("Ada Vogel")),
        record("cust_2", None, Some("Bea Berg")),
        record("cust_3", Some("cleo@example.org"), None),
    ];
    let store = &bench.store;
    let first = store.begin_crawl(bench.account, at(1)).await.unwrap();
    assert_eq!(first.customers, None);
    bench
        .listed(
            first.number,
            &customers,
            &[kept(7, "cust_3", Some("cleo@example.org"))],
        )
        .await;
    let crawl = store.crawl(bench.account).await.unwrap().unwrap();
    assert_eq!((crawl.customers, crawl.tokens), (Some(3), 1));
    store.finish_crawl(bench.account, at(31)).await.unwrap();

    for text in ["lindqvist@ex", "cust_1", "Vogel"] {
        let found = bench.find(text).await;
        assert_eq!(emails(&found), ["Ada.Lindqvist@Example.org"], "{text}");
        assert_eq!(found[0].accounts, [bench.account]);
        assert_eq!(found[0].counts.all(), 0);
        assert_eq!(found[0].name.as_deref(), Some("Ada Vogel"));
    }
    assert_eq!(bench.find("cust_").await.len(), 3);
    // A filter is about cards, and there are none.
    assert!(bench.find("lindqvist state:active").await.is_empty());
    let bea = bench.find("bea b").await.remove(0);
    let person = store.person(Environment::Test, &bea.key).await.unwrap().unwrap();
    assert_eq!(
        PersonKey::Customer(person.customers[0].id),
        PersonKey::Customer(bench.account.customer(&customers[1].customer_key()))
    );
    assert_eq!((person.counts.all(), person.read_at), (0, Some(at(30))));
    assert_eq!(person.customers[0].created_at, Some(at(-500)));
    assert_eq!(person.customers[0].customer_id.as_deref(), Some("cust_2"));
    let cards = store
        .person_cards(Environment::Test, &bea.key, None, 10)
        .await
        .unwrap();
    assert_eq!(cards.items.len(), 0);
    let cleo = bench.find("cleo").await.remove(0);
    let cleo = store.person(Environment::Test, &cleo.key).await.unwrap().unwrap();
    // The card and the record are one customer.
    assert_eq!((cleo.customers.len(), cleo.counts.active), (1, 1));
    assert_eq!(store.totals(Environment::Test).await.unwrap().people, 3);

    // The next pass lists one of them, and meanwhile another is read alone.
    let second = store.begin_crawl(bench.account, at(40)).await.unwrap();
    bench.listed(second.number, &customers[2..], &[]).await;
    bench
        .batch(Batch {
            customers: &customers[1..2],
            ..Batch::default()
        })
        .await;
    store.finish_crawl(bench.account, at(41)).await.unwrap();
    for gone in ["lindqvist@ex", "cust_1", "Vogel"] {
        assert!(bench.find(gone).await.is_empty(), "{gone}");
    }
    assert_eq!(bench.find("cust_").await.len(), 2);
    assert_eq!(store.totals(Environment::Test).await.unwrap().people, 2);
    // And a pass that lists nobody, nor the card: the card's customer stays with the card.
    let third = store.begin_crawl(bench.account, at(50)).await.unwrap();
    bench.listed(third.number, &[], &[]).await;
    let missing = store
        .missing_after_crawl(bench.account, third.number, 9)
        .await
        .unwrap();
    assert_eq!(missing[0].record.as_deref(), Some("cust_3"));
    store.finish_crawl(bench.account, at(51)).await.unwrap();
    assert_eq!(emails(&bench.find("").await), ["cleo@example.org"]);
}

#[tokio::test]
async fn a_pass_over_tokens_forgets_no_record() {
    let bench = Bench::new().await;
    let customers = [record("cust_1", Some("ada@example.org"), None)];
    bench
        .batch(Batch {
            customers: &customers,
            ..Batch::default()
        })
        .await;
    let crawl = bench.store.begin_crawl(bench.account, at(1)).await.unwrap();
    let ticket = bench.store.begin_read();
    bench
        .store
        .put_tokens(bench.account, ticket, &[], at(2), Some(&step(crawl.number)))
        .await
        .unwrap();
    bench.store.finish_crawl(bench.account, at(3)).await.unwrap();
    assert_eq!(bench.find("ada").await.len(), 1);
}

#[tokio::test]
async fn a_record_moves_with_its_email() {
    let bench = Bench::new().await;
    let old = [
        record("cust_1", Some("ada@example.org"), None),
        record("cust_2", Some("bea@example.org"), Some("Bea Berg")),
    ];
    let cards = [kept(1, "cust_1", Some("ada@example.org"))];
    let both = |customers, tokens| Batch {
        customers,
        tokens,
        ..Batch::default()
    };
    let applied = bench.batch(both(&old, &cards)).await;
    assert_eq!((applied.customers, applied.tokens), (new(2), new(1)));
    let moved = [
        record("cust_1", Some("Ada@new.example"), None),
        record("cust_2", None, Some("Bea Berg")),
    ];
    let moved_cards = [kept(1, "cust_1", Some("Ada@new.example"))];
    let applied = bench.batch(both(&moved, &moved_cards)).await;
    assert_eq!((applied.customers.changed, applied.tokens.changed), (2, 1));
    assert!(bench.find("example.org").await.is_empty());
    let ada = bench.find("new.ex").await.remove(0);
    assert_eq!(ada.counts.active, 1);
    let person = bench.store.person(Environment::Test, &ada.key).await.unwrap();
    assert_eq!(person.unwrap().customers.len(), 1);
    let bea = bench.find("bea berg").await.remove(0);
    assert!(matches!(bea.key, PersonKey::Customer(_)));
    assert_eq!(bench.store.totals(Environment::Test).await.unwrap().people, 2);
    // It is the same record: no other customer, only another email.
    let told = bench
        .store
        .timeline(&[bench.account.token("1")], None, 9)
        .await
        .unwrap();
    assert_eq!(
        told.into_iter().map(|row| row.what).collect::<Vec<_>>(),
        [Difference::Email]
    );
    assert_eq!(bench.batch(both(&moved, &moved_cards)).await.customers.same, 2);

    // The card is read before its record: nobody is doubled once the record is read too.
    let back = [kept(1, "cust_1", Some("ada@example.org"))];
    bench.put(&back).await;
    assert_eq!(bench.find("ada@").await.len(), 2);
    bench.batch(both(&old[..1], &[])).await;
    assert_eq!(emails(&bench.find("ada@").await), ["ada@example.org"]);
}

#[tokio::test]
async fn cards_of_a_record_are_known_under_its_older_email_too() {
    let bench = Bench::new().await;
    let put = |email| [record("cust_1", Some(email), None)];
    let cards = [
        kept(1, "cust_1", Some("ada@example.org")),
        kept(2, "cust_1", Some("ada@example.org")),
        kept(3, "cust_11", Some("ada@example.org")),
    ];
    bench
        .batch(Batch {
            customers: &put("ada@example.org"),
            tokens: &cards,
            ..Batch::default()
        })
        .await;
    let known = || async {
        let known = bench
            .store
            .known_of_record(bench.account, "cust_1")
            .await
            .unwrap();
        let mut ids: Vec<String> = known.into_iter().map(|one| one.remote_id).collect();
        ids.sort();
        ids
    };
    assert_eq!(known().await, ["1", "2"]);
    // Read again with another email and one card less: that one is missed.
    bench
        .batch(Batch {
            customers: &put("ada@new.example"),
            tokens: &[kept(1, "cust_1", Some("ada@new.example"))],
            ..Batch::default()
        })
        .await;
    assert_eq!(known().await, ["1", "2"]);
    let crawl = bench.store.begin_crawl(bench.account, at(1)).await.unwrap();
    bench.listed(crawl.number, &put("ada@new.example"), &[]).await;
    bench.store.finish_crawl(bench.account, at(2)).await.unwrap();
    assert_eq!(known().await, ["1", "2"]);
    let ticket = bench.store.begin_read();
    bench
        .store
        .mark_gone(bench.account.token("2"), ticket, at(3))
        .await
        .unwrap();
    assert_eq!(known().await, ["1"]);
}

#[tokio::test]
async fn an_older_reading_of_a_record_changes_nothing() {
    let bench = Bench::new().await;
    let early = bench.store.begin_read();
    let now = [record("cust_1", Some("ada@example.org"), Some("Ada"))];
    bench
        .batch(Batch {
            customers: &now,
            ..Batch::default()
        })
        .await;
    let before = [record("cust_1", Some("old@example.org"), None)];
    let batch = Batch {
        customers: &before,
        ..Batch::default()
    };
    let applied = bench
        .store
        .put_batch(bench.account, early, &batch, at(21), None)
        .await
        .unwrap();
    assert_eq!(applied.customers.stale, 1);
    assert_eq!(emails(&bench.find("").await), ["ada@example.org"]);
}

#[tokio::test]
async fn a_name_on_a_card_comes_before_the_records_own() {
    let bench = Bench::new().await;
    let name = |bench: &Bench| {
        let store = bench.store.clone();
        async move {
            let query = SearchQuery::parse("ada@").unwrap();
            let page = store
                .find_people(Environment::Test, &query, None, 5)
                .await
                .unwrap();
            page.items[0].name.clone().unwrap_or_default()
        }
    };
    let put = |name| [record("cust_1", Some("ada@example.org"), name)];
    bench.recorded(&put(Some("A. Lindqvist"))).await;
    assert_eq!(name(&bench).await, "A. Lindqvist");
    bench.recorded(&put(Some(" Ada L. "))).await;
    assert_eq!(name(&bench).await, "Ada L.");
    assert!(bench.find("a. lind").await.is_empty());
    let cards = [kept(1, "cust_1", Some("ada@example.org"))];
    let holder = VersionSnapshot {
        holder: Some("Ada Lindqvist".into()),
        ..details("card_1", 1, "1111")
    };
    bench
        .batch(Batch {
            customers: &put(Some("Ada L.")),
            tokens: &cards,
            details: &[holder],
            without_details: &[],
        })
        .await;
    assert_eq!(name(&bench).await, "Ada Lindqvist");
    bench.recorded(&put(Some("Somebody"))).await;
    assert_eq!(name(&bench).await, "Ada Lindqvist");
    // Without the card's it is the record's again.
    bench
        .batch(Batch {
            customers: &put(Some("Nobody")),
            tokens: &cards,
            details: &[details("card_1", 1, "1111")],
            without_details: &[],
        })
        .await;
    assert_eq!(name(&bench).await, "Nobody");
    bench.recorded(&put(None)).await;
    assert_eq!(name(&bench).await, "");
    assert!(bench.find("nobody").await.is_empty());
}

#[tokio::test]
async fn saved_details_are_those_in_use_none_or_not_read() {
    let bench = Bench::new().await;
    let email = Some("ada@example.org");
    let customers = [record("cust_1", email, None)];
    let cards = [
        kept(1, "cust_1", email),
        kept(2, "cust_1", email),
        kept(3, "cust_1", email),
    ];
    let crawl = bench.store.begin_crawl(bench.account, at(1)).await.unwrap();
    let ticket = bench.store.begin_read();
    let batch = Batch {
        customers: &customers,
        tokens: &cards,
        details: &[details("visa-1111", 1, "1111")],
        without_details: &["2".to_owned(), "no such token".to_owned()],
    };
    let applied = bench
        .store
        .put_batch(bench.account, ticket, &batch, at(20), Some(&step(crawl.number)))
        .await
        .unwrap();
    assert_eq!(
        applied,
        BatchApplied {
            customers: new(1),
            tokens: new(3),
            details: new(1)
        }
    );
    bench.store.finish_crawl(bench.account, at(21)).await.unwrap();
    assert_eq!(
        bench.knowledge(1).await,
        (CardKnowledge::Known, Some("1111".into()))
    );
    assert_eq!(bench.knowledge(2).await, (CardKnowledge::NoActiveVersion, None));
    // Silence proves nothing, a complete pass neither.
    assert_eq!(bench.knowledge(3).await, (CardKnowledge::NotRead, None));

    // Other details are in use: without dates, and whatever their ids.
    for (id, last4) in [("visa-0002", "0002"), ("visa-9999", "9999")] {
        bench
            .batch(Batch {
                customers: &customers,
                tokens: &cards,
                details: &[details(id, 1, last4)],
                without_details: &[],
            })
            .await;
        assert_eq!(bench.knowledge(1).await.1.as_deref(), Some(last4));
    }
    let versions = bench.store.card_versions(bench.account.token("1")).await.unwrap();
    let active: Vec<&str> = versions
        .iter()
        .filter(|one| one.snapshot.state == VersionState::Active)
        .map(|one| one.snapshot.remote_id.as_str())
        .collect();
    assert_eq!((versions.len(), active), (3, vec!["visa-9999"]));
    // Read alone, as after a write, the later reading counts too.
    let ticket = bench.store.begin_read();
    let back = [details("visa-1111", 1, "1111")];
    bench
        .store
        .put_versions(bench.account, ticket, &back, at(22), None)
        .await
        .unwrap();
    assert_eq!(bench.knowledge(1).await.1.as_deref(), Some("1111"));
    let told = bench
        .store
        .timeline(&[bench.account.token("1")], None, 9)
        .await
        .unwrap();
    assert_eq!(told.len(), 3);
    assert!(
        told.iter()
            .all(|row| matches!(row.what, Difference::Renewed { .. }))
    );
    bench
        .batch(Batch {
            tokens: &cards,
            without_details: &["1".to_owned()],
            ..Batch::default()
        })
        .await;
    assert_eq!(bench.knowledge(1).await, (CardKnowledge::NoActiveVersion, None));
}

#[tokio::test]
async fn a_batch_is_stored_whole_or_not_at_all() {
    let bench = Bench::new().await;
    let email = Some("ada@example.org");
    let ticket = bench.store.begin_read();
    let batch = Batch {
        customers: &[record("cust_1", email, Some("Ada"))],
        tokens: &[kept(1, "cust_1", email)],
        details: &[details("visa-1111", 1, "1111")],
        without_details: &[],
    };
    let refused = bench
        .store
        .put_batch(bench.account, ticket, &batch, at(20), Some(&step(1)))
        .await;
    assert!(matches!(refused, Err(StoreError::CrawlEnded)));
    assert!(bench.find("").await.is_empty());
    assert_eq!(bench.store.totals(Environment::Test).await.unwrap().cards, 0);
    let nobody = bench
        .store
        .put_batch(AccountId::random(), ticket, &batch, at(20), None)
        .await;
    assert!(matches!(nobody, Err(StoreError::NoSuchAccount)));
    // What cannot be told apart is left out, what stands twice counts once, and signs that end a text are no part of it.
    let odd = [
        record(" ", email, None),
        record("cust_1", Some("first@example.org"), None),
        record(" cust\0_1 ", email, Some(" ")),
    ];
    let batch = Batch {
        customers: &odd,
        ..Batch::default()
    };
    let applied = bench.batch(batch).await;
    assert_eq!(applied.customers, new(1));
    assert_eq!(emails(&bench.find("").await), ["ada@example.org"]);
}

#[tokio::test]
async fn records_share_a_person_by_email_and_leave_with_their_account() {
    let bench = Bench::new().await;
    let second = account(Environment::Test, "406");
    bench.store.insert_account(&second).await.unwrap();
    let twins = [
        record("cust_1", Some("ada@example.org"), None),
        record("cust_2", Some("ADA@example.org"), None),
    ];
    let batch = Batch {
        customers: &twins,
        ..Batch::default()
    };
    bench.batch(batch).await;
    let ticket = bench.store.begin_read();
    bench
        .store
        .put_batch(second.id, ticket, &batch, at(20), None)
        .await
        .unwrap();
    let ada = bench.find("ada").await.remove(0);
    assert_eq!(ada.accounts, [bench.account, second.id]);
    let person = bench.store.person(Environment::Test, &ada.key).await.unwrap();
    assert_eq!(person.unwrap().customers.len(), 4);
    bench
        .store
        .remove_account(bench.account, false, "ada", at(30))
        .await
        .unwrap();
    assert_eq!(bench.find("cust_").await[0].accounts, [second.id]);
    bench.store.rebuild_cache().await.unwrap();
    assert!(bench.find("").await.is_empty());
}

#[tokio::test]
async fn becoming_the_default_and_another_reason_are_told() {
    let bench = Bench::new().await;
    let card = |is_default, reason: Option<&str>| TokenSnapshot {
        state: TokenState::Inactive,
        particulars: Particulars {
            record: Some("cust_1".into()),
            is_default,
            keeps_reasons: true,
            block_reason: reason.map(str::to_owned),
            ..Particulars::default()
        },
        ..kept(1, "cust_1", None)
    };
    for (is_default, reason) in [
        (None, None),
        (Some(false), Some("lost")),
        (Some(true), Some("lost")),
        (Some(true), Some("stolen")),
        (Some(false), None),
    ] {
        bench.put(&[card(is_default, reason)]).await;
    }
    let told = bench
        .store
        .timeline(&[bench.account.token("1")], None, 9)
        .await
        .unwrap();
    let mut told: Vec<_> = told.into_iter().map(|row| (row.number, row.what)).collect();
    told.sort_by_key(|(number, _)| *number);
    let told: Vec<_> = told.into_iter().map(|(_, what)| what).collect();
    assert_eq!(told, [Difference::BecameDefault, Difference::BlockReason]);
}

#[tokio::test]
async fn the_fifteenth_thousand_record_is_found_like_the_first() {
    let bench = Bench::new().await;
    let crawl = bench.store.begin_crawl(bench.account, at(1)).await.unwrap();
    let all: Vec<_> = (0..15_000)
        .map(|n| record(&format!("cust_{n}"), Some(&format!("p{n}@example.org")), None))
        .collect();
    for some in all.chunks(1_000) {
        bench.listed(crawl.number, some, &[]).await;
    }
    bench.store.finish_crawl(bench.account, at(2)).await.unwrap();
    for n in [0, 4_999, 14_999] {
        let found = bench.find(&format!("p{n}@example")).await;
        assert_eq!(emails(&found), [format!("p{n}@example.org")]);
    }
    assert_eq!(
        bench.store.totals(Environment::Test).await.unwrap().people,
        15_000
    );
    let crawl = bench.store.begin_crawl(bench.account, at(3)).await.unwrap();
    bench.listed(crawl.number, &all[7..8], &[]).await;
    bench.store.finish_crawl(bench.account, at(4)).await.unwrap();
    assert_eq!(emails(&bench.find("example").await), ["p7@example.org"]);
    assert_eq!(bench.store.totals(Environment::Test).await.unwrap().people, 1);
    bench.store.close().await;
}

const EMAILS: [Option<&str>; 4] = [
    None,
    Some("ada@example.org"),
    Some("adä@example.org"),
    Some("bea@example.org"),
];

#[derive(Debug, Clone)]
enum Step {
    /// A record with these cards is read.
    Read {
        record: usize,
        email: usize,
        cards: Vec<u64>,
    },
    /// A pass lists these records and no others.
    Pass(Vec<usize>),
    Gone(u64),
    /// A card is removed from this desk.
    Forget(u64),
    /// It is imported again.
    Import(u64),
    Rebuild,
    Restart,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..4usize, 0..4usize, prop::collection::vec(0..6u64, 0..3))
            .prop_map(|(record, email, cards)| Step::Read { record, email, cards }),
        2 => prop::collection::vec(0..4usize, 0..4).prop_map(Step::Pass),
        1 => (0..6u64).prop_map(Step::Gone),
        2 => (0..6u64).prop_map(Step::Forget),
        1 => (0..6u64).prop_map(Step::Import),
        1 => Just(Step::Rebuild),
        1 => Just(Step::Restart),
    ]
}

/// What there should be: the email of each record, and whose each card is.
#[derive(Default)]
struct Expected {
    records: HashMap<usize, usize>,
    cards: HashMap<u64, (usize, usize)>,
    forgotten: HashSet<u64>,
}

impl Expected {
    fn people(&self, account: AccountId) -> HashMap<PersonKey, u32> {
        let key = |n: usize, email: usize| match EMAILS[email] {
            Some(email) => PersonKey::Email(email.to_owned()),
            None => {
                let one = record(&format!("cust_{n}"), None, None);
                PersonKey::Customer(account.customer(&one.customer_key()))
            }
        };
        let mut people: HashMap<PersonKey, u32> = HashMap::new();
        for (one, email) in &self.records {
            people.entry(key(*one, *email)).or_default();
        }
        for (one, email) in self.cards.values() {
            *people.entry(key(*one, *email)).or_default() += 1;
        }
        people
    }
}

async fn everybody(store: &Store) -> Vec<PersonRow> {
    let query = SearchQuery::default();
    let page = store
        .find_people(Environment::Test, &query, None, 100)
        .await
        .unwrap();
    page.items
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn people_are_the_records_and_cards_there_are(steps in prop::collection::vec(any_step(), 1..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut bench = Bench::new().await;
            let mut expected = Expected::default();
            for step in steps {
                match step {
                    Step::Read { record: one, email, cards } => {
                        let id = format!("cust_{one}");
                        let customers = [record(&id, EMAILS[email], Some("Ada"))];
                        let tokens: Vec<_> = cards.iter().map(|n| kept(*n, &id, EMAILS[email])).collect();
                        bench.batch(Batch { customers: &customers, tokens: &tokens, ..Batch::default() }).await;
                        expected.records.insert(one, email);
                        let here = cards.into_iter().filter(|n| !expected.forgotten.contains(n));
                        expected.cards.extend(here.map(|n| (n, (one, email))));
                    }
                    Step::Pass(listed) => {
                        let crawl = bench.store.begin_crawl(bench.account, at(1)).await.unwrap();
                        let customers: Vec<_> =
                            listed.iter().map(|one| record(&format!("cust_{one}"), EMAILS[1], Some("Ada"))).collect();
                        bench.listed(crawl.number, &customers, &[]).await;
                        bench.store.finish_crawl(bench.account, at(2)).await.unwrap();
                        expected.records = listed.into_iter().map(|one| (one, 1)).collect();
                    }
                    Step::Gone(n) => {
                        let ticket = bench.store.begin_read();
                        bench.store.mark_gone(bench.account.token(&n.to_string()), ticket, at(3)).await.unwrap();
                    }
                    Step::Forget(n) => {
                        let id = n.to_string();
                        bench.store.forget_imported_token(bench.account, &id, None, at(4)).await.unwrap();
                        expected.cards.remove(&n);
                        expected.forgotten.insert(n);
                    }
                    Step::Import(n) => {
                        let row = DirectoryRow {
                            line: 2,
                            customer_id: Some("cust_0".into()),
                            email: None,
                            name: None,
                            token: Some(n.to_string()),
                        };
                        bench.store.import_directory(bench.account, &[row], at(5), "ada", false).await.unwrap();
                        expected.forgotten.remove(&n);
                    }
                    Step::Rebuild => {
                        bench.store.rebuild_cache().await.unwrap();
                        expected.cards.clear();
                        expected.records.clear();
                    }
                    Step::Restart => bench = bench.restart().await,
                }
                let rows = everybody(&bench.store).await;
                let people: HashMap<PersonKey, u32> =
                    rows.iter().map(|row| (row.key.clone(), row.counts.all())).collect();
                assert_eq!(people, expected.people(bench.account));
                let totals = bench.store.totals(Environment::Test).await.unwrap();
                assert_eq!((totals.people, totals.cards), (rows.len() as u64, expected.cards.len() as u64));
                let query = SearchQuery::default();
                let cards = bench.store.cards(Environment::Test, None, &query, None, 100).await.unwrap().items;
                let mut counts = StateCounts::default();
                for card in &cards {
                    match card.effective_state {
                        TokenState::Active => counts.active += 1,
                        TokenState::Deleted => counts.deleted += 1,
                        _ => counts.other += 1,
                    }
                }
                assert_eq!(bench.store.account_counts(bench.account).await.unwrap(), counts);
                for row in &rows {
                    assert_eq!(row.accounts, [bench.account]);
                    let person = bench.store.person(Environment::Test, &row.key).await.unwrap().unwrap();
                    assert_eq!(person.counts, row.counts);
                    if let Some(email) = &row.email {
                        let found = bench.find(&email[1..9]).await;
                        assert!(found.iter().any(|one| one.key == row.key));
                    }
                }
            }
            bench.store.close().await;
        });
    }
}

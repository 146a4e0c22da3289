//! Search against a plain filter over every row, with arbitrary text on both sides.

use crate::support::{Bench, at, emails, token, version};
use proptest::prelude::*;
use std::collections::HashSet;
use tokendesk_model::fold::{is_cjk, search_key};
use tokendesk_model::{Environment, PersonKey, SearchQuery, TokenSnapshot};
use tokendesk_store::{CrawlStage, CrawlStep, Match};

fn people(texts: &[&str]) -> Vec<TokenSnapshot> {
    texts
        .iter()
        .zip(1..)
        .map(|(email, n)| token(n, None, Some(email)))
        .collect()
}

#[tokio::test]
async fn beginnings_come_first_then_the_rest_youngest_first() {
    let bench = Bench::new().await;
    bench
        .put(&people(&[
            "nadia@example.org",
            "ada.z@example.org",
            "ada.b@example.org",
            "x@ada.example",
            "bea@example.org",
        ]))
        .await;
    let ticket = bench.store.begin_read();
    let versions = [version(9, 5, "4711", "Ada Bea")];
    bench
        .store
        .put_versions(bench.account, ticket, &versions, at(3), None)
        .await
        .unwrap();
    let found = bench.find("ada").await;
    let expected = [
        "ada.b@example.org",
        "ada.z@example.org",
        "x@ada.example",
        "bea@example.org",
    ];
    assert_eq!(emails(&found), expected);
    let hows: Vec<Match> = found.iter().map(|row| row.how).collect();
    use Match::{EmailContains, EmailStart, Name, Other};
    assert_eq!(hows, [EmailStart, EmailStart, EmailContains, Name]);
    assert_eq!(bench.find("4711").await[0].how, Other);
    assert_eq!(emails(&bench.find("adia").await), ["nadia@example.org"]);
    assert_eq!(emails(&bench.find("ada bea").await), ["bea@example.org"]);
}

#[tokio::test]
async fn signs_are_only_signs() {
    let bench = Bench::new().await;
    let odd = [
        "a%b_c@example.org",
        "a*b?c[d]@example.org",
        "\"near(x)\"@example.org",
        "x' or 1=1 --@example.org",
    ];
    bench.put(&people(&odd)).await;
    for (text, hits) in [
        ("a%b", 1),
        ("%", 0),
        ("_c@", 1),
        ("a*b", 1),
        ("***", 0),
        ("[d]", 1),
        ("[d", 0),
        ("\"near", 1),
        ("near(x)", 1),
        ("NEAR", 1),
        ("AND", 0),
        ("1=1", 1),
        ("'", 0),
        ("x'", 1),
        ("--@", 1),
        ("😀😀😀", 0),
        ("\u{0}", 0),
    ] {
        assert_eq!(bench.find(text).await.len(), hits, "{text:?}");
    }
}

#[tokio::test]
async fn one_or_two_japanese_letters_are_a_word() {
    let bench = Bench::new().await;
    bench
        .put(&people(&["a@example.org", "b@example.org", "田中@example.org"]))
        .await;
    let ticket = bench.store.begin_read();
    let versions = [
        version(9, 1, "4711", "濱田 花子"),
        version(10, 2, "4711", "田村 ハナ"),
    ];
    bench
        .store
        .put_versions(bench.account, ticket, &versions, at(3), None)
        .await
        .unwrap();
    assert_eq!(bench.find("田").await.len(), 3);
    assert_eq!(bench.find("花子").await.len(), 1);
    assert_eq!(bench.find("ﾊﾅ").await.len(), 1);
    assert_eq!(bench.find("田花").await.len(), 0);
    assert_eq!(bench.find("田中").await.len(), 1);
    let ticket = bench.store.begin_read();
    let mut renamed = version(11, 1, "4711", "佐藤");
    renamed.activated_on = Some(at(50));
    bench
        .store
        .put_versions(bench.account, ticket, &[renamed], at(4), None)
        .await
        .unwrap();
    assert_eq!(bench.find("花子").await.len(), 0);
    assert_eq!(bench.find("佐").await.len(), 1);
}

/// What one person can be found by.
#[derive(Default)]
struct Plain {
    texts: Vec<String>,
    beginnings: Vec<String>,
    last4: Vec<String>,
}

impl Plain {
    fn has(&self, word: &str) -> bool {
        let letters = word.chars().count();
        let anywhere = letters >= 3 || word.chars().all(is_cjk);
        let in_text = |text: &String| {
            if anywhere {
                text.contains(word)
            } else {
                text.starts_with(word)
            }
        };
        let digits = word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
        self.texts.iter().any(in_text)
            || self.beginnings.iter().any(|text| text.starts_with(word))
            || (digits && self.last4.iter().any(|last4| last4 == word))
    }
}

fn plain(tokens: &[(TokenSnapshot, Option<(String, String)>)]) -> Vec<(PersonKey, Plain)> {
    let mut all: Vec<(PersonKey, Plain)> = Vec::new();
    let account = tokendesk_model::AccountId::from_bytes([0; 16]);
    for (token, card) in tokens {
        let key = match token.email.as_deref().and_then(tokendesk_model::fold::email_key) {
            Some(email) => PersonKey::Email(email),
            None => PersonKey::Customer(account.customer(&token.customer_key())),
        };
        let i = all
            .iter()
            .position(|(known, _)| *known == key)
            .unwrap_or_else(|| {
                all.push((key.clone(), Plain::default()));
                all.len() - 1
            });
        let entry = &mut all[i].1;
        if let PersonKey::Email(email) = &key {
            entry.texts.push(search_key(email));
        }
        for text in [&token.customer_id, &token.token_reference, &token.external_id] {
            entry.beginnings.extend(text.as_deref().map(search_key));
        }
        entry.beginnings.push(search_key(&token.remote_id));
        if let Some((last4, holder)) = card {
            entry.last4.push(last4.clone());
            if !holder.trim().is_empty() {
                entry.texts.push(search_key(holder.trim()));
            }
        }
    }
    all
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[abAé%_*?\\[\\]\"' ]{1,6}",
        2 => "[田中花ハナa]{1,4}",
        1 => "(NEAR|AND|OR|NOT|a\\*|😀|ß|ı){1,3}",
        1 => "\\PC{1,6}",
        1 => "[0-9]{1,4}",
    ]
}

type Card = (
    u64,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<(String, String)>,
);

fn any_card() -> impl Strategy<Value = Card> {
    let maybe = || prop::option::of(any_text());
    let version = prop::option::of(("[01]{4}", any_text()));
    (1u64..3000, maybe(), maybe(), maybe(), maybe(), version)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn finds_what_a_plain_filter_finds(
        cards in prop::collection::vec(any_card(), 1..14),
        extra in prop::collection::vec(any_text(), 1..6),
        filling: bool,
        moved in prop::collection::vec((0usize..14, any_text()), 0..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let bench = Bench::new().await;
            let mut tokens: Vec<(TokenSnapshot, Option<(String, String)>)> = Vec::new();
            for (n, customer_id, email, token_reference, external_id, card) in cards {
                // One name for each person: which of several wins is another test.
                if tokens.iter().any(|(known, _)| known.remote_id == n.to_string()) {
                    continue;
                }
                let clean = |text: Option<String>| text.map(|text| text.replace('\0', ""));
                let token = TokenSnapshot {
                    email: clean(email),
                    token_reference: clean(token_reference),
                    external_id: clean(external_id),
                    ..token(n, clean(customer_id).as_deref(), None)
                };
                let card = card.map(|(last4, holder)| (last4, holder.replace('\0', "")));
                tokens.push((token, card));
            }
            // During a first fill the index lags; otherwise a restarted pass has caught up.
            let crawl = bench.store.begin_crawl(bench.account, at(0)).await.unwrap();
            let step = CrawlStep { number: crawl.number, stage: CrawlStage::Tokens, cursor: Some("1".into()) };
            for (token, _) in &tokens {
                let ticket = bench.store.begin_read();
                bench.store.put_tokens(bench.account, ticket, std::slice::from_ref(token), at(1), Some(&step)).await.unwrap();
            }
            if !filling {
                bench.store.finish_crawl(bench.account, at(2)).await.unwrap();
            }
            for (i, email) in moved {
                if let Some((token, card)) = tokens.get_mut(i) {
                    token.version += 1;
                    token.email = Some(email.replace('\0', ""));
                    token.external_id = token.email.clone();
                    *card = None;
                    bench.put(std::slice::from_ref(token)).await;
                }
            }
            let mut named: HashSet<Option<String>> = HashSet::new();
            for (i, (token, card)) in tokens.iter_mut().enumerate() {
                let person = token.email.as_deref().and_then(tokendesk_model::fold::email_key);
                if person.is_some() && !named.insert(person) {
                    *card = None;
                }
                if person_shares_customer(token) {
                    *card = None;
                }
                if let Some((last4, holder)) = card {
                    let row = version(10_000 + i as u64, token.remote_id.parse().unwrap(), last4, holder);
                    let ticket = bench.store.begin_read();
                    bench.store.put_versions(bench.account, ticket, &[row], at(3), None).await.unwrap();
                }
            }
            let rows = plain(&tokens);
            let mut texts: Vec<String> = extra;
            for (_, person) in &rows {
                for text in person.texts.iter().chain(&person.beginnings).chain(&person.last4) {
                    let letters: Vec<char> = text.chars().collect();
                    texts.push(text.clone());
                    texts.push(letters.iter().take(2).collect());
                    texts.push(letters.iter().skip(1).take(3).collect());
                    texts.push(letters.iter().rev().take(1).collect());
                }
            }
            texts.push(format!("{} {}", texts[0], texts[texts.len() - 1]));
            for text in texts {
                let Ok(query) = SearchQuery::parse(&text) else { continue };
                if query.has_filters() {
                    continue;
                }
                let expected = rows.iter().filter(|(_, row)| query.words.iter().all(|word| row.has(word))).count();
                let mut found = Vec::new();
                let mut after: Option<String> = None;
                loop {
                    let page =
                        bench.store.find_people(Environment::Test, &query, after.as_deref(), 2).await.unwrap();
                    assert_eq!((page.total.n as usize, page.total.exact), (expected, true), "{text:?}");
                    found.extend(page.items.into_iter().map(|row| row.key));
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                let once: HashSet<&PersonKey> = found.iter().collect();
                assert_eq!(once.len(), found.len(), "somebody came twice for {text:?}");
                assert_eq!(found.len(), expected, "{text:?} in {:?}", emails_of(&tokens));
                for (key, row) in &rows {
                    if let PersonKey::Email(_) = key {
                        let wanted = query.words.iter().all(|word| row.has(word));
                        assert_eq!(once.contains(key), wanted, "{text:?}");
                    }
                }
            }
        });
    }
}

// Without an email, cards of one customer id are one record; its name is the latest one's.
fn person_shares_customer(token: &TokenSnapshot) -> bool {
    let no_email = token
        .email
        .as_deref()
        .and_then(tokendesk_model::fold::email_key)
        .is_none();
    no_email
        && token
            .customer_id
            .as_deref()
            .is_some_and(|id| !id.trim().is_empty())
}

fn emails_of(tokens: &[(TokenSnapshot, Option<(String, String)>)]) -> Vec<&Option<String>> {
    tokens.iter().map(|(token, _)| &token.email).collect()
}

#[tokio::test]
async fn somebody_with_thousands_of_cards_is_found_by_them_once() {
    let bench = Bench::new().await;
    // One person's references stand around those of others, in more than one lot.
    let others = [5, 11_005, 20_005, 30_000].map(|n| TokenSnapshot {
        token_reference: Some(format!("ord-{n:05}")),
        ..token(80_000 + n, None, Some(&format!("p{n}@example.org")))
    });
    let theirs = (1..2_600u64).map(|n| TokenSnapshot {
        token_reference: Some(format!("ord-{:05}", n * 10)),
        ..token(70_000 + n, Some("C-1"), Some("many@example.org"))
    });
    let cards: Vec<TokenSnapshot> = others.into_iter().chain(theirs).collect();
    for page in cards.chunks(500) {
        bench.put(page).await;
    }
    for (text, expected) in [
        ("ord-", vec!["p5@", "many@", "p11005@", "p20005@", "p30000@"]),
        ("ord-1", vec!["many@", "p11005@"]),
        ("7", vec!["many@"]),
        ("ord- p2", vec!["p20005@"]),
    ] {
        let query = SearchQuery::parse(text).unwrap();
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = bench
                .store
                .find_people(Environment::Test, &query, after.as_deref(), 1)
                .await
                .unwrap();
            found.extend(page.items.into_iter().map(|row| row.email.unwrap()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let expected: Vec<String> = expected
            .iter()
            .map(|start| format!("{start}example.org"))
            .collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[tokio::test]
async fn a_count_that_was_cut_off_is_no_exact_one() {
    let bench = Bench::new().await;
    let cards: Vec<TokenSnapshot> = (1..12_000u64)
        .map(|n| TokenSnapshot {
            external_id: Some(format!("x-{n:06}")),
            ..token(n, Some(&format!("C-{}", n / 20)), None)
        })
        .collect();
    for page in cards.chunks(1_000) {
        bench.put(page).await;
    }
    let query = SearchQuery::parse("x-").unwrap();
    let page = bench
        .store
        .find_people(Environment::Test, &query, None, 10)
        .await
        .unwrap();
    assert!(!page.total.exact);
    assert!((11..=600).contains(&page.total.n));
}

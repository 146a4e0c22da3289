//! One list of cards over five payment systems with the same people: every person is found once, with their cards at all of them,
//! and what is counted is what the payment systems hold.

use crate::office;
use crate::shop::every_card;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tempfile::TempDir;
use tokendesk_desk::contract::{
    AccountView, AddToDirectory, CardView, ConnectAccount, Env, FindPeople, FoundBy, ImportDirectory,
    Nothing, PeopleFound, PersonCards, PersonRef, PersonView, StateCounts,
};
use tokendesk_desk::{Desk, DeskOptions};
use tokendesk_model::AccountId;
use tokendesk_model::fold::{email_key, search_key};
use tokendesk_sandbox::{Options, People, Running, Sandbox};
use tokendesk_tests::played::System;
use tokendesk_tests::truth::{self, Record};

/// Of each payment system.
const CUSTOMERS: u32 = 2_000;

fn shop(customers: u32) -> Running {
    Sandbox::start(Options {
        customers,
        seed: 11,
        systems: Options::all_systems(),
        people: People::Shared,
        ..Options::default()
    })
    .unwrap()
}

async fn a_desk(change: impl FnOnce(&mut DeskOptions)) -> (Desk, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut options = office::options(folder.path());
    change(&mut options);
    (office::open(options).await.unwrap(), folder)
}

/// Connects one payment system and imports what it cannot list; nothing is read yet.
async fn connect(desk: &Desk, shop: &Running, system: System, connection: ConnectAccount) -> AccountId {
    let view = desk.connect_account(connection).await.unwrap();
    if let Some(text) = truth::directory(shop, system) {
        let rows = text.lines().count() - 1;
        let imported = desk
            .import_directory(ImportDirectory {
                account_id: view.id.clone(),
                text,
                columns: None,
                tokens_confirmed: true,
                dry_run: false,
            })
            .await
            .unwrap();
        assert!(imported.refused.is_empty(), "{system}: {:?}", imported.refused);
        assert_eq!(imported.new as usize, rows, "{system}");
    }
    view.id.parse().unwrap()
}

/// All five under their own names, read to the end.
async fn connect_all(desk: &Desk, shop: &Running) -> BTreeMap<System, AccountId> {
    let mut accounts = BTreeMap::new();
    for system in System::ALL {
        let connection = ConnectAccount {
            label: format!("Shop at {system}"),
            ..system.played().connection(shop)
        };
        accounts.insert(system, connect(desk, shop, system, connection).await);
    }
    let reads = accounts
        .values()
        .map(|account| desk.read_account(*account, false));
    for (read, system) in futures::future::join_all(reads)
        .await
        .into_iter()
        .zip(System::ALL)
    {
        read.unwrap_or_else(|problem| panic!("{system}: {problem:?}"));
    }
    accounts
}

async fn find(desk: &Desk, env: Env, text: &str) -> PeopleFound {
    let request = FindPeople {
        env,
        text: text.to_owned(),
        after: None,
        limit: 200,
    };
    desk.find_people(request).await.unwrap()
}

async fn open(desk: &Desk, env: Env, person: &str) -> PersonView {
    let request = PersonRef {
        env,
        person: person.to_owned(),
    };
    desk.open_person(request).await.unwrap()
}

/// Every card of a person, page by page.
async fn cards_of(desk: &Desk, view: &PersonView) -> Vec<CardView> {
    let mut cards = view.cards.clone();
    let mut after = view.next.clone();
    while after.is_some() {
        let request = PersonCards {
            env: view.env,
            person: view.person.clone(),
            after,
            limit: 200,
        };
        let page = desk.person_cards(request).await.unwrap();
        cards.extend(page.items);
        after = page.next;
    }
    cards
}

fn count<'a>(records: impl IntoIterator<Item = &'a Record>) -> StateCounts {
    let mut counts = StateCounts::default();
    for card in records.into_iter().flat_map(|record| &record.cards) {
        let slot = match card.state {
            "active" => &mut counts.active,
            "inactive" => &mut counts.inactive,
            "creating" => &mut counts.creating,
            "deleting" => &mut counts.deleting,
            "deleted" => &mut counts.deleted,
            _ => &mut counts.other,
        };
        *slot += 1;
    }
    counts
}

/// What the payment systems hold, and who stands behind it.
struct Held {
    records: BTreeMap<System, Vec<Record>>,
}

impl Held {
    fn of(shop: &Running) -> Self {
        let records = System::ALL.map(|system| (system, truth::records(shop, system)));
        Self {
            records: records.into(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Record> {
        self.records.values().flatten()
    }

    fn people(&self) -> HashMap<String, Vec<&Record>> {
        let mut people: HashMap<String, Vec<&Record>> = HashMap::new();
        for record in self.all() {
            if let Some(person) = record.person() {
                people.entry(person).or_default().push(record);
            }
        }
        people
    }
}

/// A part of an email: its first sign is left out, and all behind the beginning of the domain. No name and no id has such an @.
fn part_of(email: &str) -> String {
    let at = email.find('@').unwrap();
    email.chars().take(at + 3).skip(1).collect()
}

/// People whose emails are of plain letters, each with cards at all five systems.
fn plain_people<'a>(people: &'a HashMap<String, Vec<&'a Record>>) -> Vec<&'a String> {
    let mut plain: Vec<&String> = people
        .iter()
        .filter(|(email, records)| {
            let at: BTreeSet<System> = records
                .iter()
                .filter(|record| !record.cards.is_empty())
                .map(|record| record.system)
                .collect();
            email.is_ascii() && email.find('@') >= Some(5) && at.len() == System::ALL.len()
        })
        .map(|(email, _)| email)
        .collect();
    plain.sort();
    plain
}

fn account<'a>(views: &'a [AccountView], id: &AccountId) -> &'a AccountView {
    views.iter().find(|view| view.id == id.to_string()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_customers_of_five_systems_are_one_list() {
    let shop = shop(CUSTOMERS);
    let (desk, _folder) = a_desk(|_| {}).await;
    let accounts = connect_all(&desk, &shop).await;
    let held = Held::of(&shop);
    let people = held.people();

    // What is counted is what they hold.
    let list = desk.list_accounts(Nothing {}).await.unwrap();
    let mut cards = 0;
    for (system, id) in &accounts {
        let records = &held.records[system];
        let view = account(&list.items, id);
        let all: usize = records.iter().map(|record| record.cards.len()).sum();
        assert!(
            records.len() >= CUSTOMERS as usize * 9 / 10 && all > 0,
            "{system}"
        );
        assert_eq!(view.states, count(records), "{system}");
        assert_eq!(view.cards as usize, all, "{system}");
        assert_eq!(view.last_pass.as_ref().unwrap().cards as usize, all, "{system}");
        let imported = matches!(system, System::Zafapay | System::Prism).then_some(CUSTOMERS);
        assert_eq!(view.directory, imported, "{system}");
        cards += all;
    }
    let status = desk.desk_status(Nothing {}).await.unwrap();
    assert_eq!(status.environments.len(), 1);
    let nameless = held.all().filter(|record| record.person().is_none()).count();
    assert_eq!(status.environments[0].cards as usize, cards);
    assert_eq!(status.environments[0].people as usize, people.len() + nameless);

    // One search for a part of an email shows each person once, with all of their cards.
    let plain = plain_people(&people);
    assert!(plain.len() > CUSTOMERS as usize / 2, "{}", plain.len());
    for email in plain.iter().step_by(plain.len() / 25) {
        let part = part_of(email);
        let expected: BTreeSet<&String> = people
            .keys()
            .filter(|known| search_key(known).contains(&part))
            .collect();
        let found = find(&desk, Env::Demo, &part).await;
        assert_eq!(found.total.n as usize, expected.len());
        let shown: BTreeSet<String> = found
            .items
            .iter()
            .map(|row| email_key(row.email.as_deref().unwrap()).unwrap())
            .collect();
        assert_eq!(shown.iter().collect::<BTreeSet<_>>(), expected);
        assert_eq!(found.searched.len(), System::ALL.len());
        for row in &found.items {
            let records = &people[&email_key(row.email.as_deref().unwrap()).unwrap()];
            assert_eq!(row.counts, count(records.iter().copied()));
            let at: BTreeSet<&str> = row.accounts.iter().map(|tag| tag.label.as_str()).collect();
            let labels: BTreeSet<String> = records
                .iter()
                .map(|record| format!("Shop at {}", record.system))
                .collect();
            assert_eq!(at, labels.iter().map(String::as_str).collect());
        }

        let row = found
            .items
            .iter()
            .find(|row| row.email.as_deref().and_then(email_key).as_ref() == Some(*email))
            .unwrap();
        assert_eq!(row.found_by, FoundBy::EmailContains);
        shows_all_of(&desk, &accounts, &row.person, &people[*email]).await;
    }

    // The account is on every row of a list too.
    let part = part_of(plain[0]);
    let expected: usize = people
        .iter()
        .filter(|(email, _)| search_key(email).contains(&part))
        .flat_map(|(_, records)| records)
        .map(|record| record.cards.len())
        .sum();
    let rows = every_card(&desk, &part).await;
    assert_eq!(rows.len(), expected);
    for row in rows {
        assert_eq!(row.account.label, format!("Shop at {}", row.provider));
        assert_eq!(row.account.id, row.account_id);
    }
}

/// A person shows each of their records, and each of their cards with the account it is at.
async fn shows_all_of(
    desk: &Desk,
    accounts: &BTreeMap<System, AccountId>,
    person: &str,
    records: &[&Record],
) {
    let view = open(desk, Env::Demo, person).await;
    let expected: BTreeSet<(String, Option<&str>)> = records
        .iter()
        .map(|record| (accounts[&record.system].to_string(), record.customer.as_deref()))
        .collect();
    let shown: BTreeSet<(String, Option<&str>)> = view
        .customers
        .iter()
        .map(|customer| (customer.account.id.clone(), customer.customer_id.as_deref()))
        .collect();
    assert_eq!(shown, expected);
    assert_eq!(view.customers.len(), records.len());
    let expected: BTreeSet<(String, String, &str)> = records
        .iter()
        .flat_map(|record| {
            let account = accounts[&record.system].to_string();
            let cards = record.cards.iter();
            cards.map(move |card| (account.clone(), card.id.clone(), card.state))
        })
        .collect();
    let cards = cards_of(desk, &view).await;
    let shown: BTreeSet<(String, String, &str)> = cards
        .iter()
        .map(|card| {
            let state = if card.state_unknown { "other" } else { &card.state };
            (card.account.id.clone(), card.remote_id.clone(), state)
        })
        .collect();
    assert_eq!(shown, expected);
    assert_eq!(cards.len(), expected.len());
    assert_eq!(view.counts, count(records.iter().copied()));
    for customer in &view.customers {
        let record = records
            .iter()
            .find(|record| {
                accounts[&record.system].to_string() == customer.account.id
                    && record.customer == customer.customer_id
            })
            .unwrap();
        assert_eq!(customer.no_cards.is_some(), record.cards.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_customers_with_one_email_are_two_records_of_one_person() {
    let shop = shop(60);
    let (desk, _folder) = a_desk(|_| {}).await;
    let accounts = connect_all(&desk, &shop).await;
    let held = Held::of(&shop);
    let people = held.people();
    let mut shared: BTreeSet<System> = BTreeSet::new();
    for (email, records) in &people {
        let twice: BTreeSet<System> = System::ALL
            .into_iter()
            .filter(|system| records.iter().filter(|record| record.system == *system).count() > 1)
            .collect();
        if twice.is_empty() {
            continue;
        }
        let found = find(&desk, Env::Demo, email).await;
        assert_eq!(found.total.n, 1);
        shows_all_of(&desk, &accounts, &found.items[0].person, records).await;
        let view = open(&desk, Env::Demo, &found.items[0].person).await;
        for system in &twice {
            let account = accounts[system].to_string();
            let of_account = view.customers.iter().filter(|one| one.account.id == account);
            let ids: BTreeSet<&str> = of_account.filter_map(|one| one.customer_id.as_deref()).collect();
            assert_eq!(ids.len(), 2, "{system}");
        }
        shared.extend(twice);
    }
    assert_eq!(shared, System::ALL.into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_without_cards_is_found_and_says_why_it_has_none() {
    let shop = shop(40);
    let email = "no.cards.yet@example.com";
    let made = shop
        .system("processout")
        .edit(serde_json::json!({ "add_customer": { "email": email } }))
        .unwrap();
    let komoju = shop
        .system("komoju")
        .edit(serde_json::json!({ "customer": { "email": email } }))
        .unwrap();
    let (desk, _folder) = a_desk(|_| {}).await;
    let accounts = connect_all(&desk, &shop).await;
    let entry = AddToDirectory {
        account_id: accounts[&System::Zafapay].to_string(),
        customer_id: "nobody there knows it".to_owned(),
        email: Some(email.to_owned()),
        name: None,
        token: None,
        tokens_confirmed: false,
    };
    desk.add_to_directory(entry).await.unwrap();
    desk.read_account(accounts[&System::Zafapay], true).await.unwrap();

    let found = find(&desk, Env::Demo, "no.cards.yet").await;
    assert_eq!(found.total.n, 1);
    let view = open(&desk, Env::Demo, &found.items[0].person).await;
    let why = |system: System| {
        let account = accounts[&system].to_string();
        let mut records = view.customers.iter().filter(|one| one.account.id == account);
        (records.next().unwrap().no_cards.clone(), records.next().is_none())
    };
    let lists = "ProcessOut lists no saved cards for this record.";
    assert_eq!(why(System::ProcessOut), (Some(lists.to_owned()), true));
    let may_not_know =
        "Zafapay names no saved cards for this customer id. That may also mean that it does not know the id.";
    assert_eq!(why(System::Zafapay), (Some(may_not_know.to_owned()), true));
    // A customer of KOMOJU is its card; whether details are in it is not told.
    assert_eq!(why(System::Komoju), (None, true));
    assert_eq!(view.cards.len(), 1);
    assert_eq!(view.cards[0].remote_id, komoju["id"].as_str().unwrap());
    assert_eq!(view.cards[0].card_knowledge, "not_read");
    let at_processout = view
        .customers
        .iter()
        .find(|one| one.customer_id.as_deref() == made["id"].as_str());
    assert!(at_processout.is_some());

    // Those that the world has are told the same way.
    let mut without = 0;
    for record in Held::of(&shop).all().filter(|record| record.cards.is_empty()) {
        let Some(email) = record.person() else { continue };
        let found = find(&desk, Env::Demo, &email).await;
        let row = found
            .items
            .iter()
            .find(|row| row.email.as_deref().and_then(email_key).as_ref() == Some(&email));
        let view = open(&desk, Env::Demo, &row.unwrap().person).await;
        let customer = view.customers.iter().find(|one| {
            one.customer_id == record.customer && one.account.id == accounts[&record.system].to_string()
        });
        assert!(customer.unwrap().no_cards.is_some(), "{}", record.system);
        without += 1;
    }
    assert!(without > 1);
}

/// Prism at a server of the merchant's own, which may stand on this computer in every environment.
fn prism(shop: &Running, env: Env, connector: &str) -> ConnectAccount {
    let all = shop.system("prism").connection();
    ConnectAccount {
        provider: "prism".to_owned(),
        label: format!("{connector} {env:?}"),
        env,
        host: all["endpoint"].as_str().unwrap().to_owned(),
        space: String::new(),
        user: String::new(),
        connector: Some(connector.to_owned()),
        key: all["connector_configs"][connector].to_string(),
        publishable_key: None,
        read_only: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn live_test_and_demo_are_never_in_one_list() {
    let shop = shop(40);
    // The same people, and cards of the same ids, in a test space.
    let test_space = Sandbox::start(Options {
        customers: 40,
        seed: 11,
        people: People::Shared,
        tls: true,
        ..Options::default()
    })
    .unwrap();
    let (desk, _folder) = a_desk(|options| options.http.extra_root_pem = test_space.ca_pem.clone()).await;
    let demo = connect_all(&desk, &shop).await;
    let as_test = ConnectAccount {
        env: Env::Test,
        ..System::Wallee.played().connection(&test_space)
    };
    let mut of: Vec<(Env, Vec<AccountId>)> = vec![(Env::Demo, demo.values().copied().collect())];
    let wallee = connect(&desk, &shop, System::Wallee, as_test).await;
    let at_test = connect(&desk, &shop, System::Prism, prism(&shop, Env::Test, "noon")).await;
    let at_live = connect(&desk, &shop, System::Prism, prism(&shop, Env::Live, "adyen")).await;
    of.push((Env::Test, vec![wallee, at_test]));
    of.push((Env::Live, vec![at_live]));
    for account in [wallee, at_test, at_live] {
        desk.read_account(account, false).await.unwrap();
    }

    let held = Held::of(&shop);
    let people = held.people();
    let email = plain_people(&people)[0];
    let list = desk.list_accounts(Nothing {}).await.unwrap();
    let status = desk.desk_status(Nothing {}).await.unwrap();
    assert_eq!(status.environments.len(), 3);
    for (env, accounts) in &of {
        let ids: BTreeSet<String> = accounts.iter().map(ToString::to_string).collect();
        let views: Vec<&AccountView> = accounts.iter().map(|id| account(&list.items, id)).collect();
        assert!(views.iter().all(|view| view.env == *env));

        let found = find(&desk, *env, email).await;
        assert_eq!(found.total.n, 1, "{env:?}");
        let tags: BTreeSet<String> = found.items[0].accounts.iter().map(|tag| tag.id.clone()).collect();
        assert_eq!(tags, ids, "{env:?}");
        let searched: BTreeSet<String> = found.searched.iter().map(|one| one.account.id.clone()).collect();
        assert_eq!(searched, ids, "{env:?}");
        let view = open(&desk, *env, &found.items[0].person).await;
        assert!(
            view.customers
                .iter()
                .all(|customer| ids.contains(&customer.account.id))
        );
        let cards = cards_of(&desk, &view).await;
        assert!(
            cards
                .iter()
                .all(|card| card.env == *env && ids.contains(&card.account_id))
        );
        let at: BTreeSet<String> = cards.iter().map(|card| card.account_id.clone()).collect();
        assert_eq!(at, ids, "{env:?}");

        let request = tokendesk_desk::contract::ListCards {
            env: *env,
            text: String::new(),
            account_id: None,
            after: None,
            limit: 1_000,
        };
        let page = desk.list_cards(request).await.unwrap();
        let whole: u32 = views.iter().map(|view| view.cards).sum();
        assert_eq!((page.items.len(), page.next), (whole as usize, None), "{env:?}");
        assert!(page.items.iter().all(|card| ids.contains(&card.account_id)));
        let at_top = status.environments.iter().find(|one| one.env == *env).unwrap();
        assert_eq!(at_top.cards, whole, "{env:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_of_one_payment_system_are_told_apart_on_every_row() {
    let shop = shop(40);
    let (desk, _folder) = a_desk(|_| {}).await;
    let first = connect(
        &desk,
        &shop,
        System::Prism,
        prism(&shop, Env::Demo, "cybersource"),
    )
    .await;
    let second = connect(&desk, &shop, System::Prism, prism(&shop, Env::Demo, "noon")).await;
    // Another environment begins anew.
    let elsewhere = connect(&desk, &shop, System::Prism, prism(&shop, Env::Test, "adyen")).await;
    for account in [first, second, elsewhere] {
        desk.read_account(account, false).await.unwrap();
    }
    let list = desk.list_accounts(Nothing {}).await.unwrap();
    let code = |id: &AccountId| account(&list.items, id).code.clone();
    assert_eq!(
        (code(&first), code(&second), code(&elsewhere)),
        ("PR".into(), "PR2".into(), "PR".into())
    );
    let rows = every_card(&desk, "").await;
    for (id, tag) in [(first, "PR"), (second, "PR2")] {
        let of_account = rows.iter().filter(|row| row.account_id == id.to_string());
        assert!(of_account.clone().count() > 0);
        assert!(of_account.clone().all(|row| row.account.code == tag));
    }
}

//! The payment system of a scenario, with what it was asked; and a desk connected to it.

use crate::office;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokendesk_desk::contract::{
    AccountView, CardDetail, CardRef, CardView, ChangeView, ConnectAccount, Env, ListCards, ListChanges,
    Nothing, Problem, ProblemCode, PushChanges, PushResult, SetOneClick, StateCounts,
};
use tokendesk_desk::{Desk, DeskOptions};
use tokendesk_model::AccountId;
use tokendesk_sandbox::{Fault, FaultMatch, FaultRule, Options, Running, Sandbox, TokenTruth};

/// How long a scenario waits for something that must come; reached only by a failure.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until something is there.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < end, "it never came: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What the payment system was asked.
#[derive(Deserialize)]
pub struct Stats {
    pub requests: u64,
    pub by_kind: BTreeMap<String, u64>,
    pub by_path: BTreeMap<String, u64>,
    pub writes: Vec<Write>,
    pub faults_fired: u64,
}

/// A call that asked for a change.
#[derive(Deserialize)]
pub struct Write {
    pub path: String,
    /// None: no answer was sent.
    pub status: Option<u16>,
}

impl Stats {
    pub fn of_kind(&self, kind: &str) -> u64 {
        self.by_kind.get(kind).copied().unwrap_or_default()
    }

    /// Writes to one token.
    pub fn writes_to(&self, id: u64) -> Vec<&Write> {
        let path = format!("/api/v2.0/payment/tokens/{id}");
        self.writes.iter().filter(|write| write.path == path).collect()
    }
}

/// The payment system.
pub struct Shop {
    pub running: Running,
    http: reqwest::Client,
}

impl Shop {
    pub fn start(customers: u32) -> Self {
        Self::with(Options {
            customers,
            ..Self::options()
        })
    }

    /// The same world at every start.
    pub fn options() -> Options {
        Options {
            customers: 100,
            seed: 11,
            ..Options::default()
        }
    }

    pub fn with(options: Options) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            running: Sandbox::start(options).unwrap(),
            http,
        }
    }

    /// The port it answers on.
    pub fn port(&self) -> u16 {
        self.running.origin.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// What a person types to connect it.
    pub fn connection(&self) -> ConnectAccount {
        ConnectAccount {
            provider: "wallee".to_owned(),
            label: "Shop".to_owned(),
            env: Env::Demo,
            host: self.running.origin.clone(),
            space: self.running.space.clone(),
            user: self.running.user.clone(),
            connector: None,
            key: self.running.key.clone(),
            publishable_key: None,
            read_only: false,
        }
    }

    pub async fn stats(&self) -> Stats {
        let control = self.running.control.as_ref().unwrap();
        let answer = self.http.get(format!("{control}/stats")).send().await.unwrap();
        answer.json().await.unwrap()
    }

    pub async fn forget_stats(&self) {
        let control = self.running.control.as_ref().unwrap();
        let asked = self
            .http
            .post(format!("{control}/stats/reset"))
            .send()
            .await
            .unwrap();
        asked.error_for_status().unwrap();
    }

    /// Makes the next `times` fitting calls go wrong; `None` for all.
    pub fn fault(&self, method: &str, path: &str, times: Option<u32>, fault: Fault) {
        self.fault_from(1, method, path, times, fault);
    }

    /// The same from the `nth` fitting call on.
    pub fn fault_from(&self, nth: u32, method: &str, path: &str, times: Option<u32>, fault: Fault) {
        self.running.add_fault(FaultRule {
            when: FaultMatch {
                method: Some(method.to_owned()),
                path_prefix: Some(path.to_owned()),
                nth: Some(nth),
            },
            times,
            fault,
        });
    }

    /// Waits until so many faults have struck since the start.
    pub async fn faults_fired(&self, count: u64) {
        until("a fault", || async {
            (self.stats().await.faults_fired >= count).then_some(())
        })
        .await;
    }

    pub fn token(&self, id: u64) -> TokenTruth {
        self.running.token(id).unwrap()
    }

    /// Everyday cards: active, one-click on, with a version in use and an email of plain letters; one for each customer.
    pub fn everyday(&self, how_many: usize) -> Vec<TokenTruth> {
        let mut seen = std::collections::HashSet::new();
        let cards: Vec<TokenTruth> = self
            .running
            .tokens()
            .into_iter()
            .filter(|token| {
                let plain = token.customer_email_address.as_deref().is_some_and(|email| {
                    email.is_ascii() && email.find('@').is_some_and(|at| at >= 6) && !email.contains('+')
                });
                token.state == "ACTIVE"
                    && token.enabled_for_one_click_payment
                    && plain
                    && token.customer_id.is_some()
                    && token
                        .versions
                        .iter()
                        .any(|version| version.state == "ACTIVE" && version.last_four.is_some())
                    && seen.insert(token.customer_email_address.clone())
            })
            .take(how_many)
            .collect();
        assert_eq!(cards.len(), how_many, "the world has enough everyday cards");
        cards
    }
}

/// A desk with one connected account.
pub struct Office {
    pub desk: Desk,
    pub account: AccountId,
    pub folder: TempDir,
}

impl Office {
    /// Connected to `shop`, everything read.
    pub async fn connected(shop: &Shop) -> Self {
        Self::connected_with(shop, |_| {}).await
    }

    /// The same, opened in a way of its own.
    pub async fn connected_with(shop: &Shop, change: impl FnOnce(&mut DeskOptions)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = office::options(folder.path());
        change(&mut options);
        let desk = office::open(options).await.unwrap();
        let view = desk.connect_account(shop.connection()).await.unwrap();
        let office = Self {
            desk,
            account: view.id.parse().unwrap(),
            folder,
        };
        office.desk.read_account(office.account, false).await.unwrap();
        office
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Closes it and opens the folder again.
    pub async fn reopened(self) -> Self {
        self.reopened_with(|_| {}).await
    }

    /// Closes it and opens the folder again as a window does: what is to be sent is sent without being asked for.
    pub async fn in_background(self) -> Self {
        self.reopened_with(|options| options.background = true).await
    }

    /// Closes it and opens the folder again in a way of its own.
    pub async fn reopened_with(mut self, change: impl FnOnce(&mut DeskOptions)) -> Self {
        self.desk.close().await;
        let mut options = office::options(self.folder.path());
        change(&mut options);
        // The folder is free once the last handle on the desk is gone.
        self.desk = {
            drop(self.desk);
            until("the folder", || async {
                match office::open(options.clone()).await {
                    Ok(desk) => Some(desk),
                    Err(problem) if problem.code == ProblemCode::DeskInUse => None,
                    Err(problem) => panic!("{problem:?}"),
                }
            })
            .await
        };
        self
    }

    pub async fn account(&self) -> AccountView {
        let list = self.desk.list_accounts(Nothing {}).await.unwrap();
        let wanted = self.account.to_string();
        list.items
            .into_iter()
            .find(|account| account.id == wanted)
            .unwrap()
    }

    /// A complete pass.
    pub async fn read_all(&self) -> Result<u64, Problem> {
        self.desk.read_account(self.account, true).await
    }

    /// Our id of a card.
    pub fn id(&self, remote_id: u64) -> String {
        self.account.token(&remote_id.to_string()).to_string()
    }

    pub async fn detail(&self, remote_id: u64) -> CardDetail {
        self.desk
            .show_card(CardRef {
                card_id: self.id(remote_id),
            })
            .await
            .unwrap()
    }

    pub async fn card(&self, remote_id: u64) -> CardView {
        self.detail(remote_id).await.card
    }

    pub async fn one_click(&self, remote_id: u64, on: bool) -> ChangeView {
        self.desk
            .set_one_click(SetOneClick {
                card_id: self.id(remote_id),
                on,
            })
            .await
            .unwrap()
    }

    pub async fn push(&self) -> PushResult {
        self.desk.push_changes(PushChanges::default()).await.unwrap()
    }

    /// One change as it stands now.
    pub async fn change(&self, id: &str) -> ChangeView {
        let request = ListChanges {
            env: None,
            open_only: false,
            statuses: Vec::new(),
            mine_only: false,
            after: None,
            limit: 500,
        };
        let list = self.desk.list_changes(request).await.unwrap();
        list.items.into_iter().find(|change| change.id == id).unwrap()
    }

    /// Every card, newest first.
    pub async fn cards(&self) -> Vec<CardView> {
        every_card(&self.desk, "").await
    }

    /// Everything the desk shows of what the payment system holds, in an order of its own and without what differs from one
    /// connection to the next.
    pub async fn rows(&self) -> Vec<serde_json::Value> {
        let mut rows: Vec<(String, serde_json::Value)> = Vec::new();
        for card in self.cards().await {
            let remote_id = card.remote_id.clone();
            let mut row = serde_json::to_value(card).unwrap();
            for own in ["id", "account_id", "account", "person", "read_at"] {
                row.as_object_mut().unwrap().remove(own).unwrap();
            }
            rows.push((remote_id, row));
        }
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// The counters say what counting says, in every place that shows a number.
    pub async fn assert_counters(&self) {
        let cards = self.cards().await;
        let mut counted = StateCounts::default();
        let mut people: HashMap<&str, StateCounts> = HashMap::new();
        for card in &cards {
            add(&mut counted, card);
            add(people.entry(&card.person).or_default(), card);
        }
        let view = self.account().await;
        assert_eq!(view.states, counted, "states of the account");
        assert_eq!(view.cards as usize, cards.len(), "cards of the account");
        for (word, n) in [
            ("active", counted.active),
            ("inactive", counted.inactive),
            ("deleting", counted.deleting),
            ("deleted", counted.deleted),
            ("creating", counted.creating),
        ] {
            let found = every_card(&self.desk, &format!("state:{word}")).await;
            assert_eq!(found.len(), n as usize, "cards found as {word}");
        }
        let status = self.desk.desk_status(Nothing {}).await.unwrap();
        assert_eq!(status.environments.len(), 1);
        assert_eq!(
            status.environments[0].cards as usize,
            cards.len(),
            "cards at the top"
        );
        assert_eq!(
            status.environments[0].people as usize,
            people.len(),
            "people at the top"
        );
        for (person, counted) in people.into_iter().take(40) {
            let request = tokendesk_desk::contract::PersonRef {
                env: Env::Demo,
                person: person.to_owned(),
            };
            let view = self.desk.open_person(request).await.unwrap();
            assert_eq!(view.counts, counted, "cards of one person");
        }
    }

    /// The desk shows what the payment system holds, card by card.
    pub async fn assert_same_as(&self, shop: &Shop) {
        let shown: HashMap<String, CardView> = self
            .cards()
            .await
            .into_iter()
            .map(|card| (card.remote_id.clone(), card))
            .collect();
        let held = shop.running.tokens();
        let mut told = 0;
        for token in &held {
            let card = &shown[&token.id.to_string()];
            assert!(card.gone_at.is_none());
            assert_eq!(card.version, i64::from(token.version));
            assert_eq!(card.provider_one_click, Some(token.enabled_for_one_click_payment));
            assert_eq!(card.email, token.customer_email_address);
            assert_eq!(card.customer_id, token.customer_id);
            assert_eq!(card.provider_state, word(token.state));
            // Not every version tells the last four that the payment system knows.
            if let Some(last4) = &card.last4 {
                let version = token.versions.iter().rfind(|version| version.state == "ACTIVE");
                assert_eq!(version.unwrap().last_four.as_ref(), Some(last4));
                told += 1;
            }
        }
        assert!(told > held.len() / 2, "{told} of {}", held.len());
        let left = shown.values().filter(|card| card.state != "deleted").count();
        assert_eq!(left, held.iter().filter(|token| token.state != "DELETED").count());
    }
}

/// Our word for a state as the payment system writes it.
pub fn word(state: &str) -> &'static str {
    match state {
        "CREATE" => "creating",
        "ACTIVE" => "active",
        "INACTIVE" => "inactive",
        "DELETING" => "deleting",
        "DELETED" => "deleted",
        other => panic!("no word for {other}"),
    }
}

/// Every card of the demo environment that a text finds.
pub async fn every_card(desk: &Desk, text: &str) -> Vec<CardView> {
    let mut cards: Vec<CardView> = Vec::new();
    let mut after = None;
    loop {
        let request = ListCards {
            env: Env::Demo,
            text: text.to_owned(),
            account_id: None,
            after,
            limit: 1_000,
        };
        let page = desk.list_cards(request).await.unwrap();
        cards.extend(page.items);
        after = page.next;
        if after.is_none() {
            return cards;
        }
    }
}

fn add(counts: &mut StateCounts, card: &CardView) {
    let slot = match card.state.as_str() {
        _ if card.state_unknown => &mut counts.other,
        "active" => &mut counts.active,
        "inactive" => &mut counts.inactive,
        "deleting" => &mut counts.deleting,
        "deleted" => &mut counts.deleted,
        "creating" => &mut counts.creating,
        other => panic!("no counter for {other}"),
    };
    *slot += 1;
}

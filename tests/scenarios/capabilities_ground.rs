//! A desk connected to one payment system that is played, for scenarios about what it can do: its cards stand ready and are read,
//! nothing is sent that was not asked for, and what it really holds can be looked at.

use crate::office;
use crate::shop::every_card;
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;
use tokendesk_desk::Desk;
use tokendesk_desk::contract::{
    AccountView, CapabilityLine, CardRef, CardView, ChangeView, ConnectAccount, DeleteCard, Env,
    ImportDirectory, ListChanges, ListLog, LogFilter, LogRow, MarkCard, Nothing, PersonRef, PersonView,
    Problem, ProblemCode, PushChanges, SetActive, SetOneClick,
};
use tokendesk_model::AccountId;
use tokendesk_sandbox::{Options, Running, Sandbox, SystemHandle, Write};
use tokendesk_tests::clock::Moved;
use tokendesk_tests::played::{Card, Held, System, Wanted};

/// Words for the log, and for Zafapay.
pub const REASON: &str = "asked for on the phone";

/// One payment system, and a desk that has read it.
pub struct Ground {
    pub system: System,
    pub running: Running,
    pub desk: Desk,
    pub account: AccountId,
    /// See [`tokendesk_tests::played::Played::prepared`].
    pub cards: Vec<Card>,
    pub clock: Arc<Moved>,
    folder: TempDir,
}

impl Ground {
    /// Connected as a person would, everything read.
    pub async fn of(system: System) -> Self {
        Self::with(system, |_, _| {}, |_| {}).await
    }

    /// The same; `before` is done at the payment system before anything is read, and `change` to the connection.
    pub async fn with(
        system: System,
        before: impl FnOnce(&Running, &[Card]),
        change: impl FnOnce(&mut ConnectAccount),
    ) -> Self {
        let prepared = |running: &Running| {
            let cards = system.played().prepared(running);
            before(running, &cards);
            cards
        };
        Self::build(system, prepared, |_, connection| change(connection)).await
    }

    /// Prism with another connector than the usual one: eight of its tokens, behind them `more`, each of a customer of its own.
    pub async fn of_prism(connector: &str, more: &[&str], change: impl FnOnce(&mut ConnectAccount)) -> Self {
        let spelled = connector[..1].to_uppercase() + &connector[1..];
        let cards = |running: &Running| {
            let directory = running
                .system("prism")
                .truth(&format!("directory/{spelled}"))
                .unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let mut seen = std::collections::HashSet::new();
            let mut cards: Vec<Card> = directory["rows"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|row| seen.insert(row["customer"].clone()))
                .map(|row| Card {
                    id: text(&row["token"]),
                    customer: text(&row["customer"]),
                })
                .take(8)
                .collect();
            for (nth, token) in more.iter().enumerate() {
                cards.push(Card {
                    id: (*token).to_owned(),
                    customer: format!("tester{nth}"),
                });
            }
            cards
        };
        let connected = |running: &Running, connection: &mut ConnectAccount| {
            let all = running.system("prism").connection();
            connection.connector = Some(connector.to_owned());
            connection.key = all["connector_configs"][connector].to_string();
            change(connection);
        };
        Self::build(System::Prism, cards, connected).await
    }

    async fn build(
        system: System,
        cards: impl FnOnce(&Running) -> Vec<Card>,
        change: impl FnOnce(&Running, &mut ConnectAccount),
    ) -> Self {
        let running = start(system, 11, 0);
        let cards = cards(&running);
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<Moved> = Arc::default();
        let mut options = office::options(folder.path());
        options.clock = clock.clone();
        let desk = office::open(options).await.unwrap();
        let mut connection = system.played().connection(&running);
        change(&running, &mut connection);
        let view = desk.connect_account(connection).await.unwrap();
        let ground = Self {
            system,
            account: view.id.parse().unwrap(),
            running,
            desk,
            cards,
            clock,
            folder,
        };
        if let Some(text) = system.played().directory(&ground.cards) {
            ground.import(&text).await;
        }
        ground.read(false).await;
        ground
    }

    /// Closes the desk and opens its folder again.
    pub async fn reopened(mut self) -> Self {
        self.desk.close().await;
        let mut options = office::options(self.folder.path());
        options.clock = self.clock.clone();
        drop(self.desk);
        self.desk = crate::shop::until("the folder", || async {
            match office::open(options.clone()).await {
                Ok(desk) => Some(desk),
                Err(problem) if problem.code == ProblemCode::DeskInUse => None,
                Err(problem) => panic!("{problem:?}"),
            }
        })
        .await;
        self
    }

    pub async fn import(&self, text: &str) {
        let request = ImportDirectory {
            account_id: self.account.to_string(),
            text: text.to_owned(),
            columns: None,
            tokens_confirmed: true,
            dry_run: false,
        };
        let imported = self.desk.import_directory(request).await.unwrap();
        assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    }

    /// Reads what is due, or everything.
    pub async fn read(&self, full: bool) {
        self.desk.read_account(self.account, full).await.unwrap();
    }

    /// The payment system's own side.
    pub fn handle(&self) -> SystemHandle {
        self.running.system(self.system.name())
    }

    /// What the payment system holds of an object.
    pub fn truth(&self, id: &str) -> Value {
        self.handle().truth(id).unwrap()
    }

    /// How a prepared card stands there.
    pub fn held(&self, nth: usize) -> Held {
        self.system.played().held(&self.running, &self.cards[nth])
    }

    /// Every call so far that asked for a change.
    pub fn writes(&self) -> Vec<Write> {
        self.handle().writes()
    }

    /// How many calls of one kind came so far.
    pub fn calls(&self, operation: &str) -> u64 {
        let statistics = self.handle().statistics();
        statistics["by_kind"][operation].as_u64().unwrap_or_default()
    }

    /// Our id of a card by the provider's.
    pub fn id_of(&self, remote_id: &str) -> String {
        self.account.token(remote_id).to_string()
    }

    /// Our id of a prepared card.
    pub fn id(&self, nth: usize) -> String {
        self.id_of(&self.cards[nth].id)
    }

    pub fn card(&self, nth: usize) -> CardRef {
        CardRef {
            card_id: self.id(nth),
        }
    }

    pub async fn view_of(&self, remote_id: &str) -> CardView {
        let request = CardRef {
            card_id: self.id_of(remote_id),
        };
        self.desk.show_card(request).await.unwrap().card
    }

    /// A prepared card as the desk shows it.
    pub async fn view(&self, nth: usize) -> CardView {
        self.view_of(&self.cards[nth].id).await
    }

    /// Every card the desk shows.
    pub async fn all(&self) -> Vec<CardView> {
        every_card(&self.desk, "").await
    }

    pub async fn account(&self) -> AccountView {
        let list = self.desk.list_accounts(Nothing {}).await.unwrap();
        let wanted = self.account.to_string();
        list.items.into_iter().find(|one| one.id == wanted).unwrap()
    }

    /// What the account says of one of its capabilities.
    pub async fn line(&self, what: &str) -> CapabilityLine {
        let lines = self.account().await.capabilities;
        lines.into_iter().find(|line| line.what == what).unwrap()
    }

    /// Everybody whose email contains a text, opened.
    pub async fn person(&self, nth: usize) -> PersonView {
        let request = PersonRef {
            env: Env::Demo,
            person: self.view(nth).await.person,
        };
        self.desk.open_person(request).await.unwrap()
    }

    /// Reads a person again, as a person does who looks at them.
    pub async fn refresh(&self, nth: usize) -> PersonView {
        let request = PersonRef {
            env: Env::Demo,
            person: self.view(nth).await.person,
        };
        self.desk.refresh_person(request).await.unwrap()
    }

    pub async fn active(
        &self,
        nth: usize,
        active: bool,
        reason: Option<&str>,
    ) -> Result<ChangeView, Problem> {
        let request = SetActive {
            card_id: self.id(nth),
            active,
            reason: reason.map(str::to_owned),
        };
        self.desk.set_active(request).await
    }

    /// Asks for a change of a prepared card.
    pub async fn ask(&self, wish: Wanted, nth: usize) -> Result<ChangeView, Problem> {
        let card_id = self.id(nth);
        match wish {
            Wanted::OneClickOff | Wanted::OneClickOn => {
                let on = wish == Wanted::OneClickOn;
                self.desk.set_one_click(SetOneClick { card_id, on }).await
            }
            Wanted::Deactivate => self.active(nth, false, Some(REASON)).await,
            Wanted::Activate => self.active(nth, true, None).await,
            Wanted::Delete => {
                let request = DeleteCard {
                    card_id,
                    confirmation: None,
                    reason: None,
                };
                self.desk.delete_card(request).await
            }
            Wanted::MakeDefault => self.desk.set_default(CardRef { card_id }).await,
        }
    }

    /// Sends everything; how this change stands then.
    pub async fn sent(&self, change: &ChangeView) -> ChangeView {
        self.desk.push_changes(PushChanges::default()).await.unwrap();
        self.change(&change.id).await
    }

    /// Asks for a change and sends it: it has to be done, and the payment system has to hold it.
    pub async fn made(&self, wish: Wanted, nth: usize) -> ChangeView {
        let asked = self.ask(wish, nth).await.unwrap();
        let sent = self.sent(&asked).await;
        assert_eq!(
            (sent.status.as_str(), sent.why.as_deref()),
            ("done", None),
            "{:?}",
            sent.problem
        );
        assert!(wish.is_met(&self.held(nth)), "{wish:?}");
        sent
    }

    /// Asks for what the payment system has not: it is refused, nothing is queued and nothing is written.
    pub async fn not_offered(&self, wish: Wanted, nth: usize) -> Problem {
        let (writes, requests) = (self.writes().len(), self.handle().requests());
        let problem = self.ask(wish, nth).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::NotOffered, "{problem:?}");
        assert!(self.changes().await.is_empty());
        self.desk.push_changes(PushChanges::default()).await.unwrap();
        assert_eq!(
            (self.writes().len(), self.handle().requests()),
            (writes, requests)
        );
        problem
    }

    /// Makes a note of this desk, which has to reach nobody, and takes it away again.
    pub async fn noted_here_only(&self, field: &str, nth: usize) {
        let requests = self.handle().requests();
        let mark = |value| MarkCard {
            card_id: self.id(nth),
            field: field.to_owned(),
            value,
        };
        let noted = self.desk.mark_card(mark(Some(false))).await.unwrap();
        let note = noted.desk_note.unwrap();
        let (active, one_click) = if field == "active" {
            (Some(false), None)
        } else {
            (None, Some(false))
        };
        assert_eq!((note.active, note.one_click), (active, one_click));
        assert_eq!(self.view(nth).await.desk_note, Some(note));
        // It is a note: the card is shown as its provider says it.
        assert_eq!(noted.card.provider_state, noted.card.state);
        self.desk.push_changes(PushChanges::default()).await.unwrap();
        assert_eq!(self.handle().requests(), requests, "a note reaches nobody");
        let cleared = self.desk.mark_card(mark(None)).await.unwrap();
        assert_eq!(cleared.desk_note, None);
    }

    /// Every change there is, newest first.
    pub async fn changes(&self) -> Vec<ChangeView> {
        let request = ListChanges {
            env: None,
            open_only: false,
            statuses: Vec::new(),
            mine_only: false,
            after: None,
            limit: 500,
        };
        self.desk.list_changes(request).await.unwrap().items
    }

    pub async fn change(&self, id: &str) -> ChangeView {
        let all = self.changes().await;
        all.into_iter().find(|change| change.id == id).unwrap()
    }

    /// Rows of the log about an action, newest first.
    pub async fn logged(&self, action: &str) -> Vec<LogRow> {
        let request = ListLog {
            filter: LogFilter::default(),
            after: None,
            limit: 500,
        };
        let page = self.desk.list_log(request).await.unwrap();
        page.items
            .into_iter()
            .filter(|row| row.action == action)
            .collect()
    }
}

/// One payment system alone, on a port.
pub fn start(system: System, seed: u64, port: u16) -> Running {
    Sandbox::start(Options {
        customers: system.played().customers().max(30),
        seed,
        port,
        systems: vec![system.name().to_owned()],
        ..Options::default()
    })
    .unwrap()
}

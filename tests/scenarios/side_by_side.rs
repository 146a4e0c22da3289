//! Five payment systems on one desk: what happens to one of them never delays another.

use crate::office;
use crate::shop::until;
use serde_json::json;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokendesk_desk::contract::{
    AccountRef, AccountView, CardRef, ChangeRef, ChangeView, DeleteCard, DeskSettings, ImportDirectory,
    ListChanges, Nothing, ProblemCode, PushChanges, SetActive, SetOneClick, StartSync,
};
use tokendesk_desk::{Clock, Desk};
use tokendesk_model::AccountId;
use tokendesk_sandbox::{Fault, FaultBody, FaultMatch, FaultRule, Options, Running, Sandbox, SystemHandle};
use tokendesk_tests::played::{Card, System, Wanted};

/// A clock that can be moved ahead.
#[derive(Default)]
struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::Utc::now() + chrono::TimeDelta::seconds(self.0.load(Ordering::SeqCst))
    }
}

/// What happens to one payment system.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    /// Its port refuses.
    Down,
    /// 429 to everything.
    Limited,
    /// 429 to everything, come back in an hour.
    LimitedForAnHour,
    /// 401 to everything.
    KeyRejected,
    /// Connections are taken, and never answered.
    NeverAnswers,
}

impl Trouble {
    fn begin(self, system: &SystemHandle) {
        let too_many = |retry_after| Fault::TooMany { retry_after };
        let fault = match self {
            Self::Down => return system.stop_listening().unwrap(),
            Self::Limited => too_many(None),
            Self::LimitedForAnHour => too_many(Some(json!(3_600))),
            Self::KeyRejected => Fault::Status {
                status: 401,
                retry_after: None,
                body: FaultBody::Json,
            },
            Self::NeverAnswers => Fault::Hang,
        };
        system.add_fault(FaultRule {
            when: FaultMatch::default(),
            times: None,
            fault,
        });
    }

    fn end(system: &SystemHandle) {
        system.clear_faults();
        // What hangs is cut off.
        system.stop_listening().unwrap();
        system.start_listening().unwrap();
    }
}

/// A desk connected to all five, as behind a window: what is to be sent is sent without being asked for.
struct Five {
    running: Running,
    desk: Desk,
    accounts: Vec<(System, AccountId, Vec<Card>)>,
    clock: Arc<Moved>,
    _folder: TempDir,
}

impl Five {
    async fn connected() -> Self {
        let running = Sandbox::start(Options {
            customers: System::ALL
                .into_iter()
                .map(|system| system.played().customers())
                .max()
                .unwrap(),
            seed: 11,
            systems: Options::all_systems(),
            ..Options::default()
        })
        .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<Moved> = Arc::default();
        let mut options = office::options(folder.path());
        options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        let desk = office::open(options.clone()).await.unwrap();
        let at_once = DeskSettings { hold_seconds: 0 };
        desk.set_desk_settings(at_once).await.unwrap();
        let mut accounts = Vec::new();
        for system in System::ALL {
            let cards = system.played().prepared(&running);
            let view = desk
                .connect_account(system.played().connection(&running))
                .await
                .unwrap();
            if let Some(text) = system.played().directory(&cards) {
                desk.import_directory(ImportDirectory {
                    account_id: view.id.clone(),
                    text,
                    columns: None,
                    tokens_confirmed: true,
                    dry_run: false,
                })
                .await
                .unwrap();
            }
            let account: AccountId = view.id.parse().unwrap();
            desk.read_account(account, false).await.unwrap();
            accounts.push((system, account, cards));
        }
        desk.close().await;
        drop(desk);
        options.background = true;
        let desk = until("the folder", || async {
            match office::open(options.clone()).await {
                Ok(desk) => Some(desk),
                Err(problem) if problem.code == ProblemCode::DeskInUse => None,
                Err(problem) => panic!("{problem:?}"),
            }
        })
        .await;
        Self {
            running,
            desk,
            accounts,
            clock,
            _folder: folder,
        }
    }

    fn handle(&self, system: System) -> SystemHandle {
        self.running.system(system.name())
    }

    fn place(&self, system: System) -> (AccountId, &[Card]) {
        let (_, account, cards) = self.accounts.iter().find(|(of, ..)| *of == system).unwrap();
        (*account, cards)
    }

    /// The first kind of change it has, and the card it is made on.
    fn wish(&self, system: System) -> (Wanted, &Card) {
        let wish = system.played().wishes()[0];
        (wish, &self.place(system).1[wish.card()])
    }

    async fn ask(&self, system: System) -> ChangeView {
        let (wish, card) = self.wish(system);
        let card_id = self.place(system).0.token(&card.id).to_string();
        let asked = match wish {
            Wanted::OneClickOff | Wanted::OneClickOn => {
                let on = wish == Wanted::OneClickOn;
                self.desk.set_one_click(SetOneClick { card_id, on }).await
            }
            Wanted::Deactivate | Wanted::Activate => {
                let request = SetActive {
                    card_id,
                    active: wish == Wanted::Activate,
                    reason: Some("asked for on the phone".to_owned()),
                };
                self.desk.set_active(request).await
            }
            Wanted::Delete => {
                let request = DeleteCard {
                    card_id,
                    confirmation: None,
                    reason: None,
                };
                self.desk.delete_card(request).await
            }
            Wanted::MakeDefault => self.desk.set_default(CardRef { card_id }).await,
        };
        asked.unwrap()
    }

    async fn change(&self, id: &str) -> ChangeView {
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

    async fn account(&self, system: System) -> AccountView {
        let wanted = self.place(system).0.to_string();
        let list = self.desk.list_accounts(Nothing {}).await.unwrap();
        list.items
            .into_iter()
            .find(|account| account.id == wanted)
            .unwrap()
    }

    fn is_met(&self, system: System) -> bool {
        let (wish, card) = self.wish(system);
        wish.is_met(&system.played().held(&self.running, card))
    }

    /// What a person does about a change when its payment system is well again.
    async fn look_after(&self, system: System, change: &str) {
        if self.account(system).await.paused.is_some() {
            let account_id = self.place(system).0.to_string();
            self.desk.check_account(AccountRef { account_id }).await.unwrap();
        }
        if self.change(change).await.can_retry {
            let change_id = change.to_owned();
            self.desk.retry_change(ChangeRef { change_id }).await.unwrap();
        }
        self.desk.push_changes(PushChanges { env: None }).await.unwrap();
    }
}

async fn delays_no_other(trouble: Trouble) {
    for struck in System::ALL {
        let five = Five::connected().await;
        trouble.begin(&five.handle(struck));
        let late = five.ask(struck).await;
        let others: Vec<System> = System::ALL.into_iter().filter(|other| *other != struck).collect();
        let mut passes = Vec::new();
        for other in &others {
            passes.push(five.account(*other).await.last_pass);
        }
        five.desk
            .start_sync(StartSync {
                account_id: None,
                full: true,
            })
            .await
            .unwrap();
        for other in &others {
            let change = five.ask(*other).await;
            until(&format!("the change at {other} beside {struck}"), || async {
                (five.change(&change.id).await.status == "done").then_some(())
            })
            .await;
            assert!(five.is_met(*other), "{other} beside {struck}");
        }
        for (other, before) in others.iter().zip(passes) {
            // Nothing can be read at Prism.
            if *other == System::Prism {
                continue;
            }
            until(&format!("the pass over {other} beside {struck}"), || async {
                let account = five.account(*other).await;
                if account.last_pass != before {
                    return Some(());
                }
                // It may have been looking for news when all were told to read everything.
                if account.progress.is_none() {
                    let request = StartSync {
                        account_id: Some(account.id),
                        full: true,
                    };
                    match five.desk.start_sync(request).await {
                        Ok(_) => {}
                        Err(problem) => assert_eq!(problem.code, ProblemCode::AlreadyRunning),
                    }
                }
                None
            })
            .await;
        }
        assert_ne!(five.change(&late.id).await.status, "done", "{struck}");
        assert!(!five.is_met(struck), "{struck}");

        Trouble::end(&five.handle(struck));
        if matches!(trouble, Trouble::LimitedForAnHour) {
            // It is left in peace for as long as it asked, whatever the clock says.
            five.look_after(struck, &late.id).await;
            let held_up_by = five.change(&late.id).await.held_up_by;
            assert_eq!(held_up_by.as_deref(), Some("asked_to_wait"), "{struck}");
            continue;
        }
        // Two reads that settle a doubt lie a minute apart.
        let passing = Mutex::new(vec![61, 61, 61]);
        until(
            &format!("the change at {struck} when it is well again"),
            || async {
                let seconds = passing.lock().unwrap().pop().unwrap_or_default();
                five.clock.0.fetch_add(seconds, Ordering::SeqCst);
                five.look_after(struck, &late.id).await;
                (five.change(&late.id).await.status == "done").then_some(())
            },
        )
        .await;
        assert!(five.is_met(struck), "{struck}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_down_delays_no_other() {
    delays_no_other(Trouble::Down).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_asks_to_wait_delays_no_other() {
    delays_no_other(Trouble::Limited).await;
    delays_no_other(Trouble::LimitedForAnHour).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_rejects_its_key_delays_no_other() {
    delays_no_other(Trouble::KeyRejected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_answers_delays_no_other() {
    delays_no_other(Trouble::NeverAnswers).await;
}

//! One combination: a person wishes, something goes wrong, the program may die, and afterwards everything must be right.

use crate::dimensions::{Script, Strike};
use crate::fitting;
use crate::ground::{self, Ground, Moved};
use crate::other::Other;
use crate::settling::{changes, settle};
use serde_json::json;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokendesk_desk::Desk;
use tokendesk_desk::contract::{AccountRef, ChangeView, Nothing, PlanRef};
use tokendesk_sandbox::{FaultMatch, FaultRule, Running};
use tokendesk_store::crash::CrashPoint;
use tokendesk_tests::played::{Card, Held, SPARE, System, Wanted};

/// What is combined.
#[derive(Debug, Clone, Copy)]
pub struct Combination {
    pub system: System,
    pub script: Script,
    pub wish: Wanted,
    pub strike: Strike,
    pub crash: Option<CrashPoint>,
    pub cache_falls_back: bool,
}

impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let crash = self.crash.map_or("no crash", |point| point.as_str());
        let order = if self.cache_falls_back {
            ", cache fell back"
        } else {
            ""
        };
        write!(
            f,
            "{} {:?} {:?} × {:?} × {crash}{order}",
            self.system, self.script, self.wish, self.strike
        )
    }
}

/// How it ended.
#[derive(Debug, Default)]
pub struct Ended {
    pub crashed: bool,
    pub lost: bool,
    pub doubled: bool,
    pub overwritten: bool,
    /// Wrong in another way: a false alarm, or a change that never ended.
    pub astray: bool,
    pub words: String,
}

impl Ended {
    pub fn is_well(&self) -> bool {
        !(self.lost || self.doubled || self.overwritten || self.astray)
    }
}

/// What the other process had answered when it ended.
#[derive(Default)]
struct Told {
    /// The wish was shown as queued.
    queued: bool,
    /// It was shown as taken back.
    undone: bool,
    /// The conflict was shown as decided.
    decided: bool,
    /// The program died.
    died: bool,
}

impl Combination {
    pub async fn run(&self, ground: &mut Ground) -> Ended {
        let shop = ground.shop();
        let folder = ground.folder();
        let cards = self.cards(ground);
        let held = |card| ground.played().held(&shop, card);
        let before: Vec<Held> = cards.iter().map(held).collect();
        let told = self.stormy(ground, &shop, folder.path(), &cards).await;
        ground.handle(&shop).clear_faults();
        if self.strike.commits_later() {
            // Requests of a program that is gone may still be done.
            tokio::time::sleep(Duration::from_millis(220)).await;
        }
        if told.died && self.cache_falls_back {
            ground.cache_falls_back(folder.path());
        }
        let clock: Arc<Moved> = Arc::default();
        let desk = ground::open(folder.path(), Arc::clone(&clock)).await;
        wake_account(&desk).await;
        if self.script == Script::Plan {
            self.finish_plan(&desk, &clock).await;
        }
        let asked = settle(&desk, &clock).await;
        let listed = changes(&desk).await;
        desk.close().await;
        drop(desk);
        let mut ended = Ended {
            crashed: told.died,
            ..Ended::default()
        };
        for (card, before) in cards.iter().zip(&before) {
            let own: Vec<&ChangeView> = listed
                .iter()
                .filter(|change| change.remote_id == card.id)
                .collect();
            self.judge(&told, before, &held(card), &own, &mut ended);
        }
        // Nothing of the card tells of a second one; the payment system counts what it took.
        let counted = before.iter().all(|card| card.version.is_none()) || self.wish == Wanted::Delete;
        let decided = matches!(self.script, Script::KeepMine | Script::TakeTheirs);
        let taken = ground.taken(&shop, &cards);
        // wallee takes a deletion again without a word, and a program that died may not know that it was taken.
        let forgiven = usize::from(told.died && self.system == System::Wallee);
        if counted && !decided && taken > cards.len() + asked as usize + forgiven {
            ended.doubled = true;
            ended.words.push_str(&format!("{taken} writes were taken; "));
        }
        let surprising = asked > 0 && !self.may_ask(told.died);
        if surprising {
            ended.astray = true;
            ended.words.push_str(&format!("asked a person {asked} times; "));
        }
        shop.stop();
        ended
    }

    fn cards(&self, ground: &Ground) -> Vec<Card> {
        match self.script {
            Script::Plan => ground.cards[SPARE].to_vec(),
            _ => vec![ground.cards[self.wish.card()].clone()],
        }
    }

    /// Whether this is a case in which a person has to be asked.
    fn may_ask(&self, crashed: bool) -> bool {
        fitting::may_ask(self.system, self.strike, crashed)
            || matches!(
                self.strike,
                Strike::Forbidden
                    | Strike::Refused
                    | Strike::UnknownState
                    | Strike::MembersMissing
                    | Strike::IdsAsTexts
            )
            || matches!(self.script, Script::KeepMine | Script::TakeTheirs)
    }

    /// The part in which things go wrong, in another process.
    async fn stormy(
        &self,
        ground: &Ground,
        shop: &Running,
        folder: &std::path::Path,
        cards: &[Card],
    ) -> Told {
        let mut told = Told::default();
        let Some(mut other) = Other::open(folder, self.crash).await else {
            told.died = true;
            return told;
        };
        if let Some((fault, on_write, nth)) = self.strike.fault(self.system) {
            for (method, path) in ground.played().calls(&cards[0], on_write) {
                ground.handle(shop).add_fault(FaultRule {
                    when: FaultMatch {
                        method: Some(method.to_owned()),
                        path_prefix: Some(path),
                        nth: Some(nth),
                    },
                    times: Some(1),
                    fault: fault.clone(),
                });
            }
        }
        if self
            .orders(ground, shop, cards, &mut other, &mut told)
            .await
            .is_none()
        {
            told.died = true;
            return told;
        }
        other.close().await;
        told
    }

    async fn orders(
        &self,
        ground: &Ground,
        shop: &Running,
        cards: &[Card],
        other: &mut Other,
        told: &mut Told,
    ) -> Option<()> {
        if self.script == Script::Plan {
            let cards: Vec<String> = cards.iter().map(|card| ground.card_id(card)).collect();
            let said = other
                .ask(&json!({ "do": "plan", "action": self.wish.action(), "cards": cards }))
                .await?;
            assert!(said.problem.is_none(), "{self}: {said:?}");
            let plan = said.words[0].clone();
            let said = other
                .ask(&json!({ "do": "run", "plan": plan, "confirmation": said.words.get(1) }))
                .await?;
            // What is queued is kept; that the rest cannot be sent now is no end of the plan.
            let goes_on = said.problem.as_ref().is_none_or(|problem| problem.retryable);
            assert!(goes_on, "{self}: {said:?}");
            told.queued = true;
            return Some(());
        }
        let card = &cards[0];
        let said = other.ask(&self.wish.order(&ground.card_id(card))).await?;
        assert!(said.problem.is_none(), "{self}: {said:?}");
        let change = said.words[0].clone();
        told.queued = true;
        if self.strike == Strike::SomebodyElseTouches {
            ground.played().touch(shop, card);
        }
        match self.script {
            Script::Undo => {
                let said = other.ask(&json!({ "do": "undo", "change": change })).await?;
                assert!(said.problem.is_none(), "{self}: {said:?}");
                told.undone = true;
            }
            Script::KeepMine | Script::TakeTheirs => {
                // Somebody flips it and flips it back, and a read sees both.
                for as_wished in [true, false] {
                    ground.played().flip(shop, card, self.wish, as_wished);
                    other.ask(&json!({ "do": "read", "full": true })).await?;
                }
                other.ask(&json!({ "do": "push" })).await?;
                let keep = if self.script == Script::KeepMine {
                    "mine"
                } else {
                    "theirs"
                };
                let said = other
                    .ask(&json!({ "do": "resolve", "change": change, "keep": keep }))
                    .await?;
                assert!(said.problem.is_none(), "{self}: {said:?}");
                told.decided = true;
            }
            Script::Send | Script::Plan => {}
        }
        other.ask(&json!({ "do": "push" })).await?;
        Some(())
    }

    /// A plan that was running goes on: what is not queued yet is queued, and everything is sent.
    async fn finish_plan(&self, desk: &Desk, clock: &Moved) {
        for plan in desk.list_plans(Nothing {}).await.unwrap().items {
            if plan.status == "running" {
                desk.work_plan(PlanRef { plan_id: plan.id }).await.unwrap();
            }
        }
        settle(desk, clock).await;
    }

    fn judge(&self, told: &Told, before: &Held, after: &Held, own: &[&ChangeView], ended: &mut Ended) {
        let met = self.wish.is_met(after);
        let mut say = |words: String| ended.words.push_str(&format!("{words}; "));
        let statuses: Vec<String> = own
            .iter()
            .map(|change| format!("{} {:?}", change.status, change.why))
            .collect();
        if told.queued && own.is_empty() {
            ended.lost = true;
            say("shown as queued, and not there".to_owned());
        }
        if own
            .iter()
            .any(|change| !matches!(change.status.as_str(), "done" | "withdrawn"))
        {
            ended.astray = true;
            say(format!("never ended: {statuses:?}"));
        }
        let done = own.iter().filter(|change| change.status == "done").count();
        let taken_back = match self.script {
            Script::Undo => told.undone,
            Script::TakeTheirs => told.decided,
            _ => false,
        };
        if taken_back && (met || done > 0) {
            ended.doubled = true;
            say(format!("taken back, and done all the same: {statuses:?}"));
        }
        if !taken_back && done > 0 && !met {
            ended.lost = true;
            say(format!("shown as done, and it is not: {statuses:?}"));
        }
        let may_be_either = matches!(self.script, Script::Undo | Script::TakeTheirs) || !told.queued;
        if !may_be_either && !met {
            ended.lost = true;
            say(format!("queued, and never done: {statuses:?}"));
        }
        // Where nothing can be read, a person was asked, looked at the processor's own pages and gave the change up.
        let given_up = !own.is_empty() && own.iter().all(|change| change.why.as_deref() == Some("discard"));
        let looked_up = fitting::cannot_be_read(self.system) && given_up;
        if done == 0 && met && !looked_up && !matches!(self.script, Script::KeepMine) {
            ended.overwritten = true;
            say(format!("done without being shown as done: {statuses:?}"));
        }
        // Each accepted write raises the version by one; so does each edit by somebody else.
        let theirs = match (self.script, self.strike) {
            (Script::KeepMine | Script::TakeTheirs, _) => return,
            (_, Strike::SomebodyElseTouches) if told.queued && self.script != Script::Plan => 1,
            _ => 0,
        };
        if self.wish != Wanted::Delete
            && let (Some(then), Some(now)) = (before.version, after.version)
        {
            let writes = now - then;
            if writes > theirs + 1 {
                ended.doubled = true;
                say(format!("{writes} writes were taken"));
            }
        }
        // What is gone shows nothing any more.
        if theirs > 0 && !after.touched && !(after.gone && self.system != System::Wallee) {
            ended.overwritten = true;
            say("what somebody else wrote is gone".to_owned());
        }
    }
}

/// After a refused key a person looks at the account, which then goes on.
async fn wake_account(desk: &Desk) {
    for account in desk.list_accounts(Nothing {}).await.unwrap().items {
        if account.paused.is_some() {
            desk.check_account(AccountRef {
                account_id: account.id,
            })
            .await
            .unwrap();
        }
    }
}

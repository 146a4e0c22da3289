//! One combination: a person wishes, something goes wrong, the program may die, and afterwards everything must be right.

use crate::dimensions::{Script, Strike, Wanted};
use crate::ground::{self, Ground, Moved};
use crate::other::Other;
use crate::settling::{changes, settle};
use serde_json::json;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokendesk_desk::Desk;
use tokendesk_desk::contract::{AccountRef, ChangeView, Nothing, PlanRef};
use tokendesk_sandbox::{EditRequest, FaultMatch, FaultRule, Running};
use tokendesk_store::crash::CrashPoint;

/// What is combined.
#[derive(Debug, Clone, Copy)]
pub struct Combination {
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
            "{:?} {:?} × {:?} × {crash}{order}",
            self.script, self.wish, self.strike
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
        let ids = self.cards(ground);
        let before: Vec<_> = ids.iter().map(|id| shop.token(*id).unwrap()).collect();
        let told = self.stormy(ground, &shop, folder.path(), &ids).await;
        let deletions_then = deletions(&shop, &ids).await;
        shop.clear_faults();
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
        for (id, before) in ids.iter().zip(&before) {
            let after = shop.token(*id).unwrap();
            let own: Vec<&ChangeView> = listed
                .iter()
                .filter(|change| change.remote_id == id.to_string())
                .collect();
            self.judge(&told, before, &after, &own, &mut ended);
        }
        // A deletion has no version that would tell of a second one.
        let twice = self.wish == Wanted::Delete
            && deletions(&shop, &ids).await > ids.len() as u64 + u64::from(deletions_then > 0 && told.died);
        ended.doubled |= twice && !told.died;
        let surprising = asked > 0 && !self.may_ask();
        if surprising {
            ended.astray = true;
            ended.words.push_str(&format!("asked a person {asked} times; "));
        }
        shop.stop();
        ended
    }

    fn cards(&self, ground: &Ground) -> Vec<u64> {
        match self.script {
            Script::Plan => ground.cards[5..8].to_vec(),
            _ => vec![ground.cards[self.wish.card()]],
        }
    }

    /// Whether this is a case in which a person has to be asked.
    fn may_ask(&self) -> bool {
        matches!(
            self.strike,
            Strike::Forbidden
                | Strike::Refused
                | Strike::UnknownState
                | Strike::MembersMissing
                | Strike::IdsAsTexts
        ) || matches!(self.script, Script::KeepMine | Script::TakeTheirs)
    }

    /// The part in which things go wrong, in another process.
    async fn stormy(&self, ground: &Ground, shop: &Running, folder: &std::path::Path, ids: &[u64]) -> Told {
        let mut told = Told::default();
        let Some(mut other) = Other::open(folder, self.crash).await else {
            told.died = true;
            return told;
        };
        if let Some((fault, on_write, nth)) = self.strike.fault() {
            for method in if on_write {
                &["PATCH", "DELETE"][..]
            } else {
                &["GET"]
            } {
                shop.add_fault(FaultRule {
                    when: FaultMatch {
                        method: Some((*method).to_owned()),
                        path_prefix: Some(format!("/payment/tokens/{}", ids[0])),
                        nth: Some(nth),
                    },
                    times: Some(1),
                    fault: fault.clone(),
                });
            }
        }
        if self
            .orders(ground, shop, ids, &mut other, &mut told)
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
        ids: &[u64],
        other: &mut Other,
        told: &mut Told,
    ) -> Option<()> {
        if self.script == Script::Plan {
            let cards: Vec<String> = ids.iter().map(|id| ground.card_id(*id)).collect();
            let action = if self.wish == Wanted::Delete {
                "delete"
            } else {
                "one_click_off"
            };
            let said = other
                .ask(&json!({ "do": "plan", "action": action, "cards": cards }))
                .await?;
            assert!(said.problem.is_none(), "{said:?}");
            let plan = said.words[0].clone();
            let said = other
                .ask(&json!({ "do": "run", "plan": plan, "confirmation": said.words.get(1) }))
                .await?;
            assert!(said.problem.is_none(), "{said:?}");
            told.queued = true;
            return Some(());
        }
        let card = ground.card_id(ids[0]);
        let said = other.ask(&self.wish.order(&card)).await?;
        assert!(said.problem.is_none(), "{said:?}");
        let change = said.words[0].clone();
        told.queued = true;
        if self.strike == Strike::SomebodyElseTouches {
            touch(shop, ids[0]);
        }
        match self.script {
            Script::Undo => {
                let said = other.ask(&json!({ "do": "undo", "change": change })).await?;
                assert!(said.problem.is_none(), "{said:?}");
                told.undone = true;
            }
            Script::KeepMine | Script::TakeTheirs => {
                // Somebody flips it and flips it back, and a read sees both.
                for on in [false, true] {
                    let _ = shop.edit(EditRequest {
                        id: ids[0],
                        one_click: Some(on),
                        ..EditRequest::default()
                    });
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
                assert!(said.problem.is_none(), "{said:?}");
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

    fn judge(
        &self,
        told: &Told,
        before: &tokendesk_sandbox::TokenTruth,
        after: &tokendesk_sandbox::TokenTruth,
        own: &[&ChangeView],
        ended: &mut Ended,
    ) {
        let met = self.wish.is_met(after.state, after.enabled_for_one_click_payment);
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
        if done == 0 && met && !matches!(self.script, Script::KeepMine) {
            ended.overwritten = true;
            say(format!("done without being shown as done: {statuses:?}"));
        }
        // Each accepted write raises the version by one; so does each edit by somebody else.
        let theirs = match (self.script, self.strike) {
            (Script::KeepMine | Script::TakeTheirs, _) => return,
            (_, Strike::SomebodyElseTouches) if told.queued && self.script != Script::Plan => 1,
            _ => 0,
        };
        if self.wish != Wanted::Delete {
            let writes = after.version - before.version;
            if writes > theirs + 1 {
                ended.doubled = true;
                say(format!("{writes} writes were taken"));
            }
        }
        if theirs > 0 && after.token_reference.as_deref() != Some(TOUCHED) {
            ended.overwritten = true;
            say("what somebody else wrote is gone".to_owned());
        }
    }
}

const TOUCHED: &str = "touched by somebody else";

/// Somebody else changes something that no wish is about.
fn touch(shop: &Running, id: u64) {
    shop.edit(EditRequest {
        id,
        token_reference: Some(Some(TOUCHED.to_owned())),
        ..EditRequest::default()
    })
    .unwrap();
}

/// Deletions that the payment system took.
async fn deletions(shop: &Running, ids: &[u64]) -> u64 {
    let control = shop.control.as_ref().unwrap();
    let stats: serde_json::Value = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .get(format!("{control}/stats"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let writes = stats["writes"].as_array().cloned().unwrap_or_default();
    let taken = writes.iter().filter(|write| {
        write["method"] == "DELETE"
            && write["handled"] == true
            && ids.iter().any(|id| {
                write["path"]
                    .as_str()
                    .is_some_and(|path| path.ends_with(&format!("/{id}")))
            })
    });
    taken.count() as u64
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

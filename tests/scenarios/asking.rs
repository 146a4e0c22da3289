//! What a scenario asks of a desk beside its cards: wishes and decisions, the log, timelines, plans, backups.

use crate::shop::{Office, Shop, until};
use tokendesk_desk::contract::{
    ChangeRef, ChangeView, DeleteCard, DeskSettings, DeskStatus, Env, EnvStatus, ListLog, ListTimeline,
    LogFilter, LogRow, LogVerified, MakePlan, Nothing, PlanRef, PlanRow, PlanRows, PlanView, Problem,
    ResolveChange, RunPlan, SetActive, TimelineItem,
};

impl Office {
    /// The desk at a glance.
    pub async fn status(&self) -> DeskStatus {
        self.desk.desk_status(Nothing {}).await.unwrap()
    }

    /// Its one environment.
    pub async fn demo(&self) -> EnvStatus {
        self.status().await.environments.remove(0)
    }

    /// Sets how long a change is held.
    pub async fn hold(&self, hold_seconds: u32) {
        let settings = DeskSettings { hold_seconds };
        self.desk.set_desk_settings(settings).await.unwrap();
    }

    pub async fn active(
        &self,
        remote_id: u64,
        active: bool,
        reason: Option<&str>,
    ) -> Result<ChangeView, Problem> {
        let request = SetActive {
            card_id: self.id(remote_id),
            active,
            reason: reason.map(str::to_owned),
        };
        self.desk.set_active(request).await
    }

    pub async fn delete(&self, remote_id: u64, reason: Option<&str>) -> Result<ChangeView, Problem> {
        let request = DeleteCard {
            card_id: self.id(remote_id),
            confirmation: None,
            reason: reason.map(str::to_owned),
        };
        self.desk.delete_card(request).await
    }

    pub async fn undo(&self, change: &str) -> Result<ChangeView, Problem> {
        let change_id = change.to_owned();
        self.desk.undo_change(ChangeRef { change_id }).await
    }

    pub async fn discard(&self, change: &str) -> Result<ChangeView, Problem> {
        let change_id = change.to_owned();
        self.desk.discard_change(ChangeRef { change_id }).await
    }

    pub async fn retry(&self, change: &str) -> Result<ChangeView, Problem> {
        let change_id = change.to_owned();
        self.desk.retry_change(ChangeRef { change_id }).await
    }

    pub async fn resolve(&self, change: &str, keep: &str) -> Result<ChangeView, Problem> {
        let request = ResolveChange {
            change_id: change.to_owned(),
            keep: keep.to_owned(),
        };
        self.desk.resolve_change(request).await
    }

    /// Where a change stands, and why.
    pub async fn stands(&self, change: &str) -> (String, Option<String>) {
        let view = self.change(change).await;
        (view.status, view.why)
    }

    /// The rows of the log that a filter lets through, oldest first.
    pub async fn log(&self, filter: LogFilter) -> Vec<LogRow> {
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let request = ListLog {
                filter: filter.clone(),
                after,
                limit: 7,
            };
            let page = self.desk.list_log(request).await.unwrap();
            rows.extend(page.items);
            after = page.next;
            if after.is_none() {
                rows.reverse();
                return rows;
            }
        }
    }

    /// Actions with their outcomes, oldest first.
    pub async fn deeds(&self, filter: LogFilter) -> Vec<(String, String)> {
        let rows = self.log(filter).await;
        rows.into_iter().map(|row| (row.action, row.outcome)).collect()
    }

    pub async fn verified(&self) -> LogVerified {
        self.desk.verify_log(Nothing {}).await.unwrap()
    }

    /// The log is whole: as many rows as there are, each as it was written.
    pub async fn assert_log_intact(&self) {
        let found = self.verified().await;
        assert!(found.intact, "{found:?}");
        let rows = self.log(LogFilter::default()).await;
        let numbers: Vec<u32> = rows.iter().map(|row| row.number).collect();
        let all: Vec<u32> = (1..=u32::try_from(rows.len()).unwrap()).collect();
        assert_eq!(numbers, all, "without gaps");
        assert!(found.rows as usize <= rows.len());
    }

    /// A timeline of the person of a card, in pages of `limit`.
    pub async fn timeline(&self, remote_id: u64, limit: u32) -> Vec<TimelineItem> {
        let person = self.card(remote_id).await.person;
        let mut items = Vec::new();
        let mut after = None;
        loop {
            let request = ListTimeline {
                env: Env::Demo,
                person: person.clone(),
                card_id: Some(self.id(remote_id)),
                after,
                limit,
            };
            let page = self.desk.list_timeline(request).await.unwrap();
            assert!(page.items.len() <= limit as usize);
            items.extend(page.items);
            after = page.next;
            if after.is_none() {
                assert_eq!(page.total as usize, items.len(), "{items:#?}");
                return items;
            }
            assert!(
                items.len() <= page.total as usize,
                "more than there are: {items:#?}"
            );
        }
    }

    /// A plan over chosen cards.
    pub async fn plan_of(&self, action: &str, cards: &[u64]) -> Result<PlanView, Problem> {
        let request = MakePlan {
            env: Env::Demo,
            action: action.to_owned(),
            cards: cards.iter().map(|id| self.id(*id)).collect(),
            query: None,
        };
        self.desk.make_plan(request).await
    }

    /// A plan over everything that a search finds.
    pub async fn plan_found(&self, action: &str, query: &str) -> Result<PlanView, Problem> {
        let request = MakePlan {
            env: Env::Demo,
            action: action.to_owned(),
            cards: Vec::new(),
            query: Some(query.to_owned()),
        };
        self.desk.make_plan(request).await
    }

    pub async fn plan(&self, plan: &str) -> PlanView {
        let plan_id = plan.to_owned();
        self.desk.show_plan(PlanRef { plan_id }).await.unwrap()
    }

    /// Lets a plan run; where nothing works in the background, only once it is worked on.
    pub async fn run(&self, plan: &str, confirmation: Option<&str>) -> Result<PlanView, Problem> {
        let request = RunPlan {
            plan_id: plan.to_owned(),
            confirmation: confirmation.map(str::to_owned),
            reason: None,
        };
        self.desk.run_plan(request).await
    }

    /// Carries a plan that runs to its end here and now.
    pub async fn work(&self, plan: &str) -> Result<PlanView, Problem> {
        let plan_id = plan.to_owned();
        self.desk.work_plan(PlanRef { plan_id }).await?;
        Ok(self.plan(plan).await)
    }

    pub async fn stop(&self, plan: &str) -> Result<PlanView, Problem> {
        let plan_id = plan.to_owned();
        self.desk.stop_plan(PlanRef { plan_id }).await
    }

    /// The rows of a plan in their order.
    pub async fn rows_of(&self, plan: &str) -> Vec<PlanRow> {
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let request = PlanRows {
                plan_id: plan.to_owned(),
                statuses: Vec::new(),
                after,
                limit: 50,
            };
            let page = self.desk.plan_rows(request).await.unwrap();
            rows.extend(page.items);
            after = page.next;
            if after.is_none() {
                return rows;
            }
        }
    }

    /// Waits until a plan that runs in the background has ended.
    pub async fn finished(&self, plan: &str) -> PlanView {
        until("the end of the plan", || async {
            Some(self.plan(plan).await).filter(|view| view.status == "finished")
        })
        .await
    }
}

impl Shop {
    /// Active cards with one-click on.
    pub fn switched_on(&self) -> Vec<u64> {
        let tokens = self.running.tokens().into_iter();
        tokens
            .filter(|token| token.state == "ACTIVE" && token.enabled_for_one_click_payment)
            .map(|token| token.id)
            .collect()
    }
}

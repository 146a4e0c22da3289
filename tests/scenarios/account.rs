//! One payment system alone, and a desk with one account at it.

use crate::office;
use crate::shop::until;
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;
use tokendesk_desk::contract::{
    ConnectAccount, FlowRunView, ListLog, LogFilter, ProblemCode, RunFlowStep, StartFlow,
};
use tokendesk_desk::{Clock, Desk};
use tokendesk_model::AccountId;
use tokendesk_sandbox::{Fault, FaultMatch, FaultRule, Options, Running, Sandbox, SystemHandle};
use tokendesk_tests::clock::Moved;
use tokendesk_tests::played::System;

/// A payment system with a desk connected to it; nothing is read yet.
pub struct Account {
    pub running: Running,
    pub system: SystemHandle,
    pub desk: Desk,
    pub id: String,
    pub clock: Arc<Moved>,
    folder: TempDir,
}

impl Account {
    pub async fn at(system: System) -> Self {
        Self::with(system, |_| {}).await
    }

    /// The same, connected in a way of its own.
    pub async fn with(system: System, change: impl FnOnce(&mut ConnectAccount)) -> Self {
        let running = Sandbox::start(Options {
            customers: 60,
            seed: 11,
            systems: vec![system.name().to_owned()],
            ..Options::default()
        })
        .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<Moved> = Arc::default();
        let desk = opened(&folder, &clock).await;
        let mut connection = connection(system, &running);
        change(&mut connection);
        let view = desk.connect_account(connection).await.unwrap();
        Self {
            system: running.system(system.name()),
            running,
            desk,
            id: view.id,
            clock,
            folder,
        }
    }

    /// Closes the desk and opens its folder again.
    pub async fn reopened(self) -> Self {
        self.desk.close().await;
        let Self {
            running,
            system,
            desk,
            id,
            clock,
            folder,
        } = self;
        drop(desk);
        let desk = until("the folder", || async {
            let mut options = office::options(folder.path());
            options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
            match office::open(options).await {
                Ok(desk) => Some(desk),
                Err(problem) if problem.code == ProblemCode::DeskInUse => None,
                Err(problem) => panic!("{problem:?}"),
            }
        })
        .await;
        Self {
            running,
            system,
            desk,
            id,
            clock,
            folder,
        }
    }

    pub fn account(&self) -> AccountId {
        self.id.parse().unwrap()
    }

    pub fn card(&self, remote_id: &str) -> String {
        self.account().token(remote_id).to_string()
    }

    /// A complete pass.
    pub async fn read(&self) {
        self.desk.read_account(self.account(), true).await.unwrap();
    }

    /// Makes the next call under a path go wrong.
    pub fn fault(&self, path: &str, fault: Fault) {
        self.system.add_fault(FaultRule {
            when: FaultMatch {
                path_prefix: Some(path.to_owned()),
                ..FaultMatch::default()
            },
            times: Some(1),
            fault,
        });
    }

    pub async fn start(&self, flow: &str) -> FlowRunView {
        self.desk
            .start_flow(StartFlow {
                account_id: self.id.clone(),
                flow: flow.to_owned(),
            })
            .await
            .unwrap()
    }

    /// Outcome and detail of the newest rows of the log about one action, newest first.
    pub async fn logged(&self, action: &str) -> Vec<(String, Option<String>)> {
        let request = ListLog {
            filter: LogFilter::default(),
            after: None,
            limit: 200,
        };
        let page = self.desk.list_log(request).await.unwrap();
        page.items
            .into_iter()
            .filter(|row| row.action == action)
            .map(|row| (row.outcome, row.detail))
            .collect()
    }
}

async fn opened(folder: &TempDir, clock: &Arc<Moved>) -> Desk {
    let mut options = office::options(folder.path());
    options.clock = Arc::clone(clock) as Arc<dyn Clock>;
    office::open(options).await.unwrap()
}

/// What a person types to connect it, the browser's key included where there is one. Prism stands before Stripe.
pub fn connection(system: System, running: &Running) -> ConnectAccount {
    let told = running.system(system.name()).connection();
    let mut connection = system.played().connection(running);
    if let Some(key) = told["publishable_key"].as_str() {
        connection.publishable_key = Some(key.to_owned());
    }
    if system == System::Prism {
        connection.connector = Some("stripe".to_owned());
        connection.key = told["connector_config"].to_string();
    }
    connection
}

/// A request to run a step.
pub fn step(run: &FlowRunView, step: &str, choices: &[(&str, &str)]) -> RunFlowStep {
    RunFlowStep {
        run_id: run.id.clone(),
        step: step.to_owned(),
        choices: choices
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    }
}

/// A member of what the payment system holds.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

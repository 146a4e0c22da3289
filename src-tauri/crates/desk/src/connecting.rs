//! Connecting an account: testing what works before anything is stored, and testing it again later.

use crate::accounts::is_paused_by_person;
use crate::contract::{
    AccountRef, AccountView, CheckLine, CheckResult, ConnectAccount, Nothing, Problem, ProblemCode,
};
use crate::desk::{Desk, rfc3339};
use crate::guard::{self, CheckedConnection};
use crate::problems::{self, Names};
use crate::reach::{credential_name, publishable_name};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use tokendesk_model::{Account, AccountId, Environment, ProviderKind};
use tokendesk_providers::{CheckItem, CheckOutcome, CheckReport, CheckStep, Credentials};
use tokendesk_store::StoreError;

/// Clocks closer than this are called equal.
const CLOCKS_AGREE_S: i64 = 60;

impl Desk {
    /// Tests a connection without storing anything.
    ///
    /// # Errors
    /// A [`Problem`] naming the field that cannot be right.
    pub async fn test_connection(&self, request: ConnectAccount) -> Result<CheckResult, Problem> {
        let checked = guard::connection(&request)?;
        let (result, _) = self.test(&checked).await?;
        Ok(result)
    }

    async fn test(&self, checked: &CheckedConnection) -> Result<(CheckResult, CheckReport), Problem> {
        let names = Names::of_provider(checked.provider, &checked.label);
        let system = self
            .0
            .reach
            .system(checked.provider, credentials(checked))
            .map_err(|error| problems::of_provider(&error, &names))?;
        let report = system.check().await;
        Ok((check_result(&report, &names, checked.environment), report))
    }

    /// Tests and stores an account, and with background work begins to read it. Nothing is stored unless the test shows that it works.
    ///
    /// # Errors
    /// A [`Problem`] naming the field or the step that failed.
    pub async fn connect_account(&self, request: ConnectAccount) -> Result<AccountView, Problem> {
        self.may_write()?;
        let checked = guard::connection(&request)?;
        self.refuse_second(&checked).await?;
        let names = Names::of_provider(checked.provider, &checked.label);
        let (result, report) = self.test(&checked).await?;
        if let Some(error) = report.failure() {
            return Err(problems::of_provider(error, &names));
        }
        if report.production_seen && checked.environment != Environment::Live {
            let params = [
                ("env", checked.environment.as_str().to_owned()),
                ("provider", names.provider.clone()),
            ];
            return Err(Problem::with(ProblemCode::EnvironmentContradicted, params).on_field("env"));
        }
        let id = AccountId::random();
        let account = Account {
            id,
            provider: checked.provider,
            label: checked.label.clone(),
            environment: checked.environment,
            origin: Some(checked.admitted.origin.clone()),
            // Where nothing names what the credentials open, the account stands for itself.
            scope: checked.admitted.scope.clone().unwrap_or_else(|| id.to_string()),
            user: checked.admitted.user.clone(),
            connector: checked.admitted.connector.clone(),
            read_only: checked.read_only,
            created_at: self.now(),
            paused: None,
        };
        // The keys first: an account without its key could not be used, a key without its account harms nobody.
        let entry = credential_name(account.id);
        self.0
            .vault
            .set(&entry, &SecretString::from(checked.key.clone()))
            .await?;
        let publishable = publishable_name(account.id);
        if let Some(key) = &checked.publishable_key {
            self.0
                .vault
                .set(&publishable, &SecretString::from(key.clone()))
                .await?;
        }
        if let Err(error) = self.0.store.insert_account(&account).await {
            if self.0.store.account(account.id).await?.is_none() {
                self.0.vault.delete(&entry).await?;
                self.0.vault.delete(&publishable).await?;
            }
            return Err(match error {
                StoreError::SameAccount(_) => exists(&checked.label),
                other => other.into(),
            });
        }
        self.memory().checks.insert(account.id, result);
        self.note_account(&account, "account.connected").await?;
        self.begin_reading_along(account.id, false);
        self.account_view(&account).await
    }

    async fn refuse_second(&self, checked: &CheckedConnection) -> Result<(), Problem> {
        for account in self.0.store.accounts().await? {
            if account.provider != checked.provider
                || account.origin.as_ref() != Some(&checked.admitted.origin)
            {
                continue;
            }
            let same = match &checked.admitted.scope {
                Some(scope) => account.scope == *scope,
                // Nothing else names what the key opens.
                None => {
                    account.connector == checked.admitted.connector
                        && self
                            .0
                            .vault
                            .get(&credential_name(account.id))
                            .await?
                            .is_some_and(|key| key.expose_secret() == checked.key)
                }
            };
            if same {
                return Err(exists(&account.label).on_field("space"));
            }
        }
        Ok(())
    }

    /// Connects the built-in demo, or gives it when it is here.
    ///
    /// # Errors
    /// A [`Problem`] if the demo cannot be started.
    pub async fn start_demo(&self, _request: Nothing) -> Result<AccountView, Problem> {
        self.may_write()?;
        for account in self.0.store.accounts().await? {
            if account.origin.is_none() {
                return self.account_view(&account).await;
            }
        }
        let demo = self.0.host.demo(&self.0.folder).await?;
        let account = Account {
            id: AccountId::random(),
            provider: ProviderKind::Wallee,
            label: "Demo shop".to_owned(),
            environment: Environment::Demo,
            origin: None,
            scope: demo.space,
            user: demo.user,
            connector: None,
            read_only: false,
            created_at: self.now(),
            paused: None,
        };
        self.0.store.insert_account(&account).await?;
        self.note_account(&account, "account.connected").await?;
        self.begin_reading_along(account.id, false);
        self.account_view(&account).await
    }

    /// Tests a connected account; a success ends its rest, but not one that a person wants.
    ///
    /// # Errors
    /// A [`Problem`] if the account is not here.
    pub async fn check_account(&self, request: AccountRef) -> Result<CheckResult, Problem> {
        let account = self.account_of(&request.account_id).await?;
        let names = Names::of(&account);
        let link = self
            .0
            .engine
            .link(account.id)
            .await
            .map_err(|error| problems::of_sync(error, &names))?;
        let report = link.system.check().await;
        let result = check_result(&report, &names, account.environment);
        self.memory().checks.insert(account.id, result.clone());
        let contradicted = report.production_seen && account.environment != Environment::Live;
        if report.failure().is_none() && !contradicted && self.may_write().is_ok() {
            self.memory().problems.remove(&account.id);
            if !is_paused_by_person(&account) {
                self.0.store.set_paused(account.id, None).await?;
            }
            link.wake();
            self.0.engine.wake();
        }
        self.tell_accounts();
        Ok(result)
    }
}

fn exists(label: &str) -> Problem {
    Problem::with(ProblemCode::AccountExists, [("label", label.to_owned())])
}

fn credentials(checked: &CheckedConnection) -> Credentials {
    Credentials {
        origin: checked.admitted.origin.clone(),
        environment: checked.environment,
        scope: checked.admitted.scope.clone().unwrap_or_default(),
        user: checked.admitted.user.clone(),
        connector: checked.admitted.connector.clone(),
        key: SecretString::from(checked.key.clone()),
        publishable_key: checked.publishable_key.clone().map(SecretString::from),
    }
}

fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

fn step_word(step: CheckStep) -> &'static str {
    match step {
        CheckStep::Reach => "reach",
        CheckStep::SignIn => "sign_in",
        CheckStep::Scope => "scope",
        CheckStep::ReadTokens => "read_tokens",
        CheckStep::ReadVersions => "read_versions",
        CheckStep::Search => "search",
        CheckStep::Environment => "environment",
        CheckStep::Clock => "clock",
        CheckStep::ReadCustomers => "read_customers",
        CheckStep::Events => "events",
        CheckStep::Connector => "connector",
        CheckStep::PublishableKey => "publishable_key",
    }
}

fn step_says(step: CheckStep) -> &'static str {
    match step {
        CheckStep::Reach => "Reached",
        CheckStep::SignIn => "Key accepted",
        CheckStep::Scope => "What the key opens",
        CheckStep::ReadTokens => "May read cards",
        CheckStep::ReadVersions => "May read card details",
        CheckStep::Search => "May search by customer",
        CheckStep::Environment => "Environment matches",
        CheckStep::Clock => "Clocks agree",
        CheckStep::ReadCustomers => "May read customers",
        CheckStep::Events => "May read events",
        CheckStep::Connector => "Connector and its credentials",
        CheckStep::PublishableKey => "Publishable key",
    }
}

fn check_result(report: &CheckReport, names: &Names, environment: Environment) -> CheckResult {
    let mut clock_ahead_s = None;
    let lines: Vec<CheckLine> = report
        .items
        .iter()
        .map(|item: &CheckItem| {
            let (outcome, fact, problem) = match &item.outcome {
                CheckOutcome::Works(fact) => ("works", fact.clone(), None),
                CheckOutcome::Limited(error) => ("limited", None, Some(problems::of_provider(error, names))),
                CheckOutcome::Fails(error) => ("fails", None, Some(problems::of_provider(error, names))),
                CheckOutcome::IsLive if environment == Environment::Live => ("works", None, None),
                CheckOutcome::IsLive => {
                    let params = [
                        ("env", environment.as_str().to_owned()),
                        ("provider", names.provider.clone()),
                    ];
                    let problem = Problem::with(ProblemCode::EnvironmentContradicted, params);
                    ("fails", None, Some(problem))
                }
                CheckOutcome::ClockAhead(seconds) => {
                    clock_ahead_s = i32::try_from(*seconds).ok();
                    let outcome = if seconds.abs() <= CLOCKS_AGREE_S {
                        "works"
                    } else {
                        "limited"
                    };
                    (outcome, Some(seconds.to_string()), None)
                }
                CheckOutcome::NotTried => ("not_tried", None, None),
            };
            CheckLine {
                step: step_word(item.step).to_owned(),
                says: step_says(item.step).to_owned(),
                outcome: outcome.to_owned(),
                fact,
                problem,
                took_ms: milliseconds(item.took),
            }
        })
        .collect();
    CheckResult {
        works: !lines.iter().any(|line| line.outcome == "fails"),
        limited: lines.iter().any(|line| line.outcome == "limited"),
        clock_ahead_s,
        at: rfc3339(report.at),
        took_ms: lines.iter().map(|line| line.took_ms).sum(),
        lines,
    }
}

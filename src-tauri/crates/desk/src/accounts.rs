//! Accounts: test, connect, read, rest, remove.

use crate::contract::{
    AccountList, AccountRef, AccountView, CapabilityLine, CheckLine, CheckResult, ConnectAccount, Env,
    KnownHost, LocalCopy, Nothing, PassView, Problem, ProblemCode, Progress, StartSync,
};
use crate::desk::{Desk, rfc3339};
use crate::guard::{self, CheckedConnection};
use crate::problems::{self, Names};
use crate::reach::credential_name;
use crate::views::{self, Accounts, small};
use secrecy::SecretString;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;
use tokendesk_model::capability::{EditGuard, NewsCarrier};
use tokendesk_model::{Account, AccountId, Carrier, Environment, Lesson, ProviderKind};
use tokendesk_providers::wallee::LABEL_HOSTS;
use tokendesk_providers::{CheckItem, CheckOutcome, CheckReport, CheckStep, Credentials};
use tokendesk_store::{CACHE_FILE, ChangesFilter, LEDGER_FILE, StoreError};
use tokendesk_sync::{PullRequest, Stage, SyncError};

/// Clocks closer than this are called equal.
const CLOCKS_AGREE_S: i64 = 60;

impl Desk {
    pub(crate) async fn accounts_known(&self) -> Result<Accounts, Problem> {
        let mut known = HashMap::new();
        for account in self.0.store.accounts().await? {
            let lesson = self.0.store.lesson(account.id).await?;
            known.insert(account.id, (account, lesson));
        }
        Ok(Accounts(known))
    }

    pub(crate) async fn account_of(&self, id: &str) -> Result<Account, Problem> {
        let unknown = || Problem::new(ProblemCode::AccountUnknown);
        let id: AccountId = id.parse().map_err(|_| unknown())?;
        self.0.store.account(id).await?.ok_or_else(unknown)
    }

    /// All accounts, every environment.
    ///
    /// # Errors
    /// A [`Problem`] if the files cannot be read.
    pub async fn list_accounts(&self, _request: Nothing) -> Result<AccountList, Problem> {
        let mut accounts = self.0.store.accounts().await?;
        accounts.sort_by(|a, b| {
            b.environment
                .cmp(&a.environment)
                .then_with(|| a.label.cmp(&b.label))
        });
        let mut items = Vec::with_capacity(accounts.len());
        for account in &accounts {
            items.push(self.account_view(account).await?);
        }
        Ok(AccountList {
            copy: LocalCopy {
                cards: items.iter().map(|item| item.cards).sum(),
                bytes: bytes_on_disk(&self.0.folder),
                folder: self.0.folder.display().to_string(),
            },
            items,
            next: None,
            known_hosts: LABEL_HOSTS
                .iter()
                .map(|(name, host)| KnownHost {
                    name: (*name).to_owned(),
                    host: (*host).to_owned(),
                })
                .collect(),
        })
    }

    async fn account_view(&self, account: &Account) -> Result<AccountView, Problem> {
        let store = &self.0.store;
        let counts = store.account_counts(account.id).await?;
        let lesson = store.lesson(account.id).await?;
        let names = Names::of(account);
        let (last_problem, last_check) = {
            let memory = self.memory();
            (
                memory.problems.get(&account.id).cloned(),
                memory.checks.get(&account.id).cloned(),
            )
        };
        let running = self.0.engine.progress(account.id);
        let progress = running.map(|progress| match progress {
            Some(progress) => Progress {
                stage: stage_word(progress.stage).to_owned(),
                done: small(progress.done),
                total: progress.total.map(small),
                per_second: progress.per_second,
            },
            None => Progress {
                stage: stage_word(Stage::Tokens).to_owned(),
                done: 0,
                total: None,
                per_second: 0,
            },
        });
        let changes = self.open_changes_of(account.id).await?;
        Ok(AccountView {
            id: account.id.to_string(),
            provider: account.provider.as_str().to_owned(),
            provider_name: account.provider.display_name().to_owned(),
            code: account.provider.code().to_owned(),
            label: account.label.clone(),
            env: Env::from(account.environment),
            host: account.origin.as_ref().map_or_else(
                || tokendesk_model::account::BUILT_IN_DEMO.to_owned(),
                ToString::to_string,
            ),
            built_in_demo: account.origin.is_none(),
            space: account.scope.clone(),
            user: account.user.clone(),
            connected_at: rfc3339(account.created_at),
            cards: counts.all(),
            states: views::counts(&counts),
            last_pass: store.last_pass(account.id).await?.map(|pass| PassView {
                started_at: rfc3339(pass.started_at),
                finished_at: rfc3339(pass.finished_at),
                cards: small(pass.cards),
            }),
            unfinished_pass: progress.is_none() && store.crawl(account.id).await?.is_some(),
            progress,
            paused: account
                .paused
                .as_deref()
                .map(|reason| problems::of_pause(reason, &names)),
            last_problem,
            last_check,
            capabilities: capabilities(account.provider, lesson),
            open_changes: small(changes),
        })
    }

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
        let mut environment = checked.environment;
        if report.production_seen && environment != Environment::Live {
            let chosen = environment.as_str().to_owned();
            return Err(
                Problem::with(ProblemCode::EnvironmentContradicted, [("env", chosen)]).on_field("env"),
            );
        }
        if report.production_seen {
            environment = Environment::Live;
        }
        let account = Account {
            id: AccountId::random(),
            provider: checked.provider,
            label: checked.label.clone(),
            environment,
            origin: Some(checked.origin.clone()),
            scope: checked.space.clone(),
            user: checked.user.clone(),
            created_at: self.now(),
            paused: None,
        };
        // The key first: an account without its key could not be used, a key without its account harms nobody.
        let entry = credential_name(account.id);
        self.0
            .vault
            .set(&entry, &SecretString::from(checked.key.clone()))
            .await?;
        if let Err(error) = self.0.store.insert_account(&account).await {
            self.0.vault.delete(&entry).await?;
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
            if account.provider == checked.provider
                && account.origin.as_ref() == Some(&checked.origin)
                && account.scope == checked.space
            {
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
            created_at: self.now(),
            paused: None,
        };
        self.0.store.insert_account(&account).await?;
        self.note_account(&account, "account.connected").await?;
        self.begin_reading_along(account.id, false);
        self.account_view(&account).await
    }

    /// Tests a connected account; a success ends its rest.
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
            self.0.store.set_paused(account.id, None).await?;
            link.wake();
            self.0.engine.wake();
        }
        self.tell_accounts();
        Ok(result)
    }

    /// Removes an account from this desk: its key, its rows, its ledger entries. Nothing changes at the provider.
    ///
    /// # Errors
    /// [`ProblemCode::AccountHasOpenChanges`] while anything is unsent.
    pub async fn remove_account(&self, request: AccountRef) -> Result<Nothing, Problem> {
        self.may_write()?;
        let account = self.account_of(&request.account_id).await?;
        let open = self.open_changes_of(account.id).await?;
        if open > 0 {
            return Err(has_open_changes(&account, open));
        }
        self.0.engine.forget(account.id);
        self.0.engine.wait_for_pull(account.id).await;
        match self.0.store.remove_account(account.id).await {
            Err(StoreError::OpenChanges(open)) => return Err(has_open_changes(&account, open.into())),
            other => other?,
        }
        self.0.vault.delete(&credential_name(account.id)).await?;
        {
            let mut memory = self.memory();
            memory.checks.remove(&account.id);
            memory.problems.remove(&account.id);
        }
        self.note_account(&account, "account.removed").await?;
        self.tell_accounts();
        Ok(Nothing {})
    }

    /// Forgets what an account has taught about active and inactive, so that the next wish tries it again.
    ///
    /// # Errors
    /// A [`Problem`] if the account is not here.
    pub async fn forget_lesson(&self, request: AccountRef) -> Result<AccountView, Problem> {
        self.may_write()?;
        let account = self.account_of(&request.account_id).await?;
        self.0
            .store
            .set_lesson(account.id, Lesson::Untried, self.now())
            .await?;
        self.tell_accounts();
        self.account_view(&account).await
    }

    /// Begins to read one account, or all. Returns at once; progress is in the account's view.
    ///
    /// # Errors
    /// A [`Problem`] if the account is not here, rests, or is being read already.
    pub async fn start_sync(&self, request: StartSync) -> Result<Nothing, Problem> {
        self.may_write()?;
        match &request.account_id {
            Some(id) => {
                let account = self.account_of(id).await?;
                if let Some(reason) = &account.paused {
                    return Err(problems::of_pause(reason, &Names::of(&account)));
                }
                if self.0.engine.progress(account.id).is_some() {
                    return Err(Problem::new(ProblemCode::AlreadyRunning));
                }
                if let Ok(link) = self.0.engine.link(account.id).await {
                    link.wake();
                }
                self.begin_reading(account.id, request.full);
            }
            None => {
                for account in self.0.store.accounts().await? {
                    let resting = self.0.engine.rests(account.id);
                    if account.paused.is_none() && !resting && self.0.engine.progress(account.id).is_none() {
                        self.begin_reading(account.id, request.full);
                    }
                }
            }
        }
        Ok(Nothing {})
    }

    // Without background work whoever asked reads when they choose to.
    fn begin_reading_along(&self, account: AccountId, full: bool) {
        if self.works_along() {
            self.begin_reading(account, full);
        }
    }

    fn begin_reading(&self, account: AccountId, full: bool) {
        let desk = self.clone();
        tokio::spawn(async move {
            // What went wrong is kept for the account's page.
            let _ = desk.read_account(account, full).await;
        });
    }

    /// Reads one account to the end.
    ///
    /// # Errors
    /// A [`Problem`]; what was read is kept, and the next read goes on from there.
    pub async fn read_account(&self, account: AccountId, full: bool) -> Result<u64, Problem> {
        self.may_write()?;
        let names = match self.0.store.account(account).await? {
            Some(account) => Names::of(&account),
            None => return Err(Problem::new(ProblemCode::AccountUnknown)),
        };
        match self.0.engine.pull(PullRequest { account, full }).await {
            Ok(pulled) => {
                self.memory().problems.remove(&account);
                self.tell_accounts();
                Ok(pulled.rows)
            }
            Err(SyncError::AlreadyRunning) => Err(Problem::new(ProblemCode::AlreadyRunning)),
            Err(error) => {
                let stopped = matches!(error, SyncError::Stopped);
                let problem = problems::of_sync(error, &names);
                if !stopped {
                    self.memory().problems.insert(account, problem.clone());
                }
                self.tell_accounts();
                Err(problem)
            }
        }
    }

    /// Stops reading an account; the next read goes on from there.
    ///
    /// # Errors
    /// A [`Problem`] if the account is not here.
    pub async fn stop_sync(&self, request: AccountRef) -> Result<Nothing, Problem> {
        let account = self.account_of(&request.account_id).await?;
        self.0.engine.stop_pull(account.id);
        Ok(Nothing {})
    }

    /// Throws the copy away, and with background work reads everything again. Accounts, changes and the log are kept elsewhere and stay.
    ///
    /// # Errors
    /// A [`Problem`] if the files cannot be written.
    pub async fn rebuild_cache(&self, _request: Nothing) -> Result<Nothing, Problem> {
        self.may_write()?;
        let accounts = self.0.store.accounts().await?;
        for account in &accounts {
            self.0.engine.stop_pull(account.id);
        }
        for account in &accounts {
            self.0.engine.wait_for_pull(account.id).await;
        }
        self.0.store.rebuild_cache().await?;
        self.tell_accounts();
        for account in accounts.iter().filter(|account| account.paused.is_none()) {
            self.begin_reading_along(account.id, true);
        }
        Ok(Nothing {})
    }

    async fn note_account(&self, account: &Account, action: &str) -> Result<(), Problem> {
        let entry = tokendesk_store::LogEntry {
            at: self.now(),
            actor: self.actor(),
            action: action.to_owned(),
            account: Some(account.id),
            token: None,
            change: None,
            outcome: "done".to_owned(),
            request_id: None,
            reason: None,
        };
        self.0.store.log(&entry).await?;
        Ok(())
    }

    async fn open_changes_of(&self, account: AccountId) -> Result<u64, Problem> {
        let filter = ChangesFilter {
            open_only: true,
            account: Some(account),
            ..ChangesFilter::default()
        };
        Ok(self.0.store.changes(&filter).await?.len() as u64)
    }

    pub(crate) fn tell_accounts(&self) {
        use tokendesk_sync::{Changed, Listener};
        self.0.invalidator.changed(Changed::Accounts);
        self.0.invalidator.changed(Changed::Cards);
    }
}

fn bytes_on_disk(folder: &Path) -> u64 {
    [CACHE_FILE, LEDGER_FILE]
        .iter()
        .flat_map(|file| ["", "-wal", "-shm"].map(|end| folder.join(format!("{file}{end}"))))
        .filter_map(|path| std::fs::metadata(path).ok())
        .map(|metadata| metadata.len())
        .sum()
}

fn exists(label: &str) -> Problem {
    Problem::with(ProblemCode::AccountExists, [("label", label.to_owned())])
}

fn has_open_changes(account: &Account, open: u64) -> Problem {
    Problem::with(
        ProblemCode::AccountHasOpenChanges,
        [("label", account.label.clone()), ("count", open.to_string())],
    )
}

fn credentials(checked: &CheckedConnection) -> Credentials {
    Credentials {
        origin: checked.origin.clone(),
        environment: checked.environment,
        scope: checked.space.clone(),
        user: checked.user.clone(),
        key: SecretString::from(checked.key.clone()),
    }
}

fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Tokens => "tokens",
        Stage::Versions => "versions",
        Stage::CheckingMissing => "checking_missing",
        Stage::NewOnly => "new_only",
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
                    let env = environment.as_str().to_owned();
                    (
                        "fails",
                        None,
                        Some(Problem::with(
                            ProblemCode::EnvironmentContradicted,
                            [("env", env)],
                        )),
                    )
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

fn capabilities(provider: ProviderKind, lesson: Lesson) -> Vec<CapabilityLine> {
    let known = match provider {
        ProviderKind::Wallee => tokendesk_model::Capabilities::wallee(lesson),
    };
    let line = |what: &str, carrier: &str, lesson: Option<Lesson>| CapabilityLine {
        what: what.to_owned(),
        carrier: carrier.to_owned(),
        lesson: lesson.map(|lesson| lesson.as_str().to_owned()),
    };
    let of = |what: &str, carrier: Carrier| match carrier {
        Carrier::Native => line(what, "native", None),
        Carrier::Attempted(lesson) if lesson.may_be_sent() => line(what, "asked_and_proven", Some(lesson)),
        Carrier::Attempted(lesson) => line(what, "not_possible", Some(lesson)),
        Carrier::ReadOnly => line(what, "read_only", None),
        Carrier::None => line(what, "none", None),
    };
    let news = match known.news {
        NewsCarrier::CursorAndPass => "full_pass",
    };
    let guard = match known.guard {
        EditGuard::Version => "version_guard",
    };
    vec![
        of("one_click", known.one_click),
        of("active", known.active),
        of("delete", known.delete),
        of("default_card", known.default_card),
        of("verification", known.verification),
        line("customers_and_cards", "native", None),
        line("news", news, None),
        line("guard", guard, None),
    ]
}

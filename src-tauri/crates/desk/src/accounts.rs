//! Accounts: what is connected, what each can do, and taking one away.

use crate::contract::{
    AccountList, AccountRef, AccountView, Env, KnownHost, LocalCopy, Nothing, PassView, PauseAccount,
    Problem, ProblemCode, Progress, RemovalFacts, RemoveAccount, SetReadOnly,
};
use crate::desk::{Desk, rfc3339};
use crate::problems::{self, Names};
use crate::provider_options::capabilities_of;
use crate::reach::{credential_name, publishable_name};
use crate::views::{self, Accounts, small};
use crate::words::capabilities;
use std::collections::HashMap;
use std::path::Path;
use tokendesk_model::{Account, AccountId, Environment, Lesson, Listing};
use tokendesk_providers::registry;
use tokendesk_providers::wallee::LABEL_HOSTS;
use tokendesk_store::{CACHE_FILE, ChangesFilter, LEDGER_FILE, StoreError};
use tokendesk_sync::Stage;

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

    pub(crate) async fn account_view(&self, account: &Account) -> Result<AccountView, Problem> {
        let store = &self.0.store;
        let counts = store.account_counts(account.id).await?;
        let lesson = store.lesson(account.id).await?;
        let names = Names::of(account);
        let known = capabilities_of(account, lesson);
        let wanted = registry::description(account.provider);
        let directory = match known.listing {
            Listing::Directory | Listing::Imported => Some(small(store.directory_size(account.id).await?)),
            Listing::ByToken | Listing::ByCustomer => None,
        };
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
            code: self.accounts_known().await?.code(account),
            label: account.label.clone(),
            env: Env::from(account.environment),
            host: account.origin.as_ref().map_or_else(
                || tokendesk_model::account::BUILT_IN_DEMO.to_owned(),
                ToString::to_string,
            ),
            built_in_demo: account.origin.is_none(),
            space: if wanted.scope_word.is_empty() {
                String::new()
            } else {
                account.scope.clone()
            },
            user: account.user.clone(),
            connector: account.connector.clone(),
            about: about(account, wanted.scope_word),
            read_only: account.read_only,
            paused_by_person: is_paused_by_person(account),
            directory,
            imports_tokens: known.listing == Listing::Imported,
            has_bench: account.environment != Environment::Live,
            can_forget_one_click: known.forget_one_click && !account.read_only,
            can_create_token: known.create_token && !account.read_only,
            verification_allowed: self.verification_allowed(account, &known).await?,
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
                .filter(|reason| *reason != PAUSED_BY_PERSON)
                .map(|reason| problems::of_pause(reason, &names)),
            last_problem,
            last_check,
            capabilities: capabilities::lines(&known, &names.provider),
            open_changes: small(changes),
        })
    }

    /// What goes and what stays when an account is removed.
    ///
    /// # Errors
    /// A [`Problem`] if the account is not here.
    pub async fn removal_facts(&self, request: AccountRef) -> Result<RemovalFacts, Problem> {
        let account = self.account_of(&request.account_id).await?;
        let store = &self.0.store;
        let kept = store.kept_of(account.id).await?;
        Ok(RemovalFacts {
            cards: store.account_counts(account.id).await?.all(),
            open_changes: small(self.open_changes_of(account.id).await?),
            directory: small(store.directory_size(account.id).await?),
            notes: small(kept.marks),
            log_rows: small(kept.log_rows),
        })
    }

    /// Removes an account from this desk: its key, its rows, its ledger entries. Nothing changes at the provider.
    ///
    /// # Errors
    /// [`ProblemCode::AccountHasOpenChanges`] while anything is unsent, unless its changes are to be given up.
    pub async fn remove_account(&self, request: RemoveAccount) -> Result<Nothing, Problem> {
        self.may_write()?;
        let account = self.account_of(&request.account_id).await?;
        let open = self.open_changes_of(account.id).await?;
        if open > 0 && !request.discard_changes {
            return Err(has_open_changes(&account, open));
        }
        self.0.engine.forget(account.id);
        self.0.engine.wait_for_pull(account.id).await;
        // The keys first: an account whose key could not be removed is still here to be removed again.
        self.0.vault.delete(&publishable_name(account.id)).await?;
        self.0.vault.delete(&credential_name(account.id)).await?;
        match self
            .0
            .store
            .remove_account(account.id, request.discard_changes, &self.actor(), self.now())
            .await
        {
            Err(StoreError::OpenChanges(open)) => return Err(has_open_changes(&account, open.into())),
            other => other?,
        }
        {
            let mut memory = self.memory();
            memory.checks.remove(&account.id);
            memory.problems.remove(&account.id);
        }
        self.note_account(&account, "account.removed").await?;
        self.tell_accounts();
        Ok(Nothing {})
    }

    /// Pauses an account, or lets it go on. Nothing is read and nothing is sent while it rests.
    ///
    /// # Errors
    /// A [`Problem`] if the account is not here, or rests for another reason that has to be looked at first.
    pub async fn pause_account(&self, request: PauseAccount) -> Result<AccountView, Problem> {
        self.may_write()?;
        let mut account = self.account_of(&request.account_id).await?;
        let by_person = is_paused_by_person(&account);
        match (&account.paused, request.paused) {
            (None, true) => {
                self.0
                    .store
                    .set_paused(account.id, Some(PAUSED_BY_PERSON))
                    .await?;
                self.0.engine.forget(account.id);
                account.paused = Some(PAUSED_BY_PERSON.to_owned());
                self.note_account(&account, "account.paused").await?;
            }
            (Some(_), false) if by_person => {
                self.0.store.set_paused(account.id, None).await?;
                self.0.engine.forget(account.id);
                account.paused = None;
                self.note_account(&account, "account.resumed").await?;
                self.0.engine.wake();
            }
            // A rejected key is not tried again by a switch: the test of the account is what ends that rest.
            (Some(reason), false) => return Err(problems::of_pause(reason, &Names::of(&account))),
            _ => {}
        }
        self.tell_accounts();
        self.account_view(&account).await
    }

    /// Makes an account read-only, or writable. Open changes of it wait until it is writable again.
    ///
    /// # Errors
    /// A [`Problem`] if the account is not here.
    pub async fn set_read_only(&self, request: SetReadOnly) -> Result<AccountView, Problem> {
        self.may_write()?;
        let mut account = self.account_of(&request.account_id).await?;
        if account.read_only != request.read_only {
            self.0.store.set_read_only(account.id, request.read_only).await?;
            account.read_only = request.read_only;
            self.0.engine.forget(account.id);
            let action = if request.read_only {
                "account.read_only"
            } else {
                "account.writable"
            };
            self.note_account(&account, action).await?;
            self.0.engine.wake();
        }
        self.tell_accounts();
        self.account_view(&account).await
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

    pub(crate) async fn note_account(&self, account: &Account, action: &str) -> Result<(), Problem> {
        let entry = tokendesk_store::LogEntry {
            at: self.now(),
            actor: self.actor(),
            action: action.to_owned(),
            account: Some(account.id),
            outcome: "ok".to_owned(),
            ..tokendesk_store::LogEntry::default()
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

/// Why an account rests that a person paused.
pub(crate) const PAUSED_BY_PERSON: &str = "by_person";

/// Whether it rests because a person wants it to: nothing but a person ends that.
pub(crate) fn is_paused_by_person(account: &Account) -> bool {
    account.paused.as_deref() == Some(PAUSED_BY_PERSON)
}

/// What an account is, for people.
fn about(account: &Account, scope_word: &str) -> String {
    let name = account.provider.display_name();
    match (&account.connector, scope_word) {
        (Some(connector), _) => {
            let fields = registry::description(account.provider).fields.iter();
            let offered = fields
                .flat_map(|field| field.options)
                .find(|(value, _)| value == connector);
            let shown = offered.map_or(connector.as_str(), |(_, label)| label);
            format!("{name}, {shown}")
        }
        (None, "") => name.to_owned(),
        (None, word) => format!("{name}, {word} {}", account.scope),
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

fn has_open_changes(account: &Account, open: u64) -> Problem {
    Problem::with(
        ProblemCode::AccountHasOpenChanges,
        [("label", account.label.clone()), ("count", open.to_string())],
    )
}

fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Tokens => "tokens",
        Stage::Versions => "versions",
        Stage::CheckingMissing => "checking_missing",
        Stage::NewOnly => "new_only",
    }
}

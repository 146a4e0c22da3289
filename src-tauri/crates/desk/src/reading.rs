//! Reading accounts: beginning, stopping, starting the copy anew.

use crate::accounts::PAUSED_BY_PERSON;
use crate::contract::{AccountRef, Nothing, Problem, ProblemCode, StartSync};
use crate::desk::{Desk, rfc3339};
use crate::problems::{self, Names};
use tokendesk_model::AccountId;
use tokendesk_sync::{PullRequest, SyncError};

impl Desk {
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
    pub(crate) fn begin_reading_along(&self, account: AccountId, full: bool) {
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
        let Some(known) = self.0.store.account(account).await? else {
            return Err(Problem::new(ProblemCode::AccountUnknown));
        };
        let names = Names::of(&known);
        if let Some(reason) = known.paused.filter(|reason| reason == PAUSED_BY_PERSON) {
            return Err(problems::of_pause(&reason, &names));
        }
        let full = full || self.imported_since_it_was_read(account).await?;
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

    /// Notes that a directory was imported into: whoever reads the account next reads the whole of it.
    pub(crate) async fn note_import(&self, account: AccountId) -> Result<(), Problem> {
        let now = rfc3339(self.now());
        Ok(self
            .0
            .store
            .set_setting(&imported_key(account), Some(&now))
            .await?)
    }

    // No news tell of what was imported here. A pass that began behind the import, finished or not, reads it.
    async fn imported_since_it_was_read(&self, account: AccountId) -> Result<bool, Problem> {
        let store = &self.0.store;
        let Some(imported) = store.setting(&imported_key(account)).await? else {
            return Ok(false);
        };
        let began = match store.crawl(account).await? {
            Some(unfinished) => Some(unfinished.started_at),
            None => store.last_pass(account).await?.map(|pass| pass.started_at),
        };
        Ok(began.is_some_and(|began| rfc3339(began) <= imported))
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
}

fn imported_key(account: AccountId) -> String {
    format!("directory imported {account}")
}

//! The open desk of one command, and the choices every command makes the same way: which environment, which account.

use crate::args::Place;
use crate::host::Terminal;
use crate::{places, words};
use std::sync::Arc;
use tokendesk_desk::contract::{AccountView, CardRef, Env, Nothing, Problem, ProblemCode};
use tokendesk_desk::{Desk, DeskOptions, HttpOptions, Secrets, SystemClock};

/// A desk, and what was said before the command.
pub struct Room {
    pub desk: Desk,
    /// `--env`.
    pub env: Option<Env>,
    /// `--json`.
    pub json: bool,
}

impl Room {
    /// Opens the desk; `share` works beside another program that holds it.
    ///
    /// # Errors
    /// A [`Problem`] when it does not open.
    pub async fn open(place: &Place, env: Option<Env>, json: bool, share: bool) -> Result<Self, Problem> {
        let folder = places::data_folder(place)?;
        let secrets = match places::passphrase_file(place) {
            Some(path) => Secrets::from_passphrase_file(&path)?,
            None => Secrets::Keychain,
        };
        let options = DeskOptions {
            folder,
            secrets,
            background: false,
            share,
            http: HttpOptions::default(),
            clock: Arc::new(SystemClock),
        };
        let desk = Desk::open(options, Arc::new(Terminal::default())).await?;
        Ok(Self { desk, env, json })
    }

    /// The one environment of an answer: the one said, else the only one there is.
    ///
    /// # Errors
    /// `environment_ambiguous`, `nothing_connected`.
    pub async fn one_env(&self) -> Result<Env, Problem> {
        let present: Vec<Env> = self
            .desk
            .desk_status(Nothing {})
            .await?
            .environments
            .iter()
            .map(|env| env.env)
            .collect();
        match (self.env, present.as_slice()) {
            (_, []) => Err(Problem::new(ProblemCode::NothingConnected)),
            (Some(env), present) if present.contains(&env) => Ok(env),
            (Some(env), _) => Err(Problem {
                detail: words::no_account_in(env),
                ..Problem::new(ProblemCode::NothingConnected)
            }),
            (None, [env]) => Ok(*env),
            (None, present) => Err(Problem::with(
                ProblemCode::EnvironmentAmbiguous,
                [("envs", words::envs(present))],
            )),
        }
    }

    /// The accounts of `--env`, or all.
    ///
    /// # Errors
    /// A [`Problem`] if the files cannot be read.
    pub async fn accounts(&self) -> Result<Vec<AccountView>, Problem> {
        let mut accounts = self.desk.list_accounts(Nothing {}).await?.items;
        accounts.retain(|account| self.env.is_none_or(|env| env == account.env));
        Ok(accounts)
    }

    /// An account by its id, or by its name where only one has it.
    ///
    /// # Errors
    /// `account_unknown`, also for a name that several have.
    pub async fn account(&self, named: &str) -> Result<AccountView, Problem> {
        let mut accounts = self.accounts().await?;
        if let Some(at) = accounts.iter().position(|account| account.id == named) {
            return Ok(accounts.swap_remove(at));
        }
        accounts.retain(|account| account.label == named);
        match (accounts.pop(), accounts.is_empty()) {
            (Some(account), true) => Ok(account),
            (None, _) => Err(Problem::new(ProblemCode::AccountUnknown)),
            (Some(_), false) => Err(Problem {
                title: words::SEVERAL_ACCOUNTS.to_owned(),
                ..Problem::new(ProblemCode::AccountUnknown)
            }),
        }
    }

    /// With `--env`, a card of another environment is not here.
    ///
    /// # Errors
    /// `card_unknown`.
    pub async fn card_is_here(&self, card: &str) -> Result<(), Problem> {
        let Some(env) = self.env else { return Ok(()) };
        let card_id = card.to_owned();
        if self.desk.show_card(CardRef { card_id }).await?.card.env == env {
            Ok(())
        } else {
            Err(Problem::new(ProblemCode::CardUnknown))
        }
    }
}

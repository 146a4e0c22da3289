//! One function a command: ask the desk, put the answer in words.

mod accounts;
mod acting;
mod cards;
mod changes;
mod directory;
mod flows;
mod history;
mod people;
mod plans;
mod sync;

use crate::answer::Answer;
use crate::args::{Account, Cache, Changes, Command, Demo, Plan};
use crate::key;
use crate::room::Room;
use tokendesk_desk::contract::Problem;

/// Asks for what a command needs from its caller before the desk is opened.
///
/// # Errors
/// A [`Problem`] when it cannot be had.
pub fn prepare(command: &mut Command) -> Result<(), Problem> {
    match command {
        Command::Account(Account::Add(account)) => account.key = key::read()?,
        Command::Account(Account::Replace { key, .. }) => *key = key::read()?,
        _ => {}
    }
    Ok(())
}

/// Runs a command.
///
/// # Errors
/// The desk's [`Problem`].
pub async fn run(command: Command, room: &Room) -> Result<Answer, Problem> {
    match command {
        Command::Account(Account::Add(account)) => accounts::add(room, account).await,
        Command::Account(Account::Systems) => accounts::systems(room).await,
        Command::Account(Account::List) => accounts::list(room).await,
        Command::Account(Account::Check { account }) => accounts::check(room, &account).await,
        Command::Account(Account::Replace {
            account,
            user,
            publishable_key,
            key,
        }) => accounts::replace(room, &account, user, publishable_key, key).await,
        Command::Account(Account::Can { account }) => accounts::can(room, &account).await,
        Command::Account(Account::Pause { account }) => accounts::pause(room, &account, true).await,
        Command::Account(Account::Resume { account }) => accounts::pause(room, &account, false).await,
        Command::Account(Account::ReadOnly { account, to }) => accounts::read_only(room, &account, to).await,
        Command::Account(Account::AllowVerification { account, to }) => {
            acting::allow_verification(room, &account, to).await
        }
        Command::Customer(command) => acting::customer(room, command).await,
        Command::Directory(command) => directory::run(room, command).await,
        Command::Flow(command) => flows::run(room, command).await,
        Command::WhatIs { text, live } => acting::what_is(room, text, live.as_deref()).await,
        Command::Log(log) => history::log(room, log).await,
        Command::Backup(backup) => history::backup(room, backup).await,
        Command::Account(Account::Remove {
            account,
            discard_changes,
        }) => accounts::remove(room, &account, discard_changes).await,
        Command::Account(Account::ForgetLesson { account }) => accounts::forget_lesson(room, &account).await,
        Command::Demo(Demo::Start) => accounts::start_demo(room).await,
        Command::Sync { account, full } => sync::sync(room, account.as_deref(), full).await,
        Command::Cache(Cache::Rebuild { yes: _ }) => sync::rebuild(room).await,
        Command::Find { text, limit, after } => people::find(room, text.join(" "), limit, after).await,
        Command::Cards {
            query,
            limit,
            after,
            account,
        } => cards::list(room, query.join(" "), limit, after, account.as_deref()).await,
        Command::Card(card) => cards::one(room, card).await,
        Command::Changes(Changes::List { all }) => changes::list(room, all).await,
        Command::Changes(Changes::Push) => changes::push(room).await,
        Command::Changes(Changes::Undo { change }) => changes::undo(room, change).await,
        Command::Changes(Changes::Resolve { change, keep }) => changes::resolve(room, change, keep).await,
        Command::Changes(Changes::Retry { change }) => changes::retry(room, change).await,
        Command::Changes(Changes::Discard { change }) => changes::discard(room, change).await,
        Command::Plan(Plan::List) => plans::list(room).await,
        Command::Plan(Plan::Show { plan }) => plans::show(room, plan).await,
        Command::Plan(Plan::Stop { plan }) => plans::stop(room, plan).await,
        Command::Plan(
            plan @ (Plan::OneClick { .. }
            | Plan::Activate { .. }
            | Plan::Deactivate { .. }
            | Plan::Delete { .. }),
        ) => plans::make(room, plan).await,
        Command::Run {
            plan,
            confirm,
            reason,
        } => plans::run(room, plan, confirm, reason).await,
    }
}

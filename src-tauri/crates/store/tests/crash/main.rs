//! Dying at each crash point, and meeting a full disk at each commit: what is left is all of a step or nothing of it.
//!
//! A crash is a process that ends, so this program starts itself: with a folder it plays the desk that dies, without one
//! it is the test.

// A panic is the message.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod dying;
mod full;

use chrono::{DateTime, TimeDelta, Utc};
use std::path::Path;
use tokendesk_model::{
    Account, AccountId, ActiveVersion, ChangeLabel, Environment, ProviderKind, Seen, TokenSnapshot,
    TokenState, Wish,
};
use tokendesk_store::{DbKey, NewChange, Store};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

fn card(n: u32) -> TokenSnapshot {
    TokenSnapshot {
        version: 1,
        one_click: Some(true),
        customer_id: Some("C-1".into()),
        email: Some("ada@example.org".into()),
        ..TokenSnapshot::new(n.to_string(), TokenState::Active)
    }
}

fn wish(account: AccountId, n: u32, wish: Wish, hold_ms: u32) -> NewChange {
    NewChange {
        account,
        token: account.token(&n.to_string()),
        remote_id: n.to_string(),
        wish,
        reason: None,
        actor: "ada@desk-1".into(),
        label: ChangeLabel::default(),
        base: Seen::of(&card(n), ActiveVersion::NotRead),
        hold_ms,
        plan: None,
    }
}

async fn open(dir: &Path, key: &DbKey) -> Store {
    Store::open(dir, key).await.unwrap().store
}

/// An account and three cards.
async fn furnish(store: &Store) -> AccountId {
    let account = Account {
        id: AccountId::random(),
        provider: ProviderKind::Wallee,
        label: "Shop".into(),
        environment: Environment::Test,
        origin: None,
        scope: "405".into(),
        user: "1".into(),
        connector: None,
        read_only: false,
        created_at: at(0),
        paused: None,
    };
    store.insert_account(&account).await.unwrap();
    let ticket = store.begin_read();
    let cards = [1, 2, 3].map(card);
    store
        .put_tokens(account.id, ticket, &cards, at(1), None)
        .await
        .unwrap();
    account.id
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut arguments = std::env::args_os().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(word), Some(folder)) if word == "die" => runtime.block_on(dying::live(Path::new(&folder))),
        _ => {
            runtime.block_on(dying::at_every_point());
            runtime.block_on(full::at_every_commit());
        }
    }
}

//! One system that is down, asks to wait or rejects its key delays no other one.

use crate::played::{Fault, Played, error, token};
use crate::scene::{Scene, until};
use std::time::Duration;
use tokendesk_model::{AccountId, Capabilities, ChangeId, ChangeStatus, ProviderKind, Wish};
use tokendesk_providers::{ProviderError, ProviderErrorKind};

struct Shops {
    scene: Scene,
    /// Never answers again; asks to wait for an hour; rejects its key; is not reached; works.
    accounts: [AccountId; 5],
    works: Played,
}

async fn shops() -> Shops {
    let scene = Scene::new().await;
    let systems: Vec<Played> = (0..5)
        .map(|_| Played::new(Capabilities::processout()).with_customers(0, 40))
        .collect();
    let mut accounts = Vec::new();
    for system in &systems {
        let account = scene.connect(ProviderKind::ProcessOut, system).await;
        scene.full(account).await.unwrap();
        accounts.push(account);
    }
    let wait = ProviderError {
        retry_after: Some(Duration::from_secs(3_600)),
        ..error(ProviderErrorKind::RateLimited)
    };
    let faults = [
        Fault::Hangs,
        Fault::Refused(wait),
        Fault::Refused(error(ProviderErrorKind::Unauthorized)),
        Fault::Refused(ProviderError::new(ProviderErrorKind::Unreachable)),
    ];
    for (system, fault) in systems.iter().zip(faults) {
        system.fault("", u32::MAX, fault);
    }
    systems[4].forget_calls();
    Shops {
        scene,
        accounts: accounts.try_into().unwrap(),
        works: systems[4].clone(),
    }
}

impl Shops {
    async fn wishes(&self, account: AccountId, cards: std::ops::Range<usize>) -> Vec<ChangeId> {
        let mut changes = Vec::new();
        for n in cards {
            let off = Wish::OneClick(false);
            changes.push(self.scene.wish(account, &token(n, 0), off).await);
        }
        changes
    }

    async fn all_done(&self, changes: &[ChangeId]) -> bool {
        for change in changes {
            if self.scene.status(*change).await != ChangeStatus::Done {
                return false;
            }
        }
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_the_one_that_works_go_while_the_others_are_stuck_in_their_calls() {
    let shops = shops().await;
    let [hangs, waits, rejects, is_down, works] = shops.accounts;
    let mut others = Vec::new();
    for account in [hangs, waits, rejects, is_down] {
        others.extend(shops.wishes(account, 0..40).await);
    }
    let first = shops.wishes(works, 0..20).await;
    let outbox = shops.scene.runs();
    until("the account that works", || shops.all_done(&first)).await;
    // Also what is queued later, while the others are at it.
    let second = shops.wishes(works, 20..40).await;
    until("the account that works, again", || shops.all_done(&second)).await;
    for change in others {
        let status = shops.scene.status(change).await;
        assert!(status.is_under_way(), "{status:?}: nothing is lost");
    }
    until("the rejected key to be known", || async {
        let known = shops.scene.store.account(rejects).await.unwrap().unwrap();
        known.paused.is_some()
    })
    .await;
    let known = shops.scene.store.account(works).await.unwrap().unwrap();
    assert_eq!(known.paused, None);
    outbox.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_the_one_that_works_waits_for_nobody() {
    let shops = shops().await;
    let [hangs, waits, rejects, is_down, works] = shops.accounts;
    let request = |account| tokendesk_sync::PullRequest { account, full: true };
    let pulls: Vec<_> = [hangs, waits, rejects, is_down]
        .into_iter()
        .map(|account| {
            let engine = shops.scene.engine.clone();
            tokio::spawn(async move { engine.pull(request(account)).await })
        })
        .collect();
    until("the pull that hangs", || async {
        shops.scene.engine.progress(hangs).is_some()
    })
    .await;
    let pulled = shops.scene.full(works).await.unwrap();
    assert_eq!(pulled.rows, 40);
    assert!(shops.scene.engine.progress(hangs).is_some(), "still at it");
    assert_eq!(shops.works.calls("list_customers").len(), 1);
    for pull in pulls {
        pull.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_of_the_one_that_works_is_refreshed_at_once() {
    let shops = shops().await;
    let [hangs, .., works] = shops.accounts;
    let customer = tokendesk_sync::refresh::Customer {
        customer_id: Some(crate::played::customer(3)),
        ..tokendesk_sync::refresh::Customer::default()
    };
    let stuck = {
        let (engine, customer) = (shops.scene.engine.clone(), customer.clone());
        tokio::spawn(async move { engine.refresh(hangs, &customer).await })
    };
    shops.scene.engine.refresh(works, &customer).await.unwrap();
    assert!(!stuck.is_finished());
    stuck.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_cannot_be_fetched_are_not_asked_for_with_every_change_of_others() {
    let shops = shops().await;
    let [locked, .., works] = shops.accounts;
    shops.scene.lock_credentials(locked);
    let left = shops.wishes(locked, 0..2).await;
    let outbox = shops.scene.runs();
    until("the credentials to be asked for", || async {
        shops.scene.asked_in_vain() > 0
    })
    .await;
    for n in 0..10 {
        let change = shops.wishes(works, n..n + 1).await;
        until("the account that works", || shops.all_done(&change)).await;
    }
    let asked = shops.scene.asked_in_vain();
    assert!(asked < 5, "asked {asked} times for ten changes of somebody else");
    for change in left {
        assert_eq!(shops.scene.status(change).await, ChangeStatus::Waiting);
    }
    outbox.abort();
}

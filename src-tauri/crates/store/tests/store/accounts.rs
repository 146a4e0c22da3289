//! Accounts of every payment system: what is kept of one, what only reads, what goes with it.

use crate::support::{Bench, account, at, token, wish};
use tokendesk_model::lane::Ended;
use tokendesk_model::{
    Account, AccountId, ChangeStatus, Environment, Lesson, ProviderKind, Stuck, Wish, Withdrawn,
};
use tokendesk_store::StoreError;

#[tokio::test]
async fn an_account_comes_back_as_it_was_and_only_wallee_has_something_to_learn() {
    let bench = Bench::new().await;
    for provider in ProviderKind::ALL.iter().copied() {
        let one = Account {
            id: AccountId::random(),
            provider,
            connector: (provider == ProviderKind::Prism).then(|| "stripe".to_owned()),
            read_only: provider == ProviderKind::Zafapay,
            ..account(Environment::Test, "one")
        };
        bench.store.insert_account(&one).await.unwrap();
        assert_eq!(bench.store.account(one.id).await.unwrap().as_ref(), Some(&one));
        let lesson = bench.store.lesson(one.id).await.unwrap();
        let expected = if provider == ProviderKind::Wallee {
            Lesson::Untried
        } else {
            Lesson::Accepts
        };
        assert_eq!(lesson, expected);
        // Provider, origin and scope make an account.
        let twin = Account {
            id: AccountId::random(),
            ..one.clone()
        };
        let refused = bench.store.insert_account(&twin).await;
        assert!(matches!(refused, Err(StoreError::SameAccount(id)) if id == one.id));
    }
    assert_eq!(
        bench.store.accounts().await.unwrap().len(),
        1 + ProviderKind::ALL.len()
    );
}

#[tokio::test]
async fn nothing_is_sent_through_an_account_that_only_reads() {
    let bench = Bench::new().await;
    let card = token(1, Some("C-1"), None);
    bench.put(std::slice::from_ref(&card)).await;
    let change = wish(bench.account, &card, Wish::Default);
    let change = bench.store.enqueue(change, at(1)).await.unwrap();
    let due = || async { bench.store.sendable(at(9), 9, None).await.unwrap().len() };
    assert_eq!(due().await, 1);
    bench.store.set_read_only(bench.account, true).await.unwrap();
    assert_eq!(due().await, 0);
    assert_eq!(bench.store.next_due().await.unwrap(), None);
    let bench = bench.restart().await;
    assert!(
        bench
            .store
            .account(bench.account)
            .await
            .unwrap()
            .unwrap()
            .read_only
    );
    bench.store.set_read_only(bench.account, false).await.unwrap();
    let sendable = bench.store.sendable(at(9), 9, None).await.unwrap();
    assert_eq!((sendable[0].id, sendable[0].wish), (change.id, Wish::Default));
    let nobody = bench.store.set_read_only(AccountId::random(), true).await;
    assert!(matches!(nobody, Err(StoreError::NoSuchAccount)));
}

#[tokio::test]
async fn an_account_goes_with_its_open_changes_only_when_it_is_told_to() {
    let bench = Bench::new().await;
    let cards: Vec<_> = (1..=4).map(|n| token(n, Some("C-1"), None)).collect();
    bench.put(&cards).await;
    let store = &bench.store;
    let mut ids = Vec::new();
    for (i, card) in cards.iter().enumerate() {
        let new = tokendesk_store::NewChange {
            hold_ms: if i == 0 { 10_000 } else { 0 },
            ..wish(bench.account, card, Wish::OneClick(false))
        };
        ids.push(store.enqueue(new, at(1)).await.unwrap().id);
    }
    store.mark_sending(ids[2], at(2)).await.unwrap();
    store
        .finish(ids[2], Ended::Stuck(Stuck::Forbidden), None, at(3))
        .await
        .unwrap();
    store.mark_sending(ids[3], at(2)).await.unwrap();
    let remove = |discard| {
        let (store, account) = (store.clone(), bench.account);
        async move { store.remove_account(account, discard, "bo@desk-2", at(9)).await }
    };
    let statuses = || async {
        let mut all = Vec::new();
        for id in &ids {
            all.push(store.change(*id).await.unwrap().unwrap().status);
        }
        all
    };
    let before = (statuses().await, store.log_head().await.unwrap());
    assert!(matches!(remove(false).await, Err(StoreError::OpenChanges(4))));
    // What is on its way cannot be given up: nothing is.
    assert!(matches!(remove(true).await, Err(StoreError::OpenChanges(1))));
    assert_eq!((statuses().await, store.log_head().await.unwrap()), before);
    assert_eq!(store.account_counts(bench.account).await.unwrap().all(), 4);

    store
        .finish(ids[3], Ended::Stuck(Stuck::Ignored), None, at(4))
        .await
        .unwrap();
    remove(true).await.unwrap();
    assert!(store.account(bench.account).await.unwrap().is_none());
    for status in statuses().await {
        assert_eq!(status, ChangeStatus::Withdrawn(Withdrawn::Discard));
    }
    let told = store.log_rows(4).await.unwrap();
    assert!(told.iter().all(|row| {
        row.entry.action == "change.discarded"
            && row.entry.actor == "bo@desk-2"
            && row.environment == Some(Environment::Test)
    }));
    assert_eq!(store.totals(Environment::Test).await.unwrap().cards, 0);
    assert_eq!(store.change_counts(None).await.unwrap(), Default::default());
    // Connected again, nothing of it is left over the cards.
    let again = Account {
        id: bench.account,
        ..account(Environment::Test, "405")
    };
    store.insert_account(&again).await.unwrap();
    bench.put(&cards).await;
    let card = store.card(bench.account.token("1")).await.unwrap().unwrap();
    assert_eq!(card.effective_one_click, Some(true));
}

//! What the test bench leaves: single-use tokens and runs of flows; and verifications, of any account.

use crate::support::{Bench, account, at};
use tokendesk_model::{AccountId, Environment};
use tokendesk_store::{FlowRun, SingleUseRow, Store, StoreError, VerifyRow};
use uuid::Uuid;

fn single(account: AccountId, remote_id: &str) -> SingleUseRow {
    SingleUseRow {
        account,
        remote_id: remote_id.to_owned(),
        kind: "payment_method".to_owned(),
        shown: Some("Visa •••• 1111".to_owned()),
        created_at: at(1),
        expires_at: Some(at(1_801)),
        used_at: None,
        expired_at: None,
        run: Some(Uuid::from_bytes([7; 16])),
    }
}

fn run(account: AccountId, n: u8) -> FlowRun {
    FlowRun {
        id: Uuid::from_bytes([n; 16]),
        account,
        flow: "save_card".to_owned(),
        state: r#"{"next":"create_token"}"#.to_owned(),
        steps: "[]".to_owned(),
        started_at: at(i64::from(n)),
        updated_at: at(i64::from(n)),
        actor: "ada@desk-1".to_owned(),
    }
}

fn verification(account: AccountId, n: u8) -> VerifyRow {
    VerifyRow {
        id: Uuid::from_bytes([n; 16]),
        account,
        token: account.token("pm_1"),
        reference: format!("verify-{n}"),
        amount: "1.00".to_owned(),
        currency: "EUR".to_owned(),
        through: "token_authorize".to_owned(),
        actor: "ada@desk-1".to_owned(),
        reason: Some("asked on the phone".to_owned()),
        started_at: at(i64::from(n)),
        finished_at: None,
        outcome: None,
        transaction_id: None,
    }
}

async fn two_accounts() -> (Bench, AccountId) {
    let bench = Bench::new().await;
    let other = account(Environment::Test, "406");
    bench.store.insert_account(&other).await.unwrap();
    (bench, other.id)
}

#[tokio::test]
async fn single_use_tokens_are_kept_once_and_listed_newest_first() {
    let (bench, other) = two_accounts().await;
    let store = &bench.store;
    for n in 0..5 {
        let of = if n == 2 { other } else { bench.account };
        store
            .put_single_use(of, &single(of, &format!("tok_{n}")))
            .await
            .unwrap();
    }
    let used = SingleUseRow {
        used_at: Some(at(9)),
        ..single(bench.account, "tok_0")
    };
    store.put_single_use(bench.account, &used).await.unwrap();
    let all = store.single_use(None, None, 9).await.unwrap();
    let ids: Vec<&str> = all.items.iter().map(|row| row.remote_id.as_str()).collect();
    assert_eq!(ids, ["tok_4", "tok_3", "tok_2", "tok_1", "tok_0"]);
    assert_eq!((all.items[4].clone(), all.next), (used, None));
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = store.single_use(Some(bench.account), after, 3).await.unwrap();
        paged.extend(page.items.into_iter().map(|row| row.remote_id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, ["tok_4", "tok_3", "tok_1", "tok_0"]);
    let nowhere = AccountId::random();
    let refused = store.put_single_use(nowhere, &single(nowhere, "tok_9")).await;
    assert!(matches!(refused, Err(StoreError::NoSuchAccount)));
}

#[tokio::test]
async fn a_run_is_kept_as_it_stands() {
    let (bench, other) = two_accounts().await;
    let store = &bench.store;
    for n in 1..=3 {
        let of = if n == 2 { other } else { bench.account };
        store.put_flow_run(&run(of, n)).await.unwrap();
    }
    let moved = FlowRun {
        state: r#"{"next":null}"#.to_owned(),
        steps: r#"[{"name":"create_token"}]"#.to_owned(),
        updated_at: at(50),
        ..run(bench.account, 1)
    };
    // What it is a run of never changes.
    let odd = FlowRun {
        flow: "another".to_owned(),
        account: other,
        actor: "bo".to_owned(),
        ..moved.clone()
    };
    store.put_flow_run(&odd).await.unwrap();
    assert_eq!(store.flow_run(moved.id).await.unwrap(), Some(moved.clone()));
    assert_eq!(store.flow_run(Uuid::from_bytes([9; 16])).await.unwrap(), None);
    let first = store.flow_runs(None, None, 2).await.unwrap();
    assert_eq!(first.items, [run(bench.account, 3), run(other, 2)]);
    let rest = store.flow_runs(None, first.next, 2).await.unwrap();
    assert_eq!((rest.items, rest.next), (vec![moved.clone()], None));
    let here = store.flow_runs(Some(bench.account), None, 9).await.unwrap();
    assert_eq!(here.items, [run(bench.account, 3), moved]);
    let refused = store.put_flow_run(&run(AccountId::random(), 8)).await;
    assert!(matches!(refused, Err(StoreError::NoSuchAccount)));
}

async fn open_ones(store: &Store) -> Vec<Uuid> {
    let rows = store.open_verifications().await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_verification_that_never_ended_is_found_after_a_crash() {
    let (bench, _) = two_accounts().await;
    for n in 1..=3 {
        bench
            .store
            .begin_verification(&verification(bench.account, n))
            .await
            .unwrap();
    }
    let id = |n| Uuid::from_bytes([n; 16]);
    let voided = r#"{"outcome":"voided"}"#;
    let ended = |n, outcome| {
        let store = bench.store.clone();
        async move {
            store
                .finish_verification(id(n), at(60), outcome, Some("pi_1"))
                .await
                .unwrap()
        }
    };
    // A hold that was doubtful at first and given back later.
    assert!(ended(2, r#"{"outcome":"void_unconfirmed"}"#).await);
    assert!(ended(2, voided).await);
    assert!(!ended(9, voided).await);
    let bench = bench.restart().await;
    assert_eq!(open_ones(&bench.store).await, [id(1), id(3)]);
    let token = bench.account.token("pm_1");
    let all = bench.store.verifications(token).await.unwrap();
    assert_eq!(
        all.iter().map(|row| row.id).collect::<Vec<_>>(),
        [id(3), id(2), id(1)]
    );
    let done = VerifyRow {
        finished_at: Some(at(60)),
        outcome: Some(voided.to_owned()),
        transaction_id: Some("pi_1".to_owned()),
        ..verification(bench.account, 2)
    };
    assert_eq!((&all[0], &all[1]), (&verification(bench.account, 3), &done));
    let nowhere = verification(AccountId::random(), 5);
    assert!(matches!(
        bench.store.begin_verification(&nowhere).await,
        Err(StoreError::NoSuchAccount)
    ));
    let one = bench.store.verification(id(2)).await.unwrap();
    assert_eq!(one.as_ref(), Some(&done));
    let twice = bench
        .store
        .begin_verification(&verification(bench.account, 1))
        .await;
    assert!(twice.is_err());

    // The journal outlives the account; what the bench left does not.
    let store = &bench.store;
    store
        .put_single_use(bench.account, &single(bench.account, "tok_1"))
        .await
        .unwrap();
    store.put_flow_run(&run(bench.account, 1)).await.unwrap();
    store
        .remove_account(bench.account, false, "ada", at(70))
        .await
        .unwrap();
    assert_eq!(store.verifications(token).await.unwrap().len(), 3);
    assert!(store.single_use(None, None, 9).await.unwrap().items.is_empty());
    assert!(store.flow_runs(None, None, 9).await.unwrap().items.is_empty());
}

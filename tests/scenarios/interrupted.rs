//! `kill -9` at the worst moments: nothing is lost, nothing is doubled, and hardly anything is fetched again.

use crate::child::Other;
use crate::office;
use crate::shop::{Office, Shop, until};
use serde_json::json;
use tempfile::TempDir;
use tokendesk_desk::contract::Nothing;
use tokendesk_sandbox::{EditRequest, Fault};

/// Opens the folder of a process that is no more.
async fn take_over(folder: TempDir) -> Office {
    let desk = office::open(office::options(folder.path())).await.unwrap();
    let list = desk.list_accounts(Nothing {}).await.unwrap();
    let account = list.items[0].id.parse().unwrap();
    Office {
        desk,
        account,
        folder,
    }
}

/// What an undisturbed run shows and what it asks for: pages of tokens, pages of versions.
async fn undisturbed(shop: &Shop) -> (Vec<serde_json::Value>, u64, u64) {
    shop.forget_stats().await;
    let office = Office::connected(shop).await;
    let stats = shop.stats().await;
    office.assert_same_as(shop).await;
    (
        office.rows().await,
        stats.of_kind("tokens.list"),
        stats.of_kind("versions.list"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pass_killed_in_its_middle_goes_on_where_it_was() {
    let shop = Shop::start(500);
    let (rows, token_pages, version_pages) = undisturbed(&shop).await;
    assert!(token_pages > 10 && version_pages > 10);

    // The page after the seventh one is on its way when the process dies. One page more is read by the connection test.
    shop.forget_stats().await;
    shop.fault_from(
        9,
        "GET",
        "/payment/tokens?",
        Some(1),
        Fault::Latency {
            ms: 2_500,
            after_commit: false,
        },
    );
    let folder = tempfile::tempdir().unwrap();
    let mut other = Other::open(folder.path()).await;
    other.connect(shop.connection()).await;
    other.read_until(|said| said.done >= 700).await;
    other.kill().await;

    let office = take_over(folder).await;
    assert!(office.account().await.unfinished_pass);
    assert_eq!(
        office.cards().await.len(),
        700,
        "each page is kept whole with its cursor"
    );
    office.assert_counters().await;
    office.desk.read_account(office.account, false).await.unwrap();
    let stats = shop.stats().await;
    let pages = stats.of_kind("tokens.list");
    assert!(
        (token_pages..=token_pages + 1).contains(&pages),
        "at most one page is fetched twice: {pages}"
    );
    assert_eq!(stats.of_kind("versions.list"), version_pages);
    assert_eq!(office.rows().await, rows);
    assert!(!office.account().await.unfinished_pass);
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_it_still_ends_with_the_same_rows() {
    let shop = Shop::start(300);
    let (rows, ..) = undisturbed(&shop).await;
    // Every page takes its time, so that each kill meets another moment: between pages, while one is stored, in either stage.
    shop.fault(
        "GET",
        "/payment/token",
        None,
        Fault::Latency {
            ms: 15,
            after_commit: false,
        },
    );
    let folder = tempfile::tempdir().unwrap();
    let mut other = Other::open(folder.path()).await;
    other.connect(shop.connection()).await;
    for pages in [2, 1, 3, 4, 2] {
        shop.forget_stats().await;
        until("some pages", || async {
            let stats = shop.stats().await;
            (stats.of_kind("tokens.list") + stats.of_kind("versions.list") >= pages).then_some(())
        })
        .await;
        other.kill().await;
        other = Other::open(folder.path()).await;
        other.begin(&json!({ "do": "read", "full": false })).await;
    }
    other.kill().await;
    shop.running.clear_faults();
    let office = take_over(folder).await;
    office.desk.read_account(office.account, false).await.unwrap();
    assert_eq!(office.rows().await, rows);
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_a_change_is_sent_it_is_sent_once() {
    let shop = Shop::start(30);
    let token = shop.everyday(1).remove(0);
    let folder = tempfile::tempdir().unwrap();
    let mut other = Other::open(folder.path()).await;
    let account = other.connect(shop.connection()).await;
    other.read_until(|said| !said.reading).await;
    let account: tokendesk_model::AccountId = account.parse().unwrap();
    let card = account.token(&token.id.to_string()).to_string();
    other
        .tell(json!({ "do": "one_click", "card": card, "on": false }))
        .await;
    shop.forget_stats().await;
    // The shop has done it, and the answer never comes: whoever asked is dead by then.
    shop.fault(
        "PATCH",
        "/payment/tokens/",
        Some(1),
        Fault::Latency {
            ms: 2_000,
            after_commit: true,
        },
    );
    other.begin(&json!({ "do": "push" })).await;
    until("the write", || async {
        (shop.stats().await.writes.len() == 1).then_some(())
    })
    .await;
    other.kill().await;

    // Meanwhile somebody else adds something of their own.
    let edit = EditRequest {
        id: token.id,
        token_reference: Some(Some("theirs".to_owned())),
        ..EditRequest::default()
    };
    shop.running.edit(edit).unwrap();
    let office = take_over(folder).await;
    let card = office.card(token.id).await;
    assert_eq!(
        (card.one_click, card.pending.len()),
        (Some(false), 1),
        "the wish is still there, and shown"
    );
    assert_eq!(office.push().await.done, 1);
    assert_eq!(
        shop.stats().await.writes.len(),
        1,
        "nothing was sent a second time"
    );
    assert_eq!(shop.token(token.id).version, token.version + 2);
    assert!(office.card(token.id).await.pending.is_empty());
}

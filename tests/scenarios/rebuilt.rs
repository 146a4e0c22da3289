//! Throwing the copy away, or losing it, costs time and nothing else.

use crate::office;
use crate::shop::{Office, Shop, until};
use tokendesk_desk::contract::{ChangeRef, MarkCard, Nothing, SetActive};

#[tokio::test(flavor = "multi_thread")]
async fn rebuilding_with_changes_pending_loses_nothing() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let [waiting, stuck, marked]: [_; 3] = shop.everyday(3).try_into().ok().unwrap();
    let refused = office
        .desk
        .set_active(SetActive {
            card_id: office.id(stuck.id),
            active: false,
            reason: Some("a quarrel".to_owned()),
        })
        .await
        .unwrap();
    assert_eq!(office.push().await.stuck, 1);
    let change = office.one_click(waiting.id, false).await;
    office
        .desk
        .mark_card(MarkCard {
            card_id: office.id(marked.id),
            field: "active".to_owned(),
            value: Some(false),
        })
        .await
        .unwrap();
    let before = office.account().await;
    let shown = office.card(waiting.id).await;

    office.desk.rebuild_cache(Nothing {}).await.unwrap();
    let listed = office.change(&change.id).await;
    assert_eq!((listed.status.as_str(), &listed.last4), ("held", &shown.last4));
    assert_eq!(
        listed.email, waiting.customer_email_address,
        "a change reads without the copy"
    );
    assert!(office.cards().await.is_empty());
    office.desk.read_account(office.account, false).await.unwrap();

    let card = office.card(waiting.id).await;
    assert_eq!(
        (card.one_click, card.provider_one_click),
        (Some(false), Some(true))
    );
    assert_eq!(card.pending.len(), 1);
    let kept = office.card(stuck.id).await;
    assert_eq!(
        (kept.pending[0].id.as_str(), kept.pending[0].why.as_deref()),
        (refused.id.as_str(), Some("ignored"))
    );
    assert_eq!(kept.pending[0].reason.as_deref(), Some("a quarrel"));
    assert!(!office.detail(marked.id).await.desk_note.unwrap().active.unwrap());
    let after = office.account().await;
    assert_eq!(
        (after.label, after.cards, after.capabilities),
        (before.label, before.cards, before.capabilities)
    );
    office.assert_same_as(&shop).await;
    office.assert_counters().await;

    assert_eq!(office.push().await.done, 1);
    assert!(!shop.token(waiting.id).enabled_for_one_click_payment);
    office
        .desk
        .discard_change(ChangeRef {
            change_id: refused.id,
        })
        .await
        .unwrap();
    assert!(office.card(stuck.id).await.pending.is_empty());
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_copy_is_moved_away_and_filled_again() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    let change = office.one_click(token.id, false).await;
    let rows = office.rows().await;
    office.desk.close().await;
    let Office {
        desk,
        account,
        folder,
    } = office;
    drop(desk);
    let cache = folder.path().join("cache.db");
    let whole = std::fs::metadata(&cache).unwrap().len();
    std::fs::File::options()
        .write(true)
        .open(&cache)
        .unwrap()
        .set_len(whole / 2)
        .unwrap();

    let desk = until("the folder", || async {
        office::open(office::options(folder.path())).await.ok()
    })
    .await;
    let kept = desk.desk_status(Nothing {}).await.unwrap().cache_rebuilt;
    let office = Office {
        desk,
        account,
        folder,
    };
    let mut damaged = false;
    if kept.is_none() {
        // Where the damage is not on the pages that opening looks at, the first reads meet it.
        damaged = office.desk.list_cards(everything()).await.is_err();
        office.desk.rebuild_cache(Nothing {}).await.unwrap();
        office.desk.read_account(account, false).await.unwrap();
    } else {
        assert!(
            office.path().join(kept.clone().unwrap()).exists(),
            "the damaged file is kept"
        );
        office.desk.read_account(account, false).await.unwrap();
    }
    assert!(kept.is_some() || damaged, "the damage was noticed");
    assert_eq!(office.rows().await, rows);
    assert_eq!(office.change(&change.id).await.status, "held");
    assert_eq!(office.push().await.done, 1);
    office.assert_counters().await;
}

fn everything() -> tokendesk_desk::contract::ListCards {
    tokendesk_desk::contract::ListCards {
        env: tokendesk_desk::contract::Env::Demo,
        text: String::new(),
        account_id: None,
        after: None,
        limit: 1_000,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_deleted_by_hand_comes_back() {
    let shop = Shop::start(60);
    let office = Office::connected(&shop).await;
    let token = shop.everyday(1).remove(0);
    office.one_click(token.id, false).await;
    let rows = office.rows().await;
    office.desk.close().await;
    let Office {
        desk,
        account,
        folder,
    } = office;
    drop(desk);
    for file in ["cache.db", "cache.db-wal", "cache.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(file));
    }
    let desk = until("the folder", || async {
        office::open(office::options(folder.path())).await.ok()
    })
    .await;
    let office = Office {
        desk,
        account,
        folder,
    };
    assert!(office.cards().await.is_empty());
    office.desk.read_account(account, false).await.unwrap();
    assert_eq!(office.rows().await, rows);
    assert_eq!(
        office.card(token.id).await.one_click,
        Some(false),
        "the wish is laid over the new row"
    );
    office.assert_counters().await;
}

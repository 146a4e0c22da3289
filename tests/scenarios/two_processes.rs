//! One data folder has one holder; another process may look.

use crate::child::Other;
use crate::office;
use crate::shop::{Office, Shop};
use serde_json::json;
use tokendesk_desk::contract::{
    ConnectAccount, DeleteCard, Env, FindPeople, MarkCard, Nothing, PersonRef, ProblemCode, PushChanges,
    SetActive, SetOneClick, StartSync,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_told_who_holds_the_folder_and_may_read() {
    let shop = Shop::start(60);
    let token = shop.everyday(1).remove(0);
    let folder = tempfile::tempdir().unwrap();
    let mut holder = Other::open(folder.path()).await;
    let account = holder.connect(shop.connection()).await;
    holder.read_until(|said| !said.reading).await;

    let problem = office::open(office::options(folder.path())).await.err().unwrap();
    assert_eq!(problem.code, ProblemCode::DeskInUse);
    assert!(problem.params["holder"].contains("process "), "{problem:?}");
    assert!(
        !problem.params["holder"].contains(&std::process::id().to_string()),
        "the other one, not this one"
    );

    let mut sharing = office::options(folder.path());
    sharing.share = true;
    let desk = office::open(sharing).await.unwrap();
    let office = Office {
        desk,
        account: account.parse().unwrap(),
        folder,
    };
    assert_eq!(office.cards().await.len(), shop.running.token_ids().len());
    let request = FindPeople {
        env: Env::Demo,
        text: token.customer_email_address.clone().unwrap(),
        after: None,
        limit: 10,
    };
    let person = office.desk.find_people(request).await.unwrap().items[0]
        .person
        .clone();
    let person = PersonRef {
        env: Env::Demo,
        person,
    };
    office.desk.open_person(person.clone()).await.unwrap();
    office.assert_counters().await;

    // Everything that writes names the holder, and does nothing.
    let card_id = office.id(token.id);
    let desk = &office.desk;
    let this = tokendesk_desk::contract::AccountRef {
        account_id: account.clone(),
    };
    let answers = [
        desk.set_one_click(SetOneClick {
            card_id: card_id.clone(),
            on: false,
        })
        .await
        .err(),
        desk.set_active(SetActive {
            card_id: card_id.clone(),
            active: false,
            reason: None,
        })
        .await
        .err(),
        desk.delete_card(DeleteCard {
            card_id: card_id.clone(),
            confirmation: None,
            reason: None,
        })
        .await
        .err(),
        desk.mark_card(MarkCard {
            card_id: card_id.clone(),
            active: Some(false),
        })
        .await
        .err(),
        desk.push_changes(PushChanges::default()).await.err(),
        desk.refresh_person(person).await.err(),
        desk.start_sync(StartSync {
            account_id: None,
            full: true,
        })
        .await
        .err(),
        desk.read_account(office.account, true).await.err(),
        desk.rebuild_cache(Nothing {}).await.err(),
        desk.forget_lesson(this.clone()).await.err(),
        desk.remove_account(this).await.err(),
        desk.connect_account(ConnectAccount {
            label: "Second".to_owned(),
            ..shop.connection()
        })
        .await
        .err(),
    ];
    for (n, answer) in answers.into_iter().enumerate() {
        assert_eq!(
            answer.map(|problem| problem.code),
            Some(ProblemCode::DeskInUse),
            "answer {n}"
        );
    }
    assert_eq!(office.card(token.id).await.pending.len(), 0);

    // The reader sees what the holder does, and is in nobody's way.
    holder
        .tell(json!({ "do": "one_click", "card": card_id, "on": false }))
        .await;
    assert_eq!(office.card(token.id).await.one_click, Some(false));
    assert_eq!(holder.tell(json!({ "do": "push" })).await.done, 1);
    let card = office.card(token.id).await;
    assert_eq!((card.provider_one_click, card.pending.len()), (Some(false), 0));
    holder.close().await;
    let office = office.reopened().await;
    office.one_click(token.id, true).await;
    assert_eq!(office.push().await.done, 1);
}

//! Directories: files of customers and of connector tokens, imported, tried, confirmed, added to and taken from.

use crate::account::Account;
use serde_json::json;
use tokendesk_desk::contract::{
    AddToDirectory, DirectoryColumns, DirectoryItem, DirectoryRef, ImportDirectory, Imported, ListDirectory,
    Problem, ProblemCode,
};
use tokendesk_tests::played::System;

/// A file as a person gives it.
fn file(account: &Account, text: &str) -> ImportDirectory {
    ImportDirectory {
        account_id: account.id.clone(),
        text: text.to_owned(),
        columns: None,
        tokens_confirmed: false,
        dry_run: false,
    }
}

async fn import(account: &Account, text: &str) -> Imported {
    account.desk.import_directory(file(account, text)).await.unwrap()
}

fn counts(imported: &Imported) -> (u32, u32, u32) {
    (imported.new, imported.changed, imported.same)
}

fn lines(notes: &[tokendesk_desk::contract::LineNote]) -> Vec<u32> {
    notes.iter().map(|note| note.line).collect()
}

/// The whole directory, page by page.
async fn listed(account: &Account, limit: u32) -> Vec<DirectoryItem> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let request = ListDirectory {
            account_id: account.id.clone(),
            after,
            limit,
        };
        let page = account.desk.list_directory(request).await.unwrap();
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            assert_eq!(page.total as usize, all.len());
            return all;
        }
    }
}

fn entry(account: &Account, customer_id: &str) -> AddToDirectory {
    AddToDirectory {
        account_id: account.id.clone(),
        customer_id: customer_id.to_owned(),
        email: None,
        name: None,
        token: None,
        tokens_confirmed: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_a_bom_and_semicolons_is_taken_and_its_bad_rows_are_named() {
    let account = Account::at(System::Zafapay).await;
    let text = "\u{feff}Customer ID;E-Mail;Name\r\n\
                shop-1;ada@example.com;\"Lindqvist; Ada\"\r\n\
                shop-2;rita@example.com;4111 1111 1111 1111\r\n\
                ;nobody@example.com;\r\n\
                shop-3;not an email;\r\n\
                shop-1;other@example.com;\r\n\
                shop/4?x=ä 5;;Zoë\r\n";
    let imported = import(&account, text).await;
    assert_eq!(counts(&imported), (2, 0, 0));
    assert_eq!(imported.header, ["Customer ID", "E-Mail", "Name"]);
    assert_eq!(imported.columns.customer_id.as_deref(), Some("Customer ID"));
    assert_eq!(imported.columns.email.as_deref(), Some("E-Mail"));
    assert_eq!(lines(&imported.refused), [3, 4, 5]);
    assert!(imported.refused[0].says.contains("card number"));
    assert_eq!(lines(&imported.duplicates), [6]);
    assert!(imported.duplicates[0].says.contains("line 2"));
    let told = serde_json::to_string(&imported).unwrap();
    for secret in ["4111", "rita@", "ada@", "other@"] {
        assert!(!told.contains(secret), "{secret}");
    }
    let kept = listed(&account, 1).await;
    let ids: Vec<&str> = kept.iter().map(|item| item.customer_id.as_str()).collect();
    assert_eq!(ids, ["shop-1", "shop/4?x=ä 5"]);
    assert_eq!(kept[0].email.as_deref(), Some("ada@example.com"));
    assert_eq!(kept[0].name.as_deref(), Some("Lindqvist; Ada"));

    // The same file again; then one that knows more.
    assert_eq!(counts(&import(&account, text).await), (0, 0, 2));
    let more = "customer_id,email\nshop-1,ada.l@example.com\nshop-9,\n";
    assert_eq!(counts(&import(&account, more).await), (1, 1, 0));
    let log = account.logged("directory.imported").await;
    assert_eq!(log.len(), 3);
    assert!(!format!("{log:?}").contains('@'));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_customer_is_read_with_its_cards_and_an_unknown_one_stays_a_customer() {
    let account = Account::at(System::Zafapay).await;
    let add = json!({ "add_card": { "customer_id": "shop/17 ä", "brand": "visa", "last4": "4242" } });
    let card = account.system.edit(add).unwrap();
    let card = account.card(card["id"].as_str().unwrap());
    import(
        &account,
        "customer_id,email\nshop/17 ä,ada@example.com\nnobody-here,zoe@example.com\n",
    )
    .await;
    account.read().await;
    let shown = account
        .desk
        .show_card(tokendesk_desk::contract::CardRef { card_id: card })
        .await
        .unwrap();
    assert_eq!(shown.card.email.as_deref(), Some("ada@example.com"));
    assert_eq!(shown.card.last4.as_deref(), Some("4242"));
    let person = tokendesk_desk::contract::PersonRef {
        env: tokendesk_desk::contract::Env::Demo,
        person: "e:zoe@example.com".to_owned(),
    };
    let nobody = account.desk.open_person(person).await.unwrap();
    assert_eq!(nobody.counts.active, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let account = Account::at(System::Zafapay).await;
    import(&account, "customer_id,name\nshop-1,Ada\n").await;
    let request = ImportDirectory {
        dry_run: true,
        ..file(
            &account,
            "customer_id,name\nshop-1,Ada L.\nshop-2,Rita\nshop-2,Rita\n",
        )
    };
    let tried = account.desk.import_directory(request).await.unwrap();
    assert!(tried.dry_run);
    assert_eq!(counts(&tried), (1, 1, 0));
    assert_eq!(lines(&tried.duplicates), [4]);
    let kept = listed(&account, 500).await;
    assert_eq!((kept.len(), kept[0].name.as_deref()), (1, Some("Ada")));
    assert_eq!(account.logged("directory.imported").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_can_be_chosen_and_a_file_that_is_none_is_refused_whole() {
    let account = Account::at(System::Zafapay).await;
    let text = "Nummer;Adresse\nshop-1;ada@example.com\n";
    let refused = |request: ImportDirectory| {
        let desk = &account.desk;
        async move {
            let problem = desk.import_directory(request).await.unwrap_err();
            assert_eq!(problem.code, ProblemCode::DirectoryUnreadable);
            assert_eq!(problem.field.as_deref(), Some("text"));
            assert!(!problem.hint.is_empty());
            problem.detail
        }
    };
    let detail = refused(file(&account, text)).await;
    assert!(detail.contains("customer id"), "{detail}");
    let columns = |customer_id: &str| {
        Some(DirectoryColumns {
            customer_id: Some(customer_id.to_owned()),
            email: Some("Adresse".to_owned()),
            ..DirectoryColumns::default()
        })
    };
    for (text, chosen) in [
        (text, columns("Kunde")),
        (text, columns("Adresse")),
        ("", None),
        ("ada@example.com;x\nshop-1;y\n", None),
        ("customer_id\n\"shop-1\n", None),
    ] {
        let request = ImportDirectory {
            columns: chosen,
            ..file(&account, text)
        };
        let detail = refused(request).await;
        assert!(!detail.contains("ada@"), "{detail}");
    }
    assert!(listed(&account, 500).await.is_empty());
    let request = ImportDirectory {
        columns: columns("Nummer"),
        ..file(&account, text)
    };
    let imported = account.desk.import_directory(request).await.unwrap();
    assert_eq!(counts(&imported), (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_could_be_card_numbers_are_asked_about_once_and_nothing_is_stored_before() {
    let account = Account::at(System::Prism).await;
    let text = "customer,email,token\n\
                cus_1,ada@example.com,pm_1Plain\n\
                cus_2,rita@example.com,4242424242424242\n\
                cus_3,zoe@example.com,4111111111111111\n";
    let asked = import(&account, text).await;
    assert_eq!(asked.tokens_to_confirm, Some(2));
    assert_eq!(counts(&asked), (0, 0, 0));
    assert!(listed(&account, 500).await.is_empty());
    assert!(account.logged("directory.imported").await.is_empty());

    let confirmed = ImportDirectory {
        tokens_confirmed: true,
        ..file(&account, text)
    };
    let imported = account.desk.import_directory(confirmed).await.unwrap();
    assert_eq!((imported.tokens_to_confirm, counts(&imported)), (None, (3, 0, 0)));
    let kept = listed(&account, 500).await;
    assert!(kept.iter().all(|item| item.tokens == 1));
    account.read().await;
    let card = tokendesk_desk::contract::CardRef {
        card_id: account.card("pm_1Plain"),
    };
    let shown = account.desk.show_card(card.clone()).await.unwrap();
    assert_eq!(shown.card.email.as_deref(), Some("ada@example.com"));

    // Taken off this desk it stays away, until it is imported again.
    account.desk.remove_from_desk(card.clone()).await.unwrap();
    account.read().await;
    let gone = account.desk.show_card(card.clone()).await.unwrap_err();
    assert_eq!(gone.code, ProblemCode::CardUnknown);
    import(&account, "customer,token\ncus_1,pm_1Plain\n").await;
    account.read().await;
    assert!(account.desk.show_card(card).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_rows_are_taken_and_many_notes_are_counted() {
    let account = Account::at(System::Zafapay).await;
    let mut text = String::from("customer_id,email,name\n");
    for n in 0..100_000 {
        text.push_str(&format!("shop-{n:06},buyer{n}@example.com,Buyer {n}\n"));
    }
    text.push_str(&"shop-000000,buyer0@example.com,Buyer 0\n".repeat(250));
    text.push_str(&",none@example.com,\n".repeat(300));
    let imported = import(&account, &text).await;
    assert_eq!(counts(&imported), (100_000, 0, 0));
    assert_eq!((imported.duplicates.len(), imported.refused.len()), (200, 200));
    assert_eq!(imported.more_notes, 150);
    assert_eq!(listed(&account, 500).await.len(), 100_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn single_entries_are_checked_like_rows() {
    let account = Account::at(System::Zafapay).await;
    let added = account
        .desk
        .add_to_directory(AddToDirectory {
            email: Some(" ada@example.com ".to_owned()),
            ..entry(&account, " shop-1 ")
        })
        .await
        .unwrap();
    assert_eq!(counts(&added), (1, 0, 0));
    assert_eq!(listed(&account, 500).await[0].customer_id, "shop-1");
    let refused = |request: AddToDirectory| {
        let desk = &account.desk;
        async move {
            let problem: Problem = desk.add_to_directory(request).await.unwrap_err();
            (problem.code, problem.field.unwrap_or_default())
        }
    };
    let invalid = |field: &str| (ProblemCode::FieldInvalid, field.to_owned());
    assert_eq!(refused(entry(&account, "")).await, invalid("customer_id"));
    assert_eq!(refused(entry(&account, "a\nb")).await, invalid("customer_id"));
    assert_eq!(
        refused(entry(&account, &"x".repeat(256))).await,
        invalid("customer_id")
    );
    assert_eq!(refused(entry(&account, "..")).await, invalid("customer_id"));
    let bad_email = AddToDirectory {
        email: Some("ada".to_owned()),
        ..entry(&account, "shop-2")
    };
    assert_eq!(refused(bad_email).await, invalid("email"));
    assert_eq!(
        refused(entry(&account, "4111111111111111")).await,
        (ProblemCode::CardNumber, "customer_id".to_owned())
    );
    let in_the_name = AddToDirectory {
        name: Some("4111 1111 1111 1111".to_owned()),
        ..entry(&account, "shop-2")
    };
    assert_eq!(
        refused(in_the_name).await,
        (ProblemCode::CardNumber, "name".to_owned())
    );
    assert_eq!(listed(&account, 500).await.len(), 1);

    let prism = Account::at(System::Prism).await;
    let token = |confirmed| AddToDirectory {
        token: Some("4111111111111111".to_owned()),
        tokens_confirmed: confirmed,
        ..entry(&prism, "cus_1")
    };
    let asked = prism.desk.add_to_directory(token(false)).await.unwrap();
    assert_eq!((asked.tokens_to_confirm, asked.new), (Some(1), 0));
    assert!(listed(&prism, 500).await.is_empty());
    let added = prism.desk.add_to_directory(token(true)).await.unwrap();
    assert_eq!((added.tokens_to_confirm, added.new), (None, 1));
    let none = prism.desk.add_to_directory(entry(&prism, "cus_2")).await;
    let problem = none.unwrap_err();
    assert_eq!(
        (problem.code, problem.field.as_deref()),
        (ProblemCode::FieldInvalid, Some("token"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_taken_off_is_gone_with_its_cards_and_only_once() {
    let account = Account::at(System::Zafapay).await;
    let card = account
        .system
        .edit(json!({ "add_card": { "customer_id": "shop-1" } }))
        .unwrap();
    let card = account.card(card["id"].as_str().unwrap());
    import(&account, "customer_id\nshop-1\nshop-2\n").await;
    account.read().await;
    let writes = account.system.writes().len();
    let customer = DirectoryRef {
        account_id: account.id.clone(),
        customer_id: "shop-1".to_owned(),
    };
    account
        .desk
        .remove_from_directory(customer.clone())
        .await
        .unwrap();
    assert_eq!(listed(&account, 500).await.len(), 1);
    let shown = account
        .desk
        .show_card(tokendesk_desk::contract::CardRef { card_id: card })
        .await;
    assert_eq!(shown.unwrap_err().code, ProblemCode::CardUnknown);
    let again = account.desk.remove_from_directory(customer).await;
    assert_eq!(again.unwrap_err().code, ProblemCode::CustomerUnknown);
    assert_eq!(account.logged("account.directory_changed").await.len(), 1);
    assert_eq!(account.system.writes().len(), writes, "nothing at the provider");
}

#[tokio::test(flavor = "multi_thread")]
async fn systems_that_list_their_customers_have_no_directory() {
    for system in [System::Wallee, System::ProcessOut, System::Komoju] {
        let account = Account::at(system).await;
        let problem = account
            .desk
            .import_directory(file(&account, "customer_id\nshop-1\n"))
            .await
            .unwrap_err();
        assert_eq!(problem.code, ProblemCode::NotOffered, "{system}");
        let request = ListDirectory {
            account_id: account.id.clone(),
            after: None,
            limit: 10,
        };
        let problem = account.desk.list_directory(request).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::NotOffered, "{system}");
    }
}

//! Directories: files as shops really have them, and what is never taken from one.

use crate::five::{prisms_tokens, shop, zafapays_customers};
use crate::ground::{Desk, text};
use tokendesk_sandbox::Running;

fn desk(shop: &Running) -> Desk {
    let desk = Desk::new();
    for name in ["komoju", "zafapay", "prism"] {
        desk.connect_system(shop, name).json();
    }
    desk
}

fn listed(desk: &Desk, account: &str) -> u64 {
    let page = desk.run(&["--json", "directory", "list", account]).json();
    page["total"].as_u64().unwrap()
}

#[test]
fn a_file_is_tried_imported_listed_and_read() {
    let shop = shop(81);
    let desk = desk(&shop);
    let file = zafapays_customers(&shop);
    let tried = desk.import("zafapay", file.as_bytes(), &["--dry-run"]).json();
    assert_eq!((&tried["new"], &tried["dry_run"]), (&12.into(), &true.into()));
    assert_eq!(listed(&desk, "zafapay"), 0);

    let path = desk.file("shop.csv", file.as_bytes());
    let said = desk.run(&["directory", "import", "zafapay", path.to_str().unwrap()]);
    assert_eq!(
        said.words(),
        "12 new, 0 changed, 0 as before.\n`tdesk sync --account zafapay` reads their cards.\n"
    );
    let again = desk.import("zafapay", file.as_bytes(), &[]).json();
    assert_eq!((&again["new"], &again["same"]), (&0.into(), &12.into()));

    let page = desk
        .run(&["--json", "directory", "list", "zafapay", "--limit", "5"])
        .json();
    let next = text(&page["next"]);
    let rest = desk
        .run(&["--json", "directory", "list", "zafapay", "--after", &next])
        .json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 7);

    let read = desk.run(&["--json", "sync", "--account", "zafapay"]).json();
    assert!(read["items"][0]["cards"].as_u64().unwrap() > 0);
    let first = text(&page["items"][0]["customer_id"]);
    let gone = desk.run(&["directory", "remove", "zafapay", &first]);
    assert!(gone.words().contains("Nothing changed at the payment system."));
    assert_eq!(
        desk.run(&["directory", "remove", "zafapay", &first]).code(),
        "customer_unknown"
    );
    assert_eq!(listed(&desk, "zafapay"), 11);
}

#[test]
fn a_byte_order_mark_and_semicolons_are_read_and_columns_are_named() {
    let shop = shop(82);
    let desk = desk(&shop);
    let file = "\u{feff}Kundennummer;E-Mail;Name\r\nC-1;ada@example.com;\"Lovelace; Ada\"\r\nC-2;;佐藤\r\n";
    let unnamed = desk.import("zafapay", file.as_bytes(), &[]);
    assert_eq!(unnamed.code(), "directory_unreadable");
    assert_eq!(listed(&desk, "zafapay"), 0);

    let columns = ["--column", "customer_id=Kundennummer", "--column", "email=E-Mail"];
    let done = desk.import("zafapay", file.as_bytes(), &columns).json();
    assert_eq!(
        (&done["new"], &done["columns"]["name"]),
        (&2.into(), &"Name".into())
    );
    let page = desk.run(&["--json", "directory", "list", "zafapay"]).json();
    let names: Vec<&str> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Lovelace; Ada", "佐藤"]);

    for wrong in [
        "customer=Kundennummer",
        "customer_id=",
        "customer_id",
        "email=Missing",
    ] {
        let code = desk
            .import("zafapay", file.as_bytes(), &["--column", wrong])
            .code();
        assert!(
            ["field_invalid", "directory_unreadable"].contains(&code.as_str()),
            "{wrong}: {code}"
        );
    }
}

#[test]
fn a_card_number_in_a_cell_refuses_its_row_by_line_and_is_kept_nowhere() {
    let shop = shop(83);
    let desk = desk(&shop);
    let file = "customer_id;email;name\n\
        C-1;ada@example.com;Ada\n\
        C-2;grace@example.com;4242 4242 4242 4242\n\
        C-3;no-email;Joan\n\
        C-1;ada@example.com;Ada L.\n";
    let said = desk.import("zafapay", file.as_bytes(), &[]);
    assert_eq!((said.code, said.err.as_str()), (Some(1), ""), "{}", said.out);
    let done = said.out_json();
    assert_eq!(done["new"], 1);
    let lines = |member: &str| -> Vec<u64> {
        let notes = done[member].as_array().unwrap().iter();
        notes.map(|note| note["line"].as_u64().unwrap()).collect()
    };
    assert_eq!((lines("refused"), lines("duplicates")), (vec![3, 4], vec![5]));
    assert!(!said.shows("4242") && !said.shows("grace"));

    let path = desk.file("shop.csv", file.as_bytes());
    let words = desk.run(&["directory", "import", "zafapay", path.to_str().unwrap()]);
    assert_eq!(words.code, Some(1));
    assert_eq!(
        words.out,
        "0 new, 0 changed, 1 as before; 3 lines left out.\n\
         Line 3: A cell holds what looks like a card number; nothing of this row is kept.\n\
         Line 4: The email is not one.\n\
         Line 5: It repeats line 2, and says something else. The earlier line counts.\n"
    );
    let page = desk.run(&["--json", "directory", "list", "zafapay"]);
    assert!(!page.shows("C-2") && !page.shows("grace"));
    let typed = desk.run(&[
        "directory",
        "add",
        "zafapay",
        "C-9",
        "--name",
        "4242 4242 4242 4242",
    ]);
    assert_eq!(typed.code(), "card_number");
    assert!(!typed.shows("4242"));
}

#[test]
fn tokens_that_could_be_card_numbers_are_asked_about_once() {
    let shop = shop(84);
    let desk = desk(&shop);
    let file = "customer_id,email,token\nC-1,ada@example.com,4242424242424242\nC-2,,tok-a1\n";
    let asked = desk.import("prism", file.as_bytes(), &[]);
    assert_eq!((asked.code, asked.err.as_str()), (Some(1), ""));
    assert_eq!(asked.out_json()["tokens_to_confirm"], 1);
    assert_eq!(listed(&desk, "prism"), 0);
    let path = desk.file("tokens.csv", file.as_bytes());
    let words = desk.run(&["directory", "import", "prism", path.to_str().unwrap()]);
    assert!(
        words.out.contains("Nothing was stored.") && words.out.contains("--tokens-confirmed"),
        "{}",
        words.out
    );

    let done = desk
        .import("prism", file.as_bytes(), &["--tokens-confirmed"])
        .json();
    assert_eq!(done["new"], 2);
    desk.run(&[
        "directory",
        "add",
        "prism",
        "--email",
        "grace@example.com",
        "--token",
        "tok-b2",
    ])
    .words();
    assert_eq!(listed(&desk, "prism"), 3);
}

#[test]
fn what_is_no_such_file_is_said_so_and_nothing_is_stored() {
    let shop = shop(85);
    let desk = desk(&shop);
    let utf16: Vec<u8> = "customer_id\nC-1\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let latin = b"customer_id,name\nC-1,Ada\nC-2,J\xfcrgen\n";
    for (bytes, says) in [
        (&b""[..], "Nothing was stored."),
        (b"name\nAda\n", "customer id"),
        (b"customer_id,customer_id\nC-1,C-1\n", "Nothing was stored."),
        (&utf16, "Nothing was stored."),
        (latin, "Line 3 is not UTF-8 text."),
    ] {
        let said = desk.import("zafapay", bytes, &[]);
        assert_eq!(said.code(), "directory_unreadable", "{says}");
        assert!(text(&said.problem()["detail"]).contains(says), "{}", said.err);
    }
    let nowhere = desk.run(&["directory", "import", "zafapay", "/nowhere/shop.csv"]);
    assert!(text(&nowhere.problem()["detail"]).contains("There is no such file."));
    assert_eq!(listed(&desk, "zafapay"), 0);

    // KOMOJU lists its customers itself.
    let file = zafapays_customers(&shop);
    assert_eq!(desk.import("komoju", file.as_bytes(), &[]).code(), "not_offered");
    assert_eq!(desk.run(&["directory", "list", "komoju"]).code(), "not_offered");
}

#[test]
fn what_was_taken_off_this_desk_comes_back_with_an_import_only() {
    let shop = shop(86);
    let desk = desk(&shop);
    let file = prisms_tokens(&shop);
    desk.import("prism", file.as_bytes(), &[]).json();
    desk.run(&["--json", "sync", "--account", "prism"]).json();
    let card = desk.run(&["--json", "cards", "--account", "prism"]).json()["items"][0].clone();
    let id = text(&card["id"]);
    let said = desk.run(&["card", "remove-here", &id, "--yes"]);
    assert!(said.words().contains("Nothing happened at the payment system."));
    desk.run(&["--json", "sync", "--account", "prism"]).json();
    assert_eq!(desk.run(&["card", "show", &id]).code(), "card_unknown");
    desk.import("prism", file.as_bytes(), &[]).json();
    desk.run(&["--json", "sync", "--account", "prism"]).json();
    let back = desk.run(&["--json", "card", "show", &id]).json();
    assert_eq!(back["card"]["remote_id"], card["remote_id"]);
    assert_eq!(
        shop.system("prism").truth(&text(&card["remote_id"])).unwrap()["gone"],
        false
    );
}

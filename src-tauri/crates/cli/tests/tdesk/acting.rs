//! What each system does with a wish, and what is done at once; nothing of it tells a secret.

use crate::five::{ALL, credentials, prisms_tokens, shop, zafapays_customers};
use crate::ground::{Desk, finish, text};
use serde_json::Value;
use tokendesk_sandbox::Running;

/// All five connected, imported and read.
fn read(shop: &Running) -> Desk {
    let desk = Desk::of_five(shop);
    desk.import("zafapay", zafapays_customers(shop).as_bytes(), &[])
        .json();
    desk.import("prism", prisms_tokens(shop).as_bytes(), &[]).json();
    desk.run(&["--json", "sync"]).json();
    desk
}

/// A card of an account that fits.
fn card(desk: &Desk, account: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let page = desk
        .run(&["--json", "cards", "--account", account, "--limit", "1000"])
        .json();
    let mut items = page["items"].as_array().unwrap().iter();
    items
        .find(|card| fits(card))
        .expect("the world has such a card")
        .clone()
}

fn truth(shop: &Running, account: &str, id: &Value) -> Value {
    shop.system(account).truth(&text(id)).unwrap()
}

#[test]
fn each_switch_reaches_what_carries_it_or_is_refused_honestly() {
    let shop = shop(101);
    let desk = read(&shop);
    let can_be_default = |card: &Value, chargeable: bool| {
        card["state"] == "active" && card["is_default"] == false && card["chargeable"] == chargeable
    };

    let of_processout = card(&desk, "processout", |card| can_be_default(card, true));
    let id = text(&of_processout["id"]);
    let queued = desk.run(&["card", "default", &id]);
    assert!(
        queued.words().starts_with("Held: make it the default, "),
        "{}",
        queued.out
    );
    desk.run(&["card", "one-click", &id, "off"]).words();

    let of_zafapay = card(&desk, "zafapay", |card| card["state"] == "active");
    let id = text(&of_zafapay["id"]);
    assert_eq!(desk.run(&["card", "deactivate", &id]).code(), "reason_required");
    desk.run(&["card", "deactivate", &id, "--reason", "reported lost"])
        .words();
    assert_eq!(desk.run(&["card", "delete", &id, "--yes"]).code(), "not_offered");
    assert_eq!(desk.run(&["card", "one-click", &id, "off"]).code(), "not_offered");
    assert_eq!(desk.run(&["card", "new-details", &id]).code(), "not_offered");

    let of_komoju = card(&desk, "komoju", |card| card["state"] == "active");
    let id = text(&of_komoju["id"]);
    let told = desk.run(&["card", "deletion", &id]);
    assert!(
        told.words().contains("deleting it deletes the customer record"),
        "{}",
        told.out
    );
    let deleted = desk.run(&["card", "delete", &id, "--yes"]);
    assert!(
        deleted
            .words()
            .contains("deleting it deletes the customer record"),
        "{}",
        deleted.out
    );

    let of_prism = card(&desk, "prism", |_| true);
    let id = text(&of_prism["id"]);
    assert_eq!(desk.run(&["card", "delete", &id, "--yes"]).code(), "not_offered");
    for (field, value) in [("active", "off"), ("one-click", "on")] {
        desk.run(&["card", "note", &id, field, value]).words();
    }
    let shown = desk.run(&["card", "show", &id]);
    assert!(
        shown.words().contains("inactive and one-click on, ada"),
        "{}",
        shown.out
    );
    assert!(
        desk.run(&["card", "note", &id, "active", "clear"])
            .words()
            .contains("The note is gone.")
    );

    let pushed = desk.run(&["--json", "changes", "push"]).json();
    assert_eq!((&pushed["done"], &pushed["stuck"]), (&4.into(), &0.into()));
    let token = truth(&shop, "processout", &of_processout["remote_id"]);
    assert_eq!(token["is_default"], true);
    assert_eq!(token["metadata"]["tokendesk_one_click"], "false");
    let blocked = truth(&shop, "zafapay", &of_zafapay["remote_id"]);
    assert_eq!(
        (&blocked["status"], &blocked["blocked_reason"]),
        (&"blocked".into(), &"reported lost".into())
    );
    assert_eq!(truth(&shop, "komoju", &of_komoju["remote_id"])["gone"], true);

    // One that cannot be charged is not made the default, and the change says so.
    let failed = card(&desk, "processout", |card| can_be_default(card, false));
    desk.run(&["card", "default", &text(&failed["id"])]).words();
    assert_eq!(desk.run(&["--json", "changes", "push"]).json()["stuck"], 1);
    let listed = desk.run(&["changes", "list"]);
    assert!(
        listed.words().contains("stuck: ProcessOut left it as it was"),
        "{}",
        listed.out
    );
}

#[test]
fn a_verification_says_what_it_would_do_how_it_ended_and_what_is_left_to_do() {
    let shop = shop(102);
    let desk = read(&shop);
    let id = text(&card(&desk, "prism", |_| true)["id"]);
    let offer = desk.run(&["card", "verify", &id]);
    assert!(
        offer.words().contains("2.00 EUR") && offer.words().contains("--confirm VERIFY"),
        "{}",
        offer.out
    );
    let transactions = || shop.system("prism").truth("transactions").unwrap()["transactions"].clone();
    let before = transactions();
    let verify = |id: &str, amount: &str, currency: &str, word: &str| {
        desk.run(&[
            "card",
            "verify",
            id,
            "--amount",
            amount,
            "--currency",
            currency,
            "--confirm",
            word,
        ])
    };
    for (amount, currency, word, code) in [
        ("1.00", "EUR", "verify", "confirmation_missing"),
        ("-1.00", "EUR", "VERIFY", "amount_invalid"),
        ("2.01", "EUR", "VERIFY", "amount_invalid"),
        ("0", "EUR", "VERIFY", "amount_invalid"),
        ("1.00", "XXX", "VERIFY", "amount_invalid"),
    ] {
        // A leading hyphen is an option to the command line unless it stands behind an equals sign.
        let amount = format!("--amount={amount}");
        let said = desk.run(&[
            "card",
            "verify",
            &id,
            &amount,
            "--currency",
            currency,
            "--confirm",
            word,
        ]);
        assert_eq!(said.code(), code, "{amount} {currency} {word}");
    }
    assert_eq!(transactions(), before, "nothing was sent");

    let done = verify(&id, "1.00", "eur", "VERIFY");
    assert!(
        done.words().starts_with("1.00 EUR, voided. The card works."),
        "{}",
        done.out
    );
    let again = desk.run(&["card", "verify", &id]);
    assert!(
        again.words().contains("Verified before") && again.words().contains("voided"),
        "{}",
        again.out
    );

    // A connector that charges although it was asked to hold.
    let file = b"customer_id,email,token\n,grace@example.com,sandbox_charged\n";
    desk.import("prism", file, &[]).json();
    desk.run(&["--json", "sync", "--account", "prism"]).json();
    let charged = text(&card(&desk, "prism", |card| card["remote_id"] == "sandbox_charged")["id"]);
    let said = verify(&charged, "1.00", "EUR", "VERIFY");
    assert_eq!((said.code, said.err.as_str()), (Some(1), ""), "{}", said.out);
    let command = said.out.lines().last().unwrap();
    let verification = command.split_whitespace().nth(3).unwrap().trim_end_matches('`');
    assert!(command.starts_with("`tdesk card refund "), "{}", said.out);
    let back = desk.run(&["--json", "card", "refund", verification]).json();
    assert_eq!(
        (&back["outcome"], &back["refundable"]),
        (&"refunded".into(), &false.into())
    );
    assert_eq!(desk.run(&["card", "refund", verification]).code(), "not_offered");
    let elsewhere = text(&card(&desk, "komoju", |_| true)["id"]);
    assert_eq!(verify(&elsewhere, "1.00", "EUR", "VERIFY").code(), "not_offered");
}

#[test]
fn whole_records_go_with_their_confirmation_and_ids_are_recognised() {
    let shop = shop(103);
    let desk = read(&shop);
    let of_processout = card(&desk, "processout", |card| card["state"] == "active");
    let customer = text(&of_processout["customer_id"]);
    let said = desk.run(&["what-is", &customer]);
    let asks = format!("`tdesk what-is {customer} --live processout` asks now.");
    assert!(
        said.words().contains("Customer at ProcessOut. It is known here.") && said.words().contains(&asks),
        "{}",
        said.out
    );
    let live = desk
        .run(&["--json", "what-is", &customer, "--live", "processout"])
        .json();
    assert_eq!(live["found"], true);
    for (pasted, kind) in [
        (
            text(&of_processout["remote_id"]),
            "Saved card at ProcessOut. It is known here.",
        ),
        (
            "pmi_unknown1".to_owned(),
            "Saved card at Zafapay. It is not known here.",
        ),
        (
            "pm_unknown1".to_owned(),
            "Connector token at Prism. It is not known here.",
        ),
        (
            "card_unknown1".to_owned(),
            "Card token at ProcessOut. It is not known here.",
        ),
        ("700123".to_owned(), "Saved card at wallee. It is not known here."),
        (
            "ada".to_owned(),
            "This looks like no id of a payment system known here.",
        ),
    ] {
        let said = desk.run(&["what-is", &pasted]);
        assert!(said.words().contains(kind), "{pasted}: {}", said.out);
    }
    let number = desk.run(&["what-is", "4242 4242 4242 4242"]);
    assert_eq!(number.code(), "card_number");
    let absent = desk
        .run(&["--json", "what-is", "cust_nobody", "--live", "processout"])
        .json();
    assert_eq!(absent["found"], false);

    let delete = |end: &str| desk.run(&["customer", "delete", "processout", &customer, "--confirm", end]);
    assert_eq!(delete("none").code(), "confirmation_missing");
    assert_eq!(
        truth(&shop, "processout", &of_processout["customer_id"])["gone"],
        false
    );
    let end = &customer[customer.len() - 4..];
    assert_eq!(
        delete(end).words(),
        "ProcessOut has deleted the record and no longer finds it.\n"
    );
    assert_eq!(
        truth(&shop, "processout", &of_processout["customer_id"])["gone"],
        true
    );
    let elsewhere = desk.run(&["customer", "delete", "zafapay", "C-1", "--confirm", "C-1"]);
    assert_eq!(elsewhere.code(), "not_offered");

    // Somebody the hosted page never kept anything of.
    let nobody = desk.run(&["customer", "forget-one-click", "komoju", "shop-0"]);
    assert_eq!(nobody.code(), "not_found_at_provider");
    assert_eq!(
        desk.run(&["customer", "forget-one-click", "prism", "shop-0"])
            .code(),
        "not_offered"
    );
}

#[test]
fn a_token_is_created_once_under_its_external_id_and_a_page_asks_for_new_details() {
    let shop = shop(106);
    let desk = Desk::of_five(&shop);
    desk.run(&["--json", "sync", "--account", "wallee"]).json();
    let create = |external: &str, email: &str| {
        let line = [
            "card",
            "create",
            "wallee",
            "--customer",
            "C-1",
            "--email",
            email,
            "--external-id",
            external,
        ];
        desk.run(&line)
    };
    let first = create("order-7", "grace@example.com");
    assert!(first.words().starts_with("Created token "), "{}", first.out);
    assert_eq!(create("order-7", "grace@example.com").words(), first.out);
    let known = shop.tokens_by_email("grace@example.com");
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].external_id, "order-7");
    assert_eq!(
        create("4242 4242 4242 4242", "grace@example.com").code(),
        "card_number"
    );
    assert_eq!(create("order-8", "grace").code(), "field_invalid");

    let id = first.out.split_whitespace().last().unwrap();
    let page = desk.run(&["card", "new-details", id]);
    let address = page.words().lines().next().unwrap();
    assert!(address.starts_with(&format!("{}/", shop.origin)), "{}", page.out);
    assert!(page.out.contains("nothing is charged"), "{}", page.out);
    assert_eq!(desk.run(&["card", "create", "komoju"]).code(), "not_offered");
}

#[test]
fn reading_what_the_bench_and_directories_hold_works_beside_another_program() {
    let shop = shop(104);
    let desk = read(&shop);
    desk.run(&["--json", "flow", "run", "komoju", "token_in_payment"])
        .json();
    let run = text(&desk.run(&["--json", "flow", "runs", "komoju"]).json()["items"][0]["id"]);
    // The folder is held by a read that does not end.
    crate::reading::hang(&shop);
    let mut holder = desk.start(&["--json", "sync", "--account", "wallee", "--full"]);
    crate::reading::wait_for_a_request(&shop);
    for args in [
        &["flow", "list", "komoju"][..],
        &["flow", "runs", "komoju"],
        &["flow", "show", &run],
        &["flow", "tokens", "komoju"],
        &["directory", "list", "zafapay"],
        &["account", "can", "prism"],
        &["what-is", "pmi_unknown1"],
    ] {
        assert!(!desk.run(args).words().is_empty(), "{args:?}");
    }
    for args in [
        &["flow", "begin", "komoju", "token_in_payment"][..],
        &["directory", "remove", "zafapay", "C-1"],
        &["account", "pause", "komoju"],
    ] {
        assert_eq!(desk.run(args).code(), "desk_in_use", "{args:?}");
    }
    holder.kill().unwrap();
    holder.wait().unwrap();
}

#[test]
fn no_log_and_no_file_holds_a_secret_or_an_email_of_any_system() {
    let shop = shop(105);
    let desk = Desk::new();
    let mut secrets: Vec<String> = Vec::new();
    let traced = |args: &[&str], input: &str, secrets: &[String]| {
        let mut command = desk.program(args);
        command.env("TOKENDESK_LOG", "trace");
        let said = finish(command, input);
        assert_eq!(said.code, Some(0), "{args:?}: {}", said.err);
        assert!(!said.err.contains('@'), "{args:?}: {}", said.err);
        for secret in secrets {
            assert!(!said.shows(secret), "{args:?}");
        }
        said.out
    };
    for name in ALL {
        let (args, secret) = credentials(&shop.system(name), name);
        // A JSON object is a secret member by member.
        match serde_json::from_str::<serde_json::Map<String, Value>>(&secret) {
            Ok(members) => secrets.extend(members.values().map(text)),
            Err(_) => secrets.push(secret.clone()),
        }
        let mut line = vec!["account", "add", name, "--label", name, "--env", "demo"];
        line.extend(args.iter().map(String::as_str));
        traced(&line, &secret, &secrets);
        traced(&["account", "check", name], "", &secrets);
    }
    let zafapay = desk.file("zafapay.csv", zafapays_customers(&shop).as_bytes());
    let prism = desk.file("prism.csv", prisms_tokens(&shop).as_bytes());
    traced(
        &["directory", "import", "zafapay", zafapay.to_str().unwrap()],
        "",
        &secrets,
    );
    traced(
        &["directory", "import", "prism", prism.to_str().unwrap()],
        "",
        &secrets,
    );
    traced(&["sync"], "", &secrets);
    for (account, flow) in [
        ("processout", "token_without_verification"),
        ("komoju", "token_in_customer"),
        ("zafapay", "token_payment"),
        ("prism", "authorize_hold"),
    ] {
        traced(&["flow", "run", account, flow], "", &secrets);
    }
    let page = traced(&["--json", "cards", "--account", "komoju"], "", &secrets);
    let page: Value = serde_json::from_str(&page).unwrap();
    let card = text(&page["items"][0]["id"]);
    traced(&["card", "one-click", &card, "off"], "", &secrets);
    traced(&["changes", "push"], "", &secrets);
    crate::safety::files(&desk.data(), &mut |path| {
        let bytes = std::fs::read(path).unwrap();
        for needle in secrets.iter().map(String::as_str).chain(["example."]) {
            assert!(!crate::safety::hold(&bytes, needle), "{}", path.display());
        }
    });
}

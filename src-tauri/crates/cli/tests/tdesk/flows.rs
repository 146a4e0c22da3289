//! The test bench from a terminal: every flow of every system, its outcomes, and what is refused.

use crate::five::{ALL, credentials, shop};
use crate::ground::{Desk, started, text};
use serde_json::Value;
use tokendesk_sandbox::{Options, Running};

/// Minutes and hours of the lifetimes of single-use tokens.
const MINUTE_MS: i64 = 60_000;

/// One whole run: account, flow, what is chosen, and each step that was run with its outcome.
type Walk = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

const USED: &str = "payment_token_already_used";
const CARD_USED: &str = "request.source.card-already-used";

const WALKS: &[Walk] = &[
    // wallee: the life of a token, whose state no documented update has, and a page for new card details.
    (
        "wallee",
        "token_life",
        &[],
        &[
            ("create", "created"),
            ("create_again", "same_token"),
            ("deactivate", "ignored"),
            ("activate", "unchanged"),
            ("delete", "deleting"),
            ("read", "deleting"),
        ],
    ),
    (
        "wallee",
        "new_details",
        &[],
        &[
            ("create", "created"),
            ("page", "page"),
            ("details", "none"),
            ("delete", "deleting"),
        ],
    ),
    // ProcessOut: without verification, and the five statuses of a verification.
    (
        "processout",
        "token_without_verification",
        &["currency=EUR"],
        &[
            ("create_customer", "created"),
            ("change_currency", "unchanged"),
            ("create_card", "created"),
            ("create_token", "not-requested"),
            ("use_again", CARD_USED),
            ("read_token", "not-requested"),
            ("list_tokens", "1 found"),
            ("delete_token", "deleted"),
            ("delete_customer", "deleted"),
        ],
    ),
    (
        "processout",
        "token_with_verification",
        &[],
        &[
            ("create_customer", "created"),
            ("create_card", "created"),
            ("create_token", "pending"),
            ("attach_card", "success"),
            ("read_token", "success"),
            ("list_tokens", "1 found"),
            ("delete_token", "deleted"),
            ("delete_customer", "deleted"),
        ],
    ),
    (
        "processout",
        "token_with_verification",
        &["way=at_once", "card=visa_denied"],
        &[
            ("create_customer", "created"),
            ("create_card", "created"),
            ("create_token", "card.declined"),
            ("list_tokens", "1 found"),
            ("delete_token", "deleted"),
            ("delete_customer", "deleted"),
        ],
    ),
    (
        "processout",
        "token_with_verification",
        &["card=visa_3ds"],
        &[
            ("create_customer", "created"),
            ("create_card", "created"),
            ("create_token", "pending"),
            ("attach_card", "pending"),
            ("card_holder", "success"),
            ("read_token", "success"),
            ("list_tokens", "1 found"),
            ("delete_token", "deleted"),
            ("delete_customer", "deleted"),
        ],
    ),
    (
        "processout",
        "token_with_verification",
        &["card=visa_3ds", "answer=refused"],
        &[
            ("create_customer", "created"),
            ("create_card", "created"),
            ("create_token", "pending"),
            ("attach_card", "pending"),
            ("card_holder", "card.failed-authentication"),
            ("read_token", "failed"),
            ("list_tokens", "1 found"),
            ("delete_token", "deleted"),
            ("delete_customer", "deleted"),
        ],
    ),
    (
        "processout",
        "token_with_verification",
        &["card=visa_3ds", "card_holder.answer=lost"],
        &[
            ("create_customer", "created"),
            ("create_card", "created"),
            ("create_token", "pending"),
            ("attach_card", "pending"),
            ("card_holder", "unknown"),
            ("read_token", "unknown"),
            ("list_tokens", "1 found"),
            ("delete_token", "deleted"),
            ("delete_customer", "deleted"),
        ],
    ),
    // KOMOJU: one token in each of its places, and one without a card.
    (
        "komoju",
        "token_in_payment",
        &["pay.amount=100"],
        &[
            ("create_token", "created"),
            ("pay", "captured"),
            ("use_again", "refused"),
        ],
    ),
    (
        "komoju",
        "token_in_session",
        &[],
        &[
            ("create_session", "pending"),
            ("create_token", "created"),
            ("pay_session", "completed"),
            ("use_again", "refused"),
        ],
    ),
    (
        "komoju",
        "token_in_customer",
        &["email=grace@example.com"],
        &[
            ("create_token", "created"),
            ("create_customer", "saved"),
            ("use_again", "refused"),
            ("delete_customer", "deleted"),
        ],
    ),
    (
        "komoju",
        "token_by_email",
        &[],
        &[
            ("create_email_token", "created"),
            ("pay", "authorized"),
            ("cancel_payment", "cancelled"),
        ],
    ),
    (
        "komoju",
        "token_expiry",
        &[],
        &[
            ("create_token", "created"),
            ("look", "unused"),
            ("use_late", "captured"),
        ],
    ),
    // Zafapay: the four test cards, and an authorization that is captured.
    (
        "zafapay",
        "token_payment",
        &[],
        &[
            ("create_token", "created"),
            ("pay", "completed"),
            ("use_again", USED),
            ("read_payment", "completed"),
            ("finish", "succeeded"),
            ("saved_card", "saved"),
            ("pay_saved", "completed"),
        ],
    ),
    (
        "zafapay",
        "token_payment",
        &["capture=manual", "action=capture", "save_card=no"],
        &[
            ("create_token", "created"),
            ("pay", "authorized"),
            ("use_again", USED),
            ("read_payment", "authorized"),
            ("finish", "completed"),
        ],
    ),
    (
        "zafapay",
        "token_payment",
        &["card=visa_3ds"],
        &[
            ("create_token", "created"),
            ("pay", "requires_action"),
            ("use_again", USED),
            ("read_payment", "requires_action"),
            ("finish", "invalid_status"),
            ("saved_card", "none"),
        ],
    ),
    (
        "zafapay",
        "token_payment",
        &["card=visa_declined"],
        &[
            ("create_token", "created"),
            ("pay", "failed"),
            ("use_again", USED),
            ("saved_card", "none"),
        ],
    ),
    (
        "zafapay",
        "token_payment",
        &["card=visa_no_funds"],
        &[
            ("create_token", "created"),
            ("pay", "failed"),
            ("use_again", USED),
            ("saved_card", "none"),
        ],
    ),
    // Prism: both calls, held and charged.
    (
        "prism",
        "token_authorize_hold",
        &[],
        &[
            ("authorize", "AUTHORIZED"),
            ("read", "AUTHORIZED"),
            ("void", "VOIDED"),
        ],
    ),
    (
        "prism",
        "authorize_hold",
        &["currency=JPY"],
        &[
            ("authorize", "AUTHORIZED"),
            ("read", "AUTHORIZED"),
            ("void", "VOIDED"),
        ],
    ),
    (
        "prism",
        "token_authorize_charge",
        &[],
        &[
            ("authorize", "CHARGED"),
            ("read", "CHARGED"),
            ("refund", "REFUND_SUCCESS"),
        ],
    ),
    (
        "prism",
        "authorize_charge",
        &[],
        &[
            ("authorize", "CHARGED"),
            ("read", "CHARGED"),
            ("refund", "REFUND_SUCCESS"),
        ],
    ),
    (
        "prism",
        "capture",
        &[],
        &[
            ("authorize", "AUTHORIZED"),
            ("read", "AUTHORIZED"),
            ("capture", "CHARGED"),
            ("refund", "REFUND_SUCCESS"),
        ],
    ),
    (
        "prism",
        "token_authorize_hold",
        &["token=declined"],
        &[("authorize", "UNKNOWN (402)")],
    ),
];

fn steps(run: &Value) -> Vec<(String, String)> {
    let done = run["done"].as_array().unwrap().iter();
    done.map(|step| (text(&step["step"]), text(&step["outcome"])))
        .collect()
}

/// Arguments that run a flow.
fn line<'a>(account: &'a str, flow: &'a str, choose: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["--json", "flow", "run", account, flow];
    for choice in choose {
        args.extend(["--choose", choice]);
    }
    args
}

#[test]
fn every_flow_of_every_system_ends_as_its_documents_say() {
    let shop = shop(91);
    let desk = Desk::of_five(&shop);
    for (account, flow, choose, expected) in WALKS {
        let said = desk.run(&line(account, flow, choose));
        let secret = credentials(&shop.system(account), account).1;
        for number in [
            "4242424242424242",
            "4111111111111111",
            "4000002500003155",
            "4000000000000002",
            secret.as_str(),
        ] {
            assert!(!said.shows(number), "{account} {flow}");
        }
        let run = said.json();
        let steps = steps(&run);
        let told: Vec<(&str, &str)> = steps
            .iter()
            .map(|(step, outcome)| (step.as_str(), outcome.as_str()))
            .collect();
        assert_eq!(told, *expected, "{account} {flow} {choose:?}");
        for step in run["done"].as_array().unwrap() {
            assert_eq!(step["result"], "as_documented", "{step}");
            assert!(!text(&step["meaning"]).is_empty(), "{step}");
        }
    }
    // No flow is offered that is not walked here.
    for account in ALL {
        let flows = desk.run(&["--json", "flow", "list", account]).json();
        for flow in flows["items"].as_array().unwrap() {
            let id = text(&flow["id"]);
            let is_walked = WALKS
                .iter()
                .any(|walk| (walk.0, walk.1) == (account, id.as_str()));
            assert!(is_walked, "{account} {id}");
        }
    }
}

#[test]
fn what_a_step_led_to_is_told_in_words_and_read_again_later() {
    let shop = shop(92);
    let desk = Desk::of_five(&shop);
    let said = desk.run(&[
        "flow",
        "run",
        "zafapay",
        "token_payment",
        "--choose",
        "card=visa_3ds",
    ]);
    let words = said.words();
    for told in [
        "Create a token: created\n",
        "Card: Visa •••• 3155\n",
        "Pay with the token: requires_action\n  3-D Secure is needed: nothing is paid yet.\n",
        "Page for the buyer: http://127.0.0.1:",
        "POST /v1/payments → 202, ",
        "Pay with the saved card: left out, because what it needs was not made\n",
    ] {
        assert!(words.contains(told), "{told} in\n{words}");
    }
    let runs = desk.run(&["--json", "flow", "runs", "zafapay"]).json();
    let run = text(&runs["items"][0]["id"]);
    assert!(words.ends_with(&format!(
        "`tdesk flow show {run}` shows every request and answer.\n"
    )));
    assert!(
        desk.run(&["flow", "runs", "zafapay"])
            .words()
            .contains("token_payment")
    );

    let shown = desk.run(&["flow", "show", &run]);
    let words = shown.words();
    assert!(
        words.contains("\"status\": \"requires_action\"") && words.contains("•••• 3155"),
        "{words}"
    );
    assert!(!words.contains("4000002500003155"), "{words}");

    // A wallee that takes the state does what no document says.
    shop.set_switch("state_patch", "accepts").unwrap();
    let accepted = desk.run(&["flow", "run", "wallee", "token_life"]);
    assert_eq!(accepted.code, Some(1));
    let told = "Switch it off: accepted, which is not as documented\n";
    assert!(accepted.out.contains(told), "{}", accepted.out);

    // A run that did not go as documented fails the command, and tells all the same what came.
    let charged = desk.run(&line("prism", "token_authorize_hold", &["token=charged"]));
    assert_eq!((charged.code, charged.err.as_str()), (Some(1), ""));
    let first = &charged.out_json()["done"][0];
    assert_eq!(
        (&first["outcome"], &first["result"]),
        (&"CHARGED".into(), &"otherwise".into())
    );
    shop.system("komoju").stop_listening().unwrap();
    let lost = desk.run(&line("komoju", "token_in_payment", &[]));
    assert_eq!(lost.code, Some(1));
    let done = &lost.out_json()["done"];
    assert_eq!(
        (done.as_array().unwrap().len(), &done[0]["result"]),
        (1, &"failed".into())
    );
}

#[test]
fn a_flow_is_walked_step_by_step_while_time_passes() {
    let shop = shop(93);
    let desk = Desk::of_five(&shop);
    for (account, flow, lifetime_ms, late) in [
        ("komoju", "token_expiry", 24 * 60 * MINUTE_MS, "refused"),
        (
            "zafapay",
            "token_payment",
            30 * MINUTE_MS,
            "payment_token_expired",
        ),
    ] {
        let begun = desk.run(&["--json", "flow", "begin", account, flow]).json();
        let run = text(&begun["id"]);
        assert_eq!(
            (&begun["next_step"], &begun["done"]),
            (&"create_token".into(), &Value::Array(Vec::new()))
        );
        let after = desk.run(&["--json", "flow", "step", &run]).json();
        assert_eq!(steps(&after), [("create_token".to_owned(), "created".to_owned())]);

        let tokens = desk.run(&["--json", "flow", "tokens", account]).json();
        let token = &tokens["items"][0];
        assert_eq!(token["status"], "usable");
        let left = token["seconds_left"].as_i64().unwrap() * 1_000;
        assert!(
            left <= lifetime_ms && left > lifetime_ms - 10 * MINUTE_MS,
            "{left}"
        );
        assert!(
            desk.run(&["flow", "tokens", account])
                .words()
                .contains("usable for 2")
        );

        shop.system(account).pass_time(lifetime_ms + MINUTE_MS);
        let step = if account == "komoju" { "use_late" } else { "pay" };
        let over = desk.run(&["--json", "flow", "step", &run, step]).json();
        assert_eq!(steps(&over)[1], (step.to_owned(), late.to_owned()));
        let tokens = desk.run(&["--json", "flow", "tokens", account]).json();
        assert_eq!(tokens["items"][0]["status"], "expired", "{account}");
    }
}

#[test]
fn what_no_flow_offers_is_refused_before_anything_is_sent() {
    let shop = shop(94);
    let desk = Desk::of_five(&shop);
    let komoju = shop.system("komoju");
    let before = komoju.requests();
    for (args, code, says) in [
        (
            &["komoju", "token_in_paymnet"][..],
            "flow_step_invalid",
            "token_in_payment",
        ),
        (
            &["komoju", "token_in_payment", "--choose", "card"],
            "flow_step_invalid",
            "CHOICE=VALUE",
        ),
        (
            &["komoju", "token_in_payment", "--choose", "card=visa_gold"],
            "flow_step_invalid",
            "visa_ok",
        ),
        (
            &["komoju", "token_in_payment", "--choose", "colour=red"],
            "flow_step_invalid",
            "amount, card",
        ),
        (
            &["komoju", "token_in_payment", "--choose", "use_again.card=visa_ok"],
            "flow_step_invalid",
            "amount, card",
        ),
        (
            &["komoju", "token_in_customer", "--skip", "create_token"],
            "flow_step_invalid",
            "delete_customer",
        ),
        (
            &["komoju", "token_in_customer", "--choose", "card=4111111111111111"],
            "flow_step_invalid",
            "visa_ok",
        ),
    ] {
        let mut line = vec!["flow", "run"];
        line.extend(args);
        let said = desk.run(&line);
        assert_eq!(said.code(), code, "{args:?}");
        assert!(
            text(&said.problem()["detail"]).contains(says),
            "{args:?}: {}",
            said.err
        );
        assert!(!said.shows("4111111111111111"));
    }
    let run = text(
        &desk
            .run(&["--json", "flow", "begin", "komoju", "token_in_customer"])
            .json()["id"],
    );
    let early = desk.run(&["flow", "step", &run, "create_customer"]);
    assert_eq!(early.code(), "flow_step_invalid");
    assert!(
        text(&early.problem()["detail"]).contains("create_token comes first"),
        "{}",
        early.err
    );
    assert_eq!(desk.run(&["flow", "step", "no-run"]).code(), "flow_step_invalid");
    assert_eq!(komoju.requests(), before);

    // A card number is no free text either; by then the token is made, and nothing else.
    let email = desk.run(&[
        "flow",
        "run",
        "komoju",
        "token_in_customer",
        "--choose",
        "email=4242 4242 4242 4242",
    ]);
    assert_eq!(email.code, Some(1));
    assert!(
        email.err.contains("\"card_number\"") && !email.shows("4242 4242"),
        "{}",
        email.err
    );
    // The flows want the browser's key.
    let bare = Desk::new();
    let (_, secret) = credentials(&komoju, "komoju");
    let args = [
        "account",
        "add",
        "komoju",
        "--label",
        "komoju",
        "--env",
        "demo",
        "--host",
        &komoju.origin,
    ];
    bare.run_with(&args, &secret).words();
    let said = bare.run(&["flow", "run", "komoju", "token_in_payment"]);
    assert_eq!(said.code(), "bench_not_here");
    assert!(
        text(&said.problem()["detail"]).contains("publishable key"),
        "{}",
        said.err
    );
}

fn live_shop() -> Running {
    let shop = started(Options {
        customers: 12,
        seed: 95,
        tls: true,
        systems: vec!["wallee".to_owned(), "prism".to_owned()],
        ..Options::default()
    });
    shop.set_switch("environment", "PRODUCTION").unwrap();
    shop
}

#[test]
fn a_live_account_has_no_test_bench_and_verifies_only_when_that_was_allowed() {
    let shop = live_shop();
    let mut desk = Desk::new();
    desk.trust(shop.ca_pem.as_ref().unwrap());
    desk.connect_as("wallee", &shop, "live", &shop.origin, &shop.key)
        .json();
    let prism = shop.system("prism");
    let config = prism.connection()["connector_configs"]["adyen"].to_string();
    let args = [
        "--json",
        "account",
        "add",
        "prism",
        "--label",
        "prism",
        "--env",
        "live",
        "--host",
        &prism.origin,
        "--connector",
        "adyen",
    ];
    let account = desk.run_with(&args, &config).json();
    assert_eq!(
        (&account["has_bench"], &account["verification_allowed"]),
        (&false.into(), &false.into())
    );
    let before = (shop.requests(), prism.requests());
    for name in ["wallee", "prism"] {
        for args in [
            &["flow", "list", name][..],
            &["flow", "begin", name, "token_authorize_hold"],
            &["flow", "run", name, "token_authorize_hold"],
            &["flow", "runs", name],
        ] {
            let said = desk.run(args);
            assert_eq!(said.code(), "bench_not_here", "{args:?}");
            assert!(
                text(&said.problem()["detail"]).contains("It is a live account."),
                "{}",
                said.err
            );
        }
    }
    assert_eq!((shop.requests(), prism.requests()), before);

    let rows = prism.truth("directory/Adyen").unwrap()["rows"].clone();
    let row = &rows[0];
    let file = format!(
        "customer_id,email,token\n{},,{}\n",
        text(&row["customer"]),
        text(&row["token"])
    );
    desk.import("prism", file.as_bytes(), &[]).json();
    desk.run(&["--json", "sync", "--account", "prism"]).json();
    let card = text(&desk.run(&["--json", "cards", "--account", "prism"]).json()["items"][0]["id"]);
    let verify = [
        "--json",
        "card",
        "verify",
        &card,
        "--amount",
        "1.00",
        "--currency",
        "EUR",
        "--confirm",
        "VERIFY",
    ];
    assert_eq!(desk.run(&verify).code(), "verification_not_allowed");
    let offer = desk.run(&["card", "verify", &card]);
    assert!(
        offer.words().contains("Verifying by money is off for prism."),
        "{}",
        offer.out
    );
    let allowed = desk.run(&["account", "allow-verification", "prism", "on"]);
    assert!(
        allowed.words().contains("is allowed for prism"),
        "{}",
        allowed.out
    );
    // Adyen takes a void and does it later: until somebody has looked, a hold may be there.
    let done = desk.run(&verify);
    assert_eq!((done.code, done.err.as_str()), (Some(1), ""), "{}", done.out);
    assert_eq!(done.out_json()["outcome"], "void_unconfirmed");
    desk.run(&["account", "allow-verification", "prism", "off"])
        .words();
    assert_eq!(desk.run(&verify).code(), "verification_not_allowed");
}

//! Calls answered directly: messages written and read by field number, as the fact sheet lists them.

use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use serde_json::{Value, json};

use super::connector::Connector;
use super::proto::{Message, Writer};
use super::{Prism, grpc};
use crate::people::People;
use crate::system::{System, SystemOptions};
use crate::truth::EditError;
use crate::wire::{Call, Reply};

const TOKEN_AUTHORIZE: &str = "/types.PaymentService/TokenAuthorize";
const AUTHORIZE: &str = "/types.PaymentService/Authorize";
const VOID: &str = "/types.PaymentService/Void";
const CAPTURE: &str = "/types.PaymentService/Capture";
const REFUND: &str = "/types.PaymentService/Refund";
const GET: &str = "/types.PaymentService/Get";
const REVOKE: &str = "/types.RecurringPaymentService/Revoke";

const EUR: i64 = 45;
const MANUAL: i64 = 2;

fn prism() -> Prism {
    Prism::new(&SystemOptions {
        customers: 40,
        seed: 5,
        month_start_ms: 1_790_000_000_000,
        people: People::Own,
    })
}

fn ask_with(prism: &Prism, config: Option<&str>, path: &str, message: Writer) -> Reply {
    let mut headers = HeaderMap::new();
    if let Some(config) = config {
        headers.insert("x-connector-config", HeaderValue::from_str(config).unwrap());
    }
    prism.answer(&Call {
        method: "POST".to_owned(),
        target: path.to_owned(),
        headers,
        body: Bytes::from(message.finish()),
    })
}

fn ask(prism: &Prism, connector: Connector, path: &str, message: Writer) -> Reply {
    ask_with(
        prism,
        Some(&connector.config(prism.seed).to_string()),
        path,
        message,
    )
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply
        .headers
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| text.as_str())
}

/// gRPC's code; 0 for a message.
fn code(reply: &Reply) -> u8 {
    header(reply, grpc::STATUS).map_or(0, |text| text.parse().unwrap())
}

fn is_silent(reply: &Reply) -> bool {
    header(reply, grpc::SILENCE).is_some()
}

fn read(reply: &Reply) -> Message<'_> {
    assert_eq!(code(reply), 0, "{:?}", reply.headers);
    Message::read(&reply.body).unwrap()
}

fn money(amount: i64) -> Writer {
    Writer::default().number(1, amount).number(2, EUR)
}

fn address() -> Writer {
    Writer::default().message(2, Writer::default())
}

fn token_authorize(token: &str, customer: Option<&str>, reference: &str) -> Writer {
    let message = Writer::default()
        .text(1, reference)
        .message(2, money(100))
        .secret(3, token)
        .message(5, address())
        .number(6, MANUAL)
        .text(7, "https://shop.example/back");
    match customer {
        Some(id) => message.message(4, Writer::default().text(4, id)),
        None => message,
    }
}

/// Authorizes and gives the processor's id.
fn hold(prism: &Prism, connector: Connector, token: &str, reference: &str) -> String {
    let reply = ask(
        prism,
        connector,
        TOKEN_AUTHORIZE,
        token_authorize(token, None, reference),
    );
    read(&reply).text(2).unwrap()
}

fn id(number: u32, id: &str) -> Writer {
    Writer::default().text(number, id)
}

/// Holds, voids and charges of a reference.
fn counts(prism: &Prism, wanted: &str) -> (u64, u64, u64) {
    let truth = prism.truth(wanted).unwrap();
    let count = |name: &str| truth[name].as_u64().unwrap();
    (count("held"), count("voided"), count("charged"))
}

/// The first token of a connector's directory, made to work, and its customer.
fn first(prism: &Prism, connector: &str) -> (String, String) {
    let directory = prism.truth(&format!("directory/{connector}")).unwrap();
    let row = &directory["rows"][0];
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    prism
        .edit(json!({ "token": text("token"), "outcome": "ok" }))
        .unwrap();
    (text("token"), text("customer"))
}

fn switch(prism: &Prism, name: &str, value: &str) {
    prism.set_switch(name, value).unwrap();
}

#[test]
fn the_same_seed_gives_the_same_directory_and_shared_people_are_everybodys() {
    let (one, other) = (prism(), prism());
    assert_eq!(one.ids(), other.ids());
    assert!(one.ids().len() >= 40);
    assert!(
        one.ids()
            .iter()
            .all(|id| id.starts_with("pm_1") && id.len() == 27)
    );
    let shared = Prism::new(&SystemOptions {
        customers: 40,
        seed: 5,
        month_start_ms: 0,
        people: People::Shared,
    });
    let emails = |prism: &Prism| {
        let rows = prism.truth("directory").unwrap()["rows"].clone();
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["email"].clone())
            .collect::<Vec<Value>>()
    };
    assert!(emails(&shared).contains(&json!(crate::people::person(5, 30).email)));
    assert_ne!(emails(&shared), emails(&one));
}

#[test]
fn a_hold_is_made_and_voided_by_both_calls() {
    let prism = prism();
    let (token, customer) = first(&prism, "Stripe");
    let reply = ask(
        &prism,
        Connector::Stripe,
        TOKEN_AUTHORIZE,
        token_authorize(&token, Some(&customer), "ref-1"),
    );
    let answer = read(&reply);
    assert_eq!(answer.number(3), Some(6));
    let made = answer.text(2).unwrap();
    assert!(made.starts_with("pi_3"));
    // The processor's id, not ours.
    assert_eq!(answer.text(1).as_deref(), Some(made.as_str()));
    assert_eq!(answer.message(20).unwrap().number(1), Some(100));
    assert_eq!(counts(&prism, "ref-1"), (1, 0, 0));

    let voided = ask(&prism, Connector::Stripe, VOID, id(2, &made).text(1, "void-1"));
    assert_eq!(read(&voided).number(2), Some(11));
    assert_eq!(counts(&prism, "ref-1"), (0, 1, 0));

    let method = Writer::default().message(8, Writer::default().secret(1, &token));
    let message = Writer::default()
        .text(1, "ref-2")
        .message(2, money(100))
        .message(5, method)
        .number(6, MANUAL)
        .message(7, Writer::default().text(4, &customer))
        .message(8, address())
        .number(9, 2)
        .text(14, "https://shop.example/back");
    let reply = ask(&prism, Connector::Stripe, AUTHORIZE, message);
    assert_eq!(read(&reply).number(3), Some(6));
    assert_eq!(counts(&prism, "ref-2"), (1, 0, 0));
}

#[test]
fn without_a_capture_method_money_is_taken() {
    let prism = prism();
    let message = Writer::default()
        .text(1, "ref")
        .message(2, money(500))
        .secret(3, "pm_card_visa")
        .message(5, address());
    let reply = ask(&prism, Connector::Stripe, TOKEN_AUTHORIZE, message);
    assert_eq!(read(&reply).number(3), Some(8));
    assert_eq!(counts(&prism, "ref"), (0, 0, 1));
    let made = read(&reply).text(2).unwrap();
    assert_eq!(code(&ask(&prism, Connector::Stripe, VOID, id(2, &made))), 3);

    let refund = |amount: i64| {
        ask(
            &prism,
            Connector::Stripe,
            REFUND,
            id(2, &made).number(3, 500).message(4, money(amount)),
        )
    };
    let reply = refund(500);
    assert_eq!(read(&reply).number(3), Some(4));
    assert_eq!(code(&refund(1)), 3);
    assert_eq!(
        prism.truth(&made).unwrap()["transactions"][0]["refunded"],
        json!(500)
    );
}

#[test]
fn a_hold_is_captured_once_and_not_beyond_its_amount() {
    let prism = prism();
    let made = hold(&prism, Connector::Stripe, "pm_sandbox_ok", "ref");
    let capture = |amount: i64| {
        ask(
            &prism,
            Connector::Stripe,
            CAPTURE,
            id(2, &made).message(3, money(amount)),
        )
    };
    assert_eq!(code(&capture(101)), 3);
    let reply = capture(100);
    assert_eq!(read(&reply).number(2), Some(8));
    assert_eq!(code(&capture(100)), 3);
    let reply = ask(&prism, Connector::Stripe, GET, id(2, &made));
    assert_eq!(read(&reply).number(2), Some(8));
    assert_eq!(read(&reply).number(9), Some(100));
}

#[test]
fn test_tokens_come_to_what_they_are_called() {
    let prism = prism();
    let pay = |name: &str| {
        ask(
            &prism,
            Connector::Stripe,
            TOKEN_AUTHORIZE,
            token_authorize(&format!("pm_sandbox_{name}"), None, name),
        )
    };
    let declined = pay("declined");
    assert_eq!(code(&declined), 2);
    assert!(header(&declined, grpc::MESSAGE).unwrap().ends_with("status 402"));
    assert_eq!(counts(&prism, "declined"), (0, 0, 0));

    let inside = pay("declined_in_answer");
    assert_eq!(read(&inside).number(3), Some(21));
    let details = read(&inside).message(4).unwrap().message(3).unwrap();
    assert_eq!(details.text(1).as_deref(), Some("card_declined"));

    let confirm = pay("needs_customer");
    assert_eq!(read(&confirm).number(3), Some(4));
    assert!(read(&confirm).message(7).is_some());
    assert_eq!(counts(&prism, "needs_customer"), (0, 0, 0));

    assert_eq!(read(&pay("charged")).number(3), Some(8));
    assert_eq!(counts(&prism, "charged"), (0, 0, 1));
    assert_eq!(
        read(&pay("other_amount")).message(20).unwrap().number(1),
        Some(200)
    );
    assert_eq!(read(&pay("status_19")).number(3), Some(19));
    assert_eq!(counts(&prism, "status_19"), (1, 0, 0));
    assert_eq!(code(&pay("gone")), 3);
    for (status, expected) in [(400, 3), (401, 16), (409, 2), (422, 2), (500, 13), (503, 14)] {
        assert_eq!(code(&pay(&format!("http_{status}"))), expected, "{status}");
    }
    assert!(is_silent(&pay("authorize_unanswered")));
    assert_eq!(counts(&prism, "authorize_unanswered"), (1, 0, 0));

    let void = |name: &str| {
        let made = hold(&prism, Connector::Stripe, &format!("pm_sandbox_{name}"), name);
        ask(&prism, Connector::Stripe, VOID, id(2, &made))
    };
    assert!(is_silent(&void("void_unanswered")));
    assert_eq!(counts(&prism, "void_unanswered"), (0, 1, 0));
    assert!(is_silent(&void("void_lost")));
    assert_eq!(counts(&prism, "void_lost"), (1, 0, 0));
    assert_eq!(code(&void("void_refused")), 3);
    assert_eq!(counts(&prism, "void_refused"), (1, 0, 0));
    assert_eq!(read(&void("void_status_15")).number(2), Some(15));
    assert_eq!(counts(&prism, "void_status_15"), (1, 0, 0));
}

#[test]
fn what_prism_does_not_check_reaches_the_processor() {
    let prism = prism();
    let pay = |amount: i64, token: &str| {
        let message = Writer::default()
            .text(1, "odd")
            .message(2, money(amount))
            .secret(3, token)
            .message(5, address())
            .number(6, MANUAL);
        ask(&prism, Connector::Stripe, TOKEN_AUTHORIZE, message)
    };
    for (amount, token) in [(-100, "pm_sandbox_ok"), (0, "pm_sandbox_ok"), (100, "")] {
        assert_eq!(read(&pay(amount, token)).number(3), Some(6));
    }
    assert_eq!(counts(&prism, "odd"), (3, 0, 0));
    switch(&prism, "odd_values", "refuses");
    assert_eq!(code(&pay(-100, "pm_sandbox_ok")), 3);

    let elsewhere = ask(&prism, Connector::Stripe, VOID, id(2, "pi_1/../../customers"));
    assert_eq!(code(&elsewhere), 5);
    assert_eq!(
        prism.truth("strayed").unwrap()["strayed"],
        json!(["pi_1/../../customers"])
    );
}

#[test]
fn nothing_is_idempotent() {
    let prism = prism();
    hold(&prism, Connector::Stripe, "pm_sandbox_ok", "twice");
    hold(&prism, Connector::Stripe, "pm_sandbox_ok", "twice");
    assert_eq!(counts(&prism, "twice"), (2, 0, 0));
    assert_eq!(prism.truth("transactions").unwrap(), json!({ "transactions": 2 }));
}

#[test]
fn adyen_takes_a_void_and_ends_it_later() {
    let prism = prism();
    let made = hold(&prism, Connector::Adyen, "sandbox_ok", "ref");
    let reply = ask(&prism, Connector::Adyen, VOID, id(2, &made));
    assert_eq!(read(&reply).number(2), Some(20));
    assert_eq!(counts(&prism, "ref"), (1, 0, 0));
    prism.pass_time(5_000);
    assert_eq!(counts(&prism, "ref"), (0, 1, 0));
    assert_eq!(code(&ask(&prism, Connector::Adyen, GET, id(2, &made))), 13);

    switch(&prism, "adyen_void", "final");
    let made = hold(&prism, Connector::Adyen, "sandbox_ok", "at once");
    let reply = ask(&prism, Connector::Adyen, VOID, id(2, &made));
    assert_eq!(read(&reply).number(2), Some(11));
    assert_eq!(counts(&prism, "at once"), (0, 1, 0));
}

#[test]
fn each_connector_asks_for_what_it_needs() {
    let prism = prism();
    let (stripe, customer) = first(&prism, "Stripe");
    let alone = || {
        ask(
            &prism,
            Connector::Stripe,
            TOKEN_AUTHORIZE,
            token_authorize(&stripe, None, "r"),
        )
    };
    assert_eq!(code(&alone()), 3);
    switch(&prism, "stripe_without_customer", "takes");
    assert_eq!(code(&alone()), 0);
    let _ = customer;

    let (adyen, shopper) = first(&prism, "Adyen");
    let at_adyen = |customer: Option<&str>| {
        ask(
            &prism,
            Connector::Adyen,
            TOKEN_AUTHORIZE,
            token_authorize(&adyen, customer, "r"),
        )
    };
    assert_eq!(code(&at_adyen(None)), 2);
    assert_eq!(code(&at_adyen(Some(&shopper))), 0);
    switch(&prism, "adyen_without_shopper", "takes");
    assert_eq!(code(&at_adyen(None)), 0);
    let no_return = Writer::default()
        .message(2, money(100))
        .secret(3, &adyen)
        .message(5, address())
        .number(6, MANUAL);
    assert_eq!(
        code(&ask(&prism, Connector::Adyen, TOKEN_AUTHORIZE, no_return)),
        3
    );

    let (instrument, _) = first(&prism, "Cybersource");
    let at_cybersource = || {
        ask(
            &prism,
            Connector::Cybersource,
            TOKEN_AUTHORIZE,
            token_authorize(&instrument, None, "r"),
        )
    };
    assert_eq!(code(&at_cybersource()), 3);
    switch(&prism, "cybersource_stored", "takes");
    assert_eq!(code(&at_cybersource()), 0);

    let at_noon = || {
        ask(
            &prism,
            Connector::Noon,
            TOKEN_AUTHORIZE,
            token_authorize("sandbox_ok", None, "r"),
        )
    };
    assert_eq!(code(&at_noon()), 9);
    switch(&prism, "unsupported_flow", "UNIMPLEMENTED");
    assert_eq!(code(&at_noon()), 12);

    let no_address = Writer::default().message(2, money(1)).secret(3, "pm_sandbox_ok");
    assert_eq!(
        code(&ask(&prism, Connector::Stripe, TOKEN_AUTHORIZE, no_address)),
        3
    );
}

#[test]
fn revoking_takes_the_token_away_where_the_connector_can() {
    let prism = prism();
    let both = |id: &str| Writer::default().text(1, "r").text(2, id).text(3, id);
    for connector in [Connector::Cybersource, Connector::Noon] {
        let (token, _) = first(&prism, connector.name());
        let reply = ask(&prism, connector, REVOKE, both(&token));
        assert_eq!(read(&reply).number(1), Some(4));
        assert_eq!(read(&reply).text(6), None);
        assert_eq!(prism.truth(&token).unwrap()["gone"], json!(true));
        let again = code(&ask(&prism, connector, REVOKE, both(&token)));
        assert_eq!(again, if connector == Connector::Noon { 3 } else { 5 });
        prism.edit(json!({ "token": token, "revoked": false })).unwrap();
        assert_eq!(prism.truth(&token).unwrap()["gone"], json!(false));
    }
    // Noon reads another field than Cybersource.
    let (token, _) = first(&prism, "Cybersource");
    let reply = ask(&prism, Connector::Cybersource, REVOKE, id(2, &token));
    assert_eq!(code(&reply), 3);

    let (token, _) = first(&prism, "Noon");
    switch(&prism, "noon_revoke_readable", "off");
    let reply = ask(&prism, Connector::Noon, REVOKE, both(&token));
    assert_eq!(code(&reply), 13);
    assert_eq!(prism.truth(&token).unwrap()["gone"], json!(true));

    for connector in [Connector::Stripe, Connector::Adyen] {
        let (token, _) = first(&prism, connector.name());
        assert_eq!(code(&ask(&prism, connector, REVOKE, both(&token))), 9);
        assert_eq!(prism.truth(&token).unwrap()["gone"], json!(false));
    }
}

#[test]
fn credentials_are_looked_at_by_prism_and_then_by_the_processor() {
    let prism = prism();
    let get = |config: Option<&str>| code(&ask_with(&prism, config, GET, id(2, "pi_1")));
    assert_eq!(get(None), 16);
    switch(&prism, "missing_config", "INVALID_ARGUMENT");
    assert_eq!(get(None), 3);
    for unfit in [
        "",
        "{}",
        r#"{"config":{}}"#,
        r#"{"config":{"Stripe":{}}}"#,
        r#"{"config":{"stripe":{"api_key":"x"}}}"#,
        r#"{"config":{"Nobody":{"api_key":"x"}}}"#,
        r#"{"api_key":"x"}"#,
    ] {
        assert_eq!(get(Some(unfit)), 9, "{unfit}");
    }
    assert_eq!(
        get(Some(r#"{"config":{"Stripe":{"api_key":"sk_test_other"}}}"#)),
        16
    );
    let right = prism.connection("http://127.0.0.1:1");
    assert_eq!(right["endpoint"], json!("http://127.0.0.1:1"));
    let header = json!({ "config": { "Stripe": right["connector_config"] } });
    assert_eq!(get(Some(&header.to_string())), 5);
    assert_eq!(right["connector"], json!("stripe"));
}

#[test]
fn newer_servers_say_more_and_name_other_fields() {
    let prism = prism();
    let pay = |token: &str| {
        ask(
            &prism,
            Connector::Stripe,
            TOKEN_AUTHORIZE,
            token_authorize(token, None, "mine"),
        )
    };
    switch(&prism, "error_details", "on");
    let declined = pay("pm_sandbox_declined");
    assert!(
        header(&declined, grpc::MESSAGE)
            .unwrap()
            .contains("card_declined")
    );
    switch(&prism, "authorized_amount", "number");
    let reply = pay("pm_sandbox_ok");
    assert_eq!(read(&reply).number(15), Some(100));
    assert!(read(&reply).message(20).is_none());
    switch(&prism, "authorized_amount", "none");
    let reply = pay("pm_sandbox_ok");
    assert_eq!(read(&reply).number(15), None);
    switch(&prism, "echoed_ids", "caller");
    let reply = pay("pm_sandbox_ok");
    assert_eq!(read(&reply).text(1).as_deref(), Some("mine"));
}

#[test]
fn a_reason_for_a_void_is_one_of_stripes_own() {
    let prism = prism();
    let made = hold(&prism, Connector::Stripe, "pm_sandbox_ok", "r");
    let void = |reason: &str| {
        code(&ask(
            &prism,
            Connector::Stripe,
            VOID,
            id(2, &made).text(3, reason),
        ))
    };
    assert_eq!(void("just so"), 3);
    assert_eq!(counts(&prism, "r"), (1, 0, 0));
    switch(&prism, "stripe_void_reason", "takes");
    assert_eq!(void("just so"), 0);
}

#[test]
fn the_rest_of_adyens_work_is_pending_too() {
    let prism = prism();
    let made = hold(&prism, Connector::Adyen, "sandbox_ok", "r");
    let capture = ask(
        &prism,
        Connector::Adyen,
        CAPTURE,
        id(2, &made).message(3, money(100)),
    );
    assert_eq!(read(&capture).number(2), Some(20));
    let refund = || {
        let message = id(2, &made).number(3, 100).message(4, money(50));
        read(&ask(&prism, Connector::Adyen, REFUND, message)).number(3)
    };
    assert_eq!(refund(), Some(3));
    switch(&prism, "adyen_capture", "final");
    assert_eq!(refund(), Some(4));
}

#[test]
fn the_health_service_answers_or_is_absent() {
    let prism = prism();
    let check = || ask_with(&prism, None, "/grpc.health.v1.Health/Check", Writer::default());
    assert_eq!(read(&check()).number(1), Some(1));
    switch(&prism, "health", "off");
    assert_eq!(code(&check()), 12);
    assert_eq!(
        code(&ask(
            &prism,
            Connector::Stripe,
            "/types.Nothing/Else",
            Writer::default()
        )),
        12
    );
}

#[test]
fn edits_name_a_token_and_an_outcome_that_exist() {
    let prism = prism();
    let (token, customer) = first(&prism, "Stripe");
    assert_eq!(
        prism.edit(json!({ "token": "pm_1", "revoked": true })),
        Err(EditError::NoSuchObject)
    );
    assert!(matches!(
        prism.edit(json!({ "token": token, "outcome": "something" })),
        Err(EditError::Shape(_))
    ));
    prism
        .edit(json!({ "token": token, "outcome": "declined" }))
        .unwrap();
    let message = token_authorize(&token, Some(&customer), "r");
    assert_eq!(code(&ask(&prism, Connector::Stripe, TOKEN_AUTHORIZE, message)), 2);
    prism.edit(json!({ "token": token, "revoked": true })).unwrap();
    assert!(!prism.ids().contains(&token));
    assert_eq!(prism.truth(&token).unwrap()["revoked_by"], json!("somebody else"));
}

//! Neither key nor email nor card number reaches a log, an error or a Debug output of KOMOJU's client. A program of its own:
//! which lines are logged is decided for a whole process at once, and no other test may have a say in it.

// Functions outside tests unwrap for the same reason tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "komoju/place.rs"]
#[allow(dead_code, reason = "made for the tests beside this one")]
mod place;

use place::{Place, credentials};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tokendesk_providers::PaymentSystem;
use tokendesk_providers::bench::FlowState;
use tokendesk_sandbox::{Fault, FaultBody};
use tracing_subscriber::filter::LevelFilter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_most_talkative_log_holds_no_secret() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let place = Place::new(30);
    let komoju = &place.komoju;
    let id = place.with_card();
    place
        .system
        .edit(json!({ "id": id, "email": "rita@example.org" }))
        .unwrap();
    let current = place.token(&id).await;
    komoju.set_active(&current, false, None).await.unwrap();
    komoju.forget_one_click("rita@example.org").await.unwrap_err();
    place.fault(
        "GET",
        "/customers",
        Some(1),
        Fault::Status {
            status: 422,
            retry_after: None,
            body: FaultBody::Json,
        },
    );
    let error = komoju.read_customer("rita@example.org").await.unwrap_err();
    let bench = komoju.bench().unwrap();
    let choices = BTreeMap::from([("email".to_owned(), "rita@example.org".to_owned())]);
    bench
        .run(
            "token_by_email",
            "create_email_token",
            &choices,
            FlowState::default(),
        )
        .await
        .unwrap();
    let card = bench
        .run(
            "token_in_payment",
            "create_token",
            &BTreeMap::new(),
            FlowState::default(),
        )
        .await
        .unwrap();

    let connection = place.system.connection();
    let keys: Vec<&str> = ["secret_key", "publishable_key"]
        .map(|name| connection[name].as_str().unwrap())
        .to_vec();
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("/api/v1/customers/"), "the log was listened to");
    let shown = format!(
        "{komoju:?} {:?} {error:?} {error} {card:?}",
        credentials(&place.system)
    );
    for text in [&log, &shown] {
        for secret in ["rita@", "rita%40", "Basic ", "4111111111111111", keys[0], keys[1]] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

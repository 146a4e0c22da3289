//! Neither credentials nor tokens nor what a processor said raw reach a log, an error or a Debug output.

use crate::playing::{Playing, request};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tokendesk_model::{TokenSnapshot, TokenState};
use tokendesk_providers::PaymentSystem;
use tokendesk_providers::verify::VerifyRequest;
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

// On one thread, so that everything the client does is listened to.
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

    let playing = Playing::start();
    playing.server.set_switch("error_details", "on").unwrap();
    let (token, customer) = playing.imported("Stripe");
    let account = playing.account("stripe");
    let asked = VerifyRequest {
        connector_customer: Some(customer.clone()),
        ..request(&token, "td-quiet")
    };
    let verifier = account.verifier().unwrap();
    let done = verifier.verify(&asked).await.unwrap();
    let declined = verifier
        .verify(&request("sandbox_declined", "td-declined"))
        .await
        .unwrap();
    let (mandate, _) = playing.imported("Noon");
    let noon = playing.account("noon");
    noon.delete_token(&TokenSnapshot::new(&mandate, TokenState::Active))
        .await
        .unwrap();
    let error = noon
        .delete_token(&TokenSnapshot::new(&mandate, TokenState::Active))
        .await
        .unwrap_err();
    let shown = format!(
        "{done:?} {declined:?} {error:?} {error} {:?} {:?}",
        playing.credentials("stripe"),
        error.message
    );

    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("/types.PaymentService/TokenAuthorize"),
        "the log was listened to"
    );
    let stripe = playing.key("stripe");
    let key = stripe.split('"').nth(3).unwrap();
    assert!(key.starts_with("sk_test_"));
    for text in [&log, &shown] {
        for secret in [
            key,
            "sk_test_",
            "api_key",
            token.as_str(),
            mandate.as_str(),
            "client_secret",
        ] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    assert!(!log.contains(&customer));
}

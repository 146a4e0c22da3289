//! Neither key nor email nor a customer id that is one reaches a log, an error or a Debug output.

use crate::{Shop, credentials};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tokendesk_providers::{PaymentSystem, TokenRef};
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
    let shop = Shop::new();
    let customer = "rita@example.org";
    shop.add_card(customer);
    // A place that logs is looked at when it is first passed, by whichever test does; a new listener looks at all of them.
    shop.cards(customer).await.unwrap();
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let cards = shop.cards(customer).await.unwrap();
    let token = &cards.tokens[0];
    shop.client
        .set_active(token, false, Some("asked by rita@example.org"))
        .await
        .unwrap();
    let mut shown = format!("{:?} {:?}", shop.client, credentials(&shop.system));
    shop.system.set_switch("merchant", "forbidden").unwrap();
    let error = shop.client.read_token(TokenRef::of(token)).await.unwrap_err();
    shown.push_str(&format!("{error:?} {error} {:?}", error.message));

    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("/v1/customers/…/payment-methods"), "{log}");
    let connection = shop.system.connection();
    for text in [&log, &shown] {
        for secret in [
            "rita@",
            "rita%40",
            "Bearer",
            connection["access_token"].as_str().unwrap(),
            connection["publishable_key"].as_str().unwrap(),
        ] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

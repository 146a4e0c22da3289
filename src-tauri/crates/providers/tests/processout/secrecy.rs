//! Neither key nor email reaches a log, an error or a Debug output.

use crate::{Shop, credentials, entry};
use base64::Engine as _;
use serde_json::json;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokendesk_providers::{PaymentSystem, TokenRef};
use tracing_subscriber::filter::LevelFilter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

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
    let shop = Shop::of(3);
    let customer = shop.customer(Some("rita@example.org"));
    shop.card(&customer, json!({ "mail": "rita@example.org" }));
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // A place that logs remembers whether anybody listened when it was first passed, by whichever test did that; one that
    // is being passed for the first time just now remembers it a moment later.
    let own = format!("/customers/{customer}/tokens");
    for _ in 0..100 {
        tracing::callsite::rebuild_interest_cache();
        shop.cards(&customer).await.unwrap();
        if lines.text().contains(&own) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let cards = shop
        .client
        .cards_of(&entry(&customer, Some("rita@example.org")))
        .await
        .unwrap();
    let token = &cards.tokens[0];
    shop.client.set_active(token, false, None).await.unwrap();
    let mut shown = format!("{:?} {:?}", shop.client, credentials(&shop.system));
    shop.system.set_switch("may_read_tokens", "off").unwrap();
    let error = shop.client.read_token(TokenRef::of(token)).await.unwrap_err();
    shown.push_str(&format!("{error:?} {error} {:?}", error.message));

    let log = lines.text();
    assert!(log.contains(&own), "{log}");
    let connection = shop.system.connection();
    let (project, secret) = (
        connection["project"].as_str().unwrap(),
        connection["secret"].as_str().unwrap(),
    );
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{project}:{secret}"));
    for text in [&log, &shown] {
        for hidden in ["rita@", "rita%40", "Basic ", secret, &basic] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
    }
}

//! Neither key nor token nor email reaches a log, an error or a Debug output.

use crate::scripted::{KEY, Reply, Scripted, json};
use serde_json::json as value;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tokendesk_providers::{CustomerLookup, PaymentSystem};
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

    let token = value!({"id":7,"version":2,"customerEmailAddress":"rita@example.org","customerId":"88"});
    let server = Scripted::start([
        json(200, value!({"data":[token],"hasMore":false})),
        json(
            422,
            value!({"id":"rita@example.org","message":"no rita@example.org"}),
        ),
        Reply::HangUp,
    ])
    .await;
    let wallee = server.wallee();
    let tokens = wallee
        .tokens_of(CustomerLookup::Email("rita@example.org"))
        .await
        .unwrap();
    assert_eq!(tokens.len(), 1);
    let mut shown = format!("{wallee:?} {:?}", server.credentials());
    for _ in 0..2 {
        let error = wallee
            .tokens_of(CustomerLookup::Email("rita@example.org"))
            .await
            .unwrap_err();
        shown.push_str(&format!(
            "{error:?} {error} {:?} {:?}",
            error.message, error.request_id
        ));
    }

    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("/api/v2.0/payment/tokens/search"),
        "the log was listened to"
    );
    for text in [&log, &shown] {
        for secret in ["rita@", "rita%40", "Bearer", "eyJ", KEY, "AAECAwQF"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

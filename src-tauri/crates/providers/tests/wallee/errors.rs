//! What breaks on the way, and what the provider says no with.

use crate::scripted::{Reply, Scripted, answer, credentials, impatient, json};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::time::Duration;
use tokendesk_model::{Environment, Origin};
use tokendesk_providers::wallee::Wallee;
use tokendesk_providers::{HttpOptions, PaymentSystem, ProviderError, ProviderErrorKind as Kind, RetryKind};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

async fn error_of(reply: Reply) -> ProviderError {
    Scripted::start([reply])
        .await
        .wallee()
        .list_tokens(None, 10)
        .await
        .unwrap_err()
}

async fn error_at(origin: &str, environment: Environment) -> ProviderError {
    let credentials = credentials(Origin::parse(origin).unwrap(), environment);
    Wallee::new(credentials, HttpOptions::default())
        .unwrap()
        .list_tokens(None, 10)
        .await
        .unwrap_err()
}

#[tokio::test]
async fn statuses_become_kinds() {
    for (status, kind) in [
        (400, Kind::Refused),
        (401, Kind::Unauthorized),
        (403, Kind::Forbidden),
        (404, Kind::NotFound),
        (406, Kind::Unexpected),
        (409, Kind::VersionConflict),
        (416, Kind::OffsetTooLarge),
        (422, Kind::Refused),
        (429, Kind::RateLimited),
        (500, Kind::ServerFailed),
    ] {
        let error = error_of(json(
            status,
            r#"{"id":"e-17","code":"c","message":"Not for rita@example.org","errors":{}}"#,
        ))
        .await;
        assert_eq!((error.kind, error.status), (kind, Some(status)));
        assert_eq!(error.request_id.as_deref(), Some("e-17"));
        assert_eq!(error.message.as_deref(), Some("Not for [email]"));
    }
}

#[tokio::test]
async fn waiting_times_are_passed_on() {
    let wait = |headers: &'static [(&'static str, &'static str)], status| async move {
        error_of(answer(status, headers, "{}")).await.retry()
    };
    assert_eq!(wait(&[], 429).await, RetryKind::Transient { retry_after: None });
    assert_eq!(
        wait(&[("Retry-After", "7")], 429).await,
        RetryKind::Transient {
            retry_after: Some(Duration::from_secs(7))
        }
    );
    assert_eq!(
        wait(
            &[
                ("Date", "Tue, 03 Feb 2026 10:00:00 GMT"),
                ("Retry-After", "Tue, 03 Feb 2026 10:01:00 GMT")
            ],
            503
        )
        .await,
        RetryKind::Transient {
            retry_after: Some(Duration::from_secs(60))
        }
    );
}

#[tokio::test]
async fn a_page_of_html_is_a_failing_server() {
    let error = error_of(answer(
        502,
        &[("Content-Type", "text/html")],
        "<html>Bad gateway</html>",
    ))
    .await;
    assert_eq!(
        (error.kind, error.status, error.message),
        (Kind::ServerFailed, Some(502), None)
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Scripted::start([json(200, r#"{"data":[],"hasMore":false}"#)]).await;
    let location = format!("{}/api/v2.0/payment/tokens", elsewhere.credentials().origin);
    for status in [301, 302, 307, 308] {
        let error = error_of(answer(status, &[("Location", &location)], "")).await;
        assert_eq!((error.kind, error.status), (Kind::Unexpected, Some(status)));
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_401_with_the_clocks_apart_says_by_how_much() {
    let server_time: DateTime<Utc> = "2026-02-03T10:00:00Z".parse().unwrap();
    for (ahead, kind) in [
        (
            600,
            Kind::ClockSkew {
                ahead_by_seconds: 600,
            },
        ),
        (
            -600,
            Kind::ClockSkew {
                ahead_by_seconds: -600,
            },
        ),
        (90, Kind::Unauthorized),
    ] {
        let reply = answer(401, &[("Date", "Tue, 03 Feb 2026 10:00:00 GMT")], "{}");
        let server = Scripted::start([reply]).await;
        let clock = Arc::new(move || server_time + TimeDelta::seconds(ahead));
        let wallee = Wallee::with_clock(server.credentials(), HttpOptions::default(), clock).unwrap();
        let error = wallee.list_tokens(None, 10).await.unwrap_err();
        assert_eq!((error.kind, error.retry()), (kind, RetryKind::Credentials));
        assert_eq!(
            server.requests()[0].claims()["iat"],
            server_time.timestamp() + ahead
        );
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_lost() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"data\":[{\"id\":1}".to_vec();
    let cut_head = b"HTTP/1.1 200 OK\r\nContent-Le".to_vec();
    let cut_chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{\"data\":".to_vec();
    for reply in [
        Reply::HangUp,
        Reply::Bytes(cut),
        Reply::Bytes(cut_head),
        Reply::Bytes(cut_chunk),
    ] {
        let error = error_of(reply).await;
        assert_eq!((error.kind, error.may_have_been_done()), (Kind::AnswerLost, true));
    }
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{".to_vec();
    for said in [Vec::new(), half] {
        let server = Scripted::start([Reply::Stall(said)]).await;
        let error = server
            .wallee_with(impatient())
            .list_tokens(None, 10)
            .await
            .unwrap_err();
        assert_eq!((error.kind, error.may_have_been_done()), (Kind::Timeout, true));
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = error_at(&origin, Environment::Demo).await;
    assert_eq!(
        (error.kind, error.may_have_been_done()),
        (Kind::Unreachable, false)
    );
    let error = error_at("https://tokendesk-no-such-host.invalid", Environment::Test).await;
    assert_eq!(
        (error.kind, error.retry()),
        (Kind::Unreachable, RetryKind::Network)
    );
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_a_tls_problem() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    assert_eq!(error_at(&origin, Environment::Test).await.kind, Kind::Tls);
}

#[tokio::test]
async fn an_endless_body_is_given_up() {
    let mut bytes = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    bytes.resize(17 * 1024 * 1024, b' ');
    let server = Scripted::start([Reply::Bytes(bytes)]).await;
    let error = server.wallee().list_tokens(None, 10).await.unwrap_err();
    assert_eq!((error.kind, error.status), (Kind::Unreadable, Some(200)));
}

#[test]
fn accounts_that_cannot_work_are_refused_before_anything_is_sent() {
    let build = |change: fn(&mut tokendesk_providers::Credentials)| {
        let mut account = credentials(Origin::parse("app-wallee.com").unwrap(), Environment::Live);
        change(&mut account);
        Wallee::new(account, HttpOptions::default())
            .err()
            .map(|error| error.kind)
    };
    assert_eq!(build(|_| ()), None);
    assert_eq!(
        build(|a| a.environment = Environment::Demo),
        Some(Kind::HostNotAllowed)
    );
    assert_eq!(
        build(|a| a.origin = Origin::parse("http://127.0.0.1:1").unwrap()),
        Some(Kind::HostNotAllowed)
    );
    assert_eq!(build(|a| a.key = "not base64".into()), Some(Kind::BadCredentials));
    assert_eq!(build(|a| a.scope = "my space".into()), Some(Kind::BadCredentials));
    assert_eq!(
        build(|a| a.user = "12345\r\nx: y".into()),
        Some(Kind::BadCredentials)
    );
}

//! No email, no key, no signed token: not in a file, not in a log, at any level, of any part of the program.

use crate::child::Other;
use crate::office::PASSPHRASE;
use crate::shop::{Office, Shop};
use serde_json::json;
use std::path::{Path, PathBuf};
use tokendesk_desk::contract::{ConnectAccount, DeleteCard, MarkCard, SetActive};
use tokendesk_sandbox::{Fault, FaultBody, NewTokenRequest};
use tokendesk_store::secrets::{SecretMode, Vault};

/// What must not be found, with a name that may be printed.
struct Forbidden(Vec<(String, Vec<u8>)>);

impl Forbidden {
    async fn of(shop: &Shop, folder: &Path) -> Self {
        let vault = Vault::open(folder, SecretMode::Passphrase(PASSPHRASE.to_owned().into()))
            .await
            .unwrap();
        let db_key = vault.db_key().await.unwrap();
        let hex: String = db_key.expose().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut texts: Vec<(String, String)> = vec![
            ("the account's key".to_owned(), shop.running.key.clone()),
            ("the passphrase".to_owned(), PASSPHRASE.to_owned()),
            ("the database key".to_owned(), hex.to_uppercase()),
            ("the database key".to_owned(), hex),
            ("a signed token".to_owned(), "eyJhbGciOi".to_owned()),
            // Every invented email ends so.
            ("an email".to_owned(), "example.com".to_owned()),
            ("an email".to_owned(), "example.org".to_owned()),
            ("an email".to_owned(), "example.net".to_owned()),
        ];
        let mut names = std::collections::BTreeSet::new();
        for token in shop.running.tokens() {
            if let Some(email) = token.customer_email_address {
                names.insert(email.split('@').next().unwrap().to_owned());
            }
        }
        // Long enough not to be part of any ordinary word.
        for name in names
            .into_iter()
            .filter(|name| name.len() >= 9 && name.contains(['.', '_', '-']))
        {
            texts.push(("the name in an email".to_owned(), name));
        }
        let mut needles: Vec<(String, Vec<u8>)> =
            vec![("the database key".to_owned(), db_key.expose().to_vec())];
        for (what, text) in texts {
            let wide: Vec<u16> = text.encode_utf16().collect();
            needles.push((
                format!("{what} (UTF-16LE)"),
                wide.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
            ));
            needles.push((
                format!("{what} (UTF-16BE)"),
                wide.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            ));
            needles.push((what, text.into_bytes()));
        }
        Self(needles)
    }

    /// What is found in `bytes`, letters of either case.
    fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        // One look at each place: needles by their first two bytes.
        let mut by_start: std::collections::HashMap<[u8; 2], Vec<&(String, Vec<u8>)>> =
            std::collections::HashMap::new();
        for needle in &self.0 {
            let start = [needle.1[0].to_ascii_lowercase(), needle.1[1].to_ascii_lowercase()];
            by_start.entry(start).or_default().push(needle);
        }
        let mut starts = vec![false; 65_536];
        for start in by_start.keys() {
            starts[usize::from(u16::from_be_bytes(*start))] = true;
        }
        let mut found = Vec::new();
        for (at, pair) in bytes.windows(2).enumerate() {
            let start = [pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase()];
            if !starts[usize::from(u16::from_be_bytes(start))] {
                continue;
            }
            for (what, needle) in by_start[&start].iter().copied() {
                if bytes
                    .get(at..at + needle.len())
                    .is_some_and(|here| here.eq_ignore_ascii_case(needle))
                {
                    found.push(what.as_str());
                }
            }
        }
        found.dedup();
        found
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// A day's work at a desk in this process.
async fn a_day(shop: &Shop, office: &Office) {
    let cards = shop.everyday(6);
    office.one_click(cards[0].id, false).await;
    let reason = Some("said so by letter".to_owned());
    let request = SetActive {
        card_id: office.id(cards[1].id),
        active: false,
        reason: reason.clone(),
    };
    office.desk.set_active(request).await.unwrap();
    let request = DeleteCard {
        card_id: office.id(cards[2].id),
        confirmation: None,
        reason,
    };
    office.desk.delete_card(request).await.unwrap();
    office.push().await;
    // And some that stay: in the outbox, as a note, among the people opened lately.
    office.one_click(cards[3].id, false).await;
    office
        .desk
        .mark_card(MarkCard {
            card_id: office.id(cards[4].id),
            field: "active".to_owned(),
            value: Some(false),
        })
        .await
        .unwrap();
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_holds_an_email_or_a_key() {
    let shop = Shop::start(100);
    let office = Office::connected(&shop).await;
    a_day(&shop, &office).await;
    let forbidden = Forbidden::of(&shop, office.path()).await;
    let planted = format!(
        "x{}x",
        shop.everyday(1)[0]
            .customer_email_address
            .clone()
            .unwrap()
            .to_uppercase()
    );
    assert!(
        !forbidden.found_in(planted.as_bytes()).is_empty(),
        "an email would be found"
    );
    let wide: Vec<u8> = planted.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(!forbidden.found_in(&wide).is_empty());
    assert!(!forbidden.found_in(shop.running.key.as_bytes()).is_empty());

    for closed in [false, true] {
        if closed {
            office.desk.close().await;
        }
        let all = files(office.path());
        let names: Vec<String> = all
            .iter()
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        for wanted in ["cache.db", "ledger.db"] {
            assert!(names.iter().any(|name| name == wanted), "{names:?}");
        }
        assert!(
            closed || names.iter().any(|name| name.ends_with("-wal")),
            "the journals are looked at too: {names:?}"
        );
        for path in all {
            let bytes = std::fs::read(&path).unwrap();
            assert!(
                !bytes.starts_with(b"SQLite format 3"),
                "{} is a plain database",
                path.display()
            );
            assert_eq!(forbidden.found_in(&bytes), [""; 0], "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_holds_an_email_a_key_or_a_signed_token() {
    let shop = Shop::start(100);
    let folder = tempfile::tempdir().unwrap();
    let logs = tempfile::tempdir().unwrap();
    let log = logs.path().join("trace.log");
    let mut desk = Other::open_with_log(folder.path(), &log).await;

    // Refused, then connected.
    let wrong = ConnectAccount {
        key: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
        ..shop.connection()
    };
    assert!(
        desk.ask(json!({ "do": "connect", "connection": wrong }))
            .await
            .problem
            .is_some()
    );
    let account: tokendesk_model::AccountId = desk.connect(shop.connection()).await.parse().unwrap();
    desk.read_until(|said| !said.reading).await;

    let cards = shop.everyday(6);
    let id = |n: usize| account.token(&cards[n].id.to_string()).to_string();
    let email = cards[0].customer_email_address.clone().unwrap();
    let person = desk
        .tell(json!({ "do": "find", "text": email }))
        .await
        .words
        .remove(0);
    desk.tell(json!({ "do": "find", "text": &email[2..email.len() - 4] }))
        .await;
    let refused = desk
        .ask(json!({ "do": "find", "text": format!("state:green {email}") }))
        .await;
    assert!(refused.problem.is_some());
    let made = NewTokenRequest {
        email: Some(email.clone()),
        ..NewTokenRequest::default()
    };
    shop.running.add_token(made).ok().unwrap();
    desk.tell(json!({ "do": "refresh", "person": person })).await;
    desk.tell(json!({ "do": "one_click", "card": id(0), "on": false }))
        .await;
    desk.tell(json!({ "do": "active", "card": id(1), "active": false }))
        .await;
    desk.tell(json!({ "do": "delete", "card": id(2) })).await;
    assert_eq!(desk.tell(json!({ "do": "push" })).await.done, 2);
    desk.tell(json!({ "do": "show", "card": id(0) })).await;

    // Everything that can go wrong, while reading and while sending.
    let status = |status, body| Fault::Status {
        status,
        retry_after: None,
        body,
    };
    for fault in [
        Fault::Truncated,
        Fault::NonJson,
        Fault::DropAfterCommit,
        status(502, FaultBody::Html),
    ] {
        shop.fault("GET", "/payment/tokens?", Some(1), fault);
        desk.tell(json!({ "do": "read", "full": true })).await;
    }
    for (n, fault) in [
        (3, status(422, FaultBody::Json)),
        (4, status(403, FaultBody::Html)),
        (5, Fault::DropAfterCommit),
    ] {
        shop.fault("PATCH", "/payment/tokens/", Some(1), fault);
        desk.tell(json!({ "do": "one_click", "card": id(n), "on": false }))
            .await;
        desk.tell(json!({ "do": "push" })).await;
    }
    shop.fault("GET", "/payment/tokens?", Some(1), status(404, FaultBody::Json));
    assert!(
        desk.ask(json!({ "do": "read", "full": true }))
            .await
            .problem
            .is_some()
    );
    shop.running.set_switch("clock_offset_seconds", "600").unwrap();
    assert!(
        desk.ask(json!({ "do": "read", "full": true }))
            .await
            .problem
            .is_some()
    );
    desk.close().await;

    let said = std::fs::read(&log).unwrap();
    let text = String::from_utf8_lossy(&said);
    for part in ["tokendesk_providers", "hyper_util", "reqwest"] {
        assert!(text.contains(part), "the log listens to {part}");
    }
    assert!(text.contains("TRACE") && text.lines().count() > 200);
    let forbidden = Forbidden::of(&shop, folder.path()).await;
    let found: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| Some((*forbidden.found_in(line.as_bytes()).first()?, line)))
        .take(5)
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

//! Secrets: passphrase files, what is on disk, what a log says.

use crate::ground::{Desk, everyday_card, sandbox};
use std::path::Path;

#[test]
fn a_passphrase_file_is_private_and_right() {
    let running = sandbox(61);
    let desk = Desk::connected(&running);
    let list = || desk.run(&["--json", "account", "list"]);
    desk.write_passphrase("an invented passphrase", 0o644);
    assert_eq!(list().code(), "passphrase_file");
    desk.write_passphrase("", 0o600);
    assert_eq!(list().code(), "passphrase_file");
    desk.write_passphrase("another passphrase", 0o600);
    let said = list();
    assert_eq!(said.code(), "passphrase_wrong");
    assert!(!said.shows("another passphrase"));
    std::fs::remove_file(desk.passphrase_file()).unwrap();
    assert_eq!(list().code(), "passphrase_file");
    desk.write_passphrase("an invented passphrase", 0o600);
    list().json();
}

pub fn hold(bytes: &[u8], needle: &str) -> bool {
    bytes
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}

pub fn files(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, each);
        } else {
            each(&path);
        }
    }
}

#[test]
fn no_file_and_no_log_holds_an_email_or_the_key() {
    let running = sandbox(62);
    let desk = Desk::connected(&running);
    let token = everyday_card(&running);
    let email = token.customer_email_address.clone().unwrap();
    let traced = |args: &[&str]| {
        let mut command = desk.program(args);
        command.env("TOKENDESK_LOG", "trace");
        let said = crate::ground::finish(command, "");
        assert_eq!(said.code, Some(0), "{}", said.err);
        assert!(!said.err.contains(&running.key), "{args:?}");
        assert!(!said.err.contains('@'), "{args:?}: {}", said.err);
        assert!(!said.err.contains("eyJ"), "{args:?}");
    };
    traced(&["sync"]);
    traced(&["find", &email]);
    let card = desk.card(&token);
    traced(&["card", "one-click", &card, "off"]);
    traced(&["changes", "push"]);
    files(&desk.data(), &mut |path| {
        let bytes = std::fs::read(path).unwrap();
        for needle in [email.as_str(), "example.", &running.key] {
            assert!(!hold(&bytes, needle), "{}", path.display());
        }
    });
}

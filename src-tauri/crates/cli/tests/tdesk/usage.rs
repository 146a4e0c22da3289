//! How it is called: what is a wrong command line, where answers and problems go.

use crate::ground::{Desk, bare, finish, sandbox};
use std::process::Stdio;

#[test]
fn a_wrong_command_line_is_said_so_with_2_and_opens_nothing() {
    let desk = Desk::new();
    for args in [
        [].as_slice(),
        &["open"],
        &["find"],
        &["find", "ada", "--json"],
        &["find", "ada", "--limit", "0"],
        &["find", "ada", "--limit", "201"],
        &["--env", "staging", "cards"],
        &["card", "delete", "x"],
        &["card", "one-click", "x"],
        &["card", "one-click", "x", "toggle"],
        &["cache", "rebuild"],
        &["account", "add", "wallee", "--label", "Shop"],
        &["account", "add", "wallee", "--key", "x"],
    ] {
        let said = desk.run(args);
        assert_eq!(said.code, Some(2), "{args:?}");
        assert_eq!(said.out, "", "{args:?}");
        assert!(!said.err.is_empty(), "{args:?}");
    }
    assert!(!desk.data().exists());
}

#[test]
fn help_is_an_answer() {
    let desk = Desk::new();
    for args in [
        ["--help"].as_slice(),
        &["card", "delete", "--help"],
        &["--version"],
    ] {
        assert!(!desk.run(args).words().is_empty());
    }
}

#[test]
fn problems_are_one_line_of_json_for_whoever_does_not_sit_at_a_terminal() {
    let desk = Desk::new();
    for args in [["cards"].as_slice(), &["--json", "cards"]] {
        let said = desk.run(args);
        assert_eq!(said.out, "");
        let problem = said.problem();
        assert_eq!(problem["code"], "nothing_connected");
        assert_eq!(problem["title"], "Nothing is connected yet");
    }
}

#[test]
fn the_environment_names_what_the_options_do_not() {
    let running = sandbox(51);
    let desk = Desk::connected(&running);
    let mut command = bare(desk.data().parent().unwrap());
    command
        .env("TOKENDESK_DATA_DIR", desk.data())
        .env("TOKENDESK_PASSPHRASE_FILE", desk.passphrase_file())
        .args(["--json", "account", "list"]);
    let list = finish(command, "").json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["copy"]["folder"], desk.data().display().to_string());
}

#[test]
fn without_a_word_the_folder_is_that_of_the_window() {
    let desk = Desk::new();
    let home = desk.data().parent().unwrap().to_owned();
    let listed = |set: &dyn Fn(&mut std::process::Command)| {
        let mut command = bare(&home);
        set(&mut command);
        command
            .arg("--passphrase-file")
            .arg(desk.passphrase_file())
            .args(["--json", "account", "list"]);
        finish(command, "").json()["copy"]["folder"].clone()
    };
    let usual = home.join(".local/share/org.tokendesk.desk");
    assert_eq!(listed(&|_| {}), usual.display().to_string());
    // An empty variable is as good as none.
    assert_eq!(
        listed(&|command| {
            command.env("TOKENDESK_DATA_DIR", "");
        }),
        usual.display().to_string()
    );
    let elsewhere = home.join("xdg");
    assert_eq!(
        listed(&|command| {
            command.env("XDG_DATA_HOME", &elsewhere);
        }),
        elsewhere.join("org.tokendesk.desk").display().to_string()
    );
}

#[test]
fn whoever_stops_listening_is_no_problem() {
    let running = sandbox(52);
    let desk = Desk::read(&running);
    for args in [
        ["cards", "--limit", "1000"].as_slice(),
        &["--json", "cards", "--limit", "1000"],
    ] {
        let mut child = desk
            .program(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let said = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(said.stderr).unwrap(), "");
        assert_eq!(said.status.code(), Some(0));
    }
}

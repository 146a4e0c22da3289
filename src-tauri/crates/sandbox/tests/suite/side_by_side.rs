//! All systems in one process: what happens to one never touches another.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::TcpStream;

use serde_json::{Value, json};
use tokendesk_sandbox::{Fault, FaultMatch, FaultRule, Options, People, Running, Sandbox, SystemHandle};

use crate::client::{Answer, exchange};

fn all(people: People) -> Running {
    Sandbox::start(Options {
        customers: 30,
        seed: 7,
        systems: Options::all_systems(),
        people,
        ..Options::default()
    })
    .unwrap()
}

/// Every email in what a system holds.
fn emails(system: &SystemHandle) -> BTreeSet<String> {
    fn collect(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            // A whole directory is one text.
            Value::String(text) => into.extend(
                text.split([',', '\n', '"', '\r'])
                    .filter(|part| part.contains("@"))
                    .map(str::to_owned),
            ),
            Value::Array(all) => all.iter().for_each(|value| collect(value, into)),
            Value::Object(all) => all.values().for_each(|value| collect(value, into)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    let whole = ["directory".to_owned(), "directory.csv".to_owned()];
    for id in system.ids().iter().chain(&whole) {
        if let Some(truth) = system.truth(id) {
            collect(&truth, &mut found);
        }
    }
    found
}

#[test]
fn shared_people_are_the_same_in_every_system_and_own_ones_are_not() {
    let running = all(People::Shared);
    let everybody = emails(&running.system("wallee"));
    assert!(everybody.len() > 20);
    for (name, system) in running.systems() {
        assert_eq!(emails(system), everybody, "{name}");
    }
    let running = all(People::Own);
    let mut seen = BTreeSet::new();
    for (name, system) in running.systems() {
        let own = emails(system);
        assert!(own.len() > 15, "{name} {}", own.len());
        assert!(seen.insert(own), "{name} has people of its own");
    }
    assert_eq!(
        emails(&running.system("wallee")),
        everybody,
        "wallee's are what they always were"
    );
}

/// Those that speak HTTP/1.1.
fn plain(running: &Running) -> Vec<(&'static str, SystemHandle)> {
    let mut systems: Vec<_> = running
        .systems()
        .iter()
        .map(|(name, s)| (*name, s.clone()))
        .collect();
    systems.retain(|(name, _)| *name != "prism");
    systems
}

fn host(system: &SystemHandle) -> &str {
    system.origin.split_once("://").unwrap().1
}

fn request(system: &SystemHandle) -> String {
    format!(
        "GET /nowhere HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        host(system)
    )
}

/// What a caller without a key is told; every answer passes the same door.
fn ask(system: &SystemHandle) -> Answer {
    Answer::parse(&exchange(host(system), request(system).as_bytes()))
}

fn always(fault: Fault) -> FaultRule {
    FaultRule {
        when: FaultMatch::default(),
        times: None,
        fault,
    }
}

#[test]
fn faults_limits_and_statistics_are_of_one_system() {
    let running = all(People::Own);
    let systems = plain(&running);
    for (struck, system) in &systems {
        let usual = ask(system).status;
        assert!((400..500).contains(&usual), "{struck}: {usual}");
        system.add_fault(always(Fault::Status {
            status: 503,
            retry_after: Some(json!(9)),
            body: tokendesk_sandbox::FaultBody::Json,
        }));
        let struck_answer = ask(system);
        assert_eq!(
            (struck_answer.status, struck_answer.header("retry-after")),
            (503, Some("9"))
        );
        assert!(
            struck_answer.json().is_object(),
            "{struck} has an error shape of its own"
        );
        system.clear_faults();
        system.set_switch("calls_per_second", "1").unwrap();
        system.set_switch("limit_retry_after", "5").unwrap();
        // One call is let through a second; of three without a pause two are too many.
        let limited: Vec<Answer> = (0..3).map(|_| ask(system)).collect();
        let refused = limited.iter().find(|answer| answer.status == 429).expect(struck);
        assert_eq!(refused.header("retry-after"), Some("5"));
        for (other, untouched) in systems.iter().filter(|(name, _)| name != struck) {
            let before = untouched.requests();
            assert!(
                !matches!(ask(untouched).status, 429 | 503),
                "{other} beside {struck}"
            );
            assert_eq!(untouched.requests(), before + 1);
        }
        system.set_switch("calls_per_second", "0").unwrap();
        let set = system
            .switches()
            .into_iter()
            .find(|row| row.name == "calls_per_second")
            .unwrap();
        assert_eq!(set.value, "0");
        assert!(system.set_switch("no_such_switch", "1").is_err());
        assert_eq!(ask(system).status, usual);
    }
}

#[test]
fn one_that_is_down_or_never_answers_delays_no_other() {
    let running = all(People::Own);
    let systems = plain(&running);
    for (struck, system) in &systems {
        system.add_fault(always(Fault::Hang));
        // More callers than the process has threads.
        let waiting: Vec<TcpStream> = (0..16)
            .map(|_| {
                let mut stream = TcpStream::connect(host(system)).unwrap();
                stream.write_all(request(system).as_bytes()).unwrap();
                stream
            })
            .collect();
        while system.requests() < waiting.len() as u64 {
            std::thread::yield_now();
        }
        for (other, untouched) in systems.iter().filter(|(name, _)| name != struck) {
            assert!(
                (400..500).contains(&ask(untouched).status),
                "{other} beside {struck}"
            );
        }
        system.stop_listening().unwrap();
        assert!(TcpStream::connect(host(system)).is_err());
        for (other, untouched) in systems.iter().filter(|(name, _)| name != struck) {
            assert!(
                (400..500).contains(&ask(untouched).status),
                "{other} beside {struck}"
            );
        }
        system.clear_faults();
        system.start_listening().unwrap();
        assert!((400..500).contains(&ask(system).status), "{struck} is back");
    }
}

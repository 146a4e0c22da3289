//! All systems in one process: what happens to one never touches another.

use std::io::Write as _;
use std::net::TcpStream;

use serde_json::json;
use tokendesk_sandbox::{Fault, FaultMatch, FaultRule, Options, People, Running, Sandbox, SystemHandle};

use crate::client::{Answer, exchange};

fn all() -> Running {
    Sandbox::start(Options {
        customers: 30,
        seed: 7,
        systems: Options::all_systems(),
        people: People::Shared,
        ..Options::default()
    })
    .unwrap()
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
    let running = all();
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
    let running = all();
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

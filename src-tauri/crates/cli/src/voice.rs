//! Printing: answers on standard output, problems on standard error, and the exit code.

use crate::answer::Answer;
use crate::{layout, words};
use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use tokendesk_desk::contract::{Problem, ProblemCode};

/// How this run speaks.
pub struct Voice {
    json: bool,
    /// Problems in words: somebody reads them, and no script asked for JSON.
    to_a_person: bool,
}

impl Voice {
    /// With `--json` or without.
    pub fn new(json: bool) -> Self {
        Self {
            json,
            to_a_person: !json && std::io::stderr().is_terminal(),
        }
    }

    /// Prints what a command came to. 0 when all is well, 1 for any problem and for what needs a person.
    pub fn say(&self, answer: Result<Answer, Problem>) -> ExitCode {
        let mut needs_a_person = false;
        let mut problems = match answer {
            Ok(answer) => {
                needs_a_person = answer.needs_a_person;
                let written = self.print(&answer);
                let mut problems = answer.problems;
                if let Err(error) = written {
                    problems.extend(unwritten(error.kind()));
                }
                problems
            }
            Err(problem) => vec![problem],
        };
        // Several accounts can fail for one reason; it is said once.
        problems.dedup();
        for problem in &problems {
            self.complain(problem);
        }
        if problems.is_empty() && !needs_a_person {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn print(&self, answer: &Answer) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        if self.json {
            writeln!(out, "{}", answer.json)?;
        } else if !answer.text.is_empty() {
            writeln!(out, "{}", answer.text.trim_end())?;
        }
        out.flush()
    }

    fn complain(&self, problem: &Problem) {
        let text = match (self.to_a_person, serde_json::to_string(problem)) {
            (false, Ok(json)) => json,
            _ => layout::plain_lines(&words::problem(problem)),
        };
        // With standard error closed the exit code is all that is left to say.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

// Whoever read the answer may have had enough of it, as `head` has; that is no problem.
fn unwritten(kind: ErrorKind) -> Option<Problem> {
    match kind {
        ErrorKind::BrokenPipe => None,
        ErrorKind::StorageFull => Some(Problem::new(ProblemCode::DiskFull)),
        _ => Some(Problem {
            detail: words::OUTPUT_FAILED.to_owned(),
            ..Problem::new(ProblemCode::Internal)
        }),
    }
}

//! The key of an account: from standard input, never from an argument, where every other program could read it.

use crate::words;
use std::io::{IsTerminal, Read};
use tokendesk_desk::contract::{Problem, ProblemCode};

/// No key is near this long; more is a mistake, not a key.
const LONGEST: u64 = 64 * 1024;

/// Reads it: whole when standard input is a pipe or a file, typed without being shown on a terminal.
///
/// # Errors
/// A [`Problem`] when nothing can be read.
pub fn read() -> Result<String, Problem> {
    let unreadable = |_| Problem {
        detail: words::KEY_UNREADABLE.to_owned(),
        ..Problem::new(ProblemCode::KeyMalformed)
    };
    let input = std::io::stdin();
    if input.is_terminal() {
        return rpassword::prompt_password(words::KEY_PROMPT).map_err(unreadable);
    }
    let mut bytes = Vec::new();
    input
        .lock()
        .take(LONGEST)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    // What is no text is no base64 either: the desk says so.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

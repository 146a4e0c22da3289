//! The clipboard, on a thread of its own: some systems serve a copied text from the process that copied it, and reading it
//! back may wait for another program.
//!
//! A copy is kept out of clipboard histories where the system can, and cleared after half a minute and at the end, if it is
//! still ours.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use tokendesk_desk::contract::{Problem, ProblemCode};
use tokio::sync::oneshot;

/// How long a copied text stays.
const KEPT: Duration = Duration::from_secs(30);

/// Longer texts are not copied: nothing that a screen offers to copy comes near it.
const LONGEST: usize = 16 * 1024;

enum Ask {
    Copy {
        text: String,
        answer: oneshot::Sender<bool>,
    },
    Clear {
        answer: Sender<()>,
    },
}

/// The door to the clipboard's thread.
pub struct Clipboard {
    asks: Sender<Ask>,
}

impl Clipboard {
    /// Starts the thread. The system's clipboard is opened at the first copy.
    pub fn start() -> Self {
        let (asks, asked) = mpsc::channel();
        std::thread::spawn(move || serve(&asked));
        Self { asks }
    }

    /// Copies a text.
    ///
    /// # Errors
    /// A [`Problem`] if it is too long or the system did not take it.
    pub async fn copy(&self, text: String) -> Result<(), Problem> {
        if text.len() > LONGEST {
            return Err(not_taken("It is longer than 16 KB."));
        }
        let (answer, answered) = oneshot::channel();
        let asked = self.asks.send(Ask::Copy { text, answer });
        match (asked, answered.await) {
            (Ok(()), Ok(true)) => Ok(()),
            _ => Err(not_taken("Select the text and copy it by hand.")),
        }
    }

    /// Clears the clipboard if it still holds what we copied. Waits a second at most.
    pub fn clear(&self) {
        let (answer, answered) = mpsc::channel();
        if self.asks.send(Ask::Clear { answer }).is_ok() {
            // Waiting longer would hold up closing for another program's sake.
            let _ = answered.recv_timeout(Duration::from_secs(1));
        }
    }
}

fn not_taken(hint: &str) -> Problem {
    Problem {
        title: "The clipboard did not take the text".to_owned(),
        detail: String::new(),
        hint: hint.to_owned(),
        ..Problem::new(ProblemCode::Internal)
    }
}

struct Ours {
    text: String,
    until: Instant,
}

fn serve(asked: &mpsc::Receiver<Ask>) {
    let mut system: Option<arboard::Clipboard> = None;
    let mut ours: Option<Ours> = None;
    loop {
        let ask = match &ours {
            Some(copied) => asked.recv_timeout(copied.until.saturating_duration_since(Instant::now())),
            None => asked.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match ask {
            Ok(Ask::Copy { text, answer }) => {
                if system.is_none() {
                    system = arboard::Clipboard::new().ok();
                }
                let taken = system
                    .as_mut()
                    .is_some_and(|clipboard| concealed(clipboard.set()).text(text.as_str()).is_ok());
                ours = taken.then(|| Ours {
                    text,
                    until: Instant::now() + KEPT,
                });
                // The window may have given up waiting; the copy stands.
                let _ = answer.send(taken);
            }
            Ok(Ask::Clear { answer }) => {
                clear(system.as_mut(), ours.take());
                let _ = answer.send(());
            }
            Err(RecvTimeoutError::Timeout) => clear(system.as_mut(), ours.take()),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn clear(system: Option<&mut arboard::Clipboard>, ours: Option<Ours>) {
    if let (Some(clipboard), Some(ours)) = (system, ours)
        && clipboard.get_text().is_ok_and(|text| text == ours.text)
    {
        // A text that cannot be cleared was replaced in between.
        let _ = clipboard.clear();
    }
}

#[cfg(target_os = "linux")]
fn concealed(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtLinux::exclude_from_history(set)
}

#[cfg(target_os = "windows")]
fn concealed(set: arboard::Set<'_>) -> arboard::Set<'_> {
    use arboard::SetExtWindows;
    set.exclude_from_history().exclude_from_cloud()
}

#[cfg(target_os = "macos")]
fn concealed(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtApple::exclude_from_history(set)
}

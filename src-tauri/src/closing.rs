//! Closing: while changes are not sent the person is asked first; then the window goes at once, the desk gets a bounded time
//! to put things away, a copied text is cleared.
//!
//! Nothing here can keep the program alive: a signal or the end of the session closes without asking, and so does a second
//! wish to close when the page does not answer the first.

use crate::clipboard::Clipboard;
use crate::opening::Opening;
use crate::window;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tauri::{AppHandle, Emitter, Manager, RunEvent, WindowEvent};
use tokendesk_desk::Desk;
use tokendesk_desk::contract::{Nothing, Problem, PushChanges, Quit, Quitting};

/// What the desk may take. Everything a person was shown as queued is stored already; this is for a tidy end.
const BOUND: Duration = Duration::from_secs(10);
/// What sending may take after "send and quit"; what is not sent by then is kept.
const SENDING_BOUND: Duration = Duration::from_secs(30);
/// What counting may take before it is given up: a desk that hangs must not keep its window open.
const COUNTING_BOUND: Duration = Duration::from_secs(2);
/// A second wish to close within this time closes without an answer.
const ASKED_LATELY: Duration = Duration::from_secs(20);

/// The window listens for this; its payload is a [`Quitting`].
const QUITTING: &str = "quitting";

/// How far closing is.
#[derive(Default)]
pub struct Closing {
    begun: AtomicBool,
    /// The program starts again after it has closed.
    again: AtomicBool,
    asked: Mutex<Option<Instant>>,
}

impl Closing {
    /// Notes that somebody wants to close; `false` if the same was asked a moment ago and not answered.
    fn ask(&self, now: Instant) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = asked.is_some_and(|then| now.duration_since(then) < ASKED_LATELY);
        *asked = Some(now);
        !lately
    }

    /// The person has answered, or there is nothing to ask.
    fn answered(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Reacts to the person closing the window or the system ending the program.
pub fn on_event(app: &AppHandle, event: RunEvent) {
    match event {
        RunEvent::WindowEvent {
            event: WindowEvent::CloseRequested { api, .. },
            ..
        } => {
            api.prevent_close();
            wanted(app);
        }
        // Without a code it is the system asking; with one it is the end of `close` below.
        RunEvent::ExitRequested { code: None, api, .. } => {
            api.prevent_exit();
            begin(app);
        }
        _ => {}
    }
}

/// A person wants to close: asks while something is not sent, and closes otherwise.
fn wanted(app: &AppHandle) {
    if !app.state::<Closing>().ask(Instant::now()) {
        begin(app);
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match unsent(&app).await {
            Some(ref quitting) if app.emit_to(window::LABEL, QUITTING, quitting.clone()).is_ok() => {
                window::show(&app)
            }
            _ => begin(&app),
        }
    });
}

/// What a person should know before closing; `None` when nothing is held or waits, or nobody can say.
async fn unsent(app: &AppHandle) -> Option<Quitting> {
    let desk = app.state::<Opening<Desk>>().open_desk()?;
    let asked = tokio::time::timeout(COUNTING_BOUND, desk.quitting()).await;
    let quitting = asked.ok()?.ok()?;
    let changes = &quitting.changes;
    (changes.held + changes.waiting + changes.sending > 0).then_some(quitting)
}

/// The answer of a person who was asked.
///
/// # Errors
/// None: closing goes on whatever sending comes to.
pub async fn quit(app: &AppHandle, request: Quit) -> Result<Nothing, Problem> {
    if request.stay {
        // The next wish to close asks again.
        app.state::<Closing>().answered();
        return Ok(Nothing {});
    }
    if request.send
        && let Some(desk) = app.state::<Opening<Desk>>().open_desk()
    {
        // Whoever closes the window once more meanwhile does not want to wait for this.
        app.state::<Closing>().ask(Instant::now());
        // In a task of its own: what is on its way at the bound ends before the files are closed, instead of being cut off.
        let sending =
            tauri::async_runtime::spawn(async move { desk.push_changes(PushChanges::default()).await });
        match tokio::time::timeout(SENDING_BOUND, sending).await {
            Ok(Ok(Ok(_))) => {}
            Ok(Ok(Err(problem))) => tracing::warn!(code = ?problem.code, "not everything was sent"),
            Ok(Err(_)) | Err(_) => tracing::warn!("not everything was sent in time"),
        }
    }
    app.state::<Closing>().answered();
    begin(app);
    Ok(Nothing {})
}

/// Treats the signals of a terminal or a session's end as a wish to close.
pub fn on_signals(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if asked_by_signal().await {
            begin(&app);
        }
    });
}

#[cfg(unix)]
async fn asked_by_signal() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut end), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return false;
    };
    tokio::select! {
        _ = end.recv() => {}
        _ = interrupt.recv() => {}
    }
    true
}

#[cfg(not(unix))]
async fn asked_by_signal() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}

/// Closes, and starts the program again.
pub fn restart(app: &AppHandle) {
    app.state::<Closing>().again.store(true, Ordering::SeqCst);
    begin(app);
}

fn begin(app: &AppHandle) {
    if !app.state::<Closing>().begun.swap(true, Ordering::SeqCst) {
        tauri::async_runtime::spawn(close(app.clone()));
    }
}

async fn close(app: AppHandle) {
    window::remember(&app);
    if let Some(window) = app.get_webview_window(window::LABEL) {
        let _ = window.hide();
    }
    if let Some(desk) = app.state::<Opening<Desk>>().open_desk()
        && tokio::time::timeout(BOUND, desk.close()).await.is_err()
    {
        tracing::warn!("the desk was still busy after ten seconds");
    }
    let clearing = app.clone();
    // Blocking for a second at most; a panic there must not keep the program alive.
    let _ = tokio::task::spawn_blocking(move || clearing.state::<Clipboard>().clear()).await;
    if app.state::<Closing>().again.load(Ordering::SeqCst) {
        app.request_restart();
    } else {
        app.exit(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_wish_closes_and_a_later_one_asks_again() {
        let closing = Closing::default();
        let first = Instant::now();
        assert!(closing.ask(first));
        assert!(!closing.ask(first + Duration::from_secs(1)));
        assert!(closing.ask(first + Duration::from_secs(1) + ASKED_LATELY));
        closing.answered();
        assert!(closing.ask(first + Duration::from_secs(2) + ASKED_LATELY));
    }
}

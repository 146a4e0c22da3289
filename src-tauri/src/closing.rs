//! Closing: the window goes at once, the desk gets a bounded time to put things away, a copied text is cleared.

use crate::clipboard::Clipboard;
use crate::opening::Opening;
use crate::window;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tauri::{AppHandle, Manager, RunEvent, WindowEvent};
use tokendesk_desk::Desk;

/// What the desk may take. Everything a person was shown as queued is stored already; this is for a tidy end.
const BOUND: Duration = Duration::from_secs(10);

/// Whether closing has begun.
#[derive(Default)]
pub struct Closing {
    begun: AtomicBool,
}

/// Reacts to the person closing the window or the system ending the program.
pub fn on_event(app: &AppHandle, event: RunEvent) {
    match event {
        RunEvent::WindowEvent {
            event: WindowEvent::CloseRequested { api, .. },
            ..
        } => {
            api.prevent_close();
            begin(app);
        }
        // Without a code it is the system asking; with one it is the end of `close` below.
        RunEvent::ExitRequested { code: None, api, .. } => {
            api.prevent_exit();
            begin(app);
        }
        _ => {}
    }
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
    app.exit(0);
}

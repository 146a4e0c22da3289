//! The one window: made hidden, shown when its page is there, as large as it was left.

use crate::places::Places;
use serde::{Deserialize, Serialize};
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{AppHandle, LogicalSize, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// The window that `capabilities/main.json` speaks of.
pub const LABEL: &str = "main";

const FIRST: Size = Size {
    width: 1280.0,
    height: 800.0,
    maximized: false,
};
const LEAST: LogicalSize<f64> = LogicalSize::new(960.0, 640.0);

/// In the data folder.
const REMEMBERED: &str = "window.json";

/// The window's size, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Size {
    width: f64,
    height: f64,
    maximized: bool,
}

impl Size {
    /// What a file says, if it is a size that a window can have.
    fn read(text: &str) -> Option<Self> {
        let size: Self = serde_json::from_str(text).ok()?;
        let fits = |value: f64, least: f64| value.is_finite() && (least..=20_000.0).contains(&value);
        (fits(size.width, LEAST.width) && fits(size.height, LEAST.height)).then_some(size)
    }
}

/// Makes the window.
///
/// # Errors
/// When the system cannot make one.
pub fn build(app: &AppHandle) -> tauri::Result<()> {
    let data = &app.state::<Places>().data;
    let size = std::fs::read_to_string(data.join(REMEMBERED))
        .ok()
        .and_then(|text| Size::read(&text))
        .unwrap_or(FIRST);
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Tokendesk")
        .inner_size(size.width, size.height)
        .min_inner_size(LEAST.width, LEAST.height)
        .maximized(size.maximized)
        .visible(false)
        .data_directory(data.join("webview"))
        // The page is part of the program: it goes nowhere and opens nothing by itself.
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .on_new_window(|_url, _features| NewWindowResponse::Deny)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                // A window that cannot be shown is closed already.
                let _ = window.show();
            }
        })
        .build()?;
    Ok(())
}

/// Brings the window to the person.
pub fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // Each of these is a wish that the window manager may refuse.
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

/// Remembers the size for the next start. A size that cannot be kept is no reason to hold up closing.
pub fn remember(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    let Some(size) = size_of(&window) else { return };
    let data = &app.state::<Places>().data;
    if data.is_dir()
        && let Ok(text) = serde_json::to_string(&size)
    {
        let _ = std::fs::write(data.join(REMEMBERED), text);
    }
}

fn size_of(window: &WebviewWindow) -> Option<Size> {
    let inner = window
        .inner_size()
        .ok()?
        .to_logical::<f64>(window.scale_factor().ok()?);
    let maximized = window.is_maximized().ok()?;
    // The size under a maximized window is not known here; the first one will do when it is restored.
    Some(if maximized {
        Size { maximized, ..FIRST }
    } else {
        Size {
            width: inner.width,
            height: inner.height,
            maximized,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remembered_size_must_be_one_that_a_window_can_have() {
        let kept = Size {
            width: 1400.0,
            height: 900.5,
            maximized: true,
        };
        assert_eq!(Size::read(&serde_json::to_string(&kept).unwrap()), Some(kept));
        for broken in [
            "",
            "{}",
            r#"{"width":10,"height":800,"maximized":false}"#,
            r#"{"width":1280,"height":1e9,"maximized":false}"#,
            r#"{"width":null,"height":800,"maximized":false}"#,
        ] {
            assert_eq!(Size::read(broken), None, "{broken}");
        }
    }
}

//! The screen behind the window. No window manager runs on it, so what one does for a person is done here: pressing the cross.

use crate::Outcome;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, MapState, Window};
use x11rb::rust_connection::RustConnection;

/// Asks the window of a process to close, as a window manager does.
pub fn ask_to_close(process: u32) -> Outcome {
    let failed = |error: &dyn std::fmt::Display| format!("the screen: {error}");
    let (screen, number) = x11rb::connect(None).map_err(|error| failed(&error))?;
    let root = screen.setup().roots[number].root;
    let asked = || -> Result<Option<()>, Box<dyn std::error::Error>> {
        let [protocols, delete, pid] = [
            atom(&screen, "WM_PROTOCOLS")?,
            atom(&screen, "WM_DELETE_WINDOW")?,
            atom(&screen, "_NET_WM_PID")?,
        ];
        for window in screen.query_tree(root)?.reply()?.children {
            // The toolkit has windows of its own that nobody sees.
            if screen.get_window_attributes(window)?.reply()?.map_state != MapState::VIEWABLE {
                continue;
            }
            let owner = numbers(&screen, window, pid, AtomEnum::CARDINAL.into())?;
            let takes = numbers(&screen, window, protocols, AtomEnum::ATOM.into())?;
            if owner.first() == Some(&process) && takes.contains(&delete) {
                let message = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
                screen
                    .send_event(false, window, EventMask::NO_EVENT, message)?
                    .check()?;
                return Ok(Some(()));
            }
        }
        Ok(None)
    };
    match asked() {
        Ok(Some(())) => Ok(()),
        Ok(None) => Err(format!("process {process} has no window that can be closed")),
        Err(error) => Err(failed(&error)),
    }
}

fn atom(screen: &RustConnection, name: &str) -> Result<u32, Box<dyn std::error::Error>> {
    Ok(screen.intern_atom(false, name.as_bytes())?.reply()?.atom)
}

/// A property made of numbers; empty where the window has none of that name.
fn numbers(
    screen: &RustConnection,
    window: Window,
    name: u32,
    kind: u32,
) -> Result<Vec<u32>, Box<dyn std::error::Error>> {
    let property = screen.get_property(false, window, name, kind, 0, 32)?.reply()?;
    Ok(property.value32().into_iter().flatten().collect())
}

//! What the desk asks of a program with a window: tell the window, run the demo, name the person.

use crate::{closing, identity, window};
use async_trait::async_trait;
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Emitter, Manager};
use tokendesk_desk::contract::{Invalidated, Problem, ProblemCode, Tag};
use tokendesk_desk::{DemoServer, Host};
use tokendesk_sandbox::Running;
use tokio::sync::Mutex;

/// The window listens for this; its payload is an [`Invalidated`].
const INVALIDATED: &str = "desk-invalidated";

/// The program around the desk.
pub struct Shell {
    app: AppHandle,
    /// The demo's payment system; it ends with the process.
    demo: Mutex<Option<Running>>,
}

impl Shell {
    /// For the window of `app`.
    pub fn new(app: AppHandle) -> Self {
        Self {
            app,
            demo: Mutex::new(None),
        }
    }
}

#[async_trait]
impl Host for Shell {
    fn invalidated(&self, tags: &[Tag]) {
        // Without a window nobody waits for it.
        let _ = self
            .app
            .emit_to(window::LABEL, INVALIDATED, Invalidated { tags: tags.to_vec() });
    }

    async fn demo(&self, folder: &Path) -> Result<DemoServer, Problem> {
        let mut demo = self.demo.lock().await;
        if demo.is_none() {
            let of = folder.to_owned();
            std::fs::create_dir_all(folder).map_err(|_| Problem::new(ProblemCode::DataFolder))?;
            let starting = tokio::task::spawn_blocking(move || tokendesk_sandbox::demo::of_folder(&of));
            *demo = match starting.await {
                Ok(Ok(running)) => Some(running),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the demo did not start");
                    return Err(Problem {
                        detail: error.to_string(),
                        ..Problem::new(ProblemCode::Internal)
                    });
                }
                Err(_) => return Err(Problem::new(ProblemCode::Internal)),
            };
        }
        let Some(running) = demo.as_ref() else {
            return Err(Problem::new(ProblemCode::Internal));
        };
        Ok(DemoServer {
            origin: running.origin.clone(),
            space: running.space.clone(),
            user: running.user.clone(),
            key: running.key.clone(),
        })
    }

    fn export_folder(&self) -> Option<PathBuf> {
        let paths = self.app.path();
        paths
            .download_dir()
            .or_else(|_| paths.home_dir())
            .ok()
            .filter(|folder| folder.is_dir())
    }

    fn restart(&self) {
        closing::restart(&self.app);
    }

    fn who(&self) -> String {
        identity::who()
    }

    fn desk_name(&self) -> String {
        identity::desk_name()
    }
}

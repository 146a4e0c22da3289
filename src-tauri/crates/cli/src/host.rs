//! What the desk asks of a program without a window: run the demo, name the person.

use crate::words;
use async_trait::async_trait;
use std::path::{Path, PathBuf};
use tokendesk_desk::contract::{Problem, ProblemCode, Tag};
use tokendesk_desk::{DemoServer, Host};
use tokendesk_sandbox::Running;
use tokio::sync::Mutex;

/// The program around the desk.
#[derive(Default)]
pub struct Terminal {
    /// The demo's payment system; it ends with the process.
    demo: Mutex<Option<Running>>,
}

#[async_trait]
impl Host for Terminal {
    // Nothing stays on a terminal that could become stale.
    fn invalidated(&self, _tags: &[Tag]) {}

    async fn demo(&self, folder: &Path) -> Result<DemoServer, Problem> {
        let mut demo = self.demo.lock().await;
        let running = match demo.take() {
            Some(running) => running,
            None => {
                let of = folder.to_owned();
                let starting = tokio::task::spawn_blocking(move || tokendesk_sandbox::demo::of_folder(&of));
                match starting.await {
                    Ok(Ok(running)) => running,
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "the demo did not start");
                        return Err(Problem {
                            detail: words::DEMO_NOT_STARTED.to_owned(),
                            ..Problem::new(ProblemCode::Internal)
                        });
                    }
                    Err(_) => return Err(Problem::new(ProblemCode::Internal)),
                }
            }
        };
        let running = demo.insert(running);
        Ok(DemoServer {
            origin: running.origin.clone(),
            space: running.space.clone(),
            user: running.user.clone(),
            key: running.key.clone(),
        })
    }

    fn export_folder(&self) -> Option<PathBuf> {
        // A terminal says where.
        None
    }

    // The next command opens the desk anew anyway.
    fn restart(&self) {}

    fn who(&self) -> String {
        ["USER", "LOGNAME", "USERNAME"]
            .iter()
            .find_map(|name| std::env::var(name).ok())
            .filter(|name| !name.trim().is_empty())
            .unwrap_or_else(|| words::NOBODY_KNOWN.to_owned())
    }

    fn desk_name(&self) -> String {
        computer()
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| words::UNNAMED_COMPUTER.to_owned())
    }
}

#[cfg(target_os = "linux")]
fn computer() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/hostname").ok()
}

#[cfg(target_os = "windows")]
fn computer() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

#[cfg(not(any(target_os = "linux", target_os = "windows")))]
fn computer() -> Option<String> {
    let answer = std::process::Command::new("hostname").arg("-s").output().ok()?;
    String::from_utf8(answer.stdout).ok()
}
